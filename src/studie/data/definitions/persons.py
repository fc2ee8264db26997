"""Tables on people: who stands where on the ladder, how they move, and what they need."""

from __future__ import annotations

from studie.data.definitions.columns import (
    ONE_PERIOD,
    REFNIS,
    REGION,
    STEP,
    TARGET_GROUP,
    TARGET_GROUP_OR_ALL,
    Column,
    Contract,
    amount,
    count,
    matching,
    step,
    text,
)

PERSONS = (
    Contract(
        name="ladder_panel",
        title="Personen op de ladder, momentopnamen",
        key=("person_id", "date"),
        columns=(
            text("person_id", "gepseudonimiseerd kenmerk"),
            Column(name="date", kind="date", about="dag van de momentopname"),
            matching(
                "step",
                "trede, tussentoestand, uit_beeld, uitstroom of verzameling {5,6}",
                STEP,
                "a step such as 3, 3-4, uit_beeld, exit_pension or {5,6}",
            ),
            REFNIS,
            text("age_band", "leeftijdsklasse"),
            text("sex", "geslacht", allowed=("m", "v", "x")),
            TARGET_GROUP,
            text("dutch_level", "kennis van het Nederlands"),
            text("support", "krijgt ondersteuning bij de stap", allowed=("ja", "nee")),
        ),
        demonstrated=True,
        persons="rows",
    ),
    Contract(
        name="need",
        title="Behoefte per gemeente, doelgroep en trede",
        key=("refnis", "target_group", "step", "date"),
        columns=(
            REFNIS,
            TARGET_GROUP,
            step("step", "trede"),
            Column(name="date", kind="date", about="dag"),
            amount("persons", "personen; leeg: verborgen of onbekend", "personen"),
            amount("lower", "ondergrens", "personen"),
            amount("upper", "bovengrens", "personen"),
            text("method", "geteld of geschat", allowed=("counted", "estimated")),
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
        persons="counts",
    ),
    Contract(
        name="ladder_stock",
        title="Mensen per trede, samengeteld",
        key=("region", "period", "step", "target_group"),
        columns=(
            REGION,
            ONE_PERIOD,
            step("step", "trede of toestand"),
            TARGET_GROUP_OR_ALL,
            count("persons", "personen op het einde van de periode; leeg: verborgen of onbekend", "personen"),
            count("lower", "ondergrens van een verborgen aantal", "personen"),
            count("upper", "bovengrens van een verborgen aantal", "personen"),
        ),
        ordered=(("lower", "persons"), ("persons", "upper"), ("lower", "upper")),
        persons="counts",
    ),
    Contract(
        name="ladder_flow",
        title="Bewegingen tussen treden, samengeteld",
        key=("region", "period", "from_step", "to_step", "target_group"),
        columns=(
            REGION,
            ONE_PERIOD,
            step("from_step", "trede of toestand bij het begin van de periode"),
            step("to_step", "trede of toestand op het einde van de periode"),
            TARGET_GROUP_OR_ALL,
            count("persons", "personen die zo bewogen; leeg: verborgen of onbekend", "personen"),
            count("lower", "ondergrens van een verborgen aantal", "personen"),
            count("upper", "bovengrens van een verborgen aantal", "personen"),
        ),
        ordered=(("lower", "persons"), ("persons", "upper"), ("lower", "upper")),
        persons="counts",
    ),
)
