"""Dutch wording of what the published figures are about: reports hold no English sentence.

Only words stand here, keyed by the identifier that the transcription uses; every number stays in the transcription.
"""

# ruff: noqa: E501 (sentences stay whole)
from __future__ import annotations

HSEWORLD = "HSEworld (Wolters Kluwer), 15-01-2020"
SUPPORTED = "langdurig zieken in een activeringstraject van VDAB en RIZIV"

# quantity, population, horizon in months, region, status, note
FLOWS: dict[str, tuple[str, str, int | None, str, str, str]] = {
    "F01": ("werk gevonden", SUPPORTED, 6, "region:02000", "gepubliceerd", "cumulatief vanaf de start"),
    "F02": ("werk gevonden", SUPPORTED, 12, "region:02000", "gepubliceerd", "cumulatief vanaf de start"),
    "F03": ("werk gevonden", SUPPORTED, 18, "region:02000", "gepubliceerd", "cumulatief vanaf de start"),
    "F04": (
        "werk gevonden",
        SUPPORTED,
        24,
        "region:02000",
        "gepubliceerd",
        "cumulatief vanaf de start: de halfjaarlijkse kansen dalen van 13,1 naar 9,5, 6,5 en 4,2 % (afgeleid)",
    ),
    "F05": (
        "aan het werk na 9 maanden",
        "mensen die wijk-werken beëindigden",
        9,
        "region:02000",
        "betwist",
        "waarvan 24,52 % duurzaam: het enige waargenomen cijfer over duurzame doorstroom dat we vonden; een parlementair "
        "cijfer van 17 % spreekt het totaal tegen en de eigen aantallen ervan geven 8,9 %",
    ),
    "F06": (
        "vertrokken naar werk",
        "TIW-tender, 2.837 doorverwezen mensen",
        12,
        "region:02000",
        "voorlopig",
        "ongeveer 12 maanden; voorlopig cijfer",
    ),
    "F07": (
        "aan het werk na 4 jaar",
        "mensen met een leefloon, Vlaams Gewest",
        48,
        "region:02000",
        "gepubliceerd",
        "42 % voor België, n = 86.305",
    ),
    "F08": (
        "terug naar leefloon na het eerste kwartaal aan het werk",
        "cohorte met een leefloon",
        3,
        "country:BE",
        "gepubliceerd",
        "daalt tot 0,2 % na 4 jaar: de beste Belgische terugvalcurve die we vonden",
    ),
    "F09": (
        "uit de werkloosheid in het eerste jaar na artikel 60",
        "mensen die artikel 60 verlieten",
        12,
        "country:BE",
        "gepubliceerd",
        "1 op 7; de helft is na 5 jaar nog werkloos; gemiddeld 6 jaar en 2 maanden",
    ),
    "F10": (
        "van beschut naar gewoon werk",
        "beschut werk in 8 lidstaten van de Europese Unie",
        12,
        "country:EU",
        "gepubliceerd",
        "zelden meer dan 1 % per jaar; Zweden 6-7 %",
    ),
    "F11": (
        "uitstroom uit collectief maatwerk naar regulier werk",
        "collectief maatwerk, Vlaanderen",
        12,
        "region:02000",
        "gepubliceerd",
        "283 (2021), 403 (2022), 513 (2023), 344 (2024): 1,1-2,0 % van de stand",
    ),
    "F12": (
        "uitstroom naar werk uit TWE-OCMW (artikel 60)",
        "Vlaanderen, 9.222 lopende trajecten",
        None,
        "region:02000",
        "gepubliceerd",
        "27,95 % in 2025 tot en met november",
    ),
    "F13": (
        "nog aan het werk zonder bijstand",
        "Nederland, 49.000 mensen die in 2021 vertrokken naar een baan",
        6,
        "country:NL",
        "gepubliceerd",
        "72 % na 18 maanden; 9 % terug in de bijstand na 18 maanden",
    ),
    "F14": (
        "terug in de bijstand na om het even welke uitstroom",
        "Nederland",
        12,
        "country:NL",
        "gepubliceerd",
        "15 % na 6 maanden, ongeveer 30 % na 18-24 maanden",
    ),
    "F15": (
        "uitstroom uit de bijstand, minder dan 1 jaar bijstand",
        "Nederland",
        12,
        "country:NL",
        "gepubliceerd",
        "8 % bij meer dan 3 jaar: de kans hangt af van de duur",
    ),
}
FLOW_SOURCES = {
    "F01": HSEWORLD,
    "F05": "Nieuwsblad, 19-01-2020",
    "F06": "Vlaams Parlement 1115775/1121242",
    "F07": "news.belgium.be, 08-11-2017",
    "F11": "Vlaams Parlement, schriftelijke vraag",
    "F12": "Vlaams Parlement, schriftelijke vraag",
    "F10": "empirica voor de Europese Commissie",
    "F09": "RVA spotlight via FeBI",
    "F13": "CBS, cohorte 2024",
}
STATES = {
    "work": "werk",
    "exit": "uitstroom",
    "any destination": "om het even welke bestemming",
}
FLOW_PERIODS = {
    "cohort to 2017": "../2017",
    "to 2017": "../2017",
    "-": "onbekend",
    "2014-2018": "2014/2018",
    "2018-2019": "2018/2019",
}

