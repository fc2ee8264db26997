"""Tables on enterprises, their establishments, the places they offer and to whom."""

from __future__ import annotations

from dataclasses import replace

from studie.data.definitions.columns import (
    ENTERPRISE,
    ESTABLISHMENT,
    NACE_CODE,
    NACE_VERSION,
    REFNIS,
    TARGET_GROUP,
    WORK_FORM,
    Column,
    Contract,
    Reference,
    amount,
    count,
    late,
    matching,
    optional,
    refers,
    text,
)

POSTCODE = replace(matching("postcode", "postcode", r"\d{4}", "a postcode of four digits", required=False), default="")

ENTERPRISES = (
    Contract(
        name="enterprise",
        title="Ondernemingen van de sociale en de reguliere economie",
        key=("enterprise_number",),
        columns=(
            ENTERPRISE,
            text("name", "naam"),
            text("form", "soort onderneming"),
            optional("joint_committee", "paritair comité"),
            replace(REFNIS, required=False, default=""),
            replace(NACE_CODE, required=False, default=""),
            replace(NACE_VERSION, required=False, default=""),
            late("start_date", "dag van oprichting; leeg: onbekend"),
        ),
        demonstrated=True,
    ),
    Contract(
        name="establishment",
        title="Vestigingen",
        key=("establishment_number",),
        columns=(
            ESTABLISHMENT,
            ENTERPRISE,
            text("name", "naam"),
            REFNIS,
            replace(NACE_CODE, required=False),
            replace(NACE_VERSION, required=False),
            POSTCODE,
            late("start_date", "dag van de opening; leeg: onbekend"),
            late("end_date", "dag van de sluiting; leeg: open of onbekend"),
        ),
        references=(refers("enterprise_number", to="enterprise"),),
        ordered=(("start_date", "end_date"),),
        demonstrated=True,
    ),
    Contract(
        name="activity",
        title="Activiteiten volgens NACE-BEL",
        key=("entity_number", "nace_version", "nace_code", "classification"),
        columns=(
            text("entity_number", "ondernemings- of vestigingsnummer (KBO)"),
            NACE_VERSION,
            NACE_CODE,
            text("classification", "hoofd-, neven- of hulpactiviteit", allowed=("main", "secondary", "auxiliary")),
        ),
        references=(
            Reference(
                columns=("entity_number",),
                parents=(("enterprise", ("enterprise_number",)), ("establishment", ("establishment_number",))),
                through="entity",
            ),
        ),
    ),
    Contract(
        name="offer",
        title="Aanbod van werkplaatsen",
        key=("establishment_number", "work_form", "activity", "date"),
        columns=(
            ESTABLISHMENT,
            WORK_FORM,
            text("activity", "activiteit"),
            Column(name="date", kind="date", about="dag"),
            count("places", "plaatsen; leeg: onbekend, niet 0", "plaatsen"),
            count("filled_persons", "ingevuld", "personen"),
            amount("filled_vte", "ingevuld", "VTE"),
            text("status", "hoe bekend", allowed=("counted", "estimated", "unknown")),
        ),
        references=(refers("establishment_number", to="establishment"), refers("work_form", to="work_form")),
        demonstrated=True,
    ),
    Contract(
        name="offer_target_group",
        title="Wie op een plaats terechtkan",
        key=("establishment_number", "work_form", "activity", "target_group"),
        columns=(
            ESTABLISHMENT,
            WORK_FORM,
            text("activity", "activiteit"),
            TARGET_GROUP,
        ),
        references=(refers("establishment_number", "work_form", "activity", to="offer", through="offer_place"),),
        demonstrated=True,
    ),
    Contract(
        name="contract",
        title="Arbeidsplaatsen per contract, zonder personen",
        key=("contract_id",),
        columns=(
            text("contract_id", "kenmerk van het contract, niet van een persoon"),
            ESTABLISHMENT,
            WORK_FORM,
            Column(name="start", kind="date", about="eerste dag"),
            Column(name="end", kind="date", about="laatste dag; leeg: loopt nog of onbekend", required=False),
            amount("vte", "omvang", "VTE"),
        ),
        references=(refers("establishment_number", to="establishment"), refers("work_form", to="work_form")),
        ordered=(("start", "end"),),
    ),
)
