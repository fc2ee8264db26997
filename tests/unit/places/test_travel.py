"""Travel minutes: default speeds, exceptions, and the user's own matrix."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.places import access
from studie.places.travel import Speed, Speeds

POINTS = pd.DataFrame(
    {"x": [0.0, 10_000.0, 40_000.0], "y": [0.0, 0.0, 0.0], "area_km2": [10.0, 40.0, np.nan]}, index=[1, 2, 3]
)
FLAT = Speeds(detour=1.3, modes={"car": Speed(kmh={np.inf: 60.0})}, least_km=0.5)


def override(origin, destination, minutes, mode="car", because="brug"):
    return pd.DataFrame(
        [(origin, destination, mode, minutes, because)],
        columns=["origin", "destination", "mode", "minutes", "because"],
    )


def test_minutes_are_distance_times_detour_at_the_speed() -> None:
    cost = access.travel_minutes(POINTS, POINTS, mode="car", speeds=FLAT).set_index(["origin", "destination"])
    assert cost.loc[(1, 2), "minutes"] == pytest.approx(13.0)
    assert len(cost) == 9


def test_a_trip_within_a_place_takes_the_mean_distance_of_a_disc_of_its_area() -> None:
    rng = np.random.default_rng(1)
    radius = np.sqrt(40.0 / np.pi)
    angle, far = rng.uniform(0, 2 * np.pi, (2, 200_000)), radius * np.sqrt(rng.uniform(size=(2, 200_000)))
    x, y = far * np.cos(angle), far * np.sin(angle)
    simulated = np.hypot(x[0] - x[1], y[0] - y[1])
    cost = access.travel_minutes(POINTS, POINTS, mode="car", speeds=FLAT).set_index(["origin", "destination"])
    error = simulated.std() / np.sqrt(simulated.size)
    assert cost.loc[(2, 2), "minutes"] / 1.3 == pytest.approx(simulated.mean(), abs=4 * error)
    assert cost.loc[(3, 3), "minutes"] == pytest.approx(0.5 * 1.3)  # area unknown: the least distance


def test_two_places_at_one_point_are_not_at_distance_zero() -> None:
    pair = pd.DataFrame({"x": [0.0, 0.0], "y": [0.0, 0.0]}, index=["a", "b"])
    cost = access.travel_minutes(pair, pair, mode="car", speeds=FLAT)
    assert (cost["minutes"] > 0).all()


def test_time_adds_up_over_the_classes_of_distance() -> None:
    speed = Speed(kmh={5: 30, 20: 50, np.inf: 75}, fixed_minutes=3)
    expected = [3 + 2.5 / 30 * 60, 3 + 10, 3 + 10 + 18, 3 + 10 + 18 + 20 / 75 * 60]
    assert speed.minutes(np.array([2.5, 5.0, 20.0, 40.0])) == pytest.approx(expected)
    km = np.linspace(0, 60, 500)
    assert (np.diff(speed.minutes(km)) > 0).all()


def test_degrees_and_metres_give_the_same_distance() -> None:
    degrees = pd.DataFrame({"lon": [4.40, 4.48], "lat": [51.22, 51.03]}, index=["antwerpen", "mechelen"])
    cost = access.travel_minutes(degrees, degrees, mode="car", speeds=FLAT).set_index(["origin", "destination"])
    # haversine by hand: 21.85 km
    assert cost.loc[("antwerpen", "mechelen"), "minutes"] == pytest.approx(21.85 * 1.3, abs=0.05)


@pytest.mark.parametrize("columns", [["x", "y"], ["lon", "lat"]])
def test_pairs_within_a_distance_are_those_of_the_full_table(columns: list[str]) -> None:
    rng = np.random.default_rng(5)
    points = (
        rng.uniform(0, 60_000, (300, 2)) if columns == ["x", "y"] else rng.uniform([4.2, 51], [5.2, 51.5], (300, 2))
    )
    places = pd.DataFrame(points, columns=columns)
    every = access.travel_minutes(places, places, mode="car", speeds=FLAT)
    near = access.travel_minutes(places, places, mode="car", speeds=FLAT, within_km=20)
    expected = every[every["minutes"] <= 26.0].reset_index(drop=True)
    merged = near.merge(expected, on=["origin", "destination"])
    assert len(near) == len(expected) == len(merged)
    assert np.allclose(merged["minutes_x"], merged["minutes_y"])


def test_an_override_replaces_one_direction_of_one_mode() -> None:
    table = pd.concat([override(1, 2, 45.0), override(2, 3, np.nan), override(1, 3, 99.0, mode="bicycle")])
    speeds = Speeds(modes={"car": Speed(kmh={np.inf: 60.0}), "bicycle": Speed(kmh={np.inf: 15.0})})
    cost = access.travel_minutes(POINTS, POINTS, mode="car", speeds=speeds, overrides=table)
    indexed = cost.set_index(["origin", "destination"])["minutes"]
    assert indexed[(1, 2)] == 45.0
    assert indexed[(2, 1)] == pytest.approx(13.0)
    assert (2, 3) not in indexed.index
    assert indexed[(1, 3)] == pytest.approx(52.0)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (override(1, 9, 5.0), "places that exist"),
        (override(1, 2, 0.0), "minutes must be in"),
        (override(1, 2, 5.0, because=" "), "because must say why"),
        (override(1, 2, 5.0, mode="train"), "unknown value 'train'"),
        (pd.concat([override(1, 2, 5.0)] * 2), "twice"),
    ],
)
def test_a_wrong_override_is_refused(table: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        access.travel_minutes(POINTS, POINTS, mode="car", speeds=FLAT, overrides=table)


def test_an_unknown_mode_and_missing_coordinates_are_refused() -> None:
    with pytest.raises(InputError, match="mode: unknown value"):
        access.travel_minutes(POINTS, POINTS, mode="tram")
    with pytest.raises(InputError, match="got neither"):
        access.travel_minutes(POINTS[["x"]], POINTS, mode="car")
    with pytest.raises(InputError, match="got none for 2"):
        access.travel_minutes(POINTS.assign(x=[0.0, np.nan, 1.0]), POINTS, mode="car")


def matrix(**changes: float) -> pd.DataFrame:
    cost = access.travel_minutes(POINTS, POINTS, mode="car", speeds=FLAT)
    return cost.assign(**changes) if changes else cost


def test_a_complete_matrix_is_taken_as_it_is() -> None:
    cost = matrix()
    kept = cost[["origin", "destination", "minutes"]]
    assert access.od_matrix(cost, origins=POINTS.index, destinations=POINTS.index, points=POINTS).equals(kept)


def test_an_incomplete_matrix_is_refused_with_the_first_missing_pair() -> None:
    with pytest.raises(InputError, match=r"got 2 missing, the first 1 -> 2"):
        access.od_matrix(matrix().drop(index=[1, 5]), origins=POINTS.index, destinations=POINTS.index)


def test_a_matrix_with_zero_within_a_place_is_refused() -> None:
    cost = matrix()
    cost.loc[0, "minutes"] = 0.0
    with pytest.raises(InputError, match="above 0, within a place as well"):
        access.od_matrix(cost, origins=POINTS.index, destinations=POINTS.index)


def test_seconds_and_hours_are_refused_as_minutes() -> None:
    for factor, unit in ((60.0, "seconds"), (1 / 60, "hours")):
        cost = matrix().assign(minutes=lambda frame, f=factor: frame["minutes"] * f)
        with pytest.raises(InputError, match=unit):
            access.od_matrix(cost, origins=POINTS.index, destinations=POINTS.index, points=POINTS)


def test_speeds_that_are_no_speeds_are_refused() -> None:
    for wrong in ({}, {20: 50, 5: 30}, {5: 0.0}):
        with pytest.raises(InputError, match="speeds: "):
            Speed(kmh=wrong)
    with pytest.raises(InputError, match="detour"):
        Speeds(detour=0.9)


def test_a_trip_within_a_place_goes_to_the_nearest_of_its_sites() -> None:
    speeds = Speeds(detour=1.3, modes={"car": Speed(kmh={np.inf: 60.0}, fixed_minutes=5)}, least_km=0.5)
    cost = access.travel_minutes(POINTS, POINTS, mode="car", speeds=speeds)
    near = access.to_nearest_site(cost, pd.Series({1: 4, 2: 1})).set_index(["origin", "destination"])["minutes"]
    before = cost.set_index(["origin", "destination"])["minutes"]
    assert near[1, 1] - 5 == pytest.approx((before[1, 1] - 5) / 2)
    assert near.drop((1, 1)).equals(before.drop((1, 1)))


def test_the_nearest_of_random_sites_is_as_far_as_a_simulation_says() -> None:
    rng = np.random.default_rng(3)
    sites, homes = (
        np.sqrt(rng.uniform(size=(n, 4000))) * np.exp(2j * np.pi * rng.uniform(size=(n, 4000))) for n in (9, 1)
    )
    simulated = np.abs(sites - homes).min(axis=0).mean()
    assert np.abs(sites[:1] - homes).mean() / 3 == pytest.approx(simulated, rel=0.15)


def test_a_matrix_or_an_override_of_ones_own_is_not_shortened() -> None:
    own = matrix()[["origin", "destination", "minutes"]]
    assert access.to_nearest_site(own, pd.Series({1: 9})).equals(own)
    table = override(1, 1, 40.0)
    cost = access.travel_minutes(POINTS, POINTS, mode="car", speeds=FLAT, overrides=table)
    near = access.to_nearest_site(cost, pd.Series({1: 9})).set_index(["origin", "destination"])["minutes"]
    assert near[1, 1] == 40.0
