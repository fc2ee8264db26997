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
        Error ÷ half-width on its side (negative: below the point), for every central interval, widest first; nan
        where unknown.
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
    size = np.where(width > tiny, np.abs(error) / np.maximum(width, tiny), np.where(np.abs(error) > tiny, _LARGEST, 0))
    scaled = np.abs(actual - estimate) / scale[:, None]
    return Ratios(keys=keys, rows=rows, cut=cut, ratio=np.sign(error) * size, scaled=scaled)


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
    """Factor on the native half-width below and above the point, per third of the horizon and central interval.

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
    ndarray, shape (thirds, 2, PAIRS)
        Below, then above; 1 where nothing is known yet.

    Notes
    -----
    Conformal for each side: an interval that leaves p on each side takes the quantile 1 − p of the errors on that
    side in half-widths (0 for errors on the other side), weight `DECAY` per quarter of age. So an interval moves
    to where errors were. Origins whose targets overlap share their shocks and are little evidence together: a
    side becomes narrower only as far as each origin by itself allows, and `widen` keeps the whole interval at
    least as wide as its model's.

    References
    ----------
    Linusson, H., Johansson, U. & Löfström, T. (2014). Signed-error conformal regression. PAKDD, 224-236.
    Barber, R. F. et al. (2023). Conformal prediction beyond exchangeability. Ann. Stat. 51, 816-845.
    """
    third = bands(horizon)
    result = np.ones((third.max() + 1, 2, PAIRS))
    steps = np.arange(1, horizon + 1)
    found, weight, origin = [], [], []
    for number, one in enumerate(past):
        inside = [k for k, other in enumerate(one.keys) if other == key]
        if not inside:
            continue
        age = cut[one.rows[inside]] - one.cut[inside]
        known = (steps <= age[:, None])[..., None]
        found.append(np.where(known, one.ratio[inside], np.nan))
        weight.append(np.broadcast_to(DECAY ** (age[:, None] / max(season / 4, 1)), known.shape[:2]))
        origin.append(np.full(known.shape[:2], number))
    if not found:
        return result
    value, weights, numbers = (np.concatenate(part) for part in (found, weight, origin))
    for band in range(third.max() + 1):
        at = third == band
        known = np.isfinite(value[:, at, 0])
        if known.sum() < 10:
            continue
        for side, sign in enumerate((-1, 1)):
            beyond = np.maximum(sign * value[:, at][known], 0.0)
            result[band, side] = _one_side(beyond, weights[:, at][known], numbers[:, at][known])
    return np.clip(result, 1 / _LARGEST, _LARGEST)


def _one_side(beyond: np.ndarray, weights: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """Conformal quantile per interval; below 1 only as far as each origin by itself allows."""
    within = 1 - np.array(PROBABILITIES[:PAIRS])
    asked = np.array([weighted_quantile(beyond[:, pair], weights, p) for pair, p in enumerate(within)])
    if (asked >= 1).all():
        return asked
    alone = [
        np.quantile(beyond[origin == one], within, axis=0, method="inverted_cdf").diagonal()
        for one in np.unique(origin)
    ]
    return np.where(asked < 1, np.clip(np.max(alone, axis=0), asked, 1.0), asked)


def widen(estimate: np.ndarray, quantiles: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Quantiles with their distance to the point multiplied, kept in order (outward) and cut at 0.

    No interval becomes narrower than it was, the cut aside: what one side loses beyond what the other gains is
    given back to both in proportion, since a break makes earlier errors too small.

    Parameters
    ----------
    estimate : ndarray, shape (s, horizon)
    quantiles : ndarray, shape (s, horizon, probabilities)
    factor : ndarray, shape (s, thirds, 2, PAIRS)
        Below and above the point.
    """
    by_step = factor[:, bands(estimate.shape[1])]
    point = estimate[..., None]
    below, above = point - quantiles[..., :PAIRS], quantiles[..., : -PAIRS - 1 : -1] - point
    moved_below, moved_above = by_step[..., 0, :] * below, by_step[..., 1, :] * above
    width = moved_below + moved_above
    back = np.where(width > 0, (below + above) / np.where(width > 0, width, 1.0), 1.0).clip(1.0, _LARGEST)
    middle = quantiles[..., PAIRS : PAIRS + 1]
    lower = np.concatenate([middle, (point - back * moved_below)[..., ::-1]], axis=-1)
    upper = np.concatenate([middle, (point + back * moved_above)[..., ::-1]], axis=-1)
    outward = np.minimum.accumulate(lower, axis=-1)[..., :0:-1], np.maximum.accumulate(upper, axis=-1)
    return np.maximum(np.concatenate(outward, axis=-1), 0.0)
