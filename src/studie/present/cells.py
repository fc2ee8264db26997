"""The only door between a result and what is shown: frames whose small counts of persons are emptied."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from studie.disclosure import rules
from studie.present import numbers
from studie.present.words import CELL_STATUS


def printable(result: Any, frame: pd.DataFrame | None) -> pd.DataFrame:
    """Frame that may be shown: the one the study protected, else the result's own with the default threshold."""
    return rules.protected(result) if frame is None else frame


ABSENT = SimpleNamespace(estimate=None, lower=None, upper=None, n=None, cell_status="missing")


def row(indexed: Any, key: Any) -> Any:
    """Row of an indexed frame; a missing one where the result has none."""
    return indexed.loc[key] if key in indexed.index else ABSENT


def summed(estimates: pd.Series, draws: Any, *, level: float) -> SimpleNamespace:
    """Sum of estimates with the interval of the sums of their draws, which holds the sum."""
    total, centre = np.asarray(draws).sum(axis=1), float(estimates.sum())
    lower, upper = np.quantile(total, [(1 - level) / 2, (1 + level) / 2])
    return SimpleNamespace(
        estimate=centre, lower=min(float(lower), centre), upper=max(float(upper), centre), cell_status="published"
    )


def share(row: Any) -> str:
    """Estimate and interval of a share: 12 % (10-14 %), or why there is none."""
    if row.cell_status != "published":
        return CELL_STATUS[row.cell_status]
    estimate = numbers.share(row.estimate)
    if not numbers.is_known(row.lower) or {numbers.share(row.lower), numbers.share(row.upper)} == {estimate}:
        return estimate  # an interval narrower than the print says nothing
    return f"{estimate} ({numbers.share_interval(row.lower, row.upper)})"


def amount(row: Any, *, decimals: int = 0) -> str:
    """Estimate and interval of a number: 1.234 (1.100-1.400), or why there is none."""
    if row.cell_status != "published":
        return CELL_STATUS[row.cell_status]
    if not numbers.is_known(row.lower):
        return numbers.number(row.estimate, decimals=decimals)
    estimate = numbers.number(row.estimate, decimals=decimals)
    if {numbers.number(bound, decimals=decimals) for bound in (row.lower, row.upper)} == {estimate}:
        return estimate  # an interval narrower than the print says nothing
    return f"{estimate} ({numbers.interval(row.lower, row.upper, decimals=decimals)})"


def amount_known(row: Any) -> str:
    """Estimate alone, or why there is none."""
    return numbers.number(row.estimate) if row.cell_status == "published" else CELL_STATUS[row.cell_status]


def count(value: object, cell_status: str) -> str:
    """Number of persons behind a row, or why it is not printed."""
    return numbers.number(value) if cell_status != "suppressed" else CELL_STATUS["suppressed"]  # type: ignore[arg-type]
