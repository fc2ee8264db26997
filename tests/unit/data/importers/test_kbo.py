from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from studie.data.importers.intake import Intake, Options, lines
from studie.data.importers.kbo import Extract, delivered, extract_of, read, read_update, social_workshop
from studie.errors import InputError

Rows = list[list[str]]
Write = Callable[..., Path]
MEMBERS = ("enterprise", "establishment", "denomination", "address", "activity")
Csv = Callable[[str, Rows], str]


@pytest.fixture
def register(full_register: dict[str, Rows]) -> dict[str, Rows]:
    """The small register of conftest."""
    return full_register


def full(write: Write, members: object) -> Intake:
    return read(write(members), options=Options())


def names(register: dict[str, Rows]) -> tuple[list[str], list[str]]:
    """Numbers of the enterprises and the establishments."""
    return [r[0] for r in register["enterprise"]], [r[0] for r in register["establishment"]]


def rejected(intake: Intake, member: str) -> list[str]:
    return [line.partition("/")[2] for line in lines(intake.rejected) if f"/{member}" in line]


# --- a full extract ----------------------------------------------------------


def test_establishments_of_the_province_and_their_enterprises_are_kept(
    kbo_zip: Write, register: dict[str, Rows]
) -> None:
    (vzw, shop, _, person), (first, second, _, fourth) = names(register)
    intake = full(kbo_zip, register)
    found = intake.tables["establishment"].set_index("establishment_number")
    assert found["refnis"].to_dict() == {first: 12041, second: 11002, fourth: 12025}
    assert found["enterprise_number"].to_dict() == {first: vzw, second: shop, fourth: person}
    assert found["postcode"].to_dict() == {first: "2890", second: "2150", fourth: "2800"}
    enterprises = intake.tables["enterprise"].set_index("enterprise_number")
    assert enterprises["refnis"].fillna(0).to_dict() == {vzw: 12041, shop: 0, person: 0}
    assert enterprises.loc[vzw, "start_date"] == pd.Timestamp("1963-04-01")
    assert enterprises["form"].to_dict() == {
        vzw: "Vereniging zonder winstoogmerk",
        shop: "rechtsvorm 999",
        person: "natuurlijk persoon",
    }


def test_every_record_is_taken_or_listed(kbo_zip: Write, register: dict[str, Rows]) -> None:
    intake = full(kbo_zip, register)
    assert intake.closing_line == "29 rows read = 19 taken + 10 rejected"
    assert [line.partition("/")[2] for line in lines(intake.rejected)[:2]] == [
        "enterprise.csv: row 4, column Zipcode: lies outside the province, got '9000'",
        "establishment.csv: row 4, column Zipcode: "
        "lies outside the province: Zwijndrecht left the province after 2024-12-31, got '2070'",
    ]
    assert intake.notes[0] == "KBO open data, extract 140 of 2025-06-30"


def test_the_dutch_name_stands_before_others_and_a_trade_name_before_that_of_the_enterprise(
    kbo_zip: Write, register: dict[str, Rows]
) -> None:
    (vzw, shop, _, person), (first, second, _, fourth) = names(register)
    tables = full(kbo_zip, register).tables
    named = tables["enterprise"].set_index("enterprise_number")["name"].to_dict()
    assert named == {vzw: 'Maatwerk "De Poort", vzw', shop: "Winkel België", person: person}
    units = tables["establishment"].set_index("establishment_number")["name"].to_dict()
    assert units == {first: 'Maatwerk "De Poort", vzw', second: "Winkel Borsbeek", fourth: person}


def test_the_main_activity_is_that_of_the_newest_version_with_its_version(
    kbo_zip: Write, register: dict[str, Rows]
) -> None:
    (vzw, *_), (first, second, *_) = names(register)
    tables = full(kbo_zip, register).tables
    enterprise = tables["enterprise"].set_index("enterprise_number").loc[vzw]
    assert (enterprise["nace_code"], enterprise["nace_version"]) == ("88993", 2025)
    units = tables["establishment"].set_index("establishment_number")
    assert (units.loc[first, "nace_code"], units.loc[first, "nace_version"]) == ("88995", 2008)
    assert units.loc[second, "nace_code"] == "47190"  # VAT before another group
    activity = tables["activity"]
    assert len(activity[activity["entity_number"] == vzw]) == 3
    assert rejected(full(kbo_zip, register), "activity")[0] == "activity.csv: row 4: repeats an activity of this entity"


