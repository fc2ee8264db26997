"""Origin-destination pairs as whole positions and minutes: checked once, for every measure of access."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studie.errors import InputError

Floats = NDArray[np.float64]
Positions = NDArray[np.int32]
BLOCK = 2_000_000  # pairs handled at once, so that memory stays that of the pairs


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Pairs of which both ends are asked for.

    Attributes
    ----------
    origins, destinations : Index
        Labels, length o and d.
    origin, destination : int32 array, shape (pairs,)
        Positions in the labels.
    minutes : array, shape (pairs,)
        Travel time [minutes], at least 0 and finite.
    left_out : int
        Rows of the cost table that name a place outside the labels.
    """

    origins: pd.Index
    destinations: pd.Index
    origin: Positions
    destination: Positions
    minutes: Floats
    left_out: int

    def nearest(self, usable: NDArray[np.bool_]) -> Floats:
        """Shortest minutes per origin over the usable destinations; infinite where there is none, shape (o,)."""
        kept = usable[self.destination]
        found = np.full(len(self.origins), np.inf)
        np.minimum.at(found, self.origin[kept], self.minutes[kept])
        return found


def pairs(cost: pd.DataFrame, *, origins: pd.Index, destinations: pd.Index) -> Pairs:
    """Pairs of a cost table between the given places.

    Parameters
    ----------
    cost : DataFrame
        `origin, destination, minutes` [minutes]; one row per pair; a pair that is not listed cannot be travelled.
    origins, destinations : Index
        Places asked for; rows with other places are left out and counted.

    Raises
    ------
    InputError
        Missing columns, a pair listed twice, minutes that are missing, negative or infinite, places listed twice, or
        no row at all that names a place asked for (codes written as text against codes written as numbers).
    """
    absent = [name for name in ("origin", "destination", "minutes") if name not in cost.columns]
    if absent:
        raise InputError(f"cost: needs the columns origin, destination, minutes, got no {', '.join(absent)}")
    for name, index in (("demand", origins), ("supply", destinations)):
        if not index.is_unique:
            raise InputError(f"{name}: one row per place, got {index[index.duplicated()][0]} twice")
    origin, destination = _positions(cost["origin"], origins), _positions(cost["destination"], destinations)
    minutes = cost["minutes"].to_numpy(float)
    inside = (origin >= 0) & (destination >= 0)
    left_out = len(cost) - int(np.count_nonzero(inside))
    if left_out:
        if left_out == len(cost):
            raise InputError(
                f"cost: no row names a place of demand and one of supply, got {cost['origin'].iloc[0]} -> "
                f"{cost['destination'].iloc[0]} where demand has {_first(origins)} and supply {_first(destinations)}"
            )
        origin, destination, minutes = origin[inside], destination[inside], minutes[inside]
    found = Pairs(
        origins=origins,
        destinations=destinations,
        origin=origin,
        destination=destination,
        minutes=minutes,
        left_out=left_out,
    )
    _check_minutes(found)
    _check_unique(found)
    return found


def _first(labels: pd.Index) -> str:
    """First label as an error shows it."""
    return f"{labels[0]} ({type(labels[0]).__name__})" if len(labels) else "no places"


def _positions(labels: pd.Series, index: pd.Index) -> Positions:
    """Position of each label, -1 where it is not in the index."""
    if isinstance(labels.dtype, pd.CategoricalDtype):
        table = index.get_indexer(labels.cat.categories).astype(np.int32)
        return np.append(table, np.int32(-1))[labels.cat.codes.to_numpy()]
    if labels.dtype.kind in "iu" and index.dtype.kind in "iu" and len(index):
        values, known = labels.to_numpy(), index.to_numpy()
        low, high = int(known.min()), int(known.max())
        if high - low < 16 * len(known) + 1_000_000:  # a table of positions is faster than hashing
            table = np.full(high - low + 2, -1, dtype=np.int32)
            table[known - low] = np.arange(len(known), dtype=np.int32)
            if len(values) and (int(values.min()) < low or int(values.max()) > high):
                values = np.where((values < low) | (values > high), high + 1, values)
            return table[values - low] if low else table[values]
    return index.get_indexer(pd.Index(labels)).astype(np.int32)


def _named(found: Pairs, position: int) -> str:
    """One pair as an error names it."""
    return f"{found.origins[found.origin[position]]} -> {found.destinations[found.destination[position]]}"


def _check_minutes(found: Pairs) -> None:
    """Minutes are numbers, at least 0."""
    if not len(found.minutes):
        return
    low, high = float(found.minutes.min()), float(found.minutes.max())
    if low >= 0 and np.isfinite(high):
        return
    wrong = int(np.flatnonzero(~(np.isfinite(found.minutes) & (found.minutes >= 0)))[0])
    raise InputError(
        f"cost: minutes must be finite and at least 0 (leave out a pair that cannot be travelled), got "
        f"{found.minutes[wrong]} for {_named(found, wrong)}"
    )


def _check_unique(found: Pairs) -> None:
    """No pair twice: both rows would count."""
    origin, destination = found.origin, found.destination
    if bool(np.all(origin[1:] >= origin[:-1])):
        parts: list[slice | NDArray[np.int64]] = list(_grouped(origin))
    else:
        order = np.argsort(origin, kind="stable")
        parts = [order[part] for part in _grouped(origin[order])]
    for part in parts:
        rows, columns = origin[part].astype(np.int64), destination[part]
        first, last = int(rows[0]), int(rows[-1])
        key = (rows - first) * len(found.destinations) + columns
        seen = np.zeros((last - first + 1) * len(found.destinations), dtype=bool)
        seen[key] = True
        if int(np.count_nonzero(seen)) < len(key):
            twice = int(np.flatnonzero(pd.Series(key).duplicated())[0])
            pair = f"{found.origins[rows[twice]]} -> {found.destinations[columns[twice]]}"
            raise InputError(f"cost: one row per origin and destination, got {pair} twice")


def _grouped(origin: Positions) -> list[slice]:
    """Slices of sorted origins, none cut in two, of about a block each."""
    if not len(origin):
        return []
    cuts = np.searchsorted(origin, origin[BLOCK - 1 :: BLOCK], side="right")
    edges = np.unique([0, *cuts.tolist(), len(origin)])
    return [slice(int(start), int(end)) for start, end in pairwise(edges)]
