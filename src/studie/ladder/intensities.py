"""How fast people move: a continuous-time Markov model fitted to a panel by maximum likelihood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from studie.errors import InputError
from studie.ladder import comparison, estimates, search, starting
from studie.ladder.coding import DAYS_PER_MONTH, FloatArray
from studie.ladder.collapse import collapse
from studie.ladder.fitted import IntensityFit
from studie.ladder.likelihood import Likelihood
from studie.ladder.misclassification import Confusions, HiddenLikelihood, emission, hidden
from studie.ladder.misclassification import crude_start as hidden_start
from studie.ladder.model import Model
from studie.ladder.observations import Observations, events
from studie.ladder.structure import Effects, Equalities, Move, neighbour_moves, parse_moves, structure

__all__ = ["IntensityFit", "fit", "held_out", "likelihood_ratio", "log_likelihood", "neighbour_moves"]

LEVEL: Final = 0.95


def fit(
    observations: Observations,
    moves: Sequence[Move] | pd.DataFrame,
    *,
    covariates: Effects | None = None,
    equal: Equalities | None = None,
    breaks: Sequence[Any] = (),
    misclassification: Confusions | None = None,
    initial: Mapping[Any, float] | None = None,
    start: FloatArray | None = None,
    information: Literal["observed", "expected"] = "observed",
    max_iterations: int = 200,
    level: float = LEVEL,
) -> IntensityFit:
    """A continuous-time Markov model of moves between states, by maximum likelihood.

    The observations are collapsed to unique (time passed, covariates, from, to) [1]_, so the cost does not
    grow with the number of persons. Snapshots are fitted by Fisher scoring; exact times, exact
    entries and sets by BFGS with analytic gradient, ended by Newton steps.

    Parameters
    ----------
    observations : Observations
    moves : list of (from, to), or DataFrame
        Allowed instantaneous moves; a state without moves is absorbing.
    covariates : mapping, optional
        ``{"sex": "all"}`` or ``{"sex": [(1, 2), (2, 3)]}``: log q = log q0 + effect (x - mean).
    equal : mapping, optional
        Per covariate, ``'period 2'`` or ``'intensity'``: groups of moves that share one coefficient.
    breaks : sequence, optional
        Times (or dates) from which the intensities are multiplied, one effect per move and period.
    misclassification : mapping, optional
        ``{(true, recorded): probability}``: starting values of the confusions that may happen; the others do
        not. Rows that are `known` and states that are never confused are taken as true.
    initial : mapping, optional
        With misclassification: distribution of the true state at a first row that is not known;
        default, as in R msm, everyone on the first state.
    start : array, optional
        Starting values of the parameters, in the order of `parameters`.
    information : {'observed', 'expected'}
        Source of the standard errors; the expected information exists for snapshots only.
    max_iterations : int
    level : float, default 0.95
        Coverage of the intervals, in (0, 1).

    Raises
    ------
    InputError
        One person only; a move from a state nobody started on; a covariate with one value or
        missing; an observed pair that the moves cannot produce; a name that is unknown.

    Notes
    -----
    Assumes that what happens next depends on the current state, covariates and period only: see
    `hazards` for relapse after a move, where this fails. Persons are independent. A parameter is
    *flat* when its standard error exceeds 10 on the log scale: `converged` is then False, `reason`
    names the move and its events, and the other parameters keep their intervals.

    References
    ----------
    .. [1] Kalbfleisch, J. D., & Lawless, J. F. (1985). J. Am. Stat. Assoc. 80(392), 863-871.
    .. [2] Jackson, C. H. (2011). J. Stat. Softw. 38(8), 1-28.
    """
    if not 0 < level < 1:
        raise InputError(f"level: must lie strictly between 0 and 1, got {level}")
    if observations.n_persons < 2:
        raise InputError(f"observations: a fit needs at least two persons, got {observations.n_persons}")
    if len(observations.starts) == 0:
        raise InputError("observations: no person was seen twice, so there is no interval to fit")
    codes = parse_moves(moves, observations.states)
    effects = dict(covariates or {})
    cuts = _cuts(observations, breaks)
    confused = None if misclassification is None else emission(observations.states, misclassification, initial)
    watched = observations if confused is None else hidden(observations, confused)
    data = collapse(watched, moves=codes, covariates=list(effects), breaks=cuts)
    starting.require_started(data, codes, observations)
    form = structure(observations.states, codes, data.design, effects, equal or {})
    base = starting.scaled_likelihood(data, form)
    likelihood = base if confused is None else HiddenLikelihood(base=base, emission=confused)
    if start is not None:
        theta = starting.scaled_start(np.asarray(start, dtype=float), form, base, confused)
    elif confused is None:
        theta = starting.crude_start(data, form)
    else:
        theta = np.concatenate((hidden_start(observations, form), confused.start))
    likelihood.check(theta)
    if information == "expected" and not data.panel_only:
        raise InputError("information: 'expected' exists for snapshots of single states only, got other observations")
    optimum = starting.maximum(likelihood, theta, information, start is None, max_iterations)
    seen = data.pairs if confused is None else events(observations)
    return _result(observations, likelihood, optimum, information=information, seen=seen, cuts=cuts, level=level)


def log_likelihood(
    observations: Observations,
    generator: pd.DataFrame,
    *,
    effects: Mapping[str, float | pd.DataFrame] | None = None,
) -> float:
    """Log-likelihood of observations under a given generator; nothing is optimised.

    Parameters
    ----------
    observations : Observations
    generator : DataFrame, shape (states, states)
        Intensities [1 / unit of the observations]; rows sum to zero. Labels are the states in any order.
    effects : mapping, optional
        Log hazard ratio per design column, one for all moves or a frame from × to; the generator
        then holds at the covariate means.

    Raises
    ------
    InputError
        The labels differ from the states, a row does not sum to zero, an intensity is negative, or
        a pair was observed that the generator cannot produce.
    """
    Q = _checked_generator(observations, generator)
    k = len(Q)
    codes = np.argwhere((Q > 0) & ~np.eye(k, dtype=bool))
    if len(codes) == 0:
        raise InputError("generator: at least one intensity must be positive, got none")
    names = list(dict.fromkeys(name.split("[")[0] for name in effects or {}))
    data = collapse(observations, moves=codes, covariates=names)
    form = structure(observations.states, codes, data.design, {}, {})
    likelihood = starting.scaled_likelihood(data, form)
    theta = np.zeros(form.n_parameters)
    for e in range(form.n_parameters):
        a, b = codes[form.effect_move[e]]
        c = int(form.effect_column[e])
        if c < 0:
            theta[e] = np.log(Q[a, b])
            continue
        effect = (effects or {})[form.columns[c]]
        states = observations.states
        value = effect.loc[states[a], states[b]] if isinstance(effect, pd.DataFrame) else effect
        theta[e] = float(value) * likelihood.scale[c]
    likelihood.check(theta)
    return likelihood.value(theta)


def _checked_generator(observations: Observations, generator: pd.DataFrame) -> FloatArray:
    """Generator in the order of the states."""
    labels = list(observations.states)
    if set(generator.index) != set(labels) or set(generator.columns) != set(labels):
        raise InputError(f"generator: rows and columns must be the states {labels}, got {list(generator.index)}")
    Q = generator.loc[labels, labels].to_numpy(dtype=float)
    off = Q[~np.eye(len(Q), dtype=bool)]
    if not np.isfinite(Q).all() or (off < 0).any():
        raise InputError("generator: intensities off the diagonal must be finite and not negative")
    rows = Q.sum(axis=1)
    if np.abs(rows).max() > 1e-6 * max(1.0, float(np.abs(Q).max())):
        worst = int(np.abs(rows).argmax())
        raise InputError(f"generator: rows must sum to zero, got {rows[worst]:g} for {labels[worst]}")
    return Q


def _cuts(observations: Observations, breaks: Sequence[Any]) -> list[float]:
    """Times of the breaks; dates count from the origin; refuses a break outside the observations."""
    cuts = []
    for one in breaks:
        if isinstance(one, (int, float, np.integer, np.floating)):
            cuts.append(float(one))
        elif observations.origin is None:
            raise InputError(f"breaks: must be numbers because the times are numbers, got {one!r}")
        else:
            cuts.append((pd.Timestamp(one) - observations.origin) / pd.Timedelta(days=1) / DAYS_PER_MONTH)
    if sorted(set(cuts)) != cuts:
        raise InputError(f"breaks: must increase, got {list(breaks)}")
    low, high = float(observations.time.min()), float(observations.time.max())
    for cut in cuts:
        if not low < cut < high:
            raise InputError(f"breaks: must lie between {low:g} and {high:g}, the first and last time, got {cut:g}")
    return cuts


def _result(
    observations: Observations,
    likelihood: Likelihood | HiddenLikelihood,
    optimum: search.Optimum,
    *,
    information: str,
    seen: pd.DataFrame,
    cuts: list[float],
    level: float,
) -> IntensityFit:
    """Estimates in the units of the covariates, with covariance and the reason for stopping."""
    form, data = likelihood.structure, likelihood.data
    confused = likelihood.emission if isinstance(likelihood, HiddenLikelihood) else None
    base = likelihood.base if isinstance(likelihood, HiddenLikelihood) else likelihood
    extra = [] if confused is None else confused.names
    factor = np.append(starting.parameter_scale(form, base.scale), np.ones(len(extra)))
    theta = optimum.theta / factor
    identified = np.ones(len(theta), dtype=bool)
    identified[optimum.flat] = False
    covariance = search.covariance(optimum.information) / np.outer(factor, factor)
    names = pd.Index([*form.names, *extra], name="parameter")
    model = Model(
        structure=form,
        design=data.design,
        means=data.means,
        theta=theta,
        breaks=tuple(cuts),
        draws=None,
        emission=confused,
    )
    return IntensityFit(
        log_likelihood=optimum.log_likelihood,
        converged=optimum.stopped == "maximum" and bool(identified.all()),
        reason=_reason(optimum, likelihood, seen),
        parameters=estimates.parameter_table(names, theta, covariance, identified, level),
        covariance=pd.DataFrame(covariance, index=names, columns=names.rename(None)),
        information=information,
        events=seen,
        n=round(data.n_intervals),
        n_persons=observations.n_persons,
        level=level,
        unit=observations.unit,
        iterations=optimum.iterations,
        model=model,
    )


def _reason(optimum: search.Optimum, likelihood: Likelihood | HiddenLikelihood, seen: pd.DataFrame) -> str:
    """Why the search stopped, in one sentence."""
    left = float(optimum.gradient @ search.solve(optimum.information, optimum.gradient))
    if len(optimum.flat):
        named = "; ".join(_flat_parameter(int(j), likelihood, seen) for j in optimum.flat)
        return f"flat likelihood, not identified: {named}"
    words = {
        "maximum": f"maximum after {optimum.iterations} iterations, {left / 2:.1e} of log-likelihood still to gain",
        "iterations": f"stopped after {optimum.iterations} iterations before a maximum was reached",
        "no ascent": f"no step raises the log-likelihood, {left / 2:.1e} seems still to gain",
        "saddle": "the gradient vanishes but the information is not positive definite: not a maximum",
        "flat": "flat likelihood",
    }
    return words[optimum.stopped]


def _flat_parameter(j: int, likelihood: Likelihood | HiddenLikelihood, seen: pd.DataFrame) -> str:
    """Name of a parameter and the events behind it."""
    form, data = likelihood.structure, likelihood.data
    if j >= form.n_parameters and isinstance(likelihood, HiddenLikelihood):
        return likelihood.emission.names[j - form.n_parameters]
    mine = np.flatnonzero(form.effect_parameter == j)
    moves = [form.moves[form.effect_move[e]] for e in mine]
    count = sum(int(seen.to_numpy()[a, b]) for a, b in moves)
    column = int(form.effect_column[mine[0]])
    text = f"{form.names[j]} ({count} events observed"
    if column >= 0:
        x = data.design.rows[:, column]
        atom = data.kernel_atoms[data.cell_kernel, 0]
        here = np.zeros(len(atom), dtype=bool)
        for a, b in moves:
            here |= (data.cell_from == a) & (data.cell_to == b)
        values = np.unique(x)
        if len(values) == 2:
            each = [data.cell_count[here & (x[data.atom_design[atom]] == v)].sum() for v in values]
            text += ", " + ", ".join(f"{n:g} where it is {v:g}" for n, v in zip(each, values, strict=True))
    return text + ")"


def likelihood_ratio(smaller: IntensityFit, larger: IntensityFit) -> pd.DataFrame:
    """Likelihood-ratio test of nested models fitted to the same observations.

    Returns
    -------
    DataFrame with one row: statistic (twice the difference in log-likelihood), df, p_value.

    Raises
    ------
    InputError
        The larger model does not have more parameters, the observations differ, or one of them
        did not converge.
    """
    return comparison.likelihood_ratio(smaller, larger)


def held_out(
    observations: Observations,
    moves: Sequence[Move] | pd.DataFrame,
    *,
    rng: np.random.Generator,
    folds: int = 5,
    level: float = LEVEL,
    against: Mapping[str, Any] | None = None,
    **options: Any,
) -> comparison.HeldOut:
    """Prediction of persons who were left out of the fit, per interval.

    Parameters
    ----------
    observations, moves, **options
        As for `fit`.
    rng : numpy Generator
        Divides the persons into folds.
    folds : int
    level : float
    against : mapping, optional
        Options of the model to compare with; default: no covariates and no breaks.

    Notes
    -----
    The score is the log probability of what was observed; a positive difference means that the
    model predicts better than the one it is compared with. The interval of the difference treats
    persons as independent and the folds' fits as given.
    """
    if not 2 <= folds <= observations.n_persons:
        raise InputError(f"folds: must lie between 2 and the number of persons, got {folds}")
    return comparison.held_out(
        observations, moves, fit, rng=rng, folds=folds, against=dict(against or {}), options=options, level=level
    )
