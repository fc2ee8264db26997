"""What the truth implies, by long simulation: lasting moves, relapse, sojourn, reaching step 6, monthly moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studie.data.demonstration.panel import People, draw_people, simulate_states
from studie.data.demonstration.truth import POSITION, STATES, STEPS, SUPPORT, TARGET_GROUPS, Truth

BATCHES = 10
MONTHS = 84  # the window of the panel: stocks and times on a step are those of the panel
FOLLOW_UP = 24
SOJOURN_MONTHS = 480
_HORIZONS = (12, 24)
_OUT_OF_SIGHT = STATES.index("uit_beeld")
_KEYS = ["quantity", "from_step", "to_step", "target_group", "support"]

DEFINITIONS = {
    "relapse_within_12": "first month below the reached step within 12 months of an upward move that ends on a whole "
    "step, before uit_beeld and exits (competing events)",
    "lasting_12": "in sight and never below the reached step through 12 months after an upward move; "
    "lasting + relapse + competing = 1",
    "competing_12": "uit_beeld or an exit within 12 months of an upward move, before any relapse",
    "do(support=...)": "the same persons and chances with support given to all or to none: the effect, unlike the "
    "difference between those with and without, which target groups confound",
    "reach_6_within_24": "on step 6 at least once within 24 months, of those on the step at month 12, 36 and 60",
    "activation_within": "on step 5 or 6 at least once within h months, of those who newly arrive on step 4",
    "sojourn": "mean months of a stay that begins on the step, until any move",
    "monthly_probability": "chance of the move from one month to the next, over all person months of the window",
    "annual_outflow_5_6": "12 times the monthly moves from 5 to 6, directly or through 5-6, per person month on step 5",
}


def functionals(truth: Truth, *, persons: int) -> pd.DataFrame:
    """True functionals with their simulation error.

    Parameters
    ----------
    truth : Truth
    persons : int
        Persons in each of ten independent batches.

    Returns
    -------
    DataFrame
        quantity, from_step, to_step, target_group, support ('alle' where pooled), value, simulation_error
        (standard error over the batches), n (events or persons at risk over all batches).
    """
    rows = [row for batch in range(BATCHES) for row in _batch(truth, persons=persons, batch=batch)]
    frame = pd.DataFrame(rows, columns=[*_KEYS, "value", "n"])
    grouped = frame.groupby(_KEYS, sort=False)
    result = grouped.agg(
        value=("value", "mean"), simulation_error=("value", "sem"), n=("n", "sum"), batches=("value", "count")
    )
    complete = result[result["batches"] == BATCHES].drop(columns="batches").reset_index()
    return complete.round({"value": 6, "simulation_error": 6})


def _batch(truth: Truth, *, persons: int, batch: int) -> Iterator[tuple[object, ...]]:
    """Functionals of one independent batch of persons."""
    people = draw_people(truth.seed, persons=persons, months=MONTHS, truth=truth, chunk=1_000 + batch)
    states = simulate_states(people, truth)
    yield from _after_upward_moves(people, states, suffix="")
    yield from _reach(people, states)
    yield from _activation(states)
    yield from _monthly(people, states, truth)
    for position, word in enumerate(SUPPORT):
        forced = replace(people, support=np.full_like(people.support, position))
        forced_states = simulate_states(forced, truth)
        for row in _after_upward_moves(forced, forced_states, suffix=f" | do(support={word})"):
            if row[3] == "alle" and row[4] == "alle":
                yield row
    few = max(persons // 8, 100)
    long_lived = draw_people(truth.seed, persons=few, months=SOJOURN_MONTHS, truth=truth, chunk=2_000 + batch)
    yield from _sojourn(simulate_states(long_lived, truth))


def upward_moves(states: NDArray[np.int8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Person and month of every upward move that ends on a whole step and can be followed for 24 months."""
    places = _positions(states)
    with np.errstate(invalid="ignore"):
        up = (places[:, 1:] > places[:, :-1]) & (states[:, 1:] >= 0) & (states[:, 1:] < len(STEPS))
    person, month = np.nonzero(up[:, : states.shape[1] - 1 - FOLLOW_UP])
    return person, month + 1


