"""Figures of the demand of the sectors: fans, parts of a region, municipalities."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from studie.present import cells, numbers, style, words
from studie.present.display import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
from studie.present.plots.mapped import mapped


@style.styled
def forecast(
    result: Any, *, history: pd.DataFrame, caption: str, label: str, frame: pd.DataFrame | None = None
) -> Figure:
    """Past months and a fan of the months to come, one series.

    Parameters
    ----------
    result : demand.forecast.Forecast
        One series, coverages .80 and .95.
    history : DataFrame
        Its past: `period, value`.
    caption, label : str
        Title of the figure and of its vertical axis, in Dutch.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    figure, axes = style.canvas(3.0)
    past = history.set_index(pd.PeriodIndex(history["period"].astype(str), freq="M").to_timestamp())["value"].astype(
        float
    )
    bands = {
        _percent(level): rows.set_index(rows["period"].map(_month_start)) for level, rows in shown.groupby("level")
    }
    _fan(axes, past, bands)
    axes.set(ylabel=label, ylim=(0, None))
    style.dutch_months(axes)
    figure.legend(loc="outside lower center", ncols=4)
    wide = bands[80]
    last = wide.iloc[-1]
    alt = (
        f"Lijn van {label}: {numbers.number(past.iloc[-1])} in {numbers.month(str(history['period'].iloc[-1]))}; verwacht "
        f"{numbers.number(last.estimate)} in {numbers.month(str(last.period))}, met 80 % zekerheid "
        f"{numbers.interval(last.lower, last.upper)}."
    )
    return Figure(
        name="forecast",
        caption=caption,
        alt=alt,
        drawing=figure,
        frame=shown.assign(period=shown["period"].astype(str)),
    )


def _percent(level: Any) -> int:
    return round(100 * float(level))


def _month_start(period: Any) -> pd.Timestamp:
    return pd.Period(str(period), freq="M").to_timestamp()


def _fan(axes: Axes, past: pd.Series, bands: dict[int, pd.DataFrame]) -> None:
    """Past as a line, future as a dashed line in two shades of its intervals."""
    for percent, alpha in ((95, 0.15), (80, 0.28)):
        band = bands[percent].astype({"lower": float, "upper": float})
        axes.fill_between(
            band.index,
            band["lower"],
            band["upper"],
            color=style.OCHRE,
            alpha=alpha,
            linewidth=0,
            label=f"interval van {percent} %",
        )
    centre = bands[80]["estimate"].astype(float)
    axes.plot(past.index, past, color=style.BLUE, label="gemeten", linewidth=1.4)
    axes.plot(centre.index, centre, color=style.OCHRE, linestyle="--", label="verwacht", linewidth=1.4)
    axes.grid(axis="y")
    style.dutch_axis(axes)


@style.styled
def regional_demand(result: Any, *, frame: pd.DataFrame | None = None) -> Figure:
    """Past and expected vacancies per sector, one panel each, with 80 and 95 % fans.

    Parameters
    ----------
    result : demand.outlook.RegionalDemand
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    sectors = list(result.totals["sector"])
    figure, axes = style.canvas(
        2.0 * math.ceil(len(sectors) / 2), rows=math.ceil(len(sectors) / 2), columns=2, sharex=True
    )
    for panel, sector in zip(np.ravel(axes), sectors, strict=False):
        rows = result.months[result.months["sector"] == sector]
        rows = rows.set_index(rows["period"].map(_month_start))
        past, future = rows[rows["kind"] == "history"]["estimate"].iloc[-60:], rows[rows["kind"] == "forecast"]
        _fan(panel, past, {p: future.rename(columns={f"lower_{p}": "lower", f"upper_{p}": "upper"}) for p in (80, 95)})
        panel.set_title(words.sector(sector))
        panel.set_ylim(0, None)
        style.dutch_months(panel)
    np.ravel(axes)[0].legend(loc="lower left", ncols=2, fontsize=8)
    figure.supylabel("ontvangen vacatures per maand", fontsize=9.5, color=style.MUTED)
    told = "; ".join(
        f"{words.sector(row.sector)}: {numbers.number(row.estimate)} ({numbers.interval(row.lower, row.upper)})"
        for row in result.totals.itertuples()
    )
    return Figure(
        name="regional_demand",
        caption="Ontvangen vacatures per sector: de voorbije vijf jaar en de verwachting",
        alt=f"Vier lijnen met verwachting. Over de volgende {result.span} maanden samen: {told}.",
        drawing=figure,
        frame=shown,
    )


def municipal_demand(result: Any, *, frame: pd.DataFrame | None = None, **context: Any) -> Figure:
    """Map of the vacancies that each municipality can expect.

    Parameters
    ----------
    result : demand.outlook.MunicipalDemand
    frame : DataFrame, optional
        The result's cells that may be printed.
    **context
        What every map of a region needs, as `Study.map_of` gives it.
    """
    title = f"Verwachte vacatures in de vier sectoren, volgende {result.span} maanden"
    return mapped(
        cells.printable(result, frame), name="municipal_demand", title=title, unit="vacatures", context=context
    )
