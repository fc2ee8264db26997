import numpy as np
import pytest

from studie.data.importers.intake import Options
from studie.data.importers.swing import read
from studie.errors import InputError

HEADER = "period,geolevel,geoitem,a"


def notes_of(found):
    table = found.tables["indicator"]
    keys = zip(table["indicator_id"], table["region"].str[-5:], table["period"], strict=True)
    return dict(zip(keys, table["note"], strict=True))


def rules(found):
    return found.rejected.set_index("row")["rule"].to_dict()


def test_a_text_upload_is_read_in_any_order_and_case_of_columns(imported, samples):
    found = imported("swing", samples.SWING, name="up.txt")
    given = samples.values(found)
    assert given.pop(("v1_tot", "11004", "2011")) != given.pop(("v2_pct", "11001", "2012"))  # both are no number
    assert given == {
        ("v1_tot", "11001", "2011"): 33,
        ("v2_pct", "11001", "2011"): 1.5,
        ("v2_pct", "11004", "2011"): 2.25,
        ("v1_tot", "11001", "2012"): 40,
    }
    assert rules(found) == {
        5: "was merged or left the province since 2024-12-31: sum the parts first",
        6: "is the code for an unknown place",
        7: "lies outside the province",
    }
    assert found.closing_line == "6 rows read = 3 taken + 3 rejected"


def test_four_codes_for_no_value_stay_four_things(imported):
    rows = [f"{year},gemeente,11001,{value}" for year, value in enumerate((-99996, -99997, -99998, -99999, -5), 2001)]
    found = imported("swing", "\n".join([HEADER, *rows, ""]), name="up.csv")
    table = found.tables["indicator"]
    assert table["value"].isna().tolist() == [True] * 4 + [False]
    assert table["value"].iloc[-1] == -5
    said = ["leeg bij de bron (-99996)", "verborgen door de bron (-99997)", "niet van toepassing (-99998)",
            "geen antwoord (-99999)", ""]  # fmt: skip
    assert table["note"].tolist() == said


def test_other_reserved_numbers_are_not_taken_for_figures(imported):
    found = imported("swing", f"{HEADER}\n2001,gemeente,11001,-99995\n2002,gemeente,11001,-99997.5\n", name="up.csv")
    assert found.taken == 0
    assert set(rules(found).values()) == {"must be a figure or one of the codes -99996 to -99999"}


@pytest.mark.parametrize(
    ("level", "code", "expected"),
    [
        ("gemeente2018", 12030, "was merged or left the province since 2018-12-31: sum the parts first"),
        ("gemeente2018", 12041, "is no municipality on the list of 2018"),
        ("gemeente2024", 12041, "municipality:12041"),
        ("gemeente2024", 11056, "was merged or left the province since 2024-12-31: sum the parts first"),
        ("gemeente2025", 11002, "municipality:11002"),
        ("gemeente", 11002, "municipality:11002"),
        ("Gemeente", 11007, "was merged or left the province since 2024-12-31: sum the parts first"),
        ("gemeente", 99995, "is the code for an unknown place"),
        ("gemeente", 44021, "lies outside the province"),
        ("arrondiss", 12000, "arrondissement:12000"),
        ("arrondissement", 44000, "lies outside the province"),
        ("provincie", 10000, "province:10000"),
        ("gewest", "02000", "region:02000"),
        ("statsec", "11001A00-", "must be gemeente, gemeente2018, gemeente2024, arrondissement, provincie or gewest"),
        ("gemeente", "x", "must be the NIS code or name of a municipality of the province"),
        ("gemeente2025", "Mechelen", "municipality:12025"),
    ],
)
def test_a_place_is_an_area_of_today_or_listed(imported, level, code, expected):
    found = imported("swing", f"{HEADER}\n2020,{level},{code},5\n", name="up.csv")
    assert [*found.tables["indicator"]["region"], *rules(found).values()] == [expected]


def test_the_codes_of_a_file_tell_what_gemeente_means(imported):
    text = f"{HEADER}\n2020,gemeente,11002,5\n2020,gemeente,11007,1\n2020,gemeente,11001,1\n"
    found = imported("swing", text, name="up.csv")
    assert found.taken == 1
    assert notes_of(found) == {("a", "11001", "2020"): "gemeenten van 2019-2024"}
    today = imported("swing", text, name="up.csv", date="2026-01-01")
    assert today.taken == 2
    assert rules(today) == {3: "is no municipality on the list of 2025"}


