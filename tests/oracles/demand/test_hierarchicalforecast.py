"""Our projections against hierarchicalforecast on the same base forecasts."""

import warnings

import numpy as np
import pandas as pd
import pytest

from studie.demand import hierarchy, projection


@pytest.fixture(scope="module")
def given():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        [("t", f"s{s}", f"r{r}", f"r{r}/s{s}") for r in range(5) for s in range(3)],
        columns=["total", "sector", "region", "bottom"],
    )
    tree = hierarchy.read(frame)
    bottom = rng.gamma(5, 10, (tree.n_bottom, 40))
    actual = tree.summing @ bottom
    fitted = actual + rng.normal(0, 3, actual.shape) * np.sqrt(tree.summing.sum(axis=1))[:, None]
    base = actual[:, -4:] + rng.normal(0, 4, (len(tree.nodes), 4))
    return tree, actual, fitted, base


@pytest.mark.parametrize("method", ["ols", "wls_struct", "mint_shrink", "bottom_up"])
def test_unconstrained_points_agree_with_the_reference_implementation(given, method):
    tree, actual, fitted, base = given
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from hierarchicalforecast.methods import BottomUp, MinTrace

        reference = BottomUp() if method == "bottom_up" else MinTrace(method=method)
        expected = reference.fit_predict(S=tree.summing, y_hat=base, y_insample=actual, y_hat_insample=fitted)["mean"]
    mapped = projection.minimum_trace(tree, method=method, errors=(actual - fitted).T)
    ours = tree.summing @ (mapped.matrix @ base)
    # Their covariance has a ridge of 2e-8 beside ours of 1e-11.
    assert np.allclose(ours, expected, rtol=1e-6)
