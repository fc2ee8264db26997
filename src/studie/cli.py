"""The command `studie`: its options, what it prints and the codes it ends with."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studie import __version__
from studie.errors import InputError, StudieError

if TYPE_CHECKING:
    from studie.batch.run import Request, RunResult

SEVERAL = ("--regions", "--chapters")  # options that take every word up to the next option
INTERRUPTED = 130

app = typer.Typer(
    help="Study of the inclusive economy in the province of Antwerp: from data to reports.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data = typer.Typer(help="What is known and where it comes from.", no_args_is_help=True)
app.add_typer(data, name="data")


class Aard(StrEnum):
    """What the deputation is asked for."""

    GOEDKEURING = "goedkeuring"
    KENNISNAME = "kennisname"


class Size(StrEnum):
    """Sizes of the demonstration data."""

    TINY = "tiny"
    DEFAULT = "default"
    LARGE = "large"
    HUGE = "huge"


Json = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
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
        regions=_words(regions, name="regions") or ["province"],
        chapters=_words(chapters, name="chapters"),
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
        chapters=_words(chapters, name="chapters"),
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
        _print_json({"run": folder.name, "laws": [{**vars(r), "outcome": r.outcome} for r in results]})
    else:
        for result in results:
            print(result.text)
        print(f"{laws.tally(results)}: {_short(folder / laws.PAGE)}")
    outcomes = {r.outcome for r in results}
    raise typer.Exit(0 if "holds" in outcomes and "broken" not in outcomes else 1)


@app.command(name="regions", epilog="Example: studie regions municipality --date 2024-12-31")
def list_regions(
    level: Annotated[
        str | None,
        typer.Argument(metavar="[LEVEL]", help="province, arrondissement, working-area, grouping or municipality."),
    ] = None,
    date: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="Day that the areas exist on; default 2025-01-01.")
    ] = "",
    as_json: Json = False,
) -> None:
    """List codes and names of regions."""
    from studie import regions
    from studie.config import REFERENCE_DATE

    found = regions.regions(level, date=date or REFERENCE_DATE)
    if as_json:
        _print_json([vars(r) for r in found])
        return
    width = max((len(r.code) for r in found), default=0)
    for r in found:
        print(f"{r.code:<{width}}  {r.name}{'' if r.status == 'confirmed' else f' ({r.status})'}")


@data.command(name="list", epilog="Example: studie data list --json")
def list_data(as_json: Json = False) -> None:
    """List every dataset: status, period, rows, source."""
    from studie.data import catalogue

    found = catalogue.datasets()
    if as_json:
        _print_json([vars(d) for d in found])
        return
    rows = [
        (d.table, d.dataset_id, d.data_status, f"{d.first_period}..{d.last_period}", str(d.rows), d.publisher)
        for d in found
    ]
    _print_columns([("table", "dataset", "status", "period", "rows", "publisher"), *sorted(rows)])


@data.command(name="check", epilog="Example: studie data check")
def check_data(as_json: Json = False) -> None:
    """Check every data file against its contract."""
    from studie.data import catalogue

    problems = catalogue.check()
    if as_json:
        _print_json({"problems": problems})
        raise typer.Exit(2 if problems else 0)
    if problems:
        raise InputError(*problems)
    print(f"{len(catalogue.datasets())} datasets, no problems")


@data.command(epilog="Example: studie data template ladder_panel data/own/ladder_panel.csv")
def template(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="Table that you have an extract of.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="CSV file to make.")],
) -> None:
    """Make an empty CSV of a table, with its columns explained in Dutch beside it."""
    from studie.data import contracts

    rules = contracts.contract(table)
    if path.suffix != ".csv":
        raise InputError(f"path: must end in .csv, got {path}")
    if path.exists():
        raise InputError(f"path: {path} is there already and is left as it is; name another file")
    words = path.with_name(f"{path.stem}-kolommen.md")
    try:
        words.write_text(_explained(rules), encoding="utf-8")
        path.write_text(",".join(rules.names) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"path: {path} cannot be written: {error.strerror}") from error
    print(f"{path}\n{words}")


@data.command(epilog="Example: studie data demonstration --size tiny --seed 1")
def demonstration(
    size: Annotated[Size, typer.Option(help="tiny for tests, default for the province.")] = Size.DEFAULT,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    as_json: Json = False,
) -> None:
    """Make the demonstration data again."""
    from studie.config import project_root
    from studie.data import demonstration

    rows = demonstration.generate(size=size.value, seed=seed, root=project_root())
    if as_json:
        _print_json(rows)
    else:
        _print_columns([(name, str(count)) for name, count in rows.items()])


@app.command(epilog="Example: studie version --json")
def version(as_json: Json = False) -> None:
    """Print the version of the study."""
    if not as_json:
        print(f"studie {__version__}")
        return
    from studie.batch.manifest import versions

    _print_json(versions())


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: errors are one line each on stderr, and an exit code says what kind."""
    words = spread(sys.argv[1:] if arguments is None else arguments)
    try:
        code = app(args=words or ["--help"], prog_name="studie", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except StudieError as error:
        _complain(str(error).splitlines())
        code = error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        _complain([f"{error.filename or 'file'}: {error.strerror or error}"])
        code = 2
    except Exception as error:
        if not hasattr(error, "format_message"):  # wrong use; typer has no public class for it in all versions
            raise
        _complain([_usage(error)])
        code = 2
    if code == INTERRUPTED:  # typer gives this code too
        print("interrupted; the same command goes on from here, what is finished is not run again", file=sys.stderr)
    sys.exit(code)


def _usage(error: Any) -> str:
    """Wrong use in one line, with where the right use is explained."""
    context = getattr(error, "ctx", None)
    said = str(error.format_message()).strip().rstrip(".") or "a command is missing"
    return said if context is None else f"{said}; see {context.command_path} --help"


def spread(arguments: Sequence[str]) -> list[str]:
    """`--regions a b` as `--regions a --regions b`: every word up to the next option belongs to it."""
    words: list[str] = []
    current = None
    for word in arguments:
        if word.startswith("-"):
            name = word.partition("=")[0]
            current = name if name in SEVERAL else None
            words.append(word)
        elif current is not None and words[-1] != current:
            words += [current, word]
        else:
            words.append(word)
    return words


def _words(given: Sequence[str], *, name: str) -> list[str]:
    """Values that may be separated by commas; a text without any is refused, it would mean everything."""
    for text in given:
        if not text.replace(",", "").strip():
            raise InputError(f"{name}: must name at least one, got {text!r}")
    return [word for text in given for word in text.split(",") if word]


def _make(request: Request, *, as_json: bool) -> None:
    """Run a request, say what came out and end with its code."""
    from studie.batch.progress import watcher
    from studie.batch.run import run as make

    result = make(request, watcher=watcher())
    if as_json:
        _print_json({**vars(result), "folder": str(result.folder), "pdfs": [str(p) for p in result.pdfs]})
    else:
        _print_result(result)
    _complain(_failure_lines(result))
    _complain([f"law broken: {line}" for line in result.broken_laws])
    raise typer.Exit(result.exit_code)


def _failure_lines(result: RunResult) -> list[str]:
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
    print(f"{result.made} made, {result.reused} unchanged: {_short(result.folder)}")
    for pdf in result.pdfs:
        print(_short(pdf))


def _short(path: Path) -> str:
    """Path from where the user is, when it is below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _print_json(content: Any) -> None:
    """JSON on standard output."""
    import json

    print(json.dumps(content, indent=1, ensure_ascii=False, default=str))


def _print_columns(rows: Sequence[Sequence[str]]) -> None:
    """Rows as aligned columns."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))] if rows else []
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def _complain(lines: Sequence[str]) -> None:
    """One line per error on standard error."""
    for line in lines:
        print(f"error: {line}", file=sys.stderr)


def _explained(rules: Any) -> str:
    """Columns of a table in Dutch, as a Markdown table."""
    lines = [
        f"# {rules.title}",
        "",
        "| kolom | betekenis | eenheid | verplicht | toegelaten |",
        "|---|---|---|---|---|",
    ]
    for c in rules.columns:
        allowed = ", ".join(c.allowed) or c.rule or _bounds(c)
        required = "ja" if c.required and c.default is None else "nee"
        lines.append(f"| {c.name} | {c.about} | {c.unit} | {required} | {allowed} |")
    return "\n".join([*lines, "", f"Sleutel: {', '.join(rules.key)}.", ""])


def _bounds(column: Any) -> str:
    """Smallest and largest value in words."""
    parts = [(column.least, "vanaf"), (column.most, "tot en met")]
    return " ".join(f"{word} {bound:g}" for bound, word in parts if bound is not None)
