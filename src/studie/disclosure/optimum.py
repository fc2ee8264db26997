"""Cheapest safe pattern of hidden cells: an integer programme that learns from each attack that succeeds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import highspy
import numpy as np

from studie.disclosure.attacker import FREE, SIDES, TOLERANCE, Attacker, Breach, Side, solver
from studie.disclosure.cells import BoolArray, FloatArray

Status = Literal["optimal", "time_limit"]
ROUNDS: Final = 40  # of the linear relaxation
BREATH: Final = 2.0  # seconds for a first pattern when time is over before it starts
LARGE: Final = 1000  # cells above which attacks on fractional choices cost more than they teach
NEEDS: Final = {
    True: 2,
    False: 1,
}  # hidden companions in a sum; an insider may know one


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """Hidden cells that hold against every attack.

    Attributes
    ----------
    hidden : array of bool, shape (n,)
    bound : float
        No safe pattern costs less.
    status : {"optimal", "time_limit"}
    """

    hidden: BoolArray
    bound: float
    status: Status


class _Master:
    """The programme over patterns: cheapest choice of hidden cells that obeys the cuts so far."""

    def __init__(self, cost: FloatArray, *, forced: BoolArray, never: BoolArray) -> None:
        self.size = len(cost)
        self.columns = np.arange(self.size, dtype=np.int32)
        self.model = solver()
        self.model.addVars(self.size, forced.astype(float), np.where(never, 0.0, 1.0))
        self.model.changeColsCost(self.size, self.columns, cost)
        self.model.setOptionValue("mip_rel_gap", 0.0)
        self.seen: set[tuple[object, ...]] = set()

    def add(self, weights: FloatArray, least: float) -> bool:
        """Add weights @ y >= least; False if it was there."""
        at = np.flatnonzero(weights).astype(np.int32)
        entry = (at.tobytes(), weights[at].tobytes(), least)
        if entry in self.seen:
            return False
        self.seen.add(entry)
        self.model.addRow(least, np.inf, len(at), at, weights[at])
        return True

    def solve(self, *, whole: bool, seconds: float, start: FloatArray | None = None) -> tuple[FloatArray | None, float]:
        """Choice and lower bound; no choice when none was found in time, an infinite bound when none exists."""
        kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
        self.model.changeColsIntegrality(self.size, self.columns, np.full(self.size, kind.value, dtype=np.uint8))
        self.model.setOptionValue("time_limit", self.model.getRunTime() + max(seconds, 0.0))
        if start is not None:
            guess = highspy.HighsSolution()
            guess.col_value = start.tolist()
            self.model.setSolution(guess)
        self.model.run()
        if start is not None and self._muddled():
            self.model.clearSolver()
            self.model.run()
        status, info = self.model.getModelStatus(), self.model.getInfo()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None, np.inf
        if whole:
            bound = info.mip_dual_bound
        else:
            bound = info.objective_function_value if status == highspy.HighsModelStatus.kOptimal else -np.inf
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None, bound
        return np.array(self.model.getSolution().col_value), bound

    def _muddled(self) -> bool:
        """Whether HiGHS hands back the start with the objective of another choice, as it does now and then."""
        said, chosen = self.model.getInfo().objective_function_value, np.array(self.model.getSolution().col_value)
        meant = float(chosen @ np.array(self.model.getLp().col_cost_)) if len(chosen) else said
        return abs(meant - said) > 1e-6 * max(1.0, abs(said))


class Search:
    """Search for the cheapest safe pattern.

    Parameters
    ----------
    attacker : Attacker
    forced : array of bool
        Cells that any pattern hides.
    cost : array
        Of hiding each cell.
    insider : bool
        Whether a reader may know one hidden cell.
    deadline : float
        Moment on the clock of CPU time after which no better pattern is sought.
    """

    def __init__(
        self, attacker: Attacker, *, forced: BoolArray, cost: FloatArray, insider: bool, deadline: float
    ) -> None:
        self.attacker, self.forced, self.cost, self.insider = attacker, forced, cost, insider
        self.deadline = deadline
        self.sums = [
            row.indices for row in (attacker.cells.equations[[i]] for i in range(attacker.cells.equations.shape[0]))
        ]
        self.best: BoolArray | None = None
        self.bound = float(cost[forced].sum())

    def left(self) -> float:
        """Seconds left."""
        return self.deadline - time.process_time()

    def run(self) -> Pattern:
        """Cheapest safe pattern, or the best one when time is over."""
        master = _Master(self.cost, forced=self.forced, never=self.attacker.public & ~self.forced)
        self._relax(master)
        while self.left() > 0:
            start = None if self.best is None else self.best.astype(float)
            choice, bound = master.solve(whole=True, seconds=self.left(), start=start)
            self.bound = max(self.bound, bound)
            if self.best is not None and self._spent(self.best) <= self.bound + TOLERANCE:
                return Pattern(hidden=self.best, bound=self.bound, status="optimal")
            if choice is None or self.left() <= 0:
                break
            hidden = choice > 0.5
            if not self._learn(master, hidden):
                self._keep(hidden)
                continue
            self._keep(self.completed(hidden))
        best = self.best
        if best is None:
            choice, _ = master.solve(whole=True, seconds=BREATH)
            best = self.completed(self.forced if choice is None else (choice > 0.5) | self.forced)
        return Pattern(hidden=best, bound=self.bound, status="time_limit")

    def _spent(self, hidden: BoolArray) -> float:
        """Cost of a pattern."""
        return float(self.cost[hidden].sum())

    def _keep(self, hidden: BoolArray) -> None:
        """Take a safe pattern as the best so far if it is cheaper."""
        if self.best is None or self._spent(hidden) < self._spent(self.best):
            self.best = hidden

    def _learn(self, master: _Master, hidden: BoolArray) -> int:
        """Add what the attacks on a pattern teach; number of breaches."""
        found = 0
        for breach in self.attacker.breaches(hidden, secret=self.forced, insider=self.insider):
            found += 1
            self._cut(master, breach)
            if self.left() <= 0:
                break
        return found

    def _cut(self, master: _Master, breach: Breach) -> None:
        """Cut that forbids the pattern in which a breach was found, or a stronger one."""
        row, known = breach.help.copy(), breach.known
        if known is not None and self._companions(master, row, (breach.cell, breach.side, known)):
            return
        if known is not None and not self.forced[known]:
            row[known] = -1.0
        master.add(row, 1.0 if known is None or self.forced[known] else 0.0)

    def _companions(
        self,
        master: _Master,
        help_: FloatArray,
        case: tuple[int, Side, int | None],
        choice: FloatArray | None = None,
    ) -> bool:
        """Cut that asks for two companions where an insider may know one; False where it does not hold or not cut."""
        if self.attacker.public.any():
            return False
        cell, side, known = case
        row = (help_ > 0).astype(float)
        if known is not None:
            row[known] = 1.0
        if any(self.attacker.implied(cell, side, int(k)) for k in np.flatnonzero(row)):
            return False
        if choice is not None and row @ choice >= 2 - TOLERANCE * 100:
            return False
        whole = known is None or set(np.unique(help_)) <= {0.0, 1.0}
        return master.add(row, 2.0) and whole

    def _relax(self, master: _Master) -> None:
        """Tighten the linear relaxation."""
        before, budget = -np.inf, self.left()
        stalled = 0
        for _ in range(ROUNDS):
            choice, bound = master.solve(whole=False, seconds=max(self.left(), BREATH))
            if choice is None:
                return
            self.bound = max(self.bound, bound)
            stalled = stalled + 1 if bound < before + 1e-3 * max(1.0, abs(before)) else 0
            before = bound
            added = self._lonely(master, choice)
            if not added and self.attacker.size <= LARGE and self.left() > budget / 2:
                added = self._thin(master, choice)
            if not added or stalled > 3:
                return

    def _lonely(self, master: _Master, choice: FloatArray) -> int:
        """Cuts for sums in which a hidden cell has too few hidden companions."""
        if self.attacker.public.any():
            return 0
        added, value = 0, self.attacker.cells.value
        for members in self.sums:
            need = min(NEEDS[self.insider], len(members) - 1)
            if value[members].max() > 0 and self.forced[members].any() and choice[members].sum() < need + 1 - TOLERANCE:
                row = np.zeros(self.attacker.size)
                row[members] = 1.0
                added += master.add(row, need + 1.0)
        return added

    def _thin(self, master: _Master, choice: FloatArray) -> int:
        """Cuts from attacks on a fractional choice."""
        added, attacker = 0, self.attacker
        value = attacker.cells.value
        most = float(NEEDS[self.insider])
        lower, upper = -np.minimum(value, 1.0) * (choice + FREE), choice + FREE
        for cell in np.flatnonzero(self.forced & ~attacker.public):
            for side in SIDES:
                if attacker.room(int(cell), side) == 0 or self.left() <= 0:
                    continue
                reached, _, price = attacker.reach(int(cell), side, lower=lower, upper=upper, most=most)
                if reached >= most - 1e-2:
                    continue
                help_ = attacker.helps(price, cell=int(cell), known=None)
                if self.insider and self._companions(master, help_, (int(cell), side, None), choice):
                    added += 1
                    continue
                if help_ @ choice < 1 - 1e-3 and not attacker.unavoidable(int(cell), side, None):
                    added += master.add(help_, 1.0)
        return added

    def completed(self, hidden: BoolArray) -> BoolArray:
        """A pattern made safe by hiding cheap cells, without looking back."""
        wider = hidden.copy()
        for breach in self.attacker.breaches(wider, secret=self.forced, insider=self.insider, mending=True):
            wider |= self.attacker.detour(breach, wider, self.cost)
        return wider


def cheapest(attacker: Attacker, *, forced: BoolArray, cost: FloatArray, insider: bool, seconds: float) -> Pattern:
    """Safe pattern of least cost.

    Parameters
    ----------
    attacker : Attacker
    forced : array of bool, shape (n,)
        Cells that any pattern hides.
    cost : array, shape (n,)
        Of hiding each cell, positive.
    insider : bool
        Whether a reader may know one hidden cell.
    seconds : float
        Time to search; a pattern is completed greedily after that.

    Notes
    -----
    Every forced cell needs room to move by one both ways, not below 0, whatever other hidden cell the reader knows.
    Breaches that no pattern avoids are left out: somebody who knows that a municipality counts five persons knows
    that none of its parts exceeds five, also when nothing is published.

    References
    ----------
    .. [1] Fischetti, M. and Salazar-González, J. J. (2001). Solving the cell suppression problem on tabular data with
       linear constraints. Management Science 47(7), 1008-1027.
    """
    if attacker.cells.equations.shape[0] == 0:  # nothing follows from anything
        return Pattern(hidden=forced.copy(), bound=float(cost[forced].sum()), status="optimal")
    search = Search(attacker, forced=forced, cost=cost, insider=insider, deadline=time.process_time() + seconds)
    return search.run()


def limits(attacker: Attacker) -> Sequence[tuple[int, Side, int | None]]:
    """Breaches that no pattern avoids, as far as the search met them: cell, side, what the reader knows."""
    return [case for case, stands in attacker.excused.items() if stands]
