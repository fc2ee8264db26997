"""Funded places per municipality from the tables of the databank; a place of unknown size is counted, never as zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from studie.errors import InputError


def funded(
    offer: pd.DataFrame,
    establishment: pd.DataFrame,
    *,
    refnis: Sequence[int],
    step_of: Mapping[str, str] | None = None,
    steps: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Offer per municipality.

    Parameters
    ----------
    offer : DataFrame
        `establishment_number, work_form, activity, places, filled_persons, status` of one date; `places` [VTE] missing
        where unknown.
    establishment : DataFrame
        `establishment_number, refnis`.
    refnis : sequence
        Municipalities asked for; one without any row is unknown.
    step_of : mapping, optional
        Step of each work form; needed for `steps`.
    steps : sequence, optional
        Steps to keep; all work forms otherwise.

    Returns
    -------
    DataFrame, indexed by refnis
        `places` [VTE] and `filled_persons` [persons] that are known, `offers` and `unknown` (offers, and those of
        unknown size), `state`: `known`, `partly unknown` or `unknown` (no offer with a known size).

    Raises
    ------
    InputError
        An establishment or a work form that is not known; several dates; repeated rows.
    """
    home = establishment.set_index("establishment_number")["refnis"]
    absent = set(offer["establishment_number"]) - set(home.index)
    if absent:
        raise InputError(f"offer: establishments must be known, got {min(absent)}")
    keys = ["establishment_number", "work_form", "activity"]
    if ("date" in offer and len(offer["date"].unique()) > 1) or offer.duplicated(keys).any():
        raise InputError("offer: needs one date and one row per establishment, work form and activity, got more")
    rows = offer.assign(refnis=offer["establishment_number"].map(home))
    if steps is not None:
        strange = set(rows["work_form"]) - set(step_of or {})
        if strange:
            raise InputError(f"step_of: every work form needs a step, got none for {min(strange)}")
        rows = rows[rows["work_form"].map(step_of or {}).isin(list(steps))]
    unknown = rows["places"].isna() | (rows["status"] == "unknown")
    numbers = rows.assign(
        places=pd.to_numeric(rows["places"]).astype("Float64").where(~unknown),
        filled_persons=pd.to_numeric(rows["filled_persons"]).astype("Float64").where(~unknown),
        unknown=unknown.astype(int),
        offers=1,
    )
    table = numbers.groupby("refnis")[["places", "filled_persons", "offers", "unknown"]].sum()
    table = table.astype(float).reindex(pd.Index(list(refnis), name="refnis"))
    table[["offers", "unknown"]] = table[["offers", "unknown"]].fillna(0).astype(int)
    none = table["offers"] == table["unknown"]
    table.loc[none, ["places", "filled_persons"]] = np.nan
    table["state"] = np.select([none, table["unknown"] > 0], ["unknown", "partly unknown"], default="known")
    return table
