"""Tables in which a row counts persons, as they may be shown: small counts, and what would tell them, are empty."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from studie import __version__, regions
from studie.config import read_config
from studie.data.contracts import VINTAGE_DATES
from studie.data.databank import location, planning, schema
from studie.data.definitions import CONTRACTS
from studie.disclosure import rules

STATUS = "cell_status"
PERSON_COUNTS = tuple(name for name, contract in CONTRACTS.items() if contract.persons == "counts")
BOUNDS = ("lower", "upper")
EVERYBODY = "alle"
GROUP = "target_group"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How the counts of a table add up.

    Attributes
    ----------
    place, across : str
        Columns over which counts are added up: areas, and what they are split by.
    apart : tuple of str
        Columns over which they are not: a date, or groups to which one person may belong twice.
    count : str
        Column of the persons.
    parts : tuple of str
        Columns that count some of these persons.
    """

    place: str
    across: str
    apart: tuple[str, ...]
    count: str = "persons"
    parts: tuple[str, ...] = ()


LAYOUTS = {
    "need": Layout(place="refnis", across="step", apart=(GROUP, "date"), parts=("placed", "waiting")),
    "ladder_stock": Layout(place="region", across="step", apart=("period", GROUP)),
    "ladder_flow": Layout(place="region", across="to_step", apart=("period", GROUP, "from_step")),
    "jobseeker": Layout(place="region", across="occupation_group", apart=("period",)),
    "training": Layout(
        place="region", across="sector", apart=("year",), count="participants", parts=("completed", "to_work")
    ),
    "mentorship": Layout(
        place="region", across="organiser", apart=("year",), count="duos", parts=("completed", "to_work")
    ),
    "event": Layout(place="region", across="kind", apart=("date",), count="participants"),
}


def shielded(connection: duckdb.DuckDBPyConnection, table: str, *, root: Path | None = None) -> pd.DataFrame:
    """Table of the databank as it may be shown, planned once per content of the table.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Databank, open for reading.
    table : str
        One of `PERSON_COUNTS`.
    root : Path, optional
        Folder whose `build/` keeps the plan; default the study's.

    Returns
    -------
    DataFrame
        The table and `cell_status`; see `shield`.
    """
    frame = connection.execute(f"SELECT * FROM {schema.quoted(table)}").df()
    threshold = read_config().disclosure.threshold.value
    kept = location.shield(_digest(frame, table, threshold), root=root)
    if kept.is_file():
        hidden = pd.read_parquet(kept)["hidden"].to_numpy(dtype=bool)
    else:
        hidden = _hidden(frame, LAYOUTS[table], threshold=threshold)
        _keep(hidden, kept)
    return _emptied(frame, LAYOUTS[table], hidden, threshold=threshold)


def small(connection: duckdb.DuckDBPyConnection, table: str) -> pd.DataFrame:
    """Table of the databank with every count, and `cell_status` `small` where it is small."""
    frame = connection.execute(f"SELECT * FROM {schema.quoted(table)}").df()
    layout, threshold = LAYOUTS[table], read_config().disclosure.threshold.value
    few = _few(frame, layout, threshold=threshold) | _few_parts(frame, layout, threshold=threshold)
    return frame.assign(**{STATUS: np.where(few, "small", _plain_status(frame, layout))})


def shield(frame: pd.DataFrame, table: str, *, threshold: float) -> pd.DataFrame:
    """Rows of a table of counts in which no small count stands or follows.

    Parameters
    ----------
    frame : DataFrame
        Columns of the contract.
    table : str
        One of `PERSON_COUNTS`.
    threshold : float
        Smallest count that may be shown [persons].

    Returns
    -------
    DataFrame
        The same rows and `cell_status`: `published`; `suppressed`, then every count of the row is empty; `missing`
        where the source has no count. A part of the persons (with a place, waiting) that is small, or leaves few over,
        is empty with its fellow parts, and the row stays published.

    Notes
    -----
    Within each date and group the counts of places × steps are protected together with their totals (`planning`), and
    areas of several levels with each other. Where everybody (`alle`) stands beside groups, the groups of a line are
    protected as if they added up to it. Not looked at: sums over dates, and tables beside each other.
    """
    layout = LAYOUTS[table]
    return _emptied(frame, layout, _hidden(frame, layout, threshold=threshold), threshold=threshold)


def _hidden(frame: pd.DataFrame, layout: Layout, *, threshold: float) -> planning.Mask:
    """Rows that are not shown."""
    apart = list(layout.apart)
    few = _few(frame, layout, threshold=threshold)
    keys = [*apart, layout.place, layout.across]
    held = _held(frame, layout)
    cells = frame[keys].assign(few=few, held=held).groupby(keys, sort=False, dropna=False, as_index=False)
    summed = cells.agg(few=("few", "any"), held=("held", "sum"))
    parents = {layout.place: _parents(summed[layout.place])} if layout.place == "region" else {}
    primary = (summed["few"] | rules.small(summed["held"], threshold=threshold)).to_numpy(dtype=bool)
    if len(summed):
        summed["hidden"] = planning.hidden(
            summed["held"], summed[keys], primary=primary, threshold=threshold, apart=apart, parents=parents
        )
    else:
        summed["hidden"] = primary
    if GROUP in apart and (summed[GROUP] == EVERYBODY).any():
        summed["hidden"] = _beside_everybody(summed, [key for key in keys if key != GROUP], threshold=threshold)
    found: planning.Mask = frame[keys].merge(summed, how="left", on=keys)["hidden"].to_numpy(dtype=bool)
    return found


