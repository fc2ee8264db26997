"""Whom to call: firms in shortage sectors in blind spots, ranked with reasons, and who can do which task."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InputError
from studie.places.face import Worst

REASONS = {
    "blind_spot": "blind spot",
    "blind_spot_unknown": "blind spot unknown",
    "shortage": "shortage sector",
    "shortage_unknown": "shortage unknown",
    "no_places": "no inclusive place yet",
    "places": "inclusive places already",
    "places_unknown": "inclusive places unknown",
}


@dataclass(frozen=True, kw_only=True)
class Prospects:
    """Prospect list.

    Attributes
    ----------
    table : DataFrame
        Ranked: `rank, establishment_number, name, refnis, sector, score, lower, upper, reasons` (a tuple of words of
        `REASONS`). A firm in a municipality whose blind spot is unknown has no score and comes last.
    left_out : dict
        Firms that are no prospect, by reason: `no sector`, `no shortage`.
    level : float
        Coverage of the simulation interval of the blind-spot probability.
    n : int
        Firms on the list.
    """

    table: pd.DataFrame
    left_out: dict[str, int]
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Key columns `rank, establishment_number, name, refnis, sector, reasons` then `quantity, estimate, lower,
        upper, n, unit`.
        """
        keys = ["rank", "establishment_number", "name", "refnis", "sector"]
        return self.table[keys].assign(
            reasons=["; ".join(words) for words in self.table["reasons"]],
            quantity="prospect score",
            estimate=self.table["score"],
            lower=self.table["lower"],
            upper=self.table["upper"],
            n=self.n,
            unit="probability",
        )


@dataclass(frozen=True, kw_only=True)
class Matching:
    """Tasks of shortage sectors beside the social-economy offer that does the same activity.

    Attributes
    ----------
    table : DataFrame
        `sector, task_id, activity, establishments, places` [VTE, known], `unknown` (establishments with places of
        unknown size), `share_low, share_high` (share of the sector's tasks), `state`: `matched`, `no offer`, `unknown`
        (only offers of unknown size) or `not applicable` (the task cannot be carved out).
    pairs : DataFrame
        `task_id, establishment_number`: who to bring together.
    level : float
        1: a list, not an estimate.
    n : int
        Tasks.
    """

    table: pd.DataFrame
    pairs: pd.DataFrame
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """`sector, task_id, activity, state, establishments` then `quantity, estimate, lower, upper, n, unit`; places
        of unknown size leave no upper bound.
        """
        keys = ["sector", "task_id", "activity", "state", "establishments"]
        known = self.table["places"].where(self.table["state"].isin(["matched", "no offer"]))
        return self.table[keys].assign(
            quantity="matched places",
            estimate=known,
            lower=known,
            upper=known.where(self.table["unknown"] == 0),
            n=self.n,
            unit="VTE",
        )


def prospects(
    firms: pd.DataFrame,
    *,
    blind_spot: Worst,
    shortage: pd.DataFrame,
    unknown_shortage: float = 0.5,
) -> Prospects:
    """Firms in shortage sectors in blind spots, most promising first.

    Parameters
    ----------
    firms : DataFrame
        `establishment_number, name, refnis, sector` (empty where it is in none of the sectors), `inclusive_places`
        (0: none, missing: unknown).
    blind_spot : Worst
        Probability per municipality of being among the k worst, of whichever face matters here.
    shortage : DataFrame
        `sector, shortage_sector` (`ja`, `nee`, `onbekend`), and `refnis` where it differs by municipality.
    unknown_shortage : float, default 0.5
        Weight of a sector whose shortage is not known, in [0, 1].

    Returns
    -------
    Prospects
        Score = probability of a blind spot × (1, `unknown_shortage`) for a sector that is, may be short. Ties: firms
        without inclusive places first, then unknown ones, then by number.

    Raises
    ------
    InputError
        Missing columns, repeated firms, a sector or municipality without an answer.

    Notes
    -----
    The score orders calls; it says nothing of whether a firm is willing.
    """
    _columns(firms, "firms", ["establishment_number", "name", "refnis", "sector", "inclusive_places"])
    _columns(shortage, "shortage", ["sector", "shortage_sector"])
    if firms["establishment_number"].duplicated().any():
        raise InputError("firms: one row per establishment, got one twice")
    if not 0 <= unknown_shortage <= 1:
        raise InputError(f"unknown_shortage: must be in [0, 1], got {unknown_shortage}")
    strange = sorted(set(shortage["shortage_sector"]) - {"ja", "nee", "onbekend"})
    if strange:
        raise InputError(f"shortage: shortage_sector must be ja, nee or onbekend, got {strange[0]!r}")
    sectored = firms[firms["sector"].fillna("") != ""]
    keys = [name for name in ("refnis", "sector") if name in shortage.columns]
    if shortage.duplicated(keys).any():
        raise InputError(f"shortage: one row per {' and '.join(keys)}, got one twice")
    table = sectored.merge(shortage[[*keys, "shortage_sector"]], on=keys, how="left")
    unanswered = table[table["shortage_sector"].isna()]
    if len(unanswered):
        raise InputError(f"shortage: every sector needs an answer, got none for {unanswered['sector'].iloc[0]}")
    outside = sorted(set(table["refnis"]) - set(blind_spot.table.index))
    if outside:
        raise InputError(f"blind_spot: every municipality of a firm must be in it, got no {outside[0]}")
    left_out = {"no sector": len(firms) - len(sectored), "no shortage": int((table["shortage_sector"] == "nee").sum())}
    table = table[table["shortage_sector"] != "nee"].reset_index(drop=True)
    weight = np.where(table["shortage_sector"] == "ja", 1.0, unknown_shortage)
    for name, source in (("score", "probability"), ("lower", "lower"), ("upper", "upper")):
        table[name] = table["refnis"].map(blind_spot.table[source]).to_numpy(float) * weight
    places = pd.to_numeric(table["inclusive_places"]).astype("Float64").to_numpy(float, na_value=np.nan)
    table["reasons"] = _reasons(table, places)
    table["_taking"] = np.select([places == 0, np.isnan(places)], [0, 1], default=2)
    table = table.sort_values(
        ["score", "_taking", "establishment_number"], ascending=[False, True, True], na_position="last", kind="stable"
    ).reset_index(drop=True)
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    order = ["rank", "establishment_number", "name", "refnis", "sector", "score", "lower", "upper", "reasons"]
    return Prospects(table=table[order], left_out=left_out, level=blind_spot.level, n=len(table))


