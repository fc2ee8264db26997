"""Latent rates: what people would do if there were places, from what they did while places were full.

Observed moves to a limited step already happened under full places. Running them under the same limit again would count
capacity twice. The rates found here reproduce, when the limit is put back, the flows and the queue of the history.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from studie.errors import InputError
from studie.strategy.flows import LEVEL, Walk, waiting_for
from studie.strategy.limits import Limit
from studie.strategy.matrix_draws import MatrixDraws
from studie.strategy.queues import MonthOfMoves
from studie.strategy.situation import Situation, check_waiting

Floats = np.ndarray
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
        the model's mean lies in the history's interval.
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


@dataclass(kw_only=True, eq=False)
class _Balance:
    """Sums over months and regions that decide the factors, per cell, group and draw.

    Attributes
    ----------
    moved : climbs that happened plus growth of the queue
    lost : left the queue by moves that need no place
    exposed : would apply at the observed rates
    switched : left the queue by an application elsewhere, cell × cell
    used : persons on (or admitted to) each limited step, by month
    climbed : moves up to each limited step
    """

    moved: Floats
    lost: Floats
    exposed: Floats
    switched: Floats
    used: Floats
    climbed: Floats


def calibrate(
    situation: Situation,
    history: pd.DataFrame,
    *,
    months: int,
    interval_level: float,
    rng: np.random.Generator,
    level: float = LEVEL,
) -> Calibration:
    """Latent rates that reproduce the history, per draw.

    Parameters
    ----------
    situation : Situation
        At the start of the history: observed rates, persons, inflow, and the limits as listed.
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
    there. Who waits leaves by any other move. Per cell (i → j) the latent rate m P(i,j) must then satisfy, summed over
    the history,

        m Σ (n_i − w_ij) P_ij = Σ a_ij + w_ij(end) − w_ij(start) + Σ w_ij (moves elsewhere),

    linear in the m of all cells of one step, solved per draw. Places in use are the persons on the step in the history:
    with people waiting, places were full. Later limits are those plus changes on the list; places that stayed
    unused while people waited stay unused. Falls, returns and inflow are not scaled. Assumes one factor over the
    history, and that who waits moves elsewhere as others on the step do.
    """
    _check(situation, history, months, interval_level, level)
    queues = _queues(situation, history, months, interval_level, rng)
    balance = _run_observed(situation, queues, months)
    factors = _factors(situation, balance)
    latent = _latent(situation, factors)
    start = replace(latent, waiting=_shared(situation, situation.stock, queues[0]))
    check_waiting(start, start.waiting)
    limited = [limit.step for limit in situation.ordered_limits]
    bound = queues.max(axis=(0, 2)) > 0
    past = [
        Limit(step=step, kind=limit.kind, persons=np.where(bound[place], balance.used[:, place], np.inf))
        for place, (step, limit) in enumerate(zip(limited, situation.ordered_limits, strict=True))
    ]
    walk = Walk(start)
    seen = np.zeros((months + 1, len(limited), situation.draws))
    seen[0] = queues[0]
    climbed = np.zeros((len(limited), situation.draws))

    def observe(month: int, part: slice, stock: Floats, waiting: Floats, moved: MonthOfMoves) -> None:
        """Keep queues and climbs, all regions and groups together."""
        seen[month + 1, :, part] = waiting_for(situation, waiting).sum(axis=(1, 2))
        climbed[:, part] += moved.upward[list(situation.plan.limited)].sum(axis=(1, 2))

    walk.on(months, observe, limits=past)
    now = [
        _later(limit, balance.used[-1, place], binding=bool(bound[place]))
        for place, limit in enumerate(situation.ordered_limits)
    ]
    done = replace(latent, stock=walk.stock, waiting=walk.waiting, limits=tuple(now), calibrated=True)
    check = pd.concat(
        [
            _check_queues(limited, history, seen, level=level),
            _check_climbs(limited, climbed, balance.climbed, months=months, level=level),
        ],
        ignore_index=True,
    )
    return Calibration(
        situation=done, factor=_factor_table(situation, factors, level=level), check=check, level=level,
        n=situation.draws,
    )  # fmt: skip


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


def _shared(situation: Situation, stock: Floats, queue: Floats) -> Floats:
    """Queue per cell, group, region and draw from the total per limited step, in proportion to climbs."""
    P = situation.matrices.values
    shape = np.broadcast_shapes(stock.shape[1:], (1, 1, queue.shape[-1]))
    out = np.zeros((len(situation.plan.cells), *shape))
    for place, cells in enumerate(situation.plan.of):
        for c in cells:
            i, j = situation.plan.cells[c]
            out[c] = stock[i] * P[:, :, : queue.shape[-1], i, j]
        mine = slice(cells[0], cells[-1] + 1)
        total = out[mine].sum(axis=(0, 1, 2))
        if ((total <= 0) & (queue[place] > 0)).any():
            step = situation.ordered_limits[place].step
            raise InputError(f"history: people wait for step {step}, yet nobody climbs to it")
        out[mine] *= np.divide(queue[place], total, out=np.zeros_like(total), where=total > 0)
    return out


def _run_observed(situation: Situation, queues: Floats, months: int) -> _Balance:
    """Run the observed rates without limit and add up what decides the factors."""
    cells, groups, draws = len(situation.plan.cells), len(situation.groups), situation.draws
    limited = list(situation.plan.limited)
    balance = _Balance(
        moved=np.zeros((cells, groups, draws)),
        lost=np.zeros((cells, groups, draws)),
        exposed=np.zeros((cells, groups, draws)),
        switched=np.zeros((cells, cells, groups, draws)),
        used=np.zeros((months, len(limited), len(situation.regions), draws)),
        climbed=np.zeros((len(limited), draws)),
    )
    walk = Walk(replace(situation, limits=(), waiting=np.zeros((0, *situation.stock.shape[1:]))))
    P = situation.matrices.values
    for month in range(months):
        before = walk.stock.copy()
        _add(balance, situation, before, queues[month], P)

        def observe(_: int, part: slice, stock: Floats, __: Floats, moved: MonthOfMoves, month: int = month) -> None:
            """Keep who is on the limited steps; where the limit is one of admissions, who came in."""
            for place, j in enumerate(limited):
                balance.used[month, place][:, part] = stock[j].sum(axis=0)
            balance.climbed[:, part] += moved.upward[limited].sum(axis=(1, 2))

        walk.on(1, observe)
        for place, limit in enumerate(situation.ordered_limits):
            if limit.kind == "openings":
                j = limited[place]
                stays = before[j] * P[:, :, :, j, j]
                balance.used[month, place] = np.maximum(walk.stock[j] - stays, 0.0).sum(axis=0)
    first, last = _shared(situation, situation.stock, queues[0]), _shared(situation, walk.stock, queues[-1])
    balance.moved += (last - first).sum(axis=2)
    return balance


def _add(balance: _Balance, situation: Situation, stock: Floats, queue: Floats, P: Floats) -> None:
    """Add one month to the balance."""
    plan = situation.plan
    waiting = _shared(situation, stock, queue)
    for c, (i, j) in enumerate(plan.cells):
        balance.moved[c] += (stock[i] * P[:, :, :, i, j]).sum(axis=1)
        balance.exposed[c] += ((stock[i] - waiting[c]) * P[:, :, :, i, j]).sum(axis=1)
        climbs = [(other, k) for other, (where, k) in enumerate(plan.cells) if where == i]
        for other, k in climbs:
            if other != c:
                balance.switched[c, other] += (waiting[c] * P[:, :, :, i, k]).sum(axis=1)
        staying = P[:, :, :, i, i] + sum(P[:, :, :, i, k] for _, k in climbs)
        balance.lost[c] += (waiting[c] * (1 - staying)).sum(axis=1)


def _factors(situation: Situation, balance: _Balance) -> Floats:
    """Latent over observed rate per cell, group and draw; 1 where nobody can climb."""
    cells = len(situation.plan.cells)
    if not cells:
        return np.ones((0, len(situation.groups), situation.draws))
    open_ = balance.exposed > 0
    left = -np.moveaxis(balance.switched, (0, 1), (2, 3))
    diagonal = np.moveaxis(np.where(open_, balance.exposed, 1.0), 0, -1)
    left[..., np.arange(cells), np.arange(cells)] += diagonal
    right = np.moveaxis(np.where(open_, balance.moved + balance.lost, 1.0), 0, -1)
    left[~np.moveaxis(open_, 0, -1)] = 0.0
    left[..., np.arange(cells), np.arange(cells)] = diagonal
    return np.moveaxis(np.linalg.solve(left, right[..., None])[..., 0], -1, 0)


def _latent(situation: Situation, factors: Floats) -> Situation:
    """The situation with latent rates; what they add is taken from staying."""
    values = situation.matrices.values.copy()
    for c, (i, j) in enumerate(situation.plan.cells):
        label = f"{situation.states[i]}→{situation.states[j]}"
        if (factors[c] <= 0).any():
            raise InputError(f"history: the queue shrank faster than people can have left it; check {label}")
        more = values[:, :, :, i, j] * (factors[c][:, None, :] - 1)
        values[:, :, :, i, j] += more
        values[:, :, :, i, i] -= more
        if (values[:, :, :, i, i] < 0).any():
            raise InputError(f"history: the queue is too long for the number of people who climb {label}")
    matrices = situation.matrices
    return replace(
        situation,
        matrices=MatrixDraws(states=matrices.states, groups=matrices.groups, regions=matrices.regions, values=values),
    )


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
            slack = 1e-6 * max(past["history"], 1.0)
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
