"""Fits that end well, fits that say why they do not, and input that is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import linalg

from studie.errors import InputError
from studie.ladder import intensities, observations

MOVES = [(1, 2), (2, 1), (2, 3)]
Q = pd.DataFrame([[-0.2, 0.2, 0.0], [0.1, -0.25, 0.15], [0.0, 0.0, 0.0]], index=[1, 2, 3], columns=[1, 2, 3])


def panel(persons: int = 200, months: int = 8, seed: int = 0, effect: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    sex = rng.integers(0, 2, persons)
    rows = []
    P = [linalg.expm(Q.to_numpy() * np.exp(effect * value)) for value in (0, 1)]
    for person in range(persons):
        state = int(rng.integers(2))
        for month in range(months):
            rows.append((person, month, state + 1, sex[person], "yes" if sex[person] else "no"))
            state = int(rng.choice(3, p=P[sex[person]][state]))
    return pd.DataFrame(rows, columns=["person", "time", "state", "sex", "support"])


def read(data: pd.DataFrame, **options) -> observations.Observations:
    options = {"covariates": ["sex", "support"], **options}
    return observations.from_panel(data, person="person", time="time", state="state", **options)


@pytest.fixture(scope="module")
def seen() -> observations.Observations:
    return read(panel())


@pytest.fixture(scope="module")
def fitted(seen) -> intensities.IntensityFit:
    return intensities.fit(seen, MOVES)


def test_result_has_the_columns_of_every_result(fitted):
    columns = ["quantity", "estimate", "lower", "upper", "n", "unit"]
    for result in (fitted, fitted.sojourn(), fitted.transition_probabilities(3), fitted.next_step()):
        assert result.to_frame().columns.tolist()[-6:] == columns
    table = fitted.to_frame()
    assert (table["lower"] < table["estimate"]).all()
    assert (table["estimate"] < table["upper"]).all()
    assert table["n"].tolist() == [observations.events(read(panel())).loc[a, b] for a, b in MOVES]


def test_log_likelihood_at_the_estimate_is_that_of_the_fit(seen, fitted):
    assert intensities.log_likelihood(seen, fitted.generator()) == pytest.approx(fitted.log_likelihood, abs=1e-9)


def test_labels_of_a_generator_may_come_in_any_order(seen):
    shuffled = Q.loc[[3, 1, 2], [2, 3, 1]]
    assert intensities.log_likelihood(seen, shuffled) == pytest.approx(intensities.log_likelihood(seen, Q))


def test_a_level_is_compared_with_the_first_and_equals_a_zero_one_covariate(seen):
    number = intensities.fit(seen, MOVES, covariates={"sex": "all"})
    word = intensities.fit(seen, MOVES, covariates={"support": "all"})
    assert word.log_likelihood == pytest.approx(number.log_likelihood, abs=1e-8)
    assert set(word.hazard_ratios().to_frame()["covariate"]) == {"support[yes]"}
    np.testing.assert_allclose(word.generator(support="yes"), number.generator(sex=1), rtol=1e-6)


def test_default_covariate_value_is_the_mean_over_intervals(seen):
    fit = intensities.fit(seen, MOVES, covariates={"sex": "all"})
    np.testing.assert_allclose(fit.generator(), fit.generator(sex=fit.means["sex"]))
    assert fit.means["sex"] == pytest.approx(seen.covariates["sex"].iloc[seen.starts].mean())


def test_equal_effects_share_one_parameter(seen):
    fit = intensities.fit(seen, MOVES, covariates={"sex": "all"}, equal={"sex": [[(1, 2), (2, 3)]]})
    assert len(fit.parameters) == 5
    ratios = fit.hazard_ratios().values
    assert ratios["sex", 1, 2] == ratios["sex", 2, 3]


def test_larger_model_is_tested_against_the_smaller(seen, fitted):
    larger = intensities.fit(seen, MOVES, covariates={"sex": "all"})
    test = intensities.likelihood_ratio(fitted, larger).iloc[0]
    assert test["df"] == 3
    assert test["statistic"] == pytest.approx(2 * (larger.log_likelihood - fitted.log_likelihood))
    with pytest.raises(InputError, match="more parameters"):
        intensities.likelihood_ratio(larger, fitted)


def test_an_effect_without_events_is_named_with_its_events_and_the_others_keep_their_interval():
    data = panel(seed=3)
    data["rare"] = 0
    # Nobody with the covariate falls back: the effect on 2→1 runs to zero.
    never = data.groupby("person")["state"].agg(lambda s: not ((s.shift() == 2) & (s == 1)).any())
    data["rare"] = (data["person"].map(never) & (data["person"] % 2 == 0)).astype(int)
    fit = intensities.fit(read(data, covariates=["rare"]), MOVES, covariates={"rare": "all"})
    assert not fit.converged
    assert "rare 2→1" in fit.reason
    assert "0 where it is 1" in fit.reason
    ratio = fit.hazard_ratios().to_frame().set_index(["from_step", "to_step"])
    assert ratio.loc[(2, 1), "upper"] > 1e6
    assert ratio.loc[(2, 3), "upper"] < 10
    assert np.isfinite(fit.intensities(rare=0).se.loc[2, 1])


def test_a_move_that_never_happens_is_named_with_its_events():
    data = panel(seed=1)
    data = data[data["state"] < 3]
    extra = pd.DataFrame({"person": [900, 900], "time": [0, 1], "state": [3, 3], "sex": [0, 0], "support": ["no"] * 2})
    fit = intensities.fit(read(pd.concat([data, extra])), [*MOVES, (3, 2)])
    assert not fit.converged
    assert "2→3 (0 events observed)" in fit.reason


def test_a_search_that_is_cut_short_says_so(seen):
    fit = intensities.fit(seen, MOVES, covariates={"sex": "all"}, max_iterations=1)
    assert not fit.converged
    assert "before a maximum" in fit.reason


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda d: d[d["person"] == 0], {}, "at least two persons"),
        (lambda d: d[d["time"] == 0], {}, "no person was seen twice"),
        (lambda d: d.assign(sex=1), {"covariates": {"sex": "all"}}, "sex: a covariate needs at least two values"),
        (lambda d: d.assign(sex=d["sex"].where(d.index != 3)), {"covariates": {"sex": "all"}}, "must not be missing"),
        (lambda d: d, {"covariates": {"age": "all"}}, "unknown value 'age'"),
        (lambda d: d, {"covariates": {"sex": [(1, 3)]}}, "not an allowed move"),
        (lambda d: d, {"equal": {"sex": [[(1, 2)]]}}, "equal: unknown value"),
        (lambda d: d, {"breaks": [99.0]}, "breaks: must lie between"),
        (lambda d: d, {"level": 95}, "level: must lie"),
    ],
)
def test_input_that_cannot_be_fitted_is_refused(change, options, message):
    with pytest.raises(InputError, match=message):
        intensities.fit(read(change(panel(30))), MOVES, **options)


def test_moves_from_a_step_nobody_started_on_are_refused():
    with pytest.raises(InputError, match="nobody started on 3"):
        intensities.fit(read(panel(30)).__class__(**_only(panel(30), 3)), [*MOVES, (3, 1)])


def _only(data: pd.DataFrame, last: int) -> dict:
    """A panel in which a person who reaches a state is never seen again."""
    reached = data.groupby("person")["state"].transform(lambda s: (s == last).cumsum().shift(fill_value=0))
    return vars(read(data[reached == 0]))


def test_an_impossible_pair_names_the_person_and_the_times():
    with pytest.raises(InputError, match=r"cannot lead from 2 to 1, which person \d+ did between"):
        intensities.fit(read(panel(30)), [(1, 2), (2, 3)])


@pytest.mark.parametrize(
    ("generator", "message"),
    [
        (Q.rename(index={3: 4}), "rows and columns must be the states"),
        (Q + 0.1, "rows must sum to zero"),
        (-Q, "not negative"),
    ],
)
def test_a_wrong_generator_is_refused(seen, generator, message):
    with pytest.raises(InputError, match=message):
        intensities.log_likelihood(seen, generator)


def test_three_kinds_of_interval_agree(seen, fitted):
    rng = np.random.default_rng(0)
    kinds = [fitted, fitted.with_simulation(rng, draws=1000), fitted.with_bootstrap(seen, rng, draws=200)]
    width = np.array([np.log(k.sojourn().upper / k.sojourn().lower) for k in kinds])
    assert np.abs(width / width[0] - 1).max() < 0.25
    assert all(k.sojourn().values.equals(fitted.sojourn().values) for k in kinds)


def test_persons_held_out_are_predicted_better_with_a_covariate_that_matters():
    strong = read(panel(400, effect=1.2, seed=5))
    result = intensities.held_out(strong, MOVES, rng=np.random.default_rng(1), folds=3, covariates={"sex": "all"})
    assert result.lower > 0
    assert result.score == pytest.approx(result.score_against + result.gain)


def test_held_out_log_likelihood_of_the_same_observations_is_that_of_the_fit(seen):
    fit = intensities.fit(seen, MOVES, covariates={"sex": "all"}, breaks=[3.0])
    assert fit.log_likelihood_of(seen) == pytest.approx(fit.log_likelihood, abs=1e-9)


def test_period_probabilities_multiply(seen):
    fit = intensities.fit(seen, MOVES, breaks=[3.0])
    first, second = (linalg.expm(fit.generator(period=p).to_numpy() * t) for p, t in ((1, 3.0), (2, 2.0)))
    np.testing.assert_allclose(fit.transition_probabilities(5.0).values, first @ second, atol=1e-12)


def test_total_time_over_periods_is_the_integral_of_the_probabilities(seen):
    fit = intensities.fit(seen, MOVES, breaks=[3.0])
    u = np.linspace(0, 6, 2401)
    curve = np.array([fit.model and _probabilities(fit, t) for t in u])
    area = np.trapezoid(curve, u, axis=0)
    np.testing.assert_allclose(fit.total_time(6.0).values, area, atol=1e-5)


def _probabilities(fit: intensities.IntensityFit, t: float) -> np.ndarray:
    one, two = (fit.generator(period=p).to_numpy() for p in (1, 2))
    return linalg.expm(one * min(t, 3.0)) @ linalg.expm(two * max(t - 3.0, 0.0))


def test_breaks_may_be_dates():
    data = panel()
    dated = data.assign(time=pd.Timestamp("2020-01-01") + pd.to_timedelta(data["time"] * 30.4375, unit="D"))
    by_date = intensities.fit(read(dated), MOVES, breaks=[pd.Timestamp("2020-01-01") + pd.Timedelta(days=91.3125)])
    by_month = intensities.fit(read(data), MOVES, breaks=[3.0])
    assert by_date.log_likelihood == pytest.approx(by_month.log_likelihood, abs=1e-8)


def test_weights_count_a_person_more_than_once():
    data = panel(60)
    twice = pd.concat([data, data.assign(person=data["person"] + 1000)])
    weighted = intensities.fit(read(data.assign(w=2.0), weight="w"), MOVES)
    assert weighted.log_likelihood == pytest.approx(intensities.fit(read(twice), MOVES).log_likelihood, abs=1e-8)


def test_passage_is_infinite_where_the_target_may_be_missed(fitted):
    passage = fitted.first_passage(1).values
    assert passage.loc[1] == 0
    assert np.isinf(passage.loc[2])
    assert fitted.first_passage(3).values.loc[1] > 0


def test_ladder_moves_are_neighbour_steps_exits_and_relapse():
    moves = intensities.neighbour_moves(["3", "4", "5"], exits=["pension"], relapse="any", away=["uit_beeld"])
    assert ("3", "4") in moves
    assert ("3", "5") not in moves
    assert ("5", "3") in moves
    assert ("4", "pension") in moves
    assert ("uit_beeld", "5") in moves
    assert len(moves) == len(set(moves))


@pytest.mark.parametrize(
    ("confusions", "initial", "message"),
    [
        ({(1, 1): 0.1}, None, "two different states"),
        ({(1, 2): 1.5}, None, "probability in"),
        ({(1, 2): 0.6, (1, 3): 0.6}, None, "sum to less than 1"),
        ({(1, 9): 0.1}, None, "unknown value '9'"),
        ({(1, 2): 0.1}, {1: 0.5}, "sum to 1"),
    ],
)
def test_wrong_confusions_are_refused(seen, confusions, initial, message):
    with pytest.raises(InputError, match=message):
        intensities.fit(seen, MOVES, misclassification=confusions, initial=initial)


def test_sets_are_filled_in_by_the_most_probable_path():
    data = panel(20)
    data.loc[(data["time"] == 3) & (data["state"] < 3), "state"] = 9
    unsure = read(data, state_sets={9: [1, 2]})
    path = intensities.fit(unsure, MOVES).viterbi(unsure)
    assert path.loc[path["observed"] == "{1,2}", "fitted"].isin([1, 2]).all()
    assert (path["observed"] == path["fitted"])[path["observed"] != "{1,2}"].all()
