"""What the rows of a workbook must agree on: pairs of cells, keys, and what one sheet says of another."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd
from openpyxl.worksheet.worksheet import Worksheet

from studie.data.contracts import contract
from studie.data.workbook import layout
from studie.data.workbook.grid import Grid, content
from studie.data.workbook.known import Known, present_refnis
from studie.data.workbook.problems import Problem, WrongCellError
from studie.data.workbook.values import Desk, Value, read_cell

Row = dict[str, Value]
_NUMBERS = ("places", "filled_persons", "filled_vte")


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Rows of one sheet as far as they can be read, and everything that is wrong with them.

    Attributes
    ----------
    grid : Grid
        The cells that they come from.
    rows : mapping of int to Row
        Values by field per row; a cell that cannot be read is not in it.
    problems : tuple of Problem
        In order of row and column.
    """

    grid: Grid
    rows: Mapping[int, Row]
    problems: tuple[Problem, ...]

    def keys(self, *fields: str) -> dict[tuple[Value, ...], int]:
        """First row of each combination of fields that can be read."""
        found: dict[tuple[Value, ...], int] = {}
        for number, row in self.rows.items():
            if all(row.get(field) is not None for field in fields):
                found.setdefault(tuple(row[field] for field in fields), number)
        return found


def judge(sheets: Mapping[str, Grid], results: Mapping[str, Worksheet], desk: Desk, known: Known) -> dict[str, Judged]:
    """All sheets, cell by cell and then against each other.

    Parameters
    ----------
    sheets : mapping of str to Grid
        Grids by the name of the sheet, parents first.
    results : mapping of str to Worksheet
        The same sheets with the saved results of formulas; empty if there are none.
    desk, known
        What cells and rows are held against.
    """
    judged: dict[str, Judged] = {}
    local = known.local
    for name, cells in sheets.items():
        rows, problems = _read(cells, results.get(name), desk)
        found = Judged(grid=cells, rows=rows, problems=())
        problems += [*_of_rows(found, desk), *_in_order(found), *_twice(found), *_moved(found, known)]
        problems += [*_of_references(found, judged, local), *_unlisted(found, known), *_published(found, known)]
        order = sorted(problems, key=lambda p: (p.row, cells.columns.get(_field(cells, p), 0)))
        judged[name] = Judged(grid=cells, rows=rows, problems=(*cells.problems, *order))
    return judged


def _field(cells: Grid, problem: Problem) -> str:
    """Field that a problem is about."""
    return next((field.name for field in cells.rules.fields if field.header == problem.column), "")


def _read(cells: Grid, results: Worksheet | None, desk: Desk) -> tuple[dict[int, Row], list[Problem]]:
    """Values of each row, and cells that cannot be read."""
    rows: dict[int, Row] = {}
    problems = []
    for number, row in cells.rows.items():
        rows[number] = {}
        for field in cells.rules.fields:
            if field.name not in cells.columns or field.locked:
                continue
            cell = row.get(field.name)
            shown = "" if cell is None else _said(cell.value)
            try:
                rows[number][field.name] = read_cell(None if cell is None else content(cell, results), field, desk)
            except WrongCellError as error:
                problems.append(cells.problem(number, field.name, str(error), shown))
    return rows, problems


def _said(value: object) -> object:
    """A value as the cell shows it."""
    if isinstance(value, datetime.datetime):
        return f"{value:%d/%m/%Y}" if value.time() == datetime.time() else f"{value:%d/%m/%Y %H:%M}"
    return getattr(value, "text", value)  # an array formula


def _of_rows(found: Judged, desk: Desk) -> Iterator[Problem]:
    """Cells of one row that contradict each other."""
    for number, row in found.rows.items():
        if "nace_code" in row and "nace_version" in row and (row["nace_code"] is None) != (row["nace_version"] is None):
            empty = "nace_code" if row["nace_code"] is None else "nace_version"
            yield found.grid.problem(number, empty, "vul NACE-code en NACE-versie samen in, of laat ze allebei leeg")
        if found.grid.rules.name == layout.OFFER.name:
            yield from _of_offer(found.grid, number, row, desk)


def _of_offer(cells: Grid, number: int, row: Row, desk: Desk) -> Iterator[Problem]:
    """What one offer says twice."""
    numbers = [row.get(name) for name in _NUMBERS]
    readable = all(name in row for name in (*_NUMBERS, "status"))
    status = row.get("status")
    if readable and status in (None, "unknown") and any(value is not None for value in numbers):
        rule = "kies 'geteld' of 'geschat', want er staat een cijfer in deze rij"
        yield cells.problem(number, "status", rule, layout.UNKNOWN if status else "")
    if readable and status in ("counted", "estimated") and all(value is None for value in numbers):
        word = layout.STATUSES[str(status)]
        yield cells.problem(number, "status", "kies 'onbekend' of vul een cijfer in, want deze rij heeft er geen", word)
    persons, fulltime = row.get("filled_persons"), row.get("filled_vte")
    if isinstance(persons, int) and isinstance(fulltime, int | float) and fulltime > persons:
        rule = f"mag niet meer zijn dan het aantal personen ({persons})"
        yield cells.problem(number, "filled_vte", rule, f"{fulltime:g}".replace(".", ","))
    form, day = desk.words.work_forms.get(str(row.get("work_form"))), row.get("date")
    if form and isinstance(day, datetime.date) and not form.exists(day.isoformat()):
        rule = f"bestond niet op {day:%d/%m/%Y}; kies een andere werkvorm of een andere peildatum"
        yield cells.problem(number, "work_form", rule, form.label)


