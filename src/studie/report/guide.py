"""How to read a report, in words: the same page in the PDF and on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

CERTAINTY = (
    ("zeker", "in minstens 95 van de 100 trekkingen; wat van een aanname afhangt, heet nooit zeker"),
    ("waarschijnlijk", "in 80 tot 95 van de 100 trekkingen"),
    ("onzeker", "in minder dan 80 van de 100 trekkingen: reken er niet op"),
)
ORIGIN = (
    ("waargenomen", "gepubliceerd, met bron, of geteld in een lijst die de studie zelf bijhoudt"),
    ("eigen gegevens", "een uittreksel van de onderzoeker of een partner"),
    (
        "demonstratie",
        "nagemaakt om de methode te tonen; trek er geen besluit uit. De kop van elke pagina zegt het.",
    ),
    ("voorstel van de studie", "niemand besliste het; het staat er om over te praten."),
    ("aannames van de studie", "waarden die de studie koos, met hun reden in een bijlage."),
    ("overgenomen uit de literatuur", "woorden van onderzoekers, met de bron erbij."),
    ("onbekend", "we weten het niet. Dat is niet hetzelfde als nul."),
    (
        "te klein",
        "onderdrukt: zo weinig mensen dat iemand herkenbaar kan zijn. Soms valt ook een groter getal weg, zodat "
        "niemand het kleine kan uitrekenen.",
    ),
)


def guide(*, words: Sequence[Sequence[str]], methods: bool = True) -> dict[str, Any]:
    """Text of the page, in the order it is read.

    Parameters
    ----------
    words : sequence of (word, meaning)
        What a reader needs before the first chapter.
    methods : bool, default True
        Whether the chapters tell their methods; else these and the checks stand in the annexes.
    """
    told = "Daarna volgen de gegevens, de methode, de bevindingen en de beperkingen."
    apart = (
        "Daarna volgen de gegevens, de bevindingen en de beperkingen. De methoden en controles staan in de bijlagen."
    )
    return {
        "title": "Hoe leest u dit rapport",
        "opening": f"Elk hoofdstuk opent met wat we vinden. {told if methods else apart}",
        "certainty": {
            "title": "Hoe zeker is een bevinding?",
            "text": "Elke schatting wordt vele malen opnieuw berekend, telkens met andere waarden die bij de gegevens "
            "passen (trekkingen). We tellen in welk deel van de trekkingen de bevinding klopt.",
            "terms": CERTAINTY,
            "after": "Een interval zoals “12 % (9-15 %)” geeft de waarden die goed bij de gegevens passen. Tenzij er "
            "iets anders staat, ligt de echte waarde in 95 van de 100 gevallen in zo’n interval. Hoe breder, hoe "
            "minder we weten. Een prognose toont ook vaak een interval van 80 %. Staat er in een tabel met "
            "intervallen achter een cijfer geen, dan is het smaller dan de afronding. Een geteld cijfer heeft er geen; "
            "dat van een kerncijfer vooraan staat in zijn hoofdstuk.",
        },
        "origin": {
            "title": "Waar komen de cijfers vandaan?",
            "text": "Bij elke figuur, tabel en bevinding staat de status van de gegevens.",
            "terms": ORIGIN,
            "after": "Getallen staan in Nederlandse notatie: 1.234,5. Personen, voltijdse equivalenten (VTE), plaatsen "
            "en trajecten zijn verschillende eenheden en worden niet opgeteld. Een percentage mensen dat doorstroomt "
            "beschrijft wat gebeurde; het is geen effect van een maatregel.",
        },
        "words": {"title": "Woordenlijst", "terms": [list(pair) for pair in words]},
        "brief": "Een interval zoals “12 % (9-15 %)” geeft de waarden die goed bij de gegevens passen. Onbekend is "
        "niet hetzelfde als nul. Te klein staat waar iemand herkenbaar kan zijn. Demonstratie is nagemaakt om de "
        "methode te tonen: trek er geen besluit uit. Methoden, aannames en de volledige lijst van bronnen staan in het "
        "rapport van de provincie.",
    }
