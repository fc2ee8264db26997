from typing import Any

import pandas as pd
import pytest

from studie.data import contracts
from studie.data.measured import Measured
from studie.data.measures import COMPUTED
from studie.data.register_measures import PROJECT_SUBSIDY

REFNIS = [11001, 11002, 12025]
DAY = "2026-03-10"
PROVINCE = "province:10000"


def rows(table: str, *found: dict[str, Any]) -> pd.DataFrame:
    """Own rows of a table; a column that is not named is unknown."""
    blank: dict[str, object] = dict.fromkeys(contracts.contract(table).names)
    frame = pd.DataFrame([{**blank, **row} for row in found], dtype=object)
    return contracts.validate(frame, table, where=table).assign(data_status="own")


def nothing(table: str) -> pd.DataFrame:
    return contracts.empty(table).assign(data_status="")


def value(name: str, *frames: pd.DataFrame) -> Measured | None:
    measure = COMPUTED[name]
    return measure.of(dict(zip(measure.tables, frames, strict=True)), REFNIS)


def known(name: str, *frames: pd.DataFrame) -> Measured:
    found = value(name, *frames)
    assert found is not None
    return found


def meeting(number: int, kind: str, **said: Any) -> dict[str, Any]:
    return {"event_id": f"b{number}", "kind": kind, "date": DAY, "region": PROVINCE, **said}


EVENT = rows(
    "event",
    meeting(1, "dag van de inclusieve ondernemer", participants=127, date="2025-10-01"),
    meeting(2, "dag van de inclusieve ondernemer", participants=152),
    meeting(3, "gezamenlijke vorming", organisations=12, cost_euro=1500.5),
    meeting(4, "gezamenlijke vorming", organisations=3),
    meeting(5, "gesprek met een werkingsgebied", region="working-area:rivierenland"),
    meeting(6, "gesprek met een werkingsgebied", region="working-area:rivierenland"),
    meeting(7, "overleg van partners"),
)


def test_meetings_are_counted_per_kind_and_a_kind_that_nobody_registered_stays_unknown() -> None:
    assert known("partner_meetings", EVENT).estimate == 1
    assert known("joint_training", EVENT).estimate == 15
    assert known("areas_talked_to", EVENT).estimate == 1
    assert value("subsidy_sessions", EVENT) is None
    assert value("step_3_training", EVENT) is None


def test_a_sum_leaves_out_meetings_that_do_not_know_it_and_its_period_is_theirs() -> None:
    found = known("joint_training_cost", EVENT)
    assert (found.estimate, found.period, found.unit) == (1500.5, DAY, "euro")
    assert value("joint_training_cost", EVENT[EVENT["cost_euro"].isna()]) is None


def test_participants_are_a_mean_per_day_cut_to_tens_and_said_to_be() -> None:
    found = known("day_participants", EVENT)
    assert (found.estimate, found.n, found.period) == (130, 130, "../2026-03-10")  # (127 + 152) / 2 = 139.5
    assert found.remark == "naar beneden afgerond op tientallen"


@pytest.mark.parametrize(("duos", "estimate"), [((4, 3), 7), ((14, 13), 20), ((0, None), 0)])
def test_few_duos_keep_their_number_so_that_it_can_be_hidden(duos: tuple[Any, Any], estimate: float) -> None:
    pair = [
        {"region": PROVINCE, "year": 2026, "organiser": who, "duos": count}
        for who, count in zip(("provincie", "andere"), duos, strict=True)
    ]
    found = known("mentor_duos", rows("mentorship", *pair))
    assert (found.estimate, found.n, found.period) == (estimate, estimate, "2026")


def test_duos_of_unknown_number_leave_the_value_unknown() -> None:
    alone = rows("mentorship", {"region": PROVINCE, "year": 2026, "organiser": "provincie"})
    assert value("mentor_duos", alone) is None


def action(number: int, kind: str, status: str, **said: Any) -> dict[str, Any]:
    start = {"action_id": f"a{number}", "title": "iets", "region": PROVINCE, "lead": "provincie Antwerpen"}
    return {**start, "kind": kind, "status": status, **said}


