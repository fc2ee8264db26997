"""What is asked of a run, checked before anything runs; and the folder of a new run, or of one that goes on."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from studie.batch import parameters
from studie.batch.engine import CELL_SECONDS
from studie.batch.inputs import CATALOGUE, Folders, digest
from studie.batch.manifest import now, read_manifest
from studie.batch.plan import STUDY_REGION, Plan, make_plan
from studie.config import REFERENCE_DATE
from studie.errors import InputError
from studie.inputs import modules

FORK_FROM = 3  # chapters per worker, from which importing once for all of them is quicker
LEAST_MEMORY = 500  # [MB] what the imports alone take
LOCK = "run.lock"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the user asked for.

    Attributes
    ----------
    regions, chapters, given, study, decision
        What to make, see `studie run` and `studie study`.
    jobs
        Chapters at the same time; with Slurm, jobs at the same time.
    executor, scheduler
        Worker processes of this machine, or those of a Dask scheduler.
    shard
        Which part of how many, such as (2, 8).
    engine
        Whether kernels are forked; `auto` forks when there are chapters enough.
    cell_seconds, memory_mb
        Longest time of a cell [s] and most memory of a kernel [MB].
    """

    regions: Sequence[str] = ()
    chapters: Sequence[str] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    study: bool = False
    decision: Mapping[str, str] = field(default_factory=dict)
    jobs: int = 1
    executor: Literal["local", "dask"] = "local"
    scheduler: str = ""
    shard: tuple[int, int] | None = None
    engine: Literal["auto", "fast", "plain"] = "auto"
    cell_seconds: int = CELL_SECONDS
    memory_mb: int | None = None

    def forks(self, chapters: int) -> bool:
        """Whether kernels are forked when so many chapters have to run."""
        return chapters >= FORK_FROM * self.jobs if self.engine == "auto" else self.engine == "fast"

    def problems(self) -> list[str]:
        """One line per value that is not allowed."""
        found = []
        if self.jobs < 1:
            found.append(f"jobs: must be 1 or more, got {self.jobs}")
        if self.executor == "dask" and not self.scheduler:
            found.append(
                "scheduler: executor dask needs one; allowed: an address such as tcp://10.0.0.1:8786, or slurm"
            )
        if self.executor == "local" and self.scheduler:
            found.append(f"scheduler: has a meaning with --executor dask only, got {self.scheduler!r}")
        if self.shard is not None and not 1 <= self.shard[0] <= self.shard[1]:
            found.append(f"shard: must be I/N with I from 1 to N, got {self.shard[0]}/{self.shard[1]}")
        if self.cell_seconds < 1:
            found.append(f"cell-seconds: must be 1 or more, got {self.cell_seconds}")
        if self.memory_mb is not None and self.memory_mb < LEAST_MEMORY:
            found.append(f"memory: must be {LEAST_MEMORY} MB or more, got {self.memory_mb}")
        return found


def shard(text: str) -> tuple[int, int]:
    """`2/8` as two numbers.

    Raises
    ------
    InputError
        If it is written otherwise.
    """
    first, sign, last = text.partition("/")
    if not sign or not first.isdigit() or not last.isdigit():
        raise InputError(f"shard: must be I/N such as 2/8, got {text!r}")
    return int(first), int(last)


def request_of(run: str, *, folders: Folders | None = None, **other: Any) -> Request:
    """Request of a run that stopped; `other` replaces how it is done, not what.

    Raises
    ------
    InputError
        If there is no such run.
    """
    _, manifest = read_manifest((folders or Folders()).build, run)
    asked = dict(manifest["request"])
    known = {f.name for f in fields(Request)}
    if asked.get("shard"):
        asked["shard"] = tuple(asked["shard"])
    return Request(**({name: value for name, value in asked.items() if name in known} | other))


def plan_request(request: Request, folders: Folders) -> Plan:
    """Plan of a request, all of it checked.

    Raises
    ------
    InputError
        One line per thing that is wrong.
    """
    wrong = request.problems()
    if wrong:
        raise InputError(*wrong)
    available = parameters.chapters(folders.notebooks)
    day = request.given.get("reference_date", REFERENCE_DATE)
    problems = parameters.date_problems(day)
    if problems:
        raise InputError(*problems)
    regions = parameters.select_regions(request.regions, reference_date=day)
    if request.regions and not regions:
        raise InputError(f"regions: {', '.join(request.regions)} has no confirmed areas on {day}")
    study = parameters.select_regions([STUDY_REGION], reference_date=day)[0] if request.study else None
    whole = make_plan(
        regions,
        available,
        folders=folders,
        chapter_names=request.chapters,
        given=request.given,
        study=study,
        decision=request.decision,
    )
    return part_of(whole, request.shard) if request.shard else whole


def part_of(plan: Plan, shard: tuple[int, int]) -> Plan:
    """Part of a plan: every so many-th region with all its reports, so that no chapter is in two parts."""
    number, parts = shard
    chosen = list(dict.fromkeys(r.region for r in plan.reports))[number - 1 :: parts]
    reports = tuple(r for r in plan.reports if r.region in chosen)
    return replace(plan, reports=reports, tasks=tuple(t for t in plan.tasks if t.region in chosen))


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
    code = modules.modules().address([CATALOGUE])
    seal = folders.cache / f"data-{digest(plan.inputs.data, code)[:32]}.checked"
    if seal.is_file():
        return
    from studie.data import catalogue

    problems = catalogue.check()
    if problems:
        raise InputError(*problems)
    folders.cache.mkdir(parents=True, exist_ok=True)
    seal.touch()


def new_folder(build: Path, address: str) -> Path:
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


def same_plan(plan: Plan, folders: Folders, *, run: str) -> dict[str, Any]:
    """What a run's manifest keeps when it goes on: when it began, and when it went on.

    Raises
    ------
    InputError
        If the run rests on something else by now: it would mix two states of the study.
    """
    _, manifest = read_manifest(folders.build, run)
    if manifest["address"] != plan.address:
        was, is_now = manifest["inputs"], asdict(plan.inputs)
        changed = [name for name in is_now if was.get(name) != is_now[name]]
        files = [f for f in sorted({*was["data"], *is_now["data"]}) if was["data"].get(f) != is_now["data"].get(f)]
        what = ", ".join([f"data/{f}" for f in files[:3]] or changed or ["a notebook or the commit"])
        raise InputError(
            f"resume: {run} rests on other inputs, changed since: {what}; start a new run with the same options, "
            "what is not affected is not run again"
        )
    return {"started": manifest["started"], "resumed": [*manifest.get("resumed", []), now()]}


def cleared(folder: Path) -> None:
    """Take away what a stopped run had put in its folder; all of it comes from the cache again."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a run's folder, so that no other process goes on with a run that is still at work.

    Raises
    ------
    InputError
        If another process holds it.
    """
    with (folder / LOCK).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            raise InputError(f"resume: {folder.name} is still at work, in process {file.read().strip()}") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
