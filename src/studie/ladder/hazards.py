"""Event histories: state probabilities without a model, relapse and lasting moves from the moment of the move."""

from __future__ import annotations

from studie.ladder.incidence import CumulativeIncidence
from studie.ladder.lasting import lasting_moves, markov_relapse, relapse
from studie.ladder.moves import Moves, upward_moves

__all__ = [
    "CumulativeIncidence",
    "Moves",
    "lasting_moves",
    "markov_relapse",
    "relapse",
    "upward_moves",
]