def test_a_mapping_gives_names_and_units(imported):
    said = {"indicator_id": "crimes", "unit": "feiten", "population": "alle misdrijven"}
    found = imported("swing", f"{HEADER}\n2020,gemeente,11001,5\n", name="up.csv", mapping={"columns": {"A": said}})
    assert found.tables["indicator"].iloc[0][["indicator_id", "unit", "population"]].tolist() == list(said.values())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("period;geolevel;geoitem;a\n2020;gemeente;11001;1,5\n", 1.5),
        ("\ufeffperiod\tgeolevel\tgeoitem\ta\n2020\tgemeente\t11001\t14 293\n", 14293),
        ("period;geolevel;geoitem;a\n2020;gemeente;11001;14.293,5\n", 14293.5),
        ('"period","geolevel","geoitem","a"\n"2020","gemeente","11001","1.5"\n', 1.5),
        ("a,geoitem,geolevel,period\r\n7,11001.0,GEMEENTE,2020\r\n", 7),
    ],
)
def test_marks_of_spreadsheets_are_understood(imported, samples, text, value):
    found = imported("swing", text, name="up.csv")
    assert samples.values(found) == {("a", "11001", "2020"): value}


def test_repeats_are_listed_and_contradictions_both(imported, samples):
    rows = ["2020,gemeente,11001,5", "2020,gemeente,11001,5", "2021,gemeente,11001,5", "2021,gemeente,11001,6"]
    found = imported("swing", "\n".join([HEADER, *rows, ""]), name="up.csv")
    assert samples.values(found) == {("a", "11001", "2020"): 5}
    assert rules(found)[3] == "repeats row 2"
    assert "says otherwise" in rules(found)[4] and "says otherwise" in rules(found)[5]


def test_a_wrong_figure_rejects_its_record_and_an_empty_one_is_counted(imported, samples):
    text = "period,geolevel,geoitem,a,b\n2020,gemeente,11001,5,x\n2021,gemeente,11001,,6\n2022,gemeente,11001,,\n"
    found = imported("swing", text, name="up.csv")
    assert samples.values(found) == {("b", "11001", "2021"): 6}
    assert samples.lines(found.rejected) == [
        "up.csv: row 2, column b: must be a number with a point as decimal mark, got 'x'",
        "up.csv: row 4, column a, b: must hold a figure",
    ]
    assert "up.csv: 1 empty cells give no row" in found.notes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "file is empty"),
        (HEADER, "at least one row, got only a header"),
        ("period,geolevel,geoitem\n2020,gemeente,11001\n", "at least one column of figures"),
        ("period,geolevel,a\n2020,gemeente,1\n", "column geoitem is missing"),
        (f"{HEADER},A\n2020,gemeente,11001,1,2\n", "column a stands there twice"),
        (f"{HEADER},a\n2020,gemeente,11001,1,2\n", "column a stands there twice"),
        (f"{HEADER},x-y,x_y\n2020,gemeente,11001,1,2,3\n", "would be one indicator, x_y"),
        ("period geolevel geoitem a\n", "separator must be one of"),
    ],
)
def test_a_file_that_is_no_upload_is_refused(imported, text, said):
    with pytest.raises(InputError, match=said):
        imported("swing", text, name="up.csv")


def test_a_file_cut_off_within_a_record_lists_it(imported, samples):
    found = imported("swing", samples.SWING[:-7], name="up.txt")
    assert found.read == 6
    assert rules(found)[7] == "the file ends within this record"
    shorter = imported("swing", f"{HEADER}\n2020,gemeente,11001,40\n2020,gemeente,11004,40"[:-1], name="up.txt")
    assert samples.values(shorter) == {("a", "11001", "2020"): 40}


