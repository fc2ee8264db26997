"""How the columns of a panel become integer codes: persons, times, states and sets of states."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studie.errors import InputError, unknown

DAYS_PER_MONTH: Final = 30.4375
LISTED: Final = 3

IntArray = NDArray[np.integer[Any]]
FloatArray = NDArray[np.float64]


def missing(argument: str, absent: NDArray[np.bool_]) -> InputError:
    """Error for missing values, with the first rows that have one."""
    rows = np.flatnonzero(absent)
    listed = ", ".join(map(str, rows[:LISTED]))
    return InputError(f"{argument}: must not be missing, got {len(rows)} missing, first in row {listed}")


def person_codes(column: pd.Series, argument: str) -> tuple[IntArray, NDArray[Any], bool]:
    """Codes in the order of the labels, the labels, and whether each person's rows stand together."""
    values = column.to_numpy()
    if values.dtype.kind in "iu":
        change = values[1:] != values[:-1]
        starts = np.concatenate(([0], np.flatnonzero(change) + 1))
        blocks = values[starts]
        if (blocks[1:] > blocks[:-1]).all():
            lengths = np.diff(np.append(starts, len(values)))
            return np.repeat(np.arange(len(starts), dtype=np.int32), lengths), blocks, True
    try:
        codes, labels = pd.factorize(column, sort=True)
    except TypeError:
        codes, labels = pd.factorize(column)
    if (codes < 0).any():
        raise missing(argument, codes < 0)
    n_blocks = 1 + int(np.count_nonzero(codes[1:] != codes[:-1]))
    return codes.astype(np.int32, copy=False), np.asarray(labels), n_blocks == len(labels)


def times(column: pd.Series, argument: str) -> tuple[FloatArray, str, pd.Timestamp | None]:
    """Times as floats with their unit and, for dates, the date of time 0."""
    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    elif not pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_datetime64_any_dtype(column):
        try:
            column = pd.to_datetime(column)
        except (ValueError, TypeError) as error:
            raise InputError(f"{argument}: must be numbers or dates, {error}") from None
    if pd.api.types.is_datetime64_any_dtype(column):
        if column.isna().any():
            raise missing(argument, column.isna().to_numpy())
        origin = column.min()
        days = (column - origin).to_numpy() / np.timedelta64(1, "D")
        return days / DAYS_PER_MONTH, "month", origin
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    finite = np.isfinite(values)
    if not finite.all():
        raise missing(argument, ~finite)
    return values, "time unit", None


def _order_of_labels(label: Hashable) -> tuple[Any, ...]:
    """Sort key: numbers by value, then text that starts with a number, then words."""
    if isinstance(label, (int, float, np.integer, np.floating)):
        return (0, float(label), 0, "")
    text = str(label)
    number = re.match(r"\d+(?:\.\d+)?", text)
    return (0, float(number.group()), len(text), text) if number else (1, 0.0, 0, text)


def _distinct(column: pd.Series, argument: str) -> tuple[IntArray, list[Hashable]]:
    """Code per row and the distinct values of a state column."""
    values = column.to_numpy()
    if values.dtype.kind in "iu":
        low, high = int(values.min()), int(values.max())
        if high - low < 10_000:
            shifted = (values - low).astype(np.int32)
            present = np.flatnonzero(np.bincount(shifted))
            lookup = np.zeros(high - low + 1, dtype=np.int16)
            lookup[present] = np.arange(len(present))
            return lookup[shifted], [int(p) + low for p in present]
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, distinct = column.cat.codes.to_numpy(), list(column.cat.categories)
    else:
        codes, found = pd.factorize(column)
        distinct = list(found)
    if (codes < 0).any():
        raise missing(argument, codes < 0)
    whole = all(isinstance(v, (float, np.floating)) and float(v).is_integer() for v in distinct)
    plain = [int(v) if whole or isinstance(v, np.integer) else v for v in distinct]
    return codes, plain


def _members(
    label: Hashable, state_sets: Mapping[Hashable, Sequence[Hashable]], known: Mapping[str, Hashable]
) -> tuple[Hashable, ...] | None:
    """Members of the set that a value stands for; None for a state."""
    if label in state_sets:
        return tuple(state_sets[label])
    if isinstance(label, str) and label.startswith("{") and label.endswith("}"):
        parts = [part.strip().strip("'\"") for part in label[1:-1].split(",")]
        return tuple(known.get(part, part) for part in parts if part)
    return None


def state_codes(
    column: pd.Series,
    argument: str,
    states: Sequence[Hashable] | None,
    state_sets: Mapping[Hashable, Sequence[Hashable]],
) -> tuple[IntArray, tuple[Hashable, ...], tuple[tuple[int, ...], ...]]:
    """State code per row, the labels of the states, and the sets."""
    codes, distinct = _distinct(column, argument)
    names = {str(v): v for v in (states if states is not None else distinct)}
    members = {value: _members(value, state_sets, names) for value in distinct}
    singles = [value for value, inside in members.items() if inside is None]
    if states is None:
        inner = [m for inside in members.values() if inside for m in inside]
        ordered = isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered
        found = list(dict.fromkeys([*singles, *inner]))
        labels = tuple(found) if ordered else tuple(sorted(found, key=_order_of_labels))
    else:
        labels = tuple(states)
    position = {label: i for i, label in enumerate(labels)}
    if len(position) != len(labels):
        raise InputError(f"states: labels must differ, got {list(labels)}")
    sets: list[tuple[int, ...]] = []
    lookup = np.empty(len(distinct), dtype=np.int16)
    for i, value in enumerate(distinct):
        inside = members[value]
        wanted = (value,) if inside is None else inside
        absent = [w for w in wanted if w not in position]
        if absent or not wanted:
            raise unknown(argument, absent[0] if absent else value, map(str, labels))
        inner_codes = tuple(sorted({position[w] for w in wanted}))
        if len(inner_codes) == 1:
            lookup[i] = inner_codes[0]
            continue
        if inner_codes not in sets:
            sets.append(inner_codes)
        lookup[i] = len(labels) + sets.index(inner_codes)
    identity = np.array_equal(lookup, np.arange(len(lookup)))
    return (codes if identity else lookup[codes]), labels, tuple(sets)
