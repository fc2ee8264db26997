"""Tables of the demand of the sectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from studie.config import LEVEL
from studie.present import cells, numbers, words
from studie.present.display import Column, Table

COMPONENTS = ("expansion", "replacement 55+", "replacement under 55")


def backtest(result: Any, *, series: str, area: str, frame: pd.DataFrame | None = None) -> Table:
    """How good earlier forecasts were: error, coverage and skill per horizon.

    Parameters
    ----------
    result : demand.backtest.Backtest
    series : str
        Name of the series in the caption.
    area : str
        Area the series is about, in the caption.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    rows = shown[(shown["series"] == "all") & (shown["target"] == "all")]
    bands = [band for band in rows["band"].unique() if band != "all"]
    columns = [
        Column(key="band", label="Maanden vooruit", align="left"),
        Column(key="mase", label="Fout (MASE)"),
        Column(key="coverage", label="Binnen 80 %-band"),
        *(Column(key=against, label=f"Voorsprong op {words.BENCHMARKS[against]}") for against in words.BENCHMARKS),
    ]
    return Table(
        name="backtest",
        caption=f"Hoe goed waren eerdere prognoses van {series}, {area}",
        columns=columns,
        rows=[_backtest_row(rows[rows["band"] == band], band) for band in bands],
        frame=shown,
        note=(
            f"{numbers.number(result.n)} keer teruggegaan in de tijd en voorspeld met wat toen bekend was. MASE onder 1: kleinere "
            "fout dan 'zoals vorig jaar' in het verleden. Voorsprong: zoveel kleiner is de fout; tussen haakjes het interval. "
            "Loopt dat onder nul, dan is de voorsprong niet aangetoond."
        ),
    )


def _backtest_row(rows: pd.DataFrame, band: str) -> list[str]:
    def one(quantity: str, against: str = "") -> Any:
        return rows[(rows["quantity"] == quantity) & (rows["against"] == against)].iloc[0]

    return [
        band,
        numbers.number(one("mase").estimate, decimals=2),
        numbers.share(one("coverage 80").estimate),
        *(cells.share(one("skill", against)) for against in words.BENCHMARKS),
    ]


