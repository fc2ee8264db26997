"""Where the databank lies: its file, a snapshot per day, and the lock that one build at a time holds."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from studie.config import project_root
from studie.errors import InputError, unknown

NAME = "databank"


def path(*, root: Path | None = None) -> Path:
    """File of the databank."""
    return _folder(root) / f"{NAME}.duckdb"


def unfinished(*, root: Path | None = None) -> Path:
    """File that a build writes before it is swapped in; only the holder of the lock touches it."""
    return _folder(root) / f"{NAME}.unfinished.duckdb"


def snapshot(date: str, *, root: Path | None = None) -> Path:
    """File of the databank as it was built last on a day."""
    return _folder(root) / NAME / f"{date}.duckdb"


def snapshots(*, root: Path | None = None) -> list[str]:
    """Days of which a snapshot is kept, oldest first."""
    return sorted(found.stem for found in (_folder(root) / NAME).glob("????-??-??.duckdb"))


def shield(digest: str, *, root: Path | None = None) -> Path:
    """File that says which rows of a table of counts are not shown."""
    return _folder(root) / "cache" / NAME / f"{digest}.parquet"


def existing(date: str | None = None, *, root: Path | None = None) -> Path:
    """File of the databank, or of its snapshot of a day.

    Raises
    ------
    InputError
        If there is none.
    """
    if date is None:
        found = path(root=root)
        if not found.is_file():
            raise InputError(f"databank: {_short(found, root)} is missing; make it with `studie databank build`")
        return found
    days = snapshots(root=root)
    if date not in days:
        raise unknown("date", date, days) if days else InputError(f"date: no snapshot is kept, got {date!r}")
    return snapshot(date, root=root)


@contextmanager
def only_builder(*, root: Path | None = None) -> Iterator[None]:
    """Holds the lock of the build, which goes with the process however that ends.

    Raises
    ------
    InputError
        If another process holds it: which one, and since when.
    """
    _folder(root).mkdir(parents=True, exist_ok=True)
    place = _folder(root) / f"{NAME}.lock"
    with place.open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            raise InputError(f"databank: {_holder(handle.read())}; nothing was changed") from None
        handle.truncate(0)
        since = datetime.now(UTC).isoformat(timespec="seconds")
        handle.write(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since}))
        handle.flush()
        yield


def _holder(text: str) -> str:
    """Who holds the lock, in words."""
    try:
        holder = json.loads(text)
        return f"is being built by process {holder['pid']} on {holder['host']} since {holder['since']}"
    except (ValueError, KeyError, TypeError):
        return "is being built by another process"


def _folder(root: Path | None) -> Path:
    """Folder for what is made."""
    return (project_root() if root is None else root) / "build"


def _short(found: Path, root: Path | None) -> str:
    """Path as the study sees it."""
    return found.relative_to(project_root() if root is None else root).as_posix()
