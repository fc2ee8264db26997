"""What earlier publications stated about counts of persons: `reports/ledger.csv`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from studie.config import project_root
from studie.disclosure import ledger
from studie.disclosure.registry import Registry
from studie.errors import InputError
from studie.inputs import record


def path() -> Path:
    """File of the ledger."""
    return project_root() / "reports" / "ledger.csv"


def read_ledger() -> pd.DataFrame:
    """Cells of every earlier publication; empty before the first.

    Raises
    ------
    InputError
        If the file is no ledger.
    """
    record.note_file(path(), root=project_root())
    if not path().is_file():
        return ledger.empty()
    try:
        found = pd.read_csv(path(), dtype={"publication": str, "date": str, "key": str, "cell_status": str})
        return found[ledger.COLUMNS].astype({"estimate": "Float64"})
    except (KeyError, ValueError) as error:
        raise InputError(f"reports/ledger.csv: needs columns {', '.join(ledger.COLUMNS)}, got {error}") from error


def add_publication(cells: Registry, *, publication: str, on: date) -> None:
    """Write the cells of a new publication into the ledger.

    Raises
    ------
    InputError
        If a publication of that name is there already.
    """
    longer = ledger.appended(read_ledger(), cells, publication=publication, on=on)
    path().parent.mkdir(parents=True, exist_ok=True)
    scratch = path().with_suffix(".new")
    longer.to_csv(scratch, index=False)
    scratch.replace(path())
