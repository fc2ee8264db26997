"""The databank as files for others: Parquet, CSV or one Excel workbook, without a row about one person."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import duckdb
import pandas as pd
import pyarrow as pa

from studie.config import read_config
from studie.data.databank import location, schema, shielding
from studie.data.databank.counting import counted
from studie.data.databank.judging import PERSON_ROWS, judge
from studie.data.databank.reading import open_closed, tables
from studie.data.databank.shielding import PERSON_COUNTS
from studie.errors import InputError, unknown

Format = Literal["parquet", "csv", "xlsx"]
FORMATS: tuple[Format, ...] = get_args(Format)
MOST_SHEET_ROWS = 1_048_575  # of a worksheet, under its header
FORMULA = r"^[=+\-@\t\r\n]"  # a spreadsheet would compute a text that starts so
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")  # not allowed in a workbook


@dataclass(frozen=True, kw_only=True)
class Exported:
    """Files that were written.

    Attributes
    ----------
    path : Path
        Folder, or workbook.
    rows : dict of str to int
        Rows of each table [count].
    """

    path: Path
    rows: dict[str, int]


def export(path: Path, *, format: Format, date: str | None = None, root: Path | None = None) -> Exported:
    """Writes every table to files; persons only as protected counts (of rows about persons: per step and date).

    Parameters
    ----------
    path : Path
        Folder to make (Parquet, CSV: one file per table), or workbook that ends in `.xlsx` (one sheet per table).
        An earlier export there is replaced; it is whole or as it was.
    format : {"parquet", "csv", "xlsx"}
        Kind of files.
    date : str, optional
        Day of a snapshot; default the databank as it is now.
    root : Path, optional
        Folder whose `build/` holds the databank; default the study's.

    Raises
    ------
    InputError
        If the format is unknown, the path does not fit it or holds other files, or a table is too long for a sheet.

    Notes
    -----
    In CSV and Excel a text that a spreadsheet would compute (it starts with = + - @, a tab or a new line) gets an
    apostrophe in front; numbers stay numbers.
    """
    if format not in FORMATS:
        raise unknown("format", format, FORMATS)
    _check_path(path, format)
    with open_closed(location.existing(date, root=root)) as connection, _beside(path) as unfinished:
        contents = _contents(connection, neutral=format != "parquet", root=root)
        if format == "xlsx":
            rows = _write_workbook(contents, unfinished)
        else:
            rows = _write_folder(contents, unfinished, format)
    return Exported(path=path, rows=rows)


def _check_path(path: Path, format: Format) -> None:
    """Refuses a place where something else would be lost."""
    if not path.parent.is_dir():
        raise InputError(f"path: folder {path.parent} is not there; make it first")
    if format == "xlsx":
        if path.suffix != ".xlsx" or path.is_dir():
            raise InputError(f"path: must be a file that ends in .xlsx, got {path}")
        return
    if path.exists() and not path.is_dir():
        raise InputError(f"path: must be a folder, got the file {path}")
    other = [found.name for found in path.iterdir() if found.suffix != f".{format}"] if path.is_dir() else []
    if other:
        raise InputError(f"path: {path} holds other files ({sorted(other)[0]}); name a new folder")


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Name beside the target for what is being written; it becomes the target when all went well."""
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        yield unfinished
        if path.is_dir():
            old = unfinished.with_suffix(".old")
            path.replace(old)
            unfinished.replace(path)
            shutil.rmtree(old)
        else:
            unfinished.replace(path)
    finally:
        if unfinished.is_dir():
            shutil.rmtree(unfinished)
        else:
            unfinished.unlink(missing_ok=True)


def _contents(
    connection: duckdb.DuckDBPyConnection, *, neutral: bool, root: Path | None
) -> Iterator[tuple[str, pa.Table]]:
    """Tables one by one as they leave the databank."""
    names = tables(connection)
    for name in names:
        if name in PERSON_ROWS:
            yield f"{name}_counts", _counts(connection, name, names)
        elif name in PERSON_COUNTS:
            rows = shielding.handed_over(shielding.shielded(connection, name, root=root), name)
            yield name, _neutral(rows) if neutral else rows
        else:
            yield name, connection.sql(_select(connection, name, neutral=neutral)).to_arrow_table()


def _neutral(rows: pa.Table) -> pa.Table:
    """Rows whose texts a spreadsheet would compute are made harmless."""
    for position, field in enumerate(rows.schema):
        if pa.types.is_string(field.type):
            texts = rows.column(position).to_pylist()
            harmless = [f"'{text}" if text is not None and re.match(FORMULA, text) else text for text in texts]
            rows = rows.set_column(position, field, pa.array(harmless, field.type))
    return rows


def _counts(connection: duckdb.DuckDBPyConnection, table: str, names: list[str]) -> pa.Table:
    """Persons per date and step, small counts emptied."""
    sql = f"SELECT date, step, count(DISTINCT person_id) AS persons FROM {table} GROUP BY date, step"
    count = judge(sql, tables=names)
    if count is None:
        raise AssertionError(f"{table} is judged as a table of persons")
    frame = counted(connection, count, [], threshold=read_config().disclosure.threshold.value)
    return pa.Table.from_pandas(frame, preserve_index=False)


def _select(connection: duckdb.DuckDBPyConnection, table: str, *, neutral: bool) -> str:
    """Query for a whole table; texts that a spreadsheet would compute made harmless if asked."""
    listed = schema.quoted(table)
    if not neutral:
        return f"SELECT * FROM {listed}"
    described = connection.execute(f"SELECT * FROM {listed} LIMIT 0").description or []
    columns = [
        f"CASE WHEN regexp_matches({schema.quoted(name)}, '{FORMULA}') THEN '''' || {schema.quoted(name)} "
        f"ELSE {schema.quoted(name)} END AS {schema.quoted(name)}"
        if str(kind) == "VARCHAR"
        else schema.quoted(name)
        for name, kind, *_ in described
    ]
    return f"SELECT {', '.join(columns)} FROM {listed}"


def _write_folder(contents: Iterator[tuple[str, pa.Table]], folder: Path, format: Format) -> dict[str, int]:
    """One file per table."""
    import pyarrow.csv
    import pyarrow.parquet

    folder.mkdir()
    rows = {}
    for name, table in contents:
        if format == "parquet":
            pyarrow.parquet.write_table(table, folder / f"{name}.parquet", compression="zstd")
        else:
            pyarrow.csv.write_csv(table, folder / f"{name}.csv")
        rows[name] = table.num_rows
    return rows


def _write_workbook(contents: Iterator[tuple[str, pa.Table]], path: Path) -> dict[str, int]:
    """One sheet per table."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    rows = {}
    for name, table in contents:
        if table.num_rows > MOST_SHEET_ROWS:
            raise InputError(
                f"format: {name} has {table.num_rows} rows, a sheet holds {MOST_SHEET_ROWS}; export parquet or csv"
            )
        sheet = book.create_sheet(name)
        sheet.append(table.column_names)
        for batch in table.to_batches(max_chunksize=10_000):
            for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                sheet.append([_cell(value) for value in values])
        rows[name] = table.num_rows
    with path.open("wb") as handle:
        book.save(handle)
    return rows


def _cell(value: Any) -> Any:
    """Value as a cell takes it."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub(" ", value)
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
