"""A face of a blind spot: its measures per municipality with draws and states, and who is among the worst."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import stats

from studie.errors import InputError, InsufficientDataError, unknown
from studie.places.pairs import Floats

LEVEL = 0.95
State = Literal["published", "unknown", "unreachable", "not applicable", "no need"]
Worse = Literal["high", "low"]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One quantity per municipality.

    Attributes
    ----------
    table : DataFrame, indexed by refnis
        `estimate, lower, upper, state`. Only `published` has an estimate; an unknown offer may leave one bound.
    draws : DataFrame, shape (draws, municipalities)
        Missing where there is no estimate.
    unit : str
        `share` of persons or vacancies, `ratio` of amounts, or what is counted.
    worse : {"high", "low"}
        Which end is the blind spot.
    persons : Series by refnis, optional
        Persons in need behind the measure [persons]; none where it is not about persons.
    """

    table: pd.DataFrame
    draws: pd.DataFrame
    unit: str
    worse: Worse
    persons: pd.Series | None = None

    def within(self, refnis: Sequence[int]) -> Measure:
        """The same for some municipalities."""
        kept = [code for code in self.table.index if code in set(refnis)]
        persons = None if self.persons is None else self.persons.loc[kept]
        return replace(self, table=self.table.loc[kept], draws=self.draws[kept], persons=persons)

    def over(self, refnis: Sequence[int]) -> Measure:
        """The same over more municipalities: of those it does not speak of it is unknown."""
        every = list(refnis)
        table = self.table.reindex(every)
        table["state"] = table["state"].fillna("unknown")
        persons = None if self.persons is None else self.persons.reindex(every)
        return replace(self, table=table, draws=self.draws.reindex(columns=every), persons=persons)


@dataclass(frozen=True, kw_only=True)
class Face:
    """One of the five faces, with its measures.

    Attributes
    ----------
    name : {"volume", "diversity", "reach", "sector", "knowledge"}
    measures : mapping of quantity to Measure
        The first is the one that ranks.
    level : float
        Coverage of the intervals, in (0, 1).
    n : int
        Municipalities.
    """

    name: str
    measures: Mapping[str, Measure]
    level: float
    n: int

    @property
    def main(self) -> Measure:
        """The measure that ranks."""
        return next(iter(self.measures.values()))

    def worst(self, k: int) -> Worst:
        """Probability of being among the k worst by the main measure; states are those of the measure."""
        found = worst(self.main.draws, k, worse=self.main.worse, level=self.level)
        return replace(found, table=found.table.assign(state=self.main.table["state"]))

    def within(self, refnis: Sequence[int]) -> Face:
        """The same for the municipalities of a region; who is worst remains a matter of the whole."""
        return replace(self, measures={name: measure.within(refnis) for name, measure in self.measures.items()})

    def to_frame(self) -> pd.DataFrame:
        """Rows per measure and municipality: `refnis, face, state` then `quantity, estimate, lower, upper, n, unit`;
        n is the persons in need, missing where the measure is not about persons.
        """
        parts = [
            measure.table.rename_axis("refnis")
            .reset_index()
            .assign(face=self.name, quantity=quantity, n=_behind(measure), unit=measure.unit)
            for quantity, measure in self.measures.items()
        ]
        order = ["refnis", "face", "state", "quantity", "estimate", "lower", "upper", "n", "unit"]
        return pd.concat(parts, ignore_index=True)[order]


def _behind(measure: Measure) -> Floats:
    """Persons behind each row of a measure."""
    if measure.persons is None:
        return np.full(len(measure.table), np.nan)
    return measure.persons.reindex(measure.table.index).to_numpy(float)


@dataclass(frozen=True, kw_only=True)
class Faces:
    """Faces of a blind spot beside each other, each by the measure that ranks.

    Attributes
    ----------
    faces : tuple of Face
        Of the same municipalities.
    level : float
        Coverage of the intervals, in (0, 1).
    n : int
        Municipalities.
    """

    faces: tuple[Face, ...]
    level: float
    n: int

    def within(self, refnis: Sequence[int]) -> Faces:
        """The same for the municipalities of a region."""
        return replace(self, faces=tuple(face.within(refnis) for face in self.faces), n=len(refnis))

    def to_frame(self) -> pd.DataFrame:
        """As `Face.to_frame`, the ranking measure of every face only."""
        frames = [face.to_frame() for face in self.faces]
        ranking = [
            frame[frame["quantity"] == next(iter(face.measures))]
            for face, frame in zip(self.faces, frames, strict=True)
        ]
        return pd.concat(ranking, ignore_index=True)


def faces(*found: Face) -> Faces:
    """Faces beside each other, over the municipalities of any of them.

    Raises
    ------
    InputError
        No face.
    """
    if not found:
        raise InputError("faces: need at least one, got none")
    every = sorted(set().union(*(face.main.table.index for face in found)))
    wide = tuple(
        replace(face, measures={name: one.over(every) for name, one in face.measures.items()}, n=len(every))
        for face in found
    )
    return Faces(faces=wide, level=found[0].level, n=len(every))


