"""The exporter makes the report of one notebook."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import nbformat
import pypdf
import pytest
from nbconvert.nbconvertapp import NbConvertApp
from nbformat.v4 import new_code_cell

from studie.report import exporter


@pytest.fixture
def converted(build: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, dict[str, Any]]:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764000000")
    return exporter.DeputatieExporter().from_notebook_node(build.chapter())


def test_a_notebook_becomes_a_tagged_pdf_named_after_its_region(converted: Any) -> None:
    document, _ = converted
    reader = pypdf.PdfReader(io.BytesIO(document))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "Antwerpen" in reader.pages[0].extract_text()


def test_the_moment_of_making_can_be_fixed(converted: Any, build: Any) -> None:
    again, _ = exporter.DeputatieExporter().from_notebook_node(build.chapter())
    assert again == converted[0]


def test_injected_parameters_win_over_the_defaults(build: Any) -> None:
    notebook = build.chapter()
    injected = new_code_cell(
        'region = "municipality:12025"\nreference_date = "2025-06-01"', metadata={"tags": ["injected-parameters"]}
    )
    notebook.cells.insert(2, injected)
    assert exporter.parameters_of(notebook)["region"] == "municipality:12025"
    cover = exporter.cover_of(notebook)
    assert cover.region_name == "Gemeente Mechelen" and cover.reference_date == "2025-06-01"


def test_a_notebook_without_parameters_still_has_a_cover(build: Any) -> None:
    notebook = build.chapter()
    del notebook.cells[1]
    cover = exporter.cover_of(notebook)
    assert cover.region_name == exporter.UNNAMED and cover.reference_date == "2025-01-01"


def test_a_region_has_the_name_that_a_run_gives_it(build: Any, converted: Any) -> None:
    assert exporter.cover_of(build.chapter()).region_name == "Provincie Antwerpen"
    assert pypdf.PdfReader(io.BytesIO(converted[0])).metadata["/Title"].endswith("– Provincie Antwerpen")


@pytest.mark.parametrize(("status", "end"), [("demonstration", "-demonstratie.pdf"), ("observed", ".pdf")])
@pytest.mark.parametrize("options", [[], ["--output", "mijn.pdf"]])
def test_the_name_of_the_file_says_when_demonstration_data_are_inside(
    build: Any, tmp_path: Path, status: str, end: str, options: list[str]
) -> None:
    nbformat.write(build.chapter(status=status), tmp_path / "20-doorstroom.ipynb")
    app = NbConvertApp()
    app.initialize(["--to", "deputatie", "--log-level", "ERROR", *options, str(tmp_path / "20-doorstroom.ipynb")])
    app.convert_notebooks()
    assert [p.name for p in tmp_path.glob("*.pdf")] == [f"{'mijn' if options else '20-doorstroom'}{end}"]
