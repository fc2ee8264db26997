"""Pairs over a longer lag when people leave for good."""

import pandas as pd
import pytest

from studie.errors import InputError
from studie.ladder import matrices, observations


def obs(paths):
    rows = [(person, float(t), state) for person, path in enumerate(paths) for t, state in enumerate(path)]
    frame = pd.DataFrame(rows, columns=["person", "time", "state"])
    return observations.from_panel(frame, person="person", time="time", state="state")


def test_who_left_within_the_lag_is_gone_at_its_end():
    found = matrices.counts(obs(["aaaa", "ax", "aax"]), lag=3, absorbing=["x"]).matrix
    assert found.loc["a"].to_dict() == {"a": 1, "x": 2}
    assert matrices.counts(obs(["aaaa", "ax", "aax"]), lag=3).matrix.loc["a"].to_dict() == {"a": 1, "x": 0}


def test_starts_that_nobody_could_be_followed_from_do_not_count_for_leavers_either():
    found = matrices.counts(obs(["aaaa", "aaax"]), lag=2, absorbing=["x"]).matrix
    assert found.loc["a"].to_dict() == {"a": 3, "x": 1}


def test_without_leavers_nothing_changes():
    paths = ["aabb", "abab", "bbbb"]
    plain = matrices.counts(obs(paths), lag=2).matrix
    pd.testing.assert_frame_equal(plain, matrices.counts(obs(paths), lag=2, absorbing=["b"]).matrix)


def test_an_unknown_absorbing_state_is_refused():
    with pytest.raises(InputError, match="absorbing"):
        matrices.counts(obs(["ab"]), lag=1, absorbing=["z"])
