"""Laws of need and gaps: totals hold, order and names do not matter, more places never widen a gap."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from studie.places import gaps, need
from studie.places.fitting import fitted


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 5))
def test_fitted_tables_have_their_totals_and_keep_fixed_cells(seed: int, rows: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    free = rng.random((rows, columns)) < 0.7
    seeds = rng.uniform(0.1, 10, (3, rows, columns))
    truth = np.where(free, rng.uniform(0.1, 10, (3, rows, columns)), seeds)  # a table that can be reached
    result = fitted(seeds, free=free, rows=truth.sum(axis=2), columns=truth.sum(axis=1))
    assert np.allclose(result.sum(axis=2), truth.sum(axis=2), rtol=1e-3, atol=2e-3)
    assert np.allclose(result.sum(axis=1), truth.sum(axis=1), rtol=1e-3, atol=2e-3)
    assert np.array_equal(result[:, ~free], seeds[:, ~free])


@st.composite
def counted(draw):
    places, groups = draw(st.integers(4, 8)), draw(st.integers(3, 4))
    values = draw(st.lists(st.integers(0, 60), min_size=places * groups, max_size=places * groups))
    grid = pd.DataFrame(
        {
            "refnis": np.repeat(np.arange(1, places + 1), groups),
            "target_group": np.tile([f"g{j}" for j in range(groups)], places),
            "step": "5",
            "persons": np.array(values, dtype=float),
        }
    )
    kept = draw(st.lists(st.booleans(), min_size=len(grid), max_size=len(grid)))
    return grid.assign(lower=grid["persons"], upper=grid["persons"], method="counted"), np.array(kept)


@settings(max_examples=40, deadline=None)
@given(counted(), st.integers(0, 10**6))
def test_need_adds_up_to_the_totals_and_does_not_depend_on_the_order_of_rows(problem, seed: int) -> None:
    grid, kept = problem
    totals = grid.groupby("target_group")["persons"].sum().rename_axis("key").reset_index()
    margins = totals.assign(step="5", margin="target_group", lower=totals["persons"], upper=totals["persons"])
    composition = grid[["refnis", "target_group"]].assign(units=1.0)

    def estimated(cells: pd.DataFrame, places: pd.DataFrame) -> need.Need:
        return need.estimate(
            cells, composition=places, margins=margins, rng=np.random.default_rng(seed), prior_misfit=0.3, draws=20
        )

    if not kept.any():
        kept[0] = True
    if kept.all():  # a total over counted cells only: nothing to fit
        kept[-len(set(grid["target_group"])) :] = False
    plain = estimated(grid[kept], composition)
    mixed = estimated(grid[kept].iloc[::-1], composition.sample(frac=1, random_state=seed % 1000))
    pd.testing.assert_frame_equal(plain.table, mixed.table)
    table = plain.table
    assert ((table["lower"] <= table["persons"] + 1e-9) & (table["persons"] <= table["upper"] + 1e-9)).all()
    open_groups = set(table.loc[table["method"] == "estimated", "target_group"])
    sums = plain.draws.T.groupby(level="target_group").sum().T
    wanted = totals.set_index("key")["persons"]
    for group in open_groups:
        assert np.allclose(sums[group], wanted[group], rtol=1e-4, atol=1e-3)


@st.composite
def measured(draw):
    areas, size = draw(st.integers(3, 8)), draw(st.integers(2, 12))
    values = draw(st.lists(st.integers(0, 5), min_size=areas * size, max_size=areas * size))
    table = pd.DataFrame(np.array(values, dtype=float).reshape(size, areas), columns=[f"a{i}" for i in range(areas)])
    return table, draw(st.integers(1, areas - 1))


@settings(max_examples=80, deadline=None)
@given(measured(), st.data())
def test_the_worst_add_up_to_k_follow_their_name_and_rise_with_their_gap(problem, data) -> None:
    table, k = problem
    found = gaps.worst(table, k).probability
    assert np.isclose(found.sum(), k)
    order = data.draw(st.permutations(list(table.columns)))
    assert np.allclose(gaps.worst(table[order], k).probability[table.columns], found)
    who = data.draw(st.sampled_from(list(table.columns)))
    raised = table.assign(**{who: table[who] + data.draw(st.floats(0, 3))})
    assert gaps.worst(raised, k).probability[who] >= found[who] - 1e-12
    assert np.allclose(gaps.worst(-table, k, worse="low").probability, found)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 50))
def test_more_places_never_widen_a_gap_and_units_do_not_matter(seed: int, extra: float) -> None:
    rng = np.random.default_rng(seed)
    persons = pd.DataFrame(rng.gamma(50, 1, (20, 4)), columns=[1, 2, 3, 4])
    offer = pd.DataFrame({"places": rng.uniform(0, 60, 4), "filled_persons": 0.0, "state": "known"}, index=[1, 2, 3, 4])
    before = gaps.volume(persons, offer, vte_per_person=0.8)
    after = gaps.volume(persons, offer.assign(places=offer["places"] + extra), vte_per_person=0.8)
    halved = gaps.volume(persons, offer.assign(places=offer["places"] / 2), vte_per_person=0.4)
    for name in ("gap", "gap share"):
        assert (after.measures[name].draws <= before.measures[name].draws + 1e-9).all(axis=None)
        assert np.allclose(halved.measures[name].draws, before.measures[name].draws)
