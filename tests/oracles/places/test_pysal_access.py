"""Two-step floating catchment against PySAL access, where access has no trap."""

import warnings

import numpy as np
import pandas as pd
import pytest

from studie.places import access as ours

fca = pytest.importorskip("access.fca", reason="PySAL access is a development dependency")
STEPS = {10: 1.0, 20: 0.68, 30: 0.22}


def step(minutes: float) -> float:
    return next((weight for limit, weight in sorted(STEPS.items()) if minutes <= limit), 0.0)


def gaussian(minutes: float) -> float:
    return float(np.exp(-minutes * minutes / 440))


def problem(seed: int) -> tuple[pd.Series, pd.Series, pd.DataFrame]:
    """Everybody in need, everything reachable, each pair once, no distance 0: none of the traps."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(5, 60)), int(rng.integers(3, 40))
    demand = pd.Series(rng.uniform(1, 500, n), index=rng.permutation(1000)[:n])
    supply = pd.Series(rng.uniform(1, 80, m), index=rng.permutation(1000)[:m])
    minutes = rng.uniform(0.5, 45, (n, m))
    minutes[np.arange(n), rng.integers(m, size=n)] = rng.uniform(0.5, 25, n)
    minutes[rng.integers(n, size=m), np.arange(m)] = rng.uniform(0.5, 25, m)
    cost = pd.DataFrame(
        {
            "origin": np.repeat(demand.index, m),
            "destination": np.tile(supply.index, n),
            "minutes": minutes.ravel(),
        }
    )
    return demand, supply, cost.sample(frac=1, random_state=seed)


@pytest.mark.parametrize("weight", [step, gaussian])
@pytest.mark.parametrize("seed", range(25))
def test_access_equals_pysal_to_1e_12(seed: int, weight) -> None:
    demand, supply, cost = problem(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas deprecations inside access
        expected = fca.two_stage_fca(
            demand.rename_axis("geoid").to_frame("demand"),
            supply.rename_axis("geoid").to_frame("supply"),
            cost.rename(columns={"destination": "dest", "minutes": "cost"}),
            max_cost=60,
            demand_index=True,
            supply_index=True,
            weight_fn=weight,
        )
    found = ours.two_step_floating_catchment(demand, supply, cost, STEPS if weight is step else weight)
    assert np.abs(found.access / expected.loc[found.access.index] - 1).max() < 1e-12


def test_pysal_drops_what_we_flag() -> None:
    """The oracle's own behaviour that our states replace: an unreachable origin has no row."""
    demand, supply = pd.Series({1: 10.0, 2: 5.0}), pd.Series({1: 4.0})
    cost = pd.DataFrame({"origin": [1, 2], "destination": [1, 1], "minutes": [5.0, 90.0]})
    theirs = fca.two_stage_fca(
        demand.rename_axis("geoid").to_frame("demand"),
        supply.rename_axis("geoid").to_frame("supply"),
        cost.rename(columns={"destination": "dest", "minutes": "cost"}),
        max_cost=60,
        demand_index=True,
        weight_fn=step,
    )
    assert 2 not in theirs.index
    assert ours.two_step_floating_catchment(demand, supply, cost, STEPS).access[2] == 0.0
