"""What a chapter's kernel does before its first cell: a limit on its memory, a diary of what it reads."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

# In the kernel's environment
MEMORY = "STUDIE_KERNEL_MEMORY_MB"  # most memory that it may allocate
DIARY = "STUDIE_KERNEL_DIARY"  # file for what it reads


def main(arguments: Sequence[str]) -> None:
    """Run a kernel until it is shut down; `arguments` are those of `python -m ipykernel_launcher`."""
    limit_memory(os.environ.get(MEMORY))
    if os.environ.get(DIARY):
        from studie.config import project_root
        from studie.inputs import record

        record.keep_diary(Path(os.environ[DIARY]), root=project_root())
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(argv=list(arguments))


def limit_memory(megabytes: str | None) -> None:
    """Let no allocation go beyond a limit, so that a kernel fails with a MemoryError before the machine swaps."""
    if not megabytes or sys.platform == "win32":
        return
    import resource

    most = int(megabytes) * 1_000_000
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


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
