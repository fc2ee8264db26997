"""Laws of choosing: exact against trying everything, and orders that no newcomer reverses."""

from itertools import combinations, product

import networkx as nx
import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from studie.errors import InputError
from studie.strategy import budget, designs, evaluation, network, pilots, priorities

SMALL = settings(max_examples=40, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)


@SMALL
@given(SEEDS, st.integers(3, 9), st.integers(1, 3))
def test_p_median_and_coverage_equal_trying_every_choice(seed, n, p):
    rng = np.random.default_rng(seed)
    d = rng.integers(0, 20, size=(n, n)).astype(float)
    w = rng.integers(0, 5, size=n).astype(float)
    every = [list(sites) for sites in combinations(range(n), min(p, n))]
    median = budget.p_median(d, min(p, n), weights=w)
    assert median.proven
    assert np.isclose(median.objective, min((w * d[:, sites].min(axis=1)).sum() for sites in every))
    covered = budget.maximal_coverage(d, min(p, n), radius=8, weights=w)
    assert np.isclose(covered.objective, max(w[(d[:, sites] <= 8).any(axis=1)].sum() for sites in every))


@SMALL
@given(SEEDS, st.integers(1, 4), st.booleans())
def test_a_budget_equals_trying_every_allocation(seed, n, guaranteed):
    rng = np.random.default_rng(seed)
    options = pd.DataFrame(
        {
            "region": [f"r{i}" for i in range(n)],
            "arrondissement": rng.integers(0, 2, n),
            "lever": "place",
            "unit_cost": rng.integers(0, 50, n).astype(float),
            "lasting": rng.normal(0.3, 0.4, n).round(2),
            "most": rng.integers(0, 4, n),
            "fixed_cost": rng.integers(0, 2, n) * rng.integers(0, 40, n).astype(float),
        }
    )
    money, least = float(rng.integers(0, 250)), float(rng.uniform(0, 0.8))
    home = int(options["arrondissement"].iloc[0])
    best = -np.inf
    for units in product(*(range(most + 1) for most in options["most"])):
        x = np.array(units)
        gains = x * options["lasting"]
        enough = not guaranteed or gains[options["arrondissement"] == home].sum() >= least
        if enough and (x * options["unit_cost"] + (x > 0) * options["fixed_cost"]).sum() <= money:
            best = max(best, gains.sum())
    asked = {home: least} if guaranteed else None
    try:
        found = budget.allocate(options, budget=money, least_per_arrondissement=asked)
    except InputError as error:
        assert "lasting places in arrondissement" in str(error)
        assert best == -np.inf
    else:
        assert found.proven
        assert np.isclose(found.gained, best)
        assert found.spent <= money + 1e-6


@SMALL
@given(SEEDS, st.sampled_from(["apart", "bordering"]), st.floats(0, 0.4))
def test_pilot_sets_equal_trying_every_set_in_order(seed, between, tolerance):
    rng = np.random.default_rng(seed)
    n = 8
    units = pd.DataFrame(
        {
            "refnis": range(n), "arrondissement": np.arange(n) % 2, "score": rng.random(n).round(3),
            "persons": rng.integers(1, 50, n),
        }
    )  # fmt: skip
    ties = [pair for pair in combinations(range(n), 2) if rng.random() < 0.3]
    assume(ties)
    adjacency = pd.DataFrame(ties, columns=["refnis_a", "refnis_b"])
    candidates = pilots.connected_areas(units, adjacency, largest=2)
    by = {row.area: row for row in candidates.itertuples(index=False)}

    def clash(a, b):
        """Whether two areas overlap, or touch where they may not."""
        touch = any((min(x, y), max(x, y)) in ties for x in a for y in b)
        return bool(set(a) & set(b)) or (touch and between == "apart")

    least = float(rng.integers(0, 80))
    every = [
        (one.score + two.score, frozenset((one.area, two.area)))
        for one, two in combinations(by.values(), 2)
        if one.arrondissement != two.arrondissement
        and not clash(one.members, two.members)
        and one.persons + two.persons >= least
    ]
    guarantee = pilots.Guarantee(name="enough people", column="persons", least=least)
    settings_ = {"between": between, "tolerance": tolerance, "most_sets": 500, "guarantees": [guarantee]}
    if not every:
        try:
            pilots.choose(candidates, adjacency, **settings_)
        except InputError as error:
            assert "guarantees: cannot be met" in str(error)
        else:
            raise AssertionError("a set was found where there is none")
        return
    found = pilots.choose(candidates, adjacency, **settings_)
    best = max(value for value, _ in every)
    assert found.proven
    assert found.complete
    listed = [frozenset(names) for names in found.sets["areas"]]
    edge = (1 - tolerance) * best
    assert {names for value, names in every if value >= edge + 1e-5} <= set(listed)
    assert set(listed) <= {names for value, names in every if value >= edge - 1e-5}
    assert len(set(listed)) == len(listed)
    assert found.sets["score"].is_monotonic_decreasing


