"""The tables of the study: key, columns, kind, unit and what is allowed, in one list."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["text", "whole", "number", "yes_no", "date"]

YEAR = r"\d{4}"
MONTH = r"\d{4}-(0[1-9]|1[0-2])"
PERIOD = rf"({MONTH}|\d{{4}}-Q[1-4]|\d{{4}}-S[12]|{YEAR})"
PERIOD_OR_RANGE = rf"({PERIOD}|({PERIOD}|\.\.)/{PERIOD}|onbekend)"
DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
STEP = r"([1-6]|3-4|4-5|5-6|uit_beeld|exit_pension|exit_death|exit_moved|\{[1-6](,[1-6])+\})"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name, kind, about
        Name in the file, kind of value, and what it holds, in Dutch.
    unit : str
        Unit of a number.
    required : bool
        Whether every row must hold a value.
    allowed, pattern, rule, least, most
        Closed list of values; else a regular expression with its rule in words; bounds of a number.
    of : {"", "region", "refnis"}
        What a code must exist in.
    default : str or None
        Value where an extract lacks the column; None: the column must be there.
    """

    name: str
    kind: Kind = "text"
    about: str
    unit: str = ""
    required: bool = True
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    rule: str = ""
    least: float | None = None
    most: float | None = None
    of: Literal["", "region", "refnis"] = ""
    default: str | None = None

    def fits(self, value: object) -> bool:
        """Whether a value matches the pattern; an empty optional value does."""
        return (value == "" and not self.required) or re.fullmatch(self.pattern, str(value)) is not None


@dataclass(frozen=True, kw_only=True)
class Contract:
    """Key and columns of a table.

    `ordered` are pairs of columns of which the first may not exceed the second. `own_replaces` names columns: a row of
    the user's extract replaces all listed rows that share their values.
    """

    name: str
    title: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    ordered: tuple[tuple[str, str], ...] = ()
    own_replaces: tuple[str, ...] = ()
    demonstrated: bool = False  # the demonstration data hold rows of it

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(c.name for c in self.columns)


def _text(name: str, about: str, *, required: bool = True, allowed: tuple[str, ...] = ()) -> Column:
    """Text."""
    return Column(name=name, about=about, required=required, allowed=allowed)


def _optional(name: str, about: str) -> Column:
    """Text that may be empty."""
    return Column(name=name, about=about, required=False)


def _count(name: str, about: str, unit: str, *, required: bool = False) -> Column:
    """Whole number, 0 or more; unknown is empty, never 0."""
    return Column(name=name, kind="whole", about=about, unit=unit, required=required, least=0)


def _amount(name: str, about: str, unit: str, *, required: bool = False, least: float | None = 0) -> Column:
    """Number."""
    return Column(name=name, kind="number", about=about, unit=unit, required=required, least=least)


def _matching(name: str, about: str, pattern: str, rule: str, *, required: bool = True) -> Column:
    """Text of a given form."""
    return Column(name=name, about=about, pattern=pattern, rule=rule, required=required)


def _day(name: str, about: str, *, required: bool = True) -> Column:
    """Day as text: a bound of validity may be open."""
    return _matching(name, about, DAY, "a date written YYYY-MM-DD", required=required)


REGION = Column(name="region", about="gebiedscode", of="region")
REFNIS = Column(name="refnis", kind="whole", about="NIS-code van de gemeente", of="refnis")
SECTOR = _text("sector", "knelpuntsector van het plan", allowed=("zorg", "bouw", "nijverheid", "logistiek"))
SERIES_BREAK = Column(name="series_break", kind="yes_no", about="breuk in de reeks vanaf deze periode", default="false")
MONTHLY = _matching("period", "maand", MONTH, "a month written YYYY-MM")
ANY_PERIOD = _matching(
    "period", "periode", PERIOD_OR_RANGE, "a period such as 2024, 2024-03, 2024-Q1, 2024-S1, 2023/2024 or onbekend"
)
STATUSES = ("gepubliceerd", "raming", "voorlopig", "betwist", "afgeleid")
NOTE = _optional("note", "opmerking van de bron of bij de overname")
TARGET_GROUP = _text("target_group", "doelgroep")

