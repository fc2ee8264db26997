"""Conversion of the transcribed published figures into `data/observed` and `data/reference`, in the contracts' form.

Run from the root of the checkout, with the transcription in a folder beside it:

    python scripts/observed.py [FACTS] [ROOT]

The repository itself never reads the transcription; this script only makes the carry-over reproducible. Every number
comes from a transcribed file; `observed_dutch` holds the words around them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pandas as pd
from observed_dutch import (
    COSTS,
    EVENTS,
    FLOW_PERIODS,
    FLOW_SOURCES,
    FLOWS,
    LEVELS,
    LEVELS_IN_SERIES,
    PRIORS,
    REMARKS,
    SERIES,
    STATBEL_NOTES,
    STATES,
    TIGHTNESS_SOURCE,
    WORK_FORMS,
)

RETRIEVED = "2026-11-23"
UNKNOWN = "onbekend"
TERRITORY = "gepubliceerd voor het grondgebied van toen: met Zwijndrecht (tot 2024 in de provincie)"
OUTSIDE = 46030  # Beveren-Kruibeke-Zwijndrecht: the successor of Zwijndrecht, in another province
INDICATOR = ["indicator_id", "region", "period", "value", "unit", "population", "status", "note", "source"]


class Facts:
    """The folder of transcribed figures."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, name: str) -> pd.DataFrame:
        """One transcribed file, every field as text."""
        return pd.read_csv(self.folder / f"{name}.csv", dtype=str, keep_default_na=False)


