"""The user's own extract, read through a mapping file into one table."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from studie.data import pseudonyms
from studie.data.definitions import Column
from studie.data.importers.extracts import Extract, read_extract
from studie.data.importers.intake import Intake, Options, Rejections, shown, take
from studie.data.importers.mapping import From, Mapping, checked, strptime
from studie.data.importers.numbers import Locale, decimal_numbers, whole_numbers
from studie.errors import InputError, unknown

PERSON = "person_id"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MOST_LISTED = 10  # distinct values of a column that a note names
_LAST_DAY_NUMBER = 2_958_465  # 9999-12-31 in Excel
_IDENTIFIER = re.compile(r"\d(?:[ .\-/]?\d){8}")  # as many digits as a number of the register of persons, or nearly
_FEWEST_ROWS = 10  # a value of so many persons identifies none of them
_SHARE_OF_IDENTIFIERS = 0.5  # a column with more distinct values than that per row may identify persons


@dataclass(frozen=True, kw_only=True)
class _Source:
    """One column of the extract on its way into the table."""

    texts: pd.Series
    codes: pd.Series | None
    typed: bool
    day_zero: datetime.date


def read(path: Path, *, options: Options) -> Intake:
    """Rows of an extract in the columns of a table.

    Parameters
    ----------
    path : Path
        CSV, Excel, Stata, SPSS or Parquet file.
    options : Options
        `mapping` is the content of a mapping file.

    Returns
    -------
    Intake
        Every row of the file is in the table or listed. In a table of persons `person_id` holds pseudonyms, and no
        message repeats a value that may identify somebody.

    Raises
    ------
    InputError
        If the mapping or the file as a whole is wrong.
    """
    words = checked(options.mapping)
    if words.contract.persons != "rows":
        return _read(path, words)
    try:
        return _read(path, words)
    except InputError as error:  # a file without header has identifiers where names should be
        name, mark = path.name, "\0"
        lines = [pseudonyms.without_identifiers(p.replace(name, mark)).replace(mark, name) for p in error.problems]
        raise InputError(*lines) from None


def _read(path: Path, words: Mapping) -> Intake:
    """Rows of an extract, with its pseudonyms."""
    into = Rejections()
    found = read_extract(
        path, into=into, delimiter=words.delimiter, encoding=words.encoding, sheet=words.sheet, header=words.header
    )
    persons = words.contract.persons == "rows"
    _require(words, found, file=path.name, persons=persons)
    frame, notes = _columns(words, found, file=path.name, into=into)
    raw = frame[PERSON] if persons else pd.Series(dtype=object)
    if persons:
        _refuse_identifiers(frame, words, found, file=path.name, into=into)
        key, made_now = pseudonyms.read_key(pseudonyms.key_path())
        frame[PERSON] = pseudonyms.pseudonyms(frame[PERSON], key=key)
        notes += _key_notes() if made_now else []
    rows = found.rows.reset_index(drop=True)
    sound = rows.map(lambda row: not into.has(path.name, int(row))).to_numpy(bool)
    frame, rows = frame[sound].reset_index(drop=True), rows[sound].reset_index(drop=True)
    table = take(frame, words.table, file=path.name, rows=rows, into=into) if len(frame) else frame
    kept = rows[rows.map(lambda row: not into.has(path.name, int(row))).to_numpy(bool)]
    rejected = into.to_frame()
    if persons:
        mask = _Mask(found, raw)
        rejected = rejected.assign(
            value=[mask.value(*pair) for pair in zip(rejected["column"], rejected["value"], strict=True)]
        )
        notes = [pseudonyms.without_identifiers(note) for note in notes]
    return Intake(
        tables={words.table: table} if len(kept) else {},
        read=found.read,
        taken=found.read - len(rejected),
        rejected=rejected,
        notes=tuple(notes),
        origins={words.table: pd.DataFrame({"file": path.name, "row": kept.to_numpy()})} if len(kept) else {},
    )


def _columns(words: Mapping, found: Extract, *, file: str, into: Rejections) -> tuple[pd.DataFrame, list[str]]:
    """Columns of the table as text, and notes; what cannot be read is noted per row."""
    persons = words.contract.persons == "rows"
    notes = [_columns_note(words, found)]
    columns: dict[str, pd.Series] = {}
    for column in words.contract.columns:
        origin = words.columns.get(column.name)
        if origin is None:
            if column.default is None:
                columns[column.name] = pd.Series("", index=range(len(found.frame)), dtype=object)
            continue
        values, rules, unlisted = _column(origin, column, found)
        columns[column.name] = values
        if len(unlisted):
            notes.append(_unlisted_note(unlisted, origin, column, hidden=persons))
        for position in rules.index[rules != ""]:
            row = int(found.rows.iloc[position])
            into.add(file, row, column=column.name, rule=rules[position], value=values[position])
    return pd.DataFrame(columns, index=range(len(found.frame)), dtype=object), notes


def _unlisted_note(counts: pd.Series, origin: From, column: Column, *, hidden: bool) -> str:
    """Values for which the mapping has no target, with how often they stand there."""
    where = f"columns.{column.name}.values: no target for"
    frequent = counts[counts >= _FEWEST_ROWS] if hidden else counts
    some = [f"{shown(text)!r} ({number})" for text, number in frequent.head(_MOST_LISTED).items()]
    rest = len(counts) - len(some)
    more = [f"{rest} other values ({int(counts.sum() - frequent.head(_MOST_LISTED).sum())})"] if rest else []
    return f"{where} {', '.join([*some, *more])} in column {origin.column}"


def _require(words: Mapping, found: Extract, *, file: str, persons: bool) -> None:
    """Refuse a mapping that names a column which the extract does not have."""
    there = list(found.frame.columns)
    if persons and any(re.fullmatch(r"[\d .,/-]+", name) for name in there):  # names would repeat a person's values
        raise InputError(f"{file}: must hold the names of the columns above the values, got values")
    lines = [
        f"{file}: columns.{name}: {line}"
        for name, origin in words.columns.items()
        if origin.column and origin.column not in there
        for line in unknown("column", origin.column, there).problems
    ]
    if lines:
        raise InputError(*lines)


def _columns_note(words: Mapping, found: Extract) -> str:
    """Which columns of the extract are used and which are not."""
    used = list(dict.fromkeys(o.column for o in words.columns.values() if o.column))
    rest = [shown(name) for name in found.frame.columns if name not in used]
    return f"columns used: {', '.join(used) or 'none'}; not used: {', '.join(rest) or 'none'}"


def _key_notes() -> list[str]:
    """What to know about a key that was just made."""
    said = "keep it safe and private; with another key the same person gets another pseudonym"
    return [f"a key for pseudonyms was made in {pseudonyms.key_path()}: {said}"]


# --- one column ---------------------------------------------------------------


def _column(origin: From, column: Column, found: Extract) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Values of a column as text, the rule that each breaks ('' where sound), and counts of values without target."""
    nothing = pd.Series("", index=range(len(found.frame)), dtype=object)
    none = pd.Series(dtype="int64")
    if origin.value is not None:
        return pd.Series(origin.value, index=nothing.index, dtype=object), nothing, none
    texts = found.frame[origin.column].reset_index(drop=True).astype(object)
    source = _Source(
        texts=texts.str.strip(), codes=found.codes.get(origin.column), typed=found.typed, day_zero=found.day_zero
    )
    control = texts.map(lambda text: bool(_CONTROL.search(text))).astype(bool)
    if origin.values:
        values, rules, none = _translated(source, origin, column)
    else:
        values, rules = _read_kind(source, origin, column)
    return values, rules.mask(control, "must not hold control characters"), none


