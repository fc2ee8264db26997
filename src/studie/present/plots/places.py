"""Figures of blind spots: one map per face, all faces beside each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd

from studie.errors import InsufficientDataError
from studie.present import cartography, cells, maps, multiples, numbers, words
from studie.present.display import Figure
from studie.present.plots.mapped import with_outside

TITLES = {
    "volume": "Omvang: deel van de behoefte zonder plaats",
    "diversity": "Verscheidenheid: deel van de keuze dat ontbreekt",
    "reach": "Bereik: deel van de behoefte zonder plaats binnen {minutes} minuten {mode}",
    "sector": "Sector: deel van de vacatures in knelpuntsectoren zonder inclusief aanbod",
    "knowledge": "Kennis: deel van het aanbod dat onbekend is",
}
SHARE = "deel"
FIFTHS = (0.2, 0.4, 0.6, 0.8, 1.0)  # every face is a share, so that the classes can be the same in every report


def faces(result: Any, *, minutes: float, frame: pd.DataFrame | None = None, **context: Any) -> Figure:
    """The five faces of a blind spot beside each other, on shared classes: a higher share is always worse.

    Parameters
    ----------
    result : places.gaps.Faces
    minutes : float
        Travel time that counts as within reach.
    frame : DataFrame, optional
        The result's cells that may be printed.
    **context
        What every map of a region needs, as `Study.map_of` gives it.
    """
    shown = worse_is_higher(cells.printable(result, frame))
    if context["highlight"] is not None:
        shown = shown[shown["refnis"].isin(context["highlight"])].reset_index(drop=True)
    if not (shown["cell_status"] == "published").any():
        raise InsufficientDataError("faces: nothing may be shown")
    parts = {face.name: shown[shown["face"] == face.name] for face in result.faces}
    titles = {_title(part, minutes=minutes): _located(part, context) for part in parts.values()}
    told = [_most(part, context["names"]) for part in parts.values()]
    drawing = multiples.small_multiples(
        titles,
        boundaries=context["boundaries"],
        value="estimate",
        unit="deel, hoger is slechter",
        data_status=context["data_status"],
        status="cell_status",
        edges=edges(shown["estimate"]),
        form="share",
        extent=_extent(context["highlight"]),
        highlight=context["highlight"],
    )
    return Figure(
        name="faces",
        caption="Vijf gezichten van een blinde vlek, per gemeente",
        alt=f"Vijf kaarten met dezelfde klassen. {' '.join(told)}",
        drawing=drawing,
        frame=shown,
    )


def face(result: Any, *, minutes: float = 30, frame: pd.DataFrame | None = None, **context: Any) -> Figure:
    """Large map of one face of a blind spot.

    Parameters
    ----------
    result : places.gaps.Face
    minutes, frame, context
        As for `faces`.
    """
    shown = worse_is_higher(cells.printable(result, frame))
    part = shown[shown["quantity"] == next(iter(result.measures))]
    inside = context["highlight"]
    options = {k: v for k, v in context.items() if k != "source"}
    options |= {"value": "estimate", "status": "cell_status", "unit": SHARE, "form": "share"}
    options["extent"] = _extent(inside)
    ring = inside is None or len(inside) >= 3 or not set(inside).isdisjoint(cartography.RING)
    drawn = _located(part, context)
    title = _title(part, minutes=minutes)
    return Figure(
        name=f"face_{result.name}",
        caption=f"{title}, per gemeente",
        alt=maps.alt_text(drawn, title=title, **options),
        drawing=maps.choropleth(drawn, inset=ring, **options),
        frame=part,
    )


def edges(shares: pd.Series) -> tuple[float, ...]:
    """Fifths, and a class of its own below zero where there are places to spare (a negative share)."""
    lowest = math.floor(float(shares.astype(float).min()) * 5 + 1e-9) / 5
    return (*((lowest,) if lowest < 0 else ()), 0.0, *FIFTHS)


def _extent(inside: Sequence[int] | None) -> Literal["all", "highlight"]:
    """Whether the map looks at the region alone; one or two municipalities need their surroundings."""
    return "all" if inside is None or len(inside) < 3 else "highlight"


def worse_is_higher(shown: pd.DataFrame) -> pd.DataFrame:
    """Shares of which a higher one is worse: reach becomes what is out of reach."""
    turned = shown["face"] == "reach"
    found = shown.copy()
    found.loc[turned, "estimate"] = 1 - shown.loc[turned, "estimate"]
    found.loc[turned, "lower"] = 1 - shown.loc[turned, "upper"]
    found.loc[turned, "upper"] = 1 - shown.loc[turned, "lower"]
    found.loc[turned, "quantity"] = "out of " + shown.loc[turned, "quantity"].astype(str)
    return found


def _title(part: pd.DataFrame, *, minutes: float) -> str:
    """What a map shows."""
    name, quantity = str(part["face"].iloc[0]), str(part["quantity"].iloc[0])
    mode = words.MODES.get(quantity.rsplit(" ", 1)[-1], "")
    return TITLES[name].format(minutes=numbers.number(minutes), mode=mode).strip()


def _located(part: pd.DataFrame, context: dict[str, Any]) -> pd.DataFrame:
    """Rows of the region, and the others as lying outside it."""
    inside = context["highlight"]
    if inside is None:
        return part
    return with_outside(part[part["refnis"].isin(inside)], context["boundaries"]["refnis"], inside)


def _most(part: pd.DataFrame, names: Any) -> str:
    """Words for one small map: where the share is highest, and of how many municipalities it is not known."""
    known = part[part["cell_status"] == "published"]
    label = words.FACES[str(part["face"].iloc[0])]
    rest = len(part) - len(known)
    unknown = f", van {numbers.plural(rest, 'gemeente', 'gemeenten')} geen cijfer" if rest else ""
    if known.empty:
        return f"{label[0].upper()}{label[1:]}: geen enkel cijfer."
    highest = known.loc[known["estimate"].astype(float).idxmax()]
    where = names.get(int(highest["refnis"]), "")
    return f"{label[0].upper()}{label[1:]}: hoogst in {where}, {numbers.share(float(highest['estimate']))}{unknown}."