def indicator(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    """Rows of the indicator table."""
    return pd.DataFrame(rows, columns=INDICATOR)


def filled_idem(values: pd.Series) -> pd.Series:
    """Texts in which `idem` repeats the text above it."""
    return values.where(values != "idem").ffill()


def figure(text: str) -> str:
    """A number without a needless `.0`."""
    return text.removesuffix(".0")


# --- observed ------------------------------------------------------------


def population(facts: Facts) -> pd.DataFrame:
    """Inhabitants on 1 January, municipalities of 2019-2024."""
    table = facts.read("municipalities_2019_2024")
    frames = [
        pd.DataFrame({"refnis": table["refnis"], "year": year, "inhabitants": table[f"inhabitants_{year}"]})
        for year in (2019, 2020)
    ]
    frame = pd.concat(frames).assign(age_band="alle", sex="alle", source="Statbel, bevolking op 1 januari")
    return frame[["refnis", "year", "age_band", "sex", "inhabitants", "source"]]


def vacancy(facts: Facts) -> pd.DataFrame:
    """Construction vacancies of Flanders by month."""
    table = facts.read("vdab_construction_vacancies_monthly")
    return pd.DataFrame(
        {
            "region": "region:02000",
            "sector": "bouw",
            "period": table["period_end"].str[:7],
            "open": table["open_vacatures"],
            "received": table["ontvangen_vacatures"],
            "filled": "",
            "series_break": "false",
            "source": "VDAB Arvastat (de bron noemt geen gebied; vermoedelijk Vlaanderen)",
        }
    )


def employment(facts: Facts) -> pd.DataFrame:
    """Construction workers of the province by year."""
    table = facts.read("construction_workers_province").melt("jaar", var_name="employee_type", value_name="persons")
    return pd.DataFrame(
        {
            "region": "province:10000",
            "sector": "bouw",
            "period": table["jaar"],
            "age_band": "alle",
            "employee_type": table["employee_type"],
            "persons": table["persons"],
            "series_break": "false",
            "source": "cijfers van het type RSZ, provincie Antwerpen (uitgever onbekend)",
        }
    )


PROVINCES = {
    "Antwerpen": "province:10000",
    "Limburg": "province:70000",
    "Oost-Vlaanderen": "province:40000",
    "Vlaams-Brabant": "province:20001",
    "West-Vlaanderen": "province:30000",
    "Brussel": "region:04000",
    "Buiten Brussel/Vlaanderen": "region:elders",
    "Totaal": "region:02000",
}


def cmw_waiting(facts: Facts) -> pd.DataFrame:
    """People waiting for collectief maatwerk, by province."""
    table = facts.read("cmw_waiting_by_province").melt("jaar", var_name="place", value_name="value")
    notes = {
        "Antwerpen": TERRITORY,
        "Totaal": "totaal zoals gepubliceerd: met Brussel en met wie buiten Brussel en Vlaanderen woont",
        "Buiten Brussel/Vlaanderen": "woont buiten Brussel en Vlaanderen",
    }
    source = "Vlaams Parlement, schriftelijke vraag 15 (2025-2026), bijlage 1 (VDAB)"
    return indicator(
        [
            (
                "cmw_waiting",
                PROVINCES[str(r.place)],
                r.jaar,
                r.value,
                "personen",
                "wachtenden op collectief maatwerk",
                "gepubliceerd",
                notes.get(str(r.place), ""),
                source,
            )
            for r in table.itertuples()
        ]
    )


def cmw_contingent(facts: Facts) -> pd.DataFrame:
    """Contingent granted and filled in collectief maatwerk, Flanders by quarter."""
    columns = {
        "aantal_vestigingen": ("cmw_establishments", "vestigingen", "vestigingen van collectief maatwerk"),
        "cmw_aantal_toegekend_vte": ("cmw_granted_vte", "VTE", "toegekend contingent collectief maatwerk"),
        "cmw_aantal_vte": ("cmw_filled_vte", "VTE", "ingevuld contingent collectief maatwerk"),
    }
    table = facts.read("cmw_contingent_flanders").melt("periode", var_name="column", value_name="value")
    source = "departement WEWIS, open data cmw03"
    rows: list[tuple[object, ...]] = []
    for r in table.itertuples():
        name, unit, people = columns[str(r.column)]
        period = str(r.periode).replace(" K", "-Q")
        rows.append((name, "region:02000", period, r.value, unit, people, "gepubliceerd", "", source))
    return indicator(rows)


def social_economy(facts: Facts) -> pd.DataFrame:
    """Series of the Flemish social economy."""
    rows: list[tuple[object, ...]] = []
    for r in facts.read("social_economy_series_flanders").itertuples():
        name, unit, people, source, note = SERIES[str(r.reeks)]
        period = re.sub(r"^(\d{4})S", r"\1-S", str(r.periode))
        period = re.sub(r"^(\d{4})-(\d\d)/(\d\d)$", r"\1-\2/\1-\3", period)
        rows.append((name, "region:02000", period, r.waarde, unit, people, "gepubliceerd", note, source))
    return indicator(rows)


def published_level(facts: Facts) -> pd.DataFrame:
    """Published levels that are not in a series of their own."""
    rows: list[tuple[object, ...]] = []
    for r in facts.read("published_levels").itertuples():
        level_id = str(r.level_id)
        if level_id in LEVELS_IN_SERIES:
            continue
        for name, region, period, unit, people, source, remark, stated in LEVELS[level_id]:
            value = figure(str(r.value)) if stated is None else f"{stated:g}" if stated < 1e5 else f"{stated:.0f}"
            territory = TERRITORY if region == "province:10000" else ""
            note = "; ".join(part for part in (remark, territory) if part)
            rows.append((name, region, period, value, unit, people, "gepubliceerd", note, source))
    return indicator(rows)


def cost(facts: Facts) -> pd.DataFrame:
    """Published costs."""
    rows: list[tuple[object, ...]] = []
    for r in facts.read("costs").itertuples():
        name, region, period, unit, people, source, note = COSTS[str(r.cost_id)]
        rows.append((name, region, period, figure(str(r.value)), unit, people, "gepubliceerd", note, source))
    return indicator(rows)


def statbel_note(text: str) -> str:
    """Dutch note behind a source line of a Statbel press page."""
    return STATBEL_NOTES.get(text.strip(), "")


def statbel_sources(column: pd.Series) -> pd.DataFrame:
    """Source and note of each row, `idem` written out."""
    rows = []
    last = ""
    for text in column:
        head, _, tail = text.partition("; ")
        bracket = re.search(r"\(([^)]*\)?[^)]*)\)$", head)
        own_note = statbel_note(head) or (statbel_note(bracket[1]) if bracket else "")
        name = re.sub(r" \(.*\)$", "", head)
        last = last if name == "idem" else name
        notes = [note for note in (own_note, statbel_note(tail)) if note]
        rows.append((f"Statbel ({last})", "; ".join(notes)))
    return pd.DataFrame(rows, columns=["source", "note"], index=column.index)


AREAS = {
    "BE": "country:BE",
    "Vlaams Gewest": "region:02000",
    "Brussels Hoofdstedelijk Gewest": "region:04000",
    "Waals Gewest": "region:03000",
}
STATUS = {"werkend": "employed", "werkloos": "unemployed", "inactief": "inactive"}


def statbel_transition(facts: Facts) -> pd.DataFrame:
    """Yearly moves between the three labour-market states, per cent of those who started in a state."""
    table = facts.read("statbel_status_transitions")
    table = table.join(statbel_sources(table["bron"]))
    rows: list[tuple[object, ...]] = []
    for r in table.itertuples():
        first, last = str(r.periode).replace("Q", "-Q").split("->")
        age = f"{r.leeftijd} jaar" if r.leeftijd else "leeftijd onbekend"
        area, period = AREAS[str(r.gebied)], f"{first}/{last}"
        people = f"bevolking, {age}, {r.van} bij de start"
        for end, state in STATUS.items():
            value = getattr(r, f"naar_{end}_pct")
            if value:
                name = f"ilo_{STATUS[str(r.van)]}_to_{state}"
                rows.append((name, area, period, value, "%", people, "gepubliceerd", r.note, r.source))
    return indicator(rows)


def statbel_vacancy(facts: Facts) -> pd.DataFrame:
    """Job vacancies and vacancy rate of Belgium and the Flemish Region by quarter."""
    table = facts.read("statbel_vacancies_quarterly")
    table = table.join(statbel_sources(table["bron"]))
    columns = {
        "vacatures_BE": ("job_vacancies", "country:BE", "vacatures"),
        "vacaturegraad_BE_pct": ("job_vacancy_rate", "country:BE", "%"),
        "vacaturegraad_Vlaams_Gewest_pct": ("job_vacancy_rate", "region:02000", "%"),
    }
    rows: list[tuple[object, ...]] = []
    for r in table.itertuples():
        for column, (name, region, unit) in columns.items():
            value = getattr(r, column)
            if value:
                period = str(r.kwartaal).replace("Q", "-Q")
                rows.append((name, region, period, value, unit, "alle sectoren", "gepubliceerd", r.note, r.source))
    return indicator(rows)


STATBEL_SECTORS = {
    "industrie": "industry",
    "handel": "trade",
    "non-profit": "non_profit",
    "wetenschappen en diensten": "science_services",
    "bouw": "construction",
    "transport": "transport",
}


def statbel_vacancy_sector(facts: Facts) -> pd.DataFrame:
    """Job vacancies and vacancy rate of Belgium by sector and quarter, as far as press pages give them."""
    source = "Statbel (via de pers)"
    rows: list[tuple[object, ...]] = []
    for r in facts.read("statbel_vacancies_by_sector").itertuples():
        period = str(r.kwartaal).replace("Q", "-Q")
        sector = STATBEL_SECTORS[str(r.sector)]
        for name, value, unit in (
            (f"job_vacancies_{sector}", r.vacatures_BE, "vacatures"),
            (f"job_vacancy_rate_{sector}", r.vacaturegraad_pct, "%"),
        ):
            if value:
                people = f"sector {r.sector}"
                rows.append((name, "country:BE", period, value, unit, people, "gepubliceerd", "", source))
    return indicator(rows)


def household(facts: Facts) -> pd.DataFrame:
    """Private households by municipality; a projection from 2023 on."""
    unit, note, source = "huishoudens", "grondgebied van 2019-2024", "Statistiek Vlaanderen"
    rows: list[tuple[object, ...]] = []
    for r in facts.read("households_2010_2040").itertuples():
        status = "raming" if int(str(r.year)) >= 2023 else "gepubliceerd"
        region = f"municipality:{r.refnis}"
        rows.append(("households", region, r.year, r.households, unit, unit, status, note, source))
    return indicator(rows)


def establishment_unit(facts: Facts) -> pd.DataFrame:
    """Establishment units by municipality of 2025, fourth quarter."""
    source = "Statbel, be.STAT, vestigingseenheden, vierde kwartaal"
    return indicator(
        [
            (
                "establishment_units",
                f"municipality:{r.refnis_2025}",
                f"{r.year}-Q4",
                r.establishment_units,
                "vestigingen",
                "vestigingseenheden, alle sectoren",
                "gepubliceerd",
                "gemeenten van 2025",
                source,
            )
            for r in facts.read("establishment_units_2018_2023").itertuples()
        ]
    )


def published_flow(facts: Facts) -> pd.DataFrame:
    """Published moves between steps or states."""
    table = facts.read("published_flows")
    table["source"] = filled_idem(table["source"])
    rows = []
    source = ""
    for r, transcribed in zip(table.itertuples(), facts.read("published_flows")["source"], strict=True):
        flow_id = str(r.fact_id)
        quantity, people, months, region, status, note = FLOWS[flow_id]
        if transcribed != "idem":
            source = FLOW_SOURCES.get(flow_id, transcribed)
        period = FLOW_PERIODS.get(str(r.period), str(r.period))
        unit = {"persons": "personen"}.get(str(r.unit), r.unit)
        states = [STATES.get(str(state), str(state)) for state in (r.from_state, r.to_state)]
        horizon = "" if months is None else months
        rows.append(
            (
                flow_id,
                quantity,
                *states,
                figure(str(r.value)),
                unit,
                horizon,
                people,
                region,
                period,
                status,
                note,
                source,
            )
        )
    columns = [
        "flow_id", "quantity", "from_state", "to_state", "value", "unit", "horizon_months", "population", "region",
        "period", "status", "note", "source",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def effect_prior(facts: Facts) -> pd.DataFrame:
    """Priors for effects of interventions."""
    rows = []
    for r in facts.read("effect_priors").itertuples():
        intervention, measure, acts_on, quality, source, note = PRIORS[str(r.prior_id)]
        numbers = (r.centre, r.lower, r.upper, r.interval_level)
        rows.append((r.prior_id, intervention, measure, r.distribution, *numbers, acts_on, quality, note, source))
    columns = [
        "prior_id", "intervention", "measure", "distribution", "centre", "lower", "upper", "interval_level", "acts_on",
        "quality", "note", "source",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def commitment(facts: Facts) -> pd.DataFrame:
    """The commitments of the action plan; what became of them is not known."""
    table = facts.read("commitments")
    parts = table["analytic_product"].str.split(r";\s*", regex=True)
    indicators = parts.map(lambda names: "; ".join(n.removeprefix("I ") for n in names if n.startswith("I ")))
    return pd.DataFrame(
        {
            "commitment_id": table["commitment_id"],
            "section": table["section"],
            "quote": table["quote_nl"],
            "product": table["analytic_product"],
            "indicator": indicators.where(indicators != "", UNKNOWN),
            "status": UNKNOWN,
            "remark": table["remark"].map(lambda text: REMARKS[text] if text else ""),
            "source": "Actieplan inclusieve economie 2020-2024, provincieraad 28-05-2020",
        }
    )


def partner_tie(facts: Facts) -> pd.DataFrame:
    """Actors and ties that the action plan names."""
    table = facts.read("partner_ties")
    return pd.DataFrame(
        {
            "from_actor": table["from_actor"],
            "to_actor": table["to_actor"],
            "kind": table["kind"],
            "year": "2020",
            "weight": "",
            "confirmed": "false",
            "origin": "commitment",
            "commitment": table["commitment"],
            "source": "Actieplan inclusieve economie 2020-2024, " + table["commitment"],
        }
    )


# --- reference ------------------------------------------------------------

SINCE = {11057: "1980-01-01", 13053: "1977-01-01", 12041: "2019-01-01"}  # Statbel REFNIS; all others 1970-01-01
STATBEL_REFNIS = "Statbel, REFNIS; oppervlakte uit vereenvoudigde grenzen"


def municipality(facts: Facts) -> pd.DataFrame:
    """Municipalities with their validity; a merger closes a row and opens one."""
    table = facts.read("municipalities_2019_2024").astype(
        {"refnis": int, "area_km2": float, "lon": float, "lat": float}
    )
    rows: list[tuple[object, ...]] = [
        (refnis, name, 12000, "1970-01-01", "2018-12-31", 12041, "", "", "", "Statbel, REFNIS")
        for refnis, name in ((12030, "Puurs"), (12034, "Sint-Amands"))
    ]
    merged = table[table["refnis"].isin([11002, 11007])]
    for r in table.itertuples():
        refnis, since = int(str(r.refnis)), SINCE.get(int(str(r.refnis)), "1970-01-01")
        head = (refnis, r.name_nl, r.arrondissement_refnis)
        tail = (r.area_km2, r.lon, r.lat, STATBEL_REFNIS)
        until, successor = ("2024-12-31", r.refnis_2025) if refnis in (11002, 11007, 11056) else ("", "")
        rows.append((*head, since, until, successor, *tail))
        if refnis == 11002:
            area = merged["area_km2"].sum()
            centre = [round((merged[axis] * merged["area_km2"]).sum() / area, 4) for axis in ("lon", "lat")]
            source = f"{STATBEL_REFNIS}; som van Antwerpen en Borsbeek"
            rows.append((*head, "2025-01-01", "", "", round(area, 2), *centre, source))
    columns = [
        "refnis",
        "name_nl",
        "arrondissement",
        "valid_from",
        "valid_to",
        "successor",
        "area_km2",
        "lon",
        "lat",
        "source",
    ]
    return pd.DataFrame(rows, columns=columns).sort_values(["refnis", "valid_from"])


def grouping(facts: Facts) -> pd.DataFrame:
    """Groups of municipalities with certainty; working areas with status and validity."""
    table = facts.read("municipalities_2019_2024")
    columns = ["grouping", "group", "refnis", "valid_from", "valid_to", "status", "certainty", "legal_form", "source"]
    frames = []
    for name in ("referentieregio", "streekwerking", "vervoerregio", "eerstelijnszone"):
        listed = table[table[name] != ""]
        frames.append(
            pd.DataFrame(
                {
                    "grouping": name,
                    "group": listed[name].str.removesuffix(" (Verv.)"),
                    "refnis": listed["refnis"],
                    "valid_from": "",
                    "valid_to": "",
                    "status": "confirmed",
                    "certainty": "lijst van de indeling; geldigheid onbekend",
                    "legal_form": "",
                    "source": "Indelingen van de Vlaamse provincies (Provincies in Cijfers)",
                }
            )
        )
    areas = facts.read("working_areas").rename(columns={"working_area": "group"}).assign(grouping="working-area")
    return pd.concat([*frames, areas])[columns]


def postcode(facts: Facts) -> pd.DataFrame:
    """Postcodes of the municipalities of 2019-2024."""
    table = facts.read("municipalities_2019_2024")
    frame = table.assign(postcode=table["postcodes"].str.split()).explode("postcode")
    return frame[["refnis", "postcode"]].assign(source="Statbel, conversietabel van postcodes")


def work_form(facts: Facts) -> pd.DataFrame:
    """Forms of work with their step and validity."""
    rows = []
    for r in facts.read("work_forms").itertuples():
        name, scope, regulation, note = WORK_FORMS[str(r.work_form)]
        until = str(r.valid_to).split(" ")[0]
        rows.append((r.work_form, name, r.step, r.valid_from, until, scope, regulation, note))
    columns = ["work_form", "name", "step", "valid_from", "valid_to", "valid_to_scope", "regulation", "note"]
    return pd.DataFrame(rows, columns=columns).assign(source="Regelgeving en literatuur, zie note en regulation")


def ladder_step(facts: Facts) -> pd.DataFrame:
    """States of the ladder: six steps, in between, out of sight, exits."""
    plan = "Actieplan inclusieve economie 2020-2024"
    names = facts.read("ladder_conversion").set_index("flemish_step")["flemish_name"]
    focus = {"3", "5", "6", "3-4", "4-5", "5-6"}
    rows = [(str(step), names[str(step)], "trede", plan) for step in range(1, 7)]
    rows += [(f"{a}-{a + 1}", f"tussen trede {a} en {a + 1}", "tussen", plan) for a in (3, 4, 5)]
    rows.append(("uit_beeld", "in geen enkel register", "uit_beeld", "studie"))
    rows += [
        (code, name, "uitstroom", "studie")
        for code, name in (("exit_pension", "pensioen"), ("exit_death", "overlijden"), ("exit_moved", "verhuisd"))
    ]
    frame = pd.DataFrame(rows, columns=["step", "name", "kind", "source"])
    frame["policy_focus"] = frame["step"].isin(focus).map({True: "true", False: "false"})
    return frame[["step", "name", "kind", "policy_focus", "source"]]


def ladder_conversion(facts: Facts) -> pd.DataFrame:
    """Flemish against Dutch rungs; transition figures are never carried over one to one."""
    return facts.read("ladder_conversion").assign(
        source="Actieplan inclusieve economie 2020-2024; VNG-participatieladder"
    )


def tightness_class(facts: Facts) -> pd.DataFrame:
    """Classes of tightness by open vacancies per job seeker."""
    return facts.read("tightness_classes").assign(source=TIGHTNESS_SOURCE)


def regulation(facts: Facts) -> pd.DataFrame:
    """Time line of the rules."""
    table = facts.read("regulation")
    events = [EVENTS.get(str(r.date), str(r.event)) for r in table.itertuples()]
    return pd.DataFrame(
        {"date": table["date"], "event": events, "source": "Vlaamse regelgeving, provincieraad en sector"}
    )


def sector(_: Facts) -> pd.DataFrame:
    """Shortage sectors of the plan and the NACE sections and divisions behind them."""
    sections = {
        "zorg": ("Q", "R", 86, 88),
        "bouw": ("F", "F", 41, 43),
        "nijverheid": ("C", "C", 10, 33),
        "logistiek": ("H", "H", 49, 53),
    }
    partners = {"zorg": "GKC", "bouw": "Kamp C", "nijverheid": "havencentrum", "logistiek": "havencentrum"}
    rows = [
        (
            name,
            version,
            section,
            first,
            last,
            partners[name],
            f"NACE-BEL {version}; Actieplan inclusieve economie 2020-2024",
        )
        for name, (of_2008, of_2025, first, last) in sections.items()
        for version, section in ((2008, of_2008), (2025, of_2025))
    ]
    return pd.DataFrame(
        rows, columns=["sector", "nace_version", "nace_section", "division_from", "division_to", "partner", "source"]
    )


OBSERVED = {
    "population": population,
    "vacancy": vacancy,
    "employment": employment,
    "cmw_waiting": cmw_waiting,
    "cmw_contingent": cmw_contingent,
    "social_economy": social_economy,
    "published_level": published_level,
    "cost": cost,
    "statbel_transition": statbel_transition,
    "statbel_vacancy": statbel_vacancy,
    "statbel_vacancy_sector": statbel_vacancy_sector,
    "household": household,
    "establishment_unit": establishment_unit,
    "published_flow": published_flow,
    "effect_prior": effect_prior,
    "commitment": commitment,
    "partner_tie": partner_tie,
}
REFERENCE = {
    "municipality": municipality,
    "grouping": grouping,
    "postcode": postcode,
    "work_form": work_form,
    "ladder_step": ladder_step,
    "ladder_conversion": ladder_conversion,
    "tightness_class": tightness_class,
    "regulation": regulation,
    "sector": sector,
    "adjacency_2024": lambda facts: facts.read("adjacency_2024"),
    "adjacency_2025": lambda facts: facts.read("adjacency_2025"),
}


def write(frame: pd.DataFrame, path: Path) -> None:
    """CSV with `,`, UTF-8 and \\n, whatever the platform."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def main(facts_folder: str = "../shared/facts", root: str = ".") -> None:
    """All files anew."""
    facts = Facts(Path(facts_folder))
    for name, make in OBSERVED.items():
        write(make(facts).assign(retrieved=RETRIEVED), Path(root) / "data" / "observed" / f"{name}.csv")
    for name, make in REFERENCE.items():
        write(make(facts), Path(root) / "data" / "reference" / f"{name}.csv")


if __name__ == "__main__":
    main(*sys.argv[1:])
