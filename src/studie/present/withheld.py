"""Frames about persons that can be computed with and do not print what could tell somebody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from studie.disclosure import rules
from studie.present import numbers

HOW = 'Met study.table(..., reason="waarom") ziet u ze wel; de reden komt in het logboek.'


class PersonRows(pd.DataFrame):
    """Rows about persons: shown as their number and columns only."""

    @property
    def _constructor(self) -> Callable[..., PersonRows]:
        return PersonRows

    def to_string(self, *arguments: Any, **options: Any) -> str:  # type: ignore[override]
        """What may be seen: how many rows there are, and of what."""
        count = numbers.plural(len(self), "rij", "rijen")
        return f"{count} over mensen, niet getoond. Kolommen: {', '.join(map(str, self.columns))}. {HOW}"

    def to_html(self, *arguments: Any, **options: Any) -> str:  # type: ignore[override]
        """The same as `to_string`."""
        return f"<p>{self.to_string()}</p>"

    def __repr__(self) -> str:
        return self.to_string()

    def _repr_html_(self) -> str:
        return self.to_html()


class PersonCounts(pd.DataFrame):
    """Counts of persons: those below the threshold are shown as `te klein`."""

    _metadata = ["threshold"]  # noqa: RUF012 - pandas reads it from the class
    threshold: float = rules.THRESHOLD

    @property
    def _constructor(self) -> Callable[..., PersonCounts]:
        return PersonCounts

    def shown(self) -> pd.DataFrame:
        """A plain frame in which numbers of persons below the threshold are words."""
        plain = pd.DataFrame(self)
        for name in plain.columns.intersection(list(rules.COUNT_COLUMNS)):
            low = rules.small(plain[name], threshold=self.threshold)
            plain[name] = plain[name].astype(object).mask(low, "te klein")
        return plain

    def to_string(self, *arguments: Any, **options: Any) -> str:  # type: ignore[override]
        """Rows as text without small counts."""
        return self.shown().to_string(*arguments, **options)

    def to_html(self, *arguments: Any, **options: Any) -> str:  # type: ignore[override]
        """Rows as HTML without small counts."""
        return self.shown().to_html(*arguments, **options)

    def __repr__(self) -> str:
        return repr(self.shown())

    def _repr_html_(self) -> str:
        return self.shown().to_html(max_rows=20)


def withheld(frame: pd.DataFrame, *, about: str, threshold: float) -> pd.DataFrame:
    """The same frame, printing nothing small.

    Parameters
    ----------
    frame : DataFrame
    about : {"rows", "counts", "none"}
        Whether a row is about one person, or counts persons.
    threshold : float
        Smallest count that may be seen.

    Notes
    -----
    Guards what a notebook prints by accident, not what a program computes: a Series taken out of the frame prints as
    usual. What is published passes the plan and the audit in any case.
    """
    if about == "rows":
        return PersonRows(frame)
    if about == "none":
        return frame
    counted = PersonCounts(frame)
    counted.threshold = threshold
    return counted
