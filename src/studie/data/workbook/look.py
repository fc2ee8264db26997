"""How the sheets look: colours that also read in grey, locked heads, drop-downs, notes and the printed page."""

from __future__ import annotations

import math

from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from studie.data.workbook.layout import FIRST_ROW, HEADER_ROW, LAST_ROW, MOST_COUNT, ORIGIN, Field, Sheet
from studie.data.workbook.values import FIRST_DAY, LONGEST, LONGEST_TEXT, MOST_EURO

AUTHOR = "provincie Antwerpen"
DARK, PALE, MISSING, WRONG = "1F4E79", "F2F2F2", "FFE3B3", "F8B4B4"
DAY, WHOLE, DECIMAL, TEXT = "dd/mm/yyyy", "#,##0", "#,##0.0", "@"
FORMATS = {"count": WHOLE, "amount": DECIMAL, "day": DAY, "enterprise": TEXT, "establishment": TEXT, "committee": TEXT,
           "nace": TEXT, "any_day": DAY, "balance": "#,##0;-#,##0", "euro": WHOLE, "share": "0.0%",
           "year": "0"}  # fmt: skip
ORIGIN_WIDTH = 34
WIDEST = 300  # characters that can still be read beside each other on a page
_RIGHT = ("count", "amount", "day", "any_day", "balance", "euro", "share", "year")
_UNSURE = "Weet u het niet? Laat de cel leeg."
_NUMBERS = {  # kind → what Excel calls it, what to type, smallest and largest
    "count": ("whole", f"Typ een geheel getal: 0 of meer. {_UNSURE}", 0, MOST_COUNT),
    "amount": ("decimal", f"Typ een getal: 0 of meer, zoals 12,5. {_UNSURE}", 0, MOST_COUNT),
    "euro": ("decimal", f"Typ een bedrag in euro, zoals 12500. {_UNSURE}", 0, MOST_EURO),
    "balance": ("decimal", f"Typ een bedrag in euro; een verlies is negatief. {_UNSURE}", -MOST_EURO, MOST_EURO),
    "share": ("decimal", f"Typ een percentage tussen 0 en 100 %. {_UNSURE}", 0, 1),
    "year": ("whole", "Typ een jaar, zoals 2026.", FIRST_DAY.year, 2200),
}
_FIRST_DAY = "32874"  # 1 January 1990 as Excel counts
_THIN = Side(style="thin", color="BFBFBF")
EDGE = Border(bottom=_THIN, top=_THIN, left=_THIN, right=_THIN)
HEAD = PatternFill("solid", fgColor=DARK)
LOCKED = PatternFill("solid", fgColor=PALE)


def font(*, size: float = 11, color: str = "000000", bold: bool = False, italic: bool = False) -> Font:
    """Letter of the workbook."""
    return Font(name="Calibri", size=size, color=color, bold=bold, italic=italic)


def paint_head(sheet: Worksheet, rules: Sheet, *, region: str) -> None:
    """Title, one line of explanation and the header with a note on each column."""
    sheet["A1"] = f"{rules.name} – {region}"
    sheet["A1"].font = font(bold=True, size=14, color=DARK)
    sheet["A2"] = f"{rules.about} * = verplicht."
    sheet["A2"].font = font(italic=True, color="595959")
    for position, field in enumerate(rules.fields, start=1):
        head = sheet.cell(HEADER_ROW, position, field.title)
        head.comment = note(field.about)
        sheet.column_dimensions[get_column_letter(position)].width = field.width
    last = len(rules.fields) + 1
    head = sheet.cell(HEADER_ROW, last, ORIGIN)
    head.comment = note("Waar deze rij vandaan komt. Leeg: u hebt ze zelf toegevoegd. Deze kolom vult u niet in.")
    sheet.column_dimensions[get_column_letter(last)].width = ORIGIN_WIDTH
    for cell in sheet[HEADER_ROW]:
        cell.font = font(bold=True, color="FFFFFF")
        cell.fill, cell.border = HEAD, EDGE
        right = cell.column <= len(rules.fields) and rules.fields[cell.column - 1].kind in _RIGHT
        side = "right" if right else "left"
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal=side, indent=0 if right else 1)
    sheet.row_dimensions[1].height = 22
    sheet.row_dimensions[HEADER_ROW].height = 33


def note(text: str) -> Comment:
    """Note at a cell, large enough for its text."""
    return Comment(text, AUTHOR, width=300, height=20 + 18 * math.ceil(len(text) / 42))


def is_tall(rules: Sheet) -> bool:
    """Whether rows hold texts of several lines: their cells then start at the top."""
    return any(field.kind == "long_text" for field in rules.fields)


def open_column(sheet: Worksheet, position: int, field: Field, *, tall: bool) -> None:
    """Let a column be filled in, unless it only shows what is known, in the form of its kind."""
    column = sheet.column_dimensions[get_column_letter(position)]
    column.protection = Protection(locked=field.locked)
    column.number_format = FORMATS.get(field.kind, "General")
    column.alignment = _alignment(field, tall=tall)


def _alignment(field: Field, *, tall: bool) -> Alignment:
    """Numbers and days to the right, words a little off the left edge so that they never touch a number."""
    right = field.kind in _RIGHT
    return Alignment(
        horizontal="right" if right else "left",
        indent=0 if right else 1,
        wrap_text=True if tall and not right else None,
        vertical="top" if tall else None,
    )


def open_cell(sheet: Worksheet, row: int, position: int, field: Field, value: object, *, tall: bool) -> None:
    """Put a value in a cell to fill in; a text that looks like a formula stays a text."""
    cell = sheet.cell(row, position)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    cell.protection = Protection(locked=field.locked)
    cell.number_format = FORMATS.get(field.kind, "General")
    cell.alignment = _alignment(field, tall=tall)
    if field.locked:
        cell.fill = LOCKED


