"""What adds up to what: the grouped hierarchy of regions and sectors as a summing matrix."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.demand.history import Series
from studie.errors import InputError, unknown


@dataclass(frozen=True, kw_only=True)
class Hierarchy:
    """Nodes, the level each is on, and the bottom series each is the sum of.

    Attributes
    ----------
    nodes : tuple, length m
        Labels, outermost level first, bottom series last.
    levels : tuple, length m
        Level of each node (column of the frame it came from).
    bottom : tuple, length b
        Labels of the bottom series, in the order of the columns of `summing`.
    summing : ndarray, shape (m, b)
        1 where a bottom series is part of a node.
    """

    nodes: tuple[Hashable, ...]
    levels: tuple[str, ...]
    bottom: tuple[Hashable, ...]
    summing: np.ndarray

    @property
    def n_bottom(self) -> int:
        """Number of bottom series."""
        return len(self.bottom)


def read(hierarchy: pd.DataFrame) -> Hierarchy:
    """Hierarchy of a frame with one row per bottom series and one column per level, outermost first.

    Parameters
    ----------
    hierarchy : DataFrame
        A cell is the label of the node that the row's series belongs to on that level. Grouped levels are
        columns too; their labels are mostly (level, sector) pairs. A missing cell says that the series belongs
        to no node of that level. The last column names the bottom series; where it does not tell the rows
        apart, the index does.

    Returns
    -------
    Hierarchy
        Nodes in order of level and first appearance.

    Raises
    ------
    InputError
        No rows; bottom series without a unique name; one label for two different sums.

    Notes
    -----
    Two labels for the same sum are both kept; the same label for the same sum on two levels is one node.
    """
    if not isinstance(hierarchy, pd.DataFrame) or hierarchy.empty:
        raise InputError("hierarchy: needs one row per bottom series, got none")
    columns = [_labels(hierarchy, position) for position in range(hierarchy.shape[1])]
    names = [level_name(name) for name in hierarchy.columns]
    bottom = columns[-1]
    if any(_empty(label) for label in bottom) or len(set(bottom)) < len(bottom):
        bottom = list(hierarchy.index)
        if isinstance(hierarchy.index, pd.RangeIndex) or len(set(bottom)) < len(bottom):
            twice = next((x for k, x in enumerate(columns[-1]) if x in columns[-1][:k]), None)
            raise InputError(f"hierarchy: the last column must name every bottom series once, got {twice!r} twice")
        columns.append(bottom)
        names.append("bottom")
    members: dict[Hashable, tuple[str, frozenset[int]]] = {}
    for name, labels in zip(names[:-1], columns[:-1], strict=True):
        groups: dict[Hashable, set[int]] = {}
        for row, label in enumerate(labels):
            if not _empty(label):
                groups.setdefault(label, set()).add(row)
        for label, rows in groups.items():
            _add(members, label, name, frozenset(rows))
    for row, label in enumerate(bottom):
        _add(members, label, names[-1], frozenset([row]))
    # A bottom series that is a node by itself on a higher level stays there, so bottoms go last by position.
    order = [label for label in members if label not in set(bottom)] + bottom
    summing = np.zeros((len(order), len(bottom)))
    for position, label in enumerate(order):
        summing[position, sorted(members[label][1])] = 1.0
    levels = tuple(names[-1] if label in set(bottom) else members[label][0] for label in order)
    return Hierarchy(nodes=tuple(order), levels=levels, bottom=tuple(bottom), summing=summing)


def level_name(column: Hashable) -> str:
    """Name of a level in a result; a pair becomes 'level × sector'."""
    return " × ".join(map(str, column)) if isinstance(column, tuple) else str(column)


def _labels(hierarchy: pd.DataFrame, position: int) -> list[Hashable]:
    return list(hierarchy.iloc[:, position])


def _empty(label: Hashable) -> bool:
    return not isinstance(label, tuple) and bool(pd.isna(label))  # type: ignore[call-overload]


def _add(
    members: dict[Hashable, tuple[str, frozenset[int]]], label: Hashable, level: str, rows: frozenset[int]
) -> None:
    """Register a node; one label can stand for one sum only."""
    if label in members and members[label][1] != rows:
        raise InputError(
            f"hierarchy: a label stands for one sum, got {label!r} for {len(members[label][1])} series on "
            f"{members[label][0]} and for {len(rows)} on {level}"
        )
    members.setdefault(label, (level, rows))


def complete(series: list[Series], hierarchy: Hierarchy) -> list[Series]:
    """Series of every node, in the order of the nodes; sums are made where they are not given.

    Parameters
    ----------
    series : list of Series
        At least all bottom series.
    hierarchy : Hierarchy
        What adds up to what.

    Raises
    ------
    InputError
        A series that no node is named after, a bottom series that is missing or ends earlier than the others,
        a given sum that differs from its parts.
    """
    given = {one.label: one for one in series}
    stray = [label for label in given if label not in set(hierarchy.nodes)]
    if stray:
        raise unknown("history: series", stray[0], map(str, hierarchy.nodes))
    absent = [label for label in hierarchy.bottom if label not in given]
    if absent:
        raise InputError(f"history: every bottom series is needed, got none for {', '.join(map(str, absent[:5]))}")
    parts = [given[label] for label in hierarchy.bottom]
    end = max(part.end for part in parts)
    early = [part for part in parts if part.end != end]
    if early:
        raise InputError(
            f"history: series that add up must end in the same period, got {early[0].label} until "
            f"{early[0].end} and others until {end}"
        )
    result = []
    for position, label in enumerate(hierarchy.nodes):
        if label in set(hierarchy.bottom):
            result.append(given[label])
        else:
            members = [parts[row] for row in np.flatnonzero(hierarchy.summing[position])]
            result.append(_sum(label, members, given.get(label), end))
    return result


def _sum(label: Hashable, members: list[Series], given: Series | None, end: pd.Period) -> Series:
    """Sum of some series over the periods that all of them know; the given one where it reaches further back."""
    shortest = min(members, key=lambda part: len(part.values))
    length = len(shortest.values)
    total = np.sum([part.values[-length:] for part in members], axis=0)
    repaired = any(part.imputed or part.notes for part in members)
    if given is not None and not repaired:
        _adds_up(given, total, end)
    if given is not None and len(given.values) > length and given.end == end:
        return given
    notes = ["sum of series with repaired values"] if repaired else []
    if length < max(len(part.values) for part in members):
        notes.append(f"history of {length} periods, as long as that of {shortest.label}")
    return Series(label=label, start=end - (length - 1), values=total, notes=tuple(notes))


def _adds_up(given: Series, total: np.ndarray, end: pd.Period) -> None:
    """Refuse a sum that is not the sum of its parts."""
    overlap = min(len(total), len(given.values))
    if given.end != end:
        raise InputError(f"history: {given.label} must end in {end} like its parts, got {given.end}")
    gap = np.abs(given.values[-overlap:] - total[-overlap:])
    worst = int(np.argmax(gap))
    if gap[worst] > 1e-6 * max(1.0, float(total[-overlap:][worst])):
        raise InputError(
            f"hierarchy: {given.label} must be the sum of its parts, got {given.values[-overlap:][worst]:g} and "
            f"parts of {total[-overlap:][worst]:g} in {end - (overlap - 1 - worst)}"
        )
