"""Histories made fit to forecast: one complete run of values per series, with every repair stated.

The long frame (`series, period, value`) is checked and turned into one gapless array per series. What was
repaired (missing periods, hidden counts, breaks) is written down per series, so that a report can say it.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from studie.errors import InputError

_FREQUENCY = {1: "Y", 2: "Q", 4: "Q", 6: "M", 12: "M", 52: "W"}
_QUARTER = re.compile(r"^(\d{4})[- ]?[QKqk]([1-4])$")


@dataclass(frozen=True, kw_only=True)
class Series:
    """One series, complete from its first used period to its last.

    Attributes
    ----------
    label : hashable
        Name of the series.
    start : Period
        Period of the first value.
    values : ndarray, shape (n,)
        Values >= 0, no gaps.
    notes : tuple of str
        What was repaired, in words; empty when nothing was.
    imputed : int
        Values that were filled in (missing or hidden).
    """

    label: Hashable
    start: pd.Period
    values: np.ndarray
    notes: tuple[str, ...] = ()
    imputed: int = 0

    @property
    def end(self) -> pd.Period:
        """Period of the last value."""
        return self.start + (len(self.values) - 1)


def as_periods(column: pd.Series, *, season: int) -> pd.PeriodIndex:
    """Periods of a column of periods, dates or strings ('2024-05', '2024Q2').

    Parameters
    ----------
    column : Series
        Anything pandas reads as periods.
    season : int
        Periods in a year; tells months from quarters where the values do not.

    Raises
    ------
    InputError
        If a value is missing or cannot be read.
    """
    if column.isna().any():
        raise InputError(f"history: every row needs a period, got {int(column.isna().sum())} without")
    if isinstance(column.dtype, pd.PeriodDtype):
        return pd.PeriodIndex(column)
    frequency = _FREQUENCY.get(season, "M")
    first = column.iloc[0]
    if isinstance(first, pd.Period):
        return pd.PeriodIndex(column.to_numpy(), freq=first.freqstr)
    if isinstance(first, int | np.integer | float | np.floating) and season != 1:
        raise InputError(f"history: period must be a month, quarter or date, got the number {first}")
    if isinstance(first, int | np.integer | str):
        column = column.astype(str).str.strip()
        if column.str.match(_QUARTER).all():
            return pd.PeriodIndex(column.str.replace(_QUARTER, r"\1Q\2", regex=True), freq="Q")
    try:
        dates = column.to_numpy() if pd.api.types.is_datetime64_any_dtype(column) else _dates(column)
        return pd.PeriodIndex(pd.DatetimeIndex(dates), freq=frequency)
    except (ValueError, TypeError) as error:
        raise InputError(f"history: period must be a month, quarter or date, got {first!r}") from error


def _dates(column: pd.Series) -> pd.DatetimeIndex:
    """Dates of ISO strings, as years, months or days."""
    return pd.DatetimeIndex(pd.to_datetime(column.to_numpy(), format="ISO8601"))


def read(history: pd.DataFrame, *, season: int) -> list[Series]:
    """Series of a long frame, checked, repaired and in the order of first appearance.

    Parameters
    ----------
    history : DataFrame
        Columns `series, period, value` [any non-negative unit]; optionally `lower, upper` (bounds of a value
        that is hidden: `value` is missing there) and `break` (True at the first period after a break).
    season : int
        Periods in a season.

    Returns
    -------
    list of Series
        One per series.

    Raises
    ------
    InputError
        Missing columns, no rows, duplicate periods, negative or infinite values, bounds the wrong way round.

    Notes
    -----
    A missing period inside a series is filled by linear interpolation of the seasonally adjusted values when at
    most half a season is missing in a row; after a longer gap the history starts anew. A hidden count is the
    mean of a Poisson variable known to lie within the bounds [1]_, with the rate of the same series. At a
    break the earlier part is rescaled to the level of the first season after it, or dropped where two seasons
    or more follow.

    References
    ----------
    .. [1] Cohen, A. C. (1954). Estimation of the Poisson parameter from truncated samples. JASA 49, 158-168.
    """
    if not isinstance(season, int | np.integer) or season < 1:
        raise InputError(f"season: must be a whole number of at least 1, got {season!r}")
    missing = [name for name in ("series", "period", "value") if name not in history.columns]
    if missing:
        raise InputError(f"history: needs the columns series, period, value, got no {', '.join(missing)}")
    if history.empty:
        raise InputError("history: needs at least one row, got none")
    frame = history.reset_index(drop=True)
    frame = frame.assign(
        period=as_periods(frame["period"], season=season),
        value=pd.to_numeric(frame["value"], errors="coerce").astype(float),
    )
    _check(frame, history)
    code, labels = pd.factorize(_objects(frame["series"]))
    return [_one(labels[k], frame[code == k], season) for k in range(len(labels))]


def _objects(column: pd.Series) -> np.ndarray:
    """Labels as objects: pairs stay pairs."""
    labels = np.empty(len(column), dtype=object)
    labels[:] = list(column)
    return labels


def _check(frame: pd.DataFrame, history: pd.DataFrame) -> None:
    """Refuse what no repair can make right."""
    problems = []
    unreadable = frame["value"].isna() & history["value"].reset_index(drop=True).notna()
    if unreadable.any():
        bad = history["value"].reset_index(drop=True)[unreadable].iloc[0]
        problems.append(f"history: value must be a number, got {bad!r}")
    nameless = int(frame["series"].isna().sum())
    if nameless:
        problems.append(f"history: every row needs a series, got {nameless} without")
    twice = frame.duplicated(["series", "period"])
    if twice.any():
        row = frame[twice].iloc[0]
        problems.append(f"history: one row per series and period, got {row['series']} {row['period']} twice")
    for rule, wrong in (("at least 0", frame["value"] < 0), ("finite", np.isinf(frame["value"]))):
        if wrong.any():
            row = frame[wrong].iloc[0]
            problems.append(f"history: value must be {rule}, got {row['value']} in {row['series']} {row['period']}")
    if {"lower", "upper"} <= set(frame.columns):
        wrong = frame["value"].isna() & ((frame["lower"] > frame["upper"]) | (frame["lower"] < 0))
        if wrong.any():
            row = frame[wrong].iloc[0]
            problems.append(
                f"history: needs 0 <= lower <= upper, got {row['lower']}, {row['upper']} in {row['series']}"
            )
    if problems:
        raise InputError(*problems)


def _one(label: Hashable, rows: pd.DataFrame, season: int) -> Series:
    """One gapless series with its notes."""
    rows = rows.sort_values("period").set_index("period")
    hidden = _hidden(rows)
    known = rows["value"].notna() | hidden
    if not known.any():
        raise InputError(f"history: a series needs at least one value, got none for {label}")
    seen = pd.PeriodIndex(rows.index[known.to_numpy()])
    span = pd.period_range(seen.min(), seen.max())
    values = rows["value"].reindex(span).to_numpy(float)
    notes: list[str] = []
    hidden_at = hidden.reindex(span, fill_value=False).to_numpy(bool)
    if hidden_at.any():
        bounds = rows.loc[:, ["lower", "upper"]].reindex(span).to_numpy(float)
        values[hidden_at] = _truncated_poisson(values, bounds[hidden_at])
        notes.append(f"{int(hidden_at.sum())} hidden values set to their expected value within the bounds")
    marks = rows["break"].reindex(span) if "break" in rows else pd.Series(False, index=span)
    start, gap_note = _after_long_gap(values, season)
    values, hidden_at = values[start:], hidden_at[start:]
    breaks = np.flatnonzero(marks.to_numpy(dtype=object)[start:] == True)  # noqa: E712 - column may hold missing
    empty = np.isnan(values)
    if gap_note:
        notes.append(gap_note)
    if empty.any():
        values = _fill(values, season)
        notes.append(f"{int(empty.sum())} missing periods interpolated")
    imputed = empty | hidden_at
    for at in breaks[::-1]:
        if at == 0:
            continue
        if len(values) - at >= 2 * season:
            values, imputed, start = values[at:], imputed[at:], start + int(at)
            notes.append(f"history before the break in {span[start]} left out")
            break
        values = _shift(values, int(at), season)
        notes.append(f"history before the break in {span[start + int(at)]} rescaled")
    return Series(label=label, start=span[start], values=values, notes=tuple(notes), imputed=int(imputed.sum()))


def _hidden(rows: pd.DataFrame) -> pd.Series:
    """Rows whose value is only known to lie within bounds."""
    if not {"lower", "upper"} <= set(rows.columns):
        return pd.Series(False, index=rows.index)
    return rows["value"].isna() & rows["lower"].notna() & rows["upper"].notna()


def _truncated_poisson(values: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Expected values of hidden counts by EM: Poisson within the bounds, one rate for the series."""
    seen = values[~np.isnan(values)]
    filled = bounds.mean(axis=1)
    for _ in range(50):
        rate = max((seen.sum() + filled.sum()) / (seen.size + filled.size), 1e-9)
        below = stats.poisson.cdf(np.ceil(bounds[:, 0]) - 1, rate)
        mass = stats.poisson.cdf(np.floor(bounds[:, 1]), rate) - below
        above = stats.poisson.cdf(np.floor(bounds[:, 1]) - 1, rate) - stats.poisson.cdf(np.ceil(bounds[:, 0]) - 2, rate)
        expected = np.where(mass > 1e-12, rate * above / np.where(mass > 1e-12, mass, 1.0), filled)
        expected = np.clip(expected, bounds[:, 0], bounds[:, 1])
        if np.max(np.abs(expected - filled)) < 1e-8:
            break
        filled = expected
    return filled


