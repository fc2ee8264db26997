"""Blind spots: five faces with draws and states, the probability of being among the worst, clusters on the map."""

from __future__ import annotations

from studie.places.face import Face, Measure, Worst, worst
from studie.places.faces import knowledge, sector, volume
from studie.places.offer import funded
from studie.places.spatial import Autocorrelation, autocorrelation
from studie.places.variety import diversity, reach

__all__ = [
    "Autocorrelation",
    "Face",
    "Measure",
    "Worst",
    "autocorrelation",
    "diversity",
    "funded",
    "knowledge",
    "reach",
    "sector",
    "volume",
    "worst",
]
