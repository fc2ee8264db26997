"""Iterative proportional fitting of many tables at once, some cells fixed and some between bounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studie.errors import InputError
from studie.places.pairs import Floats

Mask = NDArray[np.bool_]
_ROUNDS = 500
_TOLERANCE = 1e-9


def fitted(
    tables: Floats,
    *,
    free: Mask,
    rows: Floats | None = None,
    columns: Floats | None = None,
    lower: Floats | None = None,
    upper: Floats | None = None,
) -> Floats:
    """Tables whose free cells are scaled in turn until rows and columns add up to their totals.

    Parameters
    ----------
    tables : array, shape (draws, k, g)
        Positive seeds in the free cells; the other cells stay as they are and count in the totals.
    free : array, shape (k, g)
        Cells that may change.
    rows, columns : array, shape (draws, k) and (draws, g), optional
        Totals; missing where a row or column has none.
    lower, upper : array, shape (k, g), optional
        Bounds of the free cells.

    Returns
    -------
    array, shape (draws, k, g)

    Raises
    ------
    InputError
        If the scaling does not settle: zeros or bounds make the totals impossible.

    Notes
    -----
    Deming & Stephan (1940), Ann. Math. Stat. 11, 427-444. Keeps the cross-product ratios of the seed, so it adds no
    interaction of its own; bounds are applied after each scaling.
    """
    result = np.array(tables, dtype=float)
    held = np.where(free, 0.0, result)
    result = np.where(free, result, 0.0)
    targets = [
        None if totals is None else np.where(np.isnan(totals), np.nan, np.clip(totals - held.sum(axis=axis), 0.0, None))
        for totals, axis in ((rows, 2), (columns, 1))
    ]
    bounded = lower is not None and upper is not None
    for _ in range(_ROUNDS):
        worst = 0.0
        for target, axis in zip(targets, (2, 1), strict=True):
            if target is None:
                continue
            now = result.sum(axis=axis)
            factor = np.divide(target, now, out=np.ones_like(now), where=(now > 0) & ~np.isnan(target))
            result *= np.expand_dims(factor, axis)
            if bounded:
                result = np.where(free, np.clip(result, lower, upper), 0.0)
            worst = max(worst, _distance(result.sum(axis=axis), target))
        if len([t for t in targets if t is not None]) < 2 and not bounded:
            break
        if worst < _TOLERANCE and all(
            target is None or _distance(result.sum(axis=axis), target) < 1e-6
            for target, axis in zip(targets, (2, 1), strict=True)
        ):
            break
    for name, target, axis in zip(("rows", "columns"), targets, (2, 1), strict=True):
        if target is not None and _distance(result.sum(axis=axis), target) > 1e-3:
            raise InputError(
                f"margins: {name} must be within what the cells allow, got totals that fitting cannot reach"
            )
    return result + held


def _distance(now: Floats, target: Floats) -> float:
    """Largest difference relative to the totals, over totals that exist."""
    apart = np.abs(now - target) / np.maximum(target, 1.0)
    return float(np.nanmax(apart)) if np.isfinite(apart).any() else 0.0


def main_effects(seed: Floats, counts: Floats, seen: Mask, *, by_row: bool, by_column: bool) -> Floats:
    """Seed × row factor × column factor that best agrees with the counted cells, shape (k, g).

    The Poisson maximum-likelihood fit of these factors; a row or column without counted cells keeps the mean factor.
    """
    result = np.array(seed, dtype=float)
    shown, known = np.where(seen, counts, 0.0), np.where(seen, 1.0, 0.0)
    if by_row or by_column:
        total = float((result * known).sum())
        result = result * (float(shown.sum()) / total if total > 0 else 1.0)
    for _ in range(_ROUNDS):
        before = result
        for axis, wanted in ((1, by_row), (0, by_column)):
            if wanted:
                now = (result * known).sum(axis=axis)
                factor = np.divide(shown.sum(axis=axis), now, out=np.ones_like(now), where=now > 0)
                result = result * np.expand_dims(factor, axis)
        if float(np.abs(result - before).max(initial=0.0)) < _TOLERANCE * max(float(result.max(initial=0.0)), 1.0):
            break
    return result
