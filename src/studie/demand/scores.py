"""Scores of forecasts: accuracy, distribution, interval, skill.

Arrays are (…, horizon) for values and points, (…, horizon, probabilities) for quantiles. Unknown outcomes are nan
and stay out of every mean.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

# Critical value over that of the normal as a polynomial in bandwidth ÷ origins, highest power first.
_FIXED_B = np.array([-0.5324, 0.4160, 2.9694, 1.9600]) / 1.9600


def scale(values: np.ndarray, season: int) -> float:
    """In-sample mean absolute error of the seasonal naive forecast: what errors are divided by.

    Parameters
    ----------
    values : ndarray, shape (n,)
        History up to the origin.
    season : int
        Periods in a season; 1 when the history is not longer than a season.

    Returns
    -------
    float
        Falls back on the naive error, then on the mean value; nan when all are zero.

    References
    ----------
    Hyndman, R. J. & Koehler, A. B. (2006). Int. J. Forecasting 22, 679-688.
    """
    for found in (_mean_change(values, season), _mean_change(values, 1), float(np.mean(np.abs(values)))):
        if found > 0:
            return found
    return float("nan")


def _mean_change(values: np.ndarray, lag: int) -> float:
    return float(np.mean(np.abs(values[lag:] - values[:-lag]))) if len(values) > lag else 0.0


def squared_scale(values: np.ndarray, season: int) -> float:
    """Root of the in-sample mean squared seasonal naive error, for RMSSE; falls back like `scale`."""
    for lag in (season, 1):
        if len(values) > lag:
            found = float(np.sqrt(np.mean((values[lag:] - values[:-lag]) ** 2)))
            if found > 0:
                return found
    found = float(np.mean(np.abs(values)))
    return found if found > 0 else float("nan")


def pinball(actual: np.ndarray, quantiles: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Pinball loss of each quantile; proper: its mean is least for the true quantile.

    Returns
    -------
    ndarray, shape (…, probabilities)
        p (y − q) where y >= q, (1 − p)(q − y) elsewhere.

    References
    ----------
    Gneiting, T. & Raftery, A. E. (2007). JASA 102, 359-378.
    """
    gap = np.asarray(actual)[..., None] - quantiles
    return np.maximum(probabilities * gap, (probabilities - 1) * gap)


def crps(actual: np.ndarray, quantiles: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score: twice the pinball loss integrated over the probabilities.

    Notes
    -----
    Trapezium rule over the given probabilities, with loss 0 at probabilities 0 and 1.
    """
    loss = pinball(actual, quantiles, probabilities)
    return 2 * np.sum(loss * quadrature(probabilities), axis=-1)


def quadrature(probabilities: np.ndarray) -> np.ndarray:
    """Trapezium weights of probabilities within (0, 1); the ends carry loss 0."""
    padded = np.concatenate([[0.0], probabilities, [1.0]])
    return (padded[2:] - padded[:-2]) / 2


def interval_score(actual: np.ndarray, lower: np.ndarray, upper: np.ndarray, level: float) -> np.ndarray:
    """Width plus the penalty for missing: proper for the central interval of coverage `level`.

    References
    ----------
    Gneiting, T. & Raftery, A. E. (2007), eq. 43.
    """
    penalty = 2 / (1 - level)
    return (upper - lower) + penalty * (np.maximum(lower - actual, 0.0) + np.maximum(actual - upper, 0.0))


def covered(actual: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Whether the interval holds the outcome (1, 0, nan where there is no outcome)."""
    return np.where(np.isnan(actual), np.nan, ((actual >= lower) & (actual <= upper)).astype(float))


def smape(actual: np.ndarray, estimate: np.ndarray) -> np.ndarray:
    """Symmetric absolute percentage error [%], 0 where outcome and forecast are both 0."""
    total = np.abs(actual) + np.abs(estimate)
    return 200 * np.abs(actual - estimate) / np.where(total == 0, 1.0, total)


def pooled_ratio(ours: np.ndarray, theirs: np.ndarray, *, level: float) -> tuple[float, float, float]:
    """Loss over loss of another, over origins and series, with an interval.

    Parameters
    ----------
    ours, theirs : ndarray, shape (origins, series)
        Summed loss per origin (in order of time) and series; nan where there is none in either. With counts
        as `theirs` the ratio is a mean.
    level : float
        Coverage, in (0, 1).

    Returns
    -------
    estimate, lower, upper : float
        nan when nothing was scored or `theirs` is 0 throughout; minus and plus infinity as bounds of a single
        origin of a single series.

    Notes
    -----
    Linearised ratio. Errors of neighbouring origins share targets and series share shocks, so the variance is
    the larger of the one between series (Student's t) and the Newey-West variance over origins [1]_ with the
    critical value that allows for a bandwidth that is not small beside the number of origins [2]_.

    References
    ----------
    .. [1] Newey, W. K. & West, K. D. (1987). Econometrica 55, 703-708.
    .. [2] Kiefer, N. M. & Vogelsang, T. J. (2005). Econometric Theory 21, 1130-1164 (Bartlett, 97.5 %).
    """
    known = np.isfinite(ours) & np.isfinite(theirs)
    if not known.any() or theirs[known].mean() == 0:
        return float("nan"), float("nan"), float("nan")
    ratio = float(ours[known].mean() / theirs[known].mean())
    influence = np.where(known, ours - ratio * theirs, 0.0) / (theirs[known].mean() * known.sum())
    by_origin = influence.sum(axis=1)[known.any(axis=1)]
    by_series = influence.sum(axis=0)[known.any(axis=0)]
    halves = []
    if by_series.size > 1:
        halves.append(float(stats.t.ppf((1 + level) / 2, by_series.size - 1)) * np.sqrt(_clustered(by_series, 0)))
    if by_origin.size > 1:
        lags = int(np.ceil(by_origin.size ** (1 / 3)))
        bandwidth = min((lags + 1) / by_origin.size, 1.0)
        critical = float(stats.norm.ppf((1 + level) / 2)) * np.polyval(_FIXED_B, bandwidth)
        halves.append(critical * np.sqrt(_clustered(by_origin, lags)))
    half = max(halves, default=np.inf)
    return ratio, ratio - half, ratio + half


def _clustered(influence: np.ndarray, lags: int) -> float:
    """Variance of a sum of clusters, with Bartlett weights over lags."""
    n = influence.size
    alone = float(np.sum(influence**2))
    total = alone
    for lag in range(1, min(lags, n - 1) + 1):
        total += 2 * (1 - lag / (lags + 1)) * float(np.sum(influence[lag:] * influence[:-lag]))
    # Bartlett weights keep the variance from turning negative but not from vanishing with few origins.
    return max(total, 0.5 * alone) * n / (n - 1)


def skill(ours: np.ndarray, theirs: np.ndarray, *, level: float) -> tuple[float, float, float]:
    """Skill 1 − ours ÷ theirs with its interval: 1 is perfect, 0 no better, negative worse (see `pooled_ratio`)."""
    ratio, lower, upper = pooled_ratio(ours, theirs, level=level)
    return 1 - ratio, 1 - upper, min(1 - lower, 1.0) if np.isfinite(ratio) else float("nan")
