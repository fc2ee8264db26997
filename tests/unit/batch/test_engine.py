"""One chapter in a kernel of the running interpreter."""

import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from studie.batch import engine

TELLS = """import os, sys
seen = {"python": sys.executable, "folder": os.getcwd(), "hash": os.environ["PYTHONHASHSEED"],
        "threads": os.environ["OMP_NUM_THREADS"], "epoch": os.environ["SOURCE_DATE_EPOCH"], "months": horizon_months}
import json
print(json.dumps(seen))"""


def execute(root: Path, notebook: Path, **other: Any) -> dict[str, Any]:
    options: dict[str, Any] = {
        "region": "province:10000",
        "chapter": notebook.stem,
        "address": "a" * 64,
        "timestamp": 1700000000,
    }
    given = {"region": "province:10000", "horizon_months": 24}
    return engine.execute_chapter(notebook=str(notebook), parameters=given, root=str(root), **(options | other))


@pytest.fixture
def wrong_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `python3` on the user's machine that is not ours."""
    folder = tmp_path / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    spec = {"argv": ["false"], "display_name": "Another", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))


@pytest.mark.usefixtures("wrong_kernel")
def test_a_chapter_runs_in_this_python_and_twice_gives_the_same_bytes(
    root: Path, write: Callable[..., Path], chapter_text: tuple[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    notebook = write(root, "10-a", TELLS, *chapter_text)
    record = execute(root, notebook)
    kept = root / "build" / "cache" / ("a" * 64)
    node = json.loads((kept / engine.NOTEBOOK).read_text(encoding="utf-8"))
    seen = json.loads("".join(node["cells"][3]["outputs"][0]["text"]))
    assert seen == {
        "python": sys.executable,
        "folder": str(notebook.parent),
        "hash": "0",
        "threads": "1",
        "epoch": "1700000000",
        "months": 24,
    }
    assert record["results"] == ["vacancies"]
    assert record["data_status"] == ["observed"]
    assert record["cpu_seconds"] > 0
    assert record["memory_mb"] > 10
    assert (
        (kept / "results" / "vacancies.csv")
        .read_text(encoding="utf-8")
        .splitlines()[1]
        .startswith("'=zorg,open,4420.0")
    )
    assert engine.cached(kept.parent, "a" * 64) == record
    again = execute(root, notebook, address="b" * 64)
    assert again["notebook_sha256"] == record["notebook_sha256"]
    assert sorted(p.name for p in kept.parent.iterdir()) == ["a" * 64, "b" * 64]
    assert capfd.readouterr().err == ""
    (kept / engine.NOTEBOOK).write_text("{}", encoding="utf-8")
    assert engine.cached(kept.parent, "a" * 64) is None


def test_a_failing_cell_is_named_and_leaves_nothing_half_done(root: Path, write: Callable[..., Path]) -> None:
    notebook = write(root, "20-b", "fine = 1", "raise ValueError('level: must lie in (0, 1),\\n got 95')", "never = 1")
    with pytest.raises(engine.ChapterError) as stopped:
        execute(root, notebook)
    assert str(stopped.value) == "province:10000 20-b: cell 4: ValueError: level: must lie in (0, 1),"
    assert list((root / "build" / "cache").iterdir()) == []
    assert [p.name for p in (root / "build" / "failed").iterdir()] == [f"{'a' * 64}.ipynb"]


def test_a_kernel_that_dies_is_an_error_of_its_chapter(root: Path, write: Callable[..., Path]) -> None:
    with pytest.raises(engine.ChapterError, match=r"^province:10000 20-b: Kernel died"):
        execute(root, write(root, "20-b", "import os\nos.kill(os.getpid(), 9)"))


def test_what_never_ran_is_not_in_the_cache(tmp_path: Path) -> None:
    assert engine.cached(tmp_path, "c" * 64) is None


@pytest.mark.parametrize("ends", ["", "raise ValueError('x')", "import os\nos.kill(os.getpid(), 9)"])
def test_what_a_kernel_complains_of_is_in_the_log_and_not_on_the_terminal(
    root: Path, write: Callable[..., Path], capfd: pytest.CaptureFixture[str], ends: str
) -> None:
    notebook = write(root, "20-b", "get_ipython().kernel.log.error('out of order')", ends)
    with pytest.raises(engine.ChapterError) if ends else nullcontext():
        execute(root, notebook, log=str(root / "log.jsonl"))
    (line,) = (root / "log.jsonl").read_text(encoding="utf-8").splitlines()
    event = json.loads(line)
    assert (event["event"], event["task"]) == ("kernel", "province:10000 20-b")
    assert any("out of order" in said for said in event["said"])
    assert "out of order" not in capfd.readouterr().err
