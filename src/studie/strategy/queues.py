"""One month of people who move, wait where places are full, and are admitted: the queue discipline.

A month has four parts, in this order.

1. Departures. From every state people leave for states that need no place, and apply for steps that do. Those who
   fall, come back from out of sight or enter the ladder straight on a limited step leave at once; those who climb
   stay on their step, and keep its place, until they are admitted. Who waits moves like everybody else on the step:
   a move elsewhere, or an application for another step, ends the wait.
2. Limited steps are filled from the top down, so that whoever is admitted higher frees a place below in the same
   month.
3. Free places go first to those who fall back, come back or enter (they were there, or are recorded as placed), then
   to those already waiting, then to new applicants; within each of the three in proportion to their numbers, over all
   steps they come from and all target groups, because the length of each person's wait is not known.
4. Who is not admitted waits: climbers on their own step, others on the highest step below that needs no place.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from studie.errors import InputError

Floats = np.ndarray
NOBODY = 1e-300  # keeps 0 / 0 at 0 without changing any other quotient


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which moves need a place, and where people wait for it.

    Attributes
    ----------
    k : int
        Number of states.
    height : tuple of int
        Position of every state on the ladder; -1 off it.
    limited : tuple of int
        Limited steps from the top down.
    kinds : tuple of {'places', 'openings'}
        Per limited step: a number of people at once, or admissions per month.
    direct : tuple of (from, to)
        Moves to states without limit.
    entries : tuple of tuple of int
        Per limited step the states people reach it from without climbing.
    cells : tuple of (where, for which step)
        Where people wait.
    of : tuple of tuple of int
        Per limited step its cells.
    rooms : tuple of int
        Per limited step the cell of those who do not climb.
    """

    k: int
    height: tuple[int, ...]
    limited: tuple[int, ...]
    kinds: tuple[Literal["places", "openings"], ...]
    direct: tuple[tuple[int, int], ...]
    entries: tuple[tuple[int, ...], ...]
    cells: tuple[tuple[int, int], ...]
    of: tuple[tuple[int, ...], ...]
    rooms: tuple[int, ...]

    @cached_property
    def sources(self) -> tuple[tuple[int, ...], ...]:
        """Per state the states from which people arrive without waiting in their own place."""
        found: list[list[int]] = [[] for _ in range(self.k)]
        for i, j in self.direct:
            found[j].append(i)
        for place, j in enumerate(self.limited):
            found[j].extend(self.entries[place])
        return tuple(map(tuple, found))

    def climbs(self, i: int, j: int) -> bool:
        """Whether a move goes up the ladder."""
        return 0 <= self.height[i] < self.height[j]

    def falls(self, i: int, j: int) -> bool:
        """Whether a move goes down the ladder."""
        return self.height[i] > self.height[j] >= 0


def plan(
    states: Sequence[Hashable],
    steps: Sequence[Hashable],
    possible: np.ndarray,
    limited: Sequence[tuple[Hashable, Literal["places", "openings"]]],
) -> Plan:
    """Plan of the moves that are possible in some draw.

    Parameters
    ----------
    states : sequence
        All states.
    steps : sequence
        Those on the ladder, from low to high.
    possible : bool array, shape (k, k)
        Where the transition matrix is not zero.
    limited : sequence of (step, kind)
        Steps that need a place or an opening.

    Raises
    ------
    InputError
        If a limited step has no step without limit below it, where people could wait.
    """
    height = tuple(list(steps).index(state) if state in steps else -1 for state in states)
    kind_of = {list(states).index(step): kind for step, kind in limited}
    order = sorted(kind_of, key=lambda j: -height[j])
    cells: list[tuple[int, int]] = []
    entries, of, rooms = [], [], []
    for j in order:
        below = [i for i in range(len(states)) if 0 <= height[i] < height[j] and i not in kind_of]
        if not below:
            raise InputError(
                f"limits: below step {states[j]} a step without limit is needed, where people wait; got none"
            )
        room = (max(below, key=lambda i: height[i]), j)
        mine = [(i, j) for i in range(len(states)) if possible[i, j] and 0 <= height[i] < height[j]]
        mine = sorted({*mine, room})
        of.append(tuple(range(len(cells), len(cells) + len(mine))))
        rooms.append(len(cells) + mine.index(room))
        entries.append(
            tuple(i for i in range(len(states)) if possible[i, j] and i != j and not 0 <= height[i] < height[j])
        )
        cells.extend(mine)
    return Plan(
        k=len(states),
        height=height,
        limited=tuple(order),
        kinds=tuple(kind_of[j] for j in order),
        direct=tuple((int(i), int(k)) for i, k in np.argwhere(possible) if i != k and k not in kind_of),
        entries=tuple(entries),
        cells=tuple(cells),
        of=tuple(of),
        rooms=tuple(rooms),
    )


