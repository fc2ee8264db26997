"""Commands that make reports and check what was made."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studie.cli.arguments import words
from studie.cli.printing import Json, complain, print_columns, print_json, short
from studie.errors import InputError

if TYPE_CHECKING:
    from studie.batch.request import Request
    from studie.batch.run import RunResult

app = typer.Typer()


class Aard(StrEnum):
    """What the deputation is asked for."""

    GOEDKEURING = "goedkeuring"
    KENNISNAME = "kennisname"


Parameters = Annotated[
    list[str],
    typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="Parameter of the chapters; may be repeated."),
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", metavar="N", help="Chapters at the same time, or Slurm jobs; default 1.")
]
Chapters = Annotated[
    list[str], typer.Option("--chapters", metavar="NAME ...", help="Only these chapters, such as 20-doorstroom.")
]


class Executor(StrEnum):
    """Whose processes run the chapters."""

    LOCAL = "local"
    DASK = "dask"


class Engine(StrEnum):
    """How kernels are started."""

    AUTO = "auto"
    FAST = "fast"
    PLAIN = "plain"


ExecutorOption = Annotated[
    Executor, typer.Option("--executor", help="Processes of this machine, or workers of a Dask scheduler.")
]
Scheduler = Annotated[
    str,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="With --executor dask: tcp://… of a scheduler, or slurm to start workers.",
    ),
]
Shard = Annotated[
    str,
    typer.Option(
        "--shard",
        metavar="I/N",
        help="Make part I of N and publish nothing; the same command without it then publishes the whole.",
    ),
]
EngineOption = Annotated[
    Engine,
    typer.Option("--engine", help="fast: import once and fork every kernel; plain: start every kernel afresh."),
]
CellSeconds = Annotated[
    int | None, typer.Option("--cell-seconds", metavar="S", help="Longest time of one cell; default 1800.")
]
Memory = Annotated[
    int | None, typer.Option("--memory", metavar="MB", help="Most memory of one kernel; default no limit.")
]
Resume = Annotated[
    str,
    typer.Option(
        "--resume", metavar="RUN", help="Go on with a run that stopped, as it was asked; what is finished stays."
    ),
]


@app.command(epilog="Example: studie run --regions arrondissement municipality:12025 --jobs 2 -p horizon_months=24")
def run(
    *,
    regions: Annotated[
        list[str],
        typer.Option(
            "--regions", metavar="LEVEL|CODE ...", help="Levels or codes (see: studie regions); default province."
        ),
    ] = [],  # noqa: B006
    chapters: Chapters = [],  # noqa: B006
    parameter: Parameters = [],  # noqa: B006
    jobs: Jobs = None,
    study: Annotated[bool, typer.Option("--study", help="Make the strategic study in the same run.")] = False,
    executor: ExecutorOption = Executor.LOCAL,
    scheduler: Scheduler = "",
    shard: Shard = "",
    engine: EngineOption = Engine.AUTO,
    cell_seconds: CellSeconds = None,
    memory: Memory = None,
    resume: Resume = "",
    as_json: Json = False,
) -> None:
    """Make the report of every region named: one PDF each in reports/."""
    from studie.batch import parameters, request

    how = {
        "jobs": jobs,
        "executor": executor.value if executor is not Executor.LOCAL or scheduler else None,
        "scheduler": scheduler or None,
        "engine": engine.value if engine is not Engine.AUTO else None,
        "cell_seconds": cell_seconds,
        "memory_mb": memory,
    }
    chosen: dict[str, Any] = {name: value for name, value in how.items() if value is not None}
    if resume:
        if regions or chapters or parameter or study or shard:
            raise InputError(
                "resume: takes what to make from the run; leave out --regions, --chapters, -p, --study, --shard"
            )
        _make(request.request_of(resume, **chosen), as_json=as_json, resume=resume)
        return
    asked = request.Request(
        regions=words(regions, name="regions") or ["province"],
        chapters=words(chapters, name="chapters"),
        given=parameters.split_pairs(parameter),
        study=study,
        shard=request.shard(shard) if shard else None,
        **chosen,
    )
    _make(asked, as_json=as_json)


@app.command(epilog="Example: studie study --vergadering 2027-01-14 --agenda 3/12 --aard kennisname")
def study(
    *,
    vergadering: Annotated[str, typer.Option(metavar="DATE", help="Day of the meeting, YYYY-MM-DD.")] = "",
    agenda: Annotated[str, typer.Option(metavar="NR", help="Number on the agenda.")] = "",
    aard: Annotated[
        Aard, typer.Option(help="goedkeuring is refused while demonstration data are inside.")
    ] = Aard.KENNISNAME,
    chapters: Chapters = [],  # noqa: B006
    parameter: Parameters = [],  # noqa: B006
    jobs: Jobs = None,
    as_json: Json = False,
) -> None:
    """Make the strategic study of the province, in the form of a Verslag van de deputatie."""
    from studie.batch import parameters
    from studie.batch.request import Request

    if vergadering and not parameters.is_day(vergadering):
        raise InputError(f"vergadering: must be a date YYYY-MM-DD, got {vergadering!r}")
    asked = "" if aard is Aard.KENNISNAME else aard.value  # left unsaid, it is the same study as that of `run --study`
    decision = {"vergadering": vergadering, "agendanummer": agenda, "aard": asked}
    request = Request(
        chapters=words(chapters, name="chapters"),
        given=parameters.split_pairs(parameter),
        study=True,
        decision={name: value for name, value in decision.items() if value},
        jobs=1 if jobs is None else jobs,
    )
    _make(request, as_json=as_json)


@app.command(epilog="Example: studie check 20261123-131502-1f3a9c20")
def check(
    name: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="Folder in build/; default the newest run that was finished.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Test the laws that every finished run obeys; writes build/RUN/laws.html."""
    from studie.batch import laws, manifest
    from studie.batch.inputs import Folders

    folders = Folders()
    folder, _ = manifest.read_manifest(folders.build, name)
    results = laws.check_run(folder, folders=folders)
    if as_json:
        print_json({"run": folder.name, "laws": [{**vars(r), "outcome": r.outcome} for r in results]})
    else:
        for result in results:
            print(result.text)
        print(f"{laws.tally(results)}: {short(folder / laws.PAGE)}")
    outcomes = {r.outcome for r in results}
    raise typer.Exit(0 if "holds" in outcomes and "broken" not in outcomes else 1)


