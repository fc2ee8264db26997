"""What the chapters of a run showed, frozen: result tables, the datasets behind each, checksums of the method."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from studie.batch import extract, frozen
from studie.batch.inputs import SOURCE_FOLDER, digest, file_address
from studie.batch.output import NUMBERED
from studie.batch.plan import region_path
from studie.errors import StudieError


@dataclass(frozen=True, kw_only=True)
class Content:
    """What was frozen of the chapters.

    Attributes
    ----------
    index
        One row per result table: region, chapter, table, uses (datasets), data_status, rows.
    sources
        Checksum of each chapter's cells without their outputs.
    shown
        Datasets behind anything that a chapter shows, by `region chapter`.
    """

    index: pd.DataFrame
    sources: dict[str, str]
    shown: dict[str, list[str]]


def freeze_results(run: Path, manifest: Mapping[str, Any], *, draft: Path) -> Content:
    """Write the result tables of every chapter into a draft, from notebooks that are still those of the run.

    Raises
    ------
    StudieError
        If a notebook was saved again, or the run's result tables are not those that its notebooks show.
    """
    rows: list[dict[str, Any]] = []
    sources: dict[str, str] = {}
    shown: dict[str, list[str]] = {}
    for key, record in sorted(manifest["chapters"].items()):
        region, chapter = record["region"], record["chapter"]
        node = _notebook(run, region, chapter, expected=record["notebook_sha256"])
        folder = draft / frozen.table_place(region, chapter, "x").parent
        names = extract.write_results(node, folder)
        if not names:
            folder.rmdir()
        uses = _uses(node)
        sources[chapter] = _source(node)
        shown[key] = sorted(set().union(*uses.values()))
        rows += [_row(folder, region, chapter, table, uses) for table in names]
    columns = ["region", "chapter", "table", "uses", "data_status", "rows"]
    index = pd.DataFrame(rows, columns=columns)
    for region in index["region"].unique():
        _same_results(run, draft, region, index[index["region"] == region])
    return Content(index=index, sources=sources, shown=shown)


def code_files() -> dict[str, str]:
    """Checksum of every file of the package."""
    files = sorted(p for p in SOURCE_FOLDER.rglob("*") if p.is_file() and p.suffix != ".pyc")
    return {p.relative_to(SOURCE_FOLDER).as_posix(): file_address(p) for p in files}


def _notebook(run: Path, region: str, chapter: str, *, expected: str) -> Any:
    """Executed chapter; whoever opened it may have saved it."""
    path = run / "-".join(region_path(region).parts) / f"{chapter}.ipynb"
    place = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        raise StudieError(f"{place}: is not in run {run.name}; make the run again")
    if file_address(path) != expected:
        raise StudieError(f"{place}: was saved after run {run.name}; make the run again")
    return json.loads(path.read_text(encoding="utf-8"))


def _source(node: Mapping[str, Any]) -> str:
    """Checksum of a chapter's own cells without outputs."""
    cells = []
    for cell in node["cells"]:
        tags = sorted(cell.get("metadata", {}).get("tags", []))
        if "injected-parameters" not in tags:
            cells.append((cell["cell_type"], "".join(cell["source"]), tags, cell.get("attachments")))
    return digest(cells)


def _uses(node: Any) -> dict[str, set[str]]:
    """Datasets by the name of what is shown; sentences and headlines have none and count together."""
    found: dict[str, set[str]] = {}
    for item in extract.items(node):
        named = item.get("kind") in extract.WITH_FRAME
        name = extract.file_name(str(item.get("name") or item["kind"])) if named else ""
        found.setdefault(name, set()).update(item.get("uses") or [])
    return found or {"": set()}


def _row(folder: Path, region: str, chapter: str, table: str, uses: Mapping[str, set[str]]) -> dict[str, Any]:
    """What the index says of a result table."""
    frame = pd.read_parquet(folder / f"{table}.parquet")
    status = _statuses(frame["data_status"]) if "data_status" in frame else ""
    behind = uses.get(table) or uses.get(NUMBERED.sub("", table), set())
    return {
        "region": region,
        "chapter": chapter,
        "table": table,
        "uses": " ".join(sorted(behind)),
        "data_status": status,
        "rows": len(frame),
    }


def _statuses(column: Iterable[Any]) -> str:
    """Statuses in a column whose rows may hold several."""
    return "+".join(sorted({part for text in column for part in str(text).split("+")}))


def _same_results(run: Path, draft: Path, region: str, index: pd.DataFrame) -> None:
    """Refuse a run whose result tables, on which the laws were tested, are not those of its notebooks."""
    folder = run / "-".join(region_path(region).parts) / "results"
    names = zip(index["chapter"], index["table"], strict=True)
    places = [draft / frozen.table_place(region, chapter, table) for chapter, table in names]
    new = {place.with_suffix(".csv").read_bytes(): place for place in places}
    found = sorted(folder.glob("*.parquet"))
    for path in found:
        table = path.with_suffix(".csv")
        place = new.get(table.read_bytes()) if table.is_file() else None
        if place is None or not pd.read_parquet(path).equals(pd.read_parquet(place.with_suffix(".parquet"))):
            raise StudieError(f"{folder.parent.name}/results/{path.stem}: is not what the notebook shows; run again")
    if len(found) != len(places):
        raise StudieError(f"{folder.parent.name}/results: must hold {len(places)} tables, got {len(found)}; run again")
