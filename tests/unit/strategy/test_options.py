"""What can be bought: lots and places with their limits, priors by name, and guarantees that can always be met."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studie.errors import InputError, InsufficientDataError
from studie.strategy import budget, options, yields
from studie.strategy.options import Instrument
from studie.strategy.priors import Prior

AREAS = ["a", "b"]
SEEDS = np.random.SeedSequence(5)
SHORTAGE = pd.Series({"a": 40.0, "b": 12.5})


def belief(name, centre=0.6, half=0.3):
    return Prior(
        name=name, distribution="normal", centre=centre, lower=centre - half, upper=centre + half, interval_level=0.9
    )


SUBSIDY = Instrument(name="subsidy", cost=10_000.0, lot=10_000.0, ceiling=100_000.0, net=belief("subsidy net"))
LOAN = Instrument(
    name="loan", cost=np.linspace(500, 1500, 400), lot=10_000.0, ceiling=50_000.0, net=belief("loan net"),
    kept=belief("loan kept"),
)  # fmt: skip
PLACE = Instrument(name="place", cost=60_000.0, net=belief("place net"))


@pytest.fixture(scope="module")
def yielded():
    """One place per 20,000 euro of subsidy in a, per 40,000 in b, three quarters kept; one job per 20,000 lent in a."""
    rows = [
        ("subsidy", "a", year, 80_000.0, 4.0, 3.0) for year in (2020, 2020, 2020, 2021) for _ in range(5)
    ] + [("subsidy", "b", 2020, 80_000.0, 2.0, 1.5) for _ in range(20)] + [
        ("loan", "a", year, 40_000.0, 2.0, np.nan) for year in (2020, 2021) for _ in range(10)
    ]  # fmt: skip
    grants = pd.DataFrame(rows, columns=["lever", "area", "year", "euro", "places", "kept"])
    return yields.yields(grants, areas=AREAS, seeds=SEEDS, draws=400)


@pytest.fixture(scope="module")
def found(yielded):
    return options.options(yielded, [SUBSIDY, LOAN, PLACE], shortage=SHORTAGE, seeds=SEEDS)


def test_a_lot_gives_its_euro_times_the_yield_and_the_net_share(yielded, found):
    for place, row in found.table[found.table["lever"] == "subsidy"].iterrows():
        expected = 10_000 * yielded.lasting["subsidy"][row["region"]].mean() * 0.6
        assert row["lasting"] == pytest.approx(expected, rel=0.02)
        assert found.draws.iloc[:, place].mean() == pytest.approx(row["lasting"])
    first = found.table[(found.table["lever"] == "subsidy") & (found.table["region"] == "a")].iloc[0]
    assert first["lasting"] == pytest.approx(10_000 / 20_000 * 0.75 * 0.6, rel=0.1)


def test_a_funded_place_gives_its_net_share_everywhere(found):
    rows = found.table[found.table["lever"] == "place"]
    assert rows["lasting"].iloc[0] == rows["lasting"].iloc[1]
    assert rows["lasting"].iloc[0] == pytest.approx(0.6, abs=0.01)
    assert rows["most"].tolist() == [40, 12]


def test_a_loan_is_charged_what_it_costs_and_not_what_is_lent(found):
    rows = found.table[found.table["lever"] == "loan"]
    assert rows["unit_cost"].tolist() == [1000.0, 1000.0]
    expected = 10_000 / 20_000 * 0.6 * 0.6
    assert rows["lasting"].iloc[0] == pytest.approx(expected, rel=0.15)


def test_no_more_is_bought_than_the_busiest_year_or_the_shortage_can_use(yielded, found):
    table = found.table.set_index(["region", "lever"])["most"]
    assert table["a", "subsidy"] == min(15 * 10, int(40 / (10_000 * yielded.created["subsidy"]["a"].mean())))
    assert table["b", "loan"] == 5  # no loan yet: one of 50,000 euro in lots of 10,000
    nothing = options.options(yielded, [SUBSIDY, PLACE], shortage=pd.Series({"a": -3.0, "b": 0.0}), seeds=SEEDS)
    assert nothing.table["most"].tolist() == [0] * 4


def test_an_area_of_unknown_shortage_is_no_option(yielded):
    found = options.options(yielded, [PLACE], shortage=pd.Series({"a": 5.0, "b": np.nan}), seeds=SEEDS)
    assert found.table["region"].tolist() == ["a"]
    with pytest.raises(InsufficientDataError, match="no shortage is known"):
        options.options(yielded, [PLACE], shortage=pd.Series({"a": np.nan}), seeds=SEEDS)


def test_priors_are_named_by_what_was_bought(found):
    assert found.hangs_on == ("subsidy net", "loan net", "loan kept", "loan cost", "place net")
    cheap = found.allocate(budget=4_000)
    assert found.behind(cheap) == ("loan net", "loan kept", "loan cost")
    assert found.behind(found.frontier([4_000, 3_000_000])) == found.hangs_on
    assert found.behind(found.next_euros(budget=60_000, step=20_000)) == ("subsidy net",)
    assert found.allocate(budget=0.0).gained == 0
    assert found.behind(found.allocate(budget=0.0)) == ()


def test_what_the_register_does_not_hold_is_named_and_left_out(yielded):
    bond = Instrument(name="bond", cost=1.0, lot=1.0, net=belief("bond net"))
    found = options.options(yielded, [bond, PLACE], shortage=SHORTAGE, seeds=SEEDS)
    assert found.absent == ("bond",)
    assert set(found.table["lever"]) == {"place"}
    with pytest.raises(InsufficientDataError, match="nothing can be bought"):
        options.options(yielded, [bond], shortage=SHORTAGE, seeds=SEEDS)


def test_an_instrument_does_not_move_the_draws_of_another(yielded, found):
    alone = options.options(yielded, [PLACE], shortage=SHORTAGE, seeds=SEEDS)
    np.testing.assert_array_equal(alone.draws.to_numpy(), found.draws.to_numpy()[:, -2:])


def test_the_price_of_a_lasting_place_carries_every_doubt(found):
    frame = found.to_frame().set_index(["region", "lever"])
    assert list(found.to_frame().columns) == ["region", "lever", "quantity", "estimate", "lower", "upper", "n", "unit"]
    row = frame.loc[("a", "subsidy")]
    assert row["lower"] < row["estimate"] < row["upper"]
    assert row["estimate"] == pytest.approx(10_000 / found.draws.iloc[:, 0].mean())
    hopeless = Instrument(name="place", cost=1.0, net=belief("none", centre=0.1, half=0.4))
    yielded_nothing = options.options(
        yields.yields(pd.DataFrame([("s", "a", 2020, 1.0, 1.0, 1.0)], columns=list(yields.COLUMNS)), areas=["a"],
                      seeds=SEEDS), [hopeless], shortage=pd.Series({"a": 1.0}), seeds=SEEDS,
    )  # fmt: skip
    assert np.isinf(yielded_nothing.to_frame()["upper"].iloc[0])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 500_000), st.floats(0, 1), st.floats(0, 1))
def test_guarantees_can_always_be_met(found, amount, part, share):
    least = options.guarantees(found, amount=amount, shares={"a": share, "b": 1 - share}, part=part)
    kept = found.allocate(budget=amount, least_per_arrondissement=least)
    gained = kept.table.groupby("arrondissement")["gained"].sum()
    assert all(gained[home] >= least[home] - 1e-6 for home in least)
    assert kept.spent <= amount + 0.01
    assert kept.gained <= budget.allocate(found.table, budget=amount, draws=found.draws).gained + 1e-9


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"instruments": []}, "at least one"),
        ({"instruments": [Instrument(name="subsidy", cost=1.0, lot=0.0, net=belief("x"))]}, "lot: must be above 0"),
        ({"instruments": [Instrument(name="loan", cost=1.0, lot=1.0, net=belief("x"))]}, "kept: nobody followed"),
    ],
)
def test_wrong_instruments_are_refused(yielded, change, says):
    with pytest.raises(InputError, match=says):
        options.options(yielded, change["instruments"], shortage=SHORTAGE, seeds=SEEDS)


@pytest.mark.parametrize(("shares", "part"), [({"a": 0.6, "b": 0.6}, 0.5), ({"a": -0.1}, 0.5), ({"a": 0.5}, 1.5)])
def test_guarantees_out_of_range_are_refused(found, shares, part):
    with pytest.raises(InputError, match="part, shares"):
        options.guarantees(found, amount=1000.0, shares=shares, part=part)