@dataclass(frozen=True, kw_only=True)
class MonthOfMoves:
    """Moves of one month, shape (…, groups, regions, draws) [persons]; the next month writes over them.

    Attributes
    ----------
    upward : array, shape (k, …)
        Arrivals from a lower step, by the step reached.
    downward : array
        Moves to a lower step, those to a full one included.
    """

    upward: Floats
    downward: Floats


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Transition probabilities, with the sums that every month needs.

    Attributes
    ----------
    P : array, shape (k, k, groups, 1 or regions, draws)
        Probability per month.
    leaving : array, shape (k, groups, 1 or regions, draws)
        To leave at once: any move but a climb to a limited step.
    keeping : array, shape (cells, groups, 1 or regions, draws)
        To go on waiting, were no place given.
    """

    P: Floats
    leaving: Floats
    keeping: Floats


def rates(plan: Plan, P: Floats) -> Rates:
    """Rates of a plan.

    Parameters
    ----------
    plan : Plan
    P : array, shape (k, k, groups, 1 or regions, draws)
    """
    leaving = np.zeros(P.shape[1:])
    for i, j in plan.direct:
        leaving[i] += P[i, j]
    for place, j in enumerate(plan.limited):
        for i in plan.entries[place]:
            leaving[i] += P[i, j]
    keeping = np.empty((len(plan.cells), *P.shape[2:]))
    for c, (i, j) in enumerate(plan.cells):
        np.add(P[i, i], P[i, j], out=keeping[c])
    return Rates(P=P, leaving=leaving, keeping=keeping)


@dataclass(frozen=True, kw_only=True)
class Room:
    """Arrays that every month writes over: memory is asked for once.

    Attributes
    ----------
    upward, other : array, shape (k, groups, regions, draws)
        Arrivals by climbing, and all others.
    downward, flow, down : array, shape (groups, regions, draws)
    fresh : array, shape (cells, groups, regions, draws)
        New applicants.
    """

    upward: Floats
    other: Floats
    downward: Floats
    flow: Floats
    down: Floats
    fresh: Floats


def room(stock: Floats, waiting: Floats) -> Room:
    """Room for the months of these people."""
    one = stock[0]
    return Room(
        upward=np.empty_like(stock),
        other=np.empty_like(stock),
        downward=np.empty_like(one),
        flow=np.empty_like(one),
        down=np.empty_like(one),
        fresh=np.empty_like(waiting),
    )


def advance(
    plan: Plan, stock: Floats, waiting: Floats, *, rates: Rates, inflow: Floats, limits: Sequence[Floats], room: Room
) -> MonthOfMoves:
    """Move everybody one month on, in place.

    Parameters
    ----------
    plan : Plan
    stock : array, shape (k, groups, regions, draws)
        Persons per state, those who wait there included; changed in place.
    waiting : array, shape (cells, groups, regions, draws)
        Persons who wait, per cell of the plan; changed in place.
    rates : Rates
    inflow : array, shape (k, groups, regions, 1 or draws)
        New persons this month.
    limits : sequence of array, shape (regions, 1 or draws)
        Per limited step: places, or openings this month [persons]. Target groups share them.
    room : Room
        Written over; the moves returned are in it.
    """
    P, upward, other, flow, down, fresh = rates.P, room.upward, room.other, room.flow, room.down, room.fresh
    upward.fill(0.0)
    room.downward.fill(0.0)
    for j in range(plan.k):
        down.fill(0.0)
        other[j] = inflow[j]
        for i in plan.sources[j]:
            np.multiply(stock[i], P[i, j], out=flow)
            if plan.climbs(i, j):
                upward[j] += flow
            elif plan.falls(i, j):
                down += flow
            else:
                other[j] += flow
        other[j] += down
        room.downward[...] += down
    for c, (i, j) in enumerate(plan.cells):
        np.subtract(stock[i], waiting[c], out=fresh[c])
        fresh[c] *= P[i, j]
        waiting[c] *= rates.keeping[c]
    for i in range(plan.k):
        np.multiply(stock[i], rates.leaving[i], out=flow)
        stock[i] -= flow
        if i not in plan.limited:
            stock[i] += upward[i]
            stock[i] += other[i]
    for place, j in enumerate(plan.limited):
        _admit(plan, place, stock, waiting, fresh=fresh, entering=other[j], upward=upward[j], limit=limits[place])
    return MonthOfMoves(upward=upward, downward=room.downward)


def _admit(
    plan: Plan,
    place: int,
    stock: Floats,
    waiting: Floats,
    *,
    fresh: Floats,
    entering: Floats,
    upward: Floats,
    limit: Floats,
) -> None:
    """Fill one limited step, in place."""
    j, cells = plan.limited[place], plan.of[place]
    free = np.maximum(limit - stock[j].sum(axis=0), 0.0) if plan.kinds[place] == "places" else limit
    mine = slice(cells[0], cells[-1] + 1)
    shares = []
    for applicants in (entering.sum(axis=0), waiting[mine].sum(axis=(0, 1)), fresh[mine].sum(axis=(0, 1))):
        admitted = np.minimum(free, applicants)
        free = free - admitted
        shares.append(admitted / (applicants + NOBODY))
    for c in cells:
        admitted = waiting[c] * shares[1]
        admitted += fresh[c] * shares[2]
        waiting[c] += fresh[c]
        waiting[c] -= admitted
        stock[plan.cells[c][0]] -= admitted
        upward += admitted
    stock[j] += upward
    admitted = entering * shares[0]
    stock[j] += admitted
    entering -= admitted
    stock[plan.cells[plan.rooms[place]][0]] += entering
    waiting[plan.rooms[place]] += entering
