"""What the indicators of the commitments count in the registers: one named computation per indicator."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from studie.config import read_config
from studie.data.measured import ROUNDED, Measure, Number, headcount
from studie.data.resilience import resilience
from studie.errors import InsufficientDataError

PROJECT_SUBSIDY = "projectsubsidie-inclusieve-economie"
PRIORITIES = ("blinde vlek", "knelpuntsector", "maatschappelijke uitdaging")
STARTED = ("bezig", "klaar")
WITHOUT_CRITERIA = "geen"


def _count(_refnis: Sequence[int], table: pd.DataFrame) -> Number:
    """Rows of a register."""
    return Number(estimate=float(len(table)))


def _share(part: pd.Series, whole: pd.Series) -> Number | None:
    """Share of a total; None without one."""
    total = float(whole.sum())
    return Number(estimate=float(part.sum()) / total) if total else None


# --- meetings -----------------------------------------------------------------


def _meetings(_refnis: Sequence[int], event: pd.DataFrame, *, kind: str) -> Number | None:
    """Meetings of a kind; without any it is not known whether they were registered."""
    held = event[event["kind"] == kind]
    return Number(estimate=float(len(held)), used=[held]) if len(held) else None


def _sum_of(_refnis: Sequence[int], event: pd.DataFrame, *, kind: str, column: str) -> Number | None:
    """Sum of a column over the meetings of a kind that know it."""
    told = event[(event["kind"] == kind) & event[column].notna()]
    return Number(estimate=float(told[column].sum()), used=[told]) if len(told) else None


def _per_day(_refnis: Sequence[int], event: pd.DataFrame, *, kind: str) -> Number | None:
    """Participants per meeting of a kind, over those that know them."""
    told = event[(event["kind"] == kind) & event["participants"].notna()]
    if told.empty:
        return None
    mean = headcount(float(told["participants"].mean()))
    return Number(estimate=mean, n=mean, used=[told])


def _areas_talked_to(_refnis: Sequence[int], event: pd.DataFrame) -> Number | None:
    """Working areas that had their talk."""
    held = event[(event["kind"] == "gesprek met een werkingsgebied") & event["region"].str.startswith("working-area:")]
    return Number(estimate=float(held["region"].nunique()), used=[held]) if len(held) else None


# --- actions, pledges, needs and barriers -------------------------------------


def _actions(
    _refnis: Sequence[int], action: pd.DataFrame, *, kind: str, statuses: Sequence[str] = STARTED, areas: bool = False
) -> Number | None:
    """Actions of a kind that got somewhere, or their areas; without any of the kind nothing is known."""
    listed = action[action["kind"] == kind]
    done = listed[listed["status"].isin(list(statuses))]
    estimate = done["region"].nunique() if areas else len(done)
    return Number(estimate=float(estimate), used=[listed]) if len(listed) else None


def _municipalities(refnis: Sequence[int], pledge: pd.DataFrame, *, column: str, value: str | bool) -> Number | None:
    """Municipalities of the region with a pledge of which a column has some value; unknown where none says."""
    told = pledge[pledge["refnis"].isin(list(refnis)) & pledge[column].notna()]
    kept = told[told[column] == value]
    return Number(estimate=float(kept["refnis"].nunique()), used=[told]) if len(told) else None


def _solved(_refnis: Sequence[int], signal: pd.DataFrame) -> Number | None:
    """Share of the needs and barriers that is solved."""
    return _share(signal["status"] == "weggewerkt", pd.Series(1, index=signal.index))


# --- money and public contracts -----------------------------------------------


def _approved(_refnis: Sequence[int], application: pd.DataFrame) -> Number | None:
    """Share of the applications with a decision that was approved."""
    return _share(application["decision"] == "goedgekeurd", application["decision"].isin(["goedgekeurd", "geweigerd"]))


def _granted(application: pd.DataFrame) -> pd.DataFrame:
    """Approved applications of known amount."""
    return application[(application["decision"] == "goedgekeurd") & application["granted_euro"].notna()]


def _priority(_refnis: Sequence[int], application: pd.DataFrame) -> Number | None:
    """Share of the project subsidy that went to projects with priority, over those that say whether they have it."""
    granted = _granted(application)
    told = granted[(granted["scheme_id"] == PROJECT_SUBSIDY) & (granted["priority"] != "")]
    found = _share(told["granted_euro"].where(told["priority"].isin(PRIORITIES), 0.0), told["granted_euro"])
    return None if found is None else Number(estimate=found.estimate, used=[told])


def _to_municipalities(_refnis: Sequence[int], application: pd.DataFrame, scheme: pd.DataFrame) -> Number | None:
    """Provincial money granted to local authorities."""
    provincial = scheme[scheme["level"] == "provinciaal"]
    asked = application[
        (application["applicant_kind"] == "lokaal bestuur") & application["scheme_id"].isin(provincial["scheme_id"])
    ]
    if asked.empty:
        return None
    granted = _granted(asked)
    if granted.empty and (asked["decision"] == "goedgekeurd").any():
        return None
    return Number(estimate=float(granted["granted_euro"].sum()), used=[asked, provincial])


def _with_criteria(tender: pd.DataFrame, buyer: str) -> pd.DataFrame:
    """Public contracts of a kind of buyer that say which social criteria they have."""
    return tender[(tender["buyer_kind"] == buyer) & (tender["social_criteria"] != "")]


def _social_tenders(_refnis: Sequence[int], tender: pd.DataFrame) -> Number | None:
    """Public contracts of local authorities with social criteria."""
    told = _with_criteria(tender, "lokaal bestuur")
    social = float((told["social_criteria"] != WITHOUT_CRITERIA).sum())
    return Number(estimate=social, used=[told]) if len(told) else None


def _province_contracts(_refnis: Sequence[int], tender: pd.DataFrame, contract: pd.DataFrame) -> Number | None:
    """Public contracts of the province with social criteria, and contracts of employment."""
    told = tender if tender.empty else _with_criteria(tender, "provincie")
    if told.empty and contract.empty:
        return None
    social = 0 if told.empty else int((told["social_criteria"] != WITHOUT_CRITERIA).sum())
    return Number(estimate=float(social + len(contract)), used=[told, contract])


def _duos(_refnis: Sequence[int], mentorship: pd.DataFrame) -> Number | None:
    """Duos of mentor and candidate."""
    told = mentorship[mentorship["duos"].notna()]
    people = float(told["duos"].sum())
    return Number(estimate=headcount(people), n=headcount(people), used=[told]) if len(told) else None


def _firm(_refnis: Sequence[int], account: pd.DataFrame, enterprise: pd.DataFrame) -> Number | None:
    """Share of the firms of the social economy that is resilient, with bounds for those that are not known."""
    bounds = read_config().resilience
    try:
        found = resilience(
            account,
            enterprise,
            least_solvency=bounds.least_solvency.value,
            least_liquidity=bounds.least_liquidity.value,
        )
    except InsufficientDataError:
        return None
    used = account[account["year"] == found.year]
    return Number(estimate=found.share, lower=found.lower, upper=found.upper, n=np.nan, used=[used, enterprise])


_JOINT = "gezamenlijke vorming"

REGISTERED: dict[str, Measure] = {
    "adopting_areas": Measure(
        tables=("action",),
        unit="pilot areas",
        compute=partial(_actions, kind="overname van het ondersteuningsnetwerk", areas=True),
    ),
    "approved_share": Measure(tables=("application",), unit="share", compute=_approved),
    "areas_talked_to": Measure(tables=("event",), unit="areas", compute=_areas_talked_to),
    "day_participants": Measure(
        tables=("event",),
        unit="participants",
        compute=partial(_per_day, kind="dag van de inclusieve ondernemer"),
        remark=ROUNDED,
    ),
    "exemplary_municipalities": Measure(
        tables=("pledge",), unit="municipalities", compute=partial(_municipalities, column="status", value="nagekomen")
    ),
    "granted_to_municipalities": Measure(
        tables=("application", "subsidy_scheme"), unit="euro", compute=_to_municipalities
    ),
    "joint_actions": Measure(tables=("action",), unit="actions", compute=partial(_actions, kind="gezamenlijke actie")),
    "joint_training": Measure(
        tables=("event",), unit="participations", compute=partial(_sum_of, kind=_JOINT, column="organisations")
    ),
    "joint_training_cost": Measure(
        tables=("event",), unit="euro", compute=partial(_sum_of, kind=_JOINT, column="cost_euro")
    ),
    "local_social_tenders": Measure(tables=("tender",), unit="tenders", compute=_social_tenders),
    "mentor_duos": Measure(tables=("mentorship",), unit="duos", compute=_duos, remark=ROUNDED),
    "milestones_reached": Measure(
        tables=("action",),
        unit="milestones",
        compute=partial(_actions, kind="mijlpaal naar het platform", statuses=("klaar",)),
    ),
    "own_initiatives": Measure(
        tables=("action",), unit="initiatives", compute=partial(_actions, kind="initiatief binnen de provincie")
    ),
    "partner_meetings": Measure(
        tables=("event",), unit="meetings", compute=partial(_meetings, kind="overleg van partners")
    ),
    "pilot_areas": Measure(
        tables=("action",),
        unit="pilot areas",
        compute=partial(_actions, kind="proef met een ondersteuningsnetwerk", areas=True),
    ),
    "pledges": Measure(tables=("pledge",), unit="pledges", compute=_count),
    "priority_share": Measure(tables=("application",), unit="share", compute=_priority),
    "prize_candidates": Measure(tables=("prize_candidate",), unit="candidates", compute=_count),
    "professional_trajectories": Measure(
        tables=("action",), unit="trajectories", compute=partial(_actions, kind="traject van professionalisering")
    ),
    "proposals": Measure(
        tables=("action",), unit="proposals", compute=partial(_actions, kind="voorstel aan de deputatie")
    ),
    "province_contracts": Measure(
        tables=("tender", "contract"), unit="contracts", compute=_province_contracts, alone=True
    ),
    "resilient_share": Measure(tables=("annual_account", "enterprise"), unit="share", compute=_firm),
    "solved_signals": Measure(tables=("signal",), unit="share", compute=_solved),
    "step_3_training": Measure(
        tables=("event",),
        unit="participations",
        compute=partial(_sum_of, kind="vorming voor aanbieders op trede 3", column="organisations"),
    ),
    "subsidy_sessions": Measure(
        tables=("event",),
        unit="participations",
        compute=partial(_sum_of, kind="infosessie over subsidies", column="organisations"),
    ),
    "tailored_municipalities": Measure(
        tables=("pledge",), unit="municipalities", compute=partial(_municipalities, column="tailored", value=True)
    ),
    "tender_training": Measure(
        tables=("event",),
        unit="participations",
        compute=partial(_sum_of, kind="vorming over overheidsopdrachten", column="organisations"),
    ),
}
"""Computations that the table `commitment_indicator` may name, beside those of `measures`."""
