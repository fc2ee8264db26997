from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from studie.data.workbook import package
from studie.errors import InputError


def zipped(parts: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return raw.getvalue()


TYPES = b"<Types></Types>"
MERGED = b'<worksheet><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
LAUGH = b"<!DOCTYPE a [<!ENTITY b 'c'>]>"
FILES = {
    "an empty file": (b"", "is een leeg bestand"),
    "text": (b"naam;plaatsen\n", r"is geen Excel-bestand \(.xlsx\)"),
    "an old or encrypted workbook": (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, r"oud Excel-bestand \(.xls\)"),
    "a zip of something else": (zipped({"a.txt": b"x"}), "is geen Excel-bestand"),
    "an ods": (zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "van LibreOffice"),
    "a word document": (zipped({"[Content_Types].xml": TYPES, "word/document.xml": b"<a/>"}), "Word-document"),
    "a macro project": (zipped({"[Content_Types].xml": TYPES, "xl/vbaProject.bin": b"x"}), "macro's"),
    "a macro type": (zipped({"[Content_Types].xml": b"<a>sheet.macroEnabled.main+xml</a>"}), "macro's"),
    "a binary workbook": (zipped({"[Content_Types].xml": TYPES, "xl/workbook.bin": b"x"}), "xlsb"),
    "ten gigabytes": (zipped({"[Content_Types].xml": TYPES, "xl/a.xml": b"0" * 90_000_000}), "na uitpakken 90 MB"),
    "many parts": (zipped({f"xl/{k}.xml": b"" for k in range(1200)}), "1200 delen"),
    "a laughing part": (zipped({"[Content_Types].xml": TYPES, "xl/a.xml": LAUGH}), "XML die Excel nooit schrijft"),
    "merged cells": (zipped({"[Content_Types].xml": TYPES, "xl/a.xml": MERGED}), "samengevoegde of gekoppelde cellen"),
    "a zip without a workbook": (zipped({"[Content_Types].xml": TYPES}), "is beschadigd"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_a_file_of_another_kind_is_refused_in_one_line(tmp_path: Path, kind: str) -> None:
    content, said = FILES[kind]
    path = tmp_path / "werkboek.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said) as error:
        package.load(package.read_bytes(path), where=path.name)
    assert len(error.value.problems) == 1
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("werkboek.xlsx: ")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_refused(blank: bytes, tmp_path: Path, share: float) -> None:
    path = tmp_path / "werkboek.xlsx"
    path.write_bytes(blank[: int(len(blank) * share)])
    with pytest.raises(InputError, match="afgebroken of beschadigd"):
        package.read_bytes(path)


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    raw = bytearray(zipped({"[Content_Types].xml": TYPES, "xl/a.xml": b"0" * 1_000_000}))
    for at in range(len(raw) - 4):
        if raw[at : at + 4] == (1_000_000).to_bytes(4, "little"):
            raw[at : at + 4] = (10).to_bytes(4, "little")
    path = tmp_path / "werkboek.xlsx"
    path.write_bytes(bytes(raw))
    with pytest.raises(InputError, match="afgebroken of beschadigd"):
        package.read_bytes(path)


def test_a_missing_file_a_folder_and_a_lock_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "map.xlsx").mkdir()
    (tmp_path / "~$a.xlsx").write_bytes(b"x")
    for name, said in (("geen.xlsx", "bestaat niet"), ("map.xlsx", "is een map"), ("~$a.xlsx", "tijdelijk bestand")):
        with pytest.raises(InputError, match=said):
            package.read_bytes(tmp_path / name)


def test_a_file_that_is_too_large_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "werkboek.xlsx"
    with path.open("wb") as handle:
        handle.truncate(package.LARGEST_FILE + 1)
    with pytest.raises(InputError, match="hoogstens 20 MB mag"):
        package.read_bytes(path)


def test_packing_forgets_the_time_of_saving() -> None:
    content = package.packed(openpyxl.Workbook(), day="2026-11-23")
    assert content == package.packed(openpyxl.Workbook(), day="2026-11-23")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.read("docProps/core.xml").count(b"2026-11-23T00:00:00Z") == 2
