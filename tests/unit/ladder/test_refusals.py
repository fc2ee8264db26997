"""What cannot be estimated is refused in one line or said to be unknown."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.ladder import intensities, matrices, observations, outcomes, pooling


def steps(**changes):
    frame = pd.DataFrame({"o": list("ababab") * 5, "d": list("aabbba") * 5, "x": np.arange(30.0)})
    return frame.assign(**changes)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([np.nan, *range(29)], "formula: must be readable over complete columns"),
        ([np.inf, *range(29)], "formula: covariates must be finite, got 1 rows"),
        ([1.0] * 30, "formula: terms must differ and vary"),
    ],
)
def test_a_logit_refuses_covariates_that_are_missing_infinite_or_constant(x, message):
    with pytest.raises(InputError, match=message):
        matrices.multinomial_logit(steps(x=x), origin="o", destination="d", formula="x")


def panel(**changes):
    frame = pd.DataFrame({"p": [1, 1, 2, 2], "t": [0.0, 1, 0, 1], "s": [1, 2, 1, 1], "x": [0, 0, 1, 1]})
    return frame.assign(**changes)


def observed(**options):
    return observations.from_panel(panel(), person="p", time="t", state="s", **options)


def test_a_fit_with_as_many_parameters_as_cells_has_no_p_value():
    obs = observed()
    test = intensities.fit(obs, moves=[(1, 2)]).pearson(obs).to_frame().set_index("quantity")
    assert np.isnan(test.loc["p_value", "estimate"])


def test_an_unknown_order_is_refused():
    with pytest.raises(InputError, match="did you mean 'sort'"):
        observed(order="sorted")


@pytest.mark.parametrize("value", [np.nan, "a"])
def test_a_covariate_value_that_is_no_number_is_refused(value):
    rows = [(p, float(t), 1 + (p + t) // 2 % 2, p % 2) for p in range(20) for t in range(4)]
    frame = pd.DataFrame(rows, columns=["p", "t", "s", "x"])
    obs = observations.from_panel(frame, person="p", time="t", state="s", covariates=["x"])
    fit = intensities.fit(obs, moves=[(1, 2), (2, 1)], covariates={"x": "all"})
    with pytest.raises(InputError, match="x: must be a finite number"):
        fit.generator(x=value)


def test_one_step_only_is_known_for_sure():
    counts = {r: pd.DataFrame([[n]], index=["1"], columns=["1"]) for r, n in (("a", 5), ("b", 9))}
    table = pooling.pool(counts, pd.DataFrame({"province": ["p", "p"], "municipality": ["a", "b"]})).table
    np.testing.assert_allclose(table[["estimate", "lower", "upper"]], 1.0)


@pytest.mark.parametrize("times", [(), (0,)])
def test_outcomes_need_times_ahead(times):
    with pytest.raises(InputError, match="times: must be whole numbers of at least 1"):
        outcomes.outcomes(observed(), origins=[1], times=times)
