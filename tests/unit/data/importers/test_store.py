"""Storing an import: merged by key, refused rows listed, all tables or none, and the same twice."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from studie.data import catalogue, contracts, pseudonyms
from studie.data.definitions import CONTRACTS
from studie.data.importers import own_files
from studie.data.importers.intake import REJECTED, Intake
from studie.data.importers.rejected import inert
from studie.data.importers.store import Blanks, Change, Stored, store
from studie.errors import InputError

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study with the published tables, empty demonstration tables and no own ones."""
    for folder in ("observed", "reference"):
        shutil.copytree(ROOT / "data" / folder, tmp_path / "data" / folder)
    shutil.copy(ROOT / "data" / "sources.csv", tmp_path / "data" / "sources.csv")
    demonstration = tmp_path / "data" / "demonstration" / "tiny"
    demonstration.mkdir(parents=True)
    for name, rules in CONTRACTS.items():
        if rules.demonstrated:
            contracts.empty(name).to_parquet(demonstration / f"{name}.parquet")
    monkeypatch.setenv("STUDIE_ROOT", str(tmp_path))
    monkeypatch.setenv("STUDIE_DEMONSTRATION_SIZE", "tiny")
    return tmp_path


def typed(table: str, **columns: object) -> pd.DataFrame:
    return contracts.validate(pd.DataFrame(columns, dtype=object), table, where=table)


def vacancies(*rows: tuple[str, str, object, object], region: str = "municipality:12025") -> pd.DataFrame:
    sector, period, opened, received = zip(*rows, strict=True)
    return typed(
        "vacancy", region=region, sector=list(sector), period=list(period), open=list(opened),
        received=list(received), filled="",
    )  # fmt: skip


def enterprises(*numbers: str) -> pd.DataFrame:
    return typed("enterprise", enterprise_number=list(numbers), name="A", form="maatwerkbedrijf", joint_committee="")


def establishments(*pairs: tuple[str, str]) -> pd.DataFrame:
    number, enterprise = zip(*pairs, strict=True)
    return typed(
        "establishment", establishment_number=list(number), enterprise_number=list(enterprise), name="A", refnis=12025,
        nace_code="", nace_version="",
    )  # fmt: skip


def intake(**tables: pd.DataFrame) -> Intake:
    """Tables of which row k comes from row k + 2 of a file; one record may give a row of each."""
    read = max(len(frame) for frame in tables.values())
    origins = {name: pd.DataFrame({"file": "x.csv", "row": range(2, len(f) + 2)}) for name, f in tables.items()}
    nothing = pd.DataFrame(columns=list(REJECTED)).astype({"row": "int64"})
    return Intake(tables=tables, read=read, taken=read, rejected=nothing, origins=origins)


def stored(what: Intake, *, blanks: Blanks = "keep", day: str = "2026-11-23") -> Stored:
    return store(what, name="test", source="de bron", retrieved=day, blanks=blanks)


def own(study: Path) -> dict[str, bytes]:
    folder = study / "data" / "own"
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_second_import_of_the_same_rows_changes_no_byte(study: Path) -> None:
    rows = vacancies(("bouw", "2024-01", "5", ""), ("zorg", "2024-01", "7", "2"))
    first = stored(intake(vacancy=rows))
    before = own(study)
    second = stored(intake(vacancy=rows.iloc[::-1].reset_index(drop=True)), day="2026-12-24")
    assert first.changes == {"vacancy": Change(2, 0, 0)}
    assert second.changes == {"vacancy": Change(0, 0, 2)}
    assert second.files == ()
    assert own(study) == before


def test_the_order_of_imports_does_not_change_the_file(study: Path) -> None:
    one, two = vacancies(("bouw", "2024-01", "5", "")), vacancies(("bouw", "2023-12", "4", ""))
    stored(intake(vacancy=one)), stored(intake(vacancy=two))
    before = own(study)["vacancy.parquet"]
    shutil.rmtree(study / "data" / "own")
    stored(intake(vacancy=two)), stored(intake(vacancy=one))
    assert own(study)["vacancy.parquet"] == before


