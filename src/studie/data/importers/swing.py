"""Upload files of Swing (Provincies in Cijfers): one record per period and area, one column per figure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from studie import regions
from studie.config import REFERENCE_DATE
from studie.data import contracts
from studie.data.importers.columns import Candidates, Figures, Measure, figures, mapped, measures_of, unused
from studie.data.importers.intake import Intake, Options, Rejections, must_hold_rows
from studie.data.importers.json_texts import read_json
from studie.data.importers.periods import RULE, period_of
from studie.data.importers.territory import NEWEST_FIRST, OUTSIDE, codes, place_code, today, vintage_of
from studie.data.importers.texts import decode, read_bytes, records
from studie.data.importers.workbooks import Sheet, read_sheets
from studie.errors import InputError

KEYS = ("period", "geolevel", "geoitem")
NO_VALUE = {
    -99996.0: "leeg bij de bron (-99996)",
    -99997.0: "verborgen door de bron (-99997)",
    -99998.0: "niet van toepassing (-99998)",
    -99999.0: "geen antwoord (-99999)",
}
_RESERVED = (-99999.0, -99990.0)  # no figure: the publisher's codes for missing values lie here
_UNKNOWN_PLACES = range(99991, 100000)
_LEVEL = re.compile(r"gemeente(?P<year>\d{4})?")
_AREAS = {
    ("provincie", 10000): regions.PROVINCE, ("gewest", 2000): regions.FLANDERS,
    **{("arrondissement", code): f"arrondissement:{code}" for code in regions.ARRONDISSEMENTS},
    **{("arrondiss", code): f"arrondissement:{code}" for code in regions.ARRONDISSEMENTS},
}  # fmt: skip
_INDEX = "(index)"
_NOT_DATA = re.compile(rf"{re.escape(_INDEX)}|unnamed: \d+|te verwijderen\b.*", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Records of the file or of one of its sheets."""

    file: str
    header: tuple[str, ...]  # lower case
    rows: list[int]
    cells: list[tuple[object, ...]]
    read: int

    def column(self, name: str) -> list[object]:
        """Cells of one column."""
        at = self.header.index(name)
        return [record[at] for record in self.cells]


def read(path: Path, *, options: Options) -> Intake:
    """Figures of a Swing upload as rows of `indicator`.

    Parameters
    ----------
    path : Path
        Text (`.csv`, `.txt`; comma, semicolon or tab), workbook (`.xlsx`, every sheet with the three key columns), or a
        table of the databank as its API gives it (`.json`: place, period, figures).
    options : Options
        `mapping` names the columns (see `columns`); `date` is a day of the territory of geolevel `gemeente`, where the
        codes alone do not tell.

    Returns
    -------
    Intake
        One row per figure and municipality of today. A record is taken with all its figures or listed. The codes for
        no value stay four different notes on a row without value; an empty cell gives no row and is counted in a note.

    Raises
    ------
    InputError
        If the file is no such upload, or two columns would be one indicator.

    Notes
    -----
    `gemeente`, `gemeente2018` and `gemeente2024` are different lists of municipalities. A figure of an older list is
    taken where the municipality of today has the same territory; one of a municipality that was merged since, or left
    the province, is listed, because whether parts may be summed depends on the figure.
    """
    rejections = Rejections()
    parts, notes = _parts(path, rejections)
    known = mapped(options.mapping)
    taken = [_candidates(part, known, options, into=rejections) for part in parts]
    notes += [note for _, said in taken for note in said]
    _reject_repeats_between([one for one, _ in taken], rejections)
    tables = [one.taken(rejections) for one, _ in taken]
    filled = [(table, origin) for table, origin in tables if len(table)]
    read_in_all = sum(part.read for part in parts)
    headers = [name for part in parts for name in part.header]
    return Intake(
        tables={
            "indicator": pd.concat([t for t, _ in filled], ignore_index=True)
            if filled
            else contracts.empty("indicator")
        },
        read=read_in_all,
        taken=read_in_all - len(rejections),
        rejected=rejections.to_frame(),
        notes=(*notes, *unused(known, headers)),
        origins={"indicator": pd.concat([o for _, o in filled or tables], ignore_index=True)},
    )


def _parts(path: Path, into: Rejections) -> tuple[list[_Part], list[str]]:
    """Records of a file, and notes."""
    kind = path.suffix.lower()
    if kind == ".xlsx":
        return _workbook(path)
    return [_table(path, into) if kind == ".json" else _text(path, into)], []


