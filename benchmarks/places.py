"""Two-step floating catchment beside PySAL access, in one run: writes benchmarks/results/places.md.

Run with `python benchmarks/places.py`. Points lie on a square such that 20,000 of them have some 31 million pairs
within 30 km. Each program and size runs in a process of its own, so that peak memory is its own; both read the same
cost table.
"""

from __future__ import annotations

import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "benchmarks" / "results" / "places.md"
SIZES = (300, 5_000, 20_000)
SIDE_KM = 178.0  # of the square for 20,000 points; smaller sizes keep the density
REACH_KM = 30.0
STEPS = {10: 1.0, 20: 0.68, 30: 0.22}  # minutes at 60 km/h
REPEATS = {300: 3, 5_000: 2, 20_000: 1}
GOAL_SPEED, GOAL_MEMORY = 20, 0.5


def problem(points: int, folder: Path) -> int:
    """Demand, supply and the cost table of one size as files; number of pairs."""
    from studie.places.travel import Speed, Speeds, travel_minutes

    rng = np.random.default_rng(points)
    side = 1000 * SIDE_KM * np.sqrt(points / max(SIZES))
    places = pd.DataFrame(rng.uniform(0, side, (points, 2)), columns=["x", "y"])
    speeds = Speeds(detour=1.0, modes={"car": Speed(kmh={np.inf: 60.0})})
    cost = travel_minutes(places, places, mode="car", speeds=speeds, within_km=REACH_KM)
    for name in cost:
        np.save(folder / f"{name}.npy", cost[name].to_numpy())
    np.save(folder / "points.npy", places.to_numpy())
    np.save(folder / "demand.npy", rng.integers(1, 500, points).astype(float))
    np.save(folder / "supply.npy", rng.integers(1, 40, points).astype(float))
    return len(cost)


def inputs(folder: Path, *, with_cost: bool = True) -> tuple[pd.Series, pd.Series, pd.DataFrame]:
    """The same inputs for everybody."""
    columns = ("origin", "destination", "minutes") if with_cost else ()
    cost = pd.DataFrame({name: np.load(folder / f"{name}.npy") for name in columns}, copy=False)
    return pd.Series(np.load(folder / "demand.npy")), pd.Series(np.load(folder / "supply.npy")), cost


def run_studie(folder: Path) -> tuple[float, np.ndarray]:
    """CPU seconds and access, from the cost table."""
    from studie.places.access import two_step_floating_catchment

    demand, supply, cost = inputs(folder)
    start = time.process_time()
    found = two_step_floating_catchment(demand, supply, cost, STEPS)
    return time.process_time() - start, found.access.to_numpy()


def run_points(folder: Path) -> tuple[float, np.ndarray]:
    """CPU seconds and access, from the points: neighbours, minutes and access."""
    from studie.places.access import Speed, Speeds, travel_minutes, two_step_floating_catchment

    demand, supply, _ = inputs(folder, with_cost=False)
    places = pd.DataFrame(np.load(folder / "points.npy"), columns=["x", "y"])
    speeds = Speeds(detour=1.0, modes={"car": Speed(kmh={np.inf: 60.0})})
    start = time.process_time()
    cost = travel_minutes(places, places, mode="car", speeds=speeds, within_km=REACH_KM)
    found = two_step_floating_catchment(demand, supply, cost, STEPS)
    return time.process_time() - start, found.access.to_numpy()


def run_pysal(folder: Path) -> tuple[float, np.ndarray]:
    """CPU seconds and access of PySAL access, from the cost table in its own column names."""
    warnings.simplefilter("ignore")
    from access import fca, weights

    demand, supply, cost = inputs(folder)
    people, places = demand.rename_axis("geoid").to_frame("demand"), supply.rename_axis("geoid").to_frame("supply")
    cost.columns = ["origin", "dest", "cost"]
    start = time.process_time()
    found = fca.two_stage_fca(
        people, places, cost, max_cost=30, demand_index=True, supply_index=True, weight_fn=weights.step_fn(STEPS)
    )
    return time.process_time() - start, found.to_numpy()


PROGRAMS = {"studie": run_studie, "studie, from points": run_points, "PySAL access": run_pysal}


def child(program: str, folder: Path) -> None:
    """One measurement: its seconds, peak memory and access on disk."""
    seconds, found = PROGRAMS[program](folder)
    np.save(folder / f"{program}.npy", found)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({"seconds": seconds, "gb": peak}))


def called(*arguments: str) -> str:
    """What this script prints when called with arguments in a process of its own."""
    command = [sys.executable, str(Path(__file__).resolve()), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def measured(program: str, folder: Path, repeats: int) -> dict[str, float]:
    """Least CPU seconds and peak memory over the repeats."""
    runs = []
    for _ in range(repeats):
        runs.append(json.loads(called("--child", program, str(folder))))
    return {key: min(run[key] for run in runs) for key in ("seconds", "gb")}


def report(rows: list[dict[str, object]]) -> str:
    """The page."""
    lines = [
        "# Places: two-step floating catchment beside PySAL access",
        "",
        f"`python benchmarks/places.py`, one run on {platform.machine()}, Python {platform.python_version()}, "
        f"access {version('access')}, pandas {version('pandas')}, scipy {version('scipy')}. Uniform points, all pairs "
        "within 30 km, weights 1 / .68 / .22 up to 10 / 20 / 30 minutes. Seconds are CPU seconds of the call, least of "
        "the repeats; memory is the peak of the process, with the cost table and the libraries in it. Both start from "
        "the same cost table; `from points` also finds the neighbours and their minutes.",
        "",
        "| points | pairs | program | CPU s | times faster | peak memory [GB] | share of its memory | largest "
        "relative difference |",
        "|---:|---:|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        lines.append(
            "| {points:,} | {pairs:,} | {program} | {seconds:.3g} | {faster} | {gb:.2f} | {share} | {difference} |"
            "".format(**row)
        )
    big = next(row for row in rows if row["points"] == max(SIZES) and row["program"] == "studie")
    lines += [
        "",
        f"Goal at {max(SIZES):,} points: at least {GOAL_SPEED} × faster and less than {GOAL_MEMORY:.0%} of its memory; "
        f"reached: {big['faster']} × and {big['share']}. The first call of a process pays for memory that it touches "
        "first, which is most of the seconds at that size.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """All sizes and programs, then the page."""
    rows: list[dict[str, object]] = []
    for points in SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            # in a process of its own: a child's peak memory starts at what its parent holds
            pairs = int(called("--problem", str(points), name))
            found = {program: measured(program, folder, REPEATS[points]) for program in PROGRAMS}
            theirs = np.load(folder / "PySAL access.npy")
            for program, values in found.items():
                own = np.load(folder / f"{program}.npy")
                peer = found["PySAL access"]
                same = program == "PySAL access"
                rows.append(
                    {
                        "points": points,
                        "pairs": pairs,
                        "program": program,
                        **values,
                        "faster": "" if same else f"{peer['seconds'] / values['seconds']:.0f}",
                        "share": "" if same else f"{values['gb'] / peer['gb']:.0%}",
                        "difference": "" if same else f"{np.abs(own / theirs - 1).max():.0e}",
                    }
                )
                print(rows[-1], flush=True)
    TARGET.write_text(report(rows), encoding="utf-8")


if __name__ == "__main__":
    if "--child" in sys.argv:
        where = sys.argv.index("--child")
        child(sys.argv[where + 1], Path(sys.argv[where + 2]))
    elif "--problem" in sys.argv:
        where = sys.argv.index("--problem")
        print(problem(int(sys.argv[where + 1]), Path(sys.argv[where + 2])))
    else:
        main()
