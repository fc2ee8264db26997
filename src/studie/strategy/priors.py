"""What somebody believes about a number that nobody measured: a distribution with a centre and an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from studie.errors import InputError, unknown

Floats = np.ndarray
Distribution = Literal["normal", "lognormal"]
DISTRIBUTIONS = ("normal", "lognormal")


@dataclass(frozen=True, kw_only=True)
class Prior:
    """A two-piece normal, on the scale itself or on the log scale.

    The centre is the median and the bounds are exactly the quantiles that `interval_level` says, also where the
    interval is not symmetric [1]_.

    Attributes
    ----------
    name : str
        What it is about; errors say it.
    distribution : {'normal', 'lognormal'}
    centre, lower, upper : float
    interval_level : float
        Coverage of (lower, upper), in (0, 1).

    Raises
    ------
    InputError
        If the interval does not hold its centre strictly, is not known, or a log-normal one is not positive.

    References
    ----------
    .. [1] Wallis, K. F. (2014). Stat. Sci. 29(1), 106-112.
    """

    name: str
    distribution: Distribution
    centre: float
    lower: float
    upper: float
    interval_level: float

    def __post_init__(self) -> None:
        if self.distribution not in DISTRIBUTIONS:
            raise unknown(f"{self.name}: distribution", self.distribution, DISTRIBUTIONS)
        if not 0 < self.interval_level < 1:
            raise InputError(f"{self.name}: interval_level: must be in (0, 1), got {self.interval_level}")
        if not self.lower < self.centre < self.upper:  # also false where one is missing
            raise InputError(
                f"{self.name}: the interval must hold its centre, got {self.lower} < {self.centre} < {self.upper}"
            )
        if not np.isfinite([self.lower, self.upper]).all():
            raise InputError(f"{self.name}: the interval must be known, got {self.lower} to {self.upper}")
        if self.distribution == "lognormal" and self.lower <= 0:
            raise InputError(f"{self.name}: a log-normal interval must be above 0, got {self.lower}")

    def quantile(self, probability: Floats | float) -> Floats:
        """Value below which the belief puts this probability."""
        z = stats.norm.ppf(probability)
        below, above = self._spread()
        value = self._scaled(self.centre) + z * np.where(z < 0, below, above)
        return np.exp(value) if self.distribution == "lognormal" else np.asarray(value)

    def below(self, value: float) -> float:
        """Probability of a value below this one."""
        if self.distribution == "lognormal" and value <= 0:
            return 0.0
        gap = self._scaled(value) - self._scaled(self.centre)
        below, above = self._spread()
        return float(stats.norm.cdf(gap / (below if gap < 0 else above)))

    def sample(self, n: int, *, rng: np.random.Generator) -> Floats:
        """Latin hypercube sample of `n` values: one in each of n equally likely slices, in random order.

        References
        ----------
        .. [1] McKay, M. D., Beckman, R. J. & Conover, W. J. (1979). Technometrics 21(2), 239-245.
        """
        return self.quantile((rng.permutation(n) + rng.uniform(1e-12, 1 - 1e-12, n)) / n)

    def _scaled(self, value: float) -> float:
        """The value on the scale on which the two halves are normal."""
        return float(np.log(value)) if self.distribution == "lognormal" else value

    def _spread(self) -> tuple[float, float]:
        """Standard deviation of the lower and the upper half."""
        z = float(stats.norm.ppf((1 + self.interval_level) / 2))
        centre = self._scaled(self.centre)
        return (centre - self._scaled(self.lower)) / z, (self._scaled(self.upper) - centre) / z
