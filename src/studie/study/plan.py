"""Which counts of persons may be printed, planned once over all regions, and results emptied of all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from studie.data import catalogue
from studie.disclosure import cells, ledger, registry, rules, suppression
from studie.disclosure.registry import Registry
from studie.regions import PROVINCE
from studie.study import families
from studie.study.families import REGION, Family

TABLES: Final = ("ladder_panel", "need")  # of persons, from which chapters count
SECONDS: Final = 30.0  # of search per table; each takes less than one, so that every machine finds the same pattern
LEVEL_COST: Final = {"arrondissement": 1000.0, "working-area": 30.0, "grouping": 5.0, "municipality": 1.0}
PROVINCE_COST: Final = 4000.0
MARGIN_COST: Final = 4.0  # a total over labels is printed more often than its parts


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Which registered count stands behind the rows of a result.

    Attributes
    ----------
    quantity : str
        Quantity of the family.
    labels : tuple of str
        Columns of the result that name the cell, beside the region.
    same : bool
        Whether the `n` of a row is that count itself, so that another number is not registered.
    """

    quantity: str
    labels: tuple[str, ...] = ()
    same: bool = False


BEHIND: Final = {
    "Stock": Counted(quantity="stock", labels=("step",), same=True),
    "CumulativeIncidence": Counted(quantity="moves", labels=families.GROUPS, same=True),
    "Outcomes": Counted(quantity="starters", labels=("from_step", "time")),
    "RegionalGaps": Counted(quantity="need"),
    "Face": Counted(quantity="need", labels=("refnis",)),
    "Faces": Counted(quantity="need", labels=("refnis",)),
}


def planned(
    inputs: Sequence[str], *, data: catalogue.Choice, date: str, threshold: float, stated: pd.Series | None = None
) -> Registry:
    """Registry of every count of persons that chapters may print, of all regions on a date.

    Parameters
    ----------
    inputs : sequence of str
        Checksums of the datasets, which name the content that is read here.
    data : {"auto", "own", "demonstration"}
    date : str
        ISO date of the territory.
    threshold : float
        Smallest count that may be printed [persons].
    stated : Series, optional
        Count by cell name in earlier publications. A count that differs from it by fewer than the threshold is not
        printed again: the difference would be a small count itself.
    """
    panel, need = (catalogue.read(name, data=data).frame for name in TABLES)
    tree = families.tree(date=date)
    return registry.register(
        suppressed(family, tree, threshold=threshold, stated=stated) for family in families.families(panel, need)
    )


def suppressed(
    family: Family, tree: pd.DataFrame, *, threshold: float, stated: pd.Series | None = None
) -> suppression.Suppression:
    """Suppression of one family over all regions; cells of high levels are hidden last.

    A single table is planned optimally. Linked ones take too long for that: they are completed greedily, which is safe,
    hides a little more, and does not depend on how fast the machine is.
    """
    counted = dict.fromkeys(family.tables, family.quantity)
    laid = cells.layout(family.tables, quantities=counted, hierarchies={REGION: tree}, apart=())
    cost: dict[str, float] = {}
    now: dict[str, float] = {}
    for frame in laid.tables.values():
        labels = frame.drop(columns=[REGION, "key", "cell"])
        margins = (labels == cells.TOTAL).sum(axis=1)
        level = frame[REGION].str.partition(":")[0].map(LEVEL_COST).fillna(PROVINCE_COST)
        cost |= dict(zip(frame["key"], level * MARGIN_COST**margins, strict=True))
        now |= dict(zip(frame["key"], laid.value[frame["cell"]], strict=True))
    revised = (
        [] if stated is None else [key for key in now if 0 < abs(now[key] - stated.get(key, now[key])) < threshold]
    )
    return suppression.suppress_linked(
        family.tables,
        threshold=threshold,
        weights=pd.Series(cost),
        hierarchies={REGION: tree},
        primary=[*family.few(tree, threshold=threshold), *revised],
        ledger=stated,
        time_limit=SECONDS if len(family.tables) == 1 else 0.0,
        quantities=counted,
    )


def earlier(frame: pd.DataFrame) -> pd.Series | None:
    """Counts that earlier publications stated; none without a publication."""
    return None if frame.empty else ledger.stated(frame)


def emptied(
    frame: pd.DataFrame, result: Any, *, region: str, allowed: Registry, names: Mapping[str, str]
) -> pd.DataFrame:
    """Frame of a result about persons in which only what rests on a registered and published count has a value.

    Parameters
    ----------
    frame : DataFrame
        As `rules.protected` gives it.
    result : result of a method
        Its class says which count stands behind its rows; rows of other classes that give an exact count of persons
        are emptied.
    region : str
        Code of the region that the result is about.
    allowed : Registry
    names : mapping of str to str
        Region → the region under which its counts are registered, see `families.names`.
    """
    behind = BEHIND.get(type(result).__name__)
    hidden = (
        _exact(frame)
        if behind is None
        else ~_allowed(frame, behind, result, region=region, allowed=allowed, names=names)
    )
    hidden &= frame["cell_status"] == "published"
    values = [*rules.VALUES, *(name for name in rules.BEHIND if name in frame)]
    bare = frame.astype(dict.fromkeys(values, "Float64"))
    bare.loc[hidden, values] = pd.NA
    return bare.assign(cell_status=frame["cell_status"].mask(hidden, "suppressed"))


def _exact(frame: pd.DataFrame) -> pd.Series:
    """Rows that give a number of persons without uncertainty."""
    certain = (frame["lower"] == frame["estimate"]) | frame["lower"].isna()
    return ((frame["unit"] == "persons") & certain).fillna(False).astype(bool)


def _allowed(
    frame: pd.DataFrame,
    behind: Counted,
    result: Any,
    *,
    region: str,
    allowed: Registry,
    names: Mapping[str, str],
) -> pd.Series:
    """Rows whose count is published, or that are not about persons."""
    labels = list(getattr(result, "by", behind.labels))
    rows = frame[labels].to_dict("records") if labels else [{}] * len(frame)
    keys = [cell(behind.quantity, row, region=region, names=names) for row in rows]
    known: Mapping[Any, Any] = allowed.frame["estimate"].dropna().to_dict()
    shown = pd.Series([key in known for key in keys], index=frame.index)
    n = pd.to_numeric(frame["n"]).astype(float)
    if behind.same:
        shown &= n == [float(known.get(key, -1)) for key in keys]
    return shown | n.isna()


def cell(quantity: str, labels: Mapping[Any, Any], *, region: str, names: Mapping[str, str]) -> str:
    """Name of the cell behind a row of a region's result; a row by municipality is about that one."""
    own = {str(name): _label(value) for name, value in labels.items() if name != "refnis"}
    asked = families.code(int(labels["refnis"])) if "refnis" in labels else region
    stands = names.get(asked, asked)
    return cells.name(quantity, own | ({} if stands == PROVINCE else {REGION: stands}))


def _label(value: Any) -> str:
    """Label as the families write it: whole numbers without decimals."""
    return f"{value:g}" if isinstance(value, float) else str(value)
