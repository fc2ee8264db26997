"""Budget: what is bought, what is refused, and what the next euros add."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.strategy import budget

OPTIONS = pd.DataFrame(
    [
        ("a", 11, "place", 1000.0, 0.50, 4, 200.0),
        ("a", 11, "subsidy", 400.0, 0.15, 3, 0.0),
        ("b", 12, "place", 900.0, 0.30, 3, 500.0),
        ("b", 12, "subsidy", 500.0, 0.20, 2, 0.0),
        ("c", 12, "place", 1500.0, 0.90, 1, 0.0),
    ],
    columns=["region", "arrondissement", "lever", "unit_cost", "lasting", "most", "fixed_cost"],
)


def brute(options, money, least=None):
    """Most lasting places by trying everything."""
    best = -np.inf
    for units in product(*(range(int(most) + 1) for most in options["most"])):
        x = np.array(units)
        cost = (x * options["unit_cost"] + (x > 0) * options["fixed_cost"]).sum()
        gains = x * options["lasting"]
        enough = all(gains[options["arrondissement"] == home].sum() >= k - 1e-9 for home, k in (least or {}).items())
        if cost <= money + 1e-9 and enough:
            best = max(best, gains.sum())
    return best


@pytest.mark.parametrize("money", [0, 400, 1500, 3000, 4500, 20_000])
def test_the_allocation_is_the_best_of_all(money):
    found = budget.allocate(OPTIONS, budget=money + 100, overhead=100)
    assert found.proven
    assert found.gained == pytest.approx(brute(OPTIONS, money))
    assert found.spent <= money + 100 + 1e-9
    assert found.bound == found.gained


def test_a_guarantee_per_arrondissement_is_kept_and_costs_something():
    free = budget.allocate(OPTIONS, budget=3000)
    kept = budget.allocate(OPTIONS, budget=3000, least_per_arrondissement={11: 1.3})
    assert kept.gained == pytest.approx(brute(OPTIONS, 3000, {11: 1.3}))
    assert kept.table.loc[kept.table["arrondissement"] == 11, "gained"].sum() >= 1.3
    assert kept.gained < free.gained


def test_a_guarantee_that_cannot_be_met_is_named_alone():
    with pytest.raises(InputError, match="at least 2 lasting places in arrondissement 12") as caught:
        budget.allocate(OPTIONS, budget=1000, least_per_arrondissement={12: 2.0, 11: 0.1})
    assert "arrondissement 11" not in str(caught.value)


def test_a_budget_below_the_fixed_costs_is_refused():
    with pytest.raises(InputError, match="at least the fixed costs of 5,000 euro, got 4,000"):
        budget.allocate(OPTIONS, budget=4000, overhead=5000)
    kept = OPTIONS.assign(least=[0, 0, 1, 0, 0])
    with pytest.raises(InputError, match="fixed costs of 600 euro"):
        budget.allocate(kept, budget=550, overhead=100)


def test_a_region_that_can_absorb_little_gets_little():
    found = budget.allocate(OPTIONS, budget=20_000, most_per_region={"a": 2})
    assert found.table.loc[found.table["region"] == "a", "units"].sum() == 2


def test_what_does_harm_is_not_bought():
    harmful = OPTIONS.assign(lasting=[-0.1, 0.15, -0.3, 0.2, 0.9])
    found = budget.allocate(harmful, budget=20_000)
    assert found.table["units"].tolist() == [0, 3, 0, 2, 1]


def test_doubt_shows_in_the_bounds_and_not_in_the_choice():
    rng = np.random.default_rng(2)
    draws = pd.DataFrame(OPTIONS["lasting"].to_numpy() * (1 + 0.3 * rng.standard_normal((500, 5))))
    doubtful = budget.allocate(OPTIONS, budget=3000, draws=draws)
    surer = budget.allocate(OPTIONS.assign(lasting=draws.mean().to_numpy()), budget=3000)
    assert doubtful.table["units"].tolist() == surer.table["units"].tolist()
    total = doubtful.to_frame().query("region == 'all' and quantity == 'lasting_places'").iloc[0]
    assert total["lower"] < total["estimate"] < total["upper"]
    sample = draws.to_numpy() @ doubtful.table["units"].to_numpy()
    np.testing.assert_allclose(total[["lower", "upper"]].astype(float), np.quantile(sample, [0.025, 0.975]))
    assert doubtful.to_frame()["n"].unique().tolist() == [500]


def test_the_frontier_never_falls_and_shows_both_money_and_places():
    frame = budget.frontier(OPTIONS, [6000, 500, 1500, 3000], overhead=100).to_frame()
    assert list(frame.columns) == ["budget", "quantity", "estimate", "lower", "upper", "n", "unit"]
    places = frame[frame["quantity"] == "lasting_places"]
    assert places["budget"].tolist() == [500, 1500, 3000, 6000]
    assert places["estimate"].is_monotonic_increasing
    spent = frame[frame["quantity"] == "spent"]
    assert (spent["estimate"] <= spent["budget"]).all()


def test_the_next_euros_add_and_take_nothing_away():
    found = budget.next_euros(OPTIONS, budget=1500, step=1500)
    assert (found.after.table["units"] >= found.before.table["units"]).all()
    assert found.gained == pytest.approx(found.table["gained"].sum())
    assert found.table["cost"].sum() <= found.after.budget - found.before.spent
    assert found.gained_if_free >= found.gained
    assert found.gained_if_free == pytest.approx(brute(OPTIONS, 3000) - brute(OPTIONS, 1500))
    frame = found.to_frame()
    assert list(frame.columns) == ["region", "lever", "quantity", "estimate", "lower", "upper", "n", "unit"]
    assert frame.iloc[0]["estimate"] == found.gained


def test_bounds_of_the_next_euros_come_from_the_draws():
    rng = np.random.default_rng(2)
    draws = pd.DataFrame(OPTIONS["lasting"].to_numpy() * (1 + 0.3 * rng.standard_normal((500, 5))))
    frame = budget.next_euros(OPTIONS, budget=1500, step=1500, draws=draws).to_frame()
    places = frame[frame["quantity"] == "lasting_places"]
    assert (places["lower"] < places["estimate"]).all()
    assert (places["upper"] > places["estimate"]).all()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"options": OPTIONS.drop(columns="most")}, "got no most"),
        ({"options": OPTIONS.iloc[:0]}, "got no rows"),
        ({"options": pd.concat([OPTIONS, OPTIONS[:1]])}, "each region and lever once"),
        ({"options": OPTIONS.assign(unit_cost=-1.0)}, "at least 0"),
        ({"options": OPTIONS.assign(most=1.5)}, "must be whole"),
        ({"options": OPTIONS.assign(least=9)}, "least at most most"),
        ({"budget": np.inf}, "must be known"),
        ({"level": 1.0}, "level: must be in"),
        ({"least_per_arrondissement": {99: 1.0}}, "no option lies in 99"),
        ({"most_per_region": {"z": 1.0}}, "no option lies in z"),
        ({"draws": pd.DataFrame(np.ones((5, 2)))}, "one column per option"),
    ],
)
def test_wrong_input_is_refused(change, says):
    settings = {"options": OPTIONS, "budget": 3000.0} | change
    with pytest.raises(InputError, match=says):
        budget.allocate(settings.pop("options"), **settings)


def test_no_budgets_and_no_step_are_refused():
    with pytest.raises(InputError, match="budgets: at least one"):
        budget.frontier(OPTIONS, [])
    with pytest.raises(InputError, match="step: must be above 0"):
        budget.next_euros(OPTIONS, budget=1000, step=0)


def test_out_of_time_gives_the_gap_and_not_a_claim():
    rng = np.random.default_rng(6)
    n = 400
    hard = pd.DataFrame(
        {
            "region": range(n), "arrondissement": 11, "lever": "place", "most": 30,
            "unit_cost": rng.integers(5000, 20000, n) + 0.37, "fixed_cost": rng.integers(10, 9000, n) + 0.11,
        }
    )  # fmt: skip
    hard["lasting"] = hard["unit_cost"] / 10000 + rng.normal(0, 1e-6, n)
    found = budget.allocate(hard, budget=2_000_000.5, seconds=0.2)
    assert found.bound >= found.gained
    assert found.proven == (found.gap == 0)
    assert found.spent <= 2_000_000.5
