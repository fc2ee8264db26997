"""Sentences about blind spots, each with its opposite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from studie.present import cells, levers, numbers, words
from studie.present.display import Finding, KeyNumber, Sentence, Unavailable
from studie.present.wording.regions import place, unavailable
from studie.regions import Region

LEAST_DIFFERENCE = 0.01  # a smaller one is not worth a sentence
ASSUMED = ("volume", "reach")  # faces that hang on full-time places per person, or on estimated travel times
CLEAR = 0.8  # share of draws from which a difference is said
# face and quantity: what goes well, what lacks, what to ask
TALK = {
    ("volume", "gap share"): (
        "Verhoudingsgewijs staan hier minder mensen zonder plaats dan in de provincie: {value} tegen {whole}.",
        "Verhoudingsgewijs staan hier meer mensen zonder plaats dan in de provincie: {value} tegen {whole}.",
        "Voor welke mensen is er vandaag geen plaats, en wie kan er plaatsen bij maken?",
    ),
    ("diversity", "missing cells"): (
        "Wie een plaats nodig heeft, kan hier meer kiezen: {value} van de keuze ontbreekt, in de provincie {whole}.",
        "Wie een plaats nodig heeft, kan hier minder kiezen: {value} van de keuze ontbreekt, in de provincie {whole}.",
        "Welke activiteiten ontbreken, en voor welke doelgroep?",
    ),
    ("reach", "reach public_transport"): (
        "Met het openbaar vervoer is een plaats hier vaker bereikbaar: voor {value} van de behoefte, in de provincie {whole}.",
        "Met het openbaar vervoer is een plaats hier minder bereikbaar: voor {value} van de behoefte, in de provincie {whole}.",
        "Wie raakt niet tot bij een plaats, en wat zou helpen: vervoer, of een plaats dichterbij?",
    ),
    ("sector", "without inclusive offer"): (
        "In de vier speerpuntsectoren is er hier vaker een inclusief aanbod: {value} van de vacatures staat er los van, in de provincie {whole}.",
        "In de vier speerpuntsectoren ontbreekt hier vaker een inclusief aanbod: bij {value} van de vacatures, in de provincie {whole}.",
        "Welke ondernemingen in de zorg, de bouw, de nijverheid en de logistiek willen hier meedoen?",
    ),
    ("knowledge", "unknown offer"): (
        "Het aanbod is hier beter gekend: {value} is onbekend, in de provincie {whole}.",
        "Het aanbod is hier minder gekend: {value} is onbekend, in de provincie {whole}.",
        "Welk aanbod staat nog niet in de databank?",
    ),
}


def regional_gaps(result: Any, *, region: Region, minutes: float, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How much of the need has no place, and how much finds one in time, per mode."""
    indexed: Any = cells.printable(result, frame).set_index(["face", "quantity"])
    gap = cells.row(indexed, ("volume", "gap share"))
    reach = [cells.row(indexed, ("reach", f"reach {mode}")) for mode in ("public_transport", "car")]
    persons = cells.row(indexed, ("need", "need"))
    if persons.cell_status != "published":
        return unavailable()
    total = f"{cells.amount(persons)} mensen"
    return [_gap_sentence(gap, total, region), _reach_sentence(reach, total, minutes)]


def _gap_sentence(gap: Any, total: str, region: Region) -> Sentence:
    """Need without a place, or that there are places enough, or that it is not known."""
    if gap.cell_status != "published":
        return Sentence(
            text=f"In {place(region)} hebben {total} een plaats nodig; hoeveel plaatsen er zijn, is onbekend."
        )
    if gap.upper < 0:
        text = f"In {place(region)} zijn er meer plaatsen dan de {total} die er een nodig hebben, volgens wat bekend is en als het aangenomen aantal voltijdse plaatsen per persoon klopt."
        return Sentence(text=text, certainty="waarschijnlijk")
    text = f"In {place(region)} hebben {total} een plaats nodig; waar het aanbod bekend is, is er voor {cells.share(gap)} van hen geen, als het aangenomen aantal voltijdse plaatsen per persoon klopt."
    return Sentence(text=text, certainty="waarschijnlijk" if gap.lower > 0 else "onzeker")


