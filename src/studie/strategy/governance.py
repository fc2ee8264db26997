"""What one platform would change in the partner network, under the three forms of network governance."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import networkx as nx
import pandas as pd

from studie.errors import InputError, unknown
from studie.strategy.network import LEVEL, UNITS, critical_actors, graph, measures

Form = Literal["shared", "lead_organisation", "administrative_organisation"]
FORMS: tuple[Form, ...] = ("shared", "lead_organisation", "administrative_organisation")
TODAY = "today"
CONTINGENCIES: Mapping[str, Mapping[str, str]] = {
    "trust": {
        "shared": "high density: widely shared among members",
        "lead_organisation": "low density, highly centralised",
        "administrative_organisation": "moderate density, monitored by members",
    },
    "number_of_partners": {
        "shared": "few",
        "lead_organisation": "moderate number",
        "administrative_organisation": "moderate to many",
    },
    "goal_consensus": {
        "shared": "high",
        "lead_organisation": "moderately low",
        "administrative_organisation": "moderately high",
    },
    "need_for_network_competence": {
        "shared": "low",
        "lead_organisation": "moderate",
        "administrative_organisation": "high",
    },
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Governance:
    """The network today and under each form of governance.

    Attributes
    ----------
    table : DataFrame
        `form` (today first), `quantity`, `estimate` (unconfirmed ties kept), `confirmed` (dropped), `before` (today),
        `unit`; `new_ties` is what must be kept up in addition.
    critical : dict of DataFrame
        Single points of failure per form.
    hub : dict
        The actor in the middle per form; None where there is none.
    members : tuple
        Actors that take part in the platform.
    level : float
    n : int
        Actors today.
    """

    table: pd.DataFrame
    critical: dict[str, pd.DataFrame]
    hub: dict[str, Hashable | None]
    members: tuple[Hashable, ...]
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Key `form`, then the six columns; bounds are unconfirmed ties dropped and kept."""
        both = self.table[["estimate", "confirmed"]]
        return pd.DataFrame(
            {
                "form": self.table["form"],
                "quantity": self.table["quantity"],
                "estimate": both["estimate"],
                "lower": both.min(axis=1),
                "upper": both.max(axis=1),
                "n": self.n,
                "unit": self.table["unit"],
            }
        )


def compare(
    ties: pd.DataFrame,
    *,
    lead: Hashable,
    administrator: Hashable,
    members: Sequence[Hashable] = (),
    actors: Sequence[Hashable] = (),
    level: float = LEVEL,
) -> Governance:
    """The network before and after, under shared governance, a lead organisation and an administrative organisation.

    Parameters
    ----------
    ties, actors
        As in `network.graph`.
    lead : actor
        The member that would lead.
    administrator : actor
        A new organisation, not in the network yet.
    members : sequence
        Actors that take part; all by default.
    level : float, default 0.95

    Raises
    ------
    InputError
        A lead that is no member, an administrator that exists already, or an unknown member.

    Notes
    -----
    Forms as ideal types [1]_: *shared*, every member is tied to every other; *lead organisation*, the lead is tied to
    every member; *network administrative organisation*, a new actor is tied to every member. Ties of today stay.
    This is what the forms mean on paper: no forecast that partners will keep up those ties.

    References
    ----------
    .. [1] Provan, K. G. & Kenis, P. (2008). Modes of network governance. J. Public Adm. Res. Theory 18(2), 229-252.
    """
    if not 0 < level < 1:
        raise InputError(f"level: must be in (0, 1), got {level}")
    whole, sure = graph(ties, actors=actors), graph(ties, actors=actors, keep="confirmed")
    group = tuple(members) or tuple(whole)
    strange = [name for name in group if name not in whole]
    if strange:
        raise unknown("members", strange[0], map(str, whole))
    if lead not in group:
        raise InputError(f"lead: must be a member, got {lead}")
    if administrator in whole:
        raise InputError(f"administrator: must be new, got {administrator}, which is in the network")
    hub: dict[str, Hashable | None] = {
        TODAY: None, "shared": None, "lead_organisation": lead, "administrative_organisation": administrator,
    }  # fmt: skip
    before = measures(whole)
    tables, critical = [_rows(TODAY, before, measures(sure), before)], {TODAY: critical_actors(whole)}
    for form in FORMS:
        after = under(whole, form, members=group, hub=hub[form])
        seen, least = measures(after), measures(under(sure, form, members=group, hub=hub[form]))
        for found, start in ((seen, whole), (least, sure)):
            found["new_ties"] = found["ties"] - start.number_of_edges()
        tables.append(_rows(form, seen, least, before))
        critical[form] = critical_actors(after)
    return Governance(
        table=pd.concat(tables, ignore_index=True), critical=critical, hub=hub, members=group, level=level,
        n=len(whole),
    )  # fmt: skip


def under(network: nx.Graph, form: Form, *, members: Sequence[Hashable], hub: Hashable | None = None) -> nx.Graph:
    """The network with the ties that a form of governance adds.

    Parameters
    ----------
    network : Graph
    form : {'shared', 'lead_organisation', 'administrative_organisation'}
    members : sequence
    hub : actor, optional
        Who stands in the middle; needed for all but `shared`.

    Raises
    ------
    InputError
        An unknown form, or no hub where one is needed.
    """
    if form not in FORMS:
        raise unknown("form", form, FORMS)
    if form != "shared" and hub is None:
        raise InputError(f"hub: {form} needs an actor in the middle, got none")
    pairs = combinations(members, 2) if form == "shared" else ((hub, name) for name in members if name != hub)
    after = network.copy()
    after.add_edges_from(pair for pair in pairs if not network.has_edge(*pair))
    return after


def contingencies() -> pd.DataFrame:
    """What each form asks, in words: four contingencies of Provan and Kenis, without numbers.

    Returns
    -------
    DataFrame
        `criterion, form, fits` (when the form can be expected to work).

    References
    ----------
    Provan & Kenis (2008), table 1.
    """
    return pd.DataFrame(
        [(name, form, words) for name, forms in CONTINGENCIES.items() for form, words in forms.items()],
        columns=["criterion", "form", "fits"],
    )


def _rows(form: str, estimate: pd.Series, confirmed: pd.Series, before: pd.Series) -> pd.DataFrame:
    """Measures of one form."""
    units = {**UNITS, "new_ties": "ties"}
    names = [name for name in units if name in estimate.index]
    return pd.DataFrame(
        {
            "form": form,
            "quantity": names,
            "estimate": estimate[names].to_numpy(),
            "confirmed": confirmed[names].to_numpy(),
            "before": before.reindex(names).to_numpy(),
            "unit": [units[name] for name in names],
        }
    )
