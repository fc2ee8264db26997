"""Year by year what scenarios would give, all regions and groups together, in the same draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InputError
from studie.strategy.after_move import AfterMove
from studie.strategy.flows import LEVEL, YEAR, Walk, Yearly
from studie.strategy.levers import Lever, Levers, draw
from studie.strategy.queues import MonthOfMoves
from studie.strategy.scenarios import BASELINE, UNITS, check_future
from studie.strategy.situation import Situation

Floats = np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class Paths:
    """Outcomes per scenario and year, all regions and groups together.

    Attributes
    ----------
    draws : dict of dict of array, shape (years, draws)
        Per scenario, the baseline first, and quantity: `waiting` at the end of the year [persons], `upward_moves` and
        `lasting_moves` in the year [moves], `relapse`, the share of the year's moves up that fall back.
    hangs_on : dict of tuple
        Names of the priors behind each scenario.
    level : float
        Coverage, in (0, 1).
    n : int
        Draws.
    """

    draws: dict[str, dict[str, Floats]]
    hangs_on: dict[str, tuple[str, ...]]
    level: float
    n: int

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names, the baseline first."""
        return tuple(self.draws)

    def to_frame(self) -> pd.DataFrame:
        """Keys `scenario, year`, then the six columns of every result; bounds are quantiles that hold the mean."""
        tails = [(1 - self.level) / 2, (1 + self.level) / 2]
        parts = []
        for scenario, quantities in self.draws.items():
            for quantity, values in quantities.items():
                mean = values.mean(axis=1)
                lower, upper = np.quantile(values, tails, axis=1)
                part = pd.DataFrame({"scenario": scenario, "year": range(1, len(values) + 1), "quantity": quantity})
                part["estimate"], part["lower"], part["upper"] = mean, np.minimum(lower, mean), np.maximum(upper, mean)
                parts.append(part.assign(n=self.n, unit=UNITS[quantity]))
        return pd.concat(parts, ignore_index=True)


def paths(
    situation: Situation,
    scenarios: Mapping[str, Sequence[Lever]],
    *,
    after: AfterMove,
    seeds: np.random.SeedSequence,
    months: int = 120,
    level: float = LEVEL,
) -> Paths:
    """The years of `scenarios.compare`, with the same draws.

    Parameters
    ----------
    situation, scenarios, after, seeds, months, level
        As `scenarios.compare`.

    Raises
    ------
    InputError
        A scenario named baseline, limited steps without calibration, months that are not whole years, or a level
        outside (0, 1).

    Notes
    -----
    Yearly moves, lasting moves and relapsed moves add up to the outcomes of `scenarios.compare`. Bounds are of the
    sum over regions in each draw, which bounds of regions do not add up to.
    """
    if BASELINE in scenarios:
        raise InputError(f"scenarios: none named {BASELINE!r}, got {list(scenarios)}")
    check_future(situation, months=months, level=level)
    every = {one.name: one for levers in scenarios.values() for one in levers}
    drawn = draw(list(every.values()), situation.draws, seeds=seeds)
    found = {BASELINE: _walked(situation, None, after=after, months=months)}
    for name, levers in scenarios.items():
        found[name] = _walked(situation, Levers(levers, drawn, situation), after=after, months=months)
    hangs_on = {
        name: tuple(effect.name for one in levers for effect in one.effects) for name, levers in scenarios.items()
    }
    return Paths(draws=found, hangs_on=hangs_on, level=level, n=situation.draws)


def _walked(situation: Situation, levers: Levers | None, *, after: AfterMove, months: int) -> dict[str, Floats]:
    """Every quantity per year and draw."""
    yearly = Yearly(situation=situation, years=months // YEAR)

    def observe(month: int, part: slice, stock: Floats, waiting: Floats, moved: MonthOfMoves) -> None:
        """Add up."""
        yearly.see(month, part, waiting, moved)

    Walk(situation, change=levers).on(months, observe)
    here = [after if levers is None else levers.after(after, YEAR * y + YEAR // 2) for y in range(months // YEAR)]
    moved = yearly.upward.sum(axis=3)
    upward = moved.sum(axis=(1, 2))
    lasting = np.stack([(m * one.lasting).sum(axis=(0, 1)) for m, one in zip(moved, here, strict=True)])
    relapsed = np.stack([(m * one.relapse).sum(axis=(0, 1)) for m, one in zip(moved, here, strict=True)])
    return {
        "waiting": yearly.waiting[:, situation.counted_places].sum(axis=(1, 2, 3)),
        "upward_moves": upward,
        "lasting_moves": lasting,
        "relapse": np.divide(relapsed, upward, out=np.zeros_like(upward), where=upward > 0),
    }
