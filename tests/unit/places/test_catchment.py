"""Two-step floating catchment: what other software drops, divides by zero or counts twice is named here."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.places import access

STEPS = {10: 1.0, 20: 0.68, 30: 0.22}


def cost(*rows: tuple[object, object, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["origin", "destination", "minutes"])


def test_access_is_the_sum_of_shared_places_by_hand() -> None:
    demand = pd.Series({"a": 100.0, "b": 50.0})
    supply = pd.Series({"x": 30.0, "y": 10.0})
    table = cost(("a", "x", 5), ("b", "x", 15), ("b", "y", 25))
    result = access.two_step_floating_catchment(demand, supply, table, STEPS)
    x, y = 30 / (1.0 * 100 + 0.68 * 50), 10 / (0.22 * 50)
    assert result.access["a"] == pytest.approx(x, rel=1e-15)
    assert result.access["b"] == pytest.approx(0.68 * x + 0.22 * y, rel=1e-15)


def test_a_limit_belongs_to_its_own_band() -> None:
    table = cost(("a", "x", 10.0), ("b", "x", 10.000001), ("c", "x", 30.0), ("d", "x", 30.1))
    result = access.two_step_floating_catchment(pd.Series(1.0, index=list("abcd")), pd.Series({"x": 1.0}), table, STEPS)
    total = 1 + 0.68 + 0.22
    assert result.access.tolist() == pytest.approx([1 / total, 0.68 / total, 0.22 / total, 0.0])


def test_an_unreachable_origin_stays_with_zero_and_a_flag() -> None:
    demand = pd.Series({"a": 10.0, "far": 5.0, "unlisted": 5.0})
    result = access.two_step_floating_catchment(
        demand, pd.Series({"x": 4.0}), cost(("a", "x", 5), ("far", "x", 31)), STEPS
    )
    assert result.access[["far", "unlisted"]].tolist() == [0.0, 0.0]
    assert list(result.unreachable) == ["far", "unlisted"]
    assert len(result.to_frame()) == 3


def test_supply_that_nobody_in_need_reaches_is_counted_and_named() -> None:
    demand = pd.Series({"a": 10.0, "empty": 0.0})
    supply = pd.Series({"x": 4.0, "lonely": 7.0, "nowhere": 9.0})
    result = access.two_step_floating_catchment(demand, supply, cost(("a", "x", 5), ("empty", "lonely", 5)), STEPS)
    assert result.destinations["state"].to_dict() == {"x": "reached", "lonely": "no demand", "nowhere": "no demand"}
    assert (result.reachable_supply, result.unreachable_supply) == (4.0, 16.0)
    assert np.isnan(result.destinations.loc["lonely", "ratio"])
    assert result.table.loc["empty", "state"] == "no demand"
    assert result.access["empty"] == 0.0


def test_access_is_finite_everywhere_when_nobody_is_in_need() -> None:
    result = access.two_step_floating_catchment(
        pd.Series({"a": 0.0}), pd.Series({"x": 4.0}), cost(("a", "x", 5)), STEPS
    )
    assert np.isfinite(result.access).all()
    assert result.unreachable_supply == 4.0


def test_a_pair_listed_twice_is_refused_in_any_order() -> None:
    rows = [("a", "x", 5.0), ("b", "x", 6.0), ("a", "x", 5.0)]
    for order in ([0, 1, 2], [0, 2, 1], [1, 0, 2]):
        with pytest.raises(InputError, match="a -> x twice"):
            access.two_step_floating_catchment(
                pd.Series({"a": 1.0, "b": 1.0}), pd.Series({"x": 1.0}), cost(*[rows[i] for i in order]), STEPS
            )


def test_pairs_in_any_order_are_fine_when_they_are_unique() -> None:
    demand, supply = pd.Series({1: 2.0, 5: 3.0}), pd.Series({1: 4.0, 5: 6.0})
    rows = [(1, 1, 2.0), (1, 5, 12.0), (5, 1, 14.0), (5, 5, 2.0)]
    straight = access.two_step_floating_catchment(demand, supply, cost(*rows), STEPS)
    mixed = access.two_step_floating_catchment(demand, supply, cost(*[rows[i] for i in (3, 0, 2, 1)]), STEPS)
    assert mixed.access.tolist() == pytest.approx(straight.access.tolist(), rel=1e-14)


@pytest.mark.parametrize("gravity", [lambda t: 1 / t, lambda t: 1 / t**2])
def test_a_gravity_function_at_distance_zero_is_refused_and_says_what_to_do(gravity) -> None:
    with pytest.raises(InputError, match="within a place a value above 0"):
        access.two_step_floating_catchment(pd.Series({"a": 1.0}), pd.Series({"x": 1.0}), cost(("a", "x", 0.0)), gravity)


def test_distance_zero_falls_in_the_first_band() -> None:
    result = access.two_step_floating_catchment(
        pd.Series({"a": 2.0}), pd.Series({"x": 1.0}), cost(("a", "x", 0.0)), STEPS
    )
    assert result.access["a"] == 0.5


def test_a_function_of_one_number_works_as_one_of_an_array() -> None:
    demand, supply = pd.Series({"a": 2.0, "b": 1.0}), pd.Series({"x": 3.0})
    table = cost(("a", "x", 4.0), ("b", "x", 12.0))
    scalar = access.two_step_floating_catchment(demand, supply, table, lambda t: 1.0 if t <= 10 else 0.5)
    steps = access.two_step_floating_catchment(demand, supply, table, {10: 1.0, 20: 0.5})
    assert scalar.access.equals(steps.access)


def test_unknown_offer_is_never_zero() -> None:
    demand = pd.Series({"a": 10.0, "b": 10.0, "c": 10.0})
    supply = pd.Series({"known": 4.0, "unknown": np.nan, "none": 0.0})
    result = access.two_step_floating_catchment(
        demand, supply, cost(("a", "known", 5), ("a", "unknown", 8), ("b", "unknown", 8), ("c", "none", 5)), STEPS
    )
    assert result.table["state"].to_dict() == {"a": "partly unknown", "b": "unknown", "c": "no supply"}
    assert np.isnan(result.access["b"])
    assert np.isnan(result.table.loc["a", "upper"])
    assert result.access["c"] == 0.0
    assert result.destinations.loc["unknown", "state"] == "unknown"


def test_unknown_need_is_refused() -> None:
    with pytest.raises(InputError, match="demand: every origin needs a number"):
        access.two_step_floating_catchment(pd.Series({"a": np.nan}), pd.Series({"x": 1.0}), cost(("a", "x", 5)), STEPS)


def test_codes_as_text_against_codes_as_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="no row names a place of demand"):
        access.two_step_floating_catchment(
            pd.Series({11001: 1.0}), pd.Series({11002: 1.0}), cost(("11001", "11002", 5)), STEPS
        )


def test_pairs_of_other_places_are_left_out_and_counted() -> None:
    table = cost((1, 1, 5), (1, 9, 5), (10**9, 1, 5), (-3, 1, 5))
    result = access.two_step_floating_catchment(pd.Series({1: 2.0}), pd.Series({1: 1.0}), table, STEPS)
    assert result.ignored_pairs == 3
    assert result.access[1] == 0.5


def test_places_can_be_categories() -> None:
    table = cost(("a", "x", 5), ("z", "x", 5)).astype({"origin": "category", "destination": "category"})
    result = access.two_step_floating_catchment(pd.Series({"a": 2.0}), pd.Series({"x": 1.0}), table, STEPS)
    assert result.access["a"] == 0.5


@pytest.mark.parametrize("minutes", [-1.0, np.nan, np.inf])
def test_minutes_that_are_no_time_are_refused(minutes: float) -> None:
    with pytest.raises(InputError, match="minutes must be finite and at least 0"):
        access.two_step_floating_catchment(
            pd.Series({"a": 1.0}), pd.Series({"x": 1.0}), cost(("a", "x", minutes)), STEPS
        )


@pytest.mark.parametrize("weights", [{}, {0: 1.0}, {10: -1.0}, {10: np.inf}, {10: np.nan}])
def test_weights_that_are_no_weights_are_refused(weights: dict[float, float]) -> None:
    with pytest.raises(InputError, match="weights: "):
        access.two_step_floating_catchment(pd.Series({"a": 1.0}), pd.Series({"x": 1.0}), cost(("a", "x", 5.0)), weights)


def test_places_listed_twice_and_negative_amounts_are_refused() -> None:
    table = cost(("a", "x", 5.0))
    with pytest.raises(InputError, match="demand: one row per place"):
        access.two_step_floating_catchment(pd.Series([1.0, 2.0], index=["a", "a"]), pd.Series({"x": 1.0}), table, STEPS)
    with pytest.raises(InputError, match="supply: must be finite and at least 0"):
        access.two_step_floating_catchment(pd.Series({"a": 1.0}), pd.Series({"x": -1.0}), table, STEPS)
    with pytest.raises(InputError, match="cost: needs the columns"):
        access.two_step_floating_catchment(
            pd.Series({"a": 1.0}), pd.Series({"x": 1.0}), table.drop(columns="minutes"), STEPS
        )


def test_draws_of_need_give_an_interval_around_the_estimate() -> None:
    rng = np.random.default_rng(3)
    draws = pd.DataFrame(rng.gamma(100, 1, (4000, 1)), columns=["a"])
    result = access.two_step_floating_catchment(
        pd.Series({"a": 100.0}), pd.Series({"x": 50.0}), cost(("a", "x", 5)), STEPS, demand_draws=draws, level=0.9
    )
    expected = np.quantile(50 / draws["a"], [0.05, 0.95])
    assert result.table.loc["a", ["lower", "upper"]].tolist() == pytest.approx(expected)
    assert result.table.loc["a", "lower"] < result.access["a"] < result.table.loc["a", "upper"]


def test_the_frame_has_a_row_per_origin_and_the_six_columns() -> None:
    frame = access.two_step_floating_catchment(
        pd.Series({"a": 1.0}), pd.Series({"x": 1.0}), cost(("a", "x", 5)), STEPS
    ).to_frame()
    assert list(frame.columns) == ["origin", "state", "quantity", "estimate", "lower", "upper", "n", "unit"]
