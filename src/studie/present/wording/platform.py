"""Sentences about the platform: the landscape, its facts, the path, all levers together; each with its opposite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from studie.present import cells, expected, levers, numbers, platform
from studie.present.display import Finding, KeyNumber, Sentence, Unavailable
from studie.present.wording import decisions, strategy

ENOUGH = 0.8  # share of draws from which a difference is said
OUTCOMES = {"lasting_moves": "duurzame stappen omhoog", "upward_moves": "stappen omhoog", "waiting": "wachtenden"}
PLATFORM = "E40"  # the commitment to one platform


def landscape(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Of how many municipalities the working area is known, and how the areas lie."""
    confirmed, possible, unknown = (int(result.parts[name].sum()) for name in ("confirmed", "possible", "unknown"))
    whole = numbers.plural(result.n, "gemeente", "gemeenten")
    if confirmed == result.n:
        first = f"Van alle {whole} is het werkingsgebied bevestigd."
    else:
        verb = "ligt" if confirmed == 1 else "liggen"
        known = f"Van de {whole} {verb} er {numbers.number(confirmed)} in een bevestigd werkingsgebied"
        known += f" en {numbers.number(possible)} in een mogelijk" if possible else ""
        part = f"van {numbers.number(unknown)} ({numbers.share(unknown / result.n)}) is het onbekend, en dat is niet hetzelfde als geen"
        first = f"{known}; {part}." if unknown else f"{known}."
    found = [Sentence(text=first, certainty="zeker")]
    if result.areas:
        reach = f"{numbers.number(result.across)} ervan" if result.across else "geen enkel"
        lies = "liggen" if result.across > 1 else "ligt"
        text = (
            f"Er {'is' if result.areas == 1 else 'zijn'} {numbers.plural(result.areas, 'bevestigd werkingsgebied', 'bevestigde werkingsgebieden')}; "
            f"{reach} {lies} in meer dan één arrondissement."
        )
        found.append(Sentence(text=text, certainty="zeker"))
    return found


