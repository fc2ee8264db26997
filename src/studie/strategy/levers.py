"""What could be done: levers with a prior effect on moves, places or openings, a ramp, a coverage and a cost."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from studie.errors import InputError, unknown
from studie.strategy.after_move import AfterMove
from studie.strategy.priors import Prior
from studie.strategy.situation import Situation

Floats = np.ndarray
Measure = Literal["hazard_ratio", "net_share", "openings_ratio"]
NEUTRAL: Mapping[str, float] = {"hazard_ratio": 1.0, "net_share": 0.0, "openings_ratio": 1.0}
UNITS = ("persons", "places", "vte", "vacancies")
COST_UNITS = ("euro/year", "euro/place/year")
LEAST_HARM = 0.01  # a prior that gives harm less than one chance in a hundred claims what nobody showed
TINY = 1e-300


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a lever does to one thing, as a belief.

    Attributes
    ----------
    measure : {'hazard_ratio', 'net_share', 'openings_ratio'}
        Ratio on the rate of moves; net additional places (or openings) per gross one; ratio on openings per month.
    acts_on : 'up', 'down', moves, or a step
        Moves for a hazard ratio; the limited step for the others.
    prior : Prior
    """

    measure: Measure
    acts_on: str | tuple[tuple[Hashable, Hashable], ...]
    prior: Prior

    @property
    def name(self) -> str:
        """Name of the prior, unique within a scenario."""
        return self.prior.name


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a lever costs at full ramp; `assumed` when nobody published it."""

    value: float
    unit: Literal["euro/year", "euro/place/year"]
    status: Literal["stated", "assumed"]


@dataclass(frozen=True, kw_only=True)
class Lever:
    """One thing that could be done.

    Attributes
    ----------
    name : str
    effects : tuple of Effect
    start_month, ramp_months : int
        First month with an effect; months until it is full, in equal parts.
    coverage : float
        Share of the people (or places planned) that it reaches, in (0, 1].
    amount : float
        Gross places (persons at once) or openings per month at full ramp; 0 for levers on moves only.
    cost : Cost or None
    because, source : str
    """

    name: str
    effects: tuple[Effect, ...]
    start_month: int
    ramp_months: int
    coverage: float
    amount: float
    cost: Cost | None
    because: str
    source: str

    def ramp(self, month: int) -> float:
        """Share of the full effect in a month."""
        if month < self.start_month:
            return 0.0
        return min(1.0, (month - self.start_month + 1) / max(self.ramp_months, 1))

    def full_years(self, months: int) -> float:
        """Years at full ramp that the lever counts for within a horizon."""
        return sum(self.ramp(month) for month in range(months)) / 12

    def spending(self, months: Iterable[int]) -> float:
        """Cost over some months [euro], missing where none is known; follows the ramp and gross places."""
        if self.cost is None:
            return float("nan")
        per_year = self.cost.value * (self.amount if self.cost.unit == "euro/place/year" else 1.0)
        return per_year * sum(self.ramp(month) for month in months) / 12


def lever(
    name: str,
    settings: Mapping[str, Any],
    *,
    persons_per_place: float | None = None,
    persons_per_vte: float | None = None,
) -> Lever:
    """A lever from the configuration.

    Parameters
    ----------
    name : str
        Key in the configuration.
    settings : mapping
        As `config/study.yaml` has it under `levers`: effects, start_month, ramp_months, coverage, amount, unit, cost,
        because, source.
    persons_per_place, persons_per_vte : float, optional
        Stated factors; required where the unit occurs.

    Raises
    ------
    InputError
        Places without a unit or without its factor, a prior whose interval does not hold its centre, no effect, a
        coverage outside (0, 1], or no reason or source.
    """
    amount, unit = settings.get("amount"), settings.get("unit")
    factors = {"persons": 1.0, "vacancies": 1.0, "places": persons_per_place, "vte": persons_per_vte}
    persons = 0.0
    if amount is not None:
        if unit is None:
            raise InputError(f"{name}: unit: places need a unit ({', '.join(UNITS)}), got none")
        if unit not in factors:
            raise unknown(f"{name}: unit", unit, UNITS)
        factor = factors[unit]
        if factor is None:
            raise InputError(f"{name}: persons_per_{unit.removesuffix('s')}: a factor is needed, got none")
        persons = float(amount) * factor
    effects = []
    for number, one in enumerate(settings["effects"], start=1):
        prior = Prior(
            name=name if len(settings["effects"]) == 1 else f"{name} {number}",
            **{key: one[key] for key in ("distribution", "centre", "lower", "upper", "interval_level")},
        )
        acts_on = one["acts_on"] if isinstance(one["acts_on"], str) else tuple(map(tuple, one["acts_on"]))
        effects.append(Effect(measure=one["measure"], acts_on=acts_on, prior=prior))
    cost = settings.get("cost")
    made = Lever(
        name=name,
        effects=tuple(effects),
        start_month=int(settings.get("start_month", 0)),
        ramp_months=int(settings.get("ramp_months", 0)),
        coverage=float(settings.get("coverage", 1.0)),
        amount=persons,
        cost=None if cost is None else Cost(**{key: cost[key] for key in ("value", "unit", "status")}),
        because=str(settings.get("because", "")),
        source=str(settings.get("source", "")),
    )
    check(made)
    return made


def check(lever: Lever) -> None:
    """A lever says what it does, why, and that it may harm.

    Raises
    ------
    InputError
        As `lever`; also a prior that cannot harm.
    """
    name = lever.name
    if not lever.effects or not lever.because or not lever.source:
        raise InputError(f"{name}: needs an effect, a reason (because) and a source")
    if not 0 < lever.coverage <= 1:
        raise InputError(f"{name}: coverage: must be in (0, 1], got {lever.coverage}")
    if lever.start_month < 0 or lever.ramp_months < 0 or not np.isfinite(lever.amount) or lever.amount < 0:
        raise InputError(f"{name}: start_month, ramp_months and amount must be at least 0")
    if lever.cost is not None:
        if lever.cost.unit not in COST_UNITS:
            raise unknown(f"{name}: cost unit", lever.cost.unit, COST_UNITS)
        if lever.cost.status not in ("stated", "assumed"):
            raise unknown(f"{name}: cost status", lever.cost.status, ("stated", "assumed"))
        if not np.isfinite(lever.cost.value) or lever.cost.value < 0:
            raise InputError(f"{name}: cost: must be at least 0 and known, got {lever.cost.value}")
    for effect in lever.effects:
        if effect.measure not in NEUTRAL:
            raise unknown(f"{name}: measure", effect.measure, NEUTRAL)
        if effect.measure == "net_share" and lever.amount <= 0:
            raise InputError(f"{name}: amount: a net share needs a gross number of places above 0, got {lever.amount}")
        below = effect.prior.below(NEUTRAL[effect.measure])
        harm = 1 - below if effect.acts_on == "down" else below
        if isinstance(effect.acts_on, tuple):
            harm = min(below, 1 - below)
        if harm < LEAST_HARM:
            raise InputError(
                f"{effect.name}: a prior must be able to harm (chance of at least {LEAST_HARM:.0%}), got {harm:.2%}; "
                "an effect measured elsewhere is an upper bound, not a prior for this lever"
            )


def draw(levers: Sequence[Lever], n: int, *, seeds: np.random.SeedSequence) -> pd.DataFrame:
    """Draws of every effect, one column per effect.

    The stream of an effect depends on the seed and its own name only: adding a lever moves nobody's numbers, and the
    same lever in two scenarios has the same draws (common random numbers).

    Raises
    ------
    InputError
        If two effects share a name.
    """
    effects = [effect for one in levers for effect in one.effects]
    if len({effect.name for effect in effects}) < len(effects):
        raise InputError(f"levers: each once, got {[one.name for one in levers]}")
    columns = {}
    for effect in effects:
        own = np.random.SeedSequence(seeds.entropy, spawn_key=(*seeds.spawn_key, *effect.name.encode()))
        columns[effect.name] = effect.prior.sample(n, rng=np.random.default_rng(own))
    return pd.DataFrame(columns, index=range(n))


class Levers:
    """Levers at work in a situation: what they change, month by month.

    Parameters
    ----------
    levers : sequence of Lever
    draws : DataFrame
        One column per effect, one row per draw (`draw`).
    situation : Situation
    weights : mapping from step to array, shape (regions,), optional
        How added places are shared over regions; by default in proportion to who waits for the step, or else to who
        is on it.

    Raises
    ------
    InputError
        A lever on a move that the ladder lacks, on a step without a limit, or openings where there are places.
    """

    def __init__(
        self,
        levers: Sequence[Lever],
        draws: pd.DataFrame,
        situation: Situation,
        *,
        weights: Mapping[Hashable, Floats] | None = None,
    ) -> None:
        self.levers, self.situation = tuple(levers), situation
        self._values = {name: draws[name].to_numpy(float) for name in draws.columns}
        self._pairs = {
            effect.name: pairs(effect, situation)
            for one in levers
            for effect in one.effects
            if effect.measure == "hazard_ratio"
        }
        self._shares = {}
        for one in levers:
            for effect in one.effects:
                if effect.measure != "hazard_ratio":
                    self._shares[effect.name] = _region_shares(one, effect, situation, weights or {})

    def settled(self, month: int) -> bool:
        """Whether moves no longer change from this month on."""
        return all(one.ramp(month) == 1.0 for one in self.levers)

    def moves(self, P: Floats, month: int, draws: slice) -> Floats:
        """Transition probabilities in a month, shape (k, k, groups, 1 or regions, draws).

        Notes
        -----
        Hazards of leaving, −log P_ii, are split over destinations in proportion to P_ij, multiplied, and put back
        together, so that rows stay probabilities whatever the ratio.
        """
        factors: dict[tuple[int, int], Floats] = {}
        for one in self.levers:
            part = one.coverage * one.ramp(month)
            for effect in one.effects:
                if effect.measure == "hazard_ratio" and part:
                    ratio = 1 + part * (self._values[effect.name][draws] - 1)
                    for pair in self._pairs[effect.name]:
                        factors[pair] = factors.get(pair, 1.0) * ratio
        return scaled(P, factors) if factors else P

    def limit(self, step: Hashable, persons: Floats, month: int, draws: slice) -> Floats:
        """Limit of a step in a month, shape (regions, 1 or draws) [persons]."""
        for one in self.levers:
            part = one.coverage * one.ramp(month)
            for effect in one.effects:
                if effect.measure == "hazard_ratio" or effect.acts_on != step or not part:
                    continue
                value = self._values[effect.name][draws]
                if effect.measure == "net_share":
                    added = self._shares[effect.name][:, None] * (one.amount * part * value)
                    persons = np.maximum(persons + added, 0.0)
                else:
                    persons = persons * (1 + part * (value - 1))
        return persons

    def after(self, after: AfterMove, month: int) -> AfterMove:
        """What follows a step up in a month: levers on falls from the reached step act on relapse."""
        for one in self.levers:
            part = one.coverage * one.ramp(month)
            for effect in one.effects:
                if effect.measure == "hazard_ratio" and part:
                    reached = {i for i, j in self._pairs[effect.name] if self.situation.plan.falls(i, j)}
                    ratio = np.ones((len(after.states), 1, len(self._values[effect.name])))
                    ratio[sorted(reached)] = self._values[effect.name]
                    if reached:
                        after = after.mixed(after.under(ratio), part)
        return after

    def cost(self, months: int, *, status: Literal["stated", "assumed"]) -> float:
        """Cost over the horizon of levers whose cost has this status [euro]; follows the ramp and gross places."""
        priced = [one for one in self.levers if one.cost is not None and one.cost.status == status]
        return sum((one.spending(range(months)) for one in priced), start=0.0)


def pairs(effect: Effect, situation: Situation) -> tuple[tuple[int, int], ...]:
    """Moves that a hazard ratio acts on.

    Raises
    ------
    InputError
        A move that the ladder lacks.
    """
    plan, P = situation.plan, situation.matrices.values
    possible = {(int(i), int(j)) for i, j in np.argwhere((P > 0).any(axis=(0, 1, 2))) if i != j}
    if effect.acts_on in ("up", "down"):
        right = plan.climbs if effect.acts_on == "up" else plan.falls
        found = sorted(pair for pair in possible if right(*pair))
        if not found:
            raise InputError(f"{effect.name}: acts on moves {effect.acts_on}, and the ladder has none")
        return tuple(found)
    if isinstance(effect.acts_on, str):
        raise unknown(f"{effect.name}: acts_on", effect.acts_on, ("up", "down"))
    found = []
    for a, b in effect.acts_on:
        pair = (situation.state(a, f"{effect.name}: acts_on"), situation.state(b, f"{effect.name}: acts_on"))
        if pair not in possible:
            raise InputError(f"{effect.name}: acts on a move that the ladder lacks: {a}→{b}")
        found.append(pair)
    return tuple(found)


def scaled(P: Floats, factors: Mapping[tuple[int, int], Floats]) -> Floats:
    """Transition probabilities with the hazards of some moves multiplied, shape (k, k, …)."""
    out = P.copy()
    for i in {i for i, _ in factors}:
        others = [j for j in range(len(P)) if j != i]
        leaving = np.maximum(1 - P[i, i], TINY)
        weight = {j: P[i, j] * factors.get((i, j), 1.0) for j in others}
        total = np.maximum(sum(weight.values()), TINY)
        stays = np.maximum(P[i, i], TINY) ** (total / leaving)
        for j in others:
            out[i, j] = weight[j] / total * (1 - stays)
        out[i, i] = np.where(P[i, i] < 1, stays, 1.0)
    return out


def _region_shares(lever: Lever, effect: Effect, situation: Situation, weights: Mapping[Hashable, Floats]) -> Floats:
    """Share of added places per region."""
    found = {limit.step: (place, limit) for place, limit in enumerate(situation.ordered_limits)}
    if effect.acts_on not in found:
        raise InputError(f"{effect.name}: acts on step {effect.acts_on}, which has no limit in this situation")
    place, limit = found[effect.acts_on]
    if effect.measure == "openings_ratio" and limit.kind != "openings":
        raise InputError(f"{effect.name}: acts on openings, and step {limit.step} is limited in places")
    if effect.acts_on in weights:
        share = np.asarray(weights[effect.acts_on], dtype=float)
        if share.shape != (len(situation.regions),) or (share < 0).any() or share.sum() <= 0:
            raise InputError(f"weights: {lever.name}: one number of at least 0 per region, got {share}")
        return share / share.sum()
    cells = situation.plan.of[place]
    share = situation.waiting[cells[0] : cells[-1] + 1].mean(axis=-1).sum(axis=(0, 1))
    if share.sum() <= 0:
        share = situation.stock[situation.plan.limited[place]].mean(axis=-1).sum(axis=0)
    if share.sum() <= 0:
        raise InputError(f"weights: {lever.name}: nobody waits for or is on step {limit.step}; say who gets the places")
    return share / share.sum()
