"""A region's blind spots beside those of the whole: faces weighted by need, and how surely the region is worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InputError, InsufficientDataError
from studie.places.face import LEVEL, Face, Measure, checked_draws, checked_level
from studie.places.pairs import Floats


@dataclass(frozen=True, kw_only=True)
class RegionalGaps:
    """Shares of a region, each beside the same share of the whole.

    Attributes
    ----------
    table : DataFrame, indexed by (face, quantity)
        `estimate, lower, upper` of the region, `whole` (the same over all municipalities), `worse` (share of draws in
        which the region is worse than the whole), `known` (municipalities of the region that have the measure),
        `unit`. A measure that no municipality of the region has is missing.
    need : tuple of float
        Persons in need in the region: estimate, lower, upper [persons].
    municipalities : int
        Municipalities of the region.
    level : float
        Coverage of the intervals, in (0, 1).
    n : int
        Draws.
    """

    table: pd.DataFrame
    need: tuple[float, float, float]
    municipalities: int
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Keys `face, known, worse`, then the six columns of every result; the need comes first."""
        persons, lower, upper = self.need
        first = pd.DataFrame(
            {
                "face": ["need"], "known": [self.municipalities], "worse": [np.nan], "quantity": ["need"],
                "estimate": [persons], "lower": [lower], "upper": [upper], "n": [persons], "unit": ["persons"],
            }
        )  # fmt: skip
        rest = self.table.reset_index().assign(n=persons)
        order = ["face", "known", "worse", "quantity", "estimate", "lower", "upper", "n", "unit"]
        return pd.concat([first, rest[order]], ignore_index=True)


def regional_gaps(
    faces: Sequence[Face], need: pd.DataFrame, *, inside: Sequence[int], level: float = LEVEL
) -> RegionalGaps:
    """Faces of a blind spot for a region as a whole, weighted by need.

    Parameters
    ----------
    faces : sequence of Face
        Of all municipalities; only measures that are shares or ratios are taken.
    need : DataFrame, shape (draws, municipalities)
        Draws of persons in need [persons], such as `Need.total()`.
    inside : sequence of int
        Municipalities of the region [refnis]; one of which no need is known is left out and counted as not known.
    level : float, default 0.95
        Coverage, in (0, 1).

    Raises
    ------
    InputError
        A region without municipalities.
    InsufficientDataError
        No need known, or nobody in need, in the region.

    Notes
    -----
    s_R = Σ_i N_i s_i / Σ_i N_i over the municipalities i of R where s_i is known, in every draw. What is unknown is
    left out and counted, not filled in; unreachable counts as 0. The whole is treated alike, so that both can be
    compared.
    """
    checked_level(level)
    persons = checked_draws(need, "need")
    if not len(inside):
        raise InputError("inside: a region has municipalities, got none")
    here = need.columns.isin(list(inside))
    total = persons[:, here].sum(axis=1)
    if not total.mean() > 0:
        raise InsufficientDataError("need: nobody in need, or no need known, in the region")
    rows = {
        (face.name, quantity): _row(measure, need, here, level)
        for face in faces
        for quantity, measure in face.measures.items()
        if measure.unit in ("share", "ratio")
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["face", "quantity"])
    lower, upper = np.quantile(total, [(1 - level) / 2, (1 + level) / 2])
    return RegionalGaps(
        table=table,
        need=(float(total.mean()), float(lower), float(upper)),
        municipalities=len(set(inside)),
        level=level,
        n=len(persons),
    )


def _row(measure: Measure, need: pd.DataFrame, here: np.ndarray, level: float) -> Mapping[str, object]:
    """One measure of the region beside the whole."""
    draws = measure.draws.reindex(columns=need.columns).to_numpy(float)
    state = measure.table["state"].reindex(need.columns).to_numpy()
    draws = np.where(state == "unreachable", 0.0, draws)  # nobody there has a place in reach
    values = np.broadcast_to(draws, need.shape) if len(draws) == 1 else draws
    if len(values) != len(need):
        raise InputError(f"faces: must have as many draws as the need ({len(need)}) or one, got {len(values)}")
    known = ~np.isnan(values).all(axis=0)
    whole = _weighted(values, need.to_numpy(float), known)
    empty = {"estimate": np.nan, "lower": np.nan, "upper": np.nan, "worse": np.nan}
    common = {"whole": float(whole.mean()), "known": int((known & here).sum()), "unit": measure.unit}
    if not (known & here).any():
        return {**empty, **common}
    region = _weighted(values, need.to_numpy(float), known & here)
    lower, upper = np.quantile(region, [(1 - level) / 2, (1 + level) / 2])
    sign = 1.0 if measure.worse == "high" else -1.0
    difference = sign * (region - whole)
    worse = float((difference > 0).mean() + 0.5 * (difference == 0).mean())
    estimate = float(region.mean())
    return {
        "estimate": estimate,
        "lower": min(lower, estimate),
        "upper": max(upper, estimate),
        "worse": worse,
        **common,
    }


def _weighted(values: Floats, persons: Floats, chosen: np.ndarray) -> Floats:
    """Need-weighted mean per draw over some municipalities; missing without any."""
    weight = persons[:, chosen]
    total = weight.sum(axis=1)
    mean = np.divide((values[:, chosen] * weight).sum(axis=1), total, out=np.full(len(total), np.nan), where=total > 0)
    return np.asarray(mean)
