"""Where a support network could be tried: how often people fall back per municipality, and areas of neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np
import pandas as pd

from studie.config import LEVEL, Pilots
from studie.config import Evaluation as EvaluationSettings
from studie.errors import InsufficientDataError
from studie.ladder import hazards, observations, pooling
from studie.ladder.incidence import CumulativeIncidence
from studie.ladder.moves import RELAPSE
from studie.strategy import areas, designs, evaluation, pilots
from studie.strategy.evaluation import Evaluation, Outcome
from studie.strategy.pilots import Choice

MONTHS = 12
SUPPORTED = ("3", "3-4", "4", "4-5", "5", "5-6", "6")  # steps on which the plan wants support
LEAST_AT_RISK = 1.0  # expected moves per period with which a municipality can be in the evaluation
TESTABLE = "can be tested"
LEVELS = ("province", "arrondissement")
DRAWS = 1000
WAVES = 4
SIZES = (0.05, 0.10, 0.15, 0.20)  # differences in the share that the evaluation is asked to see


def units(panel: pd.DataFrame, hierarchy: pd.DataFrame, *, level: float = LEVEL) -> pd.DataFrame:
    """Municipalities with how often people fall back within a year of a step up.

    Parameters
    ----------
    panel : DataFrame
        Rows of `ladder_panel` of all municipalities.
    hierarchy : DataFrame, index refnis
        Region codes per level; `province` and `arrondissement` are used.
    level : float, default 0.95

    Returns
    -------
    DataFrame
        `refnis, arrondissement, persons` (on steps 3 to 6 at the last moment), `score, lower, upper` (share of the
        steps up that relapse within 12 months, shrunk towards the arrondissement), `moves_per_year`. Municipalities
        with nobody on those steps are left out.

    Raises
    ------
    InsufficientDataError
        If no step up was followed for a year.

    Notes
    -----
    Steps up that began at least a year before the end of the panel; a step up that ended in an exit or out of sight did
    not relapse. Shares are pooled by `ladder.pooling.pool`: a municipality with few steps up has nearly the share of
    its arrondissement, so that chance alone does not make it a pilot.
    """
    rows = panel[panel["refnis"].isin(hierarchy.index)]
    if rows.empty:
        raise InsufficientDataError("panel: somebody must be followed, got nobody")
    people = observations.from_panel(rows, person="person_id", time="date", state="step", covariates=["refnis"])
    moves = hazards.upward_moves(people).table
    moves = moves[moves["start"] <= people.time.max() - MONTHS]
    if moves.empty:
        raise InsufficientDataError(f"panel: a step up must be followed for {MONTHS} months, got none")
    fell = (moves["cause"] == RELAPSE) & (moves["duration"] <= MONTHS + 0.1)
    counted = pd.DataFrame(
        {"region": moves["refnis"], "from_step": "moved", "to_step": np.where(fell, "relapsed", "moved")}
    )
    counted = counted.groupby(["region", "from_step", "to_step"]).size().rename("count").reset_index()
    tree = hierarchy[[*LEVELS]].assign(municipality=hierarchy.index)
    pooled = pooling.pool(counted, tree, level=level).table
    own = pooled[(pooled["level_name"] == "municipality") & (pooled["from_step"] == "moved")]
    own = own[own["to_step"] == "relapsed"].set_index("region")
    years = float(moves["start"].max() - people.time.min()) / MONTHS
    standing = rows[(rows["date"] == rows["date"].max()) & rows["step"].isin(SUPPORTED)]
    table = pd.DataFrame(
        {
            "refnis": hierarchy.index,
            "arrondissement": hierarchy["arrondissement"],
            "persons": standing.groupby("refnis").size().reindex(hierarchy.index, fill_value=0),
            **{
                name: own[column].reindex(hierarchy.index)
                for name, column in (("score", "estimate"), ("lower", "lower"), ("upper", "upper"))
            },
            "moves_per_year": moves.groupby("refnis").size().reindex(hierarchy.index, fill_value=0) / max(years, 1.0),
        }
    )
    return table[table["persons"] > 0].reset_index(drop=True)


def draws(
    table: pd.DataFrame, found: pd.DataFrame, *, rng: np.random.Generator, n: int = DRAWS, level: float = LEVEL
) -> pd.DataFrame:
    """Score of every area in every draw, shape (n, areas).

    Parameters
    ----------
    table : DataFrame
        From `units`.
    found : DataFrame
        `area, members`, from `candidates`.
    rng : Generator
    n : int, default 1000
        Draws.
    level : float, default 0.95
        Coverage of the table's bounds, in (0, 1).

    Notes
    -----
    Beta distributions with the mean and, from the width of the interval, the variance of each municipality, independent
    between municipalities; an area has the mean over its persons.
    """
    mean = table["score"].to_numpy(float)
    deviation = (table["upper"] - table["lower"]).to_numpy(float) / (2 * NormalDist().inv_cdf((1 + level) / 2))
    weight = np.maximum(mean * (1 - mean) / np.maximum(deviation, 1e-6) ** 2 - 1, 1.0)
    drawn = rng.beta(mean * weight, (1 - mean) * weight, size=(n, len(table)))
    place = {refnis: i for i, refnis in enumerate(table["refnis"])}
    persons = table["persons"].to_numpy(float)
    columns = {}
    for area, members in zip(found["area"], found["members"], strict=True):
        inside = [place[member] for member in members]
        columns[area] = drawn[:, inside] @ persons[inside] / persons[inside].sum()
    return pd.DataFrame(columns)


def strongest(tests: Sequence[Evaluation]) -> Evaluation:
    """The evaluation that sees the smallest effect; the first where none sees any."""
    able = [one for one in tests if one.finding == TESTABLE]
    return min(able, key=lambda one: abs(one.minimum_detectable_effect)) if able else tests[0]


def names(chosen: Choice, municipalities: Mapping[int, str]) -> dict[str, str]:
    """Name of every area that is in some set: those of its municipalities."""
    found = zip(chosen.areas["area"], chosen.areas["members"], strict=True)
    return {str(area): " + ".join(municipalities.get(int(one), str(one)) for one in members) for area, members in found}


def candidates(table: pd.DataFrame, adjacency: pd.DataFrame, settings: Pilots) -> pd.DataFrame:
    """Connected areas with few and many enough people to be a pilot, as `strategy.areas` gives them.

    Raises
    ------
    InsufficientDataError
        If some arrondissement has no such area.
    """
    found = areas.connected_areas(table, adjacency, smallest=settings.smallest, largest=settings.largest)
    found = found[found["persons"].between(settings.fewest, settings.most)].reset_index(drop=True)
    empty = sorted(set(table["arrondissement"]) - set(found["arrondissement"]))
    if empty:
        raise InsufficientDataError(
            f"pilots: an area of {settings.fewest} to {settings.most} people is needed, got none in {empty[0]}"
        )
    return found


def choice(table: pd.DataFrame, adjacency: pd.DataFrame, settings: Pilots, *, rng: np.random.Generator) -> Choice:
    """The best set of pilot areas and all that are nearly as good, with the spread of their scores.

    Parameters
    ----------
    table : DataFrame
        From `units`.
    adjacency : DataFrame
        `refnis_a, refnis_b`.
    settings : Pilots
    rng : Generator
    """
    found = candidates(table, adjacency, settings)
    return pilots.choose(
        found, adjacency, form=settings.form, tolerance=settings.tolerance, draws=draws(table, found, rng=rng)
    )


def shares(relapse: CumulativeIncidence, lasting: CumulativeIncidence) -> dict[Outcome, float]:
    """Share of the steps up that relapses, and that lasts, within a year: what a pilot would be compared with.

    Raises
    ------
    InsufficientDataError
        If either is not known or not between 0 and 1.
    """
    found = {
        "relapse": float(relapse.at("relapse", MONTHS)["estimate"].iloc[0]),
        "lasting_moves": float(lasting.at("lasting", MONTHS)["estimate"].iloc[0]),
    }
    for name, share in found.items():
        if not 0 < share < 1:
            raise InsufficientDataError(f"{name}: a share between 0 and 1 is needed after {MONTHS} months, got {share}")
    return found  # type: ignore[return-value]


def evaluations(
    chosen: Choice,
    table: pd.DataFrame,
    *,
    shares: Mapping[Outcome, float],
    settings: EvaluationSettings,
    rng: np.random.Generator,
) -> list[Evaluation]:
    """What an evaluation of the pilots could see: by lot at once, and in waves over all municipalities.

    Parameters
    ----------
    chosen : Choice
        The lot falls on one of its sets.
    table : DataFrame
        From `units`.
    shares : mapping
        `relapse` and `lasting_moves` → share of the steps up without a pilot, in (0, 1).
    settings : Evaluation
        Of the configuration.
    rng : Generator

    Notes
    -----
    At risk: the steps up per period that were seen, at least one per municipality. Waves: four, as equal as can be.
    """
    members = list(table["refnis"])
    per_period = table["moves_per_year"].to_numpy(float) * settings.period_months / MONTHS
    at_risk = np.maximum(per_period, LEAST_AT_RISK)
    waves = [len(part) for part in np.array_split(np.arange(len(members)), WAVES)]
    plans = [
        designs.parallel(chosen.allocations(members), members, before=settings.before, after=settings.after),
        designs.stepped_wedge(waves, members, before=settings.before, rng=rng),
    ]
    return [
        evaluation.evaluate(
            plan,
            at_risk,
            share=share,
            outcome=outcome,
            rng=rng,
            effects=tuple(size for size in SIZES if size < (share if outcome == "relapse" else 1 - share)),
            icc=settings.icc,
            persistence=settings.persistence,
        )
        for plan in plans
        for outcome, share in shares.items()
    ]
