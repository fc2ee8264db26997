import zipfile
from pathlib import Path

import pytest

from studie.data.importers.intake import Intake, Options, lines
from studie.data.importers.statbel_population import read
from studie.errors import InputError

HEADER = "CD_REFNIS|TX_DESCR_NL|CD_SEX|CD_NATLTY|TX_NATLTY_NL|CD_CIV_STS|TX_CIV_STS_NL|CD_AGE|MS_POPULATION"
RECORDS = (
    "11001|Aartselaar|F|BEL|Belgen|1|Ongehuwd|3|10",
    "11001|Aartselaar|F|ETR|niet-Belgen|1|Ongehuwd|3|2",
    "11001|Aartselaar|M|BEL|Belgen|2|Gehuwd|70|1 293",
    "12025|Mechelen|M|BEL|Belgen|2|Gehuwd|18|5",
    "44021|Gent|M|BEL|Belgen|2|Gehuwd|18|7",
)


def of(tmp_path: Path, *records: str, header: str = HEADER, name: str = "TF_SOC_POP_STRUCT_2024.txt") -> Intake:
    path = tmp_path / name
    path.write_bytes(("\r\n".join((header, *records)) + "\r\n").encode("iso-8859-1"))
    return read(path, options=Options())


def sums(intake: Intake) -> dict[tuple[int, str, str], int]:
    table = intake.tables["population"]
    return dict(
        zip(zip(table["refnis"], table["age_band"], table["sex"], strict=True), table["inhabitants"], strict=True)
    )


def test_inhabitants_are_summed_by_sex_and_age_band_and_in_total(tmp_path: Path) -> None:
    intake = of(tmp_path, *RECORDS)
    assert sums(intake) == {
        (11001, "alle", "alle"): 1305,
        (11001, "alle", "m"): 1293,
        (11001, "alle", "v"): 12,
        (11001, "0-17", "alle"): 12,
        (11001, "0-17", "v"): 12,
        (11001, "65+", "alle"): 1293,
        (11001, "65+", "m"): 1293,
        (12025, "alle", "alle"): 5,
        (12025, "alle", "m"): 5,
        (12025, "18-24", "alle"): 5,
        (12025, "18-24", "m"): 5,
    }
    assert set(intake.tables["population"]["year"]) == {2024}
    assert intake.closing_line == "5 rows read = 4 taken + 1 rejected"
    assert lines(intake.rejected) == [
        "TF_SOC_POP_STRUCT_2024.txt: row 6, column CD_REFNIS: lies outside the province, got '44021'"
    ]
    assert intake.notes[0].startswith("TF_SOC_POP_STRUCT_2024.txt: 2024: no figures for 11002, 11004, ")


@pytest.mark.parametrize(
    ("age", "band"),
    [(0, "0-17"), (17, "0-17"), (18, "18-24"), (24, "18-24"), (25, "25-34"), (64, "55-64"), (65, "65+"), (125, "65+")],
)
def test_ages_fall_in_the_bands_of_the_study(tmp_path: Path, age: int, band: str) -> None:
    assert sums(of(tmp_path, f"11001|A|M|BEL|B|1|O|{age}|4"))[11001, band, "m"] == 4


def test_the_year_comes_from_its_column_before_the_name_of_the_file(tmp_path: Path) -> None:
    two = (f"{RECORDS[0]}|2019", f"{RECORDS[0]}|2020")
    table = of(tmp_path, *two, header=f"{HEADER}|CD_YEAR").tables["population"]
    assert table.loc[(table["age_band"] == "alle") & (table["sex"] == "alle"), "year"].tolist() == [2019, 2020]


def test_the_year_may_be_given_and_must_be_known(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"f.txt: the year must stand in a column CD_YEAR, in the name of the file"):
        of(tmp_path, *RECORDS, name="f.txt")
    intake = read(tmp_path / "f.txt", options=Options(date="2021-01-01"))
    assert set(intake.tables["population"]["year"]) == {2021}


