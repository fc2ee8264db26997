"""What the databank knows of a region's offer: observed and own rows, never demonstration rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from studie import regions
from studie.config import REFERENCE_DATE
from studie.data import catalogue

STATUS_WORDS = {"observed": "waargenomen", "own": "eigen"}
_OFFER_KEY = ["establishment_number", "work_form", "activity"]


@dataclass(frozen=True, kw_only=True)
class Known:
    """Rows of the four tables as the catalogue gives them, with `data_status` and `source`.

    Attributes
    ----------
    enterprise, establishment, offer, offer_target_group : DataFrame
        Rows of the whole province.
    refnis : tuple of int
        Municipalities of the region.
    registers : mapping of str to DataFrame
        Rows of the registers by their table, in a workbook of registers.
    """

    enterprise: pd.DataFrame
    establishment: pd.DataFrame
    offer: pd.DataFrame
    offer_target_group: pd.DataFrame
    refnis: tuple[int, ...]
    registers: Mapping[str, pd.DataFrame] = field(default_factory=lambda: MappingProxyType({}))

    def table(self, name: str) -> pd.DataFrame:
        """Rows of a table by its name."""
        frame: pd.DataFrame = self.registers[name] if name in self.registers else getattr(self, name)
        return frame

    @property
    def local(self) -> Known:
        """The same for the region only, the offer at its last date, in a fixed order."""
        here = self.establishment[present_refnis(self.establishment["refnis"]).isin(self.refnis)]
        numbers = set(here["establishment_number"])
        offer = self.offer[self.offer["establishment_number"].isin(numbers)]
        last = offer.sort_values([*_OFFER_KEY, "date"]).drop_duplicates(_OFFER_KEY, keep="last")
        bridge = self.offer_target_group
        return Known(
            enterprise=self.enterprise[
                self.enterprise["enterprise_number"].isin(set(here["enterprise_number"]))
            ].sort_values("enterprise_number"),
            establishment=here.sort_values("establishment_number"),
            offer=last,
            offer_target_group=bridge[bridge["establishment_number"].isin(numbers)].sort_values(
                [*_OFFER_KEY, "target_group"]
            ),
            refnis=self.refnis,
            registers=self.registers,
        )


def known(area: regions.Region) -> Known:
    """What is observed or the user's own about the offer.

    Raises
    ------
    InputError
        If one of the tables cannot be read.
    """
    names = ("enterprise", "establishment", "offer", "offer_target_group")
    enterprise, establishment, offer, offer_target_group = (catalogue.read(n, data="own").frame for n in names)
    return Known(
        enterprise=enterprise,
        establishment=establishment,
        offer=offer,
        offer_target_group=offer_target_group,
        refnis=area.refnis,
    )


def present_refnis(refnis: pd.Series) -> pd.Series:
    """Municipality of the reference date that holds each municipality of any vintage; missing outside the province."""
    successors: dict[int, object] = {}
    for date in ("2018-12-31", "2024-12-31"):
        table = regions.crosswalk(from_date=date, to_date=REFERENCE_DATE)
        successors |= dict(zip(table["refnis_from"], table["refnis_to"], strict=True))
    present = {int(code): int(code) for code in regions.municipalities(date=REFERENCE_DATE)["refnis"]}
    return refnis.map(successors | present).astype("Int64")


def origin(row: pd.Series) -> str:
    """Where a row comes from, in Dutch."""
    return f"{STATUS_WORDS[str(row['data_status'])]}: {row['source']}"
