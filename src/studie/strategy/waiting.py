"""Who waits: a queue for a step, spread over the people below who could go there."""

from __future__ import annotations

import numpy as np

from studie.errors import InsufficientDataError

Floats = np.ndarray
MOST = 0.9  # share of the people on a step who can wait for one higher up; the others would go if there were a place


def spread(persons: Floats, chance: Floats, total: Floats, *, axes: tuple[int, ...], step: object) -> Floats:
    """Persons who wait, such that those over `axes` add up to the queue.

    Parameters
    ----------
    persons : array
        Who could wait, per cell and whatever else differs [persons].
    chance : array
        Chance per month that they go to the step, broadcast to `persons`.
    total : array
        The queue [persons], with the shape of `persons` without `axes`.
    axes : tuple of int
        Over which the queue is one.
    step : label
        Step that is waited for; errors say it.

    Raises
    ------
    InsufficientDataError
        If people wait and nobody could go, or more wait than `MOST` of those who could.

    Notes
    -----
    In proportion to the climbs n p, because the queue is served in proportion to who is in it: then climbs keep the
    proportions that were observed. Where that would let more than `MOST` of the people on a step wait, the rest of the
    queue stands elsewhere, again in proportion: w = min(θ n p, `MOST` n) with one θ per queue.
    """
    n, p = np.broadcast_arrays(persons, chance)
    room = np.where(p > 0, MOST * n, 0.0)
    if ((room.sum(axis=axes) <= 0) & (total > 0)).any():
        raise InsufficientDataError(f"waiting: nobody below step {step} could apply for it, yet people wait")
    if (total > room.sum(axis=axes)).any():
        raise InsufficientDataError(f"waiting: more people would wait on steps below step {step} than are there")
    wanted = np.expand_dims(total, axes)
    full = np.zeros(n.shape, dtype=bool)
    while True:
        flow = np.where(full, 0.0, n * p).sum(axis=axes, keepdims=True)
        rest = wanted - np.where(full, room, 0.0).sum(axis=axes, keepdims=True)
        waits = np.divide(rest, flow, out=np.zeros_like(flow), where=flow > 0) * n * p
        over = ~full & (waits > room * (1 + 1e-12))
        if not over.any():
            return np.asarray(np.where(full, room, waits))
        full |= over
