"""The choice between scenarios at a price: stated costs stand, guessed ones are drawn and can be asked for."""

from dataclasses import replace

import numpy as np
import pytest

from studie.errors import InputError
from studie.strategy import after_move, information, levers, scenarios
from studie.strategy.priors import Prior

SEEDS = np.random.SeedSequence(8)
MONTHS = 36
GUESS = Prior(name="sneller", distribution="lognormal", centre=5e4, lower=2e4, upper=1e5, interval_level=0.9)


def lever(name, measure, acts_on, centre, lower, upper, **more):
    effect = {
        "measure": measure, "acts_on": acts_on, "distribution": "normal", "centre": centre, "lower": lower,
        "upper": upper, "interval_level": 0.9,
    }  # fmt: skip
    return levers.lever(name, {"effects": [effect], "because": "een reden", "source": "een bron", **more})


PLACES = lever("plaatsen", "net_share", "5", 0.65, 0.1, 1.2, amount=60, unit="persons",
               cost={"value": 1e4, "unit": "euro/place/year", "status": "stated"})  # fmt: skip
FASTER = lever("sneller", "hazard_ratio", "up", 1.1, 0.8, 1.4, start_month=6, ramp_months=12)
GIVEN = {"plaatsen": [PLACES], "sneller": [FASTER], "samen": [PLACES, FASTER]}


@pytest.fixture(scope="module")
def compared(calibrated):
    after = after_move.markov(calibrated.situation.matrices, steps=calibrated.situation.steps)
    return scenarios.compare(calibrated.situation, GIVEN, after=after, seeds=SEEDS, months=MONTHS, values=(1e4,))


def decide(compared, given=GIVEN, guesses=None):
    guesses = {"sneller": GUESS} if guesses is None else guesses
    return information.budget_decision(compared, given, guesses=guesses, months=MONTHS, seeds=SEEDS)


def test_years_at_full_ramp_are_those_of_the_ramp():
    # nothing in months 0-5, then 1/12 … 12/12 in months 6-17, full in the 18 months that are left
    assert FASTER.full_years(MONTHS) == pytest.approx((sum(range(1, 13)) / 12 + 18) / 12)
    assert PLACES.full_years(MONTHS) == pytest.approx(3.0)


def test_stated_costs_stand_and_guessed_ones_follow_the_ramp(compared):
    found = decide(compared)
    assert list(found.costs) == ["baseline", "plaatsen", "sneller", "samen"]
    assert (found.costs["baseline"] == 0).all()
    assert found.costs["plaatsen"].unique() == pytest.approx([60 * 1e4 * 3])
    drawn = found.inputs["cost of sneller"]
    np.testing.assert_allclose(found.costs["sneller"], drawn * FASTER.full_years(MONTHS))
    np.testing.assert_allclose(found.costs["samen"], found.costs["plaatsen"] + found.costs["sneller"])
    assert drawn.nunique() == compared.n
    assert found.hangs_on == ("plaatsen", "sneller")


def test_doing_nothing_more_is_a_decision_with_the_moves_of_the_baseline(compared):
    found = decide(compared)
    assert (found.effects["baseline"] == compared.outcomes["baseline"]["lasting_moves"]).all()
    assert (found.effects["samen"] == compared.outcomes["samen"]["lasting_moves"]).all()


def test_another_guess_moves_no_other_draw(compared):
    other = replace(GUESS, name="opleiding", centre=3e4)
    one, two = decide(compared), decide(compared, guesses={"opleiding": other, "sneller": GUESS})
    assert (one.inputs["cost of sneller"] == two.inputs["cost of sneller"]).all()
    assert (one.costs == two.costs).all(axis=None)


def test_what_a_cost_estimate_would_tell_can_be_valued(calibrated, compared):
    """A cost that decides is worth knowing; where lasting moves are worth nothing it changes nothing."""
    found = decide(compared)
    rng = np.random.default_rng(1)
    many = [np.tile(table.to_numpy(), (10, 1)) for table in (found.effects, found.costs, found.inputs)]
    noise = 1 + 1e-6 * rng.standard_normal(many[2].shape)
    effects, costs, inputs = (
        type(found.effects)(values, columns=table.columns)
        for values, table in zip((many[0], many[1], many[2] * noise), (found.effects, found.costs, found.inputs),
                                 strict=True)
    )  # fmt: skip
    worth = information.value_of_information(
        effects, costs, inputs, {"raming": ["cost of sneller"]}, values=(0.0, 3e3), rng=rng
    ).table.set_index(["request", "value_per_lasting_move"])["estimate"]
    assert worth["raming", 0.0] == pytest.approx(0, abs=1e-6)
    assert worth["everything", 3e3] >= worth["raming", 3e3] >= 0


@pytest.mark.parametrize(
    ("given", "guesses", "says"),
    [
        (GIVEN, {}, "sneller has no cost, so a guess is needed"),
        ({"anders": [PLACES]}, {"sneller": GUESS}, "scenarios: unknown value 'anders'"),
        (GIVEN, {"sneller": replace(GUESS, distribution="normal")}, "a cost must be log-normal"),
    ],
)
def test_a_decision_without_a_price_or_a_scenario_is_refused(compared, given, guesses, says):
    with pytest.raises(InputError, match=says):
        decide(compared, given, guesses)
