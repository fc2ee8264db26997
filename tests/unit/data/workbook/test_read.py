from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from studie.data import contracts
from studie.data.importers.store import store
from studie.data.workbook.export import export
from studie.data.workbook.read import Reading, read
from studie.errors import InputError

TODAY = datetime.date(2026, 11, 23)
ALL = 9  # rows of the filled-in workbook
Edit = Callable[[Mapping[str, object]], Path]


def texts(reading: Reading) -> list[str]:
    return [problem.text for problem in reading.problems]


def bytes_of(study: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted((study / "data" / "own").glob("*.*")) if p.name != ".lock"}


def put(reading: Reading) -> None:
    store(
        reading.intake,
        name="werkboek",
        source=reading.source,
        retrieved=reading.day,
        blanks="clear",
        complete=reading.complete,
    )


def test_a_workbook_without_mistakes_is_taken_whole(edit: Edit) -> None:
    reading = read(edit({}), today=TODAY)
    assert texts(reading) == []
    assert (reading.intake.read, reading.intake.taken) == (ALL, ALL)
    assert {table: len(frame) for table, frame in reading.intake.tables.items()} == {
        "enterprise": 2,
        "establishment": 2,
        "offer": 3,
        "offer_target_group": 4,
    }
    assert reading.source == "werkboek werkingsgebied Rivierenland, 23 november 2026"


def test_unknown_stays_unknown_and_zero_is_zero(edit: Edit) -> None:
    offer = read(edit({"Aanbod!E4": "onbekend"}), today=TODAY).intake.tables["offer"].set_index("work_form")
    assert pd.isna(offer.loc["TWE", "places"])
    assert offer.loc["TWE", "filled_persons"] == 0
    assert offer.loc["AMA", ["places", "filled_persons", "filled_vte"]].isna().all()
    assert offer.loc["AMA", "status"] == "unknown"


def test_only_a_yes_makes_a_target_group(edit: Edit) -> None:
    bridge = read(edit({}), today=TODAY).intake.tables["offer_target_group"]
    assert set(zip(bridge["work_form"], bridge["target_group"], strict=True)) == {
        ("TWE", "langdurig werkzoekend"),
        ("TWE", "leefloon"),
        ("CMW", "langdurig werkzoekend"),
        ("CMW", "arbeidsbeperking"),
    }


def test_a_wrong_cell_is_named_by_sheet_row_and_column(edit: Edit) -> None:
    reading = read(edit({"Aanbod!E5": "veel"}), today=TODAY)
    rule = "moet één geheel getal zijn, 0 of meer (weet u het niet: leeg of 'onbekend')"
    assert texts(reading) == [f"Aanbod!E5 (Plaatsen): {rule}; er staat 'veel'"]


def test_nothing_is_taken_from_a_sheet_with_errors_nor_from_sheets_that_depend_on_it(edit: Edit) -> None:
    intake = read(edit({"Vestigingen!D4": "Gent"}), today=TODAY).intake
    assert set(intake.tables) == {"enterprise"}
    assert (intake.taken, len(intake.rejected)) == (2, ALL - 2)
    assert intake.rejected["rule"].str.contains("het blad Vestigingen bevat fouten").sum() == ALL - 3


