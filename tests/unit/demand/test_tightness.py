"""Tightness: which way to read it, means not sums, classes, and the two rules."""

import numpy as np
import pandas as pd
import pytest

from studie.demand import tightness
from studie.errors import InputError

CLASSES = pd.DataFrame(
    {
        "class_nl": ["zeer krap", "krap", "evenwicht", "ruim", "zeer ruim"],
        "vacancies_per_jobseeker_from": [4.0, 1.5, 0.67, 0.25, 0.0],
        "vacancies_per_jobseeker_to": [np.nan, 4.0, 1.5, 0.67, 0.25],
    }
)


def stocks(jobseekers, vacancies, n=12, region="p"):
    period = pd.period_range("2023-01", periods=n, freq="M").astype(str)
    return pd.DataFrame({"region": region, "period": period, "jobseekers": jobseekers, "vacancies": vacancies})


def ask(rows, **options):
    return tightness.tightness(rows, CLASSES, keys=["region"], **options)


def test_lower_is_tighter_for_vdab_and_higher_is_tighter_for_uwv():
    tight = ask(stocks(100.0, 500.0)).table.iloc[0]
    slack = ask(stocks(500.0, 100.0)).table.iloc[0]
    assert tight["jobseekers_per_vacancy"] == pytest.approx(0.2) and slack["jobseekers_per_vacancy"] == pytest.approx(5)
    assert tight["vacancies_per_jobseeker"] == pytest.approx(5) and slack["vacancies_per_jobseeker"] == pytest.approx(
        0.2
    )
    assert (tight["class_nl"], slack["class_nl"]) == ("zeer krap", "zeer ruim")


def test_the_two_ways_round_are_each_others_inverse_with_their_bounds_swapped():
    rng = np.random.default_rng(2)
    one = ask(stocks(rng.uniform(80, 120, 24), rng.uniform(40, 60, 24), 24)).table
    assert np.allclose(one["jobseekers_per_vacancy"] * one["vacancies_per_jobseeker"], 1)
    assert np.allclose(one["jobseekers_per_vacancy_lower"] * one["vacancies_per_jobseeker_upper"], 1)


def test_open_vacancies_are_averaged_over_months_never_summed():
    one = ask(stocks(np.full(24, 300.0), np.full(24, 100.0), 24)).table
    assert (one["vacancies"] == 100).all()
    assert (one["months"] == 12).all() and len(one) == 13


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [(4.0, "zeer krap"), (3.99, "krap"), (1.5, "krap"), (0.67, "evenwicht"), (0.25, "ruim"), (0.1, "zeer ruim")],
)
def test_a_class_holds_its_lower_bound(ratio, expected):
    assert ask(stocks(100.0, 100 * ratio)).table["class_nl"].item() == expected


def test_no_vacancies_give_no_ratio_one_way_and_zero_the_other_and_no_missing_row():
    found = ask(stocks(50.0, 0.0))
    assert found.table["class_nl"].item() == "zeer ruim"
    frame = found.to_frame()
    assert frame["quantity"].tolist() == ["vacancies_per_jobseeker"]
    assert not frame.isna().any(axis=None)


def test_neither_stock_is_unknown():
    assert ask(stocks(0.0, 0.0)).table["class_nl"].item() == "onbekend"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.assign(vacancies=-1.0), "at least 0"),
        (lambda d: pd.concat([d, d.tail(1)]), "twice"),
        (lambda d: d.drop(index=5), "gap after 2023-05"),
        (lambda d: d.head(6), "at least 12 months"),
        (lambda d: d.drop(columns="vacancies"), "got no vacancies"),
    ],
)
def test_bad_stocks_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        ask(change(stocks(np.full(12, 5.0), np.full(12, 5.0))))


def test_classes_that_leave_a_gap_are_refused():
    with pytest.raises(InputError, match="classes"):
        tightness.tightness(stocks(1.0, 1.0), CLASSES.drop(index=2), keys=["region"])


