"""The workbook of the registers: what it holds, what it takes, and what it does to the monitor."""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import get_column_letter

from studie.data import catalogue, databank, monitor
from studie.data.definitions import CONTRACTS
from studie.data.importers.store import store
from studie.data.register_measures import REGISTERED
from studie.data.registers import REGISTERS
from studie.data.workbook import layout, registers
from studie.data.workbook.export import export
from studie.data.workbook.read import Reading, read
from studie.errors import InputError

DAY, TODAY = "2026-11-23", datetime.date(2026, 11, 23)
FIRM = "0403.555.137"
MARCH, MAY = datetime.date(2026, 3, 10), datetime.date(2026, 5, 2)
KNOWN = 79 + 40 + 15  # commitments, requests for data, schemes
Edit = Callable[[Mapping[str, object]], Path]
Rows = Mapping[str, Sequence[tuple[object, ...]]]


def filled_rows(rows: Rows) -> int:
    return sum(map(len, rows.values()))


def texts(reading: Reading) -> list[str]:
    return [problem.text for problem in reading.problems]


def put(reading: Reading) -> None:
    store(reading.intake, name="r", source=reading.source, retrieved=reading.day, blanks="clear", language="nl")


def content_of(study: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((study / "data" / "own").glob("*.parquet"))}


# --- what it holds ------------------------------------------------------------


def test_every_register_has_a_sheet_of_columns_of_its_table() -> None:
    tables = [sheet.table for sheet in registers.SHEETS]
    assert set(REGISTERS) <= set(tables)
    assert len(set(tables)) == len({sheet.name for sheet in registers.SHEETS}) == len(tables)
    for sheet in registers.SHEETS:
        names = [field.name for field in sheet.fields]
        missing = {c.name for c in CONTRACTS[sheet.table].columns} - set(names)
        assert set(sheet.key) <= set(names) <= set(CONTRACTS[sheet.table].names)
        assert sheet.closed or not missing, sheet.name
        assert len({field.header for field in sheet.fields}) == len(names), sheet.name


def test_every_column_explains_itself_within_what_excel_can_hold(registers_blank: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(registers_blank))
    for sheet in registers.SHEETS:
        page = book[sheet.name]
        rules = {str(rule.sqref).split(":")[0]: rule for rule in page.data_validations.dataValidation}
        for position, field in enumerate(sheet.fields, start=1):
            rule = rules[f"{get_column_letter(position)}{layout.FIRST_ROW}"]
            assert rule.prompt == field.about
            assert len(rule.prompt) <= 255 and len(rule.error) <= 255 and len(field.header) <= 32
            assert page.column_dimensions[get_column_letter(position)].protection.locked == field.locked
        assert page.protection.sheet and page.protection.password is None
        assert all(cell.protection.locked for cell in page[layout.HEADER_ROW])


def test_words_to_choose_from_are_those_of_the_contract(registers_blank: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(registers_blank))
    lists = {cell.value: cell.column for cell in book["Lijsten"][1] if cell.value}
    for sheet in registers.SHEETS:
        for field in sheet.fields:
            if not field.options:
                continue
            listed = [cell.value for cell in book["Lijsten"][get_column_letter(lists[field.choices])][1:] if cell.value]
            assert tuple(listed) == field.options, field.choices


def test_what_is_known_is_filled_in_and_demonstration_rows_never_are(study: Path, tmp_path: Path) -> None:
    made = export("registers", tmp_path / "r.xlsx", day=DAY)
    assert made.group == "registers"
    assert {name: rows for name, rows in made.rows.items() if rows} == {
        "Engagementen": 79, "Gegevensvragen": 40, "Subsidiewijzer": 15,
    }  # fmt: skip
    assert export("registers", tmp_path / "s.xlsx", day=DAY).path.read_bytes() == made.path.read_bytes()


# --- what it takes ------------------------------------------------------------


def test_a_workbook_that_nobody_filled_in_changes_nothing_and_says_which_registers_are_empty(
    registers_blank: bytes, study: Path, tmp_path: Path
) -> None:
    path = tmp_path / "leeg.xlsx"
    path.write_bytes(registers_blank)
    reading = read(path, today=TODAY)
    assert (texts(reading), reading.intake.tables) == ([], {})
    assert (reading.intake.read, reading.intake.taken) == (KNOWN, KNOWN)
    empty = ", ".join(sheet.name for sheet in registers.SHEETS[3:])
    assert reading.intake.notes[0] == f"geen rijen op {empty}: daarvan blijft alles onbekend"
    assert "Engagementen: 79 rijen staan er nog zoals ze waren" in reading.intake.notes
    put(reading)
    assert content_of(study) == {}


