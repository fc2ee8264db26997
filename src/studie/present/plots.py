"""Figures: one message each, drawn from printable cells, named after the class of the result they show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from studie.errors import InsufficientDataError
from studie.present import cells, maps, numbers, style, words
from studie.present.display import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_BANDS = 3  # more bands than this hide each other; the table beside the figure has the intervals
LEAST_SHOWN = 0.0005  # a share that would be written as 0,0 % is a dash
MAIN_STEPS = ("1", "2", "3", "4", "5", "6")


@style.styled
def transition_matrix(result: Any, *, frame: pd.DataFrame | None = None) -> Figure:
    """Probability of each step one period later by the step now, in words and shades.

    Parameters
    ----------
    result : ladder.matrices.TransitionMatrix
    frame : DataFrame, optional
        The result's cells that may be printed; default its own under the default threshold.
    """
    caption = "Waar staan mensen een maand later, per trede waarop ze nu staan (met interval; – is niet gezien)"
    return _matrix(cells.printable(result, frame), name="transition_matrix", caption=caption)


@style.styled
def regional_matrix(result: Any, *, frame: pd.DataFrame | None = None) -> Figure:
    """The same for one region, whose figures lean on the region above as far as its own data are few.

    Parameters
    ----------
    result : ladder.regional.RegionalMatrix
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    caption = "Waar staan mensen een maand later: cijfers van de regio, aangevuld met die van het gebied erboven (– is bijna nooit)"
    return _matrix(cells.printable(result, frame), name="regional_matrix", caption=caption)


def _matrix(shown: pd.DataFrame, *, name: str, caption: str) -> Figure:
    """Matrix of shares in words and shades; a dash where the move was not seen."""
    _some(shown)
    table = shown.assign(from_step=shown["from_step"].astype(str), to_step=shown["to_step"].astype(str))
    origins = [s for s in MAIN_STEPS if s in set(table["from_step"])]
    targets = [*[s for s in MAIN_STEPS if s in set(table["to_step"])], "uit_beeld"]
    wide: Any = table.set_index(["from_step", "to_step"])
    figure, axes = style.canvas(0.55 + 0.5 * len(origins))
    _shade(axes, wide, origins, targets)
    axes.set_xticks(range(len(targets)), [words.step(s) for s in targets])
    axes.set_yticks(range(len(origins)), [words.step(s) for s in origins])
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_xlabel("een maand later", loc="left")
    axes.xaxis.set_label_position("top")
    axes.spines[:].set_visible(False)
    return Figure(
        name=name,
        caption=caption,
        alt=_transition_alt(wide, origins),
        drawing=figure,
        frame=shown,
    )


