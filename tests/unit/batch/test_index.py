"""The index lists every report that is there, with what it says of itself, and every published version."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from studie import regions
from studie.batch import index
from studie.batch.inputs import Folders

Put = Callable[..., Path]


@pytest.fixture
def put(root: Path) -> Put:
    """How a test puts a report below a folder of the study."""

    def made(stem: str, *, below: str = "reports", pdf: bool = True, page: bool = True, **said: Any) -> Path:
        facts = {"kind": "Regionaal rapport", "region": "Arrondissement Mechelen", "reference-date": "2025-01-01",
                 "version": "0.1", "status": "observed demonstration", "pages": "37", **said}  # fmt: skip
        place = root / below / f"{stem}.html"
        place.parent.mkdir(parents=True, exist_ok=True)
        if page:
            metas = "".join(f'<meta name="studie:{name}" content="{value}">' for name, value in facts.items())
            place.write_text(f"<!doctype html><html><head>{metas}</head></html>", encoding="utf-8")
        if pdf:
            place.with_suffix(".pdf").write_bytes(b"x" * 1_300_000)
        return place

    return made


@pytest.fixture
def written(root: Path) -> Callable[[], BeautifulSoup]:
    """How a test reads the index."""
    return lambda: BeautifulSoup(index.write(Folders(root=root)).read_text(encoding="utf-8"), "html.parser")


def rows(soup: BeautifulSoup, heading: str) -> list[list[str]]:
    """Texts of the table under a heading."""
    section = soup.find(id=heading).find_parent("section")
    return [[c.get_text(" ", strip=True) for c in row.select("th, td")] for row in section.select("tbody tr")]


def test_a_report_has_its_region_date_status_version_page_and_download(put: Put, written: Any) -> None:
    put("arrondissement/12000-demonstratie")
    soup = written()
    assert rows(soup, "arrondissement") == [
        ["Arrondissement Mechelen Regionaal rapport", "1 januari 2025", "waargenomen + demonstratie", "0.1",
         "PDF van Arrondissement Mechelen (37 blz., 1,3 MB)"]
    ]  # fmt: skip
    links = [a["href"] for a in soup.select("#hoofdinhoud a")]
    assert links == ["arrondissement/12000-demonstratie.html", "arrondissement/12000-demonstratie.pdf"]


def test_levels_come_in_order_and_regions_by_name(put: Put, written: Any) -> None:
    put("municipality/12025", region="Gemeente Mechelen")
    put("municipality/11002", region="Gemeente Antwerpen")
    put("grouping/referentieregio/kempen", region="Referentieregio Kempen")
    put("strategische-studie-demonstratie", region="Provincie Antwerpen", kind="Strategische studie")
    put("province/10000", region="Provincie Antwerpen")
    soup = written()
    assert [h.get_text() for h in soup.select("#hoofdinhoud h2")] == [
        "Strategische studie", "Provincie", "Andere groeperingen", "Gemeenten",
    ]  # fmt: skip
    assert [row[0] for row in rows(soup, "municipality")] == [
        "Gemeente Antwerpen Regionaal rapport", "Gemeente Mechelen Regionaal rapport",
    ]  # fmt: skip


def test_the_map_leads_to_the_fiche_of_a_municipality_and_else_to_its_arrondissement(put: Put, written: Any) -> None:
    put("arrondissement/12000-demonstratie")
    put("municipality/12025", region="Gemeente Mechelen")
    soup = written()
    links = {a["aria-label"]: a for a in soup.select("svg a")}
    assert {name: a["href"] for name, a in links.items()} == {
        "Arrondissement Mechelen": "arrondissement/12000-demonstratie.html",
        "Gemeente Mechelen": "municipality/12025.html",
    }
    others = len(regions.region("arrondissement:12000").refnis) - 1
    assert len(links["Arrondissement Mechelen"].select("path.place")) == others
    assert len(links["Gemeente Mechelen"].select("path.place")) == 1
    assert len(soup.select("svg path.place")) == 67
    assert len(soup.select("svg path.empty")) == 67 - 1 - others


def test_a_published_version_is_listed_with_its_reports_newest_first(root: Path, put: Put, written: Any) -> None:
    put("arrondissement/12000", below="reports/published/1.0/pdf", version="1.0", status="observed")
    put("municipality/12025-demonstratie", below="reports/published/2.0/pdf", page=False)
    (root / "reports/published/2.0/CITATION.cff").write_text("x", encoding="utf-8")
    listed = [
        {"version": "1.0", "published": "2026-11-28", "run": "a", "sha256": "ab" * 32, "data_status": ["observed"],
         "pdfs": ["1.0/pdf/arrondissement/12000.pdf"]},
        {"version": "2.0", "published": "2027-01-14", "run": "b", "sha256": "cd" * 32, "data_status": ["demonstration"],
         "pdfs": ["2.0/pdf/municipality/12025-demonstratie.pdf"]},
    ]  # fmt: skip
    (root / "reports/published/versions.json").write_text(json.dumps({"versions": listed}), encoding="utf-8")
    soup = written()
    section = soup.find(id="versies").find_parent("section")
    assert [h.get_text() for h in section.select("h3")] == ["Versie 2.0", "Versie 1.0"]
    text = section.get_text(" ", strip=True)
    assert "14 januari 2027" in text and "cd" * 32 in text
    assert [row[0] for row in rows(soup, "versies")] == [
        "Gemeente Mechelen",  # published before there were web pages
        "Arrondissement Mechelen Regionaal rapport",
    ]
    links = [a["href"] for a in section.select("a")]
    assert links == [
        "published/2.0/CITATION.cff", "published/2.0/pdf/municipality/12025-demonstratie.pdf",
        "published/1.0/pdf/arrondissement/12000.html", "published/1.0/pdf/arrondissement/12000.pdf",
    ]  # fmt: skip
    assert all((root / "reports" / link).is_file() for link in links)
    assert not soup.select("#hoofdinhoud section")


def test_an_unreadable_listing_is_said_and_hides_no_report(root: Path, put: Put, written: Any) -> None:
    put("arrondissement/12000")
    (root / "reports/published").mkdir()
    (root / "reports/published/versions.json").write_text("{", encoding="utf-8")
    soup = written()
    assert "De lijst van gepubliceerde versies is niet leesbaar" in soup.get_text()
    assert rows(soup, "arrondissement")


def test_without_reports_the_index_says_how_to_make_them(written: Any) -> None:
    soup = written()
    assert "Er zijn nog geen rapporten" in soup.get_text() and not soup.select("svg, table")


def test_other_pages_and_pdfs_without_page_are_no_reports(root: Path, put: Put, written: Any) -> None:
    put("arrondissement/12000", pdf=False)
    (root / "reports/notitie.html").write_text("<p>niets</p>", encoding="utf-8")
    (root / "reports/los.pdf").write_bytes(b"x")
    soup = written()
    assert [row[-1] for row in rows(soup, "arrondissement")] == ["geen PDF"]
    assert len(soup.select("tbody tr")) == 1


def test_what_a_page_says_of_itself_breaks_out_of_nothing(put: Put, written: Any) -> None:
    put("arrondissement/12000", region="&lt;script&gt;alert(1)&lt;/script&gt;", version="{{ 7 * 7 }}")
    soup = written()
    assert not soup.select("script") and "<script>alert(1)</script>" in soup.get_text()


def test_the_same_reports_give_the_same_bytes(root: Path, put: Put) -> None:
    put("arrondissement/12000")
    first = index.write(Folders(root=root)).read_bytes()
    assert index.write(Folders(root=root)).read_bytes() == first
