"""Tables on money for firms: schemes that pay, applications for them, and annual accounts."""

from __future__ import annotations

from studie.data.definitions.columns import (
    ENTERPRISE,
    REGION,
    Column,
    Contract,
    amount,
    day,
    late,
    matching,
    optional,
    refers,
    share,
    text,
    year,
)

FINANCE = (
    Contract(
        name="subsidy_scheme",
        title="Subsidiewijzer: steun aan ondernemingen en besturen",
        key=("scheme_id",),
        columns=(
            matching("scheme_id", "kenmerk", r"[a-z0-9]+(-[a-z0-9]+)*", "lower case words joined by hyphens"),
            text("name", "naam van de steun"),
            text("level", "kader", allowed=("Europees", "Vlaams", "provinciaal")),
            text("giver", "wie de steun geeft; leeg: onbekend", required=False),
            text("applicants", "wie ze kan aanvragen; leeg: onbekend", required=False),
            text("pays", "wat betaald wordt; leeg: onbekend", required=False),
            text("ceiling", "hoogstens hoeveel, in woorden; leeg: onbekend", required=False),
            amount(
                "max_euro",
                "hoogste bedrag per aanvraag, per jaar of in totaal, zoals `ceiling` zegt; leeg: onbekend of geen",
                "euro",
            ),
            share("max_share", "hoogste deel van de kost, zoals `ceiling` zegt; leeg: onbekend of geen"),
            text("conditions", "voorwaarden; leeg: onbekend", required=False),
            day("valid_from", "eerste dag; leeg: onbekend", required=False),
            day("valid_to", "laatste dag; leeg: onbekend of geen einde", required=False),
            day("checked_on", "dag waarvan de bron dateert; leeg: onbekend", required=False),
            optional("url", "adres van de bron"),
        ),
        ordered=(("valid_from", "valid_to"),),
        own_replaces=("scheme_id",),
    ),
    Contract(
        name="application",
        title="Aanvragen van steun en wat ervan kwam",
        key=("application_id",),
        columns=(
            text("application_id", "kenmerk van de aanvraag"),
            text("scheme_id", "steun die gevraagd wordt (kenmerk van subsidy_scheme)"),
            text("applicant", "organisatie die aanvraagt, geen persoon"),
            text(
                "applicant_kind",
                "soort aanvrager",
                allowed=("sociale economie", "reguliere onderneming", "lokaal bestuur", "andere"),
            ),
            REGION,
            Column(name="date", kind="date", about="dag van de indiening"),
            text("decision", "beslissing", allowed=("in behandeling", "goedgekeurd", "geweigerd", "ingetrokken")),
            late("decided_on", "dag van de beslissing; leeg: nog geen of onbekend"),
            amount("requested_euro", "gevraagd bedrag; leeg: onbekend, niet 0", "euro"),
            amount("granted_euro", "toegekend bedrag; leeg: geen of onbekend", "euro"),
            text(
                "priority",
                "waarom het project voorrang krijgt; leeg: onbekend",
                required=False,
                allowed=("blinde vlek", "knelpuntsector", "maatschappelijke uitdaging", "geen"),
            ),
            Column(
                name="supported",
                kind="yes_no",
                about="de provincie hielp het dossier uitwerken; leeg: onbekend",
                required=False,
            ),
        ),
        references=(refers("scheme_id", to="subsidy_scheme"),),
        ordered=(("date", "decided_on"), ("granted_euro", "requested_euro")),
    ),
    Contract(
        name="annual_account",
        title="Jaarrekeningen",
        key=("enterprise_number", "year"),
        columns=(
            ENTERPRISE,
            year("year", "jaar waarin het boekjaar eindigt"),
            amount("total_assets_euro", "balanstotaal (code 20/58); leeg: onbekend", "euro"),
            amount("equity_euro", "eigen vermogen (code 10/15), kan negatief zijn; leeg: onbekend", "euro", least=None),
            amount(
                "current_assets_euro",
                "vlottende activa zonder vorderingen op meer dan een jaar (codes 3, 40/41, 50/53, 54/58, 490/1); "
                "leeg: onbekend",
                "euro",
            ),
            amount(
                "current_debts_euro",
                "schulden op ten hoogste een jaar en overlopende rekeningen (codes 42/48, 492/3); leeg: onbekend",
                "euro",
            ),
            amount("operating_income_euro", "bedrijfsopbrengsten (code 70/76A); leeg: onbekend", "euro"),
            amount(
                "operating_subsidies_euro",
                "exploitatiesubsidies en compenserende bedragen (code 740); leeg: onbekend, niet 0",
                "euro",
            ),
            amount(
                "result_euro",
                "winst of verlies van het boekjaar (code 9904), verlies negatief; leeg: onbekend",
                "euro",
                least=None,
            ),
            amount("employees_vte", "personeel (code 9087); leeg: onbekend", "VTE"),
        ),
        references=(refers("enterprise_number", to="enterprise"),),
        ordered=(
            ("equity_euro", "total_assets_euro"),
            ("current_assets_euro", "total_assets_euro"),
            ("operating_subsidies_euro", "operating_income_euro"),
        ),
    ),
)
