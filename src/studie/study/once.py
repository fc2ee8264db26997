"""What several regions share, computed once and kept by the content of its inputs and of the code it can run."""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import io
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from studie.inputs import record
from studie.inputs.modules import PACKAGE, modules


def once(compute: Callable[..., Any], *arguments: Any, folder: Path, **options: Any) -> Any:
    """Result of `compute(*arguments, **options)`, computed when `folder` does not hold it yet.

    What the computation read of the study is kept with it: who takes the result depends on that too. What a library
    says meanwhile is not: only who comes first would show it.
    """
    key = _digest(compute, arguments, options)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{compute.__name__}-{key}.pickle"
    with _locked(path.with_suffix(".lock")):
        if not path.exists():
            with record.during() as noted, quietly():
                result = compute(*arguments, **options)
            _keep(path, (list(noted), result))
        noted, result = pickle.loads(path.read_bytes())
    for name in noted:
        record.repeat(name)
    return result


def _keep(path: Path, content: Any) -> None:
    """Write whole or not at all."""
    scratch = path.with_suffix(f".{os.getpid()}")
    try:
        scratch.write_bytes(pickle.dumps(content))
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def _digest(compute: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]) -> str:
    """Digest of a computation by the code that it can run and the content of its inputs."""
    digest = hashlib.sha256(f"{compute.__module__}.{compute.__qualname__}".encode())
    code = {compute.__module__}
    for value in (*arguments, *(item for pair in sorted(options.items()) for item in pair)):
        code |= _feed(digest, value)
    digest.update(modules().address(code).encode())
    return digest.hexdigest()[:16]


def _feed(digest: Any, value: Any) -> set[str]:
    """Add the content of a value to a digest; what a dataclass remembers beside its fields does not count.

    Returns
    -------
    set of str
        Modules of the package whose classes and functions it holds: a computation can call them.
    """
    if isinstance(value, pd.DataFrame):
        digest.update(repr(list(value.columns)).encode())
        digest.update(pd.util.hash_pandas_object(value).to_numpy().tobytes())
        return set()
    if isinstance(value, np.ndarray) and value.dtype != object:
        digest.update(value.tobytes())
        return set()
    if dataclasses.is_dataclass(value):
        parts = [_feed(digest, getattr(value, field.name)) for field in dataclasses.fields(value)]
        return {type(value).__module__}.union(*parts)
    pickler = _Pickler(io.BytesIO())
    pickler.dump(value)
    digest.update(pickler.file.getvalue())
    return pickler.modules


class _Pickler(pickle.Pickler):
    """Notices which modules of the package the classes and functions in a value come from."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.file = file
        self.modules: set[str] = set()

    def reducer_override(self, part: Any) -> Any:
        """Note where an object's class or a function is defined; it is pickled as ever."""
        module = str(getattr(part, "__module__", ""))
        if module.split(".", maxsplit=1)[0] == PACKAGE:
            self.modules.add(module)
        return NotImplemented


@contextmanager
def quietly() -> Iterator[None]:
    """Drop what libraries write to the terminal by themselves, such as the solver's name when it is first started."""
    kept = os.dup(1)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a file lock, so that two kernels do not compute the same thing twice."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
