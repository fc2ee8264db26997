"""Chapter 40 and its sheet on tiny data, on the user's own data, and on none: always an answer, never a made-up one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from studie import regions
from studie.disclosure import leaks
from studie.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
OFFICIAL = ROOT.parent / "shared" / "reference" / "geography"
TINY = ROOT / "data" / "demonstration" / "tiny"
CHAPTER, SHEET = "40-blinde-vlekken", "45-gespreksfiche"
MIME = "application/vnd.studie+json"
SUPPLY = ("enterprise", "establishment", "offer", "offer_target_group")


def texts(items: list[dict[str, Any]]) -> str:
    return "\n".join(item["text"] for item in items if item["kind"] == "sentence")


def named(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(item for item in items if item.get("name") == name)


def row(items: list[dict[str, Any]], start: str) -> list[str]:
    return next(r for r in named(items, "regional_gaps")["rows"] if r[0].startswith(start))


def demonstration(table: str) -> pd.DataFrame:
    return pd.read_parquet(TINY / f"{table}.parquet")


def unknown_offer() -> list[int]:
    """Municipalities of which the demonstration data know no size of any offer."""
    rows = demonstration("offer").merge(demonstration("establishment")[["establishment_number", "refnis"]])
    last = rows[(rows["date"] == rows["date"].max())]
    known = set(last.loc[last["status"] != "unknown", "refnis"])
    found = sorted(set(regions.municipalities()["refnis"].astype(int)) - known)
    assert found
    return found


def own(root: Path, table: str, frame: pd.DataFrame) -> None:
    frame.to_csv(root / "data" / "own" / f"{table}.csv", index=False)


def trips(minutes: float, *, mode: str = "public_transport") -> pd.DataFrame:
    codes = regions.municipalities()["refnis"]
    frame = codes.rename("origin").to_frame().merge(codes.rename("destination"), how="cross")
    return frame.assign(mode=mode, minutes=minutes, because="dienstregeling")


def figures(items: list[dict[str, Any]], name: str) -> pd.DataFrame:
    frame = named(items, name)["frame"]
    return pd.DataFrame(frame["data"], columns=frame["columns"])


@pytest.mark.parametrize(
    "region", ["province:10000", "arrondissement:13000", "working-area:rivierenland", "municipality:12025"]
)
def test_the_chapter_answers_for_every_level(run: Callable[..., Any], region: str) -> None:
    items = run(CHAPTER, region=region)
    kinds = [item["kind"] for item in items]
    assert kinds.count("figure") == 2
    assert kinds.count("table") == 5
    assert kinds[-2:] == ["headline", "provenance"]
    assert "hebben" in texts(items)
    assert all("demonstration" in item["data_status"] for item in items if item["kind"] in ("figure", "table"))
    assert all(item["alt"] for item in items if item["kind"] == "figure")
    assert 1 <= len(items[-2]["findings"]) <= 5


@pytest.mark.parametrize("name", [CHAPTER, SHEET])
def test_no_text_of_a_notebook_reads_as_a_small_count_of_persons(name: str) -> None:
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    prose = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    found = leaks.scan({f"{number}": text for number, text in enumerate(prose)})
    assert found.passed, found.frame


def test_unknown_offer_is_never_shown_as_zero(run: Callable[..., Any]) -> None:
    unknown = unknown_offer()
    shown = figures(run(CHAPTER), "faces")
    hidden = shown[shown["face"].isin(["volume", "diversity"]) & shown["refnis"].isin(unknown)]
    assert len(hidden) == 2 * len(unknown)
    assert hidden["estimate"].isna().all()
    assert set(hidden["cell_status"]) <= {"missing", "suppressed"}


def test_a_municipality_of_unknown_offer_says_so(run: Callable[..., Any]) -> None:
    unknown = unknown_offer()
    items = run(CHAPTER, region=f"municipality:{unknown[0]}")
    assert "hoeveel plaatsen er zijn, is onbekend" in texts(items)
    assert row(items, "omvang")[1] in ("onbekend", "te klein")


def test_the_smallest_region_has_an_answer(run: Callable[..., Any]) -> None:
    items = run(CHAPTER, region="municipality:13002")
    assert "Baarle-Hertog" in texts(items)
    assert items[-2]["kind"] == "headline"


def test_the_sheet_has_at_most_three_of_each_and_asks_something(run: Callable[..., Any]) -> None:
    said = [item["text"] for item in run(SHEET, region="working-area:rivierenland") if item["kind"] == "sentence"]
    questions = [text for text in said if text.endswith("?")]
    assert len(questions) == 3
    assert 2 <= len(said) - len(questions) <= 6


@pytest.mark.parametrize("name", [CHAPTER, SHEET])
def test_without_data_everything_is_unknown_and_nothing_is_made_up(run: Callable[..., Any], name: str) -> None:
    items = run(name, data="own", region="arrondissement:12000" if name == CHAPTER else "working-area:rivierenland")
    assert {item["kind"] for item in items} <= {"sentence", "headline", "provenance", "formula"}
    assert {item["text"] for item in items if item["kind"] == "sentence"} == {
        "Dit is hier onbekend: er zijn te weinig waarnemingen om het te schatten."
    }
    assert named_kind(items, "headline")["findings"] == []


def named_kind(items: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(item for item in items if item["kind"] == kind)


def test_a_complete_table_of_travel_times_replaces_the_assumed_ones_and_is_named(
    root: Path, run: Callable[..., Any]
) -> None:
    own(root, "travel_time", trips(12.0))
    near = run(CHAPTER)
    assert row(near, "bereik: in bereik met het openbaar vervoer")[1] == "100\u00a0%"
    assert "own" in named(near, "regional_gaps")["data_status"]
    own(root, "travel_time", trips(55.0))
    far = run(CHAPTER)
    assert row(far, "bereik: in bereik met het openbaar vervoer")[1] == "0\u00a0%"
    assert row(far, "bereik: in bereik met de auto")[1] == "100\u00a0%"
    reach = figures(far, "faces").query("face == 'reach'")
    assert set(reach["cell_status"]) == {"unreachable"}


def test_single_travel_times_replace_single_trips(root: Path, run: Callable[..., Any]) -> None:
    codes = regions.municipalities()["refnis"]
    blocked = pd.DataFrame({"origin": 13002, "destination": codes, "mode": "car", "minutes": None, "because": "grens"})
    own(root, "travel_time", blocked)
    items = run(CHAPTER, region="municipality:13002")
    assert row(items, "bereik: in bereik met de auto")[1] in ("0\u00a0%", "onbereikbaar", "te klein")
    access = figures(items, "regional_access").query("mode == 'car' and quantity == 'access'")
    assert access["estimate"].fillna(0).eq(0).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"minutes": -5}, "minutes"),
        ({"minutes": "snel"}, "minutes"),
        ({"mode": "tram"}, "mode"),
        ({"origin": 99999}, "origin"),
    ],
)
def test_malformed_travel_times_are_refused_by_name(
    root: Path, run: Callable[..., Any], change: dict[str, Any], message: str
) -> None:
    own(root, "travel_time", trips(12.0).head(3).astype(object).assign(**change))
    with pytest.raises(InputError, match=r"data/own/travel_time\.csv") as caught:
        run(CHAPTER)
    assert message in str(caught.value)


def test_travel_times_in_seconds_are_refused(root: Path, run: Callable[..., Any]) -> None:
    own(root, "travel_time", trips(1800.0))
    with pytest.raises(InputError, match="minutes"):
        run(CHAPTER)


def test_own_places_and_need_replace_the_demonstration(root: Path, run: Callable[..., Any]) -> None:
    for table in SUPPLY:
        own(root, table, demonstration(table))
    own(root, "need", demonstration("need"))
    items = run(CHAPTER, region="arrondissement:12000")
    assert named(items, "regional_access")["data_status"] == ["own"]
    assert row(items, "omvang")[1] not in ("onbekend", "")


def test_overlapping_groups_need_rows_of_everybody_and_are_never_added_up(root: Path, run: Callable[..., Any]) -> None:
    need = demonstration("need")
    counted = need.assign(persons=need["persons"].fillna(need["upper"]))
    whole = counted.groupby(["refnis", "step", "date"], as_index=False)["persons"].max().round()
    everybody = whole.assign(target_group="alle", lower=whole["persons"], upper=whole["persons"], method="counted")
    own(root, "need", pd.concat([need, everybody], ignore_index=True))
    items = run(CHAPTER, groups="overlapping")
    last = whole[whole["date"] == whole["date"].max()]
    total = figures(items, "regional_gaps").query("quantity == 'need'")["estimate"].iloc[0]
    assert total == pytest.approx(last["persons"].sum(), rel=0.02)
    assert total < need.loc[need["date"] == need["date"].max(), "persons"].sum()


@pytest.mark.parametrize(("date", "count"), [("2025-01-01", 67), ("2024-06-30", 69)])
def test_the_maps_come_out_with_schematic_and_with_official_boundaries(
    root: Path, run: Callable[..., Any], date: str, count: int
) -> None:
    assert len(regions.municipalities(date=date)) == count
    schematic = run(CHAPTER, reference_date=date)
    if not OFFICIAL.is_dir():
        pytest.skip("the official boundaries (shared/reference/geography) are not beside this checkout")
    year = date[:4]
    shutil.copy(OFFICIAL / f"antwerpen_gemeenten_{year}.geojson", root / "data" / "own" / f"boundaries_{year}.geojson")
    official = run(CHAPTER, reference_date=date)
    assert texts(official) == texts(schematic)
    for name in ("faces", "face_volume"):
        assert named(official, name)["alt"] == named(schematic, name)["alt"]
    assert regions.boundaries(date=date).attrs["note"] == "Grenzen: eigen bestand"
    assert len(regions.boundaries(date=date)) == count


@pytest.mark.parametrize(("given", "year", "code"), [("2024", "2025", 11007), ("2025", "2024", 11007)])
def test_boundaries_of_another_year_are_refused(root: Path, given: str, year: str, code: int) -> None:
    if not OFFICIAL.is_dir():
        pytest.skip("the official boundaries (shared/reference/geography) are not beside this checkout")
    shutil.copy(OFFICIAL / f"antwerpen_gemeenten_{given}.geojson", root / "data" / "own" / f"boundaries_{year}.geojson")
    with pytest.raises(InputError, match=f"boundaries_{year}.*refnis {code}"):
        regions.boundaries(date=f"{year}-01-01")
