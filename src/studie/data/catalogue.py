"""Which tables there are, what stands in them and where every row comes from."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from studie import regions
from studie.config import project_root, read_config
from studie.data import contracts
from studie.data.definitions import CONTRACTS
from studie.data.files import FIRST_ROW, problems_of, read_file
from studie.data.pseudonyms import PATTERN
from studie.data.references import OrphanError, ancestors, refuse_orphans
from studie.data.sources import UNKNOWN, Dataset, changed, fingerprint, read_sources, unlisted
from studie.errors import InputError, unknown
from studie.inputs import record

Status = Literal["observed", "own", "demonstration"]
Choice = Literal["auto", "own", "demonstration"]

TABLES: tuple[str, ...] = tuple(CONTRACTS)
SIZE_VARIABLE = "STUDIE_DEMONSTRATION_SIZE"
PERSON = "person_id"


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
    sizes : tuple of int
        Rows that each dataset gave, in the order of the frame [count].
    """

    name: str
    frame: pd.DataFrame
    datasets: tuple[Dataset, ...]
    sizes: tuple[int, ...]

    def parts(self) -> dict[str, pd.DataFrame]:
        """Rows of each dataset by its identifier."""
        ends = [sum(self.sizes[: i + 1]) for i in range(len(self.sizes))]
        return {
            d.dataset_id: self.frame.iloc[end - size : end]
            for d, size, end in zip(self.datasets, self.sizes, ends, strict=True)
        }


def datasets() -> list[Dataset]:
    """All files of data: the listed ones, then demonstration, then the user's own."""
    return [*read_sources(), *_demonstration(), *_own()]


def checksums(table: str) -> list[str]:
    """Checksums of the files that may give rows of a table or that these refer to, listed, demonstration and own."""
    found: list[str] = []
    for name in sorted({table, *ancestors(table)}):
        extra = [_with_checksum(d) for d in (_demonstration_dataset(name), _own_dataset(name)) if d is not None]
        found += [d.sha256 for d in (*_listed(name), *extra)]
    return found


def read(table: str, *, data: Choice = "auto") -> Table:
    """Rows of a table, checked against its contract and references, each with its status and source.

    Observed rows are always kept. The user's own extract of a table replaces its demonstration rows; where a
    demonstration or own row has the key of an observed row, the observed row stands. An own row refers to own or
    observed rows, never to demonstration rows; a demonstration row whose parent an own extract replaced is left out.

    Parameters
    ----------
    table : str
        One of `TABLES`.
    data : {"auto", "own", "demonstration"}
        `own` never uses demonstration rows (a table of which nothing is known is then empty), `demonstration` leaves
        the user's extracts out.

    Raises
    ------
    InputError
        If a file is missing, malformed or breaks its contract, if an own row contradicts an observed one, or if a row
        refers to one that is not there: one line per problem.
    """
    if table not in TABLES:
        raise unknown("table", table, TABLES)
    if data not in get_args(Choice):
        raise unknown("data", data, get_args(Choice))
    parts = [(d, _observed_rows(d)) for d in _listed(table)]
    extra = _own_dataset(table) if data != "demonstration" else None
    if extra is None and data != "own":
        extra = _demonstration_dataset(table)
    if extra is not None:
        rows = _own_rows(extra) if extra.data_status == "own" else _demonstration_rows(extra)
        if extra.data_status == "demonstration":
            rows = _anchored(rows, table, data=data)
        if extra.data_status == "own":
            parts = [(d, _not_replaced(frame, rows, table)) for d, frame in parts]
        observed = [frame for _, frame in parts]
        parts.append((_with_checksum(extra), _without_repeats(rows, observed, extra) if observed else rows))
    parts = [(d, frame) for d, frame in parts if len(frame)]
    for dataset, frame in parts:
        _refuse_orphans(frame, dataset, data=data)
    if not parts:
        return Table(name=table, frame=contracts.empty(table).assign(data_status="", source=""), datasets=(), sizes=())
    frames = [frame for _, frame in parts]
    frame = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0].reset_index(drop=True)
    return Table(
        name=table, frame=frame, datasets=tuple(d for d, _ in parts), sizes=tuple(len(part) for _, part in parts)
    )


