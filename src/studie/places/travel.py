"""Travel minutes between places: a stated default per mode, a table of exceptions, or the user's own matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from studie.errors import InputError, unknown
from studie.places.pairs import BLOCK, Floats, pairs

EARTH_KM = 6371.0088
DISC_MEAN = 128 / (45 * np.pi)  # mean distance of two random points of a disc, in radii
LONGEST_MINUTES = 600.0
SLOWEST_KMH, FASTEST_KMH = 1.0, 200.0  # beyond these a matrix is in another unit, or holds a typing error
_BLOCK = 1_000


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Speed of one mode, by class of distance.

    Attributes
    ----------
    kmh : mapping
        Upper limit of a distance class [km by road] to the speed within it [km/h]; the last holds beyond. Time adds
        up class by class, so a longer trip never takes less time.
    fixed_minutes : float
        Walking, waiting and parking per trip [minutes].
    """

    kmh: Mapping[float, float]
    fixed_minutes: float = 0.0

    def __post_init__(self) -> None:
        limits = list(self.kmh)
        if not limits or limits != sorted(limits) or limits[0] <= 0 or min(self.kmh.values()) <= 0:
            raise InputError(f"speeds: limits must rise from above 0 and speeds be above 0, got {dict(self.kmh)}")
        if not 0 <= self.fixed_minutes < LONGEST_MINUTES:
            raise InputError(f"speeds: fixed_minutes must be in [0, {LONGEST_MINUTES:g}), got {self.fixed_minutes}")

    def minutes(self, km: Floats) -> Floats:
        """Minutes for distances by road [km]."""
        limits = np.array(list(self.kmh), dtype=float)
        per_km = 60 / np.array(list(self.kmh.values()), dtype=float)
        knots = np.concatenate([[0.0], limits[:-1]])
        reached = np.concatenate([[0.0], np.cumsum(np.diff(knots) * per_km[:-1])])
        found = np.empty(len(km))
        for start in range(0, len(km), BLOCK):
            part = km[start : start + BLOCK]
            band = np.searchsorted(limits[:-1], part, side="left")
            found[start : start + BLOCK] = self.fixed_minutes + reached[band] + (part - knots[band]) * per_km[band]
        return found


@dataclass(frozen=True, kw_only=True)
class Speeds:
    """What a trip takes where no matrix is given: assumptions, all of them parameters.

    Attributes
    ----------
    detour : float
        Distance by road per straight-line distance, at least 1.
    modes : mapping
        Speed per mode. The defaults are assumptions: built-up roads up to 5 km, local roads up to 20 km, main roads
        beyond; public transport with ten minutes of walking and waiting.
    least_km : float
        Shortest straight-line distance [km], so that a trip within a place takes time.
    """

    detour: float = 1.3
    modes: Mapping[str, Speed] = field(
        default_factory=lambda: {
            "car": Speed(kmh={5: 30, 20: 50, np.inf: 75}, fixed_minutes=3),
            "bicycle": Speed(kmh={np.inf: 15}, fixed_minutes=1),
            "public_transport": Speed(kmh={5: 15, 20: 25, np.inf: 40}, fixed_minutes=10),
        }
    )
    least_km: float = 0.5

    def __post_init__(self) -> None:
        if not self.detour >= 1 or not np.isfinite(self.detour):
            raise InputError(f"speeds: detour must be at least 1, got {self.detour}")
        if not self.least_km > 0:
            raise InputError(f"speeds: least_km must be above 0, got {self.least_km}")


