"""Do the ladder's intervals hold the true values of the demonstration data? Writes results/ladder_truth.md.

    python benchmarks/ladder_truth.py                      200 seeds of persons, about six CPU minutes
    python benchmarks/ladder_truth.py --seeds 20 --jobs 1  fewer

Every seed draws other persons from the same stored truth, with the panel's late entries, missing rows, a missing and an
irregular snapshot and state sets. True values are the functionals of data/demonstration/default/truth.json (long
simulation); those of the Markov version of the truth are exact.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
from scipy import linalg, stats

from studie.data.demonstration import Truth, default_truth, simulate_panel
from studie.ladder import hazards, intensities, matrices, observations, profiles
from studie.ladder.moves import EXITS, Moves
from studie.ladder.observations import Observations

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "ladder_truth.md"
KEYS = ["quantity", "from_step", "to_step", "target_group", "support"]
COLUMNS = [*KEYS, "estimate", "lower", "upper", "events"]
ALL = "alle"
WHOLE = ("1", "2", "3", "4", "5", "6")
AT_WORK = ("5", "6", "{5,6}")
HORIZONS = (12, 24)
FIRST_SEED = 50_000  # persons no other part of the study draws
MONTHS = 84  # the window of the truth
LAST_FOLLOWED = 59.5  # months since the first snapshot: later moves have no 24 months of follow-up
LANDMARKS = (12, 36, 59)  # months since the first snapshot, as in the truth
ENOUGH = 30  # events; below it the exact and Wilson intervals are known to be conservative


# --- estimates, keyed like the true values ---------------------------------------


def observed(panel: pd.DataFrame) -> Observations:
    """The panel as the study reads it."""
    return observations.from_panel(
        panel, person="person_id", time="date", state="step", covariates=["support", "target_group"]
    )


def estimates(panel: pd.DataFrame, *, groups: bool, last: float = LAST_FOLLOWED) -> pd.DataFrame:
    """Every estimate that needs no Markov assumption: KEYS, estimate, lower, upper, events."""
    obs = observed(panel)
    parts = [*after_moves(obs, groups=groups, last=last), *monthly(obs, groups=groups), activation(panel)]
    parts += [*reach_seen(panel, groups=groups), yearly_outflow(panel)]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def after_moves(obs: Observations, *, groups: bool, last: float):
    """Relapse, lasting and competing events after moves up to `last`, by reached step, support and target group."""
    seen = hazards.upward_moves(obs)
    whole = seen.table["reached_step"].isin(WHOLE) & (seen.table["start"] < last)
    for to in (ALL, "4", "5", "6"):
        table = seen.table[whole & (True if to == ALL else seen.table["reached_step"] == to)].reset_index(drop=True)
        moves = replace(seen, table=table)
        yield _keyed(competing(moves), (), to_step=to)
        for by in ((), ("support",), ("target_group",))[: (3 if to == ALL else 2) if groups else 1]:
            relapsed = hazards.relapse(moves, within=HORIZONS, by=by).table
            lasted = hazards.lasting_moves(moves, through=HORIZONS, by=by).table
            yield _keyed(pd.concat([relapsed, lasted]), by, to_step=to)


def competing(moves: Moves) -> pd.DataFrame:
    """Exits and losses from sight together, before any relapse."""
    merged = moves.table["cause"].replace({"exit": "competing", "out_of_sight": "competing", "relapse": "down"})
    return hazards.cumulative_incidence(
        moves.table.assign(cause=merged), duration="duration", cause="cause", person="cluster", times=HORIZONS,
        tolerance=0.1,
    ).table  # fmt: skip


def _keyed(table: pd.DataFrame, by: tuple[str, ...], *, to_step: str) -> pd.DataFrame:
    """Rows named as in the truth."""
    names = {"relapse": "relapse_within_", "lasting": "lasting_", "competing": "competing_"}
    rows = table[table["quantity"].isin(list(names))]
    groups = {name: rows[name] if name in by else ALL for name in ("target_group", "support")}
    quantity = [names[q] + f"{h:.0f}" for q, h in zip(rows["quantity"], rows["time"], strict=True)]
    return rows.assign(quantity=quantity, from_step=ALL, to_step=to_step, **groups)


def monthly(obs: Observations, *, groups: bool):
    """Transition probabilities over one month with clustered intervals, of all and per target group and support."""
    persons = obs.covariates.iloc[obs.first]
    yield _cells(obs).assign(target_group=ALL, support=ALL)
    for (group, support), rows in persons.groupby(["target_group", "support"]).indices.items() if groups else ():
        yield _cells(observations.select(obs, rows)).assign(target_group=group, support=support)


def _cells(obs: Observations) -> pd.DataFrame:
    """Cells of the one-month matrix."""
    table = matrices.transition_matrix(matrices.counts(obs), method="clustered").to_frame()
    return table.assign(quantity="monthly_probability", events=table["estimate"] * table["n"])


def yearly_outflow(panel: pd.DataFrame) -> pd.DataFrame:
    """Twelve times the monthly moves from 5 to 6; a month on 5-6 (0.1 % of those on 5) is read as a month on 5."""
    cells = _cells(observed(panel.assign(step=panel["step"].replace({"5-6": "5"}))))
    row = cells[(cells["from_step"] == "5") & (cells["to_step"] == "6")]
    scaled = {name: 12 * row[name] for name in ("estimate", "lower", "upper")}
    return row.assign(quantity="annual_outflow_5_6", target_group=ALL, support=ALL, **scaled)


def activation(panel: pd.DataFrame) -> pd.DataFrame:
    """On step 5 or 6 at least once after a new arrival on step 4; exits compete, out of sight does not."""
    before = panel["step"].groupby(panel["person_id"]).shift()
    first_month = panel["date"] == panel["date"].min()
    arrived = np.flatnonzero((panel["step"] == "4") & (before != "4") & ~(before.isna() & first_month))
    spells = _first(panel, arrived, AT_WORK, "activation")
    table = hazards.cumulative_incidence(
        spells, duration="duration", cause="cause", person="person", times=(6, 12, 18, 24), tolerance=0.1
    ).table
    rows = table[table["quantity"] == "activation"]
    names = [f"activation_within_{h:.0f}" for h in rows["time"]]
    return rows.assign(quantity=names, from_step="4", to_step="{5,6}", target_group=ALL, support=ALL)


def reach_seen(panel: pd.DataFrame, *, groups: bool):
    """On step 6 at least once within 24 months of three moments, without a model."""
    dates = pd.date_range(panel["date"].min(), periods=84, freq="ME")
    here = panel["date"].isin(dates[list(LANDMARKS)]).to_numpy()
    for step in WHOLE[:-1]:
        rows = np.flatnonzero(here & (panel["step"] == step).to_numpy())
        spells = _first(panel, rows, ("6",), "reached")
        for by in ((), ("support",))[: 2 if groups else 1]:
            table = hazards.cumulative_incidence(
                spells, duration="duration", cause="cause", person="person", times=(24,), by=by, tolerance=0.1
            ).table
            found = table[table["quantity"] == "reached"]
            named = {"target_group": ALL, "support": found["support"] if by else ALL}
            yield found.assign(quantity="reach_6_within_24", from_step=step, to_step="6", **named)


def _first(panel: pd.DataFrame, origin: np.ndarray, wanted: tuple[str, ...], name: str) -> pd.DataFrame:
    """Months from each row of origin to the person's first later row on a wanted step, an exit, or the last row."""
    person = pd.factorize(panel["person_id"])[0]
    months = (panel["date"] - panel["date"].min()).dt.days.to_numpy() / 30.4375
    hit = panel["step"].isin(wanted).to_numpy()
    size = len(panel)
    following = np.where(hit, np.arange(size), size)
    following = np.append(np.minimum.accumulate(following[::-1])[::-1], size)[origin + 1]
    last = np.searchsorted(person, person[origin], side="right") - 1
    reached = following <= last
    end = np.where(reached, following, last)
    gone = panel["step"].isin(EXITS).to_numpy()[last]
    return pd.DataFrame(
        {
            "person": person[origin],
            "duration": months[end] - months[origin],
            "cause": np.select([reached, gone], [name, "exit"], ""),
            "support": panel["support"].to_numpy()[origin],
            "target_group": panel["target_group"].to_numpy()[origin],
        }
    )


