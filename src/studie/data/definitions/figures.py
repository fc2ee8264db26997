"""Published figures and what the plan itself says: indicators, flows, effects, commitments, ties."""

from __future__ import annotations

from studie.data.definitions.columns import (
    ANY_PERIOD,
    NOTE,
    REGION,
    STATUSES,
    Column,
    Contract,
    amount,
    count,
    day,
    matching,
    optional,
    refers,
    text,
)

FIGURES = (
    Contract(
        name="indicator",
        title="Gepubliceerde cijfers",
        key=("indicator_id", "region", "period"),
        columns=(
            matching("indicator_id", "kenmerk van de reeks", r"[a-z][a-z0-9_]*", "snake_case"),
            REGION,
            ANY_PERIOD,
            Column(
                name="value",
                kind="number",
                about="waarde zoals gepubliceerd; leeg: niet bekend, de opmerking zegt waarom",
                required=False,
            ),
            text("unit", "eenheid"),
            text("population", "waarover het cijfer gaat"),
            text("status", "hoe vast het cijfer staat", allowed=STATUSES),
            NOTE,
        ),
    ),
    Contract(
        name="published_flow",
        title="Gepubliceerde bewegingen tussen treden of toestanden",
        key=("flow_id",),
        columns=(
            text("flow_id", "kenmerk"),
            text("quantity", "wat gemeten is"),
            text("from_state", "vertrek"),
            text("to_state", "aankomst"),
            amount("value", "waarde", "zie unit", required=True),
            text("unit", "eenheid"),
            count("horizon_months", "termijn; leeg: onbekend", "maanden"),
            text("population", "over wie"),
            REGION,
            ANY_PERIOD,
            text("status", "hoe vast het cijfer staat", allowed=STATUSES),
            NOTE,
        ),
    ),
    Contract(
        name="effect_prior",
        title="Voorkennis over effecten",
        key=("prior_id",),
        columns=(
            text("prior_id", "kenmerk"),
            text("intervention", "ingreep"),
            text(
                "measure",
                "maat",
                allowed=("rate_ratio", "hazard_ratio", "standardised_difference", "percentage_points"),
            ),
            text("distribution", "verdeling", allowed=("lognormal", "normal")),
            Column(name="centre", kind="number", about="midden"),
            Column(name="lower", kind="number", about="ondergrens; leeg: onbekend", required=False),
            Column(name="upper", kind="number", about="bovengrens; leeg: onbekend", required=False),
            Column(
                name="interval_level", kind="number", about="dekking van het interval", required=False, least=0, most=1
            ),
            text(
                "acts_on",
                "beweging waarop ze werkt",
                allowed=("upward_move", "upward_move_to_6", "time_on_step_6", "exit_to_work", "relapse_12_months"),
            ),
            text("quality", "soort onderzoek"),
            NOTE,
        ),
        ordered=(("lower", "centre"), ("centre", "upper")),
    ),
    Contract(
        name="commitment",
        title="Engagementen van het actieplan",
        key=("commitment_id",),
        columns=(
            matching("commitment_id", "kenmerk", r"E\d\d", "E and two digits"),
            text("section", "hoofdstuk van het plan"),
            text("quote", "aanhaling"),
            text(
                "product",
                "wat de studie ermee doet: D gegevens, M model, I indicator, K kaart, S scenario, H hoofdstuk, T tool",
            ),
            text("indicator", "indicator, of onbekend"),
            text("status", "wat ervan kwam", allowed=("gedaan", "bezig", "onbekend")),
            optional("remark", "opmerking"),
        ),
        own_replaces=("commitment_id",),
    ),
    Contract(
        name="commitment_indicator",
        title="Indicator, bron en hoofdstuk per engagement",
        key=("commitment_id",),
        columns=(
            matching("commitment_id", "kenmerk", r"E\d\d", "E and two digits"),
            text("indicator", "wat we meten, in gewone taal"),
            optional("table", "tabel waaruit de waarde komt; leeg: geen tabel van de studie"),
            optional("measure", "reeks van die tabel of naam van de berekening; leeg: geen"),
            matching("chapter", "hoofdstuk dat het engagement behandelt", r"\d\d-[a-z-]+", "a chapter such as 40-x"),
            optional(
                "holder", "wie de gegevens kan geven, gescheiden door ; of leeg: zie het register van gegevensdeling"
            ),
            day("fact", "dag in de tijdlijn van de regelgeving met een vaststaand feit", required=False),
        ),
        references=(refers("commitment_id", to="commitment"),),
        own_replaces=("commitment_id",),
    ),
    Contract(
        name="partner_tie",
        title="Banden tussen partners",
        key=("from_actor", "to_actor", "kind", "year"),
        columns=(
            text("from_actor", "partner"),
            text("to_actor", "partner"),
            text("kind", "soort band"),
            Column(name="year", kind="whole", about="jaar", least=1900, most=2200),
            amount("weight", "sterkte; leeg: onbekend", "geen"),
            Column(name="confirmed", kind="yes_no", about="door de partners zelf bevestigd"),
            text("origin", "herkomst van de band", allowed=("commitment", "survey", "register", "demonstration")),
            optional("commitment", "engagement dat de band noemt"),
        ),
        demonstrated=True,
    ),
)
