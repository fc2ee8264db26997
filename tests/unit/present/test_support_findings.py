"""Findings of the chapter on the support network: every one with its doubt, and none where nothing is known."""

from dataclasses import replace

import numpy as np

from studie.present import levers, wording
from studie.present.display import Unavailable

NAMES = {"netwerk": "licht netwerk"}
OPTIONS = {"scenario": "netwerk", "names": NAMES, "region_names": {}, "first_year": 2027, "of_queue": 0.5}


def test_findings_name_the_prior_and_are_never_sure_of_an_effect(strategy, choice, tested):
    found = wording.support_findings(
        choice, tested.can, strategy.comparison, strategy.needed_places, area_names={}, **OPTIONS
    )
    assert len(found) == 5
    assert "licht netwerk" in found[0].finding
    assert found[0].certainty in ("waarschijnlijk", "onzeker")
    assert all(one.meaning.endswith(".") for one in found)


def test_what_could_not_be_made_is_left_out(strategy):
    none = Unavailable()
    assert wording.support_findings(none, none, none, none, area_names=none, **OPTIONS) == []
    assert wording.support_numbers(none, scenario="netwerk") == []
    number = wording.support_numbers(strategy.comparison, scenario="netwerk")[0]
    assert "als onze aanname klopt" in number.label


def test_years_that_do_not_add_up_are_told(strategy):
    good = wording.years_add_up(strategy.paths, totals=strategy.comparison)[0].text
    assert good.startswith("Controle: ")
    draws = {name: dict(found) for name, found in strategy.paths.draws.items()}
    draws[levers.BASELINE]["upward_moves"] = np.asarray(draws[levers.BASELINE]["upward_moves"]) + 1
    wrong = wording.years_add_up(replace(strategy.paths, draws=draws), totals=strategy.comparison)[0].text
    assert wrong.startswith("Controle mislukt")
