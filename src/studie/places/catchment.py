"""Enhanced two-step floating catchment: places per person in need, with what other software drops said aloud."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from studie.errors import InputError
from studie.places.pairs import BLOCK, Floats, Pairs, pairs

LEVEL = 0.95
Weights = Mapping[float, float] | Callable[[Any], Any]
ORIGIN_STATES = ("published", "partly unknown", "unknown", "no demand", "no supply", "unreachable")


@dataclass(frozen=True, kw_only=True)
class Accessibility:
    """Access per origin, and what became of the supply.

    Attributes
    ----------
    table : DataFrame, indexed by origin
        `access` [places per person in need], `lower, upper`, `in_reach` (destinations with a positive weight),
        `unknown_in_reach` (of those, with unknown offer) and `state`:

        * `published`: there is a place in reach and somebody to share it with;
        * `partly unknown`: the same, but some offer in reach is unknown: `access` is a lower bound, `upper` missing;
        * `unknown`: only unknown offer in reach, `access` missing, never 0;
        * `no supply`: destinations in reach, all with 0 places: 0;
        * `no demand`: places in reach, but nobody in need has a weight there: 0, since no ratio exists (the origin
          itself has no need);
        * `unreachable`: no destination in reach: 0, and flagged.
    destinations : DataFrame, indexed by destination
        `supply`, `demand_in_reach` [weighted persons], `ratio` (missing where there is no demand) and `state`:
        `reached`, `no demand` or `unknown`.
    reachable_supply, unreachable_supply : float
        Supply with and without somebody in need in reach; together all known supply.
    ignored_pairs : int
        Rows of the cost table that name a place which is neither in demand nor in supply.
    level : float
        Coverage of the intervals; they hold the uncertainty of demand when its draws were given, else they are a
        point.
    n : int
        Origins.
    drawn : DataFrame, shape (draws, origins), optional
        Access by draw of demand, where those were given.
    """

    table: pd.DataFrame
    destinations: pd.DataFrame
    reachable_supply: float
    unreachable_supply: float
    ignored_pairs: int
    level: float
    n: int
    drawn: pd.DataFrame | None = None

    @property
    def access(self) -> pd.Series:
        """Places per person in need, by origin."""
        return self.table["access"]

    @property
    def unreachable(self) -> pd.Index:
        """Origins without any destination in reach."""
        return self.table.index[self.table["state"] == "unreachable"]

    def to_frame(self) -> pd.DataFrame:
        """One row per origin: `origin, state` then `quantity, estimate, lower, upper, n, unit`; n counts the
        destinations in reach.
        """
        return pd.DataFrame(
            {
                "origin": self.table.index,
                "state": self.table["state"].to_numpy(),
                "quantity": "access",
                "estimate": self.table["access"].to_numpy(),
                "lower": self.table["lower"].to_numpy(),
                "upper": self.table["upper"].to_numpy(),
                "n": self.table["in_reach"].to_numpy(),
                "unit": "places per person",
            }
        )


def two_step_floating_catchment(
    demand: pd.Series,
    supply: pd.Series,
    cost: pd.DataFrame,
    weights: Weights,
    *,
    demand_draws: pd.DataFrame | None = None,
    level: float = LEVEL,
) -> Accessibility:
    """Places that people in need can reach, per person who can reach them too.

    Step one shares the places of each destination over everybody in need within reach; step two adds up, per origin,
    the shares within reach. Weights fall with travel time, so near places count more (the enhanced form [1]_). Read
    .8 as: four places per five persons in need. Everything in reach is a catchment, so people compete across borders.

    Parameters
    ----------
    demand : Series, by origin
        Persons in need [persons], at least 0, none missing.
    supply : Series, by destination
        Places [places, or persons they hold], at least 0; missing is unknown, not 0.
    cost : DataFrame
        `origin, destination, minutes` [minutes]; a pair that is not listed cannot be travelled.
    weights : mapping or function
        `{10: 1.0, 20: 0.68, 30: 0.22}` is 1 up to and including 10 minutes, .68 up to 20, .22 up to 30, 0 beyond; or
        a function of minutes, finite and at least 0.
    demand_draws : DataFrame, shape (draws, origins), optional
        Draws of need; give the interval.
    level : float, default 0.95
        Coverage of the interval, in (0, 1).

    Returns
    -------
    Accessibility
        The total of demand × access is exactly the reachable supply.

    Raises
    ------
    InputError
        Missing, negative or unnamed demand; negative supply; duplicate places or pairs; minutes that are no time;
        weights that are negative or not finite (a gravity function at 0 minutes: give the distance within a place a
        value above 0, as `travel_minutes` does).

    Notes
    -----
    R_j = S_j / Σ_i w(t_ij) D_i and A_i = Σ_j w(t_ij) R_j. Assumes that need and places sit at one point per place
    and that people do not care what lies beyond the last minute; it says nothing of how far the nearest place is, nor
    who stays without one: see `nearest_minutes` and `unmet_need`. Both steps are one product with a sparse matrix.

    References
    ----------
    .. [1] Luo, W. & Qi, Y. (2009). Health & Place 15(4), 1100-1107.
    """
    if not 0 < level < 1:
        raise InputError(f"level: must be in (0, 1), got {level}")
    needed, offered = _amounts(demand, "demand"), _amounts(supply, "supply")
    unnamed = np.isnan(needed)
    if unnamed.any():
        raise InputError(
            f"demand: every origin needs a number, unknown is not 0, got none for {demand.index[unnamed][0]}"
        )
    found = pairs(cost, origins=demand.index, destinations=supply.index)
    known = np.nan_to_num(offered, nan=0.0)
    in_reach_of = _total(found, weights, needed)
    ratio = np.divide(known, in_reach_of, out=np.zeros_like(known), where=in_reach_of > 0)
    access, counts = _shared(found, weights, ratio, offered=offered, in_reach_of=in_reach_of)
    drawn = None if demand_draws is None else _drawn(found, weights, known, demand=demand, draws=demand_draws)
    table = _origins(demand.index, access, counts, drawn=drawn, level=level)
    unknown = np.isnan(offered)
    reached = in_reach_of > 0
    state = np.where(unknown, "unknown", np.where(reached, "reached", "no demand"))
    return Accessibility(
        table=table,
        destinations=pd.DataFrame(
            {
                "supply": offered,
                "demand_in_reach": in_reach_of,
                "ratio": np.where(reached & ~unknown, ratio, np.nan),
                "state": state,
            },
            index=supply.index,
        ),
        reachable_supply=float(known[reached].sum()),
        unreachable_supply=float(known[~reached].sum()),
        ignored_pairs=found.left_out,
        level=level,
        n=len(needed),
        drawn=None if drawn is None else pd.DataFrame(drawn.T, columns=demand.index),
    )


def weight_values(minutes: Floats, weights: Weights) -> Floats:
    """Weight of each travel time, shape (pairs,).

    Raises
    ------
    InputError
        If a weight is negative or not finite, or a mapping has no limits above 0.
    """
    if isinstance(weights, Mapping):
        limits = sorted(weights)
        if not limits or limits[0] <= 0:
            raise InputError(f"weights: limits must be minutes above 0, got {list(weights)}")
        steps = np.array([*(float(weights[limit]) for limit in limits), 0.0])
        band = np.zeros(len(minutes), dtype=np.uint16)
        for limit in limits:  # a few comparisons are faster than a search per pair
            band += minutes > limit
        values = steps[band]
    else:
        values = _evaluated(minutes, weights)
        steps = values
    if steps.size and not (float(steps.min()) >= 0 and np.isfinite(float(steps.max()))):
        wrong = minutes[~(np.isfinite(values) & (values >= 0))]
        raise InputError(
            "weights: must be finite and at least 0, got another value"
            + (f" at {wrong[0]:g} minutes; give the distance within a place a value above 0" if len(wrong) else "")
        )
    return values


def _evaluated(minutes: Floats, weights: Callable[[Any], Any]) -> Floats:
    """A function of minutes, called with the array where it can take one, else once per distinct time."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        try:
            values = np.asarray(weights(minutes), dtype=float)
        except (TypeError, ValueError):  # written for one number, as `1 if t < 10 else 0`
            values = np.empty(0)
        if values.shape != minutes.shape:
            distinct, position = np.unique(minutes, return_inverse=True)
            try:
                values = np.array([float(weights(float(t))) for t in distinct])[position]
            except ZeroDivisionError:
                raise InputError(
                    "weights: must be finite, got a division by zero; give the distance within a place a value above 0"
                ) from None
    return values


