"""Small real results of the strategy, computed by the methods themselves."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import linalg

from studie import regions
from studie.strategy import (
    after_move,
    budget,
    calibration,
    evaluation,
    flows,
    governance,
    information,
    levers,
    limits,
    matrix_draws,
    needed_places,
    network,
    paths,
    pilots,
    priorities,
    scenarios,
    sensitivity,
)

SEEDS = np.random.SeedSequence(11)
STATES = ("1", "2", "3", "4", "5", "6", "uit_beeld", "exit")
RATES = {
    ("1", "2"): 0.018, ("2", "1"): 0.006, ("2", "3"): 0.024, ("2", "4"): 0.004, ("3", "2"): 0.003, ("3", "4"): 0.01,
    ("3", "5"): 0.003, ("4", "2"): 0.003, ("4", "3"): 0.009, ("4", "5"): 0.019, ("4", "6"): 0.008, ("5", "4"): 0.002,
    ("5", "6"): 0.003, ("6", "4"): 0.003, ("6", "5"): 0.002, ("uit_beeld", "2"): 0.016, ("uit_beeld", "4"): 0.02,
    **{(step, "uit_beeld"): 0.004 for step in STATES[:6]}, **{(step, "exit"): 0.006 for step in STATES[:7]},
}  # fmt: skip
START = dict(zip(STATES, (60, 90, 160, 130, 430, 100, 55, 0), strict=True))
MONTHS = 48


def _matrices(draws: int) -> matrix_draws.MatrixDraws:
    rng = np.random.default_rng(1)
    Q = np.zeros((draws, 8, 8))
    for (a, b), rate in RATES.items():
        Q[:, STATES.index(a), STATES.index(b)] = rate * np.exp(0.1 * rng.standard_normal(draws))
    Q[:, range(8), range(8)] = -Q.sum(axis=2)
    P = linalg.expm(Q)
    return matrix_draws.MatrixDraws(states=STATES, values=(P / P.sum(axis=-1, keepdims=True))[None, None])


def _people(factor: float = 1.0) -> pd.DataFrame:
    rows = [(f"r{r}", step, factor * n * (1 + r)) for r in range(3) for step, n in START.items()]
    return pd.DataFrame(rows, columns=["region", "step", "persons"])


@pytest.fixture(scope="session")
def calibrated() -> calibration.Calibration:
    """Three regions with full places on step 5 and people waiting."""
    rows = [
        (f"r{r}", step, value * (1 + r), unit)
        for r in range(3)
        for step, value, unit in (("5", 430, "persons"), ("6", 6, "vacancies"))
    ]
    table = pd.DataFrame(rows, columns=["region", "step", "value", "unit"])
    found = limits.limits(table, regions=("r0", "r1", "r2"))
    situation = flows.situation(
        _matrices(160), _people(), steps=STATES[:6], limits=found, inflow=_people(0.008), waiting=None
    )
    past = pd.DataFrame(
        [("5", 0, 150.0, 120.0, 175.0), ("6", 0, 0.0, 0.0, 0.0)],
        columns=["step", "month", "estimate", "lower", "upper"],
    )
    return calibration.calibrate(situation, past, months=24, interval_level=0.9, rng=np.random.default_rng(5))


def _effect(measure: str, acts_on: str, centre: float, lower: float, upper: float) -> dict:
    form = "normal" if measure == "net_share" else "lognormal"
    return {
        "measure": measure, "acts_on": acts_on, "distribution": form, "centre": centre, "lower": lower, "upper": upper,
        "interval_level": 0.9,
    }  # fmt: skip


def _lever(name: str, *effects: dict, **settings: object) -> levers.Lever:
    return levers.lever(name, {"effects": list(effects), "because": "reden", "source": "bron", **settings})


@pytest.fixture(scope="session")
def given() -> dict[str, list[levers.Lever]]:
    """A network with two effects and an assumed cost, places with a stated one, and one that surely harms."""
    net = _lever(
        "netwerk", _effect("hazard_ratio", "up", 1.05, 0.85, 1.3), _effect("hazard_ratio", "down", 0.95, 0.75, 1.2),
        ramp_months=12, coverage=0.5, cost={"value": 300_000, "unit": "euro/year", "status": "assumed"},
    )  # fmt: skip
    more = _lever(
        "plaatsen", _effect("net_share", "5", 0.7, 0.15, 1.2), amount=120, unit="persons",
        cost={"value": 17_450, "unit": "euro/place/year", "status": "stated"},
    )  # fmt: skip
    worse = _lever("hinder", _effect("hazard_ratio", "up", 0.7, 0.5, 0.95))
    return {"netwerk": [net], "plaatsen": [more], "hinder": [worse]}


@pytest.fixture(scope="session")
def strategy(calibrated, given) -> SimpleNamespace:
    """Every result of flows, scenarios and information."""
    situation = calibrated.situation
    after = after_move.markov(situation.matrices, steps=situation.steps)
    same = {"after": after, "seeds": SEEDS, "months": MONTHS}
    compared = scenarios.compare(situation, given, values=(10_000, 40_000), **same)
    lasting = pd.DataFrame({name: table["lasting_moves"] for name, table in compared.outcomes.items()})
    costs = {name: compared.stated.get(name, 0.0) + compared.assumed.get(name, 0.0) for name in lasting.columns}
    requests = {"wat het netwerk doet": ["netwerk 1", "netwerk 2"], "wat een plaats toevoegt": ["plaatsen"]}
    return SimpleNamespace(
        calibration=calibrated,
        projection=flows.project(situation, months=MONTHS),
        paths=paths.paths(situation, given, **same),
        comparison=compared,
        tornado=sensitivity.tornado(situation, [*given["netwerk"], *given["plaatsen"]], **same),
        variance_shares=sensitivity.variance_shares(compared.inputs, compared.difference("plaatsen", "lasting_moves")),
        needed_places=needed_places.needed_places(
            situation, step="5", target={"r0": 5.0, "r1": 8.0, "r2": 60.0}, years=4
        ),
        value_of_information=information.value_of_information(
            lasting, costs, compared.inputs, requests, values=(20_000, 80_000, 320_000), rng=np.random.default_rng(2)
        ),
    )


@pytest.fixture(scope="session")
def boundaries():
    return regions.boundaries(date="2025-01-01")


@pytest.fixture(scope="session")
def choice() -> pilots.Choice:
    """Pilot areas in the real province, by made-up need."""
    places = regions.municipalities(date="2025-01-01")
    rng = np.random.default_rng(3)
    units = pd.DataFrame(
        {
            "refnis": places["refnis"].to_numpy(), "arrondissement": places["refnis"].astype(str).str[:2].to_numpy(),
            "persons": rng.integers(100, 900, len(places)), "score": rng.uniform(0.1, 0.5, len(places)),
        }
    )  # fmt: skip
    borders = regions.adjacency(date="2025-01-01")
    areas = pilots.connected_areas(units, borders, smallest=2, largest=2)
    draws = pd.DataFrame(
        {a: s + 0.03 * rng.standard_normal(200) for a, s in zip(areas["area"], areas["score"], strict=True)}
    )
    return pilots.choose(areas, borders, tolerance=0.05, most_sets=12, draws=draws)


def _evaluation(sets: int, **options: object) -> evaluation.Evaluation:
    """Parallel design over nine municipalities in which the lot can give so many sets of three."""
    from itertools import combinations

    every = np.array([[u in chosen for u in range(9)] for chosen in combinations(range(9), 3)])
    design = evaluation.parallel(every[:: max(len(every) // sets, 1)][:sets], tuple("abcdefghi"))
    given = {"share": 0.4, "outcome": "relapse", "rng": np.random.default_rng(1), "simulations": 300, **options}
    return evaluation.evaluate(design, np.full(9, 60.0), **given)


@pytest.fixture(scope="session")
def tested() -> SimpleNamespace:
    """A design that can see something, one without any test, one that sees nothing."""
    return SimpleNamespace(
        can=_evaluation(84),
        no_test=_evaluation(6),
        blind=_evaluation(84, icc=0.6, persistence=0.0, outcome="lasting_moves"),
    )


@pytest.fixture(scope="session")
def options() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two levers in three arrondissements, and draws of lasting places per unit."""
    rows = [
        (region, home, lever, cost, gain, most, fixed)
        for region, home in (("Antwerpen", "A"), ("Mechelen", "M"), ("Turnhout", "T"))
        for lever, cost, gain, most, fixed in (
            ("extra_plaatsen", 17_450.0, 0.5, 40, 0.0),
            ("projectsubsidie", 25_000.0, 0.8 if home != "A" else 0.4, 12, 30_000.0),
        )
    ]
    names = ["region", "arrondissement", "lever", "unit_cost", "lasting", "most", "fixed_cost"]
    table = pd.DataFrame(rows, columns=names)
    rng = np.random.default_rng(4)
    return table, pd.DataFrame(table["lasting"].to_numpy() + 0.15 * rng.standard_normal((400, len(table))))


