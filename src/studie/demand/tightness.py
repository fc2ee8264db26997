"""Tightness of the labour market: job seekers per open vacancy, and which sectors and regions are short of people.

Direction of reading: `jobseekers_per_vacancy` (VDAB) is tighter when it is **lower**; its inverse
`vacancies_per_jobseeker` (UWV) is tighter when it is **higher**. Open vacancies are a stock: months are averaged,
never summed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from studie.errors import InputError

LEVEL = 0.95
_CLASS_COLUMNS = ("class_nl", "vacancies_per_jobseeker_from", "vacancies_per_jobseeker_to")


@dataclass(frozen=True, kw_only=True)
class Tightness:
    """Tightness per group and period, both ways round.

    Attributes
    ----------
    table : DataFrame
        Keys, `period`, mean `jobseekers` and `vacancies` [count], `jobseekers_per_vacancy` and
        `vacancies_per_jobseeker` with `_lower, _upper`, `class_nl`, `months` that the mean is over.
    keys : tuple of str
        Key columns.
    level : float
        Coverage of the intervals, in (0, 1).
    n : int
        Rows of input used.
    """

    table: pd.DataFrame
    keys: tuple[str, ...]
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Long frame: keys, `period, class_nl` then `quantity, estimate, lower, upper, n, unit`; months without
        vacancies or job seekers have no ratio and no row.
        """
        parts = []
        for name, unit in (
            ("jobseekers_per_vacancy", "job seeker per vacancy"),
            ("vacancies_per_jobseeker", "vacancy per job seeker"),
        ):
            part = self.table[[*self.keys, "period", "class_nl"]].copy()
            part["quantity"] = name
            for column, source in (("estimate", name), ("lower", f"{name}_lower"), ("upper", f"{name}_upper")):
                part[column] = self.table[source]
            part["n"], part["unit"] = self.table["months"], unit
            parts.append(part.dropna(subset=["estimate"]))
        return pd.concat(parts, ignore_index=True)


def tightness(
    stocks: pd.DataFrame,
    classes: pd.DataFrame,
    *,
    keys: Sequence[str] = ("region", "occupation_group"),
    months: int = 12,
    level: float = LEVEL,
) -> Tightness:
    """Job seekers per open vacancy, as a ratio of means over the last `months` months.

    Parameters
    ----------
    stocks : DataFrame
        Keys, `period` (month), `jobseekers` and `vacancies` open at the end of the month [count].
    classes : DataFrame
        UWV's classes: `class_nl, vacancies_per_jobseeker_from, vacancies_per_jobseeker_to`; empty bounds are open.
    keys : sequence of str, default ("region", "occupation_group")
        Columns that tell series apart. Sectors do not work: job seekers have no sector.
    months : int, default 12
        Months in the mean.
    level : float, default 0.95
        Coverage, in (0, 1).

    Returns
    -------
    Tightness
        A period counts from the month in which `months` months are complete; without vacancies (or job seekers)
        in the whole window the ratio one way (both ways for neither) is missing and the class is "onbekend".

    Raises
    ------
    InputError
        Missing columns, negative stocks, two rows for one series and month, months missing inside a series,
        classes that overlap or leave a gap.

    Notes
    -----
    The interval treats the window's months as a first-order autoregression of the log ratio [1]_: stocks hardly
    move from month to month, so twelve months carry less than twelve months' information. Levels differ between
    sources (VDAB: all non-employed job seekers; UWV: benefits under six months), so classes made for the one
    are only indicative for the other.

    References
    ----------
    .. [1] Bayley, G. V. & Hammersley, J. M. (1946). The "effective" number of independent observations in an
       autocorrelated time series. Suppl. J. R. Stat. Soc. 8, 184-197.
    """
    columns = (*keys, "period", "jobseekers", "vacancies")
    absent = [name for name in columns if name not in stocks.columns]
    if absent:
        raise InputError(f"stocks: needs the columns {', '.join(columns)}, got no {', '.join(absent)}")
    if not 0 < level < 1:
        raise InputError(f"level: must be in (0, 1), got {level}")
    frame = stocks.loc[:, list(columns)].dropna(subset=["jobseekers", "vacancies"]).copy()
    if frame.empty:
        raise InputError("stocks: needs at least one row with both stocks, got none")
    negative = frame[(frame["jobseekers"] < 0) | (frame["vacancies"] < 0)]
    if len(negative):
        raise InputError(f"stocks: must be at least 0, got {negative.iloc[0].to_dict()}")
    frame["period"] = pd.PeriodIndex(frame["period"].astype(str), freq="M")
    twice = frame[frame.duplicated([*keys, "period"])]
    if len(twice):
        raise InputError(
            f"stocks: one row per series and month, got {twice.iloc[0][list(columns[:-2])].to_dict()} twice"
        )
    bounds = read_classes(classes)
    grouped = frame.groupby(list(keys), sort=True) if keys else [((), frame)]
    parts = [_windows(part.sort_values("period"), months=months, level=level) for _, part in grouped]
    table = pd.concat(parts, ignore_index=True)
    table["class_nl"] = [_class(value, bounds) for value in table["vacancies_per_jobseeker"]]
    return Tightness(table=table, keys=tuple(keys), level=level, n=len(frame))


