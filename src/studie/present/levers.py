"""Dutch names of levers, their priors and scenarios, and the assumptions behind each lever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studie.present import numbers, words

Names = Mapping[str, str]
MEASURES = {
    "hazard_ratio": "verhouding van het tempo van {what}",
    "net_share": "netto per bruto plaats op {what}",
    "openings_ratio": "verhouding van de bereikbare inclusieve vacatures voor {what}",
}
DIRECTIONS = {"up": "stappen omhoog", "down": "terugval"}
UNITS = {"persons": "mensen tegelijk", "places": "plaatsen", "vte": "VTE", "vacancies": "vacatures per maand"}
COSTS = {"euro/year": "euro per jaar", "euro/place/year": "euro per plaats per jaar"}
COST_STATUS = {"stated": "gepubliceerd", "assumed": "aangenomen"}
INPUTS = {
    "rate up": "tempo van stappen omhoog vandaag",
    "rate down": "tempo van terugval vandaag",
    "waiting at start": "wachtlijst bij het begin",
    "interaction": "samenspel van verschillende",
}
COST = "cost of "
BASELINE = "baseline"
BASELINE_NAME = "niets extra"


def scenario(code: str, names: Names) -> str:
    """Name of a scenario."""
    return BASELINE_NAME if code == BASELINE else names.get(code, code.replace("_", " "))


def effect(code: str, names: Names) -> str:
    """Name of a prior: that of its lever, with a number where the lever has several."""
    lever, _, number = code.rpartition(" ")
    if code not in names and number.isdigit():
        return f"{scenario(lever, names)} (effect {number})"
    return scenario(code, names)


def input_name(code: str, names: Names) -> str:
    """Dutch name of an input of the model."""
    if code.startswith(COST):
        return f"kost van {scenario(code.removeprefix(COST), names)}"
    return INPUTS.get(code) or effect(code, names)


def hangs_on(codes: Sequence[str], names: Names) -> str:
    """Names of the priors that a result hangs on, for the sentence that tells it."""
    return numbers.listing([f"'{effect(code, names)}'" for code in codes])


def hanging(codes: Sequence[str], names: Names, *, said: str = "") -> str:
    """End of a sentence about a result that hangs on priors; `said` is the lever that the sentence names itself."""
    noun = "aannames" if len(codes) > 1 else "een aanname"
    about = dict.fromkeys(scenario(_lever(code), names) for code in codes)
    if list(about) == [scenario(said, names)]:
        return f"dit hangt af van {noun} over die ingreep, die niemand gemeten heeft"
    return f"dit hangt af van {noun} over {numbers.listing([repr(name) for name in about])}, die niemand gemeten heeft"


def _lever(code: str) -> str:
    """Lever that a prior belongs to: its name without the number of the effect."""
    lever, _, number = code.rpartition(" ")
    return lever if number.isdigit() and lever else code


def certainty(probability: float) -> str:
    """How sure a finding that hangs on a prior can be: never *zeker*, whatever the share of draws."""
    word = numbers.certainty(probability)
    return "waarschijnlijk" if word == "zeker" else word


def names(levers: Mapping[str, Any]) -> dict[str, str]:
    """Names of the levers and priors of a configuration."""
    found = {}
    for code, lever in levers.items():
        found[code] = lever.name
        for number, one in enumerate(lever.effects, start=1):
            if len(lever.effects) > 1:
                found[f"{code} {number}"] = f"{lever.name}: {_what(one.acts_on)}"
    return found


def assumptions(levers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every number behind the levers: effects with interval, how fast and how many, cost; why and source.

    Parameters
    ----------
    levers : mapping of str to config.LeverSettings
    """
    return [row for lever in levers.values() for row in _rows(lever)]


def _rows(lever: Any) -> list[dict[str, Any]]:
    """Assumptions of one lever."""
    found = []
    for one in lever.effects:
        interval = f"{numbers.interval(one.lower, one.upper, decimals=2)} ({numbers.share(one.interval_level)})"
        name = MEASURES[one.measure].format(what=_what(one.acts_on))
        found.append(_row(f"{lever.name}: {name}", numbers.number(one.centre, decimals=2), interval, one))
    begin, full = lever.start_month + 1, lever.ramp_months
    reach = f"vanaf maand {begin}, vol na {full} maanden, bereik {numbers.share(lever.coverage)}"
    found.append(_row(f"{lever.name}: begin, opbouw en bereik", reach, None, lever))
    if lever.amount is not None:
        amount = f"{numbers.number(lever.amount)} {UNITS[lever.unit]}"
        found.append(_row(f"{lever.name}: bruto omvang", amount, None, lever))
    if lever.cost is not None:
        cost = f"{numbers.number(lever.cost.value)} {COSTS[lever.cost.unit]}"
        found.append(_row(f"{lever.name}: kost ({COST_STATUS[lever.cost.status]})", cost, None, lever.cost))
    return found


def _row(name: str, value: str, interval: str | None, chosen: Any) -> dict[str, Any]:
    return {"name": name, "value": value, "interval": interval, **reason(chosen)}


def reason(chosen: Any) -> dict[str, str]:
    """Why something was chosen, where it comes from and who decided it."""
    return {"because": chosen.because, "source": chosen.source, "decided_by": chosen.decided_by}


def _what(acts_on: Any) -> str:
    """Moves or step that an effect is about."""
    if isinstance(acts_on, str):
        return DIRECTIONS.get(acts_on, words.step(acts_on))
    return numbers.listing([f"{words.step(a)} naar {words.step(b).removeprefix('trede ')}" for a, b in acts_on])
