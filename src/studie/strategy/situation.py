"""Where the study stands: who is on which step, how they move, who comes in, and what limits the steps."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown
from studie.strategy.limits import Limit
from studie.strategy.matrix_draws import ALL, MatrixDraws
from studie.strategy.queues import Plan, plan
from studie.strategy.waiting import spread

Floats = np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class Situation:
    """Persons per region, step and target group at one moment, and all that decides how they go on.

    Attributes
    ----------
    regions, steps : tuple
        Regions; steps of the ladder from low to high (other states are off it).
    matrices : MatrixDraws
    stock : array, shape (k, groups, regions, 1 or draws)
        Persons per state, those who wait there included.
    waiting : array, shape (cells, groups, regions, 1 or draws)
        Of these, who waits where for which step (the cells of `plan`).
    inflow : array, shape (k, groups, regions, 1 or draws)
        New persons per month.
    limits : tuple of Limit
    calibrated : bool
        Whether the matrices are latent rates, found so that the history with its full places is reproduced.
    counted : tuple
        Limited steps whose queue somebody counts: only they are `waiting` in outcomes. Empty: all.
    possible : bool array, shape (k, k), optional
        Moves of the plan; else those that the matrices have in some draw. A part of the regions keeps the plan, and so
        the cells of `waiting`, of the whole.
    """

    regions: tuple[Hashable, ...]
    steps: tuple[Hashable, ...]
    matrices: MatrixDraws
    stock: Floats
    waiting: Floats
    inflow: Floats
    limits: tuple[Limit, ...]
    calibrated: bool
    counted: tuple[Hashable, ...] = ()
    possible: np.ndarray | None = None

    @property
    def states(self) -> tuple[Hashable, ...]:
        """Labels of the states."""
        return self.matrices.states

    @property
    def groups(self) -> tuple[Hashable, ...]:
        """Target groups."""
        return self.matrices.groups

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.matrices.draws

    @cached_property
    def plan(self) -> Plan:
        """Which moves need a place."""
        moves = self._moves if self.possible is None else self.possible
        return plan(self.states, self.steps, moves, [(limit.step, limit.kind) for limit in self.limits])

    @property
    def _moves(self) -> np.ndarray:
        """Where the matrices are not zero in some draw."""
        return np.asarray((self.matrices.values > 0).any(axis=(0, 1, 2)))

    @cached_property
    def ordered_limits(self) -> tuple[Limit, ...]:
        """Limits in the order of the plan."""
        by_step = {limit.step: limit for limit in self.limits}
        return tuple(by_step[self.states[j]] for j in self.plan.limited)

    @property
    def counted_places(self) -> list[int]:
        """Positions among the limited steps of those whose queue is counted."""
        steps = [limit.step for limit in self.ordered_limits]
        return [place for place, step in enumerate(steps) if not self.counted or step in self.counted]

    def state(self, label: Hashable, argument: str = "step") -> int:
        """Position of a state.

        Raises
        ------
        InputError
            If there is no such state.
        """
        if label not in self.states:
            raise unknown(argument, label, map(str, self.states))
        return self.states.index(label)

    def within(self, regions: Sequence[Hashable]) -> Situation:
        """The same people in some of the regions only, with the moves of the whole.

        Raises
        ------
        InputError
            For a region that it does not have.
        """
        for region in regions:
            if region not in self.regions:
                raise unknown("regions", region, map(str, self.regions))
        keep = [self.regions.index(region) for region in regions]
        rates = self.matrices
        if rates.regions:
            rates = replace(rates, regions=tuple(regions), values=rates.values[:, keep])
        return replace(
            self,
            regions=tuple(regions),
            matrices=rates,
            stock=self.stock[:, :, keep],
            waiting=self.waiting[:, :, keep],
            inflow=self.inflow[:, :, keep],
            limits=tuple(replace(limit, persons=limit.persons[:, keep]) for limit in self.limits),
            possible=self._moves if self.possible is None else self.possible,
        )

    def with_limits(self, limits: Sequence[Limit]) -> Situation:
        """The same people under other limits on the same steps."""
        if {limit.step for limit in limits} != {limit.step for limit in self.limits}:
            raise InputError("limits: must be on the same steps")
        return replace(self, limits=tuple(limits))


def situation(
    matrices: MatrixDraws,
    start: pd.DataFrame,
    *,
    steps: Sequence[Hashable],
    limits: Sequence[Limit] = (),
    inflow: pd.DataFrame | None = None,
    waiting: pd.DataFrame | None = None,
) -> Situation:
    """Situation at the start, from tables.

    Parameters
    ----------
    matrices : MatrixDraws
        Observed rates. Where steps are limited, `calibration.calibrate` turns them into latent ones.
    start : DataFrame
        `region, step, persons` and, with several groups, `target_group`; `step` may be any state. Regions are those
        of this table, in order.
    steps : sequence
        Steps of the ladder from low to high, those in between included.
    limits : sequence of Limit, optional
    inflow : DataFrame, optional
        As `start`, new persons per month.
    waiting : DataFrame, optional
        `region, step` (waited for), `persons` (and `target_group`); shared over the steps below by how many people are
        there and how often they go to the step (`waiting.spread`).

    Raises
    ------
    InputError
        An unknown step, region or group, a missing or negative number, a region without persons, more people waiting
        than there are below, or matrices of other regions.
    """
    steps = tuple(steps)
    for step in steps:
        if step not in matrices.states:
            raise unknown("steps", step, map(str, matrices.states))
    for limit in limits:
        if limit.step not in steps:
            raise unknown("limits", limit.step, map(str, steps))
    regions = tuple(dict.fromkeys(start["region"]))
    if matrices.regions and matrices.regions != regions:
        raise InputError(f"matrices: regions must be those of start, in order, got {matrices.regions[:3]}")
    stock = _counts(start, "start", matrices, regions)
    empty = [str(region) for region, persons in zip(regions, stock.sum(axis=(0, 1, 3)), strict=True) if persons <= 0]
    if empty:
        raise InputError(f"start: every region needs persons, got none in {', '.join(empty[:5])}")
    arriving = np.zeros_like(stock) if inflow is None else _counts(inflow, "inflow", matrices, regions)
    blank = np.zeros((0, *stock.shape[1:]))
    made = Situation(
        regions=regions, steps=steps, matrices=matrices, stock=stock, waiting=blank, inflow=arriving,
        limits=tuple(limits), calibrated=False,
    )  # fmt: skip
    queue = np.zeros((len(made.plan.cells), *stock.shape[1:]))
    if waiting is not None and len(waiting):
        queue = shared_over_cells(made, _counts(waiting, "waiting", matrices, regions))
    return replace(made, waiting=queue)


def shared_over_cells(situation: Situation, waiting: Floats) -> Floats:
    """People waiting per step, shared over the cells by who would apply there (`waiting.spread`).

    Parameters
    ----------
    situation : Situation
    waiting : array, shape (k, groups, regions, 1 or draws)
        Persons waiting for each step.

    Raises
    ------
    InputError
        If more people wait than there are persons, or nobody below could apply.
    """
    plan_, P = situation.plan, situation.matrices.values
    free = [j for j in range(plan_.k) if j not in plan_.limited]
    if waiting[free].any():
        raise InputError("waiting: only a limited step has people waiting, got some for a step without limit")
    shape = np.broadcast_shapes(situation.stock.shape[1:], waiting.shape[1:])
    queue = np.zeros((len(plan_.cells), *shape))
    left = np.broadcast_to(situation.stock, (plan_.k, *shape)).copy()
    for place, j in enumerate(plan_.limited):
        cells = plan_.of[place]
        where = [plan_.cells[c][0] for c in cells]
        chance = np.stack([P[:, :, :, i, j].mean(axis=2, keepdims=True) for i in where])
        total = np.broadcast_to(waiting[j], shape)
        queue[list(cells)] = spread(left[where], chance, total, axes=(0,), step=situation.states[j])
        left[where] -= queue[list(cells)]
    check_waiting(situation, queue)
    return queue


def check_waiting(situation: Situation, queue: Floats) -> None:
    """No more people wait on a step than are there."""
    for i in sorted({i for i, _ in situation.plan.cells}):
        there = sum(queue[c] for c, (where, _) in enumerate(situation.plan.cells) if where == i)
        over = np.broadcast_to(there > situation.stock[i] * (1 + 1e-9), np.shape(there))
        if over.any():
            region = situation.regions[int(np.argwhere(over)[0][1])]
            raise InputError(f"waiting: {region}: more people would wait on step {situation.states[i]} than are there")


def _counts(table: pd.DataFrame, argument: str, matrices: MatrixDraws, regions: Sequence[Hashable]) -> Floats:
    """Persons of a long table as an array (k, groups, regions, 1)."""
    for column in ("region", "step", "persons"):
        if column not in table.columns:
            raise InputError(f"{argument}: columns region, step, persons are needed, got none named {column}")
    groups = matrices.groups
    if "target_group" not in table.columns and groups != (ALL,):
        raise InputError(f"{argument}: column target_group is needed for {len(groups)} groups, got none")
    named = table["target_group"] if "target_group" in table.columns else pd.Series(ALL, index=table.index)
    counts = np.zeros((len(matrices.states), len(groups), len(regions), 1))
    place = [{label: i for i, label in enumerate(labels)} for labels in (matrices.states, groups, regions)]
    seen = set()
    for key, persons in zip(zip(table["step"], named, table["region"], strict=True), table["persons"], strict=True):
        for label, known, column in zip(key, place, ("step", "target_group", "region"), strict=True):
            if label not in known:
                raise unknown(f"{argument}: {column}", label, map(str, known))
        if not np.isfinite(persons) or persons < 0:
            raise InputError(f"{argument}: persons must be at least 0 and known, got {persons} for {key}")
        if key in seen:
            raise InputError(f"{argument}: one row per step, group and region, got {key} twice")
        seen.add(key)
        counts[place[0][key[0]], place[1][key[1]], place[2][key[2]], 0] = persons
    return counts
