"""A workbook of a region, filled in with what is known: written once, never over another file."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from openpyxl.styles import Alignment, Protection
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import quote_sheetname
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.worksheet import Worksheet

from studie import regions
from studie.data.workbook import instructions, layout, look, package
from studie.data.workbook.known import Known, known, origin, present_refnis
from studie.data.workbook.layout import FIRST_ROW, LAST_ROW, Sheet
from studie.data.workbook.vocabulary import Vocabulary, vocabulary
from studie.errors import InputError

_SPARE_LABELS = 300  # new enterprises or establishments that the drop-downs of other sheets show
_FIRST_LIST = 4  # column of the first list on the hidden sheet


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A workbook that was written: its file, its region, and the rows that were known per sheet."""

    path: Path
    region: str
    rows: Mapping[str, int]


def export(group: str, path: Path, *, day: str) -> Exported:
    """Write the workbook of a region.

    Parameters
    ----------
    group : str
        Code of a region of any level.
    path : Path
        File that ends in `.xlsx` and is not there yet.
    day : str
        Day that stands in the workbook (YYYY-MM-DD); work forms that ended before it are not offered.

    Raises
    ------
    InputError
        If the region is not known or has no municipalities, the day is not one, or the file cannot be made.

    Notes
    -----
    Observed and own rows are filled in; demonstration rows never are. Of an offer only the last date is shown. The same
    databank and day give the same bytes.
    """
    area = regions.region(group)
    if not area.refnis:
        raise InputError(f"group: must be a region with municipalities of the province, got {group!r}")
    try:
        day = datetime.date.fromisoformat(day).isoformat()
    except ValueError as error:
        raise InputError(f"date: a date written YYYY-MM-DD, got {day!r}") from error
    if path.suffix != ".xlsx":
        raise InputError(f"path: must end in .xlsx, got {path}")
    if path.exists():
        raise InputError(f"path: {path} is there already and is left as it is; name another file")
    facts = known(area)
    local = facts.local
    book = _workbook(area, vocabulary(area, facts), local, day=day)
    package.write(package.packed(book, day=day), path)
    rows = {"Ondernemingen": len(local.enterprise), "Vestigingen": len(local.establishment), "Aanbod": len(local.offer)}
    bridge = local.offer_target_group.drop_duplicates(list(layout.TARGET_GROUPS.key))
    return Exported(path=path, region=group, rows={**rows, "Doelgroepen": len(bridge)})


def _workbook(area: regions.Region, words: Vocabulary, local: Known, *, day: str) -> Workbook:
    """All sheets."""
    book = Workbook()
    book.remove(book.active)
    book.properties.title = f"Werkboek aanbod {area.title}"
    book.properties.creator = look.AUTHOR
    book.properties.language = "nl-BE"
    _write_readme(book.create_sheet(layout.README), area, words, local, day=day)
    sheets = layout.with_groups(words.target_groups)
    pages = {rules.name: book.create_sheet(rules.name) for rules in sheets}
    lists = _write_lists(book, area, words, local, day=day)
    filled = _rows(local, words)
    for rules in sheets:
        _write_sheet(pages[rules.name], rules, filled[rules.name], lists, region=area.title)
    book.security = WorkbookProtection(lockStructure=True)
    book.calculation.fullCalcOnLoad = True
    return book


def _write_readme(sheet: Worksheet, area: regions.Region, words: Vocabulary, local: Known, *, day: str) -> None:
    """Instructions."""
    width = 94
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 20, width
    sheet["A1"] = f"Werkboek: het aanbod van werkplaatsen in {area.title}"
    sheet["A1"].font = look.font(bold=True, size=16, color=look.DARK)
    sheet.row_dimensions[1].height = 26
    row = 2
    for label, text in instructions.facts(area, municipalities=tuple(words.municipalities), day=day):
        row += 1
        _line(sheet, row, label, text, width=width)
        if not text:
            sheet.cell(row, 2).protection = Protection(locked=False)
            sheet.cell(row, 2).border = look.EDGE
    for heading, lines in instructions.sections(local):
        row += 2
        sheet.cell(row, 1, heading).font = look.font(bold=True, size=12, color=look.DARK)
        for label, text in lines:
            row += 1
            _line(sheet, row, label or "•", text, width=width)
            if not label:
                sheet.cell(row, 1).alignment = Alignment(horizontal="right", vertical="top")
    sheet.sheet_view.showGridLines = False
    look.lock(sheet)
    look.print_page(sheet, region=area.title, landscape=False)


def _line(sheet: Worksheet, row: int, label: str, text: str, *, width: int) -> None:
    """One label with its text."""
    sheet.cell(row, 1, label).font = look.font(bold=True)
    sheet.cell(row, 1).alignment = Alignment(vertical="top")
    cell = sheet.cell(row, 2, text or None)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[row].height = look.height(text, width=width + 18)


def _write_lists(book: Workbook, area: regions.Region, words: Vocabulary, local: Known, *, day: str) -> dict[str, str]:
    """Hidden sheet with who the workbook is and what the drop-downs show; references of the lists by name."""
    sheet = book.create_sheet(layout.LISTS)
    identity = ((layout.LAYOUT_CELL, layout.LAYOUT), (layout.REGION_CELL, area.code), (layout.DATE_CELL, day))
    for row, (name, value) in enumerate(identity, start=1):
        sheet.cell(row, 1, name)
        sheet.cell(row, 2, value)
        _name(book, name, f"{layout.LISTS}!$B${row}")
    references, column = {}, _FIRST_LIST
    for name, values in {**words.choices(day=day), "doelgroepen": words.target_groups}.items():
        references[name] = _write_list(sheet, column, name, values)
        column += 1
    _name(book, layout.GROUPS_RANGE, references["doelgroepen"])
    for name, rules, title, count in (
        ("ondernemingen", layout.ENTERPRISES, "name", len(local.enterprise)),
        ("vestigingen", layout.ESTABLISHMENTS, "name", len(local.establishment)),
    ):
        references[name] = _write_labels(sheet, column, name, rules, title=title, rows=count + _SPARE_LABELS)
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


