"""One address into one file: retried, resumed where it broke off, of the right size, never half a file."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import httpx

from studie.errors import InputError

_TIMEOUT = httpx.Timeout(60.0, connect=15.0)
_MOST_REDIRECTS = 5
_TRIES = 5
_FIRST_PAUSE = 1.0  # [s] doubled after each failure
_LONGEST_PAUSE = 60.0  # [s]
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_BLOCK = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Got:
    """What a download brought: `unchanged` brings no file, the earlier one still holds."""

    outcome: Literal["new", "unchanged"]
    url: str
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, kw_only=True)
class _Part:
    """First bytes of a file, and the mark that says which version they are of."""

    size: int
    validator: str


class _PassingError(Exception):
    """Something that may be gone at the next try; `pause` is what the server asked for [s]."""

    def __init__(self, said: str, *, pause: float | None = None) -> None:
        super().__init__(said)
        self.pause = pause


def download(
    url: str,
    target: Path,
    *,
    most_bytes: int,
    etag: str = "",
    last_modified: str = "",
    sleep: Callable[[float], None] = time.sleep,
) -> Got:
    """Content of an address as a file.

    Parameters
    ----------
    url : str
        Address.
    target : Path
        File to write. Bytes of an unfinished download stay in `<target>.part` and are gone on with at the next try,
        if the server still has the same version.
    most_bytes : int
        Largest size [bytes].
    etag, last_modified : str
        Marks of the version that is there already: if the server still has it, nothing is fetched.
    sleep : callable
        How to wait between tries [s].

    Raises
    ------
    InputError
        If the address does not answer, says that there is no such file, leads in circles, or brings another size than
        it said or more than `most_bytes`.
    """
    pause, last = _FIRST_PAUSE, ""
    headers = {"Accept-Encoding": "identity", "User-Agent": "studie (research; data fetch)"}
    with httpx.Client(
        follow_redirects=True, max_redirects=_MOST_REDIRECTS, timeout=_TIMEOUT, headers=headers
    ) as client:
        for attempt in range(_TRIES):
            if attempt:
                sleep(min(pause, _LONGEST_PAUSE))
            try:
                return _try(client, url, target, most_bytes=most_bytes, etag=etag, last_modified=last_modified)
            except httpx.TooManyRedirects as error:
                raise InputError(f"{url}: leads in circles, more than {_MOST_REDIRECTS} times elsewhere") from error
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise InputError(f"{url}: leads to an address that is none") from error
            except _PassingError as error:
                last, pause = str(error), 2 * pause if error.pause is None else error.pause
            except httpx.HTTPError as error:
                last, pause = str(error) or type(error).__name__, 2 * pause
    raise InputError(
        f"{url}: no whole file after {_TRIES} tries, {last}; what came is kept, the next fetch goes on from it"
    )


def _try(client: httpx.Client, url: str, target: Path, *, most_bytes: int, etag: str, last_modified: str) -> Got:
    """One request, from where an earlier one broke off."""
    part_file = target.with_name(f"{target.name}.part")
    part = _kept(part_file)
    asked = _conditions(part, etag, last_modified)
    with client.stream("GET", url, headers=asked) as answer:
        if url.startswith("https:") and answer.url.scheme != "https":
            raise InputError(f"{url}: leads to an address without encryption, {answer.url}")
        if answer.status_code == 304:
            return Got(outcome="unchanged", url=str(answer.url), etag=etag, last_modified=last_modified)
        if answer.status_code == 416:
            _discard(part_file)
            raise _PassingError("the kept part is not of this file")
        _refuse_status(answer, url)
        start = _start_of(answer, part, part_file)
        whole = _whole_size(answer, start)
        if whole is not None and whole > most_bytes:
            raise InputError(f"{url}: must be at most {most_bytes:,} bytes, got {whole:,}")
        marks = {"etag": answer.headers.get("etag", ""), "last_modified": answer.headers.get("last-modified", "")}
        _keep_marks(part_file, marks)
        size = _write(answer.iter_raw(_BLOCK), part_file, start=start, most_bytes=most_bytes, url=url)
    if whole is not None and size != whole:
        if size > whole:
            _discard(part_file)
        raise _PassingError(f"{size:,} of {whole:,} bytes came")
    part_file.replace(target)
    _marks_file(part_file).unlink(missing_ok=True)
    return Got(outcome="new", url=str(answer.url), **marks)


def _conditions(part: _Part | None, etag: str, last_modified: str) -> dict[str, str]:
    """Headers of a request: go on with a part, or send nothing if it is unchanged."""
    if part is not None:
        return {"Range": f"bytes={part.size}-", "If-Range": part.validator}
    if etag:
        return {"If-None-Match": etag}
    return {"If-Modified-Since": last_modified} if last_modified else {}


def _refuse_status(answer: httpx.Response, url: str) -> None:
    """Errors that pass are tried again; others are said at once."""
    code = answer.status_code
    if code in _PASSING:
        asked = answer.headers.get("retry-after", "")
        raise _PassingError(f"the server said {code}", pause=float(asked) if asked.isdigit() else None)
    if code not in (200, 206):
        raise InputError(f"{url}: the server said {code} {answer.reason_phrase}")


def _start_of(answer: httpx.Response, part: _Part | None, part_file: Path) -> int:
    """Where the answer begins in the file; a new version begins at 0."""
    if answer.status_code == 200:
        return 0
    said = answer.headers.get("content-range", "")
    begin = said.removeprefix("bytes ").partition("-")[0]
    version = {answer.headers.get("etag"), answer.headers.get("last-modified")}
    if part is None or begin != str(part.size) or part.validator not in version:
        _discard(part_file)
        raise _PassingError(f"the server sent another part than asked, {said or 'without saying which'}")
    return part.size


def _whole_size(answer: httpx.Response, start: int) -> int | None:
    """Size of the whole file, if the server says it."""
    total = answer.headers.get("content-range", "").rpartition("/")[2]
    if answer.status_code == 206 and total.isdigit():
        return int(total)
    length = answer.headers.get("content-length", "")
    return start + int(length) if length.isdigit() else None


def _write(blocks: Iterator[bytes], part_file: Path, *, start: int, most_bytes: int, url: str) -> int:
    """Append what comes; the size it has then."""
    size = start
    with part_file.open("r+b" if start else "wb") as handle:
        handle.seek(start)
        for block in blocks:
            size += len(block)
            if size > most_bytes:
                break
            handle.write(block)
        handle.truncate()
    if size > most_bytes:
        _discard(part_file)
        raise InputError(f"{url}: must be at most {most_bytes:,} bytes, got more")
    return size


# --- the kept part --------------------------------------------------------------


def _marks_file(part_file: Path) -> Path:
    """File beside a part that says which version it is of."""
    return part_file.with_name(f"{part_file.name}.json")


def _discard(part_file: Path) -> None:
    """Throw a part away, with its marks."""
    part_file.unlink(missing_ok=True)
    _marks_file(part_file).unlink(missing_ok=True)


def _keep_marks(part_file: Path, marks: dict[str, str]) -> None:
    """Write down which version a part is of; a weak mark cannot tell two versions apart byte by byte."""
    etag = marks["etag"] if not marks["etag"].startswith("W/") else ""
    part = _Part(size=0, validator=etag or marks["last_modified"])
    _marks_file(part_file).write_text(json.dumps(asdict(part)), encoding="utf-8")


def _kept(part_file: Path) -> _Part | None:
    """Part of an earlier try, if it can be gone on with."""
    try:
        validator = json.loads(_marks_file(part_file).read_text(encoding="utf-8"))["validator"]
        size = part_file.stat().st_size
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return _Part(size=size, validator=str(validator)) if validator and size else None