_GEOGRAPHY = (
    Contract(
        name="municipality",
        title="Gemeenten met geldigheid",
        key=("refnis", "valid_from"),
        columns=(
            Column(name="refnis", kind="whole", about="NIS-code", least=10000, most=99999),
            _text("name_nl", "naam"),
            Column(
                name="arrondissement", kind="whole", about="NIS-code van het arrondissement", least=11000, most=13000
            ),
            _day("valid_from", "eerste dag"),
            _day("valid_to", "laatste dag; leeg zolang de gemeente bestaat", required=False),
            Column(name="successor", kind="whole", about="gemeente waarin ze opging", required=False),
            _amount("area_km2", "oppervlakte", "km²"),
            Column(name="lon", kind="number", about="lengtegraad van het midden", unit="graden", required=False),
            Column(name="lat", kind="number", about="breedtegraad van het midden", unit="graden", required=False),
        ),
        ordered=(("valid_from", "valid_to"),),
    ),
    Contract(
        name="grouping",
        title="Indelingen van gemeenten",
        key=("grouping", "refnis", "valid_from"),
        columns=(
            _text(
                "grouping",
                "indeling: working-area, referentieregio, streekwerking, vervoerregio, eerstelijnszone of eigen",
            ),
            _text("group", "naam van de groep"),
            REFNIS,
            replace(_day("valid_from", "eerste dag; leeg: onbekend", required=False), default=""),
            replace(_day("valid_to", "laatste dag; leeg: onbekend of nog geldig", required=False), default=""),
            Column(
                name="status",
                about="zekerheid van de samenstelling",
                allowed=("confirmed", "possible"),
                default="confirmed",
            ),
            replace(_optional("certainty", "waarop de zekerheid steunt"), default=""),
            replace(_optional("legal_form", "rechtsvorm van het samenwerkingsverband"), default=""),
        ),
        ordered=(("valid_from", "valid_to"),),
        own_replaces=("grouping",),
    ),
    Contract(
        name="postcode",
        title="Postcodes per gemeente (2019-2024)",
        key=("refnis", "postcode"),
        columns=(REFNIS, _matching("postcode", "postcode", r"\d{4}", "a postcode of four digits")),
    ),
    *(
        Contract(
            name=f"adjacency_{year}",
            title=f"Buurgemeenten, grenzen van {year}",
            key=("refnis_a", "refnis_b"),
            columns=(
                Column(name="refnis_a", kind="whole", about="gemeente", of="refnis"),
                Column(name="refnis_b", kind="whole", about="buurgemeente", of="refnis"),
                _amount("shared_border_km", "gedeelde grens", "km", required=True, least=0.1),
            ),
        )
        for year in (2024, 2025)
    ),
    Contract(
        name="population",
        title="Inwoners op 1 januari",
        key=("refnis", "year", "age_band", "sex"),
        columns=(
            REFNIS,
            Column(name="year", kind="whole", about="jaar", least=1800, most=2200),
            Column(name="age_band", about="leeftijdsklasse, of alle", default="alle"),
            Column(name="sex", about="m, v of alle", allowed=("m", "v", "alle"), default="alle"),
            _count("inhabitants", "inwoners", "personen", required=True),
        ),
    ),
)

