"""Where people are after some time."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InsufficientDataError
from studie.ladder import observations, outcomes


def simulate(hazard, persons=600, months=40, seed=2):
    """Persons who leave step a for b with a hazard that may depend on the months spent there."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(persons):
        state, spent = "a", 0
        for month in range(months):
            rows.append((person, float(month), state))
            spent += 1
            if state == "a" and rng.random() < hazard(spent):
                state, spent = "b", 0
    frame = pd.DataFrame(rows, columns=["person", "time", "state"])
    return observations.from_panel(frame, person="person", time="time", state="state")


def shares(found, quantity):
    rows = found.table[(found.table["to_step"] == "b") & (found.table["quantity"] == quantity)]
    return rows.set_index("time")


def test_without_memory_what_is_expected_is_what_is_seen():
    found = outcomes.outcomes(simulate(lambda _: 0.03), origins=["a"], times=[6, 12])
    seen, expected = shares(found, "observed_share"), shares(found, "expected_share")
    assert (seen["lower"] < expected["estimate"]).all()
    assert (expected["estimate"] < seen["upper"]).all()
    np.testing.assert_allclose(expected["estimate"], [1 - 0.97**6, 1 - 0.97**12], atol=0.02)


def test_with_a_falling_hazard_the_memoryless_expectation_is_too_high():
    found = outcomes.outcomes(simulate(lambda spent: 0.2 / spent), origins=["a"], times=[12])
    assert shares(found, "expected_share")["estimate"].iloc[0] > shares(found, "observed_share")["upper"].iloc[0]


def test_shares_of_one_start_add_up():
    found = outcomes.outcomes(simulate(lambda _: 0.03), origins=["a"], times=[6, 12])
    sums = found.table.groupby(["from_step", "time", "quantity"])["estimate"].sum()
    np.testing.assert_allclose(sums, 1, atol=1e-9)


def test_persons_who_started_are_counted_once_beside_their_starts():
    frame = outcomes.outcomes(simulate(lambda _: 0.03, persons=50), origins=["a"], times=[6]).to_frame()
    seen = frame[frame["quantity"] == "observed_share"]
    assert (seen["persons"] == 50).all()
    assert (seen["n"] > 50).all()
    assert (seen["cell_persons"] <= 50).all()
    assert frame.loc[frame["quantity"] == "expected_share", "cell_persons"].isna().all()


def test_an_origin_nobody_started_on_is_left_out_and_none_at_all_is_said():
    obs = simulate(lambda _: 0.1, persons=50)
    assert set(outcomes.outcomes(obs, origins=["a", "z"], times=[6]).table["from_step"]) == {"a"}
    with pytest.raises(InsufficientDataError, match="origins: somebody must start"):
        outcomes.outcomes(obs, origins=["z"], times=[6])
