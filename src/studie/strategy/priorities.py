"""What comes first: project applications by the plan's own three criteria, and forms of a platform once judged."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from studie.errors import InputError, InsufficientDataError, unknown
from studie.strategy.governance import CONTINGENCIES, FORMS, contingencies
from studie.strategy.smaa import LEVEL, SIMULATIONS, Acceptability, acceptability, stream, weights

__all__ = [
    "APPLICATION",
    "Acceptability",
    "Criterion",
    "PlatformForms",
    "application_measures",
    "elicitation_form",
    "platform_forms",
    "score",
]

Floats = np.ndarray
NEEDED = ("alternative", "criterion", "lower", "upper")


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """What counts, and what it is worth: an absolute value function, fixed before any alternative is seen.

    Attributes
    ----------
    name, unit : str
    points : tuple of (measure, value)
        At least two, by rising measure; value in [0, 1], never falling or never rising; linear in between, constant
        outside.
    because : str
        Why these points.
    """

    name: str
    unit: str
    points: tuple[tuple[float, float], ...]
    because: str

    def __post_init__(self) -> None:
        """Refuse a value function that is none."""
        x, v = np.array(self.points, dtype=float).reshape(-1, 2).T
        steps = np.diff(v)
        if len(x) < 2 or (np.diff(x) <= 0).any() or ((v < 0) | (v > 1)).any() or not np.isfinite([x, v]).all():
            raise InputError(f"{self.name}: points: at least two, rising, values in [0, 1], got {self.points}")
        if not ((steps >= 0).all() or (steps <= 0).all()) or not self.because:
            raise InputError(f"{self.name}: points: values must go one way and have a reason (because)")

    def value(self, measure: Floats) -> Floats:
        """Value of a measure, in [0, 1]."""
        x, v = np.array(self.points, dtype=float).T
        return np.interp(measure, x, v)


_SHARE = ((0.0, 0.0), (1.0, 1.0))
APPLICATION = (
    Criterion(
        name="blind_spot", unit="probability", points=_SHARE,
        because="E29: priority for blind spots; probability that the region of the jobs is one, so doubt counts",
    ),
    Criterion(
        name="shortage_sector", unit="share", points=_SHARE,
        because="E29: priority for shortage sectors; share of the added jobs that is in one",
    ),
    Criterion(
        name="societal_challenge", unit="share", points=_SHARE,
        because="E29: priority for societal challenges; share of the added jobs that works on a named one",
    ),
)  # fmt: skip


UNKNOWN = (0.0, 1.0)
ANSWERS: Mapping[str, tuple[float, float]] = {"ja": (1.0, 1.0), "nee": (0.0, 0.0), "onbekend": UNKNOWN}


def application_measures(
    applications: pd.DataFrame, *, blind_spot: pd.DataFrame, shortage: Mapping[str, str]
) -> pd.DataFrame:
    """Measures of project applications on the plan's own three criteria, as `score` reads them.

    Parameters
    ----------
    applications : DataFrame
        `application, refnis, sector, challenge`: the municipality and sector of the jobs, and whether they work on a
        named societal challenge (`ja`, `nee`, `onbekend`). Missing is unknown.
    blind_spot : DataFrame, indexed by refnis
        `lower, upper`: probability that the municipality is a blind spot; missing is unknown.
    shortage : mapping of sector to `ja`, `nee` or `onbekend`
        Whether it is a shortage sector.

    Raises
    ------
    InputError
        A word that is none of the three.
    InsufficientDataError
        With fewer than two applications there is nothing to rank.

    Notes
    -----
    Unknown is neither 0 nor 1: it counts as anything in between.
    """
    if len(applications) < 2:
        raise InsufficientDataError(f"applications: at least two are needed to rank, got {len(applications)}")
    known = blind_spot[["lower", "upper"]].dropna()
    rows = []
    for name, refnis, sector, challenge in applications[["application", "refnis", "sector", "challenge"]].itertuples(
        index=False, name=None
    ):
        here = tuple(map(float, known.loc[refnis])) if refnis in known.index else UNKNOWN
        rows.append((name, "blind_spot", *here))
        rows.append((name, "shortage_sector", *_answer(shortage.get(sector), f"{name}: shortage_sector")))
        rows.append((name, "societal_challenge", *_answer(challenge, f"{name}: challenge")))
    return pd.DataFrame(rows, columns=list(NEEDED))


def _answer(word: Any, what: str) -> tuple[float, float]:
    """Bounds that a yes, a no or neither gives."""
    if word is None or pd.isna(word):
        return UNKNOWN
    if word not in ANSWERS:
        raise unknown(what, word, ANSWERS)
    return ANSWERS[word]


def score(
    measures: pd.DataFrame,
    criteria: Sequence[Criterion] = APPLICATION,
    *,
    seeds: np.random.SeedSequence,
    order: Sequence[str] = (),
    k: int = 3,
    simulations: int = SIMULATIONS,
    level: float = LEVEL,
) -> Acceptability:
    """Ranks of alternatives by criteria with explicit value functions, over all weights.

    Parameters
    ----------
    measures : DataFrame
        One row per alternative and criterion: `alternative, criterion, lower, upper` and optional `estimate`, in the
        criterion's unit; equal bounds for what is certain.
    criteria : sequence of Criterion, default the plan's own three
    seeds : SeedSequence
    order : sequence of str, optional
        Criteria, most important first, where that was decided.
    k : int, default 3
    simulations : int, default 10,000
    level : float, default 0.95

    Raises
    ------
    InputError
        Missing columns or cells, an unknown criterion, bounds out of order, or as `smaa.acceptability`.

    Notes
    -----
    Measures are uniform between their bounds, triangular where there is an estimate. Value functions are absolute: an
    alternative's value does not depend on which others there are, so that adding one reverses no rank between others.
    Weights are uniform over the simplex: nobody decided them, and the central weights say who should come first under
    which weights.
    """
    if simulations < 100:
        raise InputError(f"simulations: at least 100, got {simulations}")
    names = [one.name for one in criteria]
    if len(names) < 2 or len(set(names)) < len(names):
        raise InputError(f"criteria: at least two, each once, got {names}")
    cells = _cells(measures, names)
    values = {}
    for alternative in dict.fromkeys(measures["alternative"]):
        columns = []
        for one in criteria:
            rng = np.random.default_rng(stream(seeds, alternative, one.name))
            columns.append(one.value(_sample(*cells[alternative, one.name], simulations, rng)))
        values[alternative] = np.stack(columns, axis=1)
    return acceptability(values, weights(names, simulations, seeds=seeds, order=order), k=k, level=level)


@dataclass(frozen=True, kw_only=True, eq=False)
class PlatformForms:
    """Forms of governance for one platform: in words, and ranked only once they were judged.

    Attributes
    ----------
    qualitative : DataFrame
        `criterion, form, fits`: in words, no numbers (Provan and Kenis).
    ranking : Acceptability or None
        None until the elicitation form is filled in.
    missing : int
        Cells of the form that are still empty.
    respondents : int
    level : float
    n : int
        Draws; 0 without a ranking.
    """

    qualitative: pd.DataFrame
    ranking: Acceptability | None
    missing: int
    respondents: int
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """As the ranking; without one, a row per criterion and form without numbers."""
        if self.ranking is not None:
            return self.ranking.to_frame()
        table = self.qualitative
        return pd.DataFrame(
            {
                "alternative": table["form"],
                "rank": 0,
                "criterion": table["criterion"],
                "quantity": "fit",
                "estimate": np.nan,
                "lower": np.nan,
                "upper": np.nan,
                "n": 0,
                "unit": "none",
            }
        )


def elicitation_form(respondents: Sequence[str], criteria: Sequence[str] = tuple(CONTINGENCIES)) -> pd.DataFrame:
    """Empty form: how well does each form of governance meet each criterion, from 0 (not) to 1 (fully)?

    Parameters
    ----------
    respondents : sequence of str
        Roles, not persons.
    criteria : sequence of str, default the four contingencies

    Returns
    -------
    DataFrame
        `respondent, alternative, criterion, lower, upper`: an interval that the respondent is nearly sure of.
    """
    rows = [(who, form, name, np.nan, np.nan) for who in respondents for form in FORMS for name in criteria]
    return pd.DataFrame(rows, columns=["respondent", *NEEDED])


def platform_forms(
    form: pd.DataFrame | None,
    *,
    seeds: np.random.SeedSequence,
    simulations: int = SIMULATIONS,
    level: float = LEVEL,
) -> PlatformForms:
    """Forms of governance in words, and ranked where every cell of the elicitation form is filled in.

    Parameters
    ----------
    form : DataFrame or None
        `elicitation_form`, filled in; intervals in [0, 1].
    seeds : SeedSequence
    simulations : int, default 10,000
    level : float, default 0.95

    Raises
    ------
    InputError
        Missing columns, an unknown form of governance, cells that repeat or lack, or bounds out of order or [0, 1].

    Notes
    -----
    One empty cell and nothing is ranked. Respondents weigh the same: every draw takes the whole judgement of one of
    them by lot (linear opinion pool [1]_), so that disagreement between them stays in the result.

    References
    ----------
    .. [1] Stone, M. (1961). The opinion pool. Ann. Math. Statist. 32(4), 1339-1342.
    """
    if form is None:
        empty = len(contingencies())
        return PlatformForms(qualitative=contingencies(), ranking=None, missing=empty, respondents=0, level=level, n=0)
    absent = [name for name in ("respondent", *NEEDED) if name not in form.columns]
    if absent or form.empty:
        raise InputError(f"form: needs rows with respondent, {', '.join(NEEDED)}, got no {', '.join(absent) or 'rows'}")
    for name in form["alternative"].unique():
        if name not in FORMS:
            raise unknown("form: alternative", name, FORMS)
    who, names = sorted(form["respondent"].unique()), list(dict.fromkeys(form["criterion"]))
    asked = len(who) * len(FORMS) * len(names)
    if len(form.drop_duplicates(["respondent", "alternative", "criterion"])) != asked or len(form) != asked:
        raise InputError(f"form: every respondent, form and criterion once, {asked} cells, got {len(form)}")
    missing = int(form[["lower", "upper"]].isna().any(axis=1).sum())
    if missing:
        return PlatformForms(
            qualitative=contingencies(), ranking=None, missing=missing, respondents=len(who), level=level, n=0
        )
    if ((form["lower"] < 0) | (form["upper"] > 1)).any():
        raise InputError("form: intervals must lie in [0, 1]")
    per_person = {one: _cells(form[form["respondent"] == one], names) for one in who}
    picked = np.random.default_rng(stream(seeds, "respondent")).integers(len(who), size=simulations)
    values = {}
    for alternative in FORMS:
        columns = []
        for name in names:
            rng = np.random.default_rng(stream(seeds, alternative, name))
            each = np.stack([_sample(*per_person[one][alternative, name], simulations, rng) for one in who])
            columns.append(each[picked, np.arange(simulations)])
        values[alternative] = np.stack(columns, axis=1)
    ranking = acceptability({str(key): value for key, value in values.items()},
                            weights(names, simulations, seeds=seeds), k=1, level=level)  # fmt: skip
    return PlatformForms(
        qualitative=contingencies(), ranking=ranking, missing=0, respondents=len(who), level=level, n=simulations
    )


def _cells(measures: pd.DataFrame, names: Sequence[str]) -> Mapping[tuple[Hashable, str], tuple[float, float, float]]:
    """Lower bound, estimate (missing if none) and upper bound per alternative and criterion."""
    absent = [name for name in NEEDED if name not in measures.columns]
    if absent or measures.empty:
        raise InputError(f"measures: needs rows with {', '.join(NEEDED)}, got no {', '.join(absent) or 'rows'}")
    for name in measures["criterion"].unique():
        if name not in names:
            raise unknown("measures: criterion", name, names)
    table = measures if "estimate" in measures else measures.assign(estimate=np.nan)
    cells = {}
    for a, c, low, middle, high in table[["alternative", "criterion", "lower", "estimate", "upper"]].itertuples(
        index=False, name=None
    ):
        if not low <= high or (not np.isnan(middle) and not low <= middle <= high):
            raise InputError(f"measures: {a}, {c}: bounds must be known, in order and hold the estimate, "
                             f"got {low}, {middle}, {high}")  # fmt: skip
        if (a, c) in cells:
            raise InputError(f"measures: {a}, {c}: once, got it twice")
        cells[a, c] = (float(low), float(middle), float(high))
    for alternative in measures["alternative"].unique():
        for name in names:
            if (alternative, name) not in cells:
                raise InputError(f"measures: {alternative} has no {name}; unknown is not zero: give its widest bounds")
    return cells


def _sample(low: float, middle: float, high: float, n: int, rng: np.random.Generator) -> Floats:
    """Draws between bounds."""
    if low == high:
        return np.full(n, low)
    return rng.uniform(low, high, n) if np.isnan(middle) else rng.triangular(low, middle, high, n)