@pytest.mark.slow
def test_the_interval_of_the_ratio_covers_the_level_that_lasts():
    # Log ratio: level + first-order autoregression (.6). Twelve months say little about their own dependence: .93
    # when tried with 1500 runs; 250 runs: 3 standard errors are .045.
    rng = np.random.default_rng(4)
    covered = 0
    for _ in range(250):
        noise = np.zeros(60)
        for t in range(1, 60):
            noise[t] = 0.6 * noise[t - 1] + rng.normal(0, 0.1)
        rows = stocks(1000 * np.exp(noise[-12:]), np.full(12, 500.0))
        row = ask(rows).table.iloc[0]
        covered += row["jobseekers_per_vacancy_lower"] <= 2.0 * np.exp(0.0078) <= row["jobseekers_per_vacancy_upper"]
    assert covered / 250 > 0.885


def quarters(rates, n=12):
    period = pd.period_range("2021Q1", periods=n, freq="Q").astype(str)
    parts = [
        pd.DataFrame({"region": "p", "sector": name, "period": period, "vacancies": 1000 * np.asarray(rate)})
        for name, rate in rates.items()
    ]
    return pd.concat(parts).assign(jobs=1000.0)


def test_a_shortage_sector_is_above_the_average_in_eight_of_twelve_quarters():
    above = np.r_[np.full(8, 0.08), np.full(4, 0.01)]
    seven = np.r_[np.full(7, 0.08), np.full(5, 0.01)]
    found = tightness.shortage_sectors(quarters({"zorg": above, "bouw": seven, "rest": np.full(12, 0.03)}))
    found = found.set_index("sector")
    assert found.loc["zorg", "quarters_above"] == 8 and found.loc["zorg", "shortage_sector"] == "ja"
    assert found.loc["bouw", "quarters_above"] == 7 and found.loc["bouw", "shortage_sector"] == "nee"
    assert found.loc["zorg", "period"] == "2021Q1/2023Q4"


def test_a_filled_share_below_the_median_makes_a_shortage_sector_too():
    filled = pd.DataFrame({"region": "p", "sector": ["zorg", "bouw", "rest"], "share": [0.5, 0.7, 0.9]})
    flat = quarters({name: np.full(12, 0.03) for name in ("zorg", "bouw", "rest")})
    found = tightness.shortage_sectors(flat, filled=filled).set_index("sector")["shortage_sector"]
    assert found.to_dict() == {"zorg": "ja", "bouw": "nee", "rest": "nee"}


def test_unknown_quarters_decide_nothing():
    found = tightness.shortage_sectors(quarters({"zorg": np.full(6, 0.08), "rest": np.full(6, 0.01)}, 6))
    assert found.set_index("sector").loc["zorg", "shortage_sector"] == "onbekend"


def test_the_vacancy_rate_is_vacancies_over_jobs_and_vacancies():
    found = tightness.shortage_sectors(quarters({"zorg": np.full(12, 0.25), "rest": np.full(12, 0.01)}))
    row = found.set_index("sector").loc["zorg"]
    assert row["estimate"] == pytest.approx(250 / 1250)
    assert row["lower"] < 0.2 < row["upper"]


def test_a_shortage_region_is_tighter_than_the_province_in_three_of_four_years():
    rows = [("p", year, 5.0) for year in range(2021, 2025)]
    rows += [("a", year, value) for year, value in zip(range(2021, 2025), (4, 4, 4, 6), strict=True)]
    rows += [("b", year, value) for year, value in zip(range(2021, 2025), (4, 4, 6, 6), strict=True)]
    rows += [("c", 2023, 4), ("c", 2024, 4)]
    yearly = pd.DataFrame(rows, columns=["region", "year", "jobseekers_per_vacancy"])
    found = tightness.shortage_regions(yearly, reference="p").set_index("region")["shortage_region"]
    assert found.to_dict() == {"a": "ja", "b": "nee", "c": "onbekend"}


def test_the_province_must_be_in_the_table():
    yearly = pd.DataFrame({"region": ["a"], "year": [2024], "jobseekers_per_vacancy": [1.0]})
    with pytest.raises(InputError, match="reference"):
        tightness.shortage_regions(yearly, reference="p")
