"""Sentences about what money yields: per place, per lasting place, net, and for whom there are no figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from studie.data.means import LOANS, PROJECTS
from studie.present import cells, expected, levers, means, money, numbers
from studie.present.display import Finding, KeyNumber, Sentence, Unavailable
from studie.present.wording import decisions, strategy

CLEAR = 0.8  # share of draws from which a difference is said
NARROW = 2.0  # upper bound over lower from which an amount is not called likely
GROSS = "bruto: wat er zonder dat geld ook gekomen was, zit erin"
REGISTER = "Wat een plaats echt kost, weten we pas als elk project zijn plaatsen en hun duur registreert."
KIND = "Een verschil kan ook aan het soort projecten liggen. Met weinig projecten leunt de schatting op de andere gebieden."
REPAID = "Een lening is goedkoop omdat ze terugkomt, maar ze bereikt alleen wie kan terugbetalen."
SHIFTS = "Kloppen de aannames over netto en bruto niet, dan schuift deze keuze mee."
FLEMISH = "Die plaatsen betaalt Vlaanderen, niet de provincie."


def yields(
    result: Any,
    *,
    region_names: Mapping[str, str] | None = None,
    here: str | None = None,
    frame: pd.DataFrame | None = None,
) -> list[Sentence]:
    """What a place costs by subsidy, what is lent per job, and whether areas differ.

    Parameters
    ----------
    result : strategy.yields.Yields
    region_names : mapping of str to str, optional
        Names of the areas by code, as they stand in a sentence.
    here : str, optional
        Area that the report is about; default all.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    indexed: Any = expected.printable(result, frame).set_index(["lever", "area", "quantity"])
    subsidies = _subsidy(indexed) if PROJECTS in result.levers else [_none("projectsubsidies")]
    loans = _loan(result, indexed) if LOANS in result.levers else [_none("leningen van Trividend")]
    return [*subsidies, *_differs(result, region_names or {}, here), *loans]


def _none(what: str) -> Sentence:
    """Nothing on record."""
    return Sentence(text=f"Over {what} zijn er geen gegevens: wat ze opleveren, is onbekend.")


def _subsidy(indexed: Any) -> list[Sentence]:
    """Euro per place and per lasting place."""
    per_place = indexed.loc[(PROJECTS, means.WHOLE, "euro_per_place")]
    per_lasting = indexed.loc[(PROJECTS, means.WHOLE, "euro_per_lasting_place")]
    if not expected.is_told(per_place):
        return expected.too_small("Wat een plaats met projectsubsidie kostte,")
    text = f"Een plaats die met een projectsubsidie gecreëerd werd, kostte {money.amount(per_place)} subsidie"
    if not expected.is_told(per_lasting):
        return [Sentence(text=f"{text}; of ze er na 12 maanden nog is, is onbekend. Dat is {GROSS}.")]
    share = indexed.loc[(PROJECTS, means.WHOLE, "kept_share")]
    lasted = f"; na 12 maanden was {cells.share(share)} van die plaatsen er nog" if expected.is_told(share) else ""
    first = f"{text}{lasted}."
    second = f"Een duurzame plaats, die er na 12 maanden nog is, kostte {money.amount(per_lasting)} projectsubsidie; {GROSS}."
    return [Sentence(text=first), Sentence(text=second, certainty=_width(per_lasting))]


def _loan(result: Any, indexed: Any) -> list[Sentence]:
    """Euro lent per job; a loan is no expense."""
    row = indexed.loc[(LOANS, means.WHOLE, "euro_per_place")]
    if not expected.is_told(row):
        return expected.too_small("Wat Trividend per extra baan uitleende,")
    text = f"Trividend leende {money.amount(row)} uit per extra baan; dat geld komt terug, dus het is geen kost"
    lasts = (
        "."
        if LOANS in result.lasting
        else ", en of die banen er na 12 maanden nog zijn, staat niet in het register van de leningen."
    )
    return [Sentence(text=f"{text}{lasts}", certainty=_width(row))]


def _width(row: Any) -> str:
    """How sure an amount is: likely where its interval is narrow."""
    narrow = expected.is_told(row) and float(row["upper"]) <= NARROW * float(row["lower"])
    return "waarschijnlijk" if narrow else "onzeker"


def _differs(result: Any, names: Mapping[str, str], here: str | None) -> list[Sentence]:
    """Whether a lasting place costs less in one area than in another, or here than in all together."""
    if PROJECTS not in result.lasting:
        return []
    rates = result.lasting[PROJECTS]
    grants = result.table.loc[PROJECTS, "grants"]
    known = [area for area in rates.columns if area in grants.index and area != means.WHOLE and grants[area] > 0]
    if here is not None:
        return [_against_whole(rates, here, names, known=here in known)]
    if len(known) < 2:
        return []
    mean = rates[known].mean()
    best, worst = mean.idxmax(), mean.idxmin()
    sure = float((rates[best] > rates[worst]).mean())
    pair = f"in {names.get(best, best)} minder dan in {names.get(worst, worst)}"
    if sure >= CLEAR:
        text = f"Een duurzame plaats kostte {pair}: zo valt het uit in {numbers.chance(sure)} van de trekkingen."
        return [Sentence(text=text, certainty=numbers.certainty(sure))]
    text = f"Tussen de arrondissementen is er geen duidelijk verschil: {pair}, maar slechts in {numbers.chance(sure)} van de trekkingen."
    return [Sentence(text=text, certainty="onzeker")]


