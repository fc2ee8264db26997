"""Chapters and a cover as one report: conclusions first, then the chapters, how to read them, and what they rest on."""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Literal

import nbformat

from studie.errors import InputError, unknown
from studie.present.glossary import GUIDE
from studie.report import annexes, appendices, guide, items, markup, numbering, pdf, webpage
from studie.report.items import Chapter, Item
from studie.report.kinds import KINDS, MOST_PAGES, Kind

Aard = Literal["kennisname", "goedkeuring"]
AARDEN: tuple[Aard, ...] = ("kennisname", "goedkeuring")
MOST_FINDINGS = 5
GLANCE = ("20-doorstroom", "30-knelpuntsectoren", "40-blinde-vlekken", "60-middelen", "70-platform")
MOST_NUMBERS = 6
GLANCE_NUMBERS = ("20-doorstroom", "30-knelpuntsectoren", "40-blinde-vlekken", "10-gegevens")
LONGEST_TEXT = 300  # characters of one text on the page at a glance
QUESTION = (
    "Hoe raken meer mensen hogerop op de participatieladder en blijven ze daar, waar maken de speerpuntsectoren plaats "
    "voor hen, waar schiet het aanbod tekort, en wat zou één provinciaal platform veranderen?"
)


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What stands on the front page, in the running header and in the properties of the file.

    `reference_date` and `vergadering` are ISO dates. From `vergadering` on, the fields are the fixed head of
    a "Verslag van de deputatie", printed for the strategic study only; an empty one is left to be filled in.
    `commit` is that of the code, data and assumptions behind the study; it stands in the annexes.
    """

    kind: Kind
    region_name: str
    reference_date: str
    version: str
    province: str = "Provincie Antwerpen"
    series: str = "Strategische studie inclusieve economie"
    question: str = QUESTION
    vergadering: str = ""
    bevoegd_deputatielid: str = ""
    telefoon: str = ""
    agendanummer: str = ""
    beleidslijn: str = ""
    onderwerp: str = "Strategische studie inclusieve economie"
    aard: Aard = "kennisname"
    commit: str = ""

    def __post_init__(self) -> None:
        """Refuse a kind or an `aard` that does not exist."""
        for argument, allowed in (("kind", KINDS), ("aard", AARDEN)):
            if getattr(self, argument) not in allowed:
                raise unknown(argument, getattr(self, argument), allowed)


@dataclass(frozen=True, kw_only=True)
class ReportInfo:
    """What was written: file, pages, checksum, statuses of the data inside, and what the author should know."""

    path: Path
    pages: int
    sha256: str
    data_status: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A report before it gets a form: what it says, as plain data for the typst sources and the web page."""

    payload: Item
    sources: tuple[markup.Source, ...]  # pieces of Markdown and TeX, in reading order
    documents: list[list[markup.Node]]  # their trees
    statuses: list[str]
    warnings: list[str]


def report(
    notebooks: Sequence[Path | nbformat.NotebookNode],
    *,
    cover: Cover,
    out: Path,
    timestamp: int,
    page: Path | None = None,
) -> ReportInfo:
    """Write the report of executed notebooks as one accessible PDF, and as a web page beside it when asked.

    Parameters
    ----------
    notebooks : sequence of Path or NotebookNode
        Executed chapters in reading order.
    cover : Cover
        Front page and running header.
    out : Path
        The PDF; written under a temporary name and renamed.
    timestamp : int
        Moment of making [s since 1970]; the same input and timestamp give the same bytes.
    page : Path, optional
        The web page; its stem and the status of the data are the name of the PDF that it offers.

    Returns
    -------
    ReportInfo
        `data_status` has every status that an item, finding, number or data set names.

    Raises
    ------
    InputError
        If there is no notebook, one cannot be read, `out` cannot be written, or approval is asked for
        findings on demonstration data.
    TypesettingError
        If typst refuses the content; nothing is written.
    """
    made = draft(notebooks, cover=cover)
    document, places = printed(made, timestamp=timestamp)
    pdf.write(document, Path(out))
    if page is not None:
        offered = webpage.Offer(
            file=f"{page.stem}{pdf.name_suffix(made.statuses)}", pages=places["pages"], size=len(document)
        )
        pdf.write(webpage.page(made, offered=offered).encode(), page)
    return ReportInfo(
        path=Path(out),
        pages=places["pages"],
        sha256=hashlib.sha256(document).hexdigest(),
        data_status=tuple(made.statuses),
        warnings=tuple(made.warnings),
    )


