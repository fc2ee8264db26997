"""Do the intervals of the ladder's estimators cover? Simulated, 1,000 replications; writes results/ladder_coverage.md.

    python benchmarks/ladder_coverage.py [--replications 1000] [--seed 20261123]

The truth of relapse and lasting moves is the share among the same kind of moves (started inside the observation
window) when they are all followed to the end, from a long simulation of the same process.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from studie.ladder import aggregate, hazards, matrices, observations, pooling
from studie.ladder.moves import Moves

LABELS = np.array(["3", "4", "5", "6", "uit_beeld", "exit_moved"], dtype=object)
HIDDEN, GONE = 4, 5
RESULTS = Path(__file__).parent / "results" / "ladder_coverage.md"


def ladder(rng, persons, months, *, relapse, frailty=0.5):
    """Steps per month: relapse falls with time since the last step up, persons differ, some leave."""
    step = rng.integers(0, 3, persons)
    since = np.full(persons, 12.0)
    differ = rng.gamma(1 / frailty, frailty, persons) if frailty else np.ones(persons)
    seen = [step]
    for _ in range(months):
        down = np.minimum(relapse * differ / np.sqrt(1 + since), 0.9)
        u = rng.random(persons)
        away = step >= HIDDEN
        fall = (u < down) & (step > 0) & ~away
        rise = (u > 0.97) & (step < 3) & ~away
        lost = (u > 0.965) & (u <= 0.9675) & ~away
        gone = (u > 0.9675) & (u <= 0.97) & ~away
        step = np.select([fall, rise, lost, gone], [step - 1, step + 1, HIDDEN, GONE], step)
        since = np.where(rise, 0, since + 1)
        seen.append(step)
    return np.array(seen).T


def panel(table, end):
    """Observations of a table of steps, each person until `end`, or until the person left."""
    who, when = np.indices(table.shape)
    left = np.cumsum(table >= HIDDEN, axis=1)
    keep = (when <= end[:, None]) & (left <= 1)
    frame = pd.DataFrame({"who": who[keep], "when": when[keep], "step": LABELS[table[keep]]})
    return observations.from_panel(frame, person="who", time="when", state="step")


def relapse_and_lasting(rng, replications, *, persons, relapse, frailty):
    """Coverage of relapse and lasting moves within and through 12 months."""
    window, horizon = 30, 12
    entry_end = np.tile(np.array([18, 24, 30]), persons)[:persons]

    def followed(table, end):
        moves = hazards.upward_moves(panel(table, np.full(len(table), table.shape[1] - 1))).table
        return moves[moves["start"] <= end[moves["cluster"].to_numpy()]]

    large = 60_000
    truth_end = np.tile(np.array([18, 24, 30]), large // 3)
    known = followed(ladder(rng, large, window + horizon, relapse=relapse, frailty=frailty), truth_end)
    within = known["duration"] <= horizon
    truth = {
        "relapse": float(((known["cause"] == "relapse") & within).mean()),
        "lasting": float(1 - ((known["cause"] != "") & within).mean()),
    }
    inside, events = {name: [] for name in truth}, []
    for _ in range(replications):
        obs = panel(ladder(rng, persons, window, relapse=relapse, frailty=frailty), entry_end)
        moves = hazards.upward_moves(obs)
        if moves.n == 0:
            continue
        for name, table in (
            ("relapse", hazards.relapse(moves, within=[horizon]).table),
            ("lasting", hazards.lasting_moves(moves, through=[horizon]).table),
        ):
            row = table[table["quantity"] == name].iloc[0]
            if np.isfinite(row["estimate"]):
                inside[name].append(row["lower"] <= truth[name] <= row["upper"])
            if name == "relapse":
                events.append(row["events"])
    size = f"{persons} persons, relapse {relapse}, persons {'differ' if frailty else 'alike'}"
    return [
        (f"{name}, 12 months", size, truth[name], np.mean(events), np.mean(values), len(values))
        for name, values in inside.items()
    ]


def matrix(rng, replications, *, persons, method, stay):
    """Coverage of the cells of a transition matrix of a monthly Markov panel, averaged."""
    p = np.array(
        [[stay, 0.7 * (1 - stay), 0.3 * (1 - stay)], [0.5 * (1 - stay), stay, 0.5 * (1 - stay)], [0, 1 - stay, stay]]
    )
    inside, events = [], []
    for _ in range(replications):
        step = rng.integers(0, 3, persons)
        seen = [step]
        for _ in range(12):
            step = (rng.random(persons)[:, None] > np.cumsum(p, axis=1)[step]).sum(axis=1)
            seen.append(step)
        table = np.array(seen).T
        who, when = np.indices(table.shape)
        frame = pd.DataFrame({"who": who.ravel(), "when": when.ravel(), "step": table.ravel()})
        obs = observations.from_panel(frame, person="who", time="when", state="step", states=[0, 1, 2])
        result = matrices.transition_matrix(matrices.counts(obs), method=method)
        cells = (p > 0) & (p < 0.5)
        inside.append(((result.lower <= p) & (p <= result.upper)).to_numpy()[cells].mean())
        events.append((p * result.started.to_numpy()[:, None])[cells].mean())
    return [
        (
            f"transition matrix, {method}",
            f"{persons} persons × 12",
            np.nan,
            np.mean(events),
            np.mean(inside),
            len(inside),
        )
    ]


def aalen_johansen(rng, replications, *, persons, variance):
    """Coverage of the probability to be in the middle state of an illness-death model at time 4."""
    rates = {0: (0.3, 0.1), 1: (0.2, 0.2)}

    def histories(n):
        rows = []
        for who in range(n):
            now, state, end = 0.0, 0, rng.uniform(2, 12)
            while state < 2 and now < end:
                up, out = rates[state]
                stop = now + rng.exponential(1 / (up + out))
                target = 1 - state if rng.random() < up / (up + out) else 2
                rows.append((who, now, min(stop, end), state, target if stop < end else None))
                now, state = stop, target
        return pd.DataFrame(rows, columns=["who", "t0", "t1", "a", "b"])

    generator = np.array([[-0.4, 0.3, 0.1], [0.2, -0.4, 0.2], [0, 0, 0]])
    step = np.linalg.matrix_power(np.eye(3) + generator * 4 / 2**20, 2**20)
    inside = []
    for _ in range(replications):
        result = hazards.aalen_johansen(
            histories(persons), start="t0", stop="t1", from_state="a", to_state="b", person="who", states=[0, 1, 2],
            variance=variance,
        )  # fmt: skip
        row = result.at(4.0).iloc[1]
        inside.append(row["lower"] <= step[0, 1] <= row["upper"])
    events = persons * step[0, 1]
    return [(f"Aalen-Johansen, {variance}", f"{persons} persons", step[0, 1], events, np.mean(inside), len(inside))]


def hazard_ratio(rng, replications, *, persons):
    """Coverage of an adjusted hazard ratio of 2."""
    inside, events = [], []
    for _ in range(replications):
        support = rng.integers(0, 2, persons)
        wait = np.ceil(rng.exponential(1 / (0.03 * np.where(support == 0, 2.0, 1.0))))
        end = rng.integers(4, 30, persons)
        table = pd.DataFrame(
            {
                "cluster": np.arange(persons), "duration": np.minimum(wait, end).astype(float),
                "cause": np.where(wait <= end, "relapse", ""), "support": support,
            }
        )  # fmt: skip
        moves = Moves(table=table, left_truncated=0, undecided=0, from_hidden=0, unit="time unit")
        row = hazards.adjusted_hazards(moves, formula="I(1 - support)").to_frame().iloc[0]
        inside.append(row["lower"] <= 2 <= row["upper"])
        events.append((table["cause"] != "").sum())
    return [("adjusted hazard ratio", f"{persons} moves", 2.0, np.mean(events), np.mean(inside), len(inside))]


def pooled(rng, replications, *, concentration, mean):
    """Coverage over 67 municipalities in 10 working areas and 3 arrondissements, averaged over regions and cells."""
    centre = np.array([0.88, 0.08, 0.03, 0.01])
    area = np.sort(np.concatenate([np.arange(10), rng.integers(0, 10, 57)]))
    above = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
    tree = pd.DataFrame(
        {"province": "p", "arrondissement": above[area], "working_area": area, "municipality": np.arange(67)}
    )
    steps = ["3", "4", "5", "6"]
    inside, small = [], []
    for _ in range(replications):
        arrondissement = [rng.dirichlet(200 * centre) for _ in range(3)]
        working = [rng.dirichlet(100 * arrondissement[a] + 1e-9) for a in above]
        p = np.array([rng.dirichlet(concentration * working[w] + 1e-9) for w in area])
        starts = rng.negative_binomial(0.7, 0.7 / (mean + 0.7), 67)
        moves = np.array([rng.multinomial(n, row) for n, row in zip(starts, p, strict=True)])
        tables = {i: pd.DataFrame([moves[i], [0] * 4, [0] * 4, [0] * 4], index=steps, columns=steps) for i in range(67)}
        table = pooling.pool(tables, tree).table
        rows = table[(table["level_name"] == "municipality") & (table["from_step"] == "3")]
        covered = ((rows["lower"] <= p.ravel()) & (p.ravel() <= rows["upper"])).to_numpy().reshape(67, 4)
        inside.append(covered.mean())
        small.append(covered[starts < 10].mean() if (starts < 10).any() else np.nan)
    name = f"α = {concentration}, {mean} starts per municipality"
    return [
        ("pooled, all municipalities", name, np.nan, mean * 0.04, np.mean(inside), len(inside)),
        ("pooled, municipalities under 10 starts", name, np.nan, np.nan, np.nanmean(small), len(small)),
    ]


def totals(rng, replications, *, periods):
    """Coverage of a three-step matrix from the stocks of one group of 3,000."""
    p = np.array([[0.8, 0.15, 0.05], [0.1, 0.8, 0.1], [0.0, 0.1, 0.9]])
    inside = []
    for _ in range(replications):
        here = np.array([3000, 0, 0])
        rows = [here]
        for _ in range(periods - 1):
            here = np.sum([rng.multinomial(n, row) for n, row in zip(here, p, strict=True)], axis=0)
            rows.append(here)
        result = aggregate.transition_matrix(pd.DataFrame(rows), structure=pd.DataFrame(p > 0), rng=rng, draws=100)
        inside.append(((result.lower <= p) & (p <= result.upper)).to_numpy()[p > 0].mean())
    return [("matrix from totals", f"{periods} periods, 3,000 persons", np.nan, np.nan, np.mean(inside), len(inside))]


def markov(rng, replications, *, memory, history):
    """Share of panels in which the Markov assumption is rejected at 5 %."""
    rejected = []
    for _ in range(replications):
        step, age = rng.integers(1, 4, 200), np.zeros(200)
        seen = [step]
        for _ in range(24):
            hazard, u = 0.06 * (1 + age) ** -memory, rng.random(200)
            up, down = (u < hazard) & (step < 4), (u > 1 - hazard) & (step > 1)
            step, age = step + up - down, np.where(up | down, 0, age + 1)
            seen.append(step)
        table = np.array(seen).T
        who, when = np.indices(table.shape)
        frame = pd.DataFrame({"who": who.ravel(), "when": when.ravel(), "step": table.ravel()})
        obs = observations.from_panel(frame, person="who", time="when", state="step")
        rejected.append(hazards.markov_test(obs, history=history).p_value < 0.05)
    return memory, history, float(np.mean(rejected)), len(rejected)


def scenarios() -> list[tuple[Callable[..., list[tuple]], dict[str, object]]]:
    """What is simulated."""
    moves = [
        {"persons": persons, "relapse": relapse, "frailty": frailty}
        for persons, relapse in ((15, 0.03), (40, 0.03), (40, 0.15), (200, 0.08), (600, 0.08))
        for frailty in (0.0, 0.5)
    ]
    return [
        *((relapse_and_lasting, options) for options in moves),
        *(
            (matrix, {"persons": n, "method": m, "stay": s})
            for n, s in ((20, 0.97), (100, 0.9))
            for m in ("wilson", "clustered")
        ),
        *((aalen_johansen, {"persons": n, "variance": v}) for n in (30, 150) for v in ("aalen", "robust")),
        *((hazard_ratio, {"persons": n}) for n in (100, 400)),
        *((pooled, {"concentration": a, "mean": n}) for a in (20, 50, 200) for n in (8, 40, 200)),
        *((totals, {"periods": n}) for n in (12, 36)),
    ]


def main() -> None:
    """Run everything and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261123)
    options = parser.parse_args()
    begun = time.process_time()
    plan = scenarios()
    streams = np.random.SeedSequence(options.seed).spawn(len(plan) + 4)
    rows = []
    for (simulate, values), stream in zip(plan, streams, strict=False):
        rows += simulate(np.random.default_rng(stream), options.replications, **values)
        print(*rows[-1], flush=True)
    tests = [
        markov(np.random.default_rng(stream), options.replications, memory=memory, history=history)
        for stream, (memory, history) in zip(
            streams[len(plan) :],
            [(0.0, "duration"), (0.0, "previous"), (0.3, "duration"), (0.3, "previous")],
            strict=True,
        )
    ]
    lines = [
        "# Coverage of the ladder's 95 % intervals",
        "",
        f"`python benchmarks/ladder_coverage.py --replications {options.replications} --seed {options.seed}`; "
        f"Python {platform.python_version()}, {time.process_time() - begun:.0f} CPU s. With 1,000 replications a "
        "coverage of 95 % has a standard error of 0.7 points; averages over cells or regions are more precise.",
        "",
        "| estimate | data | truth | events (mean) | coverage | replications |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for name, size, truth, events, coverage, n in rows:
        shown = ["" if np.isnan(value) else f"{value:{spec}}" for value, spec in ((truth, ".3f"), (events, ".1f"))]
        lines.append(f"| {name} | {size} | {shown[0]} | {shown[1]} | {100 * coverage:.1f} % | {n} |")
    lines += [
        "",
        "## Test of the Markov assumption, 200 persons × 24 months",
        "",
        "| hazard falls with (1 + months)^-m, m = | history | rejected at 5 % | replications |",
        "|---:|---|---:|---:|",
        *(f"| {memory} | {history} | {100 * share:.1f} % | {n} |" for memory, history, share, n in tests),
    ]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