def _translated(source: _Source, origin: From, column: Column) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Values through the list of the mapping, by label or by code."""
    targets = {key.strip(): target for key, target in origin.values.items()}
    values = source.texts.map(targets).astype(object)
    if source.codes is not None:
        by_code = source.codes.map(targets).astype(object)
        both = values.notna() & by_code.notna() & (values != by_code)
        if both.any():
            said = "a label of one code is another code; list the labels only"
            raise InputError(f"columns.{column.name}.values: {said}")
        values = values.where(values.notna(), by_code)
    unlisted = values.isna() & (source.texts != "")
    rules = pd.Series("", index=values.index, dtype=object).mask(unlisted, "must be a value that the mapping lists")
    return values.where(values.notna(), source.texts), rules, source.texts[unlisted].value_counts()


def _read_kind(source: _Source, origin: From, column: Column) -> tuple[pd.Series, pd.Series]:
    """Values as the column's kind wants them written."""
    is_number = column.kind in ("whole", "number")
    texts = source.codes if is_number and source.codes is not None else source.texts
    if is_number and (not source.typed or origin.decimal):
        return _numbers(texts, origin, column)
    if column.kind == "date" or origin.format:
        return _dates(texts, origin, source)
    return texts, pd.Series("", index=texts.index, dtype=object)


