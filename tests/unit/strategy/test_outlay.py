"""What levers cost: the ramp, published and assumed apart, unknown never zero."""

import math

import pytest

from studie.errors import InputError
from studie.strategy import outlay
from studie.strategy.levers import Lever, lever

EFFECT = {
    "measure": "hazard_ratio", "acts_on": "up", "distribution": "lognormal",
    "centre": 1.05, "lower": 0.85, "upper": 1.3, "interval_level": 0.9,
}  # fmt: skip
REASON = {"because": "omdat het een test is", "source": "test"}


def made(name: str, **settings: object) -> Lever:
    return lever(name, {"effects": [EFFECT], **REASON, **settings})


STATED = made(
    "plaatsen",
    amount=10,
    unit="persons",
    ramp_months=24,
    cost={"value": 1200.0, "unit": "euro/place/year", "status": "stated"},
)
ASSUMED = made("netwerk", start_month=12, cost={"value": 600.0, "unit": "euro/year", "status": "assumed"})
UNKNOWN = made("platform")


def test_a_cost_follows_the_ramp_month_by_month() -> None:
    found = outlay.outlay([STATED], years=3)
    full = 10 * 1200.0
    first = full / 12 * sum((month + 1) / 24 for month in range(12))
    second = full / 12 * sum((month + 1) / 24 for month in range(12, 24))
    assert found.table["estimate"].tolist() == pytest.approx([first, second, full])


def test_nothing_is_spent_before_the_start() -> None:
    assert outlay.outlay([ASSUMED], years=2).table["estimate"].tolist() == [0.0, 600.0]


def test_published_and_assumed_stand_apart_and_unknown_is_not_zero() -> None:
    found = outlay.outlay([STATED, ASSUMED, UNKNOWN], years=3)
    assert found.total("stated", year=3) == pytest.approx(12000.0)
    assert found.total("assumed", year=3) == 600.0
    assert found.total("stated", "assumed", year=3) == pytest.approx(12600.0)
    assert found.levers("unknown") == ["platform"]
    assert all(math.isnan(value) for value in found.table.query("lever == 'platform'")["estimate"])


def test_its_frame_has_the_six_columns() -> None:
    frame = outlay.outlay([STATED, UNKNOWN], years=1).to_frame()
    assert list(frame) == ["lever", "year", "status", "quantity", "estimate", "lower", "upper", "n", "unit"]


def test_neither_levers_nor_years_can_be_left_out() -> None:
    with pytest.raises(InputError, match="at least one of each, got 0 and 5"):
        outlay.outlay([])
    with pytest.raises(InputError, match="got 1 and 0"):
        outlay.outlay([STATED], years=0)
