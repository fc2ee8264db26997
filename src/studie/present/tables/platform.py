"""Tables of the platform: the landscape today, its dated facts, the path with its decisions, and what to ask whom first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from studie.present import cells, expected, levers, money, numbers, platform, words
from studie.present.display import Column, Table

OUTCOMES = {
    "lasting_moves": "duurzame stappen omhoog",
    "upward_moves": "stappen omhoog (bruto)",
    "waiting": "mensen die wachten, op het einde",
}


def landscape(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """What is known of the working area of each municipality, per arrondissement.

    Parameters
    ----------
    result : data.landscape.Landscape
    frame : DataFrame, optional
        Not looked at: municipalities are counted here, not people.
    """
    counts = ["municipalities", "confirmed", "possible", "unknown"]
    rows = [[row["name"], *(numbers.number(row[c]) for c in counts)] for _, row in result.parts.iterrows()]
    if len(rows) > 1:
        rows.append(["samen", *(numbers.number(result.parts[c].sum()) for c in counts)])
    until = f" De gekende gebieden golden tot en met {numbers.day(result.until)}." if result.until else ""
    return Table(
        name="landscape",
        caption="Werkingsgebied van de gemeenten: bevestigd, mogelijk of onbekend",
        columns=[
            Column(key="area", label="Arrondissement", align="left"),
            Column(key="municipalities", label="Gemeenten"),
            Column(key="confirmed", label="Bevestigd"),
            Column(key="possible", label="Mogelijk"),
            Column(key="unknown", label="Onbekend"),
        ],
        rows=rows,
        frame=result.to_frame(),
        note=f"Onbekend is niet hetzelfde als geen.{until}",
    )


def providers(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Organisations that offer places, per arrondissement and form.

    Parameters
    ----------
    result : data.landscape.Providers
    frame : DataFrame, optional
        Not looked at: organisations are counted here, not people.
    """
    return Table(
        name="providers",
        caption="Organisaties die plaatsen aanbieden, per arrondissement",
        columns=[
            Column(key="area", label="Arrondissement", align="left"),
            *(Column(key=form, label=f"{form[0].upper()}{form[1:]}") for form in result.forms),
            Column(key="all", label="Samen"),
        ],
        rows=[
            [row["name"], *(numbers.number(row[f]) for f in result.forms), numbers.number(row[result.forms].sum())]
            for _, row in result.parts.iterrows()
        ],
        frame=result.to_frame(),
        note="Wie in twee arrondissementen plaatsen aanbiedt, telt in beide.",
    )