@pytest.mark.parametrize(
    ("member", "record", "line"),
    [
        ("enterprise", ["0200.065.766", "AC", "000", "2", "017", "", ""],
         "column EnterpriseNumber: must have the check digits of a KBO number, got '0200.065.766'"),
        ("enterprise", ["200065765", "AC", "000", "2", "017", "", ""],
         "column EnterpriseNumber: must be a KBO number such as 0200.065.765 or 2.000.000.339, got '200065765'"),
        ("enterprise", ["2.000.000.339", "AC", "000", "2", "017", "", ""],
         "column EnterpriseNumber: must be the number of an enterprise, got '2.000.000.339'"),
        ("enterprise", ["0200.065.765", "ST", "000", "2", "017", "", ""], "column Status: must be one of AC, got 'ST'"),
        ("enterprise", ["0200.065.765", "AC", "000", "2", "017", "", "1960-08-09"],
         "column StartDate: must be a date written dd-mm-yyyy, from 1800 on, got '1960-08-09'"),
        ("enterprise", ["0200.065.765", "AC", "000", "2", "017", "", "31-02-1960"],
         "column StartDate: must be a date written dd-mm-yyyy, from 1800 on, got '31-02-1960'"),
        ("enterprise", ["0200.065.765", "AC", "000", "2", "017", "", ""],
         "has no address and no establishment in the province"),
        ("establishment", ["2.000.001.032", "", "0200.065.765"],
         "column EnterpriseNumber: its enterprise is not there"),
        ("denomination", ["0200.065.765", "2", "001", "Wie"],
         "column EntityNumber: its enterprise or establishment is not there"),
        ("denomination", ["9.000.006.626", "2", "001", "Wie"],
         "column EntityNumber: must not be a branch of a foreign company, got '9.000.006.626'"),
        ("address", ["0200.065.765", "REGO", "Frankrijk", "France", "2800", "Arras", "", "", "", "", "", "", ""],
         "column CountryNL: lies outside Belgium, got 'Frankrijk'"),
        ("address", ["0200.065.765", "REGO", "", "", "", "Mechelen", "", "", "", "", "", "", ""],
         "column Zipcode: must be a postcode of four digits"),
        ("address", ["0200.065.765", "REGO", "", "", "2999", "Nergens", "", "", "", "", "", "", ""],
         "column Zipcode: unknown postcode of the province, got '2999'"),
        ("address", ["0200.065.765", "REGO", "", "", "2800", "Mechelen", "", "", "", "", "", "", "01-01-2020"],
         "column DateStrikingOff: must not be struck off, got '01-01-2020'"),
        ("activity", ["0200.065.765", "001", "2010", "88995", "MAIN"],
         "column NaceVersion: must be one of 2003, 2008, 2025, got '2010'"),
        ("activity", ["0200.065.765", "001", "2008", "8899A", "MAIN"],
         "column NaceCode: must be two to five digits, got '8899A'"),
        ("activity", ["0200.065.765", "001", "2008", "88995", ""],
         "column Classification: must be one of MAIN, SECO, ANCI"),
    ],
)  # fmt: skip
def test_a_record_at_fault_is_listed_with_its_row_column_and_value(
    kbo_zip: Write, register: dict[str, Rows], member: str, record: list[str], line: str
) -> None:
    register[member].insert(1, record)
    intake = full(kbo_zip, register)
    start = f"{member}.csv: row 3"
    assert {f"{start}: {line}", f"{start}, {line}"} & set(rejected(intake, member))
    assert intake.read == 30
    assert len(intake.tables["establishment"]) == 3


