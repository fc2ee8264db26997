"""Beliefs: the interval holds its centre and is what it says."""

import numpy as np
import pytest

from studie.errors import InputError
from studie.strategy.priors import Prior


def prior(**changed):
    given = {"distribution": "lognormal", "centre": 1.05, "lower": 0.85, "upper": 1.3, "interval_level": 0.9}
    return Prior(name="netwerk", **{**given, **changed})


@pytest.mark.parametrize(
    "one",
    [
        prior(),
        prior(centre=5.9, lower=1.91, upper=18.2, interval_level=0.95),
        prior(distribution="normal", centre=0.65, lower=0.15, upper=1.15),
        prior(distribution="normal", centre=1.0, lower=-3.0, upper=1.5, interval_level=0.8),
    ],
)
def test_centre_and_bounds_are_quantiles(one):
    tail = (1 - one.interval_level) / 2
    assert one.quantile(np.array([tail, 0.5, 1 - tail])) == pytest.approx([one.lower, one.centre, one.upper], rel=1e-12)
    assert [one.below(x) for x in (one.lower, one.centre, one.upper)] == pytest.approx([tail, 0.5, 1 - tail], abs=1e-12)


def test_a_sample_covers_the_interval_as_stated():
    sample = prior().sample(10_000, rng=np.random.default_rng(1))
    inside = ((sample > 0.85) & (sample < 1.3)).mean()
    assert inside == pytest.approx(0.9, abs=1e-3)  # one value per slice: no more than rounding


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"centre": 1.4}, "netwerk: the interval must hold its centre, got 0.85 < 1.4 < 1.3"),
        ({"centre": 0.85}, "the interval must hold its centre"),
        ({"lower": float("nan")}, "the interval must hold its centre"),
        ({"upper": float("inf")}, "the interval must be known"),
        ({"lower": -0.1}, "a log-normal interval must be above 0, got -0.1"),
        ({"interval_level": 90}, r"interval_level: must be in \(0, 1\), got 90"),
        ({"distribution": "uniform"}, "unknown value 'uniform'"),
    ],
)
def test_a_belief_out_of_order_is_refused_by_name(changed, says):
    with pytest.raises(InputError, match=says):
        prior(**changed)
