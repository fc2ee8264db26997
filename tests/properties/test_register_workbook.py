"""Registers with wrong cells anywhere: no row is lost, no sheet is taken in part, nothing but Dutch lines comes out."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

import studie.data.workbook.read as reader
from studie.data.workbook import layout, registers
from studie.data.workbook.export import export
from studie.data.workbook.vocabulary import vocabulary

TODAY = datetime.date(2026, 11, 23)
SEED = 20261128
JUNK: tuple[object, ...] = (
    "14 293", "12,5", "onbekend", "-", "ja", "Gent", "31/02/2025", "#N/A", "=1+1", "9" * 300, "\u00a0x", "CMW", "NaN",
    "é" * 201, "gemeente Mechelen", "2026-13-01", "25 %", "-3", "kmo-portefeuille", "E00", "zorg", "bezig", "klaar",
    "open", "winnaar", 0, -1, 1.5, 45657, 1e12, float("inf"), True, TODAY, datetime.date(2099, 1, 1),
    datetime.datetime(2026, 1, 1, 12), None,
)  # fmt: skip
COLUMNS = [(sheet, field) for sheet in registers.SHEETS for field in sheet.fields]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the databank knows is read once."""
    facts = registers.known_registers()
    words = vocabulary(reader.regions.region("province:10000"), facts)
    monkeypatch.setattr(registers, "known_registers", lambda: facts)
    monkeypatch.setattr(reader, "vocabulary", lambda _, __: words)
    yield


def valid(field: layout.Field) -> object:
    """Something that may stand in a column."""
    examples: dict[str, object] = {
        "region": "provincie Antwerpen", "municipality": "Mechelen", "day": TODAY, "any_day": TODAY, "year": 2025,
        "count": 3, "share": 0.5, "amount": 1.5, "euro": 12_500, "balance": -500, "yes_no": "nee",
        "code": "kmo-portefeuille", "enterprise": "0403.555.137",
    }  # fmt: skip
    return field.options[0] if field.options else examples.get(field.kind, "tekst")


@pytest.mark.slow
def test_registers_with_junk_in_any_cell_lose_no_row_and_never_give_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    export("registers", path, day="2026-11-23")
    book = openpyxl.load_workbook(path)
    open_ = [sheet for sheet in registers.SHEETS if not sheet.closed]
    for sheet in open_:
        for position, field in enumerate(sheet.fields, start=1):
            if sheet is not registers.GUIDE:
                book[sheet.name].cell(layout.FIRST_ROW, position, valid(field))
    before = {(s.name, p): book[s.name].cell(4, p).value for s in registers.SHEETS for p in range(1, len(s.fields) + 1)}
    for case in range(30):
        rng = random.Random(SEED + case)
        for sheet, field in rng.sample(COLUMNS, 12):
            cell = book[sheet.name].cell(layout.FIRST_ROW, sheet.column(field.name))
            value = rng.choice(JUNK)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
        book.save(path)
        reading = reader.read(path, today=TODAY)
        intake = reading.intake
        assert intake.read == intake.taken + len(intake.rejected)
        assert not intake.rejected.duplicated(["file", "row"]).any()
        wrong = {problem.sheet for problem in reading.problems}
        assert not {sheet.table for sheet in registers.SHEETS if sheet.name in wrong} & set(intake.tables)
        assert all("\n" not in problem.text for problem in reading.problems)
        for (name, position), value in before.items():
            book[name].cell(4, position).value = value
