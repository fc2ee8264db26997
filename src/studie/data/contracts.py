"""What a table must hold: contracts as pandera schemas, checked with one line per problem."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from studie import regions
from studie.data.definitions import CONTRACTS, Column, Contract
from studie.data.files import FIRST_ROW, problems_of
from studie.data.references import absent, orphans, parents
from studie.errors import InputError, unknown

if TYPE_CHECKING:
    import pandera.pandas as pa

__all__ = [
    "OTHER_AREAS",
    "PROVENANCE",
    "VINTAGE_DATES",
    "contract",
    "empty",
    "orphans",
    "parents",
    "schema",
    "validate",
]

PROVENANCE = ("source", "retrieved", "data_status")  # allowed on every row of every table
OTHER_AREAS = (
    "region:02000", "region:03000", "region:04000", "region:elders",
    "province:20001", "province:30000", "province:40000", "province:70000",
    "country:BE", "country:NL", "country:EU",
)  # fmt: skip
VINTAGE_DATES = ("2018-12-31", "2024-12-31", regions.REFERENCE_DATE)
_MIDNIGHT = re.compile(r"[ T]00:00:00(\.0+)?$")
_LARGEST = 2**53  # beyond it a float no longer holds every whole number
_TRUE = {"true", "True", "TRUE", "1", "ja", "Ja"}
_FALSE = {"false", "False", "FALSE", "0", "nee", "Nee"}
Cell = tuple[int, str, str, Any]  # position of the row, column, rule, value
_WORDS = {
    "text": "text",
    "whole": "a whole number",
    "number": "a number with a point as decimal mark",
    "yes_no": "one of true, false",
    "date": "a date written YYYY-MM-DD",
}


def contract(table: str) -> Contract:
    """Contract of a table.

    Raises
    ------
    InputError
        If no table has that name; the nearest known one is named.
    """
    if table not in CONTRACTS:
        raise unknown("table", table, CONTRACTS)
    return CONTRACTS[table]


def empty(table: str) -> pd.DataFrame:
    """No rows of a table, with the types of its contract."""
    frame = pd.DataFrame({c.name: pd.Series([], dtype=object) for c in contract(table).columns})
    return validate(frame, table, where=table)


def schema(table: str) -> pa.DataFrameSchema:
    """Contract of a table as a pandera schema; texts that fail it say what is allowed."""
    return _schema(contract(table), regions.known_stamp())


def validate(frame: pd.DataFrame, table: str, *, where: str, first_row: int = FIRST_ROW) -> pd.DataFrame:
    """Rows of a table in the types of its contract.

    Parameters
    ----------
    frame : DataFrame
        Columns of the contract in any order, as text or typed; `source`, `retrieved` and `data_status` may stand beside
        them.
    table : str
        Name of a contract.
    where : str
        Name of the file in messages.
    first_row : int, default 2
        Number of the first row in messages (row 1 of a CSV file is its header).

    Returns
    -------
    DataFrame
        Columns of the contract in its order, then the provenance columns that were there. Texts are objects, `whole`
        numbers `int64`, or `Int64` where a value may be missing.

    Raises
    ------
    InputError
        One line per problem, `<file>: row 12, column step: must be one of …, got 'x'`; at most 20, then a count.
    """
    rules = contract(table)
    place = _Place(where=where, first_row=first_row)
    _check_columns(frame, rules, where=where)
    cells, result = _typed_columns(frame, rules)
    if not cells:
        cells = _broken(result, rules)
        for name in PROVENANCE:
            if name in frame.columns:
                result[name] = _plain(frame[name].reset_index(drop=True))
                blank = np.flatnonzero(result[name].isna() | (result[name] == ""))
                cells += [(int(i), name, "must not be empty", "") for i in blank]
    if cells:
        raise problems_of(list(dict.fromkeys(place.line(*cell) for cell in cells)), where=where)
    return result


def wrong_cells(frame: pd.DataFrame, table: str, *, where: str) -> list[Cell]:
    """Cells that break the contract of a table, apart from keys that are not unique.

    Parameters
    ----------
    frame : DataFrame
        As for `validate`, with a fresh index.
    table, where : str
        As for `validate`.

    Returns
    -------
    list of (int, str, str, object)
        Position of the row, column, rule and value, in order of the rows.

    Raises
    ------
    InputError
        If a column is missing or not in the contract.
    """
    rules = contract(table)
    _check_columns(frame, rules, where=where)
    cells, _ = _typed_columns(frame, rules)
    sound = np.setdiff1d(np.arange(len(frame)), [position for position, *_ in cells])
    if len(sound):
        _, typed = _typed_columns(frame.iloc[sound], rules)
        unique = f"{', '.join(rules.key)}: the key must be unique"
        broken = _broken(typed, rules)
        cells += [
            (int(sound[position]), column, rule, value)
            for position, column, rule, value in broken
            if f"{column}: {rule}" != unique
        ]
    return sorted(cells, key=lambda cell: cell[0])


def _check_columns(frame: pd.DataFrame, rules: Contract, *, where: str) -> None:
    """Refuse a frame without a needed column or with one that the contract does not know."""
    extra = [c for c in frame.columns if c not in rules.names and c not in PROVENANCE]
    missing = [c.name for c in rules.columns if c.name not in frame.columns and c.default is None]
    listed = f"allowed: {', '.join(rules.names)}"
    lines = [f"{where}: column {name} is missing; {listed}" for name in missing]
    lines += [f"{where}: column {name} is not in the contract; {listed}" for name in extra]
    if lines:
        raise problems_of(lines, where=where)


def _typed_columns(frame: pd.DataFrame, rules: Contract) -> tuple[list[Cell], pd.DataFrame]:
    """Cells that are not of their column's kind, and the columns in their types."""
    cells: list[Cell] = []
    typed: dict[str, pd.Series] = {}
    for column in rules.columns:
        values = frame.get(column.name, pd.Series(column.default, index=frame.index, dtype=object))
        wrong, typed[column.name] = _typed(values.reset_index(drop=True), column)
        cells += [(i, column.name, f"must be {_WORDS[column.kind]}", v) for i, v in wrong]
    return cells, pd.DataFrame(typed)


