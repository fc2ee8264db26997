"""Figure of the path to a platform: milestones as bars over the years, with what each may slip and the decisions."""

from __future__ import annotations

from typing import Any

import pandas as pd

from studie.present import expected, numbers, platform, style
from studie.present.display import Figure
from studie.present.plots.panels import rows_axis, wrapped

QUARTERS = 4
WIDE = 46  # characters of a milestone beside its bar


@style.styled
def road_map(result: Any, *, frame: pd.DataFrame | None = None) -> Figure:
    """Milestones by quarter: a bar for its duration, a thin line for what it may slip, a diamond for a decision.

    Parameters
    ----------
    result : strategy.road_map.RoadMap
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    shown, rows = expected.printable(result, frame), result.milestones
    decides = rows["condition"] != ""
    figure, axes = style.canvas(0.9 + 0.275 * len(rows))
    for y, (name, row) in enumerate(rows.iterrows()):
        begin, end = row["first"], row["last"] + 1
        if decides[name]:
            axes.plot((begin + end) / 2, y, "D", color=style.OCHRE, ms=7, zorder=3)
        else:
            tight = row["slack"] == 0
            colour, hatch = (style.INK, "////") if tight else (style.BLUE, None)  # apart in grey too
            axes.barh(y, end - begin, left=begin, height=0.5, color=colour, hatch=hatch, edgecolor="white", zorder=2)
        if row["slack"]:
            axes.hlines(y, end - (0.5 if decides[name] else 0), end + row["slack"], color=style.MUTED, linewidth=1.2)
            axes.plot(end + row["slack"], y, "|", color=style.MUTED, ms=6)
    rows_axis(axes, [""] * len(rows))
    axes.set_yticklabels([wrapped(f"{name} {row['milestone']}", WIDE) for name, row in rows.iterrows()], fontsize=8.5)
    years = range(result.first_year, result.last_year + 1)
    axes.set_xlim(0, QUARTERS * len(years))
    axes.set_xticks([QUARTERS * (k + 0.5) for k in range(len(years))], [str(year) for year in years])
    axes.tick_params(axis="x", length=0)
    axes.xaxis.tick_top()
    axes.spines[["left", "bottom"]].set_visible(False)
    for k in range(len(years) + 1):
        axes.axvline(QUARTERS * k, color=style.RULE, linewidth=0.8, zorder=0)
    handles = [
        Patch(facecolor=style.BLUE, label="duur"),
        Patch(facecolor=style.INK, hatch="////", edgecolor="white", label="duur, zonder speling"),
        Line2D([], [], color=style.MUTED, marker="|", label="speling"),
        Line2D([], [], color=style.OCHRE, marker="D", linestyle="none", label="beslissing"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    told = "; ".join(
        f"{row['milestone']} in het {platform.quarter(row['due'])}" for _, row in result.decisions.iterrows()
    )
    return Figure(
        name="road_map",
        caption=f"Voorstel van stappenplan {result.first_year}-{result.last_year}, per kwartaal",
        alt=(
            f"Balken per mijlpaal, {numbers.number(result.n)} in totaal, van het {platform.quarter(rows['start'].min())} tot "
            f"het {platform.quarter(rows['due'].max())}; {numbers.number(len(result.critical))} zonder speling. "
            f"Beslissingen: {told or 'geen'}."
        ),
        drawing=figure,
        frame=shown,
    )
