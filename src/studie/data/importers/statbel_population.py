"""Statbel population (`TF_SOC_POP_STRUCT_<year>`): inhabitants on 1 January, summed by sex and age band."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from studie.data import contracts
from studie.data.importers.archives import Limits, opened
from studie.data.importers.intake import REJECTED, Intake, Options, Rejections, must_hold_rows
from studie.data.importers.numbers import whole_numbers
from studie.data.importers.texts import decode, read_bytes, records, require
from studie.errors import InputError
from studie.regions.territory import known_municipalities

COLUMNS = ("CD_REFNIS", "CD_SEX", "CD_AGE", "MS_POPULATION")
PARTS = ("CD_REFNIS", "CD_YEAR", "CD_SEX", "CD_NATLTY", "CD_CIV_STS", "CD_AGE")  # together once per file
LIMITS = Limits(most_bytes=500_000_000, most_members=10)
AGE_BANDS = {"0-17": 17, "18-24": 24, "25-34": 34, "35-44": 44, "45-54": 54, "55-64": 64, "65+": 125}
SEXES = {"M": "m", "F": "v", "V": "v"}
OLDEST = 125
ALL = "alle"
_ELSEWHERE = "lies outside the province"
_SPOILT = "another record of this municipality is at fault: its sums would be too low"


def read(path: Path, *, options: Options) -> Intake:
    """Content of a population file.

    Parameters
    ----------
    path : Path
        Text file with `|` between the fields, in UTF-8 or ISO-8859-1, or a zip file with one such file.
    options : Options
        `date` gives the year if neither the column `CD_YEAR` nor the name of the file does.

    Returns
    -------
    Intake
        Table `population`: per municipality of the province and year, inhabitants by sex and age band, by each alone,
        and in total.

    Raises
    ------
    InputError
        If the file is missing, no text with these columns, or its year is not known.

    Notes
    -----
    A municipality of which one record is at fault is left out whole: a sum without it would be wrong and look right.
    For a record that does not say which municipality it is of, those are the ones before and after it in the file.
    """
    data, file = _content(path)
    into = Rejections()
    text = decode(data, file=file, encodings=("utf-8", "iso-8859-1"))
    found = records(text, file=file, into=into, delimiter="|", last_line="ends")
    require(found.frame, COLUMNS, file=file)
    if not into:
        must_hold_rows(found.frame, file=file)
    frame = found.frame.apply(lambda column: column.str.strip())
    if "CD_YEAR" not in frame:
        frame["CD_YEAR"] = _year(file, path.name, options.date)
    checked = _checked(frame)
    columns, rules, values = _faults(frame, checked)
    lost = (columns == "CD_REFNIS") & (rules != _ELSEWHERE)
    beside = _beside(found.rows, checked["refnis"], lost, into, text=text)
    spoilt = set(checked.loc[rules != "", "refnis"]) | beside
    whole = (rules == "") & ~checked["refnis"].isin(spoilt - {0})
    rules = rules.mask((rules == "") & ~whole, _SPOILT)
    table = contracts.validate(_sums(checked[whole]), "population", where=file)
    listed = pd.DataFrame(
        {"file": file, "row": found.rows, "column": columns, "rule": rules, "value": values}, columns=list(REJECTED)
    )[~whole]
    rejected = pd.concat([listed, into.to_frame()]) if len(into) else listed
    rejected = rejected.sort_values("row", kind="stable").reset_index(drop=True)
    return Intake(
        tables={"population": table},
        read=found.read,
        taken=int(whole.sum()),
        rejected=rejected,
        notes=tuple(_missing(table, spoilt - {0}, file=file)),
    )


def _content(path: Path) -> tuple[bytes, str]:
    """Bytes and name of the text file, unpacked if it came in a zip file."""
    data = read_bytes(path, file=path.name)
    if not data.startswith(b"PK"):
        return data, path.name
    with opened(path, file=path.name, limits=LIMITS) as archive:
        texts = [name for name in archive.names if name.lower().endswith((".txt", ".csv"))]
        if len(texts) != 1:
            got = ", ".join(archive.names) or "none"
            raise InputError(f"{path.name}: must hold one member that ends in .txt or .csv, got {got}")
        return archive.read(texts[0]), f"{path.name}/{texts[0]}"


def _year(*named: str) -> str:
    """Year in the first of some names that holds one."""
    for name in named:
        found = re.findall(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])", name)
        if found:
            return str(found[-1])
    raise InputError(
        f"{named[0]}: the year must stand in a column CD_YEAR, in the name of the file, or be given as date"
    )


def _checked(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns as the table wants them; 0 or '' where a value is at fault."""
    listed = {str(code) for code in known_municipalities()["refnis"]}
    age, age_rule = whole_numbers(frame["CD_AGE"])
    people, people_rule = whole_numbers(frame["MS_POPULATION"])
    year, year_rule = whole_numbers(frame["CD_YEAR"])
    ages = age.fillna(-1).astype("int64")
    return pd.DataFrame(
        {
            "refnis": frame["CD_REFNIS"].where(frame["CD_REFNIS"].isin(listed), "0").astype("int64"),
            "year": year.where((year_rule == "") & year.between(1800, 2200)).fillna(0).astype("int64"),
            "sex": frame["CD_SEX"].map(SEXES).fillna(""),
            "age_band": pd.Series(_band(ages), index=frame.index).where((age_rule == "") & ages.between(0, OLDEST), ""),
            "inhabitants": people.where((people_rule == "") & (people >= 0)).fillna(-1).astype("int64"),
        }
    )