def test_the_file_may_come_in_a_zip_file(tmp_path: Path) -> None:
    path = tmp_path / "TF_SOC_POP_STRUCT_2024.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("TF_SOC_POP_STRUCT_2024.txt", "\n".join((HEADER, *RECORDS, "")).encode("utf-8-sig"))
    intake = read(path, options=Options())
    assert intake.taken == 4
    assert intake.rejected["file"].unique().tolist() == ["TF_SOC_POP_STRUCT_2024.zip/TF_SOC_POP_STRUCT_2024.txt"]
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(InputError, match=r"must hold one member that ends in .txt or .csv, got TF_SOC_POP_STRUCT"):
        read(path, options=Options())


@pytest.mark.parametrize(
    ("record", "line"),
    [
        ("11002|A|M|BEL|B|1|O|3|x", "column MS_POPULATION: must be a whole number, 0 or more, got 'x'"),
        ("11002|A|M|BEL|B|1|O|3|-1", "column MS_POPULATION: must be a whole number, 0 or more, got '-1'"),
        ("11002|A|M|BEL|B|1|O|3|", "column MS_POPULATION: must be a whole number, 0 or more"),
        ("11002|A|M|BEL|B|1|O|126|3", "column CD_AGE: must be an age from 0 to 125, got '126'"),
        ("11002|A|X|BEL|B|1|O|3|3", "column CD_SEX: must be one of M, F, got 'X'"),
        ("11003|A|M|BEL|B|1|O|3|3", "column CD_REFNIS: must be a municipality of the province, got '11003'"),
        ("1100|A|M|BEL|B|1|O|3|3", "column CD_REFNIS: must be a NIS code of five digits, got '1100'"),
        ("11002|A|M|BEL|B|1|O|3", "must have 9 fields as the header has, got 8"),
    ],
)
def test_a_record_at_fault_is_listed_and_other_municipalities_stay(tmp_path: Path, record: str, line: str) -> None:
    intake = of(tmp_path, RECORDS[0], record, "11002|A|M|BEL|B|1|O|9|3", "11002|A|M|BEL|B|1|O|8|3", RECORDS[3])
    assert line in "".join(lines(intake.rejected))
    assert (12025, "alle", "alle") in sums(intake)
    assert intake.read == 5


def test_a_municipality_with_a_record_at_fault_is_left_out_whole(tmp_path: Path) -> None:
    intake = of(tmp_path, *RECORDS[:2], "11001|A|M|BEL|B|1|O|3|x", RECORDS[3])
    assert {refnis for refnis, *_ in sums(intake)} == {12025}
    assert lines(intake.rejected)[:2] == [
        f"TF_SOC_POP_STRUCT_2024.txt: row {row}: another record of this municipality is at fault: "
        "its sums would be too low"
        for row in (2, 3)
    ]


def test_a_record_of_an_unknown_municipality_spoils_those_before_and_after_it(tmp_path: Path) -> None:
    intake = of(tmp_path, RECORDS[3], RECORDS[0], RECORDS[2].replace("11001", "1100?"), "11002|A|M|BEL|B|1|O|9|3")
    assert {refnis for refnis, *_ in sums(intake)} == {12025}


def test_a_file_that_stops_within_a_record_loses_the_municipality_it_stops_in(tmp_path: Path) -> None:
    path = tmp_path / "TF_SOC_POP_STRUCT_2024.txt"
    path.write_text("\n".join((HEADER, *RECORDS[:4], "12025|Mechelen|F|BE")), encoding="utf-8")
    intake = read(path, options=Options())
    assert {refnis for refnis, *_ in sums(intake)} == {11001}
    assert "row 6: the file ends within this record" in lines(intake.rejected)[1]


def test_a_group_that_stands_there_twice_is_not_counted_twice(tmp_path: Path) -> None:
    intake = of(tmp_path, *RECORDS[:3], RECORDS[0], RECORDS[3], RECORDS[3].replace("|5", "|6"))
    assert sums(intake) == {}
    assert [line.partition(": ")[2] for line in lines(intake.rejected)[3:]] == [
        "row 5: repeats an earlier record",
        "row 6, column MS_POPULATION: another record of the same group says otherwise, got '5'",
        "row 7, column MS_POPULATION: another record of the same group says otherwise, got '6'",
    ]


def test_a_file_with_only_a_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "TF_SOC_POP_STRUCT_2024.txt"
    path.write_text("CD_REFNIS|CD_SEX|CD_NATLTY|CD_AGE|MS_POPULATION\n", encoding="utf-8")
    with pytest.raises(InputError, match="must hold at least one row, got only a header"):
        read(path, options=Options())
