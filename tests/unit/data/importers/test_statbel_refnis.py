from pathlib import Path

import pytest

from studie.data.importers.intake import Intake, Options, lines
from studie.data.importers.statbel_refnis import read
from studie.errors import InputError

REAL = Path(__file__).resolve().parents[5] / "shared" / "reference" / "importers" / "TU_COM_REFNIS.txt"
HEADER = "LVL_REFNIS|CD_REFNIS|CD_SUP_REFNIS|TX_REFNIS_DE|TX_REFNIS_FR|TX_REFNIS_NL|DT_VLDT_START|DT_VLDT_END"
RECORDS = (
    "1|02000|-|Flämische Region|Région flamande|Vlaams Gewest|01/01/1970|31/12/9999",
    "3|11000|10000|Bezirk|Arrondissement|Arrondissement Antwerpen|01/01/1970|31/12/9999",
    "4|11021|11000|Hove|Hove|Hove (Antwerpen)|01/01/1970|31/12/9999",
    "4|12030|12000|Puurs|Puurs|Puurs|01/01/1970|31/12/2018",
    "4|44021|44000|Gent|Gand|Gent|01/01/1970|31/12/9999",
    "4|11011|11000|Burcht|Burcht|Burcht|01/01/1970|31/12/1976",
)


def of(tmp_path: Path, *records: str, end: str = "\r\n", encoding: str = "utf-8-sig") -> Intake:
    path = tmp_path / "TU_COM_REFNIS.txt"
    path.write_bytes((end.join((HEADER, *records)) + end).encode(encoding))
    return read(path, options=Options())


@pytest.mark.skipif(not REAL.is_file(), reason="the real file is not beside the checkout")
def test_the_real_list_holds_the_69_municipalities_before_2025_and_the_two_merged_in_2019() -> None:
    intake = read(REAL, options=Options())
    table = intake.tables["municipality"]
    assert intake.closing_line == "2769 rows read = 71 taken + 2698 rejected"
    assert (table["valid_to"] == "").sum() == 69
    assert table.loc[table["valid_to"] != "", "refnis"].tolist() == [12030, 12034]
    assert intake.notes == (
        "TU_COM_REFNIS.txt: 69 municipalities of the province still exist in this list",
        "TU_COM_REFNIS.txt: 11007 Borsbeek: ends never here, 2024-12-31 in the study",
        "TU_COM_REFNIS.txt: 11056 Zwijndrecht: ends never here, 2024-12-31 in the study",
    )
    rules = intake.rejected["rule"].value_counts().to_dict()
    assert rules == {
        "lies outside the province": 2557,
        "ended before 2018-01-01, the first day of the study": 79,
        "is no municipality": 62,
    }


@pytest.mark.parametrize(("end", "encoding"), [("\r\n", "utf-8-sig"), ("\n", "utf-8"), ("\r\n", "iso-8859-1")])
def test_municipalities_of_the_province_are_taken_in_every_encoding(tmp_path: Path, end: str, encoding: str) -> None:
    intake = of(tmp_path, *RECORDS, end=end, encoding=encoding)
    table = intake.tables["municipality"]
    assert table[["refnis", "name_nl", "arrondissement", "valid_from", "valid_to"]].to_numpy().tolist() == [
        [11021, "Hove", 11000, "1970-01-01", ""],
        [12030, "Puurs", 12000, "1970-01-01", "2018-12-31"],
    ]
    assert lines(intake.rejected) == [
        "TU_COM_REFNIS.txt: row 2, column LVL_REFNIS: is no municipality, got '1'",
        "TU_COM_REFNIS.txt: row 3, column LVL_REFNIS: is no municipality, got '3'",
        "TU_COM_REFNIS.txt: row 6, column CD_SUP_REFNIS: lies outside the province, got '44000'",
        "TU_COM_REFNIS.txt: row 7, column DT_VLDT_END: ended before 2018-01-01, the first day of the study, "
        "got '31/12/1976'",
    ]
    assert intake.origins["municipality"].to_numpy().tolist() == [["TU_COM_REFNIS.txt", 4], ["TU_COM_REFNIS.txt", 5]]


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (
            "4|1102|11000|a|b|Hove|01/01/1970|31/12/9999",
            "column CD_REFNIS: must be a NIS code of five digits, got '1102'",
        ),
        ("4|11021|11000|a|b|Hove|1970-01-01|31/12/9999", "column DT_VLDT_START: must be a date written dd/mm/yyyy"),
        ("4|11021|11000|a|b|Hove|01/01/1970|31/02/2019", "column DT_VLDT_END: must be a date written dd/mm/yyyy"),
        ("9|11021|11000|a|b|Hove|01/01/1970|31/12/9999", "column LVL_REFNIS: must be a level from 1 to 4, got '9'"),
        ("4|11021|11000|a|b||01/01/1970|31/12/9999", "column name_nl: must not be empty"),
        ("4|11021|11000|a|b|Hove|01/01/2020|31/12/2019", "valid_from, valid_to: must be in order"),
        ("4|11021|11000|Hove|01/01/1970|31/12/9999", "must have 8 fields as the header has, got 6"),
    ],
)
def test_a_record_at_fault_is_listed_and_the_others_stay(tmp_path: Path, record: str, line: str) -> None:
    intake = of(tmp_path, RECORDS[3], record)
    assert intake.tables["municipality"]["refnis"].tolist() == [12030]
    assert line in lines(intake.rejected)[0]


def test_a_new_municipality_and_a_changed_one_are_named(tmp_path: Path) -> None:
    new = "4|11099|11000|Neu|Neuve|Nieuwstad|01/01/2031|31/12/9999"
    moved = "4|12025|11000|Mecheln|Malines|Mechelen|01/01/1970|31/12/9999"
    notes = of(tmp_path, new, moved).notes
    assert "TU_COM_REFNIS.txt: 11099 Nieuwstad is not known to the study" in notes
    assert "TU_COM_REFNIS.txt: 12025 Mechelen: arrondissement 11000 here, 12000 in the study" in notes
    assert "TU_COM_REFNIS.txt: 11001 Aartselaar is missing in this list" in notes


def test_a_list_that_stops_within_a_record_says_so(tmp_path: Path) -> None:
    path = tmp_path / "f.txt"
    path.write_text("\n".join((HEADER, RECORDS[2], RECORDS[3][:-3])), encoding="utf-8")
    assert lines(read(path, options=Options()).rejected)[0].startswith("f.txt: row 3: the file ends within this record")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.txt"
    path.write_text("a|b\n1|2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"f.txt: column LVL_REFNIS is missing; got a, b"):
        read(path, options=Options())


def test_a_list_with_only_a_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must hold at least one row, got only a header"):
        of(tmp_path)
