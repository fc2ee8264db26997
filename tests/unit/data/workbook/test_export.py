from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from studie import regions
from studie.data import contracts
from studie.data.demonstration import offer as demonstration
from studie.data.workbook import layout, vocabulary
from studie.data.workbook.export import export
from studie.errors import InputError

DAY = "2026-11-23"
AREA = "working-area:rivierenland"
FIRM = {"enterprise_number": "0403.555.137"}
PLACE = {"establishment_number": "2.100.000.213", "work_form": "CMW", "activity": "kringloop"}
LEVELS = ("province:10000", "arrondissement:13000", "grouping:referentieregio:kempen", "municipality:12025")


def own(study: Path, *, refnis: int = 12025, name: str = "Kringwinkel") -> None:
    shop = {"establishment_number": "2.100.000.213", "nace_code": "", "nace_version": None, "postcode": "2800"}
    rows = {
        "enterprise": {"form": "maatwerkbedrijf", "joint_committee": "327.01", "name": name} | FIRM,
        "establishment": shop | {"name": "Winkel", "refnis": refnis} | FIRM,
        "offer_target_group": PLACE | {"target_group": "leefloon"},
    }
    for table, row in rows.items():
        contracts.validate(pd.DataFrame([row], dtype=object), table, where=table).assign(
            source="eerder werkboek"
        ).to_parquet(study / "data" / "own" / f"{table}.parquet")
    offer = pd.DataFrame(
        {
            "establishment_number": "2.100.000.213",
            "work_form": "CMW",
            "activity": "kringloop",
            "date": ["2023-12-31", "2024-12-31"],
            "places": ["7", ""],
            "filled_persons": ["0", "3"],
            "filled_vte": "",
            "status": "counted",
        }
    )
    contracts.validate(offer, "offer", where="offer").to_parquet(study / "data" / "own" / "offer.parquet")


def validation(book: openpyxl.Workbook, sheet: str, cell: str) -> object:
    return next(rule for rule in book[sheet].data_validations.dataValidation if cell in rule.sqref)


def test_the_same_databank_and_day_give_the_same_bytes(study: Path, tmp_path: Path) -> None:
    own(study)
    first, second = (export(AREA, tmp_path / f"{n}.xlsx", day=DAY).path.read_bytes() for n in "ab")
    assert first == second
    assert first != export(AREA, tmp_path / "c.xlsx", day="2026-11-24").path.read_bytes()


def test_the_sheets_are_dutch_and_the_lists_are_hidden(blank: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(blank))
    assert book.sheetnames == ["Lees mij", "Ondernemingen", "Vestigingen", "Aanbod", "Doelgroepen", "Lijsten"]
    assert [page.title for page in book if page.sheet_state == "hidden"] == ["Lijsten"]
    assert book.properties.language == "nl-BE"


@pytest.mark.parametrize("sheet", ["Ondernemingen", "Vestigingen", "Aanbod", "Doelgroepen"])
def test_headers_are_locked_without_a_password_and_cells_to_fill_in_are_open(blank: bytes, sheet: str) -> None:
    page = openpyxl.load_workbook(io.BytesIO(blank))[sheet]
    assert page.protection.sheet
    assert page.protection.password is None
    assert all(cell.protection.locked for cell in page[layout.HEADER_ROW])
    assert not page.column_dimensions["A"].protection.locked
    assert page.freeze_panes == "B4"
    assert page.print_title_rows == "$1:$3"
    assert all(cell.comment for cell in page[layout.HEADER_ROW])


def test_every_column_to_fill_in_has_a_rule_with_a_prompt_that_excel_can_hold(blank: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(blank))
    for rules in layout.with_groups(vocabulary.TARGET_GROUPS):
        for field in rules.fields:
            column = openpyxl.utils.get_column_letter(rules.column(field.name))
            rule = validation(book, rules.name, f"{column}4")
            assert rule.prompt == field.about
            assert len(rule.prompt) <= 255
            assert len(rule.promptTitle) <= 32
            assert len(rule.error) <= 255


def test_municipalities_to_choose_from_are_those_of_the_region(blank: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(blank))
    sheet, _, cells = validation(book, "Vestigingen", "D4").formula1.partition("!")
    listed = {cell.value for row in book[sheet][cells.replace("$", "")] for cell in row}
    names = regions.municipalities().set_index("refnis")["name_nl"]
    assert listed == {names[refnis] for refnis in regions.region(AREA).refnis}


