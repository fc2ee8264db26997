"""Cells of need as tables per step: what is counted, hidden, estimated by its source, or still to be fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from studie.errors import InputError
from studie.places.pairs import Floats

KEYS = ["refnis", "target_group", "step"]
KINDS = ("count", "hidden count", "source estimate", "fitting")


@dataclass(frozen=True, kw_only=True)
class Cells:
    """One step as tables of shape (k, g).

    `kind` is one of `KINDS` or empty where there is no such cell; `persons, lower, upper` as the source gives them;
    `seed` is rate × composition (or 1); `rate_error` (2, g): half-widths of the log rate below and above.
    """

    step: str
    refnis: list[int]
    target_group: list[str]
    kind: NDArray[np.object_]
    persons: Floats
    lower: Floats
    upper: Floats
    seed: Floats
    rated: bool
    rate_error: Floats
    source_level: float


def Z(level: float) -> float:  # noqa: N802 -- the usual symbol
    """Half-width of a central normal interval, in standard deviations."""
    return float(stats.norm.ppf((1 + level) / 2))


def cells_of(
    cells: pd.DataFrame,
    *,
    composition: pd.DataFrame | None,
    rates: pd.DataFrame | None,
    margins: pd.DataFrame | None,
    source_level: float,
) -> list[Cells]:
    """Tables per step, in the order of the steps.

    Raises
    ------
    InputError
        As `need.estimate`.
    """
    frame = _checked_cells(cells)
    units = None if composition is None else _checked_composition(composition)
    steps = sorted({*frame["step"], *([] if margins is None else margins["step"].astype(str))})
    listed = [frame[["refnis", "target_group"]], *([] if units is None else [units[["refnis", "target_group"]]])]
    every = pd.concat(listed)
    if every.empty or not steps:
        raise InputError("cells: need at least one cell, got none")
    refnis, groups = sorted(every["refnis"].unique()), sorted(every["target_group"].unique())
    wide = None if units is None else _table(units, "units", refnis, groups)
    return [
        _step(frame[frame["step"] == step], step, refnis, groups, units=wide, rates=rates, source_level=source_level)
        for step in steps
    ]


def _step(
    frame: pd.DataFrame,
    step: str,
    refnis: list[int],
    groups: list[str],
    *,
    units: Floats | None,
    rates: pd.DataFrame | None,
    source_level: float,
) -> Cells:
    """One step."""
    persons, lower, upper = (_table(frame, name, refnis, groups) for name in ("persons", "lower", "upper"))
    listed = _table(frame.assign(one=1.0), "one", refnis, groups) == 1
    counted = _table(frame.assign(one=(frame["method"] == "counted").astype(float)), "one", refnis, groups) == 1
    kind = np.full(listed.shape, "", dtype=object)
    if units is not None:
        kind[~listed & np.isfinite(units)] = "fitting"
    kind[listed & ~counted] = "source estimate"
    kind[listed & counted] = "count"
    kind[listed & counted & np.isnan(persons)] = "hidden count"
    seed = np.ones(listed.shape) if units is None else np.nan_to_num(units, nan=float(np.nanmedian(units)))
    rate, error = _rates(rates, step, refnis, groups) if rates is not None else (None, np.zeros((2, len(groups))))
    return Cells(
        step=step,
        refnis=refnis,
        target_group=groups,
        kind=kind,
        persons=persons,
        lower=lower,
        upper=upper,
        seed=seed if rate is None else seed * rate,
        rated=rate is not None,
        rate_error=error,
        source_level=source_level,
    )


def _table(frame: pd.DataFrame, column: str, refnis: list[int], groups: list[str]) -> Floats:
    """One column as municipalities × target groups, missing where there is no row."""
    every = pd.MultiIndex.from_product([refnis, groups])
    values = frame.set_index(["refnis", "target_group"])[column].reindex(every)
    return values.to_numpy(float, na_value=np.nan).reshape(len(refnis), len(groups))


def _columns(frame: pd.DataFrame, name: str, needed: list[str]) -> None:
    """All columns are there."""
    absent = [column for column in needed if column not in frame.columns]
    if absent:
        raise InputError(f"{name}: needs the columns {', '.join(needed)}, got no {', '.join(absent)}")


def _checked_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells with numbers as floats, steps as text, and every rule held."""
    _columns(cells, "cells", [*KEYS, "persons", "lower", "upper", "method"])
    frame = cells.copy()
    frame["step"] = frame["step"].astype(str)
    for name in {"persons", "lower", "upper", "placed", "waiting"} & set(frame.columns):
        frame[name] = pd.to_numeric(frame[name]).astype("Float64").to_numpy(float, na_value=np.nan)
    if "date" in frame and len(frame["date"].unique()) > 1:
        raise InputError(f"cells: needs one date, got {len(frame['date'].unique())}")
    if {"placed", "waiting"} <= set(frame.columns):
        both = frame["placed"] + frame["waiting"]
        frame["persons"] = frame["persons"].fillna(both)
        _refuse(frame, (both - frame["persons"]).abs() > 1e-9, "persons must be placed + waiting")
    counted = frame["method"] == "counted"
    exact = counted & frame["persons"].notna()
    for name in ("lower", "upper"):
        frame[name] = frame[name].where(~exact | frame[name].notna(), frame["persons"])
    _refuse(frame, ~frame["method"].isin(("counted", "estimated")), "method must be counted or estimated")
    _refuse(frame, frame.duplicated(KEYS), "one row per municipality, target group and step")
    _refuse(frame, (frame[["persons", "lower", "upper"]] < 0).any(axis=1), "persons must be at least 0")
    _refuse(frame, frame[["lower", "upper"]].isna().any(axis=1), "an estimate or a hidden count needs lower and upper")
    _refuse(frame, ~counted & frame["persons"].isna(), "an estimate needs persons")
    _refuse(frame, exact & (frame["lower"] != frame["upper"]), "a count has no interval")
    hidden = counted & frame["persons"].isna()
    _refuse(frame, hidden & (frame["lower"] % 1 + frame["upper"] % 1 > 0), "bounds of a hidden count are whole")
    outside = (frame["lower"] > frame["upper"]) | (frame["persons"] < frame["lower"])
    _refuse(frame, outside | (frame["persons"] > frame["upper"]), "lower <= persons <= upper")
    return frame


