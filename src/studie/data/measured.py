"""A measured indicator: its value, the rows behind it, and the computation that gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

TENS = 10  # exact numbers of persons are printed by the chapters that register them, not here
TIMES = ("date", "period", "year")
ROUNDED = "naar beneden afgerond op tientallen"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Value of one indicator and the rows it was computed from.

    Attributes
    ----------
    estimate, lower, upper : float
        Value and the bounds of its interval; nan without one.
    n : float
        Persons or moves behind it [count]; nan where it is not about persons.
    unit : str
        Unit of the value.
    statuses : dict
        Table → statuses of the rows used.
    period, region, remark : str
        What the value is about, where that is not the region of the study as a whole; '' where nothing is said.
    """

    estimate: float
    unit: str
    statuses: Mapping[str, frozenset[str]]
    lower: float = np.nan
    upper: float = np.nan
    n: float = np.nan
    period: str = ""
    region: str = ""
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class Number:
    """What a computation answers: the value, bounds where some of it is unknown, and how many persons it is about."""

    estimate: float
    lower: float = np.nan
    upper: float = np.nan
    n: float = np.nan
    used: Sequence[pd.DataFrame] = field(default=())


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A computation, the tables that it reads in that order, and the unit of its answer.

    `compute` takes the municipalities of the region and the tables; it answers None where nothing is known. The value
    is unknown without rows of the first table, or of all where each table counts `alone`.
    """

    tables: tuple[str, ...]
    unit: str
    compute: Callable[..., Number | None]
    alone: bool = False
    remark: str = ""

    def of(self, frames: Mapping[str, pd.DataFrame], refnis: Sequence[int]) -> Measured | None:
        """Value in these tables, or None where they hold nothing for it."""
        read = [frames[name] for name in self.tables]
        needed = read if self.alone else read[:1]
        found = None if all(rows.empty for rows in needed) else self.compute(refnis, *read)
        if found is None:
            return None
        used = found.used or read
        statuses = {
            name: frozenset(rows["data_status"]) for name, rows in zip(self.tables, used, strict=True) if len(rows)
        }
        return Measured(
            estimate=found.estimate,
            lower=found.lower,
            upper=found.upper,
            n=found.n,
            unit=self.unit,
            statuses=statuses,
            period=_period(used[0]),
            remark=self.remark,
        )


def headcount(people: float) -> float:
    """Persons behind a value as they may stand beside it: cut to tens; fewer than ten as they are, to be hidden."""
    return people if people < TENS else people // TENS * TENS


def _period(rows: pd.DataFrame) -> str:
    """Day, period or year of the rows, `../last` where they have several; '' where they have none."""
    times = next((rows[name].dropna() for name in TIMES if name in rows), pd.Series(dtype=object))
    if times.empty:
        return ""
    first, last = str(times.min())[:10], str(times.max())[:10]
    return last if first == last else f"../{last}"
