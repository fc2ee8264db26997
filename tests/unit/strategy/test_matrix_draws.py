"""Rates in draws: as uncertain as the fit they come from."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError, InsufficientDataError
from studie.ladder import intensities, observations
from studie.strategy import matrix_draws


@pytest.fixture(scope="module")
def fit():
    rng = np.random.default_rng(4)
    rows, Q = [], np.array([[0.92, 0.08, 0.0], [0.06, 0.90, 0.04], [0.0, 0.05, 0.95]])
    for person in range(150):
        state = int(rng.integers(3))
        for month in range(13):
            rows.append((person, month, state + 1))
            state = int(rng.choice(3, p=Q[state]))
    frame = pd.DataFrame(rows, columns=["person", "time", "state"])
    obs = observations.from_panel(frame, person="person", time="time", state="state")
    return intensities.fit(obs, moves=[(1, 2), (2, 1), (2, 3), (3, 2)])


def test_draws_spread_as_the_interval_of_the_fit(fit):
    found = matrix_draws.from_fit(fit, rng=np.random.default_rng(1), draws=4000)
    told = fit.transition_probabilities(1.0)
    low, high = np.quantile(found.values[0, 0], [0.025, 0.975], axis=0)
    assert np.allclose(low, told.lower.to_numpy(), rtol=0.06, atol=1e-4)
    assert np.allclose(high, told.upper.to_numpy(), rtol=0.06, atol=1e-4)
    assert found.states == (1, 2, 3)


def test_a_fit_in_years_gives_months(fit):
    year = matrix_draws.from_fit(fit, rng=np.random.default_rng(1), draws=3, month=12.0)
    month = matrix_draws.from_fit(fit, rng=np.random.default_rng(1), draws=3)
    assert np.allclose(np.linalg.matrix_power(month.values[0, 0], 12), year.values[0, 0])


def test_counts_give_a_dirichlet_posterior_without_phantom_moves():
    counts = pd.DataFrame([[80, 20, 0], [5, 90, 5], [0, 0, 0]], index=list("abc"), columns=list("abc"))
    found = matrix_draws.from_counts(counts, rng=np.random.default_rng(1), draws=20_000, absorbing=["c"])
    assert found.values[0, 0, :, 0].mean(axis=0) == pytest.approx([80.5 / 101, 20.5 / 101, 0.0], abs=1e-3)
    share = 20.5 / 101
    assert found.values[0, 0, :, 0, 1].std() == pytest.approx(np.sqrt(share * (1 - share) / 102), rel=0.02)
    assert (found.values[0, 0, :, 2] == [0, 0, 1]).all()
    allowed = matrix_draws.from_counts(
        counts, rng=np.random.default_rng(1), draws=10, absorbing=["c"], moves=[("a", "b"), ("a", "c"), ("b", "a")]
    )
    assert (allowed.values[0, 0, :, 0, 2] > 0).all()
    assert (allowed.values[0, 0, :, 1, 2] == 0).all()


def test_a_state_that_nobody_started_on_is_refused():
    counts = pd.DataFrame([[1, 1], [0, 0]], index=list("ab"), columns=list("ab"))
    with pytest.raises(InsufficientDataError, match="nobody on b"):
        matrix_draws.from_counts(counts, rng=np.random.default_rng(1))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (np.full((1, 1, 2, 2, 2), 0.4), "every row must sum to 1"),
        (np.array([[[[[1.1, -0.1], [0, 1]]]]]), "at least 0"),
        (np.eye(2), "shape must be"),
        (np.zeros((1, 1, 0, 2, 2)), "at least one draw"),
    ],
)
def test_what_is_not_a_probability_is_refused(values, says):
    with pytest.raises(InputError, match=says):
        matrix_draws.MatrixDraws(states=("a", "b"), values=values)


def test_groups_must_agree_on_their_draws():
    one = matrix_draws.MatrixDraws(states=("a", "b"), values=np.eye(2)[None, None, None])
    two = matrix_draws.MatrixDraws(states=("a", "b"), values=np.repeat(np.eye(2)[None, None, None], 2, axis=2))
    for together in (matrix_draws.by_group, matrix_draws.by_region):
        with pytest.raises(InputError, match="which must share states"):
            together({"x": one, "y": two})
        with pytest.raises(InputError, match="at least one"):
            together({})
