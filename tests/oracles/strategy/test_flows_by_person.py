"""The projection against a simulation of single persons who queue one by one."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from studie.strategy import flows, limits, matrix_draws

STATES = ("1", "2", "3", "4", "5", "6", "away", "exit")
LADDER = 6
P = np.array(
    [
        [0.940, 0.040, 0.000, 0.000, 0.000, 0.000, 0.010, 0.010],
        [0.010, 0.890, 0.050, 0.020, 0.010, 0.000, 0.010, 0.010],
        [0.000, 0.010, 0.900, 0.030, 0.040, 0.000, 0.010, 0.010],
        [0.000, 0.010, 0.010, 0.880, 0.050, 0.030, 0.010, 0.010],
        [0.000, 0.000, 0.010, 0.010, 0.940, 0.020, 0.010, 0.010],
        [0.000, 0.000, 0.010, 0.010, 0.020, 0.940, 0.010, 0.010],
        [0.020, 0.040, 0.010, 0.010, 0.010, 0.010, 0.890, 0.010],
        [0.000, 0.000, 0.000, 0.000, 0.000, 0.000, 0.000, 1.000],
    ]
)
START = np.array([200, 300, 220, 200, 330, 150, 100, 0])
INFLOW = np.array([3, 6, 2, 2, 4, 0, 0, 0])


def by_person(limit, kinds, months, rng):
    """One history: every person has a state and perhaps a step waited for; counts are whole numbers."""
    state = np.repeat(np.arange(8), START)
    waits = np.full(len(state), -1)
    stocks, queues = [], []
    edges = P.cumsum(axis=1)
    room = {j: max(i for i in range(j) if i not in limit) for j in limit}
    for _ in range(months):
        goal = (rng.random(len(state))[:, None] > edges[state]).sum(axis=1)
        moves = (goal != state) & (goal != waits)
        limited = np.isin(goal, list(limit))
        climbs = moves & limited & (state < goal) & (state < LADDER)
        enters = moves & limited & ~climbs
        waits[moves] = -1
        free_move = moves & ~limited
        state[free_move] = goal[free_move]
        target = np.where(climbs | enters, goal, -1)
        state[enters] = -1  # between two steps until admitted or sent to wait
        new = np.repeat(np.arange(8), INFLOW)
        into = np.isin(new, list(limit))
        state = np.concatenate([state, np.where(into, -1, new)])
        waits = np.concatenate([waits, np.full(len(new), -1)])
        target = np.concatenate([target, np.where(into, new, -1)])
        for j in sorted(limit, reverse=True):
            free = limit[j] - (state == j).sum() if kinds[j] == "places" else limit[j]
            classes = [
                np.flatnonzero((state == -1) & (target == j)),
                np.flatnonzero(waits == j),
                np.flatnonzero((state != -1) & (target == j)),
            ]
            for which, members in enumerate(classes):
                admitted = rng.permutation(members)[: max(free, 0)]
                free -= len(admitted)
                state[admitted], waits[admitted], target[admitted] = j, -1, -1
                left = np.setdiff1d(members, admitted)
                waits[left] = j
                if which == 0:
                    state[left], target[left] = room[j], -1
        stocks.append(np.bincount(state, minlength=8))
        queues.append([(waits == j).sum() for j in sorted(limit, reverse=True)])
        assert len(state) == stocks[-1].sum()
    return np.array(stocks), np.array(queues)


def fluid(limit, kinds, months):
    """The projection's stocks and queues with the same numbers."""
    matrices = matrix_draws.MatrixDraws(states=STATES, values=P[None, None, None])
    table = pd.DataFrame(
        [("r", STATES[j], n, "persons" if kinds[j] == "places" else "vacancies") for j, n in limit.items()],
        columns=["region", "step", "value", "unit"],
    )

    def persons(counts):
        return pd.DataFrame({"region": "r", "step": STATES, "persons": counts.astype(float)})

    situation = flows.situation(
        matrices, persons(START), steps=STATES[:LADDER], inflow=persons(INFLOW),
        limits=limits.limits(table, regions=("r",)) if limit else (),
    )  # fmt: skip
    stocks, queues = [], []

    def keep(month, part, stock, waiting, moved):
        stocks.append(stock[:, 0, 0, 0].copy())
        queues.append(flows.waiting_for(situation, waiting)[:, 0, 0, 0])

    flows.Walk(situation).on(months, keep)
    return np.array(stocks), np.array(queues)


@pytest.mark.parametrize(
    ("limit", "kinds"),
    [
        ({}, {}),
        ({4: 330}, {4: "places"}),
        ({2: 220, 4: 330, 5: 8}, {2: "places", 4: "places", 5: "openings"}),
    ],
    ids=["no limit", "step 5 full", "steps 3 and 5 full, few openings on 6"],
)
def test_means_over_simulated_histories_agree_within_monte_carlo_error(limit, kinds):
    months, times = 24, 300
    rng = np.random.default_rng(20)
    runs = [by_person(limit, kinds, months, rng) for _ in range(times)]
    for seen, expected in zip(zip(*runs, strict=True), fluid(limit, kinds, months), strict=True):
        if not expected.size:
            continue
        sample = np.array(seen, dtype=float)
        se = np.maximum(sample.std(axis=0, ddof=1) / np.sqrt(times), 1e-3)
        z = stats.norm.ppf(1 - 0.001 / expected.size / 2)  # all comparisons together: one false alarm in a thousand
        gap = np.abs(sample.mean(axis=0) - expected) / se
        assert gap.max() < z, (gap.max(), z, np.unravel_index(gap.argmax(), gap.shape))


def test_single_persons_are_conserved_and_never_exceed_the_places():
    stocks, _ = by_person({2: 220, 4: 330}, {2: "places", 4: "places"}, 36, np.random.default_rng(3))
    total = START.sum() + INFLOW.sum() * np.arange(1, 37)
    assert (stocks.sum(axis=1) == total).all()
    assert (stocks[:, 2] <= 220).all()
    assert (stocks[:, 4] <= 330).all()


def test_the_projection_keeps_the_same_number_of_persons():
    stocks, _ = fluid({2: 220, 4: 330}, {2: "places", 4: "places"}, 120)
    total = START.sum() + INFLOW.sum() * np.arange(1, 121)
    assert np.abs(stocks.sum(axis=1) / total - 1).max() < 1e-9