def check() -> list[str]:
    """All problems of all data files, one line each; an empty list if there are none.

    Looks for files that are missing, malformed, not listed or changed since they were listed, rows that break their
    contract or refer to a row that is not there, own files that belong to no table, and boundary files that lack a
    municipality.
    """
    lines: list[str] = []
    try:
        found = read_sources()
    except InputError as error:
        return list(error.problems)
    for dataset in found:
        lines += changed(dataset)
    lines += unlisted({d.file for d in found})
    lines += _strange_own()
    for table in TABLES:
        try:
            read(table)
        except OrphanError as error:
            lines += error.lines
        except InputError as error:
            lines += error.problems
    for date in ("2024-12-31", "2025-01-01"):
        try:
            regions.boundaries(date=date)
        except InputError as error:
            lines += error.problems
    return list(dict.fromkeys(lines))


def demonstration_size() -> str:
    """Size of the demonstration data in use: `STUDIE_DEMONSTRATION_SIZE`, else the configuration's."""
    record.note("config", "demonstration")
    with record.unheard():
        return os.environ.get(SIZE_VARIABLE) or read_config().demonstration.size


# --- listed files -------------------------------------------------------------


def _listed(table: str) -> list[Dataset]:
    """Listed files that hold rows of a table."""
    record.note("table", table)
    with record.unheard():
        return [d for d in read_sources() if d.table == table]


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


# --- demonstration ------------------------------------------------------------


def _demonstration_folder() -> Path:
    """Folder of the demonstration data in use."""
    return project_root() / "data" / "demonstration" / demonstration_size()


def _demonstration() -> list[Dataset]:
    """Demonstration files of the size in use."""
    found = [_demonstration_dataset(p.stem) for p in _table_files(_demonstration_folder(), (".parquet",))]
    return [_with_checksum(d) for d in found if d is not None]


def _demonstration_dataset(table: str) -> Dataset | None:
    """Demonstration file of a table, without its checksum, if the demonstration data hold the table."""
    record.note("table", table)
    path = _demonstration_folder() / f"{table}.parquet"
    if path.is_file():
        publisher = f"studie, demonstratiegegevens, zaad {_seed(path.parent)}"
        return _undated(path, status="demonstration", publisher=publisher, licence="EUPL-1.2")
    if CONTRACTS[table].demonstrated:
        where = path.relative_to(project_root()).as_posix()
        size = demonstration_size()
        raise InputError(f"{where}: file is missing; make it with `studie data demonstration --size {size}`")
    return None


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


def _own() -> list[Dataset]:
    """The user's extracts that belong to a table."""
    tables = dict.fromkeys(p.stem for p in _table_files(project_root() / "data" / "own", (".csv", ".parquet")))
    found = [_own_dataset(table) for table in tables]
    return [_with_checksum(d) for d in found if d is not None]


def _own_dataset(table: str) -> Dataset | None:
    """The user's extract of a table, without its checksum; two files for one table are refused."""
    record.note("table", table)
    folder = project_root() / "data" / "own"
    found = [path for path in (folder / f"{table}.csv", folder / f"{table}.parquet") if path.is_file()]
    if len(found) > 1:
        raise InputError(f"data/own: one file per table, got {table}.csv and {table}.parquet")
    return _undated(found[0], status="own", publisher="eigen extract", licence=UNKNOWN) if found else None


def _own_rows(dataset: Dataset) -> pd.DataFrame:
    """Checked rows of the user's extract; it may name its own source per row."""
    raw = read_file(project_root() / dataset.file, where=dataset.file)
    if raw.empty:
        raise InputError(f"{dataset.file}: must hold at least one row, got only a header")
    _refuse_identifiers(raw, dataset)
    frame = contracts.validate(raw, dataset.table, where=dataset.file, first_row=_first_row(dataset))
    source = frame["source"] if "source" in frame.columns else f"eigen extract {Path(dataset.file).name}"
    return _marked(frame, dataset, source)


def _refuse_identifiers(raw: pd.DataFrame, dataset: Dataset) -> None:
    """Refuses rows about persons under another name than a pseudonym; none of these names is shown."""
    if CONTRACTS[dataset.table].persons != "rows" or PERSON not in raw.columns:
        return
    given = raw[PERSON].astype("string").fillna("")
    plain = given[given.ne("") & ~given.map(lambda name: PATTERN.fullmatch(name) is not None)]
    if len(plain):
        raise InputError(
            f"{dataset.file}: column {PERSON}: must hold pseudonyms, "
            f"got other names in {len(plain)} of {len(raw)} rows; "
            "remove the file and bring the extract in with `studie data import own`"
        )


