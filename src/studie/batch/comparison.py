"""What changed between two published versions, number by number, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from studie.batch import frozen
from studie.batch.extract import spreadsheet_safe
from studie.batch.frozen import Version
from studie.batch.inputs import Folders
from studie.batch.reasons import Evidence, Reason
from studie.disclosure import rules
from studie.errors import InputError

Change = Literal["changed", "new", "gone", "described"]
CHANGES: tuple[Change, ...] = ("changed", "new", "gone", "described")
NAMES = ("region", "chapter", "table", "key", "quantity", "unit", "change")

NUMBERS = ("estimate", "lower", "upper", "n")
STATES = ("unit", "cell_status", "data_status")
BESIDE = (*NUMBERS, *rules.BEHIND, *STATES, "quantity", "source")
MOMENTS = frozenset({"period", "year", "date", "time", "month", "step"})  # never dropped from the keys
ROUNDING = 1e-9  # relative; the same computation on another machine
UNEXPLAINED = "unexplained"


@dataclass(frozen=True, kw_only=True)
class RowChange:
    """One row of a result table that differs.

    Attributes
    ----------
    region, chapter, table, key, quantity, unit
        Which number it is; `key` names the columns that tell rows of a table apart.
    change
        `changed` (a number, unit or status), `new`, `gone`, or `described` (only the words beside the numbers).
    before, after
        estimate, lower, upper, n; None where unknown or suppressed.
    other
        What else differs in the row, from what to what.
    reasons
        What can have changed it; none: unexplained.
    """

    region: str
    chapter: str
    table: str
    key: str
    quantity: str
    unit: str
    change: Change
    before: Mapping[str, float | None]
    after: Mapping[str, float | None]
    other: str
    reasons: tuple[Reason, ...]

    @property
    def why(self) -> str:
        """Reasons in one line."""
        return "; ".join(r.line for r in self.reasons) or UNEXPLAINED


@dataclass(frozen=True, kw_only=True)
class PdfChange:
    """A report that differs."""

    file: str
    change: Change
    explained: bool


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two versions whose checksums hold, and all that differs between them."""

    before: Version
    after: Version
    differences: tuple[Reason, ...]
    rows: tuple[RowChange, ...]
    same: int
    pdfs: tuple[PdfChange, ...]

    @cached_property
    def counts(self) -> dict[str, int]:
        """Rows of result tables by what happened to them."""
        found = Counter(row.change for row in self.rows)
        return {"same": self.same, **{change: found[change] for change in CHANGES}}

    @property
    def unexplained(self) -> int:
        """Rows and reports that changed although nothing that is known to matter did."""
        return sum(not r.reasons for r in self.rows) + sum(not p.explained for p in self.pdfs)

    def to_frame(self) -> pd.DataFrame:
        """One line per row that differs: which, every number before and after, what else, and why."""
        lines = [
            {
                **{name: getattr(r, name) for name in NAMES},
                **{f"{name}_{side}": getattr(r, side)[name] for name in NUMBERS for side in ("before", "after")},
                "other": r.other,
                "reasons": r.why,
                "unexplained": "no" if r.reasons else "yes",
            }
            for r in self.rows
        ]
        numbers = [f"{name}_{side}" for name in NUMBERS for side in ("before", "after")]
        return pd.DataFrame(lines, columns=[*NAMES, *numbers, "other", "reasons", "unexplained"])

    def to_csv(self) -> str:
        """The same as text that a spreadsheet opens without running anything."""
        return spreadsheet_safe(self.to_frame()).to_csv(index=False, lineterminator="\n")


def compare(before: str, after: str, *, folders: Folders | None = None) -> Comparison:
    """Compare two published versions.

    Rows are matched by region, chapter, table, the table's keys and quantity. A difference below one part in 10^9 is
    none. A reason is something that differs between the versions and may bear on the table: it is not measured how
    much of the change each reason caused.

    Raises
    ------
    InputError
        If the versions are one and the same or were not published.
    AlteredError
        If a file of either was altered after publication.
    """
    if before == after:
        raise InputError(f"version: two different versions are compared, got {before!r} twice")
    old, new = frozen.open_versions(before, after, folders=folders)
    evidence = Evidence(before=old, after=new)
    rows: list[RowChange] = []
    same = 0
    sums = [frozen.read_sums(v.folder) for v in (old, new)]
    for place in sorted({*old.tables, *new.tables}):
        file = f"{frozen.table_place(*place).as_posix()}.parquet"
        frames = [v.table(*place) if place in v.tables else None for v in (old, new)]
        if sums[0].get(file) == sums[1].get(file):
            same += len(frames[0])  # type: ignore[arg-type]  # both versions have it
            continue
        merged = _matched(*frames)
        found = list(_row_changes(merged, place, evidence))
        same += len(merged) - len(found)
        rows += found
    return Comparison(
        before=old,
        after=new,
        differences=evidence.all,
        rows=tuple(rows),
        same=same,
        pdfs=_pdf_changes(old, new, explained=bool(evidence.all)),
    )


def key_columns(*frames: pd.DataFrame) -> list[str]:
    """Columns that tell the rows of a table apart in all versions of it, the fewest, from the left.

    Notes
    -----
    What stands before `quantity` are keys, but some only say more of a row (`reason`, `because`). From the right, a
    column is left out as long as the others still tell all rows apart; the first one that is no region says what
    the row is about and stays, and so do moments in time.
    """
    first = frames[0]
    shared = [c for c in first.columns if all(c in f for f in frames) and c not in BESIDE]
    keys = [c for c in shared if all(_before_quantity(f, c) for f in frames)]
    about = next((c for c in keys if c != "region"), "region")
    for column in reversed(keys.copy()):
        fewer = [c for c in keys if c != column]
        if column not in {about, *MOMENTS} and all(not f.duplicated([*fewer, "quantity"]).any() for f in frames):
            keys = fewer
    return keys


