"""Coherence: every draw adds up at every level and none falls below zero."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from studie.demand import forecast, hierarchy, projection, reconcile
from studie.errors import InputError

TREE = pd.DataFrame(
    [("p", s, ("a" + str(k % 2), s), ("m" + str(k), s)) for s in ("zorg", "bouw") for k in range(4)],
    columns=["province", "sector", "arrondissement × sector", "municipality × sector"],
)


def histories(n=60, *, mean=6.0, seed=1):
    rng = np.random.default_rng(seed)
    period = pd.period_range("2018-01", periods=n, freq="M").astype(str)
    common = np.cumsum(rng.normal(0, 0.05, n))
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "series": [label] * n,
                    "period": period,
                    "value": rng.poisson(mean * (0.1 + k) * np.exp(common)).astype(float),
                }
            )
            for k, label in enumerate(TREE.iloc[:, -1])
        ]
    )


@pytest.fixture(scope="module")
def base():
    return forecast.forecast(histories(), 6, hierarchy=TREE)


def gap(made):
    tree = hierarchy.read(TREE)
    summed = np.einsum("mb,dbh->dmh", tree.summing, made.draws[:, -tree.n_bottom :])
    return np.abs(summed - made.draws).max()


@pytest.mark.parametrize("method", projection.METHODS)
def test_every_draw_adds_up_at_every_level_and_is_not_negative(base, method):
    made = reconcile.reconcile(base, TREE, method, draws=200, rng=np.random.default_rng(2))
    assert made.draws.shape == (200, len(made.series), 6)
    assert gap(made) < 1e-8
    assert made.draws.min() >= 0


@pytest.mark.parametrize("method", projection.METHODS)
def test_points_add_up_and_are_not_negative(base, method):
    made = reconcile.reconcile(base, TREE, method)
    tree = hierarchy.read(TREE)
    assert np.abs(tree.summing @ made.estimate[-tree.n_bottom :] - made.estimate).max() < 1e-8
    assert made.estimate.min() >= 0
    assert set(made.methods["reconciliation"]) == {method}


def test_coherent_forecasts_stay_as_they_are(base):
    once = reconcile.reconcile(base, TREE)
    twice = reconcile.reconcile(once, TREE)
    assert np.allclose(once.estimate, twice.estimate, atol=1e-6)


def test_published_intervals_are_marginal_and_do_not_add_up_while_draws_do(base):
    made = reconcile.reconcile(base, TREE)
    tree = hierarchy.read(TREE)
    _, upper = made.bounds(0.80)
    assert set(made.to_frame()["interval"]) == {"marginal"}
    assert (tree.summing @ upper[-tree.n_bottom :] - upper)[0].min() > 0
    assert gap(made) < 1e-8


def test_the_same_generator_gives_the_same_draws(base):
    one, two = (reconcile.reconcile(base, TREE, draws=20, rng=np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(one.draws, two.draws)


def test_without_a_generator_draws_are_the_runs_of_errors_that_happened(base):
    one, two = (reconcile.reconcile(base, TREE) for _ in range(2))
    assert np.array_equal(one.draws, two.draws)
    assert len(one.draws) > 30


def test_draws_spread_about_as_wide_as_the_native_intervals_of_the_parts(base):
    made = reconcile.reconcile(base, TREE, draws=400, rng=np.random.default_rng(3))
    large = [k for k, label in enumerate(made.series) if isinstance(label, tuple) and label[0] in ("m2", "m3")]
    width = np.quantile(made.draws, 0.9, axis=0) - np.quantile(made.draws, 0.1, axis=0)
    native = forecast.quantile(made.native, 0.9) - forecast.quantile(made.native, 0.1)
    ratio = (width / native)[large].mean()
    assert 0.6 < ratio < 1.2


def test_sums_over_periods_come_from_draws_and_hold_their_point(base):
    made = reconcile.reconcile(base, TREE, draws=400, rng=np.random.default_rng(3))
    year = made.total(6)
    assert ((year["lower"] <= year["estimate"]) & (year["estimate"] <= year["upper"])).all()
    first = made.total(3)["estimate"] + made.total(3, skip=3)["estimate"]
    assert np.allclose(first, year["estimate"])
    with pytest.raises(InputError, match="horizon of 6"):
        made.total(4, skip=4)


def test_minimum_trace_without_errors_says_that_it_fell_back(base):
    table = base.to_frame().drop_duplicates(["series", "period"])
    made = reconcile.reconcile(table[["series", "period", "estimate"]], TREE)
    assert made.methods["reconciliation"].str.startswith("wls_struct").all()
    assert made.draws is None


def test_a_frame_with_its_errors_gives_the_points_of_the_forecast(base):
    table = base.to_frame().drop_duplicates(["series", "period"])[["series", "period", "estimate"]]
    errors = pd.DataFrame(dict(enumerate(base.errors.T)))
    errors.columns = pd.Index(list(base.series), tupleize_cols=False)
    ours, given = reconcile.reconcile(base, TREE), reconcile.reconcile(table, TREE, errors=errors)
    assert np.allclose(ours.estimate, given.estimate)


def test_a_node_without_a_forecast_and_an_unknown_method_are_refused(base):
    with pytest.raises(InputError, match="got none for m"):
        reconcile.reconcile(base, TREE.assign(**{TREE.columns[-1]: [f"m{k}x" for k in range(8)]}))
    with pytest.raises(InputError, match="base: series: unknown value"):
        reconcile.reconcile(base, TREE.drop(columns="sector"))
    with pytest.raises(InputError, match="method: unknown value"):
        reconcile.reconcile(base, TREE, "mint")


def test_the_non_negative_programme_has_the_optimum_of_a_general_solver():
    rng = np.random.default_rng(7)
    for _ in range(20):
        factor = rng.normal(size=(6, 9))
        covariance = factor @ factor.T / 9
        start = rng.normal(0.3, 1.0, (6, 1))
        found = projection.non_negative(start, covariance)[:, 0]
        half = np.linalg.cholesky(np.linalg.inv(covariance)).T
        expected, _ = optimize.nnls(half, half @ start[:, 0])
        assert np.allclose(found, expected, atol=1e-6)


def test_correlations_are_shrunk_more_when_there_is_less_to_go_by():
    rng = np.random.default_rng(9)
    common = rng.normal(size=(500, 1))
    errors = common + rng.normal(size=(500, 6))
    _, little = projection.shrunk_covariance(errors[:12])
    covariance, much = projection.shrunk_covariance(errors)
    assert 0 < much < little <= 1
    assert np.allclose(np.diag(covariance), errors.var(axis=0, ddof=1))


def test_the_region_looks_up_its_own_part(base):
    made = reconcile.reconcile(base, TREE)
    part = made.select([("m1", "zorg"), "p"])
    assert part.draws.shape[1] == 2
    assert np.array_equal(part.estimate[1], made.estimate[made.series.index("p")])