def test_a_row_of_the_same_key_is_renewed_with_its_source_and_day(study: Path) -> None:
    stored(intake(vacancy=vacancies(("bouw", "2024-01", "5", ""), ("zorg", "2024-01", "7", ""))))
    made = stored(intake(vacancy=vacancies(("bouw", "2024-01", "6", ""))), day="2027-01-01")
    assert made.changes == {"vacancy": Change(0, 1, 0)}
    frame = pd.read_parquet(study / "data" / "own" / "vacancy.parquet")
    assert frame["open"].tolist() == [6, 7]
    assert frame["retrieved"].tolist() == ["2027-01-01", "2026-11-23"]
    assert catalogue.read("vacancy", data="own").frame["data_status"].value_counts()["own"] == 2


@pytest.mark.parametrize(("blanks", "kept"), [("keep", [5, 9]), ("clear", [None, 9])])
def test_an_empty_value_keeps_or_clears_what_was_known(study: Path, blanks: Blanks, kept: list[object]) -> None:
    stored(intake(vacancy=vacancies(("bouw", "2024-01", "5", ""))))
    stored(intake(vacancy=vacancies(("bouw", "2024-01", "", "9"))), blanks=blanks)
    frame = pd.read_parquet(study / "data" / "own" / "vacancy.parquet").astype(object)
    row = frame[["open", "received"]].where(frame[["open", "received"]].notna(), None).iloc[0]
    assert row.tolist() == kept


def test_a_row_that_contradicts_a_published_one_is_listed_and_the_others_are_taken(study: Path) -> None:
    published = catalogue.read("vacancy", data="own").frame.iloc[0]
    rows = pd.concat(
        [
            vacancies(("bouw", str(published["period"]), str(published["open"] + 1), ""), region="region:02000"),
            vacancies(("bouw", str(published["period"]), "5", "")),
        ],
        ignore_index=True,
    )
    made = stored(intake(vacancy=rows))
    assert made.closing_line == "2 rows read = 1 taken + 1 rejected"
    record = made.rejected.iloc[0]
    assert (record["file"], record["row"], record["column"]) == ("x.csv", 2, "open")
    assert record["rule"] == f"must be {published['open']:g} as published, or left out"
    assert catalogue.check() == []


def test_a_row_that_refers_to_nothing_is_listed_with_all_that_hangs_on_its_record(study: Path) -> None:
    made = stored(intake(enterprise=enterprises("E1", "E2"), establishment=establishments(("V1", "E1"), ("V2", "E9"))))
    assert made.closing_line == "2 rows read = 1 taken + 1 rejected"
    assert made.rejected["rule"].tolist() == ["must stand in enterprise"]
    assert pd.read_parquet(study / "data" / "own" / "enterprise.parquet")["enterprise_number"].tolist() == ["E1"]
    assert catalogue.check() == []


def test_a_parent_that_an_earlier_import_brought_is_known(study: Path) -> None:
    stored(intake(enterprise=enterprises("E1")))
    assert stored(intake(establishment=establishments(("V1", "E1")))).changes["establishment"] == Change(1, 0, 0)


def test_a_refused_sum_is_said_where_it_is_no_record(study: Path) -> None:
    nothing = pd.DataFrame(columns=list(REJECTED)).astype({"row": "int64"})
    what = Intake(tables={"establishment": establishments(("V1", "E1"))}, read=5, taken=5, rejected=nothing)
    made = stored(what)
    assert made.refused == 1
    assert "establishment: not stored, column enterprise_number: must stand in enterprise, got 'E1'" in made.notes
    assert made.closing_line == "5 rows read = 5 taken + 0 rejected"


def test_a_table_kept_as_csv_stays_csv_with_the_imported_rows_in_it(study: Path) -> None:
    path = study / "data" / "own" / "vacancy.csv"
    path.parent.mkdir()
    path.write_text(
        "region,sector,period,open,received,filled\nmunicipality:12025,zorg,2024-01,7,,\n"
        "municipality:12025,bouw,2024-01,4,,\n",
        encoding="utf-8",
    )
    stored(intake(vacancy=vacancies(("bouw", "2024-01", "5", ""))))
    assert path.read_text(encoding="utf-8") == (
        "region,sector,period,open,received,filled,series_break,source,retrieved\n"
        "municipality:12025,bouw,2024-01,5,,,false,de bron,2026-11-23\n"
        "municipality:12025,zorg,2024-01,7,,,false,eigen extract vacancy.csv,onbekend\n"
    )
    assert not path.with_suffix(".parquet").exists()
    assert catalogue.check() == []


