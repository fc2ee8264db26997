"""Files of other programs as columns of text: CSV, Excel, Stata, SPSS and Parquet, with their value labels."""

from __future__ import annotations

import datetime
import json
import re
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from studie.data.importers import texts
from studie.data.importers.intake import Rejections
from studie.errors import InputError

MOST_BYTES = 1_000_000_000
_MOST_UNPACKED = 1_000_000_000  # [bytes] all parts of a workbook together
_MOST_RATIO = 500
_EXCEL_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*?\bref=[\"']([A-Za-z0-9:$]{1,40})[\"']")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_ROW_TOO_LOW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=[\"'][0-9]{8,}[\"']")
_LAST_ROW = 1_048_576  # of a sheet in Excel
_LONGEST_SPSS = 1800  # [s]
_SPSS = """
import json, sys
import pyarrow as pa
import pyreadstat
frame, meta = pyreadstat.read_sav(sys.argv[1], apply_value_formats=False, user_missing=False)
labels = {name: list(said.items()) for name, said in meta.variable_value_labels.items()}
table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata({"labels": json.dumps(labels)})
with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as out:
    out.write_table(table)
"""
_PLAIN_FLOAT = 1e15  # below it every whole number is written without exponent


@dataclass(frozen=True, kw_only=True)
class Extract:
    """Rows of a file as text.

    Attributes
    ----------
    frame : DataFrame
        One column of text per column of the file; an empty or missing value is ''. Numbers have a point as decimal
        mark, dates are `YYYY-MM-DD`.
    rows : Series of int
        Row of each record as the program that made the file counts.
    read : int
        Records in the file, rejected ones included [count].
    codes : dict of str to Series
        Of a column with value labels: the code behind each text of `frame`.
    typed : bool
        Whether the file itself says what is a number and what a date; text files do not.
    day_zero : date
        Day from which a workbook counts its days.
    """

    frame: pd.DataFrame
    rows: pd.Series
    read: int
    codes: dict[str, pd.Series] = field(default_factory=dict)
    typed: bool = True
    day_zero: datetime.date = datetime.date(1899, 12, 30)


def read_extract(path: Path, *, into: Rejections, delimiter: str, encoding: str, sheet: str, header: int) -> Extract:
    """Rows of a file, by the ending of its name.

    Parameters
    ----------
    path : Path
        File that ends in .csv, .txt, .tsv, .xlsx, .dta, .sav, .zsav or .parquet.
    into : Rejections
        Receives records that cannot be read.
    delimiter, encoding, sheet : str
        As a mapping file says; '' to look.
    header : int
        Row with the names of the columns in a workbook; 1 in a text file.

    Raises
    ------
    InputError
        If the file is missing, of another kind, damaged, too large or without rows.
    """
    if path.suffix.lower() not in _READERS:
        raise InputError(f"path: must end in {', '.join(_READERS)}, got {path.name}")
    try:
        if not path.is_file():
            raise InputError(f"{path.name}: file is missing")
        texts.checked_size(path.stat().st_size, file=path.name, most=MOST_BYTES)
    except OSError as error:
        raise InputError(f"{path.name}: file is not readable, {error.strerror}") from error
    words = {"delimiter": delimiter, "encoding": encoding, "sheet": sheet}
    found = _READERS[path.suffix.lower()](path, into, header, words)
    if found.read == 0:
        raise InputError(f"{path.name}: must hold at least one row, got only a header")
    return found


# --- text ---------------------------------------------------------------------


def _read_text(path: Path, into: Rejections, header: int, words: Mapping[str, str]) -> Extract:
    """Delimited text."""
    if header != 1:
        raise InputError(f"header: must be 1 in a text file, got {header}")
    data = texts.read_bytes(path, file=path.name, most=MOST_BYTES)
    encodings = (words["encoding"],) if words["encoding"] else ("utf-8", "utf-16", "cp1252")
    if not words["encoding"] and b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-8",)  # refused there with the row of the zero byte
    text = texts.decode(data, file=path.name, encodings=encodings)  # type: ignore[arg-type]
    found = texts.records(text, file=path.name, into=into, delimiter=words["delimiter"] or None)
    return Extract(frame=found.frame, rows=found.rows, read=found.read, typed=False)


# --- workbooks ----------------------------------------------------------------


