"""Sentences about what would help: each with its doubt, the priors that it hangs on, and its opposite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from studie.present import cells, expected, levers, money, numbers, words
from studie.present.display import Sentence

ENOUGH = 0.8  # share of draws from which a difference is said
TOLD = {
    "lasting_moves": ("duurzame stappen omhoog", "meer", "minder", 1),
    "waiting": ("wachtenden", "minder", "meer", -1),
    "relapse": ("terugval na een stap omhoog", "minder", "meer", -1),
}
OURS = "dit volgt uit onze aannames over de ingrepen, die niemand gemeten heeft"
UPPER_BOUND = "Dat is een bovengrens: echte gegevens zijn nooit volmaakt en kosten zelf iets."
PRIORS_ONLY = (
    "De invoer bevat demonstratiegegevens: dit zegt wat onze aannames waard zijn, niet wat metingen waard zijn."
)


def calibration(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Whether the model repeats the history that it starts from."""
    check = result.check
    counted = result.situation.counted
    if counted:
        check = check[(check["quantity"] != "waiting") | check["step"].isin(counted)]
    good, whole = int(check["inside"].sum()), len(check)
    if result.reproduces:
        text = (
            f"Teruggerekend naar het verleden klopt het model: alle {numbers.number(whole)} wachtlijsten en stromen vallen "
            "binnen het interval van wat gezien is."
        )
        return [Sentence(text=text, certainty="zeker")]
    text = (
        f"Teruggerekend naar het verleden klopt het model niet helemaal: {numbers.number(whole - good)} van de "
        f"{numbers.number(whole)} wachtlijsten en stromen vallen buiten het interval van wat gezien is."
    )
    return [Sentence(text=text, certainty="zeker")]


