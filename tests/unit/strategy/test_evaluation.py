"""Evaluation of a pilot: a test that keeps its level, power that is reproduced, and designs that cannot be tested."""

from itertools import combinations

import numpy as np
import pytest

from studie.errors import InputError
from studie.strategy import designs, evaluation


def halves(units, treated):
    """Every choice of so many of the units."""
    out = np.zeros((0, units), dtype=bool)
    for who in combinations(range(units), treated):
        row = np.zeros((1, units), dtype=bool)
        row[0, list(who)] = True
        out = np.vstack([out, row])
    return out


PARALLEL = designs.parallel(halves(10, 4), range(10), before=2, after=3)


def wedge(seed=1):
    return designs.stepped_wedge([2, 2, 2, 2], range(8), rng=np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("design", "outcome"), [(PARALLEL, "relapse"), (wedge(), "lasting_moves")], ids=["parallel", "stepped_wedge"]
)
def test_the_test_sees_what_is_not_there_in_at_most_six_percent(design, outcome):
    found = evaluation.evaluate(
        design, np.full(len(design.units), 30.0), share=0.3, outcome=outcome, icc=0.05, effects=(),
        wanted_power=0.5, simulations=2000, rng=np.random.default_rng(11),
    )  # fmt: skip
    assert found.type_one_error[0] <= 0.06
    assert found.type_one_error[1] <= 0.05  # a level of 5 % is not refuted


@pytest.mark.parametrize(
    ("design", "outcome"), [(PARALLEL, "relapse"), (wedge(), "lasting_moves")], ids=["parallel", "stepped_wedge"]
)
def test_the_smallest_visible_effect_is_reproduced_by_other_simulations(design, outcome):
    settings = {"share": 0.35, "outcome": outcome, "icc": 0.02}
    people = np.full(len(design.units), 40.0)
    found = evaluation.evaluate(design, people, rng=np.random.default_rng(1), effects=(), simulations=2000, **settings)
    size = found.minimum_detectable_effect
    assert (size < 0) == (outcome == "relapse")
    again = evaluation.evaluate(
        design, people, rng=np.random.default_rng(2), effects=(size,), simulations=2000, wanted_power=0.99, **settings
    )
    power = again.power["estimate"].iloc[0]
    assert power == pytest.approx(0.80, abs=4 * np.sqrt(2 * 0.8 * 0.2 / 2000))
    low, high = found.detectable_between
    assert low < size < high


def test_fewer_than_twenty_allocations_means_that_no_five_percent_test_exists():
    few = designs.parallel(halves(6, 2), range(6))  # 15 possible
    found = evaluation.evaluate(
        few, np.full(6, 500.0), share=0.5, outcome="relapse", rng=np.random.default_rng(1), effects=(0.45,)
    )
    assert found.finding == "no test at this level exists"
    assert found.sentence.startswith("no 5% test exists: 15 possible allocations")
    assert np.isnan(found.minimum_detectable_effect)
    assert found.power["estimate"].tolist() == [0.0]
    assert found.smallest_p_value == pytest.approx(1 / 15)


def test_mirrored_allocations_tie_so_twenty_of_them_are_ten():
    mirrored = designs.parallel(halves(6, 3), range(6))  # 20 possible, each beside its mirror image
    found = evaluation.evaluate(
        mirrored, np.full(6, 100.0), share=0.5, outcome="relapse", rng=np.random.default_rng(1), effects=()
    )
    assert found.allocations == 20
    assert found.smallest_p_value == pytest.approx(0.1)
    assert found.finding == "no test at this level exists"
    one_sided = evaluation.evaluate(
        mirrored, np.full(6, 100.0), share=0.5, outcome="relapse", rng=np.random.default_rng(1), effects=(),
        alternative="less",
    )  # fmt: skip
    assert one_sided.smallest_p_value == pytest.approx(0.05)
    assert one_sided.finding == "can be tested"


def test_too_few_people_to_see_anything_is_said():
    found = evaluation.evaluate(
        PARALLEL, np.full(10, 1.0), share=0.05, outcome="relapse", rng=np.random.default_rng(1), effects=(0.04,)
    )
    assert found.finding == "no effect is large enough"
    assert "no effect on relapse" in found.sentence


def test_power_rises_with_the_effect_and_with_people():
    few, many = (
        evaluation.evaluate(
            PARALLEL, np.full(10, n), share=0.3, outcome="relapse", rng=np.random.default_rng(3), simulations=500
        )
        for n in (20.0, 80.0)
    )
    for found in (few, many):
        assert found.power["estimate"].is_monotonic_increasing
    assert (many.power["estimate"] >= few.power["estimate"]).all()
    assert abs(many.minimum_detectable_effect) < abs(few.minimum_detectable_effect)


