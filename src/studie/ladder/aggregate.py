"""Transition matrices from the shares of persons per step only, for those who have no person data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import optimize

from studie.errors import InputError, unknown
from studie.ladder.intervals import LEVEL, Floats, check_level

Loss = Literal["all", "leave_last_out"]
Sampling = Literal["same_persons", "new_persons"]
LOSSES = ("all", "leave_last_out")
SAMPLINGS = ("same_persons", "new_persons")
ILL_CONDITIONED = 1_000.0
EQUALITY = 1e4


@dataclass(frozen=True, kw_only=True, eq=False)
class AggregateMatrix:
    """Transition matrix fitted to shares: an inference from totals, never a measurement.

    Attributes
    ----------
    estimate, lower, upper : DataFrame, shape (k, k)
        Rows are where persons start [probability]; bounds are nan without `rng` and `persons`.
    condition : float
        Condition number of X'X, X the shares at the starts (with the prior rows): how much noise is blown up.
    rank : int
        Rank of X; below k the data cannot tell the rows apart at all.
    identified : bool
        Full rank and a condition number under 1,000.
    warning : str
        What to say beside every use.
    sse : float
        Sum of squared residuals of the loss, without the prior.
    shrunk : tuple
        Steps with a prior row.
    level : float
    n : int
        Pairs of periods used [count].
    """

    estimate: pd.DataFrame
    lower: pd.DataFrame
    upper: pd.DataFrame
    condition: float
    rank: int
    identified: bool
    warning: str
    sse: float
    shrunk: tuple[object, ...]
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """One row per pair of steps: from_step, to_step, then the six columns of every result."""
        steps = np.array([*self.estimate.index, None], object)[:-1]
        k = len(steps)
        return pd.DataFrame(
            {
                "from_step": np.repeat(steps, k),
                "to_step": np.tile(steps, k),
                "quantity": "transition_probability_from_totals",
                "estimate": self.estimate.to_numpy().ravel(),
                "lower": self.lower.to_numpy().ravel(),
                "upper": self.upper.to_numpy().ravel(),
                "n": self.n,
                "unit": "probability",
            }
        )


@dataclass(frozen=True, kw_only=True)
class _Problem:
    """Starts, ends, allowed cells and prior of one least-squares problem."""

    x: Floats
    y: Floats
    allowed: np.ndarray
    prior: Floats
    prior_weight: Floats
    used: np.ndarray


def transition_matrix(
    proportions: pd.DataFrame,
    structure: pd.DataFrame | None = None,
    prior: pd.DataFrame | None = None,
    *,
    prior_weight: float = 1.0,
    loss: Loss = "all",
    persons: float | None = None,
    sampling: Sampling = "same_persons",
    rng: np.random.Generator | None = None,
    draws: int = 200,
    level: float = LEVEL,
) -> AggregateMatrix:
    """Transition matrix that best carries the shares of one period into those of the next.

    Six steps are not identified in practice: with noise-free shares the error is small, with the sampling noise of
    5,000 persons it is of the size of the probabilities. Give known rows as prior, show the intervals and `warning`.

    Parameters
    ----------
    proportions : DataFrame, shape (periods, k)
        Share of the persons on each step, rows in order of time; rows of counts are divided by their sum.
    structure : DataFrame of bool, shape (k, k), optional
        True where a move is possible; elsewhere the probability is 0.
    prior : DataFrame, optional
        Known rows (index: steps; columns: all steps), e.g. from a survey.
    prior_weight : float, default 1
        Weight of a prior row: that many squared shares, i.e. as many periods with everybody on that step.
    loss : {"all", "leave_last_out"}, default "all"
        `leave_last_out` omits the last column from the sum of squares, as the textbook regression does; it follows
        from the others, but under constraints the answer then depends on which column is last.
    persons : float, optional
        Persons behind each row [count]; default the mean row sum when rows are counts. Needed for intervals.
    sampling : {"same_persons", "new_persons"}, default "same_persons"
        Whether the rows count one group over time or a new sample each period.
    rng : Generator, optional
        Source of randomness; without it there are no intervals.
    draws : int, default 200
        Parametric bootstrap samples.
    level : float, default 0.95
        Coverage aimed at. Where the data do not identify a row the interval is honest about noise, not about bias
        towards the boundary.

    Returns
    -------
    AggregateMatrix

    Raises
    ------
    InputError
        If shares are negative or missing, fewer than two periods are given, a row has no possible move, or labels
        differ.

    Notes
    -----
    min Σ_t ‖y_{t+1} − y_t P‖² + λ Σ_{i known} ‖p_i − prior_i‖², P ≥ 0, P 1 = 1, P_ij = 0 where not allowed [1]_:
    non-negative least squares with a heavy row-sum penalty, then the exact equality-constrained solution on the
    cells found positive. Intervals: percentiles of refits to shares drawn from the fitted chain (`same_persons`) or
    around the fitted shares (`new_persons`), joined with their reflection about the estimate (basic bootstrap),
    because refits lean to the boundary.

    References
    ----------
    .. [1] Lee, T. C., Judge, G. G. & Zellner, A. (1970). Estimating the Parameters of the Markov Probability Model
       from Aggregate Time Series Data. North-Holland.
    """
    check_level(level)
    for argument, value, known in (("loss", loss, LOSSES), ("sampling", sampling, SAMPLINGS)):
        if value not in known:
            raise unknown(argument, value, known)
    shares, size = _shares(proportions)
    steps: list[object] = list(proportions.columns)
    problem = _problem(shares, steps, structure, prior, weight=prior_weight, loss=loss)
    p = _solve(problem)
    condition, rank = _conditioning(problem)
    lower, upper = np.full_like(p, np.nan), np.full_like(p, np.nan)
    group = persons if persons is not None else size
    if rng is not None:
        if group is None:
            raise InputError("persons: the number of persons behind a row is needed for intervals, got None")
        fitted = [_solve(_redrawn(problem, p, rng, persons=group, sampling=sampling)) for _ in range(draws)]
        low, high = np.quantile(fitted, [(1 - level) / 2, (1 + level) / 2], axis=0)
        # refits lean to the boundary, so the interval is also reflected about the estimate
        lower = np.clip(np.minimum(low, 2 * p - high), 0, p)
        upper = np.clip(np.maximum(high, 2 * p - low), p, 1)
    identified = rank == len(steps) and condition < ILL_CONDITIONED
    residual = (problem.y - problem.x @ p)[:, problem.used]

    def labelled(values: Floats) -> pd.DataFrame:
        return pd.DataFrame(values, index=proportions.columns, columns=proportions.columns)

    return AggregateMatrix(
        estimate=labelled(p),
        lower=labelled(lower),
        upper=labelled(upper),
        condition=condition,
        rank=rank,
        identified=identified,
        warning=_warning(rank, len(steps), condition, rng is not None),
        sse=float(np.square(residual).sum()),
        shrunk=tuple(step for step, weight in zip(steps, problem.prior_weight, strict=True) if weight > 0),
        level=level,
        n=len(shares) - 1,
    )


def _shares(proportions: pd.DataFrame) -> tuple[Floats, float | None]:
    """Rows that sum to one, and the mean row sum when they were counts."""
    values = proportions.to_numpy(float)
    if values.shape[0] < 2:
        raise InputError(f"proportions: at least two periods are needed, got {values.shape[0]}")
    if not np.isfinite(values).all() or (values < 0).any():
        raise InputError("proportions: must be known and not negative, got a negative or missing one")
    total = values.sum(axis=1)
    if (total <= 0).any():
        raise InputError(f"proportions: every period needs persons, got none in row {int(np.argmin(total))}")
    counted = bool((total > 1.5).all())
    return values / total[:, None], float(total.mean()) if counted else None


def _problem(
    shares: Floats,
    steps: list[object],
    structure: pd.DataFrame | None,
    prior: pd.DataFrame | None,
    *,
    weight: float,
    loss: Loss,
) -> _Problem:
    """The least-squares problem, checked."""
    k = len(steps)
    allowed = np.ones((k, k), bool)
    if structure is not None:
        if set(structure.index) != set(steps) or set(structure.columns) != set(steps):
            raise InputError(f"structure: must have a row and a column per step {steps}, got {list(structure.index)}")
        allowed = structure.loc[steps, steps].to_numpy(bool)
    if not allowed.any(axis=1).all():
        raise InputError(
            f"structure: every step needs a possible move, got none for {steps[int(np.argmin(allowed.any(axis=1)))]}"
        )
    target, weights = np.zeros((k, k)), np.zeros(k)
    if prior is not None:
        if weight <= 0:
            raise InputError(f"prior_weight: must be positive, got {weight}")
        for step in prior.index:
            if step not in steps:
                raise unknown("prior", step, map(str, steps))
            row = prior.loc[step].reindex(steps).fillna(0).to_numpy(float)
            if (row < 0).any() or abs(row.sum() - 1) > 1e-6 or (row[~allowed[steps.index(step)]] > 0).any():
                raise InputError(
                    f"prior: rows must be probabilities over the possible moves, got {row.tolist()} for {step}"
                )
            target[steps.index(step)], weights[steps.index(step)] = row, weight
    used = np.arange(k) < (k - 1 if loss == "leave_last_out" else k)
    return _Problem(
        x=shares[:-1], y=shares[1:], allowed=allowed, prior=target, prior_weight=weights, used=np.flatnonzero(used)
    )


def _solve(problem: _Problem) -> Floats:
    """Constrained least squares: active set by non-negative least squares, then the exact solution on it."""
    k = problem.x.shape[1]
    cells = np.argwhere(problem.allowed)
    design, target = _design(problem, cells)
    row_sums = (cells[:, 0][None, :] == np.arange(k)[:, None]).astype(float)
    scale = EQUALITY * max(np.abs(design).max(initial=1.0), 1.0)
    rough, _ = optimize.nnls(
        np.vstack([design, scale * row_sums]), np.concatenate([target, np.full(k, scale)]), maxiter=50 * len(cells)
    )
    active = rough > 1e-9
    exact = _equality_constrained(design[:, active], target, row_sums[:, active])
    values = rough
    if exact is not None and (exact >= -1e-12).all():
        values = np.zeros(len(cells))
        values[active] = np.clip(exact, 0, None)
    p = np.zeros((k, k))
    p[cells[:, 0], cells[:, 1]] = values
    return np.asarray(p / p.sum(axis=1, keepdims=True))


def _design(problem: _Problem, cells: np.ndarray) -> tuple[Floats, Floats]:
    """Linear map from the allowed cells to the shares in the loss, with the prior rows below."""
    parts, targets = [], []
    for j in problem.used:
        parts.append(problem.x[:, cells[:, 0]] * (cells[:, 1] == j))
        targets.append(problem.y[:, j])
    known = problem.prior_weight[cells[:, 0]]
    rows = np.flatnonzero(known > 0)
    pull = np.zeros((len(rows), len(cells)))
    pull[np.arange(len(rows)), rows] = np.sqrt(known[rows])
    return (
        np.vstack([*parts, pull]),
        np.concatenate([*targets, np.sqrt(known[rows]) * problem.prior[cells[rows, 0], cells[rows, 1]]]),
    )


def _equality_constrained(design: Floats, target: Floats, row_sums: Floats) -> Floats | None:
    """Least squares with rows that sum to one; None when it has no single solution."""
    n, k = design.shape[1], row_sums.shape[0]
    system = np.block([[design.T @ design, row_sums.T], [row_sums, np.zeros((k, k))]])
    if np.linalg.cond(system) > 1e14:
        return None
    return np.asarray(np.linalg.solve(system, np.concatenate([design.T @ target, np.ones(k)]))[:n])


def _conditioning(problem: _Problem) -> tuple[float, int]:
    """Condition number of X'X with the prior rows, and the rank of X."""
    rows = np.vstack([problem.x, np.diag(np.sqrt(problem.prior_weight))])
    singular = np.linalg.svd(rows, compute_uv=False)
    condition = float((singular[0] / singular[-1]) ** 2) if singular[-1] > 0 else float("inf")
    return condition, int(np.linalg.matrix_rank(rows))


