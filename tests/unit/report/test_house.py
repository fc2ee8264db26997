"""The house style can be read by everyone."""

from __future__ import annotations

import re

import pytest

from studie.report import pdf

COLOURS = dict(
    re.findall(r'^#let (\w+) = rgb\("(#\w{6})"\)', (pdf.SOURCES / "house.typ").read_text("utf-8"), re.MULTILINE)
)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("ground", ["#ffffff", "tint", "sand"])
@pytest.mark.parametrize("colour", ["ink", "muted", "blue", "green", "ochre"])
def test_text_stands_out_from_every_ground(colour: str, ground: str) -> None:
    light, dark = luminance(COLOURS.get(ground, ground)), luminance(COLOURS[colour])
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_no_size_of_type_is_under_eight_points() -> None:
    for source in pdf.SOURCES.glob("*.typ"):
        sizes = re.findall(r"size: ([\d.]+)pt|\(([\d.]+)pt, (?:true|false)", source.read_text("utf-8"))
        assert all(float(a or b) >= 8 for a, b in sizes), source.name


def test_the_typeface_comes_with_its_licence_and_stays_small() -> None:
    assert "SIL Open Font License" in (pdf.FONTS / "LICENSE.txt").read_text("utf-8")
    assert sum(file.stat().st_size for file in pdf.FONTS.iterdir()) < 1_000_000