def read_classes(classes: pd.DataFrame) -> pd.DataFrame:
    """Classes from low to high, checked to cover every ratio from 0 once."""
    absent = [name for name in _CLASS_COLUMNS if name not in classes.columns]
    if absent:
        raise InputError(f"classes: needs the columns {', '.join(_CLASS_COLUMNS)}, got no {', '.join(absent)}")
    low, high = _CLASS_COLUMNS[1:]
    found = classes.loc[:, list(_CLASS_COLUMNS)].copy()
    found[low], found[high] = found[low].fillna(0.0).astype(float), found[high].fillna(np.inf).astype(float)
    found = found.sort_values(low).reset_index(drop=True)
    joined = found[low].iloc[1:].to_numpy() == found[high].iloc[:-1].to_numpy()
    if found[low].iloc[0] != 0 or not np.isinf(found[high].iloc[-1]) or not joined.all():
        raise InputError(
            "classes: must cover all ratios from 0 without gap or overlap, got " + str(found.values.tolist())
        )
    return found


def _class(ratio: float, bounds: pd.DataFrame) -> str:
    """Class that holds a ratio; the lower bound belongs to the class."""
    if np.isnan(ratio):
        return "onbekend"
    low = bounds["vacancies_per_jobseeker_from"].to_numpy()
    return str(bounds["class_nl"].iloc[int(np.searchsorted(low, ratio, side="right")) - 1])


def _windows(rows: pd.DataFrame, *, months: int, level: float) -> pd.DataFrame:
    """Ratios of one series over moving windows."""
    steps = np.diff(rows["period"].map(lambda period: period.ordinal).to_numpy())
    if (steps > 1).any():
        at = rows["period"].iloc[int(np.argmax(steps > 1))]
        raise InputError(f"stocks: months must follow each other, got a gap after {at}")
    people, vacancies = rows["jobseekers"].to_numpy(float), rows["vacancies"].to_numpy(float)
    found = []
    for end in range(months, len(rows) + 1):
        window = slice(end - months, end)
        mean_people, mean_vacancies = people[window].mean(), vacancies[window].mean()
        half = _log_half_width(people[window], vacancies[window], level)
        ratio = mean_people / mean_vacancies if mean_vacancies > 0 else np.nan
        inverse = mean_vacancies / mean_people if mean_people > 0 else np.nan
        found.append(
            {
                "jobseekers": mean_people, "vacancies": mean_vacancies,
                "jobseekers_per_vacancy": ratio, "jobseekers_per_vacancy_lower": ratio * np.exp(-half),
                "jobseekers_per_vacancy_upper": ratio * np.exp(half), "vacancies_per_jobseeker": inverse,
                "vacancies_per_jobseeker_lower": inverse * np.exp(-half),
                "vacancies_per_jobseeker_upper": inverse * np.exp(half), "months": months,
            }
        )  # fmt: skip
    keys = rows.drop(columns=["jobseekers", "vacancies"]).iloc[months - 1 :].reset_index(drop=True)
    if not found:
        raise InputError(f"stocks: needs at least {months} months per series, got {len(rows)}")
    return pd.concat([keys, pd.DataFrame(found)], axis=1)


