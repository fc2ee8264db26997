"""Sentences about decisions: pilots and what they could show, budgets, ranks, the partner network; each with its opposite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from studie.present import cells, expected, levers, means, money, numbers, platform, words
from studie.present.display import Sentence

CLEAR = 0.8  # share of draws from which one alternative is said to lead
LEAST_ALLOCATIONS = 20  # for a test at five percent
SLOPE = 0.05  # a difference in yield that is not worth a sentence
MOST_LISTED = 5
UNNAMED = "dit hangt af van aannames over wat een plaats of subsidie oplevert, die niemand gemeten heeft"
ALIKE = "dit hangt af van de aanname over hoe sterk mensen van dezelfde gemeente op elkaar lijken"
ON_PAPER = "op papier, want geen vorm belooft dat partners hun banden ook onderhouden"


def choice(
    result: Any, *, area_names: Mapping[str, str] | None = None, frame: pd.DataFrame | None = None
) -> list[Sentence]:
    """Which pilot areas score best, how many other sets come near, and that the lot should decide."""
    named = area_names or {}
    best = numbers.listing([named.get(str(one), str(one)) for one in result.sets["areas"].iloc[0]])
    shown = expected.printable(result, frame)
    score = shown[shown["quantity"] == "score"].iloc[0]
    value = f", met een score van {cells.share(score)}" if expected.is_told(score) else ""
    if result.proven:
        first = Sentence(
            text=f"Op de geschatte cijfers scoort de keuze {best} het hoogst{value}.",
            certainty="onzeker" if len(result.sets) > 1 else "waarschijnlijk",
        )
    else:
        text = (
            f"De beste keuze die gevonden is, is {best}{value}; een betere is niet uitgesloten, en kan "
            f"hoogstens {numbers.share(result.gap)} winnen."
        )
        first = Sentence(text=text, certainty="onzeker")
    return [first, _others(result)]


def _others(result: Any) -> Sentence:
    """Other sets that are nearly as good, or none."""
    others = len(result.sets) - 1
    if not others:
        return Sentence(
            text=f"Er valt niets te loten: geen andere keuze komt binnen {numbers.share(result.tolerance)} van de beste."
        )
    least = "" if result.complete else "minstens "
    text = (
        f"Nog {least}{numbers.plural(others, 'andere keuze', 'andere keuzes')} {'scoort' if others == 1 else 'scoren'} hoogstens "
        f"{numbers.share(result.tolerance)} lager dan de beste: een duidelijk beste is er dan niet. Loot daaronder: wie het slechtst staat, verbetert vaak ook vanzelf, en "
        "alleen een loting maakt dat verschil zichtbaar."
    )
    return Sentence(text=text)


def lot(
    result: Any,
    *,
    drawn: Sequence[str],
    area_names: Mapping[str, str] | None = None,
    frame: pd.DataFrame | None = None,
) -> list[Sentence]:
    """Which set the lot would give with the study's seed; a real lot is drawn in public."""
    if len(result.sets) == 1:
        return [Sentence(text="Er is maar één keuze, dus valt er niets te loten.", certainty="zeker")]
    named = area_names or {}
    listed = numbers.listing([named.get(str(one), str(one)) for one in drawn])
    text = (
        f"Een loting met het zaad van deze studie wijst {listed} aan. Dat is een voorbeeld: de echte loting gebeurt in het "
        "openbaar, nadat vastligt wat gemeten wordt."
    )
    return [Sentence(text=text)]


def evaluation(result: Any, *, others: Sequence[Any] = (), frame: pd.DataFrame | None = None) -> list[Sentence]:
    """What effect the evaluation could see, that it could see none, or that no test exists; then what others could see.

    Parameters
    ----------
    result : strategy.evaluation.Evaluation
    others : sequence of Evaluation
        Further designs or outcomes, told in their own sentence; the same one is not told twice.
    frame : DataFrame, optional
        The first result's cells that may be printed.
    """
    told = [_seen(result, expected.printable(result, frame))]
    told += [_seen(one, expected.printable(one, None)) for one in others if one is not result]
    told = list(dict.fromkeys(told))
    return [*told, *_false_alarms([result, *others])]


