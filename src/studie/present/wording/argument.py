"""Sentences that join the chapters: what follows from each, and where levers meet; each with its opposite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studie.present import cells, levers, numbers
from studie.present.display import Finding, Sentence, Unavailable
from studie.present.wording.ladder import probability_below
from studie.present.wording.places import CLEAR
from studie.present.wording.regions import place


def what_holds_back(area: Any, *, level: float) -> list[Sentence]:
    """What follows from how many fall back, and whether support goes with less of it.

    Parameters
    ----------
    area : present.argument.Area
    level : float
        Coverage of the intervals, in (0, 1).
    """
    less = less_with_support(area, level=level)
    if less is None:
        text = (
            "Daarom eerst: tellen. Zonder gegevens over wie terugvalt, is niet te zeggen waar ondersteuning nodig is."
        )
        return [Sentence(text=text)]
    if less >= CLEAR:
        text = (
            "Daarom: een stap omhoog vraagt ook aandacht voor wat erna komt. Wie ondersteuning kreeg, viel minder vaak terug; of "
            "de ondersteuning de oorzaak is, kan alleen een proef met loting zeggen."
        )
        return [Sentence(text=text, certainty=numbers.certainty(less))]
    if less <= 1 - CLEAR:
        text = (
            "Daarom: eerst begrijpen waarom wie ondersteuning kreeg, vaker terugviel. Een netwerk uitbreiden kan nu niet op deze "
            "cijfers steunen."
        )
        return [Sentence(text=text, certainty=numbers.certainty(1 - less))]
    text = "Daarom: of ondersteuning samengaat met minder terugval, is niet te zien. Een proef met loting gaat voor een uitbreiding."
    return [Sentence(text=text, certainty="onzeker")]


def less_with_support(area: Any, *, level: float) -> float | None:
    """Probability that those with support fall back less; none where it is not known."""
    frame = area.by_support
    if "support" not in frame:
        return None
    supported, alone = (area.after(frame[frame["support"] == value], "relapse") for value in ("ja", "nee"))
    if not supported.cell_status == alone.cell_status == "published":
        return None
    return probability_below(supported, alone, level=level)


def where_room(area: Any) -> list[Sentence]:
    """What follows from what the sectors can expect.

    Parameters
    ----------
    area : present.argument.Area
    """
    if isinstance(area.demand, Unavailable):
        return [
            Sentence(text="Daarom eerst: vacatures per gemeente opvragen. Zonder die reeksen is de ruimte onbekend.")
        ]
    more = float(area.demand.more_in_all)
    prior = "Hoeveel daarvan inclusief werk wordt, besliste een aanname en geen meting: dat is eerst na te gaan bij de ondernemingen."
    if more >= CLEAR:
        text = f"Daarom: samen krijgen de vier sectoren naar verwachting meer vacatures dan in de voorbije {area.demand.span} maanden. {prior}"
    elif more <= 1 - CLEAR:
        text = f"Daarom: samen krijgen de vier sectoren naar verwachting minder vacatures dan in de voorbije {area.demand.span} maanden: de ruimte krimpt. {prior}"
    else:
        text = f"Daarom: of de vier sectoren samen meer of minder vacatures krijgen dan in de voorbije {area.demand.span} maanden, is niet te zeggen. {prior}"
    return [Sentence(text=text, certainty=numbers.certainty(max(more, 1 - more)))]


def where_short(area: Any) -> list[Sentence]:
    """What follows from how much of the need has a place.

    Parameters
    ----------
    area : present.argument.Area
    """
    gap = area.shortage
    if gap.cell_status != "published":
        return [Sentence(text="Daarom eerst: het aanbod tellen. Of er plaatsen te kort zijn, is onbekend.")]
    if gap.lower > 0:
        text = "Daarom: doorstroom alleen volstaat niet. Zolang er te weinig plaatsen zijn, wacht wie wil beginnen."
        return [Sentence(text=text, certainty="waarschijnlijk")]
    if gap.upper < 0:
        text = (
            "Daarom: meer plaatsen zijn niet het eerste. Er zijn er genoeg; de vraag is of ze op de juiste plek liggen."
        )
        return [Sentence(text=text, certainty="waarschijnlijk")]
    return [Sentence(text="Daarom: eerst tellen. Of er plaatsen te kort zijn, is niet zeker.", certainty="onzeker")]


def crossing(result: Any) -> list[Sentence]:
    """In which arrondissements a shortage of places and room in the sectors meet, and where people fall back more.

    Parameters
    ----------
    result : present.argument.Crossing
    """
    every = result.within("arrondissement")
    told = [one for one in every if None not in (result.chance(one, "room"), result.chance(one, "shortage"))]
    if not told:
        text = "Waar tekort en ruimte samenvallen, is onbekend: behoefte, aanbod of vacatures ontbreken."
        return [Sentence(text=text), *_fallen(result, every)]
    both = [one for one in told if result.more(one, "room", "shortage")]
    only = [one for one in told if result.more(one, "shortage") and one not in both]
    found = []
    if both:
        text = (
            f"In {_places(both)} ontbreken verhoudingsgewijs meer plaatsen dan in de provincie én verwachten de speerpuntsectoren er meer "
            "vacatures per mens die een plaats nodig heeft: daar raken de hefbomen elkaar."
        )
        found.append(Sentence(text=text, certainty=_word(result, both, "room", "shortage")))
    else:
        text = (
            "In geen enkel arrondissement vallen een groter tekort en meer ruimte duidelijk samen: plaatsen en speerpuntsectoren "
            "vragen elk hun eigen gebieden."
        )
        found.append(Sentence(text=text, certainty="onzeker"))
    if only:
        text = f"In {_places(only)} is het tekort groter zonder dat de speerpuntsectoren er meer ruimte hebben: daar helpt eerst een plaats."
        found.append(Sentence(text=text, certainty=_word(result, only, "shortage")))
    return [*found, *_fallen(result, every)]


def _fallen(result: Any, every: Sequence[Any]) -> list[Sentence]:
    """Where people fall back more often than in the province."""
    known = [one for one in every if result.chance(one, "relapse") is not None]
    if not known:
        return [Sentence(text="Of mensen in het ene arrondissement vaker terugvallen dan in het andere, is onbekend.")]
    more = [one for one in known if result.more(one, "relapse")]
    if more:
        text = f"In {_places(more)} vallen mensen na een stap omhoog vaker terug dan in de provincie: ondersteuning begint daar."
        return [Sentence(text=text, certainty=_word(result, more, "relapse"))]
    text = "In geen enkel arrondissement vallen mensen duidelijk vaker terug dan in de provincie: terugval vraagt overal dezelfde aandacht."
    return [Sentence(text=text, certainty="onzeker")]


def _places(areas: Sequence[Any]) -> str:
    """Names of areas in a sentence."""
    return numbers.listing([place(one.region) for one in areas])


def _word(result: Any, areas: Sequence[Any], *themes: str) -> str:
    """How sure it is of the area of which it is least sure; a shortage hangs on an assumption."""
    least = min(result.chance(one, theme) for one in areas for theme in themes)
    return levers.certainty(least) if "shortage" in themes else numbers.certainty(least)


def argument_headline(result: Any) -> list[Finding]:
    """Finding of the argument: where levers meet, and what the whole says about places.

    Parameters
    ----------
    result : present.argument.Crossing
    """
    first, meaning = crossing(result)[0], where_short(result.whole)[0].text.partition(": ")[2]
    said = meaning[:1].upper() + meaning[1:]
    return [Finding(finding=first.text, meaning=said, certainty=first.certainty or "onzeker")]


def needed_and_found(area: Any) -> Sentence:
    """How many people need a place and for how many there is none, as one clause of a proposal.

    Parameters
    ----------
    area : present.argument.Area
    """
    if area.need.cell_status != "published" or area.shortage.cell_status != "published":
        return Sentence(text="het onbekend is voor hoeveel mensen een plaats ontbreekt")
    text = f"{numbers.number(area.need.estimate)} mensen een plaats nodig hebben en er voor {cells.share(area.shortage)} van hen geen is"
    return Sentence(text=text)


def crossing_complete(result: Any) -> list[Sentence]:
    """Whether the arrondissements add up to the province, in need and in vacancies.

    Parameters
    ----------
    result : present.argument.Crossing
    """
    parts = result.within("arrondissement")
    needs = [one.need for one in (result.whole, *parts)]
    told = all(one.cell_status == "published" for one in needs)
    demand = [one.demand for one in (result.whole, *parts)]
    known = not any(isinstance(one, Unavailable) for one in demand)
    return [
        _adds_up("behoefte", [float(one.estimate) for one in needs] if told else []),
        _adds_up("verwachte vacatures", [float(one.totals["estimate"].sum()) for one in demand] if known else []),
    ]


def _adds_up(what: str, values: Sequence[float]) -> Sentence:
    """Whether the first value is the sum of the others, to half a person or vacancy."""
    start = f"Controle: de {what} van de arrondissementen "
    if len(values) < 2:
        return Sentence(
            text=f"Controle: of de {what} van de arrondissementen optelt, is niet na te gaan: een cijfer ontbreekt."
        )
    gap = abs(values[0] - sum(values[1:]))
    verb = "telt" if what == "behoefte" else "tellen"
    verdict = "in orde" if gap < 0.5 else f"niet in orde, verschil van {numbers.number(gap, decimals=1)}"
    return Sentence(text=f"{start}{verb} op tot die van de provincie: {verdict}.")
