"""The exporter makes the report of one notebook."""

from __future__ import annotations

import io
from typing import Any

import pypdf
import pytest
from nbformat.v4 import new_code_cell

from studie.report import exporter


@pytest.fixture
def converted(build: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, dict[str, Any]]:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764000000")
    return exporter.DeputatieExporter().from_notebook_node(build.chapter())


def test_a_notebook_becomes_a_tagged_pdf_named_after_its_region(converted: Any) -> None:
    document, resources = converted
    reader = pypdf.PdfReader(io.BytesIO(document))
    assert resources["output_extension"] == ".pdf"
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
    assert cover.region_name == "Mechelen" and cover.reference_date == "2025-06-01"


def test_a_notebook_without_parameters_still_has_a_cover(build: Any) -> None:
    notebook = build.chapter()
    del notebook.cells[1]
    cover = exporter.cover_of(notebook)
    assert cover.region_name == exporter.UNNAMED and cover.reference_date == "2025-01-01"
