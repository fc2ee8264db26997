import copy
import datetime

import pytest

from studie.errors import InputError

REGION = "region:02000"
GROUPS = ["Hoofdberoepsgroep", "Beroepsgroep", "Beroep", "Totaal"]
MONTH = "vacatures_202403_all.xlsx"


def read(imported, samples, grid, *, name="vacatures_eoy_since_2011_all.xlsx", merged=(), region=REGION, **options):
    content = samples.workbook({"Info": [["niets"]], "Data": grid}, merged=merged)
    return imported("arvastat", content, name=name, region=region, **options)


def vacancies(found):
    table = found.tables["vacancy"][["sector", "period", "open", "received"]].astype(object)
    return table.where(table.notna(), None).to_numpy().tolist()


def one_month(*rows, title="Ontvangen vacatures", total=None, period="March 2024"):
    counts = [row[-1] for row in rows if isinstance(row[-1], int)]
    return [
        [title], [], [], [period], [], GROUPS, *rows, [None, None, "Totaal", sum(counts) if total is None else total]
    ]  # fmt: skip


METSER, DAKWERKER = ["Bouw", "Ruwbouw", "Metser"], ["Bouw", "Ruwbouw", "Dakwerker"]
ZORG = ["Zorg", "Zorg", "Zorgkundige"]


def test_months_with_occupations_become_sectors(imported, samples):
    found = read(imported, samples, samples.ARVASTAT)
    assert vacancies(found) == [
        ["bouw", "2024-03", None, None],
        ["bouw", "2024-04", 0, None],
        ["zorg", "2024-03", 14293, None],
        ["zorg", "2024-04", 3, None],
    ]
    assert samples.values(found) == {
        ("vacancies_open_bouw_lower", "02000", "2024-03"): 15,
        ("vacancies_open_bouw_upper", "02000", "2024-03"): 17,
    }
    assert found.closing_line == "6 rows read = 5 taken + 1 rejected"
    assert "occupation group is in no sector" in found.rejected["rule"][0]
    assert any("assigned to a sector as `mogelijk`" in note for note in found.notes)
    assert any("1 of 4 sums are not known" in note for note in found.notes)


def test_the_month_of_the_first_variant_stands_in_the_file_name(imported, samples):
    grid = one_month([*METSER, 4], [*ZORG, 0])
    found = read(imported, samples, grid, name=MONTH)
    assert vacancies(found) == [["bouw", "2024-03", None, 4], ["zorg", "2024-03", None, 0]]
    assert vacancies(read(imported, samples, grid, name="other.xlsx"))[0][1] == "2024-03"


def test_a_month_that_is_nowhere_or_contradicted_is_refused(imported, samples):
    with pytest.raises(InputError, match=r"must stand in the file name, as vacatures_YYYYMM_all\.xlsx"):
        read(imported, samples, one_month([*METSER, 4], period="2024"), name="other.xlsx")
    with pytest.raises(InputError, match="cell A4 must be about the month of the file name, 2024-05"):
        read(imported, samples, one_month([*METSER, 4]), name="vacatures_202405_all.xlsx")


def test_the_total_of_one_month_tells_a_single_hidden_count(imported, samples):
    rows = [[*METSER, 4], [*DAKWERKER, "-"], [*ZORG, 9]]
    found = read(imported, samples, one_month(*rows, total=15), name=MONTH)
    assert vacancies(found) == [["bouw", "2024-03", None, 6], ["zorg", "2024-03", None, 9]]
    assert found.tables["indicator"].empty


def test_the_total_must_be_the_sum(imported, samples):
    rows = [[*METSER, 4], [*DAKWERKER, "\u2013"], [*ZORG, 9]]
    for total in (13, 17, "-"):
        with pytest.raises(InputError, match="row 10: Totaal must be the sum of the rows above, 14 to 16"):
            read(imported, samples, one_month(*rows, total=total), name=MONTH)
    with pytest.raises(InputError, match="must be the sum of the rows above, 13, got 14"):
        read(imported, samples, one_month(rows[0], rows[2], total=14), name=MONTH)


