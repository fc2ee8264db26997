"""Figures of what would help: scenarios by year, what they hang on, places needed, what to find out first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown
from studie.present import cells, expected, levers, money, numbers, style, words
from studie.present.display import Figure
from studie.present.plots.panels import NARROW, band_line, panel_grid, rows_axis, time_axis, wrapped

QUANTITIES = {
    "waiting": "mensen die wachten",
    "upward_moves": "stappen omhoog per jaar",
    "lasting_moves": "duurzame stappen omhoog per jaar",
    "relapse": "deel dat na een stap omhoog terugvalt",
}
MOST_ROWS = 15
THOUSAND = 1000.0


@style.styled
def projection(
    result: Any,
    *,
    step: str,
    region: str,
    quantity: str = "waiting",
    target_group: str | None = None,
    first_year: int = 1,
    frame: pd.DataFrame | None = None,
) -> Figure:
    """People on a step, or waiting for it, month by month in one region, with its band.

    Parameters
    ----------
    result : strategy.flows.Projection
    step, region : str
        A state and a region of the result.
    quantity : {"waiting", "persons"}
    target_group : str, optional
        Needed where there are several: groups are never added up.
    first_year : int
        Calendar year of the first month.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = expected.printable(result, frame)
    groups = sorted(map(str, shown["target_group"].unique()))
    if target_group is None and len(groups) > 1:
        raise InputError(f"target_group: one of {', '.join(groups)} is needed, got none")
    rows = shown[(shown["quantity"] == quantity) & (shown["step"] == step) & (shown["region"] == region)]
    if target_group is not None:
        rows = rows[rows["target_group"] == target_group]
    if rows.empty:
        raise unknown("step", step, map(str, shown.loc[shown["quantity"] == quantity, "step"].unique()))
    expected.some(rows)
    label = f"mensen die wachten op {words.step(step)}" if quantity == "waiting" else f"mensen op {words.step(step)}"
    figure, axes = style.canvas(2.8)
    band_line(axes, first_year + rows["month"].to_numpy(float) / 12, rows, colour=style.BLUE, dash="-", label=label)
    time_axis(axes, label)
    known = expected.told(rows)
    first, last = known.iloc[0], known.iloc[-1]
    return Figure(
        name="projection",
        caption=f"{label[0].upper()}{label[1:]}, maand na maand (band: {numbers.share(result.level)} van de trekkingen)",
        alt=(
            f"Lijn van {label}. Na {numbers.plural(first['month'], 'maand', 'maanden')} {cells.amount(first)}, na "
            f"{numbers.number(last['month'])} maanden {cells.amount(last)}."
        ),
        drawing=figure,
        frame=shown,
    )


