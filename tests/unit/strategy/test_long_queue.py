"""A queue longer than the climbs can explain at first: the replay still ends where the history ended."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.strategy import calibration

COLUMNS = ["step", "month", "estimate", "lower", "upper"]


@pytest.fixture(scope="module")
def long_queue(make):
    """As many people wait for step 5 as nearly all on step 4, and the queue falls fast in the last year."""
    situation = make(regions=1, draws=30, places={"5": 430})
    rows = [("5", month, *[number] * 3) for month, number in ((0, 118.0), (12, 150.0), (24, 130.0))]
    history = pd.DataFrame(rows, columns=COLUMNS)
    return calibration.calibrate(situation, history, months=24, interval_level=0.9, rng=np.random.default_rng(1))


def test_every_counted_queue_is_met(long_queue):
    waits = long_queue.check[long_queue.check["quantity"] == "waiting"]
    assert waits["estimate"].to_numpy() == pytest.approx(waits["history"].to_numpy(), rel=0.005)
    assert waits["inside"].all()


def test_nobody_wants_to_climb_more_often_than_once_a_month(long_queue):
    values = long_queue.situation.matrices.values
    assert (values >= 0).all()
    assert np.allclose(values.sum(axis=-1), 1)


def test_the_rates_that_go_forward_keep_the_queue_near_its_past(long_queue):
    from studie.strategy import flows

    ahead = flows.project(long_queue.situation, months=24).of("waiting", "5")[0, :, 0, 0]
    assert 60 < ahead[-1] < 260


def test_a_queue_that_vanishes_at_once_is_refused(make):
    history = pd.DataFrame([("5", 0, *[118.0] * 3), ("5", 12, *[0.5] * 3)], columns=COLUMNS)
    with pytest.raises(InputError, match="shrank faster"):
        calibration.calibrate(
            make(regions=1, draws=5, places={"5": 430}), history, months=12, interval_level=0.9,
            rng=np.random.default_rng(1),
        )  # fmt: skip
