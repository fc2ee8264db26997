from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from studie.cli import main
from studie.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
AREA = "working-area:rivierenland"


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for part in ("observed", "reference", "demonstration/tiny"):
        shutil.copytree(ROOT / "data" / part, tmp_path / "study" / "data" / part)
    shutil.copytree(ROOT / "config", tmp_path / "study" / "config")
    shutil.copy(ROOT / "data" / "sources.csv", tmp_path / "study" / "data" / "sources.csv")
    monkeypatch.setenv("STUDIE_ROOT", str(tmp_path / "study"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "study"


def studie(*words: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(words)
    return int(end.value.code or 0)


def fill(name: str, *, places: object) -> None:
    book = openpyxl.load_workbook(name)
    rows = {
        "Ondernemingen": ("0207.725.795", "Stad aan de Dijle", "lokaal bestuur"),
        "Vestigingen": ("2.100.000.114", "0207.725.795", "Groendienst", "Mechelen"),
        "Aanbod": ("2.100.000.114", "TWE", "groenonderhoud", "30/06/2025", places, 0, None, "geteld"),
    }
    for sheet, row in rows.items():
        for column, value in enumerate(row, start=1):
            book[sheet].cell(4, column, value)
    book.save(name)


def test_a_workbook_is_made_filled_in_and_taken(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert studie("workbook", "export", AREA, "r.xlsx", "--date", "2026-11-23") == 0
    assert capsys.readouterr().out.startswith("r.xlsx: vooraf ingevulde rijen: Ondernemingen 0")
    fill("r.xlsx", places="12")
    assert studie("workbook", "import", "r.xlsx") == 0
    said = capsys.readouterr().out.splitlines()
    assert "offer: 1 nieuw, 0 gewijzigd, 0 ongewijzigd" in said
    assert said[-1] == "3 rijen gelezen = 3 overgenomen + 0 geweigerd"
    assert studie("workbook", "import", "r.xlsx") == 0
    assert "offer: 0 nieuw, 0 gewijzigd, 1 ongewijzigd" in capsys.readouterr().out


def test_wrong_cells_are_printed_and_marked_in_a_copy(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    studie("workbook", "export", AREA, "r.xlsx")
    fill("r.xlsx", places="veel")
    capsys.readouterr()
    assert studie("workbook", "import", "r.xlsx") == 2
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Aanbod!E4 (Plaatsen): moet één geheel getal zijn")
    assert said[-2:] == ["kopie met de fouten: r-fouten.xlsx", "3 rijen gelezen = 2 overgenomen + 1 geweigerd"]
    assert Path("r-fouten.xlsx").is_file()
    assert not (study / "data" / "own" / "offer.parquet").exists()


def test_errors_are_told_where_no_copy_can_be_written(
    study: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise InputError("r-fouten.xlsx: kan niet geschreven worden (Read-only file system)")

    studie("workbook", "export", AREA, "r.xlsx")
    fill("r.xlsx", places="veel")
    monkeypatch.setattr("studie.data.workbook.package.write", refuse)
    capsys.readouterr()
    assert studie("workbook", "import", "r.xlsx") == 2
    said = capsys.readouterr()
    assert said.out.startswith("Aanbod!E4 (Plaatsen)")
    assert said.err == "error: r-fouten.xlsx: kan niet geschreven worden (Read-only file system)\n"


def test_other_programs_get_everything_as_json(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    studie("workbook", "export", AREA, "r.xlsx")
    fill("r.xlsx", places="veel")
    capsys.readouterr()
    assert studie("workbook", "import", "r.xlsx", "--json") == 2
    found = json.loads(capsys.readouterr().out)
    assert (found["read"], found["taken"], len(found["rejected"])) == (3, 2, 1)
    problem = found["problems"][0]
    assert (problem["sheet"], problem["cell"], problem["row"], problem["column"]) == ("Aanbod", "E4", 4, "Plaatsen")


def test_a_file_that_is_no_workbook_is_one_line(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("x.xlsx").write_text("naam;plaatsen\n", encoding="utf-8")
    assert studie("workbook", "import", "x.xlsx") == 2
    assert capsys.readouterr().err.splitlines() == [
        "error: x.xlsx: is geen Excel-bestand (.xlsx); bewaar het in Excel als 'Excel-werkmap (*.xlsx)'"
    ]
    assert not (study / "data" / "own").exists()


def test_the_registers_are_made_filled_in_and_taken(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert studie("workbook", "export", "registers", "r.xlsx", "--date", "2026-11-23") == 0
    assert capsys.readouterr().out.startswith(
        "r.xlsx: vooraf ingevulde rijen: Engagementen 79, Gegevensvragen 40, Subsidiewijzer 15, Aanvragen 0"
    )
    book = openpyxl.load_workbook("r.xlsx")
    pledge = ("v1", "Mechelen", "vier plaatsen", "10/03/2025", "ja", "nagekomen", 4)
    for column, value in enumerate(pledge, start=1):
        book["Verbintenissen"].cell(4, column, value)
    book["Bijeenkomsten"]["B4"] = "feest"
    book.save("r.xlsx")
    assert studie("workbook", "import", "r.xlsx", "--region", "registers") == 2
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Bijeenkomsten!A4 (Kenmerk): moet ingevuld zijn"
    assert "pledge: 1 nieuw, 0 gewijzigd, 0 ongewijzigd" in said
    assert said[-1] == "136 rijen gelezen = 135 overgenomen + 1 geweigerd"
    assert {path.stem for path in (study / "data" / "own").glob("*.parquet")} == {"pledge"}
