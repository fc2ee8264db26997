"""JSON-stat datasets as cells: the structure is checked first, then `pyjstat` lays out the cube."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from studie.data.importers.intake import shown
from studie.data.importers.json_texts import RepeatedNames
from studie.errors import InputError

MOST_CELLS = 500_000
_NOT_A_NUMBER = "must be a number"


@dataclass(frozen=True, kw_only=True)
class CubeCell:
    """One cell with a value or a flag.

    Attributes
    ----------
    row : int
        Place in the cube, from 1.
    labels : dict of str to str
        Code per dimension.
    value : object
        Value as it stands in the file.
    flags : str
        Letters of its status.
    rule : str
        What is wrong with the value; '' if nothing is.
    """

    row: int
    labels: Mapping[str, str]
    value: object
    flags: str
    rule: str

    @property
    def number(self) -> float | None:
        """The value as a number; None where there is none."""
        return None if self.value is None or self.rule else float(str(self.value))


@dataclass(frozen=True, kw_only=True)
class Cube:
    """Dimensions of a dataset, its cells, and how many others are missing without a flag [count]."""

    dimensions: tuple[str, ...]
    cells: tuple[CubeCell, ...]
    missing: int


def read_cube(content: object, *, file: str) -> Cube:
    """Cells of a JSON-stat 2.0 dataset.

    Raises
    ------
    InputError
        If the content is no dataset, or its dimensions, sizes and values do not fit each other.
    """
    if not isinstance(content, dict) or content.get("class") != "dataset":
        raise InputError(f"{file}: must be a JSON-stat dataset (class: dataset)")
    _refuse_repeats(content, file=file)
    dimensions = _dimensions(content, file=file)
    cells = math.prod(len(codes) for codes in dimensions.values())
    if cells > MOST_CELLS:
        raise InputError(f"{file}: must have at most {MOST_CELLS} cells, got {cells}")
    values = _by_place(content.get("value"), cells, name="value", file=file)
    status = _by_place(content.get("status", {}), cells, name="status", file=file)
    found = []
    for place, labels in enumerate(_layout(content, dimensions)):
        value, flags = values.get(place), status.get(place)
        if value is None and not flags:
            continue
        found.append(_cell(place + 1, labels, value, flags))
    return Cube(dimensions=tuple(dimensions), cells=tuple(found), missing=cells - len(found))


def _refuse_repeats(content: object, *, file: str) -> None:
    """Refuse a dataset in which any object has a name twice."""
    waiting = [content]
    while waiting:
        one = waiting.pop()
        if isinstance(one, RepeatedNames):
            raise InputError(f"{file}: every name must stand once in its object; {shown(', '.join(one))} has one twice")
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list) and any(isinstance(item, dict | list) for item in one):
            waiting += one


def _dimensions(content: Mapping[str, object], *, file: str) -> dict[str, list[str]]:
    """Codes of each dimension, in order."""
    names, sizes, described = content.get("id"), content.get("size"), content.get("dimension")
    if not isinstance(names, list) or not isinstance(sizes, list) or not isinstance(described, dict):
        raise InputError(f"{file}: must have id, size and dimension")
    named = [name for name in names if isinstance(name, str)]
    if not named or len(set(named)) < len(names) or len(names) != len(sizes):
        raise InputError(f"{file}: id must name each dimension once, and size must have as many entries")
    found = {}
    for name, size in zip(named, sizes, strict=True):
        codes = _codes(described.get(name))
        if codes is None or isinstance(size, bool) or size != len(codes):
            raise InputError(f"{file}: dimension {shown(name)} must have a category with as many codes as its size")
        found[name] = codes
    return found


def _codes(dimension: object) -> list[str] | None:
    """Codes of one dimension in order; None if they cannot be known."""
    category = dimension.get("category") if isinstance(dimension, dict) else None
    index = category.get("index") if isinstance(category, dict) else None
    labels = category.get("label") if isinstance(category, dict) else None
    if index is None and isinstance(labels, dict) and len(labels) == 1:  # a dimension of one code needs no index
        return list(labels)
    if isinstance(index, dict):
        places = list(index.values())
        if any(isinstance(p, bool) or not isinstance(p, int) for p in places) or sorted(places) != list(
            range(len(places))
        ):
            return None
        codes: list[object] = sorted(index, key=lambda code: index[code])
    else:
        codes = index if isinstance(index, list) else []
    sound = bool(codes) and all(isinstance(code, str) for code in codes) and len(set(codes)) == len(codes)
    return [str(code) for code in codes] if sound else None


def _by_place(given: object, cells: int, *, name: str, file: str) -> dict[int, object]:
    """Values or flags by place in the cube."""
    if isinstance(given, str) and name == "status":
        return dict.fromkeys(range(cells), given)
    if isinstance(given, list):
        if len(given) != cells:
            raise InputError(
                f"{file}: {name} must have {cells} entries, as many as the cube has cells, got {len(given)}"
            )
        return dict(enumerate(given))
    if isinstance(given, dict):
        wrong = [key for key in given if not re.fullmatch("0|[1-9][0-9]{0,8}", key) or int(key) >= cells]
        if wrong:
            raise InputError(f"{file}: {name}: places must lie from 0 to {cells - 1}, got {shown(wrong[0])!r}")
        return {int(key): value for key, value in given.items()}
    raise InputError(f"{file}: {name} must be a list, or an object by place")


def _layout(content: Mapping[str, object], dimensions: Mapping[str, list[str]]) -> list[dict[str, str]]:
    """Codes of every cell, in the order of the cube."""
    from pyjstat import pyjstat

    described = {
        "version": "2.0",
        "class": "dataset",
        "id": list(dimensions),
        "size": [len(codes) for codes in dimensions.values()],
        "dimension": {name: {"category": {"index": codes}} for name, codes in dimensions.items()},
        "value": [0] * math.prod(len(codes) for codes in dimensions.values()),
    }
    frame = pyjstat.generate_df(described, "id")
    return frame.drop(columns="value").to_dict("records")


def _cell(row: int, labels: Mapping[str, str], value: object, flags: object) -> CubeCell:
    """One cell, with what is wrong with it."""
    rule = ""
    if isinstance(value, bool) or not isinstance(value, int | float | None) or abs(value or 0) > 2**1000:
        rule = _NOT_A_NUMBER
    letters = flags if isinstance(flags, str) else ""
    if flags is not None and not isinstance(flags, str):
        rule = "must have a text as status"
    letters = letters.strip().lstrip(":").strip()
    return CubeCell(row=row, labels=dict(labels), value=value, flags=letters, rule=rule)
