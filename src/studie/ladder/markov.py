"""Tests of the Markov assumption: does it matter how long, or from where, a person has been on a step?"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from studie.errors import InputError, unknown
from studie.ladder.intervals import LEVEL, Floats, check_level, normal_quantile
from studie.ladder.observations import Observations
from studie.ladder.pairs import paired_rows
from studie.ladder.stays import CENSORED, stays_from

History = Literal["duration", "previous"]
HISTORIES = ("duration", "previous")
FEWEST = 10
SLOPE_COLUMNS = ["from_step", "to_step", "history", "estimate", "lower", "upper", "events", "n"]


@dataclass(frozen=True, kw_only=True)
class MarkovTest:
    """Score test of the Markov assumption, per origin and in all.

    Attributes
    ----------
    slopes : DataFrame
        One row per move and history score: from_step, to_step, history, estimate, lower, upper (one-step estimate
        of the change in the log rate of the move per unit of history), events, n.
    by_origin : DataFrame
        One row per origin: from_step, statistic, df, p_value, events, n; nan where fewer than 10 moves were seen.
    statistic, df, p_value : float, int, float
        Sum over origins against chi-squared. Small p: the past matters, so a Markov model misleads there.
    history : str
        What was tested.
    level : float
    n : int
        Pairs (or stays) used [count].
    """

    slopes: pd.DataFrame
    by_origin: pd.DataFrame
    statistic: float
    df: int
    p_value: float
    history: str
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """One row per move and history score, ending in the six columns of every result."""
        frame = self.slopes.rename(columns={"history": "quantity"}).assign(unit="log rate ratio")
        return frame[["from_step", "to_step", "quantity", "estimate", "lower", "upper", "n", "unit"]]


def markov_test(
    obs: Observations,
    *,
    history: History = "duration",
    lag: float | None = 1,
    periods: int = 8,
    tolerance: float | None = None,
    level: float = LEVEL,
) -> MarkovTest:
    """Test, for a panel, whether the next step depends on the past beyond the present step.

    Parameters
    ----------
    obs : Observations
    history : {"duration", "previous"}, default "duration"
        `duration`: log(1 + time since the person was first seen in the present run on the step). `previous`:
        whether the step was reached from an earlier or a later state in the order of `obs.states` (two indicators;
        neither for the first run of a person).
    lag : float or None, default 1
        Distance of the pairs [time units], as in `matrices.counts`.
    periods : int, default 8
        Strata of calendar time (equal numbers of pairs): moves may change over time without being taken for memory.
    tolerance : float, optional
        As in `matrices.counts`.
    level : float, default 0.95
        Coverage of the intervals of the slopes.

    Returns
    -------
    MarkovTest

    Raises
    ------
    InputError
        If `history` is unknown, `periods` is below 1, or no origin has 10 moves.

    Notes
    -----
    Generalised Mantel-Haenszel test [1]_ within strata s of origin and period: z are the history scores, d the
    indicators of destination (staying left out), U = Σ_s Σ_i z_i (d_i − d̄_s), Var U = Σ_s n_s²/(n_s − 1) Cov_s(z)
    ⊗ Cov_s(d), and Q = U' Var⁻ U is chi-squared with rank(Var) degrees. Under the Markov null the history is known
    before the move, so the scores are martingale differences and several pairs of one person need no correction. It
    is the discrete relative of the log-rank tests of history [2]_, and of the likelihood-ratio test of order [3]_
    but does not fall apart in sparse tables. Destinations with fewer than 10 moves from an origin are taken
    together; origins with fewer are left out.

    A small p also follows when persons differ in ways that no covariate holds: memory and mixture look alike.

    References
    ----------
    .. [1] Landis, J. R., Heyman, E. R. & Koch, G. G. (1978). Int. Stat. Rev. 46(3), 237-254.
    .. [2] Titman, A. C. & Putter, H. (2022). Biostatistics 23(2), 380-396.
    .. [3] Anderson, T. W. & Goodman, L. A. (1957). Ann. Math. Stat. 28(1), 89-110.
    """
    check_level(level)
    if history not in HISTORIES:
        raise unknown("history", history, HISTORIES)
    if periods < 1:
        raise InputError(f"periods: must be at least 1, got {periods}")
    start, end, _ = paired_rows(obs, lag, tolerance)
    single = (obs.state[start] < len(obs.states)) & (obs.state[end] < len(obs.states))
    start, end = start[single], end[single]
    scores, names = _duration(obs) if history == "duration" else _previous(obs)
    z = scores[start]
    order = np.argsort(np.argsort(obs.time[start], kind="stable"), kind="stable")
    first_rank = pd.Series(order).groupby(obs.time[start]).transform("min").to_numpy()
    period = np.minimum(first_rank * periods // max(len(start), 1), periods - 1)
    origins = [
        _origin_test(z[rows], obs.state[end][rows], period[rows], code, len(obs.states))
        for code in range(len(obs.states))
        for rows in [obs.state[start] == code]
    ]
    return _assembled(origins, obs.states, names, history=history, level=level, n=len(start))


def markov_test_exact(
    events: pd.DataFrame,
    *,
    start: str,
    stop: str,
    from_state: str,
    to_state: str,
    person: str,
    status: str | None = None,
    states: Sequence[Hashable] | None = None,
    level: float = LEVEL,
) -> MarkovTest:
    """Test, for exact event times, whether the hazard of leaving depends on when the state was entered.

    Parameters
    ----------
    events : DataFrame
    start, stop, from_state, to_state, person, status, states
        As in `aalen_johansen`.
    level : float, default 0.95
        Coverage of the intervals of the slopes.

    Returns
    -------
    MarkovTest
        History `entry_time`: a negative slope means that who entered later (and has been there shorter) moves less.

    Raises
    ------
    InputError
        As in `stays_from`, or if no move was seen 10 times.

    Notes
    -----
    Cox score test of the time of entry z, per move g→h: U = Σ_events (z_i − z̄(u)), Var U = Σ_u d (Y − d)/(Y − 1)
    s²(u), with mean and variance over the persons at risk in g at u (given u, duration and entry time are the same
    variable) [1]_ [2]_. Stays that all began at the same time carry no information about it.

    References
    ----------
    .. [1] Kay, R. (1986). Biometrics 42(4), 855-865.
    .. [2] Andersen, P. K. & Keiding, N. (2002). Stat. Methods Med. Res. 11(2), 91-115.
    """
    check_level(level)
    stays = stays_from(
        events, start=start, stop=stop, from_state=from_state, to_state=to_state, person=person, status=status,
        states=states,
    )  # fmt: skip
    k = len(stays.states)
    origins = []
    for g in range(k):
        rows = stays.from_state == g
        went = stays.to_state[rows]
        targets = [h for h in range(k) if (went == h).sum() >= FEWEST]
        score, variance = np.zeros(len(targets)), np.zeros(len(targets))
        for place, h in enumerate(targets):
            score[place], variance[place] = _cox_score(stays.start[rows], stays.stop[rows], went == h)
        origins.append(
            _Origin(
                code=g,
                targets=[(h,) for h in targets],
                score=score[None, :],
                covariance=np.diag(variance),
                events=np.array([(went == h).sum() for h in targets], int),
                n=int(rows.sum()),
                moved=int((went != CENSORED).sum()),
            )
        )
    return _assembled(origins, stays.states, ["entry_time"], history="entry_time", level=level, n=len(stays.start))


@dataclass(frozen=True, kw_only=True)
class _Origin:
    """Scores of one origin: shape (history scores, destinations), covariance of the raveled scores."""

    code: int
    targets: list[tuple[int, ...]]
    score: Floats
    covariance: Floats
    events: np.ndarray
    n: int
    moved: int


def _duration(obs: Observations) -> tuple[Floats, list[str]]:
    """log(1 + time in the present run) per row."""
    begun = np.ones(obs.n, bool)
    begun[1:] = ~obs.follows | (obs.state[1:] != obs.state[:-1])
    first = np.maximum.accumulate(np.where(begun, np.arange(obs.n), 0))
    return np.log1p(obs.time - obs.time[first])[:, None], ["log_duration"]


def _previous(obs: Observations) -> tuple[Floats, list[str]]:
    """Whether the present run was reached from an earlier or a later state, per row."""
    changed = np.zeros(obs.n, bool)
    changed[1:] = obs.follows & (obs.state[1:] != obs.state[:-1])
    new_person = np.ones(obs.n, bool)
    new_person[1:] = ~obs.follows
    mark = np.maximum.accumulate(np.where(changed | new_person, np.arange(obs.n), 0))
    before = np.maximum(mark - 1, 0)
    known = changed[mark] & (obs.state[before] < len(obs.states)) & (obs.state < len(obs.states))
    up, down = known & (obs.state[before] < obs.state), known & (obs.state[before] > obs.state)
    return np.column_stack([up, down]).astype(float), ["from_below", "from_above"]


def _origin_test(z: Floats, end: np.ndarray, period: np.ndarray, code: int, k: int) -> _Origin:
    """Generalised Mantel-Haenszel score and its covariance for one origin."""
    counts = np.bincount(end, minlength=k)
    counts[code] = 0
    targets: list[tuple[int, ...]] = [(j,) for j in range(k) if counts[j] >= FEWEST]
    rare = tuple(j for j in range(k) if 0 < counts[j] < FEWEST)
    if rare and sum(counts[j] for j in rare) >= FEWEST:
        targets.append(rare)
    d = (
        np.column_stack([np.isin(end, group) for group in targets]).astype(float)
        if targets
        else np.zeros((len(end), 0))
    )
    score = np.zeros((z.shape[1], len(targets)))
    covariance = np.zeros((score.size, score.size))
    for rows in (period == value for value in np.unique(period)):
        n = int(rows.sum())
        if n < 2:
            continue
        zc, dc = z[rows] - z[rows].mean(axis=0), d[rows] - d[rows].mean(axis=0)
        score += zc.T @ dc
        covariance += np.kron(zc.T @ zc, dc.T @ dc) / (n - 1)
    return _Origin(
        code=code,
        targets=targets,
        score=score,
        covariance=covariance,
        events=d.sum(axis=0).astype(int),
        n=len(end),
        moved=int(counts.sum()),
    )


def _cox_score(entry: Floats, stop: Floats, moved: np.ndarray) -> tuple[float, float]:
    """Score and variance of the entry time in a Cox model of one move."""
    score = variance = 0.0
    for time in np.unique(stop[moved]):
        z = entry[(entry < time) & (stop >= time)]
        now = moved & (stop == time)
        d, y = int(now.sum()), len(z)
        score += float(entry[now].sum() - d * z.mean())
        if y > 1:
            variance += d * (y - d) / (y - 1) * float(z.var())
    return score, variance


def _assembled(
    origins: list[_Origin], states: Sequence[Hashable], names: list[str], *, history: str, level: float, n: int
) -> MarkovTest:
    """The test of every origin and their sum."""
    by_origin, slopes = [], []
    total, df = 0.0, 0
    z = normal_quantile(level)
    for origin in origins:
        if origin.n == 0:
            continue
        step = states[origin.code]
        u = origin.score.ravel()
        rank = int(np.linalg.matrix_rank(origin.covariance, hermitian=True)) if len(u) else 0
        q = float(u @ np.linalg.pinv(origin.covariance, hermitian=True) @ u) if rank else np.nan
        p = float(stats.chi2.sf(q, rank)) if rank else np.nan
        by_origin.append((step, q, rank, p, origin.moved, origin.n))
        if rank:
            total, df = total + q, df + rank
        width = len(origin.targets)
        for place in range(len(u)):
            spread = origin.covariance[place, place]
            target = origin.targets[place % width]
            label = states[target[0]] if len(target) == 1 else ",".join(str(states[j]) for j in target)
            centre, half = (u[place] / spread, z / np.sqrt(spread)) if spread > 0 else (np.nan, np.nan)
            row = (step, label, names[place // width], centre, centre - half, centre + half)
            slopes.append((*row, int(origin.events[place % width]), origin.n))
    if df == 0:
        raise InputError(f"obs: at least one origin needs {FEWEST} moves with a varying history, got none")
    return MarkovTest(
        slopes=pd.DataFrame(
            slopes, columns=["from_step", "to_step", "history", "estimate", "lower", "upper", "events", "n"]
        ),
        by_origin=pd.DataFrame(by_origin, columns=["from_step", "statistic", "df", "p_value", "events", "n"]),
        statistic=total,
        df=df,
        p_value=float(stats.chi2.sf(total, df)),
        history=history,
        level=level,
        n=n,
    )
