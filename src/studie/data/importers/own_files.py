"""Files of `data/own`: read and written by one import at a time, put in place all together or not at all."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from studie.config import project_root
from studie.data import contracts
from studie.data.files import read_file, sync
from studie.data.sources import UNKNOWN
from studie.errors import InputError

PROVENANCE = ("source", "retrieved")  # stand on every own row
_DONE = "complete.json"


def own_file(table: str, folder: Path) -> Path:
    """File of the user's rows of a table: the CSV file that is there, else Parquet.

    Raises
    ------
    InputError
        If there are both.
    """
    found = [path for path in (folder / f"{table}.csv", folder / f"{table}.parquet") if path.is_file()]
    if len(found) > 1:
        raise InputError(f"data/own: one file per table, got {table}.csv and {table}.parquet")
    return found[0] if found else folder / f"{table}.parquet"


def known_rows(table: str, path: Path) -> pd.DataFrame:
    """Rows that the user has of a table, in the types of the contract, each with source and day."""
    where = f"data/own/{path.name}"
    if not path.is_file():
        return contracts.empty(table).assign(source=pd.Series(dtype=object), retrieved=pd.Series(dtype=object))
    raw = read_file(path, where=where).drop(columns="data_status", errors="ignore")
    frame = contracts.validate(raw, table, where=where, first_row=1 if path.suffix == ".parquet" else 2)
    for name, value in (("source", f"eigen extract {path.name}"), ("retrieved", UNKNOWN)):
        if name not in frame:
            frame[name] = value
    return frame


@contextmanager
def alone() -> Iterator[Path]:
    """The folder of own data, for one import at a time."""
    folder = project_root() / "data" / "own"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError("data/own: another import is running; wait until it has ended") from error
        yield folder


@contextmanager
def intact() -> Iterator[None]:
    """Say in one line that the tables are as they were when a disk is full or may not be written."""
    try:
        yield
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise InputError(f"data/own: cannot be written, {why}; the tables are as they were") from error


def replace(tables: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write all tables beside the old ones, then put them in place together."""
    if not tables:
        return []
    unfinished = folder / "unfinished"
    unfinished.mkdir()
    names = []
    for table, frame in tables.items():
        path = own_file(table, folder)
        _write(frame, unfinished / path.name)
        names.append(path.name)
    (unfinished / "list.json").write_text(json.dumps(names), encoding="utf-8")
    sync(unfinished / "list.json")
    (unfinished / "list.json").replace(unfinished / _DONE)
    finish(folder)
    return [folder / name for name in names]


def finish(folder: Path) -> None:
    """Put complete files of an import in place; throw away what an interrupted one left behind."""
    unfinished = folder / "unfinished"
    if (unfinished / _DONE).is_file():
        for name in json.loads((unfinished / _DONE).read_text(encoding="utf-8")):
            if (unfinished / name).is_file():
                (unfinished / name).replace(folder / name)
        sync(folder)
    if unfinished.exists():
        shutil.rmtree(unfinished)


def _write(frame: pd.DataFrame, path: Path) -> None:
    """Rows in the format of the file's name."""
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False, compression="zstd")
    else:
        text = frame.astype(object).where(frame.notna(), "")
        text = text.map(lambda v: v.date().isoformat() if isinstance(v, pd.Timestamp) else v)
        text = text.map(lambda v: str(v).lower() if isinstance(v, bool | np.bool_) else v)
        text.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    sync(path)
