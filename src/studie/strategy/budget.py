"""Where a euro creates most lasting places: whole places and subsidies under a budget, and what the next euro adds."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from studie.errors import InputError
from studie.strategy.locations import Sites, maximal_coverage, p_median
from studie.strategy.optimum import SECONDS, Rule, best

__all__ = ["Allocation", "Frontier", "Sites", "allocate", "frontier", "maximal_coverage", "next_euros", "p_median"]

Floats = np.ndarray
LEVEL = 0.95
KEYS = ["region", "lever"]
NUMBERS = ("unit_cost", "lasting", "most", "fixed_cost")
CENT = 0.01


@dataclass(frozen=True, kw_only=True, eq=False)
class Allocation:
    """Units of every lever in every region that give most lasting places for a budget.

    Attributes
    ----------
    table : DataFrame
        The options with `units`, `cost` (with the fixed cost where any unit is bought) [euro] and `gained` [lasting
        places].
    budget, overhead, spent : float
        Euro; spent holds the overhead.
    gained : float
        Lasting places in all.
    bound : float
        No allocation within the budget gains more; equals `gained` when proven.
    gap : float
        Room between the two as a share; 0 when proven.
    proven : bool
    draws : DataFrame, shape (draws, options), or None
        Lasting places per unit.
    level : float
        Coverage of the bounds, in (0, 1).
    n : int
        Draws; 0 without.
    """

    table: pd.DataFrame
    budget: float
    overhead: float
    spent: float
    gained: float
    bound: float
    gap: float
    proven: bool
    draws: pd.DataFrame | None
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Keys `region, lever` (`all` for the whole), then the six columns; only options that get something."""
        used = np.flatnonzero(self.table["units"].to_numpy() > 0)
        rows: list[tuple] = [
            ("all", "all", "spent", self.spent, self.spent, self.spent, "euro"),
            ("all", "all", "lasting_places", self.gained, *self._bounds(range(len(self.table))), "places"),
        ]
        for place in used:
            row = self.table.iloc[place]
            key = (row["region"], row["lever"])
            rows.append((*key, "units", *[row["units"]] * 3, "units"))
            rows.append((*key, "cost", *[row["cost"]] * 3, "euro"))
            rows.append((*key, "lasting_places", row["gained"], *self._bounds([int(place)]), "places"))
        frame = pd.DataFrame(rows, columns=[*KEYS, "quantity", "estimate", "lower", "upper", "unit"])
        frame.insert(6, "n", self.n)
        return frame

    def _bounds(self, places: Sequence[int]) -> tuple[float, float]:
        """Bounds of the lasting places of some options; missing without draws."""
        if self.draws is None:
            return np.nan, np.nan
        units = self.table["units"].to_numpy(float)
        return _quantiles(self.draws.to_numpy(float)[:, list(places)] @ units[list(places)], self.level)


@dataclass(frozen=True, kw_only=True, eq=False)
class Frontier:
    """Most lasting places for every budget.

    Attributes
    ----------
    allocations : tuple of Allocation
        By rising budget.
    level : float
    n : int
    """

    allocations: tuple[Allocation, ...]
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Key `budget`, then the six columns: `lasting_places` and `spent`."""
        parts = []
        for one in self.allocations:
            part = one.to_frame()
            parts.append(part[part["region"] == "all"].drop(columns=KEYS).assign(budget=one.budget))
        frame = pd.concat(parts, ignore_index=True)
        return frame[["budget", "quantity", "estimate", "lower", "upper", "n", "unit"]]


@dataclass(frozen=True, kw_only=True, eq=False)
class NextEuros:
    """What a further amount buys, with everything before it kept.

    Attributes
    ----------
    before, after : Allocation
    table : DataFrame
        `region, lever, units, cost, gained`: what is added.
    gained : float
        Lasting places added.
    gained_if_free : float
        What would be added if the first amount could be spent anew.
    step : float
        Amount [euro].
    level : float
    n : int
    """

    before: Allocation
    after: Allocation
    table: pd.DataFrame
    gained: float
    gained_if_free: float
    step: float
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Keys `region, lever`, then the six columns: units, cost and lasting places added."""
        draws = self.after.draws
        total = (np.nan, np.nan)
        added = self.after.table["units"].to_numpy(float) - self.before.table["units"].to_numpy(float)
        if draws is not None:
            total = _quantiles(draws.to_numpy(float) @ added, self.level)
        rows: list[tuple] = [
            ("all", "all", "lasting_places", self.gained, *total, "places"),
            ("all", "all", "lasting_places_if_free", self.gained_if_free, np.nan, np.nan, "places"),
        ]
        for place, row in zip(np.flatnonzero(added), self.table.to_dict("records"), strict=True):
            key, bounds = (row["region"], row["lever"]), (np.nan, np.nan)
            if draws is not None:
                bounds = _quantiles(draws.to_numpy(float)[:, place] * row["units"], self.level)
            rows.append((*key, "units", *[row["units"]] * 3, "units"))
            rows.append((*key, "cost", *[row["cost"]] * 3, "euro"))
            rows.append((*key, "lasting_places", row["gained"], *bounds, "places"))
        frame = pd.DataFrame(rows, columns=[*KEYS, "quantity", "estimate", "lower", "upper", "unit"])
        frame.insert(6, "n", self.n)
        return frame