def test_a_record_that_stands_there_twice_is_taken_once(kbo_zip: Write, register: dict[str, Rows]) -> None:
    for member in ("enterprise", "establishment", "address", "denomination"):
        register[member].append(register[member][0])
    intake = full(kbo_zip, register)
    assert intake.taken == 19
    assert "establishment.csv: row 6: repeats an earlier record" in rejected(intake, "establishment")
    assert "address.csv: row 9: another address of this entity is used" in rejected(intake, "address")


def test_records_of_one_number_that_contradict_each_other_are_all_left_out(
    kbo_zip: Write, register: dict[str, Rows]
) -> None:
    (vzw, *_), (first, *_) = names(register)
    register["enterprise"].append([vzw, "AC", "000", "2", "999", "", ""])
    intake = full(kbo_zip, register)
    assert vzw not in set(intake.tables["enterprise"]["enterprise_number"])
    assert first not in set(intake.tables["establishment"]["establishment_number"])
    says = "another record of the same number says otherwise"
    assert [line for line in rejected(intake, "enterprise") if says in line] == [
        f"enterprise.csv: row 2: {says}",
        f"enterprise.csv: row 6: {says}",
    ]


@pytest.mark.parametrize("number", ["0000.000.196", "0099.999.971", "1000.000.021"])
def test_numbers_keep_their_ten_digits(kbo_zip: Write, register: dict[str, Rows], number: str) -> None:
    register["enterprise"].append([number, "AC", "000", "2", "017", "", ""])
    register["address"].append([number, "REGO", "", "", "2800", "Mechelen", "", "", "", "", "", "", ""])
    register["activity"].append([number, "006", "2025", "88993", "MAIN"])
    tables = full(kbo_zip, register).tables
    assert number in set(tables["enterprise"]["enterprise_number"])
    assert number in set(tables["activity"]["entity_number"])


def test_the_seat_stands_before_another_address_wherever_it_stands_in_the_file(
    kbo_zip: Write, register: dict[str, Rows]
) -> None:
    vzw = register["enterprise"][0][0]
    other = ["", "", "9000", "Gent", "Gent", "", "", "", "", "", ""]
    register["address"].insert(0, [vzw, "OBAD", *other])
    enterprise = full(kbo_zip, register).tables["enterprise"].set_index("enterprise_number")
    assert enterprise.loc[vzw, "refnis"] == 12041


# --- files at fault ----------------------------------------------------------


def test_a_lone_quote_costs_one_record_and_no_more(kbo_zip: Write, register: dict[str, Rows], as_kbo_csv: Csv) -> None:
    text = as_kbo_csv("denomination", register["denomination"]).replace('"Atelier"', '"Atelier')
    intake = full(kbo_zip, register | {"denomination": text})
    assert intake.read == 29
    assert (
        "denomination.csv: row 3: a quote must open and close around a whole field"
        in rejected(intake, "denomination")[1]
    )
    sound = full(kbo_zip, register).tables
    for name, table in intake.tables.items():
        pd.testing.assert_frame_equal(table, sound[name])


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (b'"x","y"\r\n', "must have 5 fields as the header has, got 2"),
        (b'"0200.065.765","001","2008","88\x00995","MAIN"\r\n', "must not hold control characters"),
        (b'"0200.065.765","001","2008","88\xff995","MAIN"\r\n', "must be UTF-8"),
        (b'x"y,"001,2008"\r\n', "must have 5 fields as the header has, got 2"),
        (b'"x"y,"001","2008","1","MAIN"\r\n', "a quote must open and close around a whole field"),
        (b'"' + b"9" * 200_000 + b'","001","2008","1","MAIN"\r\n', "must be at most 100000 bytes"),
    ],
)
def test_a_line_that_is_no_record_is_listed_and_the_others_stay(
    kbo_zip: Write, register: dict[str, Rows], as_kbo_csv: Csv, wrong: bytes, rule: str
) -> None:
    text = as_kbo_csv("activity", register["activity"]).encode()
    first, rest = text[: text.index(b"\n") + 1], text[text.index(b"\n") + 1 :]
    intake = full(kbo_zip, register | {"activity": first + wrong + b"\r\n" + rest})
    assert intake.read == 30
    assert rule in rejected(intake, "activity")[0]
    assert "row 2" in rejected(intake, "activity")[0]
    assert "activity.csv: row 6: repeats an activity of this entity" in rejected(intake, "activity")
    assert len(intake.tables["activity"]) == 6


