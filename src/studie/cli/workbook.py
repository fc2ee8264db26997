"""Commands on the workbook of a region: make it, and read it back when it is filled in."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studie.cli.printing import Json, complain, print_json, short
from studie.errors import InputError

if TYPE_CHECKING:
    from studie.data.importers.store import Stored
    from studie.data.workbook.read import Reading

app = typer.Typer(
    help="The Excel workbooks: the offer of a region for its coordinator, and the registers of the province.",
    no_args_is_help=True,
)


@app.command(epilog="Example: studie workbook export working-area:rivierenland rivierenland.xlsx")
def export(
    group: Annotated[
        str, typer.Argument(metavar="GROUP", help="Code of a region of any level (see: studie regions), or registers.")
    ],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="File to make; it ends in .xlsx and is not there yet.")],
    date: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Day that it states; default today.")] = "",
    as_json: Json = False,
) -> None:
    """Make the workbook of a region or of the registers, filled in with what is known; demonstration data never are."""
    from studie.data.workbook.export import export as make

    made = make(group, path, day=date or datetime.date.today().isoformat())
    if as_json:
        print_json({"path": str(made.path), "region": made.group, "rows": made.rows})
        return
    known = ", ".join(f"{name} {rows}" for name, rows in made.rows.items())
    print(f"{short(made.path)}: vooraf ingevulde rijen: {known}")


@app.command(name="import", epilog="Example: studie workbook import rivierenland.xlsx")
def import_(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Workbook that was filled in.")],
    region: Annotated[
        str, typer.Option(metavar="CODE", help="Refuse a workbook of another region or of the registers.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Take a filled-in workbook into data/own; every wrong cell is listed, and marked in a copy beside the file."""
    from studie.data.importers.store import store
    from studie.data.workbook.marked import write_marked
    from studie.data.workbook.read import read

    reading = read(path, today=datetime.date.today(), region=region)
    copy, faults = None, []
    try:
        copy = write_marked(path, reading.problems, day=reading.day) if reading.problems else None
    except InputError as error:  # a folder that cannot be written in: the errors must be told all the same
        faults = list(error.problems)
    name = f"werkboek-{reading.group}"
    stored = store(
        reading.intake,
        name=name,
        source=reading.source,
        retrieved=reading.day,
        blanks="clear",
        complete=reading.complete,
        language="nl",
    )
    if as_json:
        print_json({**_as_json(reading, stored, copy), "faults": faults})
    else:
        _print(reading, stored, copy)
    complain(faults)
    raise typer.Exit(2 if reading.problems or len(stored.rejected) else 0)


def _as_json(reading: Reading, stored: Stored, copy: Path | None) -> dict[str, object]:
    """Everything that an import says."""
    return {
        "region": reading.group,
        "problems": [{**vars(problem), "text": problem.text} for problem in reading.problems],
        "rejected": stored.rejected.to_dict("records"),
        "notes": stored.notes,
        "tables": {table: change._asdict() for table, change in stored.changes.items()},
        "copy": None if copy is None else str(copy),
        "read": stored.read,
        "taken": stored.taken,
    }


def _print(reading: Reading, stored: Stored, copy: Path | None) -> None:
    """Wrong cells, notes, what became of the rows; the sum last."""
    for problem in reading.problems:
        print(problem.text)
    known = set(zip(reading.intake.rejected["file"], reading.intake.rejected["row"], strict=True))
    for file, row, column, rule, value in stored.rejected.to_numpy():
        if (file, row) not in known:  # the other tables refuse it
            got = f"; er staat '{value}'" if value else ""
            print(f"{file}: rij {row}, kolom {column}: {rule}{got}")
    for note in stored.notes:
        print(f"let op: {note}")
    for table, change in stored.changes.items():
        gone = f", {change.removed} geschrapt" if change.removed else ""
        print(f"{table}: {change.new} nieuw, {change.changed} gewijzigd, {change.same} ongewijzigd{gone}")
    if copy is not None:
        print(f"kopie met de fouten: {short(copy)}")
    print(f"{stored.read} rijen gelezen = {stored.taken} overgenomen + {len(stored.rejected)} geweigerd")
