"""Ctrl-C or SIGTERM in the middle of a run."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

COMMAND = [sys.executable, "-c", "from studie.cli import main; main()"]
SLEEPS_ONCE = """import os, pathlib, time
mark = pathlib.Path("pid")
if not mark.exists():
    mark.write_text(str(os.getpid()))
    time.sleep(300)"""


def wait_for(path: Path, *, seconds: float = 120) -> str:
    """Text of a file, as soon as it is there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if path.is_file() and path.read_text(encoding="utf-8"):
            return path.read_text(encoding="utf-8")
        time.sleep(0.05)
    raise AssertionError(f"{path.name} was not written in {seconds} s")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interrupted_run_stops_its_kernels_and_the_same_command_goes_on(
    root: Path, write: Callable[..., Path], chapter_text: tuple[str, str], number: int
) -> None:
    write(root, "10-a", *chapter_text)
    write(root, "20-b", SLEEPS_ONCE, *chapter_text)
    arguments = [*COMMAND, "run", "--regions", "arrondissement:12000"]
    with subprocess.Popen(arguments, cwd=root, stderr=subprocess.PIPE, text=True, start_new_session=True) as running:
        kernel = int(wait_for(root / "notebooks" / "pid"))
        if number == signal.SIGINT:
            os.killpg(running.pid, number)  # as a terminal does
        else:
            os.kill(running.pid, number)  # as a cluster does
        said = running.communicate(timeout=60)[1]
    assert running.returncode == 130
    assert "interrupted; the same command goes on from here" in said
    assert said.splitlines()[-1].startswith("interrupted; ")
    assert "Traceback" not in said
    assert "ERROR" not in said
    assert not psutil.pid_exists(kernel)
    folder = next((root / "build").glob("2*"))
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["state"] == "interrupted"
    assert not list((root / "build").rglob(".*"))
    done = subprocess.run([*arguments, "--json"], cwd=root, capture_output=True, text=True, check=True)
    outcome = json.loads(done.stdout)
    assert (outcome["made"], outcome["reused"], outcome["exit_code"]) == (2, 1, 0)
