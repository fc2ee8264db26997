import copy

import pytest

from studie.errors import InputError

FIRST = "freq,s_adj,nace_r2,sizeclas,indic_em,geo\\TIME_PERIOD\t2024-Q1 \t2024-Q2 \n"


def rules(found):
    return found.rejected.set_index("row")["rule"].to_dict()


def rows(found):
    columns = ["indicator_id", "region", "period", "value", "unit", "status", "note"]
    table = found.tables["indicator"][columns].astype(object)
    return table.where(table.notna(), None).to_numpy().tolist()


def test_series_become_indicators_with_their_flags(imported, samples):
    found = imported("eurostat_tsv", samples.EUROSTAT, name="jvs.tsv")
    assert rows(found) == [
        ["job_vacancies_nace_f", "country:BE", "2023-Q4", 14293, "vacatures", "gepubliceerd", ""],
        ["job_vacancies_nace_f", "country:BE", "2024-Q1", 13000, "vacatures", "voorlopig", "voorlopig"],
        ["job_vacancies_nace_f", "country:BE", "2024-Q2", None, "vacatures", "gepubliceerd", "vertrouwelijk"],
        ["job_vacancy_rate_nace_q", "country:BE", "2023-Q4", 4.7, "%", "raming", "breuk in de reeks; raming"],
        ["job_vacancy_rate_nace_q", "country:BE", "2024-Q2", 5.1, "%", "gepubliceerd", ""],
    ]
    assert samples.lines(found.rejected) == ["jvs.tsv: row 4, column geo: is no area of the study, got 'FR'"]
    assert found.notes == ("1 values are missing at the source and give no row",)


@pytest.mark.parametrize(
    ("series", "identifier"),
    [
        ("Q,NSA,B-S,TOTAL,JOBVAC,BE", "job_vacancies_nace_b_s"),
        ("Q,SA,F,GE10,JOBVAC,BE", "job_vacancies_sa_nace_f_ge10"),
        ("Q,NSA,F,TOTAL,JOBOCC,BE", "occupied_jobs_nace_f"),
        ("Q,NSA,F,TOTAL,OTHER,BE", "other_nace_f"),
    ],
)
def test_dimensions_are_part_of_the_identifier(imported, series, identifier):
    found = imported("eurostat_tsv", f"{FIRST}{series}\t1 \t: \n", name="jvs.tsv")
    assert found.tables["indicator"]["indicator_id"].tolist() == [identifier]


def test_the_unit_is_part_of_an_unknown_measure(imported):
    text = "freq,unit,geo\\TIME_PERIOD\t2024\nA,NR,BE21\t5\nA,PC,BE21\t6\n"
    found = imported("eurostat_tsv", text, name="x.tsv")
    assert [row[:2] + row[3:5] for row in rows(found)] == [
        ["eurostat_nr", "province:10000", 5, "aantal"],
        ["eurostat_pc", "province:10000", 6, "%"],
    ]


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        ("Q,NSA,F,TOTAL,JOBVAC,BE\tx \t1 ", "must be a number"),
        ("Q,NSA,F,TOTAL,JOBVAC,BE\t1 q\t1 ", "must have flags of"),
        ("Q,NSA,F,TOTAL,JOBVAC,BE\t \t1 ", "must be a value, or `:`"),
        ("Q,NSA,F,TOTAL,JOBVAC,BE\t: \t: ", "must hold a value"),
        ("A,NSA,F,TOTAL,JOBVAC,BE\t1 \t: ", "must be a period of frequency A"),
        ("Q,NSA,,TOTAL,JOBVAC,BE\t1 \t1 ", "must not be empty"),
        ("Q,NSA,F,JOBVAC,BE\t1 \t1 ", "must have 6 dimensions"),
        ("Q,NSA,F,TOTAL,JOBVAC,BE\t1 ", "must have 3 fields"),
    ],
)
def test_a_wrong_series_is_listed_and_the_others_stand(imported, record, rule):
    found = imported("eurostat_tsv", f"{FIRST}{record}\nQ,NSA,Q,TOTAL,JOBVAC,BE\t1\t2\n", name="jvs.tsv")
    assert found.taken == 1
    assert rule in rules(found)[2]


