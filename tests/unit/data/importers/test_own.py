"""Own extracts: every format gives the same rows, and every row is taken or listed."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from studie.data import pseudonyms
from studie.data.importers import own
from studie.data.importers.intake import Intake, Options
from studie.errors import InputError

ROOT = Path(__file__).resolve().parents[4]
IDENTIFIERS = [f"85.01.{day:02d}-123.{day:02d}" for day in range(1, 7)]
CODED = pd.DataFrame(
    {
        "rrn": IDENTIFIERS,
        "dag": pd.to_datetime(["2024-01-31"] * 6),
        "trede": [3.0, 4.0, 5.0, 6.0, 7.0, float("nan")],
        "nis": [12025, 12025, 11002, 13040, 12025, 99999],
        "lft": [1, 2, 3, 4, 5, 5],
        "sekse": [1, 2, 1, 2, 1, 2],
        "groep": ["leefloon", "nieuwkomer", "leefloon", "leefloon", "leefloon", "leefloon"],
        "nl": ["goed"] * 6,
        "steun": ["ja", "nee", "ja", "nee", "ja", "nee"],
    }
)
AGES = {1: "18-24", 2: "25-34", 3: "35-44", 4: "45-54", 5: "55-64"}
SEXES = {1: "Man", 2: "Vrouw"}
COLUMNS: dict[str, object] = {
    "person_id": "rrn",
    "date": "dag",
    "step": {"column": "trede", "values": {"3": "3", "4": "4", "5": "5", "6": "6"}},
    "refnis": "nis",
    "age_band": "lft",
    "sex": {"column": "sekse", "values": {"Man": "m", "Vrouw": "v"}},
    "target_group": "groep",
    "dutch_level": "nl",
    "support": "steun",
}
PANEL: dict[str, object] = {"table": "ladder_panel", "source": "OCMW Voorbeeld", "columns": COLUMNS}


@pytest.fixture(autouse=True)
def _key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This checkout's tables, and a key of its own outside it."""
    monkeypatch.setenv("STUDIE_ROOT", str(ROOT))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv(pseudonyms.KEY_VARIABLE, raising=False)


def labelled() -> pd.DataFrame:
    return CODED.assign(lft=CODED["lft"].map(AGES), sekse=CODED["sekse"].map(SEXES))


def write_stata(path: Path) -> None:
    CODED.to_stata(
        path, write_index=False, version=118, convert_dates={"dag": "td"}, value_labels={"lft": AGES, "sekse": SEXES}
    )


def write_spss(path: Path) -> None:
    frame = CODED.assign(dag=CODED["dag"].dt.date, trede=CODED["trede"].fillna(98))
    labels = {"lft": {float(k): v for k, v in AGES.items()}, "sekse": {float(k): v for k, v in SEXES.items()}}
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels, missing_ranges={"trede": [98]})


def write_excel(path: Path) -> None:
    labelled().to_excel(path, index=False)


def write_excel_with_day_numbers(path: Path) -> None:
    days = (CODED["dag"] - pd.Timestamp("1899-12-30")).dt.days
    labelled().assign(dag=days).to_excel(path, index=False)


def write_parquet(path: Path) -> None:
    labelled().to_parquet(path)


def write_csv(path: Path) -> None:
    labelled().assign(dag="2024-01-31", trede=["3", "4", "5", "6", "7", ""]).to_csv(path, index=False)


def write_flemish_csv(path: Path) -> None:
    frame = labelled().assign(dag="2024-01-31", trede=["3", "4", "5", "6", "7", ""], groep=lambda f: f["groep"] + "  ")
    path.write_bytes(b"\xef\xbb\xbf" + frame.to_csv(index=False, sep=";", lineterminator="\r\n").encode("utf-8"))


