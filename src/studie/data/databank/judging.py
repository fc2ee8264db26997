"""What a query may be: one SELECT on the databank's tables, and only plain counts where a row is about one person.

A query is judged by DuckDB's own parse tree (`json_serialize_sql`), never by its text.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from studie.data.definitions import CONTRACTS
from studie.errors import DisclosureError, InputError, unknown

PERSON_ROWS = tuple(name for name, rules in CONTRACTS.items() if rules.persons == "rows")
PERSON = "person_id"
MOST_ATTRIBUTES = 4  # columns, besides the date, that may describe a person in one query
_NO_ATTRIBUTES = ("date", "data_status")
_LIST_FUNCTIONS = {"range", "generate_series", "unnest"}  # table functions that read nothing
_COMPARISONS = {"COMPARISON", "BETWEEN", "CONJUNCTION"}
_OPERATORS = {"COMPARE_IN", "COMPARE_NOT_IN", "OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"}

Node = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Count:
    """A plain count of a table in which a row is about one person.

    Attributes
    ----------
    table : str
        Table that is counted.
    columns : tuple of (str, str)
        Output columns in order: name, and the column of the table, `rows` or `persons` that it shows.
    order : tuple of (str, bool)
        Columns that the result is sorted by, and whether upwards.
    inside : str or None
        Query that marks the rows of the table that the filter takes, in a column `inside`; None without a filter.
    """

    table: str
    columns: tuple[tuple[str, str], ...]
    order: tuple[tuple[str, bool], ...]
    inside: str | None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Columns that the count is split by."""
        return tuple(shows for _, shows in self.columns if shows not in ("rows", "persons"))


def judge(sql: str, *, tables: Collection[str]) -> Count | None:
    """Refuses what is not one SELECT on the databank's tables.

    Parameters
    ----------
    sql : str
        Query as the user wrote it.
    tables : collection of str
        Tables that may be read.

    Returns
    -------
    Count or None
        What is counted, if the query touches a table in which a row is about one person; else None: it may run as is.

    Raises
    ------
    InputError
        If it is not one SELECT statement, or reads something that is no table of the databank.
    DisclosureError
        If it touches a table of persons and is not a plain count; the rule is named.
    """
    try:
        tree = _parsed(sql)
    except _OtherStatementError as error:
        raise _not_here(sql, str(error)) from error
    named = [_table_name(node) for node in _nodes(tree) if node.get("type") == "BASE_TABLE"]
    touched = [name for name in PERSON_ROWS if name in {table for _, table in named}]
    if touched:
        return _count(tree, touched[0])
    own = {str(entry["key"]).lower() for node in _nodes(tree) for entry in node.get("cte_map", {}).get("map", ())}
    for schema, table in named:
        if schema not in ((), ("main",)) or (table not in tables and table not in own):
            raise unknown("table", ".".join((*schema, table)), set(tables) - set(PERSON_ROWS))
    for node in _nodes(tree):
        if node.get("type") == "SHOW_REF":
            raise _not_here(sql, "must be a SELECT; the table `dictionary` describes every column")
        if node.get("type") == "TABLE_FUNCTION":
            name = str(node["function"].get("function_name", "")).lower()
            if name not in _LIST_FUNCTIONS:
                raise _not_here(sql, f"must read tables of the databank only, got the function {name}")
    return None


def read_tables(sql: str) -> set[str]:
    """Names of the tables that a judged query reads, those that it defines itself included."""
    return {_table_name(node)[1] for node in _nodes(_parsed(sql)) if node.get("type") == "BASE_TABLE"}


def _not_here(sql: str, rule: str) -> InputError | DisclosureError:
    """Refusal of what is never run; where it names a table of persons, that is why it matters."""
    named = next((name for name in PERSON_ROWS if name in sql.lower()), None)
    return _refused(rule, named) if named else InputError(f"sql: {rule}")


class _OtherStatementError(Exception):
    """No SELECT, or several statements."""


# --- the parse tree -----------------------------------------------------------


def _parsed(sql: str) -> Node:
    """Parse tree of one SELECT."""
    with duckdb.connect(config={"enable_external_access": "false"}) as parser:
        row = parser.execute("SELECT json_serialize_sql($1::VARCHAR)", [sql]).fetchone()
    answer: dict[str, Any] = json.loads(row[0]) if row else {"error": True, "error_message": "nothing"}
    if answer["error"]:
        if answer.get("error_type") == "parser":
            raise InputError(f"sql: {str(answer['error_message']).splitlines()[0]}")
        raise _OtherStatementError("must be one SELECT statement, got another kind")
    if len(answer["statements"]) != 1:
        raise _OtherStatementError(f"must be one SELECT statement, got {len(answer['statements'])}")
    tree: Node = answer["statements"][0]
    return tree


