"""Batches: forked kernels beside plain papermill, and all regions of all levels: writes benchmarks/results/batch.md.

Run with `python benchmarks/batch.py` on a quiet machine; `--levels municipality:12025 --steps 2` tries it on less.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import nbformat
import papermill
import psutil
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from studie import regions
from studie.batch import engine, parameters, provisioner

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "benchmarks" / "results" / "batch.md"
LEVELS = ("province", "arrondissement", "working-area", "grouping", "municipality")
STEPS = (8, 16, 32, 64)  # municipalities
FEWEST = 8  # times less CPU outside the cells, the goal
MOST = 0.15  # share of the cells' own CPU that engine and runner may take, the goal
OF = {"05": "municipality:12025", "45": "working-area:rivierenland", "15": "province:10000", "90": "province:10000"}
BEGIN = "import time as _time\n_began = _time.process_time()"
END = "print('CPU of the cells:', _time.process_time() - _began)"
FAULTS = {
    "a cell raises": ("raise ValueError('x')", {}),
    "the kernel is killed": ("import os\nos.kill(os.getpid(), 9)", {}),
    "a cell takes too long": ("import time\ntime.sleep(60)", {"execution_timeout": 2}),
}


@dataclass(frozen=True, kw_only=True)
class Execution:
    """What one execution of a notebook took and gave: CPU of all, of its cells, and a hash of what it shows."""

    cpu: float
    cells: float
    shown: str


def main() -> None:
    os.environ |= {**provisioner.ONE_THREAD, "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": engine.EPOCH}
    os.environ["PYTHONWARNINGS"] = engine.QUIET
    options = argparse.ArgumentParser()
    options.add_argument("--levels", nargs="+", default=LEVELS)
    options.add_argument("--steps", nargs="*", type=int, default=STEPS)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="studie-bench-") as folder:
        root = lay_out(Path(folder) / "study")
        os.environ["STUDIE_ROOT"] = str(root)
        sections = [whole(root, asked.levels), linear(root, asked.steps), engines(root), faults(Path(folder))]
    head = (
        "# Batches: forked kernels, all regions\n\nMade by `python benchmarks/batch.py`. "
        f"{processor()}; Python {platform.python_version()}, papermill {papermill.__version__}. CPU in seconds of all "
        "processes; memory is the largest of one kernel, with the pages that forked kernels share."
    )
    TARGET.write_text("\n\n".join([head, *sections]) + "\n", encoding="utf-8")
    print(f"written: {TARGET.relative_to(ROOT)}")


def lay_out(root: Path) -> Path:
    """The study in a folder of its own, without anything made."""
    for name in ("config", "data", "notebooks"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "requirements.lock", root)
    return root


# --- all regions --------------------------------------------------------------


def run(root: Path, *words: str) -> dict[str, Any]:
    """Manifest of a run of the command."""
    command = [sys.executable, "-c", "from studie.cli import main; main()", "run", *words, "--jobs", "2", "--json"]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=True)
    manifest: dict[str, Any] = json.loads((Path(json.loads(done.stdout)["folder"]) / "manifest.json").read_text())
    return manifest


def parts(manifest: Mapping[str, Any]) -> dict[str, float]:
    """CPU of a run by what it went to."""
    made = [c for c in manifest["chapters"].values() if c["state"] == "done"]
    cells = sum(c["cpu_seconds"] - c["start_cpu_seconds"] for c in made)
    found = {
        "cells": cells,
        "start of kernels": sum(c["start_cpu_seconds"] for c in made),
        "papermill": sum(c["runner_cpu_seconds"] for c in made),
        "PDFs": sum(r.get("cpu_seconds", 0.0) for r in manifest["reports"].values()),
        "plan, audit, laws": manifest["main_cpu_seconds"],
    }
    return found | {"imports of workers, once": manifest["cpu_seconds"] - sum(found.values())}


def whole(root: Path, levels: Sequence[str]) -> str:
    """One command for all levels, and the same again."""
    first = run(root, "--regions", *levels, "--study")
    again = run(root, "--regions", *levels, "--study")
    rows: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for record in first["chapters"].values():
        rows[record["region"].split(":")[0], record["chapter"]].append(record)
    lines = [
        f"## All levels in one command\n\n`studie run --regions {' '.join(levels)} --study --jobs 2`: "
        f"{len(first['reports'])} PDFs of {len(first['chapters'])} chapters, state {first['state']}. "
        f"Wall {first['seconds']:.0f} s, CPU {first['cpu_seconds']:.0f} s: "
        f"{first['cpu_seconds'] / first['seconds']:.2f} of {os.cpu_count()} cores busy. "
        f"The same command again, with nothing changed: {again['seconds']:.1f} s.\n",
        "| level | chapter | regions | wall s, sum | wall s, largest | CPU s, sum | CPU s, largest | memory [MB] |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for (level, chapter), records in sorted(rows.items()):
        wall, cpu = ([r[name] for r in records] for name in ("seconds", "cpu_seconds"))
        lines.append(
            f"| {level} | `{chapter}` | {len(records)} | {sum(wall):.1f} | {max(wall):.1f} | {sum(cpu):.1f} "
            f"| {max(cpu):.1f} | {max(r['memory_mb'] for r in records):.0f} |"
        )
    used = parts(first)
    share = (used["start of kernels"] + used["papermill"]) / used["cells"]
    lines += ["", "| CPU of the run | s | share of the cells |", "|---|---:|---:|"]
    lines += [f"| {name} | {seconds:.1f} | {seconds / used['cells']:.1%} |" for name, seconds in used.items()]
    lines += [
        "",
        f"Goal for engine and runner (start of kernels, papermill): at most {MOST:.0%}; reached: {share:.1%}.",
    ]
    return "\n".join(lines)


def linear(root: Path, steps: Sequence[int]) -> str:
    """CPU per region as their number grows; what all regions share was computed before."""
    codes = [r.code for r in regions.regions("municipality")]
    lines = [
        "## More regions\n",
        "| municipalities | CPU s per region, chapters and PDFs | of all processes |",
        "|---:|---:|---:|",
    ]
    each = []
    for number in steps:
        for place in (root / "build" / "cache").glob("*"):
            if place.name != "computed":
                shutil.rmtree(place) if place.is_dir() else place.unlink()
        manifest = run(root, "--regions", *codes[:number])
        used = parts(manifest)
        each.append(sum(used[n] for n in ("cells", "start of kernels", "papermill", "PDFs")) / number)
        lines.append(f"| {number} | {each[-1]:.2f} | {manifest['cpu_seconds'] / number:.2f} |")
    if each:
        spread = max(abs(one / each[-1] - 1) for one in each)
        lines += ["", f"Goal: linear within 15%; largest difference from the largest run: {spread:.0%}."]
    return "\n".join(lines)


# --- engines ------------------------------------------------------------------


def engines(root: Path) -> str:
    """Every chapter under plain papermill and under the fast engine, in this process."""
    chapters = parameters.chapters(root / "notebooks")
    lines = [
        "## Beside plain papermill, the same notebooks in one process\n",
        "CPU outside the cells is that of papermill and the kernel less that of the cells in a process that has "
        "imported everything. What all regions share was computed before.\n",
        "| chapter | cells | plain, outside | fast, outside | times less | same figures, tables and texts |",
        "|---|---:|---:|---:|---:|---|",
    ]
    outside: dict[str, list[float]] = {"plain": [], "fast": []}
    for chapter in chapters:
        region = OF.get(
            chapter.name[:2], "arrondissement:12000" if chapter.fits("arrondissement") else "province:10000"
        )
        _ = execute(chapter.path, region, "studie-fast")  # what all regions share is computed
        fast = execute(chapter.path, region, "studie-fast")
        plain = execute(chapter.path, region, None)
        outside["plain"].append(plain.cpu - fast.cells)
        outside["fast"].append(fast.cpu - fast.cells)
        times = outside["plain"][-1] / outside["fast"][-1]
        same = "yes" if plain.shown == fast.shown else "NO"
        lines.append(
            f"| `{chapter.name}` | {fast.cells:.2f} | {outside['plain'][-1]:.2f} | {outside['fast'][-1]:.2f} "
            f"| {times:.1f} | {same} |"
        )
    ratio = sum(outside["plain"]) / sum(outside["fast"])
    return "\n".join([*lines, "", f"Goal: at least {FEWEST} × less; reached over all chapters: {ratio:.1f} ×."])


def execute(notebook: Path, region: str, name: str | None) -> Execution:
    """Execute a chapter and count CPU of this process and its kernel."""
    node = nbformat.read(notebook, as_version=4)
    place = next(k for k, c in enumerate(node.cells) if "parameters" in c.metadata.get("tags", []))
    node.cells.insert(place, nbformat.v4.new_code_cell(BEGIN))
    node.cells.append(nbformat.v4.new_code_cell(END))
    before = cpu_of_all()
    node = papermill.execute_notebook(
        node, None, parameters={"region": region}, engine_name=name, kernel_name="python3", progress_bar=False,
        cwd=str(notebook.parent),
    )  # fmt: skip
    time.sleep(0.5)  # until the kernel has ended and its CPU is known
    spent = cpu_of_all() - before
    last = "".join(node.cells.pop()["outputs"][0]["text"])
    return Execution(cpu=spent, cells=float(last.rpartition(":")[2]), shown=shown(node))


def cpu_of_all() -> float:
    """CPU of this process and its children, also of those of the process that is forked [s]."""
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    total = sum(one.ru_utime + one.ru_stime for one in own)
    for held in provisioner.running():
        times = psutil.Process(held.process.pid).cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


def shown(node: Any) -> str:
    """Hash of everything that a notebook shows."""
    outputs = [[_plain(o) for o in cell.get("outputs", [])] for cell in node.cells]
    return sha256(json.dumps(outputs, sort_keys=True).encode()).hexdigest()


def _plain(output: Mapping[str, Any]) -> dict[str, Any]:
    """An output without the number of its execution."""
    return {name: value for name, value in output.items() if name != "execution_count"}


def faults(folder: Path) -> str:
    """What is raised when something goes wrong, under either engine."""
    lines = ["## The same exceptions\n", "| what goes wrong | plain papermill | fast engine |", "|---|---|---|"]
    for what, (code, options) in FAULTS.items():
        path = folder / "fault.ipynb"
        node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        node.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
        nbformat.write(node, path)
        raised = [_raised(path, name, options) for name in (None, "studie-fast")]
        lines.append(f"| {what} | {raised[0]} | {raised[1]}{'' if raised[0] == raised[1] else ' (DIFFERS)'} |")
    return "\n".join(lines)


def _raised(path: Path, name: str | None, options: Mapping[str, Any]) -> str:
    """Name of the exception that executing a notebook raises."""
    try:
        papermill.execute_notebook(str(path), None, engine_name=name, progress_bar=False, **options)
    except (papermill.PapermillExecutionError, DeadKernelError, CellTimeoutError) as error:
        return f"`{type(error).__name__}`"
    return "nothing"


def processor() -> str:
    """Processor and cores."""
    info = Path("/proc/cpuinfo")
    models = _models(info.read_text().splitlines()) if info.exists() else iter(())
    return f"{next(models, platform.machine())}, {os.cpu_count()} cores"


def _models(lines: Sequence[str]) -> Iterator[str]:
    """Names of processors."""
    return (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))


if __name__ == "__main__":
    main()