@style.styled
def paths(
    result: Any,
    *,
    quantities: Sequence[str] = ("waiting",),
    scenarios: Sequence[str] | None = None,
    names: levers.Names | None = None,
    first_year: int = 1,
    frame: pd.DataFrame | None = None,
) -> Figure:
    """Scenarios year by year, each in its own panel beside doing nothing extra, with bands.

    Parameters
    ----------
    result : strategy.paths.Paths
    quantities : sequence of str
        Of `waiting`, `upward_moves`, `lasting_moves`, `relapse`; a panel for each.
    scenarios : sequence of str, optional
        Default all.
    names : mapping of str to str, optional
        Dutch names of levers and scenarios (`levers.names`).
    first_year : int
        Calendar year of the first year.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown, named = expected.printable(result, frame), names or {}
    for quantity in quantities:
        if quantity not in QUANTITIES:
            raise unknown("quantities", quantity, QUANTITIES)
    chosen = [s for s in result.scenarios if s != levers.BASELINE] if scenarios is None else list(scenarios)
    panels = [(scenario, quantity) for quantity in quantities for scenario in chosen]
    expected.some(shown[shown["scenario"].isin(chosen) & shown["quantity"].isin(quantities)])
    figure, axes = panel_grid(len(panels), sharey="row" if len(quantities) == 1 else False)
    parts = []
    for i, (panel, (scenario, quantity)) in enumerate(zip(axes, panels, strict=False)):
        rows = shown[shown["quantity"] == quantity]
        for code, colour, dash in ((levers.BASELINE, style.MUTED, "--"), (scenario, style.BLUE, "-")):
            line = rows[rows["scenario"] == code].sort_values("year")
            label = "met" if code == scenario else levers.BASELINE_NAME
            years = first_year + line["year"].to_numpy(float) - 1
            band_line(panel, years, line, colour=colour, dash=dash, label=label if i == 0 else None)
        time_axis(
            panel, wrapped(QUANTITIES[quantity], NARROW) if len(quantities) > 1 else "", share=quantity == "relapse"
        )
        if len(chosen) > 1:
            panel.set_title(wrapped(levers.scenario(scenario, named), NARROW), fontsize=9.5)
        parts.append(_path_words(rows, scenario, named, quantity, first_year))
    for empty in axes[len(panels) :]:
        empty.set_visible(False)
    if len(quantities) == 1:
        figure.supylabel(QUANTITIES[quantities[0]], fontsize=9.5, color=style.MUTED)
    figure.legend(loc="outside lower center", ncols=2)
    listed = numbers.listing([QUANTITIES[q] for q in quantities])
    only = f": {levers.scenario(chosen[0], named)}" if len(chosen) == 1 else ""
    return Figure(
        name=f"paths_{'_'.join(quantities)}",
        caption=(
            f"{listed[0].upper()}{listed[1:]}, jaar na jaar, met en zonder{only} (band: {numbers.share(result.level)} van "
            "de trekkingen; banden kunnen overlappen terwijl het verschil duidelijk is)"
        ),
        alt=f"Lijnen met en zonder. {' '.join(parts)}",
        drawing=figure,
        frame=shown,
    )


def _path_words(rows: pd.DataFrame, scenario: str, names: levers.Names, quantity: str, first_year: int) -> str:
    """Words for a panel: the last year with and without."""
    last = int(rows["year"].max())
    indexed: Any = rows[rows["year"] == last].set_index("scenario")
    write = cells.share if quantity == "relapse" else cells.amount
    with_, without = (write(cells.row(indexed, code)) for code in (scenario, levers.BASELINE))
    when = f"in {first_year + last - 1}" if first_year > 1 else f"in jaar {last}"
    name = levers.scenario(scenario, names)
    return f"{name[0].upper()}{name[1:]}, {QUANTITIES[quantity]} {when}: {with_}; zonder: {without}."


@style.styled
def tornado(result: Any, *, names: levers.Names | None = None, frame: pd.DataFrame | None = None) -> Figure:
    """How far the outcome moves when one belief stands at a bound of its interval.

    Parameters
    ----------
    result : strategy.sensitivity.Tornado
    names : mapping of str to str, optional
        Dutch names of levers.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown, named = expected.printable(result, frame), names or {}
    rows = expected.some(shown.head(MOST_ROWS))
    known = set(expected.told(rows)["effect"])
    table = result.table.set_index("effect")
    middle = float(table["all_drawn"].iloc[0])
    share = result.quantity == "relapse"
    figure, axes = style.canvas(0.8 + 0.42 * len(rows))
    for y, effect in enumerate(rows["effect"]):
        if effect not in known:
            axes.text(middle, y, words.CELL_STATUS["suppressed"], fontsize=9, color=style.MUTED, va="center")
            continue
        row = table.loc[effect]
        for end, at, colour in (("low", "at_lower", style.OCHRE), ("high", "at_upper", style.BLUE)):
            hatch = "////" if end == "low" else None  # apart in grey too
            axes.barh(y, row[end] - middle, left=middle, height=0.55, color=colour, hatch=hatch, edgecolor="white")
            right = row[end] >= middle
            axes.annotate(
                numbers.number(row[at], decimals=2), (row[end], y), xytext=(4 if right else -4, 0), fontsize=8.5,
                textcoords="offset points", va="center", ha="left" if right else "right",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
            )  # fmt: skip
    axes.axvline(middle, color=style.INK, linewidth=1)
    axes.axvline(0, color=style.MUTED, linewidth=0.8, linestyle=":")
    rows_axis(axes, [levers.effect(str(one), named) for one in rows["effect"]])
    axes.margins(x=0.15)
    axes.set_xlabel(f"verschil met {levers.BASELINE_NAME}: {_difference(result.quantity)}")
    style.dutch_axis(axes, which="x", share=share)
    write = cells.share if share else cells.amount
    listed = "; ".join(
        f"{levers.effect(str(row['effect']), named)}: {write(row)}" for _, row in rows.head(3).iterrows()
    )
    return Figure(
        name="tornado",
        caption=(
            "Waar het verschil van afhangt: elke aanname apart aan de grenzen van haar "
            f"{numbers.share(result.level)}-interval (getallen naast de balk; gestreept laag, effen hoog)"
        ),
        alt=f"Balken per aanname, breedste eerst, met het gemiddelde verschil en tussen haakjes hoe ver het gaat. {listed}.",
        drawing=figure,
        frame=shown,
    )


