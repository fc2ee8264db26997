"""Powers of a transition matrix: where persons are several lags later if moves do not depend on the past."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown
from studie.ladder.intervals import Floats, effective_trials, normal_quantile, wilson
from studie.ladder.transition import TransitionMatrix


@dataclass(frozen=True, kw_only=True)
class Occupancy:
    """Share of persons on each step after each number of lags, projected from one start.

    Attributes
    ----------
    estimate, lower, upper : DataFrame, shape (steps + 1, k)
        Rows are lags since the start, columns steps [share].
    lag : float
        Length of one lag [time units].
    level : float
        Coverage of the intervals.
    n : int
        Pairs behind the matrix [count].
    """

    estimate: pd.DataFrame
    lower: pd.DataFrame
    upper: pd.DataFrame
    lag: float
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """One row per lag and step: lags, step, then the six columns of every result."""
        lags, steps = self.estimate.index.to_numpy(), np.array(list(self.estimate.columns), object)
        return pd.DataFrame(
            {
                "lags": np.repeat(lags, len(steps)),
                "step": np.tile(steps, len(lags)),
                "quantity": "occupancy",
                "estimate": self.estimate.to_numpy().ravel(),
                "lower": self.lower.to_numpy().ravel(),
                "upper": self.upper.to_numpy().ravel(),
                "n": self.n,
                "unit": "share",
            }
        )


def k_step(matrix: TransitionMatrix, k: int, *, absorbing: Sequence[Hashable] = ()) -> TransitionMatrix:
    """Probability of each step k lags later, if moves do not depend on the past (Markov).

    Parameters
    ----------
    matrix : TransitionMatrix
        One-lag matrix.
    k : int
        Number of lags, at least 1.
    absorbing : sequence of steps, optional
        Exits: whoever is there stays there, so that nobody needs to have started there.

    Returns
    -------
    TransitionMatrix
        P^k; a row from which an unknown row (nobody started there) can be reached before the last lag is nan.

    Raises
    ------
    InputError
        If `k` is below 1 or an absorbing step is not in the matrix.

    Notes
    -----
    Delta method: ∂(P^k)_ab / ∂p_ij = Σ_s (P^s)_ai (P^(k−1−s))_jb, rows multinomial with the effective numbers of
    `matrix`. The interval is Wilson's at the effective number p(1−p)/Var. Compare with `counts(obs, lag=k)`, which
    does not assume the Markov property.

    References
    ----------
    .. [1] Anderson, T. W. & Goodman, L. A. (1957). Ann. Math. Stat. 28(1), 89-110.
    """
    if k < 1:
        raise InputError(f"k: must be at least 1, got {k}")
    steps = list(matrix.estimate.index)
    estimate, variance, start_n = _powers(matrix, np.eye(len(steps)), k, absorbing)
    effective = effective_trials(estimate[-1], variance[-1], start_n)
    lower, upper = wilson(estimate[-1] * effective, effective, level=matrix.level)
    certain = np.isin(np.array(steps, object), np.array(list(absorbing), object))[:, None] & np.isfinite(estimate[-1])
    lower, upper = np.where(certain, estimate[-1], lower), np.where(certain, estimate[-1], upper)
    axes: dict[str, Any] = {"index": matrix.estimate.index, "columns": matrix.estimate.columns}
    return TransitionMatrix(
        estimate=pd.DataFrame(estimate[-1], **axes),
        lower=pd.DataFrame(lower, **axes),
        upper=pd.DataFrame(upper, **axes),
        started=matrix.started,
        effective=pd.DataFrame(effective, **axes),
        lag=matrix.lag * k,
        level=matrix.level,
        method=f"{matrix.method}, delta",
        n=matrix.n,
    )


def projected_occupancy(
    matrix: TransitionMatrix, start: pd.Series, steps: int, *, absorbing: Sequence[Hashable] = ()
) -> Occupancy:
    """Share of persons on each step after 0 … `steps` lags, if moves do not depend on the past (Markov).

    Parameters
    ----------
    matrix : TransitionMatrix
        One-lag matrix.
    start : Series indexed by step
        Persons or shares at the start; steps that are not named start empty.
    steps : int
        Number of lags, at least 1.
    absorbing : sequence of steps, optional
        Exits: whoever is there stays there.

    Returns
    -------
    Occupancy

    Raises
    ------
    InputError
        If the start names an unknown step, is negative or empty, or `steps` is below 1.

    Notes
    -----
    start · P^s with the delta method of `k_step`; normal interval cut at 0 and 1. The start is taken as known.
    """
    if steps < 1:
        raise InputError(f"steps: must be at least 1, got {steps}")
    labels = list(matrix.estimate.index)
    for step in start.index:
        if step not in labels:
            raise unknown("start", step, labels)
    share = start.reindex(labels).fillna(0).to_numpy(float)
    if (share < 0).any() or share.sum() <= 0:
        raise InputError("start: must hold no negative and at least one positive number, got " + str(list(start)))
    estimate, variance, _ = _powers(matrix, share[None, :] / share.sum(), steps, absorbing)
    first = share[None, :] / share.sum()
    mean = np.vstack([first, estimate[:, 0, :]])
    half = normal_quantile(matrix.level) * np.sqrt(np.vstack([np.zeros_like(first), variance[:, 0, :]]))
    axes: dict[str, Any] = {"index": pd.RangeIndex(steps + 1, name="lags"), "columns": matrix.estimate.columns}
    return Occupancy(
        estimate=pd.DataFrame(mean, **axes),
        lower=pd.DataFrame(np.clip(mean - half, 0, 1), **axes),
        upper=pd.DataFrame(np.clip(mean + half, 0, 1), **axes),
        lag=matrix.lag,
        level=matrix.level,
        n=matrix.n,
    )


def _powers(
    matrix: TransitionMatrix, start: Floats, steps: int, absorbing: Sequence[Hashable]
) -> tuple[Floats, Floats, Floats]:
    """Start · P^s with its delta-method variance for s = 1 … steps, and persons behind each start row."""
    labels = list(matrix.estimate.index)
    for step in absorbing:
        if step not in labels:
            raise unknown("absorbing", step, labels)
    fixed = np.isin(np.array(labels, object), np.array(list(absorbing), object))
    p = np.where(fixed[:, None], np.eye(len(labels)), matrix.estimate.to_numpy(float))
    unknown_row = np.isnan(p).any(axis=1)
    p[unknown_row] = 0
    persons = matrix.effective.min(axis=1).to_numpy(float)
    weight = np.where(fixed | unknown_row | (persons <= 0), 0.0, 1 / np.where(persons > 0, persons, 1.0))
    left = [start]
    right = [np.eye(len(labels))]
    estimate, variance = [], []
    tainted = np.zeros(len(start), bool)
    for _ in range(steps):
        tainted = tainted | (left[-1][:, unknown_row] > 0).any(axis=1)
        # gradient for row i and cell j: what has come to i, times what leaves from j
        gradient = sum(np.einsum("ai,jb->aijb", a, r) for a, r in zip(left, reversed(right), strict=True))
        mean = np.einsum("ij,aijb->aib", p, gradient)
        square = np.einsum("ij,aijb->aib", p, np.square(gradient))
        spread = np.einsum("i,aib->ab", weight, np.clip(square - mean**2, 0, None))
        left.append(left[-1] @ p)
        right.append(right[-1] @ p)
        estimate.append(np.where(tainted[:, None], np.nan, left[-1]))
        variance.append(np.where(tainted[:, None], np.nan, spread))
    start_n = (start > 0) @ np.where(fixed, 0.0, np.nan_to_num(persons))
    return np.array(estimate), np.array(variance), np.repeat(start_n[:, None], len(labels), axis=1)