def _strange_own() -> list[str]:
    """Lines for own files that belong to no table."""
    folder = project_root() / "data" / "own"
    lines = []
    for path in sorted(folder.glob("*.*")):
        if path.suffix in (".csv", ".parquet") and path.stem not in TABLES:
            lines += [f"data/own/{path.name}: {line}" for line in unknown("table", path.stem, TABLES).problems]
    return lines


# --- references ---------------------------------------------------------------


def _anchored(rows: pd.DataFrame, table: str, *, data: Choice) -> pd.DataFrame:
    """Demonstration rows without those whose parent is not in use because an own extract replaced its table."""
    if data == "demonstration" or not any(_own_dataset(parent) for parent in ancestors(table)):
        return rows
    lost = contracts.orphans(rows, table, parents={p: _keys(p, data=data) for p in contracts.parents(table)})
    return rows[~rows.index.isin(lost["row"])]


def _keys(table: str, *, data: Choice) -> pd.DataFrame:
    """Rows of a table in use, as they stand in its files; their own reading checks them."""
    names = list(CONTRACTS[table].names)
    frames = [_observed_rows(d)[names] for d in _listed(table)]
    extra = _own_dataset(table) if data != "demonstration" else None
    if extra is None and data != "own":
        extra = _demonstration_dataset(table)
    if extra is not None:
        raw = read_file(project_root() / extra.file, where=extra.file).reindex(columns=names)
        frames.append(raw if extra.data_status == "own" else _anchored(raw, table, data=data))
    frames = [frame.astype(object) for frame in frames if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=names)


def _invented(table: str) -> pd.DataFrame:
    """Rows of a table in the demonstration data; none where they are not made."""
    try:
        return _keys(table, data="demonstration")
    except InputError:
        return pd.DataFrame(columns=list(CONTRACTS[table].names))


def _refuse_orphans(rows: pd.DataFrame, dataset: Dataset, *, data: Choice) -> None:
    """Refuses rows of one file that refer to nothing; own and observed rows never rest on demonstration rows."""
    choice = data if dataset.data_status == "demonstration" else "own"
    refuse_orphans(
        rows,
        dataset.table,
        known=partial(_keys, data=choice),
        invented=_invented if dataset.data_status == "own" else None,
        where=dataset.file,
        first_row=_first_row(dataset),
    )


# --- shared -------------------------------------------------------------------


def _table_files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """Files of a folder that are named after a table."""
    return sorted(p for p in folder.glob("*.*") if p.suffix in suffixes and p.stem in TABLES)


def _first_row(dataset: Dataset) -> int:
    """Number of a file's first row in messages; a Parquet file has no header row."""
    return 1 if dataset.file.endswith(".parquet") else FIRST_ROW


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
        return replace(dataset, **fingerprint(path))  # type: ignore[arg-type]
    except (InputError, OSError, ValueError):
        return dataset


def _not_replaced(frame: pd.DataFrame, own: pd.DataFrame, table: str) -> pd.DataFrame:
    """Listed rows that the user's extract does not replace; in most tables it replaces none."""
    columns = list(CONTRACTS[table].own_replaces)
    if not columns:
        return frame
    beside = frame[columns].merge(own[columns].drop_duplicates(), how="left", on=columns, indicator="found")
    return frame[(beside["found"] == "left_only").to_numpy()]


def _without_repeats(rows: pd.DataFrame, observed: list[pd.DataFrame], dataset: Dataset) -> pd.DataFrame:
    """Rows whose key is not observed; an own row that contradicts an observed one is refused."""
    rules = CONTRACTS[dataset.table]
    key = list(rules.key)
    numbers = [c.name for c in rules.columns if c.kind in ("whole", "number") and c.name not in key]
    listed = pd.concat(observed)[[*key, *numbers]]
    beside = rows[key].merge(listed, how="left", on=key, indicator="found")
    repeated = (beside["found"] == "both").to_numpy()
    if dataset.data_status == "own" and repeated.any():
        given = rows[numbers].reset_index(drop=True)
        differs = (given.notna() & ~(given == beside[numbers]).fillna(value=False).astype(bool)).any(axis=1)
        lines = [
            f"{dataset.file}: row {position + _first_row(dataset)}: "
            f"{', '.join(str(v) for v in rows[key].iloc[position])} is observed with another value; leave the row out"
            for position in (repeated & differs.to_numpy()).nonzero()[0]
        ]
        if lines:
            raise problems_of(lines, where=dataset.file)
    return rows[~repeated]
