"""Which modules of the package a piece of code can run, found from the imports in its text."""

from __future__ import annotations

import ast
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path
from typing import TypeVar

PACKAGE = "studie"
FOLDER = Path(__file__).parents[1]
DESK = "studie.study"  # what `import studie` offers: `open_study`, loaded when it is asked for
FRESH = 2_000_000_000  # [ns] within which a file may change again without its time of change telling

Stamp = tuple[str, int, int]  # a file as it is now: path, time of change [ns], size
Read = TypeVar("Read")


@dataclass(frozen=True)
class Modules:
    """The modules of the package as their files are now.

    Attributes
    ----------
    stamps : dict of str to Stamp
        File of each module.
    """

    stamps: dict[str, Stamp]

    def reached(self, names: Iterable[str]) -> set[str]:
        """Modules that can run when some names are imported.

        These are the modules named, the packages they are in, and what all of them import, at their top or inside a
        function. An object of a class that is defined elsewhere was made by whoever imported that module.
        """
        found: set[str] = set()
        waiting = [module for name in names for module in self._named(name)]
        while waiting:
            module = waiting.pop()
            if module not in found:
                found.add(module)
                waiting += [m for name in self.imports(module) for m in self._named(name)]
        return found

    def imports(self, module: str) -> frozenset[str]:
        """What a module imports; the whole package's own only hands out what is asked of it."""
        return frozenset() if module == PACKAGE else read_module(self.stamps[module])[1]

    def address(self, names: Iterable[str]) -> str:
        """Digest of the text of every module that can run when some names are imported."""
        lines = [f"{name} {read_module(self.stamps[name])[0]}" for name in sorted(self.reached(names))]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def _named(self, name: str) -> Iterator[str]:
        """Modules that importing a name runs: `studie.ladder.hazards.relapse` is two packages and a module."""
        parts = name.split(".")
        if parts[0] != PACKAGE:
            return
        if len(parts) == 1 or parts[1] == "open_study":
            yield DESK
        for length in range(1, len(parts) + 1):
            module = ".".join(parts[:length])
            if module in self.stamps:
                yield module


def modules() -> Modules:
    """Modules of this package."""
    return Modules({_module_name(path): stamp(path) for path in sorted(FOLDER.rglob("*.py"))})


def stamp(path: Path) -> Stamp:
    """A file as it is now."""
    facts = path.stat()
    return str(path), facts.st_mtime_ns, facts.st_size


def once_per_version(read: Callable[[Stamp], Read]) -> Callable[[Stamp], Read]:
    """Read a file once as long as it does not change; one that changed just now is read each time."""
    kept = lru_cache(maxsize=4096)(read)

    @wraps(read)
    def found(version: Stamp) -> Read:
        return read(version) if time.time_ns() - version[1] < FRESH else kept(version)

    return found


@once_per_version
def read_module(version: Stamp) -> tuple[str, frozenset[str]]:
    """SHA-256 of a module's text, and the dotted names that it imports."""
    content = Path(version[0]).read_bytes()
    return hashlib.sha256(content).hexdigest(), frozenset(imported(content.decode("utf-8")))


def imported(text: str) -> set[str]:
    """Dotted names that a text imports when it runs; `from a import b` names `a.b`, which may be a module.

    Imports under `if TYPE_CHECKING` do not run.
    """
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(text)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update(node.module if alias.name == "*" else f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and _for_type_checkers(node.test):
            waiting += node.orelse
        else:
            waiting += _statements(node)
    return found


def _for_type_checkers(test: ast.expr) -> bool:
    """Whether a condition is `TYPE_CHECKING`."""
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Statements directly inside a statement; an import is never inside an expression."""
    for part in ("body", "orelse", "finalbody", "handlers", "cases"):
        inside: Sequence[ast.AST] | ast.AST = getattr(node, part, ())
        if isinstance(inside, list):
            yield from inside


def _module_name(path: Path) -> str:
    """`.../studie/ladder/__init__.py` is `studie.ladder`."""
    parts = [PACKAGE, *path.relative_to(FOLDER).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
