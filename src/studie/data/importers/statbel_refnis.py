"""Statbel REFNIS (`TU_COM_REFNIS`): the municipalities of the province and since when, held against what we know."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from studie.data.importers.intake import Intake, Options, Rejections, must_hold_rows, take
from studie.data.importers.texts import decode, read_bytes, records, require
from studie.regions import ARRONDISSEMENTS
from studie.regions.territory import known_municipalities

MOST = 20_000_000  # [bytes]; the list of all of Belgium takes 0.3 MB
COLUMNS = ("LVL_REFNIS", "CD_REFNIS", "CD_SUP_REFNIS", "TX_REFNIS_NL", "DT_VLDT_START", "DT_VLDT_END")
OPEN = "9999-12-31"
FIRST_DAY = "2018-01-01"  # of the oldest vintage that the study knows
_LEVEL = "4"


def read(path: Path, *, options: Options) -> Intake:
    """Content of a REFNIS list.

    Parameters
    ----------
    path : Path
        Text file with `|` between the fields, in UTF-8 or ISO-8859-1.
    options : Options
        Not used: the file holds all of Belgium with its dates.

    Returns
    -------
    Intake
        Table `municipality`: the municipalities of the province that existed in 2018 or later, without what the list
        does not hold (successor, area, place). The notes name every difference with what the study knows.

    Raises
    ------
    InputError
        If the file is missing, no text with these columns, or cut off within its header.
    """
    del options
    file = path.name
    into = Rejections()
    text = decode(read_bytes(path, file=file, most=MOST), file=file, encodings=("utf-8", "iso-8859-1"))
    found = records(text, file=file, into=into, delimiter="|", last_line="ends")
    require(found.frame, COLUMNS, file=file)
    if not into:
        must_hold_rows(found.frame, file=file)
    frame = found.frame.apply(lambda column: column.str.strip())
    ours = _of_the_study(frame, found.rows, file=file, into=into)
    rows = frame[ours]
    table = pd.DataFrame(
        {
            "refnis": rows["CD_REFNIS"],
            "name_nl": rows["TX_REFNIS_NL"].map(_plain_name),
            "arrondissement": rows["CD_SUP_REFNIS"],
            "valid_from": rows["DT_VLDT_START"].map(_day),
            "valid_to": rows["DT_VLDT_END"].map(_day).replace(OPEN, ""),
            "successor": "",
            "area_km2": "",
            "lon": "",
            "lat": "",
        },
        dtype=object,
    )
    taken = take(table, "municipality", file=file, rows=found.rows[ours], into=into)
    origins = _origins(table, found.rows[ours], file=file, into=into)
    return Intake(
        tables={"municipality": taken},
        read=found.read,
        taken=found.read - len(into),
        rejected=into.to_frame(),
        notes=tuple(_differences(taken, file=file)),
        origins={"municipality": origins},
    )


def _of_the_study(frame: pd.DataFrame, rows: pd.Series, *, file: str, into: Rejections) -> pd.Series:
    """Whether each record is a municipality of the province in the years of the study; the others are noted."""
    arrondissements = {str(code) for code in ARRONDISSEMENTS}
    ends = frame["DT_VLDT_END"].map(_day)
    tests = (
        ("LVL_REFNIS", frame["LVL_REFNIS"].isin(list("1234")), "must be a level from 1 to 4"),
        ("LVL_REFNIS", frame["LVL_REFNIS"] == _LEVEL, "is no municipality"),
        ("CD_REFNIS", frame["CD_REFNIS"].str.fullmatch("[0-9]{5}"), "must be a NIS code of five digits"),
        ("CD_SUP_REFNIS", frame["CD_SUP_REFNIS"].str.fullmatch("[0-9]{5}"), "must be a NIS code of five digits"),
        ("CD_SUP_REFNIS", frame["CD_SUP_REFNIS"].isin(arrondissements), "lies outside the province"),
        ("DT_VLDT_START", frame["DT_VLDT_START"].map(_day) != "", "must be a date written dd/mm/yyyy"),
        ("DT_VLDT_END", ends != "", "must be a date written dd/mm/yyyy"),
        ("DT_VLDT_END", ends >= FIRST_DAY, f"ended before {FIRST_DAY}, the first day of the study"),
    )
    left = pd.Series(data=True, index=frame.index)
    for column, sound, rule in tests:
        for row, value in zip(rows[left & ~sound], frame.loc[left & ~sound, column], strict=True):
            into.add(file, int(row), column=column, rule=rule, value=value)
        left &= sound
    return left


def _origins(table: pd.DataFrame, rows: pd.Series, *, file: str, into: Rejections) -> pd.DataFrame:
    """Where each row of the table stands in the file."""
    taken = [int(row) for row in rows if not into.has(file, int(row))]
    return pd.DataFrame({"file": file, "row": pd.Series(taken, dtype="int64")}, columns=["file", "row"])


def _day(text: str) -> str:
    """A date written dd/mm/yyyy as YYYY-MM-DD; '' if it is none."""
    match = re.fullmatch(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", text)
    if match is None:
        return ""
    day, month, year = match.groups()
    iso = f"{year}-{month}-{day}"
    return iso if pd.notna(pd.to_datetime(f"2000-{month}-{day}", errors="coerce")) else ""


def _plain_name(name: str) -> str:
    """A name without the district that tells it from another: Hove (Antwerpen) is Hove."""
    return re.sub(r"\s*\([^()]*\)$", "", name)


def _differences(table: pd.DataFrame, *, file: str) -> list[str]:
    """What the list says otherwise than the study, one line each."""
    known = known_municipalities()
    notes = [f"{file}: {(table['valid_to'] == '').sum()} municipalities of the province still exist in this list"]
    by_refnis = {int(rows["refnis"].iloc[0]): rows for _, rows in known.groupby("refnis")}
    for row in table.to_dict("records"):
        ours = by_refnis.pop(int(row["refnis"]), None)
        what = f"{file}: {row['refnis']} {row['name_nl']}"
        if ours is None:
            notes.append(f"{what} is not known to the study")
            continue
        theirs = {"name": row["name_nl"], "arrondissement": row["arrondissement"], "begins": row["valid_from"]}
        first, last = ours.iloc[0], ours.iloc[-1]
        mine = {"name": last["name_nl"], "arrondissement": last["arrondissement"], "begins": first["valid_from"]}
        notes += [f"{what}: {k} {theirs[k]} here, {mine[k]} in the study" for k in theirs if theirs[k] != mine[k]]
        if row["valid_to"] != last["valid_to"]:
            notes.append(f"{what}: ends {row['valid_to'] or 'never'} here, {last['valid_to'] or 'never'} in the study")
    notes += [
        f"{file}: {refnis} {rows['name_nl'].iloc[0]} is missing in this list" for refnis, rows in by_refnis.items()
    ]
    return notes
