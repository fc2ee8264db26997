"""Pooled rates and shares against the same model integrated by scipy's quadrature, written from the definition."""

import numpy as np
import pytest
from scipy import integrate, stats

from studie.strategy import pooled

COUNTS, EXPOSURE = np.array([9.0, 4.0, 2.0]), np.array([1.2, 0.6, 1.1])
TRIALS = np.array([14.0, 9.0, 6.0])
DRAWS = 60_000


def likelihood_of_rates(mean, spread):
    """Product of negative binomials: a Poisson count whose rate is a gamma with this mean and variation."""
    shape = 1 / spread**2
    return np.prod(stats.nbinom.pmf(COUNTS, shape, shape / (shape + mean * EXPOSURE)))


def likelihood_of_shares(mean, size):
    """Product of beta-binomials."""
    return np.prod(stats.betabinom.pmf(COUNTS, TRIALS, mean * size, (1 - mean) * size))


def expected(value, weight, ranges):
    """Mean of a value over two hyperparameters."""
    options = {"epsabs": 0, "epsrel": 1e-3}
    above = integrate.dblquad(lambda x, y: value(x, y) * weight(x, y), *ranges[1], *ranges[0], **options)[0]
    return above / integrate.dblquad(weight, *ranges[1], *ranges[0], **options)[0]


def test_rates_equal_the_integral():
    def weight(mean, spread):
        return likelihood_of_rates(mean, spread) * mean**-0.5 * np.exp(-0.5 * (spread / pooled.SPREAD) ** 2)

    def rate(mean, spread):
        shape = 1 / spread**2
        return (shape + COUNTS[2]) / (shape / mean + EXPOSURE[2])

    exact = expected(rate, weight, ((0.3, 60.0), (pooled.SPREAD / 25, 2 * pooled.SPREAD)))
    found = pooled.rates(COUNTS, EXPOSURE, rng=np.random.default_rng(1), draws=DRAWS)[:, 2]
    assert found.mean() == pytest.approx(exact, abs=4 * found.std() / DRAWS**0.5 + 0.003 * exact)


def test_shares_equal_the_integral():
    def weight(mean, log_size):
        size = np.exp(log_size)
        prior = (mean * (1 - mean)) ** -0.5 * size / (1 + size) ** 1.5
        return likelihood_of_shares(mean, size) * prior

    def share(mean, log_size):
        size = np.exp(log_size)
        return (mean * size + COUNTS[2]) / (size + TRIALS[2])

    exact = expected(share, weight, ((1e-4, 1 - 1e-4), (np.log(0.5), np.log(20_000))))
    found = pooled.shares(COUNTS, TRIALS, rng=np.random.default_rng(1), draws=DRAWS)[:, 2]
    assert found.mean() == pytest.approx(exact, abs=4 * found.std() / DRAWS**0.5 + 0.003 * exact)
