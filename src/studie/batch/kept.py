"""What was made before: executed chapters under `build/cache`, by the content of all that they rest on."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from studie.batch.inputs import Inputs, digest, file_address
from studie.errors import StudieError

NOTEBOOK = "notebook.ipynb"
RECORD = "record.json"
READS = "reads"  # folder of the lists of what chapters read


def address(recipe: str, reads: Iterable[str], inputs: Inputs, *, root: Path) -> str:
    """Address of a chapter's result: its recipe, and the content of everything that it read."""
    return digest(recipe, [(name, inputs.content(name, root=root)) for name in sorted(reads)])


def find(cache: Path, recipe: str, inputs: Inputs, *, root: Path) -> dict[str, Any] | None:
    """Record of a chapter that was made with the same recipe from the same content.

    A chapter can only read something else than last time if something that it read has changed. So every list of what
    a recipe has read is tried with the present content; a chapter of which none is known has to run.
    """
    for path in sorted((cache / READS / recipe).glob("*.json")):
        try:
            reads = json.loads(path.read_text(encoding="utf-8"))
            record = cached(cache, address(recipe, reads, inputs, root=root))
        except (OSError, ValueError, KeyError, StudieError):
            continue
        if record is not None:
            return record
    return None


def cached(cache: Path, place: str) -> dict[str, Any] | None:
    """Record of a chapter under an address, if it is still whole."""
    folder = cache / place
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        whole = file_address(folder / NOTEBOOK) == record["notebook_sha256"] and all(
            (folder / "results" / f"{name}{suffix}").is_file()
            for name in record["results"]
            for suffix in (".parquet", ".csv")
        )
    except (OSError, ValueError, KeyError, StudieError):
        return None
    return record if whole else None


def keep(draft: Path, record: dict[str, Any], *, cache: Path) -> None:
    """Put a finished chapter in its place, and then the list of what it read, under which it is found."""
    lists = cache / READS / record["recipe"]
    lists.mkdir(parents=True, exist_ok=True)
    (draft / RECORD).write_text(json.dumps(record, indent=1, ensure_ascii=False), encoding="utf-8")
    scratch = draft.with_suffix(".json")
    scratch.write_text(json.dumps(record["reads"]), encoding="utf-8")
    _replace_folder(draft, cache / record["address"])
    scratch.replace(lists / f"{digest(record['reads'])[:32]}.json")


def _replace_folder(new: Path, place: Path) -> None:
    """Rename a whole folder to its place; a broken one that is there gives way."""
    new.chmod(0o755)
    while True:
        try:
            new.replace(place)
        except OSError:
            if not place.exists():
                raise
            aside = Path(tempfile.mkdtemp(prefix="old-", dir=new.parent))
            place.replace(aside / "old")
            shutil.rmtree(aside, ignore_errors=True)
        else:
            return
