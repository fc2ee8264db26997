"""Coherent forecasts: base forecasts of all nodes made to add up, with draws that add up too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import special, stats

from studie.demand import hierarchy as hierarchies
from studie.demand import history as histories
from studie.demand.combination import PROBABILITIES
from studie.demand.forecast import Forecast
from studie.demand.hierarchy import Hierarchy
from studie.demand.projection import Method, Projection, coherent, minimum_trace, move_quantiles
from studie.errors import InputError, unknown

_PERSISTENCE = 0.5


def reconcile(
    base: Forecast | pd.DataFrame,
    hierarchy: pd.DataFrame,
    method: Method = "mint_shrink",
    *,
    errors: pd.DataFrame | None = None,
    draws: int | None = None,
    rng: np.random.Generator | None = None,
) -> Forecast:
    """Coherent forecast: points and draws of parts add up to those of their sums, none below zero.

    Parameters
    ----------
    base : Forecast or DataFrame
        Forecasts of every node. A frame has `series, period` and `estimate` (or `value`); without errors
        it has no intervals beyond its points.
    hierarchy : DataFrame
        One row per bottom series, one column per level, outermost first; grouped levels as (level, sector)
        pairs. See `hierarchy.read`.
    method : {"mint_shrink", "ols", "wls_struct", "bottom_up"}, default "mint_shrink"
        Falls back on `wls_struct` where errors are too few; the result says so in `methods`.
    errors : DataFrame, optional
        One-step errors, a row per period and a column per series; those of the forecast by default.
    draws : int, optional
        Number of joint futures; with `rng`. Without `rng` there is one per period of errors.
    rng : Generator, optional
        Source of randomness.

    Returns
    -------
    Forecast
        Nodes in the order of the hierarchy. `quantiles` are marginal; only `estimate` and `draws` add up.

    Raises
    ------
    InputError
        A node without a forecast, a forecast without a node, unknown method, different periods.

    Notes
    -----
    Draws follow the marginal native quantiles of each node, joined by runs of one-step errors in the order in
    which they happened (so parts move together as they did), and are then projected like the points.

    References
    ----------
    Wickramasuriya, S. L. et al. (2019). JASA 114, 804-819. Panagiotelis, A. et al. (2023). Probabilistic
    forecast reconciliation. EJOR 306, 693-706.
    """
    tree = hierarchies.read(hierarchy)
    made = base if not isinstance(base, pd.DataFrame) else from_frame(base)
    absent = [label for label in tree.nodes if label not in set(made.series)]
    if absent:
        raise InputError(f"base: every node needs a forecast, got none for {', '.join(map(str, absent[:5]))}")
    stray = [label for label in made.series if label not in set(tree.nodes)]
    if stray:
        raise unknown("base: series", stray[0], map(str, tree.nodes))
    made = made.select(tree.nodes)
    if len(set(made.start)) > 1:
        raise InputError(f"base: series that add up must start in one period, got {sorted(set(made.start))[:3]}")
    found = made.errors if errors is None else errors.loc[:, list(tree.nodes)].to_numpy(float)
    mapped = minimum_trace(tree, method=method, errors=found)
    estimate = coherent(tree, mapped, made.estimate)
    native = move_quantiles(made.estimate, made.native, estimate)
    quantiles = move_quantiles(made.estimate, made.quantiles, estimate)
    futures = _draws(tree, mapped, made, errors=found, number=draws, rng=rng)
    methods = made.methods.assign(block=list(tree.levels), reconciliation=mapped.method)
    return replace(
        made, estimate=estimate, native=native, quantiles=quantiles, errors=found, draws=futures, methods=methods,
        calibration="base forecasts only" if made.calibration != "none" else "none",
    )  # fmt: skip


def from_frame(base: pd.DataFrame) -> Forecast:
    """Forecast of a frame of points; its intervals have no width."""
    value = "estimate" if "estimate" in base.columns else "value"
    missing = [name for name in ("series", "period", value) if name not in base.columns]
    if missing:
        raise InputError(f"base: needs the columns series, period, estimate, got no {', '.join(missing)}")
    if base.empty:
        raise InputError("base: at least one row is needed, got none")
    known = pd.to_numeric(base[value], errors="coerce")
    if not np.isfinite(known).all():
        raise InputError(f"base: {value} must be a finite number, got {base.loc[~np.isfinite(known), value].iloc[0]!r}")
    periods = histories.as_periods(base["period"].reset_index(drop=True), season=12)
    order = periods.unique().sort_values()
    if (np.diff(order.astype("int64")) != 1).any():
        raise InputError("base: periods must follow each other without a gap (write quarters as 2024-Q1), got a gap")
    labels = np.empty(base["series"].nunique(), dtype=object)
    labels[:] = list(dict.fromkeys(base["series"]))
    place = {label: k for k, label in enumerate(labels)}
    estimate = np.full((len(labels), len(order)), np.nan)
    rows = [place[label] for label in base["series"]]
    estimate[rows, order.get_indexer(periods)] = known.to_numpy(float)
    if len(base) != estimate.size or np.isnan(estimate).any():
        raise InputError(f"base: needs one value per series and period, got {len(base)} for {estimate.size}")
    quantiles = np.repeat(estimate[..., None], len(PROBABILITIES), axis=2)
    methods = pd.DataFrame(
        {"series": labels, "block": "all", "kind": "given", "method": "given", "n": 0, "imputed": 0, "note": ""}
    )
    return Forecast(
        series=tuple(labels), start=(order[0],) * len(labels), estimate=estimate, quantiles=quantiles,
        native=quantiles, errors=np.zeros((0, len(labels))), methods=methods, level=(0.80, 0.95), n=0, unit="",
        season=12, calibration="none",
    )  # fmt: skip


def _draws(
    tree: Hierarchy, mapped: Projection, base: Forecast, *, errors: np.ndarray, number: int | None,
    rng: np.random.Generator | None,
) -> np.ndarray | None:  # fmt: skip
    """Coherent non-negative joint futures, shape (draws, nodes, horizon)."""
    errors = errors[np.isfinite(errors).all(axis=1)]
    if len(errors) < 2 or not np.any(base.native[..., -1] > base.native[..., 0]):
        return None
    scores = normal_scores(errors)
    horizon, n = base.horizon, len(scores)
    count = n if number is None else number
    starts, sign = np.arange(count) % n, np.ones(count)
    if rng is not None:
        starts, sign = rng.integers(n, size=count), rng.choice([-1.0, 1.0], size=count)
    runs = scores[(starts[:, None] + np.arange(horizon)) % n] * sign[:, None, None]
    path = np.empty_like(runs)
    path[:, 0] = runs[:, 0]
    for step in range(1, horizon):
        path[:, step] = _PERSISTENCE * path[:, step - 1] + np.sqrt(1 - _PERSISTENCE**2) * runs[:, step]
    known = special.ndtri(np.array(PROBABILITIES))
    result = np.empty((len(path), len(tree.nodes), horizon))
    for node in range(len(tree.nodes)):
        for step in range(horizon):
            result[:, node, step] = _extend(path[:, step, node], known, base.native[node, step])
    flat = np.moveaxis(result, 1, 0).reshape(len(tree.nodes), -1)
    done = coherent(tree, mapped, flat)
    return np.moveaxis(done.reshape(len(tree.nodes), len(path), horizon), 0, 1)


def normal_scores(errors: np.ndarray) -> np.ndarray:
    """Errors by rank as standard normal scores, column by column."""
    ranks = stats.rankdata(errors, axis=0)
    return np.asarray(special.ndtri(ranks / (len(errors) + 1)))


def _extend(score: np.ndarray, known: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Value at a normal score, linear between the known quantiles and beyond them."""
    value = np.interp(score, known, quantiles)
    low = (quantiles[1] - quantiles[0]) / (known[1] - known[0]) * np.minimum(score - known[0], 0.0)
    high = (quantiles[-1] - quantiles[-2]) / (known[-1] - known[-2]) * np.maximum(score - known[-1], 0.0)
    return value + low + high