def test_a_p_value_is_the_share_of_allocations_at_least_as_extreme():
    rng = np.random.default_rng(8)
    n = rng.integers(20, 60, size=(10, 5)).astype(float)
    y = rng.binomial(n.astype(int), 0.3).astype(float)
    found = evaluation.randomisation_test(y, n, PARALLEL, happened=17)
    effects = []
    for D in PARALLEL.treated:  # weighted least squares on unit, period and treatment, one by one
        X = np.column_stack([D.ravel(), np.repeat(np.eye(10), 5, axis=0), np.tile(np.eye(5), (10, 1))[:, 1:]]).astype(
            float
        )
        root = np.sqrt(n.ravel())
        effects.append(np.linalg.lstsq(X * root[:, None], (y / n).ravel() * root, rcond=None)[0][0])
    effects = np.array(effects)
    assert found.effect == pytest.approx(effects[17])
    assert found.p_value == pytest.approx((np.abs(effects) >= abs(effects[17]) - 1e-9).mean())


def test_an_effect_that_is_there_is_found_without_noise():
    n = np.full((10, 5), 1000.0)
    D = PARALLEL.treated[30]
    found = evaluation.randomisation_test(300 - 100 * D, n, PARALLEL, happened=30)
    assert found.effect == pytest.approx(-0.1)
    assert found.p_value == pytest.approx(1 / 210)
    assert found.smallest_p_value == pytest.approx(1 / 210)


def test_without_periods_before_the_start_only_periods_are_compared():
    design = designs.parallel(halves(8, 3), range(8), before=0, after=2)
    n = np.full((8, 2), 100.0)
    D = design.treated[0]
    found = evaluation.randomisation_test(30 + 10 * D + np.array([0, 5]), n, design, happened=0)
    assert found.effect == pytest.approx(0.1)


def test_orders_of_waves_are_all_listed_or_sampled_and_counted():
    few = wedge()
    assert few.possible == len(few.treated) == 2520
    assert not few.sampled
    assert len({row.tobytes() for row in few.treated}) == 2520
    many = designs.stepped_wedge([3] * 4, range(12), rng=np.random.default_rng(1))
    assert many.possible == 369_600
    assert many.sampled
    assert (many.treated.sum(axis=1)[:, -1] == 12).all()
    assert not many.treated[:, :, 0].any()


def test_a_sampled_design_counts_what_happened_once_more():
    many = designs.stepped_wedge([3] * 4, range(12), rng=np.random.default_rng(1))
    n = np.full(many.treated.shape[1:], 1000.0)
    found = evaluation.randomisation_test(300 - 100 * many.treated[5], n, many, happened=5)
    assert found.p_value >= 2 / 5001
    assert found.p_value < 0.01


def test_the_frame_has_its_keys_and_six_columns():
    frame = evaluation.evaluate(
        PARALLEL, np.full(10, 40.0), share=0.3, outcome="relapse", rng=np.random.default_rng(3), simulations=200
    ).to_frame()
    keys = ["design", "outcome", "effect"]
    assert list(frame.columns) == [*keys, "quantity", "estimate", "lower", "upper", "n", "unit"]
    known = frame.dropna(subset=["lower", "upper"])
    assert (known["lower"] <= known["estimate"]).all()
    assert (known["upper"] >= known["estimate"]).all()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"share": 1.0}, "share: must be in"),
        ({"outcome": "joy"}, "outcome: unknown value"),
        ({"icc": 1.0}, "icc, persistence"),
        ({"effects": (0.5,)}, "effects: at most"),
        ({"alternative": "more"}, "alternative: unknown value"),
        ({"at_risk": np.zeros(10)}, "at least 1 person"),
    ],
)
def test_wrong_options_are_refused(change, says):
    settings = {"at_risk": np.full(10, 20.0), "share": 0.3, "outcome": "relapse", "simulations": 100} | change
    with pytest.raises(InputError, match=says):
        evaluation.evaluate(PARALLEL, rng=np.random.default_rng(1), **settings)


@pytest.mark.parametrize(
    ("events", "at_risk", "happened", "says"),
    [
        (np.zeros((3, 3)), np.ones((3, 3)), 0, "units × periods"),
        (np.full((10, 5), 3.0), np.full((10, 5), 2.0), 0, "between 0 and"),
        (np.zeros((10, 5)), np.ones((10, 5)), 999, "row of the 210"),
    ],
)
def test_outcomes_that_do_not_fit_the_design_are_refused(events, at_risk, happened, says):
    with pytest.raises(InputError, match=says):
        evaluation.randomisation_test(events, at_risk, PARALLEL, happened=happened)


def test_designs_without_comparison_are_refused():
    with pytest.raises(InputError, match="with and without"):
        designs.parallel(np.ones((1, 4), dtype=bool), range(4))
    with pytest.raises(InputError, match="at least two that hold all"):
        designs.stepped_wedge([2, 1], range(4), rng=np.random.default_rng(1))
    with pytest.raises(InputError, match="allocations, before, after"):
        designs.parallel(halves(4, 2), range(4), after=0)
