"""Sheets of the workbook of the registers, made from the contracts: one sheet per register, in Dutch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from studie import regions
from studie.data import catalogue
from studie.data.contracts import contract
from studie.data.definitions import Column
from studie.data.definitions.columns import DAY
from studie.data.workbook.known import Known, known
from studie.data.workbook.layout import UNKNOWN, YES_NO, Field, Kind, Sheet
from studie.data.workbook.vocabulary import Vocabulary

GROUP: Final = "registers"  # what stands in the place of a region
TITLE: Final = "registers van de provincie Antwerpen"
REGIONS, MUNICIPALITIES, FIRMS, SCHEMES = "gebieden", "gemeenten", "ondernemingen", "regelingen"
_LONG = {"quote", "remark", "what", "note", "description", "pays", "ceiling", "conditions", "criteria", "applicants"}
_WIDTHS: Mapping[Kind, float] = {
    "amount": 12, "any_day": 13, "balance": 16, "choice": 24, "code": 32, "count": 13, "day": 13, "enterprise": 24,
    "euro": 16, "long_text": 44, "municipality": 24, "region": 32, "share": 12, "text": 28, "year": 9, "yes_no": 12,
}  # fmt: skip
_EMPTY = "Leeg of 'onbekend': u weet het niet."
_OWN_MARK = "Kenmerk dat u zelf kiest en daarna nooit verandert, zoals 2026-01. Elke rij heeft een ander."
_LOCKED = "Dit staat er om te lezen. Deze kolom vult u niet in."
_SAID: Mapping[str, str] = {  # where a person who fills in needs other words than the contract has
    "ceiling": "Hoogstens hoeveel, in woorden: per aanvraag, per jaar of in totaal. Leeg: onbekend.",
    "commitment_id": "Nummer van het engagement.",
    "enterprise_number": "Kies de onderneming. De lijst toont wat de databank kent.",
    "max_euro": "Hoogste bedrag [euro], zoals de omschrijving zegt. Leeg: onbekend of geen.",
    "max_share": "Hoogste deel van de kost, zoals de omschrijving zegt. Leeg: onbekend of geen.",
    "refnis": "Kies de gemeente uit de lijst.",
    "region": "Kies het gebied uit de lijst. Gaat het over de hele provincie? Kies 'provincie Antwerpen'.",
    "request_id": "Nummer van de vraag.",
}
_SCHEME = "Kies de steun. De lijst toont wat op het blad Subsidiewijzer staat: vul dat blad eerst in."


def _sheet(
    name: str,
    table: str,
    about: str,
    headers: Mapping[str, str],
    *,
    parent: str = "",
    locked: tuple[str, ...] = (),
) -> Sheet:
    """Sheet of a table; where columns are locked, rows are changed but never added."""
    columns = {column.name: column for column in contract(table).columns}
    return Sheet(
        name=name,
        table=table,
        parent=parent,
        key=contract(table).key,
        about=about,
        fields=tuple(_field(table, columns[c], header, locked=c in locked) for c, header in headers.items()),
        closed=bool(locked),
    )


def _field(table: str, column: Column, header: str, *, locked: bool) -> Field:
    """Column of a sheet as the contract has it."""
    kind = _kind(table, column)
    needed = (column.required and column.default is None) or column.name in contract(table).key
    unknown = UNKNOWN if UNKNOWN in column.allowed or column.name == "basis" else ""
    return Field(
        name=column.name,
        header=header,
        kind=kind,
        about=_LOCKED if locked else _about(table, column, kind, needed=needed),
        width=_WIDTHS[kind],
        required=needed,
        choices=_choices(table, column, kind),
        options=column.allowed if column.kind == "text" else (),
        unknown=unknown,
        locked=locked,
    )


def _kind(table: str, column: Column) -> Kind:
    """How the cells of a column are read."""
    named: dict[str, Kind] = {"enterprise_number": "enterprise", "scheme_id": "code"}
    areas: dict[str, Kind] = {"region": "region", "refnis": "municipality"}
    if column.of or column.name in named:
        return areas[column.of] if column.of else named[column.name]
    if column.kind == "text":
        return _kind_of_text(table, column)
    typed: dict[str, Kind] = {"date": "day", "yes_no": "yes_no", "whole": "count" if column.unit else "year"}
    measured: dict[str, Kind] = {"euro": "balance" if column.least is None else "euro", "aandeel": "share"}
    return typed.get(column.kind) or measured.get(column.unit, "amount")


def _kind_of_text(table: str, column: Column) -> Kind:
    """How the cells of a column of text are read; only what a request or a meeting dates lies in the past."""
    if column.pattern == DAY:
        return "day" if table == "data_request" else "any_day"
    if column.allowed:
        return "choice"
    return "long_text" if column.name in _LONG else "text"


def _choices(table: str, column: Column, kind: Kind) -> str:
    """List that the drop-down of a column shows."""
    lists = {"region": REGIONS, "municipality": MUNICIPALITIES, "enterprise": FIRMS, "yes_no": "ja_nee"}
    if kind == "code" and table != "subsidy_scheme":
        return SCHEMES
    return f"{table}_{column.name}" if column.allowed else lists.get(kind, "")


def _about(table: str, column: Column, kind: Kind, *, needed: bool) -> str:
    """Explanation of a column as a sentence, with its unit and what an empty cell means."""
    if column.name in _SAID:
        return _SAID[column.name]
    if kind == "code" and table != "subsidy_scheme":
        return _SCHEME
    if kind in ("text", "code") and contract(table).key == (column.name,):
        return _OWN_MARK
    said, _, empty = column.about.partition("; leeg:")
    unit = f" [{column.unit}]" if column.unit and column.unit not in ("aandeel", "personen") else ""
    choose = " Kies uit de lijst." if kind == "choice" else ""
    means = "" if needed else f" Leeg:{empty}." if empty else f" {_EMPTY}"
    return f"{said[:1].upper()}{said[1:]}{unit}.{choose}{means}"


_AREA = "Gebied"

SHEETS: Final[tuple[Sheet, ...]] = (
    _sheet(
        "Engagementen",
        "commitment",
        "Wat kwam er van elk engagement van het actieplan? Voeg hier geen rijen toe.",
        {"commitment_id": "Kenmerk", "quote": "Engagement", "status": "Stand", "remark": "Opmerking"},
        locked=("quote",),
    ),
    _sheet(
        "Gegevensvragen",
        "data_request",
        "Aan wie vragen we welke gegevens? Voeg hier geen rijen toe.",
        {
            "request_id": "Kenmerk", "holder": "Aan wie", "what": "Welke gegevens", "basis": "Rechtsgrond",
            "status": "Stand", "asked_on": "Gevraagd op", "note": "Opmerking",
        },
        locked=("holder", "what"),
    ),
    _sheet(
        "Subsidiewijzer",
        "subsidy_scheme",
        "Welke steun kunnen ondernemingen en besturen krijgen? Eén rij per steunmaatregel.",
        {
            "scheme_id": "Kenmerk", "name": "Naam", "level": "Kader", "giver": "Wie ze geeft",
            "applicants": "Voor wie", "pays": "Wat betaald wordt", "ceiling": "Hoogstens, in woorden",
            "max_euro": "Hoogste bedrag", "max_share": "Hoogste deel", "conditions": "Voorwaarden",
            "valid_from": "Geldig vanaf", "valid_to": "Geldig tot en met", "checked_on": "Nagekeken op", "url": "Adres",
        },
    ),
    _sheet(
        "Aanvragen",
        "application",
        "Wie vroeg welke steun, en wat werd beslist? Eén rij per aanvraag.",
        {
            "application_id": "Kenmerk", "scheme_id": "Steun", "applicant": "Aanvrager",
            "applicant_kind": "Soort aanvrager", "region": _AREA, "date": "Ingediend op", "decision": "Beslissing",
            "decided_on": "Beslist op", "requested_euro": "Gevraagd", "granted_euro": "Toegekend",
            "priority": "Voorrang", "supported": "Hielp de provincie?",
        },
        parent="Subsidiewijzer",
    ),
    _sheet(
        "Projecten",
        "project",
        "Welke projecten kregen subsidie, en hoeveel plaatsen bleven er? Eén rij per project.",
        {
            "project_id": "Kenmerk", "region": _AREA, "sector": "Sector", "year": "Jaar", "subsidy_euro": "Subsidie",
            "places_created": "Plaatsen", "places_kept_12_months": "Na 12 maanden",
        },
    ),
    _sheet(
        "Leningen",
        "loan",
        "Renteloze leningen van Trividend Provincie Antwerpen. Eén rij per lening.",
        {
            "loan_id": "Kenmerk", "region": _AREA, "year": "Jaar", "amount_euro": "Bedrag",
            "jobs_created": "Extra banen",
        },
    ),
    _sheet(
        "Overheidsopdrachten",
        "tender",
        "Gegunde opdrachten van de provincie en van lokale besturen. Eén rij per opdracht.",
        {
            "tender_id": "Kenmerk", "buyer": "Bestuur", "buyer_kind": "Soort bestuur", "region": _AREA,
            "date": "Gegund op", "subject": "Voorwerp", "social_criteria": "Sociale criteria",
            "awarded_to": "Gegund aan", "amount_euro": "Bedrag", "vte": "VTE doelgroep",
        },
    ),
    _sheet(
        "Taken",
        "task",
        "Taken die een inclusieve job kunnen vormen (screening). Eén rij per taak.",
        {
            "task_id": "Kenmerk", "sector": "Sector", "activity": "Activiteit", "description": "Taak",
            "share_low": "Kleinste deel", "share_high": "Grootste deel", "carvable": "Af te splitsen?",
        },
    ),
    _sheet(
        "Opleidingen",
        "training",
        "Opleidingen op of bij het werk, ook met basiseducatie. Eén rij per opleiding en jaar, zonder namen.",
        {
            "training_id": "Kenmerk", "region": _AREA, "sector": "Sector", "year": "Jaar",
            "participants": "Deelnemers", "completed": "Afgewerkt", "to_work": "Daarna aan het werk",
        },
    ),
    _sheet(
        "Mentorschap",
        "mentorship",
        "Duo's van mentor en kandidaat. Eén rij per gebied, jaar en organisator, zonder namen.",
        {
            "region": _AREA, "year": "Jaar", "organiser": "Wie vormt de duo's", "duos": "Duo's",
            "completed": "Afgewerkt", "to_work": "Daarna aan het werk",
        },
    ),
    _sheet(
        "Bijeenkomsten",
        "event",
        "Dagen, overleg, vorming en intervisie. Eén rij per bijeenkomst.",
        {
            "event_id": "Kenmerk", "kind": "Soort", "date": "Dag", "region": _AREA, "participants": "Deelnemers",
            "organisations": "Organisaties", "cost_euro": "Uitgave",
        },
    ),
    _sheet(
        "Prijs",
        "prize_candidate",
        "Kandidaten voor de prijs van inclusieve ondernemer. Eén rij per kandidaat en jaar.",
        {
            "year": "Jaar", "candidate": "Kandidaat", "region": _AREA, "sector": "Sector", "criteria": "Criteria",
            "outcome": "Hoe ver",
        },
    ),
    _sheet(
        "Noden en drempels",
        "signal",
        "Wat melden partners, en wat gebeurde ermee? Eén rij per melding, zonder namen van mensen.",
        {
            "signal_id": "Kenmerk", "kind": "Soort", "description": "Nood of drempel", "named_by": "Gemeld door",
            "region": _AREA, "sector": "Sector", "date": "Gemeld op", "status": "Stand", "solved_on": "Weggewerkt op",
        },
    ),
    _sheet(
        "Verbintenissen",
        "pledge",
        "Inspanningsverbintenissen van lokale besturen. Eén rij per verbintenis.",
        {
            "pledge_id": "Kenmerk", "refnis": "Gemeente", "description": "Verbintenis", "date": "Afgesproken op",
            "tailored": "Op maat?", "status": "Stand", "places": "Plaatsen",
        },
    ),
    _sheet(
        "Acties",
        "action",
        "Acties, proefgebieden, voorstellen en mijlpalen. Eén rij per actie.",
        {
            "action_id": "Kenmerk", "kind": "Soort", "title": "Actie", "region": _AREA, "lead": "Trekker",
            "date": "Gestart op", "ended_on": "Klaar op", "status": "Stand", "places_created": "Plaatsen",
        },
    ),
    _sheet(
        "Jaarrekeningen",
        "annual_account",
        "Uit de balanscentrale. Eén rij per onderneming en boekjaar.",
        {
            "enterprise_number": "Onderneming", "year": "Jaar", "total_assets_euro": "Balanstotaal",
            "equity_euro": "Eigen vermogen", "current_assets_euro": "Vlottende activa",
            "current_debts_euro": "Schulden binnen het jaar", "operating_income_euro": "Bedrijfsopbrengsten",
            "operating_subsidies_euro": "Exploitatiesubsidies", "result_euro": "Resultaat", "employees_vte": "VTE",
        },
    ),
)  # fmt: skip


GUIDE: Final = next(sheet for sheet in SHEETS if sheet.table == "subsidy_scheme")


def known_registers() -> Known:
    """What is observed or the user's own in the registers, and which enterprises there are.

    Raises
    ------
    InputError
        If one of the tables cannot be read.
    """
    frames = {sheet.table: catalogue.read(sheet.table, data="own").frame for sheet in SHEETS}
    return replace(known(regions.region(regions.PROVINCE)), registers=frames)


def of_all_years(words: Vocabulary) -> Vocabulary:
    """The same words with every municipality since 2018: registers look back."""
    prefix = f"{regions.TITLES['municipality']} "
    listed = {
        title.removeprefix(prefix): int(code.partition(":")[2])
        for title, code in sorted(words.regions.items())
        if code.startswith("municipality:")
    }
    return replace(words, municipalities=listed)


def fixed_lists(*, titles: tuple[str, ...], municipalities: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Content of each drop-down whose words are fixed when the workbook is written."""
    own = {f.choices: f.options for sheet in SHEETS for f in sheet.fields if f.options and f.choices}
    return {REGIONS: titles, MUNICIPALITIES: municipalities, "ja_nee": YES_NO, **own}
