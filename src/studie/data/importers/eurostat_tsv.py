"""Eurostat's TSV: one series per line, flags behind the values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from studie.data.importers.columns import Candidates, mapped
from studie.data.importers.eurostat import (
    KNOWN,
    TIMES,
    Problem,
    Series,
    add,
    intake,
    other_frequency,
    series_of,
    strange,
)
from studie.data.importers.intake import Intake, Options, Rejections, must_hold_rows, shown
from studie.data.importers.numbers import flagged_number
from studie.data.importers.periods import RULE, period_of
from studie.data.importers.texts import decode, read_bytes, records
from studie.errors import InputError


def read(path: Path, *, options: Options) -> Intake:
    """Series of a Eurostat TSV file as rows of `indicator`.

    Parameters
    ----------
    path : Path
        Tab-separated text; the first field is `dim,dim,…\\TIME_PERIOD`, the others are periods.
    options : Options
        `mapping`: `columns` names measures by their code in the dimension `indic_em` (or `indic`).

    Returns
    -------
    Intake
        A record is a series: taken with all its figures, or listed. A missing value (`:`) gives no row; one with a
        flag (`: c`) gives a row without value and the flag in words.

    Raises
    ------
    InputError
        If the file is no such text.

    Notes
    -----
    The dimensions other than place, time, frequency and unit are part of the identifier: job vacancies of NACE section
    F are `job_vacancies_nace_f`. The usual values NSA and TOTAL are left out of it. Quarterly figures stay in
    `indicator`: the table `vacancy` is monthly. Sections become sectors of the plan by the table `sector`: in NACE
    Rev. 2 care is Q, construction F, industry C and logistics H.
    """
    file = path.name
    rejections = Rejections()
    text = decode(read_bytes(path, file=file), file=file)
    found = records(text, file=file, into=rejections, delimiter="\t", last_line="ends")
    names = [str(name) for name in found.frame.columns]
    dimensions, periods = _tsv_header(names, file=file)
    if not rejections:
        must_hold_rows(found.frame, file=file)
    known = KNOWN | mapped(options.mapping)
    candidates = Candidates(file=file)
    missing = 0
    for row, record in zip(found.rows.tolist(), found.frame.itertuples(index=False), strict=True):
        values = str(record[0]).strip().split(",")
        if len(values) != len(dimensions):
            rule = f"must have {len(dimensions)} dimensions as the header has, got {len(values)}"
            rejections.add(file, row, column=names[0], rule=rule, value=record[0])
            continue
        said = dict(zip(dimensions, (value.strip() for value in values), strict=True))
        cells = dict(zip(periods, map(str, record[1:]), strict=True))
        missing += _series_rows(row, *series_of(said, known), cells, candidates=candidates, into=rejections)
    return intake(candidates, found.read, rejections, missing)


def _tsv_header(names: Sequence[str], *, file: str) -> tuple[list[str], list[str]]:
    """Dimensions and periods."""
    stem, _, time = names[0].partition("\\")
    dimensions = [name.strip().lower() for name in stem.split(",")]
    periods = [period_of(name) for name in names[1:]]
    problems = []
    if time.strip().lower() not in TIMES:
        problems.append(f"{file}: row 1: the first field must end with \\TIME_PERIOD, got {shown(names[0])!r}")
    if "geo" not in dimensions or not all(dimensions) or len(set(dimensions)) < len(dimensions):
        problems.append(f"{file}: row 1: the dimensions must have names, each once, and geo among them")
    wrong = [name for name, period in zip(names[1:], periods, strict=True) if not period]
    problems += [f"{file}: row 1: column {shown(name)} {RULE}" for name in wrong[:5]]
    if not wrong and len(set(periods)) < len(periods):
        problems.append(f"{file}: row 1: a period stands there twice")
    if problems:
        raise InputError(*problems)
    return dimensions, periods


def _series_rows(
    row: int,
    series: Series | None,
    problems: list[Problem],
    cells: Mapping[str, str],
    *,
    candidates: Candidates,
    into: Rejections,
) -> int:
    """Candidate rows of one series, or why there are none; how many of its values are missing without a word."""
    read = {period: flagged_number(cell) for period, cell in cells.items()}
    for period, one in read.items():
        empty = "" if cells[period].strip() else "must be a value, or `:` where missing"
        rule = one.rule or empty or strange(one.flags)
        if rule:
            problems.append((period, rule, cells[period]))
    usable = [period for period, one in read.items() if one.value is not None or one.flags]
    if not problems and not usable:
        problems.append(("", "must hold a value, got only missing ones", ""))
    problems += other_frequency(series.frequency if series else "", usable)
    for column, rule, value in problems:
        into.add(candidates.file, row, column=column, rule=rule, value=value)
    if problems or series is None:
        return 0
    for period in usable:
        add(candidates, series, row=row, period=period, value=read[period].value, flags=read[period].flags)
    return len(cells) - len(usable)
