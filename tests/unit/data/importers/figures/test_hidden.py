import itertools

import numpy as np

from studie.data.importers.hidden import Part, bounded, whole


def test_a_sum_of_shown_counts_is_known():
    found = bounded([Part(count=3), Part(count=0)], of=whole([3, 0], total=None))
    assert (found.value, found.hidden, found.rounded) == (3, 0, False)


def test_hidden_counts_leave_bounds():
    found = bounded([Part(count=3), Part(count=None), Part(count=None)], of=whole([3, None, None], total=None))
    assert (found.value, found.lower, found.upper) == (None, 5, 9)


def test_the_total_of_the_file_tells_a_single_hidden_count():
    of = whole([3, None, 7], total=12)
    assert bounded([Part(count=3), Part(count=None)], of=of).value == 5
    assert bounded([Part(count=7)], of=of).value == 7


def test_bounds_are_the_tightest_that_the_total_allows():
    rng = np.random.default_rng(5)
    for _ in range(200):
        hidden = rng.integers(1, 4, size=int(rng.integers(1, 6)))
        split = int(rng.integers(0, len(hidden) + 1))
        total = int(hidden.sum()) + 10
        of = whole([10, *[None] * len(hidden)], total=total)
        found = bounded([Part(count=None)] * split, of=of)
        possible = {
            sum(guess[:split])
            for guess in itertools.product((1, 2, 3), repeat=len(hidden))
            if sum(guess) == hidden.sum()
        }
        assert (found.lower, found.upper) == (min(possible), max(possible))


def test_shares_are_rounded_and_never_tighten():
    of = whole([10, None], total=12)
    found = bounded([Part(count=10, share=0.85)], of=of)
    assert (found.value, found.rounded) == (9, True)
    loose = bounded([Part(count=10, share=0.85), Part(count=None, share=0.85)], of=of)
    assert (loose.value, loose.lower, loose.upper) == (None, 9, 12)
