"""Registers of subsidies, loans and applications in the form that the methods ask for."""

import numpy as np
import pandas as pd
import pytest

from studie.data import means
from studie.errors import InsufficientDataError

HIERARCHY = pd.DataFrame({"arrondissement": {11002: "A", 13025: "T"}})
PROJECT = pd.DataFrame(
    {
        "project_id": ["p1", "p2", "p3"],
        "region": ["municipality:11002", "province:10000", "municipality:13025"],
        "sector": ["zorg", "bouw", "bouw"],
        "year": [2024, 2025, 2025],
        "subsidy_euro": [50_000.0, None, 20_000.0],
        "places_created": pd.array([3, 2, None], dtype="Int64"),
        "places_kept_12_months": pd.array([2, None, None], dtype="Int64"),
    }
)
LOAN = pd.DataFrame(
    {
        "loan_id": ["l1"],
        "region": ["municipality:13025"],
        "year": [2023],
        "amount_euro": [30_000.0],
        "jobs_created": pd.array([2], dtype="Int64"),
    }
)


def test_subsidies_and_loans_stand_in_one_form():
    found = means.grants(PROJECT, LOAN, HIERARCHY)
    assert list(found.columns) == ["lever", "area", "year", "euro", "places", "kept"]
    assert found["lever"].tolist() == [means.PROJECTS] * 3 + [means.LOANS]
    assert found["area"].tolist() == ["A", "province:10000", "T", "T"]
    assert found.loc[0, ["euro", "places", "kept"]].tolist() == [50_000, 3, 2]
    assert found["kept"].isna().tolist() == [False, True, True, True]
    assert np.isnan(found.loc[1, "euro"]) and np.isnan(found.loc[2, "places"])


def test_one_register_is_enough_and_none_is_too_little():
    assert set(means.grants(PROJECT.iloc[:0], LOAN, HIERARCHY)["lever"]) == {means.LOANS}
    assert set(means.grants(PROJECT, LOAN.iloc[:0], HIERARCHY)["lever"]) == {means.PROJECTS}
    with pytest.raises(InsufficientDataError, match="no subsidy and no loan"):
        means.grants(PROJECT.iloc[:0], LOAN.iloc[:0], HIERARCHY)


def test_projects_of_the_last_year_stand_for_applications_where_there_are_none():
    found = means.applications(PROJECT)
    assert found["application"].tolist() == ["p2", "p3"]
    assert found["refnis"].isna().tolist() == [True, False]
    assert found["challenge"].isna().all()
    assert set(found["year"]) == {2025}
    assert means.applications(PROJECT.iloc[:0]).empty


def test_real_applications_go_first_and_only_those_that_wait():
    application = pd.DataFrame(
        {
            "application_id": ["a1", "a2", "a3", "a4", "a5"],
            "scheme_id": [*["projectsubsidie-inclusieve-economie"] * 4, "kmo-portefeuille"],
            "region": ["municipality:11002", *["municipality:13025"] * 2, "province:10000", "municipality:13025"],
            "decision": ["in behandeling", "goedgekeurd", *["in behandeling"] * 3],
            "priority": ["maatschappelijke uitdaging", "geen", "geen", None, "geen"],
        }
    )
    found = means.applications(PROJECT, application)
    assert found["application"].tolist() == ["a1", "a3", "a4"]
    assert found["challenge"].tolist()[:2] == ["ja", "nee"]
    assert pd.isna(found["challenge"].iloc[2])
    assert found["year"].isna().all()
    assert len(means.applications(PROJECT, application.iloc[:0])) == 2
    assert means.applications(PROJECT, application.iloc[1:2])["application"].tolist() == ["p2", "p3"]


def test_values_of_municipalities_add_up_per_arrondissement_and_unknown_stays_unknown():
    values = pd.Series({11002: 4.0, 13025: np.nan, 99999: 7.0})
    found = means.per_arrondissement(values, HIERARCHY)
    assert found["A"] == 4
    assert np.isnan(found["T"])
    assert set(found.index) == {"A", "T"}
