"""Magnitudes of enterprises that would tell one contributor's value: the (n, k) rule and the p % rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from studie.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Dominance:
    """Cells of a magnitude table and whether few contributors stand out.

    Attributes
    ----------
    cells : DataFrame
        Keys, `total`, `contributors`, `share` of the n largest (0-1), `remainder` (what the two largest leave as a
        share of the largest), `cell_status` (published or primary).
    unit : str
    n : int
        Contributions.
    level : float
        1: no estimate.
    """

    cells: pd.DataFrame = field(repr=False)
    unit: str
    n: int
    level: float = 1.0

    def to_frame(self) -> pd.DataFrame:
        """Keys, six columns and `cell_status`; values of primary cells are NA."""
        keys = [c for c in self.cells if c not in ("total", "contributors", "share", "remainder", "cell_status")]
        shown = self.cells["cell_status"] == "published"
        total = self.cells["total"].astype("Float64").where(shown)
        count = self.cells["contributors"].astype("Int64").where(shown)
        values: dict[str, Any] = {"estimate": total, "lower": total, "upper": total, "n": count}
        return self.cells[keys].assign(
            quantity="total", **values, unit=self.unit, cell_status=self.cells["cell_status"]
        )


def dominance(
    contributions: pd.DataFrame,
    *,
    by: Sequence[str],
    value: str,
    contributor: str,
    largest: int = 2,
    share: float = 0.85,
    p: float = 0.15,
    fewest: int = 3,
    unit: str = "vte",
) -> Dominance:
    """Cells in which a contributor could be told by the others.

    Parameters
    ----------
    contributions : DataFrame
        One or more rows per contributor and cell.
    by : sequence of str
        Keys of a cell.
    value, contributor : str
        Columns of the magnitude [unit], not negative, and of who contributes it.
    largest, share : int, float
        A cell is hidden when its `largest` contributors hold more than `share` (0-1) of it.
    p : float, default 0.15
        A cell is hidden when the second largest contributor could tell the largest to within this share of it.
    fewest : int, default 3
        Fewest contributors of a cell that may be printed.

    Raises
    ------
    InputError
        If a magnitude is negative or missing, or a limit is not in (0, 1).

    Notes
    -----
    With contributions x1 >= x2 >= ... of total T: hidden when x1 + ... + xn > share T, or T - x1 - x2 < p x1. A cell
    whose total is 0 has nothing to hide.

    References
    ----------
    .. [1] Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley, section 4.2.
    """
    if not (0 < share < 1 and 0 < p < 1):
        raise InputError(f"share, p: must be in (0, 1), got {share}, {p}")
    if contributions[value].isna().any() or (contributions[value] < 0).any():
        raise InputError(f"{value}: must be 0 or more, got {contributions[value].min()}")
    each = contributions.groupby([*by, contributor], as_index=False, sort=True)[value].sum()
    rows = []
    for key, part in each.groupby(list(by), sort=True):
        ordered = part[value].sort_values(ascending=False).to_numpy()
        total = ordered.sum()
        top = ordered[:largest].sum() / total if total else 0.0
        remainder = (total - ordered[:2].sum()) / ordered[0] if total else float("inf")
        bare = total > 0 and (top > share or remainder < p or (ordered > 0).sum() < fewest)
        rows.append((*key, total, int((ordered > 0).sum()), top, remainder, "primary" if bare else "published"))
    columns = [*by, "total", "contributors", "share", "remainder", "cell_status"]
    return Dominance(cells=pd.DataFrame(rows, columns=columns), unit=unit, n=len(contributions))
