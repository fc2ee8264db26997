"""Fetch what is openly online: one raw file per version with its checksum, and what to import it as."""

from __future__ import annotations

import datetime
import json
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from studie.config import project_root
from studie.data.download import Got, download
from studie.data.files import file_sha256
from studie.data.online import Online, online
from studie.errors import InputError

_HEAD = 100_000  # [bytes] in which the header must stand
_PAGE = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<script")


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What a fetch brought.

    Attributes
    ----------
    name : str
        Entry of `config/sources.yaml`.
    outcome : {"new", "unchanged"}
        Whether there is a new version.
    path : Path
        Raw file.
    sha256, size
        Its checksum and size [bytes].
    format, command : str
        Format of `studie data import`, and the command that imports it.
    notes : tuple of str
        What is not certain.
    """

    name: str
    outcome: Literal["new", "unchanged"]
    path: Path
    sha256: str
    size: int
    format: str
    command: str
    notes: tuple[str, ...]


def fetch(name: str, *, today: datetime.date | None = None, sleep: Callable[[float], None] = time.sleep) -> Fetched:
    """Newest version of an online source, kept as `data/own/raw/<name>-<date>.<extension>`.

    Parameters
    ----------
    name : str
        Entry of `config/sources.yaml`.
    today : date
        Day in the name of the file; default today.
    sleep : callable
        How to wait between tries [s].

    Returns
    -------
    Fetched
        Beside the file stands `<file>.json` with address, day, checksum and size.

    Raises
    ------
    InputError
        If the source takes a login, the download fails, or what came is no such file (an error page, for example);
        then no file has the final name.
    """
    entry = online(name)
    if entry.login:
        raise InputError(f"{name}: cannot be fetched without a login or a choice on a screen. {_by_hand(name, entry)}")
    folder = project_root() / "data" / "own" / "raw"
    folder.mkdir(parents=True, exist_ok=True)
    last = _last_version(name, folder)
    unfinished = folder / f"{name}.unfinished"
    got = _download(entry, unfinished, last=last, sleep=sleep)
    if got.outcome == "unchanged" and last is not None:
        return _result(name, folder / last["file"], outcome="unchanged", checksum=last["sha256"], entry=entry)
    try:
        _check_content(unfinished, entry)
    except InputError as error:
        unfinished.unlink()
        raise InputError(f"{name}: {error}. {_by_hand(name, entry)}") from error
    checksum = file_sha256(unfinished)
    if last is not None and last["sha256"] == checksum:
        unfinished.unlink()
        return _result(name, folder / last["file"], outcome="unchanged", checksum=checksum, entry=entry)
    day = (today or datetime.date.today()).isoformat()
    path = _free_name(folder, name, day, entry.extension)
    side = {
        "name": name, "file": path.name, "url": got.url, "retrieved": day, "sha256": checksum,
        "size": unfinished.stat().st_size, "etag": got.etag, "last_modified": got.last_modified,
        "publisher": entry.publisher, "licence": entry.licence, "format": entry.format,
    }  # fmt: skip
    unfinished_side = folder / f"{name}.unfinished.json"
    unfinished_side.write_text(json.dumps(side, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(path)
    unfinished_side.replace(sidecar(path))
    return _result(name, path, outcome="new", checksum=checksum, entry=entry)


def sidecar(path: Path) -> Path:
    """File that says where a raw file comes from."""
    return path.with_name(f"{path.name}.json")


def provenance(path: Path) -> dict[str, str]:
    """What stands beside a raw file about it; nothing for a file that was not fetched."""
    try:
        found = json.loads(sidecar(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {key: str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _by_hand(name: str, entry: Online) -> str:
    """How to get the file without fetching."""
    note = f" {entry.note}" if entry.note else ""
    command = f"studie data import {entry.format} PATH"
    return f"Get it by hand at {entry.by_hand} and use `{command}`.{note}"


def _download(entry: Online, target: Path, *, last: dict[str, Any] | None, sleep: Callable[[float], None]) -> Got:
    """The file, from its address or from the table that a client's query names."""
    url = _table_address(entry) if entry.client else entry.url
    there = last is not None and last.get("url") == url
    return download(
        url,
        target,
        most_bytes=int(entry.most_mb * 1e6),
        etag=str(last.get("etag", "")) if last and there else "",
        last_modified=str(last.get("last_modified", "")) if last and there else "",
        sleep=sleep,
    )


def _table_address(entry: Online) -> str:
    """Address at which a Swing databank gives a table, as its client writes it.

    The client itself downloads without checking certificates and without a time limit, so only its address is used.
    """
    from stadincijfers import stadincijfers

    class _Addresses(stadincijfers):
        """Client that says where it would ask."""

        def _req_to_json(self, req: Any) -> str:
            """Address of a request."""
            return str(req.full_url)

    return str(_Addresses(entry.url).selectiontableasjson(**entry.query))


# --- versions -------------------------------------------------------------------


def _last_version(name: str, folder: Path) -> dict[str, Any] | None:
    """Newest version of a source that is still there and unchanged."""
    found = []
    for side in folder.glob(f"{name}-*.json"):
        known = provenance(side.with_name(side.name.removesuffix(".json")))
        path = folder / known.get("file", "")
        if known.get("name") == name and path.is_file() and file_sha256(path) == known.get("sha256"):
            found.append((known["retrieved"], path.stat().st_mtime_ns, known))
    return max(found, key=lambda version: version[:2])[2] if found else None


def _free_name(folder: Path, name: str, day: str, extension: str) -> Path:
    """Name with the day; a second version on one day gets a number."""
    path = folder / f"{name}-{day}.{extension}"
    number = 2
    while path.exists():
        path = folder / f"{name}-{day}-{number}.{extension}"
        number += 1
    return path


def _result(name: str, path: Path, *, outcome: Literal["new", "unchanged"], checksum: str, entry: Online) -> Fetched:
    """What a fetch brought, with the command that imports it."""
    shown = path.relative_to(project_root()).as_posix()
    return Fetched(
        name=name,
        outcome=outcome,
        path=path,
        sha256=checksum,
        size=path.stat().st_size,
        format=entry.format,
        command=f"studie data import {entry.format} {shown}",
        notes=() if entry.verified else (f"address not verified: {entry.note}",),
    )


# --- content --------------------------------------------------------------------


def _check_content(path: Path, entry: Online) -> None:
    """Refuse a file that is not what the entry says, such as a page that explains an error."""
    with path.open("rb") as handle:
        head = handle.read(_HEAD)
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not bare:
        raise InputError("must hold data, got an empty file")
    if bare[:200].lower().startswith(_PAGE):
        raise InputError(f"must be {entry.content}, got a web page: an error or a check for robots")
    {"zip": _check_zip, "json": _check_json, "text": _check_text}[entry.content](path, bare, entry.header)


def _check_zip(path: Path, head: bytes, header: str) -> None:
    """A zip file with its list of members at the end."""
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError("must be a zip file, got another kind or one that is cut off") from error
    if not names:
        raise InputError("must be a zip file with members, got an empty one")


def _check_json(path: Path, head: bytes, header: str) -> None:
    """Whole JSON."""
    try:
        json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError("must be JSON, got another kind or a file that is cut off") from error
    if header.encode() not in head:
        raise InputError(f"must name {header!r}, got other JSON")


def _check_text(path: Path, head: bytes, header: str) -> None:
    """Text with the right words in its first line."""
    first = head.partition(b"\n")[0]
    if b"\0" in first or header.encode() not in first:
        raise InputError(f"must have {header!r} in its first line, got {first[:60].decode('utf-8', 'replace')!r}")