def _make(request: Request, *, as_json: bool, resume: str | None = None) -> None:
    """Run a request, say what came out and end with its code; a request to end is answered as Ctrl-C is."""
    from studie.batch.progress import watcher
    from studie.batch.run import run as make

    with _ended_by_sigterm():
        result = make(request, watcher=watcher(), resume=resume)
    if as_json:
        print_json({**vars(result), "folder": str(result.folder), "pdfs": [str(p) for p in result.pdfs]})
    else:
        _print_result(result)
        if request.shard:
            part = "/".join(map(str, request.shard))
            print(f"part {part} is kept; the same command without --shard publishes the whole when every part is there")
    complain(failure_lines(result))
    complain([f"law broken: {line}" for line in result.broken_laws])
    raise typer.Exit(result.exit_code)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Answer SIGTERM, as a cluster sends before its time limit, like Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def failure_lines(result: RunResult) -> list[str]:
    """Each cause once, then which reports are missing and what stands in their place; one line when one says it all."""
    causes = list(dict.fromkeys(line for text in result.failures for line in text.splitlines()))
    if not result.failed_regions:
        return causes
    which = ", ".join(result.failed_regions)
    rest = "the others are there" if result.pdfs else "no report was made"
    if result.earlier:
        reports = "the report of an earlier run is" if len(result.earlier) == 1 else "reports of earlier runs are"
        rest += f"; {reports} still there: {', '.join(result.earlier)}"
    if len(causes) == len(result.failed_regions) == 1 and causes[0].startswith(which):
        return [f"{causes[0]}; {rest}"]
    return [*causes, f"failed: {which}; {rest}"]


def _print_result(result: RunResult) -> None:
    """What it took, where everything is; the PDFs last."""
    from studie.batch.index import INDEX
    from studie.batch.inputs import Folders

    if result.made:
        print_columns(summary_rows(result))
    print(f"{result.made} made, {result.reused} unchanged: {short(result.folder)}")
    if result.pdfs:
        print(f"all reports, as web pages too: {short(Folders().reports / INDEX)}")
    for pdf in result.pdfs:
        print(short(pdf))


def summary_rows(result: RunResult) -> list[list[str]]:
    """One row per chapter that had to run, and their sum."""
    rows = [row for row in result.summary if row["made"] or row["failed"]]
    names = ("made", "reused", "failed", "seconds", "cpu_seconds")
    total: dict[str, Any] = {name: sum(row[name] for row in rows) for name in names}
    total |= {"chapter": "all", "memory_mb": max((row["memory_mb"] for row in rows), default=0.0)}
    numbers = [
        [
            row["chapter"],
            *(str(row[name]) for name in names[:3]),
            *(f"{row[name]:.0f}" for name in (*names[3:], "memory_mb")),
        ]
        for row in (*rows, total)
    ]
    return [["chapter", "made", "unchanged", "failed", "seconds", "CPU", "MB at most"], *numbers]