def test_the_total_of_a_stock_over_months_is_not_believed(imported, samples):
    grid = copy.deepcopy(samples.ARVASTAT)
    grid[-1][-1] = 5
    assert read(imported, samples, grid).taken == 5
    grid[0] = ["Ontvangen vacatures"]
    with pytest.raises(InputError, match="Totaal must be the sum"):
        read(imported, samples, grid)


def test_a_file_made_for_one_sector_needs_no_occupations(imported, samples):
    grid = [
        ["Ontvangen vacatures"], [], [], ["x"],
        ["Maand", "Studies detail", "Totaal"],
        ["January 2016", "Laaggeschoold", 1000],
        ["January 2016", "Andere", "62"],
        ["Totaal", "", 1062],
    ]  # fmt: skip
    found = read(imported, samples, grid, sector="bouw")
    assert vacancies(found) == [["bouw", "2016-01", None, 1062]]
    with pytest.raises(InputError, match="counts by studies and names no occupations; give the sector"):
        read(imported, samples, grid)
    with pytest.raises(InputError, match="sector: unknown value 'bow'"):
        read(imported, samples, grid, sector="bow")


def test_job_seekers_are_kept_by_occupation_group_with_bounds(imported, samples):
    rows = [[*METSER, 40], [*DAKWERKER, "-"], [*ZORG, 7], ["ZORG", "x", "y", "-"]]
    grid = one_month(*rows, title="Werkzoekenden zonder werk", total=51)
    found = read(imported, samples, grid, name=MONTH)
    table = found.tables["jobseeker"]
    assert table[["occupation_group", "period"]].to_numpy().tolist() == [["Bouw", "2024-03"], ["Zorg", "2024-03"]]
    assert table["persons"].isna().all()
    assert table[["lower", "upper"]].to_numpy().tolist() == [[41, 43], [8, 10]]
    with pytest.raises(InputError, match="leave the sector out"):
        read(imported, samples, grid, name=MONTH, sector="bouw")


def test_a_sum_that_lacks_a_record_is_left_out_whole(imported, samples):
    grid = one_month([*METSER, 4], [*DAKWERKER, "veel"], [*ZORG, 9], total=20)
    found = read(imported, samples, grid, name=MONTH)
    assert vacancies(found) == [["zorg", "2024-03", None, 9]]
    assert samples.lines(found.rejected) == [
        f"{MONTH}: row 7: the sum of bouw in 2024-03 needs row 8, which is not taken",
        f"{MONTH}: row 8, column Totaal: must be a count, or a dash, got 'veel'",
    ]
    assert any("was not held against the records" in note for note in found.notes)


