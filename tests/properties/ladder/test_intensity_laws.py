"""Laws of continuous-time Markov models, and of the derivatives that the fits rest on."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg

from studie.ladder import (
    collapse,
    curvature,
    derivatives,
    intensities,
    likelihood,
    misclassification,
    observations,
    starting,
    structure,
)

MOVES = np.array([(a, b) for a in range(4) for b in range(4) if a != b and (abs(a - b) == 1 or b == 3)])
LABELS = [(int(a) + 1, int(b) + 1) for a, b in MOVES if a < 3]
rates = st.lists(st.floats(1e-3, 2.0), min_size=len(MOVES), max_size=len(MOVES))
times = st.floats(0.01, 20.0)
settings.register_profile("ladder", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("ladder")


def generator(values) -> np.ndarray:
    return derivatives.generators(np.array([values]), MOVES, 4)


@given(rates, times)
def test_rows_of_probabilities_sum_to_one(values, t):
    P = derivatives.probabilities(generator(values), np.array([0]), np.array([t]))[0]
    assert (P >= 0).all()
    np.testing.assert_allclose(P.sum(axis=1), 1, atol=1e-10)


@given(rates, times, times)
def test_probabilities_over_two_times_multiply(values, s, t):
    P = derivatives.probabilities(generator(values), np.zeros(3, dtype=int), np.array([s, t, s + t]))
    np.testing.assert_allclose(P[0] @ P[1], P[2], atol=1e-9)


@given(rates, times)
def test_derivatives_equal_expm_and_finite_differences(values, t):
    q = np.array([values])
    P, D = derivatives.propagate(generator(values), np.array([0]), np.array([t]), q, MOVES)
    np.testing.assert_allclose(P[0], linalg.expm(generator(values)[0] * t), atol=1e-9)
    _P2, D2 = derivatives.by_pade(generator(values), np.array([0]), np.array([t]), q, MOVES)
    np.testing.assert_allclose(D, D2, atol=1e-8)
    for j in range(0, len(MOVES), 3):
        step = np.zeros(len(MOVES))
        step[j] = 1e-5
        up, down = (linalg.expm(generator(values * np.exp(sign * step))[0] * t) for sign in (1, -1))
        np.testing.assert_allclose(D[0, :, j, :], (up - down) / 2e-5, atol=1e-7)


@pytest.mark.parametrize("gap", [0.0, 1e-14, 1e-11, 1e-8, 1e-5, 1e-2])
def test_derivatives_hold_where_eigenvalues_nearly_coincide(gap):
    # A pure chain 1→2→3→4 has eigenvalues minus its rates: equal rates make it defective.
    chain = np.array([(0, 1), (1, 2), (2, 3)])
    q = np.array([[0.5, 0.5 + gap, 0.5 + 2 * gap]])
    Q = derivatives.generators(q, chain, 4)
    t = np.array([1.7])
    P, D = derivatives.propagate(Q, np.array([0]), t, q, chain)
    np.testing.assert_allclose(P[0], linalg.expm(Q[0] * t[0]), atol=1e-10)
    for j in range(3):
        dQ = np.zeros((4, 4))
        dQ[chain[j, 0], chain[j, 1]] = q[0, j]
        dQ[chain[j, 0], chain[j, 0]] = -q[0, j]
        np.testing.assert_allclose(D[0, :, j, :], linalg.expm_frechet(Q[0] * t[0], dQ * t[0])[1], atol=1e-9)


@given(st.lists(st.floats(-3, 3), min_size=3, max_size=3), st.sampled_from([0.0, 1e-12, 1e-6, 1e-3, 1e-1, 1.0]))
def test_second_divided_differences_equal_an_integral(z, squeeze):
    z = np.array(z) * squeeze + 0.3
    value = curvature.second_difference(z[None, :])[0, 0, 1, 2]
    # Hermite-Genocchi: the mean of exp over the simplex, half of it.
    u, w = np.polynomial.legendre.leggauss(24)
    u, w = (u + 1) / 2, w / 2
    a, b = u[:, None], u[None, :] * (1 - u[:, None])
    expected = (w[:, None] * w[None, :] * (1 - a) * np.exp(z[0] + a * (z[1] - z[0]) + b * (z[2] - z[0]))).sum()
    assert value == pytest.approx(expected, rel=1e-10)


def panel(seed: int, persons: int = 40, kind: str = "snapshot") -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    Q = generator(rng.uniform(0.05, 0.5, len(MOVES)))[0]
    Q[3] = 0
    rows = []
    for person in range(persons):
        time, state = 0.0, int(rng.integers(3))
        for _ in range(6):
            rows.append((person, time, state + 1, person % 2))
            gap = round(float(rng.choice([0.5, 1.0, 1.3])), 2)
            state = int(rng.choice(4, p=linalg.expm(Q * gap)[state]))
            time = round(time + gap, 6)
    frame = pd.DataFrame(rows, columns=["person", "time", "state", "x"])
    if kind == "sets":
        hidden = (np.arange(len(frame)) % 5 == 2) & (frame["state"] < 4)
        frame.loc[hidden, "state"] = 9
    return frame


def read(frame: pd.DataFrame, **options) -> observations.Observations:
    options = {"covariates": ["x"], "state_sets": {9: [1, 2, 3]}, **options}
    return observations.from_panel(frame, person="person", time="time", state="state", **options)


@pytest.mark.parametrize("breaks", [(), (1.4,)])
@pytest.mark.parametrize("kind", ["snapshot", "entry", "exact", "sets", "mixed"])
def test_gradient_and_curvature_equal_finite_differences(kind, breaks):
    frame = panel(1, kind="sets" if kind in {"sets", "mixed"} else "snapshot")
    if kind == "exact":  # only jumps that are allowed in one move
        frame = frame[(frame["state"].diff().abs() <= 1) | (frame["state"] == 4) | (frame["time"] == 0)]
        steps = frame["state"].diff().where(frame["person"].diff() == 0, 0)
        frame = frame[~frame["person"].isin(frame.loc[(steps.abs() > 1) & (frame["state"] < 4), "person"])]
    if kind == "mixed":
        frame["seen"] = np.where(frame["state"] == 4, "exact_entry", "snapshot")
    options = {"entry": {"exact_entry": [4]}, "exact": {"exact_times": True}, "mixed": {"observation": "seen"}}
    seen = read(frame, **options.get(kind, {}))
    codes = structure.parse_moves(LABELS, seen.states)
    data = collapse.collapse(seen, moves=codes, covariates=["x"], breaks=breaks)
    form = structure.structure(seen.states, codes, data.design, {"x": "all"}, {"x": [[(1, 2), (2, 3)]]})
    L = starting.scaled_likelihood(data, form)
    theta = np.random.default_rng(2).normal(-1.0, 0.4, form.n_parameters)
    value, gradient, _ = L.evaluate(theta)
    assert value == pytest.approx(L.value(theta), abs=1e-10)
    eye = np.eye(len(theta)) * 1e-5
    np.testing.assert_allclose(
        gradient, [(L.value(theta + e) - L.value(theta - e)) / 2e-5 for e in eye], atol=1e-5, rtol=1e-6
    )
    differences = np.array([(L.evaluate(theta - e)[1] - L.evaluate(theta + e)[1]) / 2e-5 for e in eye])
    np.testing.assert_allclose(curvature.observed_information(L, theta), differences, atol=1e-3, rtol=1e-4)


def test_likelihood_of_a_set_is_the_sum_over_its_members():
    frame = panel(3, persons=2)
    frame = frame[frame["person"] == 0].iloc[:4].reset_index(drop=True)
    frame["state"] = [1, 9, 2, 3]
    Q = pd.DataFrame(generator(np.full(len(MOVES), 0.3))[0], index=[1, 2, 3, 4], columns=[1, 2, 3, 4])
    whole = intensities.log_likelihood(read(frame, states=[1, 2, 3, 4]), Q)
    parts = [
        intensities.log_likelihood(read(frame.replace({"state": {9: s}}), states=[1, 2, 3, 4]), Q) for s in (1, 2, 3)
    ]
    assert whole == pytest.approx(np.log(np.exp(parts).sum()), abs=1e-12)


@pytest.mark.parametrize("kind", ["snapshot", "sets"])
def test_relabelling_states_and_persons_changes_nothing_but_names(kind):
    frame = panel(4, kind=kind)
    names = {1: "a", 2: "b", 3: "c", 4: "d", 9: "{a,b,c}"}
    renamed = frame.assign(state=frame["state"].map(names), person=1000 - frame["person"])
    one = intensities.fit(read(frame), LABELS)
    other = intensities.fit(read(renamed, states=["c", "a", "d", "b"]), [(names[a], names[b]) for a, b in LABELS])
    assert other.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-7)
    expected = one.generator().rename(index=names, columns=names)
    pd.testing.assert_frame_equal(
        other.generator().loc[expected.index, expected.columns], expected, check_names=False, rtol=1e-4, atol=1e-6
    )


@given(st.sampled_from([1 / 12, 0.5, 7.0, 365.25]))
@settings(max_examples=4)
def test_another_unit_of_time_scales_the_intensities(factor):
    frame = panel(5)
    one = intensities.fit(read(frame), LABELS)
    other = intensities.fit(read(frame.assign(time=frame["time"] * factor)), LABELS)
    np.testing.assert_allclose(other.generator() * factor, one.generator(), rtol=1e-4, atol=1e-6)
    assert other.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-6)


@given(st.integers(0, 1000))
@settings(max_examples=10)
def test_order_of_the_rows_does_not_matter(seed):
    frame = panel(6, kind="sets")
    Q = pd.DataFrame(generator(np.full(len(MOVES), 0.3))[0], index=[1, 2, 3, 4], columns=[1, 2, 3, 4])
    Q.loc[4] = 0.0
    one = intensities.log_likelihood(read(frame), Q)
    other = intensities.log_likelihood(read(frame.sample(frac=1, random_state=seed), order="sort"), Q)
    assert other == pytest.approx(one, abs=1e-9)


def test_an_unknown_row_in_the_middle_of_an_interval_changes_nothing():
    frame = panel(7)
    extra = frame[(frame["time"] > 0) & (frame["person"] % 3 == 0)].assign(state=8)
    extra["time"] -= 0.25
    before = frame.groupby("person")["x"].first()
    extra["x"] = extra["person"].map(before)
    one = intensities.fit(read(frame, exact_entry=[4]), LABELS, covariates={"x": "all"})
    other = intensities.fit(
        read(pd.concat([frame, extra]), exact_entry=[4], state_sets={8: [1, 2, 3, 4]}), LABELS, covariates={"x": "all"}
    )
    assert other.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-6)


def test_splitting_a_stay_at_an_exact_time_changes_nothing():
    frame = pd.DataFrame(
        {"person": [0, 0, 0, 1, 1], "time": [0, 2.0, 5.0, 0, 3.0], "state": [1, 2, 2, 2, 3], "x": [0, 0, 0, 1, 1]}
    )
    split = pd.concat([frame, pd.DataFrame({"person": [0, 1], "time": [1.0, 0.7], "state": [1, 2], "x": [0, 1]})])
    Q = pd.DataFrame([[-0.3, 0.3, 0], [0.1, -0.3, 0.2], [0, 0, 0]], index=[1, 2, 3], columns=[1, 2, 3])
    one = intensities.log_likelihood(read(frame, exact_times=True), Q)
    other = intensities.log_likelihood(read(split, exact_times=True), Q)
    assert other == pytest.approx(one, abs=1e-12)


def test_a_break_without_an_effect_gives_the_likelihood_without_it():
    frame = panel(8)
    seen = read(frame, exact_entry=[4])
    fit = intensities.fit(seen, LABELS)
    codes = structure.parse_moves(LABELS, seen.states)
    data = collapse.collapse(seen, moves=codes, breaks=[1.1, 2.2])
    form = structure.structure(seen.states, codes, data.design, {}, {})
    L = likelihood.Likelihood(
        data=data, structure=form, rows=data.design.rows - data.means, center=data.means, scale=np.ones(2)
    )
    theta = np.zeros(form.n_parameters)
    theta[: len(codes)] = fit.parameters["estimate"]
    assert L.value(theta) == pytest.approx(fit.log_likelihood, abs=1e-8)


def test_cost_does_not_grow_with_persons_once_collapsed():
    frame = panel(9, persons=30)
    many = pd.concat([frame.assign(person=frame["person"] + 100 * i) for i in range(20)])
    codes = structure.parse_moves(LABELS, (1, 2, 3, 4))
    few, more = (collapse.collapse(read(f), moves=codes) for f in (frame, many))
    assert len(few.cell_count) == len(more.cell_count)
    np.testing.assert_allclose(more.cell_count, 20 * few.cell_count)


@pytest.mark.parametrize("covariates", [(), ("x",), ("word",), ("x", "word")])
def test_counting_in_one_pass_equals_counting_by_rows(covariates):
    frame = panel(10)
    frame["time"] = frame.groupby("person").cumcount() * (1 + frame["person"] % 2)
    frame["word"] = pd.Categorical(
        np.where(frame["time"] % 3 == 1, "often", "never"), categories=["never", "often", "no"]
    )
    last = frame.groupby("person")["time"].transform("max") == frame["time"]
    frame["x"] = frame["x"].astype(float).where(~last)  # not needed where no interval starts
    seen = read(frame, covariates=["x", "word"])
    codes = structure.parse_moves(LABELS, seen.states)
    quick = collapse.collapse(seen, moves=codes, covariates=covariates)
    slow = collapse.collapse(seen, moves=codes, covariates=covariates, keep_rows=True)
    assert quick.interval_cell is None
    np.testing.assert_allclose(quick.means, slow.means)
    pd.testing.assert_frame_equal(quick.pairs, slow.pairs)
    assert quick.n_intervals == slow.n_intervals
    values = []
    for data in (quick, slow):
        form = structure.structure(seen.states, codes, data.design, {}, {})
        theta = np.linspace(-2, 0.5, form.n_parameters)
        values.append(starting.scaled_likelihood(data, form).evaluate(theta))
    for one, other in zip(*values, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-9)


def hidden_likelihood(seen: observations.Observations) -> misclassification.HiddenLikelihood:
    codes = structure.parse_moves(LABELS, seen.states)
    confused = misclassification.emission(
        seen.states, {(1, 2): 0.1, (2, 1): 0.2, (2, 3): 0.1, (3, 1): 0.05}, {1: 0.5, 2: 0.3, 3: 0.2}
    )
    watched = misclassification.hidden(seen, confused)
    data = collapse.collapse(watched, moves=codes, covariates=["x"], keep_rows=True)
    form = structure.structure(seen.states, codes, data.design, {"x": "all"}, {})
    return misclassification.HiddenLikelihood(base=starting.scaled_likelihood(data, form), emission=confused)


def test_gradient_of_a_hidden_model_equals_finite_differences():
    frame = panel(11, persons=15)
    frame["sure"] = (np.arange(len(frame)) % 4 == 0).astype(int)
    L = hidden_likelihood(read(frame, exact_entry=[4], known="sure"))
    theta = np.append(np.random.default_rng(3).normal(-1, 0.3, L.structure.n_parameters), L.emission.start)
    gradient = L.evaluate(theta)[1]
    eye = np.eye(len(theta)) * 1e-5
    np.testing.assert_allclose(
        gradient, [(L.value(theta + e) - L.value(theta - e)) / 2e-5 for e in eye], atol=1e-5, rtol=1e-6
    )


def test_hidden_likelihood_and_most_probable_path_equal_enumeration():
    frame = panel(12, persons=6)
    frame = frame[frame["time"].groupby(frame["person"]).rank() <= 4]
    frame = frame.assign(x=frame["person"] % 2)
    seen = read(frame)
    L = hidden_likelihood(seen)
    theta = np.append(np.random.default_rng(4).normal(-1, 0.3, L.structure.n_parameters), L.emission.start)
    p = L.structure.n_parameters
    E = L.emission.probabilities(theta[p:])
    watched = misclassification.hidden(seen, L.emission)
    path = misclassification.most_probable_path(
        watched, L.base, theta[:p], (np.vstack((np.eye(4), E.T)), L.emission.initial)
    )
    M = L.base.plain_matrices(np.arange(len(L.data.kernel_kind)), theta[:p])
    kernel = dict(zip(seen.starts.tolist(), L.data.interval_kernel.tolist(), strict=True))
    total = 0.0
    for person in range(seen.n_persons):
        rows = np.flatnonzero(seen.person == person)
        first = np.eye(4)[3] if seen.state[rows[0]] == 3 else L.emission.initial
        scores = {}
        for true in itertools.product(range(4), repeat=len(rows)):
            value = first[true[0]] * E[true[0], seen.state[rows[0]]]
            for before, row, a, b in zip(rows[:-1], rows[1:], true[:-1], true[1:], strict=True):
                value *= M[kernel[before], a, b] * E[b, seen.state[row]]
            scores[true] = value
        total += np.log(sum(scores.values()))
        assert scores[tuple(path[rows])] == pytest.approx(max(scores.values()))
    assert L.value(theta) == pytest.approx(total, abs=1e-9)
