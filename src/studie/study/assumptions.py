"""What a chapter assumed, as the report prints it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from studie.config import Choice, PlacesSettings, ResilienceSettings, Sector, StrategySettings, StudyConfig
from studie.present import levers, means, money, numbers, words
from studie.present.levers import reason


def assumptions(config: StudyConfig, parts: Collection[str]) -> list[dict[str, Any]]:
    """Every number that somebody chose in some parts of the configuration: name, value, interval, and its reason."""
    said: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "construction_share": lambda: [
            _chosen("aandeel van de provincie in de Vlaamse bouwvacatures", config.construction_share)
        ],
        "disclosure": lambda: [_chosen("kleinste aantal mensen dat gedrukt wordt", config.disclosure.threshold)],
        "resilience": lambda: _resilience(config.resilience),
        "sectors": lambda: [_carving(sector) for sector in config.sectors.values()],
        "places": lambda: _places(config.places),
        "levers": lambda: levers.assumptions(config.levers),
        "strategy": lambda: _strategy(config.strategy),
        "platform": lambda: _platform(config),
        "budget": lambda: means.assumptions(config.budget),
    }
    used = frozenset(parts)  # saying one part may read the words of another
    return [row for part, rows in said.items() if part in used for row in rows()]


def _chosen(name: str, choice: Choice) -> dict[str, Any]:
    """A number without an interval."""
    return {"name": name, "interval": None, **choice.model_dump()}


def _resilience(settings: ResilienceSettings) -> list[dict[str, Any]]:
    """When an enterprise counts as resilient."""
    return [
        _chosen("deel eigen vermogen vanaf waar een onderneming weerbaar is", settings.least_solvency),
        _chosen("vlottende activa per euro korte schuld, ook voor weerbaarheid", settings.least_liquidity),
    ]


def _carving(sector: Sector) -> dict[str, Any]:
    """Share of a sector's tasks."""
    return {
        "name": f"deel van de taken in de {sector.name} dat inclusief werk kan worden",
        "value": numbers.share(sector.carving.centre),
        "interval": numbers.share_interval(sector.carving.lower, sector.carving.upper),
        **reason(sector.carving),
    }


def _places(places: PlacesSettings) -> list[dict[str, Any]]:
    """What the search for blind spots assumes."""
    vte = places.vte_per_person
    return [
        _chosen("spreiding van een geschatte behoefte rond de echte", places.need_misfit),
        _chosen("afstand over de weg per kilometer in vogelvlucht", places.detour),
        {
            "name": "voltijdse equivalenten (VTE) per persoon op een plaats",
            "value": vte.centre,
            "interval": [vte.lower, vte.upper],
            **reason(vte),
        },
        *(
            {
                "name": f"snelheid {words.MODES[mode]}",
                "value": _speeds(travel.kmh),
                "interval": None,
                **reason(travel),
            }
            for mode, travel in places.travel.items()
        ),
    ]


def _strategy(settings: StrategySettings) -> list[dict[str, Any]]:
    """What the look ahead takes for granted beside the levers."""
    decision, ready, worth = settings.decision, settings.ready, settings.worth
    pilots, evaluation = settings.pilots, settings.evaluation
    rows: list[tuple[str, str, list[str] | str | None, Any]] = [
        ("dag waarop ingrepen beginnen", numbers.day(decision.day.isoformat()), None, decision),
        ("jaren vooruit vanaf die dag", numbers.number(decision.years), None, decision),
        (
            "deel van wie op trede 4 of 5 staat dat klaar is voor trede 6 zonder vacature",
            numbers.share(ready.centre),
            numbers.share_interval(ready.lower, ready.upper),
            ready,
        ),
        ("waarde van een duurzame stap omhoog", numbers.listing([money.euro(v) for v in worth.values]), None, worth),
        ("proefgebieden per arrondissement", "1" if pilots.form == "one_per_arrondissement" else "3", None, pilots),
        ("gemeenten per proefgebied", f"{pilots.smallest} tot {pilots.largest}", None, pilots),
        ("mensen op trede 3 tot 6 per proefgebied", f"{pilots.fewest} tot {pilots.most}", None, pilots),
        ("hoeveel minder een gelote keuze mag scoren", numbers.share(pilots.tolerance), None, pilots),
        (
            "hoe sterk mensen van één gemeente op elkaar lijken (correlatie)",
            numbers.number(evaluation.icc, decimals=2),
            None,
            evaluation,
        ),
        ("deel daarvan dat van periode tot periode blijft", numbers.share(evaluation.persistence), None, evaluation),
        (
            "metingen van de proef",
            f"{evaluation.before} voor en {evaluation.after} na het begin, om de {evaluation.period_months} maanden",
            None,
            evaluation,
        ),
    ]
    return [
        {"name": name, "value": value, "interval": interval, **reason(said)} for name, value, interval, said in rows
    ]


def _platform(config: StudyConfig) -> list[dict[str, Any]]:
    """What the chapter on the platform assumes: who leads, and costs that nobody stated."""
    chosen, named = config.platform, {code: lever.name for code, lever in config.levers.items()}
    costs = [
        {
            "name": f"{named.get(code, code)}: kost per jaar (aangenomen, alleen om te zeggen wat eerst te weten)",
            "value": f"{numbers.number(guess.centre)} euro",
            "interval": f"{numbers.interval(guess.lower, guess.upper)} ({numbers.share(guess.interval_level)})",
            **reason(guess),
        }
        for code, guess in chosen.costs.items()
    ]
    forms = {
        "name": "bestuursvormen: wie trekt, en hoe een aparte organisatie heet",
        "value": f"{chosen.lead}; {chosen.administrator}",
        "interval": None,
        **reason(chosen),
    }
    return [forms, *costs]


def _speeds(kmh: Mapping[float, float]) -> str:
    """Speeds by class of distance in words."""
    limited = [f"{numbers.number(v)} km/u tot {numbers.number(k)} km" for k, v in kmh.items() if np.isfinite(k)]
    rest = [f"{numbers.number(v)} km/u{' verder' if limited else ''}" for k, v in kmh.items() if not np.isfinite(k)]
    return numbers.listing([*limited, *rest])
