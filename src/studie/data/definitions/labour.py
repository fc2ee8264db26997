"""Tables on the labour market: vacancies, employees and job seekers."""

from __future__ import annotations

from studie.data.definitions.columns import (
    MONTHLY,
    OCCUPATION_GROUP,
    ONE_PERIOD,
    REGION,
    SECTOR,
    SERIES_BREAK,
    Column,
    Contract,
    count,
)

LABOUR = (
    Contract(
        name="vacancy",
        title="Vacatures per sector en maand",
        key=("region", "sector", "period"),
        columns=(
            REGION,
            SECTOR,
            MONTHLY,
            count("open", "open op de laatste dag (een stand: nooit optellen over maanden)", "vacatures"),
            count("received", "ontvangen in de maand", "vacatures"),
            count("filled", "ingevuld in de maand", "vacatures"),
            SERIES_BREAK,
        ),
        demonstrated=True,
    ),
    Contract(
        name="employment",
        title="Werknemers per sector en jaar",
        key=("region", "sector", "period", "age_band", "employee_type"),
        columns=(
            REGION,
            SECTOR,
            ONE_PERIOD,
            Column(name="age_band", about="leeftijdsklasse, of alle", default="alle"),
            Column(name="employee_type", about="arbeiders, bedienden of alle", default="alle"),
            count("persons", "werknemers", "personen"),
            SERIES_BREAK,
        ),
        demonstrated=True,
    ),
    Contract(
        name="jobseeker",
        title="Werkzoekenden per hoofdberoepsgroep",
        key=("region", "occupation_group", "period"),
        columns=(
            REGION,
            OCCUPATION_GROUP,
            ONE_PERIOD,
            count("persons", "werkzoekenden; leeg: verborgen of onbekend", "personen"),
            count("lower", "ondergrens van een verborgen aantal", "personen"),
            count("upper", "bovengrens van een verborgen aantal", "personen"),
            SERIES_BREAK,
        ),
        ordered=(("lower", "persons"), ("persons", "upper"), ("lower", "upper")),
        persons="counts",
    ),
)
