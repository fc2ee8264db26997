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
                x[self.columns.index(name)] = float(value)
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
    columns: list[str] = []
    source: list[str] = []
    levels: dict[str, tuple[Hashable, ...]] = {}
    blocks: list[NDArray[Any]] = []
    first = np.zeros(1, dtype=np.int64)
    found: list[tuple[str, pd.Series]] = []
    for name in covariates:
        if name not in observations.covariates.columns:
            raise unknown("covariates", name, map(str, observations.covariates.columns))
        column = observations.covariates[name].iloc[rows]
        each, distinct = pd.factorize(column)
        _check(name, each, distinct if like is None else None, observations, rows)
        code, _ = pd.factorize(code * len(distinct) + each)
        found.append((name, column))
    if found:
        first = np.unique(code, return_index=True)[1]
    for name, column in found:
        values = column.iloc[first]
        if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
            blocks.append(values.to_numpy(dtype=float)[:, None])
            columns.append(name)
            source.append(name)
            continue
        known = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else sorted(set(values), key=str)
        present = set(values)
        levels[name] = tuple(level for level in known if level in present)
        if like is not None:
            for level in levels[name]:
                if level not in like.levels[name]:
                    raise unknown(name, level, map(str, like.levels[name]))
            levels[name] = like.levels[name]
        for level in levels[name][1:]:
            blocks.append((values == level).to_numpy(dtype=float)[:, None])
            columns.append(f"{name}[{level}]")
            source.append(name)
    base = np.hstack(blocks) if blocks else np.zeros((len(first), 0))
    table = np.repeat(base, periods, axis=0)
    if periods > 1:
        dummies = np.tile(np.eye(periods)[:, 1:], (len(base), 1))
        table = np.hstack((table, dummies))
        names = [f"period {p}" for p in range(2, periods + 1)]
        columns, source = columns + names, source + names
    return code, Design(columns=tuple(columns), rows=table, source=tuple(source), levels=levels, periods=periods)


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
