"""What has to be done: region × chapter tasks and the reports made of them, each with the address of its content."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import platform
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import studie
from studie.batch.manifest import commit
from studie.batch.parameters import Chapter, Parameter, check_parameters, parameter_cell, select_chapters
from studie.config import config_path, project_root
from studie.errors import InputError

STUDY_REGION = "province:10000"
SOURCE_FOLDER = Path(studie.__file__).parent
# A change in these rooms cannot change what a chapter computes; a report does depend on `report`.
OUTSIDE_CHAPTERS = ("batch", "cli", "report")
CONTENT = ("src", "notebooks", "config", "data", "requirements.lock")  # what a report rests on
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
EXECUTION = 1  # raise when a kernel is started differently, so that older results are made anew


@dataclass(frozen=True, kw_only=True)
class Folders:
    """Where a study reads and writes."""

    root: Path = field(default_factory=project_root)

    @property
    def notebooks(self) -> Path:
        """Chapters."""
        return self.root / "notebooks"

    @property
    def data(self) -> Path:
        """Observed figures, code lists, demonstration and own data."""
        return self.root / "data"

    @property
    def build(self) -> Path:
        """Everything derived."""
        return self.root / "build"

    @property
    def cache(self) -> Path:
        """Executed chapters and reports by the address of their content."""
        return self.build / "cache"

    @property
    def reports(self) -> Path:
        """PDFs."""
        return self.root / "reports"


@dataclass(frozen=True, kw_only=True)
class Task:
    """One chapter for one region."""

    region: str
    chapter: str
    notebook: Path
    parameters: dict[str, Any]
    address: str

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
    address: str

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
    """Everything a run will do, and the inputs it rests on."""

    tasks: tuple[Task, ...]
    reports: tuple[Report, ...]
    inputs: Inputs
    timestamp: int

    @cached_property
    def address(self) -> str:
        """Content of the whole plan."""
        return digest([t.address for t in self.tasks], [r.address for r in self.reports])


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Hashes of what the chapters read."""

    code: str
    report_code: str
    configuration: str
    lock: str
    data: dict[str, str]
    demonstration: str
    python: str
    commit: str


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
    moment = timestamp(folders)
    sources = {name: _source_address(chapter.path) for name, chapter in used.items()}
    tasks: dict[tuple[str, str], Task] = {}
    reports = []
    for kind, region, chosen in wanted:
        own = []
        for chapter in chosen:
            key = (region.code, chapter.name)
            if key not in tasks:
                tasks[key] = _task(
                    region.code,
                    chapter,
                    cell=cells[chapter.name],
                    values=values,
                    inputs=inputs,
                    source=sources[chapter.name],
                    moment=moment,
                )
            own.append(tasks[key])
        asked = dict(decision or {}) if kind == "study" else {}
        reports.append(_report(kind, region, own, decision=asked, inputs=inputs, moment=moment))
    return Plan(tasks=tuple(tasks.values()), reports=tuple(reports), inputs=inputs, timestamp=moment)


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


def read_inputs(folders: Folders, *, config: str = "study") -> Inputs:
    """Hashes of code, configuration, data and locked packages."""
    from studie.data import catalogue

    lock = folders.root / "requirements.lock"
    size = catalogue.demonstration_size()
    return Inputs(
        code=_code_address(lambda room: room not in OUTSIDE_CHAPTERS),
        report_code=_code_address(lambda room: room in ("report", "present")),
        configuration=file_address(config_path(config)),
        lock=file_address(lock) if lock.is_file() else "",
        data={p.relative_to(folders.data).as_posix(): file_address(p) for p in _data_files(folders.data, size)},
        demonstration=size,
        commit=commit(folders.root, CONTENT),
        python=f"{platform.python_implementation()} {platform.python_version()} {sys.platform} {platform.machine()}",
    )


def digest(*parts: Any) -> str:
    """SHA-256 of anything that JSON can hold."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def file_address(path: Path) -> str:
    """SHA-256 of a file.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path.name}: not readable: {error.strerror}, at {path}") from error


def _data_files(folder: Path, size: str) -> list[Path]:
    """Files that may change a result: no descriptions, hidden or downloaded files, or data of another size."""
    found = (p for p in folder.rglob("*") if p.is_file() and p.suffix != ".md" and not p.name.startswith("."))
    other, own = folder / "demonstration", folder / "own"
    return sorted(
        p
        for p in found
        if (other not in p.parents or p.relative_to(other).parts[0] == size)
        and (own not in p.parents or p.parent == own)  # below it are downloads and rejected rows
    )


def _code_address(wanted: Any) -> str:
    """Content of the package's rooms that `wanted` accepts, sources of reports included."""
    files = sorted(p for p in SOURCE_FOLDER.rglob("*") if p.is_file() and p.suffix != ".pyc")
    chosen = [p for p in files if wanted(p.relative_to(SOURCE_FOLDER).parts[0])]
    return digest([(p.relative_to(SOURCE_FOLDER).as_posix(), file_address(p)) for p in chosen])


def _source_address(notebook: Path) -> str:
    """Content of a notebook without its outputs."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return digest(
        [
            (c["cell_type"], "".join(c["source"]), sorted(c.get("metadata", {}).get("tags", [])), c.get("attachments"))
            for c in cells
        ]
    )


def _task(
    region: str,
    chapter: Chapter,
    *,
    cell: Mapping[str, Parameter],
    values: Mapping[str, Any],
    inputs: Inputs,
    source: str,
    moment: int,
) -> Task:
    """One chapter for one region, with the parameters that it knows."""
    parameters = {"region": region} | {name: value for name, value in values.items() if name in cell}
    address = digest(
        EXECUTION,
        source,
        parameters,
        inputs.code,
        inputs.configuration,
        inputs.lock,
        inputs.data,
        inputs.demonstration,
        inputs.python,
        moment,
    )
    return Task(region=region, chapter=chapter.name, notebook=chapter.path, parameters=parameters, address=address)


def _report(
    kind: Any, region: Any, tasks: Iterable[Task], *, decision: dict[str, str], inputs: Inputs, moment: int
) -> Report:
    """One PDF over its chapters."""
    own = tuple(tasks)
    address = digest(
        kind,
        region.code,
        region.title,
        [t.address for t in own],
        decision,
        inputs.report_code,
        inputs.configuration,
        inputs.commit if kind == "study" else "",
        moment,
    )
    return Report(
        kind=kind,
        region=region.code,
        name=region.title,
        level=region.level,
        tasks=own,
        decision=decision,
        address=address,
    )
