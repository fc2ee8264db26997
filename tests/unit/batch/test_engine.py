"""One chapter in a kernel of the running interpreter, forked or started afresh."""

import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from studie.batch import engine, kept, provisioner
from studie.batch.engine import ChapterError, Limits
from studie.batch.inputs import Folders, read_inputs
from studie.batch.plan import recipe

GIVEN = {"region": "province:10000", "horizon_months": 24}
TELLS = """import os, sys
seen = {"python": sys.executable, "folder": os.getcwd(), "hash": os.environ["PYTHONHASHSEED"],
        "threads": os.environ["OMP_NUM_THREADS"], "epoch": os.environ["SOURCE_DATE_EPOCH"], "months": horizon_months}
import json
print(json.dumps(seen))"""
forked_or_not = pytest.mark.parametrize("forked", [False, True], ids=["plain", "forked"])


def execute(root: Path, notebook: Path, **other: Any) -> dict[str, Any]:
    """Run a chapter as it is now."""
    inputs = read_inputs(Folders(root=root))
    options: dict[str, Any] = {
        "region": "province:10000",
        "chapter": notebook.stem,
        "parameters": GIVEN,
        "recipe": recipe(notebook, GIVEN, inputs),
        "inputs": inputs,
        "config": "study",
        "root": str(root),
        "drafts": str(root / "build" / "drafts"),
        "forked": False,
    }
    return engine.execute_chapter(notebook=str(notebook), **(options | other))


def forget(root: Path) -> None:
    """Let a chapter run again though nothing changed."""
    (root / "build" / "cache" / "reads").rename(root / "build" / f"forgotten-{len(list(root.glob('build/f*')))}")


@pytest.fixture
def wrong_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `python3` on the user's machine that is not ours."""
    folder = tmp_path / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    spec = {"argv": ["false"], "display_name": "Another", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))


