"""Lines that say how far a run is."""

import io

from studie.batch.progress import PlainLines


def test_a_job_that_never_began_has_no_duration() -> None:
    said = io.StringIO()
    lines = PlainLines(said)
    lines.begin(2)
    lines.started("a")
    lines.ended("a", "failed")
    lines.ended("a pdf", "left out")
    assert said.getvalue().splitlines() == [
        "[1/2] a: failed (0 s), about 0 s left",
        "[2/2] a pdf: left out, about 0 s left",
    ]


def test_nothing_to_do_is_said() -> None:
    said = io.StringIO()
    PlainLines(said).begin(0)
    assert "nothing has changed" in said.getvalue()
