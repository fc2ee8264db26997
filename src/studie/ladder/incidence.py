"""Cumulative incidence of competing events since a clock was set, with variance clustered by person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown
from studie.ladder.intervals import LEVEL, Floats, check_level, effective_trials, exact

TOLERANCE = 0.1


@dataclass(frozen=True, kw_only=True)
class Spells:
    """Durations until the first of several competing events, or until the last time the person was seen.

    Attributes
    ----------
    duration : ndarray, shape (n,)
        Time since the clock was set [time units].
    cause : ndarray of str, shape (n,)
        Name of the event; the empty string when none was seen.
    person : ndarray of int, shape (n,)
        Code of the person: spells of one person are not independent.
    """

    duration: Floats
    cause: np.ndarray
    person: np.ndarray

    def chosen(self, rows: np.ndarray) -> Spells:
        """The spells of some rows."""
        return Spells(duration=self.duration[rows], cause=self.cause[rows], person=self.person[rows])


@dataclass(frozen=True, kw_only=True)
class CumulativeIncidence:
    """Probability that each competing event has happened, by time since the clock was set.

    Attributes
    ----------
    table : DataFrame
        One row per group, time and quantity: the group columns, `time` [time units], quantity, estimate, se, lower,
        upper, n [spells], persons, cell_persons (distinct, with an event by then), events, at_risk, unit.
        nan once nobody is followed that long.
    by : tuple of str
        Group columns.
    level : float
        Coverage of each interval.
    n : int
        Spells in all [count].
    persons : int
        Persons behind them [count].
    left_truncated : int
        Persons first seen above the lowest step: the move that brought them there was not seen and is not counted.
    undecided : int
        Spells with an observation that could be below the reached step or not (a state set); it is read as not below.
    """

    sums: ClassVar[dict[str, tuple[str, ...]]] = {
        "relapse_if_all_out_of_sight": ("relapse", "out_of_sight"),
        "lasting_if_all_out_of_sight": ("lasting",),
        "event_free": (),
    }

    table: pd.DataFrame
    by: tuple[str, ...]
    level: float
    n: int
    persons: int
    left_truncated: int = 0
    undecided: int = 0

    def to_frame(self) -> pd.DataFrame:
        """One row per group, time and quantity, with persons, cell_persons and the six columns of every result."""
        values = ["quantity", "estimate", "lower", "upper", "n", "unit"]
        return self.table[[*self.by, "time", "persons", "cell_persons", *values]].copy()

    def at(self, quantity: str, time: float) -> pd.DataFrame:
        """The rows of one quantity at one time."""
        table = self.table
        return table[(table["quantity"] == quantity) & np.isclose(table["time"], time)].reset_index(drop=True)


def incidence_table(
    spells: Spells,
    *,
    times: Sequence[float],
    quantities: dict[str, Sequence[str]],
    complement: Sequence[str] = (),
    level: float = LEVEL,
    tolerance: float = TOLERANCE,
) -> pd.DataFrame:
    """Aalen-Johansen cumulative incidence at chosen times, one group.

    Parameters
    ----------
    spells : Spells
        Durations with their first event.
    times : sequence of float
        Times since the clock was set [time units].
    quantities : dict
        Name → causes that are counted together.
    complement : sequence of str
        Names in `quantities` that are given as one minus the sum (e.g. lasting = none of the events).
    level : float, default 0.95
        Coverage of each interval.
    tolerance : float, default 0.1
        An event up to this much later than a time still counts as within it: calendar months are not all equally
        long.

    Returns
    -------
    DataFrame
        Columns time, quantity, estimate, se, lower, upper, n, persons, cell_persons, events, at_risk, unit.

    Raises
    ------
    InputError
        If a time is not positive or `level` is outside (0, 1).

    Notes
    -----
    F_c(h) = Σ_{u ≤ h} S(u−) ΔN_c(u)/Y(u), S the product-limit estimate of no event at all [1]_. The variance is the
    sum over persons of squared influences (infinitesimal jackknife) [2]_, times m/(m−1), so several spells of one
    person and any dependence between them are allowed for. The interval is the exact binomial one at the effective
    number F(1−F)/Var, at most the number of persons [3]_; with no events at all it is the harmonic mean of persons
    at risk. Assumes that the end of observation says nothing about what would have followed.

    References
    ----------
    .. [1] Aalen, O. O. & Johansen, S. (1978). Scand. J. Stat. 5(3), 141-150.
    .. [2] Efron, B. (1982). The Jackknife, the Bootstrap and Other Resampling Plans, ch. 6; clustered as in
       Lee, E. W., Wei, L. J. & Amato, D. A. (1992). In: Survival Analysis: State of the Art, 237-247.
    .. [3] Korn, E. L. & Graubard, B. I. (1998). Survey Methodology 24(2), 193-201.
    """
    check_level(level)
    if any(time <= 0 for time in times):
        raise InputError(f"times: must be positive, got {list(times)}")
    life = _LifeTable.of(spells)
    rows = []
    for time in times:
        for name, causes in quantities.items():
            flip = name in complement
            estimate, variance, events = life.incidence(causes, time + tolerance)
            followed = life.followed(time - tolerance)
            trials = life.information(time + tolerance) if events == 0 else len(spells.duration)
            effective = effective_trials(estimate, variance, trials)
            low, high = exact(estimate * effective, effective, level=level)
            if not followed:
                estimate, variance, low, high = (np.nan,) * 4  # type: ignore[assignment]
            bounds = (1 - float(high), 1 - float(low)) if flip else (float(low), float(high))
            values = (1 - estimate if flip else estimate, np.sqrt(variance), *bounds)
            with_event = life.persons_with(causes, time + tolerance)
            seen = (
                len(spells.duration),
                life.persons,
                with_event,
                events,
                life.at_risk(time - tolerance),
                "probability",
            )
            rows.append((float(time), name, *values, *seen))
    told = ["time", "quantity", "estimate", "se", "lower", "upper"]
    behind = ["n", "persons", "cell_persons", "events", "at_risk", "unit"]
    return pd.DataFrame(rows, columns=[*told, *behind])


def grouped_incidence(spells: Spells, groups: pd.DataFrame, *, by: Sequence[str], **options: object) -> pd.DataFrame:
    """`incidence_table` per group; `groups` has one row per spell and the columns of `by`."""
    if not by:
        return incidence_table(spells, **options)  # type: ignore[arg-type]
    parts = []
    for key, rows in groups.groupby(list(by), observed=True, sort=True, dropna=False).indices.items():
        table = incidence_table(spells.chosen(rows), **options)  # type: ignore[arg-type]
        values: tuple[object, ...] = key if isinstance(key, tuple) else (key,)
        for position, (name, value) in enumerate(zip(by, values, strict=True)):
            table.insert(position, name, [value] * len(table))
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def cumulative_incidence(
    frame: pd.DataFrame,
    *,
    duration: str,
    cause: str,
    person: str,
    times: Sequence[float],
    by: str | Sequence[str] = (),
    tolerance: float = 0.0,
    level: float = LEVEL,
) -> CumulativeIncidence:
    """Probability that each of several competing events has happened by some times.

    Parameters
    ----------
    frame : DataFrame
        One row per spell.
    duration : str
        Column with the time until the first event, or until the spell was last seen [time units].
    cause : str
        Column with the name of the event; missing or empty when none was seen.
    person : str
        Column naming the person; spells of one person are not independent.
    times : sequence of float
        Times since the clock was set [time units].
    by : str or sequence of str
        Group columns.
    tolerance : float, default 0
        An event up to this much later than a time still counts as within it.
    level : float, default 0.95
        Coverage of each interval.

    Returns
    -------
    CumulativeIncidence
        One quantity per cause, and `event_free`.

    Raises
    ------
    InputError
        If a column is missing, a duration is missing or negative, or a time is not positive.

    Notes
    -----
    As in `incidence_table`.
    """
    keys = (by,) if isinstance(by, str) else tuple(by)
    for column in (duration, cause, person, *keys):
        if column not in frame.columns:
            raise unknown("frame: column", column, map(str, frame.columns))
    length = frame[duration].to_numpy(float)
    if not (np.isfinite(length) & (length >= 0)).all():
        raise InputError(
            f"duration: must be known and not negative, got {np.nanmin(length) if len(length) else 'none'}"
        )
    names = frame[cause].astype(object).where(frame[cause].notna(), "").astype(str).to_numpy()
    spells = Spells(duration=length, cause=names.astype(str), person=pd.factorize(frame[person])[0])
    causes = sorted(set(names) - {""})
    table = grouped_incidence(
        spells, frame[list(keys)].reset_index(drop=True), by=keys, times=list(times),
        quantities={**{name: (name,) for name in causes}, "event_free": causes}, complement=("event_free",),
        level=level, tolerance=tolerance,
    )  # fmt: skip
    return CumulativeIncidence(table=table, by=keys, level=level, n=len(frame), persons=int(frame[person].nunique()))


@dataclass(frozen=True, kw_only=True)
class _LifeTable:
    """Events and persons at risk at every distinct event time, with each spell's place in it."""

    spells: Spells
    times: Floats
    risk: Floats
    hazard: Floats
    survival_before: Floats
    position: np.ndarray
    persons: int

    @classmethod
    def of(cls, spells: Spells) -> _LifeTable:
        """Count events and persons at risk."""
        happened = spells.cause != ""
        times, counts = np.unique(spells.duration[happened], return_counts=True)
        ordered = np.sort(spells.duration)
        risk = len(ordered) - np.searchsorted(ordered, times, side="left").astype(float)
        hazard = counts / risk
        survival = np.cumprod(1 - hazard)
        return cls(
            spells=spells,
            times=times,
            risk=risk,
            hazard=hazard,
            survival_before=np.concatenate([[1.0], survival[:-1]]) if len(times) else np.array([]),
            position=np.searchsorted(times, spells.duration, side="right"),
            persons=len(np.unique(spells.person)),
        )

    def at_risk(self, time: float) -> int:
        """Spells still followed at a time."""
        return int((self.spells.duration >= time).sum())

    def followed(self, time: float) -> bool:
        """Whether the estimate is known at a time: somebody is at risk, or all have had an event."""
        return len(self.spells.duration) > 0 and (
            self.at_risk(time) > 0 or (len(self.times) > 0 and self.hazard[-1] == 1)
        )

    def information(self, time: float) -> float:
        """Harmonic mean of the persons at risk until a time: what a first event would have weighed."""
        spells = self.spells
        last = pd.Series(spells.duration).groupby(spells.person).max().to_numpy()
        grid = np.linspace(0, time, 25)[1:]
        at_risk = np.maximum(len(last) - np.searchsorted(np.sort(last), 0.99 * grid, side="left"), 1)
        return float(len(grid) / np.sum(1 / at_risk)) if len(last) else 0.0

    def persons_with(self, causes: Sequence[str], until: float) -> int:
        """Distinct persons with an event of some causes by a time."""
        of_cause = np.isin(self.spells.cause, list(causes)) & (self.spells.duration <= until)
        return len(np.unique(self.spells.person[of_cause]))

    def incidence(self, causes: Sequence[str], until: float) -> tuple[float, float, int]:
        """Cumulative incidence of some causes, its clustered variance and the events behind it."""
        spells, inside = self.spells, self.times <= until
        of_cause = np.isin(spells.cause, list(causes)) & (spells.duration <= until)
        events = np.bincount(self.position[of_cause] - 1, minlength=len(self.times)).astype(float)
        step = self.survival_before * events / self.risk
        total = float(step.sum())
        # what each spell at risk at a time loses there, and what an event of any kind takes from the future
        later = np.where(inside, total - np.cumsum(step), 0.0)
        survive = np.where(self.hazard < 1, 1 - self.hazard, 1.0)
        lost = np.concatenate([[0.0], np.cumsum(np.where(inside, step / self.risk, 0.0))])
        regained = np.concatenate([[0.0], np.cumsum(later * self.hazard / (self.risk * survive))])
        influence = regained[self.position] - lost[self.position]
        happened = (spells.cause != "") & (spells.duration <= until)
        place = self.position[happened] - 1
        influence[happened] -= later[place] / (self.risk[place] * survive[place])
        place = self.position[of_cause] - 1
        influence[of_cause] += self.survival_before[place] / self.risk[place]
        by_person = np.bincount(spells.person, weights=influence)
        m = self.persons
        variance = float(np.square(by_person).sum()) * (m / (m - 1) if m > 1 else 1.0)
        return total, variance, int(of_cause.sum())
