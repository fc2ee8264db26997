"""Which support there is on a day: schemes by level, who may apply, what is paid, and how long they hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InsufficientDataError

LEVELS = ("provinciaal", "Vlaams", "Europees")  # nearest first
ENDED, LATER, VALID, UNKNOWN = "ended", "later", "valid", "unknown"


@dataclass(frozen=True, kw_only=True)
class SubsidyGuide:
    """Schemes that pay, one row each.

    Attributes
    ----------
    schemes : DataFrame, index scheme_id
        `name, level, giver, applicants, pays, ceiling, conditions, valid_from, valid_to, checked_on, url, source`; a
        text is '' where it is not known. `validity` on `date`: `ended` or `later` by its bounds, `valid` between two
        known bounds or from a known start, else `unknown`.
    date : str
        Day that validity is of.
    n : int
        Schemes [count].
    """

    schemes: pd.DataFrame
    date: str
    n: int
    level: None = None

    @property
    def current(self) -> SubsidyGuide:
        """The same without schemes that ended."""
        rows = self.schemes[self.schemes["validity"] != ENDED]
        return SubsidyGuide(schemes=rows, date=self.date, n=len(rows))

    def count(self, column: str, *values: str) -> int:
        """Schemes with some values of a column [count]."""
        return int(self.schemes[column].isin(values).sum())

    def to_frame(self) -> pd.DataFrame:
        """Keys `level, validity`, then the six columns: how many schemes."""
        counted = self.schemes.groupby(["level", "validity"], sort=False).size().reset_index(name="estimate")
        return counted.assign(
            quantity="schemes",
            estimate=counted["estimate"].astype(float),
            lower=np.nan,
            upper=np.nan,
            n=np.nan,
            unit="schemes",
        )[["level", "validity", "quantity", "estimate", "lower", "upper", "n", "unit"]]


def subsidy_guide(subsidy_scheme: pd.DataFrame, *, date: str) -> SubsidyGuide:
    """Support that firms and authorities may get.

    Parameters
    ----------
    subsidy_scheme : DataFrame
        Rows of the table `subsidy_scheme`, with `source`.
    date : str
        ISO date that validity is of.

    Raises
    ------
    InsufficientDataError
        Without a scheme.

    Notes
    -----
    Lists what sources say and guesses nothing: a scheme of which no source says until when it holds is not called
    valid, unless it has a known start. Whether money is left is not known.
    """
    if subsidy_scheme.empty:
        raise InsufficientDataError("subsidy_scheme: needs at least one scheme, got none")
    places = {level: place for place, level in enumerate(LEVELS)}
    named = zip(subsidy_scheme["level"], subsidy_scheme["name"], strict=True)
    order = [(places[level], str(name).casefold()) for level, name in named]
    rows = subsidy_scheme.iloc[sorted(range(len(order)), key=order.__getitem__)]
    first, last = rows["valid_from"], rows["valid_to"]
    validity = np.select(
        [(last != "") & (last < date), (first != "") & (first > date), first != ""], [ENDED, LATER, VALID], UNKNOWN
    )
    return SubsidyGuide(schemes=rows.assign(validity=validity).set_index("scheme_id"), date=date, n=len(rows))
