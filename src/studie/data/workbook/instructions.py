"""What the first sheet of a workbook says to the coordinator, in Dutch."""

from __future__ import annotations

from collections.abc import Sequence

from studie import __version__
from studie.data.workbook import layout
from studie.data.workbook.known import Known
from studie.data.workbook.layout import Sheet
from studie.regions import Region

MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
    "december",
)  # fmt: skip


def dutch_day(day: str) -> str:
    """A day as a sentence has it: 23 november 2026."""
    year, month, number = day.split("-")
    return f"{int(number)} {MONTHS[int(month) - 1]} {year}"


def facts(area: Region, *, municipalities: tuple[str, ...], day: str) -> list[tuple[str, str]]:
    """Label and content of the lines under the title."""
    place = ", ".join(municipalities) if len(municipalities) <= 30 else f"alle {len(municipalities)} gemeenten"
    return [
        ("Gebied", area.title),
        ("Gemeenten", place),
        ("Gemaakt op", dutch_day(day)),
        ("Versie", f"studie {__version__}, indeling {layout.LAYOUT} van het werkboek, gebiedscode {area.code}"),
        ("Contactpersoon", ""),
    ]


def facts_of_registers(*, day: str) -> list[tuple[str, str]]:
    """Label and content of the lines under the title of the registers."""
    return [
        ("Voor", "wie bij de provincie een register bijhoudt: projecten, bijeenkomsten, verbintenissen en andere"),
        ("Gemaakt op", dutch_day(day)),
        ("Versie", f"studie {__version__}, indeling {layout.LAYOUT} van het werkboek"),
        ("Contactpersoon", ""),
    ]