def _write_labels(sheet: Worksheet, column: int, name: str, rules: Sheet, *, title: str, rows: int) -> str:
    """A list that follows what is filled in on a sheet: number and name; its reference, as long as the list is."""
    sheet.cell(1, column, name)
    number, text = (get_column_letter(rules.column(field)) for field in (rules.key[0], title))
    for row in range(FIRST_ROW, FIRST_ROW + rows):
        cell = f"{rules.name}!{number}{row}"
        label = f'{cell}&"{layout.LABEL_MARK}"&{rules.name}!{text}{row}'
        sheet.cell(row - FIRST_ROW + 2, column, f'=IF({cell}="","",{label})')
    letter = get_column_letter(column)
    used = f"COUNTA({rules.name}!${number}${FIRST_ROW}:${number}${FIRST_ROW + rows - 1})"
    return f"OFFSET({layout.LISTS}!${letter}$2,0,0,MAX(1,{used}),1)"


def _name(book: Workbook, name: str, reference: str) -> None:
    """Hidden name of a cell."""
    sheet, _, cells = reference.partition("!")
    book.defined_names[name] = DefinedName(name, attr_text=f"{quote_sheetname(sheet)}!{cells}", hidden=True)


def _write_sheet(
    sheet: Worksheet, rules: Sheet, rows: list[dict[str, object]], lists: Mapping[str, str], *, region: str
) -> None:
    """One sheet to fill in."""
    look.paint_head(sheet, rules, region=region)
    for position, field in enumerate(rules.fields, start=1):
        look.open_column(sheet, position, field)
        look.check_column(sheet, position, field, choices=lists[field.choices] if field.choices else "")
    for number, content in enumerate(rows, start=FIRST_ROW):
        for position, field in enumerate(rules.fields, start=1):
            look.open_cell(sheet, number, position, field, content.get(field.name))
        look.origin_cell(sheet, number, len(rules.fields) + 1, str(content[layout.ORIGIN]))
    look.colour_rows(sheet, rules)
    look.freeze(sheet, len(rules.fields) + 1)
    look.lock(sheet)
    look.print_page(sheet, region=region, landscape=True, repeat=f"1:{layout.HEADER_ROW}")
    if len(rows) > LAST_ROW - FIRST_ROW:
        raise InputError(f"group: must have at most {LAST_ROW - FIRST_ROW} rows of {rules.table}, got {len(rows)}")


# --- content ------------------------------------------------------------------


def _rows(local: Known, words: Vocabulary) -> dict[str, list[dict[str, object]]]:
    """Known rows per sheet as a coordinator reads them."""
    names = {refnis: name for name, refnis in words.municipalities.items()}
    labels = _labels(local.enterprise, "enterprise_number") | _labels(local.establishment, "establishment_number")
    establishments = local.establishment.assign(refnis=present_refnis(local.establishment["refnis"]).map(names))
    found = {
        layout.ENTERPRISES.name: _plain(local.enterprise, {}),
        layout.TARGET_GROUPS.name: _bridge(local, labels, words),
    }
    found[layout.ESTABLISHMENTS.name] = _plain(establishments, {"enterprise_number": labels})
    codes = {code: form.label for code, form in words.work_forms.items()}
    told = {"establishment_number": labels, "work_form": codes, "status": layout.STATUSES}
    found[layout.OFFER.name] = _plain(local.offer, told)
    return found


def _plain(frame: pd.DataFrame, words: Mapping[str, Mapping[str, str]]) -> list[dict[str, object]]:
    """Rows with their codes in words and their origin."""
    found = []
    for _, row in frame.iterrows():
        content = {str(name): _cell(value) for name, value in row.items()}
        for name, told in words.items():
            content[name] = told.get(str(content[name]), content[name])
        found.append({**content, layout.ORIGIN: origin(row)})
    return found


def _cell(value: object) -> object:
    """A value as a cell holds it; missing is empty."""
    if pd.isna(value) or value == "":  # type: ignore[call-overload]
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    if isinstance(value, str):
        return "".join(c for c in value if c.isprintable())
    return value.item() if hasattr(value, "item") else value


def _labels(frame: pd.DataFrame, number: str) -> dict[str, str]:
    """Number and name, as the drop-downs write them."""
    return {str(n): f"{n}{layout.LABEL_MARK}{name}" for n, name in zip(frame[number], frame["name"], strict=True)}


def _bridge(local: Known, labels: Mapping[str, str], words: Vocabulary) -> list[dict[str, object]]:
    """One row per offer; a target group that is listed says yes, of the others nothing is known."""
    found: dict[tuple[str, str, str], dict[str, object]] = {}
    for _, row in local.offer_target_group.iterrows():
        number, code, activity = str(row["establishment_number"]), str(row["work_form"]), str(row["activity"])
        form = words.work_forms.get(code)
        start: dict[str, object] = {
            "establishment_number": labels.get(number, number),
            "work_form": form.label if form else code,
            "activity": activity,
            layout.ORIGIN: origin(row),
        }
        found.setdefault((number, code, activity), start)[str(row["target_group"])] = layout.YES_NO[0]
    return list(found.values())