def _against_whole(rates: pd.DataFrame, here: str, names: Mapping[str, str], *, known: bool) -> Sentence:
    """Whether a lasting place costs less here than in all areas together."""
    name = names.get(here, here)
    if not known:
        return Sentence(text=f"Voor {name} zijn er geen projectsubsidies met een bedrag en plaatsen: geen gegevens.")
    less = float((rates[here] > rates[means.WHOLE]).mean())
    sure, word = max(less, 1 - less), "minder" if less >= 0.5 else "meer"
    if sure >= CLEAR:
        text = f"In {name} kostte een duurzame plaats {word} dan gemiddeld: zo valt het uit in {numbers.chance(sure)} van de trekkingen."
        return Sentence(text=text, certainty=numbers.certainty(sure))
    return Sentence(
        text=f"In {name} kostte een duurzame plaats niet duidelijk meer of minder dan gemiddeld.", certainty="onzeker"
    )


def yields_spread(
    result: Any, *, names: levers.Names | None = None, frame: pd.DataFrame | None = None
) -> list[Sentence]:
    """How much more grants differ than independent places would, and which rows were left out."""
    found = []
    for lever, row in result.dispersion.iterrows():
        name = levers.scenario(str(lever), names or {})
        times = numbers.number(row["places"], decimals=1)
        text = (
            f"Controle, {name}: toekenningen verschillen {times} keer zo sterk als losse plaatsen zouden doen; de intervallen zijn daarvoor verbreed."
            if row["places"] > 1
            else f"Controle, {name}: toekenningen verschillen niet sterker van elkaar dan losse plaatsen zouden doen."
        )
        left = result.left_out.get(str(lever), 0)
        if left:
            text += f" {numbers.plural(left, 'rij', 'rijen')} zonder bedrag of zonder aantal plaatsen {'telt' if left == 1 else 'tellen'} niet mee."
        found.append(Sentence(text=text))
    return found


