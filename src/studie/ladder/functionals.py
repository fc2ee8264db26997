"""What follows from a fitted Markov model: stays, passages, times and probabilities, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import linalg

from studie.errors import InputError, unknown
from studie.ladder.coding import FloatArray, IntArray
from studie.ladder.estimates import Estimate, Fitted, interval, per_pair, per_state
from studie.ladder.model import Model


def _allowed(model: Model) -> np.ndarray:
    allowed = np.zeros((model.structure.size, model.structure.size), dtype=bool)
    allowed[model.structure.moves[:, 0], model.structure.moves[:, 1]] = True
    return allowed


def intensities(fitted: Fitted, x: FloatArray) -> Estimate:
    """Off-diagonal intensities; n is the observed pairs per move."""
    model = fitted.model
    size = model.structure.size
    parts_unit = f"1/{fitted.unit}"

    def value(theta: FloatArray) -> FloatArray:
        Q = model.generator(theta, x)
        np.fill_diagonal(Q, 0.0)
        return Q

    count = fitted.events.to_numpy()[:size, :size]
    return per_pair(fitted, "intensity", value, "log", parts_unit, keep=_allowed(model), count=count)


def hazard_ratios(fitted: Fitted, scale: float | Mapping[str, float]) -> Estimate:
    """exp(scale × effect) per design column and move."""
    model = fitted.model
    form = model.structure
    if not form.columns:
        raise InputError("hazard_ratios: the model has no covariates")
    inner = np.flatnonzero(form.effect_column >= 0)
    column = form.effect_column[inner]
    by = np.array(
        [float(scale.get(form.columns[c], 1.0)) if isinstance(scale, Mapping) else float(scale) for c in column]
    )
    parameter = form.effect_parameter[inner]
    parts = interval(fitted, lambda theta: np.exp(by * theta[parameter]), "log")
    moves = form.moves[form.effect_move[inner]]
    keys = {
        "covariate": [form.columns[c] for c in column],
        "from_step": [form.states[a] for a, _ in moves],
        "to_step": [form.states[b] for _, b in moves],
    }
    index = pd.MultiIndex.from_arrays(list(keys.values()), names=list(keys))
    series = [pd.Series(part, index=index, name="hazard_ratio") for part in parts]
    counts = fitted.events.to_numpy()[moves[:, 0], moves[:, 1]]
    table = pd.DataFrame(
        {
            **{name: pd.Series(list(entries), dtype=object) for name, entries in keys.items()},
            "quantity": "hazard_ratio",
            "estimate": parts[0],
            "lower": parts[2],
            "upper": parts[3],
            "n": counts,
            "unit": "ratio",
        }
    )
    return Estimate(
        quantity="hazard_ratio",
        values=series[0],
        se=series[1],
        lower=series[2],
        upper=series[3],
        level=fitted.level,
        n=fitted.n,
        unit="ratio",
        table=table,
    )


def probabilities(model: Model, theta: FloatArray, pieces: Sequence[tuple[FloatArray, float]]) -> FloatArray:
    """Product of exp(Q t) over periods."""
    P = np.eye(model.structure.size)
    for x, t in pieces:
        P = P @ linalg.expm(model.generator(theta, x) * t)
    return np.clip(P, 0.0, 1.0)


def transition_probabilities(fitted: Fitted, t: float, start: float, values: Mapping[str, Any]) -> Estimate:
    """P(start, start + t), across periods where there are breaks."""
    _not_negative("t", t)
    model = fitted.model
    pieces = model.stretches(values, start, start + t)
    return per_pair(
        fitted,
        "transition_probability",
        lambda theta: probabilities(model, theta, pieces),
        "logit",
        "probability",
    )


def misclassification(fitted: Fitted) -> Estimate:
    """Probability of recording each state given the true one."""
    model = fitted.model
    confused = model.emission
    if confused is None:
        raise InputError("misclassification: the model has none")
    p = model.structure.n_parameters
    start = confused.probabilities(confused.start)
    return per_pair(
        fitted,
        "misclassification",
        lambda theta: confused.probabilities(theta[p:]),
        "logit",
        "probability",
        keep=(start > 0) & (start < 1),
        keys=("true_step", "recorded_step"),
    )


def sojourn(fitted: Fitted, x: FloatArray) -> Estimate:
    """-1 / q_rr for states that can be left."""
    model = fitted.model

    def value(theta: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            return -1.0 / np.minimum(np.diag(model.generator(theta, x)), -0.0)

    return per_state(fitted, "sojourn", value, "log", fitted.unit, keep=~model.absorbing, key="step")


def next_step(fitted: Fitted, x: FloatArray) -> Estimate:
    """q_rs / -q_rr."""
    model = fitted.model

    def value(theta: FloatArray) -> FloatArray:
        Q = model.generator(theta, x)
        leave = -np.diag(Q).copy()
        np.fill_diagonal(Q, 0.0)
        return Q / np.where(leave > 0, leave, 1.0)[:, None]

    return per_pair(fitted, "next_step", value, "logit", "probability", keep=_allowed(model))


def intensity_ratio(fitted: Fitted, one: Any, other: Any, x: FloatArray) -> Estimate:
    """Q of one move over q of another."""
    model = fitted.model
    (a, b), (c, d) = ((_code(model, m[0]), _code(model, m[1])) for m in (one, other))
    allowed = _allowed(model)
    for move, cell in ((one, (a, b)), (other, (c, d))):
        if not allowed[cell]:
            raise InputError(f"intensity_ratio: {move} is not an allowed move")

    def value(theta: FloatArray) -> FloatArray:
        Q = model.generator(theta, x)
        return np.array([Q[a, b] / Q[c, d]])

    parts = [float(part[0]) for part in interval(fitted, value, "log")]
    table = pd.DataFrame(
        {
            "from_step": pd.Series([one[0]], dtype=object),
            "to_step": pd.Series([one[1]], dtype=object),
            "quantity": "intensity_ratio",
            "estimate": parts[0],
            "lower": parts[2],
            "upper": parts[3],
            "n": fitted.n,
            "unit": "ratio",
        }
    )
    series = [pd.Series([part], name="intensity_ratio") for part in parts]
    return Estimate(
        quantity="intensity_ratio",
        values=series[0],
        se=series[1],
        lower=series[2],
        upper=series[3],
        level=fitted.level,
        n=fitted.n,
        unit="ratio",
        table=table,
    )


def _occupied(
    model: Model, theta: FloatArray, pieces: Sequence[tuple[FloatArray, float]]
) -> tuple[FloatArray, FloatArray]:
    """Expected time per state (from × state) and expected visits, over periods that follow each other."""
    k = model.structure.size
    time, visits, P = np.zeros((k, k)), np.zeros((k, k)), np.eye(k)
    for x, t in pieces:
        Q = model.generator(theta, x)
        if np.isinf(t):
            spent, P_t = _forever(model, Q), np.eye(k)
        else:
            block = np.zeros((2 * k, 2 * k))
            block[:k, :k], block[:k, k:] = Q, np.eye(k)
            whole = linalg.expm(block * t)
            spent, P_t = whole[:k, k:], whole[:k, :k]
        with np.errstate(invalid="ignore"):
            here = np.where(P[:, :, None] > 0, P[:, :, None] * spent[None, :, :], 0.0).sum(axis=1)
        time += here
        jump = Q - np.diag(np.diag(Q))
        finite = np.where(np.isfinite(here), here, 0.0)
        visits += finite @ jump
        P = P @ P_t
    return time, visits


def _forever(model: Model, Q: FloatArray) -> FloatArray:
    """Expected time per state without end: -Q⁻¹ among transient states, infinite where absorbed."""
    k = len(Q)
    stays = model.absorbing
    if not stays.any():
        raise InputError("horizon: must be finite, since nobody is ever absorbed")
    moving = np.flatnonzero(~stays)
    time = np.zeros((k, k))
    sub = -Q[np.ix_(moving, moving)]
    try:
        time[np.ix_(moving, moving)] = np.linalg.inv(sub)
    except np.linalg.LinAlgError:
        time[np.ix_(moving, moving)] = np.inf
    reach = linalg.expm(Q * (1.0 / max(1e-300, float(np.abs(np.diag(Q)).max())))) > 0
    time[:, stays] = np.where(reach[:, stays], np.inf, 0.0)
    return time


def total_time(fitted: Fitted, horizon: float, since: float, values: Mapping[str, Any]) -> Estimate:
    """∫ P_rs(u) du from `since` to the horizon."""
    _not_negative("horizon", horizon)
    if not 0 <= since <= horizon:
        raise InputError(f"since: must lie between 0 and the horizon, got {since}")
    model = fitted.model
    until = model.stretches(values, 0.0, horizon)
    before = model.stretches(values, 0.0, since) if since > 0 else []

    def value(theta: FloatArray) -> FloatArray:
        time = _occupied(model, theta, until)[0]
        return time - _occupied(model, theta, before)[0] if before else time

    bound = horizon - since if np.isfinite(horizon) and horizon > since else None
    return per_pair(
        fitted,
        "total_time",
        value,
        "log" if bound is None else "logit",
        fitted.unit,
        keys=("from_step", "step"),
        bound=bound,
    )


def expected_visits(fitted: Fitted, horizon: float, values: Mapping[str, Any]) -> Estimate:
    """∫ Σ_u P_ru(t) q_us dt up to the horizon."""
    _not_negative("horizon", horizon)
    model = fitted.model
    until = model.stretches(values, 0.0, horizon)
    return per_pair(
        fitted,
        "expected_visits",
        lambda theta: _occupied(model, theta, until)[1],
        "log",
        "visits",
        keys=("from_step", "step"),
    )


def first_passage(fitted: Fitted, to: Any, x: FloatArray) -> Estimate:
    """Solution of -Q' T = 1 on the states outside the target; infinite where it may be missed."""
    model = fitted.model
    target = _codes(model, to)
    return per_state(
        fitted, "first_passage", lambda theta: _passage(model.generator(theta, x), target), "log", fitted.unit
    )


