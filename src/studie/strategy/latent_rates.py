"""From observed to latent rates: the balance of a queue beside a history that ran at observed rates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

import numpy as np

from studie.errors import InsufficientDataError
from studie.strategy.flows import YEAR, Walk
from studie.strategy.matrix_draws import MatrixDraws
from studie.strategy.queues import MonthOfMoves
from studie.strategy.situation import Situation
from studie.strategy.waiting import spread

Floats = np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class Balance:
    """Sums over months and regions that decide latent rates, per cell (of the queue), group and draw [persons].

    Attributes
    ----------
    moved : array, shape (cells, groups, draws)
        Climbs that happened, and growth of the queue.
    lost : array, shape (cells, groups, draws)
        Left the queue by moves that need no place.
    exposed : array, shape (cells, groups, draws)
        Would apply at the observed rates.
    switched : array, shape (cells, cells, groups, draws)
        Would leave the queue by an application elsewhere, at the observed rates.
    """

    moved: Floats
    lost: Floats
    exposed: Floats
    switched: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Observed:
    """A history at observed rates, with a queue beside it.

    Attributes
    ----------
    years : tuple of Balance
        One per year; the last may be shorter.
    used : array, shape (months, limited steps, regions, draws)
        Persons on each limited step, or admitted to it where openings are its limit.
    climbed : array, shape (limited steps, draws)
        Moves up to each limited step over the whole history.
    """

    years: tuple[Balance, ...]
    used: Floats
    climbed: Floats


def total(balances: Iterable[Balance]) -> Balance:
    """Sum of balances."""
    parts = list(balances)
    return Balance(**{f.name: sum(getattr(part, f.name) for part in parts) for f in fields(Balance)})


def observed(situation: Situation, queues: Floats) -> Observed:
    """Run the observed rates without limit and add up the balance of the queue beside them.

    Parameters
    ----------
    situation : Situation
        At the start of the history.
    queues : array, shape (months + 1, limited steps, draws)
        Persons waiting, all regions and groups together.

    Raises
    ------
    InsufficientDataError
        If people wait for a step that nobody climbs to.
    """
    limited, months, P = list(situation.plan.limited), len(queues) - 1, situation.matrices.values
    used = np.zeros((months, len(limited), len(situation.regions), situation.draws))
    climbed = np.zeros((len(limited), situation.draws))
    walk = Walk(replace(situation, limits=(), waiting=np.zeros((0, *situation.stock.shape[1:]))))
    years: list[list[Balance]] = []

    def observe(month: int, part: slice, stock: Floats, waiting: Floats, moved: MonthOfMoves) -> None:
        """Keep who is on the limited steps, and who climbed."""
        for place, j in enumerate(limited):
            used[month, place][:, part] = stock[j].sum(axis=0)
        climbed[:, part] += moved.upward[limited].sum(axis=(1, 2))

    for month in range(months):
        before = walk.stock.copy()
        walk.on(1, observe)
        if month % YEAR == 0:
            years.append([])
        years[-1].append(_month(situation, before, walk.stock, queues[month : month + 2]))
        for place, limit in enumerate(situation.ordered_limits):
            if limit.kind == "openings":
                j = limited[place]
                used[month, place] = np.maximum(walk.stock[j] - before[j] * P[:, :, :, j, j], 0.0).sum(axis=0)
    return Observed(years=tuple(total(year) for year in years), used=used, climbed=climbed)


def _month(situation: Situation, stock: Floats, later: Floats, queue: Floats) -> Balance:
    """Balance of one month."""
    plan, P = situation.plan, situation.matrices.values
    waiting, next_waiting = shared(situation, stock, queue[0]), shared(situation, later, queue[1])
    shape = (len(plan.cells), len(situation.groups), situation.draws)
    moved, lost, exposed = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    switched = np.zeros((shape[0], *shape))
    for c, (i, j) in enumerate(plan.cells):
        moved[c] = (stock[i] * P[:, :, :, i, j] + next_waiting[c] - waiting[c]).sum(axis=1)
        exposed[c] = ((stock[i] - waiting[c]) * P[:, :, :, i, j]).sum(axis=1)
        climbs = [(other, k) for other, (where, k) in enumerate(plan.cells) if where == i]
        for other, k in climbs:
            if other != c:
                switched[c, other] = (waiting[c] * P[:, :, :, i, k]).sum(axis=1)
        staying = P[:, :, :, i, i] + sum(P[:, :, :, i, k] for _, k in climbs)
        lost[c] = (waiting[c] * (1 - staying)).sum(axis=1)
    return Balance(moved=moved, lost=lost, exposed=exposed, switched=switched)


def shared(situation: Situation, stock: Floats, queue: Floats) -> Floats:
    """Queue per cell, group, region and draw from the total per limited step (`waiting.spread`)."""
    plan, P = situation.plan, situation.matrices.values
    shape = np.broadcast_shapes(stock.shape[1:], (1, 1, queue.shape[-1]))
    out = np.zeros((len(plan.cells), *shape))
    left = np.broadcast_to(stock, (plan.k, *shape)).copy()
    for place, j in enumerate(plan.limited):
        cells = list(plan.of[place])
        where = [plan.cells[c][0] for c in cells]
        chance = np.stack([P[:, :, :, i, j] for i in where])
        out[cells] = spread(left[where], chance, queue[place], axes=(0, 1, 2), step=situation.states[j])
        left[where] -= out[cells]
    return out


def factors(situation: Situation, balance: Balance) -> Floats:
    """Latent over observed rate per cell, group and draw; 1 where nobody can climb.

    Notes
    -----
    One factor per climb, so that climbs keep the proportions of the history. Where the queue falls so fast that one of
    them would not be positive, all climbs to a step share one factor: their sum is still that of the history.
    """
    cells = len(situation.plan.cells)
    if not cells:
        return np.ones((0, len(situation.groups), situation.draws))
    open_ = np.moveaxis(balance.exposed > 0, 0, -1)
    right = np.moveaxis(np.where(balance.exposed > 0, balance.moved + balance.lost, 0.0), 0, -1)
    left = -np.moveaxis(balance.switched, (0, 1), (2, 3))
    left[..., np.arange(cells), np.arange(cells)] += np.moveaxis(balance.exposed, 0, -1)
    left[~open_] = 0.0
    own = _solved(left, right, open_)
    steps = np.array([[c in mine for c in range(cells)] for mine in situation.plan.of], dtype=float)
    shared_ = _solved(steps @ left @ steps.T, right @ steps.T, open_ @ steps.T > 0) @ steps
    fits = (own > 0).all(axis=-1, keepdims=True)
    return np.moveaxis(np.where(open_, np.where(fits, own, shared_), 1.0), -1, 0)


def _solved(left: Floats, right: Floats, open_: np.ndarray) -> Floats:
    """Solution of a linear system per group and draw; 1 where a row is closed."""
    places = np.arange(left.shape[-1])
    full = left.copy()
    full[..., places, places] = np.where(open_, full[..., places, places], 1.0)
    return np.asarray(np.linalg.solve(full, np.where(open_, right, 1.0)[..., None])[..., 0])


def latent(situation: Situation, factor: Floats) -> Situation:
    """The situation with latent rates; what they add is taken from staying."""
    values = situation.matrices.values.copy()
    for c, (i, j) in enumerate(situation.plan.cells):
        label = f"{situation.states[i]}→{situation.states[j]}"
        if (factor[c] <= 0).any():
            raise InsufficientDataError(f"history: the queue shrank faster than people can have left it; check {label}")
        more = values[:, :, :, i, j] * (factor[c][:, None, :] - 1)
        values[:, :, :, i, j] += more
        values[:, :, :, i, i] -= more
        if (values[:, :, :, i, i] < 0).any():
            raise InsufficientDataError(f"history: the queue is too long for the number of people who climb {label}")
    matrices = situation.matrices
    return replace(
        situation,
        matrices=MatrixDraws(states=matrices.states, groups=matrices.groups, regions=matrices.regions, values=values),
    )
