"""What a notebook shows: a figure, a table, sentences or the head of a chapter, as data that the report can set."""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

MIME = "application/vnd.studie+json"
Certainty = Literal["zeker", "waarschijnlijk", "onzeker"]


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One computed Dutch sentence and how sure it is."""

    text: str
    certainty: str | None = None


@dataclass(frozen=True, kw_only=True)
class Formula:
    """Formula in TeX and the Dutch sentence that is read aloud in its place."""

    tex: str
    spoken: str


@dataclass(frozen=True, kw_only=True)
class Unavailable:
    """Stands where a result would, in a region with too little data to estimate it."""

    n: int = 0
    level: None = None

    def to_frame(self) -> pd.DataFrame:
        """No rows, with the six columns of every result."""
        empty = pd.DataFrame(columns=["quantity", "estimate", "lower", "upper", "n", "unit"])
        return empty.astype(dict.fromkeys(("estimate", "lower", "upper", "n"), float))


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found, what it means for policy and how sure it is."""

    finding: str
    meaning: str
    certainty: str


@dataclass(frozen=True, kw_only=True)
class KeyNumber:
    """One of the small numbers on the first page."""

    label: str
    value: str


class Reference(str):
    """Text of a cell that names a chapter: a report that holds the chapter prints its page and links to it.

    Attributes
    ----------
    chapter : str
        Name of the notebook.
    elsewhere : str
        Which other report holds it, for a report that does not.
    """

    chapter: str
    elsewhere: str

    def __new__(cls, text: str, *, chapter: str, elsewhere: str = "een ander rapport") -> Reference:
        """Text with the chapter behind it."""
        made = super().__new__(cls, text)
        made.chapter, made.elsewhere = chapter, elsewhere
        return made


@dataclass(frozen=True, kw_only=True)
class Column:
    """Head of a table's column; numbers stand right."""

    key: str
    label: str
    unit: str | None = None
    align: Literal["left", "right"] = "right"


@dataclass(frozen=True, kw_only=True)
class Table:
    """Table of texts in Dutch number format, and the tidy result frame behind it.

    Attributes
    ----------
    place : str
        Where it is about, in words, when that is not the region of the study.
    literature : str
        What its texts are taken from, when no data are behind them.
    """

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    frame: pd.DataFrame
    note: str | None = None
    place: str = ""
    literature: str = ""

    def to_item(self) -> dict[str, Any]:
        """Parts of the item that the table itself knows."""
        return {
            "kind": "table",
            "name": self.name,
            "caption": self.caption,
            "columns": [{"key": c.key, "label": c.label, "unit": c.unit, "align": c.align} for c in self.columns],
            "rows": [[str(text) for text in row] for row in self.rows],
            "references": [
                {"row": i, "column": k, "chapter": text.chapter, "elsewhere": text.elsewhere}
                for i, row in enumerate(self.rows)
                for k, text in enumerate(row)
                if isinstance(text, Reference)
            ],
            "note": self.note,
            "frame": frame_to_json(self.frame),
        }

    def to_html(self) -> str:
        """The same table for the notebook."""
        head = "".join(f"<th>{html.escape(c.label + (f' ({c.unit})' if c.unit else ''))}</th>" for c in self.columns)
        body = "".join(f"<tr>{''.join(self._cells(row))}</tr>" for row in self.rows)
        note = f"<p>{html.escape(self.note)}</p>" if self.note else ""
        caption = f"<caption>{html.escape(self.caption)}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"

    def _cells(self, row: Sequence[str]) -> list[str]:
        return [
            f'<td style="text-align:{column.align}">{html.escape(text)}</td>'
            for column, text in zip(self.columns, row, strict=True)
        ]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Drawing with its title, the words for who cannot see it, and the tidy result frame behind it."""

    name: str
    caption: str
    alt: str
    drawing: Drawing = field(repr=False)
    frame: pd.DataFrame = field(repr=False)

    def to_item(self) -> dict[str, Any]:
        """Parts of the item that the figure itself knows."""
        return {
            "kind": "figure",
            "name": self.name,
            "caption": self.caption,
            "alt": self.alt,
            "frame": frame_to_json(self.frame),
        }

    def to_svg(self) -> str:
        """Vector drawing without date or random names: the same figure gives the same bytes."""
        import matplotlib as mpl

        buffer = io.StringIO()
        with mpl.rc_context({"svg.hashsalt": "studie", "svg.fonttype": "path"}):
            self.drawing.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        return buffer.getvalue()


def frame_to_json(frame: pd.DataFrame) -> dict[str, Any]:
    """Frame as columns and rows of plain values; unknown is null."""
    plain = frame.astype(object).to_numpy()
    return {"columns": [str(c) for c in frame.columns], "data": [[_plain(v) for v in row] for row in plain]}


def _plain(value: Any) -> Any:
    """Value that JSON knows."""
    if value is None or isinstance(value, str | bool):
        return value
    if pd.isna(value):
        return None
    if hasattr(value, "item"):
        value = value.item()
    return value if isinstance(value, int | float | bool) else str(value)
