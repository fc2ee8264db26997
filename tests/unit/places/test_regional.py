"""A region beside the whole: weights of need, what is unknown left out and counted, and how surely it is worse."""

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError, InsufficientDataError
from studie.places import gaps
from studie.places.face import Face, measure

AREAS = [1, 2, 3]


def draws(*rows: tuple[float, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=AREAS)


def face(values: pd.DataFrame, *, unknown: tuple[int, ...] = (), worse: str = "high", unit: str = "share") -> Face:
    state = pd.Series(["unknown" if a in unknown else "published" for a in AREAS], index=AREAS)
    shown = measure(values, state, unit=unit, worse=worse, level=0.95)
    return Face(name="volume", measures={"gap share": shown}, level=0.95, n=len(AREAS))


NEED = draws((10.0, 30.0, 60.0), (10.0, 30.0, 60.0))


def test_a_region_is_weighted_by_its_need() -> None:
    found = gaps.regional_gaps([face(draws((0.1, 0.3, 0.5), (0.1, 0.3, 0.5)))], NEED, inside=[1, 2])
    row = found.table.loc[("volume", "gap share")]
    assert row["estimate"] == pytest.approx((10 * 0.1 + 30 * 0.3) / 40)
    assert row["whole"] == pytest.approx((10 * 0.1 + 30 * 0.3 + 60 * 0.5) / 100)
    assert row["worse"] == 0.0
    assert found.need == (40.0, 40.0, 40.0)


def test_what_is_unknown_is_left_out_and_counted_and_not_zero() -> None:
    found = gaps.regional_gaps([face(draws((0.1, 0.3, 0.5)), unknown=(1,))], NEED.head(1), inside=[1, 2])
    row = found.table.loc[("volume", "gap share")]
    assert row["estimate"] == pytest.approx(0.3)
    assert row["known"] == 1


def test_an_unreachable_municipality_counts_as_nobody_in_reach() -> None:
    values = draws((1.0, 1.0, 1.0))
    state = pd.Series(["published", "unreachable", "published"], index=AREAS)
    reach = Face(
        name="reach",
        measures={"reach car": measure(values, state, unit="share", worse="low", level=0.95)},
        level=0.95,
        n=3,
    )
    found = gaps.regional_gaps([reach], NEED.head(1), inside=AREAS).table.loc[("reach", "reach car")]
    assert found["estimate"] == pytest.approx(70 / 100)
    assert found["known"] == 3


def test_a_region_of_which_nothing_is_known_has_no_estimate() -> None:
    found = gaps.regional_gaps([face(draws((0.1, 0.3, 0.5)), unknown=(1, 2))], NEED.head(1), inside=[1, 2])
    assert np.isnan(found.table.loc[("volume", "gap share"), "estimate"])
    assert found.to_frame().loc[0, ["quantity", "estimate"]].tolist() == ["need", 40.0]


def test_worse_counts_draws_and_follows_the_bad_end() -> None:
    values = draws((0.9, 0.9, 0.5), (0.1, 0.1, 0.5))
    high = gaps.regional_gaps([face(values)], NEED, inside=[1])
    low = gaps.regional_gaps([face(values, worse="low")], NEED, inside=[1])
    assert high.table["worse"].tolist() == [0.5]
    assert low.table["worse"].tolist() == [0.5]
    assert gaps.regional_gaps([face(values, worse="low")], NEED, inside=[3]).table["worse"].tolist() == [0.5]
    clear = draws((0.9, 0.5, 0.5), (0.8, 0.5, 0.5))
    assert gaps.regional_gaps([face(clear)], NEED, inside=[1]).table["worse"].tolist() == [1.0]
    assert gaps.regional_gaps([face(clear, worse="low")], NEED, inside=[1]).table["worse"].tolist() == [0.0]


def test_the_whole_is_neither_better_nor_worse_than_itself() -> None:
    found = gaps.regional_gaps([face(draws((0.1, 0.3, 0.5), (0.2, 0.4, 0.6)))], NEED, inside=AREAS)
    assert found.table["worse"].tolist() == [0.5]


def test_amounts_are_left_to_the_faces_themselves() -> None:
    found = gaps.regional_gaps([face(NEED), face(NEED, unit="persons")], NEED, inside=[1])
    assert len(found.table) == 1


def test_a_region_without_municipalities_is_refused_and_one_without_known_need_has_nothing_to_say() -> None:
    with pytest.raises(InputError, match="inside"):
        gaps.regional_gaps([face(NEED)], NEED, inside=[])
    with pytest.raises(InsufficientDataError, match="no need known"):
        gaps.regional_gaps([face(NEED)], NEED, inside=[9])


def test_a_municipality_of_which_no_need_is_known_is_left_out_and_counted_as_not_known() -> None:
    found = gaps.regional_gaps([face(draws((0.1, 0.3, 0.5)))], NEED.head(1), inside=[1, 2, 9])
    row = found.table.loc[("volume", "gap share")]
    assert row["estimate"] == pytest.approx((10 * 0.1 + 30 * 0.3) / 40)
    assert (row["known"], found.municipalities) == (2, 3)


def test_a_region_where_nobody_is_in_need_has_nothing_to_weigh_with() -> None:
    with pytest.raises(InsufficientDataError, match="nobody in need"):
        gaps.regional_gaps([face(NEED)], NEED * 0, inside=[1])


def test_other_numbers_of_draws_are_refused_except_one() -> None:
    with pytest.raises(InputError, match="as many draws"):
        gaps.regional_gaps([face(pd.concat([NEED, NEED]))], NEED, inside=[1])


def test_a_part_of_a_face_keeps_its_rows_and_persons() -> None:
    part = face(draws((0.1, 0.3, 0.5))).within([2, 3])
    assert part.to_frame()["refnis"].tolist() == [2, 3]
    assert part.to_frame()["n"].isna().all()


def test_of_a_municipality_that_a_face_does_not_speak_of_it_is_unknown() -> None:
    one = face(draws((0.1, 0.3, 0.5)))
    assert gaps.faces(one, one).to_frame()["quantity"].tolist() == ["gap share"] * 6
    both = gaps.faces(one, one.within([1]))
    shorter = both.faces[1].main.table
    assert shorter["state"].tolist() == ["published", "unknown", "unknown"]
    assert shorter.loc[[2, 3], "estimate"].isna().all()
    assert both.n == 3
    with pytest.raises(InputError, match="at least one"):
        gaps.faces()
