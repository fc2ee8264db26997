"""Which moves are possible and what may change them: allowed moves, effects and equalities."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown
from studie.ladder.coding import FloatArray, IntArray
from studie.ladder.covariates import Design

BASELINE: Final = "intensity"

Move = tuple[Hashable, Hashable]
Effects = Mapping[str, Literal["all"] | Sequence[Move]]
Equalities = Mapping[str, Sequence[Sequence[Move]]]


@dataclass(frozen=True, kw_only=True)
class Structure:
    """The parameters of a model: a baseline log intensity per move and log hazard ratios.

    Attributes
    ----------
    states : tuple
        Labels of the states.
    moves : int array, shape (m, 2)
        State codes of the allowed moves, by origin and then destination.
    columns : tuple of str
        Design columns.
    effect_column, effect_move : int arrays, shape (e,)
        Every single effect: on which design column (-1 for the baseline) and which move.
    effect_parameter : int array, shape (e,)
        The parameter that the effect equals; effects that are held equal share one.
    names : tuple of str, shape (p,)
        Name per parameter: ``'1→2'`` or ``'sex 1→2'``, groups as ``'sex 1→2=2→3'``.
    """

    states: tuple[Hashable, ...]
    moves: IntArray
    columns: tuple[str, ...]
    effect_column: IntArray
    effect_move: IntArray
    effect_parameter: IntArray
    names: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of states."""
        return len(self.states)

    @property
    def n_parameters(self) -> int:
        """Number of free parameters."""
        return len(self.names)

    def coefficients(self, theta: FloatArray) -> FloatArray:
        """Coefficients (1 + v, m): baseline log intensities and effects; zero where there is none."""
        table = np.zeros((1 + len(self.columns), len(self.moves)))
        table[self.effect_column + 1, self.effect_move] = theta[self.effect_parameter]
        return table

    def log_rates(self, theta: FloatArray, rows: FloatArray) -> FloatArray:
        """Log intensities, shape (n, m), at centred design rows, shape (n, v)."""
        table = self.coefficients(theta)
        return table[0] + rows @ table[1:]


def parse_moves(moves: Sequence[Move] | pd.DataFrame, states: Sequence[Hashable]) -> IntArray:
    """Codes of the allowed moves, sorted; a DataFrame (states × states) allows where it is not zero.

    Raises
    ------
    InputError
        A label is unknown, a move stays where it is, occurs twice, or there is none.
    """
    if isinstance(moves, pd.DataFrame):
        cells: list[Any] = [(a, b) for a in moves.index for b in moves.columns if a != b and moves.loc[a, b] != 0]
    else:
        cells = list(moves)
    if not cells:
        raise InputError("moves: at least one move is needed, got none")
    position = {label: i for i, label in enumerate(states)}
    codes = []
    for move in cells:
        a, b = _pair(move, position)
        if a == b:
            raise InputError(f"moves: a move must change the state, got {move}")
        codes.append((a, b))
    if len(set(codes)) < len(codes):
        twice = next(move for move, code in zip(cells, codes, strict=True) if codes.count(code) > 1)
        raise InputError(f"moves: each move once, got {twice} twice")
    return np.array(sorted(codes))


def _pair(move: Any, position: Mapping[Hashable, int]) -> tuple[int, int]:
    """Codes of one move."""
    if not isinstance(move, (tuple, list)) or len(move) != 2:
        raise InputError(f"moves: must be pairs (from, to), got {move!r}")
    for label in move:
        if label not in position:
            raise unknown("moves", label, map(str, position))
    return position[move[0]], position[move[1]]


def neighbour_moves(
    steps: Sequence[Hashable],
    *,
    exits: Sequence[Hashable] = (),
    relapse: Literal["neighbour", "any"] = "neighbour",
    away: Sequence[Hashable] = (),
) -> list[Move]:
    """Moves of a ladder: one step up, one or more down, and from every step to every exit.

    Parameters
    ----------
    steps : sequence
        Steps from low to high.
    exits : sequence, optional
        States that nobody leaves.
    relapse : {'neighbour', 'any'}, default 'neighbour'
        Whether a fall may pass steps.
    away : sequence, optional
        States that are entered from and left to every step (such as ``'uit_beeld'``).
    """
    moves: list[Move] = [(low, high) for low, high in itertools.pairwise(steps)]
    for i in range(1, len(steps)):
        lowest = i - 1 if relapse == "neighbour" else 0
        moves.extend((steps[i], steps[j]) for j in range(lowest, i))
    for step in steps:
        moves.extend((step, state) for state in (*exits, *away))
        moves.extend((state, step) for state in away)
    moves.extend((state, exit_) for state in away for exit_ in exits)
    return moves


def structure(
    states: Sequence[Hashable],
    moves: IntArray,
    design: Design,
    covariates: Effects,
    equal: Equalities,
) -> Structure:
    """Parameters of a model with these moves, effects and equalities.

    Parameters
    ----------
    states, moves
        Labels, and codes of the allowed moves.
    design : Design
        Its columns are the possible effects.
    covariates : mapping
        Per covariate ``'all'`` or the moves it acts on; a period acts on all.
    equal : mapping
        Per covariate, level (``'support[coach]'``), period (``'period 2'``) or ``'intensity'``: groups of
        moves with one coefficient. A move in no group keeps its own.

    Raises
    ------
    InputError
        A name or move is unknown, a move stands in two groups, or has no such effect.
    """
    labels = [f"{states[a]}→{states[b]}" for a, b in moves]
    position = {label: i for i, label in enumerate(states)}
    number = {(int(a), int(b)): j for j, (a, b) in enumerate(moves)}

    def index(move: Any, argument: str) -> int:
        code = _pair(move, position)
        if code not in number:
            raise InputError(f"{argument}: {move} is not an allowed move")
        return number[code]

    known = {BASELINE, *design.columns, *design.source}
    for name in equal:
        if name not in known:
            raise unknown("equal", name, known)
    columns: list[int] = []
    acting: list[int] = []
    parameters: list[int] = []
    names: list[str] = []
    for c, (column, source) in enumerate(
        zip((BASELINE, *design.columns), (BASELINE, *design.source), strict=True), start=-1
    ):
        wanted = covariates.get(source, "all")
        on = range(len(moves)) if wanted == "all" else sorted({index(move, source) for move in wanted})
        groups = equal.get(column, equal.get(source, ()))
        group_of: dict[int, int] = {}
        for g, group in enumerate(groups):
            for move in group:
                j = index(move, "equal")
                if j not in on:
                    raise InputError(f"equal: {column} does not act on {move}")
                if j in group_of:
                    raise InputError(f"equal: {move} stands in two groups of {column}")
                group_of[j] = g
        shared: dict[int, int] = {}
        for j in on:
            own = group_of.get(j)
            if own is None or own not in shared:
                parameter = len(names)
                together = [labels[i] for i in on if i == j or (own is not None and group_of.get(i) == own)]
                names.append(("" if c < 0 else f"{column} ") + "=".join(together))
                if own is not None:
                    shared[own] = parameter
            else:
                parameter = shared[own]
            columns.append(c)
            acting.append(j)
            parameters.append(parameter)
    return Structure(
        states=tuple(states),
        moves=moves,
        columns=design.columns,
        effect_column=np.array(columns),
        effect_move=np.array(acting),
        effect_parameter=np.array(parameters),
        names=tuple(names),
    )
