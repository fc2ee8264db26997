"""Vacancies per month and employment per year, by sector and municipality; construction calibrated, others drawn."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from studie.data.demonstration.inputs import CONSTRUCTION_SHARE, SECTORS
from studie.data.demonstration.streams import Floats, Ints, largest_remainder, stream

EMPLOYMENT_AGE_BANDS = tuple(f"{age}-{age + 4}" for age in range(15, 65, 5))  # five years: cohorts can be followed


@dataclass(frozen=True, kw_only=True)
class SectorTruth:
    """How the province's vacancies of one synthetic sector come about.

    Attributes
    ----------
    received : float
        Vacancies received per month at the start [vacancies]; plausible for the province: all sectors together receive
        about 95,000 a year (.29 of the Flemish 328,673 in 2023, VDAB).
    trend : float
        Growth per year [share].
    dip, surge : float
        Deepest fall in spring 2020 and highest rise in 2021-2022 [share].
    months_open : float
        Mean time that a vacancy is open [months].
    season : tuple of 12 floats
        Factor per calendar month, scaled to mean 1.
    jobs, jobs_trend : float
        Employees in 2016 [persons] and growth per year [share].
    break_period, break_factor : str, float
        A planted change of registration: from this period on counts are multiplied by the factor; '' for none.
    """

    received: float
    trend: float
    dip: float
    surge: float
    months_open: float
    season: tuple[float, ...]
    jobs: float
    jobs_trend: float
    break_period: str = ""
    break_factor: float = 1.0


SECTOR_TRUTH = {
    "zorg": SectorTruth(
        received=820, trend=0.030, dip=0.25, surge=0.30, months_open=3.4, jobs=112_000, jobs_trend=0.021,
        season=(1.25, 1.05, 1.15, 1.05, 1.05, 1.10, 0.75, 0.80, 1.15, 1.00, 0.95, 0.70),
    ),
    "nijverheid": SectorTruth(
        received=760, trend=0.010, dip=0.45, surge=0.45, months_open=2.6, jobs=104_000, jobs_trend=-0.003,
        season=(1.20, 1.05, 1.10, 1.00, 1.00, 1.05, 0.70, 0.85, 1.20, 1.10, 1.00, 0.75),
    ),
    "logistiek": SectorTruth(
        received=540, trend=0.022, dip=0.35, surge=0.50, months_open=2.2, jobs=61_000, jobs_trend=0.006,
        season=(1.05, 0.95, 1.00, 0.95, 1.00, 1.05, 0.85, 0.95, 1.20, 1.15, 1.10, 0.75),
        break_period="2023-01", break_factor=1.08,
    ),
}  # fmt: skip
_DIP = {"2020-03": 0.5, "2020-04": 1.0, "2020-05": 0.8, "2020-06": 0.45, "2020-07": 0.2}
_SURGE = pd.period_range("2021-02", "2022-11", freq="M")
_AGE_START = np.array([0.02, 0.07, 0.12, 0.13, 0.13, 0.13, 0.13, 0.12, 0.10, 0.05])
_AGE_END = np.array([0.02, 0.06, 0.11, 0.13, 0.13, 0.13, 0.11, 0.11, 0.12, 0.08])


def vacancies(
    places: pd.DataFrame, construction: pd.DataFrame, *, seed: int, last_months: int | None = None
) -> pd.DataFrame:
    """Vacancies per month, sector and municipality.

    Parameters
    ----------
    places : DataFrame
        refnis and inhabitants of the municipalities.
    construction : DataFrame, indexed by period
        Observed Flemish open and received construction vacancies.
    seed : int
        Root seed; each sector and municipality has its own stream.
    last_months : int, optional
        Only the last so many months.

    Returns
    -------
    DataFrame
        region, sector, period, open (a stock), received and filled (flows; filled is missing in the first month),
        series_break. Construction adds up to round(Flemish figure × .29) in every month.
    """
    periods = construction.index
    frames = []
    for sector in sorted(SECTORS):
        if sector == "bouw":
            totals = np.rint(construction.to_numpy() * CONSTRUCTION_SHARE).astype(np.int64)
        else:
            totals = _provincial_totals(sector, periods, seed=seed)
        frames.append(_spread(sector, totals, places, periods, seed=seed))
    frame = pd.concat(frames, ignore_index=True)
    if last_months:
        frame = frame[frame["period"] >= periods[-last_months]].reset_index(drop=True)
    return frame


def employment(places: pd.DataFrame, construction_workers: pd.Series, *, seed: int) -> pd.DataFrame:
    """Employees per year, sector, municipality and age band; construction adds up to the observed province.

    Returns
    -------
    DataFrame
        region, sector, period ('YYYY'), age_band, employee_type ('alle'), persons, series_break.
    """
    years = [int(year) for year in construction_workers.index if year >= 2016]
    frames = []
    for sector in sorted(SECTORS):
        if sector == "bouw":
            totals = construction_workers.loc[years].to_numpy(np.int64)
        else:
            truth = SECTOR_TRUTH[sector]
            totals = np.rint(truth.jobs * (1 + truth.jobs_trend) ** np.arange(len(years))).astype(np.int64)
        share = _municipal_weights(sector, places, len(years), table="employment", seed=seed)
        progress = np.linspace(0, 1, len(years))[:, None]
        ages = (1 - progress) * _AGE_START + progress * _AGE_END
        cells = share[:, :, None] * _age_mix(sector, places, seed=seed)[None] * ages[:, None, :]
        persons = largest_remainder(cells.reshape(len(years), -1), totals).reshape(cells.shape)
        year, place, age = np.indices(persons.shape)
        frames.append(
            pd.DataFrame(
                {
                    "region": _codes(places)[place.ravel()],
                    "sector": sector,
                    "period": np.array([str(y) for y in years], dtype=object)[year.ravel()],
                    "age_band": np.array(EMPLOYMENT_AGE_BANDS, dtype=object)[age.ravel()],
                    "employee_type": "alle",
                    "persons": persons.ravel(),
                    "series_break": False,
                }
            )
        )
    return pd.concat(frames, ignore_index=True).sort_values(["sector", "region", "age_band", "period"], kind="stable")


def sector_truth() -> dict[str, Any]:
    """What drives the vacancies, as plain numbers and words."""
    return {
        "construction": {"share_of_flanders": CONSTRUCTION_SHARE, "rule": "round(Flemish figure x share) per month"},
        "sectors": {name: asdict(truth) for name, truth in SECTOR_TRUTH.items()},
        "dip": _DIP,
        "surge": [str(_SURGE[0]), str(_SURGE[-1])],
    }


def _provincial_totals(sector: str, periods: pd.Index, *, seed: int) -> Ints:
    """Open and received vacancies of the province per month, shape (months, 2)."""
    truth = SECTOR_TRUTH[sector]
    rng = stream(seed, f"vacancy {sector}")
    months = pd.PeriodIndex(periods, freq="M")
    season = np.array(truth.season) / np.mean(truth.season)
    level = truth.received * (1 + truth.trend) ** (np.arange(len(months)) / 12) * season[months.month - 1]
    level *= 1 - truth.dip * np.array([_DIP.get(str(month), 0.0) for month in months])
    position = (months.year * 12 + months.month - _SURGE.year[0] * 12 - _SURGE.month[0]) / len(_SURGE)
    level *= 1 + truth.surge * np.where((position >= 0) & (position <= 1), np.sin(np.pi * position), 0)
    level *= np.exp(_autoregressive(rng.normal(0, 0.035, len(months)), 0.6))
    received = rng.poisson(level)
    stay = 1 - 1 / truth.months_open
    stock = np.empty(len(months))
    stock[0] = truth.received * truth.months_open
    for month in range(1, len(months)):
        stock[month] = stock[month - 1] * stay + received[month - 1 : month + 1].mean()
    totals = np.column_stack([stock, received]) * np.where(
        (periods >= truth.break_period) & (truth.break_period != ""), truth.break_factor, 1.0
    ).reshape(-1, 1)
    return np.rint(totals).astype(np.int64)


def _spread(sector: str, totals: Ints, places: pd.DataFrame, periods: pd.Index, *, seed: int) -> pd.DataFrame:
    """Provincial totals over municipalities, whole numbers that add up in every month."""
    weights = _municipal_weights(sector, places, len(periods), table="vacancy", seed=seed)
    count_open = largest_remainder(weights, totals[:, 0])
    received = largest_remainder(weights, totals[:, 1])
    left = np.maximum(received[1:] - np.diff(count_open, axis=0), 0)
    filled_share = stream(seed, f"vacancy filled {sector}").beta(30, 10, size=(len(periods) - 1, 1))
    filled = np.rint(left * filled_share)
    place, month = np.indices((len(places), len(periods)))
    truth = SECTOR_TRUTH.get(sector)
    filled_column = np.concatenate([np.full((1, len(places)), np.nan), filled]).T.ravel()
    return pd.DataFrame(
        {
            "region": _codes(places)[place.ravel()],
            "sector": sector,
            "period": periods.to_numpy(dtype=object)[month.ravel()],
            "open": pd.array(count_open.T.ravel(), dtype="Int64"),
            "received": pd.array(received.T.ravel(), dtype="Int64"),
            "filled": pd.array(filled_column, dtype="Int64"),
            "series_break": (periods == (truth.break_period if truth else ""))[month.ravel()],
        }
    )


def _municipal_weights(sector: str, places: pd.DataFrame, periods: int, *, table: str, seed: int) -> Floats:
    """Weight per period and municipality: inhabitants, the sector's place there, slow drift."""
    spread = {"zorg": 0.25, "bouw": 0.20, "nijverheid": 0.55, "logistiek": 0.60}[sector]
    drift = 0.06 if table == "vacancy" else 0.01
    rows = []
    for refnis, inhabitants in zip(places["refnis"], places["inhabitants"], strict=True):
        lasting = stream(seed, f"sector place {sector}", int(refnis)).normal(0, spread)
        noise = stream(seed, f"{table} {sector}", int(refnis)).normal(0, drift, periods)
        rows.append(inhabitants * np.exp(lasting + _autoregressive(noise, 0.9)))
    return np.column_stack(rows)


def _age_mix(sector: str, places: pd.DataFrame, *, seed: int) -> Floats:
    """Factor per municipality and age band."""
    noise = [
        stream(seed, f"employment age {sector}", int(r)).normal(0, 0.06, len(EMPLOYMENT_AGE_BANDS))
        for r in places["refnis"]
    ]
    return np.exp(np.array(noise))


def _autoregressive(noise: Floats, memory: float) -> Floats:
    """First-order autoregression of the noise, started in its stationary spread."""
    series = np.empty(len(noise))
    series[0] = noise[0] / np.sqrt(1 - memory**2)
    for position in range(1, len(noise)):
        series[position] = memory * series[position - 1] + noise[position]
    return series


def _codes(places: pd.DataFrame) -> np.ndarray:
    """Region codes of the municipalities."""
    return np.array([f"municipality:{refnis}" for refnis in places["refnis"]], dtype=object)