def read(path: Path, words: dict[str, object]) -> Intake:
    return own.read(path, options=Options(mapping=words))


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("x.dta", write_stata),
        ("x.sav", write_spss),
        ("x.xlsx", write_excel),
        ("y.xlsx", write_excel_with_day_numbers),
        ("x.parquet", write_parquet),
        ("x.csv", write_csv),
        ("y.csv", write_flemish_csv),
    ],
)
def test_every_format_gives_the_same_rows_and_the_same_rejections(
    tmp_path: Path, name: str, write: Callable[[Path], None]
) -> None:
    write(tmp_path / name)
    intake = read(tmp_path / name, PANEL)
    assert (intake.read, intake.taken) == (6, 4)
    panel = intake.tables["ladder_panel"]
    assert panel["step"].tolist() == ["3", "4", "5", "6"]
    assert panel["refnis"].tolist() == [12025, 12025, 11002, 13040]
    assert panel["age_band"].tolist() == ["18-24", "25-34", "35-44", "45-54"]
    assert panel["sex"].tolist() == ["m", "v", "m", "v"]
    assert panel["target_group"].tolist() == ["leefloon", "nieuwkomer", "leefloon", "leefloon"]
    assert panel["date"].unique().tolist() == [pd.Timestamp("2024-01-31")]
    first = 1 if name.endswith(("dta", "sav", "parquet")) else 2
    assert intake.rejected["row"].tolist() == [first + 4, first + 5]
    assert intake.rejected["rule"].tolist()[0] == "must be a value that the mapping lists"
    assert "must not be empty" in intake.rejected["rule"].tolist()[1]
    assert "must be a municipality of the province" in intake.rejected["rule"].tolist()[1]
    assert intake.origins["ladder_panel"]["row"].tolist() == [first, first + 1, first + 2, first + 3]


def test_identifiers_become_the_pseudonyms_of_the_key_in_every_format(tmp_path: Path) -> None:
    write_stata(tmp_path / "x.dta")
    write_excel(tmp_path / "x.xlsx")
    stata, excel = read(tmp_path / "x.dta", PANEL), read(tmp_path / "x.xlsx", PANEL)
    people = stata.tables["ladder_panel"]["person_id"]
    assert people.tolist() == excel.tables["ladder_panel"]["person_id"].tolist()
    key, _ = pseudonyms.read_key(pseudonyms.key_path())
    assert people.tolist() == pseudonyms.pseudonyms(pd.Series(IDENTIFIERS[:4]), key=key).tolist()


def written(intake: Intake) -> str:
    return "\n".join([*intake.notes, intake.rejected.to_csv(), *(f.to_csv() for f in intake.tables.values())])


@pytest.mark.parametrize("column", ["refnis", "step", "target_group", "sex", "date", "age_band"])
def test_no_identifier_is_written_even_where_the_mapping_mistakes_its_column(tmp_path: Path, column: str) -> None:
    write_excel(tmp_path / "x.xlsx")
    swapped = {**PANEL, "columns": {**COLUMNS, column: "rrn", "person_id": "nis"}}
    both = {**PANEL, "columns": {**COLUMNS, column: "rrn"}}
    for words in (swapped, both):
        try:
            said = written(read(tmp_path / "x.xlsx", words))
        except InputError as error:
            said = str(error)
        assert said
        assert not [i for i in IDENTIFIERS if i in said or i.replace(".", "").replace("-", "") in said]


def test_a_ragged_record_and_a_file_without_header_do_not_repeat_a_person(tmp_path: Path) -> None:
    lines = labelled().assign(dag="2024-01-31").to_csv(index=False).splitlines()
    (tmp_path / "x.csv").write_text("\n".join([*lines[:3], lines[3] + ",extra", *lines[4:]]), encoding="utf-8")
    intake = read(tmp_path / "x.csv", PANEL)
    assert intake.rejected.set_index("row").loc[4, "rule"] == "must have 9 fields as the header has, got 10"
    assert not [i for i in IDENTIFIERS if i in written(intake)]
    (tmp_path / "y.csv").write_text("\n".join(lines[1:]), encoding="utf-8")
    with pytest.raises(InputError, match="must hold the names of the columns") as error:
        read(tmp_path / "y.csv", PANEL)
    assert not [i for i in IDENTIFIERS if i in str(error.value)]


def test_a_column_of_free_text_with_another_value_for_each_person_is_refused(tmp_path: Path) -> None:
    frame = pd.concat([labelled()] * 5, ignore_index=True).assign(dag="2024-01-31", groep=[f"G{n}" for n in range(30)])
    frame.to_csv(tmp_path / "x.csv", index=False)
    with pytest.raises(InputError, match=r"columns.target_group: must not identify persons, and column groep does"):
        read(tmp_path / "x.csv", PANEL)


