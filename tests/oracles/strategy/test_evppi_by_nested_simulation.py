"""Value of information by regression against nested simulation on a model that is not linear."""

import numpy as np
import pandas as pd
import pytest

from studie.strategy import information

KNOWN = {"effect": ["effect"], "rate": ["rate"], "both": ["effect", "rate"]}


def net_benefit(effect, rate, noise):
    """Nothing, a network whose yield is a product, and places at a certain yield but for a share of failure."""
    network = 120 * rate * (effect - 1) - 3 + noise
    places = 4 * (1 - np.exp(-3 * rate)) - 2.2 + 0 * noise
    return np.stack([np.zeros_like(network), network, places], axis=-1)


def draw(n, rng):
    return {
        "effect": np.exp(0.15 * rng.standard_normal(n)), "rate": rng.beta(8, 20, n), "noise": rng.standard_normal(n)
    }  # fmt: skip


def nested(names, rng, outer=3000, inner=1500):
    """E max_d E(NB_d | φ) − max_d E NB_d with its standard error."""
    known = draw(outer, rng)
    unknown = draw(inner, rng)
    values = {
        name: known[name][:, None] if name in names else unknown[name][None, :] for name in ("effect", "rate", "noise")
    }
    shape = (outer, inner)
    full = {name: np.broadcast_to(value, shape) for name, value in values.items()}
    conditional = net_benefit(**full).mean(axis=1)
    best = conditional.mean(axis=0).argmax()
    gain = conditional.max(axis=1) - conditional[:, best]
    return gain.mean(), gain.std(ddof=1) / np.sqrt(outer)


@pytest.mark.parametrize("request_name", KNOWN)
def test_regression_agrees_with_nested_simulation(request_name):
    rng = np.random.default_rng(6)
    names = KNOWN[request_name]
    sample = draw(8000, rng)
    NB = net_benefit(**sample)
    found, se, bias = information.evppi(NB, pd.DataFrame({name: sample[name] for name in names}), rng=rng)
    expected, error = nested(names, rng)
    assert expected > 3 * error
    assert found - bias == pytest.approx(expected, abs=3.5 * np.hypot(se, error))
    assert found == pytest.approx(expected, rel=0.12)
