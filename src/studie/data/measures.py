"""What the indicators of the commitments count: one named computation per indicator, from the tables as they are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from studie.data.blind_spots import REGULAR, firms
from studie.data.measured import Measure, Measured, Number, headcount
from studie.data.register_measures import REGISTERED
from studie.data.resilience import SOCIAL

LOCAL_GOVERNMENT = "lokaal bestuur"
LITTLE_DUTCH = ("geen", "beperkt")
PLAN = "commitment"  # a tie that only the plan names is what is followed up, not what became of it


def published_value(
    indicator: pd.DataFrame, indicator_id: str, *, regions: Sequence[str], table: str = "indicator"
) -> Measured | None:
    """Newest published figure of an indicator in the first of some regions that has one.

    Parameters
    ----------
    indicator : DataFrame
        Rows of the table `indicator`.
    indicator_id : str
    regions : sequence of str
        Codes, the most wanted first.
    table : str
        Name under which the status is kept.
    """
    known = indicator[(indicator["indicator_id"] == indicator_id) & indicator["value"].notna()]
    for code in regions:
        rows = known[known["region"] == code]
        if len(rows):
            last = rows.sort_values("period", kind="stable").iloc[-1]
            return Measured(
                estimate=float(last["value"]),
                unit=str(last["unit"]),
                statuses={table: frozenset([str(last["data_status"])])},
                period=str(last["period"]),
                region=code,
                remark=str(last["note"]),
            )
    return None


# --- counting rows ------------------------------------------------------------


def _rows(_refnis: Sequence[int], table: pd.DataFrame) -> Number:
    """Rows of a table."""
    return Number(estimate=float(len(table)))


def _distinct(_refnis: Sequence[int], table: pd.DataFrame, *, column: str) -> Number:
    """Distinct values of a column."""
    return Number(estimate=float(table[column].nunique()))


def _series(_refnis: Sequence[int], indicator: pd.DataFrame) -> Number:
    """Published series; they have no period in common."""
    return Number(estimate=float(indicator["indicator_id"].nunique()), used=[indicator.drop(columns="period")])


def _per(_refnis: Sequence[int], table: pd.DataFrame, *, amount: str, count: str) -> Number | None:
    """Amount per unit counted, over the rows that know both."""
    known = table[table[amount].notna() & table[count].notna()]
    total = float(known[count].sum())
    return Number(estimate=float(known[amount].sum()) / total) if total else None


def _projects_in(_refnis: Sequence[int], project: pd.DataFrame, *, sectors: Sequence[str]) -> Number:
    """Projects in some sectors."""
    return Number(estimate=float(project["sector"].isin(list(sectors)).sum()))


def _carvable(_refnis: Sequence[int], task: pd.DataFrame) -> Number | None:
    """Tasks that can be carved out; unknown where none was judged."""
    judged = task["carvable"].notna()
    return Number(estimate=float(task.loc[judged, "carvable"].sum())) if judged.any() else None


def _ties(_refnis: Sequence[int], tie: pd.DataFrame, *, kind: str) -> Number | None:
    """Ties of a kind that a survey or a register named, not the plan; without any it is not known to be asked."""
    stated = tie[(tie["origin"] != PLAN) & (tie["kind"] == kind)]
    return Number(estimate=float(len(stated)), used=[stated]) if len(stated) else None


def _confirmed_ties(_refnis: Sequence[int], tie: pd.DataFrame) -> Number | None:
    """Ties that the partners confirmed themselves; unknown where only the plan names ties."""
    stated = tie[tie["origin"] != PLAN]
    return Number(estimate=float(stated["confirmed"].sum()), used=[stated]) if len(stated) else None


# --- areas


def _areas(grouping: pd.DataFrame) -> pd.DataFrame:
    """Rows on working areas."""
    return grouping[grouping["grouping"] == "working-area"]


def _confirmed_areas(_refnis: Sequence[int], grouping: pd.DataFrame) -> Number:
    """Working areas whose members are all confirmed."""
    areas = _areas(grouping)
    doubtful = areas.loc[areas["status"] != "confirmed", "group"]
    return Number(estimate=float(areas.loc[~areas["group"].isin(doubtful), "group"].nunique()), used=[areas])


def _municipalities_in_areas(refnis: Sequence[int], grouping: pd.DataFrame) -> Number:
    """Municipalities of the region whose working area is known or possible."""
    areas = _areas(grouping)
    return Number(estimate=float(areas.loc[areas["refnis"].isin(list(refnis)), "refnis"].nunique()), used=[areas])


def _municipalities(refnis: Sequence[int], _municipality: pd.DataFrame) -> Number:
    """Municipalities of the region."""
    return Number(estimate=float(len(refnis)))


# --- offer --------------------------------------------------------------------


def _last(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the last date."""
    return table[table["date"] == table["date"].max()]


