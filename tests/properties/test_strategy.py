"""Laws of the strategy: nobody is lost, no place is used twice, names and groups do not matter."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from studie.strategy import flows, levers, limits, matrix_draws, queues
from studie.strategy.after_move import AfterMove
from studie.strategy.priors import Prior

SMALL = settings(max_examples=60, deadline=None)
STATES = ("1", "2", "3", "4", "away", "exit")
STEPS = STATES[:4]


@st.composite
def situations(draw):
    """Any rates, people, inflow and limits on steps above the first."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    draws, regions = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    P = rng.dirichlet(np.full(6, draw(st.sampled_from([0.2, 1.0]))), size=(1, 1, draws, 6))
    P = np.where(rng.random(P.shape) < draw(st.sampled_from([0.0, 0.5])), 0.0, P) + 1e-6 * np.eye(6)
    matrices = matrix_draws.MatrixDraws(states=STATES, values=P / P.sum(axis=-1, keepdims=True))
    names = tuple(f"r{r}" for r in range(regions))

    def people(scale):
        return pd.DataFrame(
            [(r, s, scale * rng.uniform(0.1, 50)) for r in names for s in STATES], columns=["region", "step", "persons"]
        )

    limited = draw(st.lists(st.sampled_from(STEPS[1:]), unique=True))
    units = {step: draw(st.sampled_from(["persons", "vacancies"])) for step in limited}
    rows = [(r, step, rng.uniform(0, 60), units[step]) for r in names for step in limited]
    table = pd.DataFrame(rows, columns=["region", "step", "value", "unit"])
    return flows.situation(
        matrices, people(1.0), steps=STEPS, inflow=people(draw(st.sampled_from([0.0, 0.1]))),
        limits=limits.limits(table, regions=names) if limited else (),
    )  # fmt: skip


@SMALL
@given(situations())
def test_persons_are_conserved_and_nobody_is_negative(situation):
    walk = flows.Walk(situation)
    for month in range(1, 13):
        walk.on(1)
        total = situation.stock.sum(axis=(0, 1)) + month * situation.inflow.sum(axis=(0, 1))
        assert np.abs(walk.stock.sum(axis=(0, 1)) / total - 1).max() < 1e-9
        assert walk.stock.min() > -1e-9
        assert walk.waiting.min(initial=0.0) > -1e-9


@SMALL
@given(situations())
def test_no_step_holds_more_than_its_places_unless_it_began_so(situation):
    walk = flows.Walk(situation)
    before = walk.stock.sum(axis=1)
    for _ in range(12):
        walk.on(1)
        now = walk.stock.sum(axis=1)
        for limit in situation.limits:
            if limit.kind == "places":
                j = situation.states.index(limit.step)
                assert (now[j] <= np.maximum(limit.at(0), before[j]) + 1e-9).all()
        before = now


@SMALL
@given(situations())
def test_who_waits_is_on_the_step_where_he_waits(situation):
    walk = flows.Walk(situation)
    for _ in range(12):
        walk.on(1)
        for i in range(len(STATES)):
            there = [c for c, (where, _) in enumerate(situation.plan.cells) if where == i]
            assert (walk.waiting[there].sum(axis=0) <= walk.stock[i] + 1e-9).all()


@SMALL
@given(situations(), st.floats(0, 40))
def test_more_room_never_lengthens_the_queue_for_the_highest_step(situation, more):
    """Below the highest limited step a place more above may empty or fill a queue; at the top it can only help."""
    if not situation.limits:
        return
    top = situation.ordered_limits[0]
    wider = type(top)(step=top.step, kind=top.kind, persons=top.persons + more)
    one, two = flows.Walk(situation), flows.Walk(situation.with_limits([wider, *situation.ordered_limits[1:]]))
    one.on(1)
    two.on(1)
    queue = [flows.waiting_for(situation, walk.waiting)[0] for walk in (one, two)]
    assert (queue[1] <= queue[0] + 1e-9).all()


@SMALL
@given(situations(), st.integers(0, 2**32 - 1))
def test_the_order_of_regions_does_not_matter(situation, seed):
    order = np.random.default_rng(seed).permutation(len(situation.regions))
    moved = type(situation)(
        regions=tuple(situation.regions[r] for r in order), steps=situation.steps, matrices=situation.matrices,
        stock=situation.stock[:, :, order], waiting=situation.waiting[:, :, order],
        inflow=situation.inflow[:, :, order], calibrated=False,
        limits=tuple(type(x)(step=x.step, kind=x.kind, persons=x.persons[:, order]) for x in situation.limits),
    )  # fmt: skip
    one, two = flows.Walk(situation), flows.Walk(moved)
    one.on(6)
    two.on(6)
    assert np.array_equal(one.stock[:, :, order], two.stock)


@SMALL
@given(st.integers(0, 2**32 - 1), st.lists(st.floats(0.0, 30.0), min_size=3, max_size=3))
def test_hazards_multiplied_by_anything_leave_probabilities(seed, ratios):
    P = np.random.default_rng(seed).dirichlet(np.ones(4), size=(3, 4)).transpose(1, 2, 0)[:, :, None, None]
    pairs = [(0, 1), (2, 3), (2, 0)]
    changed = levers.scaled(P, {pair: np.full(3, ratio) for pair, ratio in zip(pairs, ratios, strict=True)})
    assert np.abs(changed.sum(axis=1) - 1).max() < 1e-9
    assert changed.min() >= 0
    assert np.array_equal(changed[1], P[1])
    back = levers.scaled(levers.scaled(P, {(0, 1): np.full(3, 4.0)}), {(0, 1): np.full(3, 0.25)})
    assert np.allclose(back, P, atol=1e-9)


@SMALL
@given(st.floats(0.01, 0.6), st.floats(0.01, 0.35), st.floats(0.0, 20.0))
def test_what_follows_a_move_stays_a_share_under_any_hazard(relapse, gone, ratio):
    after = AfterMove(
        states=("5",), relapse=np.full((1, 1, 1), relapse), gone=np.full((1, 1, 1), gone), months=12,
        markov=frozenset(),
    )  # fmt: skip
    under = after.under(np.array(ratio))
    assert 0 <= under.relapse.item() <= 1
    assert 0 <= under.lasting.item() <= 1 + 1e-12
    assert (under.relapse.item() >= relapse - 1e-12) == (ratio >= 1) or abs(ratio - 1) < 1e-6
    assert np.allclose(under.under(np.array(1.0)).relapse, under.relapse, atol=1e-12)


@SMALL
@given(st.floats(-3, 3), st.floats(0.01, 4), st.floats(0.01, 4), st.floats(0.5, 0.99), st.floats(0.001, 0.999))
def test_a_belief_knows_the_probability_of_its_own_quantiles(centre, below, above, level, probability):
    prior = Prior(
        name="x", distribution="normal", centre=centre, lower=centre - below, upper=centre + above, interval_level=level
    )
    assert abs(prior.below(float(prior.quantile(probability))) - probability) < 1e-9


def test_the_plan_gives_every_limited_step_one_waiting_room_below_it():
    possible = np.ones((6, 6), dtype=bool)
    plan = queues.plan(STATES, STEPS, possible, [("3", "places"), ("4", "openings")])
    assert [STATES[j] for j in plan.limited] == ["4", "3"]
    assert [plan.cells[room] for room in plan.rooms] == [(1, 3), (1, 2)]
    assert all(j not in plan.limited for _, j in plan.direct)
