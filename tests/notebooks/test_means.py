"""Chapter 60 on tiny data, on the user's own registers, and on none: an answer for each, and nothing made up."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from studie.disclosure import leaks

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "data" / "demonstration" / "tiny"
CHAPTER = "60-middelen"
NOTHING = "Dit is hier onbekend: er zijn te weinig waarnemingen om het te schatten."


def texts(items: list[dict[str, Any]]) -> str:
    return "\n".join(item["text"] for item in items if item["kind"] == "sentence")


def named(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(item for item in items if item.get("name") == name)


def rows_of(items: list[dict[str, Any]], name: str) -> list[list[str]]:
    return next(item["rows"] for item in items if item.get("name") == name and item["kind"] == "table")


def figures(item: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(item["frame"]["data"], columns=item["frame"]["columns"])


def headline(items: list[dict[str, Any]]) -> dict[str, Any]:
    return next(item for item in items if item["kind"] == "headline")


@pytest.mark.parametrize("region", ["province:10000", "arrondissement:13000"])
def test_the_chapter_answers_for_its_levels(run: Callable[..., Any], region: str) -> None:
    items = run(CHAPTER, region=region)
    shown = [item["name"] for item in items if item["kind"] in ("figure", "table")]
    assert shown.count("yields") == 2
    assert {"options", "frontier", "allocation", "next_euros", "acceptability"} <= set(shown)
    assert "cost" not in shown  # the tiny panel follows fewer people than wait
    assert all(item["alt"] for item in items if item["kind"] == "figure")
    drawn = [item for item in items if item["kind"] in ("figure", "table")]
    observed = [item["name"] for item in drawn if "demonstration" not in item["data_status"]]
    assert observed == ["subsidy_guide"]
    assert 1 <= len(headline(items)["findings"]) <= 5
    assert items[-1]["kind"] == "provenance"
    about_here = "Naar het arrondissement Turnhout gaat daarvan"
    assert (about_here in texts(items)) == (region != "province:10000")


@pytest.mark.slow
def test_with_enough_people_followed_a_step_up_has_a_cost(
    root: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "data" / "demonstration" / "default", root / "data" / "demonstration" / "default")
    monkeypatch.setenv("STUDIE_DEMONSTRATION_SIZE", "default")
    items = run(CHAPTER)
    rows = rows_of(items, "cost")
    assert [row[1] for row in rows].count("kost per duurzame stap") == 1
    assert "kost een extra duurzame stap omhoog" in texts(items)
    assert [row[1] for row in rows_of(items, "cost_by_region")].count("kost per duurzame stap") == 1
    assert len(headline(items)["findings"]) == 4


def test_every_finding_that_rests_on_a_belief_names_it_and_is_never_sure(run: Callable[..., Any]) -> None:
    for item in run(CHAPTER):
        if item["kind"] == "sentence" and "aanname" in item["text"]:
            assert item["certainty"] != "zeker", item["text"]
        if item["kind"] == "headline":
            assert all(one["certainty"] != "zeker" for one in item["findings"][1:])


def test_what_is_shown_of_the_register_is_what_stands_in_it(run: Callable[..., Any]) -> None:
    project = pd.read_parquet(TINY / "project.parquet")
    frame = figures(named(run(CHAPTER), "yields")).set_index(["lever", "area", "quantity"])["estimate"]
    assert frame["projectsubsidie", "all", "grants"] == len(project)
    assert frame["projectsubsidie", "all", "euro"] == project["subsidy_euro"].sum()
    assert frame["projectsubsidie", "all", "places"] == project["places_created"].sum()


def test_bought_within_the_budget_and_the_guarantee(run: Callable[..., Any]) -> None:
    items = run(CHAPTER)
    bought = figures(named(items, "allocation"))
    spent = bought.query("quantity == 'cost'")["estimate"].sum()
    assert 0 < spent <= 500_000
    assert set(bought["region"]) >= {"arrondissement:11000", "arrondissement:12000", "arrondissement:13000"}
    assert [row[0] for row in rows_of(items, "allocation")][-1] == "alles samen"
    assert "arrondissement:" not in texts(items)


def test_own_registers_replace_the_demonstration(root: Path, run: Callable[..., Any]) -> None:
    for table in ("project", "loan"):
        pd.read_parquet(TINY / f"{table}.parquet").to_csv(root / "data" / "own" / f"{table}.csv", index=False)
    items = run(CHAPTER)
    assert named(items, "yields")["data_status"] == ["own"]
    assert named(items, "yields")["region"] == "de provincie Antwerpen"


def test_a_register_of_subsidies_alone_says_nothing_about_loans(root: Path, run: Callable[..., Any]) -> None:
    rng = np.random.default_rng(1)
    project = pd.DataFrame(
        {
            "project_id": [f"p{i}" for i in range(12)],
            "region": np.resize(["municipality:11002", "municipality:13025"], 12),
            "sector": "zorg",
            "year": np.resize([2023, 2024], 12),
            "subsidy_euro": 40_000,
            "places_created": rng.poisson(4, 12) + 1,
            "places_kept_12_months": 1,
        }
    )
    project.to_csv(root / "data" / "own" / "project.csv", index=False)
    items = run(CHAPTER, data="own")
    assert "Over leningen van Trividend zijn er geen gegevens" in texts(items)
    rows = {(row[0], row[1]): row[2:] for row in rows_of(items, "yields")}
    assert rows["projectsubsidie", "Mechelen"] == ["geen gegevens"] * 6
    assert rows["projectsubsidie", "Antwerpen"][0] == "6"


def test_without_registers_everything_is_unknown_and_nothing_is_made_up(run: Callable[..., Any]) -> None:
    items = run(CHAPTER, data="own", region="arrondissement:12000")
    guide = [item for item in items if item["kind"] == "table"]
    assert [item["name"] for item in guide] == ["subsidy_guide"]  # published rules, whoever fills in a register
    assert {item["kind"] for item in items} <= {"sentence", "headline", "provenance", "formula", "table"}
    said = {item["text"] for item in items if item["kind"] == "sentence" and item["data_status"] != ["observed"]}
    assert NOTHING in said
    assert "Er zijn geen aanvragen en geen projecten geregistreerd." in said
    assert len(said) == 2
    assert headline(items)["findings"] == []


def test_no_text_of_the_chapter_reads_as_a_small_count_of_persons(run: Callable[..., Any]) -> None:
    cells = json.loads((ROOT / "notebooks" / f"{CHAPTER}.ipynb").read_text(encoding="utf-8"))["cells"]
    prose = {f"{k}": "".join(cell["source"]) for k, cell in enumerate(cells) if cell["cell_type"] == "markdown"}
    items = run(CHAPTER)
    spoken = {f"s{k}": item.get("text") or item.get("alt") or "" for k, item in enumerate(items)}
    found = leaks.scan(prose | spoken)
    assert found.passed, found.frame
