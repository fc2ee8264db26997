"""What the chapter on the commitments says, as a reader meets it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from studie.data.monitor import Monitor
from studie.present import tables, wording

BLANK: dict[str, Any] = {
    "section": "leemtes invullen", "quote": "een belofte", "indicator": "wat", "status": "onbekend",
    "data_status": "none", "measure": "", "estimate": np.nan, "lower": np.nan, "upper": np.nan, "n": np.nan,
    "unit": "", "period": "", "region": "", "remark": "", "fact": "", "event": "", "chapter": "60-middelen",
    "title": "", "holders": ("provincie Antwerpen",), "tables": (),
}  # fmt: skip


def monitored(*rows: dict[str, Any]) -> Monitor:
    found = [{**BLANK, "commitment_id": f"E{i:02d}", **row} for i, row in enumerate(rows)]
    return Monitor(commitments=pd.DataFrame(found).set_index("commitment_id"), n=len(found))


def cell(**known: Any) -> str:
    return str(tables.monitor(monitored({"measure": "x", "data_status": "observed", **known})).rows[0][2])


PLACES = {"estimate": 1234.0, "unit": "places"}


def test_a_row_says_what_who_and_where() -> None:
    shown = tables.monitor(monitored({"holders": ("VDAB", "OCMW's")}, {"title": "Middelen", "data_status": "own"}))
    assert shown.rows == [
        ["E00: een belofte", "wat", "onbekend", "geen; te vragen aan: VDAB en OCMW's", "Middelen (volgt)"],
        ["E01: een belofte", "wat", "onbekend", "eigen gegevens", "Middelen"],
    ]
    assert shown.note == "Wat ervan kwam: van alle onbekend."
    assert shown.caption == "Leemtes invullen"


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (PLACES, "1.234 voltijdse plaatsen"),
        ({**PLACES, "estimate": 1.0}, "1 voltijdse plaats"),
        ({**PLACES, "period": "../2025"}, "1.234 voltijdse plaatsen (tot en met 2025)"),
        ({**PLACES, "period": "2024-12-31"}, "1.234 voltijdse plaatsen (december 2024)"),
        ({**PLACES, "period": "2022/2023"}, "1.234 voltijdse plaatsen (2022 tot 2023)"),
        ({**PLACES, "period": "onbekend"}, "1.234 voltijdse plaatsen (jaar onbekend)"),
        (
            {**PLACES, "region": "region:02000", "period": "2024-03"},
            "1.234 voltijdse plaatsen (Vlaanderen, maart 2024)",
        ),
        ({"estimate": 2.42, "unit": "euro per jaar"}, "2,42 euro per jaar"),
        ({"estimate": 2.42, "unit": "mensen per plaats", "indicator": "druk: mensen per plaats"}, "2,42"),
        ({"estimate": 0.2, "lower": 0.1, "upper": 0.3, "n": 500.0, "unit": "probability"}, "20\u00a0% (10-30\u00a0%)"),
        ({"estimate": 0.01, "n": 100.0, "unit": "share"}, "te klein"),
        ({"estimate": 4.0, "unit": "personen"}, "te klein"),
        ({"estimate": 30.0, "n": 30.0, "unit": "duos"}, "30 duo's"),
        ({"estimate": 7.0, "n": 7.0, "unit": "duos"}, "te klein"),
        ({"estimate": 1.0, "n": 7.0, "unit": "share"}, "te klein"),
        ({"estimate": 1.0, "lower": 0.5, "upper": 1.0, "unit": "share"}, "100\u00a0% (50-100\u00a0%)"),
        ({"fact": "2020-05-28"}, "feit van 28 mei 2020"),
        ({**PLACES, "fact": "2020-05-28"}, "1.234 voltijdse plaatsen; feit van 28 mei 2020"),
    ],
)
def test_a_value_is_said_with_unit_area_and_period(known: dict[str, Any], text: str) -> None:
    assert cell(**known) == text


def test_a_remark_of_the_source_stands_under_the_table_once() -> None:
    shown = tables.monitor(monitored({"remark": "lager is krapper"}, {}, {"remark": "lager is krapper"}))
    assert shown.note == "Wat ervan kwam: van alle onbekend. E00 en E02: lager is krapper."


def test_what_came_of_it_is_a_column_where_it_differs() -> None:
    shown = tables.monitor(MIXED)
    assert [column.label for column in shown.columns][:2] == ["Engagement", "Stand"]
    assert [row[1] for row in shown.rows] == ["gedaan", "bezig", "onbekend"]
    assert shown.note is None


MIXED = monitored(
    {"status": "gedaan", "data_status": "observed", "fact": "2023-09-20", "event": "een stap"},
    {"section": "besluit", "status": "bezig", "data_status": "demonstration", "title": "Middelen"},
    {"holders": ("provincie Antwerpen", "VDAB")},
)


def test_the_summary_counts_every_heading_and_all_together() -> None:
    shown = tables.monitor_summary(MIXED)
    assert shown.rows == [
        ["Leemtes invullen", "2", "1", "0", "1", "1", "0", "1"],
        ["Besluit", "1", "0", "1", "0", "0", "1", "0"],
        ["Samen", "3", "1", "1", "1", "1", "1", "1"],
    ]
    assert set(shown.frame["unit"]) == {"commitments"}


def test_holders_are_listed_with_what_they_could_give() -> None:
    assert tables.monitor_holders(MIXED).rows == [["Provincie Antwerpen", "2", "E01, E02"], ["VDAB", "1", "E02"]]


def test_dated_facts_stand_apart() -> None:
    assert tables.monitor_facts(MIXED).rows == [["20 september 2023", "Een stap", "E00"]]


def test_what_became_of_the_plan_and_its_opposites() -> None:
    first, second = wording.monitor(MIXED)
    assert first.text == (
        "Van de 3 engagementen van het actieplan zijn er 1 gedaan en 1 bezig; van 1 is onbekend wat ervan kwam."
    )
    assert second.text == (
        "Voor 1 is wat we weten waargenomen of eigen (een cijfer of een gedateerd feit), voor 1 rust een cijfer op "
        "demonstratiegegevens en voor 1 is er geen enkel gegeven."
    )
    nothing, _ = wording.monitor(monitored({}, {}))
    assert nothing.text.startswith("Van geen van de 2 engagementen")
    done, all_ = wording.monitor(monitored({"status": "gedaan", "data_status": "own"}))
    assert done.text.startswith("Van elk van de 1 engagementen")
    assert all_.text.startswith("Voor alle 1 engagementen")


def test_whom_to_ask_and_its_opposite() -> None:
    assert wording.monitor_holders(MIXED)[0].text.endswith("te vragen aan de provincie Antwerpen: over 2 engagementen.")
    known = monitored({"data_status": "observed"})
    assert wording.monitor_holders(known)[0].text == "Er ontbreekt geen enkel waargenomen cijfer."


def test_the_check_names_what_is_not_reachable_and_its_opposite() -> None:
    _, second, third = wording.monitor_complete(MIXED)
    assert second.text.startswith("Elk engagement heeft een hoofdstuk")
    assert third.text == "Van 2 engagementen is het hoofdstuk nog niet geschreven."
    lost = monitored({"holders": (), "title": "Middelen"})
    _, second, third = wording.monitor_complete(lost)
    assert second.text.endswith(": E00.")
    assert third.text == "Alle hoofdstukken waarnaar verwezen wordt, bestaan."


def test_the_headline_says_what_is_known_and_what_registration_would_bring() -> None:
    became, ask = wording.monitor_headline(MIXED)
    assert became.meaning == wording.monitor(MIXED)[1].text
    assert ask.meaning == "Over 1 engagement is er nog geen enkel gegeven."
    assert wording.monitor_numbers(MIXED)[0].value == "1 van 3"
    assert wording.monitor_unknown(MIXED) == ["Wat er kwam van 1 van de 3 engagementen."]
    known = monitored({"status": "gedaan", "data_status": "own"})
    assert wording.monitor_headline(known)[1].meaning == "Van elk engagement is er minstens iets om te volgen."
    assert wording.monitor_unknown(known) == []


def test_cells_that_the_study_emptied_stay_empty() -> None:
    found = monitored({"measure": "x", "data_status": "own", **PLACES})
    frame = found.to_frame().assign(cell_status="suppressed")
    assert tables.monitor(replace(found), frame=frame).rows[0][2] == "te klein"