def _nodes(part: Any) -> Iterator[Node]:
    """Every node below, the part itself included."""
    if isinstance(part, dict):
        yield part
        for value in part.values():
            yield from _nodes(value)
    elif isinstance(part, list):
        for value in part:
            yield from _nodes(value)


def _table_name(node: Node) -> tuple[tuple[str, ...], str]:
    """Schema path and name of a table in a FROM."""
    path = [str(part).lower() for part in node["qualified_name"]["path"]]
    return tuple(path[:-1]), path[-1]


# --- counts of persons --------------------------------------------------------


def _refused(rule: str, table: str) -> DisclosureError:
    """Refusal that names the rule and what is possible instead."""
    return DisclosureError(
        f"sql: {rule}; a row of {table} is about one person, so only a plain count leaves it: "
        f"SELECT <columns>, count(*) or count(DISTINCT {PERSON}) FROM {table} [WHERE …] GROUP BY <columns>"
    )


def _count(tree: Node, table: str) -> Count:
    """The plain count that a query on a table of persons must be."""
    node = tree["node"]
    if node["type"] != "SELECT_NODE" or _several(node):
        raise _refused("no subquery, CTE, join, set operation or function may stand between", table)
    source = node["from_table"]
    if source["type"] != "BASE_TABLE" or _table_name(source) not in (((), table), (("main",), table)):
        raise _refused("it must be read alone and directly", table)
    if source.get("sample") or source.get("at_clause") or source.get("column_name_alias"):
        raise _refused("no sample, version or renamed column", table)
    for part in ("having", "qualify", "sample"):
        if node.get(part):
            raise _refused(f"no {part.upper()}", table)
    names = {source.get("alias", "").lower(), table} - {""}
    columns = _columns(node["select_list"], table, names)
    _check_groups(node, columns, table, names)
    order = _order(node["modifiers"], columns, table, names)
    where = node.get("where_clause")
    if where:
        _check_filter(where, table, names)
    used = {shows for _, shows in columns if shows not in ("rows", "persons")}
    used |= {str(part["column_names"][-1]).lower() for part in _nodes(where) if part.get("class") == "COLUMN_REF"}
    if len(used.difference(_NO_ATTRIBUTES)) > MOST_ATTRIBUTES:
        raise _refused(f"at most {MOST_ATTRIBUTES} columns besides the date, more of them describe a person", table)
    return Count(table=table, columns=columns, order=order, inside=_inside(where, table) if where else None)


def _several(node: Node) -> bool:
    """Whether a select holds another one, or reads more than one thing."""
    selects = [part for part in _nodes(node) if part.get("type") in ("SELECT_NODE", "SUBQUERY")]
    return bool(node["cte_map"]["map"]) or len(selects) > 1


def _dimension(node: Node, table: str, names: set[str]) -> str:
    """Column that a count may be split or filtered by."""
    path = [str(part).lower() for part in node["column_names"]]
    allowed = [c.name for c in CONTRACTS[table].columns if c.name != PERSON] + ["data_status"]
    if len(path) > 2 or (len(path) == 2 and path[0] not in names) or path[-1] not in allowed:
        raise _refused(f"no {path[-1]} outside count(DISTINCT {PERSON})", table)
    return path[-1]


def _columns(items: list[Node], table: str, names: set[str]) -> tuple[tuple[str, str], ...]:
    """Output columns: columns of the table and counts, nothing else."""
    found = []
    for item in items:
        if item["class"] == "COLUMN_REF":
            shows = _dimension(item, table, names)
            found.append((item["alias"] or shows, shows))
        else:
            found.append(_counted(item, table, names))
    if any(name.lower() != shows and name.lower() in CONTRACTS[table].names for name, shows in found):
        raise _refused("no alias that is the name of another column", table)
    twice = {name.lower() for name, _ in found}
    if len(twice) < len(found) or len({shows for _, shows in found}) < len(found):
        raise _refused("no column twice", table)
    if not {"rows", "persons"} & {shows for _, shows in found}:
        raise _refused("it must count", table)
    return tuple(found)


def _counted(item: Node, table: str, names: set[str]) -> tuple[str, str]:
    """Name and kind of a count."""
    plain = item["class"] == "FUNCTION" and not item.get("filter") and not item["order_bys"]["orders"]
    if plain and item["function_name"] == "count_star" and not item["distinct"]:
        return item["alias"] or "count_star()", "rows"
    if plain and item["function_name"] == "count" and item["distinct"] and len(item["arguments"]) == 1:
        argument = item["arguments"][0]["expression"]
        path = [str(part).lower() for part in argument.get("column_names", ())]
        if argument["class"] == "COLUMN_REF" and path[-1:] == [PERSON] and set(path[:-1]) <= names:
            return item["alias"] or f"count(DISTINCT {PERSON})", "persons"
    raise _refused(f"only columns, count(*) and count(DISTINCT {PERSON}) may be selected", table)


