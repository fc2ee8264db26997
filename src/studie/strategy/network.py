"""Who works with whom: how dense and how central the partner network is, and where it breaks."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import comb
from typing import Literal

import networkx as nx
import numpy as np
import pandas as pd

from studie.errors import InputError, InsufficientDataError, unknown

Ties = Literal["all", "confirmed"]
Kind = Literal["degree", "betweenness"]
NEEDED = ("from_actor", "to_actor", "kind", "confirmed")
LEAST_ACTORS = 3
LEVEL = 0.95
UNITS = {
    "actors": "actors",
    "ties": "ties",
    "density": "share",
    "degree_centralisation": "share",
    "betweenness_centralisation": "share",
    "components": "components",
    "largest_component": "actors",
    "redundancy": "share",
    "single_points_of_failure": "actors",
    "ties_without_detour": "ties",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """A partner network and its weak points.

    Attributes
    ----------
    measures : DataFrame, indexed by quantity
        `estimate` (all ties kept), `confirmed` (only those that partners confirmed) and `unit`.
    critical : DataFrame
        `actor, cut_off`: actors without whom others no longer reach the rest, most first.
    bridges : DataFrame
        `from_actor, to_actor, cut_off`: ties without a way round.
    boundary : str
        Who counts as an actor.
    asked : int
        Actors that were asked for their ties.
    unseen_pairs : int
        Pairs of which neither was asked: a tie there would not be seen.
    largest_density : float
        Density if every unseen pair without a tie had one.
    level : float
        Bounds are the two extremes (unconfirmed ties dropped or kept), without a chance attached.
    n : int
        Actors.
    """

    measures: pd.DataFrame
    critical: pd.DataFrame
    bridges: pd.DataFrame
    boundary: str
    asked: int
    unseen_pairs: int
    largest_density: float
    level: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        """The six columns; bounds are what dropping and keeping unconfirmed ties give."""
        both = self.measures[["estimate", "confirmed"]]
        frame = pd.DataFrame(
            {
                "quantity": self.measures.index,
                "estimate": both["estimate"].to_numpy(),
                "lower": both.min(axis=1).to_numpy(),
                "upper": both.max(axis=1).to_numpy(),
                "n": self.n,
                "unit": self.measures["unit"].to_numpy(),
            }
        )
        unseen = frame[frame["quantity"] == "density"].assign(
            quantity="density_if_unseen_ties_exist", estimate=self.largest_density, upper=self.largest_density
        )
        return pd.concat([frame, unseen], ignore_index=True)


def graph(ties: pd.DataFrame, *, actors: Sequence[Hashable] = (), keep: Ties = "all") -> nx.Graph:
    """Actors and who has any tie with whom.

    Parameters
    ----------
    ties : DataFrame
        `from_actor, to_actor, kind, confirmed` and optional `weight` (`partner_tie`); several ties of one pair make
        one, with their kinds together and their weights added up.
    actors : sequence
        Actors inside the boundary that may have no tie.
    keep : {'all', 'confirmed'}, default 'all'
        Dropped ties leave their actors in.

    Raises
    ------
    InputError
        Missing columns or names, a tie of an actor with itself, or an unknown option.
    """
    if keep not in ("all", "confirmed"):
        raise unknown("keep", keep, ("all", "confirmed"))
    absent = [name for name in NEEDED if name not in ties.columns]
    if absent:
        raise InputError(f"ties: needs the columns {', '.join(NEEDED)}, got no {', '.join(absent)}")
    if ties[list(NEEDED)].isna().any(axis=None):
        raise InputError("ties: both actors, kind and confirmed must be known in every row")
    own = ties["from_actor"] == ties["to_actor"]
    if own.any():
        raise InputError(f"ties: an actor has no tie with itself, got {ties['from_actor'][own].iloc[0]}")
    out = nx.Graph()
    out.add_nodes_from(sorted({*actors, *ties["from_actor"], *ties["to_actor"]}, key=str))
    kept = ties[ties["confirmed"].astype(bool)] if keep == "confirmed" else ties
    weights = kept["weight"].to_numpy(float) if "weight" in kept else np.full(len(kept), np.nan)
    for a, b, kind, weight in zip(kept["from_actor"], kept["to_actor"], kept["kind"], weights, strict=True):
        known = out.get_edge_data(a, b, {"kinds": (), "weight": 0.0})
        kinds = tuple(sorted({*known["kinds"], kind}))
        out.add_edge(a, b, kinds=kinds, weight=known["weight"] + weight)
    return out


def measure(
    ties: pd.DataFrame,
    *,
    boundary: str,
    actors: Sequence[Hashable] = (),
    asked: Sequence[Hashable] = (),
    level: float = LEVEL,
) -> Network:
    """The network with its weak points, and what is not known about it.

    Parameters
    ----------
    ties, actors
        As in `graph`.
    boundary : str
        Who counts as an actor, in words: centrality outside the boundary is not seen.
    asked : sequence
        Actors that were asked for their ties and answered.
    level : float, default 0.95

    Raises
    ------
    InputError
        As `graph`; also no boundary, or an asked actor outside it.
    InsufficientDataError
        Fewer than 3 actors.

    Notes
    -----
    Density m / C(n, 2). Redundancy: share of pairs with two ways between them that share no third actor (pairs in one
    biconnected block of 3 or more), so that no single loss parts them. Single points of failure are articulation
    points, ties without a detour are bridges [1]_. Bounds are the network with and without unconfirmed ties: for counts
    and density nothing in between lies outside them, for centralisation it could. A pair of which neither actor was
    asked is not known to have no tie [2]_: that gives the largest density.

    References
    ----------
    .. [1] Hopcroft, J. & Tarjan, R. (1973). Commun. ACM 16(6), 372-378.
    .. [2] Kossinets, G. (2006). Effects of missing data in social networks. Social Networks 28(3), 247-268.
    """
    if not boundary:
        raise InputError("boundary: who counts as an actor must be said, got nothing")
    if not 0 < level < 1:
        raise InputError(f"level: must be in (0, 1), got {level}")
    whole, sure = graph(ties, actors=actors), graph(ties, actors=actors, keep="confirmed")
    if len(whole) < LEAST_ACTORS:
        raise InsufficientDataError(f"ties: needs {LEAST_ACTORS} actors, got {len(whole)}")
    strange = [name for name in asked if name not in whole]
    if strange:
        raise InputError(f"asked: must be inside the boundary, got {strange[0]}")
    silent = set(whole) - set(asked)
    unseen = comb(len(silent), 2)
    seen_absent = unseen - whole.subgraph(silent).number_of_edges()
    here, confirmed = measures(whole), measures(sure)
    return Network(
        measures=pd.DataFrame({"estimate": here, "confirmed": confirmed, "unit": pd.Series(UNITS)}).reindex(
            list(UNITS)
        ),
        critical=critical_actors(whole),
        bridges=bridges(whole),
        boundary=boundary,
        asked=len(set(asked)),
        unseen_pairs=unseen,
        largest_density=(whole.number_of_edges() + seen_absent) / comb(len(whole), 2),
        level=level,
        n=len(whole),
    )


def measures(graph: nx.Graph) -> pd.Series:
    """Measures of one network, by quantity."""
    n, m = graph.number_of_nodes(), graph.number_of_edges()
    parts = [len(part) for part in nx.connected_components(graph)]
    return pd.Series(
        {
            "actors": n,
            "ties": m,
            "density": m / comb(n, 2),
            "degree_centralisation": centralisation(graph, kind="degree"),
            "betweenness_centralisation": centralisation(graph, kind="betweenness"),
            "components": len(parts),
            "largest_component": max(parts),
            "redundancy": redundancy(graph),
            "single_points_of_failure": sum(1 for _ in nx.articulation_points(graph)),
            "ties_without_detour": sum(1 for _ in nx.bridges(graph)),
        },
        dtype=float,
    )


def centralisation(graph: nx.Graph, *, kind: Kind) -> float:
    """How far a network is centred on one actor, 0 (all alike) to 1 (a star).

    Parameters
    ----------
    graph : Graph
        Undirected, without loops; weights are not used.
    kind : {'degree', 'betweenness'}

    Raises
    ------
    InputError
        An unknown kind, or a directed graph.
    InsufficientDataError
        Fewer than 3 actors.

    Notes
    -----
    Σ_i (C_max − C_i) over its largest possible value, that of the star [1]_: (n − 1)(n − 2) for degree, n − 1 for
    betweenness as a share of the pairs.

    References
    ----------
    .. [1] Freeman, L. C. (1978). Centrality in social networks. Social Networks 1(3), 215-239.
    """
    if kind not in ("degree", "betweenness"):
        raise unknown("kind", kind, ("degree", "betweenness"))
    if graph.is_directed():
        raise InputError("graph: must be undirected, got a directed one")
    n = graph.number_of_nodes()
    if n < LEAST_ACTORS:
        raise InsufficientDataError(f"graph: needs {LEAST_ACTORS} actors, got {n}")
    if kind == "degree":
        values = np.array([degree for _, degree in graph.degree()], dtype=float)
        return float((values.max() - values).sum() / ((n - 1) * (n - 2)))
    values = np.array(list(nx.betweenness_centrality(graph, normalized=True).values()))
    return float((values.max() - values).sum() / (n - 1))


def redundancy(graph: nx.Graph) -> float:
    """Share of the pairs of actors that no loss of one other actor or of one tie parts."""
    blocks = (len(block) for block in nx.biconnected_components(graph))
    return sum(comb(size, 2) for size in blocks if size > 2) / comb(graph.number_of_nodes(), 2)


def critical_actors(graph: nx.Graph) -> pd.DataFrame:
    """Single points of failure and how many others lose the largest part that is left, most first."""
    rows = []
    for actor in nx.articulation_points(graph):
        own = nx.node_connected_component(graph, actor)
        left = graph.subgraph(own - {actor})
        rows.append((actor, len(left) - max(len(part) for part in nx.connected_components(left))))
    rows.sort(key=lambda row: (-row[1], str(row[0])))
    return pd.DataFrame(rows, columns=["actor", "cut_off"])


def bridges(graph: nx.Graph) -> pd.DataFrame:
    """Ties without a way round and how many actors the smaller side has, most first."""
    rows = []
    for a, b in nx.bridges(graph):
        own = nx.node_connected_component(graph, a)
        left = nx.Graph(graph.subgraph(own))
        left.remove_edge(a, b)
        first, second = sorted((a, b), key=str)
        rows.append((first, second, min(len(part) for part in nx.connected_components(left))))
    rows.sort(key=lambda row: (-row[2], str(row[0]), str(row[1])))
    return pd.DataFrame(rows, columns=["from_actor", "to_actor", "cut_off"])
