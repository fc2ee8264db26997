"""Discrete-time transition matrices: counts of moves, probabilities with intervals, powers and occupancy."""

from __future__ import annotations

from studie.ladder.multinomial import MultinomialLogit, multinomial_logit
from studie.ladder.pairs import Counts, counts, counts_by_time, occupancy
from studie.ladder.powers import Occupancy, k_step, projected_occupancy
from studie.ladder.transition import TransitionMatrix, time_varying, transition_matrix

__all__ = [
    "Counts",
    "MultinomialLogit",
    "Occupancy",
    "TransitionMatrix",
    "counts",
    "counts_by_time",
    "k_step",
    "multinomial_logit",
    "occupancy",
    "projected_occupancy",
    "time_varying",
    "transition_matrix",
]
