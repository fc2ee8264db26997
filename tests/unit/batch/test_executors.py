"""Worker processes: order, failures, lost workers."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from studie.batch import executors
from studie.batch.executors import Job, Outcome, Told, perform, run_local


def dumps(key: str, value: object, *after: str) -> Job:
    return Job(key=key, function="json:dumps", arguments={"obj": value}, after=after)


def test_jobs_run_after_what_they_need_and_a_failure_leaves_the_others() -> None:
    broken = Job(key="broken", function="json:loads", arguments={"s": "{"})
    jobs = [dumps("last", 3, "first", "second"), dumps("second", 2, "first"), dumps("first", 1), broken,
            dumps("lost", 4, "broken"), dumps("lost too", 5, "lost"), dumps("free", 6, "not among them")]  # fmt: skip
    order: list[str] = []
    outcomes = run_local(jobs, workers=2, told=Told(ended=lambda outcome: order.append(outcome.key)))
    assert {key: outcome.state for key, outcome in outcomes.items()} == {
        "first": "done", "second": "done", "last": "done", "free": "done",
        "broken": "failed", "lost": "left out", "lost too": "left out",
    }  # fmt: skip
    assert order.index("first") < order.index("second") < order.index("last")
    assert outcomes["last"].value == "3"
    assert outcomes["broken"].error.startswith("broken: JSONDecodeError: Expecting property name")
    assert "\n" not in outcomes["broken"].error


def test_a_full_disk_where_an_end_is_noted_is_no_lost_worker() -> None:
    retried = []

    def noted(outcome: Outcome) -> None:
        raise OSError(28, "No space left on device")

    told = Told(ended=noted, retried=lambda job, reason: retried.append(reason))
    with pytest.raises(OSError, match="No space left on device"):
        run_local([dumps("one", 1)], workers=1, told=told)
    assert retried == []


def test_a_job_of_a_killed_worker_is_tried_once_more(tmp_path: Path) -> None:
    script = tmp_path / "kill_once.py"
    script.write_text(
        "import os, pathlib, sys\n"
        "mark = pathlib.Path(sys.argv[1])\n"
        "if not mark.exists():\n    mark.touch()\n    os.kill(os.getppid(), 9)\n",
        encoding="utf-8",
    )
    once = Job(
        key="once",
        function="subprocess:run",
        arguments={"args": [sys.executable, str(script), str(tmp_path / "mark")], "check": True},
    )
    always = Job(
        key="always",
        function="subprocess:run",
        arguments={"args": [sys.executable, "-c", "import os; os.kill(os.getppid(), 9)"]},
    )
    retried: list[tuple[str, str]] = []
    told = Told(retried=lambda job, reason: retried.append((job.key, reason)))
    outcomes = run_local([once, always, dumps("other", 1)], workers=1, told=told)
    assert retried == [("once", "worker process was lost"), ("always", "worker process was lost")]
    assert outcomes["once"].state == "done"
    assert outcomes["other"].state == "done"
    assert outcomes["always"] == Outcome(key="always", state="failed", error="always: worker process was lost twice")


def test_an_error_the_user_can_act_on_keeps_its_words_and_its_exit_code() -> None:
    job = Job(key="x", function="studie.config:config_path", arguments={"name": "nowhere"})
    outcome = perform(job)
    assert (outcome.state, outcome.exit_code) == ("failed", 2)
    assert outcome.error.startswith("config: no file 'nowhere'")


def test_no_jobs_is_fine() -> None:
    assert run_local([], workers=2) == {}


def test_a_worker_that_is_stopped_says_nothing_on_the_terminal() -> None:
    code = "import os, signal, sys\nfrom studie.batch import executors\n"
    code += "import atexit\natexit.register(lambda: os.write(2, b'a library complains'))\n"
    code += "signal.signal(signal.SIGTERM, executors._end_quietly)\nos.kill(os.getpid(), signal.SIGTERM)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (128 + signal.SIGTERM, "")


def test_an_interruption_waits_until_a_worker_has_been_started_whatever_thread_takes_it() -> None:
    reached, done = [], threading.Event()
    other = threading.Thread(target=done.wait, args=(10,))
    other.start()
    with pytest.raises(KeyboardInterrupt), executors._no_interruption():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
        reached.append(True)
    done.set()
    other.join()
    assert reached
