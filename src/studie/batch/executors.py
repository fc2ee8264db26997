"""Where jobs run: N worker processes of this machine; one that fails leaves the others, a lost worker is replaced."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Literal

from studie.errors import StudieError

State = Literal["done", "failed", "left out"]
PATIENCE = 10  # [s] that a worker gets to stop its kernel
TRIES = 2  # a worker killed from outside is no fault of the job


@dataclass(frozen=True, kw_only=True)
class Job:
    """A function named `module:function`, its arguments, and the jobs that must be done before."""

    key: str
    function: str
    arguments: Mapping[str, Any]
    after: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a job ended; `value` when done, `error` in one line when not; CPU of the process that did it [s]."""

    key: str
    state: State
    value: Any = None
    error: str = ""
    exit_code: int = 1
    cpu_seconds: float = 0.0


@dataclass(kw_only=True)
class _Worker:
    """A process, the line to it and the job it has."""

    process: BaseProcess
    line: Connection
    job: Job | None = None


@dataclass(frozen=True, kw_only=True)
class Told:
    """Who is told what happens to jobs, for progress and log.

    Attributes
    ----------
    started, ended
        A job was handed out; it ended.
    retried
        A job is handed out again, and why.
    """

    started: Callable[[Job], None] = lambda job: None
    ended: Callable[[Outcome], None] = lambda outcome: None
    retried: Callable[[Job, str], None] = lambda job, reason: None


class Board:
    """Jobs that wait and have ended, wherever they run.

    Parameters
    ----------
    jobs : sequence of Job
        A predecessor that is not among them counts as done.
    told : Told
        Is told of every end, also of jobs that are left out because what they need failed.
    """

    def __init__(self, jobs: Sequence[Job], told: Told) -> None:
        keys = {job.key for job in jobs}
        self.waiting = [replace(job, after=tuple(k for k in job.after if k in keys)) for job in jobs]
        self.total = len(jobs)
        self.ended: dict[str, Outcome] = {}
        self.told = told

    def next(self) -> Job | None:
        """A job whose predecessors are all done."""
        for job in self.waiting:
            if all(key in self.ended for key in job.after):
                self.waiting.remove(job)
                return job
        return None

    def finish(self, outcome: Outcome) -> None:
        """Note an end, and leave out what needed a job that failed."""
        self.ended[outcome.key] = outcome
        self.told.ended(outcome)
        for job, cause in self._blocked():
            if job in self.waiting:
                self.waiting.remove(job)
                self.finish(Outcome(key=job.key, state="left out", error=f"{job.key}: left out, {cause} failed"))

    @property
    def open(self) -> bool:
        """Whether jobs have not ended yet."""
        return len(self.ended) < self.total

    def _blocked(self) -> list[tuple[Job, str]]:
        """Waiting jobs with a predecessor that is not done, and which."""
        bad = {key for key, outcome in self.ended.items() if outcome.state != "done"}
        return [(job, next(k for k in job.after if k in bad)) for job in self.waiting if bad.intersection(job.after)]


def run_local(jobs: Sequence[Job], *, workers: int, told: Told | None = None) -> dict[str, Outcome]:
    """Run jobs on worker processes and say how each ended.

    Parameters
    ----------
    jobs : sequence of Job
    workers : int
        Processes at the same time.
    told : Told, optional
        Called in this process.

    Raises
    ------
    KeyboardInterrupt
        After every worker has stopped its kernel.
    """
    board = Board(jobs, told or Told())
    tries: dict[str, int] = {}
    pool: list[_Worker] = []
    try:
        while board.open:
            _hand_out(board, pool, workers, tries)
            _collect(board, pool, tries)
    finally:
        _stop(pool)
    return board.ended


def _hand_out(board: Board, pool: list[_Worker], workers: int, tries: dict[str, int]) -> None:
    """Give idle workers a job; start a worker when there is work for it."""
    while True:
        idle = next((w for w in pool if w.job is None), None)
        if idle is None and len(pool) >= workers:
            return
        job = board.next()
        if job is None:
            return
        if idle is None:
            idle = _new_worker()
            pool.append(idle)
        idle.job = job
        tries[job.key] = tries.get(job.key, 0) + 1
        board.told.started(job)
        idle.line.send(job)


def _collect(board: Board, pool: list[_Worker], tries: Mapping[str, int]) -> None:
    """Wait until a worker says something or is lost."""
    ready = wait([w.line for w in pool if w.job is not None])
    for worker in [w for w in pool if w.line in ready]:
        job, worker.job = worker.job, None
        if job is None:
            continue
        try:
            outcome = worker.line.recv()
        except (EOFError, OSError):
            _forget(worker, pool)
            if tries[job.key] < TRIES:
                board.told.retried(job, "worker process was lost")
                board.waiting.insert(0, job)
                continue
            outcome = Outcome(key=job.key, state="failed", error=f"{job.key}: worker process was lost twice")
        board.finish(outcome)


def _new_worker() -> _Worker:
    """A fresh process; spawned, not forked, so that it shares no threads or locks with this one."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_work, args=(there,), daemon=True)
    with _no_interruption():
        process.start()
    there.close()
    return _Worker(process=process, line=here)


@contextmanager
def _no_interruption() -> Iterator[None]:
    """Hold Ctrl-C back; a process started meanwhile holds it back too, until it says what to do with it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # started with the first process, it would end the holding back
    held: list[int] = []
    main = (
        threading.current_thread() is threading.main_thread()
    )  # another thread may take the signal: hold it there too
    handler = signal.signal(signal.SIGINT, lambda number, _: held.append(number)) if main else None
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if main:
            signal.signal(signal.SIGINT, handler)
    if held:
        signal.raise_signal(signal.SIGINT)


def _forget(worker: _Worker, pool: list[_Worker]) -> None:
    """Clear up after a worker that is gone."""
    pool.remove(worker)
    worker.line.close()
    worker.process.join(PATIENCE)


def _stop(pool: list[_Worker]) -> None:
    """End every worker: an idle one by closing its line, a busy one by a signal that lets it stop its kernel."""
    for worker in pool:
        if worker.job is not None:
            worker.process.terminate()
        worker.line.close()
    for worker in pool:
        worker.process.join(PATIENCE)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        worker.process.close()


def _work(line: Connection) -> None:
    """Take jobs until the line closes. Ctrl-C is the parent's to answer; SIGTERM stops a kernel on its way out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, _end_quietly)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            job = line.recv()
        except EOFError:
            return
        line.send(perform(job))


def _end_quietly(number: int, frame: object) -> None:
    """Leave by an exception, so that a kernel is stopped; what libraries say of it is nobody's concern any more."""
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), 2)
    sys.exit(128 + number)


def _end_with_parent() -> None:
    """Stop when the parent was killed: its results have nobody to go to."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


def perform(job: Job) -> Outcome:
    """Run one job in this process; whatever it raises becomes its outcome."""
    began = time.process_time()
    outcome = _perform(job)
    return replace(outcome, cpu_seconds=round(time.process_time() - began, 3))


def _perform(job: Job) -> Outcome:
    """Outcome of one job."""
    module, _, name = job.function.partition(":")
    try:
        value = getattr(importlib.import_module(module), name)(**job.arguments)
    except StudieError as error:
        return Outcome(key=job.key, state="failed", error=str(error), exit_code=error.exit_code)
    except Exception as error:  # one region's fault of any kind leaves the others
        said = str(error).strip().splitlines()
        return Outcome(
            key=job.key,
            state="failed",
            error=f"{job.key}: {type(error).__name__}: {said[0] if said else 'no reason given'}",
        )
    return Outcome(key=job.key, state="done", value=value)
