"""Thousands of broken workbooks: each is refused in one line or read with every row accounted for."""

from __future__ import annotations

import datetime
import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest

import studie.data.workbook.read as reader
from studie.data.workbook import layout
from studie.data.workbook.export import export
from studie.data.workbook.known import known
from studie.data.workbook.marked import write_marked
from studie.data.workbook.vocabulary import vocabulary
from studie.errors import InputError

TODAY = datetime.date(2026, 11, 23)
SEED = 20261123
ROWS: dict[str, tuple[tuple[object, ...], ...]] = {
    "Ondernemingen": (("0207.725.795", "Stad", "lokaal bestuur", "327.01"),),
    "Vestigingen": (("2.100.000.114", "0207.725.795", "Dienst", "Mechelen", "88995", "2008"),),
    "Aanbod": (
        ("2.100.000.114", "TWE", "groenonderhoud", datetime.date(2026, 6, 30), 12, 0, 0, "geteld"),
        ("2.100.000.114", "AMA", "atelierwerk", datetime.date(2025, 12, 31), 4, 3, 1.5, "geschat"),
    ),
    "Doelgroepen": (("2.100.000.114", "TWE", "groenonderhoud", "ja", "nee", "onbekend", "ja", "ja"),),
}
READ = sum(map(len, ROWS.values()))
JUNK = (
    '<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>',
    '<c r="{at}" t="str"><f>{text}</f><v>{text}</v></c>',
    '<c r="{at}" t="e"><v>#REF!</v></c>',
    '<c r="{at}" t="b"><v>1</v></c>',
    '<c r="{at}"><v>{number}</v></c>',
    '<c r="{at}"><f>SUM(A1:A9)</f></c>',
    '<c r="{at}"><f>SUM(A1:A9)</f><v>{number}</v></c>',
    '<c r="{at}" t="d"><v>2025-02-30</v></c>',
    '<c r="{at}" s="9999"><v>1</v></c>',
)
TEXTS = (
    "14 293", "12,5", "onbekend", "-", "&lt;b&gt;", "0207.725.795", "2.000.000.339", "ja", "Gent", "31/02/2025", "#N/A",
    "\u00a0x", "'; DROP TABLE", "=1+1", "9" * 400, "\u202e", "CMW", "\U0001f600", "1e309", "NaN", "Borsbeek", "TRUE",
)  # fmt: skip
NUMBERS = ("0", "-1", "1e308", "-1e308", "nan", "inf", "45657", "45657.5", "0.1", "99999999999999999999", "12.0", "")


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Parts of a small workbook without mistakes."""
    path = export("working-area:rivierenland", tmp_path_factory.mktemp("w") / "w.xlsx", day="2026-11-23").path
    book = openpyxl.load_workbook(path)
    for name, rows in ROWS.items():
        for number, row in enumerate(rows, start=layout.FIRST_ROW):
            for column, value in enumerate(row, start=1):
                book[name].cell(number, column, value)
    for column in ("L", "M"):  # the lists that follow the sheets: the import does not read them
        for cell in book["Lijsten"][column]:
            cell.value = None
    raw = io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the databank knows is read once, not two thousand times."""
    area = reader.regions.region("working-area:rivierenland")
    facts = known(area)
    words = vocabulary(area, facts)
    monkeypatch.setattr(reader, "known", lambda _: facts)
    monkeypatch.setattr(reader, "vocabulary", lambda _, __: words)
    yield


def zipped(parts: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return raw.getvalue()


def scarred(content: bytes, rng: random.Random) -> bytes:
    """Bytes with a few of them changed, taken out, doubled, or the end cut off."""
    raw = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(raw))
        how = rng.randrange(5)
        if how == 0:
            raw[at] = rng.randrange(256)
        elif how == 1:
            del raw[at : at + rng.randint(1, 40)]
        elif how == 2:
            raw[at:at] = raw[at : at + rng.randint(1, 40)]
        elif how == 3:
            raw[at : at + 4] = rng.randbytes(4)
        elif rng.random() < 0.3:
            del raw[max(at, 1) :]
        raw = raw or bytearray(b"P")
    return bytes(raw)


