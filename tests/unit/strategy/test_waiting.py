"""A queue is spread over the people who could go, and never over more than are there."""

import numpy as np
import pytest

from studie.errors import InputError
from studie.strategy import waiting


def spread(persons, chance, total):
    return waiting.spread(np.array(persons), np.array(chance), np.array(total), axes=(0,), step="5")


def test_a_short_queue_stands_in_proportion_to_the_climbs():
    found = spread([100.0, 300.0], [0.02, 0.01], 50.0)
    assert found == pytest.approx([50 * 2 / 5, 50 * 3 / 5])


def test_a_long_queue_fills_a_step_and_stands_elsewhere_for_the_rest():
    found = spread([100.0, 300.0], [0.02, 0.001], 150.0)
    assert found == pytest.approx([waiting.MOST * 100, 150 - waiting.MOST * 100])


def test_the_queue_adds_up_whatever_its_length():
    rng = np.random.default_rng(1)
    persons, chance = rng.uniform(1, 500, (4, 3, 200)), rng.uniform(0, 0.05, (4, 3, 200))
    total = rng.uniform(0, 1, 200) * waiting.MOST * persons.sum(axis=(0, 1))
    found = waiting.spread(persons, chance, total, axes=(0, 1), step="5")
    assert found.sum(axis=(0, 1)) == pytest.approx(total)
    assert (found <= waiting.MOST * persons * (1 + 1e-9)).all()
    assert (found >= 0).all()


def test_nobody_waits_where_nobody_goes_up():
    assert spread([100.0, 300.0], [0.02, 0.0], 10.0)[1] == 0
    with pytest.raises(InputError, match="nobody below step 5 could apply"):
        spread([100.0, 300.0], [0.0, 0.0], 10.0)


def test_more_people_than_there_are_cannot_wait():
    with pytest.raises(InputError, match="more people would wait on steps below step 5"):
        spread([100.0, 300.0], [0.02, 0.01], 399.0)
