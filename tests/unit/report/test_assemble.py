"""A report is accessible, honest about its data, the same each time, and whole or not there at all."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import page
import pypdf
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from studie.errors import InputError
from studie.report import assemble, pdf

MOMENT = 1_764_000_000


def text_of(path: Path) -> str:
    """All text, with hyphenation and line ends taken out."""
    return squeezed("".join(page.extract_text() for page in pypdf.PdfReader(path).pages))


def pages_of(path: Path) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(path).pages]


def squeezed(text: str) -> str:
    """Text without blanks and breaks, in which long strings can be found."""
    return re.sub(r"[\s\u200b\u00ad-]+", "", text)


def elements(path: Path) -> list[Any]:
    """Elements of the structure tree in reading order."""
    found: list[Any] = []

    def walk(node: Any) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, pypdf.generic.ArrayObject):
            for child in node:
                walk(child)
        elif isinstance(node, pypdf.generic.DictionaryObject):
            if "/S" in node:
                found.append(node)
            if "/K" in node:
                walk(node["/K"])

    walk(pypdf.PdfReader(path).trailer["/Root"]["/StructTreeRoot"]["/K"])
    return found


def starts_of(leaf: pypdf.PageObject) -> list[float]:
    """Horizontal position [pt] of every piece of text."""
    starts: list[float] = []

    def visit(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        if text.strip():
            starts.append(tm[4] * cm[0] + cm[4])

    leaf.extract_text(visitor_text=visit)
    return starts


@pytest.fixture(scope="module")
def full(build: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, assemble.ReportInfo]:
    """Report of three chapters with long, wide and empty tables."""
    out = tmp_path_factory.mktemp("report") / "rapport.pdf"
    extra = [build.table("lang", 4, 80), build.table("breed", 9, 12), build.table("leeg", 3, 0)]
    chapters = [
        build.chapter("Wat weten we", status="observed"),
        build.chapter("Bewegen op de ladder", *extra),
        build.chapter("Knelpuntsectoren", status="own"),
    ]
    return out, assemble.report(chapters, cover=build.cover(), out=out, timestamp=MOMENT)


@pytest.mark.parametrize("profile", ["ua1", "2a"])
def test_a_report_has_no_failure_in_either_standard(full: Any, profile: str) -> None:
    report = page.validate_pdf(str(full[0]), profile=profile)
    assert report.is_compliant, str(report)


def test_the_strategic_study_has_no_failure_in_either_standard(build: Any, tmp_path: Path) -> None:
    out = tmp_path / "studie.pdf"
    assemble.report([build.chapter()], cover=build.study_cover(), out=out, timestamp=MOMENT)
    for profile in ("ua1", "2a"):
        report = page.validate_pdf(str(out), profile=profile)
        assert report.is_compliant, str(report)


def test_title_and_language_are_in_the_properties(full: Any) -> None:
    reader = pypdf.PdfReader(full[0])
    assert reader.metadata.title == "Strategische studie inclusieve economie – Provincie Antwerpen"
    assert reader.metadata.author == "Provincie Antwerpen"
    assert str(reader.trailer["/Root"]["/Lang"]) == "nl-BE"
    assert reader.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"]


def test_every_table_has_header_cells(full: Any) -> None:
    found = [str(element["/S"]) for element in elements(full[0])]
    tables = [place for place, role in enumerate(found) if role == "/Table"]
    assert len(tables) >= 12
    for start, end in zip(tables, [*tables[1:], len(found)], strict=True):
        assert "/TH" in found[start:end]


def test_formulas_are_read_aloud_in_dutch_and_not_in_tex(full: Any) -> None:
    alts = [str(element["/Alt"]) for element in elements(full[0]) if element["/S"] == "/Formula"]
    assert "S van t is het product over alle tijdstippen tot t van één min het aandeel dat terugvalt" in alts
    assert "p hoedje index ij is d index ij gedeeld door n index i" in alts
    assert not any("\\" in alt or "{" in alt for alt in alts)


def test_figures_carry_their_alternative_text(full: Any) -> None:
    alts = [str(element["/Alt"]) for element in elements(full[0]) if element["/S"] == "/Figure" and "/Alt" in element]
    assert alts.count("Staafdiagram: 1.200 mensen op trede 3, 800 op trede 5 en 400 op trede 6.") == 3


def test_every_page_after_the_cover_numbers_itself(full: Any) -> None:
    path, info = full
    texts = pages_of(path)
    assert len(texts) == info.pages
    for number, text in enumerate(texts[1:], start=2):
        assert squeezed(f"pagina {number} van {info.pages}") in squeezed(text)


def test_conclusions_come_first_then_contents_chapters_guide_and_annexes(full: Any) -> None:
    texts = [squeezed(text) for text in pages_of(full[0])]
    assert "1Inéénoogopslag" in texts[1] and "Inhoudsopgave" in texts[2]
    assert texts[3].index("Figuren") < texts[3].index("Figuur1") < texts[3].index("Tabellen") < texts[3].index("Tabel1")
    marks = ["Watwevinden", "Elkhoofdstukopentmetwatwevinden", "Elkewaardedieiemandkoos"]
    first = [next(number for number, text in enumerate(texts) if mark in text) for mark in marks]
    assert first == sorted(first) and first[0] == 4


def test_a_chapter_opens_with_its_findings(full: Any) -> None:
    texts = [squeezed(text) for text in pages_of(full[0])]
    opening = next(text for text in texts if "3Bewegenopdeladder" in text and "Watwevinden" in text)
    assert opening.index("Watwevinden") < opening.index("Hoebewegenmensenopdeladder,hoelang")


def test_the_header_says_demonstration_on_every_page_when_it_is_inside(full: Any) -> None:
    assert full[1].data_status == ("observed", "own", "demonstration")
    assert all("bevatdemonstratiegegevens" in squeezed(text) for text in pages_of(full[0])[1:])


@pytest.mark.parametrize("status", ["observed", "own"])
def test_the_word_stays_away_when_no_demonstration_is_inside(build: Any, tmp_path: Path, status: str) -> None:
    out = tmp_path / "rapport.pdf"
    info = assemble.report([build.chapter(status=status)], cover=build.cover(), out=out, timestamp=MOMENT)
    assert "demonstration" not in info.data_status
    assert "bevatdemonstratiegegevens" not in text_of(out).lower()


@pytest.mark.parametrize("part", ["finding", "number", "dataset", "sentence"])
def test_one_item_on_demonstration_data_is_enough(build: Any, tmp_path: Path, part: str) -> None:
    own, demo = ["own"], ["demonstration"]
    cells = {
        "finding": build.item(
            "headline", findings=[{"finding": "A", "meaning": "B", "certainty": "zeker", "data_status": demo}]
        ),
        "number": build.item("headline", numbers=[{"label": "a", "value": "1", "data_status": demo}]),
        "dataset": build.item(
            "provenance", datasets=[{"dataset_id": "d", "title": "d", "data_status": "demonstration"}]
        ),
        "sentence": build.item("sentence", text="Zin.", certainty=None, data_status=demo),
    }
    notebook = new_notebook(
        cells=[new_markdown_cell("# T"), build.item("sentence", text="A.", data_status=own), cells[part]]
    )
    info = assemble.report([notebook], cover=build.cover(), out=tmp_path / "r.pdf", timestamp=MOMENT)
    assert info.data_status == ("own", "demonstration")
    assert "bevatdemonstratiegegevens" in squeezed(pages_of(tmp_path / "r.pdf")[2])


def test_the_same_input_gives_the_same_bytes(build: Any, full: Any, tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        assemble.report([build.chapter()], cover=build.cover(), out=tmp_path / name, timestamp=MOMENT)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    assemble.report([build.chapter()], cover=build.cover(), out=tmp_path / "c.pdf", timestamp=MOMENT + 86_400)
    assert (tmp_path / "a.pdf").read_bytes() != (tmp_path / "c.pdf").read_bytes()


def test_what_people_type_is_printed_as_typed(build: Any, tmp_path: Path) -> None:
    odd, out = build.odd, tmp_path / "r.pdf"
    column = [{"key": "a", "label": f"kop {odd}", "unit": f"eenheid {odd}", "align": "left"}]
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# T"),
            build.item("sentence", text=f"zin {odd}", certainty="onzeker", data_status=["own"]),
            build.table(
                "t", 2, 1, columns=column, rows=[[f"cel {odd}"]], caption=f"bijschrift {odd}",
                note=f"noot {odd}", source=f"bron {odd}", region=f"streek {odd}", period=f"tijd {odd}",
            ),
            build.item("formula", tex="x", spoken=odd),
            build.item(
                "headline",
                findings=[{"finding": f"vondst {odd}", "meaning": f"uitleg {odd}", "data_status": ["own"]}],
                numbers=[{"label": f"label {odd}", "value": f"getal {odd}", "data_status": ["own"]}],
                unknown=[f"onbekend {odd}"],
                discuss=f"bespreek {odd}",
            ),
            build.provenance(
                "own",
                suppressed=[{"table": f"onderdrukt {odd}", "cells": 1}],
                versions={f"pakket {odd}": f"versie {odd}"},
                assumptions=[{"name": f"aanname {odd}", "value": odd, "because": f"want {odd}", "source": odd}],
            ),
        ]
    )  # fmt: skip
    assemble.report([notebook], cover=build.cover(region_name=f"gebied {odd}"), out=out, timestamp=MOMENT)
    text = text_of(out)
    places = [
        "zin",
        "kop",
        "eenheid",
        "cel",
        "bijschrift",
        "noot",
        "bron",
        "streek",
        "tijd",
        "vondst",
        "uitleg",
        "label",
        "getal",
        "onbekend",
        "bespreek",
        "onderdrukt",
        "pakket",
        "versie",
        "aanname",
        "want",
        "gebied",
    ]
    missing = [place for place in places if squeezed(f"{place} {odd}") not in text]
    assert missing == []
    assert page.validate_pdf(str(out), profile="ua1").is_compliant


def test_odd_signs_in_markdown_never_run_as_typst_code(build: Any, tmp_path: Path) -> None:
    out = tmp_path / "r.pdf"
    source = '# Titel #panic(1) @x\n\n#panic("nee") @verwijzing <label> [x] ~ // geen commentaar /* nee */ #let a=1'
    info = assemble.report(
        [new_notebook(cells=[new_markdown_cell(source)])], cover=build.cover(), out=out, timestamp=MOMENT
    )
    text = text_of(out)
    assert squeezed("Titel #panic(1) @x") in text
    assert squeezed("@verwijzing") in text and "//geencommentaar" in text and "#leta=1" in text
    assert any("ruwe HTML" in warning for warning in info.warnings)


@pytest.mark.parametrize("chapters", [1, 8])
@pytest.mark.parametrize("length", [1, 12])
def test_the_summary_is_one_page_whatever_the_chapters_say(build: Any, chapters: int, length: int) -> None:
    finding = "Na een stap omhoog valt 31 % (27-35 %) binnen twaalf maanden terug. " * length
    notebooks = [
        new_notebook(cells=[new_markdown_cell(f"# Hoofdstuk {n}"), build.headline(f"{n}: {finding}", numbers=3)])
        for n in range(chapters)
    ]
    _, places, _, warnings = assemble.rendered(notebooks, cover=build.cover(), timestamp=MOMENT)
    assert places["summary"] == [2, 2]
    assert not any("samenvatting past niet" in warning for warning in warnings)


def test_a_finding_too_long_for_the_summary_is_cut_there_and_whole_in_its_chapter(build: Any, tmp_path: Path) -> None:
    notebook = new_notebook(cells=[new_markdown_cell("# T"), build.headline("Een lange bevinding. " * 60 + "Slot.")])
    info = assemble.report([notebook], cover=build.cover(), out=tmp_path / "r.pdf", timestamp=MOMENT)
    assert any("in de samenvatting afgebroken" in warning for warning in info.warnings)
    texts = pages_of(tmp_path / "r.pdf")
    assert "Slot." not in texts[1] and "Slot." in texts[3]


def test_more_chapters_than_one_page_holds_are_reported(build: Any) -> None:
    notebooks = [
        new_notebook(cells=[new_markdown_cell("# T"), build.headline("Een bevinding. " * 19)]) for _ in range(30)
    ]
    _, _, _, warnings = assemble.rendered(notebooks, cover=build.cover(), timestamp=MOMENT)
    assert any("samenvatting past niet op één pagina" in warning for warning in warnings)


def test_the_reading_guide_is_one_page(full: Any, build: Any) -> None:
    _, places, _, _ = assemble.rendered([build.chapter()], cover=build.study_cover(), timestamp=MOMENT)
    assert places["guide"][0] == places["guide"][1]


def test_the_summary_shows_at_most_six_numbers_and_one_finding_per_chapter(build: Any, tmp_path: Path) -> None:
    out = tmp_path / "r.pdf"
    notebooks = [
        new_notebook(cells=[new_markdown_cell(f"# Deel {n}"), build.headline(f"Vondst {n}.", numbers=3)])
        for n in range(4)
    ]
    assemble.report(notebooks, cover=build.cover(), out=out, timestamp=MOMENT)
    summary = squeezed(pages_of(out)[1])
    assert summary.count("duurzamedoorstroomna12maanden") == 6
    assert [summary.count(f"Vondst{n}.") for n in range(4)] == [1, 1, 1, 1]
    assert "Dat is minder dan een op vier" not in pages_of(out)[1]


def test_the_summary_counts_what_rests_on_demonstration_data(full: Any) -> None:
    assert squeezed(
        "Van de 9 figuren en tabellen in de hoofdstukken steunen er 5 op demonstratiegegevens."
    ) in squeezed(pages_of(full[0])[1])


def test_long_tables_repeat_their_header_on_every_page(full: Any) -> None:
    body = [text for text in pages_of(full[0]) if text.count("Heist-op-den-Berg") > 2]
    assert len(body) >= 2
    assert all("Gemeente" in text and "(plaatsen)" in text for text in body)


def test_no_text_leaves_the_page(full: Any) -> None:
    for leaf in pypdf.PdfReader(full[0]).pages[1:]:
        starts = starts_of(leaf)
        assert min(starts) > 60 and max(starts) < float(leaf.mediabox.width) - 60


def test_a_missing_headline_and_title_are_reported_not_fatal(build: Any, tmp_path: Path) -> None:
    notebook = new_notebook(cells=[new_markdown_cell("Alleen tekst.")])
    info = assemble.report([notebook], cover=build.cover(), out=tmp_path / "r.pdf", timestamp=MOMENT)
    assert any("geen kernbevindingen" in warning for warning in info.warnings)
    assert any("geen titel" in warning for warning in info.warnings)
    assert "Geen bevinding in dit hoofdstuk." in pages_of(tmp_path / "r.pdf")[1]


def test_code_and_stray_values_are_never_shown_but_errors_are(build: Any, tmp_path: Path) -> None:
    cell = new_code_cell(
        "geheim = 1 / 0", outputs=[new_output("error", ename="ZeroDivisionError", evalue="nul", traceback=["T"])]
    )
    stray = new_code_cell("waarde", outputs=[new_output("execute_result", data={"text/plain": "STRAYVALUE"})])
    notebook = new_notebook(cells=[new_markdown_cell("# T"), cell, stray])
    assemble.report([notebook], cover=build.cover(), out=tmp_path / "r.pdf", timestamp=MOMENT)
    text = text_of(tmp_path / "r.pdf")
    assert "geheim" not in text and "STRAYVALUE" not in text
    assert "Dezeberekeningisnietgelukt." in text and "ZeroDivisionError" in text


def test_the_fixed_head_of_a_verslag_opens_the_strategic_study_only(build: Any, tmp_path: Path) -> None:
    out = tmp_path / "r.pdf"
    assemble.report(
        [build.chapter(status="own")], cover=build.study_cover(aard="goedkeuring"), out=out, timestamp=MOMENT
    )
    front = pages_of(out)[0]
    for part in (
        "PROVINCIERAAD VAN ANTWERPEN",
        "Vergadering van 17 december 2026",
        "Verslag van de deputatie",
        "Agenda nr.",
    ):
        assert part in front
    assert squeezed("Economie en streekbeleid. Strategische studie inclusieve economie. Goedkeuring.") in squeezed(
        front
    )
    assert "in te vullen" in front
    assemble.report([build.chapter(status="own")], cover=build.cover(), out=out, timestamp=MOMENT)
    assert "PROVINCIERAAD" not in pages_of(out)[0]


def test_approval_is_refused_while_a_finding_rests_on_demonstration_data(build: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="aard: must be kennisname"):
        assemble.report(
            [build.chapter()], cover=build.study_cover(aard="goedkeuring"), out=tmp_path / "r.pdf", timestamp=MOMENT
        )
    assert list(tmp_path.iterdir()) == []


def test_wrong_words_on_the_cover_are_refused_with_the_nearest(build: Any) -> None:
    with pytest.raises(InputError, match="did you mean 'Regionaal rapport'"):
        build.cover(kind="Regional rapport")
    with pytest.raises(InputError, match="aard: unknown value 'goedkeurign'; did you mean 'goedkeuring'"):
        build.study_cover(aard="goedkeurign")


def test_no_notebook_or_a_missing_one_is_refused(build: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="notebooks: must hold at least one"):
        assemble.report([], cover=build.cover(), out=tmp_path / "r.pdf", timestamp=MOMENT)
    with pytest.raises(InputError, match="notebook: must be an existing file"):
        assemble.report([tmp_path / "weg.ipynb"], cover=build.cover(), out=tmp_path / "r.pdf", timestamp=MOMENT)
    (tmp_path / "stuk.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="notebook: must be a Jupyter notebook"):
        assemble.report([tmp_path / "stuk.ipynb"], cover=build.cover(), out=tmp_path / "r.pdf", timestamp=MOMENT)


def test_a_broken_picture_is_named_and_leaves_the_rest_of_the_report(build: Any, tmp_path: Path) -> None:
    broken = new_notebook(
        cells=[new_markdown_cell("# T"), build.item("figure", svg="<svg", name="f", caption="Stand", alt="a")]
    )
    info = assemble.report([broken], cover=build.cover(), out=tmp_path / "r.pdf", timestamp=MOMENT)
    assert any("een figuur is beschadigd" in warning for warning in info.warnings)
    assert "Figuur1.Stand" in text_of(tmp_path / "r.pdf") and "Geenbeeldbeschikbaar" in text_of(tmp_path / "r.pdf")


def test_a_failure_leaves_no_file_and_keeps_the_old_one(
    build: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "drawable", lambda svg: True)
    broken = new_notebook(
        cells=[new_markdown_cell("# T"), build.item("figure", svg="<svg", name="f", caption="c", alt="a")]
    )
    with pytest.raises(pdf.TypesettingError):
        assemble.report([broken], cover=build.cover(), out=tmp_path / "r.pdf", timestamp=MOMENT)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "r.pdf").write_bytes(b"oud")
    with pytest.raises(pdf.TypesettingError):
        assemble.report([broken], cover=build.cover(), out=tmp_path / "r.pdf", timestamp=MOMENT)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("r.pdf", b"oud")]


def test_an_output_that_cannot_be_written_is_one_clear_line(build: Any, tmp_path: Path) -> None:
    (tmp_path / "bestand").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="out: must be in a folder that can be written"):
        assemble.report([build.chapter()], cover=build.cover(), out=tmp_path / "bestand" / "r.pdf", timestamp=MOMENT)
    (tmp_path / "map.pdf").mkdir()
    with pytest.raises(InputError, match="out: must be a file that can be written"):
        assemble.report([build.chapter()], cover=build.cover(), out=tmp_path / "map.pdf", timestamp=MOMENT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bestand", "map.pdf"]


def test_a_character_without_glyph_becomes_a_box_and_a_warning(build: Any, tmp_path: Path) -> None:
    notebook = new_notebook(
        cells=[new_markdown_cell("# T"), build.item("sentence", text="Een 漢 en een 😀 ≥ 3 → klaar")]
    )
    info = assemble.report([notebook], cover=build.cover(), out=tmp_path / "r.pdf", timestamp=MOMENT)
    assert squeezed("Een □ en een □ ≥ 3 → klaar") in text_of(tmp_path / "r.pdf")
    assert sum("geen lettertype" in warning for warning in info.warnings) == 2


def test_the_annexes_name_sources_versions_assumptions_and_suppressed_cells_once(full: Any) -> None:
    texts = [squeezed(text) for text in pages_of(full[0])]
    annex = "".join(texts[next(i for i, text in enumerate(texts) if "Elkewaardedieiemandkoos" in text) :])
    for part in (
        "januari 2016 tot april 2026",
        "23/11/2026",
        "0,29",
        "0,25 tot 0,33",
        "1.234.567",
        "9f86d081884c",
        "20200528",
    ):
        assert squeezed(part) in annex
    assert annex.count("Doorstroompergemeente") == 1


def test_an_unknown_address_is_not_printed_as_a_link(full: Any) -> None:
    texts = "".join(pages_of(full[0]))
    assert "arvastat.vdab" in texts and "Ladderpanel: onbekend" not in texts


@pytest.mark.parametrize("after", ["figure", "table", "sentence"])
def test_no_heading_stands_alone_at_the_foot_of_a_page(build: Any, after: str) -> None:
    following = {
        "figure": build.item("figure", svg=build.picture([1, 2], ["a", "b"]), name="f", caption="Stand", alt="a"),
        "table": build.table("t", 4, 20),
        "sentence": build.item("sentence", text="Een zin over twee regels. " * 6),
    }
    for count in range(22, 30):
        filler = [build.item("sentence", text="Vulling.") for _ in range(count)]
        cells = [new_markdown_cell("# T"), *filler, new_markdown_cell("## KOPREGEL"), following[after]]
        document, _, _, _ = assemble.rendered([new_notebook(cells=cells)], cover=build.cover(), timestamp=MOMENT)
        for leaf in pypdf.PdfReader(io.BytesIO(document)).pages[3:]:
            lines = [line for line in leaf.extract_text().splitlines() if line.strip()]
            body = [line for line in lines if "Provincie Antwerpen" not in line and "pagina" not in line]
            assert not body or "KOPREGEL" not in body[-1]


@pytest.mark.parametrize("kind", ["Gemeentefiche", "Gespreksfiche"])
def test_a_fiche_is_accessible_and_opens_with_its_findings_without_cover_contents_and_annexes(
    build: Any, tmp_path: Path, kind: str
) -> None:
    out = tmp_path / "fiche.pdf"
    info = assemble.report([build.chapter("Fiche")], cover=build.cover(kind=kind), out=out, timestamp=MOMENT)
    for profile in ("ua1", "2a"):
        assert page.validate_pdf(str(out), profile=profile).is_compliant
    text, front = text_of(out), squeezed(pages_of(out)[0])
    assert kind in front and "Watwevinden" in front
    assert "Inhoudsopgave" not in text and "Bijlagen" not in text
    assert "Bevatdemonstratiegegevens" in front
    assert info.pages <= 2
    assert info.warnings == ()


def test_a_fiche_that_grows_too_long_says_so(build: Any, tmp_path: Path) -> None:
    long = build.chapter("Fiche", *(build.table(f"t{i}", 4, 60) for i in range(4)))
    info = assemble.report([long], cover=build.cover(kind="Gemeentefiche"), out=tmp_path / "f.pdf", timestamp=MOMENT)
    assert info.pages > 4
    assert any("hoogstens 4" in warning for warning in info.warnings)