def outcome_month(
    states: NDArray[np.int8], person: NDArray[np.intp], month: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Months until the first relapse and until the first competing event; 99 when neither came first within 24."""
    reached = POSITION[states[person, month]]
    relapse, competing = np.full(len(person), 99), np.full(len(person), 99)
    places = _positions(states)
    for later in range(1, FOLLOW_UP + 1):
        open_still = (relapse == 99) & (competing == 99)
        now = states[person, month + later]
        with np.errstate(invalid="ignore"):
            below = places[person, month + later] < reached
        relapse[open_still & below] = later
        competing[open_still & ((now >= _OUT_OF_SIGHT) | (now < 0))] = later
    return relapse, competing


def _after_upward_moves(people: People, states: NDArray[np.int8], *, suffix: str) -> Iterator[tuple[object, ...]]:
    """Relapse, lasting move and competing event within 12 and 24 months of an upward move."""
    person, month = upward_moves(states)
    relapse, competing = outcome_month(states, person, month)
    frame = pd.DataFrame(
        {
            "to": states[person, month],
            "target_group": people.target_group[person],
            "support": people.support[person],
            **{f"relapse_within_{h}": relapse <= h for h in _HORIZONS},
            **{f"competing_{h}": competing <= h for h in _HORIZONS},
            **{f"lasting_{h}": (relapse > h) & (competing > h) for h in _HORIZONS},
        }
    )
    quantities = [name for name in frame.columns if name not in {"to", "target_group", "support"}]
    for step in (None, 3, 4, 5):
        chosen = frame if step is None else frame[frame["to"] == step]
        to = "alle" if step is None else STATES[step]
        for group, word, part in _by_group(chosen):
            for quantity in quantities:
                yield (quantity + suffix, "alle", to, group, word, part[quantity].mean(), len(part))


def _by_group(frame: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """All rows, rows by support, and rows by target group."""
    yield "alle", "alle", frame
    for position, word in enumerate(SUPPORT):
        yield "alle", word, frame[frame["support"] == position]
    for position, group in enumerate(TARGET_GROUPS):
        yield group, "alle", frame[frame["target_group"] == position]


def _reach(people: People, states: NDArray[np.int8]) -> Iterator[tuple[object, ...]]:
    """Probability to reach step 6 within 24 months of a moment on a step."""
    rows = []
    for start in (12, 36, 59):
        window = states[:, start + 1 : start + 1 + FOLLOW_UP]
        reached = (window == STEPS.index("6")).any(axis=1)
        rows.append(
            pd.DataFrame(
                {
                    "from": states[:, start],
                    "reached": reached,
                    "target_group": people.target_group,
                    "support": people.support,
                }
            )
        )
    frame = pd.concat(rows)
    for step in range(5):
        for group, word, part in _by_group(frame[frame["from"] == step]):
            yield ("reach_6_within_24", STEPS[step], "6", group, word, part["reached"].mean(), len(part))


def _activation(states: NDArray[np.int8]) -> Iterator[tuple[object, ...]]:
    """Share on step 5 or 6 within 6, 12, 18 and 24 months of a new arrival on step 4."""
    arrived = (states[:, 1:] == 3) & (states[:, :-1] != 3)
    person, month = np.nonzero(arrived[:, : states.shape[1] - 1 - FOLLOW_UP])
    month = month + 1
    first = np.full(len(person), 99)
    for later in range(1, FOLLOW_UP + 1):
        at_work = np.isin(states[person, month + later], [4, 5])
        first[(first == 99) & at_work] = later
    for horizon in (6, 12, 18, 24):
        yield (f"activation_within_{horizon}", "4", "{5,6}", "alle", "alle", (first <= horizon).mean(), len(first))


def _monthly(people: People, states: NDArray[np.int8], truth: Truth) -> Iterator[tuple[object, ...]]:
    """Probability of every move from one month to the next, and the yearly outflow from 5 to 6."""
    now, later = states[:, :-1], states[:, 1:]
    allowed = {(STATES.index(origin), STATES.index(to)) for origin, to, *_ in truth.moves}
    allowed |= {(origin, STATES.index(to)) for origin in range(_OUT_OF_SIGHT + 1) for to in truth.exits}
    allowed |= {(origin, origin) for origin in range(_OUT_OF_SIGHT + 1)}
    present = (now >= 0) & (later >= 0)
    size = len(STATES)
    for group, word, chosen in _person_groups(people):
        mask = present & chosen[:, None]
        pairs = now[mask].astype(np.int64) * size + later[mask]
        counts = np.bincount(pairs, minlength=size * size).reshape(size, size)
        at_risk = counts.sum(axis=1)
        for origin, destination in sorted(allowed):
            if at_risk[origin] == 0:
                continue
            yield (
                "monthly_probability",
                STATES[origin],
                STATES[destination],
                group,
                word,
                counts[origin, destination] / at_risk[origin],
                int(at_risk[origin]),
            )
        if group == word == "alle":
            moves = counts[4, 5] + counts[STATES.index("5-6"), 5]
            yield ("annual_outflow_5_6", "5", "6", group, word, 12 * moves / at_risk[4], int(at_risk[4]))


def _person_groups(people: People) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """All persons and every target group with and without support."""
    yield "alle", "alle", np.ones(len(people.refnis), dtype=bool)
    for position, group in enumerate(TARGET_GROUPS):
        for given, word in enumerate(SUPPORT):
            yield group, word, (people.target_group == position) & (people.support == given)


def _sojourn(states: NDArray[np.int8]) -> Iterator[tuple[object, ...]]:
    """Mean length of stays that begin in the first quarter of a long window; the rest is room to end."""
    for step in range(len(STEPS)):
        begins = (states[:, 1:] == step) & (states[:, :-1] != step)
        person, month = np.nonzero(begins[:, : SOJOURN_MONTHS // 4])
        if len(person) == 0:
            continue
        elsewhere = states != step
        elsewhere[:, -1] = True
        ends = np.array([np.argmax(elsewhere[p, m + 1 :]) + 1 for p, m in zip(person, month, strict=True)])
        yield ("sojourn", STEPS[step], "alle", "alle", "alle", float(ends.mean()), len(ends))


def _positions(states: NDArray[np.int8]) -> NDArray[np.float64]:
    """Place on the ladder per person and month; nan when absent, out of sight or gone."""
    return np.where(states >= 0, POSITION[states], np.nan)