def _read_workbook(path: Path, into: Rejections, header: int, words: Mapping[str, str]) -> Extract:
    """One sheet of a workbook."""
    import openpyxl

    _check_package(path)
    with _foreign(path, "an Excel workbook (.xlsx)"):
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        names = list(book.sheetnames)
    try:
        name = _chosen_sheet(words["sheet"], names, file=path.name)
        with _foreign(path, "an Excel workbook (.xlsx)"):
            sheet = book[name]
            xml = _part(path, sheet._worksheet_path)
            if _ROW_TOO_LOW.search(xml):
                raise InputError(f"{path.name}: sheet {name!r} must have at most {_LAST_ROW} rows")
            values = [list(row) for row in sheet.iter_rows(values_only=True, max_row=_LAST_ROW)]
            zero = book.epoch.date()
    finally:
        book.close()
    merged = [found.decode("ascii") for found in _MERGED.findall(xml)]
    if merged:
        listed = ", ".join(merged[:5]) + (f" and {len(merged) - 5} more" if len(merged) > 5 else "")
        raise InputError(f"{path.name}: sheet {name!r} must have one value per cell, got merged cells {listed}")
    without_value = _uncalculated(path, name) if _FORMULA.search(xml) else set()
    return _sheet_rows(values, into, path.name, header=header, without_value=without_value, zero=zero)


def _sheet_rows(
    values: list[list[Any]],
    into: Rejections,
    file: str,
    *,
    header: int,
    without_value: set[tuple[int, int]],
    zero: datetime.date,
) -> Extract:
    """Records of a sheet below its header."""
    if len(values) < header or all(_cell(v) == "" for v in values[header - 1]):
        raise InputError(f"{file}: row {header}: must hold the names of the columns, got an empty row")
    names = [_cell(value).strip() for value in values[header - 1]]
    width = max(k + 1 for k, name in enumerate(names) if name)
    names = _checked_names(names[:width], file=file, row=header)
    rows, records, read = [], [], 0
    for number, row in enumerate(values[header:], start=header + 1):
        cells = [_cell(value) for value in row]
        uncalculated = any((number, k) in without_value for k in range(len(cells)))
        if not uncalculated and not any(cell.strip() for cell in cells):
            continue
        read += 1
        rule = _sheet_problem(cells, width, uncalculated=uncalculated)
        if rule:
            into.add(file, number, column="", rule=rule)
            continue
        rows.append(number)
        records.append((cells + [""] * width)[:width])
    frame = pd.DataFrame(records, columns=names, dtype=object)
    return Extract(frame=frame, rows=pd.Series(rows, dtype="int64"), read=read, day_zero=zero)


def _sheet_problem(cells: list[str], width: int, *, uncalculated: bool) -> str:
    """Why a row of a sheet cannot be read."""
    if uncalculated:
        return "holds a formula without its result; open the workbook, save it and import it again"
    if any(cell in _EXCEL_ERRORS for cell in cells):
        return "holds an Excel error such as #N/A"
    if any(cell.strip() for cell in cells[width:]):
        return "holds a value to the right of the last column name"
    return ""


def _check_package(path: Path) -> None:
    """Refuse what is no zip file, and one that unpacks to far more than it holds."""
    try:
        with zipfile.ZipFile(path) as packed:
            infos = packed.infolist()
    except Exception as error:
        raise InputError(
            f"{path.name}: must be an Excel workbook (.xlsx), got a file that is damaged or another kind"
        ) from error
    size, packed_size = sum(i.file_size for i in infos), sum(i.compress_size for i in infos)
    if size > _MOST_UNPACKED or (size > 10_000_000 and size > _MOST_RATIO * max(packed_size, 1)):
        raise InputError(
            f"{path.name}: must unpack to a sound workbook, got {size / 1e6:,.0f} MB from {packed_size} bytes"
        )


def _part(path: Path, name: str) -> bytes:
    """One part of a workbook's file."""
    with zipfile.ZipFile(path) as packed:
        return packed.read(name.lstrip("/"))


def _chosen_sheet(wanted: str, names: list[str], *, file: str) -> str:
    """The sheet that the mapping names, or the only one."""
    if wanted and wanted not in names:
        raise InputError(f"{file}: sheet {wanted!r} is missing; got {', '.join(names)}")
    if not wanted and len(names) != 1:
        raise InputError(f"{file}: has {len(names)} sheets; name one in the mapping as `sheet:`: {', '.join(names)}")
    return wanted or names[0]


def _uncalculated(path: Path, name: str) -> set[tuple[int, int]]:
    """Row and position of formulas that no program has calculated yet."""
    import openpyxl

    with _foreign(path, "an Excel workbook (.xlsx)"):
        formulas = openpyxl.load_workbook(path, read_only=True, data_only=False)
        results = openpyxl.load_workbook(path, read_only=True, data_only=True)
        found = set()
        pairs = zip(formulas[name].iter_rows(values_only=True), results[name].iter_rows(values_only=True), strict=True)
        for number, (written, result) in enumerate(pairs, start=1):
            for k, value in enumerate(written):
                if isinstance(value, str) and value.startswith("=") and result[k] is None:
                    found.add((number, k))
        formulas.close()
        results.close()
    return found


# --- Stata, SPSS, Parquet -----------------------------------------------------


