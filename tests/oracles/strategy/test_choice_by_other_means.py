"""Tests by lot and budgets against other implementations: scipy's permutation test, dynamic programming, networkx."""

from itertools import combinations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from studie.strategy import budget, designs, evaluation, optimum


@pytest.mark.parametrize(("ours", "theirs"), [("two-sided", "two-sided"), ("greater", "greater"), ("less", "less")])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_period_after_the_lot_is_the_permutation_test_of_scipy(ours, theirs, seed):
    rng = np.random.default_rng(seed)
    who = np.array([np.isin(range(9), pick) for pick in combinations(range(9), 4)])
    design = designs.parallel(who, range(9), before=0, after=1)
    n = np.full((9, 1), 200.0)
    happened = int(rng.integers(len(design.treated)))
    treated = design.treated[happened, :, 0]
    y = rng.binomial(200, 0.3 + 0.05 * treated)[:, None].astype(float)
    found = evaluation.randomisation_test(y, n, design, happened=happened, alternative=ours)

    def difference(a, b):
        """Of means."""
        return a.mean() - b.mean()

    share = (y / n)[:, 0]
    oracle = stats.permutation_test(
        (share[treated], share[~treated]), difference, alternative="greater", n_resamples=np.inf
    )
    effects = oracle.null_distribution
    expected = {
        "greater": (effects >= oracle.statistic - 1e-9).mean(),
        "less": (effects <= oracle.statistic + 1e-9).mean(),
        "two-sided": (np.abs(effects) >= abs(oracle.statistic) - 1e-9).mean(),  # scipy doubles the smaller tail instead
    }[theirs]
    assert found.effect == pytest.approx(oracle.statistic)
    assert found.p_value == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(5))
def test_a_budget_without_fixed_costs_is_the_knapsack_of_dynamic_programming(seed):
    rng = np.random.default_rng(seed)
    cost, gain, most = rng.integers(5, 60, 30), rng.integers(1, 90, 30) / 100, rng.integers(1, 5, 30)
    money = 700
    best = np.zeros(money + 1)
    for c, g, m in zip(cost, gain, most, strict=True):
        for _ in range(m):
            best[c:] = np.maximum(best[c:], best[:-c] + g)
    options = pd.DataFrame(
        {"region": range(30), "arrondissement": 1, "lever": "place", "unit_cost": cost, "lasting": gain, "most": most,
         "fixed_cost": 0.0}
    )  # fmt: skip
    found = budget.allocate(options, budget=money)
    assert found.proven
    assert found.gained == pytest.approx(best[money])


def test_sites_on_a_grid_equal_the_best_of_all_pairs_of_a_network():
    graph = nx.grid_2d_graph(4, 4)
    d = np.array(nx.floyd_warshall_numpy(graph))
    found = budget.p_median(d, 2)
    assert found.objective == min(d[:, list(pair)].min(axis=1).sum() for pair in combinations(range(16), 2))


def test_a_conflict_holds_no_rule_that_could_be_missed():
    one = np.eye(3)
    rules = [
        optimum.Rule(name="a", rows=one[[0]], lower=1.0),
        optimum.Rule(name="b", rows=one[[1]], lower=1.0),
        optimum.Rule(name="c", rows=one[[2]], lower=1.0),
        optimum.Rule(name="at most one of a and b", rows=one[[0]] + one[[1]], upper=1.0),
    ]
    assert optimum.conflict(rules, 3) == ("a", "b", "at most one of a and b")
