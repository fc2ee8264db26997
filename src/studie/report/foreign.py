"""What a user's own notebook shows in other forms than ours: tables in HTML, pictures, and words given with them."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from studie.present import numbers

if TYPE_CHECKING:
    from bs4 import Tag

BITMAPS = ("image/png", "image/jpeg")
PICTURES = frozenset({"image/svg+xml", *BITMAPS})
MOST_ROWS = 1000
MOST_COLUMNS = 100
BANNER = re.compile(r"^(Running HiGHS|Includes third-party software).*$", re.MULTILINE)  # highspy, when it is made
OPTION = re.compile(r"#\|\s*([a-z-]+)\s*:\s*(.*)")
DECIMAL = re.compile(r"[-−]?\d+\.\d+(?:[eE][-+]?\d+)?")
NUMBER = re.compile(r"[-−+]?[\d.,]+(?:[eE][-+]?\d+)?\s*%?")
MISSING = frozenset({"NaN", "nan", "NaT", "None", "<NA>", "inf", "-inf"})
CUT = frozenset({"...", "…"})


def is_said(output: Mapping[str, Any]) -> bool:
    """Whether a cell printed something of its own: no warnings, and not the lines by which a solver names itself."""
    text = "".join(output.get("text", ""))
    return output.get("name") != "stderr" and bool(BANNER.sub("", text).strip())


def options(source: str) -> dict[str, str]:
    """What the first lines of a cell say of its output, as `#| fig-alt: …`, the way of Quarto.

    Known are `fig-alt` (the text for who cannot see the figure), `fig-cap`, `tbl-cap` and `source`.
    """
    found = {}
    for line in source.splitlines():
        option = OPTION.fullmatch(line.strip())
        if option is None:
            break
        found[option[1]] = option[2].strip().strip("\"'")
    return found


def alternative(output: Mapping[str, Any], given: Mapping[str, str]) -> str:
    """Text for who cannot see a picture: of the cell, else of the output, where `Image(alt=…)` of IPython keeps it."""
    metadata = output.get("metadata", {})
    kept = [part.get("alt") for part in metadata.values() if isinstance(part, Mapping)]
    return str(given.get("fig-alt") or metadata.get("alt") or next((alt for alt in kept if alt), ""))


def wrapped(data: Mapping[str, Any]) -> str | None:
    """Bitmap as an SVG, so that one way leads into the report; None when there is none or it is broken."""
    from PIL import Image, UnidentifiedImageError

    for mime in BITMAPS:
        encoded = data.get(mime)
        if not encoded:
            continue
        text = "".join("".join(encoded).split())
        try:
            width, height = Image.open(io.BytesIO(base64.b64decode(text, validate=True))).size
        except (binascii.Error, UnidentifiedImageError):
            return None
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="0 0 {width} {height}">'
            f'<image width="{width}" height="{height}" xlink:href="data:{mime};base64,{text}"/></svg>'
        )
    return None


def tables(html: str) -> list[dict[str, Any]]:
    """Tables in HTML, such as pandas writes them, as `caption, columns, rows` and whether the table was `cut` off.

    Notes
    -----
    Several rows of heads become one; a cell that spans others stands in each. Decimals get a comma, what is missing
    is *onbekend*; a column of numbers stands right.
    """
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html, "html.parser")
    return [read for table in soup.find_all("table") if not table.find_parent("table") and (read := _table(table))]


def _table(table: Tag) -> dict[str, Any] | None:
    """One table; None without cells."""
    lines = [line for line in table.find_all("tr") if line.find_parent("table") is table]
    heads = [line for line in lines if line.find_parent("thead") or not line.find("td")]
    grid = _grid(lines)
    if not grid or not grid[0]:
        return None
    is_head = [any(line is head for head in heads) for line in lines]
    head = [row for row, first in zip(grid, is_head, strict=True) if first]
    body = [[_cell(text) for text in row] for row, first in zip(grid, is_head, strict=True) if not first]
    labels = [" · ".join(dict.fromkeys(row[k] for row in head if row[k])) for k in range(len(grid[0]))]
    right = [_is_number(row[k] for row in body) for k in range(len(labels))]
    caption = table.find("caption")
    return {
        "caption": caption.get_text(" ", strip=True) if caption else "",
        "columns": [
            {"label": label or _unnamed(k), "unit": "", "align": "right" if right[k] else "left"}
            for k, label in enumerate(labels)
        ],
        "rows": body,
        "cut": any(set(row) <= CUT for row in body) or any(label in CUT for label in labels),
    }


def _unnamed(place: int) -> str:
    """Head of a column without one: that of the index says what it is, since an empty head is read as nothing."""
    return "rij" if place == 0 else f"kolom {place + 1}"


def _grid(lines: list[Tag]) -> list[list[str]]:
    """Texts of the cells, each in every place that it spans, all rows as long as the longest."""
    taken: dict[tuple[int, int], str] = {}
    for y, line in enumerate(lines[:MOST_ROWS]):
        x = 0
        for cell in line.find_all(["th", "td"], recursive=False):
            while (y, x) in taken:
                x += 1
            down, along = _span(cell, "rowspan"), _span(cell, "colspan")
            text = cell.get_text(" ", strip=True)
            taken |= {(y + j, x + i): text for j in range(down) for i in range(along)}
            x += along
    width = max((x for _, x in taken), default=-1) + 1
    return [[taken.get((y, x), "") for x in range(min(width, MOST_COLUMNS))] for y in range(len(lines[:MOST_ROWS]))]


def _span(cell: Tag, name: str) -> int:
    """How many rows or columns a cell covers."""
    text = str(cell.get(name, "1"))
    return min(max(1, int(text)), MOST_COLUMNS) if text.isdigit() else 1


def _cell(text: str) -> str:
    """Text of a cell in Dutch."""
    if text in MISSING:
        return numbers.UNKNOWN
    return text.replace(".", ",").replace("-", "−") if DECIMAL.fullmatch(text) else text


def _is_number(texts: Any) -> bool:
    """Whether a column holds numbers, known or not."""
    told = [text for text in texts if text and text not in CUT and text != numbers.UNKNOWN]
    return bool(told) and all(NUMBER.fullmatch(text) for text in told)
