"""A notebook that somebody wrote from scratch becomes a usable report and a clear list of what it lacks."""

from __future__ import annotations

import base64
import io
import logging
import re
from pathlib import Path
from typing import Any

import matplotlib.figure
import nbformat
import page
import pandas as pd
import pypdf
import pytest
from bs4 import BeautifulSoup
from nbconvert.nbconvertapp import NbConvertApp
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from studie.report import exporter, foreign, items

FRAME = pd.DataFrame(
    {"sector": ["zorg", "bouw"], "vacatures": [1234.5, None], "jaar": [2024, 2025]}, index=["eerste", "tweede"]
)


def drawn(kind: str = "png") -> str:
    """Picture as a notebook holds it."""
    file = io.BytesIO()
    matplotlib.figure.Figure(figsize=(2, 1), dpi=50).savefig(file, format=kind)
    return base64.b64encode(file.getvalue()).decode()


def showing(data: dict[str, Any], source: str = "", **fields: Any) -> Any:
    """Code cell with one output."""
    return new_code_cell(source, outputs=[new_output("display_data", data=data, **fields)])


def frame_cell(frame: pd.DataFrame, source: str = "") -> Any:
    """Cell that shows a frame as pandas does."""
    return showing({"text/html": frame._repr_html_(), "text/plain": str(frame)}, source)


def from_scratch() -> Any:
    """Pandas table, figure without alternative text, a skipped heading, printed text, an error, a chart of plotly."""
    return new_notebook(
        cells=[
            new_markdown_cell("# Eigen onderzoek\n\n#### Te diep"),
            frame_cell(FRAME),
            showing({"image/png": drawn(), "text/plain": "<Figure>"}, "plt.plot()"),
            new_code_cell("print(1)", outputs=[new_output("stream", name="stdout", text="1\n")]),
            new_code_cell("1/0", outputs=[new_output("error", ename="ZeroDivisionError", evalue="nul", traceback=[])]),
            showing({"application/vnd.plotly.v1+json": {}, "text/plain": "Figure"}),
        ]
    )


def exported(notebook: Any, folder: Path) -> tuple[str, pypdf.PdfReader]:
    """What `jupyter nbconvert --to deputatie` makes of a notebook: the file's name, and the file."""
    nbformat.write(notebook, folder / "mijn.ipynb")
    app = NbConvertApp()
    app.initialize(["--to", "deputatie", str(folder / "mijn.ipynb")])
    app.convert_notebooks()
    (made,) = folder.glob("*.pdf")
    return made.name, pypdf.PdfReader(made)


def squeezed(text: str) -> str:
    """Text without blanks, breaks and hyphens, in which long strings can be found."""
    return re.sub(r"[\s\u200b\u00ad-]+", "", text)


def text_of(reader: pypdf.PdfReader) -> str:
    return " ".join(" ".join(leaf.extract_text() for leaf in reader.pages).replace("\u200b", "").split())


def test_it_exports_with_a_list_of_what_it_lacks_in_the_log_and_on_the_last_page(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="studie.report.exporter"):
        name, reader = exported(from_scratch(), tmp_path)
    assert name == "mijn.pdf"
    lacks = [
        "kop “Te diep” van niveau 4 naar 2 gebracht",
        "mijn, cel 2: tabel zonder bijschrift: begin de cel met #| tbl-cap: …",
        "mijn, cel 2: tabel zonder bron",
        "mijn, cel 3: figuur zonder tekstalternatief: begin de cel met #| fig-alt: …",
        "mijn, cel 3: figuur zonder bijschrift: begin de cel met #| fig-cap: …",
        "mijn, cel 4: tekst of een losse waarde blijft weg",
        "mijn, cel 5: cel met fout: ZeroDivisionError: nul",
        "mijn, cel 6: uitkomst van het soort application/vnd.plotly.v1+json kan niet in een document",
    ]
    last = squeezed(reader.pages[-1].extract_text())
    assert squeezed("Wat u nog kunt verbeteren") in last
    for lack in lacks:
        assert lack in caplog.text
        assert squeezed(lack) in last, lack
    text = text_of(reader)
    assert "1234,5" in text and "onbekend" in text and "Gebied niet genoemd" in text
    assert "Van de 2 figuren en tabellen steunen er 2 op gegevens van onbekende status." in text
    for profile in ("ua1", "2a"):
        report = page.validate_pdf(str(tmp_path / "mijn.pdf"), profile=profile)
        assert report.is_compliant, str(report)


def test_a_chapter_of_the_study_has_no_such_page(build: Any, tmp_path: Path) -> None:
    _, reader = exported(build.chapter(), tmp_path)
    assert "Wat u nog kunt verbeteren" not in text_of(reader)


def test_the_web_page_of_the_same_notebook_has_the_same_list() -> None:
    text, resources = exporter.WebpageExporter().from_notebook_node(from_scratch())
    soup = BeautifulSoup(text, "html.parser")
    said = [item.get_text() for item in soup.select("section[aria-labelledby=verbeteren] li")]
    assert resources["output_extension"] == ".html"
    assert any("fig-alt" in line for line in said) and any("tbl-cap" in line for line in said)
    assert soup.select_one("figure svg image") and "1234,5" in soup.select_one("main td.right").get_text()


