"""Laws of demand forecasts: coherent forecasts add up, scores are proper, names do not matter."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from studie.demand import combination, forecast, hierarchy, history, projection, scores, tightness, widths

P = np.array(combination.PROBABILITIES)
SMALL = settings(max_examples=40, deadline=None)
COUNTS = st.integers(0, 400)


@st.composite
def trees(draw):
    """A grouped hierarchy of regions × sectors."""
    regions, sectors = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    rows = [("all", f"s{s}", (f"a{r % 2}", s), (f"m{r}", s)) for r in range(regions) for s in range(sectors)]
    columns = ["total", "sector", "arrondissement × sector", "municipality × sector"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.drop(columns="sector") if sectors == 1 else frame


@SMALL
@given(trees(), st.sampled_from(projection.METHODS), st.integers(0, 2**32 - 1))
def test_whatever_is_projected_adds_up_and_is_not_negative(frame, method, seed):
    rng = np.random.default_rng(seed)
    tree = hierarchy.read(frame)
    errors = rng.normal(size=(20, tree.n_bottom)) @ tree.summing.T + rng.normal(size=(20, len(tree.nodes)))
    mapped = projection.minimum_trace(tree, method=method, errors=errors)
    made = projection.coherent(tree, mapped, rng.normal(1.0, 5.0, (len(tree.nodes), 8)))
    assert np.abs(tree.summing @ made[-tree.n_bottom :] - made).max() < 1e-8
    assert made.min() >= 0


@SMALL
@given(trees(), st.sampled_from(projection.METHODS), st.integers(0, 2**32 - 1))
def test_what_adds_up_already_is_left_alone(frame, method, seed):
    rng = np.random.default_rng(seed)
    tree = hierarchy.read(frame)
    errors = rng.normal(size=(20, len(tree.nodes)))
    mapped = projection.minimum_trace(tree, method=method, errors=errors)
    coherent = tree.summing @ rng.uniform(0, 9, (tree.n_bottom, 3))
    assert np.allclose(projection.coherent(tree, mapped, coherent), coherent, atol=1e-6)


@SMALL
@given(
    arrays.arrays(float, 60, elements=st.floats(-50, 50)),
    st.floats(-20, 20),
    st.sampled_from(list(combination.PROBABILITIES)),
)
def test_no_quantile_scores_better_than_the_empirical_one(outcome, other, probability):
    best = np.quantile(outcome, probability, method="inverted_cdf")
    loss = [scores.pinball(outcome, np.full((60, 1), q), np.array([probability])).mean() for q in (best, other)]
    assert loss[0] <= loss[1] + 1e-9


@SMALL
@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(0, 50), st.floats(0.05, 0.99))
def test_the_interval_score_is_at_least_the_width_and_equals_it_inside(actual, lower, width, level):
    found = scores.interval_score(np.array(actual), np.array(lower), np.array(lower + width), level)
    assert found >= width - 1e-9
    if lower <= actual <= lower + width:
        assert np.isclose(found, width)


@settings(max_examples=25, deadline=None)
@given(st.lists(COUNTS, min_size=1, max_size=40), st.integers(1, 7))
def test_any_history_of_counts_gets_finite_ordered_figures(values, horizon):
    period = pd.period_range("2020Q1", periods=len(values), freq="Q").astype(str)
    rows = pd.DataFrame({"series": "a", "period": period, "value": values})
    table = forecast.forecast(rows, horizon, 4).to_frame()
    figures = table[["estimate", "lower", "upper"]].to_numpy()
    assert np.isfinite(figures).all() and (figures >= 0).all()
    assert ((table["lower"] <= table["estimate"]) & (table["estimate"] <= table["upper"])).all()


@SMALL
@given(st.lists(st.one_of(st.none(), COUNTS), min_size=4, max_size=60).filter(lambda v: any(x is not None for x in v)))
def test_a_repaired_history_has_no_gaps_and_keeps_what_was_seen_last(values):
    period = pd.period_range("2018-01", periods=len(values), freq="M").astype(str)
    rows = pd.DataFrame({"series": "a", "period": period, "value": pd.array(values, dtype="Float64")})
    rows["value"] = rows["value"].astype(float)
    one = history.read(rows, season=12)[0]
    seen = [x for x in values if x is not None]
    assert np.isfinite(one.values).all() and (one.values >= 0).all()
    assert one.values[-1] == seen[-1]


@SMALL
@given(st.lists(st.floats(0, 5), min_size=10, max_size=50), st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_conformal_quantiles_grow_with_their_level_and_are_seen_values(values, one, other):
    weights = np.ones(len(values))
    low, high = (widths.weighted_quantile(np.array(values), weights, p) for p in sorted((one, other)))
    assert low <= high and {low, high} <= set(values)


@SMALL
@given(st.floats(0.01, 100), st.floats(0.01, 100))
def test_more_vacancies_never_make_the_market_slacker(first, second):
    classes = pd.DataFrame(
        {
            "class_nl": ["ruim", "evenwicht", "krap"],
            "vacancies_per_jobseeker_from": [0.0, 0.67, 1.5],
            "vacancies_per_jobseeker_to": [0.67, 1.5, None],
        }
    )
    period = pd.period_range("2024-01", periods=12, freq="M").astype(str)
    found = []
    for vacancies in sorted((first, second)):
        rows = pd.DataFrame({"region": "p", "period": period, "jobseekers": 10.0, "vacancies": vacancies})
        found.append(tightness.tightness(rows, classes, keys=["region"]).table.iloc[0])
    slack, tight = found
    assert tight["jobseekers_per_vacancy"] <= slack["jobseekers_per_vacancy"]
    order = ["ruim", "evenwicht", "krap"]
    assert order.index(slack["class_nl"]) <= order.index(tight["class_nl"])
