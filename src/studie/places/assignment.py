"""Who stays without a place when everybody takes the nearest free one: need set against capacity, within reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import optimize, sparse

from studie.errors import InputError, StudieError, unknown
from studie.places.pairs import Floats, Pairs, pairs

Method = Literal["auto", "exact", "greedy"]
EXACT_PAIRS = 50_000


@dataclass(frozen=True, kw_only=True)
class UnmetNeed:
    """Persons without a place within reach, per origin.

    Attributes
    ----------
    table : DataFrame, indexed by origin
        `need, unmet` [persons], `mean_minutes` of those with a place (missing where nobody has one), `state`:
        `published`, `unreachable` (no places in reach at all) or `no need`.
    free_places : Series, by destination
        Capacity that stays free [persons].
    method : {"exact", "greedy"}
        Optimal assignment, or nearest pairs first (at least as much unmet as optimal).
    level : float
        1: given need and capacity there is one total.
    n : int
        Origins.
    """

    table: pd.DataFrame
    free_places: pd.Series
    method: str
    level: float
    n: int

    @property
    def unmet(self) -> float:
        """Total persons without a place."""
        return float(self.table["unmet"].sum())

    def to_frame(self) -> pd.DataFrame:
        """One row per origin: `origin, state, method` then `quantity, estimate, lower, upper, n, unit`."""
        frame = self.table[["state"]].rename_axis("origin").reset_index()
        unmet = self.table["unmet"].to_numpy()
        return frame.assign(
            method=self.method,
            quantity="unmet need",
            estimate=unmet,
            lower=unmet,
            upper=unmet,
            n=self.n,
            unit="persons",
        )


def unmet_need(
    need: pd.Series,
    capacity: pd.Series,
    cost: pd.DataFrame,
    *,
    within_minutes: float,
    method: Method = "auto",
) -> UnmetNeed:
    """Need that no place within reach can hold, by assignment of persons to places.

    As many persons as possible get a place, and among all ways to do so the one with the least travel in total.

    Parameters
    ----------
    need : Series, by origin
        Persons in need [persons].
    capacity : Series, by destination
        Persons that the places hold [persons]; unknown capacity must be given as a bound.
    cost : DataFrame
        `origin, destination, minutes` [minutes].
    within_minutes : float
        Longest travel time, above 0.
    method : {"auto", "exact", "greedy"}, default "auto"
        `exact` solves the transport problem by linear programming (HiGHS); `greedy` fills the nearest pairs first;
        `auto` is exact up to 50,000 pairs in reach. The result says which.

    Returns
    -------
    UnmetNeed

    Raises
    ------
    InputError
        Missing or negative need or capacity; a wrong cost table; an unknown method.

    Notes
    -----
    The total unmet need is unique; how it falls over origins is the one with least travel, which can tie. People do
    not choose like this: it is the least unmet need that the offer allows, so a lower bound on the real one.
    """
    if method not in get_args(Method):
        raise unknown("method", method, get_args(Method))
    if not within_minutes > 0:
        raise InputError(f"within_minutes: must be above 0, got {within_minutes}")
    wanted, room = _whole(need, "need"), _whole(capacity, "capacity")
    found = pairs(cost, origins=need.index, destinations=capacity.index)
    usable = np.flatnonzero(
        (found.minutes <= within_minutes) & (wanted[found.origin] > 0) & (room[found.destination] > 0)
    )
    exact = method == "exact" or (method == "auto" and len(usable) <= EXACT_PAIRS)
    moved = _exact(found, usable, wanted, room) if exact else _greedy(found, usable, wanted, room)
    placed = np.bincount(found.origin[usable], weights=moved, minlength=len(wanted))
    used = np.bincount(found.destination[usable], weights=moved, minlength=len(room))
    travelled = np.bincount(found.origin[usable], weights=moved * found.minutes[usable], minlength=len(wanted))
    reachable = np.bincount(found.origin[usable], minlength=len(wanted)) > 0
    table = pd.DataFrame(
        {
            "need": wanted,
            "unmet": np.maximum(wanted - placed, 0.0),
            "mean_minutes": np.divide(travelled, placed, out=np.full(len(wanted), np.nan), where=placed > 0),
            "state": np.select([wanted == 0, ~reachable], ["no need", "unreachable"], default="published"),
        },
        index=need.index.rename("origin"),
    )
    free = pd.Series(np.maximum(room - used, 0.0), index=capacity.index, name="free_places")
    return UnmetNeed(table=table, free_places=free, method="exact" if exact else "greedy", level=1.0, n=len(wanted))


def _whole(values: pd.Series, name: str) -> Floats:
    """Amounts that are all there."""
    numbers = values.to_numpy(float, na_value=np.nan)
    wrong = ~(np.isfinite(numbers) & (numbers >= 0))
    if wrong.any():
        raise InputError(
            f"{name}: must be finite and at least 0, unknown is not 0, got {numbers[wrong][0]} for "
            f"{values.index[wrong][0]}"
        )
    return numbers


def _exact(found: Pairs, usable: np.ndarray, wanted: Floats, room: Floats) -> Floats:
    """Persons moved per usable pair: the transport problem, most persons first, then least travel."""
    if not len(usable):
        return np.empty(0)
    n = len(usable)
    columns = np.arange(n)
    rows = sparse.vstack(
        [
            sparse.coo_array((np.ones(n), (found.origin[usable], columns)), shape=(len(wanted), n)),
            sparse.coo_array((np.ones(n), (found.destination[usable], columns)), shape=(len(room), n)),
        ]
    ).tocsr()
    minutes = found.minutes[usable]
    # one more person placed is worth more than any detour that makes room for it
    prize = (min(len(wanted), len(room)) + 1) * float(minutes.max()) + 1
    limits = optimize.LinearConstraint(rows, -np.inf, np.concatenate([wanted, room]))
    solved = optimize.milp(
        minutes - prize, constraints=limits, bounds=optimize.Bounds(0, np.inf)
    )  # no whole numbers asked
    if solved.status != 0:
        raise StudieError(f"unmet_need: the linear programme ended without an optimum: {solved.message}")
    return np.asarray(np.clip(solved.x, 0, None))


def _greedy(found: Pairs, usable: np.ndarray, wanted: Floats, room: Floats) -> Floats:
    """Persons moved per usable pair, nearest pairs first."""
    left, free = wanted.tolist(), room.tolist()
    moved = np.zeros(len(usable))
    order = np.argsort(found.minutes[usable], kind="stable")
    starts, ends = found.origin[usable].tolist(), found.destination[usable].tolist()
    for position in order.tolist():
        i, j = starts[position], ends[position]
        if left[i] > 0 and free[j] > 0:
            amount = min(left[i], free[j])
            left[i] -= amount
            free[j] -= amount
            moved[position] = amount
    return moved
