"""Transition probabilities over one lag, with intervals."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from scipy import stats

from studie.errors import InputError, unknown
from studie.ladder.intervals import LEVEL, Floats, check_level, effective_trials, wilson
from studie.ladder.pairs import Counts

Method = Literal["wilson", "dirichlet", "clustered", "bootstrap"]
METHODS = ("wilson", "dirichlet", "clustered", "bootstrap")


@dataclass(frozen=True, kw_only=True)
class TransitionMatrix:
    """Probability of being on each step one lag (or k lags) later, by the step where it started.

    Attributes
    ----------
    estimate, lower, upper : DataFrame, shape (k, k)
        Rows are where persons start, columns where they end [probability]; nan on a step nobody started on.
    started : Series, shape (k,)
        Pairs that start on each step [count].
    effective : DataFrame, shape (k, k)
        Independent pairs that carry the same information as the pairs counted [count].
    lag : float
        Distance in time between start and end [time units of the observations]; nan when pairs are consecutive rows.
    level : float
        Coverage of the intervals.
    method : str
        How the intervals were made.
    n : int
        Pairs in all [count].
    persons : Series, shape (k,), optional
        Distinct persons who start on each step [persons]; none when only counts of pairs are known.
    cell_persons : DataFrame, shape (k, k), optional
        Distinct persons behind each cell [persons].
    """

    adds_up: ClassVar[tuple[str, ...]] = ("from_step",)

    estimate: pd.DataFrame
    lower: pd.DataFrame
    upper: pd.DataFrame
    started: pd.Series
    effective: pd.DataFrame
    lag: float
    level: float
    method: str
    n: int
    persons: pd.Series | None = None
    cell_persons: pd.DataFrame | None = None

    @property
    def matrix(self) -> pd.DataFrame:
        """The estimate, as the other results of this room name it."""
        return self.estimate

    def __array__(self, dtype: object = None, copy: bool | None = None) -> np.ndarray:
        """The estimate as an array."""
        return np.array(self.estimate, dtype=dtype or float)  # type: ignore[call-overload]

    def to_frame(self) -> pd.DataFrame:
        """One row per pair of steps: from_step, to_step, persons, cell_persons, the six columns of every result."""
        steps = list(self.estimate.index)
        k = len(steps)
        return pd.DataFrame(
            {
                "from_step": np.repeat(np.array(steps, object), k),
                "to_step": np.tile(np.array(steps, object), k),
                "persons": np.nan if self.persons is None else np.repeat(self.persons.to_numpy(float), k),
                "cell_persons": np.nan if self.cell_persons is None else self.cell_persons.to_numpy(float).ravel(),
                "quantity": "transition_probability",
                "estimate": self.estimate.to_numpy().ravel(),
                "lower": self.lower.to_numpy().ravel(),
                "upper": self.upper.to_numpy().ravel(),
                "n": np.repeat(self.started.to_numpy(), k),
                "unit": "probability",
            }
        )


def transition_matrix(
    counts: Counts | pd.DataFrame,
    *,
    level: float = LEVEL,
    method: Method = "wilson",
    prior: float = 0.5,
    resample: np.random.Generator | None = None,
    draws: int = 999,
) -> TransitionMatrix:
    """Probability of each next step, by the step where a person starts.

    The estimate is n_ij / n_i. A step nobody started on gives nan, not 0.

    Parameters
    ----------
    counts : Counts or DataFrame, shape (k, k)
        Moves over one lag [count]; index and columns are the same steps in the same order.
    level : float, default 0.95
        Coverage of each interval, in (0, 1).
    method : {"wilson", "dirichlet", "clustered", "bootstrap"}, default "wilson"
        `wilson`: score interval per cell [1]_. `dirichlet`: equal-tailed posterior interval, Dirichlet(`prior`, …)
        prior per row [2]_. `clustered`: Wilson at the effective number of pairs, because several periods of one
        person are not independent [3]_. `bootstrap`: percentiles over resampled persons. The last two need `Counts`
        made from observations.
    prior : float, default 0.5
        Pseudo-count per cell for `dirichlet`.
    resample : Generator, optional
        Source of randomness for `bootstrap`; required there.
    draws : int, default 999
        Bootstrap samples of persons.

    Returns
    -------
    TransitionMatrix

    Raises
    ------
    InputError
        If the counts are not square over one list of steps, hold a negative or missing entry, or the method lacks
        its input.

    Notes
    -----
    `clustered`: with n_pij the pairs of person p, Var(p̂_ij) = m/(m−1) Σ_p (n_pij − p̂_ij n_pi)² / n_i², m persons;
    the effective number is p̂(1−p̂)/Var, at most n_i. `wilson` and `dirichlet` assume that pairs are independent
    given the step where they start (a Markov chain satisfies this); use `clustered` or `bootstrap` when persons
    differ.

    References
    ----------
    .. [1] Wilson, E. B. (1927). J. Am. Stat. Assoc. 22(158), 209-212.
    .. [2] Gelman, A. et al. (2013). Bayesian Data Analysis, 3rd ed., section 3.4.
    .. [3] Korn, E. L. & Graubard, B. I. (1998). Survey Methodology 24(2), 193-201.

    Examples
    --------
    >>> moves = pd.DataFrame([[8, 2], [0, 0]], index=["3", "4"], columns=["3", "4"])
    >>> transition_matrix(moves).estimate.loc["3", "4"]
    np.float64(0.2)
    """
    check_level(level)
    if method not in METHODS:
        raise unknown("method", method, METHODS)
    table, lag = (counts.matrix, counts.lag) if isinstance(counts, Counts) else (_checked(counts), float("nan"))
    moves = table.to_numpy(float)
    started = moves.sum(axis=1)
    total = np.repeat(started[:, None], len(table), axis=1)
    share = np.divide(moves, total, out=np.full_like(moves, np.nan), where=total > 0)
    effective = total
    if method == "wilson":
        lower, upper = wilson(moves, total, level=level)
    elif method == "dirichlet":
        lower, upper = _dirichlet_interval(moves, total, prior=prior, level=level)
    elif method == "clustered":
        effective = effective_trials(np.nan_to_num(share), _with_persons(counts).clustered_variance(), total)
        lower, upper = wilson(np.nan_to_num(share) * effective, effective, level=level)
    else:
        if resample is None:
            raise InputError("resample: a numpy Generator is required for method 'bootstrap', got None")
        lower, upper = _bootstrap_interval(_with_persons(counts), resample, draws=draws, level=level)

    def labelled(values: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(values, index=table.index, columns=table.columns)

    origins, cells = counts.distinct_persons() if isinstance(counts, Counts) else (None, None)

    return TransitionMatrix(
        estimate=labelled(share),
        lower=labelled(lower),
        upper=labelled(upper),
        started=pd.Series(started, index=table.index, name="started"),
        effective=labelled(effective),
        lag=lag,
        level=level,
        method=method,
        n=round(float(started.sum())),
        persons=None if origins is None else pd.Series(origins, index=table.index, name="persons"),
        cell_persons=None if cells is None else labelled(cells),
    )


def _checked(table: pd.DataFrame) -> pd.DataFrame:
    """The counts, refused when they are not a square table of counts."""
    if list(table.index) != list(table.columns):
        raise InputError(
            f"counts: index and columns must be the same steps in the same order, "
            f"got {list(table.index)} and {list(table.columns)}"
        )
    if table.index.has_duplicates:
        raise InputError(f"counts: steps must be unique, got {list(table.index)}")
    values = table.to_numpy(float)
    if not np.isfinite(values).all() or (values < 0).any():
        raise InputError("counts: entries must be finite and not negative, got a negative or missing entry")
    return table


def _with_persons(counts: Counts | pd.DataFrame) -> Counts:
    """The counts, refused when the persons behind them are not known."""
    if not isinstance(counts, Counts):
        raise InputError("counts: this method needs Counts made from observations, got a plain table without persons")
    return counts


def _dirichlet_interval(moves: Floats, total: Floats, *, prior: float, level: float) -> tuple[Floats, Floats]:
    """Equal-tailed posterior interval per cell; an empty cell keeps 0 and a full one 1."""
    if prior <= 0:
        raise InputError(f"prior: must be positive, got {prior}")
    k, tail = moves.shape[1], (1 - level) / 2
    posterior = stats.beta(moves + prior, total - moves + (k - 1) * prior)
    share = np.divide(moves, total, out=np.zeros_like(moves), where=total > 0)
    lower = np.minimum(np.where(moves == 0, 0.0, posterior.ppf(tail)), share)
    upper = np.maximum(np.where(moves == total, 1.0, posterior.ppf(1 - tail)), share)
    return np.where(total > 0, lower, np.nan), np.where(total > 0, upper, np.nan)


def _bootstrap_interval(counts: Counts, rng: np.random.Generator, *, draws: int, level: float) -> tuple[Floats, Floats]:
    """Percentiles of the share over resampled persons."""
    k = len(counts.matrix)
    sampled = counts.resampled(rng, draws=draws).reshape(draws, k, k)
    total = sampled.sum(axis=2, keepdims=True)
    share = np.divide(sampled, total, out=np.full_like(sampled, np.nan), where=total > 0)
    seen = np.isfinite(share).any(axis=0)
    low, high = np.full((k, k), np.nan), np.full((k, k), np.nan)
    tail = (1 - level) / 2
    if seen.any():
        low[seen], high[seen] = np.nanquantile(share[:, seen], [tail, 1 - tail], axis=0)
    return low, high


def time_varying(
    counts_by_time: dict[Hashable, Counts], *, level: float = LEVEL, method: Method = "wilson"
) -> dict[Hashable, TransitionMatrix]:
    """One transition matrix per moment of start.

    Parameters
    ----------
    counts_by_time : dict
        What `counts_by_time(obs, lag=…)` returns: moment → Counts.
    level : float, default 0.95
        Coverage of each interval.
    method : {"wilson", "dirichlet", "clustered"}
        As in `transition_matrix`.

    Returns
    -------
    dict
        Moment → TransitionMatrix, in order of time.
    """
    return {time: transition_matrix(table, level=level, method=method) for time, table in counts_by_time.items()}
