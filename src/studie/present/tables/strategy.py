"""Tables of what would help: scenarios beside doing nothing extra, places needed, what to find out first."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pandas as pd

from studie.present import cells, expected, levers, money, numbers, words
from studie.present.display import Column, Table
from studie.present.wording.strategy import fewer_moves

VERDICTS = {"better": "beter", "worse": "slechter", "not shown": "niet aangetoond"}
QUANTITIES = {
    "waiting": "mensen die wachten, op het einde",
    "upward_moves": "stappen omhoog (bruto)",
    "lasting_moves": "duurzame stappen omhoog",
    "relapse": "terugval na een stap omhoog",
}
CHECKED = {"waiting": "wachtlijst", "moves_up": "stappen omhoog"}


def comparison(result: Any, *, names: levers.Names | None = None, frame: pd.DataFrame | None = None) -> Table:
    """Every scenario and outcome, its difference with doing nothing extra, and what may be said of it.

    Parameters
    ----------
    result : strategy.scenarios.Comparison
    names : mapping of str to str, optional
        Dutch names of levers and scenarios (`levers.names`).
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown, named = expected.printable(result, frame), names or {}
    indexed: Any = shown[shown["value_per_lasting_move"].isna()].set_index(["scenario", "quantity"])
    said = result.verdicts.set_index(["scenario", "quantity"])
    rows = []
    for scenario in result.outcomes:
        for quantity, label in QUANTITIES.items():
            row = indexed.loc[(scenario, quantity)]
            beside = [words.CELL_STATUS["not_applicable"]] * 3
            if scenario != levers.BASELINE:
                gap = indexed.loc[(scenario, f"{quantity}_difference")]
                verdict: Any = said.loc[(scenario, quantity)]
                told = gap["cell_status"] == "published"
                chance = numbers.share(verdict["share_better"]) if told else words.CELL_STATUS["suppressed"]
                beside = [
                    _number(gap, quantity, points=True),
                    chance,
                    _verdict(result, scenario, verdict) if told else "–",
                ]
            rows.append([levers.scenario(scenario, named), label, _number(row, quantity), *beside])
    return Table(
        name="comparison",
        caption=f"Wat elke ingreep zou geven over {numbers.plural(result.years, 'jaar', 'jaar')}, naast {levers.BASELINE_NAME}",
        columns=[
            Column(key="scenario", label="Ingreep", align="left"),
            Column(key="quantity", label="Uitkomst", align="left"),
            Column(key="level", label="Verwacht"),
            Column(key="difference", label=f"Verschil met {levers.BASELINE_NAME}"),
            Column(key="share_better", label="Beter in", unit="deel van de trekkingen"),
            Column(key="verdict", label="Oordeel", align="left"),
        ],
        rows=rows,
        frame=shown,
        note=(
            f"Verwachte aantallen mensen of stappen, tussen haakjes het interval van {numbers.share(result.level)}; terugval als "
            "deel, het verschil ervan in procentpunt. Beter heet een ingreep pas in minstens 80 % van de trekkingen. Alles hangt "
            f"aan aannames die niemand gemeten heeft: {_priors(result, named)}."
        ),
    )


def _verdict(result: Any, scenario: str, row: Any) -> str:
    """What may be said; a queue that is shorter because fewer people move up is not called better."""
    if row.name[1] == "waiting" and row["verdict"] == "better" and fewer_moves(result, scenario):
        return "korter, door minder stappen omhoog"
    return VERDICTS[row["verdict"]]


def _priors(result: Any, names: levers.Names) -> str:
    """Every prior behind the scenarios, once."""
    return levers.hangs_on(list(dict.fromkeys(code for codes in result.hangs_on.values() for code in codes)), names)


def _number(row: Any, quantity: str, *, points: bool = False) -> str:
    """A share, a number, or a difference of shares in percentage points."""
    if quantity != "relapse":
        return cells.amount(row)
    if not points or row["cell_status"] != "published":
        return cells.share(row)
    estimate, lower, upper = (100 * float(row[name]) for name in ("estimate", "lower", "upper"))
    return f"{numbers.number(estimate, decimals=1)} ({numbers.interval(lower, upper, decimals=1)})"


