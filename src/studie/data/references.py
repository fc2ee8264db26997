"""What a row must refer to: the parents of a table, and rows whose parent is not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from studie.data.definitions import CONTRACTS, Reference
from studie.data.files import problems_of
from studie.errors import InputError


class OrphanError(InputError):
    """Rows that refer to nothing; `lines` holds all of them, the message the first."""

    def __init__(self, lines: list[str], *, where: str) -> None:
        self.lines = lines
        super().__init__(*problems_of(lines, where=where).problems)


def parents(table: str) -> tuple[str, ...]:
    """Tables that rows of a table refer to."""
    return tuple(dict.fromkeys(name for reference in CONTRACTS[table].references for name, _ in reference.parents))


def orphans(frame: pd.DataFrame, table: str, *, parents: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Values of a table that should stand in another one and do not.

    Parameters
    ----------
    frame : DataFrame
        Rows of the table, as `validate` gives them.
    table : str
        Name of a contract.
    parents : mapping of str to DataFrame
        Rows of the tables that `parents(table)` names; the columns referred to are enough.

    Returns
    -------
    DataFrame
        One row per orphan: `row` (label in the index of `frame`), `column`, `value` (several joined with a comma) and
        `parent` (tables in which it could stand). A row that leaves a reference empty refers to nothing.
    """
    found = [_unanchored(frame, reference, parents) for reference in CONTRACTS[table].references]
    lost = pd.concat(found) if found else pd.DataFrame(columns=["row", "column", "value", "parent"])
    return lost.sort_values("row", kind="stable").reset_index(drop=True)


def _unanchored(frame: pd.DataFrame, reference: Reference, parents: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Orphans of one reference."""
    names = list(reference.columns)
    lost = ~pd.concat([absent(frame[name]) for name in names], axis=1).any(axis=1)
    for parent, columns in reference.parents:
        known = pd.MultiIndex.from_frame(parents[parent][list(columns)].astype(object))
        lost &= ~pd.MultiIndex.from_frame(frame[names].astype(object)).isin(known)
    rows = frame.loc[lost, names]
    return pd.DataFrame(
        {
            "row": rows.index,
            "column": ", ".join(names),
            "value": [", ".join(map(str, values)) for values in rows.itertuples(index=False)],
            "parent": " or ".join(name for name, _ in reference.parents),
        }
    )


def ancestors(table: str) -> set[str]:
    """Tables that a table refers to, directly or through others."""
    direct = parents(table)
    return set(direct).union(*(ancestors(parent) for parent in direct))


def refuse_orphans(
    frame: pd.DataFrame,
    table: str,
    *,
    known: Callable[[str], pd.DataFrame],
    invented: Callable[[str], pd.DataFrame] | None = None,
    where: str,
    first_row: int,
) -> None:
    """Refuses rows that refer to a row that is not there.

    Parameters
    ----------
    frame : DataFrame
        Rows of the table in the index of their file.
    table : str
        Name of a contract.
    known : callable
        Rows of a parent table that these rows may refer to, by its name.
    invented : callable, optional
        Rows of a parent table that only the demonstration data hold: the message says so.
    where : str
        Name of the file in messages.
    first_row : int
        Number of its first row in messages.

    Raises
    ------
    OrphanError
        One line per orphan.
    """
    names = parents(table)
    if not names or frame.empty:
        return
    lost = orphans(frame, table, parents={name: known(name) for name in names})
    if lost.empty:
        return
    hints: list[str] = [""] * len(lost)
    if invented is not None:
        rows = frame.loc[lost["row"].unique()]
        nowhere = orphans(rows, table, parents={name: invented(name) for name in names})
        unknown = set(zip(nowhere["row"], nowhere["column"], strict=True))
        hints = [
            "" if case in unknown else ", which only the demonstration data hold; an own row rests on own rows only"
            for case in zip(lost["row"], lost["column"], strict=True)
        ]
    lines = [
        f"{where}: row {row + first_row}, column {column}: must stand in {parent}, got {value!r}{hint}"
        for (row, column, value, parent), hint in zip(lost.itertuples(index=False), hints, strict=True)
    ]
    raise OrphanError(lines, where=where)


def absent(values: pd.Series) -> pd.Series:
    """Where nothing stands: missing, or an empty text."""
    return values.isna() | (values == "") if values.dtype == object else values.isna()
