"""Failures of ten power plant pumps: posterior means of the rates, published for a gamma-Poisson hierarchy.

Data: George, Makov & Smith (1993), Scand. J. Stat. 20, 147-156. Expected: documentation of Mamba.jl 0.12, example
"Pumps" (7,500 draws), with the priors of OpenBUGS: shape ~ Exp(1), rate ~ Gamma(0.1, 1). Ours are others, so the wide
spread of 2 is used and the tolerance is a tenth of the published standard deviation, plus twice its simulation error.
"""

import numpy as np

from studie.strategy import pooled

FAILURES = np.array([5, 1, 5, 14, 3, 19, 1, 1, 4, 22], float)
THOUSAND_HOURS = np.array([94.3, 15.7, 62.9, 126, 5.24, 31.4, 1.05, 1.05, 2.1, 10.5])
MEAN = np.array([
    0.0597276, 0.0997635, 0.0889841, 0.116179, 0.603654, 0.608916, 0.894307, 0.884304, 1.56235, 1.98785,
])  # fmt: skip
DEVIATION = np.array([
    0.0251118, 0.0773339, 0.0379549, 0.030564, 0.32236, 0.139405, 0.691573, 0.726039, 0.755878, 0.427868,
])  # fmt: skip
ERROR = np.array([
    0.000357021, 0.00113173, 0.000510879, 0.000382914, 0.00612325, 0.00155659, 0.0301097, 0.0252293, 0.0238079,
    0.0102204,
])  # fmt: skip


def test_the_rates_of_the_pumps_are_the_published_ones():
    found = pooled.rates(FAILURES, THOUSAND_HOURS, rng=np.random.default_rng(3), draws=40_000, spread=2.0)
    assert (np.abs(found.mean(axis=0) - MEAN) < 0.1 * DEVIATION + 2 * ERROR).all()
    np.testing.assert_allclose(found.std(axis=0), DEVIATION, rtol=0.1)