def test_a_malformed_own_file_stops_the_import_before_anything_is_written(study: Path) -> None:
    path = study / "data" / "own" / "vacancy.csv"
    path.parent.mkdir()
    path.write_text("region,sector\nx,y\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"data/own/vacancy\.csv: column period is missing"):
        stored(intake(vacancy=vacancies(("bouw", "2024-01", "5", ""))))
    assert set(own(study)) == {"vacancy.csv", ".lock"}


def people(*identifiers: str) -> pd.DataFrame:
    return typed(
        "ladder_panel", person_id=list(identifiers), date="2024-01-31", step="3", refnis=12025, age_band="25-34",
        sex="v", target_group="leefloon", dutch_level="goed", support="ja",
    )  # fmt: skip


def test_identifiers_of_persons_are_never_stored(study: Path) -> None:
    with pytest.raises(InputError, match="must hold pseudonyms, got identifiers; nothing was stored") as error:
        stored(intake(ladder_panel=people("85.01.02-123.45")))
    assert "85.01.02" not in str(error.value)
    assert set(own(study)) == {".lock"}


def test_pseudonyms_of_two_keys_or_a_file_with_identifiers_are_not_mixed(study: Path) -> None:
    first, second = (
        pseudonyms.pseudonyms(pd.Series(["a", "b"]), key=key).tolist() for key in (bytes(32), bytes(range(32)))
    )
    made = stored(intake(ladder_panel=people(*first)))
    assert made.notes == ("ladder_panel: your 2 rows now stand in place of all demonstration rows",)
    with pytest.raises(InputError, match="holds pseudonyms of another key"):
        stored(intake(ladder_panel=people(*second)))
    (study / "data" / "own" / "ladder_panel.parquet").unlink()
    people("jan", "piet").to_csv(study / "data" / "own" / "ladder_panel.csv", index=False)
    with pytest.raises(InputError, match="move the file out of data/own") as error:
        stored(intake(ladder_panel=people(*first)))
    assert "jan" not in str(error.value)


def test_the_list_of_rejections_holds_no_formula_and_goes_when_there_are_none(study: Path) -> None:
    wrong = pd.DataFrame([("x.csv", 2, "name", "must be known", "=HYPERLINK(1)"), ("x.csv", 3, "open", "r", "-5")])
    wrong.columns = pd.Index(REJECTED)
    rows = vacancies(("bouw", "2024-01", "5", ""))
    made = stored(Intake(tables={"vacancy": rows}, read=3, taken=1, rejected=wrong))
    assert made.list_of_rejected == study / "data" / "own" / "rejected" / "test.csv"
    listed = made.list_of_rejected.read_text(encoding="utf-8-sig").splitlines()
    assert listed == ["file,row,column,rule,value", "x.csv,2,name,must be known,'=HYPERLINK(1)", "x.csv,3,open,r,-5"]
    assert stored(intake(vacancy=rows)).list_of_rejected is None
    assert not made.list_of_rejected.exists()


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@a", "\t=1", "\r=1"])
def test_a_text_that_a_spreadsheet_would_run_is_made_inert(text: str) -> None:
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize("text", ["a=1", "-5", "+3,2", "", "12025"])
def test_other_texts_and_numbers_stay_as_they_are(text: str) -> None:
    assert inert(text) == text


def test_two_imports_at_once_are_one_import_and_one_line(study: Path) -> None:
    (study / "data" / "own").mkdir()
    with (study / "data" / "own" / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="another import is running"):
            stored(intake(vacancy=vacancies(("bouw", "2024-01", "5", ""))))
    assert stored(intake(vacancy=vacancies(("bouw", "2024-01", "5", "")))).changes["vacancy"].new == 1


SCRIPT = """
import os, sys
import pandas as pd
from pathlib import Path
from studie.data import contracts
from studie.data.importers import own_files
from studie.data.importers.intake import REJECTED, Intake
from studie.data.importers.store import store

steps = int(sys.argv[1])
replace, write = Path.replace, own_files._write

def counted(function):
    def step(*arguments, **options):
        global steps
        if steps == 0:
            os._exit(9)
        steps -= 1
        return function(*arguments, **options)
    return step

Path.replace, own_files._write = counted(replace), counted(write)
own_files.shutil.rmtree = counted(own_files.shutil.rmtree)
number = "E2"
enterprise = contracts.validate(pd.DataFrame({"enterprise_number": [number], "name": ["A"], "form": ["m"],
    "joint_committee": [""]}), "enterprise", where="e")
establishment = contracts.validate(pd.DataFrame({"establishment_number": ["V2"], "enterprise_number": [number],
    "name": ["A"], "refnis": ["12025"], "nace_code": [""], "nace_version": [""]}), "establishment", where="v")
nothing = pd.DataFrame(columns=list(REJECTED)).astype({"row": "int64"})
store(Intake(tables={"enterprise": enterprise, "establishment": establishment}, read=1, taken=1,
    rejected=nothing), name="k", source="bron", retrieved="2026-11-23")
"""


@pytest.mark.parametrize("steps", range(7))
def test_an_import_that_is_killed_at_any_step_leaves_all_of_its_tables_or_none(study: Path, steps: int) -> None:
    stored(intake(enterprise=enterprises("E1"), establishment=establishments(("V1", "E1"))))
    ended = subprocess.run([sys.executable, "-c", SCRIPT, str(steps)], env={**os.environ}, check=False)
    assert ended.returncode in (0, 9)
    folder = study / "data" / "own"
    with own_files.alone() as found:
        own_files.finish(found)
    assert not (folder / "unfinished").exists()
    both = [len(pd.read_parquet(folder / f"{table}.parquet")) for table in ("enterprise", "establishment")]
    assert both in ([1, 1], [2, 2])
    assert both == ([1, 1] if steps < 3 else [2, 2])
    assert catalogue.check() == []


def test_what_an_interrupted_import_left_is_thrown_away_unless_it_was_complete(study: Path) -> None:
    unfinished = study / "data" / "own" / "unfinished"
    unfinished.mkdir(parents=True)
    vacancies(("zorg", "2020-01", "1", "")).to_parquet(unfinished / "vacancy.parquet")
    (unfinished / "list.json").write_text(json.dumps(["vacancy.parquet"]))
    stored(intake(vacancy=vacancies(("bouw", "2024-01", "5", ""))))
    assert pd.read_parquet(study / "data" / "own" / "vacancy.parquet")["sector"].tolist() == ["bouw"]


@pytest.mark.parametrize("fails", ["own_files._write", "store.write_rejected"])
def test_a_full_disk_is_one_line_and_leaves_every_table_as_it_was(
    study: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "x")

    stored(intake(vacancy=vacancies(("bouw", "2024-01", "5", ""))))
    before = own(study)
    with monkeypatch.context() as patch:
        patch.setattr(f"studie.data.importers.{fails}", full)
        with pytest.raises(InputError, match=r"data/own: cannot be written, No space .*; the tables are as they were"):
            stored(intake(vacancy=vacancies(("bouw", "2024-02", "6", ""))))
    assert {name: content for name, content in own(study).items() if "unfinished" not in name} == before
    assert stored(intake(vacancy=vacancies(("bouw", "2024-02", "6", "")))).changes["vacancy"].new == 1


def test_notes_and_reasons_are_dutch_for_a_dutch_reader(study: Path) -> None:
    what = intake(enterprise=enterprises("E1"), establishment=establishments(("V1", "E9")))
    made = store(what, name="t", source="werkboek", retrieved="2026-11-23", blanks="clear", language="nl")
    assert made.rejected["rule"].tolist() == ["moet in de tabel enterprise staan"]
    made = store(
        intake(enterprise=enterprises("E1")), name="t", source="werkboek", retrieved="2026-11-23", language="nl"
    )
    assert made.notes == ("enterprise: uw 1 rijen komen in de plaats van alle demonstratiegegevens van deze tabel",)