def _redrawn(problem: _Problem, p: Floats, rng: np.random.Generator, *, persons: float, sampling: Sampling) -> _Problem:
    """The problem with shares drawn from the fitted matrix."""
    size = max(round(persons), 1)
    shares = np.vstack([problem.x[:1], problem.y])
    drawn = [shares[0] if sampling == "same_persons" else rng.multinomial(size, shares[0]) / size]
    mean = shares[0]
    for _ in range(len(shares) - 1):
        if sampling == "same_persons":
            here = np.floor(drawn[-1] * size + 0.5).astype(int)
            moved = np.sum([rng.multinomial(n, row) for n, row in zip(here, p, strict=True)], axis=0)
            drawn.append(moved / max(moved.sum(), 1))
        else:
            mean = mean @ p
            drawn.append(rng.multinomial(size, mean / mean.sum()) / size)
    values = np.array(drawn, float)
    return _Problem(
        x=values[:-1],
        y=values[1:],
        allowed=problem.allowed,
        prior=problem.prior,
        prior_weight=problem.prior_weight,
        used=problem.used,
    )


def _warning(rank: int, k: int, condition: float, with_interval: bool) -> str:
    """What to say beside every use."""
    parts = ["inferred from totals, not measured: other matrices fit these totals as well"]
    if rank < k:
        parts.append(f"not identified: {rank} independent periods for {k} steps")
    elif condition >= ILL_CONDITIONED:
        parts.append(f"practically not identified: condition number {condition:.0f}")
    if not with_interval:
        parts.append("no interval was asked for")
    return "; ".join(parts)
