"""The form of judgements and the milestones as tables: what a user may fill in, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from studie.data import catalogue, contracts, templates
from studie.data.definitions import CONTRACTS
from studie.errors import InputError
from studie.present import platform
from studie.strategy import priorities

ROOT = Path(__file__).resolve().parents[3]
FORM = CONTRACTS["form_judgement"]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Study's folder without demonstration data and with an empty folder of the user's own."""
    for folder in ("config", "data/reference", "data/observed"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "data" / "sources.csv", tmp_path / "data" / "sources.csv")
    (tmp_path / "data" / "own").mkdir()
    monkeypatch.setenv("STUDIE_ROOT", str(tmp_path))
    return tmp_path


def filled(root: Path, **values: object) -> pd.DataFrame:
    """The template, filled in by one respondent and put among the user's own data."""
    (root / "form.csv").write_text(templates.blank(FORM), encoding="utf-8")
    frame = pd.read_csv(root / "form.csv").assign(**{"respondent": "regisseur", "lower": 0.2, "upper": 0.6, **values})
    frame.to_csv(root / "data" / "own" / "form_judgement.csv", index=False)
    return frame


def test_the_empty_form_asks_every_criterion_of_every_form_as_the_method_does(root: Path) -> None:
    templates.write_template(FORM, root / "form.csv")
    empty = pd.read_csv(root / "form.csv")
    asked = platform.judgements(empty.assign(respondent="regisseur"))
    assert asked is not None
    expected = priorities.elicitation_form(["regisseur"])
    keys = ["respondent", "alternative", "criterion"]
    pd.testing.assert_frame_equal(
        asked[keys].sort_values(keys, ignore_index=True), expected[keys].sort_values(keys, ignore_index=True)
    )


def test_its_words_are_those_of_the_report() -> None:
    words = {c.name: set(c.allowed) for c in FORM.columns}
    assert words["form"] == set(platform.FORMS.values()) - {platform.FORMS["today"]}
    assert words["criterion"] <= set(platform.CRITERIA.values())


def test_nobody_filled_it_in_at_first(root: Path) -> None:
    assert platform.judgements(catalogue.read("form_judgement", data="own").frame) is None


def test_a_filled_form_gives_a_ranking_and_an_empty_cell_none(root: Path) -> None:
    import numpy as np

    filled(root)
    table = platform.judgements(catalogue.read("form_judgement", data="own").frame)
    found = priorities.platform_forms(table, seeds=np.random.SeedSequence(1), simulations=200)
    assert found.ranking is not None
    filled(root, upper=[None, *[0.6] * 11])
    table = platform.judgements(catalogue.read("form_judgement", data="own").frame)
    found = priorities.platform_forms(table, seeds=np.random.SeedSequence(1), simulations=200)
    assert (found.ranking, found.missing) == (None, 1)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"respondent": ""}, "column respondent: must not be empty"),
        ({"form": "een vierde vorm"}, "column form: must be one of gedeeld bestuur"),
        ({"upper": 1.2}, "column upper: must be at most 1"),
        ({"lower": 0.7}, "lower, upper: must be in order"),
    ],
)
def test_a_form_that_was_filled_in_wrongly_is_refused_with_row_and_column(
    root: Path, values: dict[str, object], says: str
) -> None:
    filled(root, **values)
    with pytest.raises(InputError) as told:
        catalogue.read("form_judgement", data="own")
    assert all(line.startswith("data/own/form_judgement.csv: row ") for line in told.value.problems[:12])
    assert says in str(told.value).replace("column lower, upper: must", "lower, upper: must")


def test_the_proposed_milestones_are_bound_to_commitments_with_an_indicator(root: Path) -> None:
    rows = catalogue.read("milestone", data="own").frame
    assert set(rows["status"]) == {"voorstel"}
    assert rows["start"].between("2027-Q1", "2031-Q4").all()
    assert rows["due"].between("2027-Q1", "2031-Q4").all()
    assert (rows["indicator"] != "").all()
    assert set(rows["commitment_id"]) <= set(catalogue.read("commitment_indicator", data="own").frame["commitment_id"])


def test_an_own_row_replaces_the_proposal_with_what_was_decided(root: Path) -> None:
    rows = catalogue.read("milestone", data="own").frame
    own = rows[rows["milestone_id"] == "M05"][list(CONTRACTS["milestone"].names)].assign(status="beslist")
    own.to_csv(root / "data" / "own" / "milestone.csv", index=False)
    found = catalogue.read("milestone", data="own").frame
    assert len(found) == len(rows)
    assert found.loc[found["milestone_id"] == "M05", ["status", "data_status"]].to_numpy().tolist() == [
        ["beslist", "own"]
    ]


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("due", "2026-Q4", "must be in order"),
        ("start", "begin 2027", "must be a quarter written 2027-Q1"),
        ("depends_on", "M01, M02", "must be milestones such as M01; M02"),
        ("leader", "", "must not be empty"),
        ("status", "klaar", "must be one of voorstel"),
    ],
)
def test_a_milestone_that_breaks_its_contract_is_refused(root: Path, column: str, value: str, says: str) -> None:
    rows = pd.read_csv(ROOT / "data" / "reference" / "milestone.csv", keep_default_na=False).head(1)
    with pytest.raises(InputError, match=says):
        contracts.validate(rows.assign(**{column: value}), "milestone", where="x.csv")
