"""What became of each commitment of the plan: indicator, value, status of its data, chapter and who could tell."""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from studie.config import project_root
from studie.data.catalogue import Table
from studie.data.measured import Measured
from studie.data.measures import COMPUTED, published_value
from studie.errors import InputError, unknown
from studie.inputs import record
from studie.regions import FLANDERS, PROVINCE

FROM_METHODS = {  # computed by the chapter on the ladder, handed in as `measured`
    "lasting_12_months": ("ladder_panel",),
    "relapse_12_months": ("ladder_panel",),
    "relapse_12_months_supported": ("ladder_panel",),
    "relapse_24_months": ("ladder_panel",),
    "upward_moves": ("ladder_panel",),
}
READ = tuple(sorted({"indicator"}.union(*(m.tables for m in COMPUTED.values()), *FROM_METHODS.values())))
NONE = "none"
WEAKEST_FIRST = ("demonstration", "own", "observed")
UNKNOWN = "onbekend"
HOLDERS = "; "  # between several holders


@dataclass(frozen=True, kw_only=True)
class Monitor:
    """The commitments of the plan, one row each.

    Attributes
    ----------
    commitments : DataFrame, index commitment_id
        `section`, `quote`, `indicator`; `status`: gedaan, bezig or onbekend; `data_status` of the value and the fact:
        the weakest of the rows used, `none` where nothing is known; `measure`, `estimate, lower, upper, n, unit`,
        `period`, `region` and `remark` of the value; `fact` and `event`: day and text of a dated fact; `chapter` and
        its `title`, '' where it is not written yet; `holders`: tuple of who could give the data; `tables`: tuple of
        what was used.
    n : int
        Commitments [count].
    """

    commitments: pd.DataFrame
    n: int
    level: None = None

    @property
    def sections(self) -> list[str]:
        """Headings of the plan in its order."""
        return list(dict.fromkeys(self.commitments["section"]))

    @property
    def uses(self) -> list[str]:
        """Tables behind the values, with the status or dataset used, and the lists of commitments."""
        used = {name for tables in self.commitments["tables"] for name in tables}
        return ["commitment", "commitment_indicator", *sorted(used - {"commitment:observed", "commitment:own"})]

    def within(self, *sections: str) -> Monitor:
        """The same for some headings of the plan.

        Raises
        ------
        InputError
            For a heading that the plan does not have.
        """
        for name in sections:
            if name not in self.sections:
                raise unknown("sections", name, self.sections)
        inside = self.commitments[self.commitments["section"].isin(sections)]
        return replace(self, commitments=inside, n=len(inside))

    def count(self, column: str, *values: str) -> int:
        """Commitments with some values of a column [count]."""
        return int(self.commitments[column].isin(values).sum())

    @property
    def without_data(self) -> pd.DataFrame:
        """Commitments of which no value is known."""
        return self.commitments[self.commitments["data_status"] == NONE]

    @property
    def askable(self) -> dict[str, list[str]]:
        """Holder → commitments without observed or own data that it could give data about, most first."""
        open_ = self.commitments[self.commitments["data_status"].isin([NONE, "demonstration"])]
        found: dict[str, list[str]] = {}
        for identifier, holders in open_["holders"].items():
            for holder in holders:
                found.setdefault(holder, []).append(str(identifier))
        return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))

    def to_frame(self) -> pd.DataFrame:
        """Keys `commitment_id, section, status, data_status, chapter, holder, fact`, then the six columns."""
        rows = self.commitments.reset_index()
        keys = rows[["commitment_id", "section", "status", "data_status", "chapter"]]
        return keys.assign(
            holder=rows["holders"].map(HOLDERS.join),
            fact=rows["fact"],
            quantity=rows["measure"].where(rows["measure"] != "", UNKNOWN),
            **{name: rows[name].astype(float) for name in ("estimate", "lower", "upper", "n")},
            unit=rows["unit"],
        )


