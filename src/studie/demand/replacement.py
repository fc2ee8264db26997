"""Expansion and replacement demand, apart, from employment by age band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from studie.errors import InputError

LEVEL = 0.95
UNKNOWN = "onbekend"


@dataclass(frozen=True, kw_only=True)
class LabourDemand:
    """Expansion and replacement demand per sector.

    Attributes
    ----------
    table : DataFrame
        Keys, `component` ("expansion", "replacement", "replacement 55+", "replacement under 55"), `status`
        ("estimated" or "onbekend"), `estimate, lower, upper` [persons a year], `n` (yearly differences).
    keys : tuple of str
        Key columns.
    level : float
        Coverage, in (0, 1).
    n : int
        Rows of employment used.
    """

    table: pd.DataFrame
    keys: tuple[str, ...]
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Long frame: keys, `status` then `quantity, estimate, lower, upper, n, unit`; unknown has no figures."""
        frame = self.table.rename(columns={"component": "quantity"}).assign(unit="person a year")
        return frame[[*self.keys, "status", "quantity", "estimate", "lower", "upper", "n", "unit"]]


def labour_demand(
    employment: pd.DataFrame,
    *,
    keys: Sequence[str] = ("region", "sector"),
    band_years: int = 5,
    level: float = LEVEL,
) -> LabourDemand:
    """Expansion demand (change in jobs) and replacement demand (net outflow of cohorts), persons a year.

    Parameters
    ----------
    employment : DataFrame
        Keys, `year`, `persons` and, for replacement, `age_from` (first age of a band of `band_years` years; the
        last band is open). Without `age_from`, or with fewer than two years `band_years` apart, replacement is
        "onbekend", not 0.
    keys : sequence of str, default ("region", "sector")
        Columns that tell series apart.
    band_years : int, default 5
        Width of the age bands [years].
    level : float, default 0.95
        Coverage, in (0, 1).

    Returns
    -------
    LabourDemand

    Raises
    ------
    InputError
        Missing columns, negative persons, duplicate rows.

    Notes
    -----
    The cohort aged a … a+4 in year t is aged a+5 … a+9 in t+5; a fall is net outflow, a rise (inflow) does not
    count against it [1]_. Outflow below and from 55 is shown apart: the latter is mostly retirement. Net flows
    understate gross ones: people who leave and are replaced within a cohort are not seen, nor is movement
    between sectors told apart from leaving work. The interval is Student's over yearly differences (expansion) or
    over starting years; with one difference it is the Poisson interval of the number.

    References
    ----------
    .. [1] Willems, E. & de Grip, A. (1993). Forecasting replacement demand by occupation and education. Int. J.
       Forecasting 9, 173-185.
    """
    needed = [*keys, "year", "persons"]
    absent = [name for name in needed if name not in employment.columns]
    if absent:
        raise InputError(f"employment: needs the columns {', '.join(needed)}, got no {', '.join(absent)}")
    if (employment["persons"] < 0).any():
        raise InputError(f"employment: persons must be at least 0, got {employment['persons'].min()}")
    aged = "age_from" in employment.columns
    if employment.duplicated([*needed[:-1], *(["age_from"] if aged else [])]).any():
        raise InputError("employment: one row per series, year and age band, got one twice")
    if not 0 < level < 1:
        raise InputError(f"level: must be in (0, 1), got {level}")
    rows: list[dict[str, object]] = []
    for key, part in employment.groupby(list(keys), sort=True):
        labels = dict(zip(keys, key, strict=True))
        total = part.groupby("year")["persons"].sum(min_count=1).sort_index()
        yearly = total.diff().to_numpy()[1:] / np.diff(total.index.to_numpy())
        rows.append(labels | _component("expansion", yearly, level))
        outflow = _outflow(part, band_years) if aged else np.zeros((0, 2))
        for name, values in (
            ("replacement", outflow.sum(axis=1)),
            ("replacement 55+", outflow[:, 1]),
            ("replacement under 55", outflow[:, 0]),
        ):
            rows.append(labels | _component(name, values, level, least=0.0))
    return LabourDemand(table=pd.DataFrame(rows), keys=tuple(keys), level=level, n=len(employment))


def _outflow(part: pd.DataFrame, band_years: int) -> np.ndarray:
    """Net outflow a year below and from 55, one row per starting year."""
    wide = part.pivot_table(index="year", columns="age_from", values="persons", aggfunc="sum").sort_index()
    found = []
    ages = [int(age) for age in wide.columns]
    years = [int(year) for year in wide.index]
    for year in years:
        if year + band_years not in years:
            continue
        now, later = wide.loc[year], wide.loc[year + band_years]
        sums = [0.0, 0.0]
        for age in ages:
            after = age + band_years
            if age == ages[-1]:
                # The open last band: those still there in the last band came from it or from the band before.
                continue
            if after not in ages:
                continue
            start = now[age] + (now[ages[-1]] if after == ages[-1] else 0.0)
            fall = start - later[after]
            if np.isfinite(fall):
                sums[int(age >= 55)] += max(float(fall), 0.0) / band_years
        found.append(sums)
    return np.array(found).reshape(-1, 2)


def _component(name: str, values: np.ndarray, level: float, least: float = -np.inf) -> dict[str, object]:
    """Mean with interval, or onbekend."""
    values = values[np.isfinite(values)]
    n = len(values)
    if n == 0:
        return {"component": name, "status": UNKNOWN, "estimate": np.nan, "lower": np.nan, "upper": np.nan, "n": 0}
    estimate = float(values.mean())
    z = float(stats.norm.ppf((1 + level) / 2))
    half = z * float(np.sqrt(max(abs(estimate), 1.0)))
    if n > 1:
        half = max(half / np.sqrt(n), float(stats.t.ppf((1 + level) / 2, n - 1) * values.std(ddof=1) / np.sqrt(n)))
    return {
        "component": name, "status": "estimated", "estimate": estimate, "lower": max(estimate - half, least),
        "upper": estimate + half, "n": n,
    }  # fmt: skip
