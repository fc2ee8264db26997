"""The file of a workbook: refused in one line unless it is a sound xlsx, and written with the same bytes each time."""

from __future__ import annotations

import datetime
import io
import re
import warnings
import zipfile
from pathlib import Path

import openpyxl
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook

from studie.errors import InputError

LARGEST_FILE = 20_000_000  # bytes
LARGEST_CONTENT = 80_000_000  # bytes, unpacked
MOST_PARTS = 1_000
MOST_CELLS_OF_RANGES = 200_000  # merged or linked: openpyxl makes each cell of them
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_RANGE = re.compile(rb"<(?:\w+:)?(?:mergeCell|hyperlink)\b[^>]*?\bref=[\"']([A-Za-z0-9:$]{1,40})[\"']")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_KINDS = (
    ("mimetype", "is een bestand van LibreOffice (.ods) onder een andere naam"),
    ("xl/vbaProject.bin", "bevat macro's, en die worden nooit geopend"),
    ("xl/workbook.bin", "is een binair Excel-bestand (.xlsb)"),
    ("word/document.xml", "is een Word-document"),
    ("ppt/presentation.xml", "is een PowerPoint-bestand"),
)
_SAVE_AS = "bewaar het in Excel als 'Excel-werkmap (*.xlsx)'"


def read_bytes(path: Path) -> bytes:
    """Bytes of a file that holds a sound xlsx without macros.

    Raises
    ------
    InputError
        One Dutch line that says what the file is instead and what to do.
    """
    where = path.name
    if path.name.startswith("~$"):
        raise InputError(f"{where}: is een tijdelijk bestand van Excel; neem het bestand zonder ~$")
    if not path.is_file():
        raise InputError(f"{where}: bestaat niet, of is een map")
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{where}: is een leeg bestand")
    if size > LARGEST_FILE:
        raise InputError(f"{where}: is {size / 1e6:.0f} MB groot; hoogstens {LARGEST_FILE / 1e6:.0f} MB mag")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{where}: kan niet gelezen worden ({error.strerror})") from error
    if content.startswith(_OLE):
        raise InputError(f"{where}: is een oud Excel-bestand (.xls) of heeft een wachtwoord; {_SAVE_AS}")
    if not content.startswith(b"PK"):
        raise InputError(f"{where}: is geen Excel-bestand (.xlsx); {_SAVE_AS}")
    _check_parts(content, where=where)
    return content


def load(content: bytes, *, where: str, results: bool = False) -> Workbook:
    """Workbook of sound bytes, with formulas or, if asked, with the results that were saved with them.

    Raises
    ------
    InputError
        If the parts do not make up a workbook.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # openpyxl names what it leaves out; the sheets that we read need none of it
            return openpyxl.load_workbook(io.BytesIO(content), data_only=results, keep_links=False)
    except Exception as error:  # a damaged part surfaces as nearly any exception
        raise InputError(f"{where}: is beschadigd en kan niet geopend worden; vraag het bestand opnieuw") from error


def write(content: bytes, path: Path) -> None:
    """Write a file in one go: it is complete or not there.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise InputError(f"{path}: kan niet geschreven worden ({error.strerror})") from error


def packed(workbook: Workbook, *, day: str) -> bytes:
    """Bytes of a workbook, the same for the same content and day: openpyxl and zip would write the time of saving."""
    moment = datetime.datetime.fromisoformat(day)
    workbook.properties.created = moment
    raw, result = io.BytesIO(), io.BytesIO()
    workbook.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "docProps/core.xml":
                part = _MODIFIED.sub(rb"\g<1>" + moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode() + rb"\g<2>", part)
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, part)
    return result.getvalue()


def _check_parts(content: bytes, *, where: str) -> None:
    """Refuse a zip that is cut off, too large inside, of another kind, or that plays tricks with XML."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or unpacked > LARGEST_CONTENT:
                raise InputError(
                    f"{where}: wordt na uitpakken {unpacked / 1e6:,.0f} MB in {len(parts)} delen; dat is geen werkboek"
                )
            names = [part.filename for part in parts]
            _check_kind(names, where=where)
            cells = 0
            for part in parts:
                text = archive.read(part)
                if b"macroEnabled" in text and part.filename == "[Content_Types].xml":
                    raise InputError(f"{where}: {_KINDS[1][1]}; {_SAVE_AS}")
                if b"<!DOCTYPE" in text or b"<!ENTITY" in text or text[:2] in (b"\xff\xfe", b"\xfe\xff"):
                    raise InputError(f"{where}: bevat XML die Excel nooit schrijft; {_SAVE_AS}")
                cells += sum(_cells(found) for found in _RANGE.findall(text))
    except InputError:
        raise
    except Exception as error:  # zip, zlib and struct each have their own for the same thing
        raise InputError(f"{where}: is afgebroken of beschadigd; vraag het bestand opnieuw") from error
    if cells > MOST_CELLS_OF_RANGES:
        raise InputError(f"{where}: heeft {cells} samengevoegde of gekoppelde cellen; maak de samenvoegingen ongedaan")


def _check_kind(names: list[str], *, where: str) -> None:
    """Refuse other files that are a zip too."""
    for part, kind in _KINDS:
        if part in names:
            raise InputError(f"{where}: {kind}; {_SAVE_AS}")
    if "[Content_Types].xml" not in names or len(set(names)) < len(names):
        raise InputError(f"{where}: is geen Excel-bestand (.xlsx); {_SAVE_AS}")


def _cells(reference: bytes) -> int:
    """Number of cells in a range."""
    left, top, right, bottom = (part or 0 for part in range_boundaries(reference.decode("ascii")))
    return int((abs(right - left) + 1) * (abs(bottom - top) + 1))
