"""Which tables there are, what stands in them and where every row comes from."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from studie import regions
from studie.config import project_root, read_config
from studie.data import contracts
from studie.data.definitions import CONTRACTS
from studie.data.files import file_sha256, problems_of, read_file
from studie.errors import InputError, unknown

Status = Literal["observed", "own", "demonstration"]
Choice = Literal["auto", "own", "demonstration"]

TABLES: tuple[str, ...] = tuple(CONTRACTS)
SOURCES = "data/sources.csv"
SIZE_VARIABLE = "STUDIE_DEMONSTRATION_SIZE"
UNKNOWN = "onbekend"
_TIME_COLUMNS = ("period", "date", "year")
_COMPUTED = ("sha256", "rows", "first_period", "last_period")


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


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of one table with the datasets they come from.

    Attributes
    ----------
    name : str
        Name of the contract.
    frame : DataFrame
        Columns of the contract, then `data_status` and `source` on every row.
    datasets : tuple of Dataset
        Files that gave at least one row.
    """

    name: str
    frame: pd.DataFrame
    datasets: tuple[Dataset, ...]


def datasets() -> list[Dataset]:
    """All files of data: the listed ones, then demonstration, then the user's own."""
    return [*_listed(), *_demonstration(), *_own()]


def read(table: str, *, data: Choice = "auto") -> Table:
    """Rows of a table, checked against its contract, each with its status and source.

    Observed rows are always kept. The user's own extract of a table replaces the demonstration rows of that table; where a
    demonstration or own row has the key of an observed row, the observed row stands.

    Parameters
    ----------
    table : str
        One of `TABLES`.
    data : {"auto", "own", "demonstration"}
        `own` never uses demonstration rows (a table of which nothing is known is then empty), `demonstration` leaves the
        user's extracts out.

    Raises
    ------
    InputError
        If a file is missing, malformed or breaks its contract, or if an own row contradicts an observed one: one line per
        problem.
    """
    if table not in TABLES:
        raise unknown("table", table, TABLES)
    if data not in get_args(Choice):
        raise unknown("data", data, get_args(Choice))
    used = [d for d in _listed() if d.table == table]
    frames = [_observed_rows(d) for d in used]
    observed = pd.concat(frames, ignore_index=True) if frames else None
    own = [d for d in _own(checksum=False) if d.table == table] if data != "demonstration" else []
    if own:
        extra = [(d, _own_rows(d)) for d in own]
    elif data == "own":
        extra = []
    else:
        extra = [(d, _demonstration_rows(d)) for d in _required_demonstration(table)]
    for dataset, rows in extra:
        kept = rows if observed is None else _without_repeats(rows, observed, table, dataset)
        if len(kept):
            frames.append(kept)
            used.append(_with_checksum(dataset))
    if not frames:
        nothing = contracts.empty(table)
        return Table(name=table, frame=nothing.assign(data_status="", source="").astype(object), datasets=())
    frame = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    return Table(name=table, frame=frame, datasets=tuple(used))


def check() -> list[str]:
    """All problems of all data files, one line each; an empty list if there are none.

    Looks for files that are missing, malformed, not listed or changed since they were listed, rows that break their contract,
    own files that belong to no table, and boundary files that lack a municipality.
    """
    lines: list[str] = []
    try:
        listed = _listed()
    except InputError as error:
        return list(error.problems)
    for dataset in listed:
        lines += _changed(dataset)
    lines += _unlisted(listed)
    lines += _strange_own()
    for table in TABLES:
        try:
            read(table)
        except InputError as error:
            lines += error.problems
    for date in ("2024-12-31", "2025-01-01"):
        try:
            regions.boundaries(date=date)
        except InputError as error:
            lines += error.problems
    return list(dict.fromkeys(lines))


def refresh_sources() -> list[Dataset]:
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
    lines += _unlisted_files({row["file"] for row in rows})
    if lines:
        raise problems_of(lines, where=SOURCES)
    renewed = [Dataset(**{**row, **_computed(root / row["file"])}) for row in rows]  # type: ignore[arg-type]
    unfinished = root / "data" / "sources.unfinished"
    with unfinished.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=[f.name for f in fields(Dataset)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(d) for d in renewed)
    unfinished.replace(root / SOURCES)
    return renewed


def demonstration_size() -> str:
    """Size of the demonstration data in use: `STUDIE_DEMONSTRATION_SIZE`, else the configuration's."""
    return os.environ.get(SIZE_VARIABLE) or read_config().demonstration.size


# --- listed files -------------------------------------------------------------


