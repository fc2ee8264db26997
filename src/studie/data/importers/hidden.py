"""Sums of counts of which some are hidden: what a sum is at least and at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LEAST, MOST = 1, 3  # what VDAB's dash stands for; 0 is shown


@dataclass(frozen=True, kw_only=True)
class Part:
    """One count of a sum: its value, None where hidden, and the share of it that belongs to the sum."""

    count: int | None
    share: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Sum:
    """A sum, or its bounds where hidden counts leave it unknown.

    Attributes
    ----------
    lower, upper : int
        Bounds; equal where the sum is known [count].
    hidden : int
        Counts of it that are hidden [count].
    rounded : bool
        Whether shares made it a fraction, which is rounded.
    """

    lower: int
    upper: int
    hidden: int
    rounded: bool

    @property
    def value(self) -> int | None:
        """The sum, None where unknown."""
        return self.lower if self.lower == self.upper else None


@dataclass(frozen=True, kw_only=True)
class Whole:
    """All counts of a file together: how many are hidden, and what those add up to if the file's total tells."""

    hidden: int
    remainder: int | None


def whole(counts: Sequence[int | None], *, total: int | None) -> Whole:
    """What the total of all counts says about the hidden ones."""
    shown = sum(count for count in counts if count is not None)
    return Whole(hidden=sum(count is None for count in counts), remainder=None if total is None else total - shown)


def bounded(parts: Sequence[Part], *, of: Whole) -> Sum:
    """Bounds of the sum of some counts.

    Parameters
    ----------
    parts : sequence of Part
        Counts of the sum.
    of : Whole
        The file that they are part of.

    Notes
    -----
    With n hidden counts of 1 to 3 and a shown part S, the sum lies in [S + n, S + 3 n]. Where the file's total leaves
    H for all N hidden counts, the n of this sum hold at least H − 3 (N − n) and at most H − (N − n). With shares below
    one only the first bounds are used.
    """
    shown = sum(part.share * part.count for part in parts if part.count is not None)
    concealed = [part.share for part in parts if part.count is None]
    n, lower, upper = len(concealed), LEAST * sum(concealed), MOST * sum(concealed)
    if of.remainder is not None and all(share == 1 for share in concealed):
        others = of.hidden - n
        lower = max(lower, of.remainder - MOST * others)
        upper = min(upper, of.remainder - LEAST * others)
    low, high = round(shown + lower, 6), round(shown + upper, 6)
    fraction = low % 1 != 0 or high % 1 != 0
    if low == high:
        low = high = _nearest(low)
    return Sum(lower=int(low // 1), upper=int(-(-high // 1)), hidden=n, rounded=fraction)


def _nearest(value: float) -> float:
    """Nearest whole number, halves upwards."""
    return float(int(value + 0.5))
