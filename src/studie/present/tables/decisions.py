"""Tables of decisions: sets of pilot areas, what a budget buys, ranks, the partner network and its forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from studie.present import cells, expected, levers, means, money, numbers, platform, words
from studie.present.display import Column, Table
from studie.present.wording.decisions import MOST_LISTED, visible

MOST_SETS = 12
MANY = 1_000_000  # ways in which a lot can fall, beyond which their number says nothing


def choice(result: Any, *, area_names: Mapping[str, str] | None = None, frame: pd.DataFrame | None = None) -> Table:
    """Sets of pilot areas that are the best or nearly so.

    Parameters
    ----------
    result : strategy.pilots.Choice
    area_names : mapping of str to str, optional
        Dutch names of the areas.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown, named = expected.printable(result, frame), area_names or {}
    scores: Any = shown[shown["quantity"] == "score"].set_index("set")
    rows = [
        [
            numbers.number(row.set),
            numbers.listing([named.get(str(area), str(area)) for area in row.areas]),
            cells.share(scores.loc[row.set]),
        ]
        for row in result.sets.head(MOST_SETS).itertuples()
    ]
    least = "" if result.complete else "minstens "
    return Table(
        name="choice",
        caption="Proefgebieden: de beste keuze en keuzes die bijna even goed zijn",
        columns=[
            Column(key="set", label="Rang"),
            Column(key="areas", label="Gebieden", align="left"),
            Column(key="score", label="Score", unit="deel van de mensen"),
        ],
        rows=rows,
        frame=shown,
        note=(
            f"Gekozen uit {numbers.number(result.n)} mogelijke gebieden; {least}{numbers.number(len(result.sets))} keuzes missen hoogstens "
            f"{numbers.share(result.tolerance)} van de beste score. Tussen haakjes het interval van {numbers.share(result.level)}. "
            "Loot onder deze keuzes: verschillen zo klein zeggen niet wie het meest nodig heeft."
        ),
    )


def evaluation(result: Any, *, others: Sequence[Any] = (), frame: pd.DataFrame | None = None) -> Table:
    """What a design could see, beside other designs or outcomes.

    Parameters
    ----------
    result : strategy.evaluation.Evaluation
    others : sequence of Evaluation
        Further rows; nothing in them is about persons one by one.
    frame : DataFrame, optional
        The first result's cells that may be printed.
    """
    others = [one for one in others if one is not result]
    results = [result, *others]
    shown = [expected.printable(result, frame), *(expected.printable(one, None) for one in others)]
    rows = []
    for one, rows_of in zip(results, shown, strict=True):
        false = rows_of[rows_of["quantity"] == "type_one_error"].iloc[0]
        none = one.finding == "no test at this level exists"
        least = visible(rows_of[rows_of["quantity"] == "minimum_detectable_effect"].iloc[0])
        seen = {"can be tested": least, "no effect is large enough": "geen enkel"}.get(
            one.finding, "geen toets mogelijk"
        )
        rows.append(
            [
                platform.DESIGNS[one.design],
                platform.OUTCOMES[one.outcome],
                numbers.number(one.allocations) if one.allocations <= MANY else f"meer dan {numbers.number(MANY)}",
                words.CELL_STATUS["not_applicable"] if none else cells.share(false),
                seen,
            ]
        )
    level, wanted = result.level, result.wanted_power
    return Table(
        name="evaluation",
        caption="Wat een evaluatie van de proef kan zien",
        columns=[
            Column(key="design", label="Opzet", align="left"),
            Column(key="outcome", label="Uitkomst", align="left"),
            Column(key="allocations", label="Mogelijke lotingen"),
            Column(key="type_one_error", label="Ziet een effect dat er niet is"),
            Column(key="smallest", label="Kleinste zichtbare verschil", unit="procentpunt"),
        ],
        rows=rows,
        frame=pd.concat(shown, ignore_index=True),
        note=(
            f"Nagespeeld met gelote proeven; zichtbaar is wat met {numbers.share(wanted)} kans gezien wordt, tussen haakjes het "
            f"interval van {numbers.share(level)}. Met minder dan 20 mogelijke lotingen bestaat er geen toets op 5 %."
        ),
    )


