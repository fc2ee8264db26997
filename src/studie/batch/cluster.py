"""Where jobs run when one machine is not enough: workers of Dask, started by the user or by Slurm."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from studie.batch.executors import Board, Job, Outcome, Told, perform
from studie.errors import InputError

SLURM = "slurm"
PATIENCE = 30  # [s] for the scheduler to answer
EXTRA = "install the extra packages with: .venv/bin/pip install 'studie[cluster]'"
# What a Slurm job asks for unless Dask's configuration (jobqueue.slurm) says otherwise: one chapter at a time.
ONE_JOB: dict[str, Any] = {"cores": 1, "processes": 1, "memory": "4GB", "walltime": "04:00:00"}


def run_dask(
    jobs: Sequence[Job], *, scheduler: str, workers: int, folder: Path, told: Told | None = None
) -> dict[str, Outcome]:
    """Run jobs on the workers of a Dask scheduler and say how each ended.

    A job of a lost worker is given to another by the scheduler. A chapter that was finished is found in the cache,
    so that none is run twice to its end.

    Parameters
    ----------
    jobs : sequence of Job
    scheduler : str
        Address such as `tcp://10.0.0.1:8786`, or `slurm` for workers that this call starts and ends.
    workers : int
        Slurm jobs at the same time; of no meaning to a scheduler that has its workers already.
    folder : Path
        Where Slurm jobs write what they say.
    told : Told, optional
        Called in this process.

    Raises
    ------
    InputError
        If the packages are not installed, or no scheduler answers.
    """
    board = Board(jobs, told or Told())
    with _client(scheduler, workers=workers, folder=folder) as client:
        from distributed import as_completed

        running: dict[str, Job] = {}
        done = as_completed()

        def hand_out() -> None:
            while (job := board.next()) is not None:
                board.told.started(job)
                future = client.submit(perform, job, key=f"{job.key}-{uuid.uuid4().hex}", pure=False)
                running[future.key] = job
                done.add(future)

        hand_out()
        while board.open:
            future = next(done)
            board.finish(_outcome(future, running.pop(future.key)))
            future.release()
            hand_out()
    return board.ended


def _outcome(future: Any, job: Job) -> Outcome:
    """How a job ended; `perform` turns what a job raises into its outcome, so an error is the cluster's own."""
    try:
        outcome: Outcome = future.result()
    except Exception as error:
        said = str(error).strip().splitlines()
        why = said[0] if said else type(error).__name__
        return Outcome(key=job.key, state="failed", error=f"{job.key}: the cluster gave it up: {why}")
    return outcome


@contextmanager
def _client(scheduler: str, *, workers: int, folder: Path) -> Iterator[Any]:
    """Line to a scheduler."""
    try:
        import distributed
    except ImportError as error:
        raise InputError(f"executor: dask needs packages that are not there; {EXTRA}") from error
    logging.getLogger("distributed").setLevel(logging.ERROR)  # a lost worker is the scheduler's to deal with
    if scheduler == SLURM:
        with slurm_cluster(folder) as cluster, distributed.Client(cluster) as client:
            cluster.scale(jobs=workers)
            yield client
        return
    try:
        client = distributed.Client(scheduler, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        said = str(error).splitlines()[0]
        raise InputError(f"scheduler: no Dask scheduler answers at {scheduler!r} ({said})") from error
    with client:
        yield client


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep this process's answer to Ctrl-C, which dask_jobqueue replaces by a plain exit when it is imported."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


def slurm_cluster(folder: Path) -> Any:
    """Scheduler in this process whose workers are Slurm jobs; they write what they say below a folder of the run."""
    try:
        import dask

        with _own_signals():
            from dask_jobqueue import SLURMCluster
    except ImportError as error:
        raise InputError(f"scheduler: slurm needs packages that are not there; {EXTRA}") from error
    # Dask's own defaults, half an hour among them, are no wish of the user.
    own, asked = dask.config.merge(*dask.config.defaults)["jobqueue"]["slurm"], dask.config.get("jobqueue.slurm")
    options = {name: value for name, value in ONE_JOB.items() if asked.get(name) == own.get(name)}
    logs = folder / "slurm"
    logs.mkdir(parents=True, exist_ok=True)
    return SLURMCluster(python=sys.executable, log_directory=str(logs), **options)
