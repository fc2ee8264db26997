"""What a reader can work out of a table with hidden cells: linear programmes over moves, with witnesses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

import highspy
import numpy as np

from studie.disclosure.cells import BoolArray, Cells, FloatArray

Side = Literal["up", "down"]
SIDES: Final[tuple[Side, Side]] = ("up", "down")
TOLERANCE: Final = 1e-6
AFRESH: Final = 40  # new witnesses after which all are looked through again
FREE: Final = 1e-3  # room given to published cells so that the dual names the cheapest way out


def solver() -> highspy.Highs:
    """A silent HiGHS on one thread."""
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    return model


@dataclass(frozen=True, kw_only=True)
class Breach:
    """A cell that a reader knows too well.

    Attributes
    ----------
    cell : int
        The hidden cell.
    side : {"up", "down"}
        The side on which it cannot move by one.
    known : int, optional
        The hidden cell that the insider knows; none for an outsider.
    help : array, shape (n,)
        How much it helps to hide a cell [0-1]: the breach stays while these sum to less than 1 over the hidden cells.
    """

    cell: int
    side: Side
    known: int | None
    help: FloatArray


@dataclass(kw_only=True)
class Attacker:
    """Reader who knows the published cells, the sums, that counts are not negative, and perhaps one hidden cell.

    Attributes
    ----------
    cells : Cells
    public : array of bool
        Cells that everybody knows, hidden or not.
    """

    cells: Cells
    public: BoolArray
    witnesses: list[FloatArray] = field(default_factory=list)
    excused: dict[tuple[int, Side, int | None], bool] = field(default_factory=dict)
    _bank: FloatArray | None = None
    _above: dict[int, set[int]] = field(default_factory=dict)
    _sharp: bool = True

    def __post_init__(self) -> None:
        """Load the sums once; attacks change bounds and objective only."""
        n = len(self.cells.value)
        self.size = n
        self._columns = self.cells.equations.T.tocsr()
        self._lp = self._load(1)
        self._path = self._load(2)
        self._lp.changeObjectiveSense(highspy.ObjSense.kMaximize)
        self._lp.setOptionValue("simplex_strategy", 4)  # primal: standing still is always allowed
        self._all = np.arange(n, dtype=np.int32)
        self._last: int | None = None

    def _load(self, copies: int) -> highspy.Highs:
        """Model of the sums; with two copies a deviation is split into its rise and its fall."""
        matrix = self.cells.equations.tocsc()
        n, rows = self.size, matrix.shape[0]
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = copies * n, rows
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = (np.zeros(copies * n) for _ in range(3))
        lp.row_lower_, lp.row_upper_ = np.zeros(rows), np.zeros(rows)
        starts = [matrix.indptr + copy * matrix.nnz for copy in range(copies)]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = np.concatenate([*[s[:-1] for s in starts[:-1]], starts[-1]])
        lp.a_matrix_.index_ = np.tile(matrix.indices, copies)
        lp.a_matrix_.value_ = np.concatenate([matrix.data * (-1) ** copy for copy in range(copies)])
        model = solver()
        model.setOptionValue("presolve", "off")
        model.passModel(lp)
        return model

    def room(self, cell: int, side: Side) -> float:
        """How far a cell has to be able to move: by one, not below 0."""
        return 1.0 if side == "up" else min(1.0, self.cells.value[cell])

    def reach(
        self,
        cell: int,
        side: Side,
        *,
        lower: FloatArray,
        upper: FloatArray,
        known: int | None = None,
        most: float = 1.0,
    ) -> tuple[float, FloatArray, FloatArray]:
        """Farthest move of a cell within bounds on all moves, the moves, and what each cell's room adds to it."""
        sign = 1.0 if side == "up" else -1.0
        low, high = np.where(self.public, 0.0, lower), np.where(self.public, 0.0, upper)
        if known is not None:
            low[known] = high[known] = 0.0
        low[cell], high[cell] = (low[cell], most) if side == "up" else (-min(most, self.cells.value[cell]), 0.0)
        self._lp.changeColsBounds(self.size, self._all, low, high)
        if self._last is not None:
            self._lp.changeColCost(self._last, 0.0)
        self._lp.changeColCost(cell, sign)
        self._last = cell
        self._lp.run()
        solution = self._lp.getSolution()
        move, price = np.array(solution.col_value), np.array(solution.col_dual)
        own = 1.0 - sign * price[cell]
        price[cell] = 0.0
        price = np.where(np.abs(price) < 1e-7, 0.0, price) / own if own > TOLERANCE else np.ones(self.size)
        return sign * move[cell], move, price

    def helps(self, price: FloatArray, *, cell: int, known: int | None) -> FloatArray:
        """How much each hidden cell adds to a move at these prices, at most all of it."""
        help_ = np.where(price > 0, 1.0, np.minimum(1.0, self.cells.value * -price))
        help_[self.public] = 0.0
        help_[[cell] if known is None else [cell, known]] = 0.0
        return help_

    def breach(self, hidden: BoolArray, cell: int, side: Side, known: int | None) -> Breach | None:
        """The breach of a cell, or None and one more witness that it can move."""
        value = self.cells.value
        lower, upper = np.where(hidden, -value, 0.0), np.where(hidden, np.inf, 0.0)
        reached, move, price = self.reach(cell, side, lower=lower, upper=upper, known=known)
        if reached >= self.room(cell, side) - TOLERANCE:
            self.remember(move)
            return None
        help_ = self.helps(price, cell=cell, known=known)
        if not self._sharp:
            return Breach(cell=cell, side=side, known=known, help=help_)
        wide_lower = np.where(hidden, lower, -np.minimum(value, FREE))
        _, _, price = self.reach(cell, side, lower=wide_lower, upper=np.where(hidden, upper, FREE), known=known)
        sharper = self.helps(price, cell=cell, known=known)
        if sharper[hidden].sum() < 1 - TOLERANCE and sharper.sum() < help_.sum():
            help_ = sharper
        return Breach(cell=cell, side=side, known=known, help=help_)

    def unavoidable(self, cell: int, side: Side, known: int | None) -> bool:
        """Whether a breach follows from what is known, also when nothing is published."""
        value = self.cells.value
        if not self.public.any() and (known is None or value[known] != value[cell]):
            return False
        case = (cell, side, known)
        if case not in self.excused:
            free = np.full(self.size, np.inf)
            reached, _, _ = self.reach(cell, side, lower=-value, upper=free, known=known)
            self.excused[case] = reached < self.room(cell, side) - TOLERANCE
        return self.excused[case]

    def implied(self, cell: int, side: Side, known: int) -> bool:
        """Whether a known cell bounds another by being the same count of the same persons: a total with one part."""
        low, high = (cell, known) if side == "up" else (known, cell)
        return bool(self.cells.value[low] == self.cells.value[high] and high in self.above(low))

    def above(self, cell: int) -> set[int]:
        """Totals that hold a cell."""
        if cell not in self._above:
            matrix = self.cells.equations
            found: set[int] = set()
            todo = [cell]
            while todo:
                rows = self._columns[[todo.pop()]].indices
                for row in rows:
                    span = slice(matrix.indptr[row], matrix.indptr[row + 1])
                    total = int(matrix.indices[span][np.argmin(matrix.data[span])])
                    if total not in found and total != cell:
                        found.add(total)
                        todo.append(total)
            self._above[cell] = found
        return self._above[cell]

    def remember(self, move: FloatArray) -> None:
        """Keep a move, stretched as far as counts allow, and its mirror image as witnesses for the cells they move."""
        move = np.where(np.abs(move) < 1e-7, 0.0, move)
        value = self.cells.value
        for one in (move, -move):
            falls = one < 0
            most = (value[falls] / -one[falls]).min() if falls.any() else np.inf
            if most < 1 - TOLERANCE:
                continue
            smallest = np.abs(one[one != 0]).min()
            self.witnesses.append(one * max(1.0, min(most, 1.0 / smallest)))

    def standing(self, hidden: BoolArray) -> FloatArray:
        """Witnesses that move hidden cells only; shape (witnesses, n)."""
        known = 0 if self._bank is None else len(self._bank)
        if self._bank is None or known < len(self.witnesses):
            newer = np.array(self.witnesses[known:]).reshape(-1, self.size)
            self._bank = newer if self._bank is None else np.concatenate([self._bank, newer])
        return self._bank[~(self._bank[:, ~hidden] != 0).any(axis=1)]

    def breaches(
        self, hidden: BoolArray, *, secret: BoolArray, insider: bool, mending: bool = False
    ) -> Iterator[Breach]:
        """Breaches of the secret cells, one per cell and side; what no pattern can avoid is left out.

        When `mending`, the caller hides more cells in place after each breach, and the cell is attacked again. One
        round is enough then: earlier cells have witnesses that do not move the cells hidden since.
        """
        self._sharp = not mending  # a breach that is mended at once needs no sharp cut
        bank, looked = self.standing(hidden), len(self.witnesses)
        moved = bank != 0
        for cell in np.flatnonzero(secret & ~self.public):
            for side in SIDES:
                if self.room(int(cell), side) == 0:
                    continue
                if len(self.witnesses) >= looked + AFRESH:
                    bank, looked = self.standing(hidden), len(self.witnesses)
                    moved = bank != 0
                sign = 1.0 if side == "up" else -1.0
                supports = [*moved[sign * bank[:, cell] >= 1 - TOLERANCE]]
                found = self._weakness(hidden, int(cell), side, supports, insider=insider)
                while found is not None:
                    yield found
                    found = self._weakness(hidden, int(cell), side, supports, insider=insider) if mending else None

    def _weakness(
        self,
        hidden: BoolArray,
        cell: int,
        side: Side,
        supports: list[BoolArray],
        *,
        insider: bool,
    ) -> Breach | None:
        """First breach of a cell that its witnesses do not rule out."""
        skipped = np.zeros(self.size, dtype=bool)
        skipped[cell] = True
        if not supports:
            found = self._test(hidden, cell, side, None, supports)
            if found is not None:
                return None if self.unavoidable(cell, side, None) else found
        apart = True
        while insider:
            through = np.logical_and.reduce(supports) & hidden & ~skipped
            if not through.any():
                return None
            if apart and self._apart(hidden, cell, side, through, supports):
                continue
            apart = False
            known = int(np.flatnonzero(through)[0])
            found = self._test(hidden, cell, side, known, supports)
            if found is not None:
                if not self.unavoidable(cell, side, known):
                    return found
                skipped[known] = True
        return None

    def _test(
        self, hidden: BoolArray, cell: int, side: Side, known: int | None, supports: list[BoolArray]
    ) -> Breach | None:
        """Breach by one attack; otherwise its witness joins the supports."""
        found = self.breach(hidden, cell, side, known)
        if found is None:
            supports.append(np.abs(self._lp_moves()) > 1e-7)
        return found

    def _apart(self, hidden: BoolArray, cell: int, side: Side, through: BoolArray, supports: list[BoolArray]) -> bool:
        """Whether a cell can move without any of the cells that all its witnesses move."""
        free = hidden & ~through
        free[cell] = True
        lower, upper = np.where(free, -self.cells.value, 0.0), np.where(free, np.inf, 0.0)
        reached, move, _ = self.reach(cell, side, lower=lower, upper=upper)
        if reached < self.room(cell, side) - TOLERANCE:
            return False
        self.remember(move)
        supports.append(np.abs(move) > 1e-7)
        return True

    def _lp_moves(self) -> FloatArray:
        """Moves of the last attack."""
        return np.array(self._lp.getSolution().col_value)

    def detour(self, breach: Breach, hidden: BoolArray, cost: FloatArray) -> BoolArray:
        """Hidden cells and those to hide besides so that a breach is mended, cheap by their cost."""
        n, value = self.size, self.cells.value
        price = np.where(hidden, 0.0, cost)
        free = np.where(self.public, 0.0, np.inf)
        low, high = np.zeros(2 * n), np.concatenate([free, np.where(self.public, 0.0, value)])
        if breach.known is not None:
            high[[breach.known, n + breach.known]] = 0.0
        way, back = (breach.cell, n + breach.cell) if breach.side == "up" else (n + breach.cell, breach.cell)
        low[way], high[way], high[back] = 1.0, 1.0, 0.0
        columns = np.arange(2 * n, dtype=np.int32)
        self._path.changeColsBounds(2 * n, columns, low, high)
        self._path.changeColsCost(2 * n, columns, np.tile(price, 2))
        self._path.clearSolver()
        self._path.run()
        if self._path.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise AssertionError(f"an avoidable breach can be mended, got none for {breach}")
        amount = np.array(self._path.getSolution().col_value)
        move = amount[:n] - amount[n:]
        self.remember(move)
        return hidden | (np.abs(move) > 1e-7)
