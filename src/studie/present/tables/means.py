"""Tables of what money yields: subsidies and loans side by side, and what a lasting place costs net."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
    if not found["grants"]["estimate"] > 0:
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
            f"Alles hangt aan aannames die niemand gemeten heeft: {levers.hangs_on(result.hangs_on, names or {})}."
        ),
    )
