"""Interval widths: the factor is what earlier errors ask for, recent ones most, later ones not at all."""

import numpy as np
import pytest

from studie.demand import scores, widths
from studie.demand.combination import PROBABILITIES
from studie.demand.widths import PAIRS, Ratios

KEY = ("all", "regular")
EIGHTY = PROBABILITIES.index(0.1)


def past(values, cut, horizon=3):
    ratio = np.broadcast_to(np.asarray(values, float)[:, None, None], (len(values), horizon, PAIRS))
    rows = np.arange(len(values))
    return Ratios(keys=[KEY] * len(values), rows=rows, cut=np.full(len(values), cut), ratio=ratio, scaled=ratio[..., 0])


def factor(origins, now, n):
    return widths.multipliers(origins, KEY, np.full(n, now), horizon=3, season=4)[0, :, EIGHTY]


def spread(n=4):
    """Points and skewed quantiles of a few series."""
    rng = np.random.default_rng(1)
    estimate = rng.uniform(40, 90, (n, 3))
    below, above = (np.sort(rng.exponential(5, (n, 3, PAIRS)), axis=-1) for _ in range(2))
    point = estimate[..., None]
    return estimate, np.concatenate([point - below[..., ::-1], point, point + above], axis=-1)


def test_the_factor_of_each_side_is_the_quantile_of_errors_there_in_half_widths():
    # 99 ratios above, .02 … 1.98: the conformal 90 % quantile is the 90th of 99. As many below, doubled.
    values = 0.02 * np.arange(1, 100)
    both = np.concatenate([values, -2 * values])
    # 10 % of all 198 lie beyond: the 180th, of which 99 are on the other side: the 81st of 99 (weight of one kept).
    below, above = factor([past(both, 20)], 24, 198)
    assert above == pytest.approx(0.02 * 81) and below == pytest.approx(0.04 * 81)


def test_an_interval_moves_to_the_side_where_errors_were():
    below, above = factor([past(0.02 * np.arange(1, 100), 20)], 24, 99)
    assert above == pytest.approx(1.80) and below == pytest.approx(0.2)


def test_a_side_is_narrowed_only_as_far_as_each_origin_by_itself_allows():
    # Together 10 % of errors are above .3, at the first origin 10 % are above .9.
    first = past(np.where(np.arange(40) < 8, 0.9, -0.3), 16)
    later = [past(np.where(np.arange(40) < 2, 0.3, -0.3), 16 + k) for k in range(1, 5)]
    assert factor([first, *later], 24, 40)[1] == pytest.approx(0.9)
    assert factor(later, 24, 40)[1] == pytest.approx(0.2)


def test_no_interval_becomes_narrower_than_its_model():
    estimate, quantiles = spread()
    sides = np.random.default_rng(2).uniform(0.2, 1.5, (4, 3, 2, 1))  # alike for all pairs, so that none change places
    found = widths.widen(estimate, quantiles, np.broadcast_to(sides, (4, 3, 2, PAIRS)))
    before = quantiles[..., : -PAIRS - 1 : -1] - quantiles[..., :PAIRS]
    after = found[..., : -PAIRS - 1 : -1] - found[..., :PAIRS]
    assert (found > 0).all() and (sides.mean(axis=2) < 1).any()
    assert (after >= before - 1e-9).all()


def test_an_interval_narrowed_on_both_sides_is_its_models():
    estimate, quantiles = spread()
    assert widths.widen(estimate, quantiles, np.full((4, 3, 2, PAIRS), 0.4)) == pytest.approx(quantiles)


def test_recent_origins_weigh_more():
    calm, wild = np.full(40, 1.0), np.repeat([1.0, 2.5], 20)
    old_wild = factor([past(wild, 0), past(calm, 20)], 24, 40)
    new_wild = factor([past(calm, 0), past(wild, 20)], 24, 40)
    assert old_wild[1] < new_wild[1]


def test_outcomes_that_are_not_known_yet_do_not_count():
    assert (factor([past(np.full(40, 3.0), 24)], 24, 40) == 1.0).all()


def test_widening_keeps_points_order_and_zero():
    rng = np.random.default_rng(1)
    estimate = rng.uniform(1, 9, (4, 3))
    quantiles = np.sort(estimate[..., None] + rng.normal(0, 2, (4, 3, len(PROBABILITIES))), axis=-1)
    found = widths.widen(estimate, np.maximum(quantiles, 0), np.full((4, 3, 2, PAIRS), 2.0))
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
    wide = widths.widen(estimate, quantiles, np.broadcast_to(factors, (200, *factors.shape)))
    low, high = wide[..., EIGHTY], wide[..., -EIGHTY - 1]
    # 600 outcomes: 3 standard errors of a share of .8 are .049.
    assert abs(np.mean((actual[..., 3] >= low) & (actual[..., 3] <= high)) - 0.80) < 0.05


@pytest.mark.slow
def test_models_that_lean_to_one_side_get_intervals_that_cover_and_score_better():
    # Points half a standard deviation too low for all series and origins, native widths right around them.
    from scipy import special

    rng = np.random.default_rng(6)
    actual = rng.normal(105, 10, (200, 3, 4))
    native = 100 + 10 * special.ndtri(np.array(PROBABILITIES))
    quantiles = np.broadcast_to(native, (200, 3, len(PROBABILITIES)))
    estimate = np.full((200, 3), 100.0)
    earlier = [
        widths.ratios(
            actual[..., k], estimate, quantiles, scale=np.ones(200), keys=[KEY] * 200, rows=np.arange(200),
            cut=np.full(200, 10 + 4 * k),
        )
        for k in range(3)
    ]  # fmt: skip
    factors = widths.multipliers(earlier, KEY, np.full(200, 22), horizon=3, season=4)
    wide = widths.widen(estimate, quantiles, np.broadcast_to(factors, (200, *factors.shape)))

    def scored(found):
        low, high = found[..., EIGHTY], found[..., -EIGHTY - 1]
        inside = (actual[..., 3] >= low) & (actual[..., 3] <= high)
        return inside.mean(), scores.interval_score(actual[..., 3], low, high, 0.8).mean()

    coverage, interval = scored(wide)
    # 600 outcomes: 3 standard errors of a share of .8 are .049; the native interval covers .74.
    assert abs(coverage - 0.80) < 0.05
    assert interval < scored(quantiles)[1]