def test_short_identifiers_are_not_repeated_either(tmp_path: Path) -> None:
    frame = labelled().assign(dag="2024-01-31", rrn=[f"K{n}" for n in range(6)])
    frame.assign(nis=[f"K{n}" for n in range(6)]).to_csv(tmp_path / "x.csv", index=False)
    intake = read(tmp_path / "x.csv", PANEL)
    assert intake.taken == 0
    assert not [f"K{n}" for n in range(6) if f"K{n}" in written(intake)]


def test_values_without_target_are_named_with_how_often_they_stand_there(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("nr,j,s,r\n1,2020,Bouw,a\n2,2020,Hout,a\n3,2020,Hout,a\n4,2020,Zee,a\n")
    words: dict[str, object] = {
        "table": "project",
        "source": "provincie",
        "columns": {
            "project_id": "nr",
            "region": {"value": "province:10000"},
            "year": "j",
            "sector": {"column": "s", "values": {"Bouw": "bouw"}},
        },
    }
    intake = read(tmp_path / "x.csv", words)
    assert intake.notes == (
        "columns used: nr, j, s; not used: r",
        "columns.sector.values: no target for 'Hout' (2), 'Zee' (1) in column s",
    )
    assert intake.closing_line == "4 rows read = 1 taken + 3 rejected"
    assert intake.rejected["value"].tolist() == ["Hout", "Hout", "Zee"]


LOAN: dict[str, object] = {
    "table": "loan",
    "source": "Trividend",
    "columns": {"loan_id": "nr", "region": {"value": "province:10000"}, "year": "jaar", "amount_euro": "bedrag"},
}


def loans(tmp_path: Path, text: str, *, decimal: str = "", encoding: str = "utf-8") -> Intake:
    (tmp_path / "x.csv").write_bytes(text.encode(encoding))
    columns = {**LOAN["columns"]}  # type: ignore[dict-item]
    if decimal:
        columns["amount_euro"] = {"column": "bedrag", "decimal": decimal}
    return read(tmp_path / "x.csv", {**LOAN, "columns": columns})


def test_a_decimal_comma_and_a_thousands_space_are_read_where_the_mapping_says_so(tmp_path: Path) -> None:
    text = "nr;jaar;bedrag\n1;2020;14 293,50\n2;2020;14.293,5\n3;2020;\n4;2020;14\u00a0293\n5;2020;1,2,3\n"
    intake = loans(tmp_path, text, decimal=",")
    amounts = intake.tables["loan"]["amount_euro"]
    assert amounts.dropna().tolist() == [14293.5, 14293.5, 14293.0]
    assert pd.isna(amounts.iloc[2])
    assert intake.rejected[["row", "value"]].to_numpy().tolist() == [[6, "1,2,3"]]


def test_a_comma_in_a_number_is_not_guessed_at(tmp_path: Path) -> None:
    intake = loans(tmp_path, "nr;jaar;bedrag\n1;2020;14,293\n2;2020;14.293\n")
    assert intake.tables["loan"]["amount_euro"].tolist() == [14.293]
    assert intake.rejected["rule"].tolist() == ["has a comma: name the decimal mark in the mapping (decimal: ',')"]


def test_western_and_utf_16_files_are_read_and_zero_bytes_are_not(tmp_path: Path) -> None:
    for encoding in ("cp1252", "utf-16"):
        intake = loans(tmp_path, "nr;jaar;bedrag\nCaf\u00e9;2020;5\n", encoding=encoding)
        assert intake.tables["loan"]["loan_id"].tolist() == ["Caf\u00e9"]
    with pytest.raises(InputError, match="zero byte"):
        loans(tmp_path, "nr;jaar;bedrag\nx;2020;5\n", encoding="utf-16-le")


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"columns.amount_euro: .*'bedrag'; did you mean 'bedragen'\?"):
        loans(tmp_path, "nr;jaar;bedragen\n1;2020;5\n")


