"""The transition matrix of one region, helped by the regions above it as far as its data ask for it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown
from studie.ladder.intervals import LEVEL
from studie.ladder.observations import Observations
from studie.ladder.pairs import Counts, counts, distinct_persons
from studie.ladder.pooling import pool


@dataclass(frozen=True, kw_only=True)
class RegionalMatrix:
    """Transition probabilities of one region and how much they lean on the region above.

    Attributes
    ----------
    table : DataFrame
        One row per origin and destination: from_step, to_step, method (`own`, `pooled` or `parent`), shrinkage (weight
        on the region above, 0-1), own (the region's own share; nan without data), persons and
        cell_persons (distinct persons of the region itself behind the origin and the cell), then the six columns
        of every result.
    region, parent : label
        The region and the one above it.
    level : float
        Coverage of each interval, averaged over regions.
    n : int
        Moves and stays seen in the region [count].
    """

    adds_up: ClassVar[tuple[str, ...]] = ("from_step",)

    table: pd.DataFrame
    region: Hashable
    parent: Hashable
    level: float
    n: int

    @property
    def shrinkage(self) -> float:
        """Weight on the region above, averaged over the steps by how many start there."""
        rows = self.table.drop_duplicates("from_step")
        weight = np.maximum(rows["n"].to_numpy(float), 1.0)
        return float(np.average(rows["shrinkage"].to_numpy(float), weights=weight))

    def to_frame(self) -> pd.DataFrame:
        """Per origin and destination method, shrinkage, persons, cell_persons, then the six columns of every result."""
        keys = ["from_step", "to_step", "method", "shrinkage", "persons", "cell_persons"]
        return self.table[[*keys, "quantity", "estimate", "lower", "upper", "n", "unit"]].reset_index(drop=True)


def counts_by(obs: Observations, *, by: str, lag: float = 1) -> dict[Hashable, pd.DataFrame]:
    """Moves over one lag per value of a covariate, such as the region where a person was first seen.

    Parameters
    ----------
    obs : Observations
    by : str
        Covariate; its first value per person counts.
    lag : float, default 1
        Distance of the pairs [time units].

    Raises
    ------
    InputError
        If `by` is no covariate.
    """
    return _tables(obs, counts(obs, lag=lag), by=by)


def _tables(obs: Observations, whole: Counts, *, by: str) -> dict[Hashable, pd.DataFrame]:
    """Counts apart for each value of a covariate."""
    if by not in obs.covariates:
        raise unknown("by", by, obs.covariates.columns)
    codes, labels = pd.factorize(obs.covariates[by].iloc[obs.first], sort=True)
    steps, size = whole.matrix.index, whole.matrix.size
    flat = np.bincount(codes[whole.person] * size + whole.cell, weights=whole.weight, minlength=len(labels) * size)
    tables = flat.reshape(len(labels), len(steps), len(steps))
    return {label: pd.DataFrame(table, index=steps, columns=steps) for label, table in zip(labels, tables, strict=True)}


def _persons_of(obs: Observations, whole: Counts, *, by: str, areas: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Distinct persons of some areas behind each origin and each cell."""
    member = obs.covariates[by].iloc[obs.first].isin(areas).to_numpy()[whole.person]
    return distinct_persons(whole.person[member], whole.cell[member], len(whole.matrix))


def regional_matrix(
    obs: Observations, hierarchy: pd.DataFrame, *, region: Hashable, by: str, lag: float = 1, level: float = LEVEL
) -> RegionalMatrix:
    """Transition matrix of one region from a panel of all of them.

    Parameters
    ----------
    obs : Observations
        Of all regions, with the covariate `by`.
    hierarchy : DataFrame
        One row per innermost region, one column per level, outermost first.
    region : label
        A region of the hierarchy below the outermost level.
    by : str
        Covariate that holds the innermost region.
    lag : float, default 1
        Distance of the pairs [time units].
    level : float, default 0.95
        Coverage of each interval.

    Raises
    ------
    InputError
        If the region is not in the hierarchy, or is its outermost one.

    Notes
    -----
    Hierarchical empirical Bayes, see `pooling.pool`. A region without data gets its parent's estimate, with method
    `parent`.
    """
    whole = counts(obs, lag=lag)
    pooled = pool(_tables(obs, whole, by=by), hierarchy.drop_duplicates(), level=level)
    rows = pooled.table[pooled.table["region"] == region]
    if rows.empty:
        raise InputError(f"region: must be one of the hierarchy, got {region!r}")
    parent = rows["parent"].iloc[0]
    if pd.isna(parent):
        raise InputError(f"region: must have a region above it, got {region!r}")
    own = rows.drop_duplicates("from_step")["n"].sum()
    inside = hierarchy[hierarchy.isin([region]).any(axis=1)].iloc[:, -1]
    origins, cells = _persons_of(obs, whole, by=by, areas=inside)
    rows = rows.assign(persons=np.repeat(origins, len(origins)), cell_persons=cells.ravel())
    return RegionalMatrix(table=rows.reset_index(drop=True), region=region, parent=parent, level=level, n=int(own))
