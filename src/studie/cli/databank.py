"""Commands on the databank: make it, ask it, hand it on."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studie.cli.printing import Json, print_columns, print_json, short

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(help="All tables in one DuckDB file, with keys and references enforced.", no_args_is_help=True)

Date = Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Day of a snapshot; default the databank as it is now.")]


class Format(StrEnum):
    """Kinds of files to export."""

    PARQUET = "parquet"
    CSV = "csv"
    XLSX = "xlsx"


@app.command(epilog="Example: studie databank build")
def build(as_json: Json = False) -> None:
    """Make the databank from every table, beside the old one, and swap it in whole."""
    from studie.data import databank

    built = databank.build()
    if as_json:
        print_json({"path": str(built.path), "snapshot": str(built.snapshot), "rows": built.rows})
        return
    print_columns([(name, str(count)) for name, count in built.rows.items()])
    print(f"{short(built.path)}: {len(built.rows)} tables, snapshot {short(built.snapshot)}")


@app.command(name="list", epilog="Example: studie databank list")
def list_snapshots(as_json: Json = False) -> None:
    """List the days of which a snapshot is kept."""
    from studie.data import databank

    days = databank.snapshots()
    if as_json:
        print_json(days)
        return
    for day in days:
        print(day)


@app.command(epilog="Example: studie databank query 'SELECT work_form, sum(places) FROM offer GROUP BY ALL' --json")
def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT; values as ? with -p.")],
    value: Annotated[list[str] | None, typer.Option("-p", metavar="VALUE", help="Value of the next ?.")] = None,
    date: Date = "",
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why small counts of persons must be seen; it is logged.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask the databank; of tables about persons only protected counts come out."""
    from studie.data import databank

    answer = databank.query(sql, value or [], reason=reason, date=date or None)
    names, rows = [str(name) for name in answer.columns], _rows(answer)
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        print_columns([names, *(["" if v is None else str(v) for v in row] for row in rows)])


@app.command(epilog="Example: studie databank export --format xlsx databank.xlsx")
def export(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder to make; for xlsx a file that ends in .xlsx.")],
    format: Annotated[Format, typer.Option(help="Kind of files.")],
    date: Date = "",
    as_json: Json = False,
) -> None:
    """Write every table to files; tables about persons only as protected counts."""
    from studie.data import databank

    made = databank.export(path, format=format.value, date=date or None)
    if as_json:
        print_json({"path": str(made.path), "rows": made.rows})
    else:
        print(f"{short(made.path)}: {len(made.rows)} tables, {sum(made.rows.values())} rows")


def _rows(answer: pd.DataFrame) -> list[list[Any]]:
    """Values of an answer: days without a time of day, nothing where nothing is known."""
    import pandas as pd

    texts = [
        answer[name].map(_day, na_action="ignore")
        if pd.api.types.is_datetime64_any_dtype(answer[name])
        else answer[name]
        for name in answer.columns
    ]
    return [
        [None if pd.api.types.is_scalar(v) and pd.isna(v) else v for v in row]
        for row in zip(*(column.astype(object) for column in texts), strict=True)
    ]


def _day(moment: pd.Timestamp) -> str:
    """A day, or a moment where it has a time of day."""
    return moment.date().isoformat() if moment == moment.normalize() else moment.isoformat(sep=" ")
