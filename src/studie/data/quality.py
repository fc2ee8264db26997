"""How complete is what we know: datasets with status and freshness, and where the offer of places is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.data.catalogue import Dataset, Table

CODE_LISTS = "data/reference/"  # lists of codes and borders say what things are called, not what is known


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """What is known per dataset.

    Attributes
    ----------
    datasets : tuple of Dataset
        In order of table and status.
    covered : Series, index dataset_id
        Municipalities of the region in the dataset [municipalities]; unknown where it is not by municipality.
    municipalities : int
        Municipalities of the region [count].
    n : int
        Datasets in all [count].
    """

    datasets: tuple[Dataset, ...]
    covered: pd.Series
    municipalities: int
    n: int
    level: None = None

    @property
    def uses(self) -> list[str]:
        """The datasets as parts of their tables, as `study.show` wants them."""
        return [f"{dataset.table}:{dataset.dataset_id}" for dataset in self.datasets]

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
                "quantity": "municipalities_covered",
                "estimate": self.covered.to_numpy(dtype=float),
                "lower": np.nan,
                "upper": np.nan,
                "n": float(self.municipalities),
                "unit": "municipalities",
            }
        )


def inventory(tables: Sequence[Table], municipalities: Sequence[int]) -> Inventory:
    """Datasets behind some tables and how many municipalities of the region each speaks of.

    Parameters
    ----------
    tables : sequence of Table
        As the catalogue reads them.
    municipalities : sequence of int
        REFNIS codes of the region.

    Raises
    ------
    ValueError
        Without any dataset.
    """
    datasets = {d.dataset_id: d for table in tables for d in table.datasets if not d.file.startswith(CODE_LISTS)}
    if not datasets:
        raise ValueError("tables: need at least one dataset, got none")
    rows = {name: part for table in tables for name, part in table.parts().items()}
    covered = {name: _covered(rows[name], municipalities) for name in datasets}
    ordered = sorted(datasets.values(), key=lambda d: (d.data_status != "observed", d.title))
    return Inventory(
        datasets=tuple(ordered),
        covered=pd.Series({d.dataset_id: covered[d.dataset_id] for d in ordered}),
        municipalities=len(municipalities),
        n=len(ordered),
    )


def _covered(rows: pd.DataFrame, municipalities: Sequence[int]) -> float:
    """Municipalities of the region in some rows; unknown for a dataset that has no municipalities."""
    if "refnis" in rows:
        found = set(rows["refnis"].dropna().astype(int))
    elif "region" in rows:
        codes = rows["region"].astype(str)
        found = set(codes[codes.str.startswith("municipality:")].str.removeprefix("municipality:").astype(int))
    else:
        found = set()
    return float(len(found & set(municipalities))) if found else float("nan")


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
                "estimate": self.places.to_numpy(dtype=float, na_value=np.nan),
                "lower": np.nan,
                "upper": np.nan,
                "n": np.nan,
                "unit": "places",
            }
        )


def offer_coverage(offer: pd.DataFrame, establishment: pd.DataFrame, municipalities: Sequence[int]) -> OfferCoverage:
    """Which municipalities have a recorded offer, each establishment on its last date.

    Parameters
    ----------
    offer : DataFrame
        Rows of the table `offer`; `places` may be unknown.
    establishment : DataFrame
        Rows of the table `establishment`: where each establishment is.
    municipalities : sequence of int
        REFNIS codes of the region.

    Notes
    -----
    A municipality is known when at least one of its establishments has a recorded number of places; that says
    nothing about establishments that nobody registered.
    """
    located = offer.merge(establishment[["establishment_number", "refnis"]], on="establishment_number")
    latest = located.sort_values("date").groupby(["establishment_number", "work_form", "activity"]).last()
    total = latest.groupby("refnis")["places"].sum(min_count=1).astype("Float64")
    places = total.reindex(pd.Index(municipalities, name="refnis"))
    return OfferCoverage(known=places.notna(), places=places, n=len(places))
