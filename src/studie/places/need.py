"""How many persons need a place, per municipality, target group and step: counted where counted, else estimated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.random import Generator

from studie.errors import InputError, InsufficientDataError, unknown
from studie.places.fitting import fitted
from studie.places.margins import Margins, margins_of
from studie.places.misfit import Counted, Misfit, counted_cells, hidden_chances, misfit, stated
from studie.places.need_cells import Cells, Z, cells_of
from studie.places.pairs import Floats

LEVEL = 0.95
DRAWS = 1000
Groups = Literal["overlapping", "disjoint"]
EVERYBODY = "alle"


@dataclass(frozen=True, kw_only=True)
class Need:
    """Persons in need per municipality, target group and step.

    Attributes
    ----------
    table : DataFrame
        `refnis, target_group, step, persons, lower, upper` [persons] and `method`: `counted` (a count, or a count that
        its source hides between bounds) or `estimated`; `basis` says more: `count`, `hidden count`, `source estimate`,
        `fitting`.
    draws : DataFrame, shape (draws, cells)
        Persons per draw; columns are the cells of `table` in order, as (refnis, target_group, step).
    misfit : DataFrame
        Per step with fitted cells: `spread, lower, upper` (relative standard deviation of real cells around a fit
        without interaction), `cells` it rests on, `basis`: `counted cells`, `other steps` or `stated`.
    groups : {"overlapping", "disjoint"}
        Whether a person can be in several target groups.
    level : float
        Coverage of each cell's interval, in (0, 1).
    n : int
        Counted cells.
    """

    table: pd.DataFrame
    draws: pd.DataFrame
    misfit: pd.DataFrame
    groups: str
    level: float
    n: int

    def total(self) -> pd.DataFrame:
        """Draws of persons in need per municipality, all steps together, shape (draws, municipalities).

        Raises
        ------
        InputError
            If target groups overlap and there is no row `alle` that counts every person once.
        """
        wanted = self.draws
        groups = wanted.columns.get_level_values("target_group")
        if EVERYBODY in groups:
            wanted = wanted.loc[:, groups == EVERYBODY]
        elif self.groups == "overlapping":
            raise InputError(
                f"groups: overlapping target groups are never added up; give rows of target group {EVERYBODY!r}, or "
                "groups='disjoint' when everybody is counted in one group only, got overlapping"
            )
        return wanted.T.groupby(level="refnis").sum().T

    def by_group(self) -> pd.DataFrame:
        """Draws of persons in need per municipality and target group, all steps together.

        Columns are (refnis, target_group); rows `alle` are left out where there are groups.
        """
        groups = self.draws.columns.get_level_values("target_group")
        named = groups != EVERYBODY
        kept = self.draws.loc[:, named] if named.any() else self.draws
        return kept.T.groupby(level=["refnis", "target_group"]).sum().T

    def to_frame(self) -> pd.DataFrame:
        """One row per cell: `refnis, target_group, step, method, basis` then `quantity, estimate, lower, upper, n,
        unit`; n is the number of counted cells behind the result.
        """
        keys = ["refnis", "target_group", "step", "method", "basis"]
        return self.table[keys].assign(
            quantity="need",
            estimate=self.table["persons"],
            lower=self.table["lower"],
            upper=self.table["upper"],
            n=self.n,
            unit="persons",
        )


def estimate(
    cells: pd.DataFrame,
    *,
    rng: Generator,
    composition: pd.DataFrame | None = None,
    rates: pd.DataFrame | None = None,
    margins: pd.DataFrame | None = None,
    groups: Groups = "overlapping",
    prior_misfit: float | None = None,
    source_level: float = 0.95,
    draws: int = DRAWS,
    level: float = LEVEL,
) -> Need:
    """Need = persons placed + persons waiting: the count where there is one, else rate × composition fitted to margins.

    A counted cell stays its count. A hidden count is drawn between its bounds. A cell that its source estimated is
    drawn from the source's interval. Every other cell of `composition` starts from rate × composition, with a spread
    that the counted cells show around such a fit, and is fitted to the margins draw by draw.

    Parameters
    ----------
    cells : DataFrame
        `refnis, target_group, step, persons, lower, upper, method` (`counted` or `estimated`) of one date, and where
        known `placed, waiting`. Counted without persons: hidden between `lower` and `upper`.
    rng : Generator
        Source of randomness.
    composition : DataFrame, optional
        `refnis, target_group, units` [inhabitants, or another proxy]: local composition. All its cells are estimated
        for every step in `cells` or `margins`; without it only the cells that are listed are.
    rates : DataFrame, optional
        `target_group, step, rate, lower, upper` [persons per unit] with a 95 % interval, of the province; with
        `refnis` as well for a rate of a smaller region's municipalities. Without rates each target group needs a
        margin.
    margins : DataFrame, optional
        `step, margin` (`refnis` or `target_group`), `key, persons, lower, upper`: totals. Exact where persons equal
        both bounds or bounds are missing; hidden where persons are missing; else estimated.
    groups : {"overlapping", "disjoint"}, default "overlapping"
        Overlapping target groups are never added up, so margins by `refnis` need disjoint ones.
    prior_misfit : float, optional
        Stated spread (relative standard deviation) for steps where too few cells are counted.
    source_level : float, default 0.95
        Coverage of the intervals in `cells`, `rates` and `margins`.
    draws : int, default 1000
        Monte-Carlo draws.
    level : float, default 0.95
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    Need
        Estimates are means of the draws, so they add up; bounds are moved out to whole persons.

    Raises
    ------
    InputError
        Wrong cells, persons that are not placed + waiting, exact margins that contradict each other or the counted
        cells (with both totals), cells without rate and margin.
    InsufficientDataError
        Too few counted cells to know the spread, and no `prior_misfit`.

    Notes
    -----
    n_ig ~ rate_g × units_ig × a_i × b_g × e_ig, with a_i and b_g by iterative proportional fitting [1]_ where margins
    exist, e_ig of mean 1 and variance 1/μ + τ². τ is learnt from counted cells by leaving out all interaction from
    their fit; it assumes that uncounted cells stray from proportionality as counted ones do. Where only large
    municipalities are counted, state a `prior_misfit` instead.

    References
    ----------
    .. [1] Deming, W. E. & Stephan, F. F. (1940). Ann. Math. Stat. 11(4), 427-444.
    """
    _check(groups, draws=draws, level=level, source_level=source_level)
    parsed = cells_of(cells, composition=composition, rates=rates, margins=margins, source_level=source_level)
    totals = margins_of(margins, parsed, groups=groups)
    counted = {one.step: _counted(one, totals[one.step]) for one in parsed}
    tables, drawn, spreads = [], [], []
    for one in parsed:
        spread, basis = _spread(one, counted, prior_misfit)
        result = _drawn(one, counted[one.step], totals[one.step], spread=spread, size=draws, rng=rng)
        table, kept = _summary(one, result, level)
        tables.append(table)
        drawn.append(kept)
        if spread is not None:
            middle, low, high = spread.quantiles(level)
            spreads.append((one.step, middle, low, high, spread.cells, basis))
    table = pd.concat(tables, ignore_index=True)
    columns = pd.MultiIndex.from_frame(table[["refnis", "target_group", "step"]])
    return Need(
        table=table,
        draws=pd.DataFrame(np.concatenate(drawn, axis=1), columns=columns),
        misfit=pd.DataFrame(spreads, columns=["step", "spread", "lower", "upper", "cells", "basis"]),
        groups=groups,
        level=level,
        n=int((table["method"] == "counted").sum()),
    )


def _check(groups: str, *, draws: int, level: float, source_level: float) -> None:
    """Options within their range."""
    if groups not in get_args(Groups):
        raise unknown("groups", groups, get_args(Groups))
    for name, value in (("level", level), ("source_level", source_level)):
        if not 0 < value < 1:
            raise InputError(f"{name}: must be in (0, 1), got {value}")
    if draws < 2:
        raise InputError(f"draws: must be at least 2, got {draws}")


def _counted(one: Cells, totals: Margins) -> Counted:
    """Counted cells of a step beside the fit that its other cells will get."""
    by_column = totals.columns is not None or not one.rated
    return counted_cells(
        one.seed,
        np.where(one.kind == "count", one.persons, np.nan),
        np.where(one.kind == "hidden count", one.lower, np.nan),
        np.where(one.kind == "hidden count", one.upper, np.nan),
        # without fitted cells the spread is only asked of hidden ones, whose own fit has both factors
        by_row=totals.rows is not None or not (one.kind == "fitting").any(),
        by_column=by_column,
    )


def _spread(one: Cells, counted: dict[str, Counted], prior: float | None) -> tuple[Misfit | None, str]:
    """Spread around the fit for a step that needs one, and what it rests on."""
    if not np.isin(one.kind, ("fitting", "hidden count")).any():
        return None, ""
    found = misfit([counted[one.step]])
    if found is not None:
        return found, "counted cells"
    others = [group for step, group in counted.items() if step != one.step]
    found = misfit(others) if others and prior is None else None
    if found is not None:
        return found, "other steps"
    if prior is not None:
        return stated(prior), "stated"
    if not (one.kind == "fitting").any():
        return stated(1.0), "stated"  # hidden counts stay between their bounds whatever the spread
    raise InsufficientDataError(
        f"cells: too few counted cells on step {one.step} and the others to know how far a fit is off; give "
        f"prior_misfit, got {int((one.kind == 'count').sum())} counted"
    )


def _drawn(
    one: Cells, counted: Counted, totals: Margins, *, spread: Misfit | None, size: int, rng: Generator
) -> Floats:
    """Draws of all cells of a step, fitted to its margins, shape (draws, k, g)."""
    shape = (size, *one.kind.shape)
    result = np.broadcast_to(np.nan_to_num(one.persons), shape).copy()
    source, hidden, free = (one.kind == word for word in ("source estimate", "hidden count", "fitting"))
    if source.any():
        result[:, source] = _split_normal(one, source, size, rng)
    taus = np.zeros(size) if spread is None else spread.draws(size, rng)
    if hidden.any():
        result[:, hidden] = _hidden(one, counted, hidden, taus, rng)
    if free.any():
        result[:, free] = _free(one, totals, free, taus, rng)
    adjustable = source | hidden | free
    if not adjustable.any() or (totals.rows is None and totals.columns is None):
        return result
    rows, columns = totals.draws(size, rng, one=one)
    bounds = (np.where(hidden, one.lower, 0.0), np.where(hidden, one.upper, np.inf))
    lower, upper = bounds if hidden.any() else (None, None)
    return fitted(result, free=adjustable, rows=rows, columns=columns, lower=lower, upper=upper)


def _split_normal(one: Cells, mask: np.ndarray, size: int, rng: Generator) -> Floats:
    """Draws from a source's own interval: its lower half-width below the estimate, its upper one above, at least 0."""
    middle, low, high = one.persons[mask], one.lower[mask], one.upper[mask]
    z = rng.standard_normal((size, int(mask.sum()))) / Z(one.source_level)
    return np.clip(middle + np.where(z < 0, z * (middle - low), z * (high - middle)), 0.0, None)


