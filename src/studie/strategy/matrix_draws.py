"""How people move, in draws: monthly transition matrices that carry the uncertainty of a fitted ladder model."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import linalg

from studie.errors import InputError, InsufficientDataError, unknown
from studie.ladder.fitted import IntensityFit

Floats = np.ndarray
ROW_SUM = 1e-9  # rows of probabilities are written and read with about ten digits
ALL = "alle"


@dataclass(frozen=True, kw_only=True, eq=False)
class MatrixDraws:
    """Monthly transition matrices, one per draw, for each target group and perhaps each region.

    Attributes
    ----------
    states : tuple
        Steps, states off the ladder and exits, in the order of rows and columns.
    groups : tuple
        Target groups; people are in one of them.
    regions : tuple
        Regions with matrices of their own; empty when one matrix holds for all.
    values : array, shape (groups, 1 or regions, draws, k, k)
        Probability per month from row to column [share 0-1].
    """

    states: tuple[Hashable, ...]
    groups: tuple[Hashable, ...] = (ALL,)
    regions: tuple[Hashable, ...] = ()
    values: Floats

    def __post_init__(self) -> None:
        k, expected = len(self.states), (len(self.groups), max(len(self.regions), 1))
        if self.values.ndim != 5 or self.values.shape[:2] != expected or self.values.shape[3:] != (k, k):
            raise InputError(f"values: shape must be {(*expected, 'draws', k, k)}, got {self.values.shape}")
        if len(set(self.states)) < k or not self.draws:
            raise InputError(f"states: each once, and at least one draw, got {self.states} and {self.draws} draws")
        if not np.isfinite(self.values).all() or (self.values < 0).any():
            raise InputError("values: probabilities must be at least 0 and known, got a negative or missing one")
        gap = float(np.abs(self.values.sum(axis=-1) - 1).max())
        if gap > ROW_SUM:
            raise InputError(f"values: every row must sum to 1, got one that is {gap:.2g} away")

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.values.shape[2])


def from_fit(
    fit: IntensityFit,
    *,
    rng: np.random.Generator,
    draws: int = 1000,
    month: float = 1.0,
    at: Mapping[str, Any] | None = None,
) -> MatrixDraws:
    """Monthly matrices of a fitted continuous-time model: exp(Q month), with Q drawn as often as asked.

    Parameters
    ----------
    fit : IntensityFit
        Converged, every parameter identified.
    rng : Generator
    draws : int, default 1000
    month : float, default 1.0
        One month in the fit's unit of time (1/12 when it is a year).
    at : mapping, optional
        Covariate values; the mean where not given.

    Raises
    ------
    InputError
        If the fit did not converge, or fewer than one draw is asked.

    Notes
    -----
    Parameters ~ N(estimate, covariance) on the log scale, as for the model's simulated intervals [1]_; the bootstrap
    draws of a fit that carries them are used instead, with replacement.

    References
    ----------
    .. [1] Mandel, M. (2013). Am. Stat. 67(2), 76-81.
    """
    _positive(draws)
    if not fit.converged:
        raise InputError(f"fit: must have converged, got {fit.reason}")
    model = fit.model
    if model.draws is not None:
        theta = model.draws[rng.integers(len(model.draws), size=draws)]
    else:
        theta = rng.multivariate_normal(model.theta, fit.covariance.to_numpy(), size=draws, method="eigh")
    point = model.point(at or {})
    Q = np.stack([model.generator(one, point) for one in theta])
    P = np.clip(linalg.expm(Q * month), 0.0, None)
    return MatrixDraws(states=model.structure.states, values=(P / P.sum(axis=-1, keepdims=True))[None, None])


def from_counts(
    counts: pd.DataFrame,
    *,
    rng: np.random.Generator,
    draws: int = 1000,
    prior: float = 0.5,
    moves: Sequence[tuple[Hashable, Hashable]] | None = None,
    absorbing: Sequence[Hashable] = (),
) -> MatrixDraws:
    """Monthly matrices from counted monthly moves: a Dirichlet posterior per row [1]_.

    Parameters
    ----------
    counts : DataFrame, shape (k, k)
        Moves over one month [count]; index and columns are the same states in the same order.
    rng : Generator
    draws : int, default 1000
    prior : float, default 0.5
        Pseudo-count per allowed cell.
    moves : sequence of (from, to), optional
        Allowed moves beside staying; by default those that were seen.
    absorbing : sequence, optional
        States that nobody leaves.

    Raises
    ------
    InputError
        If the table is not square over one list of states, or holds a negative or missing count.
    InsufficientDataError
        If nobody started on a state that is not absorbing.

    References
    ----------
    .. [1] Gelman, A. et al. (2013). Bayesian Data Analysis, 3rd ed., section 3.4.
    """
    _positive(draws)
    states = list(counts.index)
    table = counts.to_numpy(float)
    if list(counts.columns) != states or not np.isfinite(table).all() or (table < 0).any():
        raise InputError("counts: must be square over one list of states, without negative or missing counts")
    for state in absorbing:
        if state not in states:
            raise unknown("absorbing", state, map(str, states))
    allowed = table > 0 if moves is None else _allowed(states, moves)
    np.fill_diagonal(allowed, True)
    values = np.zeros((draws, len(states), len(states)))
    for i, state in enumerate(states):
        if state in absorbing:
            values[:, i, i] = 1.0
        elif not table[i].sum():
            raise InsufficientDataError(
                f"counts: somebody must start on every state that can be left, nobody on {state}"
            )
        else:
            values[:, i, allowed[i]] = rng.dirichlet(table[i, allowed[i]] + prior, size=draws)
    return MatrixDraws(states=tuple(states), values=values[None, None])


def by_group(matrices: Mapping[Hashable, MatrixDraws]) -> MatrixDraws:
    """Matrices of several target groups together.

    Raises
    ------
    InputError
        If there is no group, or the groups differ in states, regions or draws.
    """
    parts = list(matrices.values())
    if not parts or any(
        (m.states, m.regions, m.draws) != (parts[0].states, parts[0].regions, parts[0].draws) for m in parts
    ):
        raise InputError("matrices: at least one group, which must share states, regions and number of draws")
    values = np.concatenate([m.values for m in parts], axis=0)
    return MatrixDraws(states=parts[0].states, groups=tuple(matrices), regions=parts[0].regions, values=values)


def by_region(matrices: Mapping[Hashable, MatrixDraws]) -> MatrixDraws:
    """Matrices of several regions together.

    Raises
    ------
    InputError
        If there is no region, or the regions differ in states, groups or draws.
    """
    parts = list(matrices.values())
    if not parts or any(
        (m.states, m.groups, m.draws) != (parts[0].states, parts[0].groups, parts[0].draws) for m in parts
    ):
        raise InputError("matrices: at least one region, which must share states, groups and number of draws")
    values = np.concatenate([m.values for m in parts], axis=1)
    return MatrixDraws(states=parts[0].states, groups=parts[0].groups, regions=tuple(matrices), values=values)


def _allowed(states: Sequence[Hashable], moves: Sequence[tuple[Hashable, Hashable]]) -> np.ndarray:
    """True where a move is listed."""
    position = {state: i for i, state in enumerate(states)}
    table = np.zeros((len(states), len(states)), dtype=bool)
    for a, b in moves:
        for state in (a, b):
            if state not in position:
                raise unknown("moves", state, map(str, states))
        table[position[a], position[b]] = True
    return table


def _positive(draws: int) -> None:
    """At least one draw."""
    if draws < 1:
        raise InputError(f"draws: must be at least 1, got {draws}")
