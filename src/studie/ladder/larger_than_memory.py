"""Panels larger than memory: the intervals are counted where the rows are, by DuckDB."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from studie.errors import InputError, unknown
from studie.ladder.coding import DAYS_PER_MONTH
from studie.ladder.observations import Observations, from_intervals


def from_relation(
    relation: Any,
    *,
    person: str,
    time: str,
    state: str,
    states: Sequence[Hashable] | None = None,
    covariates: Sequence[str] = (),
    exact_entry: Sequence[Hashable] = (),
) -> Observations:
    """Observations from a DuckDB relation with one row per person and time, counted out of core.

    Parameters
    ----------
    relation : duckdb.DuckDBPyRelation
        Table, view or query; rows in any order. Only unique intervals come into memory, so the
        covariates should have few values.
    person, time, state : str
        Columns; the time is a number or a date (then months of 30.4375 days).
    states, covariates, exact_entry
        As in `observations.from_panel`; sets of states are not supported here.

    Raises
    ------
    InputError
        A column is absent, a value is missing, or a person has the same time twice.
    """
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    for column in (person, time, state, *covariates):
        if column not in types:
            raise unknown("relation: column", column, types)
    p, t, s = (_quoted(c) for c in (person, time, state))
    dated = types[time].startswith(("DATE", "TIMESTAMP"))
    seconds = f"date_diff('second', {t}, lead({t}) OVER person)"
    passed = f"{seconds} / {86400 * DAYS_PER_MONTH}" if dated else f"lead({t}) OVER person - {t}"
    kept = "".join(f", {_quoted(c)}" for c in covariates)
    counted = relation.query(
        "panel",
        f"""
        SELECT round("passed", 9) AS "duration", "origin", "destination"{kept}, count(*) AS "count"
        FROM (
            SELECT {s} AS "origin", lead({s}) OVER person AS "destination", {passed} AS "passed"{kept}
            FROM panel WINDOW person AS (PARTITION BY {p} ORDER BY {t})
        )
        WHERE "passed" IS NOT NULL GROUP BY ALL ORDER BY ALL
        """,
    ).df()
    absent = " + ".join(f"count(*) FILTER (WHERE {c} IS NULL)" for c in (p, t, s))
    missing = relation.query("panel", f"SELECT {absent} FROM panel").fetchall()[0][0]
    if missing:
        raise InputError(f"relation: {person}, {time} and {state} must not be missing, got {missing} missing values")
    if (counted["duration"] <= 0).any():
        who, when = relation.query(
            "panel", f"SELECT {p}, {t} FROM panel GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL LIMIT 1"
        ).fetchall()[0]
        raise InputError(f"{time}: dates must differ within a person, got {when} twice for person {who}")
    return from_intervals(
        counted,
        duration="duration",
        origin="origin",
        destination="destination",
        count="count",
        covariates=covariates,
        states=states,
        exact_entry=exact_entry,
        unit="month" if dated else "time unit",
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
