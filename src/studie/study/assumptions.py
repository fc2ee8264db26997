"""What a chapter assumed, as the report prints it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from studie.config import Choice, PlacesSettings, Sector, StudyConfig
from studie.present import levers, numbers, words


def assumptions(config: StudyConfig, parts: Collection[str]) -> list[dict[str, Any]]:
    """Every number that somebody chose in some parts of the configuration: name, value, interval, because, source."""
    said: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "construction_share": lambda: [
            _chosen("aandeel van de provincie in de Vlaamse bouwvacatures", config.construction_share)
        ],
        "disclosure": lambda: [_chosen("kleinste aantal mensen dat gedrukt wordt", config.disclosure.threshold)],
        "sectors": lambda: [_carving(sector) for sector in config.sectors.values()],
        "places": lambda: _places(config.places),
        "levers": lambda: levers.assumptions(config.levers),
    }
    return [row for part, rows in said.items() if part in parts for row in rows()]


def _chosen(name: str, choice: Choice) -> dict[str, Any]:
    """A number without an interval."""
    return {"name": name, "interval": None, **choice.model_dump()}


def _carving(sector: Sector) -> dict[str, Any]:
    """Share of a sector's tasks."""
    return {
        "name": f"deel van de taken in de {sector.name} dat inclusief werk kan worden",
        "value": numbers.share(sector.carving.centre),
        "interval": numbers.share_interval(sector.carving.lower, sector.carving.upper),
        "because": sector.carving.because,
        "source": sector.carving.source,
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
            "because": vte.because,
            "source": vte.source,
        },
        *(
            {
                "name": f"snelheid {words.MODES[mode]}",
                "value": _speeds(travel.kmh),
                "interval": None,
                "because": travel.because,
                "source": travel.source,
            }
            for mode, travel in places.travel.items()
        ),
    ]


def _speeds(kmh: Mapping[float, float]) -> str:
    """Speeds by class of distance in words."""
    limited = [f"{numbers.number(v)} km/u tot {numbers.number(k)} km" for k, v in kmh.items() if np.isfinite(k)]
    rest = [f"{numbers.number(v)} km/u{' verder' if limited else ''}" for k, v in kmh.items() if not np.isfinite(k)]
    return numbers.listing([*limited, *rest])
