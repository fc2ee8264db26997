"""R msm 1.7 on its own heart-transplant data (shared/reference/ladder/cav_msm.json)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from studie.ladder import intensities, observations

SHARED = Path(__file__).resolve().parents[4] / "shared" / "reference" / "ladder"
MOVES = [(1, 2), (1, 4), (2, 1), (2, 3), (2, 4), (3, 2), (3, 4)]
pytestmark = pytest.mark.skipif(
    not (SHARED / "cav_msm.json").exists(),
    reason="shared/reference/ladder/cav_msm.json does not stand beside the checkout",
)


@cache
def reference() -> dict:
    return json.loads((SHARED / "cav_msm.json").read_text())


@cache
def panel(kind: str) -> observations.Observations:
    frame = pd.read_csv(SHARED / ("cav_censored99.csv" if kind == "censored" else "cav.csv"))
    return observations.from_panel(
        frame,
        person="PTNUM",
        time="years",
        state="state",
        covariates=["sex"],
        exact_entry=[] if kind == "panel" else [4],
        state_sets={99: [1, 2, 3]},
        known="firstobs",
    )


@cache
def fitted(kind: str) -> intensities.IntensityFit:
    return intensities.fit(panel(kind), MOVES)


def start() -> pd.DataFrame:
    Q = np.array(reference()["meta"]["qmatrix_inits"], dtype=float)
    np.fill_diagonal(Q, -Q.sum(axis=1))
    return pd.DataFrame(Q, index=[1, 2, 3, 4], columns=[1, 2, 3, 4])


def array(*keys: str) -> np.ndarray:
    value = reference()
    for key in keys:
        value = value[key]
    return np.array(value, dtype=float)


@pytest.mark.parametrize(("kind", "key"), [("entry", "m2LL_deathexact"), ("panel", "m2LL_panel")])
def test_likelihood_at_a_fixed_generator_equals_msm_without_optimiser(kind, key):
    value = -2 * intensities.log_likelihood(panel(kind), start())
    assert value == pytest.approx(reference()["fixed"][key], abs=1e-7)


def test_likelihood_at_a_fixed_covariate_effect_equals_msm():
    value = -2 * intensities.log_likelihood(panel("entry"), start(), effects={"sex": 0.01})
    assert value == pytest.approx(reference()["fixed"]["m2LL_sexcov_0.01"], abs=1e-7)


@pytest.mark.parametrize(
    ("kind", "key"), [("entry", "fit1"), ("panel", "fit1_panel_no_deathexact"), ("censored", "fit5_censor")]
)
def test_fit_equals_msm(kind, key):
    fit = fitted(kind)
    assert fit.converged, fit.reason
    assert fit.minus_twice_log_likelihood == pytest.approx(reference()[key]["minus2LL"], abs=1e-4)
    q, se, low, high = (array(key, "Q", part) for part in ("est", "se", "lo", "up"))
    allowed = (q > 0) & ~np.eye(4, dtype=bool)
    result = fit.intensities()
    np.testing.assert_allclose(np.log(result.values.to_numpy()[allowed]), np.log(q[allowed]), atol=1e-3)
    np.testing.assert_allclose(result.se.to_numpy()[allowed], se[allowed], rtol=5e-3)
    np.testing.assert_allclose(result.lower.to_numpy()[allowed], low[allowed], rtol=5e-3)
    np.testing.assert_allclose(result.upper.to_numpy()[allowed], high[allowed], rtol=5e-3)


def test_covariance_of_the_log_intensities_equals_msm():
    np.testing.assert_allclose(fitted("entry").covariance, array("fit1", "covmat_logq"), rtol=5e-3, atol=1e-6)


def test_akaike_equals_msm():
    assert fitted("entry").aic == pytest.approx(reference()["fit1"]["AIC"], abs=1e-4)


def test_functionals_equal_msm():
    fit = fitted("entry")
    for t, key in ((1, "P1"), (10, "P10")):
        np.testing.assert_allclose(fit.transition_probabilities(t).values, array("fit1", key), atol=1e-6)
    sojourn = fit.sojourn()
    np.testing.assert_allclose(sojourn.values, array("fit1", "sojourn", "estimates"), rtol=1e-5)
    np.testing.assert_allclose(sojourn.se, array("fit1", "sojourn", "SE"), rtol=5e-3)
    np.testing.assert_allclose(sojourn.lower, array("fit1", "sojourn", "L"), rtol=1e-3)
    np.testing.assert_allclose(sojourn.upper, array("fit1", "sojourn", "U"), rtol=1e-3)
    np.testing.assert_allclose(fit.next_step().values, array("fit1", "pnext", "est"), atol=1e-5)
    np.testing.assert_allclose(fit.first_passage(4).values.to_numpy()[:3], array("fit1", "efpt_to4"), rtol=1e-5)
    total = fit.total_time().values.loc[1].to_numpy()
    np.testing.assert_allclose(total[:3], array("fit1", "totlos")[:3], rtol=1e-5)
    assert np.isinf(total[3])
    np.testing.assert_allclose(fit.total_time(10).values.loc[1], array("fit1", "totlos_0_10"), rtol=1e-5)
    np.testing.assert_allclose(fit.expected_visits(10).values.loc[1], array("fit1", "envisits_0_10"), rtol=1e-5)
    reach = np.column_stack([fit.reach(state, within=10).values for state in (1, 2, 3, 4)])
    np.testing.assert_allclose(reach, array("fit1", "ppass_10"), atol=1e-5)
    ratio = fit.intensity_ratio((2, 1), (1, 2))
    expected = reference()["fit1"]["qratio_21_12"]
    assert ratio.values.iloc[0] == pytest.approx(expected["estimate"], rel=1e-4)
    assert ratio.se.iloc[0] == pytest.approx(expected["se"], rel=5e-3)
    assert (ratio.lower.iloc[0], ratio.upper.iloc[0]) == pytest.approx((expected["L"], expected["U"]), rel=5e-3)


def test_simulated_intervals_agree_with_msm_within_monte_carlo_error():
    result = fitted("entry").with_simulation(np.random.default_rng(1), draws=1000).transition_probabilities(10)
    low, high = (array("fit1", "P10_ci_normal_B1000", part) for part in ("lo", "up"))
    # Both are quantiles of 1,000 draws: sd of a 2.5 % quantile is about .085 of the half width each.
    allowance = 0.5 * (high - low) / 2 + 1e-9
    assert (np.abs(result.lower.to_numpy() - low) <= allowance).all()
    assert (np.abs(result.upper.to_numpy() - high) <= allowance).all()


def test_prevalence_equals_msm():
    result = fitted("entry").prevalence(panel("entry"), array("fit1", "prevalence", "times"))
    np.testing.assert_array_equal(result.observed, array("fit1", "prevalence", "observed")[:, :4])
    np.testing.assert_allclose(result.expected, array("fit1", "prevalence", "expected")[:, :4], atol=1e-3)


def test_pearson_equals_msm_within_the_error_of_drawn_sampling_times():
    result = fitted("entry").pearson(
        panel("entry"), time_groups=2, transitions=[1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 10], rng=np.random.default_rng(1)
    )
    assert result.df_upper == reference()["fit1"]["pearson"]["test"]["df.upper"]
    assert result.statistic == pytest.approx(reference()["fit1"]["pearson"]["test"]["stat"], abs=1.0)


def test_misclassification_model_equals_msm():
    confusions = {(1, 2): 0.1, (2, 1): 0.1, (2, 3): 0.1, (3, 2): 0.1}
    fit = intensities.fit(panel("entry"), [(1, 2), (1, 4), (2, 3), (2, 4), (3, 4)], misclassification=confusions)
    # R msm 1.7: msm(..., ematrix, deathexact = 4, obstrue = firstobs), printed digits.
    assert fit.converged, fit.reason
    assert fit.minus_twice_log_likelihood == pytest.approx(3933.7379014, abs=1e-4)
    assert fit.generator().loc[1, 2] == pytest.approx(0.08963, abs=1e-5)
    assert fit.generator().loc[3, 4] == pytest.approx(0.30763, abs=1e-5)
    assert fit.misclassification().values.loc[2, 1] == pytest.approx(0.17491, abs=1e-5)
    low, high = (getattr(fit.misclassification(), side).loc[1, 2] for side in ("lower", "upper"))
    assert (low, high) == pytest.approx((0.01583, 0.04537), abs=1e-4)
