"""What follows a step up: the share that falls back, is gone, or lasts, per draw."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown
from studie.strategy.matrix_draws import MatrixDraws
from studie.strategy.priors import Prior

Floats = np.ndarray
MONTHS = 12
QUANTITIES = ("relapse", "gone")


@dataclass(frozen=True, kw_only=True, eq=False)
class AfterMove:
    """Shares of those who moved up that fall back below the reached step, or leave the ladder, within some months.

    Attributes
    ----------
    states : tuple
    relapse, gone : array, shape (k, groups, draws)
        By the step reached [share 0-1]; the two compete, and what remains lasts (duurzame doorstroom).
    months : int
    markov : frozenset
        Steps reached whose shares follow from the rates, without memory of the move; the others were estimated from
        the moment of the move.
    """

    states: tuple[Hashable, ...]
    relapse: Floats
    gone: Floats
    months: int
    markov: frozenset[Hashable]

    @property
    def lasting(self) -> Floats:
        """Share that lasts."""
        return 1.0 - self.relapse - self.gone

    def under(self, ratio: Floats) -> AfterMove:
        """The same with the hazard of relapse multiplied, shape (k, groups, draws) or broadcast to it.

        Notes
        -----
        Cause-specific hazards in proportion through the months: with L = −log(lasting) and f = relapse / (relapse +
        gone), the relapse part f L becomes ratio · f L.
        """
        left = self.relapse + self.gone
        share = np.divide(self.relapse, left, out=np.zeros_like(left), where=left > 0)
        total = -np.log(np.maximum(self.lasting, 1e-300))
        back = ratio * share * total
        away = (1 - share) * total
        both = back + away
        leaves = -np.expm1(-both)
        part = np.divide(back, both, out=np.zeros_like(both), where=both > 0)
        return replace(self, relapse=leaves * part, gone=leaves * (1 - part))

    def mixed(self, other: AfterMove, share: float) -> AfterMove:
        """A share of the people as in `other`, the rest as here."""
        return replace(
            self,
            relapse=(1 - share) * self.relapse + share * other.relapse,
            gone=(1 - share) * self.gone + share * other.gone,
        )


def markov(matrices: MatrixDraws, *, steps: Sequence[Hashable], months: int = MONTHS) -> AfterMove:
    """What the rates alone say follows a step up, had people no memory of the move.

    Parameters
    ----------
    matrices : MatrixDraws
        One matrix for all regions, or the mean over regions is taken.
    steps : sequence
        Steps from low to high; other states are off the ladder.
    months : int, default 12

    Raises
    ------
    InputError
        If a step is unknown, or months is below one.

    Notes
    -----
    With states below the reached one and off the ladder made absorbing, shares are those of the m-step matrix. Those
    who just moved up fall back more often than this: use estimates where there are (`estimated`).
    """
    if months < 1:
        raise InputError(f"months: must be at least 1, got {months}")
    for step in steps:
        if step not in matrices.states:
            raise unknown("steps", step, map(str, matrices.states))
    states, P = matrices.states, matrices.values.mean(axis=1)
    relapse = np.zeros((len(states), len(matrices.groups), matrices.draws))
    gone = np.zeros_like(relapse)
    order = {states.index(step): height for height, step in enumerate(steps)}
    for j, height in order.items():
        here = np.zeros((*P.shape[:2], 1, len(states)))
        here[..., j] = 1.0
        on = [i for i, h in order.items() if h >= height]
        below = [i for i, h in order.items() if h < height]
        off = [i for i in range(len(states)) if i not in order]
        for _ in range(months):
            here = here @ P
            relapse[j] += here[..., 0, below].sum(axis=-1)
            gone[j] += here[..., 0, off].sum(axis=-1)
            here[..., [i for i in range(len(states)) if i not in on]] = 0.0
    return AfterMove(states=states, relapse=relapse, gone=gone, months=months, markov=frozenset(steps))


def estimated(after: AfterMove, table: pd.DataFrame, *, interval_level: float, rng: np.random.Generator) -> AfterMove:
    """Estimates from the moment of the move in the place of those without memory.

    Parameters
    ----------
    after : AfterMove
        What stands for steps that the table lacks.
    table : DataFrame
        `reached_step, quantity, estimate, lower, upper` with quantity `relapse` and perhaps `gone`, at the same months.
    interval_level : float
        Coverage of the intervals, in (0, 1).
    rng : Generator

    Raises
    ------
    InputError
        An unknown step or quantity, or an interval that does not hold its estimate strictly within (0, 1).

    Notes
    -----
    Drawn on the scale of odds, where bounds become bounds; `gone` is cut where the two together exceed 1.
    """
    parts = {"relapse": after.relapse.copy(), "gone": after.gone.copy()}
    for row in table.to_dict("records"):
        if row["reached_step"] not in after.states:
            raise unknown("reached_step", row["reached_step"], map(str, after.states))
        if row["quantity"] not in parts:
            raise unknown("quantity", row["quantity"], QUANTITIES)
        name = f"{row['quantity']} after step {row['reached_step']}"
        shares = np.array([row["estimate"], row["lower"], row["upper"]], dtype=float)
        if not ((shares > 0) & (shares < 1)).all():
            raise InputError(f"{name}: must be in (0, 1), got {shares}")
        centre, lower, upper = shares / (1 - shares)
        odds = Prior(
            name=name, distribution="lognormal", centre=float(centre),
            lower=float(lower), upper=float(upper), interval_level=interval_level,
        ).sample(after.relapse.shape[-1], rng=rng)  # fmt: skip
        parts[row["quantity"]][after.states.index(row["reached_step"])] = odds / (1 + odds)
    parts["gone"] = np.minimum(parts["gone"], 1 - parts["relapse"])
    known = after.markov - set(table.loc[table["quantity"] == "relapse", "reached_step"])
    return replace(after, relapse=parts["relapse"], gone=parts["gone"], markov=known)