def _source_rows() -> list[dict[str, str]]:
    """Rows of the list of sources as text."""
    frame = read_file(project_root() / SOURCES, where=SOURCES)
    names = [f.name for f in fields(Dataset)]
    lines = [f"{SOURCES}: column {n} is missing; allowed: {', '.join(names)}" for n in names if n not in frame.columns]
    lines += [f"{SOURCES}: column {n} is not in the contract" for n in frame.columns if n not in names]
    if lines:
        raise InputError(*lines)
    known = (*TABLES, "boundaries")
    for number, row in enumerate(frame.itertuples(), start=2):
        if row.table not in known:
            lines.append(f"{SOURCES}: row {number}, column table: must be one of the tables, got {row.table!r}")
        if row.data_status != "observed":
            lines.append(f"{SOURCES}: row {number}, column data_status: must be observed, got {row.data_status!r}")
        if row.rows and not str(row.rows).isdigit():
            lines.append(f"{SOURCES}: row {number}, column rows: must be a whole number, got {row.rows!r}")
    for name in ("dataset_id", "file"):
        twice = frame[name][frame[name].duplicated()]
        lines += [f"{SOURCES}: row {i + 2}, column {name}: must be unique, got {v!r}" for i, v in twice.items()]
    if lines:
        raise problems_of(lines, where=SOURCES)
    return frame[names].to_dict("records")  # type: ignore[return-value]


def _listed() -> list[Dataset]:
    """Datasets of the list of sources."""
    return [Dataset(**{**row, "rows": int(row["rows"] or 0)}) for row in _source_rows()]  # type: ignore[arg-type]


def _computed(path: Path) -> dict[str, str | int]:
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


def _observed_rows(dataset: Dataset) -> pd.DataFrame:
    """Rows of a listed file; a copy, so that callers may change it."""
    path = project_root() / dataset.file
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    return _observed_cached(path, dataset, stamp, regions.known_stamp()).copy()


@lru_cache(maxsize=64)
def _observed_cached(path: Path, dataset: Dataset, stamp: int, known: tuple[str, int]) -> pd.DataFrame:
    """Checked rows of a listed file; the stamps renew them when a file changes."""
    frame = contracts.validate(read_file(path, where=dataset.file), dataset.table, where=dataset.file)
    source = frame["source"] if "source" in frame.columns else dataset.publisher
    return _marked(frame, dataset, source)


def _marked(frame: pd.DataFrame, dataset: Dataset, source: pd.Series | str) -> pd.DataFrame:
    """Contract columns, then status and source."""
    names = list(contracts.contract(dataset.table).names)
    return frame[names].assign(data_status=dataset.data_status, source=source)


def _changed(dataset: Dataset) -> list[str]:
    """Lines if a listed file is missing or is not what was listed."""
    path = project_root() / dataset.file
    if not path.is_file():
        return [f"{SOURCES}: file {dataset.file} is listed but missing"]
    try:
        now = _computed(path)
    except (InputError, ValueError, KeyError) as error:
        return [f"{dataset.file}: not readable: {str(error).splitlines()[0]}"]
    return [
        f"{SOURCES}: {dataset.dataset_id}, column {name}: must match {dataset.file} ({now[name]}), "
        f"got {getattr(dataset, name)}; run `python scripts/sources.py`"
        for name in _COMPUTED
        if now[name] != getattr(dataset, name)
    ]


def _unlisted(listed: list[Dataset]) -> list[str]:
    """Lines for data files that the list does not know."""
    return _unlisted_files({d.file for d in listed})


def _unlisted_files(known: set[str]) -> list[str]:
    """Lines for observed and reference files outside the given set."""
    root = project_root()
    found = [p for folder in ("observed", "reference") for p in sorted((root / "data" / folder).glob("*.*"))]
    names = [p.relative_to(root).as_posix() for p in found if p.suffix in (".csv", ".geojson", ".parquet")]
    return [f"{SOURCES}: {name} is not listed" for name in names if name not in known]


# --- demonstration ------------------------------------------------------------


def _demonstration_folder() -> Path:
    """Folder of the demonstration data in use."""
    return project_root() / "data" / "demonstration" / demonstration_size()


def _demonstration() -> list[Dataset]:
    """Demonstration files of the size in use."""
    return [_with_checksum(_demonstration_dataset(p)) for p in _table_files(_demonstration_folder(), (".parquet",))]


def _required_demonstration(table: str) -> list[Dataset]:
    """Demonstration file of a table, if the demonstration data hold it."""
    path = _demonstration_folder() / f"{table}.parquet"
    if path.is_file():
        return [_demonstration_dataset(path)]
    if CONTRACTS[table].demonstrated:
        where = path.relative_to(project_root()).as_posix()
        size = demonstration_size()
        raise InputError(f"{where}: file is missing; make it with `studie data demonstration --size {size}`")
    return []


def _demonstration_dataset(path: Path) -> Dataset:
    """Dataset of a demonstration file, without its checksum."""
    return _undated(
        path,
        status="demonstration",
        publisher=f"studie, demonstratiegegevens, zaad {_seed(path.parent)}",
        licence="EUPL-1.2",
    )