def test_work_forms_to_choose_from_still_exist(blank: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(blank))
    sheet, _, cells = validation(book, "Aanbod", "B4").formula1.partition("!")
    codes = {str(cell.value).split(" – ")[0] for row in book[sheet][cells.replace("$", "")] for cell in row}
    assert "ARBEIDSZORG" not in codes
    assert {"AMA", "CMW", "LDE"} <= codes


def test_demonstration_rows_are_never_filled_in(study: Path, tmp_path: Path) -> None:
    made = export(AREA, tmp_path / "a.xlsx", day=DAY)
    assert set(made.rows.values()) == {0}
    book = openpyxl.load_workbook(made.path)
    assert book["Aanbod"].max_row == layout.HEADER_ROW
    said = " ".join(str(cell.value) for row in book["Lees mij"] for cell in row)
    assert "demonstratiegegevens van de studie staan hier niet in" in said


def test_own_rows_are_filled_in_with_their_origin_and_the_last_date_of_an_offer(study: Path, tmp_path: Path) -> None:
    own(study)
    made = export(AREA, tmp_path / "a.xlsx", day=DAY)
    assert made.rows == {"Ondernemingen": 1, "Vestigingen": 1, "Aanbod": 1, "Doelgroepen": 1}
    book = openpyxl.load_workbook(made.path)
    offer = [cell.value for cell in book["Aanbod"][4]]
    assert offer[:3] == ["2.100.000.213 – Winkel", "CMW – collectief maatwerk", "kringloop"]
    assert str(offer[3])[:10] == "2024-12-31"
    assert offer[4:7] == [None, 3, None]  # unknown stays empty
    assert book["Vestigingen"]["D4"].value == "Mechelen"
    assert book["Ondernemingen"]["E4"].value == "eigen: eerder werkboek"
    assert [cell.value for cell in book["Doelgroepen"][4]][3:8] == [None, None, None, "ja", None]


def test_rows_of_another_region_are_not_filled_in(study: Path, tmp_path: Path) -> None:
    own(study)
    assert set(export("municipality:11002", tmp_path / "a.xlsx", day=DAY).rows.values()) == {0}


def test_an_establishment_of_a_merged_municipality_stands_under_its_successor(study: Path, tmp_path: Path) -> None:
    own(study, refnis=11007)
    book = openpyxl.load_workbook(export("municipality:11002", tmp_path / "a.xlsx", day=DAY).path)
    assert book["Vestigingen"]["D4"].value == "Antwerpen"


def test_a_name_that_looks_like_a_formula_stays_a_text(study: Path, tmp_path: Path) -> None:
    own(study, name="=1+1")
    book = openpyxl.load_workbook(export(AREA, tmp_path / "a.xlsx", day=DAY).path)
    assert book["Ondernemingen"]["B4"].data_type == "s"


@pytest.mark.parametrize("code", [*LEVELS, "working-area:selab"])
def test_a_region_of_every_level_has_a_workbook(study: Path, tmp_path: Path, code: str) -> None:
    assert export(code, tmp_path / "a.xlsx", day=DAY).path.is_file()


@pytest.mark.parametrize(
    ("group", "name", "day", "said"),
    [
        ("working-area:rivierland", "a.xlsx", DAY, "did you mean 'working-area:rivierenland'"),
        ("region:02000", "a.xlsx", DAY, "must be a region with municipalities"),
        (AREA, "a.xls", DAY, "must end in .xlsx"),
        (AREA, "a.xlsx", "23/11/2026", "a date written YYYY-MM-DD"),
        (AREA, "nowhere/a.xlsx", DAY, "kan niet geschreven worden"),
    ],
)
def test_a_workbook_that_cannot_be_made_is_refused(
    study: Path, tmp_path: Path, group: str, name: str, day: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        export(group, tmp_path / name, day=day)
    assert not list(tmp_path.glob("*.xls*"))


def test_a_file_that_is_there_is_never_overwritten(study: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"filled in by somebody")
    with pytest.raises(InputError, match="is there already"):
        export(AREA, path, day=DAY)
    assert path.read_bytes() == b"filled in by somebody"


def test_the_words_to_choose_from_hold_those_of_the_demonstration_data() -> None:
    assert set(demonstration.FORMS) == set(vocabulary.FORMS)
    assert {word for words in demonstration.ACTIVITIES.values() for word in words} <= set(vocabulary.ACTIVITIES)
    assert {group for form in demonstration.WORK_FORMS.values() for group in form[3]} == set(vocabulary.TARGET_GROUPS)
