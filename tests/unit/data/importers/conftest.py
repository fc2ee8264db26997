import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Rows = list[list[str]]
HEADERS = {
    "meta": ["Variable", "Value"],
    "code": ["Category", "Code", "Language", "Description"],
    "enterprise": [
        "EnterpriseNumber", "Status", "JuridicalSituation", "TypeOfEnterprise", "JuridicalForm", "JuridicalFormCAC",
        "StartDate",
    ],
    "establishment": ["EstablishmentNumber", "StartDate", "EnterpriseNumber"],
    "denomination": ["EntityNumber", "Language", "TypeOfDenomination", "Denomination"],
    "address": [
        "EntityNumber", "TypeOfAddress", "CountryNL", "CountryFR", "Zipcode", "MunicipalityNL", "MunicipalityFR",
        "StreetNL", "StreetFR", "HouseNumber", "Box", "ExtraAddressInfo", "DateStrikingOff",
    ],
    "activity": ["EntityNumber", "ActivityGroup", "NaceVersion", "NaceCode", "Classification"],
}  # fmt: skip
UNQUOTED = {"StartDate", "DateStrikingOff"}


def kbo_number(first_eight: int) -> str:
    """A number of the register with its check digits."""
    digits = f"{first_eight:08d}{97 - first_eight % 97:02d}"
    if digits[0] in "01":
        return f"{digits[:4]}.{digits[4:7]}.{digits[7:]}"
    return f"{digits[0]}.{digits[1:4]}.{digits[4:7]}.{digits[7:]}"


def kbo_csv(name: str, rows: Rows) -> str:
    """Records as the register writes them: texts in quotes, dates and missing values bare."""
    header = HEADERS[name.removesuffix("_insert")] if not name.endswith("_delete") else None
    if header is None:
        header = HEADERS[name.removesuffix("_delete")][:1]
    lines = [",".join(f'"{column}"' for column in header)]
    for row in rows:
        cells = zip(header, row, strict=True)
        lines.append(
            ",".join(c if h in UNQUOTED or c == "" else f'"{c.replace(chr(34), chr(34) * 2)}"' for h, c in cells)
        )
    return "".join(f"{line}\r\n" for line in lines)


def address(number: str, kind: str, postcode: str, place: str, *, country: str = "", struck: str = "") -> list[str]:
    """One record of address.csv."""
    return [number, kind, country, country, postcode, place, place, "Dorp", "Dorp", "1", "", "", struck]


def meta(kind: str, number: int, day: str) -> Rows:
    """Records of meta.csv."""
    return [
        ["SnapshotDate", day],
        ["ExtractTimestamp", f"{day} 07:07:49"],
        ["ExtractType", kind],
        ["ExtractNumber", str(number)],
        ["Version", "1.0.0"],
    ]


FORMS = [["JuridicalForm", "017", "NL", "Vereniging zonder winstoogmerk"], ["JuridicalForm", "017", "FR", "ASBL"]]
VZW, SHOP, FAR, PERSON = (kbo_number(n) for n in (4_000_001, 4_000_002, 4_000_003, 7_000_001))
FIRST, SECOND, THIRD, FOURTH = (kbo_number(20_000_000 + n) for n in (3, 4, 5, 6))


def full_extract() -> dict[str, Rows]:
    """A register of four enterprises and four establishments.

    A workshop of Puurs with a unit in Sint-Amands, a shop with a seat in Gent and a unit in Borsbeek, a firm of Gent
    with a unit in Zwijndrecht, and a person with a unit in Mechelen.
    """
    return {
        "meta": meta("full", 140, "30-06-2025"),
        "code": FORMS,
        "enterprise": [
            [VZW, "AC", "000", "2", "017", "", "01-04-1963"],
            [SHOP, "AC", "000", "2", "999", "", "09-08-1960"],
            [FAR, "AC", "000", "2", "017", "", ""],
            [PERSON, "AC", "000", "1", "", "", "29-02-2020"],
        ],
        "establishment": [
            [FIRST, "01-11-1974", VZW],
            [SECOND, "01-09-1964", SHOP],
            [THIRD, "", FAR],
            [FOURTH, "01-03-2020", PERSON],
        ],
        "denomination": [
            [VZW, "2", "002", "MWP"],
            [VZW, "1", "001", "Atelier"],
            [VZW, "2", "001", 'Maatwerk "De Poort", vzw'],
            [SHOP, "2", "001", "Winkel België"],
            [FAR, "2", "001", "Ver weg"],
            [SECOND, "2", "003", "Winkel Borsbeek"],
        ],
        "address": [
            address(VZW, "REGO", "2870", "Puurs-Sint-Amands"),
            address(SHOP, "REGO", "9000", "Gent"),
            address(FAR, "REGO", "9000", "Gent"),
            address(FIRST, "BAET", "2890", "Puurs-Sint-Amands"),
            address(SECOND, "BAET", "2150", "Antwerpen"),
            address(THIRD, "BAET", "2070", "Beveren-Kruibeke-Zwijndrecht"),
            address(FOURTH, "BAET", "2800", "Mechelen"),
        ],
        "activity": [
            [VZW, "001", "2008", "88995", "MAIN"],
            [VZW, "006", "2025", "88993", "MAIN"],
            [VZW, "001", "2025", "88993", "MAIN"],
            [VZW, "001", "2025", "81300", "SECO"],
            [FIRST, "006", "2008", "88995", "MAIN"],
            [SECOND, "003", "2025", "47110", "MAIN"],
            [SECOND, "001", "2025", "47190", "MAIN"],
            [THIRD, "003", "2025", "47110", "ANCI"],
        ],
    }


@pytest.fixture
def kbo_zip(tmp_path: Path) -> Callable[..., Path]:
    """Writes a zip file of the register from records per member; a text or bytes stands for itself."""

    def write(members: Mapping[str, Rows | str | bytes], *, name: str = "KboOpenData_0140_2025_07_Full.zip") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                text = kbo_csv(member, content) if isinstance(content, list) else content
                archive.writestr(f"{member}.csv", text)
        return path

    return write


@pytest.fixture
def full_register() -> dict[str, Rows]:
    """Records of the small register, free to change."""
    return full_extract()


@pytest.fixture
def as_kbo_csv() -> Callable[[str, Rows], str]:
    """Text of a member."""
    return kbo_csv