PILOT = "proef met een ondersteuningsnetwerk"
ACTION = rows(
    "action",
    action(1, PILOT, "bezig", region="working-area:rivierenland"),
    action(2, PILOT, "klaar", region="working-area:rivierenland"),
    action(3, PILOT, "gepland", region="working-area:selab"),
    action(4, "mijlpaal naar het platform", "bezig"),
    action(5, "mijlpaal naar het platform", "klaar", date=DAY),
    action(6, "gezamenlijke actie", "gepland"),
    action(7, "initiatief binnen de provincie", "bezig"),
)


def test_actions_count_once_they_run_and_milestones_once_they_are_reached() -> None:
    assert known("pilot_areas", ACTION).estimate == 1
    assert known("milestones_reached", ACTION).estimate == 1
    assert known("own_initiatives", ACTION).estimate == 1


def test_actions_that_are_only_planned_are_none_and_not_unknown() -> None:
    assert known("joint_actions", ACTION).estimate == 0
    for name in ("adopting_areas", "professional_trajectories", "proposals"):
        assert value(name, ACTION) is None


def pledge(number: int, refnis: int, status: str, tailored: Any = None) -> dict[str, Any]:
    return {
        "pledge_id": f"v{number}", "refnis": refnis, "description": "vier plaatsen", "date": DAY, "status": status,
        "tailored": tailored,
    }  # fmt: skip


PLEDGE = rows(
    "pledge",
    pledge(1, 11001, "nagekomen", "ja"),
    pledge(2, 11001, "nagekomen", "ja"),
    pledge(3, 11002, "bezig", "nee"),
    pledge(4, 12025, "afgesproken"),
)


def test_municipalities_with_a_pledge_are_counted_once() -> None:
    assert known("pledges", PLEDGE).estimate == 4
    assert known("exemplary_municipalities", PLEDGE).estimate == 1
    assert known("tailored_municipalities", PLEDGE).estimate == 1
    assert value("tailored_municipalities", PLEDGE[PLEDGE["tailored"].isna()]) is None


def test_solved_needs_and_barriers_are_a_share_of_all_that_were_named() -> None:
    base = {"kind": "drempel", "description": "vervoer", "named_by": "maatwerkbedrijf", "region": PROVINCE, "date": DAY}
    found = rows(
        "signal",
        {**base, "signal_id": "1", "status": "open"},
        {**base, "signal_id": "2", "status": "niet weg te werken"},
        {**base, "signal_id": "3", "status": "weggewerkt"},
        {**base, "signal_id": "4", "status": "in behandeling"},
    )
    assert known("solved_signals", found).estimate == pytest.approx(1 / 4)


def application(number: int, decision: str, granted: float | None = None, **said: Any) -> dict[str, Any]:
    start = {"application_id": f"d{number}", "scheme_id": PROJECT_SUBSIDY, "applicant": "x", "region": PROVINCE}
    kind = {"applicant_kind": "sociale economie", "date": DAY, "decision": decision, "granted_euro": granted}
    return {**start, **kind, **said}


SCHEME = rows(
    "subsidy_scheme",
    {"scheme_id": PROJECT_SUBSIDY, "name": "projectsubsidie", "level": "provinciaal"},
    {"scheme_id": "kmo", "name": "kmo", "level": "Vlaams"},
)
LOCAL = {"applicant_kind": "lokaal bestuur"}
APPLICATION = rows(
    "application",
    application(1, "goedgekeurd", 30_000, priority="blinde vlek"),
    application(2, "goedgekeurd", 10_000, priority="geen"),
    application(3, "goedgekeurd", 99_000),
    application(4, "goedgekeurd", 50_000, priority="knelpuntsector", scheme_id="kmo"),
    application(5, "geweigerd"),
    application(6, "in behandeling"),
    application(7, "ingetrokken"),
    application(8, "goedgekeurd", 7_000, **LOCAL),
    application(9, "goedgekeurd", 1_000, scheme_id="kmo", **LOCAL),
)


