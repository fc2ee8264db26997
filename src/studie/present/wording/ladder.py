"""Sentences about moves on the ladder."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import pandas as pd

from studie.config import LEVEL
from studie.disclosure import rules
from studie.present import cells, numbers, words
from studie.present.display import Finding, KeyNumber, Sentence
from studie.present.wording.regions import in_level, place, unavailable
from studie.regions import Region


def transition_matrix(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """What moves most and what stays, per month."""
    shown = cells.printable(result, frame)
    table = shown.assign(from_step=shown["from_step"].astype(str), to_step=shown["to_step"].astype(str))
    cell: Any = table.set_index(["from_step", "to_step"])
    texts = []
    for origin, target in (("3", "4"), ("4", "5"), ("5", "6")):
        row = cell.loc[(origin, target)] if (origin, target) in cell.index else None
        if row is not None and row.cell_status == "published":
            texts.append(f"van {words.step(origin)} naar {words.step(target)} gaat {cells.share(row)}")
    if not texts:
        return [Sentence(text="Er zijn te weinig mensen gevolgd om de bewegingen per maand te tonen.")]
    return [Sentence(text=f"Per maand: {numbers.listing(texts)}. Dat is een bruto beweging, geen effect van beleid.")]


def regional_matrix(result: Any, *, parent: Region, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How far the region's figures lean on the region above."""
    text = f"Deze schatting leunt voor {numbers.share(result.shrinkage)} op {place(parent)}"
    ending = (
        ": in de regio zelf is niemand gevolgd."
        if result.n == 0
        else "; de rest komt van de mensen in de regio zelf. Hoe minder mensen er zijn, hoe meer de schatting leunt."
    )
    return [Sentence(text=text + ending), *transition_matrix(result, frame=frame)]