def test_every_sheet_with_the_key_columns_is_read(imported, samples):
    first = [["Period", "geolevel", "geoitem", "TE VERWIJDEREN bij upload naam", "a", None],
             [2020, "gemeente2024", 11001, "Aartselaar", 5, "kijk"], [2020, "gemeente2024", 11004, "Boechout", "1,5"],
             [None, None, None, None, None], [2020, "gemeente2024", 11005, "Boom"]]  # fmt: skip
    second = [
        ["geoitem", "period", "a", "geolevel"],
        [11001, 2020, 5, "gemeente2024"],
        [11004, 2020, 2, "gemeente2024"],
        ["11008", "2020", True, "gemeente2024"],
    ]
    book = samples.workbook({"een": first, "uitleg": [["tekst"]], "twee": second, "leeg": []})
    found = imported("swing", book, name="up.xlsx")
    assert samples.values(found) == {("a", "11001", "2020"): 5}
    assert samples.lines(found.rejected) == [
        "up.xlsx, sheet een: row 3: row 3 of up.xlsx, sheet twee says otherwise",
        "up.xlsx, sheet een: row 5, column a: must hold a figure",
        "up.xlsx, sheet twee: row 2: repeats row 2 of up.xlsx, sheet een",
        "up.xlsx, sheet twee: row 3: row 3 of up.xlsx, sheet een says otherwise",
        "up.xlsx, sheet twee: row 4, column a: must be a number, got 'True'",
    ]
    assert found.read == 6
    assert "up.xlsx, sheet een: 1 cells in columns without name are not used" in found.notes
    assert "up.xlsx, sheet een: columns not used: te verwijderen bij upload naam" in found.notes
    assert any(note.startswith("sheet uitleg is not used") for note in found.notes)


def test_a_workbook_without_such_a_sheet_is_refused(imported, samples):
    with pytest.raises(InputError, match="must hold a sheet with the columns period, geolevel, geoitem"):
        imported("swing", samples.workbook({"Data": [["period", "a"], [1, 2]]}), name="up.xlsx")
    with pytest.raises(InputError, match="only a header"):
        imported("swing", samples.workbook({"Data": [["period", "geolevel", "geoitem", "a"]]}), name="up.xlsx")


def test_a_table_of_the_databank_is_read_by_name_or_code(imported, samples):
    headers = [{"name": "Gemeente", "type": "String"}, {"name": "Jaar"}, {"name": "Inwoners", "type": "Numeric"}]
    rows = [["Mechelen", "2024", "87000.0"], ["11001", 2024, 14000], ["Gent", "2024", 5], ["Mol", "2024"],
            ["Lier", "2024", None], ["Geel", "2024", -99997]]  # fmt: skip
    found = imported("swing", samples.as_json({"headers": headers, "rows": rows}), name="table.json")
    known = samples.values(found)
    assert np.isnan(known.pop(("inwoners", "13008", "2024")))
    assert known == {("inwoners", "12025", "2024"): 87000, ("inwoners", "11001", "2024"): 14000}
    assert sorted(rules(found)) == [3, 4, 5]


@pytest.mark.parametrize("content", [[], {"headers": [], "rows": [[1]]}, {"headers": [{"name": "a"}] * 3, "rows": []}])
def test_json_that_is_no_table_is_refused(imported, samples, content):
    with pytest.raises(InputError, match=r"must be a table with headers|at least one row"):
        imported("swing", samples.as_json(content), name="table.json")


def test_the_client_of_the_databank_gives_what_is_read(samples, tmp_path):
    """The client of PyPI asks a server on loopback; its answer is kept as it came."""
    import json
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from urllib.parse import parse_qs, urlsplit

    from stadincijfers import stadincijfers

    asked = []

    class Databank(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(parse_qs(urlsplit(self.path).query))
            names = [{"name": name, "type": kind} for name, kind in
                     (("Gemeente", "String"), ("Jaar", "String"), ("Inwoners", "Numeric"))]  # fmt: skip
            answer = samples.as_json({"headers": names, "rows": [["Mechelen", "2024", "87000"]]})
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Databank)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        client = stadincijfers(f"http://127.0.0.1:{server.server_port}/")
        answer = client.selectiontableasjson("v1", geolevel="gemeente", period="2024")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(answer), encoding="utf-8")
    found = read(path, options=Options())
    assert asked == [{"var": ["v1"], "geolevel": ["gemeente"], "periodlevel": ["year"], "period": ["2024"]}]
    assert samples.values(found) == {("inwoners", "12025", "2024"): 87000}
