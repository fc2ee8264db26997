from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from studie.data import catalogue, databank
from studie.data.databank import building, location, schema
from studie.data.definitions import CONTRACTS
from studie.errors import InputError


def raw(path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(path, read_only=True)


def left(study: Path) -> set[str]:
    """Files under build/, without folders."""
    return {found.relative_to(study / "build").as_posix() for found in (study / "build").rglob("*") if found.is_file()}


def test_every_table_is_there_with_its_rows_status_and_source(built: Path) -> None:
    with raw(databank.path()) as connection:
        for name in CONTRACTS:
            rows = catalogue.read(name).frame
            names = [d[0] for d in connection.execute(f'SELECT * FROM "{name}" LIMIT 0').description or []]
            assert names == [*CONTRACTS[name].names, "data_status", "source"]
            stored = connection.execute(f'SELECT data_status, count(*) FROM "{name}" GROUP BY ALL').fetchall()
            assert dict(stored) == rows["data_status"].value_counts().to_dict(), name


def test_unknown_is_null_and_not_nought_or_an_empty_text(built: Path) -> None:
    with raw(databank.path()) as connection:
        unknown = connection.execute(
            "SELECT count(*) FROM offer WHERE status = 'unknown' AND places IS NULL"
        ).fetchone()
        texts = [
            (name, c.name)
            for name, rules in CONTRACTS.items()
            for c in rules.columns
            if c.kind == "text" and c.name not in rules.key
        ]
        empty = [
            (table, column)
            for table, column in texts
            if connection.execute(f'SELECT 1 FROM "{table}" WHERE "{column}" = \'\' LIMIT 1').fetchone()
        ]
    assert unknown and unknown[0] > 0
    assert empty == []


def test_the_provenance_of_every_row_leads_to_a_file_with_its_checksum(built: Path) -> None:
    with raw(databank.path()) as connection:
        found = connection.execute('SELECT file, sha256, "table" FROM dataset').fetchall()
    assert len(found) > 30
    for file, checksum, _ in found:
        assert hashlib.sha256((built / file).read_bytes()).hexdigest() == checksum
    assert {"vacancy", "ladder_panel", "municipality"} <= {table for _, _, table in found}


def test_regions_and_territory_hold_every_vintage(built: Path) -> None:
    with raw(databank.path()) as connection:
        sizes = connection.execute(
            "SELECT vintage, count(*) FROM region_municipality WHERE code = 'province:10000' GROUP BY ALL ORDER BY 1"
        ).fetchall()
        moved = dict(connection.execute("SELECT refnis, current_refnis FROM territory").fetchall())
        names = dict(connection.execute("SELECT code, name FROM region").fetchall())
    assert sizes == [("2018", 70), ("2019-2024", 69), ("2025", 67)]
    assert (moved[11007], moved[11002], moved[11056]) == (11002, 11002, None)
    assert names["arrondissement:12000"] == "Mechelen"
    assert "country:BE" in names


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("INSERT INTO enterprise SELECT * FROM enterprise LIMIT 1", "primary key constraint"),
        ("UPDATE establishment SET enterprise_number = 'nobody'", "foreign key constraint"),
        ("UPDATE establishment SET refnis = 99999", "foreign key constraint"),
        ("UPDATE offer SET work_form = 'CWM'", "foreign key constraint"),
        ("UPDATE vacancy SET region = 'municipality:1'", "foreign key constraint"),
        ("INSERT INTO offer_target_group SELECT establishment_number, work_form, 'x', target_group, 'own', 's' FROM "
         "offer_target_group LIMIT 1", "foreign key constraint"),
        ("INSERT INTO activity VALUES ('nobody', 2025, '88993', 'main', 'own', 's')", "foreign key constraint"),
        ("UPDATE enterprise SET name = NULL", "NOT NULL constraint"),
        ("UPDATE enterprise SET name = ''", "CHECK constraint"),
        ("UPDATE need SET persons = upper + 1 WHERE upper IS NOT NULL", "CHECK constraint"),
        ("UPDATE ladder_panel SET step = '7'", "CHECK constraint"),
        ("UPDATE vacancy SET sector = 'horeca'", "CHECK constraint"),
        ("UPDATE offer SET places = -1", "CHECK constraint"),
        ("UPDATE project SET subsidy_euro = 'nan'::DOUBLE", "CHECK constraint"),
        ("UPDATE loan SET data_status = 'waar'", "CHECK constraint"),
        ("UPDATE loan SET source = NULL", "NOT NULL constraint"),
    ],
)  # fmt: skip
def test_duckdb_itself_refuses_what_the_contracts_forbid(study: Path, built: Path, statement: str, rule: str) -> None:
    copy = study / "copy.duckdb"
    copy.write_bytes(location.path(root=built).read_bytes())
    with duckdb.connect(copy) as connection, pytest.raises(duckdb.ConstraintException, match=f"(?i){rule}"):
        connection.execute(statement)


def test_every_contract_has_its_key_references_and_rules_in_the_databank(built: Path) -> None:
    with raw(databank.path()) as connection:
        found = connection.execute(
            "SELECT table_name, constraint_type, constraint_column_names FROM duckdb_constraints()"
        ).fetchall()
    keys = {table: tuple(columns) for table, kind, columns in found if kind == "PRIMARY KEY"}
    foreign = {(table, tuple(columns)) for table, kind, columns in found if kind == "FOREIGN KEY"}
    for name, rules in CONTRACTS.items():
        assert keys[name] == rules.key
        assert {(name, r.columns) for r in rules.references} <= foreign
        assert {(name, (c.name,)) for c in rules.columns if c.of} <= foreign


