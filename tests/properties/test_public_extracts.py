"""KBO, population and REFNIS files, damaged in 2,000 ways each: no traceback, no record lost without a word."""

from __future__ import annotations

import re
import runpy
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studie.data import contracts
from studie.data.importers import kbo, statbel_population, statbel_refnis
from studie.data.importers.intake import Intake, Options
from studie.errors import InputError

SAMPLE = runpy.run_path(str(Path(__file__).resolve().parents[1] / "unit" / "data" / "importers" / "conftest.py"))
Damage = Callable[[bytes, np.random.Generator], bytes]
Rng = np.random.Generator
NASTY = (
    b"", b"-1", b"1e9", b"NaN", b"99999999999999999999", b"14 293", b"14.293", b"\xc2\xa0", b"0", b"11002",
    b"\xf0\x9f\x98\x80", b"=1+1", b"'; DROP TABLE x; --",
    b"31/02/2020", b"31-02-2020", b"01-01-0001", b"NULL", b"2.000.000.339", b"\x1b[2J",
)  # fmt: skip


def _place(data: bytes, rng: Rng) -> int:
    return int(rng.integers(0, max(len(data), 1)))


def _line(data: bytes, rng: Rng) -> tuple[list[bytes], int]:
    lines = data.split(b"\n")
    return lines, int(rng.integers(0, len(lines)))


def flip_a_byte(data: bytes, rng: Rng) -> bytes:
    at = _place(data, rng)
    return data[:at] + bytes([int(rng.integers(0, 256))]) + data[at + 1 :]


def insert_bytes(data: bytes, rng: Rng) -> bytes:
    at = _place(data, rng)
    return data[:at] + rng.bytes(int(rng.integers(1, 6))) + data[at:]


def cut_out(data: bytes, rng: Rng) -> bytes:
    at = _place(data, rng)
    return data[:at] + data[at + int(rng.integers(1, 40)) :]


def cut_off(data: bytes, rng: Rng) -> bytes:
    return data[: max(len(data) - int(rng.integers(1, 80)), 0)]


def lone_quote(data: bytes, rng: Rng) -> bytes:
    at = _place(data, rng)
    return data[:at] + b'"' + data[at:]


def extra_mark(data: bytes, rng: Rng) -> bytes:
    at = _place(data, rng)
    return data[:at] + bytes([b",;|\t\r\n\0"[int(rng.integers(0, 7))]]) + data[at:]


def repeat_line(data: bytes, rng: Rng) -> bytes:
    lines, at = _line(data, rng)
    return b"\n".join([*lines[: at + 1], *lines[at:]])


def drop_line(data: bytes, rng: Rng) -> bytes:
    lines, at = _line(data, rng)
    return b"\n".join([*lines[:at], *lines[at + 1 :]])


def empty_line(data: bytes, rng: Rng) -> bytes:
    lines, at = _line(data, rng)
    return b"\n".join([*lines[:at], b"", *lines[at:]])


def swap_lines(data: bytes, rng: Rng) -> bytes:
    lines, at = _line(data, rng)
    other = int(rng.integers(0, len(lines)))
    lines[at], lines[other] = lines[other], lines[at]
    return b"\n".join(lines)


def replace_field(data: bytes, rng: Rng) -> bytes:
    lines, at = _line(data, rng)
    mark = b"|" if b"|" in lines[0] else b","
    fields = lines[at].split(mark)
    fields[int(rng.integers(0, len(fields)))] = NASTY[int(rng.integers(0, len(NASTY)))]
    return b"\n".join([*lines[:at], mark.join(fields), *lines[at + 1 :]])


DAMAGES: tuple[Damage, ...] = (
    flip_a_byte, insert_bytes, cut_out, cut_off, lone_quote, extra_mark, repeat_line, drop_line, empty_line, swap_lines,
    replace_field, replace_field, replace_field, replace_field,
)  # fmt: skip


