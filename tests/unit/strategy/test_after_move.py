"""After a step up: relapse, gone and lasting add up, without memory or as estimated."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.strategy import after_move, matrix_draws

P = np.array([[0.9, 0.1, 0.0], [0.05, 0.93, 0.02], [0.0, 0.0, 1.0]])
TWO = matrix_draws.MatrixDraws(states=("4", "5", "exit"), values=P[None, None, None])
COLUMNS = ["reached_step", "quantity", "estimate", "lower", "upper"]


def test_without_memory_relapse_is_the_geometric_sum():
    after = after_move.markov(TWO, steps=("4", "5"), months=12)
    stay = 0.93**12
    assert after.relapse[1, 0, 0] == pytest.approx(0.05 * (1 - stay) / 0.07)
    assert after.gone[1, 0, 0] == pytest.approx(0.02 * (1 - stay) / 0.07)
    assert after.lasting[1, 0, 0] == pytest.approx(stay)


def test_halving_the_hazard_of_relapse_matches_halving_the_rate():
    """In continuous time the two are the same; in months they differ by the square of a monthly rate."""
    slower = P.copy()
    slower[1] = [0.025, 0.955, 0.02]
    halved = after_move.markov(TWO, steps=("4", "5")).under(np.array(0.5))
    other = matrix_draws.MatrixDraws(states=TWO.states, values=slower[None, None, None])
    direct = after_move.markov(other, steps=("4", "5"))
    assert halved.relapse[1, 0, 0] == pytest.approx(direct.relapse[1, 0, 0], abs=0.005)
    assert halved.lasting[1, 0, 0] == pytest.approx(direct.lasting[1, 0, 0], abs=0.01)


def test_estimates_take_the_place_of_the_rates_with_their_interval():
    wide = matrix_draws.MatrixDraws(states=TWO.states, values=np.repeat(P[None, None, None], 4000, axis=2))
    table = pd.DataFrame([("5", "relapse", 0.6, 0.5, 0.68)], columns=COLUMNS)
    before = after_move.markov(wide, steps=("4", "5"))
    after = after_move.estimated(before, table, interval_level=0.9, rng=np.random.default_rng(1))
    found = np.quantile(after.relapse[1, 0], [0.05, 0.5, 0.95])
    assert found == pytest.approx([0.5, 0.6, 0.68], abs=0.002)
    assert (after.lasting >= 0).all()
    assert after.markov == {"4"}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("7", "relapse", 0.2, 0.1, 0.3), "unknown value '7'"),
        (("5", "terugval", 0.2, 0.1, 0.3), "unknown value 'terugval'"),
        (("5", "relapse", 0.2, 0.0, 0.3), r"must be in \(0, 1\)"),
        (("5", "relapse", 0.4, 0.1, 0.3), "the interval must hold its centre"),
    ],
)
def test_a_bad_estimate_is_refused(row, says):
    with pytest.raises(InputError, match=says):
        after_move.estimated(
            after_move.markov(TWO, steps=("4", "5")), pd.DataFrame([row], columns=COLUMNS), interval_level=0.9,
            rng=np.random.default_rng(1),
        )  # fmt: skip
