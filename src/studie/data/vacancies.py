"""Vacancies as series to forecast, and what adds up to what: municipality to province, by sector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

LEVELS = ("province", "arrondissement", "grouping", "municipality")


def history(
    vacancy: pd.DataFrame, *, data_status: str, value: Literal["received", "open"] = "received"
) -> pd.DataFrame:
    """Monthly series of vacancies with one status.

    Parameters
    ----------
    vacancy : DataFrame
        Rows of the table `vacancy`.
    data_status : {"observed", "own", "demonstration"}
        Which rows to take, so that observed and demonstration series never mix.
    value : {"received", "open"}
        Received in the month (a flow) or open at its end (a stock, never summed over months).

    Returns
    -------
    DataFrame
        Columns `series` (region code and sector), `period`, `value` [vacancies].
    """
    rows = vacancy[vacancy["data_status"] == data_status]
    labels = pd.Series(list(zip(rows["region"], rows["sector"], strict=True)), index=rows.index, dtype=object)
    return pd.DataFrame({"series": labels, "period": rows["period"], "value": rows[value]}).reset_index(drop=True)


def hierarchy(areas: pd.DataFrame, sectors: Sequence[str]) -> pd.DataFrame:
    """What adds up to what: one row per municipality and sector, one column per level, outermost first.

    Parameters
    ----------
    areas : DataFrame
        Region codes per municipality, columns `province, arrondissement, grouping, municipality`.
    sectors : sequence of str
        Sectors; every node is one (region code, sector) pair.
    """
    rows = [
        {level: (getattr(area, level), sector) for level in LEVELS} for area in areas.itertuples() for sector in sectors
    ]
    return pd.DataFrame(rows, columns=list(LEVELS))


def members(municipalities: Sequence[int], sectors: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Bottom series of some municipalities, per sector."""
    return {sector: [(f"municipality:{refnis}", sector) for refnis in municipalities] for sector in sectors}


def by_municipality(municipalities: Sequence[int], sectors: Sequence[str]) -> dict[int, list[tuple[str, str]]]:
    """Bottom series of each municipality, all sectors."""
    return {int(refnis): [(f"municipality:{refnis}", sector) for sector in sectors] for refnis in municipalities}
