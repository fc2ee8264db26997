"""What an executed notebook says: its title, text and items in reading order, as plain data for the typst sources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat

from studie import regions
from studie.errors import InputError, StudieError
from studie.present import behind, numbers, words
from studie.present.display import MIME
from studie.report import foreign

KINDS = ("sentence", "table", "figure", "headline", "formula", "provenance")
STATUSES = ("observed", "own", "demonstration")
CERTAINTIES = ("zeker", "waarschijnlijk", "onzeker")
APPENDIX = "appendix"  # tag of a cell whose blocks the strategic study leaves to the report of the region
NO_DATA = "geen gegevens"  # source of what rests on assumptions alone
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
    cell: int | None = None  # where reading is, counted from 1

    def warn(self, text: str) -> None:
        """Note something the author should know, with the cell it is about."""
        where = self.name if self.cell is None else f"{self.name}, cel {self.cell}"
        self.warnings.append(f"{where}: {text}")


def chapter(notebook: Path | nbformat.NotebookNode, *, number: int = 1, name: str = "") -> Chapter:
    """Contents of an executed notebook.

    Parameters
    ----------
    notebook : Path or NotebookNode
        Executed; its outputs carry `application/vnd.studie+json`.
    number : int, default 1
        Place in the report; names a notebook that has neither file nor name.
    name : str, optional
        Name of a notebook that has no file.

    Raises
    ------
    InputError
        If the file is missing or not a notebook.

    Notes
    -----
    Code is never shown. Of outputs without our own mime type, pictures, tables, Markdown and errors are kept, with a
    warning for all that they lack; printed text and loose values are left out.
    """
    if isinstance(notebook, Path):
        result, node = Chapter(name=notebook.stem), _opened(notebook)
    else:
        result, node = Chapter(name=name or f"hoofdstuk {number}"), notebook
    for place, cell in enumerate(node.cells, start=1):
        result.cell, begin = place, len(result.blocks)
        if cell.cell_type == "markdown":
            result.blocks.append({"kind": "markdown", "text": cell.source})
        elif cell.cell_type == "code":
            given = foreign.options(cell.source)
            for output in cell.get("outputs", []):
                _take(output, given, result)
        if APPENDIX in cell.metadata.get("tags", []):
            for block in result.blocks[begin:]:
                block["appendix"] = True
    result.cell = None
    if not any(cell.get("outputs") for cell in node.cells):
        result.warn("geen enkele cel heeft een uitkomst: voer het notebook eerst uit")
    if result.headline is None:
        result.warn("geen kernbevindingen: sluit af met study.headline(…)")
    return result


def _opened(path: Path) -> nbformat.NotebookNode:
    """Notebook in a file."""
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError as error:
        raise InputError(f"notebook: must be an existing file, got {path}") from error
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError) as error:
        raise InputError(f"notebook: must be a Jupyter notebook, got {path}") from error


def _take(output: Any, given: dict[str, str], result: Chapter) -> None:
    """Add one output to the chapter; `given` is what its cell says of it."""
    if output.output_type == "error":
        result.warn(f"cel met fout: {output.ename}: {output.evalue}"[:200])
        result.blocks.append({"kind": "error", "name": str(output.ename), "text": _breakable(str(output.evalue))[:600]})
        return
    data = output.get("data", {})
    if MIME in data:
        for item in _listed(data[MIME]):
            _take_item(dict(item), data, result)
    elif not foreign.PICTURES.isdisjoint(data):
        _take_picture(output, given, result)
    elif "text/html" in data and "<table" in _joined(data["text/html"]):
        _take_tables(_joined(data["text/html"]), given, result)
    elif "text/markdown" in data:
        result.blocks.append({"kind": "markdown", "text": _joined(data["text/markdown"])})
    elif set(data) - {"text/plain"}:
        result.warn(f"uitkomst van het soort {min(set(data) - {'text/plain'})} kan niet in een document en blijft weg")
    elif data or foreign.is_said(output):
        result.warn("tekst of een losse waarde blijft weg: zet ze in een tabel of in een Markdowncel")


def _take_picture(output: Any, given: dict[str, str], result: Chapter) -> None:
    """Add a picture of a user's own, with what its cell says of it."""
    alt = foreign.alternative(output, given)
    item = {"kind": "figure", "alt": alt, "caption": given.get("fig-cap"), "source": given.get("source")}
    for key, name, option in (("caption", "bijschrift", "fig-cap"), ("source", "bron", "source")):
        if not item[key]:
            result.warn(f"figuur zonder {name}: begin de cel met #| {option}: …")
    result.blocks.append(_figure(item, output.data, result))


