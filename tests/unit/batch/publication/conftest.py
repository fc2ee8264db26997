"""Finished runs written by hand: what a run leaves, without executing a notebook."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from studie.batch import extract
from studie.batch.inputs import Folders, file_address, read_inputs
from studie.batch.manifest import Manifest

Tables = Mapping[tuple[str, str, str], tuple[pd.DataFrame, list[str]]]
COLUMNS = ["sector", "quantity", "estimate", "lower", "upper", "n", "unit", "cell_status", "region", "period"]


def numbers(*rows: tuple[str, float | None], **columns: Any) -> pd.DataFrame:
    """Result table with one estimate per sector; `columns` replace what stands beside it."""
    frame = pd.DataFrame(
        [[s, "open", v, v, v, 124.0, "vacancies", "published", "province:10000", "2026"] for s, v in rows],
        columns=COLUMNS,
    )
    return frame.assign(**({"data_status": "observed", "source": "VDAB"} | columns))


def vacancies() -> Tables:
    """One region, two chapters, two tables."""
    return {
        ("province:10000", "10-a", "vacancies"): (numbers(("zorg", 4420.0), ("=bouw", 310.0)), ["vacancy"]),
        ("province:10000", "20-b", "people"): (numbers(("zorg", 900.0)), ["population"]),
    }


class Runs:
    """How a test makes finished runs in a study's folder."""

    columns = COLUMNS
    numbers = staticmethod(numbers)
    vacancies = staticmethod(vacancies)

    def __init__(self, root: Path) -> None:
        self.root = root

    def make(
        self,
        name: str = "20260101-000000-aaaaaaaa",
        *,
        tables: Tables | None = None,
        parameters: Mapping[str, Any] | None = None,
        given: Mapping[str, str] | None = None,
        state: str = "done",
        cells: str = "x = 1",
        **head: Any,
    ) -> Path:
        """Write a run: manifest, notebooks, result tables and one report."""
        folder = self.root / "build" / name
        folder.mkdir(parents=True)
        request = {"regions": ["province"], "given": {"data": "own"} | dict(given or {}), "decision": {}}
        facts = {"request": request, "address": "ab" * 32, "timestamp": 1, "commit": "c" * 40}
        facts |= {"versions": {"pandas": "2.3.3"}, "inputs": asdict(read_inputs(Folders(root=self.root)))}
        manifest = Manifest(folder, **(facts | head))
        chapters: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for (region, chapter, table), (frame, uses) in (vacancies() if tables is None else tables).items():
            rows = {"columns": list(frame), "data": json.loads(frame.to_json(orient="values"))}
            item = {"kind": "table", "name": table, "uses": uses, "frame": rows, "data_status": ["observed"]}
            chapters.setdefault((region, chapter), []).append(item)
        for (region, chapter), items in chapters.items():
            self._chapter(
                manifest, region, chapter, items, parameters={**(parameters or {}), "region": region}, cells=cells
            )
        self.pdf(manifest)
        manifest.end(state, failed_regions=[])
        return folder

    def pdf(self, manifest: Manifest, content: bytes = b"%PDF-1.7 report") -> None:
        """Put a report and its web page below `reports/`."""
        path = self.root / "reports" / "province" / "10000.pdf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        page = b'<meta name="studie:kind" content="Regionaal rapport">\n<p>' + content
        path.with_suffix(".html").write_bytes(page)
        facts = {"file": "reports/province/10000.pdf", "sha256": hashlib.sha256(content).hexdigest()}
        facts |= {"page": "reports/province/10000.html", "page_sha256": hashlib.sha256(page).hexdigest()}
        manifest.report("province:10000 pdf", state="done", pages=1, data_status=["observed"], warnings=[], **facts)

    @staticmethod
    def _chapter(
        manifest: Manifest, region: str, chapter: str, items: list[dict[str, Any]], *, parameters: Any, cells: str
    ) -> None:
        folder = manifest.folder / region.replace(":", "-")
        outputs = [{"output_type": "display_data", "data": {extract.MIME: item}} for item in items]
        cell = {"cell_type": "code", "source": cells, "metadata": {"tags": []}, "outputs": outputs}
        folder.mkdir(exist_ok=True)
        path = folder / f"{chapter}.ipynb"
        path.write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
        names = extract.write_results({"cells": [cell]}, folder / "results")
        manifest.chapter(
            f"{region} {chapter}", region=region, chapter=chapter, state="done", parameters=parameters,
            notebook_sha256=file_address(path), results=names, data_status=["observed"],
        )  # fmt: skip

    def change_dataset(self, dataset: str) -> None:
        """Add a digit to the last number of an observed file, and say so in the list of sources."""
        sources = self.root / "data" / "sources.csv"
        rows = list(csv.DictReader(io.StringIO(sources.read_text(encoding="utf-8"))))
        row = next(r for r in rows if r["dataset_id"] == dataset)
        path = self.root / row["file"]
        path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + "\n\n", encoding="utf-8")
        row["sha256"] = file_address(path)
        with sources.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(row), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def change_assumption(self, before: str, after: str) -> None:
        """Replace a text in the configuration, once."""
        path = self.root / "config" / "study.yaml"
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.fixture
def runs(root: Path) -> Runs:
    """How a test makes finished runs in its own study."""
    return Runs(root)


@pytest.fixture
def folders(root: Path) -> Folders:
    """Where the test's study reads and writes."""
    return Folders(root=root)


@pytest.fixture
def alter() -> Callable[[Path, bytes], None]:
    """How a test alters a file that is read-only."""

    def change(path: Path, content: bytes) -> None:
        path.chmod(0o644)
        path.write_bytes(content)

    return change
