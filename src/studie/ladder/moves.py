"""Steps up that were seen, and what first followed each of them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InputError
from studie.ladder.observations import Observations

EXITS = ("exit_pension", "exit_death", "exit_moved")
OUT_OF_SIGHT = ("uit_beeld",)
RELAPSE, EXIT, HIDDEN = "relapse", "exit", "out_of_sight"


@dataclass(frozen=True, kw_only=True, eq=False)
class Moves:
    """Every observed step up and what first followed it.

    Attributes
    ----------
    table : DataFrame
        One row per move: person (label), cluster (person code), from_step, reached_step, move (`"5→6"`), start
        (time of the first observation on the reached step), duration (until the first event or the last
        observation), cause (`relapse`, `exit`, `out_of_sight`, or empty), gap (time since the observation before
        the move) and the covariates at the move.
    left_truncated : int
        Persons first seen above the lowest step: how they came there was not seen, so that move is not counted.
    undecided : int
        Moves with an observation that could be below the reached step or not (a state set); it is read as not below.
    from_hidden : int
        Returns from out of sight to a higher step: the time of the move is unknown, so they are not counted as moves.
    unit : str
        Time unit.
    """

    table: pd.DataFrame
    left_truncated: int
    undecided: int
    from_hidden: int
    unit: str

    @property
    def n(self) -> int:
        """Number of moves."""
        return len(self.table)

    def to_frame(self) -> pd.DataFrame:
        """Moves, relapses, exits and losses from sight per kind of move, as counts."""
        table = self.table.assign(happened=self.table["cause"].replace("", "still_followed"))
        counted = (
            table.groupby(["from_step", "reached_step", "happened"], sort=False).size().rename("estimate").reset_index()
        )
        moves = table.groupby(["from_step", "reached_step"], sort=False).size().rename("n").reset_index()
        frame = counted.merge(moves, on=["from_step", "reached_step"])
        frame = frame.rename(columns={"happened": "quantity"}).assign(unit="count")
        frame["lower"] = frame["upper"] = frame["estimate"]
        return frame[["from_step", "reached_step", "quantity", "estimate", "lower", "upper", "n", "unit"]]


def upward_moves(
    obs: Observations,
    *,
    exits: Sequence[Hashable] = EXITS,
    out_of_sight: Sequence[Hashable] = OUT_OF_SIGHT,
    rank: Mapping[Hashable, float] | None = None,
    moves: Sequence[tuple[Hashable, Hashable]] | None = None,
) -> Moves:
    """Every observed step up, with the time to the first event after it.

    A move is the first observation on a higher step than the person's observation just before. From there the clock
    runs until the first observation below the reached step (relapse), on an exit, or out of sight; otherwise until
    the last observation of the person.

    Parameters
    ----------
    obs : Observations
    exits, out_of_sight : sequence of states
        Competing events; states that the panel does not have are ignored.
    rank : mapping, optional
        Place of each step on the ladder. Default: the number itself; a step between two (`"3-4"`) lies halfway.
    moves : sequence of (from, reached), optional
        Only these moves, e.g. `[("5", "6")]`.

    Returns
    -------
    Moves

    Raises
    ------
    InputError
        If a step has no rank, or a wanted move names an unknown step or does not go up.

    Notes
    -----
    The time of a move is the time of the observation that showed it: a longer gap between observations delays it,
    and both the move and a short relapse within a gap can go unseen; `gap` tells how long it was. A state set
    counts as higher (or below) only when all its members are; the reached step is then its lowest member.
    """
    place = _ranks(obs, exits, out_of_sight, rank)
    hidden, gone = _members(obs, out_of_sight), _members(obs, exits)
    low, high = _bounds(obs, place)
    kind = np.select([np.isin(obs.state, gone), np.isin(obs.state, hidden)], [2, 1], 0)
    before = obs.starts
    after = before + 1
    up = (kind[before] == 0) & (kind[after] == 0) & (low[after] > high[before])
    if moves is not None:
        up &= _wanted(obs, before, after, moves, place)
    origin = before[up]
    table, undecided = _followed(obs, origin, low, high, kind)
    first_low = low[obs.first]
    on_ladder = kind[obs.first] == 0
    known_low = low[kind == 0]
    return Moves(
        table=table,
        left_truncated=int((on_ladder & (first_low > known_low.min(initial=np.inf))).sum()),
        undecided=undecided,
        from_hidden=_returns_higher(obs, kind, low, high),
        unit=obs.unit,
    )


def _members(obs: Observations, labels: Sequence[Hashable]) -> np.ndarray:
    """Codes of the states among `labels` that the panel has."""
    return np.array([code for code, state in enumerate(obs.states) if state in set(labels)], dtype=int)


def _ranks(
    obs: Observations,
    exits: Sequence[Hashable],
    out_of_sight: Sequence[Hashable],
    rank: Mapping[Hashable, float] | None,
) -> np.ndarray:
    """Place on the ladder per state code; nan off the ladder."""
    away = {*exits, *out_of_sight}
    places = []
    for state in obs.states:
        place = np.nan if state in away else (_place(state) if rank is None else rank.get(state, np.nan))
        if state not in away and np.isnan(place):
            raise InputError(
                f"rank: every step needs a place on the ladder, got none for {state!r} "
                "(name it in rank, exits or out_of_sight)"
            )
        places.append(place)
    return np.array(places, float)


def _place(state: Hashable) -> float:
    """Place of a step by its name: `4` or `"4"` is 4, `"3-4"` is 3.5."""
    if isinstance(state, (int, float, np.integer, np.floating)):
        return float(state)
    numbers = re.fullmatch(r"(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?", str(state))
    if not numbers:
        return float("nan")
    first, second = numbers.groups()
    return float(first) if second is None else (float(first) + float(second)) / 2


def _bounds(obs: Observations, rank: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest place each row allows; a set that includes an exit allows everything."""
    groups = [(code,) for code in range(len(obs.states))] + list(obs.sets)
    low, high = [], []
    for members in groups:
        places = rank[list(members)]
        open_ended = len(members) > 1 and np.isnan(places).any()
        low.append(-np.inf if open_ended else places.min())
        high.append(np.inf if open_ended else places.max())
    return np.array(low)[obs.state], np.array(high)[obs.state]


