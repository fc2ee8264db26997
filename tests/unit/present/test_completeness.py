"""What chapter 10 says about gaps, as a reader meets it."""

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from studie.present import tables, wording


def fresh(*rows: tuple[str, str, str, int, float, float]) -> Any:
    frame = pd.DataFrame(rows, columns=["title", "data_status", "last_period", "rows", "empty_share", "months_before"])
    return SimpleNamespace(
        tables=frame,
        n=len(frame),
        unknown=frame.loc[frame["rows"] == 0, "title"].tolist(),
        only_demonstration=frame.loc[frame["data_status"] == "demonstration", "title"].tolist(),
        to_frame=lambda: frame,
    )


NAN = float("nan")
KNOWN = ("Inwoners", "observed", "2020", 138, 0.1, 48.0)
NOTHING = ("Werkzoekenden", "", "", 0, NAN, NAN)
INVENTED = ("Aanbod", "demonstration", "2024-12-31", 5, 0.0, 0.0)


def test_what_is_not_known_at_all_is_named() -> None:
    first, second = wording.completeness(fresh(KNOWN, NOTHING, INVENTED))
    assert first.text == "Van 1 van de 3 soorten gegevens weten we niets: werkzoekenden."
    assert second.text == "Van 1 zijn er alleen demonstratiegegevens."


def test_of_many_unknown_kinds_six_are_named_and_the_rest_is_counted() -> None:
    many = [(f"Soort {k}", "", "", 0, NAN, NAN) for k in range(9)]
    first, _ = wording.completeness(fresh(*many))
    assert first.text.endswith("soort 4; soort 5; en 3 andere.")
    seven, _ = wording.completeness(fresh(*many[:7]))
    assert seven.text.endswith("soort 5 en soort 6.")


def test_the_opposite_has_its_own_sentences() -> None:
    first, second = wording.completeness(fresh(KNOWN))
    assert first.text.startswith("Van alle 1 soorten")
    assert second.text.startswith("Geen enkele soort")


def test_unknown_old_and_current_tables_look_different() -> None:
    shown = tables.completeness(fresh(KNOWN, NOTHING, INVENTED))
    assert shown.rows == [
        ["Inwoners", "waargenomen", "2020", "4 jaar", "10\u00a0%"],
        ["Werkzoekenden", "onbekend", "onbekend", "n.v.t.", "n.v.t."],
        ["Aanbod", "demonstratie", "december 2024", "tot de peildatum of later", "0\u00a0%"],
    ]


@pytest.mark.parametrize(
    ("months", "text"), [(1, "1 maand"), (23, "23 maanden"), (24, "2 jaar"), (-3, "tot de peildatum of later")]
)
def test_age_is_said_in_words(months: float, text: str) -> None:
    assert tables.data.age(months) == text


def requests(*statuses: str) -> Any:
    frame = pd.DataFrame({"status": statuses, "holder": "VDAB", "request_id": "G1", "what": "cijfers", "now": ""})
    return SimpleNamespace(requests=frame, n=9, to_frame=lambda: frame)


def test_open_requests_are_counted_and_those_of_which_nothing_is_known() -> None:
    text = wording.open_requests(requests("onbekend", "gevraagd"))[0].text
    assert text.startswith("Met 2 vragen aan 1 partner")
    assert text.endswith("van 1 weten we niet of ze al gesteld is.")
    assert wording.open_requests(requests())[0].text == "Er staat geen vraag om gegevens open."


def test_breaks_are_counted_and_their_absence_is_not_a_promise() -> None:
    broken = SimpleNamespace(breaks=pd.DataFrame({"series": [3, 4]}), n=20)
    assert wording.series_breaks(broken)[0].text.startswith("7 van de 20 reeksen hebben een breuk")
    none = SimpleNamespace(breaks=pd.DataFrame({"series": []}), n=20)
    assert "niet zeggen dat er geen is" in wording.series_breaks(none)[0].text
