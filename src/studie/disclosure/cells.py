"""Cells of linked tables: inner counts with their margins, the sums that tie them, and one name per cell everywhere."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from studie.errors import InputError

TOTAL: Final = "total"
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Cells of all tables of one publication, each once, however many tables show it.

    Attributes
    ----------
    keys : tuple of str
        Name of each distinct count; cells that are one count by construction (a total of one part) share an entry.
    value : array, shape (n,)
        Count [persons].
    equations : sparse array, shape (m, n)
        One row per sum: 1 for each part, -1 for the total; `equations @ value` is 0.
    weight : array, shape (n,)
        Number of printed cells that show the count.
    tables : mapping of str to DataFrame
        Per table its dimensions, `key` and `cell` (position of the count).
    """

    keys: tuple[str, ...]
    value: FloatArray
    equations: sparse.csr_array
    weight: IntArray
    tables: Mapping[str, pd.DataFrame]

    def positions(self, keys: Iterable[str]) -> IntArray:
        """Positions of the counts that these cell names stand for; names of no table are left out."""
        place = {key: cell for frame in self.tables.values() for key, cell in zip(frame["key"], frame["cell"])}  # noqa: B905
        return np.array(sorted({place[key] for key in keys if key in place}), dtype=np.int64)


def name(quantity: str, labels: Mapping[str, Hashable]) -> str:
    """Name of a cell: `persons[refnis=11001, step=3]`; dimensions in alphabetical order, totals left out.

    Parameters
    ----------
    quantity : str
        What is counted; tables about different persons need different quantities or a dimension that says so.
    labels : mapping of str to hashable
        Dimension → label.
    """
    said = [f"{dimension}={labels[dimension]}" for dimension in sorted(labels) if labels[dimension] != TOTAL]
    return f"{quantity}[{', '.join(said)}]"


def names(frame: pd.DataFrame, dimensions: Sequence[str], *, quantity: str = "persons") -> list[str]:
    """Names of the cells in the rows of a frame; a dimension that the frame lacks is at its total."""
    if "quantity" in frame and "quantity" not in dimensions:
        counted = frame["quantity"].astype(str).tolist()
    else:
        counted = [quantity] * len(frame)
    present = [dimension for dimension in dimensions if dimension in frame]
    rows = frame[present].itertuples(index=False, name=None) if present else iter([()] * len(frame))
    return [name(what, dict(zip(present, row, strict=True))) for what, row in zip(counted, rows, strict=True)]


def inner(table: pd.DataFrame) -> pd.Series:
    """Counts of a table without margins, indexed by its dimensions.

    Parameters
    ----------
    table : DataFrame
        Rows × columns of counts, or long: one row per cell with its dimensions and a count, named `n` or the only
        numeric column beside columns of labels.

    Raises
    ------
    InputError
        If a count is missing, negative or no whole number, a cell comes twice, or a label is the word of the margin.
    """
    column = _count_column(table)
    if column is None:
        counts: Any = table.rename_axis(index=_named(table.index, "row"), columns=_named(table.columns, "column"))
        counts = counts.stack(list(range(counts.columns.nlevels)), future_stack=True)  # noqa: PD013
    else:
        counts = table.set_index([name for name in table.columns if name != column])[column]
    if not isinstance(counts.index, pd.MultiIndex):
        counts.index = pd.MultiIndex.from_arrays([counts.index], names=[counts.index.name])
    _checked(counts)
    return counts.astype(float)


def _count_column(table: pd.DataFrame) -> Any:
    """Column of the counts of a long table; None for rows × columns."""
    if "n" in table and len(table.columns) > 1:
        return "n"
    numeric = [c for c in table.columns if pd.api.types.is_numeric_dtype(table[c])]
    if len(numeric) == 1 and len(table.columns) > 1:
        return numeric[0]
    if len(numeric) < len(table.columns) or not numeric:
        raise InputError(
            f"table: needs counts by rows × columns, or labels and one column `n`, got {list(table.columns)}"
        )
    return None


