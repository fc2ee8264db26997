"""Commands that make reports and check what was made."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from studie.cli.arguments import words
from studie.cli.printing import Json, complain, print_json, short
from studie.errors import InputError

if TYPE_CHECKING:
    from studie.batch.run import Request, RunResult

app = typer.Typer()


class Aard(StrEnum):
    """What the deputation is asked for."""

    GOEDKEURING = "goedkeuring"
    KENNISNAME = "kennisname"


Parameters = Annotated[
    list[str],
    typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="Parameter of the chapters; may be repeated."),
]
Jobs = Annotated[int, typer.Option("--jobs", metavar="N", help="Chapters at the same time.")]
Chapters = Annotated[
    list[str], typer.Option("--chapters", metavar="NAME ...", help="Only these chapters, such as 20-doorstroom.")
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
    jobs: Jobs = 1,
    study: Annotated[bool, typer.Option("--study", help="Make the strategic study in the same run.")] = False,
    as_json: Json = False,
) -> None:
    """Make the report of every region named: one PDF each in reports/."""
    from studie.batch import parameters
    from studie.batch.run import Request

    request = Request(
        regions=words(regions, name="regions") or ["province"],
        chapters=words(chapters, name="chapters"),
        given=parameters.split_pairs(parameter),
        study=study,
        jobs=jobs,
    )
    _make(request, as_json=as_json)


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
    jobs: Jobs = 1,
    as_json: Json = False,
) -> None:
    """Make the strategic study of the province, in the form of a Verslag van de deputatie."""
    from studie.batch import parameters
    from studie.batch.run import Request

    if vergadering and not parameters.is_day(vergadering):
        raise InputError(f"vergadering: must be a date YYYY-MM-DD, got {vergadering!r}")
    asked = "" if aard is Aard.KENNISNAME else aard.value  # left unsaid, it is the same study as that of `run --study`
    decision = {"vergadering": vergadering, "agendanummer": agenda, "aard": asked}
    request = Request(
        chapters=words(chapters, name="chapters"),
        given=parameters.split_pairs(parameter),
        study=True,
        decision={name: value for name, value in decision.items() if value},
        jobs=jobs,
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
    from studie.batch.plan import Folders

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


def _make(request: Request, *, as_json: bool) -> None:
    """Run a request, say what came out and end with its code."""
    from studie.batch.progress import watcher
    from studie.batch.run import run as make

    result = make(request, watcher=watcher())
    if as_json:
        print_json({**vars(result), "folder": str(result.folder), "pdfs": [str(p) for p in result.pdfs]})
    else:
        _print_result(result)
    complain(failure_lines(result))
    complain([f"law broken: {line}" for line in result.broken_laws])
    raise typer.Exit(result.exit_code)


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
    """Where everything is; the PDFs last."""
    from studie.batch.index import INDEX
    from studie.batch.plan import Folders

    print(f"{result.made} made, {result.reused} unchanged: {short(result.folder)}")
    if result.pdfs:
        print(f"all reports, as web pages too: {short(Folders().reports / INDEX)}")
    for pdf in result.pdfs:
        print(short(pdf))
