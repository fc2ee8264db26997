"""Figures of the ladder: moves, stocks, curves after a move, where people are after years."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from studie.errors import InsufficientDataError
from studie.present import cells, numbers, style, words
from studie.present.display import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes


LEAST_SHOWN = 0.0005  # a share that would be written as 0,0 % is a dash
MOST_BANDS = 3  # more bands than this hide each other; the table beside the figure has the intervals
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
    interval = f"interval van {numbers.share(result.level)}"
    caption = f"Waar staan mensen een maand later, per trede waarop ze nu staan (met {interval}; – is niet gezien)"
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
    interval = f"interval van {numbers.share(result.level)}"
    caption = f"Waar staan mensen een maand later: cijfers van de regio, aangevuld met die van het gebied erboven (met {interval}; – is bijna nooit)"
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
    shaded = len(groups) <= MOST_BANDS
    for i, (key, curve) in enumerate(groups):
        _band(axes, curve, i, _group_label(result.by, key), shaded=shaded)
    axes.set(xlabel="maanden sinds de stap omhoog", ylabel=label, xlim=(0, None), ylim=(0, None))
    axes.grid(axis="y")
    axes.set_xticks(range(0, int(rows["time"].max() if len(rows) else 0) + 1, 6))
    style.dutch_axis(axes, share=True)
    if len(groups) > 1:
        figure.legend(loc="outside lower center", ncols=3)
    title = f"{caption} (band: interval van {numbers.share(result.level)})" if shaded else caption
    return Figure(name=quantity, caption=title, alt=_curve_alt(groups, result.by, label), drawing=figure, frame=shown)


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
    np.ravel(axes)[0].set_ylabel("deel van wie begon")
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