def matching(
    offer: pd.DataFrame,
    tasks: pd.DataFrame,
    *,
    links: pd.DataFrame | None = None,
    within: pd.Series | None = None,
    minutes: float = 30.0,
) -> Matching:
    """Activities of the social economy that a sector's tasks could use.

    Parameters
    ----------
    offer : DataFrame
        `establishment_number, refnis, activity, places` [VTE]; missing places are unknown.
    tasks : DataFrame
        `task_id, sector, activity, share_low, share_high, carvable` (`ja`, `nee` or a boolean).
    links : DataFrame, optional
        `activity, offered`: activities on offer that can do a task's activity; the activity itself always can.
    within : Series, by refnis, optional
        Travel minutes from the firm or municipality that asks; keeps offers within `minutes`.
    minutes : float, default 30
        Travel time, above 0.

    Returns
    -------
    Matching
        One row per task, also where nobody offers it: a task without a match is what an entrepreneur can start with.

    Raises
    ------
    InputError
        Missing columns, repeated tasks, shares out of order.
    """
    _columns(offer, "offer", ["establishment_number", "refnis", "activity", "places"])
    _columns(tasks, "tasks", ["task_id", "sector", "activity", "share_low", "share_high", "carvable"])
    if tasks["task_id"].duplicated().any():
        raise InputError("tasks: one row per task, got one twice")
    low, high = tasks["share_low"].astype(float), tasks["share_high"].astype(float)
    if not ((low >= 0) & (low <= high) & (high <= 1) | low.isna() | high.isna()).all():
        raise InputError("tasks: need 0 <= share_low <= share_high <= 1, got another order")
    if not minutes > 0:
        raise InputError(f"minutes: must be above 0, got {minutes}")
    near = offer if within is None else offer[offer["refnis"].map(within).le(minutes)]
    own = tasks[["activity"]].drop_duplicates().assign(offered=lambda frame: frame["activity"])
    if links is not None:
        _columns(links, "links", ["activity", "offered"])
        own = pd.concat([own, links[["activity", "offered"]]]).drop_duplicates()
    carvable = tasks["carvable"].isin([True, "ja"])
    wanted = tasks.loc[carvable, ["task_id", "activity"]].merge(own, on="activity")
    found = wanted.merge(near.rename(columns={"activity": "offered"}), on="offered")
    numbers = pd.to_numeric(found["places"]).astype("Float64")
    rows = found.assign(places=numbers, unknown=numbers.isna())
    # an establishment that offers an activity in several work forms is one partner
    each = rows.groupby(["task_id", "establishment_number"], as_index=False).agg(
        places=("places", "sum"), unknown=("unknown", "all")
    )
    totals = each.groupby("task_id").agg(
        establishments=("establishment_number", "size"), places=("places", "sum"), unknown=("unknown", "sum")
    )
    table = tasks.join(totals, on="task_id")
    for name in ("establishments", "unknown"):
        table[name] = table[name].fillna(0).astype(int)
    table["places"] = table["places"].astype("Float64").fillna(0).astype(float)
    table["state"] = np.select(
        [~carvable, table["establishments"] == 0, table["establishments"] == table["unknown"]],
        ["not applicable", "no offer", "unknown"],
        default="matched",
    )
    order = ["sector", "task_id", "activity", "establishments", "places", "unknown", "share_low", "share_high", "state"]
    return Matching(
        table=table[order].reset_index(drop=True),
        pairs=each[["task_id", "establishment_number"]],
        level=1.0,
        n=len(table),
    )


def _columns(frame: pd.DataFrame, name: str, needed: list[str]) -> None:
    """All columns are there."""
    absent = [column for column in needed if column not in frame.columns]
    if absent:
        raise InputError(f"{name}: needs the columns {', '.join(needed)}, got no {', '.join(absent)}")


def _reasons(table: pd.DataFrame, places: np.ndarray) -> list[tuple[str, ...]]:
    """Why a firm is on the list, per row."""
    found = []
    for score, answer, offered in zip(table["score"], table["shortage_sector"], places, strict=True):
        blind = "blind_spot_unknown" if np.isnan(score) else "blind_spot"
        short = "shortage" if answer == "ja" else "shortage_unknown"
        taking = "places_unknown" if np.isnan(offered) else ("no_places" if offered == 0 else "places")
        words = [blind, short, taking] if score != 0 else [short, taking]
        found.append(tuple(REASONS[word] for word in words))
    return found
