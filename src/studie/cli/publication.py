"""Commands that freeze a study under the name of a version, and say what changed between two of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studie.cli.printing import Json, print_columns, print_json, short
from studie.errors import InputError

if TYPE_CHECKING:
    from studie.batch.comparison import Comparison, RowChange
    from studie.batch.frozen import Version
    from studie.batch.publication import Publication

app = typer.Typer()

MOST_ROWS = 30  # that the terminal shows; JSON and CSV hold all
VersionName = Annotated[str, typer.Argument(metavar="VERSION", help="Name of a version, such as 1.0 or 2027-01.")]


@app.command(epilog="Example: studie publish 2027-01")
def publish(
    version: VersionName,
    run: Annotated[
        str | None, typer.Option(metavar="RUN", help="Folder in build/; default the newest run that was finished.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Freeze a run: reports, result tables, data description, assumptions and checksums, never to change again."""
    from studie.batch.publication import publish as freeze

    made = freeze(version, run=run)
    if as_json:
        print_json({**vars(made), "folder": str(made.folder)})
    else:
        _print_publication(made)


@app.command(epilog="Example: studie compare 1.0 2027-01 --csv changes.csv")
def compare(
    before: VersionName,
    after: VersionName,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="PATH", help="File to make, a line per change.")] = None,
    as_json: Json = False,
) -> None:
    """Check the checksums of two published versions, then say number by number what changed and why."""
    from studie.batch.comparison import compare as comparison_of

    if csv is not None and not csv.parent.is_dir():
        raise InputError(f"csv: must be in a folder that exists, got {csv}")
    found = comparison_of(before, after)
    if csv is not None:
        _write(csv, found.to_csv())
    if as_json:
        print_json(_as_json(found))
    else:
        _print_comparison(found, csv=csv)


def _print_publication(made: Publication) -> None:
    """What was frozen, and how others can tell that it is the same."""
    done = "published" if made.outcome == "published" else "was published before, nothing changed"
    print(f"{made.version} {done}: run {made.run}, {made.files} files, data {'+'.join(made.data_status)}")
    for name in made.unfinished:
        print(f"left out: newer run {name}, which was not finished")
    for pdf in made.pdfs:
        print(short(made.folder.parent / pdf))
    print(f"checksum of {short(made.folder / 'SHA256SUMS')}: {made.sha256}")


def _print_comparison(found: Comparison, *, csv: Path | None) -> None:
    """Versions, what differs, counts, tables, and the first rows."""
    for version in (found.before, found.after):
        print(_version_line(version))
    print("what differs:" if found.differences else "what differs: nothing")
    print_columns([[f"  {r.kind}", r.what, r.text] for r in found.differences])
    print(f"reports: {len(found.pdfs)} differ")
    print_columns([[f"  {p.change}", p.file, "" if p.explained else "unexplained"] for p in found.pdfs])
    counts = ", ".join(f"{count} {change}" for change, count in found.counts.items())
    print(f"numbers: {counts}; unexplained: {found.unexplained}")
    print_columns(_table_lines(found))
    for row in found.rows[:MOST_ROWS]:
        print(_row_line(row))
    left = len(found.rows) - MOST_ROWS
    if left > 0 and csv is None:
        print(f"and {left} more; all of them with: --csv PATH")
    if csv is not None:
        print(f"{len(found.rows)} lines: {short(csv)}")


def _version_line(version: Version) -> str:
    """One version."""
    entry = version.entry
    commit = entry["commit"][:12] or "unknown"
    return (
        f"{version.name}: published {entry['published']}, run {entry['run']}, commit {commit}, "
        f"data {'+'.join(entry['data_status'])}, {entry['files']} checksums hold"
    )


def _table_lines(found: Comparison) -> list[list[str]]:
    """Changes per table with their reasons."""
    tables: dict[tuple[str, str, str], list[RowChange]] = {}
    for row in found.rows:
        tables.setdefault((row.region, row.chapter, row.table), []).append(row)
    lines = []
    for place, rows in tables.items():
        counts = Counter(row.change for row in rows)
        said = ", ".join(f"{count} {change}" for change, count in counts.items())
        reasons = dict.fromkeys(f"{r.kind} {r.what}" for row in rows for r in row.reasons)
        why = "; ".join([*reasons, *(["unexplained"] if any(not row.reasons for row in rows) else [])])
        lines.append([f"  {' '.join(place)}", said, why])
    return lines


def _row_line(row: RowChange) -> str:
    """One change."""
    name = f"{row.change}: {row.region} {row.table} [{row.key}] {row.quantity}"
    numbers = f"{_interval(row.before)} -> {_interval(row.after)} {row.unit}"
    said = {"new": _interval(row.after), "gone": _interval(row.before), "described": ""}.get(row.change, numbers)
    return f"{name}: {'; '.join(part for part in (said, row.other) if part)}{'' if row.reasons else ' (unexplained)'}"


def _interval(numbers: Any) -> str:
    """Estimate, interval and n."""
    estimate, lower, upper, n = (
        "unknown" if numbers[name] is None else f"{numbers[name]:.6g}" for name in ("estimate", "lower", "upper", "n")
    )
    return f"{estimate} [{lower}, {upper}] n={n}"


def _as_json(found: Comparison) -> dict[str, Any]:
    """Everything, for other programs."""
    return {
        "before": found.before.entry,
        "after": found.after.entry,
        "differences": [vars(r) for r in found.differences],
        "counts": {**found.counts, "unexplained": found.unexplained},
        "reports": [vars(p) for p in found.pdfs],
        "numbers": [{**vars(r), "reasons": [vars(reason) for reason in r.reasons]} for r in found.rows],
    }


def _write(path: Path, text: str) -> None:
    """Write a text whole or not at all."""
    from studie.batch.manifest import write_whole

    write_whole(path, text)
