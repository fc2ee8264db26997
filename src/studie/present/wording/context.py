"""Sentences on where the study comes from: its mission, the day of the plan, steps to the platform, four words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from studie.present import glossary, numbers
from studie.present.display import Finding, Sentence

MISSION = ("E40", "E41", "E42")  # one platform, a long process, a strategic study as its basis
APPROVED = "actieplan goedgekeurd"
PLATFORM = "platform"


def plan_day(regulation: pd.DataFrame) -> str:
    """ISO date on which the council approved the plan.

    Raises
    ------
    ValueError
        If the list of regulation does not hold it.
    """
    days = regulation.loc[regulation["event"].str.contains(APPROVED), "date"]
    if days.empty:
        raise ValueError(f"regulation: must hold the day of the event {APPROVED!r}, got none")
    return str(days.iloc[0])


def mission(commitment: pd.DataFrame, *, regulation: pd.DataFrame) -> list[Sentence]:
    """What the plan asks of this study, in its own words.

    Parameters
    ----------
    commitment, regulation : DataFrame
        Rows of the tables of those names.
    """
    quotes: Any = commitment.set_index("commitment_id")["quote"]
    said = [f"“{quotes[name]}” ({name})" for name in MISSION if name in quotes.index]
    day = numbers.day(plan_day(regulation))
    if not said:
        return [
            Sentence(
                text=f"De provincieraad keurde het actieplan goed op {day}; de opdracht voor deze studie staat niet in de lijst."
            )
        ]
    text = f"Het actieplan inclusieve economie 2020-2024, goedgekeurd door de provincieraad op {day}, zegt het zelf: {'; '.join(said)}."
    return [Sentence(text=text, certainty="zeker")]


def platform_path(regulation: pd.DataFrame) -> list[Sentence]:
    """Which dated facts since the plan are about the platform, or that there are none.

    Parameters
    ----------
    regulation : DataFrame
        Rows of the table `regulation`.
    """
    later = regulation[(regulation["date"] > plan_day(regulation)) & regulation["event"].str.contains(PLATFORM)]
    if later.empty:
        text = "Sinds het actieplan staat er geen enkel gedateerd feit over het platform vast; wat er gebeurde, is onbekend."
        return [Sentence(text=text, certainty="zeker")]
    facts = [f"{numbers.day(str(row.date))}, {row.event}" for row in later.itertuples()]
    what = "staat één gedateerd feit" if len(facts) == 1 else f"staan {numbers.number(len(facts))} gedateerde feiten"
    text = f"Op de weg naar het platform {what} vast: {'; '.join(facts)}. Wat er verder gebeurde, is onbekend."
    return [Sentence(text=text, certainty="zeker")]


def definitions() -> list[Sentence]:
    """The four words that are never synonyms."""
    return [
        Sentence(text=f"{word[:1].upper()}{word[1:]}: {meaning}")
        for word, meaning in glossary.listed(glossary.REGION_WORDS)
    ]


def context_headline(commitment: pd.DataFrame, *, regulation: pd.DataFrame) -> list[Finding]:
    """Why there is a study: the plan asked for it.

    Parameters
    ----------
    commitment, regulation : DataFrame
        Rows of the tables of those names.
    """
    day = numbers.day(plan_day(regulation))
    quotes: Any = commitment.set_index("commitment_id")["quote"]
    if MISSION[-1] not in quotes.index:
        text = f"De provincieraad keurde het actieplan goed op {day}; wat het van een studie vroeg, is onbekend."
        return [Finding(finding=text, meaning="", certainty="zeker")]
    text = f"De provincieraad keurde het actieplan goed op {day} en wilde “{quotes[MISSION[-1]]}”."
    return [Finding(finding=text, meaning="Deze studie is die basis.", certainty="zeker")]
