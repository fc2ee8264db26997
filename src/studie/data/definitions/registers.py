"""Tables that somebody fills in: meetings, mentor duos, needs and barriers, pledges, public contracts, actions."""

from __future__ import annotations

from dataclasses import replace

from studie.data.definitions.columns import (
    REFNIS,
    REGION,
    SECTOR,
    Column,
    Contract,
    amount,
    count,
    late,
    text,
    year,
)

SECTOR_IF_ANY = replace(SECTOR, required=False, about="knelpuntsector van het plan; leeg: geen of onbekend")

REGISTERS = (
    Contract(
        name="event",
        title="Bijeenkomsten",
        key=("event_id",),
        columns=(
            text("event_id", "kenmerk van de bijeenkomst"),
            text(
                "kind",
                "soort bijeenkomst",
                allowed=(
                    "dag van de inclusieve ondernemer",
                    "overleg van partners",
                    "overleg van regisseurs",
                    "gesprek met een werkingsgebied",
                    "gezamenlijke vorming",
                    "vorming voor aanbieders op trede 3",
                    "vorming over overheidsopdrachten",
                    "intervisie over overheidsopdrachten",
                    "infosessie over subsidies",
                    "andere",
                ),
            ),
            Column(name="date", kind="date", about="dag van de bijeenkomst"),
            REGION,
            count("participants", "mensen die deelnamen; leeg: onbekend, niet 0", "personen"),
            count("organisations", "organisaties die deelnamen; leeg: onbekend, niet 0", "organisaties"),
            amount("cost_euro", "uitgave van de provincie; leeg: onbekend, niet 0", "euro"),
        ),
        persons="counts",
    ),
    Contract(
        name="prize_candidate",
        title="Kandidaten voor de prijs van inclusieve ondernemer",
        key=("year", "candidate"),
        columns=(
            year("year", "jaar van de prijs"),
            text("candidate", "onderneming of organisatie"),
            REGION,
            SECTOR_IF_ANY,
            text("criteria", "waarop de jury oordeelde; leeg: onbekend", required=False),
            text("outcome", "hoever de kandidaat kwam", allowed=("kandidaat", "genomineerd", "winnaar")),
        ),
    ),
    Contract(
        name="mentorship",
        title="Duo's van mentor en kandidaat",
        key=("region", "year", "organiser"),
        columns=(
            REGION,
            year("year", "jaar waarin de duo's startten"),
            text("organiser", "wie de duo's vormt", allowed=("provincie", "lokaal bestuur", "onderneming", "andere")),
            count("duos", "duo's; leeg: onbekend, niet 0", "duo's"),
            count("completed", "waarvan het traject afgewerkt is; leeg: onbekend, niet 0", "duo's"),
            count("to_work", "waarvan de kandidaat daarna aan het werk is; leeg: onbekend, niet 0", "duo's"),
        ),
        ordered=(("completed", "duos"), ("to_work", "duos")),
        persons="counts",
    ),
    Contract(
        name="signal",
        title="Noden en drempels die partners melden",
        key=("signal_id",),
        columns=(
            text("signal_id", "kenmerk van de melding"),
            text("kind", "nood of drempel", allowed=("nood", "drempel")),
            text("description", "wat de nood of de drempel is, zonder namen van mensen"),
            text("named_by", "organisatie die ze meldt, geen persoon"),
            REGION,
            SECTOR_IF_ANY,
            Column(name="date", kind="date", about="dag van de melding"),
            text(
                "status",
                "wat ermee gebeurde",
                allowed=("open", "in behandeling", "weggewerkt", "niet weg te werken"),
            ),
            late("solved_on", "dag waarop ze weggewerkt was; leeg: niet of onbekend"),
        ),
        ordered=(("date", "solved_on"),),
    ),
    Contract(
        name="pledge",
        title="Inspanningsverbintenissen van lokale besturen",
        key=("pledge_id",),
        columns=(
            text("pledge_id", "kenmerk van de verbintenis"),
            REFNIS,
            text("description", "waartoe het lokaal bestuur zich verbindt"),
            Column(name="date", kind="date", about="dag van de afspraak"),
            Column(
                name="tailored",
                kind="yes_no",
                about="op maat afgesproken met de lokale regisseur; leeg: onbekend",
                required=False,
            ),
            text("status", "wat ervan kwam", allowed=("afgesproken", "bezig", "nagekomen", "niet nagekomen")),
            count("places", "plaatsen die ze opleverde; leeg: onbekend, niet 0", "plaatsen"),
        ),
    ),
    Contract(
        name="tender",
        title="Overheidsopdrachten en hun sociale criteria",
        key=("tender_id",),
        columns=(
            text("tender_id", "kenmerk van de opdracht"),
            text("buyer", "bestuur dat de opdracht gunde"),
            text("buyer_kind", "soort bestuur", allowed=("provincie", "lokaal bestuur", "andere")),
            REGION,
            Column(name="date", kind="date", about="dag van de gunning"),
            text("subject", "voorwerp van de opdracht"),
            text(
                "social_criteria",
                "hoe de opdracht mensen uit de doelgroep aan werk helpt; leeg: onbekend",
                required=False,
                allowed=("voorbehouden", "uitvoeringsvoorwaarde", "gunningscriterium", "geen"),
            ),
            text(
                "awarded_to",
                "wie de opdracht kreeg; leeg: onbekend",
                required=False,
                allowed=("sociale economie", "reguliere onderneming", "samenwerking"),
            ),
            amount("amount_euro", "bedrag; leeg: onbekend, niet 0", "euro"),
            amount("vte", "werk voor mensen uit de doelgroep; leeg: onbekend, niet 0", "VTE"),
        ),
    ),
    Contract(
        name="action",
        title="Acties waarmee de provincie het plan uitvoert",
        key=("action_id",),
        columns=(
            text("action_id", "kenmerk van de actie"),
            text(
                "kind",
                "soort actie",
                allowed=(
                    "gezamenlijke actie",
                    "traject van professionalisering",
                    "proef met een ondersteuningsnetwerk",
                    "overname van het ondersteuningsnetwerk",
                    "initiatief binnen de provincie",
                    "voorstel aan de deputatie",
                    "mijlpaal naar het platform",
                ),
            ),
            text("title", "wat de actie is"),
            REGION,
            text("lead", "wie de actie trekt, een organisatie"),
            Column(name="date", kind="date", about="dag van de start; leeg: niet begonnen of onbekend", required=False),
            late("ended_on", "dag waarop ze klaar of stopgezet was; leeg: loopt nog of onbekend"),
            text("status", "stand", allowed=("gepland", "bezig", "klaar", "stopgezet")),
            count("places_created", "plaatsen die eruit kwamen; leeg: onbekend, niet 0", "plaatsen"),
        ),
        ordered=(("date", "ended_on"),),
    ),
)