def paths(result: Any, *, first_year: int = 1, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Whether more people would wait if nothing extra happens."""
    shown = expected.printable(result, frame)
    rows: Any = shown[(shown["scenario"] == levers.BASELINE) & (shown["quantity"] == "waiting")].set_index("year")
    years = sorted(rows.index)
    if not all(expected.is_told(rows.loc[year]) for year in (years[0], years[-1])):
        return expected.too_small("De wachtlijst")
    first, last = (cells.amount(rows.loc[year]) for year in (years[0], years[-1]))
    begin, end = (_year(first_year, year) for year in (years[0], years[-1]))
    walked = result.draws[levers.BASELINE]["waiting"]
    longer, shorter = (float((sign * (walked[-1] - walked[0]) > 0).mean()) for sign in (1, -1))
    numbers_told = f"eind {end} wachten er {last} mensen, eind {begin} {first}"
    if longer >= ENOUGH:
        return [
            Sentence(
                text=f"Blijven tempo en instroom gelijk en gebeurt er niets extra, dan groeit de wachtlijst: {numbers_told}.",
                certainty=levers.certainty(longer),
            )
        ]
    if shorter >= ENOUGH:
        return [
            Sentence(
                text=f"Blijven tempo en instroom gelijk, dan krimpt de wachtlijst ook als er niets extra gebeurt: {numbers_told}.",
                certainty=levers.certainty(shorter),
            )
        ]
    text = f"Of de wachtlijst groeit of krimpt als er niets extra gebeurt, is niet te zeggen: {numbers_told}."
    return [Sentence(text=text, certainty="onzeker")]


def comparison(
    result: Any,
    *,
    scenario: str,
    quantities: Sequence[str] = ("lasting_moves", "waiting", "relapse"),
    names: levers.Names | None = None,
    frame: pd.DataFrame | None = None,
) -> list[Sentence]:
    """What a scenario changes against doing nothing extra: better, worse, or not shown.

    Parameters
    ----------
    result : strategy.scenarios.Comparison
    scenario : str
    quantities : sequence of str
        Of `lasting_moves`, `waiting`, `relapse`.
    names : mapping of str to str, optional
        Dutch names of levers and scenarios (`levers.names`).
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    indexed: Any = _by_scenario(result, frame)
    return [_compared(result, indexed, scenario, quantity, names or {}) for quantity in quantities]


def _by_scenario(result: Any, frame: pd.DataFrame | None) -> pd.DataFrame:
    """Rows by scenario and quantity, without those per value of a move."""
    shown = expected.printable(result, frame)
    return shown[shown["value_per_lasting_move"].isna()].set_index(["scenario", "quantity"])


def _compared(result: Any, indexed: Any, scenario: str, quantity: str, names: levers.Names) -> Sentence:
    """One quantity of one scenario."""
    what, good, bad, sign = TOLD[quantity]
    row = indexed.loc[(scenario, f"{quantity}_difference")]
    name = f"'{levers.scenario(scenario, names)}'"
    prior = levers.hanging(result.hangs_on[scenario], names, said=scenario)
    if row["cell_status"] != "published":
        return Sentence(
            text=f"Het verschil dat {name} maakt voor {what}, is kleiner dan tien: te weinig om iets over te zeggen; {prior}."
        )
    gap = sign * result.difference(scenario, quantity)
    better, worse = float((gap > 0).mean()), float((gap < 0).mean())
    when = f"na {numbers.plural(result.years, 'jaar', 'jaar')}"
    if quantity != "waiting":
        when = f"over {numbers.plural(result.years, 'jaar', 'jaar')} samen"
    if max(better, worse) < ENOUGH:
        size = _size(row, quantity, flip=False)
        text = (
            f"Dat {name} {good} {what} geeft, is niet aangetoond: het verschil {when} is {size}, beter in "
            f"{numbers.share(better)} van de trekkingen; {prior}."
        )
        return Sentence(text=text, certainty="onzeker")
    helps = better >= ENOUGH
    size = _size(row, quantity, flip=(good if helps else bad) == "minder")
    more = good if helps else bad
    side = better if helps else worse
    no_gain = quantity == "waiting" and helps and fewer_moves(result, scenario)
    extra = " (maar omdat minder mensen een stap omhoog zetten: dat is geen winst)" if no_gain else ""
    text = (
        f"Met {name} {'is' if quantity == 'relapse' else 'zijn'} er {when} {more} {what} dan zonder: {size} {more}, in "
        f"{numbers.share(side)} van de trekkingen{extra}; {prior}."
    )
    return Sentence(text=text, certainty=levers.certainty(side))


def fewer_moves(result: Any, scenario: str) -> bool:
    """Whether fewer people move up: a queue that is shorter because fewer apply is no gain."""
    return float((result.difference(scenario, "upward_moves") < 0).mean()) >= ENOUGH


def _size(row: Any, quantity: str, *, flip: bool) -> str:
    """Difference with its interval, as a positive number where the words say the direction."""
    estimate, lower, upper = (float(row[name]) for name in ("estimate", "lower", "upper"))
    if flip:
        estimate, lower, upper = -estimate, -upper, -lower
    if quantity != "relapse":
        return f"{numbers.number(estimate)} ({numbers.interval(lower, upper)})"
    points = [100 * value for value in (estimate, lower, upper)]
    return f"{numbers.number(points[0], decimals=1)} ({numbers.interval(*points[1:], decimals=1)}) procentpunt"


def gross_and_net(
    result: Any, *, scenario: str, names: levers.Names | None = None, frame: pd.DataFrame | None = None
) -> list[Sentence]:
    """That most moves up would have come anyway."""
    indexed: Any = _by_scenario(result, frame)
    name = f"'{levers.scenario(scenario, names or {})}'"
    with_, without = (indexed.loc[(one, "upward_moves")] for one in (scenario, levers.BASELINE))
    prior = levers.hanging(result.hangs_on[scenario], names or {}, said=scenario)
    if "suppressed" in (with_["cell_status"], without["cell_status"]):
        return expected.too_small(f"Hoeveel stappen omhoog er met {name} zijn,")
    text = (
        f"Bruto is niet netto: met {name} zijn er over {numbers.plural(result.years, 'jaar', 'jaar')} {cells.amount(with_)} stappen "
        f"omhoog, maar ook zonder waren het er {cells.amount(without)}; alleen het verschil telt, en {prior}."
    )
    return [Sentence(text=text)]


def cost(
    result: Any, *, scenario: str, names: levers.Names | None = None, frame: pd.DataFrame | None = None
) -> list[Sentence]:
    """What a lasting move costs where the cost is published; else how much it may cost at most.

    The most it may cost grows with the worth of a move: it is said for the middle one, the table has them all.
    """
    shown = expected.printable(result, frame)
    rows = shown[shown["scenario"] == scenario]
    name = f"'{levers.scenario(scenario, names or {})}'"
    prior = levers.hanging(result.hangs_on[scenario], names or {}, said=scenario)
    stated = rows[rows["quantity"] == "cost_per_lasting_move"]
    if len(stated):
        return [_cost_per_move(result, stated.iloc[0], scenario, name, prior)]
    possible = rows[rows["quantity"] == "break_even_cost"].sort_values("value_per_lasting_move")
    return [
        _break_even(result, row, scenario, name, prior) for _, row in possible.iloc[[len(possible) // 2]].iterrows()
    ]


def _cost_per_move(result: Any, row: Any, scenario: str, name: str, prior: str) -> Sentence:
    """Cost of one more lasting move."""
    if not expected.is_told(row):
        return Sentence(text=f"Wat een extra duurzame stap omhoog met {name} kost, is te klein om te tonen; {prior}.")
    if not np.isfinite(float(row["estimate"])):
        text = f"Wat een extra duurzame stap omhoog met {name} kost, is niet te zeggen: gemiddeld komt er geen bij; {prior}."
        return Sentence(text=text, certainty="onzeker")
    gained = float((result.difference(scenario, "lasting_moves") > 0).mean())
    text = f"Met {name} kost een extra duurzame stap omhoog {money.amount(row)}; {prior}."
    return Sentence(text=text, certainty=levers.certainty(gained))


def _break_even(result: Any, row: Any, scenario: str, name: str, prior: str) -> Sentence:
    """How much a scenario may cost for a given worth of a lasting move."""
    value = money.euro(float(row["value_per_lasting_move"]))
    known = result.assumed[scenario] > 0 and not result.unpriced[scenario]
    guess = result.assumed[scenario] / result.years
    why = f"is alleen aangenomen (gemiddeld {money.euro(guess)} per jaar)" if known else "is niet bekend"
    if row["cell_status"] != "published":
        return Sentence(text=f"Wat {name} hoogstens mag kosten, is te klein om te tonen; {prior}.")
    if float(row["estimate"]) <= 0:
        text = (
            f"Wat {name} kost, {why}; als een duurzame stap omhoog {value} waard is, verdient het zich gemiddeld ook "
            f"gratis niet terug ({money.amount(row)} per jaar); {prior}."
        )
        return Sentence(text=text, certainty="onzeker")
    text = (
        f"Wat {name} kost, {why}; als een duurzame stap omhoog {value} waard is, mag het hoogstens {money.amount(row)} per "
        f"jaar kosten; {prior}."
    )
    enough = value_share(result, scenario, float(row["value_per_lasting_move"]), guess) if known else 0.0
    return Sentence(text=text, certainty=levers.certainty(max(enough, 1 - enough)) if known else "onzeker")


def value_share(result: Any, scenario: str, value: float, guess: float) -> float:
    """Share of the draws in which the lasting moves are worth the assumed cost per year [euro]."""
    worth = (value * result.difference(scenario, "lasting_moves") - result.stated[scenario]) / result.years
    return float((worth >= guess).mean())


def needed_places(
    result: Any,
    *,
    region_names: Mapping[str, str] | None = None,
    first_year: int = 1,
    of_queue: float | None = None,
    frame: pd.DataFrame | None = None,
) -> list[Sentence]:
    """How many places are needed in the last year, where most, and that the answer was checked.

    `of_queue` is the part of today's queue that the target is: somebody chose it.
    """
    shown, named = expected.printable(result, frame), region_names or {}
    places = shown[shown["quantity"] == "extra_places"]
    last = places[places["year"] == places["year"].max()]
    known = expected.told(last)
    when, goal = (
        _year(first_year, int(last["year"].iloc[0])),
        f"met {numbers.share(result.wanted)} kans onder het streefdoel van {_goal(result)}{_aimed(of_queue)}",
    )
    queue = f"de wachtlijst voor {words.step(result.step)}"
    hidden = len(last) - len(known)
    small = f"; in {numbers.plural(hidden, 'regio', 'regio’s')} is het aantal te klein om te tonen" if hidden else ""
    if not (known["estimate"] > 0).any():
        none = f"Tot {when} blijft {queue} {goal} zonder extra plaatsen."
        few = f"Tot {when} zijn er hooguit enkele extra plaatsen nodig om {queue} {goal} te houden{small}."
        text = few if hidden else none
        return [Sentence(text=text, certainty=numbers.certainty(result.wanted)), *_checked(result, shown)]
    top: Any = known.loc[known["estimate"].idxmax()]
    text = (
        f"Om {queue} {goal} te houden, zijn er in {when} {numbers.number(known['estimate'].sum())} plaatsen meer nodig dan "
        f"vandaag, de meeste in {named.get(str(top['region']), str(top['region']))} ({numbers.number(top['estimate'])}){small}."
    )
    return [Sentence(text=text, certainty=numbers.certainty(result.wanted)), *_checked(result, shown)]


def _aimed(of_queue: float | None) -> str:
    """Which part of the queue the target is."""
    return (
        ""
        if of_queue is None
        else f" ({numbers.share(of_queue)} van de wachtlijst bij het besluit, een keuze van de studie)"
    )


def _goal(result: Any) -> str:
    """Persons who may wait, all regions together."""
    total = float(result.table.drop_duplicates("region")["target"].sum())
    return f"{numbers.number(total)} wachtenden"


def _checked(result: Any, shown: pd.DataFrame) -> list[Sentence]:
    """The chance that is reached with these places."""
    kept = expected.told(shown[shown["quantity"] == "probability_under_target"])
    if kept.empty:
        return []
    least: Any = kept.loc[kept["estimate"].idxmin()]
    text = (
        f"Nagerekend met deze plaatsen blijft de wachtlijst overal in minstens {cells.share(least)} van de trekkingen onder het "
        "streefdoel; dat dekt de onzekerheid over het tempo, niet wat er aan regels verandert."
    )
    return [Sentence(text=text)]


def tornado(result: Any, *, names: levers.Names | None = None, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Which assumption the difference hangs on most, and whether it can turn."""
    shown, named = expected.printable(result, frame), names or {}
    known = expected.told(shown.head(1))  # the widest comes first
    what = TOLD.get(result.quantity, ("stappen omhoog", "", "", 1))[0]
    if known.empty:
        return expected.too_small(f"Waar het verschil in {what} het meest van afhangt,")
    row: Any = result.table.set_index("effect").loc[known["effect"].iloc[0]]
    name = levers.effect(str(row.name), named)
    share = result.quantity == "relapse"
    low, high = (numbers.share(row[end]) if share else numbers.number(row[end]) for end in ("low", "high"))
    at = f"bij een waarde van {numbers.number(row['at_lower'], decimals=2)} is het {low}, bij {numbers.number(row['at_upper'], decimals=2)} is het {high}"
    turns = row["low"] * row["high"] < 0
    ending = "tussen die waarden kan het omslaan" if turns else "tussen die waarden verandert het niet van teken"
    text = f"Het verschil in {what} hangt het meest af van de aanname '{name}': {at}; {ending}."
    return [Sentence(text=text, certainty="onzeker" if turns else levers.certainty(result.level))]


def variance_shares(
    result: Any, *, names: Mapping[str, str] | None = None, frame: pd.DataFrame | None = None
) -> list[Sentence]:
    """Which input carries most of the doubt, if one does."""
    shown: Any = expected.printable(result, frame).set_index("input")
    rows = result.table.set_index("input").drop("interaction").sort_values("estimate", ascending=False, kind="stable")
    first: Any = shown.loc[rows.index[0]]
    if not expected.is_told(first):
        return expected.too_small("Waar de onzekerheid het meest vandaan komt,")
    name, size = levers.input_name(str(rows.index[0]), names or {}), cells.share(first)
    if first["lower"] > rows["upper"].iloc[1:].max():
        text = f"De meeste onzekerheid komt van één aanname, '{name}': {size} van de spreiding."
        return [Sentence(text=text, certainty=levers.certainty(result.level))]
    text = f"Geen enkele aanname draagt duidelijk de meeste onzekerheid; vooraan staat '{name}' met {size} van de spreiding."
    return [Sentence(text=text, certainty="onzeker")]


def value_of_information(
    result: Any,
    *,
    request_names: Mapping[str, str] | None = None,
    hangs_on: Sequence[str] = (),
    names: levers.Names | None = None,
    data_status: Sequence[str] = (),
    frame: pd.DataFrame | None = None,
) -> list[Sentence]:
    """Which data to collect first, for every worth of a lasting move, or that nothing is worth the wait.

    Parameters
    ----------
    result : strategy.information.ValueOfInformation
    request_names : mapping of str to str, optional
        Dutch names of the data requests.
    hangs_on : sequence of str
        Priors behind the decision (`Comparison.hangs_on`).
    names : mapping of str to str, optional
        Dutch names of levers.
    data_status : sequence of str
        Status of the data behind the draws; `demonstration` is said.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown: Any = expected.printable(result, frame).set_index(["request", "value_per_lasting_move"])
    named = request_names or {}
    prior = levers.hanging(hangs_on, names or {}) if hangs_on else OURS
    firsts = result.table[result.table["first"]]
    values = sorted(result.table["value_per_lasting_move"].unique())
    best = {value: firsts.loc[firsts["value_per_lasting_move"] == value, "request"].to_list() for value in values}
    found = []
    for requests, group in groupby(values, key=lambda value: best[value][:1]):
        worths = list(group)
        middle = worths[len(worths) // 2]
        start = f"Als een duurzame stap omhoog {_any_of(worths)} waard is"
        if not requests:
            text = f"{start}, is het niet aangetoond dat meer weten voor deze beslissing iets waard is; {prior}."
        elif not expected.is_told(row := shown.loc[(requests[0], middle)]):
            text = f"{start}, is de waarde van eerst weten te klein om te tonen; {prior}."
        else:
            at = f"; bij {money.euro(float(middle))} is dat" if len(worths) > 1 else "; dat is"
            text = (
                f"{start}, zoek dan eerst uit: {named.get(requests[0], requests[0])}{at} hoogstens "
                f"{money.amount(row)} waard; {prior}."
            )
        found.append(Sentence(text=text, certainty=levers.certainty(result.level) if requests else "onzeker"))
    found.append(Sentence(text=UPPER_BOUND))
    return [*found, Sentence(text=PRIORS_ONLY)] if "demonstration" in data_status else found


def _any_of(amounts: Sequence[float]) -> str:
    """Amounts of which any may hold: 5.000, 10.000 of 20.000 euro."""
    return numbers.listing([money.euro(float(amount)).removesuffix(" euro") for amount in amounts], "of") + " euro"


def _year(first_year: int, year: int) -> str:
    """Calendar year, or the number of the year where none was given."""
    return str(first_year + year - 1) if first_year > 1 else f"jaar {year}"