def _difference(quantity: str) -> str:
    """Outcome of a tornado over the whole horizon."""
    return QUANTITIES[quantity].replace(" per jaar", "")


@style.styled
def variance_shares(result: Any, *, names: levers.Names | None = None, frame: pd.DataFrame | None = None) -> Figure:
    """Which part of the doubt comes from which input, as bars with their interval.

    Parameters
    ----------
    result : strategy.sensitivity.VarianceShares
    names : mapping of str to str, optional
        Dutch names of levers.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown, named = expected.printable(result, frame), names or {}
    order = shown[shown["input"] != "interaction"].sort_values("estimate", ascending=False, kind="stable")
    rows = expected.some(pd.concat([order.head(MOST_ROWS), shown[shown["input"] == "interaction"]]))
    figure, axes = style.canvas(0.7 + 0.34 * len(rows))
    for y, (_, row) in enumerate(rows.iterrows()):
        if row["cell_status"] == "published":
            axes.barh(y, float(row["estimate"]), height=0.6, color=style.BLUE)
            axes.plot([float(row["lower"]), float(row["upper"])], [y, y], color=style.INK, linewidth=1.2)
        end = float(row["upper"]) if row["cell_status"] == "published" else 0.0
        axes.annotate(cells.share(row), (end, y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8.5)
    rows_axis(axes, [levers.input_name(str(one), named) for one in rows["input"]])
    axes.set_xlim(0, None)
    axes.margins(x=0.3)
    axes.set_xlabel("deel van de spreiding van de uitkomst")
    style.dutch_axis(axes, which="x", share=True)
    listed = "; ".join(
        f"{levers.input_name(str(row['input']), named)}: {cells.share(row)}" for _, row in rows.head(3).iterrows()
    )
    return Figure(
        name="variance_shares",
        caption=f"Waar de onzekerheid vandaan komt (lijn: interval van {numbers.share(result.level)})",
        alt=f"Balken met het deel van de onzekerheid per aanname. {listed}.",
        drawing=figure,
        frame=shown,
    )


@style.styled
def needed_places(
    result: Any,
    *,
    region_names: Mapping[str, str] | None = None,
    first_year: int = 1,
    most: int = MOST_ROWS,
    frame: pd.DataFrame | None = None,
) -> Figure:
    """Extra places per region and year, in words and shades, most first.

    Parameters
    ----------
    result : strategy.needed_places.NeededPlaces
    region_names : mapping of str to str, optional
    first_year : int
        Calendar year of the first year.
    most : int, default 15
        Regions that are drawn; the table beside it has all.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    from matplotlib import colormaps

    shown, named = expected.printable(result, frame), region_names or {}
    rows = expected.some(shown[shown["quantity"] == "extra_places"])
    indexed: Any = rows.set_index(["region", "year"])
    years = sorted(rows["year"].unique())
    last = rows[rows["year"] == years[-1]].assign(estimate=lambda t: t["estimate"].astype(float))
    order = list(last.sort_values("estimate", ascending=False, kind="stable")["region"][:most])
    largest = max(float(expected.told(rows)["estimate"].max()), 1.0)
    figure, axes = style.canvas(0.6 + 0.26 * len(order))
    axes.set_xlim(-0.5, len(years) - 0.5)
    for y, region in enumerate(order):
        for x, year in enumerate(years):
            row = indexed.loc[(region, year)]
            known = row["cell_status"] == "published"
            tone = 0.6 * float(np.sqrt(row["estimate"] / largest)) if known else 0.0
            axes.barh(y, 0.94, left=x - 0.47, height=0.9, color=colormaps["Blues"](tone))
            axes.text(x, y, cells.amount_known(row), ha="center", va="center", fontsize=8.5 if known else 8)
    rows_axis(axes, [named.get(str(one), str(one)) for one in order])
    axes.set_xticks(range(len(years)), [_year(first_year, int(year)) for year in years])
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    top = order[0]
    told = [
        f"in {_year(first_year, int(y))} {cells.amount_known(indexed.loc[(top, y)])}" for y in (years[0], years[-1])
    ]
    total = expected.told(last)["estimate"].sum()
    return Figure(
        name="needed_places",
        caption=(
            f"Plaatsen op {words.step(result.step)} die er per regio bovenop nodig zijn [mensen tegelijk], zodat de wachtlijst "
            f"met {numbers.share(result.wanted)} kans onder het streefdoel blijft"
        ),
        alt=(
            f"Tabel met extra plaatsen per regio en jaar. Meest in {named.get(str(top), str(top))}: {numbers.listing(told)}. "
            f"Alle getoonde regio's samen in het laatste jaar: {numbers.number(total)}."
        ),
        drawing=figure,
        frame=shown,
    )


