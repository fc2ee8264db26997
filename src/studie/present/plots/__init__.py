"""Figures: one message each, drawn from printable cells, named after the class of the result they show."""

from studie.present.plots.decisions import acceptability, choice, evaluation, frontier, governance, network
from studie.present.plots.demand import forecast, municipal_demand, regional_demand
from studie.present.plots.figures import published
from studie.present.plots.ladder import cumulative_incidence, outcomes, regional_matrix, stock, transition_matrix
from studie.present.plots.mapped import offer_coverage
from studie.present.plots.means import yields
from studie.present.plots.places import face, faces
from studie.present.plots.platform import road_map
from studie.present.plots.strategy import (
    needed_places,
    paths,
    projection,
    tornado,
    value_of_information,
    variance_shares,
)

__all__ = [
    "acceptability",
    "choice",
    "cumulative_incidence",
    "evaluation",
    "face",
    "faces",
    "forecast",
    "frontier",
    "governance",
    "municipal_demand",
    "needed_places",
    "network",
    "offer_coverage",
    "outcomes",
    "paths",
    "projection",
    "published",
    "regional_demand",
    "regional_matrix",
    "road_map",
    "stock",
    "tornado",
    "transition_matrix",
    "value_of_information",
    "variance_shares",
    "yields",
]
