"""Where to try a support network first: the best sets of pilot areas, proven, and chance among the nearly best."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse

from studie.errors import InputError, unknown
from studie.strategy.areas import connected_areas, grouped_areas
from studie.strategy.optimum import SECONDS, Rule, best, nearly_best

__all__ = ["Choice", "Guarantee", "choose", "connected_areas", "grouped_areas"]

Floats = np.ndarray
Form = Literal["one_per_arrondissement", "three_per_arrondissement"]
PER_ARRONDISSEMENT: Mapping[str, int] = {"one_per_arrondissement": 1, "three_per_arrondissement": 3}
MOST_SETS = 100
LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Guarantee:
    """What the areas together must have: a column of the candidates, added up, between two bounds."""

    name: str
    column: str
    least: float = -np.inf
    most: float = np.inf


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """Sets of pilot areas that are the best or nearly so.

    Attributes
    ----------
    sets : DataFrame
        `set` (1 is the best), `score` (mean over areas), `areas` and `members` (tuples), best first.
    areas : DataFrame
        The candidates that are in some set: their columns, and `chance`, the share of the sets that they are in.
    proven : bool
        Whether nothing can beat the first set.
    gap : float
        What a better set could win, as a share; 0 when proven.
    complete : bool
        Whether every set within the tolerance is listed; if not, the limit on their number was reached.
    tolerance : float
        Share of the best score that a nearly best set may miss.
    scores : DataFrame, shape (draws, sets), or None
        Score of every set in every draw.
    form : str
    level : float
        Coverage of the bounds, in (0, 1).
    n : int
        Candidate areas.
    """

    sets: pd.DataFrame
    areas: pd.DataFrame
    proven: bool
    gap: float
    complete: bool
    tolerance: float
    scores: pd.DataFrame | None
    form: str
    level: float
    n: int

    def draw(self, rng: np.random.Generator) -> tuple[str, ...]:
        """Areas of one set, every listed set with the same chance: who gets the pilot is then chance, not need."""
        return tuple(self.sets["areas"].iloc[int(rng.integers(len(self.sets)))])

    def allocations(self, units: Sequence[Hashable]) -> np.ndarray:
        """Which municipalities are in the pilot under each set, shape (sets, units), bool: every possible outcome.

        Raises
        ------
        InputError
            If a municipality of a set is not among the units.
        """
        place = {name: position for position, name in enumerate(units)}
        out = np.zeros((len(self.sets), len(place)), dtype=bool)
        for row, members in enumerate(self.sets["members"]):
            absent = [name for name in members if name not in place]
            if absent:
                raise InputError(f"units: must hold every municipality of the sets, got no {absent[0]}")
            out[row, [place[name] for name in members]] = True
        return np.unique(out, axis=0)

    def to_frame(self) -> pd.DataFrame:
        """Keys `set, area`, then the six columns: score of every set, chance of every area to be in the pilot."""
        mean, low, high = self._bounds()
        per_set = pd.DataFrame({"set": self.sets["set"], "area": "all", "quantity": "score", "estimate": mean})
        per_set["lower"], per_set["upper"], per_set["n"], per_set["unit"] = low, high, self.n, "1"
        per_area = pd.DataFrame({"set": 0, "area": self.areas["area"], "quantity": "chance_of_pilot"})
        for column in ("estimate", "lower", "upper"):
            per_area[column] = self.areas["chance"].to_numpy()
        per_area["n"], per_area["unit"] = len(self.sets), "share"
        return pd.concat([per_set, per_area], ignore_index=True)

    def _bounds(self) -> tuple[Floats, Floats, Floats]:
        """Score of every set with its bounds; unknown bounds without draws."""
        mean = self.sets["score"].to_numpy(float)
        if self.scores is None:
            return mean, np.full(len(mean), np.nan), np.full(len(mean), np.nan)
        low, high = np.quantile(self.scores.to_numpy(float), [(1 - self.level) / 2, (1 + self.level) / 2], axis=0)
        return mean, np.minimum(low, mean), np.maximum(high, mean)


def choose(
    candidates: pd.DataFrame,
    adjacency: pd.DataFrame,
    *,
    form: Form = "one_per_arrondissement",
    arrondissements: Sequence[Hashable] = (),
    between: Literal["apart", "bordering"] = "apart",
    guarantees: Sequence[Guarantee] = (),
    tolerance: float = 0.05,
    most_sets: int = MOST_SETS,
    seconds: float = SECONDS,
    draws: pd.DataFrame | None = None,
    level: float = LEVEL,
) -> Choice:
    """The best set of pilot areas, and all that are nearly as good.

    Parameters
    ----------
    candidates : DataFrame
        `area, members, arrondissement, persons, score` (`connected_areas`, `grouped_areas`).
    adjacency : DataFrame
        `refnis_a, refnis_b`.
    form : {'one_per_arrondissement', 'three_per_arrondissement'}
        The plan's "3 gebieden in de 3 arrondissementen" read as 3 or as 9 areas.
    arrondissements : sequence, optional
        That must each have their areas; by default those of the candidates. Name them where candidates are groups: an
        arrondissement without any is then refused instead of left out.
    between : {'apart', 'bordering'}, default 'apart'
        Whether two areas may border each other; support spills over to neighbours. They never share a municipality.
    guarantees : sequence of Guarantee
    tolerance : float, default 0.05
        Sets that miss at most this share of the best score are listed.
    most_sets : int, default 100
        The best so many are listed; `complete` says whether that was all.
    seconds : float, default 60
        For each programme.
    draws : DataFrame, shape (draws, areas), optional
        Score of each candidate, columns named as `area`; for the bounds only, the mean decides.
    level : float, default 0.95

    Raises
    ------
    InputError
        Missing columns, options out of range, or guarantees that exclude each other (named).

    Notes
    -----
    Maximises Σ score_a y_a over areas with exactly 1 (3) per arrondissement and, for every border i|j, at most one area
    that holds i or j: then no two areas touch (`bordering`: at most one area per municipality). Nearly best sets follow
    from the best by forcing and banning areas (`optimum.nearly_best`).
    To choose the neediest and to see them improve is regression to the mean [1]_: draw one of the sets by lot and
    evaluate over all the others that the lot could have given.

    References
    ----------
    .. [1] Barnett, A. G., van der Pols, J. C. & Dobson, A. J. (2005). Int. J. Epidemiol. 34(1), 215-220.
    """
    _check(candidates, form=form, between=between, tolerance=tolerance, most_sets=most_sets, level=level)
    where = arrondissements or sorted(candidates["arrondissement"].unique(), key=str)
    strange = set(candidates["arrondissement"]) - set(where)
    if strange:
        raise InputError(f"arrondissements: must hold those of the candidates, got no {min(strange, key=str)}")
    rules = _rules(
        candidates, adjacency, count=PER_ARRONDISSEMENT[form], where=where, between=between, guarantees=guarantees
    )
    gain = candidates["score"].to_numpy(float)
    first = best(gain, rules, seconds=seconds)
    threshold = first.objective - tolerance * abs(first.objective)
    chosen, complete = nearly_best(gain, rules, first, threshold=threshold, limit=most_sets, seconds=seconds)
    return _choice(
        candidates, chosen, proven=first.status == "optimal", gap=first.gap, complete=complete,
        tolerance=tolerance, draws=draws, form=form, level=level,
    )  # fmt: skip


def _check(
    candidates: pd.DataFrame, *, form: str, between: str, tolerance: float, most_sets: int, level: float
) -> None:
    """Options are in range and candidates are whole."""
    if form not in PER_ARRONDISSEMENT:
        raise unknown("form", form, PER_ARRONDISSEMENT)
    if between not in ("apart", "bordering"):
        raise unknown("between", between, ("apart", "bordering"))
    if not 0 <= tolerance < 1 or most_sets < 1 or not 0 < level < 1:
        raise InputError(
            f"tolerance, most_sets, level: in [0, 1), at least 1, in (0, 1), got {tolerance}, {most_sets}, {level}"
        )
    absent = [
        name for name in ("area", "members", "arrondissement", "persons", "score") if name not in candidates.columns
    ]
    if absent or candidates.empty:
        raise InputError(f"candidates: needs rows with area, members, …, got no {', '.join(absent) or 'rows'}")
    if candidates["area"].duplicated().any() or candidates["score"].isna().any():
        raise InputError("candidates: each area once and with a known score")


def _rules(
    candidates: pd.DataFrame,
    adjacency: pd.DataFrame,
    *,
    count: int,
    where: Sequence[Hashable],
    between: str,
    guarantees: Sequence[Guarantee],
) -> list[Rule]:
    """Rules over the candidate areas."""
    homes = candidates["arrondissement"]
    rules = [
        Rule(
            name=f"{count} per arrondissement: {home}",
            rows=sparse.csr_array((homes == home).to_numpy(float)[None, :]), lower=count, upper=count,
        )
        for home in where
    ]  # fmt: skip
    names = sorted({name for members in candidates["members"] for name in members}, key=str)
    place = {name: position for position, name in enumerate(names)}
    cells = [(place[name], column) for column, members in enumerate(candidates["members"]) for name in members]
    holds = sparse.csr_array((np.ones(len(cells)), np.array(cells).T), shape=(len(names), len(candidates)))
    rules.append(Rule(name="each municipality in one area", rows=holds, upper=1.0, kind="law"))
    if between == "apart":
        ends = [(place[a], place[b]) for a, b in adjacency[["refnis_a", "refnis_b"]].itertuples(index=False, name=None)
                if a in place and b in place]  # fmt: skip
        if ends:
            a, b = np.array(ends).T
            either = (holds[a] + holds[b]).astype(bool).astype(float)
            rules.append(Rule(name="areas do not border each other", rows=sparse.csr_array(either), upper=1.0))
    for one in guarantees:
        if one.column not in candidates.columns:
            raise unknown(f"{one.name}: column", one.column, map(str, candidates.columns))
        row = sparse.csr_array(candidates[one.column].to_numpy(float)[None, :])
        rules.append(Rule(name=one.name, rows=row, lower=one.least, upper=one.most))
    return rules


def _choice(
    candidates: pd.DataFrame,
    chosen: Sequence[np.ndarray],
    *,
    draws: pd.DataFrame | None,
    level: float,
    **known: object,
) -> Choice:
    """Sets and areas as frames."""
    gain = candidates["score"].to_numpy(float)
    names = candidates["area"].to_numpy()
    members = candidates["members"].to_list()
    sets = pd.DataFrame(
        {
            "set": range(1, len(chosen) + 1),
            "score": [gain[one].mean() for one in chosen],
            "areas": [tuple(names[one]) for one in chosen],
            "members": [tuple(name for area in one for name in members[area]) for one in chosen],
        }
    )
    times = np.bincount(np.concatenate(chosen), minlength=len(names))
    areas = candidates.assign(chance=times / len(chosen))[times > 0].reset_index(drop=True)
    scores = None
    if draws is not None:
        absent = [name for name in areas["area"] if name not in draws.columns]
        if absent:
            raise InputError(f"draws: needs a column per area, got none for {absent[0]}")
        scores = pd.DataFrame(
            {
                number: draws[list(listed)].mean(axis=1)
                for number, listed in zip(sets["set"], sets["areas"], strict=True)
            }
        )
    return Choice(sets=sets, areas=areas, scores=scores, level=level, n=len(candidates), **known)  # type: ignore[arg-type]
