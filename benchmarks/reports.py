"""From executed notebooks to reports, beside nbconvert's own HTML in one run: writes benchmarks/results/reports.md.

Run with `python benchmarks/reports.py`. Every program runs in a process of its own on the same notebook, which holds as
many figures, tables, formulas and sentences as a long chapter; seconds are CPU seconds, those of pandoc included.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "benchmarks" / "results" / "reports.md"
MIME = "application/vnd.studie+json"
CHAPTERS = 9  # more than the 60 pages of the study
GOALS = {"compile": 2.0, "deputatie": 3.0}  # CPU s of issue 10
REPEATS = 3


def picture(number: int) -> str:
    """Line chart with some thousand points, as matplotlib writes it."""
    import io

    import matplotlib as mpl
    import matplotlib.figure
    import numpy as np

    rng = np.random.default_rng(number)
    with mpl.rc_context({"svg.hashsalt": "studie", "svg.fonttype": "path"}):
        figure = matplotlib.figure.Figure(figsize=(6.3, 3.4), layout="constrained")
        axes = figure.subplots()
        axes.plot(rng.normal(size=(300, 4)).cumsum(axis=0))
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def shown(kind: str, pictures: dict[str, Any] | None = None, **fields: Any) -> Any:
    """Cell that shows one item."""
    item = {"kind": kind, "data_status": ["demonstration"], "source": "bron", "region": "Antwerpen", "period": "2026"}
    data = {MIME: {**item, **fields}, "text/plain": kind, **(pictures or {})}
    return new_code_cell("study.show(result)", outputs=[new_output("display_data", data=data)])


def table(number: int) -> Any:
    """Table of 25 rows, ours and in HTML, so that nbconvert has the same to show."""
    heads = ["Gemeente", *(f"Vraag {year}" for year in range(2026, 2030))]
    rows = [[f"Gemeente {number}-{k}", *(f"{k * 37 % 999},{k % 10}" for _ in range(4))] for k in range(25)]
    columns = [{"key": h, "label": h, "unit": None, "align": "right" if k else "left"} for k, h in enumerate(heads)]
    html = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
    return shown(
        "table", {"text/html": f"<table>{html}</table>"}, name="t", caption="Vraag", columns=columns, rows=rows
    )


def chapter(number: int) -> Any:
    """Long chapter: four figures, five tables, text, formulas, a headline."""
    text = f"# Hoofdstuk {number}\n\n" + "\n\n".join(
        f"## Deel {k}\n\n"
        + "Een zin over wat we zien en wat dat betekent. " * 25
        + f"Met $p_{{{k}}} = n / N$.[^{k}]\n\n[^{k}]: Bron."
        for k in range(5)
    )
    cells: list[Any] = [new_markdown_cell(text)]
    for k in range(5):
        cells += [shown("sentence", text="Van trede 3 naar 4 gaat 1,2 %.", certainty="zeker"), table(number * 10 + k)]
        cells += [shown("figure", {"image/svg+xml": picture(k)}, name="f", caption="Loop", alt="Vier lijnen.")] * (
            k < 4
        )
    found = {"finding": "Er is iets gevonden.", "meaning": "Dat telt.", "certainty": "zeker", "data_status": ["own"]}
    return new_notebook(cells=[*cells, shown("headline", findings=[found], numbers=[], unknown=[])])


def measure(task: str, folder: Path) -> dict[str, float]:
    """CPU seconds of one task in this process, and pages where it makes some."""
    if task in ("compile", "webpage"):
        from studie.report import assemble, pdf, webpage

        cover = assemble.Cover(
            kind="Strategische studie", region_name="Provincie Antwerpen", reference_date="2025-01-01", version="0.1"
        )
        made = assemble.draft(sorted(folder.glob("*.ipynb")), cover=cover)
        start = cpu()
        if task == "webpage":
            webpage.page(made)
            return {"seconds": cpu() - start}
        _, places = pdf.compiled(made.payload, timestamp=0)
        return {"seconds": cpu() - start, "pages": places["pages"]}
    from nbconvert.nbconvertapp import NbConvertApp

    start = cpu()
    app = NbConvertApp()
    app.initialize(["--to", task, "--log-level", "ERROR", "--output-dir", str(folder / task), str(folder / "01.ipynb")])
    app.convert_notebooks()
    return {"seconds": cpu(), "work": cpu() - start}


def cpu() -> float:
    """CPU seconds of this process and of those that it started."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def apart(task: str, folder: Path) -> dict[str, float]:
    """The quickest of some processes."""
    command = [sys.executable, __file__, "--task", task, "--folder", str(folder)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    runs = [
        json.loads(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)
        for _ in range(REPEATS)
    ]
    return dict(min(runs, key=lambda run: run["seconds"]))


def report(found: dict[str, dict[str, float]]) -> str:
    """The table."""
    peer = found["html"]["seconds"]
    names = {
        "html": "nbconvert `--to html`, one chapter (the peer: untagged, no PDF)",
        "deputatie": "`--to deputatie`, one chapter: tagged PDF/UA-1 + PDF/A-2a",
        "deputatie-web": "`--to deputatie-web`, one chapter: accessible web page",
        "compile": f"typesetting alone, {CHAPTERS} chapters, {found['compile']['pages']:.0f} pages",
        "webpage": f"web page alone, {CHAPTERS} chapters",
    }
    lines = [
        f"| {names[task]} | {one['seconds']:.2f} | {one.get('work', one['seconds']):.2f} | {one['seconds'] / peer:.2f} "
        f"| {GOALS.get(task, '')} |"
        for task, one in found.items()
    ]
    packages = ", ".join(f"{name} {version(name)}" for name in ("nbconvert", "typst", "pypandoc-binary", "Jinja2"))
    return "\n".join(
        [
            "# Reports: from executed notebook to PDF and web page",
            "",
            f"`python benchmarks/reports.py`, one run on {platform.machine()}, Python {platform.python_version()}, "
            f"{packages}. CPU seconds, least of {REPEATS} processes, pandoc included. A whole conversion starts Python "
            "and imports nbconvert, which is most of it for the peer too; `after the imports` leaves that out. "
            f"Load of the machine at the end: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores; a busy one inflates "
            "all rows.",
            "",
            "| what | CPU s | after the imports | times the peer | goal [CPU s] |",
            "|---|---:|---:|---:|---:|",
            *lines,
            "",
        ]
    )


def main() -> None:
    """Measure all and write the table."""
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("--task", default="")
    parser.add_argument("--folder", default="")
    given = parser.parse_args()
    if given.task:
        print(json.dumps(measure(given.task, Path(given.folder))))
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for number in range(1, CHAPTERS + 1):
            nbformat.write(chapter(number), folder / f"{number:02}.ipynb")
        tasks = ("html", "deputatie", "deputatie-web", "compile", "webpage")
        TARGET.write_text(report({task: apart(task, folder) for task in tasks}), encoding="utf-8")
    print(TARGET.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
