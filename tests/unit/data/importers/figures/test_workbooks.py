import datetime
import zipfile

import openpyxl
import pytest

from studie.data.importers.workbooks import MOST_COLUMNS, MOST_ROWS, read_sheets
from studie.errors import InputError


def saved(tmp_path, content, name="w.xlsx"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_values_and_merged_cells_of_a_workbook_of_excel_are_read(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Data & zo"
    for row in [["a", "b"], ["x", 1], [None, 2.5], ["y", datetime.date(2024, 3, 1)]]:
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    book.create_sheet("leeg")
    path = tmp_path / "w.xlsx"
    book.save(path)
    first, second = read_sheets(path, file="w.xlsx")
    assert (first.title, second.title, second.rows) == ("Data & zo", "leeg", ())
    assert first.rows[2] == (None, 2.5)
    assert first.rows[3] == ("y", datetime.datetime(2024, 3, 1))
    assert first.merged == ((1, 0, 2, 0),)
    assert [row[0] for row in first.spread([0])] == ["a", "x", "x", "y"]
    assert first.spread([1]) == first.rows
    assert first.cell(9, 9) is None


def test_a_merged_range_fills_only_the_columns_asked_for(tmp_path, samples):
    xml = samples.sheet_xml([["m", None, 5], [None, None, 6]], merged=["A1:C2"])
    path = saved(tmp_path, samples.packed(samples.workbook_parts({"Data": xml})))
    (sheet,) = read_sheets(path, file="w.xlsx")
    assert sheet.spread([0, 1]) == (("m", "m", 5), ("m", "m", 6))


def test_a_missing_sheet_names_the_nearest(tmp_path, samples):
    path = saved(tmp_path, samples.workbook({"data": [["a"]]}))
    with pytest.raises(InputError, match=r"w\.xlsx: sheet: unknown value 'Data'; did you mean 'data'"):
        read_sheets(path, file="w.xlsx", only="Data")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "file is empty"),
        (b"a;b\n1;2\n", "must be a zip file"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "got an .xls or a protected workbook"),
    ],
)
def test_another_kind_of_file_is_refused(tmp_path, content, said):
    with pytest.raises(InputError, match=said):
        read_sheets(saved(tmp_path, content), file="w.xlsx")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="missing or not readable"):
        read_sheets(tmp_path / "none.xlsx", file="none.xlsx")


def test_a_workbook_cut_off_at_any_place_is_refused(tmp_path, samples):
    whole = samples.workbook({"Data": samples.ARVASTAT})
    for end in range(0, len(whole), 97):
        with pytest.raises(InputError):
            read_sheets(saved(tmp_path, whole[:end]), file="w.xlsx")


def test_a_workbook_without_its_list_of_sheets_is_refused(tmp_path, samples):
    parts = samples.workbook_parts({"Data": samples.sheet_xml([["a"]])})
    del parts["xl/workbook.xml"]
    with pytest.raises(InputError, match=r"member workbook\.xml is missing"):
        read_sheets(saved(tmp_path, samples.packed(parts)), file="w.xlsx")


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/passwd"])
def test_a_member_that_leads_out_of_the_archive_is_refused(tmp_path, samples, name):
    parts = samples.workbook_parts({"Data": samples.sheet_xml([["a"]])}) | {name: "x"}
    with pytest.raises(InputError, match=r"must not lead out|must be a name within"):
        read_sheets(saved(tmp_path, samples.packed(parts)), file="w.xlsx")


def test_a_workbook_that_unpacks_to_far_more_than_it_is_is_refused(tmp_path, samples):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in samples.workbook_parts({"Data": samples.sheet_xml([["a"]])}).items():
            archive.writestr(name, content)
        archive.writestr("xl/sharedStrings.xml", b"0" * 20_000_000)
    with pytest.raises(InputError, match="must not be packed more than 200 : 1"):
        read_sheets(path, file="bomb.xlsx")


@pytest.mark.parametrize("place", [f"A{MOST_ROWS + 1}", f"A{10**9}", "ZZZ1"])
def test_a_sheet_larger_than_any_publication_is_refused(tmp_path, samples, place):
    xml = samples.sheet_xml([["x"]]).replace('r="A1"', f'r="{place}"').replace('row r="1"', f'row r="{place[1:]}"')
    xml = xml if place[0] == "A" else samples.sheet_xml([["x"]]).replace('r="A1"', f'r="{place}"')
    path = saved(tmp_path, samples.packed(samples.workbook_parts({"Data": xml})))
    with pytest.raises(InputError, match=f"at most {MOST_ROWS} rows and {MOST_COLUMNS} columns"):
        read_sheets(path, file="w.xlsx")


def test_a_stated_size_of_a_sheet_is_not_believed(tmp_path, samples):
    xml = samples.sheet_xml([["x"], ["y"]]).replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
    path = saved(tmp_path, samples.packed(samples.workbook_parts({"Data": xml})))
    (sheet,) = read_sheets(path, file="w.xlsx")
    assert sheet.rows == (("x",), ("y",))