def check(path: Path) -> reader.Reading | None:
    """Refused in one line, or read with every row accounted for and no sheet taken in part."""
    try:
        reading = reader.read(path, today=TODAY)
    except InputError as error:
        assert len(error.problems) == 1
        assert str(error).startswith(f"{path.name}: ")
        assert "\n" not in str(error)
        return None
    intake = reading.intake
    assert intake.read == intake.taken + len(intake.rejected)
    assert not intake.rejected.duplicated(["file", "row"]).any()
    wrong = {problem.sheet for problem in reading.problems}
    for sheet in layout.SHEETS:
        if sheet.name in wrong or sheet.parent in wrong:
            wrong.add(sheet.name)
            assert sheet.table not in intake.tables
    taken = sum(len(f) for t, f in intake.tables.items() if t != "offer_target_group")
    assert taken <= intake.taken
    assert all("\n" not in problem.text for problem in reading.problems)
    if not wrong:
        assert intake.rejected.empty
    return reading


def places(reading: reader.Reading) -> set[tuple[str, str, str]]:
    return {(problem.sheet, problem.cell, problem.rule) for problem in reading.problems}


@pytest.mark.slow
def test_files_with_broken_bytes_never_give_a_traceback(
    parts: dict[str, bytes], tmp_path: Path, part: Callable[[int], int]
) -> None:
    whole = zipped(parts)
    path = tmp_path / "w.xlsx"
    for case in range(part(1200)):
        path.write_bytes(scarred(whole, random.Random(SEED + case)))
        check(path)


@pytest.mark.slow
def test_files_with_a_broken_part_never_give_a_traceback(
    parts: dict[str, bytes], tmp_path: Path, part: Callable[[int], int]
) -> None:
    path = tmp_path / "w.xlsx"
    names = [name for name in parts if name.endswith((".xml", ".rels", ".vml"))]
    for case in range(part(300)):
        rng = random.Random(SEED + 10_000 + case)
        name = rng.choice(names)
        changed = dict(parts)
        if rng.random() < 0.15:
            del changed[name]
        else:
            changed[name] = scarred(parts[name], rng)
        path.write_bytes(zipped(changed))
        check(path)


@pytest.mark.slow
def test_files_with_wrong_cells_lose_no_row(
    parts: dict[str, bytes], tmp_path: Path, part: Callable[[int], int]
) -> None:
    path = tmp_path / "w.xlsx"
    sheets = [f"xl/worksheets/sheet{k}.xml" for k in range(2, 6)]
    refused = 0
    for case in range(part(500)):
        rng = random.Random(SEED + 20_000 + case)
        changed = dict(parts)
        for _ in range(rng.randint(1, 3)):
            name = rng.choice(sheets)
            text = changed[name].decode()
            cells = [m for m in re.finditer(r'<c r="([A-Z]+)([0-9]+)"[^>]*?(/>|>.*?</c>)', text) if int(m[2]) >= 4]
            cell = rng.choice(cells)
            junk = rng.choice(JUNK).format(at=cell[1] + cell[2], text=rng.choice(TEXTS), number=rng.choice(NUMBERS))
            changed[name] = (text[: cell.start()] + junk + text[cell.end() :]).encode()
        path.write_bytes(zipped(changed))
        reading = check(path)
        if reading is None:
            refused += 1
            continue
        assert reading.intake.read == READ
        if case % 25 == 0 and reading.problems:
            copy = write_marked(path, reading.problems, day=reading.day)
            assert places(reader.read(copy, today=TODAY)) == places(reading)
            copy.unlink()
    assert refused < part(300)  # most are readable workbooks with wrong cells
