"""Forecasts: never nan, a stated fallback for every kind of series, intervals that hold their point and cover."""

import numpy as np
import pandas as pd
import pytest

from studie.demand import forecast
from studie.errors import InputError

SIX = ["quantity", "estimate", "lower", "upper", "n", "unit"]


def frame(values, *, series="a", start="2015-01", freq="M"):
    period = pd.period_range(start, periods=len(values), freq=freq).astype(str)
    return pd.DataFrame({"series": [series] * len(values), "period": period, "value": np.asarray(values, float)})


def seasonal(n=72, *, seed=1, level=100.0):
    rng = np.random.default_rng(seed)
    return level * (1 + 0.3 * np.sin(2 * np.pi * np.arange(n) / 12)) + rng.normal(0, level / 20, n)


@pytest.fixture(scope="module")
def mixed():
    rng = np.random.default_rng(5)
    return pd.concat(
        [
            frame(seasonal(), series="regular"),
            frame(rng.poisson(1.0, 72), series="small"),
            frame(np.zeros(72), series="zeros"),
            frame(rng.poisson(9, 20), series="short"),
            frame([4.0], series="one value"),
            frame(np.full(72, 7.0), series="constant"),
            frame(np.r_[rng.poisson(20, 48), np.zeros(24)], series="stopped"),
        ]
    )


@pytest.fixture(scope="module")
def made(mixed):
    return forecast.forecast(mixed, 6)


def test_every_kind_of_series_gets_figures_and_a_named_method(made):
    table = made.to_frame()
    assert not table[["estimate", "lower", "upper"]].isna().any(axis=None)
    assert np.isfinite(table[["estimate", "lower", "upper"]].to_numpy()).all()
    kinds = made.methods.set_index("series")["kind"].to_dict()
    assert kinds["regular"] == "regular" and kinds["small"] == "small" and kinds["zeros"] == "zeros"
    assert kinds["short"] == "short" and kinds["one value"] == "short"
    assert (made.methods["method"] != "").all()


def test_the_frame_ends_with_the_six_columns_and_one_row_per_series_period_and_level(made):
    table = made.to_frame()
    assert list(table.columns[-6:]) == SIX
    assert len(table) == 7 * 6 * 2
    assert not table.duplicated(["series", "period", "level"]).any()


def test_intervals_hold_their_point_stay_above_zero_and_nest(made):
    table = made.to_frame()
    assert ((table["lower"] <= table["estimate"]) & (table["estimate"] <= table["upper"])).all()
    assert (table["lower"] >= 0).all()
    narrow, wide = (table[table["level"] == one].reset_index(drop=True) for one in (0.80, 0.95))
    assert (wide["lower"] <= narrow["lower"]).all() and (wide["upper"] >= narrow["upper"]).all()


def test_published_intervals_are_labelled_marginal(made):
    assert set(made.to_frame()["interval"]) == {"marginal"}


def test_after_only_zeros_the_point_is_zero_and_more_zeros_bring_the_bound_down():
    short = forecast.forecast(frame(np.zeros(2)), 1).to_frame()
    long = forecast.forecast(frame(np.zeros(120)), 1).to_frame()
    assert (short["estimate"] == 0).all() and (long["estimate"] == 0).all()
    assert short["upper"].max() > long["upper"].max()


def test_a_plain_season_is_found():
    values = seasonal(96)
    table = forecast.forecast(frame(values), 12).to_frame()
    expected = 100 * (1 + 0.3 * np.sin(2 * np.pi * np.arange(96, 108) / 12))
    assert np.abs(table[table["level"] == 0.80]["estimate"].to_numpy() - expected).mean() < 6


def test_periods_ahead_follow_the_last_period():
    table = forecast.forecast(frame(np.arange(1.0, 21.0), freq="Q"), 3, 4).to_frame()
    assert [str(p) for p in table["period"][:3]] == ["2020Q1", "2020Q2", "2020Q3"]


def test_renaming_and_reordering_series_changes_no_figure(mixed):
    base = forecast.forecast(mixed, 3).to_frame().set_index(["series", "step", "level"])
    renamed = mixed.assign(series="x " + mixed["series"]).sample(frac=1, random_state=2)
    other = forecast.forecast(renamed, 3).to_frame()
    other["series"] = other["series"].str.removeprefix("x ")
    other = other.set_index(["series", "step", "level"]).loc[base.index]
    assert np.allclose(base["estimate"], other["estimate"]) and np.allclose(base["upper"], other["upper"])


def test_values_in_tens_give_forecasts_in_tens_on_the_level_scale():
    one = forecast.forecast(frame(seasonal(level=1000.0)), 6)
    ten = forecast.forecast(frame(10 * seasonal(level=1000.0)), 6)
    assert np.allclose(10 * one.estimate, ten.estimate, rtol=0.01)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"horizon": 0}, "horizon"),
        ({"season": 0}, "season"),
        ({"level": (0.8, 1.0)}, "level"),
        ({"level": ()}, "level"),
        ({"blocks": {"b": "x"}}, "blocks"),
    ],
)
def test_wrong_use_names_the_argument(options, message):
    with pytest.raises(InputError, match=message):
        forecast.forecast(frame(seasonal()), **options)


def test_fractional_counts_are_taken_as_measurements_and_said_to_be():
    halves = forecast.forecast(frame(np.arange(40.0) + 0.5), 3).methods["note"].item()
    whole = forecast.forecast(frame(np.arange(40.0)), 3).methods["note"].item()
    assert halves == "not whole numbers: taken as measurements" and whole == ""


def test_sums_need_draws_and_a_horizon_that_holds_them(made):
    with pytest.raises(InputError, match="draws"):
        made.total(3)
    with pytest.raises(InputError, match="labels"):
        made.select(["elsewhere"])


def test_selected_series_keep_their_figures(made):
    part = made.select(["short", "regular"])
    assert part.series == ("short", "regular")
    at = made.series.index("regular")
    assert np.array_equal(part.estimate[1], made.estimate[at])


@pytest.mark.slow
def test_intervals_of_simulated_series_cover_what_they_say():
    # 60 series × 6 steps; errors of one series move together, so the Monte-Carlo band is that of 60 clusters: 2.6
    # standard errors of a share of .8 with n = 60 are .13; .95: .07.
    rng = np.random.default_rng(11)
    rows, actual = [], []
    for k in range(60):
        level = 200 * np.exp(np.cumsum(rng.normal(0, 0.03, 78)))
        values = level * (1 + 0.2 * np.sin(2 * np.pi * np.arange(78) / 12)) * np.exp(rng.normal(0, 0.05, 78))
        rows.append(frame(values[:72], series=k))
        actual.append(values[72:])
    made = forecast.forecast(pd.concat(rows), 6)
    outcome = np.stack(actual)
    for level, margin in ((0.80, 0.13), (0.95, 0.07)):
        low, high = made.bounds(level)
        assert abs(np.mean((outcome >= low) & (outcome <= high)) - level) < margin


@pytest.mark.slow
def test_intervals_of_small_counts_cover_at_least_what_they_say():
    rng = np.random.default_rng(12)
    values = rng.poisson(rng.uniform(0.3, 3.0, (60, 1)), (60, 78))
    made = forecast.forecast(pd.concat([frame(row[:72], series=k) for k, row in enumerate(values)]), 6)
    low, high = made.bounds(0.80)
    covered = np.mean((values[:, 72:] >= low) & (values[:, 72:] <= high))
    # Counts are whole, so coverage can only be at least the level; 360 outcomes: 2.6 standard errors are .055.
    assert covered > 0.80 - 0.055
