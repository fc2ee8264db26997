"""Laws on a finished run: each holds on good output and is broken by the fault it is for."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from studie.batch import laws
from studie.batch.extract import MIME
from studie.batch.plan import Folders

KEYS = ["from_step", "to_step"]
COLUMNS = [*KEYS, "quantity", "estimate", "lower", "upper", "n", "unit", "data_status"]
ROWS = [
    ["1", "1", "transition_probability", 0.9, 0.85, 0.95, 1000, "probability", "observed"],
    ["1", "2", "transition_probability", 0.1, 0.05, 0.15, 1000, "probability", "observed"],
]
ITEM = {"kind": "figure", "name": "transition_matrix", "alt": "Een matrix.", "uses": ["ladder_panel"]}


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """A run of one region with one chapter, one result table and one PDF."""
    folder = tmp_path / "build" / "20260101-000000-aaaaaaaa"
    (folder / "province-10000" / "results").mkdir(parents=True)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "x.pdf").write_bytes(b"pdf")
    report = {"state": "done", "file": "reports/x.pdf", "sha256": hashlib.sha256(b"pdf").hexdigest()}
    (folder / "manifest.json").write_text(json.dumps({"reports": {"x pdf": report}}), encoding="utf-8")
    write_frame(folder, pd.DataFrame(ROWS, columns=COLUMNS))
    write_item(folder, ITEM)
    return folder


def write_frame(folder: Path, frame: pd.DataFrame) -> None:
    frame.to_parquet(folder / "province-10000" / "results" / "transition_matrix.parquet")


def write_item(folder: Path, item: dict[str, Any]) -> None:
    node = {"cells": [{"cell_type": "code", "outputs": [{"data": {MIME: item}}]}]}
    (folder / "province-10000" / "20-doorstroom.ipynb").write_text(json.dumps(node), encoding="utf-8")


def changed(row: int, **values: Any) -> pd.DataFrame:
    frame = pd.DataFrame(ROWS, columns=COLUMNS)
    for column, value in values.items():
        frame.loc[row, column] = value
    return frame


def broken(folder: Path) -> dict[str, str]:
    results = laws.check_run(folder, folders=Folders(root=folder.parents[1]))
    return {r.name: r.text for r in results if r.outcome == "broken"}


def test_good_output_obeys_every_law(finished: Path) -> None:
    assert broken(finished) == {}
    assert "6 of 6 laws hold" in (finished / "laws.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("frame", "law", "said"),
    [
        (changed(0).drop(columns="unit"), "result tables have their columns", "column unit is missing"),
        (changed(0, data_status=None), "result tables have their columns", "data_status is empty in 1 rows"),
        (changed(1, lower=0.11), "intervals hold their estimate", "estimate 0.1 is outside"),
        (changed(1, upper=0.09), "intervals hold their estimate", "estimate 0.1 is outside"),
        (changed(1, estimate=0.12), "shares of next steps add up to one", "shares add up to 1.02"),
        (changed(1, n=9), "no person can be counted out", "row 2"),
        (changed(1, n=80), "no person can be counted out", "row 2"),
        (changed(0, estimate=9.0, lower=9.0, upper=9.0, unit="persons"), "no person can be counted out", "row 1"),
    ],
)
def test_a_broken_result_table_breaks_its_law(finished: Path, frame: pd.DataFrame, law: str, said: str) -> None:
    write_frame(finished, frame)
    assert said in broken(finished)[law]


def test_a_suppressed_row_breaks_no_law(finished: Path) -> None:
    frame = changed(1, estimate=None, lower=None, upper=None, n=None)
    write_frame(finished, frame)
    assert broken(finished) == {}


def test_few_observations_that_are_not_persons_break_no_law(finished: Path) -> None:
    write_item(finished, ITEM | {"uses": ["vacancy"]})
    write_frame(finished, changed(1, n=9))
    assert broken(finished) == {}


def test_a_figure_without_words_breaks_its_law(finished: Path) -> None:
    write_item(finished, ITEM | {"alt": " "})
    assert "figure transition_matrix has no alt text" in broken(finished)["figures have alt text"]


@pytest.mark.parametrize(("content", "said"), [(b"other", "is another file"), (None, "is not there")])
def test_another_or_a_missing_pdf_breaks_its_law(finished: Path, content: bytes | None, said: str) -> None:
    path = finished.parents[1] / "reports" / "x.pdf"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert said in broken(finished)["PDFs are as the manifest says"]


def test_the_page_shows_what_broke_a_law_and_runs_nothing(finished: Path) -> None:
    write_item(finished, ITEM | {"alt": "", "name": "<script>"})
    assert broken(finished)
    text = (finished / "laws.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in text
    assert "<script>" not in text


def test_a_run_without_output_holds_no_law(finished: Path) -> None:
    shutil.rmtree(finished / "province-10000")
    (finished / "manifest.json").write_text('{"reports": {}}', encoding="utf-8")
    results = laws.check_run(finished, folders=Folders(root=finished.parents[1]))
    assert [r.text for r in results] == [f"{r.name}: nothing to test" for r in results]
    assert laws.tally(results) == "0 of 6 laws hold, 6 had nothing to test"
    assert "0 of 6 laws hold, 6 had nothing to test" in (finished / "laws.html").read_text(encoding="utf-8")
