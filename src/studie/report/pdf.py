"""One PDF file: PDF/UA-1 and PDF/A-2a together, the same bytes for the same content, whole or not there at all."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from studie.errors import InputError, StudieError

HERE = Path(__file__).parent
SOURCES = HERE / "typst"
FONTS = HERE / "fonts"
DEMONSTRATION_SUFFIX = "-demonstratie"
STANDARDS: Any = ["ua-1", "a-2a"]
SAFE = re.compile(r"[\n\t\u0020-\u007e\u00a0-\u017f\u2010-\u2026\u20ac\u2190-\u2193\u2212\u2248\u2260\u2264\u2265]+")


class TypesettingError(StudieError):
    """The report could not be set in type; nothing was written."""


@lru_cache(maxsize=1)
def _fonts() -> Any:
    """The typeface of the house and the ones inside typst; never those of the machine."""
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)])


def compiled(payload: dict[str, Any], *, timestamp: int) -> tuple[bytes, dict[str, Any]]:
    """PDF of a report and where its parts ended up.

    Parameters
    ----------
    payload : dict
        What `typst/report.typ` reads, JSON types only.
    timestamp : int
        Moment of making [s since 1970]; the only thing besides `payload` that decides the bytes.

    Returns
    -------
    tuple of bytes and dict
        The file; and `pages`, and first and last page of `summary` and `guide`.

    Raises
    ------
    TypesettingError
        With typst's own message.
    """
    import typst

    compiler = typst.Compiler(
        str(SOURCES / "report.typ"),
        root=str(SOURCES),
        font_paths=_fonts(),
        sys_inputs={"report": json.dumps(payload, ensure_ascii=False, sort_keys=True)},
    )
    try:
        document: Any = compiler.compile(format="pdf", pdf_standards=STANDARDS, timestamp=timestamp)
        places = json.loads(compiler.query("<end>", field="value", one=True))
    except typst.TypstError as error:
        raise TypesettingError(f"report: typst refused it: {error}") from error
    return _unambiguous(document), places


def name_suffix(statuses: Iterable[str], kind: str = ".pdf") -> str:
    """End of a report's file name: it says when demonstration data are inside."""
    return f"{DEMONSTRATION_SUFFIX}{kind}" if "demonstration" in statuses else kind


def settable(markup: str) -> bool:
    """Whether typst can set a piece of markup by itself."""
    return _accepts('#import "blocks.typ": markup\n#set document(title: "-")\n#markup(sys.inputs.content)', markup)


def drawable(svg: str) -> bool:
    """Whether typst can draw a picture."""
    return _accepts('#set document(title: "-")\n#image(bytes(sys.inputs.content), format: "svg", alt: "-")', svg)


def _accepts(source: str, content: str, *, standards: Any = ()) -> bool:
    """Whether a small document with the content in it compiles."""
    import typst

    try:
        typst.compile(
            source.encode(),
            root=str(SOURCES),
            font_paths=_fonts(),
            sys_inputs={"content": content},
            format="pdf",
            pdf_standards=list(standards),
        )
    except typst.TypstError:
        return False
    return True


@lru_cache(maxsize=4096)
def _has_glyph(character: str) -> bool:
    """Whether one of the fonts can show a character."""
    source = (
        '#import "house.typ": typefaces\n#set document(title: "-")\n#set text(font: typefaces)\na#sys.inputs.content'
    )
    return _accepts(source, character, standards=STANDARDS)


def without_glyph(texts: Iterable[str]) -> list[str]:
    """Characters that no font of the report can show, sorted."""
    odd = {character for text in texts for character in SAFE.sub("", text)}
    return sorted(character for character in odd if character != "\u200b" and not _has_glyph(character))


def _unambiguous(document: bytes) -> bytes:
    """PDF in which no stream's data end in a carriage return.

    The line feed before `endstream` would make it look like a two-byte end of line, and validators then
    count one byte too few. A zero byte after the compressed data is ignored by every reader.
    """
    while (end := document.find(b"\r\nendstream")) >= 0:
        start = document.rindex(b" obj", 0, end)
        length = re.compile(rb"/Length (\d+)").search(document, start, end)
        if length is None:
            break
        longer = str(int(length.group(1)) + 1).encode()
        shift = 1 + len(longer) - len(length.group(1))
        document = b"".join(
            [document[: length.start(1)], longer, document[length.end(1) : end + 1], b"\0", document[end + 1 :]]
        )
        document = _shifted(document, after=end, by=shift)
    return document


def _shifted(document: bytes, *, after: int, by: int) -> bytes:
    """PDF whose cross-reference table counts `by` bytes more from position `after` on."""
    table = document.rindex(b"\nxref\n") + 1
    entries = re.sub(
        rb"(\d{10})( \d{5} n)",
        lambda match: b"%010d%s" % (int(match.group(1)) + (by if int(match.group(1)) > after else 0), match.group(2)),
        document[table:],
    )
    return document[:table] + re.sub(rb"startxref\n\d+", b"startxref\n%d" % table, entries)


def write(document: bytes, out: Path) -> None:
    """Write a file under a temporary name and rename it.

    Raises
    ------
    InputError
        If the folder cannot be written; nothing is left behind.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent)
    except OSError as error:
        raise InputError(f"out: must be in a folder that can be written, got {out} ({error.strerror})") from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(document)
        temporary.chmod(0o644)
        temporary.replace(out)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError(f"out: must be a file that can be written, got {out} ({error.strerror})") from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
