"""Keeps `reports/index.html` true: reads what the reports say of themselves, and which versions were published."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from studie import regions
from studie.batch import frozen
from studie.batch.inputs import Folders
from studie.batch.manifest import write_whole
from studie.errors import InputError, StudieError
from studie.report import index
from studie.report.index import STUDY, TITLES, Entry, Version
from studie.report.pdf import DEMONSTRATION_SUFFIX

INDEX = "index.html"
PREFIX = "studie:"  # of the names of the meta elements
HEAD = 8192  # bytes in which the meta elements of a page stand


def write(folders: Folders) -> Path:
    """Write the index of all reports below `reports/`; the same files give the same bytes."""
    try:
        versions, problem = list(_versions(folders)), ""
    except InputError as error:
        versions, problem = [], f"De lijst van gepubliceerde versies is niet leesbaar: {error}"
    place = folders.reports / INDEX
    place.parent.mkdir(parents=True, exist_ok=True)
    write_whole(place, index.page(_reports(folders), versions, problem=problem))
    return place


def _reports(folders: Folders) -> list[Entry]:
    """Reports that lie there now, by level and name."""
    published = frozen.published_folder(folders)
    pages = (p for p in folders.reports.rglob("*.html") if published not in p.parents and p.name != INDEX)
    found = [entry for p in pages if (entry := _entry(p, top=folders.reports, start=folders.reports))]
    order = list(TITLES)
    return sorted(found, key=lambda entry: (order.index(entry.level), entry.name, entry.page))


def _versions(folders: Folders) -> Iterator[Version]:
    """Published versions, newest first."""
    place = frozen.published_folder(folders)
    for listed in reversed(frozen.read_listing(folders)):
        name = str(listed["version"])
        top = place / name / frozen.PDFS
        pdfs = [place / file for file in listed["pdfs"]]
        reports = [_published(pdf, version=name, top=top, start=folders.reports) for pdf in pdfs if pdf.is_file()]
        citation = place / name / frozen.CITATION
        order = list(TITLES)
        yield Version(
            name=name,
            published=str(listed["published"]),
            run=str(listed["run"]),
            sha256=str(listed["sha256"]),
            statuses=tuple(listed["data_status"]),
            citation=_relative(citation, folders.reports) if citation.is_file() else "",
            reports=tuple(sorted(reports, key=lambda entry: (order.index(entry.level), entry.name))),
        )


def _published(pdf: Path, *, version: str, top: Path, start: Path) -> Entry:
    """A report of a version: what its page says, or what its place says when it has no page."""
    page = pdf.with_suffix(".html")
    entry = _entry(page, top=top, start=start) if page.is_file() else None
    if entry is not None:
        return entry
    level, code = _place(pdf.relative_to(top))
    return Entry(
        level=level,
        code=code,
        name=_name(level, code),
        kind="",
        reference_date="",
        version=version,
        statuses=("demonstration",) if pdf.stem.endswith(DEMONSTRATION_SUFFIX) else (),
        pages="",
        page="",
        pdf=_relative(pdf, start),
        size=pdf.stat().st_size,
    )


def _entry(page: Path, *, top: Path, start: Path) -> Entry | None:
    """A report from the meta elements of its page; None when the page is no report."""
    said = _facts(page)
    if "kind" not in said:
        return None
    level, code = _place(page.relative_to(top))
    pdf = page.with_name(said.get("pdf") or page.with_suffix(".pdf").name)
    return Entry(
        level=level,
        code=code,
        name=said.get("region", code),
        kind=said["kind"],
        reference_date=said.get("reference-date", ""),
        version=said.get("version", ""),
        statuses=tuple(said.get("status", "").split()),
        pages=said.get("pages", ""),
        page=_relative(page, start),
        pdf=_relative(pdf, start) if pdf.is_file() else "",
        size=pdf.stat().st_size if pdf.is_file() else 0,
    )


def _place(file: Path) -> tuple[str, str]:
    """Level and code of a report by its place: `grouping/referentieregio/kempen-demonstratie.html`."""
    parts = (*file.parent.parts, file.stem.removesuffix(DEMONSTRATION_SUFFIX))
    return (parts[0], ":".join(parts)) if parts[0] in TITLES and len(parts) > 1 else (STUDY, STUDY)


def _name(level: str, code: str) -> str:
    """Name of a region; that of the strategic study."""
    if level == STUDY:
        return TITLES[STUDY]
    try:
        title = regions.region(code).title
    except StudieError:
        return code
    return title[:1].upper() + title[1:]


def _relative(file: Path, start: Path) -> str:
    """Place of a file as seen from the index."""
    return file.relative_to(start).as_posix()


class _Metas(HTMLParser):
    """Meta elements of a page that begin with our prefix."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Keep what a page says of itself."""
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "meta" and name.startswith(PREFIX):
            self.found[name.removeprefix(PREFIX)] = given.get("content") or ""


def _facts(page: Path) -> dict[str, str]:
    """What a page says of itself in its first bytes."""
    reader = _Metas()
    with page.open("rb") as file:
        reader.feed(file.read(HEAD).decode("utf-8", errors="ignore"))
    return reader.found
