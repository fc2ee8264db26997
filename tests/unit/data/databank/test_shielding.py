"""Tables that count persons leave the databank without small counts and without what would tell them."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import pytest

from studie.data import databank
from studie.data.databank import shielding
from studie.data.definitions import CONTRACTS
from studie.errors import InputError

THRESHOLD = 10.0


def stock(rows: list[tuple[str, str, str, int | None]], **bounds: object) -> pd.DataFrame:
    """Rows of `ladder_stock` of one period."""
    frame = pd.DataFrame(rows, columns=["region", "step", "target_group", "persons"])
    return frame.assign(period="2024", lower=frame["persons"], upper=frame["persons"]).assign(**bounds)


def need(persons: list[float | None], placed: list[float | None], waiting: list[float | None]) -> pd.DataFrame:
    """Rows of `need` of one group, step and date."""
    frame = pd.DataFrame({"persons": persons, "placed": placed, "waiting": waiting})
    frame = frame.assign(refnis=range(len(frame)), target_group="leefloon", step="5", date="2024-12-31")
    return frame.assign(lower=frame["persons"], upper=frame["persons"])


def test_every_table_of_counts_has_a_layout_of_its_own_columns() -> None:
    assert set(shielding.LAYOUTS) == set(shielding.PERSON_COUNTS)
    for table, layout in shielding.LAYOUTS.items():
        named = {layout.place, layout.across, layout.count, *layout.apart, *layout.parts}
        assert named <= set(CONTRACTS[table].names)


def test_no_small_count_stands_in_any_column() -> None:
    rng = np.random.default_rng(3)
    persons = rng.poisson(rng.gamma(1, 20, 40)).astype(float).tolist()
    frame = need([*persons, None], [*(p // 2 for p in persons), None], [*(p - p // 2 for p in persons), None])
    shown = shielding.shield(frame, "need", threshold=THRESHOLD)
    for name in ("persons", "lower", "upper", "placed", "waiting"):
        given = shown[name].dropna()
        assert ((given == 0) | (given >= THRESHOLD)).all(), name
    assert shown.loc[shown["cell_status"] == "suppressed", ["persons", "lower", "upper"]].isna().all(axis=None)
    published = shown[shown["cell_status"] == "published"]
    assert (published["persons"] == frame.loc[published.index, "persons"]).all()
    assert shown["cell_status"].iloc[-1] == "missing"


def test_a_small_part_hides_its_fellow_but_not_the_persons() -> None:
    frame = need([50.0, 50.0, 50.0], [45.0, 30.0, 50.0], [5.0, 20.0, 0.0])
    shown = shielding.shield(frame, "need", threshold=THRESHOLD)
    assert shown["persons"].tolist() == [50, 50, 50]
    assert shown["placed"].isna().tolist() == [True, False, False]
    assert shown["waiting"].isna().tolist() == [True, False, False]


def test_trainees_who_stopped_or_found_no_work_are_a_small_count_too() -> None:
    frame = pd.DataFrame(
        {
            "training_id": ["t1", "t2"],
            "region": ["municipality:11002", "municipality:12025"],
            "sector": ["zorg", "zorg"],
            "year": [2024, 2024],
            "participants": [30, 60],
            "completed": [28, 40],
            "to_work": [14, 20],
        }
    )
    shown = shielding.shield(frame, "training", threshold=THRESHOLD)
    assert shown["participants"].tolist() == [30, 60]
    assert shown["completed"].isna().tolist() == [True, False]


def test_one_small_cell_asks_for_a_rectangle_and_more_for_the_insider() -> None:
    rows = [
        (f"municipality:{r}", s, "alle", 30 + 7 * i) for i, (r, s) in enumerate((r, s) for r in "abcd" for s in "3456")
    ]
    rows[5] = (*rows[5][:3], 4)
    shown = shielding.shield(stock(rows), "ladder_stock", threshold=THRESHOLD)
    hidden = shown[shown["cell_status"] == "suppressed"]
    assert len(hidden) >= 7  # a rectangle is four; who knows one of its cells knows the small one
    assert (hidden["region"] == rows[5][0]).sum() >= 3 and (hidden["step"] == rows[5][1]).sum() >= 3


def test_a_group_does_not_follow_from_everybody() -> None:
    rows = [("municipality:11002", "5", group, n) for group, n in (("leefloon", 4), ("nieuwkomer", 40), ("alle", 74))]
    rows += [("municipality:11002", "5", "arbeidsbeperking", 30)]
    shown = shielding.shield(stock(rows), "ladder_stock", threshold=THRESHOLD).set_index("target_group")
    assert shown.loc[["leefloon", "arbeidsbeperking"], "cell_status"].tolist() == ["suppressed"] * 2
    assert shown.loc["alle", "persons"] == 74


def test_a_region_and_all_but_one_of_its_municipalities_do_not_tell_the_last() -> None:
    codes = ["municipality:11002", "municipality:11001", "municipality:11004", "municipality:11005"]
    rows = [(code, "5", "alle", n) for code, n in zip(codes, (400, 4, 60, 80), strict=True)]
    rows += [("arrondissement:11000", "5", "alle", 544)]
    shown = shielding.shield(stock(rows), "ladder_stock", threshold=THRESHOLD)
    municipalities = shown[shown["region"].str.startswith("municipality")]
    assert (municipalities["cell_status"] == "suppressed").sum() >= 3


def test_a_count_that_the_source_hides_stays_hidden_with_its_bounds() -> None:
    rows: list[tuple[str, str, str, int | None]] = [
        ("municipality:11002", "5", "alle", None),
        ("municipality:11001", "5", "alle", 90),
    ]
    frame = stock(rows, lower=[1, 90], upper=[3, 90])
    shown = shielding.shield(frame, "ladder_stock", threshold=THRESHOLD)
    assert shown.loc[0, "cell_status"] == "suppressed"
    assert pd.isna(shown.loc[0, "lower"]) and pd.isna(shown.loc[0, "upper"])


def test_an_empty_table_stays_empty() -> None:
    frame = stock([]).astype({"persons": "Int64", "lower": "Int64", "upper": "Int64"})
    assert shielding.shield(frame, "ladder_stock", threshold=THRESHOLD).columns[-1] == "cell_status"


QUERIES = [
    "SELECT * FROM need",
    "SELECT persons FROM need ORDER BY persons",
    "SELECT n.refnis, n.persons, n.lower, n.upper, n.placed FROM main.need AS n",
    "WITH x AS (SELECT * FROM need) SELECT min(persons), persons FROM x GROUP BY persons",
    "SELECT persons FROM need WHERE persons < 10 AND persons > 0",
    "SELECT sum(n.persons) AS persons FROM need n JOIN territory USING (refnis) GROUP BY n.refnis, step, target_group",
]


@pytest.mark.parametrize("sql", QUERIES)
def test_no_query_gives_a_small_count_of_persons(built: Path, sql: str) -> None:
    answer = databank.query(sql)
    counts = answer[[c for c in answer if c in ("persons", "lower", "upper", "placed")]].to_numpy(float)
    counts = counts[~np.isnan(counts)]
    assert ((counts == 0) | (counts >= THRESHOLD)).all()


def test_a_reason_shows_them_and_is_logged(built: Path) -> None:
    sql = "SELECT refnis, persons, cell_status FROM need"
    (built / "build" / "log" / "disclosure.jsonl").unlink(missing_ok=True)
    closed, opened = databank.query(sql), databank.query(sql, reason="nakijken met de bron")
    assert closed["persons"].isna().sum() > opened["persons"].isna().sum()
    assert "small" in set(opened["cell_status"]) and "suppressed" in set(closed["cell_status"])
    (line,) = (built / "build" / "log" / "disclosure.jsonl").read_text(encoding="utf-8").splitlines()
    said = json.loads(line)
    assert (said["action"], said["reason"], said["sql"]) == ("databank query", "nakijken met de bron", sql)


def test_the_plan_is_made_once_per_content(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    databank.query("SELECT count(*) FROM need")
    monkeypatch.setattr(shielding, "_hidden", lambda *_, **__: pytest.fail("planned again"))
    databank.query("SELECT count(*) FROM need")


def test_a_mistake_in_a_query_on_counts_is_one_line(built: Path) -> None:
    with pytest.raises(InputError, match="sql: Binder Error"):
        databank.query("SELECT nothing FROM need")


def test_notebooks_and_exports_hold_no_small_count(built: Path, tmp_path: Path) -> None:
    connection = databank.connect()
    read = connection.execute("SELECT persons FROM need").df()["persons"].dropna()
    connection.close()
    databank.export(tmp_path / "parquet", format="parquet")
    databank.export(tmp_path / "csv", format="csv")
    databank.export(tmp_path / "uit.xlsx", format="xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "uit.xlsx", read_only=True)["need"]
    head, *lines = sheet.iter_rows(values_only=True)
    frames = {
        "parquet": pd.read_parquet(tmp_path / "parquet" / "need.parquet"),
        "csv": pd.read_csv(tmp_path / "csv" / "need.csv"),
        "xlsx": pd.DataFrame(lines, columns=[str(name) for name in head]),
    }
    for kind, frame in frames.items():
        assert "suppressed" in set(frame["cell_status"]), kind
        given = frame["persons"].dropna().astype(float)
        assert ((given == 0) | (given >= THRESHOLD)).all(), kind
        assert sorted(given) == sorted(read), kind
    with duckdb.connect(databank.path(), read_only=True) as whole:
        (few,) = whole.execute("SELECT count(*) FROM need WHERE persons > 0 AND persons < 10").fetchone() or (0,)
    assert few > 0
