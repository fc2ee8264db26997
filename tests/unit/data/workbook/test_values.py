from __future__ import annotations

import datetime

import pytest

from studie import regions
from studie.data.workbook import layout
from studie.data.workbook.known import known
from studie.data.workbook.problems import WrongCellError
from studie.data.workbook.values import Desk, kbo_number, read_cell
from studie.data.workbook.vocabulary import vocabulary

FIELDS = {(sheet.name, field.header): field for sheet in layout.with_groups(["leefloon"]) for field in sheet.fields}


@pytest.fixture(scope="module")
def desk() -> Desk:
    area = regions.region("working-area:rivierenland")
    return Desk(
        words=vocabulary(area, known(area)),
        region=area.title,
        today=datetime.date(2026, 11, 23),
        epoch=datetime.datetime(1899, 12, 30),
    )


@pytest.mark.parametrize(
    ("sheet", "header", "content", "value"),
    [
        ("Aanbod", "Plaatsen", 0, 0),
        ("Aanbod", "Plaatsen", 12.0, 12),
        ("Aanbod", "Plaatsen", "14 293", 14293),
        ("Aanbod", "Plaatsen", "14\u00a0293 ", 14293),
        ("Aanbod", "Plaatsen", "14.293", 14293),
        ("Aanbod", "Plaatsen", " Onbekend ", None),
        ("Aanbod", "Plaatsen", None, None),
        ("Aanbod", "Plaatsen", " \u00a0", None),
        ("Aanbod", "Bezet: VTE", "12,5", 12.5),
        ("Aanbod", "Bezet: VTE", 0.1 + 0.2, 0.3),
        ("Aanbod", "Bezet: VTE", "1.234,5", 1234.5),
        ("Aanbod", "Peildatum", datetime.datetime(2025, 12, 31), datetime.date(2025, 12, 31)),
        ("Aanbod", "Peildatum", 45657, datetime.date(2024, 12, 31)),
        ("Aanbod", "Peildatum", "1/2/2025", datetime.date(2025, 2, 1)),
        ("Aanbod", "Peildatum", "31-12-2024", datetime.date(2024, 12, 31)),
        ("Aanbod", "Peildatum", "2024-12-31", datetime.date(2024, 12, 31)),
        ("Aanbod", "Werkvorm", "CMW – collectief maatwerk", "CMW"),
        ("Aanbod", "Werkvorm", "cmw", "CMW"),
        ("Aanbod", "Werkvorm", "individueel maatwerk", "IMW"),
        ("Aanbod", "Activiteit", "GROENonderhoud", "groenonderhoud"),
        ("Aanbod", "Activiteit", "bijen  houden", "bijen houden"),
        ("Aanbod", "Hoe bekend", "Geteld", "counted"),
        ("Aanbod", "Hoe bekend", "onbekend", "unknown"),
        ("Vestigingen", "Gemeente", "mechelen ", 12025),
        ("Vestigingen", "Gemeente", "Lier (Antwerpen)", 12021),
        ("Vestigingen", "Gemeente", 12021, 12021),
        ("Vestigingen", "NACE-code", 88995, "88995"),
        ("Vestigingen", "NACE-versie", 2008, 2008),
        ("Ondernemingen", "Paritair comité", 327.01, "327.01"),
        ("Ondernemingen", "Naam", "De\u00a0 Zuid\u200bpoort ", "De Zuidpoort"),
        ("Ondernemingen", "Ondernemingsnummer", 207725795, "0207.725.795"),
        ("Doelgroepen", "leefloon", "JA", "ja"),
    ],
)
def test_what_people_type_is_read(desk: Desk, sheet: str, header: str, content: object, value: object) -> None:
    found = read_cell(content, FIELDS[sheet, header], desk)  # type: ignore[arg-type]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("sheet", "header", "content", "rule"),
    [
        ("Aanbod", "Plaatsen", 12.5, "geheel getal"),
        ("Aanbod", "Plaatsen", "12,5", "geheel getal"),
        ("Aanbod", "Plaatsen", -1, "geheel getal"),
        ("Aanbod", "Plaatsen", "10 à 12", "geheel getal"),
        ("Aanbod", "Plaatsen", "-", "geheel getal"),
        ("Aanbod", "Plaatsen", float("inf"), "geheel getal"),
        ("Aanbod", "Plaatsen", 207725795, "te groot"),
        ("Aanbod", "Plaatsen", True, "WAAR"),
        ("Aanbod", "Plaatsen", datetime.datetime(2026, 5, 12), "datum geworden"),
        ("Aanbod", "Plaatsen", "#REF!", "foutmelding van Excel"),
        ("Aanbod", "Bezet: VTE", "14.293", "twee dingen"),
        ("Aanbod", "Bezet: VTE", "12 VTE", "één getal"),
        ("Aanbod", "Peildatum", None, "moet ingevuld zijn"),
        ("Aanbod", "Peildatum", "onbekend", "moet ingevuld zijn"),
        ("Aanbod", "Peildatum", "31/12/24", "moet een datum zijn"),
        ("Aanbod", "Peildatum", "30/02/2025", "moet een datum zijn"),
        ("Aanbod", "Peildatum", 2024, "moet een datum zijn"),
        ("Aanbod", "Peildatum", 1e300, "moet een datum zijn"),
        ("Aanbod", "Peildatum", datetime.time(8, 30), "mag geen uur zijn"),
        ("Aanbod", "Peildatum", datetime.datetime(2025, 1, 1, 8, 30), "zonder uur"),
        ("Aanbod", "Peildatum", datetime.datetime(2026, 11, 24), "niet in de toekomst"),
        ("Aanbod", "Werkvorm", "AMO", "werkvorm uit de lijst"),
        ("Aanbod", "Hoe bekend", "getelt", "bedoelde u 'geteld'"),
        ("Vestigingen", "Gemeente", "Antwerpen", "gemeente van werkingsgebied Rivierenland"),
        ("Vestigingen", "Gemeente", "Mechlen", "bedoelde u 'Mechelen'"),
        ("Vestigingen", "Gemeente", "Borsbeek", "hoort niet bij"),
        ("Vestigingen", "Gemeente", "Puurs", "bestaat niet meer: kies Puurs-Sint-Amands"),
        ("Vestigingen", "NACE-code", "8", "twee tot vijf cijfers"),
        ("Ondernemingen", "Paritair comité", "PC 327", "327.01"),
        ("Ondernemingen", "Naam", "x" * 201, "te lang"),
        ("Ondernemingen", "Naam", "bel\x07", "onleesbare tekens"),
        ("Doelgroepen", "leefloon", "misschien", "ja, nee, onbekend"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_dutch(
    desk: Desk, sheet: str, header: str, content: object, rule: str
) -> None:
    with pytest.raises(WrongCellError, match=rule):
        read_cell(content, FIELDS[sheet, header], desk)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["0207.725.795", "BE 0207.725.795", "0207725795", "207725795", "0207 725 795 – Naam"])
def test_an_enterprise_number_is_read_however_it_is_written(text: str) -> None:
    assert kbo_number(text, establishment=False) == "0207.725.795"


@pytest.mark.parametrize(
    ("text", "establishment", "rule"),
    [
        ("0207.725.796", False, "controlegetal"),
        ("2.000.000.338", True, "controlegetal"),
        ("2.000.000.339", False, "is een vestigingsnummer"),
        ("0207.725.795", True, "is een ondernemingsnummer"),
        ("9.1100.1000", True, "het zijn er 9"),
        ("", False, "tien cijfers"),
        ("②.000.000.339", True, "tien cijfers"),
    ],
)
def test_a_number_that_the_register_cannot_have_given_is_refused(text: str, establishment: bool, rule: str) -> None:
    with pytest.raises(WrongCellError, match=rule):
        kbo_number(text, establishment=establishment)


def test_the_examples_in_the_explanations_are_sound_numbers() -> None:
    assert kbo_number("2.000.000.339", establishment=True) in layout.ESTABLISHMENTS.fields[0].about
    assert kbo_number("0207.725.795", establishment=False) in layout.ENTERPRISES.fields[0].about