def test_what_a_cell_says_of_its_output_is_taken_over() -> None:
    cells = [
        frame_cell(FRAME, "#| tbl-cap: Vacatures per sector\n#| source: VDAB\nframe"),
        showing({"image/png": drawn()}, '#| fig-cap: "Stand"\n#| fig-alt: Eén balk.\n#| source: eigen telling\nplot()'),
    ]
    chapter = items.chapter(new_notebook(cells=cells))
    table, figure = chapter.blocks
    assert (table["caption"], table["source"]) == ("Vacatures per sector", "VDAB")
    assert (figure["caption"], figure["alt"], figure["source"]) == ("Stand", "Eén balk.", "eigen telling")
    assert not [w for w in chapter.warnings if "zonder" in w and "eenheden" not in w]


def test_the_alternative_text_of_an_ipython_image_is_taken_over() -> None:
    cell = showing({"image/png": drawn()}, metadata={"image/png": {"alt": "Twee lijnen."}})
    assert items.chapter(new_notebook(cells=[cell])).blocks[0]["alt"] == "Twee lijnen."


def test_a_frame_of_demonstration_data_makes_the_report_one_of_demonstration_data(tmp_path: Path) -> None:
    frame = FRAME.assign(data_status=["observed", "demonstration"])
    name, reader = exported(new_notebook(cells=[new_markdown_cell("# T"), frame_cell(frame)]), tmp_path)
    assert name == "mijn-demonstratie.pdf"
    assert "bevat demonstratiegegevens" in text_of(reader)


def test_a_notebook_that_nobody_ran_says_so(tmp_path: Path) -> None:
    _, reader = exported(new_notebook(cells=[new_code_cell("1 + 1")]), tmp_path)
    assert "voer het notebook eerst uit" in text_of(reader)


def test_numbers_of_pandas_are_written_in_dutch_and_stand_right() -> None:
    (table,) = foreign.tables(FRAME._repr_html_())
    assert [c["label"] for c in table["columns"]] == ["rij", "sector", "vacatures", "jaar"]
    assert [c["align"] for c in table["columns"]] == ["left", "left", "right", "right"]
    assert table["rows"] == [["eerste", "zorg", "1234,5", "2024"], ["tweede", "bouw", "onbekend", "2025"]]
    assert not table["cut"]


def test_several_rows_of_heads_become_one_and_spanning_cells_are_repeated() -> None:
    frame = FRAME.pivot_table(index="sector", columns="jaar", values="vacatures", aggfunc=["sum", "count"])
    (table,) = foreign.tables(frame._repr_html_())
    assert [c["label"] for c in table["columns"]] == [
        "jaar · sector",
        "sum · 2024",
        "sum · 2025",
        "count · 2024",
        "count · 2025",
    ]
    nested = pd.DataFrame({"n": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")]))
    assert [row[:2] for row in foreign.tables(nested._repr_html_())[0]["rows"]] == [["a", "x"], ["a", "y"]]


def test_a_table_that_pandas_cut_off_is_named() -> None:
    chapter = items.chapter(new_notebook(cells=[frame_cell(pd.DataFrame({"a": range(500)}))]))
    assert any("afgekapt" in warning for warning in chapter.warnings)


@pytest.mark.parametrize("html", ["<table></table>", "<p>geen tabel</p>", "<table><tr></tr></table>", "<table"])
def test_html_without_cells_is_no_table(html: str) -> None:
    assert foreign.tables(html) == []


def test_a_styled_frame_keeps_its_caption_and_no_code_of_its_own() -> None:
    rows = "<tr><th>a</th></tr><tr><td><b>1</b></td></tr>"
    html = f"<style>td {{color: red}}</style><table><caption>Kop</caption>{rows}</table>"
    (table,) = foreign.tables(html)
    assert (table["caption"], table["rows"]) == ("Kop", [["1"]])


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_a_bitmap_keeps_its_proportions(kind: str) -> None:
    svg = foreign.wrapped({f"image/{kind}": drawn(kind)})
    assert svg is not None and items._ratio(svg) == 0.5


@pytest.mark.parametrize("broken", ["geen base64!", "AAAA", ""])
def test_a_broken_bitmap_is_a_figure_without_picture(broken: str, tmp_path: Path) -> None:
    assert foreign.wrapped({"image/png": broken}) is None
    notebook = new_notebook(cells=[new_markdown_cell("# T"), showing({"image/png": broken})])
    assert "Geen beeld beschikbaar" in text_of(exported(notebook, tmp_path)[1])


def test_markdown_that_a_cell_makes_is_text_of_the_report() -> None:
    (block,) = items.chapter(new_notebook(cells=[showing({"text/markdown": ["**vet**"], "text/plain": "…"})])).blocks
    assert block == {"kind": "markdown", "text": "**vet**"}


def test_lines_by_which_a_solver_names_itself_are_no_text_of_the_author() -> None:
    banner = "Running HiGHS 1.16.0 (git hash: f): Copyright (c)\nIncludes third-party software components, see\n"
    for text, said in ((banner, False), (banner + "12 mensen", True)):
        assert foreign.is_said(new_output("stream", name="stdout", text=text)) is said