def _take_tables(html: str, given: dict[str, str], result: Chapter) -> None:
    """Add the tables of a piece of HTML; of pandas' own display of a frame the status of the data is read too."""
    for found in foreign.tables(html):
        item = {**found, "kind": "table", "caption": given.get("tbl-cap") or found["caption"]}
        item |= {"source": given.get("source"), "data_status": _told_statuses(found)}
        result.warn("tabel zonder eenheden: toon ze met study.show, of noem de eenheid in de kop van de kolom")
        if found["cut"]:
            result.warn("tabel is afgekapt: ze toont niet alle rijen of kolommen")
        if not item["source"]:
            result.warn("tabel zonder bron: begin de cel met #| source: …")
        result.statuses += item["data_status"]
        result.blocks.append(_table(item, result))


def _told_statuses(table: Item) -> list[str]:
    """Statuses in a column `data_status`, as every frame of `study.table` has."""
    places = [k for k, column in enumerate(table["columns"]) if column["label"] == "data_status"]
    return ordered(
        [status for row in table["rows"] for k in places for status in row[k].split("+") if status in STATUSES]
    )


def _take_item(item: Item, data: Any, result: Chapter) -> None:
    """Add one item of our own mime type to the chapter."""
    kind = item.get("kind")
    if kind not in KINDS:
        result.warn(f"onbekend soort item {kind!r} weggelaten")
        return
    frame = item.pop("frame", None)
    result.statuses += _statuses(item)
    if kind == "headline":
        result.headline = _headline(item)
    elif kind == "provenance":
        result.provenance.append(item)
    elif kind == "table":
        result.blocks.append(_table(item, result))
    elif kind == "figure":
        result.blocks.append({**_figure(item, data, result), "behind": _behind(frame)})
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
        "proposal": words.PROPOSAL in _text(item, "source"),
        "literature": item.get("literature") is True,
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
        result.warn(f"tabel {_quoted(shown['name'])}zonder bijschrift: begin de cel met #| tbl-cap: …")
    references = [r for r in _listed(item.get("references")) if r["row"] < len(rows) and r["column"] < len(columns)]
    return {**shown, "columns": columns, "rows": rows, "references": references}


def _figure(item: Item, data: Any, result: Chapter) -> Item:
    """Figure with its picture as SVG text and the share of the text width it may take."""
    shown = _shown(item, "figure")
    alt = _text(item, "alt")
    if not alt:
        result.warn(f"figuur {_quoted(shown['name'])}zonder tekstalternatief: begin de cel met #| fig-alt: …")
    svg = _joined(data["image/svg+xml"]) if "image/svg+xml" in data else foreign.wrapped(data)
    if svg is None:
        result.warn(f"figuur {_quoted(shown['name'])}zonder beeld")
    return {**shown, "alt": alt or shown["caption"] or NO_ALT, "svg": svg, "ratio": _ratio(svg or "")}


def _quoted(name: str) -> str:
    """Name in a warning, where there is one."""
    return f"{name!r} " if name else ""


def _behind(frame: Any) -> Item | None:
    """Table of the numbers behind a figure."""
    table = behind.behind(frame) if isinstance(frame, dict) else None
    return asdict(table) if table else None


def _ratio(svg: str) -> float:
    """Height of an SVG over its width."""
    root = re.search(r"<svg\b[^>]*>", svg, re.DOTALL)
    box = re.search(r'viewBox\s*=\s*["\']([^"\']+)', root.group()) if root else None
    sizes = [float(number) for number in re.findall(r"[-\d.]+", box.group(1))] if box else []
    return sizes[3] / sizes[2] if len(sizes) == 4 and sizes[2] > 0 else 0.6


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
