"""The commands of the databank as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studie.cli import main


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["databank", *words])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_a_query_prints_columns_or_json(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = "SELECT refnis, name_nl FROM territory WHERE refnis = ? OR name_nl = ? ORDER BY 1"
    code, out, _ = run(capsys, "query", sql, "-p", "11002", "-p", "Mechelen")
    assert (code, out.splitlines()) == (0, ["refnis  name_nl", "11002   Antwerpen", "12025   Mechelen"])
    code, out, _ = run(capsys, "query", sql, "-p", "11002", "-p", "x", "--json")
    assert json.loads(out) == [{"refnis": 11002, "name_nl": "Antwerpen"}]


def test_days_and_unknown_values_print_plainly(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = "SELECT date, places FROM offer WHERE places IS NULL LIMIT 1"
    _, out, _ = run(capsys, "query", sql)
    assert out.splitlines()[1].strip() in ("2023-12-31", "2024-12-31")
    _, out, _ = run(capsys, "query", sql, "--json")
    assert json.loads(out)[0]["places"] is None


def test_a_row_about_a_person_ends_with_three_and_a_typo_with_two(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "query", "SELECT * FROM ladder_panel")
    assert (code, out, err.count("\n")) == (3, "", 1)
    code, _, err = run(capsys, "query", "SELECT * FROM offers")
    assert code == 2
    assert err.startswith("error: table: unknown value 'offers'; did you mean 'offer'?")


def test_snapshots_are_listed_and_can_be_asked(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "list")
    (day,) = out.split()
    code, out, _ = run(capsys, "query", "SELECT count(*) AS n FROM municipality", "--date", day)
    assert (code, out.split()) == (0, ["n", "72"])
    code, _, err = run(capsys, "export", "--format", "csv", "uit", "--date", "1999-01-01")
    assert code == 2 and "date: unknown value '1999-01-01'" in err


def test_build_and_export_say_what_they_made(
    study: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(study)
    code, out, _ = run(capsys, "build")
    assert code == 0 and out.splitlines()[-1].startswith("build/databank.duckdb: ")
    code, out, _ = run(capsys, "export", "--format", "csv", "uit", "--json")
    assert code == 0
    assert json.loads(out)["rows"]["municipality"] == 72
    assert (study / "uit" / "municipality.csv").is_file()
