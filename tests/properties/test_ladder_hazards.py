"""Laws of transition matrices, event histories, relapse and pooling."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studie.ladder import aggregate, hazards, matrices, observations, pooling

STEPS = ["3", "4", "5", "6"]
LAW = settings(deadline=None, derandomize=True, max_examples=30)
seeds = st.integers(0, 10_000)
paths = st.lists(
    st.lists(st.sampled_from([*STEPS, "uit_beeld", "exit_moved"]), min_size=2, max_size=9), min_size=1, max_size=9
)
tables = st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=3, max_size=3)


def frame_of(persons):
    return pd.DataFrame(
        [(who, when, step) for who, steps in enumerate(persons) for when, step in enumerate(steps)],
        columns=["who", "when", "step"],
    )


def panel(frame):
    return observations.from_panel(frame, person="who", time="when", state="step", order="sort")


def history(seed, persons=25):
    """Exact histories over three states with censoring."""
    rng, rows = np.random.default_rng(seed), []
    for who in range(persons):
        now, state, end = 0.0, "a", float(rng.uniform(1, 6))
        while now < end and state != "c":
            stop = now + float(rng.exponential(2))
            target = str(rng.choice([s for s in "abc" if s != state]))
            rows.append((who, now, min(stop, end), state, target if stop < end else None))
            now, state = stop, target
    return pd.DataFrame(rows, columns=["who", "t0", "t1", "a", "b"])


NAMES = {"start": "t0", "stop": "t1", "from_state": "a", "to_state": "b", "person": "who"}


@given(tables, st.sampled_from(["wilson", "dirichlet"]))
@LAW
def test_rows_sum_to_one_and_intervals_hold_their_estimate(table, method):
    result = matrices.transition_matrix(pd.DataFrame(table), method=method)
    known = result.started.to_numpy() > 0
    assert result.estimate.to_numpy()[known].sum(axis=1) == pytest.approx(np.ones(known.sum()))
    assert result.estimate.to_numpy()[~known].size == 0 or np.isnan(result.estimate.to_numpy()[~known]).all()
    inside = (result.lower <= result.estimate + 1e-12) & (result.estimate <= result.upper + 1e-12)
    assert inside.to_numpy()[known].all()


@given(tables, st.integers(1, 4), st.integers(1, 4))
@LAW
def test_two_powers_follow_one_another(table, s, t):
    matrix = matrices.transition_matrix(pd.DataFrame(table) + 1)
    both = matrices.k_step(matrix, s).estimate.to_numpy() @ matrices.k_step(matrix, t).estimate.to_numpy()
    assert matrices.k_step(matrix, s + t).estimate.to_numpy() == pytest.approx(both)


@given(tables)
@LAW
def test_relabelling_the_steps_relabels_the_matrix(table):
    frame = pd.DataFrame(table, index=list("abc"), columns=list("abc"))
    order = ["c", "a", "b"]
    turned = matrices.transition_matrix(frame.loc[order, order])
    pd.testing.assert_frame_equal(turned.lower, matrices.transition_matrix(frame).lower.loc[order, order])


@given(paths, seeds)
@LAW
def test_the_order_of_the_rows_changes_nothing(persons, seed):
    frame = frame_of(persons)
    mixed = frame.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(matrices.counts(panel(frame)).matrix, matrices.counts(panel(mixed)).matrix)


@given(paths)
@LAW
def test_every_observation_with_a_successor_is_counted_or_excluded(persons):
    obs = panel(frame_of(persons))
    counted = matrices.counts(obs)
    assert counted.n + counted.excluded.sum() == obs.n
    assert counted.matrix.to_numpy().sum() == counted.n


@given(paths)
@LAW
def test_relapse_exit_out_of_sight_and_lasting_add_up_to_one(persons):
    obs = panel(frame_of(persons))
    if hazards.upward_moves(obs).n == 0:
        return
    curve = hazards.relapse(obs, within=[1, 2, 4]).table.set_index(["time", "quantity"])["estimate"]
    last = hazards.lasting_moves(obs, through=[1, 2, 4]).table.set_index(["time", "quantity"])["estimate"]
    for time in (1.0, 2.0, 4.0):
        total = sum(curve[time, name] for name in ("relapse", "exit", "out_of_sight")) + last[time, "lasting"]
        assert np.isnan(total) or total == pytest.approx(1)


@given(paths)
@LAW
def test_relapse_does_not_fall_with_time_and_changes_its_unit_with_time(persons):
    frame = frame_of(persons)
    obs = panel(frame)
    if hazards.upward_moves(obs).n == 0:
        return
    curve = hazards.relapse(obs, within=[1, 2, 3]).table.query("quantity == 'relapse'")
    known = curve["estimate"].dropna().to_numpy()
    assert (np.diff(known) >= -1e-12).all()
    tenfold = hazards.relapse(panel(frame.assign(when=frame["when"] * 10)), within=[10, 20, 30]).table
    other = tenfold.query("quantity == 'relapse'")
    assert other["estimate"].to_numpy() == pytest.approx(curve["estimate"].to_numpy(), nan_ok=True)
    assert other["upper"].to_numpy() == pytest.approx(curve["upper"].to_numpy(), nan_ok=True)


@given(seeds)
@LAW
def test_state_probabilities_sum_to_one_and_compose(seed):
    frame = history(seed)
    if frame["b"].notna().sum() == 0:
        return
    whole = hazards.aalen_johansen(frame, **NAMES)
    assert whole.estimate.sum(axis=2) == pytest.approx(np.ones(whole.estimate.shape[:2]))
    middle = whole.times[len(whole.times) // 2]
    if (frame.loc[frame["b"].notna(), "t1"] > middle).any():
        later = hazards.aalen_johansen(frame, since=float(middle), **NAMES)
        first = whole.estimate[len(whole.times) // 2]
        assert first @ later.estimate[-1] == pytest.approx(whole.estimate[-1])


@given(seeds, st.floats(0.05, 0.95))
@LAW
def test_splitting_a_stay_changes_nothing(seed, share):
    frame = history(seed)
    if frame["b"].notna().sum() == 0:
        return
    cut = frame["t0"] + share * (frame["t1"] - frame["t0"])
    split = pd.concat([frame.assign(t1=cut, b=None), frame.assign(t0=cut)], ignore_index=True)
    expected = hazards.aalen_johansen(frame, **NAMES)
    got = hazards.aalen_johansen(split, **NAMES)
    assert got.estimate == pytest.approx(expected.estimate)
    assert got.variance == pytest.approx(expected.variance)


@given(seeds)
@LAW
def test_pooled_rows_sum_to_one_and_do_not_depend_on_the_order_of_regions(seed):
    rng = np.random.default_rng(seed)
    tree = pd.DataFrame({"province": "p", "area": ["x", "x", "y", "y", "y"], "town": list("abcde")})
    counts = {t: pd.DataFrame(rng.integers(0, 30, (3, 3)), index=STEPS[:3], columns=STEPS[:3]) for t in "abcd"}
    result = pooling.pool(counts, tree)
    total = result.table.groupby(["level_name", "region", "from_step"])["estimate"].sum()
    assert total.to_numpy() == pytest.approx(np.ones(len(total)))
    turned = pooling.pool({t: counts[t] for t in "dbca"}, tree.iloc[::-1].reset_index(drop=True))
    for town in "abcde":
        pd.testing.assert_frame_equal(result.matrix(town), turned.matrix(town))


@given(seeds)
@LAW
def test_totals_always_give_a_transition_matrix(seed):
    rng = np.random.default_rng(seed)
    shares = pd.DataFrame(rng.dirichlet(np.ones(4), size=int(rng.integers(2, 9))), columns=STEPS)
    estimate = aggregate.transition_matrix(shares).estimate.to_numpy()
    assert estimate.sum(axis=1) == pytest.approx(np.ones(4))
    assert (estimate >= 0).all()