# indicator_id, region, period, unit, population, source, note, value (None: the transcribed one; else stated in its text)
LEVELS: dict[str, list[tuple[str, str, str, str, str, str, str, float | None]]] = {
    "L01": [
        (
            "target_group_workers_broad",
            "province:10000",
            "2018",
            "personen",
            "doelgroepmedewerkers, ruime definitie",
            "gedeputeerde van de provincie, 28-05-2018",
            "meer dan 450 ondernemingen",
            None,
        )
    ],
    "L02": [
        (
            "twe_trajectories",
            region,
            "2018",
            "trajecten",
            "tijdelijke werkervaring (TWE)",
            "Knack, februari 2019",
            "",
            value,
        )
        for region, value in (("province:10000", None), ("region:02000", 8581.0))
    ],
    "L07": [
        (
            "maatwerk_enterprises",
            "region:02000",
            "2022",
            "ondernemingen",
            "maatwerkbedrijven",
            "interprovinciale studie over de verankering",
            "",
            None,
        )
    ],
    "L08": [
        (
            "unfilled_contingent_share",
            "province:10000",
            "2017",
            "%",
            "sociale werkplaatsen, niet ingevuld contingent",
            "Vlaams Parlement 1226321",
            "",
            None,
        )
    ],
    "L10": [
        (
            "tightness_indicator",
            "region:02000",
            "2024-03",
            "werkzoekenden per open vacature",
            "spanningsindicator, alle beroepen",
            "Made in / VDAB",
            "lager is krapper",
            None,
        )
    ],
    "L11": [
        (
            "shortage_occupations",
            "region:02000",
            period,
            "beroepen",
            "knelpuntberoepen",
            "VDAB",
            "",
            value,
        )
        for period, value in (("2020", 188.0), ("2022", 207.0), ("2023", 234.0), ("2024", None))
    ],
    "L12": [
        (
            indicator,
            "province:30000",
            "2018",
            "plaatsen",
            population,
            "POM West-Vlaanderen",
            "",
            value,
        )
        for indicator, population, value in (
            ("ladder_places_total", "alle treden van de ladder", None),
            ("ladder_places_step_4", "trede 4", 10728.0),
            ("ladder_places_step_3", "trede 3", 1454.0),
        )
    ],
    "L13": [
        (
            "advice_arbeidszorg",
            "region:02000",
            "2019-12",
            "personen",
            "werkzoekenden zonder werk met advies arbeidszorg (trede 3)",
            "Vlaams Parlement 1459447/1462168",
            "de enige behoefte aan trede 3 die we vonden",
            None,
        )
    ],
    "L14": [
        (
            "advice_cmw_or_lde",
            "region:02000",
            "2019-12",
            "personen",
            "advies collectief maatwerk of LDE, daar nog niet aan het werk",
            "Vlaams Parlement 1459447/1462168",
            "verschilt van de 4.563 met alleen advies collectief maatwerk",
            None,
        )
    ],
    "L21": [
        (
            "received_vacancies_share_province",
            "province:10000",
            period,
            "%",
            "aandeel van de provincie in de rechtstreeks ontvangen vacatures van Vlaanderen",
            "VDAB",
            "",
            value,
        )
        for period, value in (("2022/2023", None), ("2020-06", 26.0))
    ],
    "L22": [
        (
            "received_vacancies_direct",
            "region:02000",
            period,
            "vacatures",
            "rechtstreeks ontvangen vacatures",
            "VDAB",
            "",
            value,
        )
        for period, value in (("2021", 362510.0), ("2022", None), ("2023", 328673.0))
    ],
    "L23": [
        (
            "shortage_vacancies_share",
            "region:02000",
            "2010",
            "%",
            "knelpuntvacatures: meer dan 90 dagen open of geschrapt bij gebrek aan een kandidaat",
            "VDAB",
            "een veel enger begrip dan een beroep op de lijst",
            None,
        )
    ],
    "L24": [
        (
            f"initiatives_{form}",
            "region:02000",
            "2021",
            "erkende initiatieven",
            population,
            "Statistiek Vlaanderen",
            "",
            value,
        )
        for form, population, value in (
            ("cmw", "collectief maatwerk", 159.0),
            ("lde", "lokale diensteneconomie", 162.0),
            ("ama", "arbeidsmatige activiteiten (AMA)", 53.0),
        )
    ],
}
LEVELS |= {
    key: [
        (
            "jobseekers_without_work",
            "province:10000",
            period,
            "personen",
            "werkzoekenden zonder werk",
            "Made in / VDAB",
            "",
            None,
        )
    ]
    for key, period in (("L09", "2020-06"), ("L19", "2017-01"), ("L20", "2018-01"))
}
LEVELS |= {
    key: [
        (
            "target_group_workers_total",
            "region:02000",
            period,
            "personen",
            "doelgroepwerknemers",
            source,
            "",
            None,
        )
    ]
    for key, period, source in (
        ("L15", "2017", "socialeeconomie.be, 02-06-2020"),
        ("L16", "2018", "socialeeconomie.be, 02-06-2020"),
        ("L17", "2019", "socialeeconomie.be, 05-10-2020"),
    )
}
# The same published figure as in the series of the social economy: kept once, there.
LEVELS_IN_SERIES = {
    "L03": ("target_group_workers_total", "2021"),
    "L04": ("target_group_workers_cmw", "2021"),
    "L05": ("target_group_workers_lde", "2021"),
    "L06": ("target_group_workers_ama", "2021"),
    "L18": ("target_group_workers_total", "2020"),
}

