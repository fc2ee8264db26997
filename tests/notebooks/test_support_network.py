"""Chapter 50 on tiny data, in a part of the province, and on none: always an answer, never a made-up one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

SAMPLED = 0.02  # tiny data follow few of those who wait
CHAPTER = "50-ondersteuningsnetwerk"
pytestmark = pytest.mark.slow


def texts(items: list[dict[str, Any]]) -> str:
    return "\n".join(item["text"] for item in items if item["kind"] == "sentence")


def named(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(item for item in items if item["kind"] == "table" and item["name"] == name)


def smaller(root: Path, **pilots: object) -> None:
    """The configuration with other pilot areas: tiny data have few people in a municipality."""
    path = root / "config" / "study.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["strategy"]["pilots"].update({"fewest": 1, "most": 100, **pilots})
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")


def shorter(root: Path) -> None:
    """Own counts of who waits that fit the few people of tiny data."""
    need = pd.read_parquet(root / "data" / "demonstration" / "tiny" / "need.parquet")
    need["waiting"] = (need["waiting"] * SAMPLED).round()
    need.to_csv(root / "data" / "own" / "need.csv", index=False)


def test_the_province_and_a_part_of_it_are_answered(run: Callable[..., Any], root: Path) -> None:
    smaller(root)
    shorter(root)
    whole = run(CHAPTER)
    assert whole[-2]["kind"] == "headline"
    assert len(whole[-2]["findings"]) == 5
    assert all(finding["data_status"] for finding in whole[-2]["findings"])
    assert "dit hangt af van" in texts(whole)
    assert {"choice", "evaluation", "calibration", "comparison", "needed_places"} <= {i.get("name") for i in whole}
    assert "Controle: de stappen omhoog van alle jaren" in texts(whole)
    part = run(CHAPTER, region="arrondissement:12000")
    assert named(part, "choice")["rows"] == named(whole, "choice")["rows"]
    mine = next(row for row in named(whole, "needed_places")["rows"] if "Mechelen" in row[0])
    assert named(part, "needed_places")["rows"] == [mine]
    assert named(part, "comparison")["rows"] != named(whole, "comparison")["rows"]


def test_no_area_with_enough_people_is_said_and_the_rest_goes_on(run: Callable[..., Any], root: Path) -> None:
    smaller(root, fewest=5000, most=6000)
    shorter(root)
    items = run(CHAPTER)
    assert "choice" not in {item.get("name") for item in items}
    assert "onbekend" in texts(items)
    assert named(items, "comparison")["rows"]


def test_more_people_waiting_than_were_followed_is_too_little_to_look_ahead(run: Callable[..., Any]) -> None:
    items = run(CHAPTER)
    assert "comparison" not in {item.get("name") for item in items}
    assert "onbekend" in texts(items)


def test_nothing_is_filled_in_where_nobody_was_followed(run: Callable[..., Any]) -> None:
    items = run(CHAPTER, data="own")
    assert {item["kind"] for item in items} <= {"sentence", "formula", "headline", "provenance"}
    assert set(texts(items).splitlines()) == {
        "Dit is hier onbekend: er zijn te weinig waarnemingen om het te schatten."
    }
    assert items[-2]["findings"] == []
