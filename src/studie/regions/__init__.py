"""Which areas exist on which date: municipalities in three vintages, their groups, neighbours and maps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import pandas as pd

from studie.config import REFERENCE_DATE, project_root
from studie.errors import InputError, unknown
from studie.inputs import record
from studie.regions.territory import (
    checked_date,
    crosswalk,
    municipality_of,  # noqa: F401  offered here, where users look for it
    read_municipalities,
    read_table,
    valid_on,
)

if TYPE_CHECKING:
    import geopandas as gpd

Level = Literal["province", "arrondissement", "working-area", "grouping", "municipality"]
LEVELS: tuple[Level, ...] = get_args(Level)
PROVINCE = "province:10000"
FLANDERS = "region:02000"
ARRONDISSEMENTS = {11000: "Antwerpen", 12000: "Mechelen", 13000: "Turnhout"}
TITLES = {
    "province": "provincie",
    "arrondissement": "arrondissement",
    "working-area": "werkingsgebied",
    "municipality": "gemeente",
}
# last day of the vintage: its name, and the year in the name of its files
VINTAGES = {"2018-12-31": ("2018", None), "2024-12-31": ("2019-2024", "2024"), "9999-12-31": ("2025", "2025")}
SCHEMATIC_NOTE = "Schematische grenzen, afgeleid van NGI (CC BY 4.0) en postcodepunten (ODbL)"
OWN_NOTE = "Grenzen: eigen bestand"
LAMBERT = "EPSG:31370"


@dataclass(frozen=True, kw_only=True)
class Region:
    """One area on one date.

    Attributes
    ----------
    code : str
        `<level>:<key>`; groupings are `grouping:<grouping>:<group>`.
    level : str
        One of `LEVELS`, or `region` for Flanders, which has data but no report.
    name : str
        Dutch name without the kind of area; `title` has both.
    date : str
        ISO date on which these municipalities make up the area.
    refnis : tuple of int
        Municipalities, ascending; empty for Flanders.
    parent : str or None
        Code of the smallest region that holds the area whole.
    status : {"confirmed", "possible"}
        Whether the composition of a working area is confirmed by its source.
    """

    code: str
    level: str
    name: str
    date: str
    refnis: tuple[int, ...]
    parent: str | None
    status: str

    @property
    def title(self) -> str:
        """Name with the kind of area in front, as in running text."""
        if self.level == "region":
            return self.name
        kind = self.code.split(":")[1] if self.level == "grouping" else TITLES[self.level]
        kind = f"mogelijk {kind}" if self.status == "possible" else kind
        return f"{kind} {self.name}"


def slug(name: str) -> str:
    """Last part of a code: lower case ascii with `-`; what stands in brackets is left out."""
    bare = re.sub(r"\(.*?\)", "", name)
    ascii_only = unicodedata.normalize("NFKD", bare).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")


def vintage(date: str) -> Literal["2018", "2019-2024", "2025"]:
    """Name of the list of municipalities that held on a date (70, 69 or 67 municipalities).

    Raises
    ------
    InputError
        If `date` is not a date written YYYY-MM-DD.
    """
    return _vintage(date)[0]  # type: ignore[return-value]


def region(code: str, *, date: str = REFERENCE_DATE) -> Region:
    """One area by its code.

    Raises
    ------
    InputError
        If the code is not known on that date; the nearest known code is named.
    """
    known = _regions(checked_date(date), *known_stamp())
    if code == FLANDERS:
        return Region(
            code=code, level="region", name="Vlaanderen", date=date, refnis=(), parent=None, status="confirmed"
        )
    if code not in known:
        raise unknown("region", code, known)
    return known[code]


def regions(level: str | None = None, *, date: str = REFERENCE_DATE) -> list[Region]:
    """All areas of a level, or of all levels, that exist on a date.

    Working areas come confirmed and possible: `status` says which. A municipality in no known working area is in none.

    Raises
    ------
    InputError
        If the level is not one of `LEVELS`.
    """
    if level is not None and level not in LEVELS:
        raise unknown("level", level, LEVELS)
    known = _regions(checked_date(date), *known_stamp())
    return [area for area in known.values() if level in (None, area.level)]


def municipalities(*, date: str = REFERENCE_DATE) -> pd.DataFrame:
    """Municipalities of the province on a date.

    Returns
    -------
    DataFrame
        One row per municipality, ascending: `refnis` (int), `name_nl`, `arrondissement` (int), `area_km2` [km²],
        `lon` and `lat` [degrees], `valid_from`, `valid_to` (empty while it lasts), `successor` (Int64),
        `inhabitants` (Int64) [persons, latest known] and `postcodes` (separated by a blank). Area, place, inhabitants
        and postcodes of Puurs and Sint-Amands are not known.
    """
    return _municipalities(checked_date(date)).copy()


def adjacency(*, date: str = REFERENCE_DATE) -> pd.DataFrame:
    """Pairs of neighbours that share more than 100 m of border, each pair once.

    Returns
    -------
    DataFrame
        `refnis_a`, `refnis_b` (int), `shared_border_km` [km].

    Raises
    ------
    InputError
        For a date before 2019: the borders of that vintage are not known.
    """
    year = _file_year(date, "adjacency")
    path = project_root() / "data" / "reference" / f"adjacency_{year}.csv"
    table = read_table(path, whole=("refnis_a", "refnis_b"), text=("shared_border_km",), key=("refnis_a", "refnis_b"))
    return table.assign(shared_border_km=pd.to_numeric(table["shared_border_km"], errors="coerce"))


def hierarchy(*, date: str = REFERENCE_DATE) -> pd.DataFrame:
    """Region codes that hold each municipality, outermost first.

    Returns
    -------
    DataFrame
        Index `refnis`; columns `province`, `arrondissement`, `grouping` (referentieregio) and `municipality`.
    """
    table = _municipalities(checked_date(date))
    frame = pd.DataFrame(
        {
            "province": PROVINCE,
            "arrondissement": [f"arrondissement:{code}" for code in table["arrondissement"]],
            "grouping": "",
            "municipality": [f"municipality:{code}" for code in table["refnis"]],
        },
        index=pd.Index(table["refnis"], name="refnis"),
    )
    for area in regions("grouping", date=date):
        if area.code.startswith("grouping:referentieregio:"):
            frame.loc[list(area.refnis), "grouping"] = area.code
    return frame


REST = "rest"


def lineage(area: Region) -> pd.DataFrame:
    """Areas from which a region can borrow strength: its own kind and those above, per municipality.

    Returns
    -------
    DataFrame
        Index `refnis`; columns outermost first, the last holds the areas of the region's kind. Municipalities in none
        of them are `rest`. The province has nothing above it: one column.
    """
    whole = hierarchy(date=area.date)
    if area.level in ("province", "arrondissement"):
        return whole[["province", "arrondissement"][: 1 + (area.level == "arrondissement")]]
    if area.level == "municipality":
        return whole[["province", "arrondissement", "municipality"]]
    kind = area.code.rpartition(":")[0]
    own = pd.Series(REST, index=whole.index)
    for one in regions(area.level, date=area.date):
        if one.code.rpartition(":")[0] == kind:
            own[list(one.refnis)] = one.code
    return whole[["province"]].assign(area=own)


def boundaries(*, date: str = REFERENCE_DATE) -> gpd.GeoDataFrame:
    """Outlines of the municipalities on a date, in Belgian Lambert 72.

    The user's official file `data/own/boundaries_<year>.geojson` (property `refnis`, longitude and latitude) is used
    where there is one, else the schematic outlines that come with the study.

    Returns
    -------
    GeoDataFrame
        `refnis` (int) and `geometry` (EPSG:31370) [m], one row per municipality. `attrs` hold `schematic` (bool),
        `vintage` and `note`, the Dutch source line that belongs under every map.

    Raises
    ------
    InputError
        For a date before 2019, or if the file is missing, unreadable or does not hold each municipality exactly once.

    Notes
    -----
    For drawing only: contiguity comes from `adjacency` and areas from `municipalities`.
    """
    year = _file_year(date, "boundaries")
    own = project_root() / "data" / "own" / f"boundaries_{year}.geojson"
    path = own if own.is_file() else project_root() / "data" / "reference" / own.name
    for looked_for in (own, path):
        record.note_file(looked_for, root=project_root())
    frame = _read_boundaries(
        path, tuple(_municipalities(date)["refnis"]), path.stat().st_mtime_ns if path.is_file() else 0
    )
    frame = frame.copy()
    frame.attrs = {
        "schematic": path != own,
        "vintage": vintage(date),
        "note": OWN_NOTE if path == own else SCHEMATIC_NOTE,
    }
    return frame


# --- reading ------------------------------------------------------------


def _vintage(date: str) -> tuple[str, str | None]:
    """Name and file year of the vintage."""
    return next(names for last, names in VINTAGES.items() if checked_date(date) <= last)


def _file_year(date: str, argument: str) -> str:
    """Year in the file name of a vintage that has files."""
    year = _vintage(date)[1]
    if year is None:
        raise InputError(f"date: {argument} are known from 2019-01-01 on, got {date}")
    return year


def known_stamp() -> tuple[str, int]:
    """What a cached reading depends on: the root and the user's own list of groups."""
    root = project_root()
    own = root / "data" / "own" / "grouping.csv"
    record.note_file(own, root=root)
    return str(root), own.stat().st_mtime_ns if own.is_file() else 0


