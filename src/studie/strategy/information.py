"""What it would be worth to know more before deciding: expected value of perfect and partial perfect information."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from studie.errors import InputError, unknown
from studie.strategy.levers import Lever
from studie.strategy.priors import Prior
from studie.strategy.scenarios import BASELINE, Comparison
from studie.strategy.smoothing import surface

Floats = np.ndarray
LEVEL = 0.95
SIMULATIONS = 200
EVERYTHING = "everything"
COLUMNS = ["request", "value_per_lasting_move", "quantity", "estimate", "se", "bias"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ValueOfInformation:
    """Upper bound of what an answer to each data request is worth for one decision.

    Attributes
    ----------
    table : DataFrame
        `request, value_per_lasting_move`, the six columns (quantity `evppi`, and `evpi` for `everything`; euro), and
        `bias`, the estimated upward bias, which is not taken off, `share`, of EVPI, and `first`, whether this request
        is worth most at this value and certainly something.
    decisions : DataFrame
        `value_per_lasting_move, decision, net_benefit` (mean), `chosen`, `best_in`: share of draws in which it is best.
    upper_bound : bool
        True: real data are not perfect and cost something, so the value is never more than this.
    level : float
        Coverage, in (0, 1).
    n : int
        Draws.
    """

    table: pd.DataFrame
    decisions: pd.DataFrame
    upper_bound: bool
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Keys `request, value_per_lasting_move`, then the six columns of every result."""
        keys = ["request", "value_per_lasting_move"]
        return self.table[[*keys, "quantity", "estimate", "lower", "upper", "n", "unit"]].copy()


@dataclass(frozen=True, kw_only=True, eq=False)
class BudgetDecision:
    """What `value_of_information` needs of a choice between scenarios, doing nothing more included.

    Attributes
    ----------
    effects, costs : DataFrame, shape (draws, decisions)
        Lasting moves, and cost over the horizon [euro].
    inputs : DataFrame, shape (draws, inputs)
        What differs between draws: those of the comparison, and `cost of <lever>` [euro per year] for every guess.
    hangs_on : tuple of str
        Names of the priors on effects behind the decisions.
    """

    effects: pd.DataFrame
    costs: pd.DataFrame
    inputs: pd.DataFrame
    hangs_on: tuple[str, ...]


def budget_decision(
    comparison: Comparison,
    scenarios: Mapping[str, Sequence[Lever]],
    *,
    guesses: Mapping[str, Prior],
    months: int,
    seeds: np.random.SeedSequence,
) -> BudgetDecision:
    """The choice between scenarios at a price, where levers without a cost have a guessed one.

    Parameters
    ----------
    comparison : Comparison
        Of these scenarios.
    scenarios : mapping from name to levers
    guesses : mapping from lever to Prior
        Cost at full ramp of the levers that have none [euro per year].
    months : int
        Horizon of the comparison.
    seeds : SeedSequence
        Each guess has its own stream under it, by its name.

    Raises
    ------
    InputError
        A scenario that was not compared, a lever without a cost and without a guess, or a guess that may be negative.

    Notes
    -----
    Costs that are stated or assumed are fixed; a guess is drawn, follows the ramp of its lever, and is an input whose
    answer can be asked for.
    """
    n = comparison.n
    drawn = {}
    for name, prior in guesses.items():
        if prior.distribution != "lognormal":
            raise InputError(f"guesses: {name}: a cost must be log-normal, got {prior.distribution}")
        own = np.random.SeedSequence(seeds.entropy, spawn_key=(*seeds.spawn_key, *f"cost of {name}".encode()))
        drawn[name] = prior.sample(n, rng=np.random.default_rng(own))
    effects = {BASELINE: comparison.outcomes[BASELINE]["lasting_moves"]}
    costs: dict[str, Floats] = {BASELINE: np.zeros(n)}
    for scenario, levers in scenarios.items():
        if scenario not in comparison.hangs_on:
            raise unknown("scenarios", scenario, comparison.hangs_on)
        total = np.full(n, comparison.stated[scenario] + comparison.assumed[scenario])
        for one in levers:
            if one.cost is None:
                if one.name not in drawn:
                    raise InputError(f"guesses: {one.name} has no cost, so a guess is needed, got none")
                total = total + drawn[one.name] * one.full_years(months)
        effects[scenario], costs[scenario] = comparison.outcomes[scenario]["lasting_moves"], total
    named = pd.DataFrame({f"cost of {name}": values for name, values in drawn.items()}, index=comparison.inputs.index)
    return BudgetDecision(
        effects=pd.DataFrame(effects),
        costs=pd.DataFrame(costs),
        inputs=pd.concat([comparison.inputs, named], axis=1),
        hangs_on=tuple(dict.fromkeys(prior for name in scenarios for prior in comparison.hangs_on[name])),
    )


