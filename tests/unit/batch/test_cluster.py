"""Workers of Dask on this machine, one of which is lost; what is said without a scheduler; a Slurm job's script."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studie.batch import cluster, run
from studie.batch.inputs import Folders
from studie.batch.request import Request
from studie.errors import InputError

DASK = [sys.executable, "-m", "dask"]
COMMAND = [sys.executable, "-c", "from studie.cli import main; main()", "run"]
WAITS_ONCE = """import os, pathlib, time
mark = pathlib.Path("../worker")
if not mark.exists():
    mark.write_text(str(os.getppid()))
    time.sleep(300)"""


@pytest.fixture
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Address of a scheduler with two worker processes."""
    folder = tmp_path_factory.mktemp("dask")
    file = folder / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    alone = ["--host", "127.0.0.1", "--no-dashboard"]
    scheduler = subprocess.Popen([*DASK, "scheduler", *alone, "--port", "0", "--scheduler-file", str(file)], **quiet)  # type: ignore[call-overload]
    worker = [*DASK, "worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-nanny", *alone]
    started = [subprocess.Popen(worker, **quiet) for _ in range(2)]  # type: ignore[call-overload]
    try:
        end = time.monotonic() + 60
        while not (file.is_file() and file.read_text(encoding="utf-8")):
            assert time.monotonic() < end, "the scheduler did not start"
            time.sleep(0.1)
        yield json.loads(file.read_text(encoding="utf-8"))["address"], started
    finally:
        for process in (*started, scheduler):
            process.kill()
            process.wait()


@pytest.mark.slow
def test_a_worker_that_is_killed_midway_costs_nothing_that_was_finished(
    root: Path,
    write: Callable[..., Path],
    chapter_text: tuple[str, str],
    workers: tuple[str, list[subprocess.Popen[bytes]]],
) -> None:
    address, processes = workers
    write(root, "10-a", *chapter_text)
    write(root, "20-b", WAITS_ONCE, *chapter_text)
    asked = ["--regions", "arrondissement", "--executor", "dask", "--scheduler", address, "--json", "--engine", "plain"]
    with subprocess.Popen([*COMMAND, *asked], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        mark = root / "worker"
        while not (mark.is_file() and mark.read_text(encoding="utf-8")):
            assert running.poll() is None
            time.sleep(0.1)
        next(p for p in processes if p.pid == int(mark.read_text(encoding="utf-8"))).kill()
        out, said = running.communicate(timeout=300)
    assert running.returncode == 0, said
    result = json.loads(out)
    assert (result["made"], result["reused"], len(result["pdfs"])) == (9, 0, 3)
    assert b"Traceback" not in said
    log = (Path(result["folder"]) / "log.jsonl").read_text(encoding="utf-8")
    events = [json.loads(line) for line in log.splitlines()]
    done = [e["task"] for e in events if e["event"] in ("chapter", "report") and e["state"] == "done"]
    assert len(done) == len(set(done)) == 9
    assert len({e["process"] for e in events if e["event"] == "start"}) == 2
    local = run.run(Request(regions=["arrondissement"]), folders=Folders(root=root))
    assert (local.made, local.reused) == (0, 9)


def test_a_scheduler_that_does_not_answer_is_named_in_one_line(
    root: Path, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, "10-a")
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    request = Request(regions=["province"], executor="dask", scheduler="tcp://127.0.0.1:9")
    with pytest.raises(InputError, match=r"^scheduler: no Dask scheduler answers at 'tcp://127\.0\.0\.1:9'"):
        run.run(request, folders=Folders(root=root))
    request = Request(regions=["province"], executor="dask")
    with pytest.raises(InputError, match="scheduler: executor dask needs one; allowed: an address"):
        run.run(request, folders=Folders(root=root))


def test_without_the_packages_it_is_said_how_to_install_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"executor: dask needs packages that are not there; .*studie\[cluster\]"):
        cluster.run_dask([], scheduler="tcp://127.0.0.1:9", workers=1, folder=tmp_path)


def test_a_slurm_job_runs_one_worker_of_this_python(tmp_path: Path) -> None:
    with cluster.slurm_cluster(tmp_path) as started:
        script = started.job_script()
    assert script.startswith("#!/")
    assert "#SBATCH --cpus-per-task=1" in script
    assert "#SBATCH --mem=4G" in script
    assert "#SBATCH -t 04:00:00" in script  # not the half hour of Dask's own defaults
    assert f"{sys.executable} -m distributed.cli.dask_worker" in script
    assert "--nthreads 1" in script
    checked = subprocess.run(["bash", "-n"], input=script, text=True, check=False)
    assert checked.returncode == 0


def test_a_slurm_job_asks_for_what_the_configuration_of_dask_says(tmp_path: Path) -> None:
    import dask

    with (
        dask.config.set({"jobqueue.slurm.walltime": "01:00:00", "jobqueue.slurm.memory": "2GB"}),
        cluster.slurm_cluster(tmp_path) as started,
    ):
        script = started.job_script()
    assert "#SBATCH -t 01:00:00" in script and "#SBATCH --mem=2G" in script
    assert "#SBATCH --cpus-per-task=1" in script


def test_ctrl_c_still_interrupts_a_run_whose_workers_are_slurm_jobs(tmp_path: Path) -> None:
    """dask_jobqueue replaces the answer to Ctrl-C by a plain exit when it is imported."""
    code = (
        "import signal, sys\n"
        "from pathlib import Path\n"
        "from studie.batch import cluster\n"
        "before = signal.getsignal(signal.SIGINT)\n"
        f"with cluster.slurm_cluster(Path({str(tmp_path)!r})): pass\n"
        "sys.exit(signal.getsignal(signal.SIGINT) is not before)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
