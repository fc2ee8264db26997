"""Two faces of a blind spot that ask what fits whom: diversity of the offer, and its reach within a travel time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.random import Generator

from studie.errors import InputError
from studie.places.face import LEVEL, Face, Measure, checked_draws, checked_level, measure
from studie.places.pairs import Floats, pairs
from studie.places.reach import to_nearest_site


def diversity(
    offer: pd.DataFrame,
    need: pd.DataFrame,
    *,
    unknown: Sequence[int],
    rng: Generator,
    activities: Sequence[str] | None = None,
    level: float = LEVEL,
) -> Face:
    """Face *diversity*: what people in need cannot choose, and how evenly the places are spread over activities.

    Parameters
    ----------
    offer : DataFrame
        `refnis, activity, target_group, places`: who may do what where, with the places of that activity (repeated
        for each target group that shares them); missing places are unknown.
    need : DataFrame, shape (draws, cells)
        Draws of persons in need; columns are (refnis, target_group), every municipality with the same groups.
    unknown : sequence
        Municipalities whose offer is not known.
    rng : Generator
        Source of randomness of the entropy's interval.
    activities : sequence, optional
        Activities that there could be: the catalogue. Default all that exist in the province.
    level : float, default 0.95
        Coverage, in (0, 1).

    Returns
    -------
    Face
        Measures `missing cells` (share of activity × target-group cells without offer, weighted by need, ranks) and
        `effective activities` (exponential of Shannon's entropy of places over activities; 0 without places).

    Raises
    ------
    InputError
        Activities outside the catalogue, missing columns, draws that are missing or negative.

    Notes
    -----
    Σ_g N_g (1 − A_g / A) / Σ_g N_g with A_g of A activities open to group g: need is a weight here, persons are not
    added up over groups. The entropy takes this year's places as a sample of what is offered: Miller and Madow's
    estimate [1]_, with the spread of a Dirichlet (counts + ½ over the activities present) around it.

    References
    ----------
    .. [1] Miller, G. A. (1955). Note on the bias of information estimates. In: Information Theory in Psychology.
    """
    checked_level(level)
    needed = checked_draws(need, "need")
    catalogue = sorted(offer["activity"].unique()) if activities is None else list(dict.fromkeys(activities))
    frame = _offer_cells(offer, catalogue)
    refnis, groups, table = _by_group(need, needed)
    position = (refnis.get_indexer(pd.Index(frame["refnis"])), groups.get_indexer(pd.Index(frame["target_group"])))
    inside = (position[0] >= 0) & (position[1] >= 0)
    cells = pd.DataFrame({"r": position[0], "g": position[1], "a": frame["activity"]})[inside].drop_duplicates()
    open_to = np.zeros((len(refnis), len(groups)))
    np.add.at(open_to, (cells["r"].to_numpy(), cells["g"].to_numpy()), 1.0)
    weight = table.sum(axis=2)
    missing = np.divide(
        (table * (1 - open_to / len(catalogue))[None]).sum(axis=2), weight, out=np.zeros_like(weight), where=weight > 0
    )
    hidden = refnis.isin(list(unknown))
    state = pd.Series(
        np.select([hidden, (weight == 0).all(axis=0)], ["unknown", "no need"], default="published"), index=refnis
    )
    effective = _effective(frame, refnis, len(needed), rng)
    persons = pd.Series(weight.mean(axis=0), index=refnis)
    return Face(
        name="diversity",
        measures={
            "missing cells": measure(
                pd.DataFrame(missing, columns=refnis), state, unit="ratio", worse="high", level=level, persons=persons
            ),
            "effective activities": measure(
                pd.DataFrame(effective, columns=refnis),
                state.where(state != "no need", "published"),
                unit="activities",
                worse="low",
                level=level,
            ),
        },
        level=level,
        n=len(refnis),
    )


def reach(
    need: pd.DataFrame,
    offer: pd.DataFrame,
    costs: Mapping[str, pd.DataFrame],
    *,
    minutes: float,
    level: float = LEVEL,
) -> Face:
    """Face *reach*: share of the need that has a place open to it within a travel time, per mode.

    Parameters
    ----------
    need : DataFrame, shape (draws, cells)
        Draws of persons in need; columns are (refnis, target_group), every municipality with the same groups.
    offer : DataFrame
        `refnis, target_group, places` per destination: places open to a group; missing is unknown. With `sites`,
        establishments that offer them, a trip within a municipality goes to the nearest one (`to_nearest_site`); an
        own place of unknown size can then be anywhere in it.
    costs : mapping of mode to DataFrame
        `origin, destination, minutes` per mode; modes are never mixed. The first mode ranks.
    minutes : float
        Travel time, above 0.
    level : float, default 0.95
        Coverage, in (0, 1).

    Returns
    -------
    Face
        One measure `reach <mode>` per mode. States: `unreachable` (no place of any kind within the time, for nobody:
        no estimate but the word), `unknown` (only places of unknown size within the time), `no need`. Where unknown
        offer could raise the share, the upper bound holds it.

    Raises
    ------
    InputError
        No mode, minutes out of range, a wrong cost table, draws that are missing or negative.

    Notes
    -----
    Σ_g N_g 1[t_g ≤ minutes] / Σ_g N_g, t_g the time to the nearest place open to group g; need is a weight, persons
    are not added up over groups. A place in reach may be taken: see `unmet_need`.
    """
    checked_level(level)
    if not costs or not minutes > 0:
        raise InputError(f"costs, minutes: need at least one mode and minutes above 0, got {len(costs)}, {minutes}")
    refnis, groups, table = _by_group(need, checked_draws(need, "need"))
    weight = table.sum(axis=2)
    nobody = (weight == 0).all(axis=0)
    measures: dict[str, Measure] = {}
    for mode, cost in costs.items():
        known, possible = _within(offer, cost, refnis, groups, minutes=minutes)
        share, most = (
            np.divide((table * mask[None]).sum(axis=2), weight, out=np.zeros_like(weight), where=weight > 0)
            for mask in (known, possible)
        )
        state = pd.Series(
            np.select(
                [nobody, ~possible.any(axis=1), ~known.any(axis=1)],
                ["no need", "unreachable", "unknown"],
                default="published",
            ),
            index=refnis,
        )
        raised = (possible & ~known).any(axis=1) & state.isin(["published", "unknown"]).to_numpy()
        upper = pd.Series(np.where(raised, np.quantile(most, (1 + level) / 2, axis=0), np.nan), index=refnis)
        measures[f"reach {mode}"] = measure(
            pd.DataFrame(share, columns=refnis),
            state,
            unit="share",
            worse="low",
            level=level,
            upper=upper,
            persons=pd.Series(weight.mean(axis=0), index=refnis),
        )
    return Face(name="reach", measures=measures, level=level, n=len(refnis))


def _offer_cells(offer: pd.DataFrame, catalogue: list[str]) -> pd.DataFrame:
    """Offer with its columns there and its activities in the catalogue."""
    needed = ["refnis", "activity", "target_group", "places"]
    absent = [column for column in needed if column not in offer.columns]
    if absent:
        raise InputError(f"offer: needs the columns {', '.join(needed)}, got no {', '.join(absent)}")
    strange = sorted(set(offer["activity"]) - set(catalogue))
    if strange or not catalogue:
        raise InputError(
            f"activities: must hold every activity on offer, got no {', '.join(strange[:3]) or 'activities'}"
        )
    places = pd.to_numeric(offer["places"]).astype("Float64").to_numpy(float, na_value=np.nan)
    if (places < 0).any():
        raise InputError(f"offer: places must be at least 0, got {np.nanmin(places):g}")
    frame = offer[needed].assign(places=places)
    return frame[frame["places"] != 0]


def _by_group(need: pd.DataFrame, values: Floats) -> tuple[pd.Index, pd.Index, Floats]:
    """Municipalities, groups and draws, shape (draws, municipalities, groups); a cell without column is 0."""
    if need.columns.nlevels != 2:
        raise InputError(f"need: columns must be (refnis, target_group), got {need.columns.nlevels} levels")
    refnis = pd.Index(sorted(need.columns.get_level_values(0).unique()), name="refnis")
    groups = pd.Index(sorted(need.columns.get_level_values(1).unique()), name="target_group")
    table = np.zeros((len(values), len(refnis), len(groups)))
    rows = refnis.get_indexer(need.columns.get_level_values(0))
    table[:, rows, groups.get_indexer(need.columns.get_level_values(1))] = values
    return refnis, groups, table


def _effective(frame: pd.DataFrame, refnis: pd.Index, size: int, rng: Generator) -> Floats:
    """Draws of the effective number of activities, shape (draws, municipalities)."""
    places = frame.groupby(["refnis", "activity"])["places"].max()
    found = np.zeros((size, len(refnis)))
    for position, code in enumerate(refnis):
        counts = places.loc[[code]].to_numpy(float) if code in places.index.get_level_values(0) else np.empty(0)
        counts = counts[np.isfinite(counts)]
        if len(counts):
            shares = np.maximum(rng.dirichlet(counts + 0.5, size=size), 1e-300)
            drawn = -(shares * np.log(shares)).sum(axis=1)
            plain = counts / counts.sum()
            centre = -(plain * np.log(plain)).sum() + (len(counts) - 1) / (2 * counts.sum())
            found[:, position] = np.exp(np.clip(drawn - drawn.mean() + centre, 0.0, np.log(len(counts))))
    return found


def _within(
    offer: pd.DataFrame, cost: pd.DataFrame, refnis: pd.Index, groups: pd.Index, *, minutes: float
) -> tuple[np.ndarray, np.ndarray]:
    """Whether a group has a known, and a known or unknown, place within the time, shape (municipalities, groups)."""
    absent = [column for column in ("refnis", "target_group", "places") if column not in offer.columns]
    if absent:
        raise InputError(f"offer: needs the columns refnis, target_group, places, got no {', '.join(absent)}")
    places = pd.to_numeric(offer["places"]).astype("Float64").to_numpy(float, na_value=np.nan)
    destinations = pd.Index(sorted(offer["refnis"].unique()))
    found = pairs(cost, origins=refnis, destinations=destinations)
    near = found.minutes <= minutes
    columns = groups.get_indexer(pd.Index(offer["target_group"]))
    rows = destinations.get_indexer(pd.Index(offer["refnis"]))
    answers = []
    for usable in (places > 0, (places > 0) | np.isnan(places)):
        open_at = np.zeros((len(destinations), len(groups)), dtype=bool)
        kept = usable & (columns >= 0)
        open_at[rows[kept], columns[kept]] = True
        answer = np.zeros((len(refnis), len(groups)), dtype=bool)
        np.logical_or.at(answer, found.origin[near], open_at[found.destination[near]])
        answers.append(answer | _at_home(offer[usable], cost, refnis, groups, minutes=minutes))
    return answers[0], answers[1]


def _at_home(
    offer: pd.DataFrame, cost: pd.DataFrame, refnis: pd.Index, groups: pd.Index, *, minutes: float
) -> np.ndarray:
    """Whether the nearest of a municipality's own sites is within the time, shape (municipalities, groups)."""
    answer = np.zeros((len(refnis), len(groups)), dtype=bool)
    if "sites" not in offer:
        return answer
    anywhere = offer["places"].isna()  # of unknown size: it can be next door
    offer = offer.assign(sites=offer["sites"].astype(float).mask(anywhere, np.inf))
    home = cost[cost["origin"] == cost["destination"]]
    for column, group in enumerate(groups):
        sites = offer[offer["target_group"] == group].groupby("refnis")["sites"].max()
        near = to_nearest_site(home, sites).set_index("origin")["minutes"].reindex(refnis) <= minutes
        answer[:, column] = near.to_numpy() & refnis.isin(sites.index)
    return answer
