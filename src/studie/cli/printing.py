"""How commands print: aligned columns, JSON for other programs, one line per error."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


def short(path: Path) -> str:
    """Path from where the user is, when it is below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def print_json(content: Any) -> None:
    """JSON on standard output."""
    import json

    print(json.dumps(content, indent=1, ensure_ascii=False, default=str))


def print_columns(rows: Sequence[Sequence[str]]) -> None:
    """Rows as aligned columns."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))] if rows else []
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def complain(lines: Sequence[str]) -> None:
    """One line per error on standard error."""
    for line in lines:
        print(f"error: {line}", file=sys.stderr)
