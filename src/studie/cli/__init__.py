"""The command `studie`: its groups of commands and the codes it ends with."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from studie import __version__
from studie.cli import data, databank, publication, runs, workbook
from studie.cli.arguments import spread
from studie.cli.printing import Json, complain, print_json
from studie.errors import StudieError

INTERRUPTED = 130

app = typer.Typer(
    help="Study of the inclusive economy in the province of Antwerp: from data to reports.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(runs.app)
app.add_typer(publication.app)
app.add_typer(data.app, name="data")
app.add_typer(databank.app, name="databank")
app.add_typer(workbook.app, name="workbook")


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
        print_json([vars(r) for r in found])
        return
    width = max((len(r.code) for r in found), default=0)
    for r in found:
        print(f"{r.code:<{width}}  {r.name}{'' if r.status == 'confirmed' else f' ({r.status})'}")


@app.command(epilog="Example: studie version --json")
def version(as_json: Json = False) -> None:
    """Print the version of the study."""
    if not as_json:
        print(f"studie {__version__}")
        return
    from studie.batch.manifest import versions

    print_json(versions())


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: errors are one line each on stderr, and an exit code says what kind."""
    words = spread(sys.argv[1:] if arguments is None else arguments)
    try:
        code = app(args=words or ["--help"], prog_name="studie", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except StudieError as error:
        complain(str(error).splitlines())
        code = error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        complain([f"{error.filename or 'file'}: {error.strerror or error}"])
        code = 2
    except Exception as error:
        if not hasattr(error, "format_message"):  # wrong use; typer has no public class for it in all versions
            raise
        complain([_usage(error)])
        code = 2
    if code == INTERRUPTED:  # typer gives this code too
        print("interrupted; the same command goes on from here, what is finished is not run again", file=sys.stderr)
    sys.exit(code)


def _usage(error: Any) -> str:
    """Wrong use in one line, with where the right use is explained."""
    context = getattr(error, "ctx", None)
    said = str(error.format_message()).strip().rstrip(".") or "a command is missing"
    return said if context is None else f"{said}; see {context.command_path} --help"
