"""Figures of decisions: where to pilot, what a test could see, what a budget buys, who ranks first, who works with whom."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from studie.present import cells, expected, maps, money, numbers, platform, style
from studie.present.display import Figure
from studie.present.plots.panels import rows_axis, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MILLION = 1e6
MOST_RANKED = 12
EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
SHARES = ("density", "degree_centralisation", "betweenness_centralisation", "redundancy")


def choice(result: Any, *, frame: pd.DataFrame | None = None, **context: Any) -> Figure:
    """Map of the chance that each municipality is in the pilot, with the best set outlined.

    Parameters
    ----------
    result : strategy.pilots.Choice
        Of areas whose members are municipalities [refnis].
    frame : DataFrame, optional
        The result's cells that may be printed.
    **context
        What every map of a region needs, as `Study.map_of` gives it.
    """
    shown = expected.printable(result, frame)
    chance = municipal_chance(result)
    everywhere = [int(refnis) for refnis in context["boundaries"]["refnis"]]
    drawn = pd.DataFrame({"refnis": everywhere, "estimate": [chance.get(one, 0.0) for one in everywhere]})
    drawn["cell_status"] = np.where(drawn["estimate"] > 0, "published", "zero")
    best = [int(one) for one in result.sets["members"].iloc[0]]
    options = {k: v for k, v in context.items() if k not in ("source", "highlight")}
    several = len(result.sets) > 1
    drawing = maps.choropleth(
        drawn, **options, value="estimate", status="cell_status", unit="kans op de proef", form="share", breaks=EDGES,
        zero="own", highlight=best, highlight_label="beste keuze",
    )  # fmt: skip
    listed = numbers.listing([context["names"].get(one, str(one)) for one in best])
    top = sorted(chance, key=lambda one: (-chance[one], one))[:3]
    told = "; ".join(f"{context['names'].get(one, str(one))} {numbers.share(chance[one])}" for one in top)
    many = f"{numbers.number(len(result.sets))} keuzes die even goed of bijna even goed zijn"
    return Figure(
        name="choice",
        caption=f"Voorgestelde proefgebieden: de beste keuze, en kans bij loting onder {many}" if several
        else "Voorgestelde proefgebieden: de beste keuze; geen enkele andere komt in de buurt",
        alt=f"Kaart met de kans per gemeente om in de proef te zitten, bij loting onder {many}. Beste keuze: {listed}. Hoogste kans: {told}.",
        drawing=drawing,
        frame=shown,
    )  # fmt: skip


def municipal_chance(result: Any) -> dict[int, float]:
    """Share of the listed sets that each municipality is in."""
    found: dict[int, float] = {}
    for members in result.sets["members"]:
        for one in members:
            found[int(one)] = found.get(int(one), 0.0) + 1 / len(result.sets)
    return {one: min(share, 1.0) for one, share in found.items()}


@style.styled
def evaluation(result: Any, *, frame: pd.DataFrame | None = None) -> Figure:
    """Chance that the evaluation sees an effect, by the size of the effect.

    Parameters
    ----------
    result : strategy.evaluation.Evaluation
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    from matplotlib.ticker import MultipleLocator

    shown = expected.printable(result, frame)
    power = expected.told(expected.some(shown[shown["quantity"].isin(["power", "type_one_error"])]))
    power = power.assign(size=power["effect"].abs())
    figure, axes = style.canvas(2.7)
    least = abs(result.minimum_detectable_effect)
    if np.isfinite(least):  # the line goes through the smallest effect that is seen as often as wanted
        seen = dict.fromkeys(("estimate", "lower", "upper"), result.wanted_power)
        power = pd.concat([power[["size", *seen]], pd.DataFrame([{"size": least, **seen}])], ignore_index=True)
        axes.plot([least], [result.wanted_power], color=style.OCHRE, marker="D", ms=6, zorder=3)
    power = power.sort_values("size")
    axes.fill_between(power["size"], power["lower"], power["upper"], color=style.BLUE, alpha=0.18, linewidth=0)
    axes.plot(power["size"], power["estimate"], color=style.BLUE, marker="o", ms=4)
    axes.axhline(result.wanted_power, color=style.OCHRE, linestyle="--", linewidth=1.2)
    axes.annotate(
        f"gewenst: {numbers.share(result.wanted_power)}", (0, result.wanted_power), xytext=(2, 3),
        textcoords="offset points", fontsize=9, color=style.OCHRE,
    )  # fmt: skip
    axes.set(ylim=(0, 1.02), xlim=(0, None), ylabel="kans dat de proef het ziet")
    axes.set_xlabel(f"werkelijk verschil: {platform.OUTCOMES[result.outcome]} [procentpunt]")
    axes.grid(axis="y")
    style.dutch_axis(axes, share=True)
    axes.xaxis.set_major_locator(MultipleLocator(0.05))
    axes.xaxis.set_major_formatter(lambda value, _: numbers.number(100 * value))
    told = "; ".join(
        f"bij {numbers.number(100 * row['size'])} procentpunt {numbers.share(row['estimate'])}"
        for _, row in power.iloc[[0, len(power) // 2, -1]].iterrows()
    )
    return Figure(
        name=f"evaluation_{result.outcome}",
        caption=(
            f"Hoe groot de kans is dat de proef een effect ziet: {platform.OUTCOMES[result.outcome]} "
            f"({platform.DESIGNS[result.design]}; band: interval van {numbers.share(result.level)})"
        ),
        alt=f"Lijn met de kans dat de proef een verschil ziet: {told}.",
        drawing=figure,
        frame=shown,
    )


@style.styled
def frontier(result: Any, *, frame: pd.DataFrame | None = None) -> Figure:
    """Most lasting places that each budget buys, with a band.

    Parameters
    ----------
    result : strategy.budget.Frontier
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = expected.printable(result, frame)
    rows = expected.told(expected.some(shown[shown["quantity"] == "lasting_places"])).sort_values("budget")
    budget = rows["budget"].to_numpy(float) / MILLION
    figure, axes = style.canvas(2.9)
    if rows["lower"].notna().all():
        axes.fill_between(budget, rows["lower"], rows["upper"], color=style.BLUE, alpha=0.18, linewidth=0)
    axes.plot(budget, rows["estimate"], color=style.BLUE, marker="o", ms=4)
    axes.set(xlabel="budget [miljoen euro]", ylabel="duurzame plaatsen", xlim=(0, None))
    axes.set_ylim(min(0.0, float(rows["lower"].min()) if rows["lower"].notna().any() else 0.0), None)
    axes.axhline(0, color=style.RULE, linewidth=0.8)
    axes.grid(axis="y")
    style.dutch_axis(axes)
    axes.xaxis.set_major_formatter(lambda value, _: numbers.number(value, decimals=1))
    picked = rows.iloc[sorted({0, len(rows) // 2, len(rows) - 1})]
    told = "; ".join(f"{money.euro(float(row['budget']))}: {cells.amount(row)}" for _, row in picked.iterrows())
    return Figure(
        name="frontier",
        caption=_frontier_caption(result, banded=bool(rows["lower"].notna().all())),
        alt=f"Lijn met de meeste duurzame plaatsen per budget. {told}.",
        drawing=figure,
        frame=shown,
    )


def _frontier_caption(result: Any, *, banded: bool) -> str:
    band = f" (band: {numbers.share(result.level)} van de trekkingen)" if banded else ""
    return f"Hoeveel duurzame plaatsen een budget hoogstens oplevert, bij de beste verdeling{band}"


@style.styled
def acceptability(result: Any, *, names: Mapping[str, str] | None = None, frame: pd.DataFrame | None = None) -> Figure:
    """How often each alternative has each rank, as bars of shares; the first rank is darkest.

    Parameters
    ----------
    result : strategy.smaa.Acceptability
    names : mapping of str to str, optional
        Dutch names of the alternatives.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    from matplotlib import colormaps
    from matplotlib.patches import Patch

    shown, named = expected.printable(result, frame), {**platform.FORMS, **(names or {})}
    rows = expected.told(expected.some(shown[shown["quantity"] == "rank_acceptability"]))
    wide: Any = rows.pivot_table(index="alternative", columns="rank", values="estimate", sort=False)
    wide = wide[sorted(wide.columns)]
    order = (wide @ np.asarray(wide.columns, float)).sort_values(kind="stable").index[:MOST_RANKED]
    groups = _rank_groups(list(wide.columns), result.k)
    shades = colormaps["cividis"](np.linspace(0.0, 1.0, len(groups)))
    figure, axes = style.canvas(0.9 + 0.34 * len(order))
    for y, alternative in enumerate(order):
        left = 0.0
        for (_, ranks), shade in zip(groups, shades, strict=True):
            share = float(wide.loc[alternative, ranks].sum())
            axes.barh(y, share, left=left, height=0.72, color=shade, edgecolor="white", linewidth=0.5)
            if share >= 0.08:
                dark = shade[0] * 0.3 + shade[1] * 0.6 + shade[2] * 0.1 < 0.5
                colour = "white" if dark else style.INK
                axes.text(
                    left + share / 2, y, numbers.share(share), ha="center", va="center", fontsize=8.5, color=colour
                )
            left += share
    rows_axis(axes, [named.get(str(one), str(one)) for one in order])
    axes.set_xlim(0, 1)
    axes.set_xlabel("deel van de trekkingen")
    style.dutch_axis(axes, which="x", share=True)
    handles = [Patch(facecolor=shade, label=label) for (label, _), shade in zip(groups, shades, strict=True)]
    figure.legend(handles=handles, loc="outside lower center", ncols=min(len(groups), 4))
    first = "; ".join(
        f"{named.get(str(one), str(one))} {numbers.share(wide.loc[one, wide.columns[0]])}" for one in order[:3]
    )
    return Figure(
        name="acceptability",
        caption="Hoe vaak elk voorstel op welke plaats eindigt, over alle gewichten en scores die mogelijk zijn",
        alt=f"Gestapelde balken met de plaats in de rangschikking. Eerste plaats: {first}.",
        drawing=figure,
        frame=shown,
    )


def _rank_groups(ranks: Sequence[int], k: int) -> list[tuple[str, list[int]]]:
    """Ranks one by one while they are few, else the first, the rest of the first k, and the others."""
    if len(ranks) <= 4:
        return [(f"{rank}e plaats", [rank]) for rank in ranks]
    groups = [("1e plaats", [r for r in ranks if r == 1])]
    if k > 1:
        groups.append(
            (
                "2e plaats" if k == 2 else "2e of 3e plaats" if k == 3 else f"2e tot {k}e plaats",
                [r for r in ranks if 1 < r <= k],
            )
        )
    return [*groups, ("lager", [r for r in ranks if r > max(k, 1)])]


@style.styled
def network(
    result: Any, *, ties: pd.DataFrame, names: Mapping[str, str] | None = None, frame: pd.DataFrame | None = None
) -> Figure:
    """Who works with whom: actors in a circle, a line for every tie, single points of failure in the accent.

    Parameters
    ----------
    result : strategy.network.Network
    ties : DataFrame
        The ties it was measured on: `from_actor, to_actor, confirmed`.
    names : mapping of str to str, optional
        Dutch names of the actors.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown, named = expected.printable(result, frame), names or {}
    indexed: Any = expected.some(shown).set_index("quantity")
    figure, axes = style.canvas(4.6)
    _circle(axes, ties, critical=list(result.critical["actor"]), names=named)
    lost = "; ".join(
        f"zonder {named.get(row.actor, row.actor)} verliezen er {numbers.number(row.cut_off)} de band met de rest"
        for row in result.critical.head(2).itertuples()
    )
    told = {q: numbers.number(float(indexed.loc[q, "estimate"])) for q in ("actors", "ties") if q in indexed.index}
    return Figure(
        name="network",
        caption="Wie met wie samenwerkt; oker: zonder deze partner raken andere los van de rest (streepjes: niet bevestigd)",
        alt=(
            f"Netwerk van {told['actors']} partners met {told['ties']} banden, dichtheid {cells.share(indexed.loc['density'])}. "
            f"{lost[0].upper() + lost[1:] if lost else 'Geen enkele partner is onmisbaar voor de samenhang'}."
        ),
        drawing=figure,
        frame=shown,
    )


def _circle(axes: Axes, ties: pd.DataFrame, *, critical: list[Hashable], names: Mapping[str, str]) -> None:
    """Actors on a circle, most ties first and clockwise from the top, with their names outside."""
    degree = pd.concat([ties["from_actor"], ties["to_actor"]]).value_counts()
    order = sorted(degree.index, key=lambda one: (-degree[one], str(one)))
    angle = np.pi / 2 - 2 * np.pi * np.arange(len(order)) / len(order)
    place = {one: (np.cos(a), np.sin(a)) for one, a in zip(order, angle, strict=True)}
    pairs: dict[tuple[Hashable, Hashable], bool] = {}
    for a, b, sure in ties[["from_actor", "to_actor", "confirmed"]].itertuples(index=False, name=None):
        key = (a, b) if str(a) <= str(b) else (b, a)
        pairs[key] = pairs.get(key, False) or bool(sure)
    for (a, b), sure in pairs.items():
        (x, y), (u, v) = place[a], place[b]
        axes.plot([x, u], [y, v], color=style.MUTED, linewidth=0.9, linestyle="-" if sure else (0, (4, 2)), zorder=1)
    for one in order:
        x, y = place[one]
        vital = one in critical
        axes.plot(
            x, y, "D" if vital else "o", color=style.OCHRE if vital else style.BLUE, ms=8 if vital else 6, zorder=2
        )
        side = "center" if abs(x) < 0.15 else "left" if x > 0 else "right"
        up = "bottom" if y > 0.95 else "top" if y < -0.95 else "center"
        axes.text(
            1.09 * x, 1.07 * y, wrapped(names.get(str(one), str(one))), ha=side, va=up, fontsize=8.5, color=style.INK
        )
    axes.set(xlim=(-1.9, 1.9), ylim=(-1.2, 1.2), aspect="equal")
    axes.axis("off")


@style.styled
def governance(result: Any, *, frame: pd.DataFrame | None = None) -> Figure:
    """Measures of the partner network today and under the three forms of governance.

    Parameters
    ----------
    result : strategy.governance.Governance
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = expected.printable(result, frame)
    rows = expected.told(expected.some(shown[shown["quantity"].isin(SHARES)]))
    forms = list(dict.fromkeys(rows["form"]))
    figure, axes = style.canvas(0.9 + 0.62 * len(SHARES))
    for i, form in enumerate(forms):
        part: Any = rows[rows["form"] == form].set_index("quantity").reindex(list(SHARES))
        y = np.arange(len(SHARES)) + 0.64 * ((i + 0.5) / len(forms) - 0.5)
        colour = style.INK if i == 0 else style.SERIES[i - 1]
        axes.hlines(y, part["lower"], part["upper"], color=colour, linewidth=1.4)
        axes.plot(part["estimate"], y, style.MARKERS[i], color=colour, ms=6, label=platform.FORMS[form])
    rows_axis(axes, [platform.MEASURES[quantity] for quantity in SHARES])
    axes.set_xlim(-0.02, 1.02)
    axes.grid(axis="x")
    style.dutch_axis(axes, which="x", share=True)
    figure.legend(loc="outside lower center", ncols=2)
    told = "; ".join(
        f"{platform.FORMS[form]} {numbers.share(float(row.iloc[0]))}"
        for form in forms
        if len(row := rows.loc[(rows["form"] == form) & (rows["quantity"] == "redundancy"), "estimate"])
    )
    return Figure(
        name="governance",
        caption="Het partnernetwerk volgens het plan, en op papier onder drie bestuursvormen (lijn: zonder en met banden die niet bevestigd zijn)",
        alt=f"Punten per maat en vorm. {platform.MEASURES['redundancy'][0].upper()}{platform.MEASURES['redundancy'][1:]}: {told}.",
        drawing=figure,
        frame=shown,
    )
