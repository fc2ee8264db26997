"""Steps up, relapse and lasting moves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.ladder import hazards, matrices, observations

COLUMNS = ["quantity", "estimate", "lower", "upper", "n", "unit"]


def panel(*persons, covariates=()):
    """One tuple of steps per person, one unit of time apart."""
    rows = [(who, when, step) for who, steps in enumerate(persons) for when, step in enumerate(steps)]
    frame = pd.DataFrame(rows, columns=["who", "when", "step"])
    for name, values in dict(covariates).items():
        frame[name] = [values[who] for who in frame["who"]]
    return observations.from_panel(
        frame, person="who", time="when", state="step", covariates=[name for name, _ in covariates]
    )


def test_a_move_is_the_first_observation_on_a_higher_step_and_relapse_the_first_below():
    moves = hazards.upward_moves(panel("3445543"))
    table = moves.table
    assert table["move"].tolist() == ["3→4", "4→5"]
    assert table["start"].tolist() == [1, 3]
    assert table["duration"].tolist() == [5, 2]
    assert table["cause"].tolist() == ["relapse", "relapse"]


def test_a_move_without_an_event_is_followed_until_the_last_observation():
    table = hazards.upward_moves(panel("34455")).table
    assert table["duration"].tolist() == [3, 1]
    assert table["cause"].tolist() == ["", ""]


def test_exits_and_out_of_sight_end_a_move_before_a_later_relapse():
    moves = hazards.upward_moves(
        panel(("3", "4", "uit_beeld", "3"), ("3", "4", "exit_pension"), ("4", "5", "5", "exit_death"))
    )
    assert moves.table["cause"].tolist() == ["out_of_sight", "exit", "exit"]
    assert moves.table["duration"].tolist() == [1, 1, 2]


def test_a_between_step_lies_halfway_and_falling_to_it_is_a_relapse():
    table = hazards.upward_moves(panel(("3", "3-4", "4", "3-4"))).table
    assert table["move"].tolist() == ["3→3-4", "3-4→4"]
    assert table["cause"].tolist() == ["", "relapse"]


def test_a_set_counts_as_below_only_when_all_of_it_is():
    moves = hazards.upward_moves(panel(("4", "5", "{4,5}", "5"), ("3", "5", "{3,4}", "5"), ("4", "{5,6}", "5", "4")))
    assert moves.table["move"].tolist() == ["4→5", "3→5", "{3,4}→5", "4→{5,6}"]
    assert moves.table["cause"].tolist() == ["", "relapse", "", "relapse"]
    assert moves.table["duration"].tolist() == [2, 1, 0, 2]
    assert moves.undecided == 1


def test_a_return_from_out_of_sight_is_no_move_and_is_counted():
    moves = hazards.upward_moves(panel(("3", "uit_beeld", "5", "5"), ("3", "4", "4", "4")))
    assert moves.table["move"].tolist() == ["3→4"]
    assert moves.from_hidden == 1


def test_persons_first_seen_above_the_lowest_step_are_counted_as_left_truncated():
    assert hazards.upward_moves(panel("334", "445", "566")).left_truncated == 2


def test_relapse_without_censoring_is_the_share_of_moves():
    obs = panel("3433", "3443", "3444", "3444")
    table = hazards.relapse(obs, within=[1, 2]).table.query("quantity == 'relapse'")
    assert table["estimate"].tolist() == [0.25, 0.5]
    assert table["events"].tolist() == [1, 2]


def test_relapse_exit_out_of_sight_and_lasting_add_up_to_one():
    rng = np.random.default_rng(5)
    steps = ["3", "4", "5", "uit_beeld", "exit_moved"]
    persons = []
    for _ in range(300):
        path = ["3", "4"]
        while len(path) < rng.integers(3, 12) and path[-1] in steps[:3]:
            path.append(steps[rng.choice(5, p=[0.1, 0.5, 0.3, 0.06, 0.04])])
        persons.append(tuple(path))
    obs = panel(*persons)
    curve = hazards.relapse(obs, within=[2, 5]).table.pivot_table(index="time", columns="quantity", values="estimate")
    last = hazards.lasting_moves(obs, through=[2, 5]).table.pivot_table(
        index="time", columns="quantity", values="estimate"
    )
    total = curve["relapse"] + curve["exit"] + curve["out_of_sight"] + last["lasting"]
    assert total.to_numpy() == pytest.approx(np.ones(2), abs=1e-12)
    assert (curve["relapse_if_all_out_of_sight"] - curve["relapse"]).to_numpy() == pytest.approx(
        curve["out_of_sight"].to_numpy()
    )
    assert (last["lasting_if_all_out_of_sight"] - last["lasting"]).to_numpy() == pytest.approx(
        curve["out_of_sight"].to_numpy()
    )


def test_groups_are_estimated_apart_and_results_have_the_six_columns():
    obs = panel("343", "344", "344", "343", covariates=(("support", ["ja", "ja", "nee", "nee"]),))
    result = hazards.relapse(obs, within=[1], by="support")
    frame = result.to_frame()
    assert list(frame.columns) == ["support", "time", "persons", "cell_persons", *COLUMNS]
    relapse = result.at("relapse", 1).set_index("support")
    assert relapse["estimate"].to_dict() == {"ja": 0.5, "nee": 0.5}
    assert relapse["n"].to_dict() == {"ja": 2, "nee": 2}


def test_a_person_with_two_relapses_is_one_person_with_an_event():
    row = hazards.relapse(panel("343434", "344444"), within=[2]).at("relapse", 2).iloc[0]
    assert row[["persons", "cell_persons", "events"]].tolist() == [2, 1, 2]


def test_an_estimate_beyond_all_follow_up_is_nan():
    table = hazards.relapse(panel("3433", "3444"), within=[1, 9]).at("relapse", 9)
    assert table["estimate"].isna().all()
    assert table["upper"].isna().all()


def test_no_relapse_gives_zero_with_an_upper_bound_above_zero():
    row = hazards.relapse(panel(*["3444"] * 20), within=[2]).at("relapse", 2).iloc[0]
    assert row["estimate"] == 0
    assert row["lower"] == 0
    assert 0.1 < row["upper"] < 0.25


def test_a_year_of_calendar_months_counts_as_twelve():
    dates = pd.date_range("2023-12-01", periods=14, freq="MS")
    steps = ["3"] + ["4"] * 12 + ["3"]
    frame = pd.DataFrame({"who": 1, "when": dates, "step": steps})
    obs = observations.from_panel(frame, person="who", time="when", state="step")
    assert hazards.relapse(obs, within=[12]).at("relapse", 12)["estimate"].iloc[0] == 1
    assert hazards.relapse(obs, within=[11]).at("relapse", 11)["estimate"].iloc[0] == 0


def test_only_the_wanted_moves_are_used():
    obs = panel("3433", "4544", "4555")
    assert hazards.relapse(obs, within=[1], moves=[("4", "5")]).n == 2
    chosen = hazards.relapse(hazards.upward_moves(obs), within=[1], moves=[("4", "5")])
    assert chosen.at("relapse", 1)["estimate"].iloc[0] == 0.5


def test_several_moves_of_one_person_do_not_count_as_independent():
    clustered = hazards.relapse(panel(*["34343"] * 10, *["34455"] * 10), within=[1], moves=[("3", "4")])
    row = clustered.at("relapse", 1).iloc[0]
    assert row["n"] == 30
    assert row["persons"] == 20
    assert row["estimate"] == pytest.approx(2 / 3)
    assert row["se"] > 1.15 * np.sqrt(2 / 3 * 1 / 3 / 30)


def test_markov_relapse_is_the_taboo_power_of_the_matrix():
    moves = pd.DataFrame([[80, 20, 0], [30, 60, 10], [0, 20, 80]], index=list("345"), columns=list("345"))
    matrix = matrices.transition_matrix(moves)
    check = hazards.markov_relapse(matrix, reached="4", below=["3"], lags=2)
    assert check["estimate"].tolist() == pytest.approx([0.3, 0.3 + 0.6 * 0.3])


def test_unusable_input_is_refused_by_name():
    with pytest.raises(InputError, match="at least one step up must be seen"):
        hazards.relapse(panel("333"))
    with pytest.raises(InputError, match="by: unknown value 'suport'"):
        hazards.relapse(panel("344"), by="suport")
    with pytest.raises(InputError, match="times: must be positive"):
        hazards.relapse(panel("344"), within=[0])
    with pytest.raises(InputError, match="rank: every step needs a place on the ladder, got none for 'elders'"):
        hazards.upward_moves(panel(("3", "elders")))
    with pytest.raises(InputError, match="moves: must go up the ladder"):
        hazards.upward_moves(panel("344"), moves=[("4", "3")])
