"""The numbers behind a figure are told in Dutch, with what is hidden or unknown named."""

from __future__ import annotations

from typing import Any

import pytest

from studie.present import behind

SIX = ["quantity", "estimate", "lower", "upper", "n", "unit"]


def table(columns: list[str], *rows: list[Any]) -> behind.Behind:
    found = behind.behind({"columns": columns, "data": list(rows)})
    assert found is not None
    return found


def test_keys_that_do_not_tell_rows_apart_are_left_out() -> None:
    made = table(
        ["from_step", "to_step", *SIX, "region"],
        ["3", "4", "transition_probability", 0.012, 0.009, 0.015, 90, "probability", "province:10000"],
        ["3", "exit_moved", "transition_probability", None, None, None, 90, "probability", "province:10000"],
    )
    assert [c.label for c in made.columns] == ["Naar", "Waarde", "Ondergrens", "Bovengrens"]
    assert made.rows == (("trede 4", "1,2\u00a0%", "0,90\u00a0%", "1,5\u00a0%"), ("verhuisd", "onbekend", "", ""))


def test_bounds_that_nobody_knows_get_no_column() -> None:
    made = table(
        ["refnis", *SIX], [12025, "stock", 3.0, None, None, 3, "places"], [11002, "stock", 0, None, None, 0, "places"]
    )
    assert [(c.label, c.unit) for c in made.columns] == [("Gemeente", None), ("Waarde", "plaatsen")]
    assert made.rows == (("Mechelen", "3"), ("Antwerpen", "0"))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("period", "2026-04", "april 2026"),
        ("period", "2020-01/2025-12", "januari 2020 tot december 2025"),
        ("period", "hele reeks", "hele reeks"),
        ("time", 12.0, "12 maanden"),
        ("level", 0.8, "80\u00a0%"),
        ("series", "('region:02000', 'bouw')", "Vlaanderen · bouw"),
        ("area", "arrondissement:12000", "Mechelen"),
        ("quantity", "out of reach public_transport", "mensen zonder plaats in bereik met het openbaar vervoer"),
        ("quantity", "nog_niet_vertaald", "nog niet vertaald"),
        ("face", "volume", "omvang"),
    ],
)
def test_a_key_is_said_in_dutch(key: str, value: Any, said: str) -> None:
    made = table([key, "estimate"], [value, 1.0], ["andere", 2.0])
    assert made.rows[0][0] == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(1234.567, "1.235"), (12.34, "12,3"), (0.01234, "0,0123"), (-3.0, "−3"), (float("inf"), "oneindig")],
)
def test_a_number_shows_three_digits(value: float, said: str) -> None:
    assert table(["sector", "estimate"], ["a", value], ["b", 1]).rows[0][1] == said


def test_what_is_hidden_says_why() -> None:
    made = table(["sector", "estimate", "cell_status"], ["a", None, "suppressed"], ["b", None, "missing"])
    assert [row[1] for row in made.rows] == ["te klein", "onbekend"]


def test_a_long_table_says_how_much_is_left_out() -> None:
    made = table(["x", "estimate"], *([str(k), k] for k in range(behind.MOST_ROWS + 7)))
    assert (len(made.rows), made.left_out) == (behind.MOST_ROWS, 7)


@pytest.mark.parametrize("frame", [{}, {"columns": ["a"], "data": [[1]]}, {"columns": ["estimate"], "data": []}])
def test_without_estimates_there_is_no_table(frame: dict[str, Any]) -> None:
    assert behind.behind(frame) is None
