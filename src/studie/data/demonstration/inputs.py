"""What the demonstration data are calibrated to: observed figures, read from the study's own files, and quoted ones."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from studie.errors import InputError

VINTAGE = "2025-01-01"  # 67 municipalities
CONSTRUCTION_SHARE = 0.29  # province in Flanders, vacancies received directly, 2022-2023 (VDAB, level L21)
LADDER_STOCK = 6_871  # doelgroepmedewerkers of the province on step 3 to 5, 2018 (deputy of the province, level L01)
STOCK_PERSONS = 12_000  # persons in the default panel; its stocks on step 3 to 5 are then of the order of LADDER_STOCK
SECTORS = ("zorg", "bouw", "nijverheid", "logistiek")
LAST_PERIOD = "2026-04"


def municipalities(root: Path) -> pd.DataFrame:
    """Municipalities of 2025 with arrondissement, place and inhabitants.

    Returns
    -------
    DataFrame
        refnis, name_nl, arrondissement, lon, lat, inhabitants [persons, last known year, mergers added].
    """
    every = _read(root, "data/reference/municipality.csv")
    now = every[every["valid_to"].isna() | (every["valid_to"] > VINTAGE)]
    now = now[now["valid_from"] <= VINTAGE].sort_values("refnis").reset_index(drop=True)
    gone = every[every["successor"].notna()].drop_duplicates("refnis", keep="last").set_index("refnis")["successor"]
    people = _read(root, "data/observed/population.csv")
    people = people[people["year"] == people["year"].max()]
    people = people[(people["age_band"] == "alle") & (people["sex"] == "alle")]
    counted = people["inhabitants"].groupby(people["refnis"].map(gone).fillna(people["refnis"]).astype(int)).sum()
    now["inhabitants"] = now["refnis"].map(counted)
    if now["inhabitants"].isna().any():
        missing = ", ".join(map(str, now.loc[now["inhabitants"].isna(), "refnis"]))
        raise InputError(f"data/observed/population.csv: inhabitants of every municipality of 2025, missing {missing}")
    return now[["refnis", "name_nl", "arrondissement", "lon", "lat", "inhabitants"]]


def construction_vacancies(root: Path) -> pd.DataFrame:
    """Observed Flemish construction vacancies by month: period (index), open, received."""
    frame = _read(root, "data/observed/vacancy.csv")
    flemish = frame[(frame["region"] == "region:02000") & (frame["sector"] == "bouw")]
    return flemish.sort_values("period").set_index("period")[["open", "received"]].astype(int)


def construction_workers(root: Path) -> pd.Series:
    """Observed construction workers of the province by year: persons, all kinds of employee together."""
    frame = _read(root, "data/observed/employment.csv")
    rows = frame[(frame["region"] == "province:10000") & (frame["sector"] == "bouw")]
    return rows.groupby(rows["period"].astype(int))["persons"].sum()


def provincial_waiting(root: Path) -> pd.Series:
    """Observed people waiting for collectief maatwerk in the province by year: persons."""
    frame = _read(root, "data/observed/cmw_waiting.csv")
    rows = frame[(frame["region"] == "province:10000") & (frame["indicator_id"] == "cmw_waiting")]
    return rows.set_index(rows["period"].astype(int))["value"].astype(int)


def _read(root: Path, relative: str) -> pd.DataFrame:
    """One file of the study, or one line that says which is missing."""
    path = root / relative
    if not path.is_file():
        raise InputError(f"{relative}: file is missing; demonstration data are calibrated to it")
    return pd.read_csv(path)
