"""Tables of the registers: how far they are filled in, the subsidy guide, the resilience of firms."""

from __future__ import annotations

from typing import Any

import pandas as pd

from studie.data.resilience import INDICATORS
from studie.present import cells, numbers, words
from studie.present.display import Column, Table

VALIDITY = {"ended": "afgelopen", "later": "nog niet begonnen", "valid": "geldig", "unknown": "onbekend"}
RATIOS = {
    "solvency": "Eigen vermogen als deel van het balanstotaal",
    "liquidity": "Vlottende activa per euro korte schuld",
    "subsidy_share": "Exploitatiesubsidies als deel van de bedrijfsopbrengsten",
}


def registers(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Every register with its rows, its last day and who fills it in.

    Parameters
    ----------
    result : data.registers.Registers
    frame : DataFrame, optional
        Not looked at: rows are counted here, not people.
    """
    rows = [
        [
            str(row.title),
            numbers.number(row.rows),
            _statuses(str(row.data_status)),
            _last(row),
            numbers.listing(row.holders) or numbers.UNKNOWN,
        ]
        for row in result.registers.itertuples()
    ]
    return Table(
        name="registers",
        caption="De registers: hoeveel erin staat, tot wanneer, en wie ze invult",
        columns=[
            Column(key="title", label="Register", align="left"),
            Column(key="rows", label="Rijen"),
            Column(key="data", label="Gegevens", align="left"),
            Column(key="last", label="Laatste dag", align="left"),
            Column(key="holder", label="Wie vult in", align="left"),
        ],
        rows=rows,
        frame=result.to_frame(),
        note="Een leeg register betekent dat niemand het invulde, niet dat er niets gebeurde.",
    )


def _statuses(data_status: str) -> str:
    """Statuses of the rows of a register in words."""
    return numbers.listing([words.DATA_STATUS[part] for part in data_status.split("+")]) if data_status else "geen"


def _last(row: Any) -> str:
    """Last day or year of a register."""
    if not row.rows or not row.last:
        return numbers.UNKNOWN if not row.rows else words.CELL_STATUS["not_applicable"]
    return numbers.day(row.last) if "-" in row.last else str(row.last)


def subsidy_guide(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Every scheme: who may apply, what is paid, on which conditions, until when, and who says so.

    Parameters
    ----------
    result : data.subsidy_guide.SubsidyGuide
    frame : DataFrame, optional
        Not looked at: schemes are counted here, not people.
    """
    rows = [
        [
            f"{row.name} ({row.level}{f'; {row.giver}' if row.giver else ''})",
            row.applicants or numbers.UNKNOWN,
            _paid(row),
            row.conditions or numbers.UNKNOWN,
            _validity(row),
            f"{row.source}; {f'stand van {numbers.day(row.checked_on)}' if row.checked_on else 'dag onbekend'}",
        ]
        for row in result.schemes.itertuples()
    ]
    return Table(
        name="subsidy_guide",
        caption=f"Subsidiewijzer: steun voor ondernemingen en besturen op {numbers.day(result.date)}",
        columns=[
            Column(key="name", label="Steun", align="left"),
            Column(key="applicants", label="Voor wie", align="left"),
            Column(key="pays", label="Wat en hoeveel", align="left"),
            Column(key="conditions", label="Voorwaarden", align="left"),
            Column(key="validity", label="Geldig", align="left"),
            Column(key="source", label="Bron", align="left"),
        ],
        rows=rows,
        frame=result.to_frame(),
        note=(
            "Overgenomen zoals de bron het zegt; wat geen bron zegt, is onbekend. Bedragen en voorwaarden veranderen: "
            "vraag ze na voor u een dossier opmaakt."
        ),
    )


def _paid(row: Any) -> str:
    """What is paid and how much at most."""
    if not (row.pays or row.ceiling):
        return numbers.UNKNOWN
    return f"{row.pays or numbers.UNKNOWN}; hoogstens: {row.ceiling or numbers.UNKNOWN}"


def _validity(row: Any) -> str:
    """Validity with its bounds."""
    first = f"vanaf {numbers.day(row.valid_from)}" if row.valid_from else ""
    last = f"tot en met {numbers.day(row.valid_to)}" if row.valid_to else ""
    bounds = " ".join(part for part in (first, last) if part)
    return f"{VALIDITY[row.validity]}{f' ({bounds})' if bounds else ''}"


def resilience(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Quartiles of solvency, liquidity and subsidies over the firms, per year, and the share that is resilient.

    Parameters
    ----------
    result : data.resilience.Resilience
    frame : DataFrame, optional
        Not looked at: these are firms, whose accounts are public, not people.
    """
    rows = [
        [str(year), RATIOS[name], *(_ratio(getattr(row, q), name) for q in ("first_quartile", "median", "third_quartile")),
         numbers.number(row.n)]
        for (year, name), row in zip(result.quartiles.index, result.quartiles.itertuples(), strict=True)
    ]  # fmt: skip
    share = result.to_frame().iloc[-1].to_dict() | {"cell_status": "published"}
    told = cells.share(pd.Series(share))
    last = [str(result.year), "Deel van de ondernemingen dat weerbaar is", "", told, "", numbers.number(result.known)]
    return Table(
        name="resilience",
        caption="Financiële weerbaarheid van de ondernemingen van de sociale economie",
        columns=[
            Column(key="year", label="Jaar", align="left"),
            Column(key="indicator", label="Maat", align="left"),
            Column(key="first_quartile", label="Laagste kwart tot"),
            Column(key="median", label="Midden"),
            Column(key="third_quartile", label="Hoogste kwart vanaf"),
            Column(key="n", label="Ondernemingen"),
        ],
        rows=[*rows, last],
        frame=result.to_frame(),
        note=(
            f"Weerbaar: eigen vermogen van minstens {numbers.share(result.least_solvency)} van het balanstotaal en minstens "
            f"{numbers.number(result.least_liquidity, decimals=2)} euro vlottende activa per euro korte schuld. Tussen haakjes: als geen "
            f"enkele, of elke, van de {numbers.number(result.n - result.known)} ondernemingen zonder volledige jaarrekening het is."
        ),
    )


def _ratio(value: float, name: str) -> str:
    """Share or ratio."""
    return numbers.share(value) if INDICATORS[name] == "share" else numbers.number(value, decimals=2)
