"""The chapters around the study: the argument repeats the others, the proposal follows the data, a lever its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MECHELEN = "arrondissement:12000"
LEVERS = {"ondersteuningsnetwerk": ("cost", "value", 400000), "extra_plaatsen": (None, "amount", 150)}

Run = Callable[..., list[dict[str, Any]]]
pytestmark = pytest.mark.slow  # the forecast of all regions is made once


@pytest.fixture(scope="module")
def folder(lay_out: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Study's folder with tiny demonstration data, shared by the tests of this module."""
    place = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        lay_out(place, patch)
        yield place


@pytest.fixture(scope="module")
def run(folder: Path, runner: Callable[..., Run]) -> Iterator[Run]:
    """How a test runs a chapter; each is run once per set of parameters."""
    kept: dict[str, list[dict[str, Any]]] = {}
    with pytest.MonkeyPatch.context() as patch:
        chapter = runner(patch)

        def made(name: str, **parameters: object) -> list[dict[str, Any]]:
            key = f"{name} {sorted(parameters.items())}"
            if key not in kept:
                kept[key] = chapter(name, **parameters)
            return kept[key]

        yield made


def frames(items: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    """Numbers behind every figure and table."""
    return {
        item["name"]: pd.DataFrame(item["frame"]["data"], columns=item["frame"]["columns"])
        for item in items
        if "frame" in item
    }


def kind(items: list[dict[str, Any]], wanted: str) -> list[dict[str, Any]]:
    return [item for item in items if item["kind"] == wanted]


def said(items: list[dict[str, Any]]) -> list[str]:
    return [item["text"] for item in kind(items, "sentence")]


def number(frame: pd.DataFrame, quantity: str, **keys: Any) -> tuple[float, ...] | None:
    """Estimate and bounds of one row; none where it is hidden or not there."""
    rows = frame[frame["quantity"] == quantity]
    for name, value in keys.items():
        rows = rows[rows[name] == value]
    found = rows[["estimate", "lower", "upper"]].astype(float)
    return None if len(found) != 1 or found["estimate"].isna().all() else tuple(found.iloc[0])


@pytest.mark.parametrize("region", ["province:10000", MECHELEN])
def test_the_argument_has_the_numbers_of_the_chapters(run: Run, region: str) -> None:
    told = frames(run("80-redenering"))
    mine, room = (told[name][told[name]["region"] == region] for name in ("crossing", "crossing_room"))
    ladder = frames(run("20-doorstroom", region=region))
    found = frames(run("40-blinde-vlekken", region=region))["regional_gaps"]
    asked = frames(run("30-knelpuntsectoren", region=region))
    total = asked["regional_demand_total"].query("quantity == 'received_vacancies_total'")["estimate"].sum()
    curves = [frame for frame in ladder.values() if "relapse" in set(frame["quantity"])]
    relapse = next((frame for frame in curves if not {"support", "target_group"} & set(frame)), mine[:0])
    pairs = {
        "relapse": (number(mine, "relapse"), number(relapse, "relapse", time=12.0)),
        "need": (number(mine, "need"), number(found, "need", face="need")),
        "gap share": (number(mine, "gap share"), number(found, "gap share", face="volume")),
        "vacancies": (number(room, "received_vacancies_total")[:1], (total,)),
        "potential": (
            number(room, "potential inclusive workplaces")[:1],
            (asked["carving_potential"]["estimate"].sum(),),
        ),
    }
    known = {name: pair for name, pair in pairs.items() if pair[1] is not None}
    assert len(known) >= 4
    for name, (here, there) in known.items():
        assert here == pytest.approx(there, rel=1e-9), name


def test_the_argument_says_of_the_places_what_their_chapter_says(run: Run) -> None:
    there = kind(run("40-blinde-vlekken"), "headline")[0]["findings"][0]["finding"]
    assert there in said(run("80-redenering"))


def test_without_any_data_the_argument_says_that_it_does_not_know(run: Run) -> None:
    items = run("80-redenering", data="own")
    assert any(text.startswith("Daarom eerst: tellen") for text in said(items))
    assert any("Waar tekort en ruimte samenvallen, is onbekend" in text for text in said(items))
    assert kind(items, "headline")


def test_the_proposal_takes_note_while_demonstration_data_are_inside(run: Run) -> None:
    for aard in ("kennisname", "goedkeuring"):
        items = run("95-voorstel", aard=aard)
        articles = [text for text in said(items) if text.startswith("Artikel")]
        assert articles[0] == "Artikel 1. De provincieraad neemt kennis van de strategische studie inclusieve economie."
        assert "op te vragen bij" in articles[1] and "VDAB" in articles[1]
        assert not any("keurt" in text or "euro" in text for text in articles)
        assert "kennis te nemen" in kind(items, "headline")[0]["discuss"]


def test_the_indicators_of_the_proposal_lead_to_their_chapters(run: Run) -> None:
    table = next(item for item in run("95-voorstel") if item.get("name") == "followed")
    written = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {reference["chapter"] for reference in table["references"]} <= written
    assert "20-doorstroom" in {reference["chapter"] for reference in table["references"]}
    assert all(row[3].startswith("E") for row in table["rows"])


def test_the_context_is_observed_and_holds_the_mission_and_both_ladders(run: Run) -> None:
    items = run("00-context")
    assert {status for item in items for status in item.get("data_status", [])} == {"observed"}
    assert "één provinciaal platform" in " ".join(said(items))
    assert len(next(item for item in items if item.get("name") == "ladder_conversion")["rows"]) == 6


def assumptions(items: list[dict[str, Any]]) -> dict[str, str]:
    return {row["name"]: json.dumps(row, sort_keys=True) for row in kind(items, "provenance")[0]["assumptions"]}


def hashes(items: list[dict[str, Any]]) -> dict[str, str]:
    return {
        name: hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest() for name, frame in frames(items).items()
    }


@pytest.mark.parametrize("lever", list(LEVERS))
def test_a_changed_lever_changes_its_assumptions_and_its_results_and_nothing_else(
    run: Run, folder: Path, lever: str
) -> None:
    settings = yaml.safe_load((folder / "config" / "study.yaml").read_text(encoding="utf-8"))
    part, key, value = LEVERS[lever]
    (settings["levers"][lever][part] if part else settings["levers"][lever])[key] = value
    (folder / "config" / f"{lever}.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    name = settings["levers"][lever]["name"]

    for chapter in ("15-wachtenden", "20-doorstroom"):
        assert hashes(run(chapter)) == hashes(run(chapter, config=lever))

    before, after = run("95-voorstel"), run("95-voorstel", config=lever)
    was, now = assumptions(before), assumptions(after)
    changed = {row for row in {**was, **now} if was.get(row) != now.get(row)}
    assert len(changed) == 1 and changed.pop().startswith(name)
    moved = {table for table, digest in hashes(before).items() if hashes(after)[table] != digest}
    assert moved == {"outlay"}
    costs = [frames(items)["outlay"].set_index(["lever", "year"])["estimate"] for items in (before, after)]
    differs = costs[0].ne(costs[1]) & costs[0].notna()
    assert set(differs[differs].index.get_level_values("lever")) == {lever}
