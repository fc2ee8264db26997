"""What an importer hands over: rows that pass their contract, and every other record with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from studie.data import contracts
from studie.errors import InputError

REJECTED = ("file", "row", "column", "rule", "value")
_SHOWN = 60  # characters of a value that a message repeats


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the user says beside the path of a file.

    Attributes
    ----------
    region, sector : str
        Code of the region and name of the sector that the file is about, where the file does not say so itself.
    mapping : mapping
        Content of a mapping file, checked by the importer that uses it.
    date : str
        Day on which the file was made (YYYY-MM-DD), where it does not say so itself.
    """

    region: str = ""
    sector: str = ""
    mapping: Mapping[str, object] = field(default_factory=dict)
    date: str = ""


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Content of one source file: every record is in a table or listed with its reason.

    Attributes
    ----------
    tables : dict of str to DataFrame
        Rows per contract table, in the types of the contract.
    read, taken : int
        Records of the source in all, and those of which every value landed in `tables` [count].
    rejected : DataFrame
        Columns `file, row, column, rule, value`: one row per record that was not taken; `row` counts as a spreadsheet
        or text editor does.
    notes : tuple of str
        What the user should know beside, one line each.
    origins : dict of str to DataFrame
        Per table, where each row of it gives back one record: columns `file, row`, in the order of the table. A table
        whose rows are sums over records has none.
    """

    tables: dict[str, pd.DataFrame]
    read: int
    taken: int
    rejected: pd.DataFrame
    notes: tuple[str, ...] = ()
    origins: dict[str, pd.DataFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.read != self.taken + len(self.rejected):
            raise AssertionError(f"{self.read} rows read, {self.taken} taken and {len(self.rejected)} rejected")

    @property
    def closing_line(self) -> str:
        """The sum that an import ends with."""
        return f"{self.read} rows read = {self.taken} taken + {len(self.rejected)} rejected"


class Rejections:
    """Records that are not taken; several reasons of one record become one row."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int], list[tuple[str, str, str]]] = {}

    def __len__(self) -> int:
        return len(self._found)

    def add(self, file: str, row: int, *, column: str, rule: str, value: object = "") -> None:
        """Note why a record is not taken."""
        self._found.setdefault((file, row), []).append((column, rule, shown(value)))

    def has(self, file: str, row: int) -> bool:
        """Whether a record is rejected already."""
        return (file, row) in self._found

    def to_frame(self) -> pd.DataFrame:
        """One row per record, in order of file and row."""
        rows = [
            (file, row, *("; ".join(dict.fromkeys(part)) for part in zip(*reasons, strict=True)))
            for (file, row), reasons in sorted(self._found.items())
        ]
        return pd.DataFrame(rows, columns=list(REJECTED)).astype({"row": "int64"})


def shown(value: object) -> str:
    """A value as a message repeats it: one line, not too long, '' for nothing."""
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return ""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value))
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def lines(rejected: pd.DataFrame) -> list[str]:
    """Rejected records as lines that a user can act on."""
    return [_line(*(str(part) for part in record)) for record in rejected[list(REJECTED)].itertuples(index=False)]


def _line(file: str, row: str, column: str, rule: str, value: str) -> str:
    """One rejected record as one line."""
    where = f", column {column}" if column else ""
    got = f", got {value!r}" if value else ""
    return f"{file}: row {row}{where}: {rule}{got}"


def take(frame: pd.DataFrame, table: str, *, file: str, rows: pd.Series, into: Rejections) -> pd.DataFrame:
    """Rows that pass the contract of a table; the others are noted.

    Parameters
    ----------
    frame : DataFrame
        Candidate rows with the contract's columns, as text or typed; a column with a default may be absent.
    table : str
        Name of a contract.
    file : str
        Name of the file in messages.
    rows : Series of int
        Row in the source of each candidate, in the order of `frame`; several candidates may share one.
    into : Rejections
        Receives the failing records.

    Returns
    -------
    DataFrame
        Rows in the types of the contract, in their order, with a fresh index. If a record gave several candidates
        and one of them fails, all are left out. Of rows that repeat another row the first stands; rows with one key
        and different content are all left out.

    Raises
    ------
    InputError
        If a column is missing or not in the contract: that is a fault of the file, not of a row.
    """
    source = rows.reset_index(drop=True)
    candidates = frame.reset_index(drop=True)
    wrong = contracts.wrong_cells(candidates, table, where=file)
    for position, column, rule, value in wrong:
        into.add(file, int(source.iloc[position]), column=column, rule=rule, value=value)
    _note_repeats(candidates, table, file=file, source=source, into=into)
    kept = [not into.has(file, int(row)) for row in source]
    good = candidates[kept].reset_index(drop=True)
    return contracts.validate(good, table, where=file) if len(good) else contracts.empty(table)


def _note_repeats(candidates: pd.DataFrame, table: str, *, file: str, source: pd.Series, into: Rejections) -> None:
    """Reject repeated rows, and all rows of a key that has several contents."""
    rules = contracts.contract(table)
    sound = candidates[[not into.has(file, int(row)) for row in source]]
    key = [name for name in rules.key if name in sound]
    for _, group in sound[sound.duplicated(key, keep=False)].groupby(key, sort=False, dropna=False):
        same = len(group.drop_duplicates()) == 1
        first = int(source[group.index[0]])
        for position in group.index[1 if same else 0 :]:
            rule = f"repeats row {first}" if same else f"another row of the same {', '.join(rules.key)} says otherwise"
            into.add(file, int(source[position]), column="", rule=rule)


def must_hold_rows(frame: pd.DataFrame, *, file: str) -> None:
    """Refuse a file with nothing but a header."""
    if frame.empty:
        raise InputError(f"{file}: must hold at least one row, got only a header")
