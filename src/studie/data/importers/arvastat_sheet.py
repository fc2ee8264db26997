"""The sheet of an Arvastat export: title, period, header in one of three variants, records and the total."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studie.data.importers.hidden import LEAST, MOST
from studie.data.importers.intake import Rejections, shown
from studie.data.importers.numbers import whole_number
from studie.data.importers.periods import month_of, months_in
from studie.data.importers.workbooks import Row, Sheet, read_sheets
from studie.errors import InputError

SHEET = "Data"
GROUP, TOTAL = "hoofdberoepsgroep", "totaal"
OCCUPATIONS = (GROUP, "beroepsgroep", "beroep")
VARIANTS = (OCCUPATIONS, ("studies detail",))
_TITLE, _PERIOD = (0, 0), (3, 0)  # A1 and A4
_LAST_HEADER = 60  # row beyond which no header is looked for
_DASHES = {"-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212"}
_NAME = re.compile(r"vacatures_(\d{4})(0[1-9]|1[0-2])_all\.xlsx", re.IGNORECASE)
Kind = Literal["received", "open", "persons"]
_KINDS: dict[str, Kind] = {"ontvangen vacatures": "received", "open vacatures": "open", "werkzoekende": "persons"}


@dataclass(frozen=True, kw_only=True)
class Record:
    """One readable record: its row, month, labels and count (None: hidden behind a dash)."""

    row: int
    month: str
    labels: tuple[str, ...]
    count: int | None


@dataclass(frozen=True, kw_only=True)
class Export:
    """What an Arvastat export holds.

    Attributes
    ----------
    file, title, period : str
        Name in messages, cell A1 and cell A4.
    kind : {"received", "open", "persons"}
        What is counted.
    by_occupation : bool
        Whether records have occupations; else studies.
    records : tuple of Record
        Readable records; one that repeats another is not among them.
    read : int
        Records in all [count].
    unreadable : tuple of (int, str, str)
        Row, month and main occupation group of records that cannot be read or contradict each other; '' where unknown.
    total : int or None
        The sheet's own total; None if it is hidden.
    notes : tuple of str
    """

    file: str
    title: str
    period: str
    kind: Kind
    by_occupation: bool
    records: tuple[Record, ...]
    read: int
    unreadable: tuple[tuple[int, str, str], ...]
    total: int | None
    notes: tuple[str, ...]

    @property
    def months(self) -> list[str]:
        """Months of the readable records, ascending."""
        return sorted({record.month for record in self.records})


@dataclass(frozen=True, kw_only=True)
class _Header:
    """Where the columns stand; month is None in the variant that has it in the file name only."""

    row: int
    month: int | None
    labels: tuple[int, ...]
    total: int
    by_occupation: bool


def read_export(path: Path, *, into: Rejections) -> Export:
    """Records of an Arvastat export; those that cannot be read are noted.

    Raises
    ------
    InputError
        If the workbook or its sheet `Data` cannot be read, the title, header, month or total is missing, or the total
        is not the sum of the records.
    """
    file = path.name
    (sheet,) = read_sheets(path, file=file, only=SHEET)
    title = _text(sheet.cell(*_TITLE))
    kind = _kind(title, file=file)
    header = _header(sheet, file=file)
    period = _text(sheet.cell(*_PERIOD)) if header.row > _PERIOD[0] else ""
    only = "" if header.month is not None else _month_of_file(path.name, period, file=file)
    rows = sheet.spread([i for i in (header.month, *header.labels) if i is not None])
    last, total = _total(rows, header, file=file)
    found = [(number, row) for number, row in enumerate(rows[header.row + 1 : last], header.row + 2) if _filled(row)]
    records, unreadable = _records(found, header, only, file=file, into=into)
    beyond, notes = _beyond(rows, last, header, file=file, into=into)
    if not found:
        raise InputError(f"{file}: sheet {SHEET}: must hold at least one row, got only a header")
    if header.month is None or kind == "received" or len({record.month for record in records}) == 1:
        _check_total(records, total, exact=not unreadable, file=file, row=last + 1)
    notes += [f"{title}; {period}"] if period else [title]
    if unreadable:
        notes.append("the row Totaal was not held against the records, because some cannot be read")
    return Export(
        file=file,
        title=title,
        period=period,
        kind=kind,
        by_occupation=header.by_occupation,
        records=tuple(records),
        read=len(found) + beyond,
        unreadable=tuple(unreadable),
        total=total,
        notes=tuple(notes),
    )


def _text(cell: object) -> str:
    """A cell as text on one line."""
    return " ".join(str("" if cell is None else cell).split())


def _filled(row: Row) -> bool:
    """Whether a row holds anything but blanks."""
    return any(_text(cell) for cell in row)


def _kind(title: str, *, file: str) -> Kind:
    """What is counted, by the title."""
    for word, kind in _KINDS.items():
        if word in title.lower():
            return kind
    allowed = "Ontvangen vacatures, Open vacatures or a title with werkzoekenden"
    raise InputError(f"{file}: sheet {SHEET}: cell A1 must be {allowed}, got {shown(title)!r}")


def _header(sheet: Sheet, *, file: str) -> _Header:
    """The row of the header, found by its words."""
    for number, row in enumerate(sheet.rows[:_LAST_HEADER]):
        names = [_text(cell).lower() for cell in row]
        if names[-1:] != [TOTAL]:
            continue
        for labels in VARIANTS:
            at = len(names) - 1 - len(labels)
            if tuple(names[at:-1]) == labels and at in (0, 1):
                return _Header(
                    row=number,
                    month=0 if at else None,
                    labels=tuple(range(at, len(names) - 1)),
                    total=len(names) - 1,
                    by_occupation=labels == OCCUPATIONS,
                )
    variants = ["Hoofdberoepsgroep, Beroepsgroep, Beroep, Totaal", "month, Studies detail, Totaal"]
    variants.append("month, Hoofdberoepsgroep, Beroepsgroep, Beroep, Totaal")
    raise InputError(f"{file}: sheet {SHEET}: must have a header row {' or '.join(variants)}, got none")


def _month_of_file(name: str, period: str, *, file: str) -> str:
    """Month of a file whose records do not tell it."""
    named = _NAME.fullmatch(name)
    of_name = f"{named[1]}-{named[2]}" if named else ""
    said = months_in(period)
    if of_name and said and said != [of_name]:
        raise InputError(f"{file}: cell A4 must be about the month of the file name, {of_name}, got {shown(period)!r}")
    month = of_name or (said[0] if len(said) == 1 else "")
    if not month:
        raise InputError(f"{file}: the month must stand in the file name, as vacatures_YYYYMM_all.xlsx, or in cell A4")
    return month


def _total(rows: Sequence[Row], header: _Header, *, file: str) -> tuple[int, int | None]:
    """Place of the row Totaal and its count."""
    labels = [i for i in (header.month, *header.labels) if i is not None]
    for number in range(header.row + 1, len(rows)):
        row = rows[number]
        said = {_text(row[i]).lower() for i in labels if i < len(row)} - {""}
        if said == {TOTAL}:
            count, rule = _count(row[header.total] if header.total < len(row) else None)
            if rule:
                where = f"{file}: sheet {SHEET}: row {number + 1}, column Totaal"
                raise InputError(f"{where}: {rule}, got {shown(_text(row[header.total : header.total + 1]))!r}")
            return number, count
    raise InputError(f"{file}: sheet {SHEET}: must end with a row Totaal; the file may be cut off")


def _count(cell: object) -> tuple[int | None, str]:
    """Count of a cell (None where a dash hides it) and the rule that it breaks."""
    rule = "must be a count, or a dash"
    if isinstance(cell, bool):
        return None, rule
    if isinstance(cell, int | float):
        sound = 0 <= cell < 2**53 and cell == int(cell)
        return (int(cell), "") if sound else (None, rule)
    if not isinstance(cell, str):
        return None, rule
    if cell.strip() in _DASHES:
        return None, ""
    value, wrong = whole_number(cell)
    return (None, rule) if wrong or value is None or value < 0 else (value, "")


def _records(
    found: Sequence[tuple[int, Row]], header: _Header, only: str, *, file: str, into: Rejections
) -> tuple[list[Record], list[tuple[int, str, str]]]:
    """Readable records, and row, month and group of those that are not."""
    records: dict[tuple[str, ...], Record] = {}
    unreadable: list[tuple[int, str, str]] = []
    subtotals: list[Record] = []
    contradicted: set[tuple[str, ...]] = set()
    for number, row in found:
        one, problems = _record(number, row, header, only)
        for column, broken, value in problems:
            into.add(file, number, column=column, rule=broken, value=value)
        key = (one.month, *(label.lower() for label in one.labels))
        if problems:
            unreadable.append(_place(one, header))
        elif TOTAL in key:
            subtotals.append(one)
        elif key not in records:
            records[key] = one
        elif records[key].count == one.count:
            into.add(file, number, column="", rule=f"repeats row {records[key].row}")
        else:
            contradicted.add(key)
            for row_of_key in (number, records[key].row):
                into.add(file, row_of_key, column="", rule="another row of the same month and labels says otherwise")
            unreadable.append(_place(one, header))
    sound = [record for key, record in records.items() if key not in contradicted]
    for one in subtotals:
        holds = _is_subtotal(one, sound)
        rule = "is a subtotal, which is not counted again" if holds else "must be the sum of its rows"
        into.add(file, one.row, column="Totaal", rule=rule, value="" if one.count is None else one.count)
        unreadable += [] if holds else [_place(one, header)]
    return sound, unreadable


def _record(number: int, row: Row, header: _Header, only: str) -> tuple[Record, list[tuple[str, str, object]]]:
    """One record and what is wrong with it."""
    cells = [row[i] if i < len(row) else None for i in range(header.total + 1)]
    labels = tuple(_text(cells[i]) for i in header.labels)
    month = only or month_of(cells[header.month or 0])
    count, rule = _count(cells[header.total])
    problems: list[tuple[str, str, object]] = []
    names = OCCUPATIONS if header.by_occupation else VARIANTS[1]
    within = False  # a subtotal leaves the labels after it empty
    for name, label in zip(names, labels, strict=True):
        within |= label.lower() == TOTAL
        if not label and not within:
            problems.append((name, "must not be empty", ""))
    if not month:
        problems.append(("month", "must be a month such as March 2024", _text(cells[header.month or 0])))
    if rule:
        problems.append(("Totaal", rule, _text(cells[header.total])))
    if len(row) > header.total + 1:
        problems.append(("", "must have no cells beyond the column Totaal", _text(row[-1])))
    return Record(row=number, month=month, labels=labels, count=count), problems


def _place(record: Record, header: _Header) -> tuple[int, str, str]:
    """Row, month and group of a record that cannot be used; '' where unknown."""
    group = record.labels[0] if header.by_occupation else ""
    return record.row, record.month, "" if group.lower() == TOTAL else group


def _is_subtotal(one: Record, records: Sequence[Record]) -> bool:
    """Whether a row with the label Totaal can be the sum of the records that share its other labels."""
    scope = [label.lower() for label in one.labels]
    scope = scope[: scope.index(TOTAL)]
    parts = [
        record.count
        for record in records
        if record.month == one.month and [label.lower() for label in record.labels[: len(scope)]] == scope
    ]
    shown_sum, hidden = sum(part for part in parts if part is not None), parts.count(None)
    least, most = (LEAST, MOST) if one.count is None else (one.count, one.count)
    return bool(parts) and most >= shown_sum + LEAST * hidden and least <= shown_sum + MOST * hidden


def _beyond(rows: Sequence[Row], last: int, header: _Header, *, file: str, into: Rejections) -> tuple[int, list[str]]:
    """Number of records after the total, which are noted, and the texts there."""
    read, notes = 0, []
    for number, row in enumerate(rows[last + 1 :], last + 2):
        filled = [_text(cell) for cell in row if _text(cell)]
        if len(filled) > 1:
            read += 1
            into.add(file, number, column="", rule="stands after the row Totaal", value=", ".join(filled))
        elif filled:
            notes.append(f"row {number}: {shown(filled[0])}")
    return read, notes


def _check_total(records: Sequence[Record], total: int | None, *, exact: bool, file: str, row: int) -> None:
    """Hold the total against the records: equal, or within what the hidden ones allow."""
    if not exact:
        return
    shown_sum = sum(record.count for record in records if record.count is not None)
    hidden = sum(record.count is None for record in records)
    low, high = shown_sum + LEAST * hidden, shown_sum + MOST * hidden
    least, most = (LEAST, MOST) if total is None else (total, total)
    if most < low or least > high:
        expected = f"{low}" if low == high else f"{low} to {high}, {hidden} counts being hidden"
        where, got = f"{file}: sheet {SHEET}: row {row}", "a dash" if total is None else str(total)
        raise InputError(f"{where}: Totaal must be the sum of the rows above, {expected}, got {got}")