@pytest.mark.parametrize("wrong", [None, "", "-3", -3, 2.5, True, "1,5", "14.000,5", datetime.datetime(2024, 1, 5)])
def test_what_is_no_count_is_listed(imported, samples, wrong, tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Data"
    for row in one_month([*METSER, wrong], [*ZORG, 9], total=9):
        book.active.append(row)
    book.save(tmp_path / "made.xlsx")
    found = imported("arvastat", (tmp_path / "made.xlsx").read_bytes(), name=MONTH, region=REGION)
    assert vacancies(found) == [["zorg", "2024-03", None, 9]]
    assert found.rejected["rule"].tolist() == ["must be a count, or a dash"]


@pytest.mark.parametrize("count", [14293, 14293.0, "14293", "14 293", "14.293", "14\u00a0293"])
def test_a_count_is_read_however_it_is_written(imported, samples, count):
    found = read(imported, samples, one_month([*METSER, count], total=14293), name=MONTH)
    assert vacancies(found) == [["bouw", "2024-03", None, 14293]]


def test_merged_labels_hold_for_all_their_rows(imported, samples):
    grid = copy.deepcopy(samples.ARVASTAT)
    for row, column in ((7, 0), (8, 0), (7, 1), (7, 2)):
        grid[row][column] = None
    merged = ["A7:A9", "B7:B8", "C7:C8"]
    whole, spread = read(imported, samples, samples.ARVASTAT), read(imported, samples, grid, merged=merged)
    assert vacancies(spread) == vacancies(whole)
    bare = read(imported, samples, grid)
    assert "must not be empty" in bare.rejected.set_index("row")["rule"][8]


def test_a_merged_count_is_not_counted_twice(imported, samples):
    grid = one_month([*METSER, 4], [*DAKWERKER, None], [*ZORG, 9], total=17)
    found = read(imported, samples, grid, name=MONTH, merged=["D7:D8"])
    assert vacancies(found) == [["zorg", "2024-03", None, 9]]


def test_months_may_be_dates_of_excel(imported, samples, tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Data"
    grid = copy.deepcopy(samples.ARVASTAT)
    for row in grid[6:9]:
        row[0] = datetime.date(2024, 3, 1)
    for row in grid:
        book.active.append(row)
    book.save(tmp_path / "made.xlsx")
    found = imported("arvastat", (tmp_path / "made.xlsx").read_bytes(), name="f.xlsx", region=REGION)
    assert vacancies(found) == vacancies(read(imported, samples, samples.ARVASTAT))


def test_repeated_rows_count_once_and_contradictions_not_at_all(imported, samples):
    twice = one_month([*METSER, 4], [*METSER, 4], [*ZORG, 9], total=13)
    found = read(imported, samples, twice, name=MONTH)
    assert vacancies(found) == [["bouw", "2024-03", None, 4], ["zorg", "2024-03", None, 9]]
    assert found.rejected["rule"].tolist() == ["repeats row 7"]
    other = read(imported, samples, one_month([*METSER, 4], [*METSER, 5], [*ZORG, 9]), name=MONTH)
    assert vacancies(other) == [["zorg", "2024-03", None, 9]]
    assert set(other.rejected["rule"]) == {"another row of the same month and labels says otherwise"}


def test_subtotals_are_not_counted_again(imported, samples):
    sub = ["Bouw", "Totaal", None, 4]
    found = read(imported, samples, one_month([*METSER, 4], sub, [*ZORG, 9], total=13), name=MONTH)
    assert vacancies(found) == [["bouw", "2024-03", None, 4], ["zorg", "2024-03", None, 9]]
    assert found.rejected["rule"].tolist() == ["is a subtotal, which is not counted again"]
    wrong = read(imported, samples, one_month([*METSER, 4], [*sub[:3], 7], [*ZORG, 9], total=13), name=MONTH)
    assert vacancies(wrong) == [["zorg", "2024-03", None, 9]]


def test_rows_after_the_total_are_listed_and_texts_noted(imported, samples):
    grid = [*one_month([*METSER, 4]), [], ["Bron: VDAB"], [*ZORG, 9]]
    found = read(imported, samples, grid, name=MONTH)
    assert found.rejected["rule"].tolist() == ["stands after the row Totaal"]
    assert "row 10: Bron: VDAB" in found.notes
    assert found.read == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda g: g.__setitem__(0, ["Vacatures"]), "cell A1 must be Ontvangen vacatures"),
        (lambda g: g.__setitem__(5, ["a", "b", "Totaal"]), "must have a header row"),
        (lambda g: g.__delitem__(-1), "must end with a row Totaal; the file may be cut off"),
        (lambda g: g.__setitem__(-1, ["Totaal", None, None, None, "x"]), "row 13, column Totaal: must be a count"),
        (lambda g: g.__delitem__(slice(6, 12)), "must hold at least one row, got only a header"),
        (lambda g: g.clear(), "cell A1 must be"),
    ],
)
def test_a_sheet_that_is_no_export_is_refused(imported, samples, change, said):
    grid = copy.deepcopy(samples.ARVASTAT)
    change(grid)
    with pytest.raises(InputError, match=said):
        read(imported, samples, grid)


def test_a_region_must_be_given_and_the_sheet_must_be_there(imported, samples):
    with pytest.raises(InputError, match="does not say which area"):
        read(imported, samples, samples.ARVASTAT, region="")
    with pytest.raises(InputError, match="sheet: unknown value 'Data'"):
        imported("arvastat", samples.workbook({"Blad1": samples.ARVASTAT}), name="f.xlsx", region=REGION)
