"""Access of a region's people per mode: weighted, with what is unknown as a bound, and the edge said."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError, InsufficientDataError
from studie.places import access, gaps

AREAS = [1, 2, 3]
POINTS = pd.DataFrame(
    {"lon": [4.40, 4.41, 4.90], "lat": [51.2, 51.2, 51.2], "area_km2": [10.0, 10.0, 10.0]}, index=AREAS
)
NEED = pd.DataFrame([[100.0, 50.0, 10.0], [120.0, 50.0, 10.0]], columns=AREAS)
COST = pd.DataFrame(
    [(o, d, 5.0 if o == d else 9.0) for o in (1, 2) for d in (1, 2)] + [(3, 3, 5.0)],
    columns=["origin", "destination", "minutes"],
)


def offer(places: list[float | None], state: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"places": pd.array(places, dtype="Float64"), "state": state}, index=AREAS)


KNOWN = offer([40.0, 0.0, 30.0], ["known"] * 3)
HALF = offer([40.0, None, 30.0], ["known", "unknown", "known"])


def reach(found: pd.DataFrame = KNOWN, **options: Any) -> Any:
    common: dict[str, Any] = {"points": POINTS, "sites": pd.Series({1: 1, 3: 1}), "vte_per_person": 0.5, "minutes": 30}
    return access.regional_access(NEED, found, {"car": COST}, **{**common, "inside": AREAS[:2], **options})


def test_access_of_a_region_is_weighted_by_its_need_and_the_interval_holds_it() -> None:
    found = reach()
    row = found.table.loc["car"]
    mean = NEED.mean()
    by_hand = access.two_step_floating_catchment(
        mean, KNOWN["places"].astype(float) / 0.5, COST, {10: 1.0, 20: 0.68, 30: 0.22}
    ).access
    assert row["access"] == pytest.approx(np.average(by_hand[[1, 2]], weights=mean[[1, 2]]))
    assert row["access"] == pytest.approx(80 / 160)
    assert row["lower"] <= row["access"] <= row["upper"]
    assert not row["at_least"]
    assert found.persons == 160


def test_who_stays_without_a_place_depends_on_what_the_unknown_offer_holds() -> None:
    known, half = reach().table.loc["car"], reach(HALF).table.loc["car"]
    assert known["unmet_lower"] == known["unmet_upper"] == pytest.approx(80.0)
    assert (half["unmet_lower"], half["unmet_upper"]) == pytest.approx((0.0, 80.0))
    assert half["at_least"]
    frame = reach(HALF).to_frame().set_index("quantity")
    assert np.isnan(frame.loc["access", "upper"])
    assert list(reach().to_frame().columns)[-6:] == ["quantity", "estimate", "lower", "upper", "n", "unit"]


def test_where_only_unknown_offer_is_in_reach_access_is_unknown_and_not_zero() -> None:
    far = pd.DataFrame({"origin": AREAS, "destination": AREAS, "minutes": 41.0, "fixed_minutes": 10.0})
    found = access.regional_access(
        NEED,
        HALF,
        {"car": far},
        inside=[2],
        points=POINTS,
        sites=pd.Series({1: 1, 3: 1}),
        vte_per_person=0.5,
        minutes=30,
    )
    row = found.table.loc["car"]
    assert row[["access", "lower", "upper"]].isna().all()
    assert row["at_least"]
    assert (row["unmet_lower"], row["unmet_upper"]) == pytest.approx((0.0, 50.0))


def test_the_nearest_place_is_that_of_the_median_person_and_missing_where_most_have_none() -> None:
    assert reach().table.loc["car", "nearest"] == 5.0
    far = offer([0.0, 0.0, 30.0], ["known"] * 3)
    assert np.isnan(reach(far).table.loc["car", "nearest"])
    assert reach(far).table.loc["car", "access"] == 0.0


def test_a_catchment_of_too_few_municipalities_says_nothing_of_the_edge() -> None:
    assert np.isnan(reach().table.loc["car", "edge"])


def test_a_municipality_at_the_edge_of_a_grid_is_flagged_and_one_in_the_middle_is_not() -> None:
    side, step = 15, 0.03
    rows, columns = np.divmod(np.arange(side**2), side)
    lon, lat = 4 + step * columns, 51 + step * 0.63 * rows
    points = pd.DataFrame({"lon": lon, "lat": lat, "area_km2": 4.4}, index=np.arange(side**2))
    need = pd.DataFrame(np.full((2, side**2), 20.0))
    places = pd.DataFrame({"places": 10.0, "state": "known"}, index=points.index)
    speeds = access.Speeds(modes={"car": access.Speed(kmh={np.inf: 30.0})})
    cost = access.travel_minutes(points, points, mode="car", speeds=speeds)
    options: dict[str, Any] = {"points": points, "sites": pd.Series(1, index=points.index), "vte_per_person": 0.8}
    flagged = [
        access.regional_access(need, places, {"car": cost}, inside=[one], minutes=20, **options).table.loc[
            "car", "edge"
        ]
        for one in (0, side**2 // 2)
    ]
    assert flagged == [1.0, 0.0]


def test_without_a_known_place_or_anybody_in_need_there_is_nothing_to_say() -> None:
    nothing = offer([None, None, None], ["unknown"] * 3)
    with pytest.raises(InsufficientDataError, match="no place of known size"):
        reach(nothing)
    with pytest.raises(InputError, match="inside"):
        reach(inside=[])
    with pytest.raises(InputError, match="minutes"):
        reach(minutes=0)


def test_the_own_sites_of_a_large_municipality_bring_places_within_reach() -> None:
    """A town of which the mean trip takes 41 minutes and that has 16 sites is not without a place in 30 minutes."""
    columns = pd.MultiIndex.from_tuples([(1, "a")], names=["refnis", "target_group"])
    need = pd.DataFrame([[100.0]], columns=columns)
    cost = pd.DataFrame({"origin": [1], "destination": [1], "minutes": [41.0], "fixed_minutes": [10.0]})
    places = pd.DataFrame({"refnis": [1], "target_group": ["a"], "places": [5.0]})
    without = gaps.reach(need, places, {"car": cost}, minutes=30).main.table
    with_sites = gaps.reach(need, places.assign(sites=16), {"car": cost}, minutes=30).main.table
    assert without.loc[1, "state"] == "unreachable"
    assert with_sites.loc[1, "estimate"] == 1.0


def test_an_own_place_of_unknown_size_leaves_reach_unknown_and_not_zero() -> None:
    columns = pd.MultiIndex.from_tuples([(1, "a")], names=["refnis", "target_group"])
    need = pd.DataFrame([[100.0]], columns=columns)
    cost = pd.DataFrame({"origin": [1], "destination": [1], "minutes": [41.0], "fixed_minutes": [10.0]})
    places = pd.DataFrame({"refnis": [1], "target_group": ["a"], "places": [np.nan], "sites": [1]})
    found = gaps.reach(need, places, {"car": cost}, minutes=30).main.table.loc[1]
    assert found["state"] == "unknown"
    assert np.isnan(found["estimate"])
    assert found["upper"] == 1.0
    far = cost.assign(fixed_minutes=35.0)
    assert gaps.reach(need, places, {"car": far}, minutes=30).main.table.loc[1, "state"] == "unreachable"