def _seen(result: Any, shown: pd.DataFrame) -> Sentence:
    """Smallest effect that one design sees."""
    what, plan = platform.OUTCOMES[result.outcome], platform.ROLL_OUT[result.design]
    start = f"{plan[0].upper()}{plan[1:]},"
    if result.finding == "no test at this level exists":
        return Sentence(text=_no_test(result, start), certainty="zeker")
    wanted = numbers.share(result.wanted_power)
    if result.finding == "no effect is large enough":
        text = f"{start} is geen enkel verschil ({what}) groot genoeg om met {wanted} kans gezien te worden; {ALIKE}."
        return Sentence(text=text, certainty="waarschijnlijk")
    row = shown[shown["quantity"] == "minimum_detectable_effect"].iloc[0]
    if not expected.is_told(row):
        return expected.too_small(f"{start} welk verschil de proef kan zien,")[0]
    text = (
        f"{start} ziet de proef een verschil ({what}) met {wanted} kans als het minstens {visible(row)} procentpunt is; een "
        f"kleiner verschil blijft meestal onzichtbaar, en {ALIKE}."
    )
    return Sentence(text=text, certainty="waarschijnlijk")


def _false_alarms(results: Sequence[Any]) -> list[Sentence]:
    """How often a test sees an effect that is not there, the most of all designs."""
    tested = [one.type_one_error[0] for one in results if one.finding != "no test at this level exists"]
    if not tested:
        return []
    text = f"Is er geen effect, dan ziet de toets er toch een in hoogstens {numbers.share(max(tested))} van de nagespeelde proeven."
    return [Sentence(text=text)]


def visible(row: Any) -> str:
    """Smallest visible difference with its bounds [percentage points], as a size."""
    if row["cell_status"] != "published":
        return words.CELL_STATUS[row["cell_status"]]
    size = 100 * abs(float(row["estimate"]))
    bounds = [100 * abs(float(row[name])) for name in ("lower", "upper") if numbers.is_known(row[name])]
    text = numbers.number(size, decimals=1)
    return f"{text} ({numbers.interval(min(bounds), max(bounds), decimals=1)})" if len(bounds) == 2 else text


def _no_test(result: Any, start: str) -> str:
    """Why no test exists."""
    level = f"{numbers.number(100 * result.alpha)} %"
    if result.allocations < LEAST_ALLOCATIONS:
        return (
            f"{start} bestaat er geen toets op {level}: de loting kan maar op {numbers.plural(result.allocations, 'manier', 'manieren')} "
            f"uitvallen, en daarvoor zijn er minstens {LEAST_ALLOCATIONS} nodig. De proef kan dan beschrijven, niet bewijzen."
        )
    return (
        f"{start} bestaat er geen toets op {level}: van de {numbers.number(result.allocations)} lotingen vallen er te veel samen. De proef "
        "kan dan beschrijven, niet bewijzen."
    )