def regional_demand(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """What each sector can expect over the next months against the last ones.

    Parameters
    ----------
    result : demand.outlook.RegionalDemand
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    rows = [
        [
            words.sector(row.sector),
            numbers.number(row.before),
            numbers.number(row.estimate),
            numbers.interval(row.lower, row.upper),
            numbers.share(row.more),
        ]
        for row in result.totals.itertuples()
    ]
    return Table(
        name="regional_demand_total",
        caption=f"Ontvangen vacatures: de voorbije en de volgende {result.span} maanden ({numbers.span(*result.ahead)})",
        columns=[
            Column(key="sector", label="Sector", align="left"),
            Column(key="before", label="Voorbije", unit="vacatures"),
            Column(key="estimate", label="Verwacht", unit="vacatures"),
            Column(key="interval", label=f"{numbers.share(result.level)}-interval", unit="vacatures"),
            Column(key="more", label="Kans op meer"),
        ],
        rows=rows,
        frame=shown,
        note="Intervallen uit gezamenlijke toekomsten die optellen van gemeente tot provincie.",
    )


def sector_skill(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """How much better than last year's figures earlier forecasts were, per sector and horizon, and where that ends.

    Parameters
    ----------
    result : demand.outlook.SectorSkill
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    bands = list(dict.fromkeys(shown["band"]))
    cell: Any = shown.set_index(["sector", "band"])
    rows = [
        [
            words.sector(sector),
            *(cells.share(cells.row(cell, (sector, band))) for band in bands),
            _until(result.until[sector]),
        ]
        for sector in result.until
    ]
    return Table(
        name="sector_skill",
        caption="Voorsprong van eerdere prognoses op 'zoals vorig jaar', per sector",
        columns=[
            Column(key="sector", label="Sector", align="left"),
            *(Column(key=band, label=f"{band} maanden vooruit") for band in bands),
            Column(key="until", label="Aantoonbaar tot", align="left"),
        ],
        rows=rows,
        frame=shown,
        note=f"{numbers.number(result.n)} keer teruggegaan in de tijd. Tussen haakjes het interval; onder nul: niet aangetoond.",
    )


def _until(months: int) -> str:
    return numbers.plural(months, "maand", "maanden") if months else "niet aangetoond"


def labour_demand(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Jobs that come extra and people who have to be replaced, per sector and year.

    Parameters
    ----------
    result : demand.replacement.LabourDemand
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    cell: Any = shown.set_index(["sector", "quantity"])
    rows = [
        [words.sector(sector), *(cells.amount(cells.row(cell, (sector, component))) for component in COMPONENTS)]
        for sector in dict.fromkeys(shown["sector"])
    ]
    return Table(
        name="labour_demand",
        caption="Uitbreiding en vervanging: mensen per jaar",
        columns=[
            Column(key="sector", label="Sector", align="left"),
            Column(key="expansion", label="Uitbreiding", unit="mensen per jaar"),
            Column(key="older", label="Vervanging van 55-plussers", unit="mensen per jaar"),
            Column(key="younger", label="Vervanging onder 55", unit="mensen per jaar"),
        ],
        rows=rows,
        frame=shown,
        note=f"Tussen haakjes het interval van {numbers.share(result.level)}. Vervanging is netto en dus een ondergrens.",
    )


def shortage_sectors(rule: pd.DataFrame, *, partners: Mapping[str, str]) -> Table:
    """Which sectors are *knelpuntsector* by the stated rule, and which partner the plan names for them.

    Parameters
    ----------
    rule : DataFrame
        As `demand.tightness.shortage_sectors` gives it, one region.
    partners : mapping from sector to str
        Partner that the action plan names.
    """
    shown = rule.assign(unit="vacancy rate", cell_status="published")  # n counts quarters, not persons
    listed: Any = shown.itertuples()
    rows = [
        [
            words.sector(row.sector),
            partners[row.sector],
            cells.share(row),
            f"{numbers.number(row.quarters_above)} van {numbers.number(row.quarters_known)}",
            str(row.shortage_sector),
        ]
        for row in listed
    ]
    return Table(
        name="shortage_sectors",
        caption="Knelpuntsector volgens de afspraak, en de partner uit het actieplan",
        columns=[
            Column(key="sector", label="Sector", align="left"),
            Column(key="partner", label="Partner", align="left"),
            Column(key="rate", label="Vacaturegraad"),
            Column(key="quarters", label="Kwartalen boven gemiddelde"),
            Column(key="shortage", label="Knelpuntsector", align="left"),
        ],
        rows=rows,
        frame=shown,
        note=(
            "Vacaturegraad: openstaande vacatures gedeeld door banen plus openstaande vacatures, gemiddeld van het "
            f"{_quarters(rule['period'])}; tussen haakjes het interval van {numbers.share(LEVEL)}. Knelpuntsector: in minstens acht van "
            "de laatste twaalf kwartalen boven het gemiddelde van de vier sectoren in deze regio."
        ),
    )


def _quarters(periods: pd.Series) -> str:
    """First and last quarter of `2022Q1/2024Q4` in words."""
    parts = [part.replace("Q", "-Q") for period in periods for part in period.split("/")]
    return f"{numbers.month(min(parts))} tot en met het {numbers.month(max(parts))}"


def carving_potential(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """How many inclusive workplaces could be carved out of the expected vacancies, by a prior share of tasks.

    Parameters
    ----------
    result : demand.carving.CarvingPotential
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    listed: Any = result.table.itertuples()
    rows = [
        [
            words.sector(row.sector),
            f"{numbers.share(row.share)} ({numbers.share_interval(row.share_lower, row.share_upper)})",
            f"{numbers.number(row.estimate)} ({numbers.interval(row.lower, row.upper)})",
        ]
        for row in listed
    ]
    return Table(
        name="carving_potential",
        caption="Mogelijke inclusieve werkplaatsen uit de verwachte vacatures",
        columns=[
            Column(key="sector", label="Sector", align="left"),
            Column(key="share", label="Aangenomen deel van de taken"),
            Column(key="potential", label="Mogelijk", unit="werkplaatsen"),
        ],
        rows=rows,
        frame=shown,
        note=(
            f"Tussen haakjes bij 'mogelijk' het interval van {numbers.share(result.level)}. Het deel van de taken is een "
            "aanname met een eigen interval, geen meting: zie de bijlage Aannames. Het resultaat is een bovengrens."
        ),
    )
