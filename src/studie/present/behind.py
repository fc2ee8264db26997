"""The numbers behind a figure as a table of Dutch texts, for who cannot see it or wants to check it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from studie import regions
from studie.config import REFERENCE_DATE
from studie.errors import StudieError
from studie.present import levers, numbers, platform, words
from studie.present.display import Column

MOST_ROWS = 250
SHARES = frozenset({"share", "probability", "share of draws"})
INTERVAL = ("estimate", "lower", "upper")
# Said once under the figure, or of use to a program only.
LEFT_OUT = frozenset({
    "unit", "n", "cell_status", "region", "data_status", "source", "persons", "cell_persons",
    "block", "method", "interval", "shrinkage", "state",
})  # fmt: skip
COLUMNS = {
    "refnis": "Gemeente",
    "quantity": "Grootheid",
    "estimate": "Waarde",
    "lower": "Ondergrens",
    "upper": "Bovengrens",
    "period": "Periode",
    "time": "Na",
    "step": "Trede",
    "from_step": "Van",
    "to_step": "Naar",
    "sector": "Sector",
    "series": "Reeks",
    "level": "Dekking van het interval",
    "support": "Ondersteuning",
    "sex": "Geslacht",
    "target_group": "Doelgroep",
    "group": "Groep",
    "age_group": "Leeftijd",
    "face": "Kant",
    "mode": "Vervoermiddel",
    "scenario": "Ingreep",
    "lever": "Ingreep",
    "form": "Vorm",
    "criterion": "Criterium",
    "alternative": "Keuze",
    "rank": "Plaats",
    "year": "Jaar",
    "input": "Aanname",
    "partner": "Partner",
    "design": "Opzet",
    "arrondissement": "Arrondissement",
    "work_form": "Werkvorm",
}
QUANTITIES = {
    **platform.MEASURES,
    **words.QUANTITIES,
    "stock": "mensen",
    "transition_probability": "kans na één periode",
    "transition_probability_from_totals": "kans na één periode, uit totalen",
    "observed_share": "waargenomen aandeel",
    "expected_share": "verwacht aandeel",
    "exit": "met pensioen, verhuisd of overleden",
    "out_of_sight": "uit beeld",
    "relapse_if_all_out_of_sight": "terugval, als iedereen uit beeld terugviel",
    "moves_up": "stappen omhoog",
    "upward_moves": "stappen omhoog",
    "lasting_moves": "duurzame stappen omhoog",
    "waiting": "mensen die wachten",
    "forecast": "prognose",
    "received_vacancies": "ontvangen vacatures",
    "received_vacancies_total": "ontvangen vacatures, hele periode",
    "recorded_places": "geregistreerde plaatsen",
    "gap share": "deel van de behoefte zonder plaats",
    "missing cells": "ontbrekende combinaties van doelgroep en activiteit",
    "unknown offer": "vestigingen waarvan het aanbod onbekend is",
    "without inclusive offer": "sectoren zonder inclusief aanbod",
    "need": "behoefte",
    "unmet need": "onvervulde behoefte",
    "access": "bereikbare plaatsen per mens met een behoefte",
    "extra_places": "extra plaatsen",
    "cost": "kosten",
    "score": "score",
    "occupancy": "bezetting",
    "share_of_variance": "deel van de onzekerheid",
    "minimum_detectable_effect": "kleinste aantoonbare effect",
    "power": "kans om het effect te zien",
}
UNITS = {
    "persons": "mensen",
    "personen": "mensen",
    "places": "plaatsen",
    "vacancy": "vacatures",
    "vacancies": "vacatures",
    "euro": "euro",
    "euro per place": "euro per plaats",
    "places per person": "plaatsen per mens",
    "months": "maanden",
    "moves": "stappen",
    "ties": "banden",
    "municipalities": "gemeenten",
    "firms": "ondernemingen",
}
NAMED: Mapping[str, Mapping[str, str]] = {
    "step": words.STEPS,
    "from_step": words.STEPS,
    "to_step": words.STEPS,
    "face": words.FACES,
    "mode": words.MODES,
    "quantity": QUANTITIES,
    "form": platform.FORMS,
    "criterion": platform.CRITERIA,
    "design": platform.DESIGNS,
    "input": levers.INPUTS,
    "scenario": {levers.BASELINE: levers.BASELINE_NAME},
    "support": {"ja": "met", "nee": "zonder"},
}
PERIOD = re.compile(r"\d{4}(-(\d{2}(-\d{2})?|[QS]\d))?")
OUT_OF_REACH = re.compile(r"out of reach (\w+)")


@dataclass(frozen=True, kw_only=True)
class Behind:
    """Head and rows of the table, and how many rows it had no room for."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int


