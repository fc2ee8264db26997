"""Sites that serve best: small cases that can be seen through, and what is refused."""

from itertools import combinations

import numpy as np
import pytest

from studie.errors import InputError
from studie.strategy import budget

LINE = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))


def test_two_sites_on_a_line_stand_in_the_middle_of_each_half():
    found = budget.p_median(LINE, 2)
    assert found.sites.tolist() == [1, 4]
    assert found.objective == 4
    assert found.assignment.tolist() == [1, 1, 1, 4, 4, 4]
    assert found.proven


def test_weight_pulls_a_site():
    assert budget.p_median(LINE, 1, weights=np.array([9.0, 0, 0, 0, 0, 1])).sites.tolist() == [0]


def test_as_many_sites_as_points_cost_nothing():
    assert budget.p_median(LINE, 6).objective == 0


def test_sites_that_cannot_be_reached_are_not_counted_as_near():
    d = np.array([[1.0, np.inf, 3.0], [np.inf, 2.0, 9.0], [np.inf, 2.0, np.inf]])
    assert budget.p_median(d, 2).sites.tolist() == [0, 1]
    with pytest.raises(InputError, match="everybody reaches a site"):
        budget.p_median(d, 1)
    with pytest.raises(InputError, match="row 1 reaches no site"):
        budget.p_median(np.array([[1.0, 2.0], [np.inf, np.inf]]), 1)


def test_coverage_is_the_best_of_all_choices():
    rng = np.random.default_rng(3)
    points = rng.random((12, 2))
    d = np.linalg.norm(points[:, None] - points[None], axis=2)
    w = rng.integers(1, 9, 12).astype(float)
    for p in (1, 2, 3):
        best = max(w[(d[:, list(s)] <= 0.3).any(axis=1)].sum() for s in combinations(range(12), p))
        found = budget.maximal_coverage(d, p, radius=0.3, weights=w)
        assert found.objective == best
        assert found.proven
        assert len(found.sites) == p


@pytest.mark.parametrize(
    ("distances", "p", "options", "says"),
    [
        (LINE, 0, {}, "p: must be between"),
        (LINE, 7, {}, "p: must be between"),
        (-LINE, 2, {}, "not negative"),
        (LINE[0], 1, {}, "demand × sites"),
        (LINE, 2, {"weights": np.ones(3)}, "one per demand point"),
    ],
)
def test_wrong_input_is_refused(distances, p, options, says):
    with pytest.raises(InputError, match=says):
        budget.p_median(distances, p, **options)


def test_a_negative_radius_is_refused():
    with pytest.raises(InputError, match="radius"):
        budget.maximal_coverage(LINE, 1, radius=-1.0)


def test_the_frame_holds_the_optimum_and_its_proof():
    frame = budget.p_median(LINE, 2).to_frame()
    assert list(frame.columns) == ["quantity", "estimate", "lower", "upper", "n", "unit"]
    assert frame[["estimate", "lower", "upper"]].iloc[0].tolist() == [4, 4, 4]
