"""A study of its own, and workbooks of Rivierenland: blank, filled in, and changed cell by cell."""

from __future__ import annotations

import datetime
import io
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from studie.data import contracts
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


def filled_in(content: bytes, rows: Mapping[str, Sequence[Sequence[object]]]) -> openpyxl.Workbook:
    """A blank workbook with rows on its sheets."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for name, lines in rows.items():
        for number, line in enumerate(lines, start=4):
            for column, value in enumerate(line, start=1):
                if value is not None:
                    book[name].cell(number, column, value)
    return book


def editor(book: openpyxl.Workbook, path: Path) -> Edit:
    """Saves a workbook with some cells changed (`Aanbod!E4`)."""

    def changed(cells: Mapping[str, object]) -> Path:
        for place, value in cells.items():
            name, _, cell = place.partition("!")
            book[name][cell] = value
        book.save(path)
        return path

    return changed


@pytest.fixture
def filled(blank: bytes) -> openpyxl.Workbook:
    """A workbook that a coordinator filled in without a mistake."""
    return filled_in(blank, CELLS)


@pytest.fixture
def edit(filled: openpyxl.Workbook, study: Path, tmp_path: Path) -> Edit:
    """The filled-in workbook with some cells changed, as a file."""
    return editor(filled, tmp_path / "rivierenland.xlsx")


# --- the registers ------------------------------------------------------------

FIRM = "0403.555.137"
MARCH, MAY = datetime.date(2026, 3, 10), datetime.date(2026, 5, 2)
HERE, RIVIERENLAND, TOWN = "provincie Antwerpen", "werkingsgebied Rivierenland", "gemeente Mechelen"
GUIDE = "projectsubsidie-inclusieve-economie – projectsubsidie inclusieve economie"


def _meeting(
    number: int, kind: str, *, area: str = HERE, people: object = None, firms: object = None
) -> tuple[object, ...]:
    return (f"b{number}", kind, MARCH, area, people, firms, 250.5)


def _action(number: int, kind: str, *, area: str = HERE, status: str = "klaar") -> tuple[object, ...]:
    return (f"a{number}", kind, "een actie", area, "provincie Antwerpen", MARCH, MAY, status, 3)


REGISTER_ROWS: dict[str, list[tuple[object, ...]]] = {
    "Aanvragen": [
        ("d1", GUIDE, "Stad aan de Dijle", "lokaal bestuur", TOWN, MARCH, "goedgekeurd", MAY, 50_000, 40_000,
         "blinde vlek", "ja"),
        ("d2", "kmo-portefeuille", "Atelier bv", "reguliere onderneming", TOWN, MARCH, "geweigerd", MAY, 9_000, None,
         None, "onbekend"),
    ],
    "Projecten": [("p1", RIVIERENLAND, "zorg", 2025, 30_000, 4, 3)],
    "Leningen": [("l1", TOWN, 2025, 20_000, 2)],
    "Overheidsopdrachten": [
        ("o1", "provincie Antwerpen", "provincie", HERE, MARCH, "groenonderhoud", "voorbehouden", "sociale economie",
         12_500, 1.5),
        ("o2", "Stad aan de Dijle", "lokaal bestuur", TOWN, MARCH, "schoonmaak", "gunningscriterium", None, None, None),
    ],
    "Taken": [("t1", "zorg", "keuken", "afwas en opdienen", 0.1, "25 %", "ja")],
    "Opleidingen": [("c1", TOWN, "nijverheid", 2025, 40, 30, 12)],
    "Mentorschap": [(HERE, 2025, "provincie", 34, 20, 11)],
    "Bijeenkomsten": [
        _meeting(1, "dag van de inclusieve ondernemer", people=127),
        _meeting(2, "overleg van partners", firms=12),
        _meeting(3, "gezamenlijke vorming", firms=9),
        _meeting(4, "vorming voor aanbieders op trede 3", firms=8),
        _meeting(5, "vorming over overheidsopdrachten", firms=7),
        _meeting(6, "infosessie over subsidies", firms=6),
        _meeting(7, "gesprek met een werkingsgebied", area=RIVIERENLAND),
    ],
    "Prijs": [(2026, "Atelier bv", TOWN, None, "omgang met talent", "winnaar")],
    "Noden en drempels": [
        ("n1", "drempel", "geen bus na 18 uur", "Kringwinkel De Toekomst", TOWN, "logistiek", MARCH, "weggewerkt", MAY)
    ],
    "Verbintenissen": [("v1", "Mechelen", "vier plaatsen in de groendienst", MARCH, "ja", "nagekomen", 4)],
    "Acties": [
        _action(1, "gezamenlijke actie"),
        _action(2, "traject van professionalisering"),
        _action(3, "proef met een ondersteuningsnetwerk", area=RIVIERENLAND, status="bezig"),
        _action(4, "overname van het ondersteuningsnetwerk", area=TOWN),
        _action(5, "initiatief binnen de provincie"),
        _action(6, "voorstel aan de deputatie"),
        _action(7, "mijlpaal naar het platform"),
    ],
    "Jaarrekeningen": [
        (f"{FIRM} – Kringwinkel De Toekomst", 2025, 900_000, -20_000.5, 400_000, 300_000, 1_200_000, 500_000, -7_000,
         41.5)
    ],
}  # fmt: skip


def bring_firm(study: Path) -> None:
    """Let a study know the firm whose accounts are filled in."""
    row = {"enterprise_number": FIRM, "name": "Kringwinkel De Toekomst", "form": "maatwerkbedrijf"}
    frame = contracts.validate(
        pd.DataFrame([{**row, "joint_committee": ""}], dtype=object), "enterprise", where="enterprise"
    )
    frame.assign(source="eerder werkboek").to_parquet(study / "data" / "own" / "enterprise.parquet")


@pytest.fixture
def register_rows() -> dict[str, list[tuple[object, ...]]]:
    """What is filled in on each sheet of the registers."""
    return REGISTER_ROWS


@pytest.fixture(scope="session")
def registers_blank(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Bytes of a workbook of registers in which nothing is filled in yet."""
    folder = new_study(tmp_path_factory.mktemp("registers"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIE_ROOT", str(folder))
        bring_firm(folder)
        return export("registers", folder / "registers.xlsx", day=DAY).path.read_bytes()


@pytest.fixture
def change(registers_blank: bytes, study: Path, tmp_path: Path) -> Edit:
    """The filled-in registers with some cells changed, as a file of a study that knows one firm."""
    bring_firm(study)
    return editor(filled_in(registers_blank, REGISTER_ROWS), tmp_path / "registers.xlsx")
