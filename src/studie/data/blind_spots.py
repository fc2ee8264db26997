"""What the search for blind spots reads: tables of the databank in the form that `places` asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from studie.errors import InsufficientDataError

REGULAR = "reguliere onderneming"
NEED = ["refnis", "target_group", "step", "persons", "lower", "upper", "method", "placed", "waiting"]


def need_cells(need: pd.DataFrame) -> pd.DataFrame:
    """Need on its last date, as `places.need.estimate` reads it.

    Raises
    ------
    InsufficientDataError
        Without rows.
    """
    if need.empty:
        raise InsufficientDataError("need: no rows, so nobody's need is known")
    last = need[need["date"] == need["date"].max()]
    return pd.DataFrame(last)[NEED].reset_index(drop=True)


def last_offer(offer: pd.DataFrame, *, steps: Sequence[str], work_form: pd.DataFrame) -> pd.DataFrame:
    """Offer on its last date for some steps of the ladder.

    Raises
    ------
    InsufficientDataError
        Without rows.
    """
    if offer.empty:
        raise InsufficientDataError("offer: no rows, so no place is known")
    step_of = work_form.set_index("work_form")["step"]
    last = offer[(offer["date"] == offer["date"].max()) & offer["work_form"].map(step_of).isin(list(steps))]
    return last.reset_index(drop=True)


def open_to(offer: pd.DataFrame, groups: pd.DataFrame, establishment: pd.DataFrame) -> pd.DataFrame:
    """Who may do what where: `refnis, activity, target_group, places, sites`; places of unknown size are missing.

    Parameters
    ----------
    offer, groups, establishment : DataFrame
        Rows of `offer` of one date, `offer_target_group` and `establishment`.

    Notes
    -----
    Places that several groups share stand once per group: never add them up over groups. `sites` counts the
    establishments with known places, or where there are none those of unknown size.
    """
    keys = ["establishment_number", "work_form", "activity"]
    located = offer.merge(establishment[["establishment_number", "refnis"]], on="establishment_number")
    located = located.assign(places=located["places"].astype("Float64").where(located["status"] != "unknown"))
    each = located.merge(groups[[*keys, "target_group"]], on=keys)
    by = ["refnis", "activity", "target_group"]
    found = each.groupby(by)["places"].agg(_added).astype("Float64").to_frame()
    sized, every = (rows.groupby(by)["establishment_number"].nunique() for rows in (each[each["places"] > 0], each))
    found["sites"] = sized.reindex(found.index).fillna(every).astype(int)
    return found.reset_index()


def sites(offer: pd.DataFrame, establishment: pd.DataFrame) -> pd.Series:
    """Establishments with known places per municipality [count]."""
    sized = located(offer, establishment)
    sized = sized[(sized["status"] != "unknown") & (sized["places"] > 0)]
    return sized.groupby("refnis")["establishment_number"].nunique()


def _added(places: pd.Series) -> Any:
    """Sum of the known places; unknown when none is known."""
    return places.sum(min_count=1)


def firms(
    establishment: pd.DataFrame, enterprise: pd.DataFrame, offer: pd.DataFrame, sector: pd.DataFrame
) -> pd.DataFrame:
    """Regular firms with their shortage sector and inclusive places, as `places.prospects` reads them.

    Parameters
    ----------
    establishment, enterprise, offer, sector : DataFrame
        Rows of these tables; `offer` of one date.

    Returns
    -------
    DataFrame
        `establishment_number, name, refnis, sector` ('' outside the shortage sectors), `inclusive_places` (0: no offer
        on record, missing: an offer of unknown size).
    """
    regular = enterprise.loc[enterprise["form"] == REGULAR, "enterprise_number"]
    rows = establishment[establishment["enterprise_number"].isin(regular)]
    known = offer.assign(places=offer["places"].astype("Float64").where(offer["status"] != "unknown"))
    places = known.groupby("establishment_number")["places"].agg(_added)
    numbered = rows["establishment_number"]
    offered = pd.Series(numbered.map(places).to_numpy(), index=rows.index, dtype="Float64")
    offered = offered.where(numbered.isin(places.index), 0.0)
    found = rows.assign(sector=sector_of(rows, sector), inclusive_places=offered)
    return found[["establishment_number", "name", "refnis", "sector", "inclusive_places"]].reset_index(drop=True)


def sector_of(establishment: pd.DataFrame, sector: pd.DataFrame) -> pd.Series:
    """Shortage sector of each establishment by its NACE division and the version of its code; '' where none."""
    division = pd.to_numeric(establishment["nace_code"].str[:2], errors="coerce")
    found = pd.Series("", index=establishment.index, dtype=object)
    for row in sector.itertuples():
        inside = division.between(row.division_from, row.division_to)
        found[inside & (establishment["nace_version"] == row.nace_version)] = str(row.sector)
    return found


def inclusive_places(firm: pd.DataFrame, *, municipalities: Sequence[int], sectors: Sequence[str]) -> pd.DataFrame:
    """Inclusive places of regular firms per municipality and sector: `refnis, sector, places`.

    A pair without any firm on record has no row: it is unknown, not 0.
    """
    inside = firm[firm["refnis"].isin(list(municipalities)) & firm["sector"].isin(list(sectors))]
    return inside.groupby(["refnis", "sector"])["inclusive_places"].agg(_whole).rename("places").reset_index()


def _whole(places: pd.Series) -> Any:
    """Sum of the places; unknown when an unknown offer could make a 0 more."""
    total = places.sum(min_count=1)
    return pd.NA if places.isna().any() and not (pd.notna(total) and total > 0) else total


def yearly_vacancies(vacancy: pd.DataFrame, rule: pd.DataFrame, *, municipalities: Sequence[int]) -> pd.DataFrame:
    """Vacancies received in the last twelve months per municipality and sector, beside whether the sector is short.

    Parameters
    ----------
    vacancy : DataFrame
        Rows of `vacancy` of one status.
    rule : DataFrame
        `sector, shortage_sector`, as `demand.tightness.shortage_sectors` answers.

    Returns
    -------
    DataFrame
        `refnis, sector, received, shortage_sector`; received is missing where a month is.

    Raises
    ------
    InsufficientDataError
        Without rows by municipality.
    """
    rows = vacancy[vacancy["region"].str.startswith("municipality:")]
    rows = rows.assign(refnis=rows["region"].str.removeprefix("municipality:").astype(int))
    rows = rows[rows["refnis"].isin(list(municipalities))]
    if rows.empty:
        raise InsufficientDataError("vacancy: no rows by municipality")
    months = sorted(rows["period"].unique())[-12:]
    last = rows[rows["period"].isin(months)]
    received = last.groupby(["refnis", "sector"])["received"].agg(lambda values: values.sum(skipna=False))
    found = received.astype("Float64").reset_index()
    answers = rule.set_index("sector")["shortage_sector"]
    return found.assign(shortage_sector=found["sector"].map(answers).fillna("onbekend"))


def inside(frame: pd.DataFrame, municipalities: Sequence[int]) -> pd.DataFrame:
    """Rows of some municipalities."""
    return frame[frame["refnis"].isin(list(municipalities))].reset_index(drop=True)


def located(offer: pd.DataFrame, establishment: pd.DataFrame) -> pd.DataFrame:
    """Offer with the municipality of its establishment."""
    return offer.merge(establishment[["establishment_number", "refnis"]], on="establishment_number")


def unknown_offer(funded: pd.DataFrame) -> list[int]:
    """Municipalities of whose offer nothing is known, as `places.gaps.funded` says."""
    return [int(refnis) for refnis in funded.index[funded["state"] == "unknown"]]
