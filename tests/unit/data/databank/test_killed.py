"""A build that dies at any moment leaves the old databank readable."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from studie.data import databank
from studie.data.databank import location

WAIT = 60
# the process ends itself with SIGKILL when it comes to the named step
DIES_AT = """
import os, pathlib, signal
from studie.data import databank
from studie.data.databank import building
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
{patch}
databank.build()
"""
STEPS = {
    "before the first table": "building._fill = die",
    "in the middle of the tables": """
insert, seen = building._insert, []
building._insert = lambda *a: die() if len(seen) == 12 else (seen.append(1), insert(*a))
""",
    "before the file is on disk": "building.sync = die",
    "just before the swap": "pathlib.Path.replace = die",
    "just after the swap": "building._keep = die",
    "before the snapshot is in place": """
replace, seen = pathlib.Path.replace, []
pathlib.Path.replace = lambda self, target: die() if seen else (seen.append(1), replace(self, target))
""",
}


@pytest.fixture(scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory, new_study: Callable[[Path], Path]) -> Path:
    """The folder of a study that every build here dies in."""
    return new_study(tmp_path_factory.mktemp("killed"))


@pytest.fixture
def study(_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study whose databank is made."""
    monkeypatch.setenv("STUDIE_ROOT", str(_folder))
    monkeypatch.setenv("STUDIE_DEMONSTRATION_SIZE", "small")
    if not databank.path().is_file():
        databank.build()
    return _folder


def assert_readable(study: Path) -> None:
    """The databank answers, nobody holds the lock, and what is left is what the next build clears away."""
    assert databank.query("SELECT count(*) AS n FROM municipality").loc[0, "n"] == 72
    with location.only_builder():
        pass
    unfinished = [found.name for found in (study / "build").rglob("*") if "unfinished" in found.name]
    assert all(name.startswith(("databank.unfinished.duckdb", "20")) for name in unfinished)


@pytest.mark.parametrize("step", STEPS)
def test_a_build_killed_at_a_step_leaves_the_databank_readable(study: Path, step: str) -> None:
    code = DIES_AT.format(patch=STEPS[step])
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=WAIT, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert_readable(study)


def test_a_build_killed_at_any_moment_leaves_the_databank_readable_and_the_next_one_clears_up(study: Path) -> None:
    command = [sys.executable, "-c", "from studie.data import databank; print('go', flush=True); databank.build()"]
    for seconds in (0.05, 0.35, 0.8, 1.4):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
        time.sleep(seconds)
        process.kill()
        process.wait(timeout=WAIT)
        process.stdout.close()
        assert_readable(study)
    databank.build()
    assert not [found for found in (study / "build").rglob("*") if "unfinished" in found.name]