def _passage(Q: FloatArray, target: IntArray) -> FloatArray:
    k = len(Q)
    reduced = Q.copy()
    reduced[target] = 0.0
    connected = (np.linalg.matrix_power((reduced > 0).astype(float) + np.eye(k), k)) > 0
    reaches = connected[:, target].sum(axis=1) > 0
    sure = ~(connected & ~reaches[None, :]).any(axis=1)
    time = np.full(k, np.inf)
    time[target] = 0.0
    rest = np.setdiff1d(np.flatnonzero(sure), target)
    if len(rest):
        time[rest] = np.linalg.solve(-Q[np.ix_(rest, rest)], np.ones(len(rest)))
    return time


def reach(fitted: Fitted, to: Any, within: float, values: Mapping[str, Any]) -> Estimate:
    """Probability of the target by a time when the target is made absorbing."""
    _not_negative("within", within)
    model = fitted.model
    target = _codes(model, to)
    pieces = model.stretches(values, 0.0, within)

    def value(theta: FloatArray) -> FloatArray:
        P = np.eye(model.structure.size)
        for x, t in pieces:
            Q = model.generator(theta, x)
            Q[target] = 0.0
            P = P @ linalg.expm(Q * t)
        return np.clip(P[:, target].sum(axis=1), 0.0, 1.0)

    return per_state(fitted, "reach", value, "logit", "probability")


def _code(model: Model, label: Any) -> int:
    if label not in model.structure.states:
        raise unknown("state", label, map(str, model.structure.states))
    return model.structure.states.index(label)


def _codes(model: Model, to: Any) -> IntArray:
    """Codes of one state or several."""
    several = to if isinstance(to, (list, set, frozenset)) else [to]
    return np.array(sorted(_code(model, label) for label in several))


def _not_negative(argument: str, value: float) -> None:
    if not value >= 0:
        raise InputError(f"{argument}: must not be negative, got {value}")
