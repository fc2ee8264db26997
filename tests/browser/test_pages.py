"""Index and web pages of reports serve who uses a keyboard, a small screen, large type or a screen reader."""

import base64
import io
import itertools
import json
import shutil
from pathlib import Path
from typing import Any

import matplotlib.figure
import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
MIME = "application/vnd.studie+json"
NOTE = "Een kans is een aandeel.[^1] Met $p_i$ de kans op trede $i$:\n\n$$\\hat p = d / n$$\n\n[^1]: Wilson, 1927."
PAGES = ("index.html", "arrondissement/12000-demonstratie.html", "own.html")


def own_notebook() -> Any:
    """Notebook as a researcher writes it, with what accessibility lacks."""
    file = io.BytesIO()
    matplotlib.figure.Figure(figsize=(4, 3)).savefig(file, format="png")
    drawn = base64.b64encode(file.getvalue()).decode()
    wide = pd.DataFrame({f"een lange kop {k}": [1.5, None] for k in range(12)}, index=["zorg", "bouw"])
    return new_notebook(
        cells=[
            new_markdown_cell("# Mijn hoofdstuk\n\n#### Te diep\n\n" + NOTE + "\n\n| a | b |\n|---|--:|\n| 1 | 2 |"),
            new_code_cell(
                "#| tbl-cap: Brede tabel\nwide",
                outputs=[new_output("execute_result", data={"text/html": wide.to_html(), "text/plain": "…"})],
            ),
            new_code_cell("plot()", outputs=[new_output("display_data", data={"image/png": drawn})]),
            new_code_cell("1 / 0", outputs=[new_output("error", ename="ZeroDivisionError", evalue="", traceback=[])]),
        ]
    )


def chapter(region: str) -> Any:
    """Chapter with sentence, map, table, headline and provenance, as a kernel would have executed it."""
    import studie
    from studie.data import completeness, quality
    from studie.present import wording

    shown: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("studie.study._publish", lambda item, pictures: shown.append((item, pictures)))
        study = studie.open_study(region)
        offer = quality.offer_coverage(study.table("offer"), study.table("establishment"), study.region.refnis)
        uses = ["offer", "establishment"]
        study.show(offer, uses=uses, form="sentence", region=study.region)
        study.show(offer, uses=uses, **study.map_of(uses))
        study.show(completeness.regional_coverage(offer, study.parts()), uses=uses, form="table")
        study.headline(wording.data_headline(study.inventory(), offer, region=study.region), uses=uses)
    outputs = [new_output("display_data", data={MIME: item, **pictures}) for item, pictures in shown]
    text = new_markdown_cell("# Wat weten we\n\nZie [de kaart](#offer_coverage).\n\n## Gegevens\n\n" + NOTE)
    return new_notebook(cells=[text, new_code_cell("study.show(…)", outputs=outputs)])


@pytest.fixture(scope="module")
def reports(study: Path) -> Path:
    """Folder of the reports: one of an arrondissement, published too, and the page of somebody's own notebook."""
    from studie.batch import index
    from studie.batch import reports as making
    from studie.batch.inputs import Folders
    from studie.report.exporter import WebpageExporter

    notebook = study / "10-gegevens.ipynb"
    nbformat.write(chapter("arrondissement:12000"), notebook)
    cover = {"kind": "Regionaal rapport", "region_name": "Arrondissement Mechelen", "reference_date": "2025-01-01"}
    stem = "arrondissement/12000"
    record = making.write_report(
        notebooks=[str(notebook)], key=stem, cover={**cover, "version": "0.1"}, stem=stem, form="a" * 64,
        root=str(study), drafts=str(study / "build" / "drafts"), timestamp=0,
    )  # fmt: skip
    making.publish(record, stem=stem, address=record["address"], root=study)
    folder = study / "reports"
    shutil.copytree(folder / "arrondissement", folder / "published/1.0/pdf/arrondissement")
    shutil.copy(ROOT / "CITATION.cff", folder / "published/1.0")
    version = {
        "version": "1.0",
        "published": "2026-11-28",
        "run": "r",
        "sha256": "ab" * 32,
        "data_status": ["observed"],
    }
    version["pdfs"] = ["1.0/pdf/arrondissement/12000-demonstratie.pdf"]
    (folder / "published" / "versions.json").write_text(json.dumps({"versions": [version]}), encoding="utf-8")
    text, _ = WebpageExporter().from_notebook_node(own_notebook())
    (folder / "own.html").write_text(text, encoding="utf-8")
    index.write(Folders(root=study))
    return folder


@pytest.fixture
def opened(context: Any, reports: Path) -> Any:
    """How a test opens one of the pages."""

    def at(name: str, *, width: int = 1280, height: int = 900) -> Any:
        tab = context.new_page()
        tab.set_viewport_size({"width": width, "height": height})
        tab.goto((reports / name).as_uri())
        return tab

    return at


def open_details(tab: Any) -> None:
    """Unfold everything that a reader can unfold."""
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")


