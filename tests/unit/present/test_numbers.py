"""How numbers are written in Dutch."""

import math

import pandas as pd
import pytest

from studie.present import numbers

NB = "\u00a0"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(1234.5, 1, "1.234,5"), (0, 0, "0"), (-0.04, 1, "0,0"), (-3.2, 1, "−3,2"), (1869730, 0, "1.869.730")],
)
def test_a_number_has_a_point_for_thousands_and_a_comma_for_decimals(value, decimals, text):
    assert numbers.number(value, decimals=decimals) == text


@pytest.mark.parametrize("value", [None, math.nan, pd.NA])
def test_unknown_is_written_as_unknown_and_never_as_zero(value):
    assert numbers.number(value) == numbers.share(value) == "onbekend"
    assert numbers.interval(value, 2) == numbers.share_interval(0.1, value) == "onbekend"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "50"), (0.096, "9,6"), (0.0996, "10"), (0, "0"), (1, "100"), (0.0004, "0,04"), (0.00004, "0")],
)
def test_a_percentage_has_a_decimal_below_ten_and_two_below_one(value, text):
    assert numbers.share(value) == f"{text}{NB}%"


def test_intervals_and_periods_read_as_in_a_sentence():
    assert numbers.share_interval(0.04, 0.123) == f"4,0-12{NB}%"
    assert numbers.interval(1234.4, 2000) == "1.234-2.000"
    assert numbers.span("2016-01", "2026-04") == "januari 2016 tot april 2026"
    assert numbers.month("2026-Q1") == "1e kwartaal 2026"
    assert numbers.month("2025-S1") == "1e helft 2025"
    assert numbers.day("2025-01-01") == "1 januari 2025"
    assert numbers.listing(["zorg", "bouw", "logistiek"]) == "zorg, bouw en logistiek"
    assert numbers.plural(1, "gemeente", "gemeenten") == "1 gemeente"


@pytest.mark.parametrize(("probability", "word"), [(0.99, "zeker"), (0.9, "waarschijnlijk"), (0.6, "onzeker")])
def test_certainty_has_three_words(probability, word):
    assert numbers.certainty(probability) == word


def test_a_chance_from_draws_is_never_said_more_precisely_than_they_can_tell():
    assert [numbers.chance(p) for p in (0.0, 0.004, 0.5, 0.998, 1.0)] == [
        "<\u00a01\u00a0%", "<\u00a01\u00a0%", "50\u00a0%", ">\u00a099\u00a0%", ">\u00a099\u00a0%"
    ]  # fmt: skip
    assert numbers.chance(None) == "onbekend"
