"""Small counts of persons that texts and tables state or let a reader work out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from studie.disclosure import rules
from studie.disclosure.registry import Registry

UNITS: Final = ("nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf",
                "dertien", "veertien", "vijftien", "zestien", "zeventien", "achttien", "negentien")  # fmt: skip
TENS: Final = {
    "twintig": 20,
    "dertig": 30,
    "veertig": 40,
    "vijftig": 50,
    "zestig": 60,
    "zeventig": 70,
    "tachtig": 80,
    "negentig": 90,
}
PERSONS: Final = (
    r"(?:mens(?:en)?|perso(?:on|nen)|(?:\w*mede)?werkers?|medewerkers?|werkne(?:mer|emster)s?|werkzoekenden?|werklozen?"
    r"|deelnemers?|wachtenden?|kandida(?:at|ten)|cli[eë]nt(?:en)?|vrouw(?:en)?|mann?(?:en)?|jongeren?|ouderen?|inwoners?"
    r"|leefloners?|gerechtigden?|burgers?|begeleiders?|cursisten?|jongens?|meisjes?|kinderen|uitstromers?|doorstromers?"
    r"|langdurig werkzoekenden?|doelgroepmedewerkers?|maatwerkers?|vluchtelingen?|nieuwkomers?)"
)


def _words() -> dict[str, int]:
    """Number words up to 99; `een` without accents is an article in Dutch."""
    found = {word: i for i, word in enumerate(UNITS) if word != "een"} | {"één": 1, "geen": 0} | TENS
    for word, ten in TENS.items():
        for i, unit in enumerate(UNITS[1:10], start=1):
            found[f"{unit}{'ën' if unit.endswith('e') else 'en'}{word}"] = ten + i
    return found


WORDS: Final = _words()
DIGITS: Final = r"(?<![\w.,])\d{1,3}(?:[.  ]\d{3})+(?![\d])|(?<![\w.,])\d+(?![\w]|[.,]\d)"
NUMBER: Final = rf"(?:{DIGITS}|\b(?:{'|'.join(sorted(WORDS, key=len, reverse=True))})\b)"
NO_STEP: Final = r"van|en|of|per|op|te|regio|waarvan|jaar|maand(?:en)?|uur|euro|procent"  # ends a count of persons
BETWEEN: Final = rf"(?:\s+(?!(?:{NO_STEP})\b)[a-zà-ÿ-]+){{0,3}}?"
COUNT: Final = re.compile(rf"({NUMBER}){BETWEEN}\s+{PERSONS}\b(?!\s+per\b)", re.IGNORECASE)
PART: Final = re.compile(
    rf"({NUMBER})\s+(?:van|op)\s+(?:de\s+|het\s+)?({NUMBER}){BETWEEN}\s+{PERSONS}\b", re.IGNORECASE
)
OF_WHICH: Final = re.compile(
    rf"({NUMBER}){BETWEEN}\s+{PERSONS}\b[^.;]{{0,40}}?\b(?:waarvan|van wie|onder wie|onder hen)\s+(?:er\s+)?({NUMBER})",
    re.IGNORECASE,
)
SHARE: Final = re.compile(
    rf"(\d+(?:,\d+)?)\s*(?:%|procent)\s+van\s+(?:de\s+|het\s+)?({NUMBER}){BETWEEN}\s+{PERSONS}\b", re.IGNORECASE
)
CHANGE: Final = re.compile(
    rf"({NUMBER}){BETWEEN}\s+{PERSONS}\b[^.;]{{0,40}}?({NUMBER})\s+(?:{PERSONS}\s+)?(meer|minder)\s+dan\b",
    re.IGNORECASE,
)
RATE: Final = re.compile(r"\b(?:een|één|1) op (?:de )?(?:\w+)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Leaks:
    """Where small counts stand or follow.

    Attributes
    ----------
    frame : DataFrame
        `where`, `excerpt`, `count` [persons], `why` (stated, part, rest, change, before, share, cell, hidden cell).
    passed : bool
        Whether there are none.
    n : int
        Texts and tables read.
    """

    frame: pd.DataFrame = field(repr=False)
    passed: bool
    n: int
    level: float = 1.0


def number(text: str) -> int | None:
    """Whole number that Dutch digits or a number word say: `1.083`, `1 083`, `drie`; None for others."""
    word = text.strip().lower()
    if word in WORDS:
        return WORDS[word]
    digits = re.sub(r"[.   ](?=\d{3})", "", word)
    return int(digits) if digits.isdigit() else None


def scan(
    texts: Mapping[str, str],
    *,
    frames: Mapping[str, pd.DataFrame] | None = None,
    registry: Registry | None = None,
    secrets: pd.DataFrame | None = None,
    threshold: float = 10,
) -> Leaks:
    """Small counts of persons in texts and tables.

    Parameters
    ----------
    texts : mapping of str to str
        Where → Dutch text: sentences, alternative texts, legends, the text of a PDF.
    frames : mapping of str to DataFrame, optional
        Exported tables with `quantity, estimate, lower, upper, n, unit` and `cell_status`, or any with a column `key`.
    registry : Registry, optional
        Cells that may be printed; a `key` that it does not publish has no value in any table.
    secrets : DataFrame, optional
        Hidden cells by what is said in print: `labels` (tuple of words) and `n`; found where a line has all labels and
        the number.
    threshold : float, default 10
        Smallest count that may be printed.

    Returns
    -------
    Leaks

    Notes
    -----
    Finds a number below the threshold before a word for persons (`3 mensen`, `drie laaggeschoolde personen`), parts
    and their rests (`39 van de 41 medewerkers`, `41 medewerkers, van wie 38 vrouwen`) and shares of a stated number
    (`5 % van de 41 deelnemers`), changes and what they leave of the number before (`46 mensen, 42 meer dan in 2025`).
    Zero is no small count, and a share such as `een op de drie` none either. Texts
    without a word for persons are not judged: `secrets` finds those that name a hidden cell.
    """
    rows: list[tuple[str, str, float, str]] = []
    for where, text in texts.items():
        lines = _clean(text)
        rows += [(where, *found) for found in _stated(" ".join(lines), threshold)]
        if secrets is not None:
            rows += [(where, *found) for found in _named(lines, secrets)]
    for where, frame in (frames or {}).items():
        rows += [(where, *found) for found in _cells(frame, registry, threshold)]
    found = pd.DataFrame(rows, columns=["where", "excerpt", "count", "why"]).drop_duplicates(ignore_index=True)
    return Leaks(frame=found, passed=found.empty, n=len(texts) + len(frames or {}))


def _clean(text: str) -> list[str]:
    """Lines without soft hyphens, words broken at line ends mended, thin spaces made plain."""
    mended = re.sub("[­\u200b]|(?<=[a-z])-\n(?=[a-z])", "", text)
    spaced = re.sub("[      \t]", " ", mended)
    return [re.sub(" +", " ", line).strip() for line in spaced.split("\n") if line.strip()]


def _small(count: float | None, threshold: float) -> bool:
    """Whether a count may not be printed."""
    return count is not None and 0.5 <= count < threshold


def _stated(text: str, threshold: float) -> Iterable[tuple[str, float, str]]:
    """Small counts in a text."""
    bare = RATE.sub(lambda match: "x" * len(match[0]), text)
    for match in COUNT.finditer(bare):
        count = number(match[1])
        if count is not None and _small(count, threshold):
            yield text[match.start() : match.end()], count, "stated"
    pairs = [(match, match[1], match[2]) for match in PART.finditer(bare)]
    pairs += [(match, match[2], match[1]) for match in OF_WHICH.finditer(bare)]
    for match, said, of in pairs:
        part, whole = number(said), number(of)
        for count, why in () if part is None or whole is None else ((part, "part"), (whole - part, "rest")):
            if _small(count, threshold):
                yield text[match.start() : match.end()], count, why
    for match in CHANGE.finditer(bare):
        now, change = number(match[1]), number(match[2])
        if now is not None and change is not None:
            before = now - change if match[3].lower() == "meer" else now + change
            for count, why in ((change, "change"), (before, "before")):
                if _small(count, threshold):
                    yield text[match.start() : match.end()], count, why
    for match in SHARE.finditer(text):
        whole = number(match[2])
        share = float(match[1].replace(",", ".")) / 100
        for persons in () if whole is None else (share * whole, (1 - share) * whole):
            if _small(round(persons, 6), threshold):
                yield match[0], round(persons, 1), "share"


def _named(lines: list[str], secrets: pd.DataFrame) -> Iterable[tuple[str, float, str]]:
    """Lines that give a hidden cell's labels and its count."""
    for line in lines:
        said = {number(match[0]) for match in re.finditer(NUMBER, line, re.IGNORECASE)}
        low = line.lower()
        for labels, n in zip(secrets["labels"], secrets["n"], strict=True):
            if int(n) in said and all(str(label).lower() in low for label in labels):
                yield line[:200], float(n), "hidden cell"


def _cells(frame: pd.DataFrame, registry: Registry | None, threshold: float) -> Iterable[tuple[str, float, str]]:
    """Values that a table should not show."""
    if {"quantity", "estimate", "lower", "upper", "n", "unit"} <= set(frame):
        shown = frame["estimate"].notna() | frame["n"].notna()
        bad = shown & rules.small_cells(frame, threshold=threshold).fillna(False).astype(bool)
        if "cell_status" in frame:
            bad |= shown & (frame["cell_status"] != "published") & frame["estimate"].notna()
        for _, row in frame[bad].iterrows():
            yield str(row.dropna().to_dict())[:200], float(row["estimate"]), "cell"
    if registry is not None and "key" in frame:
        values = [c for c in ("estimate", "n", "lower", "upper") if c in frame]
        hidden = frame["key"].map(registry.frame["cell_status"]) != "published"
        for _, row in frame[hidden & frame[values].notna().any(axis=1)].iterrows():
            yield str(row["key"]), float(row[values].dropna().iloc[0]), "hidden cell"
