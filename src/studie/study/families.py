"""Counts of persons that chapters publish, per municipality and label, for all regions at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from studie import regions
from studie.disclosure import cells
from studie.errors import InsufficientDataError
from studie.ladder import hazards, matrices, observations
from studie.ladder.observations import Observations

REGION = "region"
GROUPS = ("support", "target_group")  # of which a step up is shown apart
ORIGINS = ("3", "4", "5")  # steps from which outcomes are shown
LAGS = (12, 24, 36)  # months after which people are looked for
ABSORBING = ("exit_pension", "exit_moved", "exit_death")
UNKNOWN = "unknown"
BETWEEN = ("arrondissement", "working-area", "grouping")


@dataclass(frozen=True, kw_only=True)
class Family:
    """Tables that count one thing and share their margins.

    Counts that are never printed with their sum are families of their own: each step of the stock.

    Attributes
    ----------
    quantity : str
        What is counted, the first part of every cell's name.
    tables : dict of str to DataFrame
        Title → one row per cell: `region` (a municipality), labels and `n`.
    persons : dict of str to DataFrame
        The same cells by distinct persons, where `n` counts something a person can have more of.
    """

    quantity: str
    tables: dict[str, pd.DataFrame] = field(repr=False)
    persons: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)

    def few(self, tree: pd.DataFrame, *, threshold: float) -> list[str]:
        """Names of the cells with fewer persons than the threshold, margins included."""
        if not self.persons:
            return []
        laid = cells.layout(
            self.persons,
            quantities=dict.fromkeys(self.persons, self.quantity),
            hierarchies={REGION: tree},
            apart=(),
        )
        names = []
        for frame in laid.tables.values():
            counted = laid.value[frame["cell"]]
            names += frame.loc[(counted > 0) & (counted < threshold), "key"].tolist()
        return names


def tree(*, date: str) -> pd.DataFrame:
    """Municipalities below every region between them and the province whose counts are planned: child, parent."""
    rows = [(code(refnis), parent) for inside, parent in _planned(date).items() for refnis in sorted(inside)]
    found = pd.DataFrame(rows, columns=["child", "parent"])
    return found[found["parent"].str.partition(":")[0].isin(BETWEEN) & (found["child"] != found["parent"])]


def names(*, date: str) -> dict[str, str]:
    """Region → the region whose name its counts stand under; a region without one has no counts that are printed.

    Regions of the same municipalities are one. A region that is another one with or without a single municipality is
    left out: whoever knows both would know that municipality.
    """
    known = _planned(date)
    return {
        area.code: known[inside] for area in regions.regions(date=date) if (inside := frozenset(area.refnis)) in known
    }


def _planned(date: str) -> dict[frozenset[int], str]:
    """Regions by their municipalities: province and municipalities, then those between, the coarsest levels first."""
    found: dict[frozenset[int], str] = {}
    areas = [area for level in ("province", "municipality", *BETWEEN) for area in regions.regions(level, date=date)]
    for area in areas:
        inside = frozenset(area.refnis)
        near = any(len(inside ^ other) == 1 for other in found if len(other) > 1)
        if inside not in found and (len(inside) == 1 or not near):
            found[inside] = area.code
    return found


def code(refnis: int) -> str:
    """Region code of a municipality."""
    return f"municipality:{refnis}"


def families(panel: pd.DataFrame, need: pd.DataFrame) -> list[Family]:
    """Every family that the data allow.

    Parameters
    ----------
    panel : DataFrame
        Rows of `ladder_panel` of the whole province.
    need : DataFrame
        Rows of `need` of the whole province.

    Notes
    -----
    A person counts where he or she stood at the time: assumes that nobody is in two municipalities at once. What has no
    family here, such as the need of one target group in one municipality, is not registered and so not printed.
    """
    found = []
    if len(panel):
        try:
            people = observations.from_panel(
                panel, person="person_id", time="date", state="step", covariates=["refnis", *GROUPS]
            )
        except InsufficientDataError:
            people = None
        if people is not None:
            everywhere = sorted({code(int(refnis)) for refnis in panel["refnis"].dropna().unique()})
            found += [*_stock(people, everywhere), *_moves(people, everywhere), *_starters(people, everywhere)]
    if len(need):
        found.append(_need(need))
    return found


def _stock(people: Observations, everywhere: Sequence[str]) -> list[Family]:
    """Persons per step at the last moment, as `ladder.stock` counts them; how many stand on all steps is not said."""
    now = np.isclose(people.time, people.time.max()) & (people.state < len(people.states))
    steps = np.array([str(state) for state in people.states])[people.state[now]]
    rows = pd.DataFrame({REGION: _region(people, now), "step": steps})
    return [
        Family(quantity="stock", tables={f"step {step}": _counted(some, [REGION, "step"], everywhere)})
        for step, some in rows.groupby("step")
    ]


def _moves(people: Observations, everywhere: Sequence[str]) -> list[Family]:
    """Steps up per group, as `ladder.hazards` counts them."""
    moves = hazards.upward_moves(people).table
    if moves.empty:
        return []
    known = {group: moves[group].astype(object).where(moves[group].notna(), UNKNOWN).astype(str) for group in GROUPS}
    rows = moves.assign(**known, **{REGION: moves["refnis"].map(code)})
    tables = {group: _counted(rows, [REGION, group], everywhere) for group in GROUPS}
    persons = {
        group: _counted(rows.drop_duplicates([REGION, group, "cluster"]), [REGION, group], everywhere)
        for group in GROUPS
    }
    return [Family(quantity="moves", tables=tables, persons=persons)]


def _starters(people: Observations, everywhere: Sequence[str]) -> list[Family]:
    """Distinct persons who stood on a step and were looked for some months later, as `ladder.outcomes` counts them."""
    found = []
    gone = [state for state in ABSORBING if state in people.states]
    where = _region(people, people.first)
    for lag in LAGS:
        pairs = matrices.counts(people, lag=lag, absorbing=gone)
        began = pd.DataFrame({"person": pairs.person, "from_step": pairs.cell // len(pairs.matrix)}).drop_duplicates()
        steps = pairs.matrix.index.astype(str).to_numpy()[began["from_step"]]
        rows = pd.DataFrame({REGION: where[began["person"]], "from_step": steps, "time": f"{lag}"})
        for step in ORIGINS:
            some = rows[rows["from_step"] == step]
            if len(some):
                tables = {f"{step} {lag}": _counted(some, [REGION, "from_step", "time"], everywhere)}
                found.append(Family(quantity="starters", tables=tables))
    return found


def _need(need: pd.DataFrame) -> Family:
    """Persons in need per municipality; a count that its source hides lies in the middle of its bounds."""
    last = need[need["date"] == need["date"].max()]
    known = last["persons"].astype(float).fillna((last["lower"] + last["upper"]) / 2).fillna(0.0)
    rows = pd.DataFrame({REGION: last["refnis"].map(code), "n": known})
    return Family(quantity="need", tables={"need": rows.groupby(REGION, sort=True)["n"].sum().round().reset_index()})


def _region(people: Observations, rows: np.ndarray) -> np.ndarray:
    """Municipality of some observations."""
    return people.covariates["refnis"].iloc[rows if rows.dtype != bool else np.flatnonzero(rows)].map(code).to_numpy()


def _counted(rows: pd.DataFrame, keys: Sequence[str], everywhere: Sequence[str]) -> pd.DataFrame:
    """Number of rows per key, also where it is zero: every municipality with every label that occurs."""
    labels = [sorted(rows[key].unique()) for key in keys[1:]]
    cells_ = pd.MultiIndex.from_product([list(everywhere), *labels], names=list(keys))
    return rows.groupby(list(keys)).size().reindex(cells_, fill_value=0).rename("n").reset_index()
