"""Making the databank: written beside the old one, checked by DuckDB, then swapped in whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from studie import __version__, regions
from studie.data import catalogue, contracts
from studie.data.databank import location, schema
from studie.data.definitions import CONTRACTS
from studie.data.files import sync
from studie.data.sources import Dataset
from studie.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Built:
    """A databank that was made.

    Attributes
    ----------
    path, snapshot : Path
        Its file, and the snapshot of the day.
    rows : dict of str to int
        Rows of each table [count].
    """

    path: Path
    snapshot: Path
    rows: dict[str, int]


def build(*, root: Path | None = None) -> Built:
    """Makes the databank from all tables of the catalogue.

    The new file is written under another name, synced to disk and renamed over the old one: whenever the process dies,
    the old databank is there and readable, and the next build clears away what was left.

    Parameters
    ----------
    root : Path, optional
        Folder whose `build/` gets the databank; default the study's. The tables are always those of the study in use.

    Raises
    ------
    InputError
        If another process is building, or for every row that breaks its contract, repeats a key or refers to nothing;
        nothing is changed then.

    Notes
    -----
    What the contracts say is checked first, because that names file, row and column; DuckDB then enforces the same
    keys, references and checks on what is stored.
    """
    with location.only_builder(root=root):
        _clear(root)
        unfinished = location.unfinished(root=root)
        try:
            rows = _write(unfinished)
            sync(unfinished)
            unfinished.replace(location.path(root=root))
        except (duckdb.IOException, duckdb.FatalException, duckdb.OutOfMemoryException) as error:  # such as a full disk
            raise InputError(f"databank: {str(error).splitlines()[0]}; nothing was changed") from error
        finally:
            _clear(root)
        kept = _keep(root)
        sync(location.path(root=root).parent)
    return Built(path=location.path(root=root), snapshot=kept, rows=rows)


def _write(path: Path) -> dict[str, int]:
    """Writes all tables to a new file; returns the rows of each."""
    tables = _read_all()
    connection = duckdb.connect(path)
    try:
        connection.execute("SET python_enable_replacements = false")
        connection.execute("BEGIN")
        rows = _fill(connection, tables)
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
    except duckdb.ConstraintException as error:
        raise InputError(f"databank: {str(error).splitlines()[0]}; nothing was changed") from error
    finally:
        connection.close()
    return rows


def _read_all() -> dict[str, catalogue.Table]:
    """All tables, or every problem of all of them."""
    tables: dict[str, catalogue.Table] = {}
    problems: list[str] = []
    for name in schema.ordered_tables():
        try:
            tables[name] = catalogue.read(name)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*dict.fromkeys(problems))
    return tables


def _fill(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, catalogue.Table]) -> dict[str, int]:
    """Makes and fills every table, those referred to first."""
    for name, columns in schema.OWN_TABLES.items():
        connection.execute(f"CREATE TABLE {schema.quoted(name)} ({columns})")
        _hand_over(
            connection, _columnar(_own_rows(name, tables)), f"INSERT INTO {schema.quoted(name)} FROM handed_over"
        )
    for name, table in tables.items():
        for statement in schema.create_through(name):
            connection.execute(statement)
        connection.execute(schema.create(name))
        _insert(connection, name, table.frame)
    listed = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY table_name").fetchall()
    counts = [connection.execute(f"SELECT count(*) FROM {schema.quoted(name)}").fetchone() for (name,) in listed]
    return {name: count[0] for (name,), count in zip(listed, counts, strict=True) if count}


def _insert(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    """Hands the rows of one table over."""
    if frame.empty:
        return
    types = schema.arrow_schema(name)
    rows = pa.Table.from_pandas(frame[types.names], schema=types, preserve_index=False)
    _hand_over(connection, rows, schema.insert(name, rows="handed_over"))


def _columnar(records: list[list[Any]]) -> pa.Table:
    """Records as columns; all hold the same kinds of values."""
    columns = [pa.array(values) for values in zip(*records, strict=True)]
    return pa.table(columns, names=[f"c{k}" for k in range(len(columns))])


def _hand_over(connection: duckdb.DuckDBPyConnection, rows: pa.Table, statement: str) -> None:
    """Runs a statement that takes rows from `handed_over`."""
    connection.register("handed_over", rows)
    connection.execute(statement)
    connection.unregister("handed_over")


def _own_rows(name: str, tables: Mapping[str, catalogue.Table]) -> list[list[Any]]:
    """Rows of a table that no contract describes."""
    if name == "build":
        return [[datetime.now(UTC).replace(tzinfo=None), __version__, catalogue.demonstration_size()]]
    if name == "dataset":
        return _datasets(tables)
    if name == "dictionary":
        return [
            [rules.name, position, c.name, c.kind, c.unit or None, not c.required, c.about, rules.title]
            for rules in CONTRACTS.values()
            for position, c in enumerate(rules.columns, start=1)
        ]
    if name == "territory":
        return _territory()
    areas = {date: regions.regions(date=date) for date in contracts.VINTAGE_DATES}
    if name == "region":
        known = {a.code: [a.code, a.level, a.name, a.parent, a.status] for found in areas.values() for a in found}
        others = {code: [code, code.split(":")[0], None, None, None] for code in contracts.OTHER_AREAS}
        return list((others | known).values())
    return [
        [area.code, regions.vintage(date), refnis]
        for date, found in areas.items()
        for area in found
        for refnis in area.refnis
    ]


def _datasets(tables: Mapping[str, catalogue.Table]) -> list[list[Any]]:
    """Provenance of every file that gave rows."""
    used: Iterable[Dataset] = {d.dataset_id: d for table in tables.values() for d in table.datasets}.values()
    names = [field.name for field in fields(Dataset)]
    return [[asdict(dataset)[name] for name in names] for dataset in used]


def _territory() -> list[list[Any]]:
    """Municipalities of all vintages with the one that holds them on the reference date."""
    now = regions.REFERENCE_DATE
    names: dict[int, str] = {}
    for date in contracts.VINTAGE_DATES:
        table = regions.municipalities(date=date)
        names |= dict(zip(map(int, table["refnis"]), table["name_nl"], strict=True))
    moved: dict[int, int | None] = {}
    for date in contracts.VINTAGE_DATES:
        to = regions.crosswalk(from_date=date, to_date=now)
        moved |= {
            int(a): None if pd.isna(b) else int(b) for a, b in zip(to["refnis_from"], to["refnis_to"], strict=True)
        }
    return [[refnis, names[refnis], moved[refnis]] for refnis in sorted(names)]


def _keep(root: Path | None) -> Path:
    """Snapshot of the day: the same file under its date; no build ever writes into a finished file."""
    day = datetime.now(UTC).date().isoformat()
    kept = location.snapshot(day, root=root)
    kept.parent.mkdir(exist_ok=True)
    beside = kept.with_name(f"{day}.unfinished")
    try:
        beside.hardlink_to(location.path(root=root))
    except OSError:  # a file system without hard links
        shutil.copy2(location.path(root=root), beside)
    return beside.replace(kept)


def _clear(root: Path | None) -> None:
    """Removes what a build left that did not come to its end."""
    unfinished = location.unfinished(root=root)
    left = [*unfinished.parent.glob(f"{unfinished.name}*")]  # DuckDB's log and spilled rows lie beside the file
    left += location.snapshot("x", root=root).parent.glob("*.unfinished")
    for found in left:
        shutil.rmtree(found) if found.is_dir() else found.unlink(missing_ok=True)
