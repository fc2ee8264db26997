"""A small ladder with rates near the published ones, in a few regions."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import linalg

from studie.strategy import calibration, flows, limits, matrix_draws

STATES = ("1", "2", "3", "4", "5", "6", "uit_beeld", "exit")
STEPS = STATES[:6]
RATES = {
    ("1", "2"): 0.018, ("2", "1"): 0.006, ("2", "3"): 0.024, ("2", "4"): 0.004, ("3", "2"): 0.003, ("3", "4"): 0.01,
    ("3", "5"): 0.003, ("4", "2"): 0.003, ("4", "3"): 0.009, ("4", "5"): 0.019, ("4", "6"): 0.008, ("5", "4"): 0.002,
    ("5", "6"): 0.003, ("6", "4"): 0.003, ("6", "5"): 0.002, ("uit_beeld", "2"): 0.016, ("uit_beeld", "4"): 0.02,
    **{(step, "uit_beeld"): 0.004 for step in STEPS}, **{(step, "exit"): 0.006 for step in STATES[:7]},
}  # fmt: skip
START = dict(zip(STATES, (60, 90, 160, 130, 430, 100, 55, 0), strict=True))


def matrices(draws: int = 40, spread: float = 0.1, seed: int = 1) -> matrix_draws.MatrixDraws:
    """Monthly matrices whose rates differ between draws."""
    rng = np.random.default_rng(seed)
    Q = np.zeros((draws, 8, 8))
    for (a, b), rate in RATES.items():
        Q[:, STATES.index(a), STATES.index(b)] = rate * np.exp(spread * rng.standard_normal(draws))
    Q[:, range(8), range(8)] = -Q.sum(axis=2)
    P = linalg.expm(Q)
    return matrix_draws.MatrixDraws(states=STATES, values=(P / P.sum(axis=-1, keepdims=True))[None, None])


def people(regions: int, factor: float = 1.0) -> pd.DataFrame:
    """Persons per region and step; regions differ in size."""
    return pd.DataFrame(
        [(f"r{r}", step, factor * n * (1 + r)) for r in range(regions) for step, n in START.items()],
        columns=["region", "step", "persons"],
    )


def table(regions: int, steps: dict[str, float], unit: str = "persons") -> pd.DataFrame:
    """Limits in proportion to the size of each region."""
    return pd.DataFrame(
        [(f"r{r}", step, value * (1 + r), unit) for r in range(regions) for step, value in steps.items()],
        columns=["region", "step", "value", "unit"],
    )


@pytest.fixture(scope="session")
def make() -> Callable[..., flows.Situation]:
    """Builds a situation: regions, draws and limits in persons at once."""

    def build(
        regions: int = 3,
        draws: int = 40,
        places: dict[str, float] | None = None,
        openings: dict[str, float] | None = None,
        inflow: bool = True,
        waiting: pd.DataFrame | None = None,
        spread: float = 0.1,
    ) -> flows.Situation:
        rows = [table(regions, places or {}), table(regions, openings or {}, "vacancies")]
        rows = [one for one in rows if len(one)]
        named = tuple(f"r{r}" for r in range(regions))
        found = limits.limits(pd.concat(rows), regions=named) if rows else ()
        return flows.situation(
            matrices(draws, spread), people(regions), steps=STEPS, limits=found,
            inflow=people(regions, 0.008) if inflow else None, waiting=waiting,
        )  # fmt: skip

    return build


@pytest.fixture(scope="session")
def calibrated(make) -> calibration.Calibration:
    """Steps 3 and 5 full with people waiting; openings on 6 that did not bind."""
    past = pd.DataFrame(
        [("3", 0, 40.0, 30.0, 55.0), ("5", 0, 150.0, 120.0, 175.0), ("6", 0, 0.0, 0.0, 0.0)],
        columns=["step", "month", "estimate", "lower", "upper"],
    )
    situation = make(draws=60, places={"3": 160, "5": 430}, openings={"6": 6})
    return calibration.calibrate(situation, past, months=24, interval_level=0.9, rng=np.random.default_rng(5))
