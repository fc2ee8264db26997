from typing import Any

import numpy as np
import pandas as pd
import pytest

from studie.data.measured import Measured
from studie.data.measures import COMPUTED, published_value

REFNIS = [11001, 11002, 11004]


def frame(*rows: dict[str, Any], status: str = "own") -> pd.DataFrame:
    return pd.DataFrame([{"data_status": status, **row} for row in rows])


def value(name: str, *frames: pd.DataFrame) -> Measured | None:
    measure = COMPUTED[name]
    return measure.of(dict(zip(measure.tables, frames, strict=True)), REFNIS)


def known(name: str, *frames: pd.DataFrame) -> Measured:
    found = value(name, *frames)
    assert found is not None
    return found


PROJECT = frame(
    {"sector": "zorg", "year": 2021, "subsidy_euro": 1000.0, "places_created": 4, "places_kept_12_months": 2},
    {"sector": "bouw", "year": 2022, "subsidy_euro": 500.0, "places_created": 1, "places_kept_12_months": None},
)
LAST = pd.Timestamp("2024-12-31")
PLACE = {"work_form": "CMW", "activity": "groen", "date": LAST, "places": 3.0, "status": "counted"}
OFFER = frame(
    {**PLACE, "establishment_number": "a"},
    {**PLACE, "establishment_number": "b", "activity": "was", "places": None, "status": "unknown"},
    {**PLACE, "establishment_number": "a", "date": pd.Timestamp("2023-12-31"), "places": 99.0},
    {**PLACE, "establishment_number": "c", "places": 5.0},
)
SITE = {"nace_code": "86101", "nace_version": 2008, "name": "x"}
ESTABLISHMENT = frame(
    {**SITE, "establishment_number": "a", "enterprise_number": "A", "refnis": 11001},
    {**SITE, "establishment_number": "b", "enterprise_number": "B", "refnis": 11002},
    {**SITE, "establishment_number": "c", "enterprise_number": "C", "refnis": 99999},
    {**SITE, "establishment_number": "d", "enterprise_number": "D", "refnis": 11004},
    status="demonstration",
)
ENTERPRISE = frame(
    {"enterprise_number": "A", "form": "reguliere onderneming"},
    {"enterprise_number": "B", "form": "reguliere onderneming"},
    {"enterprise_number": "C", "form": "lokaal bestuur"},
    {"enterprise_number": "D", "form": "reguliere onderneming"},
)
SECTOR = frame({"sector": "zorg", "nace_version": 2008, "division_from": 86, "division_to": 88})
DAY = {"date": LAST, "dutch_level": "goed", "support": "nee"}
PANEL = frame(
    *({**DAY, "person_id": f"p{i}", "step": "5", "support": "ja"} for i in range(12)),
    *({**DAY, "person_id": f"q{i}", "step": "3-4", "dutch_level": "geen"} for i in range(12)),
    {**DAY, "person_id": "lost", "step": "uit_beeld"},
    {**DAY, "person_id": "gone", "step": "exit_moved"},
    {**DAY, "person_id": "p1", "step": "6", "date": pd.Timestamp("2024-11-30")},
)
TIE = {"kind": "samenwerking", "year": 2024, "confirmed": False}


@pytest.mark.parametrize("name", sorted(COMPUTED))
def test_an_empty_table_makes_a_measure_unknown_and_never_zero(name: str) -> None:
    empty = [pd.DataFrame(columns=["data_status"]) for _ in COMPUTED[name].tables]
    assert value(name, *empty) is None


def test_projects_are_counted_also_per_sector_and_none_of_a_sector_is_zero() -> None:
    assert known("projects_care", PROJECT).estimate == 1
    assert known("projects_industry_logistics", PROJECT).estimate == 0


def test_several_years_are_said_to_run_to_the_last_and_one_day_is_said_as_it_is() -> None:
    assert known("projects_care", PROJECT).period == "../2022"
    assert known("registered_places", OFFER, ESTABLISHMENT).period == "2024-12-31"


def test_cost_per_place_is_total_over_total_of_the_rows_that_know_both() -> None:
    assert known("euro_per_place", PROJECT).estimate == pytest.approx(1500 / 5)
    assert known("euro_per_kept_place", PROJECT).estimate == pytest.approx(1000 / 2)


def test_cost_is_unknown_where_nothing_was_created() -> None:
    loan = frame({"year": 2021, "amount_euro": 100.0, "jobs_created": 0})
    assert value("euro_per_job", loan) is None


def test_places_are_those_of_known_size_on_the_last_date() -> None:
    assert known("registered_places", OFFER, ESTABLISHMENT).estimate == 8
    assert known("places_local_government", OFFER, ESTABLISHMENT, ENTERPRISE).estimate == 5


def test_a_municipality_with_only_an_offer_of_unknown_size_is_unknown() -> None:
    assert known("municipalities_with_offer", OFFER, ESTABLISHMENT).estimate == 1
    assert known("municipalities_unknown", OFFER, ESTABLISHMENT).estimate == 2
    assert known("uniform_municipalities", OFFER, ESTABLISHMENT).estimate == 1


