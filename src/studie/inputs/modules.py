"""Which modules of the package a piece of code can run, found from the imports in its text."""

from __future__ import annotations

import ast
import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, wraps
from pathlib import Path
from typing import TypeVar

PACKAGE = "studie"
FOLDER = Path(__file__).parents[1]
DESK = "studie.study"  # what `import studie` offers: `open_study`, loaded when it is asked for
FRESH = 2_000_000_000  # [ns] within which a file may change again without its time of change telling

Stamp = tuple[str, int, int]  # a file as it is now: path, time of change [ns], size
Read = TypeVar("Read")


@dataclass(frozen=True, kw_only=True)
class Module:
    """What the text of a module says.

    Attributes
    ----------
    sha256
        Hash of the text.
    imports
        Dotted names that it takes from elsewhere when it runs.
    packages
        Names of other packages and their modules in its imports, such as `scipy.stats` and `scipy.stats.norm`.
    offers
        Where the names come from that it hands on, in a module that does nothing else, such as `ladder.hazards`; none
        in any other.
    """

    sha256: str
    imports: frozenset[str]
    packages: frozenset[str]
    offers: Mapping[str, str] | None


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
        """Modules that can run when some names are taken from the package.

        These are the modules in which the names are defined, the packages they are in, and what all of them import, at
        their top or inside a function. An object of a class that is defined elsewhere was made by whoever imported
        that module. A module that only hands on names leads to where the name asked for is defined.
        """
        found: set[str] = set()
        waiting = [module for name in names for module in self._named(name)]
        while waiting:
            module = waiting.pop()
            if module not in found:
                found.add(module)
                waiting += [m for name in self.read(module).imports for m in self._named(name)]
        return found

    def address(self, names: Iterable[str]) -> str:
        """Digest of the text of every module that can run when some names are taken from the package."""
        lines = [f"{name} {self.read(name).sha256}" for name in sorted(self.reached(names))]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def read(self, module: str) -> Module:
        """Text of a module; that of the whole package only hands out what is asked of it, so it imports nothing."""
        found = read_module(self.stamps[module])
        return replace(found, imports=frozenset()) if module == PACKAGE else found

    def _named(self, name: str) -> Iterator[str]:
        """Modules that run when a name is taken: `studie.ladder.moves.move_rates` is two packages and a module."""
        parts = name.split(".")
        if parts[0] != PACKAGE:
            return
        if len(parts) == 1 or parts[1] == "open_study":
            yield DESK
        for length in range(1, len(parts) + 1):
            module = ".".join(parts[:length])
            if module not in self.stamps:
                continue
            rest = parts[length:]
            offers = self.read(module).offers or {}
            if rest and f"{module}.{rest[0]}" in self.stamps:
                if not offers:  # one that only hands on does nothing to the modules in it
                    yield module
            elif rest and rest[0] in offers:
                yield from self._named(".".join([offers[rest[0]], *rest[1:]]))
                return
            else:
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
def read_module(version: Stamp) -> Module:
    """What the text of a module says."""
    content = Path(version[0]).read_bytes()
    tree = ast.parse(content)
    bound = _bound(tree)
    return Module(
        sha256=hashlib.sha256(content).hexdigest(),
        imports=frozenset(_imported(tree, [(name, alias) for name, alias in bound if _of_package(name)])),
        packages=frozenset(name for name, _ in bound if not _of_package(name)),
        offers=_handed_on(tree, bound),
    )


def imported(text: str) -> set[str]:
    """Dotted names that a text takes from elsewhere when it runs.

    `from a import b` names `a.b`; where all that is done with `b` is to take `c` from it, `a.b.c`. Imports under
    `if TYPE_CHECKING` do not run.
    """
    tree = ast.parse(text)
    return _imported(tree, _bound(tree))


def _imported(tree: ast.Module, bound: Sequence[tuple[str, str]]) -> set[str]:
    """Dotted names that a text takes, of those that it imports."""
    found = {name for name, alias in bound if not alias}
    taken = _taken(tree, {alias for _, alias in bound if alias})
    for name, alias in bound:
        if alias:
            found.update(f"{name}.{part}" if part else name for part in taken[alias] or {""})
    return found


def handed_on(text: str) -> dict[str, str] | None:
    """Names that a text hands on and where each comes from; none when it does anything else."""
    tree = ast.parse(text)
    return _handed_on(tree, _bound(tree))


def _handed_on(tree: ast.Module, bound: Sequence[tuple[str, str]]) -> dict[str, str] | None:
    """Names that a text hands on, of those that it imports."""
    for node in tree.body:
        words = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        listed = isinstance(node, ast.Assign) and [getattr(t, "id", "") for t in node.targets] == ["__all__"]
        if not (words or listed or isinstance(node, ast.ImportFrom)):
            return None
    return {alias: name for name, alias in bound if alias} or None


def _of_package(name: str) -> bool:
    """Whether a dotted name is one of this package."""
    return name.split(".", maxsplit=1)[0] == PACKAGE


def _bound(tree: ast.Module) -> list[tuple[str, str]]:
    """Dotted names that imports name, and what each is called from then on, empty when that is more than it."""
    found: list[tuple[str, str]] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found += [(alias.name, alias.asname or "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            named = [(f"{node.module}.{alias.name}", alias.asname or alias.name) for alias in node.names]
            found += [(node.module, "") if name.endswith(".*") else (name, alias) for name, alias in named]
        elif isinstance(node, ast.If) and _for_type_checkers(node.test):
            waiting += node.orelse
        else:
            waiting += _statements(node)
    return found


def _taken(tree: ast.Module, names: set[str]) -> dict[str, set[str]]:
    """What is taken from each of some names, as `c` in `b.c`; empty where the name is used by itself."""
    found: dict[str, set[str]] = defaultdict(set)
    if not names:
        return found
    holders = set()
    for node in ast.walk(tree):  # a holder comes before what it holds
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            found[node.value.id].add(node.attr)
            holders.add(id(node.value))
        elif isinstance(node, ast.Name) and node.id in names and id(node) not in holders:
            found[node.id].add("")
    return found


def _for_type_checkers(test: ast.expr) -> bool:
    """Whether a condition is `TYPE_CHECKING`."""
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Statements directly inside a statement; an import is never inside an expression."""
    for part in ("body", "orelse", "finalbody", "handlers", "cases"):
        inside = getattr(node, part, ())
        if isinstance(inside, list):
            yield from inside


def _module_name(path: Path) -> str:
    """`.../studie/ladder/__init__.py` is `studie.ladder`."""
    parts = [PACKAGE, *path.relative_to(FOLDER).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
