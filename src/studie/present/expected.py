"""Door for results of the strategy, whose n counts draws, areas or actors: only numbers of persons can be small."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from studie.disclosure import rules
from studie.errors import InsufficientDataError
from studie.present.display import Sentence


def protected(result: Any, *, threshold: float = rules.THRESHOLD) -> pd.DataFrame:
    """Frame of a result without numbers of persons or moves below the threshold; `n_of` says that n counts others.

    Parameters
    ----------
    result : result of `studie.strategy`
        Its shares are of draws or of expected moves, so a share and its n together state no count of persons.
    threshold : float, default 10
        Smallest expected number that may be printed [persons].
    """
    own = result.to_frame().reset_index(drop=True)
    return rules.primary(own.assign(n=np.nan), threshold=threshold).assign(n=own["n"], n_of=rules.OTHERS)


def printable(result: Any, frame: pd.DataFrame | None) -> pd.DataFrame:
    """Frame that may be shown: the one the study protected, else the result's own with the default threshold."""
    return protected(result) if frame is None else frame


def some(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows, of which at least one may be printed; otherwise there is nothing to draw."""
    if not (rows["cell_status"] == "published").any():
        raise InsufficientDataError("frame: at least one cell must be printable, got none")
    return rows


def told(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with a number, as plain floats."""
    found = rows[rows["cell_status"] == "published"]
    return found.astype(dict.fromkeys(("estimate", "lower", "upper"), float))


def is_told(row: Any) -> bool:
    """Whether a row has a number that may be printed."""
    return bool(row["cell_status"] == "published")


def too_small(what: str) -> list[Sentence]:
    """Sentence in the place of one whose number may not be printed."""
    return [Sentence(text=f"{what} is te klein om te tonen.")]
