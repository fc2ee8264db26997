"""Which cells of tables of persons are not printed, so that no small count stands or follows: primary and secondary."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import pandas as pd

from studie.disclosure import cells as layouts
from studie.disclosure import optimum
from studie.disclosure.attacker import Attacker
from studie.disclosure.cells import BoolArray, Cells, FloatArray
from studie.errors import InputError, unknown

Zeros = Literal["show", "protect"]
Weights = Literal["cells", "values"]
THRESHOLD: Final = 10
TABLE: Final = "table"
TIE: Final = 0.5  # most that the persons behind all cells weigh against one cell


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """Tables whose hidden cells hold against readers who add up, subtract and perhaps know one hidden cell.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        Per table its dimensions, `key`, the true count `n` and `cell_status` (published, primary, secondary), margins
        included. Not for print: see `published`.
    quantities : mapping of str to str
        Table → what it counts.
    hierarchies : mapping of str to DataFrame
        Dimension → columns `child`, `parent`.
    apart : tuple of str
        Dimensions that are not added up.
    known : tuple of str
        Names of the cells that readers know from elsewhere.
    limits : DataFrame
        Breaches that no pattern avoids, met by the search: `key`, `side`, `known` (empty for an outsider).
    threshold : float
        Smallest count that may be printed [persons].
    zeros : {"show", "protect"}
    insider : bool
        Whether a reader may know one hidden cell.
    cost : float
        Of all hidden cells: their number, their persons, or the sum of their weights.
    gap : float
        Share of the cost that might be saved at most; 0 when optimal.
    optimal : bool
        Whether no safe pattern costs less.
    status : {"optimal", "time_limit"}
    n : int
        Printed cells, hidden ones included.
    level : float
        1: counts, not estimates.
    """

    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    quantities: Mapping[str, str]
    hierarchies: Mapping[str, pd.DataFrame] = field(repr=False)
    apart: tuple[str, ...]
    known: tuple[str, ...] = field(repr=False)
    limits: pd.DataFrame = field(repr=False)
    threshold: float
    zeros: Zeros
    insider: bool
    cost: float
    gap: float
    optimal: bool
    status: optimum.Status
    n: int
    level: float = 1.0

    def to_frame(self, table: str | None = None) -> pd.DataFrame:
        """Dimensions, `quantity, estimate, lower, upper, n, unit` and `cell_status`; hidden counts are NA.

        Parameters
        ----------
        table : str, optional
            One table; otherwise all, with a column `table` when there are several.

        Raises
        ------
        InputError
            If there is no such table.
        """
        if table is not None and table not in self.tables:
            raise unknown("table", table, self.tables)
        several = table is None and len(self.tables) > 1
        parts = []
        for title, frame in self.tables.items():
            if table in (None, title):
                shown = self._shown(frame, self.quantities[title])
                if several:
                    shown.insert(0, TABLE, title)
                parts.append(shown)
        return pd.concat(parts, ignore_index=True)

    def published(self, table: str | None = None) -> pd.DataFrame:
        """`to_frame` as it may be printed: `suppressed` without why, which would tell that a count is small."""
        frame = self.to_frame(table)
        return frame.assign(cell_status=frame["cell_status"].replace(["primary", "secondary"], "suppressed"))

    def _shown(self, frame: pd.DataFrame, quantity: str) -> pd.DataFrame:
        """Six columns of a table."""
        n = frame["n"].astype("Int64").where(frame["cell_status"] == "published")
        dimensions = frame.drop(columns=["key", "n", "cell_status"])
        return dimensions.assign(
            quantity=quantity,
            estimate=n.astype("Float64"),
            lower=n.astype("Float64"),
            upper=n.astype("Float64"),
            n=n,
            unit="persons",
            cell_status=frame["cell_status"],
        )


def suppress(
    table: pd.DataFrame,
    *,
    threshold: float = THRESHOLD,
    zeros: Zeros = "show",
    insider: bool = True,
    weights: Weights | pd.Series = "cells",
    hierarchies: Mapping[str, pd.DataFrame] | None = None,
    apart: Sequence[str] = (),
    public: Iterable[str] = (),
    ledger: pd.Series | None = None,
    primary: Iterable[str] = (),
    time_limit: float = 30.0,
    quantity: str = "persons",
) -> Suppression:
    """Smallest safe set of hidden cells of one table; see `suppress_linked`.

    Parameters
    ----------
    table : DataFrame
        Inner counts as rows × columns, or long with any number of dimensions and a column `n`; margins are added.
    quantity : str, default "persons"
        What is counted.
    threshold, zeros, insider, weights, hierarchies, apart, public, ledger, primary, time_limit
        As for `suppress_linked`.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"man": [18, 14, 12], "vrouw": [2, 19, 10]}, index=["A", "B", "C"])
    >>> suppress(counts, threshold=3, insider=False).cost
    4.0
    """
    return suppress_linked(
        {quantity: table},
        threshold=threshold,
        zeros=zeros,
        insider=insider,
        weights=weights,
        hierarchies=hierarchies,
        apart=apart,
        public=public,
        ledger=ledger,
        primary=primary,
        time_limit=time_limit,
        quantities={quantity: quantity},
    )


def suppress_linked(
    tables: Mapping[str, pd.DataFrame],
    *,
    threshold: float = THRESHOLD,
    zeros: Zeros = "show",
    insider: bool = True,
    weights: Weights | pd.Series = "cells",
    hierarchies: Mapping[str, pd.DataFrame] | None = None,
    apart: Sequence[str] = (),
    public: Iterable[str] = (),
    ledger: pd.Series | None = None,
    primary: Iterable[str] = (),
    time_limit: float = 30.0,
    quantities: Mapping[str, str] | None = None,
) -> Suppression:
    """Smallest safe set of hidden cells of tables that are published together.

    A count from 1 to below the threshold is not printed (primary). More cells are hidden (secondary) until a reader of
    all tables cannot tell any primary cell n better than n - 1 to n + 1, the lower end cut at 0.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Inner counts, see `suppress`. Cells of different tables with the same quantity and the same labels, totals left
        out, are one cell: a map of municipalities and a table of municipality × sector share the margins.
    threshold : float, default 10
        Smallest count that may be printed [persons].
    zeros : {"show", "protect"}
        Whether a zero may be printed; with "show" it may still be hidden as secondary.
    insider : bool, default True
        Whether a reader may know one hidden cell.
    weights : {"cells", "values"} or Series
        What hiding costs: one per cell, its persons, or a positive weight by cell name (1 where not named).
    hierarchies : mapping of str to DataFrame, optional
        Dimension → columns `child`, `parent`; the groups become cells. A child may have parents in several groupings.
    apart : sequence of str
        Dimensions that are not added up, such as `period`; one with a single label never is.
    public : iterable of str
        Names of cells that everybody knows.
    ledger : Series, optional
        Count by cell name in earlier publications (`ledger.stated`); those that still hold are known to everybody.
    primary : iterable of str
        Names of cells to hide for another reason, such as dominance.
    time_limit : float, default 30
        CPU time to search [s]. After that the best safe pattern found is taken, or one completed greedily, which is
        safe too.
    quantities : mapping of str to str, optional
        Table → what it counts, default "persons".

    Returns
    -------
    Suppression

    Raises
    ------
    InputError
        If a table holds no counts, two tables contradict each other, or an option is not one of the allowed.

    Notes
    -----
    Assumes that readers know the sums, that counts are whole and not negative (whole is not used: intervals for real
    numbers are never narrower), and not the reason why a cell is hidden. A small cell that everybody knows from an
    earlier publication is hidden but cannot be protected. Same cost: fewer persons are hidden.

    References
    ----------
    .. [1] Fischetti, M. and Salazar-González, J. J. (2001). Solving the cell suppression problem on tabular data with
       linear constraints. Management Science 47(7), 1008-1027.
    .. [2] Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley, ch. 4.
    """
    if not threshold > 0:
        raise InputError(f"threshold: must be positive, got {threshold}")
    if zeros not in ("show", "protect"):
        raise unknown("zeros", zeros, ("show", "protect"))
    if not tables:
        raise InputError("tables: needs at least one, got none")
    counted = {title: (quantities or {}).get(title, "persons") for title in tables}
    trees = dict(hierarchies or {})
    cells = layouts.layout(tables, quantities=counted, hierarchies=trees, apart=apart)
    known = _known(cells, public=public, ledger=ledger)
    public_mask = np.zeros(len(cells.value), dtype=bool)
    public_mask[cells.positions(known)] = True
    forced = small(cells.value, threshold=threshold, zeros=zeros)
    forced[cells.positions(primary)] = True
    price = _price(cells, weights)
    attacker = Attacker(cells=cells, public=public_mask)
    cost = price + TIE * min(1.0, price[price > 0].min()) * cells.value / max(cells.value @ cells.weight, 1.0)
    pattern = optimum.cheapest(attacker, forced=forced, cost=cost, insider=insider, seconds=time_limit)
    spent = float(price[pattern.hidden].sum())
    optimal = pattern.status == "optimal"
    return Suppression(
        tables=_tables(cells, pattern.hidden, forced),
        quantities=counted,
        hierarchies=trees,
        apart=tuple(apart),
        known=known,
        limits=_limits(attacker),
        threshold=threshold,
        zeros=zeros,
        insider=insider,
        cost=spent,
        gap=0.0 if optimal else _gap(spent, pattern.bound, whole=isinstance(weights, str)),
        optimal=optimal,
        status=pattern.status,
        n=sum(len(frame) for frame in cells.tables.values()),
    )


def small(value: FloatArray, *, threshold: float, zeros: Zeros) -> BoolArray:
    """Mask of the counts that may not be printed."""
    return (value < threshold) & ((value > 0) | (zeros == "protect"))


def _known(cells: Cells, *, public: Iterable[str], ledger: pd.Series | None) -> tuple[str, ...]:
    """Names of the cells that readers know."""
    keys = dict.fromkeys(public)
    if ledger is not None:
        for frame in cells.tables.values():
            stated = frame["key"].map(ledger)
            keys |= dict.fromkeys(frame.loc[stated == cells.value[frame["cell"]], "key"])
    return tuple(keys)


def _price(cells: Cells, weights: Weights | pd.Series) -> FloatArray:
    """Cost of hiding each count."""
    if isinstance(weights, pd.Series):
        if not (weights > 0).all():
            raise InputError(f"weights: must be positive, got {weights.min()}")
        price = np.zeros(len(cells.value))
        named = {
            key: cell for frame in cells.tables.values() for key, cell in zip(frame["key"], frame["cell"], strict=True)
        }
        np.add.at(price, list(named.values()), [float(weights.get(key, 1.0)) for key in named])
        return price
    if weights == "cells":
        return cells.weight.astype(float)
    if weights == "values":
        return cells.weight * cells.value
    raise unknown("weights", weights, ("cells", "values"))


def _gap(spent: float, bound: float, *, whole: bool) -> float:
    """Share of a cost above what is proven necessary."""
    least = math.ceil(bound - TIE - 1e-6) if whole else bound - TIE
    return max(0.0, 1.0 - least / spent) if spent else 0.0


def _tables(cells: Cells, hidden: BoolArray, forced: BoolArray) -> dict[str, pd.DataFrame]:
    """Tables with true counts and status."""
    status = np.select([forced, hidden], ["primary", "secondary"], default="published")
    return {
        title: frame.drop(columns="cell").assign(n=cells.value[frame["cell"]], cell_status=status[frame["cell"]])
        for title, frame in cells.tables.items()
    }


def _limits(attacker: Attacker) -> pd.DataFrame:
    """Breaches that no pattern avoids, by name."""
    keys = attacker.cells.keys
    rows = [(keys[c], side, "" if k is None else keys[k]) for c, side, k in optimum.limits(attacker)]
    return pd.DataFrame(rows, columns=["key", "side", "known"])
