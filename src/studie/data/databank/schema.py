"""The databank's tables as SQL, written from the contracts: keys, references, checks and what may not be empty."""

from __future__ import annotations

import pyarrow as pa

from studie.data import contracts
from studie.data.definitions import CONTRACTS, Column, Contract, Reference

TYPES = {"text": "VARCHAR", "whole": "BIGINT", "number": "DOUBLE", "yes_no": "BOOLEAN", "date": "DATE"}
ARROW = {"text": pa.string(), "whole": pa.int64(), "number": pa.float64(), "yes_no": pa.bool_(), "date": pa.date32()}
DIMENSIONS = {"region": ("region", "code"), "refnis": ("territory", "refnis")}  # Column.of → table and its key
STATUSES = ("observed", "own", "demonstration")

# tables that no contract describes, in the order in which they can be filled
OWN_TABLES = {
    "build": "built_at TIMESTAMP NOT NULL, version VARCHAR NOT NULL, demonstration_size VARCHAR NOT NULL",
    "dataset": (
        'dataset_id VARCHAR PRIMARY KEY, title VARCHAR NOT NULL, "table" VARCHAR NOT NULL, '
        f"data_status VARCHAR NOT NULL CHECK (data_status IN {STATUSES}), "
        "publisher VARCHAR NOT NULL, licence VARCHAR NOT NULL, url VARCHAR, retrieved VARCHAR, "
        "file VARCHAR NOT NULL UNIQUE, sha256 VARCHAR NOT NULL CHECK (length(sha256) = 64), "
        "rows BIGINT NOT NULL CHECK (rows >= 0), first_period VARCHAR, last_period VARCHAR, used_by VARCHAR"
    ),
    "dictionary": (
        '"table" VARCHAR NOT NULL, position BIGINT NOT NULL, "column" VARCHAR NOT NULL, kind VARCHAR NOT NULL, '
        "unit VARCHAR, may_be_empty BOOLEAN NOT NULL, about VARCHAR NOT NULL, "
        'title VARCHAR NOT NULL, PRIMARY KEY ("table", "column")'
    ),
    "territory": ("refnis BIGINT PRIMARY KEY, name_nl VARCHAR NOT NULL, current_refnis BIGINT"),
    "region": "code VARCHAR PRIMARY KEY, level VARCHAR NOT NULL, name VARCHAR, parent VARCHAR, status VARCHAR",
    "region_municipality": (
        "code VARCHAR NOT NULL REFERENCES region (code), vintage VARCHAR NOT NULL, "
        "refnis BIGINT NOT NULL REFERENCES territory (refnis), PRIMARY KEY (code, vintage, refnis)"
    ),
}


def quoted(*names: str) -> str:
    """Names as SQL identifiers, separated by a comma."""
    return ", ".join('"' + name.replace('"', '""') + '"' for name in names)


def ordered_tables() -> list[str]:
    """Tables of the contracts, each after those that it refers to."""
    done: list[str] = []
    while len(done) < len(CONTRACTS):
        done += [name for name in CONTRACTS if name not in done and all(p in done for p in contracts.parents(name))]
    return done


def arrow_schema(table: str) -> pa.Schema:
    """Types in which the rows of a table are handed over."""
    fields = [pa.field(c.name, ARROW[c.kind]) for c in CONTRACTS[table].columns]
    return pa.schema([*fields, pa.field("data_status", pa.string()), pa.field("source", pa.string())])


def insert(table: str, *, rows: str) -> str:
    """Statement that takes the rows of a table from a relation; an empty text is nothing, except in a key."""
    rules = CONTRACTS[table]
    values = [
        f"nullif({quoted(c.name)}, '')" if c.kind == "text" and c.name not in rules.key else quoted(c.name)
        for c in rules.columns
    ]
    names = quoted(*rules.names, "data_status", "source")
    return f"INSERT INTO {quoted(table)} ({names}) SELECT {', '.join(values)}, data_status, source FROM {rows}"


def create(table: str) -> str:
    """Statement that makes a table of the contracts."""
    rules = CONTRACTS[table]
    parts = [_column(c, key=c.name in rules.key) for c in rules.columns]
    parts += [f"data_status VARCHAR NOT NULL CHECK (data_status IN {STATUSES})", "source VARCHAR NOT NULL"]
    parts.append(f"PRIMARY KEY ({quoted(*rules.key)})")
    parts += [_in_order(rules, low, high) for low, high in rules.ordered]
    parts += [
        f"FOREIGN KEY ({quoted(c.name)}) REFERENCES {DIMENSIONS[c.of][0]} ({DIMENSIONS[c.of][1]})"
        for c in rules.columns
        if c.of
    ]
    parts += [_foreign_key(reference) for reference in rules.references]
    return f"CREATE TABLE {quoted(table)} (\n  " + ",\n  ".join(parts) + "\n)"


def create_through(table: str) -> list[str]:
    """Statements that make the lists of values that a table refers to where they are no key of one parent."""
    return [
        statement
        for reference in CONTRACTS[table].references
        if reference.through
        for statement in (_listing(reference), _listed(reference))
    ]


def _listing(reference: Reference) -> str:
    """Statement that makes a list of values."""
    columns = [f"{quoted(name)} VARCHAR NOT NULL" for name in reference.columns]
    key = quoted(*reference.columns)
    return f"CREATE TABLE {quoted(reference.through)} ({', '.join(columns)}, PRIMARY KEY ({key}))"


def _listed(reference: Reference) -> str:
    """Statement that fills a list of values from the parents."""
    selects = [f"SELECT {quoted(*columns)} FROM {quoted(parent)}" for parent, columns in reference.parents]
    return f"INSERT INTO {quoted(reference.through)} {' UNION '.join(selects)}{_distinct(selects)}"


def _distinct(selects: list[str]) -> str:
    """What makes the rows of one select distinct; a union of several already is."""
    return " GROUP BY ALL" if len(selects) == 1 else ""


def _foreign_key(reference: Reference) -> str:
    """Constraint of a reference."""
    parent, columns = reference.parents[0]
    if reference.through:
        parent, columns = reference.through, reference.columns
    return f"FOREIGN KEY ({quoted(*reference.columns)}) REFERENCES {quoted(parent)} ({quoted(*columns)})"


def _column(column: Column, *, key: bool) -> str:
    """One column with its rules."""
    name, parts = quoted(column.name), [quoted(column.name), TYPES[column.kind]]
    if column.required or key:
        parts.append("NOT NULL")
    rules = []
    if column.allowed:
        rules.append(f"{name} IN ({', '.join(map(_literal, column.allowed))})")
    if column.pattern:
        rules.append(f"regexp_full_match({name}, {_literal(column.pattern)})")
    if column.required and column.kind == "text":
        rules.append(f"{name} <> ''")
    if column.least is not None:
        rules.append(f"{name} >= {column.least:g}")
    if column.most is not None:
        rules.append(f"{name} <= {column.most:g}")
    if column.kind == "number":
        rules.append(f"isfinite({name})")
    if rules:
        rule = " AND ".join(rules)
        parts.append(f"CHECK ({rule} OR {name} = '')" if key and not column.required else f"CHECK ({rule})")
    return " ".join(parts)


def _in_order(rules: Contract, low: str, high: str) -> str:
    """Check that one column does not exceed another; an open bound of a key is an empty text."""
    kinds = {c.name: c.kind for c in rules.columns}
    rule = f"{quoted(low)} <= {quoted(high)}"
    if kinds[low] == "text" and low in rules.key:
        rule += f" OR {quoted(low)} = ''"
    return f"CHECK ({rule})"


def _literal(text: str) -> str:
    """Text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
