"""Tables on what is set up: projects, loans, tasks, training and requests for data."""

from __future__ import annotations

from studie.data.definitions.columns import (
    REGION,
    SECTOR,
    Column,
    Contract,
    amount,
    count,
    day,
    matching,
    optional,
    share,
    text,
    year,
)

PROJECTS = (
    Contract(
        name="project",
        title="Gesubsidieerde projecten",
        key=("project_id",),
        columns=(
            text("project_id", "kenmerk"),
            REGION,
            SECTOR,
            year("year", "jaar van toekenning"),
            amount("subsidy_euro", "subsidie", "euro"),
            count("places_created", "gecreëerde plaatsen", "plaatsen"),
            count("places_kept_12_months", "na 12 maanden behouden", "plaatsen"),
        ),
        ordered=(("places_kept_12_months", "places_created"),),
        demonstrated=True,
    ),
    Contract(
        name="loan",
        title="Renteloze leningen (Trividend)",
        key=("loan_id",),
        columns=(
            text("loan_id", "kenmerk"),
            REGION,
            year("year", "jaar van toekenning"),
            amount("amount_euro", "ontleend bedrag", "euro"),
            count("jobs_created", "extra banen", "banen"),
        ),
        demonstrated=True,
    ),
    Contract(
        name="task",
        title="Taken die een inclusieve job kunnen vormen",
        key=("task_id",),
        columns=(
            text("task_id", "kenmerk"),
            SECTOR,
            text("activity", "activiteit waarin de taak zit"),
            text("description", "wat er gedaan wordt"),
            share("share_low", "kleinste deel van het werk in de activiteit"),
            share("share_high", "grootste deel van het werk in de activiteit"),
            Column(name="carvable", kind="yes_no", about="af te splitsen; leeg: onbekend", required=False),
        ),
        ordered=(("share_low", "share_high"),),
        demonstrated=True,
    ),
    Contract(
        name="training",
        title="Opleidingen op of bij het werk",
        key=("training_id",),
        columns=(
            text("training_id", "kenmerk van de opleiding"),
            REGION,
            SECTOR,
            year("year", "jaar"),
            count("participants", "deelnemers", "personen"),
            count("completed", "met een afgewerkte opleiding", "personen"),
            count("to_work", "daarna aan het werk", "personen"),
        ),
        ordered=(("completed", "participants"), ("to_work", "participants")),
        persons="counts",
    ),
    Contract(
        name="data_request",
        title="Register van gegevensdeling: wat aan wie te vragen",
        key=("request_id",),
        columns=(
            matching("request_id", "kenmerk", r"G\d\d", "G and two digits"),
            text("table", "tabel die ermee gevuld wordt"),
            text("holder", "wie de gegevens heeft"),
            text("what", "wat te vragen"),
            text("basis", "rechtsgrond, of onbekend"),
            text(
                "status",
                "stand van de vraag",
                allowed=("onbekend", "gevraagd", "toegezegd", "ontvangen", "geweigerd"),
            ),
            day("asked_on", "dag van de vraag; leeg: niet gevraagd of onbekend", required=False),
            optional("note", "opmerking"),
        ),
        own_replaces=("request_id",),
    ),
)
