"""Does the model fit: observed against expected numbers of moves, the Pearson-type test."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import integrate, linalg, stats

from studie.errors import InputError
from studie.ladder import derivatives
from studie.ladder.coding import FloatArray, IntArray
from studie.ladder.covariates import design
from studie.ladder.model import Model, plain_likelihood
from studie.ladder.observations import EXACT_ENTRY, SNAPSHOT, Observations
from studie.ladder.sampling_times import ScheduledTimes, quantile_group, quantiles

_NEGLIGIBLE: Final = float(np.sqrt(np.finfo(float).eps))


@dataclass(frozen=True, kw_only=True)
class PearsonTest:
    """Pearson-type test of a fitted Markov model against what was observed.

    Attributes
    ----------
    statistic : float
        Σ (observed - expected)² / expected over groups of intervals and moves.
    p_value : float
        From the distribution of the statistic, a weighted sum of chi-squares; nan where it is not
        known (exact entries), then between the two bounds.
    df_lower, df_upper, p_lower, p_upper : float
        Bounds of the degrees of freedom and of the p-value.
    table : DataFrame
        time_group, interval_group, covariate_group, from_step, to_step, observed, expected, deviance (signed).
    n : int
        Intervals.
    imputations : int
        Number of imputed sets of sampling times behind the statistic; 0 without exact entries.
    """

    statistic: float
    p_value: float
    df_lower: float
    df_upper: float
    p_lower: float
    p_upper: float
    table: pd.DataFrame
    n: int
    imputations: int
    level: float

    def to_frame(self) -> pd.DataFrame:
        """One row: the statistic, with the two p-values as bounds in their own rows."""
        rows = [
            ("pearson_statistic", self.statistic, "chi-square"),
            ("p_value", self.p_value, "probability"),
            ("p_lower", self.p_lower, "probability"),
            ("p_upper", self.p_upper, "probability"),
            ("df_lower", self.df_lower, "degrees of freedom"),
            ("df_upper", self.df_upper, "degrees of freedom"),
        ]
        return pd.DataFrame(
            [
                {"quantity": q, "estimate": v, "lower": np.nan, "upper": np.nan, "n": self.n, "unit": u}
                for q, v, u in rows
            ]
        )


def pearson(
    fitted: Any,
    observations: Observations,
    *,
    time_groups: int = 3,
    interval_groups: int = 3,
    covariate_groups: int = 3,
    transitions: Sequence[int] | None = None,
    imputations: int = 100,
    rng: np.random.Generator | None = None,
) -> PearsonTest:
    """Pearson-type test of Aguirre-Hernandez and Farewell [1]_, with its distribution [2]_.

    Intervals are grouped by quantiles of the time at their end, of their length within that, and
    of the total intensity at their covariates. Where a state is entered at an exact time the next
    planned observation is unknown and is drawn from the observed intervals, as in R msm.

    Parameters
    ----------
    fitted : IntensityFit
    observations : Observations
        Those of the fit.
    time_groups, interval_groups, covariate_groups : int
    transitions : sequence of int, optional
        Group number of each possible pair (from, to), in that order, of one origin; default: each its own.
    imputations : int
        Draws of planned times; only with exact entries.
    rng : numpy Generator, optional
        Source of the planned times drawn after exact entries; default a generator of its own, seeded with 0.

    Raises
    ------
    InputError
        Exact times or sets are among the observations; pairs of different origins are grouped.

    References
    ----------
    .. [1] Aguirre-Hernandez, R., & Farewell, V. T. (2002). Stat. Med. 21(13), 1899-1911.
    .. [2] Titman, A. C. (2009). Lifetime Data Anal. 15(4), 519-533.
    """
    model: Model = fitted.model
    seen = _Seen.of(observations, model)
    k = model.structure.size
    P_mean = linalg.expm(model.generator(model.theta, model.means))
    usable = (P_mean > _NEGLIGIBLE) & ~np.outer(model.absorbing, model.absorbing)
    pairs = np.argwhere(usable)
    group = np.arange(len(pairs)) if transitions is None else np.asarray(transitions)
    if len(group) != len(pairs):
        raise InputError(f"transitions: one number per possible pair, needs {len(pairs)}, got {len(group)}")
    _, group = np.unique(group, return_inverse=True)
    origin = np.array([pairs[group == g, 0][0] for g in range(group.max() + 1)])
    if (origin[group] != pairs[:, 0]).any():
        raise InputError("transitions: only pairs with the same origin can be grouped")

    time_group = quantile_group(seen.time, quantiles(seen.time, min(time_groups, len(np.unique(seen.time)))))
    entered = seen.kind == EXACT_ENTRY
    planned = ~(entered & model.absorbing[seen.end])
    edges = [quantiles(seen.length[planned & (time_group == g)], interval_groups) for g in range(time_group.max() + 1)]
    interval_group = np.empty(len(seen.length), dtype=int)
    for g, q in enumerate(edges):
        interval_group[time_group == g] = quantile_group(seen.length[time_group == g], q)
    if len(model.design.names):
        rate = seen.total_rate(model)
        distinct = len(np.unique(np.round(rate, 12)))
        covariate_group = quantile_group(rate, quantiles(rate, min(covariate_groups, distinct)))
    else:
        covariate_group = np.zeros(len(seen.length), dtype=int)
    cells = _Cells(
        time=time_group,
        covariate=covariate_group,
        start=seen.start,
        end=seen.end,
        shape=(time_group.max() + 1, max(len(q) - 1 for q in edges), covariate_group.max() + 1, k),
        pairs=pairs,
        group=group,
        origin=origin,
    )
    exact = bool(entered.any())
    draws: Iterable[tuple[FloatArray, NDArray[np.bool_] | None, IntArray]] = [(seen.length, None, interval_group)]
    if exact:
        rng = np.random.default_rng(0) if rng is None else rng
        scheduled = ScheduledTimes.of(seen.length, planned, time_group, edges, ~planned)
        draws = (scheduled.draw(rng, interval_group) for _ in range(imputations))
    tables = [cells.tables(group_i, seen.probabilities(model, t), late, model.absorbing) for t, late, group_i in draws]
    statistic = float(np.mean([np.sum((o - e) ** 2 / np.where(e > 0, e, 1.0)) for o, e in tables]))
    observed, expect = (np.mean([pair[side] for pair in tables], axis=0) for side in (0, 1))
    expect[expect < _NEGLIGIBLE] = 0.0
    upper = cells.degrees_of_freedom(observed)
    lower = upper - len(fitted.parameters)
    p_value = np.nan
    if not exact and transitions is None:
        p_value = _weighted_p(statistic, cells, (interval_group, expect), model, observations)
    return PearsonTest(
        statistic=statistic,
        p_value=p_value,
        df_lower=np.nan if exact else float(lower),
        df_upper=float(upper),
        p_lower=np.nan if exact else float(stats.chi2.sf(statistic, lower)),
        p_upper=float(stats.chi2.sf(statistic, upper)),
        table=cells.frame(observed, expect, model.structure.states),
        n=len(seen.length),
        imputations=imputations if exact else 0,
        level=fitted.level,
    )


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """One entry per interval that does not start on an absorbing state."""

    row: IntArray
    start: IntArray
    end: IntArray
    kind: IntArray
    begin: FloatArray
    time: FloatArray
    length: FloatArray
    design: IntArray
    rows: FloatArray

    @classmethod
    def of(cls, observations: Observations, model: Model) -> _Seen:
        row = observations.starts
        start, end = observations.state[row].astype(int), observations.state[row + 1].astype(int)
        k = model.structure.size
        if max(int(start.max()), int(end.max())) >= k:
            raise InputError("pearson: not for sets of states, got observations with a set")
        kind = observations.kind[row + 1]
        if not np.isin(kind, (SNAPSHOT, EXACT_ENTRY)).all():
            raise InputError("pearson: not for exact times, only for snapshots and exact entries")
        periods = len(model.breaks) + 1
        code, values = design(observations, row, model.design.names, periods, like=model.design)
        keep = ~model.absorbing[start]
        begin, finish = observations.time[row], observations.time[row + 1]
        return cls(
            row=row[keep],
            start=start[keep],
            end=end[keep],
            kind=kind[keep],
            begin=begin[keep],
            time=finish[keep],
            length=(finish - begin)[keep],
            design=code[keep],
            rows=values.rows,
        )

    def period(self, model: Model) -> IntArray:
        """Period at the end of each interval."""
        return np.searchsorted(np.asarray(model.breaks), self.time, side="left")

    def total_rate(self, model: Model) -> FloatArray:
        """Trace of the generator at the covariates of each interval."""
        code = self.design * (len(model.breaks) + 1) + self.period(model)
        used, back = np.unique(code, return_inverse=True)
        rates = np.exp(model.structure.log_rates(model.theta, self.rows[used] - model.means))
        return np.asarray(-rates.sum(axis=1)[back])

    def probabilities(self, model: Model, length: FloatArray) -> FloatArray:
        """Row of P over each interval, from its start."""
        periods = len(model.breaks) + 1
        edges = np.array([-np.inf, *model.breaks, np.inf])
        rates = np.exp(model.structure.log_rates(model.theta, self.rows - model.means))
        Q = derivatives.generators(rates, model.structure.moves, model.structure.size)
        current = np.zeros((len(length), model.structure.size))
        current[np.arange(len(length)), self.start] = 1.0
        finish = self.begin + length
        for p in range(periods):
            spent = np.maximum(np.minimum(finish, edges[p + 1]) - np.maximum(self.begin, edges[p]), 0.0)
            table = np.column_stack((self.design * periods + p, np.round(spent, 12)))
            unique, back = np.unique(table, axis=0, return_inverse=True)
            P = derivatives.probabilities(Q, unique[:, 0].astype(int), unique[:, 1])
            current = np.einsum("nr,nrs->ns", current, P[back.ravel()])
        return current


@dataclass(frozen=True, kw_only=True)
class _Cells:
    """Contingency table of groups (time, interval, covariate) by grouped pairs of states."""

    time: IntArray
    covariate: IntArray
    start: IntArray
    end: IntArray
    shape: tuple[int, int, int, int]
    pairs: IntArray
    group: IntArray
    origin: IntArray

    def index(self, interval_group: IntArray) -> IntArray:
        """Number of (time, interval, covariate, from) per observed interval."""
        return np.ravel_multi_index((self.time, interval_group, self.covariate, self.start), self.shape)

    def tables(
        self,
        interval_group: IntArray,
        prob: FloatArray,
        censored: NDArray[np.bool_] | None,
        absorbing: NDArray[np.bool_],
    ) -> tuple[FloatArray, FloatArray]:
        """Observed and expected numbers, shape (time, interval, covariate, grouped pairs)."""
        cell = self.index(interval_group)
        size, k = int(np.prod(self.shape)), self.shape[3]
        observed = np.bincount(cell * k + self.end, minlength=size * k).reshape(size, k).astype(float)
        expected = np.zeros((size, k))
        for s in range(k):
            share = prob[:, s]
            if censored is not None and not absorbing[s]:
                share = np.where(censored, 0.0, share)
            expected[:, s] = np.bincount(cell, weights=share, minlength=size)
        expected[expected < _NEGLIGIBLE] = 0.0
        if censored is not None:
            n, m = observed.sum(axis=1), expected.sum(axis=1)
            alive = observed[:, ~absorbing].sum(axis=1) > 0
            expected *= np.where(m > 0, n / np.where(m > 0, m, 1.0), 0.0)[:, None]
            expected[:, ~absorbing] *= alive[:, None]
        return self._grouped(observed), self._grouped(expected)

    def _grouped(self, table: FloatArray) -> FloatArray:
        full = table.reshape(*self.shape, self.shape[3])
        chosen = full[..., self.pairs[:, 0], self.pairs[:, 1]]
        out = np.zeros((*self.shape[:3], self.group.max() + 1))
        for j, g in enumerate(self.group):
            out[..., g] += chosen[..., j]
        return out

    def degrees_of_freedom(self, observed: FloatArray) -> int:
        """Cells less one per origin, less those of origins that a group never saw."""
        origins = np.unique(self.origin)
        free = np.array([(self.origin == r).sum() - 1 for r in origins])
        seen = np.stack([observed[..., self.origin == r].sum(axis=-1) for r in origins])
        groups = int(np.prod(self.shape[:3]))
        return int(groups * free.sum() - ((seen == 0).reshape(len(origins), -1) * free[:, None]).sum())

    def frame(self, observed: FloatArray, expected: FloatArray, states: tuple[Any, ...]) -> pd.DataFrame:
        """Long table of observed, expected and signed deviance."""
        t, i, c, g = (a.ravel() for a in np.indices(observed.shape))
        o, e = observed.ravel(), expected.ravel()
        to = [
            ", ".join(str(states[s]) for s in self.pairs[self.group == one, 1]) for one in range(self.group.max() + 1)
        ]
        return pd.DataFrame(
            {
                "time_group": t + 1,
                "interval_group": i + 1,
                "covariate_group": c + 1,
                "from_step": [states[self.origin[one]] for one in g],
                "to_step": [to[one] for one in g],
                "observed": o,
                "expected": e,
                "deviance": np.sign(o - e) * (o - e) ** 2 / np.where(e > 0, e, 1.0),
            }
        )


def _weighted_p(
    statistic: float, cells: _Cells, tables: tuple[IntArray, FloatArray], model: Model, observations: Observations
) -> float:
    """Upper tail of the weighted sum of chi-squares that the statistic follows (Titman)."""
    interval_group, expected = tables
    k = model.structure.size
    likelihood = plain_likelihood(observations, model, keep_rows=True)
    data = likelihood.data
    assert data.interval_cell is not None
    cell, number = np.unique(cells.index(interval_group), return_inverse=True)
    C = len(cell)
    # Equal intervals (kernel, start) of one group have equal rows of P: count them once.
    key = (data.cell_kernel[data.interval_cell] * k + cells.start) * C + number
    distinct, count = np.unique(key, return_counts=True)
    number, kernel, start = distinct % C, distinct // C // k, distinct // C % k
    M, dM = likelihood.matrices(np.arange(len(data.kernel_kind)), model.theta)
    prob, slope = M[kernel, start] * count[:, None], dM[kernel, start] * count[:, None, None]
    per_pair = np.full((*cells.shape[:3], k, k), np.nan)
    per_pair[..., cells.pairs[:, 0], cells.pairs[:, 1]] = expected[..., cells.group]
    E = per_pair.reshape(-1, k)[cell]
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.where(E > 0, 1.0 / np.sqrt(E), 0.0)
    sigma, total = np.zeros((C, k, k)), np.zeros((C, k))
    np.add.at(sigma, number, -prob[:, :, None] * M[kernel, start][:, None, :])
    np.add.at(total, number, prob)
    sigma[:, np.arange(k), np.arange(k)] += total
    psi = np.zeros((C, slope.shape[1], k))
    np.add.at(psi, number, slope)
    scaled = (psi * root[:, None, :]).transpose(1, 0, 2).reshape(slope.shape[1], C * k)
    inverse = np.linalg.pinv(likelihood.evaluate(model.theta)[2], hermitian=True)
    S = linalg.block_diag(*(sigma * root[:, :, None] * root[:, None, :]))
    # What the estimation of the parameters takes away from the residuals.
    V = S - scaled.T @ inverse @ scaled
    weights = np.linalg.eigvalsh((V + V.T) / 2)
    weights = weights[np.abs(weights) > 1e-9]
    if not len(weights):
        return float("nan")  # as many parameters as free cells: nothing left to test

    def integrand(u: float) -> float:
        angle = 0.5 * np.sum(np.arctan(weights * u)) - 0.5 * statistic * u
        size = float(np.exp(0.25 * np.sum(np.log1p((weights * u) ** 2))))
        return float(np.sin(angle) / (u * size))

    edge = 60.0 / max(float(np.abs(weights).sum()), 1e-12)
    value = sum(integrate.quad(integrand, a, b, limit=1000)[0] for a, b in ((0, edge), (edge, 50 * edge)))
    return float(np.clip(0.5 + value / np.pi, 0.0, 1.0))
