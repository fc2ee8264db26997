"""Scenario regressors: effects that were put in come out, and nothing is said about what never varied."""

import numpy as np
import pandas as pd
import pytest

from studie.demand import regressors
from studie.errors import InputError

N = 96
PERIOD = pd.period_range("2015-01", periods=N + 12, freq="M").astype(str)


def world(effect=0.5, seed=1):
    rng = np.random.default_rng(seed)
    policy = (np.arange(N + 12) >= 60).astype(float)
    jobs = 100 + np.cumsum(rng.normal(0, 1, N + 12))
    season = 0.2 * np.sin(2 * np.pi * np.arange(N + 12) / 12)
    values = np.expm1(5 + effect * policy + 0.01 * (jobs - 100) + season + rng.normal(0, 0.05, N + 12))
    table = pd.DataFrame({"period": PERIOD, "policy": policy, "jobs": jobs})
    return pd.DataFrame({"series": "zorg", "period": PERIOD, "value": values}).head(N), table


@pytest.mark.parametrize("model", ["unobserved components", "sarimax"])
def test_an_effect_that_was_put_in_comes_out(model):
    history, table = world()
    ahead = table.tail(12)
    found = regressors.scenario_forecast(history, table.head(N), {"as planned": ahead}, model=model)
    effect = found.effects.set_index("regressor").loc["policy"]
    assert effect["lower"] < 0.5 < effect["upper"]
    assert "converged" in found.method


def test_scenarios_differ_by_the_effect_of_what_they_change():
    history, table = world()
    ahead = table.tail(12)
    without = ahead.assign(policy=0.0)
    found = regressors.scenario_forecast(history, table.head(N), {"as planned": ahead, "without": without})
    assert (found.difference["estimate"] < 0).all()
    ratio = 1 + found.difference["estimate"] / (
        found.table.query("scenario == 'as planned'")["estimate"].to_numpy() + 1
    )
    effect = found.effects.set_index("regressor").loc["policy", "estimate"]
    assert np.allclose(np.log(ratio), -effect, atol=1e-6)
    frame = found.to_frame()
    assert list(frame.columns[-6:]) == ["quantity", "estimate", "lower", "upper", "n", "unit"]
    assert not frame[["estimate", "lower", "upper"]].isna().any(axis=None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda h, t: (h, t.assign(policy=0.0)), "constant policy"),
        (lambda h, t: (h.head(20), t), "three seasons"),
        (lambda h, t: (h, t.iloc[1:]), "got none in 2015-01"),
        (lambda h, t: (pd.concat([h, h.assign(series="b")]), t), "one series, got 2"),
    ],
)
def test_what_cannot_be_estimated_is_refused(change, message):
    history, table = change(*world())
    with pytest.raises(InputError, match=message):
        regressors.scenario_forecast(history, table.head(N), {"as planned": world()[1].tail(12)})


@pytest.mark.slow
def test_the_interval_of_an_effect_covers_it():
    # 20 worlds: 95 % with 3 standard errors of .049, and estimated variances on top.
    covered = 0
    for seed in range(20):
        history, table = world(seed=seed)
        found = regressors.scenario_forecast(history, table.head(N), {"as planned": table.tail(12)})
        row = found.effects.set_index("regressor").loc["policy"]
        covered += row["lower"] <= 0.5 <= row["upper"]
    assert covered / 20 >= 0.8