def _hidden(one: Cells, counted: Counted, mask: np.ndarray, taus: Floats, rng: Generator) -> Floats:
    """Draws of hidden counts: whole numbers between the bounds, by the fitted mean."""
    chance, whole = hidden_chances(counted.mean[mask], one.lower[mask], one.upper[mask], float(np.median(taus)) or 0.25)
    pick = rng.random((len(taus), len(whole), 1)) > np.cumsum(chance, axis=1)[None]
    position = np.minimum(pick.sum(axis=2), whole.shape[1] - 1)
    return np.asarray(whole[np.arange(len(whole))[None, :], position])


def _free(one: Cells, totals: Margins, mask: np.ndarray, taus: Floats, rng: Generator) -> Floats:
    """Draws of uncounted cells before fitting: seed × rate error × misfit and chance."""
    mean = totals.scaled(one)[mask]
    columns = np.nonzero(mask)[1]
    noise = rng.standard_normal((len(taus), one.kind.shape[1])) / Z(one.source_level)
    below, above = one.rate_error
    error = np.exp(np.where(noise < 0, noise * below, noise * above))[:, columns]
    variance = 1 / np.maximum(mean, 1e-9)[None, :] + np.square(taus)[:, None]
    return np.asarray(np.maximum(mean * error * rng.gamma(1 / variance, variance), 1e-12) * (mean > 0))


def _summary(one: Cells, result: Floats, level: float) -> tuple[pd.DataFrame, Floats]:
    """Table and draws of the cells that exist."""
    rows, columns = np.nonzero(one.kind != "")
    kept = result[:, rows, columns]
    kind = one.kind[rows, columns]
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2], axis=0)
    mean = kept.mean(axis=0)
    table = pd.DataFrame(
        {
            "refnis": np.asarray(one.refnis)[rows],
            "target_group": np.asarray(one.target_group, dtype=object)[columns],
            "step": one.step,
            "persons": mean,
            "lower": np.floor(np.minimum(low, mean) + 1e-9),
            "upper": np.ceil(np.maximum(high, mean) - 1e-9),
            "method": np.where(np.isin(kind, ("count", "hidden count")), "counted", "estimated"),
            "basis": kind,
        }
    )
    return table, kept