def options(result: Any, *, names: levers.Names | None = None, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Which way to pay gives a lasting place for least money, and how sure that order is.

    Parameters
    ----------
    result : strategy.options.Options
    names : mapping of str to str, optional
        Dutch names of levers and beliefs.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    table = result.table
    per_euro = {}
    for lever, part in table.groupby("lever", sort=False):
        gained = result.draws.iloc[:, part.index].to_numpy(float).mean(axis=1)
        per_euro[str(lever)] = gained / result.costs[lever]
    order = sorted(per_euro, key=lambda one: -per_euro[one].mean())
    said = [f"'{levers.scenario(one, names or {})}'" for one in order]
    prior = levers.hanging(result.hangs_on, names or {})
    if len(order) < 2:
        return [
            Sentence(text=f"Er is maar één manier om plaatsen te betalen waarover iets bekend is: {said[0]}; {prior}.")
        ]
    ahead = float((per_euro[order[0]] > per_euro[order[1]]).mean())
    text = (
        f"Per euro levert {said[0]} netto de meeste duurzame plaatsen op, daarna {numbers.listing(said[1:])}; "
        f"de eerste staat in {numbers.chance(ahead)} van de trekkingen voor de tweede; {prior}."
    )
    found = [Sentence(text=text, certainty=levers.certainty(ahead))]
    if result.absent:
        absent = numbers.listing([levers.scenario(one, names or {}) for one in result.absent])
        found.append(Sentence(text=f"Over {absent} is er geen register: die staat niet in de vergelijking."))
    return found


def guaranteed(
    result: Any,
    *,
    free: Any,
    least: Mapping[Any, float],
    part: float,
    region_names: Mapping[str, str] | None = None,
    here: str | None = None,
    frame: pd.DataFrame | None = None,
) -> list[Sentence]:
    """What a guarantee for every arrondissement costs, and what the region of the report gets.

    Parameters
    ----------
    result, free : strategy.budget.Allocation
        With the guarantee, and without.
    least : mapping from arrondissement to lasting places
        The guarantee.
    part : float
        Part of its share of the budget that is guaranteed.
    region_names : mapping of str to str, optional
        Names of the arrondissements by code, as they stand in a sentence.
    here : str, optional
        Arrondissement that the report is about.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    named = region_names or {}
    listed = [f"{named.get(str(home), str(home))} {numbers.number(count, decimals=1)}" for home, count in least.items()]
    text = (
        f"Elk arrondissement krijgt minstens de duurzame plaatsen die het zelf kan maken met {numbers.share(part)} van zijn deel "
        f"van het budget, verdeeld naar behoefte: {numbers.listing(listed)}."
    )
    lost = free.gained - result.gained
    price = (
        f"Die waarborg kost {numbers.number(lost, decimals=1)} duurzame plaatsen."
        if round(lost, 1) > 0
        else "Die waarborg kost geen duurzame plaatsen: de beste verdeling voldoet er al aan."
    )
    found = [Sentence(text=f"{text} {price}")]
    if here is not None:
        own = result.table[result.table["arrondissement"] == here]
        name = named.get(here, here)
        found.append(
            Sentence(
                text=f"Naar {name} gaat daarvan {money.euro(float(own['cost'].sum()))}, voor {numbers.number(own['gained'].sum(), decimals=1)} duurzame plaatsen."
                if own["units"].sum() > 0
                else f"Naar {name} gaat daarvan niets: elders levert dat geld meer op."
            )
        )
    return found


def applications(result: pd.DataFrame) -> Sentence:
    """What stands in the place of applications."""
    years = result["year"].dropna()
    if result.empty:
        return Sentence(text="Er zijn geen aanvragen en geen projecten geregistreerd.")
    if len(years):
        text = (
            f"Er zijn geen aanvragen geregistreerd. Als voorbeeld dienen de {numbers.number(len(result))} projecten van "
            f"{int(years.iloc[0])}, alsof ze nieuwe aanvragen zijn."
        )
        return Sentence(text=text)
    return Sentence(
        text=f"Er {'wacht' if len(result) == 1 else 'wachten'} {numbers.plural(len(result), 'aanvraag', 'aanvragen')} op een beslissing."
    )


def published_cost(rows: pd.DataFrame) -> Sentence:
    """A published cost with what its source says beside it, or that it is unknown."""
    if rows.empty or not numbers.is_known(rows["value"].iloc[0]):
        return Sentence(text="Over deze kost is niets gepubliceerd.")
    row = rows.iloc[0]
    text = f"{row['population'][0].upper()}{row['population'][1:]}: {numbers.number(row['value'])} {row['unit']}, met deze noot: {row['note']}."
    return Sentence(text=text, certainty="zeker")


def means_headline(
    found: Any, bought: Any, more: Any, compared: Any, *, frames: Sequence[pd.DataFrame], said: Mapping[str, Any]
) -> list[Finding]:
    """Findings of the chapter on means: what a place costs, which money helps most, what the next amount and a move cost.

    Parameters
    ----------
    found, bought, more, compared : Yields, Options, NextEuros and Comparison, or Unavailable
    frames : sequence of DataFrame
        Of these four in the same order, as they may be printed.
    said : mapping
        Options of the sentences: `names, region_names, units, here`, and `scenario`, the lever with a published cost.
    """
    findings = []
    named = {"names": said["names"]}
    if not isinstance(found, Unavailable):
        parts = yields(found, region_names=said["region_names"], here=said["here"], frame=frames[0])
        told = [part for part in parts if part.certainty]
        findings += [_finding(part, REGISTER) for part in told[:1]]
        if said["here"] is not None:
            findings += [_finding(part, KIND) for part in told[1:2]]
    if not isinstance(bought, Unavailable):
        findings.append(_finding(options(bought, frame=frames[1], **named)[0], REPAID))
    if not isinstance(more, Unavailable):
        shown = {**named, "region_names": said["region_names"], "units": said["units"]}
        first = decisions.next_euros(more, hangs_on=bought.behind(more), frame=frames[2], **shown)[0]
        findings.append(_finding(first, SHIFTS))
    if not isinstance(compared, Unavailable):
        first = strategy.cost(compared, scenario=said["scenario"], frame=frames[3], **named)[0]
        findings.append(_finding(first, FLEMISH))
    return findings


def _finding(sentence: Sentence, meaning: str) -> Finding:
    return Finding(finding=sentence.text, meaning=meaning, certainty=sentence.certainty or "onzeker")


def means_numbers(found: Any, *, frame: pd.DataFrame) -> list[KeyNumber]:
    """Small numbers of the chapter: euro per lasting place, and the share of the places that lasts."""
    if isinstance(found, Unavailable) or PROJECTS not in found.levers:
        return []
    indexed: Any = frame.set_index(["lever", "area", "quantity"])
    price = indexed.loc[(PROJECTS, means.WHOLE, "euro_per_lasting_place")]
    kept = indexed.loc[(PROJECTS, means.WHOLE, "kept_share")]
    return [
        KeyNumber(
            label="subsidie per duurzame plaats (bruto)",
            value=money.euro(float(price["estimate"])) if expected.is_told(price) else numbers.UNKNOWN,
        ),
        KeyNumber(
            label="plaatsen met subsidie die na 12 maanden blijven",
            value=numbers.share(kept["estimate"]) if expected.is_told(kept) else numbers.UNKNOWN,
        ),
    ]