_CODE_LISTS = (
    Contract(
        name="ladder_step",
        title="Toestanden op de participatieladder",
        key=("step",),
        columns=(
            _matching("step", "trede of toestand", STEP, "a step of the ladder"),
            _text("name", "naam"),
            _text("kind", "soort toestand", allowed=("trede", "tussen", "uit_beeld", "uitstroom")),
            Column(name="policy_focus", kind="yes_no", about="het provinciale beleid kijkt ernaar"),
        ),
    ),
    Contract(
        name="ladder_conversion",
        title="Vlaamse en Nederlandse ladder naast elkaar",
        key=("flemish_step",),
        columns=(
            _text("flemish_step", "trede van de Vlaamse ladder"),
            _text("flemish_name", "naam"),
            _text("dutch_step", "trede van de Nederlandse ladder"),
            _text("dutch_name", "naam"),
        ),
    ),
    Contract(
        name="work_form",
        title="Werkvormen met trede en geldigheid",
        key=("work_form",),
        columns=(
            _text("work_form", "code"),
            _text("name", "naam"),
            _matching("step", "trede", STEP, "a step of the ladder"),
            _day("valid_from", "eerste dag; leeg: onbekend", required=False),
            _day("valid_to", "laatste dag; leeg zolang de vorm bestaat", required=False),
            _text("valid_to_scope", "voor wie ze ophoudt", required=False, allowed=("alle", "nieuwe instroom")),
            _optional("regulation", "regelgeving"),
            NOTE,
        ),
        ordered=(("valid_from", "valid_to"),),
    ),
    Contract(
        name="sector",
        title="Knelpuntsectoren en hun NACE-afdelingen",
        key=("sector", "nace_version", "nace_section"),
        columns=(
            SECTOR,
            Column(name="nace_version", kind="whole", about="versie van NACE-BEL", least=2003, most=2025),
            _matching("nace_section", "sectie", "[A-V]", "one letter A-V"),
            Column(name="division_from", kind="whole", about="eerste afdeling", least=1, most=99),
            Column(name="division_to", kind="whole", about="laatste afdeling", least=1, most=99),
            _text("partner", "partner die het plan noemt"),
        ),
        ordered=(("division_from", "division_to"),),
        own_replaces=("sector",),
    ),
    Contract(
        name="tightness_class",
        title="Klassen van krapte (UWV)",
        key=("class_nl",),
        columns=(
            _text("class_nl", "klasse"),
            _amount("vacancies_per_jobseeker_from", "vanaf", "open vacatures per werkzoekende", required=True),
            _amount("vacancies_per_jobseeker_to", "tot; leeg: geen grens", "open vacatures per werkzoekende"),
        ),
        ordered=(("vacancies_per_jobseeker_from", "vacancies_per_jobseeker_to"),),
    ),
    Contract(
        name="regulation",
        title="Tijdlijn van de regelgeving",
        key=("date", "event"),
        columns=(_day("date", "dag"), _text("event", "wat er gebeurde")),
    ),
)

_FIGURES = (
    Contract(
        name="indicator",
        title="Gepubliceerde cijfers",
        key=("indicator_id", "region", "period"),
        columns=(
            _matching("indicator_id", "kenmerk van de reeks", r"[a-z][a-z0-9_]*", "snake_case"),
            REGION,
            ANY_PERIOD,
            Column(name="value", kind="number", about="waarde zoals gepubliceerd"),
            _text("unit", "eenheid"),
            _text("population", "waarover het cijfer gaat"),
            _text("status", "hoe vast het cijfer staat", allowed=STATUSES),
            NOTE,
        ),
    ),
    Contract(
        name="published_flow",
        title="Gepubliceerde bewegingen tussen treden of toestanden",
        key=("flow_id",),
        columns=(
            _text("flow_id", "kenmerk"),
            _text("quantity", "wat gemeten is"),
            _text("from_state", "vertrek"),
            _text("to_state", "aankomst"),
            _amount("value", "waarde", "zie unit", required=True),
            _text("unit", "eenheid"),
            _count("horizon_months", "termijn; leeg: onbekend", "maanden"),
            _text("population", "over wie"),
            REGION,
            ANY_PERIOD,
            _text("status", "hoe vast het cijfer staat", allowed=STATUSES),
            NOTE,
        ),
    ),
    Contract(
        name="effect_prior",
        title="Voorkennis over effecten",
        key=("prior_id",),
        columns=(
            _text("prior_id", "kenmerk"),
            _text("intervention", "ingreep"),
            _text(
                "measure",
                "maat",
                allowed=("rate_ratio", "hazard_ratio", "standardised_difference", "percentage_points"),
            ),
            _text("distribution", "verdeling", allowed=("lognormal", "normal")),
            Column(name="centre", kind="number", about="midden"),
            Column(name="lower", kind="number", about="ondergrens; leeg: onbekend", required=False),
            Column(name="upper", kind="number", about="bovengrens; leeg: onbekend", required=False),
            Column(
                name="interval_level", kind="number", about="dekking van het interval", required=False, least=0, most=1
            ),
            _text(
                "acts_on",
                "beweging waarop ze werkt",
                allowed=("upward_move", "upward_move_to_6", "time_on_step_6", "exit_to_work", "relapse_12_months"),
            ),
            _text("quality", "soort onderzoek"),
            NOTE,
        ),
        ordered=(("lower", "centre"), ("centre", "upper")),
    ),
    Contract(
        name="commitment",
        title="Engagementen van het actieplan",
        key=("commitment_id",),
        columns=(
            _matching("commitment_id", "kenmerk", r"E\d\d", "E and two digits"),
            _text("section", "hoofdstuk van het plan"),
            _text("quote", "aanhaling"),
            _text(
                "product",
                "wat de studie ermee doet: D gegevens, M model, I indicator, K kaart, S scenario, H hoofdstuk, T tool",
            ),
            _text("indicator", "indicator, of onbekend"),
            _text("status", "wat ervan kwam", allowed=("gedaan", "bezig", "onbekend")),
            _optional("remark", "opmerking"),
        ),
        own_replaces=("commitment_id",),
    ),
    Contract(
        name="partner_tie",
        title="Banden tussen partners",
        key=("from_actor", "to_actor", "kind", "year"),
        columns=(
            _text("from_actor", "partner"),
            _text("to_actor", "partner"),
            _text("kind", "soort band"),
            Column(name="year", kind="whole", about="jaar", least=1900, most=2200),
            _amount("weight", "sterkte; leeg: onbekend", "geen"),
            Column(name="confirmed", kind="yes_no", about="door de partners zelf bevestigd"),
            _text("origin", "herkomst van de band", allowed=("commitment", "survey", "register", "demonstration")),
            _optional("commitment", "engagement dat de band noemt"),
        ),
        demonstrated=True,
    ),
)

