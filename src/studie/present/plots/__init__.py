"""Figures: one message each, drawn from printable cells, named after the class of the result they show."""

from studie.present.plots.demand import forecast, municipal_demand, regional_demand
from studie.present.plots.figures import published
from studie.present.plots.ladder import cumulative_incidence, outcomes, regional_matrix, stock, transition_matrix
from studie.present.plots.mapped import offer_coverage
from studie.present.plots.places import face, faces

__all__ = [
    "cumulative_incidence",
    "face",
    "faces",
    "forecast",
    "municipal_demand",
    "offer_coverage",
    "outcomes",
    "published",
    "regional_demand",
    "regional_matrix",
    "stock",
    "transition_matrix",
]
