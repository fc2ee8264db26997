"""How far real cells lie from a fit without interaction: a spread learnt from the counted cells, never assumed nil."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import special

from studie.errors import InputError
from studie.places.fitting import Mask, main_effects
from studie.places.pairs import Floats

GRID = np.geomspace(0.01, 2.0, 40)
LEAST_FREEDOM = 8  # degrees of freedom below which counted cells say too little
PRIOR_SCALE = 0.5  # half-Cauchy on the spread
_IMPUTATIONS = 8


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Counted cells of one step beside their fit.

    `counts` (missing where not counted), `lower, upper` bounds of hidden cells, `shown` counts with hidden ones
    imputed, `mean` of the fit, `seen` counted or hidden; all of shape (k, g). `by_row, by_column`: fitted factors;
    `freedom`: cells minus factors.
    """

    counts: Floats
    lower: Floats
    upper: Floats
    shown: Floats
    mean: Floats
    seen: Mask
    by_row: bool
    by_column: bool
    freedom: int


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """Posterior of the spread of cells around the fit [standard deviation, relative]; weights over `GRID`."""

    weights: Floats
    scale: float
    cells: int

    def draws(self, size: int, rng: Generator) -> Floats:
        """Draws of the spread, shape (size,)."""
        return np.asarray(rng.choice(GRID, size=size, p=self.weights) * self.scale)

    def quantiles(self, level: float) -> tuple[float, float, float]:
        """Median and equal-tailed interval."""
        below = np.cumsum(self.weights)
        ends = [(1 - level) / 2, 0.5, (1 + level) / 2]
        low, middle, high = (float(GRID[min(int(np.searchsorted(below, q)), len(GRID) - 1)]) for q in ends)
        return middle * self.scale, low * self.scale, high * self.scale


def counted_cells(
    seed: Floats, counts: Floats, lower: Floats, upper: Floats, *, by_row: bool, by_column: bool
) -> Counted:
    """Counted and hidden cells with the fit that uncounted cells would get; hidden ones are imputed by the fit.

    Parameters
    ----------
    seed : array, shape (k, g)
        Rates × composition.
    counts : array, shape (k, g)
        Persons; missing where not counted exactly.
    lower, upper : array, shape (k, g)
        Bounds where a source hides the count, else missing.
    by_row, by_column : bool
        Which totals the uncounted cells are fitted to.
    """
    hidden = np.isnan(counts) & np.isfinite(lower) & np.isfinite(upper)
    seen = ~np.isnan(counts) | hidden
    shown = np.where(hidden, (lower + upper) / 2, counts)
    mean = main_effects(seed, shown, seen, by_row=by_row, by_column=by_column)
    for _ in range(_IMPUTATIONS if hidden.any() else 0):
        chance, whole = hidden_chances(mean[hidden], lower[hidden], upper[hidden], 0.25)
        shown[hidden] = (chance * whole).sum(axis=1)
        mean = main_effects(seed, shown, seen, by_row=by_row, by_column=by_column)
    rows, columns = int(seen.any(axis=1).sum()), int(seen.any(axis=0).sum())
    used = {(True, True): rows + columns - 1, (True, False): rows, (False, True): columns, (False, False): 0}
    return Counted(
        counts=counts,
        lower=lower,
        upper=upper,
        shown=shown,
        mean=mean,
        seen=seen & (mean > 0),
        by_row=by_row,
        by_column=by_column,
        freedom=int(seen.sum()) - used[by_row, by_column],
    )


def hidden_chances(mean: Floats, lower: Floats, upper: Floats, spread: float) -> tuple[Floats, Floats]:
    """Probability of each whole number between the bounds, and those numbers, shape (cells, widest)."""
    steps = np.arange(int((upper - lower).max(initial=0.0)) + 1)
    whole = lower[:, None] + steps
    logs = _log_chance(whole, np.maximum(mean, 1e-9)[:, None], spread)
    logs = np.where(whole <= upper[:, None], logs, -np.inf)
    chance = np.exp(logs - logs.max(axis=1, keepdims=True))
    return chance / chance.sum(axis=1, keepdims=True), whole


