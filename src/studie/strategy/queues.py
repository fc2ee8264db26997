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
    """Moves of one month, shape (…, groups, regions, draws) [persons].

    Attributes
    ----------
    upward : array, shape (k, …)
        Arrivals from a lower step, by the step reached.
    downward : array
        Moves to a lower step, those to a full one included.
    """

    upward: Floats
    downward: Floats


def advance(
    plan: Plan, stock: Floats, waiting: Floats, *, P: Floats, inflow: Floats, limits: Sequence[Floats]
) -> MonthOfMoves:
    """Move everybody one month on, in place.

    Parameters
    ----------
    plan : Plan
    stock : array, shape (k, groups, regions, draws)
        Persons per state, those who wait there included; changed in place.
    waiting : array, shape (cells, groups, regions, draws)
        Persons who wait, per cell of the plan; changed in place.
    P : array, shape (k, k, groups, 1 or regions, draws)
        Probability per month.
    inflow : array, shape (k, groups, regions, 1 or draws)
        New persons this month.
    limits : sequence of array, shape (regions, 1 or draws)
        Per limited step: places, or openings this month [persons]. Target groups share them.
    """
    upward, downward = np.zeros_like(stock), np.zeros_like(stock[0])
    change = np.zeros_like(stock)
    flow = np.empty_like(stock[0])
    for i, j in plan.direct:
        np.multiply(stock[i], P[i, j], out=flow)
        change[i] -= flow
        change[j] += flow
        if plan.climbs(i, j):
            upward[j] += flow
        elif plan.falls(i, j):
            downward += flow
    entering = []
    for place, j in enumerate(plan.limited):
        arriving = np.broadcast_to(inflow[j], flow.shape).copy()
        for i in plan.entries[place]:
            np.multiply(stock[i], P[i, j], out=flow)
            change[i] -= flow
            arriving += flow
            if plan.falls(i, j):
                downward += flow
        entering.append(arriving)
    fresh = np.empty_like(waiting)
    for c, (i, j) in enumerate(plan.cells):
        np.subtract(stock[i], waiting[c], out=fresh[c])
        fresh[c] *= P[i, j]
        waiting[c] *= P[i, i] + P[i, j]
    stock += change
    for i in range(plan.k):
        if i not in plan.limited:
            stock[i] += inflow[i]
    for place, j in enumerate(plan.limited):
        _admit(
            plan, place, stock, waiting, fresh=fresh, entering=entering[place], upward=upward[j], limit=limits[place]
        )
    return MonthOfMoves(upward=upward, downward=downward)


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
