"""What an evaluation of the pilot could see at all: randomisation test, power and smallest visible effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import special, stats

from studie.errors import InputError, unknown
from studie.ladder.intervals import wilson
from studie.strategy.designs import Design, parallel, stepped_wedge

__all__ = ["Design", "Evaluation", "Test", "evaluate", "parallel", "randomisation_test", "stepped_wedge"]

Floats = np.ndarray
Outcome = Literal["relapse", "lasting_moves"]
DIRECTION: Mapping[str, int] = {"relapse": -1, "lasting_moves": 1}  # in which a pilot that helps moves the share
TIE = 1e-9
LOGISTIC = np.pi**2 / 3  # variance of the standard logistic distribution
ALPHA, POWER, LEVEL = 0.05, 0.80, 0.95
HALVINGS = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class Test:
    """Randomisation test of no effect anywhere.

    Attributes
    ----------
    effect : float
        Difference in the share, with and without the pilot, given unit and period.
    p_value : float
        Share of the allocations with a difference at least as large, the one that happened included.
    smallest_p_value : float
        What the clearest possible outcome would give under this design.
    allocations : int
    """

    __test__ = False  # not a test of ours

    effect: float
    p_value: float
    smallest_p_value: float
    allocations: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """What a design could show about an outcome, by simulation.

    Attributes
    ----------
    design, outcome : str
    power : DataFrame
        `effect` (difference in the share), `estimate, lower, upper`: chance that the test sees it.
    type_one_error : tuple of float
        Chance that the test sees an effect that is not there: estimate, lower, upper.
    minimum_detectable_effect : float
        Smallest effect in the direction of help that is seen with the wanted chance; missing where none is.
    detectable_between : tuple of float
        Its bounds, simulation error only; missing where an end is not reached.
    wanted_power, alpha : float
    allocations : int
        That the lot could give.
    smallest_p_value : float
    finding : str
        `no test at this level exists`, `no effect is large enough`, or `can be tested`.
    level : float
        Coverage of the bounds (simulation error only), in (0, 1).
    n : int
        Simulations per effect.
    """

    design: str
    outcome: str
    power: pd.DataFrame
    type_one_error: tuple[float, float, float]
    minimum_detectable_effect: float
    detectable_between: tuple[float, float]
    wanted_power: float
    alpha: float
    allocations: int
    smallest_p_value: float
    finding: Literal["no test at this level exists", "no effect is large enough", "can be tested"]
    level: float
    n: int

    @property
    def sentence(self) -> str:
        """What must be said beside any figure."""
        if self.finding == "no test at this level exists":
            return (
                f"no {self.alpha:.0%} test exists: {self.allocations} possible allocations, "
                f"smallest possible p-value {self.smallest_p_value:.3f}"
            )
        if self.finding == "no effect is large enough":
            return f"no effect on {self.outcome} is seen with chance {self.wanted_power:.0%}"
        return f"effects on {self.outcome} from {abs(self.minimum_detectable_effect):.3f} are seen"

    def to_frame(self) -> pd.DataFrame:
        """Keys `design, outcome, effect`, then the six columns."""
        rows = [
            (0.0, "type_one_error", *self.type_one_error, "share"),
            (
                np.nan,
                "minimum_detectable_effect",
                self.minimum_detectable_effect,
                *self.detectable_between,
                "difference in share",
            ),
            (np.nan, "allocations", *[float(self.allocations)] * 3, "allocations"),
            (np.nan, "smallest_p_value", *[self.smallest_p_value] * 3, "share"),
        ]
        rows += [(row[0], "power", *row[1:], "share") for row in self.power.itertuples(index=False, name=None)]
        frame = pd.DataFrame(rows, columns=["effect", "quantity", "estimate", "lower", "upper", "unit"])
        frame.insert(0, "design", self.design)
        frame.insert(1, "outcome", self.outcome)
        frame.insert(7, "n", self.n)
        return frame


def randomisation_test(
    events: Floats, at_risk: Floats, design: Design, *, happened: int, alternative: str = "two-sided"
) -> Test:
    """Whether the pilot made any difference, judged by the lot that was drawn.

    Parameters
    ----------
    events, at_risk : array, shape (units, periods)
        Persons who relapsed (or moved lastingly), of those who moved up.
    design : Design
    happened : int
        Row of the allocation that was drawn.
    alternative : {'two-sided', 'greater', 'less'}

    Raises
    ------
    InputError
        Wrong shapes, more events than persons, nobody at risk, or an unknown allocation or alternative.

    Notes
    -----
    Statistic: coefficient of the treatment in the weighted least squares of the share on unit and period (period only
    without a period before the start), weights persons at risk. p = share of the allowed allocations whose statistic is
    at least as extreme [1]_: exact whatever the distribution of the outcome, because the lot is the only chance in it.
    Where allocations are sampled the one that happened is added: p = (1 + count) / (1 + sample).

    References
    ----------
    .. [1] Imbens, G. W. & Rubin, D. B. (2015). Causal Inference, ch. 5. Ji, X. et al. (2017). Ann. Appl. Stat. 11(1).
    """
    y, n = np.asarray(events, float), np.asarray(at_risk, float)
    if y.shape != design.treated.shape[1:] or n.shape != y.shape:
        raise InputError(f"events, at_risk: must be units × periods {design.treated.shape[1:]}, got {y.shape}")
    if (y < 0).any() or (y > n).any() or (n <= 0).any():
        raise InputError("events: must be between 0 and the persons at risk, and those above 0, in every cell")
    if not 0 <= happened < len(design.treated):
        raise InputError(f"happened: must be a row of the {len(design.treated)} allocations, got {happened}")
    contrasts = _contrasts(design, n)
    effects = contrasts @ (y / n).ravel()
    return Test(
        effect=float(effects[happened]),
        p_value=float(_p_values(effects[None, :], np.array([happened]), design, alternative)[0]),
        smallest_p_value=_smallest(contrasts, design, alternative),
        allocations=design.possible,
    )


def evaluate(
    design: Design,
    at_risk: Floats,
    *,
    share: float,
    outcome: Outcome,
    rng: np.random.Generator,
    effects: tuple[float, ...] = (0.05, 0.10, 0.15, 0.20),
    icc: float = 0.02,
    persistence: float = 0.8,
    simulations: int = 1_000,
    alpha: float = ALPHA,
    wanted_power: float = POWER,
    alternative: str = "two-sided",
    level: float = LEVEL,
) -> Evaluation:
    """Power, type-I error and smallest visible effect of a design.

    Parameters
    ----------
    design : Design
    at_risk : array, shape (units,) or (units, periods)
        Expected persons who move up per period [persons].
    share : float
        Share that relapses (or moves lastingly) without the pilot, in (0, 1).
    outcome : {'relapse', 'lasting_moves'}
        A pilot that helps lowers the first and raises the second.
    rng : Generator
    effects : tuple of float
        Sizes of the difference in the share; the sign follows from the outcome.
    icc : float, default 0.02
        Intra-cluster correlation on the logistic scale, in [0, 1): assumed until estimated.
    persistence : float, default 0.8
        Share of the variance between units that stays from period to period (cluster autocorrelation), in [0, 1].
    simulations : int, default 1000
    alpha, wanted_power : float, default 0.05 and 0.80
    alternative : {'two-sided', 'greater', 'less'}
    level : float, default 0.95

    Raises
    ------
    InputError
        Options out of range.

    Notes
    -----
    Events ~ Binomial(n_it, p_it), logit p_it = logit(share + effect · D_it) + b_i + c_it, with
    var(b) + var(c) = icc / (1 − icc) · π²/3 split by `persistence` [1]_. Every simulation draws one allocation by lot.
    The same random numbers serve every effect, so that power rises smoothly; bisection finds the smallest effect seen
    with the wanted chance, and its bounds where that chance is missed or passed by the simulation error.
    Fewer than 1/alpha different values of the statistic: no test at alpha exists, and power is 0 whatever the effect.

    References
    ----------
    .. [1] Hooper, R., Teerenstra, S., de Hoop, E. & Eldridge, S. (2016). Stat. Med. 35(26), 4718-4728.
    """
    if outcome not in DIRECTION:
        raise unknown("outcome", outcome, DIRECTION)
    for name, value in (("share", share), ("alpha", alpha), ("wanted_power", wanted_power), ("level", level)):
        if not 0 < value < 1:
            raise InputError(f"{name}: must be in (0, 1), got {value}")
    if not 0 <= icc < 1 or not 0 <= persistence <= 1 or simulations < 100:
        raise InputError(
            "icc, persistence, simulations: in [0, 1), in [0, 1], at least 100, "
            f"got {icc}, {persistence}, {simulations}"
        )
    sign = DIRECTION[outcome]
    n = np.asarray(at_risk, float)
    n = np.rint(np.broadcast_to(n if n.ndim == 2 else n[:, None], design.treated.shape[1:]))
    if (n < 1).any():
        raise InputError("at_risk: needs at least 1 person in every unit and period; join units or periods")
    trial = _Trial(design, n, share=share, icc=icc, persistence=persistence, simulations=simulations, rng=rng,
                   alpha=alpha, alternative=alternative)  # fmt: skip
    room = (1 - share if sign > 0 else share) - TIE
    sizes = [0.0, *(abs(size) for size in effects)]
    if max(sizes) > room:
        raise InputError(f"effects: at most {room:.3f} from a share of {share}, got {max(sizes)}")
    chances = [trial.power(sign * size) for size in sizes]
    rows = [(sign * size, *_share(chance, simulations, level)) for size, chance in zip(sizes, chances, strict=True)]
    smallest = _smallest(trial.contrasts, design, alternative)
    exists = smallest <= alpha + TIE
    low, high = (float(bound) for bound in wilson(wanted_power * simulations, simulations, level=level))
    mde, *around = (
        trial.smallest_effect(sign, room, wanted) if exists else np.nan for wanted in (wanted_power, low, high)
    )
    finding: Literal["no test at this level exists", "no effect is large enough", "can be tested"] = "can be tested"
    if not exists:
        finding = "no test at this level exists"
    elif np.isnan(mde):
        finding = "no effect is large enough"
    return Evaluation(
        design=design.kind, outcome=outcome, type_one_error=rows[0][1:], minimum_detectable_effect=mde,
        detectable_between=(min(around), max(around)) if np.isfinite(around).all() else (np.nan, np.nan),
        power=pd.DataFrame(rows[1:], columns=["effect", "estimate", "lower", "upper"]),
        wanted_power=wanted_power, alpha=alpha, allocations=design.possible, smallest_p_value=smallest,
        finding=finding, level=level, n=simulations,
    )  # fmt: skip


class _Trial:
    """Simulated trials under one design, with the same random numbers for every effect."""

    def __init__(
        self,
        design: Design,
        n: Floats,
        *,
        share: float,
        icc: float,
        persistence: float,
        simulations: int,
        rng: np.random.Generator,
        alpha: float,
        alternative: str,
    ) -> None:
        self.design, self.n, self.share, self.alpha, self.alternative = design, n, share, alpha, alternative
        self.contrasts = _contrasts(design, n)
        units, periods = n.shape
        variance = icc / (1 - icc) * LOGISTIC
        lasting = np.sqrt(persistence * variance) * rng.standard_normal((simulations, units, 1))
        passing = np.sqrt((1 - persistence) * variance) * rng.standard_normal((simulations, units, periods))
        self.between = lasting + passing
        self.chance = rng.random((simulations, units, periods))
        self.happened = rng.integers(len(design.treated), size=simulations)

    def power(self, effect: float) -> float:
        """Share of the simulated trials in which the test sees the effect."""
        mean = self.share + effect * self.design.treated[self.happened]
        p = special.expit(special.logit(mean) + self.between)
        events = np.asarray(stats.binom.ppf(self.chance, self.n, p), float)
        effects = (events / self.n).reshape(len(events), -1) @ self.contrasts.T
        found = _p_values(effects, self.happened, self.design, self.alternative)
        return float((found <= self.alpha + TIE).mean())

    def smallest_effect(self, sign: int, room: float, wanted: float) -> float:
        """Smallest effect seen with the wanted chance; missing where not even the largest is."""
        if self.power(sign * room) < wanted:
            return float("nan")
        low, high = 0.0, room
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if self.power(sign * middle) >= wanted else (middle, high)
        return sign * high


def _contrasts(design: Design, n: Floats) -> Floats:
    """Weights that give the effect from the shares under every allocation, shape (allocations, units · periods)."""
    units, periods = n.shape
    blocks = [np.tile(np.eye(periods), (units, 1))]
    if not design.treated[:, :, 0].any():
        blocks.append(np.repeat(np.eye(units), periods, axis=0)[:, 1:])
    root = np.sqrt(n.ravel())
    basis, _ = np.linalg.qr(np.hstack(blocks) * root[:, None])
    D = design.treated.reshape(len(design.treated), -1) * root
    rest = D - (D @ basis) @ basis.T
    size = (rest**2).sum(axis=1, keepdims=True)
    if (size < TIE).any():
        raise InputError("design: an allocation whose treatment follows from unit and period has no comparison")
    return rest / size * root


def _p_values(effects: Floats, happened: np.ndarray, design: Design, alternative: str) -> Floats:
    """Share of allocations at least as extreme as the one that happened, per row of effects."""
    sizes = _extremeness(effects, alternative)
    seen = sizes[np.arange(len(sizes)), happened][:, None]
    count = (sizes >= seen - TIE).sum(axis=1)
    return (count + 1) / (sizes.shape[1] + 1) if design.sampled else count / sizes.shape[1]


def _extremeness(effects: Floats, alternative: str) -> Floats:
    """Effects so that larger is more extreme."""
    if alternative == "two-sided":
        return np.abs(effects)
    if alternative not in ("greater", "less"):
        raise unknown("alternative", alternative, ("two-sided", "greater", "less"))
    return effects if alternative == "greater" else -effects


def _smallest(contrasts: Floats, design: Design, alternative: str) -> float:
    """Smallest p-value that any outcome could give: allocations that always tie with one another count together."""
    _extremeness(contrasts[:1], alternative)
    keys = np.round(contrasts / np.abs(contrasts).max(), 9) + 0.0
    if alternative == "two-sided":
        first = keys[np.arange(len(keys)), (keys != 0).argmax(axis=1)]
        keys = keys * np.sign(first)[:, None] + 0.0
    _, counts = np.unique(keys, axis=0, return_counts=True)
    return float((counts.min() + design.sampled) / (len(keys) + design.sampled))


def _share(chance: float, n: int, level: float) -> tuple[float, float, float]:
    """A share of simulations with its Wilson interval."""
    low, high = wilson(chance * n, n, level=level)
    return chance, min(float(low), chance), max(float(high), chance)
