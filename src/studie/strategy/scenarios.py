"""What a set of levers would change, against doing nothing more, in the same draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown
from studie.strategy.after_move import AfterMove
from studie.strategy.flows import LEVEL, YEAR, Walk, Yearly, waiting_for
from studie.strategy.levers import Cost, Effect, Lever, Levers, draw, lever
from studie.strategy.priors import Prior
from studie.strategy.queues import MonthOfMoves
from studie.strategy.situation import Situation

__all__ = ["Comparison", "Cost", "Effect", "Lever", "Levers", "Prior", "compare", "lever", "outcomes", "verdict"]

Floats = np.ndarray
Verdict = Literal["better", "worse", "not shown"]
BASELINE = "baseline"
ENOUGH = 0.80  # share of draws that must be better before a scenario is called so
BETTER: Mapping[str, Literal["higher", "lower"]] = {
    "waiting": "lower",
    "upward_moves": "higher",
    "lasting_moves": "higher",
    "relapse": "lower",
}
UNITS = {"waiting": "persons", "upward_moves": "moves", "lasting_moves": "moves", "relapse": "share"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Outcomes of scenarios over the horizon, per draw and beside the baseline.

    Attributes
    ----------
    outcomes : dict of DataFrame, shape (draws, quantities)
        Per scenario, the baseline first: `waiting` at the end for the steps whose queue is counted [persons],
        `upward_moves` and `lasting_moves` over the horizon [moves], `relapse`, the share of moves up that fall back
        within the months of `after`.
    inputs : DataFrame, shape (draws, inputs)
        What differs between draws: the effect of every lever, and of the baseline the rates up and down [per person per
        month] and the queue at the start [persons].
    verdicts : DataFrame
        `scenario, quantity, share_better, verdict`.
    stated, assumed : dict of float
        Cost over the horizon per scenario, by who says so [euro]; follows gross places.
    unpriced : dict of tuple
        Levers without a cost per scenario.
    values : tuple of float
        Worth of a lasting move at which a break-even cost is asked [euro].
    years : int
    level : float
        Coverage, in (0, 1).
    n : int
        Draws.
    hangs_on : dict of tuple
        Names of the priors behind each scenario: to be said in the same sentence.
    """

    outcomes: dict[str, pd.DataFrame]
    inputs: pd.DataFrame
    verdicts: pd.DataFrame
    stated: dict[str, float]
    assumed: dict[str, float]
    unpriced: dict[str, tuple[str, ...]]
    values: tuple[float, ...]
    years: int
    level: float
    n: int
    hangs_on: dict[str, tuple[str, ...]]

    def difference(self, scenario: str, quantity: str) -> Floats:
        """Scenario minus baseline, draw by draw.

        Raises
        ------
        InputError
            If there is no such scenario or quantity.
        """
        if scenario not in self.outcomes:
            raise unknown("scenario", scenario, self.outcomes)
        if quantity not in BETTER:
            raise unknown("quantity", quantity, BETTER)
        return (self.outcomes[scenario][quantity] - self.outcomes[BASELINE][quantity]).to_numpy(float)

    def to_frame(self) -> pd.DataFrame:
        """Keys `scenario, value_per_lasting_move`, then the six columns.

        Quantities as in `outcomes`, `<quantity>_difference`, and either `cost_per_lasting_move` (every cost stated)
        or `break_even_cost` per year, one row per value of a lasting move. An upper bound of infinity says that draws
        in which nothing is gained are too many to exclude it.
        """
        rows = []
        for scenario, table in self.outcomes.items():
            for quantity, unit in UNITS.items():
                rows.append((scenario, np.nan, quantity, *_mean(table[quantity].to_numpy(float), self.level), unit))
                if scenario != BASELINE:
                    gap = self.difference(scenario, quantity)
                    rows.append((scenario, np.nan, f"{quantity}_difference", *_mean(gap, self.level), unit))
            if scenario != BASELINE:
                rows.extend(self._money(scenario))
        frame = pd.DataFrame(
            rows, columns=["scenario", "value_per_lasting_move", "quantity", "estimate", "lower", "upper", "unit"]
        )
        frame.insert(6, "n", self.n)
        return frame

    def _money(self, scenario: str) -> list[tuple]:
        """Cost per lasting move where every cost is stated, else what the rest may cost at most."""
        gained = self.difference(scenario, "lasting_moves")
        if not self.assumed[scenario] and not self.unpriced[scenario]:
            found = cost_per_move(self.stated[scenario], gained, level=self.level)
            return [(scenario, np.nan, "cost_per_lasting_move", *found, "euro per move")]
        return [
            (
                scenario, value, "break_even_cost",
                *_mean((value * gained - self.stated[scenario]) / self.years, self.level), "euro/year",
            )
            for value in self.values
        ]  # fmt: skip


