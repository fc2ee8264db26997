"""How to read a report, in words: the same page in the PDF and on screen."""

from __future__ import annotations

from typing import Any

CERTAINTY = (
    ("zeker", "in minstens 95 van de 100 trekkingen"),
    ("waarschijnlijk", "in 80 tot 95 van de 100 trekkingen"),
    ("onzeker", "in minder dan 80 van de 100 trekkingen: reken er niet op"),
)
ORIGIN = (
    ("waargenomen", "gepubliceerd, met bron"),
    ("eigen gegevens", "een uittreksel van de onderzoeker of een partner"),
    (
        "demonstratie",
        "nagemaakt om de methode te tonen; trek er geen besluit uit. De kop van elke pagina zegt het.",
    ),
    ("onbekend", "we weten het niet. Dat is niet hetzelfde als nul."),
    (
        "<10",
        "onderdrukt: zo weinig mensen dat iemand herkenbaar kan zijn. Soms valt ook een groter getal weg, zodat "
        "niemand het kleine kan uitrekenen.",
    ),
)
WORDS = (
    (
        "Participatieladder",
        "zes treden, van geïsoleerd leven (1) tot betaald werk zonder ondersteuning (6). Ook tussen twee treden kan "
        "iemand staan.",
    ),
    ("Doorstroom", "stap naar een hogere trede."),
    ("Duurzame doorstroom", "doorstroom die op het gemeten moment nog standhoudt."),
    ("Terugval", "daling na een stap omhoog. Blijven waar men staat is geen mislukking."),
    ("Uit beeld", "in geen enkel register te vinden."),
    ("Doelgroepmedewerker", "wie met erkende ondersteuning werkt."),
    ("Maatwerkbedrijf", "onderneming die erkend is voor collectief maatwerk (trede 5)."),
    ("AMA", "arbeidsmatige activiteiten: onbetaald, met begeleiding."),
    ("Speerpuntsector", "door de provincie als prioriteit benoemd."),
    ("Knelpuntsector", "sector die volgens de spanningsindicator krap is."),
    ("Spanningsindicator", "werkzoekenden per open vacature. Lager is krapper."),
    ("Knelpuntregio", "gebied waar de arbeidsmarkt krap is."),
    ("Blinde vlek", "gebied waar het aanbod tekortschiet voor wie het nodig heeft."),
    ("Werkingsgebied", "groep gemeenten met één regierol."),
    ("Regisseur", "coördinator sociale economie van een werkingsgebied."),
)


def guide() -> dict[str, Any]:
    """Text of the page, in the order it is read."""
    return {
        "title": "Hoe leest u dit rapport",
        "opening": "Elk hoofdstuk opent met wat we vinden. Daarna volgen de gegevens, de methode, de bevindingen en de "
        "beperkingen.",
        "certainty": {
            "title": "Hoe zeker is een bevinding?",
            "text": "Elke schatting wordt vele malen opnieuw berekend, telkens met andere waarden die bij de gegevens "
            "passen (trekkingen). We tellen in welk deel van de trekkingen de bevinding klopt.",
            "terms": CERTAINTY,
            "after": "Een interval zoals “12 % (9-15 %)” geeft de waarden die goed bij de gegevens passen. Tenzij er "
            "iets anders staat, ligt de echte waarde in 95 van de 100 gevallen in zo’n interval. Hoe breder, hoe "
            "minder we weten. Een prognose toont ook vaak een interval van 80 %.",
        },
        "origin": {
            "title": "Waar komen de cijfers vandaan?",
            "text": "Bij elke figuur, tabel en bevinding staat de status van de gegevens.",
            "terms": ORIGIN,
            "after": "Getallen staan in Nederlandse notatie: 1.234,5. Personen, voltijdse equivalenten (VTE), plaatsen "
            "en trajecten zijn verschillende eenheden en worden niet opgeteld. Een percentage mensen dat doorstroomt "
            "beschrijft wat gebeurde; het is geen effect van een maatregel.",
        },
        "words": {"title": "Woordenlijst", "terms": WORDS},
        "brief": "Een interval zoals “12 % (9-15 %)” geeft de waarden die goed bij de gegevens passen. Onbekend is "
        "niet hetzelfde als nul. Te klein staat waar iemand herkenbaar kan zijn. Demonstratie is nagemaakt om de "
        "methode te tonen: trek er geen besluit uit. Methoden, aannames en de volledige lijst van bronnen staan in het "
        "rapport van de provincie.",
    }
