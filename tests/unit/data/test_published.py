"""Published figures as a result."""

import pandas as pd
import pytest

from studie.data import catalogue, published
from studie.errors import InputError


@pytest.fixture(scope="module")
def indicator():
    return catalogue.read("indicator").frame


def test_the_waiting_list_of_the_province_is_what_parliament_was_told(indicator):
    waiting = published.published(indicator, ids=["cmw_waiting"])
    assert waiting.last("cmw_waiting", "province:10000") == ("2024", 1083.0)


def test_the_contingent_is_flemish_and_equals_the_open_data(indicator):
    found = published.published(indicator, ids=["cmw_granted_vte", "cmw_filled_vte"], regions=["region:02000"])
    assert found.last("cmw_granted_vte", "region:02000") == ("2026-Q1", 21466.66)
    assert found.last("cmw_filled_vte", "region:02000") == ("2026-Q1", 19913.79)


def test_a_published_figure_has_no_interval_of_ours(indicator):
    frame = published.published(indicator, ids=["cmw_waiting"]).to_frame()
    assert frame[["lower", "upper", "n"]].isna().all(axis=None)
    assert frame["estimate"].notna().all()


def test_an_unknown_indicator_names_the_nearest(indicator):
    with pytest.raises(InputError, match="did you mean 'cmw_waiting'"):
        published.published(indicator, ids=["cmw_wating"])


def test_indicators_in_different_units_are_not_put_together(indicator):
    with pytest.raises(InputError, match="ids: must share one unit"):
        published.published(indicator, ids=["cmw_waiting", "cmw_granted_vte"])


def test_no_rows_is_no_result():
    with pytest.raises(InputError):
        rows = pd.DataFrame({"indicator_id": ["a"], "region": ["x"], "unit": ["u"]})
        published.published(rows, ids=["a"], regions=["y"])


def test_a_figure_that_its_source_hides_is_no_figure(indicator):
    rows = indicator[indicator["indicator_id"] == "cmw_granted_vte"]
    hidden = rows.iloc[[-1]].assign(period="2099-Q4", value=float("nan"))
    known = published.published(rows, ids=["cmw_granted_vte"])
    found = published.published(pd.concat([rows, hidden]), ids=["cmw_granted_vte"])
    assert found.values.equals(known.values)
    assert found.n == known.n
    with pytest.raises(InputError, match="got only hidden ones of cmw_granted_vte"):
        published.published(hidden, ids=["cmw_granted_vte"])
