"""VDAB's Arvastat: received and open vacancies per sector and month, and job seekers per occupation group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from studie.data import catalogue, contracts
from studie.data.definitions.columns import SECTOR
from studie.data.importers.arvastat_sheet import Export, read_export
from studie.data.importers.columns import Candidates, Measure
from studie.data.importers.hidden import Part, Sum, Whole, bounded, whole
from studie.data.importers.intake import Intake, Options, Rejections
from studie.data.importers.territory import checked_region
from studie.errors import InputError, unknown

UNASSIGNED = "occupation group is in no sector of the plan (table occupation_sector)"
Cell = tuple[str, str]  # sector or occupation group, and month


@dataclass(kw_only=True)
class _Cells:
    """Counts per cell of the table, with the records that each needs."""

    parts: dict[Cell, list[Part]] = field(default_factory=dict)
    rows: dict[Cell, list[int]] = field(default_factory=dict)

    def add(self, cell: Cell, part: Part, row: int) -> None:
        """One count of a cell."""
        self.parts.setdefault(cell, []).append(part)
        self.rows.setdefault(cell, []).append(row)

    def drop(self, cell: Cell) -> list[int]:
        """Leave a cell out; the rows that it needed."""
        self.parts.pop(cell)
        return self.rows.pop(cell)


def read(path: Path, *, options: Options) -> Intake:
    """An Arvastat export as rows of `vacancy` or `jobseeker`.

    Parameters
    ----------
    path : Path
        Workbook with a sheet `Data`; cell A1 says what is counted.
    options : Options
        `region` is the area that was chosen in Arvastat, which the file does not name. `sector`: the file was made for
        this sector, all its records count for it; else occupations are assigned by the table `occupation_sector`.

    Returns
    -------
    Intake
        Vacancies: one row per sector and month; where hidden counts leave a sum unknown it is empty, and its bounds
        are two rows of `indicator` (`vacancies_<kind>_<sector>_lower` and `_upper`). Job seekers: one row per main
        occupation group and month, with `lower` and `upper` where hidden.

    Raises
    ------
    InputError
        As `arvastat_sheet.read_export`; if no region is given, or studies are counted and no sector is given.

    Notes
    -----
    A dash hides 1 to 3; 0 is shown. A sum needs all its records: where one cannot be read, the others of the same
    sector and month are listed too, rather than kept in a sum that is too low. Open vacancies are a stock: the sheet's
    total over several months says nothing and is not used.
    """
    rejections = Rejections()
    region = checked_region(options.region)
    _check_sector(options.sector)
    export = read_export(path, into=rejections)
    if export.kind == "persons" and options.sector:
        raise InputError("sector: job seekers are kept by occupation group, in no sector; leave the sector out")
    if not export.by_occupation and (export.kind == "persons" or not options.sector):
        need = (
            "only exports by occupation hold job seekers" if export.kind == "persons" else "give the sector it is about"
        )
        raise InputError(f"{export.file}: the file counts by studies and names no occupations; {need}")
    assigned, notes = ({}, []) if options.sector or export.kind == "persons" else _assignments(export)
    cells = _cells(export, options.sector, assigned, into=rejections)
    _withhold(export, cells, options.sector, assigned, into=rejections)
    sums = {cell: bounded(parts, of=_of(export)) for cell, parts in sorted(cells.parts.items())}
    tables = _jobseekers(sums, region) if export.kind == "persons" else _vacancies(sums, region, export)
    notes += _hidden_notes(sums)
    return Intake(
        tables=tables,
        read=export.read,
        taken=export.read - len(rejections),
        rejected=rejections.to_frame(),
        notes=(*export.notes, *notes),
    )


def _check_sector(sector: str) -> None:
    """Refuse a sector that the plan does not have."""
    if sector and sector not in SECTOR.allowed:
        raise unknown("sector", sector, SECTOR.allowed)


def _plain(name: str) -> str:
    """A name of an occupation group without differences in capitals and blanks."""
    return " ".join(name.split()).lower()


def _assignments(export: Export) -> tuple[dict[str, list[tuple[str, float]]], list[str]]:
    """Sectors and shares by occupation group, and a note on those that are not certain."""
    table = catalogue.read("occupation_sector", data="own").frame
    assigned: dict[str, list[tuple[str, float]]] = {}
    for record in table.to_dict("records"):
        assigned.setdefault(_plain(record["occupation_group"]), []).append((record["sector"], record["share"]))
    possible = {_plain(name) for name in table.loc[table["certainty"] != "zeker", "occupation_group"]}
    met = {record.labels[0] for record in export.records if _plain(record.labels[0]) in possible}
    said = [f"assigned to a sector as `mogelijk`, not `zeker`: {', '.join(sorted(met))}"] if met else []
    return assigned, said


def _sectors(group: str, sector: str, assigned: Mapping[str, list[tuple[str, float]]]) -> list[tuple[str, float]]:
    """Sectors of an occupation group with the share of it that each gets."""
    return [(sector, 1.0)] if sector else assigned.get(_plain(group), [])


def _cells(export: Export, sector: str, assigned: Mapping[str, list[tuple[str, float]]], *, into: Rejections) -> _Cells:
    """Counts per cell; records of no sector are noted."""
    cells = _Cells()
    spelled: dict[str, str] = {}
    for record in export.records:
        if export.kind == "persons":
            group = spelled.setdefault(_plain(record.labels[0]), record.labels[0])
            cells.add((group, record.month), Part(count=record.count), record.row)
            continue
        shares = _sectors(record.labels[0], sector, assigned)
        if not shares:
            into.add(export.file, record.row, column="Hoofdberoepsgroep", rule=UNASSIGNED, value=record.labels[0])
        for name, share in shares:
            cells.add((name, record.month), Part(count=record.count, share=share), record.row)
    return cells


def _withhold(
    export: Export, cells: _Cells, sector: str, assigned: Mapping[str, list[tuple[str, float]]], *, into: Rejections
) -> None:
    """Leave out sums that lack a record, and list the records that they needed."""
    for row, month, group in export.unreadable:
        if export.kind == "persons":
            names = {name for name, _ in cells.parts if _plain(name) == _plain(group)} if group else None
        else:
            names = {name for name, _ in _sectors(group, sector, assigned)} if group or sector else None
        for cell in list(cells.parts):
            if (names is None or cell[0] in names) and month in ("", cell[1]):
                rule = f"the sum of {cell[0]} in {cell[1]} needs row {row}, which is not taken"
                for needed in cells.drop(cell):
                    into.add(export.file, needed, column="", rule=rule)


def _of(export: Export) -> Whole:
    """What the sheet's total says about its hidden counts; nothing where records are missing or a stock has months."""
    trusted = not export.unreadable and (export.kind != "open" or len(export.months) == 1)
    if export.kind == "persons" and len(export.months) > 1:
        trusted = False
    return whole([record.count for record in export.records], total=export.total if trusted else None)