def test_every_register_is_taken_and_a_second_import_changes_nothing(
    study: Path, change: Edit, register_rows: Rows
) -> None:
    reading = read(change({}), today=TODAY)
    assert texts(reading) == []
    assert {table: len(frame) for table, frame in reading.intake.tables.items()} == {
        sheet.table: len(register_rows[sheet.name]) for sheet in registers.SHEETS if sheet.name in register_rows
    }
    assert reading.intake.taken == reading.intake.read == KNOWN + filled_rows(register_rows)
    assert reading.source == "werkboek registers van de provincie Antwerpen, 23 november 2026"
    put(reading)
    first = content_of(study)
    put(read(change({}), today=TODAY))
    assert content_of(study) == first
    assert catalogue.check() == []


def test_what_was_taken_is_filled_in_again_and_read_back_the_same(
    study: Path, change: Edit, tmp_path: Path, register_rows: Rows
) -> None:
    put(read(change({}), today=TODAY))
    first = content_of(study)
    made = export("registers", tmp_path / "again.xlsx", day=DAY)
    assert sum(made.rows.values()) == KNOWN + filled_rows(register_rows)
    again = read(made.path, today=TODAY)
    assert texts(again) == []
    put(again)
    assert content_of(study) == first


def test_values_keep_their_meaning(change: Edit) -> None:
    tables = read(change({}), today=TODAY).intake.tables
    account = tables["annual_account"].iloc[0]
    assert (account["enterprise_number"], account["equity_euro"], account["employees_vte"]) == (FIRM, -20_000.5, 41.5)
    task = tables["task"].iloc[0]
    assert (task["share_low"], task["share_high"], task["carvable"]) == (0.1, 0.25, True)
    applications = tables["application"]
    assert applications["supported"].isna().tolist() == [False, True]
    assert applications["scheme_id"].tolist() == ["projectsubsidie-inclusieve-economie", "kmo-portefeuille"]
    assert applications["region"].tolist() == ["municipality:12025"] * 2
    assert pd.isna(tables["event"].loc[1, "participants"])


def test_a_municipality_that_left_the_province_or_merged_may_have_pledged(
    study: Path, change: Edit, tmp_path: Path
) -> None:
    more = {
        f"Verbintenissen!{c}5": v for c, v in zip("ABCDF", ("v2", "Zwijndrecht", "twee", MARCH, "bezig"), strict=True)
    }
    put(read(change({"Verbintenissen!B4": "Borsbeek", **more}), today=TODAY))
    made = export("registers", tmp_path / "again.xlsx", day=DAY)
    again = read(made.path, today=TODAY)
    assert texts(again) == []
    assert again.intake.tables["pledge"]["refnis"].tolist() == [11007, 11056]


def test_only_a_commitment_that_says_something_new_becomes_an_own_row(study: Path, change: Edit) -> None:
    reading = read(change({"Engagementen!C5": "bezig", "Engagementen!B5": "een ander engagement"}), today=TODAY)
    taken = reading.intake.tables["commitment"]
    assert taken[["commitment_id", "status", "section"]].to_numpy().tolist() == [["E01", "bezig", "besluit"]]
    assert taken["quote"].iloc[0].startswith("Goedkeuring wordt gehecht")  # a locked column is not read
    put(reading)
    found = catalogue.read("commitment", data="own").frame.set_index("commitment_id")
    assert len(found) == 79
    assert found["data_status"].value_counts().to_dict() == {"observed": 78, "own": 1}


def test_a_scheme_that_was_checked_replaces_the_published_one_with_its_new_day(study: Path, change: Edit) -> None:
    put(read(change({"Subsidiewijzer!M4": datetime.date(2026, 11, 1)}), today=TODAY))
    guide = catalogue.read("subsidy_scheme", data="own").frame
    assert len(guide) == 15
    own = guide[guide["data_status"] == "own"]
    assert own[["scheme_id", "checked_on"]].to_numpy().tolist() == [["collectief-maatwerk", "2026-11-01"]]