def from_intensities(obs: Observations) -> pd.DataFrame:
    """Mean stay and reach of step 6 from a Markov model in continuous time."""
    fit = intensities.fit(obs, profiles.observed_moves(obs))
    stay = fit.sojourn().to_frame().rename(columns={"step": "from_step"}).assign(to_step=ALL)
    reach = fit.reach("6", within=24).to_frame().assign(quantity="reach_6_within_24", to_step="6")
    both = pd.concat([stay, reach[reach["from_step"].isin(WHOLE[:-1])]], ignore_index=True)
    return both.assign(target_group=ALL, support=ALL, events=np.nan)[COLUMNS]


# --- the truth and its Markov version -----------------------------------------------


def stored_values() -> pd.DataFrame:
    """True values of the demonstration data with their simulation error."""
    text = (ROOT / "data" / "demonstration" / "default" / "truth.json").read_text(encoding="utf-8")
    return pd.DataFrame(json.loads(text)["functionals"])


def markov_version(truth: Truth) -> Truth:
    """The truth without time on the step, without a peak of relapse, and with persons alike."""
    return replace(
        truth,
        **constant_hazards(truth),
        effects={},
        municipality=truth.municipality.assign(up_ratio=1.0),
        exits={**truth.exits, "exit_pension": truth.shares["age_band"][-1] * truth.exits["exit_pension"]},
    )


