"""Which kinds of report there are, and which chapters are a report by themselves."""

from __future__ import annotations

from typing import Literal

Kind = Literal["Regionaal rapport", "Strategische studie", "Gemeentefiche", "Gespreksfiche"]
KINDS: tuple[Kind, ...] = ("Regionaal rapport", "Strategische studie", "Gemeentefiche", "Gespreksfiche")
FICHES: dict[str, Kind] = {"05-gemeentefiche": "Gemeentefiche", "45-gespreksfiche": "Gespreksfiche"}
MOST_PAGES = {"Gemeentefiche": 4, "Gespreksfiche": 2}  # of a report without cover, contents and annexes
