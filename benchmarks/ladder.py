"""Our intensity models beside R msm on the same generated panels, and whether their intervals cover.

    python benchmarks/ladder.py                       all of it, R msm included (several minutes)
    python benchmarks/ladder.py --parts speed cover   some parts: speed, flat, large, cover
    python benchmarks/ladder.py --replications 200    fewer replications of the coverage simulation

R is Debian's r-base-core with r-cran-msm; without Rscript its columns stay empty. Writes benchmarks/results/ladder.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
from scipy import linalg

from studie.ladder import collapse, intensities, observations, starting, structure

RESULTS = Path(__file__).resolve().parent / "results" / "ladder.md"
STEPS = 6
MOVES = [(1, 2), (2, 1), (2, 3), (3, 2), (3, 4), (4, 3), (4, 5), (5, 4), (5, 6), (6, 5), (3, 1), (4, 1), (5, 1)]
RATES = [0.05, 0.03, 0.05, 0.03, 0.04, 0.03, 0.04, 0.03, 0.03, 0.02, 0.01, 0.01, 0.01]
EFFECT = 0.3

MSM = """
suppressMessages(library(msm))
args <- commandArgs(TRUE)
panel <- read.csv(args[1])
q <- matrix(0, 6, 6)
q[cbind(c(1,2,2,3,3,4,4,5,5,6,3,4,5), c(2,1,3,2,4,3,5,4,6,5,1,1,1))] <- .03
f <- if (args[2] == "none") NULL else ~ x
start <- proc.time()
m <- msm(state ~ month, subject = person, data = panel, qmatrix = q, covariates = f, gen.inits = TRUE,
         control = list(fnscale = nrow(panel), maxit = 1000, reltol = 1e-13))
used <- proc.time() - start
cat(sprintf('{"cpu": %.3f, "minus2loglik": %.9f, "R": "%s", "msm": "%s"}\\n', used[["user.self"]] + used[["sys.self"]],
    m$minus2loglik, R.version.string, as.character(packageVersion("msm"))))
