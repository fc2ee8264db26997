"""Levers: what they may claim, what they change, and that nothing else moves with them."""

import numpy as np
import pytest

from studie import config
from studie.errors import InputError
from studie.strategy import after_move, levers
from studie.strategy.levers import Levers

SETTINGS = {
    "effects": [
        {
            "measure": "hazard_ratio", "acts_on": "up", "distribution": "lognormal", "centre": 1.05, "lower": 0.85,
            "upper": 1.3, "interval_level": 0.9,
        }
    ],
    "start_month": 2, "ramp_months": 4, "coverage": 0.5, "because": "een reden", "source": "een bron",
}  # fmt: skip


def settings(effect=None, **changed):
    return {**SETTINGS, "effects": [{**SETTINGS["effects"][0], **(effect or {})}], **changed}


PLACES = settings(
    {"measure": "net_share", "acts_on": "5", "distribution": "normal", "centre": 0.6, "lower": -0.1, "upper": 1.1},
    amount=30,
    unit="persons",
    coverage=1.0,
)
SEEDS = np.random.SeedSequence(7)


def at_work(made, situation, **values):
    drawn = levers.draw([made], situation.draws, seeds=SEEDS).assign(**values)
    return Levers([made], drawn, situation)


def test_every_lever_of_the_configuration_is_in_order():
    found = {name: levers.lever(name, one.model_dump()) for name, one in config.read_config().levers.items()}
    assert {"ondersteuningsnetwerk", "extra_plaatsen", "functiecreatie", "opleiding", "platform"} <= set(found)
    network = found["ondersteuningsnetwerk"].effects
    assert [(e.acts_on, e.prior.centre, e.prior.lower, e.prior.upper) for e in network] == [
        ("up", 1.05, 0.85, 1.3), ("down", 0.95, 0.75, 1.2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"amount": 10}, "an amount needs a unit"),
        ({"unit": "places"}, "an amount needs a unit"),
        ({"coverage": 0}, "greater than 0"),
        ({"dekking": 1}, "Extra inputs are not permitted"),
        ({"effects": []}, "at least 1 item"),
    ],
)
def test_the_configuration_refuses_a_lever_out_of_order(changed, says):
    good = config.read_config().levers["ondersteuningsnetwerk"].model_dump()
    with pytest.raises(ValueError, match=says):
        config.LeverSettings.model_validate({**good, **changed})
    effect = {**good["effects"][0], "centre": 2.0}
    with pytest.raises(ValueError, match="the interval must hold its centre"):
        config.LeverSettings.model_validate({**good, "effects": [effect]})


def test_an_effect_of_intensive_support_is_no_prior_for_a_light_network():
    ips = {"centre": 1.63, "lower": 1.46, "upper": 1.82, "interval_level": 0.95}
    with pytest.raises(InputError, match="netwerk: a prior must be able to harm"):
        levers.lever("netwerk", settings(ips))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (settings({"centre": 2.0}), "the interval must hold its centre"),
        (settings({"measure": "odds_ratio"}), "unknown value 'odds_ratio'"),
        (settings(amount=30), "unit: places need a unit"),
        (settings(amount=30, unit="vte"), "persons_per_vte: a factor is needed"),
        (settings(amount=30, unit="plekken"), "unknown value 'plekken'"),
        ({**PLACES, "amount": None}, "a net share needs a gross number of places"),
        (settings(coverage=0.0), r"coverage: must be in \(0, 1\]"),
        (settings(coverage=1.5), r"coverage: must be in \(0, 1\]"),
        (settings(because=""), "needs an effect, a reason"),
        (settings(effects=[]), "needs an effect, a reason"),
        (settings(cost={"value": -1, "unit": "euro/year", "status": "stated"}), "cost: must be at least 0"),
        (settings(cost={"value": 1, "unit": "euro", "status": "stated"}), "unknown value 'euro'"),
        (settings(cost={"value": 1, "unit": "euro/year", "status": "geraamd"}), "unknown value 'geraamd'"),
        (settings(start_month=-1), "start_month, ramp_months and amount must be at least 0"),
    ],
)
def test_a_lever_out_of_order_is_refused_by_name(given, says):
    with pytest.raises(InputError, match=says):
        levers.lever("netwerk", given)


@pytest.mark.parametrize(
    ("effect", "says"),
    [
        ({"acts_on": [("6", "1")]}, "acts on a move that the ladder lacks: 6→1"),
        ({"acts_on": [("1", "9")]}, "unknown value '9'"),
        ({"acts_on": "sideways"}, "unknown value 'sideways'"),
    ],
)
def test_a_lever_on_a_move_that_the_ladder_lacks_is_refused(make, effect, says):
    situation = make(draws=3)
    values = situation.matrices.values.copy()
    values[..., 5, 5] += values[..., 5, 0]
    values[..., 5, 0] = 0.0
    lacking = type(situation.matrices)(states=situation.states, values=values)
    situation.__dict__["matrices"] = lacking
    made = levers.lever("netwerk", settings({"lower": 0.7, **effect}))
    with pytest.raises(InputError, match=says):
        at_work(made, situation)


