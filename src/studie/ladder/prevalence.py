"""How many were on each state over time, as seen and as the model expects."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from studie.errors import InputError
from studie.ladder import derivatives
from studie.ladder.coding import FloatArray, IntArray
from studie.ladder.covariates import design
from studie.ladder.estimates import COLUMNS, Fitted, interval
from studie.ladder.intervals import wilson
from studie.ladder.model import Model
from studie.ladder.observations import Observations

Interpolation = Literal["start", "midpoint"]
_DELTA_LIMIT: Final = 20_000


@dataclass(frozen=True, kw_only=True)
class Prevalence:
    """Observed and expected numbers of persons per time and state.

    Attributes
    ----------
    observed, expected : DataFrame, times × states
        Persons under observation at the time [persons].
    observed_share, expected_share : DataFrame, times × states
        Share of them, 0-1; nan where nobody is under observation.
    lower, upper : DataFrame, times × states
        Interval of the expected share.
    at_risk : Series
        Persons under observation per time.
    level : float
    n : int
        Persons.
    """

    observed: pd.DataFrame
    expected: pd.DataFrame
    observed_share: pd.DataFrame
    expected_share: pd.DataFrame
    lower: pd.DataFrame
    upper: pd.DataFrame
    at_risk: pd.Series
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Rows for observed (Wilson interval) and expected shares, keyed by time and step."""
        times, states = self.observed.index, self.observed.columns
        risk = np.repeat(self.at_risk.to_numpy(), len(states))
        low, high = wilson(self.observed.to_numpy().ravel(), risk, level=self.level)
        parts = []
        for quantity, share, lower, upper in (
            ("observed_share", self.observed_share.to_numpy().ravel(), low, high),
            (
                "expected_share",
                self.expected_share.to_numpy().ravel(),
                *(f.to_numpy().ravel() for f in (self.lower, self.upper)),
            ),
        ):
            parts.append(
                pd.DataFrame(
                    {
                        "time": np.repeat(times.to_numpy(), len(states)),
                        "step": list(states) * len(times),
                        "quantity": quantity,
                        "estimate": share,
                        "lower": lower,
                        "upper": upper,
                        "n": risk,
                        "unit": "share",
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)[["time", "step", *COLUMNS]]


def prevalence(
    fitted: Fitted, observations: Observations, times: FloatArray, *, interpolation: Interpolation = "start"
) -> Prevalence:
    """Observed and expected prevalence, as R msm defines them [1]_.

    A person counts at a time between the first and last observation, and for ever once in an
    absorbing state; the observed state is that of the last observation (`'start'`) or of the nearest
    (`'midpoint'`). Expected is the distribution at the earliest time carried forward with each
    person's covariates, times the number under observation.

    Parameters
    ----------
    fitted : IntensityFit
    observations : Observations
        A person whose state is a set at that time does not count.
    times : sequence of float
        Increasing, not before the earliest observation [time unit].
    interpolation : {'start', 'midpoint'}

    Raises
    ------
    InputError
        The times do not increase or begin too early, or nobody is seen on a known state at the start.

    Notes
    -----
    Assumes that leaving observation says nothing about the state. For states that are entered
    at exact times the observed share of the other states is an approximation.

    References
    ----------
    .. [1] Gentleman, R. C., et al. (1994). Stat. Med. 13(8), 805-821; Jackson (2011), section 2.
    """
    model = fitted.model
    when = np.asarray(times, dtype=float)
    zero = float(observations.time.min())
    if when.ndim != 1 or len(when) == 0 or (np.diff(when) <= 0).any() or when[0] < zero:
        raise InputError(f"times: must increase and not begin before {zero:g}, got {list(when)}")
    k = model.structure.size
    weight = np.ones(observations.n_persons) if observations.weight is None else observations.weight
    seen = np.column_stack([_state_at(model, observations, float(t), interpolation) for t in when])
    observed = np.stack([np.bincount(s[s >= 0], weights=weight[s >= 0], minlength=k) for s in seen.T])
    first = _state_at(model, observations, zero, "start")
    initial = np.bincount(first[first >= 0], weights=weight[first >= 0], minlength=k)
    if initial.sum() == 0:
        raise InputError("observations: nobody is seen on a known state at the earliest time")
    history, steps = _histories(model, observations, zero, when)
    risk = np.zeros((steps.groups, len(when)))
    for j, states in enumerate(seen.T):
        risk[:, j] = np.bincount(history[states >= 0], weights=weight[states >= 0], minlength=steps.groups)
    total = observed.sum(axis=1)

    def share(theta: FloatArray) -> FloatArray:
        expected = np.einsum("gj,gjs->js", risk, steps.distribution(model, theta, initial / initial.sum()))
        return np.asarray(expected / np.where(total > 0, total, np.nan)[:, None])

    parts = interval(fitted, share, "logit") if len(steps.time) <= _DELTA_LIMIT else (share(model.theta),) * 4
    index = pd.Index(when, name="time")
    columns = pd.Index(model.structure.states, name="step", dtype=object)

    def frame(values: FloatArray) -> pd.DataFrame:
        return pd.DataFrame(values, index=index, columns=columns)

    unknown_interval = len(steps.time) > _DELTA_LIMIT
    with np.errstate(invalid="ignore"):
        observed_share = observed / np.where(total > 0, total, np.nan)[:, None]
    return Prevalence(
        observed=frame(observed.astype(float)),
        expected=frame(parts[0] * total[:, None]),
        observed_share=frame(observed_share),
        expected_share=frame(parts[0]),
        lower=frame(np.full_like(parts[0], np.nan) if unknown_interval else parts[2]),
        upper=frame(np.full_like(parts[0], np.nan) if unknown_interval else parts[3]),
        at_risk=pd.Series(total, index=index, name="at_risk"),
        level=fitted.level,
        n=observations.n_persons,
    )


def _state_at(model: Model, observations: Observations, t: float, interpolation: Interpolation) -> IntArray:
    """State code per person at a time, -1 when not under observation or only known as a set."""
    first = observations.first
    last = np.append(first[1:], observations.n) - 1
    passed = np.add.reduceat((observations.time <= t).astype(np.int64), first)
    row = first + np.maximum(passed, 1) - 1
    if interpolation == "midpoint":
        exact = observations.time[row] == t
        after = np.minimum(row + 1, last)
        middle = (observations.time[row] + observations.time[after]) / 2
        row = np.where(~exact & (t > middle), after, row)
    state = observations.state[row].astype(np.int64)
    k = model.structure.size
    ended = t > observations.time[last]
    stays = model.absorbing[np.minimum(observations.state[last], k - 1)] & (observations.state[last] < k)
    state = np.where(ended, observations.state[last], state)
    return np.where((passed == 0) | (ended & ~stays) | (state >= k), -1, state)


@dataclass(frozen=True, kw_only=True)
class _Steps:
    """The stretches that carry each covariate history from time zero through the times asked.

    `time[i]` under design row `row[i]` belongs to group `group[i]`. The stretches of one batch are of
    different groups and go together; `batches` holds (time number, first, end) in their order.
    """

    groups: int
    group: IntArray
    row: IntArray
    time: FloatArray
    batches: tuple[tuple[int, int, int], ...]
    rows: FloatArray
    n_times: int

    def distribution(self, model: Model, theta: FloatArray, initial: FloatArray) -> FloatArray:
        """Expected distribution per group and time, shape (groups, times, states)."""
        rates = np.exp(np.minimum(model.structure.log_rates(theta, self.rows - model.means), 30.0))
        Q = derivatives.generators(rates, model.structure.moves, model.structure.size)
        P = derivatives.probabilities(Q, self.row, self.time)
        out = np.empty((self.groups, self.n_times, model.structure.size))
        current = np.tile(initial, (self.groups, 1))
        at = 0
        for j in range(self.n_times):
            while at < len(self.batches) and self.batches[at][0] == j:
                _, low, high = self.batches[at]
                g = self.group[low:high]
                current[g] = np.einsum("gr,grs->gs", current[g], P[low:high])
                at += 1
            out[:, j] = current
        return out


def _histories(model: Model, observations: Observations, zero: float, when: FloatArray) -> tuple[IntArray, _Steps]:
    """Covariate history of each person as a group number, and the stretches of every group."""
    last = np.append(observations.first[1:], observations.n) - 1
    alone = observations.first[last == observations.first]
    rows = np.sort(np.concatenate((observations.starts, alone)))
    code, values = design(observations, rows, model.design.names, len(model.breaks) + 1, like=model.design)
    person = observations.person[rows]
    begins = np.concatenate(([True], (person[1:] != person[:-1]) | (code[1:] != code[:-1])))
    at, who, what = observations.time[rows][begins], person[begins], code[begins]
    head = np.concatenate(([True], who[1:] != who[:-1]))
    groups: dict[tuple[tuple[float, int], ...], int] = {}
    group = np.zeros(observations.n_persons, dtype=np.int64)
    bounds = np.append(np.flatnonzero(head), len(who))
    for low, high in itertools.pairwise(bounds):
        changes = tuple((-np.inf if i == low else float(at[i]), int(what[i])) for i in range(low, high))
        group[who[low]] = groups.setdefault(changes, len(groups))
    found: list[tuple[int, int, int, int, float]] = []
    periods = len(model.breaks) + 1
    edges = [-np.inf, *model.breaks, np.inf]
    for changes, g in groups.items():
        starts = [c[0] for c in changes]
        cuts = sorted({zero, *when, *(c for c in starts if c > zero), *(b for b in model.breaks if b > zero)})
        order, before = 0, -1
        for low, high in itertools.pairwise(cuts):
            j = int(np.searchsorted(when, high))
            if j == len(when):
                break
            order, before = (order + 1 if j == before else 0), j
            active = changes[int(np.searchsorted(starts, low, side="right")) - 1][1]
            period = int(np.searchsorted(edges, low, side="right")) - 1
            found.append((j, order, g, active * periods + period, high - low))
    found.sort()
    batches = []
    low = 0
    for (j, _), members in itertools.groupby(found, key=lambda f: f[:2]):
        size = len(list(members))
        batches.append((j, low, low + size))
        low += size
    return group, _Steps(
        groups=len(groups),
        group=np.array([f[2] for f in found], dtype=int),
        row=np.array([f[3] for f in found], dtype=int),
        time=np.array([f[4] for f in found], dtype=float),
        batches=tuple(batches),
        rows=values.rows,
        n_times=len(when),
    )
