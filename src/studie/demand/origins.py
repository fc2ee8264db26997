"""One walk over origins: at each, choose by what earlier origins showed, predict, make coherent, calibrate.

`forecast` is the last step of such a walk and `backtest` is the walk itself, so a backtest judges exactly the
procedure that forecasts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from studie.demand import projection, scores
from studie.demand.combination import (
    COMBINATIONS,
    PROBABILITIES,
    Combination,
    Kind,
    TermPredictions,
    combine,
    kind_of,
    term_predictions,
)
from studie.demand.hierarchy import Hierarchy
from studie.demand.history import Series
from studie.demand.widths import Ratios, multipliers, ratios, widen

Key = tuple[str, Kind]
_MARGIN = 0.95


@dataclass(frozen=True, kw_only=True)
class Material:
    """What one origin offers before anything is chosen; series without enough history there are left out.

    Attributes
    ----------
    rows, cut : ndarray, shape (s,)
        Positions of the series that take part and the number of values each had.
    histories : list of ndarray
        Those values.
    actual : ndarray, shape (s, horizon)
        Outcomes; nan where not yet known.
    scale : ndarray, shape (s,)
        What errors are divided by.
    keys : list of tuple
        Block and kind, by series.
    inside : dict
        Positions within `rows`, by key.
    terms, losses : dict
        Predictions of all terms and scaled CRPS of all combinations, by key.
    """

    rows: np.ndarray
    cut: np.ndarray
    histories: list[np.ndarray]
    actual: np.ndarray
    scale: np.ndarray
    keys: list[Key]
    inside: dict[Key, list[int]]
    terms: dict[Key, TermPredictions]
    losses: dict[Key, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Forecasts at one origin.

    Attributes
    ----------
    material : Material
        What they were made from.
    base, estimate : ndarray, shape (s, horizon)
        Points before and after reconciliation.
    base_quantiles, quantiles : ndarray, shape (s, horizon, len(PROBABILITIES))
        Before and after reconciliation, not calibrated.
    calibrated : ndarray, shape as `quantiles`
        After calibration on earlier origins.
    errors : list of ndarray
        One-step errors, by series.
    methods : list of str
        Combination, by series.
    projection : Projection or None
        What made them coherent.
    """

    material: Material
    base: np.ndarray
    base_quantiles: np.ndarray
    estimate: np.ndarray
    quantiles: np.ndarray
    calibrated: np.ndarray
    errors: list[np.ndarray]
    methods: list[str]
    projection: projection.Projection | None


class _Assembled(NamedTuple):
    """Forecasts of one origin with given combinations."""

    base: np.ndarray
    base_quantiles: np.ndarray
    estimate: np.ndarray
    quantiles: np.ndarray
    errors: list[np.ndarray]
    methods: list[str]
    projection: projection.Projection | None


