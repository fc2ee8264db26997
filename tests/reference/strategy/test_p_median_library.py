"""OR-Library's p-median instances, reached and proven."""

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse.csgraph import floyd_warshall

from studie.strategy import budget

FOLDER = Path(__file__).resolve().parents[3].parent / "shared" / "reference" / "places"


def instance(name):
    """Shortest distances and number of sites; of edges that stand there twice the last counts."""
    path = FOLDER / f"{name}.txt"
    if not path.exists():
        pytest.skip(f"{name}.txt of OR-Library does not stand beside the checkout")
    (n, _, p), *edges = ([int(word) for word in line.split()] for line in path.read_text().splitlines() if line.strip())
    length = np.full((n, n), np.inf)
    for a, b, cost in edges:
        length[a - 1, b - 1] = length[b - 1, a - 1] = cost
    return floyd_warshall(length), p


@pytest.mark.parametrize(("name", "optimum"), [("pmed1", 5819), ("pmed2", 4093), ("pmed3", 4250)])
def test_the_published_optimum_is_reached_and_proven(name, optimum):
    distances, p = instance(name)
    found = budget.p_median(distances, p)
    assert found.objective == optimum
    assert found.proven
    assert found.gap == 0
    assert len(found.sites) == p
    assert distances[:, found.sites].min(axis=1).sum() == optimum
