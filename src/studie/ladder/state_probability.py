"""State probabilities from event histories without a model: Aalen-Johansen and its landmark version."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown
from studie.ladder.intervals import LEVEL, Floats, check_level, effective_trials, exact
from studie.ladder.stays import CENSORED, Stays, stays_from

Variance = Literal["aalen", "greenwood", "robust"]
Ties = Literal["breslow", "efron"]
VARIANCES = ("aalen", "greenwood", "robust")
TIES = ("breslow", "efron")


@dataclass(frozen=True, kw_only=True, eq=False)
class StateProbabilities:
    """Probability of each state at each event time, by the state at the start.

    Attributes
    ----------
    times : ndarray, shape (t,)
        Event times [time units]; the estimate steps there.
    estimate, variance, lower, upper : ndarray, shape (t, k, k)
        Axis 1 is the state at `since`, axis 2 the state at the time.
    states : tuple
        Labels, length k.
    events : DataFrame, shape (k, k)
        Moves that were seen after `since` [count].
    since : float
        Start [time units].
    method : str
        Estimator and variance.
    zero_length : int
        Stays without length, left out.
    level : float
    n : int
        Persons [count].
    """

    times: Floats
    estimate: Floats
    variance: Floats
    lower: Floats
    upper: Floats
    states: tuple[Hashable, ...]
    events: pd.DataFrame
    since: float
    method: str
    zero_length: int
    level: float
    n: int

    @property
    def standard_error(self) -> Floats:
        """Square root of the variance, shape (t, k, k)."""
        return np.sqrt(self.variance)

    def at(self, times: float | Sequence[float]) -> pd.DataFrame:
        """State probabilities at chosen times (the last step before or at each), in the columns of `to_frame` and se.

        Raises
        ------
        InputError
            If a time lies before the start.
        """
        wanted = np.atleast_1d(np.asarray(times, float))
        if (wanted < self.since).any():
            raise InputError(f"times: must not lie before {self.since}, got {wanted.min()}")
        return self._frame(np.searchsorted(self.times, wanted, side="right") - 1, wanted)

    def to_frame(self) -> pd.DataFrame:
        """One row per event time, state at the start and state: time, from_step, to_step, then the six columns."""
        return self._frame(np.arange(len(self.times)), self.times).drop(columns="se")

    def _frame(self, rows: np.ndarray, times: Floats) -> pd.DataFrame:
        """Long table of some rows; row −1 is the start itself."""
        k = len(self.states)
        start = np.eye(k)[None]
        labels = np.array([*self.states, None], object)[:-1]

        def values(array: Floats, first: Floats) -> Floats:
            return np.concatenate([array, first])[rows].ravel()

        return pd.DataFrame(
            {
                "time": np.repeat(times, k * k),
                "from_step": np.tile(np.repeat(labels, k), len(rows)),
                "to_step": np.tile(labels, k * len(rows)),
                "quantity": "state_probability",
                "estimate": values(self.estimate, start),
                "se": values(self.standard_error, np.zeros_like(start)),
                "lower": values(self.lower, start),
                "upper": values(self.upper, start),
                "n": self.n,
                "unit": "probability",
            }
        )


def aalen_johansen(
    events: pd.DataFrame,
    *,
    start: str,
    stop: str,
    from_state: str,
    to_state: str,
    person: str,
    status: str | None = None,
    states: Sequence[Hashable] | None = None,
    since: float = 0.0,
    variance: Variance = "aalen",
    ties: Ties = "breslow",
    level: float = LEVEL,
) -> StateProbabilities:
    """State probabilities P(since, t) by the product-limit estimator of Aalen and Johansen.

    Parameters
    ----------
    events : DataFrame
    start, stop, from_state, to_state, person, status, states
        As in `stays_from`. Late entry (left truncation) is handled: a person counts as at risk from `start`.
    since : float, default 0
        Moment of which the rows of P tell the state [time units].
    variance : {"aalen", "greenwood", "robust"}, default "aalen"
        `aalen` is the default of R mstate's `probtrans`; `greenwood` counts who stays as well; `robust` sums squared
        influences over persons and stays valid without the Markov assumption. They differ by a few per cent at most.
    ties : {"breslow", "efron"}, default "breslow"
        Moves at the same time: `breslow` divides by all at risk (the definition); `efron` as if they followed one
        another, the default of R's `coxph` and so of mstate's `LMAJ`.
    level : float, default 0.95
        Coverage of each interval, pointwise.

    Returns
    -------
    StateProbabilities

    Raises
    ------
    InputError
        As in `stays_from`, or if nothing happens after `since`.

    Notes
    -----
    P(s, t) = Π_{s < u ≤ t} (I + ΔA(u)), ΔA_gh = ΔN_gh / Y_g off the diagonal and rows that sum to 0 [1]_. Row a of
    P has covariance V_a(u) = (I + ΔA)' V_a(u−) (I + ΔA) + Σ_g p_ag² C_g. `aalen`: p at u and C_g[h, h] = ΔN_gh /
    Y_g², the diagonal following from rows that sum to 0 [2]_; `greenwood`: p at u− and C_g[h, l] = (δ_hl Y_g −
    ΔN_gh) ΔN_gl / Y_g³, staying counted as ΔN_gg. `robust`: Σ_i U_i U_i' m/(m − 1), m persons, with
    U_i(u) = U_i(u−)(I + ΔA) + Σ_g p_ag(u−) (ΔN_ig − Y_ig ΔA_g)/Y_g. The interval is the exact binomial one at the
    effective number p(1−p)/Var, at most the persons seen.

    From any other state than the one all start in, the estimate assumes the Markov property; `landmark` does not.
    Assumes that censoring and late entry say nothing about what follows.

    References
    ----------
    .. [1] Aalen, O. O. & Johansen, S. (1978). Scand. J. Stat. 5(3), 141-150.
    .. [2] de Wreede, L. C., Fiocco, M. & Putter, H. (2010). Comput. Methods Programs Biomed. 99(3), 261-274.
    """
    stays = stays_from(
        events, start=start, stop=stop, from_state=from_state, to_state=to_state, person=person, status=status,
        states=states,
    )  # fmt: skip
    return probabilities(stays, since=since, variance=variance, ties=ties, level=level, name="Aalen-Johansen")


def landmark(
    events: pd.DataFrame,
    *,
    at: float,
    state: Hashable,
    start: str,
    stop: str,
    from_state: str,
    to_state: str,
    person: str,
    status: str | None = None,
    states: Sequence[Hashable] | None = None,
    variance: Variance = "aalen",
    ties: Ties = "breslow",
    level: float = LEVEL,
) -> StateProbabilities:
    """State probabilities of those who are in one state at a landmark, without the Markov assumption.

    The Aalen-Johansen estimator on only the persons who are in `state` at time `at`. Read the rows that start in
    `state`; the other start states hold nan.

    Parameters
    ----------
    events : DataFrame
    at : float
        Landmark [time units].
    state : state
        Where persons are at the landmark.
    start, stop, from_state, to_state, person, status, states, variance, ties, level
        As in `aalen_johansen`. `robust` is the variance that needs no Markov assumption either.

    Returns
    -------
    StateProbabilities

    Raises
    ------
    InputError
        As in `aalen_johansen`, or if nobody is in the state at the landmark.

    Notes
    -----
    In the state at s: start ≤ s < stop. Everything before s is cut off.

    References
    ----------
    .. [1] Putter, H. & Spitoni, C. (2018). Stat. Methods Med. Res. 27(7), 2081-2092.
    """
    stays = stays_from(
        events, start=start, stop=stop, from_state=from_state, to_state=to_state, person=person, status=status,
        states=states,
    )  # fmt: skip
    if state not in stays.states:
        raise unknown("state", state, map(str, stays.states))
    code = stays.states.index(state)
    there = (stays.from_state == code) & (stays.start <= at) & (stays.stop > at)
    if not there.any():
        raise InputError(f"state: somebody must be there at the landmark, got nobody in {state!r} at {at}")
    kept = np.isin(stays.person, stays.person[there]) & (stays.stop > at)
    cut = stays.chosen(kept, start=np.maximum(stays.start, at))
    result = probabilities(cut, since=at, variance=variance, ties=ties, level=level, name="landmark Aalen-Johansen")
    for values in (result.estimate, result.variance, result.lower, result.upper):
        values[:, [c for c in range(len(stays.states)) if c != code], :] = np.nan
    return result


def probabilities(
    stays: Stays, *, since: float, variance: Variance, ties: Ties, level: float, name: str
) -> StateProbabilities:
    """Aalen-Johansen estimator of checked stays."""
    check_level(level)
    if variance not in VARIANCES:
        raise unknown("variance", variance, VARIANCES)
    if ties not in TIES:
        raise unknown("ties", ties, TIES)
    k = len(stays.states)
    happened = (stays.to_state != CENSORED) & (stays.stop > since)
    if not happened.any():
        raise InputError(f"events: at least one move must be seen after {since}, got none")
    times, when = np.unique(stays.stop[happened], return_inverse=True)
    cell = (when * k + stays.from_state[happened]) * k + stays.to_state[happened]
    moves = np.bincount(cell, minlength=len(times) * k * k).reshape(len(times), k, k).astype(float)
    risk = np.stack([_at_risk(stays, g, times) for g in range(k)], axis=1)
    hazard, hazard_variance = _hazards(moves, risk, ties)
    estimate, spread = _product(hazard, hazard_variance, risk, variance)
    if variance == "robust":
        spread = _robust(stays, hazard, risk, times)
    ever = np.array([len(np.unique(stays.person[stays.from_state == g])) for g in range(k)], float)
    trials = np.repeat(ever[None, :, None], k, axis=2) * np.ones_like(estimate)
    # a proportion of nothing but events can carry more information than its start state alone: others pass through
    # too
    effective = effective_trials(estimate, spread, np.where(spread > 0, float(stays.persons), trials))
    lower, upper = exact(estimate * effective, effective, level=level)
    fixed = ever == 0
    lower[:, fixed], upper[:, fixed] = estimate[:, fixed], estimate[:, fixed]
    names = pd.Index(stays.states, dtype=object)
    return StateProbabilities(
        times=times,
        estimate=estimate,
        variance=spread,
        lower=np.minimum(lower, estimate),
        upper=np.maximum(upper, estimate),
        states=stays.states,
        events=pd.DataFrame(moves.sum(axis=0).astype(int), index=names, columns=names),
        since=float(since),
        method=f"{name}, {variance}",
        zero_length=stays.zero_length,
        level=level,
        n=stays.persons,
    )


def _at_risk(stays: Stays, state: int, times: Floats) -> Floats:
    """Persons in a state just before each time."""
    there = stays.from_state == state
    begun = np.searchsorted(np.sort(stays.start[there]), times, side="left")
    ended = np.searchsorted(np.sort(stays.stop[there]), times, side="left")
    return (begun - ended).astype(float)


def _hazards(moves: Floats, risk: Floats, ties: Ties) -> tuple[Floats, Floats]:
    """Increment of each cumulative hazard and of its (Aalen) variance; zero on the diagonal."""
    at_risk = np.where(risk > 0, risk, 1.0)[:, :, None]
    if ties == "breslow":
        return moves / at_risk, moves / at_risk**2
    hazard, variance = np.zeros_like(moves), np.zeros_like(moves)
    for gone in range(int(moves.max())):
        left = np.where(moves > gone, np.maximum(at_risk - gone, 1.0), np.inf)
        hazard += 1 / left
        variance += 1 / left**2
    return hazard, variance


def _step(hazard: Floats) -> Floats:
    """I + ΔA at one time."""
    step = hazard.copy()
    np.fill_diagonal(step, 1 - hazard.sum(axis=1))
    return step


def _product(hazard: Floats, hazard_variance: Floats, risk: Floats, variance: Variance) -> tuple[Floats, Floats]:
    """Product-limit estimate and the variance of each entry at every event time."""
    t, k, _ = hazard.shape
    now, cov = np.eye(k), np.zeros((k, k, k))
    estimate, spread = np.empty((t, k, k)), np.empty((t, k, k))
    for i in range(t):
        step = _step(hazard[i])
        after = now @ step
        if variance == "aalen":
            per_row = np.stack([_aalen_covariance(hazard_variance[i, g], g) for g in range(k)])
        else:
            safe = np.where(risk[i] > 0, risk[i], 1.0)
            per_row = (np.einsum("gh,hl->ghl", step, np.eye(k)) - np.einsum("gh,gl->ghl", step, step)) / safe[
                :, None, None
            ]
        weight = after if variance == "aalen" else now
        cov = step.T @ cov @ step + np.einsum("ag,ghl->ahl", weight**2, per_row)
        now = after
        estimate[i], spread[i] = now, np.einsum("ahh->ah", cov)
    return np.clip(estimate, 0, 1), np.clip(spread, 0, None)


def _aalen_covariance(variance: Floats, state: int) -> Floats:
    """Covariance of one row of I + ΔA when its moves are independent."""
    result = np.diag(variance)
    result[state, :] = result[:, state] = -variance
    result[state, state] = variance.sum()
    return result


def _robust(stays: Stays, hazard: Floats, risk: Floats, times: Floats) -> Floats:
    """Sum over persons of squared influences, at every event time."""
    t, k, _ = hazard.shape
    people, codes = np.unique(stays.person, return_inverse=True)
    m = len(people)
    influence = np.zeros((k, m, k))
    now, spread = np.eye(k), np.empty((t, k, k))
    for i in range(t):
        step = _step(hazard[i])
        here = np.flatnonzero((stays.start < times[i]) & (stays.stop >= times[i]))
        origin = stays.from_state[here]
        goes = np.where((stays.stop[here] == times[i]) & (stays.to_state[here] >= 0), stays.to_state[here], origin)
        surprise = np.eye(k)[goes] - step[origin]
        surprise /= np.maximum(risk[i, origin], 1.0)[:, None]
        influence = influence @ step
        for a in range(k):
            np.add.at(influence[a], codes[here], now[a, origin][:, None] * surprise)
        now = now @ step
        spread[i] = np.square(influence).sum(axis=1) * (m / (m - 1) if m > 1 else 1.0)
    return spread
