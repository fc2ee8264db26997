"""How scattered the landscape is: working areas and who offers places per arrondissement, and its dated facts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InsufficientDataError

AREAS = ("confirmed", "possible", "unknown")
PART = "arrondissement:"


@dataclass(frozen=True, kw_only=True, eq=False)
class Landscape:
    """Municipalities by what is known of their working area.

    Attributes
    ----------
    parts : DataFrame, index region
        Per arrondissement `name`, `municipalities` and how many of them are `confirmed`, `possible` or `unknown`.
    areas, across : int
        Confirmed working areas, and those of them that reach into more than one arrondissement [count].
    until : str
        Last day on which the known working areas hold; '' where no row says.
    n : int
        Municipalities [count].
    """

    parts: pd.DataFrame
    areas: int
    across: int
    until: str
    n: int
    level: None = None

    def to_frame(self) -> pd.DataFrame:
        """Key `area`, then the six columns of every result."""
        long = self.parts.drop(columns="name").rename_axis("area").reset_index().melt("area", var_name="quantity")
        whole = pd.DataFrame({"area": "all", "quantity": ["areas", "areas_across"], "value": [self.areas, self.across]})
        rows = pd.concat([long, whole], ignore_index=True)
        unit = np.where(rows["area"] == "all", "areas", "municipalities")
        return pd.DataFrame(
            {
                "area": rows["area"], "quantity": rows["quantity"], "estimate": rows["value"].astype(float),
                "lower": np.nan, "upper": np.nan, "n": float(self.n), "unit": unit,
            }
        )  # fmt: skip


def landscape(grouping: pd.DataFrame, parts: pd.DataFrame, *, date: str) -> Landscape:
    """Working areas of a region on a date; a municipality that no row names is unknown, not outside.

    Parameters
    ----------
    grouping : DataFrame
        Rows of the table `grouping`.
    parts : DataFrame
        Every municipality of the region with its arrondissement: `region, name, refnis`; other areas are left out.
    date : str
        ISO date.

    Raises
    ------
    InsufficientDataError
        If the region has no municipality in an arrondissement.
    """
    inside = _municipalities(parts)
    rows = grouping[grouping["grouping"] == "working-area"]
    holds = (rows["valid_from"] <= date) & ((rows["valid_to"] == "") | (rows["valid_to"] >= date))
    rows = rows[holds & rows["refnis"].isin(inside["refnis"])]
    known = inside["refnis"].map(rows.drop_duplicates("refnis").set_index("refnis")["status"]).fillna("unknown")
    counted = pd.crosstab(inside["region"], known).reindex(columns=list(AREAS), fill_value=0)
    found = counted.assign(municipalities=counted.sum(axis=1), name=inside.groupby("region")["name"].first())
    sure = rows[~rows["group"].isin(rows.loc[rows["status"] != "confirmed", "group"])]
    reach = sure.merge(inside, on="refnis").groupby("group")["region"].nunique()
    return Landscape(
        parts=found[["name", "municipalities", *AREAS]],
        areas=len(reach),
        across=int((reach > 1).sum()),
        until=str(rows["valid_to"].max()) if len(rows) else "",
        n=len(inside),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Providers:
    """Organisations that offer places.

    Attributes
    ----------
    parts : DataFrame, index region
        Per arrondissement `name`, and organisations per form of enterprise [count]; one in two arrondissements counts
        in both.
    across : int
        Organisations with places in more than one arrondissement [count].
    n : int
        Organisations [count].
    """

    parts: pd.DataFrame
    across: int
    n: int
    level: None = None

    @property
    def forms(self) -> list[str]:
        """Forms of enterprise, most common first."""
        counts = self.parts.drop(columns="name").sum()
        return list(counts.sort_index().sort_values(ascending=False, kind="stable").index)

    def to_frame(self) -> pd.DataFrame:
        """Keys `area, form`, then the six columns of every result."""
        long = self.parts.drop(columns="name").rename_axis("area").reset_index().melt("area", var_name="form")
        return pd.DataFrame(
            {
                "area": long["area"], "form": long["form"], "quantity": "organisations",
                "estimate": long["value"].astype(float), "lower": np.nan, "upper": np.nan, "n": float(self.n),
                "unit": "organisations",
            }
        )  # fmt: skip


def providers(
    offer: pd.DataFrame, establishment: pd.DataFrame, enterprise: pd.DataFrame, parts: pd.DataFrame
) -> Providers:
    """Organisations with an offer on its last date.

    Parameters
    ----------
    offer, establishment, enterprise : DataFrame
        Rows of these tables.
    parts : DataFrame
        As for `landscape`.

    Raises
    ------
    InsufficientDataError
        If nobody offers a place.

    Notes
    -----
    An offer of unknown size counts: that it exists is known.
    """
    inside = _municipalities(parts)
    last = offer[offer["date"] == offer["date"].max()] if len(offer) else offer
    offering = last[(last["status"] == "unknown") | (last["places"] > 0).fillna(value=False)]
    sites = establishment[establishment["establishment_number"].isin(offering["establishment_number"])]
    rows = sites[["enterprise_number", "refnis"]].merge(inside, on="refnis")
    rows = rows.drop_duplicates(["enterprise_number", "region"])
    if rows.empty:
        raise InsufficientDataError("offer: nobody offers a place")
    form = rows["enterprise_number"].map(enterprise.set_index("enterprise_number")["form"])
    counted = pd.crosstab(rows["region"], form)
    reach = rows.groupby("enterprise_number")["region"].nunique()
    return Providers(
        parts=counted.assign(name=inside.groupby("region")["name"].first())[["name", *counted.columns]],
        across=int((reach > 1).sum()),
        n=len(reach),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class TimeLine:
    """What happened on which day, and the commitments that each fact is about.

    Attributes
    ----------
    events : DataFrame
        `date, event, commitments` ('' where none names it), by date.
    n : int
        Facts [count].
    """

    events: pd.DataFrame
    n: int
    level: None = None

    def to_frame(self) -> pd.DataFrame:
        """Keys `date, event`, then the six columns of every result."""
        return self.events[["date", "event"]].assign(
            quantity="fact", estimate=1.0, lower=np.nan, upper=np.nan, n=float(self.n), unit="facts"
        )


def time_line(regulation: pd.DataFrame, listed: pd.DataFrame) -> TimeLine:
    """The facts so far.

    Parameters
    ----------
    regulation, listed : DataFrame
        Rows of the tables `regulation` and `commitment_indicator`, whose `fact` is a day of the former.
    """
    about = listed[listed["fact"] != ""].groupby("fact")["commitment_id"].agg(" ".join)
    events = regulation[["date", "event"]].sort_values("date", kind="stable").reset_index(drop=True)
    return TimeLine(events=events.assign(commitments=events["date"].map(about).fillna("")), n=len(events))


def _municipalities(parts: pd.DataFrame) -> pd.DataFrame:
    """Municipalities with their arrondissement."""
    inside = parts[parts["region"].str.startswith(PART)].drop_duplicates("refnis")
    if inside.empty:
        raise InsufficientDataError("parts: no municipality in an arrondissement")
    return inside[["region", "name", "refnis"]]
