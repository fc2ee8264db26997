"""Scenario regressors: what a series would do if employment or policy went another way."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from studie.demand import history as histories
from studie.errors import InputError, unknown

LEVEL = 0.95
Model = Literal["unobserved components", "sarimax"]


@dataclass(frozen=True, kw_only=True)
class ScenarioForecast:
    """Forecast of one series under scenarios of its regressors.

    Attributes
    ----------
    table : DataFrame
        `scenario, period, step, estimate, lower, upper` [unit of the series].
    effects : DataFrame
        `regressor, estimate, lower, upper`: change in log1p(series) per unit of the regressor.
    difference : DataFrame
        `scenario, period, step, estimate, lower, upper`: difference from the first scenario, from uncertainty
        in the effects alone.
    level : float
        Coverage, in (0, 1).
    n : int
        Periods of history.
    method : str
        Model fitted and whether the optimiser converged.
    """

    table: pd.DataFrame
    effects: pd.DataFrame
    difference: pd.DataFrame
    level: float
    n: int
    method: str
    unit: str

    def to_frame(self) -> pd.DataFrame:
        """Rows for scenarios, differences and effects: `scenario, period` then the six columns."""
        parts = [
            self.table.assign(quantity="forecast", unit=self.unit),
            self.difference.assign(quantity="difference from first scenario", unit=self.unit),
            self.effects.rename(columns={"regressor": "quantity"}).assign(scenario="", period="", unit="log per unit"),
        ]
        order = ["scenario", "period", "quantity", "estimate", "lower", "upper", "n", "unit"]
        return pd.concat([one.assign(n=self.n)[order] for one in parts], ignore_index=True)


def scenario_forecast(
    history: pd.DataFrame,
    regressors: pd.DataFrame,
    scenarios: Mapping[str, pd.DataFrame],
    *,
    season: int = 12,
    model: Model = "unobserved components",
    level: float = LEVEL,
    unit: str = "vacancy",
) -> ScenarioForecast:
    """Forecast with regressors (employment, a policy step) whose future is given by scenario.

    Parameters
    ----------
    history : DataFrame
        One series: `series, period, value`.
    regressors : DataFrame
        `period` and one column per regressor, for every period of the history.
    scenarios : mapping from name to DataFrame
        Same columns for the periods ahead, one row per period; the first is what the others are compared with.
    season : int, default 12
        Periods in a season.
    model : {"unobserved components", "sarimax"}
        Local level with a seasonal component, or airline-type SARIMAX (0,1,1)(0,1,1) [1]_.
    level : float, default 0.95
        Coverage, in (0, 1).
    unit : str
        Unit of the series.

    Raises
    ------
    InputError
        More than one series, fewer than three seasons of history, a regressor without value or without variation.

    Notes
    -----
    On log1p. The effect of a regressor is an association over history: a scenario shows what would follow if it
    were a cause. A step that never happened in history cannot be estimated and is refused (no variation).

    References
    ----------
    .. [1] Harvey, A. C. (1989). Forecasting, structural time series models and the Kalman filter. Cambridge.
       Durbin, J. & Koopman, S. J. (2012). Time series analysis by state space methods. Oxford.
    """
    if model not in ("unobserved components", "sarimax"):
        raise unknown("model", model, ("unobserved components", "sarimax"))
    if not 0 < level < 1:
        raise InputError(f"level: must be in (0, 1), got {level}")
    found = histories.read(history, season=season)
    if len(found) != 1:
        raise InputError(f"history: needs one series, got {len(found)}")
    series = found[0]
    if len(series.values) < 3 * season:
        raise InputError(f"history: regressors need three seasons ({3 * season} periods), got {len(series.values)}")
    names = [name for name in regressors.columns if name != "period"]
    past = pd.period_range(series.start, series.end)
    known = _aligned(regressors, names, past, season=season, what="regressors")
    flat = [name for k, name in enumerate(names) if np.ptp(known[:, k]) == 0]
    if flat:
        raise InputError(f"regressors: each must vary over the history, got a constant {', '.join(flat)}")
    centre, spread = known.mean(axis=0), known.std(axis=0)
    fitted, converged = _fit(np.log1p(series.values), (known - centre) / spread, season, model)
    beta = np.asarray(fitted.params)[_beta_positions(fitted, names)]
    covariance = np.asarray(fitted.cov_params())[np.ix_(*[_beta_positions(fitted, names)] * 2)]
    z = float(stats.norm.ppf((1 + level) / 2))
    error = np.sqrt(np.clip(np.diag(covariance), 0.0, None))
    effects = pd.DataFrame(
        {
            "regressor": names, "estimate": beta / spread, "lower": (beta - z * error) / spread,
            "upper": (beta + z * error) / spread,
        }
    )  # fmt: skip
    tables, differences = [], []
    first: tuple[np.ndarray, np.ndarray] | None = None
    for name, future in scenarios.items():
        ahead = pd.period_range(series.end + 1, periods=len(future))
        values = (_aligned(future, names, ahead, season=season, what=f"scenario {name}") - centre) / spread
        predicted = fitted.get_forecast(len(ahead), exog=values)
        bounds = np.asarray(predicted.conf_int(alpha=1 - level))
        point = np.maximum(np.expm1(np.asarray(predicted.predicted_mean)), 0.0)
        keys = {"scenario": name, "period": list(ahead), "step": np.arange(1, len(ahead) + 1)}
        low, high = np.maximum(np.expm1(bounds), 0.0).T
        tables.append(pd.DataFrame(keys | {"estimate": point, "lower": low, "upper": high}))
        if first is None:
            first = (values, point)
        elif len(values) != len(first[0]):
            raise InputError(f"scenario {name}: needs as many periods as the first, got {len(values)}")
        else:
            move = values - first[0]
            centre_move, deviation = move @ beta, np.sqrt(np.einsum("hk,kl,hl->h", move, covariance, move))
            differ = {
                side: (first[1] + 1) * np.expm1(centre_move + sign * z * deviation)
                for side, sign in (("estimate", 0), ("lower", -1), ("upper", 1))
            }
            differences.append(pd.DataFrame(keys | differ))
    empty = pd.DataFrame(columns=["scenario", "period", "step", "estimate", "lower", "upper"])
    return ScenarioForecast(
        table=pd.concat(tables, ignore_index=True), effects=effects,
        difference=pd.concat(differences, ignore_index=True) if differences else empty, level=level,
        n=len(series.values), method=f"{model}, {'converged' if converged else 'not converged'}", unit=unit,
    )  # fmt: skip


def _aligned(frame: pd.DataFrame, names: list[str], periods: pd.PeriodIndex, *, season: int, what: str) -> np.ndarray:
    """Values of the regressors for the given periods."""
    absent = [name for name in ("period", *names) if name not in frame.columns]
    if absent:
        raise InputError(f"{what}: needs the columns period, {', '.join(names)}, got no {', '.join(absent)}")
    index = histories.as_periods(frame["period"].reset_index(drop=True), season=season)
    wide = frame.loc[:, names].astype(float).set_axis(index, axis=0)
    if wide.index.duplicated().any():
        raise InputError(f"{what}: one row per period, got one twice")
    values = wide.reindex(periods).to_numpy(float)
    if not np.isfinite(values).all():
        at = periods[int(np.argmax(~np.isfinite(values).all(axis=1)))]
        raise InputError(f"{what}: every period needs a value, got none in {at}")
    return values


def _fit(values: np.ndarray, exog: np.ndarray, season: int, model: Model) -> tuple[Any, bool]:
    """Fitted state-space model and whether it converged."""
    import statsmodels.api as sm

    if model == "sarimax":
        order = (0, 1, 1, season) if season > 1 else (0, 0, 0, 0)
        built = sm.tsa.SARIMAX(values, exog=exog, order=(0, 1, 1), seasonal_order=order)
    else:
        built = sm.tsa.UnobservedComponents(
            values, level="local level", seasonal=season if season > 1 else None, exog=exog
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = built.fit(disp=False, maxiter=500)
    return fitted, bool(fitted.mle_retvals.get("converged", False))


def _beta_positions(fitted: Any, names: list[str]) -> list[int]:
    """Where the regression coefficients stand among the parameters."""
    labels = list(fitted.model.param_names)
    found = [k for k, label in enumerate(labels) if label.startswith(("beta.", "x"))]
    return found[: len(names)]
