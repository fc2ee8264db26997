"""Histories: what is refused, what is repaired, and that every repair is said."""

import numpy as np
import pandas as pd
import pytest

from studie.demand import history
from studie.errors import InputError


def frame(values, *, start="2020-01", series="a", **columns):
    period = pd.period_range(start, periods=len(values), freq="M").astype(str)
    return pd.DataFrame({"series": series, "period": period, "value": values, **columns})


@pytest.mark.parametrize(
    ("column", "season", "expected"),
    [
        (["2020-01", "2020-02"], 12, "2020-02"),
        (["2020Q1", "2020Q2"], 4, "2020Q2"),
        (["2020K1", "2020K2"], 4, "2020Q2"),
        (["2020-01-01", "2020-04-01"], 4, "2020Q2"),
        (pd.to_datetime(["2020-01-31", "2020-02-29"]), 12, "2020-02"),
        (pd.PeriodIndex(["2020-01", "2020-02"], freq="M"), 12, "2020-02"),
        ([pd.Period("2020Q1"), pd.Period("2020Q2")], 4, "2020Q2"),
        (["2020", "2021"], 1, "2021"),
        ([2020, 2021], 1, "2021"),
    ],
)
def test_anything_that_pandas_reads_as_periods_is_a_period(column, season, expected):
    assert str(history.as_periods(pd.Series(column), season=season)[-1]) == expected


@pytest.mark.parametrize("column", [["maandag", "dinsdag"], [1, 2], [None, "2020-01"]])
def test_what_is_not_a_period_is_refused(column):
    with pytest.raises(InputError, match="period"):
        history.as_periods(pd.Series(column), season=12)


def test_a_complete_history_comes_back_untouched_and_without_notes():
    values = np.arange(30.0)
    one = history.read(frame(values), season=12)[0]
    assert np.array_equal(one.values, values)
    assert (one.notes, one.imputed, str(one.end)) == ((), 0, "2022-06")


def test_rows_may_come_in_any_order_and_pairs_are_labels():
    pairs = frame(np.arange(24.0), series="x").assign(series=[("x", "zorg")] * 24)
    shuffled = pairs.sample(frac=1, random_state=1)
    one = history.read(shuffled, season=12)[0]
    assert one.label == ("x", "zorg")
    assert np.array_equal(one.values, np.arange(24.0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: pd.concat([d, d.tail(1)]), "one row per series and period, got a 2021-12 twice"),
        (lambda d: d.assign(value=-1.0), "at least 0, got -1"),
        (lambda d: d.assign(value=np.inf), "finite"),
        (lambda d: d.assign(value="veel"), "must be a number, got 'veel'"),
        (lambda d: d.drop(columns="value"), "got no value"),
        (lambda d: d.iloc[:0], "at least one row"),
        (lambda d: d.assign(value=np.nan), "at least one value, got none for a"),
        (lambda d: d.assign(value=np.nan, lower=3.0, upper=1.0), "0 <= lower <= upper"),
    ],
)
def test_what_no_repair_makes_right_is_refused_with_its_place(change, message):
    with pytest.raises(InputError, match=message):
        history.read(change(frame(np.arange(24.0))), season=12)


def test_a_missing_month_is_interpolated_over_the_season_and_said():
    months = np.arange(48)
    values = 100 + 20 * np.sin(2 * np.pi * months / 12)
    holed = frame(values).drop(index=30)
    one = history.read(holed, season=12)[0]
    assert one.values[30] == pytest.approx(values[30], abs=1.5)
    assert one.notes == ("1 missing periods interpolated",)
    assert one.imputed == 1


def test_a_long_gap_starts_history_anew_and_says_so():
    values = np.r_[np.ones(30), np.full(7, np.nan), np.arange(25.0)]
    one = history.read(frame(values), season=12)[0]
    assert np.array_equal(one.values, np.arange(25.0))
    assert "gap of more than 6 periods" in one.notes[0]


def test_a_hidden_count_lies_within_its_bounds_and_follows_its_series():
    def filled(around):
        values = np.r_[np.full(20, around), [np.nan] * 4]
        hidden = frame(values, lower=1.0, upper=3.0)
        return history.read(hidden, season=12)[0]

    low, high = filled(1.0), filled(3.0)
    assert (low.values[-4:] > 1).all() and (high.values[-4:] < 3).all()
    assert low.values[-1] < high.values[-1]
    assert low.imputed == 4 and "hidden" in low.notes[0]


def test_the_hidden_count_is_the_mean_of_the_poisson_within_its_bounds():
    # Rate 2 from 1000 seen values: E[X | 1 <= X <= 3] = (2 + 4 + 4) / (2 + 2 + 4/3) = 1.875 (weights 2^k / k!).
    values = np.r_[np.full(1000, 2.0), [np.nan]]
    found = history._truncated_poisson(values, np.array([[1.0, 3.0]]))
    assert found[0] == pytest.approx(1.875, abs=1e-3)


def test_before_a_break_history_is_dropped_when_two_seasons_follow():
    values = np.r_[np.full(30, 10.0), np.full(24, 50.0)]
    marked = frame(values).assign(**{"break": np.arange(54) == 30})
    one = history.read(marked, season=12)[0]
    assert np.array_equal(one.values, np.full(24, 50.0))
    assert one.notes == ("history before the break in 2022-07 left out",)


def test_before_a_late_break_history_is_rescaled_month_by_month():
    season = np.tile(np.arange(10.0, 22.0), 4)
    values = np.r_[season[:36], 3 * season[36:41]]
    marked = frame(values).assign(**{"break": np.arange(41) == 36})
    one = history.read(marked, season=12)[0]
    assert np.allclose(one.values[:36], 3 * season[:36])
    assert "rescaled" in one.notes[0]
