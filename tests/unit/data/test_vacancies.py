"""Vacancies as series."""

import pandas as pd

from studie.data import vacancies

ROWS = pd.DataFrame(
    {
        "region": ["region:02000", "municipality:1"],
        "sector": ["bouw", "bouw"],
        "period": ["2026-04", "2026-04"],
        "received": [1414, 3],
        "open": [4420, 5],
        "data_status": ["observed", "demonstration"],
    }
)


def test_observed_and_demonstration_series_never_mix():
    observed = vacancies.history(ROWS, data_status="observed")
    assert observed["series"].tolist() == [("region:02000", "bouw")]
    assert observed["value"].tolist() == [1414]


def test_open_vacancies_are_another_series_than_received_ones():
    assert vacancies.history(ROWS, data_status="observed", value="open")["value"].tolist() == [4420]


def test_no_rows_give_an_empty_history():
    assert vacancies.history(ROWS, data_status="own").empty
