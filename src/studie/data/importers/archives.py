"""Zip files of publishers: what may be unpacked, and how much of it, before anything is."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from studie.errors import InputError

_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError,
    RuntimeError, UnicodeError, ValueError, OverflowError, MemoryError,
)  # fmt: skip
_BLOCK = 1 << 20
_ENCRYPTED = 0x1
_ALWAYS_ALLOWED = 10_000_000  # [bytes] under this a high ratio is harmless: a file of zeros packs 1000 : 1


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How large a zip file of a format may be.

    Attributes
    ----------
    most_bytes : int
        All members together, unpacked [bytes].
    most_ratio : float
        Unpacked over packed size of a member.
    most_members : int
        Number of members [count].
    """

    most_bytes: int
    most_ratio: float = 200.0
    most_members: int = 100


class Archive:
    """Zip file whose every member was found safe; members are known by name without folder."""

    def __init__(self, packed: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], *, file: str) -> None:
        self._packed, self._members, self._file = packed, members, file

    @property
    def names(self) -> tuple[str, ...]:
        """Members, in order of the archive."""
        return tuple(self._members)

    def require(self, names: Sequence[str]) -> None:
        """Refuse an archive that lacks a member.

        Raises
        ------
        InputError
            One line per missing member.
        """
        there = ", ".join(self.names) or "none"
        missing = [name for name in names if name not in self._members]
        if missing:
            raise InputError(*(f"{self._file}: member {name} is missing; got {there}" for name in missing))

    def size(self, name: str) -> int:
        """Unpacked size of a member, as the archive states it [bytes]."""
        return self._members[name].file_size

    def read(self, name: str) -> bytes:
        """Content of a member.

        Raises
        ------
        InputError
            If the member is damaged or larger than the archive says.
        """
        return b"".join(self._blocks(name))

    def extract(self, name: str, *, to: Path) -> Path:
        """Write a member into a folder, under its own name.

        Raises
        ------
        InputError
            If the member is damaged or larger than the archive says.
        """
        target = to / name
        with target.open("wb") as handle:
            handle.writelines(self._blocks(name))
        return target

    def _blocks(self, name: str) -> Iterator[bytes]:
        """Content of a member block by block, no more than its stated size."""
        left = self.size(name)
        try:
            handle = self._packed.open(self._members[name])
        except _BROKEN as error:
            raise InputError(f"{self._file}: member {name} is damaged or cut off") from error
        with handle:
            while True:
                try:
                    block = handle.read(_BLOCK)
                except _BROKEN as error:
                    raise InputError(f"{self._file}: member {name} is damaged or cut off") from error
                left -= len(block)
                if left < 0 or (left > 0 and not block):
                    raise InputError(f"{self._file}: member {name} must be as large as the archive says")
                if not block:
                    return
                yield block


@contextmanager
def opened(path: Path, *, file: str, limits: Limits) -> Iterator[Archive]:
    """A zip file, once all its members were found safe.

    Raises
    ------
    InputError
        If the file is missing, no zip file or cut off; if a member leads out of the folder (`..`, an absolute name, a
        link), is encrypted, or has the name of another; or if unpacking would take more than the limits.
    """
    if not path.is_file():
        raise InputError(f"{file}: file is missing")
    try:
        packed = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise InputError(f"{file}: must be a zip file, got one that is damaged or cut off") from error
    with packed:
        yield Archive(packed, _safe(packed.infolist(), file=file, limits=limits), file=file)


def _safe(infos: list[zipfile.ZipInfo], *, file: str, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """Members by name without folder, if all are safe."""
    if len(infos) > limits.most_members:
        raise InputError(f"{file}: must hold at most {limits.most_members} members, got {len(infos)}")
    problems = [f"{file}: member {_printed(info)}: {rule}" for info in infos if (rule := _danger(info, limits))]
    total = sum(info.file_size for info in infos)
    if total > limits.most_bytes:
        problems.append(f"{file}: must unpack to at most {limits.most_bytes / 1e6:,.0f} MB, got {total / 1e6:,.0f} MB")
    files = [info for info in infos if not info.is_dir()]
    found: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for info in files:
        name = info.filename.rpartition("/")[2]
        if name.lower() in seen:
            problems.append(f"{file}: member {_printed(info)}: must stand there once")
        seen.add(name.lower())
        found[name] = info
    if problems:
        raise InputError(*problems[:20])
    return found


def _danger(info: zipfile.ZipInfo, limits: Limits) -> str:
    """Why a member is not safe to unpack; '' if it is."""
    name = info.orig_filename  # as stored: `filename` is cut at a zero byte and has its separators made alike
    rules = {
        "must be a name within the archive, got an absolute one": name.startswith(("/", "\\")) or name[1:2] == ":",
        "must be a plain name": "\\" in name or not name.isprintable(),
        "must not lead out of the folder": ".." in name.split("/"),
        "must be a file, got a link": stat.S_ISLNK(info.external_attr >> 16),
        "must not be encrypted": bool(info.flag_bits & _ENCRYPTED),
        f"must not be packed more than {limits.most_ratio:g} : 1": info.file_size > _ALWAYS_ALLOWED
        and info.file_size > limits.most_ratio * max(info.compress_size, 1),
    }
    return next((rule for rule, broken in rules.items() if broken), "")


def _printed(info: zipfile.ZipInfo) -> str:
    """Name of a member as a message repeats it."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in info.orig_filename)[:60]
