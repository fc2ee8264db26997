"""Dutch names of the ways to pay for places, what a unit of each is, and the assumptions behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studie.data.means import LOANS, PROJECTS
from studie.present import levers, numbers, words

WHOLE = "all"
PLACES = "extra_plaatsen"
BELIEFS = {
    "net": "netto deel van de {name}",
    "kept": "banen die blijven na een {name}",
    "cost": "rente, looptijd en verlies van een {name}",
}
Units = Mapping[str, "Unit"]


@dataclass(frozen=True, kw_only=True)
class Unit:
    """What one unit of a way to pay is: so many euro, or one place."""

    size: float
    one: str
    many: str

    def said(self, count: float) -> str:
        """So many units in words: 90.000 euro projectsubsidie."""
        return numbers.plural(count * self.size, self.one, self.many)


def names(config: Any) -> dict[str, str]:
    """Names of levers, subsidy and loan, and of the beliefs behind them.

    Parameters
    ----------
    config : config.StudyConfig
    """
    found = levers.names(config.levers)
    for code, money in _grants(config.budget).items():
        found[code] = money.name
        for belief, text in BELIEFS.items():
            found[f"{code} {belief}"] = text.format(name=money.name)
    return found


def units(config: Any) -> dict[str, Unit]:
    """What one unit of each way to pay is.

    Parameters
    ----------
    config : config.StudyConfig
    """
    found = {
        code: Unit(size=money.lot, one=f"euro {money.name}", many=f"euro {money.name}")
        for code, money in _grants(config.budget).items()
    }
    effect, years = config.levers[PLACES].effects[0], numbers.number(config.budget.place_years.value)
    where = f"op {words.step(effect.acts_on)}, {years} jaar lang betaald"
    return {**found, PLACES: Unit(size=1, one=f"extra plaats {where}", many=f"extra plaatsen {where}")}


def application_names(applications: Any, towns: Any) -> dict[str, str]:
    """Applications with their municipality and sector.

    Parameters
    ----------
    applications : DataFrame
        `application, refnis, sector`.
    towns : mapping of int to str
        Names of the municipalities by refnis.
    """
    found = {}
    for row in applications.itertuples():
        where = towns.get(int(row.refnis)) if numbers.is_known(row.refnis) else None
        known = [part for part in (where, row.sector) if isinstance(part, str)]
        found[row.application] = f"{row.application} ({', '.join(known)})" if known else row.application
    return found


def assumptions(budget: Any) -> list[dict[str, Any]]:
    """Every number behind what money can buy: value, interval, why and source.

    Parameters
    ----------
    budget : config.BudgetSettings
    """
    loan = budget.trividend
    single = {
        "deel van zijn budgetaandeel dat elk arrondissement minstens in plaatsen krijgt": (budget.guarantee, True),
        "jaren waarover een gefinancierde plaats betaald wordt": (budget.place_years, False),
        f"rente die de provincie misloopt bij {loan.name}, per jaar": (loan.interest, True),
        f"jaren dat een euro gemiddeld uitstaat bij {loan.name}": (loan.years_lent, False),
    }
    rows = [
        _row(name, numbers.share(one.value) if share else _plain(one.value), None, one)
        for name, (one, share) in single.items()
    ]
    for money in _grants(budget).values():
        ceiling = f"{numbers.number(money.ceiling)} euro, gerekend per {numbers.number(money.lot)} euro"
        rows.append(_row(f"{money.name}: hoogstens per toekenning", ceiling, None, money))
        rows.append(_belief(f"{money.name}: netto per bruto plaats", money.net))
    rows.append(_belief(f"{loan.name}: deel dat niet terugkomt", loan.loss))
    rows.append(_belief(f"{loan.name}: deel van de banen dat na 12 maanden blijft", loan.kept))
    amounts = budget.amounts
    low, high = (numbers.number(one) for one in (min(amounts.compared), max(amounts.compared)))
    tried = f"{numbers.number(len(amounts.compared))} bedragen van {low} tot {high} euro"
    first = f"{numbers.number(amounts.spent)} euro, en daarna {numbers.number(amounts.step)} euro"
    return [
        *rows,
        _row("budgetten die vergeleken worden", tried, None, amounts),
        _row("budget dat verdeeld wordt, en wat erbij komt", first, None, amounts),
    ]


def _grants(budget: Any) -> dict[str, Any]:
    """Subsidy and loan by their code."""
    return {PROJECTS: budget.projectsubsidie, LOANS: budget.trividend}


def _plain(value: float) -> str:
    """A number with as many decimals as it has."""
    return numbers.number(value, decimals=0 if float(value).is_integer() else 1)


def _belief(name: str, one: Any) -> dict[str, Any]:
    """Row of a number with its interval."""
    interval = f"{numbers.interval(one.lower, one.upper, decimals=2)} ({numbers.share(one.interval_level)})"
    return _row(name, numbers.number(one.centre, decimals=2), interval, one)


def _row(name: str, value: str, interval: str | None, chosen: Any) -> dict[str, Any]:
    return {"name": name, "value": value, "interval": interval, **levers.reason(chosen)}
