"""Words that a coordinator can choose from: municipalities of the region, work forms, activities, target groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from studie import regions
from studie.config import REFERENCE_DATE
from studie.data import catalogue
from studie.data.contracts import VINTAGE_DATES
from studie.data.workbook import layout
from studie.data.workbook.known import Known

FORMS = ("lokaal bestuur", "maatwerkbedrijf", "AMA-initiatief", "reguliere onderneming")
ACTIVITIES = (
    "administratie", "afbraak en sortering", "atelierwerk", "dierenverzorging", "fietsherstelling", "groenonderhoud",
    "horeca", "keukenhulp", "kringloop", "magazijnwerk", "montage", "schoonmaak", "sociaal restaurant", "verpakking",
    "vervoer", "wassen en strijken", "werfondersteuning", "winkel", "zorgondersteuning",
)  # fmt: skip
TARGET_GROUPS = ("langdurig werkzoekend", "arbeidsbeperking", "psychische kwetsbaarheid", "leefloon", "nieuwkomer")


@dataclass(frozen=True, kw_only=True)
class WorkForm:
    """A work form: its code, what the drop-down says, and how long it exists (ISO days, '' for open)."""

    code: str
    label: str
    valid_from: str
    valid_to: str
    closed: bool  # nobody works in it after the last day; otherwise only newcomers are refused

    def exists(self, day: str) -> bool:
        """Whether people can work in it on a day."""
        return self.valid_from <= day and not (self.closed and self.valid_to and day > self.valid_to)


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """Words of one region.

    Attributes
    ----------
    municipalities : mapping of str to int
        Name and NIS code of the municipalities of the region.
    merged : mapping of str to str
        Names that no longer exist, with the municipality that holds them now; '' outside the province.
    regions : mapping of str to str
        Name and code of every area of the province, those that no longer exist among them.
    work_forms : mapping of str to WorkForm
        By code.
    forms, activities, target_groups : tuple of str
        Kinds of enterprise, activities and target groups, ours and those that the databank holds already.
    """

    municipalities: Mapping[str, int]
    merged: Mapping[str, str]
    regions: Mapping[str, str]
    work_forms: Mapping[str, WorkForm]
    forms: tuple[str, ...]
    activities: tuple[str, ...]
    target_groups: tuple[str, ...]

    def choices(self, *, day: str) -> dict[str, tuple[str, ...]]:
        """Content of each drop-down whose words are fixed when the workbook is written on a day."""
        return {
            "soorten": self.forms,
            "gemeenten": tuple(self.municipalities),
            "nace_versies": layout.NACE_VERSIONS,
            "werkvormen": tuple(form.label for form in self.work_forms.values() if form.exists(day)),
            "activiteiten": self.activities,
            "hoe_bekend": tuple(layout.STATUSES.values()),
            "ja_nee": layout.YES_NO,
        }


def vocabulary(area: regions.Region, facts: Known) -> Vocabulary:
    """Words of a region, from the reference tables and from what the databank knows already.

    Raises
    ------
    InputError
        If the table of work forms cannot be read.
    """
    names = regions.municipalities(date=area.date).set_index("refnis")["name_nl"]
    return Vocabulary(
        municipalities=dict(sorted((str(names[refnis]), refnis) for refnis in area.refnis)),
        merged=_merged(names),
        regions={area.title: area.code for date in VINTAGE_DATES for area in regions.regions(date=date)},
        work_forms=_work_forms(),
        forms=_joined(FORMS, facts.enterprise["form"]),
        activities=tuple(sorted(_joined(ACTIVITIES, facts.offer["activity"]), key=str.casefold)),
        target_groups=_joined(TARGET_GROUPS, facts.offer_target_group["target_group"]),
    )


def _joined(ours: tuple[str, ...], found: pd.Series) -> tuple[str, ...]:
    """Our words, then others that are in use."""
    return (*ours, *sorted(set(map(str, found)) - set(ours)))


def _merged(present: pd.Series) -> dict[str, str]:
    """Municipalities of 2018 and 2024 that no longer exist, with their successor."""
    found: dict[str, str] = {}
    for date in ("2018-12-31", "2024-12-31"):
        before = regions.municipalities(date=date).set_index("refnis")["name_nl"]
        to = regions.crosswalk(from_date=date, to_date=REFERENCE_DATE).set_index("refnis_from")["refnis_to"]
        for refnis in set(before.index) - set(present.index):
            found[str(before[refnis])] = "" if pd.isna(to[refnis]) else str(present[to[refnis]])
    return found


def _work_forms() -> dict[str, WorkForm]:
    """Work forms of the reference table, with a label short enough for a drop-down."""
    found = {}
    for row in catalogue.read("work_form", data="own").frame.itertuples(index=False):
        code = str(row.work_form)
        short = str(row.name).split(" (")[0].partition(": ")[0]
        found[code] = WorkForm(
            code=code,
            label=f"{code}{layout.LABEL_MARK}{short}",
            valid_from=str(row.valid_from),
            valid_to=str(row.valid_to),
            closed=row.valid_to_scope == "alle",
        )
    return found