@style.styled
def stock(result: Any, *, frame: pd.DataFrame | None = None) -> Figure:
    """People per step as bars, lowest step below; a thin line reaches to how many there may be.

    Parameters
    ----------
    result : ladder.stock.Stock
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    order = [s for s in words.STEPS if s in set(shown["step"]) and not s.startswith("exit_")]
    rows: Any = _some(shown.set_index("step").loc[order])
    figure, axes = style.canvas(0.5 + 0.27 * len(order))
    known = rows["estimate"].astype(float).fillna(0)
    axes.barh(range(len(order)), known, color=style.BLUE, height=0.7)
    axes.hlines(range(len(order)), known, rows["upper"].astype(float).fillna(0), color=style.INK, linewidth=1)
    for y, row in enumerate(rows.itertuples()):
        end = float(row.upper) if row.cell_status == "published" else 0.0
        axes.annotate(
            cells.amount_known(row), (end, y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9
        )
    axes.set_yticks(range(len(order)), [words.step(s) for s in order])
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.12)
    axes.set_xlabel("mensen")
    style.dutch_axis(axes, which="x")
    listed = "; ".join(f"{words.step(s)}: {cells.amount_known(rows.loc[s])}" for s in ("3", "5", "6") if s in order)
    return Figure(
        name="stock",
        caption="Mensen per trede op de laatste datum; de lijn reikt tot hoeveel het er kunnen zijn",
        alt=f"Staven met het aantal mensen per trede. {listed}.",
        drawing=figure,
        frame=shown,
    )


def _shade(axes: Axes, wide: Any, origins: list[str], targets: list[str]) -> None:
    """Cells with their share; the darker, the likelier, on a scale that shows small moves too."""
    from matplotlib import colormaps

    axes.set_xlim(-0.5, len(targets) - 0.5)
    axes.set_ylim(len(origins) - 0.5, -0.5)
    for y, origin in enumerate(origins):
        for x, target in enumerate(targets):
            if (origin, target) not in wide.index:
                continue
            row = wide.loc[(origin, target)]
            value = float(row.estimate) if numbers.is_known(row.estimate) else 0.0
            tone = 0.55 * np.sqrt(value)
            axes.add_patch(_cell(x, y, colormaps["Blues"](tone)))
            _label(axes, x, y, row)


def _cell(x: float, y: float, colour: Any) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, facecolor=colour, edgecolor="none")


def _label(axes: Axes, x: float, y: float, row: Any) -> None:
    """Share above its interval, or why there is none."""
    if row.cell_status != "published":
        axes.text(x, y, words.CELL_STATUS[row.cell_status], ha="center", va="center", fontsize=8, color=style.MUTED)
        return
    if row.estimate < LEAST_SHOWN:
        axes.text(x, y, "–", ha="center", va="center", fontsize=9, color=style.MUTED)
        return
    axes.text(x, y - 0.14, numbers.share(row.estimate), ha="center", va="center", fontsize=9)
    bounds = numbers.share_interval(row.lower, row.upper).replace(f"{numbers.NO_BREAK}%", "")
    axes.text(x, y + 0.24, bounds, ha="center", va="center", fontsize=8, color=style.INK)


def _transition_alt(wide: Any, origins: list[str]) -> str:
    parts = []
    for origin, target in (("3", "3"), ("5", "5"), ("5", "6"), ("6", "5")):
        if origin in origins and (origin, target) in wide.index:
            row = wide.loc[(origin, target)]
            verb = "blijft" if origin == target else f"gaat naar {words.step(target)}"
            if row.cell_status == "published":
                parts.append(f"van wie op {words.step(origin)} staat, {verb} {numbers.share(row.estimate)}")
    return "Tabel met kansen per maand: " + ("; ".join(parts) or "te weinig mensen om te tonen") + "."


@style.styled
def cumulative_incidence(
    result: Any, *, quantity: str, caption: str, label: str, frame: pd.DataFrame | None = None
) -> Figure:
    """Curve of the probability that something has happened, by months since the move, one line per group.

    Parameters
    ----------
    result : ladder.hazards.CumulativeIncidence
    quantity : str
        Which probability, such as `relapse`.
    caption, label : str
        Title of the figure and of its vertical axis, in Dutch.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    rows = _some(shown[shown["quantity"] == quantity])
    figure, axes = style.canvas(3.1)
    groups = list(rows.groupby(list(result.by), sort=True)) if result.by else [("", rows)]
    for i, (key, curve) in enumerate(groups):
        _band(axes, curve, i, _group_label(result.by, key), shaded=len(groups) <= MOST_BANDS)
    axes.set(xlabel="maanden sinds de stap omhoog", ylabel=label, xlim=(0, None), ylim=(0, None))
    axes.grid(axis="y")
    axes.set_xticks(range(0, int(rows["time"].max() if len(rows) else 0) + 1, 6))
    style.dutch_axis(axes, share=True)
    if len(groups) > 1:
        figure.legend(loc="outside lower center", ncols=3)
    return Figure(name=quantity, caption=caption, alt=_curve_alt(groups, result.by, label), drawing=figure, frame=shown)


def _band(axes: Axes, curve: pd.DataFrame, i: int, label: str, *, shaded: bool) -> None:
    """Line with its interval, told apart by dash as well as colour; a gap where a cell is not printed."""
    time = [0.0, *curve["time"].astype(float)]
    estimate, lower, upper = ([0.0, *_numeric(curve[c])] for c in ("estimate", "lower", "upper"))
    if shaded:
        axes.fill_between(time, lower, upper, color=style.SERIES[i], alpha=0.15, linewidth=0)
    axes.plot(
        time, estimate, color=style.SERIES[i], linestyle=style.DASHES[i], marker=style.MARKERS[i], ms=3, label=label
    )


