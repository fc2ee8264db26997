"""A frame about persons computes as any other and prints nothing that could tell somebody."""

import pandas as pd
import pytest

from studie.present.withheld import withheld

PEOPLE = pd.DataFrame({"person_id": ["p-7f3a", "p-11bc"], "step": ["3", "5"], "refnis": [12025, 12025]})
COUNTS = pd.DataFrame({"refnis": [12025, 12014, 12021], "persons": [3.0, 0.0, 41.0], "upper": [4.0, 2.0, 50.0]})


@pytest.mark.parametrize("part", [lambda f: f, lambda f: f.head(1), lambda f: f[f["step"] == "3"], lambda f: f.copy()])
@pytest.mark.parametrize("show", [repr, str, lambda f: f._repr_html_(), lambda f: f.to_string(), lambda f: f.to_html()])
def test_rows_about_persons_are_never_printed(part, show) -> None:
    text = show(part(withheld(PEOPLE, about="rows", threshold=10)))
    assert "p-7f3a" not in text
    assert "niet getoond" in text
    assert "person_id" in text


@pytest.mark.parametrize("show", [repr, lambda f: f._repr_html_(), lambda f: f.to_string(), lambda f: f.to_html()])
def test_small_counts_are_words_and_zero_and_large_ones_are_not(show) -> None:
    text = show(withheld(COUNTS, about="counts", threshold=10))
    assert text.count("te klein") == 3
    assert "41" in text
    assert "3.0" not in text


def test_the_threshold_stays_with_what_is_cut_from_the_frame() -> None:
    few = withheld(COUNTS, about="counts", threshold=45)[["refnis", "persons"]].head(3)
    assert repr(few).count("te klein") == 2


def test_computing_is_as_with_any_frame() -> None:
    people, counts = withheld(PEOPLE, about="rows", threshold=10), withheld(COUNTS, about="counts", threshold=10)
    assert people.groupby("step").size().tolist() == [1, 1]
    assert counts["persons"].sum() == 44
    pd.testing.assert_frame_equal(pd.DataFrame(people), PEOPLE)


def test_tables_without_persons_are_left_as_they_are() -> None:
    assert withheld(COUNTS, about="none", threshold=10) is COUNTS
