"""Commands on data: what is known, whether it is sound, and how it gets in."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from studie.cli.printing import Json, print_columns, print_json
from studie.errors import InputError

app = typer.Typer(help="What is known and where it comes from.", no_args_is_help=True)


class Size(StrEnum):
    """Sizes of the demonstration data."""

    TINY = "tiny"
    DEFAULT = "default"
    LARGE = "large"
    HUGE = "huge"


@app.command(name="list", epilog="Example: studie data list --json")
def list_data(as_json: Json = False) -> None:
    """List every dataset: status, period, rows, source."""
    from studie.data import catalogue

    found = catalogue.datasets()
    if as_json:
        print_json([vars(d) for d in found])
        return
    rows = [
        (d.table, d.dataset_id, d.data_status, f"{d.first_period}..{d.last_period}", str(d.rows), d.publisher)
        for d in found
    ]
    print_columns([("table", "dataset", "status", "period", "rows", "publisher"), *sorted(rows)])


@app.command(name="check", epilog="Example: studie data check")
def check_data(as_json: Json = False) -> None:
    """Check every data file against its contract."""
    from studie.data import catalogue

    problems = catalogue.check()
    if as_json:
        print_json({"problems": problems})
        raise typer.Exit(2 if problems else 0)
    if problems:
        raise InputError(*problems)
    print(f"{len(catalogue.datasets())} datasets, no problems")


@app.command(epilog="Example: studie data template ladder_panel data/own/ladder_panel.csv")
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


@app.command(epilog="Example: studie data demonstration --size tiny --seed 1")
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
        print_json(rows)
    else:
        print_columns([(name, str(count)) for name, count in rows.items()])


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
