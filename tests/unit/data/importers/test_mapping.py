"""Mapping files: what they may say, and one line for each thing that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from studie.data import contracts
from studie.data.definitions import CONTRACTS
from studie.data.importers import mapping
from studie.data.templates import mapping_example
from studie.errors import InputError

LOAN = """
table: loan
source: Trividend
columns:
  loan_id: nr
  region: {value: "arrondissement:12000"}
  year: jaar
"""


def words(tmp_path: Path, text: str) -> mapping.Mapping:
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return mapping.checked(mapping.read_words(path))


def test_every_value_is_text_whatever_yaml_makes_of_it(tmp_path: Path) -> None:
    made = words(tmp_path, LOAN.replace("jaar", "{column: on, values: {no: 2020, 1.10: 2021, '': 2022}}"))
    assert made.columns["year"].values == {"no": "2020", "1.10": "2021", "": "2022"}
    assert made.columns["year"].column == "on"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("loan_id:", "loanid:"), "columns: loan: unknown value 'loanid'; did you mean 'loan_id'?"),
        (("loan_id: nr", ""), "columns: loan_id is missing; loan needs it (kenmerk)"),
        (("table: loan", "table: lone"), "table: unknown value 'lone'; did you mean 'loan'?"),
        (("source:", "sourse:"), "sourse: key: unknown value 'sourse'; did you mean 'source'?"),
        (("source: Trividend", ""), "source: is missing"),
        (("{value:", "{vaule:"), "columns.region.vaule: key: unknown value 'vaule'; did you mean 'value'?"),
        (("{value:", "{column: a, value:"), "must name either a column or a value"),
        (("nr", "{column: nr, format: dd/mm/yyyy}"), "columns.loan_id.format: goes with dates only"),
        (("nr", "{column: nr, decimal: ','}"), "columns.loan_id.decimal: goes with numbers only"),
        (("jaar", "{column: jaar, decimal: x}"), "columns.year.decimal"),
        (("table: loan", "table: loan\ndelimiter: ';;'"), "delimiter: "),
        (("table: loan", "table: loan\nencoding: utf8"), "encoding: "),
        (("table: loan", "table: loan\ntable: need"), "key table stands there twice"),
        (("table: loan", "table: &a loan\nsheet: *a"), "aliases (*) are not allowed"),
        (("columns:", "columns: ["), "must be YAML, row"),
    ],
)
def test_what_is_wrong_is_named_with_the_nearest_right_word(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    with pytest.raises(InputError) as error:
        words(tmp_path, LOAN.replace(*change))
    assert said in str(error.value)


def test_a_target_that_the_table_refuses_is_said_before_a_row_is_read(tmp_path: Path) -> None:
    text = "table: project\nsource: provincie\ncolumns:\n  project_id: a\n  region: b\n  year: c\n"
    with pytest.raises(
        InputError, match=r"columns\.sector: must be one of zorg, bouw, nijverheid, logistiek, got 'Bouw'"
    ):
        words(tmp_path, text + "  sector: {column: d, values: {1: Bouw}}\n")


@pytest.mark.parametrize(
    ("said", "meant"),
    [("dd/mm/yyyy", "%d/%m/%Y"), ("jjjj.mm.dd", "%Y.%m.%d"), ("DDMMYYYY", "%d%m%Y"), ("excel", "excel")],
)
def test_a_date_is_described_in_words_of_day_month_and_year(said: str, meant: str) -> None:
    assert mapping.strptime(said) == meant


@pytest.mark.parametrize("said", ["dd/mm", "dd/mm/yy", "dd mmm yyyy", "%d", "mm/mm/yyyy"])
def test_a_date_without_day_month_and_year_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="must hold dd, mm and yyyy once each"):
        mapping.strptime(said)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"- a\n- b\n", b"", b"a: [" * 5000, b"x" * 1_000_001])
def test_a_file_that_is_no_mapping_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "map.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"^map\.yaml: must (be|hold) [^\n]*$"):
        mapping.read_words(path)


@pytest.mark.parametrize("table", sorted(CONTRACTS))
def test_the_example_of_every_table_is_a_mapping_that_fits_it(tmp_path: Path, table: str) -> None:
    made = words(tmp_path, mapping_example(contracts.contract(table)))
    assert made.table == table
    needed = {c.name for c in CONTRACTS[table].columns if c.required and c.default is None}
    assert set(made.columns) == needed
