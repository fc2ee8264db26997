"""Where a number of sites serve best: p-median and maximal coverage, solved exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from studie.errors import InputError
from studie.strategy.optimum import EXACT, SECONDS, Rule, best

Floats = np.ndarray
LEVEL = 0.95


@dataclass(frozen=True, kw_only=True, eq=False)
class Sites:
    """The best sites for a demand.

    Attributes
    ----------
    objective : float
        Weighted distance in all (p-median), or weight within reach (coverage).
    bound : float
        No other sites do better than this; equals the objective when proven.
    gap : float
        Room between the two as a share; 0 when proven.
    proven : bool
    sites : array, shape (p,)
        Columns of the distances.
    assignment : array, shape (demand,)
        Nearest chosen site of every demand point.
    problem : {'p_median', 'maximal_coverage'}
    level : float
        For the sake of one form of result: an optimum is not estimated, its bounds are its proof.
    n : int
        Demand points.
    """

    objective: float
    bound: float
    gap: float
    proven: bool
    sites: np.ndarray
    assignment: np.ndarray
    problem: str
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """One row: `quantity, estimate, lower, upper, n, unit`; bounds are what is proven."""
        low, high = sorted((self.objective, self.bound))
        unit = "weight × distance" if self.problem == "p_median" else "weight"
        row = (self.problem, self.objective, low, high, self.n, unit)
        return pd.DataFrame([row], columns=["quantity", "estimate", "lower", "upper", "n", "unit"])


def p_median(distances: Floats, p: int, *, weights: Floats | None = None, seconds: float = SECONDS) -> Sites:
    """The p sites with the smallest total distance from every demand point to its nearest site.

    Parameters
    ----------
    distances : array, shape (demand, sites)
        Not negative; infinite where a site cannot be reached.
    p : int
    weights : array, shape (demand,), optional
        1 by default.
    seconds : float, default 60

    Raises
    ------
    InputError
        Distances missing or negative, p out of range, or sites that cannot reach everybody.

    Notes
    -----
    Radius formulation [1]_: with the sorted distances D_1 < … < D_G of point i, z_ik = 1 where no site lies within D_k,
    cost D_1 + Σ_k (D_{k+1} − D_k) z_ik, z_ik + Σ_{d_ij ≤ D_k} y_j ≥ 1. Far fewer non-zeros than one variable per pair.

    References
    ----------
    .. [1] Cornuéjols, G., Nemhauser, G. L. & Wolsey, L. A. (1980). SIAM J. Algebraic Discrete Methods 1(3), 261-272.
    """
    d, w = _checked(distances, p, weights)
    if not np.isfinite(d.min(axis=1)).all():
        raise InputError(f"distances: row {int(np.isinf(d.min(axis=1)).argmax())} reaches no site")
    count = d.shape[1]
    steps, rows, columns, within, fixed = [], [], [], [], 0.0
    for i, row in enumerate(d):
        radii = np.unique(row[np.isfinite(row)])
        fixed += w[i] * radii[0]
        for k, radius in enumerate(radii):
            if k == len(radii) - 1 and np.isfinite(row).all():
                continue  # the last radius holds every site
            steps.append(w[i] * (radii[k + 1] - radius) if k < len(radii) - 1 else np.inf)
            near = np.flatnonzero(row <= radius)
            rows.append(np.full(len(near), len(steps) - 1))
            columns.append(near)
            within.append(np.ones(len(near)))
    z = np.array(steps)
    must = np.isinf(z)
    sites = sparse.coo_array(
        (np.concatenate(within), (np.concatenate(rows), np.concatenate(columns))), shape=(len(z), count)
    ) if len(z) else sparse.coo_array((0, count))  # fmt: skip
    rules = [
        Rule(
            name="everybody reaches a site", rows=sparse.hstack([sites, sparse.eye_array(len(z))], format="csr"),
            lower=1.0,
        ),
        _number(p, count, len(z)),
    ]  # fmt: skip
    found = best(
        np.concatenate([np.zeros(count), -np.where(must, 0.0, z)]), rules,
        most=np.concatenate([np.ones(count), np.where(must, 0.0, 1.0)]),
        whole=np.concatenate([np.ones(count), np.zeros(len(z))]), seconds=seconds,
    )  # fmt: skip
    chosen = np.flatnonzero(found.values[:count] > 0.5)
    nearest = d[:, chosen].argmin(axis=1)
    objective = float((w * d[np.arange(len(d)), chosen[nearest]]).sum())
    proven = found.status == "optimal"
    bound = objective if proven else min(fixed - found.bound, objective)
    return Sites(
        objective=objective, bound=bound, gap=(objective - bound) / max(objective, EXACT), proven=proven,
        sites=chosen,
        assignment=chosen[nearest], problem="p_median", level=LEVEL, n=len(d),
    )  # fmt: skip


def maximal_coverage(
    distances: Floats, p: int, *, radius: float, weights: Floats | None = None, seconds: float = SECONDS
) -> Sites:
    """The p sites with the most demand within a radius.

    Parameters
    ----------
    distances, p, weights, seconds
        As in `p_median`.
    radius : float
        In the unit of the distances.

    Raises
    ------
    InputError
        As `p_median`, or a negative radius.

    Notes
    -----
    Maximises Σ w_i z_i with z_i ≤ Σ_{d_ij ≤ radius} y_j [1]_.

    References
    ----------
    .. [1] Church, R. & ReVelle, C. (1974). Papers Reg. Sci. 32, 101-118.
    """
    d, w = _checked(distances, p, weights)
    if not radius >= 0:
        raise InputError(f"radius: must be at least 0, got {radius}")
    points, count = d.shape
    reach = sparse.csr_array((d <= radius).astype(float))
    rules = [
        Rule(name="within reach", rows=sparse.hstack([reach, -sparse.eye_array(points)], format="csr"), lower=0.0),
        _number(p, count, points),
    ]
    found = best(
        np.concatenate([np.zeros(count), w]), rules,
        whole=np.concatenate([np.ones(count), np.zeros(points)]), seconds=seconds,
    )  # fmt: skip
    chosen = np.flatnonzero(found.values[:count] > 0.5)
    covered = float(w[(d[:, chosen] <= radius).any(axis=1)].sum())
    proven = found.status == "optimal"
    return Sites(
        objective=covered, bound=covered if proven else found.bound, gap=found.gap, proven=proven, sites=chosen,
        assignment=chosen[d[:, chosen].argmin(axis=1)], problem="maximal_coverage", level=LEVEL, n=points,
    )  # fmt: skip


def _number(p: int, sites: int, others: int) -> Rule:
    """Exactly p sites."""
    row = sparse.csr_array(np.concatenate([np.ones(sites), np.zeros(others)])[None, :])
    return Rule(name=f"{p} sites", rows=row, lower=p, upper=p)


def _checked(distances: Floats, p: int, weights: Floats | None) -> tuple[Floats, Floats]:
    """Distances and weights as arrays."""
    d = np.asarray(distances, dtype=float)
    if d.ndim != 2 or not d.size or np.isnan(d).any() or (d < 0).any():
        raise InputError("distances: must be demand × sites, known and not negative")
    if not 1 <= p <= d.shape[1]:
        raise InputError(f"p: must be between 1 and the {d.shape[1]} sites, got {p}")
    w = np.ones(len(d)) if weights is None else np.asarray(weights, dtype=float)
    if w.shape != (len(d),) or not np.isfinite(w).all() or (w < 0).any():
        raise InputError(f"weights: must be known, not negative and one per demand point ({len(d)})")
    return d, w
