"""Result tables behind the figures and tables of an executed notebook, as Parquet and CSV."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

MIME = "application/vnd.studie+json"
WITH_FRAME = ("table", "figure")
# A spreadsheet would run a text that starts so as a formula.
FORMULA = re.compile(r"^[=+\-@\t\r]")


def items(node: Any) -> Iterator[dict[str, Any]]:
    """What the study showed in a notebook, in reading order."""
    for cell in node["cells"]:
        for output in cell.get("outputs", []):
            item = output.get("data", {}).get(MIME)
            if isinstance(item, dict):
                yield item


def data_status(node: Any) -> set[str]:
    """Statuses of the data that a notebook's items rest on."""
    found: set[str] = set()
    for item in items(node):
        status = item.get("data_status") or []
        found.update([status] if isinstance(status, str) else status)
    return found


def frames(node: Any) -> dict[str, pd.DataFrame]:
    """Frame by name; the same frame shown twice counts once, another frame of the same name gets a number."""
    found: dict[str, pd.DataFrame] = {}
    for item in items(node):
        if item.get("kind") not in WITH_FRAME or not item.get("frame"):
            continue
        frame = pd.DataFrame(item["frame"]["data"], columns=item["frame"]["columns"])
        name = file_name(str(item.get("name") or item["kind"]))
        number = 1
        key = name
        while key in found and not found[key].equals(frame):
            number += 1
            key = f"{name}-{number}"
        found[key] = frame
    return found


def file_name(name: str) -> str:
    """A name that is safe as a file's on every system."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "result"


def write_results(node: Any, folder: Path) -> list[str]:
    """Write every frame as `<name>.parquet` and `<name>.csv`; returns the names."""
    found = frames(node)
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in found.items():
        _one_type_per_column(frame).to_parquet(folder / f"{name}.parquet", index=False)
        spreadsheet_safe(frame).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    return sorted(found)


def spreadsheet_safe(frame: pd.DataFrame) -> pd.DataFrame:
    """Frame whose texts cannot run as a formula: those that start with = + - @ get an apostrophe in front."""
    safe = frame.rename(columns=_defused)
    for column in safe.select_dtypes(["object", "string"]).columns:
        safe[column] = safe[column].map(_defused)
    return safe


def _defused(value: Any) -> Any:
    """A text with an apostrophe in front when it would run; anything else as it is."""
    if not isinstance(value, str):
        return value
    one_break = value.replace("\r\n", "\n").replace("\r", "\n")  # a bare return would split the row
    return f"'{one_break}" if FORMULA.match(value) else one_break


def _one_type_per_column(frame: pd.DataFrame) -> pd.DataFrame:
    """Frame that Parquet can hold: a column of mixed values becomes text, a missing value stays missing."""
    typed = frame.copy()
    for column in typed.columns:
        if pd.api.types.infer_dtype(typed[column], skipna=True).startswith("mixed"):
            typed[column] = typed[column].map(str, na_action="ignore")
    return typed
