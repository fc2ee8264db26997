"""What limits a step: funded places and contingent in persons at once, inclusive vacancies in persons per month."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown

Floats = np.ndarray
Kind = Literal["places", "openings"]
KIND_OF: Mapping[str, Kind] = {"persons": "places", "places": "places", "vte": "places", "vacancies": "openings"}
COLUMNS = ("region", "step", "value", "unit")


@dataclass(frozen=True, kw_only=True, eq=False)
class Limit:
    """The limit of one step in every region.

    Attributes
    ----------
    step : label
    kind : {'places', 'openings'}
        Persons at once, or admissions per month.
    persons : array, shape (months, regions, 1 or draws)
        Month by month; the last one holds on.
    """

    step: Hashable
    kind: Kind
    persons: Floats

    def at(self, month: int) -> Floats:
        """Limit in a month, shape (regions, 1 or draws)."""
        return self.persons[min(month, len(self.persons) - 1)]


def limits(
    table: pd.DataFrame,
    *,
    regions: Sequence[Hashable],
    persons_per_place: float | None = None,
    persons_per_vte: float | None = None,
) -> tuple[Limit, ...]:
    """Limits per step from a table with units.

    Parameters
    ----------
    table : DataFrame
        `region, step, value, unit` and perhaps `month` (from which month on; 0 at the start). The unit is `persons`,
        `places`, `vte` (contingent), or `vacancies` (inclusive vacancies that can be reached, per month). Where a step
        has both places and contingent, the smaller of the two in persons is the limit.
    regions : sequence
        All regions, in order; each must have every limited step.
    persons_per_place, persons_per_vte : float, optional
        Stated factors; required where the unit occurs.

    Raises
    ------
    InputError
        Places without a unit, a unit without its factor, an unknown region, a region without a row, a negative or
        missing number, two rows for one thing, or a step limited in both persons and vacancies.
    """
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise InputError(f"limits: columns {', '.join(COLUMNS)} are needed, got none named {missing[0]}")
    rows = table.assign(month=table["month"] if "month" in table.columns else 0).reset_index(drop=True)
    _check(rows, regions)
    factors = {"persons": 1.0, "vacancies": 1.0, "places": persons_per_place, "vte": persons_per_vte}
    for unit in rows["unit"].unique():
        factor = factors[unit]
        if factor is None or not np.isfinite(factor) or factor <= 0:
            raise InputError(f"persons_per_{unit.removesuffix('s')}: a factor above 0 is needed, got {factor}")
    rows["persons"] = rows["value"].astype(float) * rows["unit"].map(factors).astype(float)
    return tuple(_limit(step, mine, regions) for step, mine in rows.groupby("step", sort=False))


def _check(rows: pd.DataFrame, regions: Sequence[Hashable]) -> None:
    """Every number has a region, a unit and is not negative."""
    for number, row in enumerate(rows.to_dict("records"), start=1):
        where = f"limits row {number} (step {row['step']}, {row['region']})"
        if pd.isna(row["unit"]) or not str(row["unit"]).strip():
            raise InputError(f"{where}: unit: places need a unit ({', '.join(KIND_OF)}), got none")
        if row["unit"] not in KIND_OF:
            raise unknown(f"{where}: unit", row["unit"], KIND_OF)
        if row["region"] not in regions:
            raise unknown(f"{where}: region", row["region"], map(str, regions))
        if not np.isfinite(row["value"]) or row["value"] < 0:
            raise InputError(f"{where}: value: must be at least 0 and known, got {row['value']}")
        if not (isinstance(row["month"], int | np.integer) and row["month"] >= 0):
            raise InputError(f"{where}: month: must be a whole number of at least 0, got {row['month']}")
    keys = ["region", "step", "unit", "month"]
    if rows.duplicated(keys).any():
        raise InputError(f"limits: one row per {', '.join(keys)}, got {rows[rows.duplicated(keys)].iloc[0].to_dict()}")


def _limit(step: Hashable, rows: pd.DataFrame, regions: Sequence[Hashable]) -> Limit:
    """Limit of one step; the smallest of its units."""
    kinds = {KIND_OF[unit] for unit in rows["unit"]}
    if len(kinds) > 1:
        raise InputError(f"limits: step {step}: must be in persons at once or in vacancies, got both")
    months = int(rows["month"].max()) + 1
    paths = []
    for unit, mine in rows.groupby("unit"):
        wide = mine.pivot_table(index="month", columns="region", values="persons", sort=False)
        path = wide.reindex(index=range(months), columns=list(regions)).ffill()
        for region in regions:
            if path[region].isna().any():
                raise InputError(
                    f"limits: step {step}: every region needs {unit} from month 0 on, got none for {region}"
                )
        paths.append(path.to_numpy(float))
    return Limit(step=step, kind=kinds.pop(), persons=np.minimum.reduce(paths)[:, :, None])
