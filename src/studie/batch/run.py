"""One run from request to PDFs: check everything, plan, do what is missing, put it in its place, test the laws."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from studie.batch import engine, index, laws, parameters, reports
from studie.batch.executors import Job, Outcome, run_local
from studie.batch.manifest import LOG, Manifest, commit, versions
from studie.batch.plan import STUDY_REGION, Folders, Plan, Report, Task, digest, make_plan, region_path
from studie.config import REFERENCE_DATE, read_config
from studie.data import disclosure_log
from studie.errors import DisclosureError, InputError


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the user asked for."""

    regions: Sequence[str] = ()
    chapters: Sequence[str] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    study: bool = False
    decision: Mapping[str, str] = field(default_factory=dict)
    jobs: int = 1


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """What came out: PDFs in the order of the plan, what failed, which laws are broken."""

    folder: Path
    pdfs: tuple[Path, ...]
    failures: tuple[str, ...]
    failed_regions: tuple[str, ...]
    earlier: tuple[str, ...]  # reports of earlier runs that still stand where one failed
    broken_laws: tuple[str, ...]
    made: int
    reused: int
    exit_code: int


class Watcher(Protocol):
    """Who is told how a run goes."""

    def begin(self, total: int) -> None:
        """So many jobs will run."""

    def started(self, key: str) -> None:
        """A job has begun."""

    def ended(self, key: str, state: str) -> None:
        """A job has ended."""

    def close(self) -> None:
        """No more news."""


class Silent:
    """Nobody is told anything."""

    def begin(self, total: int) -> None:
        """Say nothing."""

    def started(self, key: str) -> None:
        """Say nothing."""

    def ended(self, key: str, state: str) -> None:
        """Say nothing."""

    def close(self) -> None:
        """Say nothing."""


def run(request: Request, *, folders: Folders | None = None, watcher: Watcher | None = None) -> RunResult:
    """Make the reports asked for; what was made before from the same content is used again.

    Raises
    ------
    InputError
        For an unknown region, chapter or parameter, bad data or an unwritable folder; nothing has been run then.
    DisclosureError
        If a person could be recognised in what was made: one line per breach, and nothing is published.
    KeyboardInterrupt
        After the kernels have stopped; what is finished stays, the same request goes on from there.
    """
    folders = folders or Folders()
    plan = plan_request(request, folders)
    places = [(folders.reports / r.stem).parent for r in plan.reports]
    check_writable(*dict.fromkeys([folders.build, folders.reports, *places]), root=folders.root)
    check_data(plan, folders)
    folder = _run_folder(folders.build, plan.address)
    manifest = Manifest(
        folder,
        request=asdict(request),
        address=plan.address,
        timestamp=plan.timestamp,
        commit=commit(folders.root),
        versions=versions(),
        inputs=asdict(plan.inputs),
    )
    work = _Work(plan, request=request, folders=folders, folder=folder, manifest=manifest)
    watcher = watcher or Silent()
    try:
        jobs = work.jobs()
        watcher.begin(len(jobs))

        def ended(outcome: Outcome) -> None:
            work.take(outcome)
            watcher.ended(outcome.key, outcome.state)

        run_local(jobs, workers=request.jobs, started=lambda job: watcher.started(job.key), ended=ended)
    except KeyboardInterrupt:
        manifest.end("interrupted")
        raise
    except BaseException as error:
        manifest.end("stopped", reason=f"{type(error).__name__}: {error}")
        raise
    finally:
        watcher.close()
    return work.finish()


def plan_request(request: Request, folders: Folders) -> Plan:
    """Plan of a request, all of it checked.

    Raises
    ------
    InputError
        One line per thing that is wrong.
    """
    if request.jobs < 1:
        raise InputError(f"jobs: must be 1 or more, got {request.jobs}")
    available = parameters.chapters(folders.notebooks)
    day = request.given.get("reference_date", REFERENCE_DATE)
    problems = parameters.date_problems(day)
    if problems:
        raise InputError(*problems)
    regions = parameters.select_regions(request.regions, reference_date=day)
    if request.regions and not regions:
        raise InputError(f"regions: {', '.join(request.regions)} has no confirmed areas on {day}")
    study = parameters.select_regions([STUDY_REGION], reference_date=day)[0] if request.study else None
    return make_plan(
        regions,
        available,
        folders=folders,
        chapter_names=request.chapters,
        given=request.given,
        study=study,
        decision=request.decision,
    )


