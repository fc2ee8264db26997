"""Open data cmw03 of the department WEWIS: contingent and subsidy of collectief maatwerk per quarter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from studie.data import contracts
from studie.data.importers.columns import Candidates, Figures, Measure, figures, mapped, measures_of, unused
from studie.data.importers.intake import Intake, Options, Rejections, must_hold_rows
from studie.data.importers.periods import RULE, period_of
from studie.data.importers.territory import NEWEST_FIRST, OUTSIDE, checked_region, codes, place_code, vintage_of
from studie.data.importers.texts import decode, read_bytes, records, require
from studie.errors import InputError
from studie.regions import FLANDERS

PERIOD = "periode"
KNOWN = {
    "cmw_aantal_toegekend_vte": Measure(
        indicator_id="cmw_granted_vte", unit="VTE", population="toegekend contingent collectief maatwerk"
    ),
    "cmw_aantal_vte": Measure(
        indicator_id="cmw_filled_vte", unit="VTE", population="ingevuld contingent collectief maatwerk"
    ),
    "cmw_subsidiebedrag": Measure(
        indicator_id="cmw_subsidy", unit="euro", population="subsidie voor collectief maatwerk"
    ),
}


@dataclass(frozen=True, kw_only=True)
class _Source:
    """The file's records, with what every one is about."""

    file: str
    frame: pd.DataFrame
    rows: list[int]
    periods: list[str]
    regions: list[str]


def read(path: Path, *, options: Options) -> Intake:
    """Sums of cmw03 per quarter as rows of `indicator`.

    Parameters
    ----------
    path : Path
        Text with `;` between the fields, in UTF-8.
    options : Options
        `region` is the area of the whole file, Flanders if not given. `mapping`: `columns` names further columns of
        figures; `place` names the column that holds a municipality (name or NIS code): then the sums are per
        municipality of the province and records elsewhere are listed.

    Returns
    -------
    Intake
        A record counts as taken if every figure of it is part of a sum.

    Raises
    ------
    InputError
        If the file is not such a text, or `periode` or all three figures are missing.

    Notes
    -----
    The file has a record per establishment or municipality and kind of measure; other columns differ from year to year
    and are named in a note. A sum needs all its records: where one cannot be read, the others of that quarter are
    listed too, rather than kept in a sum that is too low. An empty figure adds nothing, and the row's note says so. A
    record that repeats another in every column is listed,
    since nothing in the file tells two such records apart.
    """
    file = path.name
    rejections = Rejections()
    text = decode(read_bytes(path, file=file), file=file)
    found = records(text, file=file, into=rejections, delimiter=";", last_line="ends")
    frame = found.frame.rename(columns=str.lower)
    if frame.columns.duplicated().any():
        raise InputError(f"{file}: row 1: two columns differ only in capitals")
    require(frame, [PERIOD], file=file)
    if not rejections:
        must_hold_rows(frame, file=file)
    known = mapped(options.mapping, also=("place",))
    place = str(options.mapping.get("place", "")).strip().lower()
    if place:
        require(frame, [place], file=file)
    listed = [name for name in frame.columns if name in KNOWN or name in known]
    if not set(KNOWN) & set(listed):
        require(frame, list(KNOWN), file=file)
    measures = measures_of(listed, KNOWN | known, file=file)
    source = _source(frame, found.rows, place, options, file=file, into=rejections)
    columns = {name: figures(frame[name].tolist(), name=name) for name in listed}
    broken = _unreadable(source, columns, ragged=len(frame) < found.read, into=rejections)
    _withhold(source, broken, into=rejections)
    table = _sums(source, columns, measures, into=rejections)
    ignored = [name for name in frame.columns if name not in (PERIOD, place, *listed)]
    notes = [f"columns not used: {', '.join(ignored)}"] if ignored else []
    notes += [column.note for column in columns.values() if column.note]
    return Intake(
        tables={"indicator": table},
        read=found.read,
        taken=found.read - len(rejections),
        rejected=rejections.to_frame(),
        notes=(*notes, *unused(known, frame.columns)),
    )


