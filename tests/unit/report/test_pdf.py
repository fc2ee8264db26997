"""The file itself: repaired where validators would stumble, written whole."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import page
import pypdf
import typst

from studie.report import pdf


def stumbling(limit: int = 300) -> bytes:
    """PDF with a compressed stream that happens to end in a carriage return."""
    for number in range(limit):
        source = f'#set document(title: "{number}")\n#set text(lang: "nl")\nTekst {number}'.encode()
        document = typst.compile(source, format="pdf", pdf_standards=["ua-1", "a-2a"], timestamp=0)
        if b"\r\nendstream" in document:
            return document
    raise AssertionError("no document ended a stream in a carriage return")


def test_a_stream_that_ends_in_a_carriage_return_is_repaired(tmp_path: Path) -> None:
    document = stumbling()
    repaired = pdf._unambiguous(document)
    before, after = (pypdf.PdfReader(io.BytesIO(d), strict=True) for d in (document, repaired))
    assert b"\r\nendstream" not in repaired
    assert [p.extract_text() for p in after.pages] == [p.extract_text() for p in before.pages]
    (tmp_path / "r.pdf").write_bytes(repaired)
    for profile in ("ua1", "2a"):
        report = page.validate_pdf(str(tmp_path / "r.pdf"), profile=profile)
        assert report.is_compliant, str(report)


def test_a_sound_file_is_left_alone() -> None:
    document = typst.compile(b'#set document(title: "-")\nTekst', format="pdf", timestamp=0)
    assert b"\r\nendstream" in document or pdf._unambiguous(document) is document


def test_characters_without_glyph_are_found_and_the_others_not() -> None:
    assert pdf.without_glyph(["één ≥ ½ → □ ☐ λ", "漢\u200b\x07"]) == ["\x07", "漢"]


def test_markup_that_typst_cannot_set_is_recognised() -> None:
    assert pdf.settable("Gewone #emph[tekst]")
    assert not pdf.settable("#onbekend(")


def test_markdown_that_typst_cannot_set_is_printed_as_plain_text(build: Any, monkeypatch: Any) -> None:
    from nbformat.v4 import new_markdown_cell, new_notebook

    from studie.report import assemble, markup

    sound = markup._write
    monkeypatch.setattr(markup, "_write", lambda documents: [f"#kapot( {text}" for text in sound(documents)])
    notebook = new_notebook(cells=[new_markdown_cell("# T\n\nGewone tekst.")])
    document, _, _, warnings = assemble.rendered([notebook], cover=build.cover(), timestamp=0)
    texts = "".join(leaf.extract_text() for leaf in pypdf.PdfReader(io.BytesIO(document)).pages)
    assert "Gewone tekst." in texts
    assert any("platte tekst" in warning for warning in warnings)
