"""Tables of the proposal: what is asked of whom, and what levers would cost."""

from __future__ import annotations

from typing import Any

import pandas as pd

from studie.data.completeness import STATUS_ORDER
from studie.present import levers, money, numbers, words
from studie.present.display import Column, Table

FOLLOWED = ("E10", "E46", "E08", "E09", "E03", "E16", "E15", "E49", "E28", "E40", "E41")  # commitments of the proposal
STATUS = {**levers.COST_STATUS, "unknown": numbers.UNKNOWN}


def requests_by_holder(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Which data are asked of whom, one row per holder.

    Parameters
    ----------
    result : data.completeness.OpenRequests
    frame : DataFrame, optional
        Not looked at: a request is no number.
    """
    rows = []
    for holder in sorted(result.requests["holder"].unique(), key=str.casefold):
        asked = result.requests[result.requests["holder"] == holder]
        found = {status for one in asked["now"] for status in str(one).split("+") if status}
        now = numbers.listing([words.DATA_STATUS[status] for status in STATUS_ORDER if status in found])
        titles = dict.fromkeys(asked["title"])
        rows.append([holder[:1].upper() + holder[1:], "; ".join(titles), now or numbers.UNKNOWN])
    return Table(
        name="requests_by_holder",
        caption="Wat aan wie gevraagd wordt",
        columns=[
            Column(key="holder", label="Aan wie", align="left"),
            Column(key="what", label="Welke gegevens", align="left"),
            Column(key="now", label="Nu in de studie", align="left"),
        ],
        rows=rows,
        frame=result.to_frame(),
        note="Wat precies gevraagd wordt, staat in het rapport van de provincie, in het hoofdstuk over de gegevens.",
    )


def outlay(result: Any, *, names: levers.Names, frame: pd.DataFrame | None = None) -> Table:
    """What each lever would cost per year, published and assumed apart.

    Parameters
    ----------
    result : strategy.outlay.Outlay
    names : mapping of str to str
        Dutch names of the levers.
    frame : DataFrame, optional
        Not looked at: an amount is not about people.
    """
    years = [int(year) for year in sorted(result.table["year"].unique())]
    cost: Any = result.table.set_index(["lever", "year"])["estimate"]
    status: Any = result.table.drop_duplicates("lever").set_index("lever")["status"]
    rows = [
        [levers.scenario(one, names), *(money.digits(cost[(one, year)]) for year in years), STATUS[status[one]]]
        for one in dict.fromkeys(result.table["lever"])
    ]
    rows += [
        [f"samen {STATUS[kind]}", *(money.digits(result.total(kind, year=year)) for year in years), STATUS[kind]]
        for kind in ("stated", "assumed")
        if result.levers(kind)
    ]
    return Table(
        name="outlay",
        caption="Wat de ingrepen zouden kosten, per jaar na de start",
        columns=[
            Column(key="lever", label="Ingreep", align="left"),
            *(Column(key=f"year_{year}", label=f"Jaar {year}", unit="euro") for year in years),
            Column(key="status", label="Kost", align="left"),
        ],
        rows=[[row[0][:1].upper() + row[0][1:], *row[1:]] for row in rows],
        frame=result.to_frame(),
        note=(
            "Een kost groeit mee met de opbouw van de ingreep. Gepubliceerd: iemand publiceerde de kost; aangenomen: de studie koos ze, zie "
            "de bijlage Aannames. Onbekend wordt niet als nul geteld. Wie betaalt, is niet beslist."
        ),
    )