def focused(tab: Any) -> dict[str, Any]:
    """The element that has the focus: what it is, what it says, where it leads, whether one sees that it has it."""
    return dict(
        tab.evaluate("""() => {
            const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
            const inner = e.querySelector('.place'), drawn = inner ? getComputedStyle(inner).strokeWidth : '';
            return {tag: e.tagName.toLowerCase(), href: e.getAttribute('href'),
                    name: e.getAttribute('aria-label') || e.textContent,
                    seen: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 || drawn === '3px',
                    inside: box.bottom > 0 && box.top < innerHeight};
        }""")
    )


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation(opened: Any, name: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tab = opened(name)
    open_details(tab)
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "zoom"), [(320, 1), (1280, 2)])
def test_nothing_runs_off_a_small_screen_or_large_type(opened: Any, name: str, width: int, zoom: int) -> None:
    # zooming by 2 halves the width that a page has, measured in its own pixels
    tab = opened(name, width=width // zoom, height=900 // zoom)
    open_details(tab)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width // zoom
    outside = tab.evaluate("""() => [...document.querySelectorAll('main *')]
        .filter(e => !e.closest('.scroll, svg, .hidden, pre') && e.getClientRects().length
                     && e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.outerHTML.slice(0, 120))""")
    assert outside == []


def test_a_keyboard_skips_to_the_content_and_sees_where_it_is(opened: Any) -> None:
    tab = opened("arrondissement/12000-demonstratie.html")
    tab.keyboard.press("Tab")
    assert focused(tab)["name"] == "Naar de inhoud"
    assert focused(tab)["inside"] and focused(tab)["seen"]
    tab.keyboard.press("Enter")
    tab.wait_for_url("**#hoofdinhoud")  # the browser tells its new address a moment later
    stops = 0
    while stops < 40:
        tab.keyboard.press("Tab")
        now = focused(tab)
        if now["tag"] == "body":
            break
        assert now["seen"] and now["inside"] and now["name"].strip(), now
        stops += 1
    assert stops >= 8


def test_a_keyboard_scrolls_a_wide_table_and_unfolds_the_numbers_of_a_figure(opened: Any) -> None:
    tab = opened("own.html", width=320)
    box = tab.get_by_role("region", name="Brede tabel")
    box.focus()
    before = box.evaluate("e => e.scrollLeft")
    tab.keyboard.press("ArrowRight")
    tab.wait_for_function("([e, x]) => e.scrollLeft > x", arg=[box.element_handle(), before])
    summary = tab.locator("figure summary").first
    summary.focus()
    tab.keyboard.press("Enter")
    assert tab.locator("figure details").first.evaluate("e => e.open")


def test_every_report_of_the_index_is_reached_from_the_map_or_the_list_by_keyboard(opened: Any, reports: Path) -> None:
    tab = opened("index.html")
    seen = []
    for _ in range(60):
        tab.keyboard.press("Tab")
        now = focused(tab)
        if now["tag"] == "body":
            break
        assert now["seen"] and now["inside"] and now["name"].strip(), now
        seen.append(now["href"])
    places = [href for href in seen if href and not href.startswith("#")]
    page, pdf = "arrondissement/12000-demonstratie.html", "arrondissement/12000-demonstratie.pdf"
    assert places.count(page) == 2  # on the map and in the list
    assert {pdf, f"published/1.0/pdf/{page}", f"published/1.0/pdf/{pdf}", "published/1.0/CITATION.cff"} <= set(places)
    assert all((reports / place).is_file() for place in places)


def test_a_map_area_opens_its_report_and_the_report_offers_its_pdf(opened: Any, reports: Path) -> None:
    tab = opened("index.html")
    link = tab.locator("svg.map a[aria-label='Arrondissement Mechelen']")
    link.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/arrondissement/12000-demonstratie.html")
    assert tab.locator("h1").inner_text() == "Arrondissement Mechelen"
    offered = tab.locator("a", has_text="Dit rapport als PDF").get_attribute("href")
    assert (reports / "arrondissement" / offered).is_file()


def test_headings_step_down_one_level_at_a_time_and_landmarks_have_names(opened: Any) -> None:
    for name in PAGES:
        tab = opened(name)
        levels = tab.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])")
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), name
        assert tab.evaluate("document.documentElement.lang") == "nl-BE"
        assert tab.locator("main").count() == 1


def test_a_figure_is_read_as_its_alternative_text(opened: Any) -> None:
    tab = opened("arrondissement/12000-demonstratie.html")
    drawing = tab.locator("figure svg").first
    told = tab.locator(f"#{drawing.get_attribute('aria-labelledby')}").text_content()
    assert drawing.get_attribute("role") == "img"
    assert "gemeenten" in told and len(told) > 60
    assert tab.get_by_role("img", name=told[:60]).count() >= 1


def test_print_keeps_the_words_and_drops_what_only_a_screen_can_do(opened: Any) -> None:
    tab = opened("arrondissement/12000-demonstratie.html")
    tab.emulate_media(media="print")
    assert not tab.locator("nav.contents").is_visible() and not tab.locator(".skip").is_visible()
    assert tab.locator("main h2").first.is_visible()
    assert len(tab.pdf(format="A4")) > 10_000
