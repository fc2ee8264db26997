"""Single forecasting models, each as a centre and a spread per month ahead: what a combination is made of.

A member sees one series on one scale and returns the centre and the standard deviation of its predictive
distribution for every step ahead. Combining, choosing and calibrating happen elsewhere.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

_SMALL = 1e-9


class Prediction(NamedTuple):
    """Predictive centre and standard deviation of one member.

    Attributes
    ----------
    centre, spread : ndarray, shape (horizon,)
        On the scale of the values that went in.
    fitted : ndarray, shape (n,)
        One-step predictions of the values that went in; nan where there is none.
    """

    centre: np.ndarray
    spread: np.ndarray
    fitted: np.ndarray


def _deviation(errors: np.ndarray, parameters: int = 0) -> float:
    """Root mean square of the errors with the degrees of freedom taken off."""
    errors = errors[np.isfinite(errors)]
    if errors.size == 0:
        return 0.0
    return float(np.sqrt(np.sum(errors**2) / max(errors.size - parameters, 1)))


def _steps(horizon: int) -> np.ndarray:
    return np.arange(1, horizon + 1)


def _lagged(values: np.ndarray, lag: int) -> np.ndarray:
    """Values `lag` periods earlier, nan at the start."""
    return np.concatenate([np.full(min(lag, len(values)), np.nan), values[:-lag]])


def naive(values: np.ndarray, horizon: int, season: int) -> Prediction:
    """Last value, carried forward (random walk)."""
    spread = _deviation(np.diff(values)) * np.sqrt(_steps(horizon))
    return Prediction(np.full(horizon, values[-1]), spread, _lagged(values, 1))


def drift(values: np.ndarray, horizon: int, season: int) -> Prediction:
    """Last value plus the mean change so far: the plain trend."""
    change = np.diff(values)
    slope = float(change.mean()) if change.size else 0.0
    steps = _steps(horizon)
    spread = _deviation(change - slope, 1) * np.sqrt(steps * (1 + steps / max(change.size, 1)))
    return Prediction(values[-1] + slope * steps, spread, _lagged(values, 1) + slope)


def seasonal_naive(values: np.ndarray, horizon: int, season: int) -> Prediction:
    """Same season of the last year seen ("zoals vorig jaar")."""
    if len(values) < season:
        return naive(values, horizon, season)
    steps = _steps(horizon)
    centre = values[len(values) - season + (steps - 1) % season]
    spread = _deviation(values[season:] - values[:-season]) * np.sqrt(1 + (steps - 1) // season)
    return Prediction(centre, spread, _lagged(values, season))


def mean(values: np.ndarray, horizon: int, season: int) -> Prediction:
    """Mean of the last two seasons."""
    recent = values[-2 * season :]
    spread = _deviation(recent - recent.mean(), 1) * np.sqrt(1 + 1 / recent.size)
    return Prediction(np.full(horizon, recent.mean()), np.full(horizon, spread), np.full(len(values), recent.mean()))


def _ets(values: np.ndarray, horizon: int, season: int, form: str) -> Prediction:
    from statsforecast.ets import ets_f, forecast_ets

    fitted = ets_f(values, season, model=form)
    result = forecast_ets(fitted, horizon, level=[80])
    spread = (result["hi-80"] - result["lo-80"]) / (2 * 1.2815515655446004)
    return Prediction(result["mean"], spread, result["fitted"])


def exponential_smoothing(values: np.ndarray, horizon: int, season: int) -> Prediction:
    """Exponential smoothing with additive errors and season, trend chosen by AICc (AutoETS, form AZA)."""
    seasonal = season > 1 and len(values) >= 2 * season + 1
    return _ets(values, horizon, season if seasonal else 1, "AZA" if seasonal else "AZN")


def theta(values: np.ndarray, horizon: int, season: int) -> Prediction:
    """Dynamic optimised theta model, spread from its one-step errors and smoothing."""
    from statsforecast.theta import auto_theta, forecast_theta

    fitted = auto_theta(values, season, model="DOTM")
    centre = forecast_theta(fitted, horizon)["mean"]
    errors = np.concatenate([np.full(3, np.nan), fitted["residuals"][3:]])
    spread = _deviation(errors, 1) * np.sqrt(1 + (_steps(horizon) - 1) * fitted["par"]["alpha"] ** 2)
    return Prediction(centre, spread, values - errors)


def decomposition(values: np.ndarray, horizon: int, season: int) -> Prediction:
    """Loess decomposition (STL): the season of last year on an exponentially smoothed trend."""
    if season < 2 or len(values) < 2 * season + 1:
        return exponential_smoothing(values, horizon, season)
    from statsmodels.tsa.seasonal import STL

    seasonal = np.asarray(STL(values, period=season, seasonal=11, seasonal_deg=0).fit().seasonal)
    trend = _ets(values - seasonal, horizon, 1, "AZN")
    ahead = seasonal_naive(seasonal, horizon, season).centre
    return Prediction(trend.centre + ahead, trend.spread, trend.fitted + seasonal)


def level(values: np.ndarray, horizon: int, season: int) -> Prediction:
    """Simple exponential smoothing: a slowly moving level without trend or season."""
    return _ets(values, horizon, 1, "ANN")


def intermittent(values: np.ndarray, horizon: int, season: int) -> Prediction:
    """Teunter-Syntetos-Babai: chance of any vacancy times size when there is one, for series with many zeros."""
    occurs, size, fitted = float(np.mean(values[:season] > 0)), float(values[values > 0][:1].sum()), []
    for value in values:
        fitted.append(occurs * size)
        occurs += 0.1 * ((value > 0) - occurs)
        if value > 0:
            size += 0.1 * (value - size)
    spread = max(_deviation(values - np.array(fitted), 1), np.sqrt(max(occurs * size, 0.0)))
    return Prediction(np.full(horizon, occurs * size), np.full(horizon, spread), np.array(fitted))


MEMBERS: dict[str, Callable[[np.ndarray, int, int], Prediction]] = {
    "exponential smoothing": exponential_smoothing,
    "theta": theta,
    "decomposition": decomposition,
    "seasonal naive": seasonal_naive,
    "naive": naive,
    "drift": drift,
    "mean": mean,
    "level": level,
    "intermittent": intermittent,
}


def predict(name: str, values: np.ndarray, horizon: int, season: int) -> Prediction:
    """Predict with one member; a model that cannot be fitted gives way to the seasonal naive one.

    Parameters
    ----------
    name : str
        Key of `MEMBERS`.
    values : ndarray, shape (n,)
        Complete series, on the scale the member has to see.
    horizon : int
        Steps ahead.
    season : int
        Steps in a season.

    Returns
    -------
    Prediction
        Finite centre and spread > 0.
    """
    values = np.ascontiguousarray(values, dtype=float)
    if np.ptp(values) > _SMALL * (1 + abs(values[0])):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                found = MEMBERS[name](values, horizon, season)
            except Exception:  # a numerical failure of a library's optimiser has no common type
                found = seasonal_naive(values, horizon, season)
        if not (np.isfinite(found.centre).all() and np.isfinite(found.spread).all()):
            found = seasonal_naive(values, horizon, season)
    else:
        found = Prediction(np.full(horizon, values[-1]), np.zeros(horizon), values)
    spread = np.maximum(np.asarray(found.spread, float), _SMALL)
    return Prediction(np.asarray(found.centre, float), spread, np.asarray(found.fitted, float))
