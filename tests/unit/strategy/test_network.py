"""Partner network: centrality, weak points, what is not known, and what each form of governance would change."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError, InsufficientDataError
from studie.strategy import governance, network

TIES = pd.DataFrame(
    [
        ("hub", "a", "overleg", 2.0, True),
        ("hub", "b", "overleg", 1.0, True),
        ("a", "b", "data", 1.0, False),
        ("hub", "c", "lening", 1.0, True),
        ("c", "d", "opdracht", 1.0, True),
        ("hub", "a", "data", 3.0, False),
    ],
    columns=["from_actor", "to_actor", "kind", "weight", "confirmed"],
)


def values(result):
    """Estimates by quantity."""
    return result.to_frame().set_index("quantity")["estimate"]


def test_ties_of_one_pair_make_one_with_their_kinds_together():
    found = network.graph(TIES)
    assert found.number_of_edges() == 5
    assert found["hub"]["a"] == {"kinds": ("data", "overleg"), "weight": 5.0}


def test_dropping_unconfirmed_ties_keeps_their_actors():
    found = network.graph(TIES, actors=["alone"], keep="confirmed")
    assert set(found) == {"hub", "a", "b", "c", "d", "alone"}
    assert not found.has_edge("a", "b")
    assert found["hub"]["a"]["kinds"] == ("overleg",)


def test_measures_of_a_small_network_can_be_counted_by_hand():
    found = network.measure(TIES, boundary="all five", asked=["hub", "a"])
    seen = values(found)
    assert seen["actors"] == 5
    assert seen["ties"] == 5
    assert seen["density"] == 0.5
    assert seen["components"] == 1
    assert seen["redundancy"] == pytest.approx(0.3)  # the triangle hub, a, b: 3 of 10 pairs
    assert found.critical.to_numpy().tolist() == [["hub", 2], ["c", 1]]
    assert found.bridges.to_numpy().tolist() == [["c", "hub", 2], ["c", "d", 1]]
    assert found.unseen_pairs == 3  # b, c, d were not asked
    assert found.largest_density == pytest.approx(0.7)  # b-c and b-d could be there too


def test_bounds_are_the_network_with_and_without_unconfirmed_ties():
    frame = network.measure(TIES, boundary="all five").to_frame().set_index("quantity")
    assert list(frame.columns) == ["estimate", "lower", "upper", "n", "unit"]
    assert frame.loc["density", ["lower", "upper"]].tolist() == [0.4, 0.5]
    assert frame.loc["redundancy", "lower"] == 0
    assert (frame["lower"] <= frame["estimate"]).all()
    assert (frame["upper"] >= frame["estimate"]).all()


@pytest.mark.parametrize("kind", ["degree", "betweenness"])
@pytest.mark.parametrize("n", [4, 9])
def test_a_star_is_wholly_centred_and_a_ring_not_at_all(kind, n):
    assert network.centralisation(nx.star_graph(n - 1), kind=kind) == pytest.approx(1.0)
    assert network.centralisation(nx.cycle_graph(n), kind=kind) == pytest.approx(0.0)


@pytest.mark.parametrize(("kind", "published"), [("degree", 0.3996), ("betweenness", 0.4056)])
def test_the_karate_club_has_its_published_centralisation(kind, published):
    assert network.centralisation(nx.karate_club_graph(), kind=kind) == pytest.approx(published, abs=5e-5)


def test_shared_governance_ties_everybody_and_a_hub_only_itself():
    found = governance.compare(TIES, lead="hub", administrator="platform")
    table = found.table.pivot_table(index="quantity", columns="form", values="estimate")
    assert table.loc["density", "shared"] == 1
    assert table.loc["degree_centralisation", "shared"] == 0
    assert table.loc["new_ties", ["shared", "lead_organisation", "administrative_organisation"]].tolist() == [5, 1, 5]
    assert table.loc["actors", "administrative_organisation"] == 6
    assert table.loc["ties", "today"] == 5
    assert found.critical["shared"].empty
    assert found.hub["administrative_organisation"] == "platform"
    before = found.table[(found.table["form"] == "shared") & (found.table["quantity"] == "density")]
    assert before["before"].tolist() == [0.5]
    assert list(found.to_frame().columns) == ["form", "quantity", "estimate", "lower", "upper", "n", "unit"]


def test_only_members_take_part():
    found = governance.compare(TIES, lead="a", administrator="platform", members=["a", "b", "d"])
    table = found.table.pivot_table(index="quantity", columns="form", values="estimate")
    assert table.loc["new_ties", ["shared", "lead_organisation", "administrative_organisation"]].tolist() == [2, 1, 3]


def test_contingencies_are_words_for_each_form_and_criterion():
    table = governance.contingencies()
    assert len(table) == 12
    assert table["fits"].str.len().min() > 2
    assert not table["fits"].str.contains(r"\d").any()
    assert set(table["form"]) == set(governance.FORMS)


@pytest.mark.parametrize(
    ("ties", "says"),
    [
        (TIES.drop(columns="kind"), "got no kind"),
        (TIES.assign(kind=None), "must be known"),
        (TIES.assign(to_actor="hub"), "no tie with itself"),
    ],
)
def test_ties_that_are_not_whole_are_refused(ties, says):
    with pytest.raises(InputError, match=says):
        network.graph(ties)


def test_wrong_options_are_refused():
    for options, says in (
        ({"boundary": ""}, "boundary"),
        ({"boundary": "x", "level": 2.0}, "level"),
        ({"boundary": "x", "asked": ["nobody"]}, "asked: must be inside"),
    ):
        with pytest.raises(InputError, match=says):
            network.measure(TIES, **options)
    with pytest.raises(InputError, match="keep: unknown value"):
        network.graph(TIES, keep="some")
    with pytest.raises(InputError, match="kind: unknown value"):
        network.centralisation(nx.star_graph(3), kind="closeness")
    with pytest.raises(InputError, match="undirected"):
        network.centralisation(nx.DiGraph([(0, 1), (1, 2)]), kind="degree")
    with pytest.raises(InsufficientDataError, match="needs 3 actors"):
        network.measure(TIES.iloc[:1], boundary="two")
    with pytest.raises(InsufficientDataError, match="needs 3 actors"):
        network.centralisation(nx.path_graph(2), kind="degree")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"lead": "d", "members": ["a", "b"]}, "lead: must be a member"),
        ({"administrator": "a"}, "administrator: must be new"),
        ({"members": ["hub", "zed"]}, "members: unknown value"),
        ({"level": 0.0}, "level"),
    ],
)
def test_forms_that_cannot_be_are_refused(change, says):
    with pytest.raises(InputError, match=says):
        governance.compare(TIES, **({"lead": "hub", "administrator": "platform"} | change))


def test_a_form_with_a_hub_needs_one():
    with pytest.raises(InputError, match="needs an actor in the middle"):
        governance.under(nx.star_graph(3), "lead_organisation", members=[0, 1, 2])
    with pytest.raises(InputError, match="form: unknown value"):
        governance.under(nx.star_graph(3), "council", members=[0, 1, 2])


def test_cut_off_counts_who_loses_the_largest_part_in_an_own_component():
    two = nx.union(nx.path_graph(5), nx.relabel_nodes(nx.path_graph(3), {0: 10, 1: 11, 2: 12}))
    found = network.critical_actors(two)
    assert found.set_index("actor")["cut_off"].to_dict() == {2: 2, 1: 1, 3: 1, 11: 1}
    assert np.isclose(network.redundancy(two), 0)
