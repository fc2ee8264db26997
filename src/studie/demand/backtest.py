"""Rolling-origin backtest: the whole procedure, repeated as if it were earlier, against what came."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.demand import hierarchy as hierarchies
from studie.demand import history as histories
from studie.demand import members, scores
from studie.demand.backtest_tables import BENCHMARKS, score_table, skill_table
from studie.demand.combination import PROBABILITIES
from studie.demand.forecast import DEFAULT_LEVEL, block_names, check_level, quantile
from studie.demand.history import Series
from studie.demand.origins import Walk
from studie.demand.projection import Method
from studie.errors import InputError

_WARM = 4
_SPACE = 2


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """What the procedure would have said, what came, and how good that was.

    Attributes
    ----------
    detail : DataFrame
        One row per origin, series and step that has an outcome: `origin, series, block, period, step, band,
        actual, estimate, scale`, `lower_80, upper_80, native_lower_80, …` per level, benchmark points
        (`seasonal naive, naive, trend`, `constant share` with a hierarchy), `crps` and `method`.
    scores : DataFrame
        Keys `block, series, band, target, quantity` then `estimate, lower, upper, n, unit`; series `all` is the
        mean over the block; target `2020-2022` and `other years` apart from `all`.
    skill : DataFrame
        Keys `block, series, band, against` then `quantity, estimate, lower, upper, n, unit`: 1 − loss ÷ loss of
        the benchmark, absolute error; and with `quantity` "crps skill" its score against the seasonal naive.
    level : float
        Coverage of the intervals of scores and skill.
    coverages : tuple of float
        Coverages of the forecasts' intervals.
    n : int
        Origins.
    walk : Walk
        What was learned, for `calibrate` and `forecast`.
    """

    detail: pd.DataFrame
    scores: pd.DataFrame
    skill: pd.DataFrame
    level: float
    coverages: tuple[float, ...]
    n: int
    walk: Walk

    def to_frame(self) -> pd.DataFrame:
        """Scores and skill in one long frame; `against` is empty for scores.

        Returns
        -------
        DataFrame
            `block, series, band, target, against` then `quantity, estimate, lower, upper, n, unit`.
        """
        columns = [
            "block",
            "series",
            "band",
            "target",
            "against",
            "quantity",
            "estimate",
            "lower",
            "upper",
            "n",
            "unit",
        ]
        both = [self.scores.assign(against=""), self.skill.assign(target="all")]
        return pd.concat([one[columns] for one in both], ignore_index=True)

    def skill_horizon(
        self, *, block: str | None = None, series: Hashable = "all", against: str = "seasonal naive"
    ) -> int:
        """Steps ahead up to which skill is shown: the end of the last band, from the first on without a gap,
        whose interval of skill lies above 0; 0 when there is none, as for a series of zeros.

        Raises
        ------
        InputError
            If the backtest has no such block, series or benchmark.
        """
        seen = self.detail if block is None else self.detail[self.detail["block"] == block]
        known = against in BENCHMARKS and (series == "all" or any(one == series for one in seen["series"].unique()))
        if seen.empty or not known:
            raise InputError(f"skill_horizon: no block {block}, series {series} or benchmark {against} in the backtest")
        rows = self.skill[(self.skill["against"] == against) & (self.skill["quantity"] == "skill")]
        rows = rows[np.array([one == series for one in rows["series"]], dtype=bool)]
        if block is not None:
            rows = rows[rows["block"] == block]
        found = 0
        for _, band in rows.groupby("last_step", sort=True):
            if not (band["lower"] > 0).all():
                break
            found = int(band["last_step"].iloc[0])
        return found


def bands(horizon: int, season: int) -> list[tuple[int, int]]:
    """First and last step of every horizon band.

    Months: 1-3, 4-6, 7-12, then half years; quarters and other seasons of at most 6: whole seasons.
    """
    if season > 6:
        ends = [season // 4, season // 2, season]
        while ends[-1] < horizon:
            ends.append(ends[-1] + season // 2)
    else:
        width = max(season, 1)
        ends = list(range(width, horizon + width, width))
    result, first = [], 1
    for end in ends:
        last = min(end, horizon)
        if first <= last:
            result.append((first, last))
        first = last + 1
    return result


def rolling(
    history: pd.DataFrame,
    horizon: int,
    season: int,
    origins: int | Sequence[int] | Sequence[object],
    hierarchy: pd.DataFrame | None = None,
    *,
    blocks: Mapping[Hashable, str] | None = None,
    coverages: Sequence[float] = DEFAULT_LEVEL,
    level: float = 0.95,
    method: Method = "mint_shrink",
) -> Backtest:
    """Rolling-origin backtest of the procedure that `forecast` follows.

    Parameters
    ----------
    history : DataFrame
        Columns `series, period, value`; with a hierarchy at least all bottom series.
    horizon, season : int
        Periods ahead; periods in a season.
    origins : int or sequence
        A number: that many, a quarter of a season apart, the last one season (at most the horizon) before the
        end. A sequence: numbers of periods since the first of the history, or last periods known.
    hierarchy : DataFrame, optional
        See `hierarchy.read`; forecasts are then made coherent at every origin and blocks are its levels.
    blocks : mapping, optional
        Series that choose and calibrate together, without a hierarchy.
    coverages : sequence of float, default (0.80, 0.95)
        Intervals to score.
    level : float, default 0.95
        Coverage of the intervals around scores and skill.
    method : str, default "mint_shrink"
        Reconciliation.

    Returns
    -------
    Backtest
        At every origin, combination, projection and calibration use earlier outcomes only.

    Raises
    ------
    InputError
        Bad history or hierarchy, no origin with two seasons before and an outcome after it.

    Notes
    -----
    Up to four origins before the first, half a season apart, are walked but not scored, so that the first has
    something to choose and calibrate by. Skill and scores get intervals that allow for overlapping targets and
    shared shocks (`scores.pooled_ratio`).

    References
    ----------
    Tashman, L. J. (2000). Out-of-sample tests of forecasting accuracy. Int. J. Forecasting 16, 437-450.
    """
    checked = check_level(coverages)
    check_level(level)
    if not isinstance(horizon, int | np.integer) or horizon < 1:
        raise InputError(f"horizon: must be a whole number of at least 1, got {horizon!r}")
    if origins is None or isinstance(origins, float | str):
        raise InputError(f"origins: must be a whole number or a sequence of origins, got {origins!r}")
    series = histories.read(history, season=season)
    tree = None
    if hierarchy is not None:
        tree = hierarchies.read(hierarchy)
        series = hierarchies.complete(series, tree)
        names = list(tree.levels)
    else:
        names = block_names(series, blocks)
    cuts = cut_points(series, origins, horizon=horizon, season=season)
    if tree is not None:
        cuts = _whole_origins(cuts, series, season=season)
    walk = Walk(series=series, blocks=names, horizon=horizon, season=season, tree=tree, method=method)
    step = max(season // _SPACE, 1)
    for back in range(_WARM, 0, -1):
        warm = np.where(cuts[0] - back * step >= 2 * season + 2, cuts[0] - back * step, 0)
        if warm.all() or (tree is None and warm.any()):
            walk.step(warm)
    walked = len(walk.origins)
    for cut in cuts:
        walk.step(cut)
    detail = _detail(walk, walked, checked)
    table, skill = score_table(detail, checked, level), skill_table(detail, level)
    return Backtest(detail=detail, scores=table, skill=skill, level=level, coverages=checked, n=len(cuts), walk=walk)


def cut_points(series: list[Series], origins: int | Sequence[object], *, horizon: int, season: int) -> list[np.ndarray]:
    """Number of values each series has at each origin; 0 leaves it out (less than two seasons, or no outcome)."""
    length = np.array([len(one.values) for one in series])
    if isinstance(origins, int | np.integer):
        if origins < 1:
            raise InputError(f"origins: must be at least 1, got {origins}")
        step, last = max(season // 4, 1), min(horizon, season)
        found = [length - last - step * k for k in range(int(origins) - 1, -1, -1)]
    else:
        first = min(one.start for one in series)
        offset = np.array([(one.start - first).n for one in series])
        found = []
        for origin in origins:
            if isinstance(origin, int | np.integer):
                position = int(origin)
            else:
                period = histories.as_periods(pd.Series([origin]), season=season).asfreq(first.freqstr)[0]
                position = (period - first).n + 1
            found.append(position - offset)
    kept = [np.where((cut >= 2 * season) & (cut < length), cut, 0) for cut in found]
    kept = [cut for cut in kept if cut.any()]
    if not kept:
        raise InputError(
            f"origins: at least one needs two seasons ({2 * season} periods) before it and an outcome after it, "
            f"got none in series of {length.min()}-{length.max()} periods"
        )
    return kept


def _whole_origins(cuts: list[np.ndarray], series: list[Series], *, season: int) -> list[np.ndarray]:
    """Origins at which every series of a hierarchy is known: what adds up cannot leave one out."""
    whole = [cut for cut in cuts if cut.all()]
    if not whole:
        shortest = min(series, key=lambda one: len(one.values))
        raise InputError(
            f"history: every series of a hierarchy needs two seasons ({2 * season} periods) before an origin, got "
            f"{len(shortest.values)} periods without a long gap for {shortest.label!r}"
        )
    return whole


def _detail(walk: Walk, first: int, coverages: tuple[float, ...]) -> pd.DataFrame:
    """One row per origin, series and step with an outcome."""
    steps = np.arange(1, walk.horizon + 1)
    edges = bands(walk.horizon, walk.season)
    band = np.array([next(f"{a}-{b}" for a, b in edges if a <= step <= b) for step in steps])
    labels = np.empty(len(walk.series), dtype=object)
    labels[:] = [one.label for one in walk.series]
    parts = []
    for origin in walk.origins[first:]:
        material = origin.material
        known = np.isfinite(material.actual)
        row, step = np.nonzero(known)
        which = material.rows[row]
        last = [walk.series[k].start + int(cut - 1) for k, cut in zip(material.rows, material.cut, strict=True)]
        columns = {
            "origin": [last[k] for k in row],
            "series": labels[which],
            "block": np.array(walk.blocks, dtype=object)[which],
            "period": [last[k] + int(ahead + 1) for k, ahead in zip(row, step, strict=True)],
            "step": steps[step],
            "band": band[step],
            "actual": material.actual[known],
            "estimate": origin.estimate[known],
            "scale": material.scale[row],
            "squared_scale": np.array([scores.squared_scale(one, walk.season) for one in material.histories])[row],
            "before": np.stack([_same_season(one, walk) for one in material.histories])[known],
            "crps": scores.crps(material.actual, origin.calibrated, np.array(PROBABILITIES))[known],
            "method": np.array(origin.methods, dtype=object)[row],
        }
        for coverage in coverages:
            name = f"{100 * coverage:g}"
            for kind, found in (("", origin.calibrated), ("native_", origin.quantiles)):
                columns[f"{kind}lower_{name}"] = quantile(found, (1 - coverage) / 2)[known]
                columns[f"{kind}upper_{name}"] = quantile(found, (1 + coverage) / 2)[known]
        for name, benchmark in _benchmarks(walk, origin.estimate, material.histories).items():
            columns[name] = benchmark[0][known]
            if benchmark[1] is not None:
                columns[f"crps {name}"] = scores.crps(material.actual, benchmark[1], np.array(PROBABILITIES))[known]
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def _same_season(values: np.ndarray, walk: Walk) -> np.ndarray:
    return members.seasonal_naive(values, walk.horizon, walk.season).centre


def _benchmarks(
    walk: Walk, estimate: np.ndarray, past: list[np.ndarray]
) -> dict[str, tuple[np.ndarray, np.ndarray | None]]:
    """Points of the benchmarks at one origin, and quantiles of the seasonal naive one."""
    from scipy import special

    score = special.ndtri(np.array(PROBABILITIES))
    found: dict[str, tuple[np.ndarray, np.ndarray | None]] = {}
    for name, member in (
        ("seasonal naive", members.seasonal_naive),
        ("naive", members.naive),
        ("trend", members.drift),
    ):
        made = [member(values, walk.horizon, walk.season) for values in past]
        centre, spread = np.stack([one.centre for one in made]), np.stack([one.spread for one in made])
        quantiles = np.maximum(centre[..., None] + spread[..., None] * score, 0.0)
        found[name] = (np.maximum(centre, 0.0), quantiles if name == "seasonal naive" else None)
    if walk.tree is not None:
        whole = walk.tree.summing
        size = whole.sum(axis=1)
        held = (whole @ whole.T) >= size[None, :]
        last = np.array([values[-walk.season :].sum() for values in past])
        share = np.zeros_like(estimate)
        for node in range(len(size)):
            top = int(np.argmax(np.where(held[:, node], size, 0)))
            known = top != node  # a series that is part of nothing has no share
            share[node] = estimate[top] * (last[node] / last[top] if last[top] > 0 else 0.0) if known else np.nan
        found["constant share"] = (share, None)
    return found
