"""An estimate with its interval: from a function of the parameters to a labelled result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

import numpy as np
import pandas as pd
from scipy import special, stats

from studie.ladder.coding import FloatArray
from studie.ladder.model import Model
from studie.ladder.search import FLAT_SE

COLUMNS: Final = ["quantity", "estimate", "lower", "upper", "n", "unit"]
Scale = Literal["log", "logit"]


class Fitted(Protocol):
    """What a functional needs to know of a fit."""

    @property
    def model(self) -> Model:
        """Parameters and structure."""

    @property
    def covariance(self) -> pd.DataFrame:
        """Of the parameters."""

    @property
    def parameters(self) -> pd.DataFrame:
        """Table of parameters."""

    @property
    def events(self) -> pd.DataFrame:
        """Observed pairs."""

    @property
    def level(self) -> float:
        """Coverage of intervals."""

    @property
    def n(self) -> int:
        """Intervals."""

    @property
    def unit(self) -> str:
        """Unit of time."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A derived quantity with its interval.

    Attributes
    ----------
    quantity : str
    values, se, lower, upper : DataFrame or Series
        From × to, or one value per state; nan where the quantity does not exist.
    level : float
        Coverage of the interval.
    n : int
        Intervals behind the fit.
    unit : str
    table : DataFrame
        One row per value with its keys, as `to_frame` gives.
    """

    quantity: str
    values: Any
    se: Any
    lower: Any
    upper: Any
    level: float
    n: int
    unit: str
    table: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Key columns, then quantity, estimate, lower, upper, n, unit."""
        return self.table.copy()

    @property
    def loc(self) -> Any:
        """Values by label."""
        return self.values.loc

    def __getitem__(self, key: Any) -> Any:
        return self.values[key]

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.array(self.values, dtype=dtype)


def labelled(model: Model, matrix: FloatArray) -> pd.DataFrame:
    """A matrix with the state labels on both sides."""
    names = pd.Index(model.structure.states, dtype=object)
    return pd.DataFrame(matrix, index=names.rename("from_step"), columns=names.rename("to_step"))


def parameter_table(
    names: pd.Index[Any], theta: FloatArray, covariance: FloatArray, identified: np.ndarray, level: float
) -> pd.DataFrame:
    """Parameters on the log scale with Wald intervals."""
    se = np.sqrt(np.diag(covariance))
    z = stats.norm.ppf(0.5 + level / 2)
    return pd.DataFrame(
        {
            "estimate": theta,
            "se": se,
            "lower": np.where(identified, theta - z * se, -np.inf),
            "upper": np.where(identified, theta + z * se, np.inf),
            "identified": identified,
        },
        index=names,
    )


