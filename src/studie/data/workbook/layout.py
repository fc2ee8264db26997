"""What stands where in the workbook: sheets and columns, their Dutch names and explanations, and their lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

LAYOUT = 1  # renewed with every change that makes an older workbook unreadable
HEADER_ROW = 3
FIRST_ROW = 4
INPUT_ROWS = 5000  # rows with drop-downs
LAST_ROW = FIRST_ROW + INPUT_ROWS - 1
MOST_COUNT = 99_999  # more places, persons or VTE in one row is a slip of the paste
UNKNOWN = "onbekend"
REQUIRED_MARK = " *"
LABEL_MARK = " – "  # between a code and its name in a drop-down

README = "Lees mij"
LISTS = "Lijsten"
ERRORS = "Fouten"
ORIGIN = "Herkomst"
LAYOUT_CELL = "werkboek_indeling"
REGION_CELL = "werkboek_gebied"
DATE_CELL = "werkboek_datum"
GROUPS = "doelgroepen"
GROUPS_RANGE = "werkboek_doelgroepen"

Kind = Literal[
    "enterprise", "establishment", "text", "committee", "municipality", "choice", "activity", "nace", "count", "amount",
    "day", "yes_no", "any_day", "balance", "code", "euro", "long_text", "region", "share", "year",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column to fill in.

    Attributes
    ----------
    name, header : str
        Column of the contract, and its Dutch name in the header.
    kind : Kind
        How a cell is read.
    about : str
        Explanation in Dutch: note at the header and prompt at the cell.
    width : float
        Width of the column [characters].
    required : bool
        Whether every row must hold a value.
    choices : str
        Column of the sheet with lists that the drop-down shows; '' for none.
    options : tuple of str
        Words of a closed list that is the same in every workbook.
    unknown : str
        What the word `onbekend` is stored as; '' for nothing at all.
    locked : bool
        Whether the column only shows what is known and is never read.
    """

    name: str
    header: str
    kind: Kind
    about: str
    width: float
    required: bool = False
    choices: str = ""
    options: tuple[str, ...] = ()
    unknown: str = ""
    locked: bool = False

    @property
    def title(self) -> str:
        """Header as it is written."""
        return f"{self.header}{REQUIRED_MARK}" if self.required else self.header


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet to fill in.

    Attributes
    ----------
    name, table : str
        Dutch name, and the contract table of its rows.
    parent : str
        Sheet that must be sound before rows of this one are taken; '' for none.
    key : tuple of str
        Fields that two rows may not share.
    about : str
        One line under the title.
    fields : tuple of Field
        Columns from the left; the origin of a row stands to the right of them.
    closed : bool
        Whether rows may be changed but none added.
    """

    name: str
    table: str
    parent: str
    key: tuple[str, ...]
    about: str
    fields: tuple[Field, ...]
    closed: bool = False

    def field(self, name: str) -> Field:
        """Column by its name in the contract."""
        return next(f for f in self.fields if f.name == name)

    def column(self, name: str) -> int:
        """Position of a column as it is written, 1 for A."""
        return 1 + [f.name for f in self.fields].index(name)


STATUSES = {"counted": "geteld", "estimated": "geschat", "unknown": UNKNOWN}
YES_NO = ("ja", "nee", UNKNOWN)
NACE_VERSIONS = ("2025", "2008", "2003")

_ESTABLISHMENT = Field(
    name="establishment_number",
    header="Vestiging",
    kind="establishment",
    about="Kies de vestiging. De lijst toont wat op het blad Vestigingen staat: vul dat blad eerst in.",
    width=40,
    required=True,
    choices="vestigingen",
)
_WORK_FORM = Field(
    name="work_form",
    header="Werkvorm",
    kind="choice",
    about="Kies de werkvorm. De lijst toont alleen werkvormen die vandaag nog bestaan.",
    width=36,
    required=True,
    choices="werkvormen",
)
_ACTIVITY = Field(
    name="activity",
    header="Activiteit",
    kind="activity",
    about="Kies wat mensen er doen. Staat het er niet bij? Typ dan zelf één of twee woorden.",
    width=24,
    required=True,
    choices="activiteiten",
)
_COUNTED = "Leeg of 'onbekend': u weet het niet. 0: er zijn er zeker geen. Dat is niet hetzelfde."

ENTERPRISES = Sheet(
    name="Ondernemingen",
    table="enterprise",
    parent="",
    key=("enterprise_number",),
    about="Elke onderneming of organisatie die plaatsen aanbiedt: één rij.",
    fields=(
        Field(
            name="enterprise_number",
            header="Ondernemingsnummer",
            kind="enterprise",
            about="Nummer in de Kruispuntbank (KBO): tien cijfers, zoals 0207.725.795. U vindt het in "
            "KBO Public Search.",
            width=22,
            required=True,
        ),
        Field(name="name", header="Naam", kind="text", about="Naam van de onderneming.", width=44, required=True),
        Field(
            name="form",
            header="Soort",
            kind="choice",
            about="Kies wat voor onderneming het is.",
            width=26,
            required=True,
            choices="soorten",
        ),
        Field(
            name="joint_committee",
            header="Paritair comité",
            kind="committee",
            about="Nummer van het paritair comité, zoals 327.01. Mag leeg blijven.",
            width=16,
        ),
    ),
)
ESTABLISHMENTS = Sheet(
    name="Vestigingen",
    table="establishment",
    parent="Ondernemingen",
    key=("establishment_number",),
    about="Elke plek in het gebied waar gewerkt wordt: één rij.",
    fields=(
        Field(
            name="establishment_number",
            header="Vestigingsnummer",
            kind="establishment",
            about="Nummer van de vestiging in de Kruispuntbank (KBO): tien cijfers, zoals 2.000.000.339. "
            "Het is een ander nummer dan dat van de onderneming.",
            width=20,
            required=True,
        ),
        Field(
            name="enterprise_number",
            header="Onderneming",
            kind="enterprise",
            about="Kies de onderneming. De lijst toont wat op het blad Ondernemingen staat: vul dat blad eerst in.",
            width=44,
            required=True,
            choices="ondernemingen",
        ),
        Field(name="name", header="Naam", kind="text", about="Naam van de vestiging.", width=36, required=True),
        Field(
            name="refnis",
            header="Gemeente",
            kind="municipality",
            about="Kies de gemeente waar de vestiging ligt.",
            width=24,
            required=True,
            choices="gemeenten",
        ),
        Field(
            name="nace_code",
            header="NACE-code",
            kind="nace",
            about="Code van de hoofdactiviteit: twee tot vijf cijfers. Een maatwerkbedrijf is 88995 in versie 2008 "
            "en 88993 in versie 2025. Mag leeg blijven.",
            width=12,
        ),
        Field(
            name="nace_version",
            header="NACE-versie",
            kind="choice",
            about="Versie van de NACE-code. Kies ze wanneer u een code invult.",
            width=12,
            choices="nace_versies",
        ),
    ),
)
OFFER = Sheet(
    name="Aanbod",
    table="offer",
    parent="Vestigingen",
    key=("establishment_number", "work_form", "activity", "date"),
    about="Eén rij per vestiging, werkvorm en activiteit. Telt u opnieuw? Pas de peildatum en de cijfers aan.",
    fields=(
        _ESTABLISHMENT,
        _WORK_FORM,
        _ACTIVITY,
        Field(
            name="date",
            header="Peildatum",
            kind="day",
            about="Dag waarop uw cijfers gelden, zoals 31/12/2026. Niet in de toekomst.",
            width=13,
            required=True,
        ),
        Field(
            name="places",
            header="Plaatsen",
            kind="count",
            about=f"Hoeveel plaatsen er zijn, bezet of vrij. Een plaats is ruimte voor één persoon. {_COUNTED}",
            width=11,
        ),
        Field(
            name="filled_persons",
            header="Bezet: personen",
            kind="count",
            about=f"Hoeveel mensen er op de peildatum werken. {_COUNTED}",
            width=11,
        ),
        Field(
            name="filled_vte",
            header="Bezet: VTE",
            kind="amount",
            about=f"Dezelfde mensen in voltijdsequivalenten: wie halftijds werkt, telt voor 0,5. {_COUNTED}",
            width=11,
        ),
        Field(
            name="status",
            header="Hoe bekend",
            kind="choice",
            about="geteld: u hebt het nageteld of het staat in een register. geschat: u weet het ongeveer. "
            "onbekend: u weet het niet; laat de cijfers dan leeg.",
            width=13,
            choices="hoe_bekend",
            unknown="unknown",
        ),
    ),
)
TARGET_GROUPS = Sheet(
    name="Doelgroepen",
    table="offer_target_group",
    parent="Aanbod",
    key=("establishment_number", "work_form", "activity"),
    about="Wie kan er werken? Eén rij per aanbod; zet ja of nee onder elke doelgroep.",
    fields=(_ESTABLISHMENT, _WORK_FORM, _ACTIVITY),
)
SHEETS = (ENTERPRISES, ESTABLISHMENTS, OFFER, TARGET_GROUPS)


def with_groups(groups: Sequence[str]) -> tuple[Sheet, ...]:
    """Sheets with a column for each target group on the last one."""
    columns = tuple(
        Field(
            name=group,
            header=group,
            kind="yes_no",
            about=f"Kan iemand uit de doelgroep '{group}' hier werken? Leeg of onbekend: u weet het niet.",
            width=19,
            choices="ja_nee",
        )
        for group in groups
    )
    last = Sheet(
        name=TARGET_GROUPS.name,
        table=TARGET_GROUPS.table,
        parent=TARGET_GROUPS.parent,
        key=TARGET_GROUPS.key,
        about=TARGET_GROUPS.about,
        fields=(*TARGET_GROUPS.fields, *columns),
    )
    return (*SHEETS[:-1], last)