def _amounts(values: pd.Series, name: str) -> Floats:
    """Amounts of a series; missing stays missing."""
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(float, na_value=np.nan)
    wrong = (numbers < 0) | np.isinf(numbers)
    if wrong.any():
        raise InputError(
            f"{name}: must be finite and at least 0, got {numbers[wrong][0]:g} for {values.index[wrong][0]}"
        )
    return numbers


def _blocks(found: Pairs, weights: Weights) -> Iterator[sparse.coo_array]:
    """Weights as sparse matrices (origins, destinations) that add up to the whole; never all pairs at once."""
    shape = (len(found.origins), len(found.destinations))
    for start in range(0, len(found.minutes), BLOCK):
        part = slice(start, start + BLOCK)
        values = weight_values(found.minutes[part], weights)
        yield sparse.coo_array((values, (found.origin[part], found.destination[part])), shape=shape)


def _total(found: Pairs, weights: Weights, needed: Floats) -> Floats:
    """Weighted demand in reach of each destination, shape (destinations,) or (destinations, draws)."""
    total = np.zeros((len(found.destinations), *needed.shape[1:]))
    for block in _blocks(found, weights):
        total += block.T @ needed
    return total


def _shared(
    found: Pairs, weights: Weights, ratio: Floats, *, offered: Floats, in_reach_of: Floats
) -> tuple[Floats, NDArray[np.int64]]:
    """Access per origin, and the destinations in its reach by kind: all, unknown, with places, with places shared."""
    places = np.nan_to_num(offered) > 0
    kinds = [np.ones(len(offered), dtype=bool), np.isnan(offered), places, places & (in_reach_of > 0)]
    access, counts = np.zeros(len(found.origins)), np.zeros((len(kinds), len(found.origins)))
    for block in _blocks(found, weights):
        access += block @ ratio
        near = sparse.coo_array(((block.data > 0).astype(float), block.coords), shape=block.shape)
        for position, kind in enumerate(kinds):
            if position == 0 or not (kind.all() or not kind.any()):
                counts[position] += near @ kind.astype(float)
    for position, kind in enumerate(kinds):
        if kind.all():
            counts[position] = counts[0]
    return access, np.rint(counts).astype(np.int64)


