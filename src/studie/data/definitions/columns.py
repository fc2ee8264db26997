"""The words of a contract: a column, a reference to another table, and the kinds of columns that return."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "whole", "number", "yes_no", "date"]
Persons = Literal["none", "counts", "rows"]

YEAR = r"\d{4}"
MONTH = r"\d{4}-(0[1-9]|1[0-2])"
PERIOD = rf"({MONTH}|\d{{4}}-Q[1-4]|\d{{4}}-S[12]|{YEAR})"
PERIOD_OR_RANGE = rf"({PERIOD}|({PERIOD}|\.\.)/{PERIOD}|onbekend)"
DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
STEP = r"([1-6]|3-4|4-5|5-6|uit_beeld|exit_pension|exit_death|exit_moved|\{[1-6](,[1-6])+\})"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name, kind, about
        Name in the file, kind of value, and what it holds, in Dutch.
    unit : str
        Unit of a number.
    required : bool
        Whether every row must hold a value.
    allowed, pattern, rule, least, most
        Closed list of values; else a regular expression with its rule in words; bounds of a number.
    of : {"", "region", "refnis"}
        What a code must exist in.
    default : str or None
        Value where an extract lacks the column; None: the column must be there.
    """

    name: str
    kind: Kind = "text"
    about: str
    unit: str = ""
    required: bool = True
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    rule: str = ""
    least: float | None = None
    most: float | None = None
    of: Literal["", "region", "refnis"] = ""
    default: str | None = None

    def fits(self, value: object) -> bool:
        """Whether a value matches the pattern; an empty optional value does."""
        return (value == "" and not self.required) or re.fullmatch(self.pattern, str(value)) is not None


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Columns whose values must stand in another table.

    Attributes
    ----------
    columns : tuple of str
        Columns of the table that refers; a row in which one of them is empty refers to nothing.
    parents : tuple of (str, tuple of str)
        Tables, each with its columns in the same order, of which one must hold the values.
    through : str
        Table of the databank that lists the parents' values once, where they are no key of one parent; else empty.
    """

    columns: tuple[str, ...]
    parents: tuple[tuple[str, tuple[str, ...]], ...]
    through: str = ""


@dataclass(frozen=True, kw_only=True)
class Contract:
    """Key, columns and references of a table.

    `ordered` are pairs of columns of which the first may not exceed the second. `own_replaces` names columns: a row of
    the user's extract replaces all listed rows that share their values. `persons` says whether a row is about one
    person (`rows`: such rows never leave the databank), or counts persons. `crossed` names columns: a table to fill in
    has a row for every combination of their allowed values.
    """

    name: str
    title: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    references: tuple[Reference, ...] = ()
    ordered: tuple[tuple[str, str], ...] = ()
    own_replaces: tuple[str, ...] = ()
    crossed: tuple[str, ...] = ()
    demonstrated: bool = False  # the demonstration data hold rows of it
    persons: Persons = "none"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(c.name for c in self.columns)


def text(name: str, about: str, *, required: bool = True, allowed: tuple[str, ...] = ()) -> Column:
    """Column of text."""
    return Column(name=name, about=about, required=required, allowed=allowed)


def optional(name: str, about: str) -> Column:
    """Column of text that may be empty."""
    return Column(name=name, about=about, required=False)


def count(name: str, about: str, unit: str, *, required: bool = False) -> Column:
    """Column of whole numbers, 0 or more; unknown is empty, never 0."""
    return Column(name=name, kind="whole", about=about, unit=unit, required=required, least=0)


def amount(name: str, about: str, unit: str, *, required: bool = False, least: float | None = 0) -> Column:
    """Column of numbers."""
    return Column(name=name, kind="number", about=about, unit=unit, required=required, least=least)


def share(name: str, about: str, *, required: bool = False) -> Column:
    """Column of shares between 0 and 1."""
    return Column(name=name, kind="number", about=about, unit="aandeel", required=required, least=0, most=1)


def matching(name: str, about: str, pattern: str, rule: str, *, required: bool = True) -> Column:
    """Column of text of a given form."""
    return Column(name=name, about=about, pattern=pattern, rule=rule, required=required)


def day(name: str, about: str, *, required: bool = True) -> Column:
    """Column of days as text: a bound of validity may be open."""
    return matching(name, about, DAY, "a date written YYYY-MM-DD", required=required)


def late(name: str, about: str) -> Column:
    """Column of dates that may be empty and that an extract may leave out."""
    return Column(name=name, kind="date", about=about, required=False, default="")


def year(name: str, about: str, *, least: int = 1990) -> Column:
    """Column of calendar years."""
    return Column(name=name, kind="whole", about=about, least=least, most=2200)


def step(name: str, about: str) -> Column:
    """Column of states on the ladder."""
    return matching(name, about, STEP, "a step of the ladder")


def refers(*columns: str, to: str, as_: tuple[str, ...] = (), through: str = "") -> Reference:
    """Reference to one table, whose columns have the same names unless said otherwise."""
    return Reference(columns=columns, parents=((to, as_ or columns),), through=through)


REGION = Column(name="region", about="gebiedscode", of="region")
REFNIS = Column(name="refnis", kind="whole", about="NIS-code van de gemeente", of="refnis")
SECTOR = text("sector", "knelpuntsector van het plan", allowed=("zorg", "bouw", "nijverheid", "logistiek"))
SERIES_BREAK = Column(name="series_break", kind="yes_no", about="breuk in de reeks vanaf deze periode", default="false")
MONTHLY = matching("period", "maand", MONTH, "a month written YYYY-MM")
ONE_PERIOD = matching("period", "jaar, kwartaal of maand", PERIOD, "a period such as 2024, 2024-Q1 or 2024-03")
ANY_PERIOD = matching(
    "period", "periode", PERIOD_OR_RANGE, "a period such as 2024, 2024-03, 2024-Q1, 2024-S1, 2023/2024 or onbekend"
)
STATUSES = ("gepubliceerd", "raming", "voorlopig", "betwist", "afgeleid")
NOTE = optional("note", "opmerking van de bron of bij de overname")
TARGET_GROUP = text("target_group", "doelgroep")
TARGET_GROUP_OR_ALL = Column(name="target_group", about="doelgroep, of alle", default="alle")
ENTERPRISE = text("enterprise_number", "ondernemingsnummer (KBO)")
ESTABLISHMENT = text("establishment_number", "vestigingsnummer (KBO)")
WORK_FORM = text("work_form", "werkvorm (code van work_form)")
OCCUPATION_GROUP = text("occupation_group", "hoofdberoepsgroep (VDAB)")
NACE_VERSION = Column(name="nace_version", kind="whole", about="versie van NACE-BEL", least=2003, most=2025)
NACE_CODE = matching("nace_code", "NACE-code", r"\d{2,5}", "two to five digits")
