"""SQL holds no values, and what a spreadsheet opens holds no formula: each place that could do so is known."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path

import pandas as pd
import pytest

from studie.batch.extract import spreadsheet_safe
from studie.data import templates
from studie.data.databank.exporting import FORMULA
from studie.data.definitions import CONTRACTS
from studie.data.importers import rejected

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "studie"
FILES = sorted(PACKAGE.rglob("*.py"))
FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-1+cmd", "@SUM(A1)", "\t=1", "\r=1"]

# Names that may stand in composed SQL, with what makes each harmless; all but these must be parameters.
IN_SQL = {
    "data/databank/building.py": {
        "schema.quoted(name)": "quoted identifier",
        "columns": "a constant of schema.OWN_TABLES",
    },
    "data/databank/counting.py": {
        "columns": "schema.quoted, quoted identifiers",
        "columns + ', ' if columns else ''": "schema.quoted, quoted identifiers",
        "PERSON": "constant",
        "grouped": "schema.quoted, quoted identifiers",
        "source": "the judged filter as DuckDB wrote it back from its parse tree, or a quoted identifier",
        "count.inside": "the judged filter as DuckDB wrote it back from its parse tree",
        "schema.quoted(count.table)": "quoted identifier",
        "select": "made of the parts above",
    },
    "data/databank/exporting.py": {
        "table": "one of PERSON_ROWS, names of contracts",
        "listed": "schema.quoted, quoted identifier",
        "', '.join(columns)": "quoted identifiers and the constant FORMULA",
        "schema.quoted(name)": "quoted identifier",
        "FORMULA": "constant",
    },
    "data/databank/reading.py": {
        "_text(str(whole))": "path of the databank as an SQL literal, its quotes doubled; ATTACH takes no parameter",
        "schema.quoted(table)": "quoted identifier",
        "listed": "schema.quoted, quoted identifier",
    },
    "data/databank/shielding.py": {"schema.quoted(table)": "quoted identifier"},
    "data/databank/judging.py": {
        "table": "one of PERSON_ROWS, only parsed, never run",
        "rule": "a message",
        "PERSON": "a message",
        "len(answer['statements'])": "a message",
    },
    "ladder/larger_than_memory.py": dict.fromkeys(
        ["s", "t", "p", "passed", "kept", "absent"], "names of columns, quoted, and what is composed of them"
    ),
}
KBO = PACKAGE / "data" / "importers" / "kbo"  # its own members and constants; held by the test on its values below
SCHEMA = "data/databank/schema.py"  # writes statements from the contracts alone
WORDS = ("SELECT ", "INSERT ", "CREATE ", "ATTACH ", "DELETE ", "DROP ", "UPDATE ", "COPY ", " FROM ")


def place(path: Path) -> str:
    """A file as it is named below the package."""
    return path.relative_to(PACKAGE).as_posix()


def composed(path: Path) -> list[str]:
    """What stands between braces in the SQL of a file."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            said = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
            if any(word in said for word in WORDS):
                found += [ast.unparse(part.value) for part in node.values if isinstance(part, ast.FormattedValue)]
    return found


def runs_sql(path: Path) -> bool:
    """Whether a file speaks to DuckDB."""
    return "duckdb" in path.read_text(encoding="utf-8")


SQL_FILES = [path for path in FILES if runs_sql(path) and KBO not in path.parents and place(path) != SCHEMA]


@pytest.mark.parametrize("path", SQL_FILES, ids=place)
def test_sql_is_made_of_constants_parameters_and_quoted_names(path: Path) -> None:
    assert set(composed(path)) <= set(IN_SQL.get(place(path), ()))


def test_the_check_on_sql_sees_a_value_in_a_statement(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text('import duckdb\ndef f(c, v):\n    c.execute(f"SELECT * FROM t WHERE x = {v}")\n')
    assert composed(sample) == ["v"]


@pytest.mark.parametrize("path", [p for p in FILES if runs_sql(p)], ids=place)
def test_no_statement_is_made_by_adding_or_formatting_texts(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        run = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if run and node.func.attr in ("execute", "executemany", "sql") and node.args:  # type: ignore[union-attr]
            statement = node.args[0]
            assert not (isinstance(statement, ast.BinOp) and isinstance(statement.op, ast.Mod)), path
            assert not (
                isinstance(statement, ast.Call)
                and isinstance(statement.func, ast.Attribute)
                and statement.func.attr == "format"
            ), path


def test_a_quote_in_a_name_stays_inside_the_name() -> None:
    from studie.data.databank import schema

    assert schema.quoted('x"; DROP TABLE y; --') == '"x""; DROP TABLE y; --"'


# Every place that writes a file which a spreadsheet opens, with what keeps formulas out of it.
WRITERS = {
    "batch/extract.py": "spreadsheet_safe",
    "batch/publication.py": "names of files and hashes of the run's own results",
    "data/databank/exporting.py": "FORMULA in _select and _neutral",
    "data/importers/rejected.py": "inert",
    "data/importers/own_files.py": "rows of data/own, read back by the study and never handed on as they are",
    "data/importers/store.py": "rows of data/own, read back by the study and never handed on as they are",
    "data/importers/kbo/members.py": "temporary file that only DuckDB reads",
    "data/publications.py": "names of cells and their counts; read back by the study",
    "data/sources.py": "the list of sources, read back by the study",
    "data/workbook/plan.py": "texts are written as texts: tests/unit/data/workbook/test_export.py",
    "cli/publication.py": "names of cells and their counts",
    "batch/comparison.py": "names of cells and their counts",
}
CALLS = {"to_csv", "write_csv", "writer", "DictWriter", "Workbook", "to_excel"}


def writes(path: Path) -> bool:
    """Whether a file makes a CSV file or a workbook."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in CALLS:
                return True
    return False


def test_every_writer_of_spreadsheets_is_known() -> None:
    assert {place(path) for path in FILES if writes(path)} <= set(WRITERS)


@pytest.mark.parametrize("text", FORMULAS)
def test_results_of_a_run_hold_no_formula(text: str) -> None:
    safe = spreadsheet_safe(pd.DataFrame({text: [text]}))
    written = next(csv.reader(io.StringIO(safe.to_csv(index=False).splitlines()[0])))[0]
    assert written.startswith("'") and str(safe.iloc[0, 0]).startswith("'")


@pytest.mark.parametrize("text", FORMULAS)
def test_lists_of_rejected_rows_hold_no_formula(text: str) -> None:
    assert rejected.inert(text) == f"'{text}"


@pytest.mark.parametrize("text", FORMULAS)
def test_the_export_of_the_databank_knows_every_formula(text: str) -> None:
    import re

    assert re.match(FORMULA, text)


def test_templates_hold_names_and_allowed_values_of_contracts_only(tmp_path: Path) -> None:
    for name, rules in CONTRACTS.items():
        made = templates.write_template(rules, tmp_path / f"{name}.csv")
        (template,) = [path for path in made if path.suffix == ".csv"]
        header, *rows = template.read_text(encoding="utf-8").splitlines()
        assert header == ",".join(rules.names)
        cells = [set(cell) for cell in zip(*(row.split(",") for row in rows), strict=True)]
        for column, found in zip(rules.columns, cells, strict=bool(rows)):
            assert found <= {*column.allowed, ""}
        assert not [word for c in rules.columns for word in (c.name, *c.allowed) if word[0] in "=+-@"]
