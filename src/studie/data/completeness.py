"""What is missing: how old and how full each table is, where series break, and what to ask whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.data.catalogue import Table
from studie.data.definitions import CONTRACTS
from studie.data.quality import CODE_LISTS, OfferCoverage

STATUS_ORDER = ("own", "observed", "demonstration")


@dataclass(frozen=True, kw_only=True)
class Completeness:
    """How fresh and how full each table of the study is.

    Attributes
    ----------
    tables : DataFrame, index table
        `title`; `data_status`: the statuses of its rows joined by +, '' without rows; `last_period`: the last one,
        '' where the rows have no time; `rows` [count]; `empty_share`: cells without a value among those that may be
        empty [share]; `months_before`: from the last period to the reference date, negative where the data run on
        [months].
    n : int
        Tables [count].
    """

    tables: pd.DataFrame
    n: int
    level: None = None

    @property
    def unknown(self) -> list[str]:
        """Titles of tables without any row."""
        return self.tables.loc[self.tables["rows"] == 0, "title"].tolist()

    @property
    def only_demonstration(self) -> list[str]:
        """Titles of tables with nothing but demonstration rows."""
        return self.tables.loc[self.tables["data_status"] == "demonstration", "title"].tolist()

    def to_frame(self) -> pd.DataFrame:
        """Keys `table, data_status, rows`, then the six columns of every result; there is no sample size."""
        quantities = {"empty_share": "share", "months_before": "months"}
        long = self.tables.reset_index().melt(
            id_vars=["table", "data_status", "rows"],
            value_vars=list(quantities),
            var_name="quantity",
            value_name="estimate",
        )
        return long.assign(
            estimate=long["estimate"].astype(float),
            lower=np.nan,
            upper=np.nan,
            n=np.nan,
            unit=long["quantity"].map(quantities),
        )[["table", "data_status", "rows", "quantity", "estimate", "lower", "upper", "n", "unit"]]


def completeness(tables: Sequence[Table], *, reference_date: str) -> Completeness:
    """How fresh and how full tables are, code lists left out.

    Parameters
    ----------
    tables : sequence of Table
        As the catalogue reads them.
    reference_date : str
        Day YYYY-MM-DD against which the age is measured.

    Raises
    ------
    ValueError
        Without any table that is more than a code list.
    """
    wanted = [table for table in tables if not _code_list(table)]
    if not wanted:
        raise ValueError("tables: need at least one table that is more than a code list, got none")
    rows = [_completeness_row(table, reference_date) for table in wanted]
    return Completeness(tables=pd.DataFrame(rows).set_index("table"), n=len(rows))


def _code_list(table: Table) -> bool:
    """Whether all rows of a table come from the lists of codes and borders."""
    return bool(table.datasets) and all(d.file.startswith(CODE_LISTS) for d in table.datasets)


def _completeness_row(table: Table, reference_date: str) -> dict[str, object]:
    """Freshness and fullness of one table."""
    contract = CONTRACTS[table.name]
    optional = [c.name for c in contract.columns if not c.required]
    cells = table.frame[optional]
    empty = (cells.isna() | (cells.astype(object) == "")).to_numpy(bool)
    found = {d.data_status for d in table.datasets}
    last = max((d.last_period for d in table.datasets), default="")
    return {
        "table": table.name,
        "title": contract.title,
        "data_status": "+".join(s for s in STATUS_ORDER if s in found),
        "last_period": last,
        "rows": len(table.frame),
        "empty_share": float(empty.mean()) if empty.size else np.nan,
        "months_before": months_between(last, reference_date) if last else np.nan,
    }


def months_between(period: str, date: str) -> float:
    """Whole months from the end of a period to a day, negative where the period runs beyond it [months].

    Parameters
    ----------
    period : str
        Year, quarter, half-year, month or day; unknown or a range to an unknown end gives nan.
    date : str
        Day YYYY-MM-DD.
    """
    text = period.rpartition("/")[2]
    if not text[:4].isdigit():
        return float("nan")
    year, part = int(text[:4]), text[5:]
    last = {"": 12, "S1": 6, "S2": 12, "Q1": 3, "Q2": 6, "Q3": 9, "Q4": 12}.get(part)
    month = last if last is not None else int(part[:2])
    return float((int(date[:4]) - year) * 12 + int(date[5:7]) - 1 - month)


@dataclass(frozen=True, kw_only=True)
class SeriesBreaks:
    """Where series change their meaning, so that before and after may not be compared.

    Attributes
    ----------
    breaks : DataFrame
        `table, subject` (sector or occupation group), `period`, the first one after the break, and `series`, how many
        regions have it [count].
    n : int
        Series that could have a break [count].
    """

    breaks: pd.DataFrame
    n: int
    level: None = None

    def to_frame(self) -> pd.DataFrame:
        """Keys `table, subject, period`, then the six columns of every result."""
        keys = self.breaks[["table", "subject", "period"]]
        return keys.assign(
            quantity="broken_series",
            estimate=self.breaks["series"].astype(float),
            lower=np.nan,
            upper=np.nan,
            n=float(self.n),
            unit="series",
        )


def series_breaks(tables: Sequence[Table]) -> SeriesBreaks:
    """Breaks that the series themselves name.

    Parameters
    ----------
    tables : sequence of Table
        Those without a column `series_break` are passed over.
    """
    starts, series = [], 0
    for table in tables:
        if "series_break" not in table.frame or table.frame.empty:
            continue
        subject = "sector" if "sector" in table.frame else "occupation_group"
        keys = ["region", subject]
        flags = table.frame.groupby([*keys, "period"], sort=True)["series_break"].any().astype(bool).reset_index()
        series += len(flags.drop_duplicates(keys))
        before = flags.groupby(keys)["series_break"].shift(fill_value=False).astype(bool)
        found = flags[flags["series_break"] & ~before]
        starts.append(found.assign(table=table.name, subject=found[subject])[["table", "subject", "period", "region"]])
    columns = ["table", "subject", "period"]
    rows = pd.concat(starts) if starts else pd.DataFrame(columns=[*columns, "region"])
    breaks = rows.groupby(columns, sort=True)["region"].nunique().reset_index(name="series")
    return SeriesBreaks(breaks=breaks, n=series)


@dataclass(frozen=True, kw_only=True)
class RegionalCoverage:
    """Of how many municipalities of each part of a region the offer is known.

    Attributes
    ----------
    parts : DataFrame, index region
        `name`, `known` and `municipalities` [count].
    n : int
        Municipalities of the region [count].
    """

    parts: pd.DataFrame
    n: int
    level: None = None

    def to_frame(self) -> pd.DataFrame:
        """Key `part`, then the six columns of every result."""
        return pd.DataFrame(
            {
                "part": self.parts.index,
                "quantity": "municipalities_known",
                "estimate": self.parts["known"].to_numpy(float),
                "lower": np.nan,
                "upper": np.nan,
                "n": self.parts["municipalities"].to_numpy(float),
                "unit": "municipalities",
            }
        )


def regional_coverage(offer: OfferCoverage, parts: pd.DataFrame) -> RegionalCoverage:
    """Known and unknown offer per part of a region.

    Parameters
    ----------
    offer : OfferCoverage
    parts : DataFrame
        `region, name, refnis`: one row per municipality of each part; parts may overlap. Municipalities that the
        offer was not looked up for are left out.

    Raises
    ------
    ValueError
        If no part has a municipality of the region.
    """
    inside = parts[parts["refnis"].isin(offer.known.index)]
    if inside.empty:
        raise ValueError("parts: must hold a municipality of the region, got none")
    known = inside.assign(known=inside["refnis"].map(offer.known).astype(int), municipalities=1)
    found = known.groupby(["region", "name"], sort=False)[["known", "municipalities"]].sum().reset_index("name")
    return RegionalCoverage(parts=found, n=offer.n)


@dataclass(frozen=True, kw_only=True)
class OpenRequests:
    """What to ask whom: the requests of the register about tables that are not observed in full.

    Attributes
    ----------
    requests : DataFrame
        Rows of the table `data_request` with `title` of the table asked for and `now`, the status of what stands in
        it today ('' without rows).
    n : int
        Requests in the register [count].
    """

    requests: pd.DataFrame
    n: int
    level: None = None

    def to_frame(self) -> pd.DataFrame:
        """Keys `request_id, table, status, now`, then the six columns of every result."""
        keys = self.requests[["request_id", "table", "status", "now"]]
        return keys.assign(
            quantity="request", estimate=1.0, lower=np.nan, upper=np.nan, n=float(self.n), unit="requests"
        )


def open_requests(register: pd.DataFrame, known: Completeness) -> OpenRequests:
    """Requests that would fill a gap: those about a table with demonstration rows or none, not yet received.

    Parameters
    ----------
    register : DataFrame
        Rows of the table `data_request`.
    known : Completeness
    """
    status = known.tables["data_status"]
    gaps = status[~status.str.contains("own") & (status.str.contains("demonstration") | (status == ""))]
    wanted = register[register["table"].isin(gaps.index) & (register["status"] != "ontvangen")]
    found = wanted.assign(title=wanted["table"].map(known.tables["title"]), now=wanted["table"].map(status))
    return OpenRequests(requests=found.reset_index(drop=True), n=len(register))
