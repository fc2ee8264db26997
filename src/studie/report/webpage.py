"""The report as one accessible web page: the same words, figures and numbers as the PDF, without outside resources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studie.present import numbers, words
from studie.report import drawing, hypertext, numbering
from studie.report.items import Item

if TYPE_CHECKING:
    from jinja2 import Environment

    from studie.report.assemble import Draft

TEMPLATES = Path(__file__).parent / "web"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
UNSAFE_IN_CSS = re.compile(r'["\\<>\n\r\f]')


@dataclass(frozen=True, kw_only=True)
class Offer:
    """The PDF that lies beside the page: file name, pages and size [bytes]."""

    file: str
    pages: int
    size: int

    @property
    def megabytes(self) -> str:
        """Size as a reader says it."""
        return f"{numbers.number(max(self.size / 1e6, 0.1), decimals=1)} MB"


def page(made: Draft, *, offered: Offer | None = None) -> str:
    """Web page of a report.

    Parameters
    ----------
    made : Draft
        What the report says.
    offered : Offer, optional
        The PDF beside the page.

    Notes
    -----
    The head of the page carries kind, region, date, version, status and pages in `meta` elements, from which the
    index of all reports is made.
    """
    payload = made.payload
    chapters, headings, footnotes = _chapters(made)
    annexes = _annexes(payload["annexes"], after=_count(chapters, "table"))
    info = payload["info"]
    context = {
        **{key: payload[key] for key in ("info", "summary", "record", "guide", "checklist")},
        "chapters": chapters,
        "annexes": annexes,
        "footnotes": footnotes,
        "guide_number": len(chapters) + 2,
        "contents": list(_contents(payload, chapters, headings, annexes)),
        "lists": _lists(chapters, annexes),
        "facts": facts(info, offered),
        "running": f"{info['region_name']} · {_day(info['reference_date'])} · versie {info['version']}"
        + (" · bevat demonstratiegegevens" if info["demonstration"] else ""),
        "subject": " ".join(
            f"{part.strip('.')}." for part in (info["beleidslijn"], info["onderwerp"], info["aard"]) if part
        ),
        "offered": offered,
        "css": (TEMPLATES / "house.css").read_text(encoding="utf-8"),
    }
    return rendered("report.jinja", **context)


def facts(info: Item, offered: Offer | None) -> dict[str, Any]:
    """What the page says of itself to the index of all reports."""
    return {
        "kind": info["kind"],
        "region": info["region_name"],
        "reference-date": info["reference_date"],
        "version": info["version"],
        "status": " ".join(info["statuses"]),
        "pages": offered.pages if offered else "",
        "pdf": offered.file if offered else "",
    }


def rendered(template: str, **context: Any) -> str:
    """Text of a template; blank lines that its tags leave are closed up."""
    text = _environment().get_template(template).render(**context)
    return re.sub(r"\n\s*\n+", "\n", text).lstrip()


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """Templates of the house; every value is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"status": _status, "day": _day, "css_text": _css_text}
    return environment


def _chapters(made: Draft) -> tuple[list[Item], list[hypertext.Heading], str]:
    """Chapters whose Markdown, formulas and drawings are HTML; their headings; the footnotes."""
    payload = made.payload
    written = hypertext.written(made.documents, [source.chapter for source in made.sources])
    texts = iter(written.html)
    chapters = []
    for place, chapter in enumerate(payload["chapters"]):
        blocks = [_block(block, texts, key=f"blok-{place + 1}-{k}") for k, block in enumerate(chapter["blocks"])]
        number = "" if payload["info"]["fiche"] else str(place + 2)
        chapters.append({**chapter, "blocks": blocks, "number": number})
    return chapters, written.headings, written.footnotes


def _block(block: Item, texts: Iterator[str], *, key: str) -> Item:
    """A block with what only the screen needs."""
    if block["kind"] in ("markdown", "formula"):
        return {**block, "html": next(texts)}
    if block["kind"] not in numbering.KINDS:
        return block
    plain = {"anchor": "", "number": "", "links": {}, "bare": False, "behind": None, **block}
    if block["kind"] == "table":
        return plain
    return {**plain, "key": key, "drawing": drawing.inline(block["svg"], key=key)}


def _annexes(given: list[Item], *, after: int) -> list[Item]:
    """Annexes with a letter and with tables whose numbers go on where the chapters end."""
    annexes = []
    for place, annex in enumerate(given):
        tables = []
        for table in annex["tables"]:
            after += 1
            marks = {"anchor": f"tabel-{after}", "number": f"Tabel {after}", "links": {}, "bare": True}
            tables.append({**table, **marks})
        letter = chr(ord("A") + place)
        annexes.append({**annex, "tables": tables, "letter": letter, "anchor": annex["label"]})
    return annexes


def _count(chapters: list[Item], kind: str) -> int:
    """Numbered figures or tables in the chapters."""
    return sum(block["kind"] == kind and bool(block["number"]) for c in chapters for block in c["blocks"])


def _contents(
    payload: Item, chapters: list[Item], headings: list[hypertext.Heading], annexes: list[Item]
) -> Iterator[Item]:
    """Entries of the contents, numbered as in the PDF."""
    fiche = payload["info"]["fiche"]
    if not fiche:
        yield _entry("oogopslag", "In één oogopslag", "1")
    for place, chapter in enumerate(chapters):
        number = chapter["number"]
        own = [h for h in headings if h.chapter == place]
        parts = [_entry(h.anchor, h.text, number and f"{number}.{k}") for k, h in enumerate(own, start=1)]
        yield _entry(chapter["label"], chapter["title"], number, parts)
    if fiche:
        yield _entry("bronnen", "Bronnen en leeswijzer")
    else:
        yield _entry("leeswijzer", payload["guide"]["title"], str(len(chapters) + 2))
        yield _entry("bijlagen", "Bijlagen", parts=[_entry(a["anchor"], a["title"], a["letter"]) for a in annexes])
    if payload["checklist"]:
        yield _entry("verbeteren", "Wat u nog kunt verbeteren")


def _entry(anchor: str, title: str, number: str = "", parts: list[Item] | None = None) -> Item:
    """One line of the contents."""
    return {"anchor": anchor, "title": title, "number": number, "parts": parts or []}


def _lists(chapters: list[Item], annexes: list[Item]) -> list[tuple[str, list[Item]]]:
    """Numbered figures and tables."""
    blocks = [block for chapter in chapters for block in chapter["blocks"]]
    numbered = [b for b in blocks if b["kind"] in numbering.KINDS and b["number"]]
    tables = [b for b in numbered if b["kind"] == "table"] + [t for annex in annexes for t in annex["tables"]]
    return [("Figuren", [b for b in numbered if b["kind"] == "figure"]), ("Tabellen", tables)]


def _status(statuses: Any) -> str:
    """Statuses of data in Dutch."""
    return " + ".join(words.DATA_STATUS.get(s, s) for s in statuses) or numbers.UNKNOWN


def _day(text: str) -> str:
    """ISO date in Dutch words; other text as it is."""
    return numbers.day(text) if DAY.fullmatch(text) else text


def _css_text(text: str) -> Any:
    """Text as a string of CSS, from which nothing can break out."""
    from markupsafe import Markup

    escaped = UNSAFE_IN_CSS.sub(lambda found: f"\\{ord(found[0]):x} ", text)
    return Markup(f'"{escaped}"')
