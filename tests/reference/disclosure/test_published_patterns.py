"""Published suppression patterns, see SOURCE.md."""

import pandas as pd

from studie.disclosure import audit, suppression


def hidden(result):
    frame = result.published()
    return set(map(tuple, frame.loc[frame["cell_status"] == "suppressed"].iloc[:, :2].to_numpy()))


def test_the_pattern_and_interval_of_sdctable():
    counts = pd.DataFrame({"female": [2, 19, 10, 14], "male": [18, 14, 12, 11]}, index=list("ABCD"))
    result = suppression.suppress(counts, threshold=3, insider=False)
    assert hidden(result) == {(region, gender) for region in "AC" for gender in ("female", "male")}
    secret = audit.attack(result, insider=False).intervals.query("secret").iloc[0]
    assert (secret["lower"], secret["upper"]) == (0, 12)


def test_the_pattern_of_statistics_norway():
    counts = pd.DataFrame({"young": [5, 2, 0], "old": [6, 3, 4]}, index=["Spain", "Iceland", "Portugal"])
    result = suppression.suppress(counts, threshold=2, zeros="protect", insider=False)
    assert hidden(result) == {(country, age) for country in ("Iceland", "Portugal") for age in ("young", "old")}
    assert audit.attack(result, insider=False).passed
