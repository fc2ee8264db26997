"""Forecasts of many series: points and intervals, the combination chosen by what earlier origins showed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from studie.demand import hierarchy as hierarchies
from studie.demand import history as histories
from studie.demand.combination import PROBABILITIES
from studie.demand.history import Series
from studie.demand.origins import Origin, Walk
from studie.errors import InputError

DEFAULT_LEVEL = (0.80, 0.95)
_ORIGINS = 3


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """Points and marginal intervals per series and period.

    Attributes
    ----------
    series : tuple, length m
        Labels.
    start : tuple of Period, length m
        First period forecast, by series.
    estimate : ndarray, shape (m, horizon)
        Points [unit of the history].
    quantiles : ndarray, shape (m, horizon, len(PROBABILITIES))
        Calibrated marginal quantiles.
    native : ndarray, shape as `quantiles`
        Quantiles of the models themselves.
    errors : ndarray, shape (n, m)
        One-step errors over the common last periods; nan where a model has none.
    methods : DataFrame
        Per series: `series, block, kind, method, n, imputed, note`.
    level : tuple of float
        Coverages reported, each in (0, 1).
    n : int
        Periods of history of the longest series.
    unit : str
        Unit of the values.
    draws : ndarray, shape (draws, m, horizon), or None
        Joint futures; each adds up where the forecast was reconciled. Not calibrated.
    calibration : str
        What the intervals rest on.
    season : int
        Periods in a season.

    Notes
    -----
    Intervals are marginal: they hold per series and period, and do not add up over series or periods. Sums of
    periods or series take `draws`.
    """

    series: tuple[Hashable, ...]
    start: tuple[pd.Period, ...]
    estimate: np.ndarray
    quantiles: np.ndarray
    native: np.ndarray
    errors: np.ndarray
    methods: pd.DataFrame
    level: tuple[float, ...]
    n: int
    unit: str
    season: int
    draws: np.ndarray | None = None
    calibration: str = "earlier origins"

    @property
    def horizon(self) -> int:
        """Periods ahead."""
        return int(self.estimate.shape[1])

    def bounds(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper bound of the central interval of coverage `level`, each (m, horizon)."""
        if not 0 < level < 1:
            raise InputError(f"level: must be in (0, 1), got {level}")
        return quantile(self.quantiles, (1 - level) / 2), quantile(self.quantiles, (1 + level) / 2)

    def to_frame(self) -> pd.DataFrame:
        """One row per series, period and level.

        Returns
        -------
        DataFrame
            `series, block, period, step, level, method, interval` then
            `quantity, estimate, lower, upper, n, unit`.
        """
        steps = np.arange(1, self.horizon + 1)
        parts = []
        for level in self.level:
            lower, upper = self.bounds(level)
            parts.append(
                pd.DataFrame(
                    {
                        "series": _repeat(self.series, self.horizon),
                        "block": np.repeat(self.methods["block"].to_numpy(), self.horizon),
                        "period": [start + int(step - 1) for start in self.start for step in steps],
                        "step": np.tile(steps, len(self.series)),
                        "level": level,
                        "method": np.repeat(self.methods["method"].to_numpy(), self.horizon),
                        "interval": "marginal",
                        "quantity": "forecast",
                        "estimate": self.estimate.ravel(),
                        "lower": np.minimum(lower, self.estimate).ravel(),
                        "upper": np.maximum(upper, self.estimate).ravel(),
                        "n": np.repeat(self.methods["n"].to_numpy(), self.horizon),
                        "unit": self.unit,
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)

    def select(self, labels: Sequence[Hashable]) -> Forecast:
        """Part of the forecast: what a region looks up.

        Raises
        ------
        InputError
            If a label is not in the forecast.
        """
        place = {label: k for k, label in enumerate(self.series)}
        absent = [label for label in labels if label not in place]
        if absent:
            raise InputError(f"labels: must be series of the forecast, got {', '.join(map(str, absent[:5]))}")
        at = [place[label] for label in labels]
        return replace(
            self,
            series=tuple(labels), start=tuple(self.start[k] for k in at), estimate=self.estimate[at],
            quantiles=self.quantiles[at], native=self.native[at], errors=self.errors[:, at],
            methods=self.methods.iloc[at].reset_index(drop=True),
            draws=None if self.draws is None else self.draws[:, at],
        )  # fmt: skip

    def total(self, periods: int, *, skip: int = 0) -> pd.DataFrame:
        """Sum over `periods` periods after the first `skip`, per series and level, from the draws.

        Raises
        ------
        InputError
            If there are no draws or the horizon is too short.
        """
        if self.draws is None:
            raise InputError("total: needs a forecast with draws, got one without (reconcile or draw first)")
        if skip + periods > self.horizon:
            raise InputError(f"periods: must fit in the horizon of {self.horizon}, got {skip} + {periods}")
        sums = self.draws[:, :, skip : skip + periods].sum(axis=2)
        estimate = self.estimate[:, skip : skip + periods].sum(axis=1)
        parts = []
        for level in self.level:
            lower, upper = np.quantile(sums, [(1 - level) / 2, (1 + level) / 2], axis=0)
            parts.append(
                pd.DataFrame(
                    {
                        "series": _repeat(self.series, 1),
                        "level": level,
                        "quantity": f"sum of {periods} periods",
                        "estimate": estimate,
                        "lower": np.minimum(lower, estimate),
                        "upper": np.maximum(upper, estimate),
                        "n": self.methods["n"].to_numpy(),
                        "unit": self.unit,
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)


def quantile(quantiles: np.ndarray, probability: float) -> np.ndarray:
    """Quantile at any probability, linear between the known ones and flat outside."""
    known = np.array(PROBABILITIES)
    right = int(np.clip(np.searchsorted(known, probability - 1e-12), 1, len(known) - 1))
    share = np.clip((probability - known[right - 1]) / (known[right] - known[right - 1]), 0.0, 1.0)
    return (1 - share) * quantiles[..., right - 1] + share * quantiles[..., right]


def _repeat(labels: Sequence[Hashable], times: int) -> np.ndarray:
    """Labels, each repeated, as objects (pairs stay pairs)."""
    found = np.empty(len(labels) * times, dtype=object)
    for k, label in enumerate(labels):
        for at in range(times):
            found[k * times + at] = label
    return found


def forecast(
    history: pd.DataFrame,
    horizon: int = 18,
    season: int = 12,
    level: Sequence[float] = DEFAULT_LEVEL,
    *,
    hierarchy: pd.DataFrame | None = None,
    blocks: Mapping[Hashable, str] | None = None,
    learned: Walk | None = None,
    unit: str = "vacancy",
) -> Forecast:
    """Forecast of every series, with the combination of models that did best at earlier origins of its block.

    Parameters
    ----------
    history : DataFrame
        Columns `series, period, value` [unit]; see `history.read` for hidden values, breaks and gaps.
    horizon : int, default 18
        Periods ahead.
    season : int, default 12
        Periods in a season.
    level : sequence of float, default (0.80, 0.95)
        Coverages to report, each in (0, 1).
    hierarchy : DataFrame, optional
        What adds up to what (see `hierarchy.read`): sums that are not in the history are made, every node is
        forecast and the levels are the blocks. The result is not yet coherent: `reconcile` makes it so.
    blocks : mapping from series to str, optional
        Series that choose and calibrate together; all of them by default. Not with a hierarchy.
    learned : Walk, optional
        `walk` of a backtest on the same history: what it learned is used, so that no origin is walked twice.
    unit : str, default "vacancy"
        Unit of the values.

    Returns
    -------
    Forecast
        Never nan: a series too short, too sparse or all zero gets the fallback that `methods` names.

    Raises
    ------
    InputError
        Wrong columns, duplicate periods, negative values, levels outside (0, 1), a horizon below 1.

    Notes
    -----
    Candidates are averages of exponential smoothing, theta, loess decomposition, seasonal naive and naive, on the
    level, on log1p, or both. The widest average holds unless another has at least 5 % less CRPS over earlier
    origins (three of them, up to one horizon back). Assumes that what did best will do so again; where it does
    not, `backtest.rolling` shows it.

    References
    ----------
    Bates, J. M. & Granger, C. W. J. (1969). Operational Research Quarterly 20, 451-468.
    Makridakis, S., Spiliotis, E. & Assimakopoulos, V. (2020). Int. J. Forecasting 36, 54-74.
    """
    checked = check_level(level)
    if not isinstance(horizon, int | np.integer) or horizon < 1:
        raise InputError(f"horizon: must be a whole number of at least 1, got {horizon!r}")
    series = histories.read(history, season=season)
    if hierarchy is None:
        names = block_names(series, blocks)
    else:
        tree = hierarchies.read(hierarchy)
        series, names = hierarchies.complete(series, tree), list(tree.levels)
    length = np.array([len(one.values) for one in series])
    if learned is not None:
        walk = _learned(learned, series, names, (int(horizon), int(season)))
        return result(walk.step(length), walk, level=checked, unit=unit)
    walk = Walk(series=series, blocks=names, horizon=int(horizon), season=int(season))
    for back in earlier(int(horizon)):
        cut = np.where(length - back >= 2 * season + 2, length - back, 0)
        if cut.any():
            walk.step(cut)
    return result(walk.step(length), walk, level=checked, unit=unit)


def _learned(walk: Walk, series: list[Series], names: list[str], size: tuple[int, int]) -> Walk:
    """A copy of a backtest's walk, without its hierarchy, if it walked over the same series."""
    same = [(one.label, one.end, len(one.values)) for one in series] == [
        (one.label, one.end, len(one.values)) for one in walk.series
    ]
    if not same or (walk.horizon, walk.season) != size or walk.blocks != names:
        raise InputError("learned: must be the walk of the same history, horizon, season and blocks, got another")
    return replace(walk, tree=None, past_ratios={}, past=list(walk.past), origins=[])


def earlier(horizon: int) -> list[int]:
    """How many periods before the end the origins lie that choose and calibrate."""
    return sorted({max(horizon * k // _ORIGINS, 1) for k in range(1, _ORIGINS + 1)}, reverse=True)


def _fractions(values: np.ndarray) -> tuple[str, ...]:
    """What to say of a series that cannot be counts."""
    return () if np.all(values == np.round(values)) else ("not whole numbers: taken as measurements",)


def check_level(level: Sequence[float] | float) -> tuple[float, ...]:
    """Coverages as a tuple, each in (0, 1)."""
    found = (float(level),) if isinstance(level, int | float) else tuple(float(one) for one in level)
    if not found or not all(0 < one < 1 for one in found):
        raise InputError(f"level: must be coverages in (0, 1), got {level!r}")
    return found


def block_names(series: Sequence[Series], blocks: Mapping[Hashable, str] | None) -> list[str]:
    """Block of every series."""
    if blocks is None:
        return ["all"] * len(series)
    absent = [one.label for one in series if one.label not in blocks]
    if absent:
        raise InputError(f"blocks: every series needs a block, got none for {', '.join(map(str, absent[:5]))}")
    return [blocks[one.label] for one in series]


def result(origin: Origin, walk: Walk, *, level: tuple[float, ...], unit: str) -> Forecast:
    """Forecast of the last origin of a walk."""
    series = walk.series
    length = max(len(one) for one in origin.errors)
    errors = np.full((length, len(series)), np.nan)
    for k, one in enumerate(origin.errors):
        errors[length - len(one) :, k] = one
    methods = pd.DataFrame(
        {
            "series": _repeat([one.label for one in series], 1),
            "block": walk.blocks,
            "kind": [key[1] for key in origin.material.keys],
            "method": origin.methods,
            "n": [len(one.values) for one in series],
            "imputed": [one.imputed for one in series],
            "note": ["; ".join((*one.notes, *_fractions(one.values))) for one in series],
        }
    )
    return Forecast(
        series=tuple(one.label for one in series), start=tuple(one.end + 1 for one in series),
        estimate=origin.base, quantiles=origin.calibrated, native=origin.base_quantiles, errors=errors,
        methods=methods, level=level, n=length, unit=unit, season=walk.season,
    )  # fmt: skip
