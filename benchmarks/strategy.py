"""The strategy's engine: speed, memory and agreement, in one run: writes benchmarks/results/strategy.md.

Run with `python benchmarks/strategy.py`.
"""

from __future__ import annotations

import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy
from scipy import linalg, stats

from studie.strategy import after_move, calibration, flows, information, levers, limits, matrix_draws, scenarios
from studie.strategy import needed_places as needed

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "benchmarks" / "results" / "strategy.md"
REGIONS, DRAWS, MONTHS = 67, 1000, 120
STATES = ("1", "2", "3", "4", "5", "6", "uit_beeld", "exit")
STEPS = STATES[:6]
STOCK = (60, 90, 160, 130, 430, 100, 55, 0)
RATES = {
    ("1", "2"): 0.018, ("2", "1"): 0.006, ("2", "3"): 0.024, ("2", "4"): 0.004, ("3", "2"): 0.003, ("3", "4"): 0.01,
    ("3", "5"): 0.003, ("4", "2"): 0.003, ("4", "3"): 0.009, ("4", "5"): 0.019, ("4", "6"): 0.008, ("5", "3"): 0.001,
    ("5", "4"): 0.001, ("5", "6"): 0.003, ("6", "3"): 0.001, ("6", "4"): 0.003, ("6", "5"): 0.002,
    ("uit_beeld", "1"): 0.006, ("uit_beeld", "2"): 0.016, ("uit_beeld", "4"): 0.02,
    **{(step, "uit_beeld"): 0.004 for step in STEPS}, **{(step, "exit"): 0.006 for step in STATES[:7]},
}  # fmt: skip


def matrices(rng: np.random.Generator, *, dense: bool) -> matrix_draws.MatrixDraws:
    """Monthly matrices: exp(Q) has every move, I + Q only those of the ladder."""
    Q = np.zeros((DRAWS, 8, 8))
    for (a, b), rate in RATES.items():
        Q[:, STATES.index(a), STATES.index(b)] = rate * np.exp(0.1 * rng.standard_normal(DRAWS))
    Q[:, range(8), range(8)] = -Q.sum(axis=2)
    P = linalg.expm(Q) if dense else np.eye(8) + Q
    return matrix_draws.MatrixDraws(states=STATES, values=(P / P.sum(axis=-1, keepdims=True))[None, None])


def situation(rng: np.random.Generator, *, dense: bool, full: bool, regions: int = REGIONS) -> flows.Situation:
    """A province of regions of different size, with or without limits on steps 3 to 6."""
    names = tuple(f"r{r}" for r in range(regions))
    size = dict(zip(names, 0.05 + 0.05 * np.arange(regions), strict=True))
    people = pd.DataFrame(
        [(r, step, size[r] * n) for r in names for step, n in zip(STATES, STOCK, strict=True)],
        columns=["region", "step", "persons"],
    )
    listed = [(r, s, size[r] * n, u) for r in names for s, n, u in (
        ("3", 160, "persons"), ("4", 130, "persons"), ("5", 430, "persons"), ("6", 6, "vacancies"))]  # fmt: skip
    table = pd.DataFrame(listed, columns=["region", "step", "value", "unit"])
    return flows.situation(
        matrices(rng, dense=dense), people, steps=STEPS, inflow=people.assign(persons=0.008 * people["persons"]),
        limits=limits.limits(table, regions=names) if full else (),
    )  # fmt: skip


def seconds(work: Callable[[], Any], *, times: int = 3) -> tuple[float, Any]:
    """Least CPU seconds of some runs, and the last result."""
    best, found = np.inf, None
    for _ in range(times):
        begin = time.process_time()
        found = work()
        best = min(best, time.process_time() - begin)
    return best, found


def peak() -> float:
    """Most memory this process has held [GB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def walked(here: flows.Situation) -> flows.Walk:
    """Everybody after all months."""
    walk = flows.Walk(here)
    walk.on(MONTHS)
    return walk


def plain(here: flows.Situation, regions: int, draws: int) -> np.ndarray:
    """The same projection without limits as anybody would write it: one matrix product per region, draw and month."""
    out = np.empty((MONTHS, regions, draws, 8))
    for d in range(draws):
        P = here.matrices.values[0, 0, d]
        for r in range(regions):
            now, new = here.stock[:, 0, r, 0], here.inflow[:, 0, r, 0]
            for month in range(MONTHS):
                now = now @ P + new
                out[month, r, d] = now
    return out


def projection(rng: np.random.Generator) -> list[str]:
    lines = [
        f"## Projection: {REGIONS} regions × {DRAWS} draws × {MONTHS} months, one target group",
        "",
        "8 states; limited: places on steps 3, 4, 5 and openings on 6. Monthly quantiles of persons per state and of "
        "every queue. Goal: at most 2 CPU s. CPU seconds on one thread, least of three.",
        "",
        "| moves | limits | walk only | with monthly quantiles | goal | persons lost (relative) | peak memory GB |",
        "|---|---|---|---|---|---|---|",
    ]
    for dense in (False, True):
        for full in (False, True):
            here = situation(rng, dense=dense, full=full)
            alone, walk = seconds(partial(walked, here))
            whole, _ = seconds(partial(flows.project, here, months=MONTHS))
            total = here.stock.sum() + MONTHS * here.inflow.sum()
            lost = float(np.abs(walk.stock.sum(axis=(0, 1, 2)) / total - 1).max())
            lines.append(
                f"| {'all (exp Q)' if dense else 'of the ladder (I + Q)'} | {'3, 4, 5, 6' if full else 'none'} | "
                f"{alone:.2f} | {whole:.2f} | 2 | {lost:.1e} | {peak():.2f} |"
            )
    here = situation(rng, dense=True, full=False)
    regions, draws = 5, 10
    cpu, out = seconds(lambda: plain(here, regions, draws), times=1)
    walk = walked(here)
    gap = np.abs(walk.stock[:, 0, :regions, :draws].transpose(1, 2, 0) - out[-1]).max()
    scale = REGIONS * DRAWS / (regions * draws)
    lines += [
        "",
        f"One matrix product per region, draw and month, no queues, no quantiles: {cpu * scale:.0f} CPU s for the same "
        f"size (measured on {regions} × {draws}, scaled); largest difference after {MONTHS} months {gap:.1e} persons.",
    ]
    return lines


def lever(name: str, **effect: object) -> levers.Lever:
    """A lever with a light network's prior."""
    given = {
        "measure": "hazard_ratio", "acts_on": "up", "distribution": "lognormal", "centre": 1.05, "lower": 0.85,
        "upper": 1.3, "interval_level": 0.9, **effect,
    }  # fmt: skip
    return levers.lever(name, {"effects": [given], "ramp_months": 24, "because": "meting", "source": "meting"})