def _wanted(
    obs: Observations,
    before: np.ndarray,
    after: np.ndarray,
    moves: Sequence[tuple[Hashable, Hashable]],
    rank: np.ndarray,
) -> np.ndarray:
    """Pairs of rows that are one of the wanted moves."""
    result = np.zeros(len(before), bool)
    for start, end in moves:
        i, j = obs.code(start, "moves"), obs.code(end, "moves")
        if not rank[j] > rank[i]:
            raise InputError(f"moves: must go up the ladder, got {(start, end)}")
        result |= (obs.state[before] == i) & (obs.state[after] == j)
    return result


def _followed(
    obs: Observations, origin: np.ndarray, low: np.ndarray, high: np.ndarray, kind: np.ndarray
) -> tuple[pd.DataFrame, int]:
    """One row per move with its first event, and how many met an observation that leaves it open."""
    begin = origin + 1
    last = np.append(obs.first[1:], obs.n)[obs.person[begin]] - 1 if len(begin) else begin
    reached = low[begin]
    cause = np.full(len(begin), "", dtype=object)
    end = last.copy()
    undecided = np.zeros(len(begin), bool)
    open_moves = np.arange(len(begin))
    offset = 0
    # one later observation at a time for all moves that are still open
    while len(open_moves):
        row = begin[open_moves] + offset
        open_moves, row = open_moves[row <= last[open_moves]], row[row <= last[open_moves]]
        below = (kind[row] == 0) & (high[row] < reached[open_moves])
        event = np.select([kind[row] == 2, kind[row] == 1, below], [EXIT, HIDDEN, RELAPSE], "")
        undecided[open_moves] |= (kind[row] == 0) & ~below & (low[row] < reached[open_moves])
        ended = event != ""
        cause[open_moves[ended]] = event[ended]
        end[open_moves[ended]] = row[ended]
        open_moves = open_moves[~ended]
        offset += 1
    labels = np.array(obs.labels, dtype=object)
    start_label, end_label = labels[obs.state[origin]], labels[obs.state[begin]]
    table = pd.DataFrame(
        {
            "person": obs.persons[obs.person[begin]],
            "cluster": obs.person[begin],
            "from_step": start_label,
            "reached_step": end_label,
            "move": [f"{a}→{b}" for a, b in zip(start_label, end_label, strict=True)],
            "start": obs.time[begin],
            "duration": obs.time[end] - obs.time[begin],
            "cause": cause,
            "gap": obs.time[begin] - obs.time[origin],
        }
    )
    covariates = obs.covariates.iloc[begin].reset_index(drop=True)
    return pd.concat([table, covariates], axis=1), int(undecided.sum())


def _returns_higher(obs: Observations, kind: np.ndarray, low: np.ndarray, high: np.ndarray) -> int:
    """Returns from out of sight to a step higher than the last one seen."""
    on_ladder = np.where(kind == 0, np.arange(obs.n), -1)
    last = pd.Series(on_ladder).where(on_ladder >= 0).groupby(obs.person).ffill().to_numpy()
    back = obs.starts[(kind[obs.starts] == 1) & (kind[obs.starts + 1] == 0)]
    known = back[np.isfinite(last[back])]
    return int((low[known + 1] > high[last[known].astype(int)]).sum())
