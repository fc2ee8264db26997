"""One run from request to PDFs: check everything, plan, do what is missing, put it in its place, test the laws."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studie.batch import cluster, index, kept, laws, reports
from studie.batch.engine import Limits
from studie.batch.executors import Job, Outcome, Told, run_local
from studie.batch.inputs import Folders
from studie.batch.manifest import LOG, Manifest, commit, versions
from studie.batch.plan import Plan, Report, Task, region_path, report_address
from studie.batch.progress import Silent, Watcher
from studie.batch.request import (
    Request,
    check_data,
    check_writable,
    cleared,
    held,
    new_folder,
    plan_request,
    same_plan,
)
from studie.config import REFERENCE_DATE, read_config
from studie.data import disclosure_log
from studie.errors import DisclosureError


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
    summary: tuple[dict[str, Any], ...]  # per chapter: how many, and the time, CPU and memory that they took
    exit_code: int


def run(
    request: Request,
    *,
    folders: Folders | None = None,
    watcher: Watcher | None = None,
    resume: str | None = None,
) -> RunResult:
    """Make the reports asked for; what was made before from the same content is used again.

    With a shard, the chapters and reports of its regions are made and kept, but nothing is published: everything that
    is published is audited together, by the same request without a shard.

    Parameters
    ----------
    request : Request
    folders : Folders, optional
    watcher : Watcher, optional
    resume : str, optional
        Name of a run that stopped, whose request this is: it goes on in the same folder.

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
    earlier = same_plan(plan, folders, run=resume) if resume else {}
    folder = folders.build / resume if resume else new_folder(folders.build, plan.address)
    with held(folder):
        if resume:
            cleared(folder)
        manifest = Manifest(
            folder,
            **earlier,
            request=asdict(request),
            address=plan.address,
            timestamp=plan.timestamp,
            commit=commit(folders.root),
            versions=versions(),
            inputs=asdict(plan.inputs),
        )
        work = _Work(plan, request=request, folders=folders, folder=folder, manifest=manifest)
        try:
            _do(work, request, watcher or Silent())
            return work.set_aside() if request.shard else work.finish()
        except KeyboardInterrupt:
            manifest.end("interrupted")
            raise


def _do(work: _Work, request: Request, watcher: Watcher) -> None:
    """Run what is missing, and note in the manifest when that stops half-way."""
    try:
        jobs = work.jobs()
        watcher.begin(len(jobs))

        def ended(outcome: Outcome) -> None:
            work.take(outcome)
            watcher.ended(outcome.key, outcome.state)

        def retried(job: Job, reason: str) -> None:
            work.manifest.log("retry", task=job.key, reason=reason)

        told = Told(started=lambda job: watcher.started(job.key), ended=ended, retried=retried)
        if request.executor == "dask":
            cluster.run_dask(jobs, scheduler=request.scheduler, workers=request.jobs, folder=work.folder, told=told)
        else:
            run_local(jobs, workers=request.jobs, told=told)
    except Exception as error:
        with contextlib.suppress(OSError):  # on a full disk the reason is not to be noted either
            work.manifest.end("stopped", reason=f"{type(error).__name__}: {error}")
        raise
    finally:
        watcher.close()
        shutil.rmtree(work.drafts, ignore_errors=True)