"""


def generator(x: float, moves=MOVES, rates=RATES, effect: float = EFFECT, size: int = STEPS) -> np.ndarray:
    Q = np.zeros((size, size))
    for (a, b), q in zip(moves, rates, strict=True):
        Q[a - 1, b - 1] = q * np.exp(effect * x * (b > a))
    np.fill_diagonal(Q, -Q.sum(axis=1))
    return Q


def panel(persons: int, months: int, kind: str, rng: np.random.Generator, **options) -> pd.DataFrame:
    """Monthly snapshots in person-time order; `x` acts on the upward moves."""
    values = {
        "none": np.zeros(persons),
        "binary": rng.integers(0, 2, persons).astype(float),
        "continuous": np.round(rng.normal(size=persons), 6),
    }[kind]
    distinct, which = np.unique(values, return_inverse=True)
    P = np.stack([linalg.expm(generator(x, **options)) for x in distinct])
    cumulative = np.cumsum(P, axis=2)
    size = P.shape[1]
    states = np.empty((persons, months + 1), dtype=np.int64)
    states[:, 0] = rng.integers(0, size, persons)
    for month in range(months):
        u = rng.random(persons)
        row = cumulative[which, states[:, month]]
        states[:, month + 1] = np.minimum((row < u[:, None]).sum(axis=1), size - 1)
    return pd.DataFrame(
        {
            "person": np.repeat(np.arange(persons), months + 1),
            "month": np.tile(np.arange(months + 1), persons),
            "state": states.ravel() + 1,
            "x": np.repeat(values, months + 1),
        }
    )


def ours(frame: pd.DataFrame, kind: str, repeats: int = 3) -> tuple[float, intensities.IntensityFit]:
    """Least CPU seconds from frame to optimum with standard errors, and the fit."""
    options = {} if kind == "none" else {"covariates": {"x": "all"}}
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        seen = observations.from_panel(
            frame, person="person", time="month", state="state", covariates=[] if kind == "none" else ["x"]
        )
        fit = intensities.fit(seen, MOVES, **options)
        seconds.append(time.process_time() - start)
    return min(seconds), fit


def msm(frame: pd.DataFrame, kind: str) -> dict | None:
    """CPU seconds and -2 log L of R msm, or None without Rscript."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        csv, script = Path(folder) / "panel.csv", Path(folder) / "msm.R"
        frame.to_csv(csv, index=False)
        script.write_text(MSM, encoding="utf-8")
        done = subprocess.run(["Rscript", str(script), str(csv), kind], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"R msm failed: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def speed(rng: np.random.Generator) -> tuple[list[str], dict | None]:
    lines = [
        "## From frame to optimum, checks and standard errors included",
        "",
        "6 steps, 13 moves, 24 monthly intervals per person; CPU seconds on one thread, ours the least of three.",
        "",
        "| panel | rows | ours | R msm | ratio | goal | −2 log L ours | difference with msm |",
        "|---|---|---|---|---|---|---|---|",
    ]
    versions = None
    for name, persons, kind, shuffled, goal in (
        ("in order", 50_000, "none", False, 500),
        ("shuffled", 50_000, "none", True, 100),
        ("binary covariate, in order", 50_000, "binary", False, 500),
        ("continuous covariate, in order", 2_000, "continuous", False, 200),
    ):
        if not shuffled:
            frame = panel(persons, 24, kind, rng)
            reference = msm(frame, kind)
            versions = reference or versions
        else:
            frame = frame.sample(frac=1, random_state=1)
        seconds, fit = ours(frame, kind)
        assert fit.converged, fit.reason
        value = fit.minus_twice_log_likelihood
        row = [name, f"{len(frame):,}", f"{seconds:.3f}"]
        if reference is None:
            row += ["not run", "", f"{goal} ×", f"{value:.4f}", ""]
        else:
            row += [
                f"{reference['cpu']:.1f}",
                f"{reference['cpu'] / seconds:.0f} ×",
                f"{goal} ×",
                f"{value:.4f}",
                f"{value - reference['minus2loglik']:+.1e}",
            ]
        lines.append("| " + " | ".join(row) + " |")
        print(lines[-1], flush=True)
    return lines, versions


def flat(rng: np.random.Generator) -> list[str]:
    lines = [
        "## Cost of the search once collapsed",
        "",
        "| persons | rows | checks and collapse, CPU s | unique cells | search and standard errors, CPU s |",
        "|---|---|---|---|---|",
    ]

    for persons in (1_000, 10_000, 100_000, 400_000):
        frame = panel(persons, 24, "binary", rng)
        start = time.process_time()
        seen = observations.from_panel(frame, person="person", time="month", state="state", covariates=["x"])
        codes = structure.parse_moves(MOVES, seen.states)
        data = collapse.collapse(seen, moves=codes, covariates=["x"])
        middle = time.process_time()
        form = structure.structure(seen.states, codes, data.design, {"x": "all"}, {})
        likelihood = starting.scaled_likelihood(data, form)
        optimum = starting.maximum(likelihood, starting.crude_start(data, form), "observed", True, 100)
        end = time.process_time()
        assert optimum.stopped == "maximum"
        lines.append(
            f"| {persons:,} | {len(frame):,} | {middle - start:.3f} | {len(data.cell_count)} | {end - middle:.3f} |"
        )
        print(lines[-1], flush=True)
    return lines


LARGE = """
import resource, sys, time
sys.path.insert(0, {here!r})
from ladder import MOVES
from studie.ladder import intensities, larger_than_memory, observations
columns = dict(person="person", time="month", state="state", covariates=["x"])
start, cpu = time.perf_counter(), time.process_time()
if {how!r} == "duckdb":
    import duckdb
    connection = duckdb.connect()
    connection.execute("SET memory_limit = '2GB'")
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET temp_directory = '" + {folder!r} + "'")
    seen = larger_than_memory.from_relation(connection.read_parquet({path!r}), **columns)
else:
    import pandas as pd
    seen = observations.from_panel(pd.read_parquet({path!r}), **columns)
fit = intensities.fit(seen, MOVES, covariates={{"x": "all"}})
assert fit.converged, fit.reason
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(time.perf_counter() - start, time.process_time() - cpu, peak, fit.log_likelihood)
"""


def large(rng: np.random.Generator) -> list[str]:
    persons, months = 400_000, 24
    rows = persons * (months + 1)
    lines = [
        "## Ten million rows, shuffled, from a Parquet file to the optimum (binary covariate)",
        "",
        "| way | rows | seconds | CPU s | rows per second | peak memory, GB |",
        "|---|---|---|---|---|---|",
    ]
    values = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "panel.parquet"
        panel(persons, months, "binary", rng).sample(frac=1, random_state=1).to_parquet(path, index=False)
        for how in ("memory", "duckdb"):
            code = LARGE.format(here=str(Path(__file__).parent), how=how, folder=folder, path=str(path))
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            wall, cpu, peak, value = map(float, done.stdout.splitlines()[-1].split())
            values.append(value)
            name = "in memory (pandas)" if how == "memory" else "counted by DuckDB (limit 2 GB)"
            lines.append(f"| {name} | {rows:,} | {wall:.1f} | {cpu:.1f} | {rows / wall:,.0f} | {peak:.2f} |")
            print(lines[-1], flush=True)
    assert abs(values[0] - values[1]) < 1e-6
    return lines


COVER_MOVES = [(1, 2), (2, 1), (2, 3), (3, 2), (2, 4), (3, 4)]
COVER_RATES = [0.10, 0.06, 0.08, 0.05, 0.02, 0.03]


def cover(rng: np.random.Generator, replications: int) -> list[str]:
    lines = [
        "## Do 95 % intervals cover",
        "",
        f"{replications} panels each; 4 states (one absorbing), 12 monthly snapshots, binary covariate on the upward "
        "moves. Simulation error of a coverage near 95 %: "
        f"{100 * np.sqrt(0.05 * 0.95 / replications):.1f} points.",
        "",
        "| persons | quantity | events per move, median | coverage, lowest and highest | mean | not identified |",
        "|---|---|---|---|---|---|",
    ]
    for persons in (400, 60, 25):
        hits: dict[str, list] = {}
        events, flat_fits = [], 0
        for _ in range(replications):
            frame = panel(persons, 12, "binary", rng, moves=COVER_MOVES, rates=COVER_RATES, effect=EFFECT, size=4)
            seen = observations.from_panel(frame, person="person", time="month", state="state", covariates=["x"])
            fit = intensities.fit(seen, COVER_MOVES, covariates={"x": "all"})
            flat_fits += not fit.converged
            Q = generator(0.0, COVER_MOVES, COVER_RATES, EFFECT, 4)
            truth = [Q[a - 1, b - 1] for a, b in sorted(COVER_MOVES)]
            ratio = [np.exp(EFFECT * (b > a)) for a, b in sorted(COVER_MOVES)]
            P = linalg.expm(12 * Q)
            stay = Q[:3, :3]
            checks = {
                "intensity": (fit.intensities(x=0), truth),
                "hazard ratio": (fit.hazard_ratios(), ratio),
                "sojourn": (fit.sojourn(x=0), -1 / np.diag(stay)),
                "next step": (fit.next_step(x=0), [Q[a - 1, b - 1] / -Q[a - 1, a - 1] for a, b in sorted(COVER_MOVES)]),
                "P(12)": (fit.transition_probabilities(12.0, x=0), P.ravel()),
                "total time, 12 months": (fit.total_time(12.0, x=0), _total(Q, 12.0).ravel()),
                "first passage to 4": (fit.first_passage(4, x=0), [*np.linalg.solve(-stay, np.ones(3)), 0.0]),
                "reach 3 within 6": (fit.reach(3, within=6.0, x=0), _reach(Q, 2, 6.0)),
            }
            for name, (result, value) in checks.items():
                table = result.to_frame()
                lower, upper = table["lower"].to_numpy(), table["upper"].to_numpy()
                known = np.asarray(value)
                inside = (lower <= known * (1 + 1e-9)) & (known * (1 - 1e-9) <= upper)
                certain = upper - lower < 1e-12
                hits.setdefault(name, []).append(np.where(certain, np.nan, inside))
            counts = fit.events.to_numpy()
            events.append([counts[a - 1, b - 1] for a, b in COVER_MOVES])
        for name, rows in hits.items():
            table = np.array(rows, dtype=float)
            each = np.nanmean(table[:, ~np.isnan(table).all(axis=0)], axis=0)
            lines.append(
                f"| {persons} | {name} | {np.median(events):.0f} (least {np.median(np.min(events, axis=1)):.0f}) | "
                f"{100 * each.min():.1f} – {100 * each.max():.1f} | {100 * each.mean():.1f} | {flat_fits} |"
            )
            print(lines[-1], flush=True)
    return lines


def _total(Q: np.ndarray, horizon: float) -> np.ndarray:
    k = len(Q)
    return linalg.expm(np.block([[Q, np.eye(k)], [np.zeros((k, 2 * k))]]) * horizon)[:k, k:]


def _reach(Q: np.ndarray, target: int, within: float) -> np.ndarray:
    stopped = Q.copy()
    stopped[target] = 0.0
    return linalg.expm(stopped * within)[:, target]


def machine() -> str:
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        name = f"{models[0]}, {len(models)} cores" if models else name
    return name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", default=["speed", "flat", "large", "cover"])
    parser.add_argument("--replications", type=int, default=1000)
    arguments = parser.parse_args()
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":  # one thread, so that CPU seconds compare; read when numpy loads
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **one})
    seeds = dict(zip(("speed", "flat", "large", "cover"), np.random.SeedSequence(2025).spawn(4), strict=True))
    sections, versions = [], None
    for part in arguments.parts:
        rng = np.random.default_rng(seeds[part])
        if part == "speed":
            lines, versions = speed(rng)
        elif part == "cover":
            lines = cover(rng, arguments.replications)
        else:
            lines = {"flat": flat, "large": large}[part](rng)
        sections.append("\n".join(lines))
    if shutil.which("Rscript") is None:
        print("Rscript is missing: R msm was skipped (Debian: r-base-core, r-cran-msm)")
    r = f"{versions['R']}, msm {versions['msm']}" if versions else "R msm not run"
    head = (
        "# Ladder: intensity models\n\nMade by `python benchmarks/ladder.py`.\n\n"
        f"{machine()}; Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}, "
        f"pandas {pd.__version__}; {r}."
    )
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n\n".join([head, *sections]) + "\n", encoding="utf-8")
    print(f"written: {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}")


if __name__ == "__main__":
    main()
