"""Job carving: how many inclusive workplaces could be made from the vacancies a sector will receive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from studie.errors import InputError

LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class CarvingPotential:
    """Potential inclusive workplaces per sector, a prior at work: nothing here is measured.

    Attributes
    ----------
    table : DataFrame
        `sector, share, share_lower, share_upper` (the prior), `vacancies` (mean of the draws), `estimate, lower,
        upper` [workplaces], `because`.
    draws : ndarray, shape (draws, sectors)
        Potential per draw.
    level : float
        Coverage, in (0, 1).
    n : int
        Draws.
    """

    table: pd.DataFrame
    draws: np.ndarray
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """One row per sector: `sector, because` then `quantity, estimate, lower, upper, n, unit`."""
        frame = self.table.assign(quantity="potential inclusive workplaces", n=self.n, unit="workplace")
        return frame[["sector", "because", "quantity", "estimate", "lower", "upper", "n", "unit"]]


def beta_prior(centre: float, lower: float, upper: float, *, interval_level: float) -> tuple[float, float]:
    """Beta distribution with the given mean whose central interval is as wide as stated.

    Parameters
    ----------
    centre, lower, upper : float
        0 < lower < centre < upper < 1 [share of tasks].
    interval_level : float
        Coverage of (lower, upper), in (0, 1).

    Returns
    -------
    a, b : float
        Parameters of the Beta distribution.

    Raises
    ------
    InputError
        If the order does not hold.
    """
    if not 0 < lower < centre < upper < 1:
        raise InputError(f"prior: needs 0 < lower < centre < upper < 1, got {lower}, {centre}, {upper}")
    if not 0 < interval_level < 1:
        raise InputError(f"interval_level: must be in (0, 1), got {interval_level}")

    def gap(log_size: float) -> float:
        size = float(np.exp(log_size))
        found = stats.beta(centre * size, (1 - centre) * size)
        width = found.ppf((1 + interval_level) / 2) - found.ppf((1 - interval_level) / 2)
        return float(width - (upper - lower))

    if gap(0.0) < 0:
        return centre, 1 - centre
    size = float(np.exp(optimize.brentq(gap, 0.0, 16.0))) if gap(16.0) < 0 else float(np.exp(16.0))
    return centre * size, (1 - centre) * size


def potential(
    vacancies: pd.DataFrame,
    priors: pd.DataFrame,
    *,
    rng: np.random.Generator,
    level: float = LEVEL,
) -> CarvingPotential:
    """Potential inclusive workplaces: vacancies received × share of tasks that can be carved out.

    Parameters
    ----------
    vacancies : DataFrame
        Draws of vacancies received: one row per draw, one column per sector [count over the period asked].
    priors : DataFrame
        `sector, centre, lower, upper, interval_level, because`: share of the tasks in the sector's vacancies that
        could make up inclusive work.
    rng : Generator
        Source of randomness.
    level : float, default 0.95
        Coverage, in (0, 1).

    Returns
    -------
    CarvingPotential
        Uncertainty of the forecast and of the prior together.

    Raises
    ------
    InputError
        A sector without a prior, negative vacancies, a prior out of order.

    Notes
    -----
    Assumes that the share of tasks is independent of how many vacancies there are, and that carved tasks add up to
    whole workplaces; both favour a larger number, so the figure is a ceiling on what employers could offer.
    """
    if not 0 < level < 1:
        raise InputError(f"level: must be in (0, 1), got {level}")
    if vacancies.empty or (vacancies.to_numpy(float) < 0).any() or vacancies.isna().any(axis=None):
        raise InputError("vacancies: needs draws of at least 0, got none, a missing or a negative one")
    table = priors.set_index("sector")
    absent = [sector for sector in vacancies.columns if sector not in table.index]
    if absent:
        raise InputError(f"priors: every sector needs a prior, got none for {', '.join(map(str, absent))}")
    found, rows = [], []
    for sector in vacancies.columns:
        prior = table.loc[sector]
        a, b = beta_prior(
            float(prior["centre"]), float(prior["lower"]), float(prior["upper"]),
            interval_level=float(prior["interval_level"]),
        )  # fmt: skip
        drawn = vacancies[sector].to_numpy(float) * rng.beta(a, b, size=len(vacancies))
        lower, upper = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
        found.append(drawn)
        rows.append(
            {
                "sector": sector, "share": prior["centre"], "share_lower": prior["lower"],
                "share_upper": prior["upper"], "vacancies": float(vacancies[sector].mean()),
                "estimate": float(drawn.mean()), "lower": float(lower), "upper": float(upper),
                "because": prior["because"],
            }
        )  # fmt: skip
    return CarvingPotential(table=pd.DataFrame(rows), draws=np.stack(found, axis=1), level=level, n=len(vacancies))
