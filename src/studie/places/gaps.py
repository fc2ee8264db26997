"""Blind spots: five faces with draws and states, the probability of being among the worst, clusters on the map."""

from __future__ import annotations

from studie.places.face import Face, Faces, Measure, Worst, faces, worst
from studie.places.faces import knowledge, sector, volume
from studie.places.offer import funded
from studie.places.regional import RegionalGaps, regional_gaps
from studie.places.spatial import Autocorrelation, autocorrelation
from studie.places.variety import diversity, reach

__all__ = [
    "Autocorrelation",
    "Face",
    "Faces",
    "Measure",
    "RegionalGaps",
    "Worst",
    "autocorrelation",
    "diversity",
    "faces",
    "funded",
    "knowledge",
    "reach",
    "regional_gaps",
    "sector",
    "volume",
    "worst",
]