def _table(path: Path, into: Rejections) -> _Part:
    """Records of a table as `selectiontableasjson` of the databank gives it: place, period, then figures."""
    file = path.name
    content = read_json(path, file=file)
    headers = content.get("headers") if isinstance(content, dict) else None
    rows = content.get("rows") if isinstance(content, dict) else None
    heads = headers if isinstance(headers, list) else []
    named = [str(head.get("name") or "") for head in heads if isinstance(head, dict)]
    if not isinstance(rows, list) or len(named) < 3 or len(named) != len(heads) or not all(named):
        raise InputError(
            f"{file}: must be a table with headers (place, period, figures) and rows, as the databank gives it"
        )
    if not rows:
        raise InputError(f"{file}: must hold at least one row, got only a header")
    header = _header(["geolevel", "geoitem", "period", *named[2:]], file=file)
    numbers, cells = [], []
    for number, row in enumerate(rows, start=1):
        if isinstance(row, list) and len(row) == len(named) and not any(isinstance(v, dict | list) for v in row):
            numbers.append(number)
            cells.append(("gemeente", *row))
        else:
            into.add(file, number, column="", rule=f"must have {len(named)} values as the header has", value=row)
    return _Part(file=file, header=header, rows=numbers, cells=cells, read=len(rows))


def _text(path: Path, into: Rejections) -> _Part:
    """Records of a text file; a column without name in front is an index."""
    file = path.name
    text = decode(read_bytes(path, file=file), file=file, encodings=("utf-8", "utf-16", "cp1252"))
    named = f"{_INDEX}{text}" if text[:1] in (",", ";", "\t") else re.sub(r'^""(?=[,;\t])', _INDEX, text)
    found = records(named, file=file, into=into, last_line="ends")
    header = _header([str(name) for name in found.frame.columns], file=file)
    if not into:
        must_hold_rows(found.frame, file=file)
    cells = [tuple(record) for record in found.frame.itertuples(index=False)]
    return _Part(file=file, header=header, rows=found.rows.tolist(), cells=cells, read=found.read)


def _workbook(path: Path) -> tuple[list[_Part], list[str]]:
    """Records of all sheets that have the key columns, and notes on the others."""
    parts, notes = [], []
    for sheet in read_sheets(path, file=path.name):
        names = [str(name).strip().lower() for name in (sheet.rows[0] if sheet.rows else ()) if name is not None]
        if set(KEYS) <= set(names):
            part, said = _sheet(sheet, file=f"{path.name}, sheet {sheet.title}")
            parts.append(part)
            notes += said
        else:
            notes.append(f"sheet {sheet.title} is not used: row 1 lacks one of {', '.join(KEYS)}")
    if not parts:
        raise InputError(f"{path.name}: must hold a sheet with the columns {', '.join(KEYS)} in row 1, got none")
    if not any(part.read for part in parts):
        raise InputError(f"{path.name}: must hold at least one row, got only a header")
    return parts, notes


def _sheet(sheet: Sheet, *, file: str) -> tuple[_Part, list[str]]:
    """Records of one sheet; columns without name are left out and noted if they hold something."""
    first = sheet.rows[0]
    named = [i for i, name in enumerate(first) if name is not None and str(name).strip()]
    header = _header([str(first[i]) for i in named], file=file)
    rows, cells, beside = [], [], 0
    for number, record in enumerate(sheet.rows[1:], start=2):
        if all(value is None for value in record):
            continue
        beside += sum(value is not None for i, value in enumerate(record) if i not in named)
        rows.append(number)
        cells.append(tuple(record[i] if i < len(record) else None for i in named))
    notes = [f"{file}: {beside} cells in columns without name are not used"] if beside else []
    return _Part(file=file, header=header, rows=rows, cells=cells, read=len(rows)), notes


def _header(names: Sequence[str], *, file: str) -> tuple[str, ...]:
    """Names in lower case, with the key columns."""
    lower = tuple(name.strip().lower() for name in names)
    problems = [
        f"{file}: row 1: column {name} stands there twice" for name in dict.fromkeys(lower) if lower.count(name) > 1
    ]
    problems += [f"{file}: row 1: column {name} is missing" for name in KEYS if name not in lower]
    if all(name in KEYS or _NOT_DATA.fullmatch(name) for name in lower):
        problems.append(f"{file}: row 1: must have at least one column of figures")
    if problems:
        raise InputError(*problems)
    return lower


def _candidates(
    part: _Part, known: Mapping[str, Measure], options: Options, *, into: Rejections
) -> tuple[Candidates, list[str]]:
    """Rows of one part on their way into the table, and notes."""
    listed = [name for name in part.header if name not in KEYS and not _NOT_DATA.fullmatch(name)]
    measures = measures_of(listed, known, file=part.file)
    columns = {name: figures(part.column(name), name=name) for name in listed}
    levels = [str(level or "").strip().lower() for level in part.column("geolevel")]
    places = [place_code(_plain(item)) for item in part.column("geoitem")]
    periods = [_plain(period) for period in part.column("period")]
    current = _current_list(levels, places, options)
    candidates = Candidates(file=part.file)
    for i, row in enumerate(part.rows):
        problems, area, note = _place(levels[i], places[i], current)
        period = period_of(periods[i])
        if not period:
            problems.append(("period", RULE, periods[i]))
        problems += _wrong_figures(i, columns, part)
        for column, rule, value in problems:
            into.add(part.file, row, column=column, rule=rule, value=value)
        if problems:
            continue
        for name, measure in measures.items():
            value = columns[name].values[i]
            if not np.isnan(value):
                reason = NO_VALUE.get(value, "")
                candidates.add(
                    row,
                    measure,
                    region=area,
                    period=period,
                    value=np.nan if reason else value,
                    note="; ".join(text for text in (reason, note) if text),
                )
    return candidates, _notes(part, columns, levels, current, {*candidates.records})