def test_a_second_build_replaces_the_file_and_the_snapshot_of_the_day(study: Path) -> None:
    first = databank.build()
    inode = first.path.stat().st_ino
    assert databank.snapshots() == [datetime.now(UTC).date().isoformat()]
    second = databank.build()
    assert second.path.stat().st_ino != inode
    assert second.snapshot.stat().st_ino == second.path.stat().st_ino
    assert left(study) == {"databank.duckdb", "databank.lock", f"databank/{databank.snapshots()[0]}.duckdb"}


def test_a_snapshot_keeps_what_was_known_on_its_day(study: Path) -> None:
    built = databank.build()
    earlier = built.snapshot.with_name("2024-01-31.duckdb")
    built.snapshot.rename(earlier)
    pd.DataFrame(
        [{"loan_id": "L1", "region": "municipality:12025", "year": 2025, "amount_euro": 1.0, "jobs_created": 1}]
    ).to_csv(study / "data/own/loan.csv", index=False)
    databank.build()
    assert databank.query("SELECT count(*) AS n FROM loan").loc[0, "n"] == 1
    assert databank.query("SELECT count(*) AS n FROM loan", date="2024-01-31").loc[0, "n"] > 1
    with pytest.raises(InputError, match="did you mean '2024-01-31'"):
        databank.query("SELECT 1", date="2024-01-30")


def test_wrong_data_leave_the_old_databank_as_it_was_and_no_partial_one(study: Path) -> None:
    databank.build()
    before = hashlib.sha256(databank.path().read_bytes()).hexdigest()
    loan = {"loan_id": "L1", "region": "municipality:12025", "year": 2025, "amount_euro": 1.0, "jobs_created": 1}
    pd.DataFrame([loan, loan]).to_csv(study / "data/own/loan.csv", index=False)
    target = {"establishment_number": "x", "work_form": "CMW", "activity": "y", "target_group": "leefloon"}
    pd.DataFrame([target]).to_csv(study / "data/own/offer_target_group.csv", index=False)
    with pytest.raises(InputError) as caught:
        databank.build()
    text = "\n".join(caught.value.problems)
    assert "data/own/loan.csv: row 3, column loan_id: the key must be unique, got L1" in text
    assert "data/own/offer_target_group.csv: row 2, column establishment_number, work_form, activity" in text
    assert hashlib.sha256(databank.path().read_bytes()).hexdigest() == before
    assert not [name for name in left(study) if "unfinished" in name]


def test_rows_that_slip_past_the_contracts_are_stopped_by_duckdb(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    databank.build()
    before = databank.path().read_bytes()
    read = catalogue.read

    def broken(table: str) -> catalogue.Table:
        found = read(table)
        if table == "establishment":
            found.frame.loc[0, "enterprise_number"] = "nobody"
        return found

    monkeypatch.setattr(building.catalogue, "read", broken)
    with pytest.raises(InputError, match=r"databank: .*foreign key constraint.*; nothing was changed"):
        databank.build()
    assert databank.path().read_bytes() == before
    assert not [name for name in left(study) if "unfinished" in name]


def test_what_a_dead_build_left_is_cleared_away_by_the_next(study: Path) -> None:
    folder = study / "build"
    folder.mkdir()
    (folder / "databank.unfinished.duckdb").write_bytes(b"half")
    (folder / "databank.unfinished.duckdb.wal").write_bytes(b"half")
    (folder / "databank.unfinished.duckdb.tmp").mkdir()
    (folder / "databank").mkdir()
    (folder / "databank" / "2020-01-01.unfinished").write_bytes(b"half")
    databank.build()
    assert not [name for name in left(study) if "unfinished" in name]
    assert not (folder / "databank.unfinished.duckdb.tmp").exists()


def test_a_second_build_at_the_same_time_says_who_holds_it_and_changes_nothing(study: Path) -> None:
    with location.only_builder(), pytest.raises(InputError) as caught:
        databank.build()
    (line,) = caught.value.problems
    assert line.startswith(f"databank: is being built by process {os.getpid()} on ")
    assert line.endswith("; nothing was changed")
    assert not databank.path().exists()
    databank.build()
    assert databank.path().is_file()


def test_of_two_processes_one_builds_and_the_other_ends_with_two(study: Path) -> None:
    command = [sys.executable, "-c", "from studie.cli import main; main(['databank', 'build', '--json'])"]
    waiting = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ended = [(process.communicate(timeout=120), process.returncode) for process in waiting]
    codes = sorted(code for _, code in ended)
    assert codes in ([0, 2], [0, 0])  # two zeros if the first was done before the second began
    for (out, err), code in ended:
        if code:
            assert err.count("\n") == 1  # the holder may not have written its number yet
            assert re.search(r"is being built by (process \d+ on|another process)", err)
        else:
            assert json.loads(out)["rows"]["municipality"] == 72
    assert databank.query("SELECT count(*) AS n FROM municipality").loc[0, "n"] == 72


def test_tables_come_after_those_they_refer_to() -> None:
    order = schema.ordered_tables()
    assert sorted(order) == sorted(CONTRACTS)
    assert order.index("enterprise") < order.index("establishment") < order.index("activity")
    assert order.index("work_form") < order.index("offer") < order.index("offer_target_group")


def test_a_full_disk_is_one_line_and_leaves_the_old_databank(study: Path) -> None:
    before = databank.build().path.read_bytes()
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        "from studie import cli; cli.main(['databank', 'build'])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert ended.stderr.startswith("error: databank: ")
    assert ended.stderr.strip().endswith("nothing was changed")
    assert databank.path().read_bytes() == before
