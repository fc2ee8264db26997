"""Vacancies per hundred persons in need: areas beside the whole, draw by draw."""

import numpy as np
import pytest

from studie.errors import InputError, InsufficientDataError
from studie.strategy.room import room

ONES = np.ones(1000)


def test_it_is_the_ratio_per_hundred_in_every_draw() -> None:
    found = room({"all": 300 * ONES, "a": 100 * ONES}, {"all": 200 * ONES, "a": 50 * ONES}, whole="all")
    assert found.table.loc["all", "estimate"] == 150.0
    assert found.table.loc["a", ["estimate", "lower", "upper", "whole", "more"]].tolist() == [200, 200, 200, 150, 1]


def test_what_area_and_whole_share_is_no_doubt_about_their_difference() -> None:
    rng = np.random.default_rng(1)
    shared = rng.lognormal(0, 0.5, 2000)
    found = room(
        {"all": 300 * shared, "a": 105 * shared}, {"all": 200 * np.ones(2000), "a": 66 * np.ones(2000)}, whole="all"
    )
    assert found.table.loc["a", "more"] == 1.0
    assert found.table.loc["a", "lower"] < found.table.loc["all", "estimate"] < found.table.loc["a", "upper"]


def test_the_whole_is_as_likely_above_as_below_itself() -> None:
    found = room({"all": 300 * ONES}, {"all": 200 * ONES}, whole="all")
    assert found.table.loc["all", "more"] == 0.5


def test_its_interval_covers_the_ratio_of_independent_draws() -> None:
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(400):
        vacancies, need = rng.normal(1000, 50), rng.normal(500, 20)  # what was measured of 1.000 and 500
        draws = room(
            {"all": vacancies + rng.normal(0, 50, 800)}, {"all": need + rng.normal(0, 20, 800)}, whole="all", level=0.8
        )
        hits += draws.table.loc["all", "lower"] <= 200.0 <= draws.table.loc["all", "upper"]
    assert abs(hits / 400 - 0.8) < 3 * np.sqrt(0.8 * 0.2 / 400)


def test_an_area_without_need_has_no_ratio_and_the_longer_draws_are_cut() -> None:
    found = room({"all": 300 * ONES, "a": 5 * ONES}, {"all": 200 * ONES[:500], "a": 0 * ONES[:500]}, whole="all")
    assert found.n == 500
    assert np.isnan(found.table.loc["a", "estimate"]) and np.isnan(found.table.loc["a", "more"])


def test_wrong_input_is_one_line() -> None:
    with pytest.raises(InputError, match="same areas"):
        room({"a": ONES}, {"b": ONES}, whole="b")
    with pytest.raises(InputError, match=r"level: must lie between 0 and 1, got 1"):
        room({"a": ONES}, {"a": ONES}, whole="a", level=1)
    with pytest.raises(InsufficientDataError, match="nobody in need"):
        room({"a": ONES}, {"a": 0 * ONES}, whole="a")
