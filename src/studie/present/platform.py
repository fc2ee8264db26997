"""Dutch words of pilots, evaluations and forms of network governance."""

from __future__ import annotations

DESIGNS = {"parallel": "alle proefgebieden tegelijk", "stepped_wedge": "gebieden na elkaar, volgorde bij loting"}
ROLL_OUT = {
    "parallel": "als alle proefgebieden tegelijk beginnen",
    "stepped_wedge": "als gebieden na elkaar beginnen, in een gelote volgorde",
}
OUTCOMES = {"relapse": "minder terugval", "lasting_moves": "meer duurzame stappen omhoog"}
FORMS = {
    "today": "vandaag",
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