_LABOUR = (
    Contract(
        name="vacancy",
        title="Vacatures per sector en maand",
        key=("region", "sector", "period"),
        columns=(
            REGION,
            SECTOR,
            MONTHLY,
            _count("open", "open op de laatste dag (een stand: nooit optellen over maanden)", "vacatures"),
            _count("received", "ontvangen in de maand", "vacatures"),
            _count("filled", "ingevuld in de maand", "vacatures"),
            SERIES_BREAK,
        ),
        demonstrated=True,
    ),
    Contract(
        name="employment",
        title="Werknemers per sector en jaar",
        key=("region", "sector", "period", "age_band", "employee_type"),
        columns=(
            REGION,
            SECTOR,
            _matching("period", "jaar, kwartaal of maand", PERIOD, "a period such as 2024, 2024-Q1 or 2024-03"),
            Column(name="age_band", about="leeftijdsklasse, of alle", default="alle"),
            Column(name="employee_type", about="arbeiders, bedienden of alle", default="alle"),
            _count("persons", "werknemers", "personen"),
            SERIES_BREAK,
        ),
        demonstrated=True,
    ),
)

_PERSONS = (
    Contract(
        name="ladder_panel",
        title="Personen op de ladder, momentopnamen",
        key=("person_id", "date"),
        columns=(
            _text("person_id", "gepseudonimiseerd kenmerk"),
            Column(name="date", kind="date", about="dag van de momentopname"),
            _matching(
                "step",
                "trede, tussentoestand, uit_beeld, uitstroom of verzameling {5,6}",
                STEP,
                "a step such as 3, 3-4, uit_beeld, exit_pension or {5,6}",
            ),
            REFNIS,
            _text("age_band", "leeftijdsklasse"),
            _text("sex", "geslacht", allowed=("m", "v", "x")),
            TARGET_GROUP,
            _text("dutch_level", "kennis van het Nederlands"),
            _text("support", "krijgt ondersteuning bij de stap", allowed=("ja", "nee")),
        ),
        demonstrated=True,
    ),
    Contract(
        name="need",
        title="Behoefte per gemeente, doelgroep en trede",
        key=("refnis", "target_group", "step", "date"),
        columns=(
            REFNIS,
            TARGET_GROUP,
            _matching("step", "trede", STEP, "a step of the ladder"),
            Column(name="date", kind="date", about="dag"),
            _amount("persons", "personen; leeg: verborgen of onbekend", "personen"),
            _amount("lower", "ondergrens", "personen"),
            _amount("upper", "bovengrens", "personen"),
            _text("method", "geteld of geschat", allowed=("counted", "estimated")),
            Column(
                name="placed",
                kind="whole",
                about="met een plaats",
                unit="personen",
                required=False,
                least=0,
                default="",
            ),
            Column(
                name="waiting", kind="whole", about="wachtend", unit="personen", required=False, least=0, default=""
            ),
        ),
        ordered=(("lower", "persons"), ("persons", "upper"), ("lower", "upper")),
        demonstrated=True,
    ),
)

