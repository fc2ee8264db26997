"""A filled-in workbook as rows of the databank or a list of wrong cells; a sheet with errors gives no rows."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import pandas as pd
from openpyxl.workbook import Workbook

from studie import regions
from studie.data import contracts
from studie.data.importers.intake import Intake, Rejections
from studie.data.importers.store import equal
from studie.data.workbook import layout, package, registers
from studie.data.workbook.grid import absent, grid
from studie.data.workbook.instructions import dutch_day
from studie.data.workbook.known import Known, known, present_refnis
from studie.data.workbook.problems import Problem
from studie.data.workbook.rules import Judged, Row, judge
from studie.data.workbook.values import Desk, Value
from studie.data.workbook.vocabulary import vocabulary
from studie.errors import InputError

_IDENTITY = "is geen werkboek van deze studie, of het verborgen blad Lijsten is weg; maak een nieuw werkboek"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A workbook that was read.

    Attributes
    ----------
    intake : Intake
        Rows of the sound sheets, and every other row with its reason.
    problems : tuple of Problem
        Every wrong cell, sheet by sheet.
    group : str
        Code of the region that the workbook was made for, or `registers`.
    title : str
        Its name, in Dutch.
    day : str
        Day on which it was made (YYYY-MM-DD).
    complete : dict of str to DataFrame
        Offers of which the workbook names all target groups, under the name of their table: what it says no to, the
        databank forgets. Empty if that sheet was not taken.
    """

    intake: Intake
    problems: tuple[Problem, ...]
    group: str
    title: str
    day: str
    complete: dict[str, pd.DataFrame]

    @property
    def source(self) -> str:
        """Name of the source of its rows, in Dutch."""
        return f"werkboek {self.title}, {dutch_day(self.day)}"


def read(path: Path, *, today: datetime.date, region: str = "") -> Reading:
    """Read a workbook; writes nothing.

    Parameters
    ----------
    path : Path
        The workbook.
    today : date
        Last day that an offer can be of.
    region : str
        Code of the region that the workbook must be of, or `registers`; '' for any.

    Raises
    ------
    InputError
        If the file is not a sound workbook of this study, of this layout and region: one Dutch line.
    """
    data = package.read_bytes(path)
    book = package.load(data, where=path.name)
    group, day = _identity(book, where=path.name, region=region)
    area = regions.region(regions.PROVINCE if group == registers.GROUP else group)
    title = registers.TITLE if group == registers.GROUP else area.title
    facts = registers.known_registers() if group == registers.GROUP else known(area)
    words = vocabulary(area, facts)
    words = registers.of_all_years(words) if group == registers.GROUP else words
    desk = Desk(words=words, region=area.title, today=today, epoch=book.epoch)
    pages = {page.title.strip().casefold(): page for page in book.worksheets}
    wanted = registers.SHEETS if group == registers.GROUP else layout.with_groups(_groups(book, where=path.name))
    sheets = {
        rules.name: grid(pages[rules.name.casefold()], rules) if rules.name.casefold() in pages else absent(rules)
        for rules in wanted
    }
    formulas = [
        f"{name}!{cell.coordinate}"
        for name, cells in sheets.items()
        for row in cells.rows.values()
        for cell in row.values()
        if cell.data_type == "f"
    ]
    results = {}
    if formulas:
        saved = package.load(data, where=path.name, results=True)
        names = {name.casefold(): name for name in sheets}
        titles = {page.title.strip().casefold(): page for page in saved.worksheets}
        results = {names[title]: page for title, page in titles.items() if title in names}
    judged = judge(sheets, results, desk, facts)
    notes = [
        *_unread(book, [rules.name for rules in wanted]),
        *(note for cells in sheets.values() for note in cells.notes),
    ]
    notes += [f"{place}: van de formule is de bewaarde uitkomst gelezen" for place in _unless_wrong(formulas, judged)]
    notes += _empty(judged)
    if layout.OFFER.name in judged:
        notes += _new_activities(judged[layout.OFFER.name], words.activities)
    intake = _intake(judged, facts, where=path.name, notes=tuple(notes))
    bridge = layout.TARGET_GROUPS.table
    return Reading(
        intake=intake,
        problems=tuple(problem for sheet in judged.values() for problem in sheet.problems),
        group=group,
        title=title,
        day=day,
        complete=_complete(judged[layout.TARGET_GROUPS.name]) if bridge in intake.tables else {},
    )


def _unless_wrong(places: list[str], judged: Mapping[str, Judged]) -> list[str]:
    """Cells without a problem."""
    wrong = {f"{problem.sheet}!{problem.cell}" for sheet in judged.values() for problem in sheet.problems}
    return [place for place in places if place not in wrong]


