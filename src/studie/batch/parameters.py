"""What may be asked of a run: chapters, regions and the parameters of the notebooks, checked before anything runs."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import GenericAlias
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from studie.config import LEVEL, REFERENCE_DATE, config_path
from studie.errors import InputError, unknown

CHAPTER_NAME = re.compile(r"(\d\d)-[a-z0-9]+(-[a-z0-9]+)*")
# A fiche of a municipality and a working area hold 10-40: most cells are too small for more.
STUDY = "study"
LAST_CHAPTER = {"municipality": 40, "working-area": 40, "grouping": 40, "arrondissement": 60, "province": 99}
FIRST_DAY = "2019-01-01"  # the borders of earlier municipalities are not known
LENGTH = re.compile(r"span|\w+_(months|span)")  # parameters that count months
SIMPLE_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}


class Common(BaseModel):
    """Parameters that every chapter has, with the rule each value obeys."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    region: str = "province:10000"
    reference_date: str = REFERENCE_DATE
    horizon_months: Annotated[int, Field(ge=1, le=60)] = 18
    level: Annotated[float, Field(gt=0, lt=1)] = LEVEL
    seed: Annotated[int, Field(ge=0)] = 20200528
    config: str = "study"
    data: Literal["auto", "own", "demonstration"] = "auto"

    @field_validator("reference_date")
    @classmethod
    def _is_date(cls, value: str) -> str:
        """Only a calendar day YYYY-MM-DD on which the borders are known."""
        if not is_day(value):
            raise ValueError("must be a date YYYY-MM-DD")
        if value < FIRST_DAY:
            raise ValueError(f"must be {FIRST_DAY} or later, earlier borders are not known")
        return value


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A notebook of the study: `20-doorstroom`, its number and its file.

    `levels` are the only kinds of report that have it: levels of regions, or `study`. They stand in the notebook's
    metadata (`{"studie": {"levels": [...]}}`); without them every level has it whose data can carry its number.
    """

    name: str
    number: int
    path: Path
    levels: tuple[str, ...] = ()

    def fits(self, level: str) -> bool:
        """Whether a report of this level, or the study, may hold it."""
        if self.levels:
            return level in self.levels
        return level == STUDY or self.number <= LAST_CHAPTER[level]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One annotated literal of a `parameters` cell."""

    name: str
    type: Any
    default: Any
    annotation: str


def chapters(folder: Path) -> list[Chapter]:
    """Chapters in a folder of notebooks, in the order of their numbers.

    Raises
    ------
    InputError
        If the folder holds none.
    """
    found = [
        Chapter(name=path.stem, number=int(path.stem[:2]), path=path, levels=_levels(path))
        for path in sorted(folder.glob("*.ipynb"))
        if CHAPTER_NAME.fullmatch(path.stem)
    ]
    if not found:
        raise InputError(f"{folder.name}: no chapters found in {folder}; needed: notebooks such as 10-gegevens.ipynb")
    return found


def _levels(path: Path) -> tuple[str, ...]:
    """Levels that a notebook's metadata name; none in a file that is no notebook, which is refused where it is read."""
    try:
        metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
        levels = metadata.get("studie", {}).get("levels", [])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()
    strange = [level for level in levels if level not in (*LAST_CHAPTER, STUDY)]
    if strange:
        raise unknown(f"{path.name}: levels", strange[0], [*LAST_CHAPTER, STUDY])
    return tuple(levels)


def chapters_at(level: str, available: Sequence[Chapter]) -> list[Chapter]:
    """Chapters that a report of this level holds; a municipality has its fiche instead of chapters."""
    found = [c for c in available if c.fits(level)]
    fiche = [c for c in found if c.levels]
    return fiche if level == "municipality" and fiche else found


