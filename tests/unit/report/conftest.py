"""Executed notebooks as the chapters make them, built without running anything."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.figure
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from studie.report.assemble import Cover

MIME = "application/vnd.studie+json"
ODD = r'#let x = [1] *a* _b_ @c <d> $e$ \f "g" ' + "'h' ~i `j` //k /*l*/ ]#m €5 & 100 % {n} ^o^ == p"
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def item(kind: str, /, *, svg: str | None = None, **fields: Any) -> Any:
    """Code cell whose only output is one item."""
    data = {MIME: {"kind": kind, **fields}, "text/plain": "<Item object at 0x7f>"}
    if svg is not None:
        data["image/svg+xml"] = svg
    cell = new_code_cell("study.show(result, uses=['ladder_panel'])")
    cell.outputs = [new_output("display_data", data=data)]
    return cell


def picture(values: list[float], labels: list[str]) -> str:
    """Bar chart as matplotlib writes it."""
    with mpl.rc_context({"svg.hashsalt": "studie", "font.size": 9}):
        figure = matplotlib.figure.Figure(figsize=(5.4, 2.9), layout="constrained")
        axes = figure.subplots()
        axes.bar(labels, values, color="#0f4c68")
        axes.set_ylabel("mensen [aantal]")
        axes.spines[["top", "right"]].set_visible(False)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def table(name: str, columns: int, rows: int, /, **fields: Any) -> Any:
    """Table of municipalities with Dutch numbers."""
    names = ["Sint-Katelijne-Waver", "Heist-op-den-Berg", "Baarle-Hertog", "Onze-Lieve-Vrouw-Waver", "Antwerpen"]
    given = [{"key": "gemeente", "label": "Gemeente", "unit": None, "align": "left"}] + [
        {"key": f"k{i}", "label": f"Verwachte vraag {2026 + i}", "unit": "plaatsen", "align": "right"}
        for i in range(columns - 1)
    ]
    body = [
        [names[r % 5]]
        + [f"{(r * 37 + c * 911) % 9999 / 10:,.1f}".translate(str.maketrans(",.", ".,")) for c in range(columns - 1)]
        for r in range(rows)
    ]
    return item(
        "table",
        **{
            "name": name,
            "caption": "Verwachte vraag naar plaatsen per gemeente",
            "columns": given,
            "rows": body,
            "note": None,
            "region": "Provincie Antwerpen",
            "period": "2026-2034",
            "data_status": ["demonstration"],
            "source": "Studie inclusieve economie, eigen berekening",
            "uses": ["need"],
            **fields,
        },
    )


def headline(
    finding: str, *, status: str = "demonstration", certainty: str = "waarschijnlijk", numbers: int = 1
) -> Any:
    """Last cell of a chapter."""
    return item(
        "headline",
        findings=[
            {
                "finding": finding,
                "meaning": "Wie hogerop raakt, heeft het eerste jaar de meeste steun nodig.",
                "certainty": certainty,
                "data_status": [status],
            },
            {
                "finding": "Van wie van trede 5 naar 6 ging, viel 23 % (19-27 %) binnen het jaar terug.",
                "meaning": "Dat is minder dan een op vier.",
                "certainty": "zeker",
                "data_status": [status],
            },
        ],
        numbers=[
            {"label": "duurzame doorstroom na 12 maanden", "value": f"{n + 12} %", "data_status": [status]}
            for n in range(numbers)
        ],
        unknown=["Van 41 van de 67 gemeenten kennen we het aanbod niet; dat is niet hetzelfde als geen aanbod."],
        discuss="Welke gemeenten leveren dit jaar hun aanbod aan?",
    )


def provenance(status: str = "demonstration", **fields: Any) -> Any:
    """Sources, versions and assumptions of a chapter."""
    return item(
        "provenance",
        **{
            "datasets": [
                {
                    "dataset_id": "vdab-vacatures",
                    "title": "Openstaande vacatures in de bouw, Vlaanderen",
                    "data_status": "observed",
                    "publisher": "VDAB",
                    "licence": "vrij gebruik met bronvermelding",
                    "url": "https://arvastat.vdab.be/",
                    "retrieved": "2026-11-23",
                    "first_period": "2016-01",
                    "last_period": "2026-04",
                    "rows": 12400,
                    "sha256": HASH,
                },
                {
                    "dataset_id": "ladder_panel",
                    "title": "Ladderpanel",
                    "data_status": status,
                    "publisher": "studie",
                    "licence": "EUPL-1.2",
                    "url": "onbekend",
                    "retrieved": "2026-11-23",
                    "first_period": "2020-01",
                    "last_period": "2025-12",
                    "rows": 1234567,
                    "sha256": HASH,
                },
            ],
            "versions": {"studie": "0.1.0", "python": "3.11.2", "pandas": "2.3.3"},
            "seed": 20200528,
            "suppressed": [{"table": "Doorstroom per gemeente", "cells": 12}],
            "assumptions": [
                {
                    "name": "aandeel van de bouw",
                    "value": 0.29,
                    "interval": [0.25, 0.33],
                    "because": "aandeel van de provincie in de vacatures die VDAB rechtstreeks ontving, 2022-2023",
                    "source": "VDAB, niveau L21",
                }
            ],
            **fields,
        },
    )


TEXT = """## Methode

