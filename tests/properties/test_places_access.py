"""Laws of access: places are conserved, names and units do not matter, more places never lower anybody's access."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from studie.places import access

STEPS = {10: 1.0, 20: 0.68, 30: 0.22}


@st.composite
def problems(draw):
    n, m = draw(st.integers(1, 8)), draw(st.integers(1, 6))
    amount = st.one_of(st.just(0.0), st.floats(0.1, 1e4))
    demand = pd.Series(draw(st.lists(amount, min_size=n, max_size=n)), index=[f"o{i}" for i in range(n)])
    supply = pd.Series(draw(st.lists(amount, min_size=m, max_size=m)), index=[f"d{j}" for j in range(m)])
    pairs = [(o, d) for o in demand.index for d in supply.index]
    listed = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=len(pairs)))
    times = draw(st.lists(st.floats(0, 45), min_size=len(listed), max_size=len(listed)))
    rows = [(o, d, t) for (o, d), t in zip(listed, times, strict=True)]
    return demand, supply, pd.DataFrame(rows, columns=["origin", "destination", "minutes"])


@settings(max_examples=80, deadline=None)
@given(problems())
def test_need_times_access_is_the_reachable_supply(problem) -> None:
    demand, supply, cost = problem
    result = access.two_step_floating_catchment(demand, supply, cost, STEPS)
    assert np.isclose((demand * result.access).sum(), result.reachable_supply, rtol=1e-12)
    assert np.isclose(result.reachable_supply + result.unreachable_supply, supply.sum(), rtol=1e-12)
    assert result.table.index.equals(demand.index.rename("origin"))
    assert np.isfinite(result.access).all()


@settings(max_examples=50, deadline=None)
@given(problems(), st.floats(0.01, 100))
def test_scaling_supply_scales_access_and_scaling_both_leaves_it(problem, factor: float) -> None:
    demand, supply, cost = problem
    plain = access.two_step_floating_catchment(demand, supply, cost, STEPS).access
    more = access.two_step_floating_catchment(demand, supply * factor, cost, STEPS).access
    both = access.two_step_floating_catchment(demand * factor, supply * factor, cost, STEPS).access
    assert np.allclose(more, plain * factor, rtol=1e-10)
    assert np.allclose(both, plain, rtol=1e-10)


@settings(max_examples=50, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_relabelling_and_reordering_change_nothing(problem, random) -> None:
    demand, supply, cost = problem
    names = {name: f"z{position}" for position, name in enumerate(random.sample(list(demand.index), len(demand)))}
    mixed = cost.assign(origin=cost["origin"].map(names)).sample(frac=1, random_state=random.randint(0, 10**6))
    plain = access.two_step_floating_catchment(demand, supply, cost, STEPS).access
    other = access.two_step_floating_catchment(demand.rename(names).sort_index(), supply, mixed, STEPS).access
    assert np.allclose(other.loc[[names[o] for o in plain.index]], plain, rtol=1e-12)


@settings(max_examples=50, deadline=None)
@given(problems(), st.floats(0, 1e3), st.data())
def test_more_places_never_lower_anybodys_access(problem, extra: float, data) -> None:
    demand, supply, cost = problem
    where = data.draw(st.sampled_from(list(supply.index)))
    before = access.two_step_floating_catchment(demand, supply, cost, STEPS).access
    raised = supply.copy()
    raised[where] += extra
    after = access.two_step_floating_catchment(demand, raised, cost, STEPS).access
    assert (after >= before * (1 - 1e-12)).all()


@settings(max_examples=40, deadline=None)
@given(problems())
def test_assignment_conserves_persons_and_the_exact_one_is_never_worse(problem) -> None:
    need, capacity, cost = problem
    exact = access.unmet_need(need, capacity, cost, within_minutes=30, method="exact")
    greedy = access.unmet_need(need, capacity, cost, within_minutes=30, method="greedy")
    for result in (exact, greedy):
        placed = need.sum() - result.unmet
        assert np.isclose(placed, capacity.sum() - result.free_places.sum(), rtol=1e-9, atol=1e-6)
        assert (result.table["unmet"] <= need.to_numpy() * (1 + 1e-9) + 1e-6).all()
    assert exact.unmet <= greedy.unmet + 1e-6
