"""Enterprises and their places: fewer per need in planted blind spots, unknown in some municipalities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from studie.data.demonstration.inputs import LADDER_STOCK
from studie.data.demonstration.need import NEED_STEPS, coverage, true_need
from studie.data.demonstration.streams import Floats, largest_remainder, stream
from studie.data.demonstration.truth import Truth

VTE_PER_PERSON = 0.80  # funded places are VTE; Flanders 2023: 19,790 VTE for 25,815 persons = .77
FILLED = 0.94  # of the persons that the places have room for
UNKNOWN_OFFER = 10  # municipalities
BYSTANDER = 200  # first number of a regular firm without places
YEARS = (2023, 2024)
FORMS = ("lokaal bestuur", "maatwerkbedrijf", "AMA-initiatief", "reguliere onderneming")
NACE = {"zorg": "87301", "bouw": "41201", "nijverheid": "25620", "logistiek": "52100"}
# work form: step, share of the step's places, who may offer it (first that exists in the municipality), target groups
WORK_FORMS: dict[str, tuple[str, float, tuple[str, ...], tuple[str, ...]]] = {
    "AMA": (
        "3",
        1.0,
        ("AMA-initiatief", "lokaal bestuur"),
        ("langdurig werkzoekend", "arbeidsbeperking", "psychische kwetsbaarheid"),
    ),
    "ACTIVERING": (
        "4",
        0.40,
        ("lokaal bestuur",),
        ("langdurig werkzoekend", "arbeidsbeperking", "psychische kwetsbaarheid"),
    ),
    "TWE": ("4", 0.35, ("lokaal bestuur",), ("langdurig werkzoekend", "leefloon", "nieuwkomer")),
    "WIJKWERKEN": ("4", 0.25, ("lokaal bestuur",), ("langdurig werkzoekend", "leefloon")),
    "CMW": (
        "5",
        0.75,
        ("maatwerkbedrijf", "reguliere onderneming"),
        ("langdurig werkzoekend", "arbeidsbeperking", "psychische kwetsbaarheid"),
    ),
    "IMW": (
        "5",
        0.25,
        ("reguliere onderneming",),
        ("langdurig werkzoekend", "arbeidsbeperking", "psychische kwetsbaarheid", "leefloon", "nieuwkomer"),
    ),
}
ACTIVITIES = {
    "lokaal bestuur": ("groenonderhoud", "schoonmaak", "sociaal restaurant"),
    "maatwerkbedrijf": ("verpakking", "groenonderhoud", "montage", "kringloop", "fietsherstelling"),
    "AMA-initiatief": ("atelierwerk", "dierenverzorging", "sociaal restaurant", "groenonderhoud"),
    "zorg": ("zorgondersteuning", "schoonmaak", "keukenhulp"),
    "bouw": ("werfondersteuning", "afbraak en sortering"),
    "nijverheid": ("montage", "verpakking"),
    "logistiek": ("magazijnwerk", "verpakking"),
}


def unknown_offer(truth: Truth) -> list[int]:
    """Municipalities whose offer the databank does not know; never a planted blind spot or a large city."""
    table = truth.municipality
    allowed = table[~table["blind_spot"] & (table["share"] < 0.02)]
    luck = [stream(truth.seed, "unknown offer", int(refnis)).random() for refnis in allowed.index]
    return sorted(int(r) for r in pd.Series(luck, index=allowed.index).nsmallest(UNKNOWN_OFFER).index)


def participants(places: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Enterprises that take part, one establishment each: the local authority everywhere, maatwerk, AMA, regular firms.

    Numbers start with 0000 and 9: the register gives out neither. Social workshops carry NACE 88995 under version 2008
    and 88993 under version 2025.

    Returns
    -------
    DataFrame
        enterprise_number, establishment_number, name, form, refnis, sector ('' for the social economy), activity,
        nace_code, nace_version, joint_committee.
    """
    share = places["inhabitants"].to_numpy(float) / places["inhabitants"].sum()
    counts = {
        "lokaal bestuur": np.ones(len(places), dtype=int),
        "maatwerkbedrijf": np.rint(share * 34 + 0.12).astype(int),
        "AMA-initiatief": np.rint(share * 40 + 0.15).astype(int),
        "reguliere onderneming": np.maximum(np.rint(share * 320), 1).astype(int),
    }
    rows: list[dict[str, Any]] = []
    for position, place in enumerate(places.itertuples(index=False)):
        rng = stream(seed, "enterprise", int(str(place.refnis)))
        for form, count in counts.items():
            rows += [_participant(form, number, place, rng) for number in range(int(count[position]))]
    return pd.DataFrame(rows)


