"""Relapse and lasting moves: what follows a step up, with the clock set to zero at the move."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd

from studie.errors import InputError, InsufficientDataError, unknown
from studie.ladder.incidence import TOLERANCE, CumulativeIncidence, Spells, grouped_incidence
from studie.ladder.intervals import LEVEL
from studie.ladder.moves import EXIT, HIDDEN, RELAPSE, Moves, upward_moves
from studie.ladder.observations import Observations
from studie.ladder.transition import TransitionMatrix

RELAPSE_QUANTITIES = {
    "relapse": (RELAPSE,),
    "relapse_if_all_out_of_sight": (RELAPSE, HIDDEN),
    "exit": (EXIT,),
    "out_of_sight": (HIDDEN,),
}
LASTING_QUANTITIES = {
    "lasting": (RELAPSE, EXIT, HIDDEN),
    "lasting_if_all_out_of_sight": (RELAPSE, EXIT),
}


def relapse(
    obs: Observations | Moves,
    *,
    within: Sequence[float] = tuple(range(1, 25)),
    by: str | Sequence[str] = (),
    moves: Sequence[tuple[Hashable, Hashable]] | None = None,
    level: float = LEVEL,
    tolerance: float | None = None,
) -> CumulativeIncidence:
    """Probability of being seen below the reached step within h of a step up.

    The clock starts at the move, so it shows whether those who just moved up are the ones who fall back; a Markov
    model assumes that away (`markov_relapse` gives its figure for comparison). Differences between groups are
    associations.

    Parameters
    ----------
    obs : Observations or Moves
    within : sequence of float, default 1 … 24
        Times since the move [time units].
    by : str or sequence of str
        Group columns: covariates at the move, or `move`, `from_step`, `reached_step`.
    moves : sequence of (from, reached), optional
        Only these moves.
    level : float, default 0.95
        Coverage of each interval.
    tolerance : float, optional
        Slack on `within`: 0.1 month for dates (calendar months differ), exact for a numeric time.

    Returns
    -------
    CumulativeIncidence
        Quantities `relapse`, `exit`, `out_of_sight`, and `relapse_if_all_out_of_sight`: the upper bound, had
        everyone who went out of sight relapsed then; `relapse` itself is the lower bound, had none.

    Raises
    ------
    InputError
        If there is no step up, or a group column is not known.

    Notes
    -----
    Aalen-Johansen with exits and out of sight as competing events, variance clustered by person
    (`incidence.incidence_table`). Left truncation: only moves that were seen happen count, each followed from
    its own time 0, so no one enters late; those already on the step are counted in `left_truncated`.
    """
    return _incidence(obs, RELAPSE_QUANTITIES, (), within, by=by, moves=moves, level=level, tolerance=tolerance)


def lasting_moves(
    obs: Observations | Moves,
    *,
    through: Sequence[float] = (12, 24),
    by: str | Sequence[str] = (),
    moves: Sequence[tuple[Hashable, Hashable]] | None = None,
    level: float = LEVEL,
    tolerance: float | None = None,
) -> CumulativeIncidence:
    """Probability that a step up lasts: never seen below it, gone or out of sight through h (duurzame doorstroom).

    Parameters
    ----------
    obs : Observations or Moves
    through : sequence of float, default (12, 24)
        Times since the move [time units].
    by, moves, level, tolerance
        As in `relapse`.

    Returns
    -------
    CumulativeIncidence
        Quantities `lasting` (the lower bound: nobody out of sight lasted) and `lasting_if_all_out_of_sight` (the
        upper bound: all of them lasted).

    Raises
    ------
    InputError
        If there is no step up, or a group column is not known.

    Notes
    -----
    One minus the summed cumulative incidence of relapse, exit and out of sight; with `relapse` at the same time
    these add up to one exactly.
    """
    names = tuple(LASTING_QUANTITIES)
    return _incidence(obs, LASTING_QUANTITIES, names, through, by=by, moves=moves, level=level, tolerance=tolerance)


def markov_relapse(
    matrix: TransitionMatrix, *, reached: Hashable, below: Sequence[Hashable], lags: int
) -> pd.DataFrame:
    """Relapse within 1 … `lags` lags if moves did not depend on time since the move: the Markov check.

    Parameters
    ----------
    matrix : TransitionMatrix
        One-lag matrix of the same panel; steps nobody started on (exits) are taken as the end.
    reached : step
        Where the clock starts.
    below : sequence of steps
        Steps that count as relapse.
    lags : int
        How far to look, in lags.

    Returns
    -------
    DataFrame
        Columns time [time units], quantity `markov_relapse`, estimate, lower, upper, n, unit. The interval is
        missing: the figure is a comparison.

    Raises
    ------
    InputError
        If a step is unknown or nobody started on the reached step.

    Notes
    -----
    With the steps below made absorbing, the estimate after s lags is Σ_{j below} (P^s)_{reached, j}.
    """
    steps = list(matrix.estimate.index)
    for step in (reached, *below):
        if step not in steps:
            raise unknown("reached or below", step, steps)
    if matrix.estimate.iloc[steps.index(reached)].isna().any():
        raise InputError(f"reached: somebody must have started there, got nobody on {reached!r}")
    p = matrix.estimate.to_numpy(float).copy()
    fixed = np.isnan(p).any(axis=1) | np.isin(np.array(steps, object), np.array(list(below), object))
    p[fixed] = np.eye(len(steps))[fixed]
    here = np.eye(len(steps))[steps.index(reached)]
    ends = [steps.index(step) for step in below]
    rows = []
    for lag in range(1, lags + 1):
        here = here @ p
        rows.append(
            (lag * matrix.lag, "markov_relapse", float(here[ends].sum()), np.nan, np.nan, matrix.n, "probability")
        )
    return pd.DataFrame(rows, columns=["time", "quantity", "estimate", "lower", "upper", "n", "unit"])


def spells_of(moves: Moves) -> Spells:
    """Durations and causes of the moves."""
    table = moves.table
    codes, _ = pd.factorize(table["cluster"])
    return Spells(duration=table["duration"].to_numpy(float), cause=table["cause"].to_numpy().astype(str), person=codes)


def _incidence(
    obs: Observations | Moves,
    quantities: Mapping[str, Sequence[str]],
    complement: Sequence[str],
    times: Sequence[float],
    *,
    by: str | Sequence[str],
    moves: Sequence[tuple[Hashable, Hashable]] | None,
    level: float,
    tolerance: float | None,
) -> CumulativeIncidence:
    """Cumulative incidence after the moves, per group."""
    seen = _chosen(obs, moves) if isinstance(obs, Moves) else upward_moves(obs, moves=moves)
    if seen.n == 0:
        raise InsufficientDataError("obs: at least one step up must be seen, got none")
    keys = (by,) if isinstance(by, str) else tuple(by)
    for key in keys:
        if key not in seen.table.columns:
            raise unknown("by", key, map(str, seen.table.columns))
    slack = tolerance if tolerance is not None else (TOLERANCE if seen.unit == "month" else 1e-6)
    spells = spells_of(seen)
    table = grouped_incidence(
        spells, seen.table[list(keys)], by=keys, times=list(times), quantities=dict(quantities), complement=complement,
        level=level, tolerance=slack,
    )  # fmt: skip
    return CumulativeIncidence(
        table=table,
        by=keys,
        level=level,
        n=seen.n,
        persons=int(seen.table["cluster"].nunique()),
        left_truncated=seen.left_truncated,
        undecided=seen.undecided,
    )


def _chosen(moves: Moves, wanted: Sequence[tuple[Hashable, Hashable]] | None) -> Moves:
    """Moves of the wanted kinds."""
    if wanted is None:
        return moves
    pairs = set(wanted)
    rows = [pair in pairs for pair in zip(moves.table["from_step"], moves.table["reached_step"], strict=True)]
    return Moves(
        table=moves.table[rows].reset_index(drop=True),
        left_truncated=moves.left_truncated,
        undecided=moves.undecided,
        from_hidden=moves.from_hidden,
        unit=moves.unit,
    )
