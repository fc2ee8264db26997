"""Transition matrices from totals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from studie.errors import InputError
from studie.ladder import aggregate

STEPS = ["3", "4", "5"]
TRUTH = np.array([[0.8, 0.15, 0.05], [0.1, 0.8, 0.1], [0.0, 0.1, 0.9]])


def chain(rng, persons=3000, periods=14):
    here = np.array([persons, 0, 0])
    rows = [here]
    for _ in range(periods - 1):
        here = np.sum([rng.multinomial(n, row) for n, row in zip(here, TRUTH, strict=True)], axis=0)
        rows.append(here)
    return pd.DataFrame(rows, columns=STEPS)


def exact_shares(periods=10):
    rows = [np.array([1.0, 0, 0])]
    for _ in range(periods - 1):
        rows.append(rows[-1] @ TRUTH)
    return pd.DataFrame(rows, columns=STEPS)


def test_shares_without_noise_give_the_matrix_back():
    assert aggregate.transition_matrix(exact_shares()).estimate.to_numpy() == pytest.approx(TRUTH, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_the_solution_is_that_of_a_general_optimiser(seed):
    rng = np.random.default_rng(seed)
    shares = pd.DataFrame(rng.dirichlet(np.ones(3), size=6), columns=STEPS)
    result = aggregate.transition_matrix(shares)
    x, y = shares.to_numpy()[:-1], shares.to_numpy()[1:]
    found = optimize.minimize(
        lambda p: np.square(y - x @ p.reshape(3, 3)).sum(),
        np.full(9, 1 / 3),
        method="SLSQP",
        bounds=[(0, 1)] * 9,
        constraints={"type": "eq", "fun": lambda p: p.reshape(3, 3).sum(axis=1) - 1},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert result.sse <= found.fun + 1e-9
    assert result.estimate.to_numpy() == pytest.approx(found.x.reshape(3, 3), abs=1e-4)


def test_an_impossible_move_stays_zero():
    structure = pd.DataFrame(TRUTH > 0, index=STEPS, columns=STEPS)
    result = aggregate.transition_matrix(chain(np.random.default_rng(1)), structure=structure)
    assert result.estimate.loc["5", "3"] == 0
    assert result.estimate.sum(axis=1).to_numpy() == pytest.approx(np.ones(3))


def test_a_heavy_prior_row_is_followed_and_named():
    prior = pd.DataFrame([[0.5, 0.5, 0.0]], index=["3"], columns=STEPS)
    result = aggregate.transition_matrix(chain(np.random.default_rng(2)), prior=prior, prior_weight=1e6)
    assert result.estimate.loc["3"].to_numpy() == pytest.approx([0.5, 0.5, 0], abs=1e-4)
    assert result.shrunk == ("3",)


def test_a_prior_row_improves_the_condition():
    shares = chain(np.random.default_rng(3))
    prior = pd.DataFrame(TRUTH, index=STEPS, columns=STEPS)
    assert aggregate.transition_matrix(shares, prior=prior).condition < aggregate.transition_matrix(shares).condition


def test_too_few_periods_are_reported_as_not_identified():
    result = aggregate.transition_matrix(exact_shares(3))
    assert not result.identified
    assert result.rank == 2
    assert "not identified: 2 independent periods for 3 steps" in result.warning
    assert "not measured" in result.warning


def test_intervals_hold_the_estimate_and_stay_probabilities():
    frame = aggregate.transition_matrix(
        chain(np.random.default_rng(4)), rng=np.random.default_rng(5), draws=60
    ).to_frame()
    assert list(frame.columns)[-6:] == ["quantity", "estimate", "lower", "upper", "n", "unit"]
    assert (frame["lower"] <= frame["estimate"]).all()
    assert (frame["estimate"] <= frame["upper"]).all()
    assert frame[["lower", "upper"]].stack().between(0, 1).all()  # noqa: PD013


@pytest.mark.slow
def test_intervals_cover_the_truth_where_the_data_identify_it():
    rng = np.random.default_rng(6)
    structure = pd.DataFrame(TRUTH > 0, index=STEPS, columns=STEPS)
    inside = []
    for _ in range(60):
        result = aggregate.transition_matrix(chain(rng, periods=25), structure=structure, rng=rng, draws=100)
        inside.append(((result.lower <= TRUTH) & (result.upper >= TRUTH)).to_numpy()[TRUTH > 0].mean())
    assert np.mean(inside) > 0.92


def test_unusable_input_is_refused_by_name():
    shares = exact_shares()
    with pytest.raises(InputError, match="at least two periods"):
        aggregate.transition_matrix(shares.iloc[:1])
    with pytest.raises(InputError, match="not negative"):
        aggregate.transition_matrix(shares - 0.5)
    with pytest.raises(InputError, match="persons: the number of persons behind a row is needed"):
        aggregate.transition_matrix(shares, rng=np.random.default_rng(1))
    with pytest.raises(InputError, match="structure: every step needs a possible move"):
        aggregate.transition_matrix(shares, structure=pd.DataFrame(False, index=STEPS, columns=STEPS))
    with pytest.raises(InputError, match="prior: rows must be probabilities"):
        aggregate.transition_matrix(shares, prior=pd.DataFrame([[0.5, 0.1, 0.1]], index=["3"], columns=STEPS))
    with pytest.raises(InputError, match="loss: unknown value"):
        aggregate.transition_matrix(shares, loss="first")
