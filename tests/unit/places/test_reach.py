"""Nearest place, share within reach, unmet need, and the edge of the data."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.places import access

STEPS = {10: 1.0, 20: 0.68, 30: 0.22}


def cost(*rows: tuple[object, object, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["origin", "destination", "minutes"])


def test_the_nearest_place_skips_destinations_without_places() -> None:
    supply = pd.Series({"empty": 0.0, "x": 3.0, "unknown": np.nan})
    table = cost(("a", "empty", 2), ("a", "x", 9), ("a", "unknown", 5), ("b", "unknown", 7))
    found = access.nearest_minutes(pd.Index(["a", "b", "c"]), supply, table).table
    assert found["state"].tolist() == ["published", "unknown", "unreachable"]
    assert found.loc["a", ["lower", "minutes", "upper"]].tolist() == [5.0, 9.0, 9.0]
    assert found.loc["b", "lower"] == 7.0
    assert found.loc[["b", "c"], "minutes"].isna().all()


def test_everything_far_has_the_same_access_but_another_nearest_place() -> None:
    demand, supply = pd.Series({"a": 10.0}), pd.Series({"x": 5.0})
    near, far = cost(("a", "x", 1)), cost(("a", "x", 29))
    both = [access.two_step_floating_catchment(demand, supply, table, STEPS).access["a"] for table in (near, far)]
    minutes = [access.nearest_minutes(demand.index, supply, table).table.loc["a", "minutes"] for table in (near, far)]
    assert both[0] == pytest.approx(both[1])
    assert minutes == [1.0, 29.0]


def test_the_share_within_reach_weighs_by_need() -> None:
    nearest = access.nearest_minutes(
        pd.Index(["a", "b", "c"]), pd.Series({"x": 1.0}), cost(("a", "x", 10), ("b", "x", 31))
    )
    need = pd.Series({"a": 30.0, "b": 50.0, "c": 20.0})
    assert access.reachable_share(need, nearest, minutes=30) == pytest.approx(0.3)
    with pytest.raises(InputError, match="above 0 somewhere"):
        access.reachable_share(need * 0, nearest, minutes=30)


def test_unmet_need_makes_room_by_sending_on_who_can_go_further() -> None:
    need, capacity = pd.Series({"a": 10.0, "b": 10.0}), pd.Series({"x": 10.0, "y": 10.0})
    table = cost(("a", "x", 5), ("a", "y", 20), ("b", "x", 10))
    exact = access.unmet_need(need, capacity, table, within_minutes=30, method="exact")
    greedy = access.unmet_need(need, capacity, table, within_minutes=30, method="greedy")
    assert exact.unmet == pytest.approx(0.0, abs=1e-9)
    assert exact.table.loc["a", "mean_minutes"] == pytest.approx(20.0)
    assert greedy.unmet == 10.0
    assert (exact.method, greedy.method) == ("exact", "greedy")


def test_exact_assignment_equals_the_least_cost_of_all_permutations() -> None:
    from itertools import permutations

    rng = np.random.default_rng(8)
    minutes = rng.uniform(1, 30, (5, 5))
    rows = [(i, j, minutes[i, j]) for i in range(5) for j in range(5)]
    ones = pd.Series(1.0, index=range(5))
    found = access.unmet_need(ones, ones, cost(*rows), within_minutes=30)
    best = min(sum(minutes[i, p[i]] for i in range(5)) for p in permutations(range(5)))
    assert found.unmet == pytest.approx(0.0, abs=1e-9)
    assert found.table["mean_minutes"].sum() == pytest.approx(best)


def test_unmet_need_names_who_has_no_need_and_who_reaches_nothing() -> None:
    found = access.unmet_need(
        pd.Series({"a": 4.0, "b": 0.0, "c": 3.0}),
        pd.Series({"x": 1.0}),
        cost(("a", "x", 5), ("b", "x", 5), ("c", "x", 90)),
        within_minutes=30,
    )
    assert found.table["state"].to_dict() == {"a": "published", "b": "no need", "c": "unreachable"}
    assert found.table["unmet"].to_dict() == pytest.approx({"a": 3.0, "b": 0.0, "c": 3.0})


def test_unknown_capacity_is_refused_and_not_taken_as_zero() -> None:
    with pytest.raises(InputError, match="unknown is not 0"):
        access.unmet_need(pd.Series({"a": 1.0}), pd.Series({"x": np.nan}), cost(("a", "x", 5)), within_minutes=30)


def country(side: int) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """A chequerboard of alike places, 5 km apart."""
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    points = pd.DataFrame({"x": 5000.0 * x.ravel(), "y": 5000.0 * y.ravel(), "area_km2": 25.0})
    return points, pd.Series(100.0, index=points.index), pd.Series(60.0, index=points.index)


def test_the_edge_is_flagged_and_its_middle_is_not() -> None:
    points, need, places = country(13)
    speeds = access.Speeds(detour=1.0, modes={"car": access.Speed(kmh={np.inf: 60.0})})
    table = access.travel_minutes(points, points, mode="car", speeds=speeds)
    found = access.edge_effect(need, places, table, {20: 1.0}, area_km2=points["area_km2"], reach_km=20).table
    corner, middle = 0, 6 * 13 + 6
    assert found.loc[corner, "flag"] == "randeffect"
    assert found.loc[middle, "flag"] == ""
    assert found.loc[corner, "covered"] < 0.4 < 0.9 < found.loc[middle, "covered"]
    assert (found["lower"] <= found["access"]).all()
    assert (found["access"] <= found["upper"]).all()


def test_the_range_at_the_edge_holds_what_a_country_without_edge_gives() -> None:
    points, need, places = country(17)
    speeds = access.Speeds(detour=1.0, modes={"car": access.Speed(kmh={np.inf: 60.0})})
    table = access.travel_minutes(points, points, mode="car", speeds=speeds)
    whole = access.two_step_floating_catchment(need, places, table, {20: 1.0}).access
    inside = points.index[points["x"] <= 40_000]  # the region's edge runs through the middle of the country
    part = table[table["origin"].isin(inside) & table["destination"].isin(inside)]
    found = access.edge_effect(
        need[inside], places[inside], part, {20: 1.0}, area_km2=points["area_km2"], reach_km=20
    ).table
    rows = points.index[(points["x"].between(25_000, 40_000)) & points["y"].between(30_000, 50_000)]
    assert (found.loc[rows, "lower"] <= whole[rows]).all()
    assert (whole[rows] <= found.loc[rows, "upper"]).all()
    assert np.abs(found.loc[rows, "alike"] / 0.6 - 1).max() < 0.03
    assert np.abs(found.loc[rows, "alike"] / whole[rows] - 1).max() < 0.03
