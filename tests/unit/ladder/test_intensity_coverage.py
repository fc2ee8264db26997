"""95 % intervals of intensity models hold the truth as often as they say (full table: benchmarks/results/ladder.md)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import linalg

from studie.ladder import intensities, observations

MOVES = [(1, 2), (2, 1), (2, 3), (2, 4), (3, 2), (3, 4)]
RATES = [0.10, 0.06, 0.08, 0.02, 0.05, 0.03]
EFFECT = {(1, 2): 0.3, (2, 3): 0.3}
MONTHS = 12


def generator(x: float) -> np.ndarray:
    Q = np.zeros((4, 4))
    for (a, b), q in zip(MOVES, RATES, strict=True):
        Q[a - 1, b - 1] = q * np.exp(EFFECT.get((a, b), 0.0) * x)
    np.fill_diagonal(Q, -Q.sum(axis=1))
    return Q


CUMULATIVE = np.stack([np.cumsum(linalg.expm(generator(x)), axis=1) for x in (0, 1)])


def panel(persons: int, rng: np.random.Generator) -> observations.Observations:
    x = rng.integers(0, 2, persons)
    state = np.empty((persons, MONTHS + 1), dtype=int)
    state[:, 0] = rng.integers(0, 3, persons)
    for t in range(MONTHS):
        row = CUMULATIVE[x, state[:, t]]
        state[:, t + 1] = np.minimum((row < rng.random(persons)[:, None]).sum(axis=1), 3)
    frame = pd.DataFrame(
        {
            "person": np.repeat(np.arange(persons), MONTHS + 1),
            "time": np.tile(np.arange(MONTHS + 1), persons),
            "state": state.ravel() + 1,
            "x": np.repeat(x, MONTHS + 1),
        }
    )
    return observations.from_panel(frame, person="person", time="time", state="state", covariates=["x"])


def coverage(persons: int, replications: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    Q = generator(0)
    truth = {
        "intensity": RATES,
        "hazard ratio": [np.exp(EFFECT.get(move, 0.0)) for move in MOVES],
        "sojourn": -1 / np.diag(Q)[:3],
        "six months": linalg.expm(6 * Q)[:3].ravel(),
    }
    inside: dict[str, list[np.ndarray]] = {name: [] for name in truth}
    for _ in range(replications):
        fit = intensities.fit(panel(persons, rng), MOVES, covariates={"x": "all"})
        results = {
            "intensity": fit.intensities(x=0).to_frame(),
            "hazard ratio": fit.hazard_ratios().to_frame(),
            "sojourn": fit.sojourn(x=0).to_frame(),
            "six months": fit.transition_probabilities(6.0, x=0).to_frame().iloc[:12],
        }
        for name, table in results.items():
            inside[name].append(((table["lower"] <= truth[name]) & (truth[name] <= table["upper"])).to_numpy())
    return {name: np.mean(rows, axis=0) for name, rows in inside.items()}


@pytest.mark.slow
def test_intervals_cover_with_thirty_events_per_move():
    replications = 200
    found = coverage(400, replications, seed=11)
    error = np.sqrt(0.95 * 0.05 / replications)
    for name, each in found.items():
        assert each.min() > 0.95 - 4 * error, name
        # The mean over correlated quantities: its error is at most that of one.
        assert abs(each.mean() - 0.95) < 0.02 + 2 * error, name


@pytest.mark.slow
def test_intervals_stay_conservative_below_ten_events():
    replications = 150
    found = coverage(40, replications, seed=12)
    error = np.sqrt(0.95 * 0.05 / replications)
    for name in ("intensity", "hazard ratio"):
        assert found[name].min() > 0.93 - 4 * error, name
        assert found[name].mean() > 0.93, name
