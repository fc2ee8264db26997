"""Interval widths: native half-widths against the errors of earlier origins, and the factors that follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studie.demand.combination import PROBABILITIES

PAIRS = len(PROBABILITIES) // 2
DECAY = 0.9
_LARGEST = 5.0


@dataclass(frozen=True, kw_only=True)
class Ratios:
    """Errors of one origin in units of the native half-width.

    Attributes
    ----------
    keys : list of tuple
        Block and kind, by series.
    rows, cut : ndarray, shape (s,)
        Position of the series and number of values it had.
    ratio : ndarray, shape (s, horizon, PAIRS)
        Absolute error ÷ half-width on its side, for every central interval (widest first); nan where unknown.
    scaled : ndarray, shape (s, horizon)
        Absolute error ÷ scale.
    """

    keys: Sequence[tuple[str, str]]
    rows: np.ndarray
    cut: np.ndarray
    ratio: np.ndarray
    scaled: np.ndarray


def ratios(
    actual: np.ndarray, estimate: np.ndarray, quantiles: np.ndarray, *, scale: np.ndarray,
    keys: Sequence[tuple[str, str]], rows: np.ndarray, cut: np.ndarray,
) -> Ratios:  # fmt: skip
    """Errors of one origin in units of the native half-width; a side without width counts where it is missed."""
    error = (actual - estimate)[..., None]
    below = estimate[..., None] - quantiles[..., :PAIRS]
    above = quantiles[..., : -PAIRS - 1 : -1] - estimate[..., None]
    width = np.where(error > 0, above, below)
    tiny = 1e-9 * (1 + np.abs(estimate[..., None]))
    ratio = np.where(width > tiny, np.abs(error) / np.maximum(width, tiny), np.where(np.abs(error) > tiny, _LARGEST, 0))
    scaled = np.abs(actual - estimate) / scale[:, None]
    return Ratios(keys=keys, rows=rows, cut=cut, ratio=np.where(np.isnan(error), np.nan, ratio), scaled=scaled)


def bands(horizon: int) -> np.ndarray:
    """Third of the horizon each step is in (0, 1, 2): steps that share a multiplier."""
    return np.arange(horizon) * min(3, horizon) // horizon


def weighted_quantile(values: np.ndarray, weights: np.ndarray, probability: float) -> float:
    """Conformal quantile: least value with weight `probability` at or below it, one unit of weight kept for the
    case to come.

    References
    ----------
    Tibshirani, R. J. et al. (2019). Conformal prediction under covariate shift. NeurIPS 32.
    Barber, R. F. et al. (2023). Conformal prediction beyond exchangeability. Ann. Stat. 51, 816-845.
    """
    order = np.argsort(values)
    share = np.cumsum(weights[order]) / (weights.sum() + weights.max())
    position = int(np.searchsorted(share, probability - 1e-12))
    return float(values[order][min(position, len(values) - 1)])


def multipliers(
    past: list[Ratios], key: tuple[str, str], cut: np.ndarray, *, horizon: int, season: int,
) -> np.ndarray:  # fmt: skip
    """Factor on the native half-width per third of the horizon and central interval.

    Parameters
    ----------
    past : list of Ratios
        Earlier origins.
    key : tuple
        Block and kind.
    cut : ndarray, shape (series,)
        Values now known of every series: later outcomes are not looked at.

    Returns
    -------
    ndarray, shape (thirds, PAIRS)
        1 where nothing is known yet.
    """
    third = bands(horizon)
    result = np.ones((third.max() + 1, PAIRS))
    steps = np.arange(1, horizon + 1)
    found, weight = [], []
    for one in past:
        inside = [k for k, other in enumerate(one.keys) if other == key]
        if not inside:
            continue
        age = cut[one.rows[inside]] - one.cut[inside]
        known = (steps <= age[:, None])[..., None]
        found.append(np.where(known, one.ratio[inside], np.nan))
        weight.append(np.broadcast_to(DECAY ** (age[:, None] / max(season / 4, 1)), known.shape[:2]))
    if not found:
        return result
    value, weights = np.concatenate(found), np.concatenate(weight)
    for band in range(third.max() + 1):
        at = third == band
        known = np.isfinite(value[:, at, 0])
        if known.sum() < 10:
            continue
        for pair in range(PAIRS):
            coverage = 1 - 2 * PROBABILITIES[pair]
            result[band, pair] = weighted_quantile(value[:, at, pair][known], weights[:, at][known], coverage)
    return np.clip(result, 1.0, _LARGEST)


def widen(estimate: np.ndarray, quantiles: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Quantiles with their distance to the point multiplied, cut at 0 and kept in order.

    Parameters
    ----------
    estimate : ndarray, shape (s, horizon)
    quantiles : ndarray, shape (s, horizon, probabilities)
    factor : ndarray, shape (s, thirds, PAIRS)
    """
    by_step = factor[:, bands(estimate.shape[1])]
    both = np.concatenate([by_step, np.ones((*by_step.shape[:2], 1)), by_step[..., ::-1]], axis=-1)
    moved = estimate[..., None] + both * (quantiles - estimate[..., None])
    return np.maximum(np.sort(moved, axis=-1), 0.0)
