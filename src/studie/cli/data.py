"""Commands on data: what is known, whether it is sound, and how it gets in."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studie.cli.printing import Json, print_columns, print_json, short
from studie.data.importers import FORMATS
from studie.errors import InputError

if TYPE_CHECKING:
    from studie.data.importers.store import Stored

_MOST_LINES = 20
_MOST_RECORDS = 100_000  # of a JSON answer; the list of rejected records holds all

app = typer.Typer(help="What is known and where it comes from.", no_args_is_help=True)


class Size(StrEnum):
    """Sizes of the demonstration data."""

    TINY = "tiny"
    DEFAULT = "default"
    LARGE = "large"
    HUGE = "huge"


@app.command(name="list", epilog="Example: studie data list --json")
def list_data(as_json: Json = False) -> None:
    """List every dataset: status, whether it is in use, period, rows, source."""
    from studie.data import catalogue

    found = catalogue.datasets()
    own = {d.table for d in found if d.data_status == "own"}
    replaced = {d.dataset_id for d in found if d.data_status == "demonstration" and d.table in own}
    if as_json:
        print_json([{**vars(d), "in_use": d.dataset_id not in replaced} for d in found])
        return
    rows = [
        (
            d.table,
            d.dataset_id,
            d.data_status,
            "replaced by own" if d.dataset_id in replaced else "yes",
            f"{d.first_period}..{d.last_period}",
            str(d.rows),
            d.publisher,
        )
        for d in found
    ]
    print_columns([("table", "dataset", "status", "in use", "period", "rows", "publisher"), *sorted(rows)])


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


@app.command(epilog="Example: studie data template ladder_panel extract/ladder_panel.csv")
def template(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="Table that you have an extract of.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="CSV file to make.")],
) -> None:
    """Make an empty CSV of a table, its columns explained in Dutch, and an example of a mapping file."""
    from studie.data import contracts, templates

    for made in templates.write_template(contracts.contract(table), path):
        print(made)


@app.command(epilog="Example: studie data fetch wewis-cmw03 --import")
def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Source in config/sources.yaml.")],
    import_it: Annotated[bool, typer.Option("--import", help="Import the file at once.")] = False,
    as_json: Json = False,
) -> None:
    """Download what is openly online into data/own/raw, with its checksum and day."""
    from studie.data import fetch as fetching

    got = fetching.fetch(name)
    if as_json and not import_it:
        print_json(vars(got))
        return
    if not as_json:
        for note in got.notes:
            print(f"note: {note}")
        print(f"{got.outcome}: {short(got.path)}, {got.size:,} bytes, sha256 {got.sha256}")
    if import_it:
        _import(got.format, got.path, Said(), as_json=as_json)
    else:
        print(f"import it with: {got.command}")


@app.command(name="import", epilog="Example: studie data import own extract.dta --map ladder_panel-mapping.yaml")
def import_data(
    *,
    format_: Annotated[str, typer.Argument(metavar="FORMAT", help=f"One of {', '.join(FORMATS)}.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="File to import.")],
    region: Annotated[str, typer.Option(metavar="CODE", help="Region that the file is about.")] = "",
    sector: Annotated[str, typer.Option(metavar="CODE", help="Sector that the file is about.")] = "",
    mapping: Annotated[
        Path | None, typer.Option("--map", metavar="MAPPING.yaml", help="Which column becomes which; for own extracts.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Put a file into your own tables; every record is taken or listed with the reason."""
    _import(format_, path, Said(region=region, sector=sector, mapping=mapping), as_json=as_json)


@dataclass(frozen=True, kw_only=True)
class Said:
    """Options of an import."""

    region: str = ""
    sector: str = ""
    mapping: Path | None = None


def _import(format_: str, path: Path, said: Said, *, as_json: bool) -> None:
    """Read, store, say what became of every record, and end with the code."""
    from studie.data.fetch import provenance
    from studie.data.importers import store_file
    from studie.data.importers.intake import Options
    from studie.data.importers.mapping import read_words

    words = read_words(said.mapping) if said.mapping else {}
    stored = store_file(
        format_,
        path,
        options=Options(region=said.region, sector=said.sector, mapping=words),
        retrieved=provenance(path).get("retrieved") or datetime.date.today().isoformat(),
        publisher=str(words.get("source", "")),
    )
    if as_json:
        print_json(_stored_record(stored))
    else:
        _print_stored(stored)
    raise typer.Exit(0 if any(sum(change) for change in stored.changes.values()) else 2)


def _stored_record(stored: Stored) -> dict[str, Any]:
    """What became of an import, for other programs."""
    return {
        "read": stored.read,
        "taken": stored.taken,
        "rejected": stored.rejected.head(_MOST_RECORDS).to_dict("records"),
        "rejected_in_all": len(stored.rejected),
        "list_of_rejected": None if stored.list_of_rejected is None else str(stored.list_of_rejected),
        "tables": {table: change._asdict() for table, change in stored.changes.items()},
        "files": [str(path) for path in stored.files],
        "notes": stored.notes,
    }


def _print_stored(stored: Stored) -> None:
    """Reasons with counts, the first records, notes, tables; the sum last."""
    from studie.data.importers import intake

    if len(stored.rejected):
        print("rejected:")
        reasons = stored.rejected.groupby(["column", "rule"], sort=False, observed=True).size().reset_index(name="n")
        counts = reasons.sort_values("n", ascending=False, kind="stable").head(_MOST_LINES)
        for column, rule, number in counts.itertuples(index=False):
            print(f"  {number} x {f'{column}: ' if column else ''}{rule}")
        for line in intake.lines(stored.rejected.head(_MOST_LINES)):
            print(f"  {line}")
        if stored.list_of_rejected is not None:
            print(f"  all {len(stored.rejected)}: {short(stored.list_of_rejected)}")
    for note in stored.notes:
        print(f"note: {note}")
    for table, change in stored.changes.items():
        gone = f", {change.removed} taken away" if change.removed else ""
        print(f"{table}: {change.new} rows new, {change.changed} changed, {change.same} as they were{gone}")
    print(stored.closing_line)


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