def _vacancies(sums: Mapping[Cell, Sum], region: str, export: Export) -> dict[str, pd.DataFrame]:
    """Rows of `vacancy`, and of `indicator` for the bounds of sums that are not known."""
    counts = ("open", "received", "filled")
    rows = [
        {"region": region, "sector": sector, "period": month}
        | {name: found.value if name == export.kind else None for name in counts}
        for (sector, month), found in sums.items()
    ]
    bounds = Candidates(file=export.file)
    for (sector, month), found in sums.items():
        if found.value is None:
            for end, value in (("lower", found.lower), ("upper", found.upper)):
                measure = Measure(
                    indicator_id=f"vacancies_{export.kind}_{sector}_{end}",
                    unit="vacatures",
                    population=f"{export.title.lower()}, sector {sector}",
                )
                note = f"{found.hidden} aantallen van 1 tot 3 verborgen"
                bounds.add(0, measure, region=region, period=month, value=float(value), status="afgeleid", note=note)
    return {
        "vacancy": _checked(pd.DataFrame(rows), "vacancy", where=export.file),
        "indicator": _checked(bounds.frame(), "indicator", where=export.file),
    }


def _jobseekers(sums: Mapping[Cell, Sum], region: str) -> dict[str, pd.DataFrame]:
    """Rows of `jobseeker`."""
    rows = [
        {
            "region": region,
            "occupation_group": group,
            "period": month,
            "persons": found.value,
            "lower": found.lower if found.value is None else None,
            "upper": found.upper if found.value is None else None,
        }
        for (group, month), found in sums.items()
    ]
    return {"jobseeker": _checked(pd.DataFrame(rows), "jobseeker", where="jobseeker")}


def _checked(frame: pd.DataFrame, table: str, *, where: str) -> pd.DataFrame:
    """Rows in the types of their contract."""
    return contracts.validate(frame, table, where=where) if len(frame) else contracts.empty(table)


def _hidden_notes(sums: Mapping[Cell, Sum]) -> list[str]:
    """Notes on sums with hidden counts and on rounded ones."""
    unknown_sums = [cell for cell, found in sums.items() if found.value is None]
    notes = []
    if unknown_sums:
        notes.append(
            f"{len(unknown_sums)} of {len(sums)} sums are not known: a dash hides 1 to 3; their bounds are kept"
        )
    if any(found.rounded for found in sums.values()):
        notes.append("sums with a part of an occupation group are rounded")
    return notes
