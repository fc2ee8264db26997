"""Rates and shares of a few areas: alone, together, and of an area that nobody counted."""

import numpy as np
import pytest
from scipy import stats

from studie.errors import InputError
from studie.strategy import pooled

TAILS = [0.025, 0.975]


def rng():
    return np.random.default_rng(4)


def test_one_area_alone_has_the_posterior_of_jeffreys():
    rate = pooled.rates(np.array([12.0]), np.array([40.0]), rng=rng(), draws=40_000)
    np.testing.assert_allclose(np.quantile(rate, TAILS), stats.gamma(12.5, scale=1 / 40).ppf(TAILS), rtol=0.02)
    share = pooled.shares(np.array([12.0]), np.array([40.0]), rng=rng(), draws=40_000)
    np.testing.assert_allclose(np.quantile(share, TAILS), stats.beta(12.5, 28.5).ppf(TAILS), rtol=0.02)


def test_areas_lean_on_each_other_the_more_the_less_they_know():
    counts, exposure = np.array([4.0, 400.0, 380.0]), np.array([1.0, 50.0, 50.0])
    found = pooled.rates(counts, exposure, rng=rng(), draws=20_000).mean(axis=0)
    assert 4.0 < found[0] < 7.8  # pulled from 4 towards 7.8
    assert found[0] - 4 > 10 * abs(found[1] - 8)
    shares = pooled.shares(np.array([1.0, 60.0, 58.0]), np.array([4.0, 100.0, 100.0]), rng=rng(), draws=20_000)
    assert 0.25 < shares.mean(axis=0)[0] < 0.6


def test_areas_that_clearly_differ_keep_their_own_rate():
    exposure = np.full(3, 1000.0)
    found = pooled.rates(np.array([500.0, 1000.0, 2000.0]), exposure, rng=rng(), draws=20_000)
    np.testing.assert_allclose(found.mean(axis=0), [0.5, 1.0, 2.0], rtol=0.03)


def test_an_area_that_nobody_counted_has_what_the_others_say_with_more_doubt():
    found = pooled.rates(np.array([50.0, 60.0, 0.0]), np.array([10.0, 10.0, 0.0]), rng=rng(), draws=20_000)
    low, high = np.quantile(found, TAILS, axis=0)
    assert 4 < found[:, 2].mean() < 7
    assert high[2] - low[2] > 1.5 * (high[0] - low[0])
    shares = pooled.shares(np.array([30.0, 33.0, 0.0]), np.array([50.0, 50.0, 0.0]), rng=rng(), draws=20_000)
    assert np.ptp(np.quantile(shares[:, 2], TAILS)) > np.ptp(np.quantile(shares[:, 0], TAILS))


def test_nothing_counted_anywhere_is_a_low_rate_and_not_zero():
    found = pooled.rates(np.zeros(3), np.array([10.0, 20.0, 5.0]), rng=rng(), draws=5000)
    assert (found > 0).all()
    assert found.mean() < 0.1


def test_very_many_counts_give_a_narrow_answer():
    found = pooled.rates(np.array([1e7, 1.1e7, 0.9e7]), np.full(3, 1e7), rng=rng(), draws=2000)
    np.testing.assert_allclose(np.quantile(found, TAILS, axis=0).mean(axis=0), [1.0, 1.1, 0.9], rtol=1e-3)
    assert np.ptp(np.quantile(found, TAILS, axis=0), axis=0).max() < 2e-3


def test_the_same_generator_gives_the_same_draws():
    first, second = (pooled.rates(np.array([3.0, 5.0]), np.array([1.0, 2.0]), rng=rng()) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("counts", "over", "says"),
    [
        ([1.0, -1.0], [1.0, 1.0], "at least 0"),
        ([1.0, np.nan], [1.0, 1.0], "must be known"),
        ([1.0], [1.0, 1.0], "one per area"),
        ([0.0, 0.0], [0.0, 0.0], "above 0 somewhere"),
        ([1.0, 2.0], [1.0, 0.0], "wherever something was counted"),
    ],
)
def test_counts_that_cannot_be_are_refused(counts, over, says):
    for compute in (pooled.rates, pooled.shares):
        with pytest.raises(InputError, match=says):
            compute(np.array(counts), np.array(over), rng=rng())


def test_more_successes_than_trials_are_refused():
    with pytest.raises(InputError, match="at most the trials"):
        pooled.shares(np.array([3.0, 1.0]), np.array([2.0, 2.0]), rng=rng())
