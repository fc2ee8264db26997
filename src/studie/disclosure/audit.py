"""Attack on what is about to be published: how closely a reader can bound each hidden cell from the printed ones."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import highspy
import numpy as np
import pandas as pd
from scipy import sparse

from studie.errors import InputError

SHOWN: Final = ("quantity", "estimate", "lower", "upper", "n", "unit", "cell_status", "table")
MARGIN: Final = "total"
NEAR: Final = 1e-6
Cell = tuple[Hashable, ...]


@dataclass(frozen=True, kw_only=True)
class Attack:
    """What readers can work out.

    Attributes
    ----------
    intervals : DataFrame
        Per hidden cell `key`, `secret` (below the threshold), `lower`, `upper` (feasibility interval of an outsider),
        `insider_lower`, `insider_upper` (the narrowest of an insider who knows one other hidden cell, looked at for
        secret cells as far as one beyond their count), `known` (what the insider of a breach knows), `safe`.
    excused : DataFrame
        `key`, `known`: bounds that follow from what the reader knows, whatever is published.
    passed : bool
        Whether every cell is safe.
    n : int
        Hidden cells.
    """

    intervals: pd.DataFrame
    excused: pd.DataFrame
    passed: bool
    n: int
    level: float = 1.0

    def breaches(self) -> pd.DataFrame:
        """Cells that are not safe."""
        return self.intervals[~self.intervals["safe"]]


class _Reader:
    """Linear programme of a reader: unknown cells, the sums between them, and bounds."""

    def __init__(self, equations: sparse.csr_array, lower: np.ndarray, upper: np.ndarray) -> None:
        self.lower, self.upper = lower.copy(), upper.copy()
        columns = equations.tocsc()
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = equations.shape
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.zeros(len(lower)), self.lower, self.upper
        lp.row_lower_ = lp.row_upper_ = np.zeros(equations.shape[0])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = columns.indptr, columns.indices, columns.data
        self.model = highspy.Highs()
        self.model.setOptionValue("output_flag", False)
        self.model.setOptionValue("threads", 1)
        self.model.setOptionValue("presolve", "off")
        self.model.setOptionValue("simplex_strategy", 4)  # primal: the last point mostly still fits
        self.model.passModel(lp)

    def end(self, cell: int, sign: float, *, at: Mapping[int, float] | None = None, stop: float | None = None) -> Any:
        """Farthest value of a cell on one side, and all cells there; None if nothing fits what is known."""
        model = self.model
        fixed = at or {}
        for known, value in fixed.items():
            model.changeColBounds(known, value, value)
        if stop is not None:
            bounds = (self.lower[cell], stop) if sign > 0 else (stop, self.upper[cell])
            model.changeColBounds(cell, *bounds)
        model.changeColCost(cell, -sign)
        model.run()
        status = model.getModelStatus()
        values = np.array(model.getSolution().col_value)
        model.changeColCost(cell, 0.0)
        for changed in (cell, *fixed):
            model.changeColBounds(changed, float(self.lower[changed]), float(self.upper[changed]))
        if status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return np.inf * sign, None
        if status != highspy.HighsModelStatus.kOptimal:
            return None
        return values[cell], values


class _Bank:
    """Points that readers found possible, one row each."""

    def __init__(self, size: int) -> None:
        self.rows, self.count = np.empty((64, size)), 0

    def append(self, point: np.ndarray) -> None:
        """Keep a point."""
        if self.count == len(self.rows):
            self.rows = np.concatenate([self.rows, np.empty_like(self.rows)])
        self.rows[self.count] = point
        self.count += 1

    def beyond(self, cell: int, sign: float, stop: float) -> np.ndarray:
        """Points in which a cell is as far as asked on one side."""
        rows = self.rows[: self.count]
        return rows[sign * (rows[:, cell] - stop) >= -NEAR]


def attack_system(
    cells: pd.DataFrame,
    equations: pd.DataFrame,
    *,
    known: Iterable[Hashable] = (),
    bounds: pd.DataFrame | None = None,
    threshold: float = 10,
    insider: bool = True,
) -> Attack:
    """Attack on any cells tied by linear equations.

    Parameters
    ----------
    cells : DataFrame
        Index: cell. Columns `n` (true count, NaN where nobody tells the auditor), `shown` (whether it is printed) and
        `secret` (whether it needs protection).
    equations : DataFrame
        Columns `equation`, `cell`, `coefficient`: the coefficients times the cells of an equation sum to 0.
    known : iterable, optional
        Hidden cells that readers know from elsewhere; their `n` is needed.
    bounds : DataFrame, optional
        Index: cell. Columns `lower`, `upper`: what readers know of a cell besides, such as from a rounded ratio
        (`ratio_bounds`).
    threshold : float, default 10
        A cell without `n` is unsafe where it is bounded to less than 2 between 0 and this.
    insider : bool, default True
        Whether a reader may know one hidden cell.

    Raises
    ------
    InputError
        If the printed cells contradict the equations, or an equation names an unknown cell.

    Notes
    -----
    A secret cell n is safe when its feasibility interval holds [n - 1, n + 1], lower end cut at 0, for the outsider
    and for an insider who knows any other hidden cell. Bounds that hold also when nothing is printed are excused.
    """
    place = {cell: i for i, cell in enumerate(cells.index)}
    if not set(equations["cell"]) <= set(place):
        raise InputError(
            f"equations: needs cells that exist, got {sorted(map(str, set(equations['cell']) - set(place)))[:3]}"
        )
    codes, _ = pd.factorize(equations["equation"])
    shape = (int(codes.max(initial=-1)) + 1, len(cells))
    at = equations["cell"].map(place).to_numpy(dtype=int)
    matrix = sparse.csr_array((equations["coefficient"].to_numpy(float), (codes, at)), shape=shape)
    value = cells["n"].to_numpy(float)
    fixed = cells["shown"].to_numpy(bool).copy()
    outside = np.zeros(len(cells), dtype=bool)
    outside[[place[cell] for cell in known if cell in place]] = True
    lower, upper = np.zeros(len(cells)), np.full(len(cells), np.inf)
    if bounds is not None:
        rows = [place[cell] for cell in bounds.index]
        lower[rows] = np.maximum(lower[rows], bounds["lower"].to_numpy(float))
        upper[rows] = bounds["upper"].to_numpy(float)
    known_ends = [np.where(outside, value, end) for end in (lower, upper)]
    ends = [np.where(fixed | outside, value, end) for end in (lower, upper)]
    hidden = [int(cell) for cell in np.flatnonzero(~fixed & ~outside)]
    names = cells.index
    reader, bare = _Reader(matrix, *ends), _Reader(matrix, *known_ends)
    secret = cells["secret"].to_numpy(bool)
    rows_: list[dict[str, Any]] = []
    excused: list[tuple[Hashable, Hashable]] = []
    bank = _Bank(len(cells))
    outer = {}
    for cell in hidden:
        found = [reader.end(cell, sign) for sign in (-1.0, 1.0)]
        if None in found:
            raise InputError("cells: the printed cells fit the sums, got a contradiction")
        outer[cell] = (found[0][0], found[1][0])
        for _, values in found:
            if values is not None:
                bank.append(values)
    for cell in hidden:
        low, high = outer[cell]
        row = {"key": names[cell], "secret": bool(secret[cell]), "lower": low, "upper": high, "known": "", "safe": True}
        row |= {"insider_lower": low, "insider_upper": high}
        if np.isnan(value[cell]):
            row["safe"] = not (high < threshold and high > NEAR and high - low < 2 - NEAR)
        elif secret[cell]:
            others = [k for k in hidden if k != cell and not np.isnan(value[k])] if insider else []
            for sign in (-1.0, 1.0):
                _judge(row, excused, reader, bare, bank, cell=cell, sign=sign, value=value, others=others, names=names)
        rows_.append(row)
    columns = ["key", "secret", "lower", "upper", "insider_lower", "insider_upper", "known", "safe"]
    intervals = pd.DataFrame(rows_, columns=columns).astype({"safe": bool, "secret": bool})
    return Attack(
        intervals=intervals,
        excused=pd.DataFrame(excused, columns=["key", "known"]),
        passed=bool(intervals["safe"].all()),
        n=len(hidden),
    )


def _judge(
    row: dict[str, Any],
    excused: list[tuple[Hashable, Hashable]],
    reader: _Reader,
    bare: _Reader,
    bank: _Bank,
    *,
    cell: int,
    sign: float,
    value: np.ndarray,
    others: Sequence[int],
    names: pd.Index,
) -> None:
    """Write into a row what the outsider and each insider know of one side of a secret cell."""
    stop = max(value[cell] + sign, 0.0)
    column = "insider_lower" if sign < 0 else "insider_upper"
    short = (row["lower"] - stop if sign < 0 else stop - row["upper"]) > NEAR
    if short:
        end = bare.end(cell, sign, stop=stop)
        if end is None or sign * (stop - end[0]) > NEAR:
            excused.append((names[cell], ""))
        else:
            row["safe"] = False
            return
    moved = bank.beyond(cell, sign, stop)
    settled = (np.abs(moved - value) <= NEAR).any(axis=0)
    open_ = [k for k in others if not settled[k]]
    if stop == value[cell]:
        return
    if open_:  # one move that leaves all of them alone settles them at once
        found = reader.end(cell, sign, at={k: float(value[k]) for k in open_}, stop=stop)
        if found is not None and sign * (stop - found[0]) <= NEAR:
            bank.append(found[1])
            open_ = []
    while open_:
        known = open_[0]
        found = reader.end(cell, sign, at={known: float(value[known])}, stop=stop)
        reached = found[0] if found is not None else value[cell]
        if found is not None and sign * (stop - reached) <= NEAR:
            bank.append(found[1])
            open_ = [k for k in open_ if abs(found[1][k] - value[k]) > NEAR]
            continue
        open_ = open_[1:]
        free = bare.end(cell, sign, at={known: float(value[known])}, stop=stop)
        if free is None or sign * (stop - free[0]) > NEAR:
            excused.append((names[cell], names[known]))
            continue
        row["safe"] = False
        row["known"] = names[known]
        row[column] = max(row[column], reached) if sign < 0 else min(row[column], reached)


def attack(published: Any, *, insider: bool = True) -> Attack:
    """Attack on the tables of one suppression, alone.

    Parameters
    ----------
    published : suppression.Suppression
        Only its printed frames are read by the attacker; its true counts judge what the attacker finds.
    insider : bool, default True
        Whether a reader may know one hidden cell.
    """
    return attack_publication([published], insider=insider)


def attack_publication(
    results: Sequence[Any],
    *,
    insider: bool = True,
    ledger: pd.Series | None = None,
    extra: pd.DataFrame | None = None,
    stated: pd.Series | None = None,
    bounds: pd.DataFrame | None = None,
    hierarchies: Mapping[str, pd.DataFrame] | None = None,
) -> Attack:
    """Attack on everything that is published together, and with what was published before.

    Parameters
    ----------
    results : sequence of suppression.Suppression
        Tables, years, maps. Cells with the same quantity and labels are one cell.
    insider : bool, default True
        Whether a reader may know one hidden cell.
    ledger : Series, optional
        Count by cell name in earlier publications, of hidden cells too.
    extra : DataFrame, optional
        More equations between cells by name: `equation`, `cell`, `coefficient`, such as stock = stock a year ago +
        inflow - outflow.
    stated : Series, optional
        Numbers by cell name that are printed now outside the tables, such as a change between years in a sentence.
    bounds : DataFrame, optional
        `lower`, `upper` by cell name, from ratios.
    hierarchies : mapping of str to DataFrame, optional
        Groups besides those of the results; their parts need not be printed: two regions of which one holds the other
        tell their difference.

    Raises
    ------
    InputError
        If there is nothing to attack or the printed cells contradict each other.
    """
    if not results:
        raise InputError("results: needs at least one, got none")
    book = _Book()
    for result in results:
        for title in result.tables:
            trees = {**result.hierarchies, **(hierarchies or {})}
            book.read(result.published(title), trees=trees, apart=set(result.apart))
            book.judge(result.tables[title], result.quantities[title], threshold=result.threshold, zeros=result.zeros)
    cells = book.cells()
    equations = book.equations() if extra is None else pd.concat([book.equations(), extra], ignore_index=True)
    outside = set().union(*(set(result.known) for result in results))
    if extra is not None:
        unseen = [cell for cell in dict.fromkeys(extra["cell"]) if cell not in cells.index]
        cells = pd.concat([cells, pd.DataFrame({"n": np.nan, "shown": False, "secret": False}, index=unseen)])
    if stated is not None:
        cells.loc[stated.index, "n"] = stated
        cells.loc[stated.index, "shown"] = True
    if ledger is not None:
        before = ledger[ledger.index.isin(cells.index)]
        current = cells.loc[before.index, "n"]
        before = before[current.isna() | (current == before)]
        cells.loc[before.index, "n"] = before
        outside |= set(before.index)
    lowest = min(result.threshold for result in results)
    return attack_system(cells, equations, known=outside, bounds=bounds, threshold=lowest, insider=insider)


class _Book:
    """Cells and sums that a reader finds in printed frames."""

    def __init__(self) -> None:
        self.printed: dict[str, float] = {}
        self.true: dict[str, float] = {}
        self.secret: dict[str, bool] = {}
        self.sums: dict[tuple[str, frozenset[str]], None] = {}

    @staticmethod
    def named(quantity: str, labels: Mapping[Any, Any]) -> str:
        """A cell by what is printed beside it."""
        own = sorted((d, str(label)) for d, label in labels.items() if label != MARGIN)
        return quantity + "[" + ", ".join("=".join(pair) for pair in own) + "]"

    def read(self, frame: pd.DataFrame, *, trees: Mapping[str, pd.DataFrame], apart: set[str]) -> None:
        """Take a printed frame."""
        dimensions = [c for c in frame.columns if c not in SHOWN]
        for row in frame.to_dict("records"):
            cell = self.named(row["quantity"], {d: row[d] for d in dimensions})
            said = float(row["estimate"]) if row["cell_status"] == "published" else np.nan
            before = self.printed.get(cell, np.nan)
            if before != said and not np.isnan(before) and not np.isnan(said):
                raise InputError(f"results: a cell is printed with one count, got {before:g} and {said:g} for {cell}")
            self.printed[cell] = said if np.isnan(before) else before
        quantity = str(frame["quantity"].iloc[0])
        for dimension in dimensions:
            if dimension in apart and dimension not in trees:
                continue
            sums = _sums(frame[dimension].unique().tolist(), trees.get(dimension))
            rest = [d for d in dimensions if d != dimension]
            for others in _records(frame[rest]):
                for total, parts in sums:
                    whole = self.named(quantity, {**others, dimension: total})
                    split = frozenset(self.named(quantity, {**others, dimension: part}) for part in parts)
                    self.sums[(whole, split)] = None

    def judge(self, table: pd.DataFrame, quantity: str, *, threshold: float, zeros: str) -> None:
        """Take the true counts, to judge by."""
        dimensions = [c for c in table.columns if c not in ("key", "n", "cell_status")]
        for row in table.to_dict("records"):
            cell = self.named(quantity, {d: row[d] for d in dimensions})
            n = float(row["n"])
            self.true[cell] = n
            least = 0 if zeros == "protect" else 1
            self.secret[cell] = (
                self.secret.get(cell, False) or least <= n < threshold or row["cell_status"] == "primary"
            )

    def cells(self) -> pd.DataFrame:
        """Frame for `attack_system`."""
        names = dict.fromkeys([*self.printed, *(c for whole, parts in self.sums for c in (whole, *sorted(parts)))])
        shown = {c: not np.isnan(self.printed.get(c, np.nan)) for c in names}
        rows = [
            (self.printed[c] if shown[c] else self.true.get(c, np.nan), shown[c], self.secret.get(c, False))
            for c in names
        ]
        return pd.DataFrame(rows, columns=["n", "shown", "secret"], index=pd.Index(list(names)))

    def equations(self) -> pd.DataFrame:
        """Sums as rows."""
        rows = [
            (i, cell, coefficient)
            for i, (whole, parts) in enumerate(self.sums)
            for cell, coefficient in [*((part, 1.0) for part in sorted(parts)), (whole, -1.0)]
        ]
        return pd.DataFrame(rows, columns=["equation", "cell", "coefficient"])


def _records(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """Distinct rows of a frame; one empty row where it has no columns."""
    return frame.drop_duplicates().to_dict("records") if len(frame.columns) else [{}]


def _sums(labels: list[Hashable], tree: pd.DataFrame | None) -> list[tuple[Hashable, list[Hashable]]]:
    """Which labels of a dimension add up to which."""
    below: dict[Hashable, set[Hashable]] = {}
    if tree is not None:
        for child, parent in zip(tree["child"], tree["parent"], strict=True):
            below.setdefault(parent, set()).add(child)

    def leaves(label: Hashable) -> set[Hashable]:
        inside = below.get(label, set())
        return {label} if not inside else set().union(*(leaves(part) for part in inside))

    own = [label for label in labels if label != MARGIN]
    found = [leaves(label) for label in own if label in below]
    plain = {label for label in own if label not in below}
    # a group may hold places that these data do not cover; where none is printed, all are parts
    covered = [inside & plain if inside & plain else inside for inside in found]
    groups = [label for label in own if label in below]
    sums: list[tuple[Hashable, list[Hashable]]] = [
        (g, sorted(c, key=str)) for g, c in zip(groups, covered, strict=True)
    ]
    if MARGIN in labels:
        sums.append((MARGIN, sorted(plain.union(*covered), key=str)))
    return sums


def ratio_bounds(ratio: pd.Series, public: pd.Series, *, decimals: int) -> pd.DataFrame:
    """Bounds on hidden counts from printed ratios public / hidden.

    Parameters
    ----------
    ratio : Series
        Printed ratio by cell name, such as places per person in need.
    public : Series
        What everybody knows, such as places; same index.
    decimals : int
        Decimals that the ratio is printed with.

    Returns
    -------
    DataFrame
        `lower`, `upper` by cell; a ratio that is 0 when rounded bounds only from below.
    """
    half = 0.5 * 10.0**-decimals
    least = public / (ratio + half)
    most = (public / (ratio - half).where(ratio > half)).fillna(np.inf)
    return pd.DataFrame({"lower": least, "upper": most})