def travel_minutes(
    origins: pd.DataFrame,
    destinations: pd.DataFrame,
    *,
    mode: str,
    speeds: Speeds | None = None,
    overrides: pd.DataFrame | None = None,
    within_km: float = np.inf,
) -> pd.DataFrame:
    """Cost table from straight-line distance: detour × distance at the speeds of one mode.

    Parameters
    ----------
    origins, destinations : DataFrame, indexed by place
        `lon, lat` [degrees] or `x, y` [metres, EPSG:31370], and where known `area_km2` [km²]. A place that is both is
        at its own mean internal distance, 128 / 45π × √(area / π) [1]_, never 0.
    mode : str
        A mode of `speeds`.
    speeds : Speeds, optional
        Default assumptions when left out.
    overrides : DataFrame, optional
        `origin, destination, mode, minutes, because`: what a river, canal or border makes of a trip, one direction per
        row; empty minutes: the trip cannot be made and gets no row.
    within_km : float, default unlimited
        Straight-line distance beyond which pairs get no row [km].

    Returns
    -------
    DataFrame
        `origin, destination, minutes`, in the order of the origins; where areas are given also `fixed_minutes`, the
        part of a trip that does not depend on distance (missing for an override).

    Raises
    ------
    InputError
        Unknown mode; missing coordinates; places listed twice; an override for a place that does not exist, twice, not
        above 0, or without `because`.

    Notes
    -----
    Assumes one point per place and a road network alike everywhere; where that fails (Scheldt, Albert canal, border)
    give overrides, or a matrix of your own checked by `od_matrix`.

    References
    ----------
    .. [1] Santaló, L. A. (1976). Integral Geometry and Geometric Probability, ch. 4. Addison-Wesley.
    """
    speeds = speeds or Speeds()
    if mode not in speeds.modes:
        raise unknown("mode", mode, speeds.modes)
    if not within_km > 0:
        raise InputError(f"within_km: must be above 0, got {within_km}")
    start, end, chord = _coordinates(origins, destinations)
    origin, destination, km = _near(start, end, chord=chord, within_km=within_km)
    own = _own_position(origins.index, destinations.index)
    km = np.maximum(km, speeds.least_km)
    inside = np.flatnonzero(destination == own[origin])
    km[inside] = _internal_km(origins, speeds.least_km)[origin[inside]]
    minutes = speeds.modes[mode].minutes(speeds.detour * km)
    cost = pd.DataFrame(
        {"origin": origins.index.to_numpy()[origin], "destination": destinations.index.to_numpy()[destination]}
    )
    cost["minutes"] = minutes
    if "area_km2" in origins.columns:
        cost["fixed_minutes"] = speeds.modes[mode].fixed_minutes
    if overrides is None:
        return cost
    return _overridden(cost, overrides, origins.index, destinations.index, mode=mode, modes=tuple(speeds.modes))


