"""Whatever is hidden, every form of every result still speaks, and tells no number that is hidden."""

import re

import numpy as np
import pytest

from studie.disclosure import rules
from studie.errors import InsufficientDataError
from studie.present import plots, tables, wording


@pytest.fixture(scope="module")
def forms(strategy, tested, bought, partners, ranked, choice, ties):
    """Every function with its result and its options."""
    s = strategy
    named = {"scenario": "plaatsen"}
    return [
        (plots.projection, s.projection, {"step": "5", "region": "r1"}),
        (plots.paths, s.paths, {}),
        (plots.tornado, s.tornado, {}),
        (plots.variance_shares, s.variance_shares, {}),
        (plots.needed_places, s.needed_places, {}),
        (plots.value_of_information, s.value_of_information, {}),
        (plots.evaluation, tested.can, {}),
        (plots.frontier, bought.frontier, {}),
        (plots.acceptability, ranked.acceptability, {}),
        (plots.network, partners.network, {"ties": ties}),
        (plots.governance, partners.governance, {}),
        (tables.calibration, s.calibration, {}),
        (tables.comparison, s.comparison, {}),
        (tables.cost, s.comparison, {}),
        (tables.needed_places, s.needed_places, {}),
        (tables.value_of_information, s.value_of_information, {}),
        (tables.choice, choice, {}),
        (tables.evaluation, tested.can, {}),
        (tables.allocation, bought.allocation, {}),
        (tables.next_euros, bought.next_euros, {}),
        (tables.acceptability, ranked.acceptability, {}),
        (tables.platform_forms, ranked.words, {}),
        (tables.network, partners.network, {}),
        (tables.governance, partners.governance, {}),
        (wording.calibration, s.calibration, {}),
        (wording.paths, s.paths, {}),
        (wording.comparison, s.comparison, named),
        (wording.gross_and_net, s.comparison, named),
        (wording.cost, s.comparison, named),
        (wording.cost, s.comparison, {"scenario": "netwerk"}),
        (wording.needed_places, s.needed_places, {}),
        (wording.tornado, s.tornado, {}),
        (wording.variance_shares, s.variance_shares, {}),
        (wording.value_of_information, s.value_of_information, {}),
        (wording.choice, choice, {}),
        (wording.evaluation, tested.can, {}),
        (wording.allocation, bought.allocation, {}),
        (wording.frontier, bought.frontier, {}),
        (wording.next_euros, bought.next_euros, {}),
        (wording.acceptability, ranked.acceptability, {}),
        (wording.platform_forms, ranked.judged, {}),
        (wording.network, partners.network, {}),
        (wording.governance, partners.governance, {}),
    ]


def words_of(shown):
    """Everything that a reader or listener meets."""
    if isinstance(shown, list):
        return " ".join(sentence.text for sentence in shown)
    if hasattr(shown, "rows"):
        return " ".join(text for row in shown.rows for text in row)
    return shown.alt


def test_under_the_rule_for_counts_of_persons_nothing_breaks(forms):
    """A study may hide more than these results need; then they say so."""
    for show, result, options in forms:
        frame = rules.protected(result)
        assert words_of(show(result, frame=frame, **options)), show
        assert "nan" not in words_of(show(result, frame=frame, **options)), show


def test_what_is_hidden_is_told_nowhere(forms):
    for show, result, options in forms:
        own = result.to_frame()
        hidden = own.assign(cell_status="suppressed", estimate=np.nan, lower=np.nan, upper=np.nan)
        try:
            told = words_of(show(result, frame=hidden, **options))
        except InsufficientDataError:
            continue
        persons = own.loc[own["unit"].isin(["persons", "moves"]) & (own["estimate"] > 20), "estimate"]
        numbers_told = {int(text.replace(".", "")) for text in re.findall(r"(?<![\d,])\d[\d.]*(?![\d,])", told)}
        assert not numbers_told & {round(value) for value in persons}, (show, told)


def test_a_hidden_leader_is_not_replaced_by_the_next(strategy, ranked):
    """What is left after hiding says nothing about who leads."""
    shares, ranking = strategy.variance_shares, ranked.acceptability
    frame = rules.protected(shares)
    frame.loc[frame["input"] == "plaatsen", "cell_status"] = "suppressed"
    assert wording.variance_shares(shares, frame=frame)[0].text.endswith("is te klein om te tonen.")
    frame = rules.protected(ranking)
    frame.loc[(frame["alternative"] == "aanvraag A") & (frame["rank"] == 1), "cell_status"] = "suppressed"
    assert wording.acceptability(ranking, frame=frame)[0].text.endswith("is te klein om te tonen.")


def test_no_sentence_reads_too_small_where_a_number_should_stand(forms):
    for show, result, options in forms:
        if show.__module__.startswith("studie.present.wording"):
            own = result.to_frame()
            hidden = own.assign(cell_status="suppressed", estimate=np.nan, lower=np.nan, upper=np.nan)
            told = words_of(show(result, frame=hidden, **options))
            assert "te klein" not in told.replace("te klein om te tonen", ""), (show, told)


@pytest.mark.parametrize("name", ["value_of_information", "governance", "variance_shares"])
def test_one_hidden_cell_leaves_the_rest_of_a_figure(strategy, partners, name):
    result = partners.governance if name == "governance" else getattr(strategy, name)
    frame = rules.protected(result, persons=False)
    frame.loc[2, ["estimate", "lower", "upper"]] = np.nan
    frame.loc[2, "cell_status"] = "suppressed"
    assert getattr(plots, name)(result, frame=frame).alt