def constant_hazards(truth: Truth) -> dict[str, object]:
    """Shapes and peak that leave hazards as they are on arrival."""
    flat = {"fades": {"floor": 1.0, "months": 12.0}, "activation": {"half_years": [1.0] * 4, "after": 1.0}}
    return {"shapes": flat, "relapse_peak": {**truth.relapse_peak, "factor": 1.0}}


def without_sets(truth: Truth) -> Truth:
    """The same persons with every step known: state sets need another search, thirty times slower."""
    return replace(truth, observation={**truth.observation, "set_rows_on_step_5_or_6": 0.0})


def markov_values(truth: Truth) -> pd.DataFrame:
    """Exact true values of a Markov version: moves of one month and what their powers imply."""
    rates = _rates(truth)
    total = rates.sum(axis=1)
    moving = -np.expm1(-total)
    p = rates.mul((moving / total).where(total > 0, 0), axis=0)
    p += pd.DataFrame(np.diag(1 - moving), p.index, p.columns)
    rows = [("monthly_probability", a, b, p.loc[a, b]) for a in p.index for b in p.index if p.loc[a, b] > 0]
    rows += [("reach_6_within_24", step, "6", _absorbed(p, step, ["6"], 24)) for step in WHOLE[:-1]]
    rows += [(f"activation_within_{h}", "4", "{5,6}", _absorbed(p, "4", ["5", "6"], h)) for h in (6, 12, 18, 24)]
    away = ["uit_beeld", *truth.exits]
    for reached in ("4", "5", "6"):
        below = [state for state in p.index if state not in away and float(state[0]) < float(reached)]
        for h in HORIZONS:
            relapse, gone = (_absorbed(p, reached, group, h, stop=[*below, *away]) for group in (below, away))
            rows += [
                (f"relapse_within_{h}", ALL, reached, relapse),
                (f"competing_{h}", ALL, reached, gone),
                (f"lasting_{h}", ALL, reached, 1 - relapse - gone),
            ]
    return _exact(rows)


def continuous_values(truth: Truth) -> pd.DataFrame:
    """Exact mean stay and reach of step 6 if the rates of a Markov version acted in continuous time."""
    rates = _rates(truth)
    total = rates.sum(axis=1)
    stopped = rates - pd.DataFrame(np.diag(total), rates.index, rates.columns)
    stopped.loc["6"] = 0.0
    p = pd.DataFrame(linalg.expm(24 * stopped.to_numpy()), rates.index, rates.columns)
    rows = [("sojourn", step, ALL, 1 / total[step]) for step in WHOLE]
    return _exact(rows + [("reach_6_within_24", step, "6", p.loc[step, "6"]) for step in WHOLE[:-1]])


def _exact(rows: list[tuple]) -> pd.DataFrame:
    """Values of everybody, without simulation error."""
    frame = pd.DataFrame(rows, columns=[*KEYS[:3], "value"])
    return frame.assign(target_group=ALL, support=ALL, simulation_error=0.0)


def _rates(truth: Truth) -> pd.DataFrame:
    """Rate of every move and exit on arrival, per month."""
    states = _states(truth)
    rates = pd.DataFrame(0.0, index=states, columns=states)
    for origin, to, _, rate, _ in truth.moves:
        rates.loc[origin, to] += rate
    for name, rate in truth.exits.items():
        rates.loc[~rates.index.isin(truth.exits), name] = rate
    return rates


def _states(truth: Truth) -> list[str]:
    """States that moves and exits name."""
    return list(dict.fromkeys([*(state for move in truth.moves for state in move[:2]), *truth.exits]))


