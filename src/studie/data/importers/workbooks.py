"""Excel workbooks as they really arrive: sheets as rows of values, merged cells known, nothing unpacked unseen."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from studie.data.importers import archives
from studie.errors import InputError, unknown

MOST_ROWS = 200_000
MOST_COLUMNS = 300
_LIMITS = archives.Limits(most_bytes=300_000_000, most_members=2_000)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})\"")
_NUMBERS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
Row = tuple[object, ...]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet: its rows from row 1 on, and which cells are merged.

    Attributes
    ----------
    title : str
        Name on the tab.
    rows : tuple of tuple
        Values: text, int, float, bool, datetime or None; a row ends with its last filled cell.
    merged : tuple of (int, int, int, int)
        First row, first column, last row and last column of each merged range, from 0.
    """

    title: str
    rows: tuple[Row, ...]
    merged: tuple[tuple[int, int, int, int], ...]

    def cell(self, row: int, column: int) -> object:
        """Value of a cell, counted from 0; None beyond the end."""
        line = self.rows[row] if row < len(self.rows) else ()
        return line[column] if column < len(line) else None

    def spread(self, columns: Sequence[int]) -> tuple[Row, ...]:
        """Rows in which a merged range of some columns holds its value in every cell, not only in the first."""
        wanted = set(columns)
        rows = [list(row) for row in self.rows]
        for top, left, bottom, right in self.merged:
            value = self.cell(top, left)
            if value is None or not wanted & set(range(left, right + 1)):
                continue
            covered = sorted(wanted & set(range(left, right + 1)))
            for row in rows[top : bottom + 1]:
                row.extend([None] * (covered[-1] + 1 - len(row)))
                for column in covered:
                    row[column] = value
        return tuple(tuple(row) for row in rows)


def read_sheets(path: Path, *, file: str, only: str = "") -> tuple[Sheet, ...]:
    """Sheets of a workbook, in order.

    Parameters
    ----------
    path : Path
        File that ends in `.xlsx`.
    file : str
        Name of the file in messages.
    only : str, optional
        Name of the one sheet to read.

    Raises
    ------
    InputError
        If the file is missing, no workbook, cut off, protected by a password, unsafe to unpack or too large, or if the
        sheet is not there.

    Notes
    -----
    A formula counts as the value that was last calculated.
    """
    _refuse_other_formats(path, file=file)
    with archives.opened(path, file=file, limits=_LIMITS) as packed:
        packed.require(["[Content_Types].xml", "workbook.xml"])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations, which are not read
            try:
                return _sheets(path, packed, file=file, only=only)
            except InputError:
                raise
            except Exception as error:  # openpyxl has no common class for what its parser meets in a damaged file
                raise InputError(f"{file}: must be an Excel workbook (.xlsx), got one that is damaged") from error


def _refuse_other_formats(path: Path, *, file: str) -> None:
    """Refuse a missing file, and a workbook of before 2007 or with a password, which are no zip files."""
    try:
        with path.open("rb") as handle:
            start = handle.read(8)
    except OSError as error:
        raise InputError(f"{file}: file is missing or not readable") from error
    if not start:
        raise InputError(f"{file}: file is empty; it must be an Excel workbook (.xlsx)")
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(f"{file}: must be an .xlsx without password, got an .xls or a protected workbook")


def _sheets(path: Path, packed: archives.Archive, *, file: str, only: str) -> tuple[Sheet, ...]:
    """Sheets of a workbook that was found safe."""
    import openpyxl
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    parts = _parts(packed)
    with path.open("rb") as handle:
        book = openpyxl.load_workbook(handle, read_only=True, data_only=True, keep_links=False)
        try:
            if only and only not in book.sheetnames:
                raise InputError(f"{file}: {unknown('sheet', only, book.sheetnames).problems[0]}")
            return tuple(
                Sheet(
                    title=str(sheet.title),
                    rows=_rows(sheet, file=file),
                    merged=_merged(packed, parts.get(str(sheet.title), "")),
                )
                for sheet in book.worksheets
                if isinstance(sheet, ReadOnlyWorksheet) and only in ("", sheet.title)
            )
        finally:
            book.close()


def _rows(sheet: Any, *, file: str) -> tuple[Row, ...]:
    """Rows of one sheet, without the empty ones at its end."""
    sheet.reset_dimensions()  # the size that a sheet states may be wrong, and large
    rows: list[Row] = []
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        width = next((i for i in range(len(values), 0, -1) if values[i - 1] is not None), 0)
        if number > MOST_ROWS or width > MOST_COLUMNS:
            limit = f"at most {MOST_ROWS} rows and {MOST_COLUMNS} columns"
            raise InputError(f"{file}: sheet {sheet.title}: must have {limit}, got more")
        rows.append(tuple(values[:width]))
    last = next((i for i in range(len(rows), 0, -1) if rows[i - 1]), 0)
    return tuple(rows[:last])


def _parts(packed: archives.Archive) -> dict[str, str]:
    """Member of the archive that holds each sheet."""
    if "workbook.xml.rels" not in packed.names:
        return {}
    links = ElementTree.fromstring(packed.read("workbook.xml.rels"))
    targets = {link.get("Id"): (link.get("Target") or "").rpartition("/")[2] for link in links}
    book = ElementTree.fromstring(packed.read("workbook.xml"))
    sheets = (element for element in book.iter() if element.tag.rpartition("}")[2] == "sheet")
    return {sheet.get("name") or "": targets.get(sheet.get(_NUMBERS), "") for sheet in sheets}


def _merged(packed: archives.Archive, part: str) -> tuple[tuple[int, int, int, int], ...]:
    """Merged ranges of one sheet; read-only workbooks of openpyxl leave them out."""
    from openpyxl.utils import column_index_from_string

    if part not in packed.names:
        return ()
    found = _MERGED.findall(packed.read(part))
    return tuple(
        (int(top) - 1, column_index_from_string(left.decode()) - 1,
         int(bottom) - 1, column_index_from_string(right.decode()) - 1)
        for left, top, right, bottom in found
    )  # fmt: skip