def sections_of_registers(sheets: Sequence[Sheet]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Headings of the registers, each with its lines: a label and a text."""
    return [
        ("Waarvoor dient dit werkboek?", [("", text) for text in _REGISTERS]),
        ("De bladen", [(sheet.name, sheet.about) for sheet in sheets]),
        ("Onbekend is niet nul", [("", text) for text in _UNKNOWN[:1]] + [("", _EMPTY_REGISTER)]),
        ("Waarop u let", [("", text) for text in (*_RULES, *_MARKS)]),
        ("Wat gebeurt er met uw gegevens?", [("", text) for text in (_RETURNED, *_REGISTERED)]),
    ]


def sections(local: Known) -> list[tuple[str, list[tuple[str, str]]]]:
    """Headings, each with its lines: a label and a text."""
    return [
        ("Waarvoor dient dit werkboek?", [("", text) for text in _purpose(local)]),
        ("Zo vult u het in", _STEPS),
        ("Onbekend is niet nul", [("", text) for text in _UNKNOWN]),
        ("Waarop u let", [("", text) for text in _RULES]),
        ("Wat gebeurt er met uw gegevens?", [("", text) for text in _FATE]),
        ("Vragen?", [("", text) for text in _QUESTIONS]),
    ]


_STEPS = [
    ("1  Ondernemingen", "Zet elke onderneming of organisatie die plaatsen aanbiedt op één rij."),
    ("2  Vestigingen", "Zet elke plek waar gewerkt wordt op één rij. Kies de onderneming uit de lijst."),
    ("3  Aanbod", "Vul per vestiging, werkvorm en activiteit in hoeveel plaatsen er zijn en hoeveel er bezet zijn."),
    (
        "4  Doelgroepen",
        "Zet per aanbod ja of nee onder elke doelgroep. Een plaats kan voor meer groepen zijn.",
    ),
    ("5  Terugsturen", "Bewaar het bestand als .xlsx en stuur het naar uw contactpersoon."),
]
_UNKNOWN = (
    "Weet u een cijfer niet? Laat de cel leeg of typ 'onbekend'. Typ alleen 0 als u zeker weet dat er geen zijn.",
    "Het rapport toont 'onbekend' apart. Een lege cel telt nooit mee als nul.",
    "Is een cijfer een schatting? Vul ze in en kies 'geschat' bij 'Hoe bekend'.",
)
_RULES = (
    "Een * in de kolomtitel betekent: altijd invullen. Een cel die oranje kleurt, moet u nog invullen.",
    "Typ één getal per cel: 12, niet '10 à 12' of '12 VTE'. Typ geen formules.",
    "Voeg geen cellen samen. Verander geen kolomtitels en geen namen van bladen.",
    "Zet de muis op een kolomtitel om de uitleg te lezen.",
    "Zet nooit namen of gegevens van medewerkers in dit werkboek. We vragen alleen aantallen.",
    "Er is geen wachtwoord. De titels zijn vergrendeld, zodat u ze niet per ongeluk overschrijft.",
)
_RETURNED = (
    "De provincie leest het werkboek in. Klopt er iets niet, dan krijgt u een kopie terug waarin de foute cellen "
    "gekleurd zijn, met bij elke cel wat er moet staan. Van een blad met een fout nemen we niets over."
)
_FATE = (
    _RETURNED,
    "Wat u invult, komt in de databank van het aanbod. Het rapport over uw gebied gebruikt die cijfers. Kleine "
    "aantallen mensen toont het niet.",
    "Een rij die u wist, verdwijnt niet uit de databank. Stopt een aanbod? Zet de nieuwe peildatum en 0 plaatsen.",
    "Past u de peildatum aan, dan blijft het vorige cijfer bewaard en komt het nieuwe ernaast.",
    "Op het blad Doelgroepen geldt wat er nu staat: maakt u van een ja een nee, dan vervalt die ja.",
)
_QUESTIONS = (
    "Vraag uitleg aan uw contactpersoon bij de provincie Antwerpen (naam hierboven).",
    "Ondernemings- en vestigingsnummers staan in de Kruispuntbank: kbopub.economie.fgov.be.",
)


_REGISTERS = (
    "Hiermee houdt u bij wat er van het actieplan komt. Daaruit berekent de studie per engagement een cijfer.",
    "Vul alleen de bladen in die u bijhoudt. De andere laat u zoals ze zijn.",
    "Wat de databank al kent, staat er al in; de kolom 'Herkomst' zegt waar een rij vandaan komt. Verzonnen "
    "demonstratiegegevens staan er nooit tussen.",
)
_EMPTY_REGISTER = "Van een blad zonder rijen weten we niets: het rapport toont dan 'onbekend', nooit 0."
_MARKS = (
    "Een kenmerk kiest u zelf. Verander het daarna niet meer: aan het kenmerk herkent de databank een rij.",
    "Noem organisaties, nooit mensen.",
)
_REGISTERED = (
    "Wat u invult, komt in de databank en in de opvolging van het actieplan. Aantallen van minder dan tien mensen "
    "toont het rapport niet.",
    "Een rij die u wist, verdwijnt niet uit de databank. Een rij die u verandert, vervangt de vorige.",
)


def _purpose(local: Known) -> list[str]:
    """Why the workbook exists and what is filled in already."""
    why = "Hiermee vertelt u welke werkplaatsen er in uw gebied zijn voor mensen op de participatieladder, en voor wie."
    counts = (len(local.enterprise), len(local.establishment), len(local.offer))
    if not any(counts):
        return [
            why,
            "De bladen zijn leeg: van dit gebied kennen we nog geen aanbod. De verzonnen "
            "demonstratiegegevens van de studie staan hier niet in.",
        ]
    return [
        why,
        f"Vooraf ingevuld uit de databank: ondernemingen {counts[0]}, vestigingen {counts[1]}, aanbod {counts[2]}. De "
        f"kolom '{layout.ORIGIN}' zegt waar een rij vandaan komt. Kijk die rijen na en vul ze aan. De verzonnen "
        "demonstratiegegevens van de studie staan er niet tussen.",
    ]
