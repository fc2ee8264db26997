"""Tables of blind spots: municipalities with their faces, a region beside the province, firms to visit, tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from studie.present import cells, levers, numbers, words
from studie.present.display import Column, Table
from studie.present.plots.places import worse_is_higher
from studie.present.wording.places import ASSUMED
from studie.present.wording.regions import place
from studie.regions import Region

LEAST_DIFFERENCE = 0.01  # a smaller one is not worth a word
REASONS = {
    "blind spot": "blinde vlek",
    "blind spot unknown": "blinde vlek onbekend",
    "shortage sector": "knelpuntsector",
    "shortage unknown": "knelpunt onbekend",
    "no inclusive place yet": "nog geen inclusieve plaats",
    "inclusive places already": "al inclusieve plaatsen",
    "inclusive places unknown": "inclusieve plaatsen onbekend",
}
MATCHES = {"no offer": "nog niemand", "unknown": numbers.UNKNOWN, "not applicable": words.CELL_STATUS["not_applicable"]}
MEASURES = {
    ("volume", "gap share"): "zonder plaats",
    ("diversity", "missing cells"): "keuze die ontbreekt",
    ("reach", "reach public_transport"): "in bereik met het openbaar vervoer",
    ("reach", "reach bicycle"): "in bereik met de fiets",
    ("reach", "reach car"): "in bereik met de auto",
    ("sector", "without inclusive offer"): "vacatures zonder inclusief aanbod",
    ("knowledge", "unknown offer"): "aanbod dat onbekend is",
    ("knowledge", "need not counted"): "behoefte die geschat is",
}


def faces(
    result: Any,
    *,
    worst: Any,
    names: Mapping[int, str],
    most: int = 10,
    frame: pd.DataFrame | None = None,
) -> Table:
    """Municipalities with the highest probability of being among the worst, and their five faces.

    Parameters
    ----------
    result : places.gaps.Faces
    worst : places.gaps.Worst
        By the face *volume*, over the whole province.
    names : mapping of int to str
        Names by refnis.
    most : int, default 10
        Rows.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = worse_is_higher(cells.printable(result, frame))
    indexed: Any = shown.set_index(["refnis", "face"])
    chance = worst.probability.reindex(sorted(set(shown["refnis"])))
    order = chance.sort_values(ascending=False, na_position="last", kind="stable").index[:most]
    listed = [face.name for face in result.faces]
    rows = [
        [
            names[int(refnis)],
            numbers.chance(chance[refnis]),
            *(cells.share(cells.row(indexed, (refnis, name))) for name in listed),
        ]
        for refnis in order
    ]
    return Table(
        name="faces_by_municipality",
        caption=f"Gemeenten met de meeste kans om bij de {numbers.number(worst.k)} met het grootste tekort te horen",
        columns=[
            Column(key="municipality", label="Gemeente", align="left"),
            Column(key="chance", label=f"Kans bij de {numbers.number(worst.k)}"),
            *(Column(key=name, label=words.FACES[name][0].upper() + words.FACES[name][1:]) for name in listed),
        ],
        rows=rows,
        frame=shown,
        note=(
            f"Kans: deel van de trekkingen waarin de gemeente in de hele provincie bij de {worst.k} hoort met het grootste deel van "
            "de behoefte zonder plaats. De vijf andere kolommen zijn delen, hoger is slechter, met het interval van "
            f"{numbers.share(result.level)} waar dat niet smaller is dan de afronding."
        ),
    )


def regional_gaps(result: Any, *, region: Region, frame: pd.DataFrame | None = None) -> Table:
    """A region's faces, beside those of the province where it is a part of it.

    Parameters
    ----------
    result : places.gaps.RegionalGaps
    region : Region
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    indexed: Any = shown.set_index(["face", "quantity"])
    part = region.level != "province"
    rows = []
    for key, row in result.table.iterrows():
        printed = indexed.loc[key]
        worse = row["worse"] if printed.cell_status == "published" else None
        beside = (
            [numbers.share(row["whole"]), verdict(worse, row["estimate"] - row["whole"], assumed=key[0] in ASSUMED)]
            if part
            else []
        )
        known = f"{numbers.number(row['known'])} van {numbers.number(result.municipalities)}"
        rows.append([f"{words.FACES[key[0]]}: {MEASURES.get(key, key[1])}", cells.share(printed), *beside, known])
    compared = [
        Column(key="whole", label="Provincie"),
        Column(key="verdict", label="Vergeleken met de provincie", align="left"),
    ]
    return Table(
        name="regional_gaps",
        caption=f"De vijf gezichten in {place(region)}{', naast de hele provincie' if part else ''}",
        columns=[
            Column(key="measure", label="Gezicht", align="left"),
            Column(key="region", label="Regio" if part else "Provincie"),
            *(compared if part else []),
            Column(key="known", label="Bekend", unit="gemeenten"),
        ],
        rows=rows,
        frame=shown,
        note=(
            f"Gewogen met de behoefte, met het interval van {numbers.share(result.level)} waar dat niet smaller is dan de "
            "afronding. Wat onbekend is, telt niet mee en is niet ingevuld. Omvang hangt af van het aangenomen aantal voltijdse "
            "plaatsen per persoon, bereik van geschatte reistijden zonder marge."
        ),
    )


def regional_access(result: Any, *, region: Region, frame: pd.DataFrame | None = None) -> Table:
    """Per mode: places in reach, the nearest one, who stays without, and where the edge of the data matters.

    Parameters
    ----------
    result : places.access.RegionalAccess
    region : Region
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    indexed: Any = shown.set_index(["mode", "quantity"])
    rows = []
    for mode, row in result.table.iterrows():
        access, nearest, unmet = (cells.row(indexed, (mode, q)) for q in ("access", "nearest place", "unmet need"))
        total = numbers.number(result.municipalities)
        edge = f"{numbers.number(row['edge'])} van {total}" if numbers.is_known(row["edge"]) else numbers.UNKNOWN
        rows.append(
            [
                words.MODES[str(mode)],
                _per_hundred(access, at_least=bool(row["at_least"])),
                cells.amount_known(nearest) if nearest.cell_status == "suppressed" else _minutes(nearest),
                cells.amount(unmet),
                edge,
            ]
        )
    return Table(
        name="regional_access",
        caption=f"Plaatsen in bereik in {place(region)}, per vervoermiddel",
        columns=[
            Column(key="mode", label="Vervoer", align="left"),
            Column(key="access", label="Plaatsen in bereik", unit="per 100 mensen"),
            Column(key="nearest", label="Dichtste plaats", unit="minuten, mediaan"),
            Column(key="unmet", label="Zonder plaats in bereik", unit="mensen"),
            Column(key="edge", label="Randeffect", unit="gemeenten"),
        ],
        rows=rows,
        frame=shown,
        note=(
            f"Bereik: {numbers.number(result.minutes)} minuten; dichtbij telt meer mee en wie in bereik woont, deelt de "
            "plaatsen. Minstens: een deel van het aanbod in bereik is onbekend. Zonder plaats: tussen haakjes als onbekend "
            "aanbod iedereen opvangt, en als het niemand opvangt. Randeffect: minder dan 80 % van wat bereikbaar is, "
            "ligt binnen de provincie; onbekend waar men amper tot in een buurgemeente raakt."
        ),
    )


