"""Mapping files: which column of an own extract becomes which column of a table, in YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping as Words
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from studie.data import contracts
from studie.data.definitions import CONTRACTS, Column, Contract
from studie.errors import InputError, unknown

MOST_BYTES = 1_000_000
_TOKENS = {"yyyy": "%Y", "jjjj": "%Y", "mm": "%m", "dd": "%d"}
_DELIMITERS = {"tab": "\t", "\\t": "\t"}


def _mark(value: object) -> object:
    """A separator, also by its name."""
    return _DELIMITERS.get(value, value) if isinstance(value, str) else value


class _Strict(BaseModel):
    """Immutable; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class From(_Strict):
    """Where a column of the table comes from.

    Attributes
    ----------
    column, value
        Column of the extract, or one value for every row: exactly one of both.
    values
        Value in the extract (a code or its label; '' for an empty one) to value in the table.
    format
        Of a date: such as `dd/mm/yyyy`, or `excel` for day numbers; default `yyyy-mm-dd`.
    decimal
        Decimal mark of a number that the extract holds as text.
    """

    column: str = ""
    value: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    format: str = ""
    decimal: Literal["", ",", "."] = ""

    @model_validator(mode="after")
    def _one_origin(self) -> From:
        if bool(self.column) == (self.value is not None):
            raise ValueError("must name either a column or a value")
        if self.value is not None and (self.values or self.format or self.decimal):
            raise ValueError("a value stands alone, without values, format or decimal")
        if self.format:
            strptime(self.format)
        return self


class Mapping(_Strict):
    """How one extract becomes rows of one table.

    Attributes
    ----------
    table, columns
        Name of a contract, and per column of it where its values come from.
    source
        Who gave the extract; stands on every row.
    delimiter, encoding, sheet
        Of a text file: mark between fields and encoding; of a workbook: name of the sheet. Empty: found by looking.
    header
        Row of a workbook that holds the names of the columns.
    """

    table: str
    columns: dict[str, From]
    source: str = Field(min_length=3)
    delimiter: Annotated[str, BeforeValidator(_mark), Field(max_length=1)] = ""
    encoding: Literal["", "utf-8", "utf-16", "iso-8859-1", "cp1252"] = ""
    sheet: str = ""
    header: int = Field(default=1, ge=1, le=1000)

    @property
    def contract(self) -> Contract:
        """Contract of the table."""
        return contracts.contract(self.table)


def strptime(words: str) -> str:
    """Format of a date in the tokens that programs use: `dd/mm/yyyy` is `%d/%m/%Y`.

    Raises
    ------
    ValueError
        If the format does not say day, month and year once each.
    """
    if words == "excel":
        return words
    made = re.sub("yyyy|jjjj|mm|dd", lambda found: _TOKENS[found[0]], words.lower())
    if sorted(re.findall("%[Ymd]", made)) != ["%Y", "%d", "%m"] or re.search("[a-z]", re.sub("%[Ymd]", "", made)):
        raise ValueError("format: must hold dd, mm and yyyy once each, such as dd/mm/yyyy, or be excel")
    return made


class _Texts(yaml.BaseLoader):
    """Every value as text (`no` stays `no`, 1.10 stays 1.10); a key twice and aliases are refused."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Node of the document, which may not refer to another one."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*) are not allowed")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Pairs of a mapping."""
        names = [str(key.value) for key, _ in node.value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise yaml.YAMLError(f"row {node.start_mark.line + 1}: key {twice[0]} stands there twice")
        return super().construct_mapping(node, deep=deep)


def read_words(path: Path) -> dict[str, object]:
    """Content of a mapping file, every value as text; its importer checks what it says.

    Raises
    ------
    InputError
        If the file is missing, too large, no YAML, or not a list of `key: value`.
    """
    where = path.name
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InputError(f"{where}: must be at most {MOST_BYTES // 1000} kB, got {size // 1000} kB")
        content = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"map: {path} is not readable, {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: must be UTF-8") from error
    try:
        words = yaml.load(content, Loader=_Texts)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"{where}: must be YAML, {_first_problem(error)}") from error
    if not isinstance(words, dict):
        raise InputError(f"{where}: must hold keys such as `table:` and `columns:`, got {type(words).__name__}")
    return words


