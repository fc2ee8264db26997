"""How many places keep the queue under a target, verified by running the answer forward."""

from dataclasses import replace

import numpy as np
import pytest

from studie.errors import InputError
from studie.strategy import flows, needed_places


def forward(situation, answer, *, less=0, region=0, year=1):
    """Share of draws under the target in each region and year, with the answer as places (or some fewer once)."""
    extra = answer.table.pivot_table(index="year", columns="region", values="extra")[list(situation.regions)].to_numpy()
    extra = extra.astype(float)
    extra[year - 1, region] -= less
    base = next(limit for limit in situation.limits if limit.step == answer.step)
    path = np.stack([base.at(month) + extra[month // 12][:, None] for month in range(12 * len(extra))])
    others = [limit for limit in situation.limits if limit.step != answer.step]
    walk = flows.Walk(situation.with_limits([*others, replace(base, persons=path)]))
    place = [limit.step for limit in situation.ordered_limits].index(answer.step)
    worst = np.zeros((len(extra), len(situation.regions), situation.draws))

    def keep(month, part, stock, waiting, moved):
        queue = flows.waiting_for(situation, waiting)[place].sum(axis=0)
        worst[month // 12][:, part] = np.maximum(worst[month // 12][:, part], queue)

    walk.on(12 * len(extra), keep)
    targets = answer.table.groupby("region", sort=False)["target"].first().to_numpy()
    return (worst <= targets[:, None] + 1e-9).mean(axis=-1)


@pytest.fixture(scope="module")
def answer(calibrated):
    return needed_places.needed_places(
        calibrated.situation, step="5", target={"r0": 5.0, "r1": 8.0, "r2": 60.0}, years=4
    )


def test_run_forward_the_answer_keeps_the_target_with_the_wanted_probability(calibrated, answer):
    kept = forward(calibrated.situation, answer)
    assert (kept >= 0.80).all()
    told = answer.table.pivot_table(index="year", columns="region", values="probability").to_numpy()
    assert np.allclose(kept, told)


def test_one_place_less_is_too_few_where_places_were_added(calibrated, answer):
    added = answer.table.groupby("region")["extra"].diff().fillna(answer.table["extra"])
    checked = 0
    for _, row in answer.table[added > 0].iterrows():
        region = calibrated.situation.regions.index(row["region"])
        kept = forward(calibrated.situation, answer, less=1, region=region, year=int(row["year"]))
        assert kept[int(row["year"]) - 1, region] < 0.80
        assert row["one_less"] < 0.80
        checked += 1
    assert checked >= 3


def test_places_are_whole_and_never_taken_away(answer):
    assert answer.table["extra"].dtype.kind == "i"
    assert (answer.table.groupby("region")["extra"].diff().dropna() >= 0).all()
    frame = answer.to_frame()
    assert list(frame.columns[-6:]) == ["quantity", "estimate", "lower", "upper", "n", "unit"]
    kept = frame[frame["quantity"] == "probability_under_target"]
    assert ((kept["lower"] <= kept["estimate"] + 1e-12) & (kept["estimate"] <= kept["upper"] + 1e-12)).all()
    assert (kept["upper"] - kept["lower"] > 0.03).all()  # sixty draws say no more


def test_a_target_that_is_kept_already_needs_nothing(calibrated):
    found = needed_places.needed_places(calibrated.situation, step="5", target=1e6, years=2)
    assert (found.table["extra"] == 0).all()
    assert (found.table["probability"] == 1).all()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"step": "4"}, "step: unknown value '4'"),
        ({"step": "6"}, "limited by openings"),
        ({"target": -1.0}, "target: must be at least 0"),
        ({"target": {"r0": 1.0}}, "every region needs one, got none for r1"),
        ({"probability": 80}, r"probability: must be in \(0, 1\)"),
        ({"years": 0}, "years: must be at least 1"),
    ],
)
def test_a_question_without_an_answer_is_refused(calibrated, options, says):
    with pytest.raises(InputError, match=says):
        needed_places.needed_places(calibrated.situation, **{"step": "5", "target": 1.0, **options})