def damaged(data: bytes, rng: Rng, *, times: int) -> bytes:
    """Bytes damaged some times in ways drawn at random."""
    for _ in range(times):
        data = DAMAGES[int(rng.integers(0, len(DAMAGES)))](data, rng)
    return data


def records_of(data: bytes) -> dict[int, bytes]:
    """Lines after the header that are not empty, by number, split independently of the package."""
    lines = re.split(rb"\r\n|\r|\n", data.removeprefix(b"\xef\xbb\xbf"))
    return {row: line for row, line in enumerate(lines[1:], start=2) if line.strip(b" \t")}


def assert_closed(intake: Intake, *, rows: dict[str, dict[int, bytes]]) -> None:
    """Every record is counted once: taken, or listed with a reason and the row it really stands on."""
    assert intake.read == sum(map(len, rows.values()))
    assert intake.read == intake.taken + len(intake.rejected)
    assert not intake.rejected.duplicated(["file", "row"]).any()
    assert (intake.rejected["rule"].astype(str) != "").all()
    for file, row in zip(intake.rejected["file"].astype(str), intake.rejected["row"], strict=True):
        assert int(row) in rows[file]
    for name, table in intake.tables.items():
        contracts.validate(table, name, where=name)


# --- Statbel -----------------------------------------------------------------


def population_file(rng: Rng) -> bytes:
    """Four municipalities of the province and one outside, some hundred inhabitants each."""
    lines = ["CD_REFNIS|TX_DESCR_NL|CD_SEX|CD_NATLTY|CD_AGE|MS_POPULATION"]
    for refnis, name in (
        (11001, "Aartselaar"),
        (12025, "Mechelen"),
        (13040, "Turnhout"),
        (44021, "Gent"),
        (11057, "Malle"),
    ):
        for sex in "FM":
            lines += [f"{refnis}|{name}|{sex}|BEL|{age}|{rng.integers(0, 90)}" for age in (3, 20, 44, 81)]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")


@pytest.mark.slow
def test_damages_leave_no_sum_of_inhabitants_too_low(tmp_path: Path, part: Callable[[int], int]) -> None:
    rng = np.random.default_rng(20261123)
    path = tmp_path / "TF_SOC_POP_STRUCT_2024.txt"
    read = refused = 0
    for _ in range(part(500)):
        data = damaged(population_file(rng), rng, times=4)
        path.write_bytes(data)
        try:
            intake = statbel_population.read(path, options=Options())
        except InputError:
            refused += 1
            continue
        read += 1
        rows = records_of(data)
        assert_closed(intake, rows={path.name: rows})
        table = intake.tables["population"]
        totals = table[(table["age_band"] == "alle") & (table["sex"] == "alle")].groupby("refnis")["inhabitants"].sum()
        counted: dict[int, int] = {}
        for row in set(rows) - set(intake.rejected["row"]):
            fields = re.sub(rb'"', b"", rows[row]).decode("iso-8859-1").split("|")
            counted[int(fields[0])] = counted.get(int(fields[0]), 0) + int(re.sub(r"[^0-9]", "", fields[5]))
        assert totals.to_dict() == counted
    assert read >= part(100)
    assert refused >= part(20)


@pytest.mark.slow
def test_damages_to_a_refnis_list_leave_every_record_in_the_sum(tmp_path: Path, part: Callable[[int], int]) -> None:
    rng = np.random.default_rng(20261124)
    lines = ["LVL_REFNIS|CD_REFNIS|CD_SUP_REFNIS|TX_REFNIS_NL|DT_VLDT_START|DT_VLDT_END"]
    lines += [f"4|{n}|{n // 1000}000|Gemeente {n}|01/01/1970|31/12/9999" for n in range(11001, 11009)]
    lines += ["4|12030|12000|Puurs|01/01/1970|31/12/2018", "2|10000|02000|Provincie Antwerpen|01/01/1970|31/12/9999"]
    original = ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")
    path = tmp_path / "TU_COM_REFNIS.txt"
    read = refused = 0
    for _ in range(part(500)):
        data = damaged(original, rng, times=4)
        path.write_bytes(data)
        try:
            intake = statbel_refnis.read(path, options=Options())
        except InputError:
            refused += 1
            continue
        read += 1
        rows = records_of(data)
        assert_closed(intake, rows={path.name: rows})
        assert len(intake.tables["municipality"]) == intake.taken
        assert set(intake.origins["municipality"]["row"]) == set(rows) - set(intake.rejected["row"])
    assert read >= part(100)
    assert refused >= part(20)


