"""Tables of the monitor: every commitment, how many there are of each kind, who could tell, and dated facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from studie.data.monitor import NONE
from studie.present import cells, numbers, words
from studie.present.display import Column, Reference, Table
from studie.regions import FLANDERS

UNITS = {
    "actions": ("actie", "acties"),
    "areas": ("werkingsgebied", "werkingsgebieden"),
    "candidates": ("kandidaat", "kandidaten"),
    "changes": ("wijziging", "wijzigingen"),
    "commitments": ("engagement", "engagementen"),
    "contracts": ("contract", "contracten"),
    "duos": ("duo", "duo's"),
    "euro per job": ("euro per baan", "euro per baan"),
    "euro per place": ("euro per plaats", "euro per plaats"),
    "firms": ("onderneming", "ondernemingen"),
    "groups": ("doelgroep", "doelgroepen"),
    "initiatives": ("initiatief", "initiatieven"),
    "meetings": ("bijeenkomst", "bijeenkomsten"),
    "milestones": ("mijlpaal", "mijlpalen"),
    "moves": ("stap", "stappen"),
    "municipalities": ("gemeente", "gemeenten"),
    "participants": ("deelnemer", "deelnemers"),
    "participations": ("deelname", "deelnames"),
    "personen": ("mens", "mensen"),
    "pilot areas": ("gebied", "gebieden"),
    "places": ("voltijdse plaats", "voltijdse plaatsen"),
    "pledges": ("verbintenis", "verbintenissen"),
    "projects": ("project", "projecten"),
    "proposals": ("voorstel", "voorstellen"),
    "requests": ("vraag", "vragen"),
    "series": ("reeks", "reeksen"),
    "states": ("toestand", "toestanden"),
    "tasks": ("taak", "taken"),
    "tenders": ("opdracht", "opdrachten"),
    "ties": ("band", "banden"),
    "trainings": ("opleiding", "opleidingen"),
    "trajectories": ("traject", "trajecten"),
}
SHARES = ("share", "probability")
DATA = {"observed": "Waargenomen of eigen", "demonstration": "Met demonstratie", NONE: "Geen gegevens"}
STATUS = {**words.DATA_STATUS, NONE: "geen"}
ELSEWHERE = {  # reports of the chapters that one on the province does not hold
    "05-gemeentefiche": "de fiche van elke gemeente",
    "15-wachtenden": "de strategische studie",
    "45-gespreksfiche": "de gespreksfiche van elk werkingsgebied",
}


def monitor(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Commitments under one or more headings of the plan, one row each.

    Parameters
    ----------
    result : data.monitor.Monitor
    frame : DataFrame, optional
        The result's cells that may be printed.

    Notes
    -----
    What came of the commitments is a column only where it is not the same for all; else the note says it once.
    """
    shown = cells.printable(result, frame)
    printed = shown.set_index("commitment_id")
    stands = list(dict.fromkeys(result.commitments["status"]))
    apart = len(stands) != 1
    rows = [
        [
            f"{row.Index}: {row.quote}",
            *([str(row.status)] if apart else []),
            str(row.indicator),
            _value(row, printed.loc[row.Index]),
            _data(row),
            chapter(str(row.chapter), title=str(row.title)),
        ]
        for row in result.commitments.itertuples()
    ]
    noted = result.commitments[result.commitments["remark"] != ""].groupby("remark", sort=False).groups
    remarks = [] if apart else [f"Wat ervan kwam: van alle {stands[0]}"]
    remarks += [f"{numbers.listing(list(ids))}: {remark}" for remark, ids in noted.items()]
    return Table(
        name="monitor",
        caption="; ".join(_capital(section) for section in result.sections),
        columns=[
            Column(key="commitment", label="Engagement", align="left"),
            *([Column(key="status", label="Stand", align="left")] if apart else []),
            Column(key="indicator", label="Wat we meten", align="left"),
            Column(key="value", label="Waarde", align="left"),
            Column(key="data", label="Gegevens", align="left"),
            Column(key="chapter", label="Hoofdstuk", align="left"),
        ],
        rows=rows,
        frame=shown,
        note=". ".join(remarks) + "." if remarks else None,
    )


def chapter(name: str, *, title: str) -> str:
    """Chapter that treats something: its title with a reference, or its name where it is not written yet."""
    if not title:
        return f"{_capital(name.partition('-')[2])} (volgt)"
    return Reference(title, chapter=name, **({"elsewhere": ELSEWHERE[name]} if name in ELSEWHERE else {}))


def _capital(text: str) -> str:
    """Text with a capital."""
    return text[:1].upper() + text[1:]


def _value(row: Any, printed: Any) -> str:
    """Value with its unit, area and period, and the day of a dated fact."""
    fact = f"feit van {numbers.day(row.fact)}" if row.fact else ""
    if not numbers.is_known(row.estimate):
        return fact or numbers.UNKNOWN
    if printed.cell_status != "published":
        return words.CELL_STATUS[printed.cell_status]
    about = [*(["Vlaanderen"] if row.region == FLANDERS else []), *([_period(row.period)] if row.period else [])]
    said = str(row.indicator).endswith(str(row.unit))  # the unit stands in the column before
    value = amount(printed, "" if said else row.unit) + (f" ({', '.join(about)})" if about else "")
    return f"{value}; {fact}" if fact else value


def _period(period: str) -> str:
    """Period in words."""
    first, _, last = period.rpartition("/")
    if period == numbers.UNKNOWN:
        return "jaar onbekend"
    return f"tot en met {numbers.month(last)}" if first == ".." else numbers.span(first or last, last)


