"""Breaks, labels and states of a map."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studie.errors import InputError
from studie.present import classes

VALUES = st.lists(st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: round(v, 3)), min_size=1, max_size=80)


@given(VALUES, st.integers(1, 7))
def test_breaks_rise_and_cover_every_value(values, k):
    edges = classes.breaks(values, k)
    assert classes.checked(edges, pd.Series(values, dtype=float)) == edges
    assert len(edges) <= k + 1


@given(VALUES, st.integers(1, 7))
def test_every_value_lies_between_the_edges_of_its_class(values, k):
    edges = classes.breaks(values, k)
    found = classes.class_of(pd.Series(values, dtype=float), edges)
    for value, i in zip(values, found, strict=True):
        assert edges[i] <= value
        assert value < edges[i + 1] or (i == len(edges) - 2 and value == edges[-1])


@pytest.mark.parametrize("seed", range(5))
def test_an_edge_is_a_quantile_moved_by_at_most_a_quarter_of_the_narrowest_class(seed):
    values = np.random.default_rng(seed).gamma(2, 10, 67)
    quantiles = np.quantile(values, [0, 0.2, 0.4, 0.6, 0.8, 1])
    edges = np.array(classes.breaks(values, 5))
    quarter = np.diff(quantiles).min() / 4
    assert np.abs(edges[1:-1] - quantiles[1:-1]).max() <= quarter * (1 + 1e-9)
    counts = np.bincount(classes.class_of(pd.Series(values), edges), minlength=5)
    assert counts.min() >= 67 / 5 / 2  # a class keeps at least half of its share


def test_breaks_are_round_numbers_that_a_reader_can_repeat():
    # quantiles 4.53 and 9.23; narrowest class 4.41, half of it 2.2, so edges are multiples of 2
    assert classes.breaks([0.12, 3.4, 5.1, 7.7, 12.3, 18.8], 3) == (0.0, 4.0, 10.0, 20.0)
    assert classes.breaks(range(41), 4) == (0.0, 10.0, 20.0, 30.0, 40.0)


def test_many_equal_lowest_values_form_a_class_of_their_own():
    assert classes.breaks([0] * 40 + [1, 2, 3, 5, 9], 5) == (0.0, 1.0, 9.0)


def test_a_rounding_error_between_equal_quantiles_is_no_class():
    # interpolation gives 2 and 2.0000000000000004 for these values
    assert classes.breaks([0, 1, 2, 2, 3, 3.5], 5) == (0.0, 1.0, 2.0, 3.0, 3.6)


def test_equal_values_give_one_class_with_one_number():
    edges = classes.breaks([4, 4, 4])
    assert edges == (4.0, 4.0)
    assert classes.labels(edges, whole=True) == ["4"]


@pytest.mark.parametrize(
    ("values", "k", "message"), [([1, 2], 0, "k: must be 1 to 7, got 0"), ([np.nan], 5, "values: must hold")]
)
def test_breaks_refuse_what_cannot_be_classed(values, k, message):
    with pytest.raises(InputError, match=message):
        classes.breaks(values, k)


@pytest.mark.parametrize(
    ("edges", "message"), [((0, 5), "must cover 0 to 9"), ((0, 5, 5, 9), "rising"), ((9,), "rising")]
)
def test_shared_breaks_must_rise_and_cover_the_values(edges, message):
    with pytest.raises(InputError, match=message):
        classes.checked(edges, pd.Series([0.0, 9.0]))


def test_labels_are_written_in_dutch():
    assert classes.labels((0, 10, 25, 40), whole=True) == ["0-9", "10-24", "25-40"]
    assert classes.labels((0, 1, 2, 9), whole=True) == ["0", "1", "2-9"]
    assert classes.labels((0, 2.5, 1234.5)) == ["0,0 tot 2,5", "2,5 tot en met 1.234,5"]
    assert classes.labels((0.08, 0.145, 0.3), form="share") == ["8,0 tot 14,5", "14,5 tot en met 30,0"]
    assert classes.labels((-5, 0, 5), whole=True) == ["−5 tot 0", "0 tot en met 5"]


def test_a_row_without_number_or_reason_is_missing_and_a_reason_wins_over_a_number():
    frame = pd.DataFrame(
        {"n": [5, None, 7, 8, 0, 0], "why": ["published", None, "primary", "unreachable", "published", "suppressed"]}
    )
    found = classes.states(frame, value="n", status="why", zero="own")
    assert found.tolist() == ["published", "missing", "suppressed", "unreachable", "zero", "suppressed"]
    assert classes.states(frame, value="n", status="why", zero="class")[4] == "published"


def test_an_unknown_state_is_refused_with_the_nearest_known_one():
    frame = pd.DataFrame({"n": [5], "why": ["supressed"]})
    with pytest.raises(InputError, match="did you mean 'suppressed'"):
        classes.states(frame, value="n", status="why", zero="class")


def test_no_two_states_look_alike():
    looks = [(state.fill, state.hatch) for state in classes.STATES.values()]
    hatches = [state.hatch for name, state in classes.STATES.items() if name != "outside"]
    assert len(set(looks)) == len(looks) == 7
    assert len(set(hatches)) == 6  # so that they also differ in grey; outside the region is flat grey, zero is white