PARLIAMENT = "Vlaams Parlement, schriftelijke vragen (aangehaald via een openbare bewaarplaats)"
STATISTICS = "Statistiek Vlaanderen"
# indicator_id, unit, population, source, note
SERIES: dict[str, tuple[str, str, str, str, str]] = {
    "werknemers_cmw": (
        "cmw_workers",
        "personen",
        "doelgroepwerknemers in collectief maatwerk",
        PARLIAMENT,
        "Statistiek Vlaanderen geeft voor 2020 en 2021 een ander cijfer: beide staan zoals gepubliceerd",
    ),
    "doorstroom_uit_cmw_naar_regulier": (
        "cmw_outflow_regular",
        "personen",
        "uitstroom uit collectief maatwerk naar regulier werk",
        PARLIAMENT,
        "",
    ),
    "adviezen_cmw_toegekend": (
        "cmw_advice_granted",
        "adviezen",
        "toegekende adviezen collectief maatwerk",
        PARLIAMENT,
        "",
    ),
    "indiceringen_imw_cmw": (
        "imw_cmw_indications",
        "indiceringen",
        "indiceringen individueel en collectief maatwerk",
        PARLIAMENT,
        "",
    ),
    "advies_cmw_wachtenden": (
        "cmw_advice_waiting",
        "personen",
        "wachtenden met advies collectief maatwerk",
        PARLIAMENT,
        "niet zonder meer vergelijkbaar met de jaarreeks per provincie",
    ),
    "twe_ocmw_trajecten_tijdig_werk": (
        "twe_ocmw_trajectories",
        "trajecten",
        "lopende trajecten TWE-OCMW (artikel 60)",
        PARLIAMENT,
        "",
    ),
    "twe_ocmw_uitstroom_werk_pct": (
        "twe_ocmw_exit_to_work",
        "%",
        "uitstroom naar werk uit TWE-OCMW (artikel 60)",
        PARLIAMENT,
        "",
    ),
    "wijkwerkers_actief": ("wijkwerk_active", "personen", "actieve wijk-werkers", PARLIAMENT, ""),
    "wijkwerkers_overgangsmaatregel": (
        "wijkwerk_transitional",
        "personen",
        "wijk-werkers in de overgangsmaatregel",
        PARLIAMENT,
        "",
    ),
    "doelgroepwerknemers_totaal": (
        "target_group_workers_total",
        "personen",
        "doelgroepwerknemers",
        STATISTICS,
        "2021: de som van de delen is 28.118, gepubliceerd is 28.639",
    ),
    "doelgroepwerknemers_cmw": (
        "target_group_workers_cmw",
        "personen",
        "doelgroepwerknemers in collectief maatwerk",
        STATISTICS,
        "het Vlaams Parlement geeft voor 2020 en 2021 een ander cijfer: beide staan zoals gepubliceerd",
    ),
    "doelgroepwerknemers_lde": (
        "target_group_workers_lde",
        "personen",
        "doelgroepwerknemers in de lokale diensteneconomie",
        STATISTICS,
        "",
    ),
    "doelgroepwerknemers_arbeidszorg": (
        "target_group_workers_arbeidszorg",
        "personen",
        "doelgroepmedewerkers in arbeidszorg",
        STATISTICS,
        "arbeidszorg werd in april 2021 AMA: breuk met 2021",
    ),
    "doelgroepwerknemers_ama": (
        "target_group_workers_ama",
        "personen",
        "doelgroepmedewerkers in arbeidsmatige activiteiten (AMA)",
        STATISTICS,
        "arbeidszorg werd in april 2021 AMA: breuk met 2020",
    ),
}

