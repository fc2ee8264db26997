"""A copy of a workbook with its wrong cells coloured and explained; the corrected copy can be imported itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from pathlib import Path

from openpyxl.styles import Alignment, PatternFill
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from studie.data.workbook import layout, look, package, registers
from studie.data.workbook.problems import Problem
from studie.errors import InputError

_SUFFIX = "-fouten"
_NUMBERED = re.compile(rf"{_SUFFIX}(-\d+)?$")
_MOST_COPIES = 99
_COLUMNS = (("Cel", 20), ("Kolom", 22), ("Wat moet er staan", 76), ("Wat staat er", 34))
_FIRST_LINE = 4  # row of the first error in the list
_MOST_MARKS = 2_000  # more notes than anybody reads; the list of errors names them all


def write_marked(path: Path, problems: Sequence[Problem], *, day: str) -> Path:
    """Write the copy beside a workbook; no other file is ever overwritten.

    Parameters
    ----------
    path : Path
        Workbook that was read.
    problems : sequence of Problem
        What is wrong with it.
    day : str
        Day that stands in the file's properties (YYYY-MM-DD).

    Returns
    -------
    Path
        `<name>-fouten.xlsx`, or with the first number that is free. A copy with the same content is left as it is.

    Raises
    ------
    InputError
        If the workbook cannot be opened or the copy not written.
    """
    data = package.read_bytes(path)
    book = package.load(data, where=path.name)
    _keep_results(book, package.load(data, where=path.name, results=True))
    pages = {page.title.strip().casefold(): page for page in book.worksheets}
    _wipe(book, pages)
    for problem in [p for p in problems if p.cell][:_MOST_MARKS]:
        _mark(pages[problem.sheet.casefold()], problem)
    _list_problems(book, problems)
    content = package.packed(book, day=day)
    target = _free_name(path, content)
    if not target.exists():
        package.write(content, target)
    return target


def _keep_results(book: Workbook, saved: Workbook) -> None:
    """Put the saved result in place of each formula that was filled in: a copy is written without results."""
    ours = {sheet.name.casefold() for sheet in (*layout.SHEETS, *registers.SHEETS)}
    for page in book.worksheets:
        if page.title.strip().casefold() not in ours:
            continue
        for cell in [cell for cell in page._cells.values() if cell.data_type == "f"]:
            result = saved[page.title].cell(cell.row, cell.column)
            if result.value is not None:
                cell.value = result.value
                cell.data_type = result.data_type


def _wipe(book: Workbook, pages: dict[str, Worksheet]) -> None:
    """Take the marks of an earlier copy away."""
    if layout.ERRORS not in book.sheetnames:
        return
    for row in range(_FIRST_LINE, _FIRST_LINE + _MOST_MARKS):
        place = book[layout.ERRORS].cell(row, 1).value
        name, _, cell = str(place).partition("!")
        if name.casefold() in pages and re.fullmatch(r"[A-Z]{1,3}[1-9]\d{0,6}", cell):
            marked = pages[name.casefold()][cell]
            marked.fill, marked.font, marked.comment = PatternFill(), look.font(), None
    del book[layout.ERRORS]


def _mark(sheet: Worksheet, problem: Problem) -> None:
    """Colour a cell and say what must stand there; several problems of a cell share a note."""
    cell = sheet[problem.cell]
    if not hasattr(cell, "column_letter"):  # inside merged cells only the first takes a note
        return
    text = problem.rule[0].upper() + problem.rule[1:] + "."
    earlier = cell.comment.text if cell.comment is not None and cell.fill.fgColor.rgb == f"00{look.WRONG}" else ""
    cell.fill, cell.font = PatternFill("solid", fgColor=look.WRONG), look.font(bold=True)  # bold shows in grey too
    protection = copy(cell.protection)
    protection.locked = False
    cell.protection = protection
    cell.comment = look.note(f"{earlier}\n{text}" if earlier else text)


def _list_problems(book: Workbook, problems: Sequence[Problem]) -> None:
    """First sheet that lists all errors, each with a link to its cell."""
    sheet = book.create_sheet(layout.ERRORS, 0)
    sheet["A1"] = "Verbeter de gekleurde cellen, bewaar dit bestand en stuur het terug. Klik op een cel hieronder."
    sheet["A1"].font = look.font(bold=True, size=12, color=look.DARK)
    for column, (title, width) in enumerate(_COLUMNS, start=1):
        head = sheet.cell(_FIRST_LINE - 1, column, title)
        head.font, head.fill = look.font(bold=True, color="FFFFFF"), look.HEAD
        sheet.column_dimensions[head.column_letter].width = width
    for row, problem in enumerate(problems, start=_FIRST_LINE):
        sheet.row_dimensions[row].height = look.height(problem.rule, width=_COLUMNS[2][1])
        place = f"{problem.sheet}!{problem.cell}" if problem.cell else problem.sheet
        for column, text in enumerate((place, problem.column, problem.rule, problem.value), start=1):
            cell = sheet.cell(row, column, text or None)
            cell.data_type = "s" if text else "n"
            cell.alignment, cell.border = Alignment(wrap_text=True, vertical="top"), look.EDGE
        if problem.cell:
            sheet.cell(row, 1).hyperlink = f"#'{problem.sheet}'!{problem.cell}" if " " in problem.sheet else f"#{place}"
            sheet.cell(row, 1).font = look.font(color=look.DARK)
    sheet.freeze_panes = f"A{_FIRST_LINE}"
    look.print_page(sheet, region=_SUFFIX.strip("-"), landscape=True, repeat=f"1:{_FIRST_LINE - 1}")
    book.active = 0
    for page in book.worksheets:
        page.sheet_view.tabSelected = page is sheet


def _free_name(path: Path, content: bytes) -> Path:
    """Name of the copy: the first that is free or holds these very bytes."""
    stem = _NUMBERED.sub("", path.stem)
    for number in range(1, _MOST_COPIES):
        target = path.with_name(f"{stem}{_SUFFIX}{'' if number == 1 else f'-{number}'}.xlsx")
        if not target.exists() or (target != path and target.read_bytes() == content):
            return target
    raise InputError(f"{path.name}: er staan al {_MOST_COPIES - 1} kopieën met fouten naast; ruim ze eerst op")
