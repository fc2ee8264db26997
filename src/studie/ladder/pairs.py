"""Pairs of observations of one person a fixed time apart, counted by where they start and end."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse

from studie.errors import InputError
from studie.ladder.intervals import LEVEL, Floats, wilson
from studie.ladder.observations import Observations

MONTH_TOLERANCE = 0.1
EXACT = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class Counts:
    """Moves over one lag, and the persons behind them.

    Attributes
    ----------
    matrix : DataFrame, shape (k, k)
        Rows are where pairs start, columns where they end [count]; weighted when the observations are.
    lag : float
        Distance in time between start and end [time units]; nan for consecutive rows.
    unit : str
        Time unit.
    excluded : Series
        Starts left out, by reason: `state_set` (start or end known only up to a set), `no_observation_at_lag`
        [count].
    n : int
        Pairs counted.
    person, cell : ndarray of int, shape (n,)
        Person code and position in the matrix of each pair.
    weight : ndarray, shape (n,)
        Weight of each pair.
    """

    matrix: pd.DataFrame
    lag: float
    unit: str
    excluded: pd.Series
    n: int
    person: np.ndarray = field(repr=False)
    cell: np.ndarray = field(repr=False)
    weight: Floats = field(repr=False)

    def __array__(self, dtype: object = None, copy: bool | None = None) -> np.ndarray:
        """The counts as an array."""
        return np.array(self.matrix, dtype=dtype or float)  # type: ignore[call-overload]

    @cached_property
    def persons(self) -> sparse.csr_matrix:
        """Moves of each person with at least one pair, shape (persons, k²)."""
        codes, labels = pd.factorize(self.person)
        shape = (len(labels), self.matrix.size)
        return sparse.coo_matrix((self.weight, (codes, self.cell)), shape=shape).tocsr()

    def distinct_persons(self) -> tuple[np.ndarray, np.ndarray]:
        """Distinct persons behind each step where pairs start, shape (k,), and behind each cell, shape (k, k)."""
        return distinct_persons(self.person, self.cell, len(self.matrix))

    def clustered_variance(self) -> Floats:
        """Variance of each transition probability, summed over persons; shape (k, k)."""
        k, m = len(self.matrix), self.persons.shape[0]
        own = self.persons.tocoo()
        starts = np.asarray(self.persons @ np.kron(np.eye(k), np.ones((k, 1))))
        moves = self.matrix.to_numpy(float)
        total = moves.sum(axis=1, keepdims=True)
        share = np.divide(moves, total, out=np.zeros_like(moves), where=total > 0)
        square = np.bincount(own.col, weights=own.data**2, minlength=k * k).reshape(k, k)
        product = np.bincount(own.col, weights=own.data * starts[own.row, own.col // k], minlength=k * k).reshape(k, k)
        spread = square - 2 * share * product + share**2 * np.square(starts).sum(axis=0)[:, None]
        scale = (m / (m - 1) if m > 1 else 1.0) / np.where(total > 0, total, 1.0) ** 2
        return np.asarray(np.clip(spread, 0, None) * scale)

    def resampled(self, rng: np.random.Generator, *, draws: int) -> Floats:
        """Counts over bootstrap samples of persons, shape (draws, k²)."""
        m = self.persons.shape[0]
        if m == 0:
            return np.zeros((draws, self.matrix.size))
        parts = [
            np.asarray((self.persons.T @ rng.multinomial(m, np.full(m, 1 / m), size=min(100, draws - first)).T).T)
            for first in range(0, draws, 100)
        ]
        return np.vstack(parts)

    def to_frame(self) -> pd.DataFrame:
        """One row per pair of steps; lower and upper repeat the count, which is observed."""
        steps = np.array(list(self.matrix.index), object)
        moves = self.matrix.to_numpy(float)
        return pd.DataFrame(
            {
                "from_step": np.repeat(steps, len(steps)),
                "to_step": np.tile(steps, len(steps)),
                "quantity": "moves",
                "estimate": moves.ravel(),
                "lower": moves.ravel(),
                "upper": moves.ravel(),
                "n": np.repeat(moves.sum(axis=1), len(steps)),
                "unit": "count",
            }
        )


def counts(
    obs: Observations,
    *,
    lag: float | None = 1,
    tolerance: float | None = None,
    absorbing: Sequence[Hashable] = (),
) -> Counts:
    """Moves from each step to each step over one lag.

    Every observation starts a pair; it ends at the observation of the same person nearest to `lag` later, so pairs
    of a monthly panel with lag 12 overlap (as in TraMineR's `seqtrate`).

    Parameters
    ----------
    obs : Observations
    lag : float or None, default 1
        Distance in time [time units]; None pairs each row with the person's next row, however far.
    tolerance : float, optional
        How far from `lag` the end may lie. Default: 0.1 month for dates, since calendar months are not equally
        long; exact (1e-6) for a numeric time.
    absorbing : sequence of states
        States that nobody leaves and after which a person has no rows: who entered one within the lag is on it at the
        end. Starts later than one lag before the last observation of all are then left out, for others as well.

    Returns
    -------
    Counts

    Raises
    ------
    InputError
        If `lag` is not positive, `tolerance` is negative or at least the lag, or an absorbing state is unknown.

    Notes
    -----
    A pair whose start or end is known only up to a set is excluded and counted. Weights of persons, when given, are
    used.

    References
    ----------
    .. [1] Gabadinho, A. et al. (2011). J. Stat. Softw. 40(4), 1-37.
    """
    start, end, alone = paired_rows(obs, lag, tolerance)
    if absorbing and lag is not None:
        codes = [obs.code(state, "absorbing") for state in absorbing]
        start, end = _with_absorbed(obs, start, end, lag=lag, codes=codes)
        alone = obs.n - len(start)
    return _counted(obs, start, end, lag=lag, alone=alone)


def _with_absorbed(
    obs: Observations, start: np.ndarray, end: np.ndarray, *, lag: float, codes: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of those followed a whole lag, and of those absorbed within it, who stay where they are."""
    last = np.append(obs.first[1:], obs.n)[obs.person] - 1
    rows = np.arange(obs.n)
    slack = (MONTH_TOLERANCE if obs.unit == "month" else 0.0) + EXACT
    absorbed = np.isin(obs.state[last], codes) & (last > rows) & (obs.time[last] <= obs.time + lag + slack)
    goal = np.full(obs.n, -1)
    goal[start] = end
    goal[absorbed] = last[absorbed]
    followed = (goal >= 0) & (obs.time <= obs.time.max() - lag + slack)
    return rows[followed], goal[followed]


def counts_by_time(
    obs: Observations, *, lag: float | None = 1, tolerance: float | None = None
) -> dict[Hashable, Counts]:
    """Moves over one lag, apart for each moment at which pairs start.

    Parameters are those of `counts`.

    Returns
    -------
    dict
        Time of start → Counts, in order of time.
    """
    start, end, _ = paired_rows(obs, lag, tolerance)
    moments = np.round(obs.time[start] / EXACT) * EXACT
    result: dict[Hashable, Counts] = {}
    for moment in np.unique(moments):
        rows = moments == moment
        result[float(moment)] = _counted(obs, start[rows], end[rows], lag=lag, alone=0)
    return result


def occupancy(obs: Observations, *, level: float = LEVEL) -> pd.DataFrame:
    """Share of the persons observed at each time who are on each step (TraMineR's `seqstatd`).

    Parameters
    ----------
    obs : Observations
    level : float, default 0.95
        Coverage of each Wilson interval; persons are independent at one time.

    Returns
    -------
    DataFrame
        Columns time, step, then the six columns of every result. Rows known only up to a set are left out of `n`.
    """
    single = obs.state < len(obs.states)
    weight = np.ones(obs.n) if obs.weight is None else obs.weight[obs.person]
    times, moment = np.unique(obs.time[single], return_inverse=True)
    k = len(obs.states)
    cells = moment * k + obs.state[single]
    seen = np.bincount(cells, weights=weight[single], minlength=len(times) * k).reshape(len(times), k)
    total = np.repeat(seen.sum(axis=1, keepdims=True), k, axis=1)
    lower, upper = wilson(seen, total, level=level)
    return pd.DataFrame(
        {
            "time": np.repeat(times, k),
            "step": np.tile(np.array(obs.states, object), len(times)),
            "quantity": "occupancy",
            "estimate": (seen / total).ravel(),
            "lower": lower.ravel(),
            "upper": upper.ravel(),
            "n": total.ravel(),
            "unit": "share",
        }
    )


def distinct_persons(person: np.ndarray, cell: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Distinct persons behind each of k origins, shape (k,), and behind each cell, shape (k, k)."""
    packed = np.unique(person.astype(np.int64) * (k * k) + cell)
    cells = np.bincount(packed % (k * k), minlength=k * k).reshape(k, k)
    return np.bincount(np.unique(packed // k) % k, minlength=k), cells


def paired_rows(obs: Observations, lag: float | None, tolerance: float | None) -> tuple[np.ndarray, np.ndarray, int]:
    """Rows where pairs start and end, and starts without an observation at the lag."""
    if lag is None:
        return obs.starts, obs.starts + 1, obs.n_persons
    width = (MONTH_TOLERANCE if obs.unit == "month" else EXACT) if tolerance is None else tolerance
    if not lag > 0:
        raise InputError(f"lag: must be positive, got {lag}")
    if not 0 <= width < lag:
        raise InputError(f"tolerance: must lie in [0, lag), got {width}")
    # one increasing key for all persons: their times, set apart by more than the longest follow-up
    span = float(np.ptp(obs.time)) + 4 * lag + 1 if obs.n else 1.0
    key = obs.time - (obs.time.min() if obs.n else 0.0) + obs.person * span
    target = key + lag
    after = np.searchsorted(key, target, side="left")
    nearest = np.full(obs.n, -1)
    gap = np.full(obs.n, np.inf)
    for candidate in (after - 1, after):
        inside = (candidate >= 0) & (candidate < obs.n)
        distance = np.where(inside, np.abs(key[np.clip(candidate, 0, obs.n - 1)] - target), np.inf)
        closer = distance < gap
        nearest, gap = np.where(closer, candidate, nearest), np.where(closer, distance, gap)
    rows = np.arange(obs.n)
    found = (gap <= width + EXACT) & (nearest > rows)
    start = rows[found]
    return start, nearest[found], int(obs.n - len(start))


def _counted(obs: Observations, start: np.ndarray, end: np.ndarray, *, lag: float | None, alone: int) -> Counts:
    """Counts over chosen pairs, without those known only up to a set."""
    k = len(obs.states)
    single = (obs.state[start] < k) & (obs.state[end] < k)
    start, end = start[single], end[single]
    cell = obs.state[start].astype(np.int64) * k + obs.state[end]
    person = obs.person[start]
    weight = np.ones(len(start)) if obs.weight is None else obs.weight[person]
    table = np.bincount(cell, weights=weight, minlength=k * k).reshape(k, k)
    if obs.weight is None:
        table = table.astype(np.int64)
    names = pd.Index(obs.states, dtype=object)
    reasons = {"state_set": int((~single).sum()), "no_observation_at_lag": alone}
    return Counts(
        matrix=pd.DataFrame(table, index=names.rename("from_step"), columns=names.rename("to_step")),
        lag=float("nan") if lag is None else float(lag),
        unit=obs.unit,
        excluded=pd.Series(reasons, name="excluded"),
        n=len(start),
        person=person,
        cell=cell,
        weight=weight,
    )
