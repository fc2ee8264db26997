"""Time, cost and gap of suppression, and whether the independent audit passes.

    python benchmarks/disclosure.py                   both sizes, eight seeds each, with and without an insider
    python benchmarks/disclosure.py --seeds 2         fewer seeds
    python benchmarks/disclosure.py --sizes two       67 x 6 only

Writes benchmarks/results/disclosure.md.
"""

from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path

import highspy
import numpy as np
import pandas as pd

from studie.disclosure import audit, suppression

RESULTS = Path(__file__).resolve().parent / "results" / "disclosure.md"
SHAPES = {"two": (67, 6), "three": (67, 6, 4)}
MEAN = {"two": 3.5, "three": 4.5}  # of the logarithm of a municipality's mean cell
LIMIT = 25.0


def table(size: str, seed: int) -> pd.DataFrame:
    """Counts of municipalities of very different size."""
    rng = np.random.default_rng(seed)
    shape = SHAPES[size]
    mean = rng.lognormal(MEAN[size], 1, (67, 1)) * rng.dirichlet(np.full(6, 2.0)) * 6
    if size == "three":
        mean = mean[:, :, None] * rng.dirichlet(np.full(4, 3.0))
    index = pd.MultiIndex.from_product([range(k) for k in shape], names=["refnis", "step", "group"][: len(shape)])
    return pd.Series(rng.poisson(mean).ravel(), index=index, name="n").reset_index()


def line(size: str, seed: int, insider: bool) -> str:
    """One row of the report."""
    counts = table(size, seed)
    start = time.process_time()
    found = suppression.suppress(counts, insider=insider, time_limit=LIMIT)
    used = time.process_time() - start
    start = time.process_time()
    passed = audit.attack(found, insider=insider).passed
    checked = time.process_time() - start
    status = pd.concat(found.tables.values())["cell_status"].value_counts()
    values = [" × ".join(map(str, SHAPES[size])), "yes" if insider else "no", seed, found.n, status["primary"]]
    values += [f"{found.cost:.0f}", found.status, f"{found.gap:.1%}", f"{used:.2f}"]
    return f"| {' | '.join(map(str, [*values, 'passed' if passed else 'FAILED', f'{checked:.1f}']))} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--sizes", nargs="+", default=list(SHAPES), choices=SHAPES)
    options = parser.parse_args()
    lines = [
        "# Suppression: time, cost and safety",
        "",
        f"Python {platform.python_version()}, HiGHS {highspy.Highs().version()}, one thread, CPU seconds, search limit "
        f"{LIMIT:g} s. Threshold 10, zeros shown, cost = hidden cells, margins included. "
        f"Written by `python benchmarks/disclosure.py --seeds {options.seeds}`.",
        "",
        "| inner cells | insider | seed | cells | primary | hidden | status | gap | CPU s | audit | its CPU s |",
        "|---|---|---:|---:|---:|---:|---|---:|---:|---|---:|",
    ]
    for size in options.sizes:
        for seed in range(options.seeds):
            for insider in (False, True):
                lines.append(line(size, seed, insider))
                print(lines[-1], flush=True)
                RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
