"""Dutch words of pilots, evaluations, forms of network governance and the path to a platform."""

from __future__ import annotations

import pandas as pd

DESIGNS = {"parallel": "alle proefgebieden tegelijk", "stepped_wedge": "gebieden na elkaar, volgorde bij loting"}
ROLL_OUT = {
    "parallel": "als alle proefgebieden tegelijk beginnen",
    "stepped_wedge": "als gebieden na elkaar beginnen, in een gelote volgorde",
}
OUTCOMES = {"relapse": "minder terugval", "lasting_moves": "meer duurzame stappen omhoog"}
FORMS = {
    "today": "volgens het plan",
    "shared": "gedeeld bestuur",
    "lead_organisation": "een partner trekt",
    "administrative_organisation": "een aparte organisatie",
}
MEASURES = {
    "actors": "partners",
    "ties": "banden",
    "new_ties": "banden die erbij komen",
    "density": "dichtheid",
    "degree_centralisation": "hoe sterk de banden bij één partner liggen",
    "betweenness_centralisation": "hoe sterk één partner tussen de andere staat",
    "components": "losse delen",
    "largest_component": "partners in het grootste deel",
    "redundancy": "partnerparen met een tweede weg naar elkaar",
    "single_points_of_failure": "partners zonder wie andere loskomen",
    "ties_without_detour": "banden zonder omweg",
}
SHARES = frozenset({"density", "degree_centralisation", "betweenness_centralisation", "redundancy"})
CRITERIA = {
    "trust": "vertrouwen",
    "number_of_partners": "aantal partners",
    "goal_consensus": "eensgezindheid over het doel",
    "need_for_network_competence": "nood aan vaardigheden voor het netwerk zelf",
    "blind_spot": "blinde vlek",
    "shortage_sector": "knelpuntsector",
    "societal_challenge": "maatschappelijke uitdaging",
}
FITS = {
    "high density: widely shared among members": "hoog en breed gedeeld",
    "low density, highly centralised": "laag, gericht op één partner",
    "moderate density, monitored by members": "matig, leden kijken toe",
    "few": "weinig",
    "moderate number": "een matig aantal",
    "moderate to many": "een matig tot groot aantal",
    "high": "hoog",
    "moderately low": "eerder laag",
    "moderately high": "eerder hoog",
    "low": "laag",
    "moderate": "matig",
}


def judgements(table: pd.DataFrame) -> pd.DataFrame | None:
    """Rows of `form_judgement` as `strategy.priorities.platform_forms` reads them; None where nobody filled in any.

    Parameters
    ----------
    table : DataFrame
        `respondent, form, criterion, lower, upper`, forms and criteria by their Dutch names.
    """
    if table.empty:
        return None
    forms, criteria = ({name: code for code, name in names.items()} for names in (FORMS, CRITERIA))
    return pd.DataFrame(
        {
            "respondent": table["respondent"],
            "alternative": table["form"].map(forms),
            "criterion": table["criterion"].map(criteria),
            "lower": table["lower"],
            "upper": table["upper"],
        }
    )


def partner(actor: str) -> str:
    """A partner in a sentence: with its article where it has one."""
    return f"de {actor}" if actor.startswith(("provincie", "lokale", "dienst")) else actor


def quarter(period: str) -> str:
    """Quarter as *3e kwartaal 2027*."""
    year, number = period.split("-Q")
    return f"{number}e kwartaal {year}"


def span(start: str, due: str) -> str:
    """Quarters in short, as in other tables: *K1-K2 2027*, *K3 2028 tot K2 2029*; one where they are the same."""
    (first, begin), (last, end) = start.split("-Q"), due.split("-Q")
    if first == last:
        return f"K{begin} {first}" if begin == end else f"K{begin}-K{end} {first}"
    return f"K{begin} {first} tot K{end} {last}"
