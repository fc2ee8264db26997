"""How one chapter runs: papermill, a kernel of the running interpreter, a draft that is renamed when it is whole."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studie.batch import extract, kept
from studie.batch.inputs import Folders, Inputs, file_address, read_inputs
from studie.batch.kernel import DIARY, MEMORY, TOO_LARGE, signal_name
from studie.batch.managers import ChapterKernel, kernel_class
from studie.batch.manifest import append_event
from studie.batch.plan import recipe as recipe_of
from studie.batch.provisioner import THREADS
from studie.errors import StudieError
from studie.inputs import record as notes

MOST_LINES = 100  # of what a kernel's process says; the last ones tell why it died
TRIES = 2  # of a chapter whose kernel died; an error or a time limit would come again
EPOCH = "315532800"  # a fixed moment for whoever dates a file: a chapter is the same on every day
CELL_SECONDS = 1800
QUIET = "ignore:IProgress not found"  # tqdm's, when it is imported: whether a chapter shows it hangs on who comes first


class ChapterError(StudieError):
    """A chapter that stopped: where, and the last line of what Python said."""


class KernelDiedError(ChapterError):
    """A chapter whose kernel died: another try may succeed."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a kernel may take.

    Attributes
    ----------
    cell_seconds
        Longest time of one cell [s].
    memory_mb
        Most memory that the kernel may hold [MB]; none is no limit.
    """

    cell_seconds: int = CELL_SECONDS
    memory_mb: int | None = None


def execute_chapter(
    *,
    region: str,
    chapter: str,
    notebook: str,
    parameters: dict[str, Any],
    recipe: str,
    inputs: Inputs,
    config: str,
    root: str,
    drafts: str,
    log: str | None = None,
    forked: bool = True,
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Run one chapter into `build/cache/<address>`: notebook, result tables and a record of the run.

    What the kernel's process says outside its cells becomes a line of `log`.

    Parameters
    ----------
    region, chapter, notebook, parameters, recipe
        Of the task, see `plan.Task`.
    inputs : Inputs
        What there was to read when the run was planned.
    config : str
        Name of the configuration.
    root, drafts : str
        Folder of the study, and a folder of the run for what is not whole yet.
    forked : bool
        Whether the kernel is forked where that is possible.
    limits : Limits, optional

    Returns
    -------
    dict
        The record: seconds, CPU, memory, what was read, hash of the notebook, names of the result tables, data_status.

    Raises
    ------
    ChapterError
        When a cell fails or takes too long, the kernel dies twice, or something that the chapter rests on is not what
        it was when the run was planned; the notebook up to there is kept in `build/failed/<recipe>.ipynb`.
    """
    folders = Folders(root=Path(root))
    task = f"{region} {chapter}"
    found = kept.find(folders.cache, recipe, inputs, root=folders.root)
    if found is not None:
        return found
    folders.cache.mkdir(parents=True, exist_ok=True)
    Path(drafts).mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{recipe[:12]}-", dir=drafts))
    events: dict[str, Any] = {"task": task, "host": socket.gethostname(), "process": os.getpid()}
    _say(log, "start", **events, forked=forked)
    started = time.monotonic()
    try:
        node, used, reads = _tried(
            Path(notebook), draft, parameters, task=task, root=folders.root, log=log, forked=forked, limits=limits
        )
        seconds = round(time.monotonic() - started, 2)
        after = read_inputs(folders, config=config)
        _same_recipe(task, Path(notebook), parameters, after, recipe=recipe)
        _unchanged(task, reads, inputs, after, root=folders.root)
        settle(node)
        write_notebook(node, draft / kept.NOTEBOOK)
        results = extract.write_results(node, draft / "results")
        record = {
            "region": region,
            "chapter": chapter,
            "address": kept.address(recipe, reads, inputs, root=folders.root),
            "recipe": recipe,
            "seconds": seconds,
            **used,
            "notebook_sha256": file_address(draft / kept.NOTEBOOK),
            "results": results,
            "data_status": sorted(extract.data_status(node)),
            "reads": reads,
        }
        kept.keep(draft, record, cache=folders.cache)
        return record
    except ChapterError:
        _keep_failed(draft / kept.NOTEBOOK, folders.build / "failed" / f"{recipe}.ipynb")
        raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


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