def value_of_information(
    effects: pd.DataFrame,
    costs: pd.DataFrame | Mapping[Hashable, float],
    inputs: pd.DataFrame,
    requests: Mapping[str, Sequence[Hashable]],
    *,
    values: Sequence[float],
    rng: np.random.Generator,
    level: float = LEVEL,
) -> ValueOfInformation:
    """EVPPI of every data request for the budget decision: net benefit = value · lasting moves − cost.

    Parameters
    ----------
    effects : DataFrame, shape (draws, decisions)
        Lasting moves under each decision, doing nothing included.
    costs : DataFrame, shape (draws, decisions), or mapping from decision to float
        Cost of each decision over the same horizon [euro].
    inputs : DataFrame, shape (draws, inputs)
        What differs between draws.
    requests : mapping from request to inputs
        What an answer would tell.
    values : sequence of float
        Worth of one lasting move [euro]: several, because nobody decided it.
    rng : Generator
        For the standard error.
    level : float, default 0.95

    Raises
    ------
    InputError
        Fewer than two decisions, an unknown input, a request without inputs, no value or a negative one, or a missing
        number.
    InsufficientDataError
        Too few draws for a request's inputs.

    Notes
    -----
    EVPI = E max_d NB_d − max_d E NB_d. EVPPI(φ) = E max_d E(NB_d | φ) − max_d E NB_d, with E(NB_d | φ) a regression
    spline on the draws [1]_. Standard error: fitted values redrawn with the covariance of the coefficients; `bias` is
    what the maximum of noisy fits adds, the mean excess of those redrawn values over the estimate [2]_. Perfect answers
    are an upper bound for real ones. Where inputs are priors, this is the worth of our beliefs, not of observations.

    References
    ----------
    .. [1] Strong, M., Oakley, J. E. & Brennan, A. (2014). Med. Decis. Making 34(3), 311-326.
    .. [2] Strong, M., Oakley, J. E., Brennan, A. & Breeze, P. (2015). Med. Decis. Making 35(5), 570-583.
    """
    benefit, spent = _checked(effects, costs, inputs, requests, values=values, level=level)
    tables, decisions = [], []
    for value in values:
        NB = value * benefit - spent
        best = int(np.argmax(NB.mean(axis=0)))
        wins = np.bincount(NB.argmax(axis=1), minlength=NB.shape[1]) / len(NB)
        decisions.append(
            pd.DataFrame(
                {
                    "value_per_lasting_move": float(value), "decision": list(effects.columns),
                    "net_benefit": NB.mean(axis=0), "chosen": np.arange(NB.shape[1]) == best, "best_in": wins,
                }
            )
        )  # fmt: skip
        rows = [(EVERYTHING, float(value), "evpi", *_evpi(NB), 0.0)]
        for request, names in requests.items():
            rows.append((request, float(value), "evppi", *evppi(NB, inputs[list(names)], rng=rng)))
        tables.append(_with_share(pd.DataFrame(rows, columns=COLUMNS)))
    table = pd.concat(tables, ignore_index=True)
    half = float(stats.norm.ppf((1 + level) / 2)) * table["se"]
    table["lower"] = np.maximum(table["estimate"] - table["bias"] - half, 0.0)
    table["upper"] = table["estimate"] + half
    asked = table["request"] != EVERYTHING
    most = table["estimate"].where(asked).groupby(table["value_per_lasting_move"]).transform("max")
    table["first"] = asked & (table["estimate"] == most) & (table["lower"] > 0)
    table["n"], table["unit"] = len(benefit), "euro"
    return ValueOfInformation(
        table=table, decisions=pd.concat(decisions, ignore_index=True), upper_bound=True, level=level, n=len(benefit)
    )


