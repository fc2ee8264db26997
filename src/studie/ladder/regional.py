"""The transition matrix of one region, helped by the regions above it as far as its data ask for it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown
from studie.ladder.intervals import LEVEL
from studie.ladder.observations import Observations
from studie.ladder.pairs import counts
from studie.ladder.pooling import pool


@dataclass(frozen=True, kw_only=True)
class RegionalMatrix:
    """Transition probabilities of one region and how much they lean on the region above.

    Attributes
    ----------
    table : DataFrame
        One row per origin and destination: from_step, to_step, method (`own`, `pooled` or `parent`), shrinkage (weight
        on the region above, 0-1), own (the region's own share; nan without data), then the six columns of every result.
    region, parent : label
        The region and the one above it.
    level : float
        Coverage of each interval, averaged over regions.
    n : int
        Moves and stays seen in the region [count].
    """

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
        """One row per origin and destination with method and shrinkage, then the six columns of every result."""
        return self.table[
            ["from_step", "to_step", "method", "shrinkage", "quantity", "estimate", "lower", "upper", "n", "unit"]
        ].reset_index(drop=True)


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
    if by not in obs.covariates:
        raise unknown("by", by, obs.covariates.columns)
    whole = counts(obs, lag=lag)
    codes, labels = pd.factorize(obs.covariates[by].iloc[obs.first], sort=True)
    steps, size = whole.matrix.index, whole.matrix.size
    flat = np.bincount(codes[whole.person] * size + whole.cell, weights=whole.weight, minlength=len(labels) * size)
    tables = flat.reshape(len(labels), len(steps), len(steps))
    return {label: pd.DataFrame(table, index=steps, columns=steps) for label, table in zip(labels, tables, strict=True)}


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
    pooled = pool(counts_by(obs, by=by, lag=lag), hierarchy.drop_duplicates(), level=level)
    rows = pooled.table[pooled.table["region"] == region]
    if rows.empty:
        raise InputError(f"region: must be one of the hierarchy, got {region!r}")
    parent = rows["parent"].iloc[0]
    if pd.isna(parent):
        raise InputError(f"region: must have a region above it, got {region!r}")
    own = rows.drop_duplicates("from_step")["n"].sum()
    return RegionalMatrix(table=rows.reset_index(drop=True), region=region, parent=parent, level=level, n=int(own))
