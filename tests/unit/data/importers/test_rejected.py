"""The list of rejected records: a file that a spreadsheet opens, or one for longer lists."""

from pathlib import Path

import pandas as pd
import pytest

from studie.data.importers import rejected
from studie.data.importers.intake import REJECTED
from studie.data.importers.rejected import write_rejected


def listed(records: int) -> pd.DataFrame:
    """As many rejected records, one of which a spreadsheet would run."""
    rows = [("x.csv", k + 2, "naam", "must be known", "=1+1" if k == 0 else f"é;{k}") for k in range(records)]
    return pd.DataFrame(rows, columns=list(REJECTED))


@pytest.mark.parametrize("kind", [object, "category"])
def test_a_list_longer_than_a_chunk_holds_every_record_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type | str
) -> None:
    monkeypatch.setattr(rejected, "_CHUNK", 3)
    texts = dict.fromkeys(("file", "column", "rule", "value"), kind)
    path = write_rejected(listed(8).astype(texts), name="a", folder=tmp_path / "lists")
    assert path == tmp_path / "lists" / "a.csv"
    found = pd.read_csv(path)
    assert found["row"].tolist() == list(range(2, 10))
    assert found["value"].tolist()[:2] == ["'=1+1", "é;1"]
    assert path.read_bytes()[:3] == b"\xef\xbb\xbf"


def test_a_list_that_no_spreadsheet_opens_is_parquet_and_takes_the_place_of_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "lists"
    small = write_rejected(listed(3), name="a", folder=folder)
    monkeypatch.setattr(rejected, "MOST_LINES", 5)
    large = write_rejected(listed(6), name="a", folder=folder)
    assert large == folder / "a.parquet"
    assert len(pd.read_parquet(large)) == 6
    assert small is not None
    assert [path.name for path in folder.iterdir()] == ["a.parquet"]
    assert write_rejected(listed(0), name="a", folder=folder) is None
    assert not list(folder.iterdir())
