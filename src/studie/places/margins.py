"""Totals that cells of need must add up to: exact ones must agree, estimated and hidden ones are reconciled by draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator

from studie.errors import InputError
from studie.places.fitting import fitted
from studie.places.need_cells import Cells, Z
from studie.places.pairs import Floats

COLUMNS = ["step", "margin", "key", "persons", "lower", "upper"]
SAME = 1e-6  # persons


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Totals of one side, shape (k,) or (g,): `persons` (missing where hidden), `lower, upper`, all missing where there
    is no total.
    """

    persons: Floats
    lower: Floats
    upper: Floats

    @property
    def exact(self) -> np.ndarray:
        """Which totals are exact."""
        return np.asarray(self.lower == self.upper)

    @property
    def given(self) -> np.ndarray:
        """Which totals there are."""
        return np.asarray(~np.isnan(self.lower))

    @property
    def middle(self) -> Floats:
        """The total, or the middle of its bounds."""
        return np.where(np.isnan(self.persons), (self.lower + self.upper) / 2, self.persons)

    def draws(self, size: int, rng: Generator, source_level: float) -> Floats:
        """Draws: estimated totals by their interval, hidden ones evenly over the whole numbers between the bounds."""
        z = rng.standard_normal((size, len(self.lower))) / Z(source_level)
        even = self.lower + np.floor(rng.random((size, len(self.lower))) * (self.upper - self.lower + 1))
        middle = self.middle
        drawn = middle + np.where(z < 0, z * (middle - self.lower), z * (self.upper - middle))
        drawn = np.where(np.isnan(self.persons), np.minimum(even, self.upper), np.clip(drawn, 0.0, None))
        return np.where(self.exact, self.lower, drawn)


@dataclass(frozen=True, kw_only=True)
class Margins:
    """Totals of one step by municipality and by target group; None where there are none."""

    rows: Totals | None
    columns: Totals | None

    def scaled(self, one: Cells) -> Floats:
        """Seeds of the cells to fit, at the size that the totals leave for them, shape (k, g)."""
        free = one.kind == "fitting"
        known = np.where(np.isnan(one.persons), (one.lower + one.upper) / 2, one.persons)
        table = np.where(free, one.seed, np.nan_to_num(known))[None]
        targets = [None if side is None else side.middle[None] for side in (self.rows, self.columns)]
        if not one.rated and free.any():  # only totals know the size
            rest = np.zeros(one.seed.shape[1]) if targets[1] is None else np.nan_to_num(targets[1][0])
            if targets[1] is None or (np.isnan(targets[1][0]) & free.any(axis=0)).any():
                raise InputError(
                    f"margins: without rates every target group needs a total, got none for all on step {one.step}"
                )
            held = np.where(free, 0.0, table[0]).sum(axis=0)
            size = np.where(free, one.seed, 0.0).sum(axis=0)
            factor = np.divide(np.clip(rest - held, 0, None), size, out=np.zeros_like(size), where=size > 0)
            table = np.where(free, one.seed * factor, table)
        if targets[0] is not None and targets[1] is not None:
            # middles of estimated totals need not agree, so the last side fitted wins; draws reconcile them first
            targets[1] = _rescaled(self.columns, targets[1], float(np.nansum(targets[0])), self.rows)
        try:
            return np.asarray(fitted(table, free=free, rows=targets[0], columns=targets[1])[0])
        except InputError:
            return np.asarray(table[0])

    def draws(self, size: int, rng: Generator, *, one: Cells) -> tuple[Floats | None, Floats | None]:
        """Totals per draw of both sides, with one grand total where both are complete."""
        rows = None if self.rows is None else self.rows.draws(size, rng, one.source_level)
        columns = None if self.columns is None else self.columns.draws(size, rng, one.source_level)
        if rows is None or columns is None or np.isnan(rows).any() or np.isnan(columns).any():
            return rows, columns
        assert self.rows is not None
        assert self.columns is not None
        first, second = rows.sum(axis=1), columns.sum(axis=1)
        weights = [1 / max(float(total.var()), 1e-12) for total in (first, second)]
        common = (weights[0] * first + weights[1] * second) / sum(weights)
        if self.rows.exact.all() or self.columns.exact.all():
            common = first if self.rows.exact.all() else second
        return _moved(self.rows, rows, common), _moved(self.columns, columns, common)


def margins_of(margins: pd.DataFrame | None, cells: list[Cells], *, groups: str) -> dict[str, Margins]:
    """Margins per step, checked against each other and against the counted cells.

    Raises
    ------
    InputError
        Unknown keys, wrong bounds, margins by municipality while target groups overlap, exact totals that contradict
        each other or the cells (with both totals).
    """
    if margins is None:
        return {one.step: Margins(rows=None, columns=None) for one in cells}
    frame = _checked(margins)
    if groups == "overlapping" and (frame["margin"] == "refnis").any():
        raise InputError(
            "margins: totals per municipality need disjoint target groups, since overlapping ones are never added up, "
            "got groups='overlapping'"
        )
    found = {}
    for one in cells:
        here = frame[frame["step"] == one.step]
        sides = Margins(
            rows=_side(here[here["margin"] == "refnis"], one.refnis),
            columns=_side(here[here["margin"] == "target_group"], one.target_group),
        )
        _agree(one.step, sides)
        for name, side, axis, keys in (
            ("municipality", sides.rows, 1, one.refnis),
            ("target group", sides.columns, 0, one.target_group),
        ):
            if side is not None:
                _possible(one, side, name=name, axis=axis, keys=keys)
        found[one.step] = sides
    return found


