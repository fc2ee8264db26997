"""Scenarios against the baseline: same draws, honest words, costs that say what they are."""

import numpy as np
import pytest

from studie.errors import InputError
from studie.strategy import after_move, levers, scenarios

SEEDS = np.random.SeedSequence(11)


def network(name="netwerk", **changed):
    effect = {
        "measure": "hazard_ratio", "acts_on": "up", "distribution": "lognormal", "centre": 1.05, "lower": 0.85,
        "upper": 1.3, "interval_level": 0.9,
    }  # fmt: skip
    return levers.lever(name, {"effects": [effect], "because": "een reden", "source": "een bron", **changed})


def places(amount=60, lower=0.2, status="stated"):
    effect = {
        "measure": "net_share", "acts_on": "5", "distribution": "normal", "centre": 0.65, "lower": lower, "upper": 1.2,
        "interval_level": 0.8,
    }  # fmt: skip
    return levers.lever(
        "plaatsen",
        {
            "effects": [effect], "amount": amount, "unit": "persons", "because": "een reden", "source": "een bron",
            "cost": {"value": 17450, "unit": "euro/place/year", "status": status},
        },
    )  # fmt: skip


@pytest.fixture(scope="module")
def after(calibrated):
    return after_move.markov(calibrated.situation.matrices, steps=calibrated.situation.steps)


@pytest.fixture(scope="module")
def compared(calibrated, after):
    given = {"netwerk": [network()], "plaatsen": [places()], "beide": [network(), places()]}
    return scenarios.compare(calibrated.situation, given, after=after, seeds=SEEDS, months=60, values=(10_000, 40_000))


def test_where_the_lever_does_nothing_the_draw_is_that_of_the_baseline(calibrated, after):
    """Common random numbers: a draw whose effect is neutral has exactly the baseline's outcome."""
    situation = calibrated.situation
    made = places()
    drawn = levers.draw([made], situation.draws, seeds=SEEDS)
    drawn.loc[::2, "plaatsen"] = 0.0
    plain = scenarios.outcomes(situation, None, after=after, months=36)
    found = scenarios.outcomes(situation, levers.Levers([made], drawn, situation), after=after, months=36)
    assert (found.iloc[::2] == plain.iloc[::2]).all(axis=None)
    assert (found["waiting"].iloc[1::2] != plain["waiting"].iloc[1::2]).all()


def test_draws_outside_a_changed_one_stay_as_they_are(calibrated, after):
    situation, made = calibrated.situation, network()
    drawn = levers.draw([made], situation.draws, seeds=SEEDS)
    other = drawn.copy()
    other.loc[7, "netwerk"] = 1.5
    one, two = (
        scenarios.outcomes(situation, levers.Levers([made], d, situation), after=after, months=24)
        for d in (drawn, other)
    )
    differs = (one != two).any(axis=1)
    assert list(differs[differs].index) == [7]


def test_the_lever_in_two_scenarios_has_the_same_draws(calibrated, after, compared):
    alone = scenarios.compare(
        calibrated.situation, {"netwerk": [network()]}, after=after, seeds=SEEDS, months=60, values=(1,)
    )
    assert np.array_equal(alone.difference("netwerk", "lasting_moves"), compared.difference("netwerk", "lasting_moves"))


def test_more_places_shorten_the_queue_and_a_neutral_prior_shows_nothing(compared):
    table = compared.verdicts.set_index(["scenario", "quantity"])
    assert table.loc[("plaatsen", "waiting"), "verdict"] == "better"
    assert table.loc[("netwerk", "lasting_moves"), "verdict"] == "not shown"
    assert 0.2 < table.loc[("netwerk", "lasting_moves"), "share_better"] < 0.8


@pytest.mark.parametrize(
    ("gain", "lose", "says"),
    [(80, 20, "better"), (79, 21, "not shown"), (20, 80, "worse"), (21, 79, "not shown"), (70, 0, "not shown")],
)
def test_better_is_said_from_eighty_percent_of_the_draws(gain, lose, says):
    difference = np.concatenate([np.ones(gain), -np.ones(lose), np.zeros(100 - gain - lose)])
    assert scenarios.verdict(difference, better="higher") == (gain / 100, says)
    assert scenarios.verdict(-difference, better="lower") == (gain / 100, says)


def test_a_stated_cost_gives_cost_per_move_and_an_assumed_one_breaks_even(compared, calibrated, after):
    frame = compared.to_frame().set_index(["scenario", "quantity"]).sort_index()
    gained = compared.difference("plaatsen", "lasting_moves").mean()
    dear = frame.loc[[("plaatsen", "cost_per_lasting_move")], "estimate"].item()
    assert dear == pytest.approx(60 * 17450 * 5 / gained)
    assert "break_even_cost" not in frame.loc["plaatsen"].index
    even = frame.loc[("netwerk", "break_even_cost")]
    expected = compared.difference("netwerk", "lasting_moves").mean() * np.array([10_000, 40_000]) / 5
    assert even["estimate"].to_numpy() == pytest.approx(expected)
    assumed = scenarios.compare(
        calibrated.situation,
        {"plaatsen": [places(status="assumed")]},
        after=after,
        seeds=SEEDS,
        months=24,
        values=(1e4,),
    )
    assert "cost_per_lasting_move" not in set(assumed.to_frame()["quantity"])
    with pytest.raises(InputError, match="a worth per move is needed"):
        scenarios.compare(
            calibrated.situation, {"plaatsen": [places(status="assumed")]}, after=after, seeds=SEEDS, months=24
        )


def test_draws_without_gain_make_the_upper_bound_infinite():
    gained = np.concatenate([np.full(90, 2.0), np.full(10, -1.0)])
    mean, lower, upper = scenarios.cost_per_move(100.0, gained, level=0.95)
    assert mean == pytest.approx(100 / 1.7)
    assert (lower, upper) == (50.0, np.inf)
    assert scenarios.cost_per_move(100.0, gained, level=0.5) == (mean, 50.0, mean)
    assert scenarios.cost_per_move(100.0, -gained)[0] == np.inf


def test_the_frame_has_the_six_columns_and_names_the_priors_it_hangs_on(compared):
    frame = compared.to_frame()
    assert list(frame.columns[-6:]) == ["quantity", "estimate", "lower", "upper", "n", "unit"]
    assert ((frame["lower"] <= frame["estimate"]) & (frame["estimate"] <= frame["upper"])).all()
    assert compared.hangs_on["beide"] == ("netwerk", "plaatsen")


def test_a_limit_without_calibration_is_refused(make, after):
    with pytest.raises(InputError, match="else capacity counts twice"):
        scenarios.compare(make(places={"5": 430}), {"a": [network()]}, after=after, seeds=SEEDS, months=12)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"months": 13}, "whole years"),
        ({"level": 95}, "level: must be in"),
        ({"scenarios": {}}, "scenarios: at least one"),
        ({"scenarios": {"baseline": [network()]}}, "none named 'baseline'"),
    ],
)
def test_a_comparison_out_of_order_is_refused(calibrated, after, options, says):
    given = {"scenarios": {"a": [network()]}, "after": after, "seeds": SEEDS, "months": 12, "values": (1.0,), **options}
    with pytest.raises(InputError, match=says):
        scenarios.compare(calibrated.situation, given.pop("scenarios"), **given)


def test_unknown_words_are_refused(compared):
    with pytest.raises(InputError, match="unknown value 'netwrk'; did you mean 'netwerk'"):
        compared.difference("netwrk", "waiting")
    with pytest.raises(InputError, match="unknown value 'geluk'"):
        compared.difference("netwerk", "geluk")
