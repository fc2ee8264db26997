"""Tables of the argument: areas beside each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from studie.present import cells, levers, numbers
from studie.present.display import Column, Table, Unavailable
from studie.present.wording.places import CLEAR

VALUES = ("estimate", "lower", "upper", "n")
THEMES = {"relapse": "Terugval", "room": "Ruimte", "shortage": "Zonder plaats"}
OVERLAP = "Een gemeente kan in een arrondissement en in een werkingsgebied liggen: de rijen tellen niet op."


@dataclass(frozen=True, kw_only=True)
class Told:
    """One cell: how it is said, and the row behind it."""

    said: str
    row: dict[str, Any]


def crossing(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Per area how steps up last, how many need a place and for how many there is none.

    Parameters
    ----------
    result : present.argument.Crossing
    frame : DataFrame, optional
        Not looked at: the areas hold only what may be printed.
    """
    return _beside(
        result,
        _people,
        name="crossing",
        caption="Wat mensen tegenhoudt en waar plaatsen ontbreken, per gebied",
        columns=[
            Column(key="lasting", label="Duurzaam na 12 maanden"),
            Column(key="relapse", label="Terugval na 12 maanden"),
            Column(key="need", label="Behoefte", unit="mensen"),
            Column(key="shortage", label="Zonder plaats"),
        ],
        note=f"Tussen haakjes het interval van {numbers.share(result.level)}. {OVERLAP}",
    )


def crossing_room(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Per area how much room the sectors have for who needs a place.

    Parameters
    ----------
    result : present.argument.Crossing
    frame : DataFrame, optional
        Not looked at: the areas hold only what may be printed.
    """
    demand = result.whole.demand
    over = "de volgende maanden"
    if not isinstance(demand, Unavailable):
        over = f"de volgende {demand.span} maanden; tussen haakjes het interval van {numbers.share(demand.level)}"
    return _beside(
        result,
        _sectors,
        name="crossing_room",
        caption="Waar de sectoren ruimte hebben, per gebied",
        columns=[
            Column(key="vacancies", label="Verwacht", unit="vacatures"),
            Column(key="room", label="Ruimte", unit="vacatures per 100 mensen met behoefte"),
            Column(key="potential", label="Mogelijk", unit="inclusieve werkplaatsen"),
        ],
        note=(
            f"De vier speerpuntsectoren samen, over {over}. Ruimte en mogelijk zijn gemiddelden over de "
            "trekkingen, per gebied geschat: ze volgen niet precies uit de cijfers ernaast en tellen niet op. Mogelijk steunt op een "
            f"aangenomen deel van de taken. {OVERLAP}"
        ),
    )


def _beside(
    result: Any, told: Callable[[Any, Any], list[Told]], *, name: str, caption: str, columns: list[Column], note: str
) -> Table:
    """Areas beside each other, a row each, with what is told of them."""
    every = [(area, told(result, area)) for area in (result.whole, *result.areas)]
    return Table(
        name=name,
        caption=caption,
        columns=[Column(key="area", label="Gebied", align="left"), *columns],
        rows=[[_capital(area), *(one.said for one in each)] for area, each in every],
        frame=pd.DataFrame(
            [{**one.row, "area": area.region.title, "region": area.region.code} for area, each in every for one in each]
        ),
        note=note,
    )


def _people(result: Any, area: Any) -> list[Told]:
    """What is told of the people of an area."""
    return [
        _told(area.lasted, cells.share, "lasting", "probability", time=12.0),
        _told(area.fallen, cells.share, "relapse", "probability", time=12.0),
        _told(area.need, cells.amount, "need", "persons"),
        _told(area.shortage, cells.share, "gap share", "share"),
    ]


def _sectors(result: Any, area: Any) -> list[Told]:
    """What is told of the sectors in an area."""
    return [
        _told(_summed(area.demand, "totals"), cells.amount, "received_vacancies_total", "vacancies"),
        _told(result.ratio(area), cells.amount, "room", "vacancies per 100 persons"),
        _told(_summed(area.potential, "table"), cells.amount, "potential inclusive workplaces", "workplace"),
    ]


def _summed(result: Any, table: str) -> SimpleNamespace:
    """All sectors together: the sum of their estimates, and the interval of the sums of their draws."""
    if isinstance(result, Unavailable):
        return cells.ABSENT
    return cells.summed(getattr(result, table)["estimate"], result.draws, level=result.level)


def crossing_verdicts(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Per area of what it clearly has more or less than the province, and how sure that is.

    Parameters
    ----------
    result : present.argument.Crossing
    frame : DataFrame, optional
        Not looked at: the areas hold only what may be printed.
    """
    chances = [
        {
            "area": area.region.title,
            "region": area.region.code,
            "quantity": theme,
            "estimate": result.chance(area, theme),
        }
        for area in result.areas
        for theme in THEMES
    ]
    empty = dict.fromkeys(("lower", "upper", "n"), np.nan)
    behind = pd.DataFrame(chances).astype({"estimate": float}).assign(**empty, unit="share of draws")
    return Table(
        name="crossing_verdicts",
        caption="Waarin een gebied verschilt van de provincie",
        columns=[
            Column(key="area", label="Gebied", align="left"),
            *(Column(key=theme, label=label, align="left") for theme, label in THEMES.items()),
        ],
        rows=[
            [_capital(area), *(verdict(result.chance(area, theme), theme) for theme in THEMES)] for area in result.areas
        ],
        frame=behind.assign(cell_status=behind["estimate"].notna().map({True: "published", False: "missing"})),
        note="Meer of minder staat er pas als het in minstens vier van de vijf trekkingen zo is.",
    )


def _capital(area: Any) -> str:
    """Name of an area at the start of a row."""
    return str(area.region.title[:1].upper() + area.region.title[1:])


def verdict(chance: float | None, theme: str) -> str:
    """More, less, or no clear difference, with how sure it is; a shortage hangs on an assumption."""
    sure = levers.certainty if theme == "shortage" else numbers.certainty
    if chance is None:
        return numbers.UNKNOWN
    if chance >= CLEAR:
        return f"meer ({sure(chance)})"
    if chance <= 1 - CLEAR:
        return f"minder ({sure(1 - chance)})"
    return "geen duidelijk verschil"


def _told(row: Any, said: Callable[[Any], str], quantity: str, unit: str, **keys: float) -> Told:
    """A printable row under its own names, and how it is said."""
    values = {name: _number(getattr(row, name, None)) for name in VALUES}
    return Told(
        said=said(row), row={**keys, "quantity": quantity, **values, "unit": unit, "cell_status": row.cell_status}
    )


def _number(value: Any) -> float:
    """Number, missing where there is none."""
    return np.nan if value is None or pd.isna(value) else float(value)
