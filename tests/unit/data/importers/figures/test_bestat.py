import copy

import pytest

from studie.errors import InputError


def facts(*rows, province="Provincie Antwerpen", **more):
    labels = ("Gemeente", "Kwartaal", "Aantal vestigingseenheden")
    return {"facts": [{"Provincie": province, **dict(zip(labels, row, strict=True)), **more} for row in rows]}


def read(imported, samples, content, **options):
    return imported("bestat", samples.as_json(content), name="v.json", **options)


def test_facts_of_the_province_are_taken_and_all_others_listed(imported, samples):
    found = read(imported, samples, samples.BESTAT)
    assert samples.values(found) == {
        ("establishment_units", "11001", "2018-Q4"): 1885,
        ("establishment_units", "11021", "2018-Q4"): 961,
    }
    assert found.closing_line == "5 rows read = 2 taken + 3 rejected"
    assert found.rejected["rule"].tolist() == [
        "repeats row 2", "lies outside the province", "has no municipality and lies outside the province"
    ]  # fmt: skip
    assert set(found.tables["indicator"]["note"]) == {"gemeenten van 2025"}
    assert found.origins["indicator"]["row"].tolist() == [1, 2]


def test_names_decide_the_list_of_municipalities(imported, samples):
    old = facts(("Borsbeek", "4de kwartaal 2018", 5.0), ("Antwerpen", "4de kwartaal 2018", 6.0))
    found = read(imported, samples, old)
    assert set(found.tables["indicator"]["note"]) == {"gemeenten van 2019-2024"}
    assert found.taken == 2
    today = read(imported, samples, old, date="2025-06-01")
    assert [today.taken, *today.rejected["value"]] == [1, "Borsbeek"]


def test_an_unknown_name_and_a_name_of_elsewhere_are_listed(imported, samples):
    found = read(
        imported, samples,
        facts(("Nergens", "2018", 5.0), ("Hove (Henegouwen)", "2018", 6.0), ("Mol  ", "2018", 7.0)),
    )  # fmt: skip
    assert found.taken == 1
    assert samples.lines(found.rejected) == [
        "v.json: row 1, column Gemeente: must be a municipality of the province on 2025-01-01, got 'Nergens'",
        "v.json: row 2, column Provincie: lies outside the province, got 'Hove (Henegouwen), Provincie Antwerpen'",
    ]


def test_facts_that_contradict_each_other_are_all_listed(imported, samples):
    found = read(imported, samples, facts(("Mol", "2018", 5.0), ("Mol", "2018", 6.0), ("Geel", "2018", 6.0)))
    assert samples.values(found) == {("establishment_units", "13008", "2018"): 6}
    assert found.rejected["row"].tolist() == [1, 2]


def test_groups_of_a_view_stay_apart(imported, samples):
    content = facts(("Mol", "2018", 5.0), Sector="Bouw")
    content["facts"] += facts(("Mol", "2018", 7.0), Sector="Zorg en welzijn")["facts"]
    found = read(imported, samples, content)
    assert samples.values(found) == {
        ("establishment_units_bouw", "13025", "2018"): 5,
        ("establishment_units_zorg_en_welzijn", "13025", "2018"): 7,
    }
    assert found.tables["indicator"]["population"].tolist()[0].endswith("Sector: Bouw")


def test_a_mapping_names_a_figure(imported, samples):
    content = {"facts": [{"Gemeente": "Mol", "Jaar": "2019", "Bevolking": 5.0}]}
    plain = read(imported, samples, content)
    assert plain.tables["indicator"][["indicator_id", "unit"]].to_numpy().tolist() == [["bevolking", "onbekend"]]
    said = {"indicator_id": "inhabitants", "unit": "personen", "population": "alle inwoners"}
    found = read(imported, samples, content, mapping={"columns": {"Bevolking": said, "Ander": "other"}})
    assert found.tables["indicator"][["indicator_id", "unit"]].to_numpy().tolist() == [["inhabitants", "personen"]]
    assert "mapping: the file has no column ander" in found.notes


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (("Aantal vestigingseenheden", None), "must be a number"),
        (("Aantal vestigingseenheden", "12"), "must be a number"),
        (("Aantal vestigingseenheden", True), "must be a number"),
        (("Aantal vestigingseenheden", 10**400), "must be a number"),
        (("Kwartaal", "5de kwartaal 2018"), "must be a period"),
        (("Kwartaal", None), "must be a period"),
        (("Nieuw", 5), "is a label that most facts do not have"),
        (("Gemeente", ["Mol"]), "must hold texts and numbers only"),
    ],
)
def test_one_wrong_fact_is_listed_and_the_others_stand(imported, samples, change, rule):
    content = copy.deepcopy(samples.BESTAT)
    content["facts"][0][change[0]] = change[1]
    found = read(imported, samples, content)
    assert found.taken == 1
    assert found.rejected.set_index("row")["rule"][1].startswith(rule)


def test_a_label_twice_in_one_fact_is_not_guessed_at(imported, samples):
    text = samples.as_json(samples.BESTAT).decode().replace('"Provincie"', '"Gemeente": "Mol",\n"Provincie"', 1)
    found = imported("bestat", text, name="v.json")
    assert found.rejected.set_index("row")["rule"][1] == "a label must stand there once"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "file is empty"),
        ("[]", "must be {'facts'"),
        ('{"facts": []}', "at least one fact"),
        ('{"facts": [{"Gemeente": "Mol"}]}', "must have one label of Kwartaal, Jaar, Maand"),
        ('{"facts": [{"Gemeente": "Mol", "Jaar": "2018", "Aantal": "5"}]}', "must have a figure"),
        ('{"facts": [{"Gemeente": "Mol", "Jaar": "20', "row 1: must be JSON"),
        ('{"facts": [NaN]}', "NaN is no number in JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"facts": 9' + "9" * 5000 + "}", "must be JSON"),
    ],
)
def test_a_file_that_is_no_view_is_refused_in_one_line(imported, text, said):
    with pytest.raises(InputError, match=said):
        imported("bestat", text, name="v.json")


def test_a_file_in_another_encoding_is_refused(imported):
    with pytest.raises(InputError, match="must be UTF-8"):
        imported("bestat", '{"facts": [{"Gemeente": "Liège"}]}'.encode("latin-1"), name="v.json")
