"""Tables at the door: what is refused, and by which name."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from studie.errors import InputError
from studie.strategy import flows, limits

REGIONS = ("r0", "r1")


def rows(*more, **columns):
    frame = pd.DataFrame(
        [("r0", "5", 10.0, "places"), ("r1", "5", 20.0, "places"), *more], columns=["region", "step", "value", "unit"]
    )
    return frame.assign(**columns)


def test_places_and_contingent_become_persons_and_the_smaller_counts():
    found = limits.limits(
        rows(("r0", "5", 9.0, "vte"), ("r1", "5", 30.0, "vte")), regions=REGIONS, persons_per_place=1.0,
        persons_per_vte=1.2,
    )  # fmt: skip
    assert found[0].persons[:, :, 0].tolist() == [[10.0, 20.0]]
    found = limits.limits(
        rows(("r0", "5", 5.0, "vte"), ("r1", "5", 30.0, "vte")), regions=REGIONS, persons_per_place=1.0,
        persons_per_vte=1.2,
    )  # fmt: skip
    assert found[0].persons[:, :, 0].tolist() == [[6.0, 20.0]]


def test_a_later_row_holds_from_its_month_on():
    later = rows(month=0)
    later.loc[2] = ["r0", "5", 15.0, "places", 3]
    limit = limits.limits(later, regions=REGIONS, persons_per_place=1.0)[0]
    assert [limit.at(m)[:, 0].tolist() for m in (0, 2, 3, 99)] == [[10, 20], [10, 20], [15, 20], [15, 20]]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (rows(unit=None), "places need a unit"),
        (rows(unit=" "), "places need a unit"),
        (rows(unit="plekken"), "unknown value 'plekken'"),
        (rows(value=-1.0), "value: must be at least 0 and known, got -1.0"),
        (rows(value=np.nan), "value: must be at least 0 and known, got nan"),
        (rows(("r0", "5", 1.0, "places")), "one row per region, step, unit, month"),
        (rows(("elders", "5", 1.0, "places")), "unknown value 'elders'"),
        (rows(("r0", "5", 1.0, "vacancies"), ("r1", "5", 1.0, "vacancies")), "in persons at once or in vacancies"),
        (rows(("r0", "4", 1.0, "places")), "every region needs places from month 0 on, got none for r1"),
        (rows(month=-1), "month: must be a whole number of at least 0"),
        (rows().drop(columns="unit"), "columns region, step, value, unit are needed, got none named unit"),
    ],
)
def test_bad_limits_are_refused_by_name(table, says):
    with pytest.raises(InputError, match=says):
        limits.limits(table, regions=REGIONS, persons_per_place=1.0)


def test_places_need_their_factor():
    with pytest.raises(InputError, match="persons_per_place: a factor above 0 is needed, got None"):
        limits.limits(rows(), regions=REGIONS)


def build(make, **changed):
    whole = make(regions=2, draws=3)
    start = pd.DataFrame([(r, s, 10.0) for r in REGIONS for s in whole.states], columns=["region", "step", "persons"])
    options = {"matrices": whole.matrices, "start": start, "steps": whole.steps, **changed}
    return flows.situation(options.pop("matrices"), options.pop("start"), **options)


def test_an_empty_region_is_refused_by_name(make):
    start = pd.DataFrame([("r0", "1", 10.0), ("r1", "1", 0.0)], columns=["region", "step", "persons"])
    with pytest.raises(InputError, match="every region needs persons, got none in r1"):
        build(make, start=start)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("r0", "7", 1.0), "start: step: unknown value '7'"),
        (("r0", "1", -1.0), "persons must be at least 0"),
        (("r0", "1", 1.0), "got .* twice"),
    ],
)
def test_a_bad_row_of_persons_is_refused(make, row, says):
    good = [("r0", "1", 10.0), ("r1", "1", 10.0)]
    with pytest.raises(InputError, match=says):
        build(make, start=pd.DataFrame([*good, row], columns=["region", "step", "persons"]))


def test_waiting_people_are_among_those_below(make):
    places = limits.limits(rows(), regions=REGIONS, persons_per_place=1.0)
    wait = pd.DataFrame([("r0", "5", 6.0), ("r1", "5", 0.0)], columns=["region", "step", "persons"])
    made = build(make, limits=places, waiting=wait)
    assert made.waiting.sum(axis=(0, 1, 3)) == pytest.approx([6.0, 0.0])
    assert made.stock.sum() == pytest.approx(160.0)
    with pytest.raises(InputError, match="more people would wait on step"):
        build(make, limits=places, waiting=wait.assign(persons=500.0))
    with pytest.raises(InputError, match="only a limited step has people waiting"):
        build(make, limits=places, waiting=wait.assign(step="4"))


def test_a_limited_lowest_step_leaves_nowhere_to_wait(make):
    places = limits.limits(rows(step="1"), regions=REGIONS, persons_per_place=1.0)
    with pytest.raises(InputError, match="below step 1 a step without limit is needed"):
        _ = build(make, limits=places).plan


def test_a_part_of_the_regions_goes_on_as_it_does_in_the_whole(make):
    wait = pd.DataFrame([("r0", "5", 20.0), ("r1", "5", 30.0)], columns=["region", "step", "persons"])
    whole = make(regions=2, draws=5, places={"5": 430.0}, openings={"6": 1.0}, waiting=wait)
    values = np.repeat(whole.matrices.values, 2, axis=1)
    three, five = (whole.states.index(step) for step in ("3", "5"))
    values[:, 1, :, three, three] += values[:, 1, :, three, five]
    values[:, 1, :, three, five] = 0.0  # nobody in r1 makes this move: its own cells of waiting would be fewer
    whole = replace(whole, matrices=replace(whole.matrices, regions=whole.regions, values=values))
    both = flows.project(whole, months=12)
    for place, region in enumerate(whole.regions):
        alone = flows.project(whole.within([region]), months=12)
        for quantity in ("persons", "waiting"):
            np.testing.assert_allclose(alone.of(quantity, "5")[:, :, 0], both.of(quantity, "5")[:, :, 0][..., [place]])
