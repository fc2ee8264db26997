"""Whether blind spots cluster on the map: Moran's I and its local form, as context and never as proof."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator

from studie.errors import InputError, InsufficientDataError
from studie.places.face import Face
from studie.places.pairs import Floats

LEVEL = 0.95
LEAST_AREAS = 8


@dataclass(frozen=True, kw_only=True)
class Autocorrelation:
    """Moran's I of a measure, and which areas resemble their neighbours.

    Attributes
    ----------
    moran, lower, upper : float
        Mean over the draws and its interval; without draws the bounds equal the value.
    expected : float
        Value without any clustering, −1 / (areas − 1).
    p_value : float
        Share of random rearrangements at least as far from `expected` on the same side (one-sided).
    local : DataFrame, indexed by area
        `local_moran`, `kind` (`high among high`, `low among low`, `high among low`, `low among high`), `p_value`
        (conditional rearrangement, one-sided).
    left_out : tuple
        Areas without a value or without a neighbour that has one.
    level : float
        Coverage, in (0, 1).
    n : int
        Areas.
    """

    moran: float
    lower: float
    upper: float
    expected: float
    p_value: float
    local: pd.DataFrame
    left_out: tuple[object, ...]
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """One row: `quantity, estimate, lower, upper, n, unit`."""
        return pd.DataFrame(
            {
                "quantity": ["Moran's I"],
                "estimate": [self.moran],
                "lower": [self.lower],
                "upper": [self.upper],
                "n": [self.n],
                "unit": ["1"],
            }
        )


def autocorrelation(
    values: pd.Series | pd.DataFrame | Face,
    adjacency: pd.DataFrame,
    *,
    rng: Generator,
    permutations: int = 999,
    level: float = LEVEL,
) -> Autocorrelation:
    """Moran's I over neighbouring areas, with rearrangements from the generator that is passed.

    Parameters
    ----------
    values : Series by area, DataFrame of draws (draws × areas), or Face
        The measure, of a face the one that ranks; areas that are missing are left out.
    adjacency : DataFrame
        `refnis_a, refnis_b`: neighbours, each pair once or twice.
    rng : Generator
        Source of the rearrangements.
    permutations : int, default 999
    level : float, default 0.95
        Coverage over the draws, in (0, 1).

    Raises
    ------
    InputError
        Options out of range, or all values alike.
    InsufficientDataError
        Fewer than 8 areas with neighbours.

    Notes
    -----
    Weights are row-standardised contiguity; I and the local form are those of `esda` [1]_, which would rearrange from
    numpy's global state, so the rearrangements are ours. Rates of small municipalities vary more, which weakens I.

    References
    ----------
    .. [1] Rey, S. J. & Anselin, L. (2007). PySAL. Review of Regional Studies 37(1). Anselin, L. (1995). Geographical
       Analysis 27, 93-115.
    """
    if not 0 < level < 1 or permutations < 99:
        raise InputError(f"level, permutations: must be in (0, 1) and at least 99, got {level}, {permutations}")
    if isinstance(values, Face):
        values = values.main.draws
    draws = values.to_frame().T if isinstance(values, pd.Series) else values
    known = draws.notna().all(axis=0)
    areas, weights = _weights(draws.columns[known.to_numpy()], adjacency)
    if len(areas) < LEAST_AREAS:
        raise InsufficientDataError(f"values: needs {LEAST_AREAS} areas with neighbours, got {len(areas)}")
    kept = draws[areas].to_numpy(float)
    mean = kept.mean(axis=0)
    if np.ptp(mean) == 0:
        raise InputError("values: must differ between areas, got one value for all")
    overall, local = _esda(mean, areas, weights)
    spread = (
        np.array([_moran(row, weights) for row in kept if np.ptp(row) > 0]) if len(kept) > 1 else np.array([overall])
    )
    low, high = np.quantile(spread, [(1 - level) / 2, (1 + level) / 2])
    expected = -1 / (len(areas) - 1)
    shuffled = np.array([_moran(rng.permutation(mean), weights) for _ in range(permutations)])
    return Autocorrelation(
        moran=overall,
        lower=float(min(low, overall)),
        upper=float(max(high, overall)),
        expected=expected,
        p_value=_one_sided(shuffled, overall, expected),
        local=_local(mean, local, areas, weights, permutations=permutations, rng=rng),
        left_out=tuple(area for area in draws.columns if area not in areas),
        level=level,
        n=len(areas),
    )


def _weights(areas: pd.Index, adjacency: pd.DataFrame) -> tuple[pd.Index, Floats]:
    """Areas with a neighbour among them, and row-standardised contiguity."""
    absent = [name for name in ("refnis_a", "refnis_b") if name not in adjacency.columns]
    if absent:
        raise InputError(f"adjacency: needs the columns refnis_a, refnis_b, got no {', '.join(absent)}")
    first, second = (areas.get_indexer(pd.Index(adjacency[name])) for name in ("refnis_a", "refnis_b"))
    inside = (first >= 0) & (second >= 0) & (first != second)
    table = np.zeros((len(areas), len(areas)))
    table[first[inside], second[inside]] = table[second[inside], first[inside]] = 1.0
    joined = table.sum(axis=1) > 0
    table = table[np.ix_(joined, joined)]
    return areas[joined], table / table.sum(axis=1, keepdims=True) if joined.any() else table


def _esda(values: Floats, areas: pd.Index, weights: Floats) -> tuple[float, Floats]:
    """Moran's I and its local form by esda, without its rearrangements."""
    from esda.moran import Moran, Moran_Local
    from libpysal.weights import W

    neighbours = {position: np.flatnonzero(row).tolist() for position, row in enumerate(weights)}
    contiguity = W(neighbours, silence_warnings=True)
    overall = Moran(values, contiguity, transformation="r", permutations=0)
    local = Moran_Local(values, contiguity, transformation="r", permutations=0)
    return float(overall.I), np.asarray(local.Is, dtype=float)


def _moran(values: Floats, weights: Floats) -> float:
    """Moran's I under row-standardised weights."""
    z = values - values.mean()
    return float(z @ (weights @ z) / (z @ z) * len(z) / weights.sum())


def _one_sided(shuffled: Floats, value: float, expected: float) -> float:
    """Share of rearrangements at least as far on the same side, itself counted."""
    beyond = (shuffled >= value).sum() if value >= expected else (shuffled <= value).sum()
    return float((beyond + 1) / (len(shuffled) + 1))


def _local(
    values: Floats, local: Floats, areas: pd.Index, weights: Floats, *, permutations: int, rng: Generator
) -> pd.DataFrame:
    """Local Moran per area, its kind, and its p-value by rearranging all other areas."""
    z = (values - values.mean()) / values.std()
    lag = weights @ z
    p_values = np.empty(len(z))
    for position in range(len(z)):
        others = np.delete(z, position)
        count = int((weights[position] > 0).sum())
        order = np.argsort(rng.random((permutations, len(others))), axis=1)[:, :count]
        p_values[position] = _one_sided(others[order].mean(axis=1), float(lag[position]), 0.0)
    words = np.where(
        z > 0,
        np.where(lag > 0, "high among high", "high among low"),
        np.where(lag > 0, "low among high", "low among low"),
    )
    return pd.DataFrame({"local_moran": local, "kind": words, "p_value": p_values}, index=areas)