# --- what it refuses ----------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"Bijeenkomsten!E4": "veel"}, "Bijeenkomsten!E4 (Deelnemers): moet één geheel getal zijn, 0 of meer"),
        ({"Bijeenkomsten!B4": "feest"}, "Bijeenkomsten!B4 (Soort): moet een keuze uit de lijst zijn"),
        ({"Bijeenkomsten!C4": datetime.date(2027, 1, 1)}, "Bijeenkomsten!C4 (Dag): mag niet in de toekomst liggen"),
        ({"Bijeenkomsten!D4": "gemeente Mechlen"}, "Bijeenkomsten!D4 (Gebied): moet een gebied uit de lijst zijn"),
        ({"Bijeenkomsten!G4": -1}, "Bijeenkomsten!G4 (Uitgave): moet één getal zijn, 0 of meer"),
        ({"Bijeenkomsten!A5": "b1"}, "Bijeenkomsten!A5 (Kenmerk): zelfde Kenmerk als in rij 4"),
        ({"Noden en drempels!I4": MARCH, "Noden en drempels!G4": MAY},
         "Noden en drempels!G4 (Gemeld op): mag niet na 'Weggewerkt op' liggen (10/03/2026)"),
        ({"Opleidingen!F4": 41}, "Opleidingen!F4 (Afgewerkt): mag niet groter zijn dan 'Deelnemers' (40)"),
        ({"Projecten!D4": 2027}, "Projecten!D4 (Jaar): moet een jaar zijn van 1990 tot 2026"),
        ({"Taken!E4": 25}, "Taken!E4 (Kleinste deel): moet een percentage tussen 0 en 100 % zijn"),
        ({"Aanvragen!B4": "vlaamse-loterij"}, "Aanvragen!B4 (Steun): dit kenmerk staat niet op het blad"),
        ({"Aanvragen!J4": 60_000}, "Aanvragen!J4 (Toegekend): mag niet groter zijn dan 'Gevraagd' (50000)"),
        ({"Jaarrekeningen!A4": "0207.725.795"},
         "Jaarrekeningen!A4 (Onderneming): deze onderneming staat niet in de databank"),
        ({"Verbintenissen!B4": "Gent"}, "Verbintenissen!B4 (Gemeente): moet een gemeente van provincie Antwerpen zijn"),
        ({"Engagementen!A4": "E99"}, "Engagementen!A4 (Kenmerk): staat niet in de lijst van dit blad"),
        ({"Engagementen!C4": "misschien"}, "Engagementen!C4 (Stand): moet een keuze uit de lijst zijn"),
        ({"Engagementen!C4": None}, "Engagementen!C4 (Stand): moet ingevuld zijn"),
        ({"Acties!H4": "onbekend"}, "Acties!H4 (Stand): moet ingevuld zijn"),
        ({"Subsidiewijzer!A4": "Mijn Steun!"}, "Subsidiewijzer!A4 (Kenmerk): moet uit kleine letters"),
        ({"Noden en drempels!C4": "x" * 2001}, "Noden en drempels!C4 (Nood of drempel): is te lang: hoogstens 2000"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named_and_its_sheet_is_left_out_whole(
    change: Edit, register_rows: Rows, cells: dict[str, object], said: str
) -> None:
    reading = read(change(cells), today=TODAY)
    assert any(text.startswith(said) for text in texts(reading)), texts(reading)
    wrong = {problem.sheet for problem in reading.problems}
    tables = {sheet.table for sheet in registers.SHEETS if sheet.name in wrong}
    assert not tables & set(reading.intake.tables)
    left = {"Subsidiewijzer": {"Aanvragen"}}
    stopped = wrong.union(*(left.get(name, set()) for name in wrong))
    assert set(reading.intake.tables) == {
        sheet.table for sheet in registers.SHEETS if sheet.name in register_rows and sheet.name not in stopped
    }


def test_the_workbook_of_a_region_is_not_taken_for_that_of_the_registers(change: Edit, edit: Edit) -> None:
    path = change({})
    assert read(path, today=TODAY, region="registers").group == "registers"
    with pytest.raises(InputError, match=r"is het werkboek van de registers .* niet van working-area:rivierenland"):
        read(path, today=TODAY, region="working-area:rivierenland")
    with pytest.raises(InputError, match="niet van registers"):
        read(edit({}), today=TODAY, region="registers")


# --- what it does to the monitor ----------------------------------------------


@pytest.fixture
def followed(study: Path, change: Edit) -> pd.DataFrame:
    """The monitor after the workbook was taken, without demonstration data."""
    put(read(change({}), today=TODAY))
    frames = {name: catalogue.read(name, data="own").frame for name in (*monitor.READ, "regulation")}
    board = monitor.monitor(
        catalogue.read("commitment", data="own").frame,
        catalogue.read("commitment_indicator", data="own").frame,
        frames,
        refnis=[12025, 12021],
        chapters={},
    )
    return board.commitments


def test_every_value_of_a_register_arrives_in_the_monitor_as_own(followed: pd.DataFrame) -> None:
    found = followed[followed["measure"].isin(list(REGISTERED))].set_index("measure")
    assert set(found.index) == set(REGISTERED)
    assert set(found["data_status"]) == {"own"}
    assert found["estimate"].to_dict() == {
        **dict.fromkeys(found.index, 1.0),
        "approved_share": 0.5,
        "day_participants": 120.0,
        "granted_to_municipalities": 40_000.0,
        "joint_training": 9.0,
        "joint_training_cost": 250.5,
        "mentor_duos": 30.0,
        "resilient_share": 0.0,
        "step_3_training": 8.0,
        "subsidy_sessions": 6.0,
        "tender_training": 7.0,
    }


def test_the_registers_that_were_there_arrive_too(followed: pd.DataFrame) -> None:
    found = followed.set_index("measure")
    for name, value in {
        "projects_care": 1.0, "euro_per_place": 7_500.0, "euro_per_kept_place": 10_000.0, "euro_per_job": 10_000.0,
        "screened_tasks": 1.0, "carvable_tasks": 1.0, "trainings": 1.0, "completed_share": 0.75, "to_work_share": 0.3,
    }.items():  # fmt: skip
        assert (found.loc[name, "estimate"], found.loc[name, "data_status"]) == (pytest.approx(value), "own"), name


def test_before_the_workbook_nothing_of_a_register_is_known(study: Path) -> None:
    frames = {name: catalogue.read(name, data="own").frame for name in (*monitor.READ, "regulation")}
    board = monitor.monitor(
        catalogue.read("commitment", data="own").frame,
        catalogue.read("commitment_indicator", data="own").frame,
        frames,
        refnis=[12025],
        chapters={},
    )
    rows = board.commitments[board.commitments["measure"].isin(list(REGISTERED))]
    assert len(rows) == len(REGISTERED)
    assert rows["estimate"].isna().all()
    assert set(rows["data_status"]) == {"none"}
    assert (rows["holders"].map(len) > 0).all()


# --- by extract and in the databank -------------------------------------------


def test_an_extract_of_a_register_lands_as_the_workbook_does(study: Path, tmp_path: Path) -> None:
    from studie.data.importers import store_file
    from studie.data.importers.intake import Options

    lines = ["nr;wat;wie;nis;dag;stand", "1;vier plaatsen;ja;12025;10/03/2026;klaar", "2;twee;nee;11001;x;klaar"]
    (tmp_path / "v.csv").write_text("\n".join(lines), encoding="utf-8")
    words = {
        "table": "pledge",
        "source": "kabinet",
        "columns": {
            "pledge_id": "nr", "refnis": "nis", "description": "wat", "tailored": "wie",
            "date": {"column": "dag", "format": "dd/mm/yyyy"},
            "status": {"column": "stand", "values": {"klaar": "nagekomen"}},
            "places": {"value": ""},
        },
    }  # fmt: skip
    stored = store_file(
        "own", tmp_path / "v.csv", options=Options(mapping=json.loads(json.dumps(words))), retrieved=DAY, publisher="k"
    )
    assert (stored.read, stored.taken) == (2, 1)
    found = catalogue.read("pledge").frame.iloc[0]
    assert (found["tailored"], found["status"], found["data_status"]) == (True, "nagekomen", "own")


def test_registers_land_in_the_databank_with_their_references_and_without_small_counts(
    study: Path, change: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIE_DEMONSTRATION_SIZE", "tiny")
    put(read(change({"Mentorschap!D4": 12, "Mentorschap!E4": 9, "Mentorschap!F4": None}), today=TODAY))
    rows = databank.build().rows
    assert {name: rows[name] for name in ("application", "pledge", "annual_account", "subsidy_scheme")} == {
        "application": 2, "pledge": 1, "annual_account": 1, "subsidy_scheme": 15,
    }  # fmt: skip
    joined = databank.query(
        "SELECT s.level, a.decision FROM application a JOIN subsidy_scheme s USING (scheme_id) ORDER BY 1"
    )
    assert joined.to_numpy().tolist() == [["Vlaams", "geweigerd"], ["provinciaal", "goedgekeurd"]]
    shown = databank.query("SELECT duos, completed, cell_status FROM mentorship")
    assert (shown.loc[0, "duos"], shown.loc[0, "cell_status"]) == (12, "published")
    assert pd.isna(shown.loc[0, "completed"])
