"""Formulas are read in Dutch or not at all."""

from __future__ import annotations

import pytest

from studie.report import spoken


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        ("n", "n"),
        (r"\lambda_1 = 2", "lambda index 1 is 2"),
        (r"\frac{a}{b + 1}", "de breuk a gedeeld door b plus 1"),
        (r"\hat\mu \ge 0{,}5", "mu hoedje is minstens 0 5"),
        (r"\sqrt{x}", "wortel van x"),
    ],
)
def test_a_short_formula_is_said_in_words(tex: str, said: str) -> None:
    assert spoken.formula(tex) == said


@pytest.mark.parametrize("tex", [r"\foo", r"\frac{\foo}{2}", r"\hat{\foo}", ""])
def test_an_unknown_command_has_no_reading(tex: str) -> None:
    assert spoken.formula(tex) is None
