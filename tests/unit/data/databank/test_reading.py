"""What the databank answers, and that no query gives a row about one person."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from studie.data import databank
from studie.data.databank import location
from studie.errors import DisclosureError, InputError

PLAIN = "SELECT step, count(*) AS n FROM ladder_panel GROUP BY step"

ATTACKS = [
    # rows themselves
    "SELECT * FROM ladder_panel",
    "FROM ladder_panel",
    "TABLE ladder_panel",
    "SELECT person_id FROM ladder_panel",
    "SELECT ladder_panel FROM ladder_panel",
    "SELECT columns('.*') FROM ladder_panel",
    "SELECT step, refnis FROM ladder_panel WHERE date = '2024-12-31'",
    "SELECT DISTINCT step FROM ladder_panel",
    'SELECT * FROM main."LADDER_PANEL"',
    "SELECT * FROM databank.main.ladder_panel",
    # groups of one person
    "SELECT person_id, count(*) FROM ladder_panel GROUP BY person_id",
    "SELECT person_id, count(*) FROM ladder_panel GROUP BY ALL",
    "SELECT step, count(*) FROM ladder_panel GROUP BY step, person_id",
    "SELECT step AS person_id, count(*) FROM ladder_panel GROUP BY person_id",
    "SELECT source, count(*) FROM ladder_panel GROUP BY source",
    "SELECT rowid, count(*) FROM ladder_panel GROUP BY rowid",
    "SELECT step, refnis, age_band, sex, target_group, count(*) FROM ladder_panel GROUP BY ALL",
    "SELECT step, refnis, age_band, sex, count(*) FROM ladder_panel WHERE support = 'ja' GROUP BY ALL",
    # filters that single out
    "SELECT count(*) FROM ladder_panel WHERE person_id = 'p1'",
    "SELECT count(*) FROM ladder_panel WHERE person_id LIKE 'p1%'",
    "SELECT count(*) FROM ladder_panel WHERE step = (SELECT '5')",
    "SELECT count(*) FROM ladder_panel WHERE EXISTS (SELECT 1)",
    "SELECT count(*) FROM ladder_panel WHERE refnis IN (SELECT refnis FROM territory)",
    "SELECT count(*) FROM ladder_panel WHERE random() < 0.001",
    "SELECT count(*) FROM ladder_panel WHERE step = target_group",
    "SELECT count(*) FROM ladder_panel WHERE hash(person_id) % 2 = 0",
    "SELECT count(*) FROM ladder_panel WHERE TRUE",
    "SELECT count(*) FILTER (person_id = 'p1') FROM ladder_panel",
    "SELECT count(*) FROM ladder_panel USING SAMPLE 1 ROWS",
    "SELECT count(*) FROM ladder_panel TABLESAMPLE 1%",
    # other aggregates
    "SELECT min(person_id) FROM ladder_panel",
    "SELECT any_value(person_id) FROM ladder_panel",
    "SELECT list(person_id) FROM ladder_panel",
    "SELECT string_agg(person_id, ',') FROM ladder_panel",
    "SELECT UNNEST(list(person_id)) FROM ladder_panel",
    "SELECT count(step) FROM ladder_panel",
    "SELECT count(DISTINCT person_id || step) FROM ladder_panel",
    "SELECT count(DISTINCT step) FROM ladder_panel",
    "SELECT sum(refnis) FROM ladder_panel",
    "SELECT mode(person_id) FROM ladder_panel",
    "SELECT histogram(step) FROM ladder_panel",
    "SELECT approx_top_k(person_id, 5) FROM ladder_panel",
    "SELECT count(*) + 0 FROM ladder_panel",
    "SELECT upper(step), count(*) FROM ladder_panel GROUP BY 1",
    "SELECT count(*) OVER (PARTITION BY step) FROM ladder_panel",
    "SELECT row_number() OVER () FROM ladder_panel",
    # other shapes
    "SELECT step, count(*) FROM ladder_panel GROUP BY step HAVING count(*) = 1",
    "SELECT step, count(*) FROM ladder_panel GROUP BY step QUALIFY row_number() OVER () = 1",
    "SELECT step, count(*) FROM ladder_panel GROUP BY step ORDER BY count(*)",
    "SELECT step, count(*) FROM ladder_panel GROUP BY step ORDER BY 2",
    "SELECT step, count(*) FROM ladder_panel GROUP BY step LIMIT 1",
    "SELECT step, count(*) FROM ladder_panel GROUP BY ROLLUP (step)",
    "SELECT step, count(*) FROM ladder_panel GROUP BY GROUPING SETS ((step), ())",
    "SELECT step, sex, count(*) FROM ladder_panel GROUP BY CUBE (step, sex)",
    "SELECT step FROM ladder_panel GROUP BY step",
    "SELECT count(*) FROM ladder_panel GROUP BY step",
    "SELECT * FROM (SELECT step, count(*) FROM ladder_panel GROUP BY step)",
    "SELECT (SELECT count(*) FROM ladder_panel)",
    "SELECT (SELECT person_id FROM ladder_panel LIMIT 1) FROM loan",
    "WITH x AS (SELECT * FROM ladder_panel) SELECT count(*) FROM x",
    "WITH ladder_panel AS (SELECT * FROM loan) SELECT count(*) FROM ladder_panel",
    "WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT count(*) FROM ladder_panel) SELECT * FROM x",
    "SELECT count(*) FROM ladder_panel, loan",
    "SELECT count(*) FROM ladder_panel a JOIN ladder_panel b USING (person_id)",
    "SELECT t.refnis, count(*) FROM territory t LEFT JOIN ladder_panel p USING (refnis) GROUP BY 1",
    "SELECT count(*) FROM loan WHERE EXISTS (SELECT 1 FROM ladder_panel WHERE person_id = 'p1')",
    "SELECT * FROM territory, LATERAL (SELECT * FROM ladder_panel p WHERE p.refnis = territory.refnis)",
    "SELECT count(*) FROM ladder_panel UNION ALL SELECT count(*) FROM ladder_panel",
    "SELECT count(*) FROM ladder_panel AS p(a, b)",
    "SELECT * FROM ladder_panel PIVOT (count(*) FOR step IN ('3'))",
    "PIVOT ladder_panel ON step USING count(*)",
    "UNPIVOT ladder_panel ON step INTO NAME a VALUE b",
    "SELECT * FROM query_table('ladder_panel')",
    "SELECT * FROM query('SELECT * FROM ladder_panel')",
    "SELECT * FROM pragma_storage_info('ladder_panel')",
    "SUMMARIZE ladder_panel",
    "SELECT * FROM (SUMMARIZE ladder_panel)",
    "DESCRIBE ladder_panel",
    # no SELECT
    "COPY ladder_panel TO 'x.csv'",
    "COPY (SELECT * FROM ladder_panel) TO 'x.csv'",
    "EXPORT DATABASE 'x' ; SELECT * FROM ladder_panel",
    "CREATE VIEW x AS SELECT * FROM ladder_panel",
    "CREATE TEMP TABLE x AS SELECT * FROM ladder_panel",
    "CREATE MACRO x() AS TABLE SELECT * FROM ladder_panel",
    "PREPARE x AS SELECT * FROM ladder_panel",
    "EXPLAIN ANALYZE SELECT * FROM ladder_panel",
    "PRAGMA storage_info('ladder_panel')",
    "PRAGMA table_info('ladder_panel')",
    "DELETE FROM ladder_panel RETURNING *",
    "UPDATE ladder_panel SET step = '5' RETURNING *",
    f"{PLAIN}; SELECT * FROM ladder_panel",
]  # fmt: skip


@pytest.mark.parametrize("sql", ATTACKS)
@pytest.mark.parametrize("reason", [None, "controle van de bron"])
def test_no_query_gets_at_rows_about_persons(built: Path, sql: str, reason: str | None) -> None:
    with pytest.raises(DisclosureError, match="a row of ladder_panel is about one person") as caught:
        databank.query(sql, reason=reason)
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('data/sources.csv')",
        "SELECT * FROM 'data/sources.csv'",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('*')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM pg_catalog.pg_tables",
        "SELECT * FROM sqlite_master",
        "SELECT * FROM somebody_elses_frame",
        "ATTACH 'other.duckdb'",
        "INSTALL httpfs",
        "SET threads = 1",
        "INSERT INTO loan SELECT * FROM loan",
        "DROP TABLE loan",
        "SHOW TABLES",
        "SELECT 1; SELECT 2",
        "",
        "   ",
        "-- nothing",
        "SELEC 1",
        "SELECT nothing FROM loan",
        "SELECT 1/0 FROM loan WHERE year = ?",
        "SELECT year + 'x' FROM loan",
    ],
)
def test_anything_else_than_one_select_on_the_tables_is_refused_in_one_line(built: Path, sql: str) -> None:
    with pytest.raises(InputError) as caught:
        databank.query(sql)
    assert len(caught.value.problems) == 1
    assert "\n" not in caught.value.problems[0]


def test_a_frame_of_the_caller_is_no_table(built: Path) -> None:
    frame = pd.DataFrame({"secret": [1]})
    with pytest.raises(InputError, match="table: unknown value 'frame'"):
        databank.query("SELECT * FROM frame")
    assert len(frame) == 1


def test_a_query_joins_groups_and_takes_its_values_as_parameters(built: Path) -> None:
    sql = """
        WITH known AS (SELECT * FROM offer WHERE places IS NOT NULL AND year(date) = ?)
        SELECT t.name_nl, o.work_form, sum(places) AS places
        FROM known o JOIN establishment USING (establishment_number) JOIN territory t USING (refnis)
        WHERE refnis = ? GROUP BY ALL ORDER BY work_form
    """
    answer = databank.query(sql, [2024, "11002"])
    assert set(answer["name_nl"]) == {"Antwerpen"}
    assert answer["places"].min() >= 0
    by_name = databank.query("SELECT count(*) AS n FROM offer WHERE work_form = $form", {"form": "CMW"})
    assert by_name.loc[0, "n"] > 0


def test_a_value_is_never_read_as_sql(built: Path) -> None:
    nasty = "x' OR '1'='1"
    assert databank.query("SELECT count(*) AS n FROM loan WHERE loan_id = ?", [nasty]).loc[0, "n"] == 0
    assert databank.query("SELECT count(*) AS n FROM ladder_panel WHERE step = ?", [nasty]).loc[0, "n"] == 0


def test_whole_numbers_stay_whole_where_some_are_unknown(built: Path) -> None:
    answer = databank.query("SELECT places, filled_vte, date FROM offer")
    assert answer["places"].dtype == "Int64"
    assert answer["places"].isna().any()
    assert pd.api.types.is_datetime64_any_dtype(answer["date"])


def test_names_in_any_case_and_with_the_schema_are_the_same_table(built: Path) -> None:
    first = databank.query("SELECT count(*) AS n FROM OFFER")
    assert databank.query('SELECT count(*) AS n FROM main."offer"').equals(first)


@pytest.mark.parametrize(
    "sql",
    [
        PLAIN,
        "select Step, COUNT(*) as n from Ladder_Panel group by STEP",
        "SELECT p.step, count(*) AS n FROM main.ladder_panel AS p GROUP BY p.step",
        "SELECT step, count(*) AS n FROM ladder_panel GROUP BY 1 ORDER BY 1",
        "SELECT step, count(*) AS n FROM ladder_panel GROUP BY ALL",
    ],
)
def test_a_plain_count_may_be_written_in_several_ways(built: Path, panel: pd.DataFrame, sql: str) -> None:
    answer = databank.query(sql)
    assert answer.columns[1:].tolist() == ["n", "cell_status"]
    counts = panel.groupby("step", observed=True).size()
    shown = answer[answer["cell_status"] == "published"]
    assert len(shown) > 5
    assert shown.set_index(shown.columns[0])["n"].astype(int).to_dict() == counts[shown.iloc[:, 0]].to_dict()
    assert answer.loc[answer["cell_status"] == "suppressed", "n"].isna().all()


def test_cells_of_fewer_than_ten_persons_come_out_empty_and_those_of_none_are_not_listed(
    built: Path, panel: pd.DataFrame
) -> None:
    answer = databank.query(
        "SELECT refnis, step, count(DISTINCT person_id) AS persons FROM ladder_panel GROUP BY refnis, step"
    )
    true = panel.groupby(["refnis", "step"], observed=True)["person_id"].nunique()
    joined = answer.set_index(["refnis", "step"]).join(true)
    assert len(answer) == len(true)
    small = joined["person_id"] < 10
    assert (joined.loc[small, "cell_status"] == "suppressed").all()
    assert joined.loc[small, "persons"].isna().all()
    published = joined[joined["cell_status"] == "published"]
    assert (published["persons"] == published["person_id"]).all()


def test_a_person_seen_in_many_months_is_still_one_person(built: Path, panel: pd.DataFrame) -> None:
    sql = "SELECT refnis, target_group, count(*) AS n FROM ladder_panel GROUP BY ALL"
    answer = databank.query(sql).set_index(["refnis", "target_group"])
    true = panel.groupby(["refnis", "target_group"], observed=True)["person_id"].agg(["nunique", "size"])
    many_rows_few_persons = true[(true["nunique"] < 10) & (true["size"] >= 10)].index
    assert len(many_rows_few_persons) > 20
    assert (answer.loc[many_rows_few_persons, "cell_status"] == "suppressed").all()


def test_no_hidden_cell_follows_from_the_total_of_its_line(built: Path, panel: pd.DataFrame) -> None:
    sql = "SELECT refnis, step, count(DISTINCT person_id) AS persons FROM ladder_panel WHERE date = ? GROUP BY ALL"
    day = panel["date"].max()
    answer = databank.query(sql, [day.date()]).set_index(["refnis", "step"])
    true = panel[panel["date"] == day].groupby(["refnis", "step"], observed=True)["person_id"].nunique()
    hidden = answer.join(true)[lambda f: f["cell_status"] == "suppressed"]
    for axis in ("refnis", "step"):
        lines = hidden.groupby(level=axis, observed=True)["person_id"].agg(["size", "sum"])
        whole = answer.groupby(level=axis, observed=True)["cell_status"].agg(lambda s: (s == "suppressed").all())
        protected = (lines["size"] >= 2) & (lines["sum"] >= 10)
        assert (protected | whole[lines.index]).all()


def test_a_filter_that_leaves_a_few_out_is_hidden_since_the_total_would_tell_them(
    built: Path, panel: pd.DataFrame
) -> None:
    sizes = panel.groupby("refnis")["person_id"].nunique()
    few = int(sizes[sizes < 10].index[0])
    answer = databank.query("SELECT count(DISTINCT person_id) AS n FROM ladder_panel WHERE refnis <> ?", [few])
    assert answer["cell_status"].tolist() == ["suppressed"]
    many = int(sizes.idxmax())
    answer = databank.query("SELECT count(DISTINCT person_id) AS n FROM ladder_panel WHERE refnis <> ?", [many])
    assert answer["cell_status"].tolist() == ["published"]


@pytest.mark.parametrize(
    ("where", "values"),
    [
        ("step = ?", ["5"]),
        ("step IN ('3', '5') AND date >= ?", ["2022-01-01"]),
        ("date BETWEEN ? AND DATE '2023-12-31' OR step = '6'", ["2022-01-01"]),
        ("NOT (step = '5') AND sex <> 'm'", []),
        ("p.step IS NOT NULL AND p.refnis = 11002", []),
        ("refnis NOT IN (11002, 12025)", []),
    ],
)
def test_a_filter_takes_the_rows_that_duckdb_would_take(
    built: Path, panel: pd.DataFrame, where: str, values: list[str]
) -> None:
    sql = f"SELECT count(*) AS n, count(DISTINCT person_id) FROM ladder_panel p WHERE {where}"
    answer = databank.query(sql, values)
    with duckdb.connect() as plain:
        plain.register("ladder_panel", panel)
        assert answer.iloc[0, :2].tolist() == list(plain.execute(sql, values).fetchone() or ())


def test_the_order_that_is_asked_for_is_kept(built: Path) -> None:
    answer = databank.query("SELECT step, count(*) FROM ladder_panel GROUP BY step ORDER BY step DESC")
    assert answer["step"].tolist() == sorted(answer["step"], reverse=True)
    assert answer.columns.tolist() == ["step", "count_star()", "cell_status"]


def test_small_counts_are_shown_with_a_reason_which_is_logged(built: Path, panel: pd.DataFrame) -> None:
    log = built / "build" / "log" / "disclosure.jsonl"
    log.unlink(missing_ok=True)
    databank.query(PLAIN)
    assert not log.exists()
    sql = "SELECT refnis, step, count(DISTINCT person_id) AS n FROM ladder_panel WHERE date = ? GROUP BY ALL"
    day = panel["date"].max().date()
    answer = databank.query(sql, [day], reason="  nakijken met de bron ")
    true = panel[panel["date"] == pd.Timestamp(day)].groupby(["refnis", "step"], observed=True)["person_id"].nunique()
    assert answer.set_index(["refnis", "step"])["n"].astype(int).to_dict() == true.to_dict()
    assert set(answer["cell_status"]) == {"published", "small"}
    (record,) = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert record["reason"] == "nakijken met de bron"
    assert (record["sql"], record["rows"], record["parameters"]) == (sql, len(answer), [day.isoformat()])
    assert record["time"].startswith("20")
    databank.query(PLAIN, reason="nog eens")
    assert len(log.read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.parametrize("reason", ["", "  "])
def test_an_empty_reason_is_no_reason(built: Path, reason: str) -> None:
    with pytest.raises(InputError, match="reason: must say why"):
        databank.query(PLAIN, reason=reason)


def test_the_threshold_is_that_of_the_configuration(study: Path) -> None:
    databank.build()
    config = study / "config" / "study.yaml"
    text = config.read_text(encoding="utf-8")
    before = databank.query("SELECT refnis, count(*) AS n FROM ladder_panel GROUP BY ALL")
    config.write_text(text.replace("    value: 10\n", "    value: 40\n", 1), encoding="utf-8")
    after = databank.query("SELECT refnis, count(*) AS n FROM ladder_panel GROUP BY ALL")
    assert (after["cell_status"] == "suppressed").sum() > (before["cell_status"] == "suppressed").sum()


def test_without_a_databank_the_line_says_how_to_make_it(study: Path) -> None:
    with pytest.raises(InputError) as caught:
        databank.query("SELECT 1")
    assert caught.value.problems == (
        "databank: build/databank.duckdb is missing; make it with `studie databank build`",
    )
    with pytest.raises(InputError, match="date: no snapshot is kept"):
        databank.query("SELECT 1", date="2024-01-01")


def test_a_file_that_is_no_databank_is_refused_in_one_line(study: Path) -> None:
    location.path().parent.mkdir()
    location.path().write_bytes(b"nothing of the kind" * 1000)
    with pytest.raises(InputError, match=r"databank: databank\.duckdb is not readable"):
        databank.query("SELECT 1")


def test_a_text_for_parameters_is_refused(built: Path) -> None:
    with pytest.raises(InputError, match="parameters: must be a list of values"):
        databank.query("SELECT 1", "abc")


def test_a_notebook_reads_every_table_but_those_of_persons(built: Path) -> None:
    connection = databank.connect()
    listed = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    with duckdb.connect(databank.path(), read_only=True) as whole:
        expected = {name for (name,) in whole.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert listed == expected - {"ladder_panel"}
    assert connection.execute("SELECT count(*) FROM offer JOIN establishment USING (establishment_number)").fetchone()
    for sql in (
        "SELECT * FROM ladder_panel",
        "DELETE FROM offer",
        "CREATE TABLE x AS SELECT 1",
        f"ATTACH '{databank.path()}' AS whole",
        "SELECT * FROM read_csv('/etc/hostname')",
        "COPY offer TO 'x.csv'",
        "SET enable_external_access = true",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(sql)
    connection.close()


def test_a_notebook_keeps_its_answers_while_a_new_databank_is_swapped_in(study: Path) -> None:
    databank.build()
    connection = databank.connect()
    databank.build()
    assert connection.execute("SELECT count(*) FROM municipality").fetchone() == (72,)
    connection.close()
