"""What a run rests on, as it is now: code, configuration, data, packages, and each part of them by name."""

from __future__ import annotations

import csv
import hashlib
import json
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

import studie
from studie.config import YAML, config_path, project_root
from studie.errors import InputError
from studie.inputs import modules

SOURCE_FOLDER = Path(studie.__file__).parent
# A change in these rooms cannot change what a chapter computes; a report does depend on `report`.
OUTSIDE_CHAPTERS = ("batch", "cli", "report")
REPORT = "studie.report.assemble"
CATALOGUE = "studie.data.catalogue"


@dataclass(frozen=True, kw_only=True)
class Folders:
    """Where a study reads and writes."""

    root: Path = field(default_factory=project_root)

    @property
    def notebooks(self) -> Path:
        """Chapters."""
        return self.root / "notebooks"

    @property
    def data(self) -> Path:
        """Observed figures, code lists, demonstration and own data."""
        return self.root / "data"

    @property
    def build(self) -> Path:
        """Everything derived."""
        return self.root / "build"

    @property
    def cache(self) -> Path:
        """Executed chapters and reports by the address of their content."""
        return self.build / "cache"

    @property
    def reports(self) -> Path:
        """PDFs."""
        return self.root / "reports"

    @property
    def ledger(self) -> Path:
        """What earlier publications stated."""
        return self.reports / "ledger.csv"


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Hashes of what chapters and reports can read.

    Attributes
    ----------
    code, report_code
        Everything that chapters, or reports, rest on; for who asks why a number changed.
    configuration, parts
        The configuration, whole and by part.
    lock, python
        Locked packages and interpreter.
    data
        Data files, by their place in `data/`.
    listed
        What the list of sources says of each table.
    titles
        Titles of the chapters.
    beside
        Files that are no data and that a chapter may read all the same, by their place in the study.
    demonstration
        Size of the demonstration data in use.
    """

    code: str
    report_code: str
    configuration: str
    parts: Mapping[str, str]
    lock: str
    data: Mapping[str, str]
    listed: Mapping[str, str]
    titles: str
    beside: Mapping[str, str]
    demonstration: str
    python: str

    def content(self, noted: str, *, root: Path) -> str:
        """Hash of something that was read, by the name under which `studie.inputs.record` noted it.

        Parameters
        ----------
        noted : str
            Kind and name, such as `table vacancy`.
        root : Path
            Folder of the study, for files and folders that are no data.
        """
        if noted not in self._contents:
            kind, _, name = noted.partition(" ")
            self._contents[noted] = self._content(kind, name, root=root)
        return self._contents[noted]

    @cached_property
    def _contents(self) -> dict[str, str]:
        """Content of what was asked for so far; many chapters read the same."""
        return {}

    def _content(self, kind: str, name: str, *, root: Path) -> str:
        """Hash of something of a kind."""
        readers: dict[str, Callable[[], str]] = {
            "table": lambda: self._table(name),
            "config": lambda: digest(self.parts.get(name), self.demonstration if name == "demonstration" else ""),
            "titles": lambda: self.titles,
            "file": lambda: self._file(name, root=root),
            "folder": lambda: _names(root / name),
            "code": lambda: modules.modules().address([name]),
        }
        return readers[kind]()

    def _table(self, name: str) -> str:
        """Hash of all that may give rows of a table: listed, demonstration and own files, and what is said of them."""
        files = [f"demonstration/{self.demonstration}/{name}.parquet", f"own/{name}.csv", f"own/{name}.parquet"]
        return digest(self.listed.get(name), [self.data.get(file) for file in files])

    def _file(self, name: str, *, root: Path) -> str:
        """Hash of a file of the study; empty when it is not there."""
        known = {**{f"data/{place}": found for place, found in self.data.items()}, **self.beside}
        return known[name] if name in known else _file_or_nothing(root / name)


def read_inputs(folders: Folders, *, config: str = "study") -> Inputs:
    """Hashes of code, configuration, data and locked packages."""
    from studie.data import catalogue

    lock = folders.root / "requirements.lock"
    size = catalogue.demonstration_size()
    path = config_path(config)
    data = {p.relative_to(folders.data).as_posix(): file_address(p) for p in _data_files(folders.data, size)}
    return Inputs(
        code=code_address(lambda path: path.parts[0] not in OUTSIDE_CHAPTERS),
        report_code=digest(modules.modules().address([REPORT]), code_address(lambda path: path.parts[0] == "report")),
        configuration=file_address(path),
        parts=_parts(modules.stamp(path)),
        lock=file_address(lock) if lock.is_file() else "",
        data=data,
        listed=_listed(folders.data / "sources.csv", data),
        titles=_titles(),
        beside={
            place.relative_to(folders.root).as_posix(): _file_or_nothing(place)
            for place in (folders.ledger, *sorted(folders.notebooks.glob("*.ipynb")))
        },
        demonstration=size,
        python=f"{platform.python_implementation()} {platform.python_version()} {sys.platform} {platform.machine()}",
    )


def digest(*parts: Any) -> str:
    """SHA-256 of anything that JSON can hold."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def file_address(path: Path) -> str:
    """SHA-256 of a file.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        return _file_address(modules.stamp(path))
    except OSError as error:
        raise InputError(f"{path.name}: not readable: {error.strerror}, at {path}") from error


def code_address(wanted: Callable[[Path], bool]) -> str:
    """Content of the package's files whose place in it `wanted` accepts."""
    files = sorted(p for p in SOURCE_FOLDER.rglob("*") if p.is_file() and p.suffix != ".pyc")
    chosen = [(p.relative_to(SOURCE_FOLDER), p) for p in files if wanted(p.relative_to(SOURCE_FOLDER))]
    return digest([(place.as_posix(), file_address(p)) for place, p in chosen])


