"""Room in the sectors for those who need a place: expected vacancies per hundred of them, area beside whole."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InputError, InsufficientDataError

LEVEL = 0.95
PER = 100


@dataclass(frozen=True, kw_only=True)
class Room:
    """Vacancies per hundred persons in need.

    Attributes
    ----------
    table : DataFrame, indexed by area
        `estimate, lower, upper` [vacancies per 100 persons], `whole` (the same over the whole) and `more`, the share of
        draws in which the area has more room than the whole.
    level : float
        Coverage of the intervals, in (0, 1).
    n : int
        Draws.
    """

    table: pd.DataFrame
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Keys `area, more`, then the six columns of every result."""
        return (
            self.table.rename_axis("area")
            .reset_index()
            .assign(quantity="room", n=self.n, unit="vacancies per 100 persons")[
                ["area", "more", "quantity", "estimate", "lower", "upper", "n", "unit"]
            ]
        )


def room(
    vacancies: Mapping[Hashable, np.ndarray],
    need: Mapping[Hashable, np.ndarray],
    *,
    whole: Hashable,
    level: float = LEVEL,
) -> Room:
    """Expected vacancies per hundred persons who need a place, in every area and in the whole.

    Parameters
    ----------
    vacancies, need : mapping of area to array
        Draws of vacancies over the period asked and of persons in need [count]; the same areas in both. Draw k of every
        area belongs to the same future.
    whole : hashable
        The area that the others are compared with.
    level : float, default 0.95
        Coverage, in (0, 1).

    Raises
    ------
    InputError
        The whole is not among the areas, areas differ, or a coverage outside (0, 1).
    InsufficientDataError
        Nobody in need in the whole.

    Notes
    -----
    r = 100 V / N in every draw, so that what an area shares with the whole is not counted as doubt twice. Vacancies and
    need have draws of their own and are taken as independent; the longer of the two is cut. An area where nobody is in
    need has no ratio. A ratio compares areas; it does not say that a vacancy fits a person.
    """
    if not 0 < level < 1:
        raise InputError(f"level: must lie between 0 and 1, got {level}")
    if set(vacancies) != set(need) or whole not in need:
        raise InputError("vacancies, need: must be about the same areas, with the whole among them")
    n = min(*(len(draws) for draws in vacancies.values()), *(len(draws) for draws in need.values()))
    if not need[whole].mean() > 0:
        raise InsufficientDataError("need: nobody in need in the whole, got 0 persons")
    ratios = {area: _ratio(vacancies[area][:n], need[area][:n]) for area in need}
    tails = [(1 - level) / 2, (1 + level) / 2]
    rows = {}
    for area, ratio in ratios.items():
        lower, upper = np.quantile(ratio, tails)
        more = (ratio > ratios[whole]).mean() + 0.5 * (ratio == ratios[whole]).mean()
        known = not np.isnan(ratio).any()
        rows[area] = {
            "estimate": float(ratio.mean()), "lower": float(lower), "upper": float(upper),
            "whole": float(ratios[whole].mean()), "more": float(more) if known else np.nan,
        }  # fmt: skip
    return Room(table=pd.DataFrame.from_dict(rows, orient="index"), level=level, n=n)


def _ratio(vacancies: np.ndarray, need: np.ndarray) -> np.ndarray:
    """Vacancies per hundred persons in every draw; missing where nobody is in need."""
    found = np.full(len(need), np.nan)
    np.divide(PER * vacancies, need, out=found, where=need > 0)
    return found
