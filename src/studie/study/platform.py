"""What the chapter on the platform asks of the study: its levers alone and together, and the decision between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studie import regions
from studie.config import StudyConfig
from studie.strategy import information, interaction, sensitivity
from studie.strategy.levers import Lever
from studie.strategy.paths import Paths
from studie.strategy.priors import Prior
from studie.strategy.scenarios import Comparison
from studie.study import baseline
from studie.study.baseline import Baseline

if TYPE_CHECKING:
    from studie.study import Study

TOGETHER = "together"


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


def plans(study: Study, base: Baseline) -> dict[str, tuple[Lever, ...]]:
    """Every lever of the configuration alone, and all together."""
    every = base.levers(study.config.levers, vte_per_person=study.config.places.vte_per_person.centre)
    return {**baseline.chosen(every, list(every)), TOGETHER: tuple(every.values())}


def compare(study: Study, base: Baseline) -> Comparison:
    """Every lever alone and all together, against doing nothing more."""
    worth = study.config.strategy.worth.values
    found: Comparison = study.once(
        Baseline.compare, base, plans(study, base), **_draws(study), values=worth, level=study.level
    )
    return found


def yearly(study: Study, base: Baseline) -> Paths:
    """The same, year by year."""
    found: Paths = study.once(Baseline.paths, base, plans(study, base), **_draws(study), level=study.level)
    return found


def tornado(study: Study, base: Baseline) -> sensitivity.Tornado:
    """What the lasting moves of all levers together hang on."""
    found: sensitivity.Tornado = study.once(Baseline.tornado, base, plans(study, base)[TOGETHER], **_draws(study))
    return found


def variance_shares(study: Study, compared: Comparison) -> sensitivity.VarianceShares:
    """Which input carries the doubt about the lasting moves of all levers together."""
    outcome = compared.difference(TOGETHER, "lasting_moves")
    return sensitivity.variance_shares(compared.inputs, outcome, level=study.level)


def combined(study: Study, compared: Comparison) -> interaction.Interaction:
    """All levers together beside the sum of each alone."""
    return interaction.interaction(compared, together=TOGETHER, parts=list(study.config.levers))


def decision(study: Study, base: Baseline, compared: Comparison) -> information.BudgetDecision:
    """The choice between doing nothing more, each lever, and all together, at their stated, assumed or guessed cost."""
    return information.budget_decision(
        compared, plans(study, base), guesses=guesses(study.config), months=base.months, **_draws(study)
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
    stated = {"distribution", "centre", "lower", "upper", "interval_level"}
    return {name: Prior(name=name, **guess.model_dump(include=stated)) for name, guess in config.platform.costs.items()}


def _draws(study: Study) -> dict[str, Any]:
    """Root of the draws of every lever, the same in all results and chapters."""
    return {"seeds": study.seeds("levers")}
