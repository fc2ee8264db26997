"""Regional transition matrices that borrow strength: hierarchical empirical-Bayes Dirichlet."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from studie.errors import InputError
from studie.ladder.intervals import LEVEL, Floats, check_level
from studie.ladder.shrinkage import Origin, Tree, pool_origin

OWN_BELOW = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class PooledMatrices:
    """Transition probabilities of every region of every level, shrunk towards the region above.

    Attributes
    ----------
    table : DataFrame
        One row per region, origin and destination: level_name, region, parent, from_step, to_step, method,
        shrinkage, own (the region's own share; nan without data), quantity, estimate, lower, upper, n (starts in
        the region), unit. `method` is `parent` (no data of its own), `pooled`, `own` (shrinkage under 5 %, or
        the top region), or `unknown` (nan: no region above has data either).
    concentration : DataFrame
        One row per level and origin: estimate, lower, upper of the Dirichlet concentration (starts that the region
        above is worth), and the log marginal likelihood at the estimate.
    level : float
        Coverage of each interval.
    n : int
        Moves in all [count].
    """

    table: pd.DataFrame
    concentration: pd.DataFrame
    level: float
    n: int

    def matrix(self, region: Hashable, *, level_name: str | None = None) -> pd.DataFrame:
        """Estimated transition matrix of one region.

        Raises
        ------
        InputError
            If the region is not known.
        """
        rows = self.table[self.table["region"] == region]
        if level_name is not None:
            rows = rows[rows["level_name"] == level_name]
        if rows.empty:
            raise InputError(f"region: must be one of the hierarchy, got {region!r}")
        rows = rows[rows["level_name"] == rows["level_name"].iloc[0]]
        steps = list(dict.fromkeys(rows["from_step"]))
        return rows.set_index(["from_step", "to_step"])["estimate"].unstack().loc[steps, steps]  # noqa: PD010

    def shrinkage(self) -> pd.DataFrame:
        """Weight on the region above per region and origin, with the method and the starts."""
        keys = ["level_name", "region", "parent", "from_step", "method", "shrinkage", "n"]
        return self.table[keys].drop_duplicates(["level_name", "region", "from_step"]).reset_index(drop=True)

    def to_frame(self) -> pd.DataFrame:
        """One row per region, origin and destination, ending in the six columns of every result."""
        return self.table.copy()


def pool(
    counts_by_region: Mapping[Hashable, pd.DataFrame] | pd.DataFrame,
    hierarchy: pd.DataFrame,
    *,
    level: float = LEVEL,
) -> PooledMatrices:
    """Transition matrix per region, pulled towards the region above as far as the data ask for it.

    Parameters
    ----------
    counts_by_region : mapping or DataFrame
        Region → DataFrame or `Counts` of moves, shape (k, k) [count]; or one frame with columns region, from_step,
        to_step, count. Regions are those of the innermost level; a region may be absent (no data).
    hierarchy : DataFrame
        One row per innermost region, one column per level, outermost first (province, arrondissement, working area,
        municipality). The outermost level may hold several regions.
    level : float, default 0.95
        Coverage of each interval, averaged over regions.

    Returns
    -------
    PooledMatrices

    Raises
    ------
    InputError
        If a region has data but no place in the hierarchy, the hierarchy is not nested or names a region twice, or
        the steps differ between regions.

    Notes
    -----
    Per origin, n_r ~ Multinomial(N_r, p_r) and p_r ~ Dirichlet(α_l p_parent(r)) at level l [1]_ [2]_; the top has a
    Dirichlet prior of total weight 1. With w = α/(α + N), E(p_r | n_r, p_parent) = w p_parent + (1 − w) n_r/N_r: w
    is the shrinkage shown. What a region tells the region above is its counts × (α + 1)/(α + N): many moves in one
    region are worth fewer than as many moves in many regions (averaged over α by the harmonic mean of the totals).
    α_l maximises the Dirichlet-multinomial marginal likelihood of all regions of the level, with the parents
    integrated out by Laplace's method (a term −½ d log of the information about each parent, d free probabilities)
    [3]_; each α is then averaged over its marginal likelihood on a grid with the prior 1/(1 + α)^1.5 dα, so that
    its uncertainty, and that of the parent (law of total variance), is in the interval. The interval is that of
    the Beta distribution with the posterior mean and variance, one-sided where its density piles up at 0 or 1.

    The estimate of a region above the innermost level is that of a typical region under it, which is what shrinkage
    pulls towards; the share of all its persons together is in `own`.

    Assumes that regions under one parent are exchangeable and that moves are independent given the step and region;
    several periods of one person are independent only if moves do not depend on the past.

    References
    ----------
    .. [1] Good, I. J. (1965). The Estimation of Probabilities. MIT Press.
    .. [2] Minka, T. P. (2000, rev. 2012). Estimating a Dirichlet distribution. Technical report, MIT.
    .. [3] Kass, R. E. & Steffey, D. (1989). J. Am. Stat. Assoc. 84(407), 717-726.

    Examples
    --------
    >>> areas = pd.DataFrame({"province": ["p", "p"], "municipality": ["a", "b"]})
    >>> moves = pd.DataFrame([[8, 2], [1, 9]], index=["3", "4"], columns=["3", "4"])
    >>> pooled = pool({"a": moves}, areas)
    >>> pooled.shrinkage().query("region == 'b'")["method"].unique().tolist()
    ['parent']
    """
    check_level(level)
    tree = _tree(hierarchy)
    steps, leaf = _leaf_counts(counts_by_region, tree)
    results = [pool_origin(leaf[:, i, :], tree, level=level) for i in range(len(steps))]
    table = _table(results, leaf, tree, steps)
    parts = [result.concentration.copy() for result in results]
    for step, part in zip(steps, parts, strict=True):
        part["from_step"] = pd.Series([step] * len(part), dtype=object)
    concentration = pd.concat(parts, ignore_index=True)
    columns = ["level_name", "from_step", "estimate", "lower", "upper", "log_marginal_likelihood"]
    return PooledMatrices(table=table, concentration=concentration[columns], level=level, n=int(leaf.sum()))


def _tree(hierarchy: pd.DataFrame) -> Tree:
    """Regions per level; refuses a hierarchy that is not nested."""
    names = [str(name) for name in hierarchy.columns]
    if not names or hierarchy.empty:
        raise InputError(f"hierarchy: must have a row per region and a column per level, got shape {hierarchy.shape}")
    if hierarchy.isna().any(axis=None):
        raise InputError("hierarchy: every region needs its place on every level, got missing cells")
    doubled = hierarchy.iloc[:, -1][hierarchy.iloc[:, -1].duplicated()].tolist()
    if doubled:
        raise InputError(f"hierarchy: innermost regions must be unique, got {doubled[:3]} more than once")
    regions, parents = [], []
    for depth in range(len(names)):
        own = hierarchy.iloc[:, depth]
        found = list(dict.fromkeys(own))
        regions.append(found)
        if depth == 0:
            parents.append(np.zeros(len(found), int))
            continue
        above = hierarchy.iloc[:, depth - 1].groupby(own, sort=False).agg(list)
        split = [region for region in found if len(set(above[region])) > 1]
        if split:
            raise InputError(
                f"hierarchy: {names[depth]} must lie in one {names[depth - 1]}, got several for {split[:3]}"
            )
        parents.append(np.array([regions[depth - 1].index(above[region][0]) for region in found]))
    return Tree(names=tuple(names), regions=tuple(regions), parents=tuple(parents))


def _leaf_counts(counts: Mapping[Hashable, pd.DataFrame] | pd.DataFrame, tree: Tree) -> tuple[list[Hashable], Floats]:
    """Steps and counts per innermost region, shape (regions, k, k)."""
    tables = _by_region(counts) if isinstance(counts, pd.DataFrame) else {r: _matrix(t) for r, t in counts.items()}
    if not tables:
        raise InputError("counts_by_region: at least one region must have data, got none")
    strangers = [region for region in tables if region not in tree.regions[-1]]
    if strangers:
        raise InputError(f"counts_by_region: every region needs a place in the hierarchy, got {strangers[:3]} without")
    steps = list(next(iter(tables.values())).index)
    leaf = np.zeros((len(tree.regions[-1]), len(steps), len(steps)))
    place = {region: i for i, region in enumerate(tree.regions[-1])}
    for region, table in tables.items():
        if set(table.index) != set(steps) or set(table.columns) != set(steps):
            raise InputError(f"counts_by_region: steps must be the same in every region, got others in {region!r}")
        leaf[place[region]] = table.loc[steps, steps].to_numpy(float)
    if not np.isfinite(leaf).all() or (leaf < 0).any():
        raise InputError("counts_by_region: counts must be finite and not negative, got a negative or missing one")
    return steps, leaf


def _matrix(table: object) -> pd.DataFrame:
    """The table of a region, from a frame or from `Counts`."""
    return table if isinstance(table, pd.DataFrame) else table.matrix  # type: ignore[attr-defined]


def _by_region(long: pd.DataFrame) -> dict[Hashable, pd.DataFrame]:
    """Square tables per region from a long frame of counts."""
    needed = ["region", "from_step", "to_step", "count"]
    absent = [name for name in needed if name not in long.columns]
    if absent:
        raise InputError(f"counts_by_region: columns {needed} are needed, got none named {absent}")
    steps = sorted({*long["from_step"], *long["to_step"]}, key=lambda step: (str(step).isalpha(), str(step)))
    return {
        region: rows.pivot_table(index="from_step", columns="to_step", values="count", aggfunc="sum", fill_value=0)
        .reindex(index=steps, columns=steps, fill_value=0)
        for region, rows in long.groupby("region", sort=False)
    }  # fmt: skip


def _table(results: list[Origin], leaf: Floats, tree: Tree, steps: list[Hashable]) -> pd.DataFrame:
    """Long table over levels, regions, origins and destinations."""
    k = len(steps)
    own = leaf
    tables = []
    for here in range(len(tree.names) - 1, -1, -1):
        regions = tree.regions[here]
        started = own.sum(axis=2)
        above = [tree.regions[here - 1][p] for p in tree.parents[here]] if here > 0 else [None] * len(regions)
        shrinkage = np.stack([result.shrinkage[here] for result in results], axis=1)
        known = np.stack([np.isfinite(result.estimate[here][:, 0]) for result in results], axis=1)
        method = np.select([~known, started == 0, shrinkage < OWN_BELOW], ["unknown", "parent", "own"], "pooled")
        share = np.divide(own, started[:, :, None], out=np.full_like(own, np.nan), where=started[:, :, None] > 0)
        values = {
            name: np.stack([getattr(result, name)[here] for result in results], axis=1).ravel()
            for name in ("estimate", "lower", "upper")
        }
        tables.append(
            pd.DataFrame(
                {
                    "level_name": tree.names[here],
                    "region": np.repeat(np.array(regions, object), k * k),
                    "parent": np.repeat(np.array(above, object), k * k),
                    "from_step": np.tile(np.repeat(np.array(steps, object), k), len(regions)),
                    "to_step": np.tile(np.array(steps, object), len(regions) * k),
                    "method": np.repeat(method.ravel(), k),
                    "shrinkage": np.repeat(shrinkage.ravel(), k),
                    "own": share.ravel(),
                    "quantity": "transition_probability",
                    **values,
                    "n": np.repeat(_whole(started.ravel()), k),
                    "unit": "probability",
                }
            )
        )
        if here > 0:
            summed = np.zeros((len(tree.regions[here - 1]), k, k))
            np.add.at(summed, tree.parents[here], own)
            own = summed
    return pd.concat(tables[::-1], ignore_index=True)


def _whole(values: Floats) -> np.ndarray:
    """Integers when every value is one, as without weights."""
    return values.astype(np.int64) if np.array_equal(values, np.round(values)) else values