def _read_stata(path: Path, into: Rejections, header: int, words: Mapping[str, str]) -> Extract:
    """Stata file."""
    from pandas.io.stata import StataReader

    with _foreign(path, "a Stata file (.dta)"):
        reader: Any = StataReader(path, convert_categoricals=False)
        with reader:
            frame = reader.read()
            labels = reader.value_labels()
            of_column = dict(zip(reader._varlist, reader._lbllist, strict=True))
    named = {name: labels[of_column[name]] for name in frame.columns if of_column.get(name) in labels}
    return _typed_rows(frame, named, path)


def _read_spss(path: Path, into: Rejections, header: int, words: Mapping[str, str]) -> Extract:
    """SPSS file; values that its maker declared missing are empty.

    The reader is native code, which a damaged file can bring down: it works in a process of its own, and hands the
    rows over through a pipe, so that no copy of them comes on the disk.
    """
    import pyarrow as pa

    with _foreign(path, "an SPSS file (.sav)"):
        command = [sys.executable, "-I", "-c", _SPSS, str(path.resolve())]
        ended = subprocess.run(command, capture_output=True, timeout=_LONGEST_SPSS, check=True)
        table = pa.ipc.open_stream(ended.stdout).read_all()
        labels = json.loads(table.schema.metadata[b"labels"])
        frame = table.to_pandas()
    return _typed_rows(frame, {name: dict(pairs) for name, pairs in labels.items()}, path)


def _read_parquet(path: Path, into: Rejections, header: int, words: Mapping[str, str]) -> Extract:
    """Parquet file."""
    import pyarrow.parquet as pq

    with _foreign(path, "a Parquet file"):
        frame = pq.read_table(path).to_pandas()
    return _typed_rows(frame.reset_index(drop=True), {}, path)


def _typed_rows(frame: pd.DataFrame, labels: dict[str, dict[Any, str]], path: Path) -> Extract:
    """Typed columns as text, and the codes of those with value labels."""
    names = _checked_names([str(name).strip() for name in frame.columns], file=path.name, row=0)
    codes, columns = {}, {}
    for position, name in enumerate(names):
        with _foreign(path, "a file whose values are sound"):
            text = as_text(frame.iloc[:, position])
            said = {_cell(code): str(label).strip() for code, label in labels.get(name, {}).items()}
        if said:
            codes[name] = text
            text = text.map(said).where(text.isin(list(said)), text)
        columns[name] = text
    rows = pd.Series(np.arange(1, len(frame) + 1), dtype="int64")
    return Extract(frame=pd.DataFrame(columns, dtype=object), rows=rows, read=len(frame), codes=codes)


# --- shared -------------------------------------------------------------------


def as_text(values: pd.Series) -> pd.Series:
    """Values as text, each distinct one written once."""
    codes, distinct = pd.factorize(values.astype(object), use_na_sentinel=True)
    written = np.array([*(_cell(value) for value in distinct), ""], dtype=object)  # code -1 is a missing value
    return pd.Series(written[codes], dtype=object)


def _cell(value: Any) -> str:
    """One value as text: whole numbers without decimals, days without a time."""
    if value is None or value is pd.NaT or value is pd.NA:
        text = ""
    elif isinstance(value, bool | np.bool_):
        text = "true" if value else "false"
    elif isinstance(value, float | np.floating):
        number = float(value)
        whole = number.is_integer() and abs(number) < _PLAIN_FLOAT
        text = "" if np.isnan(number) else str(int(number)) if whole else repr(number)
    elif isinstance(value, datetime.datetime):
        text = value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
    elif isinstance(value, bytes):
        text = value.decode("utf-8", "replace")
    else:
        text = str(value)
    return text


def _checked_names(names: list[str], *, file: str, row: int) -> list[str]:
    """Names of columns, which must be there and differ."""
    where = f"{file}: row {row}: " if row else f"{file}: "
    problems = [f"{where}column {k} has no name" for k, name in enumerate(names, start=1) if not name]
    unprintable = [k for k, name in enumerate(names, start=1) if name and not name.isprintable()]
    problems += [f"{where}column {k} has control characters in its name" for k in unprintable]
    problems += [
        f"{where}column {n} stands there twice" for n in sorted({n for n in names if n and names.count(n) > 1})
    ]
    if problems:
        raise InputError(*problems[:20])
    return names


@contextmanager
def _foreign(path: Path, kind: str) -> Iterator[None]:
    """Block that reads a file with another package: whatever goes wrong in there is a fault of the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except InputError:
            raise
        except Exception as error:
            raise InputError(f"{path.name}: must be {kind}, got one that is damaged or of another kind") from error


_READERS: dict[str, Callable[[Path, Rejections, int, Mapping[str, str]], Extract]] = {
    ".csv": _read_text,
    ".txt": _read_text,
    ".tsv": _read_text,
    ".xlsx": _read_workbook,
    ".dta": _read_stata,
    ".sav": _read_spss,
    ".zsav": _read_spss,
    ".parquet": _read_parquet,
}
SUFFIXES = tuple(_READERS)
