"""Findings of the chapter on the support network: where, whether it can be seen, what it would change, what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from studie.present import expected, levers, numbers, words
from studie.present.display import Finding, KeyNumber, Sentence, Unavailable
from studie.present.wording.decisions import choice, evaluation
from studie.present.wording.strategy import comparison, needed_places

SUM_DIFFERS = 1e-6


def support_findings(
    sets: Any,
    test: Any,
    compared: Any,
    places: Any,
    *,
    scenario: str,
    of_queue: float,
    area_names: Mapping[str, str] | Unavailable,
    names: levers.Names,
    region_names: Mapping[str, str],
    first_year: int,
) -> list[Finding]:
    """Findings of the chapter, those that could not be made left out.

    Parameters
    ----------
    sets : strategy.pilots.Choice
    test : strategy.evaluation.Evaluation
        The one that sees most.
    compared : strategy.scenarios.Comparison
    places : strategy.needed_places.NeededPlaces
    scenario : str
        The network's name among the scenarios.
    area_names, names, region_names : mapping of str to str
        Dutch names of areas, levers and regions.
    first_year : int
        Calendar year of the first year that is looked ahead.
    of_queue : float
        Part of today's queue that is aimed at.
    """
    found = []
    if not isinstance(compared, Unavailable):
        changes = comparison(compared, scenario=scenario, names=names)
        meaning = "Begin klein en meet: pas wat de proef laat zien, rechtvaardigt een netwerk in de hele provincie."
        found += [_finding(changes[0], meaning), _finding(changes[2], "Een stap omhoog telt pas als ze standhoudt.")]
    if not isinstance(test, Unavailable):
        meaning = (
            "Spreek voor de start af welk verschil de moeite waard is; een proef die het niet kan zien, bewijst niets."
        )
        found.append(_finding(evaluation(test)[0], _too_small(test, compared, scenario) or meaning))
    if not isinstance(sets, Unavailable) and not isinstance(area_names, Unavailable):
        meaning = "Loot onder de goede keuzes: dan is verbetering geen toeval dat uitdooft."
        found.append(_finding(choice(sets, area_names=area_names)[0], meaning))
    if not isinstance(places, Unavailable):
        meaning = "Ondersteuning zonder plaatsen kan de wachtlijst verlengen."
        found.append(
            _finding(
                needed_places(places, region_names=region_names, first_year=first_year, of_queue=of_queue)[0], meaning
            )
        )
    return found


def _too_small(test: Any, compared: Any, scenario: str) -> str:
    """That the trial will hardly see what the priors expect, where that is so."""
    if test.outcome != "relapse" or isinstance(compared, Unavailable):
        return ""
    expected_gap = abs(float(np.mean(compared.difference(scenario, "relapse"))))
    if not np.isfinite(test.minimum_detectable_effect) or expected_gap >= abs(test.minimum_detectable_effect):
        return ""
    return (
        f"Het verschil dat onze aannames over de hele provincie verwachten ({numbers.number(100 * expected_gap, decimals=1)} "
        "procentpunt) is kleiner dan wat de proef kan zien: aanvaard vooraf dat ze misschien niets aantoont, of maak ze groter."
    )


def _finding(sentence: Sentence, meaning: str) -> Finding:
    """A sentence with what it means for policy."""
    return Finding(finding=sentence.text, meaning=meaning, certainty=sentence.certainty or "onzeker")


def support_numbers(compared: Any, *, scenario: str) -> list[KeyNumber]:
    """Small number of the chapter: how often the network gives more lasting moves."""
    if isinstance(compared, Unavailable):
        return []
    shown = expected.printable(compared, None)
    mine = (shown["scenario"] == scenario) & (shown["quantity"] == "lasting_moves_difference")
    row = shown[mine].iloc[0]
    told = expected.is_told(row)
    value = (
        f"{numbers.number(float(row['estimate']))} ({numbers.interval(float(row['lower']), float(row['upper']))})"
        if told
        else words.CELL_STATUS["suppressed"]
    )
    years = numbers.plural(compared.years, "jaar", "jaar")
    return [
        KeyNumber(label=f"duurzame stappen omhoog meer in {years} met een netwerk, als onze aanname klopt", value=value)
    ]


def years_add_up(result: Any, *, totals: Any, frame: Any = None) -> list[Sentence]:
    """Whether the years add up to the whole horizon.

    Parameters
    ----------
    result : strategy.paths.Paths
    totals : strategy.scenarios.Comparison
        Of the same scenarios.
    frame : DataFrame, optional
        Not looked at: sums are compared, none is told.
    """
    gaps = [
        abs(result.draws[name][quantity].sum(axis=0) - table[quantity].to_numpy(float)).max()
        for name, table in totals.outcomes.items()
        for quantity in ("upward_moves", "lasting_moves")
    ]
    if max(gaps) <= SUM_DIFFERS:
        text = "Controle: de stappen omhoog van alle jaren samen zijn die van de hele periode, in elke trekking."
    else:
        text = f"Controle mislukt: jaren en periode verschillen tot {numbers.number(max(gaps), decimals=2)} stappen omhoog."
    return [Sentence(text=text)]