def check_writable(*places: Path, root: Path) -> None:
    """Make sure that folders exist and take files.

    Raises
    ------
    InputError
        One line per folder that does not.
    """
    problems = []
    for place in places:
        in_the_way = next((p for p in (place, *place.parents) if p.is_file()), None)
        if in_the_way is not None:
            problems.append(f"{in_the_way.relative_to(root).as_posix()}: must be a folder, got a file; move it away")
            continue
        try:
            place.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place):
                pass
        except OSError as error:
            name = place.relative_to(root).as_posix()
            problems.append(f"{name}: must be a folder that can be written ({error.strerror}), at {place}")
    if problems:
        raise InputError(*dict.fromkeys(problems))


def check_data(plan: Plan, folders: Folders) -> None:
    """Check every data file against its contract, once per content.

    Raises
    ------
    InputError
        One line per problem.
    """
    seal = folders.cache / f"data-{digest(plan.inputs.data, plan.inputs.code)[:32]}.checked"
    if seal.is_file():
        return
    from studie.data import catalogue

    problems = catalogue.check()
    if problems:
        raise InputError(*problems)
    folders.cache.mkdir(parents=True, exist_ok=True)
    seal.touch()


class _Work:
    """State of a run between its plan and its end."""

    def __init__(self, plan: Plan, *, request: Request, folders: Folders, folder: Path, manifest: Manifest) -> None:
        self.plan, self.folders, self.folder, self.manifest = plan, folders, folder, manifest
        self.head = read_config(request.given.get("config", "study")).report
        self.day = request.given.get("reference_date", REFERENCE_DATE)
        self.tasks = {t.key: t for t in plan.tasks}
        self.reports = {report_key(r): r for r in plan.reports}
        self.records: dict[str, dict[str, Any]] = {}
        self.pdfs: dict[str, dict[str, Any]] = {}
        self.failures: dict[str, Outcome] = {}
        self.reused = 0

    def jobs(self) -> list[Job]:
        """What is missing; what was made before is put in its place at once."""
        missing = [self._chapter_job(t) for t in self.plan.tasks if not self._reuse_chapter(t)]
        open_keys = {job.key for job in missing}
        for key, report in self.reports.items():
            if open_keys.intersection(t.key for t in report.tasks) or not self._reuse_report(key, report):
                missing.append(self._report_job(key, report))
        return missing

    def take(self, outcome: Outcome) -> None:
        """Note how a job ended and put what it made in its place."""
        if outcome.state != "done":
            self.failures[outcome.key] = outcome
            note = self.manifest.chapter if outcome.key in self.tasks else self.manifest.report
            note(outcome.key, state=outcome.state, error=outcome.error)
            if outcome.key in self.tasks:
                self._place_failed(self.tasks[outcome.key])
        elif outcome.key in self.tasks:
            self._place_chapter(self.tasks[outcome.key], outcome.value, state="done")
        else:
            self.pdfs[outcome.key] = outcome.value
            self.manifest.report(outcome.key, state="done", address=self.reports[outcome.key].address, **outcome.value)

    def finish(self) -> RunResult:
        """Result tables in their place, everything audited together, then published; laws tested, manifest closed.

        Raises
        ------
        DisclosureError
            One line per breach: a person could be recognised, and nothing of this run is published.
        """
        for task in self.plan.tasks:
            if task.key in self.records:
                self._place_results(task)
        tested = self._audited()
        for key, record in self.pdfs.items():
            report = self.reports[key]
            reports.publish(record, stem=report.stem.as_posix(), address=report.address, root=self.folders.root)
        index.write(self.folders)
        missing = [r for k, r in self.reports.items() if k not in self.pdfs]
        failed = tuple(dict.fromkeys(r.key for r in missing))
        earlier = [name for r in missing for name in reports.earlier_reports(r.stem.as_posix(), root=self.folders.root)]
        self.manifest.end("failed" if failed else "done", failed_regions=failed)
        broken = tuple(c.text for c in laws.check_run(self.folder, folders=self.folders, tested=tested) if c.broken)
        return RunResult(
            folder=self.folder,
            pdfs=tuple(self.folders.root / self.pdfs[k]["file"] for k in self.reports if k in self.pdfs),
            failures=tuple(o.error for o in self.failures.values() if o.state == "failed"),
            failed_regions=failed,
            earlier=tuple(earlier),
            broken_laws=broken,
            made=len(self.records) + len(self.pdfs) - self.reused,
            reused=self.reused,
            exit_code=self._exit_code(broken),
        )

    def _audited(self) -> dict[str, laws.CheckResult]:
        """The laws of disclosure, all obeyed."""
        tested = laws.disclosure(self.folder, folders=self.folders)
        breaches = [f"{name}: {line}" for name, result in tested.items() for line in result.broken]
        if breaches:
            self.manifest.end("refused", breaches=len(breaches))
            laws.check_run(self.folder, folders=self.folders, tested=tested)
            disclosure_log.record(
                action="studie run", reason="a person could be recognised", run=self.folder.name, breaches=breaches
            )
            raise DisclosureError("\n".join([*breaches, f"refused: nothing of {self.folder.name} is published"]))
        return tested

    def _exit_code(self, broken: Sequence[str]) -> int:
        """0 when all is there; the failures' own code when they agree and nothing was made, else 1."""
        codes = {o.exit_code for o in self.failures.values() if o.state == "failed"}
        if 3 in codes:
            return 3
        if len(codes) == 1 and not self.pdfs:
            return codes.pop()
        return 1 if codes or broken else 0

    def _region_folder(self, region: str) -> Path:
        """`build/<run>/<region>`."""
        return self.folder / region_folder(region)

    def _notebook(self, task: Task) -> Path:
        """Executed chapter in the run's folder."""
        return self._region_folder(task.region) / f"{task.chapter}.ipynb"

    def _chapter_job(self, task: Task) -> Job:
        """Job that executes a chapter."""
        return Job(
            key=task.key,
            function="studie.batch.engine:execute_chapter",
            arguments={
                "region": task.region,
                "chapter": task.chapter,
                "notebook": str(task.notebook),
                "parameters": task.parameters,
                "address": task.address,
                "root": str(self.folders.root),
                "timestamp": self.plan.timestamp,
                "log": str(self.folder / LOG),
            },
        )

    def _report_job(self, key: str, report: Report) -> Job:
        """Job that assembles a PDF."""
        return Job(
            key=key,
            function="studie.batch.reports:write_report",
            arguments={
                "notebooks": [str(self._notebook(t)) for t in report.tasks],
                "key": report.key,
                "cover": reports.cover_of(
                    report, head=self.head, reference_date=self.day, commit=self.plan.inputs.commit
                ),
                "stem": report.stem.as_posix(),
                "address": report.address,
                "root": str(self.folders.root),
                "timestamp": self.plan.timestamp,
            },
            after=tuple(t.key for t in report.tasks),
        )

    def _reuse_chapter(self, task: Task) -> bool:
        """Put a chapter that was made before in its place."""
        record = engine.cached(self.folders.cache, task.address)
        if record is None:
            return False
        self._place_chapter(task, record, state="reused")
        self.reused += 1
        return True

    def _reuse_report(self, key: str, report: Report) -> bool:
        """Take a PDF that was made before."""
        record = reports.kept_report(self.folders.cache, report.address)
        if record is None:
            return False
        self.pdfs[key] = record
        self.manifest.report(key, state="reused", address=report.address, **record)
        self.reused += 1
        return True

    def _place_chapter(self, task: Task, record: dict[str, Any], *, state: str) -> None:
        """Copy an executed chapter into the run; a copy, since whoever opens it may save it."""
        self.records[task.key] = record
        _copy(self.folders.cache / task.address / engine.NOTEBOOK, self._notebook(task))
        self.manifest.chapter(task.key, **(record | {"state": state, "parameters": task.parameters}))

    def _place_failed(self, task: Task) -> None:
        """Keep the notebook of a chapter that stopped beside the others."""
        kept = self.folders.build / "failed" / f"{task.address}.ipynb"
        if kept.is_file():
            _copy(kept, self._notebook(task).with_suffix(".failed.ipynb"))

    def _place_results(self, task: Task) -> None:
        """Copy result tables into the region's folder; a name that another chapter took gets the chapter's number."""
        folder = self._region_folder(task.region) / "results"
        for name in self.records[task.key]["results"]:
            source = self.folders.cache / task.address / "results"
            taken = (folder / f"{name}.parquet").exists()
            for suffix in (".parquet", ".csv"):
                _copy(source / f"{name}{suffix}", folder / f"{name}{f'-{task.chapter[:2]}' if taken else ''}{suffix}")


def report_key(report: Report) -> str:
    """Key of the job that makes a report."""
    return f"{report.key} pdf"


def region_folder(code: str) -> str:
    """Name of a region's folder in a run: `arrondissement-12000`."""
    return "-".join(region_path(code).parts)


def _run_folder(build: Path, address: str) -> Path:
    """A new folder `<day>-<time>-<hash of the plan>`."""
    name = f"{datetime.now().strftime('%Y%m%d-%H%M%S')}-{address[:8]}"
    for number in range(1, 100):
        folder = build / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise InputError(f"run: too many runs in one second, at {build / name}")


def _copy(source: Path, place: Path) -> None:
    """Copy under a temporary name, then rename."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.new")
    shutil.copyfile(source, draft)
    draft.replace(place)
