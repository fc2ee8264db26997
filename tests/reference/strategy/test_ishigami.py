"""Published first-order shares of variance of the Ishigami function."""

import numpy as np
import pandas as pd
import pytest

from studie.strategy import sensitivity


def test_first_order_shares_of_the_ishigami_function():
    """Saltelli et al. (2008), Global Sensitivity Analysis: The Primer, a = 7, b = 0.1: .3139, .4424, 0; rest .2437."""
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.uniform(-np.pi, np.pi, (8000, 3)), columns=["x1", "x2", "x3"])
    y = np.sin(X["x1"]) + 7 * np.sin(X["x2"]) ** 2 + 0.1 * X["x3"] ** 4 * np.sin(X["x1"])
    found = sensitivity.variance_shares(X, y.to_numpy()).table.set_index("input")
    for name, value in {"x1": 0.3139, "x2": 0.4424, "x3": 0.0, "interaction": 0.2437}.items():
        assert found.loc[name, "estimate"] == pytest.approx(value, abs=0.03), name