@SMALL
@given(SEEDS, st.integers(2, 6), st.integers(2, 4))
def test_a_new_alternative_reverses_no_order_between_others(seed, n, criteria):
    rng = np.random.default_rng(seed)
    ruler = tuple(
        priorities.Criterion(name=f"c{i}", unit="1", points=((0, 0), (0.4, 0.7), (1, 1)), because="test")
        for i in range(criteria)
    )
    low = rng.random((n + 1, criteria)) * 0.8
    rows = pd.DataFrame(
        [
            (f"a{i}", f"c{j}", low[i, j], low[i, j] + 0.2)
            for i in range(n + 1)
            for j in range(criteria)
        ],
        columns=["alternative", "criterion", "lower", "upper"],
    )  # fmt: skip
    seeds = np.random.SeedSequence(seed)
    old = priorities.score(rows[rows["alternative"] != f"a{n}"], ruler, seeds=seeds, simulations=100)
    new = priorities.score(rows.sample(frac=1, random_state=1), ruler, seeds=seeds, simulations=100)
    before = old.value.set_index("alternative")
    after = new.value.set_index("alternative").loc[before.index]
    pd.testing.assert_frame_equal(before, after)
    # who came first is still ahead of the others wherever the newcomer is not first
    assert (new.ranks.loc[old.ranks.index, 1] <= old.ranks[1] + 1e-12).all()
    np.testing.assert_allclose(new.ranks.sum(axis=0), 1)
    np.testing.assert_allclose(new.ranks.sum(axis=1), 1)


@SMALL
@given(SEEDS, st.integers(3, 12), st.floats(0.05, 0.9))
def test_centralisation_is_a_share_and_weak_points_are_those_whose_loss_parts_others(seed, n, density):
    graph = nx.gnp_random_graph(n, density, seed=seed)
    for kind in ("degree", "betweenness"):
        assert -1e-12 <= network.centralisation(graph, kind=kind) <= 1 + 1e-12
    parts = nx.number_connected_components(graph)
    critical = set(network.critical_actors(graph)["actor"])
    for actor in graph:
        left = nx.number_connected_components(graph.subgraph(set(graph) - {actor}))
        assert (actor in critical) == (left > parts)
    safe = sum(
        nx.has_path(graph, a, b)
        and all(nx.has_path(graph.subgraph(set(graph) - {c}), a, b) for c in set(graph) - {a, b})
        and all(nx.has_path(nx.restricted_view(graph, [], [tie]), a, b) for tie in graph.edges)
        for a, b in combinations(graph, 2)
    )
    assert np.isclose(network.redundancy(graph), safe / (n * (n - 1) / 2))


@SMALL
@given(SEEDS, st.integers(5, 7), st.integers(1, 3))
def test_p_values_are_uniform_over_the_lot_whatever_the_outcome(seed, units, treated):
    rng = np.random.default_rng(seed)
    who = np.array([np.isin(range(units), list(pick)) for pick in combinations(range(units), treated)])
    design = designs.parallel(who, range(units), before=1, after=1)
    n = rng.integers(5, 40, (units, 2))
    y = rng.binomial(n, rng.random((units, 2)))
    p = np.array(
        [evaluation.randomisation_test(y, n, design, happened=row).p_value for row in range(len(design.treated))]
    )
    for alpha in (0.05, 0.1, 0.2, 0.5):
        assert (p <= alpha).mean() <= alpha + 1e-9
    least = evaluation.randomisation_test(y, n, design, happened=0).smallest_p_value
    assert p.min() >= least - 1e-9