def od_matrix(
    cost: pd.DataFrame,
    *,
    origins: pd.Index,
    destinations: pd.Index,
    points: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The user's own origin-destination matrix, when it is complete and in minutes.

    Parameters
    ----------
    cost : DataFrame
        `origin, destination, minutes`; every pair once, above 0, within a place as well.
    origins, destinations : Index
        Places that must all be there.
    points : DataFrame, indexed by place, optional
        `lon, lat` [degrees] or `x, y` [metres]: the implied speeds then tell seconds and hours from minutes.

    Returns
    -------
    DataFrame
        The three columns, rows of the places asked for.

    Raises
    ------
    InputError
        A missing or repeated pair (the first is named and all are counted), minutes that are not above 0, a value of
        more than ten hours, or implied speeds that no minutes can give.
    """
    found = pairs(cost, origins=origins, destinations=destinations)
    full = len(origins) * len(destinations)
    if len(found.minutes) < full:
        seen = np.zeros((len(origins), len(destinations)), dtype=bool)
        seen[found.origin, found.destination] = True
        row, column = np.argwhere(~seen)[0]
        raise InputError(
            f"cost: needs every pair of {len(origins)} origins and {len(destinations)} destinations, got "
            f"{full - len(found.minutes)} missing, the first {origins[row]} -> {destinations[column]}"
        )
    _check_unit(found.minutes)
    wrong = np.flatnonzero(found.minutes <= 0)
    if len(wrong):
        pair = f"{origins[found.origin[wrong[0]]]} -> {destinations[found.destination[wrong[0]]]}"
        raise InputError(f"cost: minutes must be above 0, within a place as well, got 0 for {pair}")
    if points is not None:
        _check_speeds(found.minutes, _straight_km(found.origin, found.destination, origins, destinations, points))
    return pd.DataFrame(
        {
            "origin": origins.to_numpy()[found.origin],
            "destination": destinations.to_numpy()[found.destination],
            "minutes": found.minutes,
        }
    )


def straight_km(cost: pd.DataFrame, points: pd.DataFrame) -> Floats:
    """Straight-line distance of the pairs of a cost table [km], shape (pairs,).

    Raises
    ------
    InputError
        A place without a point.
    """
    places = points.index
    origin, destination = (places.get_indexer(pd.Index(cost[end])) for end in ("origin", "destination"))
    if (origin < 0).any() or (destination < 0).any():
        raise InputError("points: every place needs one, got none for some")
    return _straight_km(origin, destination, places, places, points)


def _check_unit(minutes: Floats) -> None:
    """No trip of more than ten hours: such a matrix is in seconds."""
    if minutes.size and float(minutes.max()) > LONGEST_MINUTES:
        raise InputError(f"cost: minutes must be at most {LONGEST_MINUTES:g} (seconds?), got {float(minutes.max()):g}")


def _check_speeds(minutes: Floats, km: Floats) -> None:
    """The middle implied speed is that of a trip."""
    apart = km > 1
    if not apart.any():
        return
    speed = float(np.median(km[apart] / (minutes[apart] / 60)))
    if not SLOWEST_KMH <= speed <= FASTEST_KMH:
        unit = "seconds" if speed < SLOWEST_KMH else "hours"
        raise InputError(
            f"cost: minutes must give a speed of {SLOWEST_KMH:g} to {FASTEST_KMH:g} km/h ({unit}?), got a middle one "
            f"of {speed:.3g} km/h"
        )


def _straight_km(
    origin: np.ndarray, destination: np.ndarray, origins: pd.Index, destinations: pd.Index, points: pd.DataFrame
) -> Floats:
    """Straight-line distance of pairs [km]; every place must have a point."""
    for index in (origins, destinations):
        absent = index.difference(points.index)
        if len(absent):
            raise InputError(f"points: every place needs one, got none for {absent[0]}")
    start, end, chord = _coordinates(points.loc[origins], points.loc[destinations])
    apart = np.sqrt(np.square(start[origin] - end[destination]).sum(axis=1))
    return _arc(apart) if chord else apart


def _coordinates(origins: pd.DataFrame, destinations: pd.DataFrame) -> tuple[Floats, Floats, bool]:
    """Coordinates in km, on the plane or on the sphere (then distances are chords)."""
    for name, places in (("origins", origins), ("destinations", destinations)):
        if not places.index.is_unique:
            raise InputError(f"{name}: one row per place, got {places.index[places.index.duplicated()][0]} twice")
    for columns, chord in ((["x", "y"], False), (["lon", "lat"], True)):
        if all(column in places.columns for places in (origins, destinations) for column in columns):
            values = [places[columns].to_numpy(float) for places in (origins, destinations)]
            for name, places, points in zip(("origins", "destinations"), (origins, destinations), values, strict=True):
                empty = ~np.isfinite(points).all(axis=1)
                if empty.any():
                    raise InputError(f"{name}: every place needs coordinates, got none for {places.index[empty][0]}")
            start, end = (_sphere(v) if chord else v / 1000 for v in values)
            return start, end, chord
    raise InputError("origins, destinations: need the columns lon, lat [degrees] or x, y [metres], got neither")


def _sphere(lon_lat: Floats) -> Floats:
    """Points on the earth's sphere [km], shape (n, 3)."""
    lon, lat = np.radians(lon_lat).T
    return np.asarray(EARTH_KM * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]))


def _arc(chord: Floats) -> Floats:
    """Great-circle distance [km] of a chord."""
    return np.asarray(2 * EARTH_KM * np.arcsin(np.clip(chord / (2 * EARTH_KM), 0, 1)))


