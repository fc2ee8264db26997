"""What levers cost year by year: published and assumed cost apart, and the levers of which no cost is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InputError
from studie.strategy.levers import Lever

YEAR = 12


@dataclass(frozen=True, kw_only=True)
class Outlay:
    """Cost of levers per year from their start.

    Attributes
    ----------
    table : DataFrame
        `lever`, `year` (1, 2, …), `status` (`stated`, `assumed`, `unknown`) and `estimate` [euro], missing where not
        known.
    n : int
        Levers.
    """

    table: pd.DataFrame
    n: int
    level: None = None

    def total(self, *statuses: str, year: int | None = None) -> float:
        """Cost of the levers whose cost has one of these statuses, in one year or in all [euro]."""
        rows = self.table[self.table["status"].isin(statuses)]
        return float((rows if year is None else rows[rows["year"] == year])["estimate"].sum())

    def levers(self, *statuses: str) -> list[str]:
        """Levers whose cost has one of these statuses."""
        return list(dict.fromkeys(self.table[self.table["status"].isin(statuses)]["lever"]))

    def to_frame(self) -> pd.DataFrame:
        """Keys `lever, year, status`, then the six columns of every result; an amount has no interval."""
        return self.table.assign(quantity="outlay", lower=np.nan, upper=np.nan, n=np.nan, unit="euro")[
            ["lever", "year", "status", "quantity", "estimate", "lower", "upper", "n", "unit"]
        ]


def outlay(levers: Sequence[Lever], *, years: int = 5) -> Outlay:
    """Cost of each lever in each year.

    Parameters
    ----------
    levers : sequence of Lever
    years : int, default 5
        Years from the first month, at least 1.

    Raises
    ------
    InputError
        Without levers or years.

    Notes
    -----
    A cost follows the ramp: half of the places is half of the cost. Nothing is added for a lever without a cost, and a
    published cost is not mixed with an assumed one: that is left to who reads the two apart.
    """
    if not levers or years < 1:
        raise InputError(f"levers, years: needs at least one of each, got {len(levers)} and {years}")
    rows = [
        {
            "lever": one.name,
            "year": year + 1,
            "status": "unknown" if one.cost is None else one.cost.status,
            "estimate": one.spending(range(year * YEAR, (year + 1) * YEAR)),
        }
        for one in levers
        for year in range(years)
    ]
    return Outlay(table=pd.DataFrame(rows), n=len(levers))
