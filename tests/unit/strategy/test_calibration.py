"""Latent rates reproduce the history under its own full places."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.strategy import calibration, flows

COLUMNS = ["step", "month", "estimate", "lower", "upper"]


def past(*rows):
    return pd.DataFrame(rows, columns=COLUMNS)


def test_the_baseline_reproduces_flows_and_waiting_within_their_intervals(calibrated):
    assert calibrated.reproduces
    check = calibrated.check.set_index(["step", "quantity", "month"])
    ends = check.xs("waiting", level="quantity")
    assert ends.loc[("5", 24), "estimate"] == pytest.approx(ends.loc[("5", 0), "estimate"], rel=0.01)
    assert ends.loc[("3", 24), "estimate"] == pytest.approx(ends.loc[("3", 0), "estimate"], rel=0.01)
    moved = check.xs("moves_up", level="quantity")
    assert np.allclose(moved["estimate"], moved["history"], rtol=0.002)


def test_latent_rates_exceed_observed_ones_only_where_people_wait(calibrated):
    factor = calibrated.factor.set_index(["from_step", "to_step"])["estimate"]
    assert (factor.xs("5", level="to_step") > 1.02).all()
    assert (factor.xs("3", level="to_step") > 1.02).all()
    assert np.allclose(factor.xs("6", level="to_step"), 1.0)


def test_observed_rates_under_the_limit_would_count_capacity_twice(make, calibrated):
    """The same places on observed rates: the queue of the history is not there, and drains where it was given."""
    observed = make(draws=60, places={"3": 160, "5": 430}, openings={"6": 6})
    naive = flows.Walk(observed)
    naive.on(24)
    waits = flows.waiting_for(observed, naive.waiting).sum(axis=(1, 2)).mean(axis=-1)
    place = [limit.step for limit in observed.ordered_limits].index("5")
    assert waits[place] < 120  # lower bound of the history


def test_without_anybody_waiting_rates_stay_and_the_list_is_the_limit(make):
    situation = make(draws=5, places={"5": 900})
    done = calibration.calibrate(
        situation, past(("5", 0, 0.0, 0.0, 0.0)), months=12, interval_level=0.9, rng=np.random.default_rng(1)
    )
    assert np.allclose(done.situation.matrices.values, situation.matrices.values, atol=1e-14)
    assert np.allclose(done.situation.limits[0].persons[0, :, 0], [900.0, 1800.0, 2700.0])
    free = flows.Walk(situation)
    free.on(12)
    assert np.allclose(done.situation.stock, free.stock, rtol=1e-10)


def test_places_that_come_later_are_added_to_those_in_use(make):
    situation = make(draws=5, places={"5": 430})
    limit = situation.limits[0]
    more = np.concatenate([limit.persons, limit.persons + 25.0])
    longer = situation.with_limits([type(limit)(step="5", kind="places", persons=more)])
    rng = np.random.default_rng
    args = {"months": 12, "interval_level": 0.9}
    one = calibration.calibrate(situation, past(("5", 0, 150.0, 120.0, 175.0)), rng=rng(1), **args)
    two = calibration.calibrate(longer, past(("5", 0, 150.0, 120.0, 175.0)), rng=rng(1), **args)
    assert np.allclose(two.situation.limits[0].at(1) - one.situation.limits[0].at(1), 25.0)
    assert np.allclose(one.situation.limits[0].at(0), one.situation.stock[4].sum(axis=0))


@pytest.mark.parametrize(
    ("history", "says"),
    [
        (past(("3", 0, 1.0, 0.0, 2.0)), "step 5 has a limit but no history of waiting"),
        (past(("5", 0, 1.0, 0.0, 2.0), ("4", 0, 1.0, 0.0, 2.0)), "step 4 has no limit"),
        (past(("5", 0, 3.0, 0.0, 2.0)), "the interval must hold its estimate"),
        (past(("5", 99, 1.0, 0.0, 2.0)), "months must be between 0 and 12"),
        (past(("5", 0, 9000.0, 8000.0, 9900.0)), "more people would wait|too long"),
        (past(("5", 0, 500.0, 500.0, 500.0), ("5", 12, 1.0, 1.0, 1.0)), "the queue shrank faster"),
    ],
)
def test_a_history_that_cannot_be_is_refused(make, history, says):
    with pytest.raises(InputError, match=says):
        calibration.calibrate(
            make(draws=4, places={"5": 430}), history, months=12, interval_level=0.9, rng=np.random.default_rng(1)
        )