def _source(
    frame: pd.DataFrame, rows: pd.Series, place: str, options: Options, *, file: str, into: Rejections
) -> _Source:
    """Period and region of every record; '' where it cannot be read or lies elsewhere."""
    if not place:
        areas = [checked_region(options.region or FLANDERS)] * len(frame)
    else:
        areas = _municipalities(frame[place].tolist(), rows.tolist(), place, options, file=file, into=into)
    return _Source(
        file=file,
        frame=frame,
        rows=[int(row) for row in rows],
        periods=[period_of(text) for text in frame[PERIOD]],
        regions=areas,
    )


def _municipalities(
    texts: list[str], rows: list[int], column: str, options: Options, *, file: str, into: Rejections
) -> list[str]:
    """Region code per record: a municipality of the province, or '' with the record noted as elsewhere."""
    places = [place_code(text) for text in texts]
    anywhere = {code for day in NEWEST_FIRST for code in codes(day)}
    here = codes(vintage_of({place for place in places if place in anywhere}, date=options.date))
    for text, place, row in zip(texts, places, rows, strict=True):
        if place not in here:
            into.add(file, row, column=column, rule=OUTSIDE if text.strip() else "must not be empty", value=text)
    return [f"municipality:{place}" if place in here else "" for place in places]


def _unreadable(
    source: _Source, columns: Mapping[str, Figures], *, ragged: bool, into: Rejections
) -> dict[tuple[str, str], int]:
    """Sums (region, period) that lack a record, with its row; '' stands for any region or period."""
    broken: dict[tuple[str, str], int] = {("", ""): 0} if ragged else {}
    repeated = source.frame.duplicated().tolist()
    for i, row in enumerate(source.rows):
        if into.has(source.file, row):
            continue
        problems = [] if source.periods[i] else [(PERIOD, RULE, source.frame[PERIOD].iloc[i])]
        problems += [(n, c.rules[i], source.frame[n].iloc[i]) for n, c in columns.items() if c.rules[i]]
        for name, rule, value in problems:
            into.add(source.file, row, column=name, rule=rule, value=value)
        if problems:
            broken.setdefault((source.regions[i], source.periods[i]), row)
        elif all(pd.isna(column.values[i]) for column in columns.values()):
            into.add(source.file, row, column=", ".join(columns), rule="must hold a figure")
        elif repeated[i]:
            into.add(source.file, row, column="", rule="repeats an earlier row in every column")
    return broken


def _withhold(source: _Source, broken: Mapping[tuple[str, str], int], *, into: Rejections) -> None:
    """List the records of sums that lack one."""
    for i, row in enumerate(source.rows):
        if into.has(source.file, row):
            continue
        region, period = source.regions[i], source.periods[i]
        for key in ((region, period), (region, ""), ("", period), ("", "")):
            if key in broken:
                lacking = f"row {broken[key]}" if broken[key] else "a row"
                into.add(source.file, row, column="", rule=f"the sum of {period} needs {lacking}, which is not taken")
                break


def _sums(
    source: _Source, columns: Mapping[str, Figures], measures: Mapping[str, Measure], *, into: Rejections
) -> pd.DataFrame:
    """Rows of `indicator`: the sum of each figure per region and period."""
    kept = [i for i, row in enumerate(source.rows) if not into.has(source.file, row)]
    if not kept:
        return contracts.empty("indicator")
    keys = {"region": [source.regions[i] for i in kept], "period": [source.periods[i] for i in kept]}
    frame = pd.DataFrame(keys | {name: [column.values[i] for i in kept] for name, column in columns.items()})
    sums = frame.groupby(["region", "period"]).sum(min_count=1)
    empty = frame.set_index(["region", "period"]).isna().groupby(level=[0, 1]).sum()
    candidates = Candidates(file=source.file)
    for region, period in sums.index:
        for name, measure in measures.items():
            value = round(float(sums.loc[(region, period), name]), 6)  # binary sums of decimal figures
            blank = int(empty.loc[(region, period), name])
            note = f"som zonder {blank} lege {'cel' if blank == 1 else 'cellen'} van de bron" if blank else ""
            candidates.add(0, measure, region=region, period=period, value=value, note=note)
    return contracts.validate(candidates.frame(), "indicator", where=source.file)