def cost_per_move(cost: float | Floats, gained: Floats, *, level: float = LEVEL) -> tuple[float, float, float]:
    """Extra cost per extra lasting move: ratio of means, and bounds over draws.

    Draws in which nothing is gained count as infinitely dear, so that the upper bound is infinite where they are more
    than the upper tail; the ratio is infinite where nothing is gained on average.
    """
    each = np.where(gained > 0, cost / np.where(gained > 0, gained, 1.0), np.inf)
    ordered = np.sort(each)
    last = len(each) - 1
    lower = float(ordered[int(np.floor((1 - level) / 2 * last))])
    upper = float(ordered[int(np.ceil((1 + level) / 2 * last))])
    mean = float(np.mean(cost)) / float(gained.mean()) if gained.mean() > 0 else np.inf
    return mean, min(lower, mean), max(upper, mean)


def check_future(situation: Situation, *, months: int, level: float) -> None:
    """Refuse a future that is not of whole years, or in which capacity would count twice."""
    if situation.limits and not situation.calibrated:
        raise InputError(
            "situation: limited steps need latent rates (calibration.calibrate), else capacity counts twice"
        )
    if months < YEAR or months % YEAR:
        raise InputError(f"months: must be whole years of {YEAR}, got {months}")
    if not 0 < level < 1:
        raise InputError(f"level: must be in (0, 1), got {level}")


def compare(
    situation: Situation,
    scenarios: Mapping[str, Sequence[Lever]],
    *,
    after: AfterMove,
    seeds: np.random.SeedSequence,
    months: int = 120,
    values: Sequence[float] = (),
    level: float = LEVEL,
) -> Comparison:
    """Scenarios against the baseline, in the same draws.

    Parameters
    ----------
    situation : Situation
        Calibrated where steps are limited; the calibration is that of the baseline for every scenario.
    scenarios : mapping from name to levers
    after : AfterMove
        What follows a step up in the baseline.
    seeds : SeedSequence
        Each effect has its own stream under it, by its name.
    months : int, default 120
        Whole years.
    values : sequence of float, optional
        Worth of one lasting move [euro]; needed where a cost is assumed or unknown.
    level : float, default 0.95

    Raises
    ------
    InputError
        No scenario, one named baseline, limited steps without calibration, a lever on a move that the ladder lacks, an
        assumed cost without `values`, or months that are not whole years.

    Notes
    -----
    Everything hangs on the priors of the levers: nothing here is measured. Moves up are gross; the difference with the
    baseline in the same draw is what the levers add. A lever on falls acts on the share that falls back after a move,
    and on falls of everybody in the chain, which has no memory of the move. Verdict: better in at least 80 % of
    the draws, worse in at most 20 % (ties count for neither), else not shown.
    """
    if not scenarios or BASELINE in scenarios:
        raise InputError(f"scenarios: at least one, none named {BASELINE!r}, got {list(scenarios)}")
    check_future(situation, months=months, level=level)
    every = {one.name: one for levers in scenarios.values() for one in levers}
    drawn = draw(list(every.values()), situation.draws, seeds=seeds)
    found = {BASELINE: outcomes(situation, None, after=after, months=months)}
    stated, assumed, unpriced, hangs_on = {}, {}, {}, {}
    for name, levers in scenarios.items():
        work = Levers(levers, drawn, situation)
        found[name] = outcomes(situation, work, after=after, months=months)
        stated[name] = work.cost(months, status="stated")
        assumed[name] = work.cost(months, status="assumed")
        unpriced[name] = tuple(one.name for one in levers if one.cost is None)
        hangs_on[name] = tuple(effect.name for one in levers for effect in one.effects)
        if (assumed[name] or unpriced[name]) and not values:
            raise InputError(f"values: {name} has a cost that is only assumed or unknown; a worth per move is needed")
    return Comparison(
        outcomes=found,
        inputs=pd.concat([drawn, _baseline_inputs(situation)], axis=1),
        verdicts=_verdicts(found),
        stated=stated,
        assumed=assumed,
        unpriced=unpriced,
        values=tuple(values),
        years=months // YEAR,
        level=level,
        n=situation.draws,
        hangs_on=hangs_on,
    )


