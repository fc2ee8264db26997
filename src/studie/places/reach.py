"""How far the nearest place is, who can reach one in time, and where the province's edge distorts access."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from studie.errors import InputError
from studie.places.catchment import Weights, two_step_floating_catchment, weight_values
from studie.places.pairs import Floats, pairs

EDGE_FLAG = "randeffect"


@dataclass(frozen=True, kw_only=True)
class NearestPlace:
    """Minutes to the nearest place, per origin.

    Attributes
    ----------
    table : DataFrame, indexed by origin
        `minutes` to the nearest destination with places, missing where there is none; `upper` is the same and `lower`
        counts destinations of unknown offer as having places; `state`: `published`, `unknown` (only destinations of
        unknown offer can be reached) or `unreachable`.
    level : float
        1: the bounds hold all that unknown offer could change.
    n : int
        Origins.
    """

    table: pd.DataFrame
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """One row per origin: `origin, state` then `quantity, estimate, lower, upper, n, unit`."""
        return pd.DataFrame(
            {
                "origin": self.table.index,
                "state": self.table["state"].to_numpy(),
                "quantity": "nearest place",
                "estimate": self.table["minutes"].to_numpy(),
                "lower": self.table["lower"].to_numpy(),
                "upper": self.table["upper"].to_numpy(),
                "n": self.n,
                "unit": "minutes",
            }
        )


@dataclass(frozen=True, kw_only=True)
class EdgeEffect:
    """What lies outside the data could do to access, per origin.

    Attributes
    ----------
    table : DataFrame, indexed by origin
        `covered` (share of the catchment that the data cover, 0-1), `access` as computed, `lower` (people from outside
        come, no place is there), `alike` (outside is as the region is), `upper` (`supply_factor` times as many places
        per person outside, or as computed where that is more) and `flag`: `randeffect` or empty.
    level : float
        1: a range over stated assumptions, not a sampling interval.
    n : int
        Origins.
    """

    table: pd.DataFrame
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """One row per origin: `origin, flag, covered` then `quantity, estimate, lower, upper, n, unit`."""
        frame = self.table[["flag", "covered"]].rename_axis("origin").reset_index()
        return frame.assign(
            quantity="access",
            estimate=self.table["access"].to_numpy(),
            lower=self.table["lower"].to_numpy(),
            upper=self.table["upper"].to_numpy(),
            n=self.n,
            unit="places per person",
        )


def nearest_minutes(origins: pd.Index, supply: pd.Series, cost: pd.DataFrame) -> NearestPlace:
    """Travel time to the nearest destination with at least one place.

    Parameters
    ----------
    origins : Index
        Places that people leave from.
    supply : Series, by destination
        Places; missing is unknown.
    cost : DataFrame
        `origin, destination, minutes` [minutes].

    Raises
    ------
    InputError
        As `two_step_floating_catchment` for cost and supply.

    Notes
    -----
    Says what access does not: a region where everything is far has the same access as one where everything is near.
    """
    found = pairs(cost, origins=origins, destinations=supply.index)
    offered = supply.to_numpy(float, na_value=np.nan)
    if (offered < 0).any():
        raise InputError(f"supply: must be at least 0, got {np.nanmin(offered):g}")
    nearest = found.nearest(offered > 0)
    possible = found.nearest((offered > 0) | np.isnan(offered))
    finite = np.isfinite(nearest)
    table = pd.DataFrame(
        {
            "minutes": np.where(finite, nearest, np.nan),
            "lower": np.where(np.isfinite(possible), possible, np.nan),
            "upper": np.where(finite, nearest, np.nan),
            "state": np.select([finite, np.isfinite(possible)], ["published", "unknown"], default="unreachable"),
        },
        index=origins.rename("origin"),
    )
    return NearestPlace(table=table, level=1.0, n=len(origins))


def to_nearest_site(cost: pd.DataFrame, sites: pd.Series) -> pd.DataFrame:
    """Cost table in which a trip within a place goes to the nearest of its sites, not to any of them.

    Parameters
    ----------
    cost : DataFrame
        As `travel_minutes` gives it; a matrix of one's own, without `fixed_minutes`, comes back as it is.
    sites : Series, by place
        Sites with places; a place without any keeps its trip.

    Returns
    -------
    DataFrame
        The same rows.

    Notes
    -----
    t = f + (m − f) / √n with f the fixed minutes, m those to a random site and n the sites: the mean distance to the
    nearest of n random points falls as 1 / √n [1]_. Assumes sites spread over the place and one speed within it.

    References
    ----------
    .. [1] Clark, P. J. & Evans, F. C. (1954). Ecology 35(4), 445-453.
    """
    if "fixed_minutes" not in cost:
        return cost
    count = cost["origin"].map(sites).where(cost["origin"] == cost["destination"]).to_numpy(float, na_value=np.nan)
    minutes, fixed = cost["minutes"].to_numpy(float), cost["fixed_minutes"].to_numpy(float)
    shortened = np.isfinite(fixed) & (count > 1)
    near = fixed + (minutes - fixed) / np.sqrt(np.where(shortened, count, 1.0))
    return cost.assign(minutes=np.where(shortened, near, minutes))


def reachable_share(need: pd.Series, nearest: NearestPlace, *, minutes: float) -> float:
    """Share of persons in need whose nearest place is within a travel time.

    Parameters
    ----------
    need : Series, by origin
        Persons in need [persons].
    nearest : NearestPlace
        Of the same origins; an origin without a known place in reach counts as not within.
    minutes : float
        Travel time, above 0.

    Raises
    ------
    InputError
        An origin that is not in `nearest`, need below 0, or nobody in need.
    """
    if not minutes > 0:
        raise InputError(f"minutes: must be above 0, got {minutes}")
    absent = need.index.difference(nearest.table.index)
    if len(absent):
        raise InputError(f"need: origins must be in nearest, got {absent[0]}")
    persons = need.to_numpy(float)
    if not (persons >= 0).all() or persons.sum() == 0:
        raise InputError("need: must be at least 0 and above 0 somewhere, got a missing, negative or empty one")
    within = (nearest.table["minutes"].loc[need.index] <= minutes).to_numpy()
    return float(persons[within].sum() / persons.sum())


def edge_effect(
    demand: pd.Series,
    supply: pd.Series,
    cost: pd.DataFrame,
    weights: Weights,
    *,
    area_km2: pd.Series,
    reach_km: float,
    supply_factor: float = 2.0,
    flag_below: float = 0.8,
) -> EdgeEffect:
    """Sensitivity of access to neighbours that the data do not hold.

    A catchment that runs over the edge of the data misses both the people and the places there. The share that is
    covered is the area in reach over the area that the catchment would have inside a larger country.

    Parameters
    ----------
    demand, supply, cost, weights
        As for `two_step_floating_catchment`; neighbours that the data do hold are in them.
    area_km2 : Series, by origin
        Area [km²].
    reach_km : float
        Straight-line distance of the catchment's last minute [km].
    supply_factor : float, default 2
        Places per person outside in the highest run, as a multiple of the region's own.
    flag_below : float, default 0.8
        Covered share below which an origin is flagged `randeffect`.

    Raises
    ------
    InputError
        As `two_step_floating_catchment`; an origin without area; parameters out of range.

    Notes
    -----
    With c_j the covered share seen from destination j and ρ places per person in the region,
    A_i(κ) = Σ_j w_ij S_j / (D_j / c_j) + (1 − c_i) κ ρ, for κ = 0, 1 and `supply_factor`. It assumes that need
    outside is as dense as inside, and is exact when all places are alike.
    """
    for name, value, good in (
        ("reach_km", reach_km, reach_km > 0),
        ("supply_factor", supply_factor, supply_factor >= 0),
        ("flag_below", flag_below, 0 < flag_below <= 1),
    ):
        if not good:
            raise InputError(f"{name}: is out of range, got {value}")
    absent = demand.index.difference(area_km2.dropna().index)
    if len(absent):
        raise InputError(f"area_km2: every origin needs an area, got none for {absent[0]}")
    plain = two_step_floating_catchment(demand, supply, cost, weights)
    found = pairs(cost, origins=demand.index, destinations=supply.index)
    values = weight_values(found.minutes, weights)
    near = values > 0
    shape = (len(demand), len(supply))
    reachable = sparse.coo_array((near.astype(float), (found.origin, found.destination)), shape=shape)
    area = area_km2.loc[demand.index].to_numpy(float)
    disc = np.pi * reach_km**2
    seen = np.clip(np.asarray(reachable.T @ area) / disc, 1e-3, 1.0)
    covered = _covered(demand.index, supply.index, seen, reachable)
    matrix = sparse.coo_array((values, (found.origin, found.destination)), shape=shape)
    known = np.nan_to_num(supply.to_numpy(float, na_value=np.nan))
    here = np.asarray(matrix.T @ demand.to_numpy(float))
    shared = np.divide(known * seen, here, out=np.zeros_like(known), where=here > 0)
    inside = np.asarray(matrix @ shared)
    ratio = plain.reachable_supply / float(demand.sum()) if float(demand.sum()) > 0 else 0.0
    runs = [inside + (1 - covered) * factor * ratio for factor in (0.0, 1.0, supply_factor)]
    access = plain.access.to_numpy()
    table = pd.DataFrame(
        {
            "covered": covered,
            "access": access,
            "lower": np.fmin(runs[0], access),
            "alike": runs[1],
            "upper": np.fmax(runs[2], access),
            "flag": np.where(covered < flag_below, EDGE_FLAG, ""),
        },
        index=demand.index.rename("origin"),
    )
    return EdgeEffect(table=table, level=1.0, n=len(demand))


def _covered(origins: pd.Index, destinations: pd.Index, seen: Floats, reachable: sparse.coo_array) -> Floats:
    """Covered share of each origin's catchment: its own as a destination, else the mean of those in reach."""
    position = destinations.get_indexer(origins)
    count = np.asarray(reachable @ np.ones(len(destinations)))
    mean = np.divide(np.asarray(reachable @ seen), count, out=np.zeros(len(origins)), where=count > 0)
    return np.where(position >= 0, seen[position], mean)
