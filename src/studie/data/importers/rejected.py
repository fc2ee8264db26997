"""List of the records that an import did not take, as a file beside the user's own tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from studie.data.importers.intake import REJECTED

MOST_LINES = 1_000_000  # a spreadsheet holds 1,048,576 rows
_CHUNK = 200_000  # records turned into text at a time
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


def write_rejected(rejected: pd.DataFrame, *, name: str, folder: Path) -> Path | None:
    """Write the list of an import, in place of that of an earlier import of the same name.

    Parameters
    ----------
    rejected : DataFrame
        As of `Intake`.
    name : str
        Name of the import.
    folder : Path
        Folder of the lists.

    Returns
    -------
    Path or None
        A CSV file, or a Parquet file where a spreadsheet could not open the list; None if nothing was rejected.
    """
    csv, parquet = (folder / f"{_file_name(name)}.{kind}" for kind in ("csv", "parquet"))
    path = None if rejected.empty else csv if len(rejected) <= MOST_LINES else parquet
    if path is not None:
        folder.mkdir(exist_ok=True)
        unfinished = path.with_name(f"{path.name}.unfinished")
        inert_list = _inert_list(rejected[list(REJECTED)])
        if path == csv:
            _write_csv(inert_list, unfinished)
        else:
            inert_list.to_parquet(unfinished, index=False, compression="zstd")
        unfinished.replace(path)
    for other in (csv, parquet):
        if other != path:
            other.unlink(missing_ok=True)
    return path


def _inert_list(rejected: pd.DataFrame) -> pd.DataFrame:
    """The list with texts that no spreadsheet runs; each distinct one is looked at once."""
    return pd.DataFrame({name: _inert_column(rejected[name]) for name in REJECTED})


def _inert_column(texts: pd.Series) -> pd.Series:
    """One column of the list."""
    if texts.dtype != object and not isinstance(texts.dtype, pd.CategoricalDtype):
        return texts
    words = texts.astype("category")
    distinct = np.array([inert(str(word)) for word in words.cat.categories], dtype=object)
    codes: Any
    codes, kept = pd.factorize(distinct)
    return pd.Series(
        pd.Categorical.from_codes(codes[words.cat.codes.to_numpy()], categories=pd.Index(kept)), index=texts.index
    )


def _write_csv(rejected: pd.DataFrame, path: Path) -> None:
    """The list as a file that spreadsheets open as UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        for start in range(0, len(rejected), _CHUNK):
            part = rejected.iloc[start : start + _CHUNK]
            part.to_csv(handle, index=False, header=start == 0, lineterminator="\n")


def _file_name(name: str) -> str:
    """A name that is safe as a file's."""
    return re.sub(r"[^\w.-]+", "-", name).strip(".-") or "import"


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
