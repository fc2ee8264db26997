"""Which extract a KBO zip file is, and the codes that come with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from studie.data.importers.archives import Archive
from studie.data.importers.intake import Rejections
from studie.data.importers.texts import decode, records, require
from studie.errors import InputError

SOCIAL_WORKSHOPS = {2008: "88995", 2025: "88993"}  # 88993 of 2008 and 88995 of 2025 are other activities
WORKSHOP_COMMITTEE = "327.01"
_SOURCE = re.compile(r"KBO open data, extract (\d+) of (\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, kw_only=True)
class Extract:
    """One delivery of the register.

    Attributes
    ----------
    number : int
        Counts the deliveries; an update leads from the extract before it to this one.
    date : str
        Day of the snapshot (YYYY-MM-DD).
    kind : {"full", "update"}
        Whole register, or what changed since the extract before.
    """

    number: int
    date: str
    kind: Literal["full", "update"] = "full"

    @property
    def source(self) -> str:
        """Text that names this extract as the source of rows; `extract_of` reads it back."""
        return f"KBO open data, extract {self.number} of {self.date}"


def extract_of(source: str) -> Extract | None:
    """Extract that a source text names, if it names one."""
    match = _SOURCE.search(source)
    return Extract(number=int(match[1]), date=match[2]) if match else None


def social_workshop(nace_code: str, nace_version: int | None, joint_committee: str = "") -> bool:
    """Whether an enterprise or establishment is a sheltered or social workshop (maatwerkbedrijf).

    Parameters
    ----------
    nace_code : str
        Code of five digits; '' if not known.
    nace_version : int or None
        Version of NACE-BEL that the code belongs to.
    joint_committee : str
        Number of the joint committee; '' if not known, as always in KBO open data.

    Notes
    -----
    Either mark suffices: NACE-BEL 88995 in version 2008 or 88993 in version 2025, or joint committee 327.01 (Flemish
    sheltered workshops, social workshops and maatwerkbedrijven). A code without its version says nothing: 88993 of 2008
    is another activity. Version 2003 has no code of its own for them.
    """
    committee = re.sub(r"[^0-9]", "", joint_committee)
    if committee == WORKSHOP_COMMITTEE.replace(".", ""):
        return True
    return nace_version is not None and SOCIAL_WORKSHOPS.get(int(nace_version)) == nace_code


def read_extract(archive: Archive, *, file: str) -> Extract:
    """Number, date and kind of an extract, from its `meta.csv`.

    Raises
    ------
    InputError
        If a variable is missing or malformed.
    """
    where = f"{file}/meta.csv"
    table = records(decode(archive.read("meta.csv"), file=where), file=where, into=Rejections(), delimiter=",").frame
    require(table, ("Variable", "Value"), file=where)
    values = dict(zip(table["Variable"], table["Value"], strict=True))
    kind, number, day = (values.get(name, "") for name in ("ExtractType", "ExtractNumber", "SnapshotDate"))
    problems = []
    if kind not in ("full", "update"):
        problems.append(f"{where}: ExtractType must be one of full, update, got {kind!r}")
    if not re.fullmatch("[0-9]{1,9}", number):
        problems.append(f"{where}: ExtractNumber must be a whole number, got {number!r}")
    snapshot = _day(day)
    if snapshot is None:
        problems.append(f"{where}: SnapshotDate must be a date written dd-mm-yyyy, got {day!r}")
    if problems or snapshot is None:
        raise InputError(*problems)
    return Extract(number=int(number), date=snapshot.isoformat(), kind="full" if kind == "full" else "update")


def _day(text: str) -> date | None:
    """Date of a text written dd-mm-yyyy."""
    try:
        return datetime.strptime(text, "%d-%m-%Y").date() if re.fullmatch(r"\d\d-\d\d-\d{4}", text) else None
    except ValueError:
        return None


def legal_forms(archive: Archive, *, file: str) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Dutch names of the legal forms by code, and a note for each record of `code.csv` that was not readable.

    Raises
    ------
    InputError
        If the file is not text or lacks a column.
    """
    where = f"{file}/code.csv"
    into = Rejections()
    table = records(decode(archive.read("code.csv"), file=where), file=where, into=into, delimiter=",").frame
    require(table, ("Category", "Code", "Language", "Description"), file=where)
    dutch = table[(table["Category"] == "JuridicalForm") & (table["Language"] == "NL") & (table["Description"] != "")]
    notes = (f"{where}: {len(into)} records not readable, their codes keep no name",) if len(into) else ()
    return dict(zip(dutch["Code"], dutch["Description"], strict=True)), notes
