"""What a run left: its manifest, executed chapters, result tables and the texts that a reader meets in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from studie.batch.extract import file_name, items
from studie.batch.inputs import Folders
from studie.batch.manifest import MANIFEST
from studie.config import REFERENCE_DATE
from studie.disclosure import rules

SIX = ("quantity", "estimate", "lower", "upper", "n", "unit")
NUMBERED = re.compile(r"-\d+$")  # another frame of the same name
DRAWN = re.compile(r"<!--\s*(.*?)\s*-->|<(?:text|tspan|title|desc)\b[^>]*>([^<]*)<", re.DOTALL)  # words in an SVG


@dataclass(frozen=True, kw_only=True)
class Output:
    """What a run left in its folder."""

    folder: Path
    folders: Folders
    threshold: float

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the run says of itself."""
        content: dict[str, Any] = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        return content

    @property
    def given(self) -> dict[str, Any]:
        """Parameters that the user gave, with the default of those that the audit needs."""
        defaults = {"data": "auto", "reference_date": REFERENCE_DATE, "config": "study"}
        return defaults | dict(self.manifest.get("request", {}).get("given", {}))

    @cached_property
    def notebooks(self) -> dict[str, Any]:
        """Executed chapters by `region/chapter`; those that stopped are no part of what is published."""
        paths = [p for p in sorted(self.folder.glob("*/*.ipynb")) if not p.name.endswith(".failed.ipynb")]
        return {f"{p.parent.name}/{p.stem}": json.loads(p.read_text(encoding="utf-8")) for p in paths}

    @cached_property
    def shown(self) -> list[tuple[str, dict[str, Any]]]:
        """Items of every executed chapter, with the place they stand."""
        return [(place, item) for place, node in self.notebooks.items() for item in items(node)]

    @cached_property
    def frames(self) -> dict[str, pd.DataFrame]:
        """Result tables by their place."""
        paths = sorted(self.folder.glob("*/results/*.parquet"))
        return {f"{p.parent.parent.name}/{p.stem}": pd.read_parquet(p) for p in paths}

    @cached_property
    def about_persons(self) -> set[str]:
        """Places of the result tables that were made from tables about persons."""
        from studie.data import catalogue

        tables = {d.dataset_id: d.table for d in catalogue.datasets()}
        made_from = {
            f"{place.split('/')[0]}/{file_name(str(item.get('name') or item['kind']))}"
            for place, item in self.shown
            if rules.about_persons(tables.get(use, use) for use in item.get("uses", []))
        }
        return {place for place in self.frames if NUMBERED.sub("", place) in made_from or place in made_from}

    @cached_property
    def counting_persons(self) -> dict[str, pd.DataFrame]:
        """Result tables about persons, and the rows of other tables that are published counts of persons."""
        found = {}
        for place, frame in self.frames.items():
            if not {*SIX} <= set(frame):
                continue
            if place in self.about_persons:
                found[place] = frame
            elif (frame["unit"] == rules.PUBLISHED_UNIT).any():
                found[place] = frame[frame["unit"] == rules.PUBLISHED_UNIT]
        return found

    @cached_property
    def texts(self) -> dict[str, str]:
        """Every text of the chapters by its place: items, words drawn in figures, and what stands between them."""
        found: dict[str, list[str]] = {}
        for place, node in self.notebooks.items():
            for cell in node["cells"]:
                if cell["cell_type"] == "markdown":
                    found.setdefault(f"{place} text", []).append("".join(cell["source"]))
                for output in cell.get("outputs", []):
                    data = output.get("data", {})
                    found.setdefault(f"{place} printed", []).append("".join(output.get("text", "")))
                    for svg in (data.get("image/svg+xml"),):
                        words = [" ".join(part) for part in DRAWN.findall("".join(svg or ""))]
                        found.setdefault(f"{place} drawing", []).append("\n".join(words))
        for place, item in self.shown:
            found.setdefault(f"{place} {item.get('kind')}", []).extend(_said(item))
        return {place: "\n; ".join(parts) for place, parts in found.items()}


def _said(item: dict[str, Any]) -> Iterator[str]:
    """Lines that an item is read as."""
    for key in ("text", "caption", "alt", "note", "discuss"):
        if item.get(key):
            yield str(item[key])
    yield from (" | ".join(map(str, row)) for row in item.get("rows", []))
    yield from map(str, item.get("unknown", []))
    for finding in item.get("findings", []):
        yield f"{finding.get('finding', '')}\n{finding.get('meaning', '')}"
    yield from (f"{number.get('label')}: {number.get('value')}" for number in item.get("numbers", []))
