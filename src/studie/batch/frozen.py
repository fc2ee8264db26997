"""A published version on disk: which files it has, whether they are still those that were published, what they say."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from studie.batch.inputs import Folders, file_address
from studie.batch.plan import region_path
from studie.errors import InputError, StudieError, unknown

LISTING = "versions.json"
SUMS = "SHA256SUMS"
CITATION = "CITATION.cff"
MANIFEST = "manifest.json"
ASSUMPTIONS = "assumptions.yaml"
DATA = "data.csv"
METHOD = "method.json"
TABLES = "tables.csv"
PDFS = "pdf"  # each with its web page
RESULTS = "results"
NAME = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._-]{0,30}[0-9A-Za-z])?")
SUM_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


class AlteredError(StudieError):
    """A published version that is no longer what was published: one line per file."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """A published version whose checksums hold.

    Attributes
    ----------
    name
        Name it is cited by.
    folder
        Where it is.
    entry
        What the listing says of it: day, run, commit, status of the data, checksum.
    """

    name: str
    folder: Path
    entry: dict[str, Any]

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the run said of itself."""
        return _json(self.folder / MANIFEST)

    @cached_property
    def method(self) -> dict[str, Any]:
        """Checksums of the package's files and of the chapters' cells, and which datasets each chapter shows."""
        return _json(self.folder / METHOD)

    @cached_property
    def assumptions(self) -> dict[str, Any]:
        """The configuration as it was used."""
        content: dict[str, Any] = yaml.safe_load((self.folder / ASSUMPTIONS).read_text(encoding="utf-8"))
        return content

    @cached_property
    def files(self) -> list[dict[str, str]]:
        """One row per file of data: checksum, extent and origin; texts, empty where unknown."""
        frame = pd.read_csv(self.folder / DATA, dtype=str, keep_default_na=False)
        return frame.to_dict("records")  # type: ignore[return-value]  # the names of the columns are texts

    @cached_property
    def tables(self) -> dict[tuple[str, str, str], frozenset[str]]:
        """Datasets behind every result table, by region, chapter and table."""
        frame = pd.read_csv(self.folder / TABLES, dtype=str, keep_default_na=False)
        names = zip(frame["region"], frame["chapter"], frame["table"], strict=True)
        return {name: frozenset(uses.split()) for name, uses in zip(names, frame["uses"], strict=True)}

    @cached_property
    def pdfs(self) -> dict[str, str]:
        """Checksum of every report by its PDF; the web page beside it holds the same."""
        sums = read_sums(self.folder).items()
        return {file: digest for file, digest in sums if file.startswith(f"{PDFS}/") and file.endswith(".pdf")}

    def table(self, region: str, chapter: str, table: str) -> pd.DataFrame:
        """One result table."""
        return pd.read_parquet(self.folder / table_place(region, chapter, table).with_suffix(".parquet"))


def check_name(version: str) -> None:
    """Refuse what cannot be a version's name.

    Raises
    ------
    InputError
        If it is not 1 to 32 letters, digits, dots, hyphens and underscores between a letter or digit at both ends.
    """
    if not NAME.fullmatch(version) or ".." in version or version.lower().endswith(".json"):
        raise InputError(
            "version: must be 1 to 32 letters, digits, dots, hyphens or underscores that begin and end with a letter "
            f"or digit, such as 1.0 or 2027-01, got {version!r}"
        )


def published_folder(folders: Folders) -> Path:
    """Where all versions are."""
    return folders.reports / "published"


def table_place(region: str, chapter: str, table: str) -> Path:
    """Place of a result table in a version, without suffix."""
    return Path(RESULTS) / "-".join(region_path(region).parts) / chapter / table


def read_listing(folders: Folders) -> list[dict[str, Any]]:
    """What was published, oldest first.

    Raises
    ------
    InputError
        If the listing is there and cannot be read.
    """
    path = published_folder(folders) / LISTING
    if not path.is_file():
        return []
    try:
        entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["versions"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"reports/published/{LISTING}: not readable: {error}") from error
    return entries


def entry_of(version: str, folders: Folders) -> dict[str, Any] | None:
    """What the listing says of a version."""
    return next((e for e in read_listing(folders) if e["version"] == version), None)


def open_versions(*names: str, folders: Folders | None = None) -> list[Version]:
    """Published versions, each checked file by file.

    Raises
    ------
    InputError
        For a version that was never published, or whose publication was interrupted.
    AlteredError
        If a file of any of them was altered, is missing or was added: one line per file.
    """
    folders = folders or Folders()
    entries = {e["version"]: e for e in read_listing(folders)}
    place = published_folder(folders)
    for name in names:
        check_name(name)
        if name not in entries and (place / name).is_dir():
            raise InputError(f"version: publication of {name} was interrupted; finish it with: studie publish {name}")
        if name not in entries:
            if not entries:
                raise InputError(f"version: nothing was published, got {name!r}; make one with: studie publish VERSION")
            raise unknown("version", name, entries)
    altered = [line for name in names for line in differences(place / name, digest=entries[name]["sha256"])]
    if altered:
        raise AlteredError("\n".join(dict.fromkeys(altered)))
    return [Version(name=name, folder=place / name, entry=entries[name]) for name in names]


def differences(folder: Path, *, digest: str | None = None) -> list[str]:
    """What differs from what was published; `digest` is the checksum of the checksums file, kept elsewhere."""
    path = folder / SUMS
    if not folder.is_dir():
        return [f"{folder.name}: the published version is missing"]
    if not path.is_file():
        return [f"{folder.name}/{SUMS}: is missing"]
    lines = []
    if digest is not None and file_address(path) != digest:
        lines.append(f"{folder.name}/{SUMS}: is not the file that was published")
    sums = read_sums(folder)
    for name, expected in sums.items():
        if not (folder / name).is_file():
            lines.append(f"{folder.name}/{name}: is missing")
        elif file_address(folder / name) != expected:
            lines.append(f"{folder.name}/{name}: was altered after publication")
    added = sorted(set(files_in(folder)) - {*sums, SUMS})
    return lines + [f"{folder.name}/{name}: was added after publication" for name in added]


def files_in(folder: Path) -> list[str]:
    """Files of a folder, in one order on every system."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir() or p.is_symlink())


def write_sums(folder: Path) -> None:
    """Write the checksums of all files in the form of `sha256sum`, so that others can check them too."""
    lines = [f"{file_address(folder / name)}  {name}\n" for name in files_in(folder) if name != SUMS]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def read_sums(folder: Path) -> dict[str, str]:
    """Checksum by file; a line in another form counts as absent."""
    lines = (folder / SUMS).read_text(encoding="utf-8", errors="replace").splitlines()
    return {found[2]: found[1] for found in map(SUM_LINE.fullmatch, lines) if found}


def _json(path: Path) -> dict[str, Any]:
    """Content of a JSON file."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
