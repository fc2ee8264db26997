"""The province's own size: 67 municipalities with their borders, and the ties that the action plan names."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from studie.strategy import budget, governance, network, pilots

DATA = Path(__file__).resolve().parents[3] / "data"


@pytest.fixture(scope="module")
def places():
    table = pd.read_csv(DATA / "reference" / "municipality.csv")
    table = table[table["valid_to"].isna()]
    assert len(table) == 67
    rng = np.random.default_rng(3)
    return table.assign(persons=rng.integers(50, 900, len(table)), score=rng.beta(2, 8, len(table)))


@pytest.fixture(scope="module")
def borders():
    return pd.read_csv(DATA / "reference" / "adjacency_2025.csv")


@pytest.mark.parametrize(("form", "count"), [("one_per_arrondissement", 3), ("three_per_arrondissement", 9)])
def test_pilot_areas_of_the_province_are_proven_optimal(places, borders, form, count):
    candidates = pilots.connected_areas(places, borders, smallest=2, largest=3)
    found = pilots.choose(candidates, borders, form=form, tolerance=0.02, most_sets=20)
    assert found.proven
    assert found.gap == 0
    assert (found.sets["areas"].str.len() == count).all()
    home = candidates.set_index("area")["arrondissement"]
    for names in found.sets["areas"]:
        assert home[list(names)].value_counts().tolist() == [count // 3] * 3
    least = found.sets["score"].iloc[0] * 0.98
    assert (found.sets["score"] >= least - 1e-9).all()


@pytest.mark.parametrize("money", [500_000.0, 2_000_000.0, 10_000_000.0])
def test_a_budget_over_67_municipalities_and_five_levers_is_proven_optimal(places, money):
    rng = np.random.default_rng(1)
    kinds = {"place": (17_450, 20_000, 8), "subsidy": (10_000, 5_000, 10), "loan": (10_000, 0, 5),
             "carving": (3_000, 8_000, 6), "training": (2_500, 4_000, 10)}  # fmt: skip
    options = pd.DataFrame(
        [
            (row.refnis, row.arrondissement, lever, cost, rng.beta(2, 6) * cost / 12_000, most, fixed)
            for row in places.itertuples(index=False)
            for lever, (cost, fixed, most) in kinds.items()
        ],
        columns=["region", "arrondissement", "lever", "unit_cost", "lasting", "most", "fixed_cost"],
    )
    least = dict.fromkeys(places["arrondissement"].unique(), 5.0)
    found = budget.allocate(options, budget=money, overhead=50_000, least_per_arrondissement=least)
    assert found.proven
    assert found.gap == 0
    assert found.spent <= money
    assert (found.table.groupby("arrondissement")["gained"].sum() >= 5 - 1e-9).all()


def test_the_network_of_the_action_plan_hangs_on_the_province():
    ties = pd.read_csv(DATA / "observed" / "partner_tie.csv")
    found = network.measure(ties, boundary="actors that the action plan names")
    frame = found.to_frame().set_index("quantity")
    assert frame.loc[["actors", "ties", "components"], "estimate"].tolist() == [19, 25, 2]
    assert found.critical["actor"].tolist() == ["provincie Antwerpen"]
    assert frame.loc["ties", "lower"] == 0  # no partner confirmed a tie yet
    assert found.asked == 0
    assert found.largest_density == 1
    forms = governance.compare(ties, lead="provincie Antwerpen", administrator="provinciaal platform")
    new = forms.table[forms.table["quantity"] == "new_ties"].set_index("form")["estimate"]
    assert new.to_dict() == {"shared": 146, "lead_organisation": 2, "administrative_organisation": 19}
