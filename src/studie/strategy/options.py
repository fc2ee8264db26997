"""What can be bought where: lots of subsidy or loan and funded places, with the lasting places that each gives net."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from studie.errors import InputError, InsufficientDataError
from studie.strategy import budget as budget_
from studie.strategy.budget import Allocation, Frontier, NextEuros
from studie.strategy.priors import Prior
from studie.strategy.scenarios import cost_per_move
from studie.strategy.smaa import stream
from studie.strategy.yields import Yields

Floats = np.ndarray
ROUNDING = 1e-9  # share of a guarantee that arithmetic may lose


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """A way to pay for places, bought in whole units.

    Attributes
    ----------
    name : str
        As `lever` in the register that says what it yielded, if there is one.
    cost : float or array, shape (draws,)
        What a unit costs who pays it [euro]; an array carries its doubt, and its mean is charged to the budget.
    net : Prior
        Net additional places per gross one.
    lot : float, optional
        Euro granted or lent in one unit; none where a unit is one place that is paid for as long as it counts.
    ceiling : float, optional
        Most euro of one grant.
    kept : Prior, optional
        Share of the created places that lasts, where no register follows them.
    """

    name: str
    cost: float | Floats
    net: Prior
    lot: float | None = None
    ceiling: float | None = None
    kept: Prior | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Options:
    """What a budget can be spent on.

    Attributes
    ----------
    table : DataFrame
        As `budget.allocate` reads it; a region is an area of the register, and its own arrondissement.
    draws : DataFrame, shape (draws, options)
        Net lasting places per unit.
    costs : dict of lever to array, shape (draws,)
        Cost of a unit [euro].
    beliefs : dict of lever to tuple of str
        Names of the priors behind its lasting places, and `<lever> cost` where its cost is assumed too.
    absent : tuple of str
        Instruments of which the register holds nothing.
    level : float
        Coverage, in (0, 1).
    n : int
        Draws.
    """

    table: pd.DataFrame
    draws: pd.DataFrame
    costs: dict[str, Floats]
    beliefs: dict[str, tuple[str, ...]]
    absent: tuple[str, ...]
    level: float
    n: int

    @property
    def hangs_on(self) -> tuple[str, ...]:
        """Names of all priors."""
        return tuple(name for names in self.beliefs.values() for name in names)

    def behind(self, bought: Allocation | Frontier | NextEuros) -> tuple[str, ...]:
        """Names of the priors behind what was bought."""
        if isinstance(bought, NextEuros):
            used = set(bought.table["lever"])
        else:
            every = bought.allocations if isinstance(bought, Frontier) else (bought,)
            used = {lever for one in every for lever in one.table.loc[one.table["units"] > 0, "lever"]}
        return tuple(name for lever, names in self.beliefs.items() if lever in used for name in names)

    def allocate(self, *, budget: float, **settings: Any) -> Allocation:
        """Best allocation of a budget, as `budget.allocate`."""
        return budget_.allocate(self.table, budget=budget, draws=self.draws, level=self.level, **settings)

    def frontier(self, budgets: Sequence[float], **settings: Any) -> Frontier:
        """Best allocation for each of several budgets, as `budget.frontier`."""
        return budget_.frontier(self.table, budgets, draws=self.draws, level=self.level, **settings)

    def next_euros(self, *, budget: float, step: float, **settings: Any) -> NextEuros:
        """What the next euros buy, as `budget.next_euros`."""
        return budget_.next_euros(self.table, budget=budget, step=step, draws=self.draws, level=self.level, **settings)

    def to_frame(self) -> pd.DataFrame:
        """Keys `region, lever`, then the six columns: `cost_per_lasting_place`, net, with the doubt about yield, net
        share and cost; an upper bound of infinity says that gaining nothing cannot be excluded.
        """
        rows = []
        for place, (region, lever) in enumerate(zip(self.table["region"], self.table["lever"], strict=True)):
            gained = self.draws.iloc[:, place].to_numpy(float)
            found = cost_per_move(self.costs[lever], gained, level=self.level)
            rows.append((region, lever, "cost_per_lasting_place", *found, self.n, "euro per place"))
        return pd.DataFrame(rows, columns=["region", "lever", "quantity", "estimate", "lower", "upper", "n", "unit"])


def options(
    yields: Yields, instruments: Sequence[Instrument], *, shortage: pd.Series, seeds: np.random.SeedSequence
) -> Options:
    """Lots and places that can be bought in each area, with draws of net lasting places per unit.

    Parameters
    ----------
    yields : Yields
        What subsidies and loans yielded, by the names of the instruments.
    instruments : sequence of Instrument
    shortage : Series by area
        Places that lack, which limits what helps [persons at once].
    seeds : SeedSequence
        Each prior has its own stream under it, by its name.

    Raises
    ------
    InputError
        No instrument, or a lot that is not above 0.
    InsufficientDataError
        If no shortage is known or nothing can be bought anywhere.

    Notes
    -----
    A lot gives L λ p ν net lasting places: L euro, λ places created per euro, p the share kept, ν the net share; a
    funded place gives ν. At most: the grants of the busiest year (at least one) at their ceiling, and for every
    instrument by itself as many units as close the shortage. *Assumes* that an area can use as many grants as in its
    busiest year, and no more.
    """
    if not instruments:
        raise InputError("instruments: at least one is needed, got none")
    known = shortage[shortage.notna()]
    rows, columns, costs, absent = [], [], {}, []
    beliefs: dict[str, tuple[str, ...]] = {}
    size = len(next(iter(yields.created.values())))
    for one in instruments:
        if one.lot is not None and not one.lot > 0:
            raise InputError(f"{one.name}: lot: must be above 0, got {one.lot}")
        if one.lot is not None and one.name not in yields.created:
            absent.append(one.name)
            continue
        net = _sample(one.net, size, seeds)
        costs[one.name] = np.broadcast_to(np.asarray(one.cost, float), (size,))
        assumed = (f"{one.name} cost",) if np.ndim(one.cost) else ()
        beliefs[one.name] = (one.net.name, *assumed)
        share = None
        if one.lot is not None and one.name not in yields.lasting:
            if one.kept is None:
                raise InputError(f"{one.name}: kept: nobody followed its places, so a belief is needed, got none")
            share = _sample(one.kept, size, seeds).clip(0, 1)
            beliefs[one.name] = (one.net.name, one.kept.name, *assumed)
        for area, lacking in known.items():
            gross = _gross(yields, one, area, share)
            columns.append(net * gross)
            most = _most(yields, one, area, lacking=float(lacking))
            charged = float(costs[one.name].mean())
            rows.append((area, area, one.name, charged, float(columns[-1].mean()), most, 0.0))
    if not rows:
        raise InsufficientDataError("options: nothing can be bought anywhere, or no shortage is known")
    names = ["region", "arrondissement", "lever", "unit_cost", "lasting", "most", "fixed_cost"]
    return Options(
        table=pd.DataFrame(rows, columns=names), draws=pd.DataFrame(np.column_stack(columns)), costs=costs,
        beliefs=beliefs, absent=tuple(absent), level=yields.level, n=size,
    )  # fmt: skip


def guarantees(
    options: Options, *, amount: float, shares: Mapping[Hashable, float], part: float
) -> dict[Hashable, float]:
    """Lasting places that each arrondissement could make itself with a part of its share of a budget.

    Parameters
    ----------
    options : Options
    amount : float
        Budget [euro].
    shares : mapping from arrondissement to share
        Of the budget; together at most 1.
    part : float
        In [0, 1].

    Raises
    ------
    InputError
        Shares or part out of range.

    Notes
    -----
    What each can do alone can be done together, so these guarantees can always be met within the budget.
    """
    if not 0 <= part <= 1 or min(shares.values()) < 0 or sum(shares.values()) > 1 + ROUNDING:
        raise InputError(f"part, shares: in [0, 1] and at most 1 together, got {part}, {dict(shares)}")
    found = {}
    for home, share in shares.items():
        here = (options.table["arrondissement"] == home).to_numpy()
        if here.any():
            own = budget_.allocate(
                options.table[here], budget=part * share * amount, draws=options.draws.loc[:, here], level=options.level
            )
            found[home] = own.gained * (1 - ROUNDING)
    return found


def _gross(yields: Yields, one: Instrument, area: Hashable, share: Floats | None) -> Floats:
    """Draws of gross lasting places per unit."""
    if one.lot is None:
        return np.ones(len(next(iter(yields.created.values()))))
    if share is None:
        return one.lot * yields.lasting[one.name][area].to_numpy(float)
    return one.lot * yields.created[one.name][area].to_numpy(float) * share


def _most(yields: Yields, one: Instrument, area: Hashable, *, lacking: float) -> int:
    """Units that an area can use."""
    if one.lot is None:
        return int(max(lacking, 0.0))
    created = one.lot * float(yields.created[one.name][area].mean())
    wanted = max(lacking, 0.0) / created
    if one.ceiling is None:
        return int(wanted)
    grants = max(yields.counted(one.name, area, "busiest"), 1.0)
    return int(min(wanted, grants * one.ceiling / one.lot))


def _sample(prior: Prior, size: int, seeds: np.random.SeedSequence) -> Floats:
    """Draws of a belief, from the stream of its own name."""
    return prior.sample(size, rng=np.random.default_rng(stream(seeds, prior.name)))