def misfit(groups: list[Counted]) -> Misfit | None:
    """Spread of counted cells around their fits; None where they are too few to say.

    Notes
    -----
    A cell is negative binomial with the fitted mean μ and variance μ + τ²μ²: chance plus an interaction of relative
    spread τ. A hidden cell enters as the probability of its bounds. The factors are refitted for every τ, and the
    likelihood is adjusted for having fitted them (Cox & Reid 1987, J. R. Stat. Soc. B 49, 1-39): without it τ would
    come out too small. τ has a half-Cauchy prior of scale .5.
    """
    cells = sum(int(group.seen.sum()) for group in groups)
    if sum(group.freedom for group in groups) < LEAST_FREEDOM:
        return None
    logs = -np.log1p(np.square(GRID / PRIOR_SCALE)) + np.log(GRID)
    for group in groups:
        logs += _adjusted_profile(group)
    weights = np.exp(logs - logs.max())
    return Misfit(weights=weights / weights.sum(), scale=1.0, cells=cells)


def _adjusted_profile(group: Counted) -> Floats:
    """Adjusted profile log likelihood of the spread on the grid."""
    seen = group.seen
    if group.by_row:  # a row without anybody says nothing of the spread
        seen = seen & (np.where(seen, group.shown, 0.0).sum(axis=1, keepdims=True) > 0)
    if group.by_column:
        seen = seen & (np.where(seen, group.shown, 0.0).sum(axis=0, keepdims=True) > 0)
    rows, columns = np.nonzero(seen)
    design = _design(rows if group.by_row else None, columns if group.by_column else None, len(rows))
    shown, counts = group.shown[seen], group.counts[seen]
    bounds = (group.lower[seen], group.upper[seen])
    mean, found = group.mean[seen].copy(), np.empty(len(GRID))
    for position, spread in enumerate(GRID):
        mean, information = _refitted(mean, shown, design, float(spread))
        found[position] = _log_likelihood(counts, bounds, mean, float(spread)) - 0.5 * information
    return found


def _design(rows: NDArray[np.int64] | None, columns: NDArray[np.int64] | None, n: int) -> Floats:
    """Indicator columns of the fitted factors, without the one that others imply, shape (n, factors)."""
    parts = [
        (factor[:, None] == np.unique(factor)[None, :]).astype(float)
        for factor in (rows, columns)
        if factor is not None
    ]
    if len(parts) == 2:
        parts[1] = parts[1][:, 1:]
    return np.concatenate(parts, axis=1) if parts else np.empty((n, 0))


def _refitted(mean: Floats, shown: Floats, design: Floats, spread: float) -> tuple[Floats, float]:
    """Means refitted at a spread by iterated weighted least squares, and the log determinant of their information."""
    if not design.shape[1]:
        return mean, 0.0
    for _ in range(25):
        weight = mean / (1 + spread**2 * mean)
        information = design.T @ (design * weight[:, None]) + 1e-8 * np.eye(design.shape[1])
        step = np.linalg.solve(information, design.T @ (weight * (shown - mean) / mean))
        mean = mean * np.exp(np.clip(design @ step, -1.0, 1.0))
        if float(np.abs(step).max()) < 1e-6:
            break
    weight = mean / (1 + spread**2 * mean)
    information = design.T @ (design * weight[:, None]) + 1e-8 * np.eye(design.shape[1])
    return mean, float(np.linalg.slogdet(information)[1])


def _log_likelihood(counts: Floats, bounds: tuple[Floats, Floats], mean: Floats, spread: float) -> float:
    """Log probability of counts and of the bounds of hidden ones."""
    hidden = np.isnan(counts)
    found = float(_log_chance(counts[~hidden], mean[~hidden], spread).sum())
    if hidden.any():
        lower, upper = bounds[0][hidden], bounds[1][hidden]
        whole = lower[:, None] + np.arange(int((upper - lower).max()) + 1)
        logs = np.where(whole <= upper[:, None], _log_chance(whole, mean[hidden, None], spread), -np.inf)
        found += float(special.logsumexp(logs, axis=1).sum())
    return found


def stated(spread: float) -> Misfit:
    """Spread that was stated, where too few cells are counted.

    Raises
    ------
    InputError
        If it is not above 0: a fit without misfit is a claim that nobody can make.
    """
    if not 0 < spread <= float(GRID[-1]):
        raise InputError(f"prior_misfit: must be in (0, {GRID[-1]:g}], got {spread}")
    nearest = int(np.abs(np.log(GRID / spread)).argmin())
    weights = np.zeros(len(GRID))
    weights[nearest] = 1.0
    return Misfit(weights=weights, scale=float(spread / GRID[nearest]), cells=0)


def _log_chance(count: Floats, mean: Floats, spread: float) -> Floats:
    """Log probability of counts under the negative binomial with variance μ + τ²μ²."""
    size = 1 / spread**2
    return np.asarray(
        special.gammaln(count + size)
        - special.gammaln(size)
        - special.gammaln(count + 1)
        + size * np.log(size / (size + mean))
        + special.xlogy(count, mean / (size + mean))
    )
