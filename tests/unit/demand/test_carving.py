"""Job carving: a prior at work, with its interval."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from studie.demand import carving
from studie.errors import InputError

PRIORS = pd.DataFrame(
    {
        "sector": ["zorg", "bouw"],
        "centre": [0.10, 0.05],
        "lower": [0.04, 0.01],
        "upper": [0.18, 0.11],
        "interval_level": [0.9, 0.9],
        "because": ["assumption", "assumption"],
    }
)


def draws(n=4000):
    rng = np.random.default_rng(1)
    return pd.DataFrame({"zorg": rng.poisson(1000, n), "bouw": rng.poisson(200, n)})


def test_the_prior_keeps_its_mean_and_the_width_of_its_interval():
    a, b = carving.beta_prior(0.10, 0.04, 0.18, interval_level=0.9)
    assert a / (a + b) == pytest.approx(0.10)
    low, high = stats.beta.ppf([0.05, 0.95], a, b)
    assert high - low == pytest.approx(0.14, abs=1e-6)


def test_potential_is_vacancies_times_share_with_both_uncertainties():
    found = carving.potential(draws(), PRIORS, rng=np.random.default_rng(2))
    table = found.to_frame().set_index("sector")
    # Monte-Carlo error of a mean of 4000 draws with deviation about 43: .7; three times that.
    assert table.loc["zorg", "estimate"] == pytest.approx(100, abs=2.1)
    assert table.loc["zorg", "lower"] < 50 and table.loc["zorg", "upper"] > 170
    assert list(table.columns[-6:]) == ["quantity", "estimate", "lower", "upper", "n", "unit"]
    assert found.draws.shape == (4000, 2)


def test_no_vacancies_give_no_workplaces():
    found = carving.potential(draws() * 0, PRIORS, rng=np.random.default_rng(2)).to_frame()
    assert (found[["estimate", "lower", "upper"]] == 0).all(axis=None)


def test_a_sector_without_a_prior_is_refused():
    with pytest.raises(InputError, match="got none for logistiek"):
        carving.potential(draws().assign(logistiek=1), PRIORS, rng=np.random.default_rng(2))


@pytest.mark.parametrize("prior", [(0.1, 0.2, 0.3), (0.1, 0.05, 0.08), (0.1, 0.0, 0.2)])
def test_a_prior_out_of_order_is_refused(prior):
    with pytest.raises(InputError, match="prior"):
        carving.beta_prior(*prior, interval_level=0.9)
