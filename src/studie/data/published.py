"""Published figures as a result: one series of an indicator per region, as its source states it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from studie.errors import InputError, unknown


@dataclass(frozen=True, kw_only=True)
class Published:
    """Figures that others counted and published; they carry no interval of ours.

    Attributes
    ----------
    values : DataFrame
        Columns `indicator_id, region, period, value, unit`, one row per published figure, in order of period.
    unit : str
        Unit of every value.
    n : int
        Number of figures [count].
    level : None
        No interval, so no coverage.
    """

    adds_up: ClassVar[tuple[str, ...]] = ("quantity", "period")  # parts and their total

    values: pd.DataFrame
    unit: str
    n: int
    level: None = None

    def last(self, indicator_id: str, region: str) -> tuple[str, float]:
        """Period and value of the newest figure of an indicator in a region."""
        row = self.values.query("indicator_id == @indicator_id and region == @region").iloc[-1]
        return str(row["period"]), float(row["value"])

    def to_frame(self) -> pd.DataFrame:
        """Keys `region, period`, then the six columns of every result; bounds and n are unknown."""
        return pd.DataFrame(
            {
                "region": self.values["region"],
                "period": self.values["period"],
                "quantity": self.values["indicator_id"],
                "estimate": self.values["value"].astype(float),
                "lower": float("nan"),
                "upper": float("nan"),
                "n": float("nan"),
                "unit": self.values["unit"],
            }
        ).reset_index(drop=True)


def published(indicator: pd.DataFrame, *, ids: Sequence[str], regions: Sequence[str] | None = None) -> Published:
    """Published figures of some indicators, exactly as their source states them; hidden ones are left out.

    Parameters
    ----------
    indicator : DataFrame
        Rows of the table `indicator`.
    ids : sequence of str
        Indicators to take; all must have the same unit.
    regions : sequence of str, optional
        Region codes to take, in this order; default all that have figures.

    Raises
    ------
    InputError
        For an indicator that is not there or of which no figure is known, or units that differ.
    """
    for name in ids:
        if name not in set(indicator["indicator_id"]):
            raise unknown("ids", name, indicator["indicator_id"].unique())
    rows = indicator[indicator["indicator_id"].isin(ids)]
    if regions is not None:
        rows = rows[rows["region"].isin(regions)]
    units = rows["unit"].unique()
    if len(units) != 1:
        raise InputError(f"ids: must share one unit, got {', '.join(map(str, units)) or 'no rows'}")
    known = rows[rows["value"].notna()]
    if known.empty:
        raise InputError(f"ids: must have a figure that is known, got only hidden ones of {', '.join(ids)}")
    values = known.sort_values(["indicator_id", "region", "period"], kind="stable").reset_index(drop=True)
    return Published(values=values, unit=str(units[0]), n=len(values))
