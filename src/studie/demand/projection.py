"""Projection on what adds up: minimum-trace weights, the non-negative programme, quantiles that follow.

Points and draws are projected on the coherent space (minimum trace [1]_) and, where a part would fall below
zero, on its non-negative part by an exact quadratic programme [2]_.

References
----------
.. [1] Wickramasuriya, S. L., Athanasopoulos, G. & Hyndman, R. J. (2019). JASA 114, 804-819.
.. [2] Wickramasuriya, S. L., Turlach, B. A. & Hyndman, R. J. (2020). Statistics and Computing 30, 1167-1182.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from studie.demand.hierarchy import Hierarchy
from studie.errors import unknown

Method = Literal["mint_shrink", "ols", "wls_struct", "bottom_up"]
METHODS: tuple[Method, ...] = ("mint_shrink", "ols", "wls_struct", "bottom_up")
_RIDGE = 1e-8


@dataclass(frozen=True, kw_only=True)
class Projection:
    """Linear map from base forecasts of all nodes to bottom series, and how sure the result is.

    Attributes
    ----------
    matrix : ndarray, shape (bottom, nodes)
        Unconstrained weights.
    covariance : ndarray, shape (bottom, bottom)
        Covariance of the projected bottom series, up to a factor: the metric of the non-negative programme.
    shrinkage : float
        Towards the diagonal, 0-1; nan where nothing is estimated.
    method : str
        What was used, which is not what was asked where the errors cannot carry it.
    """

    matrix: np.ndarray
    covariance: np.ndarray
    shrinkage: float
    method: str


def shrunk_covariance(errors: np.ndarray) -> tuple[np.ndarray, float]:
    """Covariance of one-step errors with correlations shrunk to zero.

    Parameters
    ----------
    errors : ndarray, shape (n, nodes)
        Complete rows.

    Returns
    -------
    covariance : ndarray, shape (nodes, nodes)
    shrinkage : float
        0-1.

    References
    ----------
    Schäfer, J. & Strimmer, K. (2005). Stat. Appl. Genet. Mol. Biol. 4(1), 32.
    """
    n = errors.shape[0]
    centred = errors - errors.mean(axis=0)
    covariance = centred.T @ centred / (n - 1)
    deviation = np.sqrt(np.diag(covariance))
    safe = np.where(deviation > 0, deviation, 1.0)
    scaled = centred / safe
    product = scaled.T @ scaled / n
    spread = (scaled**2).T @ scaled**2 / n - product**2
    off = ~np.eye(len(deviation), dtype=bool)
    correlation = covariance / np.outer(safe, safe)
    denominator = float(np.sum(correlation[off] ** 2))
    variance = float(np.sum(spread[off])) * n**2 / (n - 1) ** 3
    shrinkage = min(max(variance / denominator, 0.0), 1.0) if denominator > 0 else 1.0
    shrunk = np.where(off, (1 - shrinkage) * covariance, covariance)
    return shrunk, shrinkage


def minimum_trace(tree: Hierarchy, *, method: Method = "mint_shrink", errors: np.ndarray | None = None) -> Projection:
    """Weights that make forecasts add up.

    Parameters
    ----------
    tree : Hierarchy
        m nodes over b bottom series.
    method : {"mint_shrink", "ols", "wls_struct", "bottom_up"}
        `mint_shrink` falls back on `wls_struct` without at least 2 complete rows of errors.
    errors : ndarray, shape (n, m), optional
        One-step errors; rows with a missing value are left out.

    Raises
    ------
    InputError
        Unknown method.
    """
    if method not in METHODS:
        raise unknown("method", method, METHODS)
    m, b = tree.summing.shape
    if errors is not None:
        errors = errors[np.isfinite(errors).all(axis=1)]
    used, shrinkage = str(method), float("nan")
    if method == "mint_shrink" and (errors is None or len(errors) < 3 or not np.any(errors)):
        used = "wls_struct (too few errors for mint_shrink)"
    if method == "bottom_up":
        matrix = np.hstack([np.zeros((b, m - b)), np.eye(b)])
        return Projection(matrix=matrix, covariance=np.eye(b), shrinkage=shrinkage, method=used)
    if used == "mint_shrink" and errors is not None:
        weight, shrinkage = shrunk_covariance(errors)
        variance = np.diag(weight).copy()
        floor = _RIDGE * float(variance.max())
        weight = weight + np.diag(np.maximum(floor - variance, 0.0) + floor * 1e-3)
    elif method == "ols":
        weight = np.eye(m)
    else:
        weight = np.diag(tree.summing.sum(axis=1))
    # With W = [[Wa, Wab], [Wba, Wb]] the MinT map needs no inverse of W, only one of the aggregates' size.
    upper = tree.summing[: m - b]
    contrast = np.hstack([np.eye(m - b), -upper])
    cross = weight @ contrast.T
    gain = np.linalg.solve(contrast @ cross, cross.T).T if m > b else np.zeros((m, 0))
    whole = np.eye(m) - gain @ contrast
    after = whole @ weight
    covariance = after[m - b :, m - b :]
    covariance = (covariance + covariance.T) / 2
    return Projection(matrix=whole[m - b :], covariance=covariance, shrinkage=shrinkage, method=used)


def non_negative(bottom: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Nearest non-negative bottom series in the metric of the projection, column by column.

    Parameters
    ----------
    bottom : ndarray, shape (b, columns)
        Projected series, possibly below zero.
    covariance : ndarray, shape (b, b)
        Positive semi-definite.

    Returns
    -------
    ndarray, shape (b, columns)
        Solution of min (x − x₀)' V⁻¹ (x − x₀) with x >= 0.

    Notes
    -----
    Principal pivoting on the set of zeros A: x = x₀ − V[:, A] V[A, A]⁻¹ x₀[A], multipliers −V[A, A]⁻¹ x₀[A] >= 0.
    A column that does not settle in 50 rounds has its negatives set to zero.
    """
    result = bottom.copy()
    tolerance = 1e-10 * max(1.0, float(np.abs(bottom).max(initial=0.0)))
    ridge = 1e-9 * max(float(np.trace(covariance)) / max(len(covariance), 1), 1e-300)
    metric = covariance + ridge * np.eye(len(covariance))
    for column in np.flatnonzero((bottom < 0).any(axis=0)):
        start = bottom[:, column]
        zero = start < 0
        for _ in range(50):
            multiplier = -np.linalg.solve(metric[np.ix_(zero, zero)], start[zero])
            found = start + metric[:, zero] @ multiplier
            found[zero] = 0.0
            release = np.flatnonzero(zero)[multiplier < 0]
            worse = (found < -tolerance) & ~zero
            if not worse.any() and release.size == 0:
                break
            zero = zero | worse
            if not worse.any():
                zero[release] = False
            if not zero.any():
                break
        result[:, column] = np.maximum(found, 0.0)
    return np.maximum(result, 0.0)