def _reach_sentence(reach: Sequence[Any], total: str, minutes: float) -> Sentence:
    """Who finds a place in time by public transport and by car."""
    transit, car = reach
    within = f"binnen {numbers.number(minutes)} minuten"
    if transit.cell_status != "published" and car.cell_status != "published":
        return Sentence(
            text=f"Hoeveel mensen {within} tot bij een plaats raken die voor hen openstaat, is hier onbekend."
        )
    if transit.cell_status != "published":
        why = words.CELL_STATUS[transit.cell_status]
        text = f"Met geschatte reistijden raakt met de auto {cells.share(car)} van die mensen {within} tot bij een plaats die voor hen openstaat; met het openbaar vervoer: {why}."
        return Sentence(text=text)
    text = f"Met geschatte reistijden raakt met het openbaar vervoer {cells.share(transit)} van die mensen {within} tot bij een plaats die voor hen openstaat"
    if car.cell_status != "published":
        return Sentence(text=f"{text}; met de auto: {words.CELL_STATUS[car.cell_status]}.")
    told = transit.upper < car.lower or abs(car.estimate - transit.estimate) < LEAST_DIFFERENCE
    return Sentence(text=f"{text}; met de auto {cells.share(car)}.", certainty="waarschijnlijk" if told else None)


def regional_access(result: Any, *, region: Region, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many places are in reach, who stays without one, and what the edge of the data hides."""
    indexed: Any = cells.printable(result, frame).set_index(["mode", "quantity"])
    rows = {mode: cells.row(indexed, (mode, "unmet need")) for mode in ("public_transport", "car")}
    told = {mode: row for mode, row in rows.items() if row.cell_status == "published"}
    within = f"binnen {numbers.number(result.minutes)} minuten"
    if not told:
        return [*unavailable(), _edge_sentence(result, region)]
    if all(row.estimate < 0.5 for row in told.values()):
        text = f"Als iedereen de dichtste vrije plaats neemt, is er {within} een plaats voor iedereen die er een nodig heeft."
        return [Sentence(text=text), _edge_sentence(result, region)]
    text = f"Ook als elke plaats ingevuld is, kunnen er mensen zonder plaats blijven {within}: {numbers.listing([f'{words.MODES[mode]} {_between(row)}' for mode, row in told.items()])}."
    if any(round(row.lower) < round(row.estimate) for row in told.values()):
        text += (
            " Het laagste getal geldt als het onbekende aanbod iedereen opvangt, het hoogste als het niemand opvangt."
        )
    return [Sentence(text=text), _edge_sentence(result, region)]


def _between(row: Any) -> str:
    """Persons without a place: one number, or from the lowest to the highest."""
    low, high = numbers.number(row.lower), numbers.number(row.estimate)
    return high if low == high else f"{low} tot {high}"


def _edge_sentence(result: Any, region: Region) -> Sentence:
    """Of how many municipalities the neighbours outside the province matter, or that they do not."""
    told = result.table["edge"].dropna()
    if told.empty:
        return Sentence(text="Of de buren buiten de provincie het beeld vertekenen (randeffect), is onbekend.")
    flagged = int(told.max())
    if not flagged:
        return Sentence(
            text=f"Wat vanuit {place(region)} bereikbaar is, ligt binnen de provincie: er is geen randeffect."
        )
    if result.municipalities == 1:
        start = f"Een deel van wat vanuit {place(region)} bereikbaar is, ligt buiten de provincie"
    else:
        start = (
            f"Voor {numbers.number(flagged)} van de {numbers.number(result.municipalities)} gemeenten ligt een deel "
            "van wat bereikbaar is buiten de provincie"
        )
    text = f"{start} (randeffect). De plaatsen en de mensen daar tellen niet mee; het beeld kan te somber of te gunstig zijn."
    return Sentence(text=text, certainty="onzeker")


def worst(
    result: Any, *, names: Mapping[int, str], inside: Sequence[int], frame: pd.DataFrame | None = None
) -> list[Sentence]:
    """Which municipalities of the region are surely or probably among the worst of the province."""
    chance = result.probability.reindex(list(inside))
    group = f"de {numbers.number(result.k)} gemeenten van de provincie met het grootste tekort"
    sure = chance[chance >= CLEAR].sort_values(ascending=False)
    found = []
    if len(sure):
        listed = [f"{names[int(refnis)]} ({numbers.chance(value)})" for refnis, value in sure.items()]
        verb = "hoort" if len(listed) == 1 else "horen"
        text = f"{numbers.listing(listed)} {verb} waarschijnlijk bij {group}; tussen haakjes de kans."
        found.append(Sentence(text=text, certainty=levers.certainty(float(sure.min()))))
    elif len(chance) == 1 and chance.notna().all():
        text = f"De kans dat {names[int(chance.index[0])]} hoort bij {group}, is {numbers.chance(chance.iloc[0])}."
        found.append(Sentence(text=text, certainty="waarschijnlijk"))
    elif chance.notna().any():
        found.append(
            Sentence(text=f"Geen enkele gemeente van deze regio hoort met een kans van minstens 80 % bij {group}.")
        )
    unknown = int(chance.isna().sum())
    if unknown == len(chance) == 1:
        text = f"Of {names[int(chance.index[0])]} hoort bij {group}, is onbekend: het aanbod is niet geregistreerd."
        found.append(Sentence(text=text, certainty="zeker"))
    elif unknown:
        text = f"Van {numbers.plural(unknown, 'gemeente', 'gemeenten')} is het aanbod onbekend: die kunnen er ook bij horen."
        found.append(Sentence(text=text, certainty="zeker"))
    return found


def autocorrelation(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Whether blind spots lie together on the map."""
    together = result.moran > result.expected
    if result.p_value >= 0.1:
        return [
            Sentence(
                text="In de provincie liggen gemeenten met een groot tekort niet aantoonbaar bij elkaar, en ook niet uit elkaar.",
                certainty="onzeker",
            )
        ]
    text = (
        "In de provincie liggen gemeenten met een groot tekort vaker bij elkaar dan toeval zou geven: een aanpak over gemeentegrenzen ligt voor de hand."
        if together
        else "In de provincie liggen gemeenten met een groot tekort vaker uit elkaar dan toeval zou geven: een buurgemeente kan helpen."
    )
    return [Sentence(text=text, certainty=numbers.certainty(1 - float(result.p_value)))]


def prospects(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many firms are on the list, and who is not."""
    if not result.n:
        return [Sentence(text="Er staat geen onderneming op de lijst: geen enkele ligt in een knelpuntsector.")]
    left = result.left_out
    text = f"Op de lijst staan {numbers.plural(result.n, 'onderneming', 'ondernemingen')} in een knelpuntsector."
    rest = []
    if left["no shortage"]:
        rest.append(f"{numbers.number(left['no shortage'])} in een sector zonder knelpunt")
    if left["no sector"]:
        rest.append(f"{numbers.number(left['no sector'])} in een andere sector")
    return [Sentence(text=f"{text} Er niet op staan: {numbers.listing(rest)}." if rest else text)]


def matching(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many tasks somebody in the social economy does already."""
    states = result.table["state"].value_counts()
    carvable = int(states.sum() - states.get("not applicable", 0))
    if not carvable:
        return [Sentence(text="Er is nog geen enkele taak gescreend die af te splitsen is: dit is onbekend.")]
    matched, nobody = int(states.get("matched", 0)), int(states.get("no offer", 0))
    unknown = carvable - matched - nobody
    text = f"Voor {numbers.number(matched)} van de {numbers.plural(carvable, 'taak', 'taken')} die af te splitsen zijn, is er al iemand in de sociale economie die ze doet"
    rest = [
        *([f"voor {numbers.number(nobody)} nog niemand"] if nobody else []),
        *([f"voor {numbers.number(unknown)} weten we het niet"] if unknown else []),
    ]
    return [Sentence(text="; ".join([text, *rest]) + ".")]


def talk(result: Any, *, part: str, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """At most three strengths, gaps or questions for the talk with the coordinator of a region.

    Parameters
    ----------
    result : places.gaps.RegionalGaps
    part : {"strengths", "gaps", "questions"}
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown: Any = cells.printable(result, frame).set_index(["face", "quantity"])
    table = result.table[[key in TALK for key in result.table.index]]
    known = table[[shown.loc[key].cell_status == "published" for key in table.index]]
    if part == "questions":
        return _questions(table, known)
    sign = part == "strengths"
    apart = known[(known["estimate"] - known["whole"]).abs() >= LEAST_DIFFERENCE]
    chosen = apart[apart["worse"] <= 1 - CLEAR] if sign else apart[apart["worse"] >= CLEAR]
    ordered = chosen.sort_values("worse", ascending=sign, kind="stable").head(3)
    found = []
    for key, row in ordered.iterrows():
        text = TALK[key][0 if sign else 1].format(
            value=numbers.share(row["estimate"]), whole=numbers.share(row["whole"])
        )
        found.append(Sentence(text=text, certainty=_sure(key[0], float(max(row["worse"], 1 - row["worse"])))))
    nothing = "beter" if sign else "slechter"
    return found or [Sentence(text=f"Op geen enkel punt is deze regio duidelijk {nothing} dan de provincie.")]


def _sure(face: str, chance: float) -> str:
    """How sure something about a face is; volume and reach hang on assumptions."""
    return levers.certainty(chance) if face in ASSUMED else numbers.certainty(chance)


def _questions(table: pd.DataFrame, known: pd.DataFrame) -> list[Sentence]:
    """What to ask: first about what is unknown, then about where the region is worst."""
    unknown = [key for key in table.index if key not in known.index]
    gaps = known.sort_values("worse", ascending=False, kind="stable").index
    knowledge = [("knowledge", "unknown offer")] if table["known"].max() < table["known"].size else []
    return [Sentence(text=TALK[key][2]) for key in list(dict.fromkeys([*unknown, *knowledge, *gaps]))[:3]]


def blind_spot_headline(result: Any, *, region: Region, minutes: float, frame: pd.DataFrame) -> list[Finding]:
    """Findings of the chapter on blind spots."""
    if isinstance(result, Unavailable):
        return []
    sentences = regional_gaps(result, region=region, minutes=minutes, frame=frame)
    meaning = "Waar plaatsen ontbreken, helpt alleen een plaats; waar het aanbod onbekend is, komt eerst de telling."
    first = Finding(finding=sentences[0].text, meaning=meaning, certainty=sentences[0].certainty or "onzeker")
    rest = [
        Finding(
            finding=s.text,
            meaning="Een plaats die te ver ligt, is geen plaats voor wie geen auto heeft. Reistijden zijn geschat.",
            certainty=s.certainty or "onzeker",
        )
        for s in sentences[1:]
    ]
    return [first, *rest]


def blind_spot_numbers(result: Any, *, frame: pd.DataFrame) -> list[KeyNumber]:
    """Small number of the chapter: share of the need without a place."""
    if isinstance(result, Unavailable):
        return []
    indexed: Any = cells.printable(result, frame).set_index(["face", "quantity"])
    gap = cells.row(indexed, ("volume", "gap share"))
    text = numbers.share(gap.estimate) if gap.cell_status == "published" else words.CELL_STATUS[gap.cell_status]
    return [KeyNumber(label="van de behoefte zonder plaats", value=text)]


def faces_add_up(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Whether every municipality has a number or a reason on every face."""
    shown = cells.printable(result, frame)
    told = int((shown["cell_status"] == "published").sum())
    text = (
        f"Controle: {numbers.number(len(shown))} vakjes ({numbers.plural(len(result.faces), 'gezicht', 'gezichten')} maal de "
        f"gemeenten), waarvan {numbers.number(told)} met een cijfer en {numbers.number(len(shown) - told)} met een reden waarom niet."
    )
    return [Sentence(text=text)]