class _Work:
    """State of a run between its plan and its end."""

    def __init__(self, plan: Plan, *, request: Request, folders: Folders, folder: Path, manifest: Manifest) -> None:
        self.plan, self.folders, self.folder, self.manifest = plan, folders, folder, manifest
        self.request = request
        self.drafts = folder / "drafts"
        self.begun = time.monotonic()
        self.basis = laws.Basis.of(plan.inputs)
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
        absent = [t for t in self.plan.tasks if not self._reuse_chapter(t)]
        forked = self.request.forks(len(absent))
        missing = [self._chapter_job(t, forked=forked) for t in absent]
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
            task = self.tasks.get(outcome.key)
            which = {"region": task.region, "chapter": task.chapter} if task else {}
            note(outcome.key, **which, state=outcome.state, error=outcome.error)
            if task:
                self._place_failed(task)
        elif outcome.key in self.tasks:
            self._place_chapter(
                self.tasks[outcome.key], outcome.value, state="done", runner_cpu_seconds=outcome.cpu_seconds
            )
        else:
            self.pdfs[outcome.key] = outcome.value
            self.manifest.report(outcome.key, **outcome.value, state="done", cpu_seconds=outcome.cpu_seconds)

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
            stem = self.reports[key].stem.as_posix()
            reports.publish(record, stem=stem, address=record["address"], root=self.folders.root)
        index.write(self.folders)
        missing = [r for k, r in self.reports.items() if k not in self.pdfs]
        failed = tuple(dict.fromkeys(r.key for r in missing))
        earlier = [name for r in missing for name in reports.earlier_reports(r.stem.as_posix(), root=self.folders.root)]
        self.manifest.end("failed" if failed else "done", failed_regions=failed, **self._used())
        broken = tuple(c.text for c in laws.check_run(self.folder, folders=self.folders, tested=tested) if c.broken)
        pdfs = tuple(self.folders.root / self.pdfs[k]["file"] for k in self.reports if k in self.pdfs)
        return self._result(pdfs=pdfs, failed=failed, earlier=earlier, broken=broken)

    def set_aside(self) -> RunResult:
        """Close the manifest of a shard; what it made waits in the cache for the run of the whole."""
        failed = tuple(dict.fromkeys(r.key for k, r in self.reports.items() if k not in self.pdfs))
        self.manifest.end("shard failed" if failed else "shard", failed_regions=failed, **self._used())
        return self._result(pdfs=(), failed=failed, earlier=(), broken=())

    def _result(
        self, *, pdfs: tuple[Path, ...], failed: tuple[str, ...], earlier: Sequence[str], broken: Sequence[str]
    ) -> RunResult:
        """What came out."""
        return RunResult(
            folder=self.folder,
            pdfs=pdfs,
            failures=tuple(o.error for o in self.failures.values() if o.state == "failed"),
            failed_regions=failed,
            earlier=tuple(earlier),
            broken_laws=tuple(broken),
            made=len(self.records) + len(self.pdfs) - self.reused,
            reused=self.reused,
            summary=tuple(self._summary()),
            exit_code=self._exit_code(broken),
        )

    def _summary(self) -> Iterator[dict[str, Any]]:
        """One row per chapter, over all its regions; what was used again took nothing."""
        entries = self.manifest.content["chapters"].values()
        for chapter in sorted({t.chapter for t in self.plan.tasks}):
            rows = [e for e in entries if e.get("chapter") == chapter]
            made = [e for e in rows if e["state"] == "done"]
            yield {
                "chapter": chapter,
                "made": len(made),
                "reused": sum(e["state"] == "reused" for e in rows),
                "failed": sum(e["state"] not in ("done", "reused") for e in rows),
                "seconds": round(sum(e["seconds"] for e in made), 1),
                "cpu_seconds": round(sum(e.get("cpu_seconds", 0.0) for e in made), 1),
                "memory_mb": max((e.get("memory_mb", 0.0) for e in made), default=0.0),
            }

    def _used(self) -> dict[str, float]:
        """Time and CPU of the run so far, with all that ran on this machine and has ended."""
        return {
            "seconds": round(time.monotonic() - self.begun, 1),
            "cpu_seconds": round(cpu_seconds(), 1),
            "main_cpu_seconds": round(time.process_time(), 1),
        }

    def _audited(self) -> dict[str, laws.CheckResult]:
        """The laws of disclosure, all obeyed."""
        tested = laws.disclosure(self.folder, folders=self.folders, basis=self.basis)
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

    def _chapter_job(self, task: Task, *, forked: bool) -> Job:
        """Job that executes a chapter."""
        return Job(
            key=task.key,
            function="studie.batch.engine:execute_chapter",
            arguments={
                "region": task.region,
                "chapter": task.chapter,
                "notebook": str(task.notebook),
                "parameters": task.parameters,
                "recipe": task.recipe,
                "inputs": self.plan.inputs,
                "config": self.request.given.get("config", "study"),
                "root": str(self.folders.root),
                "drafts": str(self.drafts),
                "log": str(self.folder / LOG),
                "forked": forked,
                "limits": Limits(cell_seconds=self.request.cell_seconds, memory_mb=self.request.memory_mb),
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
                "cover": reports.cover_of(report, head=self.head, reference_date=self.day, commit=self.plan.commit),
                "stem": report.stem.as_posix(),
                "form": report.form,
                "root": str(self.folders.root),
                "drafts": str(self.drafts),
                "timestamp": self.plan.timestamp,
            },
            after=tuple(t.key for t in report.tasks),
        )

    def _reuse_chapter(self, task: Task) -> bool:
        """Put a chapter that was made before in its place."""
        record = kept.find(self.folders.cache, task.recipe, self.plan.inputs, root=self.folders.root)
        if record is None:
            return False
        self._place_chapter(task, record, state="reused")
        self.reused += 1
        return True

    def _reuse_report(self, key: str, report: Report) -> bool:
        """Take a PDF that was made before."""
        notebooks = [self.records[t.key]["notebook_sha256"] for t in report.tasks]
        record = reports.kept_report(self.folders.cache, report_address(report.form, notebooks))
        if record is None:
            return False
        self.pdfs[key] = record
        self.manifest.report(key, state="reused", **record)
        self.reused += 1
        return True

    def _place_chapter(self, task: Task, record: dict[str, Any], *, state: str, **facts: Any) -> None:
        """Copy an executed chapter into the run; a copy, since whoever opens it may save it."""
        self.records[task.key] = record
        _copy(self.folders.cache / record["address"] / kept.NOTEBOOK, self._notebook(task))
        self.manifest.chapter(task.key, **(record | {"state": state, "parameters": task.parameters} | facts))

    def _place_failed(self, task: Task) -> None:
        """Keep the notebook of a chapter that stopped beside the others."""
        stopped = self.folders.build / "failed" / f"{task.recipe}.ipynb"
        if stopped.is_file():
            _copy(stopped, self._notebook(task).with_suffix(".failed.ipynb"))

    def _place_results(self, task: Task) -> None:
        """Copy result tables into the region's folder; a name that another chapter took gets the chapter's number."""
        folder = self._region_folder(task.region) / "results"
        for name in self.records[task.key]["results"]:
            source = self.folders.cache / self.records[task.key]["address"] / "results"
            taken = (folder / f"{name}.parquet").exists()
            for suffix in (".parquet", ".csv"):
                _copy(source / f"{name}{suffix}", folder / f"{name}{f'-{task.chapter[:2]}' if taken else ''}{suffix}")


def report_key(report: Report) -> str:
    """Key of the job that makes a report."""
    return f"{report.key} pdf"


def region_folder(code: str) -> str:
    """Name of a region's folder in a run: `arrondissement-12000`."""
    return "-".join(region_path(code).parts)


def cpu_seconds() -> float:
    """CPU of this process and of all below it that have ended [s]."""
    if sys.platform == "win32":
        return time.process_time()
    import resource

    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _copy(source: Path, place: Path) -> None:
    """Copy under a temporary name, then rename."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.new")
    shutil.copyfile(source, draft)
    draft.replace(place)