# indicator_id, region, period, unit, population, source, note
COSTS: dict[str, tuple[str, str, str, str, str, str, str]] = {
    "C01": (
        "cost_cmw_spending",
        "region:02000",
        "onbekend",
        "euro per jaar",
        "collectief maatwerk, Vlaamse uitgaven",
        "HERW!N, belanghebbende partij",
        "ongeveer 17.450 euro per persoon in 2021 (afgeleid, de jaren verschillen)",
    ),
    "C02": (
        "cost_return_per_maatwerker",
        "region:02000",
        "onbekend",
        "euro per jaar",
        "terugverdieneffect per maatwerker",
        "HERW!N, belanghebbende partij",
        "door de sector opgegeven",
    ),
    "C03": (
        "cost_landschapsdokters",
        "province:10000",
        "onbekend",
        "euro per jaar",
        "landschapsdokters, provinciaal budget",
        "provincie Antwerpen",
        "12,53 VTE, 15 lokale besturen: ongeveer 18.100 provinciale euro per VTE (afgeleid, niet de volledige kost)",
    ),
    "C04": (
        "cost_project_subsidy_ceiling",
        "province:10000",
        "2021",
        "euro per jaar",
        "projectsubsidie, plafond",
        "provincie Antwerpen / VLAIO 2021",
        "hoogstens 75 %, 250.000 euro over hoogstens 4 jaar",
    ),
    "C05": (
        "cost_trividend_loan",
        "province:10000",
        "onbekend",
        "euro",
        "lening van Trividend Provincie Antwerpen",
        "VLAIO",
        "renteloos, 10.000-50.000 euro",
    ),
    "C06": (
        "cost_imw_guidance_premium",
        "region:02000",
        "onbekend",
        "euro per kwartaal",
        "individueel maatwerk, begeleidingspremie",
        "HERW!N, veelgestelde vragen",
        "de eerste 5 kwartalen, daarna 600; plus 430/730/1.280 volgens de behoefte",
    ),
    "C07": (
        "cost_lks_netherlands",
        "country:NL",
        "onbekend",
        "euro per baan",
        "Nederland, loonkostensubsidie (LKS)",
        "Berenschot voor Cedris/Divosa 2024",
        "250 miljoen euro, 40.000 banen, 400 miljoen euro baten",
    ),
}