def _municipalities(date: str) -> pd.DataFrame:
    """Shared table of one date; callers that hand it on copy it."""
    return _municipalities_of(date, str(project_root()))


@lru_cache(maxsize=16)
def _municipalities_of(date: str, root: str) -> pd.DataFrame:
    """Municipalities of one date with inhabitants and postcodes summed over those merged into them."""
    table = valid_on(read_municipalities(root), date).sort_values("refnis").reset_index(drop=True)
    later = max(date, "2019-01-01")
    to = crosswalk(from_date="2019-01-01", to_date=later).set_index("refnis_from")["refnis_to"]
    data = Path(root) / "data"
    people = read_table(
        data / "observed" / "population.csv",
        whole=("refnis", "year", "inhabitants"),
        text=("age_band", "sex"),
        key=("refnis", "year", "age_band", "sex"),
    )
    people = people[(people["age_band"] == "alle") & (people["sex"] == "alle")]
    latest = people[people["year"] == people["year"].max()]
    inhabitants = latest.groupby(latest["refnis"].map(to))["inhabitants"].sum()
    codes = read_table(data / "reference" / "postcode.csv", whole=("refnis",), text=("postcode",))
    postcodes = codes.groupby(codes["refnis"].map(to))["postcode"].agg(lambda listed: " ".join(sorted(listed)))
    table["inhabitants"] = table["refnis"].map(inhabitants).astype("Int64")
    table["postcodes"] = table["refnis"].map(postcodes).fillna("")
    columns = ["refnis", "name_nl", "arrondissement", "area_km2", "lon", "lat", "valid_from", "valid_to", "successor"]
    return table[[*columns, "inhabitants", "postcodes"]]


