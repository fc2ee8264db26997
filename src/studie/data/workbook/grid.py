"""The cells of one sheet by column and row, wherever a coordinator moved them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from studie.data.importers.intake import shown
from studie.data.workbook import layout
from studie.data.workbook.layout import Sheet
from studie.data.workbook.problems import Problem, WrongCellError
from studie.data.workbook.values import Content

MOST_ROWS = 20_000
_HEADER_WITHIN = 25  # rows in which the header is looked for
_FOUND_WITH = 2  # header cells that tell the header from other rows


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Cells of a sheet.

    Attributes
    ----------
    rules : Sheet
        What should stand there.
    columns : mapping of str to int
        Position of each field that was found.
    rows : mapping of int to mapping of str to Cell
        Cells with content per row that holds any, by field.
    problems : tuple of Problem
        Faults of the sheet as a whole: missing columns, merged cells.
    notes : tuple of str
        Columns that are not read, in Dutch.
    """

    rules: Sheet
    columns: Mapping[str, int]
    rows: Mapping[int, Mapping[str, Cell]]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]

    def place(self, row: int, field: str) -> str:
        """Name of a cell as Excel has it."""
        return f"{get_column_letter(self.columns[field])}{row}" if field in self.columns else f"A{row}"

    def problem(self, row: int, field: str, rule: str, value: object = "") -> Problem:
        """A wrong cell."""
        header = self.rules.field(field).header
        return Problem(
            sheet=self.rules.name, cell=self.place(row, field), row=row, column=header, rule=rule, value=shown(value)
        )


def grid(sheet: Worksheet, rules: Sheet) -> Grid:
    """Cells of a sheet, found by the text of their header."""
    filled = _filled(sheet)
    header = _header_row(filled, rules)
    titles = {column: _title(cell) for column, cell in filled.get(header, {}).items()}
    columns, problems = _columns(titles, rules, header)
    positions = {column: name for name, column in columns.items()}
    other = {c: title for c, title in titles.items() if c not in positions and title not in ("", layout.ORIGIN)}
    rows, unread = {}, set()
    for number in sorted(row for row in filled if row > header):
        cells = {positions[column]: cell for column, cell in filled[number].items() if column in positions}
        if cells:
            rows[number] = cells
        unread |= {column for column in filled[number] if column in other}
    if len(rows) > MOST_ROWS:
        problems.append(_of_sheet(rules, f"heeft {len(rows)} rijen; hoogstens {MOST_ROWS}"))
    problems += _merged(sheet, rules, header)
    notes = tuple(f"{rules.name}: de kolom '{shown(other[c])}' wordt niet gelezen" for c in sorted(unread))
    return Grid(rules=rules, columns=columns, rows=rows, problems=tuple(problems), notes=notes)


def absent(rules: Sheet) -> Grid:
    """Grid of a sheet that is not in the workbook."""
    problem = _of_sheet(rules, "dit blad ontbreekt of heeft een andere naam; zet het terug zoals het was")
    return Grid(rules=rules, columns={}, rows={}, problems=(problem,), notes=())


def content(cell: Cell, results: Worksheet | None) -> Content:
    """What a cell shows: of a formula, the result that was saved with it.

    Raises
    ------
    WrongCellError
        For a formula without result, or an error of Excel.
    """
    value = cell.value
    if cell.data_type == "f":
        value = None if results is None else results.cell(cell.row, cell.column).value
        if value is None:
            raise WrongCellError("is een formule zonder bewaarde uitkomst; typ de uitkomst zelf")
    if cell.data_type == "e":
        raise WrongCellError("is een foutmelding van Excel; typ de waarde zelf")
    return value


def _filled(sheet: Worksheet) -> dict[int, dict[int, Cell]]:
    """Cells that hold something more than blanks, by row and column.

    Walks over the cells that the file holds: asking for rows would make all cells up to the last one, and one cell at
    the far corner of a sheet is enough for 17 billion.
    """
    found: dict[int, dict[int, Cell]] = {}
    for (row, column), cell in sheet._cells.items():
        value = cell.value
        if value is not None and not (isinstance(value, str) and not value.strip()):
            found.setdefault(row, {})[column] = cell
    return found


def _title(cell: Cell) -> str:
    """Text of a header cell without mark and stray blanks."""
    return " ".join(str(cell.value).split()).removesuffix(layout.REQUIRED_MARK.strip()).strip()


def _header_row(filled: Mapping[int, Mapping[int, Cell]], rules: Sheet) -> int:
    """Row with most of the headers; where they should be if no row has them."""
    wanted = {field.header.casefold() for field in rules.fields}
    scores = {
        row: len(wanted & {_title(cell).casefold() for cell in cells.values()})
        for row, cells in filled.items()
        if row <= _HEADER_WITHIN
    }
    best = max(scores, key=lambda row: (scores[row], -row), default=layout.HEADER_ROW)
    return best if scores.get(best, 0) >= _FOUND_WITH else layout.HEADER_ROW


def _columns(titles: Mapping[int, str], rules: Sheet, header: int) -> tuple[dict[str, int], list[Problem]]:
    """Position of each field, and what is wrong with the header."""
    columns, problems = {}, []
    for field in rules.fields:
        found = [column for column, title in titles.items() if title.casefold() == field.header.casefold()]
        if len(found) == 1:
            columns[field.name] = found[0]
            continue
        rule = "staat er twee keer" if found else "ontbreekt of heeft een andere titel; zet ze terug zoals ze was"
        problems.append(_of_sheet(rules, f"de kolom '{field.header}' {rule} (titels horen in rij {header})"))
    return columns, problems


def _merged(sheet: Worksheet, rules: Sheet, header: int) -> list[Problem]:
    """Merged cells under the header: which row would their value belong to?"""
    return [
        Problem(
            sheet=rules.name,
            cell=f"{get_column_letter(span.min_col)}{span.min_row}",
            row=span.min_row,
            column="",
            rule=f"de cellen {span.coord} zijn samengevoegd; maak dat ongedaan en vul elke rij in",
            value="",
        )
        for span in sorted(sheet.merged_cells.ranges, key=lambda s: (s.min_row, s.min_col))
        if span.max_row > header
    ]


def _of_sheet(rules: Sheet, rule: str) -> Problem:
    """A fault of a whole sheet."""
    return Problem(sheet=rules.name, cell="", row=0, column="", rule=rule, value="")