def select_chapters(
    names: Sequence[str], available: Sequence[Chapter], *, level: str, study: bool = False
) -> list[Chapter]:
    """Chapters asked for by name (all when none is named), as far as a level has them.

    Raises
    ------
    InputError
        For a name that does not exist, or when the level has none of those named.
    """
    known = {c.name: c for c in available}
    for name in names:
        if name not in known:
            raise unknown("chapters", name, known)
    if study:
        whole = chapters_at(STUDY, available)
    elif names:
        whole = [c for c in available if c.fits(level) or (level == "province" and c.fits(STUDY))]
    else:
        whole = chapters_at(level, available)
    chosen = [c for c in whole if not names or c.name in names]
    if not chosen:
        raise InputError(
            f"chapters: none of {', '.join(names)} is made for level {level}. "
            f"Allowed: {', '.join(c.name for c in whole) or 'none'}"
        )
    return chosen


def parameter_cell(path: Path) -> dict[str, Parameter]:
    """Annotated literals in the cell tagged `parameters`, in their order.

    Raises
    ------
    InputError
        If the file is no notebook, has no such cell or more than one, or the cell holds anything but
        annotated literals: papermill would leave a derived value at its default.
    """
    cells = [c for c in _cells(path) if "parameters" in c.get("metadata", {}).get("tags", [])]
    if len(cells) != 1:
        raise InputError(f"{path.name}: one cell must be tagged 'parameters', got {len(cells)}")
    try:
        tree = ast.parse("".join(cells[0]["source"]))
    except SyntaxError as error:
        raise InputError(f"{path.name}: parameters cell, line {error.lineno}: {error.msg}") from error
    found = {}
    for statement in tree.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # a docstring
        parameter = _parameter(statement, path)
        found[parameter.name] = parameter
    _check_common(found, path)
    return found


def check_parameters(given: Mapping[str, str], cells: Mapping[str, Mapping[str, Parameter]]) -> dict[str, Any]:
    """Values of `-p name=value` with the type that the notebooks declare.

    Parameters
    ----------
    given : mapping of str to str
        As typed.
    cells : mapping of chapter name to its parameters
        Every chapter that will run; a chapter's own parameter may be known to that chapter only.

    Raises
    ------
    InputError
        One line for each unknown name (with the nearest known one) and each value of a wrong type.
    """
    known = {name: p for cell in cells.values() for name, p in cell.items()}
    problems: list[str] = []
    values: dict[str, Any] = {}
    for name, text in given.items():
        if name == "region":
            problems.append("-p region: not a parameter of a run; name the region with --regions")
        elif name not in known:
            problems.extend(unknown("-p", name, sorted(set(known) - {"region"})).problems)
        else:
            try:
                values[name] = _typed(text, known[name])
            except ValidationError:
                problems.append(f"-p {name}: must be {known[name].annotation}, got {text!r}")
    problems.extend(_length_problems(values))
    problems.extend(_common_problems(values))
    if problems:
        raise InputError(*problems)
    return values


def date_problems(day: str) -> list[str]:
    """One line when a reference date is no calendar day or too early, else none."""
    return _common_problems({"reference_date": day})


def is_day(text: str) -> bool:
    """Whether a text is a calendar day YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def split_pairs(pairs: Iterable[str]) -> dict[str, str]:
    """`name=value` texts as a mapping.

    Raises
    ------
    InputError
        If one has no `=` or no name, or a name comes twice.
    """
    given: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name.isidentifier():
            raise InputError(f"-p: must be name=value, got {pair!r}")
        if name in given:
            raise InputError(f"-p {name}: given twice, got {given[name]!r} and {value!r}")
        given[name] = value
    return given


def select_regions(tokens: Sequence[str], *, reference_date: str = REFERENCE_DATE) -> list[Any]:
    """Regions named by level or by code, each once, in the order asked for.

    A level stands for its confirmed areas; an area that is only possible gets no report.

    Raises
    ------
    InputError
        One line per unknown level or code, with the nearest known one, and per area without reports.
    """
    from studie import regions

    reportable = [r for r in regions.regions(date=reference_date) if r.level in LAST_CHAPTER]
    by_code = {r.code: r for r in reportable}
    chosen: dict[str, Any] = {}
    problems: list[str] = []
    for token in tokens:
        if token in LAST_CHAPTER:
            chosen |= {r.code: r for r in reportable if r.level == token and r.status == "confirmed"}
        elif token == "region:02000":
            problems.append("regions: region:02000 (Flanders) is data only, no report is made of it")
        elif token not in by_code:
            problems.extend(unknown("regions", token, [*LAST_CHAPTER, *by_code]).problems)
        elif by_code[token].status != "confirmed":
            problems.append(f"regions: {token} is only a possible area; reports are made for confirmed areas")
        else:
            chosen[token] = by_code[token]
    if problems:
        raise InputError(*problems)
    return list(chosen.values())


def _cells(path: Path) -> list[dict[str, Any]]:
    """Cells of a notebook file."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path.name}: not readable as a notebook: {str(error).splitlines()[0]}") from error
    return [c for c in cells if isinstance(c, dict)]