def test_repeated_and_contradicting_series_are_listed(imported, samples):
    one, other = "Q,NSA,Q,TOTAL,JOBVAC,BE\t1\t2\n", "Q,NSA,F,TOTAL,JOBVAC,BE\t1\t2\n"
    found = imported("eurostat_tsv", FIRST + one + one + other + other.replace("\t2", "\t3"), name="jvs.tsv")
    assert samples.values(found) == {
        ("job_vacancies_nace_q", "BE", "2024-Q1"): 1, ("job_vacancies_nace_q", "BE", "2024-Q2"): 2
    }  # fmt: skip
    assert rules(found)[3] == "repeats row 2"
    assert sorted(rules(found)) == [3, 4, 5]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "file is empty"),
        (FIRST, "only a header"),
        (FIRST.replace("\t", ","), "separator must be a tab"),
        (FIRST.replace("\\TIME_PERIOD", ""), "must end with"),
        (FIRST.replace("geo", "place"), "geo among them"),
        (FIRST.replace("2024-Q1", "kwartaal"), "must be a period"),
        (FIRST.replace("2024-Q2", "2024Q1"), "a period stands there twice"),
    ],
)
def test_a_file_that_is_no_tsv_of_eurostat_is_refused(imported, text, said):
    with pytest.raises(InputError, match=said):
        imported("eurostat_tsv", text, name="jvs.tsv")


def test_a_cube_gives_the_same_indicators(imported, samples):
    found = imported("eurostat_jsonstat", samples.as_json(samples.JSONSTAT), name="jvs.json")
    assert rows(found) == [
        ["job_vacancies_nace_f", "country:BE", "2023-Q4", 14293, "vacatures", "gepubliceerd", ""],
        ["job_vacancies_nace_f", "country:BE", "2024-Q1", 13000, "vacatures", "voorlopig", "voorlopig"],
        ["job_vacancies_nace_f", "country:BE", "2024-Q2", None, "vacatures", "gepubliceerd", "vertrouwelijk"],
        ["job_vacancies_nace_q", "country:BE", "2023-Q4", 2.5, "vacatures", "gepubliceerd", ""],
    ]
    assert found.closing_line == "4 rows read = 4 taken + 0 rejected"
    assert found.notes == ("2 values are missing at the source and give no row",)


def test_values_may_be_a_list_and_one_flag_may_hold_for_all(imported, samples):
    cube = samples.JSONSTAT | {"value": [1, 2, None, 4, 5, "6"], "status": "e"}
    found = imported("eurostat_jsonstat", samples.as_json(cube), name="jvs.json")
    assert set(found.tables["indicator"]["status"]) == {"raming"}
    assert rules(found) == {6: "must be a number"}


def test_an_unknown_area_period_or_flag_is_listed(imported, samples):
    cube = copy.deepcopy(samples.JSONSTAT)
    cube["dimension"]["time"]["category"]["index"] = {"2023-Q4": 0, "later": 1, "2024-Q2": 2}
    cube["status"] = {"0": "?"}
    found = imported("eurostat_jsonstat", samples.as_json(cube), name="jvs.json")
    assert sorted(rules(found)) == [1, 2]
    cube["dimension"]["geo"]["category"]["index"] = {"FR": 0}
    assert imported("eurostat_jsonstat", samples.as_json(cube), name="jvs.json").taken == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"class": "collection"}, "must be a JSON-stat dataset"),
        ({"id": ["freq"]}, "size must have as many entries"),
        ({"id": ["freq", "freq", "indic_em", "geo", "time"]}, "must name each dimension once"),
        ({"size": [1, 2, 1, 1, 4]}, "dimension time must have a category"),
        ({"size": "x"}, "must have id, size and dimension"),
        ({"value": [1, 2]}, "value must have 6 entries"),
        ({"value": {"6": 1}}, "places must lie from 0 to 5, got '6'"),
        ({"value": {"-1": 1}}, "places must lie"),
        ({"value": None}, "value must be a list"),
        ({"value": {}, "status": {}}, "at least one value"),
        ({"dimension": {}}, "dimension freq must have a category"),
    ],
)
def test_a_cube_that_does_not_fit_itself_is_refused(imported, samples, change, said):
    with pytest.raises(InputError, match=said):
        imported("eurostat_jsonstat", samples.as_json(samples.JSONSTAT | change), name="jvs.json")


def test_a_cube_without_place_or_time_is_refused(imported, samples):
    cube = copy.deepcopy(samples.JSONSTAT)
    cube["id"][3] = "where"
    cube["dimension"]["where"] = cube["dimension"].pop("geo")
    with pytest.raises(InputError, match="dimensions geo and time once"):
        imported("eurostat_jsonstat", samples.as_json(cube), name="jvs.json")


def test_a_cube_that_would_fill_the_memory_is_refused(imported, samples):
    codes = [str(i) for i in range(800)]
    wide = {"category": {"index": codes}}
    cube = samples.JSONSTAT | {"id": ["geo", "time"], "size": [800, 800], "dimension": {"geo": wide, "time": wide}}
    with pytest.raises(InputError, match="at most 500000 cells, got 640000"):
        imported("eurostat_jsonstat", samples.as_json(cube), name="jvs.json")


def test_a_name_twice_is_not_guessed_at(imported, samples):
    text = samples.as_json(samples.JSONSTAT).decode().replace('"0": 14293', '"0": 14293, "0": 5')
    with pytest.raises(InputError, match="every name must stand once"):
        imported("eurostat_jsonstat", text, name="jvs.json")