@dataclass(frozen=True, kw_only=True)
class Worst:
    """Probability of being among the k worst.

    Attributes
    ----------
    table : DataFrame, indexed by area
        `probability`, `lower, upper` (Wilson, for the number of draws) and `state`: `published`, `unknown`, or the
        measure's own word for having no estimate. Over the known areas the probabilities add up to k.
    k : int
    level : float
        Coverage of the simulation interval, in (0, 1).
    n : int
        Draws.
    """

    table: pd.DataFrame
    k: int
    level: float
    n: int

    @property
    def probability(self) -> pd.Series:
        """Probability per area, missing where unknown."""
        return self.table["probability"]

    def to_frame(self) -> pd.DataFrame:
        """One row per area: `refnis, state` then `quantity, estimate, lower, upper, n, unit`."""
        return pd.DataFrame(
            {
                "refnis": self.table.index,
                "state": self.table["state"].to_numpy(),
                "quantity": f"among the {self.k} worst",
                "estimate": self.table["probability"].to_numpy(),
                "lower": self.table["lower"].to_numpy(),
                "upper": self.table["upper"].to_numpy(),
                "n": self.n,
                "unit": "share of draws",
            }
        )


def worst(draws: pd.DataFrame, k: int, *, worse: Worse = "high", level: float = LEVEL) -> Worst:
    """Probability per area of being among the k worst, instead of one ranking that noise decides.

    Parameters
    ----------
    draws : DataFrame, shape (draws, areas)
        Joint draws of a measure; an area that is missing in all draws is unknown and takes nobody's place.
    k : int
        Number of worst areas, at least 1 and below the known areas.
    worse : {"high", "low"}, default "high"
        Which end is worst.
    level : float, default 0.95
        Coverage of the simulation interval, in (0, 1).

    Returns
    -------
    Worst

    Raises
    ------
    InputError
        `k` out of range, an area that is missing in some draws only, an unknown word.

    Notes
    -----
    Areas that tie around the last place share what is left of it, so probabilities add up to k in every draw.
    """
    if worse not in get_args(Worse):
        raise unknown("worse", worse, get_args(Worse))
    values = draws.to_numpy(float)
    empty = np.isnan(values)
    known = ~empty.all(axis=0)
    if empty[:, known].any():
        raise InputError("draws: an area is known in all draws or in none, got one that is missing in some")
    if k >= int(known.sum()) > 0:
        raise InsufficientDataError(f"k: must be below the {int(known.sum())} known areas, got {k}")
    if not 1 <= k < int(known.sum()):
        raise InputError(f"k: must be at least 1 and below the {int(known.sum())} known areas, got {k}")
    kept = values[:, known] if worse == "high" else -values[:, known]
    limit = -np.partition(-kept, k - 1, axis=1)[:, [k - 1]]
    above, tied = kept > limit, kept == limit
    share = (k - above.sum(axis=1)) / tied.sum(axis=1)
    probability = np.full(values.shape[1], np.nan)
    probability[known] = (above + tied * share[:, None]).mean(axis=0)
    lower, upper = _wilson(probability, len(values), level)
    table = pd.DataFrame(
        {
            "probability": probability,
            "lower": lower,
            "upper": upper,
            "state": np.where(known, "published", "unknown"),
        },
        index=draws.columns,
    )
    return Worst(table=table, k=k, level=level, n=len(values))


def measure(
    draws: pd.DataFrame,
    state: pd.Series,
    *,
    unit: str,
    worse: Worse,
    level: float,
    lower: pd.Series | None = None,
    upper: pd.Series | None = None,
    persons: pd.Series | None = None,
) -> Measure:
    """Measure from draws: mean and equal-tailed interval where the state is `published`, else at most given bounds."""
    values = draws.to_numpy(float)
    shown = (state.loc[draws.columns] == "published").to_numpy()
    values = np.where(shown, values, np.nan)
    estimate, low, high = (np.full(len(shown), np.nan) for _ in range(3))
    if shown.any():
        estimate[shown] = values[:, shown].mean(axis=0)
        tails = np.quantile(values[:, shown], [(1 - level) / 2, (1 + level) / 2], axis=0)
        low[shown], high[shown] = np.minimum(tails[0], estimate[shown]), np.maximum(tails[1], estimate[shown])
    table = pd.DataFrame({"estimate": estimate, "lower": low, "upper": high}, index=draws.columns)
    for name, bound in (("lower", lower), ("upper", upper)):
        if bound is not None:
            table[name] = bound.reindex(table.index).where(bound.reindex(table.index).notna(), table[name])
    table["state"] = state.loc[draws.columns].to_numpy()
    shown_draws = pd.DataFrame(values, columns=draws.columns)
    return Measure(table=table, draws=shown_draws, unit=unit, worse=worse, persons=persons)


def checked_draws(draws: pd.DataFrame, name: str) -> Floats:
    """Draws of amounts: finite, at least 0, one column per key."""
    values = draws.to_numpy(float)
    if not len(values) or not (np.isfinite(values) & (values >= 0)).all():
        raise InputError(f"{name}: draws must be there, finite and at least 0, got a missing or negative one")
    if not draws.columns.is_unique:
        raise InputError(f"{name}: one column per key, got {draws.columns[draws.columns.duplicated()][0]} twice")
    return values


def checked_level(level: float) -> None:
    """Coverage in (0, 1)."""
    if not 0 < level < 1:
        raise InputError(f"level: must be in (0, 1), got {level}")


def _wilson(share: Floats, n: int, level: float) -> tuple[Floats, Floats]:
    """Wilson interval of shares of draws."""
    z = float(stats.norm.ppf((1 + level) / 2))
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.clip(np.minimum(centre - half, share), 0, 1), np.clip(np.maximum(centre + half, share), 0, 1)