def _checked(margins: pd.DataFrame) -> pd.DataFrame:
    """Margins with numbers as floats and exact totals with equal bounds."""
    absent = [name for name in COLUMNS if name not in margins.columns]
    if absent:
        raise InputError(f"margins: needs the columns {', '.join(COLUMNS)}, got no {', '.join(absent)}")
    frame = margins[COLUMNS].copy()
    frame["step"] = frame["step"].astype(str)
    for name in ("persons", "lower", "upper"):
        frame[name] = pd.to_numeric(frame[name]).astype("Float64").to_numpy(float, na_value=np.nan)
    wrong = sorted(set(frame["margin"]) - {"refnis", "target_group"})
    if wrong:
        raise InputError(f"margins: margin must be refnis or target_group, got {wrong[0]!r}")
    if frame.duplicated(["step", "margin", "key"]).any():
        raise InputError("margins: one row per step, margin and key, got one twice")
    exact = frame["lower"].isna() & frame["upper"].isna()
    for name in ("lower", "upper"):
        frame[name] = frame[name].where(~exact, frame["persons"])
    low, high, persons = frame["lower"], frame["upper"], frame["persons"]
    bad = low.isna() | high.isna() | (low < 0) | (low > high) | (persons < low) | (persons > high)
    if bad.any():
        row = frame[bad].iloc[0]
        raise InputError(f"margins: need 0 <= lower <= persons <= upper, got another order for {row['key']}")
    return frame


def _side(frame: pd.DataFrame, keys: list[int] | list[str]) -> Totals | None:
    """Totals in the order of the cells."""
    if frame.empty:
        return None
    names = pd.Index([str(key) for key in keys])
    given = frame["key"].astype(str)
    strange = sorted(set(given) - set(names))
    if strange:
        raise InputError(f"margins: keys must be those of the cells, got {strange[0]}")
    values = frame.set_index(given)[["persons", "lower", "upper"]].reindex(names)
    return Totals(**{name: values[name].to_numpy(float) for name in values.columns})


def _agree(step: str, sides: Margins) -> None:
    """Both sides add up to one total, or to ranges that meet."""
    if sides.rows is None or sides.columns is None:
        return
    if not (sides.rows.given.all() and sides.columns.given.all()):
        return
    ranges = [_range(side) for side in (sides.rows, sides.columns)]
    (low_r, high_r), (low_c, high_c) = ranges
    if low_r > high_c + SAME or low_c > high_r + SAME:
        rows, columns = (_shown(bounds) for bounds in ranges)
        raise InputError(
            f"margins: totals on step {step} contradict each other, municipalities add up to {rows} and target groups "
            f"to {columns} persons"
        )


def _range(side: Totals) -> tuple[float, float]:
    """What a side can add up to: estimated totals can be anything, hidden ones lie between bounds."""
    estimated = ~side.exact & ~np.isnan(side.persons)
    low = float(np.where(estimated, 0.0, side.lower).sum())
    high = float(np.where(estimated, np.inf, side.upper).sum())
    return low, high


def _shown(bounds: tuple[float, float]) -> str:
    """A total, or its range."""
    low, high = bounds
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _possible(one: Cells, side: Totals, *, name: str, axis: int, keys: list[int] | list[str]) -> None:
    """Exact totals can be reached by counted cells and what is free."""
    free = np.isin(one.kind, ("fitting", "source estimate"))
    least = np.where(free | (one.kind == ""), 0.0, one.lower).sum(axis=axis)
    most = np.where(free, np.inf, np.where(one.kind == "", 0.0, one.upper)).sum(axis=axis)
    for key, total, exact, low, high in zip(keys, side.lower, side.exact, least, most, strict=True):
        if exact and not low - SAME <= total <= high + SAME:
            raise InputError(
                f"margins: the total of {name} {key} on step {one.step} contradicts its cells, got {total:g} where the "
                f"cells add up to {_shown((float(low), float(high)))} persons"
            )


def _moved(side: Totals, drawn: Floats, common: Floats) -> Floats:
    """Totals that are not exact, scaled so that the side adds up to the common total of its draw."""
    exact = side.exact
    if exact.all():
        return drawn
    rest = np.clip(common - drawn[:, exact].sum(axis=1), 0.0, None)
    loose = drawn[:, ~exact]
    total = loose.sum(axis=1)
    factor = np.divide(rest, total, out=np.ones_like(total), where=total > 0)
    moved = drawn.copy()
    moved[:, ~exact] = loose * factor[:, None]
    return moved


def _rescaled(side: Totals | None, middle: Floats, total: float, other: Totals | None) -> Floats:
    """Middle totals of one side at the other side's sum, where that one is complete."""
    complete = side is not None and other is not None and side.given.all() and other.given.all()
    return middle * total / float(middle.sum()) if complete and float(middle.sum()) > 0 else middle
