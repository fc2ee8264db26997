"""What a notebook's outputs say is taken over whole, and what is missing is named."""

from __future__ import annotations

import base64
import io
from typing import Any

import matplotlib.figure
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from studie.report import items


def one(*cells: Any) -> items.Chapter:
    return items.chapter(new_notebook(cells=list(cells)))


def test_the_tidy_frame_behind_a_table_stays_out_of_the_report(build: Any) -> None:
    (block,) = one(build.table("t", 2, 1, frame={"columns": ["a"], "data": [[1]]})).blocks
    assert "frame" not in block


def test_rows_are_made_to_fit_the_columns_with_a_warning(build: Any) -> None:
    chapter = one(build.table("t", 3, 1, rows=[["a"], ["a", "b", "c", "d"], ["a", None, "c"]]))
    assert chapter.blocks[0]["rows"] == [["a", "", ""], ["a", "b", "c"], ["a", "", "c"]]
    assert any("ander aantal cellen" in warning for warning in chapter.warnings)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2020-01/2025-12", "januari 2020 tot december 2025"),
        ("2026-04", "april 2026"),
        ("hele reeks", "hele reeks"),
        ("", ""),
    ],
)
def test_a_period_is_said_in_dutch_words(given: str, shown: str) -> None:
    assert items.span(given) == shown


@pytest.mark.parametrize(("given", "shown"), [("province:99999", "province:99999"), ("Kempen", "Kempen")])
def test_a_place_that_is_no_known_code_stays_as_it_is(given: str, shown: str) -> None:
    assert items.place(given) == shown


def test_a_region_code_becomes_its_name() -> None:
    assert "Mechelen" in items.place("arrondissement:12000")


def test_a_figure_without_alternative_text_is_kept_and_named(build: Any) -> None:
    chapter = one(build.item("figure", svg="<svg viewBox='0 0 20 10'/>", name="f", caption="Bijschrift"))
    assert chapter.blocks[0]["alt"] == "Bijschrift" and chapter.blocks[0]["ratio"] == 0.5
    assert any("zonder tekstalternatief" in warning for warning in chapter.warnings)


def test_a_bitmap_of_a_users_own_figure_is_kept(build: Any) -> None:
    file = io.BytesIO()
    matplotlib.figure.Figure(figsize=(2, 1), dpi=50).savefig(file, format="png")
    encoded = base64.b64encode(file.getvalue()).decode()
    cell = new_code_cell("plt.plot()", outputs=[new_output("display_data", data={"image/png": encoded})])
    (block,) = one(cell).blocks
    assert block["ratio"] == 0.5 and block["alt"] == items.NO_ALT


def test_an_unknown_kind_is_left_out_and_named(build: Any) -> None:
    chapter = one(build.item("kaart"))
    assert chapter.blocks == []
    assert any("'kaart'" in warning for warning in chapter.warnings)


def test_a_word_longer_than_any_column_may_break() -> None:
    address = "https://example.org/" + "a" * 80
    broken = items._breakable(address)
    assert broken.replace("\u200b", "") == address
    assert max(map(len, broken.split("\u200b"))) <= 20
    assert items._breakable("arbeidszorgmedewerkersbegeleiding") == "arbeidszorgmedewerkersbegeleiding"
