"""Which covariates act: columns of a panel as a design matrix of unique rows, one column per effect."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studie.errors import InputError, unknown
from studie.ladder.coding import LISTED, FloatArray, IntArray
from studie.ladder.observations import Observations


@dataclass(frozen=True, kw_only=True)
class Design:
    """Unique covariate values as numbers.

    Attributes
    ----------
    columns : tuple of str
        One per effect: a numeric covariate, ``'support[job coach]'`` for a level, ``'period 2'``.
    rows : array, shape (u × periods, v)
        Values; the periods of one covariate combination stand together.
    source : tuple of str
        Covariate that each column comes from (``'period 2'`` for itself).
    levels : dict
        Levels of each covariate that is not numeric; the first is the reference.
    periods : int
    """

    columns: tuple[str, ...]
    rows: FloatArray
    source: tuple[str, ...]
    levels: dict[str, tuple[Hashable, ...]]
    periods: int

    @property
    def names(self) -> tuple[str, ...]:
        """Covariates, without the periods."""
        return tuple(dict.fromkeys(name for name in self.source if not name.startswith("period ")))

    def point(self, means: FloatArray, values: Mapping[str, Any], period: int | None = None) -> FloatArray:
        """Values of the columns for given covariates; the mean where a covariate is not given.

        Raises
        ------
        InputError
            A covariate, level or period is unknown.
        """
        x = means.copy()
        for name, value in values.items():
            if name in self.levels:
                levels = self.levels[name]
                if value not in levels:
                    raise unknown(name, value, map(str, levels))
                for level in levels[1:]:
                    x[self.columns.index(f"{name}[{level}]")] = float(value == level)
            elif name in self.source:
                try:
                    number = float(value)
                except (TypeError, ValueError):
                    number = float("nan")
                if not np.isfinite(number):
                    raise InputError(f"{name}: must be a finite number, got {value!r}")
                x[self.columns.index(name)] = number
            else:
                raise unknown("covariate", name, set(self.source))
        if period is not None:
            if not 1 <= period <= self.periods:
                raise InputError(f"period: must lie in 1 to {self.periods}, got {period}")
            for p in range(2, self.periods + 1):
                x[self.columns.index(f"period {p}")] = float(p == period)
        return x


def design(
    observations: Observations, rows: IntArray, covariates: Sequence[str], periods: int, *, like: Design | None = None
) -> tuple[IntArray, Design]:
    """Code of the covariate combination per row, and the unique combinations.

    Parameters
    ----------
    observations : Observations
    rows : int array
        Rows whose values are needed.
    covariates : sequence of str
    periods : int
    like : Design, optional
        A design whose levels are used, for other observations under an existing fit.

    Raises
    ------
    InputError
        A covariate was not carried by `from_panel`, is missing, or has one value only.
    """
    code = np.zeros(len(rows), dtype=np.int64)
    for name in covariates:
        if name not in observations.covariates.columns:
            raise unknown("covariates", name, map(str, observations.covariates.columns))
        each, distinct = pd.factorize(observations.covariates[name].iloc[rows])
        _check(name, each, distinct if like is None else None, observations, rows)
        code, _ = pd.factorize(code * len(distinct) + each)
    first = np.unique(code, return_index=True)[1] if covariates else np.zeros(1, dtype=np.int64)
    values = observations.covariates[list(covariates)].iloc[rows[first] if len(rows) else first]
    return code, table(values, periods, like=like)


def table(values: pd.DataFrame, periods: int, *, like: Design | None = None) -> Design:
    """Design of these covariate combinations, one per row, over a number of periods.

    Parameters
    ----------
    values : DataFrame, shape (u, v)
    periods : int
    like : Design, optional
        A design whose levels are used.
    """
    columns: list[str] = []
    source: list[str] = []
    levels: dict[str, tuple[Hashable, ...]] = {}
    blocks: list[NDArray[Any]] = []
    for name, column in values.items():
        if pd.api.types.is_numeric_dtype(column.dtype):
            blocks.append(column.to_numpy(dtype=float)[:, None])
            columns.append(str(name))
            source.append(str(name))
            continue
        levels[str(name)] = _levels(column, None if like is None else like.levels[str(name)])
        for level in levels[str(name)][1:]:
            blocks.append((column == level).to_numpy(dtype=float)[:, None])
            columns.append(f"{name}[{level}]")
            source.append(str(name))
    base = np.hstack(blocks) if blocks else np.zeros((len(values), 0))
    rows = np.repeat(base, periods, axis=0)
    if periods > 1:
        rows = np.hstack((rows, np.tile(np.eye(periods)[:, 1:], (len(base), 1))))
        names = [f"period {p}" for p in range(2, periods + 1)]
        columns, source = columns + names, source + names
    return Design(columns=tuple(columns), rows=rows, source=tuple(source), levels=levels, periods=periods)


def _levels(column: pd.Series, known: tuple[Hashable, ...] | None) -> tuple[Hashable, ...]:
    """Levels that occur, the reference first; those of an existing design when there is one."""
    present = set(column)
    if known is not None:
        for level in present:
            if level not in known:
                raise unknown(str(column.name), level, map(str, known))
        return known
    order = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else sorted(present, key=str)
    return tuple(level for level in order if level in present)


def _check(name: str, codes: IntArray, distinct: Any, observations: Observations, rows: IntArray) -> None:
    """Refuse a covariate that is missing where it is needed, or that never differs."""
    absent = np.flatnonzero(codes < 0)
    if len(absent):
        who = ", ".join(
            f"person {observations.persons[observations.person[rows[i]]]} at time {observations.time[rows[i]]:g}"
            for i in absent[:LISTED]
        )
        raise InputError(f"{name}: must not be missing where an interval starts, got {len(absent)} missing ({who})")
    if distinct is not None and len(distinct) < 2:
        value = distinct[0] if len(distinct) else "none"
        raise InputError(f"{name}: a covariate needs at least two values, got only {value}")
