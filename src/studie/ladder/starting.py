"""From observations to a search: a scaled likelihood, a start near the maximum, and the method that fits."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

import numpy as np

from studie.errors import InputError
from studie.ladder import search
from studie.ladder.coding import FloatArray, IntArray
from studie.ladder.collapse import Collapsed
from studie.ladder.likelihood import Likelihood
from studie.ladder.misclassification import Emission, HiddenLikelihood
from studie.ladder.observations import Observations
from studie.ladder.structure import Structure

_COARSE: Final = 256


def scaled_likelihood(data: Collapsed, form: Structure) -> Likelihood:
    """Likelihood on centred and scaled covariates."""
    rows = data.design.rows - data.means
    scale = np.sqrt(np.mean(rows**2, axis=0)) if rows.size else np.ones(rows.shape[1])
    scale = np.where(scale > 0, scale, 1.0)
    return Likelihood(data=data, structure=form, rows=rows / scale, center=data.means, scale=scale)


def parameter_scale(form: Structure, scale: FloatArray) -> FloatArray:
    """What a reported parameter is multiplied by to get the scaled one."""
    factor = np.ones(form.n_parameters)
    inner = form.effect_column >= 0
    factor[form.effect_parameter[inner]] = scale[form.effect_column[inner]]
    return factor


def require_started(data: Collapsed, moves: IntArray, observations: Observations) -> None:
    """Error for moves from a state on which no interval started, sets included."""
    seen = np.zeros(len(data.masks), dtype=bool)
    seen[data.cell_from] = True
    for chains in data.chains:
        seen[chains.start] = True
        seen[chains.code[:, :-1]] = True
    started = data.masks[seen].sum(axis=0) > 0
    absent = [observations.states[a] for a in sorted(set(moves[:, 0].tolist())) if not started[a]]
    if absent:
        named = ", ".join(map(str, absent))
        raise InputError(f"moves: nobody started on {named}, so its moves cannot be estimated; leave them out")


def scaled_start(
    start: FloatArray, form: Structure, likelihood: Likelihood, confused: Emission | None = None
) -> FloatArray:
    """Given starting values on the scale of the search."""
    extra = 0 if confused is None else len(confused.names)
    if start.shape != (form.n_parameters + extra,):
        raise InputError(f"start: needs {form.n_parameters + extra} values, got {start.shape}")
    return start * np.append(parameter_scale(form, likelihood.scale), np.ones(extra))


def crude_start(data: Collapsed, form: Structure) -> FloatArray:
    """Starting values: observed moves per time on the state, as if moves happened at the observations."""
    k = form.size
    atoms = data.kernel_atoms
    time = np.where(atoms >= 0, data.atom_time[np.maximum(atoms, 0)], 0.0).sum(axis=1)
    spent = np.bincount(data.cell_from, weights=data.cell_count * time[data.cell_kernel], minlength=k)
    single = data.cell_to < k
    moved = np.zeros((k, k))
    np.add.at(moved, (data.cell_from[single], data.cell_to[single]), data.cell_count[single])
    for chains in data.chains:
        share = chains.count * time[chains.kernel].sum(axis=1)
        for code in np.unique(chains.start):
            members = np.flatnonzero(data.masks[code])
            spent[members] += share[chains.start == code].sum() / len(members)
    a, b = form.moves[:, 0], form.moves[:, 1]
    usual = max(float(moved.sum() - np.trace(moved)), 1.0) / max(float(spent.sum()), 1e-12) / 10
    rate = (moved[a, b] + 0.5) / np.where(spent[a] > 0, spent[a], 0.5 / usual)
    theta = np.zeros(form.n_parameters)
    base = form.effect_column < 0
    total = np.bincount(form.effect_parameter[base], weights=np.log(rate)[form.effect_move[base]])
    theta[: len(total)] = total / np.bincount(form.effect_parameter[base])
    return theta


def maximum(
    likelihood: Likelihood | HiddenLikelihood,
    theta: FloatArray,
    information: Literal["observed", "expected"],
    coarse: bool,
    max_iterations: int,
) -> search.Optimum:
    """Scoring or quasi-Newton, from a cheap start where there are many covariate combinations."""
    if isinstance(likelihood, HiddenLikelihood) or not likelihood.data.panel_only:
        return search.quasi_newton(likelihood, theta, max_iterations=max_iterations)
    if coarse and len(likelihood.rows) > 2 * _COARSE and likelihood.data.kernel_atoms.shape[1] == 1:
        near = search.scoring(_coarsened(likelihood), theta, information="expected", max_iterations=max_iterations)
        theta = near.theta
    return search.scoring(likelihood, theta, information=information, max_iterations=max_iterations)


def _coarsened(likelihood: Likelihood) -> Likelihood:
    """The same data with covariates rounded to a few values: a start that is nearly the maximum."""
    data, rows = likelihood.data, likelihood.rows
    many = [c for c in range(rows.shape[1]) if len(np.unique(rows[:, c])) > 8]
    bins = max(2, int(_COARSE ** (1 / max(1, len(many))) / 4))
    rounded = rows.copy()
    for c in many:
        edges = np.quantile(rows[:, c], np.linspace(0, 1, bins + 1)[1:-1])
        group = np.searchsorted(edges, rows[:, c])
        size = np.maximum(np.bincount(group, minlength=bins), 1)
        rounded[:, c] = (np.bincount(group, weights=rows[:, c], minlength=bins) / size)[group]
    distinct, back = np.unique(rounded, axis=0, return_inverse=True)
    atom = data.kernel_atoms[data.cell_kernel, 0]
    table = np.column_stack((back.ravel()[data.atom_design[atom]], data.atom_time[atom], data.cell_from, data.cell_to))
    cells, where = np.unique(table, axis=0, return_inverse=True)
    kernels, kernel = np.unique(cells[:, :2], axis=0, return_inverse=True)
    smaller = replace(
        data,
        atom_design=kernels[:, 0].astype(int),
        atom_time=kernels[:, 1],
        kernel_atoms=np.arange(len(kernels))[:, None],
        kernel_kind=np.zeros(len(kernels), dtype=int),
        cell_kernel=kernel.ravel(),
        cell_from=cells[:, 2].astype(int),
        cell_to=cells[:, 3].astype(int),
        cell_count=np.bincount(where.ravel(), weights=data.cell_count).astype(float),
    )
    return replace(likelihood, data=smaller, rows=distinct)
