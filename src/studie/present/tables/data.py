"""Tables of what is known."""

from __future__ import annotations

from typing import Any

import pandas as pd

from studie.data.definitions import CONTRACTS
from studie.present import numbers, words
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


def completeness(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """How fresh and how full each table is.

    Parameters
    ----------
    result : data.completeness.Completeness
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    rows = [
        [
            str(row.title),
            _statuses(str(row.data_status)),
            _until(str(row.last_period), int(row.rows)),
            age(float(row.months_before)),
            numbers.share(row.empty_share)
            if numbers.is_known(row.empty_share)
            else words.CELL_STATUS["not_applicable"],
        ]
        for row in result.tables.itertuples()
    ]
    return Table(
        name="completeness",
        caption="Hoe vers en hoe volledig zijn de gegevens",
        columns=[
            Column(key="title", label="Gegevens", align="left"),
            Column(key="status", label="Status", align="left"),
            Column(key="until", label="Loopt tot", align="left"),
            Column(key="age", label="Ouderdom", align="left"),
            Column(key="empty", label="Leeg"),
        ],
        rows=rows,
        frame=result.to_frame() if frame is None else frame,
        note=(
            "Ouderdom: tijd tussen de laatste periode en de peildatum. Leeg: het deel van de cellen dat leeg mag zijn en het ook is. "
            "Waar geen enkele rij is, staat onbekend."
        ),
    )


def _statuses(data_status: str) -> str:
    return ", ".join(words.DATA_STATUS[part] for part in data_status.split("+")) if data_status else numbers.UNKNOWN


def _until(last_period: str, rows: int) -> str:
    if not rows:
        return numbers.UNKNOWN
    return numbers.span(last_period, last_period) if last_period else words.CELL_STATUS["not_applicable"]


def age(months: float) -> str:
    """How long before the reference date the data end, in words."""
    if not numbers.is_known(months):
        return words.CELL_STATUS["not_applicable"]
    if months <= 0:
        return "tot de peildatum of later"
    if months < 24:
        return numbers.plural(months, "maand", "maanden")
    return f"{numbers.number(months // 12)} jaar"


def series_breaks(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Where series break, one row per subject and period.

    Parameters
    ----------
    result : data.completeness.SeriesBreaks
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    rows = [
        [CONTRACTS[str(row.table)].title, str(row.subject), numbers.month(str(row.period)), numbers.number(row.series)]
        for row in result.breaks.itertuples()
    ]
    return Table(
        name="series_breaks",
        caption="Breuken in de reeksen: ervoor en erna zijn niet vergelijkbaar",
        columns=[
            Column(key="title", label="Gegevens", align="left"),
            Column(key="subject", label="Waarover", align="left"),
            Column(key="period", label="Vanaf", align="left"),
            Column(key="series", label="Gebieden"),
        ],
        rows=rows,
        frame=result.to_frame() if frame is None else frame,
        note="Gebieden: hoeveel gebieden deze breuk in hun reeks hebben.",
    )


def regional_coverage(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """Known and unknown offer per part of the region.

    Parameters
    ----------
    result : data.completeness.RegionalCoverage
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    rows = [
        [
            str(row.name),
            numbers.number(row.known),
            numbers.number(row.municipalities - row.known),
            numbers.share(row.known / row.municipalities),
        ]
        for row in result.parts.itertuples(index=False)
    ]
    return Table(
        name="regional_coverage",
        caption="Van hoeveel gemeenten we het aanbod kennen, per gebied",
        columns=[
            Column(key="part", label="Gebied", align="left"),
            Column(key="known", label="Bekend", unit="gemeenten"),
            Column(key="unknown", label="Onbekend", unit="gemeenten"),
            Column(key="share", label="Deel bekend"),
        ],
        rows=rows,
        frame=result.to_frame() if frame is None else frame,
        note="Een gemeente kan in meer dan één gebied liggen. Onbekend is niet hetzelfde als geen aanbod.",
    )


def open_requests(result: Any, *, frame: pd.DataFrame | None = None) -> Table:
    """What to ask whom, one row per request.

    Parameters
    ----------
    result : data.completeness.OpenRequests
    frame : DataFrame, optional
        The result's cells that may be printed.
    """
    rows = [
        [str(row.holder), str(row.what), _statuses(str(row.now)), str(row.status)]
        for row in result.requests.sort_values(["holder", "request_id"]).itertuples()
    ]
    return Table(
        name="open_requests",
        caption="Wat de studie aan wie vraagt",
        columns=[
            Column(key="holder", label="Aan wie", align="left"),
            Column(key="what", label="Welke gegevens", align="left"),
            Column(key="now", label="Nu", align="left"),
            Column(key="status", label="Stand van de vraag", align="left"),
        ],
        rows=rows,
        frame=result.to_frame() if frame is None else frame,
        note="Nu: wat er vandaag in die tabel staat. De rechtsgrond per vraag staat in het register van gegevensvragen.",
    )
