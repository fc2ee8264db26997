"""How well people in need can reach the offer: catchments, travel minutes, nearest places, unmet need, the edge."""

from __future__ import annotations

from studie.places.assignment import UnmetNeed, unmet_need
from studie.places.catchment import Accessibility, two_step_floating_catchment
from studie.places.reach import EdgeEffect, NearestPlace, edge_effect, nearest_minutes, reachable_share, to_nearest_site
from studie.places.regional_access import RegionalAccess, regional_access
from studie.places.travel import Speed, Speeds, od_matrix, travel_minutes

__all__ = [
    "Accessibility",
    "EdgeEffect",
    "NearestPlace",
    "RegionalAccess",
    "Speed",
    "Speeds",
    "UnmetNeed",
    "edge_effect",
    "nearest_minutes",
    "od_matrix",
    "reachable_share",
    "regional_access",
    "to_nearest_site",
    "travel_minutes",
    "two_step_floating_catchment",
    "unmet_need",
]