def rendered(
    notebooks: Sequence[Path | nbformat.NotebookNode], *, cover: Cover, timestamp: int
) -> tuple[bytes, dict[str, Any], list[str], list[str]]:
    """PDF in memory, the pages of its parts, its statuses of data and its warnings."""
    made = draft(notebooks, cover=cover)
    document, places = printed(made, timestamp=timestamp)
    return document, places, made.statuses, made.warnings


def draft(
    notebooks: Sequence[Path | nbformat.NotebookNode], *, cover: Cover, names: Sequence[str] = (), alone: bool = False
) -> Draft:
    """What a report says, from executed notebooks.

    Parameters
    ----------
    notebooks, cover
        As in `report`.
    names : sequence of str, optional
        Names of notebooks that have no file.
    alone : bool, default False
        Whether somebody exports a notebook of their own: then the report ends with what it lacks for its readers.

    Raises
    ------
    InputError
        If there is no notebook, one cannot be read, or approval is asked for findings on demonstration data.
    """
    if not notebooks:
        raise InputError("notebooks: must hold at least one executed notebook, got none")
    chapters = [
        items.chapter(notebook, number=place, name=name)
        for place, (notebook, name) in enumerate(zip(notebooks, chain(names, repeat("")), strict=False), start=1)
    ]
    statuses = items.ordered([status for chapter in chapters for status in chapter.statuses])
    if cover.aard == "goedkeuring" and "demonstration" in statuses:
        raise InputError("aard: must be kennisname while a finding rests on demonstration data, got goedkeuring")
    fiche, whole = cover.kind in MOST_PAGES, cover.kind == "Strategische studie"
    checks = appendices.set_apart(chapters) if whole else []
    told = appendices.methods(chapters) if whole else []
    if whole:
        appendices.let_float(chapters)
    targets = numbering.number(chapters, first=None if fiche else 2)
    sources, typeset, titles = _set_markup(chapters, behind=[*told, *checks], targets=targets)
    _resolve([*chapters, *checks])
    record, summary = _record(chapters, commit=cover.commit), _summary(chapters, titles, cover)
    warnings = typeset.warnings + [warning for chapter in chapters for warning in chapter.warnings]
    payload = {
        "info": _info(cover, statuses),
        "summary": summary,
        "chapters": [
            {
                "title": title,
                "label": numbering.chapter_label(chapter.name),
                "statuses": items.ordered(chapter.statuses),
                "headline": chapter.headline,
                "blocks": chapter.blocks,
            }
            for chapter, title in zip(chapters, titles, strict=True)
        ],
        "record": record,
        "guide": guide.guide(words=() if whole else appendices.words(GUIDE), methods=not told),
        "annexes": annexes.annexes(
            record,
            methods=appendices.parts(told, titles, chapters),
            checks=appendices.parts(checks, titles, chapters),
            words=appendices.words() if whole else (),
        ),
        "checklist": _once(warnings) if alone else [],
    }
    return Draft(
        payload=payload, sources=tuple(sources), documents=typeset.documents, statuses=statuses, warnings=warnings
    )


def printed(made: Draft, *, timestamp: int) -> tuple[bytes, dict[str, Any]]:
    """PDF of a draft and the pages of its parts; the draft's warnings get those of typesetting.

    Raises
    ------
    TypesettingError
        If typst refuses the content.
    """
    payload, removed = _showable(made.payload)
    made.warnings.extend(f"teken {character!r} staat in geen lettertype en werd □" for character in removed)
    document, places = _compiled(payload, made.warnings, timestamp=timestamp)
    if not places["summary_fits"]:
        made.warnings.append("de samenvatting past niet op één pagina: minder hoofdstukken of kortere bevindingen")
    most = MOST_PAGES.get(made.payload["info"]["kind"])
    if most is not None and places["pages"] > most:
        made.warnings.append(f"de fiche telt {places['pages']} pagina's, hoogstens {most} is afgesproken")
    return document, places


