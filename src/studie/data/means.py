"""What the chapter on means reads: registers of subsidies, loans and applications, by arrondissement."""

from __future__ import annotations

import pandas as pd

from studie.data.register_measures import PROJECT_SUBSIDY
from studie.errors import InsufficientDataError

PROJECTS, LOANS = "projectsubsidie", "trividend"  # as the configuration names them
MUNICIPALITY = "municipality:"
OPEN = "in behandeling"


def grants(project: pd.DataFrame, loan: pd.DataFrame, hierarchy: pd.DataFrame) -> pd.DataFrame:
    """Subsidies and loans in one form, as `strategy.yields.yields` reads them.

    Parameters
    ----------
    project, loan : DataFrame
        Rows of these tables.
    hierarchy : DataFrame
        Region codes per municipality, with the column `arrondissement`.

    Returns
    -------
    DataFrame
        `lever, area, year, euro, places, kept`; the area is the arrondissement of a municipality, else the region
        that the row names. Whether jobs from a loan last is not registered.

    Raises
    ------
    InsufficientDataError
        Without any row.
    """
    subsidies = pd.DataFrame(
        {
            "lever": PROJECTS,
            "area": arrondissement(project["region"], hierarchy),
            "year": project["year"].astype(int),
            "euro": project["subsidy_euro"].astype(float),
            "places": project["places_created"].astype(float),
            "kept": project["places_kept_12_months"].astype(float),
        }
    )
    loans = pd.DataFrame(
        {
            "lever": LOANS,
            "area": arrondissement(loan["region"], hierarchy),
            "year": loan["year"].astype(int),
            "euro": loan["amount_euro"].astype(float),
            "places": loan["jobs_created"].astype(float),
        }
    )
    found = [rows for rows in (subsidies, loans) if len(rows)]
    if not found:
        raise InsufficientDataError("project, loan: no subsidy and no loan on record")
    return pd.concat(found, ignore_index=True).reindex(columns=subsidies.columns)


def applications(project: pd.DataFrame, application: pd.DataFrame | None = None) -> pd.DataFrame:
    """Applications to rank: those that wait for a decision, or else the projects of the last year as if they were new.

    Parameters
    ----------
    project : DataFrame
        Rows of this table.
    application : DataFrame, optional
        Rows of this table: `application_id, scheme_id, region, decision, priority`.

    Returns
    -------
    DataFrame
        `application, refnis, sector, challenge` as `strategy.priorities.application_measures` reads them, and `year`
        (missing for real applications). Whether a project of the register works on a societal challenge is unknown.
    """
    open_ = pd.DataFrame() if application is None else _open(application)
    if len(open_):
        return pd.DataFrame(
            {
                "application": open_["application_id"].astype(str),
                "refnis": _refnis(open_["region"]),
                "sector": None,
                "challenge": open_["priority"].map({"maatschappelijke uitdaging": "ja", "geen": "nee"}),
                "year": pd.NA,
            }
        ).reset_index(drop=True)
    last = project[project["year"] == project["year"].max()]
    return pd.DataFrame(
        {
            "application": last["project_id"].astype(str),
            "refnis": _refnis(last["region"]),
            "sector": last["sector"],
            "challenge": None,
            "year": last["year"].astype(int),
        }
    ).reset_index(drop=True)


def _open(application: pd.DataFrame) -> pd.DataFrame:
    """Applications for the project subsidy that wait for a decision."""
    return application[(application["decision"] == OPEN) & (application["scheme_id"] == PROJECT_SUBSIDY)]


def _refnis(region: pd.Series) -> pd.Series:
    """Municipality of each region code; missing for a larger region."""
    town = region.str.startswith(MUNICIPALITY)
    return pd.to_numeric(region.str.removeprefix(MUNICIPALITY).where(town), errors="coerce").astype("Int64")


def arrondissement(region: pd.Series, hierarchy: pd.DataFrame) -> pd.Series:
    """Arrondissement of each region code that is a municipality; other codes as they are."""
    return _refnis(region).map(hierarchy["arrondissement"]).fillna(region)


def per_arrondissement(values: pd.Series, hierarchy: pd.DataFrame) -> pd.Series:
    """Sum of the known values of the municipalities of each arrondissement; missing where none is known."""
    home = hierarchy["arrondissement"].reindex(values.index)
    return values.groupby(home).sum(min_count=1)