def _numbers(texts: pd.Series, origin: From, column: Column) -> tuple[pd.Series, pd.Series]:
    """Numbers of a text file, by the decimal mark that the mapping names."""
    locale: Locale = "nl" if origin.decimal == "," else "en"
    values, rules = (whole_numbers if column.kind == "whole" else decimal_numbers)(texts, locale=locale)
    if not origin.decimal:  # a comma may mark thousands or decimals
        said = "has a comma: name the decimal mark in the mapping (decimal: ',')"
        rules = rules.mask(texts.str.contains(",", regex=False), said)
    if column.kind == "whole":
        written = values.astype(object).map(lambda value: "" if pd.isna(value) else str(value))
    else:
        written = values.map(lambda value: "" if pd.isna(value) else repr(float(value)))
    return written.where(rules == "", texts).astype(object), rules


def _dates(texts: pd.Series, origin: From, source: _Source) -> tuple[pd.Series, pd.Series]:
    """Days as YYYY-MM-DD; workbooks may hold them as day numbers."""
    as_numbers = origin.format == "excel" or (source.typed and not origin.format)
    codes, distinct = pd.factorize(texts)
    pattern = strptime(origin.format) if origin.format else ""
    read_once = [_day(str(text), pattern, zero=source.day_zero if as_numbers else None) for text in distinct]
    made = pd.Series([day for day, _ in read_once], dtype=object).take(codes).set_axis(texts.index)
    rules = pd.Series([rule for _, rule in read_once], dtype=object).take(codes).set_axis(texts.index)
    asked = f"must be a date written {origin.format}" if origin.format else ""
    return made, rules.mask(rules != "", asked or rules)


def _day(text: str, pattern: str, *, zero: datetime.date | None) -> tuple[str, str]:
    """A day as YYYY-MM-DD, and the rule that the text breaks."""
    if not text or (re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) and zero is not None):
        return text, ""
    if zero is not None and re.fullmatch(r"[0-9]{1,7}", text):
        number = int(text)
        if 1 <= number <= _LAST_DAY_NUMBER:
            return (zero + datetime.timedelta(days=number)).isoformat(), ""
        return text, "must be a day number of Excel"
    if pattern and pattern != "excel":
        try:
            return datetime.datetime.strptime(text, pattern).date().isoformat(), ""
        except ValueError:
            return text, "must be a date"
    return text, "must be a day number of Excel" if pattern else ""


# --- persons ------------------------------------------------------------------


def _refuse_identifiers(frame: pd.DataFrame, words: Mapping, found: Extract, *, file: str, into: Rejections) -> None:
    """Let no identifier through in a column of free text, also where the mapping mistakes one column for another."""
    known = set(frame[PERSON]) - {""}
    free = [c.name for c in words.contract.columns if c.kind == "text" and not c.allowed and not c.pattern]
    lines = []
    for name in [name for name in free if name != PERSON and name in words.columns]:
        origin = words.columns[name].column
        distinct = frame[name].nunique()
        if origin and (origin == words.columns[PERSON].column or _tells(distinct, len(frame))):
            lines.append(f"{file}: columns.{name}: must not identify persons, and column {origin} does")
        wrong = frame[name].isin(known) | frame[name].str.contains(_IDENTIFIER)
        for position in frame.index[wrong]:
            into.add(file, int(found.rows.iloc[position]), column=name, rule="must not identify a person")
    if lines:
        raise InputError(*lines)


def _tells(distinct: int, rows: int) -> bool:
    """Whether a column has another value for almost every row."""
    return distinct > max(_FEWEST_ROWS, _SHARE_OF_IDENTIFIERS * rows)


class _Mask:
    """What may be written down of the values of persons: nothing that may identify one."""

    def __init__(self, found: Extract, identifiers: pd.Series) -> None:
        self._telling = {text.strip().casefold() for text in identifiers.astype(str)} - {""}
        for name in found.frame.columns:
            counts = found.frame[name].value_counts()
            if _tells(len(counts), len(found.frame)):
                self._telling |= {shown(text.strip()).casefold() for text in counts.index}

    def value(self, column: str, value: str) -> str:
        """Value of a rejected record; '' if it may identify somebody."""
        if not column or PERSON in column:
            return ""
        parts = {part.strip().casefold() for part in (value, *value.split("; "), *re.split(r"[\s;,]+", value))}
        return "" if parts & self._telling else pseudonyms.without_identifiers(value)