def _named(index: pd.Index, default: str) -> list[str]:
    """Names of the levels of an index, each with a default."""
    several = index.nlevels > 1
    return [str(name or "") or (f"{default}_{i + 1}" if several else default) for i, name in enumerate(index.names)]


def _checked(counts: pd.Series) -> None:
    """Refuse counts that are none."""
    numbers = pd.to_numeric(counts, errors="coerce").astype(float)
    wrong = ~np.isfinite(numbers) | (numbers < 0) | (numbers != numbers.round())
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise InputError(f"table: counts are whole numbers from 0, got {counts.iloc[at]!r} in {counts.index[at]}")
    if counts.empty:
        raise InputError("table: needs at least one cell, got none")
    if counts.index.has_duplicates:
        raise InputError(f"table: a cell stands once, got {counts.index[counts.index.duplicated()][0]} again")
    for level in range(counts.index.nlevels):
        if (counts.index.get_level_values(level).astype(str) == TOTAL).any():
            raise InputError(f"table: margins are added, got a label {TOTAL!r} in {counts.index.names[level]!r}")


@dataclass(frozen=True, kw_only=True)
class _Dimension:
    """Labels of a dimension: the leaves first, then what they add up to."""

    name: str
    labels: list[Hashable]
    covers: FloatArray  # labels × leaves
    sums: list[tuple[int, list[int]]]  # total, parts


def _dimension(label: str, leaves: list[Hashable], tree: pd.DataFrame | None, *, apart: bool) -> _Dimension:
    """Leaves with their groups and total."""
    labels = list(leaves)
    covers = list(np.eye(len(leaves)))
    sums: list[tuple[int, list[int]]] = []
    roots = list(range(len(leaves)))
    if tree is not None:
        children: dict[Any, list[Any]] = {
            p: list(dict.fromkeys(c)) for p, c in tree.groupby("parent", sort=False)["child"]
        }
        pending = set(children)
        for parent in _ordered(label, children):
            parts = [labels.index(child) for child in children[parent] if child in labels]
            pending.discard(parent)
            if not parts:
                continue
            covered = np.sum([covers[i] for i in parts], axis=0)
            if parent in labels:
                raise InputError(f"hierarchies: a parent in {label!r} is no inner label, got {parent!r}")
            if covered.max() > 1:
                raise InputError(f"hierarchies: the children of a parent do not overlap, got {parent!r} in {label!r}")
            labels.append(parent)
            covers.append(covered)
            sums.append((len(labels) - 1, parts))
        inside = {part for _, parts in sums for part in parts}
        roots = [i for i in range(len(labels)) if i not in inside]
    if not apart and len(leaves) > 1:
        split = np.sum([covers[i] for i in roots], axis=0).max() <= 1
        parts = roots if split else list(range(len(leaves)))
        labels.append(TOTAL)
        covers.append(np.ones(len(leaves)))
        sums.append((len(labels) - 1, parts))
    return _Dimension(name=label, labels=labels, covers=np.array(covers), sums=sums)


def _ordered(label: str, children: Mapping[Any, list[Any]]) -> list[Any]:
    """Parents, each after the parents below it."""
    done: list[Any] = []
    waiting = list(children)
    while waiting:
        ready = [p for p in waiting if not any(c in waiting for c in children[p])]
        if not ready:
            raise InputError(f"hierarchies: no label lies below itself, got a circle in {label!r}")
        done += ready
        waiting = [p for p in waiting if p not in ready]
    return done