def _known_offer(offer: pd.DataFrame, establishment: pd.DataFrame) -> pd.DataFrame:
    """Offer of known size on its last date, with its municipality."""
    last = _last(offer)
    known = last[last["places"].notna() & (last["status"] != "unknown")]
    return known.merge(
        establishment[["establishment_number", "enterprise_number", "refnis"]], on="establishment_number"
    )


def _places(_refnis: Sequence[int], offer: pd.DataFrame, establishment: pd.DataFrame) -> Number:
    """Places on record."""
    places = _known_offer(offer, establishment)["places"]
    return Number(estimate=float(places.sum()), used=[_last(offer), establishment])


def _municipalities_with_offer(
    refnis: Sequence[int], offer: pd.DataFrame, establishment: pd.DataFrame, *, known: bool
) -> Number:
    """Municipalities of the region whose offer is known, or is not."""
    inside = len(set(_known_offer(offer, establishment)["refnis"]) & set(refnis))
    return Number(estimate=float(inside if known else len(refnis) - inside), used=[_last(offer), establishment])


def _uniform(refnis: Sequence[int], offer: pd.DataFrame, establishment: pd.DataFrame) -> Number:
    """Municipalities with a known offer of only one kind of activity."""
    located = _known_offer(offer, establishment)
    offered = located[located["refnis"].isin(list(refnis)) & (located["places"] > 0)]
    kinds = offered.drop_duplicates(["refnis", "activity"]).groupby("refnis").size()
    return Number(estimate=float((kinds == 1).sum()), used=[_last(offer), establishment])


def _places_of(
    _refnis: Sequence[int], offer: pd.DataFrame, establishment: pd.DataFrame, enterprise: pd.DataFrame, *, form: str
) -> Number:
    """Places on record at enterprises of one form."""
    located = _known_offer(offer, establishment)
    numbers = enterprise.loc[enterprise["form"] == form, "enterprise_number"]
    places = located.loc[located["enterprise_number"].isin(numbers), "places"]
    return Number(estimate=float(places.sum()), used=[_last(offer), establishment, enterprise])


def _enterprises(_refnis: Sequence[int], enterprise: pd.DataFrame, *, forms: Sequence[str]) -> Number:
    """Enterprises of some forms."""
    return Number(estimate=float(enterprise["form"].isin(list(forms)).sum()))


def _regular_firms(
    _refnis: Sequence[int],
    offer: pd.DataFrame,
    establishment: pd.DataFrame,
    enterprise: pd.DataFrame,
    sector: pd.DataFrame,
    *,
    with_places: bool,
) -> Number:
    """Regular firms with inclusive places, or those of the shortage sectors without."""
    last = _last(offer)
    found = firms(establishment, enterprise, last, sector)
    places = found["inclusive_places"].astype("Float64")
    wanted = (places > 0) if with_places else (places == 0) & (found["sector"] != "")
    return Number(estimate=float(wanted.fillna(value=False).sum()), used=[last, establishment, enterprise, sector])


# --- people -------------------------------------------------------------------


def _placed_share(_refnis: Sequence[int], need: pd.DataFrame) -> Number | None:
    """Share of the need on its last date that has a place, over the cells that know both parts."""
    last = _last(need)
    known = last[last["placed"].notna() & last["waiting"].notna()]
    people = float((known["placed"] + known["waiting"]).sum())
    if not people:
        return None
    return Number(estimate=float(known["placed"].sum()) / people, n=headcount(people), used=[last])


def _counted_need(_refnis: Sequence[int], need: pd.DataFrame) -> Number:
    """Share of the cells of the need on its last date that was counted."""
    last = _last(need)
    return Number(estimate=float((last["method"] == "counted").mean()), used=[last])


def _share_with(_refnis: Sequence[int], panel: pd.DataFrame, *, column: str, values: Sequence[str]) -> Number | None:
    """Share of the persons in sight at the last snapshot with some value of a column; n is cut to tens of persons."""
    last = _last(panel)
    seen = last[(last["step"] != "uit_beeld") & ~last["step"].str.startswith("exit_")]
    persons = float(seen["person_id"].nunique())
    if not persons:
        return None
    have = float(seen.loc[seen[column].isin(list(values)), "person_id"].nunique())
    return Number(estimate=have / persons, n=headcount(persons), used=[last])


def _training_share(_refnis: Sequence[int], training: pd.DataFrame, *, column: str) -> Number | None:
    """Share of the participants that a column counts, over the rows that know both."""
    known = training[training["participants"].notna() & training[column].notna()]
    people = float(known["participants"].sum())
    return Number(estimate=float(known[column].sum()) / people, n=headcount(people)) if people else None


