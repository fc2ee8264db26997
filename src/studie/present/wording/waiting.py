"""Sentences about who waits for a place."""

from __future__ import annotations

from typing import Any

import pandas as pd

from studie.present import numbers
from studie.present.display import Finding, KeyNumber, Sentence
from studie.present.wording.regions import place
from studie.regions import FLANDERS, Region

PROVINCES = {
    "province:10000": "Antwerpen",
    "province:40000": "Oost-Vlaanderen",
    "province:30000": "West-Vlaanderen",
    "province:70000": "Limburg",
    "province:20001": "Vlaams-Brabant",
}


def waiting(result: Any, *, region: Region, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many people wait for a place, against the year before."""
    rows = result.values[result.values["region"] == region.code]
    (before, then), (period, now) = rows[["period", "value"]].iloc[-2:].itertuples(index=False)
    change = "minder" if now < then else "meer" if now > then else "evenveel"
    versus = (
        f"{numbers.number(abs(now - then))} {change} dan in {numbers.month(before)}"
        if now != then
        else "evenveel als toen"
    )
    text = (
        f"In {numbers.month(period)} wachtten in {place(region)} {numbers.number(now)} mensen op een plaats in het collectief "
        f"maatwerk, {versus}."
    )
    return [Sentence(text=text, certainty="zeker")]


def contingent(result: Any, *, granted: str, filled: str, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How much of the granted contingent is filled in Flanders."""
    period, granted_vte = result.last(granted, "region:02000")
    _, filled_vte = result.last(filled, "region:02000")
    text = (
        f"Vlaanderen kende in het {numbers.month(period)} {numbers.number(granted_vte, decimals=1)} voltijdse plaatsen "
        f"(VTE) collectief maatwerk toe; daarvan waren er {numbers.number(filled_vte, decimals=1)} ingevuld, "
        f"{numbers.share(filled_vte / granted_vte)}. Dat is een Vlaams cijfer; het deel van de provincie is onbekend."
    )
    return [Sentence(text=text, certainty="zeker")]


def provinces_add_up(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Whether the published parts add up to the published total in every year."""
    totals: Any = result.values[result.values["region"] == FLANDERS].set_index("period")["value"]
    parts = result.values[result.values["region"] != FLANDERS].groupby("period")["value"].sum()
    wrong = [period for period in totals.index if abs(totals[period] - parts[period]) > 0.5]
    text = (
        "Controle: de provincies tellen elk jaar op tot het gepubliceerde totaal."
        if not wrong
        else f"Controle: in {numbers.listing(wrong)} tellen de provincies niet op tot het gepubliceerde totaal."
    )
    return [Sentence(text=text)]


def waiting_headline(waiting_: Any, contingent_: Any, *, region: Region) -> list[Finding]:
    """Finding of the chapter on waiting."""
    return [
        Finding(
            finding=waiting(waiting_, region=region)[0].text,
            meaning=contingent(contingent_, granted="cmw_granted_vte", filled="cmw_filled_vte")[0].text,
            certainty="zeker",
        )
    ]


def waiting_numbers(waiting_: Any, *, region: Region) -> list[KeyNumber]:
    """Small number of the chapter on waiting."""
    period, value = waiting_.last("cmw_waiting", region.code)
    return [KeyNumber(label=f"wachtenden op een plaats ({numbers.month(period)})", value=numbers.number(value))]