def _absorbed(p: pd.DataFrame, start: str, group: list[str], months: int, *, stop: list[str] | None = None) -> float:
    """Probability to have entered `group` within some months, before any other state of `stop`."""
    stopped = p.copy()
    for state in stop or group:
        stopped.loc[state] = 0.0
        stopped.loc[state, state] = 1.0
    reached = np.linalg.matrix_power(stopped.to_numpy(), months)
    return float(pd.DataFrame(reached, p.index, p.columns).loc[start, group].sum())


# --- seeds --------------------------------------------------------------------------


def one_seed(seed: int, *, persons: int, months: int):
    """Estimates and p-values of one seed of the truth and of its Markov version, and the CPU seconds they took."""
    begun = time.process_time()
    truth = default_truth(1, root=ROOT)
    versions = {
        "truth": truth,
        "markov": markov_version(truth),
        "constant hazards, persons differ": replace(truth, **constant_hazards(truth)),
    }

    def drawn(version: Truth) -> pd.DataFrame:
        return simulate_panel(FIRST_SEED + seed, persons=persons, months=months, truth=version)

    found, tests = {}, {}
    for name, version in versions.items():
        panel = drawn(version)
        obs = observed(panel)
        for history in ("duration", "previous") if name in ("truth", "markov") else ("duration",):
            test = hazards.markov_test(obs, history=history)
            tests[name, history] = test.p_value
            tests[name, f"{history}, moves from between two steps left out"] = without_between(test)
        if name in ("truth", "markov"):
            found[name] = estimates(panel, groups=name == "truth", last=LAST_FOLLOWED if name == "truth" else np.inf)
            if name == "truth":
                found["all moves"] = pd.concat(after_moves(obs, groups=True, last=np.inf))[COLUMNS]
            found[f"{name}, model"] = from_intensities(observed(drawn(without_sets(version))))
    return found, tests, time.process_time() - begun


def without_between(test: hazards.MarkovTest) -> float:
    """p-value of the test summed over origins with many persons: whole steps and out of sight."""
    kept = test.by_origin[~test.by_origin["from_step"].str.contains("-") & test.by_origin["statistic"].notna()]
    return float(stats.chi2.sf(kept["statistic"].sum(), kept["df"].sum()))


def coverage(parts: list[pd.DataFrame], values: pd.DataFrame) -> pd.DataFrame:
    """Per true value: seeds, share of intervals that hold it, mean estimate, its spread over seeds, mean events."""
    rows = pd.concat(parts, ignore_index=True).merge(values, on=KEYS, validate="many_to_one")
    rows = rows[rows["estimate"].notna()]
    rows["inside"] = (rows["lower"] <= rows["value"]) & (rows["value"] <= rows["upper"])
    return (
        rows.groupby(KEYS, sort=False)
        .agg(
            value=("value", "first"), simulation_error=("simulation_error", "first"), estimate=("estimate", "mean"),
            spread=("estimate", "std"), events=("events", "mean"), coverage=("inside", "mean"),
            seeds=("inside", "size"),
        )
        .reset_index()
    )  # fmt: skip


# --- the report -----------------------------------------------------------------------

VERSIONS = {
    "truth": "the truth",
    "markov": "Markov version",
    "constant hazards, persons differ": "constant hazards, persons still differ",
}
NOTES = """\
**What is compared.** The stored functionals (`data/demonstration/default/truth.json`, 300,000 persons × 84 months) are
population values; a panel sees few persons, imperfectly. Estimates: `hazards.relapse`, `lasting_moves` and
`cumulative_incidence` on `hazards.upward_moves`; `matrices.transition_matrix(method="clustered")`; activation and
reach by `cumulative_incidence` with exits as the competing event.

**Made equal.** Only upward moves that end on a whole step (a move seen to `3-4` or `{5,6}` is left out); activation
counts every arrival on 4 after the first snapshot, from wherever; reach starts at months 12, 36 and 59; the window is
84 months in both, and only moves of months 1-59 count, which can be followed for 24 months, because the mix of those
who move up changes as a cohort ages.

**Left different** (*away* is the mean estimate minus the true value, in standard deviations of the estimate; 0.3 of
them costs 1 % of coverage):

* The study uses all moves up to month 83, censored: shown apart.
* 1.8 % of rows on 5 or 6 are a set. Pairs with a set are left out, so moves from 5 or 6 to other steps come out 1.8 %
  (relative) too high and moves to them 1.8 % too low; a relapse from 6 to 5 recorded as `{5,6}` is seen a month later.
* 1 % of rows and one snapshot are missing: a move is seen a month later, a relapse within the gap not at all.
* The true values have a simulation error (±).
* Every municipality has at least one person: 67 persons are spread evenly, 0.2 % of them in the truth.

Not estimated: `do(support=…)` (an effect; the study reports the association) and mean stays without a model.
""".splitlines()
MARKOV_NOTES = """\
Constant hazards, no peak of relapse, persons and municipalities alike. True values are exact: powers of the one-month
matrix. The model works in continuous time, so its true values are 1/Σ rate and exp(24 Q): at most one move a month, as
in the panel, makes the reach up to 8 % smaller (from step 1; 1 % from step 4).
""".splitlines()
FAMILIES = {
    "relapse": "relapse within 12 and 24 months",
    "lasting": "lasting through 12 and 24 months",
    "competing": "exit or out of sight within 12 and 24 months",
    "activation": "activation within 6 … 24 months",
    "reach": "reach of step 6 within 24 months",
    "annual": "yearly outflow from 5 to 6",
    "monthly": "monthly probability",
    "sojourn": "mean stay",
}