def test_firms_with_places_of_unknown_size_are_neither_with_nor_without() -> None:
    tables = (OFFER, ESTABLISHMENT, ENTERPRISE, SECTOR)
    assert known("firms_with_places", *tables).estimate == 1
    assert known("firms_without_places", *tables).estimate == 1


def test_the_status_of_every_table_read_is_kept() -> None:
    assert known("registered_places", OFFER, ESTABLISHMENT).statuses == {
        "offer": frozenset({"own"}),
        "establishment": frozenset({"demonstration"}),
    }


def test_ties_that_only_the_plan_names_do_not_count() -> None:
    plan = frame({**TIE, "origin": "commitment"}, status="observed")
    asked = frame({**TIE, "origin": "survey", "confirmed": True})
    both = pd.concat([plan, asked], ignore_index=True)
    assert value("cooperation_ties", plan) is None
    assert value("confirmed_ties", plan) is None
    assert known("cooperation_ties", both).estimate == 1
    assert known("confirmed_ties", both).estimate == 1
    assert known("confirmed_ties", both).statuses == {"partner_tie": frozenset({"own"})}


def test_shares_are_of_the_persons_in_sight_at_the_last_snapshot_and_n_is_no_exact_count() -> None:
    found = known("share_on_steps_3_5", PANEL)
    assert found.estimate == pytest.approx(12 / 24)
    assert found.n == 20
    assert known("share_between_steps", PANEL).estimate == pytest.approx(0.5)
    assert known("supported_share", PANEL).estimate == pytest.approx(0.5)
    assert known("little_dutch", PANEL).estimate == pytest.approx(0.5)


def test_the_share_with_a_place_leaves_out_cells_that_hide_a_part() -> None:
    day = {"date": LAST, "method": "counted"}
    need = frame(
        {**day, "placed": 30, "waiting": 10}, {**day, "placed": 99, "waiting": None, "method": "estimated"},
        {**day, "placed": 1, "waiting": 1000, "date": pd.Timestamp("2023-12-31")},
    )  # fmt: skip
    assert known("placed_share", need).estimate == pytest.approx(0.75)
    assert known("counted_need", need).estimate == pytest.approx(0.5)


def test_training_shares_use_only_rows_that_know_both_numbers() -> None:
    rows = frame(
        {"year": 2024, "participants": 40, "completed": 30, "to_work": None},
        {"year": 2024, "participants": 10, "completed": None, "to_work": 4},
    )
    assert known("completed_share", rows).estimate == pytest.approx(30 / 40)
    assert known("to_work_share", rows).estimate == pytest.approx(4 / 10)
    assert known("trainings", rows).estimate == 2
    few = frame({"year": 2024, "participants": 7, "completed": 5, "to_work": 7})
    assert known("completed_share", few).n == 7  # fewer than ten are told, so that the share is hidden


def test_tasks_that_nobody_judged_leave_the_number_unknown() -> None:
    judged = frame({"carvable": True}, {"carvable": False}, {"carvable": None})
    assert known("carvable_tasks", judged).estimate == 1
    assert value("carvable_tasks", frame({"carvable": None})) is None
    assert known("screened_tasks", judged).estimate == 3


def test_an_area_with_one_doubtful_member_is_not_confirmed_but_its_municipalities_count() -> None:
    area = {"grouping": "working-area", "status": "confirmed"}
    rows = frame(
        {**area, "group": "A", "refnis": 11001}, {**area, "group": "B", "refnis": 11002},
        {**area, "group": "B", "refnis": 11004, "status": "possible"},
        {**area, "group": "C", "refnis": 11001, "grouping": "streekwerking"},
    )  # fmt: skip
    assert known("confirmed_areas", rows).estimate == 1
    assert known("municipalities_in_areas", rows).estimate == 3


def test_enterprises_are_counted_by_form_and_groups_once() -> None:
    groups = frame({"target_group": "a"}, {"target_group": "b"}, {"target_group": "a"})
    assert known("regular_enterprises", ENTERPRISE).estimate == 3
    assert known("social_enterprises", ENTERPRISE).estimate == 0
    assert known("groups_with_offer", groups).estimate == 2
    assert known("municipalities", frame({"refnis": 11001})).estimate == 3


def published(*rows: tuple[str, str, float]) -> pd.DataFrame:
    about = {"indicator_id": "wait", "unit": "personen", "note": "met Zwijndrecht"}
    found = [{**about, "region": region, "period": period, "value": number} for region, period, number in rows]
    return frame(*found, status="observed")


def test_a_published_value_is_the_newest_that_is_known_in_the_first_region_that_has_one() -> None:
    rows = published(("f", "2024", 9.0), ("p", "2022", 1.0), ("p", "2023", 2.0), ("p", "2024", np.nan))
    found = published_value(rows, "wait", regions=("p", "f"))
    assert found is not None
    assert (found.estimate, found.period, found.region, found.unit) == (2.0, "2023", "p", "personen")
    assert found.remark == "met Zwijndrecht"
    other = published_value(rows, "wait", regions=("x", "f"))
    assert other is not None
    assert other.estimate == 9.0


def test_an_indicator_without_a_known_figure_has_no_value() -> None:
    assert published_value(published(("p", "2024", np.nan)), "wait", regions=("p",)) is None
