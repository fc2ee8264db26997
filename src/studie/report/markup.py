"""Markdown and TeX as typst markup: one reading and one writing pass of pandoc over all chapters together.

Between the two stands a tree that belongs to no form of output, so that `hypertext` can write the same text as HTML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from studie.report import spoken

READER = "gfm-yaml_metadata_block-gfm_auto_identifiers-emoji-alerts+smart"
BOUNDARY = "studiegrenspaal"
UNREADABLE = re.compile(r'(#aloud\("(?:[^"\\]|\\.)*"\)\[)\\\$.*?(?=\]#aloudend)', re.DOTALL)
NOTE_KEY = re.compile(r"\[\^([^\]\s]+)\]")
FALLBACK_ALT = "formule, in woorden uitgelegd in de tekst eromheen"
UNREADABLE_FORMULA = "(formule niet leesbaar)"
FORMULA, REFERENCE = "formula", "reference"  # classes of the spans and links that each form of output sets itself

Node = dict[str, Any]
Mend = Callable[[Node], Any]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Something in the report that a text may refer to: a chapter, a figure or a table."""

    anchor: str  # hoofdstuk-3
    number: str  # hoofdstuk 3


@dataclass(frozen=True, kw_only=True)
class Source:
    """One piece of a chapter that pandoc sets: a Markdown cell, or a formula with its Dutch reading."""

    chapter: int
    kind: Literal["markdown", "formula"]
    text: str
    spoken: str | None = None


