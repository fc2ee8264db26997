"""Together against the sum of the parts: exact where levers cannot meet, below where they wait for the same places."""

import numpy as np
import pytest

from studie.errors import InputError
from studie.strategy import after_move, interaction, levers, scenarios

SEEDS = np.random.SeedSequence(5)
TEXTS = {"because": "een reden", "source": "een bron"}


def lever(name, measure, acts_on, centre, lower, upper, **more):
    effect = {
        "measure": measure, "acts_on": acts_on, "distribution": "normal", "centre": centre, "lower": lower,
        "upper": upper, "interval_level": 0.9,
    }  # fmt: skip
    return levers.lever(name, {"effects": [effect], **TEXTS, **more})


PLACES = lever("plaatsen", "net_share", "5", 0.65, 0.1, 1.2, amount=60, unit="persons")
FASTER = lever("sneller", "hazard_ratio", [["4", "5"]], 1.4, 0.8, 2.0)


@pytest.fixture(scope="module")
def compared(calibrated):
    after = after_move.markov(calibrated.situation.matrices, steps=calibrated.situation.steps)
    given = {"plaatsen": [PLACES], "sneller": [FASTER], "samen": [PLACES, FASTER]}
    return scenarios.compare(calibrated.situation, given, after=after, seeds=SEEDS, months=36, values=(1e4,))


@pytest.fixture(scope="module")
def found(compared):
    return interaction.interaction(compared, together="samen", parts=["plaatsen", "sneller"])


def test_it_is_the_difference_of_differences_draw_by_draw(compared, found):
    one, two, both, none = (
        compared.outcomes[name]["lasting_moves"] for name in ("plaatsen", "sneller", "samen", "baseline")
    )
    np.testing.assert_allclose(found.draws["lasting_moves"]["interaction"], both - one - two + none, atol=1e-9)
    np.testing.assert_allclose(
        found.draws["lasting_moves"]["together"],
        found.draws["lasting_moves"]["sum_of_parts"] + found.draws["lasting_moves"]["interaction"],
    )


def test_where_one_of_two_levers_does_nothing_nothing_is_added(calibrated, compared):
    """A neutral draw of one lever leaves the other's effect, so that the interaction there is exactly zero."""
    situation = calibrated.situation
    after = after_move.markov(situation.matrices, steps=situation.steps)
    drawn = levers.draw([PLACES, FASTER], situation.draws, seeds=SEEDS)
    drawn.loc[3, "plaatsen"] = 0.0

    def lasting(*which):
        work = levers.Levers(which, drawn, situation)
        return scenarios.outcomes(situation, work, after=after, months=36)["lasting_moves"]

    none = scenarios.outcomes(situation, None, after=after, months=36)["lasting_moves"]
    gap = lasting(PLACES, FASTER) - lasting(PLACES) - lasting(FASTER) + none
    assert gap[3] == pytest.approx(0, abs=1e-9)
    assert (gap.drop(3).abs() > 1e-9).any()


def test_who_walks_faster_to_the_same_full_step_gets_more_out_of_places(found):
    """Step 5 is full: a faster move alone gives a longer queue, with places it gives moves."""
    draws = found.draws["upward_moves"]
    assert draws["interaction"].mean() != pytest.approx(0, abs=1e-6)


def test_the_frame_has_the_six_columns_and_bounds_that_hold_the_mean(found):
    frame = found.to_frame()
    assert list(frame.columns) == ["outcome", "quantity", "estimate", "lower", "upper", "n", "unit"]
    assert (frame["lower"] <= frame["estimate"]).all()
    assert (frame["upper"] >= frame["estimate"]).all()
    assert set(frame["quantity"]) == {"together", "sum_of_parts", "interaction"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"together": "alles", "parts": ["plaatsen", "sneller"]}, "scenario: unknown value 'alles'"),
        ({"together": "samen", "parts": ["plaatsen", "trager"]}, "scenario: unknown value 'trager'"),
        ({"together": "samen", "parts": ["plaatsen"]}, "parts: at least two"),
        ({"together": "samen", "parts": ["plaatsen", "plaatsen"]}, "must hold every prior of samen once"),
        ({"together": "samen", "parts": ["plaatsen", "sneller"], "quantities": ["relapse"]}, "quantities"),
    ],
)
def test_parts_that_do_not_make_the_whole_are_refused(compared, options, says):
    with pytest.raises(InputError, match=says):
        interaction.interaction(compared, **options)
