"""Aalen-Johansen and landmark estimators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.ladder import hazards

NAMES = {"start": "t0", "stop": "t1", "from_state": "a", "to_state": "b", "person": "who"}


def history(rng, persons=80):
    """Illness-death histories with censoring, exact times."""
    rows = []
    for who in range(persons):
        now, state, end = 0.0, 1, float(rng.uniform(2, 12))
        while state != 3:
            wait, target = min(
                (float(rng.exponential(1 / rate)), target)
                for target, rate in {1: {2: 0.3, 3: 0.1}, 2: {1: 0.2, 3: 0.2}}[state].items()
            )
            if now + wait > end:
                rows.append((who, now, end, state, None))
                break
            rows.append((who, now, now + wait, state, target))
            now, state = now + wait, target
    return pd.DataFrame(rows, columns=["who", "t0", "t1", "a", "b"])


def test_without_censoring_the_estimate_is_the_share_in_each_state():
    frame = pd.DataFrame(
        {"who": [1, 2, 2, 3, 4], "t0": [0, 0, 2, 0, 0], "t1": [9, 2, 9, 3, 9], "a": [1, 1, 2, 1, 1],
         "b": [None, 2, None, 3, None]}
    )  # fmt: skip
    at = hazards.aalen_johansen(frame, **NAMES).at(5)
    assert at.query("from_step == 1")["estimate"].tolist() == pytest.approx([0.5, 0.25, 0.25])


def test_rows_sum_to_one_at_every_time_and_hold_their_interval():
    result = hazards.aalen_johansen(history(np.random.default_rng(1)), **NAMES)
    assert result.estimate.sum(axis=2) == pytest.approx(np.ones((len(result.times), 3)))
    frame = result.to_frame()
    assert (frame["lower"] <= frame["estimate"]).all()
    assert (frame["estimate"] <= frame["upper"]).all()
    assert list(frame.columns)[-6:] == ["quantity", "estimate", "lower", "upper", "n", "unit"]


def test_every_variance_is_near_the_jackknife_over_persons():
    frame = history(np.random.default_rng(2), persons=60)

    def row(data, variance):
        at = hazards.aalen_johansen(data, variance=variance, **NAMES).at(4)
        return at.query("from_step == 1 and to_step == 2").iloc[0]

    left_out = np.array([row(frame[frame["who"] != who], "aalen")["estimate"] for who in range(60)])
    jackknife = np.sqrt(59 / 60 * np.square(left_out - left_out.mean()).sum())
    assert row(frame, "robust")["se"] == pytest.approx(jackknife, rel=0.05)
    for variance in ("aalen", "greenwood"):
        assert row(frame, variance)["se"] == pytest.approx(jackknife, rel=0.25)


def test_the_long_form_of_mstate_gives_the_same():
    frame = history(np.random.default_rng(3))
    possible = {1: [2, 3], 2: [1, 3]}
    long = pd.DataFrame(
        [(r.who, r.t0, r.t1, r.a, to, int(r.b == to)) for r in frame.itertuples() for to in possible[r.a]],
        columns=["who", "t0", "t1", "a", "b", "status"],
    )
    short = hazards.aalen_johansen(frame, **NAMES).to_frame()
    pd.testing.assert_frame_equal(hazards.aalen_johansen(long, **NAMES).to_frame(), short)
    pd.testing.assert_frame_equal(hazards.aalen_johansen(long, status="status", **NAMES).to_frame(), short)


@pytest.mark.parametrize("word", ["cens", "same"])
def test_a_stay_that_was_not_left_may_be_written_in_other_ways(word):
    frame = history(np.random.default_rng(4))
    other = frame.assign(b=frame["b"].astype(object).where(frame["b"].notna(), frame["a"] if word == "same" else word))
    expected = hazards.aalen_johansen(frame, **NAMES).estimate
    assert hazards.aalen_johansen(other, **NAMES).estimate == pytest.approx(expected)


def test_late_entry_counts_from_the_moment_of_entry():
    frame = pd.DataFrame({"who": [1, 2, 3], "t0": [0, 0, 5], "t1": [2, 9, 9], "a": [1, 1, 1], "b": [2, None, None]})
    assert hazards.aalen_johansen(frame, **NAMES).at(3).query("to_step == 2")["estimate"].iloc[0] == 0.5


def test_a_stay_without_length_is_left_out_and_counted():
    frame = history(np.random.default_rng(5))
    more = pd.concat([frame, pd.DataFrame({"who": [999], "t0": [0.0], "t1": [0.0], "a": [2], "b": [1]})])
    result = hazards.aalen_johansen(more, **NAMES)
    assert result.zero_length == 1
    assert result.estimate == pytest.approx(hazards.aalen_johansen(frame, **NAMES).estimate)


def test_landmark_uses_only_who_is_in_the_state_then():
    frame = history(np.random.default_rng(6), persons=200)
    result = hazards.landmark(frame, at=2.0, state=2, **NAMES)
    there = frame[(frame["a"] == 2) & (frame["t0"] <= 2) & (frame["t1"] > 2)]["who"]
    cut = frame[frame["who"].isin(there) & (frame["t1"] > 2)].copy()
    cut["t0"] = cut["t0"].clip(lower=2.0)
    expected = hazards.aalen_johansen(cut, since=2.0, **NAMES)
    assert result.estimate[:, 1, :] == pytest.approx(expected.estimate[:, 1, :])
    assert np.isnan(result.estimate[:, 0, :]).all()
    assert result.n == there.nunique()


def test_unusable_histories_are_refused_by_name():
    frame = history(np.random.default_rng(7), persons=20)
    with pytest.raises(InputError, match="stop: must not lie before start"):
        hazards.aalen_johansen(frame.assign(t1=-1.0), **NAMES)
    with pytest.raises(InputError, match="must not overlap"):
        hazards.aalen_johansen(frame.assign(who=1), **NAMES)
    with pytest.raises(InputError, match="at least one move must be seen"):
        hazards.aalen_johansen(frame.assign(b=None), **NAMES)
    with pytest.raises(InputError, match="somebody must be there at the landmark"):
        hazards.landmark(frame, at=500.0, state=2, **NAMES)
    with pytest.raises(InputError, match="times: must not lie before"):
        hazards.aalen_johansen(frame, **NAMES).at(-1)
    with pytest.raises(InputError, match="variance: unknown value"):
        hazards.aalen_johansen(frame, variance="exact", **NAMES)
