"""Which belief the result hangs on: one at a time (tornado) and by its share in the variance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from studie.errors import InputError, unknown
from studie.strategy.after_move import AfterMove
from studie.strategy.flows import LEVEL
from studie.strategy.levers import Lever, Levers, draw
from studie.strategy.scenarios import BETTER, UNITS, outcomes
from studie.strategy.situation import Situation
from studie.strategy.smoothing import surface

Floats = np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class Tornado:
    """Mean difference with the baseline when one effect stands at a bound of its prior and the others as drawn.

    Attributes
    ----------
    table : DataFrame
        `effect, at_lower, at_upper` (values of the effect), `low, high` (mean difference there), `all_drawn`; widest
        first.
    quantity : str
    level : float
        Coverage of the bounds of each effect, in (0, 1).
    n : int
        Draws.
    """

    table: pd.DataFrame
    quantity: str
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Key `effect`, then the six columns; bounds are the smallest and largest of the three means."""
        three = self.table[["low", "all_drawn", "high"]]
        return pd.DataFrame(
            {
                "effect": self.table["effect"],
                "quantity": f"{self.quantity}_difference",
                "estimate": self.table["all_drawn"],
                "lower": three.min(axis=1),
                "upper": three.max(axis=1),
                "n": self.n,
                "unit": UNITS[self.quantity],
            }
        )


def tornado(
    situation: Situation,
    levers: Sequence[Lever],
    *,
    after: AfterMove,
    seeds: np.random.SeedSequence,
    quantity: str = "lasting_moves",
    months: int = 120,
    level: float = 0.80,
) -> Tornado:
    """Each effect in turn at its two bounds, with the same draws otherwise.

    Parameters
    ----------
    situation, after, seeds, months
        As in `scenarios.compare`; the draws are the same.
    levers : sequence of Lever
    quantity : str, default 'lasting_moves'
    level : float, default 0.80
        Bounds are the quantiles of the prior at (1 ± level) / 2.

    Raises
    ------
    InputError
        An unknown quantity, or a level outside (0, 1).
    """
    if quantity not in BETTER:
        raise unknown("quantity", quantity, BETTER)
    if not 0 < level < 1:
        raise InputError(f"level: must be in (0, 1), got {level}")
    drawn = draw(levers, situation.draws, seeds=seeds)
    plain = outcomes(situation, None, after=after, months=months)[quantity].to_numpy(float)

    def gap(draws: pd.DataFrame) -> float:
        """Mean difference with the baseline."""
        found = outcomes(situation, Levers(levers, draws, situation), after=after, months=months)
        return float((found[quantity].to_numpy(float) - plain).mean())

    middle, rows = gap(drawn), []
    for effect in (effect for one in levers for effect in one.effects):
        ends = [float(effect.prior.quantile((1 + sign * level) / 2)) for sign in (-1, 1)]
        low, high = (gap(drawn.assign(**{effect.name: end})) for end in ends)
        rows.append((effect.name, *ends, low, high, middle))
    table = pd.DataFrame(rows, columns=["effect", "at_lower", "at_upper", "low", "high", "all_drawn"])
    widest = (table["high"] - table["low"]).abs().sort_values(ascending=False, kind="stable").index
    return Tornado(table=table.loc[widest].reset_index(drop=True), quantity=quantity, level=level, n=situation.draws)


@dataclass(frozen=True, kw_only=True, eq=False)
class VarianceShares:
    """First-order share of every input in the variance of an outcome (Sobol).

    Attributes
    ----------
    table : DataFrame
        `input`, then the six columns; the last row, `interaction`, is what no input explains alone.
    level : float
        Coverage, in (0, 1).
    n : int
        Draws.
    """

    table: pd.DataFrame
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Key `input`, then the six columns of every result."""
        return self.table.copy()


def variance_shares(inputs: pd.DataFrame, outcome: Floats, *, level: float = LEVEL) -> VarianceShares:
    """Var E(Y | X_i) / Var Y per input, from draws that were made anyway.

    Parameters
    ----------
    inputs : DataFrame, shape (draws, inputs)
        Independent inputs; where they are not, shares overlap and do not add up to at most 1.
    outcome : array, shape (draws,)
    level : float, default 0.95

    Raises
    ------
    InputError
        A level outside (0, 1), other numbers of draws, a missing value, or an outcome without spread.
    InsufficientDataError
        Too few draws for the regression.

    Notes
    -----
    E(Y | X_i) is a cubic regression spline on draws [1]_; the share is 1 − (SSE / (n − p)) / (SST / (n − 1)), free of
    the upward bias of R². Its standard error is that of a ratio of means, of e² and (y − ȳ)² [2]_; interval normal,
    cut to [0, 1]. The interval of the remainder comes from the same per-draw terms.

    References
    ----------
    .. [1] Plischke, E., Borgonovo, E. & Smith, C. L. (2013). Eur. J. Oper. Res. 226(3), 536-550.
    .. [2] Cochran, W. G. (1977). Sampling Techniques, 3rd ed., section 6.
    """
    if not 0 < level < 1:
        raise InputError(f"level: must be in (0, 1), got {level}")
    y = np.asarray(outcome, dtype=float)
    if y.ndim != 1 or not np.isfinite(y).all() or np.ptp(y) <= 0:
        raise InputError("outcome: must be known, differ between draws and have one value per draw")
    total = (y - y.mean()) ** 2
    n, z = len(y), float(stats.norm.ppf((1 + level) / 2))
    names, shares, terms = [], [], []
    for name in inputs.columns:
        found = surface(inputs[[name]], y[:, None])
        residual = found.residual[:, 0] ** 2 * n / found.degrees
        left = residual.sum() / (total.sum() * n / (n - 1))
        names.append(str(name))
        shares.append(1 - left)
        terms.append((left * total - residual) / total.mean())
    names.append("interaction")
    shares.append(1 - sum(shares))
    terms.append(-np.sum(terms, axis=0) if terms else np.zeros(n))
    share, se = np.array(shares), np.array([term.std(ddof=1) / np.sqrt(n) for term in terms])
    estimate = np.clip(share, 0, 1)
    table = pd.DataFrame(
        {
            "input": names,
            "quantity": "share_of_variance",
            "estimate": estimate,
            "lower": np.clip(share - z * se, 0, 1),
            "upper": np.clip(share + z * se, 0, 1),
            "n": n,
            "unit": "share",
        }
    )
    return VarianceShares(table=table, level=level, n=n)