def _held(frame: pd.DataFrame, layout: Layout) -> pd.Series:
    """Persons of each row; where the source hides them the middle of its bounds, else one."""
    persons = frame[layout.count].astype("Float64")
    if set(BOUNDS) <= set(frame.columns):
        persons = persons.fillna((frame["lower"].astype("Float64") + frame["upper"].astype("Float64")) / 2)
    return persons.fillna(1.0).astype(float)


def _few(frame: pd.DataFrame, layout: Layout, *, threshold: float) -> pd.Series:
    """Rows whose persons are few, or not told by the source."""
    persons = frame[layout.count].astype("Float64")
    return rules.small(persons, threshold=threshold).fillna(value=False).astype(bool) | persons.isna().astype(bool)


def _few_parts(frame: pd.DataFrame, layout: Layout, *, threshold: float) -> pd.Series:
    """Rows of which a part of the persons, or what it leaves over of the persons or of another part, is small."""
    told = [frame[name].astype("Float64") for name in (layout.count, *layout.parts)]
    few = pd.Series(False, index=frame.index)
    for i, one in enumerate(told[1:], start=1):
        for rest in (one, *((other - one).abs() for other in told[:i])):
            few |= rules.small(rest, threshold=threshold).fillna(value=False).astype(bool)
    return few


def _beside_everybody(cells: pd.DataFrame, line: list[str], *, threshold: float) -> planning.Mask:
    """Hidden cells, widened so that no group follows from everybody and the other groups."""
    hidden = cells["hidden"].astype(bool).copy()
    for rows in cells.groupby(line, sort=False, dropna=False).groups.values():
        held = cells.loc[rows, "held"]
        groups = held[(cells.loc[rows, GROUP] != EVERYBODY) & (held > 0)]
        if len(groups) == len(held) or not hidden[groups.index].any():
            continue
        for cell in groups[~hidden[groups.index]].sort_values(kind="stable").index:
            closed = groups[hidden[groups.index]]
            if len(closed) >= 2 and closed.sum() >= threshold:
                break
            hidden[cell] = True
    return hidden.to_numpy(dtype=bool)


def _emptied(frame: pd.DataFrame, layout: Layout, hidden: planning.Mask, *, threshold: float) -> pd.DataFrame:
    """Rows without what is not shown, and their status."""
    done = frame.assign(**{STATUS: np.where(hidden, "suppressed", "published")})
    unknown = frame[layout.count].isna() & ~_bounded(frame)
    done.loc[unknown, STATUS] = "missing"
    bounds = [name for name in BOUNDS if name in frame]
    done.loc[hidden, [layout.count, *bounds, *layout.parts]] = None
    done.loc[_few_parts(frame, layout, threshold=threshold), list(layout.parts)] = None
    for name in bounds:
        done.loc[rules.small(frame[name], threshold=threshold).fillna(value=False).astype(bool), name] = None
    return done


def _bounded(frame: pd.DataFrame) -> pd.Series:
    """Rows that have bounds."""
    bounds = [name for name in BOUNDS if name in frame]
    return frame[bounds].notna().any(axis=1) if bounds else pd.Series(False, index=frame.index)


def _plain_status(frame: pd.DataFrame, layout: Layout) -> np.ndarray:
    """Status of rows of which nothing is hidden here."""
    return np.where(frame[layout.count].isna(), np.where(_bounded(frame), "suppressed", "missing"), "published")


def _parents(codes: pd.Series) -> pd.DataFrame:
    """Areas in a table that hold others in it, by municipality where these are there."""
    inside = _inside(regions.known_stamp())
    listed = {code: inside.get(code, frozenset()) for code in codes.unique()}
    least = {code for code, own in listed.items() if not any(other < own for other in listed.values() if other)}
    rows = [
        (child, parent)
        for parent, own in listed.items()
        if parent not in least
        for child in sorted(least)
        if listed[child] and listed[child] < own
    ]
    return pd.DataFrame(rows, columns=["child", "parent"])


@lru_cache(maxsize=4)
def _inside(stamp: tuple[str, int]) -> dict[str, frozenset[int]]:
    """Municipalities of every area; the stamp renews them when the known regions change."""
    return {area.code: frozenset(area.refnis) for date in VINTAGE_DATES for area in regions.regions(date=date)}


def _digest(frame: pd.DataFrame, table: str, threshold: float) -> str:
    """Name of what a plan was made for: the counts, their layout, the threshold and the program."""
    rows = pd.util.hash_pandas_object(frame.astype(str), index=False).to_numpy().tobytes()
    said = f"{__version__}|{LAYOUTS[table]}|{threshold}|{list(frame.columns)}"
    return hashlib.sha256(said.encode() + rows).hexdigest()[:32]


def _keep(hidden: planning.Mask, path: Path) -> None:
    """Keep a plan, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    pd.DataFrame({"hidden": hidden}).to_parquet(unfinished)
    unfinished.replace(path)


def handed_over(frame: pd.DataFrame, table: str) -> pa.Table:
    """Rows in the types of the contract, with their status."""
    types = schema.arrow_schema(table)
    fields = [field for field in types if field.name in frame] + [pa.field(STATUS, pa.string())]
    return pa.Table.from_pandas(frame[[f.name for f in fields]], schema=pa.schema(fields), preserve_index=False)
