"""What can go wrong, as one exception per exit code, each with one line that a user can act on."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class StudieError(Exception):
    """Something the user can act on; `exit_code` is what the command line ends with."""

    exit_code = 1


class InputError(StudieError, ValueError):
    """Wrong use or bad input: what, where and what is allowed, one line per problem."""

    exit_code = 2

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class InsufficientDataError(InputError):
    """Too few observations to estimate anything: expected in a small region, said there and not a failure."""


class DisclosureError(StudieError):
    """Refused because a person could be recognised."""

    exit_code = 3


def unknown(argument: str, value: object, allowed: Iterable[str]) -> InputError:
    """Error for a value that is not in a closed list; names the nearest known one."""
    known = sorted(map(str, allowed))
    nearest = get_close_matches(str(value), known, n=1, cutoff=0.4)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
    listed = ", ".join(known) if len(known) <= 12 else f"{', '.join(known[:12])}, … ({len(known)} in all)"
    return InputError(f"{argument}: unknown value {str(value)!r}{hint} Allowed: {listed}")
