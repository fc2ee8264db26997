"""Three faces of a blind spot that count: volume, sector and knowledge."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from studie.errors import InputError
from studie.places.face import LEVEL, Face, checked_draws, checked_level, measure


def volume(
    need: pd.DataFrame,
    offer: pd.DataFrame,
    *,
    vte_per_person: float | NDArray[np.float64],
    level: float = LEVEL,
) -> Face:
    """Face *volume*: persons in need minus the persons whom the funded places hold.

    Parameters
    ----------
    need : DataFrame, shape (draws, municipalities)
        Draws of persons in need [persons], such as `Need.total()`.
    offer : DataFrame, indexed by refnis
        `places` [VTE], `filled_persons` [persons], `state`, as `funded` gives it; a municipality without a row is
        unknown.
    vte_per_person : float or array, shape (draws,)
        Full-time equivalents per person; an array carries its uncertainty.
    level : float, default 0.95
        Coverage, in (0, 1).

    Returns
    -------
    Face
        Measures `gap share` (gap ÷ need, ranks), `gap` [persons] and `vacant places` [persons], apart and not taken
        off the gap. Unknown offer: no estimate; the places that are known give the upper bound of the gap.

    Raises
    ------
    InputError
        Draws that are missing or negative, a factor out of (0, 1.5].

    Notes
    -----
    g = N − P / f, f in VTE per person. Assumes that a funded place can be taken by whoever is in need nearby; who may
    go where is in *diversity* and *reach*.
    """
    checked_level(level)
    needed = checked_draws(need, "need")
    factor = np.asarray(vte_per_person, dtype=float)
    if factor.shape not in ((), (len(needed),)) or not ((factor > 0) & (factor <= 1.5)).all():
        raise InputError(f"vte_per_person: must be in (0, 1.5], one number or one per draw, got {vte_per_person}")
    columns = need.columns
    here = offer.reindex(columns)
    places, filled = (here[name].to_numpy(float) for name in ("places", "filled_persons"))
    room = places[None, :] / np.atleast_1d(factor)[:, None]
    gap = needed - room
    nobody = (needed == 0).all(axis=0)
    known = (here["state"] == "known").to_numpy()
    state = pd.Series(np.select([nobody, ~known], ["no need", "unknown"], default="published"), index=columns)
    share = np.divide(gap, needed, out=np.zeros_like(needed), where=needed > 0)
    most = np.quantile(needed - np.nan_to_num(room), (1 + level) / 2, axis=0)
    bound = pd.Series(np.where(state == "unknown", most, np.nan), index=columns)
    mean = needed.mean(axis=0)
    vacant_state = state.where(~np.isnan(filled) | (state != "published"), "unknown").replace("no need", "published")
    vacant_state = vacant_state.where(known, "unknown")
    vacant = np.clip(room - filled[None, :], 0, None) * np.ones((len(needed), 1))
    persons = pd.Series(mean, index=columns)
    return Face(
        name="volume",
        measures={
            "gap share": measure(
                pd.DataFrame(share, columns=columns),
                state,
                unit="ratio",
                worse="high",
                level=level,
                persons=persons,
                upper=(bound / np.where(mean > 0, mean, np.nan)).clip(upper=1.0),
            ),
            "gap": measure(
                pd.DataFrame(gap, columns=columns),
                state,
                unit="persons",
                worse="high",
                level=level,
                upper=bound,
                persons=persons,
            ),
            "vacant places": measure(
                pd.DataFrame(vacant, columns=columns), vacant_state, unit="persons", worse="high", level=level
            ),
        },
        level=level,
        n=len(columns),
    )


def sector(
    vacancies: pd.DataFrame,
    inclusive: pd.DataFrame,
    *,
    rng: Generator,
    draws: int = 1000,
    level: float = LEVEL,
) -> Face:
    """Face *sector*: share of the vacancies in shortage sectors where that sector has no inclusive offer.

    Parameters
    ----------
    vacancies : DataFrame
        `refnis, sector, received` [vacancies received in a year], `shortage_sector` (`ja`, `nee` or `onbekend`).
    inclusive : DataFrame
        `refnis, sector, places`: inclusive offer of firms in that sector, in the municipality or within reach; 0 is
        none, missing is unknown, and so is a pair without a row.
    rng : Generator
        Source of randomness.
    draws : int, default 1000
    level : float, default 0.95
        Coverage, in (0, 1).

    Returns
    -------
    Face
        Measures `without inclusive offer` (share of vacancies) and `vacancies without inclusive offer` [vacancies].
        States: `not applicable` where no sector is short, `unknown` where offer, vacancies or shortage are not known.

    Raises
    ------
    InputError
        Missing columns, repeated rows, negative numbers, unknown answers.

    Notes
    -----
    Received vacancies of a year are a count; the interval is that of its Poisson rate (Jeffreys: Gamma(v + ½)).
    """
    checked_level(level)
    frame = _checked_sectors(vacancies, inclusive)
    refnis = pd.Index(sorted(frame["refnis"].unique()), name="refnis")
    frame = frame[frame["shortage_sector"] != "nee"]
    unknown = frame[["places", "received"]].isna().any(axis=1) | (frame["shortage_sector"] == "onbekend")
    rate = rng.gamma(frame["received"].fillna(0).to_numpy(float) + 0.5, size=(draws, len(frame)))
    position = refnis.get_indexer(pd.Index(frame["refnis"]))
    inside = np.zeros((len(refnis), len(frame)))
    inside[position, np.arange(len(frame))] = 1.0
    lacking = (rate * (frame["places"] == 0).to_numpy(float)) @ inside.T
    every = rate @ inside.T
    any_unknown = np.bincount(position, weights=unknown.to_numpy(float), minlength=len(refnis)) > 0
    none = np.bincount(position, minlength=len(refnis)) == 0
    state = pd.Series(np.select([none, any_unknown], ["not applicable", "unknown"], default="published"), index=refnis)
    share = np.divide(lacking, every, out=np.zeros_like(every), where=every > 0)
    return Face(
        name="sector",
        measures={
            "without inclusive offer": measure(
                pd.DataFrame(share, columns=refnis), state, unit="share", worse="high", level=level
            ),
            "vacancies without inclusive offer": measure(
                pd.DataFrame(lacking, columns=refnis), state, unit="vacancies", worse="high", level=level
            ),
        },
        level=level,
        n=len(refnis),
    )


def knowledge(offer: pd.DataFrame, need: pd.DataFrame | None = None, *, level: float = LEVEL) -> Face:
    """Face *knowledge*: share of what the databank should know that it does not.

    Parameters
    ----------
    offer : DataFrame, indexed by refnis
        `offers` and `unknown` [offers], as `funded` gives it; without any offer on record everything is unknown.
    need : DataFrame, optional
        `refnis` and `basis` or `method` per cell, such as `Need.table`; only a plain count is known.
    level : float, default 0.95
        Coverage, in (0, 1).

    Returns
    -------
    Face
        Measures `unknown offer` (ranks) and, with `need`, `need not counted`; shares without sampling error, so both
        bounds equal the estimate.

    Raises
    ------
    InputError
        More unknown offers than offers.
    """
    checked_level(level)
    if (offer["unknown"] > offer["offers"]).any():
        raise InputError("offer: unknown offers must be part of the offers, got more")
    share = np.where(offer["offers"] > 0, offer["unknown"] / offer["offers"].where(offer["offers"] > 0, 1), 1.0)
    state = pd.Series("published", index=offer.index)

    measures = {
        "unknown offer": measure(_certain(share, offer.index), state, unit="share", worse="high", level=level),
    }
    if need is not None:
        plain = (need["basis"] == "count") if "basis" in need else (need["method"] == "counted")
        cells = (~plain).astype(float).groupby(need["refnis"]).mean().reindex(offer.index)
        known = pd.Series(np.where(cells.isna(), "unknown", "published"), index=offer.index)
        measures["need not counted"] = measure(
            _certain(cells.fillna(0).to_numpy(), offer.index), known, unit="share", worse="high", level=level
        )
    return Face(name="knowledge", measures=measures, level=level, n=len(offer))


def _certain(values: np.ndarray, index: pd.Index) -> pd.DataFrame:
    """One draw of what is known for sure."""
    return pd.DataFrame(np.asarray(values, dtype=float)[None, :], columns=index)


def _checked_sectors(vacancies: pd.DataFrame, inclusive: pd.DataFrame) -> pd.DataFrame:
    """Vacancies with the offer beside them, one row per municipality and sector."""
    for name, frame, needed in (
        ("vacancies", vacancies, ["refnis", "sector", "received", "shortage_sector"]),
        ("inclusive", inclusive, ["refnis", "sector", "places"]),
    ):
        absent = [column for column in needed if column not in frame.columns]
        if absent:
            raise InputError(f"{name}: needs the columns {', '.join(needed)}, got no {', '.join(absent)}")
        if frame.duplicated(["refnis", "sector"]).any():
            raise InputError(f"{name}: one row per municipality and sector, got one twice")
    strange = sorted(set(vacancies["shortage_sector"]) - {"ja", "nee", "onbekend"})
    if strange:
        raise InputError(f"vacancies: shortage_sector must be ja, nee or onbekend, got {strange[0]!r}")
    both = vacancies.merge(inclusive[["refnis", "sector", "places"]], on=["refnis", "sector"], how="left")
    for name in ("received", "places"):
        both[name] = pd.to_numeric(both[name]).astype("Float64").to_numpy(float, na_value=np.nan)
    if (both[["received", "places"]] < 0).any(axis=None):
        raise InputError("vacancies, inclusive: must be at least 0, got a negative one")
    return both
