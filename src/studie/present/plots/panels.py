"""Axes that several figures share: lines with a band over years, panels beside each other, rows with names."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from studie.present import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDEST_LABEL = 34  # characters of a name beside an axis
NARROW = 26  # characters above a small panel


def band_line(axes: Axes, x: Any, rows: pd.DataFrame, *, colour: str, dash: str, label: str | None) -> None:
    """Line with its band; a gap where a cell is not printed."""
    estimate, lower, upper = (
        pd.to_numeric(rows[column], errors="coerce").astype(float).to_numpy()
        for column in ("estimate", "lower", "upper")
    )
    axes.fill_between(x, lower, upper, color=colour, alpha=0.18, linewidth=0)
    axes.plot(x, estimate, color=colour, linestyle=dash, label=label, linewidth=1.6)


def time_axis(axes: Axes, label: str, *, share: bool = False) -> None:
    """Whole years below, Dutch numbers from zero up beside."""
    from matplotlib.ticker import MaxNLocator

    axes.set(ylabel=label, ylim=(0, None))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
    axes.grid(axis="y")
    style.dutch_axis(axes, share=share)


def panel_grid(count: int, *, sharey: Any) -> tuple[Any, list[Axes]]:
    """Panels in rows of at most three (two where that fills the rows)."""
    columns = min(count, 2 if count in (2, 4) else 3)
    rows = -(-count // columns)
    height = 2.7 if count == 1 else 0.5 + 2.1 * rows
    figure, axes = style.canvas(height, rows=rows, columns=columns, sharey=sharey, squeeze=False)
    return figure, list(np.ravel(axes))


def rows_axis(axes: Axes, labels: Sequence[str]) -> None:
    """Names beside rows, the first on top."""
    axes.set_yticks(range(len(labels)), [wrapped(label) for label in labels])
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def wrapped(label: str, width: int = WIDEST_LABEL) -> str:
    """Name broken over lines of at most `width` characters."""
    return "\n".join(textwrap.wrap(label, width))