def _seed(folder: Path) -> str:
    """Seed that the demonstration data were drawn with."""
    truth = folder / "truth.json"
    stamp = truth.stat().st_mtime_ns if truth.is_file() else 0
    return _seed_cached(truth, stamp)


@lru_cache(maxsize=8)
def _seed_cached(truth: Path, stamp: int) -> str:
    """Seed in a truth file; unknown without one."""
    try:
        return str(json.loads(truth.read_text(encoding="utf-8"))["seed"])
    except (OSError, ValueError, KeyError):
        return UNKNOWN


def _demonstration_rows(dataset: Dataset) -> pd.DataFrame:
    """Checked rows of a demonstration file."""
    raw = read_file(project_root() / dataset.file, where=dataset.file)
    raw = raw.drop(columns=[c for c in contracts.PROVENANCE if c in raw.columns])
    frame = contracts.validate(raw, dataset.table, where=dataset.file, first_row=1)
    return _marked(frame, dataset, dataset.publisher)


# --- own ----------------------------------------------------------------------


def _own(*, checksum: bool = True) -> list[Dataset]:
    """The user's extracts that belong to a table."""
    found = []
    for path in _table_files(project_root() / "data" / "own", (".csv", ".parquet")):
        dataset = _undated(path, status="own", publisher="eigen extract", licence=UNKNOWN)
        found.append(_with_checksum(dataset) if checksum else dataset)
    return found


def _own_rows(dataset: Dataset) -> pd.DataFrame:
    """Checked rows of the user's extract; it may name its own source per row."""
    raw = read_file(project_root() / dataset.file, where=dataset.file)
    first_row = 1 if dataset.file.endswith(".parquet") else 2
    if raw.empty:
        raise InputError(f"{dataset.file}: must hold at least one row, got only a header")
    frame = contracts.validate(raw, dataset.table, where=dataset.file, first_row=first_row)
    source = frame["source"] if "source" in frame.columns else f"eigen extract {Path(dataset.file).name}"
    return _marked(frame, dataset, source)


def _strange_own() -> list[str]:
    """Lines for own files that belong to no table."""
    folder = project_root() / "data" / "own"
    lines = []
    for path in sorted(folder.glob("*.*")):
        if path.suffix in (".csv", ".parquet") and path.stem not in TABLES:
            lines += [f"data/own/{path.name}: {line}" for line in unknown("table", path.stem, TABLES).problems]
    return lines


# --- shared -------------------------------------------------------------------


def _table_files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """Files of a folder that are named after a table."""
    return sorted(p for p in folder.glob("*.*") if p.suffix in suffixes and p.stem in TABLES)


def _undated(path: Path, *, status: Status, publisher: str, licence: str) -> Dataset:
    """Dataset of an unlisted file, before its content is looked at."""
    return Dataset(
        dataset_id=f"{status}_{path.stem}",
        title=CONTRACTS[path.stem].title,
        table=path.stem,
        data_status=status,
        publisher=publisher,
        licence=licence,
        url="",
        retrieved=UNKNOWN if status == "own" else "",
        file=path.relative_to(project_root()).as_posix(),
        sha256="",
        rows=0,
        first_period="",
        last_period="",
        used_by="",
    )


def _with_checksum(dataset: Dataset) -> Dataset:
    """The same dataset with what its file says; a file that cannot be read has no rows."""
    path = project_root() / dataset.file
    return _with_checksum_cached(dataset, path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _with_checksum_cached(dataset: Dataset, path: Path, stamp: int) -> Dataset:
    """Checksum and extent of a file, once per version of it."""
    try:
        extent = _extent(path)
    except (InputError, OSError, ValueError):
        extent = {"rows": 0, "first_period": "", "last_period": ""}
    return Dataset(**{**asdict(dataset), **extent, "sha256": file_sha256(path)})  # type: ignore[arg-type]


def _without_repeats(rows: pd.DataFrame, observed: pd.DataFrame, table: str, dataset: Dataset) -> pd.DataFrame:
    """Rows whose key is not observed; an own row that contradicts an observed one is refused."""
    rules = contracts.contract(table)
    key = list(rules.key)
    keys = pd.MultiIndex.from_frame(observed[key])
    repeated = pd.MultiIndex.from_frame(rows[key]).isin(keys)
    if not repeated.any():
        return rows
    if dataset.data_status == "own":
        numbers = [c.name for c in rules.columns if c.kind in ("whole", "number") and c.name not in key]
        known = observed.set_index(key)[numbers]
        lines = []
        for position in repeated.nonzero()[0]:
            row = rows.iloc[position]
            seen = known.loc[tuple(row[key])]
            if any(pd.notna(row[n]) and (pd.isna(seen[n]) or row[n] != seen[n]) for n in numbers):
                shown = ", ".join(str(v) for v in row[key])
                lines.append(
                    f"{dataset.file}: row {position + 2}: {shown} is observed with another value; leave the row out"
                )
        if lines:
            raise problems_of(lines, where=dataset.file)
    return rows[~repeated]
