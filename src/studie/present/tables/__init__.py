"""Tables in Dutch number format, made from printable cells, named after the class of the result they show."""

from studie.present.tables.data import inventory
from studie.present.tables.demand import (
    backtest,
    carving_potential,
    labour_demand,
    regional_demand,
    sector_skill,
    shortage_sectors,
)
from studie.present.tables.ladder import cumulative_incidence, profiles, published_flows, transition_matrix

__all__ = [
    "backtest",
    "carving_potential",
    "cumulative_incidence",
    "inventory",
    "labour_demand",
    "profiles",
    "published_flows",
    "regional_demand",
    "sector_skill",
    "shortage_sectors",
    "transition_matrix",
]
