"""Sentences about what became of the commitments."""

from __future__ import annotations

from typing import Any

import pandas as pd

from studie.data.monitor import NONE
from studie.present import numbers
from studie.present.display import Finding, KeyNumber, Sentence


def monitor(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many commitments are done, under way or unknown, and of how many there are data."""
    return [Sentence(text=_became(result), certainty="zeker"), Sentence(text=_data(result), certainty="zeker")]


def _became(result: Any) -> str:
    done, busy, unknown = (result.count("status", status) for status in ("gedaan", "bezig", "onbekend"))
    every = f"de {numbers.number(result.n)} engagementen van het actieplan"
    if unknown == result.n:
        return f"Van geen van {every} is geregistreerd wat ervan kwam: de stand is overal onbekend."
    counted = f"{numbers.number(done)} gedaan en {numbers.number(busy)} bezig"
    if unknown:
        return f"Van {every} zijn er {counted}; van {numbers.number(unknown)} is onbekend wat ervan kwam."
    return f"Van elk van {every} is bekend wat ervan kwam: {counted}."


def _data(result: Any) -> str:
    known, shown = result.count("data_status", "observed", "own"), result.count("data_status", "demonstration")
    nothing = result.count("data_status", NONE)
    if known == result.n:
        return f"Voor alle {numbers.number(result.n)} engagementen is er een waargenomen of eigen cijfer."
    parts = [
        f"voor {numbers.number(known)} is wat we weten waargenomen of eigen (een cijfer of een gedateerd feit)",
        *([f"voor {numbers.number(shown)} rust een cijfer op demonstratiegegevens"] if shown else []),
        *([f"voor {numbers.number(nothing)} is er geen enkel gegeven"] if nothing else []),
    ]
    text = numbers.listing(parts)
    return f"{text[:1].upper()}{text[1:]}."


def monitor_holders(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Who could give most of what is missing."""
    if not result.askable:
        return [Sentence(text="Er ontbreekt geen enkel waargenomen cijfer.", certainty="zeker")]
    holder, identifiers = next(iter(result.askable.items()))
    text = (
        f"De meeste ontbrekende gegevens zijn te vragen aan {_named(holder)}: over "
        f"{numbers.plural(len(identifiers), 'engagement', 'engagementen')}."
    )
    return [Sentence(text=text, certainty="zeker")]


def _named(holder: str) -> str:
    """A holder in a sentence."""
    return f"de {holder}" if holder.startswith("provincie") else holder


def monitor_complete(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Whether the headings add up, and whether every commitment has a chapter and, without data, a holder."""
    parts = sum(result.within(section).n for section in result.sections)
    rows = result.commitments
    lost = rows.index[(rows["chapter"] == "") | ((rows["data_status"] == NONE) & (rows["holders"].map(len) == 0))]
    later = int((rows["title"] == "").sum())
    first = f"Controle: de hoofdstukken van het plan tellen samen {numbers.number(parts)} van de {numbers.number(result.n)} engagementen."
    second = (
        f"Zonder hoofdstuk of zonder iemand die gegevens kan geven: {numbers.listing(list(lost))}."
        if len(lost)
        else "Elk engagement heeft een hoofdstuk, en waar gegevens ontbreken staat wie ze kan geven."
    )
    third = (
        f"Van {numbers.plural(later, 'engagement', 'engagementen')} is het hoofdstuk nog niet geschreven."
        if later
        else "Alle hoofdstukken waarnaar verwezen wordt, bestaan."
    )
    return [Sentence(text=text) for text in (first, second, third)]


def monitor_headline(result: Any) -> list[Finding]:
    """Findings of the chapter: what became of the plan, and who could tell."""
    return [
        Finding(finding=_became(result), meaning=_data(result), certainty="zeker"),
        Finding(finding=monitor_holders(result)[0].text, meaning=_ask(result), certainty="zeker"),
    ]


def _ask(result: Any) -> str:
    nothing = result.count("data_status", NONE)
    if nothing == 1:
        return "Over 1 engagement is er nog geen enkel gegeven."
    if nothing:
        return f"Over {numbers.number(nothing)} engagementen is er nog geen enkel gegeven."
    return "Van elk engagement is er minstens iets om te volgen."


def monitor_numbers(result: Any) -> list[KeyNumber]:
    """Small number of the chapter."""
    known = result.count("data_status", "observed", "own")
    return [
        KeyNumber(
            label="engagementen met een waargenomen of eigen cijfer of feit",
            value=f"{numbers.number(known)} van {numbers.number(result.n)}",
        )
    ]


def monitor_unknown(result: Any) -> list[str]:
    """What the chapter cannot say."""
    unknown = result.count("status", "onbekend")
    return (
        [f"Wat er kwam van {numbers.number(unknown)} van de {numbers.number(result.n)} engagementen."]
        if unknown
        else []
    )