def _memberships(date: str) -> list[tuple[str, str, str, tuple[int, ...]]]:
    """Grouping, group, status and municipalities on a date; the user's list replaces ours of the same grouping."""
    data = project_root() / "data"
    listed = read_table(
        data / "reference" / "grouping.csv",
        whole=("refnis",),
        text=("grouping", "group", "valid_from", "valid_to", "status"),
    )
    own = data / "own" / "grouping.csv"
    if own.is_file():
        ours = read_table(own, whole=("refnis",), text=("grouping", "group"))
        ours = ours.reindex(columns=listed.columns, fill_value="")
        ours["status"] = ours["status"].replace("", "confirmed")
        listed = pd.concat([listed[~listed["grouping"].isin(ours["grouping"])], ours])
    listed = valid_on(listed, date)
    present = _municipalities(date)
    # a municipality that has since been merged belongs where its successor belongs
    later = crosswalk(from_date=date, to_date=max(date, "2019-01-01")).set_index("refnis_from")["refnis_to"]
    found = []
    for (grouping, group), rows in listed.groupby(["grouping", "group"], sort=True):
        codes = set(rows["refnis"])
        members = tuple(int(r) for r in present["refnis"] if r in codes or later[r] in codes)
        if members:
            status = "confirmed" if (rows["status"] == "confirmed").all() else "possible"
            found.append((str(grouping), str(group), status, members))
    return found


