"""Cells that may be printed: name of a cell → published or not, with its count where it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from studie.disclosure import cells
from studie.errors import DisclosureError

COLUMNS = ["key", "cell_status", "estimate"]
RANK = {"primary": 0, "secondary": 1, "published": 2}


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Every registered cell with its status; what is not in here is not printed.

    Attributes
    ----------
    frame : DataFrame
        Index `key`; `cell_status` (published, primary, secondary) and `estimate` [persons], NA unless published.
    """

    frame: pd.DataFrame = field(repr=False)

    def status(self, quantity: str, **labels: Any) -> str:
        """Status of a cell: published, primary, secondary or unregistered."""
        return str(self.frame["cell_status"].get(cells.name(quantity, labels), "unregistered"))

    def count(self, quantity: str, **labels: Any) -> float:
        """Count of a cell that may be printed [persons].

        Raises
        ------
        DisclosureError
            If the cell is hidden or not registered.
        """
        status = self.status(quantity, **labels)
        if status != "published":
            raise DisclosureError(
                f"cell: only published cells are printed, got {cells.name(quantity, labels)} ({status})"
            )
        return float(self.frame["estimate"].to_dict()[cells.name(quantity, labels)])

    def applied(self, frame: pd.DataFrame, *, dimensions: Iterable[str], quantity: str = "persons") -> pd.DataFrame:
        """Result frame whose values are emptied unless the registry publishes them.

        Parameters
        ----------
        frame : DataFrame
            `dimensions` and any of `estimate, lower, upper, n`; a column `quantity` names the quantity per row.
        dimensions : iterable of str
            Columns that name the cell.
        quantity : str
            What is counted where the frame has no column for it.

        Returns
        -------
        DataFrame
            A copy with `cell_status`: published, suppressed (hidden or not registered), or missing.
        """
        keys = pd.Series(cells.names(frame, list(dimensions), quantity=quantity), index=frame.index)
        shown = keys.map(self.frame["cell_status"]) == "published"
        done = frame.copy()
        values = [column for column in ("estimate", "lower", "upper", "n") if column in done]
        missing = done[values[0]].isna() if values else pd.Series(False, index=frame.index)
        for column in values:
            done[column] = done[column].astype("Float64").where(shown)
        status = pd.Series("published", index=frame.index).where(shown, "suppressed").mask(missing & shown, "missing")
        return done.assign(cell_status=status)

    def hidden(self) -> pd.DataFrame:
        """Cells that are not printed."""
        return self.frame[self.frame["cell_status"] != "published"]


def register(results: Iterable[Any]) -> Registry:
    """Registry of all cells of some suppressions.

    Parameters
    ----------
    results : iterable of suppression.Suppression
        Planned together or one by one; a cell that any of them hides is hidden.
    """
    frames = [frame[["key", "cell_status", "n"]] for result in results for frame in result.tables.values()]
    return _strictest(pd.concat(frames) if frames else None)


def merged(registries: Iterable[Registry]) -> Registry:
    """Registry of all cells of some registries; hidden in one is hidden."""
    frames = [registry.frame.reset_index().rename(columns={"estimate": "n"}) for registry in registries]
    return _strictest(pd.concat(frames) if frames else None)


def from_frame(frame: pd.DataFrame) -> Registry:
    """Registry from its frame with `key, cell_status, estimate`, as a batch stores it."""
    return _strictest(frame.rename(columns={"estimate": "n"}))


def to_frame(registry: Registry) -> pd.DataFrame:
    """Frame of a registry: `key, cell_status, estimate`."""
    return registry.frame.reset_index()[COLUMNS]


def _strictest(rows: pd.DataFrame | None) -> Registry:
    """One row per cell, the most hidden status first."""
    if rows is None:
        rows = pd.DataFrame(columns=["key", "cell_status", "n"])
    order = rows.assign(rank=rows["cell_status"].map(RANK).fillna(0)).sort_values(["key", "rank"], kind="stable")
    kept = order.drop_duplicates("key").set_index("key")
    counts = pd.to_numeric(kept["n"]).astype("Float64").where(kept["cell_status"] == "published")
    return Registry(frame=pd.DataFrame({"cell_status": kept["cell_status"], "estimate": counts}))
