"""What the chapters on the ladder, the sectors and the blind spots found, area by area: the same computations again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from studie import regions
from studie.data import blind_spots, vacancies
from studie.demand import outlook
from studie.ladder import hazards, observations
from studie.places import gaps, need
from studie.present.argument import Area, Crossing, crossing
from studie.present.display import Unavailable
from studie.regions import PROVINCE
from studie.strategy.room import room
from studie.study import Study

LADDER = ("ladder_panel",)
PLACES = ("need", "offer", "establishment", "offer_target_group", "travel_time")
STEPS = ("3", "4", "5")  # on which a place is offered
CARVING_LEVEL = 0.8


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What all areas share: the need and its places, and one coherent forecast."""

    total: Any
    faces: Any
    future: Any
    history: Any
    span: int
    level: float


def sectors_uses(study: Study) -> list[str]:
    """Tables behind what the sectors ask."""
    return ["vacancy:observed", f"vacancy:{study.best_status('vacancy')}"]


def shared(study: Study, *, span: int, minutes: int, groups: str) -> Shared:
    """What the areas of a study share, as chapters 30 and 40 compute it.

    Parameters
    ----------
    study : Study
        Of the province.
    span : int
        Months of vacancies to add up.
    minutes : int
        Travel time within which a place is in reach.
    groups : str
        How target groups relate, see `places.need.estimate`.
    """
    total, faces = _places(study, minutes=minutes, groups=groups)
    history, future = _future(study)
    return Shared(
        total=total,
        faces=faces,
        future=future,
        history=history,
        span=min(span, study.horizon_months),
        level=study.level,
    )


def _places(study: Study, *, minutes: int, groups: str) -> tuple[Any, Any]:
    """Draws of the need, and the faces volume and reach."""
    everywhere = [int(refnis) for refnis in regions.municipalities(date=study.reference_date)["refnis"]]
    establishment = study.table("establishment", region=PROVINCE)
    cells = study.attempt(blind_spots.need_cells, study.table("need", region=PROVINCE))
    offered, work_form = study.table("offer", region=PROVINCE), study.table("work_form")
    offer = study.attempt(blind_spots.last_offer, offered, steps=STEPS, work_form=work_form)
    open_to = study.attempt(blind_spots.open_to, offer, study.table("offer_target_group"), establishment)
    assumed = study.need_options()
    people = study.attempt(
        study.once,
        need.estimate,
        cells,
        rng=study.shared_rng("need"),
        prior_misfit=assumed["prior_misfit"],
        groups=groups,
        level=study.level,
    )
    total, by_group = study.attempt(need.Need.total, people), study.attempt(need.Need.by_group, people)
    funded = study.attempt(gaps.funded, offer, establishment, refnis=everywhere)
    volume = study.attempt(gaps.volume, total, funded, vte_per_person=assumed["vte_per_person"], level=study.level)
    reach = study.attempt(gaps.reach, by_group, open_to, study.travel(), minutes=minutes, level=study.level)
    return total, study.attempt(_together, volume, reach)


def _together(*faces: gaps.Face) -> tuple[gaps.Face, ...]:
    """Faces, all of which are known."""
    return faces


def _future(study: Study) -> tuple[Any, Any]:
    """History by municipality and the forecast of all regions."""
    vacancy = study.table("vacancy", region=PROVINCE)
    observed = vacancies.history(vacancy, data_status="observed")
    history = study.attempt(vacancies.municipal_history, vacancy, data_status=study.best_status("vacancy"))
    everything = study.attempt(vacancies.with_rest, history, observed)
    levels = vacancies.hierarchy(study.hierarchy, list(study.config.sectors), flemish=vacancies.flemish(observed))
    rng = study.shared_rng("outlook")
    future = study.attempt(study.once, outlook.outlook, everything, levels, rng=rng, horizon=study.horizon_months)
    return history, future


def area(study: Study, code: str, common: Shared) -> Area:
    """One area of a study, with what may be printed of it."""
    here = study.of(code)
    persons = list(LADDER)
    people = here.attempt(_followed, here.table("ladder_panel"))
    relapse = here.attempt(hazards.relapse, people, level=here.level)
    by_support = here.attempt(hazards.relapse, people, by="support", level=here.level)
    lasting = here.attempt(hazards.lasting_moves, people, level=here.level)
    shortfall = here.attempt(
        gaps.regional_gaps, common.faces, common.total, inside=list(here.region.refnis), level=here.level
    )
    demand = _demand(here, common)
    potential = here.attempt(
        outlook.carved, demand, here.carving_priors(), rng=here.rng("carving"), level=CARVING_LEVEL
    )
    return Area(
        region=here.region,
        relapse=here.protect(relapse, uses=persons),
        by_support=here.protect(by_support, uses=persons),
        lasting=here.protect(lasting, uses=persons),
        gaps=here.protect(shortfall, uses=PLACES),
        shortfall=shortfall,
        demand=demand,
        potential=potential,
    )


_followed = partial(
    observations.from_panel, person="person_id", time="date", state="step", covariates=["support", "target_group"]
)


def _demand(here: Study, common: Shared) -> Any:
    """Vacancies that an area can expect."""
    sectors = list(here.config.sectors)
    return here.attempt(
        outlook.regional_demand,
        common.future,
        common.history,
        vacancies.members(here.municipalities, sectors),
        reference=here.attempt(vacancies.nodes, common.future, here.region.code, sectors),
        span=common.span,
    )


def crossed(study: Study, codes: Sequence[str], common: Shared) -> Crossing:
    """Areas beside the study's own region."""
    found = [area(study, code, common) for code in dict.fromkeys([study.region.code, *codes])]
    return crossing(found, _room(found, common), level=study.level)


def _room(areas: Sequence[Area], common: Shared) -> Any:
    """Vacancies per hundred persons in need, as far as both are known."""
    if isinstance(common.total, Unavailable):
        return Unavailable()
    known = [one for one in areas if not isinstance(one.demand, Unavailable)]
    if not known or known[0] is not areas[0]:
        return Unavailable()
    return room(
        {one.region.code: one.demand.draws.sum(axis=1).to_numpy(float) for one in known},
        {one.region.code: _persons(common.total, one) for one in known},
        whole=areas[0].region.code,
        level=CARVING_LEVEL,
    )


def _persons(total: pd.DataFrame, one: Area) -> np.ndarray:
    """Draws of persons in need in an area."""
    return total.loc[:, total.columns.isin(one.region.refnis)].sum(axis=1).to_numpy(float)
