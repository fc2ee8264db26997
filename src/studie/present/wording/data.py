"""Sentences about what is known."""

from __future__ import annotations

from typing import Any

import pandas as pd

from studie.present import numbers
from studie.present.display import Finding, KeyNumber, Sentence
from studie.present.wording.regions import place
from studie.regions import Region

MOST_NAMED = 6  # kinds of data that one sentence can list


def inventory(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How much of what the study uses was observed."""
    observed = result.share("observed")
    demonstration = sum(d.data_status == "demonstration" for d in result.datasets)
    text = f"Van de {numbers.number(result.n)} bronnen met cijfers (lijsten van de studie zelf niet meegeteld) is {numbers.share(observed)} waargenomen"
    if demonstration:
        text += (
            f"; {numbers.number(demonstration)} zijn demonstratiegegevens, verzonnen om te tonen hoe de studie werkt."
        )
    else:
        text += "; geen enkele is een demonstratiebron."
    return [Sentence(text=text, certainty="zeker")]


def offer_coverage(result: Any, *, region: Region, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Of how many municipalities the offer is not known."""
    unknown = int((~result.known).sum())
    if result.n == 1:
        text = f"Het aanbod van werkplaatsen in {place(region)} kennen we" + (
            " niet; dat is niet hetzelfde als geen aanbod." if unknown else "."
        )
    elif unknown:
        verb = "kennen we het aanbod niet; dat is niet hetzelfde als geen aanbod."
        text = f"Van {numbers.number(unknown)} van de {numbers.number(result.n)} gemeenten {verb}"
    else:
        text = f"Van alle {numbers.number(result.n)} gemeenten kennen we het aanbod."
    return [Sentence(text=text, certainty="zeker")]


def offer_adds_up(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Whether known and unknown municipalities together are all of them."""
    known = int(result.known.sum())
    text = (
        f"Controle: {numbers.plural(known, 'gemeente', 'gemeenten')} met en {numbers.number(result.n - known)} zonder "
        f"geregistreerd aanbod, samen {numbers.number(result.n)}."
    )
    return [Sentence(text=text)]


def completeness(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Which tables have no row at all, and which only invented ones."""
    nothing, invented = [t[:1].lower() + t[1:] for t in result.unknown], len(result.only_demonstration)
    total = numbers.number(result.n)
    first = (
        f"Van {numbers.number(len(nothing))} van de {total} soorten gegevens weten we niets: {_listed(nothing)}."
        if nothing
        else f"Van alle {total} soorten gegevens is er minstens iets bekend."
    )
    second = (
        f"Van {numbers.number(invented)} zijn er alleen demonstratiegegevens."
        if invented
        else "Geen enkele soort steunt alleen op demonstratiegegevens."
    )
    return [Sentence(text=first, certainty="zeker"), Sentence(text=second, certainty="zeker")]


def _listed(titles: list[str]) -> str:
    """Titles in one sentence; those that hold a comma are divided by semicolons, and of many the rest is counted."""
    if len(titles) > MOST_NAMED + 1:
        rest = f"en {numbers.number(len(titles) - MOST_NAMED)} andere"
        return "; ".join([*titles[:MOST_NAMED], rest])
    return "; ".join(titles) if any("," in title for title in titles) else numbers.listing(titles)


def series_breaks(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """In how many series before and after may not be compared."""
    broken = int(result.breaks["series"].sum())
    if not broken:
        return [Sentence(text="Geen enkele reeks meldt een breuk. Dat wil niet zeggen dat er geen is.")]
    text = f"{numbers.number(broken)} van de {numbers.number(result.n)} reeksen hebben een breuk: ervoor en erna zijn niet vergelijkbaar."
    return [Sentence(text=text, certainty="zeker")]


def open_requests(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many requests are open, and of how many nothing is known."""
    if result.requests.empty:
        return [Sentence(text="Er staat geen vraag om gegevens open.", certainty="zeker")]
    holders = result.requests["holder"].nunique()
    unasked = int((result.requests["status"] == "onbekend").sum())
    text = (
        f"Met {numbers.plural(len(result.requests), 'vraag', 'vragen')} aan {numbers.plural(holders, 'partner', 'partners')} "
        "kan de studie haar demonstratiegegevens vervangen"
    )
    return [Sentence(text=f"{text}{_unasked(unasked, len(result.requests))}.", certainty="zeker")]


def _unasked(some: int, every: int) -> str:
    """Of how many requests nobody knows whether they were asked."""
    if not some:
        return ""
    if some == every:
        return "; van geen enkele weten we of ze al gesteld is"
    return f"; van {numbers.number(some)} weten we niet of ze al gesteld {'is' if some == 1 else 'zijn'}"


def data_headline(known: Any, offer: Any, *, region: Region) -> list[Finding]:
    """Finding of the chapter on data."""
    return [
        Finding(
            finding=inventory(known)[0].text, meaning=offer_coverage(offer, region=region)[0].text, certainty="zeker"
        )
    ]


def data_numbers(known: Any) -> list[KeyNumber]:
    """Small number of the chapter on data."""
    return [KeyNumber(label="van de gegevensbronnen is waargenomen", value=numbers.share(known.share("observed")))]


def data_unknown(offer: Any, *, region: Region) -> list[str]:
    """What the chapter on data cannot say."""
    unknown = int((~offer.known).sum())
    if not unknown:
        return []
    if offer.n == 1:
        return [f"Hoe groot het aanbod van werkplaatsen is in {place(region)}."]
    return [f"Hoe groot het aanbod van werkplaatsen is in {numbers.plural(unknown, 'gemeente', 'gemeenten')}."]
