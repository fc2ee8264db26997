"""Seeded synthetic tables that stand in where nothing is observed, calibrated to observed figures, with their truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd

from studie.config import project_root
from studie.data.demonstration import functionals, inputs, need, offer, projects, tasks, vacancies
from studie.data.demonstration.files import write_table, write_truth
from studie.data.demonstration.panel import simulate_panel
from studie.data.demonstration.truth import BLIND_SPOT_FACTOR, Truth, make_truth
from studie.errors import unknown

__all__ = ["SIZES", "Size", "Truth", "default_truth", "generate", "make_truth", "simulate_panel"]

Size = Literal["tiny", "default", "large", "huge"]


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How much of everything a size holds; a panel of several chunks is written chunk by chunk."""

    persons: int
    months: int
    chunks: int = 1
    vacancy_months: int | None = None
    functional_persons: int = 30_000  # persons in each of the ten batches of the long simulation


SIZES: dict[Size, Extent] = {
    "tiny": Extent(persons=600, months=36, vacancy_months=60, functional_persons=3_000),
    "default": Extent(persons=inputs.STOCK_PERSONS, months=84),
    "large": Extent(persons=inputs.STOCK_PERSONS, months=84, chunks=5),
    "huge": Extent(persons=4 * inputs.STOCK_PERSONS, months=84, chunks=4),
}


def default_truth(seed: int = 1, *, root: Path | None = None) -> Truth:
    """Truth of the demonstration panel for the 67 municipalities of 2025."""
    return make_truth(inputs.municipalities(root or project_root()), seed=seed)


def generate(*, size: Size, seed: int, root: Path) -> dict[str, int]:
    """Writes all demonstration tables of one size and their truth.

    Parameters
    ----------
    size : {'tiny', 'default', 'large', 'huge'}
        `tiny` for tests, `default` for the province, `large` about 4 million rows, `huge` more than 10 million.
    seed : int
        Root seed; the same seed gives the same bytes.
    root : Path
        Folder of the study; reads `data/reference` and `data/observed`, writes `data/demonstration/<size>/`.

    Returns
    -------
    dict
        Rows per table.

    Raises
    ------
    InputError
        For an unknown size, or when a file that the data are calibrated to is missing.
    """
    if size not in get_args(Size):
        raise unknown("size", size, get_args(Size))
    extent, root = SIZES[size], Path(root)
    folder = root / "data" / "demonstration" / size
    places = inputs.municipalities(root)
    truth = make_truth(places, seed=seed)
    small = _tables(extent, places, truth, root=root)  # first: whatever is missing shows before anything is written
    rows = {"ladder_panel": write_table(_panel_chunks(extent, seed=seed, truth=truth), folder / "ladder_panel.parquet")}
    for name, frame in small.items():
        rows[name] = write_table([frame], folder / f"{name}.parquet")
    write_truth(_stored_truth(size, truth, rows), folder / "truth.json")
    return rows


def _tables(extent: Extent, places: pd.DataFrame, truth: Truth, *, root: Path) -> dict[str, pd.DataFrame]:
    """All tables but the panel."""
    seed = truth.seed
    firms = offer.participants(places, seed=seed)
    everybody = pd.concat([firms, offer.bystanders(places, seed=seed)], ignore_index=True)
    places_offered = offer.offer_table(firms, truth)
    vacancy = vacancies.vacancies(
        places, inputs.construction_vacancies(root), seed=seed, last_months=extent.vacancy_months
    )
    return {
        "vacancy": vacancy,
        "employment": vacancies.employment(places, inputs.construction_workers(root), seed=seed),
        "need": need.need(truth, inputs.provincial_waiting(root)),
        "enterprise": offer.enterprise_table(everybody),
        "establishment": offer.establishment_table(everybody),
        "offer": places_offered,
        "offer_target_group": offer.offer_target_groups(firms, places_offered, seed=seed),
        "project": projects.projects(places, seed=seed),
        "loan": projects.loans(places, seed=seed),
        "partner_tie": projects.partner_ties(firms, places, seed=seed),
        "task": tasks.tasks(seed=seed),
    }


def _stored_truth(size: Size, truth: Truth, rows: dict[str, int]) -> dict[str, Any]:
    """What was put in, for tests that ask whether the study finds it again."""
    extent = SIZES[size]
    known = functionals.functionals(truth, persons=extent.functional_persons)
    blind = truth.municipality.index[truth.municipality["blind_spot"]]
    return {
        "seed": truth.seed,
        "size": size,
        "persons": extent.persons * extent.chunks,
        "months": extent.months,
        "rows": rows,
        "ladder": truth.to_dict(),
        "functional_definitions": functionals.DEFINITIONS,
        "functionals": known.to_dict(orient="records"),
        "vacancy": vacancies.sector_truth(),
        "places": {
            "planted_blind_spots": [int(refnis) for refnis in blind],
            "blind_spot_factor": BLIND_SPOT_FACTOR,
            "coverage": dict(zip(need.NEED_STEPS, need.COVERAGE, strict=True)),
            "vte_per_person": offer.VTE_PER_PERSON,
            "filled": offer.FILLED,
            "unknown_offer": offer.unknown_offer(truth),
            "need": need.expected_need(truth).to_dict(orient="records"),
            "need_interaction": "shares of target groups differ by municipality (ladder.municipality, mix:...), by its "
            "size and by chance; proportional fitting on the totals per municipality and per target group assumes the "
            "same division everywhere",
        },
        "project": {"kept_after_12_months": projects.KEPT},
    }


def _panel_chunks(extent: Extent, *, seed: int, truth: Truth) -> Iterator[pd.DataFrame]:
    """Panel in parts that fit in memory; every part ends in the last observed month."""
    first = str(pd.Period(inputs.LAST_PERIOD, freq="M") - (extent.months - 1))
    for chunk in range(extent.chunks):
        yield simulate_panel(
            seed, persons=extent.persons, months=extent.months, truth=truth, first_period=first, chunk=chunk
        )