def evppi(net_benefit: Floats, inputs: pd.DataFrame, *, rng: np.random.Generator) -> tuple[float, float, float]:
    """Expected value of knowing some inputs perfectly, its standard error and upward bias.

    Parameters
    ----------
    net_benefit : array, shape (draws, decisions)
    inputs : DataFrame, shape (draws, inputs)
    rng : Generator

    Raises
    ------
    InputError, InsufficientDataError
        As `smoothing.surface`.
    """
    found = surface(inputs, net_benefit)
    now = float(net_benefit.mean(axis=0).max())
    estimate = max(float(found.fitted.max(axis=1).mean()) - now, 0.0)
    redrawn = np.array(
        [
            (fit.max(axis=1).mean() - fit.mean(axis=0).max())
            for fit in (found.simulated(rng=rng, times=1)[0] for _ in range(SIMULATIONS))
        ]
    )
    chance = (found.fitted.max(axis=1) - found.fitted[:, int(net_benefit.mean(axis=0).argmax())]).std(ddof=1)
    se = float(np.hypot(redrawn.std(ddof=1), chance / np.sqrt(len(net_benefit))))
    return estimate, se, max(float(redrawn.mean()) - estimate, 0.0)


def _evpi(net_benefit: Floats) -> tuple[float, float]:
    """Expected value of perfect information and its standard error."""
    best = int(net_benefit.mean(axis=0).argmax())
    regret = net_benefit.max(axis=1) - net_benefit[:, best]
    return float(regret.mean()), float(regret.std(ddof=1) / np.sqrt(len(regret)))


def _with_share(rows: pd.DataFrame) -> pd.DataFrame:
    """Share of EVPI per request."""
    whole = float(rows.loc[rows["request"] == EVERYTHING, "estimate"].iloc[0])
    rows["share"] = rows["estimate"] / whole if whole > 0 else 0.0
    return rows


def _checked(
    effects: pd.DataFrame,
    costs: pd.DataFrame | Mapping[Hashable, float],
    inputs: pd.DataFrame,
    requests: Mapping[str, Sequence[Hashable]],
    *,
    values: Sequence[float],
    level: float,
) -> tuple[Floats, Floats]:
    """Effects and costs as arrays."""
    if not 0 < level < 1:
        raise InputError(f"level: must be in (0, 1), got {level}")
    if effects.shape[1] < 2:
        raise InputError(f"effects: at least two decisions are needed, got {list(effects.columns)}")
    if not len(values) or any(not np.isfinite(value) or value < 0 for value in values):
        raise InputError(f"values: at least one, each at least 0, got {list(values)}")
    for request, names in requests.items():
        if not len(names) or request == EVERYTHING:
            raise InputError(f"requests: {request} must name at least one input (and not be {EVERYTHING!r})")
        for name in names:
            if name not in inputs.columns:
                raise unknown(f"requests: {request}", name, map(str, inputs.columns))
    absent = [name for name in effects.columns if name not in costs]
    if absent:
        raise InputError(f"costs: every decision needs one, got none for {absent[0]}")
    spent = np.stack(
        [np.broadcast_to(np.asarray(costs[name], float), len(effects)) for name in effects.columns], axis=1
    )
    benefit = effects.to_numpy(float)
    if not (np.isfinite(benefit).all() and np.isfinite(spent).all()) or len(inputs) != len(effects):
        raise InputError("effects: effects, costs and inputs must be known for the same draws")
    return benefit, spent
