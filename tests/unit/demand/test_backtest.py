"""Backtests: no peeking, scores with intervals, skill only where it shows, calibration that helps."""

import numpy as np
import pandas as pd
import pytest

from studie.demand import backtest, calibrate, forecast, reconcile
from studie.errors import InputError


def frame(values, label="a", start="2012-01"):
    period = pd.period_range(start, periods=len(values), freq="M").astype(str)
    return pd.DataFrame({"series": [label] * len(values), "period": period, "value": np.asarray(values, float)})


def panel(n=108, *, series=6, seed=1, season=0.25, walk=0.02):
    rng = np.random.default_rng(seed)
    months = np.arange(n)
    return pd.concat(
        [
            frame(
                np.round(80 * np.exp(np.cumsum(rng.normal(0, walk, n)) + season * np.sin(2 * np.pi * months / 12 + k))),
                label=k,
            )
            for k in range(series)
        ],
        ignore_index=True,
    )


@pytest.fixture(scope="module")
def result():
    return backtest.rolling(panel(), 12, 12, 5)


def test_the_future_does_not_change_what_an_origin_said():
    data = panel(series=2)
    origin = ["2018-12"]
    changed = data.copy()
    changed.loc[changed["period"] > "2018-12", "value"] *= 3
    one, two = (backtest.rolling(rows, 6, 12, origin).detail for rows in (data, changed))
    columns = ["estimate", "lower_80", "upper_80", "scale", "seasonal naive", "trend"]
    assert np.array_equal(one[columns], two[columns])
    assert not np.array_equal(one["actual"], two["actual"])


def test_origins_may_be_a_number_positions_or_periods():
    data = panel(series=1)
    by_position = backtest.rolling(data, 6, 12, [84, 96]).detail
    by_period = backtest.rolling(data, 6, 12, ["2018-12", "2019-12"]).detail
    assert by_position["origin"].unique().tolist() == by_period["origin"].unique().tolist()
    assert [str(one) for one in backtest.rolling(data, 6, 12, 2).detail["origin"].unique()] == ["2020-03", "2020-06"]


def test_every_score_is_there_with_an_interval_that_holds_it(result):
    found = set(result.scores["quantity"])
    assert {"mase", "rmsse", "smape", "crps", "bias", "direction hit", "rank hit"} <= found
    assert {"coverage 80", "width 80", "msis 80", "native coverage 95", "msis 95"} <= found
    table = result.to_frame()
    assert list(table.columns[-6:]) == ["quantity", "estimate", "lower", "upper", "n", "unit"]
    assert not table[["estimate", "lower", "upper"]].isna().any(axis=None)
    assert ((table["lower"] <= table["estimate"]) & (table["estimate"] <= table["upper"])).all()


def test_mase_is_the_mean_of_scaled_errors_of_the_detail(result):
    part = result.detail[result.detail["band"] == "1-3"]
    expected = ((part["actual"] - part["estimate"]).abs() / part["scale"]).mean()
    scores = result.scores.query("series == 'all' and band == '1-3' and quantity == 'mase' and target == 'all'")
    assert scores["estimate"].item() == pytest.approx(expected)


def test_skill_against_a_benchmark_is_one_minus_the_ratio_of_errors(result):
    part = result.detail[result.detail["band"] == "4-6"]
    ours, theirs = (((part["actual"] - part[name]).abs() / part["scale"]).sum() for name in ("estimate", "naive"))
    row = result.skill.query("series == 'all' and band == '4-6' and against == 'naive' and quantity == 'skill'")
    assert row["estimate"].item() == pytest.approx(1 - ours / theirs)


def test_targets_of_2020_to_2022_stand_apart(result):
    assert (result.detail["period"].map(lambda period: period.year) <= 2020).all()
    later = backtest.rolling(panel(132), 12, 12, [84, 90, 108, 114]).scores
    assert {"all", "2020-2022", "other years"} == set(later["target"])


