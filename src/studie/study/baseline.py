"""What the look ahead starts from: a region's people, moves, queue and newcomers, calibrated on its own past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from studie.config import LEVEL, LeverSettings, StrategySettings
from studie.errors import InsufficientDataError, unknown
from studie.ladder import hazards, matrices, observations
from studie.ladder.moves import EXIT, HIDDEN, RELAPSE
from studie.ladder.observations import Observations
from studie.ladder.pairs import Counts
from studie.strategy import (
    after_move,
    calibration,
    flows,
    limits,
    matrix_draws,
    needed_places,
    paths,
    scenarios,
    sensitivity,
)
from studie.strategy import levers as levers_
from studie.strategy.after_move import AfterMove
from studie.strategy.calibration import Calibration
from studie.strategy.levers import Lever
from studie.strategy.priors import Prior
from studie.strategy.situation import Situation

STEPS = ("1", "2", "3", "4", "5", "6")  # from low to high
COUNTED_AS = {  # states of the panel → states of the look ahead
    "3-4": "3", "4-5": "4", "5-6": "5", "exit_pension": "exit", "exit_moved": "exit", "exit_death": "exit",
}  # fmt: skip
QUEUED, TOP = "5", "6"  # people are counted who wait for the one; openings limit the other
READY = ("4", "5")  # steps of those who may be ready for the top
DRAWS = 1000
MONTHS = 12
INTERVAL = 0.9  # coverage of the queues that the calibration is given
FEWEST = 10  # persons who moved up, below which what followed is not estimated apart


@dataclass(frozen=True, kw_only=True, eq=False)
class Baseline:
    """The look ahead without any lever.

    Attributes
    ----------
    calibration : Calibration
        Latent rates, and how well the past is repeated.
    after : AfterMove
        What follows a step up, estimated from the moment of the move where enough people made one.
    situation : Situation
        People, queue and latent rates on the day of the decision, from which levers begin.
    first_month : str
        Month at which the past begins, YYYY-MM.
    first_year : int
        Calendar year that begins on the day of the decision.
    months : int
        Months looked ahead from there.
    part : float
        Share of the whole queue that waits in its regions.
    level : float
        Coverage of the intervals, in (0, 1).
    n : int
        Persons behind the rates.
    """

    calibration: Calibration
    after: AfterMove
    situation: Situation
    first_month: str
    first_year: int
    months: int
    part: float
    level: float
    n: int

    @property
    def years(self) -> int:
        """Years looked ahead."""
        return self.months // MONTHS

    @property
    def queue(self) -> dict[Hashable, float]:
        """Persons who wait in each region on the day of the decision, where the queue is counted."""
        here = self.situation
        waiting = flows.waiting_for(here, here.waiting)[here.counted_places].mean(axis=-1).sum(axis=(0, 1))
        return {region: float(persons) for region, persons in zip(here.regions, waiting, strict=True)}

    def within(self, *regions: str) -> Baseline:
        """The same people in some of the regions only; the check of the past stays that of the whole.

        Raises
        ------
        InputError
            For a region that it does not have.
        """
        part = self.situation.within(regions)
        share = sum(self.queue[region] for region in regions) / sum(self.queue.values())
        return replace(self, situation=part, part=self.part * share)

    def levers(self, settings: Mapping[str, LeverSettings], *, vte_per_person: float) -> dict[str, Lever]:
        """Levers of the configuration, with the part of their amount and yearly cost that is for these regions."""
        return levers(settings, vte_per_person=vte_per_person, share=self.part)

    def compare(self, plans: Mapping[str, Sequence[Lever]], **options: Any) -> scenarios.Comparison:
        """Plans against doing nothing extra (`strategy.scenarios.compare`)."""
        return scenarios.compare(self.situation, plans, after=self.after, months=self.months, **options)

    def paths(self, plans: Mapping[str, Sequence[Lever]], **options: Any) -> paths.Paths:
        """The same year by year (`strategy.paths.paths`)."""
        return paths.paths(self.situation, plans, after=self.after, months=self.months, **options)

    def tornado(self, plan: Sequence[Lever], **options: Any) -> sensitivity.Tornado:
        """Which belief a plan hangs on (`strategy.sensitivity.tornado`)."""
        return sensitivity.tornado(self.situation, plan, after=self.after, months=self.months, **options)

    def needed_places(self, *, target: float, **options: Any) -> needed_places.NeededPlaces:
        """Extra places with which the queue falls to a share of what it is (`strategy.needed_places`)."""
        goal = {region: round(target * persons) for region, persons in self.queue.items()}
        return needed_places.needed_places(self.situation, step=QUEUED, target=goal, years=self.years, **options)


def baseline(
    panel: pd.DataFrame,
    need: pd.DataFrame,
    *,
    regions: Mapping[str, Sequence[int]],
    day: dt.date,
    years: int,
    ready: Prior,
    rng: np.random.Generator,
    draws: int = DRAWS,
    level: float = LEVEL,
) -> Baseline:
    """The look ahead without any lever, from people who were followed and people who were counted as waiting.

    Parameters
    ----------
    panel : DataFrame
        Rows of `ladder_panel` of all regions.
    need : DataFrame
        Rows of `need`; `waiting` on step 5 is the queue at each date.
    regions : mapping of str to sequence of int
        Region code → its municipalities [refnis]; each region has rates of its own.
    day : date
        On which levers begin.
    years : int
        Looked ahead from that day.
    ready : Prior
        Share of those on steps 4 and 5 who could go to step 6 but find no opening [share 0-1].
    rng : Generator
    draws : int, default 1000
    level : float, default 0.95

    Raises
    ------
    InsufficientDataError
        If waiting was counted on fewer than two dates, or nobody was followed between them in some region.

    Notes
    -----
    The past runs from the first to the last date on which waiting was counted. Monthly rates per region: a Dirichlet
    posterior on the moves that were seen, at the effective number of pairs of each row, because several months of one
    person are not independent (`ladder.matrices.transition_matrix`, method `clustered`). Newcomers are people first
    seen after the first month, per month. Who hangs between two steps counts on the lower one; who is known to be on
    one of several steps is shared over them as the others are. Step 5 is limited to the places in use and step 6 to
    the openings that were filled. Nobody counts who waits for step 6: `ready` stands for it, and is no part of
    `waiting` in outcomes. Between the end of the past and the day of the decision nothing extra happens. Assumes that
    rates and newcomers stay as they were in the past.
    """
    queue = _queue(need, regions)
    begin, end = queue.index[0], queue.index[-1]
    past = _between(begin, end)
    parts = {code: _people(panel, members, begin, end) for code, members in regions.items()}
    rates = _rates(parts, rng=rng, draws=draws)
    states = [str(state) for state in rates.states]
    start = pd.concat([_standing(part, code, states) for code, part in parts.items()], ignore_index=True)
    new = pd.concat([_newcomers(part, code, states, past) for code, part in parts.items()], ignore_index=True)
    situation = flows.situation(
        rates,
        start,
        steps=[step for step in STEPS if step in states],
        inflow=new,
        limits=limits.limits(_limited(parts, start, past), regions=tuple(regions)),
    )
    situation = replace(situation, counted=(QUEUED,))
    done = calibration.calibrate(
        situation, _history(queue, start, ready), months=past, interval_level=INTERVAL, rng=rng, level=level
    )
    after = after_move.markov(done.situation.matrices, steps=situation.steps)
    seen = _after(panel, regions, level=level)
    begins = max(pd.Timestamp(day), end + pd.DateOffset(days=1))
    return Baseline(
        calibration=done,
        situation=_walked(done.situation, months=_between(end, begins) - 1),
        after=after_move.estimated(after, seen, interval_level=level, rng=rng) if len(seen) else after,
        first_month=f"{begin:%Y-%m}",
        first_year=begins.year,
        months=years * MONTHS,
        part=1.0,
        level=level,
        n=sum(part.n_persons for part in parts.values()),
    )


def options(settings: StrategySettings) -> dict[str, Any]:
    """What `baseline` takes from the configuration: day of decision, years, and who is ready for step 6."""
    bounds = settings.ready.model_dump(include={"centre", "lower", "upper", "interval_level"})
    ready = Prior(name="ready", distribution="lognormal", **bounds)
    return {"day": settings.decision.day, "years": settings.decision.years, "ready": ready}


def levers(settings: Mapping[str, LeverSettings], *, vte_per_person: float, share: float = 1.0) -> dict[str, Lever]:
    """Levers of the configuration; their months count from the day of the decision.

    Parameters
    ----------
    settings : mapping of str to LeverSettings
    vte_per_person : float
        Full-time equivalents of one person on a place; places and contingent are in full-time equivalents.
    share : float, default 1
        Part of the lever's amount and yearly cost that goes to the regions looked at.
    """
    per_vte = 1 / vte_per_person
    made = {}
    for name, one in settings.items():
        stated = one.model_dump()
        if one.amount is not None:
            stated["amount"] *= share
        if one.cost is not None and one.cost.unit == "euro/year":
            stated["cost"]["value"] *= share
        made[name] = levers_.lever(name, stated, persons_per_place=per_vte, persons_per_vte=per_vte)
    return made


def chosen(every: Mapping[str, Lever], names: Sequence[str]) -> dict[str, tuple[Lever, ...]]:
    """Plans of one lever each."""
    return {name: levers_of(every, name) for name in names}


def levers_of(every: Mapping[str, Lever | tuple[Lever, ...]], name: str) -> tuple[Lever, ...]:
    """Levers of one plan, or one lever as a plan of its own.

    Raises
    ------
    InputError
        If there is no such plan.
    """
    if name not in every:
        raise unknown("levers", name, every)
    found = every[name]
    return found if isinstance(found, tuple) else (found,)


def _walked(situation: Situation, *, months: int) -> Situation:
    """The same people some months later, without any lever."""
    walk = flows.Walk(situation)
    walk.on(months)
    return replace(situation, stock=walk.stock, waiting=walk.waiting)


def _between(begin: pd.Timestamp, end: pd.Timestamp) -> int:
    """Whole months from one day to another."""
    return (end.year - begin.year) * MONTHS + end.month - begin.month


def _queue(need: pd.DataFrame, regions: Mapping[str, Sequence[int]]) -> pd.Series:
    """Persons waiting for step 5 at each date on which they were counted, all regions together."""
    inside = {refnis for members in regions.values() for refnis in members}
    rows = need[need["refnis"].isin(inside) & (need["step"] == QUEUED) & need["waiting"].notna()]
    found = rows.assign(date=pd.to_datetime(rows["date"])).groupby("date")["waiting"].sum().astype(float)
    if len(found) < 2:
        raise InsufficientDataError(f"need: waiting on step {QUEUED} must be counted on two dates, got {len(found)}")
    return found


def _people(panel: pd.DataFrame, members: Sequence[int], begin: pd.Timestamp, end: pd.Timestamp) -> Observations:
    """Persons seen in one region in the past."""
    dates = pd.to_datetime(panel["date"])
    rows = panel[panel["refnis"].isin(list(members)) & (dates >= begin) & (dates <= end)]
    if rows["date"].nunique() < 2:
        raise InsufficientDataError(f"panel: somebody must be followed from {begin:%Y-%m-%d} to {end:%Y-%m-%d}")
    return _observed(rows)


def _observed(rows: pd.DataFrame) -> Observations:
    """Rows of the panel on the states of the look ahead."""
    steps = rows["step"].replace(COUNTED_AS)
    return observations.from_panel(rows.assign(step=steps), person="person_id", time="date", state="step")


def _rates(parts: Mapping[str, Observations], *, rng: np.random.Generator, draws: int) -> matrix_draws.MatrixDraws:
    """Monthly matrices per region; a state that nobody left from in a region has the rates of all regions together."""
    counted = {code: matrices.counts(people, lag=1) for code, people in parts.items()}
    tables = {code: _effective(pairs) for code, pairs in counted.items()}
    states = sorted({state for table in tables.values() for state in table.index}, key=_order)
    tables = {code: table.reindex(index=states, columns=states, fill_value=0.0) for code, table in tables.items()}
    whole = sum(tables.values())
    ends = [state for state in states if state == "exit"]
    filled = {code: table.where(table.sum(axis=1) > 0, whole) for code, table in tables.items()}
    found: dict[Hashable, matrix_draws.MatrixDraws] = {
        code: matrix_draws.from_counts(table, rng=rng, draws=draws, absorbing=ends) for code, table in filled.items()
    }
    return matrix_draws.by_region(found)


def _order(state: str) -> tuple[int, str]:
    """Steps from low to high, then the other states."""
    return (STEPS.index(state) if state in STEPS else len(STEPS), state)


def _effective(pairs: Counts) -> pd.DataFrame:
    """Moves at the number of independent pairs that tells as much, per row."""
    moves = pairs.matrix.to_numpy(float)
    total = moves.sum(axis=1, keepdims=True)
    share = np.divide(moves, total, out=np.zeros_like(moves), where=total > 0)
    independent = (share * (1 - share)).sum(axis=1, keepdims=True) / np.maximum(total, 1.0)
    clustered = pairs.clustered_variance().sum(axis=1, keepdims=True)
    scale = np.divide(independent, clustered, out=np.ones_like(total), where=clustered > 0)
    labels = [str(state) for state in pairs.matrix.index]
    return pd.DataFrame(moves * np.minimum(scale, 1.0), index=labels, columns=labels)


def _at(people: Observations, rows: np.ndarray, states: Sequence[str]) -> np.ndarray:
    """Persons per state among some observations; a set is shared over its members as the others stand on them."""
    labels = [str(state) for state in people.states]
    codes = people.state[rows]
    known = np.bincount(codes[codes < len(labels)], minlength=len(labels)).astype(float)
    found = known.copy()
    for place, members in enumerate(people.sets):
        listed = list(members)
        weight = known[listed] + 1e-9
        found[listed] += (codes == len(labels) + place).sum() * weight / weight.sum()
    return pd.Series(found, index=labels).reindex(list(states), fill_value=0.0).to_numpy()


def _standing(people: Observations, code: str, states: Sequence[str]) -> pd.DataFrame:
    """Persons per state at the first moment of the past: region, step, persons."""
    persons = _at(people, np.flatnonzero(np.isclose(people.time, people.time.min())), states)
    return pd.DataFrame({"region": code, "step": list(states), "persons": persons})


def _newcomers(people: Observations, code: str, states: Sequence[str], months: int) -> pd.DataFrame:
    """Persons first seen later, per month: region, step, persons."""
    later = people.first[~np.isclose(people.time[people.first], people.time.min())]
    return pd.DataFrame({"region": code, "step": list(states), "persons": _at(people, later, states) / months})


def _limited(parts: Mapping[str, Observations], start: pd.DataFrame, months: int) -> pd.DataFrame:
    """Places in use on step 5 and openings filled on step 6: region, step, value, unit."""
    places = start[start["step"] == QUEUED].rename(columns={"persons": "value"}).assign(unit="persons")
    filled = []
    for code, people in parts.items():
        moves = matrices.counts(people, lag=1).matrix
        arrived = float(moves[TOP].drop(TOP).sum()) if TOP in moves else 0.0
        filled.append({"region": code, "step": TOP, "value": arrived / months, "unit": "vacancies"})
    return pd.concat([places, pd.DataFrame(filled)], ignore_index=True)


def _history(queue: pd.Series, start: pd.DataFrame, ready: Prior) -> pd.DataFrame:
    """Queues of the past: counted for step 5, assumed for step 6."""
    counted = pd.DataFrame(
        {
            "step": QUEUED,
            "month": [_between(queue.index[0], day) for day in queue.index],
            "estimate": queue.to_numpy(),
            "lower": queue.to_numpy(),
            "upper": queue.to_numpy(),
        }
    )
    persons = float(start.loc[start["step"].isin(READY), "persons"].sum())
    low, high = (ready.quantile((1 + sign * INTERVAL) / 2) for sign in (-1, 1))
    assumed = {"step": TOP, "month": 0, "estimate": ready.centre, "lower": float(low), "upper": float(high)}
    shares = pd.DataFrame([assumed])
    shares[["estimate", "lower", "upper"]] *= persons
    return pd.concat([counted, shares], ignore_index=True)


def _after(panel: pd.DataFrame, regions: Mapping[str, Sequence[int]], *, level: float) -> pd.DataFrame:
    """What followed a step up within a year, by the step reached: reached_step, quantity, estimate, lower, upper."""
    inside = {refnis for members in regions.values() for refnis in members}
    moves = hazards.upward_moves(_observed(panel[panel["refnis"].isin(inside)]), exits=["exit"]).table
    moves = moves[moves["reached_step"].isin(STEPS)]
    if moves.empty:
        return pd.DataFrame(columns=["reached_step", "quantity", "estimate", "lower", "upper"])
    causes = {RELAPSE: "relapse", EXIT: "gone", HIDDEN: "gone"}
    followed = hazards.cumulative_incidence(
        moves.assign(cause=moves["cause"].replace(causes)),
        duration="duration",
        cause="cause",
        person="cluster",
        times=[MONTHS],
        by="reached_step",
        tolerance=0.1,
        level=level,
    ).table
    told = followed["quantity"].isin(causes.values()) & (followed["persons"] >= FEWEST)
    inside_bounds = (followed["lower"] > 0) & (followed["upper"] < 1) & (followed["estimate"] > followed["lower"])
    return followed[told & inside_bounds & (followed["upper"] > followed["estimate"])].reset_index(drop=True)
