"""What holds for the databank whatever the data and whatever the query."""

from __future__ import annotations

import string

import duckdb
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from studie.data.databank import counting, judging
from studie.errors import StudieError

THRESHOLD = 10
DIMENSIONS = ["step", "sex", "date", "target_group"]
people = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.sampled_from(["3", "5", "{5,6}"]),
        st.sampled_from(["m", "v"]),
        st.sampled_from(["2024-01-31", "2024-02-29"]),
        st.sampled_from(["leefloon", "nieuwkomer"]),
    ),
    min_size=1,
    max_size=150,
)


def panel(rows: list[tuple[int, str, str, str, str]]) -> duckdb.DuckDBPyConnection:
    frame = pd.DataFrame(rows, columns=["person_id", "step", "sex", "date", "target_group"])
    connection = duckdb.connect()
    connection.register("given", frame.assign(person_id="p" + frame["person_id"].astype(str)))
    connection.execute("CREATE TABLE ladder_panel AS SELECT * FROM given")
    return connection


@settings(max_examples=60, deadline=None)
@given(
    rows=people,
    by=st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=3),
    where=st.sampled_from(["", "WHERE sex = 'm'", "WHERE step IN ('3', '5')", "WHERE NOT (date = '2024-01-31')"]),
)
def test_no_published_count_is_small_and_every_published_one_is_true(
    rows: list[tuple[int, str, str, str, str]], by: list[str], where: str
) -> None:
    columns = "".join(f"{name}, " for name in by)
    grouped = f"GROUP BY {', '.join(by)}" if by else ""
    sql = f"SELECT {columns}count(*) AS n, count(DISTINCT person_id) AS persons FROM ladder_panel {where} {grouped}"
    count = judging.judge(sql, tables=["ladder_panel"])
    assert count is not None
    with panel(rows) as connection:
        answer = counting.counted(connection, count, [], threshold=THRESHOLD)
        true = connection.execute(sql).df()
    assert len(answer) == len(true)
    both = answer.merge(true, on=by, suffixes=("", "_true")) if by else answer.join(true, rsuffix="_true")
    shown = both[both["cell_status"] == "published"]
    assert (shown["persons"] == shown["persons_true"]).all()
    assert (shown["n"] == shown["n_true"]).all()
    assert ((shown["persons"] == 0) | (shown["persons"] >= THRESHOLD)).all()
    hidden = both[both["cell_status"] == "suppressed"]
    assert hidden[["n", "persons"]].isna().all(axis=None)
    if len(hidden) == 1 and by:
        assert len(both) == 1  # a single hidden cell among shown ones would follow from the total


WORDS = [
    "SELECT", "FROM", "ladder_panel", "loan", "person_id", "step", "count(*)", "count(DISTINCT person_id)", "GROUP BY",
    "WHERE", "AND", "(", ")", ",", "*", "=", "'5'", "1", "UNION", "WITH x AS", "JOIN", "ON", "HAVING", "ORDER BY", ";",
    "list(person_id)", "OVER ()", "LIMIT 1", "AS", "x", "ALL", "?", "--", "\n", '"',
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(words=st.lists(st.sampled_from(WORDS), max_size=14))
def test_a_query_of_any_words_is_refused_or_cannot_give_a_person(words: list[str]) -> None:
    sql = " ".join(words)
    try:
        count = judging.judge(sql, tables=["ladder_panel", "loan"])
    except StudieError as error:
        assert "\n" not in str(error)
        return
    if count is None:
        with panel([(1, "5", "m", "2024-01-31", "leefloon")]) as connection:
            connection.execute("CREATE TABLE loan (loan_id VARCHAR, step VARCHAR, x VARCHAR)")
            try:
                answer = connection.execute(sql, ["5"] * sql.count("?")).df()
            except duckdb.Error:
                return
        assert "p1" not in answer.astype(str).to_numpy().ravel()
    else:
        assert "person_id" not in count.dimensions


@settings(max_examples=150, deadline=None)
@given(sql=st.text(alphabet=string.printable, max_size=80))
def test_any_text_is_judged_or_refused_in_one_line(sql: str) -> None:
    try:
        judging.judge(sql, tables=["ladder_panel", "loan"])
    except StudieError as error:
        assert "\n" not in str(error)
