"""Maps of results by municipality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from studie.present import cells, maps
from studie.present.display import Figure

if TYPE_CHECKING:
    pass


def offer_coverage(result: Any, *, frame: pd.DataFrame | None = None, **context: Any) -> Figure:
    """Map of the recorded places per municipality; unknown offer is hatched and never zero.

    Parameters
    ----------
    result : data.quality.OfferCoverage
    frame : DataFrame, optional
        The result's cells that may be printed.
    **context
        What every map of a region needs, as `Study.map_of` gives it.
    """
    title = "Geregistreerde werkplaatsen per gemeente; gearceerd is onbekend, niet nul"
    return mapped(
        cells.printable(result, frame), name="offer_coverage", title=title, unit="plaatsen (VTE)", context=context
    )


def mapped(shown: pd.DataFrame, *, name: str, title: str, unit: str, context: dict[str, Any]) -> Figure:
    """Choropleth of a result by municipality, with its words."""
    inside = context["highlight"]
    options = {k: v for k, v in context.items() if k != "source"}  # the report prints caption and source below
    options |= {"value": "estimate", "status": "cell_status", "unit": unit}
    options["extent"] = "all" if inside is None or len(inside) < 3 else "highlight"
    drawn = shown if inside is None else with_outside(shown, context["boundaries"]["refnis"], inside)
    return Figure(
        name=name,
        caption=title,
        alt=maps.alt_text(drawn, title=title, **options),
        drawing=maps.choropleth(drawn, **options),
        frame=shown,
    )


def with_outside(shown: pd.DataFrame, everywhere: pd.Series, inside: Sequence[int]) -> pd.DataFrame:
    """Rows for municipalities outside the region that the result does not speak of: not unknown, just elsewhere."""
    beyond = sorted(set(everywhere) - set(shown["refnis"]) - set(inside))
    outside = pd.DataFrame({"refnis": beyond, "estimate": float("nan"), "cell_status": "outside"})
    columns = ["refnis", "estimate", "cell_status"]
    return pd.concat([shown[columns].astype({"estimate": float}), outside], ignore_index=True)