def allocation(
    result: Any, *, hangs_on: Sequence[str] = (), names: levers.Names | None = None, frame: pd.DataFrame | None = None
) -> list[Sentence]:
    """How many lasting places a budget buys at most, and whether that is proven to be the best division.

    Parameters
    ----------
    result : strategy.budget.Allocation
    hangs_on : sequence of str
        Priors behind the lasting places per unit.
    names : mapping of str to str, optional
        Dutch names of levers.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown: Any = expected.printable(result, frame)
    total = shown[(shown["region"] == "all") & (shown["quantity"] == "lasting_places")].iloc[0]
    prior = _prior(hangs_on, names or {})
    if result.gained <= 0:
        text = f"Met {money.euro(result.budget)} komt er bij de beste verdeling geen enkele duurzame plaats bij{prior}."
        return [Sentence(text=text, certainty=levers.certainty(float(result.proven)))]
    if not expected.is_told(total):
        return expected.too_small(f"Wat {money.euro(result.budget)} oplevert,")
    text = f"Met {money.euro(result.budget)} komen er bij de beste verdeling {cells.amount(total)} duurzame plaatsen bij{prior}."
    sure = _share_above(result)
    second = (
        "Onder deze aannames en voorwaarden is bewezen dat geen andere verdeling er meer geeft."
        if result.proven
        else f"Dat dit de beste verdeling is, is niet bewezen: een andere kan er hoogstens {numbers.share(result.gap)} meer geven."
    )
    return [Sentence(text=text, certainty=sure), Sentence(text=second, certainty=None if result.proven else "onzeker")]


def _share_above(result: Any) -> str:
    """How sure it is that anything is gained; without draws nobody knows."""
    if result.draws is None:
        return "onzeker"
    gained = result.draws.to_numpy(float) @ result.table["units"].to_numpy(float)
    return levers.certainty(float((gained > 0).mean()))


def _prior(hangs_on: Sequence[str], names: levers.Names) -> str:
    """What a result hangs on, to end a sentence with."""
    return f"; {levers.hanging(hangs_on, names) if hangs_on else UNNAMED}"


def frontier(
    result: Any, *, hangs_on: Sequence[str] = (), names: levers.Names | None = None, frame: pd.DataFrame | None = None
) -> list[Sentence]:
    """Whether the last euro buys less than the first."""
    shown = expected.told(expected.printable(result, frame))
    rows = shown[shown["quantity"] == "lasting_places"].sort_values("budget")
    if len(rows) < len(result.allocations):
        return expected.too_small("Wat een groter budget oplevert,")
    budget, places = rows["budget"].to_numpy(float), rows["estimate"].to_numpy(float)
    prior = _prior(hangs_on, names or {})
    if len(rows) < 3 or places[-1] <= 0:
        return [Sentence(text=f"Voor een vergelijking van budgetten zijn er te weinig die iets opleveren{prior}.")]
    first = (places[1] - places[0]) / (budget[1] - budget[0])
    last = (places[-1] - places[-2]) / (budget[-1] - budget[-2])
    told = (
        f"tussen {money.euro(budget[0])} en {money.euro(budget[1])} {_per(first)} per 100.000 euro, tussen "
        f"{money.euro(budget[-2])} en {money.euro(budget[-1])} {_per(last)}"
    )
    if last < (1 - SLOPE) * first:
        text = f"Hoe groter het budget, hoe minder elke volgende euro oplevert: {told}{prior}."
    elif last > (1 + SLOPE) * first:
        text = f"Een groter budget levert per euro meer op, want vaste kosten worden gedeeld: {told}{prior}."
    else:
        text = f"Elke volgende euro levert ongeveer evenveel op als de vorige: {told}{prior}."
    proven = all(one.proven for one in result.allocations)
    return [Sentence(text=text, certainty="waarschijnlijk" if proven else "onzeker")]


def _per(slope: float) -> str:
    return f"{numbers.number(1e5 * slope, decimals=1)} duurzame plaatsen"


def next_euros(
    result: Any,
    *,
    hangs_on: Sequence[str] = (),
    names: levers.Names | None = None,
    region_names: Mapping[str, str] | None = None,
    units: means.Units | None = None,
    frame: pd.DataFrame | None = None,
) -> list[Sentence]:
    """What the next amount buys and where, or that it buys nothing.

    Parameters
    ----------
    result : strategy.budget.NextEuros
    hangs_on, names, frame
        As for `allocation`.
    region_names : mapping of str to str, optional
        Names of the regions by code, as they stand in a sentence.
    units : mapping of str to present.means.Unit, optional
        What a unit of each lever is.
    """
    shown: Any = expected.printable(result, frame)
    total = shown[(shown["region"] == "all") & (shown["quantity"] == "lasting_places")].iloc[0]
    prior, step = _prior(hangs_on, names or {}), money.euro(result.step)
    if result.table.empty:
        return [Sentence(text=f"De volgende {step} levert niets meer op: er valt niets bij te kopen dat helpt{prior}.")]
    if not expected.is_told(total):
        return expected.too_small(f"Wat de volgende {step} oplevert,")
    bought = [
        f"{_how_much(row, names or {}, units or {})} in {(region_names or {}).get(str(row.region), str(row.region))}"
        for row in result.table.head(MOST_LISTED).itertuples()
    ]
    text = (
        f"De volgende {step}, boven op het verdeelde budget, levert {cells.amount(total, decimals=1)} duurzame plaatsen op, als ze gaat naar "
        f"{numbers.listing(bought)}{prior}."
    )
    found = [Sentence(text=text, certainty=_sure_next(result))]
    if result.gained_if_free > result.gained * (1 + SLOPE):
        again = numbers.number(result.gained_if_free, decimals=1)
        found.append(Sentence(text=f"Wie ook het eerste bedrag herverdeelt, komt tot {again} duurzame plaatsen meer."))
    return found


def _how_much(row: Any, names: levers.Names, units: means.Units) -> str:
    """How much is bought, in words where it was said what a unit is."""
    lever, count = str(row.lever), float(row.units)
    return (
        units[lever].said(count)
        if lever in units
        else f"{numbers.number(count)} maal '{levers.scenario(lever, names)}'"
    )


def _sure_next(result: Any) -> str:
    if result.after.draws is None:
        return "onzeker"
    added = (result.after.table["units"] - result.before.table["units"]).to_numpy(float)
    return levers.certainty(float((result.after.draws.to_numpy(float) @ added > 0).mean()))


def acceptability(
    result: Any, *, names: Mapping[str, str] | None = None, frame: pd.DataFrame | None = None
) -> list[Sentence]:
    """Who ranks first, or that nobody clearly does; nobody decided the weights."""
    named = {**platform.FORMS, **(names or {})}
    shown = expected.printable(result, frame)
    leads = result.ranks[1].idxmax()
    mine = (shown["quantity"] == "rank_acceptability") & (shown["rank"] == 1) & (shown["alternative"] == leads)
    top = shown[mine].iloc[0]
    if not expected.is_told(top):
        return expected.too_small("Wie het vaakst eerst komt,")
    name, share = named.get(str(leads), str(leads)), cells.share(top)
    weights = "over alle mogelijke gewichten, want niemand legde ze vast"
    if top["estimate"] >= CLEAR:
        text = f"Eerst komt {name}: in {share} van de trekkingen op de eerste plaats, {weights}."
        return [Sentence(text=text, certainty=numbers.certainty(float(top["estimate"])))]
    text = f"Geen enkel voorstel komt duidelijk eerst; het vaakst {name}, in {share} van de trekkingen, {weights}."
    return [Sentence(text=text, certainty="onzeker")]


def platform_forms(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """That the forms were not judged yet, or which ranks first."""
    if result.ranking is None:
        text = (
            f"De bestuursvormen zijn nog niet beoordeeld ({numbers.plural(result.missing, 'vakje', 'vakjes')} van het formulier "
            f"{'is' if result.missing == 1 else 'zijn'} leeg): er is een vergelijking in woorden, geen rangschikking."
        )
        return [Sentence(text=text)]
    who = numbers.plural(result.respondents, "beoordelaar", "beoordelaars")
    first = acceptability(result.ranking, frame=frame)[0]
    return [Sentence(text=f"Volgens {who}: {first.text[0].lower()}{first.text[1:]}", certainty=first.certainty)]


def network(
    result: Any, *, names: Mapping[str, str] | None = None, frame: pd.DataFrame | None = None
) -> list[Sentence]:
    """How dense the network is, who is indispensable, and what was not asked."""
    shown: Any = expected.printable(result, frame).set_index("quantity")
    named = names or {}
    parts = int(result.measures.loc["components", "estimate"])
    whole = (
        "alle partners hangen samen"
        if parts == 1
        else f"het netwerk valt uiteen in {numbers.number(parts)} losse delen"
    )
    partners = f"de {numbers.number(result.n)} partners"
    row = shown.loc["density"]
    linked = f"Dit netwerk verbindt {partners}"
    if expected.is_told(row):
        linked = f"Van alle mogelijke banden tussen {partners} {_known(row)}"
    first = f"{linked}; {whole}."
    return [
        Sentence(text=first, certainty=_confirmed(row)),
        _vital(result, named),
        _unseen(result, shown),
    ]


def _known(row: Any) -> str:
    """Which share of the ties is there, and how much of that anybody confirmed."""
    stated = numbers.share(float(row["estimate"]))
    if row["lower"] == row["upper"]:
        return f"bestaat er {stated}"
    confirmed = (
        "daarvan is er geen bevestigd" if row["lower"] == 0 else f"bevestigd is {numbers.share(float(row['lower']))}"
    )
    return f"is er {stated} genoemd; {confirmed}"


def _confirmed(row: Any) -> str:
    """Sure where every tie was confirmed."""
    if row["cell_status"] != "published":
        return "onzeker"
    return "zeker" if row["lower"] == row["upper"] else "waarschijnlijk"


def _vital(result: Any, names: Mapping[str, str]) -> Sentence:
    """Single points of failure, or none."""
    listed = [names.get(str(one), platform.partner(str(one))) for one in result.critical["actor"].head(MOST_LISTED)]
    estimate, sure = result.measures.loc["single_points_of_failure", ["estimate", "confirmed"]]
    certainty = "zeker" if estimate == sure else "onzeker"
    if not listed:
        return Sentence(text="Valt één partner weg, dan blijven de andere met elkaar verbonden.", certainty=certainty)
    worst = result.critical.iloc[0]
    if len(result.critical) == 1:
        lost = numbers.plural(worst["cut_off"], "andere partner", "andere partners")
        verb = "raakt" if worst["cut_off"] == 1 else "raken"
        return Sentence(text=f"Valt {listed[0]} weg, dan {verb} {lost} los van de rest.", certainty=certainty)
    most = f"zonder {listed[0]} zijn dat er {numbers.number(worst['cut_off'])}"
    text = f"Valt een van deze partners weg, dan raken andere los van de rest: {numbers.listing(listed)}; {most}."
    if len(result.critical) > MOST_LISTED:
        many = f"Zonder {numbers.number(len(result.critical))} partners raken andere los van de rest, elk apart"
        text = f"{many}, vooral {numbers.listing(listed)}; {most}."
    return Sentence(text=text, certainty=certainty)


def _unseen(result: Any, shown: Any) -> Sentence:
    """Whom nobody asked, or that everybody was."""
    bound = f"Dit is het netwerk van {result.boundary}"
    silent = result.n - result.asked
    if not silent:
        return Sentence(text=f"{bound}; alle {numbers.number(result.n)} partners zijn bevraagd.")
    row = shown.loc["density_if_unseen_ties_exist"]
    text = f"{bound}; {numbers.plural(silent, 'partner is', 'partners zijn')} niet bevraagd, dus banden onder hen zien we niet"
    if row["cell_status"] != "published":
        return Sentence(text=f"{text}.")
    return Sentence(text=f"{text}: tot {numbers.share(float(row['upper']))} van de banden kan bestaan.")


def governance(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Which form leaves fewest partners that others cannot do without, and how many ties each asks."""
    table = result.table.set_index(["form", "quantity"])["estimate"]
    quantity = "single_points_of_failure"
    counts = {form: float(table[form, quantity]) for form in platform.FORMS if (form, quantity) in table.index}
    today = counts.pop("today")
    least = min(counts.values())
    best = [platform.FORMS[form] for form, count in counts.items() if count == least]
    asks = numbers.listing(
        [f"{platform.FORMS[form]} {numbers.number(float(table[form, 'new_ties']))}" for form in counts]
    )
    if least < today:
        text = (
            f"In het netwerk van het plan {'is' if today == 1 else 'zijn'} er {numbers.plural(today, 'partner', 'partners')} zonder wie andere loskomen; met {_either(best)} worden dat er "
            f"{numbers.number(least)}, {ON_PAPER}."
        )
    else:
        text = (
            f"Geen enkele bestuursvorm maakt het netwerk minder kwetsbaar dan het in het plan is ({numbers.plural(today, 'partner', 'partners')} zonder wie "
            f"andere loskomen), {ON_PAPER}."
        )
    shown: Any = expected.printable(result, frame).set_index(["form", "quantity"])
    sure = all(_confirmed(shown.loc[(form, quantity)]) == "zeker" for form in ("today", *counts))
    return [
        Sentence(text=text, certainty="waarschijnlijk" if sure else "onzeker"),
        Sentence(text=f"Zoveel banden moeten er op papier bij komen en blijven: {asks}."),
    ]


def _either(names: Sequence[str]) -> str:
    """Names joined by or."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} of {names[-1]}"
