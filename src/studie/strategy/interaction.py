"""Whether levers together do more or less than each alone, added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown
from studie.strategy.scenarios import BETTER, UNITS, Comparison

QUANTITIES = ("lasting_moves", "upward_moves", "waiting")


@dataclass(frozen=True, kw_only=True, eq=False)
class Interaction:
    """What a scenario of several levers gives beside the sum of its parts, in the same draws.

    Attributes
    ----------
    draws : dict of DataFrame, shape (draws, 3)
        Per quantity `together`, `sum_of_parts` and `interaction`, their difference, all against the baseline.
    together : str
    parts : tuple of str
    hangs_on : tuple of str
        Names of the priors behind it.
    years : int
    level : float
        Coverage, in (0, 1).
    n : int
        Draws.
    """

    draws: dict[str, pd.DataFrame]
    together: str
    parts: tuple[str, ...]
    hangs_on: tuple[str, ...]
    years: int
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Key `outcome`, then the six columns of every result; bounds are quantiles of the draws that hold the mean."""
        rows = []
        for outcome, table in self.draws.items():
            for quantity in table:
                sample = table[quantity].to_numpy(float)
                low, high = np.quantile(sample, [(1 - self.level) / 2, (1 + self.level) / 2])
                mean = float(sample.mean())
                rows.append((outcome, quantity, mean, min(float(low), mean), max(float(high), mean), UNITS[outcome]))
        frame = pd.DataFrame(rows, columns=["outcome", "quantity", "estimate", "lower", "upper", "unit"])
        frame.insert(5, "n", self.n)
        return frame


def interaction(
    comparison: Comparison, *, together: str, parts: Sequence[str], quantities: Sequence[str] = QUANTITIES
) -> Interaction:
    """Together less the sum of the parts, on the scale of the outcome itself.

    Parameters
    ----------
    comparison : Comparison
        Scenarios in the same draws.
    together : str
        Scenario with all the levers.
    parts : sequence of str
        Scenarios that hold each of its priors once.
    quantities : sequence of str
        Outcomes that may be added up: not `relapse`, a share.

    Raises
    ------
    InputError
        An unknown scenario or quantity, fewer than two parts, or parts that do not make up the whole.

    Notes
    -----
    I = ΔY(all) − Σ_k ΔY(k), Δ against the baseline in the same draw: the interaction on the additive scale [1]_. It is
    below zero where levers reach the same people or wait for the same places, above where one opens what another needs.

    References
    ----------
    .. [1] VanderWeele, T. J. & Knol, M. J. (2014). A tutorial on interaction. Epidemiol. Methods 3(1), 33-72.
    """
    for name in (together, *parts):
        if name not in comparison.hangs_on:
            raise unknown("scenario", name, comparison.hangs_on)
    for name in quantities:
        if name not in BETTER or UNITS[name] == "share":
            raise unknown("quantities", name, [q for q in BETTER if UNITS[q] != "share"])
    if len(parts) < 2:
        raise InputError(f"parts: at least two, got {len(parts)}")
    held = sorted(prior for part in parts for prior in comparison.hangs_on[part])
    if held != sorted(comparison.hangs_on[together]):
        raise InputError(f"parts: must hold every prior of {together} once, got {', '.join(held)}")
    draws = {}
    for quantity in quantities:
        whole = comparison.difference(together, quantity)
        added = sum((comparison.difference(part, quantity) for part in parts), np.zeros_like(whole))
        draws[quantity] = pd.DataFrame({"together": whole, "sum_of_parts": added, "interaction": whole - added})
    return Interaction(
        draws=draws, together=together, parts=tuple(parts), hangs_on=comparison.hangs_on[together],
        years=comparison.years, level=comparison.level, n=comparison.n,
    )  # fmt: skip
