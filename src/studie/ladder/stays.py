"""Stays of persons in states, read from an event history and checked."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown
from studie.ladder.intervals import Floats

CENSORED = -1
CENSORED_WORD = "cens"


@dataclass(frozen=True, kw_only=True, eq=False)
class Stays:
    """Time that persons spent in a state, and where they went.

    Attributes
    ----------
    person, from_state, to_state : ndarray of int, shape (n,)
        Codes; `to_state` is −1 when the stay was still going on at its end.
    start, stop : ndarray, shape (n,)
        The stay is (start, stop] [time units].
    states : tuple
        Labels of the states.
    persons : int
        Persons behind the stays.
    zero_length : int
        Stays without length: no time at risk, left out.
    """

    person: np.ndarray
    start: Floats
    stop: Floats
    from_state: np.ndarray
    to_state: np.ndarray
    states: tuple[Hashable, ...]
    persons: int
    zero_length: int

    def chosen(self, rows: np.ndarray, *, start: Floats | None = None) -> Stays:
        """Some of the stays, with another start if given."""
        return Stays(
            person=self.person[rows],
            start=(self.start if start is None else start)[rows],
            stop=self.stop[rows],
            from_state=self.from_state[rows],
            to_state=self.to_state[rows],
            states=self.states,
            persons=len(np.unique(self.person[rows])),
            zero_length=self.zero_length,
        )


def stays_from(
    events: pd.DataFrame,
    *,
    start: str,
    stop: str,
    from_state: str,
    to_state: str,
    person: str,
    status: str | None = None,
    states: Sequence[Hashable] | None = None,
) -> Stays:
    """Checked stays from a table of events.

    Parameters
    ----------
    events : DataFrame
        One row per stay: `to_state` is where the person went at `stop`, missing (or equal to `from_state`, or
        "cens") when the stay was still going on. Or, with `status`, mstate's long form: one row per stay and
        possible move, status 1 for the move that was made.
    start, stop, from_state, to_state, person : str
        Columns.
    status : str, optional
        Column of 0 and 1. When not named but several rows describe the same stay, a column `status` is used.
    states : sequence, optional
        Order of the states; default sorted.

    Raises
    ------
    InputError
        If a column is absent, a time is missing, a stay ends before it starts, stays of one person overlap, or a
        stay has two moves.
    """
    for column in (start, stop, from_state, to_state, person, *([status] if status else [])):
        if column not in events.columns:
            raise unknown("events: column", column, map(str, events.columns))
    key = [person, start, stop, from_state]
    if events[key].isna().any(axis=None):
        raise InputError(f"events: {', '.join(key)} must be known in every row, got missing cells")
    if status is None and "status" in events.columns and events.duplicated(key).any():
        status = "status"
    table = _one_row_per_stay(events, key, to_state, status)
    table = table.assign(**{to_state: table[to_state].mask(table[to_state].astype(object) == CENSORED_WORD)})
    begin, end = table[start].to_numpy(float), table[stop].to_numpy(float)
    wrong = np.flatnonzero(end < begin)
    if len(wrong):
        row = table.iloc[wrong[0]]
        raise InputError(f"stop: must not lie before start, got {row[start]} to {row[stop]} of person {row[person]}")
    labels = _labels(table[from_state], table[to_state], states)
    codes = {label: code for code, label in enumerate(labels)}
    origin = table[from_state].map(codes)
    target = table[to_state].map(codes)
    if origin.isna().any() or (target.isna() & table[to_state].notna()).any():
        raise InputError(f"states: must name every state that occurs, got {list(labels)}")
    moved = np.where(target.isna() | (target == origin), CENSORED, target.fillna(CENSORED)).astype(int)
    people, _ = pd.factorize(table[person])
    some = end > begin
    stays = Stays(
        person=people[some],
        start=begin[some],
        stop=end[some],
        from_state=origin.to_numpy(int)[some],
        to_state=moved[some],
        states=labels,
        persons=len(np.unique(people)),
        zero_length=int((~some).sum()),
    )
    _refuse_overlap(stays)
    return stays


def _one_row_per_stay(events: pd.DataFrame, key: list[str], to_state: str, status: str | None) -> pd.DataFrame:
    """The stays, each with where it went or missing."""
    if status is None:
        if events.duplicated(key).any():
            row = events[events.duplicated(key)].iloc[0]
            raise InputError(f"events: one row per stay is needed (or `status`), got two for {row[key].to_dict()}")
        return events
    if not set(events[status].dropna().unique()) <= {0, 1} or events[status].isna().any():
        raise InputError(f"status: must be 0 or 1, got {sorted(map(str, events[status].unique()))[:5]}")
    moved = events[events[status] == 1]
    if moved.duplicated(key).any():
        row = moved[moved.duplicated(key)].iloc[0]
        raise InputError(f"events: a stay has at most one move, got two for {row[key].to_dict()}")
    stays = events[key].drop_duplicates()
    return stays.merge(moved[[*key, to_state]], on=key, how="left")


def _labels(origin: pd.Series, target: pd.Series, states: Sequence[Hashable] | None) -> tuple[Hashable, ...]:
    """States in order."""
    if states is not None:
        return tuple(states)
    found = [*origin.unique(), *target.dropna().unique()]
    whole = [int(v) if isinstance(v, (float, np.floating)) and float(v).is_integer() else v for v in found]
    distinct = list(dict.fromkeys(whole))
    numeric = all(isinstance(v, (int, float, np.integer, np.floating)) for v in distinct)
    return tuple(sorted(distinct) if numeric else sorted(distinct, key=str))


def _refuse_overlap(stays: Stays) -> None:
    """Refuse a person who is in two states at once."""
    order = np.lexsort((stays.start, stays.person))
    same = stays.person[order][1:] == stays.person[order][:-1]
    clash = same & (stays.start[order][1:] < stays.stop[order][:-1])
    if clash.any():
        first = order[int(np.flatnonzero(clash)[0])]
        raise InputError(
            f"events: stays of one person must not overlap, got {int(clash.sum())}, "
            f"first after the stay from {stays.start[first]} to {stays.stop[first]}"
        )