def markov_test(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Whether the time already spent on a step matters, and what that means for the figures."""
    memory = result.p_value < 0.05
    leaving = result.slopes["estimate"].to_numpy(float)
    weight = result.slopes["events"].to_numpy(float)
    slower = float((leaving * weight).sum() / weight.sum()) < 0
    if not memory:
        text = (
            "Controle: we zien niet dat de tijd die iemand al op een trede staat, de volgende stap verandert. Een rekenwijze die "
            "alleen naar de huidige trede kijkt, volstaat hier."
        )
        return [Sentence(text=text, certainty="onzeker")]
    text = (
        "Controle: hoe langer iemand op een trede staat, hoe "
        f"{'kleiner' if slower else 'groter'} de kans op een volgende stap. Een rekenwijze die alleen naar de huidige trede kijkt, "
        f"{'overschat' if slower else 'onderschat'} daarom de beweging op langere termijn; terugval en duurzame doorstroom "
        "worden dus gemeten vanaf de stap zelf."
    )
    return [Sentence(text=text, certainty=numbers.certainty(1 - float(result.p_value)))]


def relapse(
    result: Any, *, months: float = 12, level: float = LEVEL, frame: pd.DataFrame | None = None
) -> list[Sentence]:
    """How many fall back within a year of a move up."""
    row = _at(cells.printable(result, frame), "relapse", months)
    if row is None or row.cell_status != "published":
        return [Sentence(text="Te weinig mensen zetten een stap omhoog om over terugval iets te zeggen.")]
    text = (
        f"Van wie een stap omhoog zette, viel {numbers.share(row.estimate)} "
        f"({in_level(level)}{numbers.share_interval(row.lower, row.upper)}) binnen {_within(months)} terug."
    )
    return [Sentence(text=text)]


def relapse_by_support(
    result: Any, *, months: float = 12, level: float = LEVEL, frame: pd.DataFrame | None = None
) -> list[Sentence]:
    """Whether those with support fell back less: an association, not an effect."""
    shown = cells.printable(result, frame)
    rows = [_at(shown[shown["support"] == value], "relapse", months) for value in ("ja", "nee") if "support" in shown]
    if not rows or any(row is None or row.cell_status != "published" for row in rows):
        return [Sentence(text="Over het verband tussen ondersteuning en terugval is hier te weinig bekend.")]
    supported, alone = rows
    less = probability_below(supported, alone, level=level)
    claim = "minder" if less >= 0.5 else "vaker"
    text = (
        f"Met ondersteuning viel {cells.share(supported)} binnen {_within(months)} terug, zonder {cells.share(alone)}: "
        f"wie ondersteuning kreeg, viel {'minder vaak' if claim == 'minder' else 'vaker'} terug. "
        "Dit is een verband, geen effect: wie steun krijgt, verschilt ook op andere punten."
    )
    return [Sentence(text=text, certainty=numbers.certainty(max(less, 1 - less)))]


def probability_below(one: Any, other: Any, *, level: float) -> float:
    """Probability that one share lies below another, from their intervals as if normal and independent."""
    widths = math.hypot(float(one.upper) - float(one.lower), float(other.upper) - float(other.lower))
    spread = widths / (2 * NormalDist().inv_cdf((1 + level) / 2))
    gap = float(other.estimate) - float(one.estimate)
    return 0.5 * (1 + math.erf(gap / (spread * math.sqrt(2)))) if spread else float(gap > 0)


def lasting_move(result: Any, *, months: float = 12, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many never fell below the reached step."""
    row = _at(cells.printable(result, frame), "lasting", months)
    if row is None or row.cell_status != "published":
        return [Sentence(text="Hoeveel stappen omhoog duurzaam zijn, is hier onbekend: te weinig mensen.")]
    return [
        Sentence(text=f"Na {numbers.number(months)} maanden was {cells.share(row)} van de stappen omhoog duurzaam.")
    ]


def stock(result: Any, *, region: Region, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many people stand on the steps that policy looks at."""
    cell: Any = cells.printable(result, frame).set_index("step")
    known = [code for code in ("3", "4", "5", "6") if code in cell.index and cell.loc[code].cell_status == "published"]
    if not known:
        return unavailable()
    parts = [
        f"{numbers.number(cell.loc[code].estimate)} mensen op {words.step(code)}{_at_most(cell.loc[code])}"
        for code in known
    ]
    return [Sentence(text=f"In {place(region)} staan {numbers.listing(parts)}.")]


def _at_most(row: Any) -> str:
    """How many there are at most, where some stand on one of two steps."""
    known = numbers.is_known(row.upper) and numbers.number(row.upper) != numbers.number(row.estimate)
    return f" (hoogstens {numbers.number(row.upper)})" if known else ""


def outcomes(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many of those on a step are still there, and on step 6, after the longest time that is followed."""
    shown = cells.printable(result, frame)
    last = shown[(shown["time"] == shown["time"].max()) & (shown["quantity"] == "observed_share")]
    cell: Any = last.set_index([last["from_step"].astype(str), last["to_step"].astype(str)])
    told = [
        f"van {words.step(origin)} staat {cells.share(stayed)} er nog en {cells.share(arrived)} op {words.step('6')}"
        for origin in dict.fromkeys(last["from_step"].astype(str))
        if (stayed := cells.row(cell, (origin, origin))).cell_status == "published"
        and (arrived := cells.row(cell, (origin, "6"))).cell_status == "published"
    ]
    if not told:
        return unavailable()
    years = numbers.number(float(shown["time"].max()) / 12)
    return [
        Sentence(
            text=f"Gezien na {years} jaar: {'; '.join(told)} (tussen haakjes het interval van {numbers.share(result.level)})."
        )
    ]


def ladder_headline(relapse_frame: pd.DataFrame, support_frame: pd.DataFrame, *, level: float = LEVEL) -> list[Finding]:
    """Finding of the chapter on the ladder: how many fall back, and whether support goes with less of it."""
    contrast = relapse_by_support(None, frame=support_frame, level=level)[0]
    return [
        Finding(
            finding=relapse(None, frame=relapse_frame, level=level)[0].text,
            meaning=contrast.text,
            certainty=contrast.certainty or "onzeker",
        )
    ]


def ladder_numbers(
    stock_frame: pd.DataFrame, relapse_frame: pd.DataFrame, lasting_frame: pd.DataFrame
) -> list[KeyNumber]:
    """Small numbers of the chapter: people on steps 3 and 5, lasting moves and relapse after twelve months."""
    standing = []
    for code in ("3", "5"):
        rows = stock_frame[stock_frame["step"] == code] if "step" in stock_frame else stock_frame
        standing.append(cells.amount_known(rows.iloc[0]) if len(rows) else numbers.UNKNOWN)
    label = f"mensen op {words.step('3')} en op {words.step('5')}"
    found = [KeyNumber(label=label, value=numbers.listing(standing))]
    for frame, quantity, label in (
        (lasting_frame, "lasting", "duurzame doorstroom na 12 maanden"),
        (relapse_frame, "relapse", "terugval na 12 maanden"),
    ):
        row = _at(frame, quantity, 12)
        value = numbers.UNKNOWN if row is None or row.cell_status != "published" else numbers.share(row.estimate)
        found.append(KeyNumber(label=label, value=value))
    return found


def _at(frame: pd.DataFrame, quantity: str, months: float) -> Any:
    """Row of one quantity at one moment; none when it was not estimated."""
    if "time" not in frame:
        return None
    rows = frame[(frame["quantity"] == quantity) & ((frame["time"] - months).abs() < 1e-6)]
    return rows.iloc[0] if len(rows) else None


def _within(months: float) -> str:
    return "het jaar" if months == 12 else f"{numbers.number(months)} maanden"


def rows_sum_to_one(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Whether the probabilities from each step add up to one."""
    sums = result.estimate.sum(axis=1, min_count=1).dropna()
    right = bool(((sums - 1).abs() < 1e-9).all())
    return [
        Sentence(
            text=f"Controle: de kansen van elke trede tellen op tot 100 %: {'in orde' if right else 'niet in orde'}."
        )
    ]


def followed(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many steps up the chapter rests on, and what was not seen: at most so many, in tens."""
    shown = cells.printable(result, frame)
    known = shown.loc[shown["cell_status"] == "published", "n"].dropna() if "n" in shown else pd.Series()
    if known.empty:
        return [Sentence(text="Controle: het aantal gevolgde stappen omhoog is te klein om te tonen.")]
    unsure = math.ceil(result.undecided / rules.THRESHOLD) * rules.THRESHOLD
    text = f"Controle: gevolgd zijn {numbers.plural(int(known.iloc[0]), 'stap', 'stappen')} omhoog; " + (
        f"bij hoogstens {numbers.number(unsure)} is een waarneming niet zeker boven of onder de bereikte trede."
        if unsure
        else "elke waarneming ligt zeker boven of onder de bereikte trede."
    )
    return [Sentence(text=text)]
