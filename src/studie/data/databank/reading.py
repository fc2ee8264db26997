"""Reading the databank: queries that can change and fetch nothing, and a connection for notebooks without persons."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from studie.config import read_config
from studie.data import disclosure_log
from studie.data.databank import location, schema, shielding
from studie.data.databank.counting import counted
from studie.data.databank.judging import PERSON_ROWS, judge, read_tables
from studie.data.databank.shielding import PERSON_COUNTS
from studie.errors import InputError

CLOSED: Mapping[str, str] = {
    "enable_external_access": "false",
    "allow_community_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "lock_configuration": "true",
}
_NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype(), pa.bool_(): pd.BooleanDtype()}

Parameters = Sequence[Any] | Mapping[str, Any]


def query(
    sql: str,
    parameters: Parameters = (),
    *,
    reason: str | None = None,
    date: str | None = None,
    root: Path | None = None,
) -> pd.DataFrame:
    """Answer of the databank to one SELECT.

    Parameters
    ----------
    sql : str
        One SELECT statement; values come in as parameters (`?`, `$1` or `$name`), never in the text.
    parameters : sequence or mapping
        Values of the parameters.
    reason : str, optional
        Why small counts of persons must be seen: they are shown, and the query is logged in `build/log`.
    date : str, optional
        Day of a snapshot (YYYY-MM-DD); default the databank as it is now.
    root : Path, optional
        Folder whose `build/` holds the databank; default the study's.

    Returns
    -------
    DataFrame
        Whole numbers and truth values keep their kind where some are unknown. Where a row of a table is about one
        person, only counts come out, with `cell_status`; see `studie.data.databank.counting`. A table in which a row
        counts persons is read as it may be shown, with a column `cell_status`; see `studie.data.databank.shielding`.
        Its hidden counts are empty, so that a sum leaves them out.

    Raises
    ------
    InputError
        If there is no databank, or the query is not one SELECT on its tables or fails.
    DisclosureError
        If the query touches a table of persons and is not a plain count, whatever the reason.
    """
    if reason is not None and not reason.strip():
        raise InputError(f"reason: must say why small counts are needed, got {reason!r}")
    if not isinstance(parameters, Sequence | Mapping) or isinstance(parameters, str):
        raise InputError(f"parameters: must be a list of values or values by name, got {parameters!r}")
    path = location.existing(date, root=root)
    with open_closed(path) as connection:
        known = tables(connection)
        count = judge(sql, tables=known)
        touched = read_tables(sql) & set(known) if count is None else set()
        small = not touched.isdisjoint(PERSON_COUNTS)
        try:
            if count is not None:
                threshold = read_config().disclosure.threshold.value
                answer = counted(connection, count, parameters, threshold=threshold, reveal=reason is not None)
            elif not small:
                return _frame(connection.sql(sql, params=parameters))
        except duckdb.Error as error:
            raise _failed(error) from error
    if small:
        with _copied(path, touched, reveal=reason is not None, root=root) as connection:
            try:
                answer = _frame(connection.sql(sql, params=parameters))
            except duckdb.Error as error:
                raise _failed(error) from error
    if reason is not None:
        given = parameters if isinstance(parameters, Mapping) else list(parameters)
        disclosure_log.record(
            action="databank query", reason=reason.strip(), sql=sql, parameters=given, rows=len(answer), root=root
        )
    return answer


def connect(*, date: str | None = None, root: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Connection for notebooks: no rows about one person, no small counts, read-only, and no way out to files.

    Parameters
    ----------
    date : str, optional
        Day of a snapshot; default the databank as it is now.
    root : Path, optional
        Folder whose `build/` holds the databank; default the study's.

    Notes
    -----
    It reads a copy in a temporary file that has no name any more, so that what is not there cannot be reached.
    """
    whole = location.existing(date, root=root)
    with open_closed(whole) as connection:
        shown = [table for table in tables(connection) if table not in PERSON_ROWS]
    return _copied(whole, shown, reveal=False, root=root)


def _copied(whole: Path, wanted: Iterable[str], *, reveal: bool, root: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Read-only connection to a copy of some tables, in which counts of persons are as they may be shown."""
    folder = Path(tempfile.mkdtemp())  # for this user alone, while the copy has a name
    copy = folder / "copy.duckdb"
    try:
        with open_closed(whole) as source:
            counts = {
                table: shielding.small(source, table) if reveal else shielding.shielded(source, table, root=root)
                for table in wanted
                if table in PERSON_COUNTS
            }
        with duckdb.connect(copy) as writer:
            writer.execute(f"ATTACH {_text(str(whole))} AS whole (READ_ONLY)")
            for table in wanted:
                if table in counts:
                    writer.register("handed_over", shielding.handed_over(counts[table], table))
                    writer.execute(f"CREATE TABLE {schema.quoted(table)} AS SELECT * FROM handed_over")
                    writer.unregister("handed_over")
                else:
                    listed = schema.quoted(table)
                    writer.execute(f"CREATE TABLE {listed} AS SELECT * FROM whole.main.{listed}")
            writer.execute("DETACH whole")
        return open_closed(copy)
    finally:
        shutil.rmtree(folder)


def open_closed(path: Path) -> duckdb.DuckDBPyConnection:
    """Read-only connection that can reach nothing but its own tables."""
    try:
        return duckdb.connect(path, read_only=True, config={**CLOSED})
    except duckdb.Error as error:
        raise InputError(f"databank: {path.name} is not readable: {str(error).splitlines()[0]}") from error


def tables(connection: duckdb.DuckDBPyConnection, *, catalog: str | None = None) -> list[str]:
    """Names of the tables, those of a catalog if given."""
    found = connection.execute("SELECT database_name, table_name FROM duckdb_tables() ORDER BY table_name").fetchall()
    return [table for database, table in found if catalog in (None, database)]


def _frame(result: duckdb.DuckDBPyRelation) -> pd.DataFrame:
    """Rows with whole numbers and truth values that may be unknown."""
    rows: pa.Table = result.to_arrow_table()
    return rows.to_pandas(types_mapper=_NULLABLE.get, date_as_object=False)


def _text(value: str) -> str:
    """Text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def _failed(error: duckdb.Error) -> InputError:
    """What DuckDB refused, in one line."""
    return InputError(f"sql: {str(error).splitlines()[0]}")