def test_line_ends_and_a_byte_order_mark_make_no_difference(
    kbo_zip: Write, register: dict[str, Rows], as_kbo_csv: Csv
) -> None:
    sound = full(kbo_zip, register).tables
    for change in (
        lambda t: t.replace("\r\n", "\n"),
        lambda t: t.replace("\r\n", "\r"),
        lambda t: t.removesuffix("\r\n"),
        lambda t: "\ufeff" + t,
    ):
        texts = {
            name: change(as_kbo_csv(name, rows)) for name, rows in register.items() if name not in ("meta", "code")
        }
        intake = full(kbo_zip, register | texts)
        assert intake.read == 29
        for name, table in intake.tables.items():
            pd.testing.assert_frame_equal(table, sound[name])


def test_columns_may_stand_in_another_order_and_new_ones_are_ignored(kbo_zip: Write, register: dict[str, Rows]) -> None:
    text = "".join(
        f"{line}\n"
        for line in ['"EnterpriseNumber","New","StartDate","EstablishmentNumber"']
        + [f'"{e}","x",{day},"{n}"' for n, day, e in register["establishment"]]
    )
    intake = full(kbo_zip, register | {"establishment": text})
    assert len(intake.tables["establishment"]) == 3


@pytest.mark.parametrize(
    "member", ["enterprise", "establishment", "denomination", "address", "activity", "code", "meta"]
)
def test_a_missing_member_is_named(kbo_zip: Write, register: dict[str, Rows], member: str) -> None:
    del register[member]
    with pytest.raises(InputError, match=rf"Full.zip: member {member}.csv is missing"):
        full(kbo_zip, register)


def test_a_member_without_a_column_or_content_is_refused(kbo_zip: Write, register: dict[str, Rows]) -> None:
    with pytest.raises(InputError, match=r"address.csv: column Zipcode is missing"):
        full(kbo_zip, register | {"address": '"EntityNumber","TypeOfAddress"\n'})
    with pytest.raises(InputError, match=r"activity.csv: file is empty"):
        full(kbo_zip, register | {"activity": ""})


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        (0, "2025-06-30", "SnapshotDate must be a date written dd-mm-yyyy, got '2025-06-30'"),
        (2, "partial", "ExtractType must be one of full, update, got 'partial'"),
        (3, "x", "ExtractNumber must be a whole number, got 'x'"),
    ],
)
def test_an_extract_must_say_which_it_is(
    kbo_zip: Write, register: dict[str, Rows], variable: int, value: str, message: str
) -> None:
    register["meta"][variable][1] = value
    with pytest.raises(InputError, match=f"meta.csv: {message}"):
        full(kbo_zip, register)


def test_members_with_only_a_header_give_empty_tables(kbo_zip: Write, register: dict[str, Rows]) -> None:
    empty: dict[str, Rows] = {name: [] for name in MEMBERS}
    intake = full(kbo_zip, register | empty)
    assert intake.read == 0
    assert all(table.empty for table in intake.tables.values())


def test_the_list_of_rejections_is_compact(kbo_zip: Write, register: dict[str, Rows]) -> None:
    frame = full(kbo_zip, register).rejected
    assert frame["row"].dtype == "int32"
    assert all(isinstance(frame[c].dtype, pd.CategoricalDtype) for c in ("file", "column", "rule", "value"))


# --- updates -----------------------------------------------------------------


def changes(number: int, day: str, **records: Rows) -> dict[str, Rows]:
    """Members of an update; those not given are empty."""
    meta = [["SnapshotDate", day], ["ExtractType", "update"], ["ExtractNumber", str(number)]]
    empty: dict[str, Rows] = {f"{m}_{way}": [] for m in MEMBERS for way in ("delete", "insert")}
    return {"meta": meta, "code": [["JuridicalForm", "017", "NL", "Vereniging zonder winstoogmerk"]]} | empty | records


