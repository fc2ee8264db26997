"""What an executed notebook says: its title, text and items in reading order, as plain data for the typst sources."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat

from studie import regions
from studie.errors import InputError, StudieError
from studie.present import numbers
from studie.present.display import MIME

KINDS = ("sentence", "table", "figure", "headline", "formula", "provenance")
STATUSES = ("observed", "own", "demonstration")
CERTAINTIES = ("zeker", "waarschijnlijk", "onzeker")
NO_ALT = "Figuur zonder tekstalternatief"
REGION = re.compile(r"(province|arrondissement|working-area|grouping|municipality|region):\S+")
PERIOD = re.compile(r"\d{4}(-\d{2}(-\d{2})?|-[QS]\d)?")
LONG_WORD = re.compile(r"\S{31,}")

Item = dict[str, Any]


@dataclass(kw_only=True)
class Chapter:
    """One notebook's contribution: blocks in order, the headline and the provenance."""

    name: str
    blocks: list[Item] = field(default_factory=list)
    headline: Item | None = None
    provenance: list[Item] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def warn(self, text: str) -> None:
        """Note something the author should know."""
        self.warnings.append(f"{self.name}: {text}")


def chapter(notebook: Path | nbformat.NotebookNode, *, number: int = 1) -> Chapter:
    """Contents of an executed notebook.

    Parameters
    ----------
    notebook : Path or NotebookNode
        Executed; its outputs carry `application/vnd.studie+json`.
    number : int, default 1
        Place in the report; names a notebook that has no file.

    Raises
    ------
    InputError
        If the file is missing or not a notebook.

    Notes
    -----
    Code is never shown. Outputs without our own mime type are left out, except pictures (with a
    warning about the missing alternative text) and errors.
    """
    if isinstance(notebook, Path):
        result, node = Chapter(name=notebook.stem), _opened(notebook)
    else:
        result, node = Chapter(name=f"hoofdstuk {number}"), notebook
    for cell in node.cells:
        if cell.cell_type == "markdown":
            result.blocks.append({"kind": "markdown", "text": cell.source})
        elif cell.cell_type == "code":
            for output in cell.get("outputs", []):
                _take(output, result)
    if result.headline is None:
        result.warn("geen kernbevindingen (headline)")
    return result


def _opened(path: Path) -> nbformat.NotebookNode:
    """Notebook in a file."""
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError as error:
        raise InputError(f"notebook: must be an existing file, got {path}") from error
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError) as error:
        raise InputError(f"notebook: must be a Jupyter notebook, got {path}") from error


def _take(output: Any, result: Chapter) -> None:
    """Add one output to the chapter."""
    if output.output_type == "error":
        result.warn(f"cel met fout: {output.ename}: {output.evalue}"[:200])
        result.blocks.append({"kind": "error", "name": str(output.ename), "text": _breakable(str(output.evalue))[:600]})
        return
    data = output.get("data", {})
    if MIME in data:
        for item in _listed(data[MIME]):
            _take_item(dict(item), data, result)
    elif "image/svg+xml" in data or "image/png" in data:
        result.warn("figuur zonder tekstalternatief, bijschrift en bron")
        result.blocks.append(_figure({"kind": "figure", "alt": NO_ALT, "caption": ""}, data, result))
    elif "text/html" in data and "<table" in _joined(data["text/html"]):
        result.warn("tabel zonder eigen mime-type weggelaten")


def _take_item(item: Item, data: Any, result: Chapter) -> None:
    """Add one item of our own mime type to the chapter."""
    kind = item.get("kind")
    if kind not in KINDS:
        result.warn(f"onbekend soort item {kind!r} weggelaten")
        return
    item.pop("frame", None)
    result.statuses += _statuses(item)
    if kind == "headline":
        result.headline = _headline(item)
    elif kind == "provenance":
        result.provenance.append(item)
    elif kind == "table":
        result.blocks.append(_table(item, result))
    elif kind == "figure":
        result.blocks.append(_figure(item, data, result))
    elif kind == "sentence":
        result.blocks.append(_sentence(item))
    else:
        result.blocks.append({"kind": "formula", "tex": _text(item, "tex"), "spoken": _text(item, "spoken")})


def _statuses(item: Item) -> list[str]:
    """Every status of data that the item, its findings, numbers or data sets name."""
    found = _strings(item.get("data_status"))
    for part in ("findings", "numbers", "datasets"):
        for row in _listed(item.get(part)):
            found += _strings(row.get("data_status"))
    return found


def _sentence(item: Item) -> Item:
    """Sentence with how sure it is."""
    return {
        "kind": "sentence",
        "text": _breakable(_text(item, "text")),
        "certainty": _certainty(item),
        "data_status": _ordered(item.get("data_status")),
    }


def _headline(item: Item) -> Item:
    """Findings, small numbers, what is unknown and what to discuss."""
    return {
        "findings": [
            {
                "finding": _breakable(_text(row, "finding")),
                "meaning": _breakable(_text(row, "meaning")),
                "certainty": _certainty(row),
                "data_status": _ordered(row.get("data_status")),
            }
            for row in _listed(item.get("findings"))
        ],
        "numbers": [
            {
                "label": _text(row, "label"),
                "value": _text(row, "value"),
                "data_status": _ordered(row.get("data_status")),
            }
            for row in _listed(item.get("numbers"))
        ],
        "unknown": [_breakable(text) for text in _strings(item.get("unknown"))],
        "discuss": _breakable(_text(item, "discuss")),
    }


