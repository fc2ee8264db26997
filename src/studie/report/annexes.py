"""What a report rests on, annex by annex: assumptions, methods, checks, sources, origin, hidden cells, words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studie.report.items import Item

SAME = "zie hierboven"

METHODS = (
    "Hoe we tot de cijfers komen, zonder formules. De formules en hun bronnen staan bij elk hoofdstuk in het rapport "
    "van de provincie."
)
CHECKS = "Wat elk hoofdstuk over zichzelf nakijkt."
Heads = Sequence[str]  # a head that begins with `>` stands over numbers


def annexes(
    record: Item, *, methods: Sequence[Item] = (), checks: Sequence[Item] = (), words: Sequence[Sequence[str]] = ()
) -> list[Item]:
    """Annexes in reading order, each with label, title, text, tables, addresses, parts and words.

    Parameters
    ----------
    record : dict
        Rows of `assumptions, datasets, addresses, hashes, versions, suppressed` of all chapters together.
    methods, checks : sequence of dict, optional
        `title` and `blocks` per chapter: the methods in plain words, and what each chapter checks of itself. Without
        any, these annexes are left out.
    words : sequence of (word, meaning), optional
        The study's words.
    """
    found = [
        _assumptions(record["assumptions"]),
        *_behind("bijlage-methoden", "Methoden in gewone taal", METHODS, methods),
        *_behind("bijlage-controles", "Controles", CHECKS, checks),
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
    if words:
        listed = _annex("bijlage-woorden", "Verklarende woordenlijst", ["Wat elk woord in deze studie betekent."] * 2)
        found.append({**listed, "words": [list(pair) for pair in words]})
    return found


def _assumptions(rows: Sequence[Sequence[str]]) -> Item:
    """Annex of the values that somebody chose; who did is a column only where it differs."""
    heads = ["Aanname", "Waarde en interval", "Waarom", "Bron", "Wie besliste"]
    text = "Elke waarde die iemand koos, met de reden en de bron."
    deciders = {row[-1] for row in rows}
    rows = _reasons_once(rows)
    if len(deciders) == 1:
        heads, rows = heads[:-1], [row[:-1] for row in rows]
        text += f" Over alle waarden besliste {deciders.pop()}."
    return _annex(
        "bijlage-aannames", "Aannames", ["De hoofdstukken melden geen aannames.", text], _table("Aannames", heads, rows)
    )


def _reasons_once(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Rows in which a reason and source that are those of the row above are not repeated."""
    told = [[*row] for row in rows]
    for above, row, shown in zip(rows, rows[1:], told[1:], strict=False):
        if [*above[2:4]] == [*row[2:4]]:
            shown[2], shown[3] = SAME, SAME
    return told


def _behind(label: str, title: str, text: str, parts: Sequence[Item]) -> list[Item]:
    """Annex of what was taken out of the chapters, if anything was."""
    return [{**_annex(label, title, [text] * 2), "parts": list(parts)}] if parts else []


def _annex(label: str, title: str, texts: Sequence[str], *tables: Item, addresses: Any = ()) -> Item:
    """One annex; `texts` says what stands there when no table has a row, and what when one has."""
    filled = [table for table in tables if table["rows"]]
    return {
        "label": label,
        "title": title,
        "text": texts[bool(filled)],
        "tables": filled,
        "addresses": [list(address) for address in addresses],
        "parts": [],
        "words": [],
    }


def _table(caption: str, heads: Heads, rows: Sequence[Sequence[str]]) -> Item:
    """Table as the blocks of a chapter have it, without a source line."""
    columns = [
        {"label": head.removeprefix(">"), "unit": "", "align": "right" if head.startswith(">") else "left"}
        for head in heads
    ]
    return {"caption": caption, "columns": columns, "rows": [list(row) for row in rows]}