@modules.once_per_version
def _file_address(stamp: modules.Stamp) -> str:
    """SHA-256 of a file."""
    with Path(stamp[0]).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@modules.once_per_version
def _parts(stamp: modules.Stamp) -> dict[str, str]:
    """Hash of each part of a configuration; none when it is no mapping, which is refused where it is read."""
    try:
        content = yaml.load(Path(stamp[0]).read_text(encoding="utf-8"), Loader=YAML)
    except (yaml.YAMLError, ValueError):
        return {}
    return {str(part): digest(value) for part, value in content.items()} if isinstance(content, dict) else {}


def _listed(path: Path, data: Mapping[str, str]) -> dict[str, str]:
    """Hash of the rows of the list of sources about each table, and of the files that they name."""
    rows: dict[str, list[Any]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                name = str(row.get("file")).removeprefix("data/")
                rows.setdefault(str(row.get("table")), []).append([row, data.get(name)])
    except (OSError, ValueError):
        return {}  # refused where the data are checked
    return {table: digest(found) for table, found in rows.items()}


def _file_or_nothing(path: Path) -> str:
    """Hash of a file; empty when it is not there."""
    return file_address(path) if path.is_file() else ""


def _names(path: Path) -> str:
    """Hash of the names in a folder; empty when it is not there."""
    return digest(sorted(p.name for p in path.iterdir() if not p.name.startswith("."))) if path.is_dir() else ""


def _titles() -> str:
    """Hash of the titles of the chapters."""
    from studie.data import monitor

    return digest(monitor.written_chapters())


def _data_files(folder: Path, size: str) -> list[Path]:
    """Files that may change a result: no descriptions, hidden or downloaded files, or data of another size."""
    found = (p for p in folder.rglob("*") if p.is_file() and p.suffix != ".md" and not p.name.startswith("."))
    other, own = folder / "demonstration", folder / "own"
    return sorted(
        p
        for p in found
        if (other not in p.parents or p.relative_to(other).parts[0] == size)
        and (own not in p.parents or p.parent == own)  # below it are downloads and rejected rows
    )
