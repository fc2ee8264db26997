"""What has to be done: region × chapter tasks and the reports made of them, and what each rests on."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from studie.batch.inputs import Folders, Inputs, code_address, digest, read_inputs
from studie.batch.manifest import commit
from studie.batch.parameters import Chapter, Parameter, check_parameters, parameter_cell, select_chapters
from studie.errors import InputError
from studie.inputs import modules

STUDY_REGION = "province:10000"
CONTENT = ("src", "notebooks", "config", "data", "requirements.lock")  # what a report rests on
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
EXECUTION = 2  # raise when a kernel is started differently, so that older results are made anew


@dataclass(frozen=True, kw_only=True)
class Task:
    """One chapter for one region.

    `recipe` is the hash of what is known before it runs: cells, parameters, code, packages. With the content of what
    it reads, which is known afterwards, it becomes the address of its result.
    """

    region: str
    chapter: str
    notebook: Path
    parameters: dict[str, Any]
    recipe: str

    @property
    def key(self) -> str:
        """How messages name it."""
        return f"{self.region} {self.chapter}"


@dataclass(frozen=True, kw_only=True)
class Report:
    """One PDF: the region's chapters, or the strategic study."""

    kind: Literal["region", "study"]
    region: str
    name: str
    level: str
    tasks: tuple[Task, ...]
    decision: dict[str, str]
    form: str  # hash of all that shapes it beside its chapters

    @property
    def key(self) -> str:
        """How messages name it."""
        return "strategische studie" if self.kind == "study" else self.region

    @property
    def stem(self) -> Path:
        """File below `reports/` without suffix; the status of the data is added to it."""
        return Path("strategische-studie") if self.kind == "study" else region_path(self.region)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything a run will do, the inputs it rests on, and their last commit, which the strategic study states."""

    tasks: tuple[Task, ...]
    reports: tuple[Report, ...]
    inputs: Inputs
    commit: str
    timestamp: int

    @cached_property
    def address(self) -> str:
        """Content of the whole plan."""
        return digest([t.recipe for t in self.tasks], [r.form for r in self.reports], asdict(self.inputs))


def region_path(code: str) -> Path:
    """Folder of a region: `grouping:referentieregio:kempen` is `grouping/referentieregio/kempen`."""
    return Path(*(part.replace("/", "-").replace("\\", "-").strip(".") or "-" for part in code.split(":")))


def make_plan(
    regions: Sequence[Any],
    available: Sequence[Chapter],
    *,
    folders: Folders,
    chapter_names: Sequence[str] = (),
    given: Mapping[str, str] | None = None,
    study: Any = None,
    decision: Mapping[str, str] | None = None,
) -> Plan:
    """Tasks and reports for regions; `study` is the province's region when the strategic study is wanted too.

    Raises
    ------
    InputError
        For an unknown chapter or parameter, before anything runs.
    """
    wanted = [("region", r, select_chapters(chapter_names, available, level=r.level)) for r in regions]
    if study is not None:
        whole = select_chapters(chapter_names, available, level="province", study=True)
        wanted.append(("study", study, whole))
    used = {c.name: c for _, _, chosen in wanted for c in chosen}
    cells = {name: parameter_cell(chapter.path) for name, chapter in used.items()}
    values = check_parameters(given or {}, cells)
    if decision and "aard" in decision:
        values["aard"] = decision["aard"]  # what is asked decides the articles of the proposal
    inputs = read_inputs(folders, config=values.get("config", "study"))
    head, moment = commit(folders.root, CONTENT), timestamp(folders)
    bases = {name: _base(chapter.path, inputs) for name, chapter in used.items()}
    tasks: dict[tuple[str, str], Task] = {}
    reports = []
    for kind, region, chosen in wanted:
        own = []
        for chapter in chosen:
            key = (region.code, chapter.name)
            if key not in tasks:
                tasks[key] = _task(
                    region.code, chapter, cell=cells[chapter.name], values=values, base=bases[chapter.name]
                )
            own.append(tasks[key])
        asked = dict(decision or {}) if kind == "study" else {}
        stated = head if kind == "study" else ""
        reports.append(_report(kind, region, own, decision=asked, inputs=inputs, commit=stated, moment=moment))
    return Plan(tasks=tuple(tasks.values()), reports=tuple(reports), inputs=inputs, commit=head, timestamp=moment)


def report_address(form: str, notebooks: Sequence[str]) -> str:
    """Hash of a report's content, given its form and the hash of each executed chapter."""
    return digest(form, list(notebooks))


