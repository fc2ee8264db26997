"""What the result hangs on: shares of variance with known answers, bounds that move only their own effect."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError, InsufficientDataError
from studie.strategy import after_move, levers, scenarios, sensitivity

SEEDS = np.random.SeedSequence(2)


def test_shares_of_a_sum_are_its_squared_coefficients():
    X = pd.DataFrame(np.random.default_rng(1).standard_normal((20_000, 3)), columns=list("abc"))
    found = sensitivity.variance_shares(X, (3 * X["a"] + 2 * X["b"]).to_numpy()).table.set_index("input")
    assert found["estimate"].to_numpy() == pytest.approx([9 / 13, 4 / 13, 0, 0], abs=0.015)


def test_the_shares_and_what_is_left_add_up_to_one():
    X = pd.DataFrame(np.random.default_rng(1).uniform(size=(3000, 2)), columns=list("ab"))
    found = sensitivity.variance_shares(X, (X["a"] * X["b"] + X["a"]).to_numpy()).table
    assert found["estimate"].sum() == pytest.approx(1.0)


@pytest.mark.slow
def test_intervals_of_the_shares_cover_the_truth():
    rng = np.random.default_rng(8)
    truth = {"a": 1 / 1.5, "b": 0.25 / 1.5, "interaction": 0.25 / 1.5}
    hits = dict.fromkeys(truth, 0)
    for _ in range(400):
        X = pd.DataFrame(rng.standard_normal((1000, 2)), columns=list("ab"))
        y = X["a"] + 0.5 * X["b"] + 0.5 * X["a"] * X["b"]
        table = sensitivity.variance_shares(X, y.to_numpy()).table.set_index("input")
        for name, value in truth.items():
            hits[name] += table.loc[name, "lower"] <= value <= table.loc[name, "upper"]
    for name, count in hits.items():  # 95 % with three standard errors of 400 trials, and splines that bend a little
        assert 0.905 <= count / 400 <= 0.99, (name, count)


def test_too_few_draws_or_no_spread_is_refused():
    X = pd.DataFrame({"a": np.arange(20.0)})
    with pytest.raises(InsufficientDataError, match="need at least"):
        sensitivity.variance_shares(X, np.arange(20.0))
    with pytest.raises(InputError, match="differ between draws"):
        sensitivity.variance_shares(X, np.ones(20))


def lever(name, lower, upper):
    effect = {
        "measure": "hazard_ratio", "acts_on": "up", "distribution": "lognormal", "centre": 1.05, "lower": lower,
        "upper": upper, "interval_level": 0.8,
    }  # fmt: skip
    return levers.lever(name, {"effects": [effect], "because": "een reden", "source": "een bron"})


def test_the_tornado_is_the_scenario_with_one_effect_fixed(calibrated):
    situation = calibrated.situation
    after = after_move.markov(situation.matrices, steps=situation.steps)
    given = [lever("smal", 0.98, 1.12), lever("breed", 0.6, 1.8)]
    found = sensitivity.tornado(situation, given, after=after, seeds=SEEDS, months=24)
    assert list(found.table["effect"]) == ["breed", "smal"]
    assert found.table.loc[0, ["at_lower", "at_upper"]].tolist() == pytest.approx([0.6, 1.8])
    assert (found.table["low"] < found.table["all_drawn"]).all()
    assert (found.table["all_drawn"] < found.table["high"]).all()
    drawn = levers.draw(given, situation.draws, seeds=SEEDS).assign(breed=1.8)
    fixed = scenarios.outcomes(situation, levers.Levers(given, drawn, situation), after=after, months=24)
    plain = scenarios.outcomes(situation, None, after=after, months=24)
    assert found.table.loc[0, "high"] == pytest.approx((fixed - plain)["lasting_moves"].mean(), rel=1e-12)


def test_an_unknown_quantity_is_refused(calibrated):
    with pytest.raises(InputError, match="quantity: unknown value 'geluk'"):
        sensitivity.tornado(calibrated.situation, [], after=None, seeds=SEEDS, quantity="geluk")
