"""Random streams: one per table and region from one seed, so that adding a region moves nobody's numbers."""

from __future__ import annotations

from zlib import crc32

import numpy as np
from numpy.random import Generator, SeedSequence, default_rng
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def stream(seed: int, table: str, *keys: int) -> Generator:
    """Generator of one table and its keys (region, chunk); other tables and keys never share it."""
    return default_rng(SeedSequence(seed, spawn_key=(crc32(table.encode()), *keys)))


def largest_remainder(weights: Floats, totals: Ints) -> Ints:
    """Whole numbers in proportion to the weights that add up to each total exactly.

    Parameters
    ----------
    weights : array, shape (k,) or (rows, k)
        Non-negative weights, at least one positive per row.
    totals : array, shape (rows,)
        Whole total of each row.

    Returns
    -------
    array, shape (rows, k)
        Whole parts; each row adds up to its total.
    """
    rows = np.atleast_2d(np.asarray(weights, dtype=float))
    wanted = np.atleast_1d(np.asarray(totals, dtype=np.int64))
    rows = np.broadcast_to(rows, (len(wanted), rows.shape[1]))
    exact = rows / rows.sum(axis=1, keepdims=True) * wanted[:, None]
    parts = np.floor(exact).astype(np.int64)
    left = wanted - parts.sum(axis=1)
    rank = np.argsort(np.argsort(-(exact - parts), axis=1, kind="stable"), axis=1, kind="stable")
    return parts + (rank < left[:, None])
