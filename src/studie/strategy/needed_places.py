"""The inverse question: how many places are needed so that the queue stays under a target."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown
from studie.ladder.intervals import wilson
from studie.strategy.flows import LEVEL, YEAR, Walk, waiting_for
from studie.strategy.limits import Limit
from studie.strategy.queues import MonthOfMoves
from studie.strategy.situation import Situation

Floats = np.ndarray
PROBABILITY = 0.80


@dataclass(frozen=True, kw_only=True, eq=False)
class NeededPlaces:
    """Extra places per region and year so that waiting stays under its target.

    Attributes
    ----------
    table : DataFrame
        `region, year, extra` [whole persons at once, above the present limit, in use all year], `places` (present and
        extra, mean over draws), `target` [persons], `probability` (share of draws in which waiting stayed at or under
        the target at every month's end of the year, found by running the answer forward), and `one_less`: that share
        with one place less in the same year (nan where there is no extra above the year before).
    step : label
    wanted : float
        Probability asked.
    level : float
        Coverage of the bounds of the probability reached, in (0, 1).
    n : int
        Draws.
    """

    table: pd.DataFrame
    step: Hashable
    wanted: float
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Keys `region, year`, then the six columns; the bounds of the probability are Wilson's over the draws.

        Places have no bounds of their own: they are chosen so that the uncertainty of the rates is covered.
        """
        kept = ["region", "year"]
        reached_in = self.table["probability"].to_numpy(float) * self.n
        lower, upper = wilson(reached_in, np.full(len(reached_in), float(self.n)), level=self.level)
        places = self.table[kept].assign(
            quantity="extra_places", estimate=self.table["extra"].astype(float), lower=np.nan, upper=np.nan, n=self.n,
            unit="persons",
        )  # fmt: skip
        reached = self.table[kept].assign(
            quantity="probability_under_target",
            estimate=self.table["probability"],
            lower=lower,
            upper=upper,
            n=self.n,
            unit="share",
        )
        return pd.concat([places, reached], ignore_index=True)


def needed_places(
    situation: Situation,
    *,
    step: Hashable,
    target: float | Mapping[Hashable, float],
    years: int = 10,
    probability: float = PROBABILITY,
    level: float = LEVEL,
) -> NeededPlaces:
    """Fewest extra places per region and year with which waiting for a step stays at or under a target.

    Parameters
    ----------
    situation : Situation
    step : label
        A step limited in persons at once.
    target : float or mapping from region to float
        Most persons who may wait [persons].
    years : int, default 10
    probability : float, default 0.80
        In how many of the draws the target must be kept, in (0, 1).
    level : float, default 0.95
        Coverage of the bounds of the probability reached.

    Raises
    ------
    InputError
        A step without places, a target that is negative or lacks a region, a probability outside (0, 1), or no year.

    Notes
    -----
    Year by year, by bisection on whole places per region: the queue falls when places are added. Places are not taken
    away again, so an early year decides more than its own; the path is greedy in time, not the cheapest over
    all years. The probability is over the draws of the rates only.
    """
    limit = _limit_of(situation, step)
    wanted = _targets(situation, target)
    if not 0 < probability < 1:
        raise InputError(f"probability: must be in (0, 1), got {probability}")
    if years < 1:
        raise InputError(f"years: must be at least 1, got {years}")
    search = _Search(situation=situation, limit=limit, target=wanted, probability=probability)
    walk, extra, rows = Walk(situation), np.zeros(len(situation.regions)), []
    for year in range(1, years + 1):
        found = search.fewest(walk, extra)
        fewer = np.where(found > extra, search.kept(walk, found - 1), np.nan)
        kept = search.walked(walk, found)
        rows.append(
            pd.DataFrame(
                {
                    "region": situation.regions, "year": year, "extra": found.astype(int),
                    "places": limit.at(walk.month - 1).mean(axis=1) + found, "target": wanted, "probability": kept,
                    "one_less": fewer,
                }
            )
        )  # fmt: skip
        extra = found
    table = pd.concat(rows, ignore_index=True)
    return NeededPlaces(table=table, step=step, wanted=probability, level=level, n=situation.draws)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Search:
    """What every trial of a number of places shares."""

    situation: Situation
    limit: Limit
    target: Floats
    probability: float

    def limits(self, extra: Floats) -> list[Limit]:
        """All limits, with these extra places on the step."""
        more = replace(self.limit, persons=self.limit.persons + extra[None, :, None])
        return [more if one.step == self.limit.step else one for one in self.situation.ordered_limits]

    def walked(self, walk: Walk, extra: Floats) -> Floats:
        """Walk a year with these places; share of draws per region in which the queue stayed under the target."""
        place = [one.step for one in self.situation.ordered_limits].index(self.limit.step)
        under = np.ones((len(self.target), self.situation.draws), dtype=bool)

        def observe(month: int, part: slice, stock: Floats, waiting: Floats, moved: MonthOfMoves) -> None:
            """Keep who is under the target."""
            queue = waiting_for(self.situation, waiting)[place].sum(axis=0)
            under[:, part] &= queue <= self.target[:, None] * (1 + 1e-12) + 1e-9

        walk.on(YEAR, observe, limits=self.limits(extra))
        return under.mean(axis=1)

    def kept(self, walk: Walk, extra: Floats) -> Floats:
        """As `walked`, without walking on."""
        return self.walked(walk.copy(), np.maximum(extra, 0.0))

    def fewest(self, walk: Walk, least: Floats) -> Floats:
        """Fewest whole places, at least those of the year before, per region; enough places empty any queue."""
        enough = self.kept(walk, least) >= self.probability
        low, high = least - 1, least.copy()  # low is not enough (or not allowed), high is once `enough`
        width = 1.0
        while not enough.all():
            low = np.where(enough, low, high)
            high = np.where(enough, high, least + width)
            enough |= self.kept(walk, high) >= self.probability
            width *= 4
        while (high - low > 1).any():
            middle = np.floor((low + high) / 2)
            open_ = high - low > 1
            good = self.kept(walk, np.where(open_, middle, high)) >= self.probability
            high = np.where(open_ & good, middle, high)
            low = np.where(open_ & ~good, middle, low)
        return high


def _limit_of(situation: Situation, step: Hashable) -> Limit:
    """Limit of a step that has places."""
    found = {limit.step: limit for limit in situation.limits}
    if step not in found:
        raise unknown("step", step, map(str, found))
    if found[step].kind != "places":
        raise InputError(f"step: {step} is limited by openings per month, not by places")
    return found[step]


def _targets(situation: Situation, target: float | Mapping[Hashable, float]) -> Floats:
    """Target per region."""
    if isinstance(target, Mapping):
        absent = [region for region in situation.regions if region not in target]
        if absent:
            raise InputError(f"target: every region needs one, got none for {absent[0]}")
        values = np.array([target[region] for region in situation.regions], dtype=float)
    else:
        values = np.full(len(situation.regions), float(target))
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise InputError(f"target: must be at least 0 and known, got {values.min()}")
    return values
