"""Short, broken and stale series: a clear error, or a fallback that says so."""

import numpy as np
import pandas as pd
import pytest

from studie.demand import backtest, forecast, reconcile, tightness
from studie.errors import InputError

MONTHS = pd.period_range("2019-01", periods=60, freq="M").astype(str)
VALUES = np.random.default_rng(1).poisson(20, 60).astype(float)
HIERARCHY = pd.DataFrame({"all": ["T", "T"], "municipality": ["a", "b"]})


def series(label, values=VALUES, months=MONTHS):
    return pd.DataFrame({"series": label, "period": months, "value": values})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"horizon": 0}, "horizon: must be a whole number"),
        ({"horizon": 1.5}, "horizon: must be a whole number"),
        ({"origins": 1.5}, "origins: must be a whole number or a sequence"),
        ({"origins": None}, "origins: must be a whole number or a sequence"),
        ({"level": 95}, "level: must be coverages"),
    ],
)
def test_a_backtest_refuses_what_it_cannot_do(changes, message):
    options = {"horizon": 6, "season": 12, "origins": 2, **changes}
    with pytest.raises(InputError, match=message):
        backtest.rolling(series("a"), **options)


def test_a_long_gap_in_one_part_of_a_hierarchy_is_named():
    gap = pd.concat([series("a"), series("b").drop(range(44, 52))])
    with pytest.raises(InputError, match="every series of a hierarchy needs two seasons"):
        backtest.rolling(gap, 6, 12, 2, HIERARCHY)


def test_a_short_part_shortens_only_its_own_sum_and_the_note_says_so():
    parts = pd.concat([series("a"), series("b", VALUES[-5:], MONTHS[-5:])])
    methods = forecast.forecast(parts, 6, 12, (0.8,), hierarchy=HIERARCHY).methods.set_index("series")
    assert methods.loc["T", "n"] == 5
    assert "as long as that of b" in methods.loc["T", "note"]


def test_a_given_sum_that_reaches_further_back_is_used():
    parts = pd.concat([series("a"), series("b", VALUES[-5:], MONTHS[-5:])])
    total = parts.groupby("period", as_index=False)["value"].sum().assign(series="T")
    methods = forecast.forecast(pd.concat([parts, total]), 6, 12, (0.8,), hierarchy=HIERARCHY).methods
    assert methods.set_index("series").loc["T", "n"] == 60


def test_a_repair_in_one_part_does_not_excuse_another_sum():
    two = pd.DataFrame({"group": ["g", "h", "h"], "municipality": ["a", "b", "c"]})
    wrong = series("h", 3 * VALUES)
    gap = series("a").drop(14)
    with pytest.raises(InputError):
        forecast.forecast(pd.concat([gap, series("b"), series("c"), wrong]), 6, 12, (0.8,), hierarchy=two)


def test_a_sector_without_recent_quarters_is_unknown_and_not_judged_on_old_ones():
    rows = [
        ("r", sector, str(quarter), value, 100.0)
        for i, quarter in enumerate(pd.period_range("2015Q1", periods=32, freq="Q"))
        for sector, value in (("A", 10.0 if i < 12 else np.nan), ("B", 1.0))
    ]
    columns = ["region", "sector", "period", "vacancies", "jobs"]
    rule = tightness.shortage_sectors(pd.DataFrame(rows, columns=columns)).set_index("sector")
    assert rule.loc["A", "shortage_sector"] == "onbekend"
    assert rule.loc["A", "quarters_known"] == 0


def test_a_row_without_a_series_is_refused_and_not_dropped():
    with pytest.raises(InputError, match="every row needs a series, got 1 without"):
        forecast.forecast(series("a").assign(series=["a"] * 59 + [None]), 3, 12, (0.8,))


def points(months, value=10.0):
    return pd.DataFrame([(s, m, value) for s in "Tab" for m in months], columns=["series", "period", "estimate"])


@pytest.mark.parametrize(
    ("base", "message"),
    [
        (points(["2024-01", "2024-04"]), "periods must follow each other without a gap"),
        (points(["2024-01"], np.inf), "estimate must be a finite number"),
        (points(["2024-01"], "x"), "estimate must be a finite number"),
        (points([]), "at least one row is needed"),
    ],
)
def test_points_with_gaps_or_without_numbers_are_not_reconciled(base, message):
    with pytest.raises(InputError, match=message):
        reconcile.reconcile(base, HIERARCHY, method="ols")


def test_a_region_without_known_years_stays_in_the_table_as_unknown():
    rows = [("p", 2010 + i, 2.0) for i in range(10)] + [("q", 2010 + i, 1.0) for i in range(3)]
    yearly = pd.DataFrame(rows, columns=["region", "year", "jobseekers_per_vacancy"])
    found = tightness.shortage_regions(yearly, reference="p").set_index("region")
    assert found.loc["q", "shortage_region"] == "onbekend"
