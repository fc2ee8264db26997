"""How complete is what we know: datasets with status and freshness, and where the offer of places is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from studie.data.catalogue import Dataset


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """What is known per dataset.

    Attributes
    ----------
    datasets : tuple of Dataset
        In order of table and status.
    rows : Series, index dataset_id
        Rows that concern the region [count].
    n : int
        Datasets in all [count].
    """

    datasets: tuple[Dataset, ...]
    rows: pd.Series
    n: int
    level: None = None

    def share(self, data_status: str) -> float:
        """Share of the datasets with this status [share]."""
        return sum(dataset.data_status == data_status for dataset in self.datasets) / self.n

    def to_frame(self) -> pd.DataFrame:
        """Keys `dataset_id, table, data_status`, then the six columns of every result."""
        return pd.DataFrame(
            {
                "dataset_id": [d.dataset_id for d in self.datasets],
                "table": [d.table for d in self.datasets],
                "data_status": [d.data_status for d in self.datasets],
                "quantity": "rows_in_region",
                "estimate": [float(self.rows[d.dataset_id]) for d in self.datasets],
                "lower": np.nan,
                "upper": np.nan,
                "n": [d.rows for d in self.datasets],
                "unit": "rows",
            }
        )


def inventory(datasets: Sequence[Dataset], rows: dict[str, int]) -> Inventory:
    """Datasets with the rows that concern a region.

    Parameters
    ----------
    datasets : sequence of Dataset
    rows : dict
        Rows that concern the region per `dataset_id` [count]; absent means none.

    Raises
    ------
    ValueError
        Without any dataset.
    """
    if not datasets:
        raise ValueError("datasets: needs at least one, got none")
    ordered = tuple(sorted(datasets, key=lambda d: (d.data_status != "observed", d.table, d.dataset_id)))
    counts = pd.Series({d.dataset_id: rows.get(d.dataset_id, 0) for d in ordered})
    return Inventory(datasets=ordered, rows=counts, n=len(ordered))


@dataclass(frozen=True, kw_only=True)
class OfferCoverage:
    """Of how many municipalities the offer of places is known; unknown is not zero.

    Attributes
    ----------
    known : Series, index refnis
        Whether the number of places of at least one establishment is recorded [bool].
    places : Series, index refnis
        Recorded places [places]; unknown where nothing is recorded.
    n : int
        Municipalities [count].
    """

    known: pd.Series
    places: pd.Series
    n: int
    level: None = None

    def to_frame(self) -> pd.DataFrame:
        """Key `refnis`, then the six columns of every result; an unknown offer has no estimate."""
        return pd.DataFrame(
            {
                "refnis": self.places.index,
                "quantity": "recorded_places",
                "estimate": self.places.to_numpy(dtype=float),
                "lower": np.nan,
                "upper": np.nan,
                "n": np.nan,
                "unit": "places",
            }
        )


def offer_coverage(offer: pd.DataFrame, municipalities: Sequence[int]) -> OfferCoverage:
    """Which municipalities have a recorded offer on the last date of each establishment.

    Parameters
    ----------
    offer : DataFrame
        Rows of the table `offer` with `refnis`, `establishment`, `work_form`, `date` and `places` (unknown allowed).
    municipalities : sequence of int
        REFNIS codes of the region.

    Notes
    -----
    A municipality is known when at least one of its establishments has a recorded number of places; that says
    nothing about establishments that nobody registered.
    """
    latest = offer.sort_values("date").groupby(["establishment", "work_form"], as_index=False).last()
    total = latest.groupby("refnis")["places"].sum(min_count=1).astype(float)
    places = total.reindex(list(municipalities))
    return OfferCoverage(known=places.notna(), places=places, n=len(places))