@pytest.fixture(scope="session")
def bought(options) -> SimpleNamespace:
    table, draws = options
    return SimpleNamespace(
        allocation=budget.allocate(table, budget=800_000, draws=draws),
        frontier=budget.frontier(table, [100_000, 300_000, 600_000, 900_000, 1_500_000], draws=draws),
        next_euros=budget.next_euros(table, budget=800_000, step=100_000, draws=draws),
    )


TIES = pd.DataFrame(
    [
        ("provincie Antwerpen", "lokale regisseurs", True), ("provincie Antwerpen", "VDAB", True),
        ("provincie Antwerpen", "GKC", True), ("provincie Antwerpen", "Kamp C", False),
        ("provincie Antwerpen", "Trividend", True), ("Trividend", "socialeeconomiebedrijven", True),
        ("Trividend", "reguliere bedrijven", False), ("socialeeconomiebedrijven", "reguliere bedrijven", True),
        ("lokale regisseurs", "VDAB", True), ("lokale regisseurs", "lokale besturen", True),
        ("volwassenenonderwijs", "maatwerkbedrijven", True), ("GKC", "arbeidszorgorganisaties", False),
    ],
    columns=["from_actor", "to_actor", "confirmed"],
).assign(kind="overleg")  # fmt: skip


@pytest.fixture(scope="session")
def ties() -> pd.DataFrame:
    return TIES