def questions(rng: np.random.Generator) -> list[str]:
    here = situation(rng, dense=True, full=True)
    waits = {"3": (900, 700, 1200), "4": (300, 200, 400), "5": (1351, 1083, 1533), "6": (0, 0, 0)}
    past = pd.DataFrame(
        [(step, 0, *map(float, found)) for step, found in waits.items()],
        columns=["step", "month", "estimate", "lower", "upper"],
    )
    spent, done = seconds(
        lambda: calibration.calibrate(here, past, months=24, interval_level=0.9, rng=np.random.default_rng(1)), times=1
    )
    after = after_move.markov(done.situation.matrices, steps=STEPS)
    one, _ = seconds(
        lambda: scenarios.compare(
            done.situation, {"netwerk": [lever("netwerk")]}, after=after, seeds=np.random.SeedSequence(1),
            months=MONTHS, values=(10_000,),
        ),
        times=1,
    )  # fmt: skip
    asked, answer = seconds(lambda: needed.needed_places(done.situation, step="5", target=5.0, years=10), times=1)
    table = answer.table
    fewer = table["one_less"].dropna()
    return [
        "## Questions to the same province",
        "",
        "| question | CPU s | check |",
        "|---|---|---|",
        f"| calibrate on 24 months of history | {spent:.2f} | flows and queues within their intervals: "
        f"{'yes' if done.reproduces else 'no'} |",
        f"| one scenario against the baseline, {MONTHS} months | {one:.2f} | the same draws |",
        f"| places needed per region and year, 10 years, waiting ≤ 5 with probability .80 | {asked:.2f} | run forward: "
        f"smallest probability {table['probability'].min():.3f}; with one place less at most {fewer.max():.3f} |",
    ]


def worth(rng: np.random.Generator) -> list[str]:
    lines = [
        "## Value of partial information, two decisions, normal yield (closed form)",
        "",
        "| draws | mean | closed form | regression | standard error | bias | CPU s | nested, equal error, CPU s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for n in (1000, 10_000):
        for mean in (0.0, 0.3):
            X = pd.DataFrame(rng.standard_normal((n, 2)), columns=["phi", "psi"])
            NB = np.stack([np.zeros(n), mean + X["phi"] + 0.7 * X["psi"]], axis=1)
            exact = mean * stats.norm.cdf(mean) + stats.norm.pdf(mean) - max(mean, 0.0)
            cpu, (found, se, bias) = seconds(partial(information.evppi, NB, X[["phi"]], rng=rng), times=1)
            outer = int(np.ceil((0.6 / se) ** 2))  # .6: standard deviation of the gain between answers
            nested, _ = seconds(partial(_nested, rng, mean, outer, inner=500), times=1)
            lines.append(
                f"| {n} | {mean} | {exact:.4f} | {found:.4f} | {se:.4f} | {bias:.4f} | {cpu:.2f} | {nested:.2f} |"
            )
    return lines


def _nested(rng: np.random.Generator, mean: float, outer: int, *, inner: int) -> float:
    phi = rng.standard_normal(outer)
    inside = np.array([(mean + one + 0.7 * rng.standard_normal(inner)).mean() for one in phi])
    return float(np.maximum(inside, 0).mean() - max(inside.mean(), 0))


def main() -> None:
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":  # one thread, so that CPU seconds compare; read when numpy loads
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **one})
    seeds = np.random.SeedSequence(2026).spawn(3)
    sections = [
        part(np.random.default_rng(seed)) for part, seed in zip((projection, questions, worth), seeds, strict=True)
    ]
    head = (
        "# Strategy: flows, scenarios, information\n\nMade by `python benchmarks/strategy.py`.\n\n"
        f"{machine()}; Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}, "
        f"pandas {pd.__version__}."
    )
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text("\n\n".join([head, *("\n".join(lines) for lines in sections)]) + "\n", encoding="utf-8")
    print(f"written: {TARGET.relative_to(ROOT)}")


def machine() -> str:
    """Processor and cores."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        name = f"{models[0]}, {len(models)} cores" if models else name
    return name


if __name__ == "__main__":
    main()
