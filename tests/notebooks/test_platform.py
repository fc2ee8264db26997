"""Chapter 70 on tiny data, on the user's own data, and on none: facts, proposals and beliefs never mixed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from studie.data import templates
from studie.data.definitions import CONTRACTS
from studie.disclosure import leaks
from studie.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = "70-platform"
NOTHING = "Dit is hier onbekend: er zijn te weinig waarnemingen om het te schatten."


def texts(items: list[dict[str, Any]]) -> str:
    return "\n".join(item["text"] for item in items if item["kind"] == "sentence")


def named(items: list[dict[str, Any]], name: str, kind: str = "table") -> list[dict[str, Any]]:
    return [item for item in items if item.get("name") == name and item["kind"] == kind]


def scenarios_of(items: list[dict[str, Any]]) -> pd.DataFrame:
    """Outcomes per scenario, without the values put on a move."""
    frame = named(items, "comparison")[0]["frame"]
    outcomes = pd.DataFrame(frame["data"], columns=frame["columns"])
    return outcomes[outcomes["value_per_lasting_move"].isna()]


def own(root: Path, table: str, frame: pd.DataFrame) -> None:
    frame.to_csv(root / "data" / "own" / f"{table}.csv", index=False)


def filled_form(root: Path) -> pd.DataFrame:
    """The form of judgements as its template gives it, filled in by two respondents."""
    (root / "form.csv").write_text(templates.blank(CONTRACTS["form_judgement"]), encoding="utf-8")
    empty = pd.read_csv(root / "form.csv")
    liked = empty["form"] == "een partner trekt"
    one = empty.assign(respondent="regisseurs", lower=0.1 + 0.7 * liked, upper=0.2 + 0.8 * liked)
    return pd.concat([one, one.assign(respondent="lokale besturen")])


@pytest.fixture(scope="module")
def province(lay_out: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Study's folder with the demonstration data of the province: the tiny panel is too small for its queue."""
    place = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        lay_out(place, patch)
        shutil.copytree(ROOT / "data" / "demonstration" / "default", place / "data" / "demonstration" / "default")
        patch.setenv("STUDIE_DEMONSTRATION_SIZE", "default")
        yield place


@pytest.fixture(scope="module")
def whole(province: Path, runner: Callable[..., Any]) -> Iterator[list[dict[str, Any]]]:
    """The chapter for the whole province."""
    with pytest.MonkeyPatch.context() as patch:
        yield runner(patch)(CHAPTER)


def test_the_chapter_answers_with_the_plans_own_network_apart_and_a_path_that_is_a_proposal(
    whole: list[dict[str, Any]],
) -> None:
    items = whole
    kinds = [item["kind"] for item in items]
    assert kinds.count("figure") == 7
    assert kinds[-2:] == ["headline", "provenance"]
    plan, stated = named(items, "network")
    assert (plan["data_status"], stated["data_status"]) == (["observed"], ["demonstration"])
    assert plan["rows"][0] == ["partners", "19"]
    assert named(items, "governance")[0]["data_status"] == ["observed"]
    assert "nog niet beoordeeld (12 vakjes" in texts(items)
    assert named(items, "acceptability") == []
    assert "niets ervan is beslist" in texts(items)
    assert len(named(items, "road_map")[0]["rows"]) == 20
    assert "die van de hele periode, in elke trekking" in texts(items)
    assert "dit zegt wat onze aannames waard zijn" in texts(items)
    assert all(item["alt"] for item in items if item["kind"] == "figure")
    scenarios = {row[0] for row in named(items, "comparison")[0]["rows"]}
    assert {"niets extra", "provinciaal platform", "alle ingrepen samen"} <= scenarios
    assert 3 <= len(items[-2]["findings"]) <= 5
    assert "zeker" not in [f["certainty"] for f in items[-2]["findings"] if "aanname" in f["finding"]]


def test_a_changed_lever_moves_the_scenarios_it_is_in_and_no_other(
    province: Path, whole: list[dict[str, Any]], runner: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = yaml.safe_load((province / "config" / "study.yaml").read_text(encoding="utf-8"))
    settings["levers"]["extra_plaatsen"]["amount"] = 150
    more = yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)
    (province / "config" / "more.yaml").write_text(more, encoding="utf-8")
    changed = runner(monkeypatch)(CHAPTER, config="more")
    before, after = (scenarios_of(items).set_index(["scenario", "quantity"]) for items in (whole, changed))
    assert before.index.equals(after.index)
    moved = before["estimate"].ne(after["estimate"]) & before["estimate"].notna()
    assert set(moved[moved].index.get_level_values("scenario")) == {"extra_plaatsen", "together"}


def test_a_filled_form_gives_a_ranking_and_own_ties_stand_apart_from_those_of_the_plan(
    root: Path, run: Callable[..., Any]
) -> None:
    own(root, "form_judgement", filled_form(root))
    ring = ["regisseur Kempen", "maatwerkbedrijf x", "gemeente y"]
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    ties = pd.DataFrame(pairs, columns=["from_actor", "to_actor"])
    own(
        root,
        "partner_tie",
        ties.assign(kind="overleg", year=2026, weight=None, confirmed=True, origin="survey", commitment=""),
    )
    items = run(CHAPTER)
    assert "Volgens 2 beoordelaars: eerst komt een partner trekt" in texts(items)
    assert named(items, "acceptability")[0]["data_status"] == ["own"]
    assert len(named(items, "acceptability", kind="figure")) == 1
    plan, stated = named(items, "network")
    assert plan["rows"][0] == ["partners", "19"]
    assert (stated["data_status"], stated["rows"][0]) == (["own"], ["partners", "3"])
    assert "Valt één partner weg, dan blijven de andere met elkaar verbonden." in texts(items)
    assert named(items, "comparison") == []  # more people wait than were followed
    assert NOTHING in texts(items)


def test_without_any_data_of_people_the_network_and_the_path_stand_and_the_rest_is_unknown(
    run: Callable[..., Any],
) -> None:
    items = run(CHAPTER, data="own")
    assert named(items, "comparison") == []
    assert named(items, "first_requests") == []
    assert len(named(items, "network")) == 1
    assert len(named(items, "road_map")) == 1
    assert NOTHING in texts(items)
    assert len(items[-2]["findings"]) == 3
    assert all(item["data_status"] == ["observed"] for item in named(items, "network"))


def test_a_milestone_led_by_somebody_outside_the_network_is_refused(root: Path, run: Callable[..., Any]) -> None:
    rows = pd.read_csv(root / "data" / "reference" / "milestone.csv", keep_default_na=False)
    own(root, "milestone", rows[rows["milestone_id"] == "M02"].drop(columns="source").assign(leader="de koning"))
    with pytest.raises(InputError, match="M02: leader: unknown value 'de koning'"):
        run(CHAPTER, data="own")


def test_no_text_of_the_chapter_reads_as_a_small_count_of_persons() -> None:
    notebook = json.loads((ROOT / "notebooks" / f"{CHAPTER}.ipynb").read_text(encoding="utf-8"))
    prose = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    found = leaks.scan({f"{number}": text for number, text in enumerate(prose)})
    assert found.passed, found.frame.to_string()