def origin_cell(sheet: Worksheet, row: int, position: int, text: str, *, tall: bool) -> None:
    """Say where a row comes from, in a locked cell."""
    cell = sheet.cell(row, position, text)
    cell.data_type = "s"
    cell.fill = LOCKED
    cell.alignment = Alignment(
        horizontal="left", indent=1, wrap_text=True if tall else None, vertical="top" if tall else None
    )
    cell.font = font(color="595959", size=9)


def fit_height(sheet: Worksheet, row: int, rules: Sheet) -> None:
    """Let a row be as high as its longest text asks."""
    widths = [*(field.width for field in rules.fields), ORIGIN_WIDTH]
    texts = [str(sheet.cell(row, position).value or "") for position in range(1, len(widths) + 1)]
    asked = [height(text, width=round(0.85 * width)) for text, width in zip(texts, widths, strict=True)]
    sheet.row_dimensions[row].height = max(asked)


def check_column(sheet: Worksheet, position: int, field: Field, *, choices: str) -> None:
    """Validation of a column with its prompt; `choices` is the reference of its drop-down."""
    letter = get_column_letter(position)
    rule = _validation(field, choices=choices)
    rule.promptTitle, rule.prompt, rule.showInputMessage = field.header[:32], field.about[:255], True
    rule.errorTitle, rule.showErrorMessage, rule.allow_blank = field.header[:32], True, True
    rule.add(f"{letter}{FIRST_ROW}:{letter}{LAST_ROW}")
    sheet.add_data_validation(rule)


def _validation(field: Field, *, choices: str) -> DataValidation:
    """What Excel lets a user type in a cell of a kind."""
    if choices:
        free = field.kind in ("enterprise", "establishment", "activity")  # what is not in the list yet may be typed
        error = "Staat niet in de lijst. Toch bewaren?" if free else "Kies een waarde uit de lijst."
        return DataValidation(type="list", formula1=choices, error=error, errorStyle="warning" if free else "stop")
    if field.kind in ("enterprise", "establishment"):
        error = "Een KBO-nummer heeft tien cijfers, zoals 0207.725.795."
        return DataValidation(type="textLength", operator="between", formula1="9", formula2="16", error=error)
    if field.kind in ("day", "any_day"):
        error = "Typ een datum, zoals 31/12/2026."
        return DataValidation(type="date", operator="greaterThanOrEqual", formula1=_FIRST_DAY, error=error)
    if field.kind in _NUMBERS:
        return _number(*_NUMBERS[field.kind])
    longest = LONGEST_TEXT if field.kind == "long_text" else LONGEST
    error = f"Typ hoogstens {longest} tekens."
    return DataValidation(type="textLength", operator="lessThanOrEqual", formula1=str(longest), error=error)


def _number(kind: str, error: str, least: int, most: int) -> DataValidation:
    """A number between two bounds; 'onbekend' may be typed after a warning."""
    return DataValidation(
        type=kind, operator="between", formula1=str(least), formula2=str(most), error=error, errorStyle="warning"
    )


def colour_rows(sheet: Worksheet, rules: Sheet) -> None:
    """Lines around rows that hold something, and a colour in required cells of them that are still empty.

    Lines that follow the content keep empty rows off the printed page.
    """
    last = get_column_letter(len(rules.fields))
    whole = f"A{FIRST_ROW}:{get_column_letter(len(rules.fields) + 1)}{LAST_ROW}"
    holds = f"COUNTA($A{FIRST_ROW}:${last}{FIRST_ROW})>0"
    sheet.conditional_formatting.add(whole, FormulaRule(formula=[holds], border=EDGE))
    for position, field in enumerate(rules.fields, start=1):
        if field.required:
            letter = get_column_letter(position)
            begun = f"AND({holds},ISBLANK({letter}{FIRST_ROW}))"
            fill = PatternFill("solid", bgColor=MISSING)
            sheet.conditional_formatting.add(
                f"{letter}{FIRST_ROW}:{letter}{LAST_ROW}", FormulaRule(formula=[begun], fill=fill)
            )


def lock(sheet: Worksheet) -> None:
    """Protect a sheet without a password: what is not open cannot be overwritten by accident."""
    protection = sheet.protection
    protection.sheet = True
    protection.formatColumns = protection.formatRows = protection.sort = protection.autoFilter = False  # allowed


def print_page(sheet: Worksheet, *, region: str, landscape: bool, repeat: str = "", width: float = 0) -> None:
    """A4, as wide as the page or as few pages as it can be read on, heading on each page, page numbers."""
    sheet.page_setup.paperSize = 9
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    across = max(1, math.ceil(width / WIDEST))
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = across, 0
    if across > 1:
        sheet.print_title_cols = "A:A"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    margins = sheet.page_margins
    margins.left = margins.right = margins.top = 0.6
    margins.bottom, margins.footer = 0.9, 0.5
    sheet.oddFooter.left.text = region.replace("&", "&&")
    sheet.oddFooter.right.text = "&P van &N"
    if repeat:
        sheet.print_title_rows = repeat


def height(text: str, *, width: int) -> float:
    """Height of a wrapped line of text [points]."""
    return 15.5 * max(1, math.ceil(len(text) / width))


def freeze(sheet: Worksheet, columns: int) -> None:
    """Keep header and first columns in view, and filter buttons on the header."""
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 2)
    sheet.auto_filter.ref = f"A{HEADER_ROW}:{get_column_letter(columns)}{LAST_ROW}"