def _set_markup(
    chapters: list[Chapter], *, behind: list[Chapter], targets: Mapping[str, markup.Target]
) -> tuple[list[markup.Source], markup.Typeset, list[str]]:
    """Sources, their markup and the chapters' titles; Markdown and formulas, also behind them, get typst markup."""
    sources: list[markup.Source] = []
    blocks: list[Item] = []
    for place, chapter in enumerate([*chapters, *behind]):
        for block in chapter.blocks:
            if block["kind"] == "markdown":
                sources.append(markup.Source(chapter=place, kind="markdown", text=block["text"]))
                blocks.append(block)
            elif block["kind"] == "formula":
                sources.append(
                    markup.Source(chapter=place, kind="formula", text=block["tex"], spoken=block["spoken"] or None)
                )
                blocks.append(block)
    result = markup.typeset(sources, targets=targets)
    for block, text in zip(blocks, result.markup, strict=True):
        block["markup"] = text
    titles = []
    for place, chapter in enumerate(chapters):
        if place not in result.titles:
            chapter.warn("geen titel (# …) in de eerste Markdowncel")
        titles.append(result.titles.get(place, chapter.name))
    return sources, result, titles


def _resolve(chapters: list[Chapter]) -> None:
    """References in tables as links to the chapters of this report, or words on which other report holds them."""
    held = {chapter.name for chapter in chapters}
    for table in (block for chapter in chapters for block in chapter.blocks if block["kind"] == "table"):
        table["links"] = {}
        for reference in table.pop("references", []):
            row, column, name = reference["row"], reference["column"], reference["chapter"]
            if name in held:
                table["links"][f"{row} {column}"] = numbering.chapter_label(name)
            else:
                table["rows"][row][column] += f" (staat in {reference['elsewhere']})"


def _info(cover: Cover, statuses: list[str]) -> Item:
    """Cover as the typst sources read it."""
    return {
        **asdict(cover),
        "aard": cover.aard.capitalize(),
        "deputation": cover.kind == "Strategische studie",
        "fiche": cover.kind in MOST_PAGES,
        "title": f"{cover.series} – {cover.region_name}",
        "description": f"{cover.kind} van de {cover.province[:1].lower()}{cover.province[1:]} over {cover.region_name}",
        "statuses": statuses,
        "demonstration": "demonstration" in statuses,
    }


def _summary(chapters: list[Chapter], titles: list[str], cover: Cover) -> Item:
    """The page at a glance: one finding per chapter, six numbers, what is discussed, what is unknown.

    A report of more than five chapters shows those that carry the argument.
    """
    headlines = {chapter.name: _shortened(chapter) for chapter in chapters}
    named = dict(zip(headlines, titles, strict=True))
    chosen = [name for name in headlines if name in GLANCE]
    if len(headlines) <= MOST_FINDINGS or not chosen:
        chosen = list(headlines)
    findings: list[Item] = []
    empty: Item = {"finding": None, "meaning": "", "certainty": None, "data_status": []}
    for name in chosen:
        first = next(iter(headlines[name].get("findings", [])), None)
        findings.append({"chapter": named[name], **(first or empty)})
    whole = cover.kind == "Strategische studie"
    discussed = [headline["discuss"] for headline in headlines.values() if headline.get("discuss")]
    return {
        "question": cover.question,
        "findings": findings,
        "numbers": _numbers(headlines),
        "asked": "Wat gevraagd wordt" if whole else "Wat nu besproken wordt",
        "discuss": discussed[-1:] if whole else _once(discussed),  # the study ends with its proposal
        "unknown": _once(_spread([headlines[name].get("unknown", []) for name in chosen])),
        "statement": _statement(chapters),
    }


