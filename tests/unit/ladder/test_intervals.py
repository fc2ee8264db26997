"""Intervals of a proportion."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from studie.errors import InputError
from studie.ladder.intervals import effective_trials, exact, wilson


@pytest.mark.parametrize(("x", "n"), [(0, 10), (1, 10), (5, 10), (10, 10), (30, 1000)])
def test_wilson_agrees_with_statsmodels(x, n):
    low, high = wilson(x, n, level=0.9)
    expected = proportion_confint(x, n, alpha=0.1, method="wilson")
    assert (float(low), float(high)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("x", "n"), [(1, 10), (5, 10), (12, 40), (30, 1000)])
def test_exact_bounds_solve_their_definition(x, n):
    low, high = (float(bound) for bound in exact(x, n, level=0.95))
    c = min(1, min(x, n - x) / 20) / 2
    assert stats.binom.sf(x - 1, n, low) - c * stats.binom.pmf(x, n, low) == pytest.approx(0.025, abs=1e-10)
    assert stats.binom.cdf(x, n, high) - c * stats.binom.pmf(x, n, high) == pytest.approx(0.025, abs=1e-10)


def test_nothing_and_everything_keep_their_end():
    low, high = exact([0, 20], [20, 20])
    assert low[0] == 0
    assert high[1] == 1
    assert 0 < high[0] < 0.2
    assert 0.8 < low[1] < 1


def test_no_trials_give_nan_not_zero():
    assert np.isnan([*wilson(0, 0), *exact(0, 0)]).all()


def test_exact_covers_at_least_94_percent_with_few_events_and_95_with_many():
    n = 400
    counts = np.arange(n + 1)
    low, high = exact(counts, np.full(n + 1, n))
    for events in (0.5, 1, 2, 3, 5, 8, 10, 30, 60, 100):
        p = events / n
        covered = stats.binom.pmf(counts, n, p)[(low <= p) & (p <= high)].sum()
        assert covered > 0.94
        if events >= 30:
            assert covered < 0.96


def test_effective_trials_undo_the_binomial_variance_and_never_exceed_the_limit():
    assert effective_trials(0.2, 0.2 * 0.8 / 50, 100) == pytest.approx(50)
    assert effective_trials(0.2, 0.2 * 0.8 / 500, 100) == 100
    assert effective_trials(0.0, 0.0, 30) == 30


def test_a_level_outside_zero_and_one_is_refused():
    with pytest.raises(InputError, match=r"level: must lie strictly between 0 and 1, got 95"):
        wilson(1, 2, level=95)