def test_a_plain_trend_with_season_shows_skill_and_a_random_walk_does_not():
    months = np.arange(120)
    rng = np.random.default_rng(3)
    steady = pd.concat(
        [
            frame(60 + 0.8 * months + 15 * np.sin(2 * np.pi * months / 12 + k) + rng.normal(0, 2, 120), k)
            for k in range(6)
        ]
    )
    wild = pd.concat([frame(500 + np.cumsum(rng.normal(0, 10, 120)), k) for k in range(6)])
    assert backtest.rolling(steady, 12, 12, 6).skill_horizon(against="seasonal naive") >= 6
    assert backtest.rolling(wild, 12, 12, 6).skill_horizon(against="naive") == 0


def test_skill_of_an_unknown_block_is_refused(result):
    for asked in ({"block": "elsewhere"}, {"series": "elsewhere"}, {"against": "a coin"}):
        with pytest.raises(InputError, match=r"elsewhere|a coin"):
            result.skill_horizon(**asked)


def test_a_municipality_without_vacancies_shows_no_skill_and_no_missing_score():
    found = backtest.rolling(frame(np.zeros(72)), 6, 12, 3)
    assert found.skill_horizon() == 0
    table = found.to_frame()
    assert not table[["estimate", "lower", "upper"]].isna().any(axis=None)
    assert (table.loc[table["quantity"] == "coverage 80", "estimate"] == 1).all()


@pytest.mark.parametrize("origins", [0, [10], [500]])
def test_origins_without_two_seasons_before_or_an_outcome_after_are_refused(origins):
    with pytest.raises(InputError, match="origins"):
        backtest.rolling(panel(series=1), 6, 12, origins)


@pytest.mark.parametrize(("horizon", "season", "expected"), [
    (18, 12, [(1, 3), (4, 6), (7, 12), (13, 18)]),
    (12, 4, [(1, 4), (5, 8), (9, 12)]),
    (5, 4, [(1, 4), (5, 5)]),
    (3, 1, [(1, 1), (2, 2), (3, 3)]),
])  # fmt: skip
def test_bands_follow_the_season(horizon, season, expected):
    assert backtest.bands(horizon, season) == expected


def test_calibration_keeps_points_and_widens_what_missed(result):
    made = forecast.forecast(panel(), 12)
    found = calibrate.calibrate(made, result)
    assert np.array_equal(found.estimate, made.estimate)
    low, high = found.bounds(0.80)
    native_low, native_high = forecast.quantile(made.native, 0.1), forecast.quantile(made.native, 0.9)
    assert (high - low >= native_high - native_low - 1e-9).all()
    assert found.calibration.startswith("9 origins")


def test_calibration_asks_for_the_same_series_horizon_and_season(result):
    with pytest.raises(InputError, match="horizon"):
        calibrate.calibrate(forecast.forecast(panel(), 6), result)
    with pytest.raises(InputError, match="must hold every series"):
        calibrate.calibrate(forecast.forecast(frame(np.arange(1.0, 61.0), label="elsewhere"), 12), result)


def test_what_a_backtest_learned_is_used_and_only_for_its_own_history(result):
    made = forecast.forecast(panel(), 12, learned=result.walk)
    again = forecast.forecast(panel(), 12, learned=result.walk)
    assert np.array_equal(made.quantiles, again.quantiles)
    with pytest.raises(InputError, match="learned"):
        forecast.forecast(panel(series=2), 12, learned=result.walk)


def test_with_a_hierarchy_detail_is_coherent_and_shares_are_a_benchmark():
    tree = pd.DataFrame({"total": "t", "group": ["g", "g", "h"], "bottom": [0, 1, 2]})
    found = backtest.rolling(panel(series=3), 6, 12, 3, tree)
    wide = found.detail.pivot_table(index=["origin", "step"], columns="series", values="estimate")
    assert np.abs(wide["t"] - wide[[0, 1, 2]].sum(axis=1)).max() < 1e-8
    assert np.abs(wide["g"] - wide[[0, 1]].sum(axis=1)).max() < 1e-8
    assert "constant share" in set(found.skill["against"])
    assert not (found.skill["against"].eq("constant share") & found.skill["block"].eq("total")).any()
    base = forecast.forecast(panel(series=3), 6, hierarchy=tree, learned=found.walk)
    made = calibrate.calibrate(reconcile.reconcile(base, tree), found)
    assert made.calibration.endswith("after reconciliation")
