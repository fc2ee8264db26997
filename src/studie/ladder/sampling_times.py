"""When someone who entered an exact state would next have been seen: drawn from the observed intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studie.ladder.coding import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True)
class ScheduledTimes:
    """Distribution of planned intervals per group, and the intervals to be replaced.

    The product-limit distribution of the intervals of a time group, those ended by an exact entry
    censored, is followed beyond the time of that entry (as R msm does [1]_).

    References
    ----------
    .. [1] Titman, A. C., & Sharples, L. D. (2008). Stat. Med. 27(12), 2177-2195.
    """

    length: FloatArray
    group: IntArray
    edges: list[FloatArray]
    replaced: IntArray
    longest: float
    times: list[FloatArray]
    survival: list[FloatArray]

    @classmethod
    def of(
        cls, length: FloatArray, planned: np.ndarray, group: IntArray, edges: list[FloatArray], replaced: np.ndarray
    ) -> ScheduledTimes:
        """Product-limit distribution per time group."""
        times: list[FloatArray] = []
        survival: list[FloatArray] = []
        for g in range(group.max() + 1):
            mine = group == g
            everyone = np.sort(np.round(length[mine], 4))
            found, events = np.unique(np.round(length[mine & planned], 4), return_counts=True)
            at_risk = len(everyone) - np.searchsorted(everyone, found - 1.5e-8, side="left")
            times.append(found)
            survival.append(np.cumprod(1 - events / np.maximum(at_risk, 1)).astype(float))
        return cls(
            length=length,
            group=group,
            edges=edges,
            replaced=np.flatnonzero(replaced),
            longest=float(length.max()) + 1,
            times=times,
            survival=survival,
        )

    def draw(self, rng: np.random.Generator, interval_group: IntArray) -> tuple[FloatArray, np.ndarray, IntArray]:
        """Lengths with planned ones drawn in, who is beyond the last planned time, and the groups."""
        length, groups = self.length.copy(), interval_group.copy()
        censored = np.zeros(len(length), dtype=bool)
        for i in self.replaced:
            g = self.group[i]
            later = np.flatnonzero(self.times[g] > self.length[i])
            length[i], censored[i] = self.longest, True
            if len(later):
                alive = np.append(self.survival[g][later[0] - 1] if later[0] > 0 else 1.0, self.survival[g][later])
                drop = -np.diff(alive) / max(alive[0], 1e-300)
                if rng.random() < drop.sum():
                    length[i] = rng.choice(self.times[g][later], p=drop / drop.sum())
                    censored[i] = False
            groups[i] = quantile_group(length[i : i + 1], self.edges[g])[0]
        return length, censored, groups


def quantiles(values: FloatArray, groups: int) -> FloatArray:
    """Edges at equal probabilities, as R's default; an edge that occurs more than twice is kept twice."""
    x = np.sort(values)
    # The same floating-point steps as R, because a value may lie exactly on an edge.
    index = (len(x) - 1) * np.minimum(np.arange(groups + 1) * (1 / groups), 1.0)
    low = np.floor(1 + index).astype(int) - 1
    high = np.ceil(1 + index).astype(int) - 1
    h = (1 + index) - (low + 1)
    edges = np.where(x[low] == x[high], x[low], (1 - h) * x[low] + h * x[high])
    _, position = np.unique(edges, return_index=True)
    run = np.arange(len(edges)) - position[np.searchsorted(edges[position], edges)]
    return np.asarray(edges[run < 2])


def quantile_group(values: FloatArray, edges: FloatArray) -> IntArray:
    """Group of each value between edges, closed on the left; a double edge is a group of its own."""
    edges = edges.copy()
    edges[edges == edges.max()] = max(float(edges.max()), float(values.max()))
    edges[edges == edges.min()] = min(float(edges.min()), float(values.min()))
    double = np.flatnonzero(edges[1:] == edges[:-1]) + 1
    edges[double] += 1e-6
    return np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
