"""Projects, interest-free loans and partner ties of the demonstration: money, places kept, who works with whom."""

from __future__ import annotations

import numpy as np
import pandas as pd

from studie.data.demonstration.streams import stream

PROJECT_RATE = 60  # projects in the province over the years together
LOAN_RATE = 25
YEARS = tuple(range(2020, 2026))
KEPT = 0.68  # true share of the created places that exists 12 months later


def projects(places: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Table `project`: project_id, region, sector, year, subsidy_euro, places_created, places_kept_12_months.

    A subsidy is at most 100,000 euro a year (VLAIO 2021). Places kept are missing where 12 months have not passed.
    """
    rows = []
    for refnis, rng, count in _counts(places, "project", PROJECT_RATE, seed=seed):
        for number in range(count):
            created = int(rng.poisson(3.2))
            year = int(rng.choice(YEARS))
            kept = int(rng.binomial(created, KEPT))
            rows.append(
                {
                    "project_id": f"P{refnis}-{number + 1:02d}",
                    "region": f"municipality:{refnis}",
                    "sector": str(rng.choice(["bouw", "logistiek", "nijverheid", "zorg"], p=[0.25, 0.2, 0.2, 0.35])),
                    "year": year,
                    "subsidy_euro": float(rng.integers(4, 21) * 5_000),
                    "places_created": created,
                    "places_kept_12_months": kept if year < YEARS[-1] else None,
                }
            )
    frame = pd.DataFrame(rows)
    return frame.astype({"places_created": "Int64", "places_kept_12_months": "Int64"})


def loans(places: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Table `loan`: loan_id, region, year, amount_euro (10,000 to 50,000, Trividend), jobs_created."""
    rows = []
    for refnis, rng, count in _counts(places, "loan", LOAN_RATE, seed=seed):
        for number in range(count):
            amount = int(rng.integers(2, 11) * 5_000)
            rows.append(
                {
                    "loan_id": f"L{refnis}-{number + 1:02d}",
                    "region": f"municipality:{refnis}",
                    "year": int(rng.choice(YEARS)),
                    "amount_euro": float(amount),
                    "jobs_created": int(rng.poisson(amount / 22_000)),
                }
            )
    return pd.DataFrame(rows).astype({"jobs_created": "Int64"})


def partner_ties(firms: pd.DataFrame, places: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Table `partner_tie`: local authorities with VDAB and the maatwerkbedrijven that serve them, firms with maatwerk.

    Unconfirmed; origin 'demonstration'. The plan's own ties are observed and stand in another file.
    """
    makers = firms[firms["form"] == "maatwerkbedrijf"].reset_index(drop=True)
    rows = []
    for place in places.itertuples(index=False):
        refnis = int(str(place.refnis))
        rng = stream(seed, "partner_tie", refnis)
        authority = f"lokaal bestuur {place.name_nl}"
        rows.append((authority, "VDAB", "overleg", 1.0))
        near = _nearest(makers, places, float(str(place.lon)), float(str(place.lat)))
        partners = near[: 1 + int(rng.integers(3))]
        rows += [(authority, name, "samenwerking", float(rng.integers(1, 4))) for name in partners]
        regular = firms[(firms["refnis"] == refnis) & (firms["form"] == "reguliere onderneming")]["name"]
        rows += [
            (name, str(rng.choice(near[:4])), "samenwerking", float(rng.integers(1, 3)))
            for name in regular
            if rng.random() < 0.3
        ]
    frame = pd.DataFrame(rows, columns=["from_actor", "to_actor", "kind", "weight"])
    return frame.assign(year=2024, confirmed=False, origin="demonstration", commitment="")[
        ["from_actor", "to_actor", "kind", "year", "weight", "confirmed", "origin", "commitment"]
    ]


def _counts(places: pd.DataFrame, table: str, rate: float, *, seed: int) -> list[tuple[int, np.random.Generator, int]]:
    """Municipality, its stream and its number of rows, Poisson by inhabitants."""
    share = places["inhabitants"].to_numpy(float) / places["inhabitants"].sum()
    found = []
    for refnis, expected in zip(places["refnis"], share * rate, strict=True):
        rng = stream(seed, table, int(refnis))
        found.append((int(refnis), rng, int(rng.poisson(expected))))
    return found


def _nearest(makers: pd.DataFrame, places: pd.DataFrame, lon: float, lat: float) -> list[str]:
    """Names of the maatwerkbedrijven, nearest municipality first."""
    centre = places.set_index("refnis")[["lon", "lat"]].reindex(makers["refnis"]).to_numpy()
    distance = np.hypot((centre[:, 0] - lon) * 0.63, centre[:, 1] - lat)  # cosine of 51 degrees
    return [str(name) for name in makers["name"].iloc[np.argsort(distance, kind="stable")]]
