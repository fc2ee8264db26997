"""Tables of what money yields: subsidies and loans side by side, and what a lasting place costs net."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from studie.present import cells, expected, levers, means, money, numbers
from studie.present.display import Column, Table

NONE = "geen gegevens"


def yields(
    result: Any,
    *,
    names: levers.Names | None = None,
    region_names: Mapping[str, str] | None = None,
    whole: str = "alles samen",
    frame: Any = None,
) -> Table:
    """Subsidies and loans side by side, per area and in all.

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
    indexed: Any = shown.set_index(["lever", "area", "quantity"])
    named = {means.WHOLE: whole, **(region_names or {})}
    rows = []
    for lever, area in dict.fromkeys(zip(shown["lever"], shown["area"], strict=True)):
        found = {name: indexed.loc[(lever, area, name)] for name in shown["quantity"].unique()}
        what = levers.scenario(str(lever), names or {})
        rows.append([what, named.get(str(area), str(area)), *_told(found)])
    return Table(
        name="yields",
        caption="Subsidies en leningen naast elkaar: wat ze bruto aan plaatsen gaven",
        columns=[
            Column(key="lever", label="Wat", align="left"),
            Column(key="area", label="Waar", align="left"),
            Column(key="grants", label="Aantal"),
            Column(key="euro", label="Bedrag", unit="euro"),
            Column(key="places", label="Plaatsen"),
            Column(key="kept", label="Blijft na 12 maanden"),
            Column(key="per_place", label="Euro per plaats"),
            Column(key="per_lasting", label="Euro per duurzame plaats"),
        ],
        rows=rows,
        frame=shown,
        note=(
            "Plaatsen: gecreëerde plaatsen bij een subsidie, extra banen bij een lening. Een duurzame plaats is er na 12 "
            "maanden nog. Een subsidie is uitgegeven, een lening komt terug: die bedragen tellen we nooit samen. Bruto: wat "
            f"er zonder het geld ook gekomen was, zit erin. Tussen haakjes het interval van {numbers.share(result.level)}; "
            "een arrondissement met weinig gegevens leunt op de andere."
        ),
    )


def _told(found: Mapping[str, Any]) -> list[str]:
    """Cells of one lever in one area."""
    if expected.is_told(found["grants"]) and not found["grants"]["estimate"] > 0:
        return [NONE] * 6
    counted = [cells.amount_known(found[name]) for name in ("grants", "euro", "places")]
    kept = cells.share(found["kept_share"])
    return [*counted, kept, *(money.bare(found[name]) for name in ("euro_per_place", "euro_per_lasting_place"))]


def options(
    result: Any,
    *,
    names: levers.Names | None = None,
    region_names: Mapping[str, str] | None = None,
    years: float | None = None,
    frame: Any = None,
) -> Table:
    """What a net lasting place costs, by how it is paid and where.

    Parameters
    ----------
    result : strategy.options.Options
    names, region_names, frame
        As for `yields`.
    years : float, optional
        For which a funded place is paid.
    """
    shown = expected.printable(result, frame)
    indexed: Any = shown.set_index(["lever", "region"])
    regions = list(dict.fromkeys(shown["region"]))
    named = region_names or {}
    paid = "" if years is None else f", hier voor {numbers.number(years)} jaar"
    rows = [
        [
            levers.scenario(str(lever), names or {}),
            *(money.bare(cells.row(indexed, (lever, region))) for region in regions),
        ]
        for lever in dict.fromkeys(shown["lever"])
    ]
    return Table(
        name="options",
        caption="Wat een netto duurzame plaats kost, volgens aannames",
        columns=[
            Column(key="lever", label="Wat", align="left"),
            *(Column(key=str(region), label=named.get(str(region), str(region)), unit="euro") for region in regions),
        ],
        rows=rows,
        frame=shown,
        note=(
            f"Tussen haakjes het interval van {numbers.share(result.level)}. Een lening kost wat ze aan rente en verlies kost, "
            f"niet het geleende bedrag. Een subsidie en een lening betaalt de provincie, een extra plaats betaalt Vlaanderen{paid}. "
            f"Alles hangt af van aannames die niemand gemeten heeft: {levers.hangs_on(result.hangs_on, names or {})}."
        ),
    )


def cost_by_region(
    *results: Any,
    places: Sequence[str],
    worth: float,
    names: levers.Names | None = None,
    region_names: Mapping[str, str] | None = None,
) -> Table:
    """Cost per lasting move in each region where it is published, else what a lever may cost at most there.

    Parameters
    ----------
    *results : strategy.scenarios.Comparison
        Of the same levers, one per region.
    places : sequence of str
        Codes of the regions, in that order.
    worth : float
        Worth of a lasting move [euro], one of those that the comparisons asked about.
    names : mapping of str to str, optional
        Dutch names of levers.
    region_names : mapping of str to str, optional
        Names of the regions by code.
    """
    parts = [expected.printable(one, None).assign(place=code) for code, one in zip(places, results, strict=True)]
    shown = pd.concat(parts, ignore_index=True)
    asked = (shown["quantity"] == "break_even_cost") & (shown["value_per_lasting_move"] == worth)
    shown = shown[asked | (shown["quantity"] == "cost_per_lasting_move")].reset_index(drop=True)
    indexed: Any = shown.set_index(["scenario", "place"])
    told = {"cost_per_lasting_move": "kost per duurzame stap", "break_even_cost": "hoogstens per jaar"}
    rows = [
        [
            levers.scenario(str(scenario), names or {}),
            told[str(part["quantity"].iloc[0])],
            *(money.bare(cells.row(indexed, (scenario, place))) for place in places),
        ]
        for scenario, part in shown.groupby("scenario", sort=False)
    ]
    return Table(
        name="cost_by_region",
        caption="Wat een ingreep per arrondissement kost of hoogstens mag kosten",
        columns=[
            Column(key="scenario", label="Ingreep", align="left"),
            Column(key="what", label="Wat", align="left"),
            *(Column(key=place, label=(region_names or {}).get(place, place), unit="euro") for place in places),
        ],
        rows=rows,
        frame=shown,
        note=(
            f"Hoogstens: om quitte te spelen als een duurzame stap {money.euro(worth)} waard is. Omvang en kost van een ingreep "
            "zijn verdeeld volgens wie wacht. Alles hangt af van aannames over het effect die niemand gemeten heeft."
        ),
    )
