"""The list of data files, `data/sources.csv`: what each is, who published it, its checksum and extent."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pandas as pd

from studie.config import project_root
from studie.data.definitions import CONTRACTS
from studie.data.files import file_sha256, problems_of, read_file
from studie.errors import InputError

SOURCES = "data/sources.csv"
UNKNOWN = "onbekend"
_TIME_COLUMNS = ("period", "date", "year")
_COMPUTED = ("sha256", "rows", "first_period", "last_period")
_LISTED_SUFFIXES = (".csv", ".geojson", ".parquet")


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One file of data: what it is, who published it under which licence, and its checksum.

    Attributes
    ----------
    dataset_id, title, table
        Identifier, Dutch title, and the table whose rows it holds.
    data_status : {"observed", "own", "demonstration"}
        Published with a source, the user's extract, or synthetic.
    publisher, licence, url, retrieved
        Where it comes from; `onbekend` where that is not known.
    file, sha256, rows
        File relative to the study, its checksum and number of rows.
    first_period, last_period
        Range of its `period`, `date` or `year`; empty where it has none.
    used_by
        Chapters that use it, separated by a blank.
    """

    dataset_id: str
    title: str
    table: str
    data_status: str
    publisher: str
    licence: str
    url: str
    retrieved: str
    file: str
    sha256: str
    rows: int
    first_period: str
    last_period: str
    used_by: str


def _source_rows() -> list[dict[str, str]]:
    """Rows of the list of sources as text."""
    frame = read_file(project_root() / SOURCES, where=SOURCES)
    names = [f.name for f in fields(Dataset)]
    lines = [f"{SOURCES}: column {n} is missing; allowed: {', '.join(names)}" for n in names if n not in frame.columns]
    lines += [f"{SOURCES}: column {n} is not in the contract" for n in frame.columns if n not in names]
    if lines:
        raise InputError(*lines)
    known = (*CONTRACTS, "boundaries")
    for number, row in enumerate(frame.itertuples(), start=2):
        if row.table not in known:
            lines.append(f"{SOURCES}: row {number}, column table: must be one of the tables, got {row.table!r}")
        if row.data_status != "observed":
            lines.append(f"{SOURCES}: row {number}, column data_status: must be observed, got {row.data_status!r}")
        if row.rows and not str(row.rows).isdigit():
            lines.append(f"{SOURCES}: row {number}, column rows: must be a whole number, got {row.rows!r}")
    for name in ("dataset_id", "file"):
        twice = frame[name][frame[name].duplicated()]
        lines += [f"{SOURCES}: column {name}: must be unique, got {value!r} twice" for value in twice]
    if lines:
        raise problems_of(lines, where=SOURCES)
    return frame[names].to_dict("records")  # type: ignore[return-value]


def read_sources() -> list[Dataset]:
    """Datasets of the list of sources.

    Raises
    ------
    InputError
        If the list is missing, malformed or names an unknown table.
    """
    return [Dataset(**{**row, "rows": int(row["rows"] or 0)}) for row in _source_rows()]  # type: ignore[arg-type]


def fingerprint(path: Path) -> dict[str, str | int]:
    """Checksum, number of rows and range of periods of a file."""
    return {"sha256": file_sha256(path), **_extent(path)}


def _extent(path: Path) -> dict[str, str | int]:
    """Number of rows and range of periods of a file."""
    if path.suffix == ".geojson":
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        return {"rows": len(features), "first_period": "", "last_period": ""}
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        present = pq.read_schema(path).names
        column = next((c for c in _TIME_COLUMNS if c in present), None)
        rows = pq.read_metadata(path).num_rows
        times = (
            pq.read_table(path, columns=[column])[column].unique().to_pandas() if column else pd.Series(dtype=object)
        )
    else:
        frame = read_file(path, where=path.name)
        column = next((c for c in _TIME_COLUMNS if c in frame.columns), None)
        rows, times = len(frame), frame[column] if column else pd.Series(dtype=object)
    texts = sorted({str(t)[:10] if column == "date" else str(t) for t in times} - {"", UNKNOWN})
    starts = [t.split("/")[0] for t in texts if not t.startswith("..")]
    ends = [t.split("/")[-1] for t in texts]
    return {"rows": rows, "first_period": min(starts, default=""), "last_period": max(ends, default="")}


def changed(dataset: Dataset) -> list[str]:
    """Lines if a listed file is missing or is not what was listed."""
    path = project_root() / dataset.file
    if not path.is_file():
        return [f"{SOURCES}: file {dataset.file} is listed but missing"]
    try:
        now = fingerprint(path)
    except (InputError, ValueError, KeyError) as error:
        return [f"{dataset.file}: not readable: {str(error).splitlines()[0]}"]
    return [
        f"{SOURCES}: {dataset.dataset_id}, column {name}: must match {dataset.file} ({now[name]}), "
        f"got {getattr(dataset, name)}; run `python scripts/sources.py`"
        for name in _COMPUTED
        if now[name] != getattr(dataset, name)
    ]


def unlisted(known: set[str]) -> list[str]:
    """Lines for observed and reference files outside the given set."""
    root = project_root()
    found = [p for folder in ("observed", "reference") for p in sorted((root / "data" / folder).glob("*.*"))]
    names = [p.relative_to(root).as_posix() for p in found if p.suffix in _LISTED_SUFFIXES]
    return [f"{SOURCES}: {name} is not listed" for name in names if name not in known]


def write_sources() -> list[Dataset]:
    """Writes `data/sources.csv` anew: checksum, rows and periods from the files, the words about them as they stand.

    Raises
    ------
    InputError
        For a data file without a row, or a row without a file; nothing is written then.
    """
    root = project_root()
    rows = _source_rows()
    lines = [
        f"{SOURCES}: file {row['file']} is listed but missing" for row in rows if not (root / row["file"]).is_file()
    ]
    lines += unlisted({row["file"] for row in rows})
    if lines:
        raise problems_of(lines, where=SOURCES)
    renewed = [Dataset(**{**row, **fingerprint(root / row["file"])}) for row in rows]  # type: ignore[arg-type]
    unfinished = root / "data" / "sources.unfinished"
    with unfinished.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=[f.name for f in fields(Dataset)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(d) for d in renewed)
    unfinished.replace(root / SOURCES)
    return renewed