def allocation(
    result: Any,
    *,
    names: levers.Names | None = None,
    region_names: Mapping[str, str] | None = None,
    units: means.Units | None = None,
    frame: pd.DataFrame | None = None,
) -> Table:
    """What the budget buys where.

    Parameters
    ----------
    result : strategy.budget.Allocation
    names : mapping of str to str, optional
        Dutch names of levers.
    region_names : mapping of str to str, optional
        Names of the regions by code.
    units : mapping of str to present.means.Unit, optional
        What a unit of each lever is; then a row says how much is bought in words.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    counted = "" if units else "Eenheden: plaatsen, of loten subsidie of lening. "
    note = (
        f"{counted}Kost, met de vaste kost: wat de betaler eraan kwijt is; een lening komt terug. Duurzame plaatsen: verwacht, tussen "
        f"haakjes het interval van {numbers.share(result.level)}; netto, volgens aannames die niemand gemeten heeft."
    )
    proven = (
        ""
        if result.proven
        else f" Niet bewezen de beste: een andere verdeling kan er {numbers.share(result.gap)} meer geven."
    )
    shown = expected.printable(result, frame)
    return Table(
        name="allocation",
        caption=f"De beste verdeling van {money.euro(result.budget)}",
        columns=[column for column in _BOUGHT if column.key != "units" or not units],
        rows=_bought(shown, names or {}, region_names or {}, units or {}),
        frame=shown,
        note=note + proven,
    )


def next_euros(
    result: Any,
    *,
    names: levers.Names | None = None,
    region_names: Mapping[str, str] | None = None,
    units: means.Units | None = None,
    frame: pd.DataFrame | None = None,
) -> Table:
    """What the next amount buys where, with everything before it kept.

    Parameters
    ----------
    result : strategy.budget.NextEuros
    names, region_names, units, frame
        As for `allocation`.
    """
    shown = expected.printable(result, frame)
    return Table(
        name="next_euros",
        caption=f"Wat de volgende {money.euro(result.step)} koopt, boven op {money.euro(result.before.budget)}",
        columns=[column for column in _BOUGHT if column.key != "units" or not units],
        rows=_bought(shown, names or {}, region_names or {}, units or {}),
        frame=shown,
        note=(
            "Wat het eerste bedrag koopt, blijft. Duurzame plaatsen: verwacht, tussen haakjes het interval van "
            f"{numbers.share(result.level)}; netto, volgens aannames die niemand gemeten heeft."
        ),
    )


_BOUGHT = (
    Column(key="region", label="Waar", align="left"),
    Column(key="lever", label="Wat", align="left"),
    Column(key="units", label="Eenheden"),
    Column(key="cost", label="Kost"),
    Column(key="lasting_places", label="Duurzame plaatsen"),
)


def _bought(
    shown: pd.DataFrame, names: levers.Names, region_names: Mapping[str, str], units_of: means.Units
) -> list[list[str]]:
    """A row per option that gets something, and the whole."""
    indexed: Any = shown.set_index(["region", "lever", "quantity"])
    rows = []
    for region, lever in dict.fromkeys(zip(shown["region"], shown["lever"], strict=True)):
        if region == "all":
            continue
        count, cost, lasting = (cells.row(indexed, (region, lever, q)) for q in ("units", "cost", "lasting_places"))
        rows.append(
            [
                region_names.get(str(region), str(region)),
                *_how_much(count, str(lever), names, units_of),
                money.euro(float(cost["estimate"])) if expected.is_told(cost) else words.CELL_STATUS["suppressed"],
                cells.amount(lasting, decimals=1),
            ]
        )
    whole = cells.row(indexed, ("all", "all", "lasting_places"))
    spent = cells.row(indexed, ("all", "all", "spent"))
    bought = shown.loc[shown["quantity"] == "cost", "estimate"].astype(float)
    total = bought.sum(skipna=False) if spent is cells.ABSENT else spent["estimate"]
    paid = money.euro(float(total)) if numbers.is_known(total) else words.CELL_STATUS["suppressed"]
    return [*rows, ["alles samen", *[""] * (1 if units_of else 2), paid, cells.amount(whole, decimals=1)]]


def _how_much(count: Any, lever: str, names: levers.Names, units: means.Units) -> list[str]:
    """What is bought: in words where it was said what a unit is, else the lever and the number of units."""
    if not units:
        return [levers.scenario(lever, names), cells.amount_known(count)]
    told = expected.is_told(count)
    return [units[lever].said(float(count["estimate"])) if told else f"{levers.scenario(lever, names)}: te klein"]


def acceptability(result: Any, *, names: Mapping[str, str] | None = None, frame: pd.DataFrame | None = None) -> Table:
    """Alternatives with their chances to rank first and among the first, and the weights under which they lead.

    Parameters
    ----------
    result : strategy.smaa.Acceptability
    names : mapping of str to str, optional
        Dutch names of the alternatives.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown, named = expected.printable(result, frame), {**platform.FORMS, **(names or {})}
    criteria = list(result.central_weights.columns)
    order = result.top.sort_values(ascending=False, kind="stable").index
    rows = []
    for one in order:
        mine: Any = shown[shown["alternative"] == one].set_index(["quantity", "rank", "criterion"])
        weights = [cells.share(mine.loc[("central_weight", 0, criterion)]) for criterion in criteria]
        rows.append(
            [
                named.get(str(one), str(one)),
                cells.share(mine.loc[("rank_acceptability", 1, "")]),
                cells.share(mine.loc[("among_the_first", result.k, "")]),
                *(words.CELL_STATUS["not_applicable"] if text == numbers.UNKNOWN else text for text in weights),
            ]
        )
    return Table(
        name="acceptability",
        caption="Kans op de eerste plaats, en de gewichten waarbij een voorstel daar staat",
        columns=[
            Column(key="alternative", label="Voorstel", align="left"),
            Column(key="first", label="Eerste plaats"),
            Column(key="top", label=f"Bij de eerste {numbers.number(result.k)}"),
            *(Column(key=c, label=f"Gewicht {platform.CRITERIA.get(c, c)}") for c in criteria),
        ],
        rows=rows,
        frame=shown,
        note=(
            f"Deel van {numbers.number(result.n)} trekkingen van gewichten en scores; tussen haakjes alleen de fout van het "
            f"trekken ({numbers.share(result.level)}). Gewicht: gemiddeld waar het voorstel eerst komt; n.v.t. waar dat nooit is."
        ),
    )


