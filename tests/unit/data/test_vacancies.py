"""Vacancies as series."""

from types import SimpleNamespace

import pandas as pd
import pytest

from studie.data import vacancies
from studie.errors import InputError, InsufficientDataError

ROWS = pd.DataFrame(
    {
        "region": ["region:02000", "municipality:1"],
        "sector": ["bouw", "bouw"],
        "period": ["2026-04", "2026-04"],
        "received": [1414, 3],
        "open": [4420, 5],
        "data_status": ["observed", "demonstration"],
    }
)


def test_observed_and_demonstration_series_never_mix():
    observed = vacancies.history(ROWS, data_status="observed")
    assert observed["series"].tolist() == [("region:02000", "bouw")]
    assert observed["value"].tolist() == [1414]


def test_open_vacancies_are_another_series_than_received_ones():
    assert vacancies.history(ROWS, data_status="observed", value="open")["value"].tolist() == [4420]


def test_no_rows_give_an_empty_history():
    assert vacancies.history(ROWS, data_status="own").empty


def test_a_region_that_is_no_node_leans_on_the_areas_around_it():
    known = [("province:1", "zorg"), ("arrondissement:2", "zorg"), ("municipality:3", "zorg")]
    told = SimpleNamespace(forecast=SimpleNamespace(series=known))
    assert vacancies.nodes(told, "arrondissement:2", ["zorg"]) == {"zorg": [known[1]]}
    assert vacancies.nodes(told, "working-area:x", ["zorg"]) == {"zorg": known[:2]}


def test_a_flemish_series_says_nothing_about_municipalities():
    with pytest.raises(InsufficientDataError, match="no series by municipality"):
        vacancies.municipal_history(ROWS, data_status="observed")
    assert len(vacancies.municipal_history(ROWS, data_status="demonstration")) == 1


def test_the_rest_of_flanders_closes_the_sum():
    observed = vacancies.history(ROWS, data_status="observed")
    closed = vacancies.with_rest(vacancies.municipal_history(ROWS, data_status="demonstration"), observed)
    assert closed["value"].sum() == 1414
    assert closed["series"].tolist()[-1] == (vacancies.REST, "bouw")


def test_municipalities_that_exceed_flanders_are_refused():
    observed = vacancies.history(ROWS.assign(received=[2, 3]), data_status="observed")
    with pytest.raises(InputError, match="must not exceed Flanders, got more in 2026-04"):
        vacancies.with_rest(vacancies.municipal_history(ROWS, data_status="demonstration"), observed)


def test_flanders_is_the_outermost_level_of_sectors_with_a_flemish_series_only():
    areas = pd.DataFrame(
        {"province": ["p"], "arrondissement": ["a"], "grouping": ["g"], "municipality": ["municipality:1"]}, index=[1]
    )
    levels = vacancies.hierarchy(areas, ["bouw", "zorg"], flemish=["bouw"])
    assert list(levels.columns) == ["flanders", *vacancies.LEVELS]
    assert levels["flanders"].isna().tolist() == [False, True, False]
    assert levels["municipality"].tolist()[-1] == (vacancies.REST, "bouw")
    assert list(vacancies.hierarchy(areas, ["zorg"]).columns) == list(vacancies.LEVELS)


def employment(**changes):
    rows = [
        {"region": f"municipality:{m}", "sector": "zorg", "period": year, "age_band": band, "persons": 10 * m,
         "data_status": "demonstration", **changes}
        for m in (1, 2) for year in ("2023", "2024") for band in ("15-19", "20-24")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_jobs_of_municipalities_add_up_per_age():
    jobs = vacancies.jobs_by_age(employment(), data_status="demonstration", region="r")
    assert jobs["persons"].tolist() == [30] * 4
    assert sorted(set(jobs["age_from"])) == [15, 20]


def test_jobs_without_age_are_no_cohorts():
    with pytest.raises(InsufficientDataError, match="no jobs by age"):
        vacancies.jobs_by_age(employment(age_band="alle"), data_status="demonstration", region="r")


def test_the_vacancy_rate_has_the_stock_at_the_end_of_the_quarter_and_the_jobs_of_the_year():
    vacancy = pd.DataFrame(
        {
            "region": "municipality:1",
            "sector": "zorg",
            "period": [f"2024-{m:02d}" for m in range(1, 7)] + ["2026-03"],
            "open": range(7),
            "received": 1,
            "data_status": "demonstration",
        }
    )
    jobs = vacancies.jobs_by_age(employment(), data_status="demonstration", region="r")
    rates = vacancies.vacancy_rates(vacancy, jobs, data_status="demonstration", region="r")
    assert rates["period"].tolist() == ["2024Q1", "2024Q2"]
    assert rates["vacancies"].tolist() == [2, 5]
    assert rates["jobs"].tolist() == [60, 60]