# --- types --------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a file's rows stand, for messages."""

    where: str
    first_row: int

    def line(self, position: int, column: str, rule: str, value: object) -> str:
        """One problem as one line."""
        return f"{self.where}: row {position + self.first_row}, column {column}: {rule}, got {_shown(value)}"


def _shown(value: object) -> str:
    """A value as a message shows it; several are joined."""
    if isinstance(value, tuple):
        return ", ".join(_day(part) for part in value)
    if (
        value is None
        or value is pd.NA
        or value is pd.NaT
        or value == ""
        or (isinstance(value, float) and np.isnan(value))
    ):
        return "nothing"
    return repr(value) if isinstance(value, str) else _day(value)


def _day(value: object) -> str:
    """A date without its time of day; anything else as it is."""
    return value.date().isoformat() if isinstance(value, pd.Timestamp) and value == value.normalize() else str(value)


def _plain(values: pd.Series) -> pd.Series:
    """The same texts as objects; one object per distinct text."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        categories = np.append(np.asarray(values.cat.categories, dtype=object), np.array([None], dtype=object))
        return pd.Series(categories[values.cat.codes.to_numpy()], index=values.index, dtype=object)
    return values.astype(object)


def _typed(values: pd.Series, column: Column) -> tuple[list[tuple[int, Any]], pd.Series]:
    """Rows that are not of the column's kind, and the values in its type."""
    if column.kind == "text":
        return _typed_text(values)
    plain = _plain(values) if isinstance(values.dtype, pd.CategoricalDtype) else values
    empty_text = plain.eq("") if plain.dtype == object else pd.Series(data=False, index=plain.index)
    given = plain.notna() & ~empty_text.fillna(value=False).astype(bool)
    if column.kind == "yes_no":
        return _typed_yes_no(plain, given)
    if column.kind == "date":
        return _typed_date(plain, given)
    return _typed_number(plain, given, column)


def _typed_text(values: pd.Series) -> tuple[list[tuple[int, Any]], pd.Series]:
    """Texts; a missing text is ''."""
    plain = _plain(values)
    if isinstance(values.dtype, pd.CategoricalDtype):  # looks at the distinct values only: a panel has a million rows
        distinct, missing = values.cat.categories.to_series(), bool((values.cat.codes < 0).any())
    else:
        distinct, missing = plain, plain.hasnans
    if pd.api.types.infer_dtype(distinct, skipna=True) not in ("string", "empty"):
        return [(i, v) for i, v in enumerate(plain) if not isinstance(v, str) and pd.notna(v)], plain
    return [], plain.where(plain.notna(), "") if missing else plain


def _typed_yes_no(plain: pd.Series, given: pd.Series) -> tuple[list[tuple[int, Any]], pd.Series]:
    """True and false; missing is <NA>."""
    if plain.dtype == bool:
        return [], plain
    words = plain.where(given).map(lambda v: None if pd.isna(v) else str(v))
    wrong = given & ~words.isin(_TRUE | _FALSE)
    typed = words.isin(_TRUE)
    return _cases(plain, wrong), typed if given.all() else typed.astype("boolean").mask(~given)


def _typed_date(plain: pd.Series, given: pd.Series) -> tuple[list[tuple[int, Any]], pd.Series]:
    """Days without a time of day; missing is NaT."""
    if pd.api.types.is_datetime64_any_dtype(plain.dtype):
        return [], plain.astype("datetime64[ns]")
    texts = plain.where(given).map(lambda v: _MIDNIGHT.sub("", v) if isinstance(v, str) else v)
    typed = pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce")
    strict = texts.map(lambda v: isinstance(v, str) and len(v) == 10)
    return _cases(plain, given & (typed.isna() | ~strict)), typed.astype("datetime64[ns]")


