"""Result tables behind what a notebook shows."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from studie.batch import extract


def node(*items: dict[str, Any]) -> dict[str, Any]:
    outputs = [{"data": {extract.MIME: item, "text/plain": "x"}} for item in items]
    return {"cells": [{"cell_type": "markdown"}, {"cell_type": "code", "outputs": [{"name": "stdout"}, *outputs]}]}


def item(name: str, data: list[list[Any]], kind: str = "table", **other: Any) -> dict[str, Any]:
    return {"kind": kind, "name": name, "frame": {"columns": ["sector", "estimate"], "data": data}, **other}


def test_a_table_and_a_figure_of_the_same_frame_give_one_file(tmp_path: Path) -> None:
    shown = node(item("stock", [["zorg", 1.5]]), item("stock", [["zorg", 1.5]], kind="figure"))
    assert extract.write_results(shown, tmp_path) == ["stock"]
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "stock.parquet"), pd.DataFrame({"sector": ["zorg"], "estimate": [1.5]})
    )
    assert (tmp_path / "stock.csv").read_text(encoding="utf-8") == "sector,estimate\nzorg,1.5\n"


def test_another_frame_of_the_same_name_gets_a_number() -> None:
    shown = node(item("stock", [["zorg", 1]]), item("stock", [["bouw", 1]]), item("stock", [["bouw", 1]]))
    assert list(extract.frames(shown)) == ["stock", "stock-2"]


@pytest.mark.parametrize("text", ["=1+1", "+32", "-zorg", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(tmp_path: Path, text: str) -> None:
    extract.write_results(node(item("stock", [[text, -1.5]])), tmp_path)
    kept = pd.read_csv(tmp_path / "stock.csv", keep_default_na=False)
    assert kept.loc[0, "sector"].startswith("'")
    assert kept.loc[0, "estimate"] == -1.5
    assert pd.read_parquet(tmp_path / "stock.parquet").loc[0, "sector"] == text


def test_harmless_text_and_negative_numbers_stay_as_they_are() -> None:
    frame = pd.DataFrame({"step": ["3-4", "uit_beeld", None], "estimate": [-1, 0, 1]})
    pd.testing.assert_frame_equal(extract.spreadsheet_safe(frame), frame)


def test_a_column_of_mixed_values_becomes_text_and_missing_stays_missing(tmp_path: Path) -> None:
    extract.write_results(node(item("stock", [[1, 2.0], ["a", None], [None, 3.0]])), tmp_path)
    kept = pd.read_parquet(tmp_path / "stock.parquet")
    assert kept["sector"].tolist() == ["1", "a", None]
    assert kept["estimate"].isna().tolist() == [False, True, False]


def test_items_without_a_frame_and_other_kinds_give_no_file(tmp_path: Path) -> None:
    shown = node(
        {"kind": "sentence", "text": "x"}, {"kind": "table", "name": "empty"}, item("x", [["a", 1]], kind="headline")
    )
    assert extract.write_results(shown, tmp_path) == []


def test_a_name_cannot_leave_its_folder(tmp_path: Path) -> None:
    assert extract.write_results(node(item("../a b/c", [["a", 1]])), tmp_path / "results") == ["a-b-c"]


def test_the_status_of_the_data_is_that_of_every_item() -> None:
    shown = node(item("a", [], data_status=["observed", "own"]), {"kind": "sentence", "data_status": "demonstration"})
    assert extract.data_status(shown) == {"observed", "own", "demonstration"}