def _first_problem(error: Exception) -> str:
    """What is wrong in a YAML file, and in which row."""
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"row {mark.line + 1}: {said}" if mark else str(said)


def checked(words: Words[str, object]) -> Mapping:
    """Content of a mapping file, held against the contract of its table.

    Raises
    ------
    InputError
        One line per unknown key or column (with the nearest known one), missing column and wrong value.
    """
    if not words:
        raise InputError("map: an own extract needs a mapping file; make one with `studie data template TABLE PATH`")
    columns = words.get("columns")
    given = {**words, "columns": _origins(columns) if isinstance(columns, dict) else columns}
    try:
        made = Mapping.model_validate(given)
    except ValidationError as error:
        raise InputError(*(_problem(dict(e)) for e in error.errors())) from error
    rules = made.contract
    lines = [line for name in made.columns if name not in rules.names for line in _unknown_column(name, rules)]
    lines += [
        f"columns: {c.name} is missing; {rules.name} needs it ({c.about})"
        for c in rules.columns
        if c.name not in made.columns and c.required and c.default is None
    ]
    lines += [line for c in rules.columns if c.name in made.columns for line in _unfit(made.columns[c.name], c)]
    if lines:
        raise InputError(*lines)
    return made


def _origins(columns: dict[str, object]) -> dict[str, object]:
    """`step: trede` as `step: {column: trede}`; an empty entry is as if it were not there."""
    filled = {name: said for name, said in columns.items() if said not in ("", None)}
    return {name: {"column": said} if isinstance(said, str) else said for name, said in filled.items()}


def _unknown_column(name: str, rules: Contract) -> list[str]:
    """Line for a column that the table does not have."""
    return [f"columns: {line}" for line in unknown(rules.name, name, rules.names).problems]


def _unfit(origin: From, column: Column) -> list[str]:
    """Lines for options that do not go with a column's kind, or targets that the contract refuses."""
    where = f"columns.{column.name}"
    lines = []
    if origin.format and column.kind != "date" and not column.rule.startswith("a date"):
        lines.append(f"{where}.format: goes with dates only, and {column.name} is {column.kind}")
    if origin.decimal and column.kind not in ("whole", "number"):
        lines.append(f"{where}.decimal: goes with numbers only, and {column.name} is {column.kind}")
    targets = [*origin.values.values(), *([origin.value] if origin.value is not None else [])]
    for target in dict.fromkeys(targets):
        allowed = column.allowed
        if allowed and target not in allowed and (target or column.required):
            lines.append(f"{where}: must be one of {', '.join(allowed)}, got {target!r}")
        elif column.pattern and not column.fits(target):
            lines.append(f"{where}: must be {column.rule}, got {target!r}")
    return lines


def _problem(error: dict[str, Any]) -> str:
    """One wrong place of a mapping file in one line."""
    place = [str(part) for part in error["loc"]]
    if error["type"] == "extra_forbidden":
        model = From if len(place) == 3 and place[0] == "columns" else Mapping
        said = unknown("key", place[-1], model.model_fields).problems[0]
        return f"{'.'.join(place)}: {said}"
    if error["type"] == "missing":
        return f"{'.'.join(place)}: is missing{_tables(place)}"
    said = error["msg"].removeprefix("Value error, ")
    return f"{'.'.join(place)}: {said}, got {error['input']!r}"[:300]


def _tables(place: list[str]) -> str:
    """Which tables there are, where one must be named."""
    return f"; one of {', '.join(CONTRACTS)}" if place == ["table"] else ""
