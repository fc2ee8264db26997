"""Screened tasks of the demonstration: which part of an activity in a shortage sector could become inclusive work."""

from __future__ import annotations

import numpy as np
import pandas as pd

from studie.data.demonstration.streams import stream

# sector: (activity, what is done, can be carved out; None is unknown)
TASKS: dict[str, tuple[tuple[str, str, bool | None], ...]] = {
    "zorg": (
        ("zorgondersteuning", "maaltijden en linnen rondbrengen", True),
        ("schoonmaak", "kamers en gemeenschappelijke ruimten schoonmaken", True),
        ("keukenhulp", "maaltijden klaarzetten en afwassen", True),
        ("verzorging", "medische verzorging", False),
    ),
    "bouw": (
        ("werfondersteuning", "werf opruimen en materiaal klaarleggen", True),
        ("afbraak en sortering", "materialen sorteren voor hergebruik", True),
        ("groenonderhoud", "groenaanleg rond nieuwe gebouwen", True),
        ("gevelreiniging", "gevels reinigen", None),
    ),
    "nijverheid": (
        ("verpakking", "verpakken en etiketteren", True),
        ("montage", "onderdelen vooraf monteren", True),
        ("textielreiniging", "werkkledij wassen en herstellen", True),
    ),
    "logistiek": (
        ("magazijnwerk", "orders verzamelen", True),
        ("verpakking", "retouren uitpakken en herverpakken", True),
        ("palletherstelling", "paletten herstellen", True),
    ),
}


def tasks(*, seed: int) -> pd.DataFrame:
    """Table `task`: task_id, sector, activity, description, share_low, share_high, carvable."""
    rng = stream(seed, "task")
    rows = []
    for sector, listed in TASKS.items():
        for number, (activity, description, carvable) in enumerate(listed, start=1):
            low = float(np.round(rng.uniform(0.05, 0.2), 2))
            high = float(np.round(low + rng.uniform(0.05, 0.2), 2))
            rows.append(
                {
                    "task_id": f"T-{sector}-{number}",
                    "sector": sector,
                    "activity": activity,
                    "description": description,
                    "share_low": low if carvable else None,
                    "share_high": high if carvable else None,
                    "carvable": carvable,
                }
            )
    frame = pd.DataFrame(rows)
    return frame.astype({"carvable": "boolean", "share_low": float, "share_high": float})
