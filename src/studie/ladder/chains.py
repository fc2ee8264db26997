"""Intervals of a panel, and the sequences of them that start on or pass through a set of states."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from studie.errors import InputError
from studie.ladder.coding import FloatArray, IntArray
from studie.ladder.observations import Observations


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """One entry per interval: its first row, states at both ends, kind of its end, person, weight."""

    row: IntArray
    start: IntArray
    end: IntArray
    kind: IntArray
    person: IntArray
    weight: FloatArray | None


@dataclass(frozen=True, kw_only=True)
class Chains:
    """Equal sequences of intervals of one length that start on or pass through a set.

    Attributes
    ----------
    start : int array, shape (c,)
        State or set code at the start; every member of a set has weight one (as R msm).
    kernel, code : int arrays, shape (c, steps)
        Interval and the state or set code at its end.
    count : array, shape (c,)
    person : int array, shape (c,)
        One person who has this sequence, for messages.
    row, row_person : int arrays
        Sequence and person of each occurrence (bootstrap).
    """

    start: IntArray
    kernel: IntArray
    code: IntArray
    count: FloatArray
    person: IntArray
    row: IntArray
    row_person: IntArray

    def reweighted(self, weight: FloatArray) -> Chains:
        """The same sequences with other weights per person."""
        count = np.bincount(self.row, weights=weight[self.row_person], minlength=len(self.count))
        return replace(self, count=count.astype(float))


def intervals(observations: Observations) -> Intervals:
    """Every pair of consecutive rows of one person."""
    row = observations.starts
    person = observations.person[row]
    return Intervals(
        row=row,
        start=observations.state[row],
        end=observations.state[row + 1],
        kind=observations.kind[row + 1],
        person=person,
        weight=None if observations.weight is None else observations.weight[person],
    )


def absorbed(observations: Observations, seen: Intervals, absorbing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """True for intervals after a person was seen on an absorbing state: they hold no information."""
    k = len(observations.states)
    if not absorbing.any():
        return np.zeros(len(seen.row), dtype=bool)
    if not observations.sets:
        return np.asarray(absorbing[seen.start])
    state = observations.state
    on = absorbing[np.minimum(state, k - 1)] & (state < k)
    since = np.maximum.accumulate(np.where(on, np.arange(observations.n), -1))
    done = since[seen.row] >= observations.first[seen.person]
    back = np.flatnonzero(done & (seen.end < k) & ~absorbing[np.minimum(seen.end, k - 1)])
    if len(back):
        i = back[0]
        raise InputError(
            f"moves: cannot lead from {observations.labels[state[since[seen.row[i]]]]}, where person "
            f"{observations.persons[seen.person[i]]} was before, to {observations.labels[seen.end[i]]} at time "
            f"{observations.time[seen.row[i] + 1]:g}"
        )
    return np.asarray(done)


def in_chain(seen: Intervals, k: int) -> NDArray[np.bool_]:
    """True for intervals that start on a set, or end on one that the next interval starts from."""
    continues = np.zeros(len(seen.row), dtype=bool)
    continues[:-1] = (seen.row[1:] == seen.row[:-1] + 1) & (seen.end[:-1] >= k)
    return (seen.start >= k) | continues


def find_chains(chosen: IntArray, seen: Intervals, kernel: IntArray, k: int) -> tuple[Chains, ...]:
    """Sequences by length, equal ones counted once."""
    row, start = seen.row[chosen], seen.start[chosen]
    linked = np.zeros(len(chosen), dtype=bool)
    linked[1:] = (row[1:] == row[:-1] + 1) & (start[1:] >= k)
    heads = np.flatnonzero(~linked)
    lengths = np.diff(np.append(heads, len(chosen)))
    chains = []
    for length in np.unique(lengths):
        members = chosen[heads[lengths == length][:, None] + np.arange(length)]
        sequence = np.column_stack((seen.start[members[:, 0]], kernel[members], seen.end[members]))
        distinct, first, which = np.unique(sequence, axis=0, return_index=True, return_inverse=True)
        who = seen.person[members[:, 0]]
        weights = None if seen.weight is None else seen.weight[members[:, 0]]
        chains.append(
            Chains(
                start=distinct[:, 0],
                kernel=distinct[:, 1 : 1 + length],
                code=distinct[:, 1 + length :],
                count=np.bincount(which.ravel(), weights=weights).astype(float),
                person=who[first],
                row=which.ravel(),
                row_person=who,
            )
        )
    return tuple(chains)
