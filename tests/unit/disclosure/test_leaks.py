"""Small counts of persons are found in texts and tables, and large ones are left alone."""

import pandas as pd
import pytest

from studie.disclosure import leaks


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Hier wachten 3 mensen.", 3),
        ("Alt: drie laaggeschoolde personen op de kaart", 3),
        ("2 van de 41 medewerkers", 2),
        ("39 van de 41 medewerkers", 2),
        ("41 medewerkers, van wie 38 vrouwen", 3),
        ("5 % van de 41 deelnemers", 2.1),
        ("zeven werk-\nzoekenden", 7),
    ],
)
def test_a_small_count_is_found(text, count):
    found = leaks.scan({"alt": text})
    assert not found.passed
    assert count in found.frame["count"].tolist()


@pytest.mark.parametrize(
    "text",
    [
        "1.083 mensen",
        "1 083 personen",
        "een op de drie mensen",
        "minder dan tien mensen",
        "4,2 personen per plaats",
        "tweeëntwintig mensen",
        "31 van de 67 gemeenten",
        "na 6 maanden zijn 120 mensen uitgestroomd",
        "20 van de 41 medewerkers",
    ],
)
def test_what_is_no_small_count_is_left_alone(text):
    assert leaks.scan({"text": text}).frame.empty


def test_a_hidden_cell_is_found_by_its_labels_and_count():
    secrets = pd.DataFrame({"labels": [("Aartselaar", "zorg")], "n": [14]})
    assert not leaks.scan({"legend": "Aartselaar, zorg: 14"}, secrets=secrets).passed
    assert leaks.scan({"legend": "Aartselaar, zorg: 15\nBoom: 14"}, secrets=secrets).passed


def test_a_small_cell_of_an_exported_table_is_found():
    frame = pd.DataFrame(
        {"quantity": "q", "estimate": [4.0, 40.0], "lower": 0, "upper": 50, "n": [400, 400], "unit": "persons"}
    )
    assert leaks.scan({}, frames={"table.csv": frame}).frame["count"].tolist() == [4.0]
