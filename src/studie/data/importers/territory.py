"""Places as publishers name them: NIS codes of three vintages, names without code, NUTS codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

import pandas as pd

from studie import regions
from studie.config import REFERENCE_DATE, project_root
from studie.data import contracts
from studie.errors import InputError

OUTSIDE = "lies outside the province"
NEWEST_FIRST = (REFERENCE_DATE, "2024-12-31", "2018-12-31")  # a day of each list of municipalities
_WITHIN = {"antwerpen", "mechelen", "turnhout"}  # suffixes of names in the province: the province, an arrondissement
NUTS = {
    "BE": "country:BE", "NL": "country:NL", "EU27_2020": "country:EU", "BE1": "region:04000", "BE10": "region:04000",
    "BE2": "region:02000", "BE3": "region:03000", "BE21": regions.PROVINCE, "BE22": "province:70000",
    "BE23": "province:40000", "BE24": "province:20001", "BE25": "province:30000", "BE211": "arrondissement:11000",
    "BE212": "arrondissement:12000", "BE213": "arrondissement:13000",
}  # fmt: skip


def checked_region(code: str) -> str:
    """A region code, if the study knows it.

    Raises
    ------
    InputError
        If no code is given, or `studie regions` does not list it.
    """
    if not code:
        raise InputError(
            "region: this file does not say which area it is about; give a code that `studie regions` lists"
        )
    if not _is_region(code, regions.known_stamp()):
        raise InputError(f"region: must be a region code that `studie regions` lists, got {code!r}")
    return code


@lru_cache(maxsize=64)
def _is_region(code: str, known: tuple[str, int]) -> bool:
    """Whether the contracts know a region code; `known` renews the answer when the known regions change."""
    row = {"indicator_id": "a", "region": code, "period": "2000", "value": 0.0, "unit": "a", "population": "a",
           "status": "gepubliceerd", "note": ""}  # fmt: skip
    cells = contracts.wrong_cells(pd.DataFrame([row]), "indicator", where="")
    return all(column != "region" for _, column, _, _ in cells)


def vintage_of(places: Iterable[object], *, date: str = "") -> str:
    """Day whose list of municipalities holds all of some places.

    Parameters
    ----------
    places : iterable of int or of str
        NIS codes or names (as `slug` writes them) that the file puts in the province.
    date : str, optional
        Day that the user gives; it decides.

    Returns
    -------
    str
        The given day, else the newest list that holds all places, else the newest list.
    """
    if date:
        regions.vintage(date)
        return date
    asked = set(places)
    for day in NEWEST_FIRST:
        known: set[object] = {*codes(day), *names(day)}
        if asked <= known:
            return day
    return REFERENCE_DATE


def codes(date: str) -> frozenset[int]:
    """NIS codes of the province's municipalities on a day."""
    return frozenset(names(date).values())


def names(date: str) -> Mapping[str, int]:
    """NIS code by name, as `slug` writes it, on a day."""
    return _names(date, str(project_root()))


@lru_cache(maxsize=32)
def _names(date: str, root: str) -> Mapping[str, int]:
    """Names and codes under one root."""
    table = regions.municipalities(date=date)
    pairs = zip(table["name_nl"], table["refnis"], strict=True)
    return MappingProxyType({regions.slug(str(name)): int(code) for name, code in pairs})


def plain_name(name: str) -> str:
    """Name of a municipality as `slug` writes it; '' if its suffix puts it elsewhere, as in `Hove (Henegouwen)`."""
    suffix = re.search(r"\(([^)]*)\)\s*$", name)
    return "" if suffix and regions.slug(suffix[1]) not in _WITHIN else regions.slug(name)


def place_code(text: str) -> int | None:
    """NIS code that a text is, or that the municipality of the province with that name has; None if it is neither."""
    bare = re.sub(r"\.0+$", "", text.strip())
    if re.fullmatch(r"[0-9]{1,5}", bare):
        return int(bare)
    name = plain_name(bare)
    return next((names(day)[name] for day in NEWEST_FIRST if name in names(day)), None)


def today(date: str) -> Mapping[int, int | None]:
    """Municipality of today with the same territory as each of a day; None if it was merged or left the province."""
    return _today(date, str(project_root()))


@lru_cache(maxsize=32)
def _today(date: str, root: str) -> Mapping[int, int | None]:
    """Successors under one root."""
    moves = regions.crosswalk(from_date=min(date, REFERENCE_DATE), to_date=REFERENCE_DATE)
    parts = moves["refnis_to"].value_counts()
    pairs = zip(moves["refnis_from"], moves["refnis_to"], strict=True)
    return MappingProxyType({int(old): int(new) if pd.notna(new) and parts[new] == 1 else None for old, new in pairs})
