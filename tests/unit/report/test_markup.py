"""Markdown becomes typst markup that a report can hold."""

from __future__ import annotations

from studie.report import markup
from studie.report.markup import Source


def typeset(*texts: str) -> markup.Typeset:
    return markup.typeset([Source(chapter=0, kind="markdown", text=text) for text in texts])


def test_the_first_heading_is_the_title_and_leaves_the_text() -> None:
    result = typeset("# Wat *weten* we\n\nTekst.", "# Nog een\n")
    assert result.titles == {0: "Wat weten we"}
    assert result.markup == ["Tekst.", "== Nog een"]


def test_a_skipped_level_of_heading_is_closed_up_and_said() -> None:
    result = typeset("# T\n\n#### Diep\n\n#### Nog dieper")
    assert result.markup == ["== Diep\n=== Nog dieper"]
    assert len(result.warnings) == 2 and "niveau 4 naar 2" in result.warnings[0]


def test_cells_with_the_same_footnote_key_keep_their_own_note() -> None:
    first, second = typeset("Een[^1]\n\n[^1]: eerste", "Twee[^1]\n\n[^1]: tweede").markup
    assert "#footnote[eerste]" in first and "#footnote[tweede]" in second


def test_an_unclosed_fence_does_not_swallow_the_next_cell() -> None:
    first, second = typeset("```\nopen", "Volgende.").markup
    assert "open" in first and second == "Volgende."


def test_a_short_formula_gets_a_dutch_reading() -> None:
    result = typeset(r"$\hat p_{ij} \le 1$")
    assert '#aloud("p hoedje index i j is hoogstens 1")[' in result.markup[0].replace(" ij ", " i j ")
    assert result.warnings == []


def test_a_formula_with_an_unknown_command_is_neither_raw_nor_silent() -> None:
    result = typeset(r"Zie $\onbekend{x}$ en $$\ookniet$$")
    assert "onbekend{" not in result.markup[0] and "ookniet" not in result.markup[0]
    assert result.markup[0].count("formule niet leesbaar") == 2
    assert len(result.warnings) == 3


def test_pictures_raw_html_and_local_links_become_text_with_a_warning() -> None:
    result = typeset("![kaart](kaart.png) <b>vet</b> [deel](20-doorstroom.ipynb) [bron](https://example.org)")
    assert "image(" not in result.markup[0] and "ipynb" not in result.markup[0]
    assert '#link("https://example.org")[bron]' in result.markup[0]
    assert any("afbeelding" in warning for warning in result.warnings)


def test_a_formula_item_keeps_the_reading_it_came_with() -> None:
    result = markup.typeset([Source(chapter=0, kind="formula", text="x^2", spoken='x "kwadraat"')])
    assert result.markup == ['#aloud("x \\"kwadraat\\"")[$ x^2 $]']


def test_plain_text_shows_markdown_as_typed() -> None:
    assert markup.plain('#a "b"\n\nc') == '#"#a \\"b\\""\n\n#"c"'
