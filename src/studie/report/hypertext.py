"""Mended Markdown and TeX as HTML: one writing pass of pandoc over all chapters together, formulas read in Dutch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from studie.report import markup
from studie.report.markup import BOUNDARY, UNREADABLE_FORMULA, Mend, Node, walk

DEEPEST = 6  # levels of heading that HTML has
OPTIONS = ("--mathml", "--syntax-highlighting=none")
FOOTNOTES = re.compile(r'<section id="footnotes".*?<ol>(.*?)</ol>\s*</section>', re.DOTALL)
UNREADABLE = re.compile(r'<span class="math (?:inline|display)">.*?</span>', re.DOTALL)
TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
HEAD_CELL = re.compile(r"<th\b(?![^>]*scope=)")
EMPTY_HEAD = re.compile(r"<thead>\s*<tr>(?:\s*<th[^>]*></th>)+\s*</tr>\s*</thead>")
BACK = re.compile(r'(class="footnote-back" role="doc-backlink")>.*?</a>')
TASK = re.compile(r'<label><input type="checkbox"( checked="")? />(.*?)</label>', re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading of a chapter that the contents name."""

    chapter: int
    anchor: str
    text: str


@dataclass(kw_only=True)
class Written:
    """HTML per source, the second level of headings in reading order, and the footnotes of all sources together."""

    html: list[str] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    footnotes: str = ""


def written(documents: Sequence[list[Node]], chapters: Sequence[int]) -> Written:
    """HTML of mended trees.

    Parameters
    ----------
    documents : sequence of list
        Trees as `markup.typeset` mended them, in reading order.
    chapters : sequence of int
        Place of the chapter that each belongs to.

    Notes
    -----
    Headings go one level down, since the page itself has the first. A formula is an image with its Dutch reading as
    alternative, as in the PDF, so that no reader spells out TeX.
    """
    result = Written()
    if not documents:
        return result
    shown = [_mended(blocks, chapter, result) for blocks, chapter in zip(documents, chapters, strict=True)]
    wall: Node = {"t": "RawBlock", "c": ["html", f"<!-- {BOUNDARY} -->"]}
    text = markup.pandoc(markup.joined(shown, wall), *OPTIONS, source="json", target="html5")
    notes = FOOTNOTES.search(text)
    if notes:
        result.footnotes = BACK.sub(r'\1 aria-label="terug naar de tekst">↩</a>', notes[1].strip())
        text = text[: notes.start()] + text[notes.end() :]
    result.html = [_finished(part) for part in text.split(f"<!-- {BOUNDARY} -->")]
    return result


def _mended(blocks: list[Node], chapter: int, result: Written) -> list[Node]:
    """Tree with headings, formulas and links in the form that a browser needs."""

    def heading(node: Node) -> Node:
        level, text = node["c"][0], node["c"][2]
        anchor = ""
        if level == 2:
            anchor = f"kop-{len(result.headings) + 1}"
            result.headings.append(Heading(chapter=chapter, anchor=anchor, text=markup.stringify(text)))
        return {"t": "Header", "c": [min(level + 1, DEEPEST), [anchor, [], []], walk(text, mend)]}

    mend: dict[str, Mend] = {
        "Header": heading,
        "Span": lambda node: [
            markup.raw(
                "html", f'<span class="formula" role="img" aria-label="{escape(markup.attribute(node, "aloud"))}">'
            ),
            *node["c"][1],
            markup.raw("html", "</span>"),
        ],
        "Link": lambda node: _link(node, walk(node["c"][1], mend)),
    }
    mended: list[Node] = walk(blocks, mend)
    return mended


def _link(node: Node, inner: list[Node]) -> Any:
    """Link within the page with the number of what it points to; other links as they are."""
    number = markup.attribute(node, "number")
    if number:
        said = number if not inner else f" ({number})"
        inner = [*inner, {"t": "Str", "c": said}]
    return {"t": "Link", "c": [["", [], []], inner, node["c"][2]]}


def _finished(text: str) -> str:
    """HTML with readable formulas only, heads of tables that say so, and boxes to tick that nobody can."""
    text = UNREADABLE.sub(f"<em>{UNREADABLE_FORMULA}</em>", text)
    text = TABLE.sub(lambda found: _table(found[0]), text)
    return TASK.sub(lambda found: f"{'☑' if found[1] else '☐'} {found[2]}", text).strip()


def _table(text: str) -> str:
    """Table of Markdown in a region that scrolls by itself; a head without words is no head."""
    text = HEAD_CELL.sub('<th scope="col"', EMPTY_HEAD.sub("", text))
    return f'<div class="scroll" role="region" aria-label="Tabel" tabindex="0">{text}</div>'
