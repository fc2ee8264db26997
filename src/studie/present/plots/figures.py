"""Figures of published series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from studie.present import cells, numbers, style, words
from studie.present.display import Figure

if TYPE_CHECKING:
    pass


@style.styled
def published(
    result: Any, *, caption: str, label: str, names: dict[str, str], frame: pd.DataFrame | None = None
) -> Figure:
    """Lines of published figures by year or quarter, labelled at their end.

    Parameters
    ----------
    result : data.published.Published
    caption, label : str
        Title of the figure and of its vertical axis, in Dutch.
    names : dict
        Dutch name per indicator (several indicators) or per region (one indicator).
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    key = "quantity" if len(shown["quantity"].unique()) > 1 else "region"
    periods = sorted(shown["period"].unique())
    figure, axes = style.canvas(2.8)
    ends, parts = [], []
    for i, (code, name) in enumerate(names.items()):
        line = shown[shown[key] == code].set_index("period")["estimate"].astype(float).reindex(periods)
        axes.plot(periods, line, color=style.SERIES[i], marker=style.MARKERS[i], linestyle=style.DASHES[i], ms=4)
        known = line.dropna()
        ends.append((periods.index(known.index[-1]), known.iloc[-1], name, style.SERIES[i]))
        first, last = (f"{numbers.number(known.iloc[j])} in {numbers.month(known.index[j])}" for j in (0, -1))
        parts.append(f"{name}: {first}, {last}")
    axes.set_xticks(range(len(periods)), [words.short_period(p) for p in periods])
    axes.set(ylabel=label, ylim=(0, None))
    axes.margins(x=0.02)
    axes.grid(axis="y")
    style.dutch_axis(axes)
    style.label_ends(axes, ends)
    return Figure(
        name="_".join(sorted(set(shown["quantity"]))),
        caption=caption,
        alt=f"Lijnen van {label}. {'; '.join(parts)}.",
        drawing=figure,
        frame=shown,
    )
