"""Columns of figures: which indicator each one is, and its cells as numbers with one decimal mark."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import ClassVar

import numpy as np
import pandas as pd

from studie.data.importers.intake import Rejections, shown, take
from studie.data.importers.numbers import Locale, decimal_number
from studie.errors import InputError, unknown

UNKNOWN_UNIT = "onbekend"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What a column of figures is in the table `indicator`."""

    indicator_id: str
    unit: str = UNKNOWN_UNIT
    population: str = UNKNOWN_UNIT


def identifier(*parts: str) -> str:
    """Parts as one identifier in snake_case."""
    text = unicodedata.normalize("NFKD", "_".join(part for part in parts if part)).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return plain if re.match("[a-z]", plain) else f"v_{plain}".rstrip("_")


def mapped(mapping: Mapping[str, object], *, also: Sequence[str] = ()) -> dict[str, Measure]:
    """Measures that a mapping file names, by column of the source in lower case.

    Parameters
    ----------
    mapping : mapping
        `columns` holds per column `indicator_id`, `unit` and `population`, or only the identifier as text.
    also : sequence of str
        Other keys that the importer knows.

    Raises
    ------
    InputError
        One line per unknown key or wrong value.
    """
    for key in mapping:
        if key not in ("columns", *also):
            raise unknown("mapping", key, ["columns", *also])
    columns = mapping.get("columns", {})
    if not isinstance(columns, Mapping):
        raise InputError("mapping: columns must hold one entry per column of the source")
    return {str(code).strip().lower(): _measure(str(code), said) for code, said in columns.items()}


def _measure(code: str, said: object) -> Measure:
    """One entry of a mapping file."""
    given = {"indicator_id": said} if isinstance(said, str) else said
    known = [one.name for one in fields(Measure)]
    if not isinstance(given, Mapping) or not all(isinstance(value, str) and value for value in given.values()):
        raise InputError(f"mapping: columns.{code} must hold texts for {', '.join(known)}, got {said!r}")
    for key in given:
        if key not in known:
            raise unknown(f"mapping: columns.{code}", key, known)
    texts = {str(key): str(value) for key, value in given.items()}
    made = Measure(**{"indicator_id": identifier(code)} | texts)
    if not re.fullmatch("[a-z][a-z0-9_]*", made.indicator_id):
        raise InputError(f"mapping: columns.{code}.indicator_id must be snake_case, got {made.indicator_id!r}")
    return made


def measures_of(columns: Iterable[str], known: Mapping[str, Measure], *, file: str) -> dict[str, Measure]:
    """Measure of every column; one that the mapping does not name has its own name as identifier.

    Raises
    ------
    InputError
        If two columns would become one indicator.
    """
    found = {
        name: known.get(name.strip().lower(), Measure(indicator_id=identifier(name), population=name.strip()))
        for name in columns
    }
    listed = [measure.indicator_id for measure in found.values()]
    twice = {name: measure.indicator_id for name, measure in found.items() if listed.count(measure.indicator_id) > 1}
    if twice:
        said = shown(", ".join(twice))
        raise InputError(f"{file}: columns {said} would be one indicator, {next(iter(twice.values()))}; map them apart")
    return found


def unused(known: Mapping[str, Measure], columns: Iterable[str]) -> tuple[str, ...]:
    """Notes on entries of a mapping file that name no column of the source."""
    there = {name.strip().lower() for name in columns}
    return tuple(f"mapping: the file has no column {code}" for code in known if code not in there)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Cells of a column as numbers: nan where empty or wrong, the rule that a wrong one breaks, and the locale."""

    values: list[float]
    rules: list[str]
    note: str = ""


def figures(cells: Sequence[object], *, name: str, locale: Locale = "en") -> Figures:
    """Cells of one column as numbers.

    Parameters
    ----------
    cells : sequence
        Numbers as a workbook holds them, texts, or None.
    name : str
        Name of the column in the note.
    locale : {"en", "nl"}, default "en"
        Locale of the publisher; the other one is tried because spreadsheets rewrite numbers.

    Notes
    -----
    A column has one decimal mark: the locale in which more of its texts are numbers is taken, the publisher's if both
    read as many. Where both read every text but differ (`1.234`), the note says so.
    """
    other: Locale = "nl" if locale == "en" else "en"
    texts = {cell for cell in cells if isinstance(cell, str)}
    read: dict[Locale, dict[str, tuple[float | None, str]]] = {
        one: {text: tuple(decimal_number(text, locale=one)) for text in texts}  # type: ignore[misc]
        for one in (locale, other)
    }
    failed = {one: sum(bool(rule) for _, rule in found.values()) for one, found in read.items()}
    chosen = other if failed[other] < failed[locale] else locale
    note = ""
    if failed[locale] == failed[other] == 0 and read[locale] != read[other]:
        note = f"column {name}: read with {'a point' if locale == 'en' else 'a comma'} as decimal mark; both marks fit"
    pairs = [_figure(cell, read[chosen]) for cell in cells]
    return Figures(values=[value for value, _ in pairs], rules=[rule for _, rule in pairs], note=note)


def _figure(cell: object, texts: Mapping[str, tuple[float | None, str]]) -> tuple[float, str]:
    """Value and rule of one cell."""
    if cell is None:
        return np.nan, ""
    if isinstance(cell, str):
        value, rule = texts[cell]
        return (np.nan if value is None else value), rule
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < 2**1000:
        return float(cell), ""
    return np.nan, "must be a number"


@dataclass(kw_only=True)
class Candidates:
    """Rows of `indicator` on their way into the table, each with the record that it comes from."""

    file: str
    rows: list[tuple[object, ...]] = field(default_factory=list)
    records: list[int] = field(default_factory=list)

    NAMES: ClassVar[tuple[str, ...]] = (
        "indicator_id", "region", "period", "value", "unit", "population", "status", "note",
    )  # fmt: skip

    def add(
        self,
        record: int,
        measure: Measure,
        *,
        region: str,
        period: str,
        value: float,
        status: str = "gepubliceerd",
        note: str = "",
    ) -> None:
        """One figure; nan where the source says why there is none (then the note does)."""
        self.records.append(record)
        self.rows.append((measure.indicator_id, region, period, value, measure.unit, measure.population, status, note))

    def frame(self) -> pd.DataFrame:
        """The rows so far."""
        texts = dict.fromkeys(set(self.NAMES) - {"value"}, object)
        return pd.DataFrame(self.rows, columns=list(self.NAMES)).astype(texts)

    @property
    def keys(self) -> list[tuple[object, ...]]:
        """Key of each row."""
        return [row[:3] for row in self.rows]

    def taken(self, into: Rejections) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Rows that pass the contract and, in the same order, the file and row of the record of each."""
        frame = self.frame()
        rows = pd.Series(self.records, dtype="int64")
        table = take(frame, "indicator", file=self.file, rows=rows, into=into)
        kept = rows[[not into.has(self.file, int(row)) for row in rows]].reset_index(drop=True)
        return table, pd.DataFrame({"file": self.file, "row": kept})
