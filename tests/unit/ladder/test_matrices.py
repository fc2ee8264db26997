"""Counts, transition matrices, powers and occupancy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.ladder import matrices, observations

COLUMNS = ["quantity", "estimate", "lower", "upper", "n", "unit"]


def panel(rows, **options):
    frame = pd.DataFrame(rows, columns=["who", "when", "step"])
    return observations.from_panel(frame, person="who", time="when", state="step", **options)


def simulated(rng, persons=60, periods=12, p=((0.9, 0.1), (0.2, 0.8))):
    state = rng.integers(0, 2, persons)
    seen = [state]
    for _ in range(periods):
        state = (rng.random(persons) < np.array(p)[state, 1]).astype(int)
        seen.append(state)
    table = np.array(seen).T
    who, when = np.indices(table.shape)
    return panel({"who": who.ravel(), "when": when.ravel(), "step": table.ravel()})


def test_counts_pair_each_observation_with_the_one_a_lag_later():
    obs = panel([(1, 0, 3), (1, 1, 4), (1, 2, 4), (2, 0, 3), (2, 2, 3)])
    one = matrices.counts(obs)
    assert one.matrix.to_numpy().tolist() == [[0, 1], [0, 1]]
    assert one.excluded.to_dict() == {"state_set": 0, "no_observation_at_lag": 3}
    assert matrices.counts(obs, lag=2).matrix.to_numpy().tolist() == [[1, 1], [0, 0]]


def test_consecutive_rows_are_paired_when_the_lag_is_none():
    obs = panel([(1, 0, 3), (1, 5, 4), (2, 0, 3), (2, 2, 3)])
    assert matrices.counts(obs, lag=None).matrix.to_numpy().tolist() == [[1, 1], [0, 0]]


def test_calendar_months_of_unequal_length_are_one_month_apart():
    dates = pd.date_range("2024-01-01", periods=13, freq="MS")
    obs = panel([(1, date, 3) for date in dates])
    assert matrices.counts(obs).n == 12
    assert matrices.counts(obs, lag=12).n == 1


def test_a_pair_with_a_state_set_is_excluded_and_counted():
    obs = panel([(1, 0, "5"), (1, 1, "{5,6}"), (1, 2, "6"), (1, 3, "6")])
    counted = matrices.counts(obs)
    assert counted.n == 1
    assert counted.excluded["state_set"] == 2


def test_a_step_nobody_started_on_gives_nan_not_zero():
    moves = pd.DataFrame([[8, 2], [0, 0]], index=["3", "4"], columns=["3", "4"])
    result = matrices.transition_matrix(moves)
    assert result.estimate.loc["3"].tolist() == [0.8, 0.2]
    assert result.estimate.loc["4"].isna().all()
    assert result.lower.loc["4"].isna().all()
    assert result.n == 10


@pytest.mark.parametrize("method", ["wilson", "dirichlet", "clustered", "bootstrap"])
def test_every_method_holds_its_estimate_and_has_the_columns_of_a_result(method):
    rng = np.random.default_rng(4)
    result = matrices.transition_matrix(matrices.counts(simulated(rng)), method=method, resample=rng, draws=200)
    frame = result.to_frame()
    assert list(frame.columns) == ["from_step", "to_step", "persons", "cell_persons", *COLUMNS]
    assert (frame["lower"] <= frame["estimate"] + 1e-12).all()
    assert (frame["estimate"] <= frame["upper"] + 1e-12).all()
    assert np.allclose(result.estimate.sum(axis=1), 1)


def test_persons_behind_a_cell_are_counted_once_however_many_months_they_bring():
    rows = [(1, 0, 3), (1, 1, 4), (1, 2, 3), (1, 3, 4), (2, 0, 3), (2, 1, 3)]
    frame = matrices.transition_matrix(matrices.counts(panel(rows))).to_frame().set_index(["from_step", "to_step"])
    assert frame.loc[(3, 4), ["n", "persons", "cell_persons"]].tolist() == [3, 2, 1]
    assert frame.loc[(4, 3), ["n", "persons", "cell_persons"]].tolist() == [1, 1, 1]


def test_a_plain_table_of_counts_does_not_know_its_persons():
    frame = matrices.transition_matrix(pd.DataFrame([[8, 2], [1, 9]])).to_frame()
    assert frame[["persons", "cell_persons"]].isna().all(axis=None)


def test_clustered_interval_is_wider_where_persons_differ():
    stuck = [(who, when, 0 if who < 30 else (when % 2)) for who in range(60) for when in range(13)]
    counted = matrices.counts(panel(stuck))
    wilson = matrices.transition_matrix(counted)
    clustered = matrices.transition_matrix(counted, method="clustered")
    width = (wilson.upper - wilson.lower).loc[0, 1]
    assert (clustered.upper - clustered.lower).loc[0, 1] > 2 * width


def test_clustered_variance_is_the_sum_over_persons_of_squared_residuals():
    obs = simulated(np.random.default_rng(9), persons=15)
    counted = matrices.counts(obs)
    moves = counted.matrix.to_numpy(float)
    share = moves / moves.sum(axis=1, keepdims=True)
    expected = np.zeros((2, 2))
    for who in range(15):
        own = np.bincount(counted.cell[counted.person == who], minlength=4).reshape(2, 2)
        expected += (own - share * own.sum(axis=1, keepdims=True)) ** 2
    expected *= 15 / 14 / moves.sum(axis=1, keepdims=True) ** 2
    assert counted.clustered_variance() == pytest.approx(expected)


def test_k_step_is_the_matrix_power():
    result = matrices.transition_matrix(matrices.counts(simulated(np.random.default_rng(1))))
    three = matrices.k_step(result, 3)
    assert three.estimate.to_numpy() == pytest.approx(np.linalg.matrix_power(result.estimate.to_numpy(), 3))
    assert three.lag == 3


def test_k_step_is_nan_where_an_unknown_row_can_be_reached_and_known_where_it_is_an_exit():
    moves = pd.DataFrame([[8, 1, 1], [2, 8, 0], [0, 0, 0]], index=list("abx"), columns=list("abx"))
    result = matrices.transition_matrix(moves)
    assert matrices.k_step(result, 2).estimate.loc["a"].isna().all()
    known = matrices.k_step(result, 2, absorbing=["x"])
    assert known.estimate.loc["a"].sum() == pytest.approx(1)
    assert known.estimate.loc["x"].tolist() == [0, 0, 1]


def test_k_step_interval_agrees_with_draws_from_the_rows():
    rng = np.random.default_rng(7)
    moves = pd.DataFrame([[400, 80, 20], [50, 300, 50], [10, 40, 350]])
    result = matrices.transition_matrix(moves)
    five = matrices.k_step(result, 5)
    draws = np.stack([rng.dirichlet(row, size=4000) for row in moves.to_numpy()], axis=1)
    spread = np.linalg.matrix_power(draws, 5).std(axis=0)
    p = five.estimate.to_numpy()
    assert np.sqrt(p * (1 - p) / five.effective.to_numpy()) == pytest.approx(spread, rel=0.06)


def test_projected_occupancy_starts_where_it_is_put_and_sums_to_one():
    result = matrices.transition_matrix(matrices.counts(simulated(np.random.default_rng(2))))
    shares = matrices.projected_occupancy(result, pd.Series({0: 30}), 4)
    assert shares.estimate.iloc[0].tolist() == [1, 0]
    assert shares.estimate.sum(axis=1).to_numpy() == pytest.approx(np.ones(5))
    assert list(shares.to_frame().columns) == ["lags", "step", *COLUMNS]


def test_observed_occupancy_counts_persons_per_time():
    shares = matrices.occupancy(panel([(1, 0, 3), (1, 1, 4), (2, 0, 3), (2, 1, 3)]))
    assert shares.query("time == 1")["estimate"].tolist() == [0.5, 0.5]


def test_time_varying_matrices_add_up_to_the_pooled_counts():
    obs = simulated(np.random.default_rng(3))
    apart = matrices.counts_by_time(obs)
    assert (
        sum(table.matrix.to_numpy() for table in apart.values()).tolist()
        == matrices.counts(obs).matrix.to_numpy().tolist()
    )
    assert list(matrices.time_varying(apart)) == [float(t) for t in range(12)]


def test_one_person_gives_a_matrix():
    result = matrices.transition_matrix(matrices.counts(panel([(1, 0, 3), (1, 1, 3)])), method="clustered")
    assert result.estimate.loc[3, 3] == 1


@pytest.mark.parametrize("method", ["wilson", "dirichlet", "clustered", "bootstrap"])
def test_no_pair_at_all_gives_nan(method):
    counted = matrices.counts(panel([(1, 0, 3)]))
    result = matrices.transition_matrix(counted, method=method, resample=np.random.default_rng(1), draws=20)
    assert result.estimate.isna().all(axis=None)
    assert result.upper.isna().all(axis=None)


def test_unusable_input_is_refused_by_name():
    square = pd.DataFrame([[1, 2], [3, 4]], index=["a", "b"], columns=["a", "b"])
    with pytest.raises(InputError, match="same steps in the same order"):
        matrices.transition_matrix(square.rename(columns={"b": "c"}))
    with pytest.raises(InputError, match="not negative"):
        matrices.transition_matrix(square - 2)
    with pytest.raises(InputError, match="resample: a numpy Generator is required"):
        matrices.transition_matrix(matrices.counts(panel([(1, 0, 3), (1, 1, 3)])), method="bootstrap")
    with pytest.raises(InputError, match="needs Counts made from observations"):
        matrices.transition_matrix(square, method="clustered")
    with pytest.raises(InputError, match="lag: must be positive"):
        matrices.counts(panel([(1, 0, 3), (1, 1, 3)]), lag=0)
    with pytest.raises(InputError, match="k: must be at least 1"):
        matrices.k_step(matrices.transition_matrix(square), 0)
