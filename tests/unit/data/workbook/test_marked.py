from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl

from studie.data.workbook.marked import write_marked
from studie.data.workbook.read import read

TODAY = datetime.date(2026, 11, 23)
DAY = "2026-11-23"
Edit = Callable[[Mapping[str, object]], Path]


def mark(path: Path) -> Path:
    return write_marked(path, read(path, today=TODAY).problems, day=DAY)


def test_wrong_cells_are_coloured_and_say_what_must_stand_there(edit: Edit) -> None:
    copy = mark(edit({"Aanbod!E5": "veel", "Aanbod!D4": None}))
    assert copy.name == "rivierenland-fouten.xlsx"
    book = openpyxl.load_workbook(copy)
    assert book["Aanbod"]["E5"].comment.text.startswith("Moet één geheel getal zijn")
    assert book["Aanbod"]["E5"].fill.fgColor.rgb == book["Aanbod"]["D4"].fill.fgColor.rgb != "00000000"
    assert not book["Aanbod"]["E5"].protection.locked
    assert book["Aanbod"]["E4"].comment is None
    listed = list(book["Fouten"].iter_rows(min_row=4, values_only=True))
    assert [(row[0], row[3]) for row in listed] == [("Aanbod!D4", None), ("Aanbod!E5", "veel")]
    assert book.active.title == "Fouten"


def test_the_workbook_itself_is_left_as_it_is(edit: Edit) -> None:
    path = edit({"Aanbod!E5": "veel"})
    before = path.read_bytes()
    mark(path)
    assert path.read_bytes() == before


def test_the_corrected_copy_can_be_imported(edit: Edit) -> None:
    copy = mark(edit({"Aanbod!E5": "veel"}))
    book = openpyxl.load_workbook(copy)
    book["Aanbod"]["E5"] = 7
    book.save(copy)
    reading = read(copy, today=TODAY)
    assert reading.problems == ()
    assert reading.intake.notes == ()
    assert list(reading.intake.tables["offer"]["places"].dropna()) == [12, 7]


def test_a_copy_of_a_copy_forgets_the_marks_that_were_mended(edit: Edit) -> None:
    copy = mark(edit({"Aanbod!E5": "veel", "Aanbod!E4": "weinig"}))
    book = openpyxl.load_workbook(copy)
    book["Aanbod"]["E5"] = 7
    book.save(copy)
    second = mark(copy)
    assert second.name == "rivierenland-fouten-2.xlsx"
    book = openpyxl.load_workbook(second)
    assert book["Aanbod"]["E5"].comment is None
    assert book["Aanbod"]["E5"].fill.fill_type is None
    assert book["Aanbod"]["E4"].comment is not None


def test_the_same_workbook_gives_the_same_copy_and_another_one_never_replaces_it(edit: Edit) -> None:
    path = edit({"Aanbod!E5": "veel"})
    first = mark(path)
    content = first.read_bytes()
    assert mark(path) == first
    first.write_bytes(b"somebody's corrections")
    assert mark(path).name == "rivierenland-fouten-2.xlsx"
    assert first.read_bytes() == b"somebody's corrections"
    assert mark(path).read_bytes() == content


def test_faults_of_a_whole_sheet_are_listed_too(edit: Edit) -> None:
    book = openpyxl.load_workbook(mark(edit({"Aanbod!E3": "Plekken"})))
    assert book["Fouten"]["A4"].value == "Aanbod"


def test_a_value_that_looks_like_a_formula_is_listed_as_a_text(edit: Edit) -> None:
    book = openpyxl.load_workbook(mark(edit({"Aanbod!E5": "=HYPERLINK(1)"})))
    assert book["Fouten"]["D4"].data_type == "s"
