"""Exact choice under rules: mixed-integer programmes with their proof, and which guarantees exclude each other."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy import optimize, sparse

from studie.errors import InputError

Floats = np.ndarray
Status = Literal["optimal", "time_limit", "infeasible"]
SECONDS = 60.0
EXACT = 1e-6  # HiGHS stops at this absolute gap: a smaller difference is no difference
INFEASIBLE = 2
OTHER = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule:
    """Linear rule lower <= rows @ x <= upper.

    Attributes
    ----------
    name : str
        As a reader knows it.
    rows : sparse matrix, shape (rules, variables)
    lower, upper : array or float
    kind : {'law', 'guarantee'}
        A law cannot be given up (an area is in one place once); a guarantee was asked and can be.
    """

    name: str
    rows: Any
    lower: Floats | float = -np.inf
    upper: Floats | float = np.inf
    kind: Literal["law", "guarantee"] = "guarantee"


@dataclass(frozen=True, kw_only=True, eq=False)
class Optimum:
    """Best choice and how sure it is.

    Attributes
    ----------
    values : array, shape (variables,)
        Empty where no choice was found.
    objective, bound : float
        Value of the choice, and what no choice exceeds.
    status : {'optimal', 'time_limit', 'infeasible'}
    """

    values: Floats
    objective: float
    bound: float
    status: Status

    @property
    def found(self) -> bool:
        """Whether there is a choice."""
        return len(self.values) > 0

    @property
    def gap(self) -> float:
        """What a better choice could still win, as a share of the objective; 0 when proven."""
        room = self.bound - self.objective
        return 0.0 if self.status == "optimal" else float(room / max(abs(self.objective), EXACT))


def maximise(
    gain: Floats,
    rules: Sequence[Rule],
    *,
    most: Floats | float = 1.0,
    least: Floats | float = 0.0,
    whole: Floats | int = 1,
    seconds: float = SECONDS,
) -> Optimum:
    """The choice x with the largest gain @ x under the rules.

    Parameters
    ----------
    gain : array, shape (variables,)
    rules : sequence of Rule
    most, least : array or float
        Bounds of the variables, finite.
    whole : array or int
        1 where a variable is whole.
    seconds : float, default 60
        After which the best choice so far is given, with its bound.

    Notes
    -----
    Branch and cut by HiGHS [1]_ with relative gap 0: `optimal` is a proof, up to 1e-6 in the objective.

    References
    ----------
    .. [1] Huangfu, Q. & Hall, J. A. J. (2018). Math. Program. Comput. 10, 119-142.
    """
    found = optimize.milp(
        -np.asarray(gain, float),
        constraints=[optimize.LinearConstraint(one.rows, one.lower, one.upper) for one in rules],
        bounds=optimize.Bounds(least, most),
        integrality=np.broadcast_to(whole, len(gain)),
        options={"mip_rel_gap": 0.0, "time_limit": seconds},
    )
    none = found.status == INFEASIBLE or (found.status == OTHER and "infeasible" in found.message.lower())
    if none:
        return Optimum(values=np.zeros(0), objective=-np.inf, bound=-np.inf, status="infeasible")
    bound = np.inf if found.mip_dual_bound is None else -float(found.mip_dual_bound)
    if found.x is None:
        return Optimum(values=np.zeros(0), objective=-np.inf, bound=bound, status="time_limit")
    values = np.where(np.broadcast_to(whole, len(gain)) == 1, np.round(found.x), found.x)
    objective = float(np.asarray(gain, float) @ values)
    if found.status == 0:
        return Optimum(values=values, objective=objective, bound=objective, status="optimal")
    return Optimum(values=values, objective=objective, bound=max(bound, objective), status="time_limit")


def conflict(rules: Sequence[Rule], size: int, **options: Any) -> tuple[str, ...]:
    """Guarantees that cannot be met together, none of which can be missed: without any of them the others can.

    Parameters
    ----------
    rules : sequence of Rule
        Together infeasible.
    size : int
        Variables.
    options
        As `maximise`.

    Returns
    -------
    tuple of str
        Empty where the laws alone exclude every choice.

    Notes
    -----
    Deletion filter [1]_: each guarantee is left out in turn, for good if the rest is infeasible without it. There can
    be other conflicts; this is one that is irreducible.

    References
    ----------
    .. [1] Chinneck, J. W. & Dravnieks, E. W. (1991). ORSA J. Comput. 3(2), 157-168.
    """
    kept = list(rules)
    for one in rules:
        rest = [other for other in kept if other is not one]
        if one.kind == "guarantee" and maximise(np.zeros(size), rest, **options).status == "infeasible":
            kept = rest
    return tuple(one.name for one in kept if one.kind == "guarantee")


def best(gain: Floats, rules: Sequence[Rule], **options: Any) -> Optimum:
    """As `maximise`, and refuses what cannot be met by naming it.

    Raises
    ------
    InputError
        Guarantees that exclude each other, or nothing found in time.
    """
    found = maximise(gain, rules, **options)
    if found.status == "infeasible":
        names = conflict(rules, len(gain), **options)
        if not names:
            raise InputError("candidates: no choice is possible, whatever the guarantees")
        rule = "cannot be met" if len(names) == 1 else "cannot be met together"
        raise InputError(f"guarantees: {rule}: {'; '.join(names)}")
    if not found.found:
        raise InputError(f"seconds: no choice found within {options.get('seconds', SECONDS)} s; give more time")
    return found


def nearly_best(
    gain: Floats, rules: Sequence[Rule], first: Optimum, *, threshold: float, limit: int, seconds: float = SECONDS
) -> tuple[list[np.ndarray], bool]:
    """Choices of 0 and 1 worth at least a threshold, best first.

    Parameters
    ----------
    gain, rules, seconds
        As `maximise`; every choice has the same number of ones.
    first : Optimum
        The best choice.
    threshold : float
    limit : int
        At most so many.

    Returns
    -------
    list of array, bool
        Positions of the ones per choice; whether these are all.

    Notes
    -----
    Partition of what is left after each choice {a, b, c}: without a; with a, without b; with a and b, without c [1]_.
    The parts do not overlap and the best of each is solved exactly, so the next choice is the best of all parts. Only
    variables that the reduced costs leave possible take part.

    References
    ----------
    .. [1] Lawler, E. L. (1972). Manage. Sci. 18(7), 401-405.
    """
    possible = _within_reach(gain, rules, threshold=threshold)
    own = [replace(one, rows=one.rows[:, possible]) for one in rules]
    start = tuple(np.flatnonzero(first.values[possible]).tolist())
    heap: list[tuple[float, tuple[int, ...], tuple[int, ...], tuple[int, ...]]] = [(-first.objective, start, (), ())]
    found: list[np.ndarray] = []
    sure = True
    while heap and len(found) < limit:
        _, chosen, forced, banned = heapq.heappop(heap)
        found.append(possible[list(chosen)])
        free = [one for one in chosen if one not in forced]
        for place, without in enumerate(free):
            least, most = np.zeros(len(possible)), np.ones(len(possible))
            with_these, not_these = (*forced, *free[:place]), (*banned, without)
            least[list(with_these)], most[list(not_these)] = 1.0, 0.0
            part = maximise(gain[possible], own, least=least, most=most, seconds=seconds)
            sure = sure and part.status != "time_limit"
            if part.found and part.objective >= threshold - EXACT:
                ones = tuple(np.flatnonzero(part.values).tolist())
                heapq.heappush(heap, (-part.objective, ones, with_these, not_these))
    return found, sure and not heap


def _within_reach(gain: Floats, rules: Sequence[Rule], *, threshold: float) -> np.ndarray:
    """Positions of variables that can be 1 in a choice worth at least the threshold.

    A choice with x_j = 1 is worth at most the linear bound minus the reduced cost of j: what is left out is proven
    impossible.
    """
    rows = sparse.vstack([one.rows for one in rules], format="csr")
    lower, upper = (
        np.concatenate([np.broadcast_to(getattr(one, side), one.rows.shape[0]) for one in rules]).astype(float)
        for side in ("lower", "upper")
    )
    same, above = lower == upper, np.isfinite(upper) & (lower != upper)
    below = np.isfinite(lower) & ~same
    linear = optimize.linprog(
        -np.asarray(gain, float),
        A_ub=sparse.vstack([rows[above], -rows[below]]) if (above | below).any() else None,
        b_ub=np.concatenate([upper[above], -lower[below]]) if (above | below).any() else None,
        A_eq=rows[same] if same.any() else None,
        b_eq=lower[same] if same.any() else None,
        bounds=(0, 1),
        method="highs",
    )
    reachable = -(float(linear.fun or 0.0) + np.asarray(linear.lower.marginals, float))
    return np.flatnonzero(reachable >= threshold - EXACT)