# intervention, measure, acts_on, quality, source, note
PRIORS: dict[str, tuple[str, str, str, str, str, str]] = {
    "P01": (
        "ondersteuning: IPS, ernstige psychische aandoening",
        "rate_ratio",
        "upward_move_to_6",
        "meta-analyse van gerandomiseerde proeven",
        "PMC6382127",
        "intensief, hoogstens 20 mensen per begeleider: bovengrens voor een licht netwerk",
    ),
    "P02": (
        "ondersteuning: IPS, duur van de baan",
        "standardised_difference",
        "time_on_step_6",
        "meta-analyse van gerandomiseerde proeven",
        "PMC6382127",
        "",
    ),
    "P03": (
        "begeleid werk, jongeren zonder werk of opleiding",
        "rate_ratio",
        "upward_move",
        "overzicht van 10 gerandomiseerde proeven, n = 913",
        "PMC8724223",
        "ruim interval",
    ),
    "P04": (
        "begeleid werk, veteranen met PTSS",
        "rate_ratio",
        "upward_move",
        "overzicht van 10 gerandomiseerde proeven, n = 913",
        "PMC8724223",
        "",
    ),
    "P05": (
        "begeleid werk, aandoening van spieren of gewrichten",
        "rate_ratio",
        "upward_move",
        "overzicht van 10 gerandomiseerde proeven, n = 913",
        "PMC8724223",
        "het interval raakt 1",
    ),
    "P06": (
        "begeleid werk, dakloze mensen",
        "rate_ratio",
        "upward_move",
        "overzicht van 10 gerandomiseerde proeven, n = 913",
        "PMC8724223",
        "het interval bevat 1",
    ),
    "P07": (
        "sluitende aanpak, 50-52-jarigen",
        "percentage_points",
        "exit_to_work",
        "quasi-experiment, Vlaanderen",
        "Bollens (HIVA)",
        "24 % bruto tegenover 20,5 % zonder aanpak na 5 maanden: een bruto percentage is geen effect",
    ),
    "P08": (
        "licht ondersteuningsnetwerk (de provincie)",
        "hazard_ratio",
        "upward_move",
        "aanname: geen gepubliceerd resultaat",
        "studie",
        "moet ook kunnen schaden; gevoeligheidsanalyse verplicht",
    ),
    "P09": (
        "licht ondersteuningsnetwerk (de provincie)",
        "hazard_ratio",
        "relapse_12_months",
        "aanname: geen gepubliceerd resultaat",
        "studie",
        "moet ook kunnen schaden; gevoeligheidsanalyse verplicht",
    ),
}

REMARKS = {
    "six steps described": "zes treden beschreven",
    "care": "zorg",
    "construction": "bouw",
    "industry and logistics": "nijverheid en logistiek",
    "with the department WSE and VDAB": "met het departement WSE en VDAB",
    "and a fitting offer": "en een gepast aanbod",
    "ambiguous: 3 or 3 × 3 areas": "dubbelzinnig: 3 of 3 × 3 gebieden",
    "interest-free, limited amounts": "renteloos, beperkte bedragen",
    "this term of office": "deze bestuursperiode",
    "expert, purchasers, social criteria": "expert, aankopers, sociale criteria",
    "language, safety, basic skills": "taal, veiligheid, basisvaardigheden",
    "provincieraad 28-05-2020": "provincieraad 28-05-2020",
}

STATBEL_NOTES = {
    'idem (text cut at "11.")': "de gepubliceerde tekst breekt af na '11.'",
    "26.7 from the 2022Q3 release": "26,7 uit de publicatie van 2022Q3",
    "absolute 294000 -> 85000 / 131000 / 79000": "aantallen: 294.000 naar 85.000 / 131.000 / 79.000",
    "absolute 284000 -> 103000 / 102000 / 79000": "aantallen: 284.000 naar 103.000 / 102.000 / 79.000",
    "first release; later 143470 / 3.53": "eerste publicatie; later 143.470 / 3,53",
    "Flanders 95300": "Vlaanderen 95.300",
    "Flanders 66%": "Vlaanderen 66 %",
    "Flanders 68%": "Vlaanderen 68 %",
    "Flanders 66.07%": "Vlaanderen 66,07 %",
    "2022 annual": "jaarcijfer 2022",
    "2022Q2 release": "publicatie van 2022Q2",
    "2022Q3 release": "publicatie van 2022Q3",
    "2024Q2 release": "publicatie van 2024Q2",
}

