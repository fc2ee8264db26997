"""A workbook as it is written: instructions, sheets to fill in, and a hidden sheet with lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl.styles import Alignment, Protection
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import quote_sheetname
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.worksheet import Worksheet

from studie.data.workbook import layout, look
from studie.data.workbook.layout import FIRST_ROW, LAST_ROW, Sheet
from studie.errors import InputError

_SPARE_LABELS = 300  # new rows that the drop-downs of other sheets show
_FIRST_LIST = 4  # column of the first list on the hidden sheet
_README_WIDTH = 94
Row = Mapping[str, object]
Lines = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Labels:
    """A list that follows what is filled in on a sheet: key and title of each row."""

    sheet: Sheet
    title: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a workbook holds.

    Attributes
    ----------
    group, place : str
        What stands in the place of a region's code, and its Dutch name on every page.
    title, heading : str
        Title of the file, and of the sheet with instructions.
    facts, sections
        Lines of the instructions: label and text, the latter under headings.
    sheets : sequence of Sheet
        Sheets to fill in, parents first.
    rows : mapping of str to sequence of rows
        Known rows per sheet, with their origin.
    lists : mapping of str to iterable of str
        Words of the drop-downs that are fixed.
    labels : mapping of str to Labels
        Drop-downs that follow a sheet.
    """

    group: str
    place: str
    title: str
    heading: str
    facts: Lines
    sections: Sequence[tuple[str, Lines]]
    sheets: Sequence[Sheet]
    rows: Mapping[str, Sequence[Row]]
    lists: Mapping[str, Iterable[str]]
    labels: Mapping[str, Labels] = field(default_factory=dict)

    def workbook(self, *, day: str) -> Workbook:
        """All sheets, stamped with a day (YYYY-MM-DD).

        Raises
        ------
        InputError
            If a sheet has more rows than it can hold.
        """
        book = Workbook()
        book.remove(book.active)
        book.properties.title = self.title
        book.properties.creator = look.AUTHOR
        book.properties.language = "nl-BE"
        _write_readme(book.create_sheet(layout.README), self)
        pages = {rules.name: book.create_sheet(rules.name) for rules in self.sheets}
        lists = _write_lists(book, self, day=day)
        for rules in self.sheets:
            _write_sheet(pages[rules.name], rules, self.rows[rules.name], lists, place=self.place)
        book.security = WorkbookProtection(lockStructure=True)
        book.calculation.fullCalcOnLoad = True
        return book


def _write_readme(sheet: Worksheet, plan: Plan) -> None:
    """Instructions."""
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 20, _README_WIDTH
    sheet["A1"] = plan.heading
    sheet["A1"].font = look.font(bold=True, size=16, color=look.DARK)
    sheet.row_dimensions[1].height = 26
    row = 2
    for label, text in plan.facts:
        row += 1
        _line(sheet, row, label, text)
        if not text:
            sheet.cell(row, 2).protection = Protection(locked=False)
            sheet.cell(row, 2).border = look.EDGE
    for heading, lines in plan.sections:
        row += 2
        sheet.cell(row, 1, heading).font = look.font(bold=True, size=12, color=look.DARK)
        for label, text in lines:
            row += 1
            _line(sheet, row, label or "•", text)
            if not label:
                sheet.cell(row, 1).alignment = Alignment(horizontal="right", vertical="top")
    sheet.sheet_view.showGridLines = False
    look.lock(sheet)
    look.print_page(sheet, region=plan.place, landscape=False)


def _line(sheet: Worksheet, row: int, label: str, text: str) -> None:
    """One label with its text."""
    sheet.cell(row, 1, label).font = look.font(bold=True)
    sheet.cell(row, 1).alignment = Alignment(vertical="top")
    cell = sheet.cell(row, 2, text or None)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[row].height = look.height(text, width=_README_WIDTH + 18)


