"""Tables of what is known."""

from __future__ import annotations

from typing import Any

import pandas as pd

from studie.present import numbers, words
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
            _coverage(result, dataset.dataset_id),
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
            Column(key="coverage", label="Gemeenten", align="left"),
            Column(key="publisher", label="Bron", align="left"),
        ],
        rows=rows,
        frame=shown,
        note="Gemeenten: van hoeveel gemeenten van deze regio er cijfers zijn; n.v.t.: de rijen noemen zelf geen gemeente.",
    )


def _coverage(result: Any, dataset_id: str) -> str:
    covered = result.covered[dataset_id]
    if not numbers.is_known(covered):
        return words.CELL_STATUS["not_applicable"]
    return f"{numbers.number(covered)} van {numbers.number(result.municipalities)}"
