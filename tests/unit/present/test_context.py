"""Where the study comes from: the plan's own words, steps to the platform, four definitions."""

import pandas as pd
import pytest

from studie.data import catalogue
from studie.present import glossary, tables, wording

DATED = pd.DataFrame(
    {
        "date": ["2020-05-28", "2023-09-20", "2019-01-01"],
        "event": ["actieplan goedgekeurd door de provincieraad", "een stap naar het platform", "iets ouds"],
    }
)
PROMISED = pd.DataFrame(
    {"commitment_id": ["E40", "E42", "E43"], "quote": ["één platform", "een studie", "iets anders"]}
)


def test_the_mission_is_quoted_with_its_day() -> None:
    said = wording.mission(PROMISED, regulation=DATED)[0].text
    assert said.endswith("op 28 mei 2020, zegt het zelf: “één platform” (E40); “een studie” (E42).")


def test_without_the_quotes_only_the_day_is_said() -> None:
    said = wording.mission(PROMISED[:0], regulation=DATED)[0].text
    assert "28 mei 2020" in said and "staat niet in de lijst" in said


def test_dated_steps_to_the_platform_and_their_opposite() -> None:
    assert "20 september 2023, een stap naar het platform" in wording.platform_path(DATED)[0].text
    assert "geen enkel gedateerd feit" in wording.platform_path(DATED[DATED["date"] < "2021"])[0].text


def test_a_time_line_without_the_plan_is_refused() -> None:
    with pytest.raises(ValueError, match="must hold the day"):
        wording.platform_path(DATED[DATED["date"] == "2019-01-01"])


def test_the_time_line_goes_forward_and_starts_each_fact_with_a_capital() -> None:
    shown = tables.regulation(DATED)
    assert [row[0] for row in shown.rows] == ["1 januari 2019", "28 mei 2020", "20 september 2023"]
    assert shown.rows[0][1] == "Iets ouds"


def test_the_four_words_are_defined_apart() -> None:
    said = [sentence.text for sentence in wording.definitions()]
    assert [text.partition(":")[0].lower() for text in said] == list(glossary.REGION_WORDS)
    assert len(set(said)) == 4


def test_the_real_lists_can_be_told() -> None:
    dated, promised = catalogue.read("regulation").frame, catalogue.read("commitment").frame
    assert "(E42)" in wording.mission(promised, regulation=dated)[0].text
    assert "Maatwerkt vzw" in wording.platform_path(dated)[0].text
    assert not any("*" in cell for row in tables.regulation(dated).rows for cell in row)
    assert len(tables.ladder_conversion(catalogue.read("ladder_conversion").frame).rows) == 6
