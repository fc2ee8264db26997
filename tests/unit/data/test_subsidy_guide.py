from pathlib import Path

import pandas as pd
import pytest

from studie.data import catalogue
from studie.data.register_measures import PROJECT_SUBSIDY
from studie.data.subsidy_guide import subsidy_guide
from studie.errors import InsufficientDataError

ROOT = Path(__file__).resolve().parents[3]
SCHEMES = pd.DataFrame(
    [
        ("over", "b", "Vlaams", "2020-01-01", "2024-09-30"),
        ("open", "a", "Vlaams", "2023-07-01", ""),
        ("straks", "c", "Europees", "2027-01-01", "2030-12-31"),
        ("lang", "d", "provinciaal", "", "2030-12-31"),
        ("wie weet", "e", "provinciaal", "", ""),
    ],
    columns=["scheme_id", "name", "level", "valid_from", "valid_to"],
)


def test_validity_is_what_the_known_bounds_say_and_else_unknown() -> None:
    found = subsidy_guide(SCHEMES, date="2026-11-28")
    assert found.schemes["validity"].to_dict() == {
        "lang": "unknown", "wie weet": "unknown", "open": "valid", "over": "ended", "straks": "later",
    }  # fmt: skip
    assert subsidy_guide(SCHEMES, date="2024-09-30").schemes.loc["over", "validity"] == "valid"


def test_schemes_stand_nearest_level_first_then_by_name() -> None:
    assert subsidy_guide(SCHEMES, date="2026-11-28").schemes["name"].tolist() == ["d", "e", "a", "b", "c"]


def test_the_current_guide_leaves_out_what_ended_and_nothing_else() -> None:
    found = subsidy_guide(SCHEMES, date="2026-11-28").current
    assert found.n == 4
    assert "over" not in found.schemes.index


def test_the_frame_counts_schemes_by_level_and_validity() -> None:
    frame = subsidy_guide(SCHEMES, date="2026-11-28").to_frame()
    assert frame["estimate"].sum() == 5
    assert frame.set_index(["level", "validity"]).loc[("provinciaal", "unknown"), "estimate"] == 2
    assert frame.columns[-6:].tolist() == ["quantity", "estimate", "lower", "upper", "n", "unit"]


def test_without_a_scheme_there_is_no_guide() -> None:
    with pytest.raises(InsufficientDataError):
        subsidy_guide(SCHEMES[:0], date="2026-11-28")


# --- the guide of the study itself ---------------------------------------------


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    monkeypatch.setenv("STUDIE_ROOT", str(ROOT))
    return catalogue.read("subsidy_scheme", data="own").frame


def test_every_scheme_has_a_source_and_the_three_levels_are_there(listed: pd.DataFrame) -> None:
    assert (listed["source"] != "").all()
    assert set(listed["level"]) == {"provinciaal", "Vlaams", "Europees"}
    assert PROJECT_SUBSIDY in set(listed["scheme_id"])


def test_amounts_that_were_published_as_indicators_are_the_same_here(listed: pd.DataFrame) -> None:
    costs = catalogue.read("indicator", data="own").frame.set_index("indicator_id")
    guide = listed.set_index("scheme_id")
    assert guide.loc["trividend-provincie-antwerpen", "max_euro"] == costs.loc["cost_trividend_loan", "value"]
    project = costs.loc["cost_project_subsidy_ceiling"]
    assert "100.000 euro per jaar" in guide.loc[PROJECT_SUBSIDY, "ceiling"]
    assert project["value"] == 100_000
    assert f"{guide.loc[PROJECT_SUBSIDY, 'max_euro']:,.0f}".replace(",", ".") in project["note"]
    assert f"{guide.loc[PROJECT_SUBSIDY, 'max_share']:.0%}".replace("%", " %") in project["note"]


def test_validity_agrees_with_the_list_of_work_forms(listed: pd.DataFrame) -> None:
    forms = catalogue.read("work_form", data="own").frame.set_index("work_form")
    guide = listed.set_index("scheme_id")
    same = {"individueel-maatwerk": "IMW", "collectief-maatwerk": "CMW", "vlaamse-ondersteuningspremie": "VOP",
            "lokale-diensteneconomie": "LDE"}  # fmt: skip
    for scheme, form in same.items():
        for bound in ("valid_from", "valid_to"):
            assert guide.loc[scheme, bound] == forms.loc[form, bound], (scheme, bound)
