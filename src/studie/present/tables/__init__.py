"""Tables in Dutch number format, made from printable cells, named after the class of the result they show."""

from studie.present.tables.argument import (
    crossing,
    crossing_room,
    crossing_verdicts,
)
from studie.present.tables.context import (
    ladder_conversion,
    regulation,
)
from studie.present.tables.data import completeness, inventory, open_requests, regional_coverage, series_breaks
from studie.present.tables.decisions import (
    acceptability,
    allocation,
    choice,
    evaluation,
    governance,
    network,
    next_euros,
    platform_forms,
)
from studie.present.tables.demand import (
    backtest,
    carving_potential,
    labour_demand,
    regional_demand,
    sector_skill,
    shortage_sectors,
)
from studie.present.tables.ladder import cumulative_incidence, profiles, published_flows, transition_matrix
from studie.present.tables.means import cost_by_region, options, yields
from studie.present.tables.monitor import followed, monitor, monitor_facts, monitor_holders, monitor_summary
from studie.present.tables.places import faces, matching, prospects, regional_access, regional_gaps
from studie.present.tables.platform import (
    first_requests,
    interaction,
    landscape,
    providers,
    road_map,
    road_map_decisions,
    time_line,
)
from studie.present.tables.proposal import (
    FOLLOWED,
    outlay,
    requests_by_holder,
)
from studie.present.tables.registers import registers, resilience, subsidy_guide
from studie.present.tables.strategy import calibration, comparison, cost, needed_places, value_of_information

__all__ = [
    "FOLLOWED",
    "acceptability",
    "allocation",
    "backtest",
    "calibration",
    "carving_potential",
    "choice",
    "comparison",
    "completeness",
    "cost",
    "cost_by_region",
    "crossing",
    "crossing_room",
    "crossing_verdicts",
    "cumulative_incidence",
    "evaluation",
    "faces",
    "first_requests",
    "followed",
    "governance",
    "interaction",
    "inventory",
    "labour_demand",
    "ladder_conversion",
    "landscape",
    "matching",
    "monitor",
    "monitor_facts",
    "monitor_holders",
    "monitor_summary",
    "needed_places",
    "network",
    "next_euros",
    "open_requests",
    "options",
    "outlay",
    "platform_forms",
    "profiles",
    "prospects",
    "providers",
    "published_flows",
    "regional_access",
    "regional_coverage",
    "regional_demand",
    "regional_gaps",
    "registers",
    "regulation",
    "requests_by_holder",
    "resilience",
    "road_map",
    "road_map_decisions",
    "sector_skill",
    "series_breaks",
    "shortage_sectors",
    "subsidy_guide",
    "time_line",
    "transition_matrix",
    "value_of_information",
    "yields",
]