def layout(
    tables: Mapping[str, pd.DataFrame],
    *,
    quantities: Mapping[str, str],
    hierarchies: Mapping[str, pd.DataFrame],
    apart: Sequence[str],
) -> Cells:
    """Cells of several tables; those with the same name are one cell.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Counts without margins, see `inner`.
    quantities : mapping of str to str
        Table → what it counts.
    hierarchies : mapping of str to DataFrame
        Dimension → columns `child`, `parent`; a child may have parents in several groupings.
    apart : sequence of str
        Dimensions that are not added up, such as a year. A dimension with one label never is.

    Raises
    ------
    InputError
        If two tables give one cell different counts, or a table is no table of counts.
    """
    known: dict[str, int] = {}
    value: list[float] = []
    rows: list[tuple[int, tuple[int, ...]]] = []
    frames: dict[str, pd.DataFrame] = {}
    for title, table in tables.items():
        frame, sums = _margins(inner(table), quantity=quantities[title], hierarchies=hierarchies, apart=apart)
        for key, n in zip(frame["key"], frame["n"], strict=True):
            if key not in known:
                known[key] = len(value)
                value.append(n)
            elif value[known[key]] != n:
                raise InputError(
                    f"tables: a cell has one count everywhere, got {n:g} in {title!r} for {key},"
                    f" {value[known[key]]:g} before; name another quantity for other persons"
                )
        frames[title] = frame.assign(cell=[known[key] for key in frame["key"]])
        place = frames[title]["cell"].tolist()
        rows += [(place[total], tuple(place[i] for i in parts)) for total, parts in sums]
    return _merged(list(known), np.array(value), rows, frames)


def _margins(
    counts: pd.Series, *, quantity: str, hierarchies: Mapping[str, pd.DataFrame], apart: Sequence[str]
) -> tuple[pd.DataFrame, list[tuple[int, list[int]]]]:
    """Frame of a table with its margins, and its sums as positions in that frame."""
    dimensions = []
    for i, label in enumerate(map(str, counts.index.names)):
        leaves = list(counts.index.get_level_values(i).unique())
        single = len(leaves) == 1 and label not in hierarchies
        dimensions.append(_dimension(str(label), leaves, hierarchies.get(label), apart=label in apart or single))
    leaves_of = [d.labels[: d.covers.shape[1]] for d in dimensions]
    cube = counts.reindex(pd.MultiIndex.from_product(leaves_of), fill_value=0.0).to_numpy()
    cube = cube.reshape([len(leaves) for leaves in leaves_of])
    for axis, dimension in enumerate(dimensions):
        cube = np.moveaxis(np.tensordot(dimension.covers, cube, axes=(1, axis)), 0, axis)
    frame = pd.DataFrame(product(*[d.labels for d in dimensions]), columns=[d.name for d in dimensions])
    frame = frame.assign(key=names(frame, [d.name for d in dimensions], quantity=quantity), n=cube.ravel())
    place = np.arange(cube.size).reshape(cube.shape)
    sums = []
    for axis, dimension in enumerate(dimensions):
        lines = np.moveaxis(place, axis, 0).reshape(len(dimension.labels), -1)
        sums += [
            (int(t), lines[parts, j].tolist()) for total, parts in dimension.sums for j, t in enumerate(lines[total])
        ]
    return frame, sums


def _merged(
    keys: list[str], value: FloatArray, rows: list[tuple[int, tuple[int, ...]]], frames: dict[str, pd.DataFrame]
) -> Cells:
    """Cells with totals of one part folded into that part and repeated sums dropped."""
    same = np.arange(len(keys))
    for total, parts in sorted(rows, key=lambda row: len(row[1])):
        if len(parts) == 1:
            same[same == same[total]] = same[parts[0]]
    kept, place = np.unique(same, return_inverse=True)
    sums = dict.fromkeys((int(place[t]), tuple(sorted(place[list(p)].tolist()))) for t, p in rows if len(p) > 1)
    entries = [(r, c, v) for r, (t, p) in enumerate(sums) for c, v in [*((i, 1.0) for i in p), (t, -1.0)]]
    r, c, v = zip(*entries, strict=True) if entries else ((), (), ())
    return Cells(
        keys=tuple(keys[i] for i in kept),
        value=value[kept],
        equations=sparse.csr_array((np.array(v, float), (r, c)), shape=(len(sums), len(kept))),
        weight=np.bincount(place, minlength=len(kept)),
        tables={title: frame.assign(cell=place[frame["cell"]]).drop(columns="n") for title, frame in frames.items()},
    )