def test_an_error_on_the_last_sheet_leaves_the_others(edit: Edit) -> None:
    intake = read(edit({"Doelgroepen!D4": "misschien"}), today=TODAY).intake
    assert set(intake.tables) == {"enterprise", "establishment", "offer"}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"Aanbod!H4": "onbekend"}, "Aanbod!H4 (Hoe bekend): kies 'geteld' of 'geschat'"),
        ({"Aanbod!H4": None}, "Aanbod!H4 (Hoe bekend): kies 'geteld' of 'geschat'"),
        ({"Aanbod!H6": "geteld"}, "Aanbod!H6 (Hoe bekend): kies 'onbekend' of vul een cijfer in"),
        ({"Aanbod!G5": 1251}, "Aanbod!G5 (Bezet: VTE): mag niet meer zijn dan het aantal personen (1250)"),
        ({"Aanbod!B4": "ARBEIDSZORG"}, "Aanbod!B4 (Werkvorm): bestond niet op 30/06/2026"),
        ({"Vestigingen!F5": None}, "Vestigingen!F5 (NACE-versie): vul NACE-code en NACE-versie samen in"),
        ({"Vestigingen!B4": "0403.555.236"}, "Vestigingen!B4 (Onderneming): dit nummer staat niet op het blad"),
        ({"Aanbod!A4": "2.100.000.312"}, "Aanbod!A4 (Vestiging): dit nummer staat niet op het blad Vestigingen"),
        ({"Doelgroepen!C4": "montage"}, "Doelgroepen!A4 (Vestiging): deze vestiging met deze werkvorm en activiteit"),
        ({"Ondernemingen!A5": "0207725795"}, "Ondernemingen!A5 (Ondernemingsnummer): zelfde Ondernemingsnummer als"),
        ({"Vestigingen!D4": "Zwijndrecht"}, "Vestigingen!D4 (Gemeente): hoort niet bij werkingsgebied Rivierenland"),
        ({"Ondernemingen!C6": "maatwerkbedrijf"}, "Ondernemingen!A6 (Ondernemingsnummer): moet ingevuld zijn"),
        ({"Aanbod!E3": "Plekken"}, "Aanbod: de kolom 'Plaatsen' ontbreekt of heeft een andere titel"),
        ({"Aanbod!J3": "plaatsen"}, "Aanbod: de kolom 'Plaatsen' staat er twee keer"),
        ({"Aanbod!E4": "=1+1"}, "Aanbod!E4 (Plaatsen): is een formule zonder bewaarde uitkomst"),
        ({"Aanbod!E4": "#N/A"}, "Aanbod!E4 (Plaatsen): is een foutmelding van Excel"),
    ],
)  # fmt: skip
def test_rows_that_contradict_themselves_or_another_sheet_are_named(
    edit: Edit, cells: dict[str, object], said: str
) -> None:
    reading = read(edit(cells), today=TODAY)
    assert any(text.startswith(said) for text in texts(reading)), texts(reading)
    assert reading.intake.read == reading.intake.taken + len(reading.intake.rejected)


def test_a_mistake_on_one_sheet_is_not_repeated_for_every_row_that_refers_to_it(edit: Edit) -> None:
    assert len(texts(read(edit({"Vestigingen!D4": "Gent"}), today=TODAY))) == 1
    assert len(texts(read(edit({"Vestigingen!D4": "Lier", "Ondernemingen!B4": None}), today=TODAY))) == 1


def test_columns_may_be_moved_and_rows_inserted_above_the_header(filled: openpyxl.Workbook, edit: Edit) -> None:
    filled["Aanbod"].move_range("H3:H6", cols=6)
    filled["Ondernemingen"].move_range("A3:E5", rows=2)
    reading = read(edit({}), today=TODAY)
    assert texts(reading) == []
    assert list(reading.intake.tables["offer"]["status"]) == ["counted", "estimated", "unknown"]


def test_blank_rows_and_stray_blanks_are_no_rows(edit: Edit) -> None:
    reading = read(edit({"Aanbod!A40": " \u00a0", "Aanbod!XFD900000": "\n", "Ondernemingen!B300": ""}), today=TODAY)
    assert reading.intake.read == ALL
    assert texts(reading) == []


def test_a_cell_at_the_far_corner_of_a_sheet_is_noted_in_no_time(edit: Edit) -> None:
    assert read(edit({"Aanbod!XFD1048576": 1}), today=TODAY).intake.taken == ALL


def test_added_columns_and_sheets_are_named_and_not_read(filled: openpyxl.Workbook, edit: Edit) -> None:
    filled.create_sheet("Kladblad")["A1"] = 5
    notes = read(edit({"Aanbod!K3": "Contact", "Aanbod!K4": "An"}), today=TODAY).intake.notes
    assert "het blad 'Kladblad' wordt niet gelezen" in notes
    assert "Aanbod: de kolom 'Contact' wordt niet gelezen" in notes


def test_a_new_activity_is_taken_and_a_likely_slip_is_asked_about(edit: Edit) -> None:
    reading = read(edit({"Aanbod!C4": "groenonderhout", "Doelgroepen!C4": "groenonderhout"}), today=TODAY)
    assert reading.intake.taken == ALL
    assert reading.intake.notes == (
        "Aanbod!C4: nieuwe activiteit 'groenonderhout'; bedoelde u 'groenonderhoud'?",
    )  # fmt: skip


