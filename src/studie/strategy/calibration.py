"""Latent rates: what people would do if there were places, from what they did while places were full.

Observed moves to a limited step already happened under full places. Running them under the same limit again would count
capacity twice. The rates found here reproduce, when the limit is put back, the flows and the queue of the history.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from studie.errors import InputError, unknown
from studie.strategy.flows import LEVEL, YEAR
from studie.strategy.latent_rates import Balance, Observed, factors, latent, observed, shared, total
from studie.strategy.limits import Limit
from studie.strategy.replay import Replay, replay
from studie.strategy.situation import Situation, check_waiting

Floats = np.ndarray
Pressure = Literal["whole_history", "last_year"]
PRESSURES = ("whole_history", "last_year")
COUNTED = 0.02  # one rate a year cannot follow every month: a counted queue is met within two percent
COLUMNS = ("step", "month", "estimate", "lower", "upper")


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """Latent rates, the situation at the end of the history, and how well the history is reproduced.

    Attributes
    ----------
    situation : Situation
        At the end of the history: latent rates, persons and queues per draw, and as limits the places that were in
        use then plus what is added to or taken from the places on the list.
    factor : DataFrame
        `from_step, to_step, target_group`, then the six columns: latent over observed rate [ratio].
    check : DataFrame
        `step, month`, then the six columns, and `history, history_lower, history_upper, inside`: waiting at each month
        of the history, and moves up to each step over the whole of it, with the limit put back. `inside` says whether
        the model's mean lies in the history's interval (within 2 % where it was counted).
    level : float
        Coverage of the intervals.
    n : int
        Draws.
    """

    situation: Situation
    factor: pd.DataFrame
    check: pd.DataFrame
    level: float
    n: int

    @property
    def reproduces(self) -> bool:
        """Whether every flow and queue of the history is reproduced within its interval."""
        return bool(self.check["inside"].all())

    def to_frame(self) -> pd.DataFrame:
        """The check: `step, month`, then the six columns of every result."""
        return self.check[["step", "month", "quantity", "estimate", "lower", "upper", "n", "unit"]].copy()


def calibrate(
    situation: Situation,
    history: pd.DataFrame,
    *,
    months: int,
    interval_level: float,
    rng: np.random.Generator,
    pressure: Pressure = "whole_history",
    level: float = LEVEL,
) -> Calibration:
    """Latent rates that reproduce the history, per draw.

    Parameters
    ----------
    situation : Situation
        At the start of the history: observed rates, persons, inflow, and the limits as listed now; their later months
        count from the end of the history.
    history : DataFrame
        `step, month, estimate, lower, upper`: persons waiting for each limited step, all regions and groups
        together, at one or more months since the start (between them a straight line). 0 says that nobody waited:
        the limit did not bind then. `lower = upper` says that the number is counted.
    months : int
        Length of the history.
    interval_level : float
        Coverage of its intervals, in (0, 1).
    rng : Generator
        Draws queues within their intervals: one quantile per step and draw, the same for all months.
    pressure : {'whole_history', 'last_year'}, default 'whole_history'
        Which years' latent rates go forward. A queue that fell in the last year (places, rules or registration changed)
        goes on falling with its own rates, and returns to what is usual with those of all years.
    level : float, default 0.95

    Raises
    ------
    InputError
        A limited step without a history, a history of another step, an interval that does not hold its estimate, more
        people waiting than there are below, or a queue that shrank so fast that no rate explains it.

    Notes
    -----
    The history itself is the observed rates P run without limit: they were estimated from what happened. A queue
    W(t) stands beside it, shared over the steps i and regions people wait in, in proportion to the climbs a(t) from
    there (`waiting.spread`). Who waits leaves by any other move. Per cell (i → j) the latent rate m P(i,j) must then
    satisfy, summed over months,

        m Σ (n_i − w_ij) P_ij = Σ a_ij + w_ij(end) − w_ij(start) + Σ w_ij (moves elsewhere),

    linear in the m of all cells of one step, solved per draw; then all m of a step are multiplied until the replayed
    queue ends where it ended (`replay.replay`). Places in use are the persons on the step in the history:
    with people waiting, places were full. Later limits are those plus changes on the list; places that stayed
    unused while people waited stay unused. Falls, returns and inflow are not scaled. The history is replayed with one m
    per year, so that it ends where it ended; one m, of all years together or of the last, goes forward. Assumes that
    who waits moves elsewhere as others on the step do, and that later pressure is that of the chosen years.
    """
    _check(situation, history, months, interval_level, level)
    queues = _queues(situation, history, months, interval_level, rng)
    if pressure not in PRESSURES:
        raise unknown("pressure", pressure, PRESSURES)
    past = observed(situation, queues)
    bound = queues.max(axis=(0, 2)) > 0
    replayed, factor = _past(situation, queues, past, bound=bound, pressure=pressure)
    forward = latent(situation, factor)
    limited = [limit.step for limit in situation.ordered_limits]
    now = [
        _later(limit, past.used[-1, place], binding=bool(bound[place]))
        for place, limit in enumerate(situation.ordered_limits)
    ]
    done = replace(forward, stock=replayed.stock, waiting=replayed.waiting, limits=tuple(now), calibrated=True)
    check = pd.concat(
        [
            _check_queues(limited, history, replayed.queues, level=level),
            _check_climbs(limited, replayed.climbed, past.climbed, months=months, level=level),
        ],
        ignore_index=True,
    )
    return Calibration(
        situation=done, factor=_factor_table(situation, factor, level=level), check=check, level=level,
        n=situation.draws,
    )  # fmt: skip


def _past(
    situation: Situation, queues: Floats, past: Observed, *, bound: np.ndarray, pressure: Pressure
) -> tuple[Replay, Floats]:
    """The history year by year, and the factors that go forward."""
    start = replace(situation, waiting=shared(situation, situation.stock, queues[0]))
    check_waiting(start, start.waiting)

    def stretch(here: Situation, balance: Balance, begin: int, end: int) -> Replay:
        limits = [
            replace(limit, persons=np.where(bound[place], past.used[begin:end, place], np.inf))
            for place, limit in enumerate(situation.ordered_limits)
        ]
        return replay(here, factors(here, balance), balance=balance, limits=limits, goal=queues[end])

    here, years = start, []
    for year, balance in enumerate(past.years):
        begin = year * YEAR
        years.append(stretch(here, balance, begin, min(begin + YEAR, len(past.used))))
        here = replace(here, stock=years[-1].stock, waiting=years[-1].waiting)
    whole = Replay(
        factor=years[-1].factor,
        stock=here.stock,
        waiting=here.waiting,
        queues=np.concatenate([queues[:1], *(year.queues for year in years)]),
        climbed=sum((year.climbed for year in years), np.zeros_like(past.climbed)),
    )
    if pressure == "last_year":
        return whole, whole.factor
    return whole, stretch(start, total(past.years), 0, len(past.used)).factor


def _check(situation: Situation, history: pd.DataFrame, months: int, interval_level: float, level: float) -> None:
    """The history is about the limited steps and is in order."""
    missing = [name for name in COLUMNS if name not in history.columns]
    if missing:
        raise InputError(f"history: columns {', '.join(COLUMNS)} are needed, got none named {missing[0]}")
    steps = {limit.step for limit in situation.limits}
    for step in steps - set(history["step"]):
        raise InputError(f"history: step {step} has a limit but no history of waiting; give one, or take the limit off")
    for step in set(history["step"]) - steps:
        raise InputError(f"history: step {step} has no limit, so nobody waits for it")
    if months < 1 or not history["month"].between(0, months).all():
        raise InputError(f"history: months must be between 0 and {months}, got {sorted(history['month'])}")
    for value in (interval_level, level):
        if not 0 < value < 1:
            raise InputError(f"level: must be in (0, 1), got {value}")
    for row in history.to_dict("records"):
        lower, estimate, upper = row["lower"], row["estimate"], row["upper"]
        if not 0 <= lower <= estimate <= upper:
            raise InputError(
                f"history: step {row['step']}, month {row['month']}: the interval must hold its estimate and not be "
                f"negative, got {lower} ≤ {estimate} ≤ {upper}"
            )


def _queues(
    situation: Situation, history: pd.DataFrame, months: int, interval_level: float, rng: np.random.Generator
) -> Floats:
    """Persons waiting per month, limited step and draw; a two-piece normal around each estimate."""
    half = float(stats.norm.ppf((1 + interval_level) / 2))
    out = np.zeros((months + 1, len(situation.limits), situation.draws))
    for place, limit in enumerate(situation.ordered_limits):
        rows = history[history["step"] == limit.step].sort_values("month")
        path = {
            name: np.interp(np.arange(months + 1), rows["month"].to_numpy(float), rows[name].to_numpy(float))
            for name in ("estimate", "lower", "upper")
        }
        z = stats.norm.ppf((rng.permutation(situation.draws) + 0.5) / situation.draws)[None, :] / half
        below, above = path["estimate"] - path["lower"], path["upper"] - path["estimate"]
        out[:, place] = np.maximum(path["estimate"][:, None] + z * np.where(z < 0, below[:, None], above[:, None]), 0)
    return out


def _later(limit: Limit, used: Floats, *, binding: bool) -> Limit:
    """Limit after the history: places in use then, and what changes on the list."""
    listed = limit.persons
    if not binding and limit.kind == "openings":
        return limit
    base = used if binding else np.maximum(used, listed[0])
    return Limit(step=limit.step, kind=limit.kind, persons=np.maximum(base + listed - listed[0], 0.0))


def _spread(sample: Floats, level: float) -> dict[str, float]:
    """Mean and bounds over draws; bounds hold the mean."""
    mean = float(sample.mean())
    lower, upper = np.quantile(sample, [(1 - level) / 2, (1 + level) / 2])
    return {"estimate": mean, "lower": min(float(lower), mean), "upper": max(float(upper), mean)}


def _check_queues(limited: list, history: pd.DataFrame, seen: Floats, *, level: float) -> pd.DataFrame:
    """Queues at the months of the history, and at its end."""
    rows = []
    for place, step in enumerate(limited):
        mine = history[history["step"] == step].sort_values("month")
        for month in sorted({*mine["month"], len(seen) - 1}):
            past = {
                f"history{suffix}": float(np.interp(month, mine["month"], mine[name]))
                for name, suffix in (("estimate", ""), ("lower", "_lower"), ("upper", "_upper"))
            }
            found = _spread(seen[int(month), place], level)
            slack = COUNTED * past["history"]
            inside = past["history_lower"] - slack <= found["estimate"] <= past["history_upper"] + slack
            rows.append({"step": step, "month": int(month), "quantity": "waiting", **found, **past, "inside": inside})
    return pd.DataFrame(rows).assign(n=seen.shape[-1], unit="persons")


def _check_climbs(limited: list, climbed: Floats, observed: Floats, *, months: int, level: float) -> pd.DataFrame:
    """Moves up to each limited step over the whole history, model against history."""
    rows = []
    for place, step in enumerate(limited):
        past = _spread(observed[place], level)
        found = _spread(climbed[place], level)
        slack = 1e-6 * max(past["estimate"], 1.0)
        rows.append(
            {
                "step": step, "month": months, "quantity": "moves_up", **found, "history": past["estimate"],
                "history_lower": past["lower"], "history_upper": past["upper"],
                "inside": past["lower"] - slack <= found["estimate"] <= past["upper"] + slack,
            }
        )  # fmt: skip
    return pd.DataFrame(rows).assign(n=climbed.shape[-1], unit="persons")


def _factor_table(situation: Situation, factors: Floats, *, level: float) -> pd.DataFrame:
    """Latent over observed rates, per climb and group."""
    rows = [
        {
            "from_step": situation.states[i],
            "to_step": situation.states[j],
            "target_group": group,
            "quantity": "latent_over_observed_rate",
            **_spread(factors[c, g], level),
            "n": situation.draws,
            "unit": "ratio",
        }
        for c, (i, j) in enumerate(situation.plan.cells)
        for g, group in enumerate(situation.groups)
        if (situation.matrices.values[g, ..., i, j] > 0).any()
    ]
    return pd.DataFrame(rows)
