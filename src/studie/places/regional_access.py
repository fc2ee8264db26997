"""How well the people of a region reach places, mode by mode: access, nearest place, who stays without, the edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studie.errors import InputError, InsufficientDataError
from studie.places.assignment import unmet_need
from studie.places.catchment import Accessibility, two_step_floating_catchment
from studie.places.face import LEVEL, checked_draws, checked_level
from studie.places.pairs import Floats
from studie.places.reach import EDGE_FLAG, edge_effect, nearest_minutes, to_nearest_site
from studie.places.travel import straight_km

LEAST_NEIGHBOURS = 5  # on average in reach; with fewer, whole municipalities say too little of the area in reach
STEPS = {1 / 3: 1.0, 2 / 3: 0.68, 1.0: 0.22}  # weights by part of the travel time, as Luo & Qi


@dataclass(frozen=True, kw_only=True)
class RegionalAccess:
    """Access of a region's people to places, per mode.

    Attributes
    ----------
    table : DataFrame, indexed by mode
        `access, lower, upper` [places per person in need, places expressed in persons]; `at_least` (some offer in reach
        is of unknown size, so access is a lower bound); `nearest` (median person's minutes to the nearest place);
        `unmet_lower, unmet_upper` [persons] who stay without a place in time, with unknown offer holding everybody and
        nobody; `edge` (municipalities flagged *randeffect*, missing where a catchment holds too few municipalities to
        tell), `unreachable` (municipalities with no place in reach).
    persons : float
        Persons in need in the region [persons].
    minutes : float
        Travel time of the catchment.
    municipalities : int
        Municipalities of the region.
    level : float
        Coverage of the interval of access, in (0, 1).
    n : int
        Draws.
    """

    table: pd.DataFrame
    persons: float
    minutes: float
    municipalities: int
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Key `mode`, then the six columns of every result; n is the persons in need."""
        rows = []
        for mode, row in self.table.iterrows():
            bound = (row["access"], row["lower"], np.nan if row["at_least"] else row["upper"])
            rows += [
                (mode, "access", *bound, "places per person"),
                (mode, "nearest place", *[row["nearest"]] * 3, "minutes"),
                (mode, "unmet need", row["unmet_upper"], row["unmet_lower"], row["unmet_upper"], "persons"),
            ]
        columns = ["mode", "quantity", "estimate", "lower", "upper", "unit"]
        frame = pd.DataFrame(rows, columns=columns).assign(n=self.persons)
        return frame[["mode", "quantity", "estimate", "lower", "upper", "n", "unit"]]


def regional_access(
    need: pd.DataFrame,
    offer: pd.DataFrame,
    costs: Mapping[str, pd.DataFrame],
    *,
    points: pd.DataFrame,
    sites: pd.Series,
    inside: Sequence[int],
    vte_per_person: float | NDArray[np.float64],
    minutes: float,
    level: float = LEVEL,
) -> RegionalAccess:
    """Access of a region's people to the offer of all municipalities, per mode of travel.

    Parameters
    ----------
    need : DataFrame, shape (draws, municipalities)
        Draws of persons in need [persons], such as `Need.total()`.
    offer : DataFrame, indexed by refnis
        `places` [VTE] and `state`, as `funded` gives it; unknown stays unknown.
    costs : mapping of mode to DataFrame
        `origin, destination, minutes`; modes are never mixed.
    points : DataFrame, indexed by refnis
        `lon, lat` [degrees] and `area_km2` [km²] of every municipality.
    sites : Series, by refnis
        Establishments with places: a trip within a municipality goes to the nearest one.
    inside : sequence of int
        Municipalities of the region [refnis]; one of which no need is known is left out.
    vte_per_person : float or array, shape (draws,)
        Full-time equivalents per person on a place.
    minutes : float
        Travel time of the catchment, above 0.
    level : float, default 0.95
        Coverage, in (0, 1).

    Raises
    ------
    InputError
        A region without municipalities; minutes out of range; wrong costs.
    InsufficientDataError
        No need known or nobody in need in the region, or no place of known size anywhere.

    Notes
    -----
    Access is Σ_i N_i A_i / Σ_i N_i over the region, A_i by the two-step floating catchment with weights 1, .68, .22
    in the thirds of the travel time. Need is drawn; the places are counts. The reach of a catchment at the edge is the
    longest straight line travelled in time.
    """
    checked_level(level)
    if not minutes > 0:
        raise InputError(f"minutes: must be above 0, got {minutes}")
    persons = checked_draws(need, "need")
    if not len(inside):
        raise InputError("inside: a region has municipalities, got none")
    here = need.columns.isin(list(inside))
    known = offer.reindex(need.columns)
    places = known["places"].where(known["state"].isin(["known", "partly unknown"])).astype(float)
    if not persons[:, here].mean() > 0 or not places.sum() > 0:
        raise InsufficientDataError("need, offer: nobody in need in the region, or no place of known size anywhere")
    supply = places / float(np.mean(vte_per_person))
    spread = sites.reindex(need.columns).astype(float).mask(places.isna(), np.inf)  # unknown: it can be next door
    rows = {
        mode: _row(need, supply, to_nearest_site(cost, spread), points, here, minutes=minutes, level=level)
        for mode, cost in costs.items()
    }
    return RegionalAccess(
        table=pd.DataFrame.from_dict(rows, orient="index").rename_axis("mode"),
        persons=float(persons[:, here].sum(axis=1).mean()),
        minutes=minutes,
        municipalities=len(set(inside)),
        level=level,
        n=len(persons),
    )


def _row(
    need: pd.DataFrame,
    supply: pd.Series,
    cost: pd.DataFrame,
    points: pd.DataFrame,
    here: np.ndarray,
    *,
    minutes: float,
    level: float,
) -> dict[str, object]:
    """One mode."""
    weights = {part * minutes: weight for part, weight in STEPS.items()}
    mean = need.mean()
    found = two_step_floating_catchment(mean, supply, cost, weights, demand_draws=need, level=level)
    estimate, lower, upper = _weighted(found, need, here, level=level)
    inside = found.table[here]
    nearest = nearest_minutes(need.columns, supply, cost).table[here]
    return {
        "access": estimate,
        "lower": lower,
        "upper": upper,
        "at_least": bool((inside["unknown_in_reach"] > 0).any()),
        "nearest": _median(nearest["minutes"].to_numpy(), mean[here].to_numpy()),
        **_unmet(mean, supply, cost, here, minutes=minutes),
        "edge": _at_edge(mean, supply, cost, weights, points, here=here, minutes=minutes),
        "unreachable": int((inside["state"] == "unreachable").sum()),
    }


def _weighted(
    found: Accessibility, need: pd.DataFrame, here: np.ndarray, *, level: float
) -> tuple[float, float, float]:
    """Access of the region's people with its interval; unknown offer counts as none, so it is at least this."""
    if found.drawn is None:
        raise InputError("need: access needs draws, got none")
    weight = need.to_numpy(float)[:, here]
    drawn = (found.drawn.to_numpy()[:, here] * weight).sum(axis=1) / weight.sum(axis=1)
    if (found.table["state"].to_numpy()[here] == "unknown").all():
        return np.nan, np.nan, np.nan
    centre = float(np.average(found.access.fillna(0.0).to_numpy()[here], weights=weight.mean(axis=0)))
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return centre, float(min(low, centre)), float(max(high, centre))


def _median(values: Floats, weight: Floats) -> float:
    """Middle value by weight; missing when more than half have none."""
    ordered = np.argsort(np.where(np.isnan(values), np.inf, values))
    reached = np.cumsum(weight[ordered]) >= weight.sum() / 2
    return float(values[ordered][np.argmax(reached)])


def _unmet(
    mean: pd.Series, supply: pd.Series, cost: pd.DataFrame, here: np.ndarray, *, minutes: float
) -> dict[str, float]:
    """Persons of the region without a place, with unknown offer holding everybody and nobody."""
    found = {}
    for name, unknown in (("unmet_lower", float(mean.sum())), ("unmet_upper", 0.0)):
        placed = unmet_need(mean, supply.fillna(unknown), cost, within_minutes=minutes)
        found[name] = float(placed.table["unmet"].to_numpy()[here].sum())
    return {"unmet_lower": min(found.values()), "unmet_upper": max(found.values())}


def _at_edge(
    mean: pd.Series,
    supply: pd.Series,
    cost: pd.DataFrame,
    weights: Mapping[float, float],
    points: pd.DataFrame,
    *,
    here: np.ndarray,
    minutes: float,
) -> float:
    """Municipalities of the region whose catchment runs over the edge of the data; missing where it is too small."""
    trips = cost[(cost["minutes"] <= minutes) & (cost["origin"] != cost["destination"])]
    if len(trips) < LEAST_NEIGHBOURS * len(mean):
        return float("nan")
    reach_km = float(straight_km(trips, points).max())
    edge = edge_effect(mean, supply, cost, weights, area_km2=points["area_km2"], reach_km=reach_km)
    return float((edge.table["flag"].to_numpy()[here] == EDGE_FLAG).sum())
