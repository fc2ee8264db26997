"""The study's words in Dutch: what each means to a reader; `docs/glossary.md` has the same words for who writes code."""

from __future__ import annotations

from typing import Final

REGION_WORDS: Final = ("speerpuntsector", "knelpuntsector", "knelpuntregio", "blinde vlek")  # never synonyms
GUIDE: Final = (  # what a reader needs before the first chapter
    "participatieladder",
    "doorstroom",
    "duurzame doorstroom",
    "terugval",
    "uit beeld",
    "doelgroepmedewerker",
    "maatwerkbedrijf",
    "arbeidsmatige activiteiten (AMA)",
    *REGION_WORDS,
    "spanningsindicator",
    "werkingsgebied",
    "regisseur",
)
TERMS: Final = {
    # Vier woorden, vier betekenissen
    "speerpuntsector": "sector die de provincie zelf in het actieplan noemt: zorg, bouw, nijverheid of logistiek.",
    "knelpuntsector": "sector waarin vacatures moeilijk ingevuld raken: de vacaturegraad lag in minstens acht van de laatste twaalf kwartalen boven het gemiddelde van de vier sectoren in de regio.",
    "knelpuntregio": "regio waar de arbeidsmarkt krap is: de spanningsindicator lag in minstens drie van de laatste vier jaren onder die van de provincie.",
    "blinde vlek": "gebied waar het aanbod tekortschiet voor wie het nodig heeft, in omvang, verscheidenheid, bereik, sector of kennis.",
    # Mensen en treden
    "participatieladder": "zes treden, van geïsoleerd leven (1) tot betaald werk zonder ondersteuning (6).",
    "trede": "een van de zes sporten van de participatieladder.",
    "tussen de treden": "bekend is dat iemand tussen twee treden staat, bijvoorbeeld tussen 5 en 6.",
    "verzameling van treden": "niet bekend is op welke van enkele treden iemand staat.",
    "uit beeld": "in geen enkel register te vinden. Dat is geen trede.",
    "uitstroom": "pensioen, verhuizing of overlijden: iemand wordt niet verder gevolgd.",
    "doelgroepmedewerker": "wie op trede 3, 4 of 5 staat, of op trede 6 met ondersteuning werkt.",
    "beweging": "verandering van trede of toestand tussen twee waarnemingen.",
    "doorstroom": "stap naar een hogere trede.",
    "duurzame doorstroom": "stap omhoog waarna iemand binnen de gemeten termijn nooit onder de bereikte trede gezien wordt.",
    "terugval": "daling onder de bereikte trede na een stap omhoog. Blijven waar men staat is geen mislukking.",
    "overgangsmatrix": "tabel met het deel van de mensen op elke trede dat een periode later op elke andere staat.",
    "intensiteit": "tempo waarmee mensen van de ene trede naar de andere gaan, per maand.",
    "verblijfsduur": "hoelang iemand naar verwachting op een trede blijft.",
    "stand": "aantal mensen op een trede op één moment.",
    "stroom": "aantal mensen dat in een periode beweegt.",
    "ondersteuning": "begeleiding rond een stap, door een netwerk rond medewerker en onderneming.",
    "samenhang, effect": "twee zaken die samengaan, hangen samen; een effect vraagt een vergelijking met een vooraf gekozen opzet.",
    # Werk en plaatsen
    "plaats": "gefinancierde ruimte voor iemand bij een vestiging.",
    "VTE (voltijdsequivalent)": "arbeidstijd van één voltijdse medewerker; nooit op te tellen bij mensen of plaatsen.",
    "traject": "begeleiding met een einddatum; iemand kan er meer dan één hebben.",
    "contingent": "VTE die Vlaanderen toekent voor collectief maatwerk.",
    "maatwerkbedrijf": "onderneming die erkend is voor collectief maatwerk (trede 5).",
    "arbeidsmatige activiteiten (AMA)": "onbetaald werk met begeleiding (trede 3).",
    "activeringstraject": "tijdelijk traject werk en zorg (trede 4).",
    "behoefte": "mensen met een plaats plus mensen die op een plaats wachten.",
    "wachtenden": "mensen met een advies die nog geen plaats hebben.",
    "aanbod": "plaatsen per vestiging, werkvorm en activiteit.",
    "bereikbaarheid": "plaatsen per mens met een behoefte die binnen een aantal minuten te bereiken zijn.",
    "onvervulde behoefte": "mensen die overblijven als iedereen de dichtste vrije plaats neemt: het minste dat tekort kan zijn.",
    "afwijking van evenredigheid": "hoe ver getelde aantallen gemiddeld liggen van wat de samenstelling van een gemeente doet verwachten.",
    "randeffect": "wat ontbreekt omdat plaatsen en mensen buiten de provincie niet gekend zijn.",
    "effectief aantal activiteiten": "aantal even vaak voorkomende activiteiten met dezelfde verscheidenheid.",
    "doelgroep": "groep waarvoor behoefte en aanbod geteld worden. Groepen overlappen en worden niet opgeteld.",
    # Arbeidsmarkt
    "openstaande vacatures": "vacatures die op de laatste dag open staan: een stand, nooit over maanden op te tellen.",
    "ontvangen vacatures": "vacatures die in een maand binnenkomen.",
    "spanningsindicator": "werkzoekenden per openstaande vacature. Lager is krapper.",
    "vervangingsvraag": "banen die vrijkomen omdat mensen voorgoed vertrekken.",
    "uitbreidingsvraag": "verandering in het aantal banen.",
    "functiecreatie": "taken afsplitsen tot een inclusieve job.",
    "breuk in de reeks": "periode vanaf wanneer cijfers niet meer te vergelijken zijn met vroegere.",
    # Gebieden
    "gemeente": "gemeente volgens de NIS-code; sinds 2025 telt de provincie er 67.",
    "werkingsgebied": "gemeenten die samen de regie van de sociale economie voeren.",
    "indeling": "andere verdeling van gemeenten, zoals referentieregio of eerstelijnszone.",
    "regisseur": "coördinator sociale economie van een werkingsgebied.",
    "deputatie": "dagelijks bestuur van de provincie.",
    "peildatum": "dag die het grondgebied en de indelingen vastlegt; cijfers lopen tot hun laatste periode.",
    "schematische grenzen": "afgeleide omtrekken, alleen om kaarten te tekenen.",
    # Wat zou helpen
    "scenario, niets extra": "pakket ingrepen, telkens naast niets extra doen in dezelfde trekkingen.",
    "trekking": "één stel cijfers dat waar kan zijn; in welk deel van de trekkingen een bevinding klopt, zegt hoe zeker ze is.",
    "ingreep": "iets wat de provincie kan doen, met effect, opbouw, bereik, omvang en kost.",
    "aanname over een effect": "wat iemand over een effect gelooft dat hier niemand gemeten heeft. Het kan ook schaden.",
    "latent tempo": "tempo van stappen omhoog als er plaatsen genoeg waren.",
    "plaatsen in gebruik": "mensen die op een trede met plaatsen staan.",
    "bruto plaats": "plaats die erbij komt.",
    "netto plaats": "bruto plaats min wat er ook zonder gekomen was of wat ze verdringt.",
    "duurzame plaats": "plaats die tot duurzame doorstroom leidt; dat hangt aan aannames.",
    "ruimte": "verwachte vacatures in de vier sectoren per honderd mensen die een plaats nodig hebben. Ze vergelijkt gebieden en telt niets op.",
    "hoogste kost om quitte te spelen": "wat de rest van een ingreep hoogstens mag kosten voor een gekozen waarde van een duurzame stap omhoog.",
    "waarde van een duurzame stap omhoog": "wat één duurzame stap meer waard is voor wie beslist. Niemand besliste dat; daarom staan er enkele waarden.",
    "waarde van eerst weten": "hoeveel beter een beslissing gemiddeld zou zijn als iets precies bekend was: een bovengrens.",
    "bijna even goede keuze": "keuze van proefgebieden die hoogstens een klein deel van de beste score mist.",
    "loting": "het lot wijst onder bijna even goede keuzes aan wie de proef krijgt, zodat een effect van toeval te onderscheiden is.",
    "kleinste zichtbare verschil": "verschil dat de evaluatie van een proef met ruime kans ziet.",
    "kans op een plaats in de rangschikking": "deel van de trekkingen van gewichten en scores waarin een keuze die rang heeft.",
    "partner zonder wie andere loskomen": "partner die, als hij wegvalt, andere van het netwerk afsnijdt.",
    # Cijfers
    "waargenomen": "gepubliceerd, met bron.",
    "eigen": "uit een uittreksel van de onderzoeker of een partner.",
    "demonstratie": "nagemaakt met een vast zaad om de methode te tonen. Trek er geen besluit uit.",
    "schatting, interval": "een waarde, en de waarden errond die goed bij de gegevens passen.",
    "dekking": "deel van de intervallen dat de echte waarde bevat.",
    "onbekend": "niemand weet het. Dat is niet hetzelfde als nul.",
    "onderdrukt": "gekend, maar verborgen zodat niemand herkenbaar is.",
    "primaire onderdrukking": "een aantal verbergen omdat het zelf te klein is.",
    "secundaire onderdrukking": "een aantal verbergen omdat een te klein aantal er anders uit volgt.",
    "ingewijde": "lezer die naast al wat gedrukt is één verborgen aantal kent.",
    "mogelijk bereik": "van het kleinste tot het grootste aantal dat een lezer voor een verborgen cel niet kan uitsluiten.",
    "register van cellen": "lijst van de aantallen die gedrukt mogen worden. Wat er niet in staat, wordt niet gedrukt.",
    "grootboek van publicaties": "wat vroegere publicaties over elke cel zeiden.",
}


def listed(words: tuple[str, ...] | None = None) -> list[tuple[str, str]]:
    """Words with their meaning: those asked for in their order, or all from a to z."""
    return [(word, TERMS[word]) for word in (words or sorted(TERMS, key=str.casefold))]
