"""Tables on where the study comes from: the time line of regulation, and two ladders beside each other."""

from __future__ import annotations

import numpy as np
import pandas as pd

from studie.present import numbers
from studie.present.display import Column, Table


def regulation(rows: pd.DataFrame) -> Table:
    """Time line of regulation and of the plan.

    Parameters
    ----------
    rows : DataFrame
        Rows of the table `regulation`.
    """
    dated = rows.sort_values("date")
    events = dated["event"].astype(str)
    return Table(
        name="regulation",
        caption="Tijdlijn van het plan en de regelgeving",
        columns=[
            Column(key="date", label="Dag", align="left"),
            Column(key="event", label="Wat er gebeurde", align="left"),
        ],
        rows=[
            [numbers.day(str(day)), event[:1].upper() + event[1:]]
            for day, event in zip(dated["date"], events, strict=True)
        ],
        frame=_listed(dated[["date", "event"]], "event"),
    )


def ladder_conversion(rows: pd.DataFrame) -> Table:
    """The Flemish ladder beside the Dutch one.

    Parameters
    ----------
    rows : DataFrame
        Rows of the table `ladder_conversion`.
    """
    ordered = rows.sort_values("flemish_step", ascending=False)
    return Table(
        name="ladder_conversion",
        caption="De Vlaamse ladder naast de Nederlandse",
        columns=[
            Column(key="flemish_step", label="Trede"),
            Column(key="flemish_name", label="Vlaanderen", align="left"),
            Column(key="dutch_step", label="Sport"),
            Column(key="dutch_name", label="Nederland (VNG)", align="left"),
        ],
        rows=[
            [str(row.flemish_step), str(row.flemish_name), str(row.dutch_step), str(row.dutch_name)]
            for row in ordered.itertuples()
        ],
        frame=_listed(ordered[["flemish_step", "dutch_step"]], "conversion"),
        note="De sporten vallen niet samen: Nederlandse cijfers over doorstroom nemen we nooit één op één over.",
    )


def _listed(keys: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """Rows of a list as a result frame: nothing is counted."""
    empty = dict.fromkeys(("lower", "upper", "n"), np.nan)
    return keys.assign(quantity=quantity, estimate=1.0, **empty, unit="rows", cell_status="published")