def monitor(
    commitment: pd.DataFrame,
    listed: pd.DataFrame,
    frames: Mapping[str, pd.DataFrame],
    *,
    refnis: Sequence[int],
    chapters: Mapping[str, str],
    measured: Mapping[str, Measured | None] | None = None,
    datasets: Mapping[str, str] | None = None,
) -> Monitor:
    """Every commitment with its indicator, its value where one is known, and who could give the data.

    Parameters
    ----------
    commitment, listed : DataFrame
        Rows of the tables `commitment` and `commitment_indicator`.
    frames : mapping of str to DataFrame
        Tables of `READ`, with `data_request` and `regulation` among them, each with `data_status`.
    refnis : sequence of int
        Municipalities of the region.
    chapters : mapping of str to str
        Written chapters and their titles, as `written_chapters` gives them.
    measured : mapping, optional
        Values of `FROM_METHODS`, by `ladder_values`; those not given are unknown.
    datasets : mapping of str to str, optional
        Dataset of each published indicator, as `indicator_datasets` gives them; the status where it is not given.

    Raises
    ------
    InputError
        For a commitment without a row in the list, a measure or a day of a fact that does not exist, a measure of
        another table, or data that nobody is named for.

    Notes
    -----
    Nothing is estimated here: a value is counted, or cited from a method or a publication. An empty table makes its
    indicators unknown, never 0. A mixed value has the weakest status of the rows that it used.
    """
    missing = [name for name in (*READ, "data_request", "regulation") if name not in frames]
    if missing:
        raise InputError(f"frames: must hold every table of READ, got none named {', '.join(missing)}")
    unlisted = sorted(set(commitment["commitment_id"]) - set(listed["commitment_id"]))
    if unlisted:
        raise InputError(f"listed: must have a row for every commitment, got none for {', '.join(unlisted)}")
    events = frames["regulation"].drop_duplicates("date").set_index("date")
    asked = frames["data_request"].groupby("table")["holder"].unique()
    by_id = {row["commitment_id"]: row for row in listed.to_dict("records")}
    rows = []
    for promise in commitment.itertuples():
        said = by_id[promise.commitment_id]
        found = _value(said, frames, refnis=refnis, measured=measured or {})
        rows.append(
            {
                "commitment_id": promise.commitment_id,
                "section": promise.section,
                "quote": promise.quote,
                "indicator": said["indicator"],
                "status": promise.status,
                "chapter": said["chapter"],
                "title": chapters.get(said["chapter"], ""),
                "holders": _holders(said, asked, identifier=str(promise.commitment_id)),
                **_columns(said, found, datasets or {}, events=events),
            }
        )
    return Monitor(commitments=pd.DataFrame(rows).set_index("commitment_id"), n=len(rows))


def _value(
    said: Mapping[Hashable, Any],
    frames: Mapping[str, pd.DataFrame],
    *,
    refnis: Sequence[int],
    measured: Mapping[str, Measured | None],
) -> Measured | None:
    """Value of one indicator, None where nothing is known."""
    name, table = said["measure"], said["table"]
    if not name:
        return None
    if table == "indicator" and name not in COMPUTED:
        if name not in set(frames["indicator"]["indicator_id"]):
            raise unknown("measure", name, frames["indicator"]["indicator_id"].unique())
        return published_value(frames["indicator"], name, regions=(PROVINCE, FLANDERS))
    tables = COMPUTED[name].tables if name in COMPUTED else FROM_METHODS.get(name)
    if tables is None:
        raise unknown("measure", name, [*COMPUTED, *FROM_METHODS])
    if table not in tables:
        raise InputError(f"table: must be one that measure {name} reads ({', '.join(tables)}), got {table!r}")
    return COMPUTED[name].of(frames, refnis) if name in COMPUTED else measured.get(name)