def applied(register: dict[str, Rows], update: dict[str, Rows]) -> dict[str, Rows]:
    """The register after an update: what the next full extract holds."""
    after = {name: list(rows) for name, rows in register.items()}
    for member in MEMBERS:
        gone = {row[0] for row in update[f"{member}_delete"]}
        after[member] = [row for row in after[member] if row[0] not in gone] + update[f"{member}_insert"]
    return after


def assert_same_tables(one: Intake, other: Intake) -> None:
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, other.tables[name], obj=name)


def some_changes(register: dict[str, Rows]) -> dict[str, Rows]:
    """A unit moves, another closes, a third opens; a name, a form and activities change."""
    (vzw, shop, *_), (first, second, _, fourth) = names(register)
    opened = "2.000.001.032"
    blank = ["", "", "", "", "", "", ""]
    return changes(
        141,
        "01-07-2025",
        enterprise_delete=[[vzw]],
        enterprise_insert=[[vzw, "AC", "000", "2", "416", "", "01-04-1963"]],
        establishment_delete=[[fourth]],
        establishment_insert=[[opened, "01-06-2025", vzw]],
        denomination_delete=[[vzw], [second]],
        denomination_insert=[[vzw, "2", "001", "De Nieuwe Poort"]],
        address_delete=[[first], [fourth]],
        address_insert=[
            [first, "BAET", "", "", "2300", "Turnhout", *blank],
            [opened, "BAET", "", "", "2500", "Lier", *blank],
        ],
        activity_delete=[[vzw], [shop]],
        activity_insert=[[vzw, "006", "2025", "81300", "MAIN"], [opened, "006", "2025", "88993", "MAIN"]],
    )


def test_an_update_gives_the_tables_of_the_next_full_extract(kbo_zip: Write, register: dict[str, Rows]) -> None:
    update = some_changes(register)
    before = full(kbo_zip, register)
    extract = Extract(number=140, date="2025-06-30")
    after = read_update(kbo_zip(update, name="Update.zip"), previous=before.tables, extract=extract)
    assert_same_tables(after, full(kbo_zip, applied(register, update)))
    vzw, first = register["enterprise"][0][0], register["establishment"][0][0]
    assert after.tables["establishment"].set_index("establishment_number").loc[first, "refnis"] == 13040
    assert after.tables["enterprise"].set_index("enterprise_number").loc[vzw, "name"] == "De Nieuwe Poort"
    assert "1 rows left the table enterprise" in after.notes
    assert "1 rows left the table establishment" in after.notes


def test_deletes_come_before_inserts_whatever_their_order_in_the_zip(kbo_zip: Write, register: dict[str, Rows]) -> None:
    update = some_changes(register)
    before = full(kbo_zip, register).tables
    extract = Extract(number=140, date="2025-06-30")
    turned = dict(reversed(update.items()))
    one = read_update(kbo_zip(update, name="Update.zip"), previous=before, extract=extract)
    other = read_update(kbo_zip(turned, name="Update.zip"), previous=before, extract=extract)
    assert_same_tables(one, other)


def test_every_record_of_an_update_is_taken_or_listed(kbo_zip: Write, register: dict[str, Rows]) -> None:
    far, third = register["enterprise"][2][0], register["establishment"][2][0]
    vzw = register["enterprise"][0][0]
    update = changes(
        141,
        "01-07-2025",
        enterprise_delete=[[far]],
        enterprise_insert=[[vzw, "AC", "000", "2", "017", "", ""]],
        address_insert=[[third, "BAET", "", "", "2300", "Turnhout", "", "", "", "", "", "", ""]],
        activity_delete=[["x"]],
    )
    before = full(kbo_zip, register)
    extract = Extract(number=140, date="2025-06-30")
    after = read_update(kbo_zip(update, name="Update.zip"), previous=before.tables, extract=extract)
    assert_same_tables(after, before)
    assert after.closing_line == "4 rows read = 0 taken + 4 rejected"
    assert [line.partition("/")[2] for line in lines(after.rejected)] == [
        "enterprise_insert.csv: row 2: is in the tables and was not deleted",
        "address_insert.csv: row 2, column EntityNumber: its enterprise or establishment is not there",
        "enterprise_delete.csv: row 2: is not in the tables",
        "activity_delete.csv: row 2, column EntityNumber: "
        "must be a KBO number such as 0200.065.765 or 2.000.000.339, got 'x'",
    ]


