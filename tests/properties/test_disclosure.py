"""Suppression against brute force on small tables, and laws of safe patterns."""

from functools import cache
from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest

from studie.disclosure import audit, suppression


@cache
def moves(rows, columns):
    """Every way to shift one person around a circle of cells: cells that rise and cells that fall, as bits.

    A two-way table with margins is the graph of its rows and columns, margins included, in which the total stands
    for the others with the opposite sign; a shift of one unit falls apart into circles.
    """
    sign = [[-1 if (i == rows) != (j == columns) else 1 for j in range(columns + 1)] for i in range(rows + 1)]
    found = set()
    for size in range(2, min(rows, columns) + 2):
        for used in combinations(range(rows + 1), size):
            for order in permutations(used[1:]):
                for across in permutations(range(columns + 1), size):
                    circle = (used[0], *order)
                    rise = fall = 0
                    for k in range(size):
                        for i, j, way in ((circle[k], across[k], 1), (circle[(k + 1) % size], across[k], -1)):
                            bit = 1 << (i * (columns + 1) + j)
                            if way * sign[i][j] > 0:
                                rise |= bit
                            else:
                                fall |= bit
                    found |= {(rise, fall), (fall, rise)}
    return found


def least(counts, *, threshold, zeros, insider):
    """Number of hidden cells of the smallest safe pattern, by trying all."""
    rows, columns = counts.shape
    full = np.pad(counts, ((0, 1), (0, 1)))
    full[-1], full[:, -1] = full.sum(axis=0), full.sum(axis=1)
    full[-1, -1] = counts.sum()
    value = full.ravel()
    bits = [1 << i for i in range(len(value))]
    empty = sum(bit for bit, n in zip(bits, value, strict=True) if n == 0)
    possible = [(rise, fall, rise | fall) for rise, fall in moves(rows, columns) if not fall & empty]
    secret = (value < threshold) & ((value > 0) | (zeros == "protect"))
    needs = []
    for cell in np.flatnonzero(secret):
        for side in (0, 1):
            if side == 1 and value[cell] == 0:
                continue
            through = [move[2] & ~bits[cell] for move in possible if move[side] & bits[cell]]
            always = ~0
            for support in through:
                always &= support
            needs.append((through, always))  # nobody who knows one of these always can be kept from the cell
    start = sum(bits[i] for i in np.flatnonzero(secret))
    others = np.flatnonzero(~secret)
    for extra in range(len(others) + 1):
        for more in combinations(others, extra):
            hidden = start | sum(bits[i] for i in more)
            if all(_holds(through, always, hidden, insider) for through, always in needs):
                return hidden.bit_count()
    raise AssertionError("hiding everything is safe")


def _holds(through, always, hidden, insider):
    shared = ~0
    for support in through:
        if not support & ~hidden:
            if not insider:
                return True
            shared &= support
            if not shared & ~always:
                return True
    return not through


def tables(number, seed, largest):
    rng = np.random.default_rng(seed)
    for _ in range(number):
        shape = (rng.integers(2, 4), rng.integers(2, largest + 1))
        yield rng.poisson(rng.choice([2.0, 4.0, 8.0], size=shape) * rng.choice([1.0, 3.0]))


@pytest.mark.parametrize("insider", [False, True])
@pytest.mark.parametrize("zeros", ["show", "protect"])
def test_no_smaller_pattern_is_safe(zeros, insider):
    for counts in tables(125, 1 + 2 * insider + (zeros == "show"), 3 if insider else 4):
        found = suppression.suppress(pd.DataFrame(counts), threshold=3, zeros=zeros, insider=insider)
        assert found.optimal
        assert found.cost == least(counts, threshold=3, zeros=zeros, insider=insider), counts
        assert audit.attack(found, insider=insider).passed, counts