def families(table: pd.DataFrame) -> pd.DataFrame:
    """Coverage averaged per family of values and by how many events they rest on."""
    family = table["quantity"].str.split("_").str[0].map(FAMILIES)
    group, support = table["target_group"].ne(ALL), table["support"].ne(ALL)
    words = ["target group × support", "target group", "support"]
    whose = np.select([group & support, group, support], words, "all")
    words = ["under 5", f"5 to {ENOUGH}", f"{ENOUGH} and more"]
    size = pd.cut(table["events"], [-1, 5, ENOUGH, np.inf], right=False, labels=words)
    keyed = table.assign(family=family, whose=whose, size=size.astype(object).fillna(""))
    band = table["coverage"].between(0.90, 0.98)
    grouped = keyed.assign(band=band).groupby(["family", "whose", "size"], sort=False)
    return grouped.agg(
        values=("coverage", "size"), mean=("coverage", "mean"), low=("coverage", "min"), high=("coverage", "max"),
        band=("band", "sum"),
    ).reset_index()  # fmt: skip


def family_lines(table: pd.DataFrame) -> list[str]:
    """Markdown of `families`."""
    lines = [
        "| values | of | events per panel | number | mean coverage | lowest | highest | in 90-98 % |",
        "|---|---|---|---:|---:|---:|---:|---:|",
    ]
    for row in families(table).itertuples():
        shares = " | ".join(f"{100 * share:.1f} %" for share in (row.mean, row.low, row.high))
        lines.append(f"| {row.family} | {row.whose} | {row.size} | {row.values} | {shares} | {row.band} |")
    return lines


def value_lines(table: pd.DataFrame) -> list[str]:
    """One line per true value."""
    lines = [
        "| value | from | to | target group | support | true value | mean estimate | away | events | coverage |",
        "|---|---|---|---|---|---:|---:|---:|---:|---:|",
    ]
    for row in table.itertuples():
        away = (row.estimate - row.value) / row.spread
        error = np.sqrt(row.coverage * (1 - row.coverage) / row.seeds)
        events = "" if np.isnan(row.events) else f"{row.events:.0f}"
        known = f"{row.value:.4g}" + (f" ± {row.simulation_error:.2g}" if row.simulation_error else "")
        lines.append(
            f"| {row.quantity} | {row.from_step} | {row.to_step} | {row.target_group} | {row.support} | {known} "
            f"| {row.estimate:.4g} | {away:+.2f} | {events} | {100 * row.coverage:.1f} ± {100 * error:.1f} % |"
        )
    return lines


def test_lines(tests: pd.DataFrame) -> list[str]:
    """Share of seeds in which the Markov test rejects at 5 %."""
    lines = ["| panel | history | rejected at 5 % | seeds |", "|---|---|---:|---:|"]
    for version, history in tests.columns:
        share = float((tests[version, history] < 0.05).mean())
        error = np.sqrt(share * (1 - share) / len(tests))
        lines.append(f"| {VERSIONS[version]} | {history} | {100 * share:.1f} ± {100 * error:.1f} % | {len(tests)} |")
    return lines


