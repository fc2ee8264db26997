"""What goes wrong in the middle of a run leaves nothing half done; `--resume` ends with the bytes of a quiet run."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest

from studie.batch import kept, laws, run
from studie.batch.inputs import Folders
from studie.batch.progress import Silent
from studie.batch.request import Request, held, request_of
from studie.batch.run import RunResult
from studie.errors import InputError

COMMAND = [sys.executable, "-c", "from studie.cli import main; main()", "run"]
REGIONS = ["arrondissement:11000", "arrondissement:12000"]
SHELVES = ("reads", "reports", "computed", laws.VERDICTS)  # in the cache, beside the chapters
HANGS_ONCE = """import pathlib, time
mark = pathlib.Path("../hung")
if not mark.exists():
    mark.touch()
    time.sleep(300)"""
KILLS_ITS_WORKER_ONCE = """import os, pathlib
mark = pathlib.Path("../killed")
if not mark.exists():
    mark.touch()
    os.kill(os.getppid(), 9)
    import time
    time.sleep(60)"""


def made(root: Path, folder: Path) -> dict[str, bytes]:
    """Content of everything that a run made: reports, executed chapters and result tables."""
    found = [(p, p.relative_to(root / "reports")) for p in (root / "reports").rglob("*.pdf")]
    found += [(p, p.relative_to(folder)) for p in folder.glob("*/*.ipynb")]
    found += [(p, p.relative_to(folder)) for p in folder.glob("*/results/*")]
    return {place.as_posix(): path.read_bytes() for path, place in found}


def half_made(root: Path) -> list[Path]:
    """Files under the name of something whole that are not whole."""
    cache = root / "build" / "cache"
    folders = [p for p in cache.glob("*") if p.is_dir() and p.name not in SHELVES]
    bad = [p for p in folders if kept.cached(cache, p.name) is None]
    bad += [p for p in cache.glob(f"{laws.VERDICTS}/*.json") if not json.loads(p.read_text(encoding="utf-8"))]
    for pdf in [*cache.glob("reports/*.pdf"), *(root / "reports").rglob("*.pdf")]:
        try:
            assert pypdf.PdfReader(pdf).pages
        except Exception:
            bad.append(pdf)
    return bad


def finished_twice(folder: Path) -> list[str]:
    """Chapters and reports that a run finished more than once, over all its attempts."""
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    done = Counter(e["task"] for e in lines if e["event"] in ("chapter", "report") and e["state"] == "done")
    return [task for task, times in done.items() if times > 1]


def runs(root: Path) -> list[Path]:
    """Folders of runs that have a manifest."""
    return sorted(p.parent for p in root.glob("build/*/manifest.json"))


@pytest.fixture(scope="module")
def quiet(
    shared_root: Path, write: Callable[..., Path], chapter_text: tuple[str, str]
) -> tuple[Path, dict[str, bytes], float]:
    """A study of two chapters, what an undisturbed run makes of it, and how long that takes."""
    for name in ("10-a", "20-b"):
        write(shared_root, name, "import time\ntime.sleep(0.3)", *chapter_text)
    computed = (shared_root / "build" / "cache" / "computed").resolve()
    for _ in range(2):  # the first computes what later runs find; the second tells how long they take
        forget_all(shared_root, computed=computed)
        began = time.monotonic()
        command = [*COMMAND, "--regions", *REGIONS, "--jobs", "2"]
        subprocess.run(command, cwd=shared_root, check=True, capture_output=True)
        seconds = time.monotonic() - began
    return shared_root, made(shared_root, runs(shared_root)[-1]), seconds


def copied(root: Path, place: Path) -> Path:
    """The same study without anything made; what is computed once stays where it is."""
    shutil.copytree(root, place, ignore=shutil.ignore_patterns("build", "reports"))
    forget_all(place, computed=root / "build" / "cache" / "computed")
    return place


def forget_all(root: Path, *, computed: Path) -> None:
    """Take away what was made."""
    for folder in ("build", "reports"):
        shutil.rmtree(root / folder, ignore_errors=True)
    (root / "build" / "cache").mkdir(parents=True)
    (root / "build" / "cache" / "computed").symlink_to(computed.resolve(), target_is_directory=True)


@pytest.mark.slow
def test_a_run_that_is_killed_at_random_moments_ends_as_an_undisturbed_one(
    quiet: tuple[Path, dict[str, bytes], float],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    part: Callable[[int], int],
) -> None:
    root = copied(quiet[0], tmp_path / "study")
    monkeypatch.setenv("STUDIE_ROOT", str(root))
    chance = random.Random(20200528)
    kills = 0
    while kills < part(10):
        last = runs(root)[-1:]
        asked = ["--resume", last[0].name] if last else ["--regions", *REGIONS]
        with subprocess.Popen(
            [*COMMAND, *asked, "--jobs", "2"], cwd=root, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as running:  # fmt: skip
            try:
                running.wait(chance.uniform(0.2, 1.0) * quiet[2])
            except subprocess.TimeoutExpired:
                whole_group = chance.random() < 0.5
                (os.killpg if whole_group else os.kill)(running.pid, signal.SIGKILL)
                kills += 1
        if running.returncode == 0:  # it was there before its moment came
            forget_all(root, computed=quiet[0] / "build" / "cache" / "computed")
        assert half_made(root) == []
    (folder,) = runs(root)[-1:] or [None]
    asked = ["--resume", folder.name] if folder else ["--regions", *REGIONS]
    subprocess.run([*COMMAND, *asked, "--jobs", "2"], cwd=root, check=True, capture_output=True)
    folder = runs(root)[-1]
    assert made(root, folder) == quiet[1]
    assert finished_twice(folder) == []
    assert not [p for p in root.rglob(".*") if p.is_relative_to(root / "build") or p.is_relative_to(root / "reports")]
    assert not (folder / "drafts").exists()


class TakesAway(Silent):
    """Takes a file away as soon as the first chapter starts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = path.read_bytes()

    def started(self, key: str) -> None:
        """Take it away."""
        self.path.unlink(missing_ok=True)


