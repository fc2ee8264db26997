"""How a region, an interval and the lack of both are said inside a sentence."""

from __future__ import annotations

from studie.config import LEVEL
from studie.present import numbers
from studie.present.display import Sentence
from studie.regions import Region


def place(region: Region) -> str:
    """Name of a region inside a sentence: de provincie Antwerpen, het arrondissement Mechelen, Mechelen."""
    names = {
        "province": f"de provincie {region.name}",
        "arrondissement": f"het arrondissement {region.name}",
        "working-area": f"het werkingsgebied {region.name}",
        "grouping": f"de regio {region.name}",
    }
    return names.get(region.level, region.name)


def unavailable() -> list[Sentence]:
    """There is too little to estimate this."""
    return [Sentence(text="Dit is hier onbekend: er zijn te weinig waarnemingen om het te schatten.")]


def widened(asked: Region, shown: Region) -> list[Sentence]:
    """That the figure of the area above stands here, and why."""
    text = f"Voor {place(asked)} zijn te veel cellen te klein; hier staat het cijfer van {place(shown)}."
    return [Sentence(text=text)]


def in_level(level: float) -> str:
    """Coverage of an interval where it is not the report's own 95 %."""
    return "" if abs(level - LEVEL) < 1e-9 else f"{numbers.share(level)}-interval "