def _log_half_width(people: np.ndarray, vacancies: np.ndarray, level: float) -> float:
    """Half-width of the interval of the mean log ratio under a first-order autoregression."""
    usable = (people > 0) & (vacancies > 0)
    logs = np.log(people[usable] / vacancies[usable])
    n = logs.size
    if n < 3:
        return float(np.log(4.0))
    centred = logs - logs.mean()
    variance = float(centred @ centred) / (n - 1)
    if variance == 0:
        return 0.0
    # In short series the plain autocorrelation is too low by about (1 + 4 r) / n and the plain variance by
    # 1 / n_effective; .3 of a standard error on top keeps coverage near its level where months hardly differ.
    plain = float(centred[1:] @ centred[:-1] / (centred @ centred))
    correlation = min(max(plain + (1 + 4 * plain) / n + 0.3 / np.sqrt(n), 0.0), 0.9)
    effective = max(n * (1 - correlation) / (1 + correlation), 3.0)
    variance /= max(1 - (1 + correlation) / (1 - correlation) / n, 0.2)
    return float(stats.t.ppf((1 + level) / 2, effective - 1) * np.sqrt(variance / effective))


def shortage_sectors(
    quarters: pd.DataFrame,
    *,
    quarters_needed: int = 8,
    quarters_seen: int = 12,
    filled: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Knelpuntsectoren by the stated rule: vacancy rate above the regional average often enough, or hard to fill.

    Parameters
    ----------
    quarters : DataFrame
        `region, sector, period, vacancies, jobs` [count at the end of the quarter]; all sectors of a region, since
        their sum is the regional average.
    quarters_needed, quarters_seen : int, default 8 and 12
        Above the average in at least 8 of the last 12 quarters.
    filled : DataFrame, optional
        `region, sector, share` of vacancies filled (0-1); a share below the median over the region's sectors makes
        a shortage sector too.

    Returns
    -------
    DataFrame
        `region, sector, period` (first/last of the quarters seen), `quarters_above, quarters_known,
        below_median_filled, shortage_sector, reason` then `quantity, estimate, lower, upper, n, unit` (vacancy rate
        over the quarters seen, Wilson interval).
        `shortage_sector` is "ja", "nee" or, with fewer than `quarters_seen` quarters that cannot decide it,
        "onbekend".

    Raises
    ------
    InputError
        Missing columns, negative numbers, duplicate rows.

    Notes
    -----
    Vacancy rate = vacancies ÷ (jobs + vacancies). The sum over sectors includes the sector itself, as published
    averages do. The Wilson interval is on the mean stock and treats vacancies as independent.
    """
    needed = ["region", "sector", "period", "vacancies", "jobs"]
    absent = [name for name in needed if name not in quarters.columns]
    if absent:
        raise InputError(f"quarters: needs the columns {', '.join(needed)}, got no {', '.join(absent)}")
    frame = quarters.loc[:, needed].copy()
    if (frame[["vacancies", "jobs"]] < 0).any(axis=None):
        raise InputError("quarters: vacancies and jobs must be at least 0, got a negative number")
    if frame.duplicated(["region", "sector", "period"]).any():
        raise InputError("quarters: one row per region, sector and quarter, got one twice")
    latest: dict[Any, list[Any]] = {
        region: sorted(set(part["period"]))[-quarters_seen:] for region, part in frame.groupby("region")
    }
    frame = frame.dropna(subset=["vacancies", "jobs"])
    frame["rate"] = _rate(frame["vacancies"], frame["jobs"])
    total = frame.groupby(["region", "period"])[["vacancies", "jobs"]].transform("sum")
    frame["above"] = frame["rate"] > _rate(total["vacancies"], total["jobs"])
    rows = []
    for (region, sector), part in frame.groupby(["region", "sector"], sort=True):
        last = part[part["period"].isin(latest[region])]
        above, known = int(last["above"].sum()), len(last)
        low_fill = _low_fill(filled, region, sector)
        answer = _answer(above, known, quarters_needed, quarters_seen, low_fill)
        vacancies, jobs = float(last["vacancies"].mean()), float(last["jobs"].mean())
        estimate, lower, upper = _wilson(vacancies, vacancies + jobs)
        reason = f"{above} of {known} quarters above average"
        if low_fill is not None:
            reason += f"; filled share {'below' if low_fill else 'not below'} the median"
        rows.append(
            (
                region,
                sector,
                f"{latest[region][0]}/{latest[region][-1]}",
                above,
                known,
                low_fill,
                answer,
                reason,
                "vacancy rate",
                estimate,
                lower,
                upper,
                known,
                "share",
            )
        )
    names = ["region", "sector", "period", "quarters_above", "quarters_known"]
    names += ["below_median_filled", "shortage_sector", "reason"]
    return pd.DataFrame(rows, columns=[*names, "quantity", "estimate", "lower", "upper", "n", "unit"])


def _rate(vacancies: pd.Series, jobs: pd.Series) -> pd.Series:
    """Vacancies over jobs and vacancies; 0 where there are neither."""
    return (vacancies / (vacancies + jobs).where(vacancies + jobs > 0)).fillna(0.0)


def _low_fill(filled: pd.DataFrame | None, region: object, sector: object) -> bool | None:
    """Whether a sector's filled share lies below the median of its region; None where unknown."""
    if filled is None:
        return None
    here = filled[(filled["region"] == region) & filled["share"].notna()]
    own = here.loc[here["sector"] == sector, "share"]
    if own.empty or len(here) < 2:
        return None
    return bool(own.iloc[0] < here["share"].median())


def _answer(above: int, known: int, needed: int, seen: int, low_fill: bool | None) -> str:
    """Ja, nee or onbekend: unknown quarters decide nothing."""
    if above >= needed or low_fill:
        return "ja"
    return "nee" if above + (seen - known) < needed else "onbekend"


def _wilson(successes: float, total: float, level: float = LEVEL) -> tuple[float, float, float]:
    """Share with Wilson's interval."""
    if total <= 0:
        return 0.0, 0.0, 1.0
    z = float(stats.norm.ppf((1 + level) / 2))
    share = successes / total
    centre = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    return share, max(float(centre - half), 0.0), min(float(centre + half), 1.0)


def shortage_regions(
    yearly: pd.DataFrame, *, reference: str, years_needed: int = 3, years_seen: int = 4
) -> pd.DataFrame:
    """Knelpuntregio's by the stated rule: tighter than the province in at least 3 of the last 4 years.

    Parameters
    ----------
    yearly : DataFrame
        `region, year, jobseekers_per_vacancy` [job seekers per open vacancy, twelve-month mean]; **lower is
        tighter**.
    reference : str
        Region to compare with (the province).
    years_needed, years_seen : int, default 3 and 4
        Below the reference in at least 3 of the last 4 years.

    Returns
    -------
    DataFrame
        `region, years_below, years_known, shortage_region, reason` then `quantity, estimate, lower, upper, n,
        unit`: the latest ratio to the reference, with the range over the years seen. "onbekend" where missing
        years could decide it.

    Raises
    ------
    InputError
        Missing columns, no rows for the reference, duplicate rows.
    """
    needed = ["region", "year", "jobseekers_per_vacancy"]
    absent = [name for name in needed if name not in yearly.columns]
    if absent:
        raise InputError(f"yearly: needs the columns {', '.join(needed)}, got no {', '.join(absent)}")
    if yearly.duplicated(["region", "year"]).any():
        raise InputError("yearly: one row per region and year, got one twice")
    wide = yearly.pivot_table(index="year", columns="region", values="jobseekers_per_vacancy").sort_index()
    if reference not in wide:
        raise InputError(f"reference: must be a region of the table, got {reference!r}")
    wide = wide.tail(years_seen)
    rows = []
    for region in [one for one in wide.columns if one != reference]:
        ratio = (wide[region] / wide[reference]).dropna()
        below, known = int((ratio < 1).sum()), len(ratio)
        answer = _answer(below, known, years_needed, years_seen, None)
        figures = (float(ratio.iloc[-1]), float(ratio.min()), float(ratio.max())) if known else (float("nan"),) * 3
        reason = f"{below} of {known} years tighter than {reference}"
        rows.append((region, below, known, answer, reason, "ratio to reference", *figures, known, "1"))
    names = ["region", "years_below", "years_known", "shortage_region", "reason"]
    return pd.DataFrame(rows, columns=[*names, "quantity", "estimate", "lower", "upper", "n", "unit"])
