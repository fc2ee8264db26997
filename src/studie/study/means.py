"""What the chapter on means takes from the configuration and from other chapters' questions."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from studie import regions
from studie.config import Belief, StudyConfig
from studie.config import Prior as Share
from studie.data import blind_spots, vacancies
from studie.data.means import LOANS, PROJECTS, per_arrondissement
from studie.demand import tightness
from studie.places import gaps, need
from studie.places.face import Face
from studie.present.means import PLACES
from studie.strategy.options import Instrument
from studie.strategy.priors import Prior
from studie.strategy.scenarios import Comparison
from studie.study.baseline import Baseline

if TYPE_CHECKING:
    from studie.study import Study

STEPS = ("3", "4", "5")  # steps of the ladder on which people need a place


def instruments(config: StudyConfig, *, rng: np.random.Generator, draws: int) -> list[Instrument]:
    """Ways to pay for places: the project subsidy, the loan, and a funded place for as long as it counts.

    Parameters
    ----------
    config : StudyConfig
    rng : Generator
        For the doubt about what a loan costs.
    draws : int

    Notes
    -----
    A euro of subsidy costs a euro. A loaned euro comes back: it costs the interest of the years in which it is away,
    and what is not repaid.
    """
    given, lent, lever = config.budget.projectsubsidie, config.budget.trividend, config.levers[PLACES]
    place = lever.effects[0]
    per_euro = lent.interest.value * lent.years_lent.value + _drawn(lent.loss, rng=rng, draws=draws)
    yearly = 0.0 if lever.cost is None else lever.cost.value
    return [
        Instrument(
            name=PROJECTS,
            cost=given.lot,
            lot=given.lot,
            ceiling=given.ceiling,
            net=_belief(f"{PROJECTS} net", given.net),
        ),
        Instrument(
            name=LOANS,
            cost=lent.lot * per_euro,
            lot=lent.lot,
            ceiling=lent.ceiling,
            net=_belief(f"{LOANS} net", lent.net),
            kept=_share(f"{LOANS} kept", lent.kept),
        ),
        Instrument(name=PLACES, cost=yearly * config.budget.place_years.value, net=_belief(PLACES, place)),
    ]


def volume(study: Study) -> Face:
    """How many places lack in every municipality of the province, as the chapter on blind spots has it.

    Raises
    ------
    InsufficientDataError
        Without need or offer.
    """
    everywhere = [int(refnis) for refnis in regions.municipalities(date=study.reference_date)["refnis"]]
    read = ("need", "offer", "establishment", "work_form")
    wanted, offered, establishment, work_form = (study.table(name, region=regions.PROVINCE) for name in read)
    cells = blind_spots.need_cells(wanted)
    offer = blind_spots.last_offer(offered, steps=STEPS, work_form=work_form)
    assumed = study.need_options()
    options = {"prior_misfit": assumed["prior_misfit"], "groups": "disjoint", "level": study.level}
    people = study.once(need.estimate, cells, rng=study.shared_rng("need"), **options)
    funded = gaps.funded(offer, establishment, refnis=everywhere)
    return gaps.volume(people.total(), funded, vte_per_person=assumed["vte_per_person"], level=study.level)


def shortage(lack: Face, hierarchy: pd.DataFrame) -> pd.Series:
    """Places that lack per arrondissement [persons at once]; municipalities of unknown offer do not count."""
    return per_arrondissement(lack.measures["gap"].table["estimate"], hierarchy)


def need_shares(lack: Face, hierarchy: pd.DataFrame) -> dict[Hashable, float]:
    """Share of each arrondissement in the people who need a place."""
    people = per_arrondissement(pd.Series(lack.main.persons), hierarchy)
    return (people / people.sum()).to_dict()


def blind_spot_chance(lack: Face, k: int) -> pd.DataFrame:
    """Probability with bounds that a municipality is among the k worst, by refnis."""
    return lack.worst(k).table


def shortage_sectors(study: Study) -> dict[str, str]:
    """Whether each sector is short of people in the province, as the chapter on shortage sectors has it.

    Raises
    ------
    InsufficientDataError
        Without jobs or vacancies by municipality.
    """
    vacancy, work = (study.table(name, region=regions.PROVINCE) for name in ("vacancy", "employment"))
    jobs = vacancies.jobs_by_age(work, data_status=study.best_status("employment"), region=regions.PROVINCE)
    status = study.best_status("vacancy")
    rates = vacancies.vacancy_rates(vacancy, jobs, data_status=status, region=regions.PROVINCE)
    found = tightness.shortage_sectors(rates)
    return dict(zip(found["sector"], found["shortage_sector"], strict=True))


def compared(base: Baseline, config: StudyConfig, where: Sequence[str], *, seeds: np.random.SeedSequence) -> Comparison:
    """Each lever of the configuration by itself, against nothing extra, in some of the regions of the look ahead.

    Parameters
    ----------
    base : Baseline
    config : StudyConfig
    where : sequence of str
        Its regions that the levers reach; amounts and yearly costs are cut to their part of the queue.
    seeds : SeedSequence
    """
    part, vte = base.within(*where), config.places.vte_per_person.centre
    made = part.levers(config.levers, vte_per_person=vte)
    plans = {name: (lever,) for name, lever in made.items()}
    return part.compare(plans, seeds=seeds, values=config.strategy.worth.values, level=base.level)


def _belief(name: str, stated: Belief) -> Prior:
    """A belief of the configuration under a name."""
    kept = ("distribution", "centre", "lower", "upper", "interval_level")
    return Prior(name=name, **{key: getattr(stated, key) for key in kept})


def _share(name: str, stated: Share) -> Prior:
    """A share that nobody measured, under a name."""
    kept = ("centre", "lower", "upper", "interval_level")
    return Prior(name=name, distribution="normal", **{key: getattr(stated, key) for key in kept})


def _drawn(stated: Share, *, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Draws of a share, within [0, 1]."""
    return _share("loss", stated).sample(draws, rng=rng).clip(0, 1)
