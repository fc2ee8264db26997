"""What the strategic study has behind its chapters: the methods in plain words, the checks, the study's words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from studie.present import glossary, numbers
from studie.report.items import Chapter, Item

METHODS = Path(__file__).parent / "methods"
METHOD, CHECKS = "Methode", "Controles"  # sections of a chapter
FOLLOWED = "Engagementen van het plan bij dit hoofdstuk: "
COMMITMENT = re.compile(r"(E\d\d): ")
LEFT = "Ook in het rapport van de provincie, bij dit hoofdstuk: "
DETAIL = re.compile(r"[:;(].*")  # of a caption, where only its subject is told
TABLE, AFTER_FLOAT = 800, 2500  # characters: room of a table, and of what follows a figure that floats
SECTION = re.compile(r"\s*## +(.+)")


def plain_method(name: str) -> str:
    """Markdown of a chapter's method in plain words; empty where it has none."""
    path = METHODS / f"{name}.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def set_apart(chapters: Sequence[Chapter]) -> list[Chapter]:
    """Take method, checks and appendix out of the chapters, as far as they stand elsewhere; the checks, by chapter.

    Notes
    -----
    A method goes when the annexes say it in plain words: its formulas stay in the reports of the regions. So do the
    blocks of cells tagged `appendix`; each chapter ends with what they show, and with the commitments that lead to it.
    """
    checks, followed = [], _followed(chapters)
    for chapter in chapters:
        left = _leave_appendix(chapter)
        sections = _sections(chapter.blocks)
        gone = {CHECKS, METHOD} if plain_method(chapter.name) else {CHECKS}
        own = [block for name, blocks in sections if name == CHECKS for block in _under(blocks)]
        if own:
            checks.append(Chapter(name=chapter.name, blocks=own))
        chapter.blocks = [block for name, blocks in sections if name not in gone for block in blocks]
        names = numbers.listing(sorted(followed.get(chapter.name, ())))
        end = [f"{start}{said}." for start, said in ((LEFT, left), (FOLLOWED, names)) if said]
        if end:
            chapter.blocks.append({"kind": "markdown", "text": f"*{' '.join(end)}*"})
    return checks


def _followed(chapters: Sequence[Chapter]) -> dict[str, set[str]]:
    """Chapter → the commitments that a table of another chapter sends its reader there for."""
    found: dict[str, set[str]] = {}
    for chapter in chapters:
        for block in chapter.blocks:
            for reference in block.get("references", ()):
                told = COMMITMENT.match(block["rows"][reference["row"]][0])
                if told and reference["chapter"] != chapter.name:
                    found.setdefault(reference["chapter"], set()).add(told[1])
    return found


def let_float(chapters: Sequence[Chapter]) -> None:
    """Let a figure go to the head or foot of a page, so that none stays half empty.

    Not one right under a heading, nor one with so little after it that it could end up in the next chapter.
    """
    for chapter in chapters:
        lengths = [len(block.get("text", "")) + TABLE * (block["kind"] == "table") for block in chapter.blocks]
        for place, (before, block) in enumerate(pairwise(chapter.blocks), start=1):
            if block["kind"] == "figure":
                last = before.get("text", "").rstrip().rpartition("\n")[2]
                heading = before["kind"] == "markdown" and last.startswith("#")
                block["floats"] = not heading and sum(lengths[place + 1 :]) > AFTER_FLOAT


def _leave_appendix(chapter: Chapter) -> str:
    """Leave the appendix to the report of the province; the subjects of what is in it."""
    shown = [block for block in chapter.blocks if block.get("appendix") and block.get("caption")]
    chapter.blocks = [block for block in chapter.blocks if not block.get("appendix")]
    return "; ".join(dict.fromkeys(DETAIL.sub("", block["caption"]).strip() for block in shown))


def _under(blocks: Sequence[Item]) -> list[Item]:
    """Blocks of a section without its heading; what stands below it in the same cell stays."""
    rest = SECTION.sub("", blocks[0]["text"], count=1).strip()
    return [*([{**blocks[0], "text": rest}] if rest else []), *blocks[1:]]


def _sections(blocks: Sequence[Item]) -> list[tuple[str, list[Item]]]:
    """Blocks under each heading of level two, with that heading; those before the first have no name."""
    found: list[tuple[str, list[Item]]] = [("", [])]
    for block in blocks:
        heading = SECTION.match(block["text"]) if block["kind"] == "markdown" else None
        if heading:
            found.append((heading[1].strip(), []))
        found[-1][1].append(block)
    return found


def methods(chapters: Sequence[Chapter]) -> list[Chapter]:
    """Methods in plain words of these chapters, as far as they have one."""
    told = [(chapter.name, plain_method(chapter.name)) for chapter in chapters]
    return [Chapter(name=name, blocks=[{"kind": "markdown", "text": text}]) for name, text in told if text]


def parts(behind: Sequence[Chapter], titles: Sequence[str], chapters: Sequence[Chapter]) -> list[Item]:
    """What stands behind the chapters, each under its chapter's title: `title, blocks`."""
    title = {chapter.name: said for chapter, said in zip(chapters, titles, strict=True)}
    return [{"title": title[one.name], "blocks": one.blocks} for one in behind]


def words(which: tuple[str, ...] | None = None) -> list[list[str]]:
    """Words with their meaning, each with a capital."""
    return [[word[:1].upper() + word[1:], meaning] for word, meaning in glossary.listed(which)]