def outcomes(situation: Situation, levers: Levers | None, *, after: AfterMove, months: int) -> pd.DataFrame:
    """Outcomes per draw over the horizon, all regions and groups together.

    Parameters
    ----------
    situation : Situation
    levers : Levers or None
        None for the baseline.
    after : AfterMove
    months : int
        Whole years.
    """
    yearly = Yearly(situation=situation, years=months // YEAR)

    def observe(month: int, part: slice, stock: Floats, waiting: Floats, moved: MonthOfMoves) -> None:
        """Add up."""
        yearly.see(month, part, waiting, moved)

    Walk(situation, change=levers).on(months, observe)
    lasting, relapsed = np.zeros(situation.draws), np.zeros(situation.draws)
    for year in range(months // YEAR):
        moved = yearly.upward[year].sum(axis=2)
        here = after if levers is None else levers.after(after, YEAR * year + YEAR // 2)
        lasting += (moved * here.lasting).sum(axis=(0, 1))
        relapsed += (moved * here.relapse).sum(axis=(0, 1))
    upward = yearly.upward.sum(axis=(0, 1, 2, 3))
    return pd.DataFrame(
        {
            "waiting": yearly.waiting[-1][situation.counted_places].sum(axis=(0, 1, 2)),
            "upward_moves": upward,
            "lasting_moves": lasting,
            "relapse": np.divide(relapsed, upward, out=np.zeros_like(upward), where=upward > 0),
        }
    )


def verdict(difference: Floats, *, better: Literal["higher", "lower"]) -> tuple[float, Verdict]:
    """Share of draws in which the scenario is strictly better, and what may be said.

    Parameters
    ----------
    difference : array, shape (draws,)
        Scenario minus baseline.
    better : {'higher', 'lower'}
    """
    gain = difference if better == "higher" else -difference
    share = float((gain > 0).mean())
    if share >= ENOUGH:
        return share, "better"
    return share, "worse" if float((gain < 0).mean()) >= ENOUGH else "not shown"


def _verdicts(found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Verdict per scenario and quantity."""
    rows = []
    for name, table in found.items():
        for quantity, direction in BETTER.items():
            if name != BASELINE:
                gap = (table[quantity] - found[BASELINE][quantity]).to_numpy(float)
                rows.append((name, quantity, *verdict(gap, better=direction)))
    return pd.DataFrame(rows, columns=["scenario", "quantity", "share_better", "verdict"])


def _baseline_inputs(situation: Situation) -> pd.DataFrame:
    """What differs between draws without any lever: mean rates up and down of those at the start, and the queue."""
    plan, P = situation.plan, situation.matrices.values
    persons = np.broadcast_to(situation.stock, (*situation.stock.shape[:-1], situation.draws))
    on = [i for i in range(plan.k) if plan.height[i] >= 0]
    total = persons[on].sum(axis=(0, 1, 2))
    columns = {}
    for name, right in (("rate up", plan.climbs), ("rate down", plan.falls)):
        pairs = [(i, j) for i in on for j in on if right(i, j)]
        flow = sum((persons[i] * P[:, :, :, i, j] for i, j in pairs), np.zeros(persons.shape[1:]))
        columns[name] = flow.sum(axis=(0, 1)) / total
    queue = waiting_for(situation, np.broadcast_to(situation.waiting, (*situation.waiting.shape[:-1], situation.draws)))
    columns["waiting at start"] = queue[situation.counted_places].sum(axis=(0, 1, 2))
    return pd.DataFrame(columns)


def _mean(sample: Floats, level: float) -> tuple[float, float, float]:
    """Mean and quantiles over draws; bounds hold the mean."""
    mean = float(sample.mean())
    lower, upper = np.quantile(sample, [(1 - level) / 2, (1 + level) / 2])
    return mean, min(float(lower), mean), max(float(upper), mean)