def bystanders(places: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Regular firms in the shortage sectors that offer no places yet, as `participants` gives its firms."""
    share = places["inhabitants"].to_numpy(float) / places["inhabitants"].sum()
    rows: list[dict[str, Any]] = []
    for position, place in enumerate(places.itertuples(index=False)):
        rng = stream(seed, "bystander", int(str(place.refnis)))
        for number in range(int(rng.poisson(1.0 + 120 * share[position]))):
            rows.append(_participant("reguliere onderneming", BYSTANDER + number, place, rng))
    return pd.DataFrame(rows)


def enterprise_table(firms: pd.DataFrame) -> pd.DataFrame:
    """Table `enterprise`."""
    return firms[["enterprise_number", "name", "form", "joint_committee"]]


def establishment_table(firms: pd.DataFrame) -> pd.DataFrame:
    """Table `establishment`."""
    return firms[["establishment_number", "enterprise_number", "name", "refnis", "nace_code", "nace_version"]]


def offer_table(firms: pd.DataFrame, truth: Truth) -> pd.DataFrame:
    """Table `offer`: funded places [VTE] per establishment, work form and year; unknown is missing, never 0.

    Per municipality and step, places express `coverage` × need in VTE, rounded; in a planted blind spot coverage is
    30 % lower. A local authority without places is listed with 0 when its offer is known.

    Returns
    -------
    DataFrame
        establishment_number, work_form, activity, date, places, filled_persons, filled_vte, status ('counted' or
        'unknown').
    """
    persons = true_need(truth, total=LADDER_STOCK).sum(axis=1) * coverage(truth)
    unknown = set(unknown_offer(truth))
    frames = []
    for position, refnis in enumerate(truth.municipality.index):
        local = firms[firms["refnis"] == refnis].reset_index(drop=True)
        for year in YEARS:
            rng = stream(truth.seed, f"offer {year}", int(refnis))
            rows = _offer_of(local, persons[position], rng)
            if int(refnis) in unknown:
                rows[["places", "filled_persons", "filled_vte"]] = np.nan
                rows["status"] = "unknown"
            frames.append(rows.assign(date=pd.Timestamp(year, 12, 31)))
    frame = pd.concat(frames, ignore_index=True)
    for column in ("places", "filled_persons"):
        frame[column] = frame[column].astype("Int64")
    order = ["establishment_number", "work_form", "activity", "date"]
    return frame.sort_values(order, kind="stable")[[*order, "places", "filled_persons", "filled_vte", "status"]]


def offer_target_groups(firms: pd.DataFrame, offer: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Bridge `offer_target_group`: who may go to an offer; not every group of the work form everywhere.

    Returns
    -------
    DataFrame
        establishment_number, work_form, activity, target_group. Places are shared: never add them up over groups.
    """
    pairs = offer[["establishment_number", "work_form", "activity"]].drop_duplicates()
    home = firms.set_index("establishment_number")["refnis"]
    rows = []
    for refnis, local in pairs.groupby(pairs["establishment_number"].map(home)):
        rng = stream(seed, "offer_target_group", int(str(refnis)))
        for number, work_form, activity in local.itertuples(index=False):
            groups = WORK_FORMS[work_form][3]
            welcome = rng.random(len(groups)) < 0.75
            welcome[int(rng.integers(len(groups)))] = True
            rows += [(number, work_form, activity, group) for group, yes in zip(groups, welcome, strict=True) if yes]
    return pd.DataFrame(rows, columns=["establishment_number", "work_form", "activity", "target_group"])


def _participant(form: str, number: int, place: Any, rng: np.random.Generator) -> dict[str, Any]:
    """One enterprise with its establishment."""
    sector, nace, joint_committee = "", "84114", ""
    version = 2025 if rng.random() < 0.5 else 2008
    if form == "maatwerkbedrijf":
        nace, joint_committee = ("88993" if version == 2025 else "88995"), "327.01"
    elif form == "AMA-initiatief":
        nace = "88999"
    elif form == "reguliere onderneming":
        sector = str(rng.choice(list(NACE), p=[0.3, 0.25, 0.25, 0.2]))
        nace = NACE[sector]
    rank = f"{FORMS.index(form) * 200 + number:03d}"
    digits = f"{place.refnis}{rank}"  # eight digits
    return {
        "enterprise_number": f"0000.{digits[:4]}.{digits[4:]}",
        "establishment_number": f"9.{digits[:4]}.{digits[4:]}",
        "name": f"Demonstratie {form} {place.name_nl} {number + 1}",
        "form": form,
        "refnis": int(place.refnis),
        "sector": sector,
        "activity": str(rng.choice(ACTIVITIES[sector or form])),
        "nace_code": nace,
        "nace_version": version,
        "joint_committee": joint_committee,
    }


def _offer_of(local: pd.DataFrame, persons: Floats, rng: np.random.Generator) -> pd.DataFrame:
    """Offer of one municipality in one year."""
    rows = []
    for work_form, (step, share, forms, _) in WORK_FORMS.items():
        hosts = next(local[local["form"] == form] for form in forms if (local["form"] == form).any())
        total = persons[NEED_STEPS.index(step)] * share * VTE_PER_PERSON
        whole = int(np.floor(total + rng.random()))
        parts = largest_remainder(rng.gamma(4.0, size=len(hosts)), np.array([whole]))[0]
        for host, count in zip(hosts.itertuples(index=False), parts, strict=True):
            if count == 0 and host.form != "lokaal bestuur":
                continue
            filled = int(rng.binomial(round(count / VTE_PER_PERSON), FILLED))
            rows.append(
                {
                    "establishment_number": host.establishment_number,
                    "work_form": work_form,
                    "activity": host.activity,
                    "places": count,
                    "filled_persons": filled,
                    "filled_vte": round(filled * VTE_PER_PERSON, 1),
                    "status": "counted",
                }
            )
    return pd.DataFrame(rows)