def test_dates_are_read_by_the_format_of_the_mapping(tmp_path: Path) -> None:
    write_csv(tmp_path / "x.csv")
    frame = pd.read_csv(tmp_path / "x.csv", dtype=str).assign(dag=["31/01/2024"] * 2 + ["31/02/2024"] + ["45322"] * 3)
    frame.to_csv(tmp_path / "x.csv", index=False)
    words = {**PANEL, "columns": {**COLUMNS, "date": {"column": "dag", "format": "dd/mm/yyyy"}}}
    intake = read(tmp_path / "x.csv", words)
    assert intake.taken == 2
    assert "must be a date written dd/mm/yyyy" in intake.rejected["rule"].iloc[0]
    words = {**PANEL, "columns": {**COLUMNS, "date": {"column": "dag", "format": "excel"}}}
    assert read(tmp_path / "x.csv", words).tables["ladder_panel"]["date"].tolist() == [pd.Timestamp("2024-01-31")]


def sheet(tmp_path: Path, *rows: list[object], merge: str = "", sheets: int = 1) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    for _ in range(sheets - 1):
        book.create_sheet()
    path = tmp_path / "x.xlsx"
    book.save(path)
    return path


HEADER: list[object] = ["nr", "jaar", "bedrag"]


def test_merged_cells_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one value per cell, got merged cells A2:A3"):
        read(sheet(tmp_path, HEADER, [1, 2020, 5], [None, 2020, 6], merge="A2:A3"), LOAN)


def test_a_formula_without_result_an_excel_error_and_a_stray_value_are_listed(tmp_path: Path) -> None:
    path = sheet(
        tmp_path, HEADER, [1, 2020, 5], [2, 2020, "=1+1"], [3, 2020, "#N/A"], [4, 2020, 1, "x"], [], [5, 2021, 1]
    )
    intake = read(path, LOAN)
    assert intake.closing_line == "5 rows read = 2 taken + 3 rejected"
    assert intake.rejected["row"].tolist() == [3, 4, 5]
    assert [rule.split(";")[0] for rule in intake.rejected["rule"]] == [
        "holds a formula without its result",
        "holds an Excel error such as #N/A",
        "holds a value to the right of the last column name",
    ]


def test_a_sheet_is_named_where_there_are_several_and_a_header_may_stand_lower(tmp_path: Path) -> None:
    path = sheet(tmp_path, ["Leningen"], [], HEADER, [1, 2020, 5], sheets=2)
    with pytest.raises(InputError, match="has 2 sheets; name one"):
        read(path, LOAN)
    with pytest.raises(InputError, match="sheet 'Blad1' is missing; got Sheet, Sheet1"):
        read(path, {**LOAN, "sheet": "Blad1"})
    intake = read(path, {**LOAN, "sheet": "Sheet", "header": "3"})
    assert intake.tables["loan"]["loan_id"].tolist() == ["1"]
    assert intake.origins["loan"]["row"].tolist() == [4]


def test_day_numbers_count_from_the_day_zero_of_the_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = datetime.datetime(1904, 1, 1)
    days = (CODED["dag"] - pd.Timestamp("1904-01-01")).dt.days
    book.active.append(list(CODED.columns))
    for row in labelled().assign(dag=days).to_numpy().tolist()[:1]:
        book.active.append(row)
    book.save(tmp_path / "x.xlsx")
    assert read(tmp_path / "x.xlsx", PANEL).tables["ladder_panel"]["date"].tolist() == [pd.Timestamp("2024-01-31")]


def test_a_code_and_a_label_that_say_different_things_are_refused(tmp_path: Path) -> None:
    frame = CODED.assign(sekse=[1, 2, 1, 2, 1, 2])
    frame.to_stata(tmp_path / "x.dta", write_index=False, value_labels={"sekse": {1: "2", 2: "1"}})
    words = {**PANEL, "columns": {**COLUMNS, "sex": {"column": "sekse", "values": {"1": "m", "2": "v"}}}}
    with pytest.raises(InputError, match="a label of one code is another code"):
        read(tmp_path / "x.dta", words)


@pytest.mark.parametrize("name", ["x.dta", "x.sav", "x.xlsx", "x.parquet"])
@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04 cut", b"<html>"])
def test_a_file_of_another_kind_is_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"^{name}: [^\n]+$"):
        read(tmp_path / name, PANEL)


def test_a_file_of_an_unknown_ending_or_without_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.doc").write_text("x")
    with pytest.raises(InputError, match=r"must end in .*\.dta.*got x.doc"):
        read(tmp_path / "x.doc", LOAN)
    with pytest.raises(InputError, match="only a header"):
        loans(tmp_path, "nr;jaar;bedrag\n")
