"""A magnitude that tells one enterprise is hidden."""

import pandas as pd
import pytest

from studie.disclosure import dominance
from studie.errors import InputError


def status(*values, **options):
    frame = pd.DataFrame({"sector": "zorg", "enterprise": range(len(values)), "vte": values})
    found = dominance.dominance(frame, by=["sector"], value="vte", contributor="enterprise", **options)
    return found.to_frame()["cell_status"].tolist()[0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((50, 45, 5), "primary"),  # two hold 95 %
        ((60, 20, 8, 7), "published"),  # two hold 84 %, the rest is a quarter of the largest
        ((30, 30, 20, 20), "published"),
        ((50, 50), "primary"),
        ((0, 0, 0), "published"),
    ],
)
def test_few_contributors_stand_out(values, expected):
    assert status(*values) == expected


def test_the_second_largest_may_not_tell_the_largest():
    assert status(60, 30, 8, share=0.95) == "primary"  # 8 is 13 % of 60
    assert status(60, 30, 9, share=0.95) == "published"  # 9 is 15 %


def test_two_rows_of_one_enterprise_are_one_contributor():
    frame = pd.DataFrame({"sector": "zorg", "enterprise": [1, 1, 2], "vte": [20, 20, 30]})
    found = dominance.dominance(frame, by=["sector"], value="vte", contributor="enterprise")
    assert found.cells["contributors"].tolist() == [2]


def test_a_negative_magnitude_is_refused():
    with pytest.raises(InputError, match="0 or more"):
        status(-1, 5)
