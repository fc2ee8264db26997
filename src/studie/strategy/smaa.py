"""Which alternative ranks where when neither weights nor scores are certain (SMAA-2)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from studie.errors import InputError
from studie.ladder.intervals import wilson

Floats = np.ndarray
LEVEL = 0.95
SIMULATIONS = 10_000
CHUNK = 500


@dataclass(frozen=True, kw_only=True, eq=False)
class Acceptability:
    """How often each alternative ranks where, over weights and scores.

    Attributes
    ----------
    ranks : DataFrame, alternatives × ranks 1, 2, …
        Share of the draws in which the alternative has the rank; ties share their ranks.
    top : Series by alternative
        Chance to be among the first `k`.
    k : int
    central_weights : DataFrame, alternatives × criteria
        Mean weights of the draws in which it comes first; missing where it never does.
    confidence : Series by alternative
        Chance to come first with its own central weights; missing where it never comes first.
    value : DataFrame
        `alternative, estimate, lower, upper`: overall value with the same weights and scores.
    level : float
        Coverage, in (0, 1).
    n : int
        Draws.
    """

    ranks: pd.DataFrame
    top: pd.Series
    k: int
    central_weights: pd.DataFrame
    confidence: pd.Series
    value: pd.DataFrame
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Keys `alternative, rank, criterion`, then the six columns; bounds of chances are simulation error only."""
        rows: list[tuple] = []
        for name in self.ranks.index:
            for rank, share in self.ranks.loc[name].items():
                rows.append((name, rank, "", "rank_acceptability", *self._wilson(share), "share"))
            rows.append((name, self.k, "", "among_the_first", *self._wilson(self.top[name]), "share"))
            first = float(self.ranks.loc[name, 1])
            for criterion, weight in self.central_weights.loc[name].items():
                rows.append((name, 0, criterion, "central_weight", weight, np.nan, np.nan, "share"))
            chance = self._wilson(self.confidence[name]) if first > 0 else (np.nan, np.nan, np.nan)
            rows.append((name, 0, "", "confidence_factor", *chance, "share"))
        rows += [(row[0], 0, "", "value", *row[1:], "1") for row in self.value.itertuples(index=False, name=None)]
        frame = pd.DataFrame(
            rows, columns=["alternative", "rank", "criterion", "quantity", "estimate", "lower", "upper", "unit"]
        )
        frame.insert(7, "n", self.n)
        return frame

    def _wilson(self, share: float) -> tuple[float, float, float]:
        """A share of the draws with its Wilson interval."""
        low, high = wilson(share * self.n, self.n, level=self.level)
        return float(share), min(float(low), float(share)), max(float(high), float(share))


def weights(
    criteria: Sequence[str], n: int, *, seeds: np.random.SeedSequence, order: Sequence[str] = ()
) -> pd.DataFrame:
    """Draws of weights that add up to 1, uniform over all that agree with what is known.

    Parameters
    ----------
    criteria : sequence of str
    n : int
    seeds : SeedSequence
    order : sequence of str, optional
        All criteria, most important first; nothing is known without it.

    Raises
    ------
    InputError
        An order that does not hold every criterion once.
    """
    rng = np.random.default_rng(stream(seeds, "weights"))
    drawn = rng.dirichlet(np.ones(len(criteria)), size=n)
    if order:
        if sorted(order) != sorted(criteria):
            raise InputError(f"order: must hold every criterion once, got {list(order)}")
        return pd.DataFrame(-np.sort(-drawn, axis=1), columns=list(order))[list(criteria)]
    return pd.DataFrame(drawn, columns=list(criteria))


def acceptability(
    values: Mapping[str, Floats], drawn: pd.DataFrame, *, k: int = 3, level: float = LEVEL
) -> Acceptability:
    """Rank acceptabilities from draws of values and weights.

    Parameters
    ----------
    values : mapping from alternative to array, shape (draws, criteria)
        Values in [0, 1], criteria in the order of the weights.
    drawn : DataFrame, shape (draws, criteria)
        `weights`.
    k : int, default 3
    level : float, default 0.95

    Raises
    ------
    InputError
        Fewer than two alternatives, other shapes, values outside [0, 1], or options out of range.

    Notes
    -----
    Overall value Σ_c w_c v_c(x): additive, so the criteria must be preferentially independent. Rank acceptability,
    central weights and confidence factor of SMAA-2 [1]_; the last keeps the weights at the central ones and lets the
    scores vary. An alternative's draws never depend on the others, so adding one changes no order between others.

    References
    ----------
    .. [1] Lahdelma, R. & Salminen, P. (2001). SMAA-2. Oper. Res. 49(3), 444-454.
    """
    if len(values) < 2 or k < 1 or not 0 < level < 1:
        raise InputError(f"alternatives, k, level: at least 2, at least 1, in (0, 1), got {len(values)}, {k}, {level}")
    for name, table in values.items():
        if table.shape != drawn.shape or not ((table >= 0) & (table <= 1)).all():
            raise InputError(f"{name}: values must be draws × criteria {drawn.shape} and in [0, 1]")
    names = list(values)
    V = np.stack([values[name] for name in names], axis=1)
    w = drawn.to_numpy(float)
    overall = np.einsum("dac,dc->da", V, w)
    share = _rank_shares(overall)
    first = share[:, :, 0]
    count = first.sum(axis=0)
    central = np.divide(
        first.T @ w, count[:, None], out=np.full((len(names), w.shape[1]), np.nan), where=count[:, None] > 0
    )
    confidence = np.full(len(names), np.nan)
    for place in np.flatnonzero(count > 0):
        confidence[place] = _rank_shares(V @ central[place])[:, place, 0].mean()
    ranks = pd.DataFrame(share.mean(axis=0), index=names, columns=range(1, len(names) + 1))
    low, high = np.quantile(overall, [(1 - level) / 2, (1 + level) / 2], axis=0)
    mean = overall.mean(axis=0)
    return Acceptability(
        ranks=ranks, top=ranks.loc[:, :k].sum(axis=1), k=k,
        central_weights=pd.DataFrame(central, index=names, columns=drawn.columns),
        confidence=pd.Series(confidence, index=names),
        value=pd.DataFrame({"alternative": names, "estimate": mean, "lower": np.minimum(low, mean),
                            "upper": np.maximum(high, mean)}),
        level=level, n=len(drawn),
    )  # fmt: skip


def stream(seeds: np.random.SeedSequence, *key: Hashable) -> np.random.SeedSequence:
    """A stream of its own by name: others come and go without touching it."""
    return np.random.SeedSequence(seeds.entropy, spawn_key=(*seeds.spawn_key, *"\0".join(map(str, key)).encode()))


def _rank_shares(overall: Floats) -> Floats:
    """Share of each rank per draw and alternative, shape (draws, alternatives, ranks); ties share their ranks."""
    count = overall.shape[1]
    places = np.arange(count)
    parts = []
    for start in range(0, len(overall), CHUNK):
        part = overall[start : start + CHUNK]
        high = stats.rankdata(-part, method="min", axis=1)[:, :, None] - 1
        low = stats.rankdata(-part, method="max", axis=1)[:, :, None]
        parts.append(((places >= high) & (places < low)) / (low - high))
    return np.concatenate(parts)