def _after_long_gap(values: np.ndarray, season: int) -> tuple[int, str]:
    """Where history starts when a gap longer than half a season is in it."""
    longest = max(season // 2, 1)
    gap = 0
    start = 0
    for position, empty in enumerate(np.isnan(values)):
        gap = gap + 1 if empty else 0
        if gap > longest:
            start = position + 1
    while start < len(values) and np.isnan(values[start]):
        start += 1
    return start, f"history before a gap of more than {longest} periods left out" if start else ""


def _fill(values: np.ndarray, season: int) -> np.ndarray:
    """Interpolate linearly after taking the season off."""
    position = np.arange(len(values))
    empty = np.isnan(values)
    offset = np.zeros(season)
    if np.sum(~empty) >= 2 * season:
        centred = values - np.nanmean(values)
        for month in range(season):
            at = centred[month::season]
            offset[month] = np.nanmean(at) if (~np.isnan(at)).any() else 0.0
    adjusted = values - offset[position % season]
    filled = np.interp(position[empty], position[~empty], adjusted[~empty]) + offset[position[empty] % season]
    result = values.copy()
    result[empty] = np.maximum(filled, 0.0)
    return result


def _shift(values: np.ndarray, at: int, season: int) -> np.ndarray:
    """Rescale what came before a break to the level after it, like months with like months."""
    after = values[at : at + season]
    before = values[max(at - season, 0) : at]
    if len(after) < season and len(before) == season:
        before = before[(np.arange(at, at + len(after)) - (at - season)) % season]
    ratio = after.mean() / before.mean() if before.mean() > 0 else 1.0
    return np.concatenate([values[:at] * ratio, values[at:]])