def _band(ages: pd.Series) -> np.ndarray:
    """Age band of each age."""
    names = np.array([*AGE_BANDS, ""], dtype=object)
    return names[np.searchsorted(list(AGE_BANDS.values()), ages.to_numpy())]


def _faults(frame: pd.DataFrame, checked: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Column, rule and value of the first fault of each record; '' for none."""
    column, rule, value = (pd.Series("", index=frame.index, dtype=object) for _ in range(3))
    numbered = frame["CD_REFNIS"].str.fullmatch("[0-9]{5}")
    near = frame["CD_REFNIS"].str.startswith(("11", "12", "13"))
    parts = [name for name in PARTS if name in frame]
    again = frame.duplicated(parts)
    said = frame.groupby(parts)["MS_POPULATION"].transform("nunique") if again.any() else pd.Series(1, frame.index)
    tests: Sequence[tuple[str, pd.Series, str]] = (
        ("CD_REFNIS", ~numbered, "must be a NIS code of five digits"),
        ("CD_REFNIS", (checked["refnis"] == 0) & ~near, _ELSEWHERE),
        ("CD_REFNIS", checked["refnis"] == 0, "must be a municipality of the province"),
        ("CD_YEAR", checked["year"] == 0, "must be a year"),
        ("CD_SEX", checked["sex"] == "", "must be one of M, F"),
        ("CD_AGE", checked["age_band"] == "", f"must be an age from 0 to {OLDEST}"),
        ("MS_POPULATION", checked["inhabitants"] < 0, "must be a whole number, 0 or more"),
        ("MS_POPULATION", said > 1, "another record of the same group says otherwise"),
        ("", again, "repeats an earlier record"),
    )
    for name, broken, text in tests:
        new = broken & (rule == "")
        rule, column = rule.mask(new, text), column.mask(new, name)
        value = value.mask(new, frame[name].str[:60]) if name else value
    return column, rule, value


def _beside(rows: pd.Series, refnis: pd.Series, lost: pd.Series, into: Rejections, *, text: str) -> set[int]:
    """Municipalities that may lack a record of which the municipality is not known."""
    broken = np.concatenate([into.to_frame()["row"].to_numpy(), rows[lost].to_numpy()])
    codes = refnis[~lost].to_numpy()
    if not len(broken) or not len(codes):
        return set()
    at = np.searchsorted(rows[~lost].to_numpy(), broken)
    beside = {*codes[np.clip(at - 1, 0, None)], *codes[np.clip(at, None, len(codes) - 1)]}
    lines = re.split(r"\r\n|\n|\r", text)
    named = {int(n) for row in broken for n in re.findall(r"(?<![0-9])1[123][0-9]{3}(?![0-9])", lines[row - 1])}
    return {int(code) for code in beside} | named


def _sums(people: pd.DataFrame) -> pd.DataFrame:
    """Inhabitants by sex and age band, by each alone and in total."""
    keys = ["refnis", "year", "age_band", "sex"]
    parts = [
        people.assign(**dict.fromkeys(summed, ALL)).groupby(keys, as_index=False)["inhabitants"].sum()
        for summed in ([], ["sex"], ["age_band"], ["sex", "age_band"])
    ]
    whole = pd.concat(parts, ignore_index=True)
    order = {band: place for place, band in enumerate([ALL, *AGE_BANDS])}
    return whole.sort_values(keys, key=lambda s: s.map(order) if s.name == "age_band" else s, ignore_index=True)


def _missing(table: pd.DataFrame, spoilt: set[int], *, file: str) -> list[str]:
    """Municipalities of the province that the file should hold and does not."""
    notes = []
    every = known_municipalities()
    for year in sorted(set(table["year"])):
        day = f"{year}-01-01"
        there = every[(every["valid_from"] <= day) & ((every["valid_to"] == "") | (every["valid_to"] >= day))]
        gone = sorted(set(there["refnis"]) - set(table.loc[table["year"] == year, "refnis"]))
        if gone:
            notes.append(f"{file}: {year}: no figures for {', '.join(map(str, gone))}")
    if spoilt and table.empty:
        notes.append(f"{file}: no municipality is whole")
    return notes
