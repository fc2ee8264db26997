"""A process that imports once what chapters need, and then is forked for every kernel instead of importing again.

It has one thread and reads no data: what a kernel finds in it is what importing would have given. It obeys whoever
holds the other end of its socket, one JSON line per request, and ends with its kernels when that end is closed.
"""

from __future__ import annotations

import array
import contextlib
import gc
import importlib
import json
import os
import random
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from studie.inputs import modules

KERNEL = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "IPython.core.completerlib")
# What libraries import when they are first used
LATER = ("numpy.random", "matplotlib.pyplot", "matplotlib.backends.backend_svg", "pyogrio")
ROOMS = ("study", "present", "data", "ladder", "demand", "places", "strategy", "disclosure")
# No chapter brings data in or downloads anything.
NOT_OF_CHAPTERS = ("importers", "databank", "workbook", "demonstration", "download", "fetch", "online")
FAILED = 70  # exit code of a kernel that could not be set up


def serve(line: socket.socket) -> None:
    """Import, say so, and fork on request until the line is closed."""
    preload()
    gc.collect()
    gc.freeze()  # the collector would otherwise touch, and so copy, every page that the kernels share
    _send(line, {"ready": os.getpid(), "threads": threads()})
    children: dict[int, int | None] = {}
    try:
        for request, files in requests(line):
            if "start" in request:
                children[_fork(request["start"], files, line)] = None
            elif "poll" in request:
                _send(line, {"code": _code(request["poll"], children)})
            for file in files:
                os.close(file)
    finally:
        for child in [pid for pid, code in children.items() if code is None]:
            _kill(child)


def preload() -> None:
    """Import what chapters need. A missing or broken package is the chapter's to report, where it is imported."""
    known = modules.modules()
    rooms = [name for name in known.stamps if _of_chapters(name.split("."))]
    others = {name for room in rooms for name in known.read(room).packages}
    for name in (*KERNEL, *rooms, *sorted(others), *LATER):
        _import(name)


def _of_chapters(parts: Sequence[str]) -> bool:
    """Whether a module is one that chapters use."""
    return len(parts) > 1 and parts[1] in ROOMS and not set(parts[2:3]) & set(NOT_OF_CHAPTERS)


def _import(name: str) -> None:
    """Import a module, or the one that a name is taken from."""
    for module in (name, name.rpartition(".")[0]):
        with contextlib.suppress(Exception):
            if module:
                importlib.import_module(module)
                return


def threads() -> int:
    """Threads of this process; only one with a single thread can be forked safely."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()


def requests(line: socket.socket) -> Iterator[tuple[dict[str, Any], list[int]]]:
    """Requests in their order, each with the files that came with it, until the line is closed."""
    room = socket.CMSG_SPACE(2 * array.array("i").itemsize)
    left = b""
    files: list[int] = []
    while True:
        while b"\n" in left:
            text, _, left = left.partition(b"\n")
            yield json.loads(text), files
            files = []
        data, ancillary, _, _ = line.recvmsg(65536, room)
        if not data:
            return
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                files += array.array("i", content[: len(content) // 4 * 4]).tolist()
        left += data


def _send(line: socket.socket, answer: dict[str, Any]) -> None:
    """One answer."""
    line.sendall(json.dumps(answer).encode() + b"\n")


def _fork(start: dict[str, Any], files: Sequence[int], line: socket.socket) -> int:
    """Fork a kernel."""
    child = os.fork()
    if not child:
        _be_kernel(start, files, line)
    return child


def _be_kernel(start: dict[str, Any], files: Sequence[int], line: socket.socket) -> NoReturn:
    """Be a kernel to the end of this process; it says that it is there when it leads a session of its own."""
    code = FAILED
    try:
        parent = os.getppid()
        _settle(start, files)
        _send(line, {"pid": os.getpid()})
        line.close()
        _become_kernel(start, parent=parent)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        _leave(code)


def _settle(start: dict[str, Any], files: Sequence[int]) -> None:
    """Give the child the surroundings that it would have been started with."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for place, file in enumerate((nothing, *files)):
        os.dup2(file, place)
        os.close(file)
    os.environ.clear()
    os.environ.update(start["env"])
    os.chdir(start["cwd"])
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _become_kernel(start: dict[str, Any], *, parent: int) -> None:
    """Run the kernel as a fresh process would: chance of its own, the figures' backend of a kernel."""
    from studie.batch import kernel

    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    if "matplotlib" in sys.modules:  # a fresh kernel sets the variable before matplotlib reads it
        backend = os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        sys.modules["matplotlib"].rcParams["backend"] = backend
    sys.argv = ["ipykernel_launcher.py", *start["arguments"]]
    # ipykernel read the variable of its parent when it was imported, in the process that was forked
    kernel.main([*start["arguments"], f"--IPKernelApp.parent_handle={parent}"])


def _leave(code: int) -> NoReturn:
    """End the child without the parent's cleaning up."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            continue
    import atexit

    atexit._run_exitfuncs()
    os._exit(code)


def _code(pid: int, children: dict[int, int | None]) -> int | None:
    """Exit code of a child as `subprocess` gives it; none while it runs."""
    if children.get(pid, 0) is None:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            children[pid] = os.waitstatus_to_exitcode(status)
    return children.get(pid, -signal.SIGKILL)


def _kill(pid: int) -> None:
    """End a child and what it started."""
    for end in (os.killpg, os.kill):
        try:
            end(pid, signal.SIGKILL)
        except OSError:
            continue


if __name__ == "__main__":
    if sys.path[0] in ("", str(Path.cwd())):
        del sys.path[0]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(socket.socket(fileno=int(sys.argv[1])))
