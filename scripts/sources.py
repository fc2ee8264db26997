"""Brings checksums, rows and periods in `data/sources.csv` in line with the files: `python scripts/sources.py`."""

from __future__ import annotations

import sys

from studie.data.sources import SOURCES, write_sources
from studie.errors import InputError

if __name__ == "__main__":
    try:
        print(f"{SOURCES}: {len(write_sources())} datasets")
    except InputError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