def _in_order(found: Judged) -> Iterator[Problem]:
    """Pairs of cells of which the first exceeds the second."""
    rules = found.grid.rules
    for low, high in contract(rules.table).ordered:
        for number, row in found.rows.items():
            one, other = row.get(low), row.get(high)
            if one is None or other is None or not one > other:  # type: ignore[operator]
                continue
            header = rules.field(high).header
            if isinstance(other, datetime.date):
                rule, value = f"mag niet na '{header}' liggen ({other:%d/%m/%Y})", f"{one:%d/%m/%Y}"
            else:
                rule, value = f"mag niet groter zijn dan '{header}' ({_number(other)})", _number(one)
            yield found.grid.problem(number, low, rule, value)


def _number(value: Value) -> str:
    """Number in Dutch form, without needless decimals."""
    return f"{value:.10g}".replace(".", ",")


def _twice(found: Judged) -> Iterator[Problem]:
    """Rows with the key of an earlier row."""
    rules = found.grid.rules
    first = found.keys(*rules.key)
    for number, row in found.rows.items():
        key = tuple(row.get(name) for name in rules.key)
        if None not in key and first[key] != number:
            headers = " + ".join(rules.field(name).header for name in rules.key)
            rule = f"zelfde {headers} als in rij {first[key]}; hou één van beide rijen over"
            yield found.grid.problem(number, rules.key[0], rule, key[0])


def _of_references(found: Judged, judged: Mapping[str, Judged], local: Known) -> Iterator[Problem]:
    """Rows that refer to something that is not on the sheet before, nor in the databank."""
    rules = found.grid.rules
    parent = judged.get(rules.parent)
    if parent is None or parent.grid.problems:
        return
    fields = parent.grid.rules.key if rules.name != layout.TARGET_GROUPS.name else rules.key
    stored = local.table(parent.grid.rules.table)[list(fields)]
    there = set(parent.keys(*fields)) | set(stored.itertuples(index=False, name=None))
    for number, row in found.rows.items():
        value = tuple(row.get(name) for name in fields)
        if None not in value and value not in there:
            rule = f"dit nummer staat niet op het blad {rules.parent}; vul het daar eerst in"
            if rules.field(fields[0]).kind == "code":
                rule = f"dit kenmerk staat niet op het blad {rules.parent}; vul het daar eerst in"
            if len(fields) > 1:
                rule = f"deze vestiging met deze werkvorm en activiteit staat niet op het blad {rules.parent}"
            yield found.grid.problem(number, fields[0], rule, value[0])


def _unlisted(found: Judged, known: Known) -> Iterator[Problem]:
    """Rows of a closed list that are not in it, and enterprises that the databank must know first."""
    rules = found.grid.rules
    if rules.closed:
        listed = set(known.table(rules.table)[list(rules.key)].itertuples(index=False, name=None))
        for number, row in found.rows.items():
            key = tuple(row.get(name) for name in rules.key)
            if None not in key and key not in listed:
                rule = "staat niet in de lijst van dit blad; voeg hier geen rijen toe en verander geen kenmerk"
                yield found.grid.problem(number, rules.key[0], rule, key[0])
    elif rules.table in known.registers and any(field.kind == "enterprise" for field in rules.fields):
        firms = set(known.enterprise["enterprise_number"])
        for number, row in found.rows.items():
            firm = row.get("enterprise_number")
            if firm is not None and firm not in firms:
                rule = "deze onderneming staat niet in de databank; lees haar eerst in (KBO of werkboek van een gebied)"
                yield found.grid.problem(number, "enterprise_number", rule, firm)


def _moved(found: Judged, known: Known) -> Iterator[Problem]:
    """Establishments that the databank has in another region: a slip of the number would overwrite them."""
    if found.grid.rules.name != layout.ESTABLISHMENTS.name or known.establishment.empty:
        return
    elsewhere = known.establishment[~present_refnis(known.establishment["refnis"]).isin(known.refnis)]
    numbers = dict(zip(elsewhere["establishment_number"], elsewhere["name"], strict=True))
    for number, row in found.rows.items():
        if row.get("establishment_number") in numbers:
            where = f"buiten dit gebied ({numbers[row['establishment_number']]})"
            rule = f"is in de databank een vestiging {where}; kijk het nummer na"
            yield found.grid.problem(number, "establishment_number", rule, row["establishment_number"])


def _published(found: Judged, known: Known) -> Iterator[Problem]:
    """Numbers that differ from a published figure: that one stands, unless own rows replace it."""
    rules = found.grid.rules
    stored = known.table(rules.table)
    stored = stored[stored["data_status"] == "observed"]
    if stored.empty or contract(rules.table).own_replaces:
        return
    kinds = {column.name: column.kind for column in contract(rules.table).columns}
    numbers = [field.name for field in rules.fields if kinds.get(field.name) in ("whole", "number")]
    listed = {tuple(_plain(record[name]) for name in rules.key): record for record in stored.to_dict("records")}
    for number, row in found.rows.items():
        record = listed.get(tuple(row.get(name) for name in rules.key), {})
        for name in numbers:
            there, here = record.get(name), row.get(name)
            if here is not None and there is not None and not pd.isna(there) and here != there:
                rule = f"wijkt af van het gepubliceerde cijfer ({there:g}); laat dat staan en meld het aan de provincie"
                yield found.grid.problem(number, name, rule, here)


def _plain(value: object) -> object:
    """A day without its time, as rows of a sheet have it."""
    return value.date() if isinstance(value, pd.Timestamp) else value
