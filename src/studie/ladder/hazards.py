"""Event histories: state probabilities without a model, relapse and lasting moves from the moment of the move."""

from __future__ import annotations

from studie.ladder.adjusted import AdjustedHazards, adjusted_hazards
from studie.ladder.incidence import CumulativeIncidence, cumulative_incidence
from studie.ladder.lasting import lasting_moves, markov_relapse, relapse
from studie.ladder.markov import MarkovTest, markov_test, markov_test_exact
from studie.ladder.moves import Moves, upward_moves
from studie.ladder.relapse_risk import RelapseRisk, relapse_risk
from studie.ladder.state_probability import StateProbabilities, aalen_johansen, landmark

__all__ = [
    "AdjustedHazards",
    "CumulativeIncidence",
    "MarkovTest",
    "Moves",
    "RelapseRisk",
    "StateProbabilities",
    "aalen_johansen",
    "adjusted_hazards",
    "cumulative_incidence",
    "landmark",
    "lasting_moves",
    "markov_relapse",
    "markov_test",
    "markov_test_exact",
    "relapse",
    "relapse_risk",
    "upward_moves",
]
