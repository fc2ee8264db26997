"""The web page says what the PDF says, runs nothing, asks nothing from elsewhere, and is the same each time."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import nbformat
import pypdf
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_markdown_cell, new_notebook

from studie.report import assemble, drawing, webpage
from studie.report.kinds import KINDS

MOMENT = 1_764_000_000


def squeezed(text: str) -> str:
    """Text without blanks and breaks, in which long strings can be found."""
    return re.sub(r"[\s\u200b\u00ad-]+", "", text)


def page_of(build: Any, *notebooks: Any, **fields: Any) -> BeautifulSoup:
    """Parsed page of notebooks."""
    return BeautifulSoup(webpage.page(assemble.draft(notebooks, cover=build.cover(**fields))), "html.parser")


def checked(build: Any) -> list[Any]:
    """Section of checks with a table, which the study moves to its annexes."""
    return [new_markdown_cell("## Controles\n\nWe kijken na.[^9]\n\n[^9]: Twee keer."), build.table("na", 2, 2)]


@pytest.fixture(scope="module")
def both(build: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """PDF and page of three chapters with references, footnotes and tables of all sizes."""
    folder = tmp_path_factory.mktemp("both")
    text = new_markdown_cell(
        "## Verwijzingen\n\nZie [de stand](#stand), [](#breed), [](20-b.ipynb) en [weg](#nergens).\n\n### Dieper"
    )
    chapters = [
        build.chapter("Wat weten we", status="observed"),
        build.chapter("Bewegen", text, build.table("breed", 9, 12), build.table("zonder", 2, 1, caption="")),
        build.chapter("Sectoren", build.table("leeg", 3, 0), status="own"),
    ]
    paths = []
    for name, notebook in zip(("10-a", "20-b", "30-c"), chapters, strict=True):
        paths.append(folder / f"{name}.ipynb")
        nbformat.write(notebook, paths[-1])
    page = folder / "12000.html"
    assemble.report(paths, cover=build.cover(), out=folder / "12000-demonstratie.pdf", timestamp=MOMENT, page=page)
    return folder / "12000-demonstratie.pdf", page


@pytest.fixture(scope="module")
def soup(both: tuple[Path, Path]) -> BeautifulSoup:
    return BeautifulSoup(both[1].read_text(encoding="utf-8"), "html.parser")


def test_figures_and_tables_have_the_numbers_of_the_pdf(both: tuple[Path, Path], soup: BeautifulSoup) -> None:
    printed = squeezed("".join(leaf.extract_text() for leaf in pypdf.PdfReader(both[0]).pages[4:]))
    captions = [c.get_text(" ", strip=True) for c in soup.select("main figcaption, main section > .block caption")]
    assert len(captions) >= 12
    assert [caption for caption in captions if squeezed(caption) not in printed] == []


def test_figures_and_tables_of_the_study_have_the_numbers_of_its_pdf_up_to_the_last_annex(build: Any) -> None:
    made = assemble.draft([build.chapter("Een", *checked(build)), build.chapter("Twee")], cover=build.study_cover())
    document, _ = assemble.printed(made, timestamp=MOMENT)
    leaves = pypdf.PdfReader(io.BytesIO(document)).pages
    printed = squeezed("".join(leaf.extract_text() for leaf in leaves[4:]))
    page = BeautifulSoup(webpage.page(made), "html.parser")
    captions = [c.get_text(" ", strip=True) for c in page.select("main figcaption, main section > .block caption")]
    assert any(caption.startswith("Tabel 8.") for caption in captions)
    assert [caption for caption in captions if squeezed(caption) not in printed] == []
    checks = page.find(id="bijlage-controles")
    assert "We kijken na." in "".join(part.get_text() for part in checks.find_next_siblings()[:4])


def test_every_sentence_and_cell_of_the_pdf_is_on_the_page(both: tuple[Path, Path], soup: BeautifulSoup) -> None:
    shown = squeezed(soup.get_text())
    for part in ("van de mensen.", "Sint-Katelijne-Waver", "273,3", "Een bruto percentage is geen effect.",
                 "Wilson, E. B. (1927)", "9f86d081884c", "Doorstroom per gemeente", "31 % (27-35 %)"):  # fmt: skip
        assert squeezed(part) in shown, part


def test_the_page_offers_the_pdf_of_its_status_with_pages_and_size(
    both: tuple[Path, Path], soup: BeautifulSoup
) -> None:
    (link,) = soup.select(".offer a")
    assert link["href"] == both[0].name
    assert f"({len(pypdf.PdfReader(both[0]).pages)} pagina’s, 0," in link.parent.get_text()


def test_what_the_page_says_of_itself_is_in_its_head(soup: BeautifulSoup) -> None:
    said = {m["name"].removeprefix("studie:"): m["content"] for m in soup.select("meta[name^='studie:']")}
    assert said == {
        "kind": "Regionaal rapport", "region": "Provincie Antwerpen", "reference-date": "2025-01-01", "version": "0.1",
        "status": "observed own demonstration", "pages": said["pages"], "pdf": "12000-demonstratie.pdf",
    }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_links_within_the_page_lead_somewhere_and_ids_are_unique(build: Any, soup: BeautifulSoup, kind: str) -> None:
    if kind != "Regionaal rapport":
        soup = page_of(build, build.chapter("Een", *checked(build)), build.chapter("Twee"), kind=kind)
    ids = [e["id"] for e in soup.select("[id]")]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in soup.select("a[href^='#']")} <= set(ids)
    named = {i for e in soup.select("[aria-labelledby]") for i in e["aria-labelledby"].split()}
    assert named <= set(ids)


def test_a_reference_names_its_number_on_the_page_and_in_the_pdf(both: tuple[Path, Path], soup: BeautifulSoup) -> None:
    links = {a.get_text(): a["href"] for a in soup.select("main p a[href^='#']") if not a.get("role")}
    assert links["de stand (figuur 2)"] == "#figuur-2" and links["hoofdstuk 3"] == "#hoofdstuk:20-b"
    wide = next(c for c in soup.select("caption") if "#tabel-" in links.get(c.get_text(" ").split(".")[0].lower(), ""))
    assert wide.find_parent("table").select("thead th")[8]
    printed = squeezed("".join(leaf.extract_text() for leaf in pypdf.PdfReader(both[0]).pages))
    assert re.search(r"Ziedestand\(figuur2,p\.\d+\)", printed)
    assert re.search(r"hoofdstuk3\(p\.\d+\)enweg\.", printed)


def test_tables_have_heads_with_a_scope_and_can_be_scrolled_by_keyboard(soup: BeautifulSoup) -> None:
    tables = soup.select("main table")
    assert len(tables) >= 14
    for table in tables:
        assert table.select("thead th") and all(th.get("scope") for th in table.select("th"))
        region = table.find_parent(class_="scroll")
        assert region["tabindex"] == "0" and (region.get("aria-labelledby") or region.get("aria-label"))


def test_formulas_are_read_in_dutch_and_drawn_as_mathml(soup: BeautifulSoup) -> None:
    said = [e["aria-label"] for e in soup.select(".formula[role=img]")]
    assert "p hoedje index ij is d index ij gedeeld door n index i" in said
    assert "S van t is het product over alle tijdstippen tot t van één min het aandeel dat terugvalt" in said
    assert all(e.find("math") for e in soup.select(".formula"))


def test_a_figure_is_one_image_described_by_its_alternative_text(soup: BeautifulSoup) -> None:
    drawings = soup.select("figure svg")
    assert len(drawings) == 3
    for svg in drawings:
        told = soup.find(id=svg["aria-labelledby"]).get_text()
        assert svg["role"] == "img" and told.startswith("Staafdiagram: 1.200 mensen")


def test_footnotes_lead_there_and_back(soup: BeautifulSoup) -> None:
    notes = soup.select("[role=doc-endnotes] li")
    assert len(notes) == 3
    for note in notes:
        back = note.select_one("[role=doc-backlink]")
        assert back["aria-label"] == "terug naar de tekst" and soup.find(id=back["href"][1:])


def test_nothing_runs_and_nothing_comes_from_elsewhere(soup: BeautifulSoup) -> None:
    policy = soup.select_one("meta[http-equiv='Content-Security-Policy']")["content"]
    assert policy.startswith("default-src 'none'")
    assert not soup.select("script, iframe, object, embed, link[rel=stylesheet], img:not([src^='data:'])")
    assert not [a for e in soup.find_all(True) for a in e.attrs if a.lower().startswith("on")]


def test_the_same_input_gives_the_same_page(build: Any) -> None:
    first, second = (webpage.page(assemble.draft([build.chapter()], cover=build.cover())) for _ in range(2))
    assert first == second


def test_what_people_type_is_shown_as_typed_and_breaks_out_of_nothing(build: Any) -> None:
    odd = "<script>alert(1)</script> \" ' & </style> </title> {{ 7 * 7 }} {% raw %}"
    notebook = new_notebook(
        cells=[
            new_markdown_cell(f"# T {odd}\n\n{odd}"),
            build.item("sentence", text=f"zin {odd}", certainty="onzeker", data_status=["own"]),
            build.table("t", 2, 1, columns=[{"key": "a", "label": odd, "unit": odd}], rows=[[odd]], caption=odd),
            build.item("formula", tex="x", spoken=odd),
            build.headline(odd),
        ]
    )
    soup = page_of(build, notebook, region_name=f"gebied {odd}", version=odd)
    assert not soup.select("script")
    assert soup.title.get_text().endswith(f"gebied {odd}")
    assert f"zin {odd}" in soup.get_text()
    assert soup.select_one(".formula")["aria-label"] == odd
    (style,) = soup.select("style")
    assert "@bottom-right" in style.get_text() and "alert(1)</script>" not in style.get_text()


def test_the_status_of_the_data_stands_in_the_bar_the_head_of_each_chapter_and_in_print(build: Any) -> None:
    demo, own = page_of(build, build.chapter()), page_of(build, build.chapter(status="own"))
    assert "bevat demonstratiegegevens" in demo.select_one(".bar").get_text()
    assert "gegevens: waargenomen + eigen gegevens" in own.select_one(".bar").get_text()
    assert "demonstratie" in demo.select_one("main section .tag").get_text()
    assert "bevat demonstratiegegevens" in demo.style.get_text()
    assert "demonstratiegegevens" not in own.style.get_text()


def test_the_head_of_a_verslag_opens_the_strategic_study_only(build: Any) -> None:
    made = assemble.draft([build.chapter(status="own")], cover=build.study_cover(aard="goedkeuring"))
    text = BeautifulSoup(webpage.page(made), "html.parser").get_text(" ", strip=True)
    assert "PROVINCIERAAD VAN ANTWERPEN · Vergadering van 17 december 2026" in text
    assert "Economie en streekbeleid. Strategische studie inclusieve economie. Goedkeuring." in text
    assert "Agenda nr. 4/1" in text and "in te vullen" in text
    assert "Wat gevraagd wordt Welke gemeenten leveren" in text
    assert "PROVINCIERAAD" not in page_of(build, build.chapter()).get_text()


def test_what_rests_on_assumptions_alone_says_so_instead_of_an_unknown_status(build: Any) -> None:
    table = build.table("t", 2, 1, data_status=[], source="geen gegevens")
    soup = page_of(build, new_notebook(cells=[new_markdown_cell("# T"), table]))
    said = soup.select_one(".origin").get_text(" ", strip=True)
    assert "aannames van de studie" in said and "Bron" not in said and "onbekend" not in said
    assert "onbekende status" not in soup.get_text()


def test_what_is_taken_from_literature_says_so_and_names_it(build: Any) -> None:
    table = build.table("t", 2, 1, data_status=[], source="Provan en Kenis (2008)", literature=True)
    notebook = new_notebook(cells=[new_markdown_cell("# T"), table])
    soup = page_of(build, notebook)
    said = soup.select_one(".origin").get_text(" ", strip=True)
    assert "overgenomen uit de literatuur" in said and "Bron: Provan en Kenis (2008)" in said
    assert "onbekende status" not in soup.get_text()


@pytest.mark.parametrize("kind", ["Gemeentefiche", "Gespreksfiche"])
def test_a_fiche_has_neither_summary_nor_annexes(build: Any, kind: str) -> None:
    soup = page_of(build, build.chapter("Fiche"), kind=kind)
    heads = [h.get_text() for h in soup.select("main h2")]
    assert heads[0] == "Fiche" and "Bronnen en leeswijzer" in heads
    assert not {"Bijlagen", "1In één oogopslag"} & set(heads)


def test_the_numbers_behind_a_figure_are_a_table_in_dutch(build: Any) -> None:
    columns = ["refnis", "quantity", "estimate", "lower", "upper", "n", "unit", "cell_status"]
    rows = [[12025, "stock", 1234.0, 1200.0, 1300.0, 9, "persons", "published"],
            [12026, "stock", None, None, None, None, "persons", "suppressed"]]  # fmt: skip
    figure = build.item(
        "figure", svg=build.picture([1, 2], ["a", "b"]), name="f", caption="Stand", alt="Twee balken.",
        data_status=["own"], frame={"columns": columns, "data": rows},
    )  # fmt: skip
    soup = page_of(build, new_notebook(cells=[new_markdown_cell("# T"), figure]))
    table = soup.select_one("figure details table")
    assert [h.get_text(" ", strip=True) for h in table.select("thead th")] == [
        "Gemeente", "Waarde (mensen)", "Ondergrens (mensen)", "Bovengrens (mensen)",
    ]  # fmt: skip
    assert [[c.get_text() for c in row.select("th, td")] for row in table.select("tbody tr")] == [
        ["Mechelen", "1.234", "1.200", "1.300"],
        ["Nijlen", "te klein", "", ""],
    ]


SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">{}</svg>'


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>",
        '<g onclick="alert(1)"/>',
        '<image xlink:href="https://example.org/x.png"/>',
        '<a xlink:href="javascript:alert(1)"><path/></a>',
        "<foreignObject><p>x</p></foreignObject>",
        "<style>* { display: none }</style>",
    ],
)
def test_a_drawing_can_neither_run_nor_reach_outside(bad: str) -> None:
    text = str(drawing.inline(SVG.format(bad), key="k"))
    assert not re.search(r"alert|example\.org|foreignObject|<style|onclick", text)


def test_names_in_a_drawing_are_its_own(build: Any) -> None:
    texts = [str(drawing.inline(build.picture([1, 2], ["a", "b"]), key=key)) for key in ("k1", "k2")]
    ids = [set(re.findall(r'id="([^"]+)"', text)) for text in texts]
    assert ids[0] and not ids[0] & ids[1]
    for text, own in zip(texts, ids, strict=True):
        assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text)) and own >= {
            a or b for a, b in re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text)
        }


@pytest.mark.parametrize("broken", ["<svg", "", "<p>geen beeld</p>", None])
def test_a_broken_drawing_is_none(broken: str | None) -> None:
    assert drawing.inline(broken, key="k") is None