def _check_groups(node: Node, columns: tuple[tuple[str, str], ...], table: str, names: set[str]) -> None:
    """Refuses groups that are not exactly the columns selected."""
    dimensions = [shows for _, shows in columns if shows not in ("rows", "persons")]
    if node["aggregate_handling"] == "FORCE_AGGREGATES":  # GROUP BY ALL
        return
    grouped = [_pointed(item, columns, table, names) for item in node["group_expressions"]]
    whole = [list(range(len(grouped)))] if grouped else []
    if sorted(grouped) != sorted(dimensions) or [sorted(g) for g in node["group_sets"]] != whole:
        raise _refused("GROUP BY must name exactly the columns selected", table)


def _pointed(item: Node, columns: tuple[tuple[str, str], ...], table: str, names: set[str]) -> str:
    """Column that an expression of GROUP BY or ORDER BY names, by name, alias or position."""
    if item["class"] == "COLUMN_REF":
        by_alias = {name.lower(): shows for name, shows in columns}
        path = [str(part).lower() for part in item["column_names"]]
        if len(path) == 1 and path[0] in by_alias:
            return by_alias[path[0]]
        return _dimension(item, table, names)
    literal = item.get("literal", {})
    if literal.get("kind") == "INTEGER" and 1 <= int(literal["text"]) <= len(columns):
        return columns[int(literal["text"]) - 1][1]
    raise _refused("GROUP BY and ORDER BY may name columns only", table)


def _order(
    modifiers: list[Node], columns: tuple[tuple[str, str], ...], table: str, names: set[str]
) -> tuple[tuple[str, bool], ...]:
    """Columns to sort by; the order of the counts would tell which hidden one is larger."""
    found: list[tuple[str, bool]] = []
    shown = {shows: name for name, shows in columns}
    for modifier in modifiers:
        if modifier["type"] != "ORDER_MODIFIER":
            raise _refused("no LIMIT, OFFSET or DISTINCT", table)
        for order in modifier["orders"]:
            shows = _pointed(order["expression"], columns, table, names)
            if shows in ("rows", "persons") or shows not in shown:
                raise _refused("ORDER BY may name the columns selected only, not the counts", table)
            found.append((shown[shows], order["type"] not in ("DESCENDING",)))
    return tuple(found)


def _check_filter(node: Node, table: str, names: set[str]) -> None:
    """Refuses a filter that is more than columns compared with values."""
    kind, parts = node["class"], _operands(node)
    if kind == "CONJUNCTION" or (kind == "OPERATOR" and node["type"] == "OPERATOR_NOT"):
        for part in parts:
            _check_filter(part, table, names)
        return
    if kind not in _COMPARISONS and not (kind == "OPERATOR" and node["type"] in _OPERATORS):
        raise _refused("WHERE may only compare columns with values", table)
    given = [part for part in parts if part["class"] == "COLUMN_REF"]
    if len(given) != 1 or not all(_is_value(part) for part in parts if part is not given[0]):
        raise _refused("WHERE may only compare columns with values", table)
    _dimension(given[0], table, names)


def _operands(node: Node) -> list[Node]:
    """What an expression works on."""
    if "children" in node:
        return list(node["children"])
    return [node[name] for name in ("left", "right", "input", "lower", "upper") if name in node]


def _is_value(node: Node) -> bool:
    """Whether an expression is a constant or a parameter, possibly cast to a type."""
    if node["class"] == "CAST":
        return _is_value(node["child"])
    return node["class"] in ("CONSTANT", "PARAMETER")


def _inside(where: Node, table: str) -> str:
    """Query that gives every row of a table and whether a judged filter takes it."""
    plain = json.loads(json.dumps(where))
    for node in _nodes(plain):
        if node.get("class") == "COLUMN_REF":
            node["column_names"] = [node["column_names"][-1]]  # type: ignore[index]
    with duckdb.connect(config={"enable_external_access": "false"}) as parser:
        row = parser.execute(
            "SELECT json_serialize_sql($1::VARCHAR)", [f'SELECT true AS inside, * FROM "{table}"']
        ).fetchone()
        tree = json.loads(row[0]) if row else {}
        tree["statements"][0]["node"]["select_list"][0] = plain | {"alias": "inside"}
        tree["statements"][0]["named_param_map"] = []
        text = parser.execute("SELECT json_deserialize_sql($1::JSON)", [json.dumps(tree)]).fetchone()
    return str(text[0]) if text else ""
