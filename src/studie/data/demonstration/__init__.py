"""Seeded synthetic tables that stand in where nothing is observed, calibrated to observed figures, with their truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from studie.config import project_root
from studie.data.demonstration import inputs, vacancies
from studie.data.demonstration.files import write_table, write_truth
from studie.data.demonstration.panel import simulate_panel
from studie.data.demonstration.truth import Truth, make_truth
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
    functional_persons: int = 12_000  # persons in each of the ten batches of the long simulation


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
    extent = SIZES[size]
    folder = Path(root) / "data" / "demonstration" / size
    places = inputs.municipalities(Path(root))
    truth = make_truth(places, seed=seed)
    vacancy = vacancies.vacancies(
        places, inputs.construction_vacancies(Path(root)), seed=seed, last_months=extent.vacancy_months
    )
    employment = vacancies.employment(places, inputs.construction_workers(Path(root)), seed=seed)
    rows = {"ladder_panel": write_table(_panel_chunks(extent, seed=seed, truth=truth), folder / "ladder_panel.parquet")}
    for name, frame in {"vacancy": vacancy, "employment": employment}.items():
        rows[name] = write_table([frame], folder / f"{name}.parquet")
    write_truth(
        {
            "seed": seed,
            "size": size,
            "persons": extent.persons * extent.chunks,
            "months": extent.months,
            "ladder": truth.to_dict(),
            "vacancy": vacancies.sector_truth(),
        },
        folder / "truth.json",
    )
    return rows


def _panel_chunks(extent: Extent, *, seed: int, truth: Truth) -> Iterator[pd.DataFrame]:
    """Panel in parts that fit in memory; every part ends in the last observed month."""
    first = str(pd.Period(inputs.LAST_PERIOD, freq="M") - (extent.months - 1))
    for chunk in range(extent.chunks):
        yield simulate_panel(
            seed, persons=extent.persons, months=extent.months, truth=truth, first_period=first, chunk=chunk
        )