# name, valid_to, valid_to_scope, regulation, note
WORK_FORMS: dict[str, tuple[str, str, str, str]] = {
    "AMA": (
        "arbeidsmatige activiteiten (vroeger arbeidszorg)",
        "",
        "arbeidszorg kreeg in april 2021 deze naam (breuk met 2020); nieuw decreet vanaf 01-01-2024",
        "sommigen plaatsen een deel op trede 4",
    ),
    "ARBEIDSZORG": ("arbeidszorg", "alle", "provinciaal register 2010-2020", "kan op trede 3 of 4 liggen"),
    "ACTIVERING": (
        "activeringstraject werk en zorg (3-18 maanden)",
        "",
        "decreet 25-04-2014, in werking 01-07-2018; nieuw decreet 08-07-2022 vanaf 01-07-2023",
        "",
    ),
    "TWE": ("tijdelijke werkervaring (bij het OCMW: artikel 60 § 7)", "", "", "de trede verschilt per auteur"),
    "WIJKWERKEN": ("wijk-werken (opvolger van PWA)", "", "", "de trede verschilt per auteur"),
    "CMW": (
        "collectief maatwerk: maatwerkbedrijf, maatwerkafdeling",
        "",
        "maatwerkdecreet 12-07-2013; in werking 01-01-2019 na de schorsing van het eerste besluit; maatwerkafdelingen naar IMW "
        "voor nieuwe instroom vanaf 01-07-2023",
        "",
    ),
    "IMW": (
        "individueel maatwerk",
        "",
        "neemt LDE, SINE, VOP en maatwerkafdelingen over voor nieuwe instroom",
        "",
    ),
    "LDE": (
        "lokale diensteneconomie",
        "nieuwe instroom",
        "wie er werkt, houdt een tijdelijke toelage of gaat naar een maatwerkbedrijf",
        "hoogstens 5 (6) jaar, eindigt met een stage",
    ),
    "SINE": ("sociale inschakelingseconomie", "nieuwe instroom", "", ""),
    "VOP": ("Vlaamse ondersteuningspremie", "nieuwe instroom", "", ""),
    "NEC": (
        "betaald werk in de gewone economie zonder persoonlijke ondersteuning",
        "",
        "",
        "dienstencheques en sectorale verminderingen blijven op trede 6",
    ),
}

EVENTS = {
    "2014-04-25": "decreet werk- en zorgtrajecten; de gevonden bronnen verbinden de Vlaamse ladder met dit decreet, het plan zegt "
    "“sinds 2004”",
    "2015-04-01": "collectief maatwerk treedt een eerste keer in werking; het besluit wordt in 2016 geschorst",
    "2018-07-01": "werk- en zorgtrajecten gaan van start",
    "2019-01-01": "collectief maatwerk in werking",
    "2020-03-01": "nieuwe werkingsgebieden en trekkende gemeenten 2020-2025 bekendgemaakt (37 in Vlaanderen)",
    "2020-05-28": "actieplan goedgekeurd door de provincieraad, agenda 2/3; reglement projectsubsidie 2/2",
    "2021-04-01": "arbeidszorg wordt AMA",
    "2022-04-29": "besluit over de lokale regierol: sociale economie en werk, vanaf 1 januari 2023, vier prioriteiten",
    "2022-07-08": "nieuw decreet werk- en zorgtrajecten",
    "2023-07-01": "individueel maatwerk in werking; geen nieuwe erkenning LDE; activerings- en onthaaltrajecten volgens het nieuwe decreet",
    "2023-09-20": "36 organisaties willen met Maatwerkt vzw tot een verbindende koepel in de provincie komen, een stap naar het platform",
    "2024-01-01": "AMA volgens het nieuwe decreet",
    "2025-01-01": "Borsbeek bij Antwerpen; Zwijndrecht verlaat de provincie",
}
TIGHTNESS_SOURCE = (
    "UWV-spanningsindicator: open vacatures per kortdurend (minder dan 6 maanden) werkzoekende met uitkering; "
    "VDAB deelt andersom"
)
