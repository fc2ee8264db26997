"""What this process has read of a study: so that what it made can be made again when that changes, and only then."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import source_from_cache
from pathlib import Path
from typing import Any, Literal

# table: rows of a table, wherever they come from; config: a part of the configuration; titles: of the chapters;
# file: content, or that it is not there; folder: names in it; code: a module that was found by name
Kind = Literal["table", "config", "titles", "file", "folder", "code"]

FOLDERS = ("config", "data", "notebooks", "reports")  # of a study; what is read elsewhere is no input of it
IMPORTING = ("<frozen importlib", str(Path(importlib.__file__).parent))
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

_listeners: list[dict[str, None]] = []
_deaf: list[None] = []  # one per reader that notes for itself what it takes


def note(kind: Kind, name: str) -> None:
    """Note that something is read, or looked for and not found."""
    repeat(f"{kind} {name}")


def repeat(noted: str) -> None:
    """Note again what was noted elsewhere, such as by who computed a result that is kept."""
    for listener in _listeners:
        listener[noted] = None


def note_file(path: Path, *, root: Path) -> None:
    """Note that a file of the study is read or looked for."""
    if path.is_relative_to(root):
        note("file", path.relative_to(root).as_posix())


@contextmanager
def during() -> Iterator[dict[str, None]]:
    """Collect what is noted meanwhile."""
    heard: dict[str, None] = {}
    _listeners.append(heard)
    try:
        yield heard
    finally:
        _listeners.pop(next(k for k, one in enumerate(_listeners) if one is heard))


@contextmanager
def unheard() -> Iterator[None]:
    """Leave it to the caller to note what it takes from the files that are opened meanwhile."""
    _deaf.append(None)
    try:
        yield
    finally:
        _deaf.pop()


class Diary(dict[str, None]):
    """Notes that are in a file at once, so that they outlive the process."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def __setitem__(self, name: str, value: None) -> None:
        """Add a note that is not there yet."""
        if name not in self:
            super().__setitem__(name, value)
            os.write(self.file, f"{name}\n".encode())


def keep_diary(path: Path, *, root: Path) -> None:
    """Note in a file, from now on, what this process reads of a study, and every file of it that Python opens.

    What other libraries open by themselves, such as Parquet and GeoJSON, is noted where the package asks for it.
    """
    _listeners.append(Diary(path))
    bases = tuple(dict.fromkeys(f"{place}{os.sep}" for place in (root, root.resolve())))

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and not _deaf:
            name, mode, flags = arguments
            if not _writes(mode, flags):
                _note_opened("file", name, bases)
        elif event in ("os.listdir", "os.scandir") and not _deaf and not _importing():
            _note_opened("folder", arguments[0] or ".", bases)

    sys.addaudithook(hear)


def read_diary(path: Path) -> list[str]:
    """Notes of a process, in alphabetical order."""
    return sorted(set(path.read_text(encoding="utf-8").splitlines())) if path.is_file() else []


def _writes(mode: str | None, flags: int | None) -> bool:
    """Whether a file is opened to be written; what was there does not matter then."""
    return any(letter in mode for letter in "wax") if mode else bool((flags or 0) & WRITING)


def _importing() -> bool:
    """Whether an import looks for a module or package in a folder: what it takes from there is noted when opened."""
    return sys._getframe(2).f_code.co_filename.startswith(IMPORTING)


def _note_opened(kind: Kind, name: Any, bases: tuple[str, ...]) -> None:
    """Note a file or folder that lies in the study."""
    if isinstance(name, int) or not isinstance(name, str | bytes | os.PathLike):
        return
    path = os.path.normpath(os.path.join(os.getcwd(), os.fsdecode(name)))  # noqa: PTH109, PTH118  called very often
    base = next((base for base in bases if path.startswith(base)), None)
    if base is None:
        return
    inside = Path(path[len(base) :])
    if inside.parts[0] in FOLDERS:
        if inside.suffix == ".pyc":  # of a module beside the notebook
            inside = Path(source_from_cache(str(inside)))
        note(kind, inside.as_posix())
