"""Eurostat's JSON-stat: one dataset as a cube of values and flags."""

from __future__ import annotations

from pathlib import Path

from studie.data.importers.columns import Candidates, mapped
from studie.data.importers.eurostat import KNOWN, TIMES, add, intake, other_frequency, series_of, strange
from studie.data.importers.intake import Intake, Options, Rejections, shown
from studie.data.importers.json_texts import read_json
from studie.data.importers.jsonstat import read_cube
from studie.data.importers.periods import RULE, period_of
from studie.errors import InputError


def read(path: Path, *, options: Options) -> Intake:
    """Cells of a Eurostat JSON-stat file as rows of `indicator`.

    Parameters
    ----------
    path : Path
        JSON-stat 2.0 dataset.
    options : Options
        As for `eurostat_tsv.read`.

    Returns
    -------
    Intake
        A record is a cell with a value or a flag; `row` is its place in the cube, from 1. Identifiers, flags and
        missing values are as of `eurostat_tsv.read`.

    Raises
    ------
    InputError
        If the file is no such dataset.
    """
    file = path.name
    rejections = Rejections()
    cube = read_cube(read_json(path, file=file), file=file)
    known = KNOWN | mapped(options.mapping)
    time = next((name for name in cube.dimensions if name.lower() in TIMES), "")
    lower = [name.lower() for name in cube.dimensions]
    if not time or "geo" not in lower or len(set(lower)) < len(lower):
        raise InputError(f"{file}: must have the dimensions geo and time once, got {shown(', '.join(cube.dimensions))}")
    candidates = Candidates(file=file)
    for cell in cube.cells:
        labels = {name.lower(): value for name, value in cell.labels.items() if name != time}
        series, problems = series_of(labels, known)
        period = period_of(cell.labels[time])
        if not period:
            problems.append((time, RULE, cell.labels[time]))
        rule = cell.rule or strange(cell.flags)
        if rule:
            problems.append(("value", rule, cell.value))
        if period and series:
            problems += other_frequency(series.frequency, [period])
        for column, broken, value in problems:
            rejections.add(file, cell.row, column=column, rule=broken, value=value)
        if not problems and series is not None:
            add(candidates, series, row=cell.row, period=period, value=cell.number, flags=cell.flags)
    if not cube.cells:
        raise InputError(f"{file}: must hold at least one value, got none")
    return intake(candidates, len(cube.cells), rejections, cube.missing)