def test_an_enterprise_that_is_deleted_takes_its_units_along(kbo_zip: Write, register: dict[str, Rows]) -> None:
    vzw, first = register["enterprise"][0][0], register["establishment"][0][0]
    before = full(kbo_zip, register).tables
    update = changes(141, "01-07-2025", enterprise_delete=[[vzw]])
    extract = Extract(number=140, date="2025-06-30")
    after = read_update(kbo_zip(update, name="Update.zip"), previous=before, extract=extract).tables
    assert vzw not in set(after["enterprise"]["enterprise_number"])
    assert first not in set(after["establishment"]["establishment_number"])
    assert not {vzw, first} & set(after["activity"]["entity_number"])


def test_what_the_register_does_not_know_survives_an_update(kbo_zip: Write, register: dict[str, Rows]) -> None:
    before = dict(full(kbo_zip, register).tables)
    own = before["enterprise"].iloc[[0]].assign(enterprise_number="eigen-1", joint_committee="327.01", name="Eigen")
    before["enterprise"] = pd.concat([before["enterprise"].assign(joint_committee="327.01"), own], ignore_index=True)
    extract = Extract(number=140, date="2025-06-30")
    path = kbo_zip(some_changes(register), name="Update.zip")
    after = read_update(path, previous=before, extract=extract).tables["enterprise"]
    assert after["enterprise_number"].iloc[-1] == "eigen-1"
    assert set(after["joint_committee"]) == {"327.01"}


@pytest.mark.parametrize(
    ("number", "day", "message"),
    [
        (141, "30-06-2025", "extract 141 is in the tables already; nothing changes"),
        (139, "30-06-2025", "must be newer than extract 141 in the tables, got 139"),
        (144, "05-07-2025", "must follow extract 141 in the tables, got 144; first apply 142, 143"),
        (142, "29-05-2025", "must be of 2025-06-30 or later, as the tables are, got 2025-05-29"),
    ],
)
def test_an_update_must_follow_the_extract_of_the_tables(kbo_zip: Write, number: int, day: str, message: str) -> None:
    path = kbo_zip(changes(number, day), name="Update.zip")
    with pytest.raises(InputError, match=f"Update.zip: {message}"):
        read_update(path, previous={}, extract=Extract(number=141, date="2025-06-30"))


def test_a_full_extract_and_an_update_are_not_taken_for_each_other(kbo_zip: Write, register: dict[str, Rows]) -> None:
    with pytest.raises(InputError, match="must be a full extract, got the update to extract 141"):
        full(kbo_zip, changes(141, "01-07-2025"))
    with pytest.raises(InputError, match="must be an update, got full extract 140"):
        read_update(kbo_zip(register), previous={}, extract=Extract(number=139, date="2025-06-29"))


# --- which extract, and social workshops -----------------------------------------


def test_an_extract_is_named_in_the_source_and_read_back(kbo_zip: Write, register: dict[str, Rows]) -> None:
    extract = delivered(kbo_zip(register))
    assert extract == Extract(number=140, date="2025-06-30", kind="full")
    assert extract_of(extract.source) == extract
    assert extract_of("KBO") is None


@pytest.mark.parametrize(
    ("code", "version", "committee", "expected"),
    [
        ("88995", 2008, "", True),
        ("88993", 2025, "", True),
        ("88993", 2008, "", False),
        ("88995", 2025, "", False),
        ("88995", 2003, "", False),
        ("88995", None, "", False),
        ("", None, "327.01", True),
        ("47110", 2025, "32701", True),
        ("47110", 2025, "327.03", False),
        ("", None, "", False),
    ],
)
def test_a_social_workshop_is_known_by_code_with_version_or_by_joint_committee(
    code: str, version: int | None, committee: str, expected: bool
) -> None:
    assert social_workshop(code, version, committee) is expected
