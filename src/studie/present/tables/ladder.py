"""Tables of moves on the ladder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from studie.present import cells, numbers, words
from studie.present.display import Column, Table

AREAS = {
    "region:02000": "Vlaanderen",
    "country:BE": "België",
    "country:NL": "Nederland",
    "country:EU": "de Europese Unie",
}


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
            "niet verandert met de tijd die iemand er al staat. Daalt die kans met de tijd (zie de controles), dan duurt het "
            "verblijf in werkelijkheid langer en is de kans op een hogere trede kleiner."
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
            f"{flow.quantity} ({_state(flow.from_state)} → {_state(flow.to_state)})",
            _flow_value(flow),
            f"{numbers.number(flow.horizon_months)} maanden"
            if numbers.is_known(flow.horizon_months)
            else numbers.UNKNOWN,
            str(flow.population),
            str(flow.period).replace("../", "tot ").replace("/", "-") if flow.period else numbers.UNKNOWN,
            str(flow.source),
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
            Column(key="source", label="Bron", align="left"),
        ],
        rows=rows,
        frame=frame.assign(cell_status="published"),
        place=numbers.listing([AREAS[code] for code in AREAS if code in set(flows["region"])]),
        note="Elk cijfer gaat over andere mensen, een andere periode en een andere telwijze: vergelijk het niet één op één met de schatting.",
    )


def _state(code: str) -> str:
    """Step or steps in words, `{5,6}` as *trede 5 of 6*; another state as it is."""
    steps = str(code).strip("{}").split(",")
    return f"trede {numbers.listing(steps, 'of')}" if all(step.isdigit() for step in steps) else str(code)


def _flow_value(flow: Any) -> str:
    value = float(flow.value)
    text = numbers.share(value / 100) if flow.unit == "%" else f"{numbers.number(value)} {flow.unit}"
    return text if flow.status == "gepubliceerd" else f"{text} ({flow.status})"
