"""What a run did: `manifest.json`, replaced whole at each step, and a log of one JSON line per event."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import studie
from studie.errors import InputError

MANIFEST = "manifest.json"
LOG = "log.jsonl"
PACKAGES = (
    "pandas",
    "numpy",
    "scipy",
    "statsmodels",
    "scikit-learn",
    "matplotlib",
    "geopandas",
    "statsforecast",
    "hierarchicalforecast",
    "duckdb",
    "papermill",
    "nbconvert",
    "ipykernel",
    "typst",
    "pypandoc-binary",
)


class Manifest:
    """The record of one run, on disk at every moment."""

    def __init__(self, folder: Path, **head: Any) -> None:
        self.folder = folder
        self.content: dict[str, Any] = {"run": folder.name, "state": "running", "started": now(), **head}
        self.content |= {"chapters": {}, "reports": {}}
        self.log("run", state="running")
        self.write()

    def chapter(self, key: str, **facts: Any) -> None:
        """Note how a chapter ended."""
        self.content["chapters"][key] = facts
        self.log("chapter", task=key, **facts)
        self.write()

    def report(self, key: str, **facts: Any) -> None:
        """Note how a report ended."""
        self.content["reports"][key] = facts
        self.log("report", task=key, **facts)
        self.write()

    def end(self, state: str, **facts: Any) -> None:
        """Note how the run ended."""
        self.content |= {"state": state, "ended": now(), **facts}
        self.log("run", state=state)
        self.write()

    def log(self, event: str, **facts: Any) -> None:
        """Add one line to the log."""
        append_event(self.folder / LOG, event, **facts)

    def write(self) -> None:
        """Put the manifest on disk."""
        write_whole(self.folder / MANIFEST, json.dumps(self.content, indent=1, ensure_ascii=False, default=str) + "\n")


def append_event(log: Path, event: str, **facts: Any) -> None:
    """Add one line to a log; whole, since workers write to it as well."""
    line = json.dumps({"time": now(), "event": event, **facts}, ensure_ascii=False, default=str)
    with log.open("ab", buffering=0) as file:
        file.write(f"{line}\n".encode())


def write_whole(path: Path, text: str) -> None:
    """Write a text under another name and rename it, so that nobody sees half of it; a file has one writer."""
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def now() -> str:
    """Present moment, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def versions() -> dict[str, str]:
    """Versions of Python, the study and the packages that results depend on."""
    found = {"python": platform.python_version(), "platform": platform.platform(), "studie": studie.__version__}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def commit(root: Path, content: Sequence[str] = ()) -> str:
    """Last commit of a checkout, with `+` when files differ from it; empty outside git.

    Parameters
    ----------
    root : Path
    content : sequence of str, optional
        Only what touched these files and folders counts.
    """
    try:
        head = _git("log", "-1", "--format=%H", "--", *content, root=root)
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", *content, root=root)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head + ("+" if changed else "")


def _git(*words: str, root: Path) -> str:
    """What git says."""
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def runs(build: Path) -> list[Path]:
    """Folders of runs, oldest first."""
    return sorted(p.parent for p in build.glob(f"*/{MANIFEST}"))


def read_manifest(build: Path, run: str | None = None) -> tuple[Path, dict[str, Any]]:
    """Folder and manifest of a run by its name; the newest that was finished when none is named.

    Raises
    ------
    InputError
        If there is no such run.
    """
    from studie.errors import unknown

    known = {p.name: p for p in runs(build)}
    if not known:
        raise InputError(f"run: none found in {build}; make one with: studie run")
    if run is not None:
        if run not in known:
            raise unknown("run", run, known)
        return known[run], _content(known[run])
    for name in sorted(known, reverse=True):
        content = _content(known[name])
        if content.get("state") == "done":
            return known[name], content
    raise InputError(
        f"run: none of {len(known)} in {build} was finished; name the one to look at, such as {max(known)}"
    )


def _content(folder: Path) -> dict[str, Any]:
    """Manifest in a run's folder."""
    try:
        content: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"run: manifest of {folder.name} is not readable: {error}") from error
    return content