# --- KBO ---------------------------------------------------------------------

MEMBERS = ("enterprise", "establishment", "denomination", "address", "activity")


def kbo_members() -> dict[str, bytes]:
    """The small register of the unit tests as bytes."""
    return {name: SAMPLE["kbo_csv"](name, rows).encode() for name, rows in SAMPLE["full_extract"]().items()}


def write_zip(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.csv", data)


def assert_kbo(intake: Intake, file: str, members: dict[str, bytes]) -> None:
    """The sum closes per file, and each table row stems from one record."""
    rows = {f"{file}/{name}.csv": records_of(members[name]) for name in MEMBERS}
    assert_closed(intake, rows=rows)
    listed = intake.rejected["file"].astype(str).value_counts()
    for name in ("enterprise", "establishment", "activity"):
        inside = f"{file}/{name}.csv"
        assert len(intake.tables[name]) == len(rows[inside]) - listed.get(inside, 0)
    units = intake.tables["establishment"]
    entities = set(intake.tables["enterprise"]["enterprise_number"])
    assert set(units["enterprise_number"]) <= entities
    assert set(intake.tables["activity"]["entity_number"]) <= entities | set(units["establishment_number"])


@pytest.mark.slow
def test_damages_to_the_files_of_an_extract_leave_every_record_in_the_sum(
    tmp_path: Path, part: Callable[[int], int]
) -> None:
    rng = np.random.default_rng(20261125)
    path = tmp_path / "KboOpenData.zip"
    read = refused = 0
    for _ in range(part(100)):
        members = kbo_members()
        for name in rng.choice(MEMBERS, size=16, p=[0.2, 0.2, 0.2, 0.2, 0.2]):
            lines = members[name].split(b"\n", 1)
            # the header mostly stays whole: a file without one is refused, which says little about its records
            keep = rng.random() < 0.98
            members[name] = (
                lines[0] + b"\n" + damaged(lines[-1], rng, times=1) if keep else damaged(members[name], rng, times=1)
            )
        write_zip(path, members)
        try:
            intake = kbo.read(path, options=Options())
        except InputError:
            refused += 1
            continue
        read += 1
        assert_kbo(intake, path.name, members)
    assert read >= part(50)
    assert refused >= part(3)


@pytest.mark.slow
def test_damages_to_the_zip_file_are_refused_or_change_nothing(tmp_path: Path, part: Callable[[int], int]) -> None:
    rng = np.random.default_rng(20261126)
    path = tmp_path / "KboOpenData.zip"
    members = kbo_members()
    write_zip(path, members)
    whole = path.read_bytes()
    sound = kbo.read(path, options=Options())
    refused = 0
    for _ in range(part(400)):
        damage = (flip_a_byte, insert_bytes, cut_out, cut_off)[int(rng.integers(0, 4))]
        path.write_bytes(damage(whole, rng))
        try:
            intake = kbo.read(path, options=Options())
        except InputError:
            refused += 1
            continue
        assert intake.closing_line == sound.closing_line
        assert_kbo(intake, path.name, members)
    assert refused >= part(200)


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_of_random_bytes_is_refused_or_listed(tmp_path: Path, name: str) -> None:
    rng = np.random.default_rng(20261127)
    members = kbo_members()
    header = members[name].split(b"\n", 1)[0] + b"\n"
    members[name] = header + rng.bytes(5_000)
    path = tmp_path / "KboOpenData.zip"
    write_zip(path, members)
    assert_kbo(kbo.read(path, options=Options()), path.name, members)
