"""Interval widths: the factor is what earlier errors ask for, recent ones most, later ones not at all."""

import numpy as np
import pytest

from studie.demand import widths
from studie.demand.combination import PROBABILITIES
from studie.demand.widths import PAIRS, Ratios

KEY = ("all", "regular")
EIGHTY = PROBABILITIES.index(0.1)


def past(values, cut, horizon=3):
    ratio = np.broadcast_to(np.asarray(values, float)[:, None, None], (len(values), horizon, PAIRS))
    rows = np.arange(len(values))
    return Ratios(keys=[KEY] * len(values), rows=rows, cut=np.full(len(values), cut), ratio=ratio, scaled=ratio[..., 0])


def factor(origins, now, n):
    return widths.multipliers(origins, KEY, np.full(n, now), horizon=3, season=4)[0, EIGHTY]


def test_the_factor_is_the_quantile_of_errors_in_half_widths():
    # 99 ratios .02, .04 … 1.98: the conformal 80 % quantile is the 80th of 99, 1.60.
    values = 0.02 * np.arange(1, 100)
    assert factor([past(values, 20)], 24, 99) == pytest.approx(1.60)


def test_no_interval_becomes_narrower_than_its_model():
    assert factor([past(np.full(40, 0.1), 20)], 24, 40) == 1.0


def test_recent_origins_weigh_more():
    calm, wild = np.full(40, 1.0), np.full(40, 2.5)
    old_wild = factor([past(wild, 0), past(calm, 20)], 24, 40)
    new_wild = factor([past(calm, 0), past(wild, 20)], 24, 40)
    assert old_wild < new_wild


def test_outcomes_that_are_not_known_yet_do_not_count():
    assert factor([past(np.full(40, 3.0), 24)], 24, 40) == 1.0


def test_widening_keeps_points_order_and_zero():
    rng = np.random.default_rng(1)
    estimate = rng.uniform(1, 9, (4, 3))
    quantiles = np.sort(estimate[..., None] + rng.normal(0, 2, (4, 3, len(PROBABILITIES))), axis=-1)
    found = widths.widen(estimate, np.maximum(quantiles, 0), np.full((4, 3, PAIRS), 2.0))
    assert (np.diff(found, axis=-1) >= 0).all() and (found >= 0).all()


@pytest.mark.slow
def test_conformal_widths_cover_when_models_are_too_sure():
    # Native intervals are half as wide as they should be; 200 series, 3 origins of 60 earlier series-steps each.
    rng = np.random.default_rng(5)
    actual = rng.normal(100, 10, (200, 3, 4))
    from scipy import special

    native = 100 + 5 * special.ndtri(np.array(PROBABILITIES))
    quantiles = np.broadcast_to(native, (200, 3, len(PROBABILITIES)))
    estimate = np.full((200, 3), 100.0)
    rows = np.arange(200)
    earlier = [
        widths.ratios(
            actual[..., k], estimate, quantiles, scale=np.ones(200), keys=[KEY] * 200, rows=rows,
            cut=np.full(200, 10 + 4 * k),
        )
        for k in range(3)
    ]  # fmt: skip
    factors = widths.multipliers(earlier, KEY, np.full(200, 22), horizon=3, season=4)
    wide = widths.widen(estimate, quantiles, np.broadcast_to(factors, (200, 3, PAIRS)))
    low, high = wide[..., EIGHTY], wide[..., -EIGHTY - 1]
    # 600 outcomes: 3 standard errors of a share of .8 are .049.
    assert abs(np.mean((actual[..., 3] >= low) & (actual[..., 3] <= high)) - 0.80) < 0.05
