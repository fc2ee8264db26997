"""Tests of the Markov assumption."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.ladder import hazards, observations


def panel(rng, persons, *, memory, periods=24):
    """Steps 1-4 whose hazard falls with time on the step when memory is positive."""
    step, age = rng.integers(1, 4, persons), np.zeros(persons)
    seen = [step]
    for _ in range(periods):
        hazard, u = 0.06 * (1 + age) ** -memory, rng.random(persons)
        up, down = (u < hazard) & (step < 4), (u > 1 - hazard) & (step > 1)
        step, age = step + up - down, np.where(up | down, 0, age + 1)
        seen.append(step)
    table = np.array(seen).T
    who, when = np.indices(table.shape)
    frame = pd.DataFrame({"who": who.ravel(), "when": when.ravel(), "step": table.ravel()})
    return observations.from_panel(frame, person="who", time="when", state="step")


@pytest.mark.slow
@pytest.mark.parametrize("history", ["duration", "previous"])
def test_a_markov_chain_is_rejected_about_five_times_in_a_hundred(history):
    rng = np.random.default_rng(11)
    p = [hazards.markov_test(panel(rng, 150, memory=0), history=history).p_value for _ in range(300)]
    # 5 % with 300 replications: three standard errors up is 8.8 %
    assert 0.015 < np.mean(np.array(p) < 0.05) < 0.088


def test_duration_dependence_is_found_with_its_sign():
    test = hazards.markov_test(panel(np.random.default_rng(12), 800, memory=0.4))
    assert test.p_value < 1e-4
    assert (test.slopes["estimate"] < 0).mean() > 0.8
    assert list(test.to_frame().columns) == [
        "from_step", "to_step", "quantity", "estimate", "lower", "upper", "n", "unit"
    ]  # fmt: skip


def test_moves_that_change_over_calendar_time_alone_are_not_taken_for_memory():
    rng = np.random.default_rng(13)
    rejected = 0
    for _ in range(40):
        step = np.ones(200, int)
        seen = [step]
        for when in range(24):
            step = np.where(rng.random(200) < 0.01 + 0.004 * when, 3 - step, step)
            seen.append(step)
        who, when = np.indices((200, 25))
        frame = pd.DataFrame({"who": who.ravel(), "when": when.ravel(), "step": np.array(seen).T.ravel()})
        obs = observations.from_panel(frame, person="who", time="when", state="step")
        rejected += hazards.markov_test(obs, periods=24).p_value < 0.05
    assert rejected <= 7


def test_exact_times_reject_when_the_hazard_falls_with_time_in_the_state():
    rng = np.random.default_rng(14)

    def history(shape):
        rows = []
        for who in range(250):
            now, state = 0.0, 1
            while now < 10:
                stop = now + float(rng.weibull(shape)) * 2
                target = 3 - state
                rows.append((who, now, min(stop, 10.0), state, target if stop < 10 else None))
                now, state = stop, target
        return pd.DataFrame(rows, columns=["who", "t0", "t1", "a", "b"])

    names = {"start": "t0", "stop": "t1", "from_state": "a", "to_state": "b", "person": "who"}
    assert hazards.markov_test_exact(history(0.6), **names).p_value < 1e-4
    p = [hazards.markov_test_exact(history(1.0), **names).p_value for _ in range(12)]
    assert sum(value < 0.05 for value in p) <= 3


def test_a_panel_without_moves_and_wrong_options_are_refused():
    still = observations.from_panel(
        pd.DataFrame({"who": [1, 1], "when": [0, 1], "step": [3, 3]}), person="who", time="when", state="step"
    )
    with pytest.raises(InputError, match="at least one origin needs 10 moves"):
        hazards.markov_test(still)
    with pytest.raises(InputError, match="history: unknown value"):
        hazards.markov_test(still, history="age")
    with pytest.raises(InputError, match="periods: must be at least 1"):
        hazards.markov_test(still, periods=0)