def _empty(judged: Mapping[str, Judged]) -> list[str]:
    """Note on an empty workbook, or on the registers in it that are."""
    empty = [name for name, sheet in judged.items() if not sheet.rows and not sheet.problems]
    if len(empty) == len(judged):
        return ["het werkboek is leeg: er is niets om over te nemen"]
    if layout.OFFER.name in judged or not empty:
        return []
    return [f"geen rijen op {', '.join(empty)}: daarvan blijft alles onbekend"]


# --- what the workbook is -----------------------------------------------------


def _identity(book: Workbook, *, where: str, region: str) -> tuple[str, str]:
    """Region or registers, and day, of a workbook of this layout."""
    found = _named(book, layout.LAYOUT_CELL)
    if not isinstance(found, int | float) or isinstance(found, bool):
        raise InputError(f"{where}: {_IDENTITY}")
    if found != layout.LAYOUT:
        which = "een oudere" if found < layout.LAYOUT else "een nieuwere"
        raise InputError(
            f"{where}: heeft {which} indeling ({found:g}); deze versie leest indeling {layout.LAYOUT}: "
            "maak een nieuw werkboek en neem de cijfers over"
        )
    code, day = str(_named(book, layout.REGION_CELL)), str(_named(book, layout.DATE_CELL))[:10]
    titles = {area.code: area.title for area in regions.regions()} | {registers.GROUP: f"de {registers.TITLE}"}
    if code not in titles:
        raise InputError(f"{where}: is van het gebied '{code[:60]}', dat deze studie niet kent")
    if region and region != code:
        raise InputError(f"{where}: is het werkboek van {titles[code]} ({code}), niet van {region}")
    try:
        return code, datetime.date.fromisoformat(day).isoformat()
    except ValueError as error:
        raise InputError(f"{where}: {_IDENTITY}") from error


def _named(book: Workbook, name: str) -> object:
    """Value of a named cell; None without it."""
    cells = _range(book, name)
    return cells[0] if cells else None


def _range(book: Workbook, name: str) -> list[object]:
    """Values of a named column of cells; none without it."""
    defined = book.defined_names.get(name)
    try:
        title, reference = next(iter(defined.destinations))
        found = book[title][reference.replace("$", "")]
    except (AttributeError, StopIteration, KeyError, ValueError, TypeError):
        return []
    rows = found if isinstance(found, tuple) else ((found,),)
    return [cell.value for row in rows[: layout.INPUT_ROWS] for cell in row[:1]]


def _groups(book: Workbook, *, where: str) -> list[str]:
    """Target groups that the workbook was made with."""
    groups = [str(value) for value in _range(book, layout.GROUPS_RANGE) if value is not None]
    if not groups or len(set(groups)) < len(groups):
        raise InputError(f"{where}: {_IDENTITY}")
    return groups


def _unread(book: Workbook, wanted: Sequence[str]) -> list[str]:
    """Notes on sheets that a coordinator added."""
    own = (layout.README, layout.LISTS, layout.ERRORS, *wanted)
    ours = {name.casefold() for name in own}
    other = [title for title in book.sheetnames if title.strip().casefold() not in ours]
    return [f"het blad '{title}' wordt niet gelezen" for title in other]


def _new_activities(found: Judged, activities: tuple[str, ...]) -> list[str]:
    """Notes on activities that are not in the list, each once."""
    notes = {}
    for number, row in found.rows.items():
        activity = row.get("activity")
        if isinstance(activity, str) and activity not in activities and activity not in notes:
            near = get_close_matches(activity.casefold(), activities, n=1, cutoff=0.8)
            hint = f"; bedoelde u '{near[0]}'?" if near else ""
            place = f"{found.grid.rules.name}!{found.grid.place(number, 'activity')}"
            notes[activity] = f"{place}: nieuwe activiteit '{activity}'{hint}"
    return list(notes.values())


# --- what is taken ------------------------------------------------------------