def time_line(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Dated facts, with the commitments that they are about.

    Parameters
    ----------
    result : data.landscape.TimeLine
    frame : DataFrame, optional
        Not looked at: a fact is no number.
    """
    return Table(
        name="time_line",
        caption="Wat tot nu toe vaststaat op het pad",
        columns=[
            Column(key="day", label="Dag", align="left"),
            Column(key="event", label="Feit", align="left"),
            Column(key="commitment", label="Engagement", align="left"),
        ],
        rows=[
            [numbers.day(row.date), f"{row.event[0].upper()}{row.event[1:]}", row.commitments]
            for row in result.events.itertuples()
        ],
        frame=result.to_frame(),
        note="Een feit zegt niet dat het platform er is, en ook niet waardoor het kwam.",
    )


def road_map(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Milestones: when, who leads, how it is seen, what comes first, and which commitment the monitor follows with it.

    Parameters
    ----------
    result : strategy.road_map.RoadMap
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    return Table(
        name="road_map",
        caption=f"Voorstel van mijlpalen {result.first_year}-{result.last_year}",
        columns=[
            Column(key="milestone", label="Mijlpaal", align="left"),
            Column(key="when", label="Wanneer", align="left"),
            Column(key="leader", label="Wie trekt", align="left"),
            Column(key="indicator", label="Waaraan we het zien", align="left"),
        ],
        rows=[
            [
                f"{name}: {row['milestone']} ({'; '.join([row['commitment_id'], *_after(row['depends_on'])])})",
                platform.span(row["start"], row["due"]),
                str(row["leader"]),
                str(row["indicator"]),
            ]
            for name, row in result.milestones.iterrows()
        ],
        frame=expected.printable(result, frame),
        note=(
            f"{_standing(result)} K1 is het eerste kwartaal. Tussen haakjes het engagement dat de monitor ermee volgt, en "
            "welke mijlpalen eerst komen."
        ),
    )


def _after(names: Sequence[str]) -> list[str]:
    """What comes first, in words."""
    return [f"na {', '.join(names)}"] if names else []


def _standing(result: Any) -> str:
    """How far the milestones are."""
    counts = result.milestones["status"].value_counts()
    if set(counts.index) == {"voorstel"}:
        return "Alles in deze tabel is een voorstel van de studie: niets ervan is beslist."
    return f"Stand: {numbers.listing([f'{numbers.number(n)} {status}' for status, n in counts.items()])}."


def road_map_decisions(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Decisions on the path, with the condition to go on.

    Parameters
    ----------
    result : strategy.road_map.RoadMap
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    return Table(
        name="road_map_decisions",
        caption="Beslissingen op het pad, en wanneer het verdergaat",
        columns=[
            Column(key="when", label="Wanneer", align="left"),
            Column(key="decision", label="Beslissing", align="left"),
            Column(key="condition", label="Voorwaarde om verder te gaan", align="left"),
            Column(key="opens", label="Opent", align="left"),
        ],
        rows=[
            [
                platform.span(row["due"], row["due"]),
                f"{name}: {row['milestone']}",
                f"{row['condition'][0].upper()}{row['condition'][1:]}.",
                " ".join(row["opens"]),
            ]
            for name, row in result.decisions.iterrows()
        ],
        frame=expected.printable(result, frame),
    )


def interaction(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """All levers together beside the sum of each alone.

    Parameters
    ----------
    result : strategy.interaction.Interaction
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    indexed: Any = expected.printable(result, frame).set_index(["outcome", "quantity"])
    rows = []
    for outcome, draws in result.draws.items():
        below = float((draws["interaction"] < 0).mean())
        told = all(indexed.loc[(outcome, q), "cell_status"] == "published" for q in draws)
        rows.append(
            [
                OUTCOMES[outcome],
                *(cells.amount(indexed.loc[(outcome, q)]) for q in ("together", "sum_of_parts", "interaction")),
                numbers.share(below) if told else words.CELL_STATUS["suppressed"],
            ]
        )
    return Table(
        name="interaction",
        caption=f"Alles samen naast de som van elke ingreep apart, over {numbers.plural(result.years, 'jaar', 'jaar')}",
        columns=[
            Column(key="outcome", label=f"Verschil met {levers.BASELINE_NAME}", align="left"),
            Column(key="together", label="Alles samen"),
            Column(key="sum_of_parts", label="Som van apart"),
            Column(key="interaction", label="Samen min som"),
            Column(key="below", label="Samen lager in", unit="deel van de trekkingen"),
        ],
        rows=rows,
        frame=indexed.reset_index(),
        note=f"Tussen haakjes het interval van {numbers.share(result.level)}, in dezelfde trekkingen.",
    )


def first_requests(
    result: Any,
    *,
    register: pd.DataFrame,
    requests: Mapping[str, Any],
    names: levers.Names | None = None,
    frame: pd.DataFrame | None = None,
) -> Table:
    """What to ask whom, most worth first, at the middle worth of a lasting move.

    Parameters
    ----------
    result : strategy.information.ValueOfInformation
    register : DataFrame
        Rows of the table `data_request`.
    requests : mapping of str to config.Request
        What an answer would tell, by the number of the request.
    names : mapping of str to str, optional
        Dutch names of levers.
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    shown, listed = expected.printable(result, frame), register.set_index("request_id")
    values = sorted(shown["value_per_lasting_move"].unique())
    middle = values[len(values) // 2]
    worth: Any = shown[shown["value_per_lasting_move"] == middle].set_index("request").drop("everything")
    order = worth["estimate"].astype(float).sort_values(ascending=False, kind="stable").index
    rows = [
        [
            f"{one}: {listed.loc[one, 'what']}",
            str(listed.loc[one, "holder"]),
            numbers.listing([levers.input_name(code, names or {}) for code in requests[one].inputs]),
            money.amount(worth.loc[one]),
        ]
        for one in order
    ]
    return Table(
        name="first_requests",
        caption=f"Wat eerst vragen, en aan wie, als een duurzame stap omhoog {money.euro(float(middle))} waard is",
        columns=[
            Column(key="what", label="Wat te vragen", align="left"),
            Column(key="holder", label="Aan wie", align="left"),
            Column(key="inputs", label="Wat het zou zeggen", align="left"),
            Column(key="worth", label="Hoogstens waard"),
        ],
        rows=rows,
        frame=shown,
        note=(
            f"Tussen haakjes het interval van {numbers.share(result.level)}. Een bovengrens: een echt antwoord is nooit volmaakt "
            "en kost zelf iets."
        ),
    )
