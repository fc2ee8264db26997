"""How far a run is: a bar with remaining time on a terminal, one plain line per finished job elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress


class Watcher(Protocol):
    """Who is told how a run goes."""

    def begin(self, total: int) -> None:
        """So many jobs will run."""

    def started(self, key: str) -> None:
        """A job has begun."""

    def ended(self, key: str, state: str) -> None:
        """A job has ended."""

    def close(self) -> None:
        """No more news."""


class Silent:
    """Nobody is told anything."""

    def begin(self, total: int) -> None:
        """Say nothing."""

    def started(self, key: str) -> None:
        """Say nothing."""

    def ended(self, key: str, state: str) -> None:
        """Say nothing."""

    def close(self) -> None:
        """Say nothing."""


class PlainLines:
    """One line per finished job, for logs and pipes."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.total = self.count = 0
        self.begun = time.monotonic()
        self.starts: dict[str, float] = {}

    def begin(self, total: int) -> None:
        """Note how many jobs there are."""
        self.total = total
        if not total:
            print("nothing has changed: every chapter and report is there", file=self.stream, flush=True)

    def started(self, key: str) -> None:
        """Note when a job began."""
        self.starts[key] = time.monotonic()

    def ended(self, key: str, state: str) -> None:
        """Say what ended, how long it took and how long the rest may take."""
        self.count += 1
        took = f" ({time.monotonic() - self.starts[key]:.0f} s)" if key in self.starts else ""
        left = (time.monotonic() - self.begun) / self.count * (self.total - self.count)
        print(
            f"[{self.count}/{self.total}] {key}: {state}{took}, about {left:.0f} s left",
            file=self.stream,
            flush=True,
        )

    def close(self) -> None:
        """Nothing to clear away."""


class Bar:
    """Progress bar with the jobs at work, time passed and time remaining."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self.progress: Progress = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
            console=Console(stderr=True),
            transient=True,
        )
        self.busy: list[str] = []

    def begin(self, total: int) -> None:
        """Show the bar."""
        if total:
            self.progress.start()
            self.task = self.progress.add_task("", total=total)

    def started(self, key: str) -> None:
        """Show what is at work."""
        self.busy.append(key)
        self.progress.update(self.task, description=", ".join(self.busy))

    def ended(self, key: str, state: str) -> None:
        """One further."""
        if key in self.busy:
            self.busy.remove(key)
        self.progress.update(self.task, advance=1, description=", ".join(self.busy))

    def close(self) -> None:
        """Take the bar away."""
        self.progress.stop()


def watcher() -> PlainLines | Bar:
    """A bar on a terminal, lines elsewhere."""
    return Bar() if sys.stderr.isatty() else PlainLines()
