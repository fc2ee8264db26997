"""What the study assumed, as the report prints it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from studie.config import StudyConfig
from studie.present import levers, numbers, words
from studie.present.levers import reason


def assumptions(config: StudyConfig) -> list[dict[str, Any]]:
    """Every number that somebody chose: name, value, interval, because, source and who decided it."""
    chosen = {
        "aandeel van de provincie in de Vlaamse bouwvacatures": config.construction_share,
        "kleinste aantal mensen dat gedrukt wordt": config.disclosure.threshold,
        "spreiding van een geschatte behoefte rond de echte": config.places.need_misfit,
        "afstand over de weg per kilometer in vogelvlucht": config.places.detour,
    }
    vte = config.places.vte_per_person
    single = [{"name": name, "interval": None, **choice.model_dump()} for name, choice in chosen.items()]
    return (
        single
        + [
            {
                "name": f"deel van de taken in de {sector.name} dat inclusief werk kan worden",
                "value": numbers.share(sector.carving.centre),
                "interval": numbers.share_interval(sector.carving.lower, sector.carving.upper),
                **reason(sector.carving),
            }
            for sector in config.sectors.values()
        ]
        + [
            {
                "name": "voltijdse equivalenten (VTE) per persoon op een plaats",
                "value": vte.centre,
                "interval": [vte.lower, vte.upper],
                **reason(vte),
            }
        ]
        + [
            {
                "name": f"snelheid {words.MODES[mode]}",
                "value": _speeds(travel.kmh),
                "interval": None,
                **reason(travel),
            }
            for mode, travel in config.places.travel.items()
        ]
        + levers.assumptions(config.levers)
    )


def _speeds(kmh: Mapping[float, float]) -> str:
    """Speeds by class of distance in words."""
    limited = [f"{numbers.number(v)} km/u tot {numbers.number(k)} km" for k, v in kmh.items() if np.isfinite(k)]
    rest = [f"{numbers.number(v)} km/u{' verder' if limited else ''}" for k, v in kmh.items() if not np.isfinite(k)]
    return numbers.listing([*limited, *rest])