def _refuse(frame: pd.DataFrame, wrong: pd.Series, rule: str) -> None:
    """First row that breaks a rule, with how many do."""
    rows = frame[wrong.fillna(False).astype(bool)]
    if len(rows):
        where = " / ".join(str(rows[key].iloc[0]) for key in KEYS)
        raise InputError(f"cells: {rule}, got {len(rows)} other rows, the first {where}")


def _checked_composition(composition: pd.DataFrame) -> pd.DataFrame:
    """Composition with one row per cell, at least 0."""
    _columns(composition, "composition", ["refnis", "target_group", "units"])
    if composition.duplicated(["refnis", "target_group"]).any():
        raise InputError("composition: one row per municipality and target group, got one twice")
    units = composition["units"].to_numpy(float, na_value=np.nan)
    if not (np.isfinite(units) & (units >= 0)).all():
        raise InputError("composition: units must be finite and at least 0, got a missing or negative one")
    return composition


def _rates(rates: pd.DataFrame, step: str, refnis: list[int], groups: list[str]) -> tuple[Floats, Floats]:
    """Rate per cell (k, g) and log half-widths (2, g) of one step."""
    _columns(rates, "rates", ["target_group", "step", "rate", "lower", "upper"])
    here = rates[rates["step"].astype(str) == step]
    if not ((here["lower"] > 0) & (here["lower"] <= here["rate"]) & (here["rate"] <= here["upper"])).all():
        raise InputError(f"rates: need 0 < lower <= rate <= upper, got another row on step {step}")
    local = "refnis" in here.columns
    if here.duplicated(["target_group", *(["refnis"] if local else [])]).any():
        raise InputError(f"rates: one row per target group and step, got one twice on step {step}")
    absent = sorted(set(groups) - set(here["target_group"]))
    if absent:
        raise InputError(f"rates: every target group needs a rate, got none for {absent[0]} on step {step}")
    if local:
        table = _table(here, "rate", refnis, groups)
        if np.isnan(table).any():
            raise InputError(f"rates: every municipality needs a rate, got {int(np.isnan(table).sum())} missing")
    else:
        table = np.tile(here.set_index("target_group")["rate"].loc[groups].to_numpy(float), (len(refnis), 1))
    widths = (
        pd.DataFrame({"below": np.log(here["rate"] / here["lower"]), "above": np.log(here["upper"] / here["rate"])})
        .groupby(here["target_group"])
        .max()
    )
    return table, widths.loc[groups].to_numpy(float).T
