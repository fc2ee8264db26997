"""Municipalities through time: which existed when, what became of them, and which postcodes lie in them."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from datetime import date as calendar_date
from functools import lru_cache
from pathlib import Path

import pandas as pd

from studie.config import REFERENCE_DATE, project_root
from studie.errors import InputError

PROVINCE_POSTCODES = ("2000", "2999")  # bpost keeps the range for the province
FIRST_POSTCODES = "2019-01-01"  # the list of postcodes is that of the municipalities of 2019-2024


def checked_date(date: str) -> str:
    """The same date, if it is one."""
    try:
        if calendar_date.fromisoformat(date).isoformat() == date:
            return date
    except (TypeError, ValueError):
        pass
    raise InputError(f"date: a date written YYYY-MM-DD, got {date!r}")


def read_table(
    path: Path, *, whole: tuple[str, ...], text: tuple[str, ...] = (), key: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Rows of a file that regions need: `whole` numbers typed, all other columns as text, or one line per problem."""
    where = f"data/{path.parent.name}/{path.name}"
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = list(csv.DictReader(handle, strict=True, restval=""))
    except OSError as error:
        raise InputError(f"{where}: file is missing or not readable") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{where}: must be CSV in UTF-8, {error}") from error
    if not rows:
        raise InputError(f"{where}: file is empty; it must hold a header and rows")
    missing = [name for name in (*whole, *text) if name not in rows[0]]
    if missing:
        raise InputError(*(f"{where}: column {name} is missing" for name in missing))
    table = pd.DataFrame(rows)
    for name in whole:
        numbers = pd.to_numeric(table[name], errors="coerce")
        wrong = numbers.isna().to_numpy().nonzero()[0]
        if len(wrong):
            got = table[name].iloc[wrong[0]]
            raise InputError(f"{where}: row {wrong[0] + 2}, column {name}: must be a whole number, got {got!r}")
        table[name] = numbers.astype(int)
    twice = table.duplicated(list(key) or None).to_numpy().nonzero()[0]
    if len(twice):
        raise InputError(f"{where}: row {twice[0] + 2}: {', '.join(key) or 'the whole row'} must be unique")
    return table


@lru_cache(maxsize=4)
def read_municipalities(root: str) -> pd.DataFrame:
    """All municipalities of all vintages; not known is nan or None."""
    table = read_table(
        Path(root) / "data" / "reference" / "municipality.csv",
        whole=("refnis", "arrondissement"),
        text=("name_nl", "valid_from", "valid_to", "successor", "area_km2", "lon", "lat"),
        key=("refnis", "valid_from"),
    )
    for column in ("successor", "area_km2", "lon", "lat"):
        table[column] = pd.to_numeric(table[column], errors="coerce")
    table["successor"] = table["successor"].astype("Int64")
    return table.drop(columns="source", errors="ignore")


def known_municipalities() -> pd.DataFrame:
    """Municipalities of all vintages, one row per time that one existed with the same territory.

    Returns
    -------
    DataFrame
        `refnis`, `name_nl`, `arrondissement`, `valid_from`, `valid_to` ('' while it lasts), `successor`, `area_km2`,
        `lon`, `lat`.
    """
    return read_municipalities(str(project_root())).copy()


def valid_on(table: pd.DataFrame, date: str) -> pd.DataFrame:
    """Rows that hold on a date; an empty bound is open."""
    begun = (table["valid_from"] == "") | (table["valid_from"] <= date)
    lasting = (table["valid_to"] == "") | (table["valid_to"] >= date)
    return table[begun & lasting]


def crosswalk(*, from_date: str, to_date: str) -> pd.DataFrame:
    """Municipality of a later date that holds each municipality of an earlier one.

    Returns
    -------
    DataFrame
        `refnis_from` (int) and `refnis_to` (Int64); `<NA>` where the successor lies outside the province (Zwijndrecht
        from 2025).

    Raises
    ------
    InputError
        If `to_date` lies before `from_date`: a merger cannot be undone without figures per part.
    """
    if checked_date(to_date) < checked_date(from_date):
        raise InputError(f"to_date: on or after from_date {from_date}, got {to_date}")
    table = read_municipalities(str(project_root()))
    ended = table[(table["valid_to"] >= from_date) & (table["valid_to"] < to_date)].sort_values("valid_to")
    ended = ended.dropna(subset="successor")
    moves = [(int(r), int(s)) for r, s in zip(ended["refnis"], ended["successor"], strict=True)]
    start = [int(r) for r in valid_on(table, from_date)["refnis"]]
    end = set(valid_on(table, to_date)["refnis"])
    reached = []
    for refnis in start:
        now = refnis
        for old, new in moves:
            now = new if now == old else now
        reached.append(now if now in end else None)
    return pd.DataFrame({"refnis_from": start, "refnis_to": pd.array(reached, dtype="Int64")})


