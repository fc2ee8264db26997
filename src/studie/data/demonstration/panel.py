"""The ladder panel: people month by month from a semi-Markov truth, vectorised over persons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studie.data.demonstration.streams import Floats, Ints, largest_remainder, stream
from studie.data.demonstration.truth import (
    AGE_BANDS,
    DURATION_MONTHS,
    DUTCH_LEVELS,
    EXITS,
    FIRST_PERIOD,
    KINDS,
    POSITION,
    SEXES,
    STATES,
    SUPPORT,
    TARGET_GROUPS,
    Truth,
)

ABSENT = -1  # before entry and after an exit
_COVARIATE_DRAWS = 8
_FIRST_EXIT = STATES.index(EXITS[0])


@dataclass(frozen=True, kw_only=True)
class People:
    """Persons with covariates (positions in the lists of `truth`), entry, start and the chances that drive them."""

    person_id: NDArray[np.object_]
    refnis: Ints
    age_band: Ints
    sex: Ints
    target_group: Ints
    dutch_level: Ints
    support: Ints
    entry_month: Ints
    start_state: Ints
    start_duration: Ints
    chances: Floats  # persons × months, uniform


@dataclass(frozen=True, kw_only=True)
class _Hazards:
    """Hazards per state, time on it, arrived upward or not, and slot; with destination and kind per slot."""

    rate: Floats
    destination: Ints
    kind: Ints


def simulate_panel(
    seed: int, *, persons: int, months: int, truth: Truth, first_period: str = FIRST_PERIOD, chunk: int = 0
) -> pd.DataFrame:
    """Panel of monthly snapshots, one row per person and month, drawn from the truth.

    Parameters
    ----------
    seed : int
        Root seed; every municipality has its own stream.
    persons, months : int
        Persons over the whole window (some enter later) and number of snapshots.
    truth : Truth
    first_period : str
        Month of the first snapshot, 'YYYY-MM'.
    chunk : int, default 0
        Another set of persons from the same seed, for panels written in parts.

    Returns
    -------
    DataFrame
        person_id, date, step, refnis, age_band, sex, target_group, dutch_level, support; sorted by person and date.
        An exit is a person's last row. Rows and one snapshot are missing, one snapshot is mid-month, and of some
        rows on step 5 or 6 only the set '{5,6}' is known.

    Notes
    -----
    At most one move per person and month. Covariates are those at entry.
    """
    people = draw_people(seed, persons=persons, months=months, truth=truth, chunk=chunk)
    states = simulate_states(people, truth)
    return _observed(people, states, seed=seed, truth=truth, first_period=first_period, chunk=chunk)


def draw_people(seed: int, *, persons: int, months: int, truth: Truth, chunk: int = 0) -> People:
    """Persons spread over the municipalities by inhabitants; every municipality has at least one."""
    table = truth.municipality
    counts = _persons_per_municipality(table["share"].to_numpy(), persons)
    blocks = [
        stream(seed, "ladder_panel", int(refnis), chunk).random((int(n), _COVARIATE_DRAWS + months))
        for refnis, n in zip(table.index, counts, strict=True)
    ]
    draws = np.concatenate(blocks)
    place = np.repeat(np.arange(len(table)), counts)
    mix = table[[f"mix:{group}" for group in TARGET_GROUPS]].to_numpy()
    target = (draws[:, 0, None] > mix.cumsum(axis=1)[place, :-1]).sum(axis=1)
    shares = truth.shares
    newcomer = target == TARGET_GROUPS.index("nieuwkomer")
    dutch = np.where(
        newcomer,
        _picked(shares["dutch_level_nieuwkomer"], draws[:, 1]),
        _picked(shares["dutch_level_other"], draws[:, 1]),
    )
    entrant = draws[:, 5] < shares["entrants"]
    entry = np.zeros(len(draws), dtype=np.int64)
    entry[entrant] = 1 + (draws[entrant, 5] / shares["entrants"] * (months - 1)).astype(np.int64)
    state = np.where(entrant, _state(shares["inflow"], draws[:, 6]), _state(shares["start"], draws[:, 6]))
    mean_months = np.array([shares["start_months"].get(name, 0) for name in STATES], dtype=float)
    duration = np.where(entrant, 0, (-np.log1p(-draws[:, 7]) * mean_months[state]).astype(np.int64))
    refnis = table.index.to_numpy()[place]
    within = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
    return People(
        person_id=np.array(
            [f"{r}-{i:05d}" for r, i in zip(refnis, within + chunk * counts[place], strict=True)], dtype=object
        ),
        refnis=refnis,
        age_band=_picked(shares["age_band"], draws[:, 2]),
        sex=_picked(shares["sex"], draws[:, 3]),
        target_group=target,
        dutch_level=dutch,
        support=(draws[:, 4] < np.array(shares["support_ja"])[target]).astype(np.int64),
        entry_month=np.minimum(entry, months - 1),
        start_state=state,
        start_duration=duration,
        chances=draws[:, _COVARIATE_DRAWS:],
    )


def simulate_states(people: People, truth: Truth) -> NDArray[np.int8]:
    """True state per person and month (position in STATES), `ABSENT` before entry and after the month of an exit."""
    hazards = _hazards(truth)
    ratio = _hazard_ratios(people, truth)
    persons, months = people.chances.shape
    chances = np.ascontiguousarray(people.chances.T)
    states = np.full((months, persons), ABSENT, dtype=np.int8)
    state, duration = people.start_state.copy(), people.start_duration.copy()
    upward = np.zeros(persons, dtype=np.int64)
    states[0] = np.where(people.entry_month == 0, state, ABSENT)
    for month in range(1, months):
        active = np.flatnonzero((people.entry_month < month) & (state < _FIRST_EXIT))
        now = state[active]
        rates = hazards.rate[now, np.minimum(duration[active], DURATION_MONTHS), upward[active]]
        rates = rates * ratio[active[:, None], hazards.kind[now]]
        total = rates.sum(axis=1)
        moves_chance = -np.expm1(-total)
        chance = chances[month, active]
        movers = np.flatnonzero(chance < moves_chance)
        point = chance[movers] / moves_chance[movers] * total[movers]
        slot = np.minimum((point[:, None] >= rates[movers].cumsum(axis=1)).sum(axis=1), rates.shape[1] - 1)
        duration[active] += 1
        who, origin = active[movers], now[movers]
        arrived = hazards.destination[origin, slot]
        state[who], duration[who] = arrived, 0
        upward[who] = POSITION[arrived] > POSITION[origin]
        present = active
        states[month, present] = state[present]
        entering = np.flatnonzero(people.entry_month == month)
        states[month, entering] = state[entering]
    return np.ascontiguousarray(states.T)


def month_ends(first_period: str, months: int) -> pd.DatetimeIndex:
    """Last days of consecutive months."""
    return pd.date_range(f"{first_period}-01", periods=months, freq="MS") + pd.offsets.MonthEnd(0)


def _persons_per_municipality(share: Floats, persons: int) -> Ints:
    """Persons by inhabitants, at least one each while there are enough."""
    floor = int(persons >= 2 * len(share))
    return floor + largest_remainder(share, np.array([persons - floor * len(share)]))[0]


def _picked(shares: list[float], draws: Floats) -> Ints:
    """Position in a list of shares for each uniform draw."""
    edges = np.cumsum(shares)[:-1]
    return np.asarray(np.searchsorted(edges, draws, side="right"))


def _state(shares: dict[str, float], draws: Floats) -> Ints:
    """State for each uniform draw."""
    positions = np.array([STATES.index(name) for name in shares])
    return np.asarray(positions[_picked(list(shares.values()), draws)])


def _hazards(truth: Truth) -> _Hazards:
    """Moves as arrays: rate (state, duration, arrived upward, slot), destination and kind (state, slot)."""
    moves = [*truth.moves]
    for name, rate in truth.exits.items():
        kind = {"exit_pension": "pension", "exit_death": "death"}.get(name, "constant")
        moves += [(state, name, kind, rate, "constant") for state in STATES[:_FIRST_EXIT]]
    months = np.arange(DURATION_MONTHS + 1)
    peak = 1 + (truth.relapse_peak["factor"] - 1) * np.exp(-months / truth.relapse_peak["months"])
    slots = max(sum(move[0] == state for move in moves) for state in STATES)
    rate_table = np.zeros((len(STATES), len(months), 2, slots))
    destination = np.zeros((len(STATES), slots), dtype=np.int64)
    kinds = np.zeros((len(STATES), slots), dtype=np.int64)
    for state_position, state in enumerate(STATES):
        for slot, (_, to, kind, rate, shape) in enumerate(move for move in moves if move[0] == state):
            by_time = rate * _shape(truth, shape, months)
            rate_table[state_position, :, 0, slot] = by_time
            rate_table[state_position, :, 1, slot] = by_time * (peak if kind == "down" else 1)
            destination[state_position, slot] = STATES.index(to)
            kinds[state_position, slot] = KINDS.index(kind)
    return _Hazards(rate=rate_table, destination=destination, kind=kinds)


def _shape(truth: Truth, name: str, months: Ints) -> Floats:
    """Factor on a hazard by completed months on the step."""
    if name == "constant":
        return np.ones(len(months))
    shape = truth.shapes[name]
    if name == "activation":
        factors = np.array([*shape["half_years"], shape["after"]])
        return np.asarray(factors[np.minimum(months // 6, len(factors) - 1)])
    return np.asarray(shape["floor"] + (1 - shape["floor"]) * np.exp(-months / shape["months"]))


def _hazard_ratios(people: People, truth: Truth) -> Floats:
    """Product of hazard ratios per person and kind of move."""
    ratio = np.ones((len(people.refnis), len(KINDS)))
    ratio[:, KINDS.index("up")] = truth.municipality["up_ratio"].reindex(people.refnis).to_numpy()
    values = {
        "age_band": AGE_BANDS,
        "sex": SEXES,
        "target_group": TARGET_GROUPS,
        "dutch_level": DUTCH_LEVELS,
        "support": SUPPORT,
    }
    for covariate, names in values.items():
        effect = np.ones((len(names), len(KINDS)))
        for value, by_kind in truth.effects.get(covariate, {}).items():
            for kind, hazard_ratio in by_kind.items():
                effect[names.index(value), KINDS.index(kind)] = hazard_ratio
        ratio *= effect[getattr(people, covariate)]
    return ratio


def _exits_seen_later(states: NDArray[np.int8], untaken: NDArray[np.bool_]) -> NDArray[np.int8]:
    """States in which an exit in a month without a snapshot is found at the next one."""
    shown = states.copy()
    for month in np.flatnonzero(untaken[:-1]):
        gone = shown[:, month] >= _FIRST_EXIT
        shown[gone, month + 1] = shown[gone, month]
    return shown


def _observed(
    people: People, states: NDArray[np.int8], *, seed: int, truth: Truth, first_period: str, chunk: int
) -> pd.DataFrame:
    """What the snapshots show of the true states."""
    persons, months = states.shape
    rules = truth.observation
    places, first_row = np.unique(people.refnis, return_index=True)
    sizes = np.diff([*first_row, persons])
    luck = np.concatenate(
        [
            stream(seed, "ladder_panel observation", int(refnis), chunk).random((int(n), months))
            for refnis, n in zip(places, sizes, strict=True)
        ]
    )
    dates = month_ends(first_period, months)
    periods = dates.strftime("%Y-%m")
    untaken = np.isin(periods, rules["missing_snapshots"])
    states = _exits_seen_later(states, untaken)
    first = np.arange(months) == people.entry_month[:, None]
    kept = (luck >= rules["missing_rows"]) | first | (states >= _FIRST_EXIT)
    row, column = np.nonzero((states != ABSENT) & kept & ~untaken)
    step = np.array([*STATES, "{5,6}"], dtype=object)
    code = states[row, column].astype(np.int64)
    unsure = np.isin(code, [4, 5]) & (luck[row, column] > 1 - rules["set_rows_on_step_5_or_6"])
    code[unsure] = len(STATES)
    moved_dates = dates.to_numpy().copy()
    for period, date in rules["irregular_snapshots"].items():
        moved_dates[periods == period] = np.datetime64(date)
    return pd.DataFrame(
        {
            "person_id": people.person_id[row],
            "date": moved_dates[column],
            "step": step[code],
            "refnis": people.refnis[row],
            "age_band": np.array(AGE_BANDS, dtype=object)[people.age_band[row]],
            "sex": np.array(SEXES, dtype=object)[people.sex[row]],
            "target_group": np.array(TARGET_GROUPS, dtype=object)[people.target_group[row]],
            "dutch_level": np.array(DUTCH_LEVELS, dtype=object)[people.dutch_level[row]],
            "support": np.array(SUPPORT, dtype=object)[people.support[row]],
        }
    )