def _typed_number(plain: pd.Series, given: pd.Series, column: Column) -> tuple[list[tuple[int, Any]], pd.Series]:
    """Numbers; a missing whole number is <NA>, another nan."""
    typed = pd.to_numeric(plain.where(given), errors="coerce").astype(float)
    finite = pd.Series(np.isfinite(typed), index=plain.index)
    wrong = given & ~finite
    if column.kind == "whole":
        kept = typed.where(finite, 0)
        wrong |= (kept % 1 != 0) | (kept.abs() > _LARGEST)
    if wrong.any() or column.kind == "number":
        return _cases(plain, wrong), typed
    return [], typed.astype("int64" if given.all() and column.required else "Int64")


def _cases(plain: pd.Series, wrong: pd.Series) -> list[tuple[int, Any]]:
    """Position and value of the wrong rows."""
    at = np.flatnonzero(wrong.to_numpy(bool))
    return [(int(i), plain.iloc[i]) for i in at]


# --- rules --------------------------------------------------------------------


def _broken(frame: pd.DataFrame, rules: Contract) -> list[Cell]:
    """Cells of a typed frame that fail the pandera schema, in order of the rows."""
    import pandera.errors

    try:
        schema(rules.name).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        return sorted((_cell(case, frame) for case in error.failure_cases.to_dict("records")), key=lambda cell: cell[0])
    return []


def _cell(case: dict[Any, Any], frame: pd.DataFrame) -> Cell:
    """A failure that pandera reports, as a cell; of a rule over several columns, their values."""
    if pd.isna(case["index"]):  # a check that could not run at all is a fault of the schema
        raise InputError(f"{case['check']}, got {case['failure_case']}")
    position, name, rule, value = int(case["index"]), case["column"], case["check"], case["failure_case"]
    if case["schema_context"] == "DataFrameSchema":
        name, rule = rule.split(": ", 1)
        value = tuple(frame[part].iloc[position] for part in name.split(", "))
    return position, name, "must not be empty" if rule == "not_nullable" else rule, value


@lru_cache(maxsize=64)
def _schema(rules: Contract, stamp: tuple[str, int]) -> pa.DataFrameSchema:
    """Schema of one contract; the stamp renews it when the known regions change."""
    import pandera.pandas as pa

    columns = {
        c.name: pa.Column(nullable=not c.required or c.kind == "text", checks=_checks(c)) for c in rules.columns
    }  # a missing text is '' by now
    key = ", ".join(rules.key)
    rows = [pa.Check(_unique(rules.key), error=f"{key}: the key must be unique", ignore_na=False)]
    rows += [pa.Check(_ordered(a, b), error=f"{a}, {b}: must be in order") for a, b in rules.ordered]
    return pa.DataFrameSchema(columns, checks=rows)


def _unique(key: tuple[str, ...]) -> Any:
    """Check that no two rows share the key."""
    return lambda frame: ~frame.duplicated(list(key))


def _ordered(low: str, high: str) -> Any:
    """Check that one column does not exceed another where both are known."""

    def check(frame: pd.DataFrame) -> pd.Series:
        """True where in order."""
        unknown_bound = absent(frame[low]) | absent(frame[high])
        return unknown_bound | (frame[low] <= frame[high]).fillna(value=True).astype(bool)

    return check


def _checks(column: Column) -> list[Any]:
    """Checks of one column, each with the text that its failure gives."""
    import pandera.pandas as pa

    found = []
    if column.required and column.kind == "text":
        found.append(pa.Check(lambda s: s != "", error="must not be empty"))
    if column.allowed:
        words = set(column.allowed) | ({""} if not column.required else set())
        found.append(pa.Check(_among(words.__contains__), error=f"must be one of {', '.join(column.allowed)}"))
    if column.pattern:
        fits = column.fits
        found.append(pa.Check(_among(fits), error=f"must be {column.rule}"))
    if column.least is not None:
        least = column.least
        found.append(
            pa.Check(lambda s: (s >= least).fillna(value=True).astype(bool), error=f"must be at least {least:g}")
        )
    if column.most is not None:
        most = column.most
        found.append(pa.Check(lambda s: (s <= most).fillna(value=True).astype(bool), error=f"must be at most {most:g}"))
    if column.of == "region":
        codes = _known_regions()
        found.append(pa.Check(_among(codes.__contains__), error="must be a region code that `studie regions` lists"))
    if column.of == "refnis":
        numbers = _known_refnis() | ({pd.NA} if not column.required else set())
        found.append(pa.Check(lambda s: s.isin(numbers) | s.isna(), error="must be a municipality of the province"))
    return found


def _among(fits: Any) -> Any:
    """Check that asks once per distinct value."""
    return lambda values: values.isin([value for value in values.unique() if fits(value)])


def _known_regions() -> frozenset[str]:
    """Codes of all vintages and of the areas outside the province that have data."""
    listed = {area.code for date in VINTAGE_DATES for area in regions.regions(date=date)}
    return frozenset(listed | set(OTHER_AREAS))


def _known_refnis() -> set[Any]:
    """Municipalities of all vintages."""
    return {int(r) for date in VINTAGE_DATES for r in regions.municipalities(date=date)["refnis"]}