def _columns(
    said: Mapping[Hashable, Any], found: Measured | None, datasets: Mapping[str, str], *, events: pd.DataFrame
) -> dict[str, object]:
    """Columns of one value and of the dated fact beside it; a fact alone is data too."""
    value = found or Measured(estimate=np.nan, unit="", statuses={})
    known, event = dict(value.statuses), ""
    if said["fact"]:
        if said["fact"] not in events.index:
            raise unknown(f"{said['commitment_id']}, fact", said["fact"], events.index)
        row = events.loc[said["fact"]]
        event = str(row["event"])
        known["regulation"] = known.get("regulation", frozenset()) | {str(row["data_status"])}
    statuses = {status for part in known.values() for status in part}
    weakest = next((status for status in WEAKEST_FIRST if status in statuses), NONE)
    parts = {
        f"{table}:{datasets.get(said['measure'], status) if table == 'indicator' else status}"
        for table, used in known.items()
        for status in used
    }
    return {
        "fact": said["fact"],
        "event": event,
        "measure": said["measure"],
        "data_status": weakest,
        "estimate": value.estimate,
        "lower": value.lower,
        "upper": value.upper,
        "n": value.n,
        "unit": value.unit,
        "period": value.period,
        "region": value.region,
        "remark": value.remark,
        "tables": tuple(sorted(parts)),
    }


def _holders(said: Mapping[Hashable, Any], asked: pd.Series, *, identifier: str) -> tuple[str, ...]:
    """Who could give the data: those that the list names, else those of the register of requests."""
    if said["holder"]:
        return tuple(str(said["holder"]).split(HOLDERS))
    if said["table"] in asked.index:
        return tuple(map(str, asked[said["table"]]))
    raise InputError(f"{identifier}: must name a holder or a table of the register of requests, got {said['table']!r}")


def ladder_values(
    relapse: pd.DataFrame, by_support: pd.DataFrame, lasting: pd.DataFrame, *, statuses: Collection[str]
) -> dict[str, Measured | None]:
    """Figures of the chapter on the ladder that commitments are measured by: the names of `FROM_METHODS`.

    Parameters
    ----------
    relapse, by_support, lasting : DataFrame
        Printable frames of `ladder.hazards.relapse` (alone and by support) and `lasting_moves`: `time, quantity,
        estimate, lower, upper, n, unit`; without rows where there are too few people.
    statuses : collection of str
        Statuses of the rows of `ladder_panel` behind them.
    """
    supported = by_support[by_support["support"] == "ja"] if "support" in by_support else by_support
    after = _cited(relapse, "relapse", 12, statuses)
    return {
        "lasting_12_months": _cited(lasting, "lasting", 12, statuses),
        "relapse_12_months": after,
        "relapse_12_months_supported": _cited(supported, "relapse", 12, statuses),
        "relapse_24_months": _cited(relapse, "relapse", 24, statuses),
        "upward_moves": None
        if after is None or np.isnan(after.n)
        else Measured(estimate=after.n, n=after.n, unit="moves", statuses=after.statuses),
    }


def _cited(frame: pd.DataFrame, quantity: str, time: float, statuses: Collection[str]) -> Measured | None:
    """One figure of a printable frame; None where it is not there or may not be printed."""
    rows = frame[(frame["quantity"] == quantity) & (frame["time"] == time)] if "time" in frame else frame[:0]
    if len(rows) != 1 or pd.isna(rows["estimate"].iloc[0]):
        return None
    row = rows.iloc[0]
    return Measured(
        estimate=_number(row["estimate"]),
        lower=_number(row["lower"]),
        upper=_number(row["upper"]),
        n=_number(row["n"]),
        unit=str(row["unit"]),
        statuses={"ladder_panel": frozenset(statuses)},
    )


def _number(value: Any) -> float:
    """Number, nan where it is missing."""
    return np.nan if pd.isna(value) else float(value)


def indicator_datasets(tables: Sequence[Table]) -> dict[str, str]:
    """Dataset of each published indicator, so that a page can say which publication it used."""
    parts = [part for table in tables if table.name == "indicator" for part in table.parts().items()]
    return {str(name): dataset for dataset, rows in parts for name in rows["indicator_id"].unique()}


def written_chapters() -> dict[str, str]:
    """Name → title of the chapters that have a notebook."""
    found = {}
    record.note("titles", "notebooks")
    with record.unheard():
        for path in sorted((project_root() / "notebooks").glob("*.ipynb")):
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            lines = "".join(cells[0]["source"]).splitlines() if cells else []
            found[path.stem] = lines[0].removeprefix("# ") if lines else path.stem
    return found
