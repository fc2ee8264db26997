"""Sentences about the registers: how far they are filled in, the subsidy guide, the resilience of firms."""

from __future__ import annotations

from typing import Any

import pandas as pd

from studie.present import numbers
from studie.present.display import Sentence


def registers(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many registers are filled in, and that an empty one says nothing."""
    empty, invented = len(result.empty), len(result.only_demonstration)
    total = numbers.number(result.n)
    if not empty:
        first = f"In elk van de {total} registers staat minstens één rij."
    elif empty == result.n:
        first = f"Alle {total} registers zijn leeg: daarover weten we niets."
    else:
        first = f"Van de {total} registers {_verb(empty)} er {numbers.number(empty)} leeg: daarover weten we niets."
    if not invented:
        return [Sentence(text=first, certainty="zeker")]
    second = f"In {numbers.number(invented)} andere staan alleen demonstratiegegevens."
    return [Sentence(text=first, certainty="zeker"), Sentence(text=second, certainty="zeker")]


def _verb(count: int) -> str:
    return "is" if count == 1 else "zijn"


def subsidy_guide(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many schemes there are per level, and of how many it is not known whether they still hold."""
    listed = [
        f"{numbers.number(result.count('level', level))} {adjective}"
        for level, adjective in (("Europees", "Europese"), ("Vlaams", "Vlaamse"), ("provinciaal", "provinciale"))
    ]
    first = f"De subsidiewijzer telt {numbers.plural(result.n, 'steunmaatregel', 'steunmaatregelen')}: {numbers.listing(listed)}."
    ended, unknown = result.count("validity", "ended"), result.count("validity", "unknown")
    over = f"{numbers.number(ended)} {_verb(ended)} op {numbers.day(result.date)} afgelopen" if ended else ""
    open_ = (
        f"van {numbers.number(unknown)} zegt geen bron tot wanneer ze {'geldt' if unknown == 1 else 'gelden'}"
        if unknown
        else ""
    )
    parts = [part for part in (over, open_) if part]
    second = (
        f"{_capital('; '.join(parts))}."
        if parts
        else f"Van elke steunmaatregel staat vast dat ze op {numbers.day(result.date)} geldt of nog begint."
    )
    return [Sentence(text=first, certainty="zeker"), Sentence(text=second, certainty="zeker")]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def resilience(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Which share of the firms is resilient, how much is not known, and how much of their income is subsidy."""
    known, missing = result.known, result.n - result.known
    of = f"de {numbers.number(known)} ondernemingen van de sociale economie met een volledige jaarrekening over {result.year}"
    if known == 1:
        of = f"de ene onderneming van de sociale economie met een volledige jaarrekening over {result.year}"
    first = f"Van {of} is {numbers.share(result.share)} financieel weerbaar."
    second = (
        f"Van {numbers.plural(missing, 'onderneming', 'ondernemingen')} weten we het niet; daarmee ligt het deel van alle "
        f"{numbers.number(result.n)} ondernemingen tussen {numbers.share(result.lower)} en {numbers.share(result.upper)}."
        if missing
        else "Van elke onderneming op de lijst is de jaarrekening gekend."
    )
    found = [Sentence(text=first, certainty="zeker"), Sentence(text=second, certainty="zeker")]
    if (result.year, "subsidy_share") in result.quartiles.index:
        row = result.quartiles.loc[(result.year, "subsidy_share")]
        text = (
            f"In het midden van de reeks komt {numbers.share(row['median'])} van de bedrijfsopbrengsten uit exploitatiesubsidies "
            f"({numbers.plural(row['n'], 'onderneming', 'ondernemingen')})."
        )
        found.append(Sentence(text=text, certainty="zeker"))
    return found
