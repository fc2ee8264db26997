"""What the chapter on the platform asks of the study: its levers alone and together, and the decision between them."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from studie import regions
from studie.config import CostGuess, StudyConfig
from studie.strategy import information, interaction, paths, scenarios, sensitivity
from studie.strategy.levers import Lever
from studie.strategy.priors import Prior
from studie.study import baseline
from studie.study.baseline import Baseline

if TYPE_CHECKING:
    from studie.study import Study

TOGETHER = "together"
MOST = 0.8  # coverage of the bounds at which the tornado puts each effect


def look_ahead(study: Study) -> Baseline:
    """The province's people without any lever, each arrondissement with rates of its own."""
    found: Baseline = study.once(
        baseline.baseline,
        study.table("ladder_panel", region=regions.PROVINCE),
        study.table("need", region=regions.PROVINCE),
        regions={a.code: list(a.refnis) for a in regions.regions("arrondissement", date=study.reference_date)},
        rng=study.shared_rng("baseline"),
        level=study.level,
        **baseline.options(study.config.strategy),
    )
    return found


def choices(study: Study) -> dict[str, list[Lever]]:
    """Every lever of the configuration alone, and all together."""
    made = baseline.levers(study.config.levers, vte_per_person=study.config.places.vte_per_person.centre)
    return {**{name: [lever] for name, lever in made.items()}, TOGETHER: list(made.values())}


def compare(study: Study, base: Baseline) -> scenarios.Comparison:
    """Every lever alone and all together, against doing nothing more."""
    found: scenarios.Comparison = study.once(
        scenarios.compare,
        base.situation,
        choices(study),
        after=base.after,
        seeds=_seeds(study),
        months=base.months,
        values=study.config.strategy.worth.values,
        level=study.level,
    )
    return found


def yearly(study: Study, base: Baseline) -> paths.Paths:
    """The same, year by year."""
    found: paths.Paths = study.once(
        paths.paths,
        base.situation,
        choices(study),
        after=base.after,
        seeds=_seeds(study),
        months=base.months,
        level=study.level,
    )
    return found


def tornado(study: Study, base: Baseline) -> sensitivity.Tornado:
    """What the lasting moves of all levers together hang on."""
    found: sensitivity.Tornado = study.once(
        sensitivity.tornado,
        base.situation,
        choices(study)[TOGETHER],
        after=base.after,
        seeds=_seeds(study),
        months=base.months,
        level=MOST,
    )
    return found


def variance_shares(study: Study, compared: scenarios.Comparison) -> sensitivity.VarianceShares:
    """Which input carries the doubt about the lasting moves of all levers together."""
    outcome = compared.difference(TOGETHER, "lasting_moves")
    return sensitivity.variance_shares(compared.inputs, outcome, level=study.level)


def combined(study: Study, compared: scenarios.Comparison) -> interaction.Interaction:
    """All levers together beside the sum of each alone."""
    return interaction.interaction(compared, together=TOGETHER, parts=list(study.config.levers))


def decision(study: Study, base: Baseline, compared: scenarios.Comparison) -> information.BudgetDecision:
    """The choice between doing nothing more, each lever, and all together, at their stated, assumed or guessed cost."""
    return information.budget_decision(
        compared,
        choices(study),
        guesses=guesses(study.config),
        months=base.months,
        seeds=_seeds(study),
    )


def worth(study: Study, chosen: information.BudgetDecision) -> information.ValueOfInformation:
    """What an answer to each request of the configuration is worth for that choice, at most."""
    found: information.ValueOfInformation = study.once(
        information.value_of_information,
        chosen.effects,
        chosen.costs,
        chosen.inputs,
        {request: said.inputs for request, said in study.config.platform.requests.items()},
        values=study.config.strategy.worth.values,
        rng=study.shared_rng("value of information"),
        level=study.level,
    )
    return found


def guesses(config: StudyConfig) -> dict[str, Prior]:
    """Guessed cost per year of the levers that nobody priced [euro]."""
    return {name: _belief(name, guess) for name, guess in config.platform.costs.items()}


def _belief(name: str, guess: CostGuess) -> Prior:
    """A guessed cost as a belief."""
    return Prior(name=name, distribution="lognormal", **guess.model_dump(exclude={"because", "source"}))


def _seeds(study: Study) -> np.random.SeedSequence:
    """Root of the draws of every lever, the same in all results of the chapter."""
    return np.random.SeedSequence(study.seed, spawn_key=[zlib.crc32(b"levers")])