def _parameter(statement: ast.stmt, path: Path) -> Parameter:
    """One statement of a parameters cell."""
    where = f"{path.name}: parameters cell, line {statement.lineno}"
    rule = f"{where}: must be an annotated literal such as horizon_months: int = 18"
    if (
        not isinstance(statement, ast.AnnAssign)
        or not isinstance(statement.target, ast.Name)
        or statement.value is None
    ):
        raise InputError(f"{rule}, got {ast.unparse(statement)!r}")
    annotation = ast.unparse(statement.annotation)
    kind = _type(statement.annotation)
    if kind is None:
        raise InputError(f"{where}: type must be str, int, float, bool, list[...] or Literal[...], got {annotation!r}")
    try:
        default = ast.literal_eval(statement.value)
        TypeAdapter(kind).validate_python(default, strict=get_origin(kind) is not list)
    except ValueError as error:
        raise InputError(f"{rule}, got {ast.unparse(statement)!r}") from error
    return Parameter(name=statement.target.id, type=kind, default=default, annotation=annotation)


def _type(node: ast.expr) -> Any:
    """Type that an annotation names, None when it is not one of those allowed."""
    if isinstance(node, ast.Name):
        return SIMPLE_TYPES.get(node.id)
    if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
        return None
    if node.value.id == "list":
        item = _type(node.slice)
        return GenericAlias(list, (item,)) if item else None
    if node.value.id == "Literal":
        words = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if all(isinstance(w, ast.Constant) for w in words):
            return Literal[tuple(w.value for w in words if isinstance(w, ast.Constant))]
    return None


def _typed(text: str, parameter: Parameter) -> Any:
    """A typed text as a value of the parameter's type."""
    adapter = TypeAdapter(parameter.type)
    if get_origin(parameter.type) is list:
        item = TypeAdapter(get_args(parameter.type)[0])
        return adapter.validate_json(text) if text[:1] == "[" else [item.validate_strings(t) for t in text.split(",")]
    return adapter.validate_strings(text)


def _check_common(found: Mapping[str, Parameter], path: Path) -> None:
    """Raise when a chapter lacks a common parameter or gives it another type."""
    problems = []
    for name, kind in get_type_hints(Common).items():
        if name in SIMPLE_TYPES or name.startswith("model_"):
            continue
        if name not in found:
            problems.append(f"{path.name}: parameters cell: {name} is missing")
        elif found[name].type not in (kind, str if get_origin(kind) is Literal else kind):
            problems.append(f"{path.name}: parameters cell: {name} must be {kind}, got {found[name].annotation}")
    if problems:
        raise InputError(*problems)


def _length_problems(values: Mapping[str, Any]) -> list[str]:
    """One line per number of months of a chapter's own that is below one."""
    own = {name: v for name, v in values.items() if LENGTH.fullmatch(name) and name not in Common.model_fields}
    return [
        f"-p {name}: must be 1 or more, got {v}" for name, v in own.items() if isinstance(v, (int, float)) and v < 1
    ]


def _common_problems(values: Mapping[str, Any]) -> list[str]:
    """One line per common parameter whose value breaks its rule."""
    problems = []
    try:
        Common.model_validate(values)
    except ValidationError as error:
        for e in error.errors():
            message = e["msg"].removeprefix("Value error, ")
            problems.append(f"-p {e['loc'][0]}: {message}, got {e['input']!r}")
    if "config" in values:
        try:
            config_path(values["config"])
        except InputError as error:
            problems.extend(f"-p {line}" for line in error.problems)
    return problems