def interval(
    fitted: Fitted, value: Callable[[FloatArray], FloatArray], scale: Scale
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Estimate, standard error and bounds of a function of the parameters.

    Notes
    -----
    The delta method works on the log scale for positive quantities and on the logit scale for
    probabilities, so that bounds stay inside their range; with draws the bounds are quantiles.
    A quantity that depends on a direction without information gets (nearly) its whole range and
    nan as standard error; one that does not depend on it keeps its interval.
    """
    theta = fitted.model.theta
    estimate = value(theta)
    draws = fitted.model.draws
    if draws is not None:
        sample = np.array([value(one) for one in draws])
        tail = (1 - fitted.level) / 2
        with np.errstate(invalid="ignore"):
            lower, upper = (
                np.nanquantile(np.where(np.isfinite(sample), sample, np.nan), [tail, 1 - tail], axis=0)
                if (np.isfinite(sample).any(axis=0).all())
                else _quantiles(sample, tail)
            )
            spread = np.where(np.isfinite(sample).all(axis=0), np.std(sample, axis=0, ddof=1), np.nan)
        return estimate, spread, lower, upper
    covariance = fitted.covariance.to_numpy()
    jacobian = _jacobian(value, theta, covariance)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if scale == "log":
            slope, centre = 1.0 / estimate, np.log(estimate)
        else:
            slope, centre = 1.0 / (estimate * (1.0 - estimate)), special.logit(np.clip(estimate, 0, 1))
        se = np.sqrt(np.maximum(np.einsum("...p,pq,...q->...", jacobian, covariance, jacobian), 0.0))
        spread = se * slope
        half = stats.norm.ppf(0.5 + fitted.level / 2) * spread
        back = np.exp if scale == "log" else special.expit
        lower, upper = back(centre - half), back(centre + half)
    certain = ~(np.isfinite(half) & np.isfinite(centre))
    return (
        estimate,
        np.where((spread > FLAT_SE) | ~np.isfinite(estimate), np.nan, se),
        np.where(certain, estimate, lower),
        np.where(certain, estimate, upper),
    )


def _quantiles(sample: FloatArray, tail: float) -> tuple[FloatArray, FloatArray]:
    """Quantiles per quantity; infinite draws count as infinite."""
    ordered = np.sort(sample, axis=0)
    last = len(sample) - 1
    return ordered[round(tail * last)], ordered[round((1 - tail) * last)]


def _jacobian(value: Callable[[FloatArray], FloatArray], theta: FloatArray, covariance: FloatArray) -> FloatArray:
    """Derivatives by central differences with steps small against the standard errors."""
    columns = []
    for j in range(len(theta)):
        step = np.zeros(len(theta))
        step[j] = 1e-4 * float(np.clip(np.sqrt(covariance[j, j]), 1e-3, 1.0) or 1.0)
        with np.errstate(invalid="ignore"):
            columns.append((value(theta + step) - value(theta - step)) / (2 * step[j]))
    slopes = np.stack(columns, axis=-1)
    return np.where(np.isfinite(slopes), slopes, 0.0)


def per_pair(
    fitted: Fitted,
    quantity: str,
    value: Callable[[FloatArray], FloatArray],
    scale: Scale,
    unit: str,
    *,
    keep: np.ndarray | None = None,
    keys: tuple[str, str] = ("from_step", "to_step"),
    count: FloatArray | None = None,
    bound: float | None = None,
) -> Estimate:
    """An estimate per pair of states."""
    model = fitted.model
    if bound is None:
        parts = interval(fitted, value, scale)
    else:  # a quantity between 0 and a bound gets its interval as a share of it
        share = interval(fitted, lambda theta: value(theta) / bound, scale)
        parts = (share[0] * bound, share[1] * bound, share[2] * bound, share[3] * bound)
    shown = np.ones(parts[0].shape, dtype=bool) if keep is None else keep
    frames = [labelled(model, part).rename_axis(index=keys[0], columns=keys[1]) for part in parts]
    states = model.structure.states
    a, b = np.nonzero(shown)
    table = pd.DataFrame(
        {
            keys[0]: pd.Series([states[i] for i in a], dtype=object),
            keys[1]: pd.Series([states[j] for j in b], dtype=object),
            "quantity": quantity,
            "estimate": parts[0][a, b],
            "lower": parts[2][a, b],
            "upper": parts[3][a, b],
            "n": fitted.n if count is None else count[a, b],
            "unit": unit,
        }
    )
    return Estimate(
        quantity=quantity,
        values=frames[0],
        se=frames[1],
        lower=frames[2],
        upper=frames[3],
        level=fitted.level,
        n=fitted.n,
        unit=unit,
        table=table,
    )


def per_state(
    fitted: Fitted,
    quantity: str,
    value: Callable[[FloatArray], FloatArray],
    scale: Scale,
    unit: str,
    *,
    keep: np.ndarray | None = None,
    key: str = "from_step",
) -> Estimate:
    """An estimate per state."""
    states = fitted.model.structure.states
    chosen = np.arange(len(states)) if keep is None else np.flatnonzero(keep)
    index = pd.Index([states[i] for i in chosen], dtype=object, name=key)
    parts = [pd.Series(part[chosen], index=index, name=quantity) for part in interval(fitted, value, scale)]
    table = pd.DataFrame(
        {
            key: pd.Series(list(index), dtype=object),
            "quantity": quantity,
            "estimate": parts[0].to_numpy(),
            "lower": parts[2].to_numpy(),
            "upper": parts[3].to_numpy(),
            "n": fitted.n,
            "unit": unit,
        }
    )
    return Estimate(
        quantity=quantity,
        values=parts[0],
        se=parts[1],
        lower=parts[2],
        upper=parts[3],
        level=fitted.level,
        n=fitted.n,
        unit=unit,
        table=table,
    )