COMPUTED: dict[str, Measure] = {
    "carvable_tasks": Measure(tables=("task",), unit="tasks", compute=_carvable),
    "commitments_followed": Measure(tables=("commitment",), unit="commitments", compute=_rows),
    "completed_share": Measure(
        tables=("training",), unit="share", compute=partial(_training_share, column="completed")
    ),
    "confirmed_areas": Measure(tables=("grouping",), unit="areas", compute=_confirmed_areas),
    "confirmed_ties": Measure(tables=("partner_tie",), unit="ties", compute=_confirmed_ties),
    "consultation_ties": Measure(tables=("partner_tie",), unit="ties", compute=partial(_ties, kind="overleg")),
    "cooperation_ties": Measure(tables=("partner_tie",), unit="ties", compute=partial(_ties, kind="samenwerking")),
    "counted_need": Measure(tables=("need",), unit="share", compute=_counted_need),
    "data_requests": Measure(tables=("data_request",), unit="requests", compute=_rows),
    "euro_per_job": Measure(
        tables=("loan",), unit="euro per job", compute=partial(_per, amount="amount_euro", count="jobs_created")
    ),
    "euro_per_kept_place": Measure(
        tables=("project",),
        unit="euro per place",
        compute=partial(_per, amount="subsidy_euro", count="places_kept_12_months"),
    ),
    "euro_per_place": Measure(
        tables=("project",), unit="euro per place", compute=partial(_per, amount="subsidy_euro", count="places_created")
    ),
    "firms_with_places": Measure(
        tables=("offer", "establishment", "enterprise", "sector"),
        unit="firms",
        compute=partial(_regular_firms, with_places=True),
    ),
    "firms_without_places": Measure(
        tables=("offer", "establishment", "enterprise", "sector"),
        unit="firms",
        compute=partial(_regular_firms, with_places=False),
    ),
    "groups_with_offer": Measure(
        tables=("offer_target_group",), unit="groups", compute=partial(_distinct, column="target_group")
    ),
    "ladder_states": Measure(tables=("ladder_step",), unit="states", compute=_rows),
    "little_dutch": Measure(
        tables=("ladder_panel",),
        unit="share",
        compute=partial(_share_with, column="dutch_level", values=LITTLE_DUTCH),
    ),
    "municipalities": Measure(tables=("municipality",), unit="municipalities", compute=_municipalities),
    "municipalities_in_areas": Measure(tables=("grouping",), unit="municipalities", compute=_municipalities_in_areas),
    "municipalities_unknown": Measure(
        tables=("offer", "establishment"),
        unit="municipalities",
        compute=partial(_municipalities_with_offer, known=False),
    ),
    "municipalities_with_offer": Measure(
        tables=("offer", "establishment"),
        unit="municipalities",
        compute=partial(_municipalities_with_offer, known=True),
    ),
    "placed_share": Measure(tables=("need",), unit="share", compute=_placed_share),
    "places_local_government": Measure(
        tables=("offer", "establishment", "enterprise"),
        unit="places",
        compute=partial(_places_of, form=LOCAL_GOVERNMENT),
    ),
    "projects_care": Measure(tables=("project",), unit="projects", compute=partial(_projects_in, sectors=("zorg",))),
    "projects_construction": Measure(
        tables=("project",), unit="projects", compute=partial(_projects_in, sectors=("bouw",))
    ),
    "projects_industry_logistics": Measure(
        tables=("project",), unit="projects", compute=partial(_projects_in, sectors=("nijverheid", "logistiek"))
    ),
    "published_series": Measure(tables=("indicator",), unit="series", compute=_series),
    "registered_places": Measure(tables=("offer", "establishment"), unit="places", compute=_places),
    "regular_enterprises": Measure(
        tables=("enterprise",), unit="firms", compute=partial(_enterprises, forms=(REGULAR,))
    ),
    "regulation_changes": Measure(tables=("regulation",), unit="changes", compute=_rows),
    "screened_tasks": Measure(tables=("task",), unit="tasks", compute=_rows),
    "social_enterprises": Measure(tables=("enterprise",), unit="firms", compute=partial(_enterprises, forms=SOCIAL)),
    "share_between_steps": Measure(
        tables=("ladder_panel",),
        unit="share",
        compute=partial(_share_with, column="step", values=("3-4", "4-5", "5-6")),
    ),
    "share_on_steps_3_5": Measure(
        tables=("ladder_panel",), unit="share", compute=partial(_share_with, column="step", values=("3", "5"))
    ),
    "supported_share": Measure(
        tables=("ladder_panel",), unit="share", compute=partial(_share_with, column="support", values=("ja",))
    ),
    "to_work_share": Measure(tables=("training",), unit="share", compute=partial(_training_share, column="to_work")),
    "training_ties": Measure(
        tables=("partner_tie",), unit="ties", compute=partial(_ties, kind="opleiding op het bedrijf")
    ),
    "trainings": Measure(tables=("training",), unit="trainings", compute=_rows),
    "uniform_municipalities": Measure(tables=("offer", "establishment"), unit="municipalities", compute=_uniform),
    **REGISTERED,
}
"""Computations that the table `commitment_indicator` may name."""