@pytest.mark.parametrize("sheet", ["Ondernemingen", "Vestigingen", "Aanbod", "Doelgroepen"])
@pytest.mark.parametrize("how", ["deleted", "renamed"])
def test_a_sheet_that_is_gone_is_named(filled: openpyxl.Workbook, edit: Edit, sheet: str, how: str) -> None:
    if how == "deleted":
        del filled[sheet]
    else:
        filled[sheet].title = "Mijn blad"
    reading = read(edit({}), today=TODAY)
    assert f"{sheet}: dit blad ontbreekt of heeft een andere naam; zet het terug zoals het was" in texts(reading)
    assert sheet not in ("Ondernemingen",) or not reading.intake.tables


def test_a_sheet_may_be_written_in_other_capitals(filled: openpyxl.Workbook, edit: Edit) -> None:
    filled["Aanbod"].title = "AANBOD "
    assert read(edit({}), today=TODAY).intake.taken == ALL


def test_an_empty_workbook_says_so(blank: bytes, study: Path, tmp_path: Path) -> None:
    (tmp_path / "leeg.xlsx").write_bytes(blank)
    reading = read(tmp_path / "leeg.xlsx", today=TODAY)
    assert (reading.intake.read, reading.problems) == (0, ())
    assert reading.intake.notes == ("het werkboek is leeg: er is niets om over te nemen",)


def test_merged_cells_are_refused(filled: openpyxl.Workbook, edit: Edit) -> None:
    filled["Aanbod"].merge_cells("A4:A5")
    assert "Aanbod!A4: de cellen A4:A5 zijn samengevoegd; maak dat ongedaan en vul elke rij in" in texts(
        read(edit({}), today=TODAY)
    )


def test_the_saved_result_of_a_formula_is_read(filled: openpyxl.Workbook, edit: Edit) -> None:
    path = edit({"Aanbod!E4": "=6*7"})
    raw = path.read_bytes()
    assert "formule" in texts(read(path, today=TODAY))[0]
    rewrite(path, raw, b"<f>6*7</f><v />", b"<f>6*7</f><v>42</v>")
    reading = read(path, today=TODAY)
    assert texts(reading) == []
    assert reading.intake.tables["offer"]["places"][0] == 42
    assert reading.intake.notes == ("Aanbod!E4: van de formule is de bewaarde uitkomst gelezen",)


