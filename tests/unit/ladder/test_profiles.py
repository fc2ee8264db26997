"""Time on a step and reaching the top, per group."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError, InsufficientDataError
from studie.ladder import observations, profiles

SLOW = {(1, 2): 0.02, (2, 1): 0.05, (2, 3): 0.04, (3, 2): 0.03}
RATES = {"a": {**SLOW, (1, 2): 0.10}, "b": SLOW}


def panel(persons=300, months=30, seed=5):
    """Persons of two groups who move by known rates, seen every month."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(persons):
        group = "a" if person % 2 else "b"
        state, clock = int(rng.choice([1, 2])), 0.0
        due = 0
        while due < months:
            out = {to: rate for (start, to), rate in RATES[group].items() if start == state}
            stay = rng.exponential(1 / sum(out.values()))
            while due < months and due < clock + stay:
                rows.append((person, float(due), str(state), group))
                due += 1
            clock += stay
            state = int(rng.choice(list(out), p=np.array(list(out.values())) / sum(out.values())))
    return pd.DataFrame(rows, columns=["person", "time", "state", "group"])


def observed(frame):
    return observations.from_panel(frame, person="person", time="time", state="state", covariates=["group"])


@pytest.fixture(scope="module")
def found():
    return profiles.profiles(observed(panel()), by="group", target="3", within=24)


def test_the_intervals_hold_the_stay_that_the_rates_imply(found):
    rows = found.table[found.table["quantity"] == "sojourn"].set_index(["group", "step"])
    for group, rates in RATES.items():
        for step in ("1", "2", "3"):
            stay = 1 / sum(rate for (start, _), rate in rates.items() if str(start) == step)
            assert rows.loc[(group, step), "lower"] < stay < rows.loc[(group, step), "upper"]


def test_the_group_that_moves_up_faster_reaches_the_top_more_often(found):
    reach = found.table[(found.table["quantity"] == "reach") & (found.table["step"] == "1")].set_index("group")
    assert reach.loc["a", "lower"] > reach.loc["b", "upper"]


def test_the_frame_holds_the_six_columns_and_persons_behind_each_row(found):
    frame = found.to_frame()
    assert list(frame.columns[-6:]) == ["quantity", "estimate", "lower", "upper", "n", "unit"]
    assert frame["n"].between(1, 150).all()
    assert ((frame["lower"] <= frame["estimate"]) & (frame["estimate"] <= frame["upper"])).all()


def test_a_group_without_a_model_has_no_number_and_a_reason():
    frame = panel(persons=60)
    lonely = pd.DataFrame({"person": [999, 999], "time": [0.0, 1.0], "state": ["1", "2"], "group": ["c", "c"]})
    found = profiles.profiles(observed(pd.concat([frame, lonely])), by="group", target="3")
    assert found.table[found.table["group"] == "c"]["estimate"].isna().all()
    assert "two persons" in found.reasons["c"]


def test_nobody_with_a_model_is_said():
    lonely = pd.DataFrame({"person": [1, 1], "time": [0.0, 1.0], "state": ["1", "2"], "group": ["c", "c"]})
    with pytest.raises(InsufficientDataError, match="no group has a model"):
        profiles.profiles(observed(lonely), target="2")


def test_an_unknown_group_or_target_is_refused():
    with pytest.raises(InputError, match="target: must be a state"):
        profiles.profiles(observed(panel(20)), target="9")
    with pytest.raises(InputError, match="by: must be a covariate"):
        profiles.profiles(observed(panel(20)), by="age", target="3")


def test_rare_moves_are_left_out_unless_they_are_all_a_state_has():
    moves = profiles.observed_moves(observed(panel()))
    assert set(moves) <= {(a, b) for a in "123" for b in "123" if a != b}
    assert {("1", "2"), ("2", "1"), ("2", "3"), ("3", "2")} <= set(moves)