def _near(start: Floats, end: Floats, *, chord: bool, within_km: float) -> tuple[np.ndarray, np.ndarray, Floats]:
    """Positions and straight-line km of all pairs within a distance, in blocks of origins; no table of all pairs."""
    if not np.isfinite(within_km):
        origin, destination = (grid.ravel() for grid in np.indices((len(start), len(end)), dtype=np.int32))
        apart = np.sqrt(np.square(start[origin] - end[destination]).sum(axis=1))
        return origin, destination, _arc(apart) if chord else apart
    radius = 2 * EARTH_KM * np.sin(within_km / (2 * EARTH_KM)) if chord else within_km
    tree = cKDTree(end)
    counts, destinations, distances = [], [], []
    for first in range(0, len(start), _BLOCK):
        part = start[first : first + _BLOCK]
        rows = cKDTree(part).sparse_distance_matrix(tree, radius, output_type="coo_matrix").tocsr()
        counts.append(np.diff(rows.indptr))
        destinations.append(rows.indices.astype(np.int32, copy=False))
        distances.append(rows.data)
    if not counts:
        return np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0)
    origin = np.repeat(np.arange(len(start), dtype=np.int32), np.concatenate(counts))
    km = np.concatenate(distances)
    distances.clear()
    return origin, np.concatenate(destinations), _arc(km) if chord else km


def _own_position(origins: pd.Index, destinations: pd.Index) -> np.ndarray:
    """Position of each origin among the destinations, -1 where it is none."""
    return destinations.get_indexer(origins)


def _internal_km(places: pd.DataFrame, least_km: float) -> Floats:
    """Mean distance within a place [km]; the least where its area is not known."""
    if "area_km2" not in places.columns:
        return np.full(len(places), least_km)
    area = places["area_km2"].to_numpy(float)
    if (area < 0).any():
        raise InputError(f"origins: area_km2 must be at least 0, got {np.nanmin(area):g}")
    return np.fmax(DISC_MEAN * np.sqrt(np.nan_to_num(area) / np.pi), least_km)


def _overridden(
    cost: pd.DataFrame,
    overrides: pd.DataFrame,
    origins: pd.Index,
    destinations: pd.Index,
    *,
    mode: str,
    modes: tuple[str, ...],
) -> pd.DataFrame:
    """Cost table with the exceptions of one mode."""
    needed = ["origin", "destination", "mode", "minutes", "because"]
    absent = [name for name in needed if name not in overrides.columns]
    if absent:
        raise InputError(f"overrides: needs the columns {', '.join(needed)}, got no {', '.join(absent)}")
    for word in overrides["mode"].unique():
        if word not in modes:
            raise unknown("overrides: mode", word, modes)
    here = overrides[overrides["mode"] == mode]
    for origin, destination, minutes, because in zip(
        here["origin"], here["destination"], here["minutes"].astype(float), here["because"], strict=True
    ):
        where = f"{origin} -> {destination}"
        if origin not in origins or destination not in destinations:
            raise InputError(f"overrides: must name places that exist, got {where}")
        if not (np.isnan(minutes) or 0 < minutes <= LONGEST_MINUTES):
            raise InputError(f"overrides: minutes must be in (0, {LONGEST_MINUTES:g}] or empty, got {minutes}, {where}")
        if pd.isna(because) or not str(because).strip():
            raise InputError(f"overrides: because must say why, got nothing for {where}")
    twice = here[here.duplicated(["origin", "destination"])]
    if len(twice):
        pair = f"{twice['origin'].iloc[0]} -> {twice['destination'].iloc[0]}"
        raise InputError(f"overrides: one row per pair and mode, got {pair} twice")
    keys = ["origin", "destination"]
    changed = pd.MultiIndex.from_frame(here[keys])
    kept = cost[~pd.MultiIndex.from_frame(cost[keys]).isin(changed)]
    added = here.loc[here["minutes"].notna(), [*keys, "minutes"]].astype({"minutes": float})
    both = pd.concat([kept, added], ignore_index=True) if len(added) else kept
    order = np.lexsort(
        (destinations.get_indexer(pd.Index(both["destination"])), origins.get_indexer(pd.Index(both["origin"])))
    )
    return both.iloc[order].reset_index(drop=True)