def timestamp(folders: Folders) -> int:
    """Moment that a report carries [s since 1970]: `SOURCE_DATE_EPOCH`, else the newest retrieval of a source.

    The same input gives the same bytes on any day.

    Raises
    ------
    InputError
        If `data/sources.csv` is missing or holds no date.
    """
    named = os.environ.get("SOURCE_DATE_EPOCH")
    if named is not None:
        if not named.isdigit():
            raise InputError(f"SOURCE_DATE_EPOCH: must be a whole number of seconds, got {named!r}")
        return int(named)
    path = folders.data / "sources.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            texts = [row.get("retrieved") or "" for row in csv.DictReader(file)]
    except (OSError, ValueError) as error:
        raise InputError(f"data/sources.csv: not readable: {error}") from error
    days = [date.fromisoformat(text) for text in texts if DAY.fullmatch(text)]
    if not days:
        raise InputError("data/sources.csv: column retrieved must hold at least one date, got none")
    newest = max(days)
    return int(datetime(newest.year, newest.month, newest.day, tzinfo=UTC).timestamp())


def recipe(notebook: Path, parameters: Mapping[str, Any], inputs: Inputs) -> str:
    """Hash of what a chapter's result rests on beside what it will read: cells, parameters, code, packages."""
    return digest(_base(notebook, inputs), parameters)


def _base(notebook: Path, inputs: Inputs) -> str:
    """Hash of what a chapter rests on in every region."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    source = [
        (c["cell_type"], "".join(c["source"]), sorted(c.get("metadata", {}).get("tags", [])), c.get("attachments"))
        for c in cells
    ]
    return digest(EXECUTION, source, _code(cells), _typeface(), inputs.lock, inputs.python)


def _code(cells: Iterable[Mapping[str, Any]]) -> str:
    """Hash of the modules that a notebook's cells can run; of all, when that cannot be read off them."""
    known = modules.modules()
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    try:
        return known.address(modules.imported(text))
    except SyntaxError:  # a magic command, which may import anything
        return known.address(known.stamps)


def _typeface() -> str:
    """Hash of what lies beside the package's code, except what only reports use; figures are set in their fonts."""
    return code_address(lambda path: path.suffix != ".py" and (path.parts[0] != "report" or "fonts" in path.parts))


def _task(
    region: str, chapter: Chapter, *, cell: Mapping[str, Parameter], values: Mapping[str, Any], base: str
) -> Task:
    """One chapter for one region, with the parameters that it knows."""
    parameters = {"region": region} | {name: value for name, value in values.items() if name in cell}
    return Task(
        region=region,
        chapter=chapter.name,
        notebook=chapter.path,
        parameters=parameters,
        recipe=digest(base, parameters),
    )


def _report(
    kind: Any,
    region: Any,
    tasks: Iterable[Task],
    *,
    decision: dict[str, str],
    inputs: Inputs,
    commit: str,
    moment: int,
) -> Report:
    """One PDF over its chapters."""
    return Report(
        kind=kind,
        region=region.code,
        name=region.title,
        level=region.level,
        tasks=tuple(tasks),
        decision=decision,
        form=digest(
            kind,
            region.code,
            region.title,
            decision,
            inputs.report_code,
            inputs.parts.get("report"),
            commit,
            _names(inputs),
            moment,
        ),
    )


def _names(inputs: Inputs) -> dict[str, str]:
    """Hashes of the files from which a report takes the names of the regions that its tables give by code."""
    return {
        place: found
        for place, found in inputs.data.items()
        if place.startswith("reference/") or place == "own/grouping.csv"
    }