def cost(result: Any, *, names: levers.Names | None = None, frame: pd.DataFrame | None = None) -> Table:
    """Cost per lasting move where it is published, else how much each scenario may cost at most.

    Parameters
    ----------
    result : strategy.scenarios.Comparison
    names, frame
        As for `comparison`.
    """
    shown, named = expected.printable(result, frame), names or {}
    rows = []
    for _, row in shown[shown["quantity"].isin(["cost_per_lasting_move", "break_even_cost"])].iterrows():
        name = levers.scenario(str(row["scenario"]), named)
        if row["quantity"] == "cost_per_lasting_move":
            rows.append([name, "kost per duurzame stap", words.CELL_STATUS["not_applicable"], money.amount(row)])
        else:
            worth = money.euro(float(row["value_per_lasting_move"]))
            rows.append([name, "hoogste kost per jaar om quitte te spelen", worth, money.amount(row)])
    return Table(
        name="cost",
        caption="Wat een duurzame stap omhoog kost, of wat een ingreep hoogstens mag kosten",
        columns=[
            Column(key="scenario", label="Ingreep", align="left"),
            Column(key="what", label="Wat", align="left"),
            Column(key="value", label="Als een duurzame stap waard is"),
            Column(key="amount", label="Bedrag"),
        ],
        rows=rows,
        frame=shown,
        note=(
            f"Tussen haakjes het interval van {numbers.share(result.level)}. Waar een kost alleen aangenomen of onbekend is, "
            "staat er geen kost per stap maar wat de ingreep hoogstens mag kosten. Beide hangen af van aannames over het effect: "
            f"{_priors(result, named)}."
        ),
    )


