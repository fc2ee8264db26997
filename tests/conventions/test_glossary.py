from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not re.match(r"\| English term", line)
]


def test_every_term_has_five_cells_and_its_dutch_word_and_definition() -> None:
    assert ROWS
    assert [row for row in ROWS if len(row) != 5 or not (row[0] and row[1] and row[2])] == []


def test_a_term_stands_there_once() -> None:
    for column in (0, 1):
        terms = [row[column] for row in ROWS]
        assert sorted(terms) == sorted(set(terms))


@pytest.mark.parametrize("word", ["speerpuntsector", "knelpuntsector", "knelpuntregio", "blinde vlek"])
def test_the_four_region_words_each_have_a_formula_of_their_own(word: str) -> None:
    formulas = {row[1]: row[3] for row in ROWS}
    assert formulas[word]
    assert list(formulas.values()).count(formulas[word]) == 1


@pytest.mark.parametrize(
    "word",
    [
        "participatieladder",
        "trede",
        "doorstroom",
        "duurzame doorstroom",
        "terugval",
        "doelgroepmedewerker",
        "maatwerkbedrijf",
        "arbeidsmatige activiteiten (AMA)",
        "spanningsindicator",
        "werkingsgebied",
        "regisseur",
        "deputatie",
    ],
)
def test_the_plans_own_words_are_explained(word: str) -> None:
    assert word in {row[1] for row in ROWS}


def test_reader_and_programmer_have_the_same_words() -> None:
    from studie.present import glossary

    assert sorted(row[1] for row in ROWS) == sorted(glossary.TERMS)
    assert set(glossary.GUIDE) <= set(glossary.TERMS)


def test_a_meaning_is_one_short_text_for_a_reader() -> None:
    from studie.present import glossary

    for word, meaning in glossary.TERMS.items():
        assert meaning[0].islower() or meaning.startswith("VTE"), word
        assert meaning.endswith(".") and len(meaning) <= 240, word
