"""Counts of persons as they may be shown: small cells, and what would tell them, come out empty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from studie.data.databank import planning, schema
from studie.data.databank.judging import PERSON, Count

HIDDEN = ["rows", "persons"]
DATE = "date"  # a person is counted on each of several dates, so these are not added up


def counted(
    connection: duckdb.DuckDBPyConnection,
    count: Count,
    parameters: Any,
    *,
    threshold: float,
    reveal: bool = False,
) -> pd.DataFrame:
    """Counts with a column `cell_status`: `published`, or `suppressed` and then empty.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Databank, open for reading.
    count : Count
        What is counted, as it was judged.
    parameters : sequence or mapping
        Values of the filter.
    threshold : float
        Smallest number of persons that may be shown.
    reveal : bool, default False
        Show what would be hidden, with `cell_status` `small`.

    Returns
    -------
    DataFrame
        Columns as asked, sorted by the columns that the count is split by unless the query orders them.

    Raises
    ------
    DisclosureError
        If the answer has too many cells to protect together.

    Notes
    -----
    A cell is judged by its distinct persons, also where rows are counted: one person seen in twenty months is one
    person. It is hidden when it holds fewer persons than the threshold (0 is shown), or when the rest of its group,
    which the filter leaves out, does: the count without the filter would tell. More cells are hidden so that no reader
    who knows all totals, and perhaps one hidden cell, tells a hidden one better than by one person up and down
    (`planning`); and the hidden cells of a line hold the threshold together. Several filters are not compared with
    each other: a reader who subtracts the answers to two of them may find who fits only one.

    References
    ----------
    .. [1] Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley, ch. 4-5.
    """
    frame = connection.execute(_statement(count), parameters).df()
    dimensions = list(count.dimensions)
    persons, others = frame["persons"].to_numpy(float), frame["others"].to_numpy(float)
    hidden = _small(persons, threshold) | _small(others, threshold)
    if not reveal:
        hidden = _protected(frame, hidden, dimensions, threshold)
    shown = frame.rename(columns={shows: name for name, shows in count.columns})[[name for name, _ in count.columns]]
    for name, shows in count.columns:
        if shows in HIDDEN:
            shown[name] = shown[name].astype("Int64")
            if not reveal:
                shown.loc[hidden, name] = pd.NA
    shown["cell_status"] = np.where(hidden, "small" if reveal else "suppressed", "published")
    order = count.order or tuple((name, True) for name, shows in count.columns if shows not in HIDDEN)
    if order:
        shown = shown.sort_values([n for n, _ in order], ascending=[up for _, up in order], kind="stable")
    return shown.reset_index(drop=True)


def _statement(count: Count) -> str:
    """Query that counts rows and persons inside each cell, and persons of its group outside the filter."""
    columns = schema.quoted(*count.dimensions)
    source = f"({count.inside})" if count.inside else f"(SELECT true AS inside, * FROM {schema.quoted(count.table)})"
    select = (
        f"{columns + ', ' if columns else ''}count(*) FILTER (inside) AS rows, "
        f"count(DISTINCT {PERSON}) FILTER (inside) AS persons, "
        f"count(DISTINCT {PERSON}) FILTER (NOT coalesce(inside, false)) AS others"
    )
    grouped = f" GROUP BY {columns} HAVING count(*) FILTER (inside) > 0" if columns else ""
    return f"SELECT {select} FROM {source} AS judged{grouped}"


def _small(counts: np.ndarray[Any, Any], threshold: float) -> np.ndarray[Any, Any]:
    """Above nought and below the threshold."""
    small: np.ndarray[Any, Any] = (counts > 0) & (counts < threshold)
    return small


def _protected(
    frame: pd.DataFrame, small: np.ndarray[Any, Any], dimensions: Sequence[str], threshold: float
) -> np.ndarray[Any, Any]:
    """Small cells and the further ones that keep each from being worked out."""
    planned = planning.hidden(
        frame["persons"], frame[list(dimensions)], primary=small, threshold=threshold, apart=[DATE]
    )
    return _widened(frame, planned, dimensions, threshold)


def _widened(
    frame: pd.DataFrame, hidden: np.ndarray[Any, Any], dimensions: Sequence[str], threshold: float
) -> np.ndarray[Any, Any]:
    """Hidden cells and the further ones that keep each from following from a total of its line."""
    wide = pd.Series(hidden, index=frame.index)
    if not dimensions or not wide.any():
        return wide.to_numpy()
    groups = [frame.index]
    if len(dimensions) > 1:
        lines = [frame.groupby([d for d in dimensions if d != along], dropna=False) for along in dimensions]
        groups = [rows for line in lines for rows in line.groups.values()]
    before = -1
    while before != int(wide.sum()):
        before = int(wide.sum())
        for rows in groups:
            _widen_line(wide, frame.loc[rows, "persons"], threshold)
    return wide.to_numpy()


def _widen_line(wide: pd.Series, persons: pd.Series, threshold: float) -> None:
    """Hides the smallest further cells of one line until those hidden hold enough together."""
    chosen = wide[persons.index]
    if not chosen.any():
        return
    for cell in persons[~chosen & (persons > 0)].sort_values(kind="stable").index:
        held = persons[wide[persons.index]]
        if len(held) >= 2 and held.sum() >= threshold:
            return
        wide[cell] = True
