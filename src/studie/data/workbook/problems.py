"""What is wrong with a workbook, cell by cell, in Dutch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One wrong cell, or a fault of a whole sheet.

    Attributes
    ----------
    sheet, cell : str
        Name of the sheet, and the cell as Excel calls it (`C14`); '' for the whole sheet.
    row : int
        Row as Excel counts; 0 for the whole sheet.
    column : str
        Header of the column without its mark; '' for a whole row or sheet.
    rule, value : str
        What must stand there, in Dutch, and what stands there; '' for nothing.
    """

    sheet: str
    cell: str
    row: int
    column: str
    rule: str
    value: str

    @property
    def text(self) -> str:
        """One line: place, column, rule, and what stands there."""
        place = f"{self.sheet}!{self.cell}" if self.cell else self.sheet
        column = f" ({self.column})" if self.column else ""
        got = f"; er staat '{self.value}'" if self.value else ""
        return f"{place}{column}: {self.rule}{got}"


class WrongCellError(Exception):
    """A cell that cannot be read; the text is the rule that it breaks, in Dutch."""