def behind(frame: Mapping[str, Any]) -> Behind | None:
    """Table behind a figure; None when the frame holds no estimates.

    Parameters
    ----------
    frame : mapping
        `columns` and `data` of a tidy result, as an item carries it: small counts are gone from it already.
    """
    names, data = [str(c) for c in frame.get("columns", [])], frame.get("data", [])
    if "estimate" not in names or not data:
        return None
    rows = [dict(zip(names, row, strict=True)) for row in data]
    keys = [name for name in names if _tells(name, rows)]
    shown = [name for name in INTERVAL if any(numbers.is_known(row.get(name)) for row in rows) or name == "estimate"]
    columns = [Column(key=key, label=_label(key), align="left") for key in keys]
    columns += [Column(key=key, label=COLUMNS[key], unit=_unit(rows)) for key in shown]
    texts = [(*(_key(key, row[key]) for key in keys), *(_value(row, key) for key in shown)) for row in rows[:MOST_ROWS]]
    return Behind(columns=tuple(columns), rows=tuple(texts), left_out=max(0, len(rows) - MOST_ROWS))


def _tells(name: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a key column tells rows apart."""
    if name in LEFT_OUT or name in INTERVAL:
        return False
    if name == "step" and any("period" in row for row in rows[:1]) and "series" in rows[0]:
        return False  # of a forecast: the period says it
    return len({str(row[name]) for row in rows}) > 1 or (len(rows) == 1 and name == "quantity")


def _label(key: str) -> str:
    """Head of a key column."""
    return COLUMNS.get(key, key.replace("_", " ").capitalize())


def _unit(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Unit over a column of numbers, where all rows share one; shares carry their own sign."""
    units = {str(row.get("unit") or "") for row in rows}
    return UNITS.get(units.pop()) if len(units) == 1 else None


def _key(key: str, value: Any) -> str:
    """Value of a key column in Dutch."""
    text = "" if value is None else str(value)
    if key in WRITTEN:
        return WRITTEN[key](value, text)
    reach = OUT_OF_REACH.fullmatch(text)
    if reach:
        return f"mensen zonder plaats in bereik {words.MODES.get(reach[1], reach[1])}"
    if text.startswith("("):
        return " · ".join(_place(part) for part in re.findall(r"'([^']*)'", text))
    return NAMED.get(key, {}).get(text, _place(text))


def _period(value: Any, text: str) -> str:
    """One period or two, in words; other text as it is."""
    parts = text.split("/")
    return numbers.span(parts[0], parts[-1]) if all(PERIOD.fullmatch(part) for part in parts) else text


def _months(value: Any, text: str) -> str:
    """Time since the start."""
    if not isinstance(value, int | float):
        return text
    return numbers.plural(value, "maand", "maanden") if numbers.is_known(value) else numbers.UNKNOWN


@lru_cache(maxsize=1024)
def _place(text: str) -> str:
    """Name of a region that a code stands for; other codes with blanks for their underscores."""
    if ":" in text:
        try:
            return regions.region(text).name
        except StudieError:
            return text
    return text.replace("_", " ")


@lru_cache(maxsize=1)
def _municipalities() -> dict[str, str]:
    """Names of municipalities by NIS code."""
    places = regions.municipalities(date=REFERENCE_DATE)
    return {str(refnis): str(name) for refnis, name in zip(places["refnis"], places["name_nl"], strict=True)}


def _value(row: Mapping[str, Any], key: str) -> str:
    """Number in Dutch, or why there is none."""
    value = row.get(key)
    if not numbers.is_known(value):
        status = str(row.get("cell_status") or "")
        return words.CELL_STATUS.get(status, numbers.UNKNOWN) if key == "estimate" else ""
    number = float(value)  # type: ignore[arg-type]
    if math.isinf(number):
        return "oneindig"
    if row.get("unit") in SHARES:
        return numbers.share(number)
    return numbers.number(number, decimals=_decimals(number))


def _decimals(number: float) -> int:
    """As many as show three digits, none for whole numbers."""
    if number == round(number):
        return 0
    return max(0, 2 - math.floor(math.log10(abs(number))))


WRITTEN: Mapping[str, Callable[[Any, str], str]] = {
    "refnis": lambda value, text: _municipalities().get(text, text),
    "period": _period,
    "time": _months,
    "level": lambda value, text: numbers.share(value) if isinstance(value, float) else text,
}