@style.styled
def value_of_information(
    result: Any, *, request_names: Mapping[str, str] | None = None, frame: pd.DataFrame | None = None
) -> Figure:
    """What an answer to each data request is worth at most, for several values of a lasting move.

    Parameters
    ----------
    result : strategy.information.ValueOfInformation
    request_names : mapping of str to str, optional
        Dutch names of the data requests.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown, named = expected.printable(result, frame), {"everything": "alles weten", **(request_names or {})}
    expected.some(shown)
    best = shown.groupby("request")["estimate"].max().drop("everything").sort_values(ascending=False, kind="stable")
    order = [*best.index[:MOST_ROWS], "everything"]
    values = sorted(shown["value_per_lasting_move"].unique())
    figure, axes = style.canvas(0.9 + 0.2 * len(values) * len(order))
    for i, value in enumerate(values):
        rows: Any = shown[shown["value_per_lasting_move"] == value].set_index("request").loc[order]
        y = np.arange(len(order)) + 0.6 * ((i + 0.5) / len(values) - 0.5)
        colour = style.SERIES[i % len(style.SERIES)]
        estimate, lower, upper = (rows[c].astype(float).to_numpy() / THOUSAND for c in ("estimate", "lower", "upper"))
        axes.hlines(y, lower, upper, color=colour, linewidth=1.4)
        marker = style.MARKERS[i % len(style.MARKERS)]
        axes.plot(estimate, y, marker, color=colour, ms=5, label=money.euro(float(value)))
    rows_axis(axes, [named.get(one, one) for one in order])
    axes.set_xlim(0, None)
    axes.grid(axis="x")
    axes.set_xlabel("hoogstens waard [duizend euro]")
    style.dutch_axis(axes, which="x")
    figure.legend(loc="outside lower center", ncols=3, title="waarde van een duurzame stap omhoog", title_fontsize=9)
    middle = shown[shown["value_per_lasting_move"] == values[len(values) // 2]].set_index("request")
    listed = "; ".join(f"{named.get(one, one)}: {money.amount(middle.loc[one])}" for one in order[:2] + order[-1:])
    return Figure(
        name="value_of_information",
        caption=(f"Wat het hoogstens waard is om eerst te weten (lijn: interval van {numbers.share(result.level)})"),
        alt=(
            f"Punten per vraag om gegevens. Als een duurzame stap {money.euro(float(values[len(values) // 2]))} waard is: "
            f"{listed}."
        ),
        drawing=figure,
        frame=shown,
    )


def _year(first_year: int, year: int) -> str:
    """Calendar year, or the number of the year where none was given."""
    return str(first_year + year - 1) if first_year > 1 else f"jaar {year}"
