"""Kernels forked from a process that has imported everything; registered with jupyter_client as `studie-fork`."""

from __future__ import annotations

import array
import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

import studie

THREADS = tuple(f"{name}_NUM_THREADS" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"))
ONE_THREAD = {**dict.fromkeys(THREADS, "1"), "JE_ARROW_MALLOC_CONF": "background_thread:false"}
PATIENCE = 120  # [s] for the imports
LAUNCHERS = ("ipykernel_launcher", "ipykernel", "studie.batch.kernel")


class NoForkError(Exception):
    """Why a kernel is started the ordinary way; the message says so in a few words."""


class Zygote:
    """The process that is forked, as its owner sees it."""

    def __init__(self) -> None:
        self.stamp = source_stamp()
        self.lock = threading.Lock()
        self.line, there = socket.socketpair()
        self.said = tempfile.TemporaryFile()  # noqa: SIM115  closed with the process
        with there:
            self.process = subprocess.Popen(
                [sys.executable, "-Xfrozen_modules=off", "-m", "studie.batch.zygote", str(there.fileno())],
                env={"PYTHONHASHSEED": "0", **os.environ, **ONE_THREAD},
                pass_fds=[there.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.said,
                start_new_session=True,  # Ctrl-C on a terminal is not for it
            )
        self.line.settimeout(PATIENCE)
        self.left = b""
        try:
            hello = self._answer()
        except OSError as error:
            self.process.kill()
            said = self._last_words()
            self.close()
            raise NoForkError(f"the process to fork did not start: {said or error}") from error
        if hello["threads"] != 1:
            self.close()
            raise NoForkError(f"the process to fork has {hello['threads']} threads, must have 1")

    def start(self, arguments: Sequence[str], *, env: dict[str, str], cwd: str, files: Sequence[int]) -> int:
        """Fork a kernel that writes to two open files; its process id."""
        request = {"start": {"arguments": list(arguments), "env": env, "cwd": cwd}}
        with self.lock:
            self._send(request, files)
            return int(self._answer()["pid"])

    def poll(self, pid: int) -> int | None:
        """Exit code of a kernel, none while it runs."""
        try:
            with self.lock:
                self._send({"poll": pid})
                code: int | None = self._answer()["code"]
        except OSError:  # the process is lost, and soon its kernels
            return None if exists(pid) else -signal.SIGKILL
        return code

    def alive(self) -> bool:
        """Whether it still runs and holds the present source."""
        return self.process.poll() is None and self.stamp == source_stamp()

    def close(self) -> None:
        """End it, and with it every kernel that still runs."""
        self.line.close()
        try:
            self.process.wait(PATIENCE / 10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.said.close()

    def _send(self, request: dict[str, Any], files: Sequence[int] = ()) -> None:
        """One request and the files that go with it."""
        text = json.dumps(request).encode() + b"\n"
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))] if files else []
        sent = self.line.sendmsg([text], rights)
        self.line.sendall(text[sent:])

    def _answer(self) -> dict[str, Any]:
        """The answer to a request."""
        while b"\n" not in self.left:
            data = self.line.recv(65536)
            if not data:
                raise ConnectionError("the process to fork has ended")
            self.left += data
        text, _, self.left = self.left.partition(b"\n")
        answer: dict[str, Any] = json.loads(text)
        return answer

    def _last_words(self) -> str:
        """Last line of what it said, such as a failed import."""
        self.said.seek(0)
        lines = self.said.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


class ForkedProcess:
    """A forked kernel, as far as jupyter_client asks of a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, zygote: Zygote, pid: int) -> None:
        self.zygote, self.pid = zygote, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Exit code, none while it runs."""
        if self.returncode is None:
            self.returncode = self.zygote.poll(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Exit code, as soon as there is one."""
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("kernel", timeout or 0)
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        """Signal to the kernel, as long as it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


_zygotes: dict[int, Zygote] = {}  # by the process that holds it: a copy of this process must have its own
_starting = threading.Lock()


def zygote() -> Zygote:
    """Zygote of this process, made anew when the package's source has changed since.

    Raises
    ------
    NoForkError
        Where processes cannot be forked safely.
    """
    if not sys.platform.startswith("linux"):
        raise NoForkError(f"forking after imports is safe on Linux only, this is {sys.platform}")
    with _starting:
        held = _zygotes.get(os.getpid())
        if held is not None and not held.alive():
            held.close()
            held = None
        if held is None:
            held = _zygotes[os.getpid()] = Zygote()
            _close_at_exit()
        return held


def running() -> list[Zygote]:
    """Zygote of this process, if it has one."""
    return [held for process, held in _zygotes.items() if process == os.getpid()]


@cache
def _close_at_exit() -> None:
    """End the zygote with this process, once."""
    atexit.register(_close_all)


def _close_all() -> None:
    """End the zygote of this process."""
    for held in running():
        held.close()
    _zygotes.clear()


def source_stamp() -> int:
    """What changes when a file of the package does."""
    folder = Path(studie.__file__).parent
    found = [(str(p), s.st_mtime_ns, s.st_size) for p in sorted(folder.rglob("*.py")) if (s := p.stat())]
    return hash(tuple(found))


def kernel_arguments(command: Sequence[str]) -> list[str]:
    """Arguments of the IPython kernel in a command that starts one with this Python.

    Raises
    ------
    NoForkError
        If the command starts anything else.
    """
    python = len(command) > 2 and Path(command[0]).name.startswith("python")
    if not python or Path(command[0]).resolve() != Path(sys.executable).resolve() or "-m" not in command:
        raise NoForkError(f"the kernel is not one of this Python: {' '.join(command[:3])}")
    place = list(command).index("-m")
    if command[place + 1] not in LAUNCHERS:
        raise NoForkError(f"the kernel is no IPython kernel: {command[place + 1]}")
    return list(command[place + 2 :])


class ForkProvisioner(LocalProvisioner):
    """Starts a kernel by forking; the ordinary way, with the reason in the log, where that cannot be done."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start a kernel."""
        try:
            arguments = kernel_arguments(cmd)
            files = [_open_file(kwargs.get(name), standard) for name, standard in (("stdout", 1), ("stderr", 2))]
            held = zygote()
            env = {name: str(value) for name, value in (kwargs.get("env") or os.environ).items()}
            cwd = str(kwargs.get("cwd") or Path.cwd())  # where a process started now would be
            pid = held.start(arguments, env=env, cwd=cwd, files=files)
        except (NoForkError, OSError) as error:
            said = f"the kernel is not forked but started afresh: {error}"
            if self.parent is not None:
                self.parent.log.info(said)
            if hasattr(kwargs.get("stderr"), "write"):
                kwargs["stderr"].write(f"{said}\n".encode())
                kwargs["stderr"].flush()
            return await super().launch_kernel(cmd, **kwargs)
        self.process = ForkedProcess(held, pid)  # type: ignore[assignment]  # as much of a Popen as is asked for
        self.pid, self.pgid = pid, pid  # it leads a session of its own
        self.cwd = cwd
        return self.connection_info


def _open_file(given: Any, standard: int) -> int:
    """Number of the file that a kernel writes to: the one given, else this process's own."""
    if given is None:
        return standard
    if isinstance(given, int):
        if given < 0:
            raise NoForkError("the kernel's output goes to a pipe")
        return given
    return int(given.fileno())


def exists(pid: int) -> bool:
    """Whether a process runs."""
    with contextlib.suppress(OSError):
        os.kill(pid, 0)
        return True
    return False
