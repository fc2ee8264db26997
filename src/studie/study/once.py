"""What several regions share, computed once and kept by the content of its inputs and of the package."""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


def once(compute: Callable[..., Any], *arguments: Any, folder: Path, **options: Any) -> Any:
    """Result of `compute(*arguments, **options)`, computed when `folder` does not hold it yet."""
    key = _digest(compute, arguments, options)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{compute.__name__}-{key}.pickle"
    with _locked(path.with_suffix(".lock")):
        if not path.exists():
            scratch = path.with_suffix(f".{os.getpid()}")
            scratch.write_bytes(pickle.dumps(compute(*arguments, **options)))
            scratch.replace(path)
        return pickle.loads(path.read_bytes())


@lru_cache(maxsize=1)
def source_digest() -> str:
    """Digest of the package's own source, so that what it computed is forgotten when it changes."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _digest(compute: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]) -> str:
    """Digest of a computation by its source and the content of its inputs."""
    digest = hashlib.sha256(f"{source_digest()} {compute.__module__}.{compute.__qualname__}".encode())
    for value in (*arguments, *(item for pair in sorted(options.items()) for item in pair)):
        _feed(digest, value)
    return digest.hexdigest()[:16]


def _feed(digest: Any, value: Any) -> None:
    """Add the content of a value to a digest; what a dataclass remembers beside its fields does not count."""
    if isinstance(value, pd.DataFrame):
        digest.update(repr(list(value.columns)).encode())
        digest.update(pd.util.hash_pandas_object(value).to_numpy().tobytes())
    elif isinstance(value, np.ndarray) and value.dtype != object:
        digest.update(value.tobytes())
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            _feed(digest, getattr(value, field.name))
    else:
        digest.update(pickle.dumps(value))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a file lock, so that two kernels do not compute the same thing twice."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
