import numpy as np
import pandas as pd
import pytest

from studie.data import catalogue, completeness, contracts
from studie.data.quality import OfferCoverage
from studie.data.sources import Dataset


def dataset(table: str, *, status: str = "observed", last: str = "2024", file: str = "data/observed/x.csv") -> Dataset:
    blank = dict.fromkeys(("title", "publisher", "licence", "url", "retrieved", "sha256", "used_by"), "")
    return Dataset(
        dataset_id=f"{table}_{status}", table=table, data_status=status, file=file, rows=1,
        first_period="2000", last_period=last, **blank,
    )  # fmt: skip


def table(name: str, frame: pd.DataFrame, *datasets: Dataset) -> catalogue.Table:
    sizes = (len(frame), *(0 for _ in datasets[1:])) if datasets else ()
    return catalogue.Table(name=name, frame=frame, datasets=datasets, sizes=sizes)


def vacancies(*flags: bool, region: str = "municipality:12025") -> pd.DataFrame:
    periods = [f"2024-{i + 1:02d}" for i in range(len(flags))]
    received = [5, pd.NA] + [5] * (len(flags) - 2)
    fixed = {"region": region, "sector": "zorg", "open": 1, "filled": pd.NA}
    return pd.DataFrame({**fixed, "period": periods, "received": received, "series_break": flags})


@pytest.mark.parametrize(
    ("period", "months"),
    [("2024", 0), ("2023", 12), ("2024-12", 0), ("2024-Q3", 3), ("2024-S1", 6), ("2024-06-30", 6), ("2040", -192),
     ("2019/2023", 12)],
)  # fmt: skip
def test_age_counts_from_the_end_of_the_last_period(period: str, months: float) -> None:
    assert completeness.months_between(period, "2025-01-01") == months


def test_an_unknown_period_has_no_age() -> None:
    assert np.isnan(completeness.months_between("onbekend", "2025-01-01"))


def test_a_table_without_rows_is_unknown_and_not_full() -> None:
    found = completeness.completeness([table("jobseeker", contracts.empty("jobseeker"))], reference_date="2025-01-01")
    assert found.unknown == [contracts.contract("jobseeker").title]
    assert np.isnan(found.tables.loc["jobseeker", "empty_share"])


def test_only_cells_that_may_be_empty_count_as_empty() -> None:
    frame = vacancies(False, False, False)
    found = completeness.completeness([table("vacancy", frame, dataset("vacancy"))], reference_date="2025-01-01")
    assert found.tables.loc["vacancy", "empty_share"] == pytest.approx((1 + 3) / 9)  # received once, filled always


def test_demonstration_beside_observed_is_not_only_demonstration() -> None:
    both = table("vacancy", vacancies(False, False), dataset("vacancy"), dataset("vacancy", status="demonstration"))
    alone = table("vacancy", vacancies(False, False), dataset("vacancy", status="demonstration"))
    titles = [contracts.contract("vacancy").title]
    assert completeness.completeness([both], reference_date="2025-01-01").only_demonstration == []
    assert completeness.completeness([alone], reference_date="2025-01-01").only_demonstration == titles


def test_code_lists_are_left_out() -> None:
    listed = table("sector", pd.DataFrame({"sector": ["zorg"]}), dataset("sector", file="data/reference/sector.csv"))
    with pytest.raises(ValueError, match="more than a code list"):
        completeness.completeness([listed], reference_date="2025-01-01")


def test_a_break_is_the_first_marked_period_and_series_with_it_are_counted() -> None:
    frame = pd.concat([vacancies(False, True, True), vacancies(False, True, False, region="municipality:12014")])
    found = completeness.series_breaks([table("vacancy", frame, dataset("vacancy"))])
    assert found.n == 2
    assert found.breaks.to_dict("records") == [
        {"table": "vacancy", "subject": "zorg", "period": "2024-02", "series": 2}
    ]


def test_tables_without_series_have_no_breaks() -> None:
    found = completeness.series_breaks([table("offer", contracts.empty("offer"))])
    assert found.n == 0
    assert found.to_frame().empty


def offer(known: dict[int, bool]) -> OfferCoverage:
    flags = pd.Series(known)
    return OfferCoverage(known=flags, places=flags.astype("Float64").where(flags), n=len(flags))


def test_coverage_per_part_counts_known_and_all_municipalities() -> None:
    parts = pd.DataFrame({"region": ["a", "a", "b"], "name": ["A", "A", "B"], "refnis": [1, 2, 9]})
    found = completeness.regional_coverage(offer({1: True, 2: False}), parts)
    assert found.parts.loc["a"].tolist() == ["A", 1, 2]
    assert "b" not in found.parts.index
    with pytest.raises(ValueError, match="must hold a municipality"):
        completeness.regional_coverage(offer({5: True}), parts)


def register(*rows: tuple[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["table", "status"])
    return frame.assign(request_id=[f"G{i}" for i in range(len(rows))], holder="VDAB", what="cijfers")


def test_requests_are_open_for_demonstration_and_unknown_tables_until_received() -> None:
    known = completeness.completeness(
        [
            table("vacancy", vacancies(False, False), dataset("vacancy", status="demonstration")),
            table("offer", contracts.empty("offer")),
            table("population", pd.DataFrame({"refnis": [1], "age_band": [""], "sex": [""]}), dataset("population")),
        ],
        reference_date="2025-01-01",
    )
    asked = register(
        ("vacancy", "gevraagd"), ("vacancy", "ontvangen"), ("offer", "onbekend"), ("population", "onbekend")
    )
    found = completeness.open_requests(asked, known)
    assert found.requests["table"].tolist() == ["vacancy", "offer"]
    assert found.requests["now"].tolist() == ["demonstration", ""]
    assert found.n == 4