def amount(cell: Any, unit: str) -> str:
    """Printable value with its unit: 12 plaatsen, 45 %, 2,42 werkzoekenden per open vacature."""
    if unit in SHARES:
        return cells.share(cell)
    estimate = float(cell.estimate)
    one, many = UNITS.get(unit, (unit, unit))
    decimals = 0 if estimate >= 100 or estimate.is_integer() else 2
    return f"{numbers.number(estimate, decimals=decimals)} {one if estimate == 1 else many}".rstrip()


def _data(row: Any) -> str:
    """Status of the data, and who could give them where there are none."""
    if row.data_status == NONE:
        return f"{STATUS[row.data_status]}; te vragen aan: {numbers.listing(row.holders)}"
    return STATUS[row.data_status]


def monitor_summary(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """How many commitments are done, under way and unknown, and what data there are, per heading.

    Parameters
    ----------
    result : data.monitor.Monitor
    frame : DataFrame, optional
        Not looked at: commitments are counted here, not people.
    """
    parts = [(section, result.within(section)) for section in result.sections]
    counted = [{"section": title, **_counts(part)} for title, part in [*parts, ("samen", result)]]
    labels = {"all": "Alle", "gedaan": "Gedaan", "bezig": "Bezig", "onbekend": "Onbekend"} | DATA
    return Table(
        name="monitor_summary",
        caption="De engagementen van het actieplan: wat ervan kwam, en welke gegevens er zijn",
        columns=[
            Column(key="section", label="Hoofdstuk van het plan", align="left"),
            *(Column(key=key, label=label) for key, label in labels.items()),
        ],
        rows=[[_capital(row["section"]), *(numbers.number(row[key]) for key in labels)] for row in counted],
        frame=_tidy(pd.DataFrame(counted).melt(id_vars="section", var_name="quantity", value_name="estimate")),
        note="Gedaan, bezig, onbekend: wat van het engagement kwam. De laatste drie kolommen: welke gegevens er zijn.",
    )


def _counts(part: Any) -> dict[str, int]:
    """Commitments of each kind."""
    return {
        "all": part.n,
        **{status: part.count("status", status) for status in ("gedaan", "bezig", "onbekend")},
        "observed": part.count("data_status", "observed", "own"),
        "demonstration": part.count("data_status", "demonstration"),
        NONE: part.count("data_status", NONE),
    }


def _tidy(keys: pd.DataFrame) -> pd.DataFrame:
    """Keys, quantity and estimate as a result frame that counts commitments."""
    return keys.assign(
        estimate=keys["estimate"].astype(float), lower=np.nan, upper=np.nan, n=np.nan, unit="commitments"
    )


def monitor_holders(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Who could give data about which commitments.

    Parameters
    ----------
    result : data.monitor.Monitor
    frame : DataFrame, optional
        Not looked at: commitments are counted here, not people.
    """
    found = [{"holder": who, "commitments": " ".join(ids), "estimate": len(ids)} for who, ids in result.askable.items()]
    rows = pd.DataFrame(found, columns=["holder", "commitments", "estimate"])
    return Table(
        name="monitor_holders",
        caption="Wie gegevens kan geven over engagementen zonder waargenomen cijfer",
        columns=[
            Column(key="holder", label="Wie", align="left"),
            Column(key="count", label="Engagementen"),
            Column(key="which", label="Welke", align="left"),
        ],
        rows=[[_capital(who), numbers.number(len(ids)), ", ".join(ids)] for who, ids in result.askable.items()],
        frame=_tidy(rows.assign(quantity="askable")),
        note=(
            "Eén engagement kan bij meer dan één partner staan. Een voorstel vraagt alleen wat een hele tabel vult: wie over één "
            "engagement iets kan zeggen, staat alleen hier."
        ),
    )


def followed(result: Any, *, ids: Sequence[str], frame: pd.DataFrame | None = None) -> Table:
    """Indicators by which a decision is followed, with today's value and the commitment they belong to.

    Parameters
    ----------
    result : data.monitor.Monitor
    ids : sequence of str
        Commitments, in the order of the table.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    printed = shown.set_index("commitment_id")
    chosen = result.commitments.loc[[name for name in ids if name in result.commitments.index]]
    return Table(
        name="followed",
        caption="Waaraan we zien wat er van komt",
        columns=[
            Column(key="indicator", label="Wat we meten", align="left"),
            Column(key="value", label="Vandaag", align="left"),
            Column(key="data", label="Gegevens", align="left"),
            Column(key="commitment", label="Engagement", align="left"),
            Column(key="chapter", label="Hoofdstuk", align="left"),
        ],
        rows=[
            [
                str(row.indicator),
                _value(row, printed.loc[row.Index]),
                _data(row),
                str(row.Index),
                chapter(str(row.chapter), title=str(row.title)),
            ]
            for row in chosen.itertuples()
        ],
        frame=shown[shown["commitment_id"].isin(chosen.index)],
        note="De engagementen staan met hun nummer in het hoofdstuk over de opvolging.",
    )


def monitor_facts(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Dated facts beside the commitments.

    Parameters
    ----------
    result : data.monitor.Monitor
    frame : DataFrame, optional
        Not looked at: a fact is no number.
    """
    dated = result.commitments[result.commitments["fact"] != ""].sort_values("fact").reset_index()
    return Table(
        name="monitor_facts",
        caption="Wat met een datum vaststaat",
        columns=[
            Column(key="day", label="Dag", align="left"),
            Column(key="event", label="Feit", align="left"),
            Column(key="commitment", label="Engagement", align="left"),
        ],
        rows=[[numbers.day(row.fact), _capital(str(row.event)), str(row.commitment_id)] for row in dated.itertuples()],
        frame=_tidy(dated[["commitment_id", "fact"]].assign(quantity="fact", estimate=1.0)),
        note="Een feit zegt niet dat het engagement helemaal uitgevoerd is.",
    )
