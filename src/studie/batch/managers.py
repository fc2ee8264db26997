"""Who starts, watches and stops kernels: of the running interpreter or anybody's, forked or started afresh."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.paths import jupyter_runtime_dir
from traitlets import default

FORK = {"kernel_provisioner": {"provisioner_name": "studie-fork"}}


class SocketKernel(AsyncKernelManager):
    """A kernel that talks over files instead of network ports where the system has them.

    Runs then do not compete for ports, and nobody else on the machine can listen.
    """

    @default("transport")
    def _no_ports(self) -> str:
        """Unix sockets where they exist."""
        return "tcp" if sys.platform == "win32" else "ipc"

    @default("ip")
    def _own_socket(self) -> str:
        """Where the sockets of this kernel are; without ports the parent gives all kernels the same name."""
        return "127.0.0.1" if self.transport == "tcp" else str(self.sockets() / uuid.uuid4().hex)

    def sockets(self) -> Path:
        """Folder of the sockets; it must be there."""
        folder = Path(jupyter_runtime_dir())
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder


class ForkedKernel(SocketKernel):
    """Any kernel that a notebook asks for; one of this Python is forked, see `provisioner`."""

    @property
    def kernel_spec(self) -> KernelSpec | None:
        """Kernel specification under the notebook's name, to be started by forking."""
        found = super().kernel_spec
        if found is None or "kernel_provisioner" in found.metadata:
            return found
        return KernelSpec(**{**found.to_dict(), "metadata": {**found.metadata, **FORK}})


class ChapterKernel(SocketKernel):
    """A kernel of the running interpreter, whatever kernel is installed under the notebook's name.

    It notes what the kernel used before it ends. Every chapter has a class of its own, see `kernel_class`, since
    papermill makes the object.
    """

    forked: ClassVar[bool]
    surroundings: ClassVar[dict[str, str]]
    heard: ClassVar[Path]
    folder: ClassVar[Path]
    used: ClassVar[dict[str, float]]
    ended: ClassVar[list[int]]
    processes: ClassVar[list[int]]

    def sockets(self) -> Path:
        """Folder of the sockets and of the connection file."""
        return self.folder

    @default("connection_file")
    def _own_file(self) -> str:
        """Connection file beside the sockets."""
        return str(self.folder / "kernel.json")

    @property
    def kernel_spec(self) -> KernelSpec:
        """Kernel specification that is not looked up on the user's machine."""
        argv = [sys.executable, "-Xfrozen_modules=off", "-m", "studie.batch.kernel", "-f", "{connection_file}"]
        return KernelSpec(
            argv=argv,
            env=dict(self.surroundings),
            display_name="studie",
            language="python",
            metadata=dict(FORK) if self.forked else {},
        )

    async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
        """Start; what the process itself says goes to a file, not to the user's terminal."""
        with self.heard.open("ab") as file:
            await super()._async_launch_kernel(kernel_cmd, **(kw | {"stdout": file, "stderr": file}))
        process = getattr(self.provisioner, "process", None)
        if process is not None:
            self.processes.append(process.pid)

    @classmethod
    def note_start(cls, **_: Any) -> None:
        """Note what it took until the kernel was ready."""
        cls.used["start_cpu_seconds"] = usage(cls.processes[-1]).get("cpu_seconds", 0.0)

    async def _async_interrupt_kernel(self) -> None:
        """Stop without interrupting first: the last cell is done, and an idle kernel would complain on the terminal."""

    async def shutdown_kernel(  # type: ignore[override]  # the parent is typed as if it were not asynchronous
        self, now: bool = False, restart: bool = False
    ) -> None:
        """Note CPU and memory, then stop."""
        if self.processes:
            self.used.update(usage(self.processes[-1]))
        await super().shutdown_kernel(now=now, restart=restart)

    async def cleanup_resources(self, restart: bool = False) -> None:  # type: ignore[override]
        """Note how the process ended, if it did so by itself."""
        process = getattr(self.provisioner, "process", None)
        code = None if process is None else process.poll()
        if code is not None:
            self.ended.append(code)
        await super().cleanup_resources(restart=restart)


def kernel_class(*, forked: bool, surroundings: dict[str, str], heard: Path, folder: Path) -> type[ChapterKernel]:
    """Kernel of one chapter.

    Parameters
    ----------
    forked : bool
        Whether it is forked where that can be done.
    surroundings : dict
        Environment variables beside those of this process.
    heard : Path
        File for what the kernel's process says outside its cells.
    folder : Path
        Where its sockets are; a short path, they allow a hundred letters.
    """
    facts: dict[str, Any] = {"forked": forked, "surroundings": surroundings, "heard": heard, "folder": folder}
    return type("ChapterKernel", (ChapterKernel,), facts | {"used": {}, "ended": [], "processes": []})


def usage(pid: int) -> dict[str, float]:
    """CPU [s] and largest memory [MB] of a living process; empty when it is gone."""
    import psutil  # type: ignore[import-untyped]

    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        memory = process.memory_info().rss / 1e6
    except psutil.Error:
        return {}
    status = Path(f"/proc/{pid}/status")
    if status.is_file():  # the peak, where the system keeps it
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        memory = float(lines["VmHWM"].split()[0]) / 1e3 if "VmHWM" in lines else memory
    return {"cpu_seconds": round(times.user + times.system, 2), "memory_mb": round(memory, 1)}
