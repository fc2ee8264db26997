"""Sentences about the demand of the sectors."""

from __future__ import annotations

from typing import Any

import pandas as pd

from studie.present import cells, numbers, words
from studie.present.display import Finding, KeyNumber, Sentence, Unavailable
from studie.present.wording.regions import in_level, place
from studie.regions import Region

LOCAL = "Een vacature is nog geen plaats voor iemand uit de doelgroep: soms maakt een andere taakverdeling er een."


def last_open(history: pd.DataFrame, *, name: str, area: str) -> Sentence:
    """How many vacancies were open at the end of the last month of an observed series."""
    last = history.iloc[-1]
    text = f"Eind {numbers.month(str(last['period']))} stonden er in {area} {numbers.number(last['value'])} vacatures open in de {name}."
    return Sentence(text=text)


def backtest(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Up to how many months ahead the forecast was shown to beat last year's figures."""
    horizon = result.skill_horizon(against="seasonal naive")
    rows = result.skill
    rows = rows[(rows["against"] == "seasonal naive") & (rows["quantity"] == "skill") & (rows["series"] == "all")]
    if horizon:
        within = rows[rows["last_step"] <= horizon]
        skill = float((within["estimate"] * within["n"]).sum() / within["n"].sum())
        text = (
            f"Tot {numbers.plural(horizon, 'maand', 'maanden')} vooruit doet de prognose het {numbers.share(skill)} beter dan "
            "'zoals vorig jaar'; daarna niet aantoonbaar."
        )
        return [Sentence(text=text, certainty="zeker")]
    text = "De prognose doet het op geen enkele termijn aantoonbaar beter dan 'zoals vorig jaar': lees ze als een bandbreedte."
    return [Sentence(text=text, certainty="onzeker")]


def regional_demand(result: Any, *, region: Region, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Which sectors can expect more vacancies than in the last months, and how sure that is."""
    found = []
    for row in result.totals.itertuples():
        probability = max(row.more, 1 - row.more)
        text = (
            f"In de {words.sector(row.sector)} verwachten we in {place(region)} over de volgende {result.span} maanden "
            f"{numbers.number(row.estimate)} vacatures ({in_level(result.level)}{numbers.interval(row.lower, row.upper)}), {_versus(row.estimate, row.before, result.span)}."
        )
        found.append(Sentence(text=text, certainty=numbers.certainty(probability)))
    return found


def demand_headline(result: Any, skill: Any, *, region: Region) -> list[Finding]:
    """Finding of the chapter on the sectors: all sectors together, and in which of them the forecast has shown skill."""
    meaning = LOCAL if isinstance(skill, Unavailable) else sector_skill(skill)[0].text
    return demand_findings(result, region=region, meaning=meaning)


def demand_findings(result: Any, *, region: Region, meaning: str = LOCAL) -> list[Finding]:
    """What all sectors together can expect in a region, and what that means."""
    if isinstance(result, Unavailable):
        text = f"Hoeveel vacatures de vier speerpuntsectoren in {place(region)} zullen krijgen, is onbekend: er zijn geen reeksen per gemeente."
        return [Finding(finding=text, meaning=meaning, certainty="onzeker")]
    total, before = result.totals["estimate"].sum(), result.totals["before"].sum()
    text = (
        f"De vier speerpuntsectoren krijgen in {place(region)} over de volgende {result.span} maanden "
        f"({numbers.span(*result.ahead)}) naar verwachting "
        f"{numbers.number(total)} vacatures ({in_level(result.level)}{numbers.interval(*_total_bounds(result))}), {_versus(total, before, result.span)}."
    )
    return [Finding(finding=text, meaning=meaning, certainty=numbers.certainty(_joint_more(result, total > before)))]


def _versus(expected: float, before: float, span: int) -> str:
    """Expected against past, as the reader sees both after rounding."""
    if numbers.number(expected) == numbers.number(before):
        return f"evenveel als in de voorbije {span}"
    return f"{'meer' if expected > before else 'minder'} dan de {numbers.number(before)} van de voorbije {span}"


def _total_bounds(result: Any) -> tuple[float, float]:
    """Interval of all sectors together, from the joint futures; it holds the sum of the points."""
    total = cells.summed(result.totals["estimate"], result.draws, level=result.level)
    return total.lower, total.upper


def _joint_more(result: Any, more: bool) -> float:
    """Share of the joint futures in which the total moves the stated way."""
    return result.more_in_all if more else 1 - result.more_in_all


def demand_numbers(result: Any) -> list[KeyNumber]:
    """Small number of the chapter on the sectors."""
    if isinstance(result, Unavailable):
        return [KeyNumber(label="verwachte vacatures, volgende maanden", value=numbers.UNKNOWN)]
    label = f"verwachte vacatures, volgende {result.span} maanden"
    return [KeyNumber(label=label, value=numbers.number(result.totals["estimate"].sum()))]


def adds_up(result: Any, *, hierarchy: pd.DataFrame, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Whether every joint future of the municipalities adds up to that of every larger area, per sector."""
    forecast = result.forecast
    position = {label: i for i, label in enumerate(forecast.series)}
    worst = 0.0
    for level in hierarchy.columns[:-1]:
        for total, rows in hierarchy.dropna(subset=[level]).groupby(level, sort=False):
            parts = forecast.draws[:, [position[label] for label in rows["municipality"]]].sum(axis=1)
            worst = max(worst, float(abs(parts - forecast.draws[:, position[total]]).max()))
    verdict = "in orde" if worst < 1e-6 else f"niet in orde: verschil van {numbers.number(worst, decimals=3)}"
    return [Sentence(text=f"Controle: de gemeenten tellen in elke toekomst op tot elk groter gebied: {verdict}.")]


def sector_skill(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Up to where each sector's forecast was shown to beat last year's figures."""
    shown = [
        f"de {words.sector(s)} tot {numbers.plural(until, 'maand', 'maanden')}"
        for s, until in result.until.items()
        if until
    ]
    none = [f"de {words.sector(s)}" for s, until in result.until.items() if not until]
    parts = []
    if shown:
        parts.append(
            f"De prognose doet het aantoonbaar beter dan 'zoals vorig jaar' in {numbers.listing(shown)} vooruit."
        )
    if none:
        parts.append(
            f"In {numbers.listing(none)} is geen voorsprong aangetoond: lees die prognose als een bandbreedte."
        )
    return [Sentence(text=" ".join(parts))]


def tightness_published(levels: pd.DataFrame) -> Sentence:
    """What is known of tightness: a published Flemish figure, and unknown for the region."""
    row = levels.iloc[-1]
    text = (
        "Hoe krap de arbeidsmarkt hier is, is onbekend: er zijn geen werkzoekenden per beroepsgroep ingelezen. Voor "
        f"Vlaanderen publiceerde VDAB {numbers.number(row['value'], decimals=2)} werkzoekenden per openstaande vacature in "
        f"{numbers.month(str(row['period']))}; hoe lager, hoe krapper."
    )
    return Sentence(text=text)


def shortage(rule: pd.DataFrame) -> Sentence:
    """Which sectors are shortage sectors by the rule."""
    named = [f"de {words.sector(s)}" for s in rule[rule["shortage_sector"] == "ja"]["sector"]]
    if (rule["shortage_sector"] == "onbekend").all():
        return Sentence(text="Welke sector hier een knelpuntsector is, is onbekend: er zijn te weinig kwartalen.")
    if not named:
        return Sentence(text="Volgens de afspraak is hier geen enkele van de vier sectoren een knelpuntsector.")
    verb = "is" if len(named) == 1 else "zijn"
    return Sentence(text=f"Volgens de afspraak {verb} {numbers.listing(named)} hier knelpuntsector.")


def carving_potential(result: Any, *, region: Region, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many inclusive workplaces the vacancies could hold, and that a prior decided it."""
    total = result.draws.sum(axis=1)
    lower, upper = (float(v) for v in pd.Series(total).quantile([(1 - result.level) / 2, (1 + result.level) / 2]))
    text = (
        f"Uit de verwachte vacatures in {place(region)} zouden {numbers.number(float(total.mean()))} inclusieve werkplaatsen "
        f"({in_level(result.level)}{numbers.interval(lower, upper)}) kunnen komen, als het aangenomen deel van de taken klopt: dat deel is niet gemeten."
    )
    return [Sentence(text=text, certainty="onzeker")]