def _before_quantity(frame: pd.DataFrame, column: str) -> bool:
    """Whether a column stands where keys do."""
    names = list(frame.columns)
    return names.index(column) < names.index("quantity")


def _matched(before: pd.DataFrame | None, after: pd.DataFrame | None) -> pd.DataFrame:
    """Rows of both versions side by side: `key`, then every column with `_before` and `_after`, and `_merge`."""
    there = [f for f in (before, after) if f is not None]
    keys = key_columns(*there)
    sides = []
    for frame, like in ((before, after), (after, before)):
        rows = frame if frame is not None else there[0].iloc[:0]
        names = [_text(rows[c]).radd(f"{c}=") for c in keys]
        key = pd.concat(names, axis=1).agg(", ".join, axis=1) if names and len(rows) else pd.Series("", rows.index)
        side = rows.assign(_key=key.astype(str), _quantity=_text(rows["quantity"]))
        side["_turn"] = side.groupby(["_key", "_quantity"]).cumcount()
        missing = [] if like is None else [c for c in like.columns if c not in rows]
        sides.append(side.assign(**dict.fromkeys(missing)).astype(object))
    on = ["_key", "_quantity", "_turn"]
    merged = sides[0].merge(sides[1], on=on, how="outer", suffixes=("_before", "_after"), indicator=True, sort=False)
    turn = merged["_turn"].astype(int)
    return merged.assign(_key=merged["_key"].where(turn == 0, merged["_key"] + " #" + (turn + 1).astype(str)))


def _text(column: pd.Series) -> pd.Series:
    """Values as text: the same number is the same text whatever its type; unknown is empty."""

    def text(value: Any) -> str:
        if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
            return ""
        number = isinstance(value, (float, np.floating)) and float(value).is_integer()
        return str(int(value)) if number else str(value)

    return column.map(text).astype(object)


def _numbers(column: pd.Series) -> np.ndarray:
    """Values as floats; what is no number is NaN."""
    return pd.to_numeric(column, errors="coerce").astype("Float64").to_numpy(dtype=float, na_value=np.nan)


def _differs(before: pd.Series, after: pd.Series) -> np.ndarray:
    """Where two columns differ: numbers beyond rounding, anything else as text."""
    old, new = _numbers(before), _numbers(after)
    both = ~np.isnan(old) & ~np.isnan(new)
    apart = np.abs(old - new) > ROUNDING * np.maximum(np.abs(old), np.abs(new))
    return np.where(both, apart, (_text(before) != _text(after)).to_numpy())


def _row_changes(merged: pd.DataFrame, place: tuple[str, str, str], evidence: Evidence) -> Iterator[RowChange]:
    """Rows that differ."""
    pairs = [c.removesuffix("_before") for c in merged.columns if c.endswith("_before")]
    pairs = [c for c in pairs if f"{c}_after" in merged]
    differs = {c: _differs(merged[f"{c}_before"], merged[f"{c}_after"]) for c in pairs}
    numbers = [c for c in (*NUMBERS, *rules.BEHIND, *STATES) if c in differs]
    hard = np.logical_or.reduce([differs[c] for c in numbers])
    soft = np.logical_or.reduce([differs[c] for c in pairs])
    alone = merged["_merge"].map({"left_only": "gone", "right_only": "new", "both": ""}).to_numpy()
    reasons: dict[str, tuple[Reason, ...]] = {}
    for i in np.flatnonzero(soft | (alone != "")):
        change: Change = alone[i] or ("changed" if hard[i] else "described")
        reach: Literal["numbers", "words"] = "words" if change == "described" else "numbers"
        if reach not in reasons:
            reasons[reach] = evidence.explain(*place, reach=reach)
        row = merged.iloc[i]
        side = "before" if change == "gone" else "after"
        other = [] if alone[i] else [c for c in pairs if differs[c][i] and c not in NUMBERS]
        yield RowChange(
            region=place[0],
            chapter=place[1],
            table=place[2],
            key=row["_key"],
            quantity=row["_quantity"],
            unit=str(row.get(f"unit_{side}", "")),
            change=change,
            before={name: _number(row[f"{name}_before"]) for name in NUMBERS},
            after={name: _number(row[f"{name}_after"]) for name in NUMBERS},
            other=_others(row, other),
            reasons=reasons[reach],
        )


def _number(value: Any) -> float | None:
    """A number, or None where it is unknown or suppressed."""
    number = pd.to_numeric(pd.Series([value], dtype=object), errors="coerce").iloc[0]
    return None if pd.isna(number) else float(number)


def _others(row: pd.Series, columns: Sequence[str]) -> str:
    """Other columns that differ, from what to what."""
    pairs = ((c, _text(row[[f"{c}_before", f"{c}_after"]])) for c in columns)
    return "; ".join(f"{c}: {pair.iloc[0] or 'empty'} -> {pair.iloc[1] or 'empty'}" for c, pair in pairs)


def _pdf_changes(before: Version, after: Version, *, explained: bool) -> tuple[PdfChange, ...]:
    """Reports that differ; any difference between the versions can change a report."""
    found = []
    for file in sorted({*before.pdfs, *after.pdfs}):
        old, new = before.pdfs.get(file), after.pdfs.get(file)
        change: Change = "new" if old is None else "gone" if new is None else "changed"
        if old != new:
            asked = change != "changed"  # another choice of regions, or data of another status
            found.append(PdfChange(file=file, change=change, explained=explained or asked))
    return tuple(found)
