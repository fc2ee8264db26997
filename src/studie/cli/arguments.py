"""Options that take several words."""

from __future__ import annotations

from collections.abc import Sequence

from studie.errors import InputError

SEVERAL = ("--regions", "--chapters")  # options that take every word up to the next option


def spread(arguments: Sequence[str]) -> list[str]:
    """`--regions a b` as `--regions a --regions b`: every word up to the next option belongs to it."""
    words: list[str] = []
    current = None
    for word in arguments:
        if word.startswith("-"):
            name = word.partition("=")[0]
            current = name if name in SEVERAL else None
            words.append(word)
        elif current is not None and words[-1] != current:
            words += [current, word]
        else:
            words.append(word)
    return words


def words(given: Sequence[str], *, name: str) -> list[str]:
    """Values that may be separated by commas; a text without any is refused, it would mean everything."""
    for text in given:
        if not text.replace(",", "").strip():
            raise InputError(f"{name}: must name at least one, got {text!r}")
    return [word for text in given for word in text.split(",") if word]
