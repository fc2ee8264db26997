"""Which cells are too small to print: the threshold rule on counts of persons and on what rests on them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

THRESHOLD = 10
VALUES = ("estimate", "lower", "upper", "n")
PERSON_UNITS = frozenset({"persons", "moves", "person-months"})
SHARE_UNITS = frozenset({"share", "probability"})
YEARLY_UNITS = frozenset({"person a year"})  # a number of persons whose n counts years, not persons
PERSON_TABLES = frozenset({"ladder_panel", "ladder_stock", "ladder_flow", "need", "training", "employment"})


def about_persons(tables: Iterable[str]) -> bool:
    """Whether a result made from these tables counts persons, so that the threshold rule applies to it."""
    return not PERSON_TABLES.isdisjoint(tables)


def small(counts: pd.Series, *, threshold: float = THRESHOLD) -> pd.Series:
    """Mask of counts that may not be printed: above 0 and below the threshold.

    Parameters
    ----------
    counts : Series
        Counts of persons [count]; unknown is never small.
    threshold : float, default 10
        Smallest count that may be printed.

    Raises
    ------
    ValueError
        If the threshold is not positive.
    """
    if threshold <= 0:
        raise ValueError(f"threshold: must be positive, got {threshold}")
    numeric = pd.to_numeric(counts, errors="coerce")
    return (numeric > 0) & (numeric < threshold)


def primary(frame: pd.DataFrame, *, threshold: float = THRESHOLD) -> pd.DataFrame:
    """Result frame with its small cells emptied and a column `cell_status`.

    A row is suppressed when it states a count of persons below the threshold, when its estimate rests on fewer
    persons than the threshold, or when a share and its `n` together state such a count: 3 % of 100 are three
    persons, and so are the rest of 97 %. Suppressed, missing and zero
    stay three different things: `cell_status` is `suppressed`, `missing` (nothing observed) or `published`.

    Parameters
    ----------
    frame : DataFrame
        Columns `quantity, estimate, lower, upper, n, unit` and any keys; `n` counts persons or moves of persons.
    threshold : float, default 10
        Smallest count that may be printed.

    Returns
    -------
    DataFrame
        A copy; `estimate`, `lower`, `upper` and `n` are NA where suppressed.

    Raises
    ------
    ValueError
        If one of the six columns is missing.

    Notes
    -----
    Primary suppression only: a single suppressed cell can still follow from a margin that is printed beside it.
    Tables with margins print no margin of persons for that reason.

    References
    ----------
    .. [1] Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley, ch. 4-5.
    """
    absent = [column for column in ("quantity", *VALUES, "unit") if column not in frame]
    if absent:
        raise ValueError(f"frame: needs columns quantity, estimate, lower, upper, n, unit, got none named {absent}")
    yearly = frame["unit"].isin(YEARLY_UNITS)
    hidden = ~yearly & small(frame["n"], threshold=threshold)
    counts_persons = yearly | frame["unit"].isin(PERSON_UNITS)
    hidden |= counts_persons & small(frame["estimate"].abs(), threshold=threshold)
    part = (frame["estimate"] * frame["n"]).where(frame["unit"].isin(SHARE_UNITS))
    hidden |= small(part.round(6), threshold=threshold) | small((frame["n"] - part).round(6), threshold=threshold)
    missing = frame["estimate"].isna()
    protected = frame.astype(dict.fromkeys(VALUES, "Float64"))
    protected.loc[hidden, list(VALUES)] = pd.NA
    status = np.select([hidden, missing], ["suppressed", "missing"], default="published")
    return protected.assign(cell_status=status)