@dataclass(kw_only=True)
class Walk:
    """State of a walk: what was learned so far about combinations and interval widths."""

    series: list[Series]
    blocks: list[str]
    horizon: int
    season: int
    tree: Hierarchy | None = None
    method: projection.Method = "mint_shrink"
    past: list[Material] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    past_ratios: dict[tuple[int, tuple[tuple[Key, str], ...]], Ratios] = field(default_factory=dict)

    def step(self, cut: np.ndarray) -> Origin:
        """Predict from the first `cut` values of every series (0 leaves a series out) and learn from it."""
        material = self._material(cut)
        chosen = {key: self._choose(key, cut) for key in material.inside}
        made = self._assemble(material, chosen)
        factors = self.factors(material.keys, cut, chosen)
        origin = Origin(material=material, calibrated=widen(made.estimate, made.quantiles, factors), **made._asdict())
        self.past.append(material)
        self.origins.append(origin)
        return origin

    def _material(self, cut: np.ndarray) -> Material:
        """Predictions of every term at one origin."""
        rows = np.flatnonzero(cut > 0)
        histories = [self.series[row].values[: cut[row]] for row in rows]
        actual = np.full((len(rows), self.horizon), np.nan)
        for k, row in enumerate(rows):
            later = self.series[row].values[cut[row] : cut[row] + self.horizon]
            actual[k, : len(later)] = later
        size = Counter(self.blocks)
        keys: list[Key] = [
            (self.blocks[row], kind_of(values, self.season, block_size=size[self.blocks[row]]))
            for row, values in zip(rows, histories, strict=True)
        ]
        scale = np.array([scores.scale(values, self.season) for values in histories])
        inside: dict[Key, list[int]] = {}
        for k, key in enumerate(keys):
            inside.setdefault(key, []).append(k)
        terms, losses = {}, {}
        for key, at in inside.items():
            within = [histories[k] for k in at]
            terms[key] = term_predictions(key[1], within, self.horizon, self.season)
            losses[key] = _losses(key[1], terms[key], within, actual[at], scale[at])
        return Material(
            rows=rows, cut=cut[rows], histories=histories, actual=actual, scale=scale, keys=keys, inside=inside,
            terms=terms, losses=losses,
        )  # fmt: skip

    def _assemble(self, material: Material, chosen: dict[Key, Combination]) -> _Assembled:
        """Combine and make coherent."""
        base = np.zeros(material.actual.shape)
        quantiles = np.zeros((*base.shape, len(PROBABILITIES)))
        errors: list[np.ndarray] = [np.zeros(0)] * len(material.rows)
        methods = [""] * len(material.rows)
        for key, at in material.inside.items():
            one = chosen.get(key, COMBINATIONS[key[1]][0])
            within = [material.histories[k] for k in at]
            base[at], quantiles[at], found = combine(key[1], one, material.terms[key], within)
            for k, error in zip(at, found, strict=True):
                errors[k], methods[k] = error, one.name
        if self.tree is None:
            return _Assembled(base, quantiles, base, quantiles, errors, methods, None)
        mapped = projection.minimum_trace(self.tree, method=self.method, errors=projection.side_by_side(errors))
        estimate = projection.coherent(self.tree, mapped, base)
        moved = projection.move_quantiles(base, quantiles, estimate)
        return _Assembled(base, quantiles, estimate, moved, errors, methods, mapped)

    def factors(self, keys: list[Key], cut: np.ndarray, chosen: dict[Key, Combination]) -> np.ndarray:
        """Width factors of every series: what earlier origins show about the combinations chosen now."""
        past = [self._past_ratios(position, chosen) for position in range(len(self.past))]
        known = {
            key: multipliers(past, key, cut, horizon=self.horizon, season=self.season) for key in dict.fromkeys(keys)
        }
        return np.stack([known[key] for key in keys])

    def _past_ratios(self, position: int, chosen: dict[Key, Combination]) -> Ratios:
        """Errors of an earlier origin in native half-widths, had it used the combinations chosen now."""
        material = self.past[position]
        names = tuple((key, chosen[key].name) for key in material.inside if key in chosen)
        if (position, names) not in self.past_ratios:
            made = self._assemble(material, chosen)
            self.past_ratios[position, names] = ratios(
                material.actual, made.estimate, made.quantiles, scale=material.scale,
                keys=material.keys, rows=material.rows, cut=material.cut,
            )  # fmt: skip
        return self.past_ratios[position, names]

    def _choose(self, key: Key, cut: np.ndarray) -> Combination:
        """Combination with the least mean loss at earlier origins; the first unless another is clearly better."""
        candidates = COMBINATIONS[key[1]]
        total = np.zeros(len(candidates))
        steps = np.arange(1, self.horizon + 1)
        for material in self.past:
            if key in material.inside:
                at, loss = material.inside[key], material.losses[key]
                age = cut[material.rows[at]] - material.cut[at]
                known = (steps <= age[:, None]) & np.isfinite(loss[0])
                total += np.where(known, loss, 0.0).sum(axis=(1, 2))
        best = int(np.argmin(total))
        return candidates[best] if total[best] < _MARGIN * total[0] else candidates[0]


def _losses(
    kind: Kind, predictions: TermPredictions, histories: list[np.ndarray], actual: np.ndarray, scale: np.ndarray
) -> np.ndarray:
    """Scaled CRPS of every combination, shape (combinations, series, horizon); nan where unknown."""
    found = []
    if np.isnan(actual).all():
        return np.full((len(COMBINATIONS[kind]), *actual.shape), np.nan)
    for one in COMBINATIONS[kind]:
        _, quantiles, _ = combine(kind, one, predictions, histories)
        found.append(scores.crps(actual, quantiles, np.array(PROBABILITIES)) / scale[:, None])
    return np.stack(found)
