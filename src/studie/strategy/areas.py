"""Areas where a pilot could be: connected sets of municipalities, or groups that exist already."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Literal

import pandas as pd

from studie.errors import InputError

MOST_AREAS = 20_000
NEEDED = ("refnis", "arrondissement", "persons", "score")
Neighbours = dict[Hashable, set[Hashable]]


def connected_areas(
    units: pd.DataFrame,
    adjacency: pd.DataFrame,
    *,
    smallest: int = 1,
    largest: int = 3,
    sums: Sequence[str] = (),
) -> pd.DataFrame:
    """Every connected set of municipalities of one arrondissement, by number of municipalities.

    Parameters
    ----------
    units : DataFrame
        `refnis, arrondissement, persons, score`: score is the need per person [share], persons those it is about.
    adjacency : DataFrame
        `refnis_a, refnis_b`: municipalities that share a border, each pair once or twice.
    smallest, largest : int, default 1 and 3
        Municipalities in an area.
    sums : sequence of str
        Further columns of `units` that add up over an area (such as cost or places).

    Returns
    -------
    DataFrame
        `area` (codes joined by +), `members` (tuple), `arrondissement`, `persons`, `score` (mean over persons) and
        `sums`; in order of members.

    Raises
    ------
    InputError
        Missing columns, repeated or unknown municipalities, sizes out of order, no area, or more than 20,000.

    Notes
    -----
    An area is contiguous: from each of its municipalities one reaches each other over shared borders without leaving
    the area. Sets grow by one neighbour at a time, so none is missed.
    """
    if not 1 <= smallest <= largest:
        raise InputError(f"smallest, largest: must be in order and at least 1, got {smallest}, {largest}")
    table = _checked(units, sums)
    near = neighbours(table, adjacency)
    home = table["arrondissement"].to_dict()
    order = {name: place for place, name in enumerate(sorted(table.index, key=str))}
    level = {frozenset([name]) for name in table.index}
    found: list[tuple[Hashable, ...]] = []
    for size in range(1, largest + 1):
        if size >= smallest:
            found.extend(tuple(sorted(one, key=order.__getitem__)) for one in level)
        if len(found) > MOST_AREAS:
            raise InputError(
                f"largest: more than {MOST_AREAS} areas of up to {size} municipalities; give groups or lower it"
            )
        level = {
            one | {other}
            for one in level
            for name in one
            for other in near[name] - one
            if home[other] == home[name]
        } if size < largest else set()  # fmt: skip
    if not found:
        raise InputError(f"smallest: no connected set of at least {smallest} municipalities in one arrondissement")
    found.sort(key=lambda members: [order[name] for name in members])
    return _described({"+".join(map(str, members)): members for members in found}, table, sums)


def grouped_areas(
    units: pd.DataFrame,
    adjacency: pd.DataFrame,
    groups: Mapping[str, Sequence[Hashable]],
    *,
    sums: Sequence[str] = (),
    disconnected: Literal["refuse", "keep"] = "refuse",
) -> pd.DataFrame:
    """Areas that exist already, such as working areas.

    Parameters
    ----------
    units, adjacency, sums
        As in `connected_areas`.
    groups : mapping from name to municipalities
    disconnected : {'refuse', 'keep'}, default 'refuse'
        What happens to a group that is not connected.

    Returns
    -------
    DataFrame
        As `connected_areas`; the arrondissement is that of most of the persons.

    Raises
    ------
    InputError
        As `connected_areas`; also a group with nobody, an unknown municipality, or a group that is not connected.
    """
    table = _checked(units, sums)
    near = neighbours(table, adjacency)
    members = {}
    for name, listed in groups.items():
        unknown_ones = [one for one in listed if one not in table.index]
        if not len(listed) or unknown_ones:
            raise InputError(f"groups: {name} needs known municipalities, got {unknown_ones or 'none'}")
        if disconnected == "refuse" and not is_connected(listed, near):
            raise InputError(f"groups: {name} is not connected; keep it on purpose with disconnected='keep'")
        members[name] = tuple(sorted(set(listed), key=str))
    if not members:
        raise InputError("groups: at least one is needed, got none")
    return _described(members, table, sums)


def neighbours(table: pd.DataFrame, adjacency: pd.DataFrame) -> Neighbours:
    """Neighbours of every municipality in the index of the table.

    Raises
    ------
    InputError
        Missing columns, or not one pair of these municipalities.
    """
    absent = [name for name in ("refnis_a", "refnis_b") if name not in adjacency.columns]
    if absent:
        raise InputError(f"adjacency: needs the columns refnis_a, refnis_b, got no {', '.join(absent)}")
    near: Neighbours = {name: set() for name in table.index}
    for a, b in zip(adjacency["refnis_a"], adjacency["refnis_b"], strict=True):
        if a in near and b in near and a != b:
            near[a].add(b)
            near[b].add(a)
    if len(near) > 1 and not any(near.values()):
        raise InputError("adjacency: names no pair of these municipalities; are the codes of the same type?")
    return near


def is_connected(members: Sequence[Hashable], near: Neighbours) -> bool:
    """Whether every member reaches every other without leaving the set."""
    inside, todo = set(members), [members[0]]
    left = inside - {members[0]}
    while todo:
        reached = near[todo.pop()] & left
        left -= reached
        todo.extend(reached)
    return not left


def _checked(units: pd.DataFrame, sums: Sequence[str]) -> pd.DataFrame:
    """Municipalities by code."""
    absent = [name for name in (*NEEDED, *sums) if name not in units.columns]
    if absent or units.empty:
        raise InputError(f"units: needs rows with {', '.join((*NEEDED, *sums))}, got no {', '.join(absent) or 'rows'}")
    if units["refnis"].duplicated().any():
        raise InputError(f"units: each municipality once, got {units['refnis'][units['refnis'].duplicated()].iloc[0]}")
    numbers = units[["persons", "score", *sums]]
    if numbers.isna().any().any() or (units["persons"] <= 0).any():
        raise InputError("units: persons, score and sums must be known and persons above 0 in every municipality")
    return units.set_index("refnis")


def _described(members: Mapping[str, tuple[Hashable, ...]], table: pd.DataFrame, sums: Sequence[str]) -> pd.DataFrame:
    """Arrondissement, persons, score and sums of every area."""
    long = pd.DataFrame([(area, name) for area, names in members.items() for name in names], columns=["area", "refnis"])
    long = long.join(table[["arrondissement", "persons", "score", *sums]], on="refnis")
    long["weighted"] = long["score"] * long["persons"]
    total = long.groupby("area", sort=False)[["persons", "weighted", *sums]].sum()
    per = long.groupby(["area", "arrondissement"], sort=False)["persons"].sum().reset_index()
    home = per.sort_values(["persons", "arrondissement"], ascending=[False, True]).drop_duplicates("area")
    out = pd.DataFrame({"area": list(members), "members": list(members.values())})
    out["arrondissement"] = home.set_index("area")["arrondissement"].reindex(out["area"]).to_numpy()
    out["persons"] = total["persons"].reindex(out["area"]).to_numpy()
    out["score"] = (total["weighted"] / total["persons"]).reindex(out["area"]).to_numpy()
    for name in sums:
        out[name] = total[name].reindex(out["area"]).to_numpy()
    return out
