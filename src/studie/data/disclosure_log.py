"""Who asked to see small counts, why, and what was shown or refused: one JSON line each."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from studie.config import project_root


def path(*, root: Path | None = None) -> Path:
    """File of the log, below the study's folder unless another is given."""
    return (project_root() if root is None else root) / "build" / "log" / "disclosure.jsonl"


def record(*, action: str, reason: str, root: Path | None = None, **details: object) -> None:
    """Add a line: time, process, what was done, why, and details. It is on disk when this returns.

    Parameters
    ----------
    action : str
        What was done, such as `study.table` or `databank query`.
    reason : str
        Why, in the words of who asked; or why it was refused.
    root : Path, optional
        Folder whose `build/` holds the log; default the study's.
    **details
        What else tells the officer what was seen; never the small counts themselves.
    """
    line = {"time": datetime.now(UTC).isoformat(timespec="seconds"), "process": os.getpid(), "action": action}
    where = path(root=root)
    where.parent.mkdir(parents=True, exist_ok=True)
    with where.open("a", encoding="utf-8") as log:
        log.write(json.dumps({**line, "reason": reason, **details}, ensure_ascii=False, default=str) + "\n")
        log.flush()
        os.fsync(log.fileno())