def municipality_of(postcode: str, *, date: str, name: str | None = None) -> int:
    """Municipality of today that holds an address of some date.

    Parameters
    ----------
    postcode : str
        Four digits.
    date : str
        Day on which the address held (YYYY-MM-DD).
    name : str, optional
        Municipality of the address; decides where several share a postcode.

    Returns
    -------
    int
        NIS code on the territory of `REFERENCE_DATE`.

    Raises
    ------
    InputError
        If the date or postcode is malformed, the postcode is none of the province, its municipality has left the
        province since, or several share it and the name names none of them.

    Notes
    -----
    Postcodes are taken to lie in the same place on every date: no postcode of the province moved since 2018.
    """
    found = municipalities_of(pd.Series([postcode]), date=date, names=pd.Series([name or ""])).iloc[0]
    if found["rule"]:
        raise InputError(f"postcode: {found['rule']}, got {postcode!r}")
    return int(found["refnis"])


def municipalities_of(postcodes: pd.Series, *, date: str, names: pd.Series | None = None) -> pd.DataFrame:
    """Municipality of today of each address; see `municipality_of`.

    Returns
    -------
    DataFrame
        Index of `postcodes`; `refnis` (Int64) and `rule`, which says why there is none and is '' otherwise.
    """
    named = pd.Series("", index=postcodes.index) if names is None else names.fillna("")
    asked = pd.DataFrame({"postcode": postcodes.fillna(""), "name": named})
    distinct = asked.drop_duplicates()
    checked_date(date)
    holders = _holders(str(project_root()))
    found = [_municipality(str(p), str(n), holders, date) for p, n in distinct.itertuples(index=False)]
    answers = distinct.assign(
        refnis=pd.array([refnis for refnis, _ in found], dtype="Int64"), rule=[rule for _, rule in found]
    )
    return asked.merge(answers, on=["postcode", "name"], how="left")[["refnis", "rule"]].set_index(postcodes.index)


@dataclass(frozen=True, kw_only=True)
class _Holder:
    """Municipality in which a postcode lies, all the names it ever had, and what it is today."""

    name: str
    names: frozenset[str]
    today: int | None  # None: outside the province
    last_day: str  # in the province; '' while it lasts


@lru_cache(maxsize=4)
def _holders(root: str) -> dict[str, tuple[_Holder, ...]]:
    """Municipalities of today that hold each postcode of the province."""
    codes = read_table(Path(root) / "data" / "reference" / "postcode.csv", whole=("refnis",), text=("postcode",))
    every = read_municipalities(root)
    today = crosswalk(from_date=FIRST_POSTCODES, to_date=REFERENCE_DATE).set_index("refnis_from")["refnis_to"]
    merged = dict(zip(every["refnis"], every["successor"], strict=True))
    found: dict[str, dict[int, _Holder]] = {}
    for refnis, postcode in zip(codes["refnis"], codes["postcode"], strict=True):
        now = today.get(refnis)
        key = int(refnis) if pd.isna(now) else int(now)
        family = every[every["refnis"].isin([refnis, key]) | every["refnis"].map(merged).eq(refnis)]
        own = every[every["refnis"] == refnis]
        found.setdefault(postcode, {})[key] = _Holder(
            name=str(own["name_nl"].iloc[-1]),
            names=frozenset(map(_plain_name, family["name_nl"])) | _names(found, postcode, key),
            today=None if pd.isna(now) else key,
            last_day=str(own["valid_to"].max()) if pd.isna(now) else "",
        )
    return {postcode: tuple(there.values()) for postcode, there in found.items()}


def _names(found: dict[str, dict[int, _Holder]], postcode: str, key: int) -> frozenset[str]:
    """Names that a municipality has already got through another part of the same postcode."""
    return found[postcode][key].names if key in found.get(postcode, {}) else frozenset()


def _municipality(
    postcode: str, name: str, holders: dict[str, tuple[_Holder, ...]], date: str
) -> tuple[int | None, str]:
    """Municipality of today of one address, or why there is none."""
    if not re.fullmatch("[0-9]{4}", postcode):
        return None, "must be a postcode of four digits"
    if postcode not in holders:
        first, last = PROVINCE_POSTCODES
        return None, "unknown postcode of the province" if first <= postcode <= last else "lies outside the province"
    there = holders[postcode]
    named = [holder for holder in there if len(there) == 1 or _plain_name(name) in holder.names]
    if len(named) != 1:
        listed = ", ".join(sorted(holder.name for holder in there))
        return None, f"lies in several municipalities; the name must be one of {listed}"
    holder = named[0]
    if holder.today is not None:
        return holder.today, ""
    since = f"{holder.name} left the province after {holder.last_day}"
    return None, since if date <= holder.last_day else f"lies outside the province: {since}"


def _plain_name(name: str) -> str:
    """Name of a municipality without case, accents, marks and what stands in brackets."""
    bare = unicodedata.normalize("NFKD", re.sub(r"\(.*?\)", "", name)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z]+", "", bare.lower())