def _shown(item: Item, kind: str) -> Item:
    """What figures and tables share: name, caption, place, period, status, source."""
    keys = ("name", "caption", "source", "note")
    return {
        "kind": kind,
        **{key: _breakable(_text(item, key)) for key in keys},
        "region": _breakable(place(_text(item, "region"))),
        "period": _breakable(span(_text(item, "period"))),
        "data_status": _ordered(item.get("data_status")),
    }


def _table(item: Item, result: Chapter) -> Item:
    """Table with columns and rows that fit each other."""
    columns = [
        {
            "label": _text(column, "label") or _text(column, "key"),
            "unit": _text(column, "unit"),
            "align": "right" if column.get("align") == "right" else "left",
        }
        for column in _listed(item.get("columns"))
    ]
    rows = [[_breakable(_cell(cell)) for cell in row] for row in item.get("rows") or []]
    if any(len(row) != len(columns) for row in rows):
        result.warn(f"tabel {_text(item, 'name')!r}: rijen met een ander aantal cellen dan kolommen")
        rows = [(row + [""] * len(columns))[: len(columns)] for row in rows]
    shown = _shown(item, "table")
    if not shown["caption"]:
        result.warn(f"tabel {shown['name']!r} zonder bijschrift")
    references = [r for r in _listed(item.get("references")) if r["row"] < len(rows) and r["column"] < len(columns)]
    return {**shown, "columns": columns, "rows": rows, "references": references}


def _figure(item: Item, data: Any, result: Chapter) -> Item:
    """Figure with its picture as SVG text and the share of the text width it may take."""
    shown = _shown(item, "figure")
    alt = _text(item, "alt")
    if not alt:
        result.warn(f"figuur {shown['name']!r} zonder tekstalternatief")
    svg = _joined(data["image/svg+xml"]) if "image/svg+xml" in data else _wrapped_png(data.get("image/png"))
    if svg is None:
        result.warn(f"figuur {shown['name']!r} zonder beeld")
    return {**shown, "alt": alt or shown["caption"] or NO_ALT, "svg": svg, "ratio": _ratio(svg or "")}


def _ratio(svg: str) -> float:
    """Height of an SVG over its width."""
    root = re.search(r"<svg\b[^>]*>", svg, re.DOTALL)
    box = re.search(r'viewBox\s*=\s*["\']([^"\']+)', root.group()) if root else None
    sizes = [float(number) for number in re.findall(r"[-\d.]+", box.group(1))] if box else []
    return sizes[3] / sizes[2] if len(sizes) == 4 and sizes[2] > 0 else 0.6


def _wrapped_png(encoded: Any) -> str | None:
    """Bitmap as an SVG, so that one way leads into the report."""
    if not encoded:
        return None
    text = "".join(_joined(encoded).split())
    head = base64.b64decode(text[:64])
    width, height = int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" xlink:href="data:image/png;base64,{quote(text, safe="+/=")}"/></svg>'
    )


def ordered(statuses: Sequence[str]) -> list[str]:
    """Statuses once each, known ones first and in fixed order."""
    known = [status for status in STATUSES if status in statuses]
    return known + sorted(set(statuses) - set(STATUSES))


def _ordered(value: Any) -> list[str]:
    """Statuses of a loose value."""
    return ordered(_strings(value))


@lru_cache(maxsize=1024)
def place(text: str) -> str:
    """Name of the region that a code stands for; other text as it is."""
    if not REGION.fullmatch(text):
        return text
    try:
        return regions.region(text).name
    except StudieError:
        return text


def span(text: str) -> str:
    """Period `2020-01` or `2020-01/2025-12` in Dutch words; other text as it is."""
    parts = text.split("/")
    if len(parts) > 2 or not all(PERIOD.fullmatch(part) for part in parts):
        return text
    return numbers.span(parts[0], parts[-1])


def _certainty(item: Item) -> str | None:
    """One of the three words, or nothing."""
    word = _text(item, "certainty")
    return word if word in CERTAINTIES else None


def _listed(value: Any) -> list[Any]:
    """List of mappings: none for nothing, one for a single mapping."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _strings(value: Any) -> list[str]:
    """List of texts: none for nothing, one for a single text."""
    return [str(text) for text in _listed(value) if text not in (None, "")]


def _text(item: Item, key: str) -> str:
    """Text under a key; empty where there is none."""
    return _cell(item.get(key))


def _cell(value: Any) -> str:
    """Text of one cell."""
    return "" if value is None else str(value).strip()


def _joined(value: Any) -> str:
    """Text that a notebook may hold as lines."""
    return "".join(value) if isinstance(value, list) else str(value)


def _breakable(text: str) -> str:
    """Text whose very long words may break, so that nothing runs out of its column."""
    return LONG_WORD.sub(lambda match: "\u200b".join(_chunks(match.group())), text)


def _chunks(word: str) -> Iterator[str]:
    """Pieces of a word without natural break, cut after signs where there are any."""
    for piece in re.findall(r"[^/_.\-@&?=]+[/_.\-@&?=]*|[/_.\-@&?=]+", word):
        if re.fullmatch(r"[^\W\d_]+[-]?", piece) and len(piece) <= 40:
            yield piece  # a long Dutch compound hyphenates by itself
        else:
            yield from (piece[start : start + 20] for start in range(0, len(piece), 20))