@pytest.mark.usefixtures("wrong_kernel")
def test_a_chapter_runs_in_this_python_and_gives_the_same_bytes_forked_or_not(
    root: Path, write: Callable[..., Path], chapter_text: tuple[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    notebook = write(root, "10-a", TELLS, *chapter_text)
    record = execute(root, notebook)
    place = root / "build" / "cache" / record["address"]
    node = json.loads((place / kept.NOTEBOOK).read_text(encoding="utf-8"))
    seen = json.loads("".join(node["cells"][3]["outputs"][0]["text"]))
    assert seen == {
        "python": sys.executable,
        "folder": str(notebook.parent),
        "hash": "0",
        "threads": "1",
        "epoch": engine.EPOCH,
        "months": 24,
    }
    assert record["results"] == ["vacancies"]
    assert record["data_status"] == ["observed"]
    assert record["cpu_seconds"] > record["start_cpu_seconds"] > 0
    assert record["memory_mb"] > 10
    first = (place / "results" / "vacancies.csv").read_text(encoding="utf-8").splitlines()[1]
    assert first.startswith("'=zorg,open,4420.0")
    assert kept.cached(place.parent, record["address"]) == record
    forget(root)
    again = execute(root, notebook, forked=True)
    assert (again["notebook_sha256"], again["address"]) == (record["notebook_sha256"], record["address"])
    assert again["reads"] == record["reads"]
    assert sorted(p.name for p in place.parent.iterdir()) == sorted([record["address"], "reads", "computed"])
    assert list((root / "build" / "drafts").iterdir()) == []
    assert capfd.readouterr().err == ""
    (place / kept.NOTEBOOK).write_text("{}", encoding="utf-8")
    assert kept.cached(place.parent, record["address"]) is None


def test_a_chapter_that_another_worker_has_finished_does_not_run_again(root: Path, write: Callable[..., Path]) -> None:
    notebook = write(root, "10-a", "from pathlib import Path\nwith Path('../ran').open('a') as f: f.write('x')")
    assert execute(root, notebook) == execute(root, notebook)
    assert (root / "ran").read_text(encoding="utf-8") == "x"


@forked_or_not
def test_a_failing_cell_is_named_and_leaves_nothing_half_done(
    root: Path, write: Callable[..., Path], forked: bool
) -> None:
    notebook = write(root, "20-b", "fine = 1", "raise ValueError('level: must lie in (0, 1),\\n got 95')", "never = 1")
    with pytest.raises(ChapterError) as stopped:
        execute(root, notebook, forked=forked)
    assert str(stopped.value) == "province:10000 20-b: cell 4: ValueError: level: must lie in (0, 1),"
    assert [p.name for p in (root / "build" / "cache").iterdir()] == ["computed"]
    assert list((root / "build" / "drafts").iterdir()) == []
    assert len(list((root / "build" / "failed").glob("*.ipynb"))) == 1


@forked_or_not
def test_a_kernel_that_dies_is_started_once_more_and_the_reason_is_noted(
    root: Path, write: Callable[..., Path], forked: bool
) -> None:
    dies_once = "import os, pathlib\nmark = pathlib.Path('../mark')\n"
    dies_once += "if not mark.exists():\n    mark.touch()\n    os.kill(os.getpid(), 9)"
    log = root / "log.jsonl"
    execute(root, write(root, "20-b", dies_once), forked=forked, log=str(log))
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    (retry,) = [e for e in events if e["event"] == "retry"]
    assert retry["reason"] == "province:10000 20-b: the kernel died (SIGKILL, perhaps for lack of memory)"


@forked_or_not
def test_a_kernel_that_dies_each_time_is_an_error_of_its_chapter(
    root: Path, write: Callable[..., Path], forked: bool
) -> None:
    with pytest.raises(ChapterError, match=r"^province:10000 20-b: the kernel died \(SIGKILL"):
        execute(root, write(root, "20-b", "import os\nos.kill(os.getpid(), 9)"), forked=forked)


@forked_or_not
def test_a_cell_that_takes_too_long_is_stopped_with_its_kernel(
    root: Path, write: Callable[..., Path], forked: bool
) -> None:
    hangs = "import os, pathlib, time\npathlib.Path('../pid').write_text(str(os.getpid()))\ntime.sleep(300)"
    with pytest.raises(ChapterError, match=r"^province:10000 20-b: a cell took longer than 2 s$"):
        execute(root, write(root, "20-b", hangs), forked=forked, limits=Limits(cell_seconds=2))
    assert not provisioner.exists(int((root / "pid").read_text(encoding="utf-8")))


@forked_or_not
def test_a_kernel_that_takes_too_much_memory_is_stopped_and_not_tried_again(
    root: Path, write: Callable[..., Path], forked: bool
) -> None:
    notebook = write(root, "20-b", "import time\nlarge = bytearray(900_000_000)\ntime.sleep(30)")
    with pytest.raises(ChapterError, match="20-b: the kernel took more than 800 MB of memory"):
        execute(root, notebook, forked=forked, limits=Limits(memory_mb=800), log=str(root / "log.jsonl"))
    assert '"retry"' not in (root / "log.jsonl").read_text(encoding="utf-8")


def test_what_never_ran_is_not_in_the_cache(tmp_path: Path) -> None:
    assert kept.cached(tmp_path, "c" * 64) is None


@pytest.mark.parametrize("ends", ["", "raise ValueError('x')", "import os\nos.kill(os.getpid(), 9)"])
def test_what_a_kernel_complains_of_is_in_the_log_and_not_on_the_terminal(
    root: Path, write: Callable[..., Path], capfd: pytest.CaptureFixture[str], ends: str
) -> None:
    notebook = write(root, "20-b", "get_ipython().kernel.log.error('out of order')", ends)
    with pytest.raises(ChapterError) if ends else nullcontext():
        execute(root, notebook, log=str(root / "log.jsonl"))
    events = [json.loads(line) for line in (root / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    said = [e for e in events if e["event"] == "kernel"]
    assert {e["task"] for e in said} == {"province:10000 20-b"}
    assert any("out of order" in line for e in said for line in e["said"])
    assert "out of order" not in capfd.readouterr().err


def test_what_changed_since_the_plan_is_refused_and_not_kept(root: Path, write: Callable[..., Path]) -> None:
    notebook = write(root, "10-a", "x = 1")
    inputs = read_inputs(Folders(root=root))
    planned = recipe(notebook, GIVEN, inputs)
    write(root, "10-a", "x = 2")
    with pytest.raises(ChapterError, match="the notebook, code or packages changed after the run was planned"):
        execute(root, notebook, recipe=planned)
    reads = write(root, "20-b", "open('../data/sources.csv').read()\nopen('../data/sources.csv', 'a').write('\\n')")
    with pytest.raises(ChapterError, match=r"file data/sources\.csv changed after the run was planned; run again"):
        execute(root, reads)
    assert [p.name for p in (root / "build" / "cache").iterdir()] == ["computed"]
    assert list((root / "build" / "drafts").iterdir()) == []