def test_places_need_a_limited_step(make):
    with pytest.raises(InputError, match="acts on step 5, which has no limit"):
        at_work(levers.lever("plaatsen", PLACES), make(draws=3))


def test_a_ratio_on_openings_needs_openings(make):
    ratio = levers.lever("platform", settings({"measure": "openings_ratio", "acts_on": "5"}))
    with pytest.raises(InputError, match="step 5 is limited in places"):
        at_work(ratio, make(draws=3, places={"5": 430}))


def test_the_ramp_rises_in_equal_parts_from_its_start():
    made = levers.lever("netwerk", SETTINGS)
    assert [made.ramp(m) for m in range(8)] == [0, 0, 0.25, 0.5, 0.75, 1, 1, 1]


def test_hazards_are_multiplied_by_the_covered_part(make):
    situation = make(draws=4)
    P = np.moveaxis(situation.matrices.values, (3, 4), (0, 1))
    work = at_work(levers.lever("netwerk", settings(ramp_months=0, start_month=0)), situation, netwerk=1.4)
    changed = work.moves(P, 0, slice(None))
    assert np.allclose(changed.sum(axis=1), 1.0, atol=1e-12)
    hazard, before = -np.log(changed[3, 3]), -np.log(P[3, 3])
    up = changed[3, 4] / (1 - changed[3, 3]) * hazard
    assert np.allclose(up / (P[3, 4] / (1 - P[3, 3]) * before), 1 + 0.5 * 0.4)
    down = changed[3, 1] / (1 - changed[3, 3]) * hazard
    assert np.allclose(down / (P[3, 1] / (1 - P[3, 3]) * before), 1.0)


def test_before_its_start_a_lever_changes_nothing(make):
    situation = make(draws=4, places={"5": 430})
    P = np.moveaxis(situation.matrices.values, (3, 4), (0, 1))
    work = at_work(levers.lever("netwerk", SETTINGS), situation)
    assert work.moves(P, 1, slice(None)) is P
    assert not work.settled(4)
    assert work.settled(5)


def test_added_places_are_net_and_shared_over_regions_in_full(make):
    situation = make(draws=4, places={"5": 430})
    work = at_work(levers.lever("plaatsen", PLACES), situation, plaatsen=[0.5, 1.0, 0.0, -0.2])
    base = situation.limits[0].at(0)
    more = work.limit("5", base, 5, slice(None)) - base
    assert more.sum(axis=0) == pytest.approx([15.0, 30.0, 0.0, -6.0])
    assert more[:, 0] == pytest.approx([2.5, 5.0, 7.5])
    assert work.limit("4", base, 5, slice(None)) is base


def test_draws_of_a_lever_do_not_depend_on_the_others():
    one, two = levers.lever("netwerk", SETTINGS), levers.lever("plaatsen", PLACES)
    alone, both = levers.draw([one], 50, seeds=SEEDS), levers.draw([two, one], 50, seeds=SEEDS)
    assert np.array_equal(alone["netwerk"], both["netwerk"])
    assert abs(np.corrcoef(both["netwerk"], both["plaatsen"])[0, 1]) < 0.5
    with pytest.raises(InputError, match="levers: each once"):
        levers.draw([one, one], 5, seeds=SEEDS)


def test_a_lever_on_falls_changes_relapse_after_a_move_by_its_hazard(make):
    situation = make(draws=4)
    after = after_move.markov(situation.matrices, steps=situation.steps)
    fewer = levers.lever("netwerk", settings({"acts_on": "down"}, coverage=1.0, ramp_months=0, start_month=0))
    changed = at_work(fewer, situation, netwerk=0.5).after(after, 0)
    assert (changed.relapse[3] < after.relapse[3]).all()
    assert (changed.lasting[3] > after.lasting[3]).all()
    same = at_work(fewer, situation, netwerk=1.0).after(after, 0)
    assert np.allclose(same.relapse, after.relapse)


def test_cost_follows_gross_places_and_the_ramp(make):
    cost = {"value": 1000, "unit": "euro/place/year", "status": "stated"}
    made = levers.lever("plaatsen", {**PLACES, "start_month": 0, "ramp_months": 12, "cost": cost})
    work = at_work(made, make(draws=3, places={"5": 430}))
    assert work.cost(24, status="stated") == pytest.approx(30 * 1000 * (6.5 / 12 + 1))
    assert work.cost(24, status="assumed") == 0
