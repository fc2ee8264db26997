"""Hierarchical Dirichlet of one origin: concentrations upwards, means and variances downwards."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats

from studie.ladder.intervals import Floats

ROOT_PRIOR = 1.0
GRID = np.geomspace(0.5, 20_000, 60)


@dataclass(frozen=True, kw_only=True)
class Tree:
    """Regions of each level, outermost first, and the position of each region's parent."""

    names: tuple[str, ...]
    regions: tuple[list[Hashable], ...]
    parents: tuple[np.ndarray, ...]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Pooled shares of one origin: per level estimate, lower, upper (regions, k) and shrinkage (regions,)."""

    estimate: list[Floats]
    lower: list[Floats]
    upper: list[Floats]
    shrinkage: list[Floats]
    concentration: pd.DataFrame


def pool_origin(leaf: Floats, tree: Tree, *, level: float) -> Origin:
    """Upward pass (concentrations and messages), then downward pass (means and variances)."""
    depth = len(tree.names)
    seen = leaf.sum(axis=0) > 0
    free = max(int(seen.sum()) - 1, 0)
    data: list[Floats] = [leaf]
    posteriors: list[Floats] = []
    rows = []
    for here in range(depth - 1, 0, -1):
        parent, n_parents = tree.parents[here], len(tree.regions[here - 1])
        weight, best = _concentration(data[0], parent, n_parents, free)
        posteriors.insert(0, weight)
        rows.append((tree.names[here], *_summary(weight, level), best))
        data.insert(0, _averaged_messages(data[0], parent, n_parents, weight))
    estimate, lower, upper, shrinkage = [], [], [], []
    mean, variance = _root(data[0])
    empty = data[0].sum(axis=1) == 0
    mean[empty] = variance[empty] = np.nan
    for here in range(depth):
        if here > 0:
            parent = tree.parents[here]
            mean, variance, shrunk = _child(data[here], mean[parent], variance[parent], posteriors[here - 1])
        else:
            shrunk = np.zeros(len(mean))
        low, high = _beta_interval(mean, variance, level)
        nobody = ~seen[None, :] & np.ones(len(mean), bool)[:, None]
        estimate.append(mean)
        lower.append(np.where(nobody & np.isfinite(mean), 0.0, low))
        upper.append(high)
        shrinkage.append(shrunk)
    names = ["level_name", "estimate", "lower", "upper", "log_marginal_likelihood"]
    return Origin(
        estimate=estimate,
        lower=lower,
        upper=upper,
        shrinkage=shrinkage,
        concentration=pd.DataFrame(rows[::-1], columns=names),
    )


def _concentration(counts: Floats, parent: np.ndarray, n_parents: int, free: int) -> tuple[Floats, float]:
    """Weight of each concentration on the grid, and the largest log marginal likelihood."""
    logs = np.array([_log_marginal(counts, parent, n_parents, free, alpha) for alpha in GRID])
    # prior 1/(1+α)^1.5 on α, times α for the logarithmic grid
    posterior = logs - 1.5 * np.log1p(GRID) + np.log(GRID)
    weight = np.exp(posterior - posterior.max())
    return weight / weight.sum(), float(logs.max())


def _messages(counts: Floats, parent: np.ndarray, n_parents: int, alpha: float) -> Floats:
    """What the regions tell the region above, as effective counts."""
    total = counts.sum(axis=1, keepdims=True)
    effective = counts * (alpha + 1) / (alpha + total)
    result = np.zeros((n_parents, counts.shape[1]))
    np.add.at(result, parent, effective)
    return result


def _averaged_messages(counts: Floats, parent: np.ndarray, n_parents: int, weight: Floats) -> Floats:
    """Messages over the concentration's weights: mean shares, and the harmonic mean of their totals."""
    kept = np.flatnonzero(weight > 1e-6)
    stack = np.stack([_messages(counts, parent, n_parents, float(GRID[a])) for a in kept])
    mass = weight[kept] / weight[kept].sum()
    total = stack.sum(axis=2)
    safe = np.where(total > 0, total, 1.0)
    share = np.einsum("a,arj->rj", mass, stack / safe[:, :, None])
    # the variance of a share goes with one over its total, so that is what is averaged
    harmonic = np.where(total.min(axis=0) > 0, 1 / np.einsum("a,ar->r", mass, 1 / safe), 0.0)
    return np.asarray(share * harmonic[:, None])


