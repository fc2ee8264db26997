"""Tables on areas: municipalities, their groups, postcodes, neighbours and inhabitants."""

from __future__ import annotations

from dataclasses import replace

from studie.data.definitions.columns import (
    REFNIS,
    Column,
    Contract,
    amount,
    count,
    day,
    matching,
    optional,
    text,
)

GEOGRAPHY = (
    Contract(
        name="municipality",
        title="Gemeenten met geldigheid",
        key=("refnis", "valid_from"),
        columns=(
            Column(name="refnis", kind="whole", about="NIS-code", least=10000, most=99999),
            text("name_nl", "naam"),
            Column(
                name="arrondissement", kind="whole", about="NIS-code van het arrondissement", least=11000, most=13000
            ),
            day("valid_from", "eerste dag"),
            day("valid_to", "laatste dag; leeg zolang de gemeente bestaat", required=False),
            Column(name="successor", kind="whole", about="gemeente waarin ze opging", required=False),
            amount("area_km2", "oppervlakte", "km²"),
            Column(name="lon", kind="number", about="lengtegraad van het midden", unit="graden", required=False),
            Column(name="lat", kind="number", about="breedtegraad van het midden", unit="graden", required=False),
        ),
        ordered=(("valid_from", "valid_to"),),
    ),
    Contract(
        name="grouping",
        title="Indelingen van gemeenten",
        key=("grouping", "refnis", "valid_from"),
        columns=(
            text(
                "grouping",
                "indeling: working-area, referentieregio, streekwerking, vervoerregio, eerstelijnszone of eigen",
            ),
            text("group", "naam van de groep"),
            REFNIS,
            replace(day("valid_from", "eerste dag; leeg: onbekend", required=False), default=""),
            replace(day("valid_to", "laatste dag; leeg: onbekend of nog geldig", required=False), default=""),
            Column(
                name="status",
                about="zekerheid van de samenstelling",
                allowed=("confirmed", "possible"),
                default="confirmed",
            ),
            replace(optional("certainty", "waarop de zekerheid steunt"), default=""),
            replace(optional("legal_form", "rechtsvorm van het samenwerkingsverband"), default=""),
        ),
        ordered=(("valid_from", "valid_to"),),
        own_replaces=("grouping",),
    ),
    Contract(
        name="postcode",
        title="Postcodes per gemeente (2019-2024)",
        key=("refnis", "postcode"),
        columns=(REFNIS, matching("postcode", "postcode", r"\d{4}", "a postcode of four digits")),
    ),
    *(
        Contract(
            name=f"adjacency_{year}",
            title=f"Buurgemeenten, grenzen van {year}",
            key=("refnis_a", "refnis_b"),
            columns=(
                Column(name="refnis_a", kind="whole", about="gemeente", of="refnis"),
                Column(name="refnis_b", kind="whole", about="buurgemeente", of="refnis"),
                amount("shared_border_km", "gedeelde grens", "km", required=True, least=0.1),
            ),
        )
        for year in (2024, 2025)
    ),
    Contract(
        name="population",
        title="Inwoners op 1 januari",
        key=("refnis", "year", "age_band", "sex"),
        columns=(
            REFNIS,
            Column(name="year", kind="whole", about="jaar", least=1800, most=2200),
            Column(name="age_band", about="leeftijdsklasse, of alle", default="alle"),
            Column(name="sex", about="m, v of alle", allowed=("m", "v", "alle"), default="alle"),
            count("inhabitants", "inwoners", "personen", required=True),
        ),
    ),
    Contract(
        name="travel_time",
        title="Eigen reistijden tussen gemeenten",
        key=("origin", "destination", "mode"),
        columns=(
            Column(name="origin", kind="whole", about="gemeente van vertrek", of="refnis"),
            Column(name="destination", kind="whole", about="gemeente van aankomst", of="refnis"),
            text("mode", "vervoermiddel", allowed=("public_transport", "bicycle", "car")),
            amount("minutes", "reistijd; leeg: de rit kan niet", "minuten", least=0.1),
            text("because", "waarom deze reistijd geldt, of de bron"),
        ),
    ),
)
