"""Tables in Dutch number format, made from printable cells, named after the class of the result they show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from studie.present import cells, numbers, words
from studie.present.display import Column, Table


def inventory(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """What we have: per dataset its status, period, rows and publisher.

    Parameters
    ----------
    result : data.quality.Inventory
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = result.to_frame() if frame is None else frame
    rows = [
        [
            dataset.title,
            words.DATA_STATUS[dataset.data_status],
            numbers.span(dataset.first_period, dataset.last_period) if dataset.first_period else numbers.UNKNOWN,
            numbers.number(float(result.rows[dataset.dataset_id])),
            dataset.publisher,
        ]
        for dataset in result.datasets
    ]
    return Table(
        name="inventory",
        caption="Wat weten we: gegevens, status, periode en bron",
        columns=[
            Column(key="title", label="Gegevens", align="left"),
            Column(key="status", label="Status", align="left"),
            Column(key="period", label="Periode", align="left"),
            Column(key="rows", label="Rijen", unit=None),
            Column(key="publisher", label="Bron", align="left"),
        ],
        rows=rows,
        frame=shown,
        note="Rijen: het aantal rijen dat over deze regio gaat of er de context van is.",
    )


def transition_matrix(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Where people are one month later by the step they are on: share with interval, and pairs of months behind it.

    Parameters
    ----------
    result : ladder.matrices.TransitionMatrix
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    table = shown.assign(from_step=shown["from_step"].astype(str), to_step=shown["to_step"].astype(str))
    targets = [s for s in words.STEPS if s in set(table["to_step"]) and s not in words.BETWEEN]
    origins = [s for s in words.STEPS if s in set(table["from_step"]) and not s.startswith("exit_")]
    indexed = table.set_index(["from_step", "to_step"])
    rows = [
        [words.step(o), *(_brief(indexed.loc[(o, t)]) for t in targets), _pairs(indexed.loc[o].iloc[0])]
        for o in origins
    ]
    return Table(
        name="transition_matrix",
        caption="Kans per maand om van trede te veranderen",
        columns=[
            Column(key="from_step", label="Van", align="left"),
            *(Column(key=t, label=words.step(t)) for t in targets),
            Column(key="n", label="Maanden"),
        ],
        rows=rows,
        frame=shown,
        note="Maanden: het aantal maanden dat mensen op die trede begonnen. Treden waarop niemand begon: onbekend.",
    )


def _brief(row: Any) -> str:
    return numbers.share(row.estimate) if row.cell_status == "published" else words.CELL_STATUS[row.cell_status]


def _pairs(row: Any) -> str:
    return cells.count(row.n, row.cell_status)


def cumulative_incidence(
    result: Any, *, quantity: Sequence[str], times: Sequence[float], caption: str, frame: pd.DataFrame | None = None
) -> Table:
    """Probabilities at some moments after the move, one row per group, with the moves behind them.

    Parameters
    ----------
    result : ladder.hazards.CumulativeIncidence
    quantity : sequence of str
        Probabilities to show, such as `lasting`.
    times : sequence of float
        Months since the move.
    caption : str
        Title of the table, in Dutch.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    heads = [(q, t) for q in quantity for t in times]
    rows = []
    for key, group in shown.groupby(list(result.by), sort=True) if result.by else [("", shown)]:
        values = key if isinstance(key, tuple) else (key,)
        label = ", ".join(words.group(c, v) for c, v in zip(result.by, values, strict=False)) or "allen"
        picked = [group[(group["quantity"] == q) & (group["time"] == t)].iloc[0] for q, t in heads]
        rows.append(
            [label, *(cells.share(row) for row in picked), cells.count(picked[0]["n"], picked[0]["cell_status"])]
        )
    return Table(
        name="_".join(quantity),
        caption=caption,
        columns=[
            Column(key="group", label="Groep", align="left"),
            *(Column(key=f"{q}_{t}", label=f"{words.QUANTITIES[q]} na {numbers.number(t)} maanden") for q, t in heads),
            Column(key="n", label="Stappen omhoog"),
        ],
        rows=rows,
        frame=shown,
        note=f"Tussen haakjes het interval van {numbers.share(result.level)}. Te klein: minder dan tien stappen.",
    )
