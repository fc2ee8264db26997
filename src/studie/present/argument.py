"""What the chapters found about one area, as far as it may be printed, and how clearly it differs from the province."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pandas as pd

from studie.present import cells
from studie.present.display import Unavailable
from studie.present.wording.ladder import probability_below
from studie.present.wording.places import CLEAR, LEAST_DIFFERENCE
from studie.regions import Region

MONTHS = 12


@dataclass(frozen=True, kw_only=True)
class Area:
    """One area in the argument.

    Attributes
    ----------
    region : Region
    relapse, by_support, lasting, gaps : DataFrame
        Printable frames of what happens after a step up, and of the faces of a blind spot.
    shortfall : places.gaps.RegionalGaps or Unavailable
        How the shares of the region lie beside those of the province.
    demand : demand.outlook.RegionalDemand or Unavailable
    potential : demand.carving.CarvingPotential or Unavailable
    """

    region: Region
    relapse: pd.DataFrame
    by_support: pd.DataFrame
    lasting: pd.DataFrame
    gaps: pd.DataFrame
    shortfall: Any
    demand: Any
    potential: Any

    @property
    def need(self) -> Any:
        """Persons in need."""
        return self._gap("need", "need")

    @property
    def shortage(self) -> Any:
        """Share of the need without a place."""
        return self._gap("volume", "gap share")

    def after(self, frame: pd.DataFrame, quantity: str) -> Any:
        """Share at twelve months after a step up."""
        if "time" not in frame:
            return cells.ABSENT
        rows = frame[(frame["quantity"] == quantity) & ((frame["time"] - MONTHS).abs() < 1e-6)]
        return rows.iloc[0] if len(rows) else cells.ABSENT

    @property
    def fallen(self) -> Any:
        """Share that falls back within twelve months of a step up."""
        return self.after(self.relapse, "relapse")

    @property
    def lasted(self) -> Any:
        """Share of the steps up that lasts twelve months."""
        return self.after(self.lasting, "lasting")

    def _gap(self, face: str, quantity: str) -> Any:
        known = "face" in self.gaps
        return cells.row(self.gaps.set_index(["face", "quantity"]), (face, quantity)) if known else cells.ABSENT


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """Areas beside each other: what holds people back, where sectors have room, where places lack.

    Attributes
    ----------
    whole : Area
        The province.
    areas : tuple of Area
        Its arrondissements and confirmed working areas.
    room : strategy.room.Room or Unavailable
        Vacancies per hundred persons in need, by code of the region.
    level : float
        Coverage of the shares after a step up, in (0, 1).
    """

    whole: Area
    areas: tuple[Area, ...]
    room: Any
    level: float

    def within(self, level: str) -> list[Area]:
        """Areas of one level of regions."""
        return [area for area in self.areas if area.region.level == level]

    def chance(self, area: Area, theme: str) -> float | None:
        """Share of draws in which an area has more of a theme than the province; none where that is not known.

        Relapse is compared by its intervals as if area and province were independent, which errs to the cautious side.
        """
        if theme == "relapse":
            here, there = area.fallen, self.whole.fallen
            told = here.cell_status == there.cell_status == "published"
            return 1 - probability_below(here, there, level=self.level) if told else None
        if area.need.cell_status != "published":
            return None
        if theme == "room":
            return None if isinstance(self.room, Unavailable) else _known(self.room.table["more"].get(area.region.code))
        if area.shortage.cell_status != "published":
            return None
        row = area.shortfall.table.loc[("volume", "gap share")]
        return 0.5 if abs(row["estimate"] - row["whole"]) < LEAST_DIFFERENCE else _known(row["worse"])

    def more(self, area: Area, *themes: str) -> bool:
        """Whether an area clearly has more of every theme."""
        return all((chance := self.chance(area, theme)) is not None and chance >= CLEAR for theme in themes)

    def ratio(self, area: Area) -> Any:
        """Vacancies per hundred persons in need; hidden where the persons are."""
        if isinstance(self.room, Unavailable) or area.region.code not in self.room.table.index:
            return cells.ABSENT
        found = self.room.table.loc[area.region.code, ["estimate", "lower", "upper"]]
        hidden = area.need.cell_status != "published"
        status = "suppressed" if hidden else "missing" if found.isna().any() else "published"
        return SimpleNamespace(**(dict.fromkeys(found.index) if hidden else found.to_dict()), cell_status=status)


def _known(value: Any) -> float | None:
    """Number, none where it is missing."""
    return None if value is None or pd.isna(value) else float(value)


def crossing(areas: Sequence[Area], room: Any, *, level: float) -> Crossing:
    """Areas beside the first of them, which is the whole."""
    return Crossing(whole=areas[0], areas=tuple(areas[1:]), room=room, level=level)