De kans om op een trede te blijven is een aandeel. Het interval is dat van **Wilson**; het blijft binnen 0 en 1.
Met $n$ mensen op trede $i$ en $d_{ij}$ overgangen is de schatting $\\hat p_{ij} = d_{ij} / n_i$.[^1]

- Wie verhuist, telt mee tot de maand van verhuizing.
- Wie uit beeld raakt, krijgt een eigen toestand.

| bron | gebruik |
|------|--------:|
| VDAB | 12 |
| RSZ  | 3 |

### Beperkingen

> Een bruto percentage is geen effect.

[^1]: Wilson, E. B. (1927). *J. Am. Stat. Assoc.* 22(158), 209-212.
"""


def chapter(title: str = "Bewegen op de ladder", *cells: Any, status: str = "demonstration") -> Any:
    """Chapter with one of everything, then the cells given."""
    return new_notebook(
        cells=[
            new_markdown_cell(f"# {title}\n\nHoe bewegen mensen op de ladder, hoe lang blijven ze, en wie valt terug?"),
            new_code_cell("region: str = 'province:10000'", metadata={"tags": ["parameters"]}),
            new_markdown_cell(TEXT),
            item(
                "sentence",
                text="Van trede 3 naar 4 gaat elke maand 1,2 % (0,9-1,5 %) van de mensen.",
                certainty="zeker",
                data_status=[status],
                uses=["ladder_panel"],
            ),
            item(
                "figure",
                svg=picture([1200, 800, 400], ["trede 3", "trede 5", "trede 6"]),
                name="stand",
                caption="Mensen per trede",
                alt="Staafdiagram: 1.200 mensen op trede 3, 800 op trede 5 en 400 op trede 6.",
                region="province:10000",
                period="2020-01/2025-12",
                data_status=[status],
                source="Ladderpanel, eigen berekening",
                uses=["ladder_panel"],
            ),
            item(
                "formula",
                tex=r"\hat S(t) = \prod_{t_i \le t} \left(1 - \frac{d_i}{n_i}\right)",
                spoken="S van t is het product over alle tijdstippen tot t van één min het aandeel dat terugvalt",
            ),
            table("vraag", 4, 5, data_status=[status]),
            *cells,
            headline("Na een stap omhoog valt 31 % (27-35 %) binnen twaalf maanden terug.", status=status),
            provenance(status),
        ]
    )


def cover(**fields: Any) -> Cover:
    """Front page of a report on the province."""
    return Cover(
        **{
            "kind": "Regionaal rapport",
            "region_name": "Provincie Antwerpen",
            "reference_date": "2025-01-01",
            "version": "0.1",
            **fields,
        }
    )


def study_cover(**fields: Any) -> Cover:
    """Front page of the strategic study."""
    return cover(
        **{
            "kind": "Strategische studie",
            "vergadering": "2026-12-17",
            "telefoon": "03 240 00 00",
            "agendanummer": "4/1",
            "beleidslijn": "Economie en streekbeleid",
            **fields,
        }
    )


class Builders:
    """What a test needs to build notebooks."""

    chapter = staticmethod(chapter)
    cover = staticmethod(cover)
    headline = staticmethod(headline)
    item = staticmethod(item)
    picture = staticmethod(picture)
    provenance = staticmethod(provenance)
    table = staticmethod(table)
    study_cover = staticmethod(study_cover)
    odd = ODD


@pytest.fixture(scope="session")
def build() -> type[Builders]:
    return Builders


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Report of notebooks in a temporary folder."""
    from studie.report.assemble import report

    def written(*notebooks: Any, **fields: Any) -> Path:
        out = tmp_path / "rapport.pdf"
        report(list(notebooks), cover=cover(**fields), out=out, timestamp=1_764_000_000)
        return out

    return written
