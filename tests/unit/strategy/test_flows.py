"""Persons under limited places: powers of the matrix, nobody lost, no place used twice."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.strategy import flows, matrix_draws


def test_without_limits_the_projection_is_the_power_of_the_matrix(make):
    situation = make(regions=2, draws=7)
    start, inflow = situation.stock[..., 0], situation.inflow[..., 0]
    seen = {}
    walk = flows.Walk(situation)

    def keep(month, part, stock, waiting, moved):
        seen.setdefault(month, []).append(stock.copy())

    walk.on(36, keep)
    for draw in range(7):
        P, here = situation.matrices.values[0, 0, draw], start[:, 0].T
        power = np.eye(8)
        arrived = np.zeros_like(here)
        for month in range(36):
            arrived = arrived @ P + inflow[:, 0].T
            power = power @ P
            found = np.concatenate(seen[month], axis=-1)[:, 0, :, draw].T
            assert np.abs(found - (here @ power + arrived)).max() < 1e-10


def test_monthly_figures_are_mean_and_quantiles_over_the_draws(make):
    situation = make(regions=2, draws=33, places={"5": 430})
    projection = flows.project(situation, months=24, level=0.8)
    walk = flows.Walk(situation)
    walk.on(18)
    stock = walk.stock[4, 0]
    mean, lower, upper = projection.of("persons", "5")[:, 17, 0]
    assert np.allclose(mean, stock.mean(axis=-1), rtol=1e-12)
    low, high = np.quantile(stock, [0.1, 0.9], axis=-1)
    assert np.allclose(lower, np.minimum(low, mean), rtol=1e-12)
    assert np.allclose(upper, np.maximum(high, mean), rtol=1e-12)


def test_results_do_not_depend_on_the_chunk(make):
    situation = make(regions=2, draws=25, places={"3": 150, "5": 430}, openings={"6": 1})
    one, other = (flows.project(situation, months=24, chunk=chunk) for chunk in (4, 25))
    assert np.array_equal(one.values, other.values)
    assert np.array_equal(one.upward, other.upward)


def test_the_frame_ends_in_the_six_columns_and_its_bounds_hold_the_estimate(make):
    frame = flows.project(make(places={"5": 430}), months=12).to_frame()
    assert list(frame.columns[-6:]) == ["quantity", "estimate", "lower", "upper", "n", "unit"]
    assert ((frame["lower"] <= frame["estimate"]) & (frame["estimate"] <= frame["upper"])).all()
    assert len(frame) == 12 * (8 + 1) * 3
    assert set(frame.loc[frame["quantity"] == "waiting", "step"]) == {"5"}


def test_nobody_is_admitted_to_a_full_step_and_the_queue_grows(make):
    projection = flows.project(make(places={"5": 1.0}), months=12)
    held = projection.of("persons", "5")[0, :, 0]
    assert (np.diff(held, axis=0) < 0).all()
    assert projection.upward[:, 4].max() == 0
    assert (np.diff(projection.of("waiting", "5")[0, :, 0], axis=0) > 0).all()


def test_openings_bound_the_moves_of_every_month(make):
    situation = make(draws=20, openings={"6": 2.0}, inflow=False)
    seen = []

    def keep(month, part, stock, waiting, moved):
        seen.append(moved.upward[5, 0].max(axis=-1))

    flows.Walk(situation).on(24, keep)
    most = np.max(seen, axis=0) / [2.0, 4.0, 6.0]
    assert (most <= 1 + 1e-12).all()
    assert (most > 0.9).all()  # the rest goes to who comes back from out of sight


def test_groups_share_the_places_of_a_region(make):
    whole = make(regions=2, draws=10, places={"3": 150, "5": 420})
    halves = matrix_draws.by_group({"a": whole.matrices, "b": whole.matrices})
    start = pd.DataFrame(
        [
            (region, step, group, whole.stock[i, 0, r, 0] / 2)
            for r, region in enumerate(whole.regions)
            for i, step in enumerate(whole.states)
            for group in "ab"
        ],
        columns=["region", "step", "target_group", "persons"],
    )
    split = flows.situation(
        halves, start, steps=whole.steps, limits=whole.limits, inflow=start.assign(persons=start["persons"] * 0.008)
    )
    one, two = flows.project(whole, months=24), flows.project(split, months=24)
    assert np.allclose(two.values[0].sum(axis=2), one.values[0].sum(axis=2), rtol=1e-12)
    assert two.values[0, -1, 8].min() > 0


def test_regions_may_have_rates_of_their_own(make):
    whole = make(regions=2, draws=6, inflow=False)
    still = matrix_draws.MatrixDraws(states=whole.states, values=np.broadcast_to(np.eye(8), (1, 1, 6, 8, 8)).copy())
    by_region = matrix_draws.by_region({"r0": whole.matrices, "r1": still})
    start = pd.DataFrame(
        [(r, s, 10.0) for r in ("r0", "r1") for s in whole.states], columns=["region", "step", "persons"]
    )
    walk = flows.Walk(flows.situation(by_region, start, steps=whole.steps))
    walk.on(12)
    assert np.allclose(walk.stock[:, 0, 1], 10.0)
    assert not np.allclose(walk.stock[:, 0, 0], 10.0, atol=1.0)


@pytest.mark.parametrize("months", [0, 6, 30])
def test_a_projection_takes_whole_years(make, months):
    with pytest.raises(InputError, match=f"months: must be whole years of 12, got {months}"):
        flows.project(make(), months=months)


def test_a_level_is_a_share(make):
    with pytest.raises(InputError, match=r"level: must be in \(0, 1\), got 95"):
        flows.project(make(), level=95)
