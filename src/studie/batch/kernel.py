"""What a chapter's kernel does before its first cell: a limit on its memory, a diary of what it reads."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

# In the kernel's environment
MEMORY = "STUDIE_KERNEL_MEMORY_MB"  # most memory that it may hold
DIARY = "STUDIE_KERNEL_DIARY"  # file for what it reads
EVERY = 0.1  # [s]
TOO_LARGE = 71  # exit code of a kernel that held more


def main(arguments: Sequence[str]) -> None:
    """Run a kernel until it is shut down; `arguments` are those of `python -m ipykernel_launcher`."""
    if os.environ.get(MEMORY):
        threading.Thread(target=watch_memory, args=(int(os.environ[MEMORY]),), daemon=True).start()
    if os.environ.get(DIARY):
        from studie.config import project_root
        from studie.inputs import record

        record.keep_diary(Path(os.environ[DIARY]), root=project_root())
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(argv=list(arguments))


def watch_memory(megabytes: int) -> None:
    """End this process when it has held more memory than allowed, before the machine swaps.

    A limit of the system would be on addresses, of which a library may reserve gigabytes that it never touches.
    """
    if sys.platform == "win32":
        return
    import resource

    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss [byte]
    while resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit <= megabytes * 1_000_000:
        time.sleep(EVERY)
    os._exit(TOO_LARGE)


def signal_name(code: int) -> str:
    """How a process ended, in words: `SIGKILL, perhaps for lack of memory`."""
    if code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name
    return f"{name}, perhaps for lack of memory" if -code == signal.SIGKILL else name


if __name__ == "__main__":
    if sys.path[0] in ("", str(Path.cwd())):  # as ipykernel_launcher does; the kernel puts its own folder back
        del sys.path[0]
    main(sys.argv[1:])
