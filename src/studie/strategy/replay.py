"""A stretch of history once more, at latent rates under its own places, so that its queues end where they ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studie.strategy.flows import Walk, waiting_for
from studie.strategy.latent_rates import Balance, latent
from studie.strategy.limits import Limit
from studie.strategy.queues import MonthOfMoves
from studie.strategy.situation import Situation

Floats = np.ndarray
ROUNDS = 8
CLOSE = 0.002  # share of a queue by which its end may be missed
LEAST, MOST = 0.5, 2.0  # change of a factor in one round
FULL = 0.999  # share of those who stay that may want to climb


@dataclass(frozen=True, kw_only=True, eq=False)
class Replay:
    """What the stretch looks like once more.

    Attributes
    ----------
    factor : array, shape (cells, groups, draws)
        Latent over observed rates with which the queues end where they ended, as near as rates can bring them.
    stock, waiting : arrays
        At its end, as in a situation.
    queues : array, shape (months, limited steps, draws)
        Persons waiting at the end of every month, all regions and groups together.
    climbed : array, shape (limited steps, draws)
    """

    factor: Floats
    stock: Floats
    waiting: Floats
    queues: Floats
    climbed: Floats


def replay(situation: Situation, factor: Floats, *, balance: Balance, limits: Sequence[Limit], goal: Floats) -> Replay:
    """The stretch at the factors that bring the queues to their end.

    Parameters
    ----------
    situation : Situation
        At its beginning: observed rates, persons, and who waits.
    factor : array, shape (cells, groups, draws)
        Where the search starts (`latent_rates.factors`).
    balance : Balance
        Sums over the stretch.
    limits : sequence of Limit
        Places in use, month by month; as many months as the stretch has.
    goal : array, shape (limited steps, draws)
        Persons who waited at its end.

    Notes
    -----
    The balance that gives the first factors takes the queue to be spread over steps in proportion to climbs all along;
    the queue that is served month by month is not quite. Each round multiplies the factors of a step by 1 + (what its
    queue lacks) / (applications), per draw, until the queue is within 0.2 %.
    """
    factor = _bearable(situation, factor)
    applied = np.zeros(goal.shape)
    for place, cells in enumerate(situation.plan.of):
        applied[place] = (balance.exposed[list(cells)] * factor[list(cells)]).sum(axis=(0, 1))
    best = _walked(situation, factor, limits)
    for _ in range(ROUNDS):
        lacks = goal - best.queues[-1]
        if (np.abs(lacks) <= CLOSE * np.maximum(goal, 1.0)).all():
            break
        change = np.clip(1 + np.divide(lacks, applied, out=np.zeros_like(lacks), where=applied > 0), LEAST, MOST)
        factor, applied = factor.copy(), applied * change
        for place, cells in enumerate(situation.plan.of):
            factor[list(cells)] *= change[place]
        factor = _bearable(situation, factor)
        best = _walked(situation, factor, limits)
    return best


def _walked(situation: Situation, factor: Floats, limits: Sequence[Limit]) -> Replay:
    """The stretch at some factors."""
    limited, months = list(situation.plan.limited), len(limits[0].persons) if limits else 0
    queues = np.zeros((months, len(limited), situation.draws))
    climbed = np.zeros((len(limited), situation.draws))

    def observe(month: int, part: slice, stock: Floats, waiting: Floats, moved: MonthOfMoves) -> None:
        """Keep queues and climbs, all regions and groups together."""
        queues[month, :, part] = waiting_for(situation, waiting).sum(axis=(1, 2))
        climbed[:, part] += moved.upward[limited].sum(axis=(1, 2))

    walk = Walk(latent(situation, factor))
    walk.on(months, observe, limits=limits)
    return Replay(factor=factor, stock=walk.stock, waiting=walk.waiting, queues=queues, climbed=climbed)


def _bearable(situation: Situation, factor: Floats) -> Floats:
    """Factors at which no more people want to climb from a step than would have stayed or climbed."""
    P, cells, out = situation.matrices.values, situation.plan.cells, factor.copy()
    for i in sorted({i for i, _ in cells}):
        mine = [c for c, (where, _) in enumerate(cells) if where == i]
        climbs = np.stack([P[:, :, :, i, cells[c][1]] for c in mine])
        room = P[:, :, :, i, i] + climbs.sum(axis=0)
        wants = (factor[mine][:, :, None, :] * climbs).sum(axis=0)
        most = np.divide(FULL * room, wants, out=np.full_like(room, np.inf), where=wants > 0).min(axis=1)
        out[mine] *= np.minimum(most, 1.0)
    return out