def test_a_hung_cell_and_a_lost_file_fail_their_chapters_and_a_resumed_run_makes_only_those(
    quiet: tuple[Path, dict[str, bytes], float],
    root: Path,
    write: Callable[..., Path],
    chapter_text: tuple[str, str],
) -> None:
    write(root, "10-a", *chapter_text)
    write(root, "20-b", HANGS_ONCE, *chapter_text)
    write(root, "30-c", "text = open('../data/observed/note.txt').read()", *chapter_text)
    note = root / "data" / "observed" / "note.txt"
    note.write_text("x", encoding="utf-8")
    request = Request(regions=REGIONS[:1], cell_seconds=4)
    folders = Folders(root=root)
    thief = TakesAway(note)
    first = run.run(request, folders=folders, watcher=thief)
    assert (first.exit_code, first.pdfs) == (1, ())
    said = "\n".join(first.failures)
    assert "20-b: a cell took longer than 4 s" in said
    assert "30-c: cell 3: FileNotFoundError" in said
    with pytest.raises(InputError, match=r"rests on other inputs, changed since: data/observed/note\.txt"):
        run.run(request, folders=folders, resume=first.folder.name)
    note.write_bytes(thief.content)
    again = run.run(request_of(first.folder.name, folders=folders), folders=folders, resume=first.folder.name)
    assert (again.exit_code, again.made, again.reused) == (0, 3, 1)
    assert again.folder == first.folder
    assert finished_twice(again.folder) == []
    manifest = json.loads((again.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["state"] == "done"
    assert len(manifest["resumed"]) == 1
    assert not list(again.folder.rglob("*.failed.ipynb"))
    assert {p.name for p in (again.folder / "arrondissement-11000" / "results").iterdir()} == {
        f"vacancies{number}.{suffix}" for number in ("", "-20", "-30") for suffix in ("csv", "parquet")
    }


@pytest.mark.parametrize("engine", ["plain", "fast"])
def test_a_worker_or_zygote_that_is_killed_costs_one_more_try(
    root: Path, write: Callable[..., Path], chapter_text: tuple[str, str], engine: Any
) -> None:
    write(root, "10-a", KILLS_ITS_WORKER_ONCE, *chapter_text)
    result: RunResult = run.run(Request(regions=REGIONS[:1], engine=engine), folders=Folders(root=root))
    assert result.exit_code == 0
    lines = [json.loads(line) for line in (result.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    (retry,) = [e for e in lines if e["event"] == "retry"]
    assert ("worker process was lost" if engine == "plain" else "the kernel died") in retry["reason"]


def in_a_small_disk(script: str, *, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a shell script that may mount what nobody else sees; skipped where the system does not allow it."""
    for rights in (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]):
        if shutil.which("unshare") is None:
            break
        trial = subprocess.run([*rights, "mount", "-t", "tmpfs", "x", "/mnt"], capture_output=True, check=False)
        if trial.returncode == 0:
            done = subprocess.run([*rights, "sh", "-c", script], cwd=cwd, capture_output=True, text=True, check=False)
            return done
    pytest.skip("no disk of our own: neither mounting nor user namespaces are allowed here")


@pytest.mark.slow
def test_a_full_disk_ends_a_run_in_one_line_and_leaves_nothing_half_done(
    quiet: tuple[Path, dict[str, bytes], float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = copied(quiet[0], tmp_path / "study")
    monkeypatch.setenv("STUDIE_ROOT", str(root))
    shutil.rmtree(root / "build")
    (root / "build").mkdir()
    (root / "after").mkdir()
    command = f"{sys.executable} -c 'from studie.cli import main; main()' run"
    script = f"""
    mount -t tmpfs -o size=180k disk build
    {command} --regions {" ".join(REGIONS)} --jobs 2 2> said > printed; echo $? > code
    cp -r build after/full
    mount -o remount,size=100m build
    run=$(basename $(ls -d build/2*))
    {command} --resume $run --jobs 2 2> said-again > printed-again; echo $? > code-again
    cp -r build after/whole
    """
    done = in_a_small_disk(script, cwd=root)
    assert done.returncode == 0, done.stderr
    said = (root / "said").read_text(encoding="utf-8").splitlines()
    assert (root / "code").read_text(encoding="utf-8").strip() in ("1", "2"), said
    assert [line for line in said if "No space left on device" in line], said
    assert not [line for line in said if "Traceback" in line]
    assert (root / "code-again").read_text(encoding="utf-8").strip() == "0", (root / "said-again").read_text()
    (folder,) = (root / "after" / "whole").glob("2*")
    assert made(root, folder) == quiet[1]
    assert finished_twice(folder) == []


def test_a_run_at_work_is_not_resumed_by_another_process(tmp_path: Path) -> None:
    code = f"from pathlib import Path\nfrom studie.batch.request import held\nwith held(Path({str(tmp_path)!r})): pass"
    with held(tmp_path):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert f"{tmp_path.name} is still at work, in process {os.getpid()}" in done.stderr
    subprocess.run([sys.executable, "-c", code], check=True)