def platform_forms(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """What each form of network governance asks, in words.

    Parameters
    ----------
    result : strategy.priorities.PlatformForms
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    forms = [form for form in platform.FORMS if form in set(result.qualitative["form"])]
    fits = result.qualitative.set_index(["criterion", "form"])["fits"]
    rows = [
        [platform.CRITERIA[c], *(platform.FITS[fits[c, form]] for form in forms)]
        for c in dict.fromkeys(result.qualitative["criterion"])
    ]
    return Table(
        name="platform_forms",
        caption="Wanneer welke bestuursvorm van een netwerk kan werken",
        columns=[
            Column(key="criterion", label="Voorwaarde", align="left"),
            *(Column(key=form, label=platform.FORMS[form], align="left") for form in forms),
        ],
        rows=rows,
        frame=expected.printable(result, frame),
        note="In woorden: er zijn geen scores tot partners het formulier invullen.",
        literature="Provan en Kenis (2008), tabel 1",
    )


def network(result: Any, *, names: Mapping[str, str] | None = None, frame: pd.DataFrame | None = None) -> Table:
    """Measures of the partner network.

    Parameters
    ----------
    result : strategy.network.Network
    names : mapping of str to str, optional
        Dutch names of the actors.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown, named = expected.printable(result, frame), names or {}
    indexed: Any = shown.set_index("quantity")
    rows = [[platform.MEASURES[q], _measure(indexed.loc[q], q)] for q in platform.MEASURES if q in indexed.index]
    lost = [
        f"{named.get(str(r.actor), str(r.actor))} ({numbers.number(r.cut_off)})"
        for r in result.critical.head(MOST_LISTED).itertuples()
    ]
    if len(result.critical) > MOST_LISTED:
        lost.append(f"en nog {numbers.number(len(result.critical) - MOST_LISTED)}")
    vital = (
        f"Zonder wie anderen loskomen (hoeveel): {'; '.join(lost)}."
        if lost
        else "Niemand is onmisbaar voor de samenhang."
    )
    return Table(
        name="network",
        caption="Het partnernetwerk in maten",
        columns=[Column(key="measure", label="Maat", align="left"), Column(key="value", label="Waarde")],
        rows=rows,
        frame=shown,
        note=f"Tussen haakjes: zonder en met de banden die niet bevestigd zijn. {vital}",
    )


def _measure(row: Any, quantity: str) -> str:
    """A share or a number, with bounds where unconfirmed ties matter."""
    if quantity in platform.SHARES or not expected.is_told(row):
        return cells.share(row)
    return cells.amount(row) if row["lower"] != row["upper"] else cells.amount_known(row)


def governance(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """The network today and under the three forms of governance.

    Parameters
    ----------
    result : strategy.governance.Governance
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = expected.printable(result, frame)
    indexed: Any = shown.set_index(["form", "quantity"])
    forms = [form for form in platform.FORMS if form in set(shown["form"])]
    rows = []
    for quantity, label in platform.MEASURES.items():
        found = [cells.row(indexed, (form, quantity)) for form in forms]
        absent = words.CELL_STATUS["not_applicable"]
        rows.append([label, *(absent if row is cells.ABSENT else _measure(row, quantity) for row in found)])
    return Table(
        name="governance",
        caption="Het partnernetwerk volgens het plan, en op papier onder drie bestuursvormen",
        columns=[
            Column(key="measure", label="Maat", align="left"),
            *(Column(key=form, label=platform.FORMS[form][0].upper() + platform.FORMS[form][1:]) for form in forms),
        ],
        rows=rows,
        frame=shown,
        note=(
            "Tussen haakjes: zonder en met de banden die niet bevestigd zijn. Wat de vormen op papier betekenen, geen "
            "voorspelling dat partners die banden onderhouden."
        ),
    )
