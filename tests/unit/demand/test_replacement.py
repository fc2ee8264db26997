"""Expansion and replacement: cohort differences as arithmetic, unknown where age is not given."""

import numpy as np
import pandas as pd
import pytest

from studie.demand import replacement
from studie.errors import InputError


def employment(by_year):
    rows = [("p", "zorg", year, age, persons) for year, ages in by_year.items() for age, persons in ages.items()]
    return pd.DataFrame(rows, columns=["region", "sector", "year", "age_from", "persons"])


def figures(found):
    return found.table.set_index("component")["estimate"].to_dict()


def test_replacement_is_the_fall_of_cohorts_a_year_and_expansion_the_change_in_jobs():
    # 25-29 of 2015: 100 -> 30-34 of 2020: 90 (10 gone). 50-54: 80 -> 55-59: 70 (10 gone, start under 55). 55-59 and
    # 60+: 60 + 20 -> 60+: 30 (50 gone). Totals 260 -> 290: expansion 30 in 5 years.
    found = replacement.labour_demand(
        employment({2015: {25: 100, 30: 0, 50: 80, 55: 60, 60: 20}, 2020: {25: 100, 30: 90, 50: 0, 55: 70, 60: 30}})
    )
    assert figures(found) == pytest.approx(
        {"expansion": 6.0, "replacement": 14.0, "replacement 55+": 10.0, "replacement under 55": 4.0}
    )


def test_a_growing_cohort_does_not_hide_the_outflow_of_another():
    found = replacement.labour_demand(employment({2015: {25: 100, 30: 100, 35: 0}, 2020: {25: 0, 30: 150, 35: 60}}))
    assert figures(found)["replacement under 55"] == pytest.approx(8.0)


def test_without_age_replacement_is_unknown_not_zero():
    rows = employment({2015: {25: 100}, 2016: {25: 110}, 2017: {25: 120}}).drop(columns="age_from")
    found = replacement.labour_demand(rows).table.set_index("component")
    assert found.loc["expansion", "status"] == "estimated"
    assert found.loc["replacement", "status"] == "onbekend" and np.isnan(found.loc["replacement", "estimate"])


def test_years_too_close_together_leave_replacement_unknown():
    found = replacement.labour_demand(employment({2015: {25: 100, 30: 5}, 2016: {25: 100, 30: 5}})).table
    assert set(found.loc[found["component"] != "expansion", "status"]) == {"onbekend"}


def test_intervals_hold_their_estimate():
    rng = np.random.default_rng(1)
    years = {year: {age: int(rng.poisson(200)) for age in range(20, 65, 5)} for year in range(2010, 2024)}
    table = replacement.labour_demand(employment(years)).to_frame()
    assert ((table["lower"] <= table["estimate"]) & (table["estimate"] <= table["upper"])).all()
    assert (table["n"] >= 9).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.assign(persons=-1), "at least 0"),
        (lambda d: pd.concat([d, d]), "twice"),
        (lambda d: d.drop(columns="year"), "got no year"),
    ],
)
def test_bad_employment_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        replacement.labour_demand(change(employment({2015: {25: 100}})))


@pytest.mark.slow
def test_the_interval_of_expansion_covers_the_mean_growth():
    # 400 runs of ten independent yearly changes: 95 % ± 3.3 points (3 standard errors).
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(400):
        totals = 5000 + np.cumsum(rng.normal(40, 120, 11))
        rows = pd.DataFrame({"region": "p", "sector": "zorg", "year": np.arange(2010, 2021), "persons": totals})
        row = replacement.labour_demand(rows).table.set_index("component").loc["expansion"]
        covered += row["lower"] <= 40 <= row["upper"]
    assert abs(covered / 400 - 0.95) < 0.035
