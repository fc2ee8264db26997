"""What was seen of whom and when: persons on steps at times, checked once and coded as integers."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studie.errors import InputError, InsufficientDataError, unknown
from studie.ladder import coding
from studie.ladder.coding import LISTED, FloatArray, IntArray

SNAPSHOT: Final = 0
EXACT_TIME: Final = 1
EXACT_ENTRY: Final = 2
KINDS: Final[dict[Any, int]] = {
    "snapshot": SNAPSHOT,
    "exact_time": EXACT_TIME,
    "exact_entry": EXACT_ENTRY,
    1: SNAPSHOT,
    2: EXACT_TIME,
    3: EXACT_ENTRY,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Observations:
    """A panel of persons on steps, sorted by person and then by time, coded as integers.

    Row ``i`` says that a person was on a step (or on one of a set of steps) at a time. Two
    consecutive rows of one person are an interval; `starts` holds the rows that begin one.

    Attributes
    ----------
    person : int array, shape (n,)
        Code of the person, 0 .. n_persons - 1, never decreasing.
    time : float array, shape (n,)
        Time of the observation [`unit`], strictly increasing within a person.
    state : int array, shape (n,)
        Code of the state. A code below ``len(states)`` is a state; a code ``len(states) + j``
        is the set `sets[j]`: one of these states, not known which.
    kind : int array, shape (n,)
        How the row was observed: `SNAPSHOT` (on the state at this time), `EXACT_TIME` (no move
        between the previous row and this one; a different state was entered at this very time),
        `EXACT_ENTRY` (entered at this very time, the state just before unknown).
    states : tuple
        Labels of the states as the user gave them (integers, or text such as ``'3-4'``), in order.
    sets : tuple of tuples of int
        State codes in each set.
    persons : array, shape (n_persons,)
        Labels of the persons; a label occurs more than once after `resample`.
    covariates : DataFrame, shape (n, v)
        Values at the row; they hold from this row until the person's next one.
    weight : float array, shape (n_persons,), or None
        Weight of each person; None when every person counts once.
    counted : bool
        True when a weight is a number of equal persons or intervals (`from_intervals`): counts and events add it up.
    known : bool array, shape (n,), or None
        True where the state was seen without error (misclassification only).
    unit : str
        ``'month'`` when the times were dates (30.4375 days), otherwise ``'time unit'``.
    origin : Timestamp or None
        Date of time 0 when the times were dates.

    Notes
    -----
    Persons are assumed independent of each other. Everything is conditional on a person's first
    row, so late entry (left truncation) needs no correction as long as being seen first does not
    depend on what happens afterwards.
    """

    person: IntArray
    time: FloatArray
    state: IntArray
    kind: IntArray
    states: tuple[Hashable, ...]
    sets: tuple[tuple[int, ...], ...]
    persons: NDArray[Any]
    covariates: pd.DataFrame
    weight: FloatArray | None = None
    counted: bool = False
    known: NDArray[np.bool_] | None = None
    unit: str = "time unit"
    origin: pd.Timestamp | None = None

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.time)

    @property
    def n_persons(self) -> int:
        """Number of persons."""
        return len(self.persons)

    @cached_property
    def follows(self) -> NDArray[np.bool_]:
        """True at row i when row i + 1 is of the same person; shape (n - 1,)."""
        return self.person[1:] == self.person[:-1]

    @cached_property
    def starts(self) -> IntArray:
        """Rows that begin an interval: the next row is of the same person."""
        return np.flatnonzero(self.follows)

    @cached_property
    def first(self) -> IntArray:
        """First row of each person, shape (n_persons,)."""
        return np.concatenate(([0], np.flatnonzero(~self.follows) + 1)) if self.n else np.empty(0, int)

    @cached_property
    def labels(self) -> tuple[Hashable, ...]:
        """Label per state code: the states, then each set as ``'{a,b}'``."""
        return (*self.states, *(set_label(self.states, members) for members in self.sets))

    def code(self, label: Hashable, argument: str = "state") -> int:
        """Code of a state label; an unknown label is an error that names the nearest."""
        try:
            return self.states.index(label)
        except ValueError:
            raise unknown(argument, label, map(str, self.states)) from None


def set_label(states: Sequence[Hashable], members: Iterable[int]) -> str:
    """Label of a set of states, ``'{5,6}'``."""
    return "{" + ",".join(str(states[m]) for m in members) + "}"


def from_panel(
    frame: pd.DataFrame,
    *,
    person: str,
    time: str,
    state: str,
    states: Sequence[Hashable] | None = None,
    state_sets: Mapping[Hashable, Sequence[Hashable]] | None = None,
    exact_entry: Sequence[Hashable] = (),
    exact_times: bool = False,
    observation: str | None = None,
    covariates: Sequence[str] = (),
    weight: str | None = None,
    known: str | None = None,
    order: Literal["check", "sort"] = "check",
) -> Observations:
    """A checked panel: one row of `frame` is one observation of one person at one time.

    Parameters
    ----------
    frame : DataFrame
        One row per observation; it is not changed.
    person, time, state : str
        Columns. Dates (or text and periods that are dates) become months of 30.4375 days since the
        earliest date; a numeric time keeps its own unit. A state is an integer or text; text
        ``'{5,6}'`` is a set: one of these states, not known which.
    states : sequence, optional
        All states in their order. Default: those that occur, numbers by value, then words.
    state_sets : mapping, optional
        Codes that stand for a set, such as ``{99: [1, 2, 3]}``.
    exact_entry : sequence, optional
        States whose time of entry is exact while the state just before is unknown.
    exact_times : bool, default False
        True: every row is the exact time of a move (or the end of follow-up in an unchanged state).
    observation : str, optional
        Column with the kind per row: ``'snapshot'``, ``'exact_time'``, ``'exact_entry'`` (or msm's 1, 2, 3).
    covariates : sequence of str, optional
        Columns to carry; a value holds from its row until the person's next row.
    weight : str, optional
        Column with a weight that is constant within a person.
    known : str, optional
        Column that is 1 where the state was seen without error.
    order : {'check', 'sort'}, default 'check'
        ``'check'``: where the rows of each person stand together their dates must run forward, since
        a step back is nearly always a wrong date; rows of persons that are mixed carry no order and
        are sorted. ``'sort'``: always sort.

    Raises
    ------
    InputError
        A column is absent, a value is missing, dates run backwards or occur twice within a person
        (names the person and the rows, counted from 0), a weight differs within a person, or a
        label is not among `states`.
    """
    if order not in ("check", "sort"):
        raise unknown("order", order, ("check", "sort"))
    _require_columns(frame, [person, time, state, *covariates, *filter(None, (observation, weight, known))])
    if len(frame) == 0:
        raise InsufficientDataError("frame: at least one row is needed, got 0")
    codes, persons, together = coding.person_codes(frame[person], person)
    times, unit, origin = coding.times(frame[time], time)
    state_codes, labels, sets = coding.state_codes(frame[state], state, states, state_sets or {})
    kind = _kinds(frame, observation, EXACT_TIME if exact_times else SNAPSHOT)
    for label in exact_entry:
        if label in labels and not exact_times:
            kind[state_codes == labels.index(label)] = EXACT_ENTRY
    rows = _sorted_rows(codes, times, together and order == "check", persons, frame[time])

    def arranged(values: NDArray[Any]) -> NDArray[Any]:
        return values if rows is None else values[rows]

    table = frame[list(covariates)]
    known_rows = None if known is None else arranged(frame[known].to_numpy() == 1)
    observations = Observations(
        person=arranged(codes),
        time=arranged(times),
        state=arranged(state_codes),
        kind=arranged(kind),
        states=labels,
        sets=sets,
        persons=persons,
        covariates=(table if rows is None else table.iloc[rows]).reset_index(drop=True),
        known=known_rows,
        unit=unit,
        origin=origin,
    )
    if weight is None:
        return observations
    return replace(observations, weight=_person_weights(observations, arranged(frame[weight].to_numpy(float))))


def from_intervals(
    frame: pd.DataFrame,
    *,
    duration: str,
    origin: str,
    destination: str,
    count: str,
    covariates: Sequence[str] = (),
    states: Sequence[Hashable] | None = None,
    exact_entry: Sequence[Hashable] = (),
    unit: str = "time unit",
) -> Observations:
    """Observations from counted intervals, for panels that were collapsed elsewhere (`larger_than_memory`).

    Parameters
    ----------
    frame : DataFrame
        One row per kind of interval.
    duration, origin, destination, count : str
        Columns: time passed [`unit`], state at the start and at the end, number of such intervals [count].
    covariates, states, exact_entry
        As in `from_panel`; covariates hold during the interval.
    unit : str

    Raises
    ------
    InputError
        As `from_panel`; a duration is not positive.

    Notes
    -----
    Persons are no longer known, so `resample` draws intervals and prevalence over time has no meaning.
    """
    _require_columns(frame, [duration, origin, destination, count, *covariates])
    if not (frame[duration] > 0).all():
        raise InputError(f"{duration}: durations must be positive, got {frame[duration].min()}")
    n = len(frame)
    both = pd.concat([frame[list(covariates)]] * 2, ignore_index=True)
    both["person"] = np.tile(np.arange(n), 2)
    both["time"] = np.concatenate((np.zeros(n), frame[duration].to_numpy(float)))
    both["state"] = pd.concat([frame[origin], frame[destination]], ignore_index=True)
    both["count"] = np.tile(frame[count].to_numpy(float), 2)
    seen = from_panel(
        both,
        person="person",
        time="time",
        state="state",
        states=states,
        exact_entry=exact_entry,
        covariates=covariates,
        weight="count",
        order="sort",
    )
    return replace(seen, counted=True, unit=unit)


def resample(observations: Observations, rng: np.random.Generator) -> Observations:
    """A bootstrap sample of persons: as many as there are, drawn with replacement, with all their rows.

    Parameters
    ----------
    observations : Observations
    rng : numpy Generator
        The only source of randomness.
    """
    n = observations.n_persons
    return select(observations, rng.integers(n, size=n))


def select(observations: Observations, chosen: IntArray) -> Observations:
    """The panel of some persons, for held-out prediction or a region; a code may occur more than once.

    Parameters
    ----------
    observations : Observations
    chosen : int array
        Person codes, each with all its rows, in this order.
    """
    chosen = np.asarray(chosen, dtype=np.int64)
    lengths = np.bincount(observations.person, minlength=observations.n_persons)[chosen]
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    rows = np.arange(total) + np.repeat(observations.first[chosen] - (ends - lengths), lengths)
    return Observations(
        person=np.repeat(np.arange(len(chosen)), lengths),
        time=observations.time[rows],
        state=observations.state[rows],
        kind=observations.kind[rows],
        states=observations.states,
        sets=observations.sets,
        persons=observations.persons[chosen],
        covariates=observations.covariates.iloc[rows].reset_index(drop=True),
        weight=None if observations.weight is None else observations.weight[chosen],
        counted=observations.counted,
        known=None if observations.known is None else observations.known[rows],
        unit=observations.unit,
        origin=observations.origin,
    )


def events(observations: Observations) -> pd.DataFrame:
    """Observed consecutive pairs: how often a state was followed by a state, before any fit.

    Returns
    -------
    DataFrame, shape (states + sets, states + sets)
        Counts of intervals [count]; a row is where an interval starts, a column where it ends;
        the diagonal counts intervals that start and end on the same state.
    """
    size = len(observations.labels)
    pair = observations.state[:-1].astype(np.int32) * size + observations.state[1:]
    number = observations.weight if observations.counted else None
    each = None if number is None else number[observations.person[observations.starts]]
    flat = np.bincount(pair[observations.follows], weights=each, minlength=size * size)
    return pair_table(observations, flat.reshape(size, size))


def pair_table(observations: Observations, counts: NDArray[Any]) -> pd.DataFrame:
    """Counts of pairs of states with their labels, from × to."""
    names = pd.Index(observations.labels, dtype=object)
    whole = np.rint(counts).astype(np.int64)
    return pd.DataFrame(whole, index=names.rename("from_step"), columns=names.rename("to_step"))


def _require_columns(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    for column in columns:
        if column not in frame.columns:
            raise unknown("frame: column", column, map(str, frame.columns))


def _kinds(frame: pd.DataFrame, observation: str | None, default: int) -> IntArray:
    """Kind of observation per row, from a column or the same for all."""
    if observation is None:
        return np.full(len(frame), default, dtype=np.int8)
    words = frame[observation]
    for word in words.unique():
        if word not in KINDS:
            raise unknown(observation, word, (w for w in KINDS if isinstance(w, str)))
    return words.map(KINDS).to_numpy(np.int8)


def _sorted_rows(
    person: IntArray, time: FloatArray, in_order: bool, persons: NDArray[Any], shown: pd.Series
) -> IntArray | None:
    """Rows by person and time, None when they already are; refuses double or backward dates."""
    same = person[1:] == person[:-1]
    forward = time[1:] > time[:-1]
    if in_order:
        bad = np.flatnonzero(same & ~forward)
        if len(bad):
            raise _wrong_dates(bad, bad + 1, person, persons, shown)
    if bool((forward | (person[1:] > person[:-1])).all()) and bool((person[1:] >= person[:-1]).all()):
        return None
    rank, distinct = pd.factorize(time, sort=True)
    key = person.astype(np.int64) * len(distinct) + rank
    rows = np.argsort(key, kind="quicksort")
    key = key[rows]
    bad = np.flatnonzero(key[1:] == key[:-1])
    if len(bad):
        pairs = np.sort(np.column_stack((rows[bad], rows[bad + 1])), axis=1)
        raise _wrong_dates(pairs[:, 0], pairs[:, 1], person, persons, shown)
    return rows


def _wrong_dates(
    one: IntArray, other: IntArray, person: IntArray, persons: NDArray[Any], shown: pd.Series
) -> InputError:
    """Error with the person and the two rows of each date that is double or runs backwards."""
    problems = []
    for i, j in list(zip(one, other, strict=True))[:LISTED]:
        a, b = shown.iloc[int(i)], shown.iloc[int(j)]
        what = "the same date twice" if a == b else "dates that run backwards (order='sort' sorts them)"
        problems.append(
            f"time: dates must increase within a person, got {what}: "
            f"person {persons[person[i]]}, rows {i} and {j}, {a} and {b}"
        )
    if len(one) > LISTED:
        problems.append(f"time: {len(one) - LISTED} more such pairs of rows")
    return InputError(*problems)


def _person_weights(observations: Observations, weight: FloatArray) -> FloatArray:
    """Weight per person; refuses weights that are negative or differ within a person."""
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise InputError("weight: must be finite and not negative, got another value")
    differs = observations.follows & (weight[1:] != weight[:-1])
    if differs.any():
        label = observations.persons[observations.person[int(np.flatnonzero(differs)[0])]]
        raise InputError(f"weight: must be constant within a person, got two values for person {label}")
    return weight[observations.first]
