"""Tables in Dutch number format, made from printable cells, named after the class of the result they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from studie.present import cells, numbers, words
from studie.present.display import Column, Table


def inventory(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """What we have: per dataset its status, period, rows and publisher.

    Parameters
    ----------
    result : data.quality.Inventory
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = result.to_frame() if frame is None else frame
    rows = [
        [
            dataset.title,
            words.DATA_STATUS[dataset.data_status],
            numbers.span(dataset.first_period, dataset.last_period) if dataset.first_period else numbers.UNKNOWN,
            _coverage(result, dataset.dataset_id),
            dataset.publisher,
        ]
        for dataset in result.datasets
    ]
    return Table(
        name="inventory",
        caption="Wat weten we: gegevens, status, periode en bron",
        columns=[
            Column(key="title", label="Gegevens", align="left"),
            Column(key="status", label="Status", align="left"),
            Column(key="period", label="Periode", align="left"),
            Column(key="coverage", label="Gemeenten", align="left"),
            Column(key="publisher", label="Bron", align="left"),
        ],
        rows=rows,
        frame=shown,
        note="Gemeenten: van hoeveel gemeenten van deze regio er cijfers zijn; n.v.t.: de rijen noemen zelf geen gemeente.",
    )


def _coverage(result: Any, dataset_id: str) -> str:
    covered = result.covered[dataset_id]
    if not numbers.is_known(covered):
        return words.CELL_STATUS["not_applicable"]
    return f"{numbers.number(covered)} van {numbers.number(result.municipalities)}"


