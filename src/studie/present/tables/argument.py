"""Tables of the argument: areas beside each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from studie.present import cells, numbers
from studie.present.display import Column, Table, Unavailable
from studie.present.wording.places import CLEAR

VALUES = ("estimate", "lower", "upper", "n")
THEMES = {"relapse": "Terugval", "room": "Ruimte", "shortage": "Zonder plaats"}


def crossing(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Per area what holds people back, where sectors have room and where places lack.

    Parameters
    ----------
    result : present.argument.Crossing
    frame : DataFrame, optional
        Not looked at: the areas hold only what may be printed.
    """
    every = [result.whole, *result.areas]
    return Table(
        name="crossing",
        caption="Waar de hefbomen elkaar raken, per gebied",
        columns=[
            Column(key="area", label="Gebied", align="left"),
            Column(key="lasting", label="Duurzaam na 12 maanden"),
            Column(key="relapse", label="Terugval na 12 maanden"),
            Column(key="vacancies", label="Verwacht", unit="vacatures"),
            Column(key="room", label="Ruimte", unit="vacatures per 100 mensen"),
            Column(key="potential", label="Mogelijk", unit="inclusieve werkplaatsen"),
            Column(key="need", label="Behoefte", unit="mensen"),
            Column(key="shortage", label="Zonder plaats"),
        ],
        rows=[_row(result, area) for area in every],
        frame=pd.concat([_frame(result, area) for area in every], ignore_index=True),
        note=_note(result),
    )


def _row(result: Any, area: Any) -> list[str]:
    return [
        _capital(area),
        cells.share(area.lasted),
        cells.share(area.fallen),
        _vacancies(area),
        cells.amount(result.ratio(area)),
        _potential(area),
        cells.amount_known(area.need),
        cells.share(area.shortage),
    ]


def _vacancies(area: Any) -> str:
    """Expected vacancies of all sectors together."""
    known = not isinstance(area.demand, Unavailable)
    return numbers.number(area.demand.totals["estimate"].sum()) if known else numbers.UNKNOWN


def _potential(area: Any) -> str:
    """Possible inclusive workplaces of all sectors together with their interval."""
    if isinstance(area.potential, Unavailable):
        return numbers.UNKNOWN
    centre, lower, upper = potential(area)
    return f"{numbers.number(centre)} ({numbers.interval(lower, upper)})"


def potential(area: Any) -> tuple[float, float, float]:
    """Possible inclusive workplaces of all sectors together: mean and interval of the draws."""
    total = area.potential.draws.sum(axis=1)
    level = area.potential.level
    lower, upper = np.quantile(total, [(1 - level) / 2, (1 + level) / 2])
    return float(total.mean()), float(lower), float(upper)


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
        rows=[[_capital(area), *(verdict(result.chance(area, theme)) for theme in THEMES)] for area in result.areas],
        frame=behind.assign(cell_status=behind["estimate"].notna().map({True: "published", False: "missing"})),
        note="Meer of minder staat er pas als het in minstens vier van de vijf trekkingen zo is.",
    )


def _capital(area: Any) -> str:
    """Name of an area at the start of a row."""
    return str(area.region.title[:1].upper() + area.region.title[1:])


def verdict(chance: float | None) -> str:
    """More, less, or no clear difference, with how sure it is."""
    if chance is None:
        return numbers.UNKNOWN
    if chance >= CLEAR:
        return f"meer ({numbers.certainty(chance)})"
    if chance <= 1 - CLEAR:
        return f"minder ({numbers.certainty(1 - chance)})"
    return "geen duidelijk verschil"


def _note(result: Any) -> str:
    """What the columns mean."""
    months = next((area.demand.span for area in [result.whole] if not isinstance(area.demand, Unavailable)), None)
    over = f"over de volgende {months} maanden" if months else "over de volgende maanden"
    return (
        f"Tussen haakjes het interval: {numbers.share(result.level)} voor de mensen, 80{numbers.NO_BREAK}% voor de sectoren. "
        f"Verwacht, ruimte en mogelijk: {over}; mogelijk steunt op een aangenomen deel van de taken. Een gemeente kan in een arrondissement en in een werkingsgebied "
        "liggen: de rijen tellen niet op."
    )


def _frame(result: Any, area: Any) -> pd.DataFrame:
    """The numbers behind a row."""
    told = [
        _told(area.lasted, "lasting", "probability", time=12.0),
        _told(area.fallen, "relapse", "probability", time=12.0),
        _told(area.need, "need", "persons"),
        _told(area.shortage, "gap share", "share"),
        _told(result.ratio(area), "room", "vacancies per 100 persons"),
    ]
    if not isinstance(area.demand, Unavailable):
        told.append(_plain("received_vacancies_total", "vacancies", area.demand.totals["estimate"].sum()))
    if not isinstance(area.potential, Unavailable):
        told.append(_plain("potential inclusive workplaces", "workplace", *potential(area)))
    return pd.DataFrame(told).assign(area=area.region.title, region=area.region.code)


def _told(row: Any, quantity: str, unit: str, **keys: float) -> dict[str, Any]:
    """A printable row under its own names."""
    values = {name: _number(getattr(row, name, None)) for name in VALUES}
    return {**keys, "quantity": quantity, **values, "unit": unit, "cell_status": row.cell_status}


def _plain(quantity: str, unit: str, estimate: float, lower: float = np.nan, upper: float = np.nan) -> dict[str, Any]:
    """A number that is not about persons."""
    values = {"estimate": float(estimate), "lower": lower, "upper": upper, "n": np.nan}
    return {"quantity": quantity, **values, "unit": unit, "cell_status": "published"}


def _number(value: Any) -> float:
    """Number, missing where there is none."""
    return np.nan if value is None or pd.isna(value) else float(value)