def allocate(
    options: pd.DataFrame,
    *,
    budget: float,
    overhead: float = 0.0,
    least_per_arrondissement: Mapping[Hashable, float] | None = None,
    most_per_region: Mapping[Hashable, float] | None = None,
    draws: pd.DataFrame | None = None,
    seconds: float = SECONDS,
    level: float = LEVEL,
) -> Allocation:
    """The allocation with most lasting places within a budget.

    Parameters
    ----------
    options : DataFrame
        One row per region and lever: `region, arrondissement, lever, unit_cost` [euro per unit], `lasting` [lasting
        places per unit, may be negative], `most` [units that can be absorbed, whole], `fixed_cost` [euro, due once as
        soon as a unit is bought there]; optional `least` [units]. A unit is a place, or a lot of subsidy or loan.
    budget : float
        Euro, overhead included.
    overhead : float, default 0
        Fixed cost whatever is bought [euro].
    least_per_arrondissement : mapping to float, optional
        Lasting places that each must get at least: a guarantee.
    most_per_region : mapping to float, optional
        Units over all levers that a region can absorb.
    draws : DataFrame, shape (draws, options), optional
        Lasting places per unit in the order of the options; their mean takes the place of `lasting`, their spread
        gives the bounds.
    seconds : float, default 60
    level : float, default 0.95

    Raises
    ------
    InputError
        Missing columns or numbers, a budget below the fixed costs, or guarantees that cannot be met (named).

    Notes
    -----
    max Σ g_i x_i with Σ (c_i x_i + f_i u_i) <= budget − overhead, x_i <= most_i u_i, x whole and u 0 or 1: a knapsack
    with fixed charges, solved to proof by branch and cut. Expected lasting places decide, so doubt does not change the
    choice; it shows in the bounds. Gains are taken as additive: places in one region do not take from another.
    """
    table, gain = _checked(options, budget, overhead, draws, level)
    size = len(table)
    cost, fixed, most = (table[name].to_numpy(float) for name in ("unit_cost", "fixed_cost", "most"))
    charged = np.flatnonzero(fixed > 0)
    rules = [
        Rule(name=f"budget of {budget:,.0f} euro", rows=_row(cost, fixed[charged]), upper=budget - overhead, kind="law")
    ]
    if len(charged):
        opened = sparse.csr_array((most[charged], (charged, np.arange(len(charged)))), shape=(size, len(charged)))
        rows = sparse.hstack([sparse.eye_array(size), -opened], format="csr")[charged]
        rules.append(Rule(name="fixed cost where something is bought", rows=rows, upper=0.0, kind="law"))
    rules += _guarantees(table, gain, len(charged), least_per_arrondissement or {}, most_per_region or {})
    upper = np.concatenate([most, np.ones(len(charged))])
    found = best(np.concatenate([gain, np.zeros(len(charged))]), rules, most=upper, seconds=seconds)
    units = found.values[:size].astype(np.int64)
    table["units"] = units
    table["cost"] = units * cost + (units > 0) * fixed
    table["gained"] = units * gain
    gained, proven = float(table["gained"].sum()), found.status == "optimal"
    return Allocation(
        table=table, budget=float(budget), overhead=float(overhead), spent=float(table["cost"].sum() + overhead),
        gained=gained, bound=gained if proven else found.bound, gap=found.gap, proven=proven, draws=draws,
        level=level, n=0 if draws is None else len(draws),
    )  # fmt: skip


def frontier(options: pd.DataFrame, budgets: Sequence[float], **settings: object) -> Frontier:
    """The best allocation for each of several budgets.

    Parameters
    ----------
    options
        As `allocate`.
    budgets : sequence of float
        Euro.
    settings
        Every other option of `allocate`.

    Raises
    ------
    InputError
        No budget, or as `allocate`.
    """
    if not len(budgets):
        raise InputError("budgets: at least one is needed, got none")
    found = tuple(allocate(options, budget=one, **settings) for one in sorted(set(budgets)))  # type: ignore[arg-type]
    return Frontier(allocations=found, level=found[0].level, n=found[0].n)


