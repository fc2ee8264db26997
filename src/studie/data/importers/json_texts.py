"""JSON as publishers send it: no duplicate names, no numbers that are none, and no endless nesting."""

from __future__ import annotations

import json
from pathlib import Path

from studie.data.importers.texts import decode, read_bytes
from studie.errors import InputError

MOST_JSON = 200_000_000  # [bytes]; all municipalities by quarter are 1 MB


class RepeatedNames(dict[str, object]):
    """JSON object in which a name stands twice: which of both values holds cannot be known."""


def read_json(path: Path, *, file: str) -> object:
    """Content of a JSON file; an object in which a name stands twice is a `RepeatedNames`.

    Raises
    ------
    InputError
        If the file is missing, empty, too large, not UTF-8, no JSON or cut off.
    """
    text = decode(read_bytes(path, file=file, most=MOST_JSON), file=file)
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_refused)
    except RecursionError as error:
        raise InputError(f"{file}: must be JSON, got one nested too deeply") from error
    except json.JSONDecodeError as error:
        raise InputError(f"{file}: row {error.lineno}: must be JSON, {error.msg}") from error
    except ValueError as error:
        raise InputError(f"{file}: must be JSON, {error}") from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object, marked if a name stands twice."""
    made = dict(pairs)
    return made if len(made) == len(pairs) else RepeatedNames(made)


def _refused(constant: str) -> float:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise ValueError(f"{constant} is no number in JSON")