def _per_hundred(row: Any, *, at_least: bool) -> str:
    """Places per hundred persons; a lower bound where some offer is unknown."""
    if row.cell_status != "published":
        return words.CELL_STATUS[row.cell_status]
    estimate = numbers.number(100 * row.estimate)
    if at_least or not numbers.is_known(row.upper):
        return f"minstens {estimate}"
    return f"{estimate} ({numbers.interval(100 * row.lower, 100 * row.upper)})"


def _minutes(row: Any) -> str:
    """Minutes to the nearest place, or that there is none for most people."""
    return numbers.number(row.estimate) if row.cell_status == "published" else words.CELL_STATUS["unreachable"]


def verdict(worse: Any, difference: float, *, assumed: bool = False) -> str:
    """Better, worse or no difference that can be told, from the share of draws; less than a point is none."""
    sure = levers.certainty if assumed else numbers.certainty
    if not numbers.is_known(worse):
        return numbers.UNKNOWN
    if abs(difference) < LEAST_DIFFERENCE:
        return "geen duidelijk verschil"
    if worse >= 0.8:
        return f"slechter ({sure(float(worse))})"
    if worse <= 0.2:
        return f"beter ({sure(1 - float(worse))})"
    return "geen duidelijk verschil"


def prospects(result: Any, *, names: Mapping[int, str], most: int = 10, frame: pd.DataFrame | None = None) -> Table:
    """Firms to visit first, with the reasons.

    Parameters
    ----------
    result : places.prospects.Prospects
    names : mapping of int to str
        Names by refnis.
    most : int, default 10
        Rows.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    rows = [
        [
            numbers.number(row.rank),
            str(row.name),
            names.get(int(row.refnis), numbers.UNKNOWN),
            words.sector(str(row.sector)),
            numbers.listing([REASONS[reason] for reason in row.reasons]),
        ]
        for row in result.table.head(most).itertuples(index=False)
    ]
    return Table(
        name="prospects",
        caption="Ondernemingen om eerst te bezoeken",
        columns=[
            Column(key="rank", label="Rang"),
            Column(key="name", label="Onderneming", align="left"),
            Column(key="municipality", label="Gemeente", align="left"),
            Column(key="sector", label="Sector", align="left"),
            Column(key="reasons", label="Waarom", align="left"),
        ],
        rows=rows,
        frame=cells.printable(result, frame),
        note=(
            f"Op de lijst staan {numbers.number(result.n)} ondernemingen. De rang ordent de bezoeken; hij zegt niet of een "
            "onderneming wil."
        ),
    )


def matching(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Tasks of the shortage sectors beside who in the social economy does the same.

    Parameters
    ----------
    result : places.prospects.Matching
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    rows = [
        [
            words.sector(str(row.sector)),
            str(row.activity),
            MATCHES.get(str(row.state), numbers.number(row.establishments)),
            MATCHES.get(str(row.state), numbers.number(row.places)),
        ]
        for row in result.table.itertuples(index=False)
    ]
    return Table(
        name="matching",
        caption="Taken in de knelpuntsectoren en wie in de sociale economie ze al doet",
        columns=[
            Column(key="sector", label="Sector", align="left"),
            Column(key="activity", label="Taak", align="left"),
            Column(key="establishments", label="Vestigingen"),
            Column(key="places", label="Plaatsen", unit="VTE"),
        ],
        rows=rows,
        frame=cells.printable(result, frame),
        note="Nog niemand: de taak is af te splitsen en niemand in deze regio biedt ze aan. N.v.t.: niet af te splitsen.",
    )
