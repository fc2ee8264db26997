import numpy as np
import pytest

from studie.data.importers.columns import Measure, figures, identifier, mapped, measures_of
from studie.errors import InputError


def test_an_identifier_is_snake_case():
    assert identifier("Aantal vestigingseenheden") == "aantal_vestigingseenheden"
    assert identifier("1e Graad", "é") == "v_1e_graad_e"
    assert identifier("") == identifier("%") == "v"


def test_a_column_has_one_decimal_mark():
    assert figures(["1,5", "1.234,5", "2"], name="a").values == [1.5, 1234.5, 2]
    assert figures(["1.5", "1,234.5", "2"], name="a").values == [1.5, 1234.5, 2]
    both = figures(["1.234", "5"], name="a")
    assert both.values == [1.234, 5]
    assert both.note == "column a: read with a point as decimal mark; both marks fit"
    mixed = figures(["1,5", "2.5", "3.5"], name="a")
    assert [mixed.rules[0] != "", *mixed.values[1:]] == [True, 2.5, 3.5]


def test_numbers_of_a_workbook_stand_for_themselves():
    found = figures([5, 2.5, None, "", True, "14 293", 10**400, object()], name="a")
    assert np.array_equal(found.values[:4], [5, 2.5, np.nan, np.nan], equal_nan=True)
    assert [bool(rule) for rule in found.rules] == [False] * 4 + [True, False, True, True]
    assert found.values[5] == 14293


def test_a_mapping_names_columns_in_short_or_in_full():
    said = {"A": "first", "b": {"indicator_id": "second", "unit": "VTE"}}
    assert mapped({"columns": said}) == {
        "a": Measure(indicator_id="first"), "b": Measure(indicator_id="second", unit="VTE")
    }  # fmt: skip


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"kolommen": {}}, "unknown value 'kolommen'"),
        ({"columns": ["a"]}, "columns must hold one entry"),
        ({"columns": {"a": 5}}, "columns.a must hold texts"),
        ({"columns": {"a": {"unit": ""}}}, "columns.a must hold texts"),
        ({"columns": {"a": {"eenheid": "x"}}}, "unknown value 'eenheid'"),
        ({"columns": {"a": "Not snake"}}, "must be snake_case, got 'Not snake'"),
    ],
)
def test_a_wrong_mapping_is_refused(mapping, said):
    with pytest.raises(InputError, match=said):
        mapped(mapping)


def test_two_columns_never_become_one_indicator():
    with pytest.raises(InputError, match="columns a-b, a_b would be one indicator, a_b"):
        measures_of(["a-b", "a_b", "c"], {}, file="f")
