"""Which counts of persons stay empty: the cheapest pattern that holds against adding up, subtracting and an insider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from studie.disclosure import cells, suppression
from studie.errors import DisclosureError

Mask = npt.NDArray[np.bool_]
MOST_CELLS = 3_000  # of one table, empty ones included, that the search is tried on
MOST_IN_ALL = 30_000
SECONDS = 5.0  # CPU time to search for the cheapest patterns of one answer; what is found after that is safe too
LEAST_SECONDS = 0.3
N = "n"


def hidden(
    counts: pd.Series,
    dimensions: pd.DataFrame,
    *,
    primary: Mask,
    threshold: float,
    apart: Sequence[str] = (),
    parents: Mapping[str, pd.DataFrame] | None = None,
) -> Mask:
    """Mask of the counts that stay empty.

    Parameters
    ----------
    counts : Series
        Persons of each cell; cells that are not listed hold nobody and everybody sees that.
    dimensions : DataFrame
        Labels of each cell, one column per dimension, no two rows alike.
    primary : array of bool
        Cells that may not be shown.
    threshold : float
        Smallest count that may be shown [persons].
    apart : sequence of str
        Dimensions that are not added up, such as a date.
    parents : mapping of str to DataFrame, optional
        Dimension → columns `child`, `parent`: labels that hold others. A label that is a parent is no part of a total.

    Raises
    ------
    DisclosureError
        If there are too many cells to protect together.

    Notes
    -----
    Totals of every line and plane count as known to everybody where they reach the threshold, and so does an empty
    cell; hence two answers of which one totals the other hold together. Where a line has only one or two cells that are
    not empty, no pattern helps against the insider; both are hidden then.
    """
    names = [name for name in dimensions.columns if name not in apart]
    done = primary.copy()
    if not names or not primary.any():
        return done
    groups = list(_slices(dimensions, apart, primary))
    spaces = [int(np.prod([dimensions[name].iloc[rows].nunique() for name in names])) for rows in groups]
    if max(spaces) > MOST_CELLS or sum(spaces) > MOST_IN_ALL:
        raise DisclosureError(
            f"sql: at most {MOST_CELLS} cells per date are protected together, got {max(spaces)}"
            f" ({sum(spaces)} in all); split by fewer columns or filter"
        )
    seconds = max(LEAST_SECONDS, SECONDS / len(groups))
    for rows in groups:
        part = dimensions[names].iloc[rows]
        done[rows] = _planned(
            counts.iloc[rows],
            part,
            primary=primary[rows],
            threshold=threshold,
            parents=parents or {},
            seconds=seconds,
        )
    return done


def _slices(dimensions: pd.DataFrame, apart: Sequence[str], primary: Mask) -> list[npt.NDArray[np.intp]]:
    """Positions of the rows that are protected together; those without a small cell need nothing."""
    by = [name for name in apart if name in dimensions]
    if not by:
        return [np.arange(len(dimensions))]
    found = dimensions.groupby(by, sort=False, dropna=False).indices.values()
    return [np.asarray(rows, dtype=np.intp) for rows in found if primary[rows].any()]


def _planned(
    counts: pd.Series,
    dimensions: pd.DataFrame,
    *,
    primary: Mask,
    threshold: float,
    parents: Mapping[str, pd.DataFrame],
    seconds: float,
) -> Mask:
    """Mask of one table."""
    coded, trees = _coded(dimensions, parents)
    above = np.zeros(len(coded), dtype=bool)
    for name, tree in trees.items():
        above |= coded[name].isin(tree["parent"]).to_numpy()
    value = np.maximum(np.round(counts.to_numpy(float)), np.where(primary, 1.0, 0.0))
    keys = np.array(cells.names(coded, list(coded.columns)), dtype=object)
    inner = coded[~above].assign(**{N: value[~above]})
    if inner.empty:
        return primary
    laid = cells.layout({"persons": inner}, quantities={"persons": "persons"}, hierarchies=trees, apart=())
    plan = suppression.suppress(
        inner,
        threshold=threshold,
        hierarchies=trees,
        primary=[key for key in keys[primary] if len(laid.positions([key]))],
        public=_public(laid, given=keys[~above], threshold=threshold),
        time_limit=seconds,
    )
    (table,) = plan.tables.values()
    closed = set(table.loc[table["cell_status"] != "published", "key"])
    found: Mask = primary | np.isin(keys, list(closed))
    return found


def _coded(
    dimensions: pd.DataFrame, parents: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Labels as numbers, so that an unknown one is a label too, and the parents in the same numbers."""
    coded, trees = {}, {}
    for name in map(str, dimensions):
        codes, labels = pd.factorize(dimensions[name], use_na_sentinel=False)
        coded[name] = codes
        if name in parents:
            place = {label: code for code, label in enumerate(labels)}
            tree = parents[name]
            known = tree[tree["child"].isin(list(place)) & tree["parent"].isin(list(place))]
            if len(known):
                trees[name] = pd.DataFrame({c: known[c].map(place).astype(int) for c in ("child", "parent")})
    return pd.DataFrame(coded, index=dimensions.index), trees


def _public(laid: cells.Cells, *, given: npt.NDArray[Any], threshold: float) -> list[str]:
    """Cells that everybody knows: empty ones, and totals that reach the threshold."""
    listed = set(given)
    (table,) = laid.tables.values()
    value = laid.value[table["cell"]]
    alone = laid.positions(listed)
    total = ~table["cell"].isin(alone).to_numpy() & (value >= threshold)
    return table.loc[total | (value == 0), "key"].tolist()
