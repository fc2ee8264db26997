"""Tables in Dutch number format, made from printable cells, named after the class of the result they show."""

from studie.present.tables.data import completeness, inventory, open_requests, regional_coverage, series_breaks
from studie.present.tables.demand import (
    backtest,
    carving_potential,
    labour_demand,
    regional_demand,
    sector_skill,
    shortage_sectors,
)
from studie.present.tables.ladder import cumulative_incidence, profiles, published_flows, transition_matrix
from studie.present.tables.places import faces, matching, prospects, regional_gaps

__all__ = [
    "backtest",
    "carving_potential",
    "completeness",
    "cumulative_incidence",
    "faces",
    "inventory",
    "labour_demand",
    "matching",
    "open_requests",
    "profiles",
    "prospects",
    "published_flows",
    "regional_coverage",
    "regional_demand",
    "regional_gaps",
    "sector_skill",
    "series_breaks",
    "shortage_sectors",
    "transition_matrix",
]
