"""Year by year adds up to the whole, in the same draws."""

import numpy as np
import pytest

from studie.errors import InputError
from studie.strategy import after_move, levers, paths, scenarios

SEEDS = np.random.SeedSequence(11)


def network(lower=0.85):
    effect = {
        "measure": "hazard_ratio", "acts_on": "down", "distribution": "lognormal", "centre": 0.95, "lower": lower,
        "upper": 1.2, "interval_level": 0.9,
    }  # fmt: skip
    return levers.lever("netwerk", {"effects": [effect], "ramp_months": 12, "because": "reden", "source": "bron"})


@pytest.fixture(scope="module")
def after(calibrated):
    return after_move.markov(calibrated.situation.matrices, steps=calibrated.situation.steps)


@pytest.fixture(scope="module")
def walked(calibrated, after):
    return paths.paths(calibrated.situation, {"netwerk": [network()]}, after=after, seeds=SEEDS, months=36)


def test_the_years_add_up_to_the_outcomes_of_the_comparison(calibrated, after, walked):
    compared = scenarios.compare(
        calibrated.situation, {"netwerk": [network()]}, after=after, seeds=SEEDS, months=36, values=(1.0,)
    )
    for name, quantities in walked.draws.items():
        whole = compared.outcomes[name]
        for quantity in ("upward_moves", "lasting_moves"):
            assert quantities[quantity].sum(axis=0) == pytest.approx(whole[quantity].to_numpy(), rel=1e-12)
        relapsed = (quantities["relapse"] * quantities["upward_moves"]).sum(axis=0)
        assert relapsed == pytest.approx((whole["relapse"] * whole["upward_moves"]).to_numpy(), rel=1e-12)
        assert quantities["waiting"][-1] == pytest.approx(whole["waiting"].to_numpy(), rel=1e-12)


def test_the_frame_has_a_row_per_scenario_year_and_quantity_with_bounds_that_hold_it(walked):
    frame = walked.to_frame()
    assert list(frame.columns) == ["scenario", "year", "quantity", "estimate", "lower", "upper", "n", "unit"]
    assert len(frame) == 2 * 3 * 4
    assert ((frame["lower"] <= frame["estimate"]) & (frame["estimate"] <= frame["upper"])).all()
    assert walked.scenarios == ("baseline", "netwerk")
    assert walked.hangs_on == {"netwerk": ("netwerk",)}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"scenarios": {"baseline": []}}, "none named 'baseline'"),
        ({"months": 13}, "whole years"),
        ({"level": 95}, "level: must be in"),
    ],
)
def test_paths_out_of_order_are_refused(calibrated, after, options, says):
    given = {"scenarios": {"a": [network()]}, "after": after, "seeds": SEEDS, "months": 12, **options}
    with pytest.raises(InputError, match=says):
        paths.paths(calibrated.situation, given.pop("scenarios"), **given)


def test_a_limit_without_calibration_is_refused(make, after):
    with pytest.raises(InputError, match="else capacity counts twice"):
        paths.paths(make(places={"5": 430}), {"a": [network()]}, after=after, seeds=SEEDS, months=12)