def calibration(result: Any, *, first_month: str | None = None, frame: pd.DataFrame | None = None) -> Table:
    """The history as the model repeats it, beside what was seen.

    Parameters
    ----------
    result : strategy.calibration.Calibration
    first_month : str, optional
        Period at which the history starts (`2019-12`); months are counted where it is not given.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = expected.printable(result, frame)
    rows = []
    for (_, row), (_, seen) in zip(shown.iterrows(), result.check.iterrows(), strict=True):
        told = row["cell_status"] == "published"
        past = cells.amount(_history(seen))
        inside = "ja" if seen["inside"] else "nee"
        assumed = " (aangenomen)" if row["quantity"] == "waiting" and not _is_counted(result, row["step"]) else ""
        rows.append(
            [
                f"{CHECKED[str(row['quantity'])]} {words.step(row['step'])}{assumed}",
                _when(int(row["month"]), first_month),
                cells.amount(row),
                past if told else words.CELL_STATUS[str(row["cell_status"])],
                inside,
            ]
        )
    return Table(
        name="calibration",
        caption="Het verleden, teruggerekend met het model en zoals het gezien is",
        columns=[
            Column(key="what", label="Wat", align="left"),
            Column(key="when", label="Wanneer", align="left"),
            Column(key="model", label="Model", unit="mensen"),
            Column(key="history", label="Gezien", unit="mensen"),
            Column(key="inside", label="Binnen het interval", align="left"),
        ],
        rows=rows,
        frame=shown,
        note=(
            f"Model: gemiddelde en interval van {numbers.share(result.level)} over de trekkingen. Wie geteld is, mag 2 % afwijken. "
            "Stappen omhoog gelden over de hele periode."
        ),
    )


def _history(seen: Any) -> Any:
    """What was seen, as a cell."""
    bounds = {"lower": seen["history_lower"], "upper": seen["history_upper"]}
    return SimpleNamespace(estimate=seen["history"], **bounds, cell_status="published")


def _is_counted(result: Any, step: Any) -> bool:
    """Whether somebody counts who waits for a step."""
    return not result.situation.counted or step in result.situation.counted


def _when(month: int, first: str | None) -> str:
    """A month of the history, or the number of months since its start."""
    if first is None:
        return f"na {numbers.plural(month, 'maand', 'maanden')}"
    return numbers.month(str(pd.Period(first, freq="M") + month))


def needed_places(
    result: Any,
    *,
    region_names: Mapping[str, str] | None = None,
    first_year: int = 1,
    frame: pd.DataFrame | None = None,
) -> Table:
    """Every region: extra places per year, and the chance that the target is kept.

    Parameters
    ----------
    result : strategy.needed_places.NeededPlaces
    region_names : mapping of str to str, optional
    first_year : int
        Calendar year of the first year.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown, named = expected.printable(result, frame), region_names or {}
    indexed: Any = shown.set_index(["quantity", "region", "year"])
    years = sorted(result.table["year"].unique())
    rows = []
    for region in dict.fromkeys(result.table["region"]):
        target = float(result.table.loc[result.table["region"] == region, "target"].iloc[0])
        places = [cells.amount_known(indexed.loc[("extra_places", region, year)]) for year in years]
        chance = cells.share(indexed.loc[("probability_under_target", region, years[-1])])
        rows.append([named.get(str(region), str(region)), _target(target), *places, chance])
    return Table(
        name="needed_places",
        caption=f"Extra plaatsen op {words.step(result.step)} per regio en jaar",
        columns=[
            Column(key="region", label="Regio", align="left"),
            Column(key="target", label="Streefdoel", unit="mensen die wachten"),
            *(Column(key=str(y), label=str(first_year + y - 1) if first_year > 1 else f"Jaar {y}") for y in years),
            Column(key="probability", label="Kans dat het lukt in het laatste jaar"),
        ],
        rows=rows,
        frame=shown,
        note=(
            f"Mensen tegelijk, boven de plaatsen van vandaag, het hele jaar in gebruik; het kleinste aantal dat het streefdoel "
            f"met {numbers.share(result.wanted)} kans haalt. Kans met het interval van {numbers.share(result.level)}; zij dekt "
            "de onzekerheid over het tempo van bewegingen, niet wat er aan regels verandert."
        ),
    )


def _target(target: float) -> str:
    return numbers.number(target, decimals=0 if float(target).is_integer() else 1)


def value_of_information(
    result: Any, *, request_names: Mapping[str, str] | None = None, frame: pd.DataFrame | None = None
) -> Table:
    """What an answer to each data request is worth at most, by what a lasting move is worth.

    Parameters
    ----------
    result : strategy.information.ValueOfInformation
    request_names : mapping of str to str, optional
        Dutch names of the data requests.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown, named = expected.printable(result, frame), {"everything": "alles weten", **(request_names or {})}
    indexed: Any = shown.set_index(["request", "value_per_lasting_move"])
    first = set(
        result.table.loc[result.table["first"], ["request", "value_per_lasting_move"]].itertuples(
            index=False, name=None
        )
    )
    values = sorted(result.table["value_per_lasting_move"].unique())
    rows = [
        [
            named.get(request, request),
            *(f"{money.amount(indexed.loc[(request, v)])}{' *' if (request, v) in first else ''}" for v in values),
        ]
        for request in dict.fromkeys(result.table["request"])
    ]
    return Table(
        name="value_of_information",
        caption="Wat het hoogstens waard is om eerst te weten, voor de beslissing over het budget",
        columns=[
            Column(key="request", label="Vraag om gegevens", align="left"),
            *(Column(key=f"{v:g}", label=f"Duurzame stap = {money.euro(float(v))}") for v in values),
        ],
        rows=rows,
        frame=shown,
        note=(
            f"Tussen haakjes het interval van {numbers.share(result.level)}. * zoek dit eerst uit. Een bovengrens: echte "
            "gegevens zijn nooit volmaakt en kosten zelf iets. Waar de invoer uit aannames bestaat, zegt dit wat die "
            "aannames waard zijn."
        ),
    )