def verdict(table: pd.DataFrame) -> list[str]:
    """How many values with enough events lie in 90-98 %, and how many would by chance alone."""
    seeds = int(table["seeds"].max())
    low, high = np.ceil(0.90 * seeds - 1e-9), np.floor(0.98 * seeds + 1e-9)
    chance = stats.binom.cdf(high, seeds, 0.95) - stats.binom.cdf(low - 1, seeds, 0.95)
    monthly = table["quantity"] == "monthly_probability"
    crossed = table["target_group"].ne(ALL) & table["support"].ne(ALL)
    lines = [
        f"| values with at least {ENOUGH} events per panel | number | covered in 90-98 % | mean coverage |",
        "|---|---:|---:|---:|",
    ]
    for name, rows in {
        "relapse, lasting, competing, activation, reach, outflow: all, by support, by target group": ~monthly,
        "monthly probabilities of everybody": monthly & ~crossed,
        "monthly probabilities by target group × support": monthly & crossed,
    }.items():
        part = table.loc[rows & (table["events"] >= ENOUGH), "coverage"]
        lines.append(f"| {name} | {len(part)} | {int(part.between(0.90, 0.98).sum())} | {100 * part.mean():.1f} % |")
    lines += ["", f"With a coverage of exactly 95 %, {seeds} seeds give 90-98 % with probability {chance:.3f}."]
    return lines


def report(raw: list, *, persons: int, months: int) -> list[str]:
    """The whole result as Markdown."""
    memoryless = markov_version(default_truth(1, root=ROOT))
    values = {"markov": markov_values(memoryless), "markov, model": continuous_values(memoryless)}
    stored = stored_values()
    tables = {name: coverage([found[name] for found, _, _ in raw], values.get(name, stored)) for name in raw[0][0]}
    main = tables["truth"]
    monthly = main["quantity"] == "monthly_probability"
    often = main["events"] >= ENOUGH
    outside = main[monthly & often & ~main["coverage"].between(0.90, 0.98)]
    packages = ", ".join(f"{package.__name__} {package.__version__}" for package in (np, pd, scipy))
    machine = f"Python {platform.python_version()}, {packages}; {platform.system()} {platform.machine()}"
    return [
        "# Are the true values of the demonstration data found again?",
        "",
        f"`python benchmarks/ladder_truth.py --seeds {len(raw)} --persons {persons}`: {len(raw)} panels of {persons} "
        f"persons × {months} months from the stored truth, each with other persons. {machine}, "
        f"{sum(cpu for *_, cpu in raw):.0f} CPU s. Intervals of 95 %; ± beside a coverage is its Monte-Carlo standard "
        "error.",
        "",
        *NOTES,
        "",
        *verdict(main),
        "",
        "## All values, by how many events they rest on",
        "",
        *family_lines(main),
        "",
        "## Relapse, lasting moves, activation, reach: one by one",
        "",
        *value_lines(main[~monthly]),
        "",
        "### All moves, the last ones censored, as the study reads a panel",
        "",
        "Not the same value: moves of months 60-83 weigh in, and the mix of those who move up changes with time.",
        "",
        *value_lines(tables["all moves"][tables["all moves"]["target_group"] == ALL]),
        "",
        f"## Monthly probabilities of everybody with at least {ENOUGH} events per panel",
        "",
        *value_lines(main[monthly & often & (main["target_group"] == ALL)]),
        "",
        f"Of the {int((monthly & often).sum())} with so many events, groups included, {len(outside)} lie outside:",
        "",
        *value_lines(outside),
        "",
        "## Markov version of the truth",
        "",
        *MARKOV_NOTES,
        "",
        *family_lines(tables["markov"]),
        "",
        *value_lines(tables["markov, model"]),
        "",
        "## The same Markov model on the truth: why relapse and lasting moves use clock reset",
        "",
        "No coverage is claimed here: hazards that fall with time on the step and peak after a move up break its "
        "assumption. What is seen without a model (above) covers.",
        "",
        *value_lines(tables["truth, model"]),
        "",
        "## Test of the Markov assumption",
        "",
        "A step between two holds few persons (some 100 person months in 8 strata of calendar time); chi-squared is "
        "coarse there.",
        "",
        *test_lines(pd.DataFrame([tests for _, tests, _ in raw])),
    ]  # fmt: skip


def main() -> None:
    """Run every seed and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--persons", type=int, default=3_000)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with ProcessPoolExecutor(options.jobs) as pool:
        raw = list(pool.map(partial(one_seed, persons=options.persons, months=MONTHS), range(options.seeds)))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(report(raw, persons=options.persons, months=MONTHS)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