def test_priority_is_a_share_of_the_project_subsidy_that_says_whether_it_had_it() -> None:
    assert known("priority_share", APPLICATION).estimate == pytest.approx(30_000 / 40_000)
    assert value("priority_share", APPLICATION[APPLICATION["priority"] == ""]) is None


def test_approval_is_a_share_of_the_applications_with_a_decision() -> None:
    assert known("approved_share", APPLICATION).estimate == pytest.approx(6 / 7)
    assert value("approved_share", APPLICATION[APPLICATION["decision"] == "in behandeling"]) is None


def test_money_for_local_authorities_is_provincial_and_a_refusal_is_nought() -> None:
    assert known("granted_to_municipalities", APPLICATION, SCHEME).estimate == 7_000
    refused = rows("application", application(1, "geweigerd", **LOCAL))
    assert known("granted_to_municipalities", refused, SCHEME).estimate == 0
    unsaid = rows("application", application(1, "goedgekeurd", **LOCAL))
    assert value("granted_to_municipalities", unsaid, SCHEME) is None
    assert value("granted_to_municipalities", APPLICATION[:7], SCHEME) is None


def tender(number: int, buyer: str, criteria: str = "") -> dict[str, Any]:
    return {
        "tender_id": f"o{number}", "buyer": "bestuur", "buyer_kind": buyer, "region": PROVINCE, "date": DAY,
        "subject": "groenonderhoud", "social_criteria": criteria,
    }  # fmt: skip


TENDER = rows(
    "tender",
    tender(1, "provincie", "voorbehouden"),
    tender(2, "provincie", "geen"),
    tender(3, "provincie"),
    tender(4, "lokaal bestuur", "gunningscriterium"),
    tender(5, "lokaal bestuur", "uitvoeringsvoorwaarde"),
)
CONTRACT = rows(
    "contract",
    {"contract_id": "c1", "establishment_number": "x", "work_form": "IMW", "start": DAY},
)


def test_public_contracts_count_where_they_have_social_criteria() -> None:
    assert known("local_social_tenders", TENDER).estimate == 2
    assert value("local_social_tenders", TENDER[:3]) is None
    assert value("local_social_tenders", TENDER[TENDER["social_criteria"] == ""]) is None


def test_the_province_counts_public_contracts_and_employment_also_where_only_one_of_them_is_registered() -> None:
    assert known("province_contracts", TENDER, CONTRACT).estimate == 2
    assert known("province_contracts", TENDER, nothing("contract")).estimate == 1
    alone = known("province_contracts", nothing("tender"), CONTRACT)
    assert (alone.estimate, alone.statuses) == (1, {"contract": frozenset({"own"})})
    assert value("province_contracts", TENDER[3:], nothing("contract")) is None


def test_candidates_for_the_prize_are_counted_over_all_years() -> None:
    both = [{"year": year, "candidate": "x", "region": PROVINCE, "outcome": "winnaar"} for year in (2025, 2026)]
    found = known("prize_candidates", rows("prize_candidate", *both))
    assert (found.estimate, found.period) == (2, "../2026")


def test_resilience_carries_the_bounds_of_the_firms_without_accounts() -> None:
    account = {
        "total_assets_euro": 100.0, "equity_euro": 40.0, "current_assets_euro": 60.0, "current_debts_euro": 30.0,
    }  # fmt: skip
    accounts = rows("annual_account", {"enterprise_number": "A", "year": 2025, **account})
    firms = rows(
        "enterprise",
        *({"enterprise_number": n, "name": n, "form": "maatwerkbedrijf"} for n in "AB"),
        {"enterprise_number": "C", "name": "C", "form": "reguliere onderneming"},
    )
    found = known("resilient_share", accounts, firms)
    assert (found.estimate, found.lower, found.upper, found.period) == (1, 0.5, 1, "2025")
    assert value("resilient_share", accounts, firms[2:]) is None
