"""One data file as a frame: CSV as text, Parquet as typed, and one line per problem instead of a traceback."""

from __future__ import annotations

import csv
import hashlib
import os
from pathlib import Path

import pandas as pd

from studie.errors import InputError

FIRST_ROW = 2  # row of the first record in a CSV file, as a spreadsheet counts: the header is row 1
MOST_LINES = 20


def problems_of(lines: list[str], *, where: str) -> InputError:
    """Error with at most `MOST_LINES` lines, then how many more there are."""
    more = len(lines) - MOST_LINES
    rest = [f"{where}: and {more} more problems"] if more > 0 else []
    return InputError(*lines[:MOST_LINES], *rest)


def file_sha256(path: Path) -> str:
    """Checksum of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_file(path: Path, *, where: str) -> pd.DataFrame:
    """Rows of a CSV or Parquet file.

    Parameters
    ----------
    path : Path
        File that ends in `.csv` (UTF-8, `,`, header in row 1) or `.parquet`.
    where : str
        Name of the file in messages, relative to the study.

    Returns
    -------
    DataFrame
        CSV: every field is text, an empty field is ''. Parquet: as stored, texts as categories.

    Raises
    ------
    InputError
        If the file is missing, empty or malformed: one line per problem.
    """
    if not path.is_file():
        raise InputError(f"{where}: file is missing")
    if path.stat().st_size == 0:
        raise InputError(f"{where}: file is empty; it must hold a header and rows")
    if path.suffix == ".parquet":
        return _read_parquet(path, where=where)
    return _read_csv(path, where=where)


def _read_parquet(path: Path, *, where: str) -> pd.DataFrame:
    """Parquet file with texts as categories, which keeps checks of a million rows quick."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
        texts = [
            field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        ]
        table = pq.read_table(path, read_dictionary=texts)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{where}: must be a Parquet file, {str(error).splitlines()[0]}") from error
    return table.to_pandas(strings_to_categorical=True)


def _read_csv(path: Path, *, where: str) -> pd.DataFrame:
    """CSV file as text."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = path.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError(f"{where}: row {row}: must be UTF-8, got byte 0x{error.object[error.start]:02x}") from error
    if "\0" in text:
        raise InputError(f"{where}: must be text, got a zero byte")
    header_line = text.split("\n", 1)[0]
    for wrong, name in ((";", "';'"), ("\t", "a tab"), ("|", "'|'")):
        if wrong in header_line and "," not in header_line:
            raise InputError(f"{where}: row 1: the separator must be ',', got {name}")
    try:
        rows = [row for row in csv.reader(text.splitlines(keepends=True), strict=True) if row]
    except csv.Error as error:
        raise InputError(f"{where}: must be CSV with ',' and double quotes, {error}") from error
    if not rows:
        raise InputError(f"{where}: file is empty; it must hold a header and rows")
    header, records = [name.strip() for name in rows[0]], rows[1:]
    lines = [f"{where}: row 1: column {n} stands there twice" for n in sorted(set(header)) if header.count(n) > 1]
    lines += [
        f"{where}: row {number}: must have {len(header)} fields, got {len(record)}"
        for number, record in enumerate(records, start=FIRST_ROW)
        if len(record) != len(header)
    ]
    if lines:
        raise problems_of(lines, where=where)
    return pd.DataFrame(records, columns=header, dtype=object)