def coherent(tree: Hierarchy, mapped: Projection, base: np.ndarray) -> np.ndarray:
    """Base forecasts of all nodes made coherent and non-negative.

    Parameters
    ----------
    tree : Hierarchy
        m nodes.
    mapped : Projection
        Weights.
    base : ndarray, shape (m, columns)
        One forecast or draw per column.

    Returns
    -------
    ndarray, shape (m, columns)
        Sums of its own bottom rows.
    """
    bottom = non_negative(mapped.matrix @ base, mapped.covariance)
    return tree.summing @ bottom


def side_by_side(errors: list[np.ndarray]) -> np.ndarray:
    """One-step errors of all series side by side over their common last periods."""
    length = min(len(one) for one in errors)
    return np.stack([one[len(one) - length :] for one in errors], axis=1)


def move_quantiles(base: np.ndarray, quantiles: np.ndarray, estimate: np.ndarray) -> np.ndarray:
    """Quantiles moved with their point, cut at 0.

    Notes
    -----
    The width stays that of the base forecast. Minimum trace says that it shrinks, but only if one-step errors
    tell how forecasts of parts err together several steps ahead; on quarterly tourism 80 % intervals with that
    width covered 20 % at country level and 68 % overall, with the base width 60 % and 74 %.
    """
    return np.maximum(quantiles + (estimate - base)[..., None], 0.0)