def _tried(
    notebook: Path,
    draft: Path,
    parameters: dict[str, Any],
    *,
    task: str,
    root: Path,
    log: str | None,
    forked: bool,
    limits: Limits | None,
) -> tuple[Any, dict[str, float], list[str]]:
    """Executed notebook, what its kernel used and what it read; once more when the kernel died."""
    for number in range(1, TRIES + 1):
        try:
            with _kernel(task=task, root=root, log=log, forked=forked, limits=limits or Limits()) as kernel:
                node = _run(notebook, draft / kept.NOTEBOOK, parameters, task=task, kernel=kernel, limits=limits)
                return node, dict(kernel.used), notes.read_diary(kernel.folder / "read.txt")
        except KernelDiedError as error:
            if number == TRIES:
                raise
            _say(log, "retry", task=task, reason=str(error))
    raise AssertionError("the last try returns or raises")


def _run(
    notebook: Path,
    out: Path,
    parameters: dict[str, Any],
    *,
    task: str,
    kernel: type[ChapterKernel],
    limits: Limits | None,
) -> Any:
    """Execute with papermill; its errors become one line with region, chapter and cell."""
    import nbformat
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    seconds = (limits or Limits()).cell_seconds
    try:
        return papermill.execute_notebook(
            str(notebook),
            str(out),
            parameters=parameters,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            execution_timeout=seconds,
            kernel_manager_class=kernel,
            on_notebook_start=kernel.note_start,
            resources={"metadata": {"path": str(notebook.parent)}},
        )
    except papermill.PapermillExecutionError as error:
        found = failed_cell(nbformat.read(out, as_version=4))
        place, said = found or (error.cell_index, f"{error.ename}: {error.evalue}")
        raise ChapterError(f"{task}: cell {place}: {said}") from error
    except CellTimeoutError as error:
        raise ChapterError(f"{task}: a cell took longer than {seconds} s") from error
    except (DeadKernelError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "ernel" not in str(error):
            raise
        if TOO_LARGE in kernel.ended:
            most = (limits or Limits()).memory_mb
            raise ChapterError(f"{task}: the kernel took more than {most} MB of memory") from error
        how = f" ({signal_name(kernel.ended[-1])})" if kernel.ended else ""
        raise KernelDiedError(f"{task}: the kernel died{how}") from error


@contextmanager
def _kernel(*, task: str, root: Path, log: str | None, forked: bool, limits: Limits) -> Iterator[type[ChapterKernel]]:
    """Kernel in fixed surroundings: one thread, no chance, nobody's profile; sockets need a short path.

    What its process says is noted, also when it is stopped half-way.
    """
    base = "/tmp" if os.access("/tmp", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="studie-", dir=base, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        surroundings = {
            **dict.fromkeys(THREADS, "1"),
            "PYTHONHASHSEED": "0",
            "SOURCE_DATE_EPOCH": EPOCH,
            "STUDIE_ROOT": str(root),
            "IPYTHONDIR": str(folder / "ipython"),
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "PYTHONWARNINGS": QUIET,
            DIARY: str(folder / "read.txt"),
            MEMORY: str(limits.memory_mb or ""),
        }
        said = folder / "said.txt"
        try:
            yield kernel_class(forked=forked, surroundings=surroundings, heard=said, folder=folder)
        finally:
            lines = said.read_text(encoding="utf-8", errors="replace").splitlines() if said.is_file() else []
            if lines:
                _say(log, "kernel", task=task, said=lines[-MOST_LINES:])


def _same_recipe(task: str, notebook: Path, parameters: dict[str, Any], inputs: Inputs, *, recipe: str) -> None:
    """Refuse to run, or to keep, a chapter that is another than the one planned."""
    if recipe_of(notebook, parameters, inputs) != recipe:
        raise ChapterError(f"{task}: the notebook, code or packages changed after the run was planned; run again")


def _unchanged(task: str, reads: list[str], planned: Inputs, now: Inputs, *, root: Path) -> None:
    """Refuse to keep a chapter when something that it read is not what it was when the run was planned."""
    for name in reads:
        if planned.content(name, root=root) != now.content(name, root=root):
            raise ChapterError(f"{task}: {name} changed after the run was planned; run again")


def _say(log: str | None, event: str, **facts: Any) -> None:
    """A line of the run's log."""
    if log:
        append_event(Path(log), event, **facts)


def _keep_failed(notebook: Path, place: Path) -> None:
    """Keep the notebook of a chapter that stopped, for whoever looks for the reason."""
    if notebook.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        notebook.replace(place)
