"""Figures of what money yields: euro per place beside each other for subsidies and loans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from studie.data.means import LOANS
from studie.present import expected, levers, means, money, numbers, style
from studie.present.display import Figure
from studie.present.plots.panels import NARROW, panel_grid, rows_axis, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

THOUSAND = 1000.0
WIDEST = 4.0  # times the largest estimate, beyond which an interval runs off the panel


@style.styled
def yields(
    result: Any,
    *,
    names: levers.Names | None = None,
    region_names: Mapping[str, str] | None = None,
    whole: str = "alles samen",
    frame: Any = None,
) -> Figure:
    """Euro per place in each area, one panel per lever; per lasting place where places were followed.

    Parameters
    ----------
    result : strategy.yields.Yields
    names : mapping of str to str, optional
        Dutch names of the levers.
    region_names : mapping of str to str, optional
        Names of the areas by code.
    whole : str
        Name of all areas together.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = expected.printable(result, frame)
    named = {**(region_names or {}), means.WHOLE: whole}
    areas = list(dict.fromkeys(shown["area"]))
    figure, axes = panel_grid(len(result.levers), sharey=True)
    told, cut = [], False
    for panel, lever in zip(axes, result.levers, strict=False):
        lasts = lever in result.lasting
        quantity = "euro_per_lasting_place" if lasts else "euro_per_place"
        rows = expected.some(shown[(shown["lever"] == lever) & (shown["quantity"] == quantity)])
        cut |= _panel(panel, rows, areas)
        what = f"{'uitgeleend' if lever == LOANS else 'uitgegeven'}, per {_counted(lever, lasts=lasts)}"
        name = levers.scenario(lever, names or {})
        panel.set_title(wrapped(f"{name[0].upper()}{name[1:]}", NARROW), fontsize=9.5)
        panel.set_xlabel(f"duizend euro {what}")
        listed = "; ".join(
            f"{named.get(str(row.area), str(row.area))} {money.amount(row)}"
            for _, row in rows.iterrows()
            if expected.is_told(row)
        )
        told.append(f"{name[0].upper()}{name[1:]}, {what}: {listed}.")
    rows_axis(axes[0], [named.get(str(area), str(area)) for area in areas])
    for panel in axes[1:]:
        panel.tick_params(axis="y", length=0)
    for empty in axes[len(result.levers) :]:
        empty.set_visible(False)
    return Figure(
        name="yields",
        caption=(
            "Wat een plaats bruto kost: projectsubsidie en lening naast elkaar (lijn: interval van "
            f"{numbers.share(result.level)}{'; een pijl loopt verder' if cut else ''})"
        ),
        alt=f"Punten met hun interval. {' '.join(told)}",
        drawing=figure,
        frame=shown,
    )


def _counted(lever: str, *, lasts: bool) -> str:
    """What the money is reckoned per."""
    if lever == LOANS:
        return "duurzame baan" if lasts else "extra baan"
    return "duurzame plaats" if lasts else "plaats"


def _panel(axes: Axes, rows: Any, areas: list[str]) -> bool:
    """Dots with their interval, the whole in the accent; whether one runs off, which ends it in an arrow."""
    known = expected.told(rows)
    edge = WIDEST * float(known["estimate"].max()) / THOUSAND
    limit, cut = 0.0, False
    for row in known.to_dict("records"):
        y, whole = areas.index(row["area"]), row["area"] == means.WHOLE
        colour, marker = (style.OCHRE, "D") if whole else (style.BLUE, "o")
        middle, low, high = (float(row[name]) / THOUSAND for name in ("estimate", "lower", "upper"))
        end = min(high, edge) if np.isfinite(high) else edge
        axes.plot([low, end], [y, y], color=colour, linewidth=1.6)
        if end < high:
            axes.plot(end, y, ">", color=colour, ms=5)
            cut = True
        axes.plot(middle, y, marker, color=colour, ms=6)
        limit = max(limit, end)
    for area in [area for area in areas if area not in set(known["area"])]:
        axes.text(0, areas.index(area), "geen gegevens", fontsize=9, color=style.MUTED, va="center")
    axes.set_xlim(0, 1.06 * limit)
    axes.grid(axis="x")
    style.dutch_axis(axes, which="x")
    return cut