def _numbers(headlines: dict[str, Item]) -> list[Item]:
    """Six small numbers: those of the chapters agreed for the page at a glance, then the first of the others."""
    agreed = [number for name in GLANCE_NUMBERS if name in headlines for number in headlines[name].get("numbers", [])]
    others = [headline.get("numbers", []) for name, headline in headlines.items() if name not in GLANCE_NUMBERS]
    return [*agreed, *_spread(others, most=max(0, MOST_NUMBERS - len(agreed)))][:MOST_NUMBERS]


def _shortened(chapter: Chapter) -> Item:
    """Headline as a page at a glance can hold it, with one finding; the chapter itself opens with the whole."""
    headline = dict(chapter.headline or {})
    headline["findings"] = headline.get("findings", [])[:1]
    short = _mapped(headline, lambda text: textwrap.shorten(text, LONGEST_TEXT, placeholder=" …"))
    if short != _mapped(headline, lambda text: " ".join(text.split())):
        chapter.warn(f"tekst van meer dan {LONGEST_TEXT} tekens is in de samenvatting afgebroken")
    return dict(short)


def _statement(chapters: list[Chapter]) -> str:
    """How many figures and tables rest on demonstration data, in one sentence."""
    shown = [block for chapter in chapters for block in chapter.blocks if block["kind"] in ("figure", "table")]
    touched = sum("demonstration" in block["data_status"] for block in shown)
    untold = sum(
        not block["data_status"] and block["source"] != items.NO_DATA and not block["literature"] for block in shown
    )
    if not shown:
        return "Dit rapport bevat geen figuren of tabellen."
    if untold:
        known = f" {touched} op demonstratiegegevens," if touched else ""
        return f"Van de {len(shown)} figuren en tabellen steunen er{known} {untold} op gegevens van onbekende status."
    if not touched:
        return f"Geen van de {len(shown)} figuren en tabellen steunt op demonstratiegegevens."
    verb = "steunt er 1" if touched == 1 else f"steunen er {touched}"
    return f"Van de {len(shown)} figuren en tabellen in de hoofdstukken {verb} op demonstratiegegevens."


def _spread(lists: list[list[Any]], *, most: int | None = None) -> list[Any]:
    """At most `most` entries, first those that come first in their chapter, shown in the chapters' order."""
    places = sorted((rank, place) for place, entries in enumerate(lists) for rank in range(len(entries)))[:most]
    kept = places if most is None else sorted(places, key=lambda pair: (pair[1], pair[0]))
    return [lists[place][rank] for rank, place in kept]


def _once(texts: Any) -> list[str]:
    """Texts without repeats, in order."""
    return list(dict.fromkeys(texts))


def _record(chapters: list[Chapter], *, commit: str) -> Item:
    """Sources, assumptions, versions and suppressed cells of all chapters, each once."""
    records = [record for chapter in chapters for record in chapter.provenance]
    datasets = {
        str(row.get("dataset_id")): row
        for record in records
        for row in record.get("datasets") or []
        if isinstance(row, dict)
    }
    rank = {status: place for place, status in enumerate(items.STATUSES)}
    rows = sorted(
        datasets.values(), key=lambda row: (rank.get(_said(row, "data_status"), 9), _said(row, "title").lower())
    )
    versions = {str(k): str(v) for record in records for k, v in (record.get("versions") or {}).items()}
    seeds = _once(str(record["seed"]) for record in records if record.get("seed") is not None)
    return {
        "assumptions": _unique(
            [_said(row, "name"), _chosen(row), *(_shown(row.get(key)) for key in ("because", "source", "decided_by"))]
            for record in records
            for row in record.get("assumptions") or []
        ),
        "datasets": [_dataset(row) for row in rows],
        "addresses": _unique([_said(row, "title"), _said(row, "url")] for row in rows if "." in _said(row, "url")),
        "hashes": [
            [_said(row, "title"), _count(row.get("rows")), _said(row, "sha256")[:12] or "onbekend"] for row in rows
        ],
        "versions": [
            *sorted(versions.items()),
            *([("zaad van het toeval", ", ".join(seeds))] if seeds else []),
            *([("vastlegging van code, gegevens en aannames (commit)", commit)] if commit else []),
        ],
        "suppressed": _unique(
            [_said(row, "table"), _shown(row.get("cells"))]
            for record in records
            for row in record.get("suppressed") or []
        ),
    }


