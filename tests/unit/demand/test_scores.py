"""Scores: expected values as arithmetic, proper, and intervals that cover."""

import numpy as np
import pytest
from scipy import stats

from studie.demand import scores
from studie.demand.combination import PROBABILITIES

P = np.array(PROBABILITIES)


def test_the_scale_is_the_mean_absolute_seasonal_change_in_sample():
    # Changes over two steps of 1, 4, 2, 8, 3: |2 - 1|, |8 - 4|, |3 - 2| -> 6 / 3.
    assert scores.scale(np.array([1.0, 4, 2, 8, 3]), 2) == pytest.approx(2.0)


def test_the_scale_falls_back_where_seasons_repeat_exactly():
    assert scores.scale(np.array([1.0, 3, 1, 3]), 2) == pytest.approx(2.0)
    assert scores.scale(np.full(4, 5.0), 2) == pytest.approx(5.0)
    assert np.isnan(scores.scale(np.zeros(4), 2))


def test_rmsse_divides_by_the_root_of_squared_changes():
    # Squared changes 1, 16, 1: sqrt(18 / 3).
    assert scores.squared_scale(np.array([1.0, 4, 2, 8, 3]), 2) == pytest.approx(np.sqrt(6))


def test_the_interval_score_is_width_plus_penalty():
    # Width 4; outcome 1 above at 80 %: 2 / .2 × 1 = 10.
    assert scores.interval_score(np.array(9.0), np.array(4.0), np.array(8.0), 0.8) == pytest.approx(14.0)


def test_smape_of_two_zeros_is_zero_not_missing():
    assert scores.smape(np.array([0.0, 10.0]), np.array([0.0, 30.0])).tolist() == [0.0, 100.0]


def test_crps_of_the_standard_normal_comes_near_its_closed_form():
    # E CRPS of N(0,1) at its own mean 0: 2 φ(0) − 1/√π = .2337 (Gneiting & Raftery 2007); 25 quantiles, 2 %.
    quantiles = stats.norm.ppf(P)
    expected = 2 * stats.norm.pdf(0) - 1 / np.sqrt(np.pi)
    assert scores.crps(np.array(0.0), quantiles, P) == pytest.approx(expected, rel=0.02)


def test_the_true_quantiles_score_best_on_average():
    rng = np.random.default_rng(3)
    outcome = rng.normal(0, 1, 20000)
    true = stats.norm.ppf(P)
    best = scores.crps(outcome, np.broadcast_to(true, (20000, P.size)), P).mean()
    for shift, stretch in ((0.3, 1.0), (0.0, 1.4), (0.0, 0.7)):
        other = np.broadcast_to(shift + stretch * true, (20000, P.size))
        assert scores.crps(outcome, other, P).mean() > best


def test_skill_is_one_minus_the_ratio_of_losses():
    ours, theirs = np.full((6, 4), 3.0), np.full((6, 4), 4.0)
    assert scores.skill(ours, theirs, level=0.95) == pytest.approx((0.25, 0.25, 0.25))


def test_skill_of_a_single_loss_has_no_bounds_and_of_none_is_missing():
    estimate, lower, upper = scores.skill(np.array([[1.0]]), np.array([[2.0]]), level=0.95)
    assert (estimate, lower, upper) == (0.5, -np.inf, 1.0)
    assert np.isnan(scores.skill(np.full((2, 2), np.nan), np.ones((2, 2)), level=0.95)).all()


@pytest.mark.slow
def test_the_interval_of_skill_covers_the_true_ratio():
    # 400 backtests of 12 origins × 10 series with shocks that origins share and that last: 95 % ± 3 points.
    rng = np.random.default_rng(8)
    covered = 0
    for _ in range(400):
        shock = np.zeros(13)
        for t in range(1, 13):
            shock[t] = 0.4 * shock[t - 1] + rng.normal(0, 0.2)
        theirs = rng.gamma(9, 1 / 9, (12, 10))
        ours = 0.9 * theirs * np.exp(shock[1:, None] * 0.5) * rng.gamma(25, 1 / 25, (12, 10))
        truth = 0.9 * np.exp(0.5 * 0.25 * 0.04 / (1 - 0.16))
        _, lower, upper = scores.skill(ours, theirs, level=0.95)
        covered += lower <= 1 - truth <= upper
    assert 0.90 < covered / 400 <= 1.0
