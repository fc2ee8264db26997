"""What the strategic study has behind its chapters: the methods in plain words, the checks, the study's words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from studie.present import glossary
from studie.report import markup
from studie.report.items import Chapter, Item

METHODS = Path(__file__).parent / "methods"
METHOD, CHECKS = "Methode", "Controles"  # sections of a chapter
SECTION = re.compile(r"\s*## +(.+)")


def plain_method(name: str) -> str:
    """Markdown of a chapter's method in plain words; empty where it has none."""
    path = METHODS / f"{name}.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def set_apart(chapters: Sequence[Chapter]) -> list[list[Item]]:
    """Take method and checks out of the chapters, as far as they stand elsewhere; the blocks of the checks per chapter.

    Notes
    -----
    A method goes when the annexes say it in plain words: its formulas stay in the reports of the regions.
    """
    checks = []
    for chapter in chapters:
        sections = _sections(chapter.blocks)
        gone = {CHECKS, METHOD} if plain_method(chapter.name) else {CHECKS}
        checks.append([block for name, blocks in sections if name == CHECKS for block in blocks[1:]])
        chapter.blocks = [block for name, blocks in sections if name not in gone for block in blocks]
    return checks


def _sections(blocks: Sequence[Item]) -> list[tuple[str, list[Item]]]:
    """Blocks under each heading of level two, with that heading; those before the first have no name."""
    found: list[tuple[str, list[Item]]] = [("", [])]
    for block in blocks:
        heading = SECTION.match(block["text"]) if block["kind"] == "markdown" else None
        if heading:
            found.append((heading[1].strip(), []))
        found[-1][1].append(block)
    return found


def methods(chapters: Sequence[Chapter], titles: Sequence[str]) -> tuple[list[Item], list[str]]:
    """Methods in plain words of these chapters, ready to be set, and warnings."""
    told = [
        (title, text) for chapter, title in zip(chapters, titles, strict=True) if (text := plain_method(chapter.name))
    ]
    done = markup.typeset([markup.Source(chapter=i, kind="markdown", text=text) for i, (_, text) in enumerate(told)])
    return [{"title": title, "markup": text} for (title, _), text in zip(told, done.markup, strict=True)], done.warnings


def words(which: tuple[str, ...] | None = None) -> list[list[str]]:
    """Words with their meaning, each with a capital."""
    return [[word[:1].upper() + word[1:], meaning] for word, meaning in glossary.listed(which)]