def _dataset(row: Item) -> list[str]:
    """One row of the table of sources."""
    status = {"observed": "waargenomen", "own": "eigen", "demonstration": "demonstratie"}
    first, last = _said(row, "first_period"), _said(row, "last_period")
    period = items.span("/".join(text for text in (first, last) if text))
    return [
        _said(row, "title") or _said(row, "dataset_id"),
        status.get(_said(row, "data_status"), "onbekend"),
        *(
            (text or "onbekend")
            for text in (_said(row, "publisher"), period, _day(_said(row, "retrieved")), _said(row, "licence"))
        ),
    ]


def _day(text: str) -> str:
    """ISO date as 23/11/2026; other text as it is."""
    return "/".join(reversed(text.split("-"))) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else text


def _said(row: Item, key: str) -> str:
    """Text under a key."""
    return "" if row.get(key) is None else str(row[key]).strip()


def _count(value: Any) -> str:
    """Whole number with a point per thousand."""
    return f"{value:,}".replace(",", ".") if isinstance(value, int) else _shown(value) or "onbekend"


def _chosen(row: Item) -> str:
    """A chosen value, with its interval where it has one."""
    value, interval = _shown(row.get("value")), _shown(row.get("interval"))
    return f"{value}; interval {interval}" if interval else value


def _shown(value: Any) -> str:
    """Number or text as a Dutch reader writes it; an interval as `a tot b`."""
    if isinstance(value, (list, tuple)):
        return " tot ".join(_shown(part) for part in value)
    if isinstance(value, bool) or value is None:
        return {True: "ja", False: "nee", None: ""}[value]
    if isinstance(value, int):
        return _count(value)
    if isinstance(value, float):
        return f"{value:,.6g}".translate(str.maketrans(",.", ".,"))
    return str(value).strip()


def _unique(rows: Any) -> list[Any]:
    """Rows without repeats, in order."""
    return list({json.dumps(row): row for row in rows}.values())


def _texts(node: Any) -> Iterator[str]:
    """Every text in the payload but pictures."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "svg":
                yield from _texts(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _texts(value)
    elif isinstance(node, str):
        yield node


def _mapped(node: Any, change: Callable[[str], str]) -> Any:
    """Payload with every text but pictures changed."""
    if isinstance(node, dict):
        return {key: value if key == "svg" else _mapped(value, change) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_mapped(value, change) for value in node]
    return change(node) if isinstance(node, str) else node


def _showable(payload: Item) -> tuple[Item, list[str]]:
    """Payload in which every character has a glyph, and the ones that had none."""
    removed = pdf.without_glyph(_texts(payload))
    table = {ord(character): "□" for character in removed}
    return (_mapped(payload, lambda text: text.translate(table)) if table else payload), removed


def _compiled(payload: Item, warnings: list[str], *, timestamp: int) -> tuple[bytes, dict[str, Any]]:
    """PDF; Markdown that typst cannot set is shown as plain text, a broken picture is named."""
    try:
        return pdf.compiled(payload, timestamp=timestamp)
    except pdf.TypesettingError:
        mended = 0
        parts = payload["chapters"] + [part for annex in payload["annexes"] for part in annex["parts"]]
        for title, block in ((part["title"], block) for part in parts for block in part["blocks"]):
            if block.get("svg") and not pdf.drawable(block["svg"]):
                block["svg"] = None
                warnings.append(f"{title}: een figuur is beschadigd en blijft weg")
                mended += 1
            if "markup" in block and not pdf.settable(block["markup"]):
                block["markup"] = markup.plain(block.get("spoken") or block.get("text") or "")
                warnings.append(f"{title}: een stuk tekst is als platte tekst gezet")
                mended += 1
        if not mended:
            raise
        return pdf.compiled(payload, timestamp=timestamp)
