"""A panel is checked once: what is refused, and how it is coded."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.ladder import larger_than_memory, observations


def frame(**columns) -> pd.DataFrame:
    base = {"person": [1, 1, 1, 2, 2], "time": [0, 1, 3, 0, 2], "state": [1, 2, 2, 3, 1]}
    return pd.DataFrame({**base, **columns})


def read(data: pd.DataFrame, **options) -> observations.Observations:
    return observations.from_panel(data, person="person", time="time", state="state", **options)


def test_rows_are_sorted_by_person_and_time_and_coded():
    seen = read(frame().iloc[[4, 2, 0, 3, 1]])
    assert seen.person.tolist() == [0, 0, 0, 1, 1]
    assert seen.time.tolist() == [0, 1, 3, 0, 2]
    assert [seen.labels[s] for s in seen.state] == [1, 2, 2, 3, 1]
    assert seen.states == (1, 2, 3)
    assert seen.starts.tolist() == [0, 1, 3]


def test_dates_become_months_of_30_4375_days():
    dates = pd.to_datetime(["2020-01-01", "2020-02-01", "2021-01-01", "2020-01-01", "2020-03-01"])
    seen = read(frame(time=dates))
    assert seen.unit == "month"
    np.testing.assert_allclose(seen.time[:3], np.array([0, 31, 366]) / 30.4375)
    assert seen.origin == pd.Timestamp("2020-01-01")
    again = read(frame(time=dates.strftime("%Y-%m-%d")))
    np.testing.assert_array_equal(again.time, seen.time)


def test_a_state_in_braces_is_a_set_and_words_come_after_numbers():
    seen = read(frame(state=["6", "{5, 6}", "3-4", "uit_beeld", "5"]))
    assert seen.states == ("3-4", "5", "6", "uit_beeld")
    assert seen.sets == ((1, 2),)
    assert seen.labels[-1] == "{5,6}"
    assert seen.state[1] == 4


def test_a_set_of_one_state_is_that_state():
    seen = read(frame(state=[1, 98, 2, 3, 99]), state_sets={98: [2], 99: [1, 2]})
    assert seen.state[1] == seen.states.index(2)
    assert seen.sets == ((0, 1),)


def test_dates_that_run_backwards_name_the_person_and_the_rows():
    with pytest.raises(InputError, match=r"backwards.*person 2, rows 3 and 4, 5 and 2"):
        read(frame(time=[0, 1, 3, 5, 2]))


def test_backward_dates_can_be_sorted_on_request():
    assert read(frame(time=[0, 1, 3, 5, 2]), order="sort").time.tolist() == [0, 1, 3, 2, 5]


@pytest.mark.parametrize("rows", [[0, 1, 2, 3, 4], [3, 0, 4, 1, 2]])
def test_double_dates_name_the_person_and_the_rows(rows):
    with pytest.raises(InputError, match=r"same date twice: person 1"):
        read(frame(time=[0, 1, 1, 0, 2]).iloc[rows])


@pytest.mark.parametrize("column", ["person", "time", "state"])
def test_a_missing_value_names_its_row(column):
    data = frame()
    data[column] = data[column].astype(object)
    data.loc[2, column] = None
    with pytest.raises(InputError, match=rf"{column}: must not be missing.*row 2"):
        read(data)


def test_an_unknown_column_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'state'"):
        observations.from_panel(frame(), person="person", time="time", state="stat")


def test_a_state_outside_the_given_ones_is_refused():
    with pytest.raises(InputError, match="unknown value '3'"):
        read(frame(), states=[1, 2])


def test_kinds_of_observation_per_row_and_per_state():
    assert read(frame(), exact_entry=[3]).kind.tolist() == [0, 0, 0, 2, 0]
    assert read(frame(), exact_times=True).kind.tolist() == [1] * 5
    mixed = read(frame(seen=["snapshot", "exact_time", "exact_entry", 1, 2]), observation="seen")
    assert mixed.kind.tolist() == [0, 1, 2, 0, 1]
    with pytest.raises(InputError, match="unknown value 'guess'"):
        read(frame(seen=["guess"] * 5), observation="seen")


def test_a_weight_that_differs_within_a_person_is_refused():
    assert read(frame(w=[2, 2, 2, 1, 1]), weight="w").weight.tolist() == [2, 1]
    with pytest.raises(InputError, match="constant within a person"):
        read(frame(w=[2, 1, 2, 1, 1]), weight="w")


def test_events_are_counted_before_any_fit():
    counts = observations.events(read(frame()))
    assert counts.loc[1, 2] == 1
    assert counts.loc[2, 2] == 1
    assert counts.loc[3, 1] == 1
    assert counts.to_numpy().sum() == 3


def test_resampling_draws_persons_with_all_their_rows():
    seen = read(frame())
    drawn = observations.resample(seen, np.random.default_rng(0))
    lengths = dict(zip(seen.persons, np.bincount(seen.person), strict=True))
    assert drawn.n_persons == 2
    assert np.bincount(drawn.person).tolist() == [lengths[label] for label in drawn.persons]


def test_one_person_is_a_panel():
    assert read(frame().iloc[:3]).n_persons == 1


def test_relation_is_counted_like_the_panel():
    duckdb = pytest.importorskip("duckdb")
    counted = larger_than_memory.from_relation(
        duckdb.from_df(frame().iloc[[4, 2, 0, 3, 1]]), person="person", time="time", state="state"
    )
    pd.testing.assert_frame_equal(observations.events(counted), observations.events(read(frame())))
    with pytest.raises(InputError, match="twice for person 1"):
        larger_than_memory.from_relation(
            duckdb.from_df(frame(time=[0, 1, 1, 0, 2])), person="person", time="time", state="state"
        )