def _log_marginal(counts: Floats, parent: np.ndarray, n_parents: int, free: int, alpha: float) -> float:
    """Dirichlet-multinomial log likelihood of a level with the parents integrated out."""
    above = _messages(counts, parent, n_parents, alpha)
    centre, _ = _root(above)
    prior = alpha * centre[parent]
    cell = special.gammaln(counts + prior) - special.gammaln(prior)
    row = special.gammaln(alpha) - special.gammaln(alpha + counts.sum(axis=1))
    information = above.sum(axis=1)
    return float(cell.sum() + row.sum() - 0.5 * free * np.log1p(information).sum())


def _root(counts: Floats) -> tuple[Floats, Floats]:
    """Posterior mean and variance under a Dirichlet prior of total weight 1, flat over the steps."""
    k = counts.shape[1]
    posterior = counts + ROOT_PRIOR / k
    total = posterior.sum(axis=1, keepdims=True)
    mean = posterior / total
    return mean, mean * (1 - mean) / (total + 1)


def _child(
    counts: Floats, parent_mean: Floats, parent_variance: Floats, weight: Floats
) -> tuple[Floats, Floats, Floats]:
    """Posterior mean and variance of regions given those of the regions above, averaged over the concentration."""
    total = counts.sum(axis=1)
    share = np.divide(counts, total[:, None], out=np.zeros_like(counts), where=total[:, None] > 0)
    first, second, shrunk = np.zeros_like(counts), np.zeros_like(counts), np.zeros(len(counts))
    kept = weight > 1e-8
    for alpha, mass in zip(GRID[kept], weight[kept] / weight[kept].sum(), strict=True):
        w = alpha / (alpha + total)
        mean = w[:, None] * parent_mean + (1 - w)[:, None] * share
        from_parent = np.square(w)[:, None] * parent_variance
        spread = (mean * (1 - mean) - from_parent) / (alpha + total + 1)[:, None]
        first += mass * mean
        second += mass * (np.clip(spread, 0, None) + from_parent + mean**2)
        shrunk += mass * w
    shrunk = np.where(total > 0, shrunk, 1.0)
    return first, np.clip(second - first**2, 1e-15, None), shrunk


def _beta_interval(mean: Floats, variance: Floats, level: float) -> tuple[Floats, Floats]:
    """Interval of the Beta distribution with this mean and variance; one-sided where its density piles up at 0 or 1."""
    sure = variance <= 1e-15  # one step only: the share is known
    m = np.clip(mean, 1e-12, 1 - 1e-12)
    size = np.maximum(m * (1 - m) / np.where(sure, 1e-15, variance) - 1, 1e-6)
    a, b = m * size, (1 - m) * size
    left, right = np.clip(a - 1, 0, 1), np.clip(b - 1, 0, 1)
    total = left + right
    share = np.where(total > 0, left / np.where(total > 0, total, 1.0), a > b)
    low = stats.beta.ppf((1 - level) * share, a, b)
    high = stats.beta.ppf(1 - (1 - level) * (1 - share), a, b)
    low, high = np.where(sure, mean, low), np.where(sure, mean, high)
    return np.minimum(low, mean), np.maximum(high, mean)


def _summary(weight: Floats, level: float) -> tuple[float, float, float]:
    """Geometric mean and equal-tailed interval of the concentration."""
    below = np.cumsum(weight)
    tail = (1 - level) / 2
    ends = [float(GRID[min(int(np.searchsorted(below, q)), len(GRID) - 1)]) for q in (tail, 1 - tail)]
    centre = float(np.exp(weight @ np.log(GRID)))
    return centre, min(ends[0], centre), max(ends[1], centre)