def _write_lists(book: Workbook, plan: Plan, *, day: str) -> dict[str, str]:
    """Hidden sheet with who the workbook is and what the drop-downs show; references of the lists by name."""
    sheet = book.create_sheet(layout.LISTS)
    identity = ((layout.LAYOUT_CELL, layout.LAYOUT), (layout.REGION_CELL, plan.group), (layout.DATE_CELL, day))
    for row, (name, value) in enumerate(identity, start=1):
        sheet.cell(row, 1, name)
        sheet.cell(row, 2, value)
        _name(book, name, f"{layout.LISTS}!$B${row}")
    references, column = {}, _FIRST_LIST
    for name, values in plan.lists.items():
        references[name] = _write_list(sheet, column, name, values)
        column += 1
    if layout.GROUPS in references:
        _name(book, layout.GROUPS_RANGE, references[layout.GROUPS])
    for name, labels in plan.labels.items():
        rows = len(plan.rows[labels.sheet.name]) + _SPARE_LABELS
        references[name] = _write_labels(sheet, column, name, labels, rows=rows)
        column += 1
    sheet.sheet_state = "hidden"
    look.lock(sheet)
    return references


def _write_list(sheet: Worksheet, column: int, name: str, values: Iterable[str]) -> str:
    """A list of fixed words; its reference."""
    sheet.cell(1, column, name)
    row = 1
    for row, value in enumerate(values, start=2):
        if value.isdigit():
            sheet.cell(row, column, int(value))
        else:
            sheet.cell(row, column, value).data_type = "s"
    letter = get_column_letter(column)
    return f"{layout.LISTS}!${letter}$2:${letter}${max(row, 2)}"


def _write_labels(sheet: Worksheet, column: int, name: str, labels: Labels, *, rows: int) -> str:
    """A list that follows what is filled in on a sheet; its reference, as long as the list is."""
    sheet.cell(1, column, name)
    rules = labels.sheet
    key, text = (get_column_letter(rules.column(part)) for part in (rules.key[0], labels.title))
    for row in range(FIRST_ROW, FIRST_ROW + rows):
        cell = f"{rules.name}!{key}{row}"
        label = f'{cell}&"{layout.LABEL_MARK}"&{rules.name}!{text}{row}'
        sheet.cell(row - FIRST_ROW + 2, column, f'=IF({cell}="","",{label})')
    letter = get_column_letter(column)
    used = f"COUNTA({rules.name}!${key}${FIRST_ROW}:${key}${FIRST_ROW + rows - 1})"
    return f"OFFSET({layout.LISTS}!${letter}$2,0,0,MAX(1,{used}),1)"


def _name(book: Workbook, name: str, reference: str) -> None:
    """Hidden name of a cell."""
    sheet, _, cells = reference.partition("!")
    book.defined_names[name] = DefinedName(name, attr_text=f"{quote_sheetname(sheet)}!{cells}", hidden=True)


def _write_sheet(sheet: Worksheet, rules: Sheet, rows: Sequence[Row], lists: Mapping[str, str], *, place: str) -> None:
    """One sheet to fill in."""
    tall = look.is_tall(rules)
    look.paint_head(sheet, rules, region=place)
    for position, column in enumerate(rules.fields, start=1):
        look.open_column(sheet, position, column, tall=tall)
        look.check_column(sheet, position, column, choices=lists[column.choices] if column.choices else "")
    for number, content in enumerate(rows, start=FIRST_ROW):
        for position, column in enumerate(rules.fields, start=1):
            look.open_cell(sheet, number, position, column, content.get(column.name), tall=tall)
        look.origin_cell(sheet, number, len(rules.fields) + 1, str(content[layout.ORIGIN]), tall=tall)
        if tall:
            look.fit_height(sheet, number, rules)
    look.colour_rows(sheet, rules)
    look.freeze(sheet, len(rules.fields) + 1)
    look.lock(sheet)
    width = sum(column.width for column in rules.fields) + look.ORIGIN_WIDTH
    look.print_page(sheet, region=place, landscape=True, repeat=f"1:{layout.HEADER_ROW}", width=width)
    if len(rows) > LAST_ROW - FIRST_ROW:
        raise InputError(f"group: must have at most {LAST_ROW - FIRST_ROW} rows of {rules.table}, got {len(rows)}")
