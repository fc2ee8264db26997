"""Who gets the pilot when: every allocation that the lot could give, as the ground of a test."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import factorial, prod
from typing import Literal

import numpy as np

from studie.errors import InputError

Floats = np.ndarray
MOST_ALLOCATIONS = 5_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """Roll-out of a pilot over units and periods.

    Attributes
    ----------
    kind : {'parallel', 'stepped_wedge'}
    units : tuple
        Where outcomes are measured, such as municipalities.
    treated : array, shape (allocations, units, periods), bool
        Which units have the pilot in which period, under every allocation that the lot could give with equal chance
        (or a random sample of them).
    possible : int
        Allocations that the lot could give.
    """

    kind: Literal["parallel", "stepped_wedge"]
    units: tuple[Hashable, ...]
    treated: np.ndarray
    possible: int

    @property
    def sampled(self) -> bool:
        """Whether there are more allocations than are listed."""
        return self.possible > len(self.treated)


def parallel(allocations: np.ndarray, units: Sequence[Hashable], *, before: int = 2, after: int = 4) -> Design:
    """All pilots start at once; the other units are compared.

    Parameters
    ----------
    allocations : array, shape (allocations, units), bool
        From `Choice.allocations`; repeated ones count once.
    units : sequence
    before, after : int, default 2 and 4
        Periods measured before and with the pilot.

    Raises
    ------
    InputError
        Wrong shapes, no period with the pilot, or an allocation without pilots or without comparison.
    """
    who = np.unique(np.asarray(allocations, dtype=bool), axis=0)
    if who.ndim != 2 or who.shape[1] != len(units) or before < 0 or after < 1:
        raise InputError(
            f"allocations, before, after: needs allocations × {len(units)} units, at least 0 and 1, "
            f"got {who.shape}, {before}, {after}"
        )
    if not who.any(axis=1).all() or who.all(axis=1).any():
        raise InputError("allocations: each needs units with and without the pilot")
    treated = who[:, :, None] & (np.arange(before + after) >= before)
    return Design(kind="parallel", units=tuple(units), treated=treated, possible=len(who))


def stepped_wedge(
    waves: Sequence[int], units: Sequence[Hashable], *, before: int = 1, per_wave: int = 1, rng: np.random.Generator
) -> Design:
    """Every unit gets the pilot, in waves whose order is drawn by lot.

    Parameters
    ----------
    waves : sequence of int
        Units that start in each wave; together all units.
    units : sequence
    before, per_wave : int, default 1
        Periods before the first wave, and periods between waves (also after the last).
    rng : Generator
        Used only where there are more than 5,000 orders: then a random sample of them.

    Raises
    ------
    InputError
        Waves that do not hold all units, fewer than two, or no period.
    """
    if len(waves) < 2 or min(waves) < 1 or sum(waves) != len(units) or before < 1 or per_wave < 1:
        raise InputError(f"waves: at least two that hold all {len(units)} units, periods at least 1, got {list(waves)}")
    starts = np.repeat([before + per_wave * wave for wave in range(len(waves))], waves)
    possible = factorial(len(units)) // prod(map(factorial, waves))
    if possible <= MOST_ALLOCATIONS:
        orders = np.array(_orders(tuple(int(start) for start in starts)))
    else:
        orders = np.array([rng.permutation(starts) for _ in range(MOST_ALLOCATIONS)])
    periods = np.arange(before + per_wave * len(waves))
    return Design(
        kind="stepped_wedge", units=tuple(units), treated=periods >= orders[:, :, None], possible=possible
    )  # fmt: skip


def _orders(left: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Every different order of some values."""
    if len(left) <= 1:
        return [left]
    found: list[tuple[int, ...]] = []
    for value in sorted(set(left)):
        rest = list(left)
        rest.remove(value)
        found.extend((value, *order) for order in _orders(tuple(rest)))
    return found
