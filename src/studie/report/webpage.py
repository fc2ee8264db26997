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
from studie.report.items import NO_DATA, Item

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
    written = hypertext.written(made.documents, [source.chapter for source in made.sources])
    texts = iter(written.html)
    chapters = _chapters(payload, texts)
    headings = [heading for heading in written.headings if heading.chapter < len(chapters)]
    info = payload["info"]
    annexes = [] if info["fiche"] else _annexes(payload["annexes"], texts, after=_count(chapters, "table"))
    context = {
        **{key: payload[key] for key in ("info", "summary", "record", "guide", "checklist")},
        "chapters": chapters,
        "annexes": annexes,
        "footnotes": written.footnotes,
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
    environment.globals["no_data"] = NO_DATA
    environment.filters |= {"status": _status, "day": _day, "css_text": _css_text}
    return environment


def _chapters(payload: Item, texts: Iterator[str]) -> list[Item]:
    """Chapters whose Markdown, formulas and drawings are HTML."""
    chapters = []
    for place, chapter in enumerate(payload["chapters"]):
        blocks = [_block(block, texts, key=f"blok-{place + 1}-{k}") for k, block in enumerate(chapter["blocks"])]
        number = "" if payload["info"]["fiche"] else str(place + 2)
        chapters.append({**chapter, "blocks": blocks, "number": number})
    return chapters


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


def _annexes(given: list[Item], texts: Iterator[str], *, after: int) -> list[Item]:
    """Annexes with a letter and with tables whose numbers go on where the chapters end."""
    annexes = []
    for place, annex in enumerate(given):
        tables = [{**table, **_numbered(k), "bare": True} for k, table in enumerate(annex["tables"], start=after + 1)]
        after += len(tables)
        parts = []
        for which, part in enumerate(annex["parts"]):
            key = f"bijlage-{place}-{which}"
            blocks = [_block(block, texts, key=f"{key}-{k}") for k, block in enumerate(part["blocks"])]
            for table in (b for b in blocks if b["kind"] == "table" and numbering.is_numbered(b)):
                after += 1
                table.update(_numbered(after))
            parts.append({**part, "blocks": blocks})
        letter = chr(ord("A") + place)
        annexes.append({**annex, "tables": tables, "parts": parts, "letter": letter, "anchor": annex["label"]})
    return annexes


def _numbered(number: int) -> Item:
    """Anchor and number of a table in the annexes."""
    return {"anchor": f"tabel-{number}", "number": f"Tabel {number}", "links": {}}


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
        own = [] if payload["info"]["deputation"] else [h for h in headings if h.chapter == place]
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
    tables = [b for b in numbered if b["kind"] == "table"] + _tables(annexes)
    return [("Figuren", [b for b in numbered if b["kind"] == "figure"]), ("Tabellen", tables)]


def _tables(annexes: list[Item]) -> list[Item]:
    """Numbered tables of the annexes in reading order."""
    found: list[Item] = []
    for annex in annexes:
        found += annex["tables"]
        found += [b for part in annex["parts"] for b in part["blocks"] if b["kind"] == "table" and b["number"]]
    return found


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
