"""Which number each chapter, figure and table has, and what a text may refer to; the same in the PDF and on screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from studie.report.items import Chapter, Item
from studie.report.markup import Target

KINDS = {"figure": "figuur", "table": "tabel"}


def number(chapters: Sequence[Chapter], *, first: int | None) -> dict[str, Target]:
    """Give every captioned figure and table its anchor and number.

    Parameters
    ----------
    chapters : sequence of Chapter
        In reading order; their blocks get the keys `anchor` and `number`.
    first : int or None
        Number of the first chapter; None where chapters have none, as in a fiche.

    Returns
    -------
    dict of str to Target
        By `20-doorstroom.ipynb`, by `#name` and, for a name that several chapters use, by `2#name` with the place of
        the chapter.
    """
    counts = dict.fromkeys(KINDS, 0)
    targets: dict[str, Target] = {}
    for place, chapter in enumerate(chapters):
        if first is not None:
            targets[f"{chapter.name}.ipynb"] = Target(
                anchor=chapter_label(chapter.name), number=f"hoofdstuk {place + first}"
            )
        for block in chapter.blocks:
            if not is_numbered(block):
                continue
            word = KINDS[block["kind"]]
            counts[block["kind"]] += 1
            block["anchor"] = f"{word}-{counts[block['kind']]}"
            block["number"] = f"{word.capitalize()} {counts[block['kind']]}"
            target = Target(anchor=block["anchor"], number=block["number"].lower())
            for key in _keys(block, place):
                targets.setdefault(key, target)
    return targets


def chapter_label(name: str) -> str:
    """Name by which a link finds a chapter."""
    return f"hoofdstuk:{'-'.join(name.split())}"


def is_numbered(block: Item) -> bool:
    """Whether a block is a figure or table with a caption; a table without columns is only said to be empty."""
    if block["kind"] == "table" and not block["columns"]:
        return False
    return block["kind"] in KINDS and bool(block["caption"])


def _keys(block: Item, place: int) -> Iterator[str]:
    """Names by which a text may refer to a block."""
    if block["name"]:
        yield f"{place}#{block['name']}"
        yield f"#{block['name']}"