def rewrite(path: Path, raw: bytes, old: bytes, new: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(path, "w") as target:
        parts = {name: source.read(name) for name in source.namelist()}
        assert sum(old in part for part in parts.values()) == 1
        for name, part in parts.items():
            target.writestr(name, part.replace(old, new))


# --- what the workbook is -----------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value", "said"),
    [
        ("Lijsten!B1", 0, "een oudere indeling"),
        ("Lijsten!B1", 2, "een nieuwere indeling"),
        ("Lijsten!B1", "een", "geen werkboek van deze studie"),
        ("Lijsten!B2", "working-area:elders", "dat deze studie niet kent"),
        ("Lijsten!B3", "gisteren", "geen werkboek van deze studie"),
    ],
)
def test_a_workbook_of_another_layout_or_study_is_refused(edit: Edit, cell: str, value: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(edit({cell: value}), today=TODAY)


def test_a_workbook_without_its_hidden_sheet_is_refused(filled: openpyxl.Workbook, edit: Edit) -> None:
    del filled["Lijsten"]
    with pytest.raises(InputError, match="verborgen blad Lijsten is weg"):
        read(edit({}), today=TODAY)


def test_the_workbook_of_another_region_is_refused_when_one_is_asked_for(edit: Edit) -> None:
    path = edit({})
    assert read(path, today=TODAY, region="working-area:rivierenland").intake.taken == ALL
    with pytest.raises(InputError, match=r"werkboek van werkingsgebied Rivierenland .* niet van working-area:selab"):
        read(path, today=TODAY, region="working-area:selab")


def test_rows_pasted_from_another_region_are_named(edit: Edit) -> None:
    reading = read(edit({"Lijsten!B2": "working-area:stadsregio-turnhout"}), today=TODAY)
    assert [p.cell for p in reading.problems] == ["D4", "D5"]
    assert set(reading.intake.tables) == {"enterprise"}


# --- into the databank --------------------------------------------------------


def test_a_second_import_changes_nothing(study: Path, edit: Edit) -> None:
    path = edit({})
    put(read(path, today=TODAY))
    first = bytes_of(study)
    put(read(path, today=datetime.date(2026, 12, 24)))
    assert bytes_of(study) == first
    assert set(first) >= {"enterprise.parquet", "establishment.parquet", "offer.parquet", "offer_target_group.parquet"}


def test_a_workbook_that_is_exported_again_holds_what_was_filled_in(study: Path, edit: Edit, tmp_path: Path) -> None:
    put(read(edit({}), today=TODAY))
    first = bytes_of(study)
    made = export("working-area:rivierenland", tmp_path / "again.xlsx", day="2026-12-24")
    assert made.rows == {"Ondernemingen": 2, "Vestigingen": 2, "Aanbod": 3, "Doelgroepen": 2}
    again = read(made.path, today=datetime.date(2026, 12, 24))
    assert (texts(again), again.intake.taken) == ([], ALL)
    put(again)
    assert bytes_of(study) == first


def test_a_new_date_stands_beside_the_old_one(study: Path, edit: Edit, tmp_path: Path) -> None:
    put(read(edit({}), today=TODAY))
    book = openpyxl.load_workbook(export("working-area:rivierenland", tmp_path / "b.xlsx", day="2026-12-24").path)
    book["Aanbod"]["D4"], book["Aanbod"]["E4"] = datetime.date(2026, 12, 1), 15
    book.save(tmp_path / "c.xlsx")
    put(read(tmp_path / "c.xlsx", today=datetime.date(2026, 12, 24)))
    offer = pd.read_parquet(study / "data" / "own" / "offer.parquet")
    assert len(offer) == 4
    assert sorted(offer.loc[offer["work_form"] == "TWE", "places"]) == [12, 15]


def test_what_the_databank_knows_beside_the_workbook_is_not_wiped_out(study: Path, edit: Edit) -> None:
    put(read(edit({}), today=TODAY))
    path = study / "data" / "own" / "establishment.parquet"
    known = pd.read_parquet(path)
    known["postcode"] = ["2800", "2500"]
    contracts.validate(known, "establishment", where="own").to_parquet(path)
    put(read(edit({"Vestigingen!C4": "Groendienst Noord"}), today=TODAY))
    renewed = pd.read_parquet(path)
    assert list(renewed["postcode"]) == ["2800", "2500"]
    assert list(renewed["name"]) == ["Groendienst Noord", "Winkel Lier"]


def test_a_cell_that_was_emptied_becomes_unknown(study: Path, edit: Edit) -> None:
    put(read(edit({}), today=TODAY))
    put(read(edit({"Aanbod!E5": None}), today=TODAY))
    offer = pd.read_parquet(study / "data" / "own" / "offer.parquet").set_index("work_form")
    assert pd.isna(offer.loc["CMW", "places"])


def test_a_no_takes_a_target_group_away_and_leaves_other_offers_alone(study: Path, edit: Edit) -> None:
    put(read(edit({}), today=TODAY))
    path = edit({"Doelgroepen!D4": "nee", "Doelgroepen!G4": None})
    put(read(path, today=TODAY))
    bridge = pd.read_parquet(study / "data" / "own" / "offer_target_group.parquet")
    assert set(bridge["work_form"]) == {"CMW"}
    first = bytes_of(study)
    put(read(path, today=TODAY))
    assert bytes_of(study) == first


def test_an_offer_without_a_row_of_target_groups_keeps_them(filled: openpyxl.Workbook, study: Path, edit: Edit) -> None:
    put(read(edit({}), today=TODAY))
    first = bytes_of(study)
    filled["Doelgroepen"].delete_rows(4)
    put(read(edit({}), today=TODAY))
    assert bytes_of(study) == first


def test_an_establishment_of_another_region_cannot_be_overwritten_by_a_slip(study: Path, edit: Edit) -> None:
    put(read(edit({}), today=TODAY))
    path = study / "data" / "own" / "establishment.parquet"
    known = pd.read_parquet(path).assign(refnis=[11002, 12021])
    known.to_parquet(path)
    assert texts(read(edit({}), today=TODAY)) == [
        "Vestigingen!A4 (Vestigingsnummer): is in de databank een vestiging buiten dit gebied (Groendienst); "
        "kijk het nummer na; er staat '2.100.000.114'"
    ]


def test_a_sheet_with_one_error_changes_no_row_of_the_databank(study: Path, edit: Edit) -> None:
    put(read(edit({}), today=TODAY))
    first = bytes_of(study)
    put(read(edit({"Ondernemingen!A5": "0403.555.138", "Ondernemingen!B4": "Andere naam"}), today=TODAY))
    assert {name: content for name, content in bytes_of(study).items() if name in first} == first
