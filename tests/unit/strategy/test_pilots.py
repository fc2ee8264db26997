"""Pilot areas: what a set is, what it must have, and that the lot is fair."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.strategy import areas, pilots

# Two rows of six municipalities; three arrondissements of two columns each.
UNITS = pd.DataFrame(
    {
        "refnis": range(12),
        "arrondissement": [11, 11, 12, 12, 13, 13] * 2,
        "persons": [100, 50, 80, 120, 60, 90, 40, 70, 110, 30, 100, 50],
        "score": [0.30, 0.10, 0.22, 0.05, 0.18, 0.27, 0.12, 0.26, 0.08, 0.24, 0.20, 0.11],
        "cost": [5, 3, 4, 6, 3, 4, 2, 4, 5, 2, 5, 3],
    }
)
ADJACENCY = pd.DataFrame(
    [(i, i + 1) for i in (0, 1, 2, 3, 4, 6, 7, 8, 9, 10)] + [(i, i + 6) for i in range(6)],
    columns=["refnis_a", "refnis_b"],
)


@pytest.fixture(scope="module")
def candidates():
    return pilots.connected_areas(UNITS, ADJACENCY, largest=2, sums=("cost",))


def borders(a, b):
    """Whether two sets of municipalities touch or overlap."""
    ties = set(map(tuple, ADJACENCY.to_numpy()))
    return bool(set(a) & set(b)) or any((x, y) in ties or (y, x) in ties for x in a for y in b)


def test_connected_areas_are_all_connected_sets_and_nothing_else(candidates):
    near = areas.neighbours(UNITS.set_index("refnis"), ADJACENCY)
    home = UNITS.set_index("refnis")["arrondissement"]
    expected = {
        members
        for size in (1, 2)
        for members in combinations(range(12), size)
        if areas.is_connected(members, near) and len(set(home[list(members)])) == 1
    }
    assert {tuple(sorted(members)) for members in candidates["members"]} == expected
    assert candidates["area"].is_unique


def test_an_area_adds_up_persons_and_averages_need_over_them(candidates):
    row = candidates[candidates["members"] == (0, 6)].iloc[0]
    assert row["persons"] == 140
    assert row["cost"] == 7
    assert row["score"] == pytest.approx((100 * 0.30 + 40 * 0.12) / 140)


def test_the_best_set_and_the_nearly_best_are_those_of_trying_everything(candidates):
    found = pilots.choose(candidates, ADJACENCY, tolerance=0.15)
    rows = list(candidates.itertuples(index=False))
    every = [
        (sum(one.score for one in trio), {one.area for one in trio})
        for trio in combinations(rows, 3)
        if {one.arrondissement for one in trio} == {11, 12, 13}
        and not any(borders(a.members, b.members) for a, b in combinations(trio, 2))
    ]
    best = max(value for value, _ in every)
    near = sorted((value for value, _ in every if value >= 0.85 * best - 1e-9), reverse=True)
    assert found.proven
    assert found.complete
    assert found.gap == 0
    np.testing.assert_allclose(found.sets["score"] * 3, near)
    listed = {frozenset(names) for names in found.sets["areas"]}
    assert listed == {frozenset(names) for value, names in every if value >= 0.85 * best - 1e-9}


def test_a_limit_on_the_number_of_sets_keeps_the_best_and_says_so(candidates):
    every = pilots.choose(candidates, ADJACENCY, tolerance=0.3, most_sets=1000)
    some = pilots.choose(candidates, ADJACENCY, tolerance=0.3, most_sets=4)
    assert every.complete
    assert not some.complete
    assert len(some.sets) == 4
    np.testing.assert_allclose(some.sets["score"], every.sets["score"][:4])


def test_areas_keep_apart_unless_they_may_border(candidates):
    for name in ("apart", "bordering"):
        found = pilots.choose(candidates, ADJACENCY, between=name, tolerance=0.3, most_sets=200)
        by_name = candidates.set_index("area")["members"]
        touching = [
            any(borders(by_name[a], by_name[b]) for a, b in combinations(names, 2)) for names in found.sets["areas"]
        ]
        assert any(touching) == (name == "bordering")
        assert all(len(set(members)) == len(members) for members in found.sets["members"])


def test_an_infeasible_guarantee_is_named_and_the_harmless_ones_are_not(candidates):
    asked = [
        pilots.Guarantee(name="enough people", column="persons", least=420),
        pilots.Guarantee(name="within the money", column="cost", most=12),
        pilots.Guarantee(name="not too many people", column="persons", most=5000),
    ]
    with pytest.raises(InputError, match="cannot be met together") as caught:
        pilots.choose(candidates, ADJACENCY, guarantees=asked)
    assert "enough people" in str(caught.value)
    assert "within the money" in str(caught.value)
    assert "not too many" not in str(caught.value)
    for left in (asked[:1], asked[1:]):
        assert pilots.choose(candidates, ADJACENCY, guarantees=left).proven


def test_three_areas_where_there_is_no_room_for_three_is_refused_by_name(candidates):
    with pytest.raises(InputError, match="3 per arrondissement: 1"):
        pilots.choose(candidates, ADJACENCY, form="three_per_arrondissement")


def test_an_arrondissement_without_candidates_is_named_and_not_left_out(candidates):
    some = candidates[candidates["arrondissement"] != 12].reset_index(drop=True)
    assert pilots.choose(some, ADJACENCY).sets["areas"].str.len().unique().tolist() == [2]
    with pytest.raises(InputError, match=r"cannot be met: 1 per arrondissement: 12$"):
        pilots.choose(some, ADJACENCY, arrondissements=[11, 12, 13])


def test_the_lot_gives_every_listed_set_the_same_chance(candidates):
    found = pilots.choose(candidates, ADJACENCY, tolerance=0.15)
    rng = np.random.default_rng(4)
    drawn = pd.Series([found.draw(rng) for _ in range(6000)]).value_counts()
    assert set(drawn.index) == set(found.sets["areas"])
    expected = 6000 / len(found.sets)
    assert ((drawn - expected) ** 2 / expected).sum() < 2 * len(found.sets) + 20
    assert found.draw(np.random.default_rng(9)) == found.draw(np.random.default_rng(9))


def test_chances_of_the_pilot_and_allocations_follow_from_the_sets(candidates):
    found = pilots.choose(candidates, ADJACENCY, tolerance=0.15)
    who = found.allocations(range(12))
    assert who.shape == (len(found.sets), 12)
    assert found.areas["chance"].sum() == pytest.approx(3)
    with pytest.raises(InputError, match="units: must hold"):
        found.allocations(range(3))


def test_the_frame_has_its_keys_and_bounds_from_draws(candidates):
    rng = np.random.default_rng(5)
    base = candidates["score"].to_numpy()
    draws = pd.DataFrame(base + 0.02 * rng.standard_normal((400, len(base))), columns=candidates["area"])
    frame = pilots.choose(candidates, ADJACENCY, draws=draws).to_frame()
    assert list(frame.columns) == ["set", "area", "quantity", "estimate", "lower", "upper", "n", "unit"]
    assert (frame["lower"] <= frame["estimate"]).all()
    assert (frame["upper"] >= frame["estimate"]).all()
    score = frame[frame["quantity"] == "score"].iloc[0]
    assert score["upper"] - score["lower"] == pytest.approx(2 * 1.96 * 0.02 / np.sqrt(3), rel=0.15)


def test_existing_areas_are_taken_as_they_are_but_not_in_pieces():
    groups = {"west": [0, 6], "mid": [2, 3], "east": [5, 11], "east two": [4, 10]}
    found = areas.grouped_areas(UNITS, ADJACENCY, groups)
    assert dict(zip(found["area"], found["arrondissement"], strict=True)) == {
        "west": 11, "mid": 12, "east": 13, "east two": 13,
    }  # fmt: skip
    with pytest.raises(InputError, match="torn is not connected"):
        areas.grouped_areas(UNITS, ADJACENCY, {"torn": [0, 7]})
    assert len(areas.grouped_areas(UNITS, ADJACENCY, {"torn": [0, 7]}, disconnected="keep")) == 1
    with pytest.raises(InputError, match="known municipalities"):
        areas.grouped_areas(UNITS, ADJACENCY, {"gone": [99]})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"form": "two"}, "form: unknown value"),
        ({"between": "far"}, "between: unknown value"),
        ({"tolerance": 1.0}, "tolerance"),
        ({"most_sets": 0}, "most_sets"),
        ({"guarantees": [pilots.Guarantee(name="x", column="nothing")]}, "column: unknown value"),
        ({"arrondissements": [11, 12]}, "got no 13"),
        ({"draws": pd.DataFrame({"a": [1.0]})}, "draws: needs a column"),
    ],
)
def test_wrong_options_are_refused(candidates, change, says):
    with pytest.raises(InputError, match=says):
        pilots.choose(candidates, ADJACENCY, **change)


@pytest.mark.parametrize(
    ("units", "options", "says"),
    [
        (UNITS.drop(columns="persons"), {}, "got no persons"),
        (UNITS.iloc[:0], {}, "got no rows"),
        (pd.concat([UNITS, UNITS[:1]]), {}, "each municipality once"),
        (UNITS.assign(persons=0), {}, "persons above 0"),
        (UNITS, {"smallest": 3, "largest": 2}, "in order"),
        (UNITS.assign(refnis=UNITS["refnis"].astype(str)), {}, "same type"),
    ],
)
def test_municipalities_that_are_not_whole_are_refused(units, options, says):
    with pytest.raises(InputError, match=says):
        areas.connected_areas(units, ADJACENCY, **options)


def test_too_many_areas_are_refused_before_memory_is(monkeypatch):
    monkeypatch.setattr(areas, "MOST_AREAS", 15)
    with pytest.raises(InputError, match="more than 15 areas"):
        areas.connected_areas(UNITS, ADJACENCY, largest=3)
