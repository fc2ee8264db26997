"""The proposal to the council: on what ground, considering what, and the articles that follow from the findings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from studie.present import levers, money, numbers
from studie.present.display import Finding, Sentence
from studie.present.platform import FORMS
from studie.present.wording.argument import CLEAR, less_with_support, needed_and_found
from studie.present.wording.context import plan_day
from studie.present.wording.demand import demand_findings
from studie.present.wording.ladder import relapse
from studie.present.wording.regions import place

NETWORK = "ondersteuningsnetwerk"  # lever that the plan announces as a pilot
RULES = ("besluit", "decreet")  # events that are Flemish rules


def approvable(statuses: Collection[str]) -> bool:
    """Whether a decision may rest on the study: nothing in it is demonstration."""
    return "demonstration" not in statuses


def ground(regulation: pd.DataFrame) -> list[Sentence]:
    """On which rules the decision rests.

    Parameters
    ----------
    regulation : DataFrame
        Rows of the table `regulation`.
    """
    day = plan_day(regulation)
    texts = [
        "De provincieraad van Antwerpen,",
        "Gelet op het provinciedecreet;",
        f"Gelet op het actieplan inclusieve economie 2020-2024, goedgekeurd door de provincieraad op {numbers.day(day)};",
    ]
    later = regulation[(regulation["date"] > day) & regulation["event"].str.contains("|".join(RULES))]
    rules = [
        f"{str(row.event).replace(';', ',')} ({numbers.day(str(row.date))})"
        for row in later.sort_values("date").itertuples()
    ]
    if rules:
        texts.append(f"Gelet op de Vlaamse regelgeving sinds het actieplan: {'; '.join(rules)};")
    return [Sentence(text=text) for text in texts]


def considering(whole: Any, *, level: float, statuses: Collection[str], requests: Any) -> dict[str, Sentence]:
    """What the council considers, by the part of the study that it rests on: ladder, sectors, places, data.

    Parameters
    ----------
    whole : present.argument.Area
        The province.
    level : float
        Coverage of the intervals, in (0, 1).
    statuses : collection of str
        Statuses of the data in the study.
    requests : data.completeness.OpenRequests
    """
    if not approvable(statuses):
        return {part: Sentence(text=text) for part, text in _shown_only(requests).items()}
    fallen = relapse(None, frame=whole.relapse, level=level)[0].text
    demand = demand_findings(whole.demand, region=whole.region)[0].finding
    texts = {
        "ladder": f"Overwegende dat uit de studie blijkt: {_lower(fallen)}",
        "sectors": f"Overwegende dat over de sectoren geldt: {_lower(demand)}",
        "places": f"Overwegende dat {needed_and_found(whole).text}.",
        "data": "Overwegende dat de studie op waargenomen en eigen gegevens rust;",
    }
    return {part: Sentence(text=text.rstrip(".;") + ";") for part, text in texts.items()}


def _shown_only(requests: Any) -> dict[str, str]:
    """What a study on data that were made up can be a ground for: how to measure, never a number."""
    count = numbers.plural(len(requests.requests), "vraag", "vragen")
    return {
        "ladder": "Overwegende dat de studie toont hoe terugval na een stap omhoog te meten is;",
        "sectors": "Overwegende dat ze toont hoe de vraag van de sectoren te verwachten is, met een interval;",
        "places": "Overwegende dat ze toont hoe te tellen is voor hoeveel mensen een plaats ontbreekt;",
        "data": "Overwegende dat een deel van de gegevens nagemaakt is om de methode te tonen, zodat cijfers met het woord demonstratie "
        f"niets over de provincie zeggen, en dat {count} om gegevens nog te stellen of te beantwoorden zijn;",
    }


def _lower(text: str) -> str:
    """Sentence that goes on after a colon."""
    return text[:1].lower() + text[1:]


def asked(*, aard: str, statuses: Collection[str], requests: Any) -> str:
    """What the council is asked, in one sentence.

    Parameters
    ----------
    aard : {"kennisname", "goedkeuring"}
    statuses : collection of str
        Statuses of the data in the study.
    requests : data.completeness.OpenRequests
    """
    if aard == "goedkeuring" and approvable(statuses):
        return "De provincieraad wordt gevraagd de studie goed te keuren als basis voor het volgende actieplan, met de artikelen van het voorstel."
    data = _holders(requests)
    what = (
        f"de deputatie te vragen de ontbrekende gegevens op te vragen bij {numbers.plural(len(data), 'houder', 'houders')}"
        if data
        else "de deputatie te vragen de gegevens elk jaar te vernieuwen"
    )
    return f"De provincieraad wordt gevraagd kennis te nemen van de studie en {what}. Over uitgaven wordt niet beslist."


def decision(
    crossed: Any,
    *,
    aard: str,
    statuses: Collection[str],
    requests: Any,
    settings: Mapping[str, Any],
    level: float,
    forms: Any = None,
) -> list[Sentence]:
    """Articles of the decision, each composed from what was found.

    Approval is asked only when `aard` says so and nothing rests on demonstration data; else the council takes note.

    Parameters
    ----------
    crossed : present.argument.Crossing
    aard : {"kennisname", "goedkeuring"}
    statuses : collection of str
        Statuses of the data in the study.
    requests : data.completeness.OpenRequests
    settings : mapping of str to config.LeverSettings
        Levers with their cost.
    level : float
        Coverage of the intervals, in (0, 1).
    forms : strategy.priorities.PlatformForms, optional
        Forms of one provincial platform as partners judged them, or did not.
    """
    approves = aard == "goedkeuring" and approvable(statuses)
    texts = (
        [
            "De provincieraad keurt de strategische studie inclusieve economie goed als basis voor het actieplan dat volgt op dat van 2020-2024.",
            _pilot(crossed.whole, settings.get(NETWORK), level=level),
            _places(crossed),
            _sectors(crossed.whole),
            *([] if forms is None else [_form(forms)]),
        ]
        if approves
        else ["De provincieraad neemt kennis van de strategische studie inclusieve economie."]
    )
    texts.append(_data(requests))
    texts += _estimates(settings)
    if not approves:
        texts.append(_next(statuses))
    texts.append(
        "De deputatie legt de provincieraad elk jaar de indicatoren voor die bij dit voorstel horen, met hun status en hun bron."
    )
    return [
        Sentence(text="Op voorstel van de deputatie,"),
        Sentence(text="BESLUIT:"),
        *(Sentence(text=f"Artikel {number}. {text}") for number, text in enumerate(texts, start=1)),
    ]


def _form(forms: Any) -> str:
    """Which form of the platform is worked out: one that clearly comes first, or none yet."""
    if forms.ranking is None:
        return (
            "De provincieraad kiest nog geen bestuursvorm voor één provinciaal platform en vraagt de partners om de drie "
            "vormen te beoordelen en hun banden te bevestigen."
        )
    first = forms.ranking.ranks[1]
    name, share = FORMS[str(first.idxmax())], float(first.max())
    if share < CLEAR:
        return (
            "De provincieraad kiest nog geen bestuursvorm voor één provinciaal platform: volgens wie ze beoordeelde, komt geen "
            "enkele duidelijk eerst."
        )
    return (
        f"De provincieraad laat '{name}' uitwerken als vorm van één provinciaal platform: ze komt eerst in "
        f"{numbers.share(share)} van de trekkingen, over alle gewichten."
    )


def _pilot(whole: Any, lever: Any, *, level: float) -> str:
    """Whether the pilot of the network starts."""
    less = less_with_support(whole, level=level)
    if less is None:
        return "De provincieraad beslist niet over een proef met een ondersteuningsnetwerk: wie terugvalt, is onbekend."
    if less <= 1 - CLEAR:
        return (
            "De provincieraad start geen proef met een ondersteuningsnetwerk zolang niet begrepen is waarom wie ondersteuning kreeg, "
            "vaker terugviel."
        )
    return (
        "De provincieraad keurt een proef met een ondersteuningsnetwerk goed in gebieden die het lot aanwijst onder de bijna even "
        f"goede keuzes van de studie, met een evaluatie vooraf vastgelegd. {_cost(lever)}"
    )


def _cost(lever: Any) -> str:
    """What a lever costs, and who said so."""
    if lever is None or lever.cost is None:
        return "De kost is onbekend: de deputatie raamt ze voor de proef start."
    status = levers.COST_STATUS[lever.cost.status]
    return f"De {status} kost is {money.euro(lever.cost.value)} {levers.COSTS[lever.cost.unit].removeprefix('euro ')} bij volle opbouw."


def _places(crossed: Any) -> str:
    """Whether more places are asked for, and where first."""
    gap = crossed.whole.shortage
    if gap.cell_status != "published":
        return "De provincieraad vraagt de lokale regisseurs eerst het aanbod te tellen: of er plaatsen te kort zijn, is onbekend."
    if not gap.lower > 0:
        return "De provincieraad vraagt geen extra plaatsen: een tekort is niet aangetoond."
    first = [area for area in crossed.within("arrondissement") if crossed.more(area, "shortage")]
    where = f", eerst in {numbers.listing([place(area.region) for area in first])}" if first else ""
    return f"De provincieraad vraagt de Vlaamse regering om extra plaatsen voor wie er vandaag geen heeft{where}."


def _sectors(whole: Any) -> str:
    """What is asked of the sectors."""
    if not hasattr(whole.demand, "totals"):
        return "De provincieraad vraagt VDAB eerst de vacatures per gemeente: hoeveel ruimte de speerpuntsectoren hebben, is onbekend."
    return (
        "De provincieraad vraagt de deputatie om met de partners van de speerpuntsectoren na te gaan welk deel van de taken inclusief werk kan "
        "worden; dat deel is vandaag een aanname."
    )


def _estimates(settings: Mapping[str, Any]) -> list[str]:
    """Ask what the levers cost of which no cost is known."""
    unknown = [one.name for one in settings.values() if one.cost is None]
    if not unknown:
        return []
    return [
        f"De provincieraad vraagt de deputatie te ramen wat {numbers.listing(unknown)} per jaar {'kost' if len(unknown) == 1 else 'kosten'}."
    ]


def _data(requests: Any) -> str:
    """Which data are asked of whom."""
    holders = _holders(requests)
    if not holders:
        return "De provincieraad vraagt de deputatie de gegevens elk jaar te vernieuwen; er ontbreken er geen."
    return (
        f"De provincieraad vraagt de deputatie om de gegevens die ontbreken of nagemaakt zijn, op te vragen bij {numbers.listing(holders)}. "
        "De tabel hieronder zegt wat aan wie gevraagd wordt."
    )


def _holders(requests: Any) -> list[str]:
    """Who is asked for data, in the order of the alphabet."""
    return sorted(requests.requests["holder"].unique(), key=str.casefold)


def _next(statuses: Collection[str]) -> str:
    """What happens after the council took note."""
    if approvable(statuses):
        return "De deputatie kan de studie ter goedkeuring voorleggen: ze rust op waargenomen en eigen gegevens."
    return (
        "De deputatie legt de studie opnieuw voor zodra ze op waargenomen of eigen gegevens rust. Tot dan beslist de provincieraad op "
        "grond van deze studie niet over uitgaven."
    )


def outlay(result: Any, *, names: levers.Names, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """What the levers would cost, from published to published and assumed, and of which no cost is known.

    Parameters
    ----------
    result : strategy.outlay.Outlay
    names : mapping of str to str
        Dutch names of the levers.
    frame : DataFrame, optional
        Not looked at: an amount is not about people.
    """
    years = int(result.table["year"].max())
    found = []
    if result.levers("stated", "assumed"):
        yearly, whole = (_range(result, year=year) for year in (years, None))
        text = (
            f"Zouden alle ingrepen met een kost er komen, dan kosten ze in jaar {numbers.number(years)} samen {yearly}, en over "
            f"de eerste {numbers.plural(years, 'jaar', 'jaar')} {whole}."
        )
        if result.levers("stated") and result.levers("assumed"):
            text += " Het laagste bedrag telt alleen gepubliceerde kosten, het hoogste ook aangenomen kosten."
        elif result.levers("stated"):
            text += " Die kosten zijn gepubliceerd."
        else:
            text += " Die kosten zijn alleen aangenomen."
        found.append(Sentence(text=text, certainty="onzeker"))
    else:
        found.append(
            Sentence(text="Van geen enkele ingreep is een kost gepubliceerd of aangenomen.", certainty="zeker")
        )
    unknown = result.levers("unknown")
    if unknown:
        text = f"Van {numbers.listing([levers.scenario(one, names) for one in unknown])} is de kost onbekend; ze zit er niet in."
    else:
        text = "Van elke ingreep is een kost gepubliceerd of aangenomen."
    return [*found, Sentence(text=f"{text} Wie wat betaalt, is niet beslist.", certainty="zeker")]


def _range(result: Any, *, year: int | None) -> str:
    """From the published cost to the published and the assumed one."""
    stated, both = result.total("stated", year=year), result.total("stated", "assumed", year=year)
    low, high = money.euro(stated), money.euro(both)
    return high if not result.levers("stated") or low == high else f"{low.removesuffix(' euro')} tot {high}"


def direct_cost(*, aard: str, statuses: Collection[str]) -> Sentence:
    """Whether the decision itself costs anything.

    Parameters
    ----------
    aard : {"kennisname", "goedkeuring"}
    statuses : collection of str
        Statuses of the data in the study.
    """
    if aard == "goedkeuring" and approvable(statuses):
        return Sentence(
            text="De goedkeuring opent geen krediet: elke uitgave komt met een eigen besluit terug.", certainty="zeker"
        )
    return Sentence(
        text="Kennis nemen heeft geen rechtstreeks financieel gevolg. Wat het delen van gegevens kost, is onbekend."
    )


def proposal_headline(*, aard: str, statuses: Collection[str], requests: Any) -> list[Finding]:
    """What is asked, and whether that costs anything; arguments as `asked`."""
    cost = direct_cost(aard=aard, statuses=statuses)
    said = asked(aard=aard, statuses=statuses, requests=requests)
    return [Finding(finding=said, meaning=cost.text, certainty="zeker")]


def proposal_unknown(result: Any, requests: Any) -> list[str]:
    """What the proposal cannot say."""
    unknown = len(result.levers("unknown"))
    waiting = len(_holders(requests))
    return [
        *(
            [f"Wat {numbers.plural(unknown, 'ingreep', 'ingrepen')} van de {numbers.number(result.n)} kosten."]
            if unknown
            else []
        ),
        *([f"Of {numbers.plural(waiting, 'houder', 'houders')} van gegevens ze willen delen."] if waiting else []),
    ]
