"""Monthly projection of persons per region, step and target group under limited places."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd

from studie.errors import InputError
from studie.strategy.limits import Limit, limits
from studie.strategy.queues import MonthOfMoves, advance, rates, room
from studie.strategy.situation import Situation, situation

__all__ = ["Limit", "Projection", "Situation", "Walk", "limits", "project", "situation"]

Floats = np.ndarray
LEVEL = 0.95
CHUNK = 100  # draws at once: the work of one month then stays in the processor's cache
YEAR = 12
Observer = Callable[[int, slice, Floats, Floats, MonthOfMoves], None]


class Change(Protocol):
    """What a lever does to a situation, month by month."""

    def moves(self, P: Floats, month: int, draws: slice) -> Floats:
        """Transition probabilities in a month, shape (k, k, groups, 1 or regions, draws)."""

    def limit(self, step: Hashable, persons: Floats, month: int, draws: slice) -> Floats:
        """Limit of a step in a month, shape (regions, 1 or draws) [persons]."""

    def settled(self, month: int) -> bool:
        """Whether moves no longer change from this month on."""


class Walk:
    """People on their way: where everybody is after the months walked so far.

    Attributes
    ----------
    situation : Situation
        Where the walk began.
    month : int
        Months walked.
    stock, waiting : arrays
        As in the situation, per draw; changed as the walk goes on.
    """

    def __init__(self, situation: Situation, *, change: Change | None = None, chunk: int = CHUNK) -> None:
        if chunk < 1:
            raise InputError(f"chunk: must be at least 1, got {chunk}")
        self.situation, self.month = situation, 0
        self.stock = _per_draw(situation.stock, situation.draws)
        self.waiting = _per_draw(situation.waiting, situation.draws)
        self._change, self._chunk = change, chunk
        # Draws last and contiguous: every operation of a month then runs along them.
        self._P = np.ascontiguousarray(np.moveaxis(situation.matrices.values, (3, 4), (0, 1)))

    def copy(self) -> Walk:
        """The same people, who can go on another way."""
        other = Walk.__new__(Walk)
        other.__dict__.update(self.__dict__)
        other.stock, other.waiting = self.stock.copy(), self.waiting.copy()
        return other

    def on(self, months: int, observe: Observer | None = None, *, limits: Sequence[Limit] | None = None) -> None:
        """Walk some months on.

        Parameters
        ----------
        months : int
        observe : function, optional
            Called after each month with (months walked before it, slice of draws, stock, waiting, moves of the
            month); arrays are views that change.
        limits : sequence of Limit, optional
            Other limits, in the order of the situation's plan; months count from the start of the walk.
        """
        bounds = self.situation.ordered_limits if limits is None else tuple(limits)
        for begin in range(0, self.situation.draws, self._chunk):
            part = slice(begin, min(begin + self._chunk, self.situation.draws))
            self._on(part, months, observe, bounds)
        self.month += months

    def _on(self, part: slice, months: int, observe: Observer | None, limits: Sequence[Limit]) -> None:
        """Walk one chunk of draws."""
        change, plan = self._change, self.situation.plan
        stock, waiting = self.stock[..., part].copy(), self.waiting[..., part].copy()
        plain = np.ascontiguousarray(self._P[..., part])
        here = rates(plan, plain)
        inflow = _part(self.situation.inflow, part)
        settled, scratch = False, room(stock, waiting)
        for month in range(self.month, self.month + months):
            bounds = [_part(limit.at(month), part) for limit in limits]
            if change is not None:
                if not settled:
                    changed = change.moves(plain, month, part)
                    here = here if changed is here.P else rates(plan, changed)
                    settled = change.settled(month)
                bounds = [
                    change.limit(limit.step, bound, month, part) for limit, bound in zip(limits, bounds, strict=True)
                ]
            moved = advance(plan, stock, waiting, rates=here, inflow=inflow, limits=bounds, room=scratch)
            if observe is not None:
                observe(month, part, stock, waiting, moved)
        self.stock[..., part], self.waiting[..., part] = stock, waiting


def waiting_for(situation: Situation, waiting: Floats) -> Floats:
    """Persons waiting per limited step of the plan, from those per cell, shape (limited, …)."""
    out = np.empty((len(situation.plan.limited), *waiting.shape[1:]))
    for place, cells in enumerate(situation.plan.of):
        np.sum(waiting[cells[0] : cells[-1] + 1], axis=0, out=out[place])
    return out


@dataclass(frozen=True, kw_only=True, eq=False)
class Projection:
    """Persons per region, target group and month on each step and waiting for each limited one.

    Attributes
    ----------
    quantities : tuple of (quantity, step)
        `persons` per state, then `waiting` per limited step from the top down.
    values : array, shape (3, months, quantities, groups, regions)
        Mean over draws, lower and upper bound [persons].
    groups, regions : tuple
    waiting : array, shape (years, limited steps, groups, regions, draws)
        At the end of each year [persons]; `limited` names the steps.
    upward : array, shape (years, k, groups, regions, draws)
        Moves up in each year, by the step reached [persons].
    downward : array, shape (years, groups, regions, draws)
        Moves down in each year [persons].
    limited, states : tuple
    level : float
        Coverage of the bounds, in (0, 1).
    n : int
        Draws.
    calibrated : bool
        Whether the rates are latent ones that reproduce the history under its own full places.
    """

    quantities: tuple[tuple[str, Hashable], ...]
    values: Floats
    groups: tuple[Hashable, ...]
    regions: tuple[Hashable, ...]
    waiting: Floats
    upward: Floats
    downward: Floats
    limited: tuple[Hashable, ...]
    states: tuple[Hashable, ...]
    level: float
    n: int
    calibrated: bool

    def of(self, quantity: str, step: Hashable) -> Floats:
        """Mean, lower and upper bound of one quantity, shape (3, months, groups, regions)."""
        return self.values[:, :, self.quantities.index((quantity, step))]

    def to_frame(self) -> pd.DataFrame:
        """Keys `region, target_group, month, step`, then the six columns of every result; month 1 is the first end."""
        months = range(1, self.values.shape[1] + 1)
        keys = pd.MultiIndex.from_product(
            [months, range(len(self.quantities)), self.groups, self.regions],
            names=["month", "which", "target_group", "region"],
        )
        frame = keys.to_frame(index=False)
        words = [self.quantities[q] for q in frame.pop("which")]
        frame["step"] = [step for _, step in words]
        frame["quantity"] = [quantity for quantity, _ in words]
        for name, part in zip(("estimate", "lower", "upper"), self.values, strict=True):
            frame[name] = part.ravel()
        frame = frame.assign(n=self.n, unit="persons")
        return frame[["region", "target_group", "month", "step", "quantity", "estimate", "lower", "upper", "n", "unit"]]


@dataclass(kw_only=True, eq=False)
class Yearly:
    """Totals per year and draw, filled while walking.

    Attributes
    ----------
    waiting, upward, downward : arrays
        As in `Projection`.
    """

    situation: Situation
    years: int
    waiting: Floats = field(init=False)
    upward: Floats = field(init=False)
    downward: Floats = field(init=False)
    _upward: Floats = field(init=False)
    _downward: Floats = field(init=False)

    def __post_init__(self) -> None:
        s = self.situation
        shape = (len(s.groups), len(s.regions), s.draws)
        self.waiting = np.zeros((self.years, len(s.plan.limited), *shape))
        self.upward = np.zeros((self.years, len(s.states), *shape))
        self.downward = np.zeros((self.years, *shape))

    def see(self, month: int, part: slice, waiting: Floats, moved: MonthOfMoves) -> None:
        """Add a month; months of a slice of draws come in order, the last of a year says who waits at its end."""
        year = month // YEAR
        if month % YEAR == 0:
            self._upward, self._downward = moved.upward.copy(), moved.downward.copy()
        else:
            self._upward += moved.upward
            self._downward += moved.downward
        if month % YEAR == YEAR - 1:
            self.upward[year, ..., part], self.downward[year, ..., part] = self._upward, self._downward
            self.waiting[year, ..., part] = waiting_for(self.situation, waiting)


def project(
    situation: Situation,
    *,
    months: int = 120,
    level: float = LEVEL,
    change: Change | None = None,
    chunk: int = CHUNK,
) -> Projection:
    """Persons per region, step and target group, month by month, under limited places.

    n(t+1) = n(t) P + inflow, except that a limited step admits no more than its free places (or openings); who is not
    admitted waits. The order in which places are given is in `queues`. Every draw has its own rates; nothing is drawn
    here, so two scenarios that share draws differ only by what was changed.

    Parameters
    ----------
    situation : Situation
    months : int, default 120
        Whole years.
    level : float, default 0.95
        Coverage of the bounds, in (0, 1).
    change : Change, optional
        What levers do.
    chunk : int, default 100
        Draws computed together; results do not depend on it.

    Raises
    ------
    InputError
        If the months are not whole years, or `level` is not in (0, 1).

    Notes
    -----
    A stock-flow (discrete-time, fluid) model [1]_: expected numbers given the rates. Chance of single persons is not in
    the bounds; in small regions it is at least the square root of the number. Where a limit binds only now and then the
    expected queue is a little longer than this one (Jensen). Rates are those of a Markov chain: they do not
    depend on the time on a step. Bounds are quantiles over draws, widened to hold the mean; means add up over regions
    and steps, bounds do not.

    References
    ----------
    .. [1] Bartholomew, D. J., Forbes, A. F. & McClean, S. I. (1991). Statistical Techniques for Manpower Planning,
       2nd ed., chapter 4.
    """
    if months < YEAR or months % YEAR:
        raise InputError(f"months: must be whole years of {YEAR}, got {months}")
    if not 0 < level < 1:
        raise InputError(f"level: must be in (0, 1), got {level}")
    s = situation
    k, limited = len(s.states), len(s.plan.limited)
    buffer = np.empty((YEAR, k + limited, len(s.groups), len(s.regions), s.draws))
    values = np.empty((3, months, *buffer.shape[1:-1]))
    yearly = Yearly(situation=s, years=months // YEAR)
    walk = Walk(s, change=change, chunk=chunk)

    def observe(month: int, part: slice, stock: Floats, waiting: Floats, moved: MonthOfMoves) -> None:
        """Keep everything of this month."""
        here = buffer[month % YEAR]
        here[:k, ..., part] = stock
        here[k:, ..., part] = waiting_for(s, waiting)
        yearly.see(month, part, waiting, moved)

    for begin in range(0, months, YEAR):
        walk.on(YEAR, observe)
        values[:, begin : begin + YEAR] = _summary(buffer, level)
    steps = tuple(s.states[j] for j in s.plan.limited)
    return Projection(
        quantities=(*(("persons", state) for state in s.states), *(("waiting", step) for step in steps)),
        values=values,
        groups=s.groups,
        regions=s.regions,
        waiting=yearly.waiting,
        upward=yearly.upward,
        downward=yearly.downward,
        limited=steps,
        states=s.states,
        level=level,
        n=s.draws,
        calibrated=s.calibrated or not s.limits,
    )


def _summary(sample: Floats, level: float) -> Floats:
    """Mean and quantiles over the last axis, which is sorted in place; quantiles are linear between draws."""
    mean = sample.mean(axis=-1)
    sample.sort(axis=-1)
    last = sample.shape[-1] - 1
    bounds = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        low = int(np.floor(tail * last))
        weight = tail * last - low
        bounds.append((1 - weight) * sample[..., low] + weight * sample[..., min(low + 1, last)])
    return np.stack([mean, np.minimum(bounds[0], mean), np.maximum(bounds[1], mean)])


def _per_draw(values: Floats, draws: int) -> Floats:
    """A copy with one entry per draw."""
    return np.array(np.broadcast_to(values, (*values.shape[:-1], draws)), order="C")


def _part(values: Floats, part: slice) -> Floats:
    """Some draws of an array whose last axis has one entry or one per draw."""
    return values if values.shape[-1] == 1 else values[..., part]
