"""Writes demonstration tables as Parquet and the truth as JSON: the same bytes for the same numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def write_table(frames: Iterable[pd.DataFrame], path: Path) -> int:
    """Writes one table, a row group per frame, zstd; returns its number of rows.

    A file is written beside the old one and swapped in whole.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    writer: pq.ParquetWriter | None = None
    rows = 0
    try:
        for frame in frames:
            table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
            if writer is None:
                writer = pq.ParquetWriter(unfinished, table.schema, compression="zstd", compression_level=12)
            writer.write_table(table.cast(writer.schema), row_group_size=max(len(frame), 1))
            rows += len(frame)
    except BaseException:
        if writer is not None:
            writer.close()
        unfinished.unlink(missing_ok=True)
        raise
    if writer is None:
        raise ValueError("frames: at least one frame, got none")
    writer.close()
    unfinished.replace(path)
    return rows


def write_truth(truth: dict[str, Any], path: Path) -> None:
    """Writes the truth as JSON, keys in their given order, one record per line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_json(truth, "") + "\n", encoding="utf-8")


def _json(value: Any, margin: str) -> str:
    """JSON text: mappings and lists of mappings over several lines, what holds only plain values on one."""
    deeper = margin + " "
    if isinstance(value, dict) and any(isinstance(item, dict | list | tuple) for item in value.values()):
        lines = [f"{deeper}{json.dumps(str(name))}: {_json(item, deeper)}" for name, item in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{margin}}}"
    if isinstance(value, list | tuple) and any(isinstance(item, dict | list | tuple) for item in value):
        return "[\n" + ",\n".join(deeper + _json(item, deeper) for item in value) + f"\n{margin}]"
    return json.dumps(value, ensure_ascii=False)
