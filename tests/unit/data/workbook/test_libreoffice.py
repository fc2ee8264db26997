from __future__ import annotations

import datetime
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from studie.data.workbook.read import Reading, read

TODAY = datetime.date(2026, 11, 23)
Edit = Callable[[Mapping[str, object]], Path]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice Calc (soffice)"),
]


def through(path: Path, kind: str) -> Path:
    """The file as LibreOffice writes it in another format."""
    folder = path.parent / f"to-{kind}"
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    subprocess.run(
        ["soffice", "--headless", profile, "--convert-to", kind, "--outdir", str(folder), str(path)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return folder / f"{path.stem}.{kind}"


def same(one: Reading, other: Reading) -> None:
    assert [problem.text for problem in other.problems] == [problem.text for problem in one.problems]
    assert set(one.intake.tables) == set(other.intake.tables)
    for table, frame in one.intake.tables.items():
        assert frame.equals(other.intake.tables[table]), table


def test_a_workbook_saved_by_libreoffice_holds_what_was_filled_in(edit: Edit) -> None:
    path = edit({})
    same(read(path, today=TODAY), read(through(through(path, "ods"), "xlsx"), today=TODAY))


def test_a_wrong_workbook_saved_by_libreoffice_has_the_same_wrong_cells(edit: Edit) -> None:
    path = edit({"Aanbod!E5": "veel", "Vestigingen!D4": "Gent", "Ondernemingen!A4": "0207.725.796", "Aanbod!H4": None})
    same(read(path, today=TODAY), read(through(through(path, "ods"), "xlsx"), today=TODAY))


def test_a_cell_filled_in_within_libreoffice_is_read(edit: Edit) -> None:
    flat = through(edit({}), "fods")
    text = flat.read_text(encoding="utf-8")
    assert text.count('office:value="1293"') == 1
    flat.write_text(text.replace('office:value="1293"', 'office:value="1300"'), encoding="utf-8")
    places = read(through(flat, "xlsx"), today=TODAY).intake.tables["offer"]["places"]
    assert list(places.dropna()) == [12, 1300]


def test_a_result_that_libreoffice_computed_is_read(edit: Edit) -> None:
    reading = read(through(edit({"Aanbod!E4": "=6*7"}), "xlsx"), today=TODAY)
    assert reading.problems == ()
    assert reading.intake.tables["offer"]["places"][0] == 42


def test_registers_saved_by_libreoffice_hold_what_was_filled_in(change: Edit) -> None:
    path = change({"Bijeenkomsten!E5": "veel", "Taken!F4": "250 %"})
    one = read(path, today=TODAY)
    assert [problem.cell for problem in one.problems] == ["F4", "E5"]
    same(one, read(through(through(path, "ods"), "xlsx"), today=TODAY))
