"""Lists of codes: steps, work forms, sectors, classes of tightness, regulation, occupations."""

from __future__ import annotations

from studie.data.definitions.columns import (
    NOTE,
    OCCUPATION_GROUP,
    SECTOR,
    Column,
    Contract,
    amount,
    day,
    matching,
    optional,
    refers,
    share,
    step,
    text,
)

CODE_LISTS = (
    Contract(
        name="ladder_step",
        title="Toestanden op de participatieladder",
        key=("step",),
        columns=(
            step("step", "trede of toestand"),
            text("name", "naam"),
            text("kind", "soort toestand", allowed=("trede", "tussen", "uit_beeld", "uitstroom")),
            Column(name="policy_focus", kind="yes_no", about="het provinciale beleid kijkt ernaar"),
        ),
    ),
    Contract(
        name="ladder_conversion",
        title="Vlaamse en Nederlandse ladder naast elkaar",
        key=("flemish_step",),
        columns=(
            text("flemish_step", "trede van de Vlaamse ladder"),
            text("flemish_name", "naam"),
            text("dutch_step", "trede van de Nederlandse ladder"),
            text("dutch_name", "naam"),
        ),
    ),
    Contract(
        name="work_form",
        title="Werkvormen met trede en geldigheid",
        key=("work_form",),
        columns=(
            text("work_form", "code"),
            text("name", "naam"),
            step("step", "trede"),
            day("valid_from", "eerste dag; leeg: onbekend", required=False),
            day("valid_to", "laatste dag; leeg zolang de vorm bestaat", required=False),
            text("valid_to_scope", "voor wie ze ophoudt", required=False, allowed=("alle", "nieuwe instroom")),
            optional("regulation", "regelgeving"),
            NOTE,
        ),
        references=(refers("step", to="ladder_step"),),
        ordered=(("valid_from", "valid_to"),),
    ),
    Contract(
        name="sector",
        title="Knelpuntsectoren en hun NACE-afdelingen",
        key=("sector", "nace_version", "nace_section"),
        columns=(
            SECTOR,
            Column(name="nace_version", kind="whole", about="versie van NACE-BEL", least=2003, most=2025),
            matching("nace_section", "sectie", "[A-V]", "one letter A-V"),
            Column(name="division_from", kind="whole", about="eerste afdeling", least=1, most=99),
            Column(name="division_to", kind="whole", about="laatste afdeling", least=1, most=99),
            text("partner", "partner die het plan noemt"),
        ),
        ordered=(("division_from", "division_to"),),
        own_replaces=("sector",),
    ),
    Contract(
        name="tightness_class",
        title="Klassen van krapte (UWV)",
        key=("class_nl",),
        columns=(
            text("class_nl", "klasse"),
            amount("vacancies_per_jobseeker_from", "vanaf", "open vacatures per werkzoekende", required=True),
            amount("vacancies_per_jobseeker_to", "tot; leeg: geen grens", "open vacatures per werkzoekende"),
        ),
        ordered=(("vacancies_per_jobseeker_from", "vacancies_per_jobseeker_to"),),
    ),
    Contract(
        name="regulation",
        title="Tijdlijn van de regelgeving",
        key=("date", "event"),
        columns=(day("date", "dag"), text("event", "wat er gebeurde")),
    ),
    Contract(
        name="occupation_sector",
        title="Hoofdberoepsgroepen van VDAB en de knelpuntsectoren",
        key=("occupation_group", "sector"),
        columns=(
            OCCUPATION_GROUP,
            SECTOR,
            share("share", "deel van de beroepsgroep dat bij de sector telt", required=True),
            text("certainty", "hoe zeker de toewijzing is", allowed=("zeker", "mogelijk")),
        ),
        own_replaces=("occupation_group",),
    ),
)