def _some(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows, of which at least one may be printed; otherwise there is nothing to draw."""
    if not (rows["cell_status"] == "published").any():
        raise InsufficientDataError("frame: at least one cell must be printable, got none")
    return rows


def _numeric(column: pd.Series) -> list[float]:
    return [float(value) if numbers.is_known(value) else math.nan for value in column]


def _group_label(by: tuple[str, ...], key: Any) -> str:
    values = key if isinstance(key, tuple) else (key,)
    return ", ".join(words.group(name, value) for name, value in zip(by, values, strict=False))


def _curve_alt(groups: list[Any], by: tuple[str, ...], label: str) -> str:
    parts = []
    for key, curve in groups:
        known = curve[curve["cell_status"] == "published"]
        name = _group_label(by, key) or "allen"
        if len(known):
            when = f"na {numbers.number(known['time'].iloc[-1])} maanden"
            parts.append(f"{name}: {numbers.share(known['estimate'].iloc[-1])} {when}")
        else:
            parts.append(f"{name}: te weinig mensen om te tonen")
    return f"Lijn van {label}. {'; '.join(parts)}."


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
    return _map(cells.printable(result, frame), name="offer_coverage", title=title, unit="plaatsen", context=context)


def _map(shown: pd.DataFrame, *, name: str, title: str, unit: str, context: dict[str, Any]) -> Figure:
    """Choropleth of a result by municipality, with its words."""
    inside = context["highlight"]
    options = {k: v for k, v in context.items() if k != "source"}  # the report prints caption and source below
    options |= {"value": "estimate", "status": "cell_status", "unit": unit}
    options["extent"] = "all" if inside is None or len(inside) < 3 else "highlight"
    drawn = shown if inside is None else _with_outside(shown, context["boundaries"]["refnis"], inside)
    return Figure(
        name=name,
        caption=title,
        alt=maps.alt_text(drawn, title=title, **options),
        drawing=maps.choropleth(drawn, **options),
        frame=shown,
    )


def _with_outside(shown: pd.DataFrame, everywhere: pd.Series, inside: Sequence[int]) -> pd.DataFrame:
    """Rows for municipalities outside the region that the result does not speak of: not unknown, just elsewhere."""
    beyond = sorted(set(everywhere) - set(shown["refnis"]) - set(inside))
    outside = pd.DataFrame({"refnis": beyond, "estimate": float("nan"), "cell_status": "outside"})
    columns = ["refnis", "estimate", "cell_status"]
    return pd.concat([shown[columns].astype({"estimate": float}), outside], ignore_index=True)


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
    axes.legend(loc="upper left", ncols=2)
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
            label=f"{percent} % zeker",
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
    return _map(cells.printable(result, frame), name="municipal_demand", title=title, unit="vacatures", context=context)


@style.styled
def outcomes(result: Any, *, frame: pd.DataFrame | None = None) -> Figure:
    """Where people from some steps are after years: stacked bars, observed beside what a memoryless ladder gives.

    Parameters
    ----------
    result : ladder.outcomes.Outcomes
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    from matplotlib import colormaps

    shown = cells.printable(result, frame)
    _some(shown)
    table = shown.assign(end=shown["to_step"].astype(str).map(words.END_STATES).fillna("tussen treden"))
    origins, times = sorted(table["from_step"].astype(str).unique()), sorted(table["time"].unique())
    figure, axes = style.canvas(3.6, columns=len(origins), sharey=True)
    shades = colormaps["cividis"](np.linspace(0.0, 1.0, len(words.ENDS)))
    for panel, origin in zip(np.ravel(axes), origins, strict=True):
        for i, time in enumerate(times):
            for offset, quantity in ((-0.2, "observed_share"), (0.2, "expected_share")):
                rows = table[(table["from_step"].astype(str) == origin) & (table["time"] == time)]
                _stack(panel, i + offset, rows[rows["quantity"] == quantity], shades)
        panel.set_title(f"van {words.step(origin)}", pad=18)
        ticks = [i + offset for i in range(len(times)) for offset in (-0.2, 0.2)]
        panel.set_xticks(ticks, ["gezien", "verwacht"] * len(times), rotation=90)
        for i, time in enumerate(times):
            panel.annotate(
                f"{numbers.number(time / 12)} jaar",
                (i, 1.02),
                xycoords=("data", "axes fraction"),
                ha="center",
                fontsize=8.5,
            )
        panel.tick_params(axis="x", length=0)
        panel.spines["bottom"].set_visible(False)
    style.dutch_axis(np.ravel(axes)[0], share=True)
    handles = [_cell(0, 0, shade) for shade in shades]
    figure.legend(handles, words.ENDS, loc="outside lower center", ncols=4)
    return Figure(
        name="outcomes",
        caption="Waar zijn mensen van trede 3, 4 en 5 na één, twee en drie jaar",
        alt=_outcomes_alt(table, times),
        drawing=figure,
        frame=shown,
    )


def _stack(axes: Axes, x: float, rows: pd.DataFrame, shades: Any) -> None:
    """One bar of shares from the top of the ladder down; suppressed cells leave it short of the whole."""
    printed = rows[rows["cell_status"] == "published"]
    share = printed.groupby("end")["estimate"].sum().astype(float)
    base = 0.0
    for name, shade in zip(words.ENDS, shades, strict=True):
        height = float(share.get(name, 0.0))
        axes.bar(x, height, 0.36, bottom=base, color=shade, edgecolor="white", linewidth=0.4)
        base += height


def _outcomes_alt(table: pd.DataFrame, times: Sequence[float]) -> str:
    last = table[(table["time"] == times[-1]) & (table["quantity"] == "observed_share")]
    parts = []
    for origin, rows in last.groupby(last["from_step"].astype(str)):
        stay = rows[rows["to_step"].astype(str) == origin]
        if len(stay) and stay["cell_status"].iloc[0] == "published":
            parts.append(
                f"van {words.step(origin)} staat {numbers.share(stay['estimate'].iloc[0])} er na {numbers.number(times[-1] / 12)} jaar nog"
            )
    return "Staven met de verdeling over de treden. " + ("; ".join(parts) or "te weinig mensen om te tonen") + "."
