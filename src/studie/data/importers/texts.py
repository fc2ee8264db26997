"""Delimited text as it really arrives: encodings, marks, ragged and cut-off records, each with its row."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from studie.data.importers.intake import Rejections
from studie.errors import InputError

Encoding = Literal["utf-8", "utf-16", "iso-8859-1", "cp1252"]
MOST_TEXT = 500_000_000  # [bytes]; Statbel's largest yearly population file is under a tenth of it
MOST_HEADER = 100_000  # [bytes]
_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_NAMES = {"utf-8": "UTF-8", "utf-16": "UTF-16", "iso-8859-1": "ISO-8859-1", "cp1252": "Windows-1252"}
_DELIMITERS = {",": "','", ";": "';'", "|": "'|'", "\t": "a tab"}
_LINE_END = re.compile(r"\r\n|\n|\r")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
# UTF-8 read byte by byte
_TWICE_ENCODED = re.compile(r"[\u00c2-\u00c5][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u2122]")
_QUOTE = '"'


@dataclass(frozen=True, kw_only=True)
class Records:
    """Records of a delimited text that have as many fields as the header.

    Attributes
    ----------
    frame : DataFrame
        One text column per field of the header, '' for an empty field.
    rows : Series of int
        Row of each record, as a text editor counts; the header is row 1.
    read : int
        Records in the file, those that were rejected included [count].
    """

    frame: pd.DataFrame
    rows: pd.Series
    read: int


def read_bytes(path: Path, *, file: str, most: int = MOST_TEXT) -> bytes:
    """Content of a file of at most `most` bytes.

    Raises
    ------
    InputError
        If the file is missing, no file, empty, not readable or too large.
    """
    try:
        if not path.is_file():
            raise InputError(f"{file}: file is missing")
        size = path.stat().st_size
        checked_size(size, file=file, most=most)
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: file is not readable, {error.strerror}") from error


def checked_size(size: int, *, file: str, most: int) -> None:
    """Refuse nothing at all and more than a format can need [bytes]."""
    if size == 0:
        raise InputError(f"{file}: file is empty; it must hold a header and rows")
    if size > most:
        raise InputError(f"{file}: must be at most {_mega(most)} MB, got {_mega(size)} MB")


def _mega(size: int) -> str:
    """Bytes in millions."""
    return f"{size / 1e6:,.0f}" if size >= 1e7 else f"{size / 1e6:.3g}"


def decode(data: bytes, *, file: str, encodings: Sequence[Encoding] = ("utf-8",)) -> str:
    """Text of bytes in the first of some encodings that fits, without byte order mark.

    A byte order mark decides by itself. A single-byte encoding fits any bytes: put it last.

    Raises
    ------
    InputError
        If no encoding fits, the text holds zero bytes (UTF-16 without mark, or no text at all), or a UTF-8 file with a
        damaged byte would be read as a single-byte one.
    """
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            if name not in encodings:
                raise InputError(f"{file}: must be {_allowed(encodings)}, got {_NAMES[name]}")
            encodings = (name,)  # type: ignore[assignment]
    if encodings != ("utf-16",) and b"\0" in data:
        row = data[: data.index(b"\0")].count(b"\n") + 1
        raise InputError(f"{file}: row {row}: must be text in {_allowed(encodings)}, got a zero byte")
    for name in encodings:
        try:
            text = data.decode("utf-8-sig" if name == "utf-8" else name)
        except UnicodeDecodeError as error:
            wrong = error
            continue
        _refuse_twice_encoded(text, name, file=file)
        return text
    row = data[: wrong.start].count(b"\n") + 1
    raise InputError(f"{file}: row {row}: must be {_allowed(encodings)}, got byte 0x{data[wrong.start]:02x}")


def _allowed(encodings: Sequence[str]) -> str:
    """Encodings in words."""
    return " or ".join(_NAMES[name] for name in encodings)


def _refuse_twice_encoded(text: str, encoding: str, *, file: str) -> None:
    """Refuse a UTF-8 text of which a damaged byte made a single-byte encoding fit."""
    if encoding in ("utf-8", "utf-16"):
        return
    found = _TWICE_ENCODED.search(text)
    if found:
        row = text.count("\n", 0, found.start()) + 1
        raise InputError(f"{file}: row {row}: must be in one encoding, got UTF-8 with bytes that are not UTF-8")


def delimiter_of(header: str, *, file: str, among: Sequence[str] = (",", ";", "|", "\t")) -> str:
    """Mark that separates the fields of a header line.

    Raises
    ------
    InputError
        If none or several of `among` stand in the header.
    """
    bare = re.sub(f"{_QUOTE}[^{_QUOTE}]*{_QUOTE}", "", header)
    there = [mark for mark in among if mark in bare]
    if len(there) == 1:
        return there[0]
    listed = ", ".join(_DELIMITERS.get(mark, repr(mark)) for mark in among)
    got = " and ".join(_DELIMITERS.get(mark, repr(mark)) for mark in there) or "none"
    raise InputError(f"{file}: row 1: the separator must be one of {listed}, got {got}")


def records(
    text: str,
    *,
    file: str,
    into: Rejections,
    delimiter: str | None = None,
    last_line: Literal["ends", "may lack its end"] = "may lack its end",
) -> Records:
    """Records of a delimited text with a header; those that cannot be split into its fields are noted.

    Parameters
    ----------
    text : str
        Decoded text.
    file : str
        Name of the file in messages.
    into : Rejections
        Receives ragged records, quotes that do not close, and control characters.
    delimiter : str, optional
        Mark between fields; default the one that the header uses.
    last_line : {"ends", "may lack its end"}
        Whether this publisher ends each line: then a last one without end was cut off, whatever it looks like.

    Raises
    ------
    InputError
        If there is no header, its separator is another, or a column stands there twice or without name.

    Notes
    -----
    A record is one line. A quoted field that runs on over the next line is rejected line by line: the formats read here
    never have one, and a lone quote would otherwise swallow all records up to the next quote.
    """
    lines = _LINE_END.split(text)
    ended = lines[-1] == ""
    if not lines[0].strip():
        raise InputError(f"{file}: row 1: must be a header, got an empty line")
    mark = _checked_delimiter(lines[0], delimiter, file=file)
    header = _header(lines[0], mark, file=file)
    last = len(lines) if not ended else len(lines) - 1
    rows, fields, read = [], [], 0
    for row, line in enumerate(lines[1:], start=2):
        if not line.strip(" \t\ufeff") and mark not in line:
            continue
        read += 1
        parts, rule = fields_of(line, mark, len(header))
        if rule or (row == last and not ended and last_line == "ends"):
            cut = row == last and not ended
            into.add(file, row, column="", rule="the file ends within this record" if cut else rule, value=line)
            continue
        rows.append(row)
        fields.append(parts)
    frame = pd.DataFrame(fields, columns=header, dtype=object)
    return Records(frame=frame, rows=pd.Series(rows, dtype="int64"), read=read)


def _checked_delimiter(line: str, delimiter: str | None, *, file: str) -> str:
    """The separator of the header line, which must be the known one if there is one."""
    if delimiter is None:
        return delimiter_of(line, file=file)
    other = [name for mark, name in _DELIMITERS.items() if mark in line]
    if delimiter not in line and other:  # without any separator the file may have one column
        expected = _DELIMITERS.get(delimiter, repr(delimiter))
        raise InputError(f"{file}: row 1: the separator must be {expected}, got {' and '.join(other)}")
    return delimiter


def _header(line: str, mark: str, *, file: str) -> list[str]:
    """Names of the columns."""
    names, rule = fields_of(line, mark, None)
    names = [name.strip() for name in names]
    problems = [f"{file}: row 1: {rule}"] if rule else []
    problems += [f"{file}: row 1: column {number} has no name" for number, name in enumerate(names, 1) if not name]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    problems += [f"{file}: row 1: column {name} stands there twice" for name in twice]
    if problems:
        raise InputError(*problems[:20])
    return names


def fields_of(line: str, mark: str, expected: int | None) -> tuple[list[str], str]:
    """Fields of one line, and the rule that the line breaks ('' for none).

    Parameters
    ----------
    line : str
        Line without its end.
    mark : str
        Separator.
    expected : int or None
        Number of fields of the header, if known.
    """
    if _CONTROL.search(line):
        return [], "must not hold control characters"
    if _QUOTE in line:
        try:
            parts = next(csv.reader([line], delimiter=mark, strict=True))
        except csv.Error:
            return [], "a quote must open and close around a whole field"
    else:
        parts = line.split(mark)
    if expected is not None and len(parts) != expected:
        return [], f"must have {expected} fields as the header has, got {len(parts)}"
    return parts, ""


def header_of(path: Path, *, file: str, required: Sequence[str], delimiter: str = ",") -> list[str]:
    """Names of the columns of a file too large to read at once, in UTF-8.

    Raises
    ------
    InputError
        If the file is empty, or its first line is no header or lacks a column.
    """
    with path.open("rb") as handle:
        first = handle.readline(MOST_HEADER)
    checked_size(len(first), file=file, most=MOST_HEADER - 1)
    line = _LINE_END.split(decode(first, file=file))[0]
    names = _header(line, _checked_delimiter(line, delimiter, file=file), file=file)
    require(pd.DataFrame(columns=names), required, file=file)
    return names


def require(frame: pd.DataFrame, columns: Sequence[str], *, file: str) -> None:
    """Refuse records that lack a column.

    Raises
    ------
    InputError
        One line per missing column, with the columns that are there.
    """
    there = ", ".join(map(str, frame.columns))
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise InputError(*(f"{file}: column {name} is missing; got {there}" for name in missing))
