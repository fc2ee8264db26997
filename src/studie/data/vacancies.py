"""Vacancies and jobs as series: per region and sector, with what adds up to what from municipality to province."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Literal

import pandas as pd

from studie.errors import InputError, InsufficientDataError
from studie.regions import FLANDERS

REST = "rest van Vlaanderen"
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


def municipal_history(vacancy: pd.DataFrame, *, data_status: str) -> pd.DataFrame:
    """Received vacancies by municipality, as `history` gives them.

    Raises
    ------
    InsufficientDataError
        Without any municipality: an observed series of a larger area says nothing about its parts.
    """
    found = history(vacancy[vacancy["region"].str.startswith("municipality:")], data_status=data_status)
    if found.empty:
        raise InsufficientDataError(f"vacancy: no series by municipality with status {data_status}")
    return found


def with_rest(municipal: pd.DataFrame, observed: pd.DataFrame) -> pd.DataFrame:
    """Municipal series closed to the Flemish ones: per sector one more series, the rest of Flanders.

    Parameters
    ----------
    municipal : DataFrame
        As `municipal_history` gives it.
    observed : DataFrame
        As `history` gives it for the observed rows; Flemish series only count.

    Returns
    -------
    DataFrame
        The municipal rows and, for every sector with a Flemish series, `(REST, sector)` over the common periods.

    Raises
    ------
    InputError
        If municipalities together exceed Flanders: the two count different things.
    """
    parts = [municipal]
    for sector in flemish(observed):
        whole = observed[[label == (FLANDERS, sector) for label in observed["series"]]].set_index("period")["value"]
        own = municipal[[label[1] == sector for label in municipal["series"]]]
        rest = (whole.astype(float) - own.groupby("period")["value"].sum().astype(float)).dropna()
        if (rest < 0).any():
            first = rest[rest < 0].index[0]
            raise InputError(f"vacancy: {sector} in the municipalities must not exceed Flanders, got more in {first}")
        parts.append(
            pd.DataFrame({"series": [(REST, sector)] * len(rest), "period": rest.index, "value": rest.to_numpy()})
        )
    return pd.concat(parts, ignore_index=True)


def flemish(observed: pd.DataFrame) -> list[str]:
    """Sectors with a Flemish series."""
    return sorted({label[1] for label in observed["series"] if label[0] == FLANDERS})


def hierarchy(areas: pd.DataFrame, sectors: Sequence[str], *, flemish: Sequence[str] = ()) -> pd.DataFrame:
    """What adds up to what: one row per municipality and sector, one column per level, outermost first.

    Parameters
    ----------
    areas : DataFrame
        Region codes per municipality, columns `province, arrondissement, grouping, municipality`.
    sectors : sequence of str
        Sectors; every node is one (region code, sector) pair.
    flemish : sequence of str
        Sectors with a Flemish series: Flanders is then the outermost level, closed by the rest of Flanders. Other
        sectors start at the province.
    """
    listed = list(areas.itertuples())
    rows: list[dict[str, Hashable]] = [
        {level: (getattr(area, level), sector) for level in LEVELS} for area in listed for sector in sectors
    ]
    if not flemish:
        return pd.DataFrame(rows, columns=list(LEVELS))
    for row in rows:
        sector = row["municipality"][1]  # type: ignore[index]
        row["flanders"] = (FLANDERS, sector) if sector in flemish else None
    rest: list[dict[str, Hashable]] = [
        {"flanders": (FLANDERS, sector), **dict.fromkeys(LEVELS), "municipality": (REST, sector)} for sector in flemish
    ]
    return pd.DataFrame(rows + rest, columns=["flanders", *LEVELS])


def members(municipalities: Sequence[int], sectors: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Bottom series of some municipalities, per sector."""
    return {sector: [(f"municipality:{refnis}", sector) for refnis in municipalities] for sector in sectors}


def by_municipality(municipalities: Sequence[int], sectors: Sequence[str]) -> dict[int, list[tuple[str, str]]]:
    """Bottom series of each municipality, all sectors."""
    return {int(refnis): [(f"municipality:{refnis}", sector) for sector in sectors] for refnis in municipalities}


def jobs_by_age(employment: pd.DataFrame, *, data_status: str, region: str) -> pd.DataFrame:
    """Employees of a region per sector, year and first age of the band, municipalities added up.

    Parameters
    ----------
    employment : DataFrame
        Rows of the table `employment` of the region's municipalities; years only.
    data_status : {"observed", "own", "demonstration"}
        Which rows to take.
    region : str
        Code that the sums get.

    Returns
    -------
    DataFrame
        Columns `region, sector, year, age_from, persons`, as `demand.replacement.labour_demand` reads them.

    Raises
    ------
    InsufficientDataError
        Without any such rows.
    """
    rows = employment[(employment["data_status"] == data_status) & employment["region"].str.startswith("municipality:")]
    rows = rows[rows["period"].str.fullmatch(r"\d{4}") & rows["age_band"].str.fullmatch(r"\d+-\d+")]
    keyed = rows.assign(
        region=region,
        year=rows["period"].astype(int),
        age_from=rows["age_band"].str.extract(r"^(\d+)", expand=False).astype(int),
    )
    if keyed.empty:
        raise InsufficientDataError(f"employment: no jobs by age and municipality with status {data_status}")
    return keyed.groupby(["region", "sector", "year", "age_from"])["persons"].sum().reset_index()


def vacancy_rates(vacancy: pd.DataFrame, jobs: pd.DataFrame, *, data_status: str, region: str) -> pd.DataFrame:
    """Open vacancies at the end of each quarter beside the year's jobs, per sector.

    Parameters
    ----------
    vacancy : DataFrame
        Rows of the table `vacancy` of the region's municipalities.
    jobs : DataFrame
        As `jobs_by_age` gives them.
    data_status : {"observed", "own", "demonstration"}
        Which vacancies to take.
    region : str
        Code that the sums get.

    Returns
    -------
    DataFrame
        Columns `region, sector, period` (quarter), `vacancies` and `jobs` [count]; quarters of years with known jobs.
    """
    series = history(vacancy, data_status=data_status, value="open").dropna(subset=["value"])
    month = pd.PeriodIndex(series["period"].astype(str), freq="M")
    ends = series[month.month % 3 == 0].assign(quarter=month[month.month % 3 == 0].asfreq("Q"))
    ends["sector"] = [label[1] for label in ends["series"]]
    vacancies = ends.groupby(["sector", "quarter"], as_index=False)["value"].sum()
    yearly = jobs.groupby(["sector", "year"])["persons"].sum()
    keys = pd.MultiIndex.from_arrays([vacancies["sector"], vacancies["quarter"].dt.year])
    rates = vacancies.assign(region=region, jobs=yearly.reindex(keys).to_numpy(dtype=float)).dropna(subset=["jobs"])
    return rates.assign(period=rates["quarter"].astype(str), vacancies=rates["value"].astype(float))[
        ["region", "sector", "period", "vacancies", "jobs"]
    ].reset_index(drop=True)


def nodes(outlook: Any, region: str, sectors: Sequence[str]) -> dict[str, list[Hashable]]:
    """Series of a coherent forecast that tell a region's story: its own, else those of the areas around it."""
    known = outlook.forecast.series
    found: dict[str, list[Hashable]] = {}
    for sector in sectors:
        own: list[Hashable] = [(region, sector)] if (region, sector) in known else []
        wide = [node for node in known if node[0].startswith(("province:", "arrondissement:")) and node[1] == sector]
        found[sector] = own or wide
    return found
