"""What a report rests on, annex by annex: assumptions, sources, provenance and suppressed cells, as text and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studie.report.items import Item

Heads = Sequence[str]  # a head that begins with `>` stands over numbers


def annexes(record: Item) -> list[Item]:
    """Annexes in reading order, each with label, title, text, tables and addresses.

    Parameters
    ----------
    record : dict
        Rows of `assumptions, datasets, addresses, hashes, versions, suppressed` of all chapters together.
    """
    return [
        _annex(
            "bijlage-aannames",
            "Aannames",
            ["De hoofdstukken melden geen aannames.", "Elke waarde die iemand koos, met de reden en de bron."],
            _table("Aannames", ["Aanname", "Waarde", "Interval", "Waarom", "Bron"], record["assumptions"]),
        ),
        _annex(
            "bijlage-bronnen",
            "Bronnen",
            ["De hoofdstukken melden geen bronnen.", "Alle gegevens die de hoofdstukken gebruiken."],
            _table(
                "Gebruikte gegevens",
                ["Gegevens", "Status", "Uitgever", "Periode", "Opgehaald", "Licentie"],
                record["datasets"],
            ),
            addresses=record["addresses"],
        ),
        _annex(
            "bijlage-herkomst",
            "Herkomst",
            ["Met dezelfde gegevens, aannames en versies komt hetzelfde rapport tot stand."] * 2,
            _table(
                "Bestanden en hun controlegetal",
                ["Gegevens", ">Rijen", "Controlegetal (SHA-256, begin)"],
                record["hashes"],
            ),
            _table("Versies", ["Onderdeel", "Versie"], record["versions"]),
        ),
        _annex(
            "bijlage-onderdrukt",
            "Onderdrukte cellen",
            [
                "In dit rapport is geen enkele cel onderdrukt.",
                "Een cel is onderdrukt wanneer ze over te weinig mensen gaat, of wanneer iemand er een andere mee kan "
                "uitrekenen.",
            ],
            _table("Aantal onderdrukte cellen", ["Tabel", ">Cellen"], record["suppressed"]),
        ),
    ]


def _annex(label: str, title: str, texts: Sequence[str], *tables: Item, addresses: Any = ()) -> Item:
    """One annex; `texts` says what stands there when no table has a row, and what when one has."""
    filled = [table for table in tables if table["rows"]]
    return {
        "label": label,
        "title": title,
        "text": texts[bool(filled)],
        "tables": filled,
        "addresses": [list(address) for address in addresses],
    }


def _table(caption: str, heads: Heads, rows: Sequence[Sequence[str]]) -> Item:
    """Table as the blocks of a chapter have it, without a source line."""
    columns = [
        {"label": head.removeprefix(">"), "unit": "", "align": "right" if head.startswith(">") else "left"}
        for head in heads
    ]
    return {"caption": caption, "columns": columns, "rows": [list(row) for row in rows]}