@dataclass(kw_only=True)
class Typeset:
    """Typst markup and mended tree per source, the title per chapter, and what a reader should be told."""

    markup: list[str] = field(default_factory=list)
    documents: list[list[Node]] = field(default_factory=list)
    titles: dict[int, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def typeset(sources: Sequence[Source], *, targets: Mapping[str, Target] | None = None) -> Typeset:
    """Typst markup of every source.

    Parameters
    ----------
    sources : sequence of Source
        In reading order; sources of one chapter stand together.
    targets : mapping of str to Target, optional
        What links within the report may point to: `20-doorstroom.ipynb`, `#name` of a figure or table, or
        `2#name` for the one of the third chapter, which wins inside that chapter.

    Returns
    -------
    Typeset
        `markup` has one string per source. The first level-1 heading of a chapter becomes its
        title and is left out of the markup.

    Notes
    -----
    Raw HTML and pictures inside Markdown are left out with a warning, a skipped level of heading
    is closed up (PDF/UA-1 refuses it), and no code of typst can be smuggled in: the reader knows no
    raw attributes.
    """
    result = Typeset()
    if not sources:
        return result
    documents = _read(sources)
    levels: dict[int, int] = {}
    for source, document in zip(sources, documents, strict=True):
        _Cleaner(source, levels, result, targets or {}).clean(document)
    result.documents = [document["blocks"] for document in documents]
    result.markup = _write(result.documents)
    for place, text in enumerate(result.markup):
        mended, count = UNREADABLE.subn(rf"\1#emph[{UNREADABLE_FORMULA}]", text)
        if count:
            result.warnings.append(f"{_named(sources[place], result)}: {count} formule(s) met onbekende TeX-opdrachten")
        result.markup[place] = mended.replace("]#aloudend", "]").replace("]#referenceend", "]")
    return result


def plain(markdown: str) -> str:
    """Typst markup that shows the text as it stands, for a piece that typst cannot set."""
    return "\n\n".join(
        f"#{json.dumps(part, ensure_ascii=False)}" for part in re.split(r"\n\s*\n", markdown) if part.strip()
    )


def pandoc(text: str, *options: str, source: str, target: str) -> str:
    """Text converted by pandoc."""
    import pypandoc

    return str(pypandoc.convert_text(text, target, format=source, extra_args=["--wrap=none", "--quiet", *options]))


def _read(sources: Sequence[Source]) -> list[Node]:
    """Pandoc's tree per source; one call for all, or one per cell when a cell runs into its neighbour."""
    texts = [
        NOTE_KEY.sub(rf"[^{place}-\1]", source.text) if source.kind == "markdown" else ""
        for place, source in enumerate(sources)
    ]
    joined = f"\n\n{BOUNDARY}\n\n".join(texts)
    tree = json.loads(pandoc(joined, source=READER, target="json"))
    parts: list[list[Node]] = [[]]
    for block in tree["blocks"]:
        if block == {"t": "Para", "c": [{"t": "Str", "c": BOUNDARY}]}:
            parts.append([])
        else:
            parts[-1].append(block)
    if len(parts) == len(sources):
        trees = [{**tree, "blocks": part} for part in parts]
    else:
        trees = [json.loads(pandoc(text, source=READER, target="json")) for text in texts]
    for source, part in zip(sources, trees, strict=True):
        if source.kind == "formula":
            part["blocks"] = [
                {"t": "Para", "c": [{"t": "Math", "c": [{"t": "DisplayMath"}, source.text.strip().strip("$")]}]}
            ]
    return trees


def joined(documents: Sequence[list[Node]], wall: Node) -> str:
    """Lists of blocks as one document of pandoc, with a wall between each two."""
    blocks: list[Node] = []
    for place, part in enumerate(documents):
        blocks += ([wall] if place else []) + part
    return json.dumps({"pandoc-api-version": _api_version(), "meta": {}, "blocks": blocks})


def walk(node: Any, mend: Mapping[str, Mend]) -> Any:
    """Tree with every node mended by its kind; a list returned for a node is spliced into its parent."""
    if isinstance(node, list):
        out: list[Any] = []
        for child in node:
            new = walk(child, mend)
            if isinstance(child, dict) and "t" in child and isinstance(new, list):
                out += new
            else:
                out.append(new)
        return out
    if not isinstance(node, dict):
        return node
    if node.get("t") in mend:
        return mend[node["t"]](node)
    return {key: walk(value, mend) for key, value in node.items()}


def raw(target: str, text: str) -> Node:
    """Text in the language of the output."""
    return {"t": "RawInline", "c": [target, text]}


def _write(documents: list[list[Node]]) -> list[str]:
    """Typst markup per list of blocks, in one call."""
    mend: dict[str, Mend] = {
        "Header": lambda node: {"t": "Header", "c": [node["c"][0], ["", [], []], walk(node["c"][2], mend)]},
        "Span": lambda node: [
            raw("typst", f"#aloud({_quoted(attribute(node, 'aloud'))})["),
            *node["c"][1],
            raw("typst", "]#aloudend"),
        ],
        "Link": lambda node: _typst_link(node, walk(node["c"][1], mend)),
    }
    wall: Node = {"t": "RawBlock", "c": ["typst", f"// {BOUNDARY}"]}
    text = pandoc(joined(walk(documents, mend), wall), source="json", target="typst")
    text = text.replace("align(center)[#table(", "align(left)[#table(")  # a centred table would centre its cells
    return [part.strip() for part in text.split(f"// {BOUNDARY}")]


def attribute(node: Node, name: str) -> str:
    """Value of an attribute of a span or link; empty where it has none."""
    return next((value for key, value in node["c"][0][2] if key == name), "")


def _typst_link(node: Node, inner: list[Node]) -> Any:
    """Link within the report, with the number of what it points to; other links as they are."""
    number = attribute(node, "number")
    if not number:
        return {"t": "Link", "c": [node["c"][0], inner, node["c"][2]]}
    anchor = node["c"][2][0].removeprefix("#")
    return [raw("typst", f"#reference({_quoted(anchor)}, {_quoted(number)})["), *inner, raw("typst", "]#referenceend")]


def _quoted(text: str) -> str:
    """Text as a typst string."""
    return json.dumps(text, ensure_ascii=False)


_VERSIONS: list[list[int]] = []


def _api_version() -> list[int]:
    """Version of pandoc's tree, as pandoc itself states it."""
    if not _VERSIONS:
        _VERSIONS.append(json.loads(pandoc("", source="gfm", target="json"))["pandoc-api-version"])
    return _VERSIONS[0]


def stringify(inlines: Any) -> str:
    """Plain text of pandoc inlines."""
    return "".join(_pieces(inlines)).strip()


def _pieces(node: Any) -> Iterator[str]:
    """Texts in a tree, in reading order."""
    if isinstance(node, list):
        for child in node:
            yield from _pieces(child)
        return
    if not isinstance(node, dict):
        return
    kind: str = node.get("t", "")
    content: Any = node.get("c")
    if kind == "Str":
        yield content
    elif kind in ("Space", "SoftBreak", "LineBreak"):
        yield " "
    elif kind in ("Code", "Math"):
        yield content[1]
    elif kind == "Quoted":
        yield "“" if content[0]["t"] == "DoubleQuote" else "‘"
        yield from _pieces(content[1])
        yield "”" if content[0]["t"] == "DoubleQuote" else "’"
    elif kind != "Note":
        yield from _pieces(content)


def _named(source: Source, result: Typeset) -> str:
    """How a warning names the chapter of a source."""
    return result.titles.get(source.chapter, f"hoofdstuk {source.chapter + 1}")


class _Cleaner:
    """One source's tree made fit for print: headings, formulas, pictures, links, raw pieces."""

    def __init__(self, source: Source, levels: dict[int, int], result: Typeset, targets: Mapping[str, Target]) -> None:
        self.source, self.levels, self.result, self.targets = source, levels, result, targets
        self.mend: dict[str, Mend] = {
            "Header": self._heading,
            "Math": self._math,
            "Image": self._image,
            "Link": self._link,
            "Span": lambda node: walk(node["c"][1], self.mend),
            "RawInline": self._raw,
            "RawBlock": self._raw,
        }

    def warn(self, text: str) -> None:
        """Note something the author should know."""
        self.result.warnings.append(f"{_named(self.source, self.result)}: {text}")

    def clean(self, document: Node) -> None:
        """Change the tree in place."""
        document["blocks"] = walk([block for block in document["blocks"] if not self._is_title(block)], self.mend)

    def _is_title(self, block: Node) -> bool:
        """Take the chapter's title out of the text."""
        chapter = self.source.chapter
        if block["t"] != "Header" or block["c"][0] != 1 or chapter in self.result.titles:
            return False
        self.result.titles[chapter] = stringify(block["c"][2])
        return True

    def _heading(self, node: Node) -> Node:
        """Heading one level under the chapter at least, never more than one below the last."""
        chapter, wanted = self.source.chapter, max(2, node["c"][0])
        level = min(wanted, self.levels.get(chapter, 1) + 1)
        if level != node["c"][0]:
            self.warn(f"kop “{stringify(node['c'][2])}” van niveau {node['c'][0]} naar {level} gebracht")
        self.levels[chapter] = level
        return {"t": "Header", "c": [level, ["", [], []], walk(node["c"][2], self.mend)]}

    def _math(self, node: Node) -> list[Node]:
        """Formula with its Dutch reading."""
        tex = node["c"][1]
        reading = self.source.spoken or spoken.formula(tex)
        if not reading:
            self.warn(f"formule zonder Nederlandse lezing: {tex[:60]}")
            reading = FALLBACK_ALT
        return [{"t": "Span", "c": [["", [FORMULA], [["aloud", reading]]], [node]]}]

    def _image(self, node: Node) -> list[Node]:
        """A picture in Markdown stays away; its description is read."""
        text = stringify(node["c"][1])
        self.warn(f"afbeelding in Markdown weggelaten ({text or 'zonder beschrijving'})")
        return [{"t": "Emph", "c": [{"t": "Str", "c": f"(afbeelding: {text})"}]}] if text else []

    def _link(self, node: Node) -> Any:
        """Addresses outside stay links, what stands in the report gets its number; a path on a disk becomes text."""
        inner, address = walk(node["c"][1], self.mend), node["c"][2][0]
        if re.match(r"(https?://|mailto:)", address):
            return {"t": "Link", "c": [["", [], []], inner, [address, ""]]}
        target = self.targets.get(f"{self.source.chapter}{address}") or self.targets.get(address)
        if target is not None:
            marks = ["", [REFERENCE], [["number", target.number]]]
            return {"t": "Link", "c": [marks, inner, [f"#{target.anchor}", ""]]}
        if address.startswith("#"):
            self.warn(f"verwijzing naar {address} gaat nergens heen en is gewone tekst geworden")
        return inner

    def _raw(self, node: Node) -> list[Node]:
        """Raw HTML is left out."""
        if not node["c"][1].startswith("<!--"):
            self.warn(f"ruwe HTML weggelaten: {node['c'][1][:40]}")
        return [{"t": "Space"}] if re.match(r"<br", node["c"][1]) else []