@lru_cache(maxsize=32)
def _regions(date: str, root: str, own_stamp: int) -> Mapping[str, Region]:
    """All regions of a date by code, outermost level first."""
    table = _municipalities(date)
    everyone = tuple(int(r) for r in table["refnis"])
    of = dict(zip(everyone, table["arrondissement"].astype(int), strict=True))
    same = {"date": date, "status": "confirmed"}

    found = [Region(code=PROVINCE, level="province", name="Antwerpen", refnis=everyone, parent=FLANDERS, **same)]
    for code, name in ARRONDISSEMENTS.items():
        members = tuple(r for r in everyone if of[r] == code)
        found.append(
            Region(
                code=f"arrondissement:{code}",
                level="arrondissement",
                name=name,
                refnis=members,
                parent=PROVINCE,
                **same,
            )
        )
    groups = _memberships(date)
    for grouping, group, status, members in sorted(groups, key=lambda g: g[0] != "working-area"):
        holders = {of[r] for r in members}
        level = "working-area" if grouping == "working-area" else "grouping"
        prefix = level if level == "working-area" else f"grouping:{slug(grouping)}"
        found.append(
            Region(
                code=f"{prefix}:{slug(group)}",
                level=level,
                name=re.sub(r"\s*\(.*?\)", "", group),
                refnis=members,
                parent=f"arrondissement:{holders.pop()}" if len(holders) == 1 else PROVINCE,
                **same | {"status": status},
            )
        )
    for refnis, name in zip(everyone, table["name_nl"], strict=True):
        found.append(
            Region(
                code=f"municipality:{refnis}",
                level="municipality",
                name=str(name),
                refnis=(refnis,),
                parent=f"arrondissement:{of[refnis]}",
                **same,
            )
        )
    return {item.code: item for item in found}


@lru_cache(maxsize=4)
def _read_boundaries(path: Path, expected: tuple[int, ...], stamp: int) -> gpd.GeoDataFrame:
    """A boundary file that holds each expected municipality exactly once, in Lambert 72."""
    import geopandas as gpd

    where = f"data/{path.parent.name}/{path.name}"
    if not path.is_file():
        raise InputError(f"{where}: file is missing; allowed: GeoJSON with a property refnis")
    try:
        frame = gpd.read_file(path)
        frame["refnis"] = frame["refnis"].astype(int)
    except KeyError as error:
        raise InputError(f"{where}: property refnis is missing") from error
    except Exception as error:  # pyogrio has no common class for a file that is not GeoJSON
        raise InputError(f"{where}: must be GeoJSON with a whole number in property refnis") from error
    twice = sorted(set(frame["refnis"][frame["refnis"].duplicated()]))
    missing = sorted(set(expected) - set(frame["refnis"]))
    problems = [
        f"{where}: refnis {code} must stand there once, got {'two' if code in twice else 'none'}"
        for code in [*twice, *missing]
    ]
    others = set(read_municipalities(str(project_root()))["refnis"]) - set(expected)
    problems += [
        f"{where}: refnis {code} must not stand there, got boundaries of another year"
        for code in sorted(others & set(frame["refnis"]))
    ]
    if problems:
        raise InputError(*problems)
    frame = frame[frame["refnis"].isin(expected)].sort_values("refnis").reset_index(drop=True)
    return frame[["refnis", "geometry"]].set_crs("EPSG:4326", allow_override=True).to_crs(LAMBERT)