def _drawn(found: Pairs, weights: Weights, supply: Floats, *, demand: pd.Series, draws: pd.DataFrame) -> Floats:
    """Access per origin and draw of demand, shape (origins, draws)."""
    absent = demand.index.difference(draws.columns)
    if len(absent):
        raise InputError(f"demand_draws: one column per origin, got none for {absent[0]}")
    needed = draws[demand.index].to_numpy(float).T
    if not (np.isfinite(needed).all() and (needed >= 0).all()):
        raise InputError("demand_draws: must be finite and at least 0, got a missing or negative one")
    total = _total(found, weights, needed)
    ratio = np.divide(supply[:, None], total, out=np.zeros_like(total), where=total > 0)
    access = np.zeros(needed.shape)
    for block in _blocks(found, weights):
        access += block @ ratio
    return access


def _origins(
    index: pd.Index, access: Floats, counts: NDArray[np.int64], *, drawn: Floats | None, level: float
) -> pd.DataFrame:
    """Table per origin with its state; without draws the bounds are the estimate."""
    in_reach, unknown, with_places, served = counts
    state = np.select(
        [in_reach == 0, unknown == in_reach, unknown > 0, with_places == 0, served == 0],
        ["unreachable", "unknown", "partly unknown", "no supply", "no demand"],
        default="published",
    )
    low = high = access
    if drawn is not None:
        low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=1)
    hidden = state == "unknown"
    return pd.DataFrame(
        {
            "access": np.where(hidden, np.nan, access),
            "lower": np.where(hidden, np.nan, np.minimum(low, access)),
            "upper": np.where(hidden | (state == "partly unknown"), np.nan, np.maximum(high, access)),
            "in_reach": in_reach,
            "unknown_in_reach": unknown,
            "state": state,
        },
        index=index.rename("origin"),
    )