def transition_matrix(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Where people are one month later by the step they are on: share with interval, and pairs of months behind it.

    Parameters
    ----------
    result : ladder.matrices.TransitionMatrix
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    table = shown.assign(from_step=shown["from_step"].astype(str), to_step=shown["to_step"].astype(str))
    targets = [s for s in words.STEPS if s in set(table["to_step"]) and s not in words.BETWEEN]
    origins = [s for s in words.STEPS if s in set(table["from_step"]) and not s.startswith("exit_")]
    indexed: Any = table.set_index(["from_step", "to_step"])
    rows = [
        [words.step(o), *(_brief(indexed.loc[(o, t)]) for t in targets), _pairs(indexed.loc[o].iloc[0])]
        for o in origins
    ]
    return Table(
        name="transition_matrix",
        caption="Kans per maand om van trede te veranderen",
        columns=[
            Column(key="from_step", label="Van", align="left"),
            *(Column(key=t, label=words.step(t)) for t in targets),
            Column(key="n", label="Maanden"),
        ],
        rows=rows,
        frame=shown,
        note="Maanden: het aantal maanden dat mensen op die trede begonnen. Treden waarop niemand begon: onbekend.",
    )


def _brief(row: Any) -> str:
    return numbers.share(row.estimate) if row.cell_status == "published" else words.CELL_STATUS[row.cell_status]


def _pairs(row: Any) -> str:
    return cells.count(row.n, row.cell_status)


def cumulative_incidence(
    result: Any, *, quantity: Sequence[str], times: Sequence[float], caption: str, frame: pd.DataFrame | None = None
) -> Table:
    """Probabilities at some moments after the move, one row per group, with the moves behind them.

    Parameters
    ----------
    result : ladder.hazards.CumulativeIncidence
    quantity : sequence of str
        Probabilities to show, such as `lasting`.
    times : sequence of float
        Months since the move.
    caption : str
        Title of the table, in Dutch.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    heads = [(q, t) for q in quantity for t in times]
    rows = []
    for key, group in shown.groupby(list(result.by), sort=True) if result.by else [("", shown)]:
        values = key if isinstance(key, tuple) else (key,)
        label = ", ".join(words.group(c, v) for c, v in zip(result.by, values, strict=False)) or "allen"
        picked = [group[(group["quantity"] == q) & (group["time"] == t)].iloc[0] for q, t in heads]
        rows.append(
            [label, *(cells.share(row) for row in picked), cells.count(picked[0]["n"], picked[0]["cell_status"])]
        )
    return Table(
        name="_".join(quantity),
        caption=caption,
        columns=[
            Column(key="group", label="Groep", align="left"),
            *(Column(key=f"{q}_{t}", label=f"{words.QUANTITIES[q]} na {numbers.number(t)} maanden") for q, t in heads),
            Column(key="n", label="Stappen omhoog"),
        ],
        rows=rows,
        frame=shown,
        note=f"Tussen haakjes het interval van {numbers.share(result.level)}. Te klein: minder dan tien stappen.",
    )


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
        caption=f"Ontvangen vacatures: de voorbije en de volgende {result.span} maanden",
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


def profiles(
    result: Any,
    *,
    sojourn: Sequence[str] = ("3", "4", "5"),
    reach: Sequence[str] = ("4", "5"),
    frame: pd.DataFrame | None = None,
) -> Table:
    """How long people stay on a step and whether they reach the top in time, one row per group.

    Parameters
    ----------
    result : ladder.profiles.Profiles
    sojourn, reach : sequence of str
        Steps whose stay and whose chance to reach the target are shown.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown = cells.printable(result, frame)
    cell: Any = shown.assign(step=shown["step"].astype(str)).set_index(["group", "step", "quantity"])
    rows = [
        [
            words.group("group", name),
            *(cells.amount(cells.row(cell, (name, step, "sojourn"))) for step in sojourn),
            *(cells.share(cells.row(cell, (name, step, "reach"))) for step in reach),
        ]
        for name in shown["group"].unique()
    ]
    target, within = words.step(result.target), numbers.number(result.within)
    return Table(
        name="profiles",
        caption=f"Hoelang mensen op een trede blijven, en hun kans op {target} binnen {within} maanden",
        columns=[
            Column(key="group", label="Groep", align="left"),
            *(Column(key=f"sojourn_{s}", label=f"Verblijf op {words.step(s)}", unit="maanden") for s in sojourn),
            *(Column(key=f"reach_{s}", label=f"Kans op {target} vanaf {words.step(s)}") for s in reach),
        ],
        rows=rows,
        frame=shown,
        note=(
            f"Tussen haakjes het interval van {numbers.share(result.level)}. Gemiddeld verblijf, alsof de kans om te vertrekken "
            "niet verandert met de tijd die iemand er al staat."
        ),
    )


def published_flows(flows: pd.DataFrame) -> Table:
    """Published percentages and counts of people who moved, each with its own population and period.

    Parameters
    ----------
    flows : DataFrame
        Rows of the table `published_flow`.
    """
    listed: Any = flows.itertuples()
    rows = [
        [
            f"{flow.quantity} ({flow.from_state} → {flow.to_state})",
            _flow_value(flow),
            f"{numbers.number(flow.horizon_months)} maanden"
            if numbers.is_known(flow.horizon_months)
            else numbers.UNKNOWN,
            str(flow.population),
            str(flow.period).replace("../", "tot ").replace("/", "-") if flow.period else numbers.UNKNOWN,
        ]
        for flow in listed
    ]
    frame = pd.DataFrame(
        {
            "flow_id": flows["flow_id"], "period": flows["period"], "quantity": flows["quantity"],
            "estimate": flows["value"].astype(float), "lower": float("nan"), "upper": float("nan"),
            "n": float("nan"), "unit": flows["unit"],
        }
    )  # fmt: skip
    return Table(
        name="published_flows",
        caption="Wat anderen publiceerden over bewegen op de ladder",
        columns=[
            Column(key="flow", label="Beweging", align="left"),
            Column(key="value", label="Waarde"),
            Column(key="horizon", label="Termijn", align="left"),
            Column(key="population", label="Over wie", align="left"),
            Column(key="period", label="Periode", align="left"),
        ],
        rows=rows,
        frame=frame.assign(cell_status="published"),
        note="Elk cijfer gaat over andere mensen, een andere periode en een andere telwijze: vergelijk het niet één op één met de schatting.",
    )


def _flow_value(flow: Any) -> str:
    value = float(flow.value)
    text = numbers.share(value / 100) if flow.unit == "%" else f"{numbers.number(value)} {flow.unit}"
    return text if flow.status == "gepubliceerd" else f"{text} ({flow.status})"


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


COMPONENTS = ("expansion", "replacement 55+", "replacement under 55")


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
    listed: Any = rule.itertuples()
    rows = [
        [
            words.sector(row.sector),
            partners[row.sector],
            numbers.share(row.estimate),
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
        frame=rule.assign(unit="vacancy rate", cell_status="published"),  # n counts quarters, not persons
        note=(
            "Vacaturegraad: openstaande vacatures gedeeld door banen plus openstaande vacatures. Knelpuntsector: in minstens acht van "
            "de laatste twaalf kwartalen boven het gemiddelde van de vier sectoren in deze regio."
        ),
    )


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
        note="Het deel van de taken is een aanname, geen meting: zie de bijlage Aannames. Het resultaat is een bovengrens.",
    )
