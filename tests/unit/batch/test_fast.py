"""Forked kernels: for anybody's papermill, with the results of kernels started afresh; the process that is forked."""

import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import nbformat
import papermill
import psutil
import pytest
from jupyter_client.kernelspec import KernelSpec
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from studie.batch import managers, provisioner
from studie.batch.provisioner import NoForkError

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # of papermill's own event loop
]
SHOWS = """import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()
import pandas as pd
pd.DataFrame({"x": [1]})"""
SURROUNDINGS = """import json, os, sys
import numpy as np, random
seen = {"name": __name__, "folder": os.getcwd(), "given": os.environ.get("GIVEN"), "path": sys.path[0]}
seen |= {"leads": os.getsid(0) == os.getpid(), "argument": sys.argv[0].rpartition("/")[2]}
print(json.dumps(seen | {"chance": [random.random(), np.random.rand()]}))"""


def notebook(folder: Path, *code: str, kernel: str = "python3") -> str:
    """Notebook of some cells."""
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in code])
    node.metadata["kernelspec"] = {"name": kernel, "language": "python", "display_name": kernel}
    nbformat.write(node, folder / "in.ipynb")
    return str(folder / "in.ipynb")


def execute(path: str, engine: str | None, **options: Any) -> Any:
    """Executed notebook."""
    return papermill.execute_notebook(path, None, engine_name=engine, progress_bar=False, **options)


def outputs(node: Any) -> list[Any]:
    """What a notebook shows."""
    return [o.get("data") or o.get("text") for cell in node.cells for o in cell.outputs]


def test_papermill_and_jupyter_find_them_by_name() -> None:
    (engine,) = entry_points(group="papermill.engine", name="studie-fast")
    (found,) = entry_points(group="jupyter_client.kernel_provisioners", name="studie-fork")
    assert engine.load().__name__ == "FastEngine"
    assert found.load() is provisioner.ForkProvisioner


def test_a_forked_kernel_shows_the_same_and_has_surroundings_and_chance_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIVEN", "yes")
    provisioner.zygote()  # in another folder than the kernels
    path = notebook(tmp_path, SURROUNDINGS, SHOWS)
    plain, fast, again = (execute(path, engine, cwd=str(tmp_path)) for engine in (None, "studie-fast", "studie-fast"))
    assert outputs(fast)[1:] == outputs(plain)[1:]
    assert "image/png" in outputs(fast)[1]
    seen, expected, other = (json.loads(outputs(node)[0]) for node in (fast, plain, again))
    chances = [one.pop("chance") for one in (seen, expected, other)]
    assert seen == other == expected
    assert seen["leads"]
    assert len({tuple(chance) for chance in chances}) == 3
    assert len({chance[1] for chance in chances}) == 3


@pytest.mark.parametrize(
    ("code", "raised", "options"),
    [
        ("raise ValueError('x')", papermill.PapermillExecutionError, {}),
        ("import os\nos.kill(os.getpid(), 9)", DeadKernelError, {}),
        ("import time\ntime.sleep(60)", CellTimeoutError, {"execution_timeout": 2}),
    ],
    ids=["error", "killed", "time-out"],
)
@pytest.mark.parametrize("engine", [None, "studie-fast"])
def test_what_goes_wrong_raises_the_same_exceptions(
    tmp_path: Path, code: str, raised: type[Exception], options: dict[str, Any], engine: str | None
) -> None:
    with pytest.raises(raised):
        execute(notebook(tmp_path, code), engine, **options)


def test_the_process_that_is_forked_has_one_thread_is_kept_and_is_renewed_when_the_source_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = provisioner.zygote()
    assert psutil.Process(held.process.pid).num_threads() == 1
    assert provisioner.zygote() is held
    monkeypatch.setattr(provisioner, "source_stamp", lambda: 0)
    renewed = provisioner.zygote()
    assert renewed is not held
    assert held.process.poll() is not None
    assert provisioner.running() == [renewed]


def test_it_ends_with_the_process_that_holds_it_and_its_kernels_with_it(tmp_path: Path) -> None:
    sleeps = "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(300)"
    code = (
        f"import papermill\npapermill.execute_notebook({notebook(tmp_path, sleeps)!r}, None, engine_name='studie-fast')"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stderr=subprocess.DEVNULL) as owner:
        mark = tmp_path / "pid"
        while not (mark.is_file() and mark.read_text(encoding="utf-8")):
            assert owner.poll() is None
            time.sleep(0.1)
        kernel = psutil.Process(int(mark.read_text(encoding="utf-8")))
        zygote = kernel.parent()
        owner.kill()
    gone, alive = psutil.wait_procs([kernel, zygote], timeout=20)  # type: ignore[list-item]
    assert not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE], gone


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["R", "-e", "IRkernel::main()"], "not one of this Python"),
        (["/usr/bin/python2", "-m", "ipykernel_launcher", "-f", "x"], "not one of this Python"),
        ([sys.executable, "-m", "bash_kernel", "-f", "x"], "no IPython kernel: bash_kernel"),
    ],
)
def test_another_kernel_is_not_forked(command: list[str], reason: str) -> None:
    with pytest.raises(NoForkError, match=reason):
        provisioner.kernel_arguments(command)


def test_arguments_of_a_kernel_of_this_python_are_read_off_its_command() -> None:
    command = [sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "x.json", "--quiet"]
    assert provisioner.kernel_arguments(command) == ["-f", "x.json", "--quiet"]


def test_where_forking_is_not_possible_the_kernel_is_started_afresh_and_the_reason_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(managers.sys, "platform", "darwin")
    said = tmp_path / "said.txt"
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        kernel = managers.kernel_class(forked=True, surroundings={}, heard=said, folder=Path(short))
        node = execute(notebook(tmp_path, "import os\nprint(os.getppid())"), None, kernel_manager_class=kernel)
    assert int(outputs(node)[0]) == os.getpid()
    assert (
        "the kernel is not forked but started afresh: forking after imports is safe on Linux only" in said.read_text()
    )


def test_a_kernel_specification_is_kept_as_it_is_but_for_how_it_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = KernelSpec(argv=["x", "{connection_file}"], display_name="X", language="x", env={"A": "b"})
    monkeypatch.setattr(managers.SocketKernel, "kernel_spec", spec)
    found = managers.ForkedKernel(kernel_name="x").kernel_spec
    assert found is not None
    assert (found.argv, found.env, found.language) == (spec.argv, spec.env, spec.language)
    assert found.metadata == managers.FORK
