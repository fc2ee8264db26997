"""What is filled in by hand: each register with its rows, its last day and who fills it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.data.definitions import CONTRACTS
from studie.errors import InputError

REGISTERS = (
    "subsidy_scheme", "application", "project", "loan", "tender", "task", "training", "mentorship", "event",
    "prize_candidate", "signal", "pledge", "action", "annual_account",
)  # fmt: skip
_DAYS = ("date", "checked_on", "year")


@dataclass(frozen=True, kw_only=True)
class Registers:
    """The registers, one row each.

    Attributes
    ----------
    registers : DataFrame, index table
        `title`; `rows` [count]; `data_status`: statuses of its rows joined by `+`, '' without any; `last`: last day or
        year that a row is about, '' where none says; `holders`: tuple of who fills it in.
    n : int
        Registers [count].
    """

    registers: pd.DataFrame
    n: int
    level: None = None

    @property
    def empty(self) -> list[str]:
        """Titles of the registers without a row."""
        return [str(title) for title in self.registers.loc[self.registers["rows"] == 0, "title"]]

    @property
    def only_demonstration(self) -> list[str]:
        """Titles of the registers with demonstration rows alone."""
        return [str(t) for t in self.registers.loc[self.registers["data_status"] == "demonstration", "title"]]

    @property
    def uses(self) -> list[str]:
        """Registers with rows, and the list of who is asked."""
        return ["data_request", *self.registers.index[self.registers["rows"] > 0]]

    def to_frame(self) -> pd.DataFrame:
        """Keys `table, data_status, last`, then the six columns of every result."""
        rows = self.registers.reset_index()
        return rows[["table", "data_status", "last"]].assign(
            quantity="rows", estimate=rows["rows"].astype(float), lower=np.nan, upper=np.nan, n=np.nan, unit="rows"
        )


def registers(frames: Mapping[str, pd.DataFrame], data_request: pd.DataFrame) -> Registers:
    """How far each register is filled in.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Rows of the tables in `REGISTERS`, each with `data_status`.
    data_request : DataFrame
        Rows of the table `data_request`: who holds what.

    Raises
    ------
    InputError
        If a register is missing.
    """
    missing = [name for name in REGISTERS if name not in frames]
    if missing:
        raise InputError(f"frames: must hold every register, got none named {', '.join(missing)}")
    asked = data_request.groupby("table")["holder"].unique()
    rows = [
        {
            "table": name,
            "title": CONTRACTS[name].title,
            "rows": len(frames[name]),
            "data_status": "+".join(sorted(set(frames[name]["data_status"]))),
            "last": _last(frames[name]),
            "holders": tuple(map(str, asked.get(name, ()))),
        }
        for name in REGISTERS
    ]
    return Registers(registers=pd.DataFrame(rows).set_index("table"), n=len(rows))


def _last(frame: pd.DataFrame) -> str:
    """Last day or year of the rows; '' where none says."""
    column = next((name for name in _DAYS if name in frame), "")
    told = frame[column].dropna().astype(str) if column else pd.Series(dtype=str)
    return max((text[:10] for text in told if text), default="")