def _notes(
    part: _Part, columns: Mapping[str, Figures], levels: Sequence[str], current: str, used: set[int]
) -> list[str]:
    """What a user should know of one part."""
    unnamed = [" ".join(name.split()) for name in part.header if _NOT_DATA.fullmatch(name)]
    notes = [f"{part.file}: columns not used: {', '.join(unnamed)}"] if unnamed else []
    if "gemeente" in levels and used:
        notes.append(f"{part.file}: geolevel gemeente is the list of {regions.vintage(current)}")
    blank = sum(
        row in used and np.isnan(column.values[i]) for column in columns.values() for i, row in enumerate(part.rows)
    )
    notes += [f"{part.file}: {blank} empty cells give no row"] if blank else []
    return notes + [f"{part.file}: {column.note}" for column in columns.values() if column.note]


def _plain(cell: object) -> str:
    """A cell as text; a whole number without decimals."""
    return f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() else str("" if cell is None else cell).strip()


def _current_list(levels: Sequence[str], places: Sequence[int | None], options: Options) -> str:
    """Day of the list of municipalities that geolevel `gemeente` means in this file."""
    anywhere = {code for day in NEWEST_FIRST for code in codes(day)}
    asked = {place for level, place in zip(levels, places, strict=True) if level == "gemeente" and place in anywhere}
    return vintage_of(asked, date=options.date)


def _place(level: str, code: int | None, current: str) -> tuple[list[tuple[str, str, object]], str, str]:
    """Problems, region code and note of one area."""
    kind = _LEVEL.fullmatch(level)
    if kind is None:
        area = _AREAS.get((level, code or 0), "")
        known = level in {name for name, _ in _AREAS}
        rule = OUTSIDE if known else "must be gemeente, gemeente2018, gemeente2024, arrondissement, provincie or gewest"
        return (
            ([], area, "") if area else ([("geoitem" if known else "geolevel", rule, code if known else level)], "", "")
        )
    if code is None:
        return [("geoitem", "must be the NIS code or name of a municipality of the province", "")], "", ""
    if code in _UNKNOWN_PLACES:
        return [("geoitem", "is the code for an unknown place", code)], "", ""
    day = _list_of(kind["year"], current)
    if code not in codes(day):
        elsewhere = not any(code in codes(other) for other in NEWEST_FIRST)
        rule = OUTSIDE if elsewhere else f"is no municipality on the list of {regions.vintage(day)}"
        return [("geoitem", rule, code)], "", ""
    now = today(day)[code]
    if now is None:
        return [("geoitem", f"was merged or left the province since {day}: sum the parts first", code)], "", ""
    note = "" if day >= REFERENCE_DATE else f"gemeenten van {regions.vintage(day)}"
    return [], f"municipality:{now}", note


def _list_of(year: str | None, current: str) -> str:
    """Day of the list of municipalities that a geolevel names."""
    if year is None:
        return current
    return next((day for day in reversed(NEWEST_FIRST) if year <= day[:4]), REFERENCE_DATE)


def _wrong_figures(i: int, columns: Mapping[str, Figures], part: _Part) -> list[tuple[str, str, object]]:
    """Problems of the figures of one record."""
    problems: list[tuple[str, str, object]] = []
    for name, column in columns.items():
        value = column.values[i]
        if column.rules[i]:
            problems.append((name, column.rules[i], part.cells[i][part.header.index(name)]))
        elif _RESERVED[0] <= value <= _RESERVED[1] and value not in NO_VALUE:
            problems.append((name, "must be a figure or one of the codes -99996 to -99999", value))
    if not problems and all(np.isnan(column.values[i]) for column in columns.values()):
        problems.append((", ".join(list(columns)[:3]), "must hold a figure", ""))
    return problems


def _reject_repeats_between(parts: Sequence[Candidates], into: Rejections) -> None:
    """Reject records of which another sheet holds a figure too."""
    owner: dict[tuple[object, ...], tuple[str, int, tuple[object, ...]]] = {}
    for part in parts:
        for record, row in zip(part.records, part.rows, strict=True):
            first = owner.setdefault(row[:3], (part.file, record, row))
            if first[0] == part.file:
                continue
            same = repr(first[2]) == repr(row)
            rule = f"repeats row {first[1]} of {first[0]}" if same else f"row {first[1]} of {first[0]} says otherwise"
            into.add(part.file, record, column="", rule=rule)
            if not same:
                into.add(first[0], first[1], column="", rule=f"row {record} of {part.file} says otherwise")