def providers(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many organisations offer places, and whether any does so in more than one arrondissement."""
    totals = result.parts[result.forms].sum(axis=1)
    text = f"In de databank {'staat' if result.n == 1 else 'staan'} {numbers.plural(result.n, 'organisatie', 'organisaties')} met een aanbod, ook waar het aantal plaatsen onbekend is"
    if len(totals) > 1:
        low, high = totals.idxmin(), totals.idxmax()
        text += (
            f", van {numbers.number(totals[low])} in {result.parts.loc[low, 'name']} tot {numbers.number(totals[high])} in "
            f"{result.parts.loc[high, 'name']}"
        )
        doing = (
            f"{numbers.number(result.across)} ervan {'doet' if result.across == 1 else 'doen'}"
            if result.across
            else "geen enkele doet"
        )
        text += f"; {doing} dat in meer dan één arrondissement"
    return [Sentence(text=f"{text}.", certainty="zeker")]


def time_line(result: Any, *, commitment: str = PLATFORM, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Which facts stand on the path to the platform, or that there is none yet.

    Parameters
    ----------
    result : data.landscape.TimeLine
    commitment : str
        Commitment whose facts are told.
    frame : DataFrame, optional
        Not looked at: a fact is no number.
    """
    about = [commitment in str(ids).split() for ids in result.events["commitments"]]
    facts = result.events[about]
    if facts.empty:
        return [Sentence(text="Op het pad naar het platform staat nog geen enkel feit vast.", certainty="zeker")]
    told = numbers.listing([f"{row.event} ({numbers.day(row.date)})" for row in facts.itertuples()])
    start = "staat één feit" if len(facts) == 1 else f"staan {numbers.number(len(facts))} feiten"
    return [Sentence(text=f"Op het pad naar het platform {start} vast: {told}.", certainty="zeker")]


def road_map(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many milestones there are, that nothing is decided or what is, who leads most, and what may not be late."""
    rows = result.milestones
    decided = int((rows["status"] == "beslist").sum())
    count = numbers.plural(result.n, "mijlpaal", "mijlpalen")
    asked = numbers.plural(len(result.decisions), "beslissing", "beslissingen")
    state = (
        "het is een voorstel: niets ervan is beslist"
        if not decided
        else f"{numbers.number(decided)} daarvan {'is' if decided == 1 else 'zijn'} beslist, de rest is een voorstel"
        if decided < result.n
        else "alles daarvan is beslist"
    )
    first = f"Het pad van {result.first_year} tot {result.last_year} telt {count}, waaronder {asked}; {state}."
    leader = result.leaders.index[0]
    second = (
        f"Wie het vaakst trekt, is {platform.partner(leader)}: {numbers.number(result.leaders.iloc[0])} van de {count}; "
        f"{numbers.plural(len(result.leaders), 'partner trekt', 'partners trekken')} er minstens één."
    )
    tight = [str(name) for name in result.critical.index]
    third = (
        f"{numbers.number(len(tight))} van de {count} hebben geen speling: loopt daar iets uit, dan schuift het einde van het pad op."
        if len(tight) > 1
        else "Alleen de laatste mijlpaal heeft geen speling."
    )
    return [Sentence(text=first, certainty="zeker"), Sentence(text=second), Sentence(text=third)]


def interaction(
    result: Any, *, outcome: str = "lasting_moves", names: levers.Names | None = None, frame: pd.DataFrame | None = None
) -> list[Sentence]:
    """Whether all levers together give less or more than each alone, added up, and by how much.

    Parameters
    ----------
    result : strategy.interaction.Interaction
    outcome : str
        Of `lasting_moves`, `upward_moves`, `waiting`.
    names : mapping of str to str, optional
        Dutch names of levers.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    indexed: Any = expected.printable(result, frame).set_index(["outcome", "quantity"])
    whole, added, gap = (indexed.loc[(outcome, q)] for q in ("together", "sum_of_parts", "interaction"))
    what, prior = OUTCOMES[outcome], levers.hanging(result.hangs_on, names or {})
    if not (expected.is_told(whole) and expected.is_told(added)):
        return expected.too_small(f"Wat de ingrepen samen en apart geven, voor {what},")
    draws = result.draws[outcome]["interaction"]
    less, more = float((draws < 0).mean()), float((draws > 0).mean())
    both = f"samen is het verschil {cells.amount(whole)} {what}, apart opgeteld {cells.amount(added)}"
    if max(less, more) < ENOUGH:
        text = f"Dat de ingrepen elkaar versterken of hinderen, is niet aangetoond: {both}; {prior}."
        return [Sentence(text=text, certainty="onzeker")]
    if not expected.is_told(gap):
        return expected.too_small(f"Het verschil tussen samen en de som van apart, voor {what},")
    word, side = ("minder", less) if less >= more else ("meer", more)
    size = numbers.number(abs(float(gap["estimate"])))
    text = f"Samen is niet de som: {both}, dus {size} {word}, in {numbers.share(side)} van de trekkingen; {prior}."
    return [Sentence(text=text, certainty=levers.certainty(side))]


def horizon(result: Any, *, first_year: int, begins: str, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How far the look ahead goes, when levers begin, and what an amount per year is.

    Parameters
    ----------
    result : strategy.paths.Paths
    first_year : int
        Calendar year of the first year.
    begins : str
        ISO date on which levers begin.
    frame : DataFrame, optional
        Not looked at: no number of people is told.
    """
    years = len(result.draws[levers.BASELINE]["waiting"])
    text = (
        f"De vooruitblik loopt van {first_year} tot en met {first_year + years - 1}; ingrepen beginnen op {numbers.day(begins)}, "
        "zodat ze te vergelijken zijn; wie later begint of trager opbouwt, zoals op het voorgestelde pad, haalt in die jaren minder. "
        f"Een bedrag per jaar is een gemiddelde over die {numbers.plural(years, 'jaar', 'jaar')}, ook waar een ingreep traag opbouwt."
    )
    return [Sentence(text=text)]


def bounded(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Control: every share of the network lies between its two extremes and between 0 and 1."""
    shown = expected.told(expected.printable(result, frame))
    shares = shown[shown["quantity"].isin(platform.SHARES)]
    out = shares[(shares["estimate"] < 0) | (shares["estimate"] > 1) | (shares["upper"] > 1) | (shares["lower"] < 0)]
    if len(out):
        return [
            Sentence(
                text=f"Controle: {numbers.plural(len(out), 'maat', 'maten')} van het netwerk valt buiten 0 tot 100 %."
            )
        ]
    text = f"Controle: alle {numbers.number(len(shares))} maten van het netwerk die een deel zijn, liggen tussen 0 en 100 %, in het plan en in elke vorm."
    return [Sentence(text=text)]


def platform_headline(
    *,
    today: Any,
    forms: Any,
    judged: Any,
    compared: Any,
    combined: Any,
    first: Any,
    path: Any,
    lever: str,
    register: pd.DataFrame,
    names: Mapping[str, str],
    request_names: Mapping[str, str],
    frame: pd.DataFrame | None = None,
) -> list[Finding]:
    """Findings of the chapter: the network, the form, what a platform adds, the path, and what to measure first.

    Parameters
    ----------
    today, forms, judged, compared, combined, first, path : results
        Of `network.measure`, `governance.compare`, `priorities.platform_forms`, `scenarios.compare`,
        `interaction.interaction`, `information.value_of_information` and `road_map.road_map`; where one is
        unavailable its finding is left out.
    lever : str
        Scenario with the platform alone.
    register : DataFrame
        Rows of the table `data_request`.
    names, request_names : mapping of str to str
        Dutch names of levers, scenarios and requests.
    frame : DataFrame, optional
        The comparison's cells that may be printed.
    """
    vital, asks = decisions.network(today)[1], decisions.governance(forms)
    found = [
        Finding(
            finding=f"In het netwerk dat het plan noemt: {vital.text[0].lower()}{vital.text[1:]}",
            meaning=asks[1].text,
            certainty=str(vital.certainty),
        ),
        Finding(
            finding=decisions.platform_forms(judged)[0].text,
            meaning=_first_decision(path),
            certainty=decisions.platform_forms(judged)[0].certainty or "zeker",
        ),
    ]
    if not isinstance(combined, Unavailable):
        alone = strategy.comparison(compared, scenario=lever, quantities=["lasting_moves"], names=names, frame=frame)[0]
        found.append(Finding(finding=alone.text, meaning=_together(combined), certainty=str(alone.certainty)))
    told = road_map(path)
    found.append(Finding(finding=told[0].text, meaning=told[2].text, certainty="zeker"))
    if not isinstance(first, Unavailable):
        found.append(_first_request(first, register, names=names, request_names=request_names))
    return found


def _together(result: Any) -> str:
    """All levers together beside the sum of each alone, without the priors that the finding names."""
    indexed: Any = expected.printable(result, None).set_index(["outcome", "quantity"])
    whole, added = (indexed.loc[("lasting_moves", q)] for q in ("together", "sum_of_parts"))
    when = f"over {numbers.plural(result.years, 'jaar', 'jaar')}"
    if not (expected.is_told(whole) and expected.is_told(added)):
        return f"Wat alle ingrepen samen geven {when}, is te klein om te tonen."
    return (
        f"Met alle ingrepen samen is het verschil {when} {cells.amount(whole)} duurzame stappen omhoog; apart opgeteld is dat "
        f"{cells.amount(added)}."
    )


def _first_decision(path: Any) -> str:
    """When the first decision on the path comes, and on what condition."""
    if path.decisions.empty:
        return "Op het pad staat geen beslissing."
    row = path.decisions.iloc[0]
    return f"Eerste beslissing, {platform.quarter(row['due'])}: {row['condition']}."


def _first_request(
    result: Any, register: pd.DataFrame, *, names: Mapping[str, str], request_names: Mapping[str, str]
) -> Finding:
    """What to ask first at the middle worth of a lasting move, and whom."""
    values = sorted(result.table["value_per_lasting_move"].unique())
    middle = values[len(values) // 2]
    there = replace(result, table=result.table[result.table["value_per_lasting_move"] == middle])
    said = strategy.value_of_information(there, names=names, request_names=request_names)[0]
    here = there.table[there.table["first"]]
    if here.empty:
        return Finding(
            finding=said.text, meaning="Wacht niet op meer gegevens om te beslissen.", certainty=str(said.certainty)
        )
    row: Any = register.set_index("request_id").loc[here["request"].iloc[0]]
    meaning = f"Te vragen aan {platform.partner(str(row['holder']))}: {row['what']}."
    return Finding(finding=said.text, meaning=meaning, certainty=str(said.certainty))


def platform_numbers(today: Any, compared: Any, *, together: str, frame: pd.DataFrame | None = None) -> list[KeyNumber]:
    """Small numbers of the chapter; `frame` holds the cells of the comparison that may be printed."""
    vital = len(today.critical)
    found = [
        KeyNumber(
            label="partners zonder wie andere loskomen, van alle partners die het plan noemt",
            value=f"{numbers.number(vital)} van {numbers.number(today.n)}",
        )
    ]
    if not isinstance(compared, Unavailable):
        shown = expected.printable(compared, frame)
        row = shown[(shown["scenario"] == together) & (shown["quantity"] == "lasting_moves_difference")].iloc[0]
        years = numbers.plural(compared.years, "jaar", "jaar")
        found.append(
            KeyNumber(label=f"extra duurzame stappen omhoog over {years}, alles samen", value=cells.amount(row))
        )
    return found


def platform_unknown(today: Any, compared: Any, *, names: Mapping[str, str]) -> list[str]:
    """What the chapter cannot say."""
    found = []
    if today.asked < today.n:
        found.append("Of de banden die het plan noemt, ook bestaan: niet elke partner is bevraagd.")
    unpriced = (
        [] if isinstance(compared, Unavailable) else dict.fromkeys(c for v in compared.unpriced.values() for c in v)
    )
    if unpriced:
        listed = numbers.listing([f"'{levers.scenario(code, names)}'" for code in unpriced])
        found.append(f"Wat {listed} {'kost' if len(list(unpriced)) == 1 else 'kosten'}.")
    return found