def _intake(judged: Mapping[str, Judged], facts: Known, *, where: str, notes: tuple[str, ...]) -> Intake:
    """Rows of sheets without errors whose parents have none either; the other rows with their reason."""
    rejections = Rejections()
    tables: dict[str, pd.DataFrame] = {}
    origins: dict[str, pd.DataFrame] = {}
    reasons: dict[str, str] = {}
    total = taken = 0
    for name, sheet in judged.items():
        rules = sheet.grid.rules
        file = f"{where}, blad {name}"
        total += len(sheet.rows)
        if sheet.problems:
            reasons[name] = f"het blad {name} bevat fouten"
        elif rules.parent in reasons:
            reasons[name] = reasons[rules.parent]
        for problem in sheet.problems:
            if problem.row in sheet.rows:
                rejections.add(file, problem.row, column=problem.cell, rule=problem.rule, value=problem.value)
        if name in reasons:
            for number in sheet.rows:
                if not rejections.has(file, number):
                    rejections.add(file, number, column="", rule=f"niet overgenomen: {reasons[name]}")
            continue
        taken += len(sheet.rows)
        if sheet.rows:
            frame = _frame(sheet, facts)
            news = ~_published_as_is(frame, facts, rules)
            if news.any():
                tables[rules.table] = frame[news].reset_index(drop=True)
                origins[rules.table] = pd.DataFrame({"file": file, "row": _sources(sheet)})[news.to_numpy()]
            if not news.all():
                notes = (*notes, f"{name}: {int((~news).sum())} rijen staan er nog zoals ze waren")
    return Intake(tables=tables, read=total, taken=taken, rejected=rejections.to_frame(), notes=notes, origins=origins)


def _sources(sheet: Judged) -> list[int]:
    """Row of the workbook behind each row of the table."""
    if sheet.grid.rules.name != layout.TARGET_GROUPS.name:
        return list(sheet.rows)
    return [number for number, row in sheet.rows.items() for _ in _pairs(row)]


def _frame(sheet: Judged, facts: Known) -> pd.DataFrame:
    """Rows of a sound sheet in the types of the contract."""
    rules = sheet.grid.rules
    if rules.name == layout.TARGET_GROUPS.name:
        rows = [pair for row in sheet.rows.values() for pair in _pairs(row)]
        frame = pd.DataFrame(rows, columns=[*rules.key, "target_group"], dtype=object)
    else:
        fields = [field.name for field in rules.fields if not field.locked]
        values = [[_written(row[name]) for name in fields] for row in sheet.rows.values()]
        frame = pd.DataFrame(values, columns=fields, dtype=object)
        frame = _completed(frame, rules.table, facts)
    if rules.name == layout.OFFER.name:
        frame["status"] = frame["status"].fillna("unknown")
    return contracts.validate(frame, rules.table, where=rules.name, first_row=layout.FIRST_ROW)


def _written(value: Value) -> Value:
    """A value as the contracts read it: a day as text."""
    return value.isoformat() if isinstance(value, datetime.date) else value


def _published_as_is(frame: pd.DataFrame, facts: Known, rules: layout.Sheet) -> pd.Series:
    """Rows that say what was published: an own row would take the place of its source."""
    there = facts.table(rules.table)
    there = there[there["data_status"] == "observed"]
    if there.empty or not contracts.contract(rules.table).own_replaces:
        return pd.Series(False, index=frame.index)
    old = frame[list(rules.key)].merge(there, how="left", on=list(rules.key))
    names = [name for name in frame.columns if name not in rules.key]
    same = pd.concat([equal(frame[name], old[name]) for name in names], axis=1).all(axis=1)
    return pd.Series(same & old["data_status"].notna(), index=frame.index)


def _pairs(row: Row) -> list[tuple[object, ...]]:
    """Target groups that an offer says yes to."""
    key = tuple(row[name] for name in layout.TARGET_GROUPS.key)
    return [(*key, name) for name, value in row.items() if name not in layout.TARGET_GROUPS.key and value == "ja"]


def _complete(sheet: Judged) -> dict[str, pd.DataFrame]:
    """Offers that have a row on the sheet of target groups."""
    key = list(layout.TARGET_GROUPS.key)
    rows = [[row[name] for name in key] for row in sheet.rows.values()]
    return {layout.TARGET_GROUPS.table: pd.DataFrame(rows, columns=key, dtype=object)}


def _completed(frame: pd.DataFrame, table: str, facts: Known) -> pd.DataFrame:
    """Rows with what the databank knows beside the columns of the workbook: an import must not wipe it out.

    The municipality that the databank has for an establishment stays if the filled-in one is its successor.
    """
    there = facts.table(table)
    rules = contracts.contract(table)
    missing = [column.name for column in rules.columns if column.name not in frame]
    if not missing:
        return frame
    beside = frame[list(rules.key)].merge(there, how="left", on=list(rules.key)).astype(object)
    for name in missing:
        frame[name] = beside[name].map(lambda value: None if pd.isna(value) else value)
    if table == "establishment" and len(there):
        same = present_refnis(beside["refnis"]) == frame["refnis"].astype("Int64")
        frame["refnis"] = beside["refnis"].where(same.fillna(value=False).astype(bool), frame["refnis"])
    return frame
