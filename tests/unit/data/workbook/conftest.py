"""A study of its own, and workbooks of Rivierenland: blank, filled in, and changed cell by cell."""

from __future__ import annotations

import datetime
import io
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest

from studie.data.workbook.export import export

ROOT = Path(__file__).resolve().parents[4]
DAY = "2026-11-23"
AREA = "working-area:rivierenland"
JUNE, DECEMBER = datetime.date(2026, 6, 30), datetime.date(2025, 12, 31)
DIENST, WINKEL = "2.100.000.114 – Groendienst", "2.100.000.213 – Winkel Lier"
TWE, CMW, AMA = "TWE – tijdelijke werkervaring", "CMW – collectief maatwerk", "AMA – arbeidsmatige activiteiten"
CELLS: dict[str, tuple[tuple[object, ...], ...]] = {
    "Ondernemingen": (
        ("0207.725.795", "Stad aan de Dijle", "lokaal bestuur", None),
        ("0403.555.137", "Kringwinkel De Toekomst", "maatwerkbedrijf", "327.01"),
    ),
    "Vestigingen": (
        ("2.100.000.114", "0207.725.795 – Stad aan de Dijle", "Groendienst", "Mechelen", None, None),
        ("2.100.000.213", "0403.555.137 – Kringwinkel De Toekomst", "Winkel Lier", "Lier", "88995", "2008"),
    ),
    "Aanbod": (
        (DIENST, TWE, "groenonderhoud", JUNE, 12, 0, None, "geteld"),
        (WINKEL, CMW, "kringloop", DECEMBER, 1293, 1250, 998.5, "geschat"),
        (WINKEL, AMA, "atelierwerk", DECEMBER, None, None, None, "onbekend"),
    ),
    "Doelgroepen": (
        (DIENST, TWE, "groenonderhoud", "ja", "nee", None, "ja", "onbekend"),
        (WINKEL, CMW, "kringloop", "ja", "ja", "onbekend", None, "nee"),
    ),
}
Edit = Callable[[Mapping[str, object]], Path]


def new_study(folder: Path) -> Path:
    """Folder of a study with the published tables, the demonstration data and nothing of its own."""
    for part in ("observed", "reference", "demonstration/tiny"):
        shutil.copytree(ROOT / "data" / part, folder / "data" / part)
    shutil.copytree(ROOT / "config", folder / "config")
    shutil.copy(ROOT / "data" / "sources.csv", folder / "data" / "sources.csv")
    (folder / "data" / "own").mkdir()
    return folder


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = new_study(tmp_path / "study")
    monkeypatch.setenv("STUDIE_ROOT", str(folder))
    return folder


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Bytes of a blank workbook."""
    folder = new_study(tmp_path_factory.mktemp("blank"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIE_ROOT", str(folder))
        content = export(AREA, folder / "blank.xlsx", day=DAY).path.read_bytes()
    return content


@pytest.fixture
def filled(blank: bytes) -> openpyxl.Workbook:
    """A workbook that a coordinator filled in without a mistake."""
    book = openpyxl.load_workbook(io.BytesIO(blank))
    for name, rows in CELLS.items():
        for number, row in enumerate(rows, start=4):
            for column, value in enumerate(row, start=1):
                if value is not None:
                    book[name].cell(number, column, value)
    return book


@pytest.fixture
def edit(filled: openpyxl.Workbook, study: Path, tmp_path: Path) -> Edit:
    """The filled-in workbook with some cells changed (`Aanbod!E4`), as a file."""

    def changed(cells: Mapping[str, object]) -> Path:
        for place, value in cells.items():
            name, _, cell = place.partition("!")
            filled[name][cell] = value
        path = tmp_path / "rivierenland.xlsx"
        filled.save(path)
        return path

    return changed