_ENTERPRISES = (
    Contract(
        name="enterprise",
        title="Ondernemingen van de sociale en de reguliere economie",
        key=("enterprise_number",),
        columns=(
            _text("enterprise_number", "ondernemingsnummer (KBO)"),
            _text("name", "naam"),
            _text("form", "soort onderneming"),
            _optional("joint_committee", "paritair comité"),
        ),
        demonstrated=True,
    ),
    Contract(
        name="establishment",
        title="Vestigingen",
        key=("establishment_number",),
        columns=(
            _text("establishment_number", "vestigingsnummer (KBO)"),
            _text("enterprise_number", "ondernemingsnummer (KBO)"),
            _text("name", "naam"),
            REFNIS,
            _matching("nace_code", "NACE-code", r"\d{2,5}", "two to five digits", required=False),
            Column(
                name="nace_version", kind="whole", about="versie van NACE-BEL", required=False, least=2003, most=2025
            ),
        ),
    ),
    Contract(
        name="offer",
        title="Aanbod van werkplaatsen",
        key=("establishment_number", "work_form", "activity", "date"),
        columns=(
            _text("establishment_number", "vestigingsnummer (KBO)"),
            _text("work_form", "werkvorm (code van work_form)"),
            _text("activity", "activiteit"),
            Column(name="date", kind="date", about="dag"),
            _count("places", "plaatsen; leeg: onbekend, niet 0", "plaatsen"),
            _count("filled_persons", "ingevuld", "personen"),
            _amount("filled_vte", "ingevuld", "VTE"),
            _text("status", "hoe bekend", allowed=("counted", "estimated", "unknown")),
        ),
        demonstrated=True,
    ),
    Contract(
        name="offer_target_group",
        title="Wie op een plaats terechtkan",
        key=("establishment_number", "work_form", "activity", "target_group"),
        columns=(
            _text("establishment_number", "vestigingsnummer (KBO)"),
            _text("work_form", "werkvorm (code van work_form)"),
            _text("activity", "activiteit"),
            TARGET_GROUP,
        ),
        demonstrated=True,
    ),
    Contract(
        name="project",
        title="Gesubsidieerde projecten",
        key=("project_id",),
        columns=(
            _text("project_id", "kenmerk"),
            REGION,
            SECTOR,
            Column(name="year", kind="whole", about="jaar van toekenning", least=1990, most=2200),
            _amount("subsidy_euro", "subsidie", "euro"),
            _count("places_created", "gecreëerde plaatsen", "plaatsen"),
            _count("places_kept_12_months", "na 12 maanden behouden", "plaatsen"),
        ),
        ordered=(("places_kept_12_months", "places_created"),),
        demonstrated=True,
    ),
    Contract(
        name="loan",
        title="Renteloze leningen (Trividend)",
        key=("loan_id",),
        columns=(
            _text("loan_id", "kenmerk"),
            REGION,
            Column(name="year", kind="whole", about="jaar van toekenning", least=1990, most=2200),
            _amount("amount_euro", "ontleend bedrag", "euro"),
            _count("jobs_created", "extra banen", "banen"),
        ),
        demonstrated=True,
    ),
)

CONTRACTS: dict[str, Contract] = {
    c.name: c for c in (*_GEOGRAPHY, *_CODE_LISTS, *_FIGURES, *_LABOUR, *_PERSONS, *_ENTERPRISES)
}
