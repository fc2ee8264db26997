"""How one chapter runs: papermill, a kernel of the running interpreter, a temporary folder renamed when it is whole."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.paths import jupyter_runtime_dir
from traitlets import default

from studie.batch import extract
from studie.batch.manifest import append_event
from studie.batch.plan import file_address
from studie.errors import StudieError

NOTEBOOK = "notebook.ipynb"
RECORD = "record.json"
MOST_LINES = 100  # of what a kernel's process says; the last ones tell why it died
THREADS = tuple(f"{name}_NUM_THREADS" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"))


class ChapterError(StudieError):
    """A chapter that stopped: where, and the last line of what Python said."""


class KernelOfThisPython(AsyncKernelManager):
    """A kernel of the running interpreter, whatever kernel is installed under the notebook's name.

    It talks over files instead of network ports where the system has them, so that
    runs do not compete for ports, and notes what the kernel used before it ends.
    """

    extra_env: ClassVar[dict[str, str]] = {}
    used: ClassVar[dict[str, float]] = {}
    heard: ClassVar[Path] = Path(os.devnull)

    @default("transport")
    def _no_ports(self) -> str:
        """Unix sockets where they exist."""
        return "tcp" if sys.platform == "win32" else "ipc"

    @default("ip")
    def _own_socket(self) -> str:
        """Where the sockets of this kernel are; without ports the parent gives all kernels the same name."""
        return "127.0.0.1" if self.transport == "tcp" else str(Path(jupyter_runtime_dir()) / uuid.uuid4().hex)

    @property
    def kernel_spec(self) -> KernelSpec:
        """Kernel specification that is not looked up on the user's machine."""
        argv = [sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, env=dict(self.extra_env), display_name="studie", language="python")

    async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
        """Start; what the process itself says goes to a file, not to the user's terminal."""
        with self.heard.open("ab") as file:
            await super()._async_launch_kernel(kernel_cmd, **(kw | {"stdout": file, "stderr": file}))

    async def _async_interrupt_kernel(self) -> None:
        """Stop without interrupting first: the last cell is done, and an idle kernel would complain on the terminal."""

    async def shutdown_kernel(  # type: ignore[override]  # the parent is typed as if it were not asynchronous
        self, now: bool = False, restart: bool = False
    ) -> None:
        """Note CPU and memory, then stop."""
        process = getattr(self.provisioner, "process", None)
        if process is not None:
            type(self).used = usage(process.pid)
        await super().shutdown_kernel(now=now, restart=restart)


def usage(pid: int) -> dict[str, float]:
    """CPU [s] and largest memory [MB] of a living process; empty when it is gone."""
    import psutil  # type: ignore[import-untyped]  # comes with ipykernel

    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        memory = process.memory_info().rss / 1e6
    except psutil.Error:
        return {}
    status = Path(f"/proc/{pid}/status")
    if status.is_file():  # the peak, where the system keeps it
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        memory = float(lines["VmHWM"].split()[0]) / 1e3 if "VmHWM" in lines else memory
    return {"cpu_seconds": round(times.user + times.system, 2), "memory_mb": round(memory, 1)}


def execute_chapter(
    *,
    region: str,
    chapter: str,
    notebook: str,
    parameters: dict[str, Any],
    address: str,
    root: str,
    timestamp: int,
    log: str | None = None,
) -> dict[str, Any]:
    """Run one chapter into `build/cache/<address>`: notebook, result tables and a record of the run.

    What the kernel's process says outside its cells becomes a line of `log`.

    Returns
    -------
    dict
        The record: seconds, CPU, memory, hash of the notebook, names of the result tables, data_status.

    Raises
    ------
    ChapterError
        When a cell fails or the kernel dies; the notebook up to there is kept in `build/failed/<address>.ipynb`.
    """
    cache = Path(root) / "build" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{address[:12]}-", dir=cache))
    started = time.monotonic()
    try:
        with _kernel_surroundings(Path(root), timestamp), _kernel_heard(log, task=f"{region} {chapter}"):
            node = _run(Path(notebook), folder / NOTEBOOK, parameters, region=region, chapter=chapter)
        seconds = round(time.monotonic() - started, 2)
        settle(node)
        write_notebook(node, folder / NOTEBOOK)
        results = extract.write_results(node, folder / "results")
        record = {
            "region": region,
            "chapter": chapter,
            "address": address,
            "seconds": seconds,
            **KernelOfThisPython.used,
            "notebook_sha256": file_address(folder / NOTEBOOK),
            "results": results,
            "data_status": sorted(extract.data_status(node)),
        }
        (folder / RECORD).write_text(json.dumps(record, indent=1, ensure_ascii=False), encoding="utf-8")
        _replace_folder(folder, cache / address)
        return record
    except ChapterError:
        _keep_failed(folder / NOTEBOOK, Path(root) / "build" / "failed" / f"{address}.ipynb")
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def cached(cache: Path, address: str) -> dict[str, Any] | None:
    """Record of a chapter that ran before with the same content and is still whole."""
    folder = cache / address
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        whole = file_address(folder / NOTEBOOK) == record["notebook_sha256"] and all(
            (folder / "results" / f"{name}{suffix}").is_file()
            for name in record["results"]
            for suffix in (".parquet", ".csv")
        )
    except (OSError, ValueError, KeyError, StudieError):
        return None
    return record if whole else None


