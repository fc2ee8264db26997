import pytest

from studie.errors import InputError

HEADER = "periode;cmw_aantal_toegekend_vte;cmw_aantal_vte;cmw_subsidiebedrag"


def rules(found):
    return found.rejected.set_index("row")["rule"].to_dict()


def test_records_add_up_per_quarter_for_flanders(imported, samples):
    found = imported("wewis", samples.WEWIS, name="cmw03.csv")
    assert samples.values(found) == {
        ("cmw_granted_vte", "02000", "2025-Q4"): 121.5,
        ("cmw_filled_vte", "02000", "2025-Q4"): 91.25,
        ("cmw_subsidy", "02000", "2025-Q4"): 1210.1,
        ("cmw_granted_vte", "02000", "2026-Q1"): 122.5,
        ("cmw_filled_vte", "02000", "2026-Q1"): 108.25,
        ("cmw_subsidy", "02000", "2026-Q1"): 1202.1,
    }
    table = found.tables["indicator"].set_index(["indicator_id", "period"])
    assert table.loc[("cmw_filled_vte", "2025-Q4"), "note"] == "som zonder 1 lege cel van de bron"
    assert table.loc[("cmw_subsidy", "2025-Q4"), ["unit", "note"]].tolist() == ["euro", ""]
    assert found.closing_line == "5 rows read = 5 taken + 0 rejected"
    assert "columns not used: gemeente, maatregel" in found.notes


def test_a_column_of_places_gives_the_municipalities(imported, samples):
    found = imported("wewis", samples.WEWIS, name="cmw03.csv", mapping={"place": "Gemeente"})
    assert samples.values(found)[("cmw_granted_vte", "12025", "2025-Q4")] == 100.5
    assert set(found.tables["indicator"]["region"]) == {"municipality:12025", "municipality:12021"}
    assert samples.lines(found.rejected) == ["cmw03.csv: row 4, column gemeente: lies outside the province, got 'Gent'"]


def test_a_figure_that_the_source_leaves_empty_everywhere_is_unknown(imported, samples):
    found = imported("wewis", samples.WEWIS, name="cmw03.csv", mapping={"place": "gemeente"})
    assert samples.values(found)[("cmw_filled_vte", "12021", "2025-Q4")] != 0
    table = found.tables["indicator"].set_index(["indicator_id", "region", "period"])
    row = table.loc[("cmw_filled_vte", "municipality:12021", "2025-Q4")]
    assert row.isna()["value"] and row["note"] == "som zonder 1 lege cel van de bron"


def test_further_columns_are_kept_where_a_mapping_names_them(imported, samples):
    text = f"{HEADER};cmw_aantal_koppen;regio\n2025 K4;1;2;3;4;x\n"
    said = {"columns": {"cmw_aantal_koppen": "cmw_persons"}}
    found = imported("wewis", text, name="c.csv", region="province:10000", mapping=said)
    assert samples.values(found)[("cmw_persons", "10000", "2025-Q4")] == 4
    assert "columns not used: regio" in found.notes


def test_a_sum_that_lacks_a_record_is_left_out_whole(imported, samples):
    text = f"{HEADER}\n2025 K4;1;2;3\n2025 K4;veel;2;3\n2026 K1;4;5;6\n"
    found = imported("wewis", text, name="c.csv")
    assert {key[2] for key in samples.values(found)} == {"2026-Q1"}
    assert rules(found) == {
        2: "the sum of 2025-Q4 needs row 3, which is not taken",
        3: "must be a number with a point as decimal mark",
    }


@pytest.mark.parametrize("bad", ["K4 2025;1;2;3", "2025 K4;1;2", "2025 K4;1;2;3;4"])
def test_a_record_of_an_unknown_quarter_leaves_no_sum_certain(imported, bad):
    found = imported("wewis", f"{HEADER}\n2025 K4;1;2;3\n{bad}\n2026 K1;4;5;6\n", name="c.csv")
    assert found.tables["indicator"].empty
    assert found.taken == 0


def test_a_file_that_was_cut_off_gives_no_sum(imported, samples):
    found = imported("wewis", samples.WEWIS[:-2], name="c.csv")
    assert found.taken == 0
    assert rules(found)[6] == "the file ends within this record"


def test_repeated_and_empty_records_are_listed_and_harm_no_sum(imported, samples):
    found = imported("wewis", f"{HEADER}\n2025 K4;1;2;3\n2025 K4;1;2;3\n2025 K4;;;\n", name="c.csv")
    assert samples.values(found)[("cmw_subsidy", "02000", "2025-Q4")] == 3
    assert rules(found) == {3: "repeats an earlier row in every column", 4: "must hold a figure"}


def test_a_decimal_comma_of_a_spreadsheet_is_understood(imported, samples):
    found = imported("wewis", f"{HEADER}\n2025 K4;1.100,5;2,25;3\n", name="c.csv")
    assert list(samples.values(found).values()) == [1100.5, 2.25, 3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "file is empty"),
        (HEADER, "only a header"),
        (HEADER.replace(";", ",") + "\n2025 K4,1,2,3\n", "separator must be ';', got ','"),
        ("periode;x\n2025 K4;1\n", "column cmw_aantal_toegekend_vte is missing"),
        ("x;cmw_aantal_vte\n2025 K4;1\n", "column periode is missing"),
        (f"{HEADER};PERIODE\n2025 K4;1;2;3;4\n", "differ only in capitals"),
    ],
)
def test_a_file_that_is_not_cmw03_is_refused(imported, text, said):
    with pytest.raises(InputError, match=said):
        imported("wewis", text, name="c.csv")


def test_a_region_and_a_place_must_exist(imported, samples):
    with pytest.raises(InputError, match="got 'province:x'"):
        imported("wewis", samples.WEWIS, name="c.csv", region="province:x")
    with pytest.raises(InputError, match="column stad is missing"):
        imported("wewis", samples.WEWIS, name="c.csv", mapping={"place": "stad"})