def next_euros(options: pd.DataFrame, *, budget: float, step: float = 100_000.0, **settings: object) -> NextEuros:
    """What the next euros buy where.

    Parameters
    ----------
    options
        As `allocate`.
    budget : float
        What is spent already, in the best way [euro].
    step : float, default 100,000
        What comes on top [euro].
    settings
        Every other option of `allocate`.

    Raises
    ------
    InputError
        A step of 0 or less, or as `allocate`.

    Notes
    -----
    What the first amount buys is kept, so that the table adds to it and takes nothing away. `gained_if_free` is what
    the larger budget would gain if all of it were spent anew: never less than `gained`.
    """
    if not step > 0:
        raise InputError(f"step: must be above 0, got {step}")
    before = allocate(options, budget=budget, **settings)  # type: ignore[arg-type]
    kept = options.reset_index(drop=True).assign(least=before.table["units"])
    after = allocate(kept, budget=budget + step, **settings)  # type: ignore[arg-type]
    free = allocate(options, budget=budget + step, **settings)  # type: ignore[arg-type]
    table = after.table[KEYS].copy()
    for name in ("units", "cost", "gained"):
        table[name] = after.table[name] - before.table[name]
    return NextEuros(
        before=before, after=after, table=table[table["units"] > 0].reset_index(drop=True),
        gained=after.gained - before.gained, gained_if_free=max(free.gained, after.gained) - before.gained,
        step=float(step), level=after.level, n=after.n,
    )  # fmt: skip


def _guarantees(
    table: pd.DataFrame,
    gain: Floats,
    charged: int,
    least_per_arrondissement: Mapping[Hashable, float],
    most_per_region: Mapping[Hashable, float],
) -> list[Rule]:
    """What was asked beside the budget."""
    nothing, size = np.zeros(charged), len(table)
    rules = []
    for place in np.flatnonzero(table["least"] > 0):
        own = (np.arange(size) == place).astype(float)
        least, row = table["least"].iloc[place], table.iloc[place]
        name = f"at least {least:g} units of {row['lever']} in {row['region']}"
        rules.append(Rule(name=name, rows=_row(own, nothing), lower=least))
    for home, least in least_per_arrondissement.items():
        here = (table["arrondissement"] == home).to_numpy(float)
        if not here.any():
            raise InputError(f"least_per_arrondissement: no option lies in {home}")
        name = f"at least {least:g} lasting places in arrondissement {home}"
        rules.append(Rule(name=name, rows=_row(here * gain, nothing), lower=least))
    for region, most in most_per_region.items():
        here = (table["region"] == region).to_numpy(float)
        if not here.any():
            raise InputError(f"most_per_region: no option lies in {region}")
        name = f"at most {most:g} units in {region}"
        rules.append(Rule(name=name, rows=_row(here, nothing), upper=most))
    return rules


def _row(units: Floats, charges: Floats) -> sparse.csr_array:
    """One row over units and fixed charges."""
    return sparse.csr_array(np.concatenate([units, charges])[None, :])


def _quantiles(sample: Floats, level: float) -> tuple[float, float]:
    """Quantiles over draws that hold the mean."""
    low, high = np.quantile(sample, [(1 - level) / 2, (1 + level) / 2])
    return min(float(low), float(sample.mean())), max(float(high), float(sample.mean()))


def _checked(
    options: pd.DataFrame, budget: float, overhead: float, draws: pd.DataFrame | None, level: float
) -> tuple[pd.DataFrame, Floats]:
    """Options in order with `least`, and expected lasting places per unit."""
    needed = [*KEYS, "arrondissement", *NUMBERS]
    absent = [name for name in needed if name not in options.columns]
    if absent or options.empty:
        raise InputError(f"options: needs rows with {', '.join(needed)}, got no {', '.join(absent) or 'rows'}")
    table = options.reset_index(drop=True).copy()
    if "least" not in table:
        table["least"] = 0
    if table.duplicated(KEYS).any():
        raise InputError("options: each region and lever once")
    numbers = table[[*NUMBERS, "least"]].astype(float)
    if not np.isfinite(numbers).all(axis=None) or (numbers.drop(columns="lasting") < 0).any(axis=None):
        raise InputError("options: numbers must be known, and all but lasting at least 0")
    if (numbers[["most", "least"]] % 1 != 0).any(axis=None) or (numbers["least"] > numbers["most"]).any():
        raise InputError("options: most and least must be whole, least at most most")
    if not 0 < level < 1:
        raise InputError(f"level: must be in (0, 1), got {level}")
    if not np.isfinite(budget) or not np.isfinite(overhead) or overhead < 0:
        raise InputError(f"budget, overhead: must be known and overhead at least 0, got {budget}, {overhead}")
    must = overhead + float((numbers["fixed_cost"] * (numbers["least"] > 0)).sum())
    if budget < must - CENT:
        raise InputError(f"budget: must be at least the fixed costs of {must:,.0f} euro, got {budget:,.0f}")
    gain = numbers["lasting"].to_numpy()
    if draws is not None:
        if draws.shape[1] != len(table) or draws.empty or not np.isfinite(draws.to_numpy(float)).all():
            raise InputError(f"draws: must be known and one column per option ({len(table)}), got {draws.shape}")
        gain = draws.to_numpy(float).mean(axis=0)
    return table, gain