def settle(node: Any) -> None:
    """Take the clock and chance out of an executed notebook, so that the same input gives the same bytes."""
    papermill = node.metadata.get("papermill", {})
    node.metadata["papermill"] = {"parameters": papermill.get("parameters", {})}
    for place, cell in enumerate(node.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"
        cell.setdefault("id", f"cell-{place}")


def write_notebook(node: Any, path: Path) -> None:
    """Write a notebook in the one form that its content has."""
    import nbformat

    path.write_text(nbformat.writes(node, version=4) + "\n", encoding="utf-8")


def failed_cell(node: Any) -> tuple[int, str] | None:
    """Place of the failed cell, from 1 over the notebook's own cells, and the last line of its traceback."""
    place = 0
    for cell in node.cells:
        tags = cell.metadata.get("tags", [])
        if "injected-parameters" in tags or any(t.startswith("papermill-error-cell") for t in tags):
            continue
        place += 1
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                said = f"{output.ename}: {output.evalue}".strip().splitlines()
                return place, said[-1] if len(said) > 1 and not said[0].strip(": ") else said[0]
    return None


def _run(notebook: Path, out: Path, parameters: dict[str, Any], *, region: str, chapter: str) -> Any:
    """Execute with papermill; its errors become one line with region, chapter and cell."""
    import nbformat
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    KernelOfThisPython.used = {}
    try:
        return papermill.execute_notebook(
            str(notebook),
            str(out),
            parameters=parameters,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            kernel_manager_class=KernelOfThisPython,
            resources={"metadata": {"path": str(notebook.parent)}},
        )
    except papermill.PapermillExecutionError as error:
        found = failed_cell(nbformat.read(out, as_version=4))
        place, said = found or (error.cell_index, f"{error.ename}: {error.evalue}")
        raise ChapterError(f"{region} {chapter}: cell {place}: {said}") from error
    except (DeadKernelError, CellTimeoutError) as error:
        raise ChapterError(f"{region} {chapter}: {str(error).strip().splitlines()[0]}") from error


@contextmanager
def _kernel_surroundings(root: Path, timestamp: int) -> Iterator[None]:
    """Fixed surroundings of a kernel: one thread, no chance, nobody's profile; sockets need a short path."""
    base = "/tmp" if os.access("/tmp", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="studie-", dir=base, ignore_cleanup_errors=True) as short:
        KernelOfThisPython.extra_env = {
            **dict.fromkeys(THREADS, "1"),
            "PYTHONHASHSEED": "0",
            "SOURCE_DATE_EPOCH": str(timestamp),
            "STUDIE_ROOT": str(root),
            "IPYTHONDIR": f"{short}/ipython",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
        before = os.environ.get("JUPYTER_RUNTIME_DIR")
        os.environ["JUPYTER_RUNTIME_DIR"] = short
        try:
            yield
        finally:
            if before is None:
                del os.environ["JUPYTER_RUNTIME_DIR"]
            else:
                os.environ["JUPYTER_RUNTIME_DIR"] = before


@contextmanager
def _kernel_heard(log: str | None, *, task: str) -> Iterator[None]:
    """Note what the kernel's process says, also when it is stopped half-way."""
    with tempfile.TemporaryDirectory(prefix="studie-", ignore_cleanup_errors=True) as folder:
        KernelOfThisPython.heard = Path(folder) / "kernel.txt"
        try:
            yield
        finally:
            said = KernelOfThisPython.heard
            lines = said.read_text(encoding="utf-8", errors="replace").splitlines() if said.is_file() else []
            if log and lines:
                append_event(Path(log), "kernel", task=task, said=lines[-MOST_LINES:])


def _replace_folder(new: Path, place: Path) -> None:
    """Rename a whole folder to its place; a broken one that is there gives way."""
    if place.exists():
        aside = Path(tempfile.mkdtemp(prefix=".old-", dir=place.parent))
        place.replace(aside / "old")
        shutil.rmtree(aside, ignore_errors=True)
    new.chmod(0o755)
    new.replace(place)


def _keep_failed(notebook: Path, place: Path) -> None:
    """Keep the notebook of a chapter that stopped, for whoever looks for the reason."""
    if notebook.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        notebook.replace(place)
