"""What was kept of the register as tables of the study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from studie.data import contracts

_NUMBER = {"enterprise": "enterprise_number", "establishment": "establishment_number", "activity": "entity_number"}
_KBO = r"(?:[01]\d{3}\.\d{3}\.\d{3}|[2-8]\.\d{3}\.\d{3}\.\d{3})"
_QUERIES = {
    "enterprise": """
        SELECT written(e.n) AS enterprise_number, coalesce(d.name, written(e.n)) AS name, e.form, e.refnis,
            m.code AS nace_code, m.version AS nace_version, e.start AS start_date
        FROM enterprise_at e LEFT JOIN named d ON d.n = e.n LEFT JOIN mainly m ON m.n = e.n
        WHERE e.rule = 0 ORDER BY e.n""",
    "establishment": """
        SELECT written(s.n) AS establishment_number, written(s.e) AS enterprise_number,
            coalesce(d.name, p.name, written(s.e)) AS name, s.refnis, m.code AS nace_code, m.version AS nace_version,
            s.zip AS postcode, s.start AS start_date
        FROM establishment_at s LEFT JOIN named d ON d.n = s.n LEFT JOIN named p ON p.n = s.e
            LEFT JOIN mainly m ON m.n = s.n
        WHERE s.rule = 0 ORDER BY s.n""",
    "activity": """
        SELECT n, version AS nace_version, code::nace AS nace_code,
            CASE class WHEN 0 THEN 'main' WHEN 1 THEN 'secondary' ELSE 'auxiliary' END
            ::ENUM ('main', 'secondary', 'auxiliary') AS classification
        FROM done ORDER BY n, version, code, class""",
}


def kbo_rows(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Rows that have a KBO number, with texts as texts and unknown texts as missing."""
    rows = frame[_has_number(frame, table)]
    rules = contracts.contract(table)
    texts = [column.name for column in rules.columns if column.kind == "text" and column.name in rows]
    return rows.reindex(columns=list(rules.names)).assign(
        **{name: rows[name].astype("string").replace("", pd.NA) for name in texts}
    )


def _has_number(frame: pd.DataFrame, table: str) -> pd.Series:
    """Whether the number of each row is one of the register."""
    return frame[_NUMBER[table]].astype("string").str.fullmatch(_KBO).fillna(value=False).astype(bool)


def tables_of(
    con: duckdb.DuckDBPyConnection, *, file: str, previous: Mapping[str, pd.DataFrame] | None
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Tables in the types of their contracts, and notes on what is missing in them."""
    con.execute("CREATE TYPE nace AS ENUM (SELECT DISTINCT code FROM done ORDER BY code)")
    tables, notes = {}, []
    for name, query in _QUERIES.items():
        frame = con.execute(query).df()
        if name == "activity":
            frame.insert(0, "entity_number", pd.Series(_written(frame.pop("n").to_numpy())))
        else:
            unnamed = int((frame["name"] == frame["enterprise_number"]).sum())
            if unnamed:
                notes.append(f"{file}: {unnamed} rows of {name} have no name in the register and carry their number")
        if name == "enterprise":
            frame["joint_committee"] = ""
        if previous is not None:
            _fill_unknown(frame, previous[name], name, notes=notes)
        parts = [frame] if previous is None else [frame, _not_of_the_register(previous[name], name)]
        valid = [contracts.validate(part, name, where=file) for part in parts if len(part)]
        tables[name] = pd.concat(valid, ignore_index=True) if valid else contracts.empty(name)
    return tables, notes


def _written(numbers: np.ndarray) -> pd.Categorical:
    """KBO numbers as texts, each distinct one once."""
    codes: Any
    codes, distinct = pd.factorize(numbers)
    texts = [
        f"{n // 10**6:04d}.{n // 1000 % 1000:03d}.{n % 1000:03d}"
        if n < 2 * 10**9
        else f"{n // 10**9}.{n // 10**6 % 1000:03d}.{n // 1000 % 1000:03d}.{n % 1000:03d}"
        for n in map(int, distinct)
    ]
    return pd.Categorical.from_codes(codes, categories=pd.Index(texts, dtype=object))


def _fill_unknown(frame: pd.DataFrame, before: pd.DataFrame, table: str, *, notes: list[str]) -> None:
    """Carry over what the register does not know, and note how many rows have left."""
    number = _NUMBER[table]
    earlier = before[_has_number(before, table)].drop_duplicates(number).set_index(number)
    for name in ("joint_committee", "end_date"):
        if name in contracts.contract(table).names and name in earlier:
            frame[name] = frame[number].map(earlier[name])
    gone = int((~earlier.index.isin(frame[number])).sum())
    if gone and table != "activity":
        notes.append(f"{gone} rows left the table {table}")


def _not_of_the_register(before: pd.DataFrame, table: str) -> pd.DataFrame:
    """Earlier rows without a KBO number."""
    columns = [name for name in contracts.contract(table).names if name in before]
    return before.loc[~_has_number(before, table), columns].reset_index(drop=True)


def taken(con: duckdb.DuckDBPyConnection, *, updating: bool) -> int:
    """Records of the files whose values are in the tables [count]."""
    parts = [
        "SELECT count(*) FROM enterprise_at WHERE rule = 0 AND row > 0",
        "SELECT count(*) FROM establishment_at WHERE rule = 0 AND row > 0",
        "SELECT count(*) FROM named WHERE row > 0",
        "SELECT count(*) FROM address_at SEMI JOIN kept USING (n) WHERE rule = 0 AND row > 0",
        "SELECT count(*) FROM done WHERE (key & 8589934591) > 0",
    ]
    if updating:
        parts.append("SELECT count(*) FROM deleted WHERE rule = 0")
    return sum(int(con.execute(part).fetchall()[0][0]) for part in parts)