@pytest.fixture(scope="session")
def partners() -> SimpleNamespace:
    """The network as found, and one ring in which nobody is indispensable."""
    names = [f"p{i}" for i in range(12)]
    ring = pd.DataFrame({"from_actor": names, "to_actor": [*names[1:], names[0]], "kind": "overleg", "confirmed": True})
    return SimpleNamespace(
        network=network.measure(TIES, boundary="wie het plan noemt", asked=["provincie Antwerpen"]),
        governance=governance.compare(TIES, lead="provincie Antwerpen", administrator="platform"),
        ring=network.measure(ring, boundary="twaalf partners", asked=names),
    )


@pytest.fixture(scope="session")
def ranked() -> SimpleNamespace:
    """Applications of which one leads, and forms of a platform without and with judgements."""
    rows = [
        (name, criterion, *bounds)
        for name, cells in {
            "aanvraag A": ((0.8, 0.95), (0.7, 0.9), (0.5, 0.9)),
            "aanvraag B": ((0.3, 0.6), (0.5, 0.9), (0.2, 0.6)),
            "aanvraag C": ((0.1, 0.5), (0.2, 0.5), (0.6, 0.9)),
            "aanvraag D": ((0.0, 0.3), (0.1, 0.6), (0.1, 0.4)),
            "aanvraag E": ((0.2, 0.7), (0.1, 0.5), (0.2, 0.5)),
        }.items()
        for criterion, bounds in zip(("blind_spot", "shortage_sector", "societal_challenge"), cells, strict=True)
    ]
    measures = pd.DataFrame(rows, columns=["alternative", "criterion", "lower", "upper"])
    close = measures[measures["alternative"].isin(["aanvraag B", "aanvraag C"])]
    form = priorities.elicitation_form(["regisseur", "gemeente"])
    rng = np.random.default_rng(6)
    form["lower"] = rng.uniform(0, 0.5, len(form))
    form["upper"] = form["lower"] + 0.3
    return SimpleNamespace(
        acceptability=priorities.score(measures, seeds=SEEDS, simulations=2000),
        close=priorities.score(close, seeds=SEEDS, simulations=2000),
        words=priorities.platform_forms(None, seeds=SEEDS),
        judged=priorities.platform_forms(form, seeds=SEEDS, simulations=2000),
    )
